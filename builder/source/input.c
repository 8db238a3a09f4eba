/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "../../core/recs_utf8.h"
#include "../memory.h"
#include "input.h"


#define RECS_INPUT_RAW    (256 * 1024)
#define RECS_INPUT_ROOM   (RECS_LINE_MAX + 512 * 1024)
#define RECS_INPUT_HEAD   1024       /* bytes kept of a line too long */
#define RECS_INPUT_HIGH   0x8080808080808080ULL


typedef enum {
    RECS_INPUT_PLAIN = 0,
    RECS_INPUT_GZIP,
    RECS_INPUT_ZSTD
} recs_input_e;


struct recs_input_s {
    const char     *path;
    int             fd;
    recs_input_e    kind;
    unsigned        started;     /* the kind is known */
    unsigned        eof;         /* of the file */
    unsigned        end;         /* of what is in it */
    unsigned        open;        /* inside a compressed stream */
    unsigned        skip;        /* the rest of a line too long */
    uint64_t        line;
    uint64_t        taken;
    uint64_t        total;
    int64_t         mtime_ms;

    uint8_t        *raw;         /* of the file */
    size_t          raw_pos;
    size_t          raw_len;

    uint8_t        *text;        /* of its lines */
    size_t          pos;
    size_t          len;

    z_stream        gzip;
    ZSTD_DStream   *zstd;
};


recs_input_t *
recs_input_open(const char *path, recs_error_t *err)
{
    int            fd;
    struct stat    st;
    recs_input_t  *in;

    if (strcmp(path, "-") == 0) {
        fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

    } else {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }

    if (fd < 0 || fstat(fd, &st) != 0) {
        recs_error(err, "cannot open %s: %s", path, strerror(errno));

        if (fd >= 0) {
            close(fd);
        }

        return NULL;
    }

    in = recs_calloc(1, sizeof(recs_input_t));

    in->path = path;
    in->fd = fd;
    in->raw = recs_alloc(RECS_INPUT_RAW);
    in->text = recs_alloc(RECS_INPUT_ROOM);

    if (S_ISREG(st.st_mode)) {
        in->total = (uint64_t) st.st_size;
        in->mtime_ms = (int64_t) st.st_mtim.tv_sec * 1000
                       + st.st_mtim.tv_nsec / 1000000;

        (void) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }

    return in;
}


void
recs_input_close(recs_input_t *in)
{
    if (in == NULL) {
        return;
    }

    if (in->kind == RECS_INPUT_GZIP) {
        inflateEnd(&in->gzip);
    }

    ZSTD_freeDStream(in->zstd);
    close(in->fd);
    free(in->raw);
    free(in->text);
    free(in);
}


static int
recs_input_read(recs_input_t *in, recs_error_t *err)
{
    ssize_t  n;

    memmove(in->raw, in->raw + in->raw_pos, in->raw_len - in->raw_pos);
    in->raw_len -= in->raw_pos;
    in->raw_pos = 0;

    do {
        n = read(in->fd, in->raw + in->raw_len, RECS_INPUT_RAW - in->raw_len);
    } while (n < 0 && errno == EINTR);

    if (n < 0) {
        return recs_error(err, "cannot read %s: %s", in->path,
                          strerror(errno));
    }

    if (n == 0) {
        in->eof = 1;
    }

    in->raw_len += (size_t) n;
    in->taken += (uint64_t) n;

    return RECS_OK;
}


/* A pipe may hand out less than the four bytes that tell what it is. */

static int
recs_input_start(recs_input_t *in, recs_error_t *err)
{
    while (in->raw_len < 4 && !in->eof) {
        if (recs_input_read(in, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    in->started = 1;

    if (in->raw_len >= 2 && memcmp(in->raw, "\x1f\x8b", 2) == 0) {

        if (inflateInit2(&in->gzip, 15 + 16) != Z_OK) {
            return recs_error(err, "%s: zlib cannot be started", in->path);
        }

        in->kind = RECS_INPUT_GZIP;

    } else if (in->raw_len >= 4
               && memcmp(in->raw, "\x28\xb5\x2f\xfd", 4) == 0)
    {
        in->zstd = ZSTD_createDStream();

        if (in->zstd == NULL) {
            return recs_error(err, "%s: libzstd cannot be started", in->path);
        }

        in->kind = RECS_INPUT_ZSTD;
    }

    return RECS_OK;
}


static int
recs_input_gzip(recs_input_t *in, recs_error_t *err)
{
    int        rc;
    z_stream  *z;

    z = &in->gzip;

    z->next_in = in->raw + in->raw_pos;
    z->avail_in = (uInt) (in->raw_len - in->raw_pos);
    z->next_out = in->text + in->len;
    z->avail_out = (uInt) (RECS_INPUT_ROOM - in->len);

    rc = inflate(z, Z_NO_FLUSH);

    in->raw_pos = in->raw_len - z->avail_in;
    in->len = RECS_INPUT_ROOM - z->avail_out;
    in->open = (rc != Z_STREAM_END);

    if (rc == Z_STREAM_END) {
        /* another member may follow */
        rc = inflateReset(z);
    }

    if (rc != Z_OK && rc != Z_BUF_ERROR) {
        return recs_error(err, "%s: damaged gzip data after line %llu (%s); "
                          "fetch the file again", in->path,
                          (unsigned long long) in->line,
                          z->msg ? z->msg : "unknown");
    }

    return RECS_OK;
}


static int
recs_input_zstd(recs_input_t *in, recs_error_t *err)
{
    size_t          rc;
    ZSTD_inBuffer   from;
    ZSTD_outBuffer  to;

    from.src = in->raw;
    from.pos = in->raw_pos;
    from.size = in->raw_len;

    to.dst = in->text;
    to.pos = in->len;
    to.size = RECS_INPUT_ROOM;

    rc = ZSTD_decompressStream(in->zstd, &to, &from);

    if (ZSTD_isError(rc)) {
        return recs_error(err, "%s: damaged zstd data after line %llu (%s); "
                          "fetch the file again", in->path,
                          (unsigned long long) in->line,
                          ZSTD_getErrorName(rc));
    }

    in->raw_pos = from.pos;
    in->len = to.pos;
    in->open = (rc != 0);

    return RECS_OK;
}


/* Takes from the file what the room behind in->len holds. */

static int
recs_input_take(recs_input_t *in, recs_error_t *err)
{
    size_t  n, had;

    had = in->len;

    if (in->kind == RECS_INPUT_PLAIN) {
        n = recs_min(in->raw_len - in->raw_pos, RECS_INPUT_ROOM - in->len);

        memcpy(in->text + in->len, in->raw + in->raw_pos, n);
        in->raw_pos += n;
        in->len += n;

    } else if (in->raw_pos < in->raw_len || in->open) {

        if ((in->kind == RECS_INPUT_GZIP ? recs_input_gzip(in, err)
                                         : recs_input_zstd(in, err))
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    if (in->len > had || in->raw_pos < in->raw_len || !in->eof) {
        return RECS_OK;
    }

    if (in->open) {
        return recs_error(err, "%s: compressed data ends early, after line "
                          "%llu; fetch the file again", in->path,
                          (unsigned long long) in->line);
    }

    in->end = 1;

    return RECS_OK;
}


static int
recs_input_fill(recs_input_t *in, recs_error_t *err)
{
    size_t  had;

    if (in->pos) {
        memmove(in->text, in->text + in->pos, in->len - in->pos);
        in->len -= in->pos;
        in->pos = 0;
    }

    had = in->len;

    if (!in->started && recs_input_start(in, err) != RECS_OK) {
        return RECS_ERROR;
    }

    while (in->len == had && !in->end) {

        if (in->raw_pos == in->raw_len && !in->eof
            && recs_input_read(in, err) != RECS_OK)
        {
            return RECS_ERROR;
        }

        if (recs_input_take(in, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


int
recs_input_peek(recs_input_t *in, recs_str_t *head, recs_error_t *err)
{
    while (in->len - in->pos < RECS_INPUT_HEAD && !in->end) {
        if (recs_input_fill(in, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (in->line == 0 && in->len - in->pos >= 3
        && memcmp(in->text + in->pos, "\xef\xbb\xbf", 3) == 0)
    {
        in->pos += 3;
    }

    head->data = in->text + in->pos;
    head->len = in->len - in->pos;

    return RECS_OK;
}


/* Drops the rest of a line too long; RECS_DONE where nothing is left. */

static int
recs_input_resync(recs_input_t *in, recs_error_t *err)
{
    uint8_t  *p;

    while (in->skip) {
        p = memchr(in->text + in->pos, '\n', in->len - in->pos);

        if (p) {
            in->pos = (size_t) (p + 1 - in->text);
            in->skip = 0;
            break;
        }

        in->pos = in->len;

        if (in->end) {
            return RECS_DONE;
        }

        if (recs_input_fill(in, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


int
recs_input_line(recs_input_t *in, recs_str_t *line, recs_error_t *err)
{
    int       rc;
    size_t    seen;
    uint8_t  *p;

    if (!in->started && recs_input_peek(in, line, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (in->skip) {
        rc = recs_input_resync(in, err);

        if (rc != RECS_OK) {
            return rc;
        }
    }

    seen = 0;

    for ( ;; ) {
        p = memchr(in->text + in->pos + seen, '\n', in->len - in->pos - seen);
        seen = in->len - in->pos;

        line->data = in->text + in->pos;

        if (p || in->end || seen > RECS_LINE_MAX + 1) {
            break;
        }

        if (recs_input_fill(in, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (p == NULL && seen == 0) {
        return RECS_DONE;
    }

    in->line++;

    line->len = p ? (size_t) (p - line->data) : seen;

    if (line->len && line->data[line->len - 1] == '\r') {
        line->len--;
    }

    if (line->len > RECS_LINE_MAX) {
        line->len = RECS_INPUT_HEAD;
        in->skip = 1;
        return RECS_DECLINED;
    }

    in->pos = p ? (size_t) (p + 1 - in->text) : in->len;

    return RECS_OK;
}


const char *
recs_input_path(const recs_input_t *in)
{
    return in->path;
}


uint64_t
recs_input_number(const recs_input_t *in)
{
    return in->line;
}


int64_t
recs_input_time(const recs_input_t *in)
{
    return in->mtime_ms;
}


void
recs_input_progress(const recs_input_t *in, uint64_t *done, uint64_t *total)
{
    *done = in->taken - (in->raw_len - in->raw_pos);
    *total = in->total;
}


int
recs_input_text(const recs_str_t *line, const char **err)
{
    size_t          n;
    uint64_t        word;
    const uint8_t  *p, *last;

    if (memchr(line->data, '\0', line->len)) {
        *err = "has a NUL character";
        return RECS_ERROR;
    }

    p = line->data;
    last = p + line->len;

    while (p < last) {

        if (last - p >= 8) {
            memcpy(&word, p, 8);

            if ((word & RECS_INPUT_HIGH) == 0) {
                p += 8;
                continue;
            }
        }

        n = recs_utf8_char(p, last);

        if (n == 0) {
            *err = "is not valid UTF-8";
            return RECS_ERROR;
        }

        p += n;
    }

    return RECS_OK;
}


int
recs_input_blank(const recs_str_t *line)
{
    size_t  i;

    for (i = 0; i < line->len; i++) {
        if (line->data[i] != ' ' && line->data[i] != '\t'
            && line->data[i] != '\r')
        {
            return 0;
        }
    }

    return 1;
}
