/*
 * Copyright (C) recs authors
 *
 * The index of SESSION against one that is made by looking at everything.
 */

#include <time.h>

#include "model_data.h"
#include "tap.h"


#define ITEMS     40
#define SESSIONS  120
#define EVENTS    900


static uint64_t       state;
static recs_error_t   err;
static recs_config_t  config;


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


/* The clicks of a session, as builder/model/sessions.c tells what one is. */

static uint32_t
clicks_of(const recs_dataset_t *d, uint32_t session, uint32_t *clicks,
    uint32_t *end)
{
    uint32_t  e, last, n;

    n = 0;
    last = RECS_NONE;
    *end = 0;

    for (e = 0; e < d->events; e++) {
        if (d->session[e] != session || d->item[e] == RECS_NO_ITEM
            || d->type[e] == RECS_EVENT_REFUND)
        {
            continue;
        }

        if (last != RECS_NONE && d->item[last] == d->item[e]
            && d->type[last] != d->type[e])
        {
            continue;
        }

        last = e;
        clicks[n++] = d->item[e];
        *end = d->time[e];
    }

    return n;
}


static data_t *
random_data(void)
{
    data_t    *t;
    uint32_t   i, time;

    static const unsigned  types[] = {
        RECS_EVENT_PRODUCT_VIEW, RECS_EVENT_PRODUCT_VIEW,
        RECS_EVENT_ADD_TO_CART, RECS_EVENT_PURCHASE, RECS_EVENT_REFUND
    };

    t = data_create(ITEMS, 0);
    time = DATA_START;

    for (i = 0; i < EVENTS; i++) {
        time += draw(3) * draw(100);
        data_line(t, time, types[draw(5)], draw(1 + draw(ITEMS)), DATA_NONE,
                  draw(SESSIONS));
    }

    data_finish(t);

    return t;
}


/* Whether session a ended before session b. */

static int
before(const uint32_t *ends, uint32_t a, uint32_t b)
{
    return ends[a] != ends[b] ? ends[a] < ends[b] : a < b;
}


static unsigned
same_sessions(const recs_dataset_t *d, const recs_sessions_t *s,
    uint32_t kept)
{
    uint32_t         i, k, n, place, found, *ends, *counts;
    uint32_t       (*all)[EVENTS];
    unsigned         good;

    all = malloc(SESSIONS * sizeof(*all));
    ends = calloc(SESSIONS, sizeof(uint32_t));
    counts = calloc(SESSIONS, sizeof(uint32_t));
    found = 0;

    for (i = 0; i < SESSIONS; i++) {
        counts[i] = clicks_of(d, i, all[i], &ends[i]);
        found += (counts[i] > 1);
    }

    good = (s->items.rows == recs_min(found, kept));

    for (i = 0; i < SESSIONS && good; i++) {
        if (counts[i] < 2) {
            continue;
        }

        for (k = 0, place = 0; k < SESSIONS; k++) {
            place += (counts[k] > 1 && before(ends, k, i));
        }

        if (place < found - s->items.rows) {
            continue;
        }

        place -= found - s->items.rows;
        n = s->items.offsets[place + 1] - s->items.offsets[place];
        good = n == counts[i] && s->time[place] == ends[i]
               && memcmp(s->items.entries + s->items.offsets[place], all[i],
                         n * sizeof(uint32_t)) == 0;
    }

    free(all);
    free(ends);
    free(counts);

    return good;
}


static unsigned
holds(const recs_sessions_t *s, uint32_t session, uint32_t item)
{
    uint64_t  e;

    for (e = s->items.offsets[session]; e < s->items.offsets[session + 1];
         e++)
    {
        if (s->items.entries[e] == item) {
            return 1;
        }
    }

    return 0;
}


static unsigned
same_postings(const recs_sessions_t *s, uint32_t max)
{
    uint32_t  i, n, r;
    uint64_t  e;

    for (i = 0; i < ITEMS; i++) {
        e = s->postings.offsets[i];
        n = 0;

        for (r = s->items.rows; r-- > 0 && n < max; ) {
            if (holds(s, r, i)) {
                n++;

                if (e == s->postings.offsets[i + 1]
                    || s->postings.entries[e++] != r)
                {
                    return 0;
                }
            }
        }

        if (e != s->postings.offsets[i + 1]) {
            return 0;
        }
    }

    return 1;
}


static unsigned
same_idf(const recs_sessions_t *s)
{
    double    want;
    uint32_t  i, n;
    uint64_t  e;

    for (i = 0; i < ITEMS; i++) {
        for (e = 0, n = 0; e < s->items.offsets[s->items.rows]; e++) {
            n += (s->items.entries[e] == i);
        }

        want = n ? recs_max(0, log((double) s->items.rows / n)) : 0;

        if (fabs(s->idf[i] - want) > 1e-6) {
            return 0;
        }
    }

    return 1;
}


static void
test_random(uint64_t seed, long sessions, long postings)
{
    data_t           *t;
    recs_sessions_t   s;

    state = seed;
    t = random_data();

    memset(&s, 0, sizeof(s));
    config.sessions_max = sessions;
    config.postings_max = postings;

    is_int(recs_model_sessions(&t->d, &config, &s, &err), RECS_OK,
           "the latest %ld, seed %llu", sessions, (unsigned long long) seed);
    ok(same_sessions(&t->d, &s, (uint32_t) sessions), "sessions");
    ok(same_postings(&s, (uint32_t) postings), "sessions of an item");
    ok(same_idf(&s), "rarity");

    recs_sessions_free(&s);
    data_destroy(t);
}


static void
test_clicks(void)
{
    data_t           *t;
    uint32_t          i;
    recs_sessions_t   s;

    t = data_create(8, 0);

    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, DATA_NONE, 0);
    data_line(t, DATA_START + 1, RECS_EVENT_ADD_TO_CART, 1, DATA_NONE, 0);
    data_line(t, DATA_START + 2, RECS_EVENT_PRODUCT_VIEW, 2, DATA_NONE, 1);
    data_line(t, DATA_START + 2, RECS_EVENT_PRODUCT_VIEW, 2, DATA_NONE, 1);
    data_line(t, DATA_START + 2, RECS_EVENT_PRODUCT_VIEW, 3, DATA_NONE, 2);
    data_line(t, DATA_START + 2, RECS_EVENT_PRODUCT_VIEW, 4, DATA_NONE, 2);

    for (i = 0; i < 300; i++) {
        data_line(t, DATA_START + 9, RECS_EVENT_PRODUCT_VIEW, 5 + i / 299,
                  DATA_NONE, 3);
    }

    data_finish(t);
    memset(&s, 0, sizeof(s));
    config.sessions_max = 1000;
    config.postings_max = 500;

    (void) recs_model_sessions(&t->d, &config, &s, &err);

    is_int(s.items.rows, 3, "a view and its cart are one click, no session");
    is_int(s.items.entries[0], 2, "a product looked at twice");
    is_int(s.items.entries[1], 2, "is two clicks");
    is_int(s.items.entries[2], 3, "who ended at the same time comes later");
    is_int(s.items.offsets[3] - s.items.offsets[2], 200,
           "of a long one the last clicks");
    is_int(s.items.entries[s.items.offsets[3] - 1], 6, "to its end");
    is_int(s.postings.offsets[3] - s.postings.offsets[2], 1,
           "a session once for its item");
    ok(s.idf[5] == 0, "more clicks than sessions");

    recs_sessions_free(&s);
    data_destroy(t);
}


static void
test_empty(void)
{
    data_t           *t;
    recs_sessions_t   s;

    t = data_create(3, 0);
    data_finish(t);
    memset(&s, 0, sizeof(s));

    is_int(recs_model_sessions(&t->d, &config, &s, &err), RECS_OK,
           "no events at all");
    is_int(s.items.rows, 0, "no sessions");
    is_int(s.postings.offsets[3], 0, "of no item");

    recs_sessions_free(&s);
    data_destroy(t);
}


static void
test_intervals(void)
{
    float     *days;
    data_t    *t;
    uint32_t   i, day;

    static const uint32_t  gaps[] = { 0, 10, 12, 42 };

    t = data_create(4, 0);

    for (day = 0; day < 60; day++) {
        for (i = 0; i < 4; i++) {
            if (day == gaps[i]) {
                data_buy(t, DATA_START + day * DATA_DAY, 0, 0, day, 1);
                data_buy(t, DATA_START + day * DATA_DAY, 1, i, day, 1);
                data_buy(t, DATA_START + day * DATA_DAY, 2, 1, 60, 1);
            }
        }
    }

    data_buy(t, DATA_START + 4 * DATA_DAY, 2, 1, 61, 1);
    data_finish(t);

    days = recs_model_intervals(&t->d);

    ok(fabs(days[0] - 10) < 1e-6, "the median of 2, 10 and 30 days");
    ok(days[1] == 0, "others bought it once each");
    ok(fabs(days[2] - 5) < 1e-6, "of an even number: the mean of the two");
    ok(days[3] == 0, "never bought");

    free(days);
    data_destroy(t);
}


int
main(int argc, char **argv)
{
    uint64_t  seed;

    seed = (argc > 1) ? strtoull(argv[1], NULL, 10) : (uint64_t) time(NULL);
    recs_config_init(&config);

    test_random(1, 1000, 500);
    test_random(seed, 1000, 500);
    test_random(seed, 30, 3);
    test_clicks();
    test_empty();
    test_intervals();

    return done_testing();
}
