/*
 * Copyright (C) recs authors
 *
 * What Redis has of somebody who is to be forgotten: the records of live
 * sessions (ngx_http_recs_roam.h) that bear the identity in their name, or,
 * of a user, within.
 *
 *   EVAL <script> 1 <stream>:session:<shop><identity> <cursor> <pattern>
 *        <identity>...
 *
 * The script deletes what is named and goes on through the names of sessions
 * by one SCAN; what it returns is the next cursor.  It begins when whatever
 * other workers were about to store has been stored, and begins again where
 * the connection was lost, until the time is over for which Redis keeps
 * records at all.  A worker that is to exit goes on to the end of what it has
 * begun, unless Redis is away.
 */

#ifndef _NGX_HTTP_RECS_SWEEP_H_INCLUDED_
#define _NGX_HTTP_RECS_SWEEP_H_INCLUDED_


#include "ngx_http_recs_visit.h"


ngx_int_t ngx_http_recs_sweep_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/* Whether another one may be begun. */

ngx_uint_t ngx_http_recs_sweep_room(ngx_http_recs_main_conf_t *rmcf);

/*
 * Begins one: "ids" are one person's, under "count" keys; of a session, only
 * its own records are looked for ("within" 0).  Does nothing without Redis.
 */

void ngx_http_recs_sweep(ngx_http_recs_main_conf_t *rmcf, uint64_t shop,
    const recs_identity_t *ids, ngx_uint_t count, ngx_uint_t within);

/* The connection is gone. */

void ngx_http_recs_sweep_lost(ngx_http_recs_redis_t *redis);


#endif /* _NGX_HTTP_RECS_SWEEP_H_INCLUDED_ */
