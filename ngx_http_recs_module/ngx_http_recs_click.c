
/*
 * Copyright (C) recs authors
 *
 * A link is a product, not an address: where it leads is what the catalogue
 * says now, as far as its host is one of the shop's.  Whatever cannot be
 * counted still leads there; whatever leads nowhere goes to the fallback.
 */


#include "ngx_http_recs_click.h"
#include "ngx_http_recs_client.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_question.h"
#include "ngx_http_recs_snapshot.h"
#include "ngx_http_recs_zone.h"
#include "../core/answer/recs_product.h"
#include "../core/recs_hash.h"
#include "../core/recs_json.h"


#define NGX_HTTP_RECS_GONE  410


/* What the own host is known by: with the port of the request, and without. */

#define NGX_HTTP_RECS_CLICK_OWN  2


static ngx_int_t ngx_http_recs_click_token(ngx_http_request_t *r,
    recs_token_t *token);
static ngx_int_t ngx_http_recs_click_headers(ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_click_refuse(ngx_http_request_t *r,
    ngx_uint_t why, ngx_uint_t status);
static ngx_int_t ngx_http_recs_click_product(ngx_http_request_t *r,
    const recs_token_t *token);
static ngx_int_t ngx_http_recs_click_address(ngx_http_request_t *r,
    const recs_snapshot_t *base, recs_item_t item, ngx_str_t *location);
static ngx_int_t ngx_http_recs_click_text(ngx_http_request_t *r,
    const recs_str_t *value, recs_str_t *text);
static ngx_uint_t ngx_http_recs_click_own(ngx_http_request_t *r,
    recs_host_t *hosts);
static void ngx_http_recs_click_count(ngx_http_request_t *r,
    const recs_token_t *token, uint64_t view, const recs_str_t *product);
static ngx_uint_t ngx_http_recs_click_look(ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_click_redirect(ngx_http_request_t *r,
    const ngx_str_t *location);


ngx_int_t
ngx_http_recs_click_handler(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    recs_token_t  token;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_recs_not_allowed(r, "GET, HEAD");
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_recs_click_headers(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_recs_click_token(r, &token) != NGX_OK) {
        return ngx_http_recs_click_refuse(r, NGX_HTTP_RECS_CLICKS_FORGED,
                                          NGX_HTTP_NOT_FOUND);
    }

    return ngx_http_recs_click_product(r, &token);
}


/* What follows the name of the location, and nothing else. */

static ngx_int_t
ngx_http_recs_click_token(ngx_http_request_t *r, recs_token_t *token)
{
    uint64_t                   shop;
    ngx_str_t                  path, rest;
    recs_str_t                 text;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->keys == NULL
        || ngx_http_recs_question_path(r, &path, &rest) != NGX_OK
        || rest.data)
    {
        return NGX_DECLINED;
    }

    text.data = path.data;
    text.len = path.len;
    shop = recs_key64(rlcf->shop.data, rlcf->shop.len);

    return (recs_token_read(token, &rlcf->keys->keys, shop, &text)
            == RECS_OK)
           ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_recs_click_headers(ngx_http_request_t *r)
{
    static ngx_str_t  store = ngx_string("no-store");
    static ngx_str_t  robots = ngx_string("noindex, nofollow");
    static ngx_str_t  referrer =
        ngx_string("strict-origin-when-cross-origin");

    if (ngx_http_recs_header(r, "Cache-Control", &store) != NGX_OK
        || ngx_http_recs_header(r, "X-Robots-Tag", &robots) != NGX_OK
        || ngx_http_recs_header(r, "Referrer-Policy", &referrer) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_click_refuse(ngx_http_request_t *r, ngx_uint_t why,
    ngx_uint_t status)
{
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    ngx_http_recs_count(rmcf, why, 1);

    if (rlcf->fallback.len) {
        return ngx_http_recs_click_redirect(r, &rlcf->fallback);
    }

    return status;
}


static ngx_int_t
ngx_http_recs_click_product(ngx_http_request_t *r, const recs_token_t *token)
{
    ngx_int_t              rc;
    ngx_str_t              location;
    recs_str_t             id, product;
    recs_item_t            item;
    ngx_http_recs_view_t  *view;

    view = ngx_http_recs_view(r, NULL);

    if (view == NULL) {
        return ngx_http_recs_click_refuse(r, NGX_HTTP_RECS_CLICKS_GONE,
                                          NGX_HTTP_SERVICE_UNAVAILABLE);
    }

    item = recs_snapshot_item(view->base, token->product);

    /* the page of what is sold out is there: it says what may come instead */

    if (item == RECS_NO_ITEM
        || !(recs_view_flags(&view->view, item) & RECS_ITEM_LISTED))
    {
        return ngx_http_recs_click_refuse(r, NGX_HTTP_RECS_CLICKS_GONE,
                                          NGX_HTTP_RECS_GONE);
    }

    recs_snapshot_fragment(view->base, item, &id, &product);

    rc = ngx_http_recs_click_address(r, view->base, item, &location);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "product %*s has no address that a click may lead to",
                      id.len, id.data);

        return ngx_http_recs_click_refuse(r, NGX_HTTP_RECS_CLICKS_ASTRAY,
                                          NGX_HTTP_NOT_FOUND);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_recs_click_count(r, token, view->base->header.id, &id);

    return ngx_http_recs_click_redirect(r, &location);
}


/* NGX_DECLINED: it has none, or one of somebody else's. */

static ngx_int_t
ngx_http_recs_click_address(ngx_http_request_t *r,
    const recs_snapshot_t *base, recs_item_t item, ngx_str_t *location)
{
    size_t                     size;
    ngx_uint_t                 n;
    recs_out_t                 out;
    recs_str_t                 value, url;
    ngx_array_t               *hosts;
    recs_host_t                own[NGX_HTTP_RECS_CLICK_OWN];
    ngx_http_recs_loc_conf_t  *rlcf;

    static const recs_str_t  name = recs_string("url");

    if (recs_product_member(base, item, &name, &value) != RECS_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_recs_click_text(r, &value, &url) != NGX_OK) {
        return NGX_ERROR;
    }

    size = ngx_min(url.len, RECS_LOCATION_MAX) * RECS_LOCATION_MORE;

    location->data = ngx_pnalloc(r->pool, size + 1);
    if (location->data == NULL) {
        return NGX_ERROR;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    hosts = rlcf->click_hosts;
    n = ngx_http_recs_click_own(r, own);

    recs_out_init(&out, location->data, size);

    if (recs_location(&url, own, n, &out) != RECS_OK
        && (hosts == NULL
            || recs_location(&url, hosts->elts, hosts->nelts, &out)
               != RECS_OK))
    {
        return NGX_DECLINED;
    }

    location->len = out.pos - location->data;

    return NGX_OK;
}


/* The inside of a JSON string, in the request's memory. */

static ngx_int_t
ngx_http_recs_click_text(ngx_http_request_t *r, const recs_str_t *value,
    recs_str_t *text)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, value->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = recs_json_text(value, p) - p;

    return NGX_OK;
}


/*
 * The host that the link was on, which is nobody else's: its name as nginx
 * has checked it, its port as the client has it.
 */

static ngx_uint_t
ngx_http_recs_click_own(ngx_http_request_t *r, recs_host_t *hosts)
{
    recs_str_t   text;
    recs_host_t  host;

    text.data = r->headers_in.server.data;
    text.len = r->headers_in.server.len;

    if (recs_host_parse(&hosts[0], &text) != RECS_OK) {
        return 0;
    }

    if (r->headers_in.host == NULL) {
        return 1;
    }

    text.data = r->headers_in.host->value.data;
    text.len = r->headers_in.host->value.len;

    if (recs_host_parse(&host, &text) != RECS_OK || host.port == 0) {
        return 1;
    }

    hosts[1].name = hosts[0].name;
    hosts[1].port = host.port;

    return NGX_HTTP_RECS_CLICK_OWN;
}


static void
ngx_http_recs_click_count(ngx_http_request_t *r, const recs_token_t *token,
    uint64_t view, const recs_str_t *product)
{
    ngx_uint_t                  what;
    recs_str_t                  id;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (ngx_http_recs_click_look(r)) {
        what = NGX_HTTP_RECS_CLICKS_LOOKS;

    } else if ((time_t) token->expires * 60 < ngx_time()) {
        what = NGX_HTTP_RECS_CLICKS_LATE;

    } else if (ngx_http_recs_click_text(r, product, &id) == NGX_OK
               && ngx_http_recs_click_journal(r, token, view, &id) == NGX_OK)
    {
        what = NGX_HTTP_RECS_CLICKS;

    } else {
        what = NGX_HTTP_RECS_CLICKS_UNCOUNTED;
    }

    ngx_http_recs_count(rmcf, what, 1);
}


/* Whoever only looks where a link leads has not clicked. */

static ngx_uint_t
ngx_http_recs_click_look(ngx_http_request_t *r)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    static ngx_str_t  names[] = {
        ngx_string("sec-purpose"),
        ngx_string("purpose"),
        ngx_string("x-purpose"),
        ngx_string("x-moz")
    };

    if (r->method == NGX_HTTP_HEAD) {
        return 1;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        value = ngx_http_recs_client_header(r, &names[i]);

        if (value
            && (ngx_strcasestrn(value->data, "prefetch", 8 - 1)
                || ngx_strcasestrn(value->data, "preview", 7 - 1)))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_recs_click_redirect(ngx_http_request_t *r, const ngx_str_t *location)
{
    ngx_http_clear_location(r);

    r->headers_out.location = ngx_list_push(&r->headers_out.headers);
    if (r->headers_out.location == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.location->hash = 1;
    ngx_str_set(&r->headers_out.location->key, "Location");
    r->headers_out.location->value = *location;

    return NGX_HTTP_MOVED_TEMPORARILY;
}
