/*
 * Copyright (C) recs authors
 *
 * VIEW_BUY, CART_BUY, searches: random views, carts, purchases and searches
 * of users and of sessions that are nobody's, counted person by person.
 */

#include "model_data.h"
#include "tap.h"


#define ITEMS     12
#define USERS     40
#define SESSIONS  100
#define EVENTS    900
#define PEOPLE    (USERS + SESSIONS)
#define SEARCHES  300


typedef struct {
    data_t         *t;
    recs_search_t   searches[SEARCHES + 2];
    uint8_t   did[4][PEOPLE][ITEMS];       /* viewed, in the cart, bought,
                                              searched for item's query */
} cross_t;


static uint32_t
random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;

    return *state >> 8;
}


static void
cross_create(cross_t *c)
{
    uint32_t  e, item, kind, person, session, state, user;

    static const unsigned  types[3] = {
        RECS_EVENT_PRODUCT_VIEW, RECS_EVENT_ADD_TO_CART, RECS_EVENT_PURCHASE
    };

    memset(c, 0, sizeof(cross_t));
    c->t = data_create(ITEMS, 0);
    c->t->d.products[ITEMS - 1].listed = 0;
    state = 7;

    for (e = 0; e < EVENTS; e++) {
        kind = random_next(&state) % 3;
        user = random_next(&state) % (USERS + 20);
        session = random_next(&state) % SESSIONS;

        /* everybody keeps to three products, so that something is evident */

        item = ((user < USERS ? user : session) * 5
                + random_next(&state) % 3) % ITEMS;
        user = user < USERS ? user : RECS_NONE;
        person = user != RECS_NONE ? user : USERS + session;

        data_line(c->t, DATA_START + e, types[kind], item, user, session);
        c->did[kind][person][item] = 1;
    }

    for (e = 0; e < SEARCHES; e++) {
        user = random_next(&state) % (USERS + 20);
        session = random_next(&state) % SESSIONS;
        item = ((user < USERS ? user : session) * 5
                + random_next(&state) % 3) % ITEMS;
        user = user < USERS ? user : RECS_NONE;
        person = user != RECS_NONE ? user : USERS + session;

        c->searches[e].query = 1000 - 10 * item;
        c->searches[e].user = user;
        c->searches[e].session = session;
        c->did[3][person][item] = 1;
    }

    /* one that hardly anybody had, one that nobody did */

    c->searches[e++] = (recs_search_t) { 5, 0, 0, 0 };
    c->searches[e++] = (recs_search_t) { 1000, 0, RECS_NONE, RECS_NONE };

    c->t->d.searches = c->searches;
    c->t->d.search_count = e;

    data_line(c->t, DATA_START + e, RECS_EVENT_PRODUCT_VIEW, 0, USERS - 1,
              SESSIONS - 1);
    c->did[0][USERS - 1][0] = 1;

    data_finish(c->t);
}


static double
naive_weight(const cross_t *c, unsigned kind, uint32_t i, uint32_t j)
{
    double    a, all, b, both, g2, x;
    uint32_t  k, p, any;

    a = b = both = all = 0;

    for (p = 0; p < PEOPLE; p++) {
        for (k = 0, any = 0; k < ITEMS; k++) {
            any |= c->did[kind][p][k] | c->did[2][p][k];
        }

        all += any;
        a += c->did[kind][p][i];
        b += c->did[2][p][j];
        both += c->did[kind][p][i] && c->did[2][p][j];
    }

    if (both == 0 || both * all <= a * b || !c->t->d.products[j].listed) {
        return 0;
    }

    /* 2 sum of observed ln(observed / expected) */

    g2 = 2 * both * log(both * all / (a * b));
    x = a - both;
    g2 += x > 0 ? 2 * x * log(x * all / (a * (all - b))) : 0;
    x = b - both;
    g2 += x > 0 ? 2 * x * log(x * all / ((all - a) * b)) : 0;
    x = all - a - b + both;
    g2 += x > 0 ? 2 * x * log(x * all / ((all - a) * (all - b))) : 0;

    return g2 > 10.83 ? both / a : 0;
}


static void
test_list(const cross_t *c, const recs_config_t *config, unsigned kind,
    const char *name)
{
    double                        weight;
    uint32_t                      bad, i, j, k, n, found;
    recs_model_list_t             list;
    const recs_format_related_t  *e;

    list = data_model(c->t, config, name);
    e = list.entries;
    bad = found = 0;

    for (i = 0; i < ITEMS; i++) {
        n = data_count(&list, i);
        found += n;

        for (k = 0; k < n; k++) {
            weight = naive_weight(c, kind, i, e[list.offsets[i] + k].item);
            bad += fabs(e[list.offsets[i] + k].weight - weight) > 1e-6
                   || (k && e[list.offsets[i] + k].weight
                            > e[list.offsets[i] + k - 1].weight);
        }

        for (j = 0; j < ITEMS; j++) {
            n -= naive_weight(c, kind, i, j) > 0;
        }

        bad += n != 0;
    }

    ok(found > 10, "%s: %u entries", name, found);
    is_int(bad, 0, "%s: those, and no others, best first", name);

    recs_model_free(&list);
}


static void
test_searches(const cross_t *c, const recs_config_t *config)
{
    double                        weight;
    uint32_t                      bad, found, i, j, k, n;
    recs_error_t                  err;
    recs_searched_t               s;
    const recs_format_related_t  *e;

    is_int(recs_model_searches(&c->t->d, config, &s, &err), RECS_OK,
           "searches");
    is_int(s.count, ITEMS, "those that several people had");

    e = s.list.entries;
    bad = found = 0;

    for (i = 0; i < s.count; i++) {
        j = (1000 - s.queries[i]) / 10;
        n = data_count(&s.list, i);
        found += n;
        bad += i && s.queries[i] <= s.queries[i - 1];

        for (k = 0; k < n; k++) {
            weight = naive_weight(c, 3, j, e[s.list.offsets[i] + k].item);
            bad += fabs(e[s.list.offsets[i] + k].weight - weight) > 1e-6;
        }

        for (k = 0; k < ITEMS; k++) {
            n -= naive_weight(c, 3, j, k) > 0;
        }

        bad += n != 0;
    }

    ok(found > 10, "%u entries", found);
    is_int(bad, 0, "those, and no others");

    recs_searched_free(&s);
}


static void
test_threads(const cross_t *c, const recs_config_t *config)
{
    recs_config_t      more;
    recs_model_list_t  one, two;

    more = *config;
    more.threads = 3;
    one = data_model(c->t, config, "view_buy");
    two = data_model(c->t, &more, "view_buy");

    ok(one.offsets[ITEMS] == two.offsets[ITEMS]
       && memcmp(one.entries, two.entries, one.offsets[ITEMS]
                                           * sizeof(recs_format_related_t))
          == 0, "the same by three threads");

    recs_model_free(&one);
    recs_model_free(&two);
}


int
main(void)
{
    cross_t            c;
    recs_config_t      config;
    recs_model_list_t  list;

    recs_config_init(&config);
    cross_create(&c);

    list = data_model(c.t, &config, "view_buy");
    is_int(list.offsets[ITEMS], 0, "nothing where nothing is served from it");
    recs_model_free(&list);

    config.serving.view_buy = 1;
    config.serving.cart_buy = 1;

    test_list(&c, &config, 0, "view_buy");
    test_list(&c, &config, 1, "cart_buy");
    test_threads(&c, &config);

    config.serving.query_buy = 1;
    test_searches(&c, &config);

    data_destroy(c.t);

    return done_testing();
}
