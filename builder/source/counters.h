/*
 * Copyright (C) recs authors
 *
 * The report by day as hashes in Redis, for who looks there: PREFIX:day:
 * 2026-11-20 has the fields "served", "seen", "clicks", "dismissed", "carts",
 * "orders", "units", "revenue", "margin" and "refunds" of the day (UTC), and
 * the same of each type, "TRENDING.served".  Values are absolute: a hash is
 * written anew as a whole, so that nothing adds up what Redis has forgotten
 * or what was told twice.  Each key goes with its day, RECS_COUNTERS_DAYS
 * later, and has RECS_COUNTERS_FIELDS fields at most.
 */

#ifndef _RECS_BUILDER_COUNTERS_H_INCLUDED_
#define _RECS_BUILDER_COUNTERS_H_INCLUDED_


#include "../report/report.h"
#include "feed.h"


#define RECS_COUNTERS_DAYS    8
#define RECS_COUNTERS_KINDS   10
#define RECS_COUNTERS_FIELDS  (RECS_COUNTERS_KINDS * (RECS_STRATEGY_MAX + 2))


typedef struct recs_counters_s  recs_counters_t;


typedef struct {
    int           argc;
    const char  **argv;
} recs_counters_args_t;


recs_counters_t *recs_counters_create(const char *prefix);
void recs_counters_free(recs_counters_t *c);

/*
 * Takes over the hours and days of a view: whole ones, which replace what was
 * known of them.  "all": there is nothing but what the view has.
 */

void recs_counters_take(recs_counters_t *c, const recs_report_view_t *view,
    unsigned all);

/* All days have to be written again: what Redis holds may be gone. */

void recs_counters_reset(recs_counters_t *c);

/*
 * Makes the commands of a transaction, MULTI to EXEC, for the newest day that
 * has changed and is not older than RECS_COUNTERS_DAYS; 0: there is none.
 * They are good until the next call of any function here;
 * recs_counters_done(): they were taken.
 */

size_t recs_counters_commands(recs_counters_t *c, int64_t now_ms,
    const recs_counters_args_t **commands);
void recs_counters_done(recs_counters_t *c);


#endif /* _RECS_BUILDER_COUNTERS_H_INCLUDED_ */
