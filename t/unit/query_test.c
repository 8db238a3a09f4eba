/*
 * Copyright (C) recs authors
 */

#include <time.h>

#include "core/answer/recs_query_arg.h"
#include "core/answer/recs_strategy.h"
#include "core/recs_hash.h"
#include "tap.h"


static int
keys(recs_query_t *q, const char *text)
{
    recs_str_t  value;

    value.data = (const uint8_t *) text;
    value.len = strlen(text);

    return recs_query_exclude(q, &value);
}


static void
test_exclude(void)
{
    char          many[8192];
    unsigned      i;
    recs_query_t  a, b;

    recs_query_init(&a);
    recs_query_init(&b);

    is_int(keys(&a, "x,y,z,y"), RECS_OK, "a list");
    is_int(a.exclude_count, 3, "without repeats");
    is_int(keys(&b, "z,x,y"), RECS_OK, "in another order");
    is_int(recs_query_hash(&a, 1) == recs_query_hash(&b, 1), 1,
           "is the same question");

    is_int(keys(&a, ""), RECS_OK, "an empty list");
    is_int(keys(&a, "x,"), RECS_ERROR, "an empty id at the end");
    is_int(keys(&a, ",x"), RECS_ERROR, "an empty id at the start");

    memset(many, 'a', 256);
    many[256] = '\0';
    is_int(keys(&a, many), RECS_ERROR, "too long an id");

    many[0] = '\0';

    for (i = 0; i < RECS_EXCLUDE_MAX; i++) {
        sprintf(many + strlen(many), "%s%u", i ? "," : "", i);
    }

    recs_query_init(&a);
    is_int(keys(&a, many), RECS_OK, "as many as there may be");
    recs_query_init(&a);
    strcat(many, ",more");
    is_int(keys(&a, many), RECS_ERROR, "one too many");
}


static void
test_hash(void)
{
    uint64_t      first;
    recs_query_t  q;

    memset(&q, 0xa5, sizeof(q));
    recs_query_init(&q);
    is_int(q.session_count, 0, "no session");
    is_int(q.search, 0, "no search");
    q.strategy = RECS_BESTSELLERS;
    first = recs_query_hash(&q, 7);

    ok(recs_query_hash(&q, 8) != first, "another view");
    q.limit++;
    ok(recs_query_hash(&q, 7) != first, "another limit");
    q.limit--;
    q.category = 1;
    ok(recs_query_hash(&q, 7) != first, "another category");
    q.category = 0;
    q.search = 1;
    ok(recs_query_hash(&q, 7) != first, "another search");
    q.search = 0;
    q.variant = 1;
    ok(recs_query_hash(&q, 7) != first, "another variant");
    q.variant = 0;
    q.asker.user[0] = 1;
    ok(recs_query_hash(&q, 7) == first, "who asks does not count");
    q.now_ms = 86400000;
    ok(recs_query_hash(&q, 7) == first, "nor does the day");
    q.strategy = RECS_SEASONAL;
    first = recs_query_hash(&q, 7);
    q.now_ms++;
    ok(recs_query_hash(&q, 7) == first, "the same day of a season");
    q.now_ms += 86400000;
    ok(recs_query_hash(&q, 7) != first, "another one");
}


static void
test_week(void)
{
    time_t      t;
    unsigned    wrong;
    struct tm   tm;

    wrong = 0;

    /* every day of 1904..2096 against the C library */

    for (t = -2082844800; t < 3976214400; t += 86400) {
        gmtime_r(&t, &tm);
        wrong += recs_week((int64_t) t * 1000)
                 != (uint32_t) recs_min(tm.tm_yday / 7, 52);
        wrong += recs_week((int64_t) t * 1000 + 86399999)
                 != (uint32_t) recs_min(tm.tm_yday / 7, 52);
    }

    is_int(wrong, 0, "the week of every day");
}


static void
test_strategies(void)
{
    unsigned                n, i, ends;
    recs_str_t              lower = recs_string("similar_products");
    recs_str_t              last = recs_string("CATALOGUE");
    const recs_strategy_t  *row;

    for (n = 0; n < RECS_CATALOGUE; n++) {
        row = &recs_strategies[n];
        is_int(recs_strategy_find(&row->name), n, "%s by name",
               row->name.data);
        is_int(recs_strategy_find_path(&row->path), n, "and by path");

        is_int((row->needs & RECS_TAKES_A_PRODUCT) != 0,
               (row->depends & RECS_DEPENDS_ITEM) != 0,
               "takes a product where it depends on one");

        ends = 0;

        for (i = 0; i < RECS_STRATEGY_FALLBACKS; i++) {
            ends |= row->fallback[i] == RECS_CATALOGUE;
            ok(ends || row->fallback[i] != n, "does not fall back on itself");
        }

        is_int(ends, 1, "its chain ends in the catalogue");
    }

    is_int(recs_strategy_find(&lower), RECS_SIMILAR_PRODUCTS, "any case");
    is_int(recs_strategy_find(&last), RECS_STRATEGY_MAX,
           "the catalogue is not asked for");
}


static int
argument(recs_query_t *q, recs_arg_e arg, const char *text)
{
    recs_str_t  value;

    value.data = (const uint8_t *) text;
    value.len = strlen(text);

    return recs_query_arg(q, arg, &value);
}


static void
accepts(recs_arg_e arg, const char *text)
{
    recs_query_t  q;

    recs_query_init(&q);
    is_int(argument(&q, arg, text), RECS_OK, "%s=%.40s",
           (const char *) recs_args[arg].name.data, text);
}


static void
refuses(recs_arg_e arg, const char *text)
{
    recs_query_t  q;

    recs_query_init(&q);
    is_int(argument(&q, arg, text), RECS_ERROR, "%s: no %.40s",
           (const char *) recs_args[arg].name.data, text);
}


static void
test_filter_values(void)
{
    char          many[8192];
    unsigned      i;
    recs_query_t  q;

    recs_query_init(&q);
    is_int(recs_query_filter(&q), RECS_OK, "no filter");
    is_int(q.filtered, 0, "says nothing");

    argument(&q, RECS_ARG_AVAILABILITY, "in-stock");
    argument(&q, RECS_ARG_MIN_RATING, "0");
    argument(&q, RECS_ARG_SORT, "relevance");

    for (i = 0; i < RECS_ARG_MAX; i++) {
        is_int(argument(&q, i, ""), RECS_OK, "an empty %s",
               (const char *) recs_args[i].name.data);
    }

    (void) recs_query_filter(&q);
    is_int(q.filtered, 0, "what is so anyway says nothing");

    argument(&q, RECS_ARG_MIN_PRICE, "19.99");
    argument(&q, RECS_ARG_MAX_PRICE, "20");
    argument(&q, RECS_ARG_MIN_RATING, "4.25");
    argument(&q, RECS_ARG_SORT, "price-desc");
    is_int(recs_query_filter(&q), RECS_OK, "a filter");
    is_int(q.filtered, 1, "says something");
    is_int(q.filter.price_min, 19990000, "lowest price");
    is_int(q.filter.price_max, 20000000, "highest price");
    is_int(q.filter.rating_min, 4250, "stars");
    is_int(q.sort, RECS_SORT_PRICE_DOWN, "order");

    argument(&q, RECS_ARG_MAX_PRICE, "19.98");
    is_int(recs_query_filter(&q), RECS_ERROR, "no price is both");

    refuses(RECS_ARG_MIN_PRICE, "-1");
    refuses(RECS_ARG_MIN_PRICE, "ten");
    refuses(RECS_ARG_MAX_PRICE, "1,5");
    refuses(RECS_ARG_MAX_PRICE, "nan");
    refuses(RECS_ARG_MAX_PRICE, "99999999999999999999");
    refuses(RECS_ARG_MIN_RATING, "5.1");
    refuses(RECS_ARG_MIN_RATING, "-0.1");
    refuses(RECS_ARG_AVAILABILITY, "some");
    refuses(RECS_ARG_AVAILABILITY, "ALL");
    refuses(RECS_ARG_SORT, "price");
    refuses(RECS_ARG_SORT, "newest ");
    refuses(RECS_ARG_BRAND, "a,,b");
    refuses(RECS_ARG_BRAND, ",");
    refuses(RECS_ARG_CATEGORY, "a,");
    refuses(RECS_ARG_TAGS, ",a");
    refuses(RECS_ARG_ATTRIBUTES, "colour");
    refuses(RECS_ARG_ATTRIBUTES, "colour:");
    refuses(RECS_ARG_ATTRIBUTES, ":red");
    refuses(RECS_ARG_ATTRIBUTES, "colour\\:red");
    accepts(RECS_ARG_ATTRIBUTES, "a\\:b:c,d:e:f");

    memset(many, 'a', 256);
    many[256] = '\0';
    refuses(RECS_ARG_REGION, many);
    refuses(RECS_ARG_BRAND, many);
    many[255] = '\0';
    accepts(RECS_ARG_REGION, many);
    accepts(RECS_ARG_BRAND, many);

    many[0] = '\0';

    for (i = 0; i < RECS_FILTER_MAX; i++) {
        sprintf(many + strlen(many), "%sn%u", i ? "," : "", i);
    }

    accepts(RECS_ARG_CATEGORY, many);
    strcat(many, ",more");
    refuses(RECS_ARG_CATEGORY, many);
}


static void
test_filter_names(void)
{
    uint64_t      first;
    recs_query_t  a, b;

    recs_query_init(&a);
    recs_query_init(&b);
    first = recs_query_hash(&a, 1);

    argument(&a, RECS_ARG_BRAND, "Alpha,Beta\\, Inc.,Alpha");
    argument(&a, RECS_ARG_ATTRIBUTES, "colour:Red,size\\:eu:42");
    argument(&a, RECS_ARG_TAGS, "vegan");
    argument(&a, RECS_ARG_CATEGORY, "Wear/Shoes");
    (void) recs_query_filter(&a);

    is_int(a.filter.brand_count, 2, "two brands");
    ok(a.filter.brands[0] == recs_key64("Beta, Inc.", 10)
       || a.filter.brands[1] == recs_key64("Beta, Inc.", 10),
       "a comma in a name");
    is_int(a.filter.tag_count, 3, "a tag and two attributes");
    ok(a.filter.tags[0] < a.filter.tags[1]
       && a.filter.tags[1] < a.filter.tags[2], "in an order of their own");
    ok(a.filter.categories[0] == recs_key64("Wear/Shoes", 10), "a path");

    argument(&b, RECS_ARG_TAGS, "Vegan");
    argument(&b, RECS_ARG_BRAND, "Beta\\, Inc.,Alpha");
    argument(&b, RECS_ARG_CATEGORY, "Wear/Shoes,Wear/Shoes");
    argument(&b, RECS_ARG_ATTRIBUTES, "size\\:eu:42,COLOUR:red");
    (void) recs_query_filter(&b);

    ok(recs_query_hash(&a, 1) == recs_query_hash(&b, 1),
       "one filter, however it is written");
    ok(recs_query_hash(&a, 1) != first, "is another question than none");

    b.sort = RECS_SORT_NEWEST;
    ok(recs_query_hash(&a, 1) != recs_query_hash(&b, 1), "another order");
    b.sort = a.sort;
    argument(&b, RECS_ARG_REGION, "de");
    ok(recs_query_hash(&a, 1) != recs_query_hash(&b, 1), "another region");
}


int
main(void)
{
    test_exclude();
    test_hash();
    test_filter_values();
    test_filter_names();
    test_week();
    test_strategies();

    return done_testing();
}
