/*
 * Copyright (C) recs authors
 */

#include "../../builder/schedule.h"
#include "../../core/event/recs_event.h"
#include "tap.h"


static int64_t
at(const char *text)
{
    int64_t     ms;
    recs_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return (recs_parse_time(&s, &ms) == RECS_OK) ? ms : -1;
}


#define next_is(text, after, want)                                            \
    do {                                                                      \
        if (ok(recs_schedule_parse(&s, text, &err) == RECS_OK, "%s", text)) { \
            is_int(recs_schedule_next(&s, at(after)), at(want),               \
                   "%s after %s is %s", text, after, want);                   \
        }                                                                     \
    } while (0)

#define refused(text)                                                         \
    do {                                                                      \
        err = "";                                                             \
        ok(recs_schedule_parse(&s, text, &err) == RECS_ERROR && *err,         \
           "refused: %s: %s", text, err);                                     \
    } while (0)


/* Counts what comes in a year. */

static int
times(const recs_schedule_t *s, const char *from, const char *to)
{
    int      n;
    int64_t  t, end;

    end = at(to);
    n = 0;

    for (t = recs_schedule_next(s, at(from) - 1);
         t < end;
         t = recs_schedule_next(s, t))
    {
        n++;
    }

    return n;
}


#define times_are(text, from, to, want)                                       \
    do {                                                                      \
        if (ok(recs_schedule_parse(&s, text, &err) == RECS_OK, "%s", text)) { \
            is_int(times(&s, from, to), want, "%s: %d times", text, want);    \
        }                                                                     \
    } while (0)


int
main(void)
{
    const char       *err;
    recs_schedule_t   s;

    /* intervals */

    next_is("90s", "2024-03-01T00:00:00Z", "2024-03-01T00:01:30Z");
    next_is("15m", "2024-03-01T00:00:00Z", "2024-03-01T00:15:00Z");
    next_is("1h30m", "2024-03-01T00:00:00Z", "2024-03-01T01:30:00Z");
    next_is("1d", "2024-02-28T12:00:00Z", "2024-02-29T12:00:00Z");

    refused("0s");
    refused("15");
    refused("15x");
    refused("15m5");
    refused("32d");
    refused("99999999d99999999d99999999d");
    refused("123456789s");

    /* every minute, and never the minute itself */

    next_is("* * * * *", "2024-03-01T00:00:00Z", "2024-03-01T00:01:00Z");
    next_is("* * * * *", "2024-03-01T00:00:59.999Z", "2024-03-01T00:01:00Z");
    next_is("0 2 * * *", "2024-03-01T01:59:59Z", "2024-03-01T02:00:00Z");
    next_is("0 2 * * *", "2024-03-01T02:00:00Z", "2024-03-02T02:00:00Z");
    next_is("0 2 * * *", "2023-12-31T02:00:00Z", "2024-01-01T02:00:00Z");

    /* steps, ranges, lists */

    next_is("*/15 * * * *", "2024-03-01T00:46:00Z", "2024-03-01T01:00:00Z");
    next_is("10-40/10 8-10 * * *", "2024-03-01T08:40:00Z",
            "2024-03-01T09:10:00Z");
    next_is("50/5 * * * *", "2024-03-01T00:00:00Z", "2024-03-01T00:50:00Z");
    next_is("5,35,20 * * * *", "2024-03-01T00:20:00Z",
            "2024-03-01T00:35:00Z");
    next_is("  0  0  1  *  *  ", "2024-03-01T00:00:00Z",
            "2024-04-01T00:00:00Z");
    times_are("*/7 * * * *", "2024-03-01T00:00:00Z", "2024-03-01T01:00:00Z",
              9);
    times_are("0-59/20 1,3-5 * * *", "2024-03-01T00:00:00Z",
              "2024-03-02T00:00:00Z", 12);

    /* months and their lengths */

    next_is("0 0 31 * *", "2024-01-31T00:00:00Z", "2024-03-31T00:00:00Z");
    next_is("0 0 31 * *", "2024-03-31T00:00:00Z", "2024-05-31T00:00:00Z");
    next_is("0 0 30 feb,mar *", "2024-01-01T00:00:00Z",
            "2024-03-30T00:00:00Z");
    next_is("0 0 29 2 *", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z");
    next_is("0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z");
    next_is("0 0 1 JAN-mar/2 *", "2024-01-01T00:00:00Z",
            "2024-03-01T00:00:00Z");
    times_are("0 0 31 * *", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z",
              7);
    times_are("0 0 * 2 *", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z",
              29);
    times_are("0 0 * 2 *", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z",
              28);

    /* days of the week; 1 March 2024 was a Friday */

    next_is("0 0 * * mon", "2024-03-01T00:00:00Z", "2024-03-04T00:00:00Z");
    next_is("0 0 * * 7", "2024-03-01T00:00:00Z", "2024-03-03T00:00:00Z");
    next_is("0 0 * * 0", "2024-03-01T00:00:00Z", "2024-03-03T00:00:00Z");
    next_is("0 0 * * 5-7", "2024-03-03T00:00:00Z", "2024-03-08T00:00:00Z");
    next_is("0 0 * * Mon-Fri", "2024-03-01T00:00:00Z",
            "2024-03-04T00:00:00Z");

    /* a day of the month or of the week; with a star, both */

    next_is("0 0 13 * 5", "2024-03-01T00:00:00Z", "2024-03-08T00:00:00Z");
    next_is("0 0 13 * 5", "2024-03-08T00:00:00Z", "2024-03-13T00:00:00Z");
    next_is("0 0 */13 * 5", "2024-03-01T00:00:00Z", "2024-06-14T00:00:00Z");
    times_are("0 0 1,15 * *", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z",
              24);

    /* no hour is missing or doubled when clocks are changed */

    times_are("30 2 * * *", "2024-03-29T00:00:00Z", "2024-04-02T00:00:00Z",
              4);

    next_is("@hourly", "2024-03-01T00:00:00Z", "2024-03-01T01:00:00Z");
    next_is("@daily", "2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z");
    next_is("@weekly", "2024-03-01T00:00:00Z", "2024-03-03T00:00:00Z");
    next_is("@monthly", "2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z");

    refused("");
    refused("* * * *");
    refused("* * * * * *");
    refused("60 * * * *");
    refused("* 24 * * *");
    refused("* * 0 * *");
    refused("* * 32 * *");
    refused("* * * 13 *");
    refused("* * * 0 *");
    refused("* * * * 8");
    refused("*/0 * * * *");
    refused("5-1 * * * *");
    refused("1,,2 * * * *");
    refused("1- * * * *");
    refused("-1 * * * *");
    refused("* * * * monday");
    refused("a b c d e");
    refused("0 0 30 2 *");
    refused("0 0 31 4,6 *");
    refused("@sometimes");

    return done_testing();
}
