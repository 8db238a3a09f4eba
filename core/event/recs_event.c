/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_event.h"
#include "recs_event_type.h"
#include "recs_fold.h"
#include "recs_identity.h"
#include "../recs_plain.h"
#include "../recs_utf8.h"


/* Limits of what an event may say, in the units of the record. */

#define RECS_PRICE_LIMIT     ((int64_t) 1000000000000 * RECS_MICRO)
#define RECS_QUANTITY_MAX    ((int64_t) 1000000000 * RECS_MICRO)
#define RECS_STARS_MAX       5000
#define RECS_POSITION_MAX    10000
#define RECS_SCROLL_MAX      100


static void recs_event_resolve(recs_event_t *e);
static int recs_event_check_class(const recs_event_t *e, const char **err);
static int recs_event_check_identity(const recs_event_t *e,
    const char **err);
static int recs_event_check_needs(const recs_event_t *e, const char **err);
static int recs_event_check_numbers(const recs_event_t *e, const char **err);
static int recs_event_check_strings(recs_event_t *e, const char **err);
static int recs_event_check_fields(const recs_event_field_t *field,
    void *base, const char **err);
static int recs_event_check_string(const recs_event_field_t *field,
    const recs_str_t *s, const char **err);


void
recs_event_init(recs_event_t *e)
{
    /* items are a hundred, most events have one */

    memset(e, 0, offsetof(recs_event_t, items));

    e->class = RECS_CLASS_ACTIVITY;
    e->value = RECS_NO_MONEY;
    e->key_count = 0;

    recs_event_item_init(&e->items[0]);
}


void
recs_event_product(recs_event_t *e)
{
    uint8_t     type, class;
    int64_t     time_ms, received_ms;
    recs_str_t  message_id, document, product;

    type = e->type;
    class = e->class;
    time_ms = e->time_ms;
    received_ms = e->received_ms;
    message_id = e->message_id;
    document = e->document;
    product = e->items[0].product;

    recs_event_init(e);

    e->type = type;
    e->class = class;
    e->time_ms = time_ms;
    e->received_ms = received_ms;
    e->message_id = message_id;
    e->document = document;
    e->items[0].product = product;
    e->item_count = 1;
}


void
recs_event_item_init(recs_event_item_t *item)
{
    memset(item, 0, sizeof(recs_event_item_t));

    item->price = RECS_NO_MONEY;
    item->quantity = RECS_MICRO;
}


int
recs_event_check(recs_event_t *e, const char **err)
{
    recs_event_resolve(e);

    if (recs_event_check_class(e, err) != RECS_OK
        || recs_event_check_identity(e, err) != RECS_OK
        || recs_event_check_needs(e, err) != RECS_OK
        || recs_event_check_numbers(e, err) != RECS_OK
        || recs_event_check_strings(e, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}


/* What the event says in other words. */

static void
recs_event_resolve(recs_event_t *e)
{
    char                      folded[RECS_FOLD_MAX];
    recs_str_t               *target;
    recs_event_item_t        *item;
    const recs_event_type_t  *type;

    item = &e->items[0];

    if (e->entity_id.len
        && recs_fold(&e->entity_type, folded) < RECS_FOLD_MAX)
    {
        type = recs_event_type(e->type);
        target = NULL;

        if (recs_fold_equal(folded, "product")
            || recs_fold_equal(folded, "item"))
        {
            target = &item->product;

        } else if (recs_fold_equal(folded, "category")) {
            target = &e->category;

        } else if (recs_fold_equal(folded, "brand")) {
            target = &e->brand;

        } else if (recs_fold_equal(folded, "order")) {
            target = &e->order;

        } else if (folded[0] == '\0' && type) {
            target = (type->needs & RECS_NEEDS_PRODUCT) ? &item->product
                     : (type->needs & RECS_NEEDS_CATEGORY) ? &e->category
                     : (type->needs & RECS_NEEDS_BRAND) ? &e->brand : NULL;
        }

        if (target && target->len == 0) {
            *target = e->entity_id;
        }
    }

    if (e->item_count == 0 && item->product.len) {
        e->item_count = 1;
    }

    if (e->item_count == 1) {

        if (item->position == 0) {
            item->position = e->position;
        }

        if (e->position == 0) {
            e->position = item->position;
        }
    }

    /* a page can be scrolled past its end */

    e->scroll = recs_min(e->scroll, RECS_SCROLL_MAX);
}


static int
recs_event_check_class(const recs_event_t *e, const char **err)
{
    switch (e->class) {

    case RECS_CLASS_ACTIVITY:
    case RECS_CLASS_PRODUCT:
    case RECS_CLASS_USER:
    case RECS_CLASS_ERASE:

        if (e->type == 0) {
            *err = "activityType is missing";
            return RECS_ERROR;
        }

        if (recs_event_type(e->type) == NULL) {
            *err = "activityType is unknown";
            return RECS_ERROR;
        }

        return RECS_OK;

    case RECS_CLASS_LIST:
    case RECS_CLASS_EXPOSURE:

        if (e->recommendation.len == 0) {
            *err = "recommendationId is missing";
            return RECS_ERROR;
        }

        return RECS_OK;

    default:
        *err = "class is unknown";
        return RECS_ERROR;
    }
}


static int
recs_event_check_identity(const recs_event_t *e, const char **err)
{
    if (e->class == RECS_CLASS_USER) {

        if (e->user_id.len || recs_identity_known(&e->user)) {
            return RECS_OK;
        }

        *err = "userId is missing";
        return RECS_ERROR;
    }

    if (e->class == RECS_CLASS_ERASE) {

        if (e->user_id.len || recs_identity_known(&e->user)
            || e->session_id.len || recs_identity_known(&e->session))
        {
            return RECS_OK;
        }

        *err = "userId or sessionId is missing";
        return RECS_ERROR;
    }

    if (e->class != RECS_CLASS_ACTIVITY
        || e->consent == RECS_CONSENT_DENIED
        || e->user_id.len
        || e->session_id.len
        || e->anonymous_id.len
        || e->order.len
        || recs_identity_known(&e->user)
        || recs_identity_known(&e->session)
        || recs_identity_known(&e->anonymous))
    {
        return RECS_OK;
    }

    *err = "userId, anonymousId, sessionId or orderId is missing";

    return RECS_ERROR;
}


static int
recs_event_check_needs(const recs_event_t *e, const char **err)
{
    uint32_t                  i;
    const recs_event_type_t  *type;

    if (e->item_count > RECS_EVENT_ITEMS_MAX
        || e->key_count > RECS_EVENT_ITEMS_MAX)
    {
        *err = "items has too many lines";
        return RECS_ERROR;
    }

    for (i = 0; i < e->item_count; i++) {
        if (e->items[i].product.len == 0) {
            *err = "an item has no productId";
            return RECS_ERROR;
        }
    }

    type = recs_event_type(e->type);

    if (type == NULL) {
        return RECS_OK;
    }

    if ((type->needs & RECS_NEEDS_PRODUCT) && e->item_count == 0) {
        *err = "productId is missing";
        return RECS_ERROR;
    }

    if ((type->needs & RECS_NEEDS_ORDER) && e->order.len == 0) {
        *err = "orderId is missing";
        return RECS_ERROR;
    }

    if ((type->needs & RECS_NEEDS_QUERY) && e->query.len == 0) {
        *err = "query is missing";
        return RECS_ERROR;
    }

    if ((type->needs & RECS_NEEDS_CATEGORY) && e->category.len == 0) {
        *err = "categoryId is missing";
        return RECS_ERROR;
    }

    if ((type->needs & RECS_NEEDS_BRAND) && e->brand.len == 0) {
        *err = "brand is missing";
        return RECS_ERROR;
    }

    if ((type->needs & RECS_NEEDS_RATING) && e->rating == 0) {
        *err = "rating is missing";
        return RECS_ERROR;
    }

    return RECS_OK;
}


/* Money may be negative: corrections and bad debts are. */

static int
recs_event_check_numbers(const recs_event_t *e, const char **err)
{
    uint32_t                  i;
    const recs_event_item_t  *item;

    if (e->value != RECS_NO_MONEY
        && (e->value <= -RECS_PRICE_LIMIT || e->value >= RECS_PRICE_LIMIT))
    {
        *err = "value is out of range";
        return RECS_ERROR;
    }

    if (e->rating < 0 || e->rating > RECS_STARS_MAX) {
        *err = "rating is out of range";
        return RECS_ERROR;
    }

    if (e->position > RECS_POSITION_MAX) {
        *err = "position is out of range";
        return RECS_ERROR;
    }

    for (i = 0; i < e->item_count; i++) {
        item = &e->items[i];

        if (item->price != RECS_NO_MONEY
            && (item->price <= -RECS_PRICE_LIMIT
                || item->price >= RECS_PRICE_LIMIT))
        {
            *err = "price is out of range";
            return RECS_ERROR;
        }

        if (item->quantity <= 0 || item->quantity > RECS_QUANTITY_MAX) {
            *err = "quantity is out of range";
            return RECS_ERROR;
        }

        if (item->position > RECS_POSITION_MAX) {
            *err = "position is out of range";
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_event_check_strings(recs_event_t *e, const char **err)
{
    uint32_t  i;

    if (recs_event_check_fields(recs_event_fields, e, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < e->item_count; i++) {

        if (recs_event_check_fields(recs_event_item_fields, &e->items[i], err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_event_check_fields(const recs_event_field_t *field, void *base,
    const char **err)
{
    recs_str_t  *s;

    for ( /* void */ ; field->name; field++) {

        if (field->max == 0) {
            continue;
        }

        s = (void *) ((uint8_t *) base + field->offset);

        if (s->len == 0) {
            continue;
        }

        if ((field->kind == RECS_FIELD_URL || s->len > field->max)
            && recs_event_field_cut(field, s, err) != RECS_OK)
        {
            return RECS_ERROR;
        }

        if (recs_event_check_string(field, s, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_event_check_string(const recs_event_field_t *field, const recs_str_t *s,
    const char **err)
{
    size_t          n;
    const uint8_t  *p, *last;

    last = s->data + s->len;

    for (p = recs_plain(s->data, last, 0); p < last;
         p = recs_plain(p + n, last, 0))
    {
        if (field->max <= RECS_ID_MAX && (*p < 0x20 || *p == 0x7f)) {
            *err = "a string has a control character";
            return RECS_ERROR;
        }

        n = recs_utf8_char(p, last);

        if (n == 0) {
            *err = "a string is not valid UTF-8";
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
