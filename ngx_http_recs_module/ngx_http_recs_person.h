/*
 * Copyright (C) recs authors
 *
 * What is known of one person: the own history, and the profile of a user.
 */

#ifndef _NGX_HTTP_RECS_PERSON_H_INCLUDED_
#define _NGX_HTTP_RECS_PERSON_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* GET and HEAD of /history: of whoever asks, and of nobody else. */

ngx_int_t ngx_http_recs_person_history(ngx_http_request_t *r,
    ngx_str_t *rest);

/*
 * GET and HEAD of /user-profile/ID, "rest" is the id: for who has a key of
 * recs_analytics_key, and for that very user.  All others are answered as if
 * there were nobody of this name, before anything is looked up.
 */

ngx_int_t ngx_http_recs_person_profile(ngx_http_request_t *r,
    ngx_str_t *rest);


#endif /* _NGX_HTTP_RECS_PERSON_H_INCLUDED_ */
