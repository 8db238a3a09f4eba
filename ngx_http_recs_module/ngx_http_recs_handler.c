
/*
 * Copyright (C) recs authors
 *
 * GET and HEAD of an answer.  A public one is compared with the client's
 * entity tag before anything is looked up; an answer is rendered into one
 * buffer and sent in one call.
 */


#include "ngx_http_recs_handler.h"
#include "ngx_http_recs_answer.h"
#include "ngx_http_recs_batch.h"
#include "ngx_http_recs_cache.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_roam.h"


static ngx_uint_t ngx_http_recs_waits(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_respond(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_headers(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_send_answer(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_timing(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_refuse(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, ngx_http_recs_refusal_t *refusal);


static ngx_str_t  ngx_http_recs_accept_name = ngx_string("Accept");


ngx_int_t
ngx_http_recs_handler(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_recs_ctx_t      *ctx;
    ngx_http_recs_answer_t    a;
    ngx_http_recs_refusal_t   refusal;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {

        if (!ngx_http_recs_batch_path(r)) {
            return ngx_http_recs_not_allowed(r, "GET, HEAD");
        }

        if (r->method != NGX_HTTP_POST) {
            return ngx_http_recs_not_allowed(r, "POST");
        }

        return ngx_http_recs_batch(r);
    }

    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_recs_answer_init(r, &a, ctx, ngx_http_recs_clock());

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_recs_question(r, &a.question, &refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_form(r, &a.question.args, &a.form, &refusal);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_answer_prepare(r, &a, &refusal);
    }

    if (ngx_http_recs_waits(r, &a)) {
        return NGX_DONE;
    }

    if (rc == NGX_DECLINED) {

        if (ngx_http_recs_batch_path(r)) {
            return ngx_http_recs_not_allowed(r, "POST");
        }

        return ngx_http_recs_refuse(r, &a, &refusal);
    }

    if (rc != NGX_OK) {
        return (rc == NGX_ERROR) ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
    }

    return ngx_http_recs_respond(r, &a);
}


/* For a session that another edge may know, once and not for long. */

static ngx_uint_t
ngx_http_recs_waits(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    ngx_http_recs_visits_t  *visits;

    visits = a->rmcf->visits;

    if (visits == NULL || visits->ask == NULL || a->ctx->waited) {
        return 0;
    }

    a->ctx->waited = 1;

    return ngx_http_recs_roam_wait(r, visits->ask, ngx_http_recs_handler)
           == NGX_DONE;
}


static ngx_int_t
ngx_http_recs_respond(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    if (r == r->main && ngx_http_recs_headers(r, a) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!a->question.private
        && ngx_http_recs_cache_known(r, a->ctx, a->form.tag))
    {
        a->result = NGX_HTTP_RECS_NOT_MODIFIED;

        ngx_http_recs_answer_count(a);
        ngx_http_recs_answer_expose(r, a);

        return ngx_http_recs_cache_not_modified(r);
    }

    return ngx_http_recs_send_answer(r, a);
}


static ngx_int_t
ngx_http_recs_headers(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    if (a->form.negotiated
        && ngx_http_recs_header(r, "Vary", &ngx_http_recs_accept_name)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_recs_cache_headers(r, a->ctx, &a->question, a->form.tag);
}


static ngx_int_t
ngx_http_recs_send_answer(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    ngx_int_t                  rc;
    recs_str_t                 text;
    ngx_http_recs_loc_conf_t  *rlcf;

    ngx_http_recs_answer_list(a);

    if (ngx_http_recs_answer_keep(r, a) != NGX_OK
        || ngx_http_recs_answer_render(r, a, &text) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* plain JSON is what it is */

    if ((a->form.format || a->form.projected)
        && ngx_http_recs_form_write(r, &a->form, &text) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_recs_answer_count(a);

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->server_timing && ngx_http_recs_timing(r, a) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (a->form.format == NGX_HTTP_RECS_FORM_HTML) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }

    rc = ngx_http_recs_send(r, NGX_HTTP_OK,
                            ngx_http_recs_form_type(a->form.format),
                            (u_char *) text.data, text.len);

    ngx_http_recs_answer_expose(r, a);

    return rc;
}


/* Milliseconds, as the header has them (Server Timing, W3C). */

static ngx_int_t
ngx_http_recs_timing(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    u_char     *p;
    uint64_t    us;
    ngx_str_t   value;

    p = ngx_pnalloc(r->pool, sizeof("recs;dur=.000") + NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    us = a->ctx->time / 1000;

    value.data = p;
    value.len = ngx_sprintf(p, "recs;dur=%uL.%03uL", us / 1000, us % 1000)
                - p;

    return ngx_http_recs_header(r, "Server-Timing", &value);
}


static ngx_int_t
ngx_http_recs_refuse(ngx_http_request_t *r, ngx_http_recs_answer_t *a,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_answer_refuse(a, refusal);

    /* no text of ours in a page that is made of HTML */

    if (r != r->main && ngx_http_recs_form_html(r, &a->question.args)) {
        return ngx_http_recs_send(r, NGX_HTTP_OK,
                           ngx_http_recs_form_type(NGX_HTTP_RECS_FORM_HTML),
                           (u_char *) "", 0);
    }

    return ngx_http_recs_problem(r, refusal->status, refusal->code,
                                 refusal->detail, &refusal->name);
}
