/*
 * Copyright (C) recs authors
 *
 * Products by region.  There a product is expected as often as in the shop, by
 * the region's share of all votes, and as it was there, by the weight of its
 * own votes there against RECS_HOT_KAPPA.
 */

#define _GNU_SOURCE

#include <stdlib.h>
#include <string.h>

#include "trend.h"


#define RECS_HOT_KAPPA   20.0
#define RECS_HOT_LEAST   .25       /* slow votes of a pair worth its memory */


static void recs_hot_pairs_grow(recs_hot_state_t *h);
static void recs_hot_pairs_prune(recs_hot_state_t *h);
static void recs_hot_pairs_index(recs_hot_state_t *h);
static void recs_hot_trend_region(recs_hot_state_t *h,
    const recs_hot_look_t *look, uint32_t region, const uint32_t *pairs,
    uint32_t count);
static int recs_hot_by_region(const void *one, const void *two, void *data);


/* Regions beyond what a snapshot can hold are no regions. */

uint32_t
recs_hot_region(recs_hot_state_t *h, const recs_str_t *name)
{
    if (name->len == 0) {
        return RECS_NONE;
    }

    if (recs_names_count(h->regions) == RECS_FORMAT_REGIONS) {
        return recs_names_find(h->regions, name->data, name->len);
    }

    return recs_names_add(h->regions, name->data, name->len);
}


recs_hot_pair_t *
recs_hot_pair(recs_hot_state_t *h, uint32_t record, uint32_t region)
{
    uint32_t          i, hash, n;
    recs_hot_pair_t  *p;

    hash = (record * RECS_FORMAT_REGIONS + region) * 2654435761u;

    for (i = hash & h->pair_mask; h->pair_slots[i];
         i = (i + 1) & h->pair_mask)
    {
        n = h->pair_slots[i] - 1;
        p = &h->pairs[n];

        if (p->record == record && p->region == region) {
            goto found;
        }
    }

    if (h->pair_count == (uint32_t) h->config->hot_pairs) {
        recs_hot_pairs_prune(h);
        return recs_hot_pair(h, record, region);
    }

    recs_grow(&h->pairs, &h->pairs_cap, (size_t) h->pair_count + 1,
              sizeof(recs_hot_pair_t));

    n = h->pair_count++;
    p = &h->pairs[n];

    memset(p, 0, sizeof(recs_hot_pair_t));
    p->record = record;
    p->region = region;
    h->pair_slots[i] = h->pair_count;

    if (h->pair_count > h->pair_mask / 2) {
        recs_hot_pairs_grow(h);
    }

found:

    if (!p->in) {
        p->in = 1;
        recs_hot_push(&h->pairs_voted, n);
    }

    return p;
}


static void
recs_hot_pairs_grow(recs_hot_state_t *h)
{
    h->pair_mask = h->pair_mask * 2 + 1;
    free(h->pair_slots);
    h->pair_slots = recs_calloc((size_t) h->pair_mask + 1, sizeof(uint32_t));

    recs_hot_pairs_index(h);
}


static void
recs_hot_pairs_index(recs_hot_state_t *h)
{
    uint32_t                i, k;
    const recs_hot_pair_t  *p;

    for (k = 0; k < h->pair_count; k++) {
        p = &h->pairs[k];
        i = (p->record * RECS_FORMAT_REGIONS + p->region) * 2654435761u
            & h->pair_mask;

        while (h->pair_slots[i]) {
            i = (i + 1) & h->pair_mask;
        }

        h->pair_slots[i] = k + 1;
    }
}


/* The quarter with the fewest votes goes, or more; all are numbered anew. */

static void
recs_hot_pairs_prune(recs_hot_state_t *h)
{
    double    least, slow;
    uint32_t  i, n;

    slow = recs_hot_now(h, recs_hot_slow);
    least = RECS_HOT_LEAST;

    do {
        for (i = 0, n = 0; i < h->pair_count; i++) {
            if (h->pairs[i].counts.slow * slow > least) {
                h->pairs[n++] = h->pairs[i];

            } else {
                h->region_sums[h->pairs[i].region].voted--;
            }
        }

        h->pair_count = n;
        least *= 2;

    } while (n > (uint32_t) h->config->hot_pairs / 4 * 3);

    memset(h->pair_slots, 0, ((size_t) h->pair_mask + 1) * sizeof(uint32_t));
    recs_hot_pairs_index(h);

    h->pairs_voted.count = 0;

    for (i = 0; i < h->pair_count; i++) {
        h->pairs[i].in = 1;
        recs_hot_push(&h->pairs_voted, i);
    }

    for (i = 0; i < RECS_FORMAT_REGIONS; i++) {
        recs_hot_order_free(&h->region_rising[i]);
    }
}


void
recs_hot_trend_regions(recs_hot_state_t *h, const recs_hot_look_t *look)
{
    uint32_t   from, i, n, region, *pairs;

    n = recs_min(h->pair_count, h->pair_count / RECS_HOT_TURN + 256);

    for (i = 0; i < n; i++) {
        h->pair_turn = (h->pair_turn + 1 < h->pair_count) ? h->pair_turn + 1
                                                          : 0;

        if (h->pairs[h->pair_turn].counts.value > 0
            && !h->pairs[h->pair_turn].in)
        {
            h->pairs[h->pair_turn].in = 1;
            recs_hot_push(&h->pairs_voted, h->pair_turn);
        }
    }

    n = h->pairs_voted.count;
    pairs = h->pairs_voted.n;

    if (n) {
        qsort_r(pairs, n, sizeof(uint32_t), recs_hot_by_region, h->pairs);
    }

    for (from = 0; from < n; from = i) {
        region = h->pairs[pairs[from]].region;

        for (i = from; i < n && h->pairs[pairs[i]].region == region; i++) {
            h->pairs[pairs[i]].in = 0;
        }

        recs_hot_trend_region(h, look, region, &pairs[from], i - from);
    }

    h->pairs_voted.count = 0;
}


static void
recs_hot_trend_region(recs_hot_state_t *h, const recs_hot_look_t *look,
    uint32_t region, const uint32_t *pairs, uint32_t count)
{
    double                    average, expected, pace, share, slow, there;
    uint32_t                  i;
    recs_hot_rank_t          *changes;
    recs_hot_pair_t          *p;
    const recs_hot_record_t  *r;

    changes = recs_alloc((size_t) count * sizeof(recs_hot_rank_t));

    pace = recs_hot_pace(look, &h->region_sums[region], &average);
    share = h->sums.slow > 0 ? h->region_sums[region].slow / h->sums.slow : 0;

    for (i = 0; i < count; i++) {
        p = &h->pairs[pairs[i]];
        r = &h->records[p->record];
        p->counts.value = 0;

        if (recs_hot_shown(h, p->record)) {
            slow = recs_hot_before(look, &r->counts);
            expected = share * recs_hot_expect(h, look, &r->counts, slow,
                                               look->average);
            there = recs_hot_before(look, &p->counts);

            expected *= (RECS_HOT_KAPPA + there) / (RECS_HOT_KAPPA + expected);
            recs_hot_rise(look, &p->counts, 0, pace * expected);
        }

        changes[i].n = pairs[i];
        changes[i].value = p->counts.value;
    }

    recs_hot_order(&h->region_rising[region], changes, count);
    free(changes);
}


static int
recs_hot_by_region(const void *one, const void *two, void *data)
{
    const recs_hot_pair_t  *a, *b, *pairs;

    pairs = data;
    a = &pairs[*(const uint32_t *) one];
    b = &pairs[*(const uint32_t *) two];

    if (a->region != b->region) {
        return a->region < b->region ? -1 : 1;
    }

    return (a > b) - (a < b);
}
