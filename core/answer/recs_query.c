/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_date.h"
#include "../recs_hash.h"
#include "../recs_u64.h"
#include "recs_query.h"
#include "recs_strategy.h"


#define RECS_DAY_MS       86400000
#define RECS_QUERY_WORDS  (7 + 3 * RECS_FILTER_MAX)


static int recs_query_keys(const recs_str_t *value, uint64_t *keys,
    uint32_t *count, uint32_t max);
static uint32_t recs_query_words(const recs_query_t *q, uint64_t *words);


void
recs_query_init(recs_query_t *q)
{
    /* the key arrays are valid up to their counts only */

    memset(q, 0, offsetof(recs_query_t, exclude));
    memset(&q->variant, 0, sizeof(recs_query_t)
                           - offsetof(recs_query_t, variant));

    q->strategy = RECS_STRATEGY_MAX;
    q->rails = RECS_RAILS_DEFAULT;
    q->limit = RECS_LIMIT_DEFAULT;
    q->filter.price_min = RECS_NO_MONEY;
    q->filter.price_max = RECS_NO_MONEY;
}


int
recs_query_exclude(recs_query_t *q, const recs_str_t *value)
{
    if (recs_query_keys(value, q->exclude, &q->exclude_count,
                        RECS_EXCLUDE_MAX)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    q->exclude_count = recs_u64_unique(q->exclude, q->exclude_count);

    return RECS_OK;
}


int
recs_query_cart(recs_query_t *q, const recs_str_t *value)
{
    return recs_query_keys(value, q->cart, &q->cart_count, RECS_CART_MAX);
}


static int
recs_query_keys(const recs_str_t *value, uint64_t *keys, uint32_t *count,
    uint32_t max)
{
    size_t          len;
    const uint8_t  *p, *comma, *last;

    p = value->data;
    last = p + value->len;

    while (p < last) {
        comma = memchr(p, ',', last - p);
        len = (comma ? comma : last) - p;

        if (len == 0 || len > RECS_ID_MAX || *count == max) {
            return RECS_ERROR;
        }

        keys[(*count)++] = recs_key64(p, len);

        if (comma == NULL) {
            return RECS_OK;
        }

        p = comma + 1;
    }

    /* nothing at all is a list of none; a comma at the end is an empty id */

    return value->len ? RECS_ERROR : RECS_OK;
}


uint64_t
recs_query_hash(const recs_query_t *q, uint64_t view)
{
    uint32_t  n, weights;
    unsigned  more;
    uint64_t  words[11 + RECS_EXCLUDE_MAX + RECS_CART_MAX
                    + RECS_FORMAT_FACTORS + RECS_QUERY_WORDS];

    more = q->filtered || q->sort || q->region || q->segment;

    words[0] = view;
    words[1] = q->strategy;
    words[2] = (uint64_t) q->limit << 32 | q->offset;
    words[3] = q->product;
    words[4] = q->category;
    words[5] = (uint64_t) q->exclude_count << 32 | q->cart_count;
    words[6] = q->variant;
    words[7] = 0;
    words[8] = (uint64_t) q->low_stock << 32 | more << 1 | q->weighted;

    if (q->strategy < RECS_STRATEGY_MAX
        && (recs_strategies[q->strategy].depends & RECS_DEPENDS_DATE))
    {
        words[7] = (uint64_t) (q->now_ms / RECS_DAY_MS);
    }

    words[7] ^= q->clock;
    words[9] = q->search;

    n = 10;

    memcpy(&words[n], q->exclude, q->exclude_count * sizeof(uint64_t));
    n += q->exclude_count;

    memcpy(&words[n], q->cart, q->cart_count * sizeof(uint64_t));
    n += q->cart_count;

    if (q->weighted) {
        for (weights = 0; weights < RECS_FORMAT_FACTORS; weights++) {
            words[n] = 0;
            memcpy(&words[n++], &q->weights[weights], sizeof(float));
        }
    }

    if (more) {
        n += recs_query_words(q, &words[n]);
    }

    return recs_key64(words, n * sizeof(uint64_t));
}


/* What most questions do not have, as words; returns how many. */

static uint32_t
recs_query_words(const recs_query_t *q, uint64_t *words)
{
    uint32_t              n;
    const recs_filter_t  *f;

    f = &q->filter;

    words[0] = (uint64_t) f->price_min;
    words[1] = (uint64_t) f->price_max;
    words[2] = (uint64_t) f->rating_min << 48 | (uint64_t) f->available << 40
               | (uint64_t) f->brand_count << 32 | f->category_count << 16
               | f->tag_count;
    words[3] = f->region;
    words[4] = q->sort;
    words[5] = q->region;
    words[6] = q->segment;

    n = 7;

    memcpy(&words[n], f->brands, f->brand_count * sizeof(uint64_t));
    n += f->brand_count;

    memcpy(&words[n], f->categories, f->category_count * sizeof(uint64_t));
    n += f->category_count;

    memcpy(&words[n], f->tags, f->tag_count * sizeof(uint64_t));
    n += f->tag_count;

    return n;
}


uint32_t
recs_week(int64_t ms)
{
    int64_t   year, leap;
    uint32_t  month, day, yday;

    recs_date(ms, &year, &month, &day);

    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    yday = (uint32_t) (month >= 10 ? day - 306 : day + 59 + leap);

    return recs_min(yday / 7, RECS_FORMAT_WEEKS - 1);
}


uint32_t
recs_month(int64_t ms)
{
    int64_t   year;
    uint32_t  month, day;

    recs_date(ms, &year, &month, &day);

    return (month + 2) % 12;
}
