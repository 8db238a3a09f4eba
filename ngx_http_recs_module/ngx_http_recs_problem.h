/*
 * Copyright (C) recs authors
 *
 * Errors as application/problem+json (RFC 9457).
 */

#ifndef _NGX_HTTP_RECS_PROBLEM_H_INCLUDED_
#define _NGX_HTTP_RECS_PROBLEM_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/recs_out.h"


#define NGX_HTTP_RECS_PROBLEM_SIZE  1024    /* of its object, at most */


/*
 * Sends a problem and returns what a content handler returns.  "code" is a
 * stable word ("limit-invalid"), "detail" a sentence, "name" the argument
 * or member that is to blame, or an empty string.  Cache-Control: no-store;
 * a 405 needs "allow", a 503 gets Retry-After: 1.
 */

ngx_int_t ngx_http_recs_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *code, const char *detail, const ngx_str_t *name);

/* The object alone. */

void ngx_http_recs_problem_write(recs_out_t *out, ngx_uint_t status,
    const char *code, const char *detail, const ngx_str_t *name);

ngx_int_t ngx_http_recs_not_allowed(ngx_http_request_t *r,
    const char *allow);

/*
 * Sends "len" bytes at "data" (of r->pool or of a pinned view) with the
 * given status and type, in one output_filter call; handles HEAD.
 */

ngx_int_t ngx_http_recs_send(ngx_http_request_t *r, ngx_uint_t status,
    const ngx_str_t *type, u_char *data, size_t len);

/* Adds a response header with static or pool memory. */

ngx_int_t ngx_http_recs_header(ngx_http_request_t *r, const char *name,
    const ngx_str_t *value);


#endif /* _NGX_HTTP_RECS_PROBLEM_H_INCLUDED_ */
