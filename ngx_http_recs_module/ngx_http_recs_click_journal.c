
/*
 * Copyright (C) recs authors
 *
 * A click as an event, which is made here and not read: nothing of it has to
 * be checked.  A visitor without a session clicks, too: it is nobody's click
 * then, as exposures are nobody's.
 */


#include "ngx_http_recs_click.h"
#include "ngx_http_recs_client.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_visit.h"
#include "../core/event/recs_event_type.h"
#include "../core/event/recs_segment.h"


ngx_int_t
ngx_http_recs_click_journal(ngx_http_request_t *r, const recs_token_t *token,
    uint64_t view, const recs_str_t *product)
{
    uint8_t                     id[RECS_TOKEN_ID];
    ngx_time_t                 *tp;
    recs_event_t               *e;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    tp = ngx_timeofday();
    e = rmcf->event;

    recs_event_init(e);

    e->type = RECS_EVENT_RECOMMENDATION_CLICK;
    e->time_ms = (int64_t) tp->sec * 1000 + tp->msec;
    e->view = view;
    e->position = token->position;
    e->recommendation.data = id;
    e->recommendation.len = recs_token_recommendation(token, id);

    e->item_count = 1;
    e->items[0].product = *product;
    e->items[0].position = token->position;

    /* it names no user, who could be another one than the verified */

    (void) ngx_http_recs_client_fill(r, e);

    e->consent = ngx_http_recs_client_consent(r, rlcf);

    if (e->consent == RECS_CONSENT_DENIED) {
        ngx_http_recs_visit_forget(r, e);
    }

    /* raw identifiers end here */

    recs_identity_event(&rlcf->keys->keys, e);

    if (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_ACTIVITY)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_recs_visit_event(r, e);

    return NGX_OK;
}
