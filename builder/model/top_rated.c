/*
 * Copyright (C) recs authors
 *
 * TOP_RATED (algorithms.md 1.6): the lower bound m - 1.645 s of the mean of
 * a Dirichlet posterior over stars, prior 10 pi_c: pi_c is the histogram of
 * the category, itself drawn to that of the shop.
 *
 * Ratings come from events, the last one of an identity for an item.  Where
 * an item has none, mean and count of the catalogue stand for a histogram:
 * the binomial distribution over 1..5 with that mean.
 *
 * Memory: 20 bytes an item and a category, 4 a rating.
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


static uint32_t recs_rated_events(const recs_dataset_t *d,
    recs_stars_t *stars);
static void recs_rated_item(const recs_dataset_t *d, const uint32_t *events,
    uint32_t n, recs_demand_t *last, recs_stars_t *stars);
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

    rated = recs_rated_events(d, stars);

    for (i = 0; i < d->items; i++) {
        if (recs_rated_sum(&stars[i]) == 0) {
            recs_rated_catalogue(&d->products[i], &stars[i]);
        }
    }

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
recs_rated_events(const recs_dataset_t *d, recs_stars_t *stars)
{
    uint32_t        i, n;
    recs_rows_t     rows;
    recs_demand_t  *last;

    recs_demand_rows(d, RECS_SIGNAL_RATING, &rows);
    last = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t) + 1);
    n = 0;

    for (i = 0; i < d->items; i++) {
        recs_rated_item(d, &rows.entries[rows.offsets[i]],
                        rows.offsets[i + 1] - rows.offsets[i], last,
                        &stars[i]);
        n += recs_rated_sum(&stars[i]) > 0;
    }

    free(last);
    free(rows.offsets);
    free(rows.entries);

    return n;
}


/* "units" is the place among the events, so that the last one is told. */

static void
recs_rated_item(const recs_dataset_t *d, const uint32_t *events, uint32_t n,
    recs_demand_t *last, recs_stars_t *stars)
{
    int32_t   rating;
    uint32_t  e, i, m;

    for (i = 0, m = 0; i < n; i++) {
        e = events[i];
        rating = d->detail[e] != RECS_NONE
                 ? d->details[d->detail[e]].rating : 0;

        if (rating <= 0) {
            continue;
        }

        last[m].key = d->user[e] != RECS_NONE
                      ? d->user[e] : (1ULL << 63 | e);
        last[m].time = i;
        last[m++].units = rating / 1000.0f;
    }

    qsort(last, m, sizeof(recs_demand_t), recs_rated_compare);

    for (i = 0; i < m; i++) {
        if (i + 1 == m || last[i].key != last[i + 1].key) {
            e = lrintf(recs_max(1.0f, recs_min(5.0f, last[i].units)));
            stars->n[e - 1]++;
        }
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
