
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_buffer.h"


#define NGX_HTTP_RECS_BUFFERS  64      /* kept free at most */


typedef struct ngx_http_recs_buffer_s  ngx_http_recs_buffer_t;

struct ngx_http_recs_buffer_s {
    ngx_http_recs_buffer_t  *next;
    u_char                   data[NGX_HTTP_RECS_BUFFER_SIZE];
};


static void ngx_http_recs_buffer_cleanup(void *data);


/* of this process: a worker has one thread that serves requests */

static ngx_http_recs_buffer_t  *ngx_http_recs_buffers;
static ngx_uint_t               ngx_http_recs_buffers_free;


u_char *
ngx_http_recs_buffer(ngx_pool_t *pool, size_t size)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_recs_buffer_t  *b;

    if (size > NGX_HTTP_RECS_BUFFER_SIZE) {
        return ngx_pnalloc(pool, size);
    }

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    b = ngx_http_recs_buffers;

    if (b) {
        ngx_http_recs_buffers = b->next;
        ngx_http_recs_buffers_free--;

    } else {
        b = ngx_alloc(sizeof(ngx_http_recs_buffer_t), pool->log);
        if (b == NULL) {
            return NULL;
        }
    }

    cln->handler = ngx_http_recs_buffer_cleanup;
    cln->data = b;

    return b->data;
}


static void
ngx_http_recs_buffer_cleanup(void *data)
{
    ngx_http_recs_buffer_t *b = data;

    if (ngx_http_recs_buffers_free == NGX_HTTP_RECS_BUFFERS) {
        ngx_free(b);
        return;
    }

    b->next = ngx_http_recs_buffers;
    ngx_http_recs_buffers = b;
    ngx_http_recs_buffers_free++;
}
