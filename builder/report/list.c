/*
 * Copyright (C) recs authors
 *
 * The products behind a recommendationId.  Several workers tell of one list;
 * where they do not say the same, the earliest counts.
 */

#include "private.h"


static int recs_report_list_compare(const recs_report_t *r,
    const recs_report_list_t *one, const recs_report_list_t *other);


recs_report_list_t *
recs_report_list(recs_report_t *r, uint64_t rec)
{
    uint32_t            *at;
    recs_report_list_t  *list;

    at = recs_report_map_at(&r->by_list, rec);

    if (*at == RECS_NONE) {
        recs_grow(&r->lists, &r->lists_cap, r->list_count + 1,
                  sizeof(recs_report_list_t));

        list = &r->lists[r->list_count];
        memset(list, 0, sizeof(recs_report_list_t));

        list->rec = rec;
        list->touches = RECS_NONE;
        list->placement = RECS_NONE;
        list->variant = RECS_NONE;
        list->strategy = RECS_CELL_UNKNOWN;

        *at = (uint32_t) r->list_count++;
    }

    return &r->lists[*at];
}


const recs_report_list_t *
recs_report_list_known(const recs_report_t *r, uint64_t rec)
{
    uint32_t  n;

    n = recs_report_map_get(&r->by_list, rec);

    return (n != RECS_NONE && r->lists[n].known) ? &r->lists[n] : NULL;
}


unsigned
recs_report_list_position(const recs_report_list_t *list, uint64_t item)
{
    unsigned  i;

    for (i = 0; i < list->count; i++) {
        if (list->keys[i] == item) {
            return i + 1;
        }
    }

    return 0;
}


static int
recs_report_list_compare(const recs_report_t *r,
    const recs_report_list_t *one, const recs_report_list_t *other)
{
    int  rc;

    if (one->time != other->time) {
        return (one->time < other->time) ? -1 : 1;
    }

    if (one->view != other->view) {
        return (one->view < other->view) ? -1 : 1;
    }

    if (one->strategy != other->strategy) {
        return (one->strategy < other->strategy) ? -1 : 1;
    }

    if (one->count != other->count) {
        return (one->count < other->count) ? -1 : 1;
    }

    rc = memcmp(one->keys, other->keys, one->count * sizeof(uint64_t));

    if (rc == 0) {
        rc = recs_report_name_compare(r, one->placement, other->placement);
    }

    if (rc == 0) {
        rc = recs_report_name_compare(r, one->variant, other->variant);
    }

    return rc;
}


static uint8_t
recs_report_list_strategy(const recs_event_t *e)
{
    unsigned  n;

    if (e->name.len == 0) {
        return RECS_CELL_UNKNOWN;
    }

    n = recs_strategy_find(&e->name);

    return (n == RECS_STRATEGY_MAX) ? RECS_CELL_UNKNOWN : (uint8_t) n;
}


void
recs_report_list_set(recs_report_t *r, const recs_event_t *e)
{
    size_t               size;
    uint64_t             keys[RECS_EVENT_ITEMS_MAX];
    uint32_t             n;
    recs_report_list_t  *list, told;

    list = recs_report_list(r, recs_key64(e->recommendation.data,
                                          e->recommendation.len));
    list->used = recs_max(list->used, e->time_ms);

    if (list->known == 2) {
        return;
    }

    told = *list;
    told.time = e->time_ms;
    told.view = e->view;
    told.placement = recs_report_name(r, &e->placement);
    told.variant = recs_report_name(r, &e->variant);
    told.strategy = recs_report_list_strategy(e);
    told.count = (uint16_t) recs_min(e->key_count, RECS_EVENT_ITEMS_MAX);
    told.known = 1;
    told.keys = keys;

    size = told.count * sizeof(uint64_t);
    memcpy(keys, e->keys, size);

    /* workers that say the same: only when it was told may be other */

    if (list->known) {
        told.time = list->time;

        if (recs_report_list_compare(r, &told, list) == 0) {
            list->time = recs_min(list->time, e->time_ms);
            return;
        }

        told.time = e->time_ms;
    }

    if (list->known && recs_report_list_compare(r, &told, list) >= 0) {
        return;
    }

    /* all that was touched under the id, and what it led to */

    for (n = list->touches; n != RECS_NONE; n = r->touches[n].next[RECS_BY_REC])
    {
        recs_report_out_touch(r, n);
    }

    recs_report_bias_list(r, list);

    told.keys = recs_alloc(size);
    memcpy(told.keys, keys, size);
    told.served = 0;

    free(list->keys);
    *list = told;
}
