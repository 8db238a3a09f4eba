
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_question.h"


static ngx_int_t ngx_http_recs_filter_args(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_filter_refuse(recs_arg_e arg,
    ngx_http_recs_refusal_t *refusal);


ngx_int_t
ngx_http_recs_filter(ngx_http_request_t *r, ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t                  rc;
    ngx_http_recs_loc_conf_t  *rlcf;

    rc = ngx_http_recs_filter_args(q, refusal);

    if (rc != NGX_OK) {
        return rc;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->region && q->private && q->query.region == 0) {
        return ngx_http_recs_filter_region(r, rlcf->region, q);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_filter_args(ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_str_t   *arg;
    recs_str_t   value;
    ngx_uint_t   i, n;

    n = 0;

    for (i = 0; i < RECS_ARG_MAX; i++) {
        arg = &q->args.filter[i];

        if (arg->len == 0) {
            continue;
        }

        value.len = arg->len;
        value.data = arg->data;
        n++;

        if (recs_query_arg(&q->query, i, &value) != RECS_OK) {
            return ngx_http_recs_filter_refuse(i, refusal);
        }
    }

    if (n && recs_query_filter(&q->query) != RECS_OK) {
        return ngx_http_recs_filter_refuse(RECS_ARG_MIN_PRICE, refusal);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_filter_refuse(recs_arg_e arg, ngx_http_recs_refusal_t *refusal)
{
    refusal->status = NGX_HTTP_BAD_REQUEST;
    refusal->code = recs_args[arg].code;
    refusal->detail = recs_args[arg].detail;
    refusal->name.len = recs_args[arg].name.len;
    refusal->name.data = (u_char *) recs_args[arg].name.data;

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_recs_filter_region(ngx_http_request_t *r,
    ngx_http_complex_value_t *region, ngx_http_recs_question_t *q)
{
    ngx_str_t   text;
    recs_str_t  value;

    if (ngx_http_complex_value(r, region, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    value.len = ngx_min(text.len, RECS_ID_MAX);
    value.data = text.data;

    (void) recs_query_arg(&q->query, RECS_ARG_REGION, &value);
    (void) recs_query_filter(&q->query);

    return NGX_OK;
}
