/*
 * Copyright (C) recs authors
 *
 * Vectors of products: what is bought by the same is alike, what nobody has
 * touched is like its category; and what is sold a day.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/directions.h"


#define GROUP    20                      /* items of one kind */
#define ITEMS    (2 * GROUP + 4)
#define USERS    200
#define V        RECS_FORMAT_VECTOR

#define COLD_A   (2 * GROUP)             /* nobody's, in the first category */
#define COLD_B   (2 * GROUP + 1)
#define DRAWN    (2 * GROUP + 2)         /* in a category nobody has touched */
#define NOTHING  (2 * GROUP + 3)


static uint32_t  seed = 1;

static recs_str_t  paths[3] = {
    recs_string("A"), recs_string("B"), recs_string("C")
};


static uint32_t
draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % below;
}


static void
configure(recs_config_t *c, long threads)
{
    memset(c, 0, sizeof(recs_config_t));

    c->threads = threads;
    c->half_life_days = 45;
    c->als_unseen = .01;
    c->als_ridge = .01;
    c->related_max = 100;
    c->memory_budget = 8;
}


static data_t *
shop(void)
{
    data_t    *t;
    uint32_t   u, i, kind;

    t = data_create(ITEMS, 3);
    t->d.category_path = paths;

    for (i = 0; i < 2 * GROUP; i++) {
        t->d.products[i].category = i / GROUP;
    }

    t->d.products[COLD_A].category = 0;
    t->d.products[COLD_B].category = 1;
    t->d.products[DRAWN].category = 2;

    for (u = 0; u < USERS; u++) {
        kind = u % 2;

        for (i = 0; i < 8; i++) {
            data_line(t, DATA_START + u * 100 + i, RECS_EVENT_PURCHASE,
                      kind * GROUP + draw(GROUP), u, DATA_NONE);
        }
    }

    (void) data_finish(t);

    return t;
}


static double
alike(const int8_t *v, uint32_t a, uint32_t b)
{
    int       sum;
    uint32_t  k;

    for (k = 0, sum = 0; k < V; k++) {
        sum += v[a * V + k] * v[b * V + k];
    }

    return sum / (127. * 127);
}


static double
mean(const int8_t *v, uint32_t item, uint32_t from)
{
    double    sum;
    uint32_t  i, n;

    for (i = from, sum = 0, n = 0; i < from + GROUP; i++) {
        if (i != item) {
            sum += alike(v, item, i);
            n++;
        }
    }

    return sum / n;
}


static void
test_vectors(void)
{
    data_t         *t;
    int8_t         *v, *other;
    uint32_t        i, bad, wrong;
    recs_config_t   c;

    t = shop();

    configure(&c, 1);
    v = recs_model_directions(&t->d, &c);

    for (i = 0, bad = 0, wrong = 0; i < NOTHING; i++) {
        bad += fabs(sqrt(alike(v, i, i)) - 1) > .03;
    }

    is_int(bad, 0, "all have the length of 127, but for rounding");
    is_int(alike(v, NOTHING, NOTHING), 0, "what nothing is known of has none");

    for (i = 0; i < 2 * GROUP; i++) {
        wrong += mean(v, i, i / GROUP * GROUP)
                 < mean(v, i, (1 - i / GROUP) * GROUP) + .3;
    }

    is_int(wrong, 0, "what the same people buy is alike");
    ok(mean(v, COLD_A, 0) > mean(v, COLD_A, GROUP) + .3
       && mean(v, COLD_B, GROUP) > mean(v, COLD_B, 0) + .3,
       "what nobody has touched is like its category");
    ok(fabs(mean(v, DRAWN, 0)) < .7, "of an unknown category it is drawn");

    configure(&c, 3);
    other = recs_model_directions(&t->d, &c);
    ok(memcmp(v, other, ITEMS * V) == 0, "the same by three threads");
    free(other);

    c.memory_budget = 1e-9;
    other = recs_model_directions(&t->d, &c);
    ok(alike(other, 0, 1) > .97 && alike(other, 0, COLD_A) > .97
       && alike(other, 0, GROUP) < .9,
       "without memory for factors, categories alone");

    free(other);
    free(v);
    t->d.category_path = NULL;
    data_destroy(t);
}


static void
test_sales(void)
{
    float    *rates;
    data_t   *t;
    uint32_t  day;

    t = data_create(4, 1);

    for (day = 0; day < 100; day++) {
        data_buy(t, DATA_START + day * DATA_DAY, 0, 1, day, 1);

        if (day >= 95) {
            data_buy(t, DATA_START + day * DATA_DAY, 1, 1, day, 3);
        }

        if (day == 99) {
            data_buy(t, DATA_START + day * DATA_DAY, 2, 2, day, 2);
            data_buy(t, DATA_START + day * DATA_DAY, 2, 2, day, -2);
        }
    }

    (void) data_finish(t);

    t->d.products[1].created_ms = t->d.now_ms - 5 * (int64_t) DATA_DAY * 1000;
    rates = recs_model_sales(&t->d);

    ok(fabs(rates[0] - 1) < .03, "one a day: %g", rates[0]);
    ok(fabs(rates[1] - 3) < .35, "three a day, since it came: %g", rates[1]);
    is_int(rates[2] * 1000, 0, "what came back was not sold");
    is_int(rates[3] * 1000, 0, "never sold");

    free(rates);
    data_destroy(t);
}


int
main(void)
{
    test_vectors();
    test_sales();

    return done_testing();
}
