
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_args.h"
#include "ngx_http_recs_canary.h"
#include "ngx_http_recs_click.h"
#include "ngx_http_recs_events.h"
#include "ngx_http_recs_form.h"
#include "ngx_http_recs_handler.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_keys.h"
#include "ngx_http_recs_list.h"
#include "ngx_http_recs_redis.h"
#include "ngx_http_recs_secret.h"
#include "ngx_http_recs_snapshot.h"
#include "ngx_http_recs_roam.h"
#include "ngx_http_recs_sweep.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_SHOP_MAX  64


static char *ngx_http_recs(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_recs_events(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_recs_click(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_recs_location(ngx_conf_t *cf,
    ngx_http_handler_pt handler);
static char *ngx_http_recs_check_shop(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_recs_check_body(ngx_conf_t *cf, void *post,
    void *data);
static void *ngx_http_recs_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_recs_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_recs_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_recs_merge_keys(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf);
static ngx_int_t ngx_http_recs_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_recs_init_worker(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_recs_init_memory(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
static void ngx_http_recs_exit_worker(ngx_cycle_t *cycle);
static ngx_http_recs_main_conf_t *ngx_http_recs_worker_conf(
    ngx_cycle_t *cycle);


static ngx_conf_post_t  ngx_http_recs_shop_post =
    { ngx_http_recs_check_shop };

static ngx_conf_post_t  ngx_http_recs_body_post =
    { ngx_http_recs_check_body };

static ngx_conf_num_bounds_t  ngx_http_recs_low_stock_bounds =
    { ngx_conf_check_num_bounds, 0, 1000000 };

static ngx_conf_num_bounds_t  ngx_http_recs_batch_bounds =
    { ngx_conf_check_num_bounds, 1, 100000 };


static ngx_conf_enum_t  ngx_http_recs_formats[] = {
    { ngx_string("json"), NGX_HTTP_RECS_FORM_JSON },
    { ngx_string("msgpack"), NGX_HTTP_RECS_FORM_MSGPACK },
    { ngx_string("html"), NGX_HTTP_RECS_FORM_HTML },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_recs_commands[] = {

    { ngx_string("recs"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_recs,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_events"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_recs_events,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_recs_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_snapshot"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
                        |NGX_CONF_TAKE1234,
      ngx_http_recs_snapshot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_canary"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_recs_canary,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_journal"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_recs_journal,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_redis"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_recs_redis,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_shop"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, shop),
      &ngx_http_recs_shop_post },

    { ngx_string("recs_user"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, user),
      NULL },

    { ngx_string("recs_session"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, session),
      NULL },

    { ngx_string("recs_region"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, region),
      NULL },

    { ngx_string("recs_variant"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, variant),
      NULL },

    { ngx_string("recs_consent"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, consent),
      NULL },

    { ngx_string("recs_similar_weights"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_recs_similar_weights,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_limit"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_recs_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_low_stock"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, low_stock),
      &ngx_http_recs_low_stock_bounds },

    { ngx_string("recs_format"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, format),
      ngx_http_recs_formats },

    { ngx_string("recs_template"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_template,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_list"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE23,
      ngx_http_recs_list,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_server_timing"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, server_timing),
      NULL },

    { ngx_string("recs_exposures"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, exposures),
      NULL },

    { ngx_string("recs_clicks"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_recs_clicks,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_click"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_recs_click,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_click_hosts"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_recs_click_hosts,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_update_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_secret_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, update_keys),
      NULL },

    { ngx_string("recs_analytics_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_secret_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, analytics_keys),
      NULL },

    { ngx_string("recs_erase_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_secret_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, erase_keys),
      NULL },

    { ngx_string("recs_batch_max_body"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, batch_max_body),
      &ngx_http_recs_body_post },

    { ngx_string("recs_events_max_body"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, events_max_body),
      &ngx_http_recs_body_post },

    { ngx_string("recs_events_max_batch"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, events_max_batch),
      &ngx_http_recs_batch_bounds },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_recs_module_ctx = {
    ngx_http_recs_add_variables,           /* preconfiguration */
    ngx_http_recs_init,                    /* postconfiguration */

    ngx_http_recs_create_main_conf,        /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_recs_create_loc_conf,         /* create location configuration */
    ngx_http_recs_merge_loc_conf           /* merge location configuration */
};


ngx_module_t  ngx_http_recs_module = {
    NGX_MODULE_V1,
    &ngx_http_recs_module_ctx,             /* module context */
    ngx_http_recs_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_recs_init_worker,             /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_recs_exit_worker,             /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_http_recs(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_recs_location(cf, ngx_http_recs_handler);
}


static char *
ngx_http_recs_events(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_recs_location(cf, ngx_http_recs_events_handler);
}


static char *
ngx_http_recs_click(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *rv;

    rv = ngx_http_recs_click_fallback(cf, conf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_recs_location(cf, ngx_http_recs_click_handler);
}


static char *
ngx_http_recs_location(ngx_conf_t *cf, ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_recs_main_conf_t  *rmcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (ngx_http_recs_location_taken(clcf)) {
        return "is duplicate";
    }

    /* what is asked for is the path below the name of the location */

    if (clcf->named) {
        return "cannot be used inside a named location";
    }

#if (NGX_PCRE)
    if (clcf->regex) {
        return "cannot be used inside a location given by regular expression";
    }
#endif

    clcf->handler = handler;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
    rmcf->used = 1;

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_recs_location_taken(ngx_http_core_loc_conf_t *clcf)
{
    return clcf->handler == ngx_http_recs_handler
           || clcf->handler == ngx_http_recs_events_handler
           || clcf->handler == ngx_http_recs_click_handler
           || clcf->handler == ngx_http_recs_status_handler;
}


static char *
ngx_http_recs_check_shop(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *shop = data;

    const char  *err;

    if (shop->len == 0 || shop->len > NGX_HTTP_RECS_SHOP_MAX
        || ngx_http_recs_args_text(shop, &err) != NGX_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid shop \"%V\"", shop);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_check_body(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size == 0 || *size > NGX_MAX_INT32_VALUE) {
        return "must be from 1 byte to 2 gigabytes";
    }

    return NGX_CONF_OK;
}


static void *
ngx_http_recs_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_main_conf_t));
    if (rmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     rmcf->shm_zone = NULL;
     *     rmcf->zone = NULL;
     *     rmcf->slot = NULL;
     *     rmcf->used = 0;
     *     rmcf->journal = NULL;
     *     rmcf->redis = NULL;
     *     rmcf->thread_pool = NULL;
     *     rmcf->epoch = 0;
     *     rmcf->sequence = 0;
     *     rmcf->scratch = NULL;
     *     rmcf->event = NULL;
     *     rmcf->visits = NULL;
     */

    if (ngx_array_init(&rmcf->sources, cf->pool, 4,
                       sizeof(ngx_http_recs_source_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&rmcf->stacks, cf->pool, 4,
                       sizeof(ngx_http_recs_stack_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&rmcf->keys, cf->pool, 4,
                       sizeof(ngx_http_recs_keys_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&rmcf->lists, cf->pool, 4, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NULL;
    }

    return rmcf;
}


static void *
ngx_http_recs_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_recs_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->keys = NULL;
     *     conf->shop = { 0, NULL };
     *     conf->fallback = { 0, NULL };
     */

    conf->stack = NGX_CONF_UNSET_PTR;
    conf->canary = NGX_CONF_UNSET_PTR;
    conf->key = NGX_CONF_UNSET_PTR;
    conf->user = NGX_CONF_UNSET_PTR;
    conf->session = NGX_CONF_UNSET_PTR;
    conf->region = NGX_CONF_UNSET_PTR;
    conf->variant = NGX_CONF_UNSET_PTR;
    conf->consent = NGX_CONF_UNSET_PTR;
    conf->weights = NGX_CONF_UNSET_PTR;
    conf->limit = NGX_CONF_UNSET_UINT;
    conf->limit_max = NGX_CONF_UNSET_UINT;
    conf->update_keys = NGX_CONF_UNSET_PTR;
    conf->analytics_keys = NGX_CONF_UNSET_PTR;
    conf->erase_keys = NGX_CONF_UNSET_PTR;
    conf->low_stock = NGX_CONF_UNSET_UINT;
    conf->format = NGX_CONF_UNSET_UINT;
    conf->template = NGX_CONF_UNSET_PTR;
    conf->lists = NGX_CONF_UNSET_PTR;
    conf->server_timing = NGX_CONF_UNSET;
    conf->clicks = NGX_CONF_UNSET_PTR;
    conf->click_hosts = NGX_CONF_UNSET_PTR;
    conf->exposures = NGX_CONF_UNSET;
    conf->batch_max_body = NGX_CONF_UNSET_SIZE;
    conf->events_max_body = NGX_CONF_UNSET_SIZE;
    conf->events_max_batch = NGX_CONF_UNSET_UINT;
    conf->status = NGX_CONF_UNSET_UINT;

    return conf;
}


static char *
ngx_http_recs_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_recs_loc_conf_t *prev = parent;
    ngx_http_recs_loc_conf_t *conf = child;

    ngx_conf_merge_ptr_value(conf->stack, prev->stack, NULL);
    ngx_conf_merge_ptr_value(conf->canary, prev->canary, NULL);
    ngx_conf_merge_ptr_value(conf->key, prev->key, NULL);
    ngx_conf_merge_str_value(conf->shop, prev->shop, "");
    ngx_conf_merge_ptr_value(conf->user, prev->user, NULL);
    ngx_conf_merge_ptr_value(conf->session, prev->session, NULL);
    ngx_conf_merge_ptr_value(conf->region, prev->region, NULL);
    ngx_conf_merge_ptr_value(conf->variant, prev->variant, NULL);
    ngx_conf_merge_ptr_value(conf->consent, prev->consent, NULL);
    ngx_conf_merge_ptr_value(conf->weights, prev->weights, NULL);
    ngx_conf_merge_uint_value(conf->limit, prev->limit, RECS_LIMIT_DEFAULT);
    ngx_conf_merge_uint_value(conf->limit_max, prev->limit_max,
                              RECS_LIMIT_MAX);
    ngx_conf_merge_ptr_value(conf->update_keys, prev->update_keys, NULL);
    ngx_conf_merge_ptr_value(conf->analytics_keys, prev->analytics_keys,
                             NULL);
    ngx_conf_merge_ptr_value(conf->erase_keys, prev->erase_keys, NULL);
    ngx_conf_merge_uint_value(conf->low_stock, prev->low_stock, 5);
    ngx_conf_merge_ptr_value(conf->template, prev->template, NULL);
    ngx_conf_merge_ptr_value(conf->lists, prev->lists, NULL);
    ngx_conf_merge_value(conf->server_timing, prev->server_timing, 0);
    ngx_conf_merge_ptr_value(conf->clicks, prev->clicks, NULL);
    ngx_conf_merge_ptr_value(conf->click_hosts, prev->click_hosts, NULL);
    ngx_conf_merge_str_value(conf->fallback, prev->fallback, "");
    ngx_conf_merge_value(conf->exposures, prev->exposures, 1);

    /* where it is not set, it is for the client to say */

    if (conf->format == NGX_CONF_UNSET_UINT) {
        conf->format = prev->format;
    }

    ngx_conf_merge_size_value(conf->batch_max_body, prev->batch_max_body,
                              256 * 1024);
    ngx_conf_merge_size_value(conf->events_max_body, prev->events_max_body,
                              64 * 1024);
    ngx_conf_merge_uint_value(conf->events_max_batch, prev->events_max_batch,
                              1000);

    return ngx_http_recs_merge_keys(cf, prev, conf);
}


/*
 * Without recs_key the key is beside the snapshot, whichever that is in the
 * end: only a location that answers knows.
 */

static char *
ngx_http_recs_merge_keys(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *prev,
    ngx_http_recs_loc_conf_t *conf)
{
    u_char                    *p;
    ngx_str_t                  path;
    ngx_http_recs_source_t    *base;
    ngx_http_core_loc_conf_t  *clcf;

    if (conf->key || conf->stack == NULL) {
        conf->keys = conf->key;
        return NGX_CONF_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler != ngx_http_recs_handler
        && clcf->handler != ngx_http_recs_events_handler
        && clcf->handler != ngx_http_recs_click_handler
        && conf->lists == NULL
        && !(clcf->noname && prev->keys))
    {
        return NGX_CONF_OK;
    }

    base = conf->stack->base;

    path.len = base->path.len - base->link.len + sizeof("key") - 1;
    path.data = ngx_pnalloc(cf->pool, path.len + 1);
    if (path.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = ngx_cpymem(path.data, base->path.data,
                   base->path.len - base->link.len);
    ngx_memcpy(p, "key", sizeof("key"));

    conf->keys = ngx_http_recs_keys_add(cf, &path);

    return conf->keys ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_recs_init(ngx_conf_t *cf)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    if (rmcf->redis && rmcf->journal == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"recs_redis\" needs \"recs_journal\"");
        return NGX_ERROR;
    }

    if (!rmcf->used && rmcf->sources.nelts == 0 && rmcf->journal == NULL) {
        return NGX_OK;
    }

    if (rmcf->sources.nelts && rmcf->thread_pool == NULL) {
        rmcf->thread_pool = ngx_thread_pool_add(cf, NULL);
        if (rmcf->thread_pool == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_recs_keys_test(cf, rmcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_recs_zone_default(cf, rmcf);
}


static ngx_int_t
ngx_http_recs_init_worker(ngx_cycle_t *cycle)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_recs_worker_conf(cycle);

    if (rmcf == NULL) {
        return NGX_OK;
    }

    ngx_http_recs_zone_init_worker(rmcf);

    if (ngx_http_recs_init_memory(cycle, rmcf) != NGX_OK
        || ngx_http_recs_visit_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_keys_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_snapshot_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_journal_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_roam_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_sweep_init_worker(cycle, rmcf) != NGX_OK
        || ngx_http_recs_redis_init_worker(cycle, rmcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_init_memory(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    rmcf->scratch = ngx_pcalloc(cycle->pool, sizeof(recs_scratch_t));
    if (rmcf->scratch == NULL) {
        return NGX_ERROR;
    }

    rmcf->event = ngx_pcalloc(cycle->pool, sizeof(recs_event_t));
    if (rmcf->event == NULL) {
        return NGX_ERROR;
    }

    if (recs_random64(&rmcf->epoch) != RECS_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "getrandom() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_recs_exit_worker(ngx_cycle_t *cycle)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_recs_worker_conf(cycle);

    /* a single process does not initialise itself again after a reload */

    if (rmcf == NULL || rmcf->scratch == NULL) {
        return;
    }

    ngx_http_recs_redis_exit_worker(cycle, rmcf);
    ngx_http_recs_journal_exit_worker(cycle, rmcf);
    ngx_http_recs_snapshot_exit_worker(cycle, rmcf);
}


/* Not that of a cache manager or loader, and only where it is used. */

static ngx_http_recs_main_conf_t *
ngx_http_recs_worker_conf(ngx_cycle_t *cycle)
{
    ngx_http_recs_main_conf_t  *rmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NULL;
    }

    rmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_recs_module);

    if (rmcf == NULL || rmcf->zone == NULL) {
        return NULL;
    }

    return rmcf;
}
