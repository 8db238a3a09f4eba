/*
 * Copyright (C) recs authors
 *
 * Tags and attributes of products: numbered by name, kept where they can be a
 * filter, and what a snapshot has of them.
 */

#include "shop.h"
#include "snap.h"


#define PRODUCTS  1200


static void
has(const char *id, const char *want)
{
    char               got[4096];
    size_t             n;
    uint32_t           i;
    uint64_t           k;
    const recs_str_t  *name;

    got[0] = '\0';
    n = 0;

    for (i = 0; i < shop->items; i++) {
        if (shop->products[i].id.len != strlen(id)
            || memcmp(shop->products[i].id.data, id, strlen(id)) != 0)
        {
            continue;
        }

        for (k = shop->item_tags.offsets[i];
             k < shop->item_tags.offsets[i + 1]; k++)
        {
            name = &shop->tag_name[shop->item_tags.entries[k]];
            n += sprintf(got + n, "%s%.*s", n ? " " : "", (int) name->len,
                         name->data);
        }
    }

    is_str(got, strlen(got), want, "%s has %s", id, want);
}


static void
test_names(void)
{
    char      text[2048];
    unsigned  i;

    shop_open();

    shop_product("{\"productId\":\"a\",\"title\":\"A\",\"tags\":[\"Vegan\","
                 "\"gift\",\"vegan\"],\"attributes\":{\"Colour\":[\"Red\","
                 "\"blue\"],\"size\":42,\"new\":true}}");
    shop_product("{\"productId\":\"b\",\"title\":\"B\",\"tags\":\"gift\"}");
    shop_product("{\"productId\":\"c\",\"title\":\"C\"}");
    shop_product("{\"productId\":\"gone\",\"title\":\"D\",\"listed\":false,"
                 "\"tags\":[\"nobody\"]}");

    /* changed, then made anew */

    shop_product("{\"productId\":\"b\",\"tags\":[\"sale\",\"summer\"],"
                 "\"attributes\":{\"size\":7}}");
    shop_product("{\"productId\":\"c\",\"title\":\"C\",\"tags\":[\"x\"]}");
    shop_product("{\"productId\":\"c\",\"title\":\"C\",\"tags\":[\"y\"]}");

    i = sprintf(text, "{\"productId\":\"long\",\"title\":\"L\","
                "\"attributes\":{\"%0200d\":\"%0100d\",\"%0100d\":\"%0100d\"}}",
                1, 2, 3, 4);
    ok(i < sizeof(text), "long names");
    shop_product(text);

    shop_finish();

    has("a", "colour=blue colour=red gift new=true size=42 vegan");
    has("b", "sale size=7 summer");
    has("c", "y");
    is_int(shop->item_tags.rows, shop->items, "a row each product");
    is_int(shop->tags, 11, "what is listed, and not too long for a key");

    shop_close();
}


/* A number for each, a dozen for all, one for most. */

static void
test_rare(void)
{
    char      text[256];
    uint32_t  i;

    shop_open();

    for (i = 0; i < PRODUCTS; i++) {
        snprintf(text, sizeof(text), "{\"productId\":\"p%u\",\"title\":\"P\","
                 "\"attributes\":{\"ean\":\"%u\",\"size\":%u,\"batch\":%u}}",
                 i, 4000000 + i, i % 12, i / 2 * 2);
        shop_product(text);
    }

    shop_finish();
    is_int(shop->tags, 12 + PRODUCTS / 2, "a bar code is no filter");
    has("p13", "batch=12 size=1");
    shop_close();
}


static void
test_snapshot(void)
{
    char              *dir;
    uint32_t           i, n, count, tag, wrong;
    uint64_t           id;
    const char        *why;
    recs_config_t      c;
    recs_manifest_t    m;
    recs_snapshot_t   *s;
    recs_dataset_t    *d;
    const uint32_t    *items;

    dir = snap_dir();
    snap_config(&c, dir);
    d = snap_dataset(&c, 60, 500, 1);

    ok(recs_publish(d, &c, NULL, &id, &shop_error) == RECS_OK, "published");
    ok(recs_verify(dir, &shop_error) == RECS_OK, "verified");

    s = snap_open(dir, &m, &why);
    is_int(s->header.rows[RECS_DOMAIN_TAGS], 4 + 7, "tags and attributes");

    tag = recs_snapshot_name(s, 'T', recs_key64_tag("SHADE=s3", 8));
    ok(tag != RECS_NONE, "found in any case");
    ok(recs_snapshot_name(s, 'T', recs_key64_tag("shade=s9", 8)) == RECS_NONE,
       "not what nobody has");

    items = recs_list(s, RECS_LIST_TAG_ITEMS, tag, &n);
    is_int(n, 9, "its products");

    for (i = 1, wrong = 0; i < n; i++) {
        wrong += items[i - 1] >= items[i];
    }

    is_int(wrong, 0, "popular first");
    items = recs_list(s, RECS_LIST_ITEM_TAGS, items[0], &count);
    ok(count > 0 && count <= 3, "and what they have");

    recs_snapshot_close(s);
    recs_dataset_destroy(d);
    snap_remove(dir);
}


int
main(void)
{
    test_names();
    test_rare();
    test_snapshot();

    return done_testing();
}
