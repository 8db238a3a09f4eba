/*
 * Copyright (C) recs authors
 *
 * What the daemon knows of itself: one table of metrics, written as text for
 * Prometheus ("metrics") and as JSON into the event log's directory, where
 * "recs-builder status" finds it, whether the daemon lives or not.
 * docs/operations.md lists every one of them.
 */

#ifndef _RECS_BUILDER_FACTS_H_INCLUDED_
#define _RECS_BUILDER_FACTS_H_INCLUDED_


#include <jansson.h>

#include "../message.h"
#include "../source/reasons.h"


#define RECS_FACTS_FILE     "status.json"      /* in the event log */
#define RECS_FACTS_PREFIX   "recs_builder_"

#define RECS_FACT_UNKNOWN   INT64_MIN          /* is left out */


typedef enum {
    RECS_DISK_LOG = 0,
    RECS_DISK_JOURNAL,
    RECS_DISK_OUT,
    RECS_DISKS
} recs_disk_e;


/*
 * Counters are since the start of the program.  "_ms" and "_us" are times
 * and durations, written as seconds.
 */

typedef struct {
    int64_t  now_ms;
    int64_t  started_ms;
    int64_t  stopped;            /* in order, by a signal */

    int64_t  read;               /* events of workers, repeated ones, too */
    int64_t  committed;          /* into the log, from everywhere */
    int64_t  twice_sequence;     /* not taken, and why: recs_twice_e */
    int64_t  twice_message;
    int64_t  twice_content;
    int64_t  damaged;
    int64_t  gaps;               /* seen */
    int64_t  gaps_open;          /* waited for */
    int64_t  lost;
    int64_t  lost_ms;            /* when */
    int64_t  newest_ms;
    int64_t  lag_ms;
    int64_t  failing;            /* log or journal */

    int64_t  log_events;
    int64_t  log_bytes;
    int64_t  log_files;
    int64_t  log_max;            /* budgets; unknown where there is none */
    int64_t  disk_reserve;
    int64_t  full_log;           /* nothing is read, for this reason */
    int64_t  full_disk;
    int64_t  epochs;

    int64_t  redis_connected;
    int64_t  redis_entries;

    int64_t  building;
    int64_t  builds_good;
    int64_t  builds_failed;
    int64_t  build_good;         /* the last one */
    int64_t  build_ms;           /* its end */
    int64_t  build_took_ms;
    int64_t  next_ms;
    int64_t  retained_ms;        /* old files were looked for; the start */

    int64_t  snapshot_ms;        /* the clock of its build */
    int64_t  snapshot_bytes;
    int64_t  snapshot_items;
    int64_t  snapshots;
    int64_t  pinned;

    int64_t  hot_layers;
    int64_t  hot_failures;
    int64_t  hot_ms;             /* published */

    int64_t  counters;           /* hashes written into Redis */
    int64_t  counters_failures;

    int64_t  report_events;      /* that the report has looked at */
    int64_t  report_bots;
    int64_t  report_overflow;

    int64_t  disk_free[RECS_DISKS];
    int64_t  disk_size[RECS_DISKS];

    int64_t  warnings;
    int64_t  errors;

    int64_t  cpu_us;
    int64_t  build_cpu_us;
    int64_t  memory;

    /* not of the table */

    uint64_t                snapshot;          /* id, 0: none */
    const recs_reasons_t   *reasons;
} recs_facts_t;


/* All of them unknown. */

void recs_facts_init(recs_facts_t *f);

/*
 * What the file systems of the directories have, by recs_disk_e; what is not
 * known stays RECS_FACT_UNKNOWN.
 */

void recs_facts_disks(const recs_config_t *c, int64_t *free, int64_t *size);

/* Text for Prometheus, which the caller frees. */

char *recs_facts_text(const recs_facts_t *f, size_t *len);

/*
 * The table as members of a JSON object: the name of the metric without
 * "recs_builder_", a label's value behind a point ("disk_free_bytes.log").
 */

json_t *recs_facts_json(const recs_facts_t *f);

/*
 * And back: RECS_FACT_UNKNOWN for what is not there.  Of the rest (reasons,
 * the id) nothing is read.
 */

void recs_facts_parse(recs_facts_t *f, const json_t *object);

/*
 * Puts "text" into the place of a file by a rename, mode 0644.  It is not
 * synced, as it is written again within seconds.
 */

int recs_facts_replace(const char *path, const char *text, size_t len,
    recs_error_t *e);


#endif /* _RECS_BUILDER_FACTS_H_INCLUDED_ */
