
/*
 * Copyright (C) recs authors
 *
 * Sums over the cells of a report: arguments, sums, text.  A shop with many
 * placements and variants has hundreds of thousands of cells, so that both
 * sums and text are made in turns; what they are made of stays pinned, as it
 * is the request's.
 */


#include "ngx_http_recs_analytics.h"
#include "ngx_http_recs_answer.h"
#include "ngx_http_recs_pieces.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_turn.h"
#include "../core/answer/recs_stats.h"


#define NGX_HTTP_RECS_PERFORMANCE_STEP    1000   /* cells between two looks
                                                    at the clock */
#define NGX_HTTP_RECS_PERFORMANCE_GROUPS  16     /* groups, likewise */
#define NGX_HTTP_RECS_PERFORMANCE_ARGS    16


typedef struct {
    ngx_http_request_t      *request;
    const recs_view_t       *view;
    recs_stats_query_t       query;
    recs_stats_t            *stats;
    ngx_uint_t               csv;
    ngx_uint_t               summed;
    ngx_http_recs_pieces_t   text;
    ngx_http_recs_turn_t     turn;
} ngx_http_recs_performance_t;


static ngx_int_t ngx_http_recs_performance_args(ngx_http_request_t *r,
    ngx_http_recs_performance_t *p, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_performance_arg(ngx_http_request_t *r,
    ngx_http_recs_performance_t *p, const ngx_str_t *name, ngx_str_t *value,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_performance_format(
    ngx_http_recs_performance_t *p, const ngx_str_t *value);
static ngx_int_t ngx_http_recs_performance_detail(ngx_http_request_t *r,
    const char *err, ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_performance_begin(
    ngx_http_recs_performance_t *p);
static ngx_int_t ngx_http_recs_performance_run(void *data);
static int ngx_http_recs_performance_step(ngx_http_recs_performance_t *p);
static ngx_int_t ngx_http_recs_performance_send(
    ngx_http_recs_performance_t *p);


static ngx_str_t  ngx_http_recs_performance_json =
    ngx_string("application/json");
static ngx_str_t  ngx_http_recs_performance_csv = ngx_string("text/csv");


ngx_int_t
ngx_http_recs_performance(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_int_t                     rc;
    ngx_http_recs_view_t         *view;
    ngx_http_recs_refusal_t       refusal;
    ngx_http_recs_performance_t  *p;

    if (ngx_http_recs_analytics_open(r, &view, &rc) != NGX_OK) {
        return rc;
    }

    p = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_performance_t));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p->request = r;
    p->view = &view->view;

    rc = ngx_http_recs_performance_args(r, p, &refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_performance_begin(p);

        if (rc == NGX_DECLINED) {
            refusal.status = NGX_HTTP_NOT_FOUND;
            refusal.code = "report-missing";
            refusal.detail = "The snapshot has no report.";
            ngx_str_null(&refusal.name);
        }
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_recs_problem(r, refusal.status, refusal.code,
                                     refusal.detail, &refusal.name);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_recs_analytics_headers(r, view, &rc) != NGX_OK) {
        return rc;
    }

    rc = ngx_http_recs_performance_run(p);

    if (rc == NGX_AGAIN) {

        /* the turn that ends it finalizes it */

        r->main->count++;
        return NGX_DONE;
    }

    return rc;
}


/*
 * Each at most once.  One that is not known is refused, too: a filter that is
 * misspelled would give numbers that are not those asked for.
 */

static ngx_int_t
ngx_http_recs_performance_args(ngx_http_request_t *r,
    ngx_http_recs_performance_t *p, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t    rc;
    ngx_str_t    rest, name, value, names[NGX_HTTP_RECS_PERFORMANCE_ARGS];
    ngx_uint_t   i, n;
    const char  *err;

    recs_stats_query_init(&p->query);

    refusal->status = NGX_HTTP_BAD_REQUEST;
    refusal->code = "argument-invalid";

    rest = r->args;
    n = 0;

    while (ngx_http_recs_args_next(&rest, &name, &value) == NGX_OK) {

        if (name.len == 0 && value.len == 0) {
            continue;
        }

        refusal->name = name;

        for (i = 0; i < n; i++) {
            if (names[i].len == name.len
                && ngx_memcmp(names[i].data, name.data, name.len) == 0)
            {
                refusal->detail = "The argument is there twice.";
                return NGX_DECLINED;
            }
        }

        rc = ngx_http_recs_performance_arg(r, p, &name, &value, refusal);

        if (rc != NGX_OK) {
            return rc;
        }

        /* there are fewer that are known */

        names[n++] = name;
    }

    if (recs_stats_query_check(&p->query, &err) != RECS_OK) {
        ngx_str_set(&refusal->name, "to");
        return ngx_http_recs_performance_detail(r, err, refusal);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_performance_arg(ngx_http_request_t *r,
    ngx_http_recs_performance_t *p, const ngx_str_t *name, ngx_str_t *value,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t    rc;
    recs_str_t   key, text;
    const char  *err;

    rc = ngx_http_recs_args_value(r->pool, value, &refusal->detail);

    if (rc != NGX_OK) {
        return rc;
    }

    if (name->len == 6 && ngx_memcmp(name->data, "format", 6) == 0) {
        refusal->detail = "The format is json or csv.";
        return ngx_http_recs_performance_format(p, value);
    }

    key.data = name->data;
    key.len = name->len;
    text.data = value->data;
    text.len = value->len;

    switch (recs_stats_arg(&p->query, &key, &text, &err)) {

    case RECS_OK:
        return NGX_OK;

    case RECS_DECLINED:
        refusal->code = "argument-unknown";
        refusal->detail = "There is no such argument.";
        return NGX_DECLINED;

    default:
        return ngx_http_recs_performance_detail(r, err, refusal);
    }
}


static ngx_int_t
ngx_http_recs_performance_format(ngx_http_recs_performance_t *p,
    const ngx_str_t *value)
{
    if (value->len == 3 && ngx_memcmp(value->data, "csv", 3) == 0) {
        p->csv = 1;
        return NGX_OK;
    }

    if (value->len == 4 && ngx_memcmp(value->data, "json", 4) == 0) {
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* "it is no position" becomes a sentence, without quotes: JSON has its own. */

static ngx_int_t
ngx_http_recs_performance_detail(ngx_http_request_t *r, const char *err,
    ngx_http_recs_refusal_t *refusal)
{
    u_char  *p;

    static ngx_str_t  begin = ngx_string("The value is refused: ");

    p = ngx_pnalloc(r->pool, begin.len + ngx_strlen(err) + sizeof("."));
    if (p == NULL) {
        return NGX_ERROR;
    }

    refusal->detail = (char *) p;
    p = ngx_cpymem(p, begin.data, begin.len);

    for ( /* void */ ; *err; err++) {
        if (*err != '"') {
            *p++ = *err;
        }
    }

    *p++ = '.';
    *p = '\0';

    return NGX_DECLINED;
}


/* NGX_DECLINED: there is no report. */

static ngx_int_t
ngx_http_recs_performance_begin(ngx_http_recs_performance_t *p)
{
    void                *memory;
    uint32_t             groups;
    ngx_http_request_t  *r;
    const recs_cells_t  *base, *hot;

    r = p->request;
    base = &p->view->base->cells;
    hot = recs_cells_layer(base, p->view->hot ? &p->view->hot->hot->cells
                                              : NULL);

    if (base->meta.made_ms == 0 && hot == NULL) {
        return NGX_DECLINED;
    }

    groups = p->query.by_count ? RECS_STATS_GROUPS : 1;

    memory = ngx_pmemalign(r->pool, recs_stats_size(groups), 16);
    if (memory == NULL) {
        return NGX_ERROR;
    }

    p->stats = recs_stats_init(memory, groups, &p->query, base, hot);

    return ngx_http_recs_turn_init(&p->turn, r, ngx_http_recs_performance_run,
                                   p);
}


static ngx_int_t
ngx_http_recs_performance_run(void *data)
{
    ngx_http_recs_performance_t *p = data;

    int       rc;
    uint64_t  start;

    start = ngx_http_recs_clock();

    do {
        rc = ngx_http_recs_performance_step(p);

        if (rc == RECS_OK) {
            return ngx_http_recs_performance_send(p);
        }

        if (rc == RECS_ERROR) {
            ngx_log_error(NGX_LOG_ALERT, p->request->connection->log, 0,
                          "recs_stats_room() is too small, or no memory");
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        /* a page waits for its parts as it is made */

    } while (p->request != p->request->main
             || ngx_http_recs_clock() - start < NGX_HTTP_RECS_TURN);

    return ngx_http_recs_turn_yield(&p->turn);
}


/* RECS_AGAIN: there is more to do. */

static int
ngx_http_recs_performance_step(ngx_http_recs_performance_t *p)
{
    size_t       room;
    recs_out_t  *out;

    if (!p->summed) {
        p->summed = recs_stats_step(p->stats, NGX_HTTP_RECS_PERFORMANCE_STEP)
                    == RECS_OK;
        return RECS_AGAIN;
    }

    out = &p->text.out;
    room = recs_stats_room(p->stats, NGX_HTTP_RECS_PERFORMANCE_GROUPS);

    if ((p->text.buf == NULL || (size_t) (out->last - out->pos) < room)
        && ngx_http_recs_pieces_room(p->request->pool, &p->text, room)
           != NGX_OK)
    {
        return RECS_ERROR;
    }

    if (p->csv) {
        return recs_stats_csv(p->stats, out,
                              NGX_HTTP_RECS_PERFORMANCE_GROUPS);
    }

    return recs_stats_json(p->stats, out, NGX_HTTP_RECS_PERFORMANCE_GROUPS);
}


static ngx_int_t
ngx_http_recs_performance_send(ngx_http_recs_performance_t *p)
{
    ngx_http_request_t  *r;

    static ngx_str_t  yes = ngx_string("true");

    r = p->request;

    if (!p->csv) {
        return ngx_http_recs_pieces_send(r, &p->text,
                                         &ngx_http_recs_performance_json,
                                         "\n");
    }

    if (recs_stats_truncated(p->stats)
        && ngx_http_recs_header(r, "X-Recs-Truncated", &yes) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&r->headers_out.charset, "utf-8");

    return ngx_http_recs_pieces_send(r, &p->text,
                                     &ngx_http_recs_performance_csv, "");
}
