
/*
 * Copyright (C) recs authors
 *
 * The requests of a batch, from its JSON.  Members are named as the arguments
 * of a GET are, and a value is what its text would be there: a number is its
 * digits, a list has its elements by commas.
 */


#include "ngx_http_recs_batch.h"


static ngx_int_t ngx_http_recs_batch_member(ngx_pool_t *pool,
    const recs_str_t *member, const recs_str_t *value,
    ngx_http_recs_args_t *args, ngx_str_t *path, ngx_str_t *name,
    const char **err);
static ngx_int_t ngx_http_recs_batch_value(ngx_pool_t *pool,
    const recs_str_t *value, ngx_uint_t escape, ngx_str_t *text,
    const char **err);
static ngx_int_t ngx_http_recs_batch_string(ngx_pool_t *pool,
    const recs_str_t *value, ngx_str_t *text);
static ngx_int_t ngx_http_recs_batch_list(ngx_pool_t *pool,
    const recs_str_t *list, ngx_uint_t escape, ngx_str_t *text,
    const char **err);
static u_char *ngx_http_recs_batch_element(u_char *p,
    const recs_str_t *element, ngx_uint_t escape, u_char *work,
    const char **err);


ngx_int_t
ngx_http_recs_batch_parse(const ngx_str_t *body,
    ngx_http_recs_batch_json_t *json, const char **code, const char **err)
{
    u_char      *p, *last;
    recs_str_t   text, requests;

    static const recs_str_t  name = recs_string("requests");

    json->count = 0;

    p = body->data;
    last = p + body->len;

    while (p < last && *p <= ' ') {
        p++;
    }

    text.data = p;
    text.len = last - p;

    *code = "body-invalid";

    if (recs_json_valid(&text) != RECS_OK) {
        *err = "The body is not valid JSON.";
        return NGX_DECLINED;
    }

    requests = text;

    if (recs_json_type(&text) == RECS_JSON_OBJECT
        && recs_json_find(&text, &name, &requests) != RECS_OK)
    {
        requests.len = 0;
    }

    if (recs_json_type(&requests) == RECS_JSON_ARRAY) {
        json->count = recs_json_count(&requests);
    }

    if (json->count == 0) {
        *err = "Neither an array of requests, nor an object with one.";
        return NGX_DECLINED;
    }

    if (json->count > NGX_HTTP_RECS_BATCH_MAX) {
        *code = "batch-too-large";
        *err = "A batch has at most 100 requests.";
        return NGX_DECLINED;
    }

    recs_json_begin(&json->it, &requests);

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_batch_next(ngx_http_recs_batch_json_t *json, ngx_pool_t *pool,
    ngx_http_recs_args_t *args, ngx_str_t *path, ngx_str_t *name,
    const char **err)
{
    ngx_int_t         rc;
    recs_str_t        member, value;
    recs_json_iter_t  it;

    ngx_memzero(args, sizeof(ngx_http_recs_args_t));
    ngx_str_null(path);
    ngx_str_null(name);

    if (recs_json_enter(&json->it, &it) != RECS_OK) {
        (void) recs_json_next(&json->it, &member, &value);

        *err = "The request is no object.";
        return NGX_DECLINED;
    }

    rc = NGX_OK;

    if (!it.object) {
        *err = "The request is no object.";
        rc = NGX_DECLINED;
    }

    while (rc == NGX_OK && recs_json_next(&it, &member, &value) == RECS_OK) {
        rc = ngx_http_recs_batch_member(pool, &member, &value, args, path,
                                        name, err);
    }

    recs_json_leave(&json->it, &it);

    return rc;
}


static ngx_int_t
ngx_http_recs_batch_member(ngx_pool_t *pool, const recs_str_t *member,
    const recs_str_t *value, ngx_http_recs_args_t *args, ngx_str_t *path,
    ngx_str_t *name, const char **err)
{
    ngx_str_t   key, *slot;
    ngx_uint_t  escape;

    key.data = (u_char *) member->data;
    key.len = member->len;

    if (key.len == 4 && ngx_memcmp(key.data, "path", 4) == 0) {
        ngx_str_set(name, "path");
        slot = path;

    } else {
        slot = ngx_http_recs_args_slot(args, &key, name);
    }

    if (slot == NULL || recs_json_type(value) == RECS_JSON_NULL) {
        return NGX_OK;
    }

    if (slot->data) {
        *err = "The member is there twice.";
        return NGX_DECLINED;
    }

    /* names of filters may have commas in them, ids may not */

    escape = slot >= args->filter && slot < args->filter + RECS_ARG_MAX;

    return ngx_http_recs_batch_value(pool, value, escape, slot, err);
}


static ngx_int_t
ngx_http_recs_batch_value(ngx_pool_t *pool, const recs_str_t *value,
    ngx_uint_t escape, ngx_str_t *text, const char **err)
{
    ngx_int_t  rc;

    switch (recs_json_type(value)) {

    case RECS_JSON_NUMBER:
        text->data = (u_char *) value->data;
        text->len = value->len;
        return NGX_OK;

    case RECS_JSON_STRING:
        rc = ngx_http_recs_batch_string(pool, value, text);
        break;

    case RECS_JSON_ARRAY:
        rc = ngx_http_recs_batch_list(pool, value, escape, text, err);
        break;

    default:
        *err = "The value is neither a string, a number nor a list of "
               "strings.";
        return NGX_DECLINED;
    }

    return (rc == NGX_OK) ? ngx_http_recs_args_text(text, err) : rc;
}


static ngx_int_t
ngx_http_recs_batch_string(ngx_pool_t *pool, const recs_str_t *value,
    ngx_str_t *text)
{
    u_char  *p;

    /* most are as they are between their quotes */

    if (memchr(value->data, '\\', value->len) == NULL) {
        text->data = (u_char *) value->data + 1;
        text->len = value->len - 2;
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, value->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = recs_json_text(value, p) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_batch_list(ngx_pool_t *pool, const recs_str_t *list,
    ngx_uint_t escape, ngx_str_t *text, const char **err)
{
    u_char            *p, *work;
    recs_str_t         name, element;
    recs_json_iter_t   it;

    /* an element may be nothing but commas, with a backslash before each */

    p = ngx_pnalloc(pool, 3 * list->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    work = p + 2 * list->len;
    text->data = p;

    recs_json_begin(&it, list);

    while (recs_json_next(&it, &name, &element) == RECS_OK) {

        if (p != text->data) {
            *p++ = ',';
        }

        p = ngx_http_recs_batch_element(p, &element, escape, work, err);

        if (p == NULL) {
            return NGX_DECLINED;
        }
    }

    text->len = p - text->data;

    return NGX_OK;
}


static u_char *
ngx_http_recs_batch_element(u_char *p, const recs_str_t *element,
    ngx_uint_t escape, u_char *work, const char **err)
{
    u_char  *last;

    if (recs_json_type(element) != RECS_JSON_STRING || element->len == 2) {
        *err = "An element of the list is no string, or empty.";
        return NULL;
    }

    last = recs_json_text(element, work);

    for ( /* void */ ; work < last; work++) {

        if (*work == ',') {

            if (!escape) {
                *err = "An element of the list has a comma.";
                return NULL;
            }

            *p++ = '\\';
        }

        *p++ = *work;
    }

    return p;
}
