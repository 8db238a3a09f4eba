/*
 * Copyright (C) recs authors
 *
 * Sparse factors and inverses against dense ones, and "sansa" against "ease".
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/sparse.h"


#define SIZE   50
#define ITEMS  60
#define USERS  200


static uint32_t  seed = 5;


static double
noise(void)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) / 16777216.0 - 0.5;
}


/* Ones on the diagonal, every other entry there with a chance. */

static recs_sparse_t
matrix(double chance, double size, double dense[SIZE][SIZE])
{
    uint32_t       i, j;
    uint64_t       n;
    recs_sparse_t  a;

    a.n = SIZE;
    a.starts = calloc(SIZE + 1, sizeof(uint64_t));
    a.rows = calloc(SIZE * SIZE, sizeof(uint32_t));
    a.values = calloc(SIZE * SIZE, sizeof(float));
    memset(dense, 0, SIZE * SIZE * sizeof(double));

    for (j = 0, n = 0; j < SIZE; j++) {
        dense[j][j] = 1;

        for (i = j + 1; i < SIZE; i++) {
            if (noise() + 0.5 < chance) {
                a.rows[n] = i;
                a.values[n] = (float) (noise() * size);
                dense[i][j] = a.values[n];
                dense[j][i] = a.values[n++];
            }
        }

        a.starts[j + 1] = n;
    }

    return a;
}


/* Element (i, j) of a lower factor with ones on its diagonal. */

static double
element(const recs_sparse_t *l, uint32_t i, uint32_t j)
{
    uint64_t  e;

    for (e = l->starts[j]; e < l->starts[j + 1]; e++) {
        if (l->rows[e] == i) {
            return l->values[e];
        }
    }

    return i == j;
}


static double
product(const recs_sparse_t *a, const recs_sparse_t *b, uint32_t i,
    uint32_t j)
{
    double    sum;
    uint32_t  k;

    for (k = 0, sum = 0; k < SIZE; k++) {
        sum += element(a, i, k) * element(b, k, j);
    }

    return sum;
}


static void
test_factor(void)
{
    float          d[SIZE], shift;
    double         dense[SIZE][SIZE], diff, sum;
    uint32_t       i, j, k;
    recs_sparse_t  a, l;

    a = matrix(.3, .2, dense);
    shift = recs_sparse_factor(&a, SIZE, &l, d);
    ok(shift == 0, "a positive matrix needs no shift");

    for (i = 0, diff = 0; i < SIZE; i++) {
        for (j = 0; j < SIZE; j++) {
            for (k = 0, sum = 0; k < SIZE; k++) {
                sum += element(&l, i, k) * d[k] * element(&l, j, k);
            }

            diff = fmax(diff, fabs(sum - dense[i][j]));
        }
    }

    ok(diff < 1e-5, "with room for all, L D L' is the matrix: %g", diff);
    recs_sparse_free(&l);

    shift = recs_sparse_factor(&a, 3, &l, d);
    ok(l.starts[SIZE] <= 3 * SIZE, "as many entries as are allowed, %u",
       (unsigned) l.starts[SIZE]);

    for (j = 0, k = 0; j < SIZE; j++) {
        for (i = 0; i + 1 < l.starts[j + 1] - l.starts[j]; i++) {
            k += l.rows[l.starts[j] + i] >= l.rows[l.starts[j] + i + 1];
        }
    }

    is_int(k, 0, "rows ascend");
    recs_sparse_free(&l);
    recs_sparse_free(&a);

    a = matrix(.5, 1.5, dense);
    shift = recs_sparse_factor(&a, SIZE, &l, d);
    ok(shift > 0 && d[SIZE - 1] > 0, "one that is not positive: %g", shift);
    recs_sparse_free(&l);
    recs_sparse_free(&a);
}


static void
test_inverse(void)
{
    double         before, dense[SIZE][SIZE], diff, sum;
    uint32_t       i, j, steps;
    recs_sparse_t  k, l;

    l = matrix(.3, .3, dense);
    recs_sparse_inverse(&l, SIZE, 60, 2, &k);

    for (i = 0, diff = 0; i < SIZE; i++) {
        for (j = 0; j < SIZE; j++) {
            diff = fmax(diff, fabs(product(&l, &k, i, j) - (i == j)));
        }
    }

    ok(diff < 1e-4, "with room for all, L K is one: %g", diff);
    recs_sparse_free(&k);

    for (steps = 0, before = INFINITY; steps < 4; steps++, before = sum) {
        recs_sparse_inverse(&l, 12, steps, 1, &k);

        for (i = 0, sum = 0; i < SIZE; i++) {
            for (j = 0; j < SIZE; j++) {
                sum += pow(product(&l, &k, i, j) - (i == j), 2);
            }
        }

        ok(sum < before && k.starts[SIZE] <= 12 * SIZE,
           "%u steps with 12 entries: %g is left", steps, sum);
        recs_sparse_free(&k);
    }

    recs_sparse_free(&l);
}


static void
test_model(void)
{
    double                        diff;
    data_t                       *t;
    uint32_t                      i, j, u;
    uint64_t                      e;
    recs_config_t                 c;
    recs_model_list_t             ease, sansa, again;
    const recs_format_related_t  *entry;
    static float                  dense[ITEMS][ITEMS];

    recs_config_init(&c);
    c.related_max = ITEMS;
    c.ridge = 10;
    c.dropout = .2;
    c.relax = .1;
    c.item_power = .1;
    c.sansa_entries = ITEMS;
    c.sansa_steps = 60;
    t = data_create(ITEMS, 0);

    for (u = 0; u < USERS; u++) {
        for (i = 0; i < ITEMS; i++) {
            if (noise() < -0.4 + 0.3 * (i % 5 == u % 5)) {
                data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, i, u,
                          DATA_NONE);
            }
        }
    }

    data_finish(t);
    ease = data_model(t, &c, "ease");
    sansa = data_model(t, &c, "sansa");
    entry = ease.entries;
    diff = 0;

    for (i = 0; i < ITEMS; i++) {
        for (e = ease.offsets[i]; e < ease.offsets[i + 1]; e++) {
            dense[i][entry[e].item] = entry[e].weight;
        }
    }

    entry = sansa.entries;

    for (i = 0; i < ITEMS; i++) {
        for (e = sansa.offsets[i]; e < sansa.offsets[i + 1]; e++) {
            j = entry[e].item;
            diff = fmax(diff, fabs(entry[e].weight - dense[i][j]));
        }
    }

    is_int(sansa.offsets[ITEMS], ease.offsets[ITEMS], "as many as ease");
    ok(diff < 1e-4, "with room for all it is ease: %g off", diff);
    recs_model_free(&sansa);

    c.sansa_entries = 10;
    c.sansa_steps = 3;
    c.threads = 1;
    sansa = data_model(t, &c, "sansa");
    c.threads = 3;
    again = data_model(t, &c, "sansa");
    ok(!memcmp(sansa.offsets, again.offsets, (ITEMS + 1) * sizeof(uint64_t))
       && !memcmp(sansa.entries, again.entries, sansa.offsets[ITEMS]
                  * sizeof(recs_format_related_t)),
       "the same by three threads");

    recs_model_free(&ease);
    recs_model_free(&sansa);
    recs_model_free(&again);
    data_destroy(t);
}


int
main(void)
{
    test_factor();
    test_inverse();
    test_model();

    return done_testing();
}
