
/*
 * Copyright (C) recs authors
 *
 * From a published file to a view.  The manifest is read first; the file is
 * hashed by whichever worker claims it in the zone, the others wait for the
 * verdict; then its pages are read ahead and it is mapped.  All of that takes
 * place in a thread, except in a process that has only just been started.
 */


#include "ngx_http_recs_snapshot.h"
#include "../core/recs_hash.h"
#include <sys/mman.h>


#define NGX_HTTP_RECS_CHECK_POLL   20             /* ms */
#define NGX_HTTP_RECS_CHECK_WAIT   60000          /* ms */
#define NGX_HTTP_RECS_CHECK_SLICE  (16 << 20)     /* bytes populated at once */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#endif


struct ngx_http_recs_check_s {
    ngx_thread_task_t         task;
    ngx_event_t               timer;
    ngx_http_recs_source_t   *source;
    ngx_http_recs_verdict_t  *verdict;
    ngx_http_recs_file_t      file;
    recs_manifest_t           manifest;
    recs_manifest_hash_t     *hash;
    ngx_uint_t                claimed;    /* ours to hash */
    recs_snapshot_t          *snapshot;
    const char               *err;
    ngx_uint_t                told;       /* another worker reports it */
    int                       fd;
};


/* What can be seen of a publication without opening anything. */

typedef struct {
    uint64_t  link_inode;
    int64_t   link_time;
    uint64_t  device;
    uint64_t  inode;
    uint64_t  size;
    int64_t   mtime;
    int64_t   ctime;
    int64_t   dir_time;
} ngx_http_recs_stamp_t;


static void ngx_http_recs_check_used(ngx_http_recs_source_t *source);
static uint64_t ngx_http_recs_check_stamp(ngx_http_recs_source_t *source,
    ngx_uint_t dir);
static ngx_http_recs_check_t *ngx_http_recs_check_open(
    ngx_http_recs_source_t *source);
static ngx_http_recs_check_t *ngx_http_recs_check_create(
    ngx_http_recs_source_t *source, int fd, recs_manifest_t *manifest);
static void ngx_http_recs_check_wait(ngx_http_recs_check_t *check);
static void ngx_http_recs_check_next(ngx_http_recs_check_t *check);
static void ngx_http_recs_check_timer_handler(ngx_event_t *ev);
static void ngx_http_recs_check_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_check_event_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_recs_check_hash(ngx_http_recs_check_t *check);
static void ngx_http_recs_check_populate(ngx_http_recs_check_t *check);
static void ngx_http_recs_check_done(ngx_http_recs_check_t *check);
static ngx_int_t ngx_http_recs_check_use(ngx_http_recs_check_t *check);
static void ngx_http_recs_check_publication(ngx_http_recs_source_t *source,
    uint64_t seen, const char *err);
static void ngx_http_recs_check_refuse(ngx_http_recs_source_t *source,
    uint64_t what, const char *err, ngx_uint_t told);
static ngx_uint_t ngx_http_recs_check_stop(void);


#define ngx_http_recs_ns(ts)                                                 \
    ((int64_t) (ts).tv_sec * 1000000000 + (ts).tv_nsec)


void
ngx_http_recs_check_init(ngx_http_recs_source_t *source)
{
    ngx_http_recs_check_used(source);

    /* with nothing to answer from there is nothing to hurry for */

    ngx_http_recs_check(source, source->current == NULL);
}


/*
 * What the workers before this one answered from: the file that is published
 * now may be refused, or take long to hash, and they are about to leave.
 */

static void
ngx_http_recs_check_used(ngx_http_recs_source_t *source)
{
    int                     fd, dir;
    u_char                  name[RECS_NAME_MAX];
    uint64_t                id;
    ngx_int_t               rc;
    const char             *err;
    recs_manifest_t         manifest;
    ngx_http_recs_check_t  *check;

    id = ngx_http_recs_zone_used(source->rmcf,
                                 recs_key64(source->path.data,
                                            source->path.len));

    if (id == 0) {
        return;
    }

    dir = open((char *) source->dir.data, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir == -1) {
        return;
    }

    (void) ngx_sprintf(name, "snap-%016xL.mdb%Z", id);

    rc = recs_manifest_open_file(dir, (char *) name, &fd, &manifest, &err);

    (void) close(dir);

    if (rc != RECS_OK) {
        return;
    }

    check = ngx_http_recs_check_create(source, fd, &manifest);

    if (check) {
        check->verdict = ngx_http_recs_zone_verdict(source->rmcf,
                                                    &check->file);

        if (check->verdict->state == NGX_HTTP_RECS_GOOD
            && recs_snapshot_open(&check->snapshot, fd, &err) == RECS_OK
            && ngx_http_recs_check_use(check) != NGX_OK)
        {
            recs_snapshot_close(check->snapshot);
        }

        ngx_free(check);
    }

    (void) close(fd);
}


void
ngx_http_recs_check(ngx_http_recs_source_t *source, ngx_uint_t wait)
{
    uint64_t                stamp;
    ngx_http_recs_check_t  *check;

    if (source->check) {

        /* it will look again when it is through */

        return;
    }

    /* what makes a refused one good may be anywhere in the directory */

    stamp = ngx_http_recs_check_stamp(source, source->refused != 0);

    if (stamp == source->stamp) {
        return;
    }

    source->stamp = stamp;

    check = ngx_http_recs_check_open(source);

    if (check == NULL) {
        return;
    }

    source->check = check;

    if (wait) {
        ngx_http_recs_check_wait(check);
        return;
    }

    ngx_http_recs_check_next(check);
}


static uint64_t
ngx_http_recs_check_stamp(ngx_http_recs_source_t *source, ngx_uint_t dir)
{
    struct stat            st;
    ngx_http_recs_stamp_t  stamp;

    ngx_memzero(&stamp, sizeof(stamp));

    if (lstat((char *) source->path.data, &st) == 0) {
        stamp.link_inode = st.st_ino;
        stamp.link_time = ngx_http_recs_ns(st.st_ctim);
    }

    if (stat((char *) source->path.data, &st) == 0) {
        stamp.device = st.st_dev;
        stamp.inode = st.st_ino;
        stamp.size = st.st_size;
        stamp.mtime = ngx_http_recs_ns(st.st_mtim);
        stamp.ctime = ngx_http_recs_ns(st.st_ctim);
    }

    if (dir && stat((char *) source->dir.data, &st) == 0) {
        stamp.dir_time = ngx_http_recs_ns(st.st_mtim);
    }

    return recs_key64(&stamp, sizeof(stamp));
}


static ngx_http_recs_check_t *
ngx_http_recs_check_open(ngx_http_recs_source_t *source)
{
    int                     fd, dir;
    uint64_t                seen;
    ngx_int_t               rc;
    const char             *err;
    recs_manifest_t         manifest;
    ngx_http_recs_view_t   *view;
    ngx_http_recs_check_t  *check;

    seen = ngx_http_recs_check_stamp(source, 0);

    dir = open((char *) source->dir.data, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir == -1) {
        if (ngx_errno != NGX_ENOENT) {
            ngx_http_recs_check_publication(source, seen,
                                            "cannot open the directory");
        }

        return NULL;
    }

    rc = recs_manifest_open(dir, (char *) source->link.data, &fd, &manifest,
                            &err);

    (void) close(dir);

    if (rc == RECS_DECLINED) {
        return NULL;
    }

    if (rc == RECS_ERROR) {
        ngx_http_recs_check_publication(source, seen, err);
        return NULL;
    }

    check = ngx_http_recs_check_create(source, fd, &manifest);

    if (check == NULL) {
        (void) close(fd);
        return NULL;
    }

    view = source->current;

    if (view && view->file.device == check->file.device
        && view->file.inode == check->file.inode
        && view->file.id == check->file.id)
    {
        source->refused = 0;
        source->reason = NULL;

        (void) close(fd);
        ngx_free(check);

        return NULL;
    }

    return check;
}


static ngx_http_recs_check_t *
ngx_http_recs_check_create(ngx_http_recs_source_t *source, int fd,
    recs_manifest_t *manifest)
{
    struct stat             st;
    ngx_http_recs_check_t  *check;

    if (fstat(fd, &st) == -1) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, ngx_errno,
                      "fstat() of snapshot \"%V\" failed", &source->path);
        return NULL;
    }

    check = ngx_calloc(sizeof(ngx_http_recs_check_t), ngx_cycle->log);
    if (check == NULL) {
        return NULL;
    }

    check->source = source;
    check->fd = fd;
    check->manifest = *manifest;

    check->file.device = st.st_dev;
    check->file.inode = st.st_ino;
    check->file.size = st.st_size;
    check->file.mtime_ns = ngx_http_recs_ns(st.st_mtim);
    check->file.id = manifest->id;
    ngx_memcpy(check->file.sha256, manifest->sha256, RECS_SHA256_SIZE);

    check->timer.handler = ngx_http_recs_check_timer_handler;
    check->timer.data = check;
    check->timer.log = ngx_cycle->log;
    check->timer.cancelable = 1;

    check->task.handler = ngx_http_recs_check_thread;
    check->task.ctx = check;
    check->task.event.handler = ngx_http_recs_check_event_handler;
    check->task.event.data = check;
    check->task.event.log = ngx_cycle->log;

    return check;
}


/* The event loop has not started: nobody else waits for this process. */

static void
ngx_http_recs_check_wait(ngx_http_recs_check_t *check)
{
    ngx_uint_t                  end;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = check->source->rmcf;
    end = ngx_http_recs_zone_now() + NGX_HTTP_RECS_CHECK_WAIT;

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

        if (ngx_http_recs_check_hash(check) == NGX_OK) {
            break;
        }

    } while (ngx_http_recs_zone_now() < end);

    if (check->claimed || check->verdict->state != NGX_HTTP_RECS_GOOD) {

        /* hashing goes on in a thread, or the verdict is bad */

        ngx_http_recs_check_next(check);
        return;
    }

    if (recs_snapshot_open(&check->snapshot, check->fd, &check->err)
        != RECS_OK)
    {
        check->snapshot = NULL;
    }

    ngx_http_recs_check_done(check);
}


static void
ngx_http_recs_check_next(ngx_http_recs_check_t *check)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = check->source->rmcf;

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
            ngx_add_timer(&check->timer, NGX_HTTP_RECS_CHECK_POLL);
            return;
        }

        check->claimed = 1;
    }

    if (ngx_thread_task_post(rmcf->thread_pool, &check->task) != NGX_OK) {

        if (check->claimed) {
            ngx_http_recs_zone_decide(check->verdict, NGX_HTTP_RECS_UNKNOWN);
        }

        check->err = "cannot start a thread";
        ngx_http_recs_check_done(check);
    }
}


static void
ngx_http_recs_check_timer_handler(ngx_event_t *ev)
{
    if (ngx_exiting) {
        return;
    }

    ngx_http_recs_check_next(ev->data);
}


static void
ngx_http_recs_check_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_check_t *check = data;

    while (check->claimed) {
        (void) ngx_http_recs_check_hash(check);
    }

    if (check->err == NULL) {
        ngx_http_recs_check_populate(check);
    }

    if (check->err || ngx_http_recs_check_stop()) {
        return;
    }

    if (recs_snapshot_open(&check->snapshot, check->fd, &check->err)
        != RECS_OK)
    {
        check->snapshot = NULL;
    }
}


static void
ngx_http_recs_check_event_handler(ngx_event_t *ev)
{
    ngx_http_recs_check_done(ev->data);
}


/*
 * Hashes a slice of a claimed file.  NGX_AGAIN, or NGX_OK when the claim is
 * over: a verdict, or the process is about to end.
 */

static ngx_int_t
ngx_http_recs_check_hash(ngx_http_recs_check_t *check)
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

    if (ngx_http_recs_check_stop()) {
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

    ngx_http_recs_zone_decide(verdict, state);

    return NGX_OK;
}


/*
 * Reads the pages into memory, so that no request has to wait for the disk,
 * and finds out about a file that has been cut off without a signal.
 */

static void
ngx_http_recs_check_populate(ngx_http_recs_check_t *check)
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

    for (pos = 0; pos < size && !ngx_http_recs_check_stop(); pos += n) {
        n = ngx_min(size - pos, NGX_HTTP_RECS_CHECK_SLICE);

        if (madvise(p + pos, n, MADV_POPULATE_READ) == -1) {

            if (ngx_errno == EFAULT) {
                check->err = "the file is shorter than its size";
            }

            break;
        }
    }

    (void) munmap(p, size);
}


static void
ngx_http_recs_check_done(ngx_http_recs_check_t *check)
{
    ngx_http_recs_source_t  *source;

    source = check->source;
    source->check = NULL;

    (void) close(check->fd);

    if (check->snapshot) {

        if (ngx_http_recs_check_use(check) != NGX_OK) {
            recs_snapshot_close(check->snapshot);
        }

    } else if (check->err) {
        ngx_http_recs_check_refuse(source,
                                   recs_key64(&check->file,
                                              sizeof(check->file)),
                                   check->err, check->told);
    }

    ngx_free(check);

    /* something may have been published in the meantime */

    if (!ngx_http_recs_check_stop()) {
        ngx_http_recs_check(source, 0);
    }
}


static ngx_int_t
ngx_http_recs_check_use(ngx_http_recs_check_t *check)
{
    ngx_http_recs_view_t    *view;
    ngx_http_recs_source_t  *source;

    source = check->source;

    view = ngx_calloc(sizeof(ngx_http_recs_view_t), ngx_cycle->log);
    if (view == NULL) {
        return NGX_ERROR;
    }

    view->base = check->snapshot;
    view->view.base = check->snapshot;
    view->view.id = check->snapshot->header.id;
    view->source = source;
    view->file = check->file;
    view->opened = ngx_time();

    source->refused = 0;
    source->reason = NULL;

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "snapshot \"%V\" is now %016xL, %uD items", &source->path,
                  view->view.id,
                  view->base->header.rows[RECS_DOMAIN_ITEMS]);

    ngx_http_recs_snapshot_swap(view);

    ngx_http_recs_zone_use(source->rmcf,
                           recs_key64(source->path.data, source->path.len),
                           view->view.id);

    return NGX_OK;
}


/* What changes while it is looked at will be looked at again. */

static void
ngx_http_recs_check_publication(ngx_http_recs_source_t *source,
    uint64_t seen, const char *err)
{
    if (seen != ngx_http_recs_check_stamp(source, 0)) {
        source->stamp = 0;
        return;
    }

    ngx_http_recs_check_refuse(source, seen, err, 0);
}


/* Once for what is refused, by whichever worker of the host comes first. */

static void
ngx_http_recs_check_refuse(ngx_http_recs_source_t *source, uint64_t what,
    const char *err, ngx_uint_t told)
{
    uint64_t  refused;

    refused = what ^ recs_key64(err, ngx_strlen(err));

    source->reason = err;

    if (refused == source->refused) {
        return;
    }

    source->refused = refused;

    if (told || !ngx_http_recs_zone_report(source->rmcf, refused)) {
        return;
    }

    ngx_http_recs_count(source->rmcf, NGX_HTTP_RECS_REFUSED_SNAPSHOTS, 1);

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "snapshot \"%V\" is refused: %s", &source->path, err);
}


/* Also called in threads, which end before a worker does. */

static ngx_uint_t
ngx_http_recs_check_stop(void)
{
    return ngx_exiting || ngx_quit || ngx_terminate;
}
