/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../core/event/recs_event_wire.h"
#include "../../core/event/recs_segment.h"
#include "../data/log_file.h"
#include "run.h"
#include "status.h"


#define RECS_LOOK_PATH  4200


static void recs_look_status(recs_look_t *look);
static void recs_look_log(recs_look_t *look);
static int recs_look_first(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static void recs_look_journal(recs_look_t *look);
static uint64_t recs_look_positions(const char *dir);
static unsigned recs_look_current(const char *path, recs_manifest_t *m);


int
recs_look(recs_look_t *look, const recs_config_t *config, recs_error_t *e)
{
    const char  *err;

    memset(look, 0, sizeof(recs_look_t));

    look->config = config;
    look->now_ms = recs_run_clock();

    if (config->out == NULL || config->log == NULL) {
        return recs_error(e, "the configuration names no \"out\" or no "
                          "\"log\" to look at");
    }

    if (recs_schedule_parse(&look->schedule, config->schedule, &err)
        != RECS_OK)
    {
        return recs_error(e, "\"schedule\" is \"%s\": %s", config->schedule,
                          err);
    }

    recs_look_status(look);
    recs_look_log(look);
    recs_look_journal(look);

    recs_facts_disks(config, look->free, look->size);

    look->pinned = recs_look_current(config->out, &look->snapshot);

    if (config->hot) {
        (void) recs_look_current(config->hot, &look->hot);
    }

    recs_look_check(look);

    return RECS_OK;
}


void
recs_look_free(recs_look_t *look)
{
    json_decref(look->status);
}


/*
 * The process is asked for by its number: a lock could be looked at only by
 * taking it, which would keep a daemon from starting at this moment.
 */

static void
recs_look_status(recs_look_t *look)
{
    char     path[RECS_LOOK_PATH];
    json_t  *pid;

    (void) snprintf(path, sizeof(path), "%s/%s", look->config->log,
                    RECS_FACTS_FILE);

    look->status = json_load_file(path, 0, NULL);

    recs_facts_parse(&look->facts, json_object_get(look->status, "facts"));

    if (look->facts.now_ms == RECS_FACT_UNKNOWN) {
        json_decref(look->status);
        look->status = NULL;
        return;
    }

    pid = json_object_get(look->status, "pid");

    look->pid = (long) json_integer_value(pid);
    look->once = json_is_true(json_object_get(look->status, "once"));
    look->alive = !look->facts.stopped && look->pid > 0
                  && (kill((pid_t) look->pid, 0) == 0 || errno == EPERM);
}


static void
recs_look_log(recs_look_t *look)
{
    recs_error_t  e;

    if (recs_log_usage(look->config->log, &look->usage, &e) != RECS_OK) {
        return;
    }

    look->log_known = 1;

    /* not of the checkpoint, whose rows came with files that are gone */

    if (look->usage.files) {
        (void) recs_log_file_visit(look->config->log, look->usage.first,
                                   look->usage.files == 1, recs_look_first,
                                   look, &e);
    }
}


/* Of the first batch with an event; the scan ends with it. */

static int
recs_look_first(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    size_t               size;
    recs_str_t           payload;
    const char          *why;
    recs_look_t         *look;
    static recs_event_t  event;

    look = ctx;

    if (batch->events == 0) {
        return RECS_OK;
    }

    if (recs_frame_read(batch->frames.data, batch->frames.len, &payload,
                        &size, &why)
        == RECS_OK
        && recs_event_decode(&event, payload.data, payload.len, &why)
           == RECS_OK)
    {
        look->oldest_ms = event.received_ms;
    }

    return RECS_DONE;
}


static void
recs_look_journal(recs_look_t *look)
{
    DIR                  *d;
    uint32_t              number, kind;
    uint64_t              epoch;
    struct stat           st;
    struct dirent        *entry;
    recs_look_journal_t  *j;

    j = &look->journal;
    d = look->config->journal ? opendir(look->config->journal) : NULL;

    if (d == NULL) {
        return;
    }

    while ((entry = readdir(d))) {

        /* those that are made beforehand are sparse */

        if (recs_segment_parse(entry->d_name, &epoch, &number, &kind)
            == RECS_OK
            && fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)
               == 0)
        {
            j->segments++;
            j->bytes += (uint64_t) st.st_blocks * 512;
        }
    }

    closedir(d);

    j->known = 1;
    j->epochs = recs_look_positions(look->config->journal);
}


static uint64_t
recs_look_positions(const char *dir)
{
    int        c;
    char       path[RECS_LOOK_PATH];
    FILE      *file;
    uint64_t   n;

    (void) snprintf(path, sizeof(path), "%s/positions", dir);

    file = fopen(path, "re");

    if (file == NULL) {
        return 0;
    }

    n = 0;

    while ((c = fgetc(file)) != EOF) {
        n += (c == '\n');
    }

    fclose(file);

    return n;
}


/* Returns whether one is pinned; the id is 0 where nothing is current. */

static unsigned
recs_look_current(const char *path, recs_manifest_t *m)
{
    unsigned                 pinned;
    recs_dir_t               dir;
    recs_error_t             e;
    const recs_dir_entry_t  *current;

    if (recs_dir_open(&dir, path, 0, &e) != RECS_OK) {
        return 0;
    }

    pinned = 0;

    if (recs_dir_scan(&dir, &e) == RECS_OK) {
        pinned = dir.is_pinned;
        current = dir.current ? recs_dir_find(&dir, dir.current) : NULL;

        if (current && current->bad == NULL) {
            *m = current->manifest;
        }
    }

    recs_dir_close(&dir);

    return pinned;
}
