/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/recs_types.h"
#include "../publish/publish.h"
#include "status.h"


#define RECS_LOOK_TEXTS  8
#define RECS_LOOK_TEXT   32


static void recs_look_print_head(const recs_look_t *look);
static void recs_look_print_log(const recs_look_t *look);
static void recs_look_print_sources(const recs_look_t *look);
static int64_t recs_look_twice(const recs_facts_t *f);
static void recs_look_print_builds(const recs_look_t *look);
static json_t *recs_look_json_builder(const recs_look_t *look);
static json_t *recs_look_json_log(const recs_look_t *look);
static json_t *recs_look_json_journal(const recs_look_t *look);
static json_t *recs_look_json_problems(const recs_look_t *look);
static json_t *recs_look_json_disks(const recs_look_t *look);
static json_t *recs_look_number(int64_t n);
static char *recs_look_room_for_text(void);


const char *const  recs_look_disks[RECS_DISKS] = { "log", "journal", "out" };

static const char *const  recs_look_levels[] = { "ok", "warning", "critical" };


#define recs_look_known(n)  ((n) != RECS_FACT_UNKNOWN)


int
recs_look_print(const recs_look_t *look, recs_error_t *e)
{
    unsigned  i;

    recs_look_print_head(look);
    recs_look_print_log(look);
    recs_look_print_sources(look);
    recs_look_print_builds(look);

    for (i = 0; i < RECS_DISKS; i++) {
        if (recs_look_known(look->free[i])) {
            printf("%-9s  %s of %s free for \"%s\"\n", i ? "" : "disk",
                   recs_look_bytes(look->free[i]),
                   recs_look_bytes(look->size[i]), recs_look_disks[i]);
        }
    }

    if (look->snapshot.id == 0) {
        return RECS_OK;
    }

    printf("\n");

    return recs_status(look->config->out, e);
}


/* One line for who looks at the first one only, as nagios does. */

static void
recs_look_print_head(const recs_look_t *look)
{
    size_t  i;

    printf("%s", recs_look_levels[look->level]);

    for (i = 0; i < look->count; i++) {
        printf("%s %s", i ? ";" : ":", look->problems[i].text);
    }

    printf("\n");

    for (i = 0; i < look->count; i++) {
        printf("%-9s  %s: %s, see docs/runbooks.md\n",
               recs_look_levels[look->problems[i].level],
               look->problems[i].name, look->problems[i].text);
    }

    if (look->status == NULL) {
        printf("builder    no figures\n");
        return;
    }

    printf("builder    %s %ld, since %s, last word %s ago\n",
           look->alive ? "process" : "ended, was process", look->pid,
           recs_look_time(look->facts.started_ms),
           recs_look_span(look->now_ms - look->facts.now_ms));
}


static void
recs_look_print_log(const recs_look_t *look)
{
    if (!look->log_known) {
        return;
    }

    printf("log        %" PRIu64 " files, %s", look->usage.files,
           recs_look_bytes((int64_t) look->usage.bytes));

    if (look->config->log_max > 0) {
        printf(" (at most %s)",
               recs_look_bytes((int64_t) look->config->log_max));
    }

    if (recs_look_known(look->facts.log_events)) {
        printf(", %" PRId64 " events", look->facts.log_events);
    }

    if (look->oldest_ms) {
        printf(", from %s", recs_look_time(look->oldest_ms));
    }

    if (look->config->retention_days > 0) {
        printf(", kept for %g days", look->config->retention_days);
    }

    if (look->usage.written_ms) {
        printf(", written %s ago",
               recs_look_span(look->now_ms - look->usage.written_ms));
    }

    printf("\n");
}


static void
recs_look_print_sources(const recs_look_t *look)
{
    const json_t        *source;
    const recs_facts_t  *f;

    f = &look->facts;

    if (look->journal.known) {
        printf("journal    %" PRIu64 " segments, %s on disk, %" PRIu64
               " with a position\n", look->journal.segments,
               recs_look_bytes((int64_t) look->journal.bytes),
               look->journal.epochs);
    }

    source = json_object_get(look->status, "source");

    if (recs_look_known(f->redis_connected)) {
        printf("redis      %s, %" PRId64 " entries, committed %s\n",
               f->redis_connected ? "connected" : "not connected",
               f->redis_entries, json_is_string(source)
                                 ? json_string_value(source) : "nothing");
    }

    if (look->status) {
        printf("events     %" PRId64 " read, %" PRId64 " committed, %" PRId64
               " known already (%" PRId64 " by messageId), %" PRId64
               " damaged, %" PRId64 " gaps (%" PRId64 " waited for), %" PRId64
               " lost\n", f->read, f->committed, recs_look_twice(f),
               recs_max(f->twice_message, 0), f->damaged, f->gaps,
               f->gaps_open, f->lost);
    }

    if (recs_look_known(f->newest_ms)) {
        printf("           the newest of %s, %s behind\n",
               recs_look_time(f->newest_ms), recs_look_span(f->lag_ms));
    }
}


/* A daemon of an earlier release does not tell them apart. */

static int64_t
recs_look_twice(const recs_facts_t *f)
{
    return recs_max(f->twice_sequence, 0) + recs_max(f->twice_message, 0)
           + recs_max(f->twice_content, 0);
}


static void
recs_look_print_builds(const recs_look_t *look)
{
    const recs_facts_t  *f;

    f = &look->facts;

    if (recs_look_known(f->build_ms)) {
        printf("build      %s %s ago, took %s; %" PRId64 " good, %" PRId64
               " failed\n", f->build_good ? "good" : "failed",
               recs_look_span(look->now_ms - f->build_ms),
               recs_look_span(f->build_took_ms), f->builds_good,
               f->builds_failed);
    }

    if (look->alive) {
        printf("           next in %s%s\n",
               recs_look_span(recs_max(f->next_ms - look->now_ms, 0)),
               f->building ? ", one runs now" : "");
    }

    if (look->hot.id) {
        printf("hot        %s old", recs_look_span(look->now_ms
                                                   - look->hot.created_ms));

        if (recs_look_known(f->hot_layers)) {
            printf(", %" PRId64 " published, %" PRId64 " failed",
                   f->hot_layers, f->hot_failures);
        }

        printf("\n");
    }
}


int
recs_look_json(const recs_look_t *look, recs_error_t *e)
{
    char        *text;
    json_t      *root, *gaps;
    const char  *source;

    gaps = json_object_get(look->status, "gaps");
    source = json_string_value(json_object_get(look->status, "source"));

    root = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s?, s:O?, s:o}",
                     "status", recs_look_levels[look->level],
                     "problems", recs_look_json_problems(look),
                     "builder", recs_look_json_builder(look),
                     "log", recs_look_json_log(look),
                     "journal", recs_look_json_journal(look),
                     "facts", look->status ? recs_facts_json(&look->facts)
                                           : json_object(),
                     "source", source, "gaps", gaps,
                     "disks", recs_look_json_disks(look));

    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);

    if (text == NULL) {
        return recs_error(e, "no memory for the status");
    }

    /* what recs_status_json() prints is the last member */

    text[strlen(text) - 1] = '\0';
    printf("%s,\"base\":", text);
    free(text);

    if (look->snapshot.id == 0) {
        printf("null}\n");
        return RECS_OK;
    }

    if (recs_status_json(look->config->out, e) != RECS_OK) {
        return RECS_ERROR;
    }

    printf("}\n");

    return RECS_OK;
}


static json_t *
recs_look_json_builder(const recs_look_t *look)
{
    if (look->status == NULL) {
        return json_null();
    }

    return json_pack("{s:I, s:b, s:b, s:b, s:I, s:I}",
                     "pid", (json_int_t) look->pid,
                     "alive", (int) look->alive,
                     "once", (int) look->once,
                     "stopped", (int) (look->facts.stopped == 1),
                     "started", (json_int_t) look->facts.started_ms,
                     "written", (json_int_t) look->facts.now_ms);
}


static json_t *
recs_look_json_log(const recs_look_t *look)
{
    if (!look->log_known) {
        return json_null();
    }

    return json_pack("{s:I, s:f, s:I, s:I, s:o, s:o, s:I}",
                     "max", (json_int_t) look->config->log_max,
                     "retentionDays", look->config->retention_days,
                     "files", (json_int_t) look->usage.files,
                     "bytes", (json_int_t) look->usage.bytes,
                     "events", recs_look_number(look->facts.log_events),
                     "oldest", look->oldest_ms
                               ? json_integer(look->oldest_ms) : json_null(),
                     "written", (json_int_t) look->usage.written_ms);
}


static json_t *
recs_look_json_journal(const recs_look_t *look)
{
    if (!look->journal.known) {
        return json_null();
    }

    return json_pack("{s:I, s:I, s:I}",
                     "segments", (json_int_t) look->journal.segments,
                     "bytes", (json_int_t) look->journal.bytes,
                     "positions", (json_int_t) look->journal.epochs);
}


static json_t *
recs_look_json_problems(const recs_look_t *look)
{
    size_t                 i;
    json_t                *list;
    const recs_problem_t  *p;

    list = json_array();

    for (i = 0; i < look->count; i++) {
        p = &look->problems[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
                              "level", recs_look_levels[p->level],
                              "name", p->name, "text", p->text));
    }

    return list;
}


static json_t *
recs_look_json_disks(const recs_look_t *look)
{
    unsigned   i;
    json_t    *disks;

    disks = json_object();

    for (i = 0; i < RECS_DISKS; i++) {
        if (recs_look_known(look->free[i])) {
            json_object_set_new(disks, recs_look_disks[i],
                json_pack("{s:I, s:I}", "free", (json_int_t) look->free[i],
                          "size", (json_int_t) look->size[i]));
        }
    }

    return disks;
}


static json_t *
recs_look_number(int64_t n)
{
    return recs_look_known(n) ? json_integer(n) : json_null();
}


static char *
recs_look_room_for_text(void)
{
    static char      texts[RECS_LOOK_TEXTS][RECS_LOOK_TEXT];
    static unsigned  next;

    return texts[next++ % RECS_LOOK_TEXTS];
}


const char *
recs_look_bytes(int64_t bytes)
{
    char      *text;
    double     n;
    unsigned   i;

    static const char *const  units[] = { "B", "kB", "MB", "GB", "TB" };

    text = recs_look_room_for_text();
    n = (double) bytes;

    for (i = 0; i < 4 && n >= 1000; i++) {
        n /= 1000;
    }

    snprintf(text, RECS_LOOK_TEXT, "%.*f %s", (i && n < 100) ? 1 : 0, n,
             units[i]);

    return text;
}


const char *
recs_look_span(int64_t ms)
{
    char     *text;
    int64_t   s;

    text = recs_look_room_for_text();
    ms = recs_max(ms, 0);
    s = ms / 1000;

    if (s < 10) {
        snprintf(text, RECS_LOOK_TEXT, "%.1f s", (double) ms / 1000);

    } else if (s < 120) {
        snprintf(text, RECS_LOOK_TEXT, "%" PRId64 " s", s);

    } else if (s < 7200) {
        snprintf(text, RECS_LOOK_TEXT, "%" PRId64 " min", s / 60);

    } else if (s < 2 * 86400) {
        snprintf(text, RECS_LOOK_TEXT, "%" PRId64 " h", s / 3600);

    } else {
        snprintf(text, RECS_LOOK_TEXT, "%" PRId64 " days", s / 86400);
    }

    return text;
}


const char *
recs_look_time(int64_t ms)
{
    char       *text;
    time_t      t;
    struct tm   tm;

    text = recs_look_room_for_text();
    t = (time_t) (ms / 1000);

    if (gmtime_r(&t, &tm) == NULL
        || strftime(text, RECS_LOOK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
    {
        text[0] = '\0';
    }

    return text;
}
