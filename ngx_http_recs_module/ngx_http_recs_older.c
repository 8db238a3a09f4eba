
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_verify.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_OLDER_MAX  8     /* files that are tried */


static ngx_int_t ngx_http_recs_older_find(ngx_http_recs_source_t *source,
    uint64_t below, int *fd, recs_manifest_t *manifest);


/*
 * What the workers before this one answered from: the file that is published
 * now may be refused, or take long to hash, and they are about to leave.
 */

void
ngx_http_recs_older_used(ngx_http_recs_source_t *source)
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
            && (ngx_http_recs_check_kind(check) != NGX_OK
                || ngx_http_recs_check_use(check) != NGX_OK))
        {
            recs_snapshot_close(check->snapshot);
        }

        ngx_free(check);
    }

    (void) close(fd);
}


/*
 * A machine that lost its power may have lost the newest file.  Not where an
 * operator has chosen one: what was published after it was not wanted.
 */

void
ngx_http_recs_older(ngx_http_recs_source_t *source)
{
    int                     fd;
    uint64_t                below;
    ngx_str_t               pin;
    ngx_uint_t              i;
    ngx_file_info_t         fi;
    u_char                  path[NGX_MAX_PATH];
    recs_manifest_t         manifest;
    ngx_http_recs_check_t  *check;

    pin.data = path;
    pin.len = ngx_snprintf(path, NGX_MAX_PATH - 1, "%V/pinned", &source->dir)
              - path;
    pin.data[pin.len] = '\0';

    if (ngx_link_info(pin.data, &fi) != NGX_FILE_ERROR) {
        return;
    }

    below = (uint64_t) -1;

    for (i = 0; i < NGX_HTTP_RECS_OLDER_MAX; i++) {

        if (ngx_http_recs_older_find(source, below, &fd, &manifest)
            != NGX_OK)
        {
            return;
        }

        below = manifest.generation;

        check = ngx_http_recs_check_create(source, fd, &manifest);

        if (check == NULL) {
            (void) close(fd);
            return;
        }

        source->check = check;

        ngx_http_recs_verify_wait(check);

        /* in use, or it takes so long that it goes on in a thread */

        if (source->current || source->check) {

            /* what is refused is to be seen in the status */

            source->stamp = 0;
            return;
        }
    }
}


/* The newest publication before "below" whose manifest can be read. */

static ngx_int_t
ngx_http_recs_older_find(ngx_http_recs_source_t *source, uint64_t below,
    int *fd, recs_manifest_t *manifest)
{
    int               file;
    uint64_t          id;
    ngx_dir_t         dir;
    const char       *err;
    ngx_uint_t        found;
    recs_manifest_t   m;

    if (ngx_open_dir(&source->dir, &dir) == NGX_ERROR) {
        return NGX_ERROR;
    }

    found = 0;

    while (ngx_read_dir(&dir) == NGX_OK) {

        if (recs_manifest_name((char *) ngx_de_name(&dir),
                               ngx_de_namelen(&dir), &id)
            != RECS_OK)
        {
            continue;
        }

        if (recs_manifest_open_file(dirfd(dir.dir),
                                    (char *) ngx_de_name(&dir), &file, &m,
                                    &err)
            != RECS_OK)
        {
            continue;
        }

        if (m.generation >= below
            || (found && m.generation <= manifest->generation))
        {
            (void) close(file);
            continue;
        }

        if (found) {
            (void) close(*fd);
        }

        found = 1;
        *fd = file;
        *manifest = m;
    }

    (void) ngx_close_dir(&dir);

    return found ? NGX_OK : NGX_DECLINED;
}
