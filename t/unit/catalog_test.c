/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>

#include "builder/data/catalog.h"
#include "t/unit/tap.h"


static recs_catalog_t      *test_catalog;
static recs_product_row_t   test_row;
static const char          *test_field, *test_err;


static int
test_product(const char *text)
{
    recs_str_t  json;

    json.data = (const uint8_t *) text;
    json.len = strlen(text);
    test_field = NULL;
    test_err = NULL;

    return recs_catalog_product(test_catalog, &json, &test_row, &test_field,
                                &test_err);
}


static void
test_refused(const char *text, const char *field)
{
    is_int(test_product(text), RECS_ERROR, "%s", text);
    ok(test_err != NULL
       && (field == NULL || (test_field && strcmp(test_field, field) == 0)),
       "%s %s", test_field ? test_field : "-", test_err ? test_err : "-");
}


static void
test_whole(void)
{
    recs_product_row_t  *r;

    r = &test_row;

    is_int(test_product(
        "{\"productId\":\"A-1\",\"title\":\"Caf\\u00e9\",\"description\":\"d\","
        "\"category\":[\"Food\",\"FRZN/MEAT\"],\"brand\":\"B\",\"price\":19.9,"
        "\"listPrice\":\"24.90\",\"cost\":7,\"currency\":\"gbp\",\"stock\":12,"
        "\"rating\":4.5,\"ratingCount\":10,\"attributes\":{\"size\":12,"
        "\"colour\":[\"red\",\"blue\"],\"eco\":true,\"none\":null},"
        "\"url\":\"/p/1\",\"imageUrl\":\"https://i/1.png\","
        "\"createdAt\":\"2020-01-02\",\"updatedAt\":1600000000000,"
        "\"regions\":[\"UK\",\"DE\"],\"tags\":\"new, sale\",\"tier\":\"Pro\","
        "\"unheard\":{\"of\":[1]}}"),
        RECS_OK, "a whole row");

    is_str(r->id.data, r->id.len, "A-1", "productId");
    is_str(r->title.data, r->title.len, "Caf\xc3\xa9", "title");
    is_int(r->category_count, 2, "category");
    is_str(r->category[1].data, r->category[1].len, "FRZN/MEAT",
           "a level may have a slash");
    is_int(r->price, 19900000, "price");
    is_int(r->list_price, 24900000, "listPrice from a string");
    is_int(r->cost, 7000000, "cost");
    is_str(r->currency.data, r->currency.len, "GBP", "currency");
    is_int(r->stock, 12, "stock");
    is_int(r->rating, 4500, "rating");
    is_int(r->rating_count, 10, "ratingCount");
    is_int(r->attribute_count, 4, "attributes, lists taken apart");
    ok(r->attributes[0].number == 12, "a number");
    is_str(r->attributes[2].value.data, r->attributes[2].value.len, "blue",
           "a word");
    ok(isnan(r->attributes[2].number), "is no number");
    is_int(r->created_ms, 1577923200000, "createdAt");
    is_int(r->updated_ms, 1600000000000, "updatedAt");
    is_int(r->region_count, 2, "regions");
    is_int(r->tag_count, 2, "tags from a string");
    is_str(r->tags[1].data, r->tags[1].len, "sale", "trimmed");
    ok(r->listed, "listed");
    ok(!recs_product_row_changes(r), "the whole product");
}


static void
test_sparse(void)
{
    recs_product_row_t  *r;

    r = &test_row;

    is_int(test_product("{\"id\":17}"), RECS_OK, "an id alone");
    is_str(r->id.data, r->id.len, "17", "by its digits");
    ok(r->price == RECS_NO_MONEY && r->stock == RECS_NO_STOCK
       && r->category_count == 0 && r->attribute_count == 0 && r->listed,
       "all else is absent");

    is_int(test_product("{\"sku\":\"x\",\"product_id\":\"y\",\"price\":\"\","
                        "\"category\":\"A > B/C\",\"removed\":true,"
                        "\"stock\":null}"), RECS_OK, "other spellings");
    is_str(r->id.data, r->id.len, "y", "the name goes before an alias");
    is_int(r->price, RECS_NO_MONEY, "an empty price is none");
    is_int(r->category_count, 3, "a path in a string");
    is_str(r->category[1].data, r->category[1].len, "B", "cut and trimmed");
    is_int(r->listed, 0, "removed");

    is_int(test_product("{\"productId\":\"x\",\"listed\":false}"), RECS_OK,
           "listed is false");
    is_int(r->listed, 0, "not listed");
    ok(recs_product_row_changes(r), "a change of what is known");
    is_int(r->available, -1, "availability is not told");

    is_int(test_product("{\"productId\":\"x\",\"availability\":"
                        "\"Out of Stock\"}"), RECS_OK, "in words");
    is_int(r->available, 0, "not available");
    is_int(r->stock, 0, "which is no stock");

    is_int(test_product("{\"productId\":\"x\",\"available\":true,"
                        "\"listed\":true}"), RECS_OK, "or not");
    is_int(r->available, 1, "available");
    is_int(r->stock, RECS_NO_STOCK, "how much is not told");
    is_int(r->listed, 1, "listed, it says");

    is_int(test_product("{\"productId\":\"x\",\"availability\":\"soon\"}"),
           RECS_OK, "other words");
    is_int(r->available, -1, "say nothing");

    is_int(test_product("{\"productId\":\"x\",\"stock\":-3,"
                        "\"price\":0.0000004}"),
           RECS_OK, "less than none in stock");
    is_int(r->stock, -3, "is kept");
    is_int(r->price, 0, "less than a millionth");
}


static void
test_user(void)
{
    size_t           n;
    uint8_t          buf[RECS_CATALOG_USER_MAX];
    recs_str_t       json = recs_string("{\"userId\":\"u1\",\"cohort\":\"A\","
                                        "\"email\":\"a@b\",\"optIn\":\"no\","
                                        "\"createdAt\":1600000000}");
    recs_user_row_t  row;

    is_int(recs_catalog_user(test_catalog, &json, &row, &test_field,
                             &test_err), RECS_OK, "a user");
    is_str(row.user_id.data, row.user_id.len, "u1", "userId");
    is_int(row.opt_in, 0, "optIn");

    n = recs_catalog_user_text(&row, buf, sizeof(buf));
    is_str(buf, n, "{\"cohort\":\"A\",\"optIn\":false,"
           "\"createdAt\":1600000000000}", "stored without who it is");

    json.data = buf;
    json.len = n;
    is_int(recs_catalog_user(test_catalog, &json, &row, &test_field,
                             &test_err), RECS_OK, "and read again");
    is_int(row.created_ms, 1600000000000, "createdAt");
    is_int(row.user_id.len, 0, "nobody");
}


int
main(void)
{
    char  *big;

    test_catalog = recs_catalog_create();

    test_whole();
    test_sparse();
    test_user();

    test_refused("", NULL);
    test_refused("[]", NULL);
    test_refused("{\"productId\":\"a\"", NULL);
    test_refused("{\"productId\":\"a\",\"productId\":\"b\"}", NULL);
    test_refused("{\"title\":\"a\"}", "productId");
    test_refused("{\"productId\":\"\"}", "productId");
    test_refused("{\"productId\":\"a\\nb\"}", "productId");
    test_refused("{\"productId\":\"a\\u0000b\"}", NULL);
    test_refused("{\"productId\":\"a\xff\"}", NULL);
    test_refused("{\"productId\":[\"a\"]}", "productId");
    test_refused("{\"productId\":\"a\",\"price\":-1}", "price");
    test_refused("{\"productId\":\"a\",\"price\":\"cheap\"}", "price");
    test_refused("{\"productId\":\"a\",\"price\":1e300}", "price");
    test_refused("{\"productId\":\"a\",\"price\":true}", "price");
    test_refused("{\"productId\":\"a\",\"currency\":\"pounds\"}", "currency");
    test_refused("{\"productId\":\"a\",\"rating\":6}", "rating");
    test_refused("{\"productId\":\"a\",\"ratingCount\":-1}", "ratingCount");
    test_refused("{\"productId\":\"a\",\"stock\":3000000000}", "stock");
    test_refused("{\"productId\":\"a\",\"url\":\"javascript:x\"}", "url");
    test_refused("{\"productId\":\"a\",\"createdAt\":\"soon\"}", "createdAt");
    test_refused("{\"productId\":\"a\",\"attributes\":[1]}", "attributes");
    test_refused("{\"productId\":\"a\",\"attributes\":{\"b\":{}}}",
                 "attributes");
    test_refused("{\"productId\":\"a\",\"listed\":\"perhaps\"}", "listed");

    big = malloc(70000);
    memset(big, 'x', 70000);
    memcpy(big, "{\"productId\":\"", 14);
    memcpy(big + 14 + 256, "\"}", 3);
    test_refused(big, "productId");

    big[14 + 256] = 'x';
    big[14 + 257] = 'x';
    big[14 + 258] = 'x';
    big[69999] = '\0';
    test_refused(big, NULL);
    free(big);

    recs_catalog_destroy(test_catalog);
    recs_catalog_destroy(NULL);

    return done_testing();
}
