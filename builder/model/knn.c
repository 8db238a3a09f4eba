/*
 * Copyright (C) recs authors
 *
 * Item-item neighbours behind PERSONALIZED, from one pass over X'X
 * (algorithms.md 1.1.4, 1.1.7b): a weighting of the feedback, then
 *
 *   w_ij = (X'X)_ij / (left_i * right_j + shrink)
 *
 *   cosine  rows of length 1: who wants everything says little of any pair
 *           (the data-adaptive normalisation of Park et al. 2025, beta = 1);
 *           left and right the lengths of columns, shrink knn_shrink
 *   tfidf   sqrt(x) * (ln I - ln(1 + n_u)), n_u items of the user, I items
 *           in all; the cosine of that
 *   bm25    x (K + 1) / (K (1 - B + B c_i / avg c) + x) of item i, c_i its
 *           feedback, times the same rarity (Robertson & Zaragoza 2009, an
 *           item being a document of users)
 *   rp3     three steps of a random walk (Paudel et al. 2017): from i to
 *           users, to j, probabilities to the power of alpha, over
 *           c_j^beta; rows sum up to 1
 *
 * There is no decay: who wanted both long ago is as good a witness as who
 * did yesterday; the user's own history has it.
 *
 * Memory: that of the matrix and of the pairs, 12 bytes an item, and 8 for
 * each of at most related_max entries of an item.
 */

#include "linear.h"
#include "pairs_wide.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>


typedef struct {
    recs_linear_t         linear;
    const recs_config_t  *c;
    recs_matrix_t         x;
    float                *left;      /* of items */
    float                *right;     /* of items; infinite: not listed */
    float                 shrink;
    float               **weights;   /* of each thread */
    unsigned              wide;
} recs_knn_t;

typedef void (*recs_knn_weigh_pt)(recs_knn_t *k);


static int recs_knn_build(const recs_dataset_t *d, const recs_config_t *c,
    recs_knn_weigh_pt weigh, recs_model_list_t *list);
static void recs_knn_pass(recs_knn_t *k);
static void recs_knn_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum);
static void recs_knn_cosine(recs_knn_t *k);
static void recs_knn_tfidf(recs_knn_t *k);
static void recs_knn_bm25(recs_knn_t *k);
static void recs_knn_rp3(recs_knn_t *k);
static void recs_knn_norms(recs_knn_t *k);
static double *recs_knn_columns(const recs_knn_t *k);
static double recs_knn_rarity(const recs_knn_t *k, uint32_t row);
static void recs_knn_sum_to_one(recs_model_list_t *list);


int
recs_model_cosine(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    return recs_knn_build(d, c, recs_knn_cosine, list);
}


int
recs_model_tfidf(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    return recs_knn_build(d, c, recs_knn_tfidf, list);
}


int
recs_model_bm25(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    return recs_knn_build(d, c, recs_knn_bm25, list);
}


int
recs_model_rp3(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    (void) recs_knn_build(d, c, recs_knn_rp3, list);
    recs_knn_sum_to_one(list);

    return RECS_OK;
}


void
recs_knn_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, squares;

    recs_linear_size(d, &entries, &squares);

    cost->bytes = 24 * entries
                  + (double) d->items * (20 + 16 * RECS_MODEL_THREADS
                                         + 8 * c->related_max);
    cost->seconds = 2e-7 * entries + 6e-9 * squares;
}


static int
recs_knn_build(const recs_dataset_t *d, const recs_config_t *c,
    recs_knn_weigh_pt weigh, recs_model_list_t *list)
{
    uint32_t    i;
    recs_knn_t  k = { .c = c, .wide = recs_pairs_wide() };

    recs_linear_init(&k.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);
    recs_linear_input(d, c, &k.x);

    k.left = recs_alloc(((size_t) d->items + 1) * sizeof(float));
    k.right = recs_alloc(((size_t) d->items + 1) * sizeof(float));

    for (i = 0; i < d->items; i++) {
        k.left[i] = 1;
        k.right[i] = 1;
    }

    weigh(&k);

    for (i = 0; i < d->items; i++) {
        if (!d->products[i].listed) {
            k.right[i] = INFINITY;
        }
    }

    recs_knn_pass(&k);
    recs_linear_finish(&k.linear, list);

    free(k.left);
    free(k.right);
    recs_matrix_free(&k.x);

    return RECS_OK;
}


static void
recs_knn_pass(recs_knn_t *k)
{
    unsigned  t, threads;
    uint32_t  items;

    items = k->linear.d->items;
    threads = k->linear.threads;
    k->weights = recs_alloc(threads * sizeof(float *));

    for (t = 0; t < threads; t++) {
        k->weights[t] = recs_alloc(((size_t) items + 1) * sizeof(float));
    }

    recs_model_gram(&k->x, items, threads, recs_knn_item, k);

    for (t = 0; t < threads; t++) {
        free(k->weights[t]);
    }

    free(k->weights);
}


static void
recs_knn_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    float        left, shrink, *weights;
    uint32_t     e;
    recs_knn_t  *k;

    k = ctx;
    weights = k->weights[thread];
    left = k->left[i];
    shrink = k->shrink;

    if (k->wide) {
        recs_pairs_wide_ratio(sum, j, n, left, k->right, shrink, weights);

    } else {
        for (e = 0; e < n; e++) {
            weights[e] = sum[e] / (left * k->right[j[e]] + shrink);
        }
    }

    recs_linear_sparse(&k->linear, thread, i, n, j, weights);
}


static void
recs_knn_cosine(recs_knn_t *k)
{
    recs_matrix_normalise(&k->x);
    recs_knn_norms(k);

    k->shrink = (float) k->c->knn_shrink;
}


static void
recs_knn_tfidf(recs_knn_t *k)
{
    double    rarity;
    uint32_t  r;
    uint64_t  e;

    for (r = 0; r < k->x.rows.rows; r++) {
        rarity = recs_knn_rarity(k, r);

        for (e = k->x.rows.offsets[r]; e < k->x.rows.offsets[r + 1]; e++) {
            k->x.weights[e] = (float) (sqrt(k->x.weights[e]) * rarity);
        }
    }

    recs_knn_norms(k);
}


static void
recs_knn_bm25(recs_knn_t *k)
{
    double    b, k1, mean, rarity, x, *columns;
    uint32_t  i, items, r;
    uint64_t  e;

    items = k->linear.d->items;
    k1 = k->c->bm25_k1;
    b = k->c->bm25_b;
    columns = recs_knn_columns(k);
    mean = 0;

    for (i = 0; i < items; i++) {
        mean += columns[i] / items;
    }

    for (r = 0; r < k->x.rows.rows; r++) {
        rarity = recs_knn_rarity(k, r);

        for (e = k->x.rows.offsets[r]; e < k->x.rows.offsets[r + 1]; e++) {
            x = k->x.weights[e];
            x = x * (k1 + 1)
                / (k1 * (1 - b + b * columns[k->x.rows.entries[e]] / mean)
                   + x);
            k->x.weights[e] = (float) (x * rarity);
        }
    }

    free(columns);
}


/*
 * (x_ui / c_i)^alpha (x_uj / n_u)^alpha: the user's share goes into the
 * row, half of it each time the row is met.
 */

static void
recs_knn_rp3(recs_knn_t *k)
{
    double    sum, *columns;
    uint32_t  i, r;
    uint64_t  e, from, to;

    columns = recs_knn_columns(k);

    for (i = 0; i < k->linear.d->items; i++) {
        if (columns[i] > 0) {
            k->left[i] = (float) pow(columns[i], k->c->rp3_alpha);
            k->right[i] = (float) pow(columns[i], k->c->rp3_beta);
        }
    }

    free(columns);

    for (r = 0; r < k->x.rows.rows; r++) {
        from = k->x.rows.offsets[r];
        to = k->x.rows.offsets[r + 1];
        sum = 0;

        for (e = from; e < to; e++) {
            sum += k->x.weights[e];
        }

        sum = sqrt(sum);

        for (e = from; e < to; e++) {
            k->x.weights[e] = (float) pow(k->x.weights[e] / sum,
                                          k->c->rp3_alpha);
        }
    }
}


/* The lengths of columns, 1 where there is none to divide by. */

static void
recs_knn_norms(recs_knn_t *k)
{
    uint32_t  i, items;

    items = k->linear.d->items;

    free(k->left);
    k->left = recs_matrix_norms(&k->x, items);

    for (i = 0; i < items; i++) {
        k->left[i] = k->left[i] > 0 ? k->left[i] : 1;
        k->right[i] = k->left[i];
    }
}


static double *
recs_knn_columns(const recs_knn_t *k)
{
    double    *columns;
    uint64_t   e;

    columns = recs_calloc((size_t) k->linear.d->items + 1, sizeof(double));

    for (e = 0; e < k->x.rows.offsets[k->x.rows.rows]; e++) {
        columns[k->x.rows.entries[e]] += k->x.weights[e];
    }

    return columns;
}


static double
recs_knn_rarity(const recs_knn_t *k, uint32_t row)
{
    uint64_t  n;

    n = k->x.rows.offsets[row + 1] - k->x.rows.offsets[row];

    return recs_max(0.0, log((double) k->linear.d->items)
                         - log1p((double) n));
}


static void
recs_knn_sum_to_one(recs_model_list_t *list)
{
    double                  sum;
    uint32_t                r;
    uint64_t                e;
    recs_format_related_t  *entry;

    entry = list->entries;

    for (r = 0; r < list->rows; r++) {
        sum = 0;

        for (e = list->offsets[r]; e < list->offsets[r + 1]; e++) {
            sum += entry[e].weight;
        }

        for (e = list->offsets[r]; e < list->offsets[r + 1]; e++) {
            entry[e].weight = (float) (entry[e].weight / sum);
        }
    }
}
