
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_keys.h"


#define NGX_HTTP_RECS_KEYS_INTERVAL  1000


static void ngx_http_recs_keys_timer_handler(ngx_event_t *ev);
static void ngx_http_recs_keys_load(ngx_http_recs_keys_t *keys,
    ngx_uint_t create, ngx_log_t *log);


/* of this process */

static ngx_event_t  ngx_http_recs_keys_timer;


char *
ngx_http_recs_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rlcf->key != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (value[1].len == 0 || value[1].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "key file \"%V\" must be an absolute path",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (value[1].data[value[1].len - 1] == '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "key file \"%V\" has no file name", &value[1]);
        return NGX_CONF_ERROR;
    }

    rlcf->key = ngx_http_recs_keys_add(cf, &value[1]);
    if (rlcf->key == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_http_recs_keys_t *
ngx_http_recs_keys_add(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_uint_t                  i;
    ngx_http_recs_keys_t       *keys, **kp;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    kp = rmcf->keys.elts;

    for (i = 0; i < rmcf->keys.nelts; i++) {
        if (kp[i]->path.len == path->len
            && ngx_strncmp(kp[i]->path.data, path->data, path->len) == 0)
        {
            return kp[i];
        }
    }

    keys = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_keys_t));
    if (keys == NULL) {
        return NULL;
    }

    keys->path = *path;

    kp = ngx_array_push(&rmcf->keys);
    if (kp == NULL) {
        return NULL;
    }

    *kp = keys;

    return keys;
}


ngx_int_t
ngx_http_recs_keys_test(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t              i;
    const char             *err;
    recs_keys_t             keys;
    ngx_file_info_t         fi;
    ngx_http_recs_keys_t  **kp;

    kp = rmcf->keys.elts;

    ngx_memzero(&keys, sizeof(keys));

    for (i = 0; i < rmcf->keys.nelts; i++) {

        if (ngx_file_info(kp[i]->path.data, &fi) == NGX_FILE_ERROR) {
            ngx_log_error(NGX_LOG_WARN, cf->log, ngx_errno,
                          "key file \"%V\" is not there yet", &kp[i]->path);
            continue;
        }

        if (recs_keys_load(&keys, (char *) kp[i]->path.data, 0, &err)
            != RECS_OK)
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "key file \"%V\": %s", &kp[i]->path, err);
            return NGX_ERROR;
        }
    }

    ngx_explicit_memzero(&keys, sizeof(keys));

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_keys_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t              i;
    ngx_event_t            *ev;
    ngx_http_recs_keys_t  **kp;

    if (rmcf->keys.nelts == 0) {
        return NGX_OK;
    }

    kp = rmcf->keys.elts;

    for (i = 0; i < rmcf->keys.nelts; i++) {
        ngx_http_recs_keys_load(kp[i], 1, cycle->log);
    }

    ev = &ngx_http_recs_keys_timer;

    ngx_memzero(ev, sizeof(ngx_event_t));

    ev->handler = ngx_http_recs_keys_timer_handler;
    ev->data = rmcf;
    ev->log = cycle->log;
    ev->cancelable = 1;

    ngx_add_timer(ev, NGX_HTTP_RECS_KEYS_INTERVAL);

    return NGX_OK;
}


static void
ngx_http_recs_keys_timer_handler(ngx_event_t *ev)
{
    ngx_http_recs_main_conf_t *rmcf = ev->data;

    ngx_uint_t              i;
    ngx_http_recs_keys_t  **kp;

    if (ngx_exiting) {
        return;
    }

    kp = rmcf->keys.elts;

    for (i = 0; i < rmcf->keys.nelts; i++) {
        ngx_http_recs_keys_load(kp[i], 0, ev->log);
    }

    ngx_add_timer(ev, NGX_HTTP_RECS_KEYS_INTERVAL);
}


/* Keys that were good stay in use until there are better ones. */

static void
ngx_http_recs_keys_load(ngx_http_recs_keys_t *keys, ngx_uint_t create,
    ngx_log_t *log)
{
    ngx_uint_t        level;
    const char       *err;
    recs_keys_t       loaded;
    ngx_file_info_t   fi;

    ngx_memzero(&fi, sizeof(fi));

    if (ngx_file_info(keys->path.data, &fi) != NGX_FILE_ERROR) {

        if (keys->uniq == ngx_file_uniq(&fi)
            && keys->mtime == ngx_file_mtime(&fi))
        {
            return;
        }

        create = 0;

    } else if (!create) {
        return;
    }

    /* what is refused now is not looked at again until it changes */

    keys->uniq = ngx_file_uniq(&fi);
    keys->mtime = ngx_file_mtime(&fi);

    if (recs_keys_load(&loaded, (char *) keys->path.data, create, &err)
        != RECS_OK)
    {
        level = create ? NGX_LOG_WARN : NGX_LOG_ERR;
        ngx_log_error(level, log, 0, "key file \"%V\": %s",
                      &keys->path, err);
        return;
    }

    keys->keys = loaded;
}
