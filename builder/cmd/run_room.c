/*
 * Copyright (C) recs authors
 *
 * What the event log may take of its disk.  Where there is no more room
 * nothing is read: events wait in the journal and in Redis, which have
 * bounds of their own, and drop exposures before they refuse events.
 */

#include <inttypes.h>
#include <sys/statvfs.h>

#include "../data/log_usage.h"
#include "run.h"


static recs_run_room_e recs_run_room_look(recs_run_t *run);
static void recs_run_room_full(recs_run_t *run);


int
recs_run_room(recs_run_t *run)
{
    recs_run_room_e  full, before;

    before = run->full;
    full = recs_run_room_look(run);
    run->full = full;

    if (full == before) {
        return full ? RECS_DECLINED : RECS_OK;
    }

    if (full) {
        recs_run_room_full(run);
        return RECS_DECLINED;
    }

    recs_message(RECS_MSG_NOTICE, "run", "the event log has room again, "
                 "events are read");

    return RECS_OK;
}


static recs_run_room_e
recs_run_room_look(recs_run_t *run)
{
    double                  need, left;
    recs_error_t            e;
    struct statvfs          st;
    recs_log_usage_t        usage;
    const recs_config_t    *c;

    c = run->config;

    if (c->log_max > 0
        && recs_log_usage(c->log, &usage, &e) == RECS_OK
        && (double) usage.bytes >= c->log_max)
    {
        return RECS_RUN_LOG_MAX;
    }

    if (c->disk_reserve > 0 && statvfs(c->log, &st) == 0) {
        need = c->disk_reserve;
        left = (double) st.f_bavail * (double) st.f_frsize;

        /* not on and off with every file that somebody else writes */

        if (run->full == RECS_RUN_DISK_RESERVE) {
            need += need / 10;
        }

        if (left < need) {
            return RECS_RUN_DISK_RESERVE;
        }
    }

    return RECS_RUN_ROOM;
}


static void
recs_run_room_full(recs_run_t *run)
{
    if (run->full == RECS_RUN_DISK_RESERVE) {
        recs_message(RECS_MSG_WARN, "run", "the file system of %s has less "
                     "than disk_reserve = %.0f bytes left; nothing is read "
                     "until there is room, events wait in the journal",
                     run->config->log, run->config->disk_reserve);
        return;
    }

    recs_message(RECS_MSG_WARN, "run", "the event log %s has reached log_max "
                 "= %.0f bytes; nothing is read until there is room, events "
                 "wait in the journal", run->config->log,
                 run->config->log_max);

    /* what may go goes now */

    run->retain_ms = 0;
}
