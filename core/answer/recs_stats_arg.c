/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../event/recs_client.h"
#include "recs_stats_sums.h"
#include "recs_strategy.h"


static int recs_stats_time(int64_t *ms, const recs_str_t *value,
    const char **err);
static int recs_stats_by(recs_stats_query_t *q, const recs_str_t *value,
    const char **err);
static unsigned recs_stats_dimension(const recs_str_t *name);
static int recs_stats_filter(recs_stats_value_t *filter, unsigned dimension,
    const recs_str_t *value, const char **err);
static int recs_stats_type(uint64_t *number, const recs_str_t *value);
static int recs_stats_decimal(uint64_t *number, const recs_str_t *value);
static int recs_stats_hex(uint64_t *number, const recs_str_t *value);


void
recs_stats_query_init(recs_stats_query_t *q)
{
    memset(q, 0, sizeof(recs_stats_query_t));

    q->from_ms = INT64_MIN;
    q->to_ms = INT64_MAX;
}


int
recs_stats_arg(recs_stats_query_t *q, const recs_str_t *name,
    const recs_str_t *value, const char **err)
{
    unsigned  d;

    static const recs_str_t  from = recs_string("from"),
        to = recs_string("to"), by = recs_string("groupBy");

    if (recs_str_equal(name, &from)) {
        return recs_stats_time(&q->from_ms, value, err);
    }

    if (recs_str_equal(name, &to)) {
        return recs_stats_time(&q->to_ms, value, err);
    }

    if (recs_str_equal(name, &by)) {
        return recs_stats_by(q, value, err);
    }

    d = recs_stats_dimension(name);

    if (d == RECS_STATS_DIMENSIONS
        || recs_stats_dimensions[d].of == RECS_STATS_OF_TIME)
    {
        return RECS_DECLINED;
    }

    if (recs_stats_filter(&q->filters[d], d, value, err) != RECS_OK) {
        return RECS_ERROR;
    }

    q->filtered |= 1u << d;

    return RECS_OK;
}


int
recs_stats_query_check(const recs_stats_query_t *q, const char **err)
{
    if (q->to_ms <= q->from_ms) {
        *err = "\"to\" is not after \"from\"";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_stats_time(int64_t *ms, const recs_str_t *value, const char **err)
{
    if (recs_parse_time(value, ms) != RECS_OK) {
        *err = "it is no time, as 2026-01-31T12:00:00Z or in milliseconds "
               "since 1970";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_stats_by(recs_stats_query_t *q, const recs_str_t *value,
    const char **err)
{
    unsigned        d, i;
    recs_str_t      name;
    const uint8_t  *p, *last;

    q->by_count = 0;
    p = value->data;
    last = p + value->len;

    for ( ;; ) {
        name.data = p;

        while (p < last && *p != ',') {
            p++;
        }

        name.len = p - name.data;
        d = recs_stats_dimension(&name);

        if (d == RECS_STATS_DIMENSIONS) {
            *err = "it is none of type, algorithm, placement, position, "
                   "variant, snapshot, device, region, segment, currency, "
                   "hour and day";
            return RECS_ERROR;
        }

        for (i = 0; i < q->by_count; i++) {
            if (q->by[i] == d) {
                *err = "it names a dimension twice";
                return RECS_ERROR;
            }
        }

        if (q->by_count == RECS_STATS_BY) {
            *err = "it names more than three dimensions";
            return RECS_ERROR;
        }

        q->by[q->by_count++] = (uint8_t) d;

        if (p == last) {
            return RECS_OK;
        }

        p++;
    }
}


static unsigned
recs_stats_dimension(const recs_str_t *name)
{
    unsigned  d;

    for (d = 0; d < RECS_STATS_DIMENSIONS; d++) {
        if (recs_str_equal(name, &recs_stats_dimensions[d].name)) {
            break;
        }
    }

    return d;
}


static int
recs_stats_filter(recs_stats_value_t *filter, unsigned dimension,
    const recs_str_t *value, const char **err)
{
    filter->number = 0;
    filter->text = *value;

    switch (recs_stats_dimensions[dimension].of) {

    case RECS_STATS_OF_STRATEGY:
        *err = "it is no type of recommendations";
        return recs_stats_type(&filter->number, value);

    case RECS_STATS_OF_NUMBER:
        *err = "it is no position";
        return recs_stats_decimal(&filter->number, value);

    case RECS_STATS_OF_SNAPSHOT:
        *err = "it is no snapshot, 16 hexadecimal digits";
        return recs_stats_hex(&filter->number, value);

    case RECS_STATS_OF_DEVICE:
        *err = "it is none of desktop, mobile, tablet and tv";
        filter->number = recs_device_find(value);

        return (value->len == 0
                || (filter->number != RECS_DEVICE_UNKNOWN
                    && filter->number != RECS_DEVICE_BOT))
               ? RECS_OK : RECS_ERROR;

    case RECS_STATS_OF_CURRENCY:
        *err = "it is no currency, three capitals";
        filter->number = recs_cell_currency(value);

        return (value->len == 0 || filter->number) ? RECS_OK : RECS_ERROR;

    default:
        *err = "it is longer than a name";
        return (value->len <= RECS_ID_MAX) ? RECS_OK : RECS_ERROR;
    }
}


/* The last resort has no path and is never asked for, but it is counted. */

static int
recs_stats_type(uint64_t *number, const recs_str_t *value)
{
    unsigned  n;

    if (value->len == 0) {
        *number = RECS_CELL_UNKNOWN;
        return RECS_OK;
    }

    n = recs_strategy_find(value);

    if (n == RECS_STRATEGY_MAX) {
        n = recs_strategy_find_path(value);
    }

    if (n == RECS_STRATEGY_MAX
        && recs_str_equal(value, &recs_strategies[RECS_CATALOGUE].name))
    {
        n = RECS_CATALOGUE;
    }

    *number = n;

    return (n == RECS_STRATEGY_MAX) ? RECS_ERROR : RECS_OK;
}


static int
recs_stats_decimal(uint64_t *number, const recs_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < '0' || value->data[i] > '9' || i == 9) {
            return RECS_ERROR;
        }

        *number = *number * 10 + (value->data[i] - '0');
    }

    return RECS_OK;
}


static int
recs_stats_hex(uint64_t *number, const recs_str_t *value)
{
    int     digit;
    size_t  i;

    if (value->len && value->len != 16) {
        return RECS_ERROR;
    }

    for (i = 0; i < value->len; i++) {
        digit = recs_hex_digit(value->data[i]);

        if (digit < 0) {
            return RECS_ERROR;
        }

        *number = *number << 4 | (unsigned) digit;
    }

    return RECS_OK;
}
