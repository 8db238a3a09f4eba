/*
 * Copyright (C) recs authors
 *
 * What caches and clients are told, and what they know already.
 */

#ifndef _NGX_HTTP_RECS_CACHE_H_INCLUDED_
#define _NGX_HTTP_RECS_CACHE_H_INCLUDED_


#include "ngx_http_recs_question.h"


/*
 * Cache-Control, and for a public answer its ETag: the id of ctx, with "tag"
 * behind it unless that is 0.  It is fresh for as long as the strategy says,
 * but not beyond q->until.
 */

ngx_int_t ngx_http_recs_cache_headers(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, const ngx_http_recs_question_t *q,
    uint32_t tag);

/*
 * The same of a private answer whose bytes "id" stands for; it becomes that
 * of ctx.
 */

ngx_int_t ngx_http_recs_cache_private(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, uint64_t id);

/* Whether the client has this very list: If-None-Match, compared weakly. */

ngx_uint_t ngx_http_recs_cache_known(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, uint32_t tag);

/* Sends 304. */

ngx_int_t ngx_http_recs_cache_not_modified(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_CACHE_H_INCLUDED_ */
