/*
 * Copyright (C) recs authors
 *
 * When to build: an interval ("90s", "15m", "1h30m", "1d") or the five fields
 * of a cron expression in UTC, where no hour is missing or comes twice.
 */

#ifndef _RECS_BUILDER_SCHEDULE_H_INCLUDED_
#define _RECS_BUILDER_SCHEDULE_H_INCLUDED_


#include "../core/recs_types.h"


/*
 * A set of a field is its bits.  As in Vixie cron, the day has to be in both
 * "days" and "weekdays" where one of the two fields begins with "*",
 * otherwise in one of them.
 */

typedef struct {
    int64_t   interval_ms;       /* 0: the sets below */
    uint64_t  minutes;
    uint64_t  hours;
    uint64_t  days;              /* bits 1 to 31 */
    uint64_t  months;            /* bits 1 to 12 */
    uint64_t  weekdays;          /* bits 0 to 6, Sunday is 0 */
    unsigned  both;
} recs_schedule_t;


/*
 * minute hour day month weekday: "*", numbers, a-b, steps (*\/n, a-b/n, a/n),
 * lists, and names of months and weekdays (jan, mon); Sunday is 0 and 7.
 * Also @hourly, @daily, @weekly, @monthly.  RECS_ERROR with *err, also for
 * what never comes, like "0 0 30 2 *".
 */

int recs_schedule_parse(recs_schedule_t *s, const char *text,
    const char **err);

/* The first time after "after_ms". */

int64_t recs_schedule_next(const recs_schedule_t *s, int64_t after_ms);


#endif /* _RECS_BUILDER_SCHEDULE_H_INCLUDED_ */
