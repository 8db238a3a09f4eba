/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_roam.h"
#include "ngx_http_recs_link.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_visit_event.h"


#define NGX_HTTP_RECS_ROAM_ASKS     256        /* without a reply */
#define NGX_HTTP_RECS_ROAM_CHANGES  512        /* to be stored */
#define NGX_HTTP_RECS_ROAM_LATELY   4096       /* asked for, a power of two */
#define NGX_HTTP_RECS_ROAM_AGAIN    10000      /* ms before it is again */
#define NGX_HTTP_RECS_ROAM_STORE    500        /* ms that changes gather */
#define NGX_HTTP_RECS_ROAM_DIGITS   (16 + 32)  /* of a shop, an identity */


typedef struct {
    uint64_t                   shop;
    uint8_t                    id[RECS_IDENTITY_SIZE];
} ngx_http_recs_roam_key_t;


struct ngx_http_recs_roam_ask_s {
    ngx_http_recs_roam_key_t   key;
    ngx_queue_t                waits;
    ngx_msec_t                 since;
};


typedef struct {
    ngx_queue_t                queue;
    ngx_event_t                timer;
    ngx_http_request_t        *request;
    ngx_http_handler_pt        handler;
    unsigned                   waits:1;
} ngx_http_recs_roam_wait_t;


/* Replies come in the order of the commands: asks are a ring. */

struct ngx_http_recs_roam_s {
    ngx_http_recs_redis_t     *redis;
    ngx_event_t                store;
    ngx_uint_t                 slow;           /* later than anybody waits */
    ngx_uint_t                 head;
    ngx_uint_t                 asks;
    ngx_uint_t                 changes;
    ngx_http_recs_roam_ask_t   ask[NGX_HTTP_RECS_ROAM_ASKS];
    ngx_http_recs_roam_key_t   change[NGX_HTTP_RECS_ROAM_CHANGES];

    struct {
        uint64_t               hash;
        ngx_msec_t             at;
    }                          lately[NGX_HTTP_RECS_ROAM_LATELY];

    u_char                    *name;           /* of a key, in Redis */
    recs_visit_t               record;         /* to be stored */
};


static ngx_http_recs_roam_t *ngx_http_recs_roam_ready(
    ngx_http_recs_main_conf_t *rmcf);
static uint64_t ngx_http_recs_roam_hash(const recs_visits_key_t *key);
static ngx_http_recs_roam_ask_t *ngx_http_recs_roam_find(
    ngx_http_recs_roam_t *roam, const recs_visits_key_t *key);
static ngx_uint_t ngx_http_recs_roam_same(const ngx_http_recs_roam_key_t *a,
    const recs_visits_key_t *b);
static size_t ngx_http_recs_roam_name(ngx_http_recs_roam_t *roam,
    const ngx_http_recs_roam_key_t *key);
static void ngx_http_recs_roam_received(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);
static void ngx_http_recs_roam_wake(ngx_http_recs_roam_ask_t *ask);
static void ngx_http_recs_roam_late(ngx_event_t *ev);
static void ngx_http_recs_roam_go_on(ngx_http_recs_roam_wait_t *wait);
static void ngx_http_recs_roam_cleanup(void *data);
static void ngx_http_recs_roam_store_handler(ngx_event_t *ev);
static void ngx_http_recs_roam_store(ngx_http_recs_roam_t *roam);
static void ngx_http_recs_roam_stored(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);


static const ngx_http_recs_command_t  ngx_http_recs_roam_on_received = {
    ngx_http_recs_roam_received
};

static const ngx_http_recs_command_t  ngx_http_recs_roam_on_stored = {
    ngx_http_recs_roam_stored
};


ngx_int_t
ngx_http_recs_roam_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_roam_t   *roam;
    ngx_http_recs_redis_t  *redis;

    redis = rmcf->redis;

    if (redis == NULL || redis->ttl == 0 || rmcf->visits == NULL) {
        return NGX_OK;
    }

    roam = ngx_pcalloc(cycle->pool, sizeof(ngx_http_recs_roam_t));
    if (roam == NULL) {
        return NGX_ERROR;
    }

    roam->name = ngx_pnalloc(cycle->pool, redis->sessions.len
                                          + NGX_HTTP_RECS_ROAM_DIGITS);
    if (roam->name == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(roam->name, redis->sessions.data, redis->sessions.len);

    roam->redis = redis;
    roam->store.handler = ngx_http_recs_roam_store_handler;
    roam->store.data = roam;
    roam->store.log = cycle->log;
    roam->store.cancelable = 1;

    redis->roam = roam;

    return NGX_OK;
}


static ngx_http_recs_roam_t *
ngx_http_recs_roam_ready(ngx_http_recs_main_conf_t *rmcf)
{
    if (rmcf->redis == NULL || rmcf->redis->roam == NULL
        || rmcf->redis->state != NGX_HTTP_RECS_REDIS_READY)
    {
        return NULL;
    }

    return rmcf->redis->roam;
}


ngx_http_recs_roam_ask_t *
ngx_http_recs_roam_ask(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key)
{
    size_t                     len[2];
    uint64_t                   hash;
    ngx_uint_t                 n;
    const char                *argv[2];
    ngx_http_recs_roam_t      *roam;
    ngx_http_recs_roam_ask_t  *ask;

    roam = ngx_http_recs_roam_ready(rmcf);

    if (roam == NULL) {
        return NULL;
    }

    hash = ngx_http_recs_roam_hash(key);
    n = hash & (NGX_HTTP_RECS_ROAM_LATELY - 1);

    if (roam->lately[n].hash == hash
        && ngx_current_msec - roam->lately[n].at < NGX_HTTP_RECS_ROAM_AGAIN)
    {
        return ngx_http_recs_roam_find(roam, key);
    }

    if (roam->asks == NGX_HTTP_RECS_ROAM_ASKS) {
        return NULL;
    }

    ask = &roam->ask[(roam->head + roam->asks) % NGX_HTTP_RECS_ROAM_ASKS];
    ask->key.shop = key->shop;
    ngx_memcpy(ask->key.id, key->id, RECS_IDENTITY_SIZE);
    ask->since = ngx_current_msec;
    ngx_queue_init(&ask->waits);

    argv[0] = "GET";
    len[0] = 3;
    argv[1] = (char *) roam->name;
    len[1] = ngx_http_recs_roam_name(roam, &ask->key);

    if (ngx_http_recs_link_send(roam->redis, &ngx_http_recs_roam_on_received,
                                2, argv, len)
        != NGX_OK)
    {
        return NULL;
    }

    roam->asks++;
    roam->lately[n].hash = hash;
    roam->lately[n].at = ngx_current_msec;

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_SESSIONS_ASKED, 1);

    return ask;
}


static uint64_t
ngx_http_recs_roam_hash(const recs_visits_key_t *key)
{
    uint64_t  hash;

    ngx_memcpy(&hash, key->id + 8, sizeof(hash));

    return hash ^ key->shop;
}


static ngx_http_recs_roam_ask_t *
ngx_http_recs_roam_find(ngx_http_recs_roam_t *roam,
    const recs_visits_key_t *key)
{
    ngx_uint_t                 i;
    ngx_http_recs_roam_ask_t  *ask;

    for (i = 0; i < roam->asks; i++) {
        ask = &roam->ask[(roam->head + i) % NGX_HTTP_RECS_ROAM_ASKS];

        if (ngx_http_recs_roam_same(&ask->key, key)) {
            return ask;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_recs_roam_same(const ngx_http_recs_roam_key_t *a,
    const recs_visits_key_t *b)
{
    return a->shop == b->shop
           && ngx_memcmp(a->id, b->id, RECS_IDENTITY_SIZE) == 0;
}


/* Into roam->name, behind what all have in common. */

static size_t
ngx_http_recs_roam_name(ngx_http_recs_roam_t *roam,
    const ngx_http_recs_roam_key_t *key)
{
    u_char  *p;

    p = ngx_sprintf(roam->name + roam->redis->sessions.len, "%016xL",
                    key->shop);
    p = ngx_hex_dump(p, (u_char *) key->id, RECS_IDENTITY_SIZE);

    return p - roam->name;
}


static void
ngx_http_recs_roam_received(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    recs_visit_t               visit;
    recs_visits_key_t          key;
    ngx_http_recs_roam_t      *roam;
    ngx_http_recs_roam_ask_t  *ask;

    roam = redis->roam;
    ask = &roam->ask[roam->head];

    if (ngx_current_msec - ask->since <= redis->wait) {
        roam->slow = 0;
    }

    if (!reply->failed && reply->text.len == sizeof(recs_visit_t)) {
        ngx_memcpy(&visit, reply->text.data, sizeof(recs_visit_t));

        if (recs_visit_check(&visit) == RECS_OK) {
            key.shop = ask->key.shop;
            key.id = ask->key.id;

            ngx_http_recs_visit_receive(redis->rmcf, &key, &visit);
            ngx_http_recs_count(redis->rmcf, NGX_HTTP_RECS_SESSIONS_FOLLOWED,
                                1);
        }
    }

    /* what goes on now may ask for others, behind this one */

    ngx_http_recs_roam_wake(ask);

    roam->head = (roam->head + 1) % NGX_HTTP_RECS_ROAM_ASKS;
    roam->asks--;
}


static void
ngx_http_recs_roam_wake(ngx_http_recs_roam_ask_t *ask)
{
    ngx_queue_t                *q;
    ngx_http_recs_roam_wait_t  *wait;

    while (!ngx_queue_empty(&ask->waits)) {
        q = ngx_queue_head(&ask->waits);
        wait = ngx_queue_data(q, ngx_http_recs_roam_wait_t, queue);

        /* in a turn of its own: the connection may go in the meantime */

        ngx_queue_remove(&wait->queue);
        ngx_queue_init(&wait->queue);

        ngx_del_timer(&wait->timer);
        ngx_post_event(&wait->timer, &ngx_posted_events);
    }
}


ngx_int_t
ngx_http_recs_roam_wait(ngx_http_request_t *r, ngx_http_recs_roam_ask_t *ask,
    ngx_http_handler_pt handler)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_recs_redis_t      *redis;
    ngx_http_recs_roam_wait_t  *wait;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    redis = rmcf->redis;

    if (redis->wait == 0 || redis->roam->slow) {
        return NGX_DECLINED;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_roam_wait_t));
    if (cln == NULL) {
        return NGX_DECLINED;
    }

    wait = cln->data;
    ngx_memzero(wait, sizeof(ngx_http_recs_roam_wait_t));

    wait->request = r;
    wait->handler = handler;
    wait->waits = 1;
    wait->timer.handler = ngx_http_recs_roam_late;
    wait->timer.data = wait;
    wait->timer.log = r->connection->log;

    cln->handler = ngx_http_recs_roam_cleanup;

    ngx_queue_insert_tail(&ask->waits, &wait->queue);
    ngx_add_timer(&wait->timer, redis->wait);

    r->main->count++;

    return NGX_DONE;
}


/* Posted where there was a reply, expired where there was none. */

static void
ngx_http_recs_roam_late(ngx_event_t *ev)
{
    ngx_http_recs_roam_wait_t *wait = ev->data;

    ngx_http_recs_main_conf_t  *rmcf;

    if (ev->timedout) {
        ev->timedout = 0;

        rmcf = ngx_http_get_module_main_conf(wait->request,
                                             ngx_http_recs_module);

        rmcf->redis->roam->slow = 1;
        ngx_http_recs_count(rmcf, NGX_HTTP_RECS_SESSIONS_LATE, 1);
    }

    ngx_http_recs_roam_go_on(wait);
}


static void
ngx_http_recs_roam_go_on(ngx_http_recs_roam_wait_t *wait)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = wait->request;
    c = r->connection;

    ngx_queue_remove(&wait->queue);
    wait->waits = 0;

    ngx_http_set_log_request(c->log, r);

    ngx_http_finalize_request(r, wait->handler(r));

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_recs_roam_cleanup(void *data)
{
    ngx_http_recs_roam_wait_t *wait = data;

    if (!wait->waits) {
        return;
    }

    ngx_queue_remove(&wait->queue);

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }

    if (wait->timer.posted) {
        ngx_delete_posted_event(&wait->timer);
    }
}


void
ngx_http_recs_roam_changed(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key)
{
    ngx_uint_t                 i;
    ngx_http_recs_roam_t      *roam;
    ngx_http_recs_roam_key_t  *change;

    roam = ngx_http_recs_roam_ready(rmcf);

    if (roam == NULL) {
        return;
    }

    /* a visitor's events come one after the other */

    for (i = roam->changes; i > 0 && i + 8 > roam->changes; i--) {
        if (ngx_http_recs_roam_same(&roam->change[i - 1], key)) {
            return;
        }
    }

    change = &roam->change[roam->changes++];
    change->shop = key->shop;
    ngx_memcpy(change->id, key->id, RECS_IDENTITY_SIZE);

    if (roam->changes == NGX_HTTP_RECS_ROAM_CHANGES) {
        ngx_http_recs_roam_store(roam);

    } else if (!roam->store.timer_set) {
        ngx_add_timer(&roam->store, NGX_HTTP_RECS_ROAM_STORE);
    }
}


static void
ngx_http_recs_roam_store_handler(ngx_event_t *ev)
{
    ngx_http_recs_roam_store(ev->data);
}


/* SET name record EX seconds */

static void
ngx_http_recs_roam_store(ngx_http_recs_roam_t *roam)
{
    u_char                     seconds[NGX_INT_T_LEN];
    size_t                     len[5];
    ngx_uint_t                 i;
    const char                *argv[5];
    recs_visits_key_t          key;
    ngx_http_recs_redis_t     *redis;
    ngx_http_recs_visits_t    *visits;

    redis = roam->redis;
    visits = redis->rmcf->visits;

    ngx_http_recs_link_arg(0, "SET", 3);
    ngx_http_recs_link_arg(2, &roam->record, sizeof(recs_visit_t));
    ngx_http_recs_link_arg(3, "EX", 2);
    ngx_http_recs_link_arg(4, seconds,
                           ngx_sprintf(seconds, "%T", redis->ttl) - seconds);

    for (i = 0; i < roam->changes; i++) {
        key.shop = roam->change[i].shop;
        key.id = roam->change[i].id;

        if (recs_visits_get(&visits->user, &key, &roam->record) != RECS_OK) {
            continue;
        }

        ngx_http_recs_link_arg(1, roam->name,
                               ngx_http_recs_roam_name(roam,
                                                       &roam->change[i]));

        (void) ngx_http_recs_link_send(redis, &ngx_http_recs_roam_on_stored,
                                       5, argv, len);
    }

    roam->changes = 0;
}


/* What Redis does not take is as good as what it never saw. */

static void
ngx_http_recs_roam_stored(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
}


void
ngx_http_recs_roam_removed(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key)
{
    size_t                     len[2];
    const char                *argv[2];
    ngx_http_recs_roam_t      *roam;
    ngx_http_recs_roam_key_t   gone;

    roam = ngx_http_recs_roam_ready(rmcf);

    if (roam == NULL) {
        return;
    }

    gone.shop = key->shop;
    ngx_memcpy(gone.id, key->id, RECS_IDENTITY_SIZE);

    ngx_http_recs_link_arg(0, "DEL", 3);
    ngx_http_recs_link_arg(1, roam->name,
                           ngx_http_recs_roam_name(roam, &gone));

    (void) ngx_http_recs_link_send(roam->redis, &ngx_http_recs_roam_on_stored,
                                   2, argv, len);
}


void
ngx_http_recs_roam_lost(ngx_http_recs_redis_t *redis)
{
    ngx_http_recs_roam_t  *roam;

    roam = redis->roam;

    if (roam == NULL) {
        return;
    }

    while (roam->asks) {
        ngx_http_recs_roam_wake(&roam->ask[roam->head]);
        roam->head = (roam->head + 1) % NGX_HTTP_RECS_ROAM_ASKS;
        roam->asks--;
    }

    ngx_memzero(roam->lately, sizeof(roam->lately));
    roam->changes = 0;

    if (roam->store.timer_set) {
        ngx_del_timer(&roam->store);
    }
}


void
ngx_http_recs_roam_drain(ngx_http_recs_redis_t *redis)
{
    if (redis->roam && redis->state == NGX_HTTP_RECS_REDIS_READY) {
        ngx_http_recs_roam_store(redis->roam);
    }
}
