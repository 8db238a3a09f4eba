/*
 * Copyright (C) recs authors
 *
 * The cut of operators, their sums, and fusion, against the plain way.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/linear.h"


#define ITEMS  60
#define MAX    7


static uint32_t  seed = 12345;


static float
draw(void)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % 5 == 0 ? 0 : ((seed >> 8) % 2001) / 1000.f - 1;
}


/* How many entries of a row are better than (weight, item) by size. */

static int
place(const float *row, uint32_t self, uint32_t item)
{
    int       n;
    uint32_t  j;

    for (j = 0, n = 0; j < ITEMS; j++) {
        n += j != self && j != 5 && row[j] != 0
             && (fabsf(row[j]) > fabsf(row[item])
                 || (fabsf(row[j]) == fabsf(row[item]) && j < item));
    }

    return n;
}


static int
same_rows(const recs_model_list_t *list, float dense[ITEMS][ITEMS],
    uint32_t max, float slack)
{
    int                           bad;
    uint32_t                      i;
    uint64_t                      e;
    const recs_format_related_t  *entry;

    entry = list->entries;

    for (i = 0, bad = 0; i < ITEMS; i++) {
        for (e = list->offsets[i]; e < list->offsets[i + 1]; e++) {
            bad += fabsf(dense[i][entry[e].item] - entry[e].weight) > slack;
            bad += entry[e].item == i || entry[e].item == 5;
            bad += place(dense[i], i, entry[e].item) >= (int) max;
            bad += e > list->offsets[i]
                   && entry[e - 1].weight < entry[e].weight;
        }

        bad += list->offsets[i + 1] - list->offsets[i] != max;
    }

    return bad;
}


static void
operator(data_t *t, float dense[ITEMS][ITEMS], uint32_t max,
    recs_model_list_t *list)
{
    uint32_t       i, j, n, items[ITEMS];
    float          weights[ITEMS];
    recs_linear_t  l;

    recs_linear_init(&l, &t->d, max, 1);

    for (i = 0; i < ITEMS; i++) {
        for (j = 0, n = 0; j < ITEMS; j++) {
            dense[i][j] = draw();
            items[n] = j;
            weights[n] = dense[i][j];
            n += dense[i][j] != 0;
        }

        if (i % 2) {
            recs_linear_dense(&l, 0, i, dense[i]);

        } else {
            recs_linear_sparse(&l, 0, i, n, items, weights);
        }
    }

    recs_linear_finish(&l, list);
}


static void
test_cut(void)
{
    data_t             *t;
    recs_model_list_t   list;

    static float  dense[ITEMS][ITEMS];

    t = data_create(ITEMS, 0);
    t->d.products[5].listed = 0;

    operator(t, dense, MAX, &list);

    is_int(list.rows, ITEMS, "a row an item");
    is_int(same_rows(&list, dense, MAX, 0), 0,
           "the largest by size, ordered by weight, none unlisted or itself");

    recs_model_free(&list);
    data_destroy(t);
}


static void
test_sum(void)
{
    data_t             *t;
    uint32_t            i, j, threads;
    recs_model_list_t   lists[3], sum, again;

    static float  dense[3][ITEMS][ITEMS];
    static float  expected[ITEMS][ITEMS];
    static float  factors[] = { 1, .5f, 2 };

    t = data_create(ITEMS, 0);
    t->d.products[5].listed = 0;

    for (i = 0; i < 3; i++) {
        operator(t, dense[i], ITEMS, &lists[i]);
    }

    for (i = 0; i < ITEMS; i++) {
        for (j = 0; j < ITEMS; j++) {
            expected[i][j] = dense[0][i][j] + .5f * dense[1][i][j]
                             + 2 * dense[2][i][j];
        }
    }

    recs_linear_sum(&t->d, lists, factors, 3, MAX, 1, &sum);

    is_int(same_rows(&sum, expected, MAX, 1e-5f), 0, "a sum of operators");

    for (threads = 2; threads <= 3; threads++) {
        recs_linear_sum(&t->d, lists, factors, 3, MAX, threads, &again);

        ok(memcmp(sum.offsets, again.offsets, (ITEMS + 1) * 8) == 0
           && memcmp(sum.entries, again.entries, sum.offsets[ITEMS]
                     * sizeof(recs_format_related_t)) == 0,
           "the same bytes for %u threads", threads);

        recs_model_free(&again);
    }

    for (i = 0; i < 3; i++) {
        recs_model_free(&lists[i]);
    }

    recs_model_free(&sum);
    data_destroy(t);
}


static data_t *
shop(recs_config_t *c)
{
    data_t    *t;
    uint32_t   n;

    t = data_create(ITEMS, 0);

    for (n = 0; n < 900; n++) {
        draw();
        data_line(t, DATA_START + n, RECS_EVENT_PURCHASE,
                  (seed >> 20) % (1 + (seed >> 12) % ITEMS),
                  (seed >> 9) % 80, RECS_NONE);
    }

    data_finish(t);
    recs_config_init(c);
    c->threads = 2;

    return t;
}


static void
test_fusion(void)
{
    data_t                       *t;
    uint64_t                      e, n;
    recs_error_t                  err;
    recs_config_t                 c;
    const recs_model_t           *fusion, *cosine;
    recs_model_list_t             one, both;
    const recs_format_related_t  *a, *b;

    static const char *const  wrong[] = {
        "cosine", "nothing:1", "cosine:-1", "cosine:1x", "fusion:1", " "
    };

    t = shop(&c);
    fusion = recs_model_find(RECS_LIST_RELATED, "fusion");
    cosine = recs_model_find(RECS_LIST_RELATED, "cosine");

    ok(cosine->build(&t->d, &c, &one, &err) == RECS_OK, "one model");

    c.related_fusion = "cosine:1, cosine:3";
    ok(fusion->build(&t->d, &c, &both, &err) == RECS_OK, "twice the same");

    a = one.entries;
    b = both.entries;

    is_int(both.offsets[ITEMS], one.offsets[ITEMS], "as many entries");

    for (e = 0, n = 0; e < one.offsets[ITEMS]; e++) {
        n += a[e].item == b[e].item
             && fabsf(a[e].weight / a[0].weight - b[e].weight / b[0].weight)
                < 1e-4f;
    }

    is_int(n, one.offsets[ITEMS], "in the same proportions");

    recs_model_free(&one);
    recs_model_free(&both);

    for (n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
        memset(&both, 0, sizeof(both));
        c.related_fusion = wrong[n];
        ok(fusion->build(&t->d, &c, &both, &err) == RECS_ERROR,
           "refused: \"%s\": %s", wrong[n], err.text);
        recs_model_free(&both);
    }

    data_destroy(t);
}


int
main(void)
{
    test_cut();
    test_sum();
    test_fusion();

    return done_testing();
}
