/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_roam.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_visit_event.h"
#include "../core/recs_hash.h"


/* Zones that later versions of the module may want besides. */

#define NGX_HTTP_RECS_VISIT_SPARE  (2 * sizeof(ngx_http_recs_zone_t))

/* Milliseconds without an event here, after which it may be elsewhere. */

#define NGX_HTTP_RECS_VISIT_AWAY   30000

/* Of a table, for messages; sets that are looked at in one turn. */

#define NGX_HTTP_RECS_VISIT_SEEN   64
#define NGX_HTTP_RECS_VISIT_TURN   512


static unsigned ngx_http_recs_visit_gone(uint64_t owner);
static ngx_http_recs_visits_t *ngx_http_recs_visit_table(
    ngx_http_request_t *r, recs_visits_key_t *key);
static ngx_uint_t ngx_http_recs_visit_known(const uint8_t *identity);
static ngx_uint_t ngx_http_recs_visit_again(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key, const recs_event_t *e);
static void ngx_http_recs_visit_gone_one(void *ctx,
    const recs_visits_key_t *key);
static void ngx_http_recs_visit_user(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, const recs_event_t *e, ngx_uint_t joins);
static void ngx_http_recs_visit_changed(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, ngx_uint_t new);
static void ngx_http_recs_visit_remove(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, const recs_keys_t *keys, uint8_t kind,
    const recs_str_t *id);
static ngx_int_t ngx_http_recs_visit_get(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, recs_visit_t *visit);
static void ngx_http_recs_visit_count(ngx_http_request_t *r,
    ngx_http_recs_visits_t *visits);
static void ngx_http_recs_visit_check(void *ctx, const recs_visit_t *visit);


static const ngx_uint_t  ngx_http_recs_visit_counters[] = {
    NGX_HTTP_RECS_SESSIONS_EVICTED,
    NGX_HTTP_RECS_SESSIONS_RESET,
    NGX_HTTP_RECS_SESSIONS_RETRIES,
    NGX_HTTP_RECS_SESSIONS_CONFLICTS
};


recs_visits_t *
ngx_http_recs_visit_create(ngx_slab_pool_t *shpool, recs_seen_t **seen)
{
    size_t          size, spare, part;
    recs_visits_t  *table;

    size = shpool->pfree * ngx_pagesize;
    spare = ngx_align(NGX_HTTP_RECS_VISIT_SPARE, ngx_pagesize);

    if (size <= spare) {
        return NULL;
    }

    /* in pages, which follow one another */

    part = ngx_align((size - spare) / NGX_HTTP_RECS_VISIT_SEEN,
                     ngx_pagesize);

    *seen = ngx_slab_calloc(shpool, part);

    if (*seen == NULL || size <= spare + part) {
        return NULL;
    }

    recs_seen_create(*seen, part);
    size -= part;

    /* not cleared: fresh memory is, and stays nobody's until it is used */

    table = ngx_slab_alloc(shpool, size - spare);

    if (table == NULL || recs_visits_create(table, size - spare) != RECS_OK) {
        return NULL;
    }

    return table;
}


ngx_int_t
ngx_http_recs_visit_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_visits_t  *visits;

    if (rmcf->zone->visits == NULL || !recs_visits_valid(rmcf->zone->visits))
    {
        return NGX_OK;
    }

    visits = ngx_pcalloc(cycle->pool, sizeof(ngx_http_recs_visits_t));
    if (visits == NULL) {
        return NGX_ERROR;
    }

    visits->user.table = rmcf->zone->visits;
    visits->user.gone = ngx_http_recs_visit_gone;
    visits->user.owner = (uint64_t) ngx_pid << 32
                         | (uint32_t)
                           ngx_atomic_fetch_add(&rmcf->zone->generation, 1);

    rmcf->visits = visits;

    return NGX_OK;
}


/* An owner of our own number was another process, before. */

static unsigned
ngx_http_recs_visit_gone(uint64_t owner)
{
    ngx_pid_t  pid;

    pid = (ngx_pid_t) (owner >> 32);

    return pid == ngx_pid || (kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH);
}


/* NULL: there are no live sessions.  Sets the shop of the key. */

static ngx_http_recs_visits_t *
ngx_http_recs_visit_table(ngx_http_request_t *r, recs_visits_key_t *key)
{
    ngx_http_recs_visits_t     *visits;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    visits = rmcf->visits;

    if (visits == NULL) {
        return NULL;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    visits->user.now = (uint32_t) ngx_time();
    key->shop = recs_key64(rlcf->shop.data, rlcf->shop.len);

    return visits;
}


static ngx_uint_t
ngx_http_recs_visit_known(const uint8_t *identity)
{
    static const uint8_t  nobody[RECS_IDENTITY_SIZE];

    return ngx_memcmp(identity, nobody, RECS_IDENTITY_SIZE) != 0;
}


void
ngx_http_recs_visit_expect(ngx_http_request_t *r, const recs_event_t *e)
{
    recs_visits_key_t        key;
    ngx_http_recs_visits_t  *visits;

    visits = ngx_http_recs_visit_table(r, &key);

    if (visits && ngx_http_recs_visit_known(e->session.bytes)) {
        key.id = e->session.bytes;
        recs_visits_expect(&visits->user, &key);
    }
}


void
ngx_http_recs_visit_event(ngx_http_request_t *r, const recs_event_t *e)
{
    ngx_uint_t                  joins, new;
    recs_visit_t               *v;
    recs_visits_key_t           key;
    ngx_http_recs_visits_t     *visits;
    ngx_http_recs_main_conf_t  *rmcf;

    visits = ngx_http_recs_visit_table(r, &key);

    if (visits == NULL) {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    joins = 0;

    if (ngx_http_recs_visit_again(rmcf, &key, e)) {
        return;
    }

    if (ngx_http_recs_visit_known(e->session.bytes)) {
        key.id = e->session.bytes;
        v = recs_visits_begin(&visits->user, &key);

        if (v) {
            joins = recs_visit_joins(v, e);

            if (joins) {
                visits->joined = *v;
            }

            new = (v->events == 0);

            recs_visit_session(v, e);
            recs_visits_end(&visits->user);

            ngx_http_recs_visit_changed(rmcf, &key, new);
        }
    }

    if (e->verified && ngx_http_recs_visit_known(e->user.bytes)) {
        ngx_http_recs_visit_user(rmcf, &key, e, joins);
    }

    ngx_http_recs_visit_count(r, visits);
}


/* As the builder has it: a message is one of somebody, in a shop. */

static ngx_uint_t
ngx_http_recs_visit_again(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key, const recs_event_t *e)
{
    uint64_t                part[4];
    const recs_identity_t  *who;

    who = ngx_http_recs_visit_known(e->user.bytes) ? &e->user
          : ngx_http_recs_visit_known(e->anonymous.bytes) ? &e->anonymous
          : &e->session;

    if (e->message_id.len == 0 || !ngx_http_recs_visit_known(who->bytes)) {
        return 0;
    }

    part[0] = key->shop;
    part[1] = recs_key64(e->message_id.data, e->message_id.len);
    ngx_memcpy(&part[2], who->bytes, RECS_IDENTITY_SIZE);

    return recs_seen(rmcf->zone->seen,
                     recs_key64((u_char *) part, sizeof(part)));
}


static void
ngx_http_recs_visit_user(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, const recs_event_t *e, ngx_uint_t joins)
{
    ngx_uint_t               new;
    recs_visit_t            *v;
    ngx_http_recs_visits_t  *visits;

    visits = rmcf->visits;
    key->id = e->user.bytes;
    v = recs_visits_begin(&visits->user, key);

    if (v == NULL) {
        return;
    }

    new = (v->events == 0);

    if (joins) {
        recs_visit_merge(v, &visits->joined);
    }

    recs_visit_user(v, e);
    recs_visits_end(&visits->user);

    ngx_http_recs_visit_changed(rmcf, key, new);
}


/* What is new here may be known elsewhere, and is asked for before it is. */

static void
ngx_http_recs_visit_changed(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, ngx_uint_t new)
{
    if (rmcf->redis == NULL) {
        return;
    }

    if (new) {
        (void) ngx_http_recs_roam_ask(rmcf, key);
    }

    ngx_http_recs_roam_changed(rmcf, key);
}


void
ngx_http_recs_visit_receive(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key, const recs_visit_t *visit)
{
    recs_visit_t            *v;
    ngx_http_recs_visits_t  *visits;

    visits = rmcf->visits;
    visits->user.now = (uint32_t) ngx_time();

    v = recs_visits_begin(&visits->user, key);

    if (v) {
        recs_visit_receive(v, visit);
        recs_visits_end(&visits->user);
    }
}


void
ngx_http_recs_visit_forget(ngx_http_request_t *r, const recs_event_t *e)
{
    recs_visits_key_t          key;
    ngx_http_recs_visits_t     *visits;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    visits = ngx_http_recs_visit_table(r, &key);

    if (visits == NULL) {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_http_recs_visit_remove(rmcf, &key, &rlcf->keys->keys,
                               RECS_KIND_SESSION, &e->session_id);

    if (e->verified) {
        ngx_http_recs_visit_remove(rmcf, &key, &rlcf->keys->keys,
                                   RECS_KIND_USER, &e->user_id);
    }

    ngx_http_recs_visit_count(r, visits);
}


static void
ngx_http_recs_visit_remove(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, const recs_keys_t *keys, uint8_t kind,
    const recs_str_t *id)
{
    recs_identity_t  identity;

    recs_identity(keys, 0, kind, id, &identity);

    if (recs_identity_known(&identity)) {
        key->id = identity.bytes;
        (void) recs_visits_remove(&rmcf->visits->user, key);
        ngx_http_recs_roam_removed(rmcf, key);
    }
}


ngx_int_t
ngx_http_recs_visit_erase(ngx_http_request_t *r, const recs_identity_t *ids,
    ngx_uint_t count, uint64_t *place)
{
    int                         rc;
    ngx_uint_t                  i;
    recs_visits_key_t           key;
    recs_visits_whose_t         whose;
    ngx_http_recs_visits_t     *visits;
    ngx_http_recs_main_conf_t  *rmcf;

    visits = ngx_http_recs_visit_table(r, &key);

    if (visits == NULL) {
        return NGX_OK;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    ngx_memzero(&whose, sizeof(recs_visits_whose_t));

    whose.shop = key.shop;
    whose.count = count;
    whose.gone = ngx_http_recs_visit_gone_one;
    whose.ctx = rmcf;

    for (i = 0; i < count; i++) {
        ngx_memcpy(whose.users[i], ids[i].bytes, RECS_IDENTITY_SIZE);
    }

    rc = recs_visits_forget(&visits->user, &whose, place,
                            NGX_HTTP_RECS_VISIT_TURN);

    ngx_http_recs_visit_count(r, visits);

    /* copies of whoever came last */

    ngx_memzero(&visits->visit, sizeof(recs_visit_t));
    ngx_memzero(&visits->known, sizeof(recs_visit_t));
    ngx_memzero(&visits->joined, sizeof(recs_visit_t));

    return rc;
}


static void
ngx_http_recs_visit_gone_one(void *ctx, const recs_visits_key_t *key)
{
    ngx_http_recs_roam_removed(ctx, key);
}


void
ngx_http_recs_visit_find(ngx_http_request_t *r, const uint8_t *session,
    const uint8_t *user, recs_query_t *query)
{
    recs_visit_t               *visit;
    recs_visits_key_t           key;
    ngx_http_recs_visits_t     *visits;
    ngx_http_recs_main_conf_t  *rmcf;

    visits = ngx_http_recs_visit_table(r, &key);

    if (visits == NULL) {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    visits->ask = NULL;
    visit = &visits->visit;

    if (ngx_http_recs_visit_known(session)) {
        key.id = session;

        if (ngx_http_recs_visit_get(rmcf, &key, visit) == NGX_OK
            && (!ngx_http_recs_visit_known(user)
                || !ngx_http_recs_visit_known(visit->user)
                || ngx_memcmp(user, visit->user, RECS_IDENTITY_SIZE) == 0))
        {
            query->visit = visit;
        }
    }

    if (!ngx_http_recs_visit_known(user) && query->visit) {
        user = visit->user;
    }

    if (ngx_http_recs_visit_known(user)) {
        key.id = user;

        if (ngx_http_recs_visit_get(rmcf, &key, &visits->known) == NGX_OK) {
            query->known = &visits->known;
        }
    }

    ngx_http_recs_visit_count(r, visits);

    visit = (recs_visit_t *) (query->visit ? query->visit : query->known);

    if (visit) {
        query->search = query->search ? query->search : visit->search;
        query->region = query->region ? query->region : visit->region;
    }
}


/*
 * One that was not heard of for a while may have been elsewhere: it is asked
 * for, but the answer does not wait.
 */

static ngx_int_t
ngx_http_recs_visit_get(ngx_http_recs_main_conf_t *rmcf,
    recs_visits_key_t *key, recs_visit_t *visit)
{
    int64_t                    now;
    ngx_http_recs_visits_t    *visits;
    ngx_http_recs_roam_ask_t  *ask;

    visits = rmcf->visits;

    if (recs_visits_get(&visits->user, key, visit) == RECS_OK) {
        now = (int64_t) ngx_time() * 1000;

        if (rmcf->redis && visit->last_ms < now - NGX_HTTP_RECS_VISIT_AWAY) {
            (void) ngx_http_recs_roam_ask(rmcf, key);
        }

        return NGX_OK;
    }

    if (rmcf->redis) {
        ask = ngx_http_recs_roam_ask(rmcf, key);
        visits->ask = ask ? ask : visits->ask;
    }

    return NGX_DECLINED;
}


static void
ngx_http_recs_visit_count(ngx_http_request_t *r,
    ngx_http_recs_visits_t *visits)
{
    ngx_uint_t                  i;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < RECS_VISITS_COUNTERS; i++) {
        if (visits->user.counts[i]) {
            ngx_http_recs_count(rmcf, ngx_http_recs_visit_counters[i],
                                visits->user.counts[i]);
            visits->user.counts[i] = 0;
        }
    }
}


void
ngx_http_recs_visit_status(ngx_http_recs_main_conf_t *rmcf, ngx_uint_t check,
    recs_out_t *out)
{
    ngx_uint_t               sound;
    recs_visits_report_t     report;
    ngx_http_recs_visits_t  *visits;

    visits = rmcf->visits;

    recs_out_lit(out, ",\"sessions\":{\"records\":");
    recs_out_u64(out, visits ? recs_visits_count(visits->user.table) : 0);
    recs_out_lit(out, ",\"room\":");
    recs_out_u64(out, visits ? recs_visits_room(visits->user.table) : 0);

    if (check && visits) {
        sound = 0;
        recs_visits_each(&visits->user, ngx_http_recs_visit_check, &sound,
                         &report);

        recs_out_lit(out, ",\"sound\":");
        recs_out_u64(out, sound);
        recs_out_lit(out, ",\"broken\":");
        recs_out_u64(out, report.records - sound + report.broken);
        recs_out_lit(out, ",\"held\":");
        recs_out_u64(out, report.held);
    }

    recs_out_byte(out, '}');
}


static void
ngx_http_recs_visit_check(void *ctx, const recs_visit_t *visit)
{
    ngx_uint_t *sound = ctx;

    *sound += (recs_visit_check(visit) == RECS_OK);
}
