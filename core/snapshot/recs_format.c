/*
 * Copyright (C) recs authors
 */

#include "recs_cell.h"
#include "recs_format.h"


static uint8_t *recs_format_be32(uint8_t *p, uint32_t n);


const recs_format_row_t  recs_format_columns[RECS_COLUMN_MAX] = {
    { "key64", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "slot", 4, RECS_DOMAIN_SLOTS, RECS_DOMAIN_ITEMS },
    { "category", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "brand", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "price", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "list_price", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "reference_price", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "cost", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "stock", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "rating", 2, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "rating_count", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "created", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "regions", 8, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "flags", 1, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "currency", 1, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "baskets", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "popularity", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "order_price", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "order_newest", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "order_rating", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "category_end", 4, RECS_DOMAIN_CATEGORIES, RECS_DOMAIN_ITEMS },
    { "category_parent", 4, RECS_DOMAIN_CATEGORIES, RECS_DOMAIN_ITEMS },
    { "idf", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "interval", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "session_time", 4, RECS_DOMAIN_SESSIONS, RECS_DOMAIN_ITEMS },
    { "tier", 1, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "ctr", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "vector", RECS_FORMAT_VECTOR, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "demand", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS }
};


const recs_format_row_t  recs_format_lists[RECS_LIST_MAX] = {
    { "fragment_json", 1, RECS_DOMAIN_ITEMS, RECS_DOMAIN_ITEMS },
    { "similar", sizeof(recs_format_similar_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "together", sizeof(recs_format_together_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "related", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "trending", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "bestsellers", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "top_rated", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "new_arrivals", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "price_drop", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "seasonal", sizeof(recs_format_ranked_t), RECS_DOMAIN_WEEKS,
      RECS_DOMAIN_ITEMS },
    { "category_items", 4, RECS_DOMAIN_CATEGORIES, RECS_DOMAIN_ITEMS },
    { "brand_items", 4, RECS_DOMAIN_BRANDS, RECS_DOMAIN_ITEMS },
    { "category_path", 1, RECS_DOMAIN_CATEGORIES, RECS_DOMAIN_ITEMS },
    { "brand_name", 1, RECS_DOMAIN_BRANDS, RECS_DOMAIN_ITEMS },
    { "region_name", 1, RECS_DOMAIN_REGIONS, RECS_DOMAIN_ITEMS },
    { "next", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "session_items", 4, RECS_DOMAIN_SESSIONS, RECS_DOMAIN_ITEMS },
    { "item_sessions", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_SESSIONS },
    { "view_buy", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "cart_buy", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "walk", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "tag_items", 4, RECS_DOMAIN_TAGS, RECS_DOMAIN_ITEMS },
    { "item_tags", 4, RECS_DOMAIN_ITEMS, RECS_DOMAIN_TAGS },
    { "tag_name", 1, RECS_DOMAIN_TAGS, RECS_DOMAIN_ITEMS },
    { "region_trending", sizeof(recs_format_ranked_t), RECS_DOMAIN_REGIONS,
      RECS_DOMAIN_ITEMS },
    { "low_stock", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES,
      RECS_DOMAIN_ITEMS },
    { "up_sell", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "upgrade", sizeof(recs_format_upgrade_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "complementary", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS,
      RECS_DOMAIN_ITEMS },
    { "segment", sizeof(recs_format_ranked_t), RECS_DOMAIN_SEGMENTS,
      RECS_DOMAIN_ITEMS },
    { "segment_name", 1, RECS_DOMAIN_SEGMENTS, RECS_DOMAIN_ITEMS }
};


size_t
recs_format_chunk_key(uint8_t *key, uint8_t section, unsigned which,
    uint32_t chunk)
{
    uint8_t  *p;

    p = key;

    *p++ = section;
    *p++ = (uint8_t) which;
    p = recs_format_be32(p, chunk);

    return p - key;
}


size_t
recs_format_name_key(uint8_t *key, uint8_t section, uint64_t key64)
{
    uint8_t  *p;

    p = key;

    *p++ = section;
    p = recs_format_be32(p, (uint32_t) (key64 >> 32));
    p = recs_format_be32(p, (uint32_t) key64);

    return p - key;
}


size_t
recs_format_user_key(uint8_t *key, const uint8_t *identity)
{
    unsigned  i;

    key[0] = 'U';

    for (i = 0; i < 16; i++) {
        key[i + 1] = identity[i];
    }

    return 17;
}


size_t
recs_format_personal_key(uint8_t *key, uint8_t which, const uint8_t *identity)
{
    unsigned  i;

    key[0] = 'P';
    key[1] = which;

    for (i = 0; i < 16; i++) {
        key[i + 2] = identity[i];
    }

    return 18;
}


size_t
recs_format_cell_key(uint8_t *key, uint8_t which, uint32_t number)
{
    key[0] = 'S';
    key[1] = which;

    return recs_format_be32(key + 2, number) - key;
}


/* A name that is too long is cut: whoever makes reports keeps to it. */

size_t
recs_format_report_key(uint8_t *key, const recs_str_t *name)
{
    size_t  i;

    key[0] = 'S';
    key[1] = RECS_CELL_REPORT;

    for (i = 0; i < name->len && i < RECS_FORMAT_REPORT_MAX; i++) {
        key[i + 2] = name->data[i];
    }

    return i + 2;
}


size_t
recs_format_report_meta_key(uint8_t *key)
{
    key[0] = 'S';
    key[1] = RECS_CELL_META;

    return 2;
}


static uint8_t *
recs_format_be32(uint8_t *p, uint32_t n)
{
    *p++ = (uint8_t) (n >> 24);
    *p++ = (uint8_t) (n >> 16);
    *p++ = (uint8_t) (n >> 8);
    *p++ = (uint8_t) n;

    return p;
}
