/*
 * Copyright (C) recs authors
 */

#include "t/unit/source.h"


static test_source_t  t;


static void
test_read(recs_file_e kind, const char *text, const char *want, unsigned bad,
    const char *name)
{
    test_source_write(&t, "x.csv", text, strlen(text));

    is_int(test_source_read(&t, kind), RECS_OK, "%s %s", name, t.err.text);
    is_str(t.log, strlen(t.log), want, "%s", name);
    is_int(t.source.stats.bad, bad, "%s: bad", name);
}


static void
test_events(void)
{
    test_read(RECS_FILE_EVENTS,
              "\xef\xbb\xbf" "activityType,timestamp,userId,productId,price\r\n"
              "PRODUCT_VIEW,2020-01-01,u,a,1.25\r\n"
              "\r\n"
              "PURCHASE,1577836800000,u,\"b \"\"2\"\",\nline\",,\r\n"
              "PURCHASE,1577836800000,u,\"b, \"\"2\"\"\",\r\n"
              "product view,1577836800,,c,3\n"
              "PRODUCT_VIEW,1577836800,u,d,3",
              "3 a 1250000 1577836800 user\n"
              "45 b, \"2\" -1 1577836800 user\n"
              "3 d 3000000 1577836800 user\n", 2, "cells, quotes, last line");

    ok(strstr(test_source_bad(&t), "\"line\":4,\"reason\":\"has not as many "
              "cells as the header\"") != NULL, "a row of too many cells");
    ok(strstr(test_source_bad(&t), "\"line\":7,") != NULL,
       "lines inside of a quote count");

    test_read(RECS_FILE_EVENTS,
              "activityType;timestamp;userId;productId\n"
              "PRODUCT_VIEW;2020-01-01;u;a,b\n",
              "3 a,b -1 1577836800 user\n", 0, "semicolons");

    test_read(RECS_FILE_EVENTS,
              "event_type,event_time,user_id,item_id,colour\n"
              "PRODUCT_VIEW,2020-01-01 00:00:00 UTC,u,a,red\n",
              "3 a -1 1577836800 user\n", 0, "other names, unknown columns");

    test_read(RECS_FILE_EVENTS,
              "activityType,timestamp,orderId,items\n"
              "PURCHASE,2020-01-01,o,\"[{\"\"productId\"\":\"\"a\"\","
              "\"\"price\"\":2}]\"\n"
              "PURCHASE,2020-01-01,o,\"[{\"\n",
              "45 a 2000000 1577836800 -\n", 1, "items in a cell");
}


static void
test_broken(void)
{
    test_read(RECS_FILE_EVENTS,
              "activityType,timestamp,userId,productId\n"
              "PRODUCT_VIEW,2020-01-01,u,a\n"
              "PRODUCT_VIEW,2020-01-01,u,b\"c\n"
              "PRODUCT_VIEW,2020-01-01,u,\"d\"e\n"
              "PRODUCT_VIEW,2020-01-01,u,\xff\n"
              "PRODUCT_VIEW,2020-01-01,u,f\n"
              "PRODUCT_VIEW,2020-01-01,u,\"g\n"
              "PRODUCT_VIEW,2020-01-01,u,h\n"
              "PRODUCT_VIEW,2020-01-01,u,i\n",
              "3 a -1 1577836800 user\n3 f -1 1577836800 user\n", 6,
              "quotes: every line that is lost counts");

    test_read(RECS_FILE_EVENTS, "", "", 0, "nothing");
    test_read(RECS_FILE_EVENTS, "activityType,userId\n", "", 0,
              "but a header");

    test_source_write(&t, "x.csv", "a,b\n1,2\n", 8);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_ERROR, "%s",
           t.err.text);
}


/* A quote that is not closed swallows a megabyte at most. */

static void
test_unclosed(void)
{
    char      *text;
    size_t     n;
    unsigned   i;

    text = recs_alloc(4000000);
    n = (size_t) sprintf(text, "activityType,timestamp,userId,productId\n"
                         "PRODUCT_VIEW,2020-01-01,u,\"a\n");

    for (i = 0; i < 60000; i++) {
        n += (size_t) sprintf(text + n, "PRODUCT_VIEW,2020-01-01,u,p%u\n", i);
    }

    test_source_write(&t, "x.csv", text, n);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_int(t.source.stats.lines, 60001, "all lines are counted");
    is_int(t.source.stats.events + t.source.stats.bad, 60001, "good or bad");
    ok(t.source.stats.bad > 1000 && t.source.stats.bad < 40000,
       "%llu are lost", (unsigned long long) t.source.stats.bad);

    free(text);
}


static void
test_rows(void)
{
    test_read(RECS_FILE_CATALOG,
              "productId,title,category,price,attributes.size,attributes.eco,"
              "tags\n"
              "a,\"The \"\"A\"\"\",Food > Tea,1.5,XL,,\"[\"\"x\"\",\"\"y\"\"]"
              "\"\n"
              "b,,,free,,,\n"
              ",nobody,,1,,,\n"
              "c,C,,,,yes,x\n",
              "4 {\"productId\":\"a\",\"title\":\"The \\\"A\\\"\","
              "\"category\":\"Food \\u003e Tea\",\"price\":\"1.5\","
              "\"tags\":[\"x\",\"y\"],\"attributes\":{\"size\":\"XL\"}}\n"
              "4 {\"productId\":\"c\",\"title\":\"C\",\"tags\":\"x\","
              "\"attributes\":{\"eco\":\"yes\"}}\n", 2, "products");

    test_read(RECS_FILE_USERS,
              "userId,cohort,optIn,mail\nu,A,yes,m@x\n,B,,\n",
              "5 {\"cohort\":\"A\",\"optIn\":true,\"createdAt\":null}\n", 1,
              "users");
}


int
main(void)
{
    test_source_init(&t);

    test_events();
    test_broken();
    test_unclosed();
    test_rows();

    test_source_done(&t);

    return done_testing();
}
