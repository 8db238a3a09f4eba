/*
 * Copyright (C) recs authors
 *
 * The daemon: reads what workers send into the event log, looks for changed
 * files, and builds by schedule in a child, so that reading goes on and a
 * build can be ended at any time.
 */

#ifndef _RECS_BUILDER_RUN_H_INCLUDED_
#define _RECS_BUILDER_RUN_H_INCLUDED_


#include <sys/types.h>

#include "../hot/state.h"
#include "../schedule.h"
#include "../source/counters.h"
#include "../source/feed.h"
#include "cmd.h"


/* What a child does; there is one at a time. */

typedef enum {
    RECS_RUN_BUILD = 0,
    RECS_RUN_RETAIN,
    RECS_RUN_ERASE
} recs_run_job_e;


/* Why nothing is read. */

typedef enum {
    RECS_RUN_ROOM = 0,           /* it is */
    RECS_RUN_LOG_MAX,
    RECS_RUN_DISK_RESERVE
} recs_run_room_e;


typedef struct {
    recs_options_t    options;
    unsigned          once;

    recs_config_t    *config;        /* options.config, or of a reload */
    recs_keys_t       keys;
    recs_schedule_t   schedule;
    recs_log_t       *log;
    recs_feed_t      *feed;
    int               lock;          /* of the directory of snapshots */

    pid_t             child;         /* 0: none works */
    recs_run_job_e    job;           /* of the child, or of the last one */
    int64_t           started_ms;    /* the last build, by the wall */
    int64_t           retain_ms;     /* when to look for old files */
    int64_t           retained_ms;   /* when that was done, 0 not yet */
    int64_t           erase_ms;      /* when to look for erasures */
    uint64_t          id;            /* of what a child has built */
    int64_t           next_ms;       /* the next one */
    int               status;        /* of the last build */
    uint64_t          builds;
    uint64_t          build_failures;
    int64_t           built_from_ms; /* the last one that has ended */
    int64_t           built_ms;

    recs_hot_state_t *hot;           /* NULL: no hot layer */
    recs_report_t    *report;        /* the same */
    recs_config_t     report_config; /* that it lives by */
    int               hot_lock;
    int64_t           hot_ms;        /* the next look */
    uint64_t          hot_stamp;     /* of hot_updates */
    uint64_t          hot_failures;
    unsigned          hot_failing;   /* said so */

    uint64_t          stamp;         /* of the files that were read last */
    recs_counters_t  *counters;      /* NULL: none yet, or not wanted */
    int64_t           counters_ms;   /* the next look */
    int64_t           counters_anew_ms;
    uint64_t          counters_turn; /* of the report, 0: all is to be taken */
    uint32_t          counters_hourly;
    uint64_t          counters_connects;
    uint64_t          counters_written;
    uint64_t          counters_failures;
    unsigned          counters_failing;  /* said so */

    int64_t           begun_ms;      /* the program, by the wall */
    recs_reasons_t    reasons;       /* of lines that were quarantined */
    int64_t           told_ms;       /* last status */
    unsigned          untold;        /* it could not be written: said so */
    unsigned          failing;       /* reading: said so */
    recs_run_room_e   full;          /* at the last look */
} recs_run_t;


/* Signals (run_signal.c). */

typedef struct {
    unsigned  stop;
    unsigned  reload;
} recs_run_signals_t;

void recs_run_signals_init(void);

/* In the child of a build. */

void recs_run_signals_reset(void);

/* What has come since the last call. */

void recs_run_signals(recs_run_signals_t *s);

/* Whether to stop, at any time. */

int recs_run_stopping(void);

/* Sleeps until a signal comes, not longer than ms. */

void recs_run_sleep(int64_t ms);

/*
 * After SIGTERM the program ends in 0.8 s, wherever it is; a child is killed
 * first.
 */

void recs_run_signals_child(pid_t child);


/*
 * Whether the event log may grow (run_room.c); RECS_DECLINED: nothing is to
 * be added.  A change is told.
 */

int recs_run_room(recs_run_t *run);


/* Files (run_files.c): reads them into the log where one has changed. */

int recs_run_files(recs_run_t *run, recs_error_t *e);

/* The same for hot_updates. */

int recs_run_updates(recs_run_t *run, recs_error_t *e);


/*
 * The hot layer (run_hot.c), where config->hot is given: a state that listens
 * to the log.  What fails there is told and counted, and ends nothing.
 */

int recs_run_hot_open(recs_run_t *run, recs_error_t *e);
void recs_run_hot_close(recs_run_t *run);

/* Before the configuration becomes "c": what cannot go on under it ends. */

void recs_run_hot_reload(recs_run_t *run, const recs_config_t *c);

/*
 * Publishes where it is due, opens what was closed; "built": a build has just
 * ended.  Returns in how many ms to come back.
 */

int64_t recs_run_hot(recs_run_t *run, unsigned built);


/*
 * The report as counters in Redis (run_counters.c), where it is asked for:
 * what has changed, for a fifth of a second at most.  Nothing waits for them.
 */

void recs_run_counters(recs_run_t *run);
void recs_run_counters_close(recs_run_t *run);


/*
 * What is known now, into "metrics" and for "recs-builder status"
 * (run_facts.c).
 */

void recs_run_facts_write(recs_run_t *run, unsigned stopped);


/* Old files of the log (run_retain.c): a child, where one is due. */

void recs_run_retain(recs_run_t *run);


/*
 * Erasures (run_erase.c): a child, where somebody asks; what comes after it;
 * the work, also without a daemon, for asks in the log's directory.
 */

void recs_run_erase(recs_run_t *run);
void recs_run_erased(recs_run_t *run, unsigned good);
int recs_run_erase_work(recs_run_t *run, recs_error_t *e);


/* Children, and builds (run_build.c). */

typedef int (*recs_run_work_pt)(recs_run_t *run, recs_error_t *e);

int recs_run_fork(recs_run_t *run, recs_run_job_e job, recs_run_work_pt work,
    recs_error_t *e);

int recs_run_build(recs_run_t *run, recs_error_t *e);

/* The work of it: run->id is that of the snapshot. */

int recs_run_snapshot(recs_run_t *run, recs_error_t *e);

/* RECS_AGAIN: it goes on; RECS_OK: it has ended, run->status says how. */

int recs_run_reap(recs_run_t *run);

/* Ends it, without leftovers. */

void recs_run_kill(recs_run_t *run);

/* When the next one is due, after a start or a reload. */

void recs_run_plan(recs_run_t *run);

int64_t recs_run_clock(void);


#endif /* _RECS_BUILDER_RUN_H_INCLUDED_ */
