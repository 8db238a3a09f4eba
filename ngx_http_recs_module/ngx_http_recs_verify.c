
/*
 * Copyright (C) recs authors
 *
 * The file is hashed by whichever worker claims it in the zone, the others
 * wait for the verdict; then its pages are read ahead and it is mapped.  All
 * of that takes place in a thread, except in a process that was just started.
 */


#include "ngx_http_recs_verify.h"
#include <sys/mman.h>


#define NGX_HTTP_RECS_VERIFY_POLL  20             /* ms */
#define NGX_HTTP_RECS_VERIFY_WAIT  60000          /* ms */
#define NGX_HTTP_RECS_VERIFY_SLICE (16 << 20)     /* bytes populated at once */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#endif


static void ngx_http_recs_verify_timer_handler(ngx_event_t *ev);
static void ngx_http_recs_verify_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_verify_event_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_recs_verify_hash(ngx_http_recs_check_t *check);
static void ngx_http_recs_verify_populate(ngx_http_recs_check_t *check);


/* The event loop has not started: nobody else waits for this process. */

void
ngx_http_recs_verify_wait(ngx_http_recs_check_t *check)
{
    ngx_uint_t                  end;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = check->source->rmcf;
    end = ngx_http_recs_zone_now() + NGX_HTTP_RECS_VERIFY_WAIT;

    do {
        check->verdict = ngx_http_recs_zone_verdict(rmcf, &check->file);

        if (check->verdict->state != NGX_HTTP_RECS_UNKNOWN) {
            break;
        }

        if (!check->claimed
            && ngx_http_recs_zone_claim(check->verdict) != NGX_OK)
        {
            ngx_msleep(5);
            continue;
        }

        check->claimed = 1;

        if (ngx_http_recs_verify_hash(check) == NGX_OK) {
            break;
        }

    } while (ngx_http_recs_zone_now() < end);

    if (check->claimed || check->verdict->state != NGX_HTTP_RECS_GOOD) {

        /* hashing goes on in a thread, or the verdict is bad */

        ngx_http_recs_verify(check);
        return;
    }

    if (recs_snapshot_open(&check->snapshot, check->fd, &check->err)
        != RECS_OK)
    {
        check->snapshot = NULL;
    }

    ngx_http_recs_check_done(check);
}


void
ngx_http_recs_verify(ngx_http_recs_check_t *check)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = check->source->rmcf;

    check->timer.handler = ngx_http_recs_verify_timer_handler;
    check->timer.data = check;
    check->timer.log = ngx_cycle->log;
    check->timer.cancelable = 1;

    check->task.handler = ngx_http_recs_verify_thread;
    check->task.ctx = check;
    check->task.event.handler = ngx_http_recs_verify_event_handler;
    check->task.event.data = check;
    check->task.event.log = ngx_cycle->log;

    check->verdict = ngx_http_recs_zone_verdict(rmcf, &check->file);

    if (check->verdict->state == NGX_HTTP_RECS_BAD && !check->claimed) {

        if (check->err == NULL) {
            check->err = "the file is damaged";
            check->told = 1;
        }

        ngx_http_recs_check_done(check);
        return;
    }

    if (check->verdict->state == NGX_HTTP_RECS_UNKNOWN && !check->claimed) {

        if (ngx_http_recs_zone_claim(check->verdict) != NGX_OK) {
            ngx_add_timer(&check->timer, NGX_HTTP_RECS_VERIFY_POLL);
            return;
        }

        check->claimed = 1;
    }

    if (ngx_thread_task_post(rmcf->thread_pool, &check->task) != NGX_OK) {

        if (check->claimed) {
            ngx_http_recs_zone_decide(rmcf, check->verdict, &check->file,
                                      NGX_HTTP_RECS_UNKNOWN);
        }

        check->err = "cannot start a thread";
        ngx_http_recs_check_done(check);
    }
}


static void
ngx_http_recs_verify_timer_handler(ngx_event_t *ev)
{
    if (ngx_exiting) {
        return;
    }

    ngx_http_recs_verify(ev->data);
}


static void
ngx_http_recs_verify_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_check_t *check = data;

    while (check->claimed) {
        (void) ngx_http_recs_verify_hash(check);
    }

    if (check->err == NULL) {
        ngx_http_recs_verify_populate(check);
    }

    if (check->err || ngx_http_recs_verify_stop()) {
        return;
    }

    if (recs_snapshot_open(&check->snapshot, check->fd, &check->err)
        != RECS_OK)
    {
        check->snapshot = NULL;
    }
}


static void
ngx_http_recs_verify_event_handler(ngx_event_t *ev)
{
    ngx_http_recs_check_done(ev->data);
}


/*
 * Hashes a slice of a claimed file.  NGX_AGAIN, or NGX_OK when the claim is
 * over: a verdict, or the process is about to end.
 */

static ngx_int_t
ngx_http_recs_verify_hash(ngx_http_recs_check_t *check)
{
    ngx_int_t                rc;
    ngx_uint_t               state;
    ngx_http_recs_verdict_t *verdict;

    verdict = check->verdict;

    if (check->hash == NULL) {
        check->hash = recs_manifest_begin(check->fd, &check->manifest);
    }

    if (check->hash == NULL) {
        check->err = "cannot begin to hash the file";
        state = NGX_HTTP_RECS_UNKNOWN;
        goto done;
    }

    if (ngx_http_recs_verify_stop()) {
        recs_manifest_stop(check->hash);
        state = NGX_HTTP_RECS_UNKNOWN;
        goto done;
    }

    rc = recs_manifest_step(check->hash, &check->err);

    if (rc == RECS_AGAIN) {
        ngx_http_recs_zone_alive(verdict);
        return NGX_AGAIN;
    }

    state = (rc == RECS_OK) ? NGX_HTTP_RECS_GOOD : NGX_HTTP_RECS_BAD;

done:

    check->hash = NULL;
    check->claimed = 0;

    ngx_http_recs_zone_decide(check->source->rmcf, verdict, &check->file,
                              state);

    return NGX_OK;
}


/*
 * Reads the pages into memory, so that no request has to wait for the disk,
 * and finds out about a file that has been cut off without a signal.
 */

static void
ngx_http_recs_verify_populate(ngx_http_recs_check_t *check)
{
    u_char  *p;
    size_t   size, pos, n;

    size = check->manifest.size;

    if (size / ngx_pagesize > (size_t) sysconf(_SC_PHYS_PAGES) / 2) {
        return;
    }

    p = mmap(NULL, size, PROT_READ, MAP_SHARED, check->fd, 0);

    if (p == MAP_FAILED) {
        return;
    }

    for (pos = 0; pos < size && !ngx_http_recs_verify_stop(); pos += n) {
        n = ngx_min(size - pos, NGX_HTTP_RECS_VERIFY_SLICE);

        if (madvise(p + pos, n, MADV_POPULATE_READ) == -1) {

            if (ngx_errno == EFAULT) {
                check->err = "the file is shorter than its size";
            }

            break;
        }
    }

    (void) munmap(p, size);
}


/* Also called in threads, which end before a worker does. */

ngx_uint_t
ngx_http_recs_verify_stop(void)
{
    return ngx_exiting || ngx_quit || ngx_terminate;
}
