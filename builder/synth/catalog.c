/*
 * Copyright (C) recs authors
 *
 * catalog.jsonl: a row a product, and one more where the price has changed.
 */

#include <string.h>

#include "synth.h"


#define RECS_SYNTH_YEAR  ((int64_t) 365 * 86400 * 1000)


static const char *const  recs_synth_tiers[RECS_SYNTH_TIERS] = {
    "Basic", "Plus", "Pro"
};


static void
recs_synth_brand_name(recs_synth_text_t *t, uint32_t brand)
{
    recs_synth_put(t, recs_synth_brand_heads[brand % 24]);
    recs_synth_put(t, recs_synth_brand_tails[(brand / 24 + brand) % 16]);
}


/* Parts of the hash, so that each keeps its meaning. */

static unsigned
recs_synth_part(const recs_synth_product_t *p, unsigned part, unsigned of)
{
    return (unsigned) (recs_random_mix(p->hash + part) % of);
}


static void
recs_synth_title(recs_synth_text_t *t, const recs_synth_product_t *p)
{
    recs_synth_put(t, ",\"title\":\"");
    recs_synth_put(t, recs_synth_stems[recs_synth_part(p, 0, 32)]);
    recs_synth_put(t, recs_synth_tails[recs_synth_part(p, 1, 16)]);
    recs_synth_put(t, " ");
    recs_synth_put(t, recs_synth_models[recs_synth_part(p, 2, 16)]);
    recs_synth_put(t, " ");
    recs_synth_number(t, 2 + recs_synth_part(p, 3, 97));
    recs_synth_put(t, " ");
    recs_synth_put(t, recs_synth_leaves[p->leaf].noun);
    recs_synth_put(t, "\"");
}


static void
recs_synth_category(recs_synth_text_t *t, const recs_synth_leaf_t *leaf)
{
    recs_synth_put(t, ",\"category\":[\"");
    recs_synth_put(t, leaf->department);
    recs_synth_put(t, "\",\"");

    if (leaf->group) {
        recs_synth_put(t, leaf->group);
        recs_synth_put(t, "\",\"");
    }

    recs_synth_put(t, leaf->name);
    recs_synth_put(t, "\"]");
}


static void
recs_synth_description(recs_synth_text_t *t, const recs_synth_product_t *p)
{
    size_t    first;
    unsigned  n;

    n = recs_synth_part(p, 4, 8);

    recs_synth_put(t, ",\"description\":\"");
    first = t->len;
    recs_synth_put(t, recs_synth_praise[n]);
    t->data[first] &= ~0x20;

    recs_synth_put(t, " and ");
    recs_synth_put(t, recs_synth_praise[(n + 1 + recs_synth_part(p, 5, 7))
                                        % 8]);
    recs_synth_put(t, ", made by ");
    recs_synth_brand_name(t, p->brand);
    recs_synth_put(t, ".\"");
}


static void
recs_synth_attributes(recs_synth_text_t *t, const recs_synth_product_t *p)
{
    recs_synth_kind_e  kind;

    kind = recs_synth_leaves[p->leaf].kind;

    recs_synth_put(t, ",\"attributes\":{\"colour\":\"");
    recs_synth_put(t, recs_synth_colours[recs_synth_part(p, 6, 10)]);
    recs_synth_put(t, "\"");

    recs_synth_string(t, "material",
                      recs_synth_materials[kind][recs_synth_part(p, 7, 4)]);

    if (kind == RECS_SYNTH_CLOTHES) {
        recs_synth_string(t, "size",
                          recs_synth_sizes[recs_synth_part(p, 8, 6)]);

    } else if (kind == RECS_SYNTH_SHOES) {
        recs_synth_count(t, "size", 36 + recs_synth_part(p, 8, 11));
    }

    recs_synth_price(t, "weight", 5 + p->price / 60
                                  + recs_synth_part(p, 9, 90));
    recs_synth_put(t, "}");
}


/* Stock: 6 % have none, one in ten is low. */

static int64_t
recs_synth_pieces(const recs_synth_product_t *p)
{
    unsigned  share;

    share = recs_synth_part(p, 10, 100);

    if (share < 6) {
        return 0;
    }

    return (share < 16) ? 1 + recs_synth_part(p, 11, 5)
                        : 6 + recs_synth_part(p, 11, 395);
}


/* Two products in three were rated before the events begin. */

static void
recs_synth_rating(recs_synth_text_t *t, const recs_synth_product_t *p)
{
    unsigned  count;

    count = recs_synth_part(p, 12, 240);

    if (count < 80) {
        return;
    }

    recs_synth_put(t, ",\"rating\":");
    recs_synth_number(t, (int64_t) p->quality);
    recs_synth_put(t, ".");
    recs_synth_number(t, (int64_t) (p->quality * 10) % 10);
    recs_synth_count(t, "ratingCount", count - 78);
}


static void
recs_synth_places(recs_synth_text_t *t, const recs_synth_product_t *p,
    uint32_t id)
{
    unsigned  i, n;

    recs_synth_put(t, ",\"url\":\"https://shop.example/p/P");
    recs_synth_number(t, id);
    recs_synth_put(t, "\",\"imageUrl\":\"https://shop.example/img/P");
    recs_synth_number(t, id);
    recs_synth_put(t, ".jpg\"");

    if (recs_synth_part(p, 13, 10) != 0) {
        return;
    }

    /* one in ten is sold in a few countries only */

    n = recs_synth_part(p, 14, 6);
    recs_synth_put(t, ",\"regions\":[");

    for (i = 0; i < 3; i++) {
        recs_synth_put(t, i ? ",\"" : "\"");
        recs_synth_put(t, recs_synth_regions[n + i]);
        recs_synth_put(t, "\"");
    }

    recs_synth_put(t, "]");
}


static void
recs_synth_row(const recs_synth_t *s, recs_synth_text_t *t, uint32_t n,
    int64_t price, int64_t updated_ms)
{
    const recs_synth_product_t  *p;

    p = &s->products[n];

    recs_synth_room(t);
    recs_synth_put(t, "{\"productId\":\"P");
    recs_synth_number(t, recs_synth_id(s, n));
    recs_synth_put(t, "\"");

    recs_synth_title(t, p);
    recs_synth_description(t, p);
    recs_synth_category(t, &recs_synth_leaves[p->leaf]);
    recs_synth_put(t, ",\"brand\":\"");
    recs_synth_brand_name(t, p->brand);
    recs_synth_put(t, "\"");

    if (recs_synth_leaves[p->leaf].kind == RECS_SYNTH_DEVICE) {
        recs_synth_string(t, "tier", recs_synth_tiers[recs_synth_tier(s, p)]);
    }

    recs_synth_price(t, "price", price);

    if (recs_synth_part(p, 15, 10) < 3) {
        recs_synth_price(t, "listPrice",
                         price + price / 100
                                 * (5 + recs_synth_part(p, 16, 25)));
    }

    recs_synth_price(t, "cost", p->price / 100
                                * (40 + recs_synth_part(p, 17, 36)) + 1);
    recs_synth_put(t, ",\"currency\":\"EUR\"");
    recs_synth_count(t, "stock", recs_synth_pieces(p));
    recs_synth_rating(t, p);
    recs_synth_attributes(t, p);
    recs_synth_places(t, p, recs_synth_id(s, n));
    recs_synth_count(t, "createdAt", p->created_ms);
    recs_synth_count(t, "updatedAt", updated_ms);
    recs_synth_put(t, "}\n");
}


int
recs_synth_catalog(const recs_synth_t *s, recs_error_t *err)
{
    int                          rc;
    uint32_t                     i;
    recs_synth_file_t            f;
    const recs_synth_product_t  *p;

    if (recs_synth_open(&f, s->out, "catalog.jsonl", err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    for (i = 0; i < s->items && rc == RECS_OK; i++) {
        p = &s->products[i];

        recs_synth_row(s, &f.text, i, p->before ? p->before : p->price,
                       p->created_ms);

        if (p->before) {
            recs_synth_row(s, &f.text, i, p->price, p->changed_ms);
        }

        rc = recs_synth_flush(&f, err);
    }

    return (recs_synth_close(&f, err) == RECS_OK) ? rc : RECS_ERROR;
}
