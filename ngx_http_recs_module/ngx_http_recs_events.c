/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_events.h"
#include "ngx_http_recs_analytics.h"
#include "ngx_http_recs_body.h"
#include "ngx_http_recs_erase.h"
#include "ngx_http_recs_ingest.h"
#include "ngx_http_recs_person.h"
#include "ngx_http_recs_problem.h"


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


static ngx_http_recs_path_t  ngx_http_recs_paths[] = {

    { ngx_string("/activity"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_one },

    { ngx_string("/track-activity"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_one },

    { ngx_string("/batch"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_http_recs_events_batch },

    { ngx_string("/users/"), NGX_HTTP_DELETE, "DELETE, OPTIONS",
      ngx_http_recs_erase_user },

    { ngx_string("/sessions/"), NGX_HTTP_DELETE, "DELETE, OPTIONS",
      ngx_http_recs_erase_session },

    { ngx_string("/history"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_person_history },

    { ngx_string("/user-profile/"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_person_profile },

    { ngx_string("/recommendation-performance"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_performance },

    { ngx_string("/reports"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_reports },

    { ngx_string("/reports/"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      "GET, HEAD, OPTIONS", ngx_http_recs_reports_one },

    { ngx_null_string, 0, NULL, NULL }
};


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
