
/*
 * Copyright (C) recs authors
 *
 * What a question depends on because of the rules of a snapshot: who asks, or
 * the clock.
 */


#include "ngx_http_recs_question.h"


ngx_int_t
ngx_http_recs_rules(ngx_http_request_t *r, ngx_http_recs_question_t *q,
    const recs_rules_t *rules)
{
    unsigned                   asks;
    recs_query_t              *query;
    ngx_http_recs_loc_conf_t  *rlcf;

    query = &q->query;

    recs_rules_clock(rules, query, &query->clock, &q->until);
    asks = recs_rules_personal(rules, query->strategy);

    /* a region in the URL is part of what caches know */

    if (query->region) {
        asks &= ~RECS_RULES_ASK_REGION;
    }

    if (asks == 0) {
        return NGX_OK;
    }

    q->private = 1;
    q->live = 1;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->region && query->region == 0) {
        return ngx_http_recs_filter_region(r, rlcf->region, q);
    }

    return NGX_OK;
}
