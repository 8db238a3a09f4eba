/*
 * Copyright (C) recs authors
 *
 * hiredis in the event loop of nginx: a context is opened, fed with commands
 * and freed here, and what it says is handed to ngx_http_recs_link.c.  The
 * context may be gone whenever hiredis returns, and must not be freed in its
 * connect and disconnect callbacks.
 */

#include "ngx_http_recs_link.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>


static ngx_int_t ngx_http_recs_redis_attach(ngx_http_recs_redis_t *redis,
    redisAsyncContext *ac);
static void ngx_http_recs_redis_connected(const redisAsyncContext *ac,
    int status);
static void ngx_http_recs_redis_disconnected(const redisAsyncContext *ac,
    int status);
static void ngx_http_recs_redis_replied(redisAsyncContext *ac, void *reply,
    void *data);
static void ngx_http_recs_redis_read_handler(ngx_event_t *rev);
static void ngx_http_recs_redis_write_handler(ngx_event_t *wev);
static void ngx_http_recs_redis_add_read(void *data);
static void ngx_http_recs_redis_del_read(void *data);
static void ngx_http_recs_redis_add_write(void *data);
static void ngx_http_recs_redis_del_write(void *data);
static void ngx_http_recs_redis_cleanup(void *data);


ngx_int_t
ngx_http_recs_redis_open(ngx_http_recs_redis_t *redis, const char **err)
{
    redisAsyncContext  *ac;

    *err = NULL;

    if (redis->port) {
        ac = redisAsyncConnect((char *) redis->host.data, redis->port);

    } else {
        ac = redisAsyncConnectUnix((char *) redis->host.data);
    }

    if (ac == NULL) {
        *err = "no memory";
        return NGX_ERROR;
    }

    if (ac->err) {

        /* the text goes with the context */

        ngx_cpystrn(redis->text, (u_char *) ac->errstr,
                    NGX_HTTP_RECS_REDIS_TEXT);
        *err = (char *) redis->text;

    } else if (ngx_http_recs_redis_attach(redis, ac) != NGX_OK) {
        *err = "no connection is free";
    }

    if (*err) {
        redisAsyncFree(ac);
        return NGX_ERROR;
    }

    redis->ac = ac;

    (void) redisAsyncSetConnectCallback(ac, ngx_http_recs_redis_connected);
    (void) redisAsyncSetDisconnectCallback(ac,
                                           ngx_http_recs_redis_disconnected);

    return NGX_OK;
}


/* Detaches first, so that what hiredis still calls finds nothing to do. */

void
ngx_http_recs_redis_close(ngx_http_recs_redis_t *redis)
{
    redisAsyncContext  *ac;

    ac = redis->ac;

    if (ac) {
        redis->ac = NULL;
        ac->data = NULL;
        redisAsyncFree(ac);
    }
}


ngx_int_t
ngx_http_recs_redis_command(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, int argc, const char **argv,
    const size_t *len)
{
    if (redis->ac == NULL
        || redisAsyncCommandArgv(redis->ac, ngx_http_recs_redis_replied,
                                 (void *) command, argc, argv, len)
           != REDIS_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_str_t
ngx_http_recs_redis_element(const ngx_http_recs_reply_t *reply, ngx_uint_t n)
{
    ngx_str_t    s;
    redisReply  *e;

    ngx_str_null(&s);

    if (n < reply->n) {
        e = ((redisReply **) reply->elements)[n];

        if (e->type == REDIS_REPLY_STRING) {
            s.data = (u_char *) e->str;
            s.len = e->len;
        }
    }

    return s;
}


static ngx_int_t
ngx_http_recs_redis_attach(ngx_http_recs_redis_t *redis,
    redisAsyncContext *ac)
{
    ngx_connection_t  *c;

    (void) fcntl(ac->c.fd, F_SETFD, FD_CLOEXEC);

    c = ngx_get_connection(ac->c.fd, redis->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = redis;
    c->log = redis->log;
    c->read->log = redis->log;
    c->write->log = redis->log;
    c->read->handler = ngx_http_recs_redis_read_handler;
    c->write->handler = ngx_http_recs_redis_write_handler;

    /* the read handler is told when the worker begins to shut down */

    c->idle = 1;

    ac->data = redis;
    ac->ev.data = c;
    ac->ev.addRead = ngx_http_recs_redis_add_read;
    ac->ev.delRead = ngx_http_recs_redis_del_read;
    ac->ev.addWrite = ngx_http_recs_redis_add_write;
    ac->ev.delWrite = ngx_http_recs_redis_del_write;
    ac->ev.cleanup = ngx_http_recs_redis_cleanup;

    return NGX_OK;
}


static void
ngx_http_recs_redis_connected(const redisAsyncContext *ac, int status)
{
    ngx_http_recs_redis_t  *redis;

    redis = ac->data;

    if (redis == NULL) {
        return;
    }

    if (status == REDIS_OK) {
        ngx_http_recs_link_greet(redis);
        return;
    }

    /* hiredis frees the context itself, and says no more */

    redis->ac = NULL;
    ngx_http_recs_link_lost(redis, ac->errstr);
}


static void
ngx_http_recs_redis_disconnected(const redisAsyncContext *ac, int status)
{
    ngx_http_recs_redis_t  *redis;

    redis = ac->data;

    if (redis) {
        redis->ac = NULL;
        ngx_http_recs_link_lost(redis, ac->err ? ac->errstr : "closed");
    }
}


static void
ngx_http_recs_redis_replied(redisAsyncContext *ac, void *reply, void *data)
{
    redisReply                     *rr = reply;
    const ngx_http_recs_command_t  *command = data;

    ngx_http_recs_redis_t  *redis;
    ngx_http_recs_reply_t   r;

    redis = ac->data;

    if (redis == NULL || rr == NULL) {
        return;
    }

    if (redis->replies == 1 && ac->c.reader->pos < ac->c.reader->len) {
        ngx_http_recs_link_lost(redis, "a reply that nobody asked for");
        return;
    }

    ngx_memzero(&r, sizeof(ngx_http_recs_reply_t));

    if (rr->type == REDIS_REPLY_ARRAY) {
        r.elements = rr->element;
        r.n = rr->elements;

    } else if (rr->type == REDIS_REPLY_STRING
               || rr->type == REDIS_REPLY_ERROR)
    {
        r.failed = (rr->type == REDIS_REPLY_ERROR);
        r.text.data = (u_char *) rr->str;
        r.text.len = rr->len;
    }

    ngx_http_recs_link_reply(redis, command, &r);
}


static void
ngx_http_recs_redis_read_handler(ngx_event_t *rev)
{
    u_char                  byte;
    ngx_connection_t       *c;
    ngx_http_recs_redis_t  *redis;

    c = rev->data;
    redis = c->data;

    if (c->close) {
        c->close = 0;

        if (c->error) {
            ngx_http_recs_link_lost(redis, "worker shuts down");

        } else {
            ngx_http_recs_link_drain(redis);
        }

        return;
    }

    if (redis->ac == NULL) {
        return;
    }

    /* hiredis asserts that it was asked for whatever is not an error */

    if (redis->replies == 0 && recv(c->fd, &byte, 1, MSG_PEEK) > 0) {
        ngx_http_recs_link_lost(redis, "a reply that nobody asked for");
        return;
    }

    redisAsyncHandleRead(redis->ac);
}


static void
ngx_http_recs_redis_write_handler(ngx_event_t *wev)
{
    ngx_connection_t       *c;
    ngx_http_recs_redis_t  *redis;

    c = wev->data;
    redis = c->data;

    if (redis->ac) {
        redis->writing = 1;
        redisAsyncHandleWrite(redis->ac);
        redis->writing = 0;
    }
}


/*
 * Level-triggered, because hiredis reads 16 kB at a time.  Commands of one
 * turn of the loop leave in one write(): it is posted, not asked of epoll,
 * unless the socket was not ready for all of it.
 */

static void
ngx_http_recs_redis_add_read(void *data)
{
    ngx_connection_t  *c = data;

    if (!c->read->active) {
        (void) ngx_add_event(c->read, NGX_READ_EVENT, NGX_LEVEL_EVENT);
    }
}


static void
ngx_http_recs_redis_del_read(void *data)
{
    ngx_connection_t  *c = data;

    if (c->read->active) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, 0);
    }
}


static void
ngx_http_recs_redis_add_write(void *data)
{
    ngx_connection_t  *c = data;

    ngx_http_recs_redis_t  *redis;

    redis = c->data;

    if (redis->state > NGX_HTTP_RECS_REDIS_CONNECTING && !redis->writing) {
        ngx_post_event(c->write, &ngx_posted_events);

    } else if (!c->write->active) {
        (void) ngx_add_event(c->write, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);
    }
}


static void
ngx_http_recs_redis_del_write(void *data)
{
    ngx_connection_t  *c = data;

    if (c->write->active) {
        (void) ngx_del_event(c->write, NGX_WRITE_EVENT, 0);
    }
}


/* hiredis closes the descriptor; nginx only forgets it. */

static void
ngx_http_recs_redis_cleanup(void *data)
{
    ngx_connection_t  *c = data;

    ngx_http_recs_redis_del_read(c);
    ngx_http_recs_redis_del_write(c);

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    c->read->closed = 1;
    c->write->closed = 1;

    ngx_free_connection(c);

    c->fd = (ngx_socket_t) -1;
}
