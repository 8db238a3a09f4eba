/*
 * Copyright (C) recs authors
 *
 * Redis is transport: whatever it does, the frames stay in the journal until
 * the builder has committed them, and a worker neither waits for Redis nor
 * loses anything by it.  One function changes the state.
 */

#include "ngx_http_recs_link.h"
#include "ngx_http_recs_roam.h"
#include "ngx_http_recs_sweep.h"
#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_REDIS_WAIT     1000      /* for a reply */
#define NGX_HTTP_RECS_REDIS_FLUSH    20
#define NGX_HTTP_RECS_REDIS_ASK      1000
#define NGX_HTTP_RECS_REDIS_DRAIN    2000
#define NGX_HTTP_RECS_REDIS_FRESH    5000      /* a heartbeat */
#define NGX_HTTP_RECS_DELAY_MIN      50
#define NGX_HTTP_RECS_DELAY_MAX      5000
#define NGX_HTTP_RECS_REDIS_ARGS     (NGX_HTTP_RECS_FEEDS + 3)


static void ngx_http_recs_link_timer(ngx_http_recs_redis_t *redis,
    ngx_event_t *ev, ngx_event_handler_pt handler);
static void ngx_http_recs_link_stop(ngx_event_t *ev);
static void ngx_http_recs_link_state(ngx_http_recs_redis_t *redis,
    ngx_http_recs_redis_e state);
static void ngx_http_recs_link_trouble(ngx_http_recs_redis_t *redis,
    ngx_http_recs_trouble_e trouble, const char *text, size_t len);
static void ngx_http_recs_link_retry(ngx_event_t *ev);
static void ngx_http_recs_link_connect(ngx_http_recs_redis_t *redis);
static void ngx_http_recs_link_refused(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_link_greeted(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_link_named(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_link_ask(ngx_http_recs_redis_t *redis);
static void ngx_http_recs_link_ask_hash(ngx_http_recs_redis_t *redis,
    ngx_str_t *key, const ngx_http_recs_command_t *command);
static void ngx_http_recs_link_positions(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_link_wanted(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static uint64_t ngx_http_recs_link_number(ngx_str_t *s);
static void ngx_http_recs_link_pump(ngx_http_recs_redis_t *redis);
static void ngx_http_recs_link_add(ngx_http_recs_redis_t *redis,
    ngx_http_recs_batch_t *batch);
static void ngx_http_recs_link_added(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_link_flush_handler(ngx_event_t *ev);
static void ngx_http_recs_link_watch_handler(ngx_event_t *ev);
static void ngx_http_recs_link_ask_handler(ngx_event_t *ev);
static void ngx_http_recs_link_drain_handler(ngx_event_t *ev);


static const ngx_http_recs_command_t  ngx_http_recs_link_on_greeted = {
    ngx_http_recs_link_greeted
};

static const ngx_http_recs_command_t  ngx_http_recs_link_on_named = {
    ngx_http_recs_link_named
};

static const ngx_http_recs_command_t  ngx_http_recs_link_on_positions = {
    ngx_http_recs_link_positions
};

static const ngx_http_recs_command_t  ngx_http_recs_link_on_wanted = {
    ngx_http_recs_link_wanted
};

static const ngx_http_recs_command_t  ngx_http_recs_link_on_added = {
    ngx_http_recs_link_added
};


ngx_int_t
ngx_http_recs_redis_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_redis_t  *redis;

    redis = rmcf->redis;

    if (redis == NULL || rmcf->journal == NULL) {
        return NGX_OK;
    }

    redis->log = cycle->log;
    redis->sender = rmcf->journal->sender;
    redis->delay = NGX_HTTP_RECS_DELAY_MIN;

    ngx_http_recs_link_timer(redis, &redis->retry,
                             ngx_http_recs_link_retry);
    ngx_http_recs_link_timer(redis, &redis->flush,
                             ngx_http_recs_link_flush_handler);
    ngx_http_recs_link_timer(redis, &redis->watch,
                             ngx_http_recs_link_watch_handler);
    ngx_http_recs_link_timer(redis, &redis->ask,
                             ngx_http_recs_link_ask_handler);
    ngx_http_recs_link_timer(redis, &redis->drain,
                             ngx_http_recs_link_drain_handler);

    /* a worker that shuts down waits for it */

    redis->drain.cancelable = 0;

    ngx_add_timer(&redis->retry, 1);

    return NGX_OK;
}


void
ngx_http_recs_redis_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_redis_t  *redis;

    redis = rmcf->redis;

    if (redis == NULL || redis->sender == NULL) {
        return;
    }

    if (redis->up) {
        ngx_http_recs_zone_redis(rmcf, 0);
        redis->up = 0;
    }

    ngx_http_recs_redis_close(redis);
}


void
ngx_http_recs_redis_wake(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_redis_t  *redis;

    redis = rmcf->redis;

    if (redis->state != NGX_HTTP_RECS_REDIS_READY) {
        return;
    }

    if (!redis->flush.timer_set) {
        ngx_add_timer(&redis->flush, NGX_HTTP_RECS_REDIS_FLUSH);
    }

    /* a batch is many frames: there is no need to look at each */

    if (++redis->woken % 16 == 0
        && redis->flights < NGX_HTTP_RECS_FLIGHT
        && ngx_http_recs_sender_ready(redis->sender))
    {
        ngx_post_event(&redis->flush, &ngx_posted_events);
    }
}


static void
ngx_http_recs_link_timer(ngx_http_recs_redis_t *redis, ngx_event_t *ev,
    ngx_event_handler_pt handler)
{
    ngx_memzero(ev, sizeof(ngx_event_t));

    ev->handler = handler;
    ev->data = redis;
    ev->log = redis->log;
    ev->cancelable = 1;
}


static void
ngx_http_recs_link_stop(ngx_event_t *ev)
{
    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }
}


static void
ngx_http_recs_link_state(ngx_http_recs_redis_t *redis,
    ngx_http_recs_redis_e state)
{
    ngx_uint_t  up;

    redis->state = state;

    up = (state >= NGX_HTTP_RECS_REDIS_READY);

    if (up != redis->up) {
        redis->up = up;
        ngx_http_recs_zone_redis(redis->rmcf, up);
    }

    if (state == NGX_HTTP_RECS_REDIS_CLOSED) {
        ngx_http_recs_link_stop(&redis->flush);
        ngx_http_recs_link_stop(&redis->watch);
        ngx_http_recs_link_stop(&redis->ask);
        ngx_http_recs_link_stop(&redis->drain);

        redis->flights = 0;
        redis->stale = 0;
        redis->replies = 0;
        redis->asking = 0;
        redis->draining = 0;

        ngx_http_recs_sender_forget(redis->sender);
        ngx_http_recs_roam_lost(redis);
        ngx_http_recs_sweep_lost(redis);
    }

    if (state == NGX_HTTP_RECS_REDIS_CLOSED
        || state == NGX_HTTP_RECS_REDIS_HELD)
    {
        ngx_add_timer(&redis->retry,
                      redis->delay / 2 + ngx_random() % redis->delay);

        redis->delay = ngx_min(redis->delay * 2, NGX_HTTP_RECS_DELAY_MAX);
    }
}


static void
ngx_http_recs_link_trouble(ngx_http_recs_redis_t *redis,
    ngx_http_recs_trouble_e trouble, const char *text, size_t len)
{
    if (trouble != NGX_HTTP_RECS_TROUBLE_NONE) {
        ngx_http_recs_count(redis->rmcf, NGX_HTTP_RECS_REDIS_ERRORS, 1);

    } else {
        redis->delay = NGX_HTTP_RECS_DELAY_MIN;
    }

    if (redis->trouble == trouble) {
        return;
    }

    redis->trouble = trouble;
    len = ngx_min(len, NGX_HTTP_RECS_REDIS_TEXT);

    switch (trouble) {

    case NGX_HTTP_RECS_TROUBLE_NONE:
        ngx_log_error(NGX_LOG_NOTICE, redis->log, 0,
                      "redis \"%V\" takes events", &redis->name);
        break;

    case NGX_HTTP_RECS_TROUBLE_AWAY:
        ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                      "redis \"%V\" is away: %*s, events wait in the "
                      "journal", &redis->name, len, text);
        break;

    case NGX_HTTP_RECS_TROUBLE_REFUSED:
        ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                      "redis \"%V\" refuses: \"%*s\", events wait in the "
                      "journal", &redis->name, len, text);
        break;
    }
}


static void
ngx_http_recs_link_retry(ngx_event_t *ev)
{
    ngx_http_recs_redis_t  *redis;

    redis = ev->data;

    if (redis->state == NGX_HTTP_RECS_REDIS_CLOSED) {

        if (!ngx_exiting) {
            ngx_http_recs_link_connect(redis);
        }

        return;
    }

    if (redis->state == NGX_HTTP_RECS_REDIS_HELD) {

        if (redis->stale) {
            ngx_add_timer(ev, NGX_HTTP_RECS_DELAY_MIN);
            return;
        }

        redis->flushing = 1;

        ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_READY);
        ngx_http_recs_link_pump(redis);
    }
}


static void
ngx_http_recs_link_connect(ngx_http_recs_redis_t *redis)
{
    const char  *err;

    ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_CONNECTING);

    if (ngx_http_recs_redis_open(redis, &err) != NGX_OK) {
        ngx_http_recs_link_lost(redis, err);
        return;
    }

    ngx_add_timer(&redis->watch, NGX_HTTP_RECS_REDIS_WAIT);
}


void
ngx_http_recs_link_lost(ngx_http_recs_redis_t *redis, const char *reason)
{
    ngx_http_recs_link_trouble(redis, NGX_HTTP_RECS_TROUBLE_AWAY, reason,
                               ngx_strlen(reason));
    ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_CLOSED);
    ngx_http_recs_redis_close(redis);
}


static void
ngx_http_recs_link_refused(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    ngx_http_recs_link_trouble(redis, NGX_HTTP_RECS_TROUBLE_REFUSED,
                               (char *) reply->text.data, reply->text.len);
    ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_CLOSED);
    ngx_http_recs_redis_close(redis);
}


void
ngx_http_recs_link_drain(ngx_http_recs_redis_t *redis)
{
    if (redis->state != NGX_HTTP_RECS_REDIS_READY) {
        return;
    }

    ngx_http_recs_roam_drain(redis);

    redis->draining = 1;
    redis->flushing = 1;

    ngx_add_timer(&redis->drain, NGX_HTTP_RECS_REDIS_DRAIN);

    ngx_http_recs_link_pump(redis);
}


void
ngx_http_recs_link_greet(ngx_http_recs_redis_t *redis)
{
    u_char       name[NGX_INT64_LEN + 5], *p;
    size_t       len[3];
    ngx_uint_t   n;
    const char  *argv[3];

    ngx_http_recs_count(redis->rmcf, NGX_HTTP_RECS_REDIS_CONNECTS, 1);
    ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_GREETING);

    if (redis->password.len) {
        ngx_http_recs_link_arg(0, "AUTH", 4);
        n = 1;

        if (redis->user.len) {
            ngx_http_recs_link_arg(1, redis->user.data, redis->user.len);
            n = 2;
        }

        ngx_http_recs_link_arg(n, redis->password.data, redis->password.len);
        n++;

        (void) ngx_http_recs_link_send(redis, &ngx_http_recs_link_on_greeted,
                                       n, argv, len);
    }

    if (redis->db.len) {
        ngx_http_recs_link_arg(0, "SELECT", 6);
        ngx_http_recs_link_arg(1, redis->db.data, redis->db.len);
        (void) ngx_http_recs_link_send(redis, &ngx_http_recs_link_on_greeted,
                                       2, argv, len);
    }

    p = ngx_sprintf(name, "recs-%P", ngx_pid);

    ngx_http_recs_link_arg(0, "CLIENT", 6);
    ngx_http_recs_link_arg(1, "SETNAME", 7);
    ngx_http_recs_link_arg(2, name, p - name);
    (void) ngx_http_recs_link_send(redis, &ngx_http_recs_link_on_named, 3,
                                   argv, len);

    ngx_http_recs_link_ask(redis);
}


ngx_int_t
ngx_http_recs_link_send(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, int argc, const char **argv,
    const size_t *len)
{
    if (ngx_http_recs_redis_command(redis, command, argc, argv, len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (redis->replies++ == 0) {
        ngx_add_timer(&redis->watch, NGX_HTTP_RECS_REDIS_WAIT);
    }

    return NGX_OK;
}


/* Replies come in the order of the commands. */

void
ngx_http_recs_link_reply(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, ngx_http_recs_reply_t *reply)
{
    if (--redis->replies) {
        ngx_add_timer(&redis->watch, NGX_HTTP_RECS_REDIS_WAIT);

    } else if (redis->watch.timer_set) {
        ngx_del_timer(&redis->watch);
    }

    command->handler(redis, reply);
}


static void
ngx_http_recs_link_greeted(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    if (reply->failed) {
        ngx_http_recs_link_refused(redis, reply);
    }
}


/* A name is a courtesy: who may not have one goes without. */

static void
ngx_http_recs_link_named(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
}


static void
ngx_http_recs_link_ask(ngx_http_recs_redis_t *redis)
{
    if (redis->asking) {
        return;
    }

    redis->asking = 1;
    redis->asked = ngx_http_recs_sender_epochs(redis->sender, redis->epochs);

    ngx_http_recs_link_ask_hash(redis, &redis->positions,
                                 &ngx_http_recs_link_on_positions);
    ngx_http_recs_link_ask_hash(redis, &redis->wanted,
                                 &ngx_http_recs_link_on_wanted);

    ngx_add_timer(&redis->ask, NGX_HTTP_RECS_REDIS_ASK);
}


/* HMGET key builder <epoch>... */

static void
ngx_http_recs_link_ask_hash(ngx_http_recs_redis_t *redis, ngx_str_t *key,
    const ngx_http_recs_command_t *command)
{
    u_char       names[NGX_HTTP_RECS_FEEDS][16];
    size_t       len[NGX_HTTP_RECS_REDIS_ARGS];
    ngx_uint_t   i;
    const char  *argv[NGX_HTTP_RECS_REDIS_ARGS];

    ngx_http_recs_link_arg(0, "HMGET", 5);
    ngx_http_recs_link_arg(1, key->data, key->len);
    ngx_http_recs_link_arg(2, "builder", 7);

    for (i = 0; i < redis->asked; i++) {
        (void) ngx_sprintf(names[i], "%016xL", redis->epochs[i]);
        ngx_http_recs_link_arg(i + 3, names[i], 16);
    }

    (void) ngx_http_recs_link_send(redis, command, redis->asked + 3, argv, len);
}


static void
ngx_http_recs_link_positions(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    uint64_t    n;
    ngx_str_t   s;
    ngx_uint_t  i, alive;

    if (reply->n != redis->asked + 1) {
        ngx_http_recs_link_refused(redis, reply);
        return;
    }

    s = ngx_http_recs_redis_element(reply, 0);
    n = ngx_http_recs_link_number(&s);

    if (n != redis->heartbeat) {
        redis->heartbeat = n;
        redis->beat = ngx_current_msec;
    }

    alive = n && ngx_current_msec - redis->beat < NGX_HTTP_RECS_REDIS_FRESH;

    for (i = 0; i < redis->asked; i++) {
        s = ngx_http_recs_redis_element(reply, i + 1);
        n = ngx_http_recs_link_number(&s);

        ngx_http_recs_sender_committed(redis->sender, redis->epochs[i], n,
                                       alive);
    }

    if (redis->state == NGX_HTTP_RECS_REDIS_GREETING) {

        if (redis->trouble != NGX_HTTP_RECS_TROUBLE_REFUSED) {
            ngx_http_recs_link_trouble(redis, NGX_HTTP_RECS_TROUBLE_NONE,
                                       NULL, 0);
        }

        redis->flushing = 1;
        ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_READY);
    }

    ngx_http_recs_link_pump(redis);
}


/* "<first>-<last>" of each epoch that has a gap. */

static void
ngx_http_recs_link_wanted(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    uint64_t    first, last;
    ngx_str_t   s;
    ngx_uint_t  i;

    redis->asking = 0;

    /* who may not read it would let gaps be given up */

    if (reply->n != redis->asked + 1) {
        ngx_http_recs_link_refused(redis, reply);
        return;
    }

    for (i = 0; i < redis->asked; i++) {
        s = ngx_http_recs_redis_element(reply, i + 1);

        first = ngx_http_recs_link_number(&s);

        if (first == 0 || s.len < 2) {
            continue;
        }

        s.data++;
        s.len--;

        last = ngx_http_recs_link_number(&s);

        ngx_http_recs_sender_wanted(redis->sender, redis->epochs[i], first,
                                    last);
    }

    ngx_http_recs_link_pump(redis);
}


/* Takes the digits that a text begins with; 0 where there are none. */

static uint64_t
ngx_http_recs_link_number(ngx_str_t *s)
{
    uint64_t  n;

    for (n = 0; s->len && *s->data >= '0' && *s->data <= '9'; s->len--) {
        n = n * 10 + (*s->data++ - '0');
    }

    return n;
}


static void
ngx_http_recs_link_pump(ngx_http_recs_redis_t *redis)
{
    ngx_int_t               rc;
    ngx_http_recs_batch_t  *batch;

    while (redis->state == NGX_HTTP_RECS_REDIS_READY
           && redis->flights < NGX_HTTP_RECS_FLIGHT)
    {
        batch = &redis->flight[(redis->head + redis->flights)
                               % NGX_HTTP_RECS_FLIGHT];

        rc = ngx_http_recs_sender_batch(redis->sender, batch,
                                        redis->flushing);

        if (rc == NGX_OK) {
            redis->flights++;
            ngx_http_recs_link_add(redis, batch);
            continue;
        }

        redis->flushing = redis->draining;

        if (rc == NGX_AGAIN && !redis->flush.timer_set) {
            ngx_add_timer(&redis->flush, NGX_HTTP_RECS_REDIS_FLUSH);
        }

        if (redis->draining && rc == NGX_DECLINED && redis->flights == 0
            && redis->drain.timer_set)
        {
            ngx_del_timer(&redis->drain);
        }

        return;
    }
}


/* XADD stream * e <epoch> s <first sequence> n <count> b <frames> */

static void
ngx_http_recs_link_add(ngx_http_recs_redis_t *redis,
    ngx_http_recs_batch_t *batch)
{
    u_char      epoch[16], first[NGX_INT64_LEN], count[NGX_INT64_LEN];
    size_t      len[11];
    const char  *argv[11];

    (void) ngx_sprintf(epoch, "%016xL", batch->epoch);

    ngx_http_recs_link_arg(0, "XADD", 4);
    ngx_http_recs_link_arg(1, redis->stream.data, redis->stream.len);
    ngx_http_recs_link_arg(2, "*", 1);
    ngx_http_recs_link_arg(3, "e", 1);
    ngx_http_recs_link_arg(4, epoch, 16);
    ngx_http_recs_link_arg(5, "s", 1);
    ngx_http_recs_link_arg(6, first,
                          ngx_sprintf(first, "%uL", batch->first) - first);
    ngx_http_recs_link_arg(7, "n", 1);
    ngx_http_recs_link_arg(8, count,
                          ngx_sprintf(count, "%ui", batch->count) - count);
    ngx_http_recs_link_arg(9, "b", 1);
    ngx_http_recs_link_arg(10, batch->data, batch->len);

    (void) ngx_http_recs_link_send(redis, &ngx_http_recs_link_on_added, 11,
                                   argv, len);
}


static void
ngx_http_recs_link_added(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    ngx_http_recs_batch_t      *batch;
    ngx_http_recs_main_conf_t  *rmcf;

    batch = &redis->flight[redis->head];
    redis->head = (redis->head + 1) % NGX_HTTP_RECS_FLIGHT;
    redis->flights--;

    if (redis->stale) {
        redis->stale--;
        return;
    }

    if (reply->failed) {
        redis->stale = redis->flights;

        ngx_http_recs_link_trouble(redis, NGX_HTTP_RECS_TROUBLE_REFUSED,
                                   (char *) reply->text.data,
                                   reply->text.len);
        ngx_http_recs_sender_again(redis->sender);
        ngx_http_recs_link_state(redis, NGX_HTTP_RECS_REDIS_HELD);
        return;
    }

    /* the id of an entry; anything else acknowledges nothing */

    if (reply->text.len == 0) {
        ngx_http_recs_link_lost(redis, "not a reply to XADD");
        return;
    }

    rmcf = redis->rmcf;

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_REDIS_BATCHES, 1);
    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_REDIS_EVENTS, batch->count);
    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_REDIS_RESENT, batch->resent);

    ngx_http_recs_sender_acked(redis->sender, batch);
    ngx_http_recs_link_trouble(redis, NGX_HTTP_RECS_TROUBLE_NONE, NULL, 0);
    ngx_http_recs_link_pump(redis);
}


static void
ngx_http_recs_link_flush_handler(ngx_event_t *ev)
{
    ngx_http_recs_redis_t  *redis;

    redis = ev->data;

    /* posted where there is a whole batch, expired where there is less */

    if (ev->timedout) {
        ev->timedout = 0;
        redis->flushing = 1;
    }

    ngx_http_recs_link_pump(redis);
}


static void
ngx_http_recs_link_watch_handler(ngx_event_t *ev)
{
    ngx_http_recs_link_lost(ev->data, "no reply in time");
}


static void
ngx_http_recs_link_ask_handler(ngx_event_t *ev)
{
    ngx_http_recs_link_ask(ev->data);
}


/* What is left stays in the journal, for whoever comes next. */

static void
ngx_http_recs_link_drain_handler(ngx_event_t *ev)
{
    ngx_log_error(NGX_LOG_NOTICE, ev->log, 0,
                  "events are left in the journal at exit");
}
