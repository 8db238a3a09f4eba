/*
 * Copyright (C) recs authors
 *
 * Any text is refused with a reason, or gives events that hold what
 * recs_event_check() promises and that survive the wire.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_json.h"
#include "../../core/event/recs_event_wire.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_event_t  e, d;
static uint8_t       buf[RECS_FRAME_MAX];


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
check(void)
{
    size_t       n;
    uint32_t     i;
    const char  *err = NULL;

    if (recs_event_check(&e, &err) != RECS_OK) {
        require(err != NULL);
        return;
    }

    require(e.type != 0);
    require(e.item_count <= RECS_EVENT_ITEMS_MAX);
    require(e.metadata.len <= RECS_EVENT_METADATA_MAX);
    require(e.rating >= 0 && e.rating <= 5000);
    require(memchr(e.page_url.data ? e.page_url.data : (uint8_t *) "", '?',
                   e.page_url.len) == NULL);

    for (i = 0; i < e.item_count; i++) {
        require(e.items[i].product.len > 0
                && e.items[i].product.len <= RECS_ID_MAX);
        require(e.items[i].quantity > 0);
    }

    n = recs_event_encode(&e, buf, sizeof(buf));

    /* only a document beside a full event can be too much */

    require(n != 0 || e.document.len);

    if (n) {
        require(recs_event_decode(&d, buf, n, &err) == RECS_OK);
        require(d.type == e.type && d.item_count == e.item_count);
        require(d.time_ms == e.time_ms && d.order.len == e.order.len);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              i, count;
    unsigned            array;
    const char         *err, *field;
    recs_event_json_t  *json;

    err = NULL;
    json = recs_event_json_open(data, size, &count, &array, &err);

    if (json == NULL) {
        require(err != NULL);
        require(count == 0 || count > RECS_JSON_EVENTS_MAX);
        return 0;
    }

    require(count > 0 && count <= RECS_JSON_EVENTS_MAX);
    require(array || count == 1);

    for (i = 0; i < count; i++) {
        err = NULL;

        if (recs_event_json_get(json, i, &e, &field, &err) == RECS_OK) {
            check();

        } else {
            require(err != NULL);
        }
    }

    recs_event_json_close(json);

    return 0;
}
