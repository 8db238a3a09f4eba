/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_identity.h"
#include "dataset_private.h"


/* Signals whose rows have price, quantity, order and rating. */

#define RECS_SIGNAL_DETAILED                                                  \
    (RECS_SIGNAL_PURCHASE|RECS_SIGNAL_REFUND|RECS_SIGNAL_RATING               \
     |RECS_SIGNAL_CART|RECS_SIGNAL_UNCART)


typedef struct {
    const recs_event_t  *event;
    uint16_t             signal;
    uint8_t              type;
    uint32_t             order;
    uint32_t             user;
    uint32_t             session;
    uint32_t             time;
} recs_dataset_line_t;


recs_dataset_t *
recs_dataset_create(const recs_config_t *config)
{
    recs_dataset_t           *d;
    const recs_event_type_t  *t;
    recs_dataset_private_t   *p;

    d = recs_calloc(1, sizeof(recs_dataset_t));
    p = recs_calloc(1, sizeof(recs_dataset_private_t));

    d->private = p;
    d->users = recs_keys16_create();
    d->sessions = recs_keys16_create();

    p->config = config;
    p->catalog = recs_catalog_create();
    p->ids = recs_names_create();
    p->strings = recs_names_create();
    p->paths = recs_names_create();
    p->brands = recs_names_create();
    p->regions = recs_names_create();
    p->event_regions = recs_names_create();
    p->currencies = recs_names_create();
    p->tiers = recs_names_create();
    p->tag_names = recs_names_create();
    p->orders = recs_keys16_create();

    for (t = recs_event_types; t->name; t++) {
        p->weight[t->code] = recs_event_feedback(t, 0);

        if (t->signal & RECS_SIGNAL_RATING) {
            p->star[t->code] = recs_event_feedback(t, 4000);
        }
    }

    return d;
}


static void
recs_dataset_add_duration(recs_dataset_t *d, recs_dataset_private_t *p,
    uint32_t seconds)
{
    size_t  cap;

    if (d->duration == NULL) {

        if (seconds == 0) {
            return;
        }

        cap = p->rows_cap[0];
        d->duration = recs_calloc(cap, sizeof(uint16_t));
        p->rows_cap[6] = cap;
    }

    recs_grow(&d->duration, &p->rows_cap[6], d->events + 1,
              sizeof(uint16_t));

    d->duration[d->events] = (uint16_t) recs_min(seconds, UINT16_MAX);
}


/* Numbers of arrival for now; of too many the last ones are none. */

static void
recs_dataset_add_region(recs_dataset_t *d, recs_dataset_private_t *p,
    const recs_str_t *name)
{
    uint32_t  n;

    if (d->region == NULL && name->len == 0) {
        return;
    }

    if (d->region == NULL) {
        d->region = recs_calloc(p->rows_cap[0], sizeof(uint8_t));
        p->rows_cap[7] = p->rows_cap[0];
    }

    n = RECS_NONE;

    if (name->len) {
        n = (recs_names_count(p->event_regions) < RECS_DATASET_REGIONS)
            ? recs_names_add(p->event_regions, name->data, name->len)
            : recs_names_find(p->event_regions, name->data, name->len);
    }

    recs_grow(&d->region, &p->rows_cap[7], d->events + 1, sizeof(uint8_t));
    d->region[d->events] = (uint8_t) (n + 1);
}


static uint32_t
recs_dataset_add_detail(recs_dataset_t *d, recs_dataset_private_t *p,
    const recs_dataset_line_t *line, const recs_event_item_t *item)
{
    int64_t         quantity;
    unsigned        imported;
    recs_detail_t  *detail;

    quantity = item->quantity;

    if (line->type == RECS_EVENT_REFUND && quantity > 0) {
        quantity = -quantity;
    }

    imported = line->event->epoch == 0 && (line->signal & RECS_SIGNAL_PURCHASE)
               && line->user == RECS_NONE && line->session == RECS_NONE;

    if (line->order == RECS_NONE
        && item->price == RECS_NO_MONEY
        && quantity == RECS_MICRO
        && line->event->rating == 0
        && !imported)
    {
        return RECS_NONE;
    }

    recs_grow(&d->details, &p->details_cap, (size_t) d->detail_count + 1,
              sizeof(recs_detail_t));

    detail = &d->details[d->detail_count];

    detail->order = line->order;
    detail->rating = (int16_t) line->event->rating;
    detail->imported = (uint8_t) imported;
    detail->price = item->price;
    detail->quantity = quantity;

    return d->detail_count++;
}


/*
 * The price of a product without a catalogue is what its events say; where
 * there is a catalogue, finish drops these prices.
 */

static void
recs_dataset_add_price(recs_dataset_private_t *p, uint32_t number,
    const recs_dataset_line_t *line, const recs_event_item_t *item)
{
    recs_raw_t  *raw;

    raw = &p->raw[number];

    if (item->price == RECS_NO_MONEY
        || item->price <= 0
        || raw->price != RECS_NO_MONEY
        || line->type == RECS_EVENT_REFUND)
    {
        return;
    }

    if (raw->currency == RECS_NONE && line->event->currency.len) {
        raw->currency = recs_names_add(p->currencies,
                                       line->event->currency.data,
                                       line->event->currency.len);
    }

    if (item->price != raw->event_price) {
        recs_dataset_price_add(&p->event_prices, number, line->time,
                               item->price);
    }

    if (line->time >= raw->event_time) {
        raw->event_price = item->price;
        raw->event_time = line->time;
    }
}


static int
recs_dataset_add_row(recs_dataset_t *d, const recs_dataset_line_t *line,
    const recs_event_item_t *item, recs_error_t *err)
{
    size_t                  n;
    uint32_t                number;
    recs_dataset_private_t *p;

    p = d->private;
    n = d->events;

    if (n == UINT32_MAX - 1) {
        return recs_error(err, "more than %u lines of events for one shop; "
                          "build from fewer days of them", UINT32_MAX - 1);
    }

    number = recs_dataset_raw(p, &item->product);

    recs_grow(&d->time, &p->rows_cap[0], n + 1, sizeof(uint32_t));
    recs_grow(&d->item, &p->rows_cap[1], n + 1, sizeof(uint32_t));
    recs_grow(&d->user, &p->rows_cap[2], n + 1, sizeof(uint32_t));
    recs_grow(&d->session, &p->rows_cap[3], n + 1, sizeof(uint32_t));
    recs_grow(&d->detail, &p->rows_cap[4], n + 1, sizeof(uint32_t));
    recs_grow(&d->type, &p->rows_cap[5], n + 1, sizeof(uint8_t));
    recs_dataset_add_duration(d, p, line->event->duration);
    recs_dataset_add_region(d, p, &line->event->region);

    d->time[n] = line->time;
    d->item[n] = number;
    d->user[n] = line->user;
    d->session[n] = line->session;
    d->type[n] = line->type;
    d->detail[n] = RECS_NONE;

    if (line->signal & RECS_SIGNAL_DETAILED) {
        d->detail[n] = recs_dataset_add_detail(d, p, line, item);
    }

    recs_dataset_add_price(p, number, line, item);
    recs_dataset_claim(d, line->event, &item->product, (uint32_t) n);

    p->unsorted |= (line->time < p->last_time);
    p->last_time = line->time;

    d->events++;

    return RECS_OK;
}


static uint32_t
recs_dataset_add_key(recs_keys16_t *keys, const recs_identity_t *identity)
{
    return recs_identity_known(identity)
           ? recs_keys16_add(keys, identity->bytes) : RECS_NONE;
}


/* The user, else the browser, of an event. */

static uint32_t
recs_dataset_add_user(recs_dataset_t *d, const recs_event_t *e)
{
    uint8_t                  named;
    uint32_t                 user;
    recs_dataset_private_t  *p;

    p = d->private;
    named = recs_identity_known(&e->user) != 0;
    user = recs_dataset_add_key(d->users, named ? &e->user : &e->anonymous);

    if (user != RECS_NONE) {
        recs_grow(&p->named, &p->named_cap, (size_t) user + 1, 1);
        p->named[user] = named;
        recs_dataset_former(d, e, user);
    }

    return user;
}


static void
recs_dataset_paid(recs_dataset_private_t *p, unsigned which, uint32_t person)
{
    size_t  had;

    if (person == RECS_NONE) {
        return;
    }

    had = p->paid_cap[which];
    recs_grow(&p->paid[which], &p->paid_cap[which], (size_t) person + 1, 1);
    memset(p->paid[which] + had, 0, p->paid_cap[which] - had);

    p->paid[which][person] = 1;
}


static int
recs_dataset_add_lines(recs_dataset_t *d, const recs_event_t *e,
    const recs_dataset_line_t *line, recs_error_t *err)
{
    uint32_t                  i;
    const recs_event_item_t  *item;

    for (i = 0; i < e->item_count; i++) {
        item = &e->items[i];

        if (item->product.len == 0) {
            continue;
        }

        if (!recs_identity_known(&e->user)) {
            d->anonymous++;
        }

        if (recs_dataset_add_row(d, line, item, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* The lines of a cancelled order are those that were bought. */

static unsigned
recs_dataset_counts(const recs_event_t *e, const recs_event_type_t *type)
{
    return e->item_count != 0
           && recs_event_type_counts(type)
           && (!(type->signal & RECS_SIGNAL_REFUND)
               || e->type == RECS_EVENT_REFUND);
}


static int
recs_dataset_activity(recs_dataset_t *d, const recs_event_t *e,
    recs_error_t *err)
{
    unsigned                  counts;
    recs_dataset_line_t       line;
    recs_dataset_private_t   *p;
    const recs_event_type_t  *type;

    p = d->private;
    d->newest_ms = recs_max(d->newest_ms, e->time_ms);

    if (e->device == RECS_DEVICE_BOT && p->config->trust) {
        d->doubted[RECS_DOUBT_AGENT] += recs_max(e->item_count, 1);
        return RECS_OK;
    }

    type = recs_event_type(e->type);

    if (type == NULL) {
        return RECS_OK;
    }

    line.event = e;
    line.order = recs_dataset_order(p, e);
    line.signal = type->signal;
    line.type = (type->signal & RECS_SIGNAL_CART) ? RECS_EVENT_ADD_TO_CART
                                                  : e->type;

    counts = recs_dataset_counts(e, type);

    /* a login has no lines, but says whose the session is */

    if (!counts && e->query.len == 0
        && !(e->verified && recs_identity_known(&e->user)
             && recs_identity_known(&e->session)))
    {
        return RECS_OK;
    }

    line.time = recs_dataset_seconds(e->time_ms);
    line.session = recs_dataset_add_key(d->sessions, &e->session);
    line.user = recs_dataset_add_user(d, e);

    if (e->epoch == 0 && (type->signal & RECS_SIGNAL_PURCHASE)) {
        recs_dataset_paid(p, 0, line.user);
        recs_dataset_paid(p, 1, line.session);
    }

    if (e->verified && line.session != RECS_NONE && line.user != RECS_NONE) {
        recs_dataset_own(d, line.session, line.user, line.time);
    }

    if (e->query.len) {
        recs_dataset_search(d, &e->query, line.time, line.user,
                            line.session);
    }

    return counts ? recs_dataset_add_lines(d, e, &line, err) : RECS_OK;
}


int
recs_dataset_add(void *dataset, const recs_event_t *e, recs_error_t *err)
{
    const char              *shop;
    recs_dataset_t          *d;
    recs_dataset_private_t  *p;

    d = dataset;
    p = d->private;
    shop = p->config->shop ? p->config->shop : "";

    if (e->shop.len != strlen(shop)
        || (e->shop.len && memcmp(e->shop.data, shop, e->shop.len) != 0))
    {
        return RECS_OK;
    }

    switch (e->class) {

    case RECS_CLASS_ACTIVITY:
        return recs_dataset_activity(d, e, err);

    case RECS_CLASS_PRODUCT:
        return recs_dataset_product(d, e, err);

    case RECS_CLASS_LIST:
        recs_dataset_list(d, e);
        break;

    case RECS_CLASS_EXPOSURE:
        p->exposures++;
        break;

    case RECS_CLASS_USER:
        p->user_rows++;
        break;

    default:
        break;
    }

    return RECS_OK;
}


double
recs_dataset_weight(const recs_dataset_t *d, uint32_t row)
{
    int32_t                        rating;
    uint8_t                        type;
    const recs_dataset_private_t  *p;

    p = d->private;
    type = d->type[row];

    if (p->star[type] == 0 || d->detail[row] == RECS_NONE) {
        return p->weight[type];
    }

    rating = d->details[d->detail[row]].rating;

    return rating ? p->star[type] * (rating / 1000.0 - 3) : p->weight[type];
}


double
recs_dataset_feedback(double sum)
{
    return (sum < 0) ? -log2(1 - sum) : log2(1 + sum);
}
