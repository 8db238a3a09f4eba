/*
 * Copyright (C) recs authors
 *
 * The neighbours of knn.c against dense matrices and the formulas.
 */

#define ITEMS  30
#define USERS  80
#define LATE   7                 /* not listed */

#include "plain.h"

#include "builder/model/linear.h"


static int
seen(uint32_t u, uint32_t i, uint32_t draw)
{
    return draw < 20 + 4 * i || i == u % ITEMS;
}


static double
rarity(uint32_t u)
{
    return log(ITEMS) - log(1 + row[u]);
}


/* (X'X)_ij of rows of a given weight. */

static double
gram(uint32_t i, uint32_t j, double (*weight)(uint32_t u, uint32_t i))
{
    double    sum;
    uint32_t  u;

    for (u = 0, sum = 0; u < USERS; u++) {
        if (x[u][i] && x[u][j]) {
            sum += weight(u, i) * weight(u, j);
        }
    }

    return sum;
}


static double
weight_cosine(uint32_t u, uint32_t i)
{
    return 1 / sqrt(row[u]);
}


static double
weight_tfidf(uint32_t u, uint32_t i)
{
    return rarity(u);
}


static double
weight_bm25(uint32_t u, uint32_t i)
{
    double    mean;
    uint32_t  j;

    for (j = 0, mean = 0; j < ITEMS; j++) {
        mean += column[j] / ITEMS;
    }

    return rarity(u) * (config.bm25_k1 + 1)
           / (config.bm25_k1 * (1 - config.bm25_b
                                + config.bm25_b * column[i] / mean) + 1);
}


static double
weight_rp3(uint32_t u, uint32_t i)
{
    return pow(1 / row[u], config.rp3_alpha / 2);
}


static double
cosine(uint32_t i, uint32_t j)
{
    return gram(i, j, weight_cosine)
           / (sqrt(gram(i, i, weight_cosine) * gram(j, j, weight_cosine))
              + config.knn_shrink);
}


static double
tfidf(uint32_t i, uint32_t j)
{
    return gram(i, j, weight_tfidf)
           / sqrt(gram(i, i, weight_tfidf) * gram(j, j, weight_tfidf));
}


static double
bm25(uint32_t i, uint32_t j)
{
    return gram(i, j, weight_bm25);
}


static double
rp3(uint32_t i, uint32_t j)
{
    return gram(i, j, weight_rp3) / pow(column[i], config.rp3_alpha)
           / pow(column[j], config.rp3_beta);
}


/* A row: the best eight by the formula, and what they are divided by. */

static int
right(const recs_model_list_t *list, uint32_t i,
    double (*formula)(uint32_t i, uint32_t j), int share)
{
    double                        best, all[ITEMS], sum, wanted[8];
    uint32_t                      items[8], j, k, n;
    const recs_format_related_t  *e;

    for (j = 0; j < ITEMS; j++) {
        all[j] = (j == i || j == LATE) ? 0 : formula(i, j);
    }

    for (n = 0, sum = 0; n < 8; n++, sum += best) {
        for (j = 0, k = 0; j < ITEMS; j++) {
            k = all[j] > all[k] ? j : k;
        }

        best = all[k];
        items[n] = k;
        wanted[n] = best;
        all[k] = 0;

        if (best == 0) {
            break;
        }
    }

    e = (const recs_format_related_t *) list->entries + list->offsets[i];

    if (data_count(list, i) != n) {
        return 0;
    }

    for (k = 0; k < n; k++) {
        wanted[k] /= share ? sum : 1;

        /* items whose weights are the same but for rounding may swap */

        if (fabs(e[k].weight - wanted[k]) > 1e-5 * wanted[k]
            || (e[k].item != items[k]
                && fabs(formula(i, e[k].item) - formula(i, items[k]))
                   > 1e-5 * formula(i, items[k])))
        {
            return 0;
        }
    }

    return 1;
}


static void
test_model(const char *name, double (*formula)(uint32_t i, uint32_t j),
    int share)
{
    int                bad;
    uint32_t           i;
    recs_model_list_t  list, again;

    config.threads = 1;
    list = data_model(shop, &config, name);

    for (i = 0, bad = 0; i < ITEMS; i++) {
        bad += !right(&list, i, formula, share);
    }

    is_int(bad, 0, "%s: rows as the formula says", name);

    config.threads = 3;
    again = data_model(shop, &config, name);
    ok(!memcmp(list.offsets, again.offsets, (ITEMS + 1) * sizeof(uint64_t))
       && !memcmp(list.entries, again.entries, list.offsets[ITEMS]
                  * sizeof(recs_format_related_t)),
       "%s: the same by three threads", name);

    recs_model_free(&list);
    recs_model_free(&again);
}


/* The keeper of rows: by size, ordered by weight, the smaller item first. */

static void
test_linear(void)
{
    float                         weights[ITEMS];
    uint32_t                      i;
    recs_linear_t                 l;
    recs_model_list_t             list;
    const recs_format_related_t  *e;

    for (i = 0; i < ITEMS; i++) {
        weights[i] = 0.001f * (i + 1);
    }

    weights[0] = 0;
    weights[3] = 5;
    weights[4] = -7;
    weights[5] = -7;
    weights[6] = 5;
    weights[LATE] = 100;
    weights[8] = NAN;
    weights[9] = INFINITY;
    weights[10] = -6;
    weights[11] = 100;

    recs_linear_init(&l, &shop->d, 6, 1);
    recs_linear_dense(&l, 0, 11, weights);
    recs_linear_finish(&l, &list);
    e = list.entries;

    is_int(list.offsets[12] - list.offsets[11], 6, "six are kept");
    ok(e[0].item == 3 && e[1].item == 6 && e[0].weight == 5, "the largest");
    ok(e[2].item == 29 && e[2].weight == weights[29], "then small ones");
    ok(e[3].item == 10 && e[4].item == 4 && e[5].item == 5
       && e[5].weight == -7, "then those below zero");

    recs_model_free(&list);
}


int
main(void)
{
    plain_setup(seen);
    config.related_max = 8;

    test_model("cosine", cosine, 0);
    test_model("tfidf", tfidf, 0);
    test_model("bm25", bm25, 0);
    test_model("rp3", rp3, 1);
    test_linear();

    data_destroy(shop);

    return done_testing();
}
