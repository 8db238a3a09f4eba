/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_cell.h"


/* The 0.975 quantile of the normal distribution, for 95 %. */

#define RECS_CELL_Z  1.959963984540054


#define recs_cell_by(member)                                                 \
    if (one->member != other->member) {                                      \
        return (one->member < other->member) ? -1 : 1;                       \
    }


int
recs_cell_compare(const recs_cell_t *one, const recs_cell_t *other)
{
    recs_cell_by(hour)
    recs_cell_by(strategy)
    recs_cell_by(device)
    recs_cell_by(position)
    recs_cell_by(snapshot)
    recs_cell_by(placement)
    recs_cell_by(variant)
    recs_cell_by(region)
    recs_cell_by(segment)
    recs_cell_by(currency)

    return 0;
}


/* A file may say anything: money that is too much stays at the most. */

static int64_t
recs_cell_sum(int64_t one, int64_t other)
{
    int64_t  sum;

    if (__builtin_add_overflow(one, other, &sum)) {
        return (one < 0) ? -INT64_MAX : INT64_MAX;
    }

    return recs_max(sum, -INT64_MAX);
}


uint32_t
recs_cell_currency(const recs_str_t *name)
{
    size_t    i;
    uint8_t   c;
    uint32_t  number;

    if (name->len != 3) {
        return 0;
    }

    for (i = 0, number = 0; i < 3; i++) {
        c = name->data[i] & ~0x20;

        if (c < 'A' || c > 'Z') {
            return 0;
        }

        number |= (uint32_t) c << 8 * i;
    }

    return number;
}


void
recs_cell_add(recs_cell_t *to, const recs_cell_t *from)
{
    if (from->currency == RECS_CELL_MIXED
        || (from->currency
            && (from->revenue || from->margin || from->view_revenue)))
    {
        to->currency = (to->currency == 0 || to->currency == from->currency)
                       ? from->currency : RECS_CELL_MIXED;
    }

    to->served += from->served;
    to->seen += from->seen;
    to->clicks += from->clicks;
    to->dismissed += from->dismissed;

    to->carts += from->carts;
    to->orders += from->orders;
    to->lines += from->lines;
    to->units += from->units;
    to->revenue = recs_cell_sum(to->revenue, from->revenue);
    to->margin = recs_cell_sum(to->margin, from->margin);
    to->refunds += from->refunds;

    to->view_orders += from->view_orders;
    to->view_lines += from->view_lines;
    to->view_revenue = recs_cell_sum(to->view_revenue, from->view_revenue);
}


int
recs_cell_wilson(uint64_t hits, uint64_t n, double *low, double *high)
{
    double  centre, half, p, z2;

    if (n == 0) {
        return RECS_ERROR;
    }

    hits = recs_min(hits, n);
    p = (double) hits / (double) n;
    z2 = RECS_CELL_Z * RECS_CELL_Z / (double) n;

    centre = (p + z2 / 2) / (1 + z2);
    half = RECS_CELL_Z * sqrt(p * (1 - p) / (double) n
                              + z2 / (4 * (double) n))
           / (1 + z2);

    /* at the ends rounding must not leave the range */

    *low = hits ? recs_max(centre - half, 0) : 0;
    *high = (hits < n) ? recs_min(centre + half, 1) : 1;

    return RECS_OK;
}
