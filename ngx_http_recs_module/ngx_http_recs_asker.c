
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_args.h"
#include "ngx_http_recs_client.h"
#include "ngx_http_recs_visit.h"


static ngx_uint_t ngx_http_recs_asker_key(const recs_keys_t *keys,
    const recs_view_t *view);
static ngx_int_t ngx_http_recs_asker_user(ngx_http_request_t *r,
    const recs_keys_t *keys, ngx_uint_t n, const ngx_str_t *id,
    const recs_view_t *view, recs_query_t *query);
static void ngx_http_recs_asker_live(ngx_http_request_t *r,
    const recs_keys_t *keys, ngx_uint_t n, const ngx_str_t *session,
    const ngx_str_t *user, recs_query_t *query);
static ngx_uint_t ngx_http_recs_asker_own(const recs_keys_t *keys,
    const ngx_str_t *id, const recs_visit_t *visit);
static void ngx_http_recs_asker_identity(const recs_keys_t *keys,
    ngx_uint_t n, uint8_t kind, const ngx_str_t *id, uint8_t *identity);


static ngx_str_t  ngx_http_recs_session_header =
    ngx_string("x-session-id");


ngx_int_t
ngx_http_recs_session(ngx_http_request_t *r, const ngx_http_recs_args_t *args,
    ngx_str_t *session)
{
    ngx_str_t                 *value;
    ngx_http_recs_loc_conf_t  *rlcf;

    if (args && args->session_id.len) {
        *session = args->session_id;
        return NGX_OK;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->session) {
        return ngx_http_complex_value(r, rlcf->session, session);
    }

    value = ngx_http_recs_client_header(r, &ngx_http_recs_session_header);

    if (value) {
        *session = *value;

    } else {
        ngx_str_null(session);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_asker(ngx_http_request_t *r, const ngx_http_recs_args_t *args,
    const recs_view_t *view, recs_query_t *query, ngx_uint_t live)
{
    ngx_str_t                  session, user;
    ngx_uint_t                 n;
    recs_asker_t              *asker;
    const recs_keys_t         *keys;
    ngx_http_recs_loc_conf_t  *rlcf;

    asker = &query->asker;
    ngx_memzero(asker, sizeof(recs_asker_t));

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    /* who refuses to be known is nobody, also to the lists */

    if (ngx_http_recs_client_consent(r, rlcf) == RECS_CONSENT_DENIED) {
        return NGX_OK;
    }

    if (ngx_http_recs_session(r, args, &session) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&user);

    if (rlcf->user && ngx_http_complex_value(r, rlcf->user, &user) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    keys = rlcf->keys ? &rlcf->keys->keys : NULL;

    if (keys == NULL || keys->count == 0) {

        /* nobody can be known, but a verified user may ask for himself */

        if (args->user_id.len == 0
            || (args->user_id.len == user.len
                && ngx_memcmp(args->user_id.data, user.data, user.len) == 0))
        {
            return NGX_OK;
        }

        return NGX_HTTP_FORBIDDEN;
    }

    n = ngx_http_recs_asker_key(keys, view);

    ngx_http_recs_asker_identity(keys, n, RECS_KIND_SESSION, &session,
                                 asker->session);
    ngx_http_recs_asker_identity(keys, n, RECS_KIND_USER, &user,
                                 asker->user);

    if (live) {
        ngx_http_recs_asker_live(r, keys, n, &session, &user, query);
    }

    if (args->user_id.len == 0) {
        return NGX_OK;
    }

    return ngx_http_recs_asker_user(r, keys, n, &args->user_id, view, query);
}


ngx_int_t
ngx_http_recs_asker_named(ngx_http_request_t *r, const ngx_str_t *id,
    const recs_view_t *view, recs_query_t *query)
{
    ngx_str_t                  session;
    ngx_uint_t                 n;
    recs_asker_t              *asker;
    const recs_keys_t         *keys;
    ngx_http_recs_loc_conf_t  *rlcf;

    asker = &query->asker;
    ngx_memzero(asker, sizeof(recs_asker_t));

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    keys = rlcf->keys ? &rlcf->keys->keys : NULL;

    if (keys == NULL || keys->count == 0
        || id->len == 0 || id->len > RECS_ID_MAX)
    {
        return NGX_DECLINED;
    }

    n = ngx_http_recs_asker_key(keys, view);
    ngx_str_null(&session);

    ngx_http_recs_asker_identity(keys, n, RECS_KIND_USER, id, asker->user);
    ngx_http_recs_asker_live(r, keys, n, &session, id, query);

    return NGX_OK;
}


/* Live sessions are under the current key, whatever the snapshot's is. */

static void
ngx_http_recs_asker_live(ngx_http_request_t *r, const recs_keys_t *keys,
    ngx_uint_t n, const ngx_str_t *session, const ngx_str_t *user,
    recs_query_t *query)
{
    recs_asker_t  asker;

    asker = query->asker;

    if (n != 0) {
        ngx_http_recs_asker_identity(keys, 0, RECS_KIND_SESSION, session,
                                     asker.session);
        ngx_http_recs_asker_identity(keys, 0, RECS_KIND_USER, user,
                                     asker.user);
    }

    ngx_http_recs_visit_find(r, asker.session, asker.user, query);
}


/* The key that the snapshot's own identities are under. */

static ngx_uint_t
ngx_http_recs_asker_key(const recs_keys_t *keys, const recs_view_t *view)
{
    ngx_uint_t  n;

    for (n = 0; n < keys->count; n++) {
        if (keys->keys[n].number == view->base->header.recent_key) {
            return n;
        }
    }

    return 0;
}


/*
 * A user id in a query string proves nothing: it must be the verified user,
 * or the user that this very session belongs to.
 */

static ngx_int_t
ngx_http_recs_asker_user(ngx_http_request_t *r, const recs_keys_t *keys,
    ngx_uint_t n, const ngx_str_t *id, const recs_view_t *view,
    recs_query_t *query)
{
    recs_asker_t               *asker;
    recs_identity_t             claimed;
    recs_format_user_t          session;
    recs_format_seen_t         *seen;
    ngx_http_recs_main_conf_t  *rmcf;

    asker = &query->asker;
    ngx_http_recs_asker_identity(keys, n, RECS_KIND_USER, id, claimed.bytes);

    if (!recs_identity_known(&claimed)) {
        return NGX_HTTP_FORBIDDEN;
    }

    if (ngx_memcmp(claimed.bytes, asker->user, RECS_IDENTITY_SIZE) == 0) {
        return NGX_OK;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    seen = rmcf->scratch->history;

    if (query->visit && ngx_http_recs_asker_own(keys, id, query->visit)) {
        goto own;
    }

    /* whoever has logged out since is not the user any more */

    if ((query->visit && query->visit->left)
        || recs_snapshot_user(view->base, asker->session, &session, seen)
           != RECS_OK
        || ngx_memcmp(claimed.bytes, session.user, RECS_IDENTITY_SIZE) != 0)
    {
        return NGX_HTTP_FORBIDDEN;
    }

own:

    ngx_memcpy(asker->user, claimed.bytes, RECS_IDENTITY_SIZE);

    return NGX_OK;
}


/* Whether a live session is that of a user. */

static ngx_uint_t
ngx_http_recs_asker_own(const recs_keys_t *keys, const ngx_str_t *id,
    const recs_visit_t *visit)
{
    uint8_t  user[RECS_IDENTITY_SIZE];

    ngx_http_recs_asker_identity(keys, 0, RECS_KIND_USER, id, user);

    return ngx_memcmp(user, visit->user, RECS_IDENTITY_SIZE) == 0;
}


static void
ngx_http_recs_asker_identity(const recs_keys_t *keys, ngx_uint_t n,
    uint8_t kind, const ngx_str_t *id, uint8_t *identity)
{
    recs_str_t       text;
    recs_identity_t  result;

    if (id->len == 0 || id->len > RECS_ID_MAX) {
        ngx_memzero(identity, RECS_IDENTITY_SIZE);
        return;
    }

    text.len = id->len;
    text.data = id->data;

    recs_identity(keys, n, kind, &text, &result);

    ngx_memcpy(identity, result.bytes, RECS_IDENTITY_SIZE);
}
