/*
 * Copyright (C) recs authors
 *
 * How good the events are: what is missing, late, told twice or of nothing
 * that is sold.  Counts only, so that no order makes a difference.
 */

#include "private.h"


typedef unsigned (*recs_quality_pt)(const recs_event_t *e);

static unsigned recs_quality_session(const recs_event_t *e);
static unsigned recs_quality_user(const recs_event_t *e);
static unsigned recs_quality_device(const recs_event_t *e);
static unsigned recs_quality_recommendation(const recs_event_t *e);
static unsigned recs_quality_position(const recs_event_t *e);
static unsigned recs_quality_placement(const recs_event_t *e);
static unsigned recs_quality_price(const recs_event_t *e);
static unsigned recs_quality_currency(const recs_event_t *e);
static unsigned recs_quality_order(const recs_event_t *e);
static unsigned recs_quality_message(const recs_event_t *e);
static unsigned recs_quality_sent(const recs_event_t *e);


#define RECS_QUALITY_SALE                                                    \
    (RECS_SIGNAL_CART|RECS_SIGNAL_PURCHASE)

/* Fields, and the types of events that should have them; 0: all. */

static const struct {
    const char       *name;
    unsigned          signals;
    recs_quality_pt   has;
} recs_quality_fields[] = {
    { "sessionId", 0, recs_quality_session },
    { "userId", 0, recs_quality_user },
    { "device", 0, recs_quality_device },
    { "messageId", 0, recs_quality_message },
    { "sentAt", 0, recs_quality_sent },
    { "recommendationId", RECS_SIGNAL_CLICK|RECS_SIGNAL_DISMISS,
      recs_quality_recommendation },
    { "position", RECS_SIGNAL_CLICK, recs_quality_position },
    { "placement", RECS_SIGNAL_CLICK|RECS_SIGNAL_DISMISS,
      recs_quality_placement },
    { "price", RECS_QUALITY_SALE, recs_quality_price },
    { "currency", RECS_QUALITY_SALE, recs_quality_currency },
    { "orderId", RECS_SIGNAL_PURCHASE, recs_quality_order },
    { NULL, 0, NULL }
};


/* Upper ends of the buckets, ms; the last has none. */

static const struct {
    const char  *name;
    int64_t      most;
} recs_quality_buckets[RECS_QUALITY_BUCKETS] = {
    { "1s", 1000 },
    { "1m", 60000 },
    { "1h", RECS_REPORT_HOUR },
    { "1d", RECS_REPORT_DAY },
    { "more", INT64_MAX }
};


static unsigned
recs_quality_session(const recs_event_t *e)
{
    return recs_identity_known(&e->session) != 0;
}


static unsigned
recs_quality_user(const recs_event_t *e)
{
    return recs_identity_known(&e->user) != 0;
}


static unsigned
recs_quality_device(const recs_event_t *e)
{
    return e->device != RECS_DEVICE_UNKNOWN;
}


static unsigned
recs_quality_recommendation(const recs_event_t *e)
{
    return e->recommendation.len != 0;
}


static unsigned
recs_quality_position(const recs_event_t *e)
{
    return e->position != 0;
}


static unsigned
recs_quality_placement(const recs_event_t *e)
{
    return e->placement.len != 0;
}


static unsigned
recs_quality_price(const recs_event_t *e)
{
    uint32_t  i;

    for (i = 0; i < e->item_count; i++) {
        if (e->items[i].price == RECS_NO_MONEY) {
            return 0;
        }
    }

    return 1;
}


static unsigned
recs_quality_currency(const recs_event_t *e)
{
    return e->currency.len != 0;
}


static unsigned
recs_quality_order(const recs_event_t *e)
{
    return e->order.len != 0;
}


static unsigned
recs_quality_message(const recs_event_t *e)
{
    return e->message_id.len != 0;
}


static unsigned
recs_quality_sent(const recs_event_t *e)
{
    return e->sent_ms != 0;
}


static unsigned
recs_quality_bucket(int64_t ms)
{
    unsigned  i;

    for (i = 0; ms > recs_quality_buckets[i].most; i++) {
        /* void */
    }

    return i;
}


/* What was imported arrived when it was imported: that says nothing. */

static void
recs_quality_clocks(recs_quality_t *q, const recs_event_t *e)
{
    int64_t  late, skew;

    if (e->epoch == 0) {
        return;
    }

    late = e->received_ms - e->time_ms;

    if (late < 0) {
        q->future++;

    } else {
        q->late[recs_quality_bucket(late)]++;
    }

    if (e->time_ms / RECS_REPORT_HOUR < e->received_ms / RECS_REPORT_HOUR) {
        q->unordered++;
    }

    if (e->sent_ms == 0) {
        return;
    }

    skew = e->sent_ms - e->received_ms;

    if (skew > 0) {
        q->ahead[recs_quality_bucket(skew)]++;

    } else {
        q->behind[recs_quality_bucket(-skew)]++;
    }
}


static void
recs_quality_products(recs_report_t *r, const recs_event_t *e)
{
    uint32_t               i;
    uint64_t               item;
    recs_report_product_t  *p;

    for (i = 0; i < e->item_count; i++) {
        item = recs_key64(e->items[i].product.data, e->items[i].product.len);
        item = item ? item : 1;

        if (r->product_count >= RECS_REPORT_PRODUCTS
            && recs_report_map_get(&r->by_product, item) == RECS_NONE)
        {
            r->quality.products++;
            continue;
        }

        p = recs_report_product(r, item);
        p->lines++;
    }
}


void
recs_report_quality(recs_report_t *r, const recs_event_t *e)
{
    unsigned                  i;
    recs_quality_t           *q;
    const recs_event_type_t  *type;

    q = &r->quality;
    recs_quality_clocks(q, e);

    if (e->class != RECS_CLASS_ACTIVITY) {
        return;
    }

    q->events[e->type]++;
    q->lines[e->type] += e->item_count;

    type = recs_event_type(e->type);

    if (type == NULL) {
        return;
    }

    for (i = 0; recs_quality_fields[i].name; i++) {
        if ((recs_quality_fields[i].signals == 0
             || (recs_quality_fields[i].signals & type->signal))
            && !recs_quality_fields[i].has(e))
        {
            q->missing[e->type][i]++;
        }
    }

    recs_quality_products(r, e);
}


/* A share of nothing is null, not 0. */

static json_t *
recs_quality_share(uint64_t n, uint64_t of)
{
    return json_pack("{s:I, s:I, s:o}", "count", (json_int_t) n,
                     "of", (json_int_t) of,
                     "share", of ? json_real((double) n / (double) of)
                                 : json_null());
}


static json_t *
recs_quality_missing(const recs_quality_t *q)
{
    json_t                   *fields, *types;
    unsigned                  code, i;
    const recs_event_type_t  *type;

    types = json_object();

    for (code = 0; code < 256; code++) {
        type = q->events[code] ? recs_event_type(code) : NULL;

        if (type == NULL) {
            continue;
        }

        fields = json_object();

        for (i = 0; recs_quality_fields[i].name; i++) {
            if (recs_quality_fields[i].signals == 0
                || (recs_quality_fields[i].signals & type->signal))
            {
                json_object_set_new(fields, recs_quality_fields[i].name,
                                    recs_quality_share(q->missing[code][i],
                                                       q->events[code]));
            }
        }

        json_object_set_new(types, type->name,
            json_pack("{s:I, s:I, s:o}", "events",
                      (json_int_t) q->events[code], "lines",
                      (json_int_t) q->lines[code], "missing", fields));
    }

    return types;
}


static json_t *
recs_quality_histogram(const uint64_t *counts)
{
    json_t    *o;
    uint64_t   sum;
    unsigned   i;

    o = json_object();

    for (i = 0, sum = 0; i < RECS_QUALITY_BUCKETS; i++) {
        sum += counts[i];
    }

    for (i = 0; i < RECS_QUALITY_BUCKETS; i++) {
        json_object_set_new(o, recs_quality_buckets[i].name,
                            recs_quality_share(counts[i], sum));
    }

    return o;
}


/* Without a catalogue nobody knows which products there are. */

static json_t *
recs_quality_unknown(const recs_report_t *r)
{
    size_t                        i;
    uint64_t                      all, lines, products;
    unsigned                      known;
    const recs_report_product_t  *p;

    all = r->quality.products;
    lines = 0;
    products = 0;
    known = 0;

    for (i = 0; i < r->product_count; i++) {
        p = &r->products[i];
        all += p->lines;
        known |= p->known;

        if (!p->known && p->lines) {
            lines += p->lines;
            products++;
        }
    }

    if (!known) {
        return json_null();
    }

    return json_pack("{s:I, s:I, s:o}", "products", (json_int_t) products,
                     "notFollowed", (json_int_t) r->quality.products,
                     "lines", recs_quality_share(lines, all));
}


/* What cannot have happened as it is told. */

static json_t *
recs_quality_impossible(const recs_report_t *r)
{
    size_t                 i;
    uint64_t               unsold;
    const recs_quality_t  *q;

    q = &r->quality;

    for (i = 0, unsold = q->unsold; i < r->refund_count; i++) {
        unsold += !recs_report_refund_sold(r, &r->refunds[i]);
    }

    return json_pack("{s:o, s:o, s:o}",
                     "notShown", recs_quality_share(q->unshown, q->named),
                     "clicksOfUnknownAnswers",
                     recs_quality_share(q->unlisted, q->asked),
                     "refundsNotSold",
                     recs_quality_share(unsold, q->refunds));
}


/* Of what people and programs do; a catalogue is neither's. */

static json_t *
recs_quality_bots(const recs_report_t *r)
{
    json_t                *j;
    uint64_t               agents, done;
    unsigned               i;
    const recs_quality_t  *q;

    q = &r->quality;
    agents = r->meta.bots - q->paced;
    done = agents + q->exposures;

    for (i = 0; i < 256; i++) {
        done += q->events[i];
    }

    j = recs_quality_share(r->meta.bots, done);
    json_object_set_new(j, "reasons",
        json_pack("{s:I, s:I}", "agent", (json_int_t) agents,
                  "pace", (json_int_t) q->paced));

    return j;
}


json_t *
recs_report_quality_make(recs_report_t *r)
{
    json_t                *j;
    uint64_t               arrived;
    unsigned               i;
    const recs_quality_t  *q;

    q = &r->quality;

    for (i = 0, arrived = q->future; i < RECS_QUALITY_BUCKETS; i++) {
        arrived += q->late[i];
    }

    j = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}",
                  "events", (json_int_t) r->meta.events,
                  "lists", (json_int_t) q->lists,
                  "exposures", (json_int_t) q->exposures,
                  "bots", recs_quality_bots(r),
                  "types", recs_quality_missing(q),
                  "unknownProducts", recs_quality_unknown(r));

    json_object_set_new(j, "impossible", recs_quality_impossible(r));
    json_object_set_new(j, "doubleClicks",
                        recs_quality_share(q->doubles, q->clicks));
    json_object_set_new(j, "clicksByCart",
                        json_integer((json_int_t) q->direct));
    json_object_set_new(j, "clicksWithoutRecommendation",
                        recs_quality_share(q->untold, q->clicks));
    json_object_set_new(j, "repeatedOrderLines",
                        json_integer((json_int_t) q->repeated));
    json_object_set_new(j, "refundsBeyond",
                        json_integer((json_int_t) q->beyond));
    json_object_set_new(j, "late", recs_quality_histogram(q->late));
    json_object_set_new(j, "fromTheFuture",
                        recs_quality_share(q->future, arrived));
    json_object_set_new(j, "outOfOrder",
                        recs_quality_share(q->unordered, arrived));
    json_object_set_new(j, "clockBehind", recs_quality_histogram(q->behind));
    json_object_set_new(j, "clockAhead", recs_quality_histogram(q->ahead));
    json_object_set_new(j, "overflow",
                        json_integer((json_int_t) r->meta.overflow));

    return j;
}
