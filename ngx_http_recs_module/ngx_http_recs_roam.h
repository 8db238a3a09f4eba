/*
 * Copyright (C) recs authors
 *
 * Live sessions that follow their visitors from one edge to another, through
 * Redis: a record that is new here is asked for, once, and what changed is
 * stored within a second, for as long as "sessions" of recs_redis says.
 *
 *   GET <stream>:session:<shop><identity>      in hexadecimal digits
 *   SET <stream>:session:... <record> EX <seconds>, and DEL
 *
 * All of it is a courtesy: nothing is sent twice, whatever is refused or lost
 * is forgotten, and an answer waits for a session that it sees for the first
 * time "session_wait" at most, and not at all while Redis takes longer.
 */

#ifndef _NGX_HTTP_RECS_ROAM_H_INCLUDED_
#define _NGX_HTTP_RECS_ROAM_H_INCLUDED_


#include "ngx_http_recs_visit.h"


ngx_int_t ngx_http_recs_roam_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * Asks for a record, unless that was done lately.  Returns what an answer may
 * wait for, or NULL.
 */

ngx_http_recs_roam_ask_t *ngx_http_recs_roam_ask(
    ngx_http_recs_main_conf_t *rmcf, const recs_visits_key_t *key);

/*
 * Waits for a record: NGX_DONE, and handler(r) gives the result of the
 * request later; NGX_DECLINED: there is nothing to wait for.
 */

ngx_int_t ngx_http_recs_roam_wait(ngx_http_request_t *r,
    ngx_http_recs_roam_ask_t *ask, ngx_http_handler_pt handler);

/* A record has changed, or is gone. */

void ngx_http_recs_roam_changed(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key);
void ngx_http_recs_roam_removed(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key);

/* The connection is gone, with all that was asked; or the worker goes. */

void ngx_http_recs_roam_lost(ngx_http_recs_redis_t *redis);
void ngx_http_recs_roam_drain(ngx_http_recs_redis_t *redis);


#endif /* _NGX_HTTP_RECS_ROAM_H_INCLUDED_ */
