/*
 * Copyright (C) recs authors
 *
 * The shared memory zone: counters that only grow, a latency histogram, and
 * the verdicts on snapshot files.  Old and new workers share it during a
 * reload; magic, version and size are checked before it is reused.
 */

#ifndef _NGX_HTTP_RECS_ZONE_H_INCLUDED_
#define _NGX_HTTP_RECS_ZONE_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/snapshot/recs_manifest.h"


#define NGX_HTTP_RECS_ZONE_MAGIC    0x5a43455231ULL
#define NGX_HTTP_RECS_ZONE_VERSION  1


typedef enum {
    NGX_HTTP_RECS_HIT = 0,             /* the strategy filled the list */
    NGX_HTTP_RECS_FALLBACK,
    NGX_HTTP_RECS_EMPTY,
    NGX_HTTP_RECS_NOT_MODIFIED,
    NGX_HTTP_RECS_REFUSED,             /* 4xx */
    NGX_HTTP_RECS_UNAVAILABLE,         /* 503 */
    NGX_HTTP_RECS_RESULT_MAX
} ngx_http_recs_result_e;


/* One row each in ngx_http_recs_counters[] (name, help). */

typedef enum {
    NGX_HTTP_RECS_ITEMS = 0,           /* items listed */
    NGX_HTTP_RECS_SWAPS,
    NGX_HTTP_RECS_REFUSED_SNAPSHOTS,
    NGX_HTTP_RECS_EVENTS_ACCEPTED,
    NGX_HTTP_RECS_EVENTS_REJECTED,
    NGX_HTTP_RECS_EVENTS_UNAVAILABLE,  /* 503, the journal was full */
    NGX_HTTP_RECS_EXPOSURES,           /* journalled */
    NGX_HTTP_RECS_EXPOSURES_DROPPED,
    NGX_HTTP_RECS_LISTS,               /* lists behind ids, journalled */
    NGX_HTTP_RECS_JOURNAL_SEGMENTS,    /* made */
    NGX_HTTP_RECS_JOURNAL_REMOVED,
    NGX_HTTP_RECS_JOURNAL_ADOPTED,
    NGX_HTTP_RECS_JOURNAL_ERRORS,
    NGX_HTTP_RECS_REDIS_CONNECTS,
    NGX_HTTP_RECS_REDIS_ERRORS,
    NGX_HTTP_RECS_REDIS_BATCHES,       /* acknowledged */
    NGX_HTTP_RECS_REDIS_EVENTS,        /* acknowledged, resends included */
    NGX_HTTP_RECS_REDIS_RESENT,
    NGX_HTTP_RECS_COUNTER_MAX
} ngx_http_recs_counter_e;


#define NGX_HTTP_RECS_BUCKETS   16     /* upper bounds in a table, us */
#define NGX_HTTP_RECS_VERDICTS  64


/*
 * What is known of a snapshot file.  A worker claims an unknown file by
 * compare-and-swap on "owner" (its pid), hashes it, and stores the verdict;
 * a claim whose owner is gone may be taken over.
 */

typedef struct {
    ngx_atomic_t    owner;             /* pid that is hashing, 0 none */
    ngx_atomic_t    state;             /* ngx_http_recs_verdict_e */
    uint64_t        device;
    uint64_t        inode;
    uint64_t        size;
    int64_t         mtime_ns;
    uint64_t        id;
    u_char          sha256[RECS_SHA256_SIZE];
    ngx_atomic_t    used;              /* time, for replacement */
} ngx_http_recs_verdict_t;

typedef enum {
    NGX_HTTP_RECS_UNKNOWN = 0,
    NGX_HTTP_RECS_GOOD,
    NGX_HTTP_RECS_BAD
} ngx_http_recs_verdict_e;


struct ngx_http_recs_zone_s {
    uint64_t                 magic;
    uint64_t                 version;
    uint64_t                 size;     /* sizeof(ngx_http_recs_zone_t) */
    ngx_atomic_t             lock;     /* of verdict slots only */
    ngx_atomic_t             counters[NGX_HTTP_RECS_COUNTER_MAX];
    ngx_atomic_t             requests[RECS_STRATEGY_MAX]
                                     [NGX_HTTP_RECS_RESULT_MAX];
    ngx_atomic_t             buckets[NGX_HTTP_RECS_BUCKETS + 1];
    ngx_atomic_t             latency_ns;   /* sum */
    ngx_atomic_t             redis_up;     /* workers connected */
    ngx_http_recs_verdict_t  verdicts[NGX_HTTP_RECS_VERDICTS];
};


#define ngx_http_recs_count(rmcf, which, n)                                  \
    (void) ngx_atomic_fetch_add(&(rmcf)->zone->counters[which], n)


typedef struct {
    ngx_str_t  name;                   /* "snapshot_swaps_total" */
    ngx_str_t  help;
} ngx_http_recs_counter_t;

extern ngx_http_recs_counter_t  ngx_http_recs_counters[];
extern ngx_uint_t               ngx_http_recs_bounds[];   /* us */
extern ngx_str_t                ngx_http_recs_results[];


/* Directive recs_zone NAME:SIZE, and the zone that is there without it. */

char *ngx_http_recs_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_recs_zone_default(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/* Counts one answer and its time. */

void ngx_http_recs_zone_answer(ngx_http_recs_main_conf_t *rmcf,
    ngx_uint_t strategy, ngx_uint_t result, uint64_t ns);


#endif /* _NGX_HTTP_RECS_ZONE_H_INCLUDED_ */
