/*
 * Copyright (C) recs authors
 *
 * Factors against equations solved in double precision.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/als.h"


#define ITEMS    40
#define USERS    120
#define FACTORS  48


static uint32_t  seed = 1;
static double    line[FACTORS][FACTORS + 1];


static double
noise(void)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) / 16777216.0 - 0.5;
}


/* Gauss elimination of line[][], with pivots on the diagonal. */

static void
solve(double *x, uint32_t n)
{
    double    factor;
    uint32_t  i, j, k;

    for (k = 0; k < n; k++) {
        for (i = 0; i < n; i++) {
            if (i == k) {
                continue;
            }

            factor = line[i][k] / line[k][k];

            for (j = k; j <= n; j++) {
                line[i][j] -= factor * line[k][j];
            }
        }
    }

    for (k = 0; k < n; k++) {
        x[k] = line[k][n] / line[k][k];
    }
}


/* One row: its blocks in turn come to what the whole system says. */

static void
test_row(uint32_t factors, uint32_t n, unsigned times)
{
    float            other[ITEMS * FACTORS], own[FACTORS], unseen[FACTORS],
                     weights[ITEMS], errors[ITEMS];
    double           diff, x[FACTORS];
    uint32_t         entries[ITEMS], i, j, k;
    uint64_t         offsets[2] = { 0, n };
    recs_rows_t      rows = { 1, offsets, entries };
    recs_als_side_t  side = { &rows, weights, other, own, factors, unseen,
                              .02, 5 };

    for (k = 0; k < ITEMS * factors; k++) {
        other[k] = noise();
    }

    memset(line, 0, sizeof(line));

    for (k = 0; k < factors; k++) {
        own[k] = noise();
        unseen[k] = 0.1f * (k + 1);
        line[k][k] = unseen[k] + .02 * (n + 5.0);
    }

    for (i = 0; i < n; i++) {
        entries[i] = (i * 7) % ITEMS;
        weights[i] = 1 + (i % 3);

        for (j = 0; j < factors; j++) {
            for (k = 0; k < factors; k++) {
                line[j][k] += weights[i]
                              * (double) other[entries[i] * factors + j]
                              * other[entries[i] * factors + k];
            }

            line[j][factors] += weights[i] * other[entries[i] * factors + j];
        }
    }

    solve(x, factors);

    while (times--) {
        recs_als_row(&side, 0, errors);
    }

    for (k = 0, diff = 0; k < factors; k++) {
        diff = fmax(diff, fabs(own[k] - x[k]));
    }

    ok(diff < 1e-5, "%u factors of %u entries: %g", factors, n, diff);
}


/* Two tastes, and somebody with both. */

static recs_matrix_t
tastes(void)
{
    uint32_t       i, u;
    uint64_t       n;
    recs_matrix_t  x;

    x.rows.rows = USERS;
    x.rows.offsets = calloc(USERS + 1, sizeof(uint64_t));
    x.rows.entries = calloc(USERS * ITEMS, sizeof(uint32_t));
    x.weights = calloc(USERS * ITEMS, sizeof(float));

    for (u = 0, n = 0; u < USERS; u++) {
        for (i = 0; i < ITEMS; i++) {
            if (noise() < 0.1 && (u == 0 || i % 2 == u % 2)) {
                x.rows.entries[n] = i;
                x.weights[n++] = 1;
            }
        }

        x.rows.offsets[u + 1] = n;
    }

    return x;
}


static double
product(const recs_als_t *a, uint32_t u, uint32_t i)
{
    double    sum;
    uint32_t  f;

    for (f = 0, sum = 0; f < a->factors; f++) {
        sum += (double) a->w[u * a->factors + f] * a->h[i * a->factors + f];
    }

    return sum;
}


/* What als.h says is minimised. */

static double
loss(const recs_als_t *a, const recs_matrix_t *x, const recs_config_t *c)
{
    double    sum, *columns;
    uint32_t  f, i, u;
    uint64_t  e;

    sum = 0;
    columns = calloc(ITEMS, sizeof(double));

    for (u = 0; u < USERS; u++) {
        for (i = 0; i < ITEMS; i++) {
            sum += c->als_unseen * pow(product(a, u, i), 2);
        }

        for (e = x->rows.offsets[u]; e < x->rows.offsets[u + 1]; e++) {
            sum += pow(product(a, u, x->rows.entries[e]) - 1, 2);
            columns[x->rows.entries[e]]++;
        }

        for (f = 0; f < a->factors; f++) {
            sum += c->als_ridge * (x->rows.offsets[u + 1]
                                   - x->rows.offsets[u]
                                   + c->als_unseen * ITEMS)
                   * pow(a->w[u * a->factors + f], 2);
        }
    }

    for (i = 0; i < ITEMS; i++) {
        for (f = 0; f < a->factors; f++) {
            sum += c->als_ridge * (columns[i] + c->als_unseen * USERS)
                   * pow(a->h[i * a->factors + f], 2);
        }
    }

    free(columns);

    return sum;
}


static void
test_fit(void)
{
    double         before, now, same, other;
    uint32_t       i, rises;
    recs_als_t     a, b;
    recs_config_t  c;
    recs_matrix_t  x;

    recs_config_init(&c);
    c.als_factors = 20;
    x = tastes();
    before = INFINITY;
    rises = 0;

    for (i = 1; i < 8; i++) {
        c.als_iterations = i;
        recs_als_fit(&x, ITEMS, &c, &a);
        now = loss(&a, &x, &c);
        rises += now > before * (1 + 1e-5);
        before = now;
        recs_als_free(&a);
    }

    is_int(rises, 0, "every iteration lowers the loss, to %g", before);

    c.threads = 1;
    recs_als_fit(&x, ITEMS, &c, &a);
    c.threads = 3;
    recs_als_fit(&x, ITEMS, &c, &b);

    is_int(a.factors, 32, "a multiple of 16");
    ok(!memcmp(a.w, b.w, USERS * 32 * sizeof(float))
       && !memcmp(a.h, b.h, ITEMS * 32 * sizeof(float)),
       "the same by three threads");

    for (i = 0, same = 0, other = 0; i < ITEMS; i++) {
        same += (i % 2 == 1) ? product(&a, 1, i) : 0;
        other += (i % 2 == 0) ? product(&a, 1, i) : 0;
    }

    ok(same > 5 * fabs(other), "users want what is like what they have");

    recs_als_free(&a);
    recs_als_free(&b);
    recs_matrix_free(&x);
}


/* Rows of the model: h_i A^-1 H', A as als_model.c says. */

static void
test_model(void)
{
    double                        diff, n, x[FACTORS], wanted;
    data_t                       *t;
    uint32_t                      d, f, g, i, j, k, u;
    uint64_t                      e;
    recs_als_t                    a;
    recs_config_t                 c;
    recs_matrix_t                 m;
    recs_model_list_t             list;
    const recs_format_related_t  *entry;

    recs_config_init(&c);
    c.als_factors = 16;
    c.related_max = ITEMS;
    t = data_create(ITEMS, 0);
    m = tastes();

    for (u = 0; u < USERS; u++) {
        for (e = m.rows.offsets[u + 1]; e-- > m.rows.offsets[u]; ) {
            data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW,
                      m.rows.entries[e], u, DATA_NONE);
        }
    }

    data_finish(t);
    list = data_model(t, &c, "als");
    recs_matrix_free(&m);
    recs_als_input(&t->d, &c, &m);
    recs_als_fit(&m, ITEMS, &c, &a);
    n = (double) m.rows.offsets[USERS] / USERS;
    d = a.factors;
    diff = 0;

    for (i = 0; i < ITEMS; i++) {
        memset(line, 0, sizeof(line));

        for (f = 0; f < d; f++) {
            line[f][f] = c.als_ridge * (n + c.als_unseen * ITEMS);
            line[f][d] = a.h[i * d + f];

            for (g = 0; g < d; g++) {
                for (j = 0; j < ITEMS; j++) {
                    line[f][g] += c.als_unseen * (double) a.h[j * d + f]
                                  * a.h[j * d + g];
                }

                for (e = 0; e < m.rows.offsets[USERS]; e++) {
                    j = m.rows.entries[e];
                    line[f][g] += (double) a.h[j * d + f] * a.h[j * d + g]
                                  / USERS;
                }
            }
        }

        solve(x, d);
        entry = list.entries;

        for (e = list.offsets[i]; e < list.offsets[i + 1]; e++) {
            for (k = 0, wanted = 0; k < d; k++) {
                wanted += x[k] * a.h[entry[e].item * d + k];
            }

            diff = fmax(diff, fabs(wanted - entry[e].weight));
        }
    }

    ok(list.offsets[ITEMS] > ITEMS * (ITEMS - 3), "rows are full");
    ok(diff < 1e-4, "rows are a user's with one item: %g", diff);

    recs_als_free(&a);
    recs_matrix_free(&m);
    recs_model_free(&list);
    data_destroy(t);
}


int
main(void)
{
    test_row(16, 1, 1);
    test_row(16, 0, 1);
    test_row(16, 37, 1);
    test_row(48, 20, 300);
    test_row(48, 40, 300);
    test_fit();
    test_model();

    return done_testing();
}
