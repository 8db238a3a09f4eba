
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_visit.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_ZONE_SIZE  (16 * 1024 * 1024)


static ngx_int_t ngx_http_recs_zone_add(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name, size_t size);
static ngx_int_t ngx_http_recs_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);


const ngx_http_recs_counter_t  ngx_http_recs_counters[] = {

    { ngx_string("items_total"),
      ngx_string("Items listed in answers.") },

    { ngx_string("snapshot_swaps_total"),
      ngx_string("Snapshots brought into use, summed over workers.") },

    { ngx_string("snapshot_refused_total"),
      ngx_string("Published snapshots that were refused.") },

    { ngx_string("layers_total"),
      ngx_string("Hot layers brought into use, summed over workers.") },

    { ngx_string("layers_expired_total"),
      ngx_string("Hot layers that were dropped because they were too old.") },

    { ngx_string("events_accepted_total"),
      ngx_string("Events that were acknowledged.") },

    { ngx_string("events_rejected_total"),
      ngx_string("Events that were not valid.") },

    { ngx_string("events_unavailable_total"),
      ngx_string("Events refused because the journal was full.") },

    { ngx_string("exposures_total"),
      ngx_string("Exposures written to the journal.") },

    { ngx_string("exposures_dropped_total"),
      ngx_string("Exposures that could not be written.") },

    { ngx_string("lists_total"),
      ngx_string("Lists behind recommendation ids in the journal.") },

    { ngx_string("journal_segments_total"),
      ngx_string("Journal segments made.") },

    { ngx_string("journal_removed_total"),
      ngx_string("Journal segments removed after the builder's commit.") },

    { ngx_string("journal_adopted_total"),
      ngx_string("Journal segments adopted from a worker that is gone.") },

    { ngx_string("journal_errors_total"),
      ngx_string("Failed operations on journal segments.") },

    { ngx_string("redis_connects_total"),
      ngx_string("Connections made to Redis.") },

    { ngx_string("redis_errors_total"),
      ngx_string("Errors of Redis or of the connection to it.") },

    { ngx_string("redis_batches_total"),
      ngx_string("Batches acknowledged by Redis.") },

    { ngx_string("redis_events_total"),
      ngx_string("Events acknowledged by Redis, with those sent again.") },

    { ngx_string("redis_resent_total"),
      ngx_string("Events sent to Redis once more.") },

    { ngx_string("sessions_evicted_total"),
      ngx_string("Live sessions that made room for others.") },

    { ngx_string("sessions_reset_total"),
      ngx_string("Live sessions lost with the worker that wrote them.") },

    { ngx_string("sessions_retries_total"),
      ngx_string("Further tries to read or write live sessions.") },

    { ngx_string("sessions_conflicts_total"),
      ngx_string("Live sessions that could not be read or written.") },

    { ngx_string("sessions_asked_total"),
      ngx_string("Live sessions that Redis was asked for.") },

    { ngx_string("sessions_followed_total"),
      ngx_string("Live sessions that Redis had.") },

    { ngx_string("sessions_late_total"),
      ngx_string("Answers that waited for Redis in vain.") },

    { ngx_string("erasures_total"),
      ngx_string("Users and sessions that were erased.") },

    { ngx_string("clicks_total"),
      ngx_string("Clicks redirected and written to the journal.") },

    { ngx_string("clicks_uncounted_total"),
      ngx_string("Clicks redirected that could not be written.") },

    { ngx_string("clicks_looks_total"),
      ngx_string("Redirects of prefetches and HEAD requests.") },

    { ngx_string("clicks_late_total"),
      ngx_string("Redirects of links that were too old to count.") },

    { ngx_string("clicks_forged_total"),
      ngx_string("Links that no known key has signed.") },

    { ngx_string("clicks_gone_total"),
      ngx_string("Links to products that are no longer there.") },

    { ngx_string("clicks_astray_total"),
      ngx_string("Links to products whose address is not allowed.") },
};


const ngx_uint_t  ngx_http_recs_bounds[] = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000,
    250000, 1000000
};


ngx_str_t  ngx_http_recs_results[] = {
    ngx_string("HIT"),
    ngx_string("FALLBACK"),
    ngx_string("EMPTY"),
    ngx_string("NOT_MODIFIED"),
    ngx_string("REFUSED"),
    ngx_string("UNAVAILABLE")
};


char *
ngx_http_recs_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, s;

    value = cf->args->elts;

    if (rmcf->shm_zone) {
        return "is duplicate";
    }

    name = value[1];

    p = (u_char *) ngx_strchr(name.data, ':');
    if (p == NULL || p == name.data) {
        goto invalid;
    }

    name.len = p - name.data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);
    if (size == NGX_ERROR) {
        goto invalid;
    }

    if ((size_t) size < sizeof(ngx_http_recs_zone_t) + 8 * ngx_pagesize) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_zone_add(cf, rmcf, &name, size) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid zone \"%V\"", &value[1]);

    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_recs_zone_default(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    static ngx_str_t  name = ngx_string("recs");

    if (rmcf->shm_zone) {
        return NGX_OK;
    }

    return ngx_http_recs_zone_add(cf, rmcf, &name, NGX_HTTP_RECS_ZONE_SIZE);
}


static ngx_int_t
ngx_http_recs_zone_add(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_str_t *name, size_t size)
{
    rmcf->shm_zone = ngx_shared_memory_add(cf, name, size,
                                           &ngx_http_recs_module);
    if (rmcf->shm_zone == NULL) {
        return NGX_ERROR;
    }

    rmcf->shm_zone->init = ngx_http_recs_init_zone;
    rmcf->shm_zone->data = rmcf;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_slab_pool_t            *shpool;
    ngx_http_recs_zone_t       *zone;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = shm_zone->data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    zone = NULL;

    if (data || shm_zone->shm.exists) {
        zone = shpool->data;
    }

    if (zone && zone->magic == NGX_HTTP_RECS_ZONE_MAGIC
        && zone->version == NGX_HTTP_RECS_ZONE_VERSION
        && zone->size == sizeof(ngx_http_recs_zone_t))
    {
        goto done;
    }

    /* of another version of the module: its old workers keep theirs */

    zone = ngx_slab_calloc(shpool, sizeof(ngx_http_recs_zone_t));
    if (zone == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" is too small", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    zone->magic = NGX_HTTP_RECS_ZONE_MAGIC;
    zone->version = NGX_HTTP_RECS_ZONE_VERSION;
    zone->size = sizeof(ngx_http_recs_zone_t);
    zone->started = ngx_time();
    zone->visits = ngx_http_recs_visit_create(shpool, &zone->seen);

    shpool->data = zone;

done:

    rmcf->zone = zone;
    rmcf->slot = &zone->slots[0];

    return NGX_OK;
}


void
ngx_http_recs_zone_init_worker(ngx_http_recs_main_conf_t *rmcf)
{
    rmcf->slot = &rmcf->zone->slots[ngx_worker & (NGX_HTTP_RECS_SLOTS - 1)];
    rmcf->zone->workers[ngx_worker % NGX_MAX_PROCESSES] =
                                            (ngx_atomic_uint_t) ngx_pid << 1;
}


void
ngx_http_recs_zone_redis(ngx_http_recs_main_conf_t *rmcf, ngx_uint_t up)
{
    ngx_atomic_t       *worker;
    ngx_atomic_uint_t   pid;

    worker = &rmcf->zone->workers[ngx_worker % NGX_MAX_PROCESSES];
    pid = (ngx_atomic_uint_t) ngx_pid << 1;

    /* fails where the place is another one's by now */

    (void) ngx_atomic_cmp_set(worker, pid + !up, pid + up);
}


ngx_uint_t
ngx_http_recs_zone_redis_up(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_int_t         i, n;
    ngx_uint_t        up;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                           ngx_core_module);

    n = ngx_min(ccf->worker_processes, NGX_MAX_PROCESSES);
    up = 0;

    for (i = 0; i < n; i++) {
        up += rmcf->zone->workers[i] & 1;
    }

    return up;
}


void
ngx_http_recs_zone_answer(ngx_http_recs_main_conf_t *rmcf,
    ngx_uint_t strategy, ngx_uint_t result, uint64_t ns)
{
    ngx_uint_t             i;
    ngx_http_recs_slot_t  *slot;

    slot = rmcf->slot;

    if (slot == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_RECS_BUCKETS; i++) {
        if (ns <= ngx_http_recs_bounds[i] * 1000) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&slot->requests[strategy][result], 1);
    (void) ngx_atomic_fetch_add(&slot->buckets[i], 1);
    (void) ngx_atomic_fetch_add(&slot->latency_ns, ns);
}


void
ngx_http_recs_zone_sum(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *sum)
{
    ngx_uint_t     i, n, slots;
    ngx_atomic_t  *to, *from;

    ngx_memzero(sum, sizeof(ngx_http_recs_slot_t));

    /* a slot is nothing but counters */

    n = offsetof(ngx_http_recs_slot_t, pad) / sizeof(ngx_atomic_t);
    to = (ngx_atomic_t *) sum;

    for (slots = 0; slots < NGX_HTTP_RECS_SLOTS; slots++) {
        from = (ngx_atomic_t *) &rmcf->zone->slots[slots];

        for (i = 0; i < n; i++) {
            to[i] += from[i];
        }
    }
}
