
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_args.h"
#include "../core/recs_utf8.h"


typedef struct {
    ngx_str_t   name;
    size_t      offset;
} ngx_http_recs_arg_t;


static const ngx_http_recs_arg_t *ngx_http_recs_args_find(u_char *name,
    size_t len);
static ngx_int_t ngx_http_recs_args_decode(ngx_pool_t *pool,
    ngx_str_t *value, const char **err);


static const ngx_http_recs_arg_t  ngx_http_recs_arg_table[] = {

    { ngx_string("type"),
      offsetof(ngx_http_recs_args_t, type) },

    { ngx_string("limit"),
      offsetof(ngx_http_recs_args_t, limit) },

    { ngx_string("offset"),
      offsetof(ngx_http_recs_args_t, offset) },

    { ngx_string("rails"),
      offsetof(ngx_http_recs_args_t, rails) },

    { ngx_string("exclude"),
      offsetof(ngx_http_recs_args_t, exclude) },

    { ngx_string("cart"),
      offsetof(ngx_http_recs_args_t, cart) },

    { ngx_string("categoryId"),
      offsetof(ngx_http_recs_args_t, category_id) },

    { ngx_string("userId"),
      offsetof(ngx_http_recs_args_t, user_id) },

    { ngx_string("sessionId"),
      offsetof(ngx_http_recs_args_t, session_id) },

    { ngx_string("productId"),
      offsetof(ngx_http_recs_args_t, product_id) },

    { ngx_string("query"),
      offsetof(ngx_http_recs_args_t, query) },

    { ngx_string("variant"),
      offsetof(ngx_http_recs_args_t, variant) },

    { ngx_string("placement"),
      offsetof(ngx_http_recs_args_t, placement) },

    { ngx_string("format"),
      offsetof(ngx_http_recs_args_t, format) },

    { ngx_string("fields"),
      offsetof(ngx_http_recs_args_t, fields) },

    { ngx_string("minPrice"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_MIN_PRICE]) },

    { ngx_string("maxPrice"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_MAX_PRICE]) },

    { ngx_string("category"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_CATEGORY]) },

    { ngx_string("brand"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_BRAND]) },

    { ngx_string("minRating"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_MIN_RATING]) },

    { ngx_string("availability"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_AVAILABILITY]) },

    { ngx_string("attributes"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_ATTRIBUTES]) },

    { ngx_string("tags"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_TAGS]) },

    { ngx_string("region"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_REGION]) },

    { ngx_string("sort"),
      offsetof(ngx_http_recs_args_t, filter[RECS_ARG_SORT]) },

    { ngx_string("check"),
      offsetof(ngx_http_recs_args_t, check) },

    { ngx_string("layer"),
      offsetof(ngx_http_recs_args_t, layer) },

    { ngx_string("snapshot"),
      offsetof(ngx_http_recs_args_t, snapshot) },

    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_recs_args(ngx_pool_t *pool, const ngx_str_t *query,
    ngx_http_recs_args_t *args, ngx_str_t *name, const char **err)
{
    ngx_int_t                   rc;
    ngx_str_t                   rest, key, text, *value;
    const ngx_http_recs_arg_t  *arg;

    ngx_memzero(args, sizeof(ngx_http_recs_args_t));

    rest = *query;

    while (ngx_http_recs_args_next(&rest, &key, &text) == NGX_OK) {

        arg = ngx_http_recs_args_find(key.data, key.len);

        if (arg == NULL) {
            continue;
        }

        *name = arg->name;
        value = (ngx_str_t *) ((u_char *) args + arg->offset);

        if (value->data) {
            *err = "The argument is there twice.";
            return NGX_DECLINED;
        }

        *value = text;

        rc = ngx_http_recs_args_value(pool, value, err);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_args_next(ngx_str_t *query, ngx_str_t *name, ngx_str_t *value)
{
    u_char  *p, *last, *end, *eq;

    if (query->len == 0) {
        return NGX_DONE;
    }

    p = query->data;
    last = p + query->len;
    eq = NULL;

    for (end = p; end < last && *end != '&'; end++) {
        if (*end == '=' && eq == NULL) {
            eq = end;
        }
    }

    if (eq == NULL) {
        eq = end;
    }

    name->data = p;
    name->len = eq - p;

    /* an empty value has data, too */

    value->data = ngx_min(eq + 1, end);
    value->len = end - value->data;

    query->data = ngx_min(end + 1, last);
    query->len = last - query->data;

    return NGX_OK;
}


ngx_str_t *
ngx_http_recs_args_slot(ngx_http_recs_args_t *args, const ngx_str_t *name,
    ngx_str_t *known)
{
    const ngx_http_recs_arg_t  *arg;

    arg = ngx_http_recs_args_find(name->data, name->len);

    if (arg == NULL) {
        return NULL;
    }

    *known = arg->name;

    return (ngx_str_t *) ((u_char *) args + arg->offset);
}


static const ngx_http_recs_arg_t *
ngx_http_recs_args_find(u_char *name, size_t len)
{
    const ngx_http_recs_arg_t  *arg;

    for (arg = ngx_http_recs_arg_table; arg->name.len; arg++) {
        if (arg->name.len == len
            && ngx_memcmp(arg->name.data, name, len) == 0)
        {
            return arg;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_recs_args_text(const ngx_str_t *value, const char **err)
{
    size_t   n;
    u_char  *p, *last;

    p = value->data;
    last = p + value->len;

    while (p < last) {

        if (*p < 0x20 || *p == 0x7f) {
            *err = "The value has a control character.";
            return NGX_DECLINED;
        }

        if (*p < 0x80) {
            p++;
            continue;
        }

        n = recs_utf8_char(p, last);

        if (n == 0) {
            *err = "The value is not valid UTF-8.";
            return NGX_DECLINED;
        }

        p += n;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_args_value(ngx_pool_t *pool, ngx_str_t *value,
    const char **err)
{
    size_t     i;
    ngx_int_t  rc;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] == '%' || value->data[i] == '+') {

            rc = ngx_http_recs_args_decode(pool, value, err);

            if (rc != NGX_OK) {
                return rc;
            }

            break;
        }
    }

    return ngx_http_recs_args_text(value, err);
}


static ngx_int_t
ngx_http_recs_args_decode(ngx_pool_t *pool, ngx_str_t *value,
    const char **err)
{
    u_char     *src, *dst, *last;
    ngx_int_t   n;

    src = value->data;
    last = src + value->len;

    dst = ngx_pnalloc(pool, value->len);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    value->data = dst;

    for ( /* void */ ; src < last; src++) {

        if (*src == '+') {
            *dst++ = ' ';
            continue;
        }

        if (*src != '%') {
            *dst++ = *src;
            continue;
        }

        n = (last - src > 2) ? ngx_hextoi(src + 1, 2) : NGX_ERROR;

        if (n == NGX_ERROR) {
            *err = "The value has a broken percent-encoding.";
            return NGX_DECLINED;
        }

        *dst++ = (u_char) n;
        src += 2;
    }

    value->len = dst - value->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_args_number(const ngx_str_t *value, ngx_uint_t max)
{
    size_t      i;
    ngx_uint_t  n;

    if (value->len == 0) {
        return NGX_ERROR;
    }

    n = 0;

    for (i = 0; i < value->len; i++) {

        if (value->data[i] < '0' || value->data[i] > '9') {
            return NGX_ERROR;
        }

        /* clamped at once: it cannot overflow */

        n = ngx_min(n * 10 + (value->data[i] - '0'), max);
    }

    return n;
}


ngx_int_t
ngx_http_recs_args_last(ngx_http_request_t *r, const ngx_str_t *name,
    ngx_str_t *id)
{
    u_char  *p, *last, *src, *dst;

    if (!r->valid_unparsed_uri) {
        return NGX_OK;
    }

    last = ngx_strlchr(r->unparsed_uri.data,
                       r->unparsed_uri.data + r->unparsed_uri.len, '?');

    if (last == NULL) {
        last = r->unparsed_uri.data + r->unparsed_uri.len;
    }

    for (p = last; p > r->unparsed_uri.data && p[-1] != '/'; p--) {
        /* void */
    }

    if (p == last || (size_t) (p - r->unparsed_uri.data) < name->len
        || ngx_memcmp(p - name->len, name->data, name->len) != 0)
    {
        return NGX_DECLINED;
    }

    id->data = ngx_pnalloc(r->pool, last - p);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    src = p;
    dst = id->data;

    ngx_unescape_uri(&dst, &src, last - p, 0);

    id->len = dst - id->data;

    return NGX_OK;
}
