/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_client.h"
#include "recs_event_type.h"
#include "recs_fold.h"


#define RECS_TEXT_MAX      1024      /* bytes of a query, a URL */
#define RECS_DOCUMENT_MAX  60000


#define recs_aliases(...)  (const char *const []) { __VA_ARGS__, NULL }


static const recs_event_field_t *recs_event_field_exact(
    const recs_event_field_t *fields, const recs_str_t *name);
static const recs_event_field_t *recs_event_field_find(
    const recs_event_field_t *fields, const char *folded, unsigned *alias);
static int recs_event_string_read(const recs_event_field_t *field,
    recs_str_t *value, const recs_str_t *text, const char **err);
static int recs_event_number_read(const recs_event_field_t *field,
    void *value, const recs_str_t *text, const char **err);
static int recs_event_type_read(recs_event_t *e, const recs_str_t *text);
static int recs_event_consent_read(uint8_t *consent, const recs_str_t *text,
    const char **err);
static void recs_event_agent_read(recs_event_t *e, const recs_str_t *text);


/*
 * Sorted by how often events have them.  The wire keys are stored and never
 * change; 18 and up are those of recs_event_wire.c as well.
 */

const recs_event_field_t  recs_event_fields[] = {

    { "activityType",
      recs_aliases("type", "event", "event_type", "event_name"),
      RECS_FIELD_TYPE, offsetof(recs_event_t, type), 0, 0, 0 },

    { "timestamp",
      recs_aliases("event_time", "original_timestamp", "timestamp_micros",
                   "dvce_created_tstamp", "ts", "time"),
      RECS_FIELD_TIME, offsetof(recs_event_t, time_ms), 0, 0, 0 },

    { "userId",
      recs_aliases("authenticatedUserToken", "customer_id"),
      RECS_FIELD_STRING, offsetof(recs_event_t, user_id),
      RECS_ID_MAX, 0, 0 },

    { "anonymousId",
      recs_aliases("client_id", "visitor_id", "domain_userid", "user_token"),
      RECS_FIELD_STRING, offsetof(recs_event_t, anonymous_id),
      RECS_ID_MAX, 0, 0 },

    { "sessionId",
      recs_aliases("user_session", "domain_sessionid"),
      RECS_FIELD_STRING, offsetof(recs_event_t, session_id),
      RECS_ID_MAX, 0, 0 },

    { "messageId",
      recs_aliases("event_id"),
      RECS_FIELD_STRING, offsetof(recs_event_t, message_id),
      RECS_ID_MAX, 1, 0 },

    { "sentAt", NULL,
      RECS_FIELD_TIME, offsetof(recs_event_t, sent_ms), 0, 0, 0 },

    { "recommendationId",
      recs_aliases("rec_id", "recomm_id", "attribution_token", "query_id"),
      RECS_FIELD_STRING, offsetof(recs_event_t, recommendation),
      RECS_ID_MAX, 2, 0 },

    { "placement", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, placement),
      RECS_ID_MAX, 3, 0 },

    { "source", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, source),
      RECS_ID_MAX, 4, 0 },

    { "query",
      recs_aliases("search_term", "search_query", "q"),
      RECS_FIELD_STRING, offsetof(recs_event_t, query),
      RECS_TEXT_MAX, 5, 0 },

    { "categoryId",
      recs_aliases("category", "category_path"),
      RECS_FIELD_STRING, offsetof(recs_event_t, category),
      RECS_ID_MAX, 6, 0 },

    { "brand",
      recs_aliases("brand_id"),
      RECS_FIELD_STRING, offsetof(recs_event_t, brand),
      RECS_ID_MAX, 7, 0 },

    { "orderId",
      recs_aliases("transaction_id"),
      RECS_FIELD_STRING, offsetof(recs_event_t, order),
      RECS_ID_MAX, 8, 0 },

    { "status",
      recs_aliases("order_status"),
      RECS_FIELD_STRING, offsetof(recs_event_t, status),
      RECS_ID_MAX, 9, 0 },

    { "currency",
      recs_aliases("currency_code"),
      RECS_FIELD_STRING, offsetof(recs_event_t, currency),
      RECS_ID_MAX, 10, 0 },

    { "pageUrl",
      recs_aliases("url", "page_location"),
      RECS_FIELD_URL, offsetof(recs_event_t, page_url),
      RECS_TEXT_MAX, 11, 0 },

    { "referrer",
      recs_aliases("referer", "page_referrer"),
      RECS_FIELD_URL, offsetof(recs_event_t, referrer),
      RECS_TEXT_MAX, 12, 0 },

    { "browser", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, browser),
      RECS_ID_MAX, 13, 0 },

    { "ipAddress",
      recs_aliases("ip"),
      RECS_FIELD_ADDRESS, offsetof(recs_event_t, address),
      RECS_ID_MAX, 14, 0 },

    { "name", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, name),
      RECS_ID_MAX, 15, 0 },

    { "metadata", NULL,
      RECS_FIELD_TEXT, offsetof(recs_event_t, metadata),
      RECS_EVENT_METADATA_MAX, 16, 0 },

    { "document", NULL,
      RECS_FIELD_TEXT, offsetof(recs_event_t, document),
      RECS_DOCUMENT_MAX, 17, 0 },

    { "value",
      recs_aliases("revenue", "total"),
      RECS_FIELD_MICRO, offsetof(recs_event_t, value), 0, 18, 0 },

    { "rating",
      recs_aliases("stars"),
      RECS_FIELD_STARS, offsetof(recs_event_t, rating), 0, 19, 0 },

    { "duration", NULL,
      RECS_FIELD_COUNT, offsetof(recs_event_t, duration), 0, 20, 0 },

    { "scrollDepth", NULL,
      RECS_FIELD_COUNT, offsetof(recs_event_t, scroll), 0, 21, 0 },

    { "position", NULL,
      RECS_FIELD_COUNT, offsetof(recs_event_t, position), 0, 22, 0 },

    { "entityId", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, entity_id),
      RECS_ID_MAX, 0, 0 },

    { "entityType", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, entity_type),
      RECS_ID_MAX, 0, 0 },

    { "region", NULL,
      RECS_FIELD_STRING, offsetof(recs_event_t, region),
      RECS_ID_MAX, 0, 0 },

    { "variant",
      recs_aliases("experiment_variant"),
      RECS_FIELD_STRING, offsetof(recs_event_t, variant),
      RECS_ID_MAX, 0, 0 },

    { "consent", NULL,
      RECS_FIELD_CONSENT, offsetof(recs_event_t, consent), 0, 0, 0 },

    { "deviceType",
      recs_aliases("device"),
      RECS_FIELD_DEVICE, offsetof(recs_event_t, device), 0, 0, 0 },

    { "userAgent", NULL,
      RECS_FIELD_AGENT, offsetof(recs_event_t, device), 0, 0, 0 },

    { NULL, NULL, RECS_FIELD_STRING, 0, 0, 0, 0 }
};


const recs_event_field_t  recs_event_item_fields[] = {

    { "productId",
      recs_aliases("item_id", "object_id", "sku"),
      RECS_FIELD_STRING, offsetof(recs_event_item_t, product),
      RECS_ID_MAX, 0, 1 },

    { "price",
      recs_aliases("unit_price", "amount"),
      RECS_FIELD_MICRO, offsetof(recs_event_item_t, price), 0, 0, 1 },

    { "quantity",
      recs_aliases("qty"),
      RECS_FIELD_MICRO, offsetof(recs_event_item_t, quantity), 0, 0, 1 },

    { "position", NULL,
      RECS_FIELD_COUNT, offsetof(recs_event_item_t, position), 0, 0, 1 },

    { "variantId",
      recs_aliases("variant", "item_variant"),
      RECS_FIELD_STRING, offsetof(recs_event_item_t, variant),
      RECS_ID_MAX, 0, 1 },

    { "index", NULL,
      RECS_FIELD_INDEX, offsetof(recs_event_item_t, position), 0, 0, 1 },

    { NULL, NULL, RECS_FIELD_STRING, 0, 0, 0, 0 }
};


const recs_event_field_t *
recs_event_field(const recs_str_t *name, unsigned *alias)
{
    char                       folded[RECS_FOLD_MAX];
    size_t                     len;
    const recs_event_field_t  *field;

    /* no name of an item is an alias of the event's */

    field = recs_event_field_exact(recs_event_fields, name);

    if (field == NULL) {
        field = recs_event_field_exact(recs_event_item_fields, name);
    }

    if (field) {

        if (alias) {
            *alias = 0;
        }

        return field;
    }

    len = recs_fold(name, folded);

    if (len == 0 || len == RECS_FOLD_MAX) {
        return NULL;
    }

    field = recs_event_field_find(recs_event_fields, folded, alias);

    if (field == NULL) {
        field = recs_event_field_find(recs_event_item_fields, folded, alias);
    }

    return field;
}


const recs_event_field_t *
recs_event_item_field(const recs_str_t *name, unsigned *alias)
{
    char    folded[RECS_FOLD_MAX];
    size_t  len;

    len = recs_fold(name, folded);

    if (len == 0 || len == RECS_FOLD_MAX) {
        return NULL;
    }

    return recs_event_field_find(recs_event_item_fields, folded, alias);
}


int
recs_event_field_set(const recs_event_field_t *field, const void *base)
{
    const void  *value;

    value = (const uint8_t *) base + field->offset;

    switch (field->kind) {

    case RECS_FIELD_STRING:
    case RECS_FIELD_TEXT:
    case RECS_FIELD_URL:
    case RECS_FIELD_ADDRESS:
        return ((const recs_str_t *) value)->len != 0;

    case RECS_FIELD_TIME:
        return *(const int64_t *) value != 0;

    case RECS_FIELD_MICRO:

        /* a quantity that is not there is one */

        return *(const int64_t *) value != RECS_NO_MONEY
               && !(field->line
                    && field->offset == offsetof(recs_event_item_t, quantity)
                    && *(const int64_t *) value == RECS_MICRO);

    case RECS_FIELD_STARS:
    case RECS_FIELD_COUNT:
    case RECS_FIELD_INDEX:
        return *(const uint32_t *) value != 0;

    case RECS_FIELD_TYPE:

        /* "track" of Segment says less than its "event" */

        return *(const uint8_t *) value != 0
               && *(const uint8_t *) value != RECS_EVENT_CUSTOM;

    default: /* CONSENT, DEVICE, AGENT */
        return *(const uint8_t *) value != 0;
    }
}


int
recs_event_field_read(const recs_event_field_t *field, recs_event_t *e,
    unsigned n, const recs_str_t *text, const char **err)
{
    void  *value;

    if (text->len == 0) {
        return RECS_OK;
    }

    value = field->line ? (uint8_t *) &e->items[n] : (uint8_t *) e;
    value = (uint8_t *) value + field->offset;

    switch (field->kind) {

    case RECS_FIELD_STRING:
    case RECS_FIELD_TEXT:
    case RECS_FIELD_URL:
    case RECS_FIELD_ADDRESS:
        return recs_event_string_read(field, value, text, err);

    case RECS_FIELD_TYPE:
        return recs_event_type_read(e, text);

    case RECS_FIELD_CONSENT:
        return recs_event_consent_read(value, text, err);

    case RECS_FIELD_DEVICE:
        *(uint8_t *) value = recs_device_find(text);
        return RECS_OK;

    case RECS_FIELD_AGENT:
        recs_event_agent_read(e, text);
        return RECS_OK;

    default: /* TIME, MICRO, STARS, COUNT, INDEX */
        return recs_event_number_read(field, value, text, err);
    }
}


int
recs_event_field_cut(const recs_event_field_t *field, recs_str_t *s,
    const char **err)
{
    if (field->kind == RECS_FIELD_URL) {
        *s = recs_client_url(s);
    }

    if (s->len <= field->max) {
        return RECS_OK;
    }

    if (field->max <= RECS_ID_MAX || field->kind == RECS_FIELD_TEXT) {
        *err = "is too long";
        return RECS_ERROR;
    }

    /* not in the middle of a character */

    for (s->len = field->max; s->len; s->len--) {
        if ((s->data[s->len] & 0xc0) != 0x80) {
            break;
        }
    }

    return RECS_OK;
}


int
recs_event_set(recs_event_t *e, const recs_str_t *name,
    const recs_str_t *value, const char **err)
{
    unsigned                   alias;
    const void                *base;
    const recs_event_field_t  *field;

    field = recs_event_field(name, &alias);

    if (field == NULL || field->kind == RECS_FIELD_TEXT) {
        return RECS_DECLINED;
    }

    base = field->line ? (void *) &e->items[0] : (void *) e;

    if (alias && recs_event_field_set(field, base)) {
        return RECS_OK;
    }

    if (recs_event_field_read(field, e, 0, value, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (e->item_count == 0 && e->items[0].product.len) {
        e->item_count = 1;
    }

    return RECS_OK;
}


/* As nearly everybody writes it. */

static const recs_event_field_t *
recs_event_field_exact(const recs_event_field_t *fields,
    const recs_str_t *name)
{
    const recs_event_field_t  *f;

    for (f = fields; name->len && f->name; f++) {
        if ((uint8_t) f->name[0] == name->data[0]
            && strlen(f->name) == name->len
            && memcmp(f->name, name->data, name->len) == 0)
        {
            return f;
        }
    }

    return NULL;
}


static const recs_event_field_t *
recs_event_field_find(const recs_event_field_t *fields, const char *folded,
    unsigned *alias)
{
    unsigned                   aliased;
    const recs_event_field_t  *f;

    for (aliased = 0; aliased < 2; aliased++) {

        for (f = fields; f->name; f++) {

            if (aliased ? recs_fold_among(folded, f->aliases)
                        : recs_fold_equal(folded, f->name))
            {
                if (alias) {
                    *alias = aliased;
                }

                return f;
            }
        }
    }

    return NULL;
}


static int
recs_event_string_read(const recs_event_field_t *field, recs_str_t *value,
    const recs_str_t *text, const char **err)
{
    recs_str_t  s;

    if (field->kind != RECS_FIELD_URL && text->len <= field->max) {
        *value = *text;
        return RECS_OK;
    }

    s = *text;

    if (recs_event_field_cut(field, &s, err) != RECS_OK) {
        return RECS_ERROR;
    }

    *value = s;

    return RECS_OK;
}


static int
recs_event_number_read(const recs_event_field_t *field, void *value,
    const recs_str_t *text, const char **err)
{
    int64_t  n;

    if (field->kind == RECS_FIELD_TIME) {

        if (recs_parse_time(text, value) != RECS_OK) {
            *err = "is not a time";
            return RECS_ERROR;
        }

        return RECS_OK;
    }

    if (recs_parse_micro(text, &n) != RECS_OK) {
        *err = "is not a number";
        return RECS_ERROR;
    }

    if (field->kind == RECS_FIELD_MICRO) {
        *(int64_t *) value = n;
        return RECS_OK;
    }

    if (n < 0) {
        *err = "is negative";
        return RECS_ERROR;
    }

    n = (field->kind == RECS_FIELD_STARS) ? n / 1000 : n / RECS_MICRO;

    if (n >= INT32_MAX) {
        *err = "is out of range";
        return RECS_ERROR;
    }

    *(uint32_t *) value = (uint32_t) n + (field->kind == RECS_FIELD_INDEX);

    return RECS_OK;
}


/* A type that nobody knows is CUSTOM and keeps its name. */

static int
recs_event_type_read(recs_event_t *e, const recs_str_t *text)
{
    char                      folded[RECS_FOLD_MAX];
    const recs_event_type_t  *type;

    type = recs_event_type_find(text);

    if (type == NULL) {
        return RECS_OK;
    }

    e->type = type->code;

    switch (type->code) {

    case RECS_EVENT_PRODUCT_UPDATE:
        e->class = RECS_CLASS_PRODUCT;
        break;

    case RECS_EVENT_USER_UPDATE:
        e->class = RECS_CLASS_USER;
        break;

    case RECS_EVENT_USER_ERASE:
        e->class = RECS_CLASS_ERASE;
        break;

    case RECS_EVENT_CUSTOM:

        if (e->name.len == 0 && text->len <= RECS_ID_MAX
            && !(recs_fold(text, folded) < RECS_FOLD_MAX
                 && recs_fold_equal(folded, type->name)))
        {
            e->name = *text;
        }

        break;
    }

    return RECS_OK;
}


static int
recs_event_consent_read(uint8_t *consent, const recs_str_t *text,
    const char **err)
{
    char  folded[RECS_FOLD_MAX];

    if (recs_fold(text, folded) < RECS_FOLD_MAX) {

        if (recs_fold_among(folded, recs_aliases("granted", "true", "yes",
                                                 "1")))
        {
            *consent = RECS_CONSENT_GRANTED;
            return RECS_OK;
        }

        if (recs_fold_among(folded, recs_aliases("denied", "false", "no",
                                                 "0")))
        {
            *consent = RECS_CONSENT_DENIED;
            return RECS_OK;
        }

        if (recs_fold_equal(folded, "unknown")) {
            *consent = RECS_CONSENT_UNKNOWN;
            return RECS_OK;
        }
    }

    *err = "is not granted, denied or unknown";

    return RECS_ERROR;
}


/* What the client says of itself in so many words comes first. */

static void
recs_event_agent_read(recs_event_t *e, const recs_str_t *text)
{
    if (e->device == RECS_DEVICE_UNKNOWN) {
        e->device = recs_client_device(text);
    }

    if (e->browser.len == 0) {
        e->browser = recs_client_browser(text);
    }
}
