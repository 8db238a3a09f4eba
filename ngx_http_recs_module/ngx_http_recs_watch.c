
/*
 * Copyright (C) recs authors
 *
 * One inotify descriptor a worker tells at once that something was published;
 * a timer a source finds out where there are no events: on network file
 * systems, for a directory that is made later, without free instances.
 */


#include "ngx_http_recs_snapshot.h"
#include <sys/inotify.h>


#define NGX_HTTP_RECS_WATCH_MASK                                             \
    (IN_MOVED_TO|IN_CREATE|IN_CLOSE_WRITE|IN_ATTRIB|IN_ONLYDIR)


static void ngx_http_recs_watch_open(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
static void ngx_http_recs_watch_close(void);
static void ngx_http_recs_watch_add(ngx_http_recs_source_t *source);
static void ngx_http_recs_watch_handler(ngx_event_t *rev);
static void ngx_http_recs_watch_event(ngx_http_recs_main_conf_t *rmcf,
    struct inotify_event *event);
static void ngx_http_recs_watch_timer_handler(ngx_event_t *ev);
static void ngx_http_recs_watch_timer(ngx_http_recs_source_t *source);


/* of this process */

static ngx_connection_t  *ngx_http_recs_watch;


ngx_int_t
ngx_http_recs_watch_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    ngx_http_recs_watch = NULL;

    ngx_http_recs_watch_open(cycle, rmcf);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {

        ngx_http_recs_watch_add(sp[i]);

        sp[i]->timer.handler = ngx_http_recs_watch_timer_handler;
        sp[i]->timer.data = sp[i];
        sp[i]->timer.log = cycle->log;
        sp[i]->timer.cancelable = 1;

        ngx_http_recs_watch_timer(sp[i]);
    }

    return NGX_OK;
}


void
ngx_http_recs_watch_exit_worker(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    ngx_http_recs_watch_close();

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        if (sp[i]->timer.timer_set) {
            ngx_del_timer(&sp[i]->timer);
        }
    }
}


static void
ngx_http_recs_watch_open(ngx_cycle_t *cycle, ngx_http_recs_main_conf_t *rmcf)
{
    int                fd;
    ngx_connection_t  *c;

    fd = inotify_init1(IN_NONBLOCK|IN_CLOEXEC);

    if (fd == -1) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                      "inotify_init1() failed, snapshots are polled");
        return;
    }

    c = ngx_get_connection(fd, cycle->log);

    if (c == NULL) {
        (void) close(fd);
        return;
    }

    /* graceful shutdown closes idle connections by their read handler */

    c->idle = 1;
    c->data = rmcf;
    c->log = cycle->log;
    c->read->log = cycle->log;
    c->write->log = cycle->log;
    c->read->handler = ngx_http_recs_watch_handler;

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_LEVEL_EVENT) != NGX_OK) {
        ngx_close_connection(c);
        return;
    }

    ngx_http_recs_watch = c;
}


static void
ngx_http_recs_watch_close(void)
{
    ngx_connection_t  *c;

    c = ngx_http_recs_watch;

    if (c) {
        ngx_http_recs_watch = NULL;
        ngx_close_connection(c);
    }
}


static void
ngx_http_recs_watch_add(ngx_http_recs_source_t *source)
{
    if (ngx_http_recs_watch == NULL || source->wd != -1) {
        return;
    }

    /* no error: the directory may come later, and there is the timer */

    source->wd = inotify_add_watch(ngx_http_recs_watch->fd,
                                   (char *) source->dir.data,
                                   NGX_HTTP_RECS_WATCH_MASK);
}


static void
ngx_http_recs_watch_handler(ngx_event_t *rev)
{
    u_char                *p;
    ssize_t                n;
    ngx_connection_t      *c;
    struct inotify_event  *event;
    u_char                 buf[4096]
                      __attribute__ ((aligned(sizeof(struct inotify_event))));

    c = rev->data;

    if (c->close || ngx_exiting) {
        ngx_http_recs_watch_close();
        return;
    }

    for ( ;; ) {

        n = read(c->fd, buf, sizeof(buf));

        if (n == -1 && ngx_errno == NGX_EINTR) {
            continue;
        }

        if (n == -1 && ngx_errno == NGX_EAGAIN) {
            return;
        }

        if (n <= 0) {
            ngx_log_error(NGX_LOG_ERR, rev->log, ngx_errno,
                          "read() of inotify failed, snapshots are polled");
            ngx_http_recs_watch_close();
            return;
        }

        for (p = buf; p < buf + n; p += sizeof(*event) + event->len) {
            event = (struct inotify_event *) p;
            ngx_http_recs_watch_event(c->data, event);
        }
    }
}


static void
ngx_http_recs_watch_event(ngx_http_recs_main_conf_t *rmcf,
    struct inotify_event *event)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t   *source, **sp;

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        source = sp[i];

        if (event->mask & IN_Q_OVERFLOW) {
            ngx_http_recs_check(source, 0);
            continue;
        }

        if (event->wd != source->wd) {
            continue;
        }

        if (event->mask & IN_IGNORED) {
            source->wd = -1;
            continue;
        }

        if (source->refused) {

            /* a file may have been written in place */

            source->stamp = 0;

        } else if (event->len == 0
                   || ngx_strcmp(event->name, source->link.data) != 0)
        {
            continue;
        }

        ngx_http_recs_check(source, 0);
    }
}


static void
ngx_http_recs_watch_timer_handler(ngx_event_t *ev)
{
    ngx_http_recs_source_t *source = ev->data;

    if (ngx_exiting) {
        return;
    }

    ngx_http_recs_watch_add(source);
    ngx_http_recs_check(source, 0);
    ngx_http_recs_layer(source, 0);
    ngx_http_recs_watch_timer(source);
}


/* Workers that were started together do not look together. */

static void
ngx_http_recs_watch_timer(ngx_http_recs_source_t *source)
{
    ngx_msec_t  jitter;

    jitter = ngx_random() % (source->interval / 5 + 1);

    ngx_add_timer(&source->timer, source->interval - jitter);
}
