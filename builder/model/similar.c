/*
 * Copyright (C) recs authors
 *
 * SIMILAR_PRODUCTS (algorithms.md 1.2): sum(w f a) / sum(w a) over five
 * factors in 1/255, a = 1 where a factor is observed for both.  The factors
 * are stored, so that a request can weigh them as it likes: the best 96 by
 * the configured weights, and the best 8 by each factor alone.
 *
 * Candidates come from blocks, never from all pairs (candidates.c).
 *
 * Memory: that of the factors, 12 bytes for each of at most 136 entries of
 * an item, 9 bytes an item for each thread.
 */

#include "candidates.h"
#include "factors.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SIMILAR_BEST    96
#define RECS_SIMILAR_FACTOR  8
#define RECS_SIMILAR_MAX                                                     \
    (RECS_SIMILAR_BEST + RECS_FORMAT_FACTORS * RECS_SIMILAR_FACTOR)
#define RECS_SIMILAR_BLOCK   64

/* Sessions without the other one that say as much as "nobody". */

#define RECS_SIMILAR_ROWS    3


typedef struct {
    recs_candidates_t        candidates;
    recs_top_t               best;
    recs_top_t               factor[RECS_FORMAT_FACTORS];
    recs_top_t               all;
    float                   *behaviour;  /* of an item to the seed */
    recs_format_similar_t    entries[RECS_CANDIDATES_MAX];
    float                    scores[RECS_CANDIDATES_MAX];
    uint8_t                  kept[RECS_CANDIDATES_MAX];
} recs_similar_thread_t;

typedef struct {
    const recs_dataset_t    *d;
    const double            *weights;
    recs_factors_t           factors;
    recs_spec_t              spec;
    recs_titles_t            titles;
    recs_coview_t            coview;
    recs_blocks_t            blocks;
    recs_slots_t             slots;
    recs_similar_thread_t  **threads;
} recs_similar_t;


static void recs_similar_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_similar_item(recs_similar_t *s, recs_similar_thread_t *t,
    uint32_t i);
static void recs_similar_factors(const recs_similar_t *s,
    const recs_similar_thread_t *t, uint32_t i, uint32_t j,
    recs_format_similar_t *e);
static double recs_similar_behaviour(const recs_similar_t *s,
    const recs_similar_thread_t *t, uint32_t i, uint32_t j);
static double recs_similar_score(const recs_similar_t *s,
    const recs_format_similar_t *e);
static void recs_similar_choose(recs_similar_thread_t *t, uint32_t n);
static recs_similar_thread_t *recs_similar_thread(const recs_dataset_t *d);
static void recs_similar_thread_free(recs_similar_thread_t *t);


int
recs_model_similar(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned         n, threads;
    recs_similar_t  *s;

    s = recs_calloc(1, sizeof(recs_similar_t));
    s->d = d;
    s->weights = c->similar_weights;
    threads = recs_max(c->threads, 1);

    recs_factors_init(&s->factors, d);
    recs_spec_init(&s->spec, d);
    recs_titles_init(&s->titles, d);
    recs_coview_init(&s->coview, d, c, threads);
    recs_blocks_init(&s->blocks, d, &s->factors);
    recs_slots_init(&s->slots, d->items, RECS_SIMILAR_MAX,
                    sizeof(recs_format_similar_t));

    s->threads = recs_calloc(threads, sizeof(recs_similar_thread_t *));

    for (n = 0; n < threads; n++) {
        s->threads[n] = recs_similar_thread(d);
    }

    recs_parallel(threads, d->items, RECS_SIMILAR_BLOCK, recs_similar_block,
                  s);

    for (n = 0; n < threads; n++) {
        recs_similar_thread_free(s->threads[n]);
    }

    recs_slots_finish(&s->slots, list);

    recs_factors_free(&s->factors);
    recs_spec_free(&s->spec);
    recs_titles_free(&s->titles);
    recs_coview_free(&s->coview);
    recs_blocks_free(&s->blocks);

    free(s->threads);
    free(s);

    return RECS_OK;
}


static void
recs_similar_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t         i;
    recs_similar_t  *s;

    s = ctx;

    for (i = from; i < to; i++) {
        recs_similar_item(s, s->threads[thread], i);
    }
}


static void
recs_similar_item(recs_similar_t *s, recs_similar_thread_t *t, uint32_t i)
{
    uint32_t                    k, n;
    uint64_t                    e, from, to;
    recs_format_similar_t      *out;
    const recs_coview_entry_t  *near;

    near = s->coview.list.entries;
    from = s->coview.list.offsets[i];
    to = s->coview.list.offsets[i + 1];

    recs_candidates_begin(&t->candidates, i);

    for (e = from; e < to; e++) {
        t->behaviour[near[e].item] = near[e].value;
        recs_candidates_add(&t->candidates, near[e].item);
    }

    recs_candidates_blocks(&t->candidates, &s->blocks, &s->titles, i);
    n = t->candidates.n;

    for (k = 0; k < n; k++) {
        recs_similar_factors(s, t, i, t->candidates.items[k],
                             &t->entries[k]);
        t->scores[k] = recs_similar_score(s, &t->entries[k]);
    }

    for (e = from; e < to; e++) {
        t->behaviour[near[e].item] = 0;
    }

    recs_similar_choose(t, n);

    out = recs_slots_row(&s->slots, i);
    s->slots.counts[i] = t->all.n;

    for (k = 0; k < t->all.n; k++) {
        out[k] = t->entries[t->all.entries[k].data];
        out[k].score = lrint(65535 * t->scores[t->all.entries[k].data]);
    }
}


static void
recs_similar_factors(const recs_similar_t *s, const recs_similar_thread_t *t,
    uint32_t i, uint32_t j, recs_format_similar_t *e)
{
    int     f;
    double  values[RECS_FORMAT_FACTORS];

    values[0] = recs_factor_category(&s->factors, i, j);
    values[1] = recs_factor_brand(&s->factors, i, j);
    values[2] = recs_factor_price(&s->factors, i, j);
    values[3] = recs_spec_compare(&s->spec, i, j);
    values[4] = recs_similar_behaviour(s, t, i, j);

    if (values[3] < 0) {
        values[3] = recs_titles_compare(&s->titles, i, j);
    }

    memset(e, 0, sizeof(recs_format_similar_t));
    e->item = j;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        if (values[f] >= 0) {
            e->observed |= 1 << f;
            e->factors[f] = lrint(255 * recs_min(1.0, values[f]));
        }
    }
}


/*
 * What was never seen beside a seed that is seen enough counts as 0, not as
 * unknown: else all that nobody wants would come before what somebody does.
 */

static double
recs_similar_behaviour(const recs_similar_t *s,
    const recs_similar_thread_t *t, uint32_t i, uint32_t j)
{
    if (t->behaviour[j] > 0) {
        return t->behaviour[j];
    }

    return s->coview.rows[i] >= RECS_SIMILAR_ROWS ? 0 : RECS_UNOBSERVED;
}


static double
recs_similar_score(const recs_similar_t *s, const recs_format_similar_t *e)
{
    int     f;
    double  sum, weight;

    sum = 0;
    weight = 0;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        if (e->observed & (1 << f)) {
            sum += s->weights[f] * e->factors[f];
            weight += s->weights[f];
        }
    }

    return weight > 0 ? sum / (255 * weight) : 0;
}


/* The score breaks ties of a factor: it is less than one step of it. */

static void
recs_similar_choose(recs_similar_thread_t *t, uint32_t n)
{
    int                     f;
    uint32_t                k, m;
    recs_top_t             *tops[1 + RECS_FORMAT_FACTORS];
    recs_format_similar_t  *e;

    tops[0] = &t->best;
    t->best.n = 0;
    t->all.n = 0;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        tops[1 + f] = &t->factor[f];
        t->factor[f].n = 0;
    }

    for (k = 0; k < n; k++) {
        e = &t->entries[k];
        t->kept[k] = 0;

        if (t->scores[k] > 0) {
            recs_top_push(&t->best, t->scores[k], e->item, k);
        }

        for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
            if (e->factors[f]) {
                recs_top_push(&t->factor[f],
                              e->factors[f] + 0.5f * t->scores[k], e->item,
                              k);
            }
        }
    }

    for (f = 0; f <= RECS_FORMAT_FACTORS; f++) {
        for (m = 0; m < tops[f]->n; m++) {
            k = tops[f]->entries[m].data;

            if (!t->kept[k]) {
                t->kept[k] = 1;
                recs_top_push(&t->all, t->scores[k], t->entries[k].item, k);
            }
        }
    }

    recs_top_sort(&t->all);
}


static recs_similar_thread_t *
recs_similar_thread(const recs_dataset_t *d)
{
    int                     f;
    recs_similar_thread_t  *t;

    t = recs_calloc(1, sizeof(recs_similar_thread_t));
    t->behaviour = recs_calloc((size_t) d->items + 1, sizeof(float));

    recs_candidates_init(&t->candidates, d);
    recs_top_init(&t->best, RECS_SIMILAR_BEST);
    recs_top_init(&t->all, RECS_SIMILAR_MAX);

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        recs_top_init(&t->factor[f], RECS_SIMILAR_FACTOR);
    }

    return t;
}


static void
recs_similar_thread_free(recs_similar_thread_t *t)
{
    int  f;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        recs_top_free(&t->factor[f]);
    }

    recs_top_free(&t->best);
    recs_top_free(&t->all);
    recs_candidates_free(&t->candidates);
    free(t->behaviour);
    free(t);
}
