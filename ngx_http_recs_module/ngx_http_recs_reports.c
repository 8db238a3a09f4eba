
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_analytics.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_cache.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_secret.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_REPORTS_FRAME  128   /* bytes around the list */
#define NGX_HTTP_RECS_REPORTS_ROW    16    /* around a name */
#define NGX_HTTP_RECS_REPORTS_BYTE   6     /* that one may be in JSON */


/* The reports of a base and its layer, by name, without those replaced. */

typedef struct {
    const recs_cells_t  *files[2];         /* layer, base; NULL: none */
    uint32_t             next[2];
} ngx_http_recs_reports_t;


static void ngx_http_recs_reports_init(ngx_http_recs_reports_t *all,
    const recs_view_t *view);
static const recs_str_t *ngx_http_recs_reports_next(
    ngx_http_recs_reports_t *all);
static size_t ngx_http_recs_reports_size(const recs_view_t *view);
static void ngx_http_recs_reports_json(const recs_view_t *view,
    recs_out_t *out);


static ngx_str_t  ngx_http_recs_reports_type = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_reports_none = ngx_null_string;


ngx_int_t
ngx_http_recs_reports(ngx_http_request_t *r, ngx_str_t *rest)
{
    size_t                 size;
    u_char                *buf;
    ngx_int_t              rc;
    recs_out_t             out;
    ngx_http_recs_view_t  *view;

    if (ngx_http_recs_analytics_open(r, &view, &rc) != NGX_OK
        || ngx_http_recs_analytics_headers(r, view, &rc) != NGX_OK)
    {
        return rc;
    }

    size = ngx_http_recs_reports_size(&view->view);

    buf = ngx_http_recs_buffer(r->pool, size);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, size);
    ngx_http_recs_reports_json(&view->view, &out);

    return ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_reports_type,
                              buf, out.pos - buf);
}


ngx_int_t
ngx_http_recs_reports_one(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_int_t                 rc;
    ngx_uint_t                i;
    recs_str_t                name, text;
    ngx_http_recs_view_t     *view;
    ngx_http_recs_reports_t   all;

    if (ngx_http_recs_analytics_open(r, &view, &rc) != NGX_OK) {
        return rc;
    }

    name.data = rest->data;
    name.len = rest->len;

    ngx_http_recs_reports_init(&all, &view->view);

    for (i = 0; i < 2; i++) {
        if (all.files[i]
            && recs_cells_report(all.files[i], &name, &text) == RECS_OK)
        {
            break;
        }
    }

    if (i == 2) {
        return ngx_http_recs_problem(r, NGX_HTTP_NOT_FOUND, "report-unknown",
                                     "There is no report of this name.",
                                     &ngx_http_recs_reports_none);
    }

    if (ngx_http_recs_analytics_headers(r, view, &rc) != NGX_OK) {
        return rc;
    }

    /* in the map, which is there as long as the request */

    return ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_reports_type,
                              (u_char *) text.data, text.len);
}


ngx_int_t
ngx_http_recs_analytics_open(ngx_http_request_t *r,
    ngx_http_recs_view_t **view, ngx_int_t *answered)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    *answered = ngx_http_discard_request_body(r);

    if (*answered != NGX_OK) {
        return NGX_DECLINED;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (!ngx_http_recs_secret_given(r, rlcf->analytics_keys)) {
        *answered = ngx_http_recs_problem(r, NGX_HTTP_FORBIDDEN,
                                          "analytics-forbidden",
                                          "This needs a key of the shop.",
                                          &ngx_http_recs_reports_none);
        return NGX_DECLINED;
    }

    *view = ngx_http_recs_view(r, NULL);

    if (*view == NULL) {
        *answered = ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                          "no-snapshot",
                                          "There is no snapshot yet.",
                                          &ngx_http_recs_reports_none);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_analytics_headers(ngx_http_request_t *r,
    const ngx_http_recs_view_t *view, ngx_int_t *answered)
{
    uint64_t              of[4];
    ngx_http_recs_ctx_t  *ctx;

    *answered = NGX_HTTP_INTERNAL_SERVER_ERROR;

    /* in a page there are no headers of its parts */

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_recs_ctx(r);
    if (ctx == NULL) {
        return NGX_DECLINED;
    }

    of[0] = view->view.id;
    of[1] = recs_key64(r->uri.data, r->uri.len);
    of[2] = recs_key64(r->args.data, r->args.len);
    of[3] = recs_key64(NGX_HTTP_RECS_VERSION,
                       sizeof(NGX_HTTP_RECS_VERSION) - 1);

    if (ngx_http_recs_cache_private(r, ctx, recs_key64(of, sizeof(of)))
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_recs_cache_known(r, ctx, 0)) {
        *answered = ngx_http_recs_cache_not_modified(r);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_recs_reports_init(ngx_http_recs_reports_t *all,
    const recs_view_t *view)
{
    const recs_cells_t  *base;

    base = &view->base->cells;

    all->files[0] = recs_cells_layer(base, view->hot ? &view->hot->hot->cells
                                                     : NULL);
    all->files[1] = base;
    all->next[0] = all->next[1] = 0;
}


/* The next name of both, in order, once; NULL: there are no more. */

static const recs_str_t *
ngx_http_recs_reports_next(ngx_http_recs_reports_t *all)
{
    ngx_int_t           order;
    ngx_uint_t          i;
    const recs_str_t   *names[2];

    for (i = 0; i < 2; i++) {
        names[i] = (all->files[i]
                    && all->next[i] < all->files[i]->report_count)
                   ? &all->files[i]->reports[all->next[i]].name : NULL;
    }

    if (names[0] == NULL || names[1] == NULL) {
        i = (names[0] == NULL);
        all->next[i] += (names[i] != NULL);
        return names[i];
    }

    order = ngx_memn2cmp((u_char *) names[0]->data, (u_char *) names[1]->data,
                         names[0]->len, names[1]->len);

    all->next[0] += (order <= 0);
    all->next[1] += (order >= 0);

    return names[order > 0];
}


static size_t
ngx_http_recs_reports_size(const recs_view_t *view)
{
    size_t                    size;
    const recs_str_t         *name;
    ngx_http_recs_reports_t   all;

    ngx_http_recs_reports_init(&all, view);
    size = NGX_HTTP_RECS_REPORTS_FRAME;

    while ((name = ngx_http_recs_reports_next(&all)) != NULL) {
        size += NGX_HTTP_RECS_REPORTS_ROW
                + name->len * NGX_HTTP_RECS_REPORTS_BYTE;
    }

    return size;
}


static void
ngx_http_recs_reports_json(const recs_view_t *view, recs_out_t *out)
{
    ngx_uint_t                n;
    const recs_str_t         *name;
    ngx_http_recs_reports_t   all;

    recs_out_byte(out, '{');
    ngx_http_recs_view_ids(view, out);
    recs_out_lit(out, ",\"reports\":[");
    ngx_http_recs_reports_init(&all, view);

    for (n = 0; (name = ngx_http_recs_reports_next(&all)) != NULL; n++) {
        if (n) {
            recs_out_byte(out, ',');
        }

        recs_out_lit(out, "{\"name\":\"");
        recs_out_json(out, name->data, name->len);
        recs_out_lit(out, "\"}");
    }

    recs_out_lit(out, "]}\n");
}
