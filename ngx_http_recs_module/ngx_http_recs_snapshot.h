/*
 * Copyright (C) recs authors
 *
 * The snapshots of this process: found, checked, mapped, watched, swapped.
 */

#ifndef _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_
#define _NGX_HTTP_RECS_SNAPSHOT_H_INCLUDED_


#include "ngx_http_recs_args.h"
#include "ngx_http_recs_zone.h"
#include "../core/recs_out.h"


/*
 * What a request answers from, and what keeps it: requests, layers above it,
 * and being the current one have a reference each.  A mapped file, a base or
 * a hot one; or a layer, which is made of two of these.
 */

struct ngx_http_recs_view_s {
    recs_view_t               view;
    recs_snapshot_t          *base;       /* of a hot file: that itself */
    ngx_uint_t                refs;
    ngx_http_recs_view_t     *below;      /* of a layer: its base ... */
    ngx_http_recs_view_t     *above;      /* ... and its hot file */
    void                     *memory;     /* of a layer: its recs_hot_t */

    /* of a mapped file */

    ngx_http_recs_source_t   *source;
    ngx_http_recs_file_t      file;
    time_t                    opened;
    ngx_uint_t                retired;    /* requests still have it */
    ngx_thread_task_t         task;       /* unmaps it */
};


/* A published file on its way from discovery to use. */

typedef struct ngx_http_recs_check_s  ngx_http_recs_check_t;


/*
 * One path of "recs_snapshot PATH [hot=PATH] ..." or "recs_canary": PATH is
 * .../current.  Two locations with one path share it.
 */

struct ngx_http_recs_source_s {
    ngx_uint_t                kind;       /* RECS_KIND_* */
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


/*
 * A base with the hot layer that goes on it, if there is one.  The layer is
 * made in a thread whenever one of the two changes; until it is ready, the
 * last one is used, with its own base.
 */

typedef struct ngx_http_recs_resolve_s  ngx_http_recs_resolve_t;

struct ngx_http_recs_stack_s {
    ngx_http_recs_source_t   *base;
    ngx_http_recs_source_t   *hot;        /* NULL: none */
    time_t                    max_age;    /* s of a hot file, 0: any */

    /* of this process */

    ngx_http_recs_view_t     *current;    /* NULL: the base alone */
    ngx_http_recs_resolve_t  *resolve;    /* under way */
    ngx_uint_t                expired;    /* the hot file is too old */
};


char *ngx_http_recs_snapshot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * The stack of a path and the parameters from cf->args[first] on: hot=PATH,
 * hot_max_age=TIME, check=TIME; NULL: they are wrong, which was logged.
 */

ngx_http_recs_stack_t *ngx_http_recs_snapshot_stack(ngx_conf_t *cf,
    ngx_str_t *path, ngx_uint_t first);

ngx_int_t ngx_http_recs_snapshot_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_snapshot_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * The view of a request, pinned until its pool goes; the same for all its
 * subrequests that ask for the same arm and layer.  "args" may be NULL.
 * NULL: there was never a good snapshot.
 */

ngx_http_recs_view_t *ngx_http_recs_view(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args);

/*
 * "snapshotId":"...","layerId":"...": which files an answer is from, the layer
 * where there is one.  Less than 80 bytes.
 */

void ngx_http_recs_view_ids(const recs_view_t *view, recs_out_t *out);

/* Drops a reference; the last one gives back what there is. */

void ngx_http_recs_view_release(ngx_http_recs_view_t *view);


/* Makes a view the current one of its source and retires the other. */

void ngx_http_recs_snapshot_swap(ngx_http_recs_view_t *view);


/*
 * ngx_http_recs_layer.c: makes or drops the layers that a source is part of,
 * after it has changed or time has gone by; "wait": before it returns.
 */

void ngx_http_recs_layer(ngx_http_recs_source_t *source, ngx_uint_t wait);
void ngx_http_recs_layer_exit_worker(ngx_http_recs_main_conf_t *rmcf);


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
