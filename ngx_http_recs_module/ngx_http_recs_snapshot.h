/*
 * Copyright (C) recs authors
 *
 * The snapshots of this process: found, checked, mapped, watched, swapped.
 */

#ifndef _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_
#define _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_


#include "ngx_http_recs_zone.h"


/* A mapped view with the references of requests, and one of its source. */

struct ngx_http_recs_view_s {
    recs_view_t               view;
    recs_snapshot_t          *base;
    ngx_uint_t                refs;
    ngx_http_recs_source_t   *source;
    ngx_http_recs_file_t      file;
    time_t                    opened;
    ngx_thread_task_t         task;       /* unmaps it */
};


/* A published file on its way from discovery to use. */

typedef struct ngx_http_recs_check_s  ngx_http_recs_check_t;


/*
 * One "recs_snapshot PATH [check=time]": PATH is .../current.  Two
 * locations with one path share it.
 */

struct ngx_http_recs_source_s {
    ngx_str_t                 path;
    ngx_str_t                 dir;
    ngx_str_t                 link;
    ngx_msec_t                interval;

    /* of this process */

    ngx_http_recs_main_conf_t  *rmcf;
    ngx_http_recs_view_t     *current;    /* NULL: never one that was good */
    ngx_http_recs_check_t    *check;      /* under way */
    uint64_t                  stamp;      /* of what was looked at last */
    uint64_t                  refused;    /* what was refused last, or 0 */
    const char               *reason;
    ngx_uint_t                retired;    /* views that wait for requests */
    ngx_event_t               timer;
    int                       wd;         /* of inotify, -1 none */
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


/* Makes a view the current one of its source and retires the other. */

void ngx_http_recs_snapshot_swap(ngx_http_recs_view_t *view);


/*
 * Looks whether something else is published and brings it into use: checked,
 * mapped and swapped in a thread, or, with "wait", by this process before it
 * returns, as long as that takes no longer than a minute.
 */

void ngx_http_recs_check(ngx_http_recs_source_t *source, ngx_uint_t wait);

/* The first look of a process: something to answer from at once. */

void ngx_http_recs_check_init(ngx_http_recs_source_t *source);


/* Calls ngx_http_recs_check() whenever a directory changes, and by timer. */

ngx_int_t ngx_http_recs_watch_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_watch_exit_worker(ngx_http_recs_main_conf_t *rmcf);


#endif /* _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_ */
