
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_buffer.h"


typedef struct ngx_http_recs_buffer_s  ngx_http_recs_buffer_t;

typedef struct {
    size_t                   size;
    ngx_uint_t               most;      /* kept free */
    ngx_uint_t               free;
    ngx_http_recs_buffer_t  *list;
} ngx_http_recs_buffers_t;

struct ngx_http_recs_buffer_s {
    ngx_http_recs_buffer_t   *next;
    ngx_http_recs_buffers_t  *buffers;
    u_char                    data[];
};


static void ngx_http_recs_buffer_cleanup(void *data);


/* of this process: a worker has one thread that serves requests */

static ngx_http_recs_buffers_t  ngx_http_recs_buffers_small =
    { NGX_HTTP_RECS_BUFFER_SIZE, 64, 0, NULL };

static ngx_http_recs_buffers_t  ngx_http_recs_buffers_large =
    { NGX_HTTP_RECS_BUFFER_LARGE, 16, 0, NULL };


u_char *
ngx_http_recs_buffer(ngx_pool_t *pool, size_t size)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_recs_buffer_t   *b;
    ngx_http_recs_buffers_t  *buffers;

    if (size <= NGX_HTTP_RECS_BUFFER_SIZE) {
        buffers = &ngx_http_recs_buffers_small;

    } else if (size == NGX_HTTP_RECS_BUFFER_LARGE) {
        buffers = &ngx_http_recs_buffers_large;

    } else {
        return ngx_pnalloc(pool, size);
    }

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    b = buffers->list;

    if (b) {
        buffers->list = b->next;
        buffers->free--;

    } else {
        b = ngx_alloc(sizeof(ngx_http_recs_buffer_t) + buffers->size,
                      pool->log);
        if (b == NULL) {
            return NULL;
        }

        b->buffers = buffers;
    }

    cln->handler = ngx_http_recs_buffer_cleanup;
    cln->data = b;

    return b->data;
}


static void
ngx_http_recs_buffer_cleanup(void *data)
{
    ngx_http_recs_buffer_t *b = data;

    ngx_http_recs_buffers_t  *buffers;

    buffers = b->buffers;

    if (buffers->free == buffers->most) {
        ngx_free(b);
        return;
    }

    b->next = buffers->list;
    buffers->list = b;
    buffers->free++;
}
