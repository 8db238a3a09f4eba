/*
 * Copyright (C) recs authors
 *
 * The state behind hot layers: what it has counted event by event against a
 * recount of all votes, offers and lists as the published layer has them.
 */

#include "snap.h"
#include "tap.h"

#include <math.h>
#include <time.h>

#include "../../builder/hot/private.h"
#include "../../builder/model/rise.h"


#define ITEMS    60
#define VOTES    6000
#define REGIONS  3
#define HOUR     3600.0
#define START    (SNAP_NOW + 1000)


typedef struct {
    uint32_t  item;
    uint32_t  user;
    uint32_t  region;
    double    time;              /* seconds */
} vote_t;


static recs_config_t      config;
static recs_hot_state_t  *h;
static recs_error_t       err;
static char              *base_dir, *hot_dir;
static recs_event_t       event;
static uint64_t           seed;
static char               id[32];

static const char *const  regions[REGIONS] = { "AT", "CH", "DE" };


static uint64_t
key(uint32_t item)
{
    snprintf(id, sizeof(id), "p%u", item);

    return recs_key64(id, strlen(id));
}


static uint32_t
record(uint32_t item)
{
    return recs_hot_record(h, key(item));
}


/* The shop of snap.h as a base. */

static void
publish_base(int64_t now_ms, uint64_t number)
{
    uint64_t         result;
    recs_dataset_t  *d;

    config.now_ms = now_ms;
    d = snap_dataset(&config, ITEMS, 400, number);

    ok(recs_publish(d, &config, NULL, &result, &err) == RECS_OK, "a base");
    recs_dataset_destroy(d);
}


static void
fresh(int64_t now_ms)
{
    if (h) {
        recs_hot_state_destroy(h);
    }

    h = recs_hot_state_create(&config, now_ms);
    is_int(recs_hot_state_base(h, 1, &err), RECS_OK, "its base");
}


static void
activity(uint8_t type, uint32_t item, uint32_t user, const char *region,
    int64_t ms)
{
    recs_event_init(&event);

    event.type = type;
    event.class = RECS_CLASS_ACTIVITY;
    event.time_ms = event.received_ms = ms;
    event.region = str(region);
    snap_identity(&event.user, user + 1);

    (void) key(item);
    event.item_count = 1;
    recs_event_item_init(&event.items[0]);
    event.items[0].product = str(id);
}


static void
feed(void)
{
    (void) recs_hot_state_add(h, &event, &err);
}


static void
row(int64_t ms, const char *document)
{
    recs_event_init(&event);

    event.type = RECS_EVENT_PRODUCT_UPDATE;
    event.class = RECS_CLASS_PRODUCT;
    event.time_ms = event.received_ms = ms;
    event.document = str(document);

    recs_hot_state_clock(h, ms);
    feed();
}


/* Publishes, and opens what was published. */

static recs_snapshot_t *
layer(int64_t now_ms)
{
    int               rc;
    const char       *why;
    recs_manifest_t   m;
    recs_snapshot_t  *s;

    recs_hot_state_clock(h, now_ms);
    rc = recs_hot_state_publish(h, &err);
    s = (rc == RECS_OK) ? snap_open(hot_dir, &m, &why) : NULL;

    if (s == NULL) {
        printf("# no layer: %d %s\n", rc, rc == RECS_ERROR ? err.text : "");
        ok(0, "a layer");
        exit(1);
    }

    return s;
}


static uint32_t
row_of(const recs_snapshot_t *s, uint32_t item)
{
    return recs_snapshot_item(s, key(item));
}


/* The place of a product in a row of a list, -1 none. */

static int
place(const recs_snapshot_t *s, recs_list_e list, uint32_t n, uint32_t item)
{
    uint32_t                     count, i;
    const recs_format_ranked_t  *e;

    e = recs_list(s, list, n, &count);

    for (i = 0; i < count; i++) {
        if (e[i].item == row_of(s, item)) {
            return (int) i;
        }
    }

    return -1;
}


static uint32_t
region_of(const recs_snapshot_t *s, const char *name)
{
    uint32_t        g, len;
    const uint8_t  *p;

    for (g = 0; g < s->header.rows[RECS_DOMAIN_REGIONS]; g++) {
        p = recs_list(s, RECS_LIST_REGION_NAME, g, &len);

        if (len == strlen(name) && memcmp(p, name, len) == 0) {
            return g;
        }
    }

    return RECS_NONE;
}


/* The first vote of each identity, product and day. */

static uint32_t
unique(vote_t *votes, uint32_t n)
{
    uint32_t  i, k, m;

    for (i = 0, m = 0; i < n; i++) {

        for (k = 0; k < m; k++) {
            if (votes[k].item == votes[i].item
                && votes[k].user == votes[i].user
                && (uint64_t) (votes[k].time / 86400)
                   == (uint64_t) (votes[i].time / 86400))
            {
                break;
            }
        }

        if (k == m) {
            votes[m++] = votes[i];
        }
    }

    return m;
}


typedef struct {
    double  quick, fast, recent, slow, first;
} sums_t;


/* Of one product (or all: ITEMS) in one region (or all: REGIONS). */

static sums_t
recount(const vote_t *votes, uint32_t n, uint32_t item, uint32_t region,
    double now)
{
    double    age;
    sums_t    s = { 0, 0, 0, 0, 1e18 };
    uint32_t  i;

    for (i = 0; i < n; i++) {

        if ((item != ITEMS && votes[i].item != item)
            || (region != REGIONS && votes[i].region != region))
        {
            continue;
        }

        age = now - votes[i].time;
        s.quick += exp2(-age / (config.hot_hours * HOUR / 4));
        s.fast += exp2(-age / (config.hot_hours * HOUR));
        s.recent += exp2(-age / (config.hot_hours * HOUR * 4));
        s.slow += exp2(-age / (28 * M_LN2 * 86400));
        s.first = recs_min(s.first, floor(votes[i].time));
    }

    return s;
}


static double
mass(double age)
{
    double  f = config.hot_hours * HOUR * 4 / M_LN2, s = 28 * 86400;

    return s * (1 - exp(-age / s)) - f * (1 - exp(-age / f));
}


static double
expected(const sums_t *s, double average, double now, double since)
{
    double  age = now - s->first, most, slow, was;

    most = recs_min(2 * config.hot_hours * HOUR, (now - since) / 2);

    if (age <= most) {
        return average;
    }

    slow = recs_max(s->slow - s->recent, 0);
    was = (slow * recs_min(mass(age), mass(now - since))
           + 10 * mass(now - since)) / (slow + 10);

    return slow * mass(now - since) / was;
}


static double
value(double quick, double fast, double mu)
{
    double  ahead;

    ahead = pow(1 + fast, 1 - .4226) * pow(1 + 4 * quick, .4226) - 1;

    return recs_rise_value(ahead, mu);
}


static uint32_t
voted(const vote_t *votes, uint32_t n, uint32_t region)
{
    uint8_t   seen[ITEMS] = { 0 };
    uint32_t  i, count;

    for (i = 0, count = 0; i < n; i++) {
        if (region == REGIONS || votes[i].region == region) {
            count += !seen[votes[i].item]++;
        }
    }

    return count;
}


static unsigned
near(double a, double b)
{
    return fabs(a - b) <= 1e-4 * (1 + fabs(b));
}


static void
check_shop(const vote_t *votes, uint32_t n, double now)
{
    double    mu, v;
    sums_t    all, s;
    uint32_t  bad, i, rising;

    all = recount(votes, n, ITEMS, REGIONS, now);

    for (i = 0, bad = 0, rising = 0; i < ITEMS; i++) {
        s = recount(votes, n, i, REGIONS, now);
        mu = all.fast / (all.slow - all.recent)
             * expected(&s, (all.slow - all.recent) / voted(votes, n, REGIONS),
                        now, h->since);
        v = recs_hot_shown(h, record(i)) && s.fast > 0
            ? value(s.quick, s.fast, mu) : 0;

        if (!near(h->records[record(i)].counts.value, v)) {
            printf("# item %u: %g, not %g\n", i,
                   h->records[record(i)].counts.value, v);
            bad++;
        }

        rising += v > 0;
    }

    is_int(bad, 0, "values as of a recount");
    is_int(h->rising.count, rising, "what rises is in the order");

    for (i = 1, bad = 0; i < h->rising.count; i++) {
        bad += h->rising.ranks[i].value > h->rising.ranks[i - 1].value;
    }

    is_int(bad, 0, "best first");
}


static void
check_region(const vote_t *votes, uint32_t n, double now, uint32_t region)
{
    double                  expect, share, v;
    sums_t                  all, here, item, s;
    uint32_t                bad, g, i, k;
    const recs_hot_pair_t  *p;

    all = recount(votes, n, ITEMS, REGIONS, now);
    here = recount(votes, n, ITEMS, region, now);
    share = here.slow / all.slow;
    g = recs_names_find(h->regions, regions[region], 2);

    for (k = 0, bad = 0; k < h->pair_count; k++) {
        p = &h->pairs[k];

        if (p->region != g) {
            continue;
        }

        for (i = 0; i < ITEMS && record(i) != p->record; i++) { /* void */ }

        item = recount(votes, n, i, REGIONS, now);
        s = recount(votes, n, i, region, now);

        expect = share * expected(&item, (all.slow - all.recent)
                                  / voted(votes, n, REGIONS), now, h->since);
        expect *= (20 + recs_max(s.slow - s.recent, 0)) / (20 + expect);

        v = recs_hot_shown(h, p->record)
            ? value(s.quick, s.fast,
                    expect * here.fast / (here.slow - here.recent)) : 0;

        if (!near(p->counts.value, v)) {
            printf("# item %u in %u: %g, not %g\n", i, region,
                   p->counts.value, v);
            bad++;
        }
    }

    is_int(bad, 0, "values of region %u", region);
}


/* Values of all are looked at when all are marked. */

static void
check(const vote_t *votes, uint32_t n)
{
    uint32_t  i;

    recs_hot_trend_base(h);
    recs_hot_trend(h);

    check_shop(votes, n, h->now_ms / 1000.0);

    for (i = 0; i < REGIONS; i++) {
        check_region(votes, n, h->now_ms / 1000.0, i);
    }
}


/*
 * Votes of two weeks: more for a third of the products at last, some of the
 * same identity twice; half of them before the state is made, as of a tail.
 */

static void
test_recount(double hours)
{
    double    share;
    vote_t   *votes;
    uint32_t  i, n;

    config.hot_hours = hours;
    fresh(START);
    votes = calloc(VOTES, sizeof(vote_t));

    for (i = 0; i < VOTES; i++) {
        share = (double) i / VOTES;
        votes[i].time = START / 1000 + (share - .5) * 14 * 86400;
        votes[i].region = snap_random(&seed) % REGIONS;
        votes[i].item = snap_random(&seed) % ITEMS;
        votes[i].user = snap_random(&seed) % 40;

        if (share > .95 && votes[i].item % 3) {
            votes[i].item = votes[i].item / 3 * 3;
        }

        activity(RECS_EVENT_PRODUCT_VIEW, votes[i].item, votes[i].user,
                 regions[votes[i].region], (int64_t) votes[i].time * 1000);
        votes[i].time = (double) (event.time_ms / 1000);
        recs_hot_state_clock(h, event.time_ms);
        feed();

        /* looking at what has changed as it goes must change nothing */

        if (i % 500 == 499) {
            recs_hot_trend(h);
        }
    }

    n = unique(votes, VOTES);
    is_int(h->stats.votes, n, "an identity has one vote a day");
    is_int(h->stats.twice, VOTES - n, "the others are counted, too");

    check(votes, n);

    recs_hot_state_clock(h, h->now_ms + 3 * 3600000);
    check(votes, n);

    free(votes);
}


static void
test_pairs(void)
{
    uint32_t  i;

    config.hot_pairs = 1000;
    config.hot_hours = 6;
    fresh(START);

    for (i = 0; i < 5000; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, i, i, regions[i % REGIONS],
                 START + i * 1000);
        feed();

        if (i >= 4000 && i % 2) {
            activity(RECS_EVENT_PRODUCT_VIEW, 7, i, "DE", START + i * 1000);
            feed();
        }
    }

    ok(h->pair_count <= 1000, "pairs are bounded");
    ok(recs_hot_state_publish(h, &err) == RECS_OK, "and published");
    ok(h->region_rising[recs_names_find(h->regions, "DE", 2)].count > 0,
       "what many vote for stays");

    config.hot_pairs = 1000000;
}


static void
test_votes(void)
{
    uint32_t          i, again;
    recs_hot_votes_t  v;

    recs_hot_votes_init(&v, 2000);

    for (i = 0, again = 0; i < 100000; i++) {
        again += recs_hot_votes_add(&v, recs_key64(&i, sizeof(i))) != RECS_OK;

        if (i >= 900) {
            i -= 900;
            again += recs_hot_votes_add(&v, recs_key64(&i, sizeof(i)))
                     == RECS_OK;
            i += 900;
        }
    }

    is_int(again, 0, "half of the limit is remembered, and nothing else");
    recs_hot_votes_free(&v);
}


static int
by_value(const void *one, const void *two)
{
    const recs_hot_rank_t  *a = one, *b = two;

    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }

    return (a->n > b->n) - (a->n < b->n);
}


static void
test_order(void)
{
    float             values[200] = { 0 };
    uint32_t          bad, i, k, n, round;
    recs_hot_order_t  order = { .ranks = NULL };
    recs_hot_rank_t   changes[200], all[200];

    for (round = 0, bad = 0; round < 500; round++) {

        for (i = 0, n = 0; i < 200; i++) {
            if (snap_random(&seed) % 10 == 0) {
                values[i] = (float) (snap_random(&seed) % 50);
                changes[n].n = i;
                changes[n++].value = values[i];
            }
        }

        recs_hot_order(&order, changes, n);

        for (i = 0, k = 0; i < 200; i++) {
            if (values[i] > 0) {
                all[k].n = i;
                all[k++].value = values[i];
            }
        }

        qsort(all, k, sizeof(recs_hot_rank_t), by_value);

        bad += order.count != k;

        for (i = 0; i < k && order.count == k; i++) {
            bad += all[i].n != order.ranks[i].n
                   || all[i].value != order.ranks[i].value;
        }
    }

    is_int(bad, 0, "an order is as if it were sorted anew");
    recs_hot_order_free(&order);
}


/* Everything alike; then many want one product, in one region. */

static void
test_burst(void)
{
    uint32_t          i, day;
    recs_snapshot_t  *s;

    config.hot_hours = 6;
    fresh(START);

    for (day = 0; day < 10; day++) {
        for (i = 0; i < 3 * ITEMS; i++) {
            activity(RECS_EVENT_PRODUCT_VIEW, i % ITEMS, i + day * 1000,
                     regions[i % REGIONS],
                     START - (10 - day) * INT64_C(86400000));
            feed();
        }
    }

    for (i = 0; i < 40; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, 17, 50000 + i, "CH",
                 START - 60000 + i * 1000);
        feed();
    }

    for (i = 0; i < 30; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, 18, 50000 + i, "AT",
                 START - 60000 + i * 1000);
        feed();
        activity(RECS_EVENT_PRODUCT_VIEW, 19, 90000, "AT", START - 60000);
        feed();
    }

    s = layer(START);

    is_int(s->header.kind, RECS_KIND_HOT, "a hot layer");
    ok(s->header.base == h->stats.base, "beside its base");
    is_int(place(s, RECS_LIST_TRENDING, 0, 17), 0, "a burst is first");
    is_int(place(s, RECS_LIST_TRENDING, 0, 18), 1, "the smaller one behind");
    ok(place(s, RECS_LIST_TRENDING, 0, 19) != 2
       || h->records[record(19)].counts.votes < 5,
       "one visitor makes no burst");
    is_int(place(s, RECS_LIST_REGION_TRENDING, region_of(s, "CH"), 17), 0,
           "first in its region");
    is_int(place(s, RECS_LIST_REGION_TRENDING, region_of(s, "AT"), 18), 0,
           "the other in another");
    is_int(place(s, RECS_LIST_REGION_TRENDING, region_of(s, "DE"), 17), -1,
           "in the third not at all");
    is_int(place(s, RECS_LIST_TRENDING,
                 1 + recs_column(s, RECS_COLUMN_CATEGORY, uint32_t,
                                 row_of(s, 17)), 17), 0,
           "first in its category");

    recs_snapshot_close(s);
    is_int(recs_hot_state_publish(h, &err), RECS_DECLINED,
           "nothing has changed since");
    recs_hot_state_clock(h, START + RECS_HOT_ANEW_MS + 1);
    is_int(recs_hot_state_publish(h, &err), RECS_OK,
           "the same is published anew in time");
}


/* As many votes in all, decayed: what rises goes before what falls. */

static void
test_ahead(void)
{
    uint32_t  i, user;

    config.hot_hours = 6;
    fresh(START);
    user = 0;

    for (i = 0; i < 400; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, i % ITEMS, user++, "",
                 START - (i % 20 + 1) * INT64_C(86400000));
        feed();
    }

    for (i = 0; i < 80; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, 21, user++, "",
                 START - 6 * 3600000);
        feed();
    }

    for (i = 0; i < 40; i++) {
        activity(RECS_EVENT_PRODUCT_VIEW, 23, user++, "", START - 1000);
        feed();
    }

    recs_hot_trend(h);

    ok(fabs(h->records[record(21)].counts.votes
            - h->records[record(23)].counts.votes) < 3, "about as many");
    ok(h->records[record(23)].counts.value
       > h->records[record(21)].counts.value, "what comes goes first");
}


/*
 * Who knows one product only, five hundred of them, but one in "back" dated a
 * day earlier: what a client says of the time lets no more of them count.
 */

static uint64_t
crowd(uint32_t back)
{
    uint32_t  n;

    config.trust = 1;
    fresh(START);

    for (n = 0; n < 500; n++) {
        activity(RECS_EVENT_PRODUCT_VIEW, 4, n, "",
                 START - (back && n % back ? 24 * 3600000 : 0) - n);
        feed();
    }

    config.trust = 0;

    return h->stats.votes;
}


static void
test_crowd(void)
{
    uint64_t  one, late;

    one = crowd(0);
    late = crowd(2);

    ok(one > 0 && one < 10, "a crowd of one product: %lu of 500",
       (unsigned long) one);
    ok(late <= 2 * one, "every second vote dated back: %lu",
       (unsigned long) late);
}


static void
test_offers(void)
{
    uint32_t          n;
    recs_snapshot_t  *s;

    config.hot_hours = 6;
    fresh(START);

    row(START, "{\"productId\":\"p5\",\"stock\":0}");
    row(START, "{\"productId\":\"p8\",\"price\":1.25}");
    row(START, "{\"productId\":\"p9\",\"removed\":true}");
    row(START, "{\"productId\":\"p1\",\"stock\":1}");
    row(START, "{\"productId\":\"stranger\",\"stock\":1}");
    row(START - 2 * 86400000, "{\"productId\":\"p12\",\"stock\":0,"
        "\"updatedAt\":\"2020-01-01\"}");

    s = layer(START + 1);
    ok(row_of(s, 5) != RECS_NO_ITEM && row_of(s, 12) != RECS_NO_ITEM,
       "what has changed is there");
    is_int(row_of(s, 1), RECS_NO_ITEM, "what is as in the base is not");

    n = row_of(s, 5);
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, n), 0, "stock");
    is_int(recs_column(s, RECS_COLUMN_FLAGS, uint8_t, n), RECS_ITEM_LISTED,
           "sold out");
    is_int(recs_column(s, RECS_COLUMN_PRICE, int64_t, n),
           (1 + 5 * 37 % 100) * INT64_C(1000000) + 500000, "the same price");

    n = row_of(s, 8);
    is_int(recs_column(s, RECS_COLUMN_PRICE, int64_t, n), 1250000, "price");
    is_int(recs_column(s, RECS_COLUMN_REFERENCE_PRICE, int64_t, n),
           (1 + 8 * 37 % 100) * INT64_C(1000000) + 500000,
           "the reference is the price before");
    is_int(place(s, RECS_LIST_PRICE_DROP, 0, 8) >= 0, 1, "a price drop");
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, n), 8 % 11,
           "the same stock");

    is_int(recs_column(s, RECS_COLUMN_FLAGS, uint8_t, row_of(s, 9))
           & RECS_ITEM_LISTED, 0, "removed");
    is_int(recs_snapshot_item(s, recs_key64("stranger", 8)), RECS_NO_ITEM,
           "what the base does not know is left out");
    recs_snapshot_close(s);

    /* an older row is history */

    row(START + 2000, "{\"productId\":\"p8\",\"price\":99,"
        "\"updatedAt\":\"2020-01-01\"}");
    row(START + 3000, "{\"productId\":\"p5\",\"available\":true}");
    s = layer(START + 4000);
    is_int(recs_column(s, RECS_COLUMN_PRICE, int64_t, row_of(s, 8)), 1250000,
           "the newer price stays");
    is_int(recs_column(s, RECS_COLUMN_FLAGS, uint8_t, row_of(s, 5)),
           RECS_ITEM_SHOWN, "available again");
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, row_of(s, 5)),
           RECS_NO_STOCK, "who knows how much");
    recs_snapshot_close(s);
}


/* What a new base knows leaves the layer, what came while it ran stays. */

static void
test_base(void)
{
    recs_snapshot_t  *s;

    config.hot_hours = 6;
    fresh(START);
    recs_hot_state_live(h);

    /* p5 has 5 pieces */

    row(START, "{\"productId\":\"p5\",\"stock\":0}");
    row(START, "{\"productId\":\"p5\",\"stock\":5}");
    row(START + 1000, "{\"productId\":\"p7\",\"stock\":0}");
    row(START + 5000, "{\"productId\":\"p6\",\"stock\":0}");
    row(START + 5000, "{\"productId\":\"p6\",\"stock\":6}");

    s = layer(START + 6000);
    ok(row_of(s, 5) != RECS_NO_ITEM && row_of(s, 6) != RECS_NO_ITEM
       && row_of(s, 7) != RECS_NO_ITEM, "since the base, changed or not");
    recs_snapshot_close(s);

    is_int(recs_hot_state_base(h, 0, &err), RECS_DECLINED, "the same base");
    publish_base(START + 3000, 2);
    is_int(recs_hot_state_base(h, 1, &err), RECS_OK, "another one");

    s = layer(START + 7000);
    ok(s->header.base == h->stats.base, "is named");
    is_int(row_of(s, 5), RECS_NO_ITEM, "what is the same has gone");
    ok(row_of(s, 6) != RECS_NO_ITEM, "not what came while it was built");
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, row_of(s, 7)), 0,
           "nor what differs");
    recs_snapshot_close(s);

    publish_base(SNAP_NOW, 1);
}


static void
test_stock(void)
{
    uint32_t                     count, i;
    recs_snapshot_t             *s;
    const recs_format_ranked_t  *e;

    static const char *const  orders[] = { "o1", "o2", "o3", "o4" };

    config.hot_stock = RECS_HOT_STOCK_PURCHASES;
    fresh(START);

    /* p10 has 10 pieces, p9 has 9; an order that is told twice is one */

    for (i = 0; i < 4; i++) {
        activity(RECS_EVENT_PURCHASE, 10, i, "",
                 START - (4 - i) * INT64_C(86400000));
        event.items[0].quantity = 2 * RECS_MICRO;
        event.order = str(orders[i]);
        feed();
        event.type = RECS_EVENT_CHECKOUT_COMPLETE;
        feed();
        activity(RECS_EVENT_PURCHASE, 9, i, "",
                 START - (4 - i) * INT64_C(86400000));
        feed();
    }

    s = layer(START + 1);
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, row_of(s, 10)), 2,
           "purchases lower the stock");
    is_int(place(s, RECS_LIST_LOW_STOCK, 0, 10), 0, "sold out first");
    is_int(place(s, RECS_LIST_LOW_STOCK, 0, 9), 1, "then the other");

    e = recs_list(s, RECS_LIST_LOW_STOCK, 0, &count);
    ok(count == 2 && e[0].value < e[1].value && e[0].value > 0
       && e[1].value <= config.low_stock_days, "by days: %g, %g",
       count ? e[0].value : 0, count > 1 ? e[1].value : 0);
    recs_snapshot_close(s);

    activity(RECS_EVENT_PURCHASE, 10, 9, "", START + 2);
    event.items[0].quantity = 5 * RECS_MICRO;
    feed();
    s = layer(START + 3);
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, row_of(s, 10)), 0,
           "not below nothing");
    is_int(place(s, RECS_LIST_LOW_STOCK, 0, 10), -1, "sold out is not low");
    recs_snapshot_close(s);

    row(START + 4, "{\"productId\":\"p10\",\"stock\":50}");
    s = layer(START + 5);
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, row_of(s, 10)), 50,
           "until it is told");
    recs_snapshot_close(s);

    config.hot_stock = RECS_HOT_STOCK_UPDATES;
}


static void
test_shown(void)
{
    uint32_t          i;
    recs_snapshot_t  *s;

    fresh(START);

    recs_event_init(&event);
    event.class = RECS_CLASS_LIST;
    event.recommendation = str("r1");
    event.time_ms = event.received_ms = START;
    event.key_count = 2;
    event.keys[0] = key(1);
    event.keys[1] = key(2);
    feed();

    for (i = 0; i < 100; i++) {
        recs_event_init(&event);
        event.class = RECS_CLASS_EXPOSURE;
        event.recommendation = str(i < 90 ? "r1" : "unheard");
        event.time_ms = event.received_ms = START;
        feed();
    }

    for (i = 0; i < 9; i++) {
        activity(71, 1, i, "", START);
        event.recommendation = str("r1");
        feed();
    }

    /* a list that nobody was shown, a product that it has not, twice */

    for (i = 0; i < 3; i++) {
        activity(71, i == 1 ? 3 : 1, i == 2 ? 0 : 20 + i, "", START);
        event.recommendation = str(i == 0 ? "unheard" : "r1");
        feed();
    }

    is_int(h->stats.unshown, 2, "what was not shown was not clicked");

    is_int(h->stats.shown, 180, "products shown");
    is_int(h->stats.clicked, 9, "clicked");

    s = layer(START);
    ok(near(recs_column(s, RECS_COLUMN_CTR, float, row_of(s, 1)),
            (9 + 50 * (10. / 230)) / 140), "the rate of what is clicked");
    ok(near(recs_column(s, RECS_COLUMN_CTR, float, row_of(s, 2)),
            50 * (10. / 230) / 140), "of what is not");
    recs_snapshot_close(s);
}


static void
test_ratings(void)
{
    recs_snapshot_t  *s;

    fresh(START);

    /* p3: 3.5 of 3 */

    activity(61, 3, 1, "", START + 1);
    event.rating = 5000;
    feed();
    activity(61, 3, 2, "", START - 86400000);
    event.rating = 1000;
    feed();

    s = layer(START + 2);
    is_int(recs_column(s, RECS_COLUMN_RATING, uint16_t, row_of(s, 3)),
           (3 * 3500 + 5000 + 2) / 4, "one more");
    is_int(recs_column(s, RECS_COLUMN_RATING_COUNT, uint32_t, row_of(s, 3)),
           4, "of which the base knows three");
    recs_snapshot_close(s);
}


/* By hundreds: looks, clicks, stars and orders. */

static void
refused(uint8_t type, uint32_t item, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        activity(type, item, 0, "", START - i);
        memset(&event.user, 0, sizeof(event.user));
        event.sequence = i;
        event.rating = (type == 61) ? 5000 : 0;
        event.recommendation = str(type == 71 ? "r1" : "");
        event.items[0].quantity = RECS_MICRO;
        feed();
    }
}


static void
test_nobody(long nameless)
{
    double    sold;
    uint32_t  n;

    config.trust = 1;
    config.trust_nameless = nameless;
    fresh(START);

    recs_event_init(&event);
    event.class = RECS_CLASS_LIST;
    event.recommendation = str("r1");
    event.keys[0] = key(4);
    event.key_count = 1;
    feed();
    event.class = RECS_CLASS_EXPOSURE;
    feed();

    refused(RECS_EVENT_PRODUCT_VIEW, 4, 300);
    ok((nameless == 1) ? h->stats.votes == 1
                       : h->stats.votes <= (uint64_t) nameless,
       "nobody is %ld people at most: %lu votes", nameless,
       (unsigned long) h->stats.votes);
    is_int(h->stats.votes > 0, nameless > 0, "but not less");

    refused(71, 4, 300);
    is_int(h->stats.clicked, 0, "and clicks for no rate");

    recs_hot_state_clock(h, START + 1);
    n = record(3);
    refused(61, 3, 300);
    ok(h->records[n].rating_count <= 3 + (uint32_t) nameless,
       "stars: %u with those of the base", h->records[n].rating_count);

    refused(RECS_EVENT_PURCHASE, 4, 300);
    sold = h->records[record(4)].orders;
    ok(sold <= nameless, "orders: %g", sold);

    /* a person is one, too, on one day */

    for (n = 0; n < 300; n++) {
        activity(61, 8, 1, "", START - n);
        event.rating = 5000;
        feed();
        activity(RECS_EVENT_PURCHASE, 8, 1, "", START - n);
        event.items[0].quantity = RECS_MICRO;
        feed();
    }

    ok(h->records[record(8)].rating_count <= 9, "one's stars count once");
    ok(h->records[record(8)].orders <= 1, "and orders");

    config.trust = 0;
    config.trust_nameless = 0;
}


static void
signals_write(const char *text)
{
    FILE                   *f;
    static struct timespec  times[2];

    f = fopen(config.hot_signals, "w");
    fputs(text, f);
    fclose(f);

    times[0].tv_sec = ++times[1].tv_sec;
    (void) utimensat(AT_FDCWD, config.hot_signals, times, 0);
}


static void
test_signals(void)
{
    char              path[300];
    recs_snapshot_t  *s;

    snprintf(path, sizeof(path), "%s/signals", base_dir);
    config.hot_signals = path;
    fresh(START);

    is_int(recs_hot_state_signals(h, &err), RECS_OK, "no file is no error");

    signals_write("{\"productId\":\"p31\",\"weight\":50}\n\n"
                  "nonsense\n{\"productId\":\"p32\"}\n"
                  "{\"productId\":\"p32\",\"weight\":-1}\n"
                  "{\"productId\":\"p34\",\"weight\":90,\"until\":"
                  "1751284810000}\n");
    is_int(recs_hot_state_signals(h, &err), RECS_OK, "a file");

    s = layer(START);
    is_int(h->stats.signals, 2, "two lines are good");
    is_int(place(s, RECS_LIST_TRENDING, 0, 34), 0, "the larger first");
    is_int(place(s, RECS_LIST_TRENDING, 0, 31), 1, "then the other");
    recs_snapshot_close(s);

    recs_hot_state_clock(h, START + 20000);
    is_int(recs_hot_state_signals(h, &err), RECS_OK, "later");
    s = layer(START + 20000);
    is_int(h->stats.signals, 1, "one has ended");
    is_int(place(s, RECS_LIST_TRENDING, 0, 31), 0, "the other is first");
    recs_snapshot_close(s);

    signals_write("");
    is_int(recs_hot_state_signals(h, &err), RECS_OK, "an empty file");
    s = layer(START + 20000);
    ok(h->records[record(31)].counts.value == 0, "nothing rises any more");
    recs_snapshot_close(s);

    (void) unlink(path);
    config.hot_signals = NULL;
}


int
main(void)
{
    const char  *given;

    given = getenv("RECS_SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t) time(NULL);
    printf("# RECS_SEED=%llu\n", (unsigned long long) seed);

    base_dir = snap_dir();
    hot_dir = snap_dir();

    snap_config(&config, base_dir);
    config.trust = 0;         /* the recount believes everybody */
    config.hot = hot_dir;

    publish_base(SNAP_NOW, 1);

    test_votes();
    test_order();
    test_recount(6);
    test_recount(.5);
    test_pairs();
    test_burst();
    test_ahead();
    test_crowd();
    test_offers();
    test_base();
    test_stock();
    test_shown();
    test_ratings();
    test_nobody(1);
    test_nobody(0);
    test_nobody(20);
    test_signals();

    recs_hot_state_destroy(h);
    snap_remove(base_dir);
    snap_remove(hot_dir);

    return done_testing();
}
