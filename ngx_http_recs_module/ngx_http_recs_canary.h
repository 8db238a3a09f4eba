/*
 * Copyright (C) recs authors
 *
 * A share of the visitors is answered from another snapshot.
 */

#ifndef _NGX_HTTP_RECS_CANARY_H_INCLUDED_
#define _NGX_HTTP_RECS_CANARY_H_INCLUDED_


#include "ngx_http_recs_snapshot.h"


/*
 * "recs_canary 5% PATH [hot=PATH] [key=$variable]".  A visitor is one of the
 * share where a hash of path and visitor is below it: the same in every
 * worker and on every host, after a reload, and still if the share grows.
 */

struct ngx_http_recs_canary_s {
    ngx_http_recs_stack_t     *stack;
    ngx_uint_t                 share;      /* of 10000 */
    uint64_t                   salt;
    ngx_http_complex_value_t  *key;        /* NULL: the verified user, else
                                              the session */
};


char *ngx_http_recs_canary(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Whether a request is to be answered from the canary: by the argument
 * "snapshot", else by who asks.  Nobody who is not known, and nobody who
 * refuses to be.
 */

ngx_uint_t ngx_http_recs_canary_takes(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args);


#endif /* _NGX_HTTP_RECS_CANARY_H_INCLUDED_ */
