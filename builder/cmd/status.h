/*
 * Copyright (C) recs authors
 *
 * "recs-builder status -c FILE": what can be seen of a builder from its
 * files, beside a running one and after its end, and what is wrong with it.
 */

#ifndef _RECS_BUILDER_STATUS_H_INCLUDED_
#define _RECS_BUILDER_STATUS_H_INCLUDED_


#include "../config.h"
#include "../data/log_usage.h"
#include "../publish/dir.h"
#include "../schedule.h"
#include "facts.h"


#define RECS_LOOK_PROBLEMS  32


/* Also the exit status. */

typedef enum {
    RECS_LOOK_OK = 0,
    RECS_LOOK_WARNING = 1,
    RECS_LOOK_CRITICAL = 2
} recs_look_e;

typedef struct {
    recs_look_e   level;
    const char   *name;          /* anchor of docs/runbooks.md */
    char          text[160];
} recs_problem_t;


typedef struct {
    uint64_t  segments;
    uint64_t  bytes;
    uint64_t  epochs;            /* with a position */
    unsigned  known;             /* the directory can be read */
} recs_look_journal_t;


typedef struct {
    const recs_config_t  *config;
    recs_schedule_t       schedule;
    int64_t               now_ms;

    /* what the daemon has written last; unknown facts where it has not */

    json_t               *status;    /* NULL: nothing */
    recs_facts_t          facts;
    long                  pid;
    unsigned              once;
    unsigned              alive;     /* a process of this number */

    recs_log_usage_t      usage;
    unsigned              log_known;
    int64_t               oldest_ms; /* received, of the first event; 0 */
    recs_look_journal_t   journal;

    int64_t               free[RECS_DISKS];  /* RECS_FACT_UNKNOWN */
    int64_t               size[RECS_DISKS];

    recs_manifest_t       snapshot;  /* id 0: none */
    unsigned              pinned;
    recs_manifest_t       hot;

    recs_look_e           level;
    size_t                count;
    recs_problem_t        problems[RECS_LOOK_PROBLEMS];
} recs_look_t;


/* RECS_ERROR: the configuration does not say where to look. */

int recs_look(recs_look_t *look, const recs_config_t *config,
    recs_error_t *e);
void recs_look_free(recs_look_t *look);

/* Fills problems and level (status_check.c). */

void recs_look_check(recs_look_t *look);

/* To standard output (status_show.c). */

int recs_look_print(const recs_look_t *look, recs_error_t *e);
int recs_look_json(const recs_look_t *look, recs_error_t *e);

/* Names of the directories, by recs_disk_e. */

extern const char *const  recs_look_disks[RECS_DISKS];

/* "1.5 GB"; "3m"; RFC 3339.  Of static memory, eight of them at a time. */

const char *recs_look_bytes(int64_t bytes);
const char *recs_look_span(int64_t ms);
const char *recs_look_time(int64_t ms);


#endif /* _RECS_BUILDER_STATUS_H_INCLUDED_ */
