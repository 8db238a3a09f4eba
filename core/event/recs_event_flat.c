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


/* Of two lists of lines the first counts. */

#define RECS_FLAT_PRODUCTS  1
#define RECS_FLAT_ITEMS     2


typedef struct {
    recs_flat_name_t  *name;
    recs_str_t         value;    /* of a string: inside its quotes */
    recs_json_e        type;
    unsigned           real;     /* a number with a point */
    unsigned           exact;    /* its millionths are those of a double */
} recs_flat_member_t;

typedef struct {
    uint64_t            names;   /* a bit each */
    uint32_t            count;
    recs_flat_member_t  members[RECS_FLAT_MEMBERS];
} recs_flat_object_t;


static const uint8_t *recs_flat_object(recs_event_flat_t *flat,
    const uint8_t *p, recs_flat_object_t *object, unsigned inner);
static const uint8_t *recs_flat_name(recs_event_flat_t *flat,
    const uint8_t *p, recs_flat_object_t *object);
static recs_flat_name_t *recs_flat_name_add(recs_event_flat_t *flat,
    const uint8_t *p);
static const uint8_t *recs_flat_value(recs_event_flat_t *flat,
    const uint8_t *p, recs_flat_member_t *m, unsigned inner);
static const uint8_t *recs_flat_array(recs_event_flat_t *flat,
    const uint8_t *p, uint32_t *count);
static const uint8_t *recs_flat_word(const uint8_t *p, const uint8_t *last,
    const char *word);
static const uint8_t *recs_flat_string(const uint8_t *p,
    const uint8_t *last, recs_str_t *s);
static const uint8_t *recs_flat_number(const uint8_t *p,
    const uint8_t *last, recs_flat_member_t *m);
static const uint8_t *recs_flat_blank(const uint8_t *p, const uint8_t *last);
static int recs_flat_items(recs_event_flat_t *flat,
    const recs_flat_object_t *object, recs_event_t *e);
static int recs_flat_item(const recs_flat_object_t *object, recs_event_t *e,
    unsigned n);
static int recs_flat_members(const recs_flat_object_t *object,
    recs_event_t *e);
static const recs_event_field_t *recs_flat_field(recs_flat_name_t *name,
    unsigned line, unsigned *alias);
static int recs_flat_read(const recs_flat_member_t *m,
    const recs_event_field_t *field, recs_event_t *e, unsigned n);


int
recs_event_flat_open(recs_event_flat_t *flat, const uint8_t *data,
    size_t len, size_t *count, unsigned *array)
{
    const uint8_t       *p, *last;
    recs_flat_object_t   object;

    last = data + len;
    p = recs_flat_blank(data, last);

    if (p == last) {
        return RECS_DECLINED;
    }

    *array = (*p == '[');
    *count = 0;

    flat->pos = *array ? recs_flat_blank(p + 1, last) : p;
    flat->last = last;
    flat->count = 0;
    flat->next = 0;

    for (p = flat->pos; /* void */ ; p = recs_flat_blank(p + 1, last)) {
        p = recs_flat_object(flat, p, &object, 0);

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
recs_event_flat_get(recs_event_flat_t *flat, recs_event_t *e)
{
    const uint8_t       *p;
    recs_flat_object_t   object;

    p = recs_flat_object(flat, flat->pos, &object, 0);

    if (p == NULL) {
        return RECS_DECLINED;
    }

    p = recs_flat_blank(p, flat->last);

    if (p < flat->last && *p == ',') {
        p = recs_flat_blank(p + 1, flat->last);
    }

    flat->pos = p;

    recs_event_init(e);

    /* what is said of all lines comes after them */

    if (recs_flat_items(flat, &object, e) != RECS_OK
        || recs_flat_members(&object, e) != RECS_OK
        || e->class != RECS_CLASS_ACTIVITY)
    {
        return RECS_DECLINED;
    }

    return RECS_OK;
}


/* These return behind what they have read, or NULL: it is not for here. */

static const uint8_t *
recs_flat_object(recs_event_flat_t *flat, const uint8_t *p,
    recs_flat_object_t *object, unsigned inner)
{
    const uint8_t       *last;
    recs_flat_member_t  *m;

    last = flat->last;
    object->names = 0;
    object->count = 0;

    if (p == last || *p != '{') {
        return NULL;
    }

    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == '}') {
        return p + 1;
    }

    for ( ;; ) {
        m = &object->members[object->count];

        p = recs_flat_name(flat, p, object);

        if (p == NULL) {
            return NULL;
        }

        p = recs_flat_blank(p, last);

        if (p == last || *p != ':') {
            return NULL;
        }

        p = recs_flat_value(flat, recs_flat_blank(p + 1, last), m, inner);

        if (p == NULL) {
            return NULL;
        }

        p = recs_flat_blank(p, last);

        if (p == last || (*p != ',' && *p != '}')) {
            return NULL;
        }

        if (*p == '}') {
            return p + 1;
        }

        p = recs_flat_blank(p + 1, last);
    }
}


/* Begins the next member: a name comes once. */

static const uint8_t *
recs_flat_name(recs_event_flat_t *flat, const uint8_t *p,
    recs_flat_object_t *object)
{
    size_t             rest;
    uint32_t           i;
    uint64_t           bit;
    recs_flat_name_t  *name;

    rest = flat->last - p;

    for (i = 0; i < flat->count; i++) {
        name = &flat->names[flat->next++];

        if (flat->next == flat->count) {
            flat->next = 0;
        }

        /* a first letter, or the end of an empty one, says most of it */

        if (name->len <= rest && p[1] == name->quoted[1]
            && memcmp(p, name->quoted, name->len) == 0)
        {
            goto found;
        }
    }

    name = recs_flat_name_add(flat, p);

    if (name == NULL) {
        return NULL;
    }

found:

    bit = (uint64_t) 1 << (name - flat->names);

    if ((object->names & bit) || object->count == RECS_FLAT_MEMBERS) {
        return NULL;
    }

    object->names |= bit;
    object->members[object->count++].name = name;

    return p + name->len;
}


static recs_flat_name_t *
recs_flat_name_add(recs_event_flat_t *flat, const uint8_t *p)
{
    recs_str_t         s;
    recs_flat_name_t  *name;

    if (recs_flat_string(p, flat->last, &s) == NULL
        || flat->count == RECS_FLAT_NAMES)
    {
        return NULL;
    }

    name = &flat->names[flat->count++];

    name->quoted = p;
    name->len = s.len + 2;
    name->asked[0] = 0;
    name->asked[1] = 0;

    name->lines = (s.len == 5 && memcmp(s.data, "items", 5) == 0)
                  ? RECS_FLAT_ITEMS
                  : (s.len == 8 && memcmp(s.data, "products", 8) == 0)
                    ? RECS_FLAT_PRODUCTS : 0;

    return name;
}


static const uint8_t *
recs_flat_value(recs_event_flat_t *flat, const uint8_t *p,
    recs_flat_member_t *m, unsigned inner)
{
    uint32_t        count;
    const uint8_t  *end;

    if (p == flat->last) {
        return NULL;
    }

    switch (*p) {

    case '"':
        m->type = RECS_JSON_STRING;
        return recs_flat_string(p, flat->last, &m->value);

    case '[':

        if (inner) {
            return NULL;
        }

        end = recs_flat_array(flat, p, &count);

        m->type = RECS_JSON_ARRAY;
        m->value.data = p;
        m->value.len = end ? end - p : 0;

        return end;

    case 't':
        m->type = RECS_JSON_TRUE;
        return recs_flat_word(p, flat->last, "true");

    case 'f':
        m->type = RECS_JSON_FALSE;
        return recs_flat_word(p, flat->last, "false");

    case 'n':
        m->type = RECS_JSON_NULL;
        return recs_flat_word(p, flat->last, "null");

    default: /* an object is no number, either */
        m->type = RECS_JSON_NUMBER;
        m->value.data = p;
        return recs_flat_number(p, flat->last, m);
    }
}


static const uint8_t *
recs_flat_array(recs_event_flat_t *flat, const uint8_t *p, uint32_t *count)
{
    const uint8_t       *last;
    recs_flat_object_t   object;

    last = flat->last;
    *count = 0;
    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == ']') {
        return p + 1;
    }

    for ( ;; ) {
        p = recs_flat_object(flat, p, &object, 1);

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
recs_flat_word(const uint8_t *p, const uint8_t *last, const char *word)
{
    size_t  len;

    len = strlen(word);

    return ((size_t) (last - p) >= len && memcmp(p, word, len) == 0)
           ? p + len : NULL;
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

        if (p == last) {
            return NULL;
        }

        if (*p == '"') {
            s->len = p - s->data;
            return p + 1;
        }

        n = (*p < 0x20 || *p == '\\') ? 0 : recs_utf8_char(p, last);

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
    while (p < last && *p <= ' '
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


static int
recs_flat_items(recs_event_flat_t *flat, const recs_flat_object_t *object,
    recs_event_t *e)
{
    uint32_t                   n, count;
    const uint8_t             *p, *last;
    recs_flat_object_t         item;
    const recs_flat_member_t  *m, *items;

    items = NULL;

    for (n = 0; n < object->count; n++) {
        m = &object->members[n];

        if (m->name->lines > (items ? items->name->lines : 0)) {
            items = m;
        }
    }

    if (items == NULL || items->type == RECS_JSON_NULL) {
        return RECS_OK;
    }

    if (items->type != RECS_JSON_ARRAY) {
        return RECS_DECLINED;
    }

    p = items->value.data;
    last = p + items->value.len;

    if (recs_flat_array(flat, p, &count) == NULL
        || count > RECS_EVENT_ITEMS_MAX)
    {
        return RECS_DECLINED;
    }

    for (n = 0; n < count; n++) {

        /* behind a bracket or a comma */

        p = recs_flat_object(flat, recs_flat_blank(p + 1, last), &item, 1);

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
        field = recs_flat_field(m->name, 1, &alias);

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
        field = recs_flat_field(m->name, 0, &alias);

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


/* By what it is called in an event, or in a line of one. */

static const recs_event_field_t *
recs_flat_field(recs_flat_name_t *name, unsigned line, unsigned *alias)
{
    recs_str_t  s;

    if (!name->asked[line]) {
        s.data = name->quoted + 1;
        s.len = name->len - 2;
        *alias = 0;

        name->fields[line] = line ? recs_event_item_field(&s, alias)
                                  : recs_event_field(&s, alias);
        name->alias[line] = (uint8_t) *alias;
        name->asked[line] = 1;
    }

    *alias = name->alias[line];

    return name->fields[line];
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
