/*
 * Copyright (C) recs authors
 *
 * TOP_RATED (algorithms.md 1.6): the lower bound m - 1.645 s of the mean of
 * a Dirichlet posterior over stars, prior 10 pi_c: pi_c is the histogram of
 * the category, itself drawn to that of the shop.
 *
 * Ratings come from events, the last one of an identity for an item.  Where
 * the catalogue counts more, its mean and count stand for a histogram: the
 * binomial distribution over 1..5 with that mean.
 *
 * Of the ratings of who knows nothing else an item has as many, for those of
 * others, as is usual in the shop: a handful of them is no proof.
 *
 * Memory: 20 bytes an item and a category, 4 a rating, 1 a person.
 */

#include "demand.h"
#include "ranked.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_STARS            5
#define RECS_RATED_PRIOR      10.0
#define RECS_RATED_CATEGORY   20.0   /* of the shop in a category's prior */
#define RECS_RATED_Z          1.645
#define RECS_RATED_EVIDENCE   10     /* ratings for confidence 1/2 */


typedef struct {
    float  n[RECS_STARS];
} recs_stars_t;


typedef struct {
    const recs_dataset_t  *d;
    const uint8_t         *singles;    /* of people, NULL: all count */
    uint64_t               sums[2];    /* ratings: of others, of who is alone */
    recs_demand_t         *last;
    uint32_t               count;      /* lines, as recs_product_t has them */
} recs_rated_t;


static uint32_t recs_rated_events(const recs_dataset_t *d,
    const recs_config_t *c, recs_stars_t *stars);
static uint32_t recs_rated_last(recs_rated_t *r, const uint32_t *events,
    uint32_t n);
static uint32_t recs_rated_alone(const recs_rated_t *r, uint32_t m);
static void recs_rated_item(const recs_rated_t *r, uint32_t m,
    recs_stars_t *stars);
static void recs_rated_catalogue(const recs_product_t *p,
    recs_stars_t *stars);
static void recs_rated_categories(const recs_dataset_t *d,
    const recs_stars_t *stars, recs_stars_t *categories, recs_stars_t *shop);
static void recs_rated_share(recs_stars_t *h, const recs_stars_t *prior,
    double weight);
static double recs_rated_bound(const recs_stars_t *h,
    const recs_stars_t *prior);
static double recs_rated_sum(const recs_stars_t *h);
static int recs_rated_compare(const void *one, const void *two);


int
recs_model_top_rated(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    double          n;
    uint32_t        i, k, rated;
    recs_stars_t   *stars, *categories, shop;
    recs_ranked_t   ranked = { .items = NULL };

    stars = recs_calloc((size_t) d->items + 1, sizeof(recs_stars_t));
    categories = recs_calloc((size_t) d->categories + 1,
                             sizeof(recs_stars_t));

    rated = recs_rated_events(d, c, stars);

    recs_rated_categories(d, stars, categories, &shop);

    for (i = 0; i < d->items; i++) {
        n = recs_rated_sum(&stars[i]);

        if (n > 0) {
            k = d->products[i].category;
            recs_ranked_add(&ranked, i,
                            recs_rated_bound(&stars[i], k < d->categories
                                             ? &categories[k] : &shop),
                            n, RECS_RATED_EVIDENCE);
        }
    }

    recs_message(RECS_MSG_DEBUG, "top_rated",
                 "%u items have ratings, %u of them from events",
                 ranked.n, rated);

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "top_rated",
                     "no ratings in events or catalogue");

    free(stars);
    free(categories);

    return RECS_OK;
}


static uint32_t
recs_rated_events(const recs_dataset_t *d, const recs_config_t *c,
    recs_stars_t *stars)
{
    uint8_t       *singles;
    uint32_t       alone, i, m, n, *events;
    recs_rows_t    rows;
    recs_rated_t   r = { .d = d };

    recs_demand_rows(d, RECS_SIGNAL_RATING, &rows);
    r.last = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                        + 1);
    singles = c->trust ? recs_demand_singles(d) : NULL;
    r.singles = singles;

    for (i = 0; singles && i < d->items; i++) {
        events = &rows.entries[rows.offsets[i]];
        m = recs_rated_last(&r, events, rows.offsets[i + 1]
                                        - rows.offsets[i]);
        alone = recs_rated_alone(&r, m);
        r.sums[0] += m - alone;
        r.sums[1] += alone;
    }

    for (i = 0, n = 0; i < d->items; i++) {
        events = &rows.entries[rows.offsets[i]];
        m = recs_rated_last(&r, events, rows.offsets[i + 1]
                                        - rows.offsets[i]);

        if (r.count < d->products[i].rating_count) {
            recs_rated_catalogue(&d->products[i], &stars[i]);
            continue;
        }

        recs_rated_item(&r, m, &stars[i]);
        n += recs_rated_sum(&stars[i]) > 0;
    }

    free(singles);
    free(r.last);
    free(rows.offsets);
    free(rows.entries);

    return n;
}


/* "units" are the stars; the last rating of each identity. */

static uint32_t
recs_rated_last(recs_rated_t *r, const uint32_t *events, uint32_t n)
{
    int32_t                rating;
    uint32_t               e, i, k, m;
    recs_demand_t         *last;
    const recs_dataset_t  *d;

    d = r->d;
    last = r->last;

    for (i = 0, m = 0; i < n; i++) {
        e = events[i];
        rating = d->detail[e] != RECS_NONE
                 ? d->details[d->detail[e]].rating : 0;

        if (rating <= 0) {
            continue;
        }

        last[m].key = d->user[e] != RECS_NONE ? d->user[e]
                      : d->session[e] != RECS_NONE
                      ? (1ULL << 62 | d->session[e]) : (1ULL << 63 | e);
        last[m].time = i;
        last[m].event = e;
        last[m++].units = rating / 1000.0f;
    }

    r->count = m;
    qsort(last, m, sizeof(recs_demand_t), recs_rated_compare);

    for (i = 0, k = 0; i < m; i++) {
        if (i + 1 == m || last[i].key != last[i + 1].key) {
            last[k++] = last[i];
        }
    }

    return k;
}


static uint32_t
recs_rated_alone(const recs_rated_t *r, uint32_t m)
{
    uint32_t  alone, i;

    for (i = 0, alone = 0; i < m; i++) {
        alone += recs_demand_alone(r->d, r->singles, r->last[i].event);
    }

    return alone;
}


static void
recs_rated_item(const recs_rated_t *r, uint32_t m, recs_stars_t *stars)
{
    uint32_t  e, i, left;

    left = RECS_NONE;

    if (r->sums[0] && r->sums[1]) {
        left = recs_demand_usual((double) r->sums[1] / r->sums[0],
                                 m - recs_rated_alone(r, m));
    }

    for (i = 0; i < m; i++) {

        if (r->singles
            && recs_demand_alone(r->d, r->singles, r->last[i].event)
            && left-- == 0)
        {
            left = 0;
            continue;
        }

        e = lrintf(recs_max(1.0f, recs_min(5.0f, r->last[i].units)));
        stars->n[e - 1]++;
    }
}


static void
recs_rated_catalogue(const recs_product_t *p, recs_stars_t *stars)
{
    static const double  choose[RECS_STARS] = { 1, 4, 6, 4, 1 };

    int     k;
    double  q;

    if (p->rating == 0 || p->rating_count == 0) {
        return;
    }

    q = recs_max(0.0, recs_min(1.0, (p->rating / 1000.0 - 1) / 4));

    for (k = 0; k < RECS_STARS; k++) {
        stars->n[k] = p->rating_count * choose[k] * pow(q, k)
                      * pow(1 - q, RECS_STARS - 1 - k);
    }
}


static void
recs_rated_categories(const recs_dataset_t *d, const recs_stars_t *stars,
    recs_stars_t *categories, recs_stars_t *shop)
{
    int                  k;
    uint32_t             c, i;
    recs_stars_t         flat;

    memset(shop, 0, sizeof(recs_stars_t));

    for (i = 0; i < d->items; i++) {
        c = d->products[i].category;

        for (k = 0; k < RECS_STARS; k++) {
            shop->n[k] += stars[i].n[k];

            if (c < d->categories) {
                categories[c].n[k] += stars[i].n[k];
            }
        }
    }

    for (k = 0; k < RECS_STARS; k++) {
        flat.n[k] = 1.0f / RECS_STARS;
    }

    recs_rated_share(shop, &flat, RECS_STARS);

    for (c = 0; c < d->categories; c++) {
        recs_rated_share(&categories[c], shop, RECS_RATED_CATEGORY);
    }
}


static void
recs_rated_share(recs_stars_t *h, const recs_stars_t *prior, double weight)
{
    int     k;
    double  n;

    n = recs_rated_sum(h);

    for (k = 0; k < RECS_STARS; k++) {
        h->n[k] = (h->n[k] + weight * prior->n[k]) / (n + weight);
    }
}


static double
recs_rated_bound(const recs_stars_t *h, const recs_stars_t *prior)
{
    int     k;
    double  mean, n, p, square;

    n = recs_rated_sum(h) + RECS_RATED_PRIOR;
    mean = 0;
    square = 0;

    for (k = 0; k < RECS_STARS; k++) {
        p = (h->n[k] + RECS_RATED_PRIOR * prior->n[k]) / n;
        mean += (k + 1) * p;
        square += (k + 1) * (k + 1) * p;
    }

    return mean - RECS_RATED_Z
                  * sqrt(recs_max(0.0, square - mean * mean) / (n + 1));
}


static double
recs_rated_sum(const recs_stars_t *h)
{
    int     k;
    double  n;

    for (k = 0, n = 0; k < RECS_STARS; k++) {
        n += h->n[k];
    }

    return n;
}


static int
recs_rated_compare(const void *one, const void *two)
{
    const recs_demand_t  *a = one, *b = two;

    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }

    return (a->time > b->time) - (a->time < b->time);
}
