/*
 * Copyright (C) recs authors
 *
 * The body of a POST: what its headers promise, and its text.
 */

#ifndef _NGX_HTTP_RECS_BODY_H_INCLUDED_
#define _NGX_HTTP_RECS_BODY_H_INCLUDED_


#include "ngx_http_recs_question.h"


/*
 * Before it is read: it is JSON, not compressed, and at most "max" bytes.
 * NGX_OK, or NGX_DECLINED with *refusal.
 */

ngx_int_t ngx_http_recs_body_check(ngx_http_request_t *r, size_t max,
    ngx_http_recs_refusal_t *refusal);

/*
 * After it was read: its text in one piece, in the request's memory.  NGX_OK,
 * NGX_DECLINED with *refusal where it is longer than "max", or an error code.
 */

ngx_int_t ngx_http_recs_body(ngx_http_request_t *r, size_t max,
    ngx_str_t *body, ngx_http_recs_refusal_t *refusal);


#endif /* _NGX_HTTP_RECS_BODY_H_INCLUDED_ */
