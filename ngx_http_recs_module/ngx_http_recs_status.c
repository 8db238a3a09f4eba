
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_args.h"
#include "ngx_http_recs_handler.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_status.h"


#define NGX_HTTP_RECS_STATUS_JSON        0
#define NGX_HTTP_RECS_STATUS_PROMETHEUS  1
#define NGX_HTTP_RECS_STATUS_LIVE        2
#define NGX_HTTP_RECS_STATUS_READY       3


static ngx_int_t ngx_http_recs_status_format(ngx_http_request_t *r,
    ngx_uint_t *format, ngx_uint_t *check);
static ngx_int_t ngx_http_recs_status_report(ngx_http_request_t *r,
    ngx_http_recs_main_conf_t *rmcf, ngx_uint_t format, ngx_uint_t check);
static ngx_int_t ngx_http_recs_status_health(ngx_http_request_t *r,
    ngx_uint_t good);
static ngx_uint_t ngx_http_recs_status_ready(ngx_http_recs_main_conf_t *rmcf);


static ngx_conf_enum_t  ngx_http_recs_status_formats[] = {
    { ngx_string("json"), NGX_HTTP_RECS_STATUS_JSON },
    { ngx_string("prometheus"), NGX_HTTP_RECS_STATUS_PROMETHEUS },
    { ngx_string("live"), NGX_HTTP_RECS_STATUS_LIVE },
    { ngx_string("ready"), NGX_HTTP_RECS_STATUS_READY },
    { ngx_null_string, 0 }
};


static ngx_str_t  ngx_http_recs_status_json_type =
    ngx_string("application/json");
static ngx_str_t  ngx_http_recs_status_text_type =
    ngx_string("text/plain; version=0.0.4; charset=utf-8");
static ngx_str_t  ngx_http_recs_status_no_store = ngx_string("no-store");


char *
ngx_http_recs_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t                  *value;
    ngx_conf_enum_t            *e;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_recs_main_conf_t  *rmcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (ngx_http_recs_location_taken(clcf)) {
        return "is duplicate";
    }

    rlcf->status = NGX_HTTP_RECS_STATUS_JSON;

    if (cf->args->nelts == 2) {
        value = cf->args->elts;

        for (e = ngx_http_recs_status_formats; e->name.len; e++) {
            if (ngx_strcmp(e->name.data, value[1].data) == 0) {
                break;
            }
        }

        if (e->name.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[1]);
            return NGX_CONF_ERROR;
        }

        rlcf->status = e->value;
    }

    clcf->handler = ngx_http_recs_status_handler;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
    rmcf->used = 1;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_uint_t                  format, check;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    static ngx_str_t  name = ngx_string("format");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_recs_not_allowed(r, "GET, HEAD");
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    format = rlcf->status;

    switch (format) {

    case NGX_HTTP_RECS_STATUS_LIVE:
        return ngx_http_recs_status_health(r, 1);

    case NGX_HTTP_RECS_STATUS_READY:
        return ngx_http_recs_status_health(r,
                                           ngx_http_recs_status_ready(rmcf));
    }

    rc = ngx_http_recs_status_format(r, &format, &check);

    if (rc == NGX_DECLINED) {
        return ngx_http_recs_problem(r, NGX_HTTP_BAD_REQUEST,
                                     "format-unknown",
                                     "The format is json or prometheus.",
                                     &name);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_status_report(r, rmcf, format, check);
}


static ngx_int_t
ngx_http_recs_status_format(ngx_http_request_t *r, ngx_uint_t *format,
    ngx_uint_t *check)
{
    ngx_int_t              rc;
    ngx_str_t              name;
    ngx_uint_t             i;
    const char            *err;
    ngx_conf_enum_t       *e;
    ngx_http_recs_args_t   args;

    rc = ngx_http_recs_args(r->pool, &r->args, &args, &name, &err);

    *check = (args.check.len == 8
              && ngx_strncmp(args.check.data, "sessions", 8) == 0);

    if (rc != NGX_OK || args.format.len == 0) {
        return rc;
    }

    for (i = 0; i <= NGX_HTTP_RECS_STATUS_PROMETHEUS; i++) {
        e = &ngx_http_recs_status_formats[i];

        if (e->name.len == args.format.len
            && ngx_strncmp(e->name.data, args.format.data, e->name.len) == 0)
        {
            *format = e->value;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_recs_status_report(ngx_http_request_t *r,
    ngx_http_recs_main_conf_t *rmcf, ngx_uint_t format, ngx_uint_t check)
{
    size_t                 size;
    u_char                *data;
    ngx_str_t             *type;
    recs_out_t             out;
    ngx_http_recs_slot_t   sum;

    size = ngx_http_recs_status_size(rmcf);

    data = ngx_pnalloc(r->pool, size);
    if (data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_recs_zone_sum(rmcf, &sum);

    recs_out_init(&out, data, size);

    if (format == NGX_HTTP_RECS_STATUS_JSON) {
        ngx_http_recs_status_json(rmcf, &sum, check, &out);
        type = &ngx_http_recs_status_json_type;

    } else {
        ngx_http_recs_status_prometheus(rmcf, &sum, &out);
        type = &ngx_http_recs_status_text_type;
    }

    if (out.overflow) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "ngx_http_recs_status_size() is too small: %uz", size);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_recs_header(r, "Cache-Control",
                             &ngx_http_recs_status_no_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, NGX_HTTP_OK, type, data, out.pos - data);
}


static ngx_int_t
ngx_http_recs_status_health(ngx_http_request_t *r, ngx_uint_t good)
{
    static ngx_str_t  name = ngx_null_string;
    static ngx_str_t  body = ngx_string("{\"status\":\"ok\"}\n");

    if (!good) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "snapshot-missing",
                                     "There is no snapshot to answer from "
                                     "yet.", &name);
    }

    if (ngx_http_recs_header(r, "Cache-Control",
                             &ngx_http_recs_status_no_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_status_json_type,
                              body.data, body.len);
}


/* Redis and the age of a snapshot do not matter: it can answer. */

static ngx_uint_t
ngx_http_recs_status_ready(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        if (sp[i]->current && sp[i]->kind == RECS_KIND_BASE) {
            return 1;
        }
    }

    return 0;
}
