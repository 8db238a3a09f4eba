/*
 * Copyright (C) recs authors
 */

#include "../event/recs_event.h"
#include "../recs_hash.h"
#include "../recs_u64.h"
#include "recs_query_arg.h"


#define RECS_ARG_STARS  5
#define RECS_ARG_TEXT   (2 * RECS_ID_MAX + 1)


typedef enum {
    RECS_LIST_OF_NAMES = 0,
    RECS_LIST_OF_TAGS,
    RECS_LIST_OF_ATTRIBUTES
} recs_arg_list_e;


static int recs_arg_price(const recs_str_t *value, int64_t *price);
static int recs_arg_rating(const recs_str_t *value, uint16_t *rating);
static int recs_arg_word(const recs_str_t *value,
    const recs_str_t *words, unsigned n, unsigned *word);
static int recs_arg_list(const recs_str_t *value, recs_arg_list_e kind,
    uint64_t *keys, uint8_t *count);
static const uint8_t *recs_arg_name(const uint8_t *p, const uint8_t *last,
    recs_arg_list_e kind, uint8_t *text, size_t *len);


const recs_arg_t  recs_args[RECS_ARG_MAX] = {

    { recs_string("minPrice"), "min-price-invalid",
      "Not a price from 0 to maxPrice." },

    { recs_string("maxPrice"), "max-price-invalid",
      "Not a price." },

    { recs_string("category"), "category-filter-invalid",
      "Not a list of at most 16 categories." },

    { recs_string("brand"), "brand-invalid",
      "Not a list of at most 16 brands." },

    { recs_string("minRating"), "min-rating-invalid",
      "Not a number of stars from 0 to 5." },

    { recs_string("availability"), "availability-invalid",
      "Neither in-stock nor known nor all." },

    { recs_string("attributes"), "attributes-invalid",
      "Not a list of at most 16 name:value, tags included." },

    { recs_string("tags"), "tags-invalid",
      "Not a list of at most 16 tags, attributes included." },

    { recs_string("region"), "region-invalid",
      "The name of the region is too long." },

    { recs_string("sort"), "sort-invalid",
      "Neither relevance, popular, rating, price-asc, price-desc nor "
      "newest." }
};


static const recs_str_t  recs_arg_availability[] = {
    recs_string("in-stock"), recs_string("known"), recs_string("all")
};

static const recs_str_t  recs_arg_sorts[RECS_SORT_MAX] = {
    recs_string("relevance"), recs_string("popular"), recs_string("rating"),
    recs_string("price-asc"), recs_string("price-desc"),
    recs_string("newest")
};


int
recs_query_arg(recs_query_t *q, recs_arg_e arg, const recs_str_t *value)
{
    int             rc;
    unsigned        word;
    recs_filter_t  *f;

    f = &q->filter;

    if (value->len == 0) {
        return RECS_OK;
    }

    switch (arg) {

    case RECS_ARG_MIN_PRICE:
        return recs_arg_price(value, &f->price_min);

    case RECS_ARG_MAX_PRICE:
        return recs_arg_price(value, &f->price_max);

    case RECS_ARG_CATEGORY:
        return recs_arg_list(value, RECS_LIST_OF_NAMES, f->categories,
                             &f->category_count);

    case RECS_ARG_BRAND:
        return recs_arg_list(value, RECS_LIST_OF_NAMES, f->brands,
                             &f->brand_count);

    case RECS_ARG_MIN_RATING:
        return recs_arg_rating(value, &f->rating_min);

    case RECS_ARG_AVAILABILITY:
        rc = recs_arg_word(value, recs_arg_availability, 3, &word);
        f->available = (uint8_t) word;
        return rc;

    case RECS_ARG_ATTRIBUTES:
        return recs_arg_list(value, RECS_LIST_OF_ATTRIBUTES, f->tags,
                             &f->tag_count);

    case RECS_ARG_TAGS:
        return recs_arg_list(value, RECS_LIST_OF_TAGS, f->tags,
                             &f->tag_count);

    case RECS_ARG_REGION:
        if (value->len > RECS_ID_MAX) {
            return RECS_ERROR;
        }

        q->region = recs_key64(value->data, value->len);
        f->region = q->region;
        return RECS_OK;

    default:
        rc = recs_arg_word(value, recs_arg_sorts, RECS_SORT_MAX, &word);
        q->sort = (recs_sort_e) word;
        return rc;
    }
}


int
recs_query_filter(recs_query_t *q)
{
    recs_filter_t  *f;

    f = &q->filter;

    f->brand_count = (uint8_t) recs_u64_unique(f->brands, f->brand_count);
    f->category_count = (uint8_t) recs_u64_unique(f->categories,
                                                   f->category_count);
    f->tag_count = (uint8_t) recs_u64_unique(f->tags, f->tag_count);

    q->filtered = f->price_min != RECS_NO_MONEY
                  || f->price_max != RECS_NO_MONEY || f->rating_min
                  || f->available || f->brand_count || f->category_count
                  || f->tag_count || f->region;

    if (f->price_max != RECS_NO_MONEY && f->price_min > f->price_max) {
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_arg_price(const recs_str_t *value, int64_t *price)
{
    if (recs_parse_micro(value, price) != RECS_OK || *price < 0) {
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_arg_rating(const recs_str_t *value, uint16_t *rating)
{
    int64_t  micro;

    if (recs_parse_micro(value, &micro) != RECS_OK || micro < 0
        || micro > (int64_t) RECS_ARG_STARS * RECS_MICRO)
    {
        return RECS_ERROR;
    }

    *rating = (uint16_t) ((micro + 500) / 1000);

    return RECS_OK;
}


static int
recs_arg_word(const recs_str_t *value, const recs_str_t *words, unsigned n,
    unsigned *word)
{
    for (*word = 0; *word < n; (*word)++) {
        if (recs_str_equal(&words[*word], value)) {
            return RECS_OK;
        }
    }

    *word = 0;

    return RECS_ERROR;
}


static int
recs_arg_list(const recs_str_t *value, recs_arg_list_e kind, uint64_t *keys,
    uint8_t *count)
{
    size_t          len;
    uint8_t         text[RECS_ARG_TEXT];
    const uint8_t  *p, *last;

    p = value->data;
    last = p + value->len;

    do {
        p = recs_arg_name(p, last, kind, text, &len);

        if (p == NULL || *count == RECS_FILTER_MAX) {
            return RECS_ERROR;
        }

        keys[(*count)++] = (kind == RECS_LIST_OF_NAMES)
                           ? recs_key64(text, len)
                           : recs_key64_tag(text, len);

        /* a comma at the end is an empty name */

    } while (p++ < last);

    return RECS_OK;
}


/*
 * Copies one name to "text" and returns where it ends, NULL: it is empty or
 * too long.  Of an attribute the first colon becomes "=".
 */

static const uint8_t *
recs_arg_name(const uint8_t *p, const uint8_t *last, recs_arg_list_e kind,
    uint8_t *text, size_t *len)
{
    size_t    n, from;
    unsigned  named;

    n = 0;
    from = 0;
    named = (kind != RECS_LIST_OF_ATTRIBUTES);

    for ( /* void */ ; p < last && *p != ','; p++) {

        if (*p == ':' && !named) {

            if (n == 0) {
                return NULL;
            }

            text[n++] = '=';
            named = 1;
            from = n;
            continue;
        }

        if (*p == '\\' && last - p > 1) {
            p++;
        }

        if (n - from == RECS_ID_MAX) {
            return NULL;
        }

        text[n++] = *p;
    }

    *len = n;

    return (named && n > from) ? p : NULL;
}
