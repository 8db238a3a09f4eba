/*
 * Copyright (C) recs authors
 *
 * GET and HEAD of recommendations, of the status, and the variables.
 */

#ifndef _NGX_HTTP_RECS_HANDLER_H_INCLUDED_
#define _NGX_HTTP_RECS_HANDLER_H_INCLUDED_


#include "ngx_http_recs_module.h"


ngx_int_t ngx_http_recs_handler(ngx_http_request_t *r);

ngx_int_t ngx_http_recs_status_handler(ngx_http_request_t *r);

/* recs_status [json|prometheus|live|ready]. */

char *ngx_http_recs_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Whether recs, recs_events or recs_status is in the location already. */

ngx_uint_t ngx_http_recs_location_taken(ngx_http_core_loc_conf_t *clcf);

ngx_int_t ngx_http_recs_add_variables(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_HANDLER_H_INCLUDED_ */
