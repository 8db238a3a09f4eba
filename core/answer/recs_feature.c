/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_feature.h"


#define RECS_FEATURE_DAY_S   86400.0f
#define RECS_FEATURE_DAY_MS  86400000.0f


/* What the asker did lately, newest first. */

typedef struct {
    uint32_t     count;
    recs_item_t  items[RECS_FEATURE_RECENT];
    uint32_t     categories[RECS_FEATURE_RECENT];
    uint32_t     brands[RECS_FEATURE_RECENT];
    float        newest_price;   /* ln */
    float        recent_price;   /* mean of ln */
    uint32_t     history;
    uint32_t     clicks;
} recs_feature_recent_t;


static void recs_feature_recent(recs_answer_ctx_t *ctx,
    recs_feature_recent_t *r);
static void recs_feature_recent_add(const recs_snapshot_t *s,
    recs_feature_recent_t *r, recs_item_t item);
static void recs_feature_parts(recs_answer_ctx_t *ctx, uint32_t n);
static void recs_feature_product(recs_answer_ctx_t *ctx, uint32_t k,
    recs_item_t item);
static void recs_feature_popular(recs_scratch_t *scratch, uint32_t n);
static void recs_feature_taste(recs_answer_ctx_t *ctx,
    const recs_feature_recent_t *r, uint32_t k);
static void recs_feature_seen(recs_answer_ctx_t *ctx, uint32_t n);
static void recs_feature_clicks(recs_answer_ctx_t *ctx, uint32_t n);
static float recs_feature_round(float value);
static float recs_feature_price(const recs_view_t *view, recs_item_t item);


/* The row of an item among the candidates, or one behind the last. */

static uint32_t recs_feature_place(recs_answer_ctx_t *ctx, recs_item_t item,
    uint32_t n);


#define recs_feature(scratch, which, k)                                      \
    (scratch)->features[(which) * RECS_FOREST_ROWS + (k)]


const char *const  recs_feature_names[RECS_FEATURE_MAX] = {
    "place", "score", "log", "best",
    "related", "next", "walk", "view_buy", "cart_buy", "query_buy", "alike",
    "basket", "own",
    "related_share", "next_share", "walk_share", "view_buy_share",
    "cart_buy_share", "query_buy_share", "alike_share", "basket_share",
    "own_share",
    "popularity", "popular", "baskets", "idf", "rating", "ratings", "age",
    "price", "discount", "interval", "due", "views", "weight", "days", "span",
    "entry", "flags", "click", "category", "categories", "brand", "brands",
    "price_newest", "price_recent", "seed", "history", "session"
};


void
recs_feature_fill(recs_answer_ctx_t *ctx, uint32_t n)
{
    uint32_t               k;
    recs_scratch_t        *scratch;
    recs_feature_recent_t  r;

    scratch = ctx->scratch;

    recs_feature_recent(ctx, &r);
    recs_feature_parts(ctx, n);

    for (k = 0; k < n; k++) {
        recs_feature_product(ctx, k, scratch->ranked[k].item);
        recs_feature_taste(ctx, &r, k);
    }

    recs_feature_popular(scratch, n);
    recs_feature_seen(ctx, n);
    recs_feature_clicks(ctx, n);
}


/* The session of the question, then the history. */

static void
recs_feature_recent(recs_answer_ctx_t *ctx, recs_feature_recent_t *r)
{
    float                      price, sum;
    uint32_t                   i, n, priced;
    const recs_query_t        *q;
    const recs_snapshot_t     *s;
    const recs_format_seen_t  *seen;

    q = ctx->query;
    s = ctx->view->base;
    memset(r, 0, sizeof(recs_feature_recent_t));
    r->clicks = recs_min(q->session_count, RECS_SESSION_MAX);

    for (i = r->clicks; i > 0; i--) {
        recs_feature_recent_add(s, r, recs_snapshot_item(s,
                                                         q->session[i - 1]));
    }

    seen = recs_answer_history(ctx, &n);
    r->history = n;

    for (i = 0; i < n; i++) {
        if (!(seen[i].flags & RECS_SEEN_DISMISSED)) {
            recs_feature_recent_add(s, r, seen[i].item);
        }
    }

    sum = 0;
    priced = 0;

    for (i = 0; i < r->count; i++) {
        price = recs_feature_price(ctx->view, r->items[i]);

        if (price != RECS_FEATURE_UNKNOWN) {
            sum += price;
            priced++;
        }
    }

    r->newest_price = r->count ? recs_feature_price(ctx->view, r->items[0])
                               : RECS_FEATURE_UNKNOWN;
    r->recent_price = priced ? sum / priced : RECS_FEATURE_UNKNOWN;
}


static void
recs_feature_recent_add(const recs_snapshot_t *s, recs_feature_recent_t *r,
    recs_item_t item)
{
    uint32_t  n;

    n = r->count;

    if (n == RECS_FEATURE_RECENT || item >= s->header.rows[RECS_DOMAIN_ITEMS])
    {
        return;
    }

    r->items[n] = item;
    r->categories[n] = recs_column(s, RECS_COLUMN_CATEGORY, uint32_t, item);
    r->brands[n] = recs_column(s, RECS_COLUMN_BRAND, uint32_t, item);
    r->count++;
}


static void
recs_feature_parts(recs_answer_ctx_t *ctx, uint32_t n)
{
    float            most[RECS_COMPONENTS], score;
    uint32_t         k, p, slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;

    memset(most, 0, sizeof(most));

    for (k = 0; k < n; k++) {
        slot = recs_answer_slot(scratch, scratch->ranked[k].item);
        scratch->parts[slot].place = k;
        score = scratch->table[slot].score;

        recs_feature(scratch, RECS_FEATURE_PLACE, k) = (float) k;
        recs_feature(scratch, RECS_FEATURE_SCORE, k) =
            scratch->ranked[k].score;
        recs_feature(scratch, RECS_FEATURE_LOG, k) =
            recs_max(logf(scratch->ranked[k].score), -10);
        recs_feature(scratch, RECS_FEATURE_BEST, k) =
            recs_min(scratch->table[slot].best / score, 1);

        for (p = 0; p < RECS_COMPONENTS; p++) {
            score = scratch->parts[slot].given[p];
            most[p] = recs_max(most[p], score);
            recs_feature(scratch, RECS_FEATURE_GIVEN + p, k) = score;
        }
    }

    for (p = 0; p < RECS_COMPONENTS; p++) {
        for (k = 0; k < n; k++) {
            score = recs_feature(scratch, RECS_FEATURE_GIVEN + p, k);
            recs_feature(scratch, RECS_FEATURE_SHARE + p, k) =
                (most[p] > 0) ? score / most[p] : 0;
        }
    }
}


static void
recs_feature_product(recs_answer_ctx_t *ctx, uint32_t k, recs_item_t item)
{
    float                   price, list;
    int64_t                 created;
    uint16_t                rating;
    recs_scratch_t         *scratch;
    const recs_snapshot_t  *s;

#define put(which)  recs_feature(scratch, RECS_FEATURE_##which, k)
#define get(which, type)  recs_column(s, RECS_COLUMN_##which, type, item)
#define now(which, type)                                                     \
    recs_view_column(ctx->view, RECS_COLUMN_##which, type, item)

    s = ctx->view->base;
    scratch = ctx->scratch;

    put(POPULARITY) = recs_feature_round(
                          log1pf(recs_max(get(POPULARITY, float), 0)));
    put(BASKETS) = recs_feature_round(
                       log1pf((float) get(BASKETS, uint32_t)));
    put(IDF) = recs_feature_round(get(IDF, float));

    rating = now(RATING, uint16_t);
    put(RATING) = rating ? recs_feature_round(rating / 1000.0f)
                         : RECS_FEATURE_UNKNOWN;
    put(RATINGS) = recs_feature_round(
                       log1pf((float) now(RATING_COUNT, uint32_t)));

    created = get(CREATED, int64_t);
    put(AGE) = created
               ? recs_feature_round(
                     log1pf(recs_max(ctx->query->now_ms - created, 0)
                            / RECS_FEATURE_DAY_MS))
               : RECS_FEATURE_UNKNOWN;

    price = recs_feature_price(ctx->view, item);
    put(PRICE) = recs_feature_round(price);
    put(DISCOUNT) = 0;

    if (price != RECS_FEATURE_UNKNOWN && now(LIST_PRICE, int64_t) > 0) {
        list = logf((float) now(LIST_PRICE, int64_t) / 1e6f);
        put(DISCOUNT) = 1 - expf(price - list);
    }

    put(INTERVAL) = roundf(get(INTERVAL, float));

#undef put
#undef get
#undef now
}


/*
 * Not the item's number, though it is the order of popularity: that of a part
 * of a dataset is that of the whole, and would give away what came later.
 */

static void
recs_feature_popular(recs_scratch_t *scratch, uint32_t n)
{
    float     most;
    uint32_t  k;

    most = 0;

    for (k = 0; k < n; k++) {
        most = recs_max(most, recs_feature(scratch, RECS_FEATURE_POPULARITY,
                                           k));
    }

    for (k = 0; k < n; k++) {
        recs_feature(scratch, RECS_FEATURE_POPULAR, k) =
            recs_feature(scratch, RECS_FEATURE_POPULARITY, k) - most;
    }
}


static void
recs_feature_taste(recs_answer_ctx_t *ctx, const recs_feature_recent_t *r,
    uint32_t k)
{
    float                   price;
    uint32_t                i, category, brand, categories, brands, seed;
    recs_item_t             item;
    recs_scratch_t         *scratch;
    const recs_snapshot_t  *s;

#define put(which)  recs_feature(scratch, RECS_FEATURE_##which, k)

    s = ctx->view->base;
    scratch = ctx->scratch;
    item = scratch->ranked[k].item;

    category = recs_column(s, RECS_COLUMN_CATEGORY, uint32_t, item);
    brand = recs_column(s, RECS_COLUMN_BRAND, uint32_t, item);
    categories = brands = 0;
    seed = r->count;

    for (i = r->count; i-- > 0; ) {
        categories += (r->categories[i] == category);
        brands += (r->brands[i] == brand);
        seed = (r->items[i] == scratch->ranked[k].seed) ? i : seed;
    }

    categories = (category == RECS_NONE) ? 0 : categories;
    brands = (brand == RECS_NONE) ? 0 : brands;

    put(CATEGORY) = categories && r->categories[0] == category;
    put(BRAND) = brands && r->brands[0] == brand;
    put(CATEGORIES) = r->count ? (float) categories / r->count : 0;
    put(BRANDS) = r->count ? (float) brands / r->count : 0;
    put(SEED) = (float) seed;

    price = recs_feature_price(ctx->view, item);

    put(PRICE_NEWEST) = (price == RECS_FEATURE_UNKNOWN
                         || r->newest_price == RECS_FEATURE_UNKNOWN)
                        ? RECS_FEATURE_UNKNOWN : price - r->newest_price;
    put(PRICE_RECENT) = (price == RECS_FEATURE_UNKNOWN
                         || r->recent_price == RECS_FEATURE_UNKNOWN)
                        ? RECS_FEATURE_UNKNOWN : price - r->recent_price;

    put(HISTORY) = log1pf((float) r->history);
    put(SESSION) = (float) r->clicks;

#undef put
}


/* From the history to the candidates: most of either are not in the other. */

static void
recs_feature_seen(recs_answer_ctx_t *ctx, uint32_t n)
{
    float                      days, interval;
    int64_t                    now;
    uint32_t                   i, k, count;
    recs_scratch_t            *scratch;
    const recs_format_seen_t  *seen;

#define put(which)  recs_feature(scratch, RECS_FEATURE_##which, k)

    scratch = ctx->scratch;
    seen = recs_answer_history(ctx, &count);
    now = ctx->query->now_ms / 1000;

    for (k = 0; k < n; k++) {
        put(VIEWS) = put(WEIGHT) = put(FLAGS) = put(SPAN) = 0;
        put(DAYS) = put(DUE) = RECS_FEATURE_UNKNOWN;
        put(ENTRY) = (float) count;
    }

    for (i = 0; i < count; i++) {
        k = recs_feature_place(ctx, seen[i].item, n);

        if (k == n) {
            continue;
        }

        days = (float) recs_max(now - seen[i].last, 0) / RECS_FEATURE_DAY_S;
        interval = recs_feature(scratch, RECS_FEATURE_INTERVAL, k);

        put(VIEWS) = seen[i].views;
        put(WEIGHT) = seen[i].weight;
        put(FLAGS) = seen[i].flags;
        put(DAYS) = days;
        put(SPAN) = (float) ((int64_t) seen[i].last - seen[i].first)
                    / RECS_FEATURE_DAY_S;
        put(DUE) = (interval > 0) ? days / interval : RECS_FEATURE_UNKNOWN;
        put(ENTRY) = (float) i;
    }

#undef put
}


static void
recs_feature_clicks(recs_answer_ctx_t *ctx, uint32_t n)
{
    uint32_t             i, k, clicks;
    recs_item_t          item;
    recs_scratch_t      *scratch;
    const recs_query_t  *q;

    scratch = ctx->scratch;
    q = ctx->query;
    clicks = recs_min(q->session_count, RECS_SESSION_MAX);

    for (k = 0; k < n; k++) {
        recs_feature(scratch, RECS_FEATURE_CLICK, k) = (float) clicks;
    }

    /* the oldest first: the newest place of an item stays */

    for (i = 0; i < clicks; i++) {
        item = recs_snapshot_item(ctx->view->base, q->session[i]);
        k = recs_feature_place(ctx, item, n);

        if (k < n) {
            recs_feature(scratch, RECS_FEATURE_CLICK, k) =
                (float) (clicks - 1 - i);
        }
    }
}


static uint32_t
recs_feature_place(recs_answer_ctx_t *ctx, recs_item_t item, uint32_t n)
{
    uint32_t         slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    slot = recs_answer_slot(scratch, item);

    return (scratch->table[slot].turn == scratch->table_turn)
           ? recs_min(scratch->parts[slot].place, n) : n;
}


/*
 * What is exact names the product, and a forest would learn by heart which
 * ones were right lately: quarters say as much of a kind of products.
 */

static float
recs_feature_round(float value)
{
    return roundf(value * 4) / 4;
}


static float
recs_feature_price(const recs_view_t *view, recs_item_t item)
{
    int64_t  price;

    price = recs_view_column(view, RECS_COLUMN_PRICE, int64_t, item);

    return (price > 0) ? logf((float) price / 1e6f) : RECS_FEATURE_UNKNOWN;
}
