/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "dir.h"


static int recs_status_read(recs_dir_t *dir, const char *path,
    recs_error_t *err);
static void recs_status_row(const recs_dir_t *dir, const recs_dir_entry_t *e);
static void recs_status_time(int64_t ms, char *buf, size_t size);
static void recs_status_age(int64_t ms, char *buf, size_t size);
static void recs_status_object(const recs_dir_t *dir,
    const recs_dir_entry_t *e);
static void recs_status_id(const char *name, uint64_t id);


#define recs_status_is(dir, e, what)  ((e)->manifest.id == (dir)->what)


int
recs_status(const char *path, recs_error_t *err)
{
    size_t      i;
    recs_dir_t  dir;

    if (recs_status_read(&dir, path, err) != RECS_OK) {
        return RECS_ERROR;
    }

    printf("%-16s  %10s  %-20s  %5s  %12s  %10s  %10s  %12s\n", "id",
           "generation", "clock", "age", "bytes", "products", "lists",
           "events");

    for (i = 0; i < dir.count; i++) {
        recs_status_row(&dir, &dir.entries[i]);
    }

    if (dir.current == 0) {
        printf("nothing is current\n");

    } else if (recs_dir_find(&dir, dir.current) == NULL) {
        printf("current is %016" PRIx64 ", which is missing\n", dir.current);
    }

    if (dir.is_pinned && dir.pinned == 0) {
        printf("pinned, but to what cannot be read\n");
    }

    recs_dir_close(&dir);

    return RECS_OK;
}


static int
recs_status_read(recs_dir_t *dir, const char *path, recs_error_t *err)
{
    if (recs_dir_open(dir, path, 0, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_dir_scan(dir, err) != RECS_OK) {
        recs_dir_close(dir);
        return RECS_ERROR;
    }

    return RECS_OK;
}


static void
recs_status_row(const recs_dir_t *dir, const recs_dir_entry_t *e)
{
    char                    clock[32], age[32];
    const recs_manifest_t  *m;

    m = &e->manifest;

    if (e->bad) {
        printf("%016" PRIx64 "  bad: %s", m->id, e->bad);

    } else {
        recs_status_time(m->created_ms, clock, sizeof(clock));
        recs_status_age(m->created_ms, age, sizeof(age));

        printf("%016" PRIx64 "  %10" PRIu64 "  %-20s  %5s  %12" PRIu64
               "  %10" PRIu64 "  %10" PRIu64 "  %12" PRIu64, m->id,
               m->generation, clock, age, m->size, m->items, m->lists,
               m->events);
    }

    printf("%s%s\n", recs_status_is(dir, e, current) ? "  current" : "",
           recs_status_is(dir, e, pinned) ? "  pinned" : "");
}


static void
recs_status_time(int64_t ms, char *buf, size_t size)
{
    time_t     t;
    struct tm  tm;

    t = (time_t) (ms / 1000);

    if (gmtime_r(&t, &tm) == NULL
        || strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
    {
        buf[0] = '\0';
    }
}


/* Of the clock of the build, in the largest unit that is not 0. */

static void
recs_status_age(int64_t ms, char *buf, size_t size)
{
    int64_t   seconds;
    unsigned  i;

    static const struct {
        int64_t  seconds;
        char     unit;
    } units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

    seconds = time(NULL) - ms / 1000;
    seconds = recs_max(seconds, 0);

    for (i = 0; i < 3 && seconds < units[i].seconds; i++) {
        /* void */
    }

    snprintf(buf, size, "%" PRId64 "%c", seconds / units[i].seconds,
             units[i].unit);
}


int
recs_status_json(const char *path, recs_error_t *err)
{
    size_t      i;
    recs_dir_t  dir;

    if (recs_status_read(&dir, path, err) != RECS_OK) {
        return RECS_ERROR;
    }

    printf("{");
    recs_status_id("current", dir.current);
    printf(",");
    recs_status_id("pinned", dir.pinned);
    printf(",\"isPinned\":%s,\"snapshots\":[",
           dir.is_pinned ? "true" : "false");

    for (i = 0; i < dir.count; i++) {
        printf("%s", i ? "," : "");
        recs_status_object(&dir, &dir.entries[i]);
    }

    printf("]}\n");

    recs_dir_close(&dir);

    return RECS_OK;
}


static void
recs_status_object(const recs_dir_t *dir, const recs_dir_entry_t *e)
{
    const recs_manifest_t  *m;

    m = &e->manifest;

    printf("{");
    recs_status_id("id", m->id);

    if (e->bad) {
        printf(",\"bad\":\"the manifest or the file cannot be used\"");

    } else {
        printf(",\"generation\":%" PRIu64 ",\"created\":%" PRId64
               ",\"size\":%" PRIu64 ",\"items\":%" PRIu64 ",\"listed\":%"
               PRIu64 ",\"lists\":%" PRIu64 ",\"events\":%" PRIu64,
               m->generation, m->created_ms, m->size, m->items, m->listed,
               m->lists, m->events);
    }

    printf(",\"current\":%s,\"pinned\":%s}",
           recs_status_is(dir, e, current) ? "true" : "false",
           recs_status_is(dir, e, pinned) ? "true" : "false");
}


static void
recs_status_id(const char *name, uint64_t id)
{
    if (id) {
        printf("\"%s\":\"%016" PRIx64 "\"", name, id);

    } else {
        printf("\"%s\":null", name);
    }
}
