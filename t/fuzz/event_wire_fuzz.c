/*
 * Copyright (C) recs authors
 *
 * Any payload is refused or decoded within its bytes; what was decoded and
 * encoded again is a fixed point.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_wire.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_event_t  e, d;
static uint8_t       once[2 * RECS_FRAME_MAX], twice[2 * RECS_FRAME_MAX];


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       n;
    recs_str_t   payload;
    const char  *err = NULL;

    (void) recs_frame_read(data, size, &payload, &n, &err);

    if (recs_event_decode(&e, data, size, &err) != RECS_OK) {
        require(err != NULL);
        return 0;
    }

    require(e.item_count <= RECS_EVENT_ITEMS_MAX);
    require(e.key_count <= RECS_EVENT_ITEMS_MAX);

    (void) recs_event_check(&e, &err);

    n = recs_event_encode(&e, once, sizeof(once));

    require(n != 0);
    require(recs_event_decode(&d, once, n, &err) == RECS_OK);

    /* an address or URL is cut once, and may be gone then */

    n = recs_event_encode(&d, twice, sizeof(twice));

    require(n != 0);
    require(recs_event_decode(&e, twice, n, &err) == RECS_OK);
    require(recs_event_encode(&e, once, sizeof(once)) == n);
    require(memcmp(once, twice, n) == 0);

    return 0;
}
