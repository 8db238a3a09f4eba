
/*
 * Copyright (C) recs authors
 *
 * What is published is looked at, brought into use by
 * ngx_http_recs_verify.c, or refused.
 */


#include "ngx_http_recs_verify.h"
#include "../core/recs_hash.h"


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


static uint64_t ngx_http_recs_check_stamp(ngx_http_recs_source_t *source,
    ngx_uint_t dir);
static ngx_http_recs_check_t *ngx_http_recs_check_open(
    ngx_http_recs_source_t *source);
static void ngx_http_recs_check_publication(ngx_http_recs_source_t *source,
    uint64_t seen, const char *err);
static void ngx_http_recs_check_refuse(ngx_http_recs_source_t *source,
    uint64_t what, const char *err, ngx_uint_t told);


#define ngx_http_recs_ns(ts)                                                 \
    ((int64_t) (ts).tv_sec * 1000000000 + (ts).tv_nsec)


void
ngx_http_recs_check_init(ngx_http_recs_source_t *source)
{
    ngx_http_recs_older_used(source);

    /* with nothing to answer from there is nothing to hurry for */

    ngx_http_recs_check(source, source->current == NULL);

    /* without a hot layer there is still its base */

    if (source->current == NULL && source->refused
        && source->kind == RECS_KIND_BASE)
    {
        ngx_http_recs_older(source);
    }
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
        ngx_http_recs_verify_wait(check);
        return;
    }

    ngx_http_recs_verify(check);
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


ngx_http_recs_check_t *
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

    check->file.kind = source->kind;
    check->file.device = st.st_dev;
    check->file.inode = st.st_ino;
    check->file.size = st.st_size;
    check->file.mtime_ns = ngx_http_recs_ns(st.st_mtim);
    check->file.id = manifest->id;
    ngx_memcpy(check->file.sha256, manifest->sha256, RECS_SHA256_SIZE);

    return check;
}


void
ngx_http_recs_check_done(ngx_http_recs_check_t *check)
{
    ngx_http_recs_source_t  *source;

    source = check->source;
    source->check = NULL;

    (void) close(check->fd);

    if (check->snapshot && ngx_http_recs_check_kind(check) == NGX_OK) {

        if (ngx_http_recs_check_use(check) != NGX_OK) {
            recs_snapshot_close(check->snapshot);
        }

    } else if (check->err) {

        /* NULL is nothing to close */

        recs_snapshot_close(check->snapshot);

        ngx_http_recs_check_refuse(source,
                                   recs_key64(&check->file,
                                              sizeof(check->file)),
                                   check->err, check->told);
    }

    ngx_free(check);

    ngx_http_recs_layer(source, 0);

    /* something may have been published in the meantime */

    if (!ngx_http_recs_verify_stop()) {
        ngx_http_recs_check(source, 0);
    }
}


ngx_int_t
ngx_http_recs_check_kind(ngx_http_recs_check_t *check)
{
    recs_format_header_t  *header;

    header = &check->snapshot->header;

    if (header->id != check->manifest.id) {
        check->err = "the id of the snapshot is not that of its name";
        return NGX_ERROR;
    }

    if (header->kind != check->source->kind) {
        check->err = (header->kind == RECS_KIND_HOT)
                     ? "the file is a hot layer and no snapshot of its own"
                     : "the file is no hot layer";
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
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
    view->refs = 1;
    view->file = check->file;
    view->opened = ngx_time();

    source->refused = 0;
    source->reason = NULL;

    /* one line for the first of the hot layers, which come all the time */

    if (source->kind == RECS_KIND_BASE || source->current == NULL) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "snapshot \"%V\" is now %016xL, %uD items",
                      &source->path, view->view.id,
                      view->base->header.rows[RECS_DOMAIN_ITEMS]);
    }

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
