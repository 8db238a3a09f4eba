/*
 * Copyright (C) recs authors
 *
 * Live sessions and users (core/recs_visits.h) in the shared memory zone:
 * what an accepted event changes, and what an answer sees of it.
 */

#ifndef _NGX_HTTP_RECS_VISIT_H_INCLUDED_
#define _NGX_HTTP_RECS_VISIT_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/recs_seen.h"
#include "../core/recs_visits.h"


/* Of this process. */

struct ngx_http_recs_visits_s {
    recs_visits_user_t  user;
    recs_visit_t        visit;       /* copies for the answer at hand */
    recs_visit_t        known;
    recs_visit_t        joined;      /* a session on its way to its user */
    ngx_http_recs_roam_ask_t  *ask;  /* a session not known here, or NULL */
};


/*
 * Makes the table of what is left of a zone, and *seen of a small part of it;
 * NULL where that is too little: all goes on without live sessions.
 */

recs_visits_t *ngx_http_recs_visit_create(ngx_slab_pool_t *shpool,
    recs_seen_t **seen);

ngx_int_t ngx_http_recs_visit_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * Applies an accepted event to the record of its session and to that of its
 * verified user.  Does nothing where there is no table, or nobody, or where a
 * message of the same messageId was applied lately: a client's retry.
 */

void ngx_http_recs_visit_event(ngx_http_request_t *r, const recs_event_t *e);

/* An event will be applied in a moment. */

void ngx_http_recs_visit_expect(ngx_http_request_t *r,
    const recs_event_t *e);

/*
 * Forgets whoever an event is of, by its raw identifiers: a visitor who says
 * no.
 */

void ngx_http_recs_visit_forget(ngx_http_request_t *r,
    const recs_event_t *e);

/*
 * Removes all that there is of a user, or of a session: "count" identities of
 * one person under as many keys.  A part of it a call, so that others get the
 * worker.  NGX_AGAIN: once more, with the same *place, 0 at first; NGX_BUSY: so
 * in a while.
 */

ngx_int_t ngx_http_recs_visit_erase(ngx_http_request_t *r,
    const recs_identity_t *ids, ngx_uint_t count, uint64_t *place);

/*
 * Points query->visit and ->known at copies that are good until the next
 * call; "session" and "user" are identities under the current key, zeros for
 * none.  A session that is another verified user's is nobody's.  What is not
 * known here is asked of Redis; visits->ask is what to wait for.
 */

void ngx_http_recs_visit_find(ngx_http_request_t *r, const uint8_t *session,
    const uint8_t *user, recs_query_t *query);


/* A record that another edge has stored. */

void ngx_http_recs_visit_receive(ngx_http_recs_main_conf_t *rmcf,
    const recs_visits_key_t *key, const recs_visit_t *visit);

/*
 * Writes the member "sessions" of the status: records, room, and, with
 * "check", for which the whole table is read, the records that are sound and
 * those that are not, and the sets that are held.
 */

void ngx_http_recs_visit_status(ngx_http_recs_main_conf_t *rmcf,
    ngx_uint_t check, recs_out_t *out);


#endif /* _NGX_HTTP_RECS_VISIT_H_INCLUDED_ */
