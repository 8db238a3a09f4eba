
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_handler.h"
#include "ngx_http_recs_list.h"
#include "ngx_http_recs_snapshot.h"
#include "../core/recs_out.h"


static ngx_int_t ngx_http_recs_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_number_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_fallback_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_snapshot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_items_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_hot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_http_recs_ctx_t *ngx_http_recs_variable_ctx(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_variable_none(ngx_http_variable_value_t *v);
static void ngx_http_recs_variable_set(ngx_http_variable_value_t *v,
    u_char *data, size_t len);


#define NGX_HTTP_RECS_VAR_STATUS    0
#define NGX_HTTP_RECS_VAR_TYPE      1
#define NGX_HTTP_RECS_VAR_ID        2
#define NGX_HTTP_RECS_VAR_VARIANT   3
#define NGX_HTTP_RECS_VAR_ALGORITHM 4
#define NGX_HTTP_RECS_VAR_REASON    5

#define NGX_HTTP_RECS_VAR_COUNT     0
#define NGX_HTTP_RECS_VAR_ACCEPTED  1
#define NGX_HTTP_RECS_VAR_REJECTED  2

#define NGX_HTTP_RECS_VAR_SNAPSHOT  0
#define NGX_HTTP_RECS_VAR_AGE       1

#define NGX_HTTP_RECS_VAR_ALL       RECS_LIMIT_MAX
#define NGX_HTTP_RECS_VAR_FIRST     1


static ngx_http_variable_t  ngx_http_recs_vars[] = {

    { ngx_string("recs_status"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_STATUS, 0, 0 },

    { ngx_string("recs_type"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_TYPE, 0, 0 },

    { ngx_string("recs_id"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_ID, 0, 0 },

    { ngx_string("recs_variant"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_VARIANT, 0, 0 },

    { ngx_string("recs_algorithm"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_ALGORITHM, 0, 0 },

    { ngx_string("recs_reason"), NULL,
      ngx_http_recs_text_variable, NGX_HTTP_RECS_VAR_REASON, 0, 0 },

    { ngx_string("recs_items"), NULL,
      ngx_http_recs_items_variable, NGX_HTTP_RECS_VAR_ALL, 0, 0 },

    { ngx_string("recs_first"), NULL,
      ngx_http_recs_items_variable, NGX_HTTP_RECS_VAR_FIRST, 0, 0 },

    { ngx_string("recs_hot"), NULL,
      ngx_http_recs_hot_variable, 0, 0, 0 },

    { ngx_string("recs_count"), NULL,
      ngx_http_recs_number_variable, NGX_HTTP_RECS_VAR_COUNT, 0, 0 },

    { ngx_string("recs_events_accepted"), NULL,
      ngx_http_recs_number_variable, NGX_HTTP_RECS_VAR_ACCEPTED, 0, 0 },

    { ngx_string("recs_events_rejected"), NULL,
      ngx_http_recs_number_variable, NGX_HTTP_RECS_VAR_REJECTED, 0, 0 },

    { ngx_string("recs_fallback"), NULL,
      ngx_http_recs_fallback_variable, 0, 0, 0 },

    { ngx_string("recs_lookup_time"), NULL,
      ngx_http_recs_time_variable, 0, 0, 0 },

    { ngx_string("recs_snapshot"), NULL,
      ngx_http_recs_snapshot_variable, NGX_HTTP_RECS_VAR_SNAPSHOT, 0, 0 },

    { ngx_string("recs_snapshot_age"), NULL,
      ngx_http_recs_snapshot_variable, NGX_HTTP_RECS_VAR_AGE, 0, 0 },

    ngx_http_null_variable
};


ngx_http_recs_ctx_t *
ngx_http_recs_ctx(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);

    if (ctx) {
        return ctx;
    }

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_recs_module);

    if (ctx == NULL) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_ctx_t));
        if (ctx == NULL) {
            return NULL;
        }

        ngx_http_set_ctx(r->main, ctx, ngx_http_recs_module);
    }

    ngx_http_set_ctx(r, ctx, ngx_http_recs_module);

    return ctx;
}


static ngx_int_t
ngx_http_recs_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t            *result;
    const recs_str_t     *name;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_variable_ctx(r);

    if (ctx == NULL) {
        return ngx_http_recs_variable_none(v);
    }

    switch (data) {

    case NGX_HTTP_RECS_VAR_STATUS:
        result = &ngx_http_recs_results[ctx->result];
        ngx_http_recs_variable_set(v, result->data, result->len);
        break;

    case NGX_HTTP_RECS_VAR_TYPE:
    case NGX_HTTP_RECS_VAR_ALGORITHM:
        if (ctx->strategy >= RECS_STRATEGY_MAX) {
            return ngx_http_recs_variable_none(v);
        }

        name = (data == NGX_HTTP_RECS_VAR_TYPE)
               ? &recs_strategies[ctx->strategy].name
               : &recs_strategies[ctx->strategy].algorithm;
        ngx_http_recs_variable_set(v, (u_char *) name->data, name->len);
        break;

    case NGX_HTTP_RECS_VAR_REASON:
        if (ctx->count == 0 || ctx->items == NULL) {
            return ngx_http_recs_variable_none(v);
        }

        name = recs_answer_reason(&ctx->items[0]);
        ngx_http_recs_variable_set(v, (u_char *) name->data, name->len);
        break;

    case NGX_HTTP_RECS_VAR_ID:
        ngx_http_recs_variable_set(v, ctx->id, ctx->id_len);
        break;

    default: /* NGX_HTTP_RECS_VAR_VARIANT */
        ngx_http_recs_variable_set(v, ctx->variant.data, ctx->variant.len);
        break;
    }

    return v->len ? NGX_OK : ngx_http_recs_variable_none(v);
}


static ngx_int_t
ngx_http_recs_number_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char               *p;
    ngx_uint_t            n;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);

    if (ctx == NULL
        || (data == NGX_HTTP_RECS_VAR_COUNT
            ? !ctx->answered : ctx->accepted + ctx->rejected == 0))
    {
        return ngx_http_recs_variable_none(v);
    }

    n = (data == NGX_HTTP_RECS_VAR_COUNT) ? ctx->count
        : (data == NGX_HTTP_RECS_VAR_ACCEPTED) ? ctx->accepted
        : ctx->rejected;

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_http_recs_variable_set(v, p, ngx_sprintf(p, "%ui", n) - p);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_fallback_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    size_t                len;
    u_char               *p, *last;
    ngx_uint_t            i;
    const recs_str_t     *name;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_variable_ctx(r);

    if (ctx == NULL || ctx->fallback == 0) {
        return ngx_http_recs_variable_none(v);
    }

    len = 0;

    for (i = 0; i < ctx->fallback; i++) {
        len += recs_strategies[ctx->fallbacks[i]].name.len + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = p;

    for (i = 0; i < ctx->fallback; i++) {
        if (i) {
            *last++ = ',';
        }

        name = &recs_strategies[ctx->fallbacks[i]].name;
        last = ngx_cpymem(last, name->data, name->len);
    }

    ngx_http_recs_variable_set(v, p, last - p);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_items_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t             text;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_variable_ctx(r);

    if (ctx == NULL || ctx->count == 0 || ctx->items == NULL) {
        return ngx_http_recs_variable_none(v);
    }

    if (ngx_http_recs_list_ids(r->pool, ctx->view->base, ctx->items,
                               ngx_min(ctx->count, data), &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_recs_variable_set(v, text.data, text.len);

    return NGX_OK;
}


/* Empty where the answer is of a base alone. */

static ngx_int_t
ngx_http_recs_hot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char               *p;
    recs_out_t            out;
    const recs_hot_t     *hot;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_variable_ctx(r);

    if (ctx == NULL || ctx->view == NULL) {
        return ngx_http_recs_variable_none(v);
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    recs_out_init(&out, p, NGX_INT64_LEN);
    hot = ctx->view->view.hot;

    if (hot) {
        recs_out_hex64(&out, hot->hot->header.id);
    }

    ngx_http_recs_variable_set(v, p, out.pos - p);

    return NGX_OK;
}


/* Seconds with six decimals: $request_time has only three. */

static ngx_int_t
ngx_http_recs_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char               *p;
    uint64_t              us;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_variable_ctx(r);

    if (ctx == NULL) {
        return ngx_http_recs_variable_none(v);
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(".000000"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    us = ctx->time / 1000;

    ngx_http_recs_variable_set(v, p,
                               ngx_sprintf(p, "%uL.%06uL", us / 1000000,
                                           us % 1000000)
                               - p);

    return NGX_OK;
}


/* Of the answer, or, in a page that lists nothing, of what would be used. */

static ngx_int_t
ngx_http_recs_snapshot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                    *p;
    int64_t                    age;
    recs_out_t                 out;
    ngx_time_t                *tp;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_view_t      *view;
    ngx_http_recs_loc_conf_t  *rlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);
    view = ctx ? ctx->view : NULL;

    if (view == NULL) {
        rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
        view = rlcf->stack ? rlcf->stack->base->current : NULL;
    }

    if (view == NULL) {
        return ngx_http_recs_variable_none(v);
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    recs_out_init(&out, p, NGX_INT64_LEN);

    if (data == NGX_HTTP_RECS_VAR_SNAPSHOT) {
        recs_out_hex64(&out, view->base->header.id);

    } else {
        tp = ngx_timeofday();
        age = (int64_t) tp->sec - view->base->header.now_ms / 1000;
        recs_out_i64(&out, ngx_max(age, 0));
    }

    ngx_http_recs_variable_set(v, p, out.pos - p);

    return NGX_OK;
}


static ngx_http_recs_ctx_t *
ngx_http_recs_variable_ctx(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);

    return (ctx && ctx->answered) ? ctx : NULL;
}


/* Not yet: asked for again, it may be there. */

static ngx_int_t
ngx_http_recs_variable_none(ngx_http_variable_value_t *v)
{
    v->valid = 0;
    v->no_cacheable = 1;
    v->not_found = 1;

    return NGX_OK;
}


static void
ngx_http_recs_variable_set(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = data;
    v->len = len;
}


ngx_int_t
ngx_http_recs_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_recs_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
