/*
 * Copyright (C) recs authors
 *
 * What the workers send: the segments of their journal and a Redis stream,
 * read into the event log again and again.  What is committed is published
 * as positions, so that workers can let go of it.
 */

#ifndef _RECS_BUILDER_FEED_H_INCLUDED_
#define _RECS_BUILDER_FEED_H_INCLUDED_


#include "../config.h"
#include "../data/log.h"


typedef struct recs_feed_s     recs_feed_t;
typedef struct recs_journal_s  recs_journal_t;
typedef struct recs_redis_s    recs_redis_t;


typedef struct {
    uint64_t  events;            /* new ones */
    uint64_t  duplicates;
    uint64_t  damaged;           /* frames, entries and segments */
    uint64_t  gaps;              /* alarms */
    uint64_t  lost;              /* sequences given up */
    int64_t   newest_ms;         /* received of the newest event, 0: none */
    int64_t   caught_ms;         /* all that was received before is read */
    int64_t   lost_ms;           /* when something was last given up */
} recs_feed_stats_t;


/* A hole in the sequences of an epoch, and since when it has been seen. */

typedef struct {
    uint64_t  epoch;
    uint64_t  from;
    uint64_t  to;
    int64_t   since_ms;
    unsigned  here;              /* at the last look */
    unsigned  lost;              /* given up */
} recs_feed_gap_t;


struct recs_feed_s {
    recs_log_t         *log;
    recs_journal_t     *journal;     /* NULL: none */
    recs_redis_t       *redis;
    recs_feed_stats_t   stats;
    recs_feed_gap_t    *gaps;
    size_t              gap_count;
    size_t              gaps_cap;
    int64_t             gap_wait_ms; /* then it is given up */
    int64_t             now_ms;      /* monotonic, of this poll */
    recs_event_t        event;
};


/* What is known of Redis. */

typedef struct {
    unsigned     connected;
    uint64_t     connects;           /* so far */
    uint64_t     entries;            /* of the stream, at the last look */
    const char  *id;                 /* of the last entry that was read */
    const char  *refused;            /* why it declined what it was asked */
} recs_redis_state_t;


/* Opens config->journal and config->redis, as far as they are given. */

int recs_feed_open(recs_feed_t *feed, recs_log_t *log,
    const recs_config_t *config, recs_error_t *e);
void recs_feed_close(recs_feed_t *feed);

/*
 * One look at everything.  RECS_OK: something came and is committed, there
 * may be more; RECS_AGAIN: nothing new; RECS_ERROR: the log or the journal
 * failed, nothing is lost and the next poll tries again.
 */

int recs_feed_poll(recs_feed_t *feed, recs_error_t *e);

/* Goes on with the figures and gaps of the feed whose place it takes. */

void recs_feed_follow(recs_feed_t *feed, recs_feed_t *before);

/* Gaps that are waited for. */

uint64_t recs_feed_waiting(const recs_feed_t *feed);

/* Whether Redis is configured and has not been reached yet. */

int recs_feed_waits(const recs_feed_t *feed);


/* For the sources. */

/*
 * Decodes a payload of an epoch and adds it to the log; its sequence, where
 * it is known, is "sequence", otherwise 0.  RECS_DECLINED: it is damaged,
 * *why says how.
 */

int recs_feed_frame(recs_feed_t *feed, const recs_str_t *payload,
    uint64_t epoch, uint64_t sequence, const char **why, recs_error_t *e);

/* The same for frames that stand one after the other. */

int recs_feed_frames(recs_feed_t *feed, const recs_str_t *frames,
    uint64_t epoch, const char **why, recs_error_t *e);


recs_journal_t *recs_journal_open(recs_feed_t *feed, const char *dir,
    recs_error_t *e);
int recs_journal_poll(recs_journal_t *j, recs_error_t *e);
void recs_journal_close(recs_journal_t *j);

/* Never fails for Redis' sake: where it is away it is tried again later. */

recs_redis_t *recs_redis_open(recs_feed_t *feed, const recs_config_t *config,
    recs_error_t *e);
int recs_redis_poll(recs_redis_t *r, recs_error_t *e);
int recs_redis_connected(const recs_redis_t *r);
void recs_redis_state(const recs_redis_t *r, recs_redis_state_t *state);
void recs_redis_close(recs_redis_t *r);

/*
 * Any command: calls "text" for each text of the answer.  RECS_AGAIN: Redis
 * is away, RECS_DECLINED: it refuses.
 */

typedef int (*recs_redis_text_pt)(void *ctx, const recs_str_t *text);

int recs_redis_ask(recs_redis_t *r, int argc, const char **argv,
    recs_redis_text_pt text, void *ctx);


#endif /* _RECS_BUILDER_FEED_H_INCLUDED_ */
