
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_turn.h"


#define NGX_HTTP_RECS_TURN_HOLD  1000    /* ms, see _yield() */


static void ngx_http_recs_turn_stop(void *data);
static void ngx_http_recs_turn_off(ngx_event_t *ev);
static void ngx_http_recs_turn_event(ngx_event_t *ev);


ngx_int_t
ngx_http_recs_turn_init(ngx_http_recs_turn_t *turn, ngx_http_request_t *r,
    ngx_http_recs_turn_pt run, void *data)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(turn, sizeof(ngx_http_recs_turn_t));

    turn->request = r;
    turn->run = run;
    turn->data = data;

    turn->event.handler = ngx_http_recs_turn_event;
    turn->event.data = turn;
    turn->event.log = r->connection->log;

    cln->handler = ngx_http_recs_turn_stop;
    cln->data = turn;

    return NGX_OK;
}


/* The client has gone, or all is done. */

static void
ngx_http_recs_turn_stop(void *data)
{
    ngx_http_recs_turn_t *turn = data;

    ngx_http_recs_turn_off(&turn->event);
}


static void
ngx_http_recs_turn_off(ngx_event_t *ev)
{
    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }
}


ngx_int_t
ngx_http_recs_turn_yield(ngx_http_recs_turn_t *turn)
{
    ngx_int_t  rc;

    /* a worker that is to exit waits for timers, not for what is posted */

    rc = ngx_http_recs_turn_later(turn, NGX_HTTP_RECS_TURN_HOLD);

    if (rc == NGX_AGAIN) {
        ngx_post_event(&turn->event, &ngx_posted_next_events);
    }

    return rc;
}


ngx_int_t
ngx_http_recs_turn_later(ngx_http_recs_turn_t *turn, ngx_msec_t ms)
{
    ngx_http_request_t  *r;

    r = turn->request;

    /* a client that goes away is noticed meanwhile */

    if (!turn->stays) {
        r->read_event_handler = ngx_http_test_reading;
        r->write_event_handler = ngx_http_request_empty_handler;

        if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_add_timer(&turn->event, ms);

    return NGX_AGAIN;
}


static void
ngx_http_recs_turn_event(ngx_event_t *ev)
{
    ngx_int_t              rc;
    ngx_connection_t      *c;
    ngx_http_request_t    *r;
    ngx_http_recs_turn_t  *turn;

    turn = ev->data;
    r = turn->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    /* what is sent slowly would meet the timer of the last turn */

    ngx_http_recs_turn_off(ev);

    rc = turn->run(turn->data);

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);

    } else if (c->read->ready && !turn->stays) {

        /* no event tells again that the client has gone */

        ngx_http_test_reading(r);
    }

    ngx_http_run_posted_requests(c);
}
