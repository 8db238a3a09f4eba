/*
 * Copyright (C) recs authors
 *
 * Association and sequential rules against their definition.
 */

#include <time.h>

#include "model_data.h"
#include "tap.h"


#define ITEMS     30
#define SESSIONS  60
#define CLICKS    15


typedef struct {
    double    value;
    uint32_t  item;
    uint32_t  order;
} rule_t;


static uint64_t       state;
static recs_config_t  config;
static uint32_t       clicks[SESSIONS][CLICKS];
static uint32_t       lengths[SESSIONS];
static rule_t         rules[ITEMS][ITEMS];
static uint32_t       counts[ITEMS];


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static data_t *
random_data(void)
{
    data_t    *t;
    uint32_t   i, r, time;

    t = data_create(ITEMS, 0);
    time = DATA_START;

    for (r = 0; r < SESSIONS; r++) {
        lengths[r] = 2 + draw(CLICKS - 1);

        for (i = 0; i < lengths[r]; i++) {
            time += 600;
            clicks[r][i] = draw(1 + draw(ITEMS));
            data_line(t, time, RECS_EVENT_PRODUCT_VIEW, clicks[r][i],
                      DATA_NONE, r);
        }
    }

    data_finish(t);

    return t;
}


static void
touch(uint32_t a, uint32_t b, double value)
{
    uint32_t  k;

    for (k = 0; k < counts[a] && rules[a][k].item != b; k++) {
        /* void */
    }

    if (k == counts[a]) {
        rules[a][k].item = b;
        rules[a][k].order = k;
        rules[a][k].value = 0;
        counts[a]++;
    }

    rules[a][k].value += value;
}


static int
best(const void *one, const void *two)
{
    const rule_t  *a = one, *b = two;

    if (fabs(a->value - b->value) > 1e-12) {
        return (a->value > b->value) ? -1 : 1;
    }

    return (a->order < b->order) ? -1 : 1;
}


/* As session-rec does it: dictionaries that remember the order. */

static void
reference(unsigned sequential)
{
    uint32_t  i, j, d, r;

    memset(counts, 0, sizeof(counts));

    for (r = 0; r < SESSIONS; r++) {
        for (j = 1; j < lengths[r]; j++) {

            for (i = 0; !sequential && i < j; i++) {
                touch(clicks[r][j], clicks[r][i], 1);
                touch(clicks[r][i], clicks[r][j], 1);
            }

            for (d = 1; sequential && d <= j && d <= config.next_steps; d++) {
                touch(clicks[r][j - d], clicks[r][j],
                      1.0 / pow(d, config.next_power));
            }
        }
    }

    for (i = 0; i < ITEMS; i++) {
        qsort(rules[i], counts[i], sizeof(rule_t), best);
    }
}


static unsigned
agrees(const recs_model_list_t *list)
{
    uint32_t                      i, k, m, n;
    const recs_format_related_t  *e;

    for (i = 0; i < ITEMS; i++) {
        n = recs_min(counts[i], (uint32_t) config.next_max);
        e = (recs_format_related_t *) list->entries + list->offsets[i];

        if (data_count(list, i) != n) {
            return 0;
        }

        for (k = 0; k < n; k++) {
            for (m = 0; m < n && rules[i][m].item != e[k].item; m++) {
                /* void */
            }

            if (m == n || fabs(e[k].weight
                               - rules[i][m].value / rules[i][0].value)
                          > 1e-6
                || (k && (e[k].weight > e[k - 1].weight
                          || (e[k].weight == e[k - 1].weight
                              && e[k].item < e[k - 1].item))))
            {
                printf("# row %u, place %u: item %u\n", i, k, e[k].item);
                return 0;
            }
        }
    }

    return 1;
}


static void
test_random(uint64_t seed)
{
    data_t             *t;
    unsigned            sequential;
    recs_model_list_t   one, two;

    state = seed;
    t = random_data();

    for (sequential = 0; sequential < 2; sequential++) {
        config.next_max = 1 + draw(2 * ITEMS);
        config.next_steps = 1 + draw(CLICKS);
        config.next_power = draw(3);

        reference(sequential);

        config.threads = 1;
        one = data_model(t, &config, sequential ? "sr" : "ar");
        config.threads = 3;
        two = data_model(t, &config, sequential ? "sr" : "ar");

        ok(agrees(&one), "%s, seed %llu", sequential ? "sr" : "ar",
           (unsigned long long) seed);
        ok(memcmp(one.offsets, two.offsets, (ITEMS + 1) * 8) == 0
           && memcmp(one.entries, two.entries, one.offsets[ITEMS]
                     * sizeof(recs_format_related_t)) == 0,
           "the same for three threads");

        recs_model_free(&one);
        recs_model_free(&two);
    }

    data_destroy(t);
}


/* A session counts by its age, a product that is not listed not at all. */

static void
test_recency(void)
{
    data_t                       *t;
    recs_model_list_t             list;
    const recs_format_related_t  *e;

    t = data_create(4, 0);

    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 0, DATA_NONE, 0);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, DATA_NONE, 0);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 3, DATA_NONE, 0);
    data_line(t, DATA_START + 2 * DATA_DAY, RECS_EVENT_PRODUCT_VIEW, 0,
              DATA_NONE, 1);
    data_line(t, DATA_START + 2 * DATA_DAY, RECS_EVENT_PRODUCT_VIEW, 2,
              DATA_NONE, 1);
    data_finish(t);

    t->d.products[3].listed = 0;
    config.next_max = 10;
    config.next_steps = 20;
    config.next_recency = 4;

    list = data_model(t, &config, "sr");
    e = list.entries;

    is_int(data_count(&list, 0), 2, "what is listed");
    is_int(e[0].item, 2, "the later session");
    ok(fabs(e[1].weight - exp(-.5)) < 1e-6, "e^(-days / next_recency)");
    recs_model_free(&list);

    config.next_recency = 1e-4;
    list = data_model(t, &config, "ar");
    is_int(data_count(&list, 0), 1, "what is older than numbers reach");
    recs_model_free(&list);

    data_destroy(t);
}


int
main(int argc, char **argv)
{
    uint64_t  seed;

    seed = (argc > 1) ? strtoull(argv[1], NULL, 10) : (uint64_t) time(NULL);

    recs_config_init(&config);
    config.next_recency = 0;

    test_random(1);
    test_random(seed);
    test_random(seed + 1);
    test_recency();

    return done_testing();
}
