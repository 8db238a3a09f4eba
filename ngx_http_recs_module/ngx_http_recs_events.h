/*
 * Copyright (C) recs authors
 *
 * POST /analytics/{activity,track-activity,batch}, GET /analytics/history.
 */

#ifndef _NGX_HTTP_RECS_EVENTS_H_INCLUDED_
#define _NGX_HTTP_RECS_EVENTS_H_INCLUDED_


#include "ngx_http_recs_module.h"


ngx_int_t ngx_http_recs_events_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_EVENTS_H_INCLUDED_ */
