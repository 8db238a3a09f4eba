/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../memory.h"
#include "feed.h"


/*
 * A hole that only the journal can fill is there for good once all segments
 * have been read; over Redis workers are asked to send it again, which a
 * worker that is away does when it comes back.
 */

#define RECS_GAP_JOURNAL_MS   10000
#define RECS_GAP_REDIS_MS     600000


static int recs_feed_gaps(recs_feed_t *feed, recs_error_t *e);
static int recs_feed_gap(void *ctx, uint64_t epoch, uint64_t committed,
    uint64_t from, uint64_t to);
static recs_feed_gap_t *recs_feed_gap_find(recs_feed_t *feed, uint64_t epoch,
    uint64_t from, uint64_t to);
static void recs_feed_filled(recs_feed_t *feed);
static void recs_feed_caught(recs_feed_t *feed, unsigned all);
static int64_t recs_feed_clock(clockid_t clock);


int
recs_feed_open(recs_feed_t *feed, recs_log_t *log,
    const recs_config_t *config, recs_error_t *e)
{
    memset(feed, 0, sizeof(recs_feed_t));

    feed->log = log;
    feed->gap_wait_ms = RECS_GAP_JOURNAL_MS;

    if (config->journal) {
        feed->journal = recs_journal_open(feed, config->journal, e);

        if (feed->journal == NULL) {
            return RECS_ERROR;
        }
    }

    if (config->redis) {
        feed->gap_wait_ms = RECS_GAP_REDIS_MS;
        feed->redis = recs_redis_open(feed, config, e);

        if (feed->redis == NULL) {
            recs_feed_close(feed);
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


void
recs_feed_close(recs_feed_t *feed)
{
    if (feed->journal) {
        recs_journal_close(feed->journal);
    }

    if (feed->redis) {
        recs_redis_close(feed->redis);
    }

    free(feed->gaps);
    memset(feed, 0, sizeof(recs_feed_t));
}


int
recs_feed_poll(recs_feed_t *feed, recs_error_t *e)
{
    int  journal, redis;

    journal = RECS_AGAIN;
    redis = RECS_AGAIN;
    feed->now_ms = recs_feed_clock(CLOCK_MONOTONIC);

    if (feed->journal) {
        journal = recs_journal_poll(feed->journal, e);

        if (journal == RECS_ERROR) {
            return RECS_ERROR;
        }
    }

    if (feed->redis) {
        redis = recs_redis_poll(feed->redis, e);

        if (redis == RECS_ERROR) {
            return RECS_ERROR;
        }
    }

    if (recs_feed_gaps(feed, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (journal == RECS_OK || redis == RECS_OK) {
        recs_feed_caught(feed, 0);
        return RECS_OK;
    }

    recs_feed_caught(feed, !recs_feed_waits(feed));

    return RECS_AGAIN;
}


/*
 * Up to where workers have been heard: up to now, where all sources have
 * nothing more; else up to the newest event that has come.
 */

static void
recs_feed_caught(recs_feed_t *feed, unsigned all)
{
    int64_t             now, caught;
    recs_feed_stats_t  *s;

    s = &feed->stats;
    now = recs_feed_clock(CLOCK_REALTIME);
    caught = all ? now : recs_min(s->newest_ms, now);

    /* a clock that was set back must not hide that nothing comes */

    s->caught_ms = recs_max(recs_min(s->caught_ms, now), caught);
}


void
recs_feed_follow(recs_feed_t *feed, recs_feed_t *before)
{
    feed->stats = before->stats;
    feed->gaps = before->gaps;
    feed->gap_count = before->gap_count;
    feed->gaps_cap = before->gaps_cap;

    before->gaps = NULL;
    before->gap_count = 0;
    before->gaps_cap = 0;
}


uint64_t
recs_feed_waiting(const recs_feed_t *feed)
{
    size_t    i;
    uint64_t  n;

    for (i = 0, n = 0; i < feed->gap_count; i++) {
        n += feed->gaps[i].here && !feed->gaps[i].lost;
    }

    return n;
}


int
recs_feed_waits(const recs_feed_t *feed)
{
    return feed->redis && !recs_redis_connected(feed->redis);
}


int
recs_feed_frame(recs_feed_t *feed, const recs_str_t *payload, uint64_t epoch,
    uint64_t sequence, const char **why, recs_error_t *e)
{
    int            rc;
    recs_event_t  *event;

    event = &feed->event;

    if (recs_event_decode(event, payload->data, payload->len, why)
        != RECS_OK)
    {
        return RECS_DECLINED;
    }

    if (event->epoch != epoch || epoch == 0) {
        *why = "it is of another epoch";
        return RECS_DECLINED;
    }

    if (event->sequence == 0 || event->sequence >= INT64_MAX
        || (sequence && event->sequence != sequence))
    {
        *why = "its sequence is wrong";
        return RECS_DECLINED;
    }

    rc = recs_log_add(feed->log, event, e);

    if (rc == RECS_ERROR) {
        return RECS_ERROR;
    }

    feed->stats.newest_ms = recs_max(feed->stats.newest_ms,
                                     event->received_ms);

    if (rc == RECS_OK) {
        feed->stats.events++;

    } else {
        feed->stats.duplicates++;
    }

    return RECS_OK;
}


int
recs_feed_frames(recs_feed_t *feed, const recs_str_t *frames, uint64_t epoch,
    const char **why, recs_error_t *e)
{
    int          rc, result;
    size_t       size;
    recs_str_t   rest, payload;
    const char  *bad;

    rest = *frames;
    result = RECS_OK;

    while (rest.len) {
        rc = recs_frame_read(rest.data, rest.len, &payload, &size, why);

        if (rc != RECS_OK) {

            if (rc == RECS_AGAIN) {
                *why = "its last frame is cut off";
            }

            return RECS_DECLINED;
        }

        rc = recs_feed_frame(feed, &payload, epoch, 0, &bad, e);

        if (rc == RECS_ERROR) {
            return RECS_ERROR;
        }

        /* its length is right, the next one can be read */

        if (rc == RECS_DECLINED) {
            *why = bad;
            result = RECS_DECLINED;
        }

        rest.data += size;
        rest.len -= size;
    }

    return result;
}


static int
recs_feed_gaps(recs_feed_t *feed, recs_error_t *e)
{
    size_t    i;
    uint64_t  lost;

    for (i = 0; i < feed->gap_count; i++) {
        feed->gaps[i].here = 0;
    }

    lost = recs_log_stats(feed->log)->lost;

    (void) recs_log_epochs(feed->log, recs_feed_gap, feed);

    if (recs_log_commit(feed->log, NULL, e) != RECS_OK) {
        return RECS_ERROR;
    }

    lost = recs_log_stats(feed->log)->lost - lost;

    if (lost) {
        feed->stats.lost += lost;
        feed->stats.lost_ms = recs_feed_clock(CLOCK_REALTIME);
    }

    recs_feed_filled(feed);

    return RECS_OK;
}


static int
recs_feed_gap(void *ctx, uint64_t epoch, uint64_t committed, uint64_t from,
    uint64_t to)
{
    recs_feed_t      *feed;
    recs_feed_gap_t  *gap;

    feed = ctx;

    if (to == 0) {
        return RECS_OK;
    }

    gap = recs_feed_gap_find(feed, epoch, from, to);
    gap->here = 1;
    gap->to = to;

    if (feed->now_ms - gap->since_ms < feed->gap_wait_ms) {
        return RECS_OK;
    }

    recs_message(RECS_MSG_ERROR, "feed", "epoch %016" PRIx64 ": events %"
                 PRIu64 " to %" PRIu64 " have not come for %" PRId64 " s and "
                 "are given up; look into the log of the nginx that wrote "
                 "them", epoch, from, to, feed->gap_wait_ms / 1000);

    gap->lost = 1;
    recs_log_lost(feed->log, epoch, from, to);

    return RECS_OK;
}


static recs_feed_gap_t *
recs_feed_gap_find(recs_feed_t *feed, uint64_t epoch, uint64_t from,
    uint64_t to)
{
    size_t            i;
    recs_feed_gap_t  *gap;

    for (i = 0; i < feed->gap_count; i++) {
        gap = &feed->gaps[i];

        if (gap->epoch == epoch && gap->from == from) {
            return gap;
        }
    }

    recs_grow(&feed->gaps, &feed->gaps_cap, feed->gap_count + 1,
              sizeof(recs_feed_gap_t));

    gap = &feed->gaps[feed->gap_count++];
    memset(gap, 0, sizeof(recs_feed_gap_t));
    gap->epoch = epoch;
    gap->from = from;
    gap->since_ms = feed->now_ms;

    feed->stats.gaps++;

    recs_message(RECS_MSG_WARN, "feed", "epoch %016" PRIx64 ": events %"
                 PRIu64 " to %" PRIu64 " are missing; they are waited for",
                 epoch, from, to);

    return gap;
}


static void
recs_feed_filled(recs_feed_t *feed)
{
    size_t            i, n;
    recs_feed_gap_t  *gap;

    for (i = 0, n = 0; i < feed->gap_count; i++) {
        gap = &feed->gaps[i];

        if (gap->lost) {
            continue;
        }

        if (gap->here) {
            feed->gaps[n++] = *gap;
            continue;
        }

        recs_message(RECS_MSG_NOTICE, "feed", "epoch %016" PRIx64 ": event %"
                     PRIu64 ", which was missing, has come", gap->epoch,
                     gap->from);
    }

    feed->gap_count = n;
}


static int64_t
recs_feed_clock(clockid_t clock)
{
    struct timespec  ts;

    clock_gettime(clock, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
