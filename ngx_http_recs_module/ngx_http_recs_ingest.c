/*
 * Copyright (C) recs authors
 *
 * Each event is judged by itself.  What was accepted is in the journal
 * before the answer goes out; what was not is named by its index.
 */

#include "ngx_http_recs_ingest.h"
#include "ngx_http_recs_client.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_secret.h"
#include "ngx_http_recs_visit.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_event_json.h"
#include "../core/event/recs_event_type.h"
#include "../core/event/recs_segment.h"
#include "../core/recs_out.h"


#define NGX_HTTP_RECS_AHEAD     ((int64_t) 5 * 60 * 1000)
#define NGX_HTTP_RECS_OLD       ((int64_t) 30 * 24 * 3600 * 1000)

#define NGX_HTTP_RECS_FRAME     64      /* bytes around the errors */
#define NGX_HTTP_RECS_ROW       320     /* bytes of an error, at most */
#define NGX_HTTP_RECS_FIELD     24      /* of a name that is echoed */


/* Why an event was refused; code NULL: it was accepted. */

typedef struct {
    const char               *code;
    const char               *detail;
    const char               *field;
    unsigned                  forbidden:1;
} ngx_http_recs_refusal_t;

typedef struct {
    ngx_http_recs_wait_t      wait;
    ngx_http_request_t       *request;
    recs_event_json_t        *json;
    ngx_uint_t                batch;
    ngx_uint_t                count;
    ngx_uint_t                accepted;
    ngx_uint_t                full;      /* the journal was */
    recs_identity_last_t      last;
    recs_identity_t           session;   /* of the event before */
    ngx_http_recs_refusal_t   first;
    recs_out_t                out;
    u_char                   *body;
    unsigned                  waits:1;
} ngx_http_recs_ingest_t;


static ngx_int_t ngx_http_recs_ingest_open(ngx_http_recs_ingest_t *in,
    const ngx_str_t *body);
static ngx_int_t ngx_http_recs_ingest_events(ngx_http_recs_ingest_t *in);
static void ngx_http_recs_ingest_event(ngx_http_recs_ingest_t *in,
    ngx_uint_t n, recs_event_t *e, ngx_http_recs_refusal_t *refusal);
static void ngx_http_recs_ingest_product(ngx_http_recs_ingest_t *in,
    recs_event_t *e, ngx_http_recs_refusal_t *refusal);
static void ngx_http_recs_ingest_refuse(ngx_http_recs_refusal_t *refusal,
    const char *code, const char *detail);
static void ngx_http_recs_ingest_time(recs_event_t *e,
    ngx_http_recs_refusal_t *refusal);
static void ngx_http_recs_ingest_check(recs_event_t *e,
    ngx_http_recs_refusal_t *refusal);
static void ngx_http_recs_ingest_error(ngx_http_recs_ingest_t *in,
    ngx_uint_t n, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_ingest_wait(ngx_http_recs_ingest_t *in);
static void ngx_http_recs_ingest_synced(void *data, ngx_int_t rc);
static ngx_int_t ngx_http_recs_ingest_answer(ngx_http_recs_ingest_t *in,
    ngx_int_t rc);
static ngx_int_t ngx_http_recs_ingest_problem(ngx_http_recs_ingest_t *in);
static void ngx_http_recs_ingest_cleanup(void *data);


static ngx_str_t  ngx_http_recs_ingest_type = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_ingest_store = ngx_string("no-store");
static ngx_str_t  ngx_http_recs_ingest_none = ngx_null_string;


ngx_int_t
ngx_http_recs_ingest(ngx_http_request_t *r, const ngx_str_t *body,
    ngx_uint_t batch)
{
    ngx_int_t                  rc;
    ngx_pool_cleanup_t        *cln;
    ngx_http_recs_ingest_t    *in;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->keys == NULL || rlcf->keys->keys.count == 0) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "no-key",
                                     "There is no key file to protect "
                                     "identities with.",
                                     &ngx_http_recs_ingest_none);
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_ingest_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    in = cln->data;
    ngx_memzero(in, sizeof(ngx_http_recs_ingest_t));

    in->request = r;
    in->batch = batch;

    cln->handler = ngx_http_recs_ingest_cleanup;

    rc = ngx_http_recs_ingest_open(in, body);

    if (in->json == NULL) {
        return rc;
    }

    rc = ngx_http_recs_ingest_events(in);

    ngx_memzero(&in->last, sizeof(recs_identity_last_t));

    if (rc != NGX_OK) {
        return rc;
    }

    if (in->accepted) {
        return ngx_http_recs_ingest_wait(in);
    }

    return ngx_http_recs_ingest_answer(in, NGX_OK);
}


/* Leaves in->json NULL where the body as a whole was refused. */

static ngx_int_t
ngx_http_recs_ingest_open(ngx_http_recs_ingest_t *in, const ngx_str_t *body)
{
    size_t                     count, max;
    unsigned                   array;
    const char                *err;
    recs_event_json_t         *json;
    ngx_http_request_t        *r;
    ngx_http_recs_loc_conf_t  *rlcf;

    r = in->request;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    err = "empty body";
    count = 0;
    array = 0;

    json = body->len ? recs_event_json_open(body->data, body->len, &count,
                                            &array, &err)
                     : NULL;

    max = ngx_min(rlcf->events_max_batch, RECS_JSON_EVENTS_MAX);

    if (in->batch && array && count > max) {

        if (json) {
            recs_event_json_close(json);
        }

        return ngx_http_recs_problem(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                     "batch-too-large",
                                     "The batch has too many events, none "
                                     "was accepted.",
                                     &ngx_http_recs_ingest_none);
    }

    if (json && (in->batch != 0) != (array != 0)) {
        recs_event_json_close(json);
        json = NULL;

        err = in->batch ? "an array of events is expected"
                        : "one event is expected, not an array";
    }

    if (json == NULL) {
        return ngx_http_recs_problem(r, NGX_HTTP_BAD_REQUEST, "json-invalid",
                                     err, &ngx_http_recs_ingest_none);
    }

    in->json = json;
    in->count = count;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_ingest_events(ngx_http_recs_ingest_t *in)
{
    size_t                      size;
    ngx_uint_t                  n;
    ngx_http_recs_refusal_t     refusal;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(in->request, ngx_http_recs_module);

    for (n = 0; n < in->count; n++) {

        ngx_memzero(&refusal, sizeof(ngx_http_recs_refusal_t));

        ngx_http_recs_ingest_event(in, n, rmcf->event, &refusal);

        if (refusal.code == NULL) {
            in->accepted++;
            continue;
        }

        if (in->first.code == NULL) {
            in->first = refusal;
        }

        if (in->body == NULL) {
            size = NGX_HTTP_RECS_ROW * (in->count - n);

            in->body = ngx_pnalloc(in->request->pool, size);
            if (in->body == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            recs_out_init(&in->out, in->body, size);
        }

        ngx_http_recs_ingest_error(in, n, &refusal);
    }

    return NGX_OK;
}


static void
ngx_http_recs_ingest_event(ngx_http_recs_ingest_t *in, ngx_uint_t n,
    recs_event_t *e, ngx_http_recs_refusal_t *refusal)
{
    const char                 *err;
    recs_consent_e              consent;
    ngx_http_request_t         *r;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    r = in->request;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (in->full) {
        goto full;
    }

    if (recs_event_json_get(in->json, n, e, &refusal->field, &err)
        != RECS_OK)
    {
        ngx_http_recs_ingest_refuse(refusal, "field-invalid", err);
        return;
    }

    if (e->class == RECS_CLASS_PRODUCT) {
        ngx_http_recs_ingest_product(in, e, refusal);
        return;
    }

    if (ngx_http_recs_client_fill(r, e) != NGX_OK) {
        refusal->field = "userId";
        refusal->forbidden = 1;
        ngx_http_recs_ingest_refuse(refusal, "user-forbidden",
                                    "this is not the user who asks");
        return;
    }

    consent = ngx_http_recs_client_consent(r, rlcf);

    if (consent == RECS_CONSENT_DENIED || e->consent == RECS_CONSENT_UNKNOWN) {
        e->consent = consent;
    }

    ngx_http_recs_ingest_time(e, refusal);

    if (refusal->code == NULL) {
        ngx_http_recs_ingest_check(e, refusal);
    }

    if (refusal->code) {
        return;
    }

    if (e->consent == RECS_CONSENT_DENIED) {
        ngx_http_recs_visit_forget(r, e);
    }

    /* raw identifiers end here */

    recs_identity_events(&rlcf->keys->keys, e, &in->last);

    if (ngx_memcmp(&in->session, &e->session, sizeof(recs_identity_t)) != 0) {
        in->session = e->session;
        ngx_http_recs_visit_expect(r, e);
    }

    switch (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_ACTIVITY)) {

    case NGX_OK:
        ngx_http_recs_visit_event(r, e);
        return;

    case NGX_BUSY:
        in->full = 1;
        goto full;

    default:
        ngx_http_recs_ingest_refuse(refusal, "event-too-large",
                                    "the event is too large");
        return;
    }

full:

    ngx_http_recs_ingest_refuse(refusal, "journal-full",
                                "the journal is full, try again");
}


/* It is about a product and nobody: whoever sends it is not looked at. */

static void
ngx_http_recs_ingest_product(ngx_http_recs_ingest_t *in, recs_event_t *e,
    ngx_http_recs_refusal_t *refusal)
{
    const char                 *err;
    ngx_http_request_t         *r;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    r = in->request;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (!ngx_http_recs_secret_given(r, rlcf->update_keys)) {
        refusal->forbidden = 1;
        ngx_http_recs_ingest_refuse(refusal, "update-forbidden",
                                    "only the shop itself may say this, "
                                    "with its key");
        return;
    }

    ngx_http_recs_ingest_time(e, refusal);

    if (refusal->code) {
        return;
    }

    if (recs_event_check(e, &err) != RECS_OK) {
        ngx_http_recs_ingest_refuse(refusal, "event-invalid", err);
        return;
    }

    recs_event_product(e);

    e->shop.data = rlcf->shop.data;
    e->shop.len = rlcf->shop.len;

    switch (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_ACTIVITY)) {

    case NGX_OK:
        return;

    case NGX_BUSY:
        in->full = 1;
        ngx_http_recs_ingest_refuse(refusal, "journal-full",
                                    "the journal is full, try again");
        return;

    default:
        ngx_http_recs_ingest_refuse(refusal, "event-too-large",
                                    "the event is too large");
    }
}


static void
ngx_http_recs_ingest_refuse(ngx_http_recs_refusal_t *refusal,
    const char *code, const char *detail)
{
    refusal->code = code;
    refusal->detail = detail;
}


/* A client's clock is off by as much as "sentAt" is. */

static void
ngx_http_recs_ingest_time(recs_event_t *e, ngx_http_recs_refusal_t *refusal)
{
    int64_t      now;
    ngx_time_t  *tp;

    tp = ngx_timeofday();
    now = (int64_t) tp->sec * 1000 + tp->msec;

    if (e->time_ms == 0) {
        e->time_ms = now;

    } else if (e->sent_ms) {
        e->time_ms = now - (e->sent_ms - e->time_ms);
    }

    if (e->time_ms > now + NGX_HTTP_RECS_AHEAD) {
        e->time_ms = now;
    }

    if (e->time_ms < now - NGX_HTTP_RECS_OLD) {
        ngx_http_recs_ingest_refuse(refusal, "too-old",
                                    "the event is older than 30 days");
    }
}


static void
ngx_http_recs_ingest_check(recs_event_t *e, ngx_http_recs_refusal_t *refusal)
{
    const char               *err;
    const recs_event_type_t  *type;

    type = recs_event_type(e->type);

    if (e->class != RECS_CLASS_ACTIVITY
        || (type && (type->needs & RECS_SERVER_ONLY)))
    {
        ngx_http_recs_ingest_refuse(refusal, "type-server-only",
                                    "only the shop itself may say this");
        return;
    }

    if (e->user_id.len == 0 && e->session_id.len == 0) {
        ngx_http_recs_ingest_refuse(refusal, "session-required",
                                    "without userId, a sessionId or "
                                    "X-Session-ID is needed");
        return;
    }

    if (recs_event_check(e, &err) != RECS_OK) {
        ngx_http_recs_ingest_refuse(refusal, "event-invalid", err);
    }
}


static void
ngx_http_recs_ingest_error(ngx_http_recs_ingest_t *in, ngx_uint_t n,
    ngx_http_recs_refusal_t *refusal)
{
    size_t       len;
    recs_out_t  *out;

    out = &in->out;

    if (out->pos != in->body) {
        recs_out_byte(out, ',');
    }

    recs_out_lit(out, "{\"index\":");
    recs_out_u64(out, n);
    recs_out_lit(out, ",\"code\":\"");
    recs_out_bytes(out, refusal->code, ngx_strlen(refusal->code));
    recs_out_lit(out, "\",\"detail\":\"");
    recs_out_json(out, refusal->detail, ngx_strlen(refusal->detail));

    if (refusal->field) {
        len = ngx_strlen(refusal->field);

        recs_out_lit(out, "\",\"name\":\"");
        recs_out_json(out, refusal->field,
                      ngx_min(len, NGX_HTTP_RECS_FIELD));
    }

    recs_out_lit(out, "\"}");
}


static ngx_int_t
ngx_http_recs_ingest_wait(ngx_http_recs_ingest_t *in)
{
    ngx_int_t                   rc;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(in->request, ngx_http_recs_module);

    in->wait.handler = ngx_http_recs_ingest_synced;
    in->wait.data = in;

    rc = ngx_http_recs_journal_wait(rmcf, &in->wait);

    if (rc == NGX_OK) {
        in->waits = 1;
        return NGX_DONE;
    }

    return ngx_http_recs_ingest_answer(in, (rc == NGX_ERROR) ? rc : NGX_OK);
}


static void
ngx_http_recs_ingest_synced(void *data, ngx_int_t rc)
{
    ngx_http_recs_ingest_t *in = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = in->request;
    c = r->connection;

    in->waits = 0;

    ngx_http_set_log_request(c->log, r);

    ngx_http_finalize_request(r, ngx_http_recs_ingest_answer(in, rc));

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_recs_ingest_answer(ngx_http_recs_ingest_t *in, ngx_int_t rc)
{
    size_t                      size;
    u_char                     *buf;
    recs_out_t                  out;
    ngx_http_request_t         *r;
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_main_conf_t  *rmcf;

    r = in->request;
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc != NGX_OK) {
        in->accepted = 0;
        in->full = 1;
        in->first.field = NULL;
        ngx_http_recs_ingest_refuse(&in->first, "journal-failed",
                                    "the journal could not be written");
    }

    ctx->accepted = in->accepted;
    ctx->rejected = in->count - in->accepted;

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_EVENTS_ACCEPTED, ctx->accepted);
    ngx_http_recs_count(rmcf, in->full ? NGX_HTTP_RECS_EVENTS_UNAVAILABLE
                                       : NGX_HTTP_RECS_EVENTS_REJECTED,
                        ctx->rejected);

    if (in->accepted == 0 && (in->full || !in->batch)) {
        return ngx_http_recs_ingest_problem(in);
    }

    size = NGX_HTTP_RECS_FRAME + (in->body ? in->out.pos - in->body : 0);

    buf = ngx_pnalloc(r->pool, size);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, size);

    recs_out_lit(&out, "{\"accepted\":");
    recs_out_u64(&out, ctx->accepted);
    recs_out_lit(&out, ",\"rejected\":");
    recs_out_u64(&out, ctx->rejected);
    recs_out_lit(&out, ",\"errors\":[");

    if (in->body) {
        recs_out_bytes(&out, in->body, in->out.pos - in->body);
    }

    recs_out_lit(&out, "]}\n");

    if (ngx_http_recs_header(r, "Cache-Control", &ngx_http_recs_ingest_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, ctx->accepted ? NGX_HTTP_ACCEPTED
                                               : NGX_HTTP_BAD_REQUEST,
                              &ngx_http_recs_ingest_type, buf,
                              out.pos - buf);
}


static ngx_int_t
ngx_http_recs_ingest_problem(ngx_http_recs_ingest_t *in)
{
    ngx_str_t   field;
    ngx_uint_t  status;

    status = in->full ? NGX_HTTP_SERVICE_UNAVAILABLE
             : in->first.forbidden ? NGX_HTTP_FORBIDDEN
             : NGX_HTTP_BAD_REQUEST;

    ngx_str_null(&field);

    if (in->first.field) {
        field.data = (u_char *) in->first.field;
        field.len = ngx_strlen(in->first.field);
    }

    return ngx_http_recs_problem(in->request, status, in->first.code,
                                 in->first.detail, &field);
}


static void
ngx_http_recs_ingest_cleanup(void *data)
{
    ngx_http_recs_ingest_t *in = data;

    if (in->waits) {
        ngx_queue_remove(&in->wait.queue);
    }

    if (in->json) {
        recs_event_json_close(in->json);
    }
}
