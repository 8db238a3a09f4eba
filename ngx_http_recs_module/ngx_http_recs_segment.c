/*
 * Copyright (C) recs authors
 *
 * Runs in threads, and in init_process and exit_process: nothing here knows
 * of a configuration, a timer or a request.
 */

#include "ngx_http_recs_segment.h"

#include <dirent.h>
#include <endian.h>
#include <sys/file.h>


#define NGX_HTTP_RECS_POPULATE_WRITE  23        /* Linux 5.14 */
#define NGX_HTTP_RECS_LOCK_TRIES      2000      /* of a millisecond */
#define NGX_HTTP_RECS_POSITIONS_MAX   (1024 * 1024)


typedef struct {
    uint64_t  epoch;
    uint64_t  sequence;
} ngx_http_recs_position_t;

typedef struct {
    int                        dir;
    int                        lock;
    ngx_uint_t                 count;
    ngx_http_recs_position_t  *positions;
} ngx_http_recs_room_t;


static ngx_int_t ngx_http_recs_segment_create(ngx_http_recs_make_t *make,
    int dir);
static ngx_int_t ngx_http_recs_segment_room(ngx_http_recs_make_t *make,
    int dir);
static ngx_int_t ngx_http_recs_segment_map(ngx_http_recs_make_t *make);
static void ngx_http_recs_segment_prefault(recs_segment_t *s);
static int ngx_http_recs_segment_lock(int dir, ngx_uint_t tries);
static void ngx_http_recs_segment_visit(ngx_http_recs_tend_t *tend,
    ngx_http_recs_room_t *room, const char *name, ngx_log_t *log);
static void ngx_http_recs_segment_reject(ngx_http_recs_room_t *room,
    const char *name);
static ngx_int_t ngx_http_recs_segment_adopt(ngx_http_recs_tend_t *tend,
    ngx_http_recs_segment_t *segment, ngx_log_t *log);
static ngx_uint_t ngx_http_recs_segment_covered(ngx_http_recs_room_t *room,
    recs_segment_head_t *head);
static void ngx_http_recs_segment_positions(ngx_http_recs_room_t *room,
    ngx_log_t *log);
static int64_t ngx_http_recs_segment_roll(int dir);
static void ngx_http_recs_segment_release(ngx_http_recs_segment_t *segment,
    int dir);


void
ngx_http_recs_segment_make(ngx_http_recs_make_t *make, ngx_log_t *log)
{
    int  dir;

    make->segment->fd = NGX_INVALID_FILE;

    dir = open((char *) make->dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir == -1) {
        make->rc = NGX_ERROR;
        make->err = ngx_errno;
        make->failed = "open()";
        return;
    }

    make->rc = ngx_http_recs_segment_create(make, dir);

    if (make->rc == NGX_OK) {
        make->rc = ngx_http_recs_segment_map(make);

        if (make->rc == NGX_OK && make->durable
            && (fsync(make->segment->fd) == -1 || fsync(dir) == -1))
        {
            make->rc = NGX_ERROR;
            make->err = ngx_errno;
            make->failed = "fsync()";
        }

        if (make->rc != NGX_OK) {
            make->segment->remove = 1;
            ngx_http_recs_segment_release(make->segment, dir);
        }
    }

    (void) close(dir);
}


void
ngx_http_recs_segment_tend(ngx_http_recs_tend_t *tend, ngx_log_t *log)
{
    DIR                      *d;
    ngx_queue_t              *q;
    struct dirent            *entry;
    ngx_http_recs_room_t      room;
    ngx_http_recs_segment_t  *segment;

    tend->rc = NGX_OK;

    ngx_memzero(&room, sizeof(ngx_http_recs_room_t));

    room.dir = open((char *) tend->dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    while (!ngx_queue_empty(&tend->drop)) {
        q = ngx_queue_head(&tend->drop);
        ngx_queue_remove(q);

        segment = ngx_queue_data(q, ngx_http_recs_segment_t, queue);
        tend->removed += segment->remove;

        ngx_http_recs_segment_release(segment, room.dir);
        ngx_free(segment);
    }

    if (room.dir == -1) {
        tend->rc = NGX_ERROR;
        tend->err = ngx_errno;
        tend->failed = "open()";
        return;
    }

    tend->roll = ngx_http_recs_segment_roll(room.dir);

    /* whoever has the lock does what there is to do */

    room.lock = ngx_http_recs_segment_lock(room.dir, 1);

    if (room.lock == -1) {
        (void) close(room.dir);
        return;
    }

    if (!tend->keep) {
        ngx_http_recs_segment_positions(&room, log);
    }

    d = fdopendir(dup(room.dir));

    if (d) {
        rewinddir(d);

        for (entry = readdir(d); entry; entry = readdir(d)) {
            ngx_http_recs_segment_visit(tend, &room, entry->d_name, log);
        }

        (void) closedir(d);
    }

    ngx_free(room.positions);

    (void) close(room.lock);
    (void) close(room.dir);
}


int64_t
ngx_http_recs_segment_asked(u_char *dir)
{
    int      fd;
    int64_t  roll;

    fd = open((char *) dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1) {
        return 0;
    }

    roll = ngx_http_recs_segment_roll(fd);

    (void) close(fd);

    return roll;
}


void
ngx_http_recs_segment_end(ngx_http_recs_segment_t *segment)
{
    recs_segment_head_t  *head;

    recs_segment_end(&segment->place);

    head = ngx_http_recs_segment_head(segment);
    head->next = segment->place.next;

    segment->ended = 1;
    segment->remove = (head->first == segment->place.next);
}


void
ngx_http_recs_segment_trim(ngx_http_recs_segment_t *segment)
{
    size_t                size;
    recs_segment_head_t  *head;

    /* a reader stops at the end mark, whatever size it knew */

    size = ngx_align(segment->place.offset + sizeof(uint64_t), ngx_pagesize);

    if (size < segment->place.size) {
        head = ngx_http_recs_segment_head(segment);
        head->size = size;

        if (ftruncate(segment->fd, size) == -1) {
            head->size = segment->place.size;
        }
    }
}


void
ngx_http_recs_segment_close(u_char *dir, ngx_http_recs_segment_t *segment)
{
    int  fd;

    fd = open((char *) dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    ngx_http_recs_segment_release(segment, fd);
    ngx_free(segment);

    if (fd != -1) {
        (void) close(fd);
    }
}


static ngx_int_t
ngx_http_recs_segment_create(ngx_http_recs_make_t *make, int dir)
{
    int                       lock;
    char                      name[RECS_SEGMENT_NAME];
    ngx_int_t                 rc;
    ngx_http_recs_segment_t  *s;

    s = make->segment;

    lock = ngx_http_recs_segment_lock(dir, NGX_HTTP_RECS_LOCK_TRIES);

    if (lock == -1) {
        make->err = ngx_errno;
        make->failed = "flock()";
        return NGX_ERROR;
    }

    rc = ngx_http_recs_segment_room(make, dir);

    if (rc != NGX_OK) {
        goto done;
    }

    rc = NGX_ERROR;

    recs_segment_name(name, s->place.epoch, s->number, s->place.kind);

    s->fd = openat(dir, name, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW,
                   0640);

    if (s->fd == -1) {
        make->err = ngx_errno;
        make->failed = "openat()";
        goto done;
    }

    /* its size counts from now on, whoever measures the directory */

    if (flock(s->fd, LOCK_EX|LOCK_NB) == -1
        || ftruncate(s->fd, s->place.size) == -1)
    {
        make->err = ngx_errno;
        make->failed = "ftruncate()";

        (void) unlinkat(dir, name, 0);
        (void) close(s->fd);
        goto done;
    }

    rc = NGX_OK;

done:

    (void) close(lock);

    return rc;
}


static ngx_int_t
ngx_http_recs_segment_room(ngx_http_recs_make_t *make, int dir)
{
    DIR            *d;
    off_t           size, exposures;
    uint32_t        number, kind;
    uint64_t        epoch;
    struct stat     sb;
    struct dirent  *entry;

    d = fdopendir(dup(dir));

    if (d == NULL) {
        make->err = ngx_errno;
        make->failed = "fdopendir()";
        return NGX_ERROR;
    }

    rewinddir(d);

    size = make->segment->place.size;
    exposures = size;

    for (entry = readdir(d); entry; entry = readdir(d)) {

        if (recs_segment_parse(entry->d_name, &epoch, &number, &kind)
            != RECS_OK
            || fstatat(dir, entry->d_name, &sb, AT_SYMLINK_NOFOLLOW) == -1)
        {
            continue;
        }

        size += sb.st_size;

        if (kind == RECS_SEGMENT_EXPOSURE) {
            exposures += sb.st_size;
        }
    }

    (void) closedir(d);

    if (size > make->max
        || (make->segment->place.kind == RECS_SEGMENT_EXPOSURE
            && exposures > make->max / 4))
    {
        return NGX_BUSY;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_segment_map(ngx_http_recs_make_t *make)
{
    ngx_err_t        err;
    recs_segment_t  *s;

    s = &make->segment->place;

    err = posix_fallocate(make->segment->fd, 0, s->size);

    if (err) {
        make->err = err;
        make->failed = "posix_fallocate()";
        return NGX_ERROR;
    }

    s->map = mmap(NULL, s->size, PROT_READ|PROT_WRITE, MAP_SHARED,
                  make->segment->fd, 0);

    if (s->map == MAP_FAILED) {
        s->map = NULL;
        make->err = ngx_errno;
        make->failed = "mmap()";
        return NGX_ERROR;
    }

    ngx_http_recs_segment_prefault(s);

    return NGX_OK;
}


static void
ngx_http_recs_segment_prefault(recs_segment_t *s)
{
    size_t  n;

    if (madvise(s->map, s->size, NGX_HTTP_RECS_POPULATE_WRITE) == 0) {
        return;
    }

    for (n = 0; n < s->size; n += ngx_pagesize) {
        ((volatile uint8_t *) s->map)[n] = 0;
    }
}


static int
ngx_http_recs_segment_lock(int dir, ngx_uint_t tries)
{
    int        fd;
    ngx_err_t  err;

    fd = openat(dir, "lock", O_RDWR|O_CREAT|O_CLOEXEC|O_NOFOLLOW, 0640);

    if (fd == -1) {
        return -1;
    }

    while (flock(fd, LOCK_EX|LOCK_NB) == -1) {

        if (--tries == 0) {
            err = ngx_errno;
            (void) close(fd);
            ngx_set_errno(err);
            return -1;
        }

        ngx_msleep(1);
    }

    return fd;
}


static void
ngx_http_recs_segment_visit(ngx_http_recs_tend_t *tend,
    ngx_http_recs_room_t *room, const char *name, ngx_log_t *log)
{
    uint64_t                  epoch;
    uint32_t                  number, kind;
    recs_segment_head_t       head;
    ngx_http_recs_segment_t  *s;

    if (recs_segment_parse(name, &epoch, &number, &kind) != RECS_OK) {
        return;
    }

    s = ngx_calloc(sizeof(ngx_http_recs_segment_t), log);
    if (s == NULL) {
        return;
    }

    s->number = number;
    s->place.epoch = epoch;
    s->place.kind = kind;

    s->fd = openat(room->dir, name, O_RDWR|O_CLOEXEC|O_NOFOLLOW);

    if (s->fd == -1 || flock(s->fd, LOCK_EX|LOCK_NB) == -1) {
        /* removed, or somebody's */
        goto done;
    }

    ngx_memzero(&head, sizeof(recs_segment_head_t));

    if (pread(s->fd, &head, sizeof(head), 0) == -1) {
        tend->damaged++;
        goto done;
    }

    if (head.magic == 0) {
        /* made, never begun */
        s->remove = 1;

    } else if (le64toh(head.magic) != RECS_SEGMENT_MAGIC) {
        ngx_http_recs_segment_reject(room, name);
        tend->damaged++;

    } else if (!tend->keep && head.next) {
        s->remove = ngx_http_recs_segment_covered(room, &head);

    } else if (ngx_http_recs_segment_adopt(tend, s, log) == NGX_OK) {
        return;
    }

    tend->removed += s->remove;

done:

    ngx_http_recs_segment_release(s, room->dir);
    ngx_free(s);
}


/* Whatever it is, it is nobody's segment: out of the way, for a human. */

static void
ngx_http_recs_segment_reject(ngx_http_recs_room_t *room, const char *name)
{
    u_char  bad[RECS_SEGMENT_NAME + sizeof(".bad")];

    (void) ngx_sprintf(bad, "%s.bad%Z", name);
    (void) renameat(room->dir, name, room->dir, (char *) bad);
}


/* NGX_OK: kept; NGX_DECLINED: ended, or not wanted now. */

static ngx_int_t
ngx_http_recs_segment_adopt(ngx_http_recs_tend_t *tend,
    ngx_http_recs_segment_t *segment, ngx_log_t *log)
{
    int              rc;
    size_t           used;
    uint64_t         sequence;
    recs_str_t       payload;
    const char      *err;
    struct stat      sb;
    recs_segment_t  *s;

    if (tend->keep && tend->room == 0) {
        return NGX_DECLINED;
    }

    s = &segment->place;

    if (fstat(segment->fd, &sb) == -1) {
        return NGX_DECLINED;
    }

    s->size = sb.st_size;
    s->map = mmap(NULL, s->size, PROT_READ|PROT_WRITE, MAP_SHARED,
                  segment->fd, 0);

    if (s->map == MAP_FAILED) {
        s->map = NULL;
        return NGX_DECLINED;
    }

    rc = recs_segment_attach(s, s->map, s->size, &err);
    used = ngx_align(s->size, ngx_pagesize);

    /* who died while it cut the file has left a tail behind the end */

    if (used < (size_t) sb.st_size) {
        (void) munmap(s->map + used, sb.st_size - used);
    }

    if (rc == RECS_OK) {
        do {
            rc = recs_segment_next(s, &payload, &sequence, &err);
        } while (rc == RECS_OK);

        tend->damaged += (rc == RECS_ERROR);
        tend->ended += (ngx_http_recs_segment_head(segment)->next == 0);

        ngx_http_recs_segment_end(segment);
        ngx_http_recs_segment_trim(segment);

    } else {
        tend->damaged++;
        return NGX_DECLINED;
    }

    if (!tend->keep || segment->remove) {
        return NGX_DECLINED;
    }

    tend->room--;
    ngx_queue_insert_tail(&tend->adopted, &segment->queue);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_recs_segment_covered(ngx_http_recs_room_t *room,
    recs_segment_head_t *head)
{
    ngx_uint_t  i;

    if (head->next == head->first) {
        return 1;
    }

    for (i = 0; i < room->count; i++) {
        if (room->positions[i].epoch == head->epoch) {
            return room->positions[i].sequence >= head->next - 1;
        }
    }

    return 0;
}


/* Whole lines "<epoch, 16 hex> <sequence>"; anything else is passed over. */

static void
ngx_http_recs_segment_positions(ngx_http_recs_room_t *room, ngx_log_t *log)
{
    int                        fd;
    char                      *buf, *p, *end, *line;
    ssize_t                    n;
    struct stat                sb;
    ngx_http_recs_position_t  *position;

    fd = openat(room->dir, "positions", O_RDONLY|O_CLOEXEC|O_NOFOLLOW);

    if (fd == -1) {
        return;
    }

    buf = NULL;

    if (fstat(fd, &sb) == -1 || sb.st_size == 0
        || sb.st_size > NGX_HTTP_RECS_POSITIONS_MAX)
    {
        goto done;
    }

    buf = ngx_alloc(sb.st_size + 1, log);

    /* a line has 19 bytes at least */

    room->positions = ngx_alloc((sb.st_size / 19 + 1)
                                * sizeof(ngx_http_recs_position_t), log);

    if (buf == NULL || room->positions == NULL) {
        goto done;
    }

    n = pread(fd, buf, sb.st_size, 0);

    if (n <= 0) {
        goto done;
    }

    buf[n] = '\0';

    for (line = buf; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        position = &room->positions[room->count];
        position->epoch = strtoull(line, &p, 16);

        if (p == line + 16 && *p == ' ') {
            position->sequence = strtoull(p + 1, &p, 10);
            room->count += (p == end);
        }
    }

done:

    ngx_free(buf);

    (void) close(fd);
}


static int64_t
ngx_http_recs_segment_roll(int dir)
{
    struct stat  sb;

    if (fstatat(dir, "roll", &sb, AT_SYMLINK_NOFOLLOW) == -1) {
        return 0;
    }

    return (int64_t) sb.st_mtim.tv_sec * 1000000000 + sb.st_mtim.tv_nsec;
}


static void
ngx_http_recs_segment_release(ngx_http_recs_segment_t *segment, int dir)
{
    char  name[RECS_SEGMENT_NAME];

    if (segment->remove && dir != -1) {
        recs_segment_name(name, segment->place.epoch, segment->number,
                          segment->place.kind);
        (void) unlinkat(dir, name, 0);
    }

    if (segment->place.map) {
        (void) munmap(segment->place.map, segment->place.size);
    }

    if (segment->fd != NGX_INVALID_FILE) {
        (void) close(segment->fd);
    }
}
