/*
 * Copyright (C) recs authors
 */

#define _GNU_SOURCE
#include <sys/mman.h>

#include "tap.h"
#include "tiny.h"


static char  *dir;


static recs_snapshot_t *
make(const tiny_t *t, const char **why)
{
    int                    fd;
    char                   path[512];
    recs_error_t           err;
    recs_snapshot_t       *s;
    recs_format_header_t   h;

    snprintf(path, sizeof(path), "%s/tiny", dir);
    (void) unlink(path);

    if (tiny_write(path, t, &h, &err) != RECS_OK) {
        *why = strdup(err.text);
        return NULL;
    }

    fd = open(path, O_RDONLY);
    (void) recs_snapshot_open(&s, fd, why);
    close(fd);

    return s;
}


/* Every value and every row, whatever the chunks. */

static void
values(size_t chunk_max, const char *name)
{
    char                          id[32], text[64];
    tiny_t                        t = { 5000, 0, 200, 0, 0 };
    uint32_t                      i, n, count, wrong;
    recs_str_t                    json, members;
    const char                   *why;
    recs_snapshot_t              *s;
    const recs_format_related_t  *related;

    t.chunk_max = chunk_max;
    s = make(&t, &why);

    if (!ok(s != NULL, "opens, %s", name)) {
        printf("# %s\n", why);
        return;
    }

    ok((s->lists[RECS_LIST_RELATED].count > 1) == (chunk_max != 0),
       "%u chunks", s->lists[RECS_LIST_RELATED].count);

    for (wrong = i = 0; i < t.items; i++) {
        wrong += recs_column(s, RECS_COLUMN_PRICE, int64_t, i) != i;
        wrong += recs_column(s, RECS_COLUMN_RATING, uint16_t, i) != i;
        wrong += recs_snapshot_item(s, recs_key64(id, tiny_id(id, i))) != i;

        related = recs_list(s, RECS_LIST_RELATED, i, &count);
        wrong += (count != i % 5) || (related != NULL) != (count != 0);

        for (n = 0; n < count; n++) {
            wrong += related[n].item != (i + n + 1) % t.items
                     || related[n].weight != 1.0f / (n + 1);
        }

        recs_snapshot_fragment(s, i, &json, &members);
        sprintf(text, "\"%s\"", id);
        wrong += json.len != strlen(text)
                 || memcmp(json.data, text, json.len) != 0;
        sprintf(text, "\"title\":\"T%u\"", i);
        wrong += members.len != strlen(text)
                 || memcmp(members.data, text, members.len) != 0;
    }

    is_int(wrong, 0, "every value of every item");

    ok(recs_list(s, RECS_LIST_RELATED, t.items, &count) == NULL && count == 0,
       "a row out of range");
    ok(recs_list(s, RECS_LIST_TRENDING, 0, &count) == NULL && count == 0,
       "a list that nobody built");

    for (wrong = i = 0; i < 100000; i++) {
        wrong += recs_snapshot_item(s, (uint64_t) i * 0x9e3779b97f4a7c15)
                 != RECS_NO_ITEM;
    }

    is_int(wrong, 0, "100000 keys of no product");

    recs_snapshot_close(s);
}


static void
small_values(void)
{
    tiny_t               t = { 100, 0, 150, 0, 0 };
    uint8_t              identity[16];
    uint32_t             i, n, wrong;
    recs_str_t           meta;
    const char          *why;
    recs_snapshot_t     *s;
    recs_format_user_t   user;
    recs_format_seen_t   seen[RECS_USER_ENTRIES];

    s = make(&t, &why);
    memset(identity, 0, sizeof(identity));

    for (wrong = 0, i = 1; i <= t.users; i++) {
        memcpy(identity + 4, &i, sizeof(i));
        wrong += recs_snapshot_user(s, identity, &user, seen) != RECS_OK
                 || user.count != i % (RECS_USER_ENTRIES + 1)
                 || user.last_ms != i;

        for (n = 0; n < user.count; n++) {
            wrong += seen[n].item != (i + n) % t.items;
        }
    }

    is_int(wrong, 0, "every user");

    identity[0] = 1;
    ok(recs_snapshot_user(s, identity, &user, seen) == RECS_DECLINED,
       "nobody");

    for (wrong = 0, i = 0; i < TINY_BRANDS; i++) {
        wrong += recs_snapshot_name(s, 'B', recs_key64(&i, sizeof(i))) != i;
    }

    is_int(wrong, 0, "every brand");
    ok(recs_snapshot_name(s, 'C', 1) == RECS_NONE, "no category");

    meta = recs_snapshot_meta(s);
    is_int(meta.len, 4, "metadata");

    recs_snapshot_close(s);
}


static int
count_keys(void *ctx, recs_str_t *key, recs_str_t *value)
{
    uint32_t  *counts;

    counts = ctx;
    counts[key->data[0]]++;

    return (counts['H'] == 2) ? RECS_DONE : RECS_OK;
}


static void
each(void)
{
    tiny_t            t = { 100, 0, 150, 0, 0 };
    uint32_t          counts[256];
    const char       *why;
    recs_snapshot_t  *s;

    s = make(&t, &why);

    memset(counts, 0, sizeof(counts));
    ok(recs_snapshot_each(s, count_keys, counts) == RECS_OK, "visited");
    is_int(counts['U'], 150, "users");
    is_int(counts['B'], TINY_BRANDS, "brands");
    is_int(counts['H'], 1, "one header");
    is_int(counts['A'], 26, "a chunk for each column that has rows");

    ok(recs_snapshot_each(s, count_keys, counts) == RECS_DONE,
       "a visitor can stop");

    recs_snapshot_close(s);
}


/* A copy in memory, to be damaged. */

static int
copy(void)
{
    int      fd, mem;
    char     path[512];
    ssize_t  n;

    static char  buf[1 << 16];

    snprintf(path, sizeof(path), "%s/tiny", dir);
    fd = open(path, O_RDONLY);
    mem = memfd_create("tiny", MFD_CLOEXEC);

    while ((n = read(fd, buf, sizeof(buf))) > 0) {
        if (write(mem, buf, n) != n) {
            exit(1);
        }
    }

    close(fd);

    return mem;
}


static void
refused(int fd, const char *name)
{
    const char       *why;
    recs_snapshot_t  *s;

    why = NULL;
    s = (recs_snapshot_t *) &s;

    ok(recs_snapshot_open(&s, fd, &why) == RECS_ERROR && s == NULL
       && why != NULL, "refused: %s: %s", name, why ? why : "no reason");

    close(fd);
}


static void
damaged(void)
{
    int               fd;
    char              byte;
    tiny_t            t = { 100, 0, 10, 0, 0 };
    uint64_t          size;
    const char       *why;
    recs_snapshot_t  *s;

    recs_snapshot_close(make(&t, &why));

    fd = copy();
    size = lseek(fd, 0, SEEK_END);
    ok(recs_snapshot_open(&s, fd, &why) == RECS_OK, "a copy in memory");
    close(fd);
    ok(recs_column(s, RECS_COLUMN_PRICE, int64_t, 99) == 99,
       "is read with its descriptor closed");
    recs_snapshot_close(s);

#define cut(to, name)                                                         \
    fd = copy();                                                              \
    ok(ftruncate(fd, to) == 0, "truncated");                                  \
    refused(fd, name)

    cut(0, "empty");
    cut(100, "100 bytes");
    cut(4096, "one page");
    cut(8192, "two pages");
    cut(size - 4096, "the last page is missing");
    cut(size / 8192 * 4096, "half of it");
    cut(size - 1, "the last byte is missing");

#define poke(at, name)                                                        \
    fd = copy();                                                              \
    byte = 0x77;                                                              \
    ok(pwrite(fd, &byte, 1, at) == 1, "poked");                               \
    refused(fd, name)

    poke(16, "magic of LMDB");
    poke(4096 + 20, "version of LMDB");
    poke(40, "page size");
    poke(4096 + 41, "page size");
    poke(136 + 5, "last page");
    poke(4096 + 136 + 2, "last page");

    refused(open(dir, O_RDONLY), "a directory");
    refused(open("/dev/zero", O_RDONLY), "a device");
    refused(-1, "no descriptor");
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    recs_message_init(RECS_MSG_WARN);
    dir = snap_dir();

    values(0, "one chunk");
    values(16384, "chunks of 16 kB");
    values(512, "chunks of 512 bytes");
    small_values();
    each();
    damaged();

    snap_remove(dir);

    return done_testing();
}
