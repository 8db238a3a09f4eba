/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_event_flat.h"
#include "../recs_json.h"
#include "../recs_plain.h"
#include "../recs_utf8.h"


#define RECS_FLAT_MEMBERS  32    /* of an object */
#define RECS_FLAT_WHOLE    18    /* digits of an integer */
#define RECS_FLAT_LEFT     9     /* of a decimal, before its point */
#define RECS_FLAT_RIGHT    6     /* and behind it */
#define RECS_FLAT_NUMBER   40    /* bytes of any number */


typedef struct {
    recs_str_t   name;
    recs_str_t   value;          /* of a string: inside its quotes */
    recs_json_e  type;
    unsigned     real;           /* a number with a point */
    unsigned     exact;          /* its millionths are those of a double */
} recs_flat_member_t;

typedef struct {
    uint32_t            count;
    recs_flat_member_t  members[RECS_FLAT_MEMBERS];
} recs_flat_object_t;


static const uint8_t *recs_flat_object(const uint8_t *p, const uint8_t *last,
    recs_flat_object_t *object, unsigned inner);
static const uint8_t *recs_flat_value(const uint8_t *p, const uint8_t *last,
    recs_flat_member_t *m, unsigned inner);
static const uint8_t *recs_flat_array(const uint8_t *p,
    const uint8_t *last, uint32_t *count);
static const uint8_t *recs_flat_string(const uint8_t *p,
    const uint8_t *last, recs_str_t *s);
static const uint8_t *recs_flat_number(const uint8_t *p,
    const uint8_t *last, recs_flat_member_t *m);
static const uint8_t *recs_flat_blank(const uint8_t *p, const uint8_t *last);
static unsigned recs_flat_twice(const recs_flat_object_t *object);
static int recs_flat_items(const recs_flat_object_t *object,
    recs_event_t *e);
static int recs_flat_item(const recs_flat_object_t *object, recs_event_t *e,
    unsigned n);
static int recs_flat_members(const recs_flat_object_t *object,
    recs_event_t *e);
static int recs_flat_read(const recs_flat_member_t *m,
    const recs_event_field_t *field, recs_event_t *e, unsigned n);
static const recs_flat_member_t *recs_flat_find(
    const recs_flat_object_t *object, const char *name);


int
recs_event_flat_check(const uint8_t *data, size_t len, size_t *count,
    unsigned *array, const uint8_t **first)
{
    const uint8_t       *p, *last;
    recs_flat_object_t   object;

    last = data + len;
    p = recs_flat_blank(data, last);

    if (p == last) {
        return RECS_DECLINED;
    }

    *array = (*p == '[');
    *first = *array ? recs_flat_blank(p + 1, last) : p;
    *count = 0;

    for (p = *first; /* void */ ; p = recs_flat_blank(p + 1, last)) {
        p = recs_flat_object(p, last, &object, 0);

        if (p == NULL) {
            return RECS_DECLINED;
        }

        (*count)++;
        p = recs_flat_blank(p, last);

        if (!*array) {
            break;
        }

        if (p == last || (*p != ',' && *p != ']')) {
            return RECS_DECLINED;
        }

        if (*p == ']') {
            p = recs_flat_blank(p + 1, last);
            break;
        }
    }

    return (p == last) ? RECS_OK : RECS_DECLINED;
}


int
recs_event_flat_get(const uint8_t **pos, const uint8_t *last,
    recs_event_t *e)
{
    const uint8_t       *p;
    recs_flat_object_t   object;

    p = recs_flat_object(*pos, last, &object, 0);

    if (p == NULL) {
        return RECS_DECLINED;
    }

    p = recs_flat_blank(p, last);

    if (p < last && *p == ',') {
        p = recs_flat_blank(p + 1, last);
    }

    *pos = p;

    recs_event_init(e);

    /* what is said of all lines comes after them */

    if (recs_flat_items(&object, e) != RECS_OK
        || recs_flat_members(&object, e) != RECS_OK
        || e->class != RECS_CLASS_ACTIVITY)
    {
        return RECS_DECLINED;
    }

    return RECS_OK;
}


/* These return behind what they have read, or NULL: it is not for here. */

static const uint8_t *
recs_flat_object(const uint8_t *p, const uint8_t *last,
    recs_flat_object_t *object, unsigned inner)
{
    recs_flat_member_t  *m;

    object->count = 0;

    if (p == last || *p != '{') {
        return NULL;
    }

    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == '}') {
        return p + 1;
    }

    for ( ;; ) {

        if (object->count == RECS_FLAT_MEMBERS) {
            return NULL;
        }

        m = &object->members[object->count++];

        p = recs_flat_string(p, last, &m->name);

        if (p == NULL) {
            return NULL;
        }

        p = recs_flat_blank(p, last);

        if (p == last || *p != ':') {
            return NULL;
        }

        p = recs_flat_value(recs_flat_blank(p + 1, last), last, m, inner);

        if (p == NULL) {
            return NULL;
        }

        p = recs_flat_blank(p, last);

        if (p == last || (*p != ',' && *p != '}')) {
            return NULL;
        }

        if (*p == '}') {
            return recs_flat_twice(object) ? NULL : p + 1;
        }

        p = recs_flat_blank(p + 1, last);
    }
}


static const uint8_t *
recs_flat_value(const uint8_t *p, const uint8_t *last, recs_flat_member_t *m,
    unsigned inner)
{
    size_t          len;
    uint32_t        count;
    const char     *word;
    const uint8_t  *end;

    m->value.data = p;
    m->value.len = (p < last);
    m->type = recs_json_type(&m->value);

    switch (m->type) {

    case RECS_JSON_STRING:
        return recs_flat_string(p, last, &m->value);

    case RECS_JSON_NUMBER:
        return recs_flat_number(p, last, m);

    case RECS_JSON_ARRAY:

        if (inner) {
            return NULL;
        }

        end = recs_flat_array(p, last, &count);
        m->value.len = end ? end - p : 0;

        return end;

    case RECS_JSON_TRUE:
        word = "true";
        break;

    case RECS_JSON_FALSE:
        word = "false";
        break;

    case RECS_JSON_NULL:
        word = "null";
        break;

    default: /* an object, nothing */
        return NULL;
    }

    len = strlen(word);

    return ((size_t) (last - p) >= len && memcmp(p, word, len) == 0)
           ? p + len : NULL;
}


static const uint8_t *
recs_flat_array(const uint8_t *p, const uint8_t *last, uint32_t *count)
{
    recs_flat_object_t  object;

    *count = 0;
    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == ']') {
        return p + 1;
    }

    for ( ;; ) {
        p = recs_flat_object(p, last, &object, 1);

        if (p == NULL) {
            return NULL;
        }

        (*count)++;
        p = recs_flat_blank(p, last);

        if (p == last || (*p != ',' && *p != ']')) {
            return NULL;
        }

        if (*p == ']') {
            return p + 1;
        }

        p = recs_flat_blank(p + 1, last);
    }
}


static const uint8_t *
recs_flat_string(const uint8_t *p, const uint8_t *last, recs_str_t *s)
{
    size_t  n;

    if (p == last || *p != '"') {
        return NULL;
    }

    s->data = ++p;

    for ( ;; ) {
        p = recs_plain(p, last, 1);

        if (p == last || *p < 0x20 || *p == '\\') {
            return NULL;
        }

        if (*p == '"') {
            s->len = p - s->data;
            return p + 1;
        }

        n = recs_utf8_char(p, last);

        if (n == 0) {
            return NULL;
        }

        p += n;
    }
}


/*
 * A double has fifteen digits: with no more of them, what it says in
 * millionths is what the text says.
 */

static const uint8_t *
recs_flat_number(const uint8_t *p, const uint8_t *last, recs_flat_member_t *m)
{
    size_t          whole, right;
    const uint8_t  *from;

    right = 0;
    p += (*p == '-');
    from = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    whole = p - from;
    m->real = (p < last && *p == '.');

    /* no leading zeros, and a negative one is jansson's */

    if (whole == 0 || (whole > 1 && *from == '0')
        || (*from == '0' && from != m->value.data))
    {
        return NULL;
    }

    if (m->real) {

        for (from = ++p; p < last && *p >= '0' && *p <= '9'; p++) {
            /* void */
        }

        right = p - from;

        if (right == 0) {
            return NULL;
        }
    }

    m->value.len = p - m->value.data;
    m->exact = whole <= RECS_FLAT_LEFT && right <= RECS_FLAT_RIGHT;

    if (m->value.len > RECS_FLAT_NUMBER
        || (!m->real && whole > RECS_FLAT_WHOLE)
        || (p < last && (*p | 0x20) == 'e'))
    {
        return NULL;
    }

    return p;
}


static const uint8_t *
recs_flat_blank(const uint8_t *p, const uint8_t *last)
{
    while (p < last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


static unsigned
recs_flat_twice(const recs_flat_object_t *object)
{
    uint32_t           i, j;
    const recs_str_t  *a, *b;

    for (i = 1; i < object->count; i++) {
        a = &object->members[i].name;

        for (j = 0; j < i; j++) {
            b = &object->members[j].name;

            if (a->len == b->len && memcmp(a->data, b->data, a->len) == 0) {
                return 1;
            }
        }
    }

    return 0;
}


static int
recs_flat_items(const recs_flat_object_t *object, recs_event_t *e)
{
    uint32_t                   n, count;
    const uint8_t             *p, *last;
    recs_flat_object_t         item;
    const recs_flat_member_t  *items;

    items = recs_flat_find(object, "items");

    if (items == NULL) {
        items = recs_flat_find(object, "products");
    }

    if (items == NULL || items->type == RECS_JSON_NULL) {
        return RECS_OK;
    }

    if (items->type != RECS_JSON_ARRAY) {
        return RECS_DECLINED;
    }

    p = items->value.data;
    last = p + items->value.len;

    if (recs_flat_array(p, last, &count) == NULL
        || count > RECS_EVENT_ITEMS_MAX)
    {
        return RECS_DECLINED;
    }

    for (n = 0; n < count; n++) {

        /* behind a bracket or a comma */

        p = recs_flat_object(recs_flat_blank(p + 1, last), last, &item, 1);

        if (p == NULL || recs_flat_item(&item, e, n) != RECS_OK) {
            return RECS_DECLINED;
        }

        p = recs_flat_blank(p, last);
    }

    e->item_count = count;

    return RECS_OK;
}


static int
recs_flat_item(const recs_flat_object_t *object, recs_event_t *e, unsigned n)
{
    uint32_t                   i;
    unsigned                   alias;
    const recs_flat_member_t  *m;
    const recs_event_field_t  *field;

    recs_event_item_init(&e->items[n]);

    for (i = 0; i < object->count; i++) {
        m = &object->members[i];
        field = recs_event_item_field(&m->name, &alias);

        if (field == NULL
            || (alias && recs_event_field_set(field, &e->items[n])))
        {
            continue;
        }

        if (recs_flat_read(m, field, e, n) != RECS_OK) {
            return RECS_DECLINED;
        }
    }

    return RECS_OK;
}


static int
recs_flat_members(const recs_flat_object_t *object, recs_event_t *e)
{
    uint32_t                   i;
    unsigned                   alias;
    const void                *base;
    const recs_flat_member_t  *m;
    const recs_event_field_t  *field;

    for (i = 0; i < object->count; i++) {
        m = &object->members[i];
        field = recs_event_field(&m->name, &alias);

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

        if (recs_flat_read(m, field, e, 0) != RECS_OK) {
            return RECS_DECLINED;
        }
    }

    if (e->item_count == 0 && e->items[0].product.len) {
        e->item_count = 1;
    }

    return RECS_OK;
}


static int
recs_flat_read(const recs_flat_member_t *m, const recs_event_field_t *field,
    recs_event_t *e, unsigned n)
{
    const char  *err;

    switch (m->type) {

    case RECS_JSON_NULL:
        return RECS_OK;

    case RECS_JSON_NUMBER:

        if (m->real
            && !(m->exact && (field->kind == RECS_FIELD_MICRO
                              || field->kind == RECS_FIELD_STARS)))
        {
            return RECS_DECLINED;
        }

        break;

    case RECS_JSON_STRING:
        break;

    default:
        return RECS_DECLINED;
    }

    if (field->kind == RECS_FIELD_TEXT) {
        return RECS_DECLINED;
    }

    /* who asks jansson hears what is wrong */

    return (recs_event_field_read(field, e, n, &m->value, &err) == RECS_OK)
           ? RECS_OK : RECS_DECLINED;
}


static const recs_flat_member_t *
recs_flat_find(const recs_flat_object_t *object, const char *name)
{
    size_t    len;
    uint32_t  i;

    len = strlen(name);

    for (i = 0; i < object->count; i++) {
        if (object->members[i].name.len == len
            && memcmp(object->members[i].name.data, name, len) == 0)
        {
            return &object->members[i];
        }
    }

    return NULL;
}
