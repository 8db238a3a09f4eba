/*
 * Copyright (C) recs authors
 *
 * A year of sales: 20 items sell one piece a day, item 20 five a day in
 * weeks 10 to 12 only, item 21 five a day from week 40 on.
 */

#include "model_data.h"
#include "tap.h"

#include "core/answer/recs_query.h"


#define YEAR  1609459200u              /* 2021-01-01 */


static data_t *
seasonal_data(uint32_t days)
{
    data_t    *t;
    uint32_t   day, i, k, n, week;

    t = data_create(22, 1);

    for (day = 0, n = 0; day < days; day++) {
        week = recs_week((int64_t) (YEAR + day * DATA_DAY) * 1000);

        for (i = 0; i < 22; i++) {
            k = 1;

            if (i == 20) {
                k = week >= 10 && week <= 12 ? 5 : 0;
            }

            if (i == 21) {
                k = week >= 40 ? 5 : 0;
            }

            while (k--) {
                data_line(t, YEAR + day * DATA_DAY, RECS_EVENT_PURCHASE, i,
                          n++, DATA_NONE);
            }
        }
    }

    data_finish(t);

    return t;
}


static void
test_year(const recs_config_t *c)
{
    int                          in;
    data_t                      *t;
    uint32_t                     w;
    recs_model_list_t            list;
    const recs_format_ranked_t  *e;

    t = seasonal_data(365);
    list = data_model(t, c, "seasonal");

    is_int(list.rows, RECS_FORMAT_WEEKS, "a row a week");
    is_int(data_count(&list, 10), 1, "one item has a season in week 10");

    e = data_ranked(&list, 10, 0);
    is_int(e->item, 20, "the seasonal one");
    ok(e->value > 40 && e->value < 105, "a surplus of most of its units");
    ok(e->confidence > 0.8, "told by many");

    ok(data_place(&list, 9, 20) >= 0, "and in the weeks before");
    ok(data_place(&list, 8, 20) >= 0, "two of them");

    for (w = 14, in = 0; w < 50; w++) {
        in += data_place(&list, w, 20) >= 0;
    }

    is_int(in, 0, "not in the rest of the year");

    for (w = 0, in = 0; w < RECS_FORMAT_WEEKS; w++) {
        in += data_place(&list, w, 21) >= 0;
    }

    is_int(in, 0, "a launch is no season");

    recs_model_free(&list);
    data_destroy(t);
}


static void
test_category(const recs_config_t *c)
{
    data_t             *t;
    recs_model_list_t   list;

    /* of a season's category, one that sold little is seasonal, too */

    t = seasonal_data(365);
    t->d.products[20].category = 0;
    t->d.products[3].category = 0;
    list = data_model(t, c, "seasonal");

    ok(data_place(&list, 10, 20) == 0, "what has a season");
    ok(data_place(&list, 10, 4) < 0, "what has none");

    recs_model_free(&list);
    data_destroy(t);
}


static void
test_short(const recs_config_t *c)
{
    data_t             *t;
    uint32_t            w;
    recs_model_list_t   list;

    t = seasonal_data(40);
    list = data_model(t, c, "seasonal");
    is_int(list.offsets[RECS_FORMAT_WEEKS], 0, "40 days know no season");
    recs_model_free(&list);
    data_destroy(t);

    t = seasonal_data(200);
    list = data_model(t, c, "seasonal");
    ok(data_place(&list, 10, 20) == 0, "half a year does");

    for (w = 30; w < 50; w++) {
        if (data_count(&list, w)) {
            break;
        }
    }

    is_int(w, 50, "but not of weeks it has not seen");

    recs_model_free(&list);
    data_destroy(t);
}


int
main(void)
{
    recs_config_t  c;

    recs_config_init(&c);

    test_year(&c);
    test_category(&c);
    test_short(&c);

    return done_testing();
}
