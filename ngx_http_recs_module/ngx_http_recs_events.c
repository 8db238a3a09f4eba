/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_events.h"
#include "ngx_http_recs_body.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_ingest.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_snapshot.h"
#include "../core/answer/recs_answer.h"


#define NGX_HTTP_RECS_HISTORY_FRAME  64      /* bytes around the items */


/* "rest" is what follows the name of a path that ends in "/". */

typedef ngx_int_t (*ngx_http_recs_path_pt)(ngx_http_request_t *r,
    ngx_str_t *rest);

typedef struct {
    ngx_str_t               name;
    ngx_uint_t              methods;
    const char             *allow;
    ngx_http_recs_path_pt   handler;
} ngx_http_recs_path_t;


static ngx_http_recs_path_t *ngx_http_recs_events_path(ngx_http_request_t *r,
    ngx_str_t *rest);
static ngx_int_t ngx_http_recs_events_options(ngx_http_request_t *r,
    ngx_http_recs_path_t *path);
static ngx_int_t ngx_http_recs_events_one(ngx_http_request_t *r,
    ngx_str_t *rest);
static ngx_int_t ngx_http_recs_events_batch(ngx_http_request_t *r,
    ngx_str_t *rest);
static ngx_int_t ngx_http_recs_events_receive(ngx_http_request_t *r,
    ngx_http_client_body_handler_pt handler);
static void ngx_http_recs_events_one_body(ngx_http_request_t *r);
static void ngx_http_recs_events_batch_body(ngx_http_request_t *r);
static void ngx_http_recs_events_ingest(ngx_http_request_t *r,
    ngx_uint_t batch);
static ngx_int_t ngx_http_recs_events_history(ngx_http_request_t *r,
    ngx_str_t *rest);
static ngx_int_t ngx_http_recs_events_history_query(ngx_http_request_t *r,
    ngx_http_recs_view_t *view, recs_query_t *query, ngx_int_t *answered);
static ngx_int_t ngx_http_recs_events_history_send(ngx_http_request_t *r,
    ngx_http_recs_view_t *view, recs_query_t *query);


static ngx_http_recs_path_t  ngx_http_recs_paths[] = {

    { ngx_string("/activity"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_one },

    { ngx_string("/track-activity"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_one },

    { ngx_string("/batch"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_batch },

    { ngx_string("/history"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_events_history },

    { ngx_null_string, 0, NULL, NULL }
};


static ngx_str_t  ngx_http_recs_json_media = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_private = ngx_string("private, no-cache");
static ngx_str_t  ngx_http_recs_nobody = ngx_null_string;


ngx_int_t
ngx_http_recs_events_handler(ngx_http_request_t *r)
{
    ngx_str_t              rest;
    ngx_http_recs_path_t  *path;

    path = ngx_http_recs_events_path(r, &rest);

    if (path == NULL) {
        return ngx_http_recs_problem(r, NGX_HTTP_NOT_FOUND, "path-unknown",
                                     "There is nothing under this path.",
                                     &ngx_http_recs_nobody);
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_recs_events_options(r, path);
    }

    if (!(r->method & path->methods)) {
        return ngx_http_recs_not_allowed(r, path->allow);
    }

    return path->handler(r, &rest);
}


/*
 * A path below the location, or the end of the location's own name, which can
 * only be one that ends there.
 */

static ngx_http_recs_path_t *
ngx_http_recs_events_path(ngx_http_request_t *r, ngx_str_t *rest)
{
    size_t                     len;
    u_char                    *p;
    ngx_http_recs_path_t      *path;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    *rest = r->uri;

    if (clcf->exact_match) {
        for (p = rest->data + rest->len; p > rest->data; /* void */ ) {
            if (*--p == '/') {
                break;
            }
        }

        len = p - rest->data;

    } else {
        len = ngx_min(clcf->name.len, rest->len);

        if (len && clcf->name.data[clcf->name.len - 1] == '/') {
            len--;
        }
    }

    rest->data += len;
    rest->len -= len;

    for (path = ngx_http_recs_paths; path->name.len; path++) {
        len = path->name.len;

        if (rest->len < len
            || ngx_memcmp(rest->data, path->name.data, len) != 0)
        {
            continue;
        }

        if (rest->len == len || path->name.data[len - 1] == '/') {
            rest->data += len;
            rest->len -= len;
            return path;
        }
    }

    return NULL;
}


/* Headers of CORS are the operator's: add_header. */

static ngx_int_t
ngx_http_recs_events_options(ngx_http_request_t *r,
    ngx_http_recs_path_t *path)
{
    ngx_str_t  allow;

    allow.len = ngx_strlen(path->allow);
    allow.data = (u_char *) path->allow;

    if (ngx_http_recs_header(r, "Allow", &allow) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_NO_CONTENT;
}


static ngx_int_t
ngx_http_recs_events_one(ngx_http_request_t *r, ngx_str_t *rest)
{
    return ngx_http_recs_events_receive(r, ngx_http_recs_events_one_body);
}


static ngx_int_t
ngx_http_recs_events_batch(ngx_http_request_t *r, ngx_str_t *rest)
{
    return ngx_http_recs_events_receive(r, ngx_http_recs_events_batch_body);
}


static ngx_int_t
ngx_http_recs_events_receive(ngx_http_request_t *r,
    ngx_http_client_body_handler_pt handler)
{
    ngx_int_t                   rc;
    ngx_http_recs_refusal_t     refusal;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (ngx_http_recs_body_check(r, rlcf->events_max_body, &refusal)
        != NGX_OK)
    {
        return ngx_http_recs_problem(r, refusal.status, refusal.code,
                                     refusal.detail, &refusal.name);
    }

    if (rmcf->journal == NULL) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "no-journal",
                                     "There is no recs_journal to keep "
                                     "events in.", &ngx_http_recs_nobody);
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_recs_events_one_body(ngx_http_request_t *r)
{
    ngx_http_recs_events_ingest(r, 0);
}


static void
ngx_http_recs_events_batch_body(ngx_http_request_t *r)
{
    ngx_http_recs_events_ingest(r, 1);
}


static void
ngx_http_recs_events_ingest(ngx_http_request_t *r, ngx_uint_t batch)
{
    ngx_int_t                  rc;
    ngx_str_t                  body;
    ngx_http_recs_refusal_t    refusal;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    rc = ngx_http_recs_body(r, rlcf->events_max_body, &body, &refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_ingest(r, &body, batch);

    } else if (rc == NGX_DECLINED) {
        rc = ngx_http_recs_problem(r, refusal.status, refusal.code,
                                   refusal.detail, &refusal.name);
    }

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_recs_events_history(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_int_t              rc;
    recs_query_t           query;
    ngx_http_recs_view_t  *view;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    view = ngx_http_recs_view(r, NULL);

    if (view == NULL) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "no-snapshot",
                                     "There is no snapshot yet.",
                                     &ngx_http_recs_nobody);
    }

    if (ngx_http_recs_events_history_query(r, view, &query, &rc) != NGX_OK) {
        return rc;
    }

    return ngx_http_recs_events_history_send(r, view, &query);
}


/* NGX_DECLINED: the answer was another one, *answered is its code. */

static ngx_int_t
ngx_http_recs_events_history_query(ngx_http_request_t *r,
    ngx_http_recs_view_t *view, recs_query_t *query, ngx_int_t *answered)
{
    ngx_int_t                  rc;
    ngx_str_t                  name;
    const char                *err;
    ngx_http_recs_args_t       args;
    ngx_http_recs_loc_conf_t  *rlcf;

    static ngx_str_t  limit = ngx_string("limit");
    static ngx_str_t  user = ngx_string("userId");

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    rc = ngx_http_recs_args(r->pool, &r->args, &args, &name, &err);

    if (rc == NGX_ERROR) {
        *answered = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        *answered = ngx_http_recs_problem(r, NGX_HTTP_BAD_REQUEST,
                                          "argument-invalid", err, &name);
        return NGX_DECLINED;
    }

    recs_query_init(query);

    if (args.limit.data) {
        rc = ngx_http_recs_args_number(&args.limit, rlcf->limit_max);

        if (rc <= 0) {
            *answered = ngx_http_recs_problem(r, NGX_HTTP_BAD_REQUEST,
                                              "limit-invalid",
                                              "A number from 1 is expected.",
                                              &limit);
            return NGX_DECLINED;
        }

        query->limit = rc;
    }

    rc = ngx_http_recs_asker(r, &args, &view->view, query, 1);

    if (rc == NGX_HTTP_FORBIDDEN) {
        *answered = ngx_http_recs_problem(r, rc, "user-not-verified",
                                          "This user's history answers only "
                                          "to the user's own session.",
                                          &user);
        return NGX_DECLINED;
    }

    *answered = rc;

    return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_recs_events_history_send(ngx_http_request_t *r,
    ngx_http_recs_view_t *view, recs_query_t *query)
{
    size_t                      size;
    u_char                     *buf;
    recs_out_t                  out;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    size = recs_history_size(&view->view, query, rmcf->scratch)
           + NGX_HTTP_RECS_HISTORY_FRAME;

    buf = ngx_http_recs_buffer(r->pool, size);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, size);

    recs_out_lit(&out, "{\"snapshotId\":\"");
    recs_out_hex64(&out, view->base->header.id);
    recs_out_lit(&out, "\",\"items\":");
    (void) recs_history_json(&view->view, query, rmcf->scratch, &out);
    recs_out_lit(&out, "}\n");

    if (out.overflow
        || ngx_http_recs_header(r, "Cache-Control", &ngx_http_recs_private)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_json_media, buf,
                              out.pos - buf);
}
