/*
 * Copyright (C) recs authors
 *
 * What comes later in histories against the formula over pairs of places,
 * and what is wanted lately.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/trend.h"


#define ITEMS   25
#define USERS   60
#define LATE    7                /* not listed */
#define NOBODY  20               /* sessions without a user */


static data_t         *shop;
static recs_config_t   config;
static uint32_t        time_of[USERS + NOBODY][ITEMS];   /* 0: never */
static double          c_ij[ITEMS][ITEMS], out[ITEMS], in[ITEMS];


/* Histories of moments with one or two items; some items come back. */

static void
setup(void)
{
    uint32_t  h, i, k, seed, time;

    recs_config_init(&config);
    config.related_max = 6;
    config.later_decay = .7;
    config.later_together = .5;
    shop = data_create(ITEMS, 0);
    shop->d.products[LATE].listed = 0;
    seed = 3;

    for (k = 0; k < 14; k++) {
        for (h = 0; h < USERS + NOBODY; h++) {
            seed = seed * 1664525 + 1013904223;
            i = (seed >> 20) % ITEMS;
            time = DATA_START + 60 * (k / 2) + h / USERS;
            i = (k & 1) ? (i * i) % ITEMS : i;

            time_of[h][i] = time;
            data_line(shop, time, RECS_EVENT_PRODUCT_VIEW, i,
                      h < USERS ? h : DATA_NONE,
                      h < USERS ? DATA_NONE : h - USERS);
        }
    }

    data_finish(shop);
}


/* Moments between two of a history's last touches. */

static uint32_t
between(uint32_t h, uint32_t from, uint32_t to)
{
    uint32_t  i, j, n;

    for (i = 0, n = 0; i < ITEMS; i++) {
        if (time_of[h][i] <= from || time_of[h][i] >= to) {
            continue;
        }

        for (j = 0; j < i && time_of[h][j] != time_of[h][i]; j++) {
            /* void */
        }

        n += (j == i);
    }

    return n;
}


static void
count(void)
{
    double    weight;
    uint32_t  h, i, j;

    for (h = 0; h < USERS + NOBODY; h++) {
        for (i = 0; i < ITEMS; i++) {
            for (j = 0; j < ITEMS; j++) {

                if (i == j || !time_of[h][i] || !time_of[h][j]
                    || time_of[h][j] < time_of[h][i])
                {
                    continue;
                }

                weight = (time_of[h][j] == time_of[h][i])
                         ? config.later_together
                         : pow(config.later_decay,
                               between(h, time_of[h][i], time_of[h][j]));
                c_ij[i][j] += weight;
                out[i] += weight;
                in[j] += weight;
            }
        }
    }
}


static double
formula(uint32_t i, uint32_t j)
{
    return (j == LATE) ? 0 : c_ij[i][j] / pow(out[i] + 2, config.later_from)
                             / pow(in[j] + 2, config.later_to);
}


/* A row has six, with their weights, and nothing better is left out. */

static int
right(const recs_model_list_t *list, uint32_t i)
{
    int                           found;
    double                        least;
    uint32_t                      j, k, n;
    const recs_format_related_t  *e;

    e = (const recs_format_related_t *) list->entries + list->offsets[i];
    n = data_count(list, i);

    if (n != 6) {
        return 0;
    }

    least = e[n - 1].weight;

    for (j = 0; j < ITEMS; j++) {
        for (k = 0, found = 0; k < n; k++) {
            if (e[k].item == j) {
                found = fabs(e[k].weight - formula(i, j)) < 1e-5;
            }
        }

        if (!found && formula(i, j) > least + 1e-5) {
            return 0;
        }
    }

    return 1;
}


static void
test_later(void)
{
    int                bad;
    uint32_t           i;
    recs_model_list_t  list, again;

    config.threads = 1;
    list = data_model(shop, &config, "later");

    for (i = 0, bad = 0; i < ITEMS; i++) {
        bad += !right(&list, i);
    }

    is_int(bad, 0, "rows as the formula says");

    config.threads = 3;
    again = data_model(shop, &config, "later");
    ok(!memcmp(list.offsets, again.offsets, (ITEMS + 1) * sizeof(uint64_t))
       && !memcmp(list.entries, again.entries, list.offsets[ITEMS]
                  * sizeof(recs_format_related_t)),
       "the same by three threads");

    recs_model_free(&list);
    recs_model_free(&again);
}


/* Item 1 has ten votes of today, item 2 ten of ten days ago. */

static void
test_trend(void)
{
    double                  factor, late;
    data_t                 *t;
    uint32_t                u;
    uint64_t                offsets[] = { 0, 2, 2, 2 };
    recs_model_list_t       list = { 3, offsets, NULL };
    recs_format_related_t   e[] = { { 2, .8f }, { 1, .6f } };

    t = data_create(3, 0);

    for (u = 0; u < 20; u++) {
        data_line(t, DATA_START + (u < 10 ? 0 : 10 * DATA_DAY),
                  RECS_EVENT_PRODUCT_VIEW, u < 10 ? 2 : 1, u, DATA_NONE);
    }

    data_finish(t);
    list.entries = e;

    recs_model_trend(&t->d, &config, &list);
    ok(e[0].item == 2 && e[0].weight == .8f, "nothing by default");

    config.related_trend = .5;
    config.related_trend_days = 5;
    recs_model_trend(&t->d, &config, &list);

    late = 20 / 12.5;            /* all votes / 10 + 10 / 4 */
    factor = sqrt((10 * late + 5) / 15);

    is_int(e[0].item, 1, "what is wanted now is first");
    is_near(e[0].weight, .6 * factor, 1e-6, "by its factor");
    is_near(e[1].weight, .8 * sqrt((2.5 * late + 5) / 15), 1e-6,
            "and what was wanted then is less");

    data_destroy(t);
}


int
main(void)
{
    setup();
    count();

    test_later();
    test_trend();

    data_destroy(shop);

    return done_testing();
}
