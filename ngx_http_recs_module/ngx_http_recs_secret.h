/*
 * Copyright (C) recs authors
 *
 * Keys that open what is not for everybody: to change the catalogue by POST,
 * to read reports and profiles.
 */

#ifndef _NGX_HTTP_RECS_SECRET_H_INCLUDED_
#define _NGX_HTTP_RECS_SECRET_H_INCLUDED_


#include "ngx_http_recs_module.h"


/*
 * "recs_..._key FILE | off", into the ngx_array_t * at cmd->offset, which was
 * NGX_CONF_UNSET_PTR: a key a line, read when nginx starts.  NULL: off.
 */

char *ngx_http_recs_secret_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Whether a request comes with one of the keys, as "Authorization: Bearer
 * KEY" or "X-Recs-Key: KEY".  How long it takes does not depend on how much
 * of a key was guessed.  keys NULL: it does not.
 */

ngx_uint_t ngx_http_recs_secret_given(ngx_http_request_t *r,
    const ngx_array_t *keys);


#endif /* _NGX_HTTP_RECS_SECRET_H_INCLUDED_ */
