
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_answer.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_click.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_visit.h"


static ngx_int_t ngx_http_recs_answer_asker(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static void ngx_http_recs_answer_id(ngx_http_recs_answer_t *a);
static void ngx_http_recs_answer_links(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);
static void ngx_http_recs_answer_head(ngx_http_recs_answer_t *a,
    recs_answer_head_t *head);


void
ngx_http_recs_answer_init(ngx_http_request_t *r, ngx_http_recs_answer_t *a,
    ngx_http_recs_ctx_t *ctx, uint64_t start)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    a->rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    a->ctx = ctx;
    a->view = NULL;
    a->canary = (rlcf->canary != NULL);
    a->start = start;

    if (a->rmcf->visits) {
        a->rmcf->visits->ask = NULL;
    }

    a->list.count = 0;
    a->list.fallback_count = 0;

    ngx_http_recs_question_init(&a->question);
}


void
ngx_http_recs_answer_missing(ngx_http_recs_refusal_t *refusal)
{
    refusal->status = NGX_HTTP_SERVICE_UNAVAILABLE;
    refusal->code = "snapshot-missing";
    refusal->detail = "There is no snapshot to answer from yet.";
    ngx_str_null(&refusal->name);
}


ngx_int_t
ngx_http_recs_answer_prepare(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t                  rc;
    ngx_http_recs_question_t  *q;

    q = &a->question;

    a->view = ngx_http_recs_view(r, &q->args);

    if (a->view == NULL) {
        ngx_http_recs_answer_missing(refusal);
        return NGX_DECLINED;
    }

    a->ctx->view = a->view;

    if (a->view->base->rules
        && ngx_http_recs_rules(r, q, a->view->base->rules) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_recs_answer_asker(r, a);

    if (rc == NGX_HTTP_FORBIDDEN) {
        refusal->status = NGX_HTTP_FORBIDDEN;
        refusal->code = "user-forbidden";
        refusal->detail = "Neither the session nor a verified identity is "
                          "that of this user.";
        ngx_str_set(&refusal->name, "userId");

        return NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_recs_answer_id(a);
    ngx_http_recs_answer_links(r, a);
    ngx_http_recs_journal_expect(a->rmcf, a->id);

    return NGX_OK;
}


/* Who asks matters to a private list, and to the journal of any list. */

static ngx_int_t
ngx_http_recs_answer_asker(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    ngx_int_t                  rc;
    ngx_http_recs_question_t  *q;
    ngx_http_recs_loc_conf_t  *rlcf;

    q = &a->question;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (!q->live && (a->rmcf->journal == NULL || !rlcf->exposures)) {
        return NGX_OK;
    }

    rc = ngx_http_recs_asker(r, &q->args, &a->view->view, &q->query, q->live);

    if (rc == NGX_HTTP_FORBIDDEN && !q->live) {
        return NGX_OK;
    }

    return rc;
}


static void
ngx_http_recs_answer_id(ngx_http_recs_answer_t *a)
{
    recs_out_t            out;
    ngx_http_recs_ctx_t  *ctx;

    ctx = a->ctx;

    recs_out_init(&out, ctx->id, sizeof(ctx->id));

    if (a->question.private) {
        a->id = ++a->rmcf->sequence;

        recs_out_hex64(&out, a->rmcf->epoch);
        recs_out_byte(&out, '-');
        recs_out_u64(&out, a->id);

    } else {
        a->id = recs_query_hash(&a->question.query, a->view->view.id);

        recs_out_hex64(&out, a->id);
    }

    ctx->id_len = out.pos - ctx->id;
}


/* Links are other bytes of the same list, and other ones tomorrow. */

static void
ngx_http_recs_answer_links(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    recs_token_t              *token;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    a->linked = (ngx_http_recs_click_links(rlcf, &a->links) == NGX_OK);

    if (!a->linked) {
        return;
    }

    token = &a->links.token;

    token->private = (a->question.private != 0);
    token->id = a->id;
    token->epoch = a->rmcf->epoch;

    ngx_http_recs_form_links(&a->form, &a->links);
}


void
ngx_http_recs_answer_list(ngx_http_recs_answer_t *a)
{
    recs_answer(&a->view->view, &a->question.query, a->rmcf->scratch,
                &a->list);

    a->result = NGX_HTTP_RECS_HIT;

    if (a->list.count == 0) {
        a->result = NGX_HTTP_RECS_EMPTY;

    } else if (a->list.fallback_count) {
        a->result = NGX_HTTP_RECS_FALLBACK;
    }
}


ngx_int_t
ngx_http_recs_answer_keep(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    size_t                size;
    ngx_http_recs_ctx_t  *ctx;

    ctx = a->ctx;
    size = a->list.count * sizeof(recs_answer_item_t);

    ctx->items = ngx_palloc(r->pool, size);
    if (ctx->items == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(ctx->items, a->list.items, size);

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_answer_render(ngx_http_request_t *r, ngx_http_recs_answer_t *a,
    recs_str_t *json)
{
    size_t       size;
    u_char      *data;
    recs_out_t   out;

    size = NGX_HTTP_RECS_BUFFER_SIZE;
    data = ngx_http_recs_buffer(r->pool, size);

    while (data) {

        recs_out_init(&out, data, size);

        if (ngx_http_recs_answer_write(a, &out) == RECS_OK) {
            json->data = data;
            json->len = out.pos - data;
            return NGX_OK;
        }

        if (size != NGX_HTTP_RECS_BUFFER_SIZE) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "recs_answer_size() is too small: %uz", size);
            return NGX_ERROR;
        }

        /* long lists and long titles: never again the same size */

        size += ngx_http_recs_answer_size(a);
        data = ngx_http_recs_buffer(r->pool, size);
    }

    return NGX_ERROR;
}


int
ngx_http_recs_answer_write(ngx_http_recs_answer_t *a, recs_out_t *out)
{
    recs_answer_head_t  head;

    ngx_http_recs_answer_head(a, &head);

    return recs_answer_json(&a->view->view, &a->question.query, &a->list,
                            &head, out);
}


size_t
ngx_http_recs_answer_size(ngx_http_recs_answer_t *a)
{
    recs_answer_head_t  head;

    ngx_http_recs_answer_head(a, &head);

    return recs_answer_size(&a->view->view, &a->list, &head);
}


static void
ngx_http_recs_answer_head(ngx_http_recs_answer_t *a, recs_answer_head_t *head)
{
    head->id.data = a->ctx->id;
    head->id.len = a->ctx->id_len;
    head->variant.data = a->question.variant.data;
    head->variant.len = a->question.variant.len;
    head->links = a->linked ? &a->links : NULL;
}


void
ngx_http_recs_answer_refuse(ngx_http_recs_answer_t *a,
    const ngx_http_recs_refusal_t *refusal)
{
    a->ctx->id_len = 0;
    a->result = (refusal->status == NGX_HTTP_SERVICE_UNAVAILABLE)
                ? NGX_HTTP_RECS_UNAVAILABLE : NGX_HTTP_RECS_REFUSED;

    ngx_http_recs_answer_count(a);
}


void
ngx_http_recs_answer_count(ngx_http_recs_answer_t *a)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = a->ctx;

    ctx->strategy = a->question.query.strategy;
    ctx->variant = a->question.variant;
    ctx->placement = a->question.args.placement;
    ctx->result = a->result;
    ctx->count = a->list.count;
    ctx->fallback = a->list.fallback_count;
    ngx_memcpy(ctx->fallbacks, a->list.fallback, sizeof(ctx->fallbacks));
    ctx->time = ngx_http_recs_clock() - a->start;
    ctx->answered = 1;

    ngx_http_recs_zone_answer(a->rmcf, ctx->strategy, a->result, ctx->time);

    if (a->canary && a->result < NGX_HTTP_RECS_REFUSED) {
        (void) ngx_atomic_fetch_add(&a->rmcf->slot->arms[ctx->arm], 1);
    }

    if (ctx->count) {
        ngx_http_recs_count(a->rmcf, NGX_HTTP_RECS_ITEMS, ctx->count);
    }
}


void
ngx_http_recs_answer_expose(ngx_http_request_t *r, ngx_http_recs_answer_t *a)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    /* a HEAD shows nothing to anybody */

    if (a->rmcf->journal == NULL || !rlcf->exposures
        || r->method == NGX_HTTP_HEAD)
    {
        return;
    }

    ngx_http_recs_journal_exposure(r, a->ctx, &a->question.query.asker,
                                   a->id, &a->list);
}


uint64_t
ngx_http_recs_clock(void)
{
    struct timespec  ts;

    /* no system call: the vDSO */

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}
