/*
 * Copyright (C) recs authors
 *
 * A text of many pieces in a few large buffers, sent at once.
 */

#ifndef _NGX_HTTP_RECS_PIECES_H_INCLUDED_
#define _NGX_HTTP_RECS_PIECES_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/recs_out.h"


#define NGX_HTTP_RECS_PIECES_END  8    /* bytes kept free behind the last */


/* Zeroed before the first room(). */

typedef struct {
    recs_out_t     out;                /* behind what is written */
    ngx_chain_t   *bufs;
    ngx_chain_t  **last;
    ngx_buf_t     *buf;                /* the last one */
    off_t          len;                /* of those before it */
} ngx_http_recs_pieces_t;


/*
 * Another buffer, of "size" bytes at least, 0: as many as is usual; what does
 * not fit into the one at hand is never cut in two.  The one at hand must not
 * be empty.  NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_recs_pieces_room(ngx_pool_t *pool,
    ngx_http_recs_pieces_t *p, size_t size);

/*
 * Sends all with "end" behind it, a literal of NGX_HTTP_RECS_PIECES_END bytes
 * at most, as an answer of 200; what a content handler returns.
 */

ngx_int_t ngx_http_recs_pieces_send(ngx_http_request_t *r,
    ngx_http_recs_pieces_t *p, const ngx_str_t *type, const char *end);


#endif /* _NGX_HTTP_RECS_PIECES_H_INCLUDED_ */
