/*
 * Copyright (C) recs authors
 *
 * Lines become baskets by sorting: by basket, then baskets by their first
 * line.  Memory: 8 bytes an item of a basket, 12 a basket, 8 a user.
 */

#include "demand.h"
#include "purchases.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    uint64_t  basket;            /* its order, session or day */
    uint32_t  first;             /* its first line */
    uint32_t  item;
    uint32_t  place;
} recs_purchase_t;

typedef struct {
    const recs_dataset_t  *d;
    recs_purchases_t      *p;
    recs_signals_t         signals;
    uint64_t               baskets;
    size_t                 items_cap;
    size_t                 places_cap;
    size_t                 offsets_cap;
    size_t                 time_cap;
    recs_purchase_t        lines[RECS_PURCHASES_LINES];
} recs_purchases_ctx_t;


static uint32_t recs_purchases_lines(recs_purchases_ctx_t *c, uint32_t user);
static uint64_t recs_purchases_basket(const recs_dataset_t *d, uint32_t row);
static void recs_purchases_add(recs_purchases_ctx_t *c, uint32_t n);
static int recs_purchases_by_basket(const void *one, const void *two);
static int recs_purchases_by_first(const void *one, const void *two);


void
recs_purchases_init(recs_purchases_t *p, const recs_dataset_t *d)
{
    uint32_t               u;
    recs_purchases_ctx_t  *c;

    memset(p, 0, sizeof(recs_purchases_t));

    p->users = d->by_user.rows;
    p->first = recs_calloc((size_t) p->users + 1, sizeof(uint64_t));

    c = recs_calloc(1, sizeof(recs_purchases_ctx_t));
    c->d = d;
    c->p = p;
    recs_signals_init(&c->signals);

    recs_grow(&p->offsets, &c->offsets_cap, 1, sizeof(uint64_t));
    p->offsets[0] = 0;

    for (u = 0; u < p->users; u++) {
        recs_purchases_add(c, recs_purchases_lines(c, u));
        p->first[u + 1] = c->baskets;
    }

    free(c);
}


void
recs_purchases_free(recs_purchases_t *p)
{
    free(p->first);
    free(p->offsets);
    free(p->items);
    free(p->places);
    free(p->time);
}


unsigned
recs_purchases_has(const recs_purchases_t *p, uint64_t b, uint32_t i)
{
    uint64_t  low, high, middle;

    low = p->offsets[b];
    high = p->offsets[b + 1];

    while (low < high) {
        middle = low + (high - low) / 2;

        if (p->items[middle] == i) {
            return 1;
        }

        if (p->items[middle] < i) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return 0;
}


/*
 * The lines of a user, sorted: baskets oldest first, items ascending, of an
 * item the first line first.
 */

static uint32_t
recs_purchases_lines(recs_purchases_ctx_t *c, uint32_t user)
{
    uint32_t               i, n, row;
    uint64_t               e, from;
    recs_purchase_t       *lines;
    const recs_dataset_t  *d;

    d = c->d;
    lines = c->lines;
    from = d->by_user.offsets[user];

    for (e = d->by_user.offsets[user + 1], n = 0;
         e > from && n < RECS_PURCHASES_LINES;
         e--)
    {
        row = d->by_user.entries[e - 1];

        if (d->item[row] < d->items
            && (c->signals.signal[d->type[row]] & RECS_SIGNAL_PURCHASE))
        {
            lines[n].basket = recs_purchases_basket(d, row);
            lines[n].first = row;
            lines[n].place = n;
            lines[n++].item = d->item[row];
        }
    }

    for (i = 0; i < n; i++) {
        lines[i].place = n - 1 - lines[i].place;     /* was from the newest */
    }

    qsort(lines, n, sizeof(recs_purchase_t), recs_purchases_by_basket);

    for (i = 1; i < n; i++) {
        if (lines[i].basket == lines[i - 1].basket) {
            lines[i].first = lines[i - 1].first;
        }
    }

    qsort(lines, n, sizeof(recs_purchase_t), recs_purchases_by_first);

    return n;
}


static uint64_t
recs_purchases_basket(const recs_dataset_t *d, uint32_t row)
{
    if (d->detail[row] != RECS_NONE
        && d->details[d->detail[row]].order != RECS_NONE)
    {
        return d->details[d->detail[row]].order;
    }

    if (d->session[row] != RECS_NONE) {
        return (1ULL << 32) | d->session[row];
    }

    return (2ULL << 32) | (d->time[row] / RECS_DAY);
}


/* Appends the latest baskets of sorted lines. */

static void
recs_purchases_add(recs_purchases_ctx_t *c, uint32_t n)
{
    uint32_t           i, baskets;
    uint64_t           start, at;
    recs_purchases_t  *p;
    recs_purchase_t   *lines;

    p = c->p;
    lines = c->lines;

    for (i = n, baskets = 0; i > 0; i--) {
        if (i == n || lines[i - 1].first != lines[i].first) {
            if (baskets++ == RECS_PURCHASES_BASKETS) {
                break;
            }
        }
    }

    at = p->offsets[c->baskets];
    start = at;

    for ( /* void */ ; i < n; i++) {
        recs_grow(&p->items, &c->items_cap, at + 1, sizeof(uint32_t));
        recs_grow(&p->places, &c->places_cap, at + 1, sizeof(uint32_t));

        if (at == start
            || (p->items[at - 1] != lines[i].item
                && at - start < RECS_PURCHASES_ITEMS))
        {
            p->places[at] = lines[i].place;
            p->items[at++] = lines[i].item;
        }

        if (i + 1 == n || lines[i + 1].first != lines[i].first) {
            recs_grow(&p->offsets, &c->offsets_cap, c->baskets + 2,
                      sizeof(uint64_t));
            recs_grow(&p->time, &c->time_cap, c->baskets + 1,
                      sizeof(uint32_t));
            p->time[c->baskets] = c->d->time[lines[i].first];
            p->offsets[++c->baskets] = at;
            start = at;
        }
    }
}


static int
recs_purchases_by_basket(const void *one, const void *two)
{
    const recs_purchase_t  *a, *b;

    a = one;
    b = two;

    if (a->basket != b->basket) {
        return (a->basket < b->basket) ? -1 : 1;
    }

    return (a->first < b->first) ? -1 : a->first > b->first;
}


static int
recs_purchases_by_first(const void *one, const void *two)
{
    const recs_purchase_t  *a, *b;

    a = one;
    b = two;

    if (a->first != b->first) {
        return (a->first < b->first) ? -1 : 1;
    }

    if (a->item != b->item) {
        return (a->item < b->item) ? -1 : 1;
    }

    return (a->place < b->place) ? -1 : a->place > b->place;
}
