/*
 * Copyright (C) recs authors
 *
 * What a request says about whoever sent it.
 */

#ifndef _NGX_HTTP_RECS_CLIENT_H_INCLUDED_
#define _NGX_HTTP_RECS_CLIENT_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/event/recs_event.h"


/* A request header by its lower-case name, or NULL. */

ngx_str_t *ngx_http_recs_client_header(ngx_http_request_t *r,
    const ngx_str_t *name);

/* The value of a configured text; empty where none is configured. */

void ngx_http_recs_client_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, recs_str_t *s);

/* recs_consent, and "Sec-GPC: 1", which is a no. */

recs_consent_e ngx_http_recs_client_consent(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf);

/*
 * Fills in what an event does not say: device and browser, referrer,
 * address, region, variant, shop, and the session and verified user.
 * NGX_DECLINED: it names another user than the verified one.
 */

ngx_int_t ngx_http_recs_client_fill(ngx_http_request_t *r, recs_event_t *e);


#endif /* _NGX_HTTP_RECS_CLIENT_H_INCLUDED_ */
