/*
 * Copyright (C) recs authors
 *
 * Which frames of which segments are to be sent, were sent, acknowledged by
 * Redis, and committed by the builder.  Knows nothing of connections.
 */

#ifndef _NGX_HTTP_RECS_SENDER_H_INCLUDED_
#define _NGX_HTTP_RECS_SENDER_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "ngx_http_recs_segment.h"


#define NGX_HTTP_RECS_FEEDS     64         /* epochs held by one process */
#define NGX_HTTP_RECS_ADOPT     32         /* segments adopted at once */
#define NGX_HTTP_RECS_FLIGHT    4          /* batches without a reply */
#define NGX_HTTP_RECS_BATCH     16384      /* bytes of a batch */


/* The frames of one epoch, in the segments of it that this process holds. */

typedef struct {
    ngx_queue_t               queue;
    ngx_queue_t               segments;    /* by sequence */
    uint64_t                  epoch;
    ngx_http_recs_segment_t  *segment;     /* that "place" is in, or NULL */
    recs_segment_t            place;       /* what is sent next */
    uint64_t                  top;         /* the highest ever sent */
    uint64_t                  acked;       /* Redis has all up to here */
    uint64_t                  committed;   /* the builder has */
    ngx_msec_t                moved;       /* when "committed" did */
    ngx_msec_t                patience;    /* with it */
    uint64_t                  wanted;      /* the last of a gap, or 0 */
    uint64_t                  told;        /* damaged sequence logged last */
    uint64_t                  resume;      /* where to go on after it */
    ngx_msec_t                asked;       /* for it */
    unsigned                  known:1;     /* "committed" is up to date */
} ngx_http_recs_feed_t;

typedef struct {
    uint64_t                  epoch;
    uint64_t                  first;
    ngx_uint_t                count;
    ngx_uint_t                resent;
    uint8_t                  *data;
    size_t                    len;
} ngx_http_recs_batch_t;

typedef struct ngx_http_recs_sender_s  ngx_http_recs_sender_t;

struct ngx_http_recs_sender_s {
    ngx_http_recs_journal_t  *journal;
    ngx_queue_t               feeds;       /* whose turn it is, first */
    ngx_uint_t                count;
    ngx_log_t                *log;
};


ngx_http_recs_sender_t *ngx_http_recs_sender_create(ngx_cycle_t *cycle,
    ngx_http_recs_journal_t *journal);
void ngx_http_recs_sender_exit(ngx_http_recs_sender_t *sender);

/* Takes a segment over; and for how many there is room. */

void ngx_http_recs_sender_add(ngx_http_recs_sender_t *sender,
    ngx_http_recs_segment_t *segment);
ngx_uint_t ngx_http_recs_sender_room(ngx_http_recs_sender_t *sender);

/*
 * The next batch.  NGX_DECLINED: nothing to send.  NGX_AGAIN: less than a
 * batch, which goes with "flush" only.
 */

ngx_int_t ngx_http_recs_sender_batch(ngx_http_recs_sender_t *sender,
    ngx_http_recs_batch_t *batch, ngx_uint_t flush);

/* Whether what the writers have appended makes a batch. */

ngx_uint_t ngx_http_recs_sender_ready(ngx_http_recs_sender_t *sender);

/* Redis has a batch. */

void ngx_http_recs_sender_acked(ngx_http_recs_sender_t *sender,
    ngx_http_recs_batch_t *batch);

/* Whatever has no reply is to be sent again. */

void ngx_http_recs_sender_again(ngx_http_recs_sender_t *sender);

/* Nothing is known any more of what Redis and the builder have. */

void ngx_http_recs_sender_forget(ngx_http_recs_sender_t *sender);

/* Fills in the epochs at hand, NGX_HTTP_RECS_FEEDS at most. */

ngx_uint_t ngx_http_recs_sender_epochs(ngx_http_recs_sender_t *sender,
    uint64_t *epochs);

/*
 * The builder has all of an epoch up to "sequence".  Gives up what is
 * covered; goes back where Redis lost what it had ("alive": the builder
 * shows signs of life).
 */

void ngx_http_recs_sender_committed(ngx_http_recs_sender_t *sender,
    uint64_t epoch, uint64_t sequence, ngx_uint_t alive);

/* The builder misses these. */

void ngx_http_recs_sender_wanted(ngx_http_recs_sender_t *sender,
    uint64_t epoch, uint64_t first, uint64_t last);


#endif /* _NGX_HTTP_RECS_SENDER_H_INCLUDED_ */
