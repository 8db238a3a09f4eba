/*
 * Copyright (C) recs authors
 *
 * Hot layers over bases made at random, against what a plain search by names
 * finds.
 */

#include "core/snapshot/recs_view.h"
#include "memory_shop.h"
#include "tap.h"


#define PRODUCTS    300          /* that there are at all */
#define NAMES       12


static uint64_t  seed = 1;


static uint32_t
draw(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % n;
}


/*
 * A row a name, drawn from those that there are.  Of a hot layer, and now and
 * then of a base that nobody would build, some are there twice.
 */

static void
names(recs_snapshot_t *s, recs_domain_e domain, recs_list_e list, uint32_t n,
    unsigned twice)
{
    char      text[32];
    uint32_t  i;

    shop_domain(s, domain, n);

    for (i = 0; i < n; i++) {
        shop_list(s, list, i, text,
                  (uint32_t) sprintf(text, "name %u",
                                     twice ? draw(NAMES) : i));
    }
}


static recs_snapshot_t *
make(uint32_t items, uint32_t kind, unsigned twice)
{
    uint32_t          i, j, n, slot, c;
    uint64_t          key, keys[PRODUCTS];
    recs_snapshot_t  *s;

    s = shop_create(0);
    s->header.kind = kind;

    shop_domain(s, RECS_DOMAIN_ITEMS, items);
    shop_domain(s, RECS_DOMAIN_SLOTS, 1024);

    for (i = 0; i < PRODUCTS; i++) {
        keys[i] = recs_key64(&i, sizeof(i));
    }

    for (i = 0; i < items; i++) {

        /* a base has a product once, a hot layer made by nobody may not */

        j = (kind == RECS_KIND_BASE) ? i + draw(PRODUCTS - i)
                                     : draw(PRODUCTS);
        key = keys[j];
        keys[j] = keys[i];
        keys[i] = key;

        shop_set(s, RECS_COLUMN_KEY64, uint64_t, i, key);
        shop_set(s, RECS_COLUMN_PRICE, int64_t, i, draw(1000));
        shop_set(s, RECS_COLUMN_FLAGS, uint8_t, i, (uint8_t) draw(4));

        slot = (uint32_t) key & 1023;

        while (recs_column(s, RECS_COLUMN_SLOT, uint32_t, slot)) {
            slot = (slot + 1) & 1023;
        }

        shop_set(s, RECS_COLUMN_SLOT, uint32_t, slot, i + 1);
    }

    c = draw(10);
    names(s, RECS_DOMAIN_CATEGORIES, RECS_LIST_CATEGORY_PATH, c,
          twice);
    names(s, RECS_DOMAIN_REGIONS, RECS_LIST_REGION_NAME, draw(10), twice);
    shop_domain(s, RECS_DOMAIN_SCOPES, c + 1);

    for (i = 0; i < RECS_LIST_MAX && items; i++) {
        recs_format_ranked_t  entries[8];

        if (recs_format_lists[i].size != sizeof(entries[0])
            || recs_format_lists[i].domain == RECS_DOMAIN_WEEKS)
        {
            continue;
        }

        for (j = 0; j < s->lists[i].rows; j++) {
            n = draw(3) ? draw(8) : 0;

            for (slot = 0; slot < n; slot++) {
                entries[slot].item = draw(items);
                entries[slot].score = (float) draw(1000);
                entries[slot].confidence = (float) draw(1000);
                entries[slot].value = (float) draw(1000);
            }

            shop_list(s, i, j, entries, n);
        }
    }

    return s;
}


/* The row of the hot snapshot by a plain search, RECS_NONE. */

static uint32_t
plain_item(const recs_snapshot_t *s, uint64_t key)
{
    uint32_t  i;

    for (i = 0; i < s->header.rows[RECS_DOMAIN_ITEMS]; i++) {
        if (recs_column(s, RECS_COLUMN_KEY64, uint64_t, i) == key) {
            return i;
        }
    }

    return RECS_NONE;
}


static uint32_t
plain_name(const recs_snapshot_t *hot, const recs_snapshot_t *base,
    recs_list_e list, uint32_t row)
{
    uint32_t     i, n, m;
    const void  *a, *b;

    a = recs_list(base, list, row, &n);

    for (i = 0; i < hot->lists[list].rows; i++) {
        b = recs_list(hot, list, i, &m);

        if (n == m && memcmp(a, b, n) == 0) {
            return i;
        }
    }

    return RECS_NONE;
}


static uint32_t
wrong_list(const recs_view_t *v, const recs_snapshot_t *hot, recs_list_e list)
{
    uint32_t                     r, hr, i, j, n, m, item, wrong;
    const recs_format_ranked_t  *got, *want;

    wrong = 0;

    for (r = 0; r < v->base->lists[list].rows + 2; r++) {
        got = recs_view_ranked(v, list, r, &n);
        hr = r;

        if (recs_format_lists[list].domain == RECS_DOMAIN_REGIONS) {
            hr = (r < v->base->lists[list].rows)
                 ? plain_name(hot, v->base, RECS_LIST_REGION_NAME, r)
                 : RECS_NONE;

        } else if (r > 0) {
            hr = (r < v->base->lists[list].rows)
                 ? plain_name(hot, v->base, RECS_LIST_CATEGORY_PATH, r - 1)
                 : RECS_NONE;
            hr += (hr != RECS_NONE);
        }

        want = recs_list(hot, list, hr, &m);

        for (i = j = 0; i < m; i++) {
            item = recs_snapshot_item(v->base, recs_column(hot,
                                      RECS_COLUMN_KEY64, uint64_t,
                                      want[i].item));
            if (item == RECS_NO_ITEM) {
                continue;
            }

            wrong += j >= n || got[j].item != item
                     || got[j].score != want[i].score
                     || got[j].confidence != want[i].confidence
                     || got[j].value != want[i].value;
            j++;
        }

        if (j) {
            wrong += (j != n);
            continue;
        }

        /* nothing of it is left: the base's own */

        want = recs_list(v->base, list, r, &m);
        wrong += (n != m || got != want);
    }

    return wrong;
}


static uint32_t
wrong_columns(const recs_view_t *v, const recs_snapshot_t *hot)
{
    int64_t                 price;
    uint8_t                 flags;
    uint32_t                i, row, wrong, changed;
    const recs_snapshot_t  *base;

    base = v->base;
    wrong = changed = 0;

    for (i = 0; i < base->header.rows[RECS_DOMAIN_ITEMS]; i++) {
        row = plain_item(hot, recs_column(base, RECS_COLUMN_KEY64, uint64_t,
                                          i));
        price = (row == RECS_NONE)
                ? recs_column(base, RECS_COLUMN_PRICE, int64_t, i)
                : recs_column(hot, RECS_COLUMN_PRICE, int64_t, row);
        flags = (row == RECS_NONE)
                ? recs_column(base, RECS_COLUMN_FLAGS, uint8_t, i)
                : recs_column(hot, RECS_COLUMN_FLAGS, uint8_t, row);

        changed += (row != RECS_NONE);
        wrong += recs_hot_row(v->hot, i) != row
                 || recs_view_column(v, RECS_COLUMN_PRICE, int64_t, i)
                    != price
                 || recs_view_shown(v, i)
                    != ((flags & RECS_ITEM_SHOWN) == RECS_ITEM_SHOWN);
    }

    return wrong + (changed != v->hot->items);
}


static void
layers(void)
{
    void             *memory;
    size_t            size;
    uint32_t          round, n, lists, columns;
    const char       *err;
    recs_view_t       view;
    recs_snapshot_t  *base, *hot;

    lists = columns = 0;

    for (round = 0; round < 500; round++) {
        n = round % 7 ? draw(PRODUCTS / (1 + draw(10))) : 0;
        base = make(round % 50 ? draw(PRODUCTS) : 0, RECS_KIND_BASE,
                    round % 10 == 0);
        hot = make(n, RECS_KIND_HOT, 1);

        /* of the very size: a byte too many is seen by the sanitizer */

        size = recs_hot_size(base, hot);
        memory = malloc(size);
        memset(memory, 0xa5, size);

        view.base = base;
        view.hot = recs_hot_init(memory, base, hot, &err);
        view.id = recs_view_id(1, 2);

        columns += wrong_columns(&view, hot);

        if (round % 10) {
            lists += wrong_list(&view, hot, RECS_LIST_TRENDING);
            lists += wrong_list(&view, hot, RECS_LIST_PRICE_DROP);
            lists += wrong_list(&view, hot, RECS_LIST_LOW_STOCK);
            lists += wrong_list(&view, hot, RECS_LIST_REGION_TRENDING);
        }

        free(memory);
        shop_destroy(base);
        shop_destroy(hot);
    }

    is_int(columns, 0, "columns of 500 layers");
    is_int(lists, 0, "lists of 500 layers");
}


static void
kinds(void)
{
    void             *memory;
    const char       *err;
    recs_snapshot_t  *base, *hot;

    base = make(10, RECS_KIND_BASE, 0);
    hot = make(10, RECS_KIND_HOT, 0);
    memory = malloc(recs_hot_size(base, base) + recs_hot_size(hot, hot));

    ok(recs_hot_init(memory, base, base, &err) == NULL, "a base as a layer");
    is_str(err, strlen(err), "the snapshot is no hot layer", "says so");
    ok(recs_hot_init(memory, hot, hot, &err) == NULL, "a layer as a base");
    is_str(err, strlen(err), "the snapshot is no base but a hot layer",
           "says so");

    ok(recs_view_id(7, 0) == 7, "the id of a base alone");
    ok(recs_view_id(7, 8) != recs_view_id(7, 9)
       && recs_view_id(7, 8) != recs_view_id(8, 7), "ids of layers");

    free(memory);
    shop_destroy(base);
    shop_destroy(hot);
}


int
main(void)
{
    layers();
    kinds();

    return done_testing();
}
