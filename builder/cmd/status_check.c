/*
 * Copyright (C) recs authors
 *
 * What is wrong, by thresholds that docs/builder.md names.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "status.h"


#define RECS_LOOK_MINUTE    INT64_C(60000)
#define RECS_LOOK_DAY       INT64_C(86400000)

#define RECS_LOOK_SILENT    RECS_LOOK_MINUTE
#define RECS_LOOK_HANGS     (10 * RECS_LOOK_MINUTE)
#define RECS_LOOK_BEHIND    RECS_LOOK_MINUTE
#define RECS_LOOK_FAR       (10 * RECS_LOOK_MINUTE)
#define RECS_LOOK_HOT       (2 * RECS_LOOK_MINUTE)

/* Builds that were due since the snapshot was made. */

#define RECS_LOOK_MISSED    3
#define RECS_LOOK_MISSING   10

#define RECS_LOOK_LOW       20       /* one of so many parts is free */
#define RECS_LOOK_ALMOST    0.9      /* of log_max */


static void recs_look_builder(recs_look_t *look);
static void recs_look_events(recs_look_t *look);
static void recs_look_builds(recs_look_t *look);
static unsigned recs_look_due(const recs_look_t *look, int64_t since);
static void recs_look_layers(recs_look_t *look);
static void recs_look_room(recs_look_t *look);
static void recs_look_add(recs_look_t *look, recs_look_e level,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));


/* A fact that is known and above a bound. */

#define recs_look_above(look, name, n)                                       \
    ((look)->facts.name != RECS_FACT_UNKNOWN && (look)->facts.name > (n))


void
recs_look_check(recs_look_t *look)
{
    recs_look_builder(look);
    recs_look_events(look);
    recs_look_builds(look);
    recs_look_layers(look);
    recs_look_room(look);
}


static void
recs_look_builder(recs_look_t *look)
{
    int64_t  age;

    if (!look->log_known) {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsBuilderDead",
                      "the event log cannot be read");
        return;
    }

    if (look->status == NULL) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsBuilderDead",
                      "nothing has run with this event log yet");
        return;
    }

    age = look->now_ms - look->facts.now_ms;

    if (look->once) {
        return;
    }

    if (!look->alive) {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsBuilderDead",
                      "the daemon %s %s ago",
                      look->facts.stopped ? "was stopped"
                                          : "died, its last word was",
                      recs_look_span(age));

    } else if (age > RECS_LOOK_SILENT) {
        recs_look_add(look, (age > RECS_LOOK_HANGS) ? RECS_LOOK_CRITICAL
                                                    : RECS_LOOK_WARNING,
                      "RecsBuilderSilent", "the daemon runs, but its last "
                      "word was %s ago", recs_look_span(age));
    }
}


static void
recs_look_events(recs_look_t *look)
{
    const recs_facts_t  *f;

    f = &look->facts;

    if (recs_look_above(look, failing, 0)) {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsBuilderReadingFails",
                      "the event log or the journal fails");
    }

    if (recs_look_above(look, lost_ms, look->now_ms - RECS_LOOK_DAY)) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsBuilderLost",
                      "%" PRId64 " events were given up, the last %s ago",
                      f->lost, recs_look_span(look->now_ms - f->lost_ms));
    }

    if (recs_look_above(look, gaps_open, 0)) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsBuilderGaps",
                      "%" PRId64 " gaps are waited for", f->gaps_open);
    }

    if (look->alive && f->redis_connected == 0) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsBuilderRedisAway",
                      "Redis is not connected");
    }

    if (look->alive && recs_look_above(look, lag_ms, RECS_LOOK_BEHIND)) {
        recs_look_add(look, (f->lag_ms > RECS_LOOK_FAR) ? RECS_LOOK_CRITICAL
                                                        : RECS_LOOK_WARNING,
                      "RecsBuilderBehind", "events are %s behind",
                      recs_look_span(f->lag_ms));
    }
}


static void
recs_look_builds(recs_look_t *look)
{
    unsigned  due;

    if (look->facts.build_good == 0) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsBuildFailed",
                      "the last build failed");
    }

    if (look->snapshot.id == 0) {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsNoSnapshot",
                      "there is no snapshot that could be used");
        return;
    }

    /* a clock that is set by hand has no age */

    if (look->config->now_ms) {
        return;
    }

    due = recs_look_due(look, look->snapshot.created_ms);

    if (due >= RECS_LOOK_MISSED) {
        recs_look_add(look, (due >= RECS_LOOK_MISSING && !look->pinned)
                            ? RECS_LOOK_CRITICAL : RECS_LOOK_WARNING,
                      "RecsSnapshotOld", "the snapshot is %s old%s",
                      recs_look_span(look->now_ms
                                     - look->snapshot.created_ms),
                      look->pinned ? " and pinned" : "");
    }
}


static unsigned
recs_look_due(const recs_look_t *look, int64_t since)
{
    unsigned  n;

    for (n = 0; n < RECS_LOOK_MISSING; n++) {
        since = recs_schedule_next(&look->schedule, since);

        if (since > look->now_ms) {
            break;
        }
    }

    return n;
}


static void
recs_look_layers(recs_look_t *look)
{
    int64_t  age;

    if (look->config->hot == NULL || !look->alive || look->snapshot.id == 0) {
        return;
    }

    age = look->now_ms - look->hot.created_ms;

    if (look->hot.id == 0) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsHotLayerOld",
                      "there is no hot layer");

    } else if (age > RECS_LOOK_HOT) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsHotLayerOld",
                      "the hot layer is %s old", recs_look_span(age));
    }
}


static void
recs_look_room(recs_look_t *look)
{
    double    bytes, max;
    unsigned  i;

    bytes = (double) look->usage.bytes;
    max = look->config->log_max;

    if (max > 0 && bytes >= max) {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsLogFull",
                      "the event log has reached log_max, nothing is read");

    } else if (max > 0 && bytes >= max * RECS_LOOK_ALMOST) {
        recs_look_add(look, RECS_LOOK_WARNING, "RecsLogAlmostFull",
                      "the event log has %s of log_max",
                      recs_look_bytes((int64_t) bytes));
    }

    if (look->free[RECS_DISK_LOG] != RECS_FACT_UNKNOWN
        && (double) look->free[RECS_DISK_LOG] < look->config->disk_reserve)
    {
        recs_look_add(look, RECS_LOOK_CRITICAL, "RecsLogFull",
                      "less than disk_reserve is free, nothing is read");
    }

    for (i = 0; i < RECS_DISKS; i++) {

        if (look->free[i] == RECS_FACT_UNKNOWN
            || look->free[i] >= look->size[i] / RECS_LOOK_LOW)
        {
            continue;
        }

        recs_look_add(look, RECS_LOOK_WARNING, "RecsDiskLow",
                      "%s are free for \"%s\"",
                      recs_look_bytes(look->free[i]), recs_look_disks[i]);
    }
}


static void
recs_look_add(recs_look_t *look, recs_look_e level, const char *name,
    const char *fmt, ...)
{
    va_list          args;
    recs_problem_t  *p;

    if (level > look->level) {
        look->level = level;
    }

    if (look->count == RECS_LOOK_PROBLEMS) {
        return;
    }

    p = &look->problems[look->count++];
    p->level = level;
    p->name = name;

    va_start(args, fmt);
    (void) vsnprintf(p->text, sizeof(p->text), fmt, args);
    va_end(args);
}
