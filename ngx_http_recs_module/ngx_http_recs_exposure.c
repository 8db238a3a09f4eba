/*
 * Copyright (C) recs authors
 *
 * What was shown: the list behind an id once per worker and view, and each
 * time it was served.
 */

#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_client.h"
#include "ngx_http_recs_snapshot.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_client.h"
#include "../core/recs_hash.h"


/* A device is in the low bits of the hash of its User-Agent. */

#define NGX_HTTP_RECS_AGENT_BITS  ((uint64_t) 7)


static ngx_int_t ngx_http_recs_exposure_list(ngx_http_recs_main_conf_t *rmcf,
    recs_event_t *e, const recs_snapshot_t *base, const recs_answer_t *list);
static uint8_t ngx_http_recs_exposure_device(ngx_http_request_t *r,
    ngx_http_recs_journal_t *journal);


ngx_int_t
ngx_http_recs_exposure_init(ngx_http_recs_journal_t *journal,
    ngx_cycle_t *cycle)
{
    journal->known = ngx_pcalloc(cycle->pool,
                                 NGX_HTTP_RECS_KNOWN * sizeof(uint64_t));
    if (journal->known == NULL) {
        return NGX_ERROR;
    }

    journal->agents = ngx_pcalloc(cycle->pool,
                                  NGX_HTTP_RECS_AGENTS * sizeof(uint64_t));
    if (journal->agents == NULL) {
        return NGX_ERROR;
    }

    journal->event = ngx_palloc(cycle->pool, sizeof(recs_event_t));
    if (journal->event == NULL) {
        return NGX_ERROR;
    }

    recs_event_init(journal->event);

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_journal_known(ngx_http_recs_main_conf_t *rmcf, uint64_t id)
{
    uint64_t                 *slot;
    ngx_http_recs_journal_t  *journal;

    journal = rmcf->journal;

    if (journal == NULL) {
        return 0;
    }

    slot = &journal->known[id & (NGX_HTTP_RECS_KNOWN - 1)];

    if (*slot == id) {
        return 1;
    }

    *slot = id;

    return 0;
}


void
ngx_http_recs_journal_expect(ngx_http_recs_main_conf_t *rmcf, uint64_t id)
{
    if (rmcf->journal) {
        __builtin_prefetch(&rmcf->journal->known[id
                                                 & (NGX_HTTP_RECS_KNOWN - 1)],
                           1);
    }
}


void
ngx_http_recs_journal_exposure(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, const recs_asker_t *asker, uint64_t id,
    const recs_answer_t *list)
{
    recs_event_t               *e;
    ngx_time_t                 *tp;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (rmcf->journal == NULL) {
        return;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    tp = ngx_timeofday();

    e = rmcf->journal->event;

    e->time_ms = (int64_t) tp->sec * 1000 + tp->msec;
    e->view = ctx->view ? ctx->view->base->header.id : 0;
    e->recommendation.data = ctx->id;
    e->recommendation.len = ctx->id_len;
    e->shop.data = rlcf->shop.data;
    e->shop.len = rlcf->shop.len;
    e->variant.data = ctx->variant.data;
    e->variant.len = ctx->variant.len;

    e->consent = ngx_http_recs_client_consent(r, rlcf);
    ngx_http_recs_client_value(r, rlcf->region, &e->region);

    ngx_memzero(&e->user, sizeof(recs_identity_t));
    ngx_memzero(&e->session, sizeof(recs_identity_t));
    e->verified = 0;

    e->device = RECS_DEVICE_UNKNOWN;
    e->placement.len = 0;
    e->name = recs_strategies[ctx->strategy].name;

    if (list->count && !ngx_http_recs_journal_known(rmcf, id)
        && ngx_http_recs_exposure_list(rmcf, e, ctx->view->base, list)
           != NGX_OK)
    {
        /* the next answer with this id tries again */
        rmcf->journal->known[id & (NGX_HTTP_RECS_KNOWN - 1)] = 0;
    }

    e->class = RECS_CLASS_EXPOSURE;
    e->key_count = 0;
    e->device = ngx_http_recs_exposure_device(r, rmcf->journal);
    e->placement.data = ctx->placement.data;
    e->placement.len = ctx->placement.len;
    e->name.len = 0;

    /* an asker is never who he only claims to be */

    if (e->consent != RECS_CONSENT_DENIED) {
        ngx_memcpy(&e->user, asker->user, RECS_IDENTITY_SIZE);
        e->verified = recs_identity_known(&e->user);
        ngx_memcpy(&e->session, asker->session, RECS_IDENTITY_SIZE);
    }

    if (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_EXPOSURE)
        == NGX_OK)
    {
        ngx_http_recs_count(rmcf, NGX_HTTP_RECS_EXPOSURES, 1);

    } else {
        ngx_http_recs_count(rmcf, NGX_HTTP_RECS_EXPOSURES_DROPPED, 1);
    }
}


static ngx_int_t
ngx_http_recs_exposure_list(ngx_http_recs_main_conf_t *rmcf, recs_event_t *e,
    const recs_snapshot_t *base, const recs_answer_t *list)
{
    uint32_t  i;

    e->class = RECS_CLASS_LIST;
    e->key_count = ngx_min(list->count, RECS_EVENT_ITEMS_MAX);

    for (i = 0; i < e->key_count; i++) {
        e->keys[i] = recs_column(base, RECS_COLUMN_KEY64, uint64_t,
                                 list->items[i].item);
    }

    if (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_EXPOSURE)
        != NGX_OK)
    {
        ngx_http_recs_count(rmcf, NGX_HTTP_RECS_EXPOSURES_DROPPED, 1);
        return NGX_ERROR;
    }

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_LISTS, 1);

    return NGX_OK;
}


/*
 * Few visitors come once, and most have one of a few hundred browsers: what
 * was found of a User-Agent is kept, as looking costs more than the frame.
 */

static uint8_t
ngx_http_recs_exposure_device(ngx_http_request_t *r,
    ngx_http_recs_journal_t *journal)
{
    uint64_t    hash, *slot;
    recs_str_t  agent;

    if (r->headers_in.user_agent == NULL) {
        return RECS_DEVICE_UNKNOWN;
    }

    agent.data = r->headers_in.user_agent->value.data;
    agent.len = r->headers_in.user_agent->value.len;

    hash = recs_key64(agent.data, agent.len);
    slot = &journal->agents[(hash >> 3) & (NGX_HTTP_RECS_AGENTS - 1)];

    if ((*slot ^ hash) & ~NGX_HTTP_RECS_AGENT_BITS) {
        *slot = (hash & ~NGX_HTTP_RECS_AGENT_BITS)
                | recs_client_device(&agent);
    }

    return (uint8_t) (*slot & NGX_HTTP_RECS_AGENT_BITS);
}
