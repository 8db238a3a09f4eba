/*
 * Copyright (C) recs authors
 */

#include "recs_format.h"


static uint8_t *recs_format_be32(uint8_t *p, uint32_t n);


const recs_format_row_t  recs_format_columns[RECS_COLUMN_MAX] = {
    { "key64", 8, RECS_DOMAIN_ITEMS },
    { "slot", 4, RECS_DOMAIN_SLOTS },
    { "category", 4, RECS_DOMAIN_ITEMS },
    { "brand", 4, RECS_DOMAIN_ITEMS },
    { "price", 8, RECS_DOMAIN_ITEMS },
    { "list_price", 8, RECS_DOMAIN_ITEMS },
    { "reference_price", 8, RECS_DOMAIN_ITEMS },
    { "cost", 8, RECS_DOMAIN_ITEMS },
    { "stock", 4, RECS_DOMAIN_ITEMS },
    { "rating", 2, RECS_DOMAIN_ITEMS },
    { "rating_count", 4, RECS_DOMAIN_ITEMS },
    { "created", 8, RECS_DOMAIN_ITEMS },
    { "regions", 8, RECS_DOMAIN_ITEMS },
    { "flags", 1, RECS_DOMAIN_ITEMS },
    { "currency", 1, RECS_DOMAIN_ITEMS },
    { "baskets", 4, RECS_DOMAIN_ITEMS },
    { "popularity", 4, RECS_DOMAIN_ITEMS },
    { "order_price", 4, RECS_DOMAIN_ITEMS },
    { "order_newest", 4, RECS_DOMAIN_ITEMS },
    { "order_rating", 4, RECS_DOMAIN_ITEMS },
    { "category_end", 4, RECS_DOMAIN_CATEGORIES },
    { "category_parent", 4, RECS_DOMAIN_CATEGORIES }
};


const recs_format_row_t  recs_format_lists[RECS_LIST_MAX] = {
    { "fragment_json", 1, RECS_DOMAIN_ITEMS },
    { "similar", sizeof(recs_format_similar_t), RECS_DOMAIN_ITEMS },
    { "together", sizeof(recs_format_together_t), RECS_DOMAIN_ITEMS },
    { "related", sizeof(recs_format_related_t), RECS_DOMAIN_ITEMS },
    { "trending", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES },
    { "bestsellers", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES },
    { "top_rated", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES },
    { "new_arrivals", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES },
    { "price_drop", sizeof(recs_format_ranked_t), RECS_DOMAIN_SCOPES },
    { "seasonal", sizeof(recs_format_ranked_t), RECS_DOMAIN_WEEKS },
    { "category_items", 4, RECS_DOMAIN_CATEGORIES },
    { "brand_items", 4, RECS_DOMAIN_BRANDS },
    { "category_path", 1, RECS_DOMAIN_CATEGORIES },
    { "brand_name", 1, RECS_DOMAIN_BRANDS },
    { "region_name", 1, RECS_DOMAIN_REGIONS }
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


static uint8_t *
recs_format_be32(uint8_t *p, uint32_t n)
{
    *p++ = (uint8_t) (n >> 24);
    *p++ = (uint8_t) (n >> 16);
    *p++ = (uint8_t) (n >> 8);
    *p++ = (uint8_t) n;

    return p;
}
