/*
 * Copyright (C) recs authors
 *
 * What recs_redis configures, and the conversation with Redis.  Private to
 * ngx_http_recs_link.c (what is said), ngx_http_recs_redis.c (hiredis) and
 * ngx_http_recs_redis_conf.c (the directive).
 */

#ifndef _NGX_HTTP_RECS_LINK_H_INCLUDED_
#define _NGX_HTTP_RECS_LINK_H_INCLUDED_


#include "ngx_http_recs_redis.h"
#include "ngx_http_recs_sender.h"


typedef enum {
    NGX_HTTP_RECS_REDIS_CLOSED = 0,    /* until the time to try again */
    NGX_HTTP_RECS_REDIS_CONNECTING,
    NGX_HTTP_RECS_REDIS_GREETING,      /* AUTH to HMGET have no reply yet */
    NGX_HTTP_RECS_REDIS_READY,
    NGX_HTTP_RECS_REDIS_HELD           /* Redis refused a batch: the same */
} ngx_http_recs_redis_e;

/* What was logged last, so that it is logged once. */

typedef enum {
    NGX_HTTP_RECS_TROUBLE_NONE = 0,
    NGX_HTTP_RECS_TROUBLE_AWAY,
    NGX_HTTP_RECS_TROUBLE_REFUSED
} ngx_http_recs_trouble_e;


/* A reply: an array, or a text that may be an error. */

typedef struct {
    ngx_uint_t                  failed;
    ngx_str_t                   text;
    ngx_uint_t                  n;
    void                       *elements;
} ngx_http_recs_reply_t;

typedef void (*ngx_http_recs_reply_pt)(ngx_http_recs_redis_t *redis,
    ngx_http_recs_reply_t *reply);

typedef struct {
    ngx_http_recs_reply_pt      handler;
} ngx_http_recs_command_t;


#define NGX_HTTP_RECS_REDIS_TEXT  128  /* of an error, logged */


struct ngx_http_recs_redis_s {
    ngx_str_t                   name;      /* as configured, for the log */
    ngx_str_t                   host;      /* a number or a path, with NUL */
    in_port_t                   port;      /* 0: a unix socket */
    ngx_str_t                   stream;
    ngx_str_t                   positions; /* "<stream>:positions" */
    ngx_str_t                   wanted;    /* "<stream>:wanted" */
    ngx_str_t                   user;
    ngx_str_t                   password;
    ngx_str_t                   db;
    ngx_str_t                   sessions;  /* "<stream>:session:" */
    time_t                      ttl;       /* of sessions, 0: not kept */
    ngx_msec_t                  wait;      /* for one, 0: not at all */

    /* of this process */

    ngx_http_recs_main_conf_t  *rmcf;
    ngx_http_recs_sender_t     *sender;
    ngx_http_recs_roam_t       *roam;      /* NULL: sessions stay */
    ngx_http_recs_sweep_t      *sweep;     /* NULL: they never were here */
    ngx_log_t                  *log;
    struct redisAsyncContext   *ac;
    ngx_http_recs_redis_e       state;
    ngx_http_recs_trouble_e     trouble;

    ngx_event_t                 retry;
    ngx_event_t                 flush;
    ngx_event_t                 watch;     /* for a reply */
    ngx_event_t                 ask;       /* for positions */
    ngx_event_t                 drain;
    ngx_msec_t                  delay;

    ngx_http_recs_batch_t       flight[NGX_HTTP_RECS_FLIGHT];
    ngx_uint_t                  head;
    ngx_uint_t                  flights;
    ngx_uint_t                  stale;     /* of them, to be sent again */
    ngx_uint_t                  replies;   /* expected */
    ngx_uint_t                  woken;

    uint64_t                    epochs[NGX_HTTP_RECS_FEEDS];
    ngx_uint_t                  asked;     /* so many of them */
    uint64_t                    heartbeat; /* of the builder */
    ngx_msec_t                  beat;      /* when it changed */

    u_char                      text[NGX_HTTP_RECS_REDIS_TEXT];

    unsigned                    up:1;
    unsigned                    writing:1;
    unsigned                    flushing:1;
    unsigned                    asking:1;
    unsigned                    draining:1;
};


/* Opens a connection; NGX_ERROR with *err. */

ngx_int_t ngx_http_recs_redis_open(ngx_http_recs_redis_t *redis,
    const char **err);
void ngx_http_recs_redis_close(ngx_http_recs_redis_t *redis);

ngx_int_t ngx_http_recs_redis_command(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, int argc, const char **argv,
    const size_t *len);

/* An element of an array; empty where it is no string. */

ngx_str_t ngx_http_recs_redis_element(const ngx_http_recs_reply_t *reply,
    ngx_uint_t n);


/* Sends a command and expects its reply; NGX_ERROR: there will be none. */

#define ngx_http_recs_link_arg(i, p, n)                                      \
    argv[i] = (const char *) (p); len[i] = n

ngx_int_t ngx_http_recs_link_send(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, int argc, const char **argv,
    const size_t *len);

/* Connected, a reply, the connection is gone, the worker shuts down. */

void ngx_http_recs_link_greet(ngx_http_recs_redis_t *redis);
void ngx_http_recs_link_reply(ngx_http_recs_redis_t *redis,
    const ngx_http_recs_command_t *command, ngx_http_recs_reply_t *reply);
void ngx_http_recs_link_lost(ngx_http_recs_redis_t *redis,
    const char *reason);
void ngx_http_recs_link_drain(ngx_http_recs_redis_t *redis);


#endif /* _NGX_HTTP_RECS_LINK_H_INCLUDED_ */
