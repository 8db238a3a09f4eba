/*
 * Copyright (C) recs authors
 *
 * Any bytes are refused for a live session, or are one, and stay one whatever
 * happens in it: two records, and events of four bytes each.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_visit_event.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_event_t  e;


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


/* Half of the records are cut to what the counts may be. */

static void
take(recs_visit_t *v, const uint8_t *data)
{
    uint32_t  i;

    memcpy(v, data, sizeof(recs_visit_t));

    if (v->version & 1) {
        return;
    }

    v->version = RECS_VISIT_VERSION;
    v->click_count %= RECS_VISIT_CLICKS + 1;
    v->touch_count %= RECS_VISIT_TOUCHES + 1;
    v->category_count %= RECS_VISIT_CATEGORIES + 1;
    v->device %= RECS_DEVICE_BOT + 1;
    v->consent %= RECS_CONSENT_DENIED;
    v->left &= 1;

    for (i = 0; i < v->touch_count; i++) {
        v->touches[i].flags &= 0xf;
        v->touches[i].flags |= v->touches[i].views ? 1 : 0;
        v->touches[i].first = v->touches[i].last;
    }
}


static void
event(const uint8_t *p)
{
    static const char  *names = "abcdefghijklmnopqrstuvwxyz0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    recs_event_init(&e);

    e.type = p[0];
    e.class = RECS_CLASS_ACTIVITY;
    e.time_ms = (int64_t) p[2] * 100000;
    e.verified = p[3] & 1;
    e.user.bytes[0] = (p[3] >> 1) & 3;
    e.item_count = (p[3] >> 3) & 3;
    e.rating = (p[3] >> 5) * 1000 % 6000;
    e.category.data = (const uint8_t *) names + p[1] % 62;
    e.category.len = p[2] & 1;
    e.order = e.category;

    if (e.item_count) {
        recs_event_item_init(&e.items[0]);
        recs_event_item_init(&e.items[1]);
        recs_event_item_init(&e.items[2]);
        e.items[0].product.data = (const uint8_t *) names + p[1] % 62;
        e.items[0].product.len = 1;
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t      i;
    recs_visit_t  one, two, user;

    if (size < 2 * sizeof(recs_visit_t)) {
        return 0;
    }

    take(&one, data);
    take(&two, data + sizeof(recs_visit_t));
    recs_visit_init(&user);

    if (recs_visit_check(&one) != RECS_OK) {
        recs_visit_init(&one);
    }

    if (recs_visit_check(&two) != RECS_OK) {
        recs_visit_init(&two);
    }

    for (i = 2 * sizeof(recs_visit_t); i + 4 <= size; i += 4) {
        event(data + i);

        if (recs_visit_joins(&one, &e)) {
            recs_visit_merge(&user, &one);
        }

        recs_visit_session(&one, &e);
        recs_visit_user(&user, &e);

        if (i % 256 == 0) {
            require(recs_visit_check(&one) == RECS_OK);
            require(recs_visit_check(&user) == RECS_OK);
        }
    }

    recs_visit_receive(&one, &two);
    require(recs_visit_check(&one) == RECS_OK);
    recs_visit_receive(&user, &one);
    require(recs_visit_check(&user) == RECS_OK);
    recs_visit_merge(&two, &user);
    require(recs_visit_check(&two) == RECS_OK);

    return 0;
}
