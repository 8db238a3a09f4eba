/*
 * Copyright (C) recs authors
 *
 * Fragments: the id, the static members and the offer of a product as JSON
 * text.  What an answer computes (position, score, reason) is not in them.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_out.h"
#include "../../core/snapshot/recs_offer.h"
#include "assemble.h"


#define RECS_FRAGMENT_ESCAPE  6      /* most bytes that one byte becomes */
#define RECS_FRAGMENT_WORDS   128    /* names, quotes and brackets */
#define RECS_FRAGMENT_DEPTH   64     /* most categories of one path */


static size_t recs_fragment_size(const recs_dataset_t *d,
    const recs_product_t *p);
static void recs_fragment_write(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p);
static void recs_fragment_head(recs_out_t *out, uint8_t *head,
    const uint8_t *first);
static void recs_fragment_static(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p);
static void recs_fragment_offer(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p);
static void recs_fragment_member(recs_out_t *out, const uint8_t *first,
    const char *name, const recs_str_t *value);
static void recs_fragment_category(recs_out_t *out, const uint8_t *first,
    const recs_dataset_t *d, uint32_t category);
static void recs_fragment_string(recs_out_t *out, const recs_str_t *s);


int
recs_assemble_fragments(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    int                    rc;
    size_t                 cap, used;
    uint8_t               *buf;
    uint32_t               i;
    recs_out_t             out;
    recs_model_list_t      list;
    const recs_product_t  *p;

    buf = NULL;
    cap = used = 0;

    list.rows = d->items;
    list.offsets = recs_calloc((size_t) d->items + 1, sizeof(uint64_t));

    for (i = 0; i < d->items; i++) {
        p = &d->products[i];

        recs_grow(&buf, &cap, used + recs_fragment_size(d, p), 1);
        recs_out_init(&out, buf + used, cap - used);
        recs_fragment_write(&out, d, p);

        if (out.overflow) {
            rc = recs_error(err, "product \"%.*s\": its id, title, category "
                            "and addresses are too long for a snapshot",
                            (int) p->id.len, p->id.data);
            goto done;
        }

        used = out.pos - buf;
        list.offsets[i + 1] = used;
    }

    list.entries = buf;

    rc = recs_writer_list(w, RECS_LIST_FRAGMENT_JSON, &list, err);

done:

    free(buf);
    free(list.offsets);

    return rc;
}


static size_t
recs_fragment_size(const recs_dataset_t *d, const recs_product_t *p)
{
    size_t  size;

    size = p->id.len + p->title.len + p->url.len + p->image.len;

    if (p->brand != RECS_NONE) {
        size += d->brand_name[p->brand].len;
    }

    if (p->category != RECS_NONE) {
        size += d->category_path[p->category].len;
    }

    return size * RECS_FRAGMENT_ESCAPE + RECS_FRAGMENT_WORDS + RECS_OFFER_SIZE
           + RECS_FRAGMENT_DEPTH * sizeof("\"\",");
}


static void
recs_fragment_write(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p)
{
    uint8_t        *head;
    const uint8_t  *first;

    head = out->pos;

    recs_out_bytes(out, "\0\0\0\0", sizeof(recs_format_fragment_t));

    first = out->pos;
    recs_fragment_string(out, &p->id);
    recs_fragment_head(out, head, first);

    first = out->pos;
    recs_fragment_static(out, d, p);
    recs_fragment_head(out, head + 2, first);

    if (out->pos != first) {
        recs_out_byte(out, ',');
    }

    recs_fragment_offer(out, d, p);
}


/* What was written since "first" has its size in two bytes of the head. */

static void
recs_fragment_head(recs_out_t *out, uint8_t *head, const uint8_t *first)
{
    size_t  size;

    size = out->pos - first;

    if (out->overflow || size > UINT16_MAX) {
        out->overflow = 1;
        return;
    }

    head[0] = (uint8_t) size;
    head[1] = (uint8_t) (size >> 8);
}


static void
recs_fragment_static(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p)
{
    const uint8_t  *first;

    first = out->pos;

    recs_fragment_member(out, first, "\"title\":", &p->title);

    if (p->brand != RECS_NONE) {
        recs_fragment_member(out, first, "\"brand\":",
                             &d->brand_name[p->brand]);
    }

    if (p->category != RECS_NONE) {
        recs_fragment_category(out, first, d, p->category);
    }

    recs_fragment_member(out, first, "\"url\":", &p->url);
    recs_fragment_member(out, first, "\"imageUrl\":", &p->image);
}


static void
recs_fragment_offer(recs_out_t *out, const recs_dataset_t *d,
    const recs_product_t *p)
{
    recs_offer_t  offer;

    offer.price = p->price;
    offer.list_price = p->list_price;
    offer.reference_price = p->reference_price;
    offer.currency = d->currencies[p->currency % RECS_FORMAT_CURRENCIES];
    offer.stock = p->stock;
    offer.rating_count = p->rating_count;
    offer.rating = p->rating;
    offer.available = p->listed
                      && (p->stock == RECS_NO_STOCK || p->stock > 0);

    recs_offer_json(out, &offer);
}


/* A member that is not there is left out. */

static void
recs_fragment_member(recs_out_t *out, const uint8_t *first, const char *name,
    const recs_str_t *value)
{
    if (value->len == 0) {
        return;
    }

    if (out->pos != first) {
        recs_out_byte(out, ',');
    }

    recs_out_bytes(out, name, strlen(name));
    recs_fragment_string(out, value);
}


/* The path from the root, as an array. */

static void
recs_fragment_category(recs_out_t *out, const uint8_t *first,
    const recs_dataset_t *d, uint32_t category)
{
    unsigned    n;
    uint32_t    path[RECS_FRAGMENT_DEPTH];
    recs_str_t  leaf;

    for (n = 0; category != RECS_NONE; n++) {

        if (n == RECS_FRAGMENT_DEPTH) {
            out->overflow = 1;
            return;
        }

        path[n] = category;
        category = d->category_parent[category];
    }

    if (out->pos != first) {
        recs_out_byte(out, ',');
    }

    recs_out_lit(out, "\"category\":[");

    while (n--) {
        leaf = recs_assemble_leaf(d, path[n]);
        recs_fragment_string(out, &leaf);

        if (n) {
            recs_out_byte(out, ',');
        }
    }

    recs_out_byte(out, ']');
}


static void
recs_fragment_string(recs_out_t *out, const recs_str_t *s)
{
    recs_out_byte(out, '"');
    recs_out_json(out, s->data, s->len);
    recs_out_byte(out, '"');
}
