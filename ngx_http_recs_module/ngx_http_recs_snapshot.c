
/*
 * Copyright (C) recs authors
 *
 * A worker has one current view of each source.  A request takes one
 * reference and drops it when its pool goes; a view that is no longer
 * current is unmapped, in a thread, when the last reference is gone.
 */


#include "ngx_http_recs_snapshot.h"
#include "ngx_http_recs_keys.h"


struct ngx_http_recs_pin_s {
    ngx_http_recs_view_t      *view;
    ngx_http_recs_pin_t       *next;
};


static char *ngx_http_recs_snapshot_path(ngx_conf_t *cf, ngx_str_t *path);
static ngx_http_recs_source_t *ngx_http_recs_snapshot_source(ngx_conf_t *cf,
    ngx_str_t *path, ngx_msec_t interval);
static void ngx_http_recs_snapshot_warn(ngx_conf_t *cf,
    ngx_http_recs_source_t *source);
static void ngx_http_recs_snapshot_unpin(void *data);
static void ngx_http_recs_snapshot_close(ngx_http_recs_view_t *view);
static void ngx_http_recs_snapshot_unmap(void *data, ngx_log_t *log);
static void ngx_http_recs_snapshot_unmapped(ngx_event_t *ev);


char *
ngx_http_recs_snapshot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    char                    *rv;
    ngx_str_t               *value, s;
    ngx_msec_t               interval;
    ngx_http_recs_source_t  *source;

    value = cf->args->elts;

    if (rlcf->source != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->source = NULL;
        return NGX_CONF_OK;
    }

    interval = 1000;

    if (cf->args->nelts == 3) {

        if (ngx_strncmp(value[2].data, "check=", 6) != 0) {
            goto invalid;
        }

        s.len = value[2].len - 6;
        s.data = value[2].data + 6;

        interval = ngx_parse_time(&s, 0);

        if (interval == (ngx_msec_t) NGX_ERROR || interval == 0) {
            goto invalid;
        }
    }

    rv = ngx_http_recs_snapshot_path(cf, &value[1]);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    source = ngx_http_recs_snapshot_source(cf, &value[1], interval);
    if (source == NULL) {
        return NGX_CONF_ERROR;
    }

    rlcf->source = source;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\"", &value[2]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_recs_snapshot_path(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_file_info_t  fi;

    if (path->len == 0 || path->data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "snapshot \"%V\" must be an absolute path", path);
        return NGX_CONF_ERROR;
    }

    if (path->data[path->len - 1] == '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "snapshot \"%V\" has no file name", path);
        return NGX_CONF_ERROR;
    }

    if (ngx_file_info(path->data, &fi) != NGX_FILE_ERROR
        && !ngx_is_file(&fi))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "snapshot \"%V\" is not a file", path);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_http_recs_source_t *
ngx_http_recs_snapshot_source(ngx_conf_t *cf, ngx_str_t *path,
    ngx_msec_t interval)
{
    u_char                      *p;
    ngx_uint_t                   i;
    ngx_http_recs_source_t      *source, **sp;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        if (sp[i]->path.len == path->len
            && ngx_strncmp(sp[i]->path.data, path->data, path->len) == 0)
        {
            sp[i]->interval = ngx_min(sp[i]->interval, interval);
            return sp[i];
        }
    }

    source = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_source_t));
    if (source == NULL) {
        return NULL;
    }

    /* "/current" is in the directory "/" */

    p = path->data + path->len;

    while (p[-1] != '/') {
        p--;
    }

    source->path = *path;
    source->link.data = p;
    source->link.len = path->data + path->len - p;
    source->dir.len = ngx_max(p - path->data - 1, 1);
    source->dir.data = ngx_pnalloc(cf->pool, source->dir.len + 1);
    if (source->dir.data == NULL) {
        return NULL;
    }

    (void) ngx_cpystrn(source->dir.data, path->data, source->dir.len + 1);

    source->interval = interval;
    source->rmcf = rmcf;
    source->wd = -1;

    sp = ngx_array_push(&rmcf->sources);
    if (sp == NULL) {
        return NULL;
    }

    *sp = source;

    ngx_http_recs_snapshot_warn(cf, source);

    return source;
}


static void
ngx_http_recs_snapshot_warn(ngx_conf_t *cf, ngx_http_recs_source_t *source)
{
    ngx_file_info_t  fi;

    if (ngx_file_info(source->dir.data, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, ngx_errno,
                           "directory \"%V\" is not there yet",
                           &source->dir);
        return;
    }

    if (ngx_file_info(source->path.data, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, ngx_errno,
                           "snapshot \"%V\" is not there yet",
                           &source->path);
    }
}


ngx_int_t
ngx_http_recs_snapshot_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    if (rmcf->sources.nelts == 0) {
        return NGX_OK;
    }

    /* watched first, looked at afterwards: nothing is missed in between */

    if (ngx_http_recs_watch_init_worker(cycle, rmcf) != NGX_OK) {
        return NGX_ERROR;
    }

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        ngx_http_recs_check_init(sp[i]);
    }

    return NGX_OK;
}


void
ngx_http_recs_snapshot_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_view_t     *view;
    ngx_http_recs_source_t  **sp;

    if (rmcf->sources.nelts == 0) {
        return;
    }

    ngx_http_recs_watch_exit_worker(rmcf);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        view = sp[i]->current;

        /* a fast exit leaves requests behind: the process ends anyway */

        if (view && view->refs == 0) {
            sp[i]->current = NULL;
            recs_snapshot_close(view->base);
            ngx_free(view);
        }
    }
}


ngx_http_recs_view_t *
ngx_http_recs_view(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_pin_t       *pin;
    ngx_pool_cleanup_t        *cln;
    ngx_http_recs_view_t      *view;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL || rlcf->source == NULL) {
        return NULL;
    }

    for (pin = ctx->pins; pin; pin = pin->next) {
        if (pin->view->source == rlcf->source) {
            ctx->view = pin->view;
            return pin->view;
        }
    }

    view = rlcf->source->current;

    if (view == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_pin_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_recs_snapshot_unpin;

    pin = cln->data;
    pin->view = view;
    pin->next = ctx->pins;

    ctx->pins = pin;
    ctx->view = view;
    view->refs++;

    return view;
}


static void
ngx_http_recs_snapshot_unpin(void *data)
{
    ngx_http_recs_pin_t *pin = data;

    ngx_http_recs_view_t  *view;

    view = pin->view;

    if (--view->refs == 0 && view != view->source->current) {
        view->source->retired--;
        ngx_http_recs_snapshot_close(view);
    }
}


void
ngx_http_recs_snapshot_swap(ngx_http_recs_view_t *view)
{
    ngx_http_recs_view_t    *old;
    ngx_http_recs_source_t  *source;

    source = view->source;
    old = source->current;

    source->current = view;

    ngx_http_recs_count(source->rmcf, NGX_HTTP_RECS_SWAPS, 1);

    if (old == NULL) {
        return;
    }

    if (old->refs) {
        source->retired++;
        return;
    }

    ngx_http_recs_snapshot_close(old);
}


/* Giving back the pages of a large map takes milliseconds. */

static void
ngx_http_recs_snapshot_close(ngx_http_recs_view_t *view)
{
    ngx_thread_task_t  *task;

    task = &view->task;

    ngx_memzero(task, sizeof(ngx_thread_task_t));

    task->ctx = view;
    task->handler = ngx_http_recs_snapshot_unmap;
    task->event.handler = ngx_http_recs_snapshot_unmapped;
    task->event.data = view;
    task->event.log = ngx_cycle->log;

    if (ngx_exiting
        || ngx_thread_task_post(view->source->rmcf->thread_pool, task)
           != NGX_OK)
    {
        recs_snapshot_close(view->base);
        ngx_free(view);
    }
}


static void
ngx_http_recs_snapshot_unmap(void *data, ngx_log_t *log)
{
    ngx_http_recs_view_t *view = data;

    recs_snapshot_close(view->base);
}


static void
ngx_http_recs_snapshot_unmapped(ngx_event_t *ev)
{
    ngx_free(ev->data);
}
