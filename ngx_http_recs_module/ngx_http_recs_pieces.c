
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_pieces.h"
#include "ngx_http_recs_buffer.h"


ngx_int_t
ngx_http_recs_pieces_room(ngx_pool_t *pool, ngx_http_recs_pieces_t *p,
    size_t size)
{
    u_char       *data;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    size += NGX_HTTP_RECS_PIECES_END;

    if (size < NGX_HTTP_RECS_BUFFER_LARGE) {
        size = NGX_HTTP_RECS_BUFFER_LARGE;
    }

    data = ngx_http_recs_buffer(pool, size);
    b = ngx_calloc_buf(pool);
    cl = ngx_alloc_chain_link(pool);

    if (data == NULL || b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    if (p->buf) {
        p->buf->last = p->out.pos;
        p->len += ngx_buf_size(p->buf);

    } else {
        p->last = &p->bufs;
    }

    b->pos = data;
    b->last = data;
    b->memory = 1;

    cl->buf = b;
    cl->next = NULL;

    *p->last = cl;
    p->last = &cl->next;
    p->buf = b;

    recs_out_init(&p->out, data, size - NGX_HTTP_RECS_PIECES_END);

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_pieces_send(ngx_http_request_t *r, ngx_http_recs_pieces_t *p,
    const ngx_str_t *type, const char *end)
{
    ngx_int_t  rc;

    p->buf->last = ngx_cpymem(p->out.pos, end, ngx_strlen(end));
    p->buf->last_buf = (r == r->main);
    p->buf->last_in_chain = 1;
    p->len += ngx_buf_size(p->buf);

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = p->len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    /* an entity tag was compared already, before anything was computed */

    r->disable_not_modified = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    rc = ngx_http_output_filter(r, p->bufs);

    /*
     * What the client has not taken yet goes on being sent by who finalizes
     * the request; to who works in turns NGX_AGAIN means more work.
     */

    return (rc == NGX_AGAIN) ? NGX_OK : rc;
}
