/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_client.h"
#include "ngx_http_recs_args.h"
#include "../core/event/recs_client.h"


static void ngx_http_recs_client_agent(ngx_http_request_t *r,
    recs_event_t *e);
static void ngx_http_recs_client_text(ngx_str_t *value, recs_str_t *s,
    size_t max);


static ngx_str_t  ngx_http_recs_gpc_header = ngx_string("sec-gpc");


ngx_str_t *
ngx_http_recs_client_header(ngx_http_request_t *r, const ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == name->len
            && ngx_memcmp(h[i].lowcase_key, name->data, name->len) == 0)
        {
            return &h[i].value;
        }
    }
}


void
ngx_http_recs_client_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, recs_str_t *s)
{
    ngx_str_t  text;

    s->len = 0;
    s->data = NULL;

    if (value && ngx_http_complex_value(r, value, &text) == NGX_OK) {
        ngx_http_recs_client_text(&text, s, RECS_ID_MAX);
    }
}


recs_consent_e
ngx_http_recs_client_consent(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t   *gpc;
    recs_str_t   consent;

    gpc = ngx_http_recs_client_header(r, &ngx_http_recs_gpc_header);

    if (gpc && gpc->len == 1 && gpc->data[0] == '1') {
        return RECS_CONSENT_DENIED;
    }

    ngx_http_recs_client_value(r, rlcf->consent, &consent);

    if (consent.len == 6
        && ngx_strncasecmp((u_char *) consent.data, (u_char *) "denied", 6)
           == 0)
    {
        return RECS_CONSENT_DENIED;
    }

    if (consent.len == 7
        && ngx_strncasecmp((u_char *) consent.data, (u_char *) "granted", 7)
           == 0)
    {
        return RECS_CONSENT_GRANTED;
    }

    return RECS_CONSENT_UNKNOWN;
}


ngx_int_t
ngx_http_recs_client_fill(ngx_http_request_t *r, recs_event_t *e)
{
    ngx_str_t                  session;
    recs_str_t                 user;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    e->shop.data = rlcf->shop.data;
    e->shop.len = rlcf->shop.len;

    if (e->session_id.len == 0
        && ngx_http_recs_session(r, NULL, &session) == NGX_OK)
    {
        ngx_http_recs_client_text(&session, &e->session_id, RECS_ID_MAX);
    }

    /* anybody may say to be anybody */

    ngx_http_recs_client_value(r, rlcf->user, &user);

    if (e->user_id.len == 0) {
        e->user_id = user;
    }

    e->verified = user.len
                  && e->user_id.len == user.len
                  && ngx_memcmp(e->user_id.data, user.data, user.len) == 0;

    if (e->region.len == 0) {
        ngx_http_recs_client_value(r, rlcf->region, &e->region);
    }

    if (e->variant.len == 0) {
        ngx_http_recs_client_value(r, rlcf->variant, &e->variant);
    }

    if (e->device == RECS_DEVICE_UNKNOWN || e->browser.len == 0) {
        ngx_http_recs_client_agent(r, e);
    }

    if (e->referrer.len == 0 && r->headers_in.referer) {
        ngx_http_recs_client_text(&r->headers_in.referer->value,
                                  &e->referrer, NGX_MAX_SIZE_T_VALUE);
        e->referrer = recs_client_url(&e->referrer);
    }

    /* the wire form cuts it to a network */

    if (e->address.len == 0) {
        ngx_http_recs_client_text(&r->connection->addr_text, &e->address,
                                  RECS_ID_MAX);
    }

    return (user.len && !e->verified) ? NGX_DECLINED : NGX_OK;
}


/* Searched once for all events of a batch. */

static void
ngx_http_recs_client_agent(ngx_http_request_t *r, recs_event_t *e)
{
    recs_str_t            agent;
    ngx_http_recs_ctx_t  *ctx;

    if (r->headers_in.user_agent == NULL) {
        return;
    }

    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL) {
        return;
    }

    if (!ctx->agent) {
        ngx_http_recs_client_text(&r->headers_in.user_agent->value, &agent,
                                  NGX_MAX_SIZE_T_VALUE);

        ctx->agent = 1;
        ctx->device = recs_client_device(&agent);
        ctx->browser = recs_client_browser(&agent);
    }

    if (e->device == RECS_DEVICE_UNKNOWN) {
        e->device = ctx->device;
    }

    if (e->browser.len == 0) {
        e->browser = ctx->browser;
    }
}


/* What could not be stored is no value: the event goes on without it. */

static void
ngx_http_recs_client_text(ngx_str_t *value, recs_str_t *s, size_t max)
{
    const char  *err;

    s->data = value->data;
    s->len = value->len;

    if (s->len > max || ngx_http_recs_args_text(value, &err) != NGX_OK) {
        s->len = 0;
    }
}
