/*
 * Copyright (C) recs authors
 *
 * What became of recommendations, from the report in a snapshot and its hot
 * layer: for who has a key of recs_analytics_key.
 */

#ifndef _NGX_HTTP_RECS_ANALYTICS_H_INCLUDED_
#define _NGX_HTTP_RECS_ANALYTICS_H_INCLUDED_


#include "ngx_http_recs_snapshot.h"


/* GET and HEAD of /recommendation-performance, see recs_stats.h. */

ngx_int_t ngx_http_recs_performance(ngx_http_request_t *r, ngx_str_t *rest);

/* GET and HEAD of /reports: their names; and of /reports/NAME: its text. */

ngx_int_t ngx_http_recs_reports(ngx_http_request_t *r, ngx_str_t *rest);
ngx_int_t ngx_http_recs_reports_one(ngx_http_request_t *r, ngx_str_t *rest);


/*
 * What all three begin with: the key, and the view.  NGX_DECLINED: the
 * request was refused, *answered is what the handler returns.
 */

ngx_int_t ngx_http_recs_analytics_open(ngx_http_request_t *r,
    ngx_http_recs_view_t **view, ngx_int_t *answered);

/*
 * The headers of an answer that is a function of the view, the path and the
 * arguments.  NGX_DECLINED: the client has it already, or there is no memory,
 * *answered likewise.
 */

ngx_int_t ngx_http_recs_analytics_headers(ngx_http_request_t *r,
    const ngx_http_recs_view_t *view, ngx_int_t *answered);


#endif /* _NGX_HTTP_RECS_ANALYTICS_H_INCLUDED_ */
