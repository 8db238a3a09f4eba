
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_secret.h"
#include "ngx_http_recs_client.h"


#define NGX_HTTP_RECS_SECRET_KEYS  4       /* while they rotate */
#define NGX_HTTP_RECS_SECRET_MIN   16      /* characters of a key */
#define NGX_HTTP_RECS_SECRET_MAX   256
#define NGX_HTTP_RECS_SECRET_FILE  4096    /* with comments */


static char *ngx_http_recs_secret_read(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *text);
static char *ngx_http_recs_secret_keys(ngx_conf_t *cf, ngx_str_t *text,
    ngx_array_t *keys);
static ngx_uint_t ngx_http_recs_secret_equal(const ngx_str_t *key,
    const ngx_str_t *given);


static ngx_str_t  ngx_http_recs_secret_header = ngx_string("x-recs-key");


char *
ngx_http_recs_secret_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char          *rv;
    ngx_str_t     *value, text;
    ngx_array_t  **keys;

    keys = (ngx_array_t **) ((char *) conf + cmd->offset);
    value = cf->args->elts;

    if (*keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        *keys = NULL;
        return NGX_CONF_OK;
    }

    rv = ngx_http_recs_secret_read(cf, &value[1], &text);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    *keys = ngx_array_create(cf->pool, NGX_HTTP_RECS_SECRET_KEYS,
                             sizeof(ngx_str_t));
    if (*keys == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_secret_keys(cf, &text, *keys);
}


static char *
ngx_http_recs_secret_read(ngx_conf_t *cf, ngx_str_t *path, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    text->data = ngx_pnalloc(cf->pool, NGX_HTTP_RECS_SECRET_FILE + 1);
    if (text->data == NULL) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NGX_CONF_ERROR;
    }

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR && (fi.st_mode & S_IROTH)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "key file \"%V\" may be read by everybody", path);
    }

    n = ngx_read_fd(fd, text->data, NGX_HTTP_RECS_SECRET_FILE + 1);

    (void) ngx_close_file(fd);

    if (n == -1) {
        return "cannot read its file";
    }

    /* what is cut may look like a key */

    if (n > NGX_HTTP_RECS_SECRET_FILE) {
        return "has a file that is longer than 4096 bytes";
    }

    text->len = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_secret_keys(ngx_conf_t *cf, ngx_str_t *text, ngx_array_t *keys)
{
    u_char     *p, *last, *end;
    ngx_str_t  *key;

    p = text->data;
    last = p + text->len;

    for ( /* void */ ; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, LF);
        end = end ? end : last;

        if (end == p || *p == '#') {
            continue;
        }

        if (keys->nelts == NGX_HTTP_RECS_SECRET_KEYS) {
            return "has a file with more than 4 keys";
        }

        key = ngx_array_push(keys);
        if (key == NULL) {
            return NGX_CONF_ERROR;
        }

        key->data = p;
        key->len = end - p - (end[-1] == CR);

        if (key->len < NGX_HTTP_RECS_SECRET_MIN
            || key->len > NGX_HTTP_RECS_SECRET_MAX)
        {
            return "has a file with a key that is shorter than 16 or longer "
                   "than 256 characters";
        }
    }

    return keys->nelts ? NGX_CONF_OK : "has a file without a key";
}


ngx_uint_t
ngx_http_recs_secret_given(ngx_http_request_t *r, const ngx_array_t *keys)
{
    ngx_str_t   *header, *key, given;
    ngx_uint_t   i, allowed;

    if (keys == NULL) {
        return 0;
    }

    header = ngx_http_recs_client_header(r, &ngx_http_recs_secret_header);

    if (header) {
        given = *header;

    } else if (r->headers_in.authorization
               && r->headers_in.authorization->value.len > 7
               && ngx_strncasecmp(r->headers_in.authorization->value.data,
                                  (u_char *) "bearer ", 7)
                  == 0)
    {
        given.data = r->headers_in.authorization->value.data + 7;
        given.len = r->headers_in.authorization->value.len - 7;

    } else {
        return 0;
    }

    key = keys->elts;
    allowed = 0;

    for (i = 0; i < keys->nelts; i++) {
        allowed |= ngx_http_recs_secret_equal(&key[i], &given);
    }

    return allowed;
}


static ngx_uint_t
ngx_http_recs_secret_equal(const ngx_str_t *key, const ngx_str_t *given)
{
    size_t           i;
    volatile u_char  differ;

    differ = (key->len != given->len);

    for (i = 0; i < given->len; i++) {
        differ |= key->data[i % key->len] ^ given->data[i];
    }

    return differ == 0;
}
