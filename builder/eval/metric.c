/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "eval.h"


static double
recs_metric_recall(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return right ? (double) hits / right : 0;
}


static double
recs_metric_ideal(uint32_t n)
{
    double    sum;
    uint32_t  i;

    for (i = 0, sum = 0; i < n; i++) {
        sum += 1 / log2(i + 2.0);
    }

    return sum;
}


static double
recs_metric_gain(const uint32_t *ranks, uint32_t hits)
{
    double    sum;
    uint32_t  i;

    for (i = 0, sum = 0; i < hits; i++) {
        sum += 1 / log2(ranks[i] + 2.0);
    }

    return sum;
}


static double
recs_metric_ndcg(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return hits ? recs_metric_gain(ranks, hits)
                  / recs_metric_ideal(recs_min(right, k)) : 0;
}


static double
recs_metric_ndcg_all(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return hits ? recs_metric_gain(ranks, hits) / recs_metric_ideal(right)
                : 0;
}


static double
recs_metric_hr(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return hits > 0;
}


static double
recs_metric_mrr(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return hits ? 1.0 / (ranks[0] + 1) : 0;
}


static double
recs_metric_precision(const uint32_t *ranks, uint32_t hits, uint32_t right,
    uint32_t k)
{
    return (double) hits / k;
}


const recs_metric_t  recs_metrics[] = {
    { "recall", recs_metric_recall },
    { "ndcg", recs_metric_ndcg },
    { "ndcg_all", recs_metric_ndcg_all },
    { "hr", recs_metric_hr },
    { "mrr", recs_metric_mrr },
    { "precision", recs_metric_precision },
    { NULL, NULL }
};


unsigned
recs_metric_list(const char *names, const recs_metric_t **metrics,
    recs_error_t *err)
{
    size_t                len;
    unsigned              n;
    const char           *p;
    const recs_metric_t  *m;

    n = 0;

    for (p = names; ; p += len) {
        p += strspn(p, " ,");
        len = strcspn(p, " ,");

        if (len == 0) {
            break;
        }

        for (m = recs_metrics; m->name; m++) {
            if (strlen(m->name) == len && memcmp(m->name, p, len) == 0) {
                break;
            }
        }

        if (m->name == NULL || n == RECS_EVAL_METRICS) {
            (void) recs_error(err, "there is no metric \"%.*s\", or there "
                              "are more than %d; there are recall, ndcg, "
                              "ndcg_all, hr, mrr, precision", (int) len, p,
                              RECS_EVAL_METRICS);
            return 0;
        }

        metrics[n++] = m;
    }

    metrics[n] = NULL;

    if (n == 0) {
        (void) recs_error(err, "no metric is named");
    }

    return n;
}
