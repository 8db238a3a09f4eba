/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_sender.h"
#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_STALLED      10000
#define NGX_HTTP_RECS_STALLED_MAX  600000
#define NGX_HTTP_RECS_ASK_AGAIN    10000


static ngx_http_recs_feed_t *ngx_http_recs_sender_feed(
    ngx_http_recs_sender_t *sender, uint64_t epoch);
static ngx_uint_t ngx_http_recs_sender_own(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed);
static ngx_int_t ngx_http_recs_sender_read(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed, ngx_http_recs_batch_t *batch);
static ngx_int_t ngx_http_recs_sender_advance(ngx_http_recs_feed_t *feed);
static void ngx_http_recs_sender_attach(ngx_http_recs_feed_t *feed,
    ngx_http_recs_segment_t *segment);
static void ngx_http_recs_sender_seek(ngx_http_recs_feed_t *feed,
    uint64_t sequence);
static void ngx_http_recs_sender_rewind(ngx_http_recs_feed_t *feed);
static void ngx_http_recs_sender_release(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed);


ngx_http_recs_sender_t *
ngx_http_recs_sender_create(ngx_cycle_t *cycle,
    ngx_http_recs_journal_t *journal)
{
    ngx_http_recs_sender_t  *sender;

    sender = ngx_pcalloc(cycle->pool, sizeof(ngx_http_recs_sender_t));
    if (sender == NULL) {
        return NULL;
    }

    sender->journal = journal;
    sender->log = cycle->log;

    ngx_queue_init(&sender->feeds);

    return sender;
}


void
ngx_http_recs_sender_exit(ngx_http_recs_sender_t *sender)
{
    ngx_queue_t           *q, *s;
    ngx_http_recs_feed_t  *feed;

    while (!ngx_queue_empty(&sender->feeds)) {
        q = ngx_queue_head(&sender->feeds);
        ngx_queue_remove(q);

        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

        while (!ngx_queue_empty(&feed->segments)) {
            s = ngx_queue_head(&feed->segments);
            ngx_queue_remove(s);

            ngx_http_recs_writer_drop(sender->journal,
                              ngx_queue_data(s, ngx_http_recs_segment_t,
                                             queue));
        }

        ngx_free(feed);
    }

    sender->count = 0;
}


void
ngx_http_recs_sender_add(ngx_http_recs_sender_t *sender,
    ngx_http_recs_segment_t *segment)
{
    ngx_queue_t              *q;
    ngx_http_recs_feed_t     *feed;
    ngx_http_recs_segment_t  *s;

    feed = ngx_http_recs_sender_feed(sender, segment->place.epoch);

    if (feed == NULL) {
        feed = ngx_calloc(sizeof(ngx_http_recs_feed_t), sender->log);

        if (feed == NULL) {
            /* left to whoever has memory for it */
            ngx_http_recs_writer_drop(sender->journal, segment);
            return;
        }

        feed->epoch = segment->place.epoch;
        feed->moved = ngx_current_msec;
        ngx_queue_init(&feed->segments);

        ngx_queue_insert_tail(&sender->feeds, &feed->queue);
        sender->count++;
    }

    for (q = ngx_queue_last(&feed->segments);
         q != ngx_queue_sentinel(&feed->segments);
         q = ngx_queue_prev(q))
    {
        s = ngx_queue_data(q, ngx_http_recs_segment_t, queue);

        if (ngx_http_recs_segment_first(s)
            <= ngx_http_recs_segment_first(segment))
        {
            break;
        }
    }

    ngx_queue_insert_after(q, &segment->queue);

    /* what was adopted may lie before what is sent now */

    if (feed->segment == NULL
        || ngx_http_recs_segment_first(segment) < feed->place.next)
    {
        ngx_http_recs_sender_seek(feed,
                                  ngx_http_recs_segment_first(segment));
    }
}


ngx_uint_t
ngx_http_recs_sender_room(ngx_http_recs_sender_t *sender)
{
    /* each may be of an epoch of its own */

    return ngx_min(NGX_HTTP_RECS_FEEDS - sender->count, NGX_HTTP_RECS_ADOPT);
}


static ngx_http_recs_feed_t *
ngx_http_recs_sender_feed(ngx_http_recs_sender_t *sender, uint64_t epoch)
{
    ngx_queue_t           *q;
    ngx_http_recs_feed_t  *feed;

    for (q = ngx_queue_head(&sender->feeds);
         q != ngx_queue_sentinel(&sender->feeds);
         q = ngx_queue_next(q))
    {
        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

        if (feed->epoch == epoch) {
            return feed;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_recs_sender_own(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        if (sender->journal->writers[i].epoch == feed->epoch) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_recs_sender_batch(ngx_http_recs_sender_t *sender,
    ngx_http_recs_batch_t *batch, ngx_uint_t flush)
{
    ngx_int_t              rc;
    ngx_queue_t           *q;
    ngx_http_recs_feed_t  *feed;

    rc = NGX_DECLINED;

    for (q = ngx_queue_head(&sender->feeds);
         q != ngx_queue_sentinel(&sender->feeds);
         q = ngx_queue_next(q))
    {
        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

        if (!feed->known) {
            continue;
        }

        if (ngx_http_recs_sender_read(sender, feed, batch) != NGX_OK) {
            continue;
        }

        if (batch->len < NGX_HTTP_RECS_BATCH && !flush
            && !feed->segment->ended)
        {
            /* back to its first frame, which may be in another segment */

            feed->place.offset -= batch->len;
            feed->place.next = batch->first;
            rc = NGX_AGAIN;
            continue;
        }

        /* the others first, next time */

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&sender->feeds, q);

        batch->resent = 0;

        if (batch->first <= feed->top) {
            batch->resent = ngx_min(batch->count,
                                    feed->top - batch->first + 1);
        }

        feed->top = ngx_max(feed->top, batch->first + batch->count - 1);

        return NGX_OK;
    }

    return rc;
}


/* Whole frames as they lie in the segment, up to the size of a batch. */

static ngx_int_t
ngx_http_recs_sender_read(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed, ngx_http_recs_batch_t *batch)
{
    int              rc;
    size_t           start;
    uint64_t         sequence;
    recs_str_t       payload;
    const char      *err;
    recs_segment_t  *p, back;

    batch->count = 0;

    do {
        if (feed->wanted && feed->place.next > feed->wanted) {
            feed->wanted = 0;
            ngx_http_recs_sender_seek(feed, feed->resume);
        }

        if (feed->segment == NULL) {
            return NGX_DECLINED;
        }

        p = &feed->place;
        start = p->offset;
        batch->first = p->next;

        do {
            back = *p;
            rc = recs_segment_next(p, &payload, &sequence, &err);

            if (rc != RECS_OK) {
                break;
            }

            if (batch->count && p->offset - start > NGX_HTTP_RECS_BATCH) {
                *p = back;
                break;
            }

            batch->count++;

        } while (p->offset - start < NGX_HTTP_RECS_BATCH
                 && p->next != feed->wanted + 1);

        if (batch->count) {
            batch->epoch = feed->epoch;
            batch->data = p->map + start;
            batch->len = p->offset - start;
            return NGX_OK;
        }

        if (rc == RECS_ERROR && feed->told != p->next) {
            feed->told = p->next;
            ngx_log_error(NGX_LOG_CRIT, sender->log, 0,
                          "frame %uL of epoch %xL in the journal: %s",
                          p->next, feed->epoch, err);
        }

    } while (rc != RECS_AGAIN
             && ngx_http_recs_sender_advance(feed) == NGX_OK);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_recs_sender_advance(ngx_http_recs_feed_t *feed)
{
    ngx_queue_t  *q;

    q = ngx_queue_next(&feed->segment->queue);

    if (q == ngx_queue_sentinel(&feed->segments)) {
        return NGX_DECLINED;
    }

    ngx_http_recs_sender_attach(feed,
                             ngx_queue_data(q, ngx_http_recs_segment_t, queue));

    return NGX_OK;
}


static void
ngx_http_recs_sender_attach(ngx_http_recs_feed_t *feed,
    ngx_http_recs_segment_t *segment)
{
    recs_segment_t  *place;

    place = &feed->place;

    *place = segment->place;
    place->offset = RECS_SEGMENT_HEAD;
    place->next = ngx_http_recs_segment_first(segment);

    feed->segment = segment;

    (void) madvise(place->map, place->size, MADV_WILLNEED);
}


/* Goes to a sequence, or to the first one after it that is there. */

static void
ngx_http_recs_sender_seek(ngx_http_recs_feed_t *feed, uint64_t sequence)
{
    uint32_t                  len;
    ngx_queue_t              *q;
    recs_segment_t           *place;
    ngx_http_recs_segment_t  *s;

    feed->segment = NULL;

    for (q = ngx_queue_head(&feed->segments);
         q != ngx_queue_sentinel(&feed->segments);
         q = ngx_queue_next(q))
    {
        s = ngx_queue_data(q, ngx_http_recs_segment_t, queue);

        ngx_http_recs_sender_attach(feed, s);

        if (sequence < s->place.next) {
            break;
        }
    }

    if (feed->segment == NULL) {
        return;
    }

    /* the frames were checked when they were written or adopted */

    place = &feed->place;

    while (place->next < sequence && place->next < feed->segment->place.next) {
        len = *(uint32_t *) (void *) (place->map + place->offset);

        place->offset += recs_frame_size(len);
        place->next++;
    }
}


ngx_uint_t
ngx_http_recs_sender_ready(ngx_http_recs_sender_t *sender)
{
    ngx_uint_t                i;
    ngx_queue_t              *q;
    ngx_http_recs_feed_t     *feed;
    ngx_http_recs_segment_t  *current;

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        current = sender->journal->writers[i].current;

        if (current == NULL) {
            continue;
        }

        for (q = ngx_queue_head(&sender->feeds);
             q != ngx_queue_sentinel(&sender->feeds);
             q = ngx_queue_next(q))
        {
            feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

            if (feed->epoch == current->place.epoch) {
                if (feed->segment != current
                    || current->place.offset - feed->place.offset
                       >= NGX_HTTP_RECS_BATCH)
                {
                    return 1;
                }

                break;
            }
        }
    }

    return 0;
}


void
ngx_http_recs_sender_acked(ngx_http_recs_sender_t *sender,
    ngx_http_recs_batch_t *batch)
{
    uint64_t               last;
    ngx_http_recs_feed_t  *feed;

    feed = ngx_http_recs_sender_feed(sender, batch->epoch);

    if (feed == NULL) {
        return;
    }

    last = batch->first + batch->count - 1;

    if (batch->first <= feed->acked + 1 && last > feed->acked) {
        feed->acked = last;
    }
}


void
ngx_http_recs_sender_again(ngx_http_recs_sender_t *sender)
{
    ngx_queue_t           *q;
    ngx_http_recs_feed_t  *feed;

    for (q = ngx_queue_head(&sender->feeds);
         q != ngx_queue_sentinel(&sender->feeds);
         q = ngx_queue_next(q))
    {
        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

        feed->wanted = 0;

        if (feed->place.next != feed->acked + 1) {
            ngx_http_recs_sender_seek(feed, feed->acked + 1);
        }
    }
}


void
ngx_http_recs_sender_forget(ngx_http_recs_sender_t *sender)
{
    ngx_queue_t           *q;
    ngx_http_recs_feed_t  *feed;

    for (q = ngx_queue_head(&sender->feeds);
         q != ngx_queue_sentinel(&sender->feeds);
         q = ngx_queue_next(q))
    {
        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);

        feed->known = 0;
    }
}


ngx_uint_t
ngx_http_recs_sender_epochs(ngx_http_recs_sender_t *sender, uint64_t *epochs)
{
    ngx_uint_t             n;
    ngx_queue_t           *q;
    ngx_http_recs_feed_t  *feed;

    n = 0;

    for (q = ngx_queue_head(&sender->feeds);
         q != ngx_queue_sentinel(&sender->feeds) && n < NGX_HTTP_RECS_FEEDS;
         q = ngx_queue_next(q))
    {
        feed = ngx_queue_data(q, ngx_http_recs_feed_t, queue);
        epochs[n++] = feed->epoch;
    }

    return n;
}


void
ngx_http_recs_sender_committed(ngx_http_recs_sender_t *sender, uint64_t epoch,
    uint64_t sequence, ngx_uint_t alive)
{
    ngx_http_recs_feed_t     *feed;
    ngx_http_recs_segment_t  *s;

    feed = ngx_http_recs_sender_feed(sender, epoch);

    if (feed == NULL) {
        return;
    }

    /*
     * Nobody can have what was never written; what is after an adopted
     * segment may be with another worker, and committed.
     */

    if (!ngx_queue_empty(&feed->segments)
        && ngx_http_recs_sender_own(sender, feed))
    {
        s = ngx_queue_data(ngx_queue_last(&feed->segments),
                           ngx_http_recs_segment_t, queue);

        if (sequence >= s->place.next) {
            sequence = feed->committed;
        }
    }

    if (feed->committed != sequence) {
        feed->committed = sequence;
        feed->patience = NGX_HTTP_RECS_STALLED;
        feed->moved = ngx_current_msec;
    }

    if (feed->acked <= sequence || !alive) {
        feed->moved = ngx_current_msec;
    }

    if (!feed->known) {

        /* a new connection: what the builder has not, Redis may have lost */

        feed->known = 1;
        feed->patience = NGX_HTTP_RECS_STALLED;
        ngx_http_recs_sender_rewind(feed);

    } else if (ngx_current_msec - feed->moved > feed->patience) {

        /* less and less often: a builder may have a lot to read */

        ngx_log_error(NGX_LOG_NOTICE, sender->log, 0,
                      "epoch %xL is sent again from %uL", epoch,
                      sequence + 1);

        feed->moved = ngx_current_msec;
        feed->patience = ngx_min(feed->patience * 2,
                                 NGX_HTTP_RECS_STALLED_MAX);
        ngx_http_recs_sender_rewind(feed);
    }

    if (sequence > feed->acked) {
        feed->acked = sequence;
    }

    ngx_http_recs_sender_release(sender, feed);
}


/*
 * Back to what the builder has, or to the first frame at hand: those before
 * it may be with another worker.
 */

static void
ngx_http_recs_sender_rewind(ngx_http_recs_feed_t *feed)
{
    feed->wanted = 0;

    ngx_http_recs_sender_seek(feed, feed->committed + 1);

    feed->acked = feed->segment ? feed->place.next - 1 : feed->committed;
}


/* Gives up the segments that are covered, and a feed that has none left. */

static void
ngx_http_recs_sender_release(ngx_http_recs_sender_t *sender,
    ngx_http_recs_feed_t *feed)
{
    ngx_queue_t              *q, *next;
    ngx_http_recs_segment_t  *s;

    for (q = ngx_queue_head(&feed->segments);
         q != ngx_queue_sentinel(&feed->segments);
         q = next)
    {
        next = ngx_queue_next(q);
        s = ngx_queue_data(q, ngx_http_recs_segment_t, queue);

        if (!s->ended || s->place.next > feed->committed + 1) {
            break;
        }

        if (feed->segment == s
            && ngx_http_recs_sender_advance(feed) != NGX_OK)
        {
            feed->segment = NULL;
        }

        ngx_queue_remove(q);

        s->remove = 1;
        ngx_http_recs_writer_drop(sender->journal, s);
    }

    if (ngx_queue_empty(&feed->segments)
        && !ngx_http_recs_sender_own(sender, feed))
    {
        ngx_queue_remove(&feed->queue);
        ngx_free(feed);
        sender->count--;
    }
}


void
ngx_http_recs_sender_wanted(ngx_http_recs_sender_t *sender, uint64_t epoch,
    uint64_t first, uint64_t last)
{
    ngx_http_recs_feed_t  *feed;

    feed = ngx_http_recs_sender_feed(sender, epoch);

    if (feed == NULL || !feed->known || feed->segment == NULL
        || feed->wanted || first == 0 || first > last
        || first >= feed->place.next
        || ngx_current_msec - feed->asked < NGX_HTTP_RECS_ASK_AGAIN)
    {
        return;
    }

    ngx_log_error(NGX_LOG_NOTICE, sender->log, 0,
                  "epoch %xL is wanted again from %uL to %uL", epoch, first,
                  last);

    feed->asked = ngx_current_msec;
    feed->resume = feed->place.next;
    feed->wanted = ngx_min(last, feed->place.next - 1);

    ngx_http_recs_sender_seek(feed, first);
}
