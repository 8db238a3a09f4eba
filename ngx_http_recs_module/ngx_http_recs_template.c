
/*
 * Copyright (C) recs authors
 *
 * recs_template FILE: read and compiled with the configuration, so that a
 * mistake in it is one in the configuration.
 */


#include "ngx_http_recs_form.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_TEMPLATE_MAX  (256 * 1024)


static ngx_http_recs_template_t *ngx_http_recs_template_load(ngx_conf_t *cf,
    ngx_str_t *path);
static ngx_int_t ngx_http_recs_template_read(ngx_conf_t *cf, ngx_str_t *path,
    recs_str_t *text);
static ngx_int_t ngx_http_recs_template_file(ngx_conf_t *cf,
    ngx_file_t *file, recs_str_t *text);


char *
ngx_http_recs_template(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rlcf->template != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->template = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rlcf->template = ngx_http_recs_template_load(cf, &value[1]);

    return rlcf->template ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_http_recs_template_t *
ngx_http_recs_template_load(ngx_conf_t *cf, ngx_str_t *path)
{
    uint32_t                   line;
    recs_str_t                 text;
    const char                *err;
    ngx_http_recs_template_t  *t;

    t = ngx_palloc(cf->pool, sizeof(ngx_http_recs_template_t));

    if (t == NULL || ngx_http_recs_template_read(cf, path, &text) != NGX_OK) {
        return NULL;
    }

    if (recs_template_compile(&t->template, &text, &err, &line) != RECS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "template \"%V\" line %uD: "
                           "%s", path, line, err);
        return NULL;
    }

    t->path = *path;
    t->hash = (uint32_t) recs_key64(text.data, text.len);

    return t;
}


static ngx_int_t
ngx_http_recs_template_read(ngx_conf_t *cf, ngx_str_t *path,
    recs_str_t *text)
{
    ngx_int_t   rc;
    ngx_file_t  file;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *path;
    file.log = cf->log;
    file.fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "template \"%V\" cannot be opened", path);
        return NGX_ERROR;
    }

    rc = ngx_http_recs_template_file(cf, &file, text);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", path);
    }

    return rc;
}


static ngx_int_t
ngx_http_recs_template_file(ngx_conf_t *cf, ngx_file_t *file,
    recs_str_t *text)
{
    size_t            size;
    u_char           *p;
    ngx_file_info_t   fi;

    if (ngx_fd_info(file->fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "template \"%V\" is not a file", &file->name);
        return NGX_ERROR;
    }

    if (ngx_file_size(&fi) > NGX_HTTP_RECS_TEMPLATE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "template \"%V\" is larger than 256 kilobytes",
                           &file->name);
        return NGX_ERROR;
    }

    size = (size_t) ngx_file_size(&fi);

    p = ngx_pnalloc(cf->pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (size && ngx_read_file(file, p, size, 0) != (ssize_t) size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "template \"%V\" cannot be read", &file->name);
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size;

    return NGX_OK;
}
