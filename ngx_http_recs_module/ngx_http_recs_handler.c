
/*
 * Copyright (C) recs authors
 *
 * GET and HEAD of an answer.  A public one is compared with the client's
 * entity tag before anything is looked up; an answer is rendered into one
 * buffer and sent in one call.
 */


#include "ngx_http_recs_handler.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_cache.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_question.h"
#include "ngx_http_recs_snapshot.h"


/* A request on its way to an answer. */

typedef struct {
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_http_recs_ctx_t        *ctx;
    ngx_uint_t                  canary;    /* there is one */
    uint64_t                    start;     /* ns */
    uint64_t                    id;        /* hash, or sequence */
    ngx_http_recs_question_t    question;
    recs_answer_t               answer;
} ngx_http_recs_request_t;


static ngx_int_t ngx_http_recs_answer(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view);
static ngx_int_t ngx_http_recs_answer_send(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view);
static u_char *ngx_http_recs_answer_render(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view, size_t *len);
static ngx_int_t ngx_http_recs_answer_asker(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view);
static void ngx_http_recs_answer_id(ngx_http_recs_request_t *rr,
    ngx_http_recs_view_t *view);
static void ngx_http_recs_answer_count(ngx_http_recs_request_t *rr,
    ngx_uint_t result);
static void ngx_http_recs_answer_expose(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view);
static ngx_int_t ngx_http_recs_refuse(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_refusal_t *refusal);
static uint64_t ngx_http_recs_clock(void);


static ngx_str_t  ngx_http_recs_json = ngx_string("application/json");


ngx_int_t
ngx_http_recs_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_recs_view_t      *view;
    ngx_http_recs_refusal_t    refusal;
    ngx_http_recs_request_t    rr;
    ngx_http_recs_loc_conf_t  *rlcf;

    rr.start = ngx_http_recs_clock();

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_recs_not_allowed(r, "GET, HEAD");
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    rr.rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    rr.ctx = ngx_http_recs_ctx(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rr.canary = (rlcf->canary != NULL);
    rr.answer.count = 0;
    rr.answer.fallback_count = 0;

    if (rr.ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_recs_question(r, &rr.question, &refusal);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_recs_refuse(r, &rr, &refusal);
    }

    view = ngx_http_recs_view(r, &rr.question.args);

    if (view == NULL) {
        refusal.status = NGX_HTTP_SERVICE_UNAVAILABLE;
        refusal.code = "snapshot-missing";
        refusal.detail = "There is no snapshot to answer from yet.";
        ngx_str_null(&refusal.name);

        return ngx_http_recs_refuse(r, &rr, &refusal);
    }

    return ngx_http_recs_answer(r, &rr, view);
}


static ngx_int_t
ngx_http_recs_answer(ngx_http_request_t *r, ngx_http_recs_request_t *rr,
    ngx_http_recs_view_t *view)
{
    ngx_int_t                rc;
    ngx_http_recs_refusal_t  refusal;

    if (view->base->rules
        && ngx_http_recs_rules(r, &rr->question, view->base->rules) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_recs_answer_asker(r, rr, view);

    if (rc == NGX_HTTP_FORBIDDEN) {
        refusal.status = NGX_HTTP_FORBIDDEN;
        refusal.code = "user-forbidden";
        refusal.detail = "Neither the session nor a verified identity is "
                         "that of this user.";
        ngx_str_set(&refusal.name, "userId");

        return ngx_http_recs_refuse(r, rr, &refusal);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_recs_answer_id(rr, view);
    ngx_http_recs_journal_expect(rr->rmcf, rr->id);

    if (r == r->main
        && ngx_http_recs_cache_headers(r, rr->ctx, &rr->question)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!rr->question.private && ngx_http_recs_cache_known(r, rr->ctx)) {
        ngx_http_recs_answer_count(rr, NGX_HTTP_RECS_NOT_MODIFIED);
        ngx_http_recs_answer_expose(r, rr, view);

        return ngx_http_recs_cache_not_modified(r);
    }

    return ngx_http_recs_answer_send(r, rr, view);
}


static ngx_int_t
ngx_http_recs_answer_send(ngx_http_request_t *r, ngx_http_recs_request_t *rr,
    ngx_http_recs_view_t *view)
{
    size_t       len;
    u_char      *data;
    ngx_int_t    rc;
    ngx_uint_t   result;

    recs_answer(&view->view, &rr->question.query, rr->rmcf->scratch,
                &rr->answer);

    data = ngx_http_recs_answer_render(r, rr, view, &len);

    if (data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    result = NGX_HTTP_RECS_HIT;

    if (rr->answer.count == 0) {
        result = NGX_HTTP_RECS_EMPTY;

    } else if (rr->answer.fallback_count) {
        result = NGX_HTTP_RECS_FALLBACK;
    }

    ngx_http_recs_answer_count(rr, result);

    rc = ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_json, data, len);

    ngx_http_recs_answer_expose(r, rr, view);

    return rc;
}


static u_char *
ngx_http_recs_answer_render(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view, size_t *len)
{
    size_t               size;
    u_char              *data;
    recs_out_t           out;
    recs_answer_head_t   head;

    head.id.data = rr->ctx->id;
    head.id.len = rr->ctx->id_len;
    head.variant.data = rr->question.variant.data;
    head.variant.len = rr->question.variant.len;

    size = NGX_HTTP_RECS_BUFFER_SIZE;
    data = ngx_http_recs_buffer(r->pool, size);

    while (data) {

        recs_out_init(&out, data, size);

        if (recs_answer_json(&view->view, &rr->question.query, &rr->answer,
                             &head, &out)
            == RECS_OK)
        {
            *len = out.pos - data;
            return data;
        }

        if (size != NGX_HTTP_RECS_BUFFER_SIZE) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "recs_answer_size() is too small: %uz", size);
            return NULL;
        }

        /* long lists and long titles: never again the same size */

        size += recs_answer_size(&view->view, &rr->answer);
        data = ngx_http_recs_buffer(r->pool, size);
    }

    return NULL;
}


/* Who asks matters to a private list, and to the journal of any list. */

static ngx_int_t
ngx_http_recs_answer_asker(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view)
{
    ngx_int_t                  rc;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (!rr->question.live && (rr->rmcf->journal == NULL || !rlcf->exposures)) {
        return NGX_OK;
    }

    rc = ngx_http_recs_asker(r, &rr->question.args, &view->view,
                             &rr->question.query, rr->question.live);

    if (rc == NGX_HTTP_FORBIDDEN && !rr->question.live) {
        return NGX_OK;
    }

    return rc;
}


static void
ngx_http_recs_answer_id(ngx_http_recs_request_t *rr,
    ngx_http_recs_view_t *view)
{
    recs_out_t            out;
    ngx_http_recs_ctx_t  *ctx;

    ctx = rr->ctx;

    recs_out_init(&out, ctx->id, sizeof(ctx->id));

    if (rr->question.private) {
        rr->id = ++rr->rmcf->sequence;

        recs_out_hex64(&out, rr->rmcf->epoch);
        recs_out_byte(&out, '-');
        recs_out_u64(&out, rr->id);

    } else {
        rr->id = recs_query_hash(&rr->question.query, view->view.id);

        recs_out_hex64(&out, rr->id);
    }

    ctx->id_len = out.pos - ctx->id;
}


static void
ngx_http_recs_answer_count(ngx_http_recs_request_t *rr, ngx_uint_t result)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = rr->ctx;

    ctx->strategy = rr->question.query.strategy;
    ctx->variant = rr->question.variant;
    ctx->result = result;
    ctx->count = rr->answer.count;
    ctx->fallback = rr->answer.fallback_count;
    ngx_memcpy(ctx->fallbacks, rr->answer.fallback, sizeof(ctx->fallbacks));
    ctx->time = ngx_http_recs_clock() - rr->start;
    ctx->answered = 1;

    ngx_http_recs_zone_answer(rr->rmcf, ctx->strategy, result, ctx->time);

    if (rr->canary && result < NGX_HTTP_RECS_REFUSED) {
        (void) ngx_atomic_fetch_add(&rr->rmcf->slot->arms[ctx->arm], 1);
    }

    if (ctx->count) {
        ngx_http_recs_count(rr->rmcf, NGX_HTTP_RECS_ITEMS, ctx->count);
    }
}


static void
ngx_http_recs_answer_expose(ngx_http_request_t *r,
    ngx_http_recs_request_t *rr, ngx_http_recs_view_t *view)
{
    uint64_t                   keys[RECS_LIMIT_MAX];
    ngx_uint_t                 i;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    /* a HEAD shows nothing to anybody */

    if (rr->rmcf->journal == NULL || !rlcf->exposures
        || r->method == NGX_HTTP_HEAD)
    {
        return;
    }

    for (i = 0; i < rr->answer.count; i++) {
        keys[i] = recs_column(view->base, RECS_COLUMN_KEY64, uint64_t,
                              rr->answer.items[i].item);
    }

    ngx_http_recs_journal_exposure(r, rr->ctx, &rr->question.query.asker,
                                   rr->id, keys, rr->answer.count);
}


static ngx_int_t
ngx_http_recs_refuse(ngx_http_request_t *r, ngx_http_recs_request_t *rr,
    ngx_http_recs_refusal_t *refusal)
{
    rr->ctx->id_len = 0;

    ngx_http_recs_answer_count(rr,
                           refusal->status == NGX_HTTP_SERVICE_UNAVAILABLE
                           ? NGX_HTTP_RECS_UNAVAILABLE
                           : NGX_HTTP_RECS_REFUSED);

    return ngx_http_recs_problem(r, refusal->status, refusal->code,
                                 refusal->detail, &refusal->name);
}


static uint64_t
ngx_http_recs_clock(void)
{
    struct timespec  ts;

    /* no system call: the vDSO */

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}
