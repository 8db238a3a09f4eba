/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../core/recs_hash.h"
#include "../memory.h"
#include "run.h"


#define RECS_RUN_STAMP  4200


static uint64_t recs_run_stamp(const recs_config_t *c);
static uint64_t recs_run_stamp_paths(const char *const *p);
static uint64_t recs_run_stamp_path(const char *path);
static uint64_t recs_run_stamp_file(const char *path);
static int recs_run_import(recs_run_t *run, unsigned updates,
    recs_error_t *e);
static int recs_run_read_updates(const recs_config_t *c,
    recs_source_t *source, recs_error_t *e);
static int recs_run_add(void *ctx, const recs_event_t *event,
    recs_error_t *e);


int
recs_run_files(recs_run_t *run, recs_error_t *e)
{
    uint64_t  stamp;

    stamp = recs_run_stamp(run->config);

    if (stamp == run->stamp) {
        return RECS_OK;
    }

    if (recs_run_import(run, 0, e) != RECS_OK) {
        return RECS_ERROR;
    }

    run->stamp = stamp;

    return RECS_OK;
}


/* A file that cannot be read is tried again when it has changed. */

int
recs_run_updates(recs_run_t *run, recs_error_t *e)
{
    uint64_t  stamp;

    if (run->config->hot_updates[0] == NULL || run->full) {
        return RECS_OK;
    }

    stamp = recs_run_stamp_paths(run->config->hot_updates);

    if (stamp == run->hot_stamp) {
        return RECS_OK;
    }

    run->hot_stamp = stamp;

    return recs_run_import(run, 1, e);
}


/* A sum, so that the order of a directory does not matter. */

static uint64_t
recs_run_stamp(const recs_config_t *c)
{
    return recs_run_stamp_paths(c->catalog) + recs_run_stamp_paths(c->users)
           + recs_run_stamp_paths(c->events);
}


static uint64_t
recs_run_stamp_paths(const char *const *p)
{
    uint64_t  sum;

    for (sum = 0; *p; p++) {
        sum += recs_run_stamp_path(*p);
    }

    return sum;
}


static uint64_t
recs_run_stamp_path(const char *path)
{
    DIR            *d;
    char            name[RECS_RUN_STAMP];
    uint64_t        sum;
    struct dirent  *entry;

    d = opendir(path);

    if (d == NULL) {
        return recs_run_stamp_file(path);
    }

    sum = 0;

    while ((entry = readdir(d))) {

        if (entry->d_name[0] == '.') {
            continue;
        }

        (void) snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        sum += recs_run_stamp_file(name);
    }

    closedir(d);

    return sum;
}


static uint64_t
recs_run_stamp_file(const char *path)
{
    uint64_t     key[5];
    struct stat  st;

    /* that it is missing is for the source to say */

    memset(key, 0, sizeof(key));
    key[0] = recs_key64(path, strlen(path));

    if (stat(path, &st) == 0) {
        key[1] = (uint64_t) st.st_mtim.tv_sec;
        key[2] = (uint64_t) st.st_mtim.tv_nsec;
        key[3] = (uint64_t) st.st_size;
        key[4] = (uint64_t) st.st_ino;
    }

    return recs_key64(key, sizeof(key));
}


static int
recs_run_import(recs_run_t *run, unsigned updates, recs_error_t *e)
{
    int             rc, end;
    recs_error_t    bad;
    recs_source_t   source;

    memset(&source, 0, sizeof(recs_source_t));

    source.keys = &run->keys;
    source.sink = recs_run_add;
    source.ctx = run->log;
    source.file_time = 1;
    source.received_ms = recs_run_clock();
    source.updates = updates;
    source.reasons = &run->reasons;

    recs_log_import(run->log);

    rc = updates ? recs_run_read_updates(run->config, &source, e)
                 : recs_cmd_read(run->config, &source, e);
    end = recs_source_end(&source, run->config->max_bad, &bad);

    if (rc == RECS_OK && end != RECS_OK) {
        *e = bad;
        rc = end;
    }

    if (rc == RECS_OK) {
        rc = recs_log_commit(run->log, NULL, e);
    }

    if (rc != RECS_OK) {
        recs_log_abandon(run->log);
        return RECS_ERROR;
    }

    recs_message(RECS_MSG_INFO, "run", "%s read\tlines=%llu new=%llu "
                 "known=%llu bad=%llu", updates ? "updates" : "files",
                 (unsigned long long) source.stats.lines,
                 (unsigned long long) (source.stats.events
                                       + source.stats.products
                                       + source.stats.users),
                 (unsigned long long) source.stats.duplicates,
                 (unsigned long long) source.stats.bad);

    return RECS_OK;
}


static int
recs_run_read_updates(const recs_config_t *c, recs_source_t *source,
    recs_error_t *e)
{
    const char *const  *p;

    source->quarantine = c->quarantine;
    source->shop.data = (const uint8_t *) (c->shop ? c->shop : "");
    source->shop.len = strlen((const char *) source->shop.data);

    for (p = c->hot_updates; *p; p++) {
        if (recs_source_read(source, *p, RECS_FILE_CATALOG, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_run_add(void *ctx, const recs_event_t *event, recs_error_t *e)
{
    if (recs_run_stopping()) {
        return recs_error(e, "stopped while files were read");
    }

    return recs_log_add(ctx, event, e);
}
