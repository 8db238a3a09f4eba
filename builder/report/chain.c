/*
 * Copyright (C) recs authors
 *
 * Chains of touches and outcomes, newest first.  Most are short, and most of
 * what comes is newer than what is there.  But a client may tell of things in
 * any order, and in the other one all that has come would be walked over each
 * time.  So a chain that somebody had to walk far along has a lane: every so
 * many-th of its numbers, in an array, which says where to begin.
 */

#include <stddef.h>

#include "private.h"


typedef int (*recs_chain_compare_pt)(const recs_report_t *r, const void *one,
    const void *other);

typedef struct {
    recs_report_t          *r;
    uint8_t                *records;
    size_t                  size;
    size_t                  next;      /* offset of the number behind */
    recs_chain_compare_pt   compare;
    uint32_t               *first;
    uint64_t                lane;      /* its key */
} recs_chain_t;

/* What is looked for: the place of a record, or of the first one of a time. */

typedef struct {
    const void             *record;
    int64_t                 time;
} recs_chain_place_t;


static int recs_chain_touch_compare(const recs_report_t *r, const void *one,
    const void *other);
static int recs_chain_outcome_compare(const recs_report_t *r, const void *one,
    const void *other);
static uint32_t *recs_chain_far(const recs_chain_t *c,
    const recs_chain_place_t *place);


static void
recs_chain_init(recs_chain_t *c, recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by)
{
    c->r = r;

    if (map == &r->by_outcome) {
        c->records = (uint8_t *) r->outcomes;
        c->size = sizeof(recs_outcome_t);
        c->next = offsetof(recs_outcome_t, next);
        c->compare = recs_chain_outcome_compare;

    } else {
        c->records = (uint8_t *) r->touches;
        c->size = sizeof(recs_report_touch_t);
        c->next = offsetof(recs_report_touch_t, next);
        c->compare = recs_chain_touch_compare;
    }

    c->next += by * sizeof(uint32_t);
    c->first = NULL;
    c->lane = recs_report_mix(key, (map == &r->by_outcome) ? 'o'
                                   : (map == &r->by_click) ? 'c' : 's');
}


static int
recs_chain_touch_compare(const recs_report_t *r, const void *one,
    const void *other)
{
    return recs_report_touch_compare(r, one, other);
}


/* Of one moment that with the higher number first. */

static int
recs_chain_outcome_compare(const recs_report_t *r, const void *one,
    const void *other)
{
    const recs_outcome_t  *a, *b;

    a = one;
    b = other;

    if (a->time != b->time) {
        return (a->time > b->time) ? -1 : 1;
    }

    return (a < b) - (a > b);
}


static const void *
recs_chain_record(const recs_chain_t *c, uint32_t n)
{
    return c->records + n * c->size;
}


static uint32_t *
recs_chain_next(const recs_chain_t *c, uint32_t n)
{
    return (uint32_t *) (void *) (c->records + n * c->size + c->next);
}


/* Whether number n stands before a place; the time is the first member. */

static unsigned
recs_chain_ahead(const recs_chain_t *c, const recs_chain_place_t *place,
    uint32_t n)
{
    const void  *record;

    record = recs_chain_record(c, n);

    if (place->record) {
        return c->compare(c->r, record, place->record) < 0;
    }

    return *(const int64_t *) record > place->time;
}


/* The link that leads to a place. */

static uint32_t *
recs_chain_find(const recs_chain_t *c, const recs_chain_place_t *place)
{
    uint32_t  *link;
    unsigned   steps;

    link = c->first;
    steps = 0;

    while (*link != RECS_NONE && recs_chain_ahead(c, place, *link)) {

        if (++steps == RECS_REPORT_LANE) {
            return recs_chain_far(c, place);
        }

        link = recs_chain_next(c, *link);
    }

    return link;
}


static recs_report_lane_t *
recs_chain_lane(const recs_chain_t *c)
{
    uint32_t       *at;
    recs_report_t  *r;

    r = c->r;
    at = recs_report_map_at(&r->by_lane, c->lane);

    if (*at == RECS_NONE) {
        recs_grow(&r->lanes, &r->lanes_cap, r->lane_count + 1,
                  sizeof(recs_report_lane_t));
        memset(&r->lanes[r->lane_count], 0, sizeof(recs_report_lane_t));

        *at = (uint32_t) r->lane_count++;
    }

    return &r->lanes[*at];
}


/* How many of a lane stand before a place. */

static size_t
recs_chain_lane_find(const recs_chain_t *c, const recs_report_lane_t *lane,
    const recs_chain_place_t *place)
{
    size_t  high, i, low;

    low = 0;
    high = lane->count;

    while (low < high) {
        i = low + (high - low) / 2;

        if (recs_chain_ahead(c, place, lane->numbers[i])) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low;
}


static void
recs_chain_lane_put(recs_report_lane_t *lane, size_t i, uint32_t n)
{
    recs_grow(&lane->numbers, &lane->cap, lane->count + 1, sizeof(uint32_t));

    memmove(&lane->numbers[i + 1], &lane->numbers[i],
            (lane->count - i) * sizeof(uint32_t));

    lane->numbers[i] = n;
    lane->count++;
}


/* Whatever has to be walked over is walked over once. */

static uint32_t *
recs_chain_far(const recs_chain_t *c, const recs_chain_place_t *place)
{
    size_t               i;
    uint32_t            *link;
    unsigned             steps;
    recs_report_lane_t  *lane;

    lane = recs_chain_lane(c);
    i = recs_chain_lane_find(c, lane, place);
    link = i ? recs_chain_next(c, lane->numbers[i - 1]) : c->first;
    steps = 0;

    while (*link != RECS_NONE && recs_chain_ahead(c, place, *link)) {

        if (++steps % RECS_REPORT_LANE == 0) {
            recs_chain_lane_put(lane, i++, *link);
        }

        link = recs_chain_next(c, *link);
    }

    return link;
}


void
recs_report_chain_add(recs_report_t *r, recs_report_map_t *map, uint64_t key,
    unsigned by, uint32_t n)
{
    uint32_t            *link;
    recs_chain_t         c;
    recs_chain_place_t   place;

    recs_chain_init(&c, r, map, key, by);
    c.first = recs_report_map_at(map, key);
    place.record = recs_chain_record(&c, n);

    link = recs_chain_find(&c, &place);
    *recs_chain_next(&c, n) = *link;
    *link = n;
}


/* The slot of a chain whose last one goes is empty, but keeps its key. */

void
recs_report_chain_remove(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by, uint32_t n)
{
    size_t               i;
    uint32_t            *link;
    recs_chain_t         c;
    recs_chain_place_t   place;
    recs_report_lane_t  *lane;

    recs_chain_init(&c, r, map, key, by);
    c.first = recs_report_map_at(map, key);
    place.record = recs_chain_record(&c, n);

    for (link = recs_chain_find(&c, &place);
         *link != n;
         link = recs_chain_next(&c, *link))
    {
        /* void */
    }

    *link = *recs_chain_next(&c, n);

    if (recs_report_map_get(&r->by_lane, c.lane) == RECS_NONE) {
        return;
    }

    lane = recs_chain_lane(&c);
    i = recs_chain_lane_find(&c, lane, &place);

    if (i < lane->count && lane->numbers[i] == n) {
        lane->count--;
        memmove(&lane->numbers[i], &lane->numbers[i + 1],
                (lane->count - i) * sizeof(uint32_t));
    }
}


uint32_t
recs_report_chain_seek(recs_report_t *r, recs_report_map_t *map, uint64_t key,
    unsigned by, int64_t time)
{
    uint32_t             first;
    recs_chain_t         c;
    recs_chain_place_t   place;

    first = recs_report_map_get(map, key);
    recs_chain_init(&c, r, map, key, by);
    c.first = &first;
    place.record = NULL;
    place.time = time;

    return *recs_chain_find(&c, &place);
}


void
recs_report_chain_purge(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by)
{
    uint32_t             *link, n;
    recs_chain_t          c;
    recs_report_touch_t  *t;

    recs_chain_init(&c, r, map, key, by);
    link = recs_report_map_at(map, key);

    while (*link != RECS_NONE) {
        t = &r->touches[*link];

        if (recs_report_judged(r, t)) {
            *link = t->next[by];
            t->next[by] = RECS_NONE;

        } else {
            link = &t->next[by];
        }
    }

    n = recs_report_map_get(&r->by_lane, c.lane);

    if (n != RECS_NONE) {
        r->lanes[n].count = 0;
    }
}


void
recs_report_chain_clear(recs_report_t *r)
{
    size_t  i;

    for (i = 0; i < r->lane_count; i++) {
        free(r->lanes[i].numbers);
    }

    r->lane_count = 0;
    recs_report_map_clear(&r->by_lane);
}
