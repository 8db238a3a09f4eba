/*
 * Copyright (C) recs authors
 *
 * What the files of the module share: configurations, the request context.
 * A feature header declares what a feature offers; features meet here only.
 */

#ifndef _NGX_HTTP_RECS_MODULE_H_INCLUDED_
#define _NGX_HTTP_RECS_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "../core/answer/recs_strategy.h"
#include "../core/event/recs_identity.h"


#define NGX_HTTP_RECS_VERSION  "0.1.0"


typedef struct ngx_http_recs_source_s   ngx_http_recs_source_t;
typedef struct ngx_http_recs_view_s     ngx_http_recs_view_t;
typedef struct ngx_http_recs_zone_s     ngx_http_recs_zone_t;
typedef struct ngx_http_recs_journal_s  ngx_http_recs_journal_t;
typedef struct ngx_http_recs_redis_s    ngx_http_recs_redis_t;


typedef struct {
    ngx_array_t               sources;   /* ngx_http_recs_source_t * */
    ngx_array_t               keys;      /* ngx_http_recs_keys_t * */

    ngx_shm_zone_t           *shm_zone;
    ngx_http_recs_zone_t     *zone;      /* in shared memory */

    ngx_http_recs_journal_t  *journal;   /* NULL: recs_journal is off */
    ngx_http_recs_redis_t    *redis;     /* NULL: recs_redis is off */
    ngx_thread_pool_t        *thread_pool;

    uint64_t                  epoch;     /* of this process */
    uint64_t                  sequence;  /* of private recommendationIds */
    recs_scratch_t           *scratch;   /* of this process */
    recs_event_t             *event;     /* of this process */
} ngx_http_recs_main_conf_t;


/* A key file, loaded by init_process, one for each path. */

typedef struct {
    ngx_str_t                 path;
    recs_keys_t               keys;
} ngx_http_recs_keys_t;


typedef struct {
    ngx_http_recs_source_t   *source;    /* recs_snapshot */
    ngx_http_recs_keys_t     *keys;      /* recs_key */
    ngx_str_t                 shop;      /* recs_shop */
    ngx_http_complex_value_t *user;      /* recs_user */
    ngx_http_complex_value_t *session;   /* recs_session */
    ngx_http_complex_value_t *region;    /* recs_region */
    ngx_http_complex_value_t *variant;   /* recs_variant */
    ngx_http_complex_value_t *consent;   /* recs_consent */
    ngx_array_t              *weights;   /* recs_similar_weights, float */
    ngx_uint_t                limit;     /* recs_limit DEFAULT [max=N] */
    ngx_uint_t                limit_max;
    ngx_flag_t                exposures; /* recs_exposures */
    ngx_uint_t                events_max_body;
    ngx_uint_t                events_max_batch;
    ngx_uint_t                status;    /* format of recs_status */
} ngx_http_recs_loc_conf_t;


/*
 * Of the main request, made once: an SSI page sees one view.  "view" holds
 * a reference that a pool cleanup drops.
 */

typedef struct {
    ngx_http_recs_view_t     *view;
    ngx_uint_t                strategy;
    ngx_uint_t                result;    /* NGX_HTTP_RECS_HIT, ... */
    ngx_uint_t                count;     /* items listed */
    ngx_uint_t                fallback;  /* strategies that filled up */
    ngx_uint_t                accepted;  /* events */
    ngx_uint_t                rejected;
    uint64_t                  time;      /* ns of the computation */
    u_char                    id[40];    /* recommendationId */
    size_t                    id_len;
} ngx_http_recs_ctx_t;


extern ngx_module_t  ngx_http_recs_module;


#endif /* _NGX_HTTP_RECS_MODULE_H_INCLUDED_ */
