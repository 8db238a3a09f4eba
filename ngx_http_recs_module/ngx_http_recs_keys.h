/*
 * Copyright (C) recs authors
 *
 * The key files that turn identifiers into identities.
 */

#ifndef _NGX_HTTP_RECS_KEYS_H_INCLUDED_
#define _NGX_HTTP_RECS_KEYS_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_key FILE. */

char *ngx_http_recs_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* The keys of a path, one for all locations that name it; NULL: no memory. */

ngx_http_recs_keys_t *ngx_http_recs_keys_add(ngx_conf_t *cf,
    ngx_str_t *path);

/* Refuses a key file that is there and cannot be read. */

ngx_int_t ngx_http_recs_keys_test(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

ngx_int_t ngx_http_recs_keys_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);


#endif /* _NGX_HTTP_RECS_KEYS_H_INCLUDED_ */
