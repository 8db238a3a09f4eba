/*
 * Copyright (C) recs authors
 *
 * The table of models, and the formulas that several of them use: forward
 * decay (Cormode et al. 2009), the Wilson score interval (Wilson 1927), the
 * log-likelihood ratio of a 2x2 table (Dunning 1993, entropy form).
 */

#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static double recs_xlogx(double x);


const recs_model_t  recs_models[] = {
    { "similar", RECS_LIST_SIMILAR, recs_model_similar, NULL },
    { "together", RECS_LIST_TOGETHER, recs_model_together, NULL },
    { "cosine", RECS_LIST_RELATED, recs_model_cosine, recs_knn_cost },
    { "tfidf", RECS_LIST_RELATED, recs_model_tfidf, recs_knn_cost },
    { "bm25", RECS_LIST_RELATED, recs_model_bm25, recs_knn_cost },
    { "rp3", RECS_LIST_RELATED, recs_model_rp3, recs_knn_cost },
    { "later", RECS_LIST_RELATED, recs_model_later, recs_later_cost },
    { "als", RECS_LIST_RELATED, recs_model_als, recs_als_cost },
    { "ease", RECS_LIST_RELATED, recs_model_ease, recs_ease_cost },
    { "ridge", RECS_LIST_RELATED, recs_model_ridge, recs_ridge_cost },
    { "sansa", RECS_LIST_RELATED, recs_model_sansa, recs_sansa_cost },
    { "spectral", RECS_LIST_RELATED, recs_model_spectral,
      recs_spectral_cost },
    { "smoothed", RECS_LIST_RELATED, recs_model_smoothed, NULL },
    { "fusion", RECS_LIST_RELATED, recs_model_fusion_related,
      recs_fusion_related_cost },
    { "slist", RECS_LIST_NEXT, recs_model_slist, recs_slist_cost },
    { "sr", RECS_LIST_NEXT, recs_model_sr, recs_sequence_cost },
    { "ar", RECS_LIST_NEXT, recs_model_ar, recs_sequence_cost },
    { "fusion", RECS_LIST_NEXT, recs_model_fusion_next,
      recs_fusion_next_cost },
    { "walk", RECS_LIST_WALK, recs_model_walk, recs_walk_cost },
    { "view_buy", RECS_LIST_VIEW_BUY, recs_model_view_buy, NULL },
    { "cart_buy", RECS_LIST_CART_BUY, recs_model_cart_buy, NULL },
    { "trending", RECS_LIST_TRENDING, recs_model_trending, NULL },
    { "bestsellers", RECS_LIST_BESTSELLERS, recs_model_bestsellers, NULL },
    { "top_rated", RECS_LIST_TOP_RATED, recs_model_top_rated, NULL },
    { "new_arrivals", RECS_LIST_NEW_ARRIVALS, recs_model_new_arrivals, NULL },
    { "price_drop", RECS_LIST_PRICE_DROP, recs_model_price_drop, NULL },
    { "region_trending", RECS_LIST_REGION_TRENDING,
      recs_model_region_trending, NULL },
    { "low_stock", RECS_LIST_LOW_STOCK, recs_model_low_stock, NULL },
    { "seasonal", RECS_LIST_SEASONAL, recs_model_seasonal, NULL },
    { "up_sell", RECS_LIST_UP_SELL, recs_model_up_sell, NULL },
    { "upgrade", RECS_LIST_UPGRADE, recs_model_upgrade, NULL },
    { "complementary", RECS_LIST_COMPLEMENTARY, recs_model_complementary,
      NULL },
    { NULL, RECS_LIST_MAX, NULL, NULL }
};


/* Where a list has several models, the option that names one of them. */

static const struct {
    recs_list_e  list;
    size_t       option;
} recs_model_options[] = {
    { RECS_LIST_RELATED, offsetof(recs_config_t, related) },
    { RECS_LIST_NEXT, offsetof(recs_config_t, next) },
    { RECS_LIST_MAX, 0 }
};


const recs_personal_model_t  recs_personal_models[] = {
    { "tifuknn", RECS_PERSONAL_BASKET, recs_model_tifuknn,
      recs_tifuknn_cost },
    { "neighbours", RECS_PERSONAL_NEIGHBOURS, recs_model_neighbours,
      recs_neighbours_cost },
    { NULL, RECS_PERSONAL_MAX, NULL, NULL }
};


const recs_model_t *
recs_model_find(recs_list_e list, const char *name)
{
    const recs_model_t  *m;

    for (m = recs_models; m->name; m++) {
        if (m->list == list && (name == NULL || strcmp(m->name, name) == 0)) {
            return m;
        }
    }

    return NULL;
}


const char *
recs_model_named(const recs_config_t *c, recs_list_e list)
{
    size_t  i;

    for (i = 0; recs_model_options[i].list != RECS_LIST_MAX; i++) {
        if (recs_model_options[i].list == list) {
            return *(const char *const *) ((const char *) c
                                           + recs_model_options[i].option);
        }
    }

    return NULL;
}


const recs_model_t *
recs_model_chosen(const recs_config_t *c, recs_list_e list)
{
    const char  *name;

    name = recs_model_named(c, list);

    return recs_model_find(list, (name && strcmp(name, "auto") != 0) ? name
                                                                     : NULL);
}


int
recs_model_afford(const recs_model_cost_t *cost, const recs_config_t *c,
    unsigned times, char *why, size_t size)
{
    double  seconds;

    seconds = cost->seconds / RECS_MODEL_THREADS;

    if (cost->bytes > c->memory_budget * 1e9) {
        snprintf(why, size, "takes about %.1f GB, memory_budget is %g",
                 cost->bytes / 1e9, c->memory_budget);
        return RECS_DECLINED;
    }

    if (seconds > c->time_budget * 60 / times) {
        snprintf(why, size, "takes about %.1f minutes, time_budget allows %g",
                 seconds / 60, c->time_budget / times);
        return RECS_DECLINED;
    }

    return RECS_OK;
}


void
recs_sessions_free(recs_sessions_t *s)
{
    free(s->items.offsets);
    free(s->items.entries);
    free(s->postings.offsets);
    free(s->postings.entries);
    free(s->time);
    free(s->idf);
}


void
recs_segments_free(recs_segments_t *s)
{
    free(s->of);
    recs_model_free(&s->list);
    recs_model_free(&s->names);
}


void
recs_personal_free(recs_personal_t *p)
{
    free(p->identities);
    free(p->offsets);
    free(p->entries);
}


void
recs_model_free(recs_model_list_t *list)
{
    free(list->offsets);
    free(list->entries);

    list->rows = 0;
    list->offsets = NULL;
    list->entries = NULL;
}


void
recs_model_empty(const recs_model_list_t *list, const char *model,
    const char *why)
{
    if (list->offsets[list->rows] == 0) {
        recs_message(RECS_MSG_INFO, model, "the list is empty: %s", why);
    }
}


/* A time after "now" (a clock that runs ahead) counts as now. */

double
recs_decay(uint32_t now, uint32_t time, double half_life)
{
    if (time >= now) {
        return 1;
    }

    if (half_life <= 0) {
        return 0;
    }

    return exp(-M_LN2 * (now - time) / half_life);
}


double
recs_wilson_lower(double k, double n, double z)
{
    double  p, zz;

    if (n <= 0 || k <= 0) {
        return 0;
    }

    p = recs_min(1.0, k / n);
    zz = z * z;

    p = (p + zz / (2 * n) - z * sqrt((p * (1 - p) + zz / (4 * n)) / n))
        / (1 + zz / n);

    return recs_max(0.0, p);
}


double
recs_llr(double k11, double k12, double k21, double k22)
{
    double  n, r1, r2, c1, c2, g;

    r1 = k11 + k12;
    r2 = k21 + k22;
    c1 = k11 + k21;
    c2 = k12 + k22;
    n = r1 + r2;

    if (n <= 0 || k11 * n <= r1 * c1) {
        return 0;
    }

    g = recs_xlogx(k11) + recs_xlogx(k12) + recs_xlogx(k21) + recs_xlogx(k22)
        - recs_xlogx(r1) - recs_xlogx(r2) - recs_xlogx(c1) - recs_xlogx(c2)
        + recs_xlogx(n);

    return recs_max(0.0, 2 * g);
}


static double
recs_xlogx(double x)
{
    return x > 0 ? x * log(x) : 0;
}
