/*
 * Copyright (C) recs authors
 *
 * POST .../batch: up to NGX_HTTP_RECS_BATCH_MAX questions, answered from one
 * view, each with a status of its own.
 */

#ifndef _NGX_HTTP_RECS_BATCH_H_INCLUDED_
#define _NGX_HTTP_RECS_BATCH_H_INCLUDED_


#include "ngx_http_recs_args.h"
#include "../core/recs_json.h"


#define NGX_HTTP_RECS_BATCH_MAX    100


/*
 * Whether the path below the location is that of batches, or the end of the
 * name of a location of this path alone.
 */

ngx_uint_t ngx_http_recs_batch_path(ngx_http_request_t *r);

ngx_int_t ngx_http_recs_batch(ngx_http_request_t *r);


/*
 * ngx_http_recs_batch_args.c: the requests of a body, which stays where it
 * is.
 */

typedef struct {
    ngx_uint_t         count;
    recs_json_iter_t   it;
} ngx_http_recs_batch_json_t;

/*
 * An array, or an object with an array "requests".  NGX_DECLINED with *err, a
 * static sentence, and *code; json->count is above NGX_HTTP_RECS_BATCH_MAX
 * where there are too many.
 */

ngx_int_t ngx_http_recs_batch_parse(const ngx_str_t *body,
    ngx_http_recs_batch_json_t *json, const char **code, const char **err);

/*
 * The next one as arguments, and its member "path"; they point into the body
 * or into "pool".  NGX_DECLINED with *err and *name, the member.
 */

ngx_int_t ngx_http_recs_batch_next(ngx_http_recs_batch_json_t *json,
    ngx_pool_t *pool, ngx_http_recs_args_t *args, ngx_str_t *path,
    ngx_str_t *name, const char **err);


#endif /* _NGX_HTTP_RECS_BATCH_H_INCLUDED_ */
