/*
 * Copyright (C) recs authors
 *
 * DELETE .../users/ID and .../sessions/ID: somebody is to be forgotten.  What
 * this host knows goes at once, from the zone and from Redis; the builder is
 * told by an event in the journal, USER_ERASE, one for each key of the key
 * file: nobody knows under which of them what is stored was stored.  The
 * answer is 202 whoever it was, known or not.
 */

#ifndef _NGX_HTTP_RECS_ERASE_H_INCLUDED_
#define _NGX_HTTP_RECS_ERASE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* "rest" is what follows "/users/" or "/sessions/". */

ngx_int_t ngx_http_recs_erase_user(ngx_http_request_t *r, ngx_str_t *rest);
ngx_int_t ngx_http_recs_erase_session(ngx_http_request_t *r,
    ngx_str_t *rest);


#endif /* _NGX_HTTP_RECS_ERASE_H_INCLUDED_ */
