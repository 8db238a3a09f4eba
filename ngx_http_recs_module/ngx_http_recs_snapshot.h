/*
 * Copyright (C) recs authors
 *
 * The snapshots of this process: found, checked, mapped, watched, swapped.
 */

#ifndef _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_
#define _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* A mapped view with the references of requests, and one of its source. */

struct ngx_http_recs_view_s {
    recs_view_t               view;
    recs_snapshot_t          *base;
    ngx_uint_t                refs;
    ngx_http_recs_source_t   *source;
    ngx_queue_t               queue;      /* of retired views */
    ngx_msec_t                opened;
};


/*
 * One "recs_snapshot PATH [check=time]": PATH is .../current.  Two
 * locations with one path share it.
 */

struct ngx_http_recs_source_s {
    ngx_str_t                 path;
    ngx_str_t                 dir;
    ngx_str_t                 link;
    ngx_msec_t                check;

    /* of this process */

    ngx_http_recs_view_t     *current;    /* NULL: never one that was good */
    uint64_t                  refused;    /* id refused last, logged once */
    ngx_uint_t                retired;    /* views that wait for requests */
    void                     *watch;
};


char *ngx_http_recs_snapshot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

ngx_int_t ngx_http_recs_snapshot_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_snapshot_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * The view of a request, pinned until its pool goes; the same for all its
 * subrequests.  NULL: there was never a good snapshot.
 */

ngx_http_recs_view_t *ngx_http_recs_view(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_ */
