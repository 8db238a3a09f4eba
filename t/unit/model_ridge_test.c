/*
 * Copyright (C) recs authors
 *
 * ridge.c against elimination in double.
 */

#define ITEMS  30
#define USERS  90
#define LATE   7                 /* not listed */

#include "plain.h"

#include "builder/model/linear.h"


static int
seen(uint32_t u, uint32_t i, uint32_t draw)
{
    return draw < 20 + 4 * i || i == u % ITEMS;
}


static double
gram(uint32_t i, uint32_t j)
{
    double    sum;
    uint32_t  u;

    for (u = 0, sum = 0; u < USERS; u++) {
        sum += x[u][i] * x[u][j] * pow(row[u], -config.user_power);
    }

    return sum;
}


/* a w = b, by elimination; a is positive definite. */

static void
solve(uint32_t n, double a[ITEMS][ITEMS], double *b)
{
    double    f;
    uint32_t  i, j, k;

    for (k = 0; k < n; k++) {
        for (i = 0; i < n; i++) {
            if (i == k) {
                continue;
            }

            f = a[i][k] / a[k][k];
            b[i] -= f * b[k];

            for (j = k; j < n; j++) {
                a[i][j] -= f * a[k][j];
            }
        }
    }

    for (k = 0; k < n; k++) {
        b[k] /= a[k][k];
    }
}


/* Column j of the operator, of the "m" items of largest cosine. */

static void
expect(uint32_t j, uint32_t m, double *w)
{
    double    a[ITEMS][ITEMS], b[ITEMS], best, key[ITEMS];
    uint32_t  at[ITEMS], i, k, l;

    for (i = 0; i < ITEMS; i++) {
        key[i] = (i == j) ? -1 : gram(i, j) / sqrt(gram(i, i));
        w[i] = 0;
    }

    for (k = 0; k < m; k++) {
        best = 0;

        for (i = 0; i < ITEMS; i++) {
            if (key[i] > best) {
                best = key[i];
                at[k] = i;
            }
        }

        if (best == 0) {
            break;
        }

        key[at[k]] = -1;
    }

    m = k;

    for (k = 0; k < m; k++) {
        for (l = 0; l < m; l++) {
            a[k][l] = gram(at[k], at[l]);
        }

        a[k][k] = a[k][k] / (1 - config.dropout) + config.ridge;
        b[k] = gram(at[k], j);
    }

    solve(m, a, b);

    for (k = 0; k < m; k++) {
        w[at[k]] = b[k] * pow(column[at[k]] / column[j], config.item_power);
    }
}


static void
test_values(const char *what, long support, double ridge, double dropout,
    double item_power, double user_power)
{
    int                           bad;
    double                        w[ITEMS][ITEMS];
    uint32_t                      i, j, n;
    uint64_t                      e;
    recs_model_list_t             list;
    const recs_format_related_t  *entry;

    config.related_max = ITEMS;
    config.ridge_support = support;
    config.ridge = ridge;
    config.dropout = dropout;
    config.item_power = item_power;
    config.user_power = user_power;

    plain_build("ridge", &list);
    entry = list.entries;

    for (j = 0; j < ITEMS; j++) {
        expect(j, recs_min((uint32_t) support, ITEMS - 1), w[j]);
    }

    for (i = 0, bad = 0; i < ITEMS; i++) {
        for (j = 0, n = 0; j < ITEMS; j++) {
            n += w[j][i] != 0 && j != LATE;
        }

        bad += list.offsets[i + 1] - list.offsets[i] != n;

        for (e = list.offsets[i]; e < list.offsets[i + 1]; e++) {
            bad += fabs(entry[e].weight - w[entry[e].item][i]) > 1e-4;
        }
    }

    is_int(bad, 0, "%s", what);
    recs_model_free(&list);
}


int
main(void)
{
    plain_setup(seen);

    test_values("all items: EASE", 100, 5, 0, 0, 0);
    test_values("a support of 6", 6, 5, 0, 0, 0);
    test_values("dropout and normalisation", 12, 2, .4, .3, .5);
    plain_threads("ridge");
    plain_nobody("ridge");

    data_destroy(shop);

    return done_testing();
}
