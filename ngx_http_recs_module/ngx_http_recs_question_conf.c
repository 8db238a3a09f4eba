
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_question.h"


char *
ngx_http_recs_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_int_t    limit, max;
    ngx_str_t   *value;
    ngx_uint_t   n;

    value = cf->args->elts;

    if (rlcf->limit != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    n = 1;
    max = RECS_LIMIT_MAX;

    limit = ngx_atoi(value[1].data, value[1].len);

    if (limit < 1 || limit > RECS_LIMIT_MAX) {
        goto invalid;
    }

    if (cf->args->nelts == 3) {
        n = 2;

        if (ngx_strncmp(value[2].data, "max=", 4) != 0) {
            goto invalid;
        }

        max = ngx_atoi(value[2].data + 4, value[2].len - 4);

        if (max < limit || max > RECS_LIMIT_MAX) {
            goto invalid;
        }
    }

    rlcf->limit = limit;
    rlcf->limit_max = max;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid limit \"%V\", it must be from 1 to %d",
                       &value[n], RECS_LIMIT_MAX);

    return NGX_CONF_ERROR;
}


char *
ngx_http_recs_similar_weights(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    float       *w, sum;
    ngx_int_t    n;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (rlcf->weights != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (cf->args->nelts != RECS_FORMAT_FACTORS + 1) {
        return "needs five numbers: category, brand, price, specification, "
               "behaviour";
    }

    rlcf->weights = ngx_array_create(cf->pool, RECS_FORMAT_FACTORS,
                                     sizeof(float));
    if (rlcf->weights == NULL) {
        return NGX_CONF_ERROR;
    }

    sum = 0;

    for (i = 1; i <= RECS_FORMAT_FACTORS; i++) {

        n = ngx_atofp(value[i].data, value[i].len, 4);

        if (n == NGX_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid weight \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        w = ngx_array_push(rlcf->weights);
        *w = (float) (n / 10000.0);
        sum += *w;
    }

    if (sum <= 0) {
        return "needs a weight above zero";
    }

    return NGX_CONF_OK;
}
