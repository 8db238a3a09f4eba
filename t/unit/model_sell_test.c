/*
 * Copyright (C) recs authors
 *
 * UP_SELL, UPGRADE_PATH, COMPLEMENTARY and segments: random people in a small
 * shop, counted person by person; the same from any number of threads.
 */

#include "../../core/answer/recs_upgrade.h"
#include "model_data.h"
#include "tap.h"


#define ITEMS       24
#define USERS       80
#define DAYS        120
#define LINES       2400
#define CATEGORIES  4


/* What user u did with item i on a day, and in which order it was bought. */

typedef struct {
    data_t    *t;
    uint8_t    viewed[USERS][ITEMS];
    uint8_t    bought[USERS][ITEMS];
    uint8_t    on[USERS][DAYS][ITEMS];     /* bought on the day */
    double     fresh[ITEMS];
    double     lines[ITEMS];               /* of purchases */
} sell_t;


static sell_t  c;


static uint32_t
random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;

    return *state >> 8;
}


/* Category 0 holds 1 and 2; 3 is beside it.  Some of 3 have tiers. */

static void
sell_create(unsigned tiers)
{
    uint32_t         item, kind, n, state, user, day;
    recs_product_t  *p;

    memset(&c, 0, sizeof(sell_t));
    c.t = data_create(ITEMS, CATEGORIES);
    data_category(c.t, 0, RECS_NONE);
    data_category(c.t, 1, 0);
    data_category(c.t, 2, 0);
    data_category(c.t, 3, RECS_NONE);
    c.t->d.category_end[0] = 3;
    state = 11;

    c.t->d.category_path = calloc(CATEGORIES, sizeof(recs_str_t));

    for (n = 0; n < CATEGORIES; n++) {
        c.t->d.category_path[n].data = (const uint8_t *) "abcd" + n;
        c.t->d.category_path[n].len = 1;
    }

    for (item = 0; item < ITEMS; item++) {
        p = &c.t->d.products[item];
        p->category = (item == 5) ? RECS_NONE : item % CATEGORIES;
        p->price = (100 + random_next(&state) % 100) * (int64_t) RECS_MICRO;
        p->rating = 3000 + random_next(&state) % 2000;
        p->rating_count = random_next(&state) % 300;
        p->tier = (tiers && p->category == 3) ? 1 + item / 4 % 5 : 0;
    }

    c.t->d.products[6].price = RECS_NO_MONEY;
    c.t->d.products[7].listed = 0;

    for (n = 0; n < LINES; n++) {
        day = n * DAYS / LINES;
        user = random_next(&state) % USERS;
        kind = random_next(&state) % 3;
        item = (user * 3 + random_next(&state) % 9) % ITEMS;

        if (kind) {
            data_line(c.t, DATA_START + day * DATA_DAY,
                      RECS_EVENT_PRODUCT_VIEW, item, user, RECS_NONE);
            c.viewed[user][item] = 1;

        } else {
            data_line(c.t, DATA_START + day * DATA_DAY,
                      RECS_EVENT_PURCHASE, item, user, RECS_NONE);
            c.bought[user][item] = 1;
            c.on[user][day][item] = 1;
            c.fresh[item] += exp2(-(DAYS - (double) day) / 30);
            c.lines[item]++;
        }
    }

    /* users who are not there would be no rows */

    data_line(c.t, DATA_START + DAYS * DATA_DAY, RECS_EVENT_PRODUCT_VIEW, 0,
              USERS - 1, RECS_NONE);
    c.viewed[USERS - 1][0] = 1;
    data_finish(c.t);
}


/* P(buy j | viewed i), 0 where j is no candidate. */

static double
naive_up_sell(const recs_config_t *config, uint32_t i, uint32_t j)
{
    double                 b, both, buyers, lb[2], mean, n, people, ratio, v;
    uint32_t               k, u, x, leaf;
    const recs_product_t  *p, *q, *all;

    all = c.t->d.products;
    p = &all[i];
    q = &all[j];

    if (i == j || p->category == RECS_NONE || q->category == RECS_NONE
        || !q->listed || p->price == RECS_NO_MONEY
        || q->price == RECS_NO_MONEY
        || !(p->category == q->category
             || c.t->d.category_parent[p->category] == q->category
             || c.t->d.category_parent[q->category] == p->category))
    {
        return 0;
    }

    ratio = (double) q->price / p->price;

    for (k = 0, mean = n = 0; k < ITEMS; k++) {
        mean += (double) all[k].rating * recs_max(all[k].rating_count, 1u);
        n += recs_max(all[k].rating_count, 1u);
    }

    for (k = 0; k < 2; k++) {
        v = recs_max(all[k ? j : i].rating_count, 1u);
        lb[k] = (all[k ? j : i].rating * v + 10 * mean / n) / (v + 10)
                - 1645 / sqrt(v + 10);
    }

    if (ratio < config->up_sell_min || ratio > config->up_sell_max
        || lb[1] < lb[0] - 100)
    {
        return 0;
    }

    v = b = both = buyers = people = 0;

    for (u = 0; u < USERS; u++) {
        leaf = 0;

        for (x = 0; x < ITEMS; x++) {
            leaf |= c.viewed[u][x] && all[x].category == p->category;
        }

        v += c.viewed[u][i];
        b += c.viewed[u][i] && c.bought[u][j];
        both += c.viewed[u][i] && c.viewed[u][j] && !c.bought[u][j];
        buyers += c.bought[u][j];
        people += leaf;
    }

    return (b + config->up_sell_coview * both
            + config->up_sell_smoothing * buyers / people)
           / (v + config->up_sell_smoothing);
}


/* The share of who went on from i that went on to j; counts both. */

static double
naive_next(uint32_t i, uint32_t j, double *people)
{
    double    next;
    uint32_t  d, from, k, u;

    next = *people = 0;

    for (u = 0; u < USERS; u++) {

        for (d = 0; d < DAYS; d++) {

            if (!c.on[u][d][i]) {
                continue;
            }

            /* the next day on which something of the family was bought */

            for (from = d + 1; from < DAYS; from++) {
                unsigned  any = 0, other = 0;

                for (k = 0; k < ITEMS; k++) {
                    if (c.on[u][from][k] && c.t->d.products[k].category
                                            == c.t->d.products[i].category)
                    {
                        any = 1;
                        other |= k != i;
                    }
                }

                if (other) {
                    (*people)++;
                    next += c.on[u][from][j];
                    d = DAYS;
                    break;
                }

                if (any) {
                    break;
                }
            }
        }
    }

    return next;
}


static double
naive_later(const recs_config_t *config, uint32_t i, uint32_t j,
    double *people, double *after, double *before)
{
    double    sum;
    uint32_t  d, k, u, again, first, last, to, any;

    sum = *people = *after = *before = 0;

    for (u = 0; u < USERS; u++) {
        first = to = DAYS;

        for (d = DAYS; d-- > 0; ) {
            first = c.on[u][d][i] ? d : first;
            to = c.on[u][d][j] ? d : to;
        }

        again = 0;

        for (d = first + 1; d < DAYS; d++) {
            for (k = 0, any = 0; k < ITEMS; k++) {
                any |= c.on[u][d][k];
            }

            again |= any;
        }

        *people += first < DAYS && again;

        if (first == DAYS || to == DAYS || to == first) {
            continue;
        }

        if (to < first) {
            (*before)++;
            continue;
        }

        for (d = 0, last = first; d < to; d++) {
            last = c.on[u][d][i] ? d : last;
        }

        (*after)++;
        sum += floor(exp2(-(double) (to - last)
                          / config->complementary_days) * 1048576) / 1048576;
    }

    return sum;
}


static void
test_up_sell(const recs_config_t *config)
{
    double                        weight;
    uint32_t                      bad, i, j, k, n, found;
    recs_model_list_t             list;
    const recs_format_related_t  *e;

    list = data_model(c.t, config, "up_sell");
    e = list.entries;
    bad = found = 0;

    for (i = 0; i < ITEMS; i++) {
        n = data_count(&list, i);
        found += n;

        for (k = 0; k < n; k++) {
            weight = naive_up_sell(config, i, e[list.offsets[i] + k].item);
            bad += fabs(e[list.offsets[i] + k].weight - weight) > 1e-6
                   || (k && e[list.offsets[i] + k].weight
                            > e[list.offsets[i] + k - 1].weight);
        }

        for (j = 0; j < ITEMS; j++) {
            n -= naive_up_sell(config, i, j) > 0;
        }

        bad += n != 0;
    }

    ok(found > 10, "up-sell: %u entries", found);
    is_int(bad, 0, "those, and no others, best first");

    recs_model_free(&list);
}


static void
test_upgrade(const recs_config_t *config, unsigned tiers)
{
    double                        affinity, next, people, prior;
    uint32_t                      bad, i, j, k, n, found;
    recs_model_list_t             list;
    const recs_product_t         *p, *q;
    const recs_format_upgrade_t  *e;

    list = data_model(c.t, config, "upgrade");
    e = list.entries;
    bad = found = 0;

    for (i = 0; i < ITEMS; i++) {
        p = &c.t->d.products[i];
        n = data_count(&list, i);
        found += n;

        for (k = 0; k < n; k++) {
            j = e[list.offsets[i] + k].item;
            q = &c.t->d.products[j];
            next = naive_next(i, j, &people);
            prior = recs_upgrade_affinity(q->tier ? q->tier : 2);
            affinity = (100 * next + config->upgrade_smoothing * prior)
                       / (people + config->upgrade_smoothing);

            bad += p->category != q->category || j == i || !q->listed;

            if (p->tier) {
                bad += q->tier <= p->tier || e[list.offsets[i] + k].confidence
                                             != 1;
                bad += fabs(e[list.offsets[i] + k].affinity - affinity)
                       > 1e-4;

            } else {

                /* a way of several steps may be the better one */

                bad += q->price < p->price * 1.05;
                bad += next >= 2 && e[list.offsets[i] + k].affinity
                                    < affinity - 1e-4;
                bad += e[list.offsets[i] + k].confidence <= 0
                       || e[list.offsets[i] + k].confidence >= 1;
            }

            bad += k && e[list.offsets[i] + k].affinity
                        > e[list.offsets[i] + k - 1].affinity;
        }

        for (j = 0; tiers && j < ITEMS; j++) {
            n -= p->tier && c.t->d.products[j].listed
                 && c.t->d.products[j].tier > p->tier;
        }

        bad += tiers && p->tier && n != 0;
    }

    ok(found > 5, "upgrade: %u entries", found);
    is_int(bad, 0, tiers ? "each step up the ladder" : "dearer ones");

    recs_model_free(&list);
}


static void
test_complementary(const recs_config_t *config)
{
    double                        after, before, n_all, people, share, sum;
    double                        weight, shares[ITEMS];
    uint32_t                      bad, found, i, j, k, n, wanted;
    recs_model_list_t             list;
    const recs_format_related_t  *e;

    list = data_model(c.t, config, "complementary");
    e = list.entries;
    bad = found = 0;

    for (j = 0; j < ITEMS; j++) {
        for (i = 0, share = n_all = 0; i < ITEMS; i++) {
            sum = (i == j) ? (naive_later(config, i, (i + 1) % ITEMS, &people,
                                          &after, &before), 0)
                           : naive_later(config, i, j, &people, &after,
                                         &before);
            share += sum;
            n_all += people;
        }

        shares[j] = share / n_all;
    }

    for (i = 0; i < ITEMS; i++) {
        n = data_count(&list, i);
        found += n;
        wanted = 0;

        for (j = 0; j < ITEMS; j++) {

            if (j == i) {
                continue;
            }

            sum = naive_later(config, i, j, &people, &after, &before);

            if (after < 2 || sum <= people * shares[j]
                || !c.t->d.products[j].listed)
            {
                continue;
            }

            weight = (sum + config->complementary_smoothing * shares[j])
                     / (people + config->complementary_smoothing)
                     * (after + 1) / (after + before + 2);
            wanted++;

            for (k = 0; k < n; k++) {
                if (e[list.offsets[i] + k].item == j) {
                    bad += fabs(e[list.offsets[i] + k].weight - weight)
                           > 1e-6;
                    break;
                }
            }

            bad += k == n;
        }

        bad += wanted != n;
    }

    ok(found > 20, "complementary: %u entries", found);
    is_int(bad, 0, "those, and no others");

    recs_model_free(&list);
}


/* The category touched most; categories above it hold it. */

static unsigned
naive_within(uint32_t user, uint32_t scope)
{
    uint32_t  best, counts[CATEGORIES], i, k;

    memset(counts, 0, sizeof(counts));

    for (i = 0; i < ITEMS; i++) {
        k = c.t->d.products[i].category;

        if (k != RECS_NONE && (c.viewed[user][i] || c.bought[user][i])) {
            counts[k]++;
        }
    }

    for (best = 0, k = 1; k < CATEGORIES; k++) {
        best = counts[k] > counts[best] ? k : best;
    }

    return scope == 0
           || (best >= scope - 1 && best < c.t->d.category_end[scope - 1]);
}


static void
test_segments(const recs_config_t *config)
{
    double                       all, in, of_all, share, usual;
    uint32_t                     bad, found, j, k, n, row, u;
    recs_error_t                 err;
    recs_segments_t              s;
    const recs_format_ranked_t  *e;

    is_int(recs_model_segments(&c.t->d, config, &s, &err), RECS_OK,
           "segments");
    e = s.list.entries;
    bad = found = 0;

    is_int(s.list.rows, (CATEGORIES + 1) * RECS_SEGMENT_KINDS, "of a scope");

    for (row = 0; row < s.list.rows; row += RECS_SEGMENT_KINDS) {
        n = data_count(&s.list, row);
        found += n;

        for (k = 0; k < n; k++) {
            j = e[s.list.offsets[row] + k].item;
            in = of_all = all = share = 0;

            for (u = 0; u < USERS; u++) {
                all++;
                of_all += c.bought[u][j];

                if (naive_within(u, row / RECS_SEGMENT_KINDS)) {
                    in++;
                    share += c.bought[u][j];
                }
            }

            usual = of_all / all;
            bad += share < 3 || in < config->segment_people;
            share = (share + 20 * usual) / (in + 20);
            bad += fabs(e[s.list.offsets[row] + k].value
                        - share * sqrt(recs_min(4, share / usual))
                          * c.fresh[j] / c.lines[j]) > 1e-6;
        }
    }

    ok(found > 20, "segments: %u entries", found);
    is_int(bad, 0, "by share and what it is above all");
    bad = 0;

    for (u = 0; u < USERS; u++) {
        bad += s.of[u] == RECS_NONE
               || !naive_within(u, s.of[u] / RECS_SEGMENT_KINDS)
               || data_count(&s.list, s.of[u]) == 0;
    }

    is_int(bad, 0, "everybody is in one that is there");
    is_str((const char *) s.names.entries, 3, "all", "with a name");

    recs_segments_free(&s);
}


static void
test_threads(const recs_config_t *config, const char *name, size_t size)
{
    recs_config_t      more;
    recs_model_list_t  one, two;

    more = *config;
    more.threads = 3;
    one = data_model(c.t, config, name);
    two = data_model(c.t, &more, name);

    ok(one.offsets[ITEMS] == two.offsets[ITEMS]
       && memcmp(one.entries, two.entries, one.offsets[ITEMS] * size) == 0,
       "%s: the same by three threads", name);

    recs_model_free(&one);
    recs_model_free(&two);
}


int
main(void)
{
    recs_config_t  config;

    recs_config_init(&config);
    config.segment_people = 15;

    sell_create(0);
    test_up_sell(&config);
    test_upgrade(&config, 0);
    test_complementary(&config);
    test_segments(&config);
    test_threads(&config, "up_sell", sizeof(recs_format_related_t));
    test_threads(&config, "upgrade", sizeof(recs_format_upgrade_t));
    test_threads(&config, "complementary", sizeof(recs_format_related_t));
    free(c.t->d.category_path);
    data_destroy(c.t);

    sell_create(1);
    test_upgrade(&config, 1);
    free(c.t->d.category_path);
    data_destroy(c.t);

    return done_testing();
}
