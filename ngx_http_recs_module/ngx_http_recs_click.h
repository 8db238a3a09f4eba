/*
 * Copyright (C) recs authors
 *
 * Clicks without a script: links in answers that come here, are counted, and
 * go on to the product.
 */

#ifndef _NGX_HTTP_RECS_CLICK_H_INCLUDED_
#define _NGX_HTTP_RECS_CLICK_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/event/recs_token.h"
#include "../core/recs_location.h"


/* recs_clicks URI [ttl=TIME]. */

struct ngx_http_recs_clicks_s {
    recs_str_t  prefix;
    time_t      ttl;
};


/*
 * What the links of an answer have, but for which answer it is.
 * NGX_DECLINED: recs_clicks is off, or there is no key yet.
 *
 * A link counts for at least "ttl" and ends with a day of UTC: those of one
 * answer are the same bytes for a day, so that caches have use of them.
 */

ngx_int_t ngx_http_recs_click_links(ngx_http_recs_loc_conf_t *rlcf,
    recs_links_t *links);

/* GET and HEAD of LOCATION/TOKEN. */

ngx_int_t ngx_http_recs_click_handler(ngx_http_request_t *r);

/*
 * Journals a click on a product, by its id.  What the visitor gets does not
 * depend on it: NGX_OK, or NGX_ERROR where it could not be written.
 */

ngx_int_t ngx_http_recs_click_journal(ngx_http_request_t *r,
    const recs_token_t *token, uint64_t view, const recs_str_t *product);


/* Directives recs_clicks and recs_click_hosts; the arguments of recs_click. */

char *ngx_http_recs_clicks(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_recs_click_hosts(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_recs_click_fallback(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *rlcf);


#endif /* _NGX_HTTP_RECS_CLICK_H_INCLUDED_ */
