/*
 * Copyright (C) recs authors
 *
 * Lists of users alike against all users compared with all.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/als.h"
#include "builder/model/table.h"


#define ITEMS  50
#define USERS  120               /* whose groups are all looked at */
#define ALIKE  15


static uint32_t  seed = 9;


static double
noise(void)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) / 16777216.0 - 0.5;
}


static data_t *
shop_of_tastes(void)
{
    data_t    *t;
    uint8_t    key[16];
    uint32_t   i, u;

    t = data_create(ITEMS, 0);
    t->d.products[3].listed = 0;
    t->d.users = recs_keys16_create();

    for (u = 0; u < USERS; u++) {
        memset(key, 0, sizeof(key));
        key[0] = (uint8_t) (u * 77);
        key[1] = (uint8_t) u;
        recs_keys16_add(t->d.users, key);

        for (i = 0; u != 7 && i < ITEMS; i++) {
            if (noise() < -0.35 + 0.3 * (i % 5 == u % 5)) {
                data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, i, u,
                          DATA_NONE);
            }
        }
    }

    data_finish(t);

    return t;
}


/* Scores of a user by the formula; -1 for what the user has. */

static void
scores(const recs_als_t *a, const recs_matrix_t *x, uint32_t user,
    double *score)
{
    double    all, cosine[USERS], best, vv, uv, uu;
    uint32_t  f, k, n, v;
    uint64_t  e;

    for (v = 0; v < USERS; v++) {
        for (f = 0, uu = 0, uv = 0, vv = 0; f < a->factors; f++) {
            uu += pow(a->w[user * a->factors + f], 2);
            vv += pow(a->w[v * a->factors + f], 2);
            uv += (double) a->w[user * a->factors + f]
                  * a->w[v * a->factors + f];
        }

        cosine[v] = (v != user && uu * vv > 0) ? uv / sqrt(uu * vv) : 0;
    }

    memset(score, 0, ITEMS * sizeof(double));

    for (n = 0, all = 0; n < ALIKE; n++, all += best) {
        for (v = 0, k = 0; v < USERS; v++) {
            k = cosine[v] > cosine[k] ? v : k;
        }

        best = cosine[k];
        cosine[k] = 0;

        for (e = x->rows.offsets[k]; best > 0 && e < x->rows.offsets[k + 1];
             e++)
        {
            score[x->rows.entries[e]] += best;
        }
    }

    for (k = 0; k < ITEMS; k++) {
        score[k] /= all;
    }

    for (e = x->rows.offsets[user]; e < x->rows.offsets[user + 1]; e++) {
        score[x->rows.entries[e]] = -1;
    }

    score[3] = -1;
}


int
main(void)
{
    double           diff, score[ITEMS];
    data_t          *t;
    uint32_t         i, k, n, user, wrong;
    uint64_t         e;
    recs_als_t       a;
    recs_config_t    c;
    recs_error_t     err;
    recs_matrix_t    x;
    recs_personal_t  p = { 0 }, again = { 0 };

    recs_config_init(&c);
    c.als_factors = 16;
    c.user_neighbours = ALIKE;
    t = shop_of_tastes();

    ok(recs_model_neighbours(&t->d, &c, &p, &err) == RECS_OK && p.count == 0,
       "nothing where they have no weight");

    c.serving.neighbours = 1;
    c.threads = 1;
    ok(recs_model_neighbours(&t->d, &c, &p, &err) == RECS_OK, "built");
    is_int(p.count, USERS - 1, "a list for all who have something");

    recs_als_input(&t->d, &c, &x);
    recs_als_fit(&x, ITEMS, &c, &a);
    diff = 0;
    wrong = 0;

    for (k = 0; k < p.count; k++) {
        user = recs_keys16_find(t->d.users, p.identities + 16 * k);
        scores(&a, &x, user, score);
        wrong += k && memcmp(p.identities + 16 * (k - 1),
                             p.identities + 16 * k, 16) >= 0;

        for (i = 0, n = 0; i < ITEMS; i++) {
            n += score[i] > 0;
        }

        wrong += n != p.offsets[k + 1] - p.offsets[k];

        for (e = p.offsets[k]; e < p.offsets[k + 1]; e++) {
            diff = fmax(diff, fabs(p.entries[e].weight
                                   - score[p.entries[e].item]));
            wrong += e > p.offsets[k]
                     && p.entries[e].weight > p.entries[e - 1].weight;
        }
    }

    is_int(wrong, 0, "identities ascend, lists are whole, best first");
    ok(diff < 1e-5, "scores as the formula says: %g", diff);

    c.threads = 3;
    recs_model_neighbours(&t->d, &c, &again, &err);
    ok(again.count == p.count
       && !memcmp(again.entries, p.entries, p.offsets[p.count]
                  * sizeof(recs_format_related_t)),
       "the same by three threads");

    recs_personal_free(&p);
    recs_personal_free(&again);
    recs_als_free(&a);
    recs_matrix_free(&x);
    recs_keys16_destroy(t->d.users);
    data_destroy(t);

    return done_testing();
}
