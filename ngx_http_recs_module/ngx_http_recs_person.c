
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_person.h"
#include "ngx_http_recs_args.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_question.h"
#include "ngx_http_recs_secret.h"
#include "ngx_http_recs_snapshot.h"
#include "../core/answer/recs_profile.h"


/* Bytes around what core/ writes: ids of files, and that of the user. */

#define NGX_HTTP_RECS_PERSON_FRAME  (256 + 6 * RECS_ID_MAX)


typedef struct {
    ngx_http_request_t       *request;
    ngx_http_recs_args_t      args;
    ngx_http_recs_view_t     *view;
    recs_query_t              query;
    recs_scratch_t           *scratch;
    ngx_http_recs_refusal_t   refusal;   /* NGX_DECLINED: this is why */
} ngx_http_recs_person_t;


static ngx_int_t ngx_http_recs_person_begin(ngx_http_request_t *r,
    ngx_http_recs_person_t *p);
static ngx_int_t ngx_http_recs_person_limit(ngx_http_recs_person_t *p);
static ngx_int_t ngx_http_recs_person_type(ngx_http_recs_person_t *p);
static ngx_int_t ngx_http_recs_person_asker(ngx_http_recs_person_t *p);
static ngx_int_t ngx_http_recs_person_named(ngx_http_recs_person_t *p,
    ngx_str_t *id);
static ngx_uint_t ngx_http_recs_person_own(ngx_http_recs_person_t *p,
    ngx_str_t *id);
static ngx_int_t ngx_http_recs_person_refuse(ngx_http_recs_person_t *p,
    ngx_uint_t status, const char *code, const char *detail,
    const char *name);
static ngx_int_t ngx_http_recs_person_problem(ngx_http_recs_person_t *p,
    ngx_int_t rc);
static ngx_int_t ngx_http_recs_person_history_send(
    ngx_http_recs_person_t *p);
static ngx_int_t ngx_http_recs_person_profile_send(ngx_http_recs_person_t *p,
    const ngx_str_t *id, const recs_profile_t *profile);
static ngx_int_t ngx_http_recs_person_send(ngx_http_recs_person_t *p,
    u_char *buf, recs_out_t *out);


static ngx_str_t  ngx_http_recs_person_type_name =
    ngx_string("application/json");
static ngx_str_t  ngx_http_recs_person_path = ngx_string("/user-profile/");
static ngx_str_t  ngx_http_recs_person_private =
    ngx_string("private, no-cache");


ngx_int_t
ngx_http_recs_person_history(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_int_t               rc;
    ngx_http_recs_person_t  p;

    rc = ngx_http_recs_person_begin(r, &p);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_person_type(&p);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_person_asker(&p);
    }

    if (rc != NGX_OK) {
        return ngx_http_recs_person_problem(&p, rc);
    }

    return ngx_http_recs_person_history_send(&p);
}


ngx_int_t
ngx_http_recs_person_profile(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_int_t               rc;
    recs_profile_t          profile;
    ngx_http_recs_person_t  p;

    rc = ngx_http_recs_person_begin(r, &p);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_person_named(&p, rest);
    }

    if (rc == NGX_OK
        && recs_profile(&p.view->view, &p.query, p.scratch, &profile)
           != RECS_OK)
    {
        rc = NGX_HTTP_NOT_FOUND;
    }

    if (rc == NGX_HTTP_NOT_FOUND) {
        rc = ngx_http_recs_person_refuse(&p, rc, "user-unknown",
                                         "Nothing is known of this user, or "
                                         "it is not for you.", "userId");
    }

    if (rc != NGX_OK) {
        return ngx_http_recs_person_problem(&p, rc);
    }

    return ngx_http_recs_person_profile_send(&p, rest, &profile);
}


/* What both need: a snapshot, arguments, a limit. */

static ngx_int_t
ngx_http_recs_person_begin(ngx_http_request_t *r, ngx_http_recs_person_t *p)
{
    ngx_int_t                   rc;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    p->request = r;
    p->scratch = rmcf->scratch;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    p->view = ngx_http_recs_view(r, NULL);

    if (p->view == NULL) {
        return ngx_http_recs_person_refuse(p, NGX_HTTP_SERVICE_UNAVAILABLE,
                                           "no-snapshot",
                                           "There is no snapshot yet.", "");
    }

    recs_query_init(&p->query);

    rc = ngx_http_recs_args(r->pool, &r->args, &p->args, &p->refusal.name,
                            &p->refusal.detail);

    if (rc == NGX_DECLINED) {
        p->refusal.status = NGX_HTTP_BAD_REQUEST;
        p->refusal.code = "argument-invalid";
    }

    return (rc == NGX_OK) ? ngx_http_recs_person_limit(p) : rc;
}


static ngx_int_t
ngx_http_recs_person_limit(ngx_http_recs_person_t *p)
{
    ngx_int_t                  n;
    ngx_http_recs_loc_conf_t  *rlcf;

    if (p->args.limit.data == NULL) {
        return NGX_OK;
    }

    rlcf = ngx_http_get_module_loc_conf(p->request, ngx_http_recs_module);

    n = ngx_http_recs_args_number(&p->args.limit, rlcf->limit_max);

    if (n <= 0) {
        return ngx_http_recs_person_refuse(p, NGX_HTTP_BAD_REQUEST,
                                           "limit-invalid",
                                           "A number from 1 is expected.",
                                           "limit");
    }

    p->query.limit = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_person_type(ngx_http_recs_person_t *p)
{
    recs_str_t  type;

    if (p->args.type.len == 0) {
        return NGX_OK;
    }

    type.data = p->args.type.data;
    type.len = p->args.type.len;

    p->query.seen = recs_history_type(&type);

    if (p->query.seen == 0) {
        return ngx_http_recs_person_refuse(p, NGX_HTTP_BAD_REQUEST,
                                           "type-unknown",
                                           "A history has views, carts, "
                                           "wishes, purchases and "
                                           "dismissals.", "type");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_person_asker(ngx_http_recs_person_t *p)
{
    ngx_int_t  rc;

    rc = ngx_http_recs_asker(p->request, &p->args, &p->view->view, &p->query,
                             1);

    if (rc == NGX_HTTP_FORBIDDEN) {
        return ngx_http_recs_person_refuse(p, NGX_HTTP_FORBIDDEN,
                                           "user-not-verified",
                                           "This user's history answers only "
                                           "to the user's own session.",
                                           "userId");
    }

    return rc;
}


/*
 * Whoever may not ask is told before anything of that user was looked at:
 * neither what the answer says nor how long it takes tells who there is.
 */

static ngx_int_t
ngx_http_recs_person_named(ngx_http_recs_person_t *p, ngx_str_t *id)
{
    ngx_int_t                  rc;
    const char                *err;
    ngx_http_recs_loc_conf_t  *rlcf;

    rc = (id->len == 0) ? NGX_DECLINED
                        : ngx_http_recs_args_last(p->request,
                                              &ngx_http_recs_person_path, id);

    if (rc == NGX_ERROR) {
        return rc;
    }

    if (rc != NGX_OK || id->len > RECS_ID_MAX
        || ngx_http_recs_args_text(id, &err) != NGX_OK)
    {
        return NGX_HTTP_NOT_FOUND;
    }

    rlcf = ngx_http_get_module_loc_conf(p->request, ngx_http_recs_module);

    if (!ngx_http_recs_secret_given(p->request, rlcf->analytics_keys)
        && !ngx_http_recs_person_own(p, id))
    {
        return NGX_HTTP_NOT_FOUND;
    }

    p->query.visit = NULL;
    p->query.known = NULL;

    rc = ngx_http_recs_asker_named(p->request, id, &p->view->view, &p->query);

    return (rc == NGX_OK) ? NGX_OK : NGX_HTTP_NOT_FOUND;
}


/* Who refused to be known is let in by nobody's name. */

static ngx_uint_t
ngx_http_recs_person_own(ngx_http_recs_person_t *p, ngx_str_t *id)
{
    ngx_uint_t    i;
    recs_asker_t  asker;

    p->args.user_id = *id;

    if (ngx_http_recs_asker(p->request, &p->args, &p->view->view, &p->query, 1)
        != NGX_OK)
    {
        return 0;
    }

    asker = p->query.asker;

    for (i = 0; i < RECS_IDENTITY_SIZE; i++) {
        if (asker.user[i]) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_recs_person_refuse(ngx_http_recs_person_t *p, ngx_uint_t status,
    const char *code, const char *detail, const char *name)
{
    p->refusal.status = status;
    p->refusal.code = code;
    p->refusal.detail = detail;
    p->refusal.name.data = (u_char *) name;
    p->refusal.name.len = ngx_strlen(name);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_recs_person_problem(ngx_http_recs_person_t *p, ngx_int_t rc)
{
    if (rc != NGX_DECLINED) {
        return (rc == NGX_ERROR) ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
    }

    return ngx_http_recs_problem(p->request, p->refusal.status,
                                 p->refusal.code, p->refusal.detail,
                                 &p->refusal.name);
}


static ngx_int_t
ngx_http_recs_person_history_send(ngx_http_recs_person_t *p)
{
    size_t      size;
    u_char     *buf;
    recs_out_t  out;

    size = recs_history_size(&p->view->view, &p->query, p->scratch)
           + NGX_HTTP_RECS_PERSON_FRAME;

    buf = ngx_http_recs_buffer(p->request->pool, size);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, size);

    recs_out_byte(&out, '{');
    ngx_http_recs_view_ids(&p->view->view, &out);
    recs_out_lit(&out, ",\"items\":");
    (void) recs_history_json(&p->view->view, &p->query, p->scratch, &out);
    recs_out_lit(&out, "}\n");

    return ngx_http_recs_person_send(p, buf, &out);
}


static ngx_int_t
ngx_http_recs_person_profile_send(ngx_http_recs_person_t *p,
    const ngx_str_t *id, const recs_profile_t *profile)
{
    size_t      size;
    u_char     *buf;
    recs_out_t  out;

    size = recs_profile_size(&p->view->view, &p->query, p->scratch, profile)
           + NGX_HTTP_RECS_PERSON_FRAME;

    buf = ngx_http_recs_buffer(p->request->pool, size);
    if (buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_init(&out, buf, size);

    recs_out_lit(&out, "{\"userId\":\"");
    recs_out_json(&out, id->data, id->len);
    recs_out_lit(&out, "\",");
    ngx_http_recs_view_ids(&p->view->view, &out);
    recs_out_byte(&out, ',');
    recs_profile_json(&p->view->view, &p->query, p->scratch, profile, &out);
    recs_out_lit(&out, "}\n");

    return ngx_http_recs_person_send(p, buf, &out);
}


static ngx_int_t
ngx_http_recs_person_send(ngx_http_recs_person_t *p, u_char *buf,
    recs_out_t *out)
{
    if (out->overflow) {
        ngx_log_error(NGX_LOG_ALERT, p->request->connection->log, 0,
                      "the answer is longer than its bound");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_recs_header(p->request, "Cache-Control",
                             &ngx_http_recs_person_private)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_send(p->request, NGX_HTTP_OK,
                              &ngx_http_recs_person_type_name, buf,
                              out->pos - buf);
}
