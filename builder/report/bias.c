/*
 * Copyright (C) recs authors
 *
 * How much less is clicked further down.  A rate by place mixes two things:
 * the place, and that better products stand first.  The same product in lists
 * of the same type at two places tells them apart, since its quality is the
 * same at both (intervention harvesting: Agarwal et al., Estimating Position
 * Bias without Intrusive Interventions, WSDM 2019).  Products are the strata,
 * pooled by Mantel and Haenszel's ratio of rates, with the variance of
 * Greenland and Robins, Biometrics 41 (1985).
 */

#include <math.h>

#include "private.h"


#define RECS_BIAS_Z  1.959963984540054


typedef struct {
    uint64_t  served;
    uint64_t  clicks;
    uint64_t  products;          /* at both places */
    uint64_t  served_both;
    double    above;             /* sum of c_k n_1 / n */
    double    below;             /* sum of c_1 n_k / n */
    double    variance;          /* sum of (c n_1 n_k - c_1 c_k n) / n^2 */
} recs_bias_place_t;


static int recs_bias_compare(const void *one, const void *other);


void
recs_report_bias(recs_report_t *r, uint8_t strategy, uint64_t item,
    unsigned position, int64_t served, int64_t clicks)
{
    uint32_t     *at;
    recs_bias_t  *b;

    if (position == 0 || position > RECS_BIAS_POSITIONS) {
        return;
    }

    at = recs_report_map_at(&r->by_bias,
                            recs_report_mix(item, ((uint64_t) strategy << 8)
                                                  | position));

    if (*at == RECS_NONE) {

        if (r->bias_count == RECS_BIAS_MAX) {
            return;
        }

        recs_grow(&r->bias, &r->bias_cap, r->bias_count + 1,
                  sizeof(recs_bias_t));

        b = &r->bias[r->bias_count];
        memset(b, 0, sizeof(recs_bias_t));

        b->item = item;
        b->strategy = strategy;
        b->position = (uint8_t) position;

        *at = (uint32_t) r->bias_count++;
    }

    r->bias[*at].served += served;
    r->bias[*at].clicks += clicks;
}


void
recs_report_bias_list(recs_report_t *r, recs_report_list_t *list)
{
    unsigned  i, n;

    if (list->served == 0) {
        return;
    }

    n = recs_min(list->count, RECS_BIAS_POSITIONS);

    for (i = 0; i < n; i++) {
        recs_report_bias(r, list->strategy, list->keys[i], i + 1,
                         (int64_t) list->served, 0);
    }

    list->served = 0;
}


static int
recs_bias_compare(const void *one, const void *other)
{
    const recs_bias_t  *a, *b;

    a = one;
    b = other;

    if (a->strategy != b->strategy) {
        return (a->strategy < b->strategy) ? -1 : 1;
    }

    if (a->item != b->item) {
        return (a->item < b->item) ? -1 : 1;
    }

    return (a->position > b->position) - (a->position < b->position);
}


/* One product in one type: the first place against each other one. */

static void
recs_bias_stratum(const recs_bias_t *bias, size_t n,
    recs_bias_place_t *places)
{
    size_t              i;
    double              c1, ck, all, n1, nk;
    recs_bias_place_t  *p;

    for (i = 0; i < n; i++) {
        p = &places[bias[i].position];
        p->served += (uint64_t) bias[i].served;
        p->clicks += (uint64_t) bias[i].clicks;

        if (i == 0 || bias[0].position != 1 || bias[0].served <= 0
            || bias[i].served <= 0)
        {
            continue;
        }

        n1 = (double) bias[0].served;
        nk = (double) bias[i].served;
        c1 = recs_min((double) bias[0].clicks, n1);
        ck = recs_min((double) bias[i].clicks, nk);
        all = n1 + nk;

        p->products++;
        p->served_both += (uint64_t) (bias[0].served + bias[i].served);
        p->above += ck * n1 / all;
        p->below += c1 * nk / all;
        p->variance += ((ck + c1) * n1 * nk - ck * c1 * all) / (all * all);
    }
}


static json_t *
recs_bias_rate(uint64_t clicks, uint64_t served)
{
    return served ? json_real((double) clicks / (double) served)
                  : json_null();
}


/* A ratio needs clicks at both places, else it is null. */

static json_t *
recs_bias_estimate(const recs_bias_place_t *p)
{
    double  ratio, spread;

    if (p->above <= 0 || p->below <= 0) {
        return json_pack("{s:n, s:n, s:I, s:I}", "estimate", "interval",
                         "products", (json_int_t) p->products,
                         "served", (json_int_t) p->served_both);
    }

    ratio = p->above / p->below;
    spread = exp(RECS_BIAS_Z * sqrt(p->variance / (p->above * p->below)));

    return json_pack("{s:f, s:[f, f], s:I, s:I}", "estimate", ratio,
                     "interval", ratio / spread, ratio * spread,
                     "products", (json_int_t) p->products,
                     "served", (json_int_t) p->served_both);
}


static json_t *
recs_bias_places(const recs_bias_place_t *places)
{
    json_t                   *rows;
    double                    high, low;
    unsigned                  i;
    const recs_bias_place_t  *first, *p;

    rows = json_array();
    first = &places[1];

    for (i = 1; i <= RECS_BIAS_POSITIONS; i++) {
        p = &places[i];

        if (p->served == 0) {
            continue;
        }

        recs_cell_wilson(p->clicks, p->served, &low, &high);

        json_array_append_new(rows,
            json_pack("{s:i, s:I, s:I, s:o, s:[f, f], s:o, s:o}",
                      "position", i,
                      "served", (json_int_t) p->served,
                      "clicks", (json_int_t) p->clicks,
                      "ctr", recs_bias_rate(p->clicks, p->served),
                      "ctrInterval", low, high,
                      "ctrOfFirst",
                      (first->served && first->clicks)
                      ? json_real((double) p->clicks / (double) p->served
                                  * (double) first->served
                                  / (double) first->clicks)
                      : json_null(),
                      "examination", (i == 1) ? json_null()
                                              : recs_bias_estimate(p)));
    }

    return rows;
}


static void
recs_bias_sum(recs_bias_place_t *to, const recs_bias_place_t *from)
{
    unsigned  i;

    for (i = 1; i <= RECS_BIAS_POSITIONS; i++) {
        to[i].served += from[i].served;
        to[i].clicks += from[i].clicks;
        to[i].products += from[i].products;
        to[i].served_both += from[i].served_both;
        to[i].above += from[i].above;
        to[i].below += from[i].below;
        to[i].variance += from[i].variance;
    }
}


static const char *
recs_bias_type(uint8_t strategy)
{
    return (strategy < RECS_STRATEGY_MAX)
           ? (const char *) recs_strategies[strategy].name.data : "UNKNOWN";
}


json_t *
recs_report_bias_make(recs_report_t *r)
{
    size_t              i, n;
    json_t             *types;
    uint8_t             strategy;
    recs_bias_t        *bias;
    recs_bias_place_t   all[RECS_BIAS_POSITIONS + 1];
    recs_bias_place_t   places[RECS_BIAS_POSITIONS + 1];

    for (i = 0; i < r->list_count; i++) {
        recs_report_bias_list(r, &r->lists[i]);
    }

    bias = recs_alloc(r->bias_count * sizeof(recs_bias_t));

    if (r->bias_count) {
        memcpy(bias, r->bias, r->bias_count * sizeof(recs_bias_t));
        qsort(bias, r->bias_count, sizeof(recs_bias_t), recs_bias_compare);
    }

    types = json_object();
    memset(all, 0, sizeof(all));

    for (i = 0; i < r->bias_count; /* void */ ) {
        strategy = bias[i].strategy;
        memset(places, 0, sizeof(places));

        while (i < r->bias_count && bias[i].strategy == strategy) {

            for (n = 1; i + n < r->bias_count
                        && bias[i + n].strategy == strategy
                        && bias[i + n].item == bias[i].item; n++)
            {
                /* void */
            }

            recs_bias_stratum(&bias[i], n, places);
            i += n;
        }

        recs_bias_sum(all, places);
        json_object_set_new(types, recs_bias_type(strategy),
                            recs_bias_places(places));
    }

    free(bias);

    return json_pack("{s:o, s:o}", "positions", recs_bias_places(all),
                     "types", types);
}
