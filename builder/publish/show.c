/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "show.h"


#define RECS_SHOW_LINE  (16u << 20)      /* longest line */


typedef enum {
    RECS_SHOW_COUNT = 0,
    RECS_SHOW_HEX,
    RECS_SHOW_MONEY,
    RECS_SHOW_STOCK,
    RECS_SHOW_TIME,
    RECS_SHOW_FLOAT,
    RECS_SHOW_CATEGORY,
    RECS_SHOW_BRAND,
    RECS_SHOW_CURRENCY
} recs_show_e;


static uint64_t recs_show_number(const recs_snapshot_t *s,
    recs_column_e which, uint32_t row);
static void recs_show_null(recs_show_t *show, const char *name);
static void recs_show_entry(recs_show_t *show, recs_list_e which,
    const void *entry);
static void recs_show_similar(recs_show_t *show,
    const recs_format_similar_t *e);
static void recs_show_together(recs_show_t *show,
    const recs_format_together_t *e);
static void recs_show_ranked(recs_show_t *show, const recs_format_ranked_t *e);


static const uint8_t  recs_show_kinds[RECS_COLUMN_MAX] = {
    [RECS_COLUMN_KEY64] = RECS_SHOW_HEX,
    [RECS_COLUMN_CATEGORY] = RECS_SHOW_CATEGORY,
    [RECS_COLUMN_BRAND] = RECS_SHOW_BRAND,
    [RECS_COLUMN_PRICE] = RECS_SHOW_MONEY,
    [RECS_COLUMN_LIST_PRICE] = RECS_SHOW_MONEY,
    [RECS_COLUMN_REFERENCE_PRICE] = RECS_SHOW_MONEY,
    [RECS_COLUMN_COST] = RECS_SHOW_MONEY,
    [RECS_COLUMN_STOCK] = RECS_SHOW_STOCK,
    [RECS_COLUMN_CREATED] = RECS_SHOW_TIME,
    [RECS_COLUMN_REGIONS] = RECS_SHOW_HEX,
    [RECS_COLUMN_CURRENCY] = RECS_SHOW_CURRENCY,
    [RECS_COLUMN_POPULARITY] = RECS_SHOW_FLOAT,
    [RECS_COLUMN_IDF] = RECS_SHOW_FLOAT,
    [RECS_COLUMN_CTR] = RECS_SHOW_FLOAT,
    [RECS_COLUMN_INTERVAL] = RECS_SHOW_FLOAT
};


void
recs_show_init(recs_show_t *show, const recs_snapshot_t *s)
{
    show->s = s;
    show->memory = recs_alloc(RECS_SHOW_LINE);

    recs_out_init(&show->out, show->memory, RECS_SHOW_LINE);
    recs_out_byte(&show->out, '{');
}


void
recs_show_done(recs_show_t *show)
{
    free(show->memory);
}


int
recs_show_line(recs_show_t *show, recs_error_t *err)
{
    size_t  len;

    recs_out_lit(&show->out, "}\n");

    if (show->out.overflow) {
        return recs_error(err, "a line is longer than %u bytes",
                          RECS_SHOW_LINE);
    }

    len = show->out.pos - show->memory;

    if (fwrite(show->memory, 1, len, stdout) != len) {
        return recs_error(err, "cannot write to standard output");
    }

    recs_out_init(&show->out, show->memory, RECS_SHOW_LINE);
    recs_out_byte(&show->out, '{');

    return RECS_OK;
}


void
recs_show_name(recs_show_t *show, const char *name)
{
    if (show->out.pos[-1] != '{') {
        recs_out_byte(&show->out, ',');
    }

    recs_out_byte(&show->out, '"');
    recs_out_bytes(&show->out, name, strlen(name));
    recs_out_lit(&show->out, "\":");
}


void
recs_show_u64(recs_show_t *show, const char *name, uint64_t n)
{
    recs_show_name(show, name);
    recs_out_u64(&show->out, n);
}


void
recs_show_i64(recs_show_t *show, const char *name, int64_t n)
{
    recs_show_name(show, name);
    recs_out_i64(&show->out, n);
}


void
recs_show_hex(recs_show_t *show, const char *name, uint64_t n)
{
    recs_show_name(show, name);
    recs_out_byte(&show->out, '"');
    recs_out_hex64(&show->out, n);
    recs_out_byte(&show->out, '"');
}


void
recs_show_text(recs_show_t *show, const char *name, const void *data,
    size_t len)
{
    recs_show_name(show, name);
    recs_out_byte(&show->out, '"');
    recs_out_json(&show->out, data, len);
    recs_out_byte(&show->out, '"');
}


static void
recs_show_null(recs_show_t *show, const char *name)
{
    recs_show_name(show, name);
    recs_out_lit(&show->out, "null");
}


void
recs_show_float(recs_show_t *show, const char *name, double n)
{
    recs_show_name(show, name);
    recs_out_fraction(&show->out, n);
}


/* All that a float holds: weights of an operator may all be small. */

static void
recs_show_weight(recs_show_t *show, const char *name, float n)
{
    char  text[32];

    recs_show_name(show, name);
    recs_out_bytes(&show->out, text,
                   (size_t) snprintf(text, sizeof(text), "%.8g", n));
}


void
recs_show_product(recs_show_t *show, recs_item_t item)
{
    recs_str_t  id, members;

    recs_snapshot_fragment(show->s, item, &id, &members);

    recs_show_name(show, "productId");
    recs_out_bytes(&show->out, id.data, id.len);
}


void
recs_show_column(recs_show_t *show, recs_column_e which, uint32_t row)
{
    float        number;
    uint8_t      kind;
    int64_t      money;
    uint32_t     bits;
    uint64_t     n;
    recs_str_t   text;
    const char  *name;

    kind = recs_show_kinds[which];
    name = recs_format_columns[which].name;
    n = recs_show_number(show->s, which, row);
    money = (int64_t) n;

    if ((kind == RECS_SHOW_MONEY && money == RECS_NO_MONEY)
        || (kind == RECS_SHOW_STOCK && (int32_t) n == RECS_NO_STOCK)
        || (kind == RECS_SHOW_TIME && n == 0)
        || ((kind == RECS_SHOW_CATEGORY || kind == RECS_SHOW_BRAND)
            && n == RECS_NONE))
    {
        recs_show_null(show, name);
        return;
    }

    switch (kind) {

    case RECS_SHOW_HEX:
        recs_show_hex(show, name, n);
        return;

    case RECS_SHOW_MONEY:
        recs_show_name(show, name);
        recs_out_micro(&show->out, money);
        return;

    case RECS_SHOW_STOCK:
        recs_show_i64(show, name, (int32_t) n);
        return;

    case RECS_SHOW_TIME:
        recs_show_i64(show, name, money);
        return;

    case RECS_SHOW_FLOAT:
        bits = (uint32_t) n;
        memcpy(&number, &bits, sizeof(number));
        recs_show_float(show, name, number);
        return;

    case RECS_SHOW_CATEGORY:
    case RECS_SHOW_BRAND:
        text = recs_show_string(show->s, (kind == RECS_SHOW_BRAND)
                                         ? RECS_LIST_BRAND_NAME
                                         : RECS_LIST_CATEGORY_PATH, n);
        recs_show_text(show, name, text.data, text.len);
        return;

    case RECS_SHOW_CURRENCY:
        recs_show_text(show, name, show->s->header.currencies[n],
                       strlen((char *) show->s->header.currencies[n]));
        return;

    default:
        recs_show_u64(show, name, n);
        return;
    }
}


static uint64_t
recs_show_number(const recs_snapshot_t *s, recs_column_e which, uint32_t row)
{
    switch (recs_format_columns[which].size) {

    case 1:
        return recs_column(s, which, uint8_t, row);

    case 2:
        return recs_column(s, which, uint16_t, row);

    case 4:
        return recs_column(s, which, uint32_t, row);

    default:
        return recs_column(s, which, uint64_t, row);
    }
}


recs_str_t
recs_show_string(const recs_snapshot_t *s, recs_list_e which, uint32_t row)
{
    uint32_t    count;
    recs_str_t  text;

    text.data = recs_list(s, which, row, &count);
    text.len = count;

    return text;
}


int
recs_show_list(recs_show_t *show, recs_list_e which, uint32_t row,
    recs_error_t *err)
{
    uint32_t        i, count;
    const char     *name;
    const uint8_t  *p;

    p = recs_list(show->s, which, row, &count);
    name = recs_format_lists[which].name;

    for (i = 0; i < count; i++) {
        recs_show_text(show, "list", name, strlen(name));
        recs_show_u64(show, "position", i + 1);
        recs_show_entry(show, which, p);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }

        p += recs_format_lists[which].size;
    }

    return RECS_OK;
}


static void
recs_show_entry(recs_show_t *show, recs_list_e which, const void *entry)
{
    const recs_format_related_t  *related;

    recs_show_product(show, *(const uint32_t *) entry);

    switch (which) {

    case RECS_LIST_SIMILAR:
        recs_show_similar(show, entry);
        return;

    case RECS_LIST_TOGETHER:
        recs_show_together(show, entry);
        return;

    case RECS_LIST_RELATED:
    case RECS_LIST_NEXT:
    case RECS_LIST_VIEW_BUY:
    case RECS_LIST_CART_BUY:
    case RECS_LIST_WALK:
        related = entry;
        recs_show_weight(show, "weight", related->weight);
        return;

    case RECS_LIST_CATEGORY_ITEMS:
    case RECS_LIST_BRAND_ITEMS:
    case RECS_LIST_TAG_ITEMS:
    case RECS_LIST_SESSION_ITEMS:
        return;

    default:
        recs_show_ranked(show, entry);
        return;
    }
}


/* A factor that is not observable for both products is null. */

static void
recs_show_similar(recs_show_t *show, const recs_format_similar_t *e)
{
    unsigned  i;

    static const char *const  names[RECS_FORMAT_FACTORS] = {
        "category", "brand", "price", "specification", "behaviour"
    };

    recs_show_float(show, "score", e->score / 65535.0);

    for (i = 0; i < RECS_FORMAT_FACTORS; i++) {

        if (e->observed & 1u << i) {
            recs_show_float(show, names[i], e->factors[i] / 255.0);

        } else {
            recs_show_null(show, names[i]);
        }
    }
}


static void
recs_show_together(recs_show_t *show, const recs_format_together_t *e)
{
    recs_show_u64(show, "count", e->count);
    recs_show_float(show, "score", e->score);
    recs_show_float(show, "support", e->support);
    recs_show_float(show, "confidence", e->confidence);
    recs_show_float(show, "lift", e->lift);
    recs_show_float(show, "bound", e->bound);
}


static void
recs_show_ranked(recs_show_t *show, const recs_format_ranked_t *e)
{
    recs_show_float(show, "score", e->score);
    recs_show_float(show, "confidence", e->confidence);
    recs_show_float(show, "value", e->value);
}
