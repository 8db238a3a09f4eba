
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_body.h"
#include "ngx_http_recs_client.h"


static ngx_uint_t ngx_http_recs_body_media(ngx_http_request_t *r);
static ngx_uint_t ngx_http_recs_body_encoded(ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_body_refuse(ngx_http_recs_refusal_t *refusal,
    ngx_uint_t status, const char *code, const char *detail);
static ngx_int_t ngx_http_recs_body_copy(ngx_chain_t *cl, u_char *p);


static ngx_str_t  ngx_http_recs_body_json = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_body_text = ngx_string("text/plain");
static ngx_str_t  ngx_http_recs_encoding_header =
    ngx_string("content-encoding");


ngx_int_t
ngx_http_recs_body_check(ngx_http_request_t *r, size_t max,
    ngx_http_recs_refusal_t *refusal)
{
    if (!ngx_http_recs_body_media(r)) {
        return ngx_http_recs_body_refuse(refusal,
                                         NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                         "media-type",
                                         "The Content-Type must be "
                                         "application/json or text/plain.");
    }

    if (ngx_http_recs_body_encoded(r)) {
        return ngx_http_recs_body_refuse(refusal,
                                         NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                         "content-encoding",
                                         "The body must not be compressed.");
    }

    if (r->headers_in.content_length_n > (off_t) max) {
        return ngx_http_recs_body_refuse(refusal,
                                         NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                         "body-too-large",
                                         "The body is too large.");
    }

    return NGX_OK;
}


/* text/plain is what navigator.sendBeacon() makes of a string. */

static ngx_uint_t
ngx_http_recs_body_media(ngx_http_request_t *r)
{
    size_t     len;
    ngx_str_t  *type;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;

    for (len = 0; len < type->len; len++) {
        if (type->data[len] == ';' || type->data[len] == ' ') {
            break;
        }
    }

    return (len == ngx_http_recs_body_json.len
            && ngx_strncasecmp(type->data, ngx_http_recs_body_json.data, len)
               == 0)
           || (len == ngx_http_recs_body_text.len
               && ngx_strncasecmp(type->data, ngx_http_recs_body_text.data,
                                  len)
                  == 0);
}


static ngx_uint_t
ngx_http_recs_body_encoded(ngx_http_request_t *r)
{
    ngx_str_t  *encoding;

    encoding = ngx_http_recs_client_header(r, &ngx_http_recs_encoding_header);

    return encoding
           && (encoding->len != 8
               || ngx_strncasecmp(encoding->data, (u_char *) "identity", 8)
                  != 0);
}


static ngx_int_t
ngx_http_recs_body_refuse(ngx_http_recs_refusal_t *refusal, ngx_uint_t status,
    const char *code, const char *detail)
{
    refusal->status = status;
    refusal->code = code;
    refusal->detail = detail;
    ngx_str_null(&refusal->name);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_recs_body(ngx_http_request_t *r, size_t max, ngx_str_t *body,
    ngx_http_recs_refusal_t *refusal)
{
    off_t         len;
    ngx_chain_t  *cl, *bufs;

    ngx_str_null(body);

    bufs = r->request_body ? r->request_body->bufs : NULL;

    for (cl = bufs, len = 0; cl; cl = cl->next) {
        len += ngx_buf_size(cl->buf);
    }

    if (len > (off_t) max) {
        return ngx_http_recs_body_refuse(refusal,
                                         NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                         "body-too-large",
                                         "The body is too large.");
    }

    body->len = len;

    if (bufs && bufs->next == NULL && ngx_buf_in_memory(bufs->buf)) {
        body->data = bufs->buf->pos;
        return NGX_OK;
    }

    body->data = ngx_pnalloc(r->pool, len + 1);
    if (body->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_body_copy(bufs, body->data);
}


/*
 * A body that is larger than client_body_buffer_size was just written to a
 * file and is read back from the page cache.
 */

static ngx_int_t
ngx_http_recs_body_copy(ngx_chain_t *cl, u_char *p)
{
    size_t      size;
    ngx_buf_t  *b;

    for ( /* void */ ; cl; cl = cl->next) {
        b = cl->buf;
        size = ngx_buf_size(b);

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(p, b->pos, size);

        } else if (b->in_file
                   && ngx_read_file(b->file, p, size, b->file_pos)
                      != (ssize_t) size)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        p += size;
    }

    return NGX_OK;
}
