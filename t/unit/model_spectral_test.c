/*
 * Copyright (C) recs authors
 *
 * spectral.c against dense matrices and deflated power iteration in double.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/linear.h"


#define ITEMS  40
#define USERS  90
#define LATE   7                 /* not listed */
#define NONE   11                /* nobody has it */


static data_t         *shop;
static recs_config_t   config;
static double          x[USERS][ITEMS];
static double          row[USERS], column[ITEMS];
static double          p[ITEMS][ITEMS];          /* R'R */
static double          ideal[ITEMS][ITEMS];      /* V V' */


static void
setup(void)
{
    uint32_t  i, u, seed;

    recs_config_init(&config);
    config.related_max = ITEMS;
    shop = data_create(ITEMS, 0);
    shop->d.products[LATE].listed = 0;
    seed = 7;

    for (u = 0; u < USERS; u++) {
        for (i = 0; i < ITEMS; i++) {
            seed = seed * 1664525 + 1013904223;

            if (i != NONE && ((seed >> 24) < 20 + 90 * (u % 4 == i % 4)
                              || i == u % ITEMS))
            {
                x[u][i] = 1;
                row[u]++;
                column[i]++;
                data_line(shop, DATA_START + u, RECS_EVENT_PRODUCT_VIEW, i,
                          u, DATA_NONE);
            }
        }
    }

    data_finish(shop);
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
build(recs_model_list_t *list)
{
    recs_error_t         err;
    const recs_model_t  *model;

    model = recs_model_find(RECS_LIST_RELATED, "spectral");
    ok(model && model->build(&shop->d, &config, list, &err) == RECS_OK,
       "built by %ld threads", config.threads);
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

    build(&list);
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


static void
test_threads(void)
{
    recs_model_list_t  one, many;

    config.related_max = 8;
    config.threads = 1;
    build(&one);

    for (config.threads = 2; config.threads <= 3; config.threads++) {
        build(&many);

        ok(memcmp(one.offsets, many.offsets, (ITEMS + 1) * 8) == 0
           && memcmp(one.entries, many.entries, one.offsets[ITEMS]
                     * sizeof(recs_format_related_t)) == 0, "the same bytes");

        recs_model_free(&many);
    }

    recs_model_free(&one);
}


static void
test_nobody(void)
{
    data_t              *empty;
    recs_error_t         err;
    recs_model_list_t    list;
    const recs_model_t  *model;

    empty = data_create(3, 0);
    data_finish(empty);
    model = recs_model_find(RECS_LIST_RELATED, "spectral");

    ok(model->build(&empty->d, &config, &list, &err) == RECS_OK
       && list.rows == 3 && list.offsets[3] == 0, "no events, empty rows");

    recs_model_free(&list);
    data_destroy(empty);
}


int
main(void)
{
    setup();

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
    test_threads();
    test_nobody();

    data_destroy(shop);

    return done_testing();
}
