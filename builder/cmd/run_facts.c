/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../data/log_usage.h"
#include "../publish/dir.h"
#include "facts.h"
#include "retain.h"
#include "run.h"


#define RECS_RUN_GAPS  100       /* that are written */
#define RECS_RUN_PATH  4200


static void recs_run_facts(recs_run_t *run, recs_facts_t *f);
static void recs_run_facts_feed(recs_run_t *run, recs_facts_t *f);
static void recs_run_facts_log(recs_run_t *run, recs_facts_t *f);
static void recs_run_facts_snapshots(recs_run_t *run, recs_facts_t *f);
static void recs_run_facts_report(recs_run_t *run, recs_facts_t *f);
static void recs_run_facts_process(recs_facts_t *f);
static int64_t recs_run_facts_cpu(int who);
static int recs_run_facts_metrics(recs_run_t *run, const recs_facts_t *f,
    recs_error_t *e);
static int recs_run_facts_status(recs_run_t *run, const recs_facts_t *f,
    recs_error_t *e);
static json_t *recs_run_facts_gaps(recs_run_t *run);
static int recs_run_facts_epoch(void *ctx, uint64_t epoch,
    uint64_t committed, uint64_t from, uint64_t to);


/* What fails here must not end what is looked at; it is told once. */

void
recs_run_facts_write(recs_run_t *run, unsigned stopped)
{
    int           rc;
    recs_error_t  e;
    recs_facts_t  f;

    recs_run_facts(run, &f);
    f.stopped = stopped;

    rc = recs_run_facts_status(run, &f, &e);

    if (recs_run_facts_metrics(run, &f, &e) != RECS_OK) {
        rc = RECS_ERROR;
    }

    if (rc == RECS_OK) {
        run->untold = 0;

    } else if (!run->untold) {
        run->untold = 1;
        recs_message(RECS_MSG_WARN, "run", "%s; what watches this program "
                     "sees old figures until it can be written", e.text);
    }
}


static void
recs_run_facts(recs_run_t *run, recs_facts_t *f)
{
    recs_facts_init(f);

    f->now_ms = recs_run_clock();
    f->started_ms = run->begun_ms;
    f->reasons = &run->reasons;

    recs_run_facts_feed(run, f);
    recs_run_facts_log(run, f);
    recs_run_facts_snapshots(run, f);

    f->building = (run->child && run->job == RECS_RUN_BUILD);
    f->builds_failed = (int64_t) run->build_failures;
    f->builds_good = (int64_t) (run->builds - run->build_failures);
    f->next_ms = run->next_ms;

    if (run->builds) {
        f->build_good = (run->status == RECS_EXIT_OK);
        f->build_ms = run->built_ms;
        f->build_took_ms = run->built_ms - run->built_from_ms;
    }

    /* one that never ends well is as old as the program */

    if (recs_retain_ms(run->config)) {
        f->retained_ms = run->retained_ms ? run->retained_ms : run->begun_ms;
    }

    if (run->hot) {
        f->hot_layers = (int64_t) recs_hot_state_stats(run->hot)->layers;
        f->hot_failures = (int64_t) run->hot_failures;

        if (f->hot_layers) {
            f->hot_ms = recs_hot_state_stats(run->hot)->published_ms;
        }
    }

    recs_run_facts_report(run, f);

    recs_facts_disks(run->config, f->disk_free, f->disk_size);

    recs_run_facts_process(f);
}


static void
recs_run_facts_feed(recs_run_t *run, recs_facts_t *f)
{
    recs_redis_state_t        redis;
    const recs_feed_stats_t  *s;

    s = &run->feed->stats;

    f->read = (int64_t) (s->events + s->duplicates);
    f->damaged = (int64_t) s->damaged;
    f->gaps = (int64_t) s->gaps;
    f->gaps_open = (int64_t) recs_feed_waiting(run->feed);
    f->lost = (int64_t) s->lost;
    f->failing = run->failing;

    if (s->lost_ms) {
        f->lost_ms = s->lost_ms;
    }

    if (s->newest_ms) {
        f->newest_ms = s->newest_ms;
    }

    /* what came before the program did is not known */

    f->lag_ms = f->now_ms - recs_max(s->caught_ms, f->started_ms);
    f->lag_ms = recs_max(f->lag_ms, 0);

    if (run->feed->redis) {
        recs_redis_state(run->feed->redis, &redis);
        f->redis_connected = redis.connected;
        f->redis_entries = (int64_t) redis.entries;
    }
}


static void
recs_run_facts_log(recs_run_t *run, recs_facts_t *f)
{
    recs_error_t             e;
    recs_log_usage_t         usage;
    const recs_log_stats_t  *s;

    s = recs_log_stats(run->log);

    f->log_events = (int64_t) s->stored;
    f->committed = (int64_t) s->events;
    f->twice_sequence = (int64_t) s->duplicates[RECS_TWICE_SEQUENCE];
    f->twice_message = (int64_t) s->duplicates[RECS_TWICE_MESSAGE];
    f->twice_content = (int64_t) s->duplicates[RECS_TWICE_CONTENT];
    f->epochs = 0;
    f->full_log = (run->full == RECS_RUN_LOG_MAX);
    f->full_disk = (run->full == RECS_RUN_DISK_RESERVE);

    if (run->config->log_max > 0) {
        f->log_max = (int64_t) run->config->log_max;
    }

    if (run->config->disk_reserve > 0) {
        f->disk_reserve = (int64_t) run->config->disk_reserve;
    }

    (void) recs_log_epochs(run->log, recs_run_facts_epoch, f);

    if (recs_log_usage(run->config->log, &usage, &e) == RECS_OK) {
        f->log_files = (int64_t) usage.files;
        f->log_bytes = (int64_t) usage.bytes;
    }
}


static int
recs_run_facts_epoch(void *ctx, uint64_t epoch, uint64_t committed,
    uint64_t from, uint64_t to)
{
    ((recs_facts_t *) ctx)->epochs++;

    return RECS_OK;
}


static void
recs_run_facts_snapshots(recs_run_t *run, recs_facts_t *f)
{
    recs_dir_t               dir;
    recs_error_t             e;
    const recs_dir_entry_t  *current;

    if (recs_dir_open(&dir, run->config->out, 0, &e) != RECS_OK) {
        return;
    }

    if (recs_dir_scan(&dir, &e) == RECS_OK) {
        f->snapshots = (int64_t) dir.count;
        f->pinned = dir.is_pinned;

        current = dir.current ? recs_dir_find(&dir, dir.current) : NULL;

        if (current && current->bad == NULL) {
            f->snapshot = current->manifest.id;
            f->snapshot_ms = current->manifest.created_ms;
            f->snapshot_bytes = (int64_t) current->manifest.size;
            f->snapshot_items = (int64_t) current->manifest.items;
        }
    }

    recs_dir_close(&dir);
}


static void
recs_run_facts_report(recs_run_t *run, recs_facts_t *f)
{
    recs_report_view_t  view;

    if (run->report == NULL) {
        return;
    }

    /* nothing has changed since its last turn: what is of all cells */

    recs_report_view(run->report, recs_report_turn(run->report), &view);

    f->report_events = (int64_t) view.meta.events;
    f->report_bots = (int64_t) view.meta.bots;
    f->report_overflow = (int64_t) view.meta.overflow;

    if (run->config->redis_counters) {
        f->counters = (int64_t) run->counters_written;
        f->counters_failures = (int64_t) run->counters_failures;
    }
}


static void
recs_run_facts_process(recs_facts_t *f)
{
    long   size, resident;
    FILE  *file;

    f->warnings = (int64_t) recs_message_count(RECS_MSG_WARN);
    f->errors = (int64_t) recs_message_count(RECS_MSG_ERROR);
    f->cpu_us = recs_run_facts_cpu(RUSAGE_SELF);
    f->build_cpu_us = recs_run_facts_cpu(RUSAGE_CHILDREN);

    file = fopen("/proc/self/statm", "re");

    if (file) {
        if (fscanf(file, "%ld %ld", &size, &resident) == 2) {
            f->memory = (int64_t) resident * sysconf(_SC_PAGESIZE);
        }

        fclose(file);
    }
}


static int64_t
recs_run_facts_cpu(int who)
{
    struct rusage  usage;

    (void) getrusage(who, &usage);

    return ((int64_t) usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
           + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}


static int
recs_run_facts_metrics(recs_run_t *run, const recs_facts_t *f,
    recs_error_t *e)
{
    int      rc;
    char    *text;
    size_t   len;

    if (run->config->metrics == NULL) {
        return RECS_OK;
    }

    text = recs_facts_text(f, &len);

    if (text == NULL) {
        return recs_error(e, "no memory for the metrics");
    }

    rc = recs_facts_replace(run->config->metrics, text, len, e);

    free(text);

    return rc;
}


static int
recs_run_facts_status(recs_run_t *run, const recs_facts_t *f,
    recs_error_t *e)
{
    int          rc;
    char        *text, id[24], path[RECS_RUN_PATH];
    json_t      *root;
    const char  *source;

    snprintf(id, sizeof(id), "%016" PRIx64, f->snapshot);
    source = recs_log_last(run->log);

    /* a name of a stream that is no UTF-8 is null */

    root = json_pack("{s:s, s:i, s:b, s:s, s:o?, s:o, s:o}",
                     "version", RECS_VERSION, "pid", (int) getpid(),
                     "once", (int) run->once, "snapshot", id,
                     "source", json_string(source), "gaps",
                     recs_run_facts_gaps(run), "facts", recs_facts_json(f));

    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);

    if (text == NULL) {
        return recs_error(e, "no memory for the status");
    }

    (void) snprintf(path, sizeof(path), "%s/%s", run->config->log,
                    RECS_FACTS_FILE);

    rc = recs_facts_replace(path, text, strlen(text), e);

    free(text);

    return rc;
}


static json_t *
recs_run_facts_gaps(recs_run_t *run)
{
    char                    epoch[24];
    size_t                  i;
    json_t                 *gaps;
    const recs_feed_gap_t  *gap;

    gaps = json_array();

    for (i = 0; i < run->feed->gap_count && i < RECS_RUN_GAPS; i++) {
        gap = &run->feed->gaps[i];

        if (gap->lost || !gap->here) {
            continue;
        }

        snprintf(epoch, sizeof(epoch), "%016" PRIx64, gap->epoch);

        json_array_append_new(gaps, json_pack("{s:s, s:I, s:I, s:I}",
            "epoch", epoch, "from", (json_int_t) gap->from,
            "to", (json_int_t) gap->to, "seconds",
            (json_int_t) ((run->feed->now_ms - gap->since_ms) / 1000)));
    }

    return gaps;
}
