
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_click.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_CLICK_TTL      (24 * 3600)
#define NGX_HTTP_RECS_CLICK_TTL_MIN  60
#define NGX_HTTP_RECS_CLICK_TTL_MAX  (366 * 24 * 3600)
#define NGX_HTTP_RECS_CLICK_URI_MAX  255
#define NGX_HTTP_RECS_CLICK_DAY      (24 * 3600)


static ngx_int_t ngx_http_recs_click_uri(ngx_conf_t *cf, ngx_str_t *uri);


ngx_int_t
ngx_http_recs_click_links(ngx_http_recs_loc_conf_t *rlcf,
    recs_links_t *links)
{
    time_t  days;

    if (rlcf->clicks == NULL || rlcf->keys == NULL
        || rlcf->keys->keys.count == 0)
    {
        return NGX_DECLINED;
    }

    days = (ngx_time() + rlcf->clicks->ttl) / NGX_HTTP_RECS_CLICK_DAY + 1;

    ngx_memzero(&links->token, sizeof(recs_token_t));

    links->token.expires = (uint32_t) (days * NGX_HTTP_RECS_CLICK_DAY / 60);
    links->key = &rlcf->keys->keys.keys[0];
    links->shop = recs_key64(rlcf->shop.data, rlcf->shop.len);
    links->prefix = rlcf->clicks->prefix;

    return NGX_OK;
}


char *
ngx_http_recs_clicks(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t               *value, s;
    ngx_http_recs_clicks_t  *clicks;

    if (rlcf->clicks != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->clicks = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_recs_click_uri(cf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (value[1].data[value[1].len - 1] != '/') {
        return "needs a URI that ends with \"/\"";
    }

    clicks = ngx_palloc(cf->pool, sizeof(ngx_http_recs_clicks_t));
    if (clicks == NULL) {
        return NGX_CONF_ERROR;
    }

    clicks->prefix.data = value[1].data;
    clicks->prefix.len = value[1].len;
    clicks->ttl = NGX_HTTP_RECS_CLICK_TTL;

    if (cf->args->nelts == 3) {

        if (ngx_strncmp(value[2].data, "ttl=", 4) != 0) {
            goto invalid;
        }

        s.data = value[2].data + 4;
        s.len = value[2].len - 4;

        clicks->ttl = ngx_parse_time(&s, 1);

        if (clicks->ttl < NGX_HTTP_RECS_CLICK_TTL_MIN
            || clicks->ttl > NGX_HTTP_RECS_CLICK_TTL_MAX)
        {
            goto invalid;
        }
    }

    rlcf->clicks = clicks;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       &value[2]);

    return NGX_CONF_ERROR;
}


char *
ngx_http_recs_click_fallback(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* what was clicked on is the path below the name of the location */

    if (clcf->exact_match) {
        return "cannot be used inside an exact location";
    }

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "fallback=", 9) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    rlcf->fallback.data = value[1].data + 9;
    rlcf->fallback.len = value[1].len - 9;

    return (ngx_http_recs_click_uri(cf, &rlcf->fallback) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* It goes into JSON, HTML and headers as it is. */

static ngx_int_t
ngx_http_recs_click_uri(ngx_conf_t *cf, ngx_str_t *uri)
{
    u_char  c;
    size_t  i;

    if (uri->len == 0 || uri->len > NGX_HTTP_RECS_CLICK_URI_MAX) {
        goto invalid;
    }

    if (!(uri->data[0] == '/' && (uri->len == 1 || uri->data[1] != '/'))
        && ngx_strncmp(uri->data, "http://", 7) != 0
        && ngx_strncmp(uri->data, "https://", 8) != 0)
    {
        goto invalid;
    }

    for (i = 0; i < uri->len; i++) {
        c = uri->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || ngx_strchr("/:.-_~?=%", c))
            || c == '\0')
        {
            goto invalid;
        }
    }

    return NGX_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid URI \"%V\"", uri);

    return NGX_ERROR;
}


char *
ngx_http_recs_click_hosts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t    *value;
    ngx_uint_t    i;
    recs_str_t    text;
    recs_host_t  *host;

    if (rlcf->click_hosts != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->click_hosts = NULL;
        return NGX_CONF_OK;
    }

    rlcf->click_hosts = ngx_array_create(cf->pool, cf->args->nelts,
                                         sizeof(recs_host_t));
    if (rlcf->click_hosts == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        host = ngx_array_push(rlcf->click_hosts);
        if (host == NULL) {
            return NGX_CONF_ERROR;
        }

        text.data = value[i].data;
        text.len = value[i].len;

        if (recs_host_parse(host, &text) != RECS_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid host \"%V\", it must be NAME or "
                               "NAME:PORT", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
