
/*
 * Copyright (C) recs authors
 *
 * A worker has one current view of each source.  A request takes one
 * reference and drops it when its pool goes; a view that is no longer
 * current is unmapped, in a thread, when the last reference is gone.
 */


#include "ngx_http_recs_snapshot.h"
#include "ngx_http_recs_canary.h"
#include "ngx_http_recs_keys.h"


#define NGX_HTTP_RECS_CHECK    1000    /* ms */
#define NGX_HTTP_RECS_MAX_AGE  300     /* s */


struct ngx_http_recs_pin_s {
    ngx_http_recs_stack_t     *stack;
    ngx_uint_t                 bare;   /* without the layer */
    ngx_http_recs_view_t      *view;
    ngx_http_recs_pin_t       *next;
};


static char *ngx_http_recs_snapshot_path(ngx_conf_t *cf, ngx_str_t *path);
static ngx_http_recs_source_t *ngx_http_recs_snapshot_source(ngx_conf_t *cf,
    ngx_str_t *path, ngx_uint_t kind, ngx_msec_t interval);
static ngx_http_recs_stack_t *ngx_http_recs_snapshot_find(ngx_conf_t *cf,
    ngx_http_recs_stack_t *key);
static void ngx_http_recs_snapshot_warn(ngx_conf_t *cf,
    ngx_http_recs_source_t *source);
static ngx_http_recs_view_t *ngx_http_recs_snapshot_pin(
    ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_stack_t *stack, ngx_uint_t bare);
static ngx_http_recs_view_t *ngx_http_recs_snapshot_current(
    ngx_http_recs_ctx_t *ctx, ngx_http_recs_stack_t *stack, ngx_uint_t bare);
static void ngx_http_recs_snapshot_unpin(void *data);
static void ngx_http_recs_snapshot_close(ngx_http_recs_view_t *view);
static void ngx_http_recs_snapshot_unmap(void *data, ngx_log_t *log);
static void ngx_http_recs_snapshot_unmapped(ngx_event_t *ev);


char *
ngx_http_recs_snapshot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rlcf->stack != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->stack = NULL;
        return NGX_CONF_OK;
    }

    rlcf->stack = ngx_http_recs_snapshot_stack(cf, &value[1], 2);

    return rlcf->stack ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_http_recs_stack_t *
ngx_http_recs_snapshot_stack(ngx_conf_t *cf, ngx_str_t *path,
    ngx_uint_t first)
{
    ngx_str_t              *value, s, hot;
    ngx_uint_t              i;
    ngx_msec_t              interval;
    ngx_http_recs_stack_t   stack;

    value = cf->args->elts;

    ngx_memzero(&stack, sizeof(ngx_http_recs_stack_t));
    ngx_str_null(&hot);

    interval = NGX_HTTP_RECS_CHECK;
    stack.max_age = NGX_HTTP_RECS_MAX_AGE;

    for (i = first; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "hot=", 4) == 0) {
            hot.len = value[i].len - 4;
            hot.data = value[i].data + 4;
            continue;
        }

        if (ngx_strncmp(value[i].data, "check=", 6) == 0) {
            s.len = value[i].len - 6;
            s.data = value[i].data + 6;

            interval = ngx_parse_time(&s, 0);

            if (interval == (ngx_msec_t) NGX_ERROR || interval == 0) {
                goto invalid;
            }

            continue;
        }

        if (ngx_strcmp(value[i].data, "hot_max_age=off") == 0) {
            stack.max_age = 0;
            continue;
        }

        if (ngx_strncmp(value[i].data, "hot_max_age=", 12) == 0) {
            s.len = value[i].len - 12;
            s.data = value[i].data + 12;

            stack.max_age = ngx_parse_time(&s, 1);

            if (stack.max_age == (time_t) NGX_ERROR || stack.max_age == 0) {
                goto invalid;
            }

            continue;
        }

        goto invalid;
    }

    stack.base = ngx_http_recs_snapshot_source(cf, path, RECS_KIND_BASE,
                                               interval);
    if (stack.base == NULL) {
        return NULL;
    }

    if (hot.data) {
        stack.hot = ngx_http_recs_snapshot_source(cf, &hot, RECS_KIND_HOT,
                                                  interval);
        if (stack.hot == NULL) {
            return NULL;
        }
    }

    return ngx_http_recs_snapshot_find(cf, &stack);

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\"", &value[i]);

    return NULL;
}


/* Locations with the same files share the layer that is made of them. */

static ngx_http_recs_stack_t *
ngx_http_recs_snapshot_find(ngx_conf_t *cf, ngx_http_recs_stack_t *key)
{
    ngx_uint_t                   i;
    ngx_http_recs_stack_t      **stack, *copy;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
    stack = rmcf->stacks.elts;

    for (i = 0; i < rmcf->stacks.nelts; i++) {
        if (stack[i]->base == key->base && stack[i]->hot == key->hot
            && (stack[i]->max_age == key->max_age || key->hot == NULL))
        {
            return stack[i];
        }
    }

    copy = ngx_palloc(cf->pool, sizeof(ngx_http_recs_stack_t));
    stack = ngx_array_push(&rmcf->stacks);

    if (copy == NULL || stack == NULL) {
        return NULL;
    }

    *copy = *key;
    *stack = copy;

    return copy;
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
    ngx_uint_t kind, ngx_msec_t interval)
{
    u_char                      *p;
    ngx_uint_t                   i;
    ngx_http_recs_source_t      *source, **sp;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    if (ngx_http_recs_snapshot_path(cf, path) != NGX_CONF_OK) {
        return NULL;
    }

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        if (sp[i]->kind == kind && sp[i]->path.len == path->len
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

    source->kind = kind;
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

    for (i = 0; i < rmcf->sources.nelts; i++) {
        ngx_http_recs_layer(sp[i], 1);
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
    ngx_http_recs_layer_exit_worker(rmcf);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        view = sp[i]->current;

        /* a fast exit leaves requests behind: the process ends anyway */

        if (view && view->refs == 1) {
            sp[i]->current = NULL;
            recs_snapshot_close(view->base);
            ngx_free(view);
        }
    }
}


ngx_http_recs_view_t *
ngx_http_recs_view(ngx_http_request_t *r, const ngx_http_recs_args_t *args)
{
    ngx_uint_t                 bare;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_view_t      *view;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL) {
        return NULL;
    }

    bare = args && args->layer.len == 4
           && ngx_memcmp(args->layer.data, "base", 4) == 0;

    ctx->arm = NGX_HTTP_RECS_ARM_BASE;

    if (rlcf->canary && ngx_http_recs_canary_takes(r, args)) {
        view = ngx_http_recs_snapshot_pin(r, ctx, rlcf->canary->stack, bare);

        if (view) {
            ctx->arm = NGX_HTTP_RECS_ARM_CANARY;
            return view;
        }
    }

    if (rlcf->stack == NULL) {
        return NULL;
    }

    return ngx_http_recs_snapshot_pin(r, ctx, rlcf->stack, bare);
}


static ngx_http_recs_view_t *
ngx_http_recs_snapshot_pin(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_stack_t *stack, ngx_uint_t bare)
{
    ngx_http_recs_pin_t   *pin;
    ngx_pool_cleanup_t    *cln;
    ngx_http_recs_view_t  *view;

    for (pin = ctx->pins; pin; pin = pin->next) {
        if (pin->stack == stack && pin->bare == bare) {
            ctx->view = pin->view;
            return pin->view;
        }
    }

    view = ngx_http_recs_snapshot_current(ctx, stack, bare);

    if (view == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_pin_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_recs_snapshot_unpin;

    pin = cln->data;
    pin->stack = stack;
    pin->bare = bare;
    pin->view = view;
    pin->next = ctx->pins;

    ctx->pins = pin;
    ctx->view = view;
    view->refs++;

    return view;
}


/* With and without the layer, a page sees one base. */

static ngx_http_recs_view_t *
ngx_http_recs_snapshot_current(ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_stack_t *stack, ngx_uint_t bare)
{
    ngx_http_recs_pin_t   *pin;
    ngx_http_recs_view_t  *view;

    view = stack->current;

    for (pin = ctx->pins; pin; pin = pin->next) {
        if (pin->stack == stack && pin->view->below) {
            view = pin->view;
        }
    }

    if (view) {
        return bare ? view->below : view;
    }

    return stack->base->current;
}


static void
ngx_http_recs_snapshot_unpin(void *data)
{
    ngx_http_recs_pin_t *pin = data;

    ngx_http_recs_view_release(pin->view);
}


void
ngx_http_recs_view_ids(const recs_view_t *view, recs_out_t *out)
{
    recs_out_lit(out, "\"snapshotId\":\"");
    recs_out_hex64(out, view->base->header.id);

    if (view->hot) {
        recs_out_lit(out, "\",\"layerId\":\"");
        recs_out_hex64(out, view->hot->hot->header.id);
    }

    recs_out_byte(out, '"');
}


void
ngx_http_recs_view_release(ngx_http_recs_view_t *view)
{
    if (--view->refs) {
        return;
    }

    if (view->below) {
        ngx_http_recs_view_release(view->below);
        ngx_http_recs_view_release(view->above);

        ngx_free(view->memory);
        ngx_free(view);
        return;
    }

    view->source->retired -= view->retired;

    ngx_http_recs_snapshot_close(view);
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

    if (old) {
        old->retired = 1;
        source->retired++;

        ngx_http_recs_view_release(old);
    }
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
