/*
 * Copyright (C) recs authors
 *
 * ease.c and tiles.c against elimination in double.
 */

#define ITEMS  150               /* three tiles, the last one not full */
#define USERS  400
#define LATE   7                 /* not listed */

#include "plain.h"

#include "builder/model/linear.h"
#include "builder/model/tiles.h"


static double          p[ITEMS][ITEMS], ridge[ITEMS];


static int
seen(uint32_t u, uint32_t i, uint32_t draw)
{
    return draw < 10 + i / 8 || i == u % ITEMS;
}


/* The first n rows of p are inverted, in place (Gauss and Jordan). */

static void
invert(uint32_t n)
{
    double    f;
    uint32_t  i, j, k;

    for (k = 0; k < n; k++) {
        f = 1 / p[k][k];
        p[k][k] = 1;

        for (j = 0; j < n; j++) {
            p[k][j] *= f;
        }

        for (i = 0; i < n; i++) {
            if (i != k) {
                f = p[i][k];
                p[i][k] = 0;

                for (j = 0; j < n; j++) {
                    p[i][j] -= f * p[k][j];
                }
            }
        }
    }
}


static void
expected(uint32_t n)
{
    double    w;
    uint32_t  i, j, u;

    memset(p, 0, sizeof(p));

    for (u = 0; u < USERS; u++) {
        w = pow(row[u], -config.user_power);

        for (i = 0; i < n; i++) {
            for (j = 0; j < n; j++) {
                p[i][j] += w * x[u][i] * x[u][j];
            }
        }
    }

    for (i = 0; i < n; i++) {
        ridge[i] = config.ridge
                   + config.dropout / (1 - config.dropout) * p[i][i];
        p[i][i] += ridge[i];
    }

    invert(n);
}


static double
weight(uint32_t i, uint32_t j)
{
    double  f;

    f = 1 / p[j][j];

    if (config.relax > 0) {
        f = ridge[j];

        if (1 - ridge[j] * p[j][j] > config.relax) {
            f += (1 - config.relax) / p[j][j] - ridge[j];
        }
    }

    return -p[i][j] * f * pow(column[i] / column[j], config.item_power);
}


static double
worst(const recs_model_list_t *list, uint32_t n)
{
    double                        far, most;
    uint32_t                      i;
    uint64_t                      k;
    const recs_format_related_t  *e;

    e = list->entries;
    most = 0;

    for (i = 0; i < ITEMS; i++) {
        for (k = list->offsets[i]; k < list->offsets[i + 1]; k++) {
            far = (e[k].item == i || e[k].item == LATE || i >= n)
                  ? 1 : fabs(e[k].weight - weight(i, e[k].item));
            most = recs_max(most, far);
        }
    }

    return most;
}


static void
test_weights(const char *name)
{
    uint32_t           threads;
    recs_model_list_t  list, again;

    expected(ITEMS);
    config.threads = 1;
    list = data_model(shop, &config, "ease");

    ok(worst(&list, ITEMS) < 2e-5, "%s: %g from elimination", name,
       worst(&list, ITEMS));
    is_int(list.offsets[1], ITEMS - 2, "%s: all but itself and the unlisted",
           name);

    for (threads = 2; threads <= 3; threads++) {
        config.threads = threads;
        again = data_model(shop, &config, "ease");

        ok(again.offsets[ITEMS] == list.offsets[ITEMS]
           && memcmp(again.entries, list.entries, list.offsets[ITEMS]
                     * sizeof(recs_format_related_t)) == 0,
           "%s: the same bytes for %u threads", name, threads);

        recs_model_free(&again);
    }

    recs_model_free(&list);
}


/* Less memory than all items take: the popular ones have rows. */

static void
test_budget(void)
{
    uint32_t           i, n;
    recs_model_list_t  list;

    config.memory_budget = recs_tiles_bytes(100) / 1e9;
    list = data_model(shop, &config, "ease");

    for (n = 0; n < ITEMS && list.offsets[n] != list.offsets[n + 1]; n++) {
        /* void */
    }

    ok(n > 80 && n <= 100, "%u of %d items within the budget", n, ITEMS);

    for (i = n; i < ITEMS && list.offsets[i] == list.offsets[i + 1]; i++) {
        /* void */
    }

    is_int(i, ITEMS, "the others have none");

    expected(n);
    ok(worst(&list, n) < 2e-5, "%g from elimination", worst(&list, n));

    recs_model_free(&list);
    config.memory_budget = 8;
}


static void
test_tiles(void)
{
    recs_tiles_t  t;

    recs_tiles_init(&t, 2);
    recs_tiles_at(&t, 0, 0) = 1;
    recs_tiles_at(&t, 1, 0) = recs_tiles_at(&t, 0, 1) = 2;
    recs_tiles_at(&t, 1, 1) = 1;

    is_int(recs_tiles_sweep(&t, 2), RECS_DECLINED,
           "what is not positive definite is told");
    recs_tiles_free(&t);
}


int
main(void)
{
    plain_setup(seen);

    config.ridge = 5;
    test_weights("EASE");

    config.dropout = .4;
    config.user_power = .5;
    config.item_power = .3;
    test_weights("EDLAE, normalised");

    config.relax = .6;
    test_weights("RDLAE");

    test_budget();
    test_tiles();

    data_destroy(shop);

    return done_testing();
}
