/*
 * Copyright (C) recs authors
 *
 * Sends the segments of the journal to a Redis stream.  The only file of the
 * module that knows hiredis.
 */

#ifndef _NGX_HTTP_RECS_REDIS_H_INCLUDED_
#define _NGX_HTTP_RECS_REDIS_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_redis unix:PATH|ADDRESS[:PORT] [stream=KEY] [password_file=FILE]
 * [user=NAME] [db=N] [sessions=TIME|off] [session_wait=TIME]. */

char *ngx_http_recs_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

ngx_int_t ngx_http_recs_redis_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_redis_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/* The journal has news: flushes within 20 ms or at 16 kB. */

void ngx_http_recs_redis_wake(ngx_http_recs_main_conf_t *rmcf);


#endif /* _NGX_HTTP_RECS_REDIS_H_INCLUDED_ */
