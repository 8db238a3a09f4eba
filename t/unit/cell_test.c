/*
 * Copyright (C) recs authors
 *
 * Cells: order of keys, sums, and Wilson's interval against published ones.
 */

#include <math.h>

#include "core/snapshot/recs_cell.h"
#include "tap.h"


/* Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */

static const struct {
    unsigned  hits;
    unsigned  n;
    double    low;
    double    high;
} newcombe[] = {
    { 81, 263, 0.2553, 0.3662 },
    { 15, 148, 0.0624, 0.1605 },
    { 0, 20, 0.0000, 0.1611 },
    { 1, 29, 0.0061, 0.1718 },
};


static void
test_wilson(void)
{
    double    high, low, more_high, more_low;
    size_t    i;
    uint64_t  hits;
    unsigned  good;

    for (i = 0; i < sizeof(newcombe) / sizeof(newcombe[0]); i++) {
        is_int(recs_cell_wilson(newcombe[i].hits, newcombe[i].n, &low, &high),
               RECS_OK, "%u of %u has an interval", newcombe[i].hits,
               newcombe[i].n);
        ok(fabs(low - newcombe[i].low) < 0.00005
           && fabs(high - newcombe[i].high) < 0.00005,
           "%.4f to %.4f, as Newcombe has it", low, high);
    }

    is_int(recs_cell_wilson(0, 0, &low, &high), RECS_ERROR,
           "a rate of nothing is not 0");

    recs_cell_wilson(7, 5, &more_low, &more_high);
    recs_cell_wilson(5, 5, &low, &high);
    ok(low == more_low && high == more_high && high == 1,
       "more hits than n are n");

    for (hits = 0, good = 1; hits <= 1000; hits++) {
        recs_cell_wilson(hits, 1000, &low, &high);
        good &= low >= 0 && high <= 1 && low <= hits / 1000.0
                && high >= hits / 1000.0;
        recs_cell_wilson(1000 - hits, 1000, &more_low, &more_high);
        good &= fabs(1 - high - more_low) < 1e-12;
    }

    ok(good, "an interval holds its rate, and is that of the others mirrored");

    recs_cell_wilson(UINT64_MAX / 2, UINT64_MAX, &low, &high);
    ok(low > 0.49999 && high < 0.50001, "of all that can be counted");
}


static void
test_compare(void)
{
    recs_cell_t  one, other;

    memset(&one, 0, sizeof(one));
    memset(&other, 0, sizeof(other));

    one.served = 5;
    is_int(recs_cell_compare(&one, &other), 0, "counts are no key");

#define differs(member)                                                       \
    other.member = 1;                                                         \
    is_int(recs_cell_compare(&one, &other), -1, #member " smaller");          \
    is_int(recs_cell_compare(&other, &one), 1, #member " larger");

    differs(currency)
    differs(segment)
    differs(region)
    differs(variant)
    differs(placement)
    differs(snapshot)
    differs(position)
    differs(device)
    differs(strategy)
    differs(hour)

    one.strategy = RECS_CELL_UNKNOWN;
    is_int(recs_cell_compare(&one, &other), -1, "the hour goes first");
}


static void
test_add(void)
{
    recs_cell_t  one, other;

    memset(&one, 0, sizeof(one));
    memset(&other, 0, sizeof(other));

    one.hour = 7;
    one.served = 10;
    one.revenue = 3;

    other.hour = 9;
    other.served = 1;
    other.seen = 2;
    other.clicks = 3;
    other.dismissed = 4;
    other.carts = 5;
    other.orders = 6;
    other.units = 7;
    other.revenue = -8;
    other.margin = -9;
    other.refunds = 10;
    other.view_orders = 11;
    other.view_revenue = -12;
    other.lines = 13;
    other.view_lines = 14;

    recs_cell_add(&one, &other);

    ok(one.hour == 7 && one.served == 11 && one.seen == 2 && one.clicks == 3
       && one.dismissed == 4 && one.carts == 5 && one.orders == 6
       && one.units == 7 && one.revenue == -5 && one.margin == -9
       && one.refunds == 10 && one.view_orders == 11
       && one.view_revenue == -12 && one.lines == 13
       && one.view_lines == 14,
       "all counts are added, the key stays");

    one.revenue = INT64_MAX - 4;
    one.margin = -INT64_MAX + 4;
    other.revenue = 5;
    other.margin = -5;

    recs_cell_add(&one, &other);

    ok(one.revenue == INT64_MAX && one.margin == -INT64_MAX,
       "money that is too much has no other sign");
}


int
main(void)
{
    test_wilson();
    test_compare();
    test_add();

    return done_testing();
}
