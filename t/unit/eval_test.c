/*
 * Copyright (C) recs authors
 *
 * Metrics by hand, the bootstrap against a naive one, and a small split whose
 * results are the same for one, two and three threads.
 */

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "builder/eval/eval.h"
#include "builder/synth/random.h"
#include "model_data.h"
#include "tap.h"


static double
metric(const char *name, const uint32_t *ranks, uint32_t hits,
    uint32_t right, uint32_t k)
{
    recs_error_t          e;
    const recs_metric_t  *m[RECS_EVAL_METRICS + 1];

    return (recs_metric_list(name, m, &e) == 1)
           ? m[0]->value(ranks, hits, right, k) : -1;
}


static void
test_metrics(void)
{
    double           l3, l5;
    recs_error_t     e;
    static uint32_t  ranks[] = { 0, 3 }, late[] = { 3 };

    const recs_metric_t  *m[RECS_EVAL_METRICS + 1];

    l3 = 1 / log2(3);
    l5 = 1 / log2(5);

    /* right answers first and fourth of five, of three right ones */

    is_near(metric("recall", ranks, 2, 3, 5), 2.0 / 3, 1e-12, "recall");
    is_near(metric("ndcg", ranks, 2, 3, 5), (1 + l5) / (1 + l3 + .5), 1e-12,
            "ndcg");
    is_near(metric("ndcg", ranks, 2, 9, 2), (1 + l5) / (1 + l3), 1e-12,
            "the ideal ends with the list");
    is_near(metric("ndcg_all", ranks, 2, 3, 2), (1 + l5) / (1 + l3 + .5),
            1e-12, "but not that of ndcg_all");
    ok(metric("hr", ranks, 2, 3, 5) == 1, "hr");
    ok(metric("mrr", ranks, 2, 3, 5) == 1, "mrr of the first");
    ok(metric("mrr", late, 1, 3, 5) == .25, "mrr of the fourth");
    is_near(metric("precision", ranks, 2, 3, 5), .4, 1e-12, "precision");

    ok(metric("recall", ranks, 0, 3, 5) == 0
       && metric("ndcg", ranks, 0, 3, 5) == 0
       && metric("hr", ranks, 0, 3, 5) == 0
       && metric("mrr", ranks, 0, 3, 5) == 0, "no hit, nothing");

    is_int(recs_metric_list("mrr, hr ndcg", m, &e), 3, "three metrics");
    ok(strcmp(m[0]->name, "mrr") == 0 && m[3] == NULL, "in their order");
    is_int(recs_metric_list("mrr map", m, &e), 0, "no such metric");
    ok(strstr(e.text, "\"map\"") != NULL, "is named: %s", e.text);
    is_int(recs_metric_list("", m, &e), 0, "none at all");
}


static void
test_cases(void)
{
    recs_case_t      one;
    recs_cases_t     cases;
    static uint64_t  keys[] = { 1, 2, 1, 3, 2 };
    static uint8_t   who[16] = "0123456789abcde";

    memset(&cases, 0, sizeof(cases));
    memset(&one, 0, sizeof(one));

    one.keys[RECS_CASE_RIGHT] = keys;
    one.counts[RECS_CASE_RIGHT] = 5;
    one.keys[RECS_CASE_SESSION] = keys;
    one.counts[RECS_CASE_SESSION] = 3;
    recs_cases_add(&cases, &one);

    one.asker = who;
    one.group = 4;
    one.counts[RECS_CASE_RIGHT] = 1;
    one.counts[RECS_CASE_SESSION] = 0;
    recs_cases_add(&cases, &one);

    is_int(cases.count, 2, "two cases");
    is_int(cases.group_count, 5, "groups");

    recs_cases_get(&cases, 0, &one);
    is_int(one.counts[RECS_CASE_SESSION], 3, "a session repeats itself");
    is_int(one.counts[RECS_CASE_RIGHT], 3, "right answers do not");
    is_int(one.keys[RECS_CASE_RIGHT][2], 3, "and keep their order");
    is_int(one.counts[RECS_CASE_SEEN], 0, "nothing seen");
    is_int(one.asker[0], 0, "nobody asks");

    recs_cases_get(&cases, 1, &one);
    is_int(one.counts[RECS_CASE_SESSION], 0, "no session");
    is_int(one.keys[RECS_CASE_RIGHT][0], 1, "one right answer");
    ok(memcmp(one.asker, who, 16) == 0, "somebody asks");

    recs_cases_free(&cases);
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


static void
test_bootstrap(void)
{
    int              i, g;
    double           sum, count, low, high;
    recs_random_t    random;
    recs_interval_t  one[1], three[1];
    static double    values[200][2], means[RECS_EVAL_DRAWS];

    random.state = 7;

    for (g = 0; g < 200; g++) {
        values[g][1] = 1 + g % 3;
        values[g][0] = values[g][1] * recs_random_real(&random);
    }

    recs_eval_bootstrap(values[0], 200, 2, 1, 1, one);
    recs_eval_bootstrap(values[0], 200, 2, 1, 3, three);

    ok(memcmp(one, three, sizeof(one)) == 0, "threads do not matter");

    for (i = 0; i < RECS_EVAL_DRAWS; i++) {
        for (g = 0, sum = 0, count = 0; g < 200; g++) {
            int  n = (int) recs_random_below(&random, 200);

            sum += values[n][0];
            count += values[n][1];
        }

        means[i] = sum / count;
    }

    qsort(means, RECS_EVAL_DRAWS, sizeof(double), compare);
    low = means[RECS_EVAL_DRAWS / 40];
    high = means[RECS_EVAL_DRAWS * 39 / 40];

    for (g = 0, sum = 0, count = 0; g < 200; g++) {
        sum += values[g][0];
        count += values[g][1];
    }

    is_near(one->mean, sum / count, 1e-12, "the mean is that of the sample");
    is_near(one->low, low, .05 * (high - low), "the lower end");
    is_near(one->high, high, .05 * (high - low), "the upper end");

    recs_eval_bootstrap(values[0], 1, 2, 1, 1, one);
    ok(one->low == one->mean && one->high == one->mean,
       "one group: no width");
}


static void
test_paired(void)
{
    float            a[6], b[6];
    unsigned         i;
    recs_result_t    x, y;
    recs_interval_t  interval;
    static uint32_t  groups[] = { 0, 0, 1, 1, 2, 2 };

    memset(&x, 0, sizeof(x));

    for (i = 0; i < 6; i++) {
        b[i] = (float) i;
        a[i] = (float) i + .5f;
    }

    x.count = 6;
    x.groups = groups;
    x.group_count = 3;
    y = x;
    x.values[0] = a;
    y.values[0] = b;

    recs_eval_paired(&x, &y, 0, 1, 2, &interval);

    is_near(interval.mean, .5, 1e-9, "a difference");
    ok(interval.low == interval.high, "that is the same for all has no width");
}


/* 60 users of two tastes; everybody has something new of the own taste. */

static void
split_write(const char *dir)
{
    char           path[256];
    FILE          *f, *test;
    int            user, i, item;
    recs_random_t  random;

    random.state = 3;

    snprintf(path, sizeof(path), "%s/train.txt", dir);
    f = fopen(path, "w");
    snprintf(path, sizeof(path), "%s/test.txt", dir);
    test = fopen(path, "w");

    for (user = 0; user < 60; user++) {
        fprintf(f, "%d", user);
        fprintf(test, "%d", user);

        for (i = 0; i < 30; i++) {
            item = 2 * i + user % 2;

            if (recs_random_chance(&random, .5)) {
                fprintf(f, " %d", item);

            } else if (recs_random_chance(&random, .3)) {
                fprintf(test, " %d", item);
            }
        }

        fprintf(f, "\n");
        fprintf(test, "\n");
    }

    fclose(f);
    fclose(test);
}


static int
run(const char *dir, recs_part_e part, const char *strategy,
    const char *threads, recs_result_t *r)
{
    int                  rc;
    recs_eval_t         *e;
    recs_error_t         err;
    recs_config_t        c;
    recs_eval_options_t  o;

    memset(&o, 0, sizeof(o));

    o.protocol = recs_protocol_find("topn");
    o.paths[0] = dir;
    o.part = part;
    o.seed = 1;
    o.at = 5;
    o.strategy = strategy;

    recs_config_init(&c);
    (void) recs_config_set(&c, "threads", threads, 0, &err);

    e = recs_eval_open(&o, &err);
    if (!ok(e != NULL, "opened")) {
        printf("# %s\n", err.text);
        return 0;
    }

    rc = recs_eval_run(e, &c, NULL, 1, r, &err);
    if (!ok(rc == RECS_OK, "%s with %s threads", strategy, threads)) {
        printf("# %s\n", err.text);
    }

    recs_eval_close(e);

    return rc == RECS_OK;
}


static unsigned
same(const recs_result_t *a, const recs_result_t *b)
{
    unsigned  m;

    for (m = 0; m < a->metric_count; m++) {
        if (memcmp(a->values[m], b->values[m], a->count * sizeof(float))
            || a->mean[m] != b->mean[m] || a->half[m] != b->half[m])
        {
            return 0;
        }
    }

    return a->count == b->count && strcmp(a->id, b->id) == 0
           && a->coverage == b->coverage && a->gini == b->gini
           && a->diversity == b->diversity && a->novelty == b->novelty
           && a->tail == b->tail
           && a->hash == b->hash;
}


static void
test_split(void)
{
    int            i;
    char           dir[] = "/tmp/recs-eval-test-XXXXXX", command[64];
    recs_result_t  r[3], popular;

    static const char *const  threads[] = { "1", "2", "3" };

    if (!ok(mkdtemp(dir) != NULL, "a directory")) {
        return;
    }

    split_write(dir);

    for (i = 0; i < 3; i++) {
        if (!run(dir, RECS_PART_TEST, "PERSONALIZED", threads[i], &r[i])) {
            return;
        }
    }

    ok(same(&r[0], &r[1]) && same(&r[0], &r[2]),
       "the same for any number of threads");
    ok(r[0].mean[0] > .15, "tastes are found, recall %.3f", r[0].mean[0]);
    ok(r[0].half[0] > 0 && r[0].half[0] < .3, "half width %.3f",
       r[0].half[0]);
    ok(r[0].coverage > .3 && r[0].coverage <= 1, "coverage %.3f",
       r[0].coverage);
    ok(r[0].gini > 0 && r[0].gini < 1, "gini %.3f", r[0].gini);
    ok(r[0].novelty > 0, "novelty %.3f", r[0].novelty);
    ok(r[0].bytes > 0 && r[0].us_p99 >= r[0].us_p50, "costs");

    if (run(dir, RECS_PART_TEST, "CATALOGUE", "2", &popular)) {
        ok(popular.mean[0] < r[0].mean[0], "popularity finds less, %.3f",
           popular.mean[0]);
        ok(popular.novelty < r[0].novelty, "of what more have");
        recs_result_free(&popular);
    }

    for (i = 0; i < 3; i++) {
        recs_result_free(&r[i]);
    }

    /* validation does without the test part */

    snprintf(command, sizeof(command), "rm %s/test.txt", dir);
    ok(system(command) == 0, "no test part");

    if (run(dir, RECS_PART_VALIDATION, "PERSONALIZED", "2", &r[0])) {
        is_int(r[0].count, 60, "everybody has a tenth to find");
        recs_result_free(&r[0]);
    }

    snprintf(command, sizeof(command), "rm -r %s", dir);
    ok(system(command) == 0, "removed");
}


int
main(void)
{
    recs_message_init(RECS_MSG_NOTICE);

    test_metrics();
    test_cases();
    test_bootstrap();
    test_paired();
    test_split();

    return done_testing();
}
