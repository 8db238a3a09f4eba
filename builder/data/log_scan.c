/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "../../core/recs_hash.h"
#include "../memory.h"
#include "checkpoint.h"
#include "log_file.h"


typedef struct {
    const char         *dir;
    int                 fd;
    char                name[RECS_LOG_NAME];
    uint64_t            size;        /* to be read of the file */
    unsigned            last;        /* file */
    int64_t             since_ms;    /* what was written to before is left */
    uint8_t            *buf;         /* a frame */
    size_t              buf_cap;
    uint8_t            *raw;
    size_t              raw_cap;
    ZSTD_DCtx          *zstd;
    recs_log_batch_pt   visit;
    void               *ctx;
} recs_log_scan_t;


static int recs_log_scan_files(recs_log_scan_t *s, uint32_t first,
    const recs_log_place_t *until, recs_log_place_t *end, uint64_t *torn,
    recs_error_t *e);
static int recs_log_scan_begin(recs_log_scan_t *s, const char *dir,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e);
static void recs_log_scan_end(recs_log_scan_t *s);
static int recs_log_scan_checkpoint(recs_log_scan_t *s,
    const recs_checkpoint_t *c, recs_error_t *e);
static int recs_log_scan_number(const char *name, uint32_t *number);
static int recs_log_scan_compare(const void *one, const void *two);
static int recs_log_scan_file(recs_log_scan_t *s, recs_log_place_t *place,
    const recs_log_place_t *until, recs_error_t *e);
static int recs_log_scan_head(recs_log_scan_t *s, uint32_t number,
    recs_error_t *e);
static int recs_log_scan_frames(recs_log_scan_t *s, uint64_t *offset,
    recs_error_t *e);
static int recs_log_scan_frame(recs_log_scan_t *s, uint64_t offset,
    size_t *size);
static int recs_log_scan_whole(const uint8_t *p, uint64_t left,
    size_t *size);
static int recs_log_scan_batch(recs_log_scan_t *s, uint64_t offset,
    recs_error_t *e);
static int recs_log_scan_torn(recs_log_scan_t *s, uint64_t offset,
    recs_error_t *e);


int
recs_log_file_scan(const char *dir, const recs_log_place_t *until,
    recs_log_batch_pt visit, void *ctx, recs_log_place_t *end,
    uint64_t *torn, recs_error_t *e)
{
    return recs_log_file_since(dir, 0, until, visit, ctx, end, torn, e);
}


int
recs_log_file_since(const char *dir, int64_t since_ms,
    const recs_log_place_t *until, recs_log_batch_pt visit, void *ctx,
    recs_log_place_t *end, uint64_t *torn, recs_error_t *e)
{
    int                rc;
    recs_log_scan_t    s;
    recs_checkpoint_t  c;

    memset(end, 0, sizeof(recs_log_place_t));
    *torn = 0;

    if (recs_checkpoint_open(&c, dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_log_scan_begin(&s, dir, visit, ctx, e);
    s.since_ms = since_ms;

    if (rc == RECS_OK && c.fd != -1 && since_ms == 0 && visit) {
        rc = recs_log_scan_checkpoint(&s, &c, e);
    }

    if (rc == RECS_OK) {
        rc = recs_log_scan_files(&s, c.first, until, end, torn, e);
    }

    recs_log_scan_end(&s);
    recs_checkpoint_close(&c);

    return rc;
}


static int
recs_log_scan_files(recs_log_scan_t *s, uint32_t first,
    const recs_log_place_t *until, recs_log_place_t *end, uint64_t *torn,
    recs_error_t *e)
{
    int        rc;
    size_t     i, count;
    uint32_t   next, *numbers;

    if (recs_log_file_list(s->dir, &numbers, &count, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = RECS_OK;
    next = first;

    for (i = 0; i < count && rc == RECS_OK; i++) {

        /* the checkpoint stands for it, it was about to go */

        if (numbers[i] < first) {
            continue;
        }

        if (until && numbers[i] > until->number) {
            break;
        }

        if (numbers[i] != next) {
            rc = recs_error(e, "%s: %08x.log is missing; restore it from a "
                            "backup", s->dir, next);
            break;
        }

        s->last = (i + 1 == count);
        end->number = numbers[i];

        rc = recs_log_scan_file(s, end, until, e);
        *torn = s->size - end->offset;
        next++;
    }

    if (rc == RECS_OK && next == first && first > 1) {
        rc = recs_error(e, "%s: %08x.log is missing; restore it from a "
                        "backup", s->dir, first);
    }

    free(numbers);

    return rc;
}


int
recs_log_file_visit(const char *dir, uint32_t number, unsigned last,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e)
{
    int                rc;
    recs_log_scan_t    s;
    recs_log_place_t   place;
    recs_checkpoint_t  c;

    rc = recs_log_scan_begin(&s, dir, visit, ctx, e);

    if (rc == RECS_OK && number) {
        s.last = last;
        place.number = number;
        rc = recs_log_scan_file(&s, &place, NULL, e);

    } else if (rc == RECS_OK) {
        rc = recs_checkpoint_open(&c, dir, e);

        if (rc == RECS_OK && c.fd != -1) {
            rc = recs_log_scan_checkpoint(&s, &c, e);
            recs_checkpoint_close(&c);
        }
    }

    recs_log_scan_end(&s);

    return rc;
}


static int
recs_log_scan_begin(recs_log_scan_t *s, const char *dir,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e)
{
    memset(s, 0, sizeof(recs_log_scan_t));

    s->dir = dir;
    s->visit = visit;
    s->ctx = ctx;
    s->zstd = ZSTD_createDCtx();

    return s->zstd ? RECS_OK : recs_error(e, "%s: zstd: no memory", dir);
}


static void
recs_log_scan_end(recs_log_scan_t *s)
{
    ZSTD_freeDCtx(s->zstd);
    free(s->buf);
    free(s->raw);
}


/* Its frames are those of a file of which nothing can be torn. */

static int
recs_log_scan_checkpoint(recs_log_scan_t *s, const recs_checkpoint_t *c,
    recs_error_t *e)
{
    int                rc;
    void              *data;
    size_t             len;
    uint64_t           offset;
    recs_log_batch_t   batch;

    if (recs_checkpoint_read(c, s->dir, RECS_CHECKPOINT_KNOWN, &data, &len, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    if (len) {
        memset(&batch, 0, sizeof(recs_log_batch_t));
        batch.known.data = data;
        batch.known.len = len;
        rc = s->visit(s->ctx, &batch, e);
        free(data);
    }

    if (rc != RECS_OK) {
        return rc;
    }

    strcpy(s->name, RECS_CHECKPOINT);
    s->fd = c->fd;
    s->last = 0;
    offset = c->parts[RECS_CHECKPOINT_LOG].offset;
    s->size = offset + c->parts[RECS_CHECKPOINT_LOG].len;

    return recs_log_scan_frames(s, &offset, e);
}


int
recs_log_file_list(const char *dir, uint32_t **numbers, size_t *count,
    recs_error_t *e)
{
    int             rc;
    DIR            *d;
    size_t          cap;
    uint32_t        number;
    struct dirent  *entry;

    *numbers = NULL;
    *count = 0;
    cap = 0;

    d = opendir(dir);

    if (d == NULL) {
        rc = (errno == ENOENT) ? RECS_DECLINED : RECS_ERROR;
        (void) recs_error(e, "cannot read the event log %s: %s", dir,
                          strerror(errno));
        return rc;
    }

    while ((entry = readdir(d))) {
        if (recs_log_scan_number(entry->d_name, &number) == RECS_OK) {
            recs_grow(numbers, &cap, *count + 1, sizeof(uint32_t));
            (*numbers)[(*count)++] = number;
        }
    }

    closedir(d);

    if (*count) {
        qsort(*numbers, *count, sizeof(uint32_t), recs_log_scan_compare);
    }

    return RECS_OK;
}


static int
recs_log_scan_number(const char *name, uint32_t *number)
{
    char   *last;
    size_t  digits;

    digits = strspn(name, "0123456789abcdef");

    if (digits != 8 || strcmp(name + digits, ".log") != 0) {
        return RECS_DECLINED;
    }

    *number = (uint32_t) strtoul(name, &last, 16);

    return RECS_OK;
}


static int
recs_log_scan_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static int
recs_log_scan_file(recs_log_scan_t *s, recs_log_place_t *place,
    const recs_log_place_t *until, recs_error_t *e)
{
    int          rc;
    char         path[4200];
    struct stat  st;

    place->offset = 0;
    recs_log_file_name(s->name, place->number);
    snprintf(path, sizeof(path), "%s/%s", s->dir, s->name);

    s->fd = open(path, O_RDONLY|O_CLOEXEC);

    if (s->fd == -1 || fstat(s->fd, &st) == -1) {
        rc = recs_error(e, "cannot open %s: %s%s", path, strerror(errno),
                        (errno == ENOENT) ? "; retention may just have taken "
                        "it, try again" : "");
        goto done;
    }

    s->size = (uint64_t) st.st_size;
    rc = RECS_OK;

    if ((int64_t) st.st_mtim.tv_sec * 1000 + 999 < s->since_ms) {
        place->offset = s->size;
        goto done;
    }

    if (until && until->number == place->number) {
        s->size = recs_min(s->size, until->offset);
    }

    rc = recs_log_scan_head(s, place->number, e);

    if (rc == RECS_OK) {
        place->offset = RECS_LOG_HEAD;
        rc = recs_log_scan_frames(s, &place->offset, e);
    }

    if (rc == RECS_AGAIN) {
        rc = RECS_OK;
    }

done:

    if (s->fd != -1) {
        close(s->fd);
    }

    return rc;
}


/* RECS_AGAIN: the last file, and not even its head is there. */

static int
recs_log_scan_head(recs_log_scan_t *s, uint32_t number, recs_error_t *e)
{
    size_t           i;
    const uint8_t   *p;
    recs_log_head_t  head;

    memset(&head, 0, sizeof(recs_log_head_t));
    (void) recs_log_file_read(s->fd, &head,
                              recs_min(s->size, sizeof(head)), 0);

    if (s->size >= RECS_LOG_HEAD
        && memcmp(head.magic, "RECSLOG1", 8) == 0
        && le32toh(head.version) == 1
        && le32toh(head.number) == number)
    {
        return RECS_OK;
    }

    p = (const uint8_t *) &head;

    for (i = 0; i < sizeof(head) && p[i] == 0; i++) { /* void */ }

    if (s->last && (s->size < RECS_LOG_HEAD
                    || (i == sizeof(head) && s->size == RECS_LOG_HEAD)))
    {
        return RECS_AGAIN;
    }

    return recs_error(e, "%s/%s: not a file of this version's event log; "
                      "restore it from a backup", s->dir, s->name);
}


static int
recs_log_scan_frames(recs_log_scan_t *s, uint64_t *offset, recs_error_t *e)
{
    int     rc;
    size_t  size;

    while (*offset < s->size) {

        rc = recs_log_scan_frame(s, *offset, &size);

        if (rc != RECS_OK) {
            return recs_log_scan_torn(s, *offset, e);
        }

        if (s->visit && recs_log_scan_batch(s, *offset, e) != RECS_OK) {
            return RECS_ERROR;
        }

        *offset += size;
    }

    return RECS_OK;
}


/* Reads a frame into s->buf. */

static int
recs_log_scan_frame(recs_log_scan_t *s, uint64_t offset, size_t *size)
{
    size_t            len;
    uint64_t          left;
    recs_log_frame_t  head;

    left = s->size - offset;

    if (left < sizeof(head)
        || recs_log_file_read(s->fd, &head, sizeof(head), offset) != RECS_OK)
    {
        return RECS_AGAIN;
    }

    len = RECS_LOG_CRC_FROM + (size_t) le32toh(head.length);

    if (len < sizeof(head) || len > left || len > 2 * RECS_LOG_RAW_MAX) {
        return RECS_AGAIN;
    }

    recs_grow(&s->buf, &s->buf_cap, len, 1);

    if (recs_log_file_read(s->fd, s->buf, len, offset) != RECS_OK) {
        return RECS_AGAIN;
    }

    return recs_log_scan_whole(s->buf, len, size);
}


static int
recs_log_scan_whole(const uint8_t *p, uint64_t left, size_t *size)
{
    uint32_t          length, position;
    recs_log_frame_t  head;

    memcpy(&head, p, sizeof(head));

    length = le32toh(head.length);
    position = le32toh(head.position);

    if (length > left - RECS_LOG_CRC_FROM
        || length < sizeof(head) - RECS_LOG_CRC_FROM
        || position > length - (sizeof(head) - RECS_LOG_CRC_FROM)
        || head.codec > 1 || head.reserved[0] || head.reserved[1]
        || head.reserved[2] || le32toh(head.raw) > RECS_LOG_RAW_MAX
        || recs_crc32c(0, p + RECS_LOG_CRC_FROM, length)
           != le32toh(head.crc))
    {
        return RECS_ERROR;
    }

    *size = RECS_LOG_CRC_FROM + length;

    return RECS_OK;
}


/* Unpacks the frame in s->buf for the visitor. */

static int
recs_log_scan_batch(recs_log_scan_t *s, uint64_t offset, recs_error_t *e)
{
    size_t            packed, raw, n;
    recs_log_frame_t  head;
    recs_log_batch_t  batch;

    memcpy(&head, s->buf, sizeof(head));
    memset(&batch, 0, sizeof(batch));

    batch.position.data = s->buf + sizeof(head);
    batch.position.len = le32toh(head.position);
    batch.frames.data = batch.position.data + batch.position.len;
    batch.events = le32toh(head.events);

    packed = RECS_LOG_CRC_FROM + le32toh(head.length) - sizeof(head)
             - batch.position.len;
    raw = le32toh(head.raw);
    n = packed;

    if (head.codec == 1) {
        recs_grow(&s->raw, &s->raw_cap, raw, 1);
        n = ZSTD_decompressDCtx(s->zstd, s->raw, raw, batch.frames.data,
                                packed);
        batch.frames.data = s->raw;
    }

    if (n != raw) {
        return recs_error(e, "%s/%s: the batch at %llu cannot be unpacked; "
                          "restore the file from a backup", s->dir, s->name,
                          (unsigned long long) offset);
    }

    batch.frames.len = raw;

    return s->visit(s->ctx, &batch, e);
}


/*
 * A frame is not whole.  Nothing whole comes after it where the machine
 * stopped in the middle of the last write; otherwise the disk is bad, and
 * cutting would lose what was committed.
 */

static int
recs_log_scan_torn(recs_log_scan_t *s, uint64_t offset, recs_error_t *e)
{
    int       rc;
    size_t    i, len, size;
    uint8_t  *p;

    if (s->last) {
        len = (size_t) (s->size - offset);
        recs_grow(&s->buf, &s->buf_cap, len, 1);
        p = s->buf;

        rc = recs_log_file_read(s->fd, p, len, offset);

        if (rc == RECS_ERROR) {
            return recs_error(e, "cannot read %s/%s: %s; look at its disk",
                              s->dir, s->name, strerror(errno));
        }

        /* its writer may cut it just now */

        if (rc == RECS_AGAIN) {
            return RECS_AGAIN;
        }

        for (i = 1; i + sizeof(recs_log_frame_t) <= len; i++) {
            if (p[i + RECS_LOG_CRC_FROM] <= 1
                && recs_log_scan_whole(p + i, len - i, &size) == RECS_OK)
            {
                break;
            }
        }

        if (i + sizeof(recs_log_frame_t) > len) {
            return RECS_AGAIN;
        }
    }

    return recs_error(e, "%s/%s: the batch at %llu is damaged and others "
                      "follow it; restore the file from a backup", s->dir,
                      s->name, (unsigned long long) offset);
}


int
recs_log_file_read(int fd, void *buf, size_t len, uint64_t offset)
{
    ssize_t   n;
    uint8_t  *p;

    for (p = buf; len; p += n, len -= (size_t) n, offset += (uint64_t) n) {

        n = pread(fd, p, len, (off_t) offset);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n <= 0) {
            return (n == 0) ? RECS_AGAIN : RECS_ERROR;
        }
    }

    return RECS_OK;
}


void
recs_log_file_name(char *name, uint32_t number)
{
    snprintf(name, RECS_LOG_NAME, "%08x.log", number);
}
