/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_erase.h"
#include "ngx_http_recs_args.h"
#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_question.h"
#include "ngx_http_recs_secret.h"
#include "ngx_http_recs_sweep.h"
#include "ngx_http_recs_turn.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_event_type.h"
#include "../core/event/recs_segment.h"
#include "../core/recs_date.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_RECEIPT      32      /* hexadecimal digits */
#define NGX_HTTP_RECS_ERASE_BUSY   10      /* ms until a set may be free */

#define NGX_HTTP_RECS_ERASE_BODY                                             \
    (sizeof("{\"receiptId\":\"\",\"acceptedAt\":}\n")                        \
     + NGX_HTTP_RECS_RECEIPT + RECS_DATE_SIZE)


typedef struct {
    ngx_http_recs_wait_t   wait;
    ngx_http_recs_turn_t   turn;
    ngx_http_request_t    *request;
    uint8_t                kind;         /* RECS_KIND_* */
    ngx_uint_t             count;
    recs_identity_t        ids[RECS_KEYS_MAX];
    uint64_t               place;        /* in the table of sessions */
    int64_t                time_ms;
    u_char                 receipt[NGX_HTTP_RECS_RECEIPT];
    unsigned               waits:1;
} ngx_http_recs_erase_t;


static ngx_int_t ngx_http_recs_erase(ngx_http_request_t *r, uint8_t kind,
    const ngx_str_t *name, ngx_str_t *rest);
static ngx_int_t ngx_http_recs_erase_may(ngx_http_request_t *r,
    const ngx_str_t *rest, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_erase_id(ngx_http_request_t *r,
    const ngx_str_t *name, ngx_str_t *rest, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_erase_can(ngx_http_request_t *r,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_erase_refuse(ngx_http_recs_refusal_t *refusal,
    ngx_uint_t status, const char *code, const char *detail);
static ngx_http_recs_erase_t *ngx_http_recs_erase_create(
    ngx_http_request_t *r, uint8_t kind, ngx_str_t *id);
static ngx_int_t ngx_http_recs_erase_journal(ngx_http_recs_erase_t *erase);
static ngx_int_t ngx_http_recs_erase_run(void *data);
static void ngx_http_recs_erase_synced(void *data, ngx_int_t rc);
static ngx_int_t ngx_http_recs_erase_answer(ngx_http_recs_erase_t *erase,
    ngx_int_t rc);
static void ngx_http_recs_erase_cleanup(void *data);


static ngx_str_t  ngx_http_recs_erase_users = ngx_string("/users/");
static ngx_str_t  ngx_http_recs_erase_sessions = ngx_string("/sessions/");
static ngx_str_t  ngx_http_recs_erase_type = ngx_string("application/json");
static ngx_str_t  ngx_http_recs_erase_store = ngx_string("no-store");
static ngx_str_t  ngx_http_recs_erase_none = ngx_null_string;


ngx_int_t
ngx_http_recs_erase_user(ngx_http_request_t *r, ngx_str_t *rest)
{
    return ngx_http_recs_erase(r, RECS_KIND_USER, &ngx_http_recs_erase_users,
                               rest);
}


ngx_int_t
ngx_http_recs_erase_session(ngx_http_request_t *r, ngx_str_t *rest)
{
    return ngx_http_recs_erase(r, RECS_KIND_SESSION,
                               &ngx_http_recs_erase_sessions, rest);
}


static ngx_int_t
ngx_http_recs_erase(ngx_http_request_t *r, uint8_t kind,
    const ngx_str_t *name, ngx_str_t *rest)
{
    ngx_int_t                 rc;
    ngx_http_recs_erase_t    *erase;
    ngx_http_recs_refusal_t   refusal;

    ngx_memzero(&refusal, sizeof(ngx_http_recs_refusal_t));

    rc = ngx_http_recs_erase_may(r, rest, &refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_erase_id(r, name, rest, &refusal);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_erase_can(r, &refusal);
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_recs_problem(r, refusal.status, refusal.code,
                                     refusal.detail, &refusal.name);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    erase = ngx_http_recs_erase_create(r, kind, rest);

    if (erase == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_recs_erase_journal(erase) != NGX_OK) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "journal-full",
                                     "The journal is full, try again.",
                                     &refusal.name);
    }

    /* goes on, whether or not the client does */

    r->read_event_handler = ngx_http_block_reading;

    rc = ngx_http_recs_erase_run(erase);

    if (rc == NGX_AGAIN) {
        r->main->count++;
        return NGX_DONE;
    }

    return rc;
}


/* These: NGX_OK, NGX_DECLINED with what to answer, or NGX_ERROR: 500. */

static ngx_int_t
ngx_http_recs_erase_may(ngx_http_request_t *r, const ngx_str_t *rest,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->erase_keys == NULL || rest->len == 0) {
        return ngx_http_recs_erase_refuse(refusal, NGX_HTTP_NOT_FOUND,
                                          "path-unknown",
                                          "There is nothing under this "
                                          "path.");
    }

    if (!ngx_http_recs_secret_given(r, rlcf->erase_keys)) {
        return ngx_http_recs_erase_refuse(refusal, NGX_HTTP_FORBIDDEN,
                                          "key-required",
                                          "Only the shop itself may do this, "
                                          "with its key.");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_erase_id(ngx_http_request_t *r, const ngx_str_t *name,
    ngx_str_t *rest, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t    rc;
    const char  *err;

    rc = ngx_http_recs_args_last(r, name, rest);

    if (rc == NGX_DECLINED) {
        return ngx_http_recs_erase_refuse(refusal, NGX_HTTP_NOT_FOUND,
                                          "path-unknown",
                                          "There is nothing under this path; "
                                          "a slash in an id is written %2F.");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (rest->len > RECS_ID_MAX) {
        return ngx_http_recs_erase_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                          "id-invalid",
                                          "The id is longer than 255 bytes.");
    }

    if (ngx_http_recs_args_text(rest, &err) != NGX_OK) {
        return ngx_http_recs_erase_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                          "id-invalid", err);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_erase_can(ngx_http_request_t *r,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (rmcf->journal == NULL) {
        return ngx_http_recs_erase_refuse(refusal,
                                          NGX_HTTP_SERVICE_UNAVAILABLE,
                                          "no-journal",
                                          "There is no recs_journal to keep "
                                          "events in.");
    }

    if (rlcf->keys == NULL || rlcf->keys->keys.count == 0) {
        return ngx_http_recs_erase_refuse(refusal,
                                          NGX_HTTP_SERVICE_UNAVAILABLE,
                                          "no-key",
                                          "There is no key file to protect "
                                          "identities with.");
    }

    if (!ngx_http_recs_sweep_room(rmcf)) {
        return ngx_http_recs_erase_refuse(refusal,
                                          NGX_HTTP_SERVICE_UNAVAILABLE,
                                          "erase-busy",
                                          "Too many are being erased, try "
                                          "again.");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_erase_refuse(ngx_http_recs_refusal_t *refusal,
    ngx_uint_t status, const char *code, const char *detail)
{
    refusal->status = status;
    refusal->code = code;
    refusal->detail = detail;

    return NGX_DECLINED;
}


static ngx_http_recs_erase_t *
ngx_http_recs_erase_create(ngx_http_request_t *r, uint8_t kind, ngx_str_t *id)
{
    uint64_t                   random[2];
    recs_str_t                 raw;
    ngx_time_t                *tp;
    ngx_uint_t                 i;
    ngx_pool_cleanup_t        *cln;
    ngx_http_recs_erase_t     *erase;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (recs_random64(&random[0]) != RECS_OK
        || recs_random64(&random[1]) != RECS_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno,
                      "getrandom() failed");
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_erase_t));
    if (cln == NULL) {
        return NULL;
    }

    erase = cln->data;
    ngx_memzero(erase, sizeof(ngx_http_recs_erase_t));

    cln->handler = ngx_http_recs_erase_cleanup;

    if (ngx_http_recs_turn_init(&erase->turn, r, ngx_http_recs_erase_run,
                                erase)
        != NGX_OK)
    {
        return NULL;
    }

    erase->turn.stays = 1;

    tp = ngx_timeofday();

    erase->request = r;
    erase->kind = kind;
    erase->count = rlcf->keys->keys.count;
    erase->time_ms = (int64_t) tp->sec * 1000 + tp->msec;

    raw.data = id->data;
    raw.len = id->len;

    for (i = 0; i < erase->count; i++) {
        recs_identity(&rlcf->keys->keys, i, kind, &raw, &erase->ids[i]);
    }

    (void) recs_put_hex64(recs_put_hex64(erase->receipt, random[0]),
                          random[1]);

    return erase;
}


static ngx_int_t
ngx_http_recs_erase_journal(ngx_http_recs_erase_t *erase)
{
    ngx_uint_t                  i;
    recs_event_t               *e;
    ngx_http_request_t         *r;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    r = erase->request;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    e = rmcf->event;

    for (i = 0; i < erase->count; i++) {
        recs_event_init(e);

        e->class = RECS_CLASS_ERASE;
        e->type = RECS_EVENT_USER_ERASE;
        e->time_ms = erase->time_ms;
        e->shop.data = rlcf->shop.data;
        e->shop.len = rlcf->shop.len;
        e->message_id.data = erase->receipt;
        e->message_id.len = NGX_HTTP_RECS_RECEIPT;

        if (erase->kind == RECS_KIND_USER) {
            e->user = erase->ids[i];

        } else {
            e->session = erase->ids[i];
        }

        /* what went into it before a failure only erases once more */

        if (ngx_http_recs_journal_append(rmcf, e, RECS_SEGMENT_ACTIVITY)
            != NGX_OK)
        {
            return NGX_BUSY;
        }
    }

    ngx_http_recs_sweep(rmcf, recs_key64(rlcf->shop.data, rlcf->shop.len),
                        erase->ids, erase->count,
                        erase->kind == RECS_KIND_USER);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_erase_run(void *data)
{
    ngx_http_recs_erase_t *erase = data;

    ngx_int_t                   rc;
    ngx_http_recs_main_conf_t  *rmcf;

    rc = ngx_http_recs_visit_erase(erase->request, erase->ids, erase->count,
                                   &erase->place);

    if (rc == NGX_AGAIN) {
        return ngx_http_recs_turn_yield(&erase->turn);
    }

    if (rc == NGX_BUSY) {
        return ngx_http_recs_turn_later(&erase->turn,
                                        NGX_HTTP_RECS_ERASE_BUSY);
    }

    rmcf = ngx_http_get_module_main_conf(erase->request,
                                         ngx_http_recs_module);

    erase->wait.handler = ngx_http_recs_erase_synced;
    erase->wait.data = erase;

    rc = ngx_http_recs_journal_wait(rmcf, &erase->wait);

    if (rc == NGX_OK) {
        erase->waits = 1;
        return NGX_AGAIN;
    }

    return ngx_http_recs_erase_answer(erase, (rc == NGX_ERROR) ? rc : NGX_OK);
}


static void
ngx_http_recs_erase_synced(void *data, ngx_int_t rc)
{
    ngx_http_recs_erase_t *erase = data;

    ngx_connection_t  *c;

    c = erase->request->connection;
    erase->waits = 0;

    ngx_http_set_log_request(c->log, erase->request);

    ngx_http_finalize_request(erase->request,
                              ngx_http_recs_erase_answer(erase, rc));

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_recs_erase_answer(ngx_http_recs_erase_t *erase, ngx_int_t rc)
{
    u_char                     *buf;
    recs_out_t                  out;
    ngx_http_request_t         *r;
    ngx_http_recs_main_conf_t  *rmcf;

    r = erase->request;
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (rc != NGX_OK) {
        return ngx_http_recs_problem(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     "journal-failed",
                                     "The journal could not be written.",
                                     &ngx_http_recs_erase_none);
    }

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_ERASURES, 1);

    buf = ngx_pnalloc(r->pool, NGX_HTTP_RECS_ERASE_BODY);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, NGX_HTTP_RECS_ERASE_BODY);

    recs_out_lit(&out, "{\"receiptId\":\"");
    recs_out_bytes(&out, erase->receipt, NGX_HTTP_RECS_RECEIPT);
    recs_out_lit(&out, "\",\"acceptedAt\":");
    recs_out_time(&out, erase->time_ms);
    recs_out_lit(&out, "}\n");

    if (ngx_http_recs_header(r, "Cache-Control", &ngx_http_recs_erase_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(r, NGX_HTTP_ACCEPTED, &ngx_http_recs_erase_type,
                              buf, out.pos - buf);
}


static void
ngx_http_recs_erase_cleanup(void *data)
{
    ngx_http_recs_erase_t *erase = data;

    if (erase->waits) {
        ngx_queue_remove(&erase->wait.queue);
    }
}
