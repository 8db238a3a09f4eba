/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../../core/event/recs_event.h"
#include "catalog_value.h"


#define RECS_CATALOG_MONEY   1e12    /* currency units */
#define RECS_CATALOG_STARS   5000


int
recs_catalog_error(recs_catalog_t *c, const char *err)
{
    c->err = err;

    return RECS_ERROR;
}


/* A string, or a number by its digits; empty for null. */

static int
recs_catalog_string(recs_catalog_t *c, json_t *value, recs_str_t *s)
{
    int                   n;
    recs_catalog_text_t  *text;

    switch (json_typeof(value)) {

    case JSON_NULL:
        s->len = 0;
        return RECS_OK;

    case JSON_STRING:
        s->data = (const uint8_t *) json_string_value(value);
        s->len = json_string_length(value);
        return RECS_OK;

    case JSON_TRUE:
    case JSON_FALSE:
        s->data = (const uint8_t *) (json_is_true(value) ? "true" : "false");
        s->len = strlen((const char *) s->data);
        return RECS_OK;

    case JSON_INTEGER:
    case JSON_REAL:
        break;

    default:
        return recs_catalog_error(c, "is neither a string nor a number");
    }

    text = recs_alloc(sizeof(recs_catalog_text_t));
    text->next = c->texts;
    c->texts = text;

    if (json_is_integer(value)) {
        n = snprintf(text->text, sizeof(text->text),
                     "%" JSON_INTEGER_FORMAT, json_integer_value(value));

    } else {
        n = snprintf(text->text, sizeof(text->text), "%.15g",
                     json_real_value(value));
    }

    s->data = (const uint8_t *) text->text;
    s->len = (size_t) n;

    return RECS_OK;
}


static int
recs_catalog_name(recs_catalog_t *c, const recs_str_t *s)
{
    size_t  i;

    if (s->len > RECS_ID_MAX) {
        return recs_catalog_error(c, "is longer than 255 bytes");
    }

    for (i = 0; i < s->len; i++) {
        if (s->data[i] < 0x20 || s->data[i] == 0x7f) {
            return recs_catalog_error(c, "has a control character");
        }
    }

    return RECS_OK;
}


/* A link is rendered into pages, so that no other scheme may get there. */

static int
recs_catalog_url(recs_catalog_t *c, const recs_str_t *s)
{
    size_t       n;
    const char  *p;

    p = (const char *) s->data;

    for (n = 0; n < s->len && strchr(":/?#", p[n]) == NULL; n++) {

        if ((uint8_t) p[n] <= 0x20) {
            return recs_catalog_error(c, "is no URL");
        }
    }

    if (n == s->len || p[n] != ':'
        || (n == 4 && strncasecmp(p, "http", 4) == 0)
        || (n == 5 && strncasecmp(p, "https", 5) == 0))
    {
        return RECS_OK;
    }

    return recs_catalog_error(c, "is a URL of neither http nor https");
}


static int
recs_catalog_currency(recs_catalog_t *c, recs_str_t *s)
{
    size_t   i;
    uint8_t  letter;

    if (s->len == 0) {
        return RECS_OK;
    }

    if (s->len != 3) {
        return recs_catalog_error(c, "is not three letters");
    }

    for (i = 0; i < 3; i++) {
        letter = s->data[i] & ~0x20;

        if (letter < 'A' || letter > 'Z') {
            return recs_catalog_error(c, "is not three letters");
        }

        c->currency[i] = letter;
    }

    s->data = c->currency;

    return RECS_OK;
}


static void
recs_catalog_trim(recs_str_t *s)
{
    while (s->len && s->data[0] == ' ') {
        s->data++;
        s->len--;
    }

    while (s->len && s->data[s->len - 1] == ' ') {
        s->len--;
    }
}


static int
recs_catalog_push(recs_catalog_t *c, recs_str_t s, recs_str_t *list,
    uint32_t *count, uint32_t max)
{
    recs_catalog_trim(&s);

    if (s.len == 0) {
        return RECS_OK;
    }

    if (*count == max) {
        return recs_catalog_error(c, "has too many members");
    }

    list[(*count)++] = s;

    return recs_catalog_name(c, &s);
}


static int
recs_catalog_split(recs_catalog_t *c, const recs_str_t *s,
    const char *separators, recs_str_t *list, uint32_t *count, uint32_t max)
{
    size_t      i;
    recs_str_t  part;

    part.data = s->data;

    for (i = 0; i <= s->len; i++) {

        if (i < s->len && strchr(separators, s->data[i]) == NULL) {
            continue;
        }

        part.len = (size_t) (s->data + i - part.data);

        if (recs_catalog_push(c, part, list, count, max) != RECS_OK) {
            return RECS_ERROR;
        }

        part.data = s->data + i + 1;
    }

    return RECS_OK;
}


static int
recs_catalog_list(recs_catalog_t *c, json_t *value, const char *separators,
    recs_str_t *list, uint32_t *count, uint32_t max)
{
    size_t      i;
    recs_str_t  s = recs_null_string;

    *count = 0;

    if (!json_is_array(value)) {
        return (recs_catalog_string(c, value, &s) == RECS_OK)
               ? recs_catalog_split(c, &s, separators, list, count, max)
               : RECS_ERROR;
    }

    for (i = 0; i < json_array_size(value); i++) {
        if (recs_catalog_string(c, json_array_get(value, i), &s) != RECS_OK
            || recs_catalog_push(c, s, list, count, max) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_catalog_pair(recs_catalog_t *c, const char *name, json_t *value,
    recs_product_row_t *row)
{
    recs_str_t                 s = recs_null_string;
    recs_product_attribute_t  *a;

    if (recs_catalog_string(c, value, &s) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_catalog_trim(&s);

    if (s.len == 0 || *name == '\0') {
        return RECS_OK;
    }

    if (row->attribute_count == RECS_CATALOG_ATTRIBUTES) {
        return recs_catalog_error(c, "has too many members");
    }

    a = &row->attributes[row->attribute_count++];

    a->name.data = (const uint8_t *) name;
    a->name.len = strlen(name);
    a->value = s;
    a->number = json_is_number(value) ? json_number_value(value) : NAN;

    return RECS_OK;
}


static int
recs_catalog_pairs(recs_catalog_t *c, json_t *object,
    recs_product_row_t *row)
{
    size_t       i;
    json_t      *value;
    const char  *name;

    row->attribute_count = 0;

    if (json_is_null(object)) {
        return RECS_OK;
    }

    if (!json_is_object(object)) {
        return recs_catalog_error(c, "is no object");
    }

    json_object_foreach(object, name, value) {

        if (!json_is_array(value)) {

            if (recs_catalog_pair(c, name, value, row) != RECS_OK) {
                return RECS_ERROR;
            }

            continue;
        }

        for (i = 0; i < json_array_size(value); i++) {
            if (recs_catalog_pair(c, name, json_array_get(value, i), row)
                != RECS_OK)
            {
                return RECS_ERROR;
            }
        }
    }

    return RECS_OK;
}


/*
 * A number in millionths, also from a string; RECS_DECLINED: not there.  A
 * price such as 19.9 has no double, but the nearest one rounds to it.
 */

static int
recs_catalog_micro(recs_catalog_t *c, json_t *value, int64_t *micro)
{
    double      n;
    recs_str_t  s = recs_null_string;

    if (json_is_number(value)) {
        n = json_number_value(value);

        if (!(fabs(n) <= RECS_CATALOG_MONEY)) {
            return recs_catalog_error(c, "is out of range");
        }

        *micro = json_is_integer(value)
                 ? (int64_t) json_integer_value(value) * RECS_MICRO
                 : llround(n * RECS_MICRO);

        return RECS_OK;
    }

    if (!json_is_string(value) && !json_is_null(value)) {
        return recs_catalog_error(c, "is no number");
    }

    (void) recs_catalog_string(c, value, &s);
    recs_catalog_trim(&s);

    if (s.len == 0) {
        return RECS_DECLINED;
    }

    if (recs_parse_micro(&s, micro) != RECS_OK) {
        return recs_catalog_error(c, "is no number");
    }

    if (*micro > (int64_t) RECS_CATALOG_MONEY * RECS_MICRO
        || *micro < (int64_t) -RECS_CATALOG_MONEY * RECS_MICRO)
    {
        return recs_catalog_error(c, "is out of range");
    }

    return RECS_OK;
}


static int
recs_catalog_price(recs_catalog_t *c, json_t *value, int64_t *price)
{
    int      rc;
    int64_t  micro;

    rc = recs_catalog_micro(c, value, &micro);

    if (rc != RECS_OK) {
        return rc;
    }

    if (micro < 0) {
        return recs_catalog_error(c, "is negative");
    }

    *price = micro;

    return RECS_OK;
}


static int
recs_catalog_integer(recs_catalog_t *c, json_t *value, int64_t min,
    int64_t max, int64_t *n)
{
    int      rc;
    int64_t  micro;

    rc = recs_catalog_micro(c, value, &micro);

    if (rc != RECS_OK) {
        return rc;
    }

    *n = micro / RECS_MICRO;

    if (*n < min || *n > max) {
        return recs_catalog_error(c, "is out of range");
    }

    return RECS_OK;
}


static int
recs_catalog_rating(recs_catalog_t *c, json_t *value, int32_t *rating)
{
    int      rc;
    int64_t  micro;

    rc = recs_catalog_micro(c, value, &micro);

    if (rc != RECS_OK) {
        return rc;
    }

    micro = (micro + 500) / 1000;

    if (micro < 0 || micro > RECS_CATALOG_STARS) {
        return recs_catalog_error(c, "is not between 0 and 5");
    }

    *rating = (int32_t) micro;

    return RECS_OK;
}


static int
recs_catalog_time(recs_catalog_t *c, json_t *value, int64_t *ms)
{
    recs_str_t  s = recs_null_string;

    if (recs_catalog_string(c, value, &s) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_catalog_trim(&s);

    if (s.len == 0) {
        return RECS_OK;
    }

    if (recs_parse_time(&s, ms) != RECS_OK) {
        return recs_catalog_error(c, "is neither RFC 3339 nor a number of "
                                  "milliseconds");
    }

    return RECS_OK;
}


static int
recs_catalog_truth(recs_catalog_t *c, json_t *value, recs_catalog_e kind,
    int *flag)
{
    int         truth;
    size_t      i, count;
    recs_str_t  s = recs_null_string;

    /* from "n" on as feeds of products say it */

    static const char *const  words[] = {
        "false", "true", "no", "yes", "0", "1", "n", "y", "out_of_stock",
        "in_stock", "out of stock", "in stock", "sold_out", "preorder",
        "discontinued", "backorder", "outofstock", "instock"
    };

    enum { RECS_TRUTHS = 8, RECS_WORDS = sizeof(words) / sizeof(words[0]) };

    if (recs_catalog_string(c, value, &s) != RECS_OK) {
        return RECS_ERROR;
    }

    if (s.len == 0) {
        return RECS_OK;
    }

    count = (kind == RECS_CATALOG_AVAILABLE) ? RECS_WORDS : RECS_TRUTHS;

    for (i = 0; i < count; i++) {
        if (strlen(words[i]) == s.len
            && strncasecmp((const char *) s.data, words[i], s.len) == 0)
        {
            break;
        }
    }

    /* there are many words of that kind */

    if (i == count && kind == RECS_CATALOG_AVAILABLE) {
        return RECS_OK;
    }

    if (i == count) {
        return recs_catalog_error(c, "is neither true nor false");
    }

    truth = (int) (i & 1);

    if (kind == RECS_CATALOG_TRUTH || kind == RECS_CATALOG_AVAILABLE) {
        *flag = truth;

    } else if (truth == (kind == RECS_CATALOG_REMOVED)) {
        *flag = 0;

    } else if (*flag == -1) {
        *flag = 1;
    }

    return RECS_OK;
}


static int
recs_catalog_text(recs_catalog_t *c, json_t *value, recs_catalog_e kind,
    recs_str_t *s)
{
    if (recs_catalog_string(c, value, s) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_catalog_trim(s);

    switch (kind) {

    case RECS_CATALOG_NAME:
        return recs_catalog_name(c, s);

    case RECS_CATALOG_URL:
        return recs_catalog_url(c, s);

    case RECS_CATALOG_CURRENCY:
        return recs_catalog_currency(c, s);

    default:
        return RECS_OK;
    }
}


int
recs_catalog_read(recs_catalog_t *c, const recs_catalog_field_t *field,
    json_t *value, void *row)
{
    int        rc;
    void      *p;
    int64_t    n;
    uint32_t  *count;

    p = (uint8_t *) row + field->offset;
    count = (void *) ((uint8_t *) row + field->count);

    switch (field->kind) {

    case RECS_CATALOG_PATH:
        return recs_catalog_list(c, value, "/>", p, count,
                                 RECS_CATALOG_DEPTH);

    case RECS_CATALOG_NAMES:
        return recs_catalog_list(c, value, ",;|", p, count,
                                 RECS_CATALOG_LIST);

    case RECS_CATALOG_PAIRS:
        return recs_catalog_pairs(c, value, row);

    case RECS_CATALOG_PRICE:
        return recs_catalog_price(c, value, p);

    case RECS_CATALOG_PIECES:
        rc = recs_catalog_integer(c, value, -INT32_MAX, INT32_MAX, &n);

        if (rc == RECS_OK) {
            *(int32_t *) p = (int32_t) n;
        }

        return rc;

    case RECS_CATALOG_COUNT:
        rc = recs_catalog_integer(c, value, 0, UINT32_MAX, &n);

        if (rc == RECS_OK) {
            *(uint32_t *) p = (uint32_t) n;
        }

        return rc;

    case RECS_CATALOG_RATING:
        return recs_catalog_rating(c, value, p);

    case RECS_CATALOG_TIME:
        return recs_catalog_time(c, value, p);

    case RECS_CATALOG_TRUTH:
    case RECS_CATALOG_AVAILABLE:
    case RECS_CATALOG_LISTED:
    case RECS_CATALOG_REMOVED:
        return recs_catalog_truth(c, value, field->kind, p);

    default:
        return recs_catalog_text(c, value, field->kind, p);
    }
}
