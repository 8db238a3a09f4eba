
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_ZONE_SIZE   (1024 * 1024)
#define NGX_HTTP_RECS_CLAIM_TIME  30000    /* ms without a sign of life */


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


ngx_http_recs_verdict_t *
ngx_http_recs_zone_verdict(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_file_t *file)
{
    ngx_uint_t                i, now;
    ngx_slab_pool_t          *shpool;
    ngx_http_recs_verdict_t  *v, *oldest;

    shpool = (ngx_slab_pool_t *) rmcf->shm_zone->shm.addr;
    oldest = NULL;
    now = ngx_http_recs_zone_now();

    /* the master unlocks the pool's mutex for a worker that was killed */

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_RECS_VERDICTS; i++) {
        v = &rmcf->zone->verdicts[i];

        if (v->used && ngx_memcmp(&v->file, file, sizeof(*file)) == 0) {
            goto found;
        }

        if (oldest == NULL || v->used < oldest->used) {
            oldest = v;
        }
    }

    v = oldest;
    v->owner = 0;
    v->alive = 0;
    v->state = NGX_HTTP_RECS_UNKNOWN;
    v->file = *file;

found:

    v->used = now;

    ngx_shmtx_unlock(&shpool->mutex);

    return v;
}


ngx_int_t
ngx_http_recs_zone_claim(ngx_http_recs_verdict_t *verdict)
{
    ngx_uint_t         now;
    ngx_atomic_uint_t  owner;

    now = ngx_http_recs_zone_now();
    owner = verdict->owner;

    if (owner != 0
        && now - verdict->alive < NGX_HTTP_RECS_CLAIM_TIME
        && (kill((ngx_pid_t) owner, 0) == 0 || ngx_errno != ESRCH))
    {
        return NGX_BUSY;
    }

    /* alive first: a claim must never look stale */

    verdict->alive = now;

    if (!ngx_atomic_cmp_set(&verdict->owner, owner, ngx_pid)) {
        return NGX_BUSY;
    }

    if (verdict->state != NGX_HTTP_RECS_UNKNOWN) {
        (void) ngx_atomic_cmp_set(&verdict->owner, ngx_pid, 0);
        return NGX_BUSY;
    }

    return NGX_OK;
}


void
ngx_http_recs_zone_alive(ngx_http_recs_verdict_t *verdict)
{
    verdict->alive = ngx_http_recs_zone_now();
}


void
ngx_http_recs_zone_decide(ngx_http_recs_verdict_t *verdict,
    ngx_uint_t state)
{
    if (state != NGX_HTTP_RECS_UNKNOWN) {
        verdict->state = state;
        ngx_memory_barrier();
    }

    /* unless somebody else has taken the claim over */

    (void) ngx_atomic_cmp_set(&verdict->owner, ngx_pid, 0);
}


void
ngx_http_recs_zone_use(ngx_http_recs_main_conf_t *rmcf, uint64_t path,
    uint64_t id)
{
    ngx_uint_t            i;
    ngx_slab_pool_t      *shpool;
    ngx_http_recs_use_t  *use;

    shpool = (ngx_slab_pool_t *) rmcf->shm_zone->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_RECS_USES; i++) {
        use = &rmcf->zone->uses[i];

        if (use->path == path || use->path == 0) {
            use->path = path;
            use->id = id;
            break;
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);
}


uint64_t
ngx_http_recs_zone_used(ngx_http_recs_main_conf_t *rmcf, uint64_t path)
{
    uint64_t          id;
    ngx_uint_t        i;
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) rmcf->shm_zone->shm.addr;
    id = 0;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_RECS_USES; i++) {
        if (rmcf->zone->uses[i].path == path) {
            id = rmcf->zone->uses[i].id;
            break;
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return id;
}


ngx_uint_t
ngx_http_recs_zone_report(ngx_http_recs_main_conf_t *rmcf, uint64_t report)
{
    ngx_uint_t             i, first;
    ngx_slab_pool_t       *shpool;
    ngx_http_recs_zone_t  *zone;

    zone = rmcf->zone;
    shpool = (ngx_slab_pool_t *) rmcf->shm_zone->shm.addr;
    first = 1;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_RECS_REPORTS; i++) {
        if (zone->reports[i] == report) {
            first = 0;
        }
    }

    if (first) {
        zone->reports[zone->reported++ % NGX_HTTP_RECS_REPORTS] = report;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return first;
}


ngx_uint_t
ngx_http_recs_zone_now(void)
{
    struct timespec  ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1) {
        return 1;
    }

    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + 1;
}
