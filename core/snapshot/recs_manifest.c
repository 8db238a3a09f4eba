/*
 * Copyright (C) recs authors
 *
 * The only file of core/snapshot that knows JSON.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <jansson.h>

#include "recs_format.h"
#include "recs_manifest.h"


#define RECS_NAME_PREFIX  "snap-"
#define RECS_NAME_SUFFIX  ".mdb"
#define RECS_NAME_LEN     (sizeof("snap-0123456789abcdef.mdb") - 1)


typedef struct {
    const char  *name;
    size_t       offset;
    const char  *err;
} recs_manifest_number_t;


static int recs_manifest_read(int dirfd, const char *name,
    recs_manifest_t *m, const char **err);
static int recs_manifest_regular(int dirfd, const char *name, uint64_t *size,
    const char **err);
static int recs_manifest_load(int fd, uint8_t *buf, size_t size);
static int recs_manifest_members(recs_manifest_t *m, json_t *root,
    const char **err);
static int recs_manifest_hex(json_t *root, const char *name, uint8_t *out,
    size_t size);
static int recs_manifest_digit(uint8_t c);


static const recs_manifest_number_t  recs_manifest_numbers[] = {

    { "generation", offsetof(recs_manifest_t, generation),
      "the manifest has no valid \"generation\"" },

    { "size", offsetof(recs_manifest_t, size),
      "the manifest has no valid \"size\"" },

    { "created", offsetof(recs_manifest_t, created_ms),
      "the manifest has no valid \"created\"" },

    { "items", offsetof(recs_manifest_t, items),
      "the manifest has no valid \"items\"" },

    { "listed", offsetof(recs_manifest_t, listed),
      "the manifest has no valid \"listed\"" },

    { "events", offsetof(recs_manifest_t, events),
      "the manifest has no valid \"events\"" },

    { "lists", offsetof(recs_manifest_t, lists),
      "the manifest has no valid \"lists\"" },

    { NULL, 0, NULL }
};


int
recs_manifest_parse(recs_manifest_t *m, const uint8_t *data, size_t len,
    const char **err)
{
    int      rc;
    json_t  *root;

    if (len > RECS_MANIFEST_MAX) {
        *err = "the manifest is longer than 1 MB";
        return RECS_ERROR;
    }

    root = json_loadb((const char *) data, len, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(root)) {
        json_decref(root);
        *err = "the manifest is no JSON object";
        return RECS_ERROR;
    }

    rc = recs_manifest_members(m, root, err);

    json_decref(root);

    return rc;
}


static int
recs_manifest_members(recs_manifest_t *m, json_t *root, const char **err)
{
    int64_t                        value;
    uint8_t                        id[8], *field;
    json_t                        *number;
    unsigned                       i;
    const recs_manifest_number_t  *n;

    number = json_object_get(root, "format");
    value = json_integer_value(number);

    if (!json_is_integer(number) || value < 0 || value > UINT32_MAX) {
        *err = "the manifest has no valid \"format\"";
        return RECS_ERROR;
    }

    m->format = (uint32_t) value;

    for (n = recs_manifest_numbers; n->name; n++) {
        number = json_object_get(root, n->name);
        value = json_integer_value(number);

        if (!json_is_integer(number) || value < 0) {
            *err = n->err;
            return RECS_ERROR;
        }

        field = (uint8_t *) m + n->offset;
        memcpy(field, &value, sizeof(value));
    }

    if (recs_manifest_hex(root, "id", id, sizeof(id)) != RECS_OK) {
        *err = "the manifest has no valid \"id\"";
        return RECS_ERROR;
    }

    m->id = 0;

    for (i = 0; i < sizeof(id); i++) {
        m->id = m->id << 8 | id[i];
    }

    if (recs_manifest_hex(root, "sha256", m->sha256, RECS_SHA256_SIZE)
        != RECS_OK)
    {
        *err = "the manifest has no valid \"sha256\"";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_manifest_hex(json_t *root, const char *name, uint8_t *out, size_t size)
{
    int          high, low;
    size_t       i;
    json_t      *value;
    const char  *p;

    value = json_object_get(root, name);

    if (!json_is_string(value) || json_string_length(value) != 2 * size) {
        return RECS_ERROR;
    }

    p = json_string_value(value);

    for (i = 0; i < size; i++) {
        high = recs_manifest_digit(*p++);
        low = recs_manifest_digit(*p++);

        if (high < 0 || low < 0) {
            return RECS_ERROR;
        }

        out[i] = (uint8_t) (high << 4 | low);
    }

    return RECS_OK;
}


static int
recs_manifest_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return -1;
}


int
recs_manifest_name(const char *name, size_t len, uint64_t *id)
{
    int       digit;
    size_t    i;
    uint64_t  n;

    if (len != RECS_NAME_LEN
        || memcmp(name, RECS_NAME_PREFIX, 5) != 0
        || memcmp(name + len - 4, RECS_NAME_SUFFIX, 4) != 0)
    {
        return RECS_ERROR;
    }

    n = 0;

    for (i = 5; i < len - 4; i++) {
        digit = recs_manifest_digit((uint8_t) name[i]);

        if (digit < 0) {
            return RECS_ERROR;
        }

        n = n << 4 | (uint64_t) digit;
    }

    *id = n;

    return RECS_OK;
}


int
recs_manifest_open(int dirfd, const char *link, int *fd, recs_manifest_t *m,
    const char **err)
{
    char      name[RECS_NAME_MAX];
    ssize_t   n;
    uint64_t  id;

    n = readlinkat(dirfd, link, name, sizeof(name));

    if (n == -1 && errno == ENOENT) {
        return RECS_DECLINED;
    }

    if (n == -1) {
        *err = "\"current\" is not a symbolic link that can be read";
        return RECS_ERROR;
    }

    if (recs_manifest_name(name, n, &id) != RECS_OK) {
        *err = "\"current\" does not name a snap-<id>.mdb beside it";
        return RECS_ERROR;
    }

    name[n] = '\0';

    return recs_manifest_open_file(dirfd, name, fd, m, err);
}


int
recs_manifest_open_file(int dirfd, const char *name, int *fd,
    recs_manifest_t *m, const char **err)
{
    int       file;
    char      json[RECS_NAME_MAX];
    uint64_t  id, size;

    if (recs_manifest_name(name, strlen(name), &id) != RECS_OK) {
        *err = "the name of a snapshot must be snap-<16 hex digits>.mdb";
        return RECS_ERROR;
    }

    file = recs_manifest_regular(dirfd, name, &size, err);
    if (file == -1) {
        return RECS_ERROR;
    }

    memcpy(json, name, RECS_NAME_LEN - 4);
    memcpy(json + RECS_NAME_LEN - 4, ".json", 6);

    if (recs_manifest_read(dirfd, json, m, err) != RECS_OK) {
        goto failed;
    }

    if (m->id != id) {
        *err = "the manifest is of another snapshot";
        goto failed;
    }

    if (m->format != RECS_FORMAT_VERSION) {
        *err = "the snapshot is of another format version";
        goto failed;
    }

    if (m->size != size) {
        *err = "the size is not that of the manifest";
        goto failed;
    }

    *fd = file;

    return RECS_OK;

failed:

    (void) close(file);

    return RECS_ERROR;
}


static int
recs_manifest_read(int dirfd, const char *name, recs_manifest_t *m,
    const char **err)
{
    int       fd, rc;
    uint8_t  *buf;
    uint64_t  size;

    buf = NULL;
    rc = RECS_ERROR;

    fd = recs_manifest_regular(dirfd, name, &size, err);
    if (fd == -1) {
        return RECS_ERROR;
    }

    if (size > RECS_MANIFEST_MAX) {
        *err = "the manifest is longer than 1 MB";
        goto done;
    }

    buf = malloc(size + 1);

    if (buf == NULL || recs_manifest_load(fd, buf, size) != RECS_OK) {
        *err = "cannot read the manifest";
        goto done;
    }

    rc = recs_manifest_parse(m, buf, size, err);

done:

    free(buf);
    (void) close(fd);

    return rc;
}


/* Never waits for a FIFO, never follows a link. */

static int
recs_manifest_regular(int dirfd, const char *name, uint64_t *size,
    const char **err)
{
    int          fd;
    struct stat  st;

    fd = openat(dirfd, name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {
        *err = "cannot open the snapshot or its manifest";
        return -1;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        *err = "the snapshot or its manifest is not a regular file";
        goto failed;
    }

    if (st.st_mode & (S_IWGRP|S_IWOTH)) {
        *err = "the snapshot or its manifest may be written by others";
        goto failed;
    }

    *size = st.st_size;

    return fd;

failed:

    (void) close(fd);

    return -1;
}


static int
recs_manifest_load(int fd, uint8_t *buf, size_t size)
{
    size_t   pos;
    ssize_t  n;

    for (pos = 0; pos < size; pos += n) {
        n = pread(fd, buf + pos, size - pos, pos);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n <= 0) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
