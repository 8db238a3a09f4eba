/*
 * Copyright (C) recs authors
 *
 * The numbers of a report and what they mean: each is a row, wherever it is
 * written.
 */

#include "../event/recs_client.h"
#include "../recs_date.h"
#include "recs_stats_sums.h"
#include "recs_strategy.h"


static int64_t recs_stats_divide(int64_t hits, uint64_t n, uint32_t scale);
static uint64_t recs_stats_whole(uint64_t n, uint8_t kind);
static int64_t recs_stats_micro(double share);


#define recs_stats_of(name)  offsetof(recs_cell_t, name)

#define recs_stats_row(name, of, member, hours)                              \
    { recs_string(name), RECS_STATS_OF_ ## of, recs_stats_of(member),        \
      sizeof(((recs_cell_t *) 0)->member), hours }


/* In the order of recs_stats_dimension_e. */

const recs_stats_dimension_t  recs_stats_dimensions[RECS_STATS_DIMENSIONS] = {
    recs_stats_row("type", STRATEGY, strategy, 0),
    recs_stats_row("algorithm", ALGORITHM, strategy, 0),
    recs_stats_row("placement", NAME, placement, 0),
    recs_stats_row("position", NUMBER, position, 0),
    recs_stats_row("variant", NAME, variant, 0),
    recs_stats_row("snapshot", SNAPSHOT, snapshot, 0),
    recs_stats_row("device", DEVICE, device, 0),
    recs_stats_row("region", NAME, region, 0),
    recs_stats_row("segment", NAME, segment, 0),
    recs_stats_row("currency", CURRENCY, currency, 0),
    recs_stats_row("hour", TIME, hour, 1),
    recs_stats_row("day", TIME, hour, 24)
};


const recs_stats_count_t  recs_stats_counts[] = {

    { recs_string("served"), recs_stats_of(served), RECS_STATS_COUNT,
      recs_string("products in answers, each time one was given; none where "
                  "the list of an answer is not known") },

    { recs_string("seen"), recs_stats_of(seen), RECS_STATS_COUNT,
      recs_string("products that a page has reported as seen: those that its "
                  "RECOMMENDATION_VIEW names, or else all of the list") },

    { recs_string("clicks"), recs_stats_of(clicks), RECS_STATS_COUNT,
      recs_string("clicks on them; of several within 30 seconds by one "
                  "person on one product of one answer the first") },

    { recs_string("dismissed"), recs_stats_of(dismissed), RECS_STATS_COUNT,
      recs_string("products that were dismissed") },

    { recs_string("carts"), recs_stats_of(carts), RECS_STATS_SHARES,
      recs_string("lines put into a cart within clickDays after a click, "
                  "shared out by the attribution model") },

    { recs_string("orders"), recs_stats_of(orders), RECS_STATS_SHARES,
      recs_string("orders with lines of orderLines: each is one, shared out "
                  "equally over them") },

    { recs_string("orderLines"), recs_stats_of(lines), RECS_STATS_SHARES,
      recs_string("lines of orders within clickDays after a click, shared out "
                  "as carts are; an order told twice counts once") },

    { recs_string("units"), recs_stats_of(units), RECS_STATS_SHARES,
      recs_string("pieces in these lines") },

    { recs_string("revenue"), recs_stats_of(revenue), RECS_STATS_MONEY,
      recs_string("price x pieces of these lines, less what was given back, "
                  "in the hour of the refund; money is null where it is of "
                  "several currencies") },

    { recs_string("margin"), recs_stats_of(margin), RECS_STATS_MONEY,
      recs_string("revenue less cost, of lines whose price and cost are "
                  "known") },

    { recs_string("refunds"), recs_stats_of(refunds), RECS_STATS_SHARES,
      recs_string("lines given back, wholly or in part") },

    { recs_string("viewThroughOrders"), recs_stats_of(view_orders),
      RECS_STATS_SHARES,
      recs_string("orders with lines of viewThroughLines, shared out "
                  "likewise") },

    { recs_string("viewThroughLines"), recs_stats_of(view_lines),
      RECS_STATS_COUNT,
      recs_string("lines of orders without a click, of products seen within "
                  "viewHours before; in none of the numbers above") },

    { recs_string("viewThroughRevenue"), recs_stats_of(view_revenue),
      RECS_STATS_MONEY,
      recs_string("price x pieces of viewThroughLines, less what was given "
                  "back") },

    { recs_null_string, 0, RECS_STATS_COUNT, recs_null_string }
};


const recs_stats_rate_t  recs_stats_rates[] = {

    { recs_string("ctrSeen"), recs_stats_of(clicks), recs_stats_of(seen),
      RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("clicks / seen") },

    { recs_string("ctrServed"), recs_stats_of(clicks), recs_stats_of(served),
      RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("clicks / served") },

    { recs_string("seenRate"), recs_stats_of(seen), recs_stats_of(served),
      RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("seen / served") },

    { recs_string("dismissRate"), recs_stats_of(dismissed),
      recs_stats_of(served), RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("dismissed / served") },

    { recs_string("addToCartRate"), recs_stats_of(carts),
      recs_stats_of(clicks), RECS_STATS_SHARES, RECS_STATS_COUNT, 1,
      recs_string("carts / clicks") },

    { recs_string("conversionRate"), recs_stats_of(lines),
      recs_stats_of(clicks), RECS_STATS_SHARES, RECS_STATS_COUNT, 1,
      recs_string("orderLines / clicks") },

    { recs_string("refundRate"), recs_stats_of(refunds),
      recs_stats_of(lines), RECS_STATS_SHARES, RECS_STATS_SHARES, 1,
      recs_string("refunds / orderLines") },

    { recs_string("viewThroughRate"), recs_stats_of(view_lines),
      recs_stats_of(served), RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("viewThroughLines / served") },

    { recs_string("averageOrderValue"), recs_stats_of(revenue),
      recs_stats_of(orders), RECS_STATS_MONEY, RECS_STATS_SHARES, 0,
      recs_string("revenue / orders") },

    { recs_string("revenuePerClick"), recs_stats_of(revenue),
      recs_stats_of(clicks), RECS_STATS_MONEY, RECS_STATS_COUNT, 0,
      recs_string("revenue / clicks") },

    { recs_null_string, 0, 0, 0, 0, 0, recs_null_string }
};


static const struct {
    recs_str_t  name;
    recs_str_t  text;
} recs_stats_ends[] = {
    { recs_string("low"),
      recs_string("lower end of the interval of Wilson (1927) at 95 %") },
    { recs_string("high"), recs_string("its upper end") }
};


int
recs_stats_definition(unsigned i, recs_str_t *name, recs_str_t *text)
{
    const recs_stats_rate_t   *rate;
    const recs_stats_count_t  *count;

    for (count = recs_stats_counts; count->name.len; count++) {
        if (i-- == 0) {
            *name = count->name;
            *text = count->definition;
            return RECS_OK;
        }
    }

    for (rate = recs_stats_rates; rate->name.len; rate++) {
        if (i-- == 0) {
            *name = rate->name;
            *text = rate->definition;
            return RECS_OK;
        }
    }

    if (i >= sizeof(recs_stats_ends) / sizeof(recs_stats_ends[0])) {
        return RECS_DECLINED;
    }

    *name = recs_stats_ends[i].name;
    *text = recs_stats_ends[i].text;

    return RECS_OK;
}


int
recs_stats_rated(const recs_stats_rate_t *rate, const recs_cell_t *sums,
    recs_stats_rated_t *r)
{
    double    low, high;
    int64_t   hits;
    uint64_t  n, whole;

    hits = recs_stats_get(sums, rate->hits);
    n = (uint64_t) recs_stats_get(sums, rate->n);
    r->bounded = 0;

    if (n == 0 || !recs_stats_known(sums, rate->hits_kind)) {
        return RECS_DECLINED;
    }

    /* shares and money are millionths already */

    r->value = recs_stats_divide(hits, n,
                                 rate->hits_kind != RECS_STATS_COUNT
                                 && rate->n_kind == RECS_STATS_COUNT
                                 ? 1 : RECS_MICRO);

    if (!rate->interval) {
        return RECS_OK;
    }

    whole = recs_stats_whole((uint64_t) hits, rate->hits_kind);
    n = recs_stats_whole(n, rate->n_kind);

    if (recs_cell_wilson(whole, n, &low, &high) == RECS_OK) {
        r->bounded = 1;
        r->low = recs_stats_micro(low);
        r->high = recs_stats_micro(high);
    }

    return RECS_OK;
}


int
recs_stats_write(unsigned dimension, const recs_stats_value_t *v,
    recs_str_t *text, recs_out_t *out)
{
    const recs_stats_dimension_t  *d;

    d = &recs_stats_dimensions[dimension];
    *text = (recs_str_t) recs_null_string;

    if (v->number == 0 && d->of >= RECS_STATS_OF_NUMBER
        && d->of <= RECS_STATS_OF_CURRENCY)
    {
        return RECS_DECLINED;
    }

    switch (d->of) {

    case RECS_STATS_OF_TIME:
        recs_out_time(out, (int64_t) v->number * d->hours * RECS_HOUR_MS);
        return RECS_OK;

    case RECS_STATS_OF_NUMBER:
        recs_out_u64(out, v->number);
        return RECS_OK;

    case RECS_STATS_OF_SNAPSHOT:
        recs_out_byte(out, '"');
        recs_out_hex64(out, v->number);
        recs_out_byte(out, '"');
        return RECS_OK;

    case RECS_STATS_OF_STRATEGY:
        if (v->number < RECS_STRATEGY_MAX) {
            *text = recs_strategies[v->number].name;
        }

        break;

    case RECS_STATS_OF_DEVICE:
        *text = recs_device_name((recs_device_e) v->number);
        break;

    /* its letters, in the order of bytes that files have */

    case RECS_STATS_OF_CURRENCY:
        text->data = (const uint8_t *) &v->number;
        text->len = 3;
        break;

    default:
        *text = v->text;
        break;
    }

    return RECS_DECLINED;
}


/* hits * scale / n, the nearest; no more than there is room for. */

static int64_t
recs_stats_divide(int64_t hits, uint64_t n, uint32_t scale)
{
    __int128  half, value;

    half = n / 2;
    value = (__int128) hits * scale;
    value = (value + (value < 0 ? -half : half)) / (__int128) n;
    value = recs_min(value, INT64_MAX);

    return (int64_t) recs_max(value, -INT64_MAX);
}


/* Conversions, to the nearest whole one. */

static uint64_t
recs_stats_whole(uint64_t n, uint8_t kind)
{
    return (kind == RECS_STATS_SHARES)
           ? (n + RECS_CELL_SHARE / 2) / RECS_CELL_SHARE : n;
}


static int64_t
recs_stats_micro(double share)
{
    return (int64_t) (share * RECS_MICRO + 0.5);
}
