/*
 * Copyright (C) recs authors
 *
 * 100 baskets: 0 and 1 in 20 of them, 0 alone in 5, 1 alone in 5; 2 in all
 * the others, and in two of those of 0.
 */

#include "model_data.h"
#include "tap.h"


static data_t *
together_data(void)
{
    data_t    *t;
    uint32_t   b;

    t = data_create(4, 0);

    for (b = 0; b < 100; b++) {

        if (b < 25) {
            data_buy(t, DATA_START + b, 0, b, b, 1);
        }

        if (b < 20 || (b >= 25 && b < 30)) {
            data_buy(t, DATA_START + b, 1, b, b, 3);
        }

        if (b >= 30 || b < 2) {
            data_buy(t, DATA_START + b, 2, b, b, 1);
        }
    }

    data_finish(t);

    return t;
}


static void
test_values(const data_t *t, const recs_config_t *c)
{
    recs_model_list_t              list;
    const recs_format_together_t  *e;

    list = data_model(t, c, "together");
    e = list.entries;

    is_int(list.rows, 4, "a row an item");
    is_int(data_count(&list, 0), 1, "0 has one");
    is_int(data_count(&list, 1), 1, "1 has one");
    is_int(data_count(&list, 2), 0, "two baskets of 72 and 25 are no pair");
    is_int(data_count(&list, 3), 0, "nobody bought 3");

    is_int(e->item, 1, "0 goes with 1");
    is_int(e->count, 20, "count");
    is_near(e->support, 0.20, 1e-6, "support");
    is_near(e->confidence, 0.80, 1e-6, "confidence");
    is_near(e->lift, 3.20, 1e-6, "lift");
    is_near(e->bound, 0.680646056, 1e-6, "lower bound of confidence");
    is_near(e->score, 0.507793234, 1e-6, "score v / (1 + v)");

    recs_model_free(&list);
}


static void
test_gates(data_t *t, const recs_config_t *config)
{
    recs_config_t      c;
    recs_model_list_t  list;

    c = *config;
    c.together_min_count = 21;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too few baskets");
    recs_model_free(&list);

    c = *config;
    c.together_min_lift = 3.3;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too little lift");
    recs_model_free(&list);

    c = *config;
    c.together_min_g2 = 50.8;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too little evidence");
    recs_model_free(&list);

    t->d.products[1].listed = 0;
    list = data_model(t, config, "together");
    is_int(data_count(&list, 0), 0, "what is not listed is not shown");
    is_int(data_count(&list, 1), 1, "but may be asked for");
    recs_model_free(&list);
}


int
main(void)
{
    data_t         *t;
    recs_config_t   c;

    recs_config_init(&c);
    t = together_data();

    test_values(t, &c);
    test_gates(t, &c);

    data_destroy(t);

    return done_testing();
}
