
/*
 * Copyright (C) recs authors
 *
 * What the workers of a host tell each other of snapshots.  The mutex of the
 * slab pool guards it: the master unlocks that for a worker that was killed.
 */


#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_CLAIM_TIME  30000    /* ms without a sign of life */


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

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_RECS_VERDICTS; i++) {
        v = &rmcf->zone->verdicts[file->kind][i];

        if (v->used && ngx_memcmp(&v->file, file, sizeof(*file)) == 0) {
            goto found;
        }

        /* not one that is being hashed, as long as there are others */

        if (oldest == NULL
            || (v->owner != 0) < (oldest->owner != 0)
            || ((v->owner != 0) == (oldest->owner != 0)
                && v->used < oldest->used))
        {
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
ngx_http_recs_zone_decide(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_verdict_t *verdict, ngx_http_recs_file_t *file,
    ngx_uint_t state)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) rmcf->shm_zone->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    /* its place may be another file's by now */

    if (ngx_memcmp(&verdict->file, file, sizeof(*file)) == 0) {

        if (state != NGX_HTTP_RECS_UNKNOWN) {
            verdict->state = state;
            ngx_memory_barrier();
        }

        /* unless somebody else has taken the claim over */

        (void) ngx_atomic_cmp_set(&verdict->owner, ngx_pid, 0);
    }

    ngx_shmtx_unlock(&shpool->mutex);
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
