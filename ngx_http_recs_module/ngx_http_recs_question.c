
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_question.h"
#include "../core/recs_hash.h"


#define ngx_http_recs_refuse(refusal, status_, code_, detail_, name_)        \
    ngx_http_recs_question_refuse(refusal, status_, code_, detail_,          \
                                  (u_char *) name_, sizeof(name_) - 1)

#define NGX_HTTP_RECS_VARIANT_MAX    64
#define NGX_HTTP_RECS_PLACEMENT_MAX  64


static ngx_int_t ngx_http_recs_question_strategy(ngx_http_recs_question_t *q,
    ngx_str_t *path, ngx_str_t *product, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_type(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_range(ngx_http_recs_loc_conf_t *rlcf,
    ngx_http_recs_question_t *q, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_rails(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_subject(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, ngx_str_t *product,
    ngx_http_recs_refusal_t *refusal);
static ngx_uint_t ngx_http_recs_question_own(ngx_http_request_t *r,
    ngx_http_recs_question_t *q);
static ngx_int_t ngx_http_recs_question_lists(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_layer(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_uint_t ngx_http_recs_question_word(const ngx_str_t *value,
    const char *one, const char *other);
static ngx_int_t ngx_http_recs_question_variant(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_question_refuse(
    ngx_http_recs_refusal_t *refusal, ngx_uint_t status, const char *code,
    const char *detail, u_char *name, size_t len);


ngx_int_t
ngx_http_recs_question(ngx_http_request_t *r, ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t  rc;
    ngx_str_t  path, product;

    rc = ngx_http_recs_question_args(r->pool, &r->args, q, refusal);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_recs_question_path(r, &path, &product) != NGX_OK) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_NOT_FOUND, "not-found",
                                    "There is nothing at this path.", "");
    }

    return ngx_http_recs_question_of(r, q, &path, &product, refusal);
}


void
ngx_http_recs_question_init(ngx_http_recs_question_t *q)
{
    recs_query_init(&q->query);
    q->until = INT64_MAX;
    q->live = 0;
    ngx_str_null(&q->variant);
}


ngx_int_t
ngx_http_recs_question_args(ngx_pool_t *pool, const ngx_str_t *text,
    ngx_http_recs_question_t *q, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t    rc;
    const char  *err;

    rc = ngx_http_recs_args(pool, text, &q->args, &refusal->name, &err);

    if (rc == NGX_DECLINED) {
        refusal->status = NGX_HTTP_BAD_REQUEST;
        refusal->code = "argument-invalid";
        refusal->detail = err;
    }

    return rc;
}


ngx_int_t
ngx_http_recs_question_of(ngx_http_request_t *r, ngx_http_recs_question_t *q,
    ngx_str_t *path, ngx_str_t *product, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t                  rc;
    ngx_time_t                *tp;
    ngx_http_recs_loc_conf_t  *rlcf;

    rc = ngx_http_recs_question_strategy(q, path, product, refusal);

    if (rc != NGX_OK) {
        return rc;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (ngx_http_recs_question_range(rlcf, q, refusal) != NGX_OK
        || ngx_http_recs_question_subject(r, q, product, refusal) != NGX_OK
        || ngx_http_recs_question_lists(q, refusal) != NGX_OK
        || ngx_http_recs_question_layer(q, refusal) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    rc = ngx_http_recs_question_variant(r, rlcf, q, refusal);

    if (rc != NGX_OK) {
        return rc;
    }

    if (rlcf->weights) {
        q->query.weighted = 1;
        ngx_memcpy(q->query.weights, rlcf->weights->elts,
                   sizeof(q->query.weights));
    }

    q->query.low_stock = rlcf->low_stock;

    /* whose snapshot is not in the URL must not end up in a shared cache */

    if (rlcf->canary && q->args.snapshot.len == 0) {
        q->private = 1;
    }

    tp = ngx_timeofday();
    q->query.now_ms = (int64_t) tp->sec * 1000 + tp->msec;

    if (recs_strategies[q->query.strategy].depends & RECS_DEPENDS_PRIVATE) {
        q->live = 1;
    }

    if (q->live) {
        q->private = 1;
    }

    return ngx_http_recs_filter(r, q, refusal);
}


ngx_int_t
ngx_http_recs_question_path(ngx_http_request_t *r, ngx_str_t *path,
    ngx_str_t *product)
{
    u_char                    *p, *last;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_str_null(path);
    ngx_str_null(product);

    if (r->uri.len < clcf->name.len
        || ngx_memcmp(r->uri.data, clcf->name.data, clcf->name.len) != 0)
    {
        return NGX_DECLINED;
    }

    p = r->uri.data + clcf->name.len;
    last = r->uri.data + r->uri.len;

    if (p == last) {
        return NGX_OK;
    }

    if (p[-1] != '/' && *p++ != '/') {
        return NGX_DECLINED;
    }

    path->data = p;

    while (p < last && *p != '/') {
        p++;
    }

    path->len = p - path->data;

    if (p == last) {
        return NGX_OK;
    }

    /* an id may have slashes in it */

    product->data = p + 1;
    product->len = last - product->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_question_strategy(ngx_http_recs_question_t *q, ngx_str_t *path,
    ngx_str_t *product, ngx_http_recs_refusal_t *refusal)
{
    recs_str_t             name;
    ngx_int_t              rc;
    ngx_uint_t             s;
    const recs_strategy_t *strategy;

    s = RECS_STRATEGY_MAX;

    if (path->len) {
        name.len = path->len;
        name.data = path->data;

        s = recs_strategy_find_path(&name);

        if (s >= RECS_CATALOGUE) {
            goto not_found;
        }

    } else if (product->data) {
        goto not_found;
    }

    q->query.strategy = s;

    if (q->args.type.len || s == RECS_STRATEGY_MAX) {

        rc = ngx_http_recs_question_type(q, refusal);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    strategy = &recs_strategies[q->query.strategy];

    if (product->data && !(strategy->needs & RECS_TAKES_A_PRODUCT)) {
        q->query.strategy = RECS_STRATEGY_MAX;
        goto not_found;
    }

    return NGX_OK;

not_found:

    return ngx_http_recs_refuse(refusal, NGX_HTTP_NOT_FOUND, "not-found",
                                "There is nothing at this path.", "");
}


static ngx_int_t
ngx_http_recs_question_type(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_uint_t  s;
    recs_str_t  name;

    if (q->args.type.len == 0) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "type-missing",
                                    "Say which list: a type is needed.",
                                    "type");
    }

    name.len = q->args.type.len;
    name.data = q->args.type.data;

    s = recs_strategy_find(&name);

    if (s >= RECS_CATALOGUE) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "type-unknown",
                                    "There is no list of this type.", "type");
    }

    if (q->query.strategy != RECS_STRATEGY_MAX && q->query.strategy != s) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "type-invalid",
                                    "The type is not that of the path.",
                                    "type");
    }

    q->query.strategy = s;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_question_range(ngx_http_recs_loc_conf_t *rlcf,
    ngx_http_recs_question_t *q, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t   n;
    ngx_uint_t  limit;

    limit = recs_strategies[q->query.strategy].limit;
    q->query.limit = limit ? ngx_min(limit, rlcf->limit) : rlcf->limit;

    if (q->args.limit.data) {
        n = ngx_http_recs_args_number(&q->args.limit, rlcf->limit_max);

        if (n <= 0) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "limit-invalid",
                                        "The limit is no number from 1 on.",
                                        "limit");
        }

        q->query.limit = n;
    }

    if (q->args.offset.data) {
        n = ngx_http_recs_args_number(&q->args.offset, RECS_OFFSET_MAX + 1);

        if (n < 0 || n > RECS_OFFSET_MAX) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "offset-invalid",
                                        "The offset is no number from 0 to "
                                        "1000.", "offset");
        }

        q->query.offset = n;
    }

    return ngx_http_recs_question_rails(q, refusal);
}


static ngx_int_t
ngx_http_recs_question_rails(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t  n, most;

    if (recs_strategies[q->query.strategy].page == NULL) {
        return NGX_OK;
    }

    most = RECS_LIMIT_MAX / q->query.limit;
    most = ngx_min(most, RECS_RAILS_MAX);
    n = ngx_min(most, RECS_RAILS_DEFAULT);

    if (q->args.rails.data) {
        n = ngx_http_recs_args_number(&q->args.rails, most + 1);

        if (n <= 0 || n > most) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "rails-invalid",
                                        "Not a number of rails from 1 to 20, "
                                        "or more than 100 items in all.",
                                        "rails");
        }
    }

    q->query.rails = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_question_subject(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, ngx_str_t *product,
    ngx_http_recs_refusal_t *refusal)
{
    const char             *err;
    const recs_strategy_t  *strategy;
    ngx_http_recs_args_t   *args;

    args = &q->args;
    strategy = &recs_strategies[q->query.strategy];

    if (product->len == 0) {
        *product = args->product_id;

    } else if (args->product_id.len
               || ngx_http_recs_args_text(product, &err) != NGX_OK)
    {
        goto invalid;
    }

    if (product->len > RECS_ID_MAX) {
        goto invalid;
    }

    if (product->len) {

        /* what changes no list must not make another question of it */

        if (strategy->needs & RECS_TAKES_A_PRODUCT) {
            q->query.product = recs_key64(product->data, product->len);
        }

    } else if ((strategy->needs & RECS_NEEDS_A_PRODUCT)
               || ((strategy->needs & RECS_NEEDS_PRODUCT_OR_CART)
                   && args->cart.len == 0
                   && !ngx_http_recs_question_own(r, q)))
    {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "product-missing",
                                    "This list needs a product.",
                                    "productId");
    }

    /* who looks at no history looks at no search */

    if (strategy->depends & RECS_DEPENDS_USER) {
        q->query.search = recs_key64_search(args->query.data,
                                            args->query.len);
    }

    if (args->category_id.len > RECS_ID_MAX) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "category-invalid",
                                    "The category id is too long.",
                                    "categoryId");
    }

    if (args->category_id.len) {
        q->query.category = recs_key64(args->category_id.data,
                                       args->category_id.len);

    } else if (strategy->needs & RECS_NEEDS_A_CATEGORY) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "category-missing",
                                    "This list needs a category.",
                                    "categoryId");
    }

    return NGX_OK;

invalid:

    return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                "product-invalid",
                                "The product id is not valid, or there are "
                                "two of them.", "productId");
}


/* A list for a cart without one is for the cart of the live session. */

static ngx_uint_t
ngx_http_recs_question_own(ngx_http_request_t *r, ngx_http_recs_question_t *q)
{
    ngx_str_t  session;

    if (ngx_http_recs_session(r, &q->args, &session) == NGX_OK && session.len)
    {
        q->live = 1;
    }

    return q->live;
}


static ngx_int_t
ngx_http_recs_question_lists(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    recs_str_t             value;
    ngx_http_recs_args_t  *args;

    args = &q->args;

    if (args->exclude.len) {
        value.len = args->exclude.len;
        value.data = args->exclude.data;

        if (recs_query_exclude(&q->query, &value) != RECS_OK) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "exclude-invalid",
                                        "Not a list of at most 100 ids.",
                                        "exclude");
        }
    }

    if (args->cart.len) {
        value.len = args->cart.len;
        value.data = args->cart.data;

        if (recs_query_cart(&q->query, &value) != RECS_OK) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "cart-invalid",
                                        "Not a list of at most 50 ids.",
                                        "cart");
        }
    }

    if (args->user_id.len > RECS_ID_MAX) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "user-invalid",
                                    "The user id is too long.", "userId");
    }

    if (args->session_id.len > RECS_ID_MAX) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "session-invalid",
                                    "The session id is too long.",
                                    "sessionId");
    }

    /* it is told of the answer, and changes nothing about it */

    if (args->placement.len > NGX_HTTP_RECS_PLACEMENT_MAX) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "placement-invalid",
                                    "The placement is too long.",
                                    "placement");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_question_layer(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    if (!ngx_http_recs_question_word(&q->args.layer, "hot", "base")) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "layer-invalid",
                                    "The layer is \"hot\" or \"base\".",
                                    "layer");
    }

    if (!ngx_http_recs_question_word(&q->args.snapshot, "base", "canary")) {
        return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                    "snapshot-invalid",
                                    "The snapshot is \"base\" or "
                                    "\"canary\".",
                                    "snapshot");
    }

    return NGX_OK;
}


/* One of two words, or nothing. */

static ngx_uint_t
ngx_http_recs_question_word(const ngx_str_t *value, const char *one,
    const char *other)
{
    return value->len == 0
           || (value->len == ngx_strlen(one)
               && ngx_memcmp(value->data, one, value->len) == 0)
           || (value->len == ngx_strlen(other)
               && ngx_memcmp(value->data, other, value->len) == 0);
}


/* A variant that is not in the URL must not end up in a shared cache. */

static ngx_int_t
ngx_http_recs_question_variant(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    q->private = 0;

    if (rlcf->variant) {

        if (ngx_http_complex_value(r, rlcf->variant, &q->variant) != NGX_OK) {
            return NGX_ERROR;
        }

        q->private = 1;

    } else {
        q->variant = q->args.variant;
    }

    if (q->variant.len > NGX_HTTP_RECS_VARIANT_MAX) {

        if (!rlcf->variant) {
            return ngx_http_recs_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                        "variant-invalid",
                                        "The variant is too long.",
                                        "variant");
        }

        q->variant.len = NGX_HTTP_RECS_VARIANT_MAX;
    }

    if (q->variant.len) {
        q->query.variant = recs_key64(q->variant.data, q->variant.len);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_question_refuse(ngx_http_recs_refusal_t *refusal,
    ngx_uint_t status, const char *code, const char *detail, u_char *name,
    size_t len)
{
    refusal->status = status;
    refusal->code = code;
    refusal->detail = detail;
    refusal->name.data = name;
    refusal->name.len = len;

    return NGX_DECLINED;
}
