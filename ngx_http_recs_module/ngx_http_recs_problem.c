
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_problem.h"


#define NGX_HTTP_RECS_NAME_SIZE  64     /* of a name that is echoed */


typedef struct {
    ngx_uint_t   status;
    const char  *title;
} ngx_http_recs_title_t;


static const char *ngx_http_recs_problem_title(ngx_uint_t status);
static void ngx_http_recs_out_text(recs_out_t *out, const char *text);


static const ngx_http_recs_title_t  ngx_http_recs_titles[] = {
    { NGX_HTTP_BAD_REQUEST, "Bad Request" },
    { NGX_HTTP_UNAUTHORIZED, "Unauthorized" },
    { NGX_HTTP_FORBIDDEN, "Forbidden" },
    { NGX_HTTP_NOT_FOUND, "Not Found" },
    { NGX_HTTP_NOT_ALLOWED, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "Content Too Large" },
    { NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { NGX_HTTP_TOO_MANY_REQUESTS, "Too Many Requests" },
    { NGX_HTTP_INTERNAL_SERVER_ERROR, "Internal Server Error" },
    { NGX_HTTP_SERVICE_UNAVAILABLE, "Service Unavailable" },
    { 0, "Error" }
};


static ngx_str_t  ngx_http_recs_problem_type =
    ngx_string("application/problem+json");
static ngx_str_t  ngx_http_recs_json_type = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_no_store = ngx_string("no-store");
static ngx_str_t  ngx_http_recs_retry_after = ngx_string("1");
static ngx_str_t  ngx_http_recs_nothing = ngx_string("{\"items\":[]}");


ngx_int_t
ngx_http_recs_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *code, const char *detail, const ngx_str_t *name)
{
    u_char      *body;
    ngx_int_t    rc;
    recs_out_t   out;

    if (r != r->main) {

        /* an error would show in the page: there is just nothing to list */

        return ngx_http_recs_send(r, NGX_HTTP_OK, &ngx_http_recs_json_type,
                                  ngx_http_recs_nothing.data,
                                  ngx_http_recs_nothing.len);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    body = ngx_pnalloc(r->pool, NGX_HTTP_RECS_PROBLEM_SIZE);
    if (body == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* what is echoed is cut short, so that all of it always fits */

    recs_out_init(&out, body, NGX_HTTP_RECS_PROBLEM_SIZE);

    ngx_http_recs_problem_write(&out, status, code, detail, name);
    recs_out_byte(&out, '\n');

    if (ngx_http_recs_header(r, "Cache-Control", &ngx_http_recs_no_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (status == NGX_HTTP_SERVICE_UNAVAILABLE
        && ngx_http_recs_header(r, "Retry-After", &ngx_http_recs_retry_after)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, status, &ngx_http_recs_problem_type, body,
                              out.pos - body);
}


ngx_int_t
ngx_http_recs_not_allowed(ngx_http_request_t *r, const char *allow)
{
    ngx_str_t  value;

    static ngx_str_t  none = ngx_null_string;

    value.len = ngx_strlen(allow);
    value.data = (u_char *) allow;

    if (ngx_http_recs_header(r, "Allow", &value) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_problem(r, NGX_HTTP_NOT_ALLOWED,
                                 "method-not-allowed",
                                 "The method is not allowed here.", &none);
}


void
ngx_http_recs_problem_write(recs_out_t *out, ngx_uint_t status,
    const char *code, const char *detail, const ngx_str_t *name)
{
    recs_out_lit(out, "{\"type\":\"about:blank\",\"title\":\"");
    ngx_http_recs_out_text(out, ngx_http_recs_problem_title(status));
    recs_out_lit(out, "\",\"status\":");
    recs_out_u64(out, status);
    recs_out_lit(out, ",\"code\":\"");
    ngx_http_recs_out_text(out, code);
    recs_out_lit(out, "\",\"detail\":\"");
    ngx_http_recs_out_text(out, detail);

    if (name && name->len) {
        recs_out_lit(out, "\",\"parameter\":\"");
        recs_out_json(out, name->data,
                      ngx_min(name->len, NGX_HTTP_RECS_NAME_SIZE));
    }

    recs_out_lit(out, "\"}");
}


static const char *
ngx_http_recs_problem_title(ngx_uint_t status)
{
    const ngx_http_recs_title_t  *t;

    for (t = ngx_http_recs_titles; t->status; t++) {
        if (t->status == status) {
            break;
        }
    }

    return t->title;
}


static void
ngx_http_recs_out_text(recs_out_t *out, const char *text)
{
    recs_out_bytes(out, text, ngx_strlen(text));
}


ngx_int_t
ngx_http_recs_send(ngx_http_request_t *r, ngx_uint_t status,
    const ngx_str_t *type, u_char *data, size_t len)
{
    ngx_buf_t    *b;
    ngx_int_t     rc;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    /* the entity tag was compared already, before anything was computed */

    r->disable_not_modified = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = data;
    b->last = data + len;
    b->memory = (len != 0);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    /* an empty buffer that ends nothing is an error to the output chain */

    if (len == 0 && r != r->main) {
        return NGX_OK;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_recs_header(ngx_http_request_t *r, const char *name,
    const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.len = ngx_strlen(name);
    h->key.data = (u_char *) name;
    h->value = *value;

    return NGX_OK;
}
