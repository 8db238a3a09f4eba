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


#define RECS_EVAL_METRICS   8          /* most metrics at once */
#define RECS_EVAL_DRAWS     10000      /* of the bootstrap */
#define RECS_EVAL_PATHS     8


typedef enum {
    RECS_PART_TEST = 0,
    RECS_PART_VALIDATION
} recs_part_e;


/*
 * One question: products (key64 of their ids) in four roles.  "session" is
 * the live session, oldest first (of who has an asker's history besides, for
 * SESSION alone); "asked" what is asked about (one:
 * query.product, more: the cart); "right" the answers, distinct; "seen" what
 * the asker is known to have, left out of lists whose strategy does not look
 * at the asker.
 */

typedef enum {
    RECS_CASE_SESSION = 0,
    RECS_CASE_ASKED,
    RECS_CASE_RIGHT,
    RECS_CASE_SEEN,
    RECS_CASE_ROLES
} recs_case_e;

typedef struct {
    const uint64_t   *keys[RECS_CASE_ROLES];
    uint32_t          counts[RECS_CASE_ROLES];
    const uint8_t    *asker;       /* 16 bytes, an identity, NULL: nobody */
    uint32_t          group;
} recs_case_t;


/*
 * The questions of a split, asked of recs_strategies[strategy].  Cases of
 * one "group" (user, session) are drawn together by the bootstrap; groups
 * are numbered from 0 without a gap.
 */

typedef struct {
    unsigned    strategy;
    uint32_t    count;
    uint64_t   *offsets;         /* RECS_CASE_ROLES count + 1, in keys */
    uint64_t   *keys;
    uint8_t    *askers;          /* 16 bytes each */
    uint32_t   *groups;
    uint32_t    group_count;
    uint64_t    hash;            /* XXH3 of all that was read */
    size_t      caps[4];
} recs_cases_t;

/* Copies a question to the end, each right one once; sets group_count. */

void recs_cases_add(recs_cases_t *cases, const recs_case_t *one);

/* Question n by reference. */

void recs_cases_get(const recs_cases_t *cases, uint32_t n, recs_case_t *one);

void recs_cases_free(recs_cases_t *cases);


/*
 * What a protocol reads: "paths" as docs/quality.md says of it.  It gives the
 * events of train to "sink", as a source would (verified, with identities),
 * and fills "cases", whose strategy is set before.  RECS_ERROR names file
 * and line.
 */

typedef struct {
    const char *const  *paths;   /* NULL ends */
    recs_part_e         part;
    uint64_t            seed;    /* of what is carved at random */
    unsigned            strategy;  /* that the cases are for */
    double              test_days;         /* temporal, 0: a tenth */
    double              validation_days;
    unsigned            cold;    /* temporal: users without a history */
    unsigned            repeats; /* what they bought before is right, too */
    const recs_keys_t  *keys;    /* for identities */
    recs_sink_pt        sink;
    void               *ctx;
} recs_eval_input_t;

typedef int (*recs_protocol_pt)(const recs_eval_input_t *in,
    recs_cases_t *cases, recs_error_t *err);


/* What is measured by itself: one result each of one configuration. */

typedef struct {
    const char   *name;          /* "repeats" */
    const char   *option;        /* "session_repeats" */
    const char   *value;         /* "yes" */
} recs_variant_t;


typedef struct {
    const char             *name;      /* "topn" */
    const char             *help;
    const char             *strategy;  /* "PERSONALIZED" */
    const char             *metrics;   /* "recall ndcg hr" by default */
    unsigned                at;        /* length of a list by default */
    recs_protocol_pt        read;
    const char *const      *options;   /* name, value, ..., NULL: set before
                                          the configuration is read, e.g. no
                                          decay where a split has no clock */
    const recs_variant_t   *variants;  /* name NULL ends; or NULL */
} recs_protocol_t;

extern const recs_protocol_t  recs_protocols[];      /* name NULL ends */

/* NULL: there is none. */

const recs_protocol_t *recs_protocol_find(const char *name);


/*
 * Metrics: from the ranks (0 first, below k, ascending) at which the "hits"
 * right answers stood, of "right" in all; 0..1.
 *
 *   recall     hits / right               (LightGCN; |T|)
 *   ndcg       sum 1/log2(rank + 2) / ideal of min(right, k)
 *   ndcg_all   the same / ideal of right  (next basket: Li et al. 2023)
 *   hr         1 where there is a hit     (PHR of baskets)
 *   mrr        1 / (first rank + 1)
 *   precision  hits / k
 */

typedef double (*recs_metric_pt)(const uint32_t *ranks, uint32_t hits,
    uint32_t right, uint32_t k);

typedef struct {
    const char      *name;
    recs_metric_pt   value;
} recs_metric_t;

extern const recs_metric_t  recs_metrics[];          /* name NULL ends */

/*
 * Names with blanks or commas between into "metrics", NULL ends, at most
 * RECS_EVAL_METRICS; returns how many, 0 with *err.
 */

unsigned recs_metric_list(const char *names, const recs_metric_t **metrics,
    recs_error_t *err);


/* What one configuration reached. */

typedef struct {
    char       *parameters;      /* "name=value ..." not at the default */
    const char *variant;         /* or NULL */
    unsigned    strategy;
    uint32_t    count;           /* cases asked */
    unsigned    metric_count;
    const recs_metric_t  *metrics[RECS_EVAL_METRICS + 1];
    float      *values[RECS_EVAL_METRICS];   /* by case asked */
    uint32_t   *groups;          /* of the cases asked, no gap */
    uint32_t    group_count;
    double      mean[RECS_EVAL_METRICS];
    double      half[RECS_EVAL_METRICS];     /* half width of the 95 %
                                    interval, 0: not drawn */
    double      coverage;        /* share of the shown items ever listed */
    double      gini;            /* of how often shown items were listed */
    double      diversity;       /* share of the pairs in a list whose deepest
                                    categories differ, 0 without any */
    double      distance;        /* mean over the pairs in a list of 1 - the
                                    cosine of their vectors (not below 0), 0
                                    without any */
    double      novelty;         /* mean -log2 share of users having it */
    double      tail;            /* share of right answers outside the 20 %
                                    most popular items that was listed */
    double      us_p50;          /* of one answer */
    double      us_p99;
    double      build_seconds;   /* of the snapshot, the reading without */
    double      answer_seconds;  /* of all answers, by the clock */
    uint64_t    bytes;           /* of the snapshot */
    uint64_t    hash;            /* of the split */
    long        peak_kb;         /* of reading and building */
    char        id[24];          /* of the snapshot */
} recs_result_t;

void recs_result_free(recs_result_t *result);


typedef struct {
    const recs_protocol_t  *protocol;
    const char             *paths[RECS_EVAL_PATHS + 1];
    recs_part_e             part;
    uint64_t                seed;
    uint32_t                at;            /* k, 1..RECS_LIMIT_MAX; 0: the
                                              protocol's */
    uint32_t                sample;        /* cases asked, 0: all */
    const char             *metrics;       /* NULL: the protocol's */
    const char             *strategy;      /* NULL: the protocol's */
    const char             *lists;         /* FILE that lists go to, NULL */
    const char             *keep;          /* DIR of the snapshot, NULL: a
                                              scratch one */
    double                  test_days;     /* temporal, 0: a tenth of the */
    double                  validation_days;     /* events */
    unsigned                cold;          /* temporal: ask who is new */
    unsigned                repeats;       /* temporal: bought again counts */
    unsigned                select;        /* models by recs_select() */
    unsigned                no_fallback;   /* lists end where the fallback
                                              would begin */
} recs_eval_options_t;


/*
 * A split under evaluation.  Lifecycle: open, run as often as there are
 * configurations, close, which removes the scratch directory.  A run builds
 * what differs from the run before: nothing but the header where only what
 * is served differs (recs_format_serving_t).
 *
 * run(): "c" is not changed, "variant" (may be NULL) is set over it; "draw"
 * asks for intervals.  The result is to be freed, also after RECS_ERROR.
 * The same for any c->threads, but for times and memory.
 */

typedef struct recs_eval_s  recs_eval_t;

recs_eval_t *recs_eval_open(const recs_eval_options_t *o, recs_error_t *err);

/* The strategy of the runs that follow; NULL: as it was opened. */

int recs_eval_strategy(recs_eval_t *e, const char *name, recs_error_t *err);

int recs_eval_run(recs_eval_t *e, const recs_config_t *c,
    const recs_variant_t *variant, unsigned draw, recs_result_t *result,
    recs_error_t *err);
void recs_eval_close(recs_eval_t *e);


/*
 * Asks cases, whose strategy is set, of any opened snapshot and fills the
 * result but for what it costs to build; novelty is 0.  RECS_ERROR: no such
 * metric, or no case.
 */

int recs_eval_measure(const recs_snapshot_t *snapshot,
    const recs_cases_t *cases, uint32_t at, const char *metrics,
    unsigned threads, unsigned draw, recs_result_t *result,
    recs_error_t *err);


/*
 * The bootstrap over groups, RECS_EVAL_DRAWS draws of as many groups as there
 * are.  "values" has a row of "width" numbers a group: the group's sums and,
 * last, its number of cases; mean, low and high have width - 1.  Percentile
 * interval of 95 % (Efron).
 */

typedef struct {
    double  mean;
    double  low;
    double  high;
} recs_interval_t;

void recs_eval_bootstrap(const double *values, uint32_t groups,
    unsigned width, uint64_t seed, unsigned threads,
    recs_interval_t *intervals);

/* Paired: a - b of metric m of two results over the same cases. */

void recs_eval_paired(const recs_result_t *a, const recs_result_t *b,
    unsigned m, uint64_t seed, unsigned threads, recs_interval_t *interval);


#endif /* _RECS_BUILDER_EVAL_H_INCLUDED_ */
