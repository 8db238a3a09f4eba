/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "recs_event_flat.h"
#include "../recs_json.h"
#include "../recs_plain.h"
#include "../recs_utf8.h"


#define RECS_FLAT_WHOLE    18    /* digits of an integer */
#define RECS_FLAT_LEFT     9     /* of a decimal, before its point */
#define RECS_FLAT_RIGHT    6     /* and behind it */
#define RECS_FLAT_NUMBER   40    /* bytes of any number */

#define RECS_FLAT_SPARE    16    /* pieces of a short text */
#define RECS_FLAT_BYTES    16    /* of a text to a piece, mostly more */

/* Of two lists of lines the first counts. */

#define RECS_FLAT_PRODUCTS  1
#define RECS_FLAT_ITEMS     2


/* The members of an object, the objects of an array. */

#define recs_flat_each(m, piece)                                             \
    for (m = (piece) + 1; m <= (piece) + (piece)->len;                       \
         m += 1 + recs_flat_inside(m))

#define recs_flat_inside(m)                                                  \
    ((m)->type <= RECS_JSON_ARRAY ? (m)->len : 0)


static const uint8_t *recs_flat_array(recs_event_flat_t *flat,
    const uint8_t *p, unsigned inner, size_t *count);
static const uint8_t *recs_flat_object(recs_event_flat_t *flat,
    const uint8_t *p, unsigned inner);
static const uint8_t *recs_flat_name(recs_event_flat_t *flat,
    const uint8_t *p, unsigned *name);
static void recs_flat_name_add(recs_event_flat_t *flat, const recs_str_t *s);
static const uint8_t *recs_flat_value(recs_event_flat_t *flat,
    const uint8_t *p, unsigned name, unsigned inner);
static const uint8_t *recs_flat_word(const uint8_t *p, const uint8_t *last,
    const char *word);
static const uint8_t *recs_flat_string(const uint8_t *p,
    const uint8_t *last, recs_str_t *s);
static const uint8_t *recs_flat_number(const uint8_t *p,
    const uint8_t *last, recs_flat_piece_t *piece);
static const uint8_t *recs_flat_blank(const uint8_t *p, const uint8_t *last);
static inline recs_flat_piece_t *recs_flat_piece(recs_event_flat_t *flat);
static int recs_flat_grow(recs_event_flat_t *flat);
static int recs_flat_items(recs_event_flat_t *flat,
    const recs_flat_piece_t *object, recs_event_t *e);
static int recs_flat_item(recs_event_flat_t *flat,
    const recs_flat_piece_t *object, recs_event_t *e, unsigned n);
static int recs_flat_members(recs_event_flat_t *flat,
    const recs_flat_piece_t *object, recs_event_t *e);
static const recs_event_field_t *recs_flat_field(recs_flat_name_t *name,
    unsigned line, unsigned *alias);
static int recs_flat_read(const recs_flat_piece_t *m,
    const recs_event_field_t *field, recs_event_t *e, unsigned n);


int
recs_event_flat_open(recs_event_flat_t *flat, const uint8_t *data,
    size_t len, size_t *count, unsigned *array)
{
    const uint8_t  *p;

    flat->last = data + len;
    flat->pieces = NULL;
    flat->count = 0;
    flat->room = 0;
    flat->first = (uint32_t) (RECS_FLAT_SPARE + len / RECS_FLAT_BYTES);
    flat->at = 0;
    flat->names_count = 0;
    flat->next = 0;
    flat->lines = 0;

    p = recs_flat_blank(data, flat->last);

    if (p == flat->last || len > UINT32_MAX / 2) {
        return RECS_DECLINED;
    }

    *array = (*p == '[');
    *count = 1;

    p = *array ? recs_flat_array(flat, p, 0, count)
               : recs_flat_object(flat, p, 0);

    return (p && recs_flat_blank(p, flat->last) == flat->last)
           ? RECS_OK : RECS_DECLINED;
}


void
recs_event_flat_close(recs_event_flat_t *flat)
{
    free(flat->pieces);
}


int
recs_event_flat_get(recs_event_flat_t *flat, recs_event_t *e)
{
    const recs_flat_piece_t  *object;

    object = &flat->pieces[flat->at];
    flat->at += 1 + object->len;

    recs_event_init(e);

    /* what is said of all lines comes after them */

    if (recs_flat_items(flat, object, e) != RECS_OK
        || recs_flat_members(flat, object, e) != RECS_OK
        || e->class != RECS_CLASS_ACTIVITY)
    {
        return RECS_DECLINED;
    }

    return RECS_OK;
}


/* These return behind what they have read, or NULL: it is not for here. */

static const uint8_t *
recs_flat_array(recs_event_flat_t *flat, const uint8_t *p, unsigned inner,
    size_t *count)
{
    const uint8_t  *last;

    last = flat->last;
    *count = 0;

    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == ']') {
        return p + 1;
    }

    for ( ;; ) {
        p = recs_flat_object(flat, p, inner);

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
recs_flat_object(recs_event_flat_t *flat, const uint8_t *p, unsigned inner)
{
    uint32_t        at;
    uint64_t        names;
    unsigned        name;
    const uint8_t  *last;

    last = flat->last;
    at = flat->count;
    names = 0;

    if (p == last || *p != '{' || recs_flat_piece(flat) == NULL) {
        return NULL;
    }

    p = recs_flat_blank(p + 1, last);

    if (p < last && *p == '}') {
        goto done;
    }

    for ( ;; ) {
        p = recs_flat_name(flat, p, &name);

        /* comes once */

        if (p == NULL || (names >> name & 1)) {
            return NULL;
        }

        names |= (uint64_t) 1 << name;
        p = recs_flat_blank(p, last);

        if (p == last || *p != ':') {
            return NULL;
        }

        p = recs_flat_value(flat, recs_flat_blank(p + 1, last), name, inner);

        if (p == NULL) {
            return NULL;
        }

        p = recs_flat_blank(p, last);

        if (p == last || (*p != ',' && *p != '}')) {
            return NULL;
        }

        if (*p == '}') {
            break;
        }

        p = recs_flat_blank(p + 1, last);
    }

done:

    flat->pieces[at].type = RECS_JSON_OBJECT;
    flat->pieces[at].len = flat->count - at - 1;

    return p + 1;
}


/* From the one that is expected on, in the order in which they came. */

static const uint8_t *
recs_flat_name(recs_event_flat_t *flat, const uint8_t *p, unsigned *number)
{
    size_t             rest;
    uint32_t           i;
    recs_str_t         s;
    recs_flat_name_t  *name;

    rest = flat->last - p;

    for (i = 0; i < flat->names_count; i++) {
        *number = flat->order[flat->next];
        name = &flat->names[*number];

        flat->next++;
        flat->next = (flat->next < flat->names_count) ? flat->next : 0;

        if (name->len <= rest && p[1] == name->quoted[1]
            && memcmp(p, name->quoted, name->len) == 0) {
            return p + name->len;
        }
    }

    if (flat->names_count == RECS_FLAT_NAMES) {
        return NULL;
    }

    *number = flat->names_count;
    p = recs_flat_string(p, flat->last, &s);

    if (p) {
        recs_flat_name_add(flat, &s);
    }

    return p;
}


static void
recs_flat_name_add(recs_event_flat_t *flat, const recs_str_t *s)
{
    uint32_t           n;
    recs_flat_name_t  *name;

    n = flat->names_count++;
    name = &flat->names[n];

    name->quoted = s->data - 1;
    name->len = s->len + 2;
    name->asked[0] = 0;
    name->asked[1] = 0;

    name->lines = (s->len == 5 && memcmp(s->data, "items", 5) == 0)
                  ? RECS_FLAT_ITEMS
                  : (s->len == 8 && memcmp(s->data, "products", 8) == 0)
                    ? RECS_FLAT_PRODUCTS : 0;

    flat->lines |= name->lines;

    memmove(flat->order + flat->next + 1, flat->order + flat->next,
            n - flat->next);

    flat->order[flat->next++] = (uint8_t) n;
    flat->next = (flat->next < flat->names_count) ? flat->next : 0;
}


static const uint8_t *
recs_flat_value(recs_event_flat_t *flat, const uint8_t *p, unsigned name,
    unsigned inner)
{
    size_t              count;
    uint32_t            at;
    recs_str_t          s;
    recs_flat_piece_t  *piece;

    at = flat->count;
    piece = recs_flat_piece(flat);

    if (piece == NULL || p == flat->last) {
        return NULL;
    }

    piece->name = (uint8_t) name;
    piece->data = p;

    switch (*p) {

    case '"':
        p = recs_flat_string(p, flat->last, &s);

        if (p) {
            piece->type = RECS_JSON_STRING;
            piece->data = s.data;
            piece->len = (uint32_t) s.len;
        }

        return p;

    case '[':
        p = inner ? NULL : recs_flat_array(flat, p, 1, &count);

        piece = &flat->pieces[at];
        piece->type = RECS_JSON_ARRAY;
        piece->len = flat->count - at - 1;

        return p;

    case 't':
        piece->type = RECS_JSON_TRUE;
        return recs_flat_word(p, flat->last, "true");

    case 'f':
        piece->type = RECS_JSON_FALSE;
        return recs_flat_word(p, flat->last, "false");

    case 'n':
        piece->type = RECS_JSON_NULL;
        return recs_flat_word(p, flat->last, "null");

    default: /* an object is no number, either */
        piece->type = RECS_JSON_NUMBER;
        return recs_flat_number(p, flat->last, piece);
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
recs_flat_number(const uint8_t *p, const uint8_t *last,
    recs_flat_piece_t *piece)
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
    piece->real = (p < last && *p == '.');

    /* no leading zeros, and a negative one is jansson's */

    if (whole == 0 || (whole > 1 && *from == '0')
        || (*from == '0' && from != piece->data))
    {
        return NULL;
    }

    if (piece->real) {

        for (from = ++p; p < last && *p >= '0' && *p <= '9'; p++) {
            /* void */
        }

        right = p - from;

        if (right == 0) {
            return NULL;
        }
    }

    piece->len = (uint32_t) (p - piece->data);
    piece->exact = whole <= RECS_FLAT_LEFT && right <= RECS_FLAT_RIGHT;

    if (piece->len > RECS_FLAT_NUMBER
        || (!piece->real && whole > RECS_FLAT_WHOLE)
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


static inline recs_flat_piece_t *
recs_flat_piece(recs_event_flat_t *flat)
{
    if (flat->count == flat->room && recs_flat_grow(flat) != RECS_OK) {
        return NULL;
    }

    return &flat->pieces[flat->count++];
}


static int
recs_flat_grow(recs_event_flat_t *flat)
{
    uint32_t            room;
    recs_flat_piece_t  *pieces;

    room = flat->room ? 2 * flat->room : flat->first;
    pieces = realloc(flat->pieces, room * sizeof(recs_flat_piece_t));

    if (pieces == NULL) {
        return RECS_ERROR;
    }

    flat->pieces = pieces;
    flat->room = room;

    return RECS_OK;
}


static int
recs_flat_items(recs_event_flat_t *flat, const recs_flat_piece_t *object,
    recs_event_t *e)
{
    uint32_t                  n;
    unsigned                  best;
    const recs_flat_piece_t  *m, *items;

    if (!flat->lines) {
        return RECS_OK;
    }

    items = NULL;
    best = 0;

    recs_flat_each(m, object) {
        if (flat->names[m->name].lines > best) {
            best = flat->names[m->name].lines;
            items = m;
        }
    }

    if (items == NULL || items->type == RECS_JSON_NULL) {
        return RECS_OK;
    }

    if (items->type != RECS_JSON_ARRAY) {
        return RECS_DECLINED;
    }

    n = 0;

    recs_flat_each(m, items) {
        if (n == RECS_EVENT_ITEMS_MAX
            || recs_flat_item(flat, m, e, n++) != RECS_OK)
        {
            return RECS_DECLINED;
        }
    }

    e->item_count = n;

    return RECS_OK;
}


static int
recs_flat_item(recs_event_flat_t *flat, const recs_flat_piece_t *object,
    recs_event_t *e, unsigned n)
{
    unsigned                   alias;
    const recs_flat_piece_t   *m;
    const recs_event_field_t  *field;

    recs_event_item_init(&e->items[n]);

    recs_flat_each(m, object) {
        field = recs_flat_field(&flat->names[m->name], 1, &alias);

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
recs_flat_members(recs_event_flat_t *flat, const recs_flat_piece_t *object,
    recs_event_t *e)
{
    unsigned                   alias;
    const void                *base;
    const recs_flat_piece_t   *m;
    const recs_event_field_t  *field;

    recs_flat_each(m, object) {
        field = recs_flat_field(&flat->names[m->name], 0, &alias);

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
recs_flat_read(const recs_flat_piece_t *m, const recs_event_field_t *field,
    recs_event_t *e, unsigned n)
{
    recs_str_t   text;
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

    text.data = m->data;
    text.len = m->len;

    /* who asks jansson hears what is wrong */

    return (recs_event_field_read(field, e, n, &text, &err) == RECS_OK)
           ? RECS_OK : RECS_DECLINED;
}
