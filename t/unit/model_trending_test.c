/*
 * Copyright (C) recs authors
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/stats.h"


#define DAYS  20


/*
 * Every day each of 30 items is seen by four visitors; in the last two days
 * item 7 by 40 more, and item 8 forty times by one.
 */

static data_t *
trending_data(void)
{
    data_t    *t;
    uint32_t   day, i, k, time, user;

    t = data_create(30, 0);
    user = 0;

    for (day = 0; day < DAYS; day++) {
        time = DATA_START + day * DATA_DAY;

        for (i = 0; i < 30; i++) {
            for (k = 0; k < 4; k++) {
                data_line(t, time + 3600, RECS_EVENT_PRODUCT_VIEW, i, user++,
                          DATA_NONE);
            }
        }

        for (k = 0; day >= DAYS - 2 && k < 20; k++) {
            data_line(t, time + 7200, RECS_EVENT_PRODUCT_VIEW, 7, user++,
                      DATA_NONE);
            data_line(t, time + 7200, RECS_EVENT_PRODUCT_VIEW, 8, 0,
                      DATA_NONE);
        }
    }

    data_finish(t);

    return t;
}


/*
 * Every day ten visitors look at two of 30 items, and one at one; on the last
 * day four come for item 5 and one is nobody, and four look at item 6, too.
 */

static void
test_alone(recs_config_t *c)
{
    int                trust;
    data_t            *t;
    uint32_t           day, i, k, time, user;
    recs_model_list_t  list;

    t = data_create(30, 0);
    user = 0;

    for (day = 0; day < DAYS; day++) {
        time = DATA_START + day * DATA_DAY;

        for (i = 0; i < 11; i++, user++) {
            for (k = 0; k < 1 + (i < 10); k++) {
                data_line(t, time + 3600, RECS_EVENT_PRODUCT_VIEW,
                          10 + (day + i * 7 + k) % 20, user, DATA_NONE);
            }
        }
    }

    for (i = 0; i < 4; i++) {
        data_line(t, time + 7200, RECS_EVENT_PRODUCT_VIEW, 5, user++,
                  DATA_NONE);
        data_line(t, time + 7200, RECS_EVENT_PRODUCT_VIEW, 6, user,
                  DATA_NONE);
        data_line(t, time + 7201, RECS_EVENT_PRODUCT_VIEW, 11, user++,
                  DATA_NONE);
    }

    data_line(t, time + 7200, RECS_EVENT_PRODUCT_VIEW, 5, DATA_NONE,
              DATA_NONE);
    data_finish(t);

    c->trending_hours = 24;

    for (trust = 0; trust < 2; trust++) {
        c->trust = trust;
        list = data_model(t, c, "trending");

        ok(data_place(&list, 0, 6) >= 0, "item 6 rises, trust %d", trust);
        is_int(data_place(&list, 0, 5) >= 0, !trust,
               "and 5, for which some came and nothing else, if trusted");

        recs_model_free(&list);
    }

    data_destroy(t);
}


/*
 * Now is 2:00 of the last day and the half-life a day, so the fresh window
 * holds the last two days: views at 1:00 weigh 2^(-1/24) and 2^(-25/24),
 * those at 2:00 1 and 1/2.  Before it are 18 days of four votes an item.
 * The visitor who sees item 8 all the time has one vote a day.  Fewer than
 * ten items rise, so the bound is the median.
 */

static void
test_value(const data_t *t, recs_config_t *c)
{
    double                       day, mu, q, x;
    recs_model_list_t            list;
    const recs_format_ranked_t  *e;

    c->trending_hours = 24;
    list = data_model(t, c, "trending");
    e = data_ranked(&list, 0, 0);

    is_int(list.rows, 1, "a shop without categories has one scope");
    ok(data_count(&list, 0) >= 1, "something rises");
    is_int(e->item, 7, "what many want");

    day = exp2(-1 / 24.0) + exp2(-25 / 24.0);
    x = 4 * day + 20 * 1.5;
    mu = 18 * 4 * (30 * 4 * day + 21 * 1.5) / (30 * 18 * 4);
    q = recs_gamma_quantile(0.05, 4 + x);

    is_near(e->value, 2 + log2(q / (4 + mu)) * sqrt(log1p(x)), 1e-5,
            "the value of what rises for certain");
    is_near(e->confidence, x / (x + 10), 1e-5, "confidence of the votes");
    is_near(e->score, 1, 0, "the first one has score 1");

    if (data_place(&list, 0, 8) > 0) {
        e = data_ranked(&list, 0, data_place(&list, 0, 8));
        x = 4 * day + 1.5;
        is_near(e->confidence, x / (x + 10), 1e-5, "one vote a day");
    }

    recs_model_free(&list);
}


static void
test_half_life(const data_t *t, recs_config_t *c)
{
    recs_model_list_t  list;

    c->trending_hours = 0;
    list = data_model(t, c, "trending");
    is_int(data_ranked(&list, 0, 0)->item, 7, "half-life chosen by data");
    recs_model_free(&list);

    c->trending_hours = 168;
    list = data_model(t, c, "trending");
    is_int(data_ranked(&list, 0, 0)->item, 7, "a week");
    recs_model_free(&list);
}


static void
test_scopes(data_t *t, recs_config_t *c)
{
    recs_model_list_t  list;

    t->d.categories = 0;
    t->d.products[7].listed = 0;
    c->trending_hours = 24;
    list = data_model(t, c, "trending");
    is_int(data_place(&list, 0, 7), -1, "what is not listed does not trend");
    recs_model_free(&list);
}


/* The visitors of item 7 at last are from one region, all others from both. */

static void
test_regions(data_t *t, recs_config_t *c)
{
    uint32_t           bad, e, g, k;
    recs_model_list_t  list;

    t->d.regions = 3;
    t->d.region = calloc(t->d.events, 1);

    for (e = 0; e < t->d.events; e++) {
        t->d.region[e] = (uint8_t) (t->d.item[e] == 7 ? 2 : 1 + e % 2);
    }

    c->trending_hours = 24;
    list = data_model(t, c, "region_trending");

    is_int(list.rows, 3, "a row each region");
    is_int(data_ranked(&list, 1, 0)->item, 7, "what rises in one");
    is_int(data_place(&list, 0, 7), -1, "does not in another");
    is_int(data_count(&list, 2), 0, "a region without events");

    for (g = 0, bad = 0; g < 2; g++) {
        for (k = 1; k < data_count(&list, g); k++) {
            bad += data_ranked(&list, g, k)->value
                   > data_ranked(&list, g, k - 1)->value;
        }
    }

    is_int(bad, 0, "best first");
    recs_model_free(&list);

    free(t->d.region);
    t->d.region = NULL;
    list = data_model(t, c, "region_trending");
    is_int(list.offsets[3], 0, "events without regions");
    recs_model_free(&list);
    t->d.regions = 0;
}


int
main(void)
{
    data_t         *t;
    recs_config_t   c;

    recs_config_init(&c);
    t = trending_data();

    test_value(t, &c);
    test_half_life(t, &c);
    test_regions(t, &c);
    test_scopes(t, &c);
    test_alone(&c);

    data_destroy(t);

    return done_testing();
}
