/*
 * Copyright (C) recs authors
 *
 * Work for one request that takes long, in turn with all else that the worker
 * has to do.
 */

#ifndef _NGX_HTTP_RECS_TURN_H_INCLUDED_
#define _NGX_HTTP_RECS_TURN_H_INCLUDED_


#include "ngx_http_recs_module.h"


#define NGX_HTTP_RECS_TURN  500000     /* ns of work before it gives way */


/* NGX_AGAIN: it gave way; else what the request is finalized with. */

typedef ngx_int_t (*ngx_http_recs_turn_pt)(void *data);


typedef struct {
    ngx_http_request_t     *request;
    ngx_http_recs_turn_pt   run;
    void                   *data;
    ngx_event_t             event;
    unsigned                stays:1;   /* set by the caller: it goes on
                                          without the client */
} ngx_http_recs_turn_t;


/* Where the request ends earlier, the work does.  NGX_ERROR: no memory. */

ngx_int_t ngx_http_recs_turn_init(ngx_http_recs_turn_t *turn,
    ngx_http_request_t *r, ngx_http_recs_turn_pt run, void *data);

/*
 * Gives way: run() is called again when the worker has looked at everything
 * else, and the request finalized with what it returns.  The caller holds a
 * reference on the request, as one that reads a body has.  Returns NGX_AGAIN,
 * or a status.
 */

ngx_int_t ngx_http_recs_turn_yield(ngx_http_recs_turn_t *turn);

/* The same, for what others have to do first: it is called in "ms". */

ngx_int_t ngx_http_recs_turn_later(ngx_http_recs_turn_t *turn, ngx_msec_t ms);


#endif /* _NGX_HTTP_RECS_TURN_H_INCLUDED_ */
