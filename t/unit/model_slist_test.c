/*
 * Copyright (C) recs authors
 *
 * slist and walk against dense matrices.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/config.h"


#define ITEMS     40
#define SESSIONS  400
#define UNLISTED  7


static uint32_t  seed = 1;
static uint32_t  clicks[SESSIONS][12];
static uint32_t  lengths[SESSIONS];
static double    ages[SESSIONS];
static double    gram[ITEMS][ITEMS], counts[ITEMS][ITEMS];
static double    rows[ITEMS][ITEMS];


static uint32_t
draw(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % n;
}


static data_t *
shop(recs_config_t *c)
{
    data_t    *t;
    uint32_t   k, r;

    recs_config_init(c);
    c->slist_support = 12;
    c->slist_lambda = .5;
    c->slist_alpha = .4;
    c->slist_tau = 2;
    c->slist_days = 3;
    c->walk_entries = 6;
    c->next_max = ITEMS;

    t = data_create(ITEMS, 0);
    t->d.products[UNLISTED].listed = 0;

    for (r = 0; r < SESSIONS; r++) {
        lengths[r] = 2 + draw(11);

        for (k = 0; k < lengths[r]; k++) {
            clicks[r][k] = (k && draw(4) == 0) ? clicks[r][k - 1]
                                               : draw(1 + draw(ITEMS));
            data_line(t, DATA_START + r * 3600, RECS_EVENT_PRODUCT_VIEW,
                      clicks[r][k], RECS_NONE, r);
        }

        ages[r] = exp(-(double) (SESSIONS - 1 - r) / 24 / c->slist_days);
    }

    data_finish(t);

    return t;
}


/* G and C of one session, by their definition. */

static void
count_session(const recs_config_t *c, uint32_t r)
{
    double    sum, w, u, has[ITEMS];
    uint32_t  d, i, j, k;

    memset(has, 0, sizeof(has));
    w = ages[r];
    u = 0;

    for (k = 0; k < lengths[r]; k++) {
        u += has[clicks[r][k]] == 0;
        has[clicks[r][k]] = 1;
    }

    for (i = 0; i < ITEMS; i++) {
        for (j = 0; j < ITEMS; j++) {
            sum = c->slist_alpha * w * has[i] * has[j] / (u * u);
            gram[i][j] += sum;
            counts[i][j] += sum;
        }
    }

    w *= 1 - c->slist_alpha;

    for (k = 0; k + 1 < lengths[r]; k++) {
        gram[clicks[r][k]][clicks[r][k]] += w;
        sum = 0;

        for (d = 1; k + d < lengths[r]; d++) {
            sum += exp(-(d - 1.0) / c->slist_tau);
        }

        for (d = 1; k + d < lengths[r]; d++) {
            counts[clicks[r][k]][clicks[r][k + d]]
                += w * exp(-(d - 1.0) / c->slist_tau) / sum;
        }
    }
}


/* Gauss; the matrix is positive definite. */

static void
solve(uint32_t n, double a[ITEMS][ITEMS], double *b)
{
    double    f;
    uint32_t  i, j, k;

    for (k = 0; k < n; k++) {
        for (i = 0; i < n; i++) {
            f = (i == k) ? 0 : a[i][k] / a[k][k];

            for (j = k; j < n; j++) {
                a[i][j] -= f * a[k][j];
            }

            b[i] -= f * b[k];
        }
    }

    for (k = 0; k < n; k++) {
        b[k] /= a[k][k];
    }
}


static void
expect(const recs_config_t *c)
{
    double    a[ITEMS][ITEMS], b[ITEMS];
    uint32_t  i, j, k, n, y, best, chosen[ITEMS], taken[ITEMS];

    for (i = 0; i < SESSIONS; i++) {
        count_session(c, i);
    }

    for (y = 0; y < ITEMS; y++) {
        memset(taken, 0, sizeof(taken));

        for (n = 0; n < (uint32_t) c->slist_support; n++) {
            best = ITEMS;

            for (i = 0; i < ITEMS; i++) {
                if (!taken[i] && counts[i][y] > 0
                    && (best == ITEMS || counts[i][y] > counts[best][y]))
                {
                    best = i;
                }
            }

            if (best == ITEMS) {
                break;
            }

            taken[best] = 1;
            chosen[n] = best;
        }

        for (j = 0; j < n; j++) {
            for (k = 0; k < n; k++) {
                a[j][k] = gram[chosen[j]][chosen[k]]
                          + (j == k ? c->slist_lambda : 0);
            }

            b[j] = counts[chosen[j]][y];
        }

        solve(n, a, b);

        for (j = 0; j < n; j++) {
            rows[chosen[j]][y] = (b[j] > 0 && y != UNLISTED) ? b[j] : 0;
        }
    }
}


/* Entries that are not there, not expected, out of order or off. */

static uint32_t
wrong(const recs_model_list_t *list, double expected[ITEMS][ITEMS])
{
    double                        found[ITEMS];
    uint32_t                      bad, i, j;
    uint64_t                      e;
    const recs_format_related_t  *entry;

    entry = list->entries;

    for (i = 0, bad = 0; i < ITEMS; i++) {
        memset(found, 0, sizeof(found));

        for (e = list->offsets[i]; e < list->offsets[i + 1]; e++) {
            found[entry[e].item] = entry[e].weight;
            bad += e > list->offsets[i]
                   && entry[e - 1].weight < entry[e].weight;
        }

        for (j = 0; j < ITEMS; j++) {
            bad += fabs(found[j] - expected[i][j])
                   > 1e-5 + 1e-3 * expected[i][j];
        }
    }

    return bad;
}


static recs_model_list_t
build(data_t *t, recs_config_t *c, recs_list_e which, const char *name)
{
    recs_error_t        err;
    recs_model_list_t   list;

    ok(recs_model_find(which, name)->build(&t->d, c, &list, &err) == RECS_OK,
       "%s", name);

    return list;
}


static void
test_threads(data_t *t, recs_config_t *c, recs_list_e which,
    const char *name)
{
    recs_model_list_t  one, three;

    c->threads = 1;
    one = build(t, c, which, name);
    c->threads = 3;
    three = build(t, c, which, name);
    c->threads = 1;

    ok(memcmp(one.offsets, three.offsets, (ITEMS + 1) * 8) == 0
       && memcmp(one.entries, three.entries,
                 one.offsets[ITEMS] * sizeof(recs_format_related_t)) == 0,
       "%s: the same bytes for three threads", name);

    recs_model_free(&one);
    recs_model_free(&three);
}


static void
test_slist(data_t *t, recs_config_t *c)
{
    double             own;
    uint32_t           i;
    recs_model_list_t  list;

    expect(c);
    list = build(t, c, RECS_LIST_NEXT, "slist");

    is_int(wrong(&list, rows), 0, "the solution on the support");

    for (i = 0, own = 0; i < ITEMS; i++) {
        own += rows[i][i];
    }

    ok(own > 0, "an item may come next to itself");
    recs_model_free(&list);

    c->next_max = 3;
    list = build(t, c, RECS_LIST_NEXT, "slist");
    is_int(list.offsets[1], 3, "a row is cut");
    recs_model_free(&list);
    c->next_max = ITEMS;

    c->slist_days = 1e-9;
    list = build(t, c, RECS_LIST_NEXT, "slist");
    ok(list.offsets[ITEMS] > 0 && list.offsets[ITEMS] <= 144,
       "the newest session is all that counts");
    recs_model_free(&list);
    c->slist_days = 3;
}


/* S S + further (S S cut) S from the rows of slist as they come. */

static void
test_walk(data_t *t, recs_config_t *c)
{
    double                        sum;
    uint32_t                      i, j, k, n, best;
    uint64_t                      e;
    recs_model_list_t             list;
    const recs_format_related_t  *entry;

    static double  s[ITEMS][ITEMS], s2[ITEMS][ITEMS], s3[ITEMS][ITEMS];
    static double  cut[ITEMS][ITEMS], left[ITEMS];

    c->next_max = c->walk_entries;
    list = build(t, c, RECS_LIST_NEXT, "slist");
    entry = list.entries;

    for (i = 0; i < ITEMS; i++) {
        for (e = list.offsets[i], sum = 0; e < list.offsets[i + 1]; e++) {
            sum += entry[e].weight;
        }

        for (e = list.offsets[i]; e < list.offsets[i + 1]; e++) {
            s[i][entry[e].item] = entry[e].weight / sum;
        }
    }

    recs_model_free(&list);
    c->next_max = ITEMS;

    for (i = 0; i < ITEMS; i++) {
        for (j = 0; j < ITEMS; j++) {
            for (k = 0; k < ITEMS; k++) {
                s2[i][k] += s[i][j] * s[j][k];
            }
        }

        memcpy(left, s2[i], sizeof(left));

        for (n = 0; n < 2 * (uint32_t) c->walk_entries; n++) {
            for (j = 1, best = 0; j < ITEMS; j++) {
                best = (left[j] > left[best]) ? j : best;
            }

            cut[i][best] += left[best];
            left[best] = 0;
        }
    }

    for (i = 0; i < ITEMS; i++) {
        for (k = 0; k < ITEMS; k++) {
            s3[i][k] = s2[i][k];

            for (j = 0; j < ITEMS; j++) {
                s3[i][k] += c->walk_further * cut[i][j] * s[j][k];
            }
        }
    }

    list = build(t, c, RECS_LIST_WALK, "walk");
    is_int(wrong(&list, s3), 0, "two steps and a third");
    recs_model_free(&list);
}


static void
test_empty(void)
{
    data_t             *t;
    recs_config_t       c;
    recs_model_list_t   list;

    recs_config_init(&c);
    t = data_create(3, 0);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, RECS_NONE, 0);
    data_finish(t);

    list = build(t, &c, RECS_LIST_NEXT, "slist");
    is_int(list.offsets[3], 0, "no session of two: no rows");
    recs_model_free(&list);

    list = build(t, &c, RECS_LIST_WALK, "walk");
    is_int(list.offsets[3], 0, "and nowhere to walk");
    recs_model_free(&list);
    data_destroy(t);
}


int
main(void)
{
    data_t         *t;
    recs_config_t   c;

    t = shop(&c);

    test_slist(t, &c);
    test_walk(t, &c);
    test_threads(t, &c, RECS_LIST_NEXT, "slist");
    test_threads(t, &c, RECS_LIST_WALK, "walk");
    data_destroy(t);

    test_empty();

    return done_testing();
}
