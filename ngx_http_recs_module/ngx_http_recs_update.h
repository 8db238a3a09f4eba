/*
 * Copyright (C) recs authors
 *
 * Who may change the catalogue by POST.
 */

#ifndef _NGX_HTTP_RECS_UPDATE_H_INCLUDED_
#define _NGX_HTTP_RECS_UPDATE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* "recs_update_key FILE | off": a key a line, read when nginx starts. */

char *ngx_http_recs_update_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Whether a request comes with one of the keys, as "Authorization: Bearer
 * KEY" or "X-Recs-Key: KEY".  How long it takes does not depend on how much
 * of a key was guessed.
 */

ngx_uint_t ngx_http_recs_update_allowed(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_UPDATE_H_INCLUDED_ */
