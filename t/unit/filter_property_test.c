/*
 * Copyright (C) recs authors
 *
 * Filters and orders against a plain reference: random questions to a
 * published snapshot, most of them through a hot layer.  What a strategy finds
 * is taken from its generator; what of it may be listed, what stands in for
 * what is sold out, the catalogue and its order come from the products as they
 * were written down here.  SEED=... makes the same shop and questions again.
 */

#include <time.h>

#include "core/answer/recs_generate.h"
#include "core/answer/recs_query_arg.h"
#include "core/answer/recs_strategy.h"
#include "memory_shop.h"
#include "snap.h"
#include "tap.h"


#define ITEMS      260
#define EVENTS     6000
#define USERS      120         /* and as many products are seen by them */
#define QUERIES    9000
#define NAMES      6           /* most of one kind in a filter */
#define LISTED     4096


typedef struct {
    char      id[16];
    char      category[32];    /* path, empty: none */
    char      brand[16];
    char      regions[2][8];
    char      tags[4][16];     /* as they are found: lower case */
    unsigned  region_count;
    unsigned  tag_count;
    int64_t   price;           /* as the layer has it, as are the next */
    int32_t   stock;
    int32_t   rating;
    uint32_t  rating_count;
    int64_t   created;
    unsigned  unlisted;        /* the layer has taken it out */
} product_t;


/* A filter as a person would say it. */

typedef struct {
    int64_t     price_min;
    int64_t     price_max;
    int32_t     rating_min;
    unsigned    available;
    const char *region;
    const char *brands[NAMES];
    const char *categories[NAMES];
    const char *tags[NAMES];
    unsigned    brand_count;
    unsigned    category_count;
    unsigned    tag_count;
} wish_t;


typedef struct {
    recs_item_t  item;
    unsigned     strategy;
} place_t;


static uint64_t           random_state;
static product_t          products[ITEMS];       /* by item number */
static product_t          unchanged[ITEMS];      /* as the base has them */
static recs_snapshot_t   *base;
static recs_view_t        view;
static recs_scratch_t     scratch, other;
static recs_answer_t      answer;
static recs_query_t       query;
static wish_t             wish;

static place_t            want[LISTED];
static uint32_t           wanted;
static uint8_t            seen[ITEMS];

static const char *const  paths[] = {
    "Home/Kitchen/Pans", "Home/Kitchen", "Home/Garden", "Home", "Toys/Games",
    "Toys", "Wear/Shoes/Boots", "Wear/Shoes", "Wear/Socks", ""
};
static const char *const  brands[] = {
    "Alpha", "Beta, Inc.", "Gamma", "Delta", "Epsilon", ""
};
static const char *const  regions[] = { "de", "fr", "it" };
static const char *const  tags[] = {
    "vegan", "gift", "sale", "size=1", "size=2", "colour=red", "colour=blue"
};

#define count_of(a)  (sizeof(a) / sizeof((a)[0]))


static uint32_t
draw(uint32_t n)
{
    return snap_random(&random_state) % n;
}


/* Writes down a product, and the row that says so. */

static void
write_down(product_t *p, uint32_t n, char *text, size_t size)
{
    char      path[96], *at;
    size_t    len;
    unsigned  i;

    memset(p, 0, sizeof(product_t));
    sprintf(p->id, "p%u", n);
    strcpy(p->category, paths[draw(count_of(paths))]);
    strcpy(p->brand, brands[draw(count_of(brands))]);

    p->price = draw(12) ? (int64_t) (1 + draw(30)) * 500000 : RECS_NO_MONEY;
    p->stock = draw(4) ? (draw(5) ? (int32_t) draw(40) : 0) : RECS_NO_STOCK;
    p->rating = draw(3) ? (int32_t) (500 * (2 + draw(9))) : 0;
    p->rating_count = p->rating ? 1 + draw(4) : 0;
    p->created = SNAP_NOW - (int64_t) (1 + draw(50)) * 86400000;
    p->region_count = draw(3) ? 0 : 1 + draw(2);

    for (i = 0; i < p->region_count; i++) {
        strcpy(p->regions[i], regions[(n + i) % count_of(regions)]);
    }

    p->tag_count = draw(4);

    for (i = 0; i < p->tag_count; i++) {
        strcpy(p->tags[i], tags[(n * 3 + i * 2) % count_of(tags)]);
    }

    at = path;
    at += sprintf(at, "\"");

    for (i = 0; p->category[i]; i++) {
        at += sprintf(at, p->category[i] == '/' ? "\",\"" : "%c",
                      p->category[i]);
    }

    sprintf(at, "\"");

    len = (size_t) snprintf(text, size, "{\"productId\":\"%s\",\"title\":\"%s"
                            "\",\"createdAt\":%lld,\"ratingCount\":%u", p->id,
                            p->id, (long long) p->created, p->rating_count);

    if (p->category[0]) {
        len += (size_t) sprintf(text + len, ",\"category\":[%s]", path);
    }

    if (p->brand[0]) {
        len += (size_t) sprintf(text + len, ",\"brand\":\"%s\"", p->brand);
    }

    if (p->price != RECS_NO_MONEY) {
        len += (size_t) sprintf(text + len, ",\"price\":%.6f",
                                (double) p->price / RECS_MICRO);
    }

    if (p->stock != RECS_NO_STOCK) {
        len += (size_t) sprintf(text + len, ",\"stock\":%d", p->stock);
    }

    if (p->rating) {
        len += (size_t) sprintf(text + len, ",\"rating\":%.3f",
                                p->rating / 1000.0);
    }

    len += (size_t) sprintf(text + len, ",\"regions\":[");

    for (i = 0; i < p->region_count; i++) {
        len += (size_t) sprintf(text + len, "%s\"%s\"", i ? "," : "",
                                p->regions[i]);
    }

    /* attributes are tags with an "="; in capitals, which do not count */

    len += (size_t) sprintf(text + len, "],\"tags\":[");

    for (i = 0; i < p->tag_count; i++) {
        len += (size_t) sprintf(text + len, "%s\"%s\"", i ? "," : "",
                                p->tags[i]);
    }

    sprintf(text + len, "],\"attributes\":{\"Shade\":\"%s\"}}",
            n % 2 ? "DARK" : "Light");
}


static recs_dataset_t *
make_dataset(const recs_config_t *c, product_t *rows)
{
    char             text[2048];
    uint32_t         i;
    uint64_t         seed;
    recs_error_t     err;
    recs_event_t     e;
    recs_dataset_t  *d;

    d = recs_dataset_create(c);

    for (i = 0; i < ITEMS; i++) {
        write_down(&rows[i], i, text, sizeof(text));

        recs_event_init(&e);
        e.type = RECS_EVENT_PRODUCT_UPDATE;
        e.class = RECS_CLASS_PRODUCT;
        e.time_ms = e.received_ms = SNAP_NOW - 86400000;
        e.document.data = (const uint8_t *) text;
        e.document.len = strlen(text);

        if (recs_dataset_add(d, &e, &err) != RECS_OK) {
            fprintf(stderr, "%s\n", err.text);
            exit(1);
        }
    }

    seed = random_state;

    for (i = 0; i < EVENTS; i++) {
        if (snap_event(d, i, USERS, &seed, &err) != RECS_OK) {
            exit(1);
        }
    }

    if (recs_dataset_finish(d, &err) != RECS_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }

    return d;
}


/* Opens the snapshot and puts the products into the order of its numbers. */

static void
make_base(const char *dir)
{
    uint32_t          i, item;
    uint64_t          id;
    product_t        *rows;
    const char       *why;
    recs_error_t      err;
    recs_config_t     c;
    recs_dataset_t   *d;
    recs_manifest_t   m;

    rows = calloc(ITEMS, sizeof(product_t));

    snap_config(&c, dir);
    d = make_dataset(&c, rows);

    err.text[0] = '\0';
    ok(recs_publish(d, &c, NULL, &id, &err) == RECS_OK, "published%s",
       err.text);
    recs_dataset_destroy(d);

    base = snap_open(dir, &m, &why);

    for (i = 0; i < ITEMS; i++) {
        item = recs_snapshot_item(base, recs_key64(rows[i].id,
                                                   strlen(rows[i].id)));
        products[item] = rows[i];
        products[item].price = recs_column(base, RECS_COLUMN_PRICE, int64_t,
                                           item);
    }

    memcpy(unchanged, products, sizeof(products));
    free(rows);
}


/* A layer that has changed some prices, stocks, ratings, and taken some out. */

static recs_snapshot_t *
make_layer(void **memory, uint32_t n)
{
    uint32_t          i, slot, item;
    uint64_t          key;
    product_t        *p;
    const char       *err;
    recs_snapshot_t  *hot;

    memcpy(products, unchanged, sizeof(products));

    hot = shop_create(0);
    hot->header.kind = RECS_KIND_HOT;
    shop_domain(hot, RECS_DOMAIN_ITEMS, n);

    item = draw(7);

    for (i = 0; i < n; i++) {
        p = &products[item];
        key = recs_key64(p->id, strlen(p->id));

        if (draw(3)) {
            p->price = draw(15) ? (int64_t) (1 + draw(30)) * 500000
                                : RECS_NO_MONEY;
        }

        if (draw(3) == 0) {
            p->stock = draw(3) ? (int32_t) draw(9) : RECS_NO_STOCK;
        }

        if (draw(4) == 0) {
            p->rating = (int32_t) (500 * (2 + draw(9)));
            p->rating_count = 1 + draw(4);
        }

        p->unlisted = (draw(20) == 0);

        shop_set(hot, RECS_COLUMN_KEY64, uint64_t, i, key);
        shop_set(hot, RECS_COLUMN_PRICE, int64_t, i, p->price);
        shop_set(hot, RECS_COLUMN_STOCK, int32_t, i, p->stock);
        shop_set(hot, RECS_COLUMN_RATING, uint16_t, i, (uint16_t) p->rating);
        shop_set(hot, RECS_COLUMN_RATING_COUNT, uint32_t, i, p->rating_count);
        shop_set(hot, RECS_COLUMN_FLAGS, uint8_t, i,
                 (p->unlisted ? 0 : RECS_ITEM_LISTED)
                 | (p->stock == RECS_NO_STOCK || p->stock > 0
                    ? RECS_ITEM_IN_STOCK : 0));

        for (slot = (uint32_t) key & 1023;
             recs_column(hot, RECS_COLUMN_SLOT, uint32_t, slot);
             slot = (slot + 1) & 1023)
        {
            /* void */
        }

        shop_set(hot, RECS_COLUMN_SLOT, uint32_t, slot, i + 1);
        item += 1 + draw(5);
    }

    *memory = malloc(recs_hot_size(base, hot));

    view.base = base;
    view.hot = recs_hot_init(*memory, base, hot, &err);
    view.id = 2;

    return hot;
}


/* What the filter says, by what was written down. */

static int
is_below(const char *path, const char *above)
{
    size_t       len;
    const char  *leaf;

    leaf = strrchr(above, '/');

    /* a leaf by its name alone */

    if (leaf == NULL && strcmp(above, "Socks") == 0) {
        above = "Wear/Socks";
    }

    len = strlen(above);

    return strncmp(path, above, len) == 0
           && (path[len] == '\0' || path[len] == '/');
}


static int
has_tag(const product_t *p, const char *tag)
{
    unsigned  i, n;

    n = (unsigned) atoi(p->id + 1);

    if (strcmp(tag, n % 2 ? "shade=dark" : "shade=light") == 0) {
        return 1;
    }

    for (i = 0; i < p->tag_count; i++) {
        if (strcmp(p->tags[i], tag) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
is_wished(uint32_t item)
{
    unsigned          i, n;
    const product_t  *p;

    p = &products[item];

    if ((wish.price_min != RECS_NO_MONEY || wish.price_max != RECS_NO_MONEY)
        && p->price == RECS_NO_MONEY)
    {
        return 0;
    }

    if ((wish.price_min != RECS_NO_MONEY && p->price < wish.price_min)
        || (wish.price_max != RECS_NO_MONEY && p->price > wish.price_max)
        || p->rating < wish.rating_min
        || (wish.available == RECS_AVAILABLE_KNOWN && p->stock <= 0))
    {
        return 0;
    }

    for (i = 0, n = 0; i < wish.brand_count; i++) {
        n += p->brand[0] && strcmp(p->brand, wish.brands[i]) == 0;
    }

    if (wish.brand_count && n == 0) {
        return 0;
    }

    for (i = 0, n = 0; i < wish.category_count; i++) {
        n += p->category[0] && is_below(p->category, wish.categories[i]);
    }

    if (wish.category_count && n == 0) {
        return 0;
    }

    for (i = 0; i < wish.tag_count; i++) {
        if (!has_tag(p, wish.tags[i])) {
            return 0;
        }
    }

    for (i = 0, n = 0; wish.region && i < p->region_count; i++) {
        n += strcmp(p->regions[i], wish.region) == 0;
    }

    return !wish.region || p->region_count == 0 || n;
}


static int
may_be_listed(uint32_t item)
{
    const product_t  *p;

    p = &products[item];

    return !p->unlisted && is_wished(item)
           && (wish.available == RECS_AVAILABLE_ALL
               || p->stock == RECS_NO_STOCK || p->stock > 0);
}


/* The plain reference. */

static void
list(uint32_t item, unsigned strategy)
{
    if (!seen[item]) {
        seen[item] = 1;
        want[wanted].item = item;
        want[wanted++].strategy = strategy;
    }
}


static void
stand_in(uint32_t item, unsigned strategy)
{
    uint32_t                      i, n;
    const recs_format_similar_t  *row;

    if (seen[item] || products[item].unlisted || products[item].stock > 0
        || products[item].stock == RECS_NO_STOCK || !is_wished(item))
    {
        return;
    }

    row = recs_list(base, RECS_LIST_SIMILAR, item, &n);

    for (i = 0; i < n && i < RECS_ALTERNATIVES; i++) {
        if (may_be_listed(row[i].item) && !seen[row[i].item]) {
            list(row[i].item, strategy);
            seen[item] = 1;
            return;
        }
    }
}


/* All that a strategy finds, whatever the filter; returns how many. */

static uint32_t
found(unsigned strategy, recs_item_t *items)
{
    uint32_t                  i;
    recs_answer_t             a;
    recs_answer_ctx_t         ctx;
    static recs_query_t       q;

    q = query;
    memset(&q.filter, 0, sizeof(q.filter));
    q.filter.price_min = q.filter.price_max = RECS_NO_MONEY;
    q.filter.available = RECS_AVAILABLE_ALL;
    q.filtered = 1;
    memset(&a, 0, sizeof(a));

    recs_answer_init(&ctx, &view, &q, &other, &a);
    other.turn++;
    ctx.item = recs_snapshot_item(base, q.product);
    ctx.category = q.category ? recs_snapshot_name(base, 'C', q.category)
                              : RECS_NONE;
    ctx.gather = 1;
    other.gathered_count = 0;
    recs_answer_run(&ctx, strategy);

    for (i = 0; i < other.gathered_count; i++) {
        items[i] = other.gathered[i].item;
    }

    return i;
}


static int64_t
order_of(uint32_t item)
{
    const product_t  *p;

    p = &products[item];

    switch (query.sort) {

    case RECS_SORT_RATING:
        return -((int64_t) p->rating * 1000 + p->rating_count);

    case RECS_SORT_PRICE_UP:
        return p->price == RECS_NO_MONEY ? INT64_MAX : p->price;

    case RECS_SORT_PRICE_DOWN:
        return p->price == RECS_NO_MONEY ? INT64_MAX : -p->price;

    case RECS_SORT_NEWEST:
        return -p->created;

    default:
        return 0;
    }
}


static int
by_order(const void *one, const void *two)
{
    int64_t  a, b;
    uint32_t x, y;

    x = *(const uint32_t *) one;
    y = *(const uint32_t *) two;
    a = order_of(x);
    b = order_of(y);

    return (a != b) ? (a > b) - (a < b) : (x > y) - (x < y);
}


/* Lists those of n items that may be, in the order asked for. */

static void
list_all(recs_item_t *items, uint32_t n, unsigned strategy, const char *below)
{
    uint32_t  i;

    if (query.sort != RECS_SORT_RELEVANCE) {
        qsort(items, n, sizeof(recs_item_t), by_order);
    }

    for (i = 0; i < n; i++) {

        if (below && !is_below(products[items[i]].category, below)) {
            continue;
        }

        if (may_be_listed(items[i])) {
            list(items[i], strategy);

        } else if (query.sort == RECS_SORT_RELEVANCE
                   && strategy != RECS_CATALOGUE
                   && wish.available != RECS_AVAILABLE_ALL)
        {
            stand_in(items[i], strategy);
        }
    }
}


/* What the asker has is not in SOCIAL_PROOF, nor in what fills it up. */

static void
hide_own(void)
{
    uint32_t                   i, n;
    recs_answer_t              a;
    recs_answer_ctx_t          ctx;
    const recs_format_seen_t  *own;

    recs_answer_init(&ctx, &view, &query, &other, &a);
    own = recs_answer_history(&ctx, &n);

    for (i = 0; i < n; i++) {
        seen[own[i].item] |= (own[i].flags & RECS_HISTORY_BOUGHT) != 0;
    }
}


static void
plainly(const char *category)
{
    unsigned            i, strategy;
    uint32_t            n, k;
    static recs_item_t  items[LISTED];

    wanted = 0;
    memset(seen, 0, sizeof(seen));

    for (k = 0; k < ITEMS; k++) {
        for (i = 0; i < query.exclude_count; i++) {
            seen[k] |= recs_key64(products[k].id, strlen(products[k].id))
                       == query.exclude[i];
        }

        for (i = 0; i < query.cart_count; i++) {
            seen[k] |= recs_key64(products[k].id, strlen(products[k].id))
                       == query.cart[i];
        }

        seen[k] |= recs_key64(products[k].id, strlen(products[k].id))
                   == query.product;
    }

    if (query.strategy == RECS_SOCIAL_PROOF) {
        hide_own();
    }

    n = found(query.strategy, items);
    list_all(items, n, query.strategy, NULL);

    for (i = 0; i < RECS_STRATEGY_FALLBACKS; i++) {
        strategy = recs_strategies[query.strategy].fallback[i];

        if (strategy == RECS_CATALOGUE) {
            break;
        }

        if (query.sort == RECS_SORT_RELEVANCE) {
            n = found(strategy, items);
            list_all(items, n, strategy, NULL);
        }
    }

    for (i = 0; i < 2; i++) {
        for (k = 0; k < ITEMS; k++) {
            items[k] = k;
        }

        if (i == 1 || category) {
            list_all(items, ITEMS, RECS_CATALOGUE, i ? NULL : category);
        }
    }
}


/* A random question, by what people write. */

static void
argument(recs_arg_e arg, const char *text)
{
    recs_str_t  value;

    value.data = (const uint8_t *) text;
    value.len = strlen(text);

    if (recs_query_arg(&query, arg, &value) != RECS_OK) {
        printf("# %s=%s\n", (const char *) recs_args[arg].name.data, text);
        ok(0, "an argument is taken");
    }
}


/* Of "from", or of names that there are not. */

static unsigned
draw_names(recs_arg_e arg, const char *const *from, unsigned n,
    const char **names, unsigned most)
{
    char         text[512];
    size_t       len;
    unsigned     i, count;
    const char  *p;

    count = 1 + draw(most);
    len = 0;

    for (i = 0; i < count; i++) {
        names[i] = draw(25) ? from[draw(n)] : "nobody";
        names[i] = names[i][0] ? names[i] : "none";

        if (i) {
            text[len++] = ',';
        }

        for (p = names[i]; *p; p++) {
            if (*p == ',') {
                text[len++] = '\\';
            }

            text[len++] = *p;
        }
    }

    text[len] = '\0';
    argument(arg, text);

    return count;
}


static void
draw_filter(void)
{
    char         text[64];
    unsigned     i;
    const char  *name;

    static const char *const  below[] = {
        "Home/Kitchen/Pans", "Home/Kitchen", "Home", "Toys", "Wear/Shoes",
        "Wear/Socks", "Wear", "Socks"
    };
    static const char *const  stocks[] = { "in-stock", "known", "all" };
    static const char *const  orders[] = {
        "relevance", "popular", "rating", "price-asc", "price-desc", "newest"
    };

    memset(&wish, 0, sizeof(wish));
    wish.price_min = wish.price_max = RECS_NO_MONEY;

    if (draw(3) == 0) {
        wish.price_min = (int64_t) draw(24) * 500000 - (draw(2) ? 1 : 0);
        wish.price_min = recs_max(wish.price_min, 0);
        sprintf(text, "%.6f", (double) wish.price_min / RECS_MICRO);
        argument(RECS_ARG_MIN_PRICE, text);
    }

    if (draw(3) == 0) {
        wish.price_max = recs_max(wish.price_min, 0)
                         + (int64_t) draw(12) * 500000;
        sprintf(text, "%.6f", (double) wish.price_max / RECS_MICRO);
        argument(RECS_ARG_MAX_PRICE, text);
    }

    if (draw(4) == 0) {
        wish.rating_min = (int32_t) draw(21) * 250;
        sprintf(text, "%.3f", wish.rating_min / 1000.0);
        argument(RECS_ARG_MIN_RATING, text);
    }

    if (draw(3) == 0) {
        wish.available = draw(3);
        argument(RECS_ARG_AVAILABILITY, stocks[wish.available]);
    }

    if (draw(3) == 0) {
        wish.brand_count = draw_names(RECS_ARG_BRAND, brands,
                                      count_of(brands), wish.brands, 3);
    }

    if (draw(3) == 0) {
        wish.category_count = draw_names(RECS_ARG_CATEGORY, below,
                                         count_of(below), wish.categories,
                                         NAMES);
    }

    if (draw(4) == 0) {
        wish.tag_count = draw_names(RECS_ARG_TAGS, tags, count_of(tags),
                                    wish.tags, 2);
    }

    if (draw(6) == 0) {
        argument(RECS_ARG_ATTRIBUTES, "SHADE:Dark");
        wish.tags[wish.tag_count++] = "shade=dark";
    }

    if (draw(4) == 0) {
        name = draw(10) ? regions[draw(count_of(regions))] : "atlantis";
        wish.region = name;
        argument(RECS_ARG_REGION, name);
    }

    i = draw(2) ? draw(count_of(orders)) : 0;
    argument(RECS_ARG_SORT, orders[i]);

    if (recs_query_filter(&query) != RECS_OK) {
        ok(0, "a filter is taken");
    }
}


static uint64_t
draw_product(void)
{
    const product_t  *p;

    p = &products[draw(ITEMS)];

    return recs_key64(p->id, strlen(p->id));
}


static const char *
draw_query(void)
{
    unsigned         i, n;
    const char      *category;
    recs_identity_t  identity;

    recs_query_init(&query);

    do {
        query.strategy = draw(RECS_CATALOGUE);
    } while (recs_strategies[query.strategy].page);

    query.limit = draw(3) ? 1 + draw(20) : 1 + draw(100);
    query.offset = draw(3) ? 0 : draw(120);
    query.now_ms = SNAP_NOW;

    if (recs_strategies[query.strategy].needs & RECS_TAKES_A_PRODUCT) {
        query.product = draw_product();
    }

    category = NULL;

    if (draw(3) == 0
        || (recs_strategies[query.strategy].needs & RECS_NEEDS_A_CATEGORY))
    {
        category = draw(2) ? "Home/Kitchen" : "Wear";
        query.category = recs_key64(category, strlen(category));
    }

    for (n = draw(3) ? 0 : draw(30), i = 0; i < n; i++) {
        query.exclude[query.exclude_count++] = draw_product();
    }

    for (n = draw(3) ? 0 : 1 + draw(5), i = 0; i < n; i++) {
        query.cart[query.cart_count++] = draw_product();
    }

    for (n = draw(2) ? 0 : 1 + draw(5), i = 0; i < n; i++) {
        query.session[query.session_count++] = draw_product();
    }

    if (draw(2)) {
        snap_identity(&identity, draw(2 + USERS));
        memcpy(query.asker.user, identity.bytes, sizeof(query.asker.user));
    }

    draw_filter();

    return category;
}


/* How many items are not those of the reference, or not in its place. */

static uint32_t
wrong(void)
{
    uint32_t  i, n, bad;

    n = (wanted > query.offset) ? wanted - query.offset : 0;
    n = recs_min(n, query.limit);
    bad = (answer.count != n) + (answer.truncated != 0);

    for (i = 0; i < n && i < answer.count; i++) {
        bad += answer.items[i].item != want[query.offset + i].item
               || answer.items[i].strategy
                  != want[query.offset + i].strategy;
    }

    return bad;
}


static void
tell(uint32_t n)
{
    uint32_t  i;

    printf("# question %u: %s sort %u limit %u offset %u product %d, "
           "truncated %u\n", n,
           (const char *) recs_strategies[query.strategy].name.data,
           (unsigned) query.sort, query.limit, query.offset,
           query.product != 0, answer.truncated);

    for (i = 0; i < recs_max(answer.count, recs_min(query.limit,
                        wanted > query.offset ? wanted - query.offset : 0));
         i++)
    {
        printf("# %u: got %d of %d, want %d of %d\n", i,
               i < answer.count ? (int) answer.items[i].item : -1,
               i < answer.count ? (int) answer.items[i].strategy : -1,
               query.offset + i < wanted
               ? (int) want[query.offset + i].item : -1,
               query.offset + i < wanted
               ? (int) want[query.offset + i].strategy : -1);
    }
}


static void
test_questions(void)
{
    void             *memory;
    uint32_t          i, bad, full, sorted, filtered;
    const char       *category;
    recs_snapshot_t  *hot;

    memory = NULL;
    hot = NULL;
    bad = full = sorted = filtered = 0;

    view.base = base;
    view.hot = NULL;
    view.id = 1;

    for (i = 0; i < QUERIES && bad < 3; i++) {

        if (i && i % (QUERIES / 6) == 0) {
            if (hot) {
                shop_destroy(hot);
                free(memory);
            }

            hot = make_layer(&memory, 1 + draw(60));
        }

        category = draw_query();
        recs_answer(&view, &query, &scratch, &answer);
        plainly(category);

        if (wrong()) {
            bad++;
            tell(i);
        }

        full += (answer.count == query.limit);
        sorted += (query.sort != RECS_SORT_RELEVANCE);
        filtered += query.filtered;
    }

    is_int(bad, 0, "%u questions, %u with a filter, %u in another order, "
           "%u lists are full", i, filtered, sorted, full);

    if (hot) {
        shop_destroy(hot);
        free(memory);
    }
}


int
main(void)
{
    char        *dir;
    const char  *seed;

    seed = getenv("SEED");
    random_state = seed ? strtoull(seed, NULL, 0)
                        : (uint64_t) time(NULL) ^ ((uint64_t) getpid() << 20);
    printf("# SEED=%llu\n", (unsigned long long) random_state);

    dir = snap_dir();
    make_base(dir);
    test_questions();

    recs_snapshot_close(base);
    snap_remove(dir);

    return done_testing();
}
