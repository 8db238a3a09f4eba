/*
 * Copyright (C) recs authors
 *
 * A list as text where no answer is sent: variables of a list.
 */

#ifndef _NGX_HTTP_RECS_LIST_H_INCLUDED_
#define _NGX_HTTP_RECS_LIST_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_list $name "arguments" [format=json|html|ids]. */

char *ngx_http_recs_list(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * The product ids of items, by commas, in the request's memory.  What could
 * end a header line is a question mark.  NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_recs_list_ids(ngx_pool_t *pool,
    const recs_snapshot_t *base, const recs_answer_item_t *items,
    ngx_uint_t n, ngx_str_t *text);


#endif /* _NGX_HTTP_RECS_LIST_H_INCLUDED_ */
