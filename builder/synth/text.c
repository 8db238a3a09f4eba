/*
 * Copyright (C) recs authors
 *
 * JSON is written by hand: all words are ours, so that nothing needs an
 * escape, and ten million lines take seconds.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "synth.h"


#define RECS_SYNTH_FLUSH  (1 << 20)


void
recs_synth_room(recs_synth_text_t *t)
{
    recs_grow(&t->data, &t->cap, t->len + RECS_SYNTH_LINE, 1);
}


void
recs_synth_put(recs_synth_text_t *t, const char *text)
{
    size_t  len;

    len = strlen(text);
    memcpy(t->data + t->len, text, len);
    t->len += len;
}


void
recs_synth_number(recs_synth_text_t *t, int64_t n)
{
    uint8_t   digits[24], *p;
    uint64_t  rest;

    p = digits + sizeof(digits);
    rest = (n < 0) ? -(uint64_t) n : (uint64_t) n;

    do {
        *--p = (uint8_t) ('0' + rest % 10);
        rest /= 10;
    } while (rest);

    if (n < 0) {
        *--p = '-';
    }

    memcpy(t->data + t->len, p, (size_t) (digits + sizeof(digits) - p));
    t->len += (size_t) (digits + sizeof(digits) - p);
}


void
recs_synth_cents(recs_synth_text_t *t, int64_t cents)
{
    recs_synth_number(t, cents / 100);

    t->data[t->len++] = '.';
    t->data[t->len++] = (uint8_t) ('0' + cents / 10 % 10);
    t->data[t->len++] = (uint8_t) ('0' + cents % 10);
}


void
recs_synth_hex(recs_synth_text_t *t, uint64_t n)
{
    int  shift;

    for (shift = 60; shift >= 0; shift -= 4) {
        t->data[t->len++] = (uint8_t) "0123456789abcdef"[(n >> shift) & 15];
    }
}


static void
recs_synth_name(recs_synth_text_t *t, const char *name)
{
    recs_synth_put(t, ",\"");
    recs_synth_put(t, name);
    recs_synth_put(t, "\":");
}


void
recs_synth_string(recs_synth_text_t *t, const char *name, const char *value)
{
    recs_synth_name(t, name);
    recs_synth_put(t, "\"");
    recs_synth_put(t, value);
    recs_synth_put(t, "\"");
}


void
recs_synth_price(recs_synth_text_t *t, const char *name, int64_t cents)
{
    recs_synth_name(t, name);
    recs_synth_cents(t, cents);
}


void
recs_synth_count(recs_synth_text_t *t, const char *name, int64_t n)
{
    recs_synth_name(t, name);
    recs_synth_number(t, n);
}


int
recs_synth_open(recs_synth_file_t *f, const char *dir, const char *name,
    recs_error_t *err)
{
    size_t   size;
    char    *path;

    memset(f, 0, sizeof(recs_synth_file_t));

    size = strlen(dir) + strlen(name) + 2;
    path = recs_alloc(size);
    snprintf(path, size, "%s/%s", dir, name);

    f->path = path;
    f->fd = open(path, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644);

    if (f->fd == -1) {
        recs_error(err, "cannot create \"%s\" (%s); give another --out",
                   path, strerror(errno));
        free(path);
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_synth_write_out(recs_synth_file_t *f, recs_error_t *err)
{
    size_t   done;
    ssize_t  n;

    for (done = 0; done < f->text.len; done += (size_t) n) {
        n = write(f->fd, f->text.data + done, f->text.len - done);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n <= 0) {
            return recs_error(err, "cannot write \"%s\" (%s); make room",
                              f->path, strerror(errno));
        }
    }

    f->text.len = 0;

    return RECS_OK;
}


int
recs_synth_flush(recs_synth_file_t *f, recs_error_t *err)
{
    return (f->text.len < RECS_SYNTH_FLUSH) ? RECS_OK
                                            : recs_synth_write_out(f, err);
}


int
recs_synth_close(recs_synth_file_t *f, recs_error_t *err)
{
    int  rc;

    rc = recs_synth_write_out(f, err);

    if (close(f->fd) == -1 && rc == RECS_OK) {
        rc = recs_error(err, "cannot write \"%s\" (%s); make room", f->path,
                        strerror(errno));
    }

    free(f->text.data);
    free((void *) (uintptr_t) f->path);

    return rc;
}
