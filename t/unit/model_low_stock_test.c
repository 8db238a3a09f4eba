/*
 * Copyright (C) recs authors
 */

#include "model_data.h"
#include "tap.h"


#define DAYS   20
#define ITEMS  8


static double
sold(const data_t *t, uint32_t item, uint32_t now)
{
    double    sum;
    uint32_t  e;

    for (e = 0, sum = 0; e < t->d.events; e++) {
        if (t->d.item[e] == item) {
            sum += t->d.details[t->d.detail[e]].quantity / 1e6
                   * exp2((t->d.time[e] - (double) now) / (7 * 86400.0));
        }
    }

    return sum;
}


int
main(void)
{
    double                       days, mass;
    data_t                      *t;
    uint32_t                     i, k, line, now;
    recs_config_t                c;
    recs_model_list_t            list;
    const recs_format_ranked_t  *e;

    recs_config_init(&c);
    t = data_create(ITEMS, 0);

    /* item i is bought i times a day, two pieces; 7 only once */

    for (k = 0; k < DAYS; k++) {
        for (i = 0; i < ITEMS - 1; i++) {
            if (i && (k * i) % 6 < i) {
                line = data_line(t, DATA_START + k * DATA_DAY,
                                 RECS_EVENT_PURCHASE, i, k, DATA_NONE);
                data_detail(t, line, RECS_NONE, 5, 2, 0);
            }
        }
    }

    line = data_line(t, DATA_START + DAYS * DATA_DAY, RECS_EVENT_PURCHASE, 7,
                     1, DATA_NONE);
    data_detail(t, line, RECS_NONE, 5, 1, 0);

    for (i = 0; i < ITEMS; i++) {
        t->d.products[i].stock = 9;
    }

    t->d.products[3].stock = RECS_NO_STOCK;
    t->d.products[4].stock = 0;

    data_finish(t);
    c.low_stock_days = 30;
    list = data_model(t, &c, "low_stock");
    now = t->d.now_ms / 1000;
    e = data_ranked(&list, 0, 0);

    is_int(data_place(&list, 0, 0), -1, "what is not sold");
    is_int(data_place(&list, 0, 3), -1, "of which nobody knows the stock");
    is_int(data_place(&list, 0, 4), -1, "sold out");
    is_int(data_place(&list, 0, 7), -1, "one purchase says nothing");
    is_int(e->item, 6, "what goes first");
    ok(data_count(&list, 0) == 4, "and the others");

    mass = 7 / M_LN2 * (1 - exp2(-(double) (now - t->d.time[0])
                                 / (7 * 86400.0)));

    for (k = 0; k < data_count(&list, 0); k++) {
        e = data_ranked(&list, 0, k);
        days = 9 * mass / sold(t, e->item, now);
        is_near(e->value, days, 1e-3, "days of item %u", e->item);
        is_near(e->score, data_ranked(&list, 0, 0)->value / e->value, 1e-5,
                "how urgent");
    }

    recs_model_free(&list);

    c.low_stock_days = 1;
    list = data_model(t, &c, "low_stock");
    is_int(data_count(&list, 0), 0, "none is low");
    recs_model_free(&list);

    data_destroy(t);

    return done_testing();
}
