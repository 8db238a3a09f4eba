/*
 * Copyright (C) recs authors
 *
 * The next basket against the plain way: dense vectors, all users compared,
 * pairs of baskets counted one by one.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/follow.h"
#include "builder/model/table.h"
#include "builder/model/tifuknn.h"


#define USERS    60
#define ITEMS    40
#define BASKETS  12
#define UNSOLD   7              /* is not listed */


/* Baskets as they were bought, oldest first. */

static unsigned  bought[USERS][BASKETS][ITEMS];
static unsigned  baskets[USERS];
static unsigned  older[USERS][ITEMS];      /* lines before it was first */
static unsigned  all_lines[USERS];
static unsigned  lines[USERS];             /* to the last that counts */
static uint32_t  seed = 4711;


static uint32_t
draw(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % n;
}


/* User 0 buys nothing, user 1 once; popular items come first. */

static data_t *
shop(recs_config_t *c)
{
    data_t    *t;
    uint8_t    key[16];
    uint32_t   u, b, i, n, k, order;

    t = data_create(ITEMS, 0);
    t->d.products[UNSOLD].listed = 0;
    order = 0;
    memset(older, 0xff, sizeof(older));

    for (b = 0; b < BASKETS; b++) {
        for (u = 1; u < USERS; u++) {

            if (b >= 1 + (u - 1) % BASKETS) {
                continue;
            }

            k = all_lines[u];

            for (n = 1 + draw(6); n; n--, k++) {
                i = draw(1 + draw(ITEMS));
                data_buy(t, DATA_START + b * 10 * DATA_DAY + u, i, u, order,
                         1);
                lines[u] = bought[u][b][i] ? lines[u] : k + 1;
                older[u][i] = recs_min(older[u][i], k);
                bought[u][b][i] = 1;
            }

            all_lines[u] = k;

            baskets[u] = b + 1;
            order++;
        }
    }

    data_finish(t);
    t->d.users = recs_keys16_create();

    for (u = 0; u < USERS; u++) {
        memset(key, 0, sizeof(key));
        key[0] = (uint8_t) (USERS - u);      /* not in order of numbers */
        recs_keys16_add(t->d.users, key);
    }

    recs_config_init(c);
    c->threads = 1;
    c->basket_neighbours = 9;

    return t;
}


static void
shop_destroy(data_t *t)
{
    recs_keys16_destroy(t->d.users);
    data_destroy(t);
}


static void
test_weights(void)
{
    unsigned       n;
    double         w[9];
    recs_config_t  c;

    recs_config_init(&c);

    recs_tifuknn_weights(&c, 2, w);
    is_near(w[0], .9 * pow(.7, 6) / 2, 1e-12, "two baskets: groups of one");
    is_near(w[1], pow(.7, 5) / 2, 1e-12, "counted from the first group");

    recs_tifuknn_weights(&c, 9, w);
    is_near(w[0], pow(.9, 8) * pow(.7, 6) / 7, 1e-12, "nine: the oldest");
    is_near(w[4], pow(.9, 4) * pow(.7, 2) / 7, 1e-12, "a group of one");
    is_near(w[5], pow(.9, 3) * .7 / 2 / 7, 1e-12, "the last two have two");
    is_near(w[8], 1. / 2 / 7, 1e-12, "the newest");

    recs_tifuknn_weights(&c, 7, w);

    for (n = 0; n < 7; n++) {
        is_near(w[n], pow(.63, 6 - n) / 7, 1e-12, "seven, %u", n);
    }
}


static void
test_purchases(void)
{
    data_t            *t;
    uint32_t           line;
    recs_purchases_t   p;

    t = data_create(10, 0);

    /* orders one through the other; a view, what went back */

    data_buy(t, DATA_START, 3, 0, 0, 1);
    data_buy(t, DATA_START + 1, 5, 0, 1, 1);
    data_buy(t, DATA_START + 2, 1, 0, 0, 1);
    data_buy(t, DATA_START + 3, 3, 0, 0, 1);
    data_line(t, DATA_START + 4, RECS_EVENT_PRODUCT_VIEW, 9, 0, 0);
    data_buy(t, DATA_START + 5, 8, 0, 0, -1);

    /* no order: by session, and where there is none by day */

    line = data_line(t, DATA_START + 10, RECS_EVENT_PURCHASE, 2, 1, 2);
    data_detail(t, line, RECS_NONE, 1, 1, 0);
    data_line(t, DATA_START + 2 * DATA_DAY, RECS_EVENT_PURCHASE, 4, 1, 2);
    data_line(t, DATA_START + 3 * DATA_DAY, RECS_EVENT_PURCHASE, 6, 1,
              RECS_NONE);
    data_line(t, DATA_START + 3 * DATA_DAY + 9, RECS_EVENT_PURCHASE, 5, 1,
              RECS_NONE);
    data_line(t, DATA_START + 4 * DATA_DAY, RECS_EVENT_PURCHASE, 5, 1,
              RECS_NONE);
    data_finish(t);

    recs_purchases_init(&p, &t->d);

    is_int(p.first[1], 2, "two orders of the first");
    ok(p.offsets[1] == 2 && p.items[0] == 1 && p.items[1] == 3
       && p.offsets[2] == 3 && p.items[2] == 5, "each the union of its lines");
    ok(p.places[0] == 2 && p.places[1] == 0 && p.places[2] == 1,
       "the lines before its first");
    is_int(p.time[1], DATA_START + 1, "the time of the first");
    is_int(p.first[2], 5, "a session and two days of the second");
    ok(p.items[p.offsets[2]] == 2 && p.items[p.offsets[2] + 1] == 4
       && p.items[p.offsets[3]] == 5 && p.items[p.offsets[3] + 1] == 6
       && p.items[p.offsets[4]] == 5, "oldest first");
    ok(recs_purchases_has(&p, 3, 5) && recs_purchases_has(&p, 3, 6)
       && !recs_purchases_has(&p, 3, 4) && !recs_purchases_has(&p, 4, 6),
       "what is in a basket");

    recs_purchases_free(&p);
    data_destroy(t);
}


/* t_i and n_j of follow.h; C_ij by pairs of baskets. */

static double
followed(unsigned i, unsigned *next, unsigned *all)
{
    unsigned  u, b, n;

    for (u = 0, n = 0, *next = 0, *all = 0; u < USERS; u++) {
        for (b = 0; b < baskets[u]; b++) {
            *all += bought[u][b][i];
            n += bought[u][b][i] && b + 1 < baskets[u];
            *next += bought[u][b][i] && b + 1 < baskets[u]
                     && bought[u][b + 1][i];
        }
    }

    return n;
}


static double
pair(unsigned i, unsigned j)
{
    double    sum, ti;
    unsigned  u, b, s, k, size, next, nj;

    sum = 0;

    for (u = 0; u < USERS; u++) {
        for (b = 0; b < baskets[u]; b++) {
            for (k = 0, size = 0; k < ITEMS; k++) {
                size += bought[u][b][k];
            }

            for (s = b + 1; s < baskets[u] && s <= b + 7; s++) {
                if (bought[u][b][i] && bought[u][s][j]) {
                    sum += pow(.6, s - b - 1) / sqrt(size);
                }
            }
        }
    }

    (void) followed(j, &next, &nj);
    ti = followed(i, &next, &k);

    return sum * (1 / (ti + 5) + .35 / sqrt((ti + 10) * (nj + 10)));
}


static void
test_follow(const recs_dataset_t *d, const recs_follow_t *f)
{
    int                           bad, entries;
    double                        mean, all;
    unsigned                      i, n, next;
    uint64_t                      e;
    const recs_format_related_t  *row;

    row = f->rows.entries;
    mean = 0;
    all = 0;
    bad = 0;
    entries = 0;

    for (i = 0; i < ITEMS; i++) {
        all += followed(i, &next, &n);
        mean += next;
    }

    for (i = 0; i < ITEMS; i++) {
        double  ti = followed(i, &next, &n);

        bad += fabs(f->again[i] - (next + 20 * mean / all) / (ti + 20))
               > 1e-6;
    }

    is_int(bad, 0, "what is bought again in the next basket");

    for (i = 0, bad = 0; i < ITEMS; i++) {
        for (e = f->rows.offsets[i]; e < f->rows.offsets[i + 1]; e++) {
            bad += fabs(row[e].weight - pair(i, row[e].item)) > 1e-5;
        }

        for (n = 0; n < ITEMS; n++) {
            entries += n != i && n != UNSOLD && pair(i, n) > 0;
        }
    }

    is_int(bad, 0, "what follows");
    is_int(f->rows.offsets[ITEMS], entries, "all of it");
}


static double
part(const recs_vectors_t *v, uint32_t u, uint32_t i)
{
    uint64_t  e;

    for (e = v->offsets[u]; e < v->offsets[u + 1]; e++) {
        if (v->entries[e].item == i) {
            return v->entries[e].weight;
        }
    }

    return 0;
}


static double
distance(const recs_vectors_t *v, uint32_t a, uint32_t b)
{
    double    sum, x;
    uint32_t  i;

    for (i = 0, sum = 0; i < ITEMS; i++) {
        x = part(v, a, i) - part(v, b, i);
        sum += x * x;
    }

    return sum;
}


static void
test_nearest(const recs_vectors_t *v, recs_nearest_t *nearest)
{
    int              bad, twice;
    double           far;
    uint32_t         u, o, k, n;
    const uint32_t  *found;

    for (u = 1, bad = 0, twice = 0; u < USERS; u++) {
        unsigned  in[USERS] = { 0 };

        n = recs_nearest(nearest, 0, u, &found);
        far = 0;
        bad += n != 9;

        for (k = 0; k < n; k++) {
            twice += in[found[k]]++ || found[k] == u || found[k] == 0;
            bad += distance(v, u, found[k]) < far - 1e-6;
            far = recs_max(far, distance(v, u, found[k]));
        }

        for (o = 1; o < USERS; o++) {
            bad += !in[o] && o != u && distance(v, u, o) < far - 1e-6;
        }
    }

    is_int(bad, 0, "nobody is nearer than the neighbours");
    is_int(twice, 0, "who are others, each once");
}


/* The sum of tifuknn.c; neighbours and what follows are tested above. */

static double
plain(const recs_config_t *c, const recs_vectors_t *v,
    const recs_follow_t *f, recs_nearest_t *nearest, uint32_t u, uint32_t i)
{
    int                           first, last;
    double                        share, recent, all, near, r, due, sum;
    uint32_t                      b, j, k, n, count;
    uint64_t                      e;
    const uint32_t               *users;
    const recs_format_related_t  *row;

    row = f->rows.entries;
    sum = 0;

    for (j = 0; j < ITEMS; j++) {
        share = recent = all = near = due = 0;
        first = last = count = 0;

        for (b = 0; b < baskets[u]; b++) {
            r = pow(c->basket_decay, baskets[u] - 1 - b);
            all += r;
            share += r * bought[u][b][j];
            r = pow(.7, baskets[u] - 1 - b);
            near += r;
            recent += r * bought[u][b][j];

            if (bought[u][b][j]) {
                first = count++ ? first : (int) b;
                last = b;
            }
        }

        if (j == i && count) {
            if (count > 1) {
                r = (double) (baskets[u] - last) * (count - 1)
                    / (last - first);
                due = exp(-fabs(log(recs_max(r, .05))));
            }

            sum += share / all * (c->basket_own
                                  + c->basket_again * f->again[j]
                                  + c->basket_due * due)
                   + c->basket_first * (1 - (double) older[u][j] / lines[u]);
        }

        for (e = f->rows.offsets[j]; e < f->rows.offsets[j + 1]; e++) {
            sum += row[e].item == i
                   ? c->basket_follow * recent / near * row[e].weight : 0;
        }
    }

    n = recs_nearest(nearest, 0, u, &users);

    for (k = 0; k < n; k++) {
        sum += c->basket_alike * part(v, users[k], i) / n;
    }

    return sum + c->basket_grouped * part(v, u, i);
}


static void
test_lists(data_t *t, const recs_config_t *c, const char *name)
{
    int                bad, count;
    double             want;
    uint32_t           k, u, i;
    uint64_t           e;
    recs_error_t       err;
    recs_follow_t      f;
    recs_vectors_t     v;
    recs_nearest_t    *nearest;
    recs_personal_t    p = { 0, NULL, NULL, NULL };
    recs_purchases_t   baskets_of;

    recs_purchases_init(&baskets_of, &t->d);
    recs_tifuknn_vectors(&baskets_of, c, &v);
    recs_follow_init(&f, &baskets_of, &t->d, 1);
    nearest = recs_nearest_create(&v, ITEMS, 9, 1);

    test_follow(&t->d, &f);
    test_nearest(&v, nearest);

    is_int(recs_model_tifuknn(&t->d, c, &p, &err), RECS_OK, "%s", name);
    is_int(p.count, USERS - 1, "a list for each who bought");

    for (k = 0, bad = 0, count = 0; k < p.count; k++) {
        u = USERS - p.identities[16 * k];

        for (i = 0; i < ITEMS; i++) {
            count += i != UNSOLD
                     && plain(c, &v, &f, nearest, u, i) > 0;
        }

        for (e = p.offsets[k]; e < p.offsets[k + 1]; e++) {
            want = plain(c, &v, &f, nearest, u, p.entries[e].item);
            bad += fabs(p.entries[e].weight - want) > 1e-4 * (1 + want);
            bad += e > p.offsets[k]
                   && p.entries[e].weight > p.entries[e - 1].weight;
            bad += p.entries[e].item == UNSOLD;
        }

        bad += k && p.identities[16 * k] <= p.identities[16 * (k - 1)];
    }

    is_int(bad, 0, "%s: as it is counted by hand", name);
    is_int(p.offsets[p.count], count, "%s: nothing is missing", name);

    recs_personal_free(&p);
    recs_nearest_destroy(nearest);
    recs_follow_free(&f);
    recs_vectors_free(&v);
    recs_purchases_free(&baskets_of);
}


static void
test_threads(data_t *t, recs_config_t *c)
{
    unsigned         threads;
    recs_error_t     err;
    recs_personal_t  one, more;

    (void) recs_model_tifuknn(&t->d, c, &one, &err);

    for (threads = 2; threads <= 5; threads += 3) {
        c->threads = threads;
        (void) recs_model_tifuknn(&t->d, c, &more, &err);

        ok(one.count == more.count
           && memcmp(one.offsets, more.offsets, (one.count + 1) * 8) == 0
           && memcmp(one.identities, more.identities, one.count * 16) == 0
           && memcmp(one.entries, more.entries, one.offsets[one.count]
                     * sizeof(recs_format_related_t)) == 0,
           "the same bytes for %u threads", threads);

        recs_personal_free(&more);
    }

    c->threads = 1;
    recs_personal_free(&one);
}


/* What was bought a day ago and lasts ten is worth nine tenths less. */

static void
test_wait(void)
{
    uint32_t         n;
    data_t          *t;
    uint8_t          key[16] = { 1 };
    recs_error_t     err;
    recs_config_t    c;
    recs_personal_t  p, q;

    t = data_create(3, 0);

    for (n = 0; n < 4; n++) {
        data_buy(t, DATA_START + n * 10 * DATA_DAY, 1, 0, n, 1);
    }

    data_buy(t, DATA_START + 31 * DATA_DAY, 2, 0, 4, 1);
    data_finish(t);
    t->d.users = recs_keys16_create();
    recs_keys16_add(t->d.users, key);

    recs_config_init(&c);
    c.basket_own = 1;
    c.basket_again = c.basket_due = c.basket_alike = c.basket_follow = 0;

    (void) recs_model_tifuknn(&t->d, &c, &p, &err);
    c.basket_wait = 1;
    (void) recs_model_tifuknn(&t->d, &c, &q, &err);

    ok(p.offsets[1] == 2 && p.entries[0].item == 1, "four times of five");
    is_near(q.entries[1].weight, p.entries[0].weight / 10, 1e-6,
            "is not due yet");
    is_near(q.entries[0].weight, p.entries[1].weight, 1e-6,
            "what nothing is known of does not wait");

    recs_personal_free(&p);
    recs_personal_free(&q);
    shop_destroy(t);
}


/* Nobody, nothing bought, nobody alike. */

static void
test_nothing(void)
{
    uint32_t         n;
    data_t          *t;
    uint8_t          key[16] = { 1 };
    recs_error_t     err;
    recs_config_t    c;
    recs_personal_t  p;

    recs_config_init(&c);

    for (n = 0; n < 3; n++) {
        t = data_create(2 * (n > 0), 0);

        if (n) {
            data_line(t, DATA_START, n == 1 ? RECS_EVENT_PRODUCT_VIEW
                                            : RECS_EVENT_PURCHASE,
                      1, 0, RECS_NONE);
        }

        data_finish(t);
        t->d.users = recs_keys16_create();
        recs_keys16_add(t->d.users, key);
        c.basket_neighbours = n ? 300 : 0;

        is_int(recs_model_tifuknn(&t->d, &c, &p, &err), RECS_OK,
               n == 0 ? "no users" : n == 1 ? "no purchases" : "one of one");
        is_int(p.count, n == 2, "as many lists");

        recs_personal_free(&p);
        shop_destroy(t);
    }
}


int
main(void)
{
    data_t         *t;
    recs_config_t   c;

    test_weights();
    test_purchases();

    t = shop(&c);
    test_lists(t, &c, "all parts");
    test_threads(t, &c);

    c.basket_own = c.basket_again = c.basket_due = c.basket_follow = 0;
    c.basket_grouped = .7;
    c.basket_alike = .3;
    test_lists(t, &c, "tifuknn");

    c.basket_own = c.basket_decay = 1;
    c.basket_grouped = c.basket_alike = 0;
    c.basket_first = .01;
    test_lists(t, &c, "how often, what was first first");

    shop_destroy(t);
    test_wait();
    test_nothing();

    return done_testing();
}
