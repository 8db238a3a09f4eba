/*
 * Copyright (C) recs authors
 *
 * Offline evaluation through the code that serves: a protocol reads a split
 * into events to learn from and cases to ask; the events become a dataset
 * and a snapshot in a scratch folder, each case a question to
 * recs_answer() over that snapshot, its list ranks, ranks metrics.
 *
 * Parts.  A protocol hands out the part "test", or "validation": then the
 * test part is not read at all, and what was the end of train is asked
 * instead.  Hyper-parameters are chosen on validation.
 */

#ifndef _RECS_BUILDER_EVAL_H_INCLUDED_
#define _RECS_BUILDER_EVAL_H_INCLUDED_


#include "../../core/answer/recs_strategy.h"
#include "../data/dataset.h"
#include "../source/source.h"


typedef enum {
    RECS_PART_TEST = 0,
    RECS_PART_VALIDATION
} recs_part_e;


/*
 * The questions of a split.  Case n asks recs_strategies[strategy] as
 * "askers[n]" (16 bytes, an identity of the dataset, or zeros) with the
 * products keys[offsets[3n] .. offsets[3n+1]) as the live session, oldest
 * first, and keys[offsets[3n+1] .. offsets[3n+2]) as the products asked
 * about (one: query.product, more: the cart); right are
 * keys[offsets[3n+2] .. offsets[3n+3]).  Cases of one "group" (user,
 * session) are drawn together by the bootstrap.
 */

typedef struct {
    unsigned    strategy;
    uint32_t    count;
    uint64_t   *offsets;         /* 3 count + 1 */
    uint64_t   *keys;            /* key64 of product ids */
    uint8_t    *askers;          /* 16 bytes each, or NULL */
    uint32_t   *groups;
    uint32_t    group_count;
    uint64_t    hash;            /* XXH3 of all that was read */
} recs_cases_t;


/*
 * A protocol: reads "path" (a directory or file as docs/quality.md says),
 * gives the events of train to sink and fills "cases".  RECS_ERROR names
 * file and line.
 */

typedef struct {
    const char     *path;
    recs_part_e     part;
    uint64_t        seed;        /* of what is carved at random */
    const recs_keys_t  *keys;    /* for identities */
    recs_sink_pt    sink;
    void           *ctx;
} recs_eval_input_t;

typedef int (*recs_protocol_pt)(const recs_eval_input_t *in,
    recs_cases_t *cases, recs_error_t *err);

typedef struct {
    const char         *name;    /* "topn" */
    const char         *help;
    recs_protocol_pt    read;
    const char         *metrics; /* "recall ndcg hr" by default */
    const char *const  *options; /* name, value, ..., NULL: set before the
                                    command line is, e.g. no decay where a
                                    split has no clock */
} recs_protocol_t;

extern const recs_protocol_t  recs_protocols[];      /* name NULL ends */


/*
 * Metrics: from the ranks (0 first, below k) at which the "hits" right
 * answers stood, of "right" in all; 0..1.
 *
 *   recall   hits / right               (LightGCN; |T|)
 *   ndcg     sum 1/log2(rank + 2) / ideal of min(right, k)
 *   hr       1 where there is a hit (also PHR)
 *   mrr      1 / (first rank + 1)
 *   precision  hits / k
 */

typedef double (*recs_metric_pt)(const uint32_t *ranks, uint32_t hits,
    uint32_t right, uint32_t k);

typedef struct {
    const char      *name;
    recs_metric_pt   value;
} recs_metric_t;

extern const recs_metric_t  recs_metrics[];          /* name NULL ends */


/* What one configuration reached. */

typedef struct {
    char       *parameters;      /* what differs from the defaults */
    uint32_t    count;           /* cases */
    float     **values;          /* [metric][case] */
    double     *mean;            /* [metric] */
    double     *half;            /* [metric] half width, 95 % bootstrap */
    double      coverage;        /* share of the shown items ever listed */
    double      gini;            /* of how often items were listed */
    double      novelty;         /* mean -log2 share of users having it */
    double      tail;            /* recall of items outside the head 20 % */
    double      us_p50, us_p99;  /* of one answer */
    double      build_seconds;
    double      answer_seconds;
    uint64_t    bytes;           /* of the snapshot */
    long        peak_kb;
} recs_result_t;


/*
 * Asks all cases of the snapshot in directory "dir".  "k" items a list, at
 * most RECS_LIMIT_MAX.  Deterministic for any number of threads.
 */

int recs_eval_ask(const char *dir, const recs_cases_t *cases, uint32_t k,
    const char *metrics, unsigned threads, recs_result_t *result,
    recs_error_t *err);

void recs_cases_free(recs_cases_t *cases);
void recs_result_free(recs_result_t *result);


/*
 * The paired bootstrap over groups, 10,000 draws: the mean of a - b and its
 * 95 % interval.
 */

typedef struct {
    double  mean;
    double  low;
    double  high;
} recs_interval_t;

void recs_eval_paired(const recs_cases_t *cases, const float *a,
    const float *b, uint64_t seed, recs_interval_t *interval);


#endif /* _RECS_BUILDER_EVAL_H_INCLUDED_ */
