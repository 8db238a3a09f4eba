/*
 * Copyright (C) recs authors
 *
 * What a worker knows of itself and its host, in two languages.
 */

#ifndef _NGX_HTTP_RECS_STATUS_H_INCLUDED_
#define _NGX_HTTP_RECS_STATUS_H_INCLUDED_


#include "ngx_http_recs_snapshot.h"
#include "../core/recs_out.h"


/* Bytes that are enough for either. */

size_t ngx_http_recs_status_size(ngx_http_recs_main_conf_t *rmcf);

/* "check": the live sessions are looked at one by one. */

void ngx_http_recs_status_json(ngx_http_recs_main_conf_t *rmcf,
    const ngx_http_recs_slot_t *sum, ngx_uint_t check, recs_out_t *out);
void ngx_http_recs_status_prometheus(ngx_http_recs_main_conf_t *rmcf,
    const ngx_http_recs_slot_t *sum, recs_out_t *out);

/* The name of a type of requests; "NONE" where none was known. */

void ngx_http_recs_status_type(recs_out_t *out, ngx_uint_t strategy);

/* Seconds since the clock of a snapshot's build. */

int64_t ngx_http_recs_status_age(ngx_http_recs_view_t *view);

#define ngx_http_recs_out_str(out, s)                                        \
    recs_out_bytes(out, (s)->data, (s)->len)


#endif /* _NGX_HTTP_RECS_STATUS_H_INCLUDED_ */
