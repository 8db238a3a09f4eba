/*
 * Copyright (C) recs authors
 *
 * At most RECS_ROWS_MAX rows are looked at: a catalogue that is larger, with
 * random filters and orders, against a reference that counts rows.  The names
 * of brands are those of a small snapshot, whose products are taken out and
 * replaced by many in memory.
 */

#include <time.h>

#include "core/answer/recs_query_arg.h"
#include "core/answer/recs_strategy.h"
#include "memory_shop.h"
#include "snap.h"
#include "tap.h"


#define ITEMS     260000
#define QUESTIONS 260
#define BRANDS    7
#define CHANGED   500
#define BEST      40           /* bestsellers */


static uint64_t          random_state;
static recs_snapshot_t  *shop, *hot;
static recs_view_t       view;
static recs_scratch_t    scratch;
static recs_answer_t     answer;
static recs_query_t      query;

static int64_t           prices[ITEMS];          /* live */
static uint8_t           flags[ITEMS];
static uint8_t           changed[ITEMS];
static uint32_t          order[ITEMS];           /* by the base */
static uint32_t          best[BEST];
static uint32_t          postings[BRANDS];       /* length */

static recs_item_t       want[RECS_OFFSET_MAX + RECS_LIMIT_MAX];
static uint32_t          wanted, rows, full;
static unsigned          truncated;
static uint8_t           seen[ITEMS];


static uint32_t
draw(uint32_t n)
{
    return snap_random(&random_state) % n;
}


#define base_price(i)  recs_column(shop, RECS_COLUMN_PRICE, int64_t, i)
#define brand_of(i)    recs_column(shop, RECS_COLUMN_BRAND, uint32_t, i)
#define rating_of(i)   recs_column(shop, RECS_COLUMN_RATING, uint16_t, i)
#define shown(i)       ((flags[i] & RECS_ITEM_SHOWN) == RECS_ITEM_SHOWN)


static int
by_base_price(const void *one, const void *two)
{
    int64_t   a, b;
    uint32_t  x, y;

    x = *(const uint32_t *) one;
    y = *(const uint32_t *) two;
    a = base_price(x);
    b = base_price(y);

    /* RECS_NO_MONEY is the least there is, but comes last */

    a = (a == RECS_NO_MONEY) ? INT64_MAX : a;
    b = (b == RECS_NO_MONEY) ? INT64_MAX : b;

    return (a != b) ? (a > b) - (a < b) : (x > y) - (x < y);
}


/* Popular items are of brands 0 and 1, few are of the others. */

static void
make_products(recs_snapshot_t *m)
{
    uint32_t  i;

    for (i = 0; i < ITEMS; i++) {
        prices[i] = draw(100) ? (int64_t) draw(90000) * 10000
                              : RECS_NO_MONEY;
        flags[i] = draw(50) ? RECS_ITEM_SHOWN : RECS_ITEM_LISTED;

        shop_set(m, RECS_COLUMN_PRICE, int64_t, i, prices[i]);
        shop_set(m, RECS_COLUMN_FLAGS, uint8_t, i, flags[i]);
        shop_set(m, RECS_COLUMN_RATING, uint16_t, i,
                 (uint16_t) (draw(6) * 1000));
        shop_set(m, RECS_COLUMN_BRAND, uint32_t, i,
                 draw(20) ? 0 : draw(3) ? 1 + draw(5) : RECS_NONE);
        shop_set(m, RECS_COLUMN_KEY64, uint64_t, i, recs_key64(&i, 4));
        order[i] = i;
    }
}


static void
make_lists(recs_snapshot_t *m)
{
    uint32_t              i, b, n, *items;
    recs_format_ranked_t  entries[BEST];

    items = malloc(ITEMS * sizeof(uint32_t));

    for (b = 0; b < BRANDS; b++) {
        for (i = 0, n = 0; i < ITEMS; i++) {
            if (recs_column(m, RECS_COLUMN_BRAND, uint32_t, i) == b) {
                items[n++] = i;
            }
        }

        postings[b] = n;
        shop_list(m, RECS_LIST_BRAND_ITEMS, b, items, n);
    }

    free(items);

    memset(entries, 0, sizeof(entries));

    for (i = 0; i < BEST; i++) {
        best[i] = i * 6007 % ITEMS;
        entries[i].item = best[i];
        entries[i].score = 1 - i / (float) BEST;
    }

    shop_list(m, RECS_LIST_BESTSELLERS, 0, entries, BEST);
}


/* The small snapshot with the arrays of the large one. */

static void
graft(recs_snapshot_t *s, recs_snapshot_t *m)
{
    unsigned  i;

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        s->columns[i] = m->columns[i];
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        if (recs_format_lists[i].domain != RECS_DOMAIN_REGIONS) {
            s->lists[i] = m->lists[i];
        }
    }

    memcpy(s->header.rows, m->header.rows, sizeof(s->header.rows));
}


static recs_snapshot_t *
make_shop(void)
{
    uint32_t          i;
    recs_snapshot_t  *m;

    m = shop_create(0);
    shop_domain(m, RECS_DOMAIN_ITEMS, ITEMS);
    shop_domain(m, RECS_DOMAIN_SLOTS, 1u << 19);
    shop_domain(m, RECS_DOMAIN_BRANDS, BRANDS);

    make_products(m);
    make_lists(m);

    shop = m;
    qsort(order, ITEMS, sizeof(uint32_t), by_base_price);

    for (i = 0; i < ITEMS; i++) {
        shop_set(m, RECS_COLUMN_ORDER_PRICE, uint32_t, i, order[i]);
    }

    return m;
}


/* The layer is put in by hand: there are no keys to look items up by. */

static void
make_layer(void)
{
    uint32_t               i, k, item;
    static uint64_t        bits[ITEMS / 64 + 1];
    static recs_hot_slot_t slots[1024];
    static recs_hot_t      layer;

    hot = shop_create(0);
    shop_domain(hot, RECS_DOMAIN_ITEMS, CHANGED);

    layer.hot = hot;
    layer.changed = bits;
    layer.slots = slots;
    layer.mask = 1023;

    for (i = 0; i < CHANGED; i++) {
        item = i * 499 % ITEMS;
        changed[item] = 1;
        bits[item >> 6] |= (uint64_t) 1 << (item & 63);

        for (k = item * 2654435761u & 1023; slots[k].row; k = (k + 1) & 1023) {
            /* void */
        }

        slots[k].item = item;
        slots[k].row = i + 1;

        prices[item] = (int64_t) draw(90000) * 10000;
        flags[item] = draw(4) ? RECS_ITEM_SHOWN : RECS_ITEM_LISTED;

        shop_set(hot, RECS_COLUMN_PRICE, int64_t, i, prices[item]);
        shop_set(hot, RECS_COLUMN_FLAGS, uint8_t, i, flags[item]);
        shop_set(hot, RECS_COLUMN_RATING, uint16_t, i, rating_of(item));
    }

    view.hot = &layer;
}


static int
passes(uint32_t item, const uint32_t *brands, unsigned n)
{
    unsigned             i;
    const recs_filter_t  *f;

    f = &query.filter;

    if (!shown(item) || rating_of(item) < f->rating_min) {
        return 0;
    }

    if ((f->price_min != RECS_NO_MONEY || f->price_max != RECS_NO_MONEY)
        && (prices[item] == RECS_NO_MONEY
            || (f->price_min != RECS_NO_MONEY && prices[item] < f->price_min)
            || (f->price_max != RECS_NO_MONEY
                && prices[item] > f->price_max)))
    {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (brand_of(item) == brands[i]) {
            return 1;
        }
    }

    return n == 0;
}


/* Whether the list goes on. */

static int
list(uint32_t item)
{
    if (!seen[item]) {
        seen[item] = 1;
        want[wanted++] = item;
    }

    return wanted < query.offset + query.limit;
}


static int
row(void)
{
    truncated |= (++rows > RECS_ROWS_MAX);

    return !truncated;
}


static int
by_price(const void *one, const void *two)
{
    int64_t   a, b;
    uint32_t  x, y;

    x = *(const uint32_t *) one;
    y = *(const uint32_t *) two;
    a = prices[x] == RECS_NO_MONEY ? INT64_MAX
        : query.sort == RECS_SORT_PRICE_DOWN ? -prices[x] : prices[x];
    b = prices[y] == RECS_NO_MONEY ? INT64_MAX
        : query.sort == RECS_SORT_PRICE_DOWN ? -prices[y] : prices[y];

    return (a != b) ? (a > b) - (a < b) : (x > y) - (x < y);
}


/* Popular first: through the postings of the brands, or all. */

static void
popular(const uint32_t *brands, unsigned n)
{
    uint32_t  i, b;

    for (i = 0; i < ITEMS; i++) {

        for (b = 0; b < n && brand_of(i) != brands[b]; b++) {
            /* void */
        }

        if (n && b == n) {
            continue;
        }

        if (!row() || (passes(i, brands, n) && !list(i))) {
            return;
        }
    }
}


/* All that pass, by their price: the rows are enough for it. */

static void
whole(const uint32_t *brands, unsigned n)
{
    uint32_t         i, count;
    static uint32_t  items[ITEMS];

    for (i = 0, count = 0; i < ITEMS; i++) {
        if (passes(i, brands, n)) {
            items[count++] = i;
        }
    }

    qsort(items, count, sizeof(uint32_t), by_price);

    for (i = 0; i < count && list(items[i]); i++) {
        /* void */
    }
}


/*
 * Along the order of the base between the bounds of the filter; what the
 * layer has changed is looked at first, and comes by its own price.
 */

static void
along(const uint32_t *brands, unsigned n)
{
    uint32_t         i, c, count, steps;
    static uint32_t  walk[ITEMS], items[CHANGED];
    const recs_filter_t  *f;

    f = &query.filter;
    count = 0;

    for (i = 0; view.hot && i < ITEMS; i++) {
        if (changed[i]) {
            (void) row();

            if (passes(i, brands, n)) {
                items[count++] = i;
            }
        }
    }

    qsort(items, count, sizeof(uint32_t), by_price);

    for (i = 0, steps = 0; i < ITEMS; i++) {
        int64_t  p = base_price(order[i]);

        if ((f->price_min != RECS_NO_MONEY || f->price_max != RECS_NO_MONEY)
            && (p == RECS_NO_MONEY
                || (f->price_min != RECS_NO_MONEY && p < f->price_min)
                || (f->price_max != RECS_NO_MONEY && p > f->price_max)))
        {
            continue;
        }

        walk[steps++] = order[i];
    }

    /* backwards by groups of one price; nothing without one is first */

    if (query.sort == RECS_SORT_PRICE_DOWN) {
        uint32_t         from, to, at, priced;
        static uint32_t  turned[ITEMS];

        for (priced = steps;
             priced && base_price(walk[priced - 1]) == RECS_NO_MONEY;
             priced--)
        {
            /* void */
        }

        for (at = 0, to = priced; to > 0; to = from) {
            for (from = to - 1;
                 from && base_price(walk[from - 1])
                         == base_price(walk[to - 1]);
                 from--)
            {
                /* void */
            }

            memcpy(turned + at, walk + from, (to - from) * sizeof(uint32_t));
            at += to - from;
        }

        memcpy(walk, turned, priced * sizeof(uint32_t));
    }

    for (i = 0, c = 0; i < steps; i++) {
        if (!row()) {
            return;
        }

        if ((view.hot && changed[walk[i]]) || !passes(walk[i], brands, n)) {
            continue;
        }

        while (c < count && by_price(&items[c], &walk[i]) < 0) {
            if (!list(items[c++])) {
                return;
            }
        }

        if (!list(walk[i])) {
            return;
        }
    }

    while (c < count && list(items[c])) {
        c++;
    }
}


static void
plainly(const uint32_t *brands, unsigned n)
{
    uint32_t  i, total, own[BEST], count;

    wanted = rows = truncated = 0;
    memset(seen, 0, sizeof(seen));

    for (i = 0, count = 0; i < BEST; i++) {
        (void) row();

        if (passes(best[i], brands, n)) {
            own[count++] = best[i];
        }
    }

    if (query.sort >= RECS_SORT_PRICE_UP) {
        qsort(own, count, sizeof(uint32_t), by_price);

    } else if (query.sort == RECS_SORT_POPULAR) {
        for (i = 0; i < ITEMS; i++) {
            for (total = 0; total < count; total++) {
                if (own[total] == i && !list(i)) {
                    return;
                }
            }
        }
    }

    for (i = 0; i < count; i++) {
        if (!list(own[i])) {
            return;
        }
    }

    for (i = 0, total = 0; i < n; i++) {
        total += postings[brands[i]];
    }

    if (query.sort < RECS_SORT_PRICE_UP) {
        popular(brands, n);

    } else if (n && total + rows + (view.hot ? 1023 : 0) <= RECS_ROWS_MAX) {
        whole(brands, n);

    } else {
        along(brands, n);
    }
}


static unsigned
draw_query(uint32_t *brands)
{
    char        name[16];
    unsigned    n;
    uint64_t    swap;

    recs_query_init(&query);

    query.strategy = RECS_BESTSELLERS;
    query.now_ms = SNAP_NOW;
    query.limit = 1 + draw(100);
    query.offset = draw(3) ? 0 : draw(900);

    /* few prices only, or stars that most do not have */

    if (draw(4)) {
        query.filter.price_min = (int64_t) draw(90000) * 10000;
        query.filter.price_max = query.filter.price_min
                                 + (draw(3) ? (int64_t) draw(20) * 10000
                                            : (int64_t) draw(90000) * 10000);
    }

    if (draw(3) == 0) {
        query.filter.rating_min = (uint16_t) (draw(7) * 1000);
    }

    n = draw(2) ? 0 : 1 + draw(2);

    if (n) {
        brands[0] = draw(BRANDS);
        brands[1] = (brands[0] + 1) % BRANDS;

        if (brands[0] == 6 || (n == 2 && brands[1] == 6)) {
            brands[0] = 0;
            brands[1] = 1;
        }
    }

    for (query.filter.brand_count = 0; query.filter.brand_count < n; ) {
        sprintf(name, "Brand %u", brands[query.filter.brand_count]);
        query.filter.brands[query.filter.brand_count++] =
            recs_key64(name, strlen(name));
    }

    if (n == 2 && query.filter.brands[0] > query.filter.brands[1]) {
        swap = query.filter.brands[0];
        query.filter.brands[0] = query.filter.brands[1];
        query.filter.brands[1] = swap;
    }

    (void) recs_query_filter(&query);

    switch (draw(5)) {
    case 0: query.sort = RECS_SORT_RELEVANCE; break;
    case 1: query.sort = RECS_SORT_POPULAR; break;
    case 2: query.sort = RECS_SORT_PRICE_DOWN; break;
    default: query.sort = RECS_SORT_PRICE_UP; break;
    }

    return n;
}


/* Nothing has this price: it is said where there may be more, only there. */

static void
test_told(void)
{
    uint8_t             text[4096];
    recs_out_t          out;
    recs_answer_head_t  head = { { 1, (const uint8_t *) "x" },
                                 recs_null_string, NULL };

    recs_query_init(&query);
    query.strategy = RECS_BESTSELLERS;
    query.filter.price_min = query.filter.price_max = 5;
    (void) recs_query_filter(&query);

    recs_answer(&view, &query, &scratch, &answer);
    recs_out_init(&out, text, sizeof(text) - 1);
    ok(recs_answer_json(&view, &query, &answer, &head, &out) == RECS_OK,
       "rendered");
    *out.pos = '\0';
    ok(strstr((char *) text, "\"truncated\":true,") != NULL, "truncated");

    query.sort = RECS_SORT_PRICE_UP;

    recs_answer(&view, &query, &scratch, &answer);
    recs_out_init(&out, text, sizeof(text) - 1);
    (void) recs_answer_json(&view, &query, &answer, &head, &out);
    *out.pos = '\0';
    ok(strstr((char *) text, "truncated") == NULL,
       "not where the order has an end");
    is_int(answer.count, 0, "and nothing is found");
}


static void
test_rows(void)
{
    uint32_t  i, k, n, bad, cut, brands[2];

    bad = cut = full = 0;

    for (i = 0; i < QUESTIONS && bad < 3; i++) {

        if (i == QUESTIONS / 2) {
            make_layer();
        }

        n = draw_query(brands);
        recs_answer(&view, &query, &scratch, &answer);
        plainly(brands, n);

        n = (wanted > query.offset) ? wanted - query.offset : 0;
        n = recs_min(n, query.limit);
        k = (answer.count != n) + (answer.truncated != truncated);

        for (n = recs_min(n, answer.count); n-- > 0; ) {
            k += answer.items[n].item != want[query.offset + n];
        }

        if (k) {
            bad++;
            printf("# question %u: sort %u, %u brands (%u), %u to %u: got %u, "
                   "truncated %u, want %u of %u, truncated %u\n", i,
                   (unsigned) query.sort, query.filter.brand_count,
                   brands[0], query.offset, query.limit, answer.count,
                   answer.truncated, wanted, rows, truncated);
        }

        cut += answer.truncated;
        full += (answer.count == query.limit);
    }

    is_int(bad, 0, "%u questions, %u truncated, %u full", i, cut, full);
    ok(cut > 10 && full > 10, "of both kinds");
}


int
main(void)
{
    char             *dir;
    uint64_t          id;
    const char       *seed, *why;
    recs_error_t      err;
    recs_config_t     c;
    recs_dataset_t   *d;
    recs_manifest_t   m;
    recs_snapshot_t  *small, *large, kept;

    seed = getenv("SEED");
    random_state = seed ? strtoull(seed, NULL, 0)
                        : (uint64_t) time(NULL) ^ ((uint64_t) getpid() << 20);
    printf("# SEED=%llu\n", (unsigned long long) random_state);

    dir = snap_dir();
    snap_config(&c, dir);
    d = snap_dataset(&c, 30, 100, 1);
    ok(recs_publish(d, &c, NULL, &id, &err) == RECS_OK, "published");
    recs_dataset_destroy(d);

    small = snap_open(dir, &m, &why);
    kept = *small;
    large = make_shop();
    graft(small, large);

    shop = small;
    view.base = small;
    view.id = 1;

    test_told();
    test_rows();

    *small = kept;
    recs_snapshot_close(small);
    shop_destroy(large);
    shop_destroy(hot);
    snap_remove(dir);

    return done_testing();
}
