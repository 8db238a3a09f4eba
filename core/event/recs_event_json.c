/*
 * Copyright (C) recs authors
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "recs_event_flat.h"
#include "recs_event_json.h"
#include "recs_fold.h"
#include "../recs_out.h"


#define RECS_JSON_BLOCK   512    /* bytes asked for at once */
#define RECS_JSON_NUMBER  32     /* bytes of the text of a number */


typedef struct recs_event_json_block_s  recs_event_json_block_t;

struct recs_event_json_block_s {
    recs_event_json_block_t  *next;
    size_t                    used;
    size_t                    size;
    uint8_t                   data[];
};


struct recs_event_json_s {
    const uint8_t            *data;
    size_t                    len;
    unsigned                  plain;     /* "flat" reads it */
    size_t                    n;         /* the event that it is at */
    json_t                   *root;      /* NULL: jansson was not asked */
    recs_event_json_block_t  *blocks;    /* texts that jansson has not */
    recs_event_flat_t         flat;
};


static int recs_event_json_load(recs_event_json_t *json, const char **err);
static const char *recs_event_json_reason(const json_error_t *error);
static int recs_event_json_items(recs_event_json_t *json, json_t *items,
    recs_event_t *e, const char **err);
static int recs_event_json_members(recs_event_json_t *json, json_t *object,
    recs_event_t *e, const char **name, const char **err);
static void recs_event_json_context(json_t *context, recs_event_t *e);
static int recs_event_json_read(recs_event_json_t *json,
    const recs_event_field_t *field, recs_event_t *e, unsigned n,
    json_t *value, const char **err);
static int recs_event_json_number(recs_event_json_t *json,
    const recs_event_field_t *field, json_t *value, recs_str_t *text,
    const char **err);
static void recs_event_json_real(recs_out_t *out, json_t *value,
    unsigned time);
static const char *recs_event_json_consent(json_t *value);
static int recs_event_json_text(recs_event_json_t *json,
    const recs_event_field_t *field, json_t *value, recs_str_t *text,
    const char **err);
static void recs_event_json_clean(json_t *value);
static unsigned recs_event_json_personal(const char *name);
static int recs_event_json_dump(recs_event_json_t *json,
    const recs_event_field_t *field, json_t *value, recs_str_t *text,
    const char **err);
static int recs_event_json_document(recs_event_json_t *json, json_t *object,
    recs_event_t *e, const char **err);
static json_t *recs_event_json_product(json_t *object, const recs_event_t *e);
static unsigned recs_event_json_among(const char *name,
    const char *const *names);
static uint8_t *recs_event_json_alloc(recs_event_json_t *json, size_t size);


/* Members of metadata that are never kept, folded; and all of "card". */

static const char *const  recs_event_json_personals[] = {
    "email", "mail", "phone", "firstname", "lastname", "address", "password",
    "userid", "anonymousid", "sessionid", "ip", "ipaddress", NULL
};


/* Members that both an event and a row of the catalogue may have. */

static const char *const  recs_event_json_catalog[] = {
    "productId", "id", "sku", "item_id", "name", "category", "categories",
    "price", "unit_price", "currency", "currency_code", "brand", "rating",
    "region", NULL
};

static const char *const  recs_event_json_ids[] = {
    "productId", "id", "sku", "item_id", NULL
};


recs_event_json_t *
recs_event_json_open(const uint8_t *data, size_t len, size_t *count,
    unsigned *array, const char **err)
{
    recs_event_json_t  *json;

    *count = 0;
    *array = 0;

    json = malloc(sizeof(recs_event_json_t));

    if (json == NULL) {
        *err = "out of memory";
        return NULL;
    }

    json->data = data;
    json->len = len;
    json->n = 0;
    json->root = NULL;
    json->blocks = NULL;

    json->plain = recs_event_flat_open(&json->flat, data, len, count, array)
                  == RECS_OK;

    if (!json->plain) {

        if (recs_event_json_scan(data, len, err) != RECS_OK
            || recs_event_json_load(json, err) != RECS_OK)
        {
            *count = 0;
            *array = 0;
            goto failed;
        }

        *array = json_is_array(json->root);
        *count = *array ? json_array_size(json->root) : 1;
    }

    if (*count == 0) {
        *err = "empty array";
        goto failed;
    }

    if (*count > RECS_JSON_EVENTS_MAX) {
        *err = "too many events";
        goto failed;
    }

    return json;

failed:

    recs_event_json_close(json);

    return NULL;
}


static int
recs_event_json_load(recs_event_json_t *json, const char **err)
{
    json_error_t  error;

    json->root = json_loadb((const char *) json->data, json->len,
                            JSON_REJECT_DUPLICATES, &error);

    if (json->root == NULL) {
        *err = recs_event_json_reason(&error);
        return RECS_ERROR;
    }

    return RECS_OK;
}


int
recs_event_json_get(recs_event_json_t *json, size_t n, recs_event_t *e,
    const char **field, const char **err)
{
    json_t  *object, *items;

    *field = NULL;

    if (json->plain && n == json->n) {
        json->n++;

        if (recs_event_flat_get(&json->flat, e) == RECS_OK) {
            return RECS_OK;
        }
    }

    if (json->root == NULL && recs_event_json_load(json, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_event_init(e);

    object = json_is_array(json->root) ? json_array_get(json->root, n)
                                       : json->root;

    if (!json_is_object(object)) {
        *err = "event is not an object";
        return RECS_ERROR;
    }

    /* what is said of all lines comes after them */

    *field = "items";
    items = json_object_get(object, "items");

    if (items == NULL) {
        *field = "products";
        items = json_object_get(object, "products");
    }

    if (items && recs_event_json_items(json, items, e, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_event_json_members(json, object, e, field, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_event_json_context(json_object_get(object, "context"), e);

    if (e->class == RECS_CLASS_PRODUCT) {
        *field = "document";

        if (recs_event_json_document(json, object, e, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    *field = NULL;

    return RECS_OK;
}


void
recs_event_json_close(recs_event_json_t *json)
{
    recs_event_json_block_t  *block, *next;

    for (block = json->blocks; block; block = next) {
        next = block->next;
        free(block);
    }

    json_decref(json->root);
    recs_event_flat_close(&json->flat);
    free(json);
}


static const char *
recs_event_json_reason(const json_error_t *error)
{
    switch (json_error_code(error)) {

    case json_error_out_of_memory:
        return "out of memory";

    case json_error_stack_overflow:
        return "nested too deep";

    case json_error_invalid_utf8:
        return "not valid UTF-8";

    case json_error_premature_end_of_input:
        return "ends too early";

    case json_error_end_of_input_expected:
        return "something follows the end";

    case json_error_duplicate_key:
        return "duplicate key";

    case json_error_numeric_overflow:
        return "number is out of range";

    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "NUL character in a string";

    default:
        return "not valid JSON";
    }
}


static int
recs_event_json_items(recs_event_json_t *json, json_t *items,
    recs_event_t *e, const char **err)
{
    size_t                     i;
    json_t                    *item, *value;
    unsigned                   alias;
    recs_str_t                 name;
    const char                *key;
    const recs_event_field_t  *field;

    if (json_is_null(items)) {
        return RECS_OK;
    }

    if (!json_is_array(items)) {
        *err = "is not an array";
        return RECS_ERROR;
    }

    if (json_array_size(items) > RECS_EVENT_ITEMS_MAX) {
        *err = "has too many lines";
        return RECS_ERROR;
    }

    json_array_foreach(items, i, item) {

        if (!json_is_object(item)) {
            *err = "has a line that is not an object";
            return RECS_ERROR;
        }

        recs_event_item_init(&e->items[i]);

        json_object_foreach(item, key, value) {

            name.data = (const uint8_t *) key;
            name.len = strlen(key);

            field = recs_event_item_field(&name, &alias);

            if (field == NULL
                || (alias && recs_event_field_set(field, &e->items[i])))
            {
                continue;
            }

            if (recs_event_json_read(json, field, e, (unsigned) i, value, err)
                != RECS_OK)
            {
                return RECS_ERROR;
            }
        }
    }

    e->item_count = (uint32_t) json_array_size(items);

    return RECS_OK;
}


static int
recs_event_json_members(recs_event_json_t *json, json_t *object,
    recs_event_t *e, const char **name, const char **err)
{
    json_t                    *value;
    unsigned                   alias;
    recs_str_t                 member;
    const char                *key;
    const void                *base;
    const recs_event_field_t  *field;

    json_object_foreach(object, key, value) {

        member.data = (const uint8_t *) key;
        member.len = strlen(key);

        field = recs_event_field(&member, &alias);

        if (field == NULL) {
            continue;
        }

        base = e;

        if (field->line) {

            if (e->item_count > 1) {
                continue;
            }

            /* a line says it better than the event */

            base = &e->items[0];
            alias |= e->item_count;
        }

        if (alias && recs_event_field_set(field, base)) {
            continue;
        }

        if (recs_event_json_read(json, field, e, 0, value, err) != RECS_OK) {
            *name = key;
            return RECS_ERROR;
        }
    }

    if (e->item_count == 0 && e->items[0].product.len) {
        e->item_count = 1;
    }

    return RECS_OK;
}


/* Where the trackers that follow Segment keep the session. */

static void
recs_event_json_context(json_t *context, recs_event_t *e)
{
    json_t  *session;

    session = json_object_get(context, "sessionId");

    if (e->session_id.len == 0 && json_is_string(session)) {
        e->session_id.data = (const uint8_t *) json_string_value(session);
        e->session_id.len = json_string_length(session);
    }
}


static int
recs_event_json_read(recs_event_json_t *json,
    const recs_event_field_t *field, recs_event_t *e, unsigned n,
    json_t *value, const char **err)
{
    int         rc;
    recs_str_t  text = recs_null_string;

    rc = RECS_OK;

    switch (json_typeof(value)) {

    case JSON_NULL:
        return RECS_OK;

    case JSON_STRING:

        if (field->kind == RECS_FIELD_TEXT) {
            *err = "is not an object";
            return RECS_ERROR;
        }

        text.data = (const uint8_t *) json_string_value(value);
        text.len = json_string_length(value);
        break;

    case JSON_INTEGER:
    case JSON_REAL:
        rc = recs_event_json_number(json, field, value, &text, err);
        break;

    default:

        if (field->kind == RECS_FIELD_CONSENT) {
            text.data = (const uint8_t *) recs_event_json_consent(value);
            text.len = strlen((const char *) text.data);
            break;
        }

        rc = recs_event_json_text(json, field, value, &text, err);
        break;
    }

    if (rc != RECS_OK) {
        return rc;
    }

    return recs_event_field_read(field, e, n, &text, err);
}


static int
recs_event_json_number(recs_event_json_t *json,
    const recs_event_field_t *field, json_t *value, recs_str_t *text,
    const char **err)
{
    uint8_t     *buf;
    unsigned     number;
    recs_out_t   out;

    number = field->kind == RECS_FIELD_TIME
             || field->kind == RECS_FIELD_MICRO
             || field->kind == RECS_FIELD_STARS
             || field->kind == RECS_FIELD_COUNT
             || field->kind == RECS_FIELD_INDEX;

    if (field->kind == RECS_FIELD_TEXT) {
        *err = "is not an object";
        return RECS_ERROR;
    }

    if (!number && json_is_real(value)) {
        *err = "is not a string";
        return RECS_ERROR;
    }

    buf = recs_event_json_alloc(json, RECS_JSON_NUMBER);

    if (buf == NULL) {
        *err = "out of memory";
        return RECS_ERROR;
    }

    recs_out_init(&out, buf, RECS_JSON_NUMBER);

    if (json_is_integer(value)) {
        recs_out_i64(&out, json_integer_value(value));

    } else {
        recs_event_json_real(&out, value, field->kind == RECS_FIELD_TIME);
    }

    text->data = buf;
    text->len = out.pos - buf;

    return RECS_OK;
}


/*
 * jansson has turned the digits into a double.  Below 1e9 its millionths are
 * those of the digits; above, the digits come back with a precision of 15.
 */

static void
recs_event_json_real(recs_out_t *out, json_t *value, unsigned time)
{
    double  n;
    size_t  len;

    n = json_real_value(value);

    if (n > -1e9 && n < 1e9) {
        recs_out_micro(out, (int64_t) (n * RECS_MICRO + (n < 0 ? -0.5 : 0.5)));
        return;
    }

    /* milliseconds and smaller: a time has no exponent */

    if (time && n >= 1e11 && n < 9e18) {
        recs_out_i64(out, (int64_t) n);
        return;
    }

    len = json_dumpb(value, (char *) out->pos, out->last - out->pos,
                     JSON_ENCODE_ANY|JSON_REAL_PRECISION(15));

    if (len <= (size_t) (out->last - out->pos)) {
        out->pos += len;
    }
}


/* Of several consents, one that is refused decides. */

static const char *
recs_event_json_consent(json_t *value)
{
    json_t      *member;
    const char  *key;

    if (!json_is_object(value)) {
        return json_is_true(value) ? "granted"
               : json_is_false(value) ? "denied" : "?";
    }

    json_object_foreach(value, key, member) {

        if (json_is_false(member)
            || (json_is_string(member)
                && strcmp(json_string_value(member), "denied") == 0))
        {
            return "denied";
        }
    }

    return json_object_size(value) ? "granted" : "unknown";
}


static int
recs_event_json_text(recs_event_json_t *json,
    const recs_event_field_t *field, json_t *value, recs_str_t *text,
    const char **err)
{
    if (field->kind != RECS_FIELD_TEXT) {
        *err = "is not a string or number";
        return RECS_ERROR;
    }

    if (!json_is_object(value)) {
        *err = "is not an object";
        return RECS_ERROR;
    }

    recs_event_json_clean(value);

    return recs_event_json_dump(json, field, value, text, err);
}


static int
recs_event_json_dump(recs_event_json_t *json, const recs_event_field_t *field,
    json_t *value, recs_str_t *text, const char **err)
{
    size_t    size;
    uint8_t  *buf;

    size = json_dumpb(value, NULL, 0, JSON_COMPACT);

    if (size == 0 || json_object_size(value) == 0) {
        return RECS_OK;
    }

    if (size > field->max) {

        if (field->max == RECS_EVENT_METADATA_MAX) {
            return RECS_OK;
        }

        *err = "is too long";
        return RECS_ERROR;
    }

    buf = recs_event_json_alloc(json, size);

    if (buf == NULL) {
        *err = "out of memory";
        return RECS_ERROR;
    }

    text->data = buf;
    text->len = json_dumpb(value, (char *) buf, size, JSON_COMPACT);

    return RECS_OK;
}


/* Recurses no deeper than RECS_JSON_DEPTH_MAX. */

static void
recs_event_json_clean(json_t *value)
{
    void        *next;
    size_t       i;
    json_t      *member;
    const char  *key;

    if (json_is_array(value)) {

        json_array_foreach(value, i, member) {
            recs_event_json_clean(member);
        }

        return;
    }

    json_object_foreach_safe(value, next, key, member) {

        if (recs_event_json_personal(key)) {
            json_object_del(value, key);

        } else {
            recs_event_json_clean(member);
        }
    }
}


static unsigned
recs_event_json_personal(const char *name)
{
    char        folded[RECS_FOLD_MAX];
    recs_str_t  s;

    s.data = (const uint8_t *) name;
    s.len = strlen(name);
    s.len = recs_min(s.len, RECS_FOLD_MAX - 1);

    recs_fold(&s, folded);

    return strncmp(folded, "card", 4) == 0
           || recs_fold_among(folded, recs_event_json_personals);
}


/* The row of a product is "document", or the event itself is one. */

static int
recs_event_json_document(recs_event_json_t *json, json_t *object,
    recs_event_t *e, const char **err)
{
    int        rc;
    json_t    *product;
    unsigned   alias;

    static const recs_str_t  name = recs_string("document");

    product = recs_event_json_product(object, e);

    if (product == NULL) {
        *err = "out of memory";
        return RECS_ERROR;
    }

    rc = recs_event_json_dump(json, recs_event_field(&name, &alias), product,
                              &e->document, err);
    json_decref(product);

    return rc;
}


/* Nothing in it says who sent it. */

static json_t *
recs_event_json_product(json_t *object, const recs_event_t *e)
{
    json_t      *product, *from, *value;
    unsigned     alias, flat;
    recs_str_t   name;
    const char  *key;

    from = json_object_get(object, "document");
    flat = !json_is_object(from);
    from = flat ? object : from;

    product = json_object();

    json_object_foreach(from, key, value) {

        name.data = (const uint8_t *) key;
        name.len = strlen(key);

        if (flat
            && !recs_event_json_among(key, recs_event_json_catalog)
            && (recs_event_field(&name, &alias)
                || strcmp(key, "context") == 0
                || recs_event_json_personal(key)))
        {
            continue;
        }

        (void) json_object_set(product, key, value);
    }

    for (alias = 0; recs_event_json_ids[alias]; alias++) {
        if (json_object_get(product, recs_event_json_ids[alias])) {
            return product;
        }
    }

    if (e->items[0].product.len) {
        (void) json_object_set_new(product, "productId",
                         json_stringn((const char *) e->items[0].product.data,
                                      e->items[0].product.len));
    }

    return product;
}


static unsigned
recs_event_json_among(const char *name, const char *const *names)
{
    for ( /* void */ ; *names; names++) {
        if (strcmp(name, *names) == 0) {
            return 1;
        }
    }

    return 0;
}


static uint8_t *
recs_event_json_alloc(recs_event_json_t *json, size_t size)
{
    size_t                    room;
    uint8_t                  *p;
    recs_event_json_block_t  *block;

    block = json->blocks;

    if (block == NULL || block->size - block->used < size) {
        room = recs_max(size, RECS_JSON_BLOCK);
        block = malloc(sizeof(recs_event_json_block_t) + room);

        if (block == NULL) {
            return NULL;
        }

        block->next = json->blocks;
        block->used = 0;
        block->size = room;
        json->blocks = block;
    }

    p = block->data + block->used;
    block->used += size;

    return p;
}
