/*
 * Copyright (C) recs authors
 *
 * Any bytes behind a head are read to an end: frames lie in the segment, in
 * order and whole, and a reader never goes round in circles.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_segment.h"
#include "../../core/recs_hash.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
read_all(uint8_t *map, size_t size)
{
    int              rc;
    size_t           offset;
    uint64_t         sequence, next;
    recs_str_t       payload;
    const char      *err = NULL;
    recs_segment_t   s;

    if (recs_segment_attach(&s, map, size, &err) != RECS_OK) {
        require(err != NULL);
        return;
    }

    for ( ;; ) {
        offset = s.offset;
        next = s.next;

        rc = recs_segment_next(&s, &payload, &sequence, &err);

        if (rc != RECS_OK) {
            require(s.offset == offset && s.next == next);
            require(rc != RECS_ERROR || err != NULL);
            break;
        }

        require(sequence == next && s.next == next + 1);
        require(payload.data == map + offset + RECS_FRAME_HEAD);
        require(payload.data + payload.len <= map + size);
        require(s.offset > offset && s.offset <= size);
    }

    /* who adopts it may go on */

    if (rc == RECS_AGAIN) {
        (void) recs_segment_append(&s, "adopted", 7);
        recs_segment_end(&s);
        require(recs_segment_next(&s, &payload, &sequence, &err)
                == RECS_DONE || s.size - s.offset < RECS_FRAME_HEAD);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           n;
    uint8_t         *map;
    uint32_t         head[2];
    recs_segment_t   s;

    map = calloc(1, RECS_SEGMENT_HEAD + size + 8);
    require(map != NULL);

    /* as it is */

    memcpy(map, data, size);
    read_all(map, size);

    /* behind a good head, every other time with a good checksum */

    memset(map, 0, RECS_SEGMENT_HEAD + size);
    recs_segment_begin(&s, map, RECS_SEGMENT_HEAD + size, 1, 1,
                       RECS_SEGMENT_ACTIVITY, 0);
    memcpy(map + RECS_SEGMENT_HEAD, data, size);

    if (size > RECS_FRAME_HEAD && data[4] & 1) {
        n = recs_min(size - RECS_FRAME_HEAD, 100);
        head[0] = (uint32_t) n;
        head[1] = recs_crc32c(0, data + RECS_FRAME_HEAD, n);
        memcpy(map + RECS_SEGMENT_HEAD, head, sizeof(head));
    }

    read_all(map, RECS_SEGMENT_HEAD + size);

    free(map);

    return 0;
}
