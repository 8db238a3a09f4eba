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


#define NGX_HTTP_RECS_VERSION  "0.4.0"


typedef struct ngx_http_recs_source_s   ngx_http_recs_source_t;
typedef struct ngx_http_recs_stack_s    ngx_http_recs_stack_t;
typedef struct ngx_http_recs_canary_s   ngx_http_recs_canary_t;
typedef struct ngx_http_recs_view_s     ngx_http_recs_view_t;
typedef struct ngx_http_recs_zone_s     ngx_http_recs_zone_t;
typedef struct ngx_http_recs_slot_s     ngx_http_recs_slot_t;
typedef struct ngx_http_recs_pin_s      ngx_http_recs_pin_t;
typedef struct ngx_http_recs_journal_s  ngx_http_recs_journal_t;
typedef struct ngx_http_recs_redis_s    ngx_http_recs_redis_t;
typedef struct ngx_http_recs_visits_s   ngx_http_recs_visits_t;
typedef struct ngx_http_recs_template_s  ngx_http_recs_template_t;
typedef struct ngx_http_recs_clicks_s   ngx_http_recs_clicks_t;
typedef struct ngx_http_recs_made_s     ngx_http_recs_made_t;
typedef struct ngx_http_recs_roam_s     ngx_http_recs_roam_t;
typedef struct ngx_http_recs_sweep_s    ngx_http_recs_sweep_t;
typedef struct ngx_http_recs_roam_ask_s  ngx_http_recs_roam_ask_t;


typedef struct {
    ngx_array_t               sources;   /* ngx_http_recs_source_t * */
    ngx_array_t               stacks;    /* ngx_http_recs_stack_t * */
    ngx_array_t               keys;      /* ngx_http_recs_keys_t * */
    ngx_array_t               lists;     /* ngx_str_t, names of recs_list */

    ngx_shm_zone_t           *shm_zone;
    ngx_http_recs_zone_t     *zone;      /* in shared memory */
    ngx_http_recs_slot_t     *slot;      /* of this worker in the zone */
    ngx_uint_t                used;      /* a directive needs the zone */

    ngx_http_recs_journal_t  *journal;   /* NULL: recs_journal is off */
    ngx_http_recs_redis_t    *redis;     /* NULL: recs_redis is off */
    ngx_thread_pool_t        *thread_pool;

    uint64_t                  epoch;     /* of this process */
    uint64_t                  sequence;  /* of private recommendationIds */
    recs_scratch_t           *scratch;   /* of this process */
    recs_event_t             *event;     /* of this process */
    ngx_http_recs_visits_t   *visits;    /* NULL: no live sessions */
} ngx_http_recs_main_conf_t;


/*
 * A key file, loaded by init_process and again when it changes, one for
 * each path.  keys.count is 0 as long as there is none.
 */

typedef struct {
    ngx_str_t                 path;
    recs_keys_t               keys;
    ngx_file_uniq_t           uniq;      /* of the file that was loaded */
    time_t                    mtime;
} ngx_http_recs_keys_t;


typedef struct {
    ngx_http_recs_stack_t    *stack;     /* recs_snapshot */
    ngx_http_recs_canary_t   *canary;    /* recs_canary */
    ngx_http_recs_keys_t     *key;       /* recs_key */
    ngx_http_recs_keys_t     *keys;      /* it, or beside the snapshot */
    ngx_str_t                 shop;      /* recs_shop */
    ngx_http_complex_value_t *user;      /* recs_user */
    ngx_http_complex_value_t *session;   /* recs_session, NULL: the header
                                            X-Session-ID */
    ngx_http_complex_value_t *region;    /* recs_region */
    ngx_http_complex_value_t *variant;   /* recs_variant */
    ngx_http_complex_value_t *consent;   /* recs_consent */
    ngx_array_t              *weights;   /* recs_similar_weights, float */
    ngx_uint_t                limit;     /* recs_limit DEFAULT [max=N] */
    ngx_uint_t                limit_max;
    ngx_array_t              *update_keys;   /* recs_update_key, ngx_str_t */
    ngx_array_t              *analytics_keys;   /* recs_analytics_key, same */
    ngx_array_t              *erase_keys;    /* recs_erase_key, the same */
    ngx_uint_t                low_stock; /* recs_low_stock */
    ngx_flag_t                exposures; /* recs_exposures */
    ngx_uint_t                format;    /* recs_format, UNSET: by Accept */
    ngx_http_recs_template_t *template;  /* recs_template */
    ngx_array_t              *lists;     /* recs_list */
    ngx_flag_t                server_timing;   /* recs_server_timing */
    ngx_http_recs_clicks_t   *clicks;    /* recs_clicks */
    ngx_array_t              *click_hosts;   /* of it, recs_host_t */
    ngx_str_t                 fallback;  /* of recs_click */
    size_t                    batch_max_body;
    ngx_uint_t                events_max_body;
    ngx_uint_t                events_max_batch;
    ngx_uint_t                status;    /* format of recs_status */
} ngx_http_recs_loc_conf_t;


/*
 * Of the main request, made once and shared by its subrequests: an SSI page
 * sees one view of a source.  "view" is the one pinned last; each pin holds
 * a reference that a pool cleanup drops.
 */

typedef struct {
    ngx_http_recs_view_t     *view;
    ngx_http_recs_pin_t      *pins;
    ngx_uint_t                strategy;
    ngx_uint_t                result;    /* NGX_HTTP_RECS_HIT, ... */
    ngx_uint_t                count;     /* items listed */
    ngx_uint_t                fallback;  /* strategies that filled up */
    uint8_t                   fallbacks[8];
    ngx_uint_t                accepted;  /* events */
    ngx_uint_t                rejected;
    uint64_t                  time;      /* ns of the computation */
    ngx_uint_t                arm;       /* NGX_HTTP_RECS_ARM_* */
    ngx_str_t                 variant;   /* in r->pool */
    ngx_str_t                 placement; /* the same */
    u_char                    id[40];    /* recommendationId */
    size_t                    id_len;
    recs_answer_item_t       *items;     /* "count" of them, in r->pool */
    ngx_http_recs_made_t     *made;      /* values of recs_list */
    ngx_uint_t                answered;  /* all but the events is set */
    ngx_uint_t                waited;    /* for a session of another edge */
    unsigned                  agent:1;   /* the User-Agent was looked at: */
    uint8_t                   device;    /* RECS_DEVICE_* */
    recs_str_t                browser;
} ngx_http_recs_ctx_t;


/* The context of a request, made where there is none; NULL: no memory. */

ngx_http_recs_ctx_t *ngx_http_recs_ctx(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_recs_module;


#endif /* _NGX_HTTP_RECS_MODULE_H_INCLUDED_ */
