/*
 * Copyright (C) recs authors
 *
 * Popularity is the decayed implicit feedback of all identities, each capped
 * by product (algorithms.md 1.1.8); it numbers the products.
 */

#define _GNU_SOURCE

#include <math.h>
#include <stdlib.h>

#include "dataset_private.h"


#define RECS_POPULARITY_AHEAD  16


typedef struct {
    const recs_dataset_t  *dataset;
    double                *sum;        /* of one identity, by product */
    double                *total;
    uint32_t              *touched;
    size_t                 touched_cap;
    uint32_t               count;
    uint32_t               now;
    double                 scale;      /* 1 / half-life in seconds */
} recs_popularity_t;


typedef struct {
    const recs_dataset_private_t  *private;
    const float                   *popularity;
} recs_popularity_order_t;


static double
recs_popularity_weight(const recs_popularity_t *c, uint32_t row)
{
    double    weight;
    uint32_t  time;

    weight = recs_dataset_weight(c->dataset, row);
    time = c->dataset->time[row];

    if (weight == 0 || time >= c->now) {
        return weight;
    }

    return weight * exp2(-(double) (c->now - time) * c->scale);
}


/* Rows of an identity are far apart in memory: they are asked for early. */

static void
recs_popularity_identity(recs_popularity_t *c, const uint32_t *rows,
    uint64_t n, unsigned userless)
{
    double                 weight;
    uint32_t               i, item, row;
    const recs_dataset_t  *d;

    d = c->dataset;
    c->count = 0;
    recs_grow(&c->touched, &c->touched_cap, n, sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        row = rows[i];

        if (userless && d->user[row] != RECS_NONE) {
            continue;
        }

        weight = recs_popularity_weight(c, row);

        if (weight == 0) {
            continue;
        }

        item = d->item[row];

        if (c->sum[item] == 0) {
            c->touched[c->count++] = item;
        }

        c->sum[item] += weight;
    }

    for (i = 0; i < c->count; i++) {
        item = c->touched[i];
        c->total[item] += recs_dataset_feedback(c->sum[item]);
        c->sum[item] = 0;
    }
}


static void
recs_popularity_prefetch(const recs_dataset_t *d, const recs_rows_t *rows,
    uint64_t from, uint64_t to)
{
    uint32_t  row;
    uint64_t  i, last;

    last = rows->offsets[rows->rows];
    to = recs_min(to, last);

    for (i = from; i < to; i++) {
        row = rows->entries[i];

        __builtin_prefetch(&d->item[row]);
        __builtin_prefetch(&d->time[row]);
        __builtin_prefetch(&d->type[row]);
        __builtin_prefetch(&d->detail[row]);
    }
}


static void
recs_popularity_rows(recs_popularity_t *c, const recs_rows_t *rows,
    unsigned userless)
{
    uint32_t  i;
    uint64_t  asked, from, to;

    asked = 0;

    for (i = 0; i < rows->rows; i++) {
        from = rows->offsets[i];
        to = rows->offsets[i + 1];

        if (to + RECS_POPULARITY_AHEAD > asked) {
            recs_popularity_prefetch(c->dataset, rows,
                                     recs_max(asked, from),
                                     to + RECS_POPULARITY_AHEAD);
            asked = to + RECS_POPULARITY_AHEAD;
        }

        recs_popularity_identity(c, rows->entries + from, to - from,
                                 userless);
    }
}


float *
recs_dataset_popularity(const recs_dataset_t *d)
{
    float                         *popularity;
    size_t                         products;
    uint32_t                       i, rows;
    recs_popularity_t              c;
    const recs_dataset_private_t  *p;

    p = d->private;
    rows = (uint32_t) d->events;
    products = p->raw_count;

    c.dataset = d;
    c.sum = recs_calloc(products, sizeof(double));
    c.total = recs_calloc(products, sizeof(double));
    c.touched = NULL;
    c.touched_cap = 0;
    c.now = recs_dataset_seconds(d->now_ms);
    c.scale = (p->config->half_life_days > 0)
              ? 1 / (p->config->half_life_days * 86400) : 0;

    recs_popularity_rows(&c, &d->by_user, 0);

    if (d->by_user.offsets[d->by_user.rows] < rows) {
        recs_popularity_rows(&c, &d->by_session, 1);
    }

    for (i = 0; i < rows; i++) {
        if (d->user[i] == RECS_NONE && d->session[i] == RECS_NONE) {
            c.total[d->item[i]] +=
                recs_dataset_feedback(recs_popularity_weight(&c, i));
        }
    }

    popularity = recs_alloc(products * sizeof(float));

    for (i = 0; i < products; i++) {
        popularity[i] = (float) c.total[i];
    }

    free(c.sum);
    free(c.total);
    free(c.touched);

    return popularity;
}


static int
recs_popularity_compare(const void *a, const void *b, void *data)
{
    float                    x, y;
    recs_str_t               s, t;
    recs_popularity_order_t *order;

    order = data;
    x = order->popularity[*(const uint32_t *) a];
    y = order->popularity[*(const uint32_t *) b];

    if (x != y) {
        return (x < y) - (x > y);
    }

    s = recs_names_get(order->private->ids, *(const uint32_t *) a);
    t = recs_names_get(order->private->ids, *(const uint32_t *) b);

    return recs_dataset_compare(&s, &t);
}


/*
 * A product has its number by popularity, then by its id, so that the number
 * does not depend on the order of arrival.
 */

uint32_t *
recs_dataset_number(recs_dataset_t *d, const float *popularity)
{
    uint32_t                 i, n, *number, *sorted;
    recs_dataset_private_t  *p;
    recs_popularity_order_t  order;

    p = d->private;
    number = recs_alloc(p->raw_count * sizeof(uint32_t));
    sorted = recs_alloc(p->raw_count * sizeof(uint32_t));

    for (i = 0, n = 0; i < p->raw_count; i++) {
        number[i] = RECS_NO_ITEM;

        if (!d->catalogue || (p->raw[i].known && p->raw[i].listed)) {
            sorted[n++] = i;
        }
    }

    order.private = p;
    order.popularity = popularity;

    qsort_r(sorted, n, sizeof(uint32_t), recs_popularity_compare, &order);

    for (i = 0; i < n; i++) {
        number[sorted[i]] = i;
    }

    free(sorted);

    d->items = n;

    for (i = 0; i < d->events; i++) {
        d->item[i] = number[d->item[i]];
    }

    return number;
}
