/*
 * Copyright (C) recs authors
 *
 * Makes the binary seeds from those that are text:
 *
 *     seeds t/fuzz/corpus KEY-FILE
 *
 * Each event of event_json/ becomes a payload in event_wire/, whole and cut
 * in half, and some of them together a segment in segment/.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../core/event/recs_event_json.h"
#include "../../core/event/recs_identity.h"
#include "../../core/event/recs_segment.h"


#define SEEDS_TEXT     65536
#define SEEDS_SEGMENT  4096
#define SEEDS_TOGETHER 4


static recs_event_t    event;
static uint8_t         text[SEEDS_TEXT], payload[RECS_FRAME_MAX];
static uint8_t         map[SEEDS_SEGMENT];
static recs_segment_t  segment;
static unsigned        segments, together;


static void
seeds_write(const char *dir, const char *kind, const char *name,
    const char *suffix, const void *data, size_t len)
{
    char   path[1024];
    FILE  *f;

    snprintf(path, sizeof(path), "%s/%s", dir, kind);
    (void) mkdir(path, 0755);

    snprintf(path, sizeof(path), "%s/%s/%.*s%s", dir, kind,
             (int) strcspn(name, "."), name, suffix);

    f = fopen(path, "wb");

    if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}


/* A segment is ended, goes on, or has a frame that is not whole. */

static void
seeds_segment(const char *dir, size_t len)
{
    char  name[32];

    if (together == 0) {
        memset(map, 0, sizeof(map));
        recs_segment_begin(&segment, map, sizeof(map), 0x5eed, 1,
                           (segments % 2) ? RECS_SEGMENT_EXPOSURE
                                          : RECS_SEGMENT_ACTIVITY, 0);
    }

    (void) recs_segment_append(&segment, payload, len);

    if (++together < SEEDS_TOGETHER) {
        return;
    }

    if (segments % 3 == 0) {
        recs_segment_end(&segment);

    } else if (segments % 3 == 1) {
        map[segment.offset - 9] ^= 1;
    }

    snprintf(name, sizeof(name), "segment-%02u", segments++);
    seeds_write(dir, "segment", name, ".seg", map, segment.offset + 8);

    together = 0;
}


static void
seeds_event(const char *dir, const char *name, unsigned n,
    const recs_keys_t *keys)
{
    char    suffix[32];
    size_t  len;

    event.epoch = 0x5eed;
    event.sequence = segment.next;
    event.received_ms = 1700000000000;
    event.verified = event.sequence % 2;

    recs_identity_event(keys, &event);

    len = recs_event_encode(&event, payload, sizeof(payload));

    if (len == 0) {
        return;
    }

    snprintf(suffix, sizeof(suffix), "-%u.bin", n);
    seeds_write(dir, "event_wire", name, suffix, payload, len);

    if (len % 4 == 0) {
        snprintf(suffix, sizeof(suffix), "-%u-half.bin", n);
        seeds_write(dir, "event_wire", name, suffix, payload, len / 2);
    }

    seeds_segment(dir, len);
}


static void
seeds_file(const char *dir, const char *name, const recs_keys_t *keys)
{
    char                path[1024];
    FILE               *f;
    size_t              i, len, count;
    unsigned            array;
    const char         *err, *field;
    recs_event_json_t  *json;

    snprintf(path, sizeof(path), "%s/event_json/%s", dir, name);

    f = fopen(path, "rb");

    if (f == NULL) {
        perror(path);
        exit(1);
    }

    len = fread(text, 1, sizeof(text), f);
    fclose(f);

    json = recs_event_json_open(text, len, &count, &array, &err);

    for (i = 0; json && i < count; i++) {
        if (recs_event_json_get(json, i, &event, &field, &err) == RECS_OK
            && recs_event_check(&event, &err) == RECS_OK)
        {
            seeds_event(dir, name, (unsigned) i, keys);
        }
    }

    if (json) {
        recs_event_json_close(json);
    }
}


int
main(int argc, char **argv)
{
    int              i, n;
    char             path[1024];
    const char      *err;
    recs_keys_t      keys;
    struct dirent  **names;

    if (argc != 3 || recs_keys_load(&keys, argv[2], 1, &err) != RECS_OK) {
        fprintf(stderr, "usage: seeds CORPUS KEY\n");
        return 2;
    }

    snprintf(path, sizeof(path), "%s/event_json", argv[1]);

    n = scandir(path, &names, NULL, alphasort);

    for (i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            seeds_file(argv[1], names[i]->d_name, &keys);
        }
    }

    return n > 0 ? 0 : 1;
}
