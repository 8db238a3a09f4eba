/*
 * Copyright (C) recs authors
 *
 * related = smoothed: histories at random against the formula, written down
 * once more; without categories what is expected is the share in the shop.
 */

#include "model_data.h"
#include "tap.h"


#define ITEMS  9
#define USERS  60
#define KAPPA  7.0


typedef struct {
    uint8_t   has[USERS][ITEMS];
    double    sum[ITEMS][ITEMS];
    double    margin[ITEMS];
    double    total;
} naive_t;


static data_t *
histories(naive_t *naive)
{
    data_t    *t;
    double     weight;
    uint32_t   i, j, n, state, user;

    memset(naive, 0, sizeof(naive_t));
    t = data_create(ITEMS, 0);
    state = 5;

    for (user = 0; user < USERS; user++) {
        for (i = 0, n = 0; i < ITEMS; i++) {
            state = state * 1664525u + 1013904223u;

            if ((state >> 16) % (2 + i) == 0) {
                data_buy(t, DATA_START + user, i, user, user, 1);
                naive->has[user][i] = 1;
                n++;
            }
        }

        weight = n > 1 ? pow(n - 1, -0.5) : 0;

        for (i = 0; i < ITEMS; i++) {
            for (j = 0; j < ITEMS; j++) {
                if (i != j && naive->has[user][i] && naive->has[user][j]) {
                    naive->sum[i][j] += weight;
                    naive->margin[i] += weight;
                    naive->total += weight;
                }
            }
        }
    }

    data_finish(t);

    return t;
}


int
main(void)
{
    data_t                       *t;
    double                        want;
    naive_t                       naive;
    uint32_t                      bad, i, k, n;
    recs_config_t                 c;
    recs_model_list_t             list, two;
    const recs_format_related_t  *e;

    recs_config_init(&c);
    c.together_smoothing = KAPPA;
    t = histories(&naive);
    list = data_model(t, &c, "smoothed");

    for (i = 0; i < ITEMS; i++) {
        e = (recs_format_related_t *) list.entries + list.offsets[i];
        n = data_count(&list, i);
        bad = n != ITEMS - 1;

        for (k = 0; k < n; k++) {
            want = (naive.sum[i][e[k].item]
                    + KAPPA * naive.margin[e[k].item] / naive.total)
                   / (naive.margin[i] + KAPPA);
            bad += fabs(e[k].weight - want) > 1e-6 || e[k].item == i
                   || (k && e[k].weight > e[k - 1].weight);
        }

        is_int(bad, 0, "row %u: all others, by the formula", i);
    }

    c.threads = 3;
    two = data_model(t, &c, "smoothed");
    ok(memcmp(list.entries, two.entries,
              list.offsets[ITEMS] * sizeof(recs_format_related_t)) == 0,
       "the same by three threads");

    recs_model_free(&list);
    recs_model_free(&two);
    data_destroy(t);

    return done_testing();
}
