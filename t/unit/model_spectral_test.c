/*
 * Copyright (C) recs authors
 *
 * spectral.c against dense matrices and deflated power iteration in double.
 */

#define ITEMS  40
#define USERS  90
#define LATE   7                 /* not listed */
#define NONE   11                /* nobody has it */

#include "plain.h"

#include "builder/model/linear.h"


static double          p[ITEMS][ITEMS];          /* R'R */
static double          ideal[ITEMS][ITEMS];      /* V V' */


static int
seen(uint32_t u, uint32_t i, uint32_t draw)
{
    return i != NONE
           && (draw < 20u + 90 * (u % 4 == i % 4) || i == u % ITEMS);
}


static void
pairs(void)
{
    uint32_t  i, j, u;

    for (i = 0; i < ITEMS; i++) {
        for (j = 0; j < ITEMS; j++) {
            p[i][j] = 0;

            for (u = 0; u < USERS; u++) {
                if (x[u][i] && x[u][j]) {
                    p[i][j] += pow(row[u], -config.spectral_user_power)
                               / sqrt(column[i] * column[j]);
                }
            }
        }
    }
}


static void
directions(uint32_t rank)
{
    double    a[ITEMS][ITEMS], next[ITEMS], norm, v[ITEMS];
    uint32_t  i, j, k, n;

    memcpy(a, p, sizeof(a));
    memset(ideal, 0, sizeof(ideal));

    for (k = 0; k < rank; k++) {
        for (i = 0; i < ITEMS; i++) {
            v[i] = 1 + i % 3 + 1.0 / (i + k + 1);
        }

        for (n = 0; n < 20000; n++) {
            for (i = 0, norm = 0; i < ITEMS; i++) {
                for (j = 0, next[i] = 0; j < ITEMS; j++) {
                    next[i] += a[i][j] * v[j];
                }

                norm += next[i] * next[i];
            }

            for (i = 0; i < ITEMS; i++) {
                v[i] = next[i] / sqrt(norm);
            }
        }

        for (i = 0; i < ITEMS; i++) {
            for (j = 0; j < ITEMS; j++) {
                ideal[i][j] += v[i] * v[j];
                a[i][j] -= sqrt(norm) * v[i] * v[j];
            }
        }
    }
}


/* Row i of the operator. */

static void
expect(uint32_t i, double *w)
{
    double    next[ITEMS], term[ITEMS];
    uint32_t  j, k, n;

    for (j = 0; j < ITEMS; j++) {
        w[j] = config.spectral_pairs * p[i][j];

        if (column[i] > 0) {
            w[j] += config.spectral_weight * ideal[i][j]
                    * sqrt(column[j] / column[i]);
        }

        term[j] = w[j];
    }

    for (n = 1; n <= 4 && config.spectral_sharpen > 0; n++) {
        for (j = 0; j < ITEMS; j++) {
            for (k = 0, next[j] = 0; k < ITEMS; k++) {
                next[j] -= term[k] * p[k][j] * config.spectral_sharpen / n;
            }
        }

        for (j = 0; j < ITEMS; j++) {
            term[j] = next[j];
            w[j] += next[j];
        }
    }
}


static void
test_values(const char *what, double weight, double linear, double sharpen)
{
    int                           bad;
    double                        w[ITEMS];
    uint32_t                      i, j, n;
    uint64_t                      e;
    recs_model_list_t             list;
    const recs_format_related_t  *entry;

    config.spectral_weight = weight;
    config.spectral_pairs = linear;
    config.spectral_sharpen = sharpen;

    plain_build("spectral", &list);
    entry = list.entries;

    for (i = 0, bad = 0; i < ITEMS; i++) {
        expect(i, w);

        for (e = list.offsets[i]; e < list.offsets[i + 1]; e++) {
            bad += fabs(entry[e].weight - w[entry[e].item]) > 2e-4;
            w[entry[e].item] = 0;
        }

        for (j = 0, n = 0; j < ITEMS; j++) {
            n += j != i && j != LATE && fabs(w[j]) > 2e-4;
        }

        bad += n;
    }

    is_int(bad, 0, "%s", what);
    recs_model_free(&list);
}


int
main(void)
{
    plain_setup(seen);

    config.spectral_rank = 4;
    config.spectral_user_power = .5;
    pairs();
    directions(4);

    test_values("the ideal filter", 1, 0, 0);
    test_values("the linear filter", 0, 1, 0);
    test_values("both, sharpened", .3, 1, 1.5);

    config.spectral_rank = 1000;
    config.spectral_weight = 1;
    config.spectral_pairs = 0;
    config.spectral_sharpen = 0;
    plain_threads("spectral");
    plain_nobody("spectral");

    data_destroy(shop);

    return done_testing();
}
