
/*
 * Copyright (C) recs authors
 *
 * The header Accept (RFC 9110, 12.5.1): of several ranges that a type is in,
 * the most specific one says how welcome it is.
 */


#include "ngx_http_recs_form.h"
#include "ngx_http_recs_client.h"


#define NGX_HTTP_RECS_Q_MAX  1000


typedef struct {
    ngx_uint_t  rank;         /* of the range: 1 all, 2 a kind, 3 a type */
    ngx_uint_t  q;            /* thousandths */
} ngx_http_recs_welcome_t;


static u_char *ngx_http_recs_accept_token(u_char *p, u_char *last,
    ngx_str_t *token);
static u_char *ngx_http_recs_accept_q(u_char *p, u_char *last,
    ngx_uint_t *q);
static ngx_uint_t ngx_http_recs_accept_weight(const u_char *p,
    const u_char *last);
static void ngx_http_recs_accept_range(const ngx_str_t *range, ngx_uint_t q,
    ngx_http_recs_welcome_t *json, ngx_http_recs_welcome_t *msgpack);
static void ngx_http_recs_accept_note(ngx_http_recs_welcome_t *w,
    ngx_uint_t rank, ngx_uint_t q);
static ngx_uint_t ngx_http_recs_accept_is(const ngx_str_t *range,
    const ngx_str_t *names);


static ngx_str_t  ngx_http_recs_accept_header = ngx_string("accept");

static ngx_str_t  ngx_http_recs_accept_all[] = {
    ngx_string("*/*"), ngx_null_string
};

static ngx_str_t  ngx_http_recs_accept_kind[] = {
    ngx_string("application/*"), ngx_null_string
};

static ngx_str_t  ngx_http_recs_accept_json[] = {
    ngx_string("application/json"), ngx_null_string
};

static ngx_str_t  ngx_http_recs_accept_msgpack[] = {
    ngx_string("application/msgpack"), ngx_string("application/vnd.msgpack"),
    ngx_string("application/x-msgpack"), ngx_null_string
};


ngx_uint_t
ngx_http_recs_accept(ngx_http_request_t *r)
{
    u_char                   *p, *last;
    ngx_str_t                *value, range;
    ngx_uint_t                q;
    ngx_http_recs_welcome_t   json, msgpack;

    value = ngx_http_recs_client_header(r, &ngx_http_recs_accept_header);

    if (value == NULL || value->len == 0
        || (value->len == 3 && ngx_memcmp(value->data, "*/*", 3) == 0))
    {
        return NGX_HTTP_RECS_FORM_JSON;
    }

    ngx_memzero(&json, sizeof(ngx_http_recs_welcome_t));
    ngx_memzero(&msgpack, sizeof(ngx_http_recs_welcome_t));

    p = value->data;
    last = p + value->len;

    while (p < last) {
        p = ngx_http_recs_accept_token(p, last, &range);
        p = ngx_http_recs_accept_q(p, last, &q);

        ngx_http_recs_accept_range(&range, q, &json, &msgpack);
    }

    if (msgpack.q > json.q) {
        return NGX_HTTP_RECS_FORM_MSGPACK;
    }

    return json.q ? NGX_HTTP_RECS_FORM_JSON : NGX_CONF_UNSET_UINT;
}


/* Up to a comma, a semicolon or a blank, none of which it has. */

static u_char *
ngx_http_recs_accept_token(u_char *p, u_char *last, ngx_str_t *token)
{
    while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
        p++;
    }

    token->data = p;

    while (p < last && *p != ' ' && *p != '\t' && *p != ',' && *p != ';') {
        p++;
    }

    token->len = p - token->data;

    return p;
}


/* The parameters of a range, of which "q" matters; behind its comma. */

static u_char *
ngx_http_recs_accept_q(u_char *p, u_char *last, ngx_uint_t *q)
{
    u_char  *begin;

    *q = NGX_HTTP_RECS_Q_MAX;

    while (p < last && *p != ',') {

        if (*p == ';' || *p == ' ' || *p == '\t') {
            p++;
            continue;
        }

        begin = p;

        while (p < last && *p != ',' && *p != ';') {
            p++;
        }

        if (p - begin > 2 && (begin[0] == 'q' || begin[0] == 'Q')
            && begin[1] == '=')
        {
            *q = ngx_http_recs_accept_weight(begin + 2, p);
        }
    }

    return (p < last) ? p + 1 : p;
}


/* "0.5" in thousandths; what is no number is 0. */

static ngx_uint_t
ngx_http_recs_accept_weight(const u_char *p, const u_char *last)
{
    ngx_int_t  n;

    while (p < last && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    n = ngx_atofp((u_char *) p, last - p, 3);

    return (n < 0) ? 0 : ngx_min(n, NGX_HTTP_RECS_Q_MAX);
}


static void
ngx_http_recs_accept_range(const ngx_str_t *range, ngx_uint_t q,
    ngx_http_recs_welcome_t *json, ngx_http_recs_welcome_t *msgpack)
{
    if (ngx_http_recs_accept_is(range, ngx_http_recs_accept_json)) {
        ngx_http_recs_accept_note(json, 3, q);

    } else if (ngx_http_recs_accept_is(range, ngx_http_recs_accept_msgpack)) {
        ngx_http_recs_accept_note(msgpack, 3, q);

    } else if (ngx_http_recs_accept_is(range, ngx_http_recs_accept_kind)) {
        ngx_http_recs_accept_note(json, 2, q);
        ngx_http_recs_accept_note(msgpack, 2, q);

    } else if (ngx_http_recs_accept_is(range, ngx_http_recs_accept_all)) {
        ngx_http_recs_accept_note(json, 1, q);
        ngx_http_recs_accept_note(msgpack, 1, q);
    }
}


/* Of two of one rank the higher one: MessagePack has three names. */

static void
ngx_http_recs_accept_note(ngx_http_recs_welcome_t *w, ngx_uint_t rank,
    ngx_uint_t q)
{
    if (rank > w->rank || (rank == w->rank && q > w->q)) {
        w->rank = rank;
        w->q = q;
    }
}


static ngx_uint_t
ngx_http_recs_accept_is(const ngx_str_t *range, const ngx_str_t *names)
{
    for ( /* void */ ; names->len; names++) {
        if (range->len == names->len
            && ngx_strncasecmp(range->data, names->data, names->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
