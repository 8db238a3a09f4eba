
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_canary.h"
#include "ngx_http_recs_client.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_CANARY_ALL  10000


static ngx_int_t ngx_http_recs_canary_share(ngx_str_t *value);
static ngx_int_t ngx_http_recs_canary_key(ngx_conf_t *cf,
    ngx_http_recs_canary_t *canary);
static ngx_int_t ngx_http_recs_canary_visitor(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args, ngx_str_t *visitor);


char *
ngx_http_recs_canary(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_int_t                share;
    ngx_str_t               *value;
    ngx_http_recs_canary_t  *canary;

    value = cf->args->elts;

    if (rlcf->canary != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    share = ngx_http_recs_canary_share(&value[1]);

    if (share == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid share \"%V\", it must be from 0%% to "
                           "100%%", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2) {

        if (share == 0) {
            rlcf->canary = NULL;
            return NGX_CONF_OK;
        }

        return "needs a snapshot";
    }

    canary = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_canary_t));
    if (canary == NULL) {
        return NGX_CONF_ERROR;
    }

    canary->share = share;
    canary->salt = recs_key64(value[2].data, value[2].len);

    if (ngx_http_recs_canary_key(cf, canary) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    canary->stack = ngx_http_recs_snapshot_stack(cf, &value[2], 3);
    if (canary->stack == NULL) {
        return NGX_CONF_ERROR;
    }

    rlcf->canary = share ? canary : NULL;

    return NGX_CONF_OK;
}


/* "5%", "0.25%": in ten thousandths. */

static ngx_int_t
ngx_http_recs_canary_share(ngx_str_t *value)
{
    ngx_int_t  n;

    if (value->len < 2 || value->data[value->len - 1] != '%') {
        return NGX_ERROR;
    }

    n = ngx_atofp(value->data, value->len - 1, 2);

    return (n > NGX_HTTP_RECS_CANARY_ALL) ? NGX_ERROR : n;
}


/* Takes "key=" out of the arguments of the directive. */

static ngx_int_t
ngx_http_recs_canary_key(ngx_conf_t *cf, ngx_http_recs_canary_t *canary)
{
    ngx_str_t                          *value, key;
    ngx_uint_t                          i, n;
    ngx_http_compile_complex_value_t    ccv;

    value = cf->args->elts;
    n = 3;

    for (i = 3; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "key=", 4) != 0) {
            value[n++] = value[i];
            continue;
        }

        key.len = value[i].len - 4;
        key.data = value[i].data + 4;

        canary->key = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
        if (canary->key == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &key;
        ccv.complex_value = canary->key;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    cf->args->nelts = n;

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_canary_takes(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args)
{
    uint64_t                   hash[2];
    ngx_str_t                  visitor;
    ngx_http_recs_canary_t    *canary;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    canary = rlcf->canary;

    if (args && args->snapshot.len) {
        return args->snapshot.data[0] == 'c';
    }

    if (ngx_http_recs_client_consent(r, rlcf) == RECS_CONSENT_DENIED
        || ngx_http_recs_canary_visitor(r, args, &visitor) != NGX_OK
        || visitor.len == 0)
    {
        return 0;
    }

    hash[0] = canary->salt;
    hash[1] = recs_key64(visitor.data, visitor.len);

    return recs_key64(hash, sizeof(hash)) % NGX_HTTP_RECS_CANARY_ALL
           < canary->share;
}


static ngx_int_t
ngx_http_recs_canary_visitor(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args, ngx_str_t *visitor)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->canary->key) {
        return ngx_http_complex_value(r, rlcf->canary->key, visitor);
    }

    ngx_str_null(visitor);

    if (rlcf->user
        && (ngx_http_complex_value(r, rlcf->user, visitor) != NGX_OK
            || visitor->len))
    {
        return NGX_OK;
    }

    return ngx_http_recs_session(r, args, visitor);
}
