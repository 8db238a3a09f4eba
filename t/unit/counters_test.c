/*
 * Copyright (C) recs authors
 *
 * Counters for Redis: sums by day and type of cells that come in any order
 * and again, against a plain sum over all cells that are in force.
 */

#include <stdlib.h>
#include <time.h>

#include "builder/source/counters.h"
#include "core/answer/recs_strategy.h"
#include "tap.h"


#define TEST_DAY    20400                 /* 2025-11-08 */
#define TEST_HOURS  (11 * 24)


/* What the report has now, by hour and type; it may change. */

static recs_cell_t  cells[TEST_HOURS][4];
static recs_cell_t  shown[TEST_HOURS * 4];

static const uint8_t  types[4] = {
    RECS_PERSONALIZED, RECS_TRENDING, RECS_HOME, RECS_CELL_UNKNOWN
};


static uint32_t
hour_of(unsigned h)
{
    return (TEST_DAY - 10) * 24 + h;
}


static void
change(unsigned h)
{
    unsigned  t;

    for (t = 0; t < 4; t++) {
        cells[h][t].hour = hour_of(h);
        cells[h][t].strategy = types[t];
        cells[h][t].served = (uint64_t) rand() % 1000;
        cells[h][t].clicks = (uint64_t) rand() % 10;
        cells[h][t].orders = (uint64_t) rand() % 5 * 333333;
        cells[h][t].revenue = (int64_t) (rand() % 2000000) - 1000000;
    }
}


static void
take(recs_counters_t *c, unsigned from, unsigned to, unsigned all)
{
    unsigned            h, t, n;
    recs_report_view_t  view;

    memset(&view, 0, sizeof(view));

    for (h = from, n = 0; h < to; h++) {
        for (t = 0; t < 4; t++) {
            shown[n++] = cells[h][t];
        }
    }

    view.cells = shown;
    view.count = n;
    recs_counters_take(c, &view, all);
}


/* The value of a field of HSET, "" where there is none. */

static const char *
field(const recs_counters_args_t *hset, const char *name)
{
    int  i;

    for (i = 2; i + 1 < hset->argc; i += 2) {
        if (strcmp(hset->argv[i], name) == 0) {
            return hset->argv[i + 1];
        }
    }

    return "";
}


static unsigned
same(const recs_counters_args_t *hset, unsigned day, int type, const char *name)
{
    char      text[64], value[64];
    int64_t   served, revenue;
    unsigned  h, t;

    for (h = 0, served = 0, revenue = 0; h < TEST_HOURS; h++) {
        for (t = 0; t < 4; t++) {
            if (hour_of(h) / 24 == day && (type < 0 || t == (unsigned) type)) {
                served += (int64_t) cells[h][t].served;
                revenue += cells[h][t].revenue;
            }
        }
    }

    snprintf(text, sizeof(text), "%sserved", name);
    snprintf(value, sizeof(value), "%lld", (long long) served);

    if (strcmp(field(hset, text), value) != 0) {
        return 0;
    }

    snprintf(text, sizeof(text), "%srevenue", name);

    return llabs((long long) (strtod(field(hset, text), NULL) * 1e6
                              + (revenue < 0 ? -.5 : .5)) - revenue) <= 1;
}


/* Writes all that is due; returns how many days were. */

static unsigned
write_all(recs_counters_t *c, unsigned *good)
{
    char                      key[64];
    time_t                    t;
    unsigned                  n, day, last;
    struct tm                 tm;
    const recs_counters_args_t  *commands;

    last = UINT32_MAX;

    for (n = 0;
         recs_counters_commands(c, (int64_t) TEST_DAY * 86400000, &commands);
         n++)
    {
        day = (unsigned) (atoll(commands[3].argv[2]) / 86400 - 9);
        t = (time_t) day * 86400;
        gmtime_r(&t, &tm);
        strftime(key, sizeof(key), "shop:day:%Y-%m-%d", &tm);

        *good &= day < last
                 && strcmp(commands[0].argv[0], "MULTI") == 0
                 && strcmp(commands[4].argv[0], "EXEC") == 0
                 && commands[1].argc == 2
                 && strcmp(commands[1].argv[0], "DEL") == 0
                 && strcmp(commands[2].argv[0], "HSET") == 0
                 && strcmp(commands[3].argv[0], "EXPIREAT") == 0
                 && strcmp(commands[1].argv[1], key) == 0
                 && strcmp(commands[2].argv[1], key) == 0
                 && strcmp(commands[3].argv[1], key) == 0
                 && commands[2].argc <= 2 + 2 * RECS_COUNTERS_FIELDS
                 && same(&commands[2], day, -1, "")
                 && same(&commands[2], day, 0, "PERSONALIZED.")
                 && same(&commands[2], day, 1, "TRENDING.")
                 && same(&commands[2], day, 3, "UNKNOWN.")
                 && field(&commands[2], "SEASONAL.served")[0] == '\0';
        last = day;
        recs_counters_done(c);
    }

    return n;
}


int
main(void)
{
    unsigned          h, good, i;
    recs_counters_t  *c;

    srand(7);
    good = 1;
    c = recs_counters_create("shop");

    is_int(write_all(c, &good), 0, "nothing is known, nothing is written");

    for (h = 0; h < TEST_HOURS; h++) {
        change(h);
    }

    take(c, 0, TEST_HOURS, 1);
    is_int(write_all(c, &good), 9, "the days that Redis would not remove");
    ok(good, "sums of a day and its types, the newest first");
    is_int(write_all(c, &good), 0, "once");

    for (i = 0; i < 200; i++) {
        h = (unsigned) rand() % TEST_HOURS;
        change(h);
        take(c, h, h + 1, 0);

        if (i % 7 == 0) {
            (void) write_all(c, &good);
        }
    }

    (void) write_all(c, &good);
    ok(good, "hours that change replace what was known of them");

    recs_counters_reset(c);
    is_int(write_all(c, &good), 9, "written again where Redis lost them");
    ok(good, "with the same values");

    /* bots were found: less is counted than before, and a type is gone */

    for (h = 0; h < TEST_HOURS; h++) {
        memset(&cells[h][2], 0, sizeof(recs_cell_t));
        cells[h][2].hour = hour_of(h);
        cells[h][2].strategy = RECS_HOME;
        cells[h][0].served /= 2;
    }

    take(c, 0, TEST_HOURS, 1);
    is_int(write_all(c, &good), 9, "all of them anew");
    ok(good, "smaller values, too");

    recs_counters_free(c);

    return done_testing();
}
