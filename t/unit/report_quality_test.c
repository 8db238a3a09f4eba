/*
 * Copyright (C) recs authors
 *
 * The reports beside the cells: the bias of places, against a shop whose bias
 * is known; data quality, each count; all of them whatever the order.
 */

#include <math.h>
#include <stdlib.h>

#include "builder/report/report.h"
#include "core/answer/recs_strategy.h"
#include "core/recs_hash.h"
#include "tap.h"


#define T0     1700006400000LL
#define PLACES 6
#define ITEMS  60
#define SHOWN  40000


static recs_config_t  config;
static recs_event_t   e;
static uint64_t       seed;


static unsigned
rnd(unsigned n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (unsigned) ((seed >> 33) % n);
}


static recs_str_t
text(char *buf, const char *format, unsigned n)
{
    recs_str_t  s;

    s.len = (size_t) sprintf(buf, format, n);
    s.data = (uint8_t *) buf;

    return s;
}


static json_t *
made(recs_report_t *r, const char *name)
{
    const recs_report_row_t  *row;

    for (row = recs_reports; strcmp(row->name, name) != 0; row++) {
        /* void */
    }

    return recs_report_make(r, row);
}


static double
number(json_t *json, const char *one, const char *other, const char *third)
{
    json = one ? json_object_get(json, one) : json;
    json = other ? json_object_get(json, other) : json;
    json = third ? json_object_get(json, third) : json;

    return json_is_number(json) ? json_number_value(json) : NAN;
}


static void
show(recs_report_t *r, unsigned n, const unsigned *items)
{
    char          name[32], product[32];
    unsigned      i;
    recs_error_t  err;

    recs_event_init(&e);
    e.class = RECS_CLASS_LIST;
    e.time_ms = T0 + n;
    e.recommendation = text(name, "rec%u", n);
    e.name = recs_strategies[RECS_TRENDING].name;
    e.key_count = PLACES;

    for (i = 0; i < PLACES; i++) {
        text(product, "i%u", items[i]);
        e.keys[i] = recs_key64(product, strlen(product));
    }

    recs_report_add(r, &e, &err);

    e.class = RECS_CLASS_EXPOSURE;
    e.key_count = 0;
    e.name.len = 0;
    recs_report_add(r, &e, &err);
}


static void
click(recs_report_t *r, unsigned n, unsigned item, unsigned place)
{
    char          name[32], product[32];
    recs_error_t  err;

    recs_event_init(&e);
    e.class = RECS_CLASS_ACTIVITY;
    e.type = 71;
    e.time_ms = T0 + n + 1000;
    e.recommendation = text(name, "rec%u", n);
    e.items[0].product = text(product, "i%u", item);
    e.items[0].position = place;
    e.item_count = 1;
    recs_report_add(r, &e, &err);
}


/*
 * Products are clicked at (2 + quality) / 200 times what the place is worth,
 * and better ones tend to stand first: the rate by place says more than the
 * place does.
 */

static void
test_bias(void)
{
    json_t         *json, *row, *rows;
    double          high, low, naive;
    unsigned        i, items[PLACES], k, n, swap;
    recs_report_t  *r;

    static const double  worth[PLACES] = { 1, .7, .5, .4, .3, .25 };

    seed = 11;
    r = recs_report_create(&config);

    for (n = 0; n < SHOWN; n++) {

        for (i = 0; i < PLACES; i++) {
            items[i] = rnd(ITEMS);

            for (k = i; k > 0 && items[k] > items[k - 1] && rnd(4); k--) {
                swap = items[k];
                items[k] = items[k - 1];
                items[k - 1] = swap;
            }
        }

        show(r, n, items);

        for (i = 0; i < PLACES; i++) {
            if (rnd(1000000) < worth[i] * (2 + items[i]) / 200 * 1000000) {
                click(r, n, items[i], i + 1);
            }
        }
    }

    json = made(r, "position-bias");
    rows = json_object_get(json, "positions");
    is_int(json_array_size(rows), PLACES, "a row for each place");
    is_int(number(json_array_get(rows, 0), "served", NULL, NULL), SHOWN,
           "each was served each time");
    ok(json_is_null(json_object_get(json_array_get(rows, 0),
                                    "examination")),
       "the first place is not against itself");

    for (i = 1, naive = 0; i < PLACES; i++) {
        row = json_object_get(json_array_get(rows, i), "examination");
        low = json_number_value(json_array_get(json_object_get(row,
                                                      "interval"), 0));
        high = json_number_value(json_array_get(json_object_get(row,
                                                      "interval"), 1));
        naive += fabs(number(json_array_get(rows, i), "ctrOfFirst", NULL,
                             NULL) - worth[i]) > .1 * worth[i];

        ok(low < worth[i] && worth[i] < high && high - low < .2 * worth[i],
           "place %u is worth %.2f: %.3f to %.3f, by its rate %.2f", i + 1,
           worth[i], low, high, number(json_array_get(rows, i), "ctrOfFirst",
                                       NULL, NULL));
        ok(number(row, "products", NULL, NULL) > ITEMS / 2,
           "most products stood there");
    }

    ok(naive > 0, "the plain rate is off, %g times by a tenth", naive);
    ok(json_object_get(json_object_get(json, "types"), "TRENDING") != NULL,
       "types are told apart");
    json_decref(json);
    recs_report_destroy(r);
}


static void
plain(recs_report_t *r, uint8_t type, int64_t late, int64_t skew)
{
    recs_error_t  err;

    e.class = RECS_CLASS_ACTIVITY;
    e.type = type;
    e.epoch = 1;
    e.time_ms = T0 + 30 * 60000;
    e.received_ms = e.time_ms + late;
    e.sent_ms = skew ? e.received_ms + skew : 0;

    recs_report_add(r, &e, &err);
}


static void
test_quality(void)
{
    json_t         *json;
    recs_error_t    err;
    recs_report_t  *r;

    r = recs_report_create(&config);

    recs_event_init(&e);
    e.item_count = 1;
    e.items[0].product.data = (const uint8_t *) "i1";
    e.items[0].product.len = 2;

    json = made(r, "data-quality");
    ok(json_is_null(json_object_get(json_object_get(json, "bots"), "share")),
       "a share of nothing is null");
    ok(json_is_null(json_object_get(json, "unknownProducts")),
       "without a catalogue no product is unknown");
    json_decref(json);

    plain(r, 3, 500, -400);
    plain(r, 3, 30000, 30000);
    plain(r, 3, 20 * 60000, 2 * 3600000);
    plain(r, 3, 5 * 3600000, -90000);
    plain(r, 3, 3 * 86400000LL, 0);
    plain(r, 3, -5000, 0);
    e.device = RECS_DEVICE_BOT;
    plain(r, 3, 0, 0);
    e.device = RECS_DEVICE_MOBILE;
    memset(e.session.bytes, 1, sizeof(e.session.bytes));
    plain(r, 45, 0, 0);

    recs_event_init(&e);
    e.class = RECS_CLASS_PRODUCT;
    e.type = 100;
    e.document.data = (const uint8_t *)
                      "{\"productId\":\"i2\",\"title\":\"x\",\"cost\":3}";
    e.document.len = strlen((const char *) e.document.data);
    recs_report_add(r, &e, &err);

    json = made(r, "data-quality");

    is_int(number(json, "bots", "count", NULL), 1, "a bot");
    is_int(number(json, "bots", "of", NULL), 8,
           "of all that was done: a row of the catalogue is not");
    is_int(number(json, "late", "1s", "count"), 2, "two at once");
    is_int(number(json, "late", "1m", "count"), 1, "one within a minute");
    is_int(number(json, "late", "1h", "count"), 1, "one within an hour");
    is_int(number(json, "late", "1d", "count"), 1, "one within a day");
    is_int(number(json, "late", "more", "count"), 1, "one after days");
    is_int(number(json, "fromTheFuture", "count", NULL), 1, "one ahead");
    is_int(number(json, "outOfOrder", "count", NULL), 2, "two hours late");
    is_int(number(json, "clockBehind", "1s", "count"), 1, "a clock behind");
    is_int(number(json, "clockBehind", "1h", "count"), 1,
           "another, by more than a minute");
    is_int(number(json, "clockAhead", "1m", "count"), 1, "a clock ahead");
    is_int(number(json, "clockAhead", "1d", "count"), 1, "another, by hours");
    is_int(number(json, "unknownProducts", "products", NULL), 1,
           "i1 is not in the catalogue");
    is_int(number(json, "unknownProducts", "lines", "count"), 7,
           "nor are its lines");
    is_int(number(json_object_get(json, "types"), "PRODUCT_VIEW", "events",
                  NULL), 6, "six views");

    json_decref(json);
    json = made(r, "data-quality");

    {
        json_t  *missing;

        missing = json_object_get(json_object_get(json_object_get(json,
                                  "types"), "PURCHASE"), "missing");
        is_int(number(missing, "sessionId", "count", NULL), 0,
               "the purchase has a session");
        is_int(number(missing, "price", "count", NULL), 1, "but no price");
        is_int(number(missing, "orderId", "count", NULL), 1, "and no order");
        ok(json_object_get(missing, "position") == NULL,
           "a place is not asked for");
    }

    json_decref(json);
    recs_report_destroy(r);
}


/* A refund of a line, or the order. */

static void
order(recs_report_t *r, uint8_t type, const char *id, const char *product,
    int64_t hours)
{
    recs_error_t  err;

    recs_event_init(&e);
    e.class = RECS_CLASS_ACTIVITY;
    e.type = type;
    e.time_ms = T0 + hours * 3600000;
    e.received_ms = e.time_ms;
    e.order.data = (const uint8_t *) id;
    e.order.len = strlen(id);
    e.items[0].product.data = (const uint8_t *) product;
    e.items[0].product.len = strlen(product);
    e.items[0].price = RECS_MICRO;
    e.items[0].quantity = RECS_MICRO;
    e.item_count = 1;

    recs_report_add(r, &e, &err);
}


static double
impossible(recs_report_t *r, const char *what, const char *member)
{
    double   n;
    json_t  *json;

    json = made(r, "data-quality");
    n = number(json, "impossible", what, member);
    json_decref(json);

    return n;
}


static void
test_impossible(void)
{
    unsigned        items[PLACES] = { 0, 1, 2, 3, 4, 5 };
    recs_report_t  *r;

    r = recs_report_create(&config);

    click(r, 1, 3, 4);
    click(r, 1, 9, 4);
    is_int(impossible(r, "notShown", "count"), 0, "of a list that is unknown "
           "nothing is said");
    is_int(impossible(r, "clicksOfUnknownAnswers", "count"), 2, "but that");

    show(r, 1, items);
    is_int(impossible(r, "notShown", "count"), 1, "a click on what it has "
           "not");
    is_int(impossible(r, "notShown", "of"), 2, "of all that name an answer");
    is_int(impossible(r, "clicksOfUnknownAnswers", "count"), 0,
           "it is known now");
    is_int(impossible(r, "clicksOfUnknownAnswers", "of"), 2,
           "which is asked of clicks");

    order(r, 46, "o1", "a", 5);
    order(r, 46, "o1", "b", 5);
    order(r, 46, "o1", "b", 5);
    is_int(impossible(r, "refundsNotSold", "count"), 2, "not sold yet");
    order(r, 45, "o1", "a", 4);
    is_int(impossible(r, "refundsNotSold", "count"), 1, "one was, before");
    is_int(impossible(r, "refundsNotSold", "of"), 2, "sent twice is once");

    recs_report_clock(r, T0 + (config.report_refund_days * 24 + 5)
                              * 3600000LL);
    is_int(impossible(r, "refundsNotSold", "count"), 1, "without the order");
    recs_report_clock(r, T0 + (config.report_refund_days * 24 + 50)
                              * 3600000LL);
    is_int(impossible(r, "refundsNotSold", "count"), 1, "and without them");
    is_int(impossible(r, "notShown", "count"), 1, "so is the click");

    recs_report_destroy(r);
}


int
main(void)
{
    recs_config_init(&config);

    test_bias();
    test_quality();
    test_impossible();

    return done_testing();
}
