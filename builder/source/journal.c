/*
 * Copyright (C) recs authors
 *
 * Segments are mapped, since their writer publishes a frame by a release
 * store of its length.  The place in a segment moves on with the commit, so
 * that a batch which the log refused is read again.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/event/recs_segment.h"
#include "../memory.h"
#include "feed.h"


#define RECS_JOURNAL_BATCH  (4 * 1024 * 1024)

#define RECS_POSITIONS      "positions"
#define RECS_POSITIONS_NEW  ".positions.new"


typedef enum {
    RECS_FILE_NEW = 0,           /* not mapped yet */
    RECS_FILE_OPEN,
    RECS_FILE_ENDED,             /* all read, to be committed */
    RECS_FILE_DONE
} recs_file_state_e;

typedef struct {
    char               name[RECS_SEGMENT_NAME];
    uint64_t           epoch;
    uint32_t           number;
    recs_file_state_e  state;
    unsigned           here;     /* in the directory */
    unsigned           damaged;  /* said so */
    recs_segment_t     s;
    size_t             mapped;
    size_t             offset;   /* committed */
    uint64_t           next;
} recs_journal_file_t;


struct recs_journal_s {
    recs_feed_t          *feed;
    char                 *dir;
    int                   dirfd;
    recs_journal_file_t  *files;     /* by epoch and number */
    size_t                count;
    size_t                cap;
    char                 *text;      /* positions to publish */
    size_t                text_cap;
    char                 *published;
    size_t                left;      /* bytes of this batch */
    unsigned              failed;    /* positions: said so */
};


static int recs_journal_list(recs_journal_t *j, recs_error_t *e);
static void recs_journal_found(recs_journal_t *j, const char *name,
    uint64_t epoch, uint32_t number);
static int recs_journal_compare(const void *one, const void *two);
static int recs_journal_map(recs_journal_t *j, recs_journal_file_t *f);
static void recs_journal_unmap(recs_journal_file_t *f);
static int recs_journal_read(recs_journal_t *j, recs_journal_file_t *f,
    recs_error_t *e);
static int recs_journal_shrunk(recs_journal_t *j, recs_journal_file_t *f);
static void recs_journal_damaged(recs_journal_t *j, recs_journal_file_t *f,
    const char *why);
static void recs_journal_settle(recs_journal_t *j, unsigned committed);
static void recs_journal_publish(recs_journal_t *j);
static void recs_journal_text(recs_journal_t *j);
static int recs_journal_write(recs_journal_t *j);


recs_journal_t *
recs_journal_open(recs_feed_t *feed, const char *dir, recs_error_t *e)
{
    int              fd;
    recs_journal_t  *j;

    fd = open(dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1) {
        recs_error(e, "cannot open the journal %s: %s; it is the directory "
                   "that recs_journal names in nginx", dir, strerror(errno));
        return NULL;
    }

    j = recs_calloc(1, sizeof(recs_journal_t));
    j->feed = feed;
    j->dirfd = fd;
    j->dir = recs_alloc(strlen(dir) + 1);
    strcpy(j->dir, dir);

    return j;
}


void
recs_journal_close(recs_journal_t *j)
{
    size_t  i;

    for (i = 0; i < j->count; i++) {
        recs_journal_unmap(&j->files[i]);
    }

    close(j->dirfd);
    free(j->dir);
    free(j->files);
    free(j->text);
    free(j->published);
    free(j);
}


int
recs_journal_poll(recs_journal_t *j, recs_error_t *e)
{
    int                   rc;
    size_t                i;
    recs_journal_file_t  *f;

    if (recs_journal_list(j, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = RECS_OK;
    j->left = RECS_JOURNAL_BATCH;

    for (i = 0; i < j->count && j->left && rc == RECS_OK; i++) {
        f = &j->files[i];

        if (f->state == RECS_FILE_NEW) {
            rc = recs_journal_map(j, f);

            if (rc != RECS_OK) {
                rc = RECS_OK;
                continue;
            }
        }

        if (f->state == RECS_FILE_OPEN) {
            rc = recs_journal_read(j, f, e);
        }
    }

    if (rc == RECS_OK) {
        rc = recs_log_commit(j->feed->log, NULL, e);

    } else {
        recs_log_abandon(j->feed->log);
    }

    recs_journal_settle(j, rc == RECS_OK);

    if (rc != RECS_OK) {
        return RECS_ERROR;
    }

    recs_journal_publish(j);

    return (j->left < RECS_JOURNAL_BATCH) ? RECS_OK : RECS_AGAIN;
}


static int
recs_journal_list(recs_journal_t *j, recs_error_t *e)
{
    int             fd;
    DIR            *d;
    size_t          i, n;
    uint32_t        number, kind;
    uint64_t        epoch;
    struct dirent  *entry;

    fd = openat(j->dirfd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    d = (fd == -1) ? NULL : fdopendir(fd);

    if (d == NULL) {
        recs_error(e, "cannot read the journal %s: %s", j->dir,
                   strerror(errno));

        if (fd != -1) {
            close(fd);
        }

        return RECS_ERROR;
    }

    for (i = 0; i < j->count; i++) {
        j->files[i].here = 0;
    }

    while ((entry = readdir(d))) {
        if (recs_segment_parse(entry->d_name, &epoch, &number, &kind)
            == RECS_OK)
        {
            recs_journal_found(j, entry->d_name, epoch, number);
        }
    }

    closedir(d);

    /* a worker removes what is committed */

    for (i = 0, n = 0; i < j->count; i++) {
        if (j->files[i].here) {
            j->files[n++] = j->files[i];

        } else {
            recs_journal_unmap(&j->files[i]);
        }
    }

    j->count = n;

    if (n) {
        qsort(j->files, n, sizeof(recs_journal_file_t), recs_journal_compare);
    }

    return RECS_OK;
}


static void
recs_journal_found(recs_journal_t *j, const char *name, uint64_t epoch,
    uint32_t number)
{
    size_t                i;
    recs_journal_file_t  *f;

    for (i = 0; i < j->count; i++) {
        if (strcmp(j->files[i].name, name) == 0) {
            j->files[i].here = 1;
            return;
        }
    }

    recs_grow(&j->files, &j->cap, j->count + 1, sizeof(recs_journal_file_t));

    f = &j->files[j->count++];
    memset(f, 0, sizeof(recs_journal_file_t));
    strcpy(f->name, name);
    f->epoch = epoch;
    f->number = number;
    f->here = 1;
}


static int
recs_journal_compare(const void *one, const void *two)
{
    const recs_journal_file_t  *a, *b;

    a = one;
    b = two;

    if (a->epoch != b->epoch) {
        return (a->epoch > b->epoch) ? 1 : -1;
    }

    return (a->number > b->number) - (a->number < b->number);
}


/* RECS_AGAIN: it has no head yet, RECS_DECLINED: it never will. */

static int
recs_journal_map(recs_journal_t *j, recs_journal_file_t *f)
{
    int           fd, rc;
    void         *map;
    const char   *why;
    struct stat   st;

    fd = openat(j->dirfd, f->name, O_RDONLY|O_NOFOLLOW|O_CLOEXEC);

    if (fd == -1 || fstat(fd, &st) == -1) {
        rc = (errno == ENOENT) ? RECS_AGAIN : RECS_DECLINED;
        why = strerror(errno);
        goto done;
    }

    if (st.st_size < RECS_SEGMENT_HEAD) {
        rc = RECS_AGAIN;
        goto done;
    }

    f->mapped = (size_t) st.st_size;
    map = mmap(NULL, f->mapped, PROT_READ, MAP_SHARED, fd, 0);

    if (map == MAP_FAILED) {
        rc = RECS_DECLINED;
        why = strerror(errno);
        goto done;
    }

    f->s.map = map;

    if (__atomic_load_n((uint64_t *) map, __ATOMIC_ACQUIRE) == 0) {
        rc = RECS_AGAIN;

    } else if (recs_segment_attach(&f->s, map, f->mapped, &why) != RECS_OK) {
        rc = RECS_DECLINED;

    } else if (f->s.epoch != f->epoch || f->s.next == 0) {
        why = "its head is of another segment";
        rc = RECS_DECLINED;

    } else {
        rc = RECS_OK;
        f->state = RECS_FILE_OPEN;
        f->offset = f->s.offset;
        f->next = f->s.next;
    }

done:

    if (fd != -1) {
        close(fd);
    }

    if (rc != RECS_OK) {
        recs_journal_unmap(f);
    }

    if (rc == RECS_DECLINED) {
        recs_journal_damaged(j, f, why);
        f->state = RECS_FILE_DONE;
    }

    return rc;
}


static void
recs_journal_unmap(recs_journal_file_t *f)
{
    if (f->s.map) {
        munmap(f->s.map, f->mapped);
        f->s.map = NULL;
    }
}


static int
recs_journal_read(recs_journal_t *j, recs_journal_file_t *f, recs_error_t *e)
{
    int           rc;
    uint64_t      sequence, position;
    recs_str_t    payload;
    const char   *why;
    struct stat   st;

    if (fstatat(j->dirfd, f->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
        return RECS_OK;
    }

    if ((size_t) st.st_size < f->mapped
        && recs_journal_shrunk(j, f) != RECS_OK)
    {
        return RECS_OK;
    }

    position = recs_log_position(j->feed->log, f->epoch);

    while (j->left) {
        rc = recs_segment_next(&f->s, &payload, &sequence, &why);

        if (rc == RECS_AGAIN) {
            return RECS_OK;
        }

        if (rc != RECS_OK) {

            if (rc == RECS_ERROR) {
                recs_journal_damaged(j, f, why);
            }

            f->state = RECS_FILE_ENDED;
            return RECS_OK;
        }

        if (sequence <= position) {
            continue;
        }

        rc = recs_feed_frame(j->feed, &payload, f->epoch, sequence, &why, e);

        if (rc == RECS_ERROR) {
            return RECS_ERROR;
        }

        if (rc == RECS_DECLINED) {
            recs_journal_damaged(j, f, why);
        }

        j->left -= recs_min(j->left, payload.len);
    }

    return RECS_OK;
}


/*
 * A worker cuts what is free behind the end mark.  Whoever cuts more makes
 * reading what is mapped fatal.
 */

static int
recs_journal_shrunk(recs_journal_t *j, recs_journal_file_t *f)
{
    size_t    offset;
    uint64_t  next;

    offset = f->offset;
    next = f->next;

    recs_journal_unmap(f);
    f->state = RECS_FILE_NEW;

    if (recs_journal_map(j, f) == RECS_OK && offset <= f->s.size) {
        f->s.offset = offset;
        f->s.next = next;
        f->offset = offset;
        f->next = next;
        return RECS_OK;
    }

    recs_journal_unmap(f);
    recs_journal_damaged(j, f, "it was truncated");
    f->state = RECS_FILE_DONE;

    return RECS_ERROR;
}


static void
recs_journal_damaged(recs_journal_t *j, recs_journal_file_t *f,
    const char *why)
{
    if (f->state != RECS_FILE_DONE) {
        j->feed->stats.damaged++;
    }

    if (f->damaged) {
        return;
    }

    f->damaged = 1;

    recs_message(RECS_MSG_WARN, "journal", "%s/%s is damaged at %zu: %s; what "
                 "cannot be read there is reported as missing", j->dir,
                 f->name, f->s.offset, why);
}


/* Where the log refused the batch, it is read again. */

static void
recs_journal_settle(recs_journal_t *j, unsigned committed)
{
    size_t                i;
    recs_journal_file_t  *f;

    for (i = 0; i < j->count; i++) {
        f = &j->files[i];

        if (f->s.map == NULL) {
            continue;
        }

        if (!committed) {
            f->s.offset = f->offset;
            f->s.next = f->next;
            f->state = RECS_FILE_OPEN;
            continue;
        }

        f->offset = f->s.offset;
        f->next = f->s.next;

        if (f->state == RECS_FILE_ENDED) {
            f->state = RECS_FILE_DONE;
            recs_journal_unmap(f);
        }
    }
}


/* Workers wait for the positions, but do well without them for a while. */

static void
recs_journal_publish(recs_journal_t *j)
{
    size_t  len;

    recs_journal_text(j);

    if (strcmp(j->text, j->published ? j->published : "") == 0) {
        return;
    }

    if (recs_journal_write(j) != RECS_OK) {

        if (!j->failed) {
            recs_message(RECS_MSG_WARN, "journal", "cannot write %s/%s: %s; "
                         "workers keep their segments until it can be "
                         "written", j->dir, RECS_POSITIONS, strerror(errno));
        }

        j->failed = 1;
        return;
    }

    len = strlen(j->text) + 1;
    j->failed = 0;
    j->published = recs_realloc(j->published, len);
    memcpy(j->published, j->text, len);
}


static void
recs_journal_text(recs_journal_t *j)
{
    size_t    i, len;
    uint64_t  position;

    recs_grow(&j->text, &j->text_cap, j->count * 40 + 1, 1);

    for (i = 0, len = 0; i < j->count; i++) {

        if (i && j->files[i].epoch == j->files[i - 1].epoch) {
            continue;
        }

        position = recs_log_position(j->feed->log, j->files[i].epoch);

        if (position) {
            len += (size_t) sprintf(j->text + len, "%016" PRIx64 " %" PRIu64
                                    "\n", j->files[i].epoch, position);
        }
    }

    j->text[len] = '\0';
}


static int
recs_journal_write(recs_journal_t *j)
{
    int      fd, rc;
    size_t   len;
    ssize_t  n;

    fd = openat(j->dirfd, RECS_POSITIONS_NEW,
                O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0644);

    if (fd == -1) {
        return RECS_ERROR;
    }

    len = strlen(j->text);
    n = write(fd, j->text, len);

    if (n >= 0 && (size_t) n < len) {
        errno = ENOSPC;
    }

    /* workers read it, whatever our umask is */

    rc = (n == (ssize_t) len && fchmod(fd, 0644) == 0 && fsync(fd) == 0)
         ? RECS_OK : RECS_ERROR;
    close(fd);

    if (rc == RECS_OK
        && (renameat(j->dirfd, RECS_POSITIONS_NEW, j->dirfd, RECS_POSITIONS)
            == -1
            || fsync(j->dirfd) == -1))
    {
        rc = RECS_ERROR;
    }

    return rc;
}
