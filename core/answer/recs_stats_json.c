/*
 * Copyright (C) recs authors
 */

#include "../event/recs_client.h"
#include "../recs_date.h"
#include "recs_stats_sums.h"
#include "recs_strategy.h"


/* Bytes at most: of the head and the end, of a group without its names. */

#define RECS_STATS_HEAD   8192
#define RECS_STATS_GROUP  2048
#define RECS_STATS_BYTE   6          /* of a text, escaped */


typedef enum {
    RECS_STATS_COUNT = 0,
    RECS_STATS_SHARES,               /* RECS_CELL_SHARE is one */
    RECS_STATS_MONEY
} recs_stats_kind_e;

typedef struct {
    recs_str_t         name;
    uint16_t           offset;       /* in recs_cell_t */
    recs_stats_kind_e  kind;
    recs_str_t         definition;
} recs_stats_count_t;

/* The interval is that of a share of n, so that both are whole numbers. */

typedef struct {
    recs_str_t         name;
    uint16_t           hits;
    uint16_t           n;
    uint8_t            hits_kind;    /* recs_stats_kind_e */
    uint8_t            n_kind;
    unsigned           interval;
    recs_str_t         definition;
} recs_stats_rate_t;


static void recs_stats_head(const recs_stats_t *s, recs_out_t *out);
static void recs_stats_attribution(const recs_cell_meta_t *m,
    recs_out_t *out);
static void recs_stats_definitions(recs_out_t *out);
static void recs_stats_row(const recs_stats_t *s,
    const recs_stats_group_t *g, recs_out_t *out);
static void recs_stats_text(unsigned dimension, const recs_stats_value_t *v,
    recs_out_t *out);
static void recs_stats_sums(const recs_cell_t *sums, recs_out_t *out);
static void recs_stats_rate(const recs_stats_rate_t *rate, int64_t hits,
    uint64_t n, recs_out_t *out);
static int64_t recs_stats_divide(int64_t hits, uint64_t n, uint32_t scale);
static uint64_t recs_stats_whole(uint64_t n, uint8_t kind);
static int64_t recs_stats_micro(double share);
static void recs_stats_member(const recs_str_t *name, recs_out_t *out);
static void recs_stats_quoted(const recs_str_t *text, recs_out_t *out);
static void recs_stats_moment(const char *name, size_t len, unsigned known,
    int64_t ms, recs_out_t *out);


#define recs_stats_of(name)  offsetof(recs_cell_t, name)
#define recs_stats_get(cell, offset)                                         \
    (*(const int64_t *) (const void *) ((const uint8_t *) (cell) + (offset)))

#define recs_stats_counts_max                                                \
    (sizeof(recs_stats_counts) / sizeof(recs_stats_counts[0]))
#define recs_stats_rates_max                                                 \
    (sizeof(recs_stats_rates) / sizeof(recs_stats_rates[0]))


static const recs_stats_count_t  recs_stats_counts[] = {

    { recs_string("served"), recs_stats_of(served), RECS_STATS_COUNT,
      recs_string("products in answers") },

    { recs_string("seen"), recs_stats_of(seen), RECS_STATS_COUNT,
      recs_string("of these, products that the page reported as seen") },

    { recs_string("clicks"), recs_stats_of(clicks), RECS_STATS_COUNT,
      recs_string("clicks on them, double clicks counted once") },

    { recs_string("dismissed"), recs_stats_of(dismissed), RECS_STATS_COUNT,
      recs_string("products that were dismissed") },

    { recs_string("carts"), recs_stats_of(carts), RECS_STATS_SHARES,
      recs_string("lines put into a cart within clickDays after a click, "
                  "shared out by the attribution model") },

    { recs_string("orders"), recs_stats_of(orders), RECS_STATS_SHARES,
      recs_string("lines of orders, likewise") },

    { recs_string("units"), recs_stats_of(units), RECS_STATS_SHARES,
      recs_string("pieces in these lines") },

    { recs_string("revenue"), recs_stats_of(revenue), RECS_STATS_MONEY,
      recs_string("price x pieces of these lines, less refunds") },

    { recs_string("margin"), recs_stats_of(margin), RECS_STATS_MONEY,
      recs_string("revenue less cost, of lines whose cost is known") },

    { recs_string("refunds"), recs_stats_of(refunds), RECS_STATS_SHARES,
      recs_string("lines given back") },

    { recs_string("viewThroughOrders"), recs_stats_of(view_orders),
      RECS_STATS_COUNT,
      recs_string("lines of orders without a click, of products seen within "
                  "viewHours before; in none of the other numbers") },

    { recs_string("viewThroughRevenue"), recs_stats_of(view_revenue),
      RECS_STATS_MONEY,
      recs_string("price x pieces of viewThroughOrders") }
};


static const recs_stats_rate_t  recs_stats_rates[] = {

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

    { recs_string("conversionRate"), recs_stats_of(orders),
      recs_stats_of(clicks), RECS_STATS_SHARES, RECS_STATS_COUNT, 1,
      recs_string("orders / clicks") },

    { recs_string("refundRate"), recs_stats_of(refunds),
      recs_stats_of(orders), RECS_STATS_SHARES, RECS_STATS_SHARES, 1,
      recs_string("refunds / orders") },

    { recs_string("viewThroughRate"), recs_stats_of(view_orders),
      recs_stats_of(served), RECS_STATS_COUNT, RECS_STATS_COUNT, 1,
      recs_string("viewThroughOrders / served") },

    { recs_string("averageOrderValue"), recs_stats_of(revenue),
      recs_stats_of(orders), RECS_STATS_MONEY, RECS_STATS_SHARES, 0,
      recs_string("revenue / orders: of a line") },

    { recs_string("revenuePerClick"), recs_stats_of(revenue),
      recs_stats_of(clicks), RECS_STATS_MONEY, RECS_STATS_COUNT, 0,
      recs_string("revenue / clicks") }
};


size_t
recs_stats_room(const recs_stats_t *s, uint32_t max)
{
    size_t                     size;
    uint32_t                   i;
    unsigned                   n;
    const recs_stats_group_t  *g;

    size = RECS_STATS_HEAD;

    for (i = s->written; i < s->count && max; i++, max--) {
        g = &s->groups[s->order[i]];
        size += RECS_STATS_GROUP;

        for (n = 0; n < s->query.by_count; n++) {
            size += g->values[n].text.len * RECS_STATS_BYTE;
        }
    }

    return size;
}


int
recs_stats_json(recs_stats_t *s, recs_out_t *out, uint32_t max)
{
    uint32_t  i, last;

    if (!s->begun) {
        recs_stats_head(s, out);
    }

    last = s->written + recs_min(max, s->count - s->written);

    for (i = s->written; i < last; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_stats_row(s, &s->groups[s->order[i]], out);
    }

    if (last == s->count) {
        recs_out_lit(out, "]}");
    }

    if (out->overflow) {
        return RECS_ERROR;
    }

    s->begun = 1;
    s->written = last;

    return (last == s->count) ? RECS_OK : RECS_AGAIN;
}


static void
recs_stats_head(const recs_stats_t *s, recs_out_t *out)
{
    unsigned                 n;
    const recs_cell_meta_t  *m;

    m = recs_stats_meta(s);

    recs_out_byte(out, '{');
    recs_stats_moment("from", 4, s->query.from_ms != INT64_MIN,
                      s->query.from_ms, out);
    recs_stats_moment("to", 2, s->query.to_ms != INT64_MAX, s->query.to_ms,
                      out);
    recs_stats_moment("generatedAt", 11, m->made_ms != 0, m->made_ms, out);
    recs_stats_moment("firstEvent", 10, m->from_ms != 0, m->from_ms, out);
    recs_stats_moment("lastEvent", 9, m->until_ms != 0, m->until_ms, out);

    recs_stats_attribution(m, out);

    recs_out_lit(out, ",\"events\":");
    recs_out_u64(out, m->events);
    recs_out_lit(out, ",\"bots\":");
    recs_out_u64(out, m->bots);
    recs_out_lit(out, ",\"lost\":");
    recs_out_u64(out, m->lost);
    recs_out_lit(out, ",\"gaps\":");
    recs_out_u64(out, m->gaps);
    recs_out_lit(out, ",\"overflow\":");
    recs_out_u64(out, m->overflow);

    recs_out_lit(out, ",\"groupBy\":[");

    for (n = 0; n < s->query.by_count; n++) {
        if (n) {
            recs_out_byte(out, ',');
        }

        recs_stats_quoted(&recs_stats_names[s->query.by[n]], out);
    }

    recs_out_byte(out, ']');
    recs_stats_definitions(out);

    recs_out_lit(out, ",\"total\":{");
    recs_stats_sums(&s->total, out);
    recs_out_lit(out, "},\"truncated\":");

    if (s->truncated) {
        recs_out_lit(out, "true");

    } else {
        recs_out_lit(out, "false");
    }

    recs_out_lit(out, ",\"groups\":[");
}


static void
recs_stats_attribution(const recs_cell_meta_t *m, recs_out_t *out)
{
    static const recs_str_t  models[] = {
        recs_string("last"),
        recs_string("first"),
        recs_string("linear"),
        recs_string("decay"),
        recs_string("position")
    };

    recs_out_lit(out, "\"attribution\":");

    if (m->made_ms == 0 || m->attribution >= sizeof(models)
                                             / sizeof(models[0]))
    {
        recs_out_lit(out, "null");
        return;
    }

    recs_out_lit(out, "{\"model\":");
    recs_stats_quoted(&models[m->attribution], out);
    recs_out_lit(out, ",\"clickDays\":");
    recs_out_u64(out, m->click_days);
    recs_out_lit(out, ",\"viewHours\":");
    recs_out_u64(out, m->view_hours);
    recs_out_byte(out, '}');
}


static void
recs_stats_definitions(recs_out_t *out)
{
    size_t  i;

    recs_out_lit(out, ",\"definitions\":{");

    for (i = 0; i < recs_stats_counts_max; i++) {
        recs_stats_member(&recs_stats_counts[i].name, out);
        recs_stats_quoted(&recs_stats_counts[i].definition, out);
        recs_out_byte(out, ',');
    }

    for (i = 0; i < recs_stats_rates_max; i++) {
        recs_stats_member(&recs_stats_rates[i].name, out);
        recs_stats_quoted(&recs_stats_rates[i].definition, out);
        recs_out_byte(out, ',');
    }

    recs_out_lit(out, "\"low\":\"lower end of the interval of Wilson at 95 %"
                      "\",\"high\":\"its upper end\"}");
}


static void
recs_stats_row(const recs_stats_t *s, const recs_stats_group_t *g,
    recs_out_t *out)
{
    unsigned  n;

    recs_out_byte(out, '{');

    for (n = 0; n < s->query.by_count; n++) {
        recs_stats_member(&recs_stats_names[s->query.by[n]], out);
        recs_stats_text(s->query.by[n], &g->values[n], out);
        recs_out_byte(out, ',');
    }

    recs_stats_sums(&g->sums, out);
    recs_out_byte(out, '}');
}


/* What is not known is null. */

static void
recs_stats_text(unsigned dimension, const recs_stats_value_t *v,
    recs_out_t *out)
{
    recs_str_t  text;

    text = v->text;

    switch (dimension) {

    case RECS_STATS_TYPE:
        if (v->number < RECS_STRATEGY_MAX) {
            text = recs_strategies[v->number].name;
        }

        break;

    case RECS_STATS_DEVICE:
        if (v->number != RECS_DEVICE_UNKNOWN) {
            text = recs_device_name((recs_device_e) v->number);
        }

        break;

    case RECS_STATS_POSITION:
        if (v->number) {
            recs_out_u64(out, v->number);
            return;
        }

        break;

    case RECS_STATS_SNAPSHOT:
        if (v->number) {
            recs_out_byte(out, '"');
            recs_out_hex64(out, v->number);
            recs_out_byte(out, '"');
            return;
        }

        break;

    case RECS_STATS_HOUR:
        recs_out_time(out, (int64_t) v->number * RECS_HOUR_MS);
        return;

    case RECS_STATS_DAY:
        recs_out_time(out, (int64_t) v->number * 24 * RECS_HOUR_MS);
        return;

    default:
        break;
    }

    if (text.len) {
        recs_stats_quoted(&text, out);

    } else {
        recs_out_lit(out, "null");
    }
}


static void
recs_stats_sums(const recs_cell_t *sums, recs_out_t *out)
{
    size_t                     i;
    int64_t                    value;
    const recs_stats_rate_t   *rate;
    const recs_stats_count_t  *count;

    for (i = 0; i < recs_stats_counts_max; i++) {
        count = &recs_stats_counts[i];
        value = recs_stats_get(sums, count->offset);

        recs_stats_member(&count->name, out);

        if (count->kind == RECS_STATS_COUNT) {
            recs_out_u64(out, (uint64_t) value);

        } else {
            recs_out_micro(out, value);
        }

        recs_out_byte(out, ',');
    }

    for (i = 0; i < recs_stats_rates_max; i++) {
        rate = &recs_stats_rates[i];

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_stats_member(&rate->name, out);
        recs_stats_rate(rate, recs_stats_get(sums, rate->hits),
                        (uint64_t) recs_stats_get(sums, rate->n), out);
    }
}


static void
recs_stats_rate(const recs_stats_rate_t *rate, int64_t hits, uint64_t n,
    recs_out_t *out)
{
    double    low, high;
    int64_t   value;
    uint64_t  whole;

    if (n == 0) {
        recs_out_lit(out, "null");
        return;
    }

    /* shares and money are millionths already */

    value = recs_stats_divide(hits, n,
                              rate->hits_kind != RECS_STATS_COUNT
                              && rate->n_kind == RECS_STATS_COUNT
                              ? 1 : RECS_MICRO);

    if (!rate->interval) {
        recs_out_micro(out, value);
        return;
    }

    whole = recs_stats_whole((uint64_t) hits, rate->hits_kind);
    n = recs_stats_whole(n, rate->n_kind);

    recs_out_lit(out, "{\"value\":");
    recs_out_micro(out, value);

    if (recs_cell_wilson(whole, n, &low, &high) == RECS_OK) {
        recs_out_lit(out, ",\"low\":");
        recs_out_micro(out, recs_stats_micro(low));
        recs_out_lit(out, ",\"high\":");
        recs_out_micro(out, recs_stats_micro(high));

    } else {
        recs_out_lit(out, ",\"low\":null,\"high\":null");
    }

    recs_out_byte(out, '}');
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


static void
recs_stats_member(const recs_str_t *name, recs_out_t *out)
{
    recs_stats_quoted(name, out);
    recs_out_byte(out, ':');
}


static void
recs_stats_quoted(const recs_str_t *text, recs_out_t *out)
{
    recs_out_byte(out, '"');
    recs_out_json(out, text->data, text->len);
    recs_out_byte(out, '"');
}


/* A member of the head with its comma. */

static void
recs_stats_moment(const char *name, size_t len, unsigned known, int64_t ms,
    recs_out_t *out)
{
    recs_out_byte(out, '"');
    recs_out_bytes(out, name, len);
    recs_out_lit(out, "\":");

    if (known) {
        recs_out_time(out, ms);

    } else {
        recs_out_lit(out, "null");
    }

    recs_out_byte(out, ',');
}
