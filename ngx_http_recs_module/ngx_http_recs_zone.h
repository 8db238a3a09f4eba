/*
 * Copyright (C) recs authors
 *
 * The shared memory zone: counters that only grow, a latency histogram, the
 * verdicts on snapshot files, and, in what is left of it, live sessions.  Old
 * and new workers share it during a reload; magic, version and size are
 * checked before it is reused.  Counters are kept in slots, one a worker, so
 * that workers do not contend for cache lines; two generations of workers
 * share a slot, hence the atomics.
 */

#ifndef _NGX_HTTP_RECS_ZONE_H_INCLUDED_
#define _NGX_HTTP_RECS_ZONE_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/recs_seen.h"
#include "../core/recs_visits.h"
#include "../core/snapshot/recs_manifest.h"


#define NGX_HTTP_RECS_ZONE_MAGIC    0x5a43455231ULL
#define NGX_HTTP_RECS_ZONE_VERSION  4


typedef enum {
    NGX_HTTP_RECS_HIT = 0,             /* the strategy filled the list */
    NGX_HTTP_RECS_FALLBACK,
    NGX_HTTP_RECS_EMPTY,
    NGX_HTTP_RECS_NOT_MODIFIED,
    NGX_HTTP_RECS_REFUSED,             /* 4xx */
    NGX_HTTP_RECS_UNAVAILABLE,         /* 503 */
    NGX_HTTP_RECS_RESULT_MAX
} ngx_http_recs_result_e;


/* Which snapshot a visitor is answered from where there is a canary. */

typedef enum {
    NGX_HTTP_RECS_ARM_BASE = 0,
    NGX_HTTP_RECS_ARM_CANARY,
    NGX_HTTP_RECS_ARM_MAX
} ngx_http_recs_arm_e;


/* One row each in ngx_http_recs_counters[] (name, help). */

typedef enum {
    NGX_HTTP_RECS_ITEMS = 0,           /* items listed */
    NGX_HTTP_RECS_SWAPS,
    NGX_HTTP_RECS_REFUSED_SNAPSHOTS,
    NGX_HTTP_RECS_LAYERS,              /* made and brought into use */
    NGX_HTTP_RECS_LAYERS_EXPIRED,
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
    NGX_HTTP_RECS_SESSIONS_EVICTED,
    NGX_HTTP_RECS_SESSIONS_RESET,
    NGX_HTTP_RECS_SESSIONS_RETRIES,
    NGX_HTTP_RECS_SESSIONS_CONFLICTS,
    NGX_HTTP_RECS_SESSIONS_ASKED,      /* of Redis */
    NGX_HTTP_RECS_SESSIONS_FOLLOWED,
    NGX_HTTP_RECS_SESSIONS_LATE,
    NGX_HTTP_RECS_ERASURES,            /* users and sessions */
    NGX_HTTP_RECS_CLICKS,              /* redirected and journalled */
    NGX_HTTP_RECS_CLICKS_UNCOUNTED,    /* the journal had no room */
    NGX_HTTP_RECS_CLICKS_LOOKS,        /* a prefetch, HEAD */
    NGX_HTTP_RECS_CLICKS_LATE,
    NGX_HTTP_RECS_CLICKS_FORGED,
    NGX_HTTP_RECS_CLICKS_GONE,
    NGX_HTTP_RECS_CLICKS_ASTRAY,       /* the address is not one of ours */
    NGX_HTTP_RECS_COUNTER_MAX
} ngx_http_recs_counter_e;


#define NGX_HTTP_RECS_BUCKETS   16     /* upper bounds in a table, us */
#define NGX_HTTP_RECS_VERDICTS  64
#define NGX_HTTP_RECS_SLOTS     64     /* a power of two */
#define NGX_HTTP_RECS_TYPES     (RECS_STRATEGY_MAX + 1)    /* and "NONE" */
#define NGX_HTTP_RECS_REPORTS   64
#define NGX_HTTP_RECS_USES      64


/*
 * What is known of a snapshot file.  A worker claims an unknown file by
 * compare-and-swap on "owner" (its pid), hashes it, and stores the verdict;
 * a claim whose owner is gone, or shows no sign of life, may be taken over.
 */

typedef enum {
    NGX_HTTP_RECS_UNKNOWN = 0,
    NGX_HTTP_RECS_GOOD,
    NGX_HTTP_RECS_BAD
} ngx_http_recs_verdict_e;

typedef struct {
    uint64_t        kind;              /* RECS_KIND_*, as it is used */
    uint64_t        device;
    uint64_t        inode;
    uint64_t        size;
    int64_t         mtime_ns;
    uint64_t        id;
    u_char          sha256[RECS_SHA256_SIZE];
} ngx_http_recs_file_t;

typedef struct {
    ngx_atomic_t          owner;       /* pid that is hashing, 0 none */
    ngx_atomic_t          alive;       /* last sign of life, ms */
    ngx_atomic_t          state;       /* ngx_http_recs_verdict_e */
    ngx_atomic_t          used;        /* ms, the oldest is replaced */
    ngx_http_recs_file_t  file;
} ngx_http_recs_verdict_t;


/* The snapshot that a source has in use: a hash of its path, and the id. */

typedef struct {
    uint64_t        path;
    uint64_t        id;
} ngx_http_recs_use_t;


struct ngx_http_recs_slot_s {
    ngx_atomic_t             counters[NGX_HTTP_RECS_COUNTER_MAX];
    ngx_atomic_t             requests[NGX_HTTP_RECS_TYPES]
                                     [NGX_HTTP_RECS_RESULT_MAX];
    ngx_atomic_t             arms[NGX_HTTP_RECS_ARM_MAX];
    ngx_atomic_t             buckets[NGX_HTTP_RECS_BUCKETS + 1];
    ngx_atomic_t             latency_ns;   /* sum */
    u_char                   pad[NGX_CPU_CACHE_LINE];
};


struct ngx_http_recs_zone_s {
    uint64_t                 magic;
    uint64_t                 version;
    uint64_t                 size;     /* sizeof(ngx_http_recs_zone_t) */
    time_t                   started;
    ngx_atomic_t             workers[NGX_MAX_PROCESSES];
                                       /* pid * 2, + 1: has Redis */
    ngx_atomic_t             generation; /* workers started so far */
    recs_visits_t           *visits;   /* NULL: no room for sessions */
    recs_seen_t             *seen;     /* messages in them; with visits */
    ngx_atomic_t             reported; /* reports made so far */
    uint64_t                 reports[NGX_HTTP_RECS_REPORTS];
    ngx_http_recs_use_t      uses[NGX_HTTP_RECS_USES];
    ngx_http_recs_verdict_t  verdicts[2][NGX_HTTP_RECS_VERDICTS];
                                       /* by kind: hot layers come every two
                                          seconds and must not push out what
                                          is known of bases */
    ngx_http_recs_slot_t     slots[NGX_HTTP_RECS_SLOTS];
};


#define ngx_http_recs_count(rmcf, which, n)                                  \
    (void) ngx_atomic_fetch_add(&(rmcf)->slot->counters[which], n)


typedef struct {
    ngx_str_t  name;                   /* "snapshot_swaps_total" */
    ngx_str_t  help;
} ngx_http_recs_counter_t;

extern const ngx_http_recs_counter_t  ngx_http_recs_counters[];
extern const ngx_uint_t               ngx_http_recs_bounds[];   /* us */
extern ngx_str_t                      ngx_http_recs_results[];


/* Directive recs_zone NAME:SIZE, and the zone that is there without it. */

char *ngx_http_recs_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_recs_zone_default(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/* Takes the slot of this worker. */

void ngx_http_recs_zone_init_worker(ngx_http_recs_main_conf_t *rmcf);

/*
 * Whether this worker is connected to Redis, and how many are.  Each has a
 * place of its own, which the next worker of its number takes over: whoever
 * was killed does not count any more, nor whoever is on the way out.
 */

void ngx_http_recs_zone_redis(ngx_http_recs_main_conf_t *rmcf,
    ngx_uint_t up);
ngx_uint_t ngx_http_recs_zone_redis_up(ngx_http_recs_main_conf_t *rmcf);

/*
 * Counts one answer and its time; RECS_STRATEGY_MAX is a request that named
 * no known type.
 */

void ngx_http_recs_zone_answer(ngx_http_recs_main_conf_t *rmcf,
    ngx_uint_t strategy, ngx_uint_t result, uint64_t ns);

/* The sums over all slots. */

void ngx_http_recs_zone_sum(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *sum);

/*
 * The verdict on a file, made where there is none yet.  Claims it for this
 * process: NGX_OK, or NGX_BUSY while a living one has it.
 */

ngx_http_recs_verdict_t *ngx_http_recs_zone_verdict(
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_file_t *file);
ngx_int_t ngx_http_recs_zone_claim(ngx_http_recs_verdict_t *verdict);

/*
 * Of a claimed one: a sign of life; the verdict on "file", which ends the
 * claim, or NGX_HTTP_RECS_UNKNOWN, which gives it back.
 */

void ngx_http_recs_zone_alive(ngx_http_recs_verdict_t *verdict);
void ngx_http_recs_zone_decide(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_verdict_t *verdict, ngx_http_recs_file_t *file,
    ngx_uint_t state);

/*
 * The id that a source has in use, for workers that are started while what
 * is published is refused or still to be hashed; 0 where there is none.
 */

void ngx_http_recs_zone_use(ngx_http_recs_main_conf_t *rmcf, uint64_t path,
    uint64_t id);
uint64_t ngx_http_recs_zone_used(ngx_http_recs_main_conf_t *rmcf,
    uint64_t path);

/* 1 for whoever comes first with a report: once a host, not once a worker. */

ngx_uint_t ngx_http_recs_zone_report(ngx_http_recs_main_conf_t *rmcf,
    uint64_t report);

/* Milliseconds of a clock that is the same in all processes and threads. */

ngx_uint_t ngx_http_recs_zone_now(void);


#endif /* _NGX_HTTP_RECS_ZONE_H_INCLUDED_ */
