
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_cache.h"
#include "ngx_http_recs_snapshot.h"
#include "../core/recs_out.h"


#define NGX_HTTP_RECS_ID_SIZE   16     /* of a public recommendationId */
#define NGX_HTTP_RECS_TAG_SIZE  (NGX_HTTP_RECS_ID_SIZE + 9)
#define NGX_HTTP_RECS_HOT_AGE  2       /* s, see ngx_http_recs_hot */


static ngx_int_t ngx_http_recs_cache_control(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_str_t *ngx_http_recs_cache_public(ngx_uint_t strategy);
static ngx_int_t ngx_http_recs_cache_until(ngx_http_request_t *r,
    int64_t seconds);
static ngx_int_t ngx_http_recs_cache_etag(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, uint32_t tag);
static u_char *ngx_http_recs_cache_tag(u_char *p, ngx_http_recs_ctx_t *ctx,
    uint32_t tag);


static ngx_str_t  ngx_http_recs_private = ngx_string("private, no-cache");

/* What a hot layer says may be different two seconds later. */

static ngx_str_t  ngx_http_recs_hot = ngx_string("public, max-age=2");


ngx_int_t
ngx_http_recs_cache_headers(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    const ngx_http_recs_question_t *q, uint32_t tag)
{
    int64_t     seconds;
    ngx_uint_t  strategy;

    if (q->private) {
        return ngx_http_recs_cache_control(r, &ngx_http_recs_private);
    }

    if (ngx_http_recs_cache_etag(r, ctx, tag) != NGX_OK) {
        return NGX_ERROR;
    }

    strategy = q->query.strategy;
    seconds = (q->until - q->query.now_ms) / 1000;

    if (ctx->view->view.hot && seconds > NGX_HTTP_RECS_HOT_AGE) {
        return ngx_http_recs_cache_control(r, &ngx_http_recs_hot);
    }

    if (seconds < recs_strategies[strategy].minutes * 60) {
        return ngx_http_recs_cache_until(r, seconds);
    }

    return ngx_http_recs_cache_control(r,
                                       ngx_http_recs_cache_public(strategy));
}


ngx_int_t
ngx_http_recs_cache_private(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    uint64_t id)
{
    ctx->id_len = recs_put_hex64(ctx->id, id) - ctx->id;

    if (ngx_http_recs_cache_etag(r, ctx, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_recs_cache_control(r, &ngx_http_recs_private);
}


static ngx_int_t
ngx_http_recs_cache_until(ngx_http_request_t *r, int64_t seconds)
{
    u_char     *p;
    ngx_str_t   value;

    p = ngx_pnalloc(r->pool, sizeof("public, max-age=") + NGX_INT64_LEN);

    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    value.len = ngx_sprintf(p, "public, max-age=%L", seconds) - p;

    return ngx_http_recs_cache_control(r, &value);
}


static ngx_int_t
ngx_http_recs_cache_control(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_table_elt_t  *h, **ph;

    if (ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    h = ngx_list_push(&r->headers_out.headers);
    ph = ngx_array_push(&r->headers_out.cache_control);

    if (h == NULL || ph == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    h->value = *value;

    *ph = h;

    return NGX_OK;
}


static ngx_str_t *
ngx_http_recs_cache_public(ngx_uint_t strategy)
{
    ngx_str_t  *value;

    static u_char     text[RECS_STRATEGY_MAX][sizeof("public, max-age=")
                                              + NGX_INT_T_LEN];
    static ngx_str_t  values[RECS_STRATEGY_MAX];

    value = &values[strategy];

    if (value->len == 0) {
        value->data = text[strategy];
        value->len = ngx_sprintf(value->data, "public, max-age=%ui",
                                 (ngx_uint_t) recs_strategies[strategy].minutes
                                 * 60)
                     - value->data;
    }

    return value;
}


static ngx_int_t
ngx_http_recs_cache_etag(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    uint32_t tag)
{
    u_char           *p;
    ngx_table_elt_t  *etag;

    etag = ngx_list_push(&r->headers_out.headers);
    p = ngx_pnalloc(r->pool, NGX_HTTP_RECS_TAG_SIZE + 2);

    if (etag == NULL || p == NULL) {
        return NGX_ERROR;
    }

    etag->hash = 1;
    ngx_str_set(&etag->key, "ETag");
    etag->value.data = p;

    *p++ = '"';
    p = ngx_http_recs_cache_tag(p, ctx, tag);
    *p++ = '"';

    etag->value.len = p - etag->value.data;

    r->headers_out.etag = etag;

    return NGX_OK;
}


static u_char *
ngx_http_recs_cache_tag(u_char *p, ngx_http_recs_ctx_t *ctx, uint32_t tag)
{
    p = ngx_cpymem(p, ctx->id, NGX_HTTP_RECS_ID_SIZE);

    return tag ? ngx_sprintf(p, "-%08xD", tag) : p;
}


/* Whether the client has this very list: If-None-Match, compared weakly. */

ngx_uint_t
ngx_http_recs_cache_known(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    uint32_t tag)
{
    size_t      len;
    u_char     *p, *last, *end, own[NGX_HTTP_RECS_TAG_SIZE];
    ngx_str_t  *value;

    if (r != r->main || r->headers_in.if_none_match == NULL) {
        return 0;
    }

    value = &r->headers_in.if_none_match->value;

    if (value->len == 1 && value->data[0] == '*') {
        return 1;
    }

    len = ngx_http_recs_cache_tag(own, ctx, tag) - own;

    p = value->data;
    last = p + value->len;

    while (p < last) {

        if (*p == ' ' || *p == '\t' || *p == ',') {
            p++;
            continue;
        }

        if (last - p > 2 && p[0] == 'W' && p[1] == '/') {
            p += 2;
        }

        if (*p++ != '"') {
            return 0;
        }

        end = ngx_strlchr(p, last, '"');

        if (end == NULL) {
            return 0;
        }

        if ((size_t) (end - p) == len && ngx_memcmp(p, own, len) == 0) {
            return 1;
        }

        p = end + 1;
    }

    return 0;
}


ngx_int_t
ngx_http_recs_cache_not_modified(ngx_http_request_t *r)
{
    r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
    r->headers_out.content_type.len = 0;
    r->disable_not_modified = 1;

    ngx_http_clear_content_length(r);

    return ngx_http_send_header(r);
}
