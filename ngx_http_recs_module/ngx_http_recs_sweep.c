/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_sweep.h"
#include "ngx_http_recs_link.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_SWEEPS       64      /* that wait for their turn */
#define NGX_HTTP_RECS_SWEEP_DELAY  1500    /* ms, see _roam_store() */
#define NGX_HTTP_RECS_SWEEP_AGAIN  1000
#define NGX_HTTP_RECS_SWEEP_WAIT   5000    /* the connection is lost before */
#define NGX_HTTP_RECS_SWEEP_CURSOR 24      /* digits */
#define NGX_HTTP_RECS_SWEEP_NAME   (16 + 2 * RECS_IDENTITY_SIZE)
#define NGX_HTTP_RECS_SWEEP_ARGS   (5 + 2 * RECS_KEYS_MAX)


typedef struct {
    uint64_t                shop;
    ngx_uint_t              count;
    ngx_uint_t              within;
    ngx_msec_t              since;
    recs_identity_t         ids[RECS_KEYS_MAX];
} ngx_http_recs_sweep_job_t;


/* Jobs are a ring; the first one is being done. */

struct ngx_http_recs_sweep_s {
    ngx_http_recs_redis_t     *redis;
    ngx_event_t                timer;
    ngx_uint_t                 head;
    ngx_uint_t                 jobs;
    ngx_uint_t                 refused;    /* said so */
    u_char                    *names;      /* RECS_KEYS_MAX of them */
    u_char                    *pattern;
    size_t                     name;       /* bytes of one */
    size_t                     cursor_len;
    u_char                     cursor[NGX_HTTP_RECS_SWEEP_CURSOR];
    ngx_http_recs_sweep_job_t  job[NGX_HTTP_RECS_SWEEPS];
    unsigned                   asked:1;
};


static void ngx_http_recs_sweep_handler(ngx_event_t *ev);
static void ngx_http_recs_sweep_begin(ngx_http_recs_sweep_t *sweep);
static void ngx_http_recs_sweep_later(ngx_http_recs_sweep_t *sweep);
static void ngx_http_recs_sweep_next(ngx_http_recs_sweep_t *sweep);
static ngx_int_t ngx_http_recs_sweep_ask(ngx_http_recs_sweep_t *sweep);
static size_t ngx_http_recs_sweep_pattern(ngx_http_recs_sweep_t *sweep,
    uint64_t shop);
static void ngx_http_recs_sweep_asked(ngx_http_recs_sweep_t *sweep);
static void ngx_http_recs_sweep_reply(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);


static const ngx_http_recs_command_t  ngx_http_recs_sweep_on_reply = {
    ngx_http_recs_sweep_reply
};


/* One SCAN a call: Redis serves others in between. */

static const char  ngx_http_recs_sweep_script[] =
    "for _, k in ipairs(KEYS) do redis.call('DEL', k) end "
    "if #ARGV < 3 then return '0' end "
    "local r = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500) "
    "for _, k in ipairs(r[2]) do "
    "local v = redis.call('GET', k) "
    "for i = 3, #ARGV do "
    "if v and string.find(v, ARGV[i], 1, true) then "
    "redis.call('DEL', k) break end end end "
    "return r[1]";


ngx_int_t
ngx_http_recs_sweep_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_redis_t  *redis;
    ngx_http_recs_sweep_t  *sweep;

    redis = rmcf->redis;

    if (redis == NULL || redis->ttl == 0) {
        return NGX_OK;
    }

    sweep = ngx_pcalloc(cycle->pool, sizeof(ngx_http_recs_sweep_t));
    if (sweep == NULL) {
        return NGX_ERROR;
    }

    sweep->name = redis->sessions.len + NGX_HTTP_RECS_SWEEP_NAME;

    sweep->names = ngx_pnalloc(cycle->pool, RECS_KEYS_MAX * sweep->name);
    sweep->pattern = ngx_pnalloc(cycle->pool, 2 * redis->sessions.len + 17);

    if (sweep->names == NULL || sweep->pattern == NULL) {
        return NGX_ERROR;
    }

    sweep->redis = redis;
    sweep->timer.handler = ngx_http_recs_sweep_handler;
    sweep->timer.data = sweep;
    sweep->timer.log = cycle->log;

    redis->sweep = sweep;

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_sweep_room(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->redis == NULL || rmcf->redis->sweep == NULL
           || rmcf->redis->sweep->jobs < NGX_HTTP_RECS_SWEEPS;
}


void
ngx_http_recs_sweep(ngx_http_recs_main_conf_t *rmcf, uint64_t shop,
    const recs_identity_t *ids, ngx_uint_t count, ngx_uint_t within)
{
    ngx_http_recs_sweep_t      *sweep;
    ngx_http_recs_sweep_job_t  *job;

    if (rmcf->redis == NULL || rmcf->redis->sweep == NULL) {
        return;
    }

    sweep = rmcf->redis->sweep;

    job = &sweep->job[(sweep->head + sweep->jobs) % NGX_HTTP_RECS_SWEEPS];

    job->shop = shop;
    job->count = count;
    job->within = within;
    job->since = ngx_current_msec;
    ngx_memcpy(job->ids, ids, count * sizeof(recs_identity_t));

    if (sweep->jobs++ == 0) {
        ngx_http_recs_sweep_begin(sweep);
    }
}


/* Of the first job. */

static void
ngx_http_recs_sweep_begin(ngx_http_recs_sweep_t *sweep)
{
    ngx_msec_t                  passed;
    ngx_http_recs_sweep_job_t  *job;

    if (sweep->jobs == 0) {
        return;
    }

    job = &sweep->job[sweep->head];
    passed = ngx_current_msec - job->since;

    sweep->cursor[0] = '0';
    sweep->cursor_len = 1;

    /* a worker that is to exit waits for it */

    sweep->timer.cancelable = 0;

    ngx_add_timer(&sweep->timer, (passed < NGX_HTTP_RECS_SWEEP_DELAY)
                                 ? NGX_HTTP_RECS_SWEEP_DELAY - passed : 1);
}


static void
ngx_http_recs_sweep_handler(ngx_event_t *ev)
{
    ngx_msec_t               passed;
    ngx_http_recs_sweep_t   *sweep;

    sweep = ev->data;

    if (sweep->jobs == 0 || sweep->asked) {
        return;
    }

    passed = ngx_current_msec - sweep->job[sweep->head].since;

    if (passed / 1000 > (ngx_msec_t) sweep->redis->ttl) {

        /* whatever Redis had is gone by now */

        ngx_http_recs_sweep_next(sweep);
        return;
    }

    if (sweep->redis->state != NGX_HTTP_RECS_REDIS_READY
        || ngx_http_recs_sweep_ask(sweep) != NGX_OK)
    {
        ngx_http_recs_sweep_later(sweep);
    }
}


/* But not for a Redis that is away. */

static void
ngx_http_recs_sweep_later(ngx_http_recs_sweep_t *sweep)
{
    sweep->cursor[0] = '0';
    sweep->cursor_len = 1;

    sweep->timer.cancelable = 1;
    ngx_add_timer(&sweep->timer, NGX_HTTP_RECS_SWEEP_AGAIN);
}


static void
ngx_http_recs_sweep_next(ngx_http_recs_sweep_t *sweep)
{
    ngx_memzero(&sweep->job[sweep->head], sizeof(ngx_http_recs_sweep_job_t));

    sweep->head = (sweep->head + 1) % NGX_HTTP_RECS_SWEEPS;
    sweep->jobs--;
    sweep->refused = 0;

    ngx_http_recs_sweep_begin(sweep);
}


static ngx_int_t
ngx_http_recs_sweep_ask(ngx_http_recs_sweep_t *sweep)
{
    u_char                     *p, digits[NGX_INT_T_LEN];
    size_t                      len[NGX_HTTP_RECS_SWEEP_ARGS];
    ngx_uint_t                  i, n;
    const char                 *argv[NGX_HTTP_RECS_SWEEP_ARGS];
    ngx_http_recs_redis_t      *redis;
    ngx_http_recs_sweep_job_t  *job;

    redis = sweep->redis;
    job = &sweep->job[sweep->head];

    ngx_http_recs_link_arg(0, "EVAL", 4);
    ngx_http_recs_link_arg(1, ngx_http_recs_sweep_script,
                           sizeof(ngx_http_recs_sweep_script) - 1);
    ngx_http_recs_link_arg(2, digits,
                           ngx_sprintf(digits, "%ui", job->count) - digits);

    for (i = 0, n = 3; i < job->count; i++, n++) {
        p = ngx_cpymem(sweep->names + i * sweep->name, redis->sessions.data,
                       redis->sessions.len);
        p = ngx_sprintf(p, "%016xL", job->shop);
        (void) ngx_hex_dump(p, job->ids[i].bytes, RECS_IDENTITY_SIZE);

        ngx_http_recs_link_arg(n, sweep->names + i * sweep->name,
                               sweep->name);
    }

    ngx_http_recs_link_arg(n, sweep->cursor, sweep->cursor_len);
    ngx_http_recs_link_arg(n + 1, sweep->pattern,
                           ngx_http_recs_sweep_pattern(sweep, job->shop));
    n += 2;

    for (i = 0; job->within && i < job->count; i++, n++) {
        ngx_http_recs_link_arg(n, job->ids[i].bytes, RECS_IDENTITY_SIZE);
    }

    if (ngx_http_recs_link_send(redis, &ngx_http_recs_sweep_on_reply, n,
                                argv, len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a worker that is to exit waits for timers, not for replies */

    sweep->timer.cancelable = 0;
    ngx_add_timer(&sweep->timer, NGX_HTTP_RECS_SWEEP_WAIT);

    sweep->asked = 1;

    return NGX_OK;
}


/* The names of all sessions of a shop; a stream may have any name. */

static size_t
ngx_http_recs_sweep_pattern(ngx_http_recs_sweep_t *sweep, uint64_t shop)
{
    u_char     *p;
    ngx_uint_t  i;
    ngx_str_t  *name;

    name = &sweep->redis->sessions;
    p = sweep->pattern;

    for (i = 0; i < name->len; i++) {
        if (ngx_strchr("*?[]\\^", name->data[i])) {
            *p++ = '\\';
        }

        *p++ = name->data[i];
    }

    p = ngx_sprintf(p, "%016xL*", shop);

    return p - sweep->pattern;
}


static void
ngx_http_recs_sweep_reply(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply)
{
    ngx_http_recs_sweep_t  *sweep;

    sweep = redis->sweep;
    ngx_http_recs_sweep_asked(sweep);

    if (reply->failed || reply->text.len == 0
        || reply->text.len > NGX_HTTP_RECS_SWEEP_CURSOR)
    {
        if (!sweep->refused) {
            sweep->refused = 1;
            ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                          "redis \"%V\" refuses to erase: \"%V\"",
                          &redis->name, &reply->text);
        }

        ngx_http_recs_sweep_later(sweep);
        return;
    }

    sweep->cursor_len = reply->text.len;
    ngx_memcpy(sweep->cursor, reply->text.data, reply->text.len);

    if (sweep->cursor_len == 1 && sweep->cursor[0] == '0') {
        ngx_http_recs_sweep_next(sweep);

    } else if (ngx_http_recs_sweep_ask(sweep) != NGX_OK) {
        ngx_http_recs_sweep_later(sweep);
    }
}


void
ngx_http_recs_sweep_lost(ngx_http_recs_redis_t *redis)
{
    ngx_http_recs_sweep_t  *sweep;

    sweep = redis->sweep;

    if (sweep == NULL || !sweep->asked) {
        return;
    }

    ngx_http_recs_sweep_asked(sweep);
    ngx_http_recs_sweep_later(sweep);
}


/* There is nothing to be waited for any more. */

static void
ngx_http_recs_sweep_asked(ngx_http_recs_sweep_t *sweep)
{
    sweep->asked = 0;

    if (sweep->timer.timer_set) {
        ngx_del_timer(&sweep->timer);
    }
}
