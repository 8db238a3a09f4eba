/*
 * Copyright (C) recs authors
 *
 * Query arguments and identities of a request.
 */

#ifndef _NGX_HTTP_RECS_ARGS_H_INCLUDED_
#define _NGX_HTTP_RECS_ARGS_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/answer/recs_query_arg.h"


/*
 * Raw arguments, decoded in the request's pool only where they hold "%" or
 * "+"; checked: each at most once, valid UTF-8, no control characters.
 */

typedef struct {
    ngx_str_t   type;
    ngx_str_t   limit;
    ngx_str_t   offset;
    ngx_str_t   rails;
    ngx_str_t   exclude;
    ngx_str_t   cart;
    ngx_str_t   category_id;
    ngx_str_t   user_id;
    ngx_str_t   session_id;
    ngx_str_t   product_id;
    ngx_str_t   query;
    ngx_str_t   variant;
    ngx_str_t   placement;
    ngx_str_t   format;
    ngx_str_t   fields;
    ngx_str_t   filter[RECS_ARG_MAX];
    ngx_str_t   check;
    ngx_str_t   layer;
    ngx_str_t   snapshot;
} ngx_http_recs_args_t;


/*
 * Parses r->args in one pass.  NGX_OK, NGX_ERROR (500), or NGX_DECLINED with
 * *err a static sentence and *name the argument: answer 400.
 */

ngx_int_t ngx_http_recs_args(ngx_pool_t *pool, const ngx_str_t *query,
    ngx_http_recs_args_t *args, ngx_str_t *name, const char **err);

/*
 * The next pair of a query string, which becomes the rest of it; NGX_DONE:
 * there is none.  Raw: value() decodes and checks one as above.
 */

ngx_int_t ngx_http_recs_args_next(ngx_str_t *query, ngx_str_t *name,
    ngx_str_t *value);
ngx_int_t ngx_http_recs_args_value(ngx_pool_t *pool, ngx_str_t *value,
    const char **err);

/*
 * Where the value of an argument goes, and its name in static memory; NULL:
 * there is no such argument.
 */

ngx_str_t *ngx_http_recs_args_slot(ngx_http_recs_args_t *args,
    const ngx_str_t *name, ngx_str_t *known);

/* Whether a value is valid UTF-8 without control characters. */

ngx_int_t ngx_http_recs_args_text(const ngx_str_t *value, const char **err);

/* Decimal digits only, clamped to max; NGX_ERROR for anything else. */

ngx_int_t ngx_http_recs_args_number(const ngx_str_t *value, ngx_uint_t max);

/*
 * The id of somebody at the end of a path, behind "name", which ends in a
 * slash: as it was sent, since a path that was normalized has no "a//b" any
 * more, and would name somebody else.  It is left as it is where nothing was
 * sent, as after a rewrite.  NGX_DECLINED: it has a slash that is not written
 * %2F; NGX_ERROR: 500.
 */

ngx_int_t ngx_http_recs_args_last(ngx_http_request_t *r,
    const ngx_str_t *name, ngx_str_t *id);

/* The session id that a request comes with; empty: none.  NGX_ERROR: 500. */

ngx_int_t ngx_http_recs_session(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args, ngx_str_t *session);

/*
 * Who asks, into query->asker: the session (argument sessionId, else
 * recs_session, by default X-Session-ID) and the verified user (recs_user).
 * A userId argument that is neither the verified user nor the session's own
 * user, live or in the snapshot, gives NGX_HTTP_FORBIDDEN.  "live": also what
 * they have done lately, query->visit and ->known, which are good until the
 * next call.  NGX_OK, or an error code.
 */

ngx_int_t ngx_http_recs_asker(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args, const recs_view_t *view,
    recs_query_t *query, ngx_uint_t live);

/*
 * A user by the id, for who may ask about anybody: query->asker.user and, of
 * what was done lately, query->known.  NGX_DECLINED: there is no key to know
 * anybody by, or the id is none.
 */

ngx_int_t ngx_http_recs_asker_named(ngx_http_request_t *r,
    const ngx_str_t *id, const recs_view_t *view, recs_query_t *query);


#endif /* _NGX_HTTP_RECS_ARGS_H_INCLUDED_ */
