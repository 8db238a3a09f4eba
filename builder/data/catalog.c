/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_fold.h"
#include "../../core/recs_out.h"
#include "catalog_value.h"


#define recs_product_at(member)  offsetof(recs_product_row_t, member)
#define recs_user_at(member)     offsetof(recs_user_row_t, member)
#define recs_aliases(...)  (const char *const []) { __VA_ARGS__, NULL }


static const recs_catalog_field_t  recs_product_fields[] = {

    { "productId", recs_aliases("id", "sku", "item_id"),
      RECS_CATALOG_NAME, recs_product_at(id), 0 },
    { "title", recs_aliases("name"),
      RECS_CATALOG_TEXT, recs_product_at(title), 0 },
    { "description", NULL,
      RECS_CATALOG_TEXT, recs_product_at(description), 0 },
    { "category", recs_aliases("categories", "category_path"),
      RECS_CATALOG_PATH, recs_product_at(category),
      recs_product_at(category_count) },
    { "brand", NULL,
      RECS_CATALOG_NAME, recs_product_at(brand), 0 },
    { "price", recs_aliases("unit_price"),
      RECS_CATALOG_PRICE, recs_product_at(price), 0 },
    { "listPrice", recs_aliases("original_price"),
      RECS_CATALOG_PRICE, recs_product_at(list_price), 0 },
    { "cost", NULL,
      RECS_CATALOG_PRICE, recs_product_at(cost), 0 },
    { "currency", recs_aliases("currency_code"),
      RECS_CATALOG_CURRENCY, recs_product_at(currency), 0 },
    { "stock", recs_aliases("inventory", "stock_quantity"),
      RECS_CATALOG_PIECES, recs_product_at(stock), 0 },
    { "rating", NULL,
      RECS_CATALOG_RATING, recs_product_at(rating), 0 },
    { "ratingCount", recs_aliases("review_count"),
      RECS_CATALOG_COUNT, recs_product_at(rating_count), 0 },
    { "attributes", NULL,
      RECS_CATALOG_PAIRS, recs_product_at(attributes),
      recs_product_at(attribute_count) },
    { "url", recs_aliases("link"),
      RECS_CATALOG_URL, recs_product_at(url), 0 },
    { "imageUrl", recs_aliases("image", "image_link"),
      RECS_CATALOG_URL, recs_product_at(image), 0 },
    { "createdAt", recs_aliases("created"),
      RECS_CATALOG_TIME, recs_product_at(created_ms), 0 },
    { "updatedAt", recs_aliases("timestamp", "updated"),
      RECS_CATALOG_TIME, recs_product_at(updated_ms), 0 },
    { "regions", recs_aliases("region"),
      RECS_CATALOG_NAMES, recs_product_at(regions),
      recs_product_at(region_count) },
    { "tags", NULL,
      RECS_CATALOG_NAMES, recs_product_at(tags),
      recs_product_at(tag_count) },
    { "tier", NULL,
      RECS_CATALOG_NAME, recs_product_at(tier), 0 },
    { "available", recs_aliases("availability"),
      RECS_CATALOG_AVAILABLE, recs_product_at(available), 0 },
    { "listed", NULL,
      RECS_CATALOG_LISTED, recs_product_at(listed), 0 },
    { "removed", recs_aliases("deleted"),
      RECS_CATALOG_REMOVED, recs_product_at(listed), 0 },

    { NULL, NULL, RECS_CATALOG_NAME, 0, 0 }
};


static const recs_catalog_field_t  recs_user_fields[] = {

    { "userId", recs_aliases("id", "customer_id"),
      RECS_CATALOG_NAME, recs_user_at(user_id), 0 },
    { "cohort", NULL,
      RECS_CATALOG_NAME, recs_user_at(cohort), 0 },
    { "region", NULL,
      RECS_CATALOG_NAME, recs_user_at(region), 0 },
    { "segment", NULL,
      RECS_CATALOG_NAME, recs_user_at(segment), 0 },
    { "channel", NULL,
      RECS_CATALOG_NAME, recs_user_at(channel), 0 },
    { "optIn", recs_aliases("opted_in"),
      RECS_CATALOG_TRUTH, recs_user_at(opt_in), 0 },
    { "createdAt", recs_aliases("created"),
      RECS_CATALOG_TIME, recs_user_at(created_ms), 0 },
    { "updatedAt", recs_aliases("timestamp", "updated"),
      RECS_CATALOG_TIME, recs_user_at(updated_ms), 0 },

    { NULL, NULL, RECS_CATALOG_NAME, 0, 0 }
};


recs_catalog_t *
recs_catalog_create(void)
{
    recs_catalog_t  *c;

    c = recs_calloc(1, sizeof(recs_catalog_t));
    c->known = recs_names_create();

    return c;
}


static void
recs_catalog_clear(recs_catalog_t *c)
{
    recs_catalog_text_t  *text;

    json_decref(c->json);
    c->json = NULL;

    while (c->texts) {
        text = c->texts;
        c->texts = text->next;
        free(text);
    }
}


void
recs_catalog_destroy(recs_catalog_t *c)
{
    if (c == NULL) {
        return;
    }

    recs_catalog_clear(c);
    recs_names_destroy(c->known);
    free(c);
}


static const recs_catalog_field_t *
recs_catalog_search(const recs_catalog_field_t *fields, const char *name,
    uint8_t *alias)
{
    char                         folded[RECS_FOLD_MAX];
    recs_str_t                   s;
    const recs_catalog_field_t  *field;

    *alias = 0;

    s.data = (const uint8_t *) name;
    s.len = strlen(name);

    if (recs_fold(&s, folded) == RECS_FOLD_MAX) {
        return NULL;
    }

    for (*alias = 0; *alias < 2; (*alias)++) {
        for (field = fields; field->name; field++) {

            if (*alias ? recs_fold_among(folded, field->aliases)
                       : recs_fold_equal(folded, field->name))
            {
                return field;
            }
        }
    }

    return NULL;
}


/* Rows of one file spell their members alike, so each is sought once. */

static const recs_catalog_field_t *
recs_catalog_field(recs_catalog_t *c, const char *name, uint8_t *alias)
{
    size_t                       len;
    uint32_t                     n;
    const recs_catalog_field_t  *field;

    len = strlen(name);
    n = recs_names_find(c->known, name, len);

    if (n != RECS_NONE) {
        *alias = c->alias[n];
        return c->of[n];
    }

    field = recs_catalog_search(c->fields, name, alias);

    if (recs_names_count(c->known) < RECS_CATALOG_KNOWN) {
        n = recs_names_add(c->known, name, len);
        c->of[n] = field;
        c->alias[n] = *alias;
    }

    return field;
}


static int
recs_catalog_open(recs_catalog_t *c, const recs_str_t *text)
{
    json_error_t  error;

    recs_catalog_clear(c);

    if (text->len > RECS_CATALOG_ROW_MAX) {
        return recs_catalog_error(c, "row is longer than 60000 bytes");
    }

    c->json = json_loadb((const char *) text->data, text->len,
                         JSON_REJECT_DUPLICATES, &error);

    if (c->json == NULL) {
        return recs_catalog_error(c,
                   (json_error_code(&error) == json_error_duplicate_key)
                   ? "a member is there twice" : "is no JSON object");
    }

    if (!json_is_object(c->json)) {
        return recs_catalog_error(c, "is no JSON object");
    }

    return RECS_OK;
}


/* A member under its own name goes before its aliases. */

static int
recs_catalog_members(recs_catalog_t *c, const recs_str_t *text,
    const recs_catalog_field_t *fields, void *row)
{
    json_t                      *value;
    uint8_t                      alias;
    uint64_t                     bit, set;
    const char                  *name;
    const recs_catalog_field_t  *field;

    if (c->fields != fields) {
        recs_names_destroy(c->known);
        c->known = recs_names_create();
        c->fields = fields;
    }

    if (recs_catalog_open(c, text) != RECS_OK) {
        return RECS_ERROR;
    }

    set = 0;

    json_object_foreach(c->json, name, value) {
        field = recs_catalog_field(c, name, &alias);

        if (field == NULL || json_is_null(value)) {
            continue;
        }

        bit = (uint64_t) 1 << (field - fields);

        if (alias && (set & bit)) {
            continue;
        }

        set |= bit;

        if (recs_catalog_read(c, field, value, row) == RECS_ERROR) {
            c->field = field->name;
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


int
recs_catalog_product(recs_catalog_t *c, const recs_str_t *json,
    recs_product_row_t *row, const char **field, const char **err)
{
    memset(row, 0, offsetof(recs_product_row_t, category));
    memset(&row->category_count, 0, sizeof(recs_product_row_t)
           - offsetof(recs_product_row_t, category_count));

    row->price = RECS_NO_MONEY;
    row->list_price = RECS_NO_MONEY;
    row->cost = RECS_NO_MONEY;
    row->stock = RECS_NO_STOCK;
    row->listed = -1;
    row->available = -1;

    c->field = NULL;

    if (recs_catalog_members(c, json, recs_product_fields, row) == RECS_OK) {

        if (row->available == 0) {
            row->stock = 0;
        }

        if (row->id.len) {
            return RECS_OK;
        }

        c->field = "productId";
        c->err = "is missing";
    }

    *field = c->field;
    *err = c->err;

    return RECS_ERROR;
}


int
recs_catalog_user(recs_catalog_t *c, const recs_str_t *json,
    recs_user_row_t *row, const char **field, const char **err)
{
    memset(row, 0, sizeof(recs_user_row_t));

    row->opt_in = -1;
    c->field = NULL;

    if (recs_catalog_members(c, json, recs_user_fields, row) == RECS_OK) {
        return RECS_OK;
    }

    *field = c->field;
    *err = c->err;

    return RECS_ERROR;
}


static void
recs_catalog_put(recs_out_t *out, const char *name, const recs_str_t *s)
{
    if (s->len == 0) {
        return;
    }

    recs_out_lit(out, "\"");
    recs_out_bytes(out, name, strlen(name));
    recs_out_lit(out, "\":\"");
    recs_out_json(out, s->data, s->len);
    recs_out_lit(out, "\",");
}


size_t
recs_catalog_user_text(const recs_user_row_t *row, uint8_t *buf, size_t size)
{
    recs_out_t  out;

    recs_out_init(&out, buf, size);
    recs_out_lit(&out, "{");

    recs_catalog_put(&out, "cohort", &row->cohort);
    recs_catalog_put(&out, "region", &row->region);
    recs_catalog_put(&out, "segment", &row->segment);
    recs_catalog_put(&out, "channel", &row->channel);

    if (row->opt_in != -1) {
        recs_out_lit(&out, "\"optIn\":");
        recs_out_bytes(&out, row->opt_in ? "true," : "false,",
                       row->opt_in ? 5 : 6);
    }

    recs_out_lit(&out, "\"createdAt\":");

    if (row->created_ms) {
        recs_out_i64(&out, row->created_ms);

    } else {
        recs_out_lit(&out, "null");
    }

    recs_out_lit(&out, "}");

    return out.overflow ? 0 : (size_t) (out.pos - buf);
}
