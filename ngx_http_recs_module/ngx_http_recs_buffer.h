/*
 * Copyright (C) recs authors
 *
 * Memory to render into, kept by the process from one request to the next,
 * so that an answer costs no malloc.
 */

#ifndef _NGX_HTTP_RECS_BUFFER_H_INCLUDED_
#define _NGX_HTTP_RECS_BUFFER_H_INCLUDED_


#include "ngx_http_recs_module.h"


#define NGX_HTTP_RECS_BUFFER_SIZE   16384
#define NGX_HTTP_RECS_BUFFER_LARGE  131072    /* of many answers */


/*
 * At least "size" bytes until the pool goes, or NULL.  Up to the first of
 * these sizes, and of exactly the second, they are kept; else allocated.
 */

u_char *ngx_http_recs_buffer(ngx_pool_t *pool, size_t size);


#endif /* _NGX_HTTP_RECS_BUFFER_H_INCLUDED_ */
