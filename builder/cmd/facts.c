/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../../core/recs_types.h"
#include "../memory.h"
#include "cmd.h"
#include "facts.h"


#define RECS_FACTS_PATH  4200


typedef enum {
    RECS_GAUGE = 0,
    RECS_COUNTER
} recs_metric_e;

typedef struct {
    const char     *name;
    recs_metric_e   type;
    int64_t         unit;        /* that make one of what is written */
    size_t          offset;
    const char     *label;       /* NULL: none */
    const char     *value;
    const char     *help;        /* the same of all rows of a family */
} recs_metric_t;


#define recs_metric(name, type, unit, field, help)                           \
    { name, RECS_##type, unit, offsetof(recs_facts_t, field), NULL, NULL,    \
      help }

#define recs_metric_label(name, type, unit, field, label, value, help)       \
    { name, RECS_##type, unit, offsetof(recs_facts_t, field), label, value,  \
      help }


static const recs_metric_t  recs_metrics[] = {

    recs_metric("written_timestamp_seconds", GAUGE, 1000, now_ms,
                "When this was written."),
    recs_metric("start_timestamp_seconds", GAUGE, 1000, started_ms,
                "When the program was started."),
    recs_metric("stopped", GAUGE, 1, stopped,
                "Whether it was stopped in order."),

    recs_metric("events_read_total", COUNTER, 1, read,
                "Events read from the journal and from Redis."),
    recs_metric("events_committed_total", COUNTER, 1, committed,
                "Events and rows committed to the event log."),
    recs_metric_label("duplicates_total", COUNTER, 1, twice_sequence, "by",
                      "sequence",
                      "Events and rows that the event log had already."),
    recs_metric_label("duplicates_total", COUNTER, 1, twice_message, "by",
                      "messageId",
                      "Events and rows that the event log had already."),
    recs_metric_label("duplicates_total", COUNTER, 1, twice_content, "by",
                      "content",
                      "Events and rows that the event log had already."),
    recs_metric("damaged_total", COUNTER, 1, damaged,
                "Segments, frames and entries that could not be read."),
    recs_metric("gaps_total", COUNTER, 1, gaps,
                "Gaps in the sequences of workers that were seen."),
    recs_metric("gaps_waiting", GAUGE, 1, gaps_open,
                "Gaps that are waited for."),
    recs_metric("lost_total", COUNTER, 1, lost,
                "Events that were given up."),
    recs_metric("lost_timestamp_seconds", GAUGE, 1000, lost_ms,
                "When events were last given up."),
    recs_metric("newest_timestamp_seconds", GAUGE, 1000, newest_ms,
                "When the newest event was received by a worker."),
    recs_metric("lag_seconds", GAUGE, 1000, lag_ms,
                "How long ago all that workers sent was read."),
    recs_metric("reading_fails", GAUGE, 1, failing,
                "Whether the event log or the journal fails."),

    recs_metric("log_events", GAUGE, 1, log_events,
                "Events and rows in the event log."),
    recs_metric("log_bytes", GAUGE, 1, log_bytes,
                "Size of the event log."),
    recs_metric("log_files", GAUGE, 1, log_files,
                "Files of the event log."),
    recs_metric("log_max_bytes", GAUGE, 1, log_max,
                "What the event log may have."),
    recs_metric("disk_reserve_bytes", GAUGE, 1, disk_reserve,
                "What the event log leaves of its file system."),
    recs_metric_label("paused", GAUGE, 1, full_log, "why", "log_max",
                      "Whether nothing is read, as there is no room."),
    recs_metric_label("paused", GAUGE, 1, full_disk, "why", "disk_reserve",
                      "Whether nothing is read, as there is no room."),
    recs_metric("epochs", GAUGE, 1, epochs,
                "Starts of workers that the event log knows."),

    recs_metric("redis_connected", GAUGE, 1, redis_connected,
                "Whether Redis is connected."),
    recs_metric("redis_entries", GAUGE, 1, redis_entries,
                "Entries of the stream at the last look."),

    recs_metric("build_running", GAUGE, 1, building,
                "Whether a build runs."),
    recs_metric_label("builds_total", COUNTER, 1, builds_good, "result",
                      "good", "Builds that have ended."),
    recs_metric_label("builds_total", COUNTER, 1, builds_failed, "result",
                      "failed", "Builds that have ended."),
    recs_metric("build_good", GAUGE, 1, build_good,
                "Whether the last build was good."),
    recs_metric("build_timestamp_seconds", GAUGE, 1000, build_ms,
                "When the last build ended."),
    recs_metric("build_duration_seconds", GAUGE, 1000, build_took_ms,
                "How long the last build took."),
    recs_metric("build_next_timestamp_seconds", GAUGE, 1000, next_ms,
                "When the next build is due."),
    recs_metric("retain_timestamp_seconds", GAUGE, 1000, retained_ms,
                "When old files of the event log were last looked for."),

    recs_metric("snapshot_timestamp_seconds", GAUGE, 1000, snapshot_ms,
                "The clock of the current snapshot's build."),
    recs_metric("snapshot_size_bytes", GAUGE, 1, snapshot_bytes,
                "Size of the current snapshot."),
    recs_metric("snapshot_items", GAUGE, 1, snapshot_items,
                "Items of the current snapshot."),
    recs_metric("snapshots", GAUGE, 1, snapshots,
                "Snapshots in the directory."),
    recs_metric("snapshot_pinned", GAUGE, 1, pinned,
                "Whether an operator has pinned a snapshot."),

    recs_metric("hot_layers_total", COUNTER, 1, hot_layers,
                "Hot layers published."),
    recs_metric("hot_failures_total", COUNTER, 1, hot_failures,
                "Hot layers that could not be published."),
    recs_metric("hot_timestamp_seconds", GAUGE, 1000, hot_ms,
                "When the last hot layer was published."),

    recs_metric("counters_total", COUNTER, 1, counters,
                "Hashes of counters written into Redis."),
    recs_metric("counters_failures_total", COUNTER, 1, counters_failures,
                "Hashes of counters that Redis refused."),

    recs_metric("report_events", GAUGE, 1, report_events,
                "Events that the report has looked at."),
    recs_metric("report_bots", GAUGE, 1, report_bots,
                "Events of bots among them."),
    recs_metric("report_overflow", GAUGE, 1, report_overflow,
                "Events of keys beyond report_cells among them."),

    recs_metric_label("disk_free_bytes", GAUGE, 1, disk_free[RECS_DISK_LOG],
                      "dir", "log",
                      "Room on the file system of a directory."),
    recs_metric_label("disk_free_bytes", GAUGE, 1,
                      disk_free[RECS_DISK_JOURNAL], "dir", "journal",
                      "Room on the file system of a directory."),
    recs_metric_label("disk_free_bytes", GAUGE, 1, disk_free[RECS_DISK_OUT],
                      "dir", "out",
                      "Room on the file system of a directory."),
    recs_metric_label("disk_size_bytes", GAUGE, 1, disk_size[RECS_DISK_LOG],
                      "dir", "log",
                      "Size of the file system of a directory."),
    recs_metric_label("disk_size_bytes", GAUGE, 1,
                      disk_size[RECS_DISK_JOURNAL], "dir", "journal",
                      "Size of the file system of a directory."),
    recs_metric_label("disk_size_bytes", GAUGE, 1, disk_size[RECS_DISK_OUT],
                      "dir", "out",
                      "Size of the file system of a directory."),

    recs_metric_label("messages_total", COUNTER, 1, warnings, "level",
                      "warn", "Messages of a level."),
    recs_metric_label("messages_total", COUNTER, 1, errors, "level",
                      "error", "Messages of a level."),

    recs_metric("cpu_seconds_total", COUNTER, 1000000, cpu_us,
                "Time of the processor that the daemon took."),
    recs_metric("build_cpu_seconds_total", COUNTER, 1000000, build_cpu_us,
                "Time of the processor that ended builds took."),
    recs_metric("resident_bytes", GAUGE, 1, memory,
                "Memory that is resident."),

    { NULL, 0, 0, 0, NULL, NULL, NULL }
};


static void recs_facts_head(FILE *out, const char *name, const char *type,
    const char *help);
static void recs_facts_value(FILE *out, const recs_metric_t *m, int64_t n);
static void recs_facts_label(FILE *out, const char *text);
static void recs_facts_reasons(FILE *out, const recs_reasons_t *reasons);
static void recs_facts_key(char *key, size_t size, const recs_metric_t *m);


#define recs_facts_at(f, m)  ((int64_t *) ((char *) (f) + (m)->offset))


void
recs_facts_init(recs_facts_t *f)
{
    const recs_metric_t  *m;

    memset(f, 0, sizeof(recs_facts_t));

    for (m = recs_metrics; m->name; m++) {
        *recs_facts_at(f, m) = RECS_FACT_UNKNOWN;
    }
}


char *
recs_facts_text(const recs_facts_t *f, size_t *len)
{
    char                 *text;
    FILE                 *out;
    int64_t               n;
    const char           *family;
    const recs_metric_t  *m;

    static const char *const  types[] = { "gauge", "counter" };

    out = open_memstream(&text, len);

    if (out == NULL) {
        return NULL;
    }

    recs_facts_head(out, "info", "gauge", "The program.");
    fprintf(out, RECS_FACTS_PREFIX "info{version=\"%s\"} 1\n", RECS_VERSION);

    for (m = recs_metrics, family = ""; m->name; m++) {
        n = *recs_facts_at(f, m);

        if (n == RECS_FACT_UNKNOWN) {
            continue;
        }

        if (strcmp(family, m->name) != 0) {
            family = m->name;
            recs_facts_head(out, m->name, types[m->type], m->help);
        }

        fprintf(out, RECS_FACTS_PREFIX "%s", m->name);

        if (m->label) {
            fprintf(out, "{%s=\"%s\"}", m->label, m->value);
        }

        recs_facts_value(out, m, n);
    }

    if (f->snapshot) {
        recs_facts_head(out, "snapshot_info", "gauge",
                        "The current snapshot.");
        fprintf(out, RECS_FACTS_PREFIX "snapshot_info{id=\"%016" PRIx64
                "\"} 1\n", f->snapshot);
    }

    recs_facts_reasons(out, f->reasons);

    return (fclose(out) == 0) ? text : NULL;
}


static void
recs_facts_head(FILE *out, const char *name, const char *type,
    const char *help)
{
    fprintf(out, "# HELP " RECS_FACTS_PREFIX "%s %s\n# TYPE "
            RECS_FACTS_PREFIX "%s %s\n", name, help, name, type);
}


/* Whole numbers, so that nothing depends on the locale. */

static void
recs_facts_value(FILE *out, const recs_metric_t *m, int64_t n)
{
    int  digits;

    if (m->unit == 1) {
        fprintf(out, " %" PRId64 "\n", n);
        return;
    }

    digits = (m->unit == 1000) ? 3 : 6;

    n = recs_max(n, 0);
    fprintf(out, " %" PRId64 ".%0*" PRId64 "\n", n / m->unit, digits,
            n % m->unit);
}


static void
recs_facts_label(FILE *out, const char *text)
{
    for ( /* void */ ; *text; text++) {

        if (*text == '\n') {
            fputs("\\n", out);
            continue;
        }

        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }

        fputc(*text, out);
    }
}


static void
recs_facts_reasons(FILE *out, const recs_reasons_t *reasons)
{
    unsigned  i;

    recs_facts_head(out, "quarantined_total", "counter",
                    "Lines of files that were quarantined.");

    for (i = 0; reasons && i < reasons->count; i++) {
        fputs(RECS_FACTS_PREFIX "quarantined_total{reason=\"", out);
        recs_facts_label(out, reasons->rows[i].text);
        fprintf(out, "\"} %" PRIu64 "\n", reasons->rows[i].count);
    }
}


static void
recs_facts_key(char *key, size_t size, const recs_metric_t *m)
{
    (void) snprintf(key, size, "%s%s%s", m->name, m->label ? "." : "",
                    m->label ? m->value : "");
}


json_t *
recs_facts_json(const recs_facts_t *f)
{
    char                  key[64];
    json_t               *object;
    const recs_metric_t  *m;

    object = json_object();

    for (m = recs_metrics; m->name; m++) {
        if (*recs_facts_at(f, m) != RECS_FACT_UNKNOWN) {
            recs_facts_key(key, sizeof(key), m);
            json_object_set_new(object, key,
                                json_integer(*recs_facts_at(f, m)));
        }
    }

    return object;
}


void
recs_facts_parse(recs_facts_t *f, const json_t *object)
{
    char                  key[64];
    const json_t         *value;
    const recs_metric_t  *m;

    recs_facts_init(f);

    for (m = recs_metrics; m->name; m++) {
        recs_facts_key(key, sizeof(key), m);
        value = json_object_get(object, key);

        if (json_is_integer(value)) {
            *recs_facts_at(f, m) = json_integer_value(value);
        }
    }
}


int
recs_facts_replace(const char *path, const char *text, size_t len,
    recs_error_t *e)
{
    int      fd;
    char     tmp[RECS_FACTS_PATH];
    ssize_t  n;

    (void) snprintf(tmp, sizeof(tmp), "%s.new", path);

    fd = open(tmp, O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0644);

    if (fd == -1) {
        return recs_error(e, "cannot create %s: %s", tmp, strerror(errno));
    }

    n = write(fd, text, len);

    if (n >= 0 && (size_t) n < len) {
        errno = ENOSPC;
        n = -1;
    }

    /* others read it, whatever our umask is */

    if (n == -1 || fchmod(fd, 0644) == -1) {
        (void) recs_error(e, "cannot write %s: %s", tmp, strerror(errno));
        (void) close(fd);
        (void) unlink(tmp);
        return RECS_ERROR;
    }

    (void) close(fd);

    if (rename(tmp, path) == -1) {
        (void) recs_error(e, "cannot rename %s to %s: %s", tmp, path,
                          strerror(errno));
        (void) unlink(tmp);
        return RECS_ERROR;
    }

    return RECS_OK;
}


void
recs_facts_disks(const recs_config_t *c, int64_t *free, int64_t *size)
{
    unsigned        i;
    const char     *dirs[RECS_DISKS];
    struct statvfs  st;

    dirs[RECS_DISK_LOG] = c->log;
    dirs[RECS_DISK_JOURNAL] = c->journal;
    dirs[RECS_DISK_OUT] = c->out;

    for (i = 0; i < RECS_DISKS; i++) {
        free[i] = RECS_FACT_UNKNOWN;
        size[i] = RECS_FACT_UNKNOWN;

        if (dirs[i] && statvfs(dirs[i], &st) == 0) {
            free[i] = (int64_t) (st.f_bavail * st.f_frsize);
            size[i] = (int64_t) (st.f_blocks * st.f_frsize);
        }
    }
}
