
/*
 * Copyright (C) recs authors
 *
 * Hot layers on their bases.  Whenever one of the two is another one, a
 * thread puts the numbers of the hot file into those of the base, and the
 * result is swapped in as one view.  Until then the last layer is used with
 * the base that it was made for; without one, the base alone.
 */


#include "ngx_http_recs_snapshot.h"
#include "../core/recs_hash.h"


/* A layer in the making: a reference to each of the two. */

struct ngx_http_recs_resolve_s {
    ngx_thread_task_t         task;
    ngx_http_recs_stack_t    *stack;
    ngx_http_recs_view_t     *below;
    ngx_http_recs_view_t     *above;
    void                     *memory;
    recs_hot_t               *hot;        /* NULL: it failed */
    const char               *err;
};


static void ngx_http_recs_layer_stack(ngx_http_recs_stack_t *stack,
    ngx_uint_t wait);
static ngx_http_recs_view_t *ngx_http_recs_layer_hot(
    ngx_http_recs_stack_t *stack);
static void ngx_http_recs_layer_resolve(ngx_http_recs_stack_t *stack,
    ngx_http_recs_view_t *below, ngx_http_recs_view_t *above,
    ngx_uint_t wait);
static void ngx_http_recs_layer_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_layer_event_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_recs_layer_done(ngx_http_recs_resolve_t *resolve);
static ngx_http_recs_view_t *ngx_http_recs_layer_view(
    ngx_http_recs_resolve_t *resolve);
static void ngx_http_recs_layer_set(ngx_http_recs_stack_t *stack,
    ngx_http_recs_view_t *view);


void
ngx_http_recs_layer(ngx_http_recs_source_t *source, ngx_uint_t wait)
{
    ngx_uint_t               i;
    ngx_array_t             *stacks;
    ngx_http_recs_stack_t  **stack;

    if (ngx_exiting) {
        return;
    }

    stacks = &source->rmcf->stacks;
    stack = stacks->elts;

    for (i = 0; i < stacks->nelts; i++) {
        if (stack[i]->hot
            && (stack[i]->base == source || stack[i]->hot == source))
        {
            ngx_http_recs_layer_stack(stack[i], wait);
        }
    }
}


void
ngx_http_recs_layer_exit_worker(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t               i;
    ngx_http_recs_view_t    *view;
    ngx_http_recs_stack_t  **stack;

    stack = rmcf->stacks.elts;

    for (i = 0; i < rmcf->stacks.nelts; i++) {
        view = stack[i]->current;

        if (view && view->refs == 1) {
            view->below->refs--;
            view->above->refs--;

            ngx_free(view->memory);
            ngx_free(view);
        }

        stack[i]->current = NULL;
    }
}


static void
ngx_http_recs_layer_stack(ngx_http_recs_stack_t *stack, ngx_uint_t wait)
{
    ngx_http_recs_view_t  *below, *above, *view;

    below = stack->base->current;
    above = ngx_http_recs_layer_hot(stack);

    if (below == NULL || above == NULL) {

        /* whatever is under way will come here again */

        ngx_http_recs_layer_set(stack, NULL);
        return;
    }

    view = stack->current;

    if (stack->resolve
        || (view && view->below == below && view->above == above))
    {
        return;
    }

    ngx_http_recs_layer_resolve(stack, below, above, wait);
}


/* The hot file, unless whoever makes them seems to have died. */

static ngx_http_recs_view_t *
ngx_http_recs_layer_hot(ngx_http_recs_stack_t *stack)
{
    int64_t                     age;
    uint64_t                    report[2];
    ngx_http_recs_view_t       *hot;
    ngx_http_recs_main_conf_t  *rmcf;

    hot = stack->hot->current;

    if (hot == NULL) {
        return NULL;
    }

    age = (int64_t) ngx_time() - hot->base->header.now_ms / 1000;

    if (stack->max_age == 0 || age <= (int64_t) stack->max_age) {
        stack->expired = 0;
        return hot;
    }

    if (!stack->expired) {
        stack->expired = 1;

        rmcf = stack->hot->rmcf;
        report[0] = hot->view.id;
        report[1] = recs_key64("expired", sizeof("expired") - 1);

        if (ngx_http_recs_zone_report(rmcf, recs_key64(report,
                                                       sizeof(report))))
        {
            ngx_http_recs_count(rmcf, NGX_HTTP_RECS_LAYERS_EXPIRED, 1);

            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "hot layer \"%V\" is %L s old and is not used any "
                          "more: is the builder running?",
                          &stack->hot->path, age);
        }
    }

    return NULL;
}


static void
ngx_http_recs_layer_resolve(ngx_http_recs_stack_t *stack,
    ngx_http_recs_view_t *below, ngx_http_recs_view_t *above,
    ngx_uint_t wait)
{
    ngx_http_recs_resolve_t  *resolve;

    resolve = ngx_calloc(sizeof(ngx_http_recs_resolve_t), ngx_cycle->log);
    if (resolve == NULL) {
        return;
    }

    resolve->stack = stack;
    resolve->below = below;
    resolve->above = above;

    below->refs++;
    above->refs++;

    stack->resolve = resolve;

    if (!wait) {
        resolve->task.handler = ngx_http_recs_layer_thread;
        resolve->task.ctx = resolve;
        resolve->task.event.handler = ngx_http_recs_layer_event_handler;
        resolve->task.event.data = resolve;
        resolve->task.event.log = ngx_cycle->log;

        if (ngx_thread_task_post(stack->base->rmcf->thread_pool,
                                 &resolve->task)
            == NGX_OK)
        {
            return;
        }
    }

    /* before the event loop, or without a thread: a matter of milliseconds */

    ngx_http_recs_layer_thread(resolve, ngx_cycle->log);
    (void) ngx_http_recs_layer_done(resolve);
}


static void
ngx_http_recs_layer_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_resolve_t *resolve = data;

    const recs_snapshot_t  *base, *hot;

    base = resolve->below->base;
    hot = resolve->above->base;

    resolve->memory = ngx_alloc(recs_hot_size(base, hot), log);

    if (resolve->memory == NULL) {
        resolve->err = "no memory";
        return;
    }

    resolve->hot = recs_hot_init(resolve->memory, base, hot, &resolve->err);
}


static void
ngx_http_recs_layer_event_handler(ngx_event_t *ev)
{
    ngx_http_recs_stack_t    *stack;
    ngx_http_recs_resolve_t  *resolve;

    resolve = ev->data;
    stack = resolve->stack;

    /* something may have changed in the meantime; what failed has to wait */

    if (ngx_http_recs_layer_done(resolve) == NGX_OK && !ngx_exiting) {
        ngx_http_recs_layer_stack(stack, 0);
    }
}


static ngx_int_t
ngx_http_recs_layer_done(ngx_http_recs_resolve_t *resolve)
{
    ngx_http_recs_view_t   *view;
    ngx_http_recs_stack_t  *stack;

    stack = resolve->stack;
    stack->resolve = NULL;

    view = ngx_http_recs_layer_view(resolve);

    if (view) {
        ngx_http_recs_layer_set(stack, view);
        ngx_http_recs_count(stack->base->rmcf, NGX_HTTP_RECS_LAYERS, 1);
        ngx_free(resolve);

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "hot layer \"%V\" cannot be put onto \"%V\": %s",
                  &stack->hot->path, &stack->base->path,
                  resolve->err ? resolve->err : "no memory");

    ngx_http_recs_layer_set(stack, NULL);

    ngx_http_recs_view_release(resolve->below);
    ngx_http_recs_view_release(resolve->above);

    if (resolve->memory) {
        ngx_free(resolve->memory);
    }

    ngx_free(resolve);

    return NGX_ERROR;
}


/* Takes over the references and the memory. */

static ngx_http_recs_view_t *
ngx_http_recs_layer_view(ngx_http_recs_resolve_t *resolve)
{
    ngx_http_recs_view_t  *view;

    if (resolve->hot == NULL) {
        return NULL;
    }

    view = ngx_calloc(sizeof(ngx_http_recs_view_t), ngx_cycle->log);
    if (view == NULL) {
        return NULL;
    }

    view->refs = 1;
    view->below = resolve->below;
    view->above = resolve->above;
    view->memory = resolve->memory;

    view->base = resolve->below->base;
    view->view.base = view->base;
    view->view.hot = resolve->hot;
    view->view.id = recs_view_id(view->base->header.id,
                                 resolve->above->base->header.id);

    return view;
}


static void
ngx_http_recs_layer_set(ngx_http_recs_stack_t *stack,
    ngx_http_recs_view_t *view)
{
    ngx_http_recs_view_t  *old;

    old = stack->current;
    stack->current = view;

    if (old) {
        ngx_http_recs_view_release(old);
    }
}
