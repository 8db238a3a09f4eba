/*
 * Copyright (C) recs authors
 */

#include <malloc.h>
#include <sys/resource.h>
#include <signal.h>

#include "tap.h"
#include "tiny.h"


static char  *dir;


static const char *
path(const char *name)
{
    static char  paths[2][512];
    static int   turn;

    turn ^= 1;
    snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", dir, name);

    return paths[turn];
}


/* Fresh memory is filled with "fill": what is written must not show it. */

static uint64_t
build(const char *name, const tiny_t *t, int fill)
{
    recs_error_t          err;
    recs_format_header_t  h;

    mallopt(M_PERTURB, fill);

    if (tiny_write(path(name), t, &h, &err) != RECS_OK) {
        printf("# %s\n", err.text);
        h.id = 0;
    }

    mallopt(M_PERTURB, 0);

    return h.id;
}


static int
equal(const char *one, const char *two)
{
    int          c, d;
    FILE        *a, *b;

    a = fopen(path(one), "r");
    b = fopen(path(two), "r");

    do {
        c = getc(a);
        d = getc(b);
    } while (c == d && c != EOF);

    fclose(a);
    fclose(b);

    return c == d;
}


static void
deterministic(void)
{
    uint64_t      one, two;
    tiny_t        t = { 3000, 0, 700, 0, 0 };
    struct stat   st;

    one = build("one", &t, 0x5a);
    two = build("two", &t, 0xc3);
    ok(one != 0 && one == two, "the same values have the same id");
    ok(equal("one", "two"), "and the same bytes");

    /* several transactions */

    t.items = 350000;
    t.users = 20000;
    one = build("three", &t, 0x5a);
    two = build("four", &t, 0xc3);
    stat(path("three"), &st);
    ok(st.st_size > 64 << 20, "more than a transaction: %lld bytes",
       (long long) st.st_size);
    ok(one != 0 && one == two, "in several transactions, too");
    ok(equal("three", "four"), "with the same bytes");

    t.items = 3000;
    t.users = 701;
    ok(build("five", &t, 0) != one, "other values have another id");
}


static void
file(void)
{
    int               fd;
    tiny_t            t = { 100, 0, 10, 0, 0 };
    const char       *err;
    struct stat       st;
    recs_snapshot_t  *s;

    ok(build("file", &t, 0) != 0, "written");
    ok(stat(path("file"), &st) == 0 && (st.st_mode & 07777) == 0444,
       "mode 0444");
    is_int(st.st_size % RECS_FORMAT_PAGE, 0, "whole pages");
    is_int(snap_count(dir, "file", "-lock"), 0, "no lock file");

    fd = open(path("file"), O_RDONLY);
    ok(recs_snapshot_open(&s, fd, &err) == RECS_OK, "opens");
    close(fd);
    recs_snapshot_close(s);
}


static void
errors(void)
{
    tiny_t                t = { 100, 0, 10, 0, 0 };
    recs_error_t          err;
    recs_format_header_t  h;

    ok(tiny_write(path("file"), &t, &h, &err) == RECS_ERROR
       && strstr(err.text, "exists"), "never over a file: %s", err.text);

    ok(tiny_write("/nowhere/at/all", &t, &h, &err) == RECS_ERROR,
       "no directory");

    t.without = RECS_COLUMN_STOCK + 1;
    ok(tiny_write(path("bad"), &t, &h, &err) == RECS_ERROR
       && strstr(err.text, "\"stock\""), "a column is missing: %s", err.text);
    t.without = 0;

    t.twice = 1;
    ok(tiny_write(path("bad"), &t, &h, &err) == RECS_ERROR
       && strstr(err.text, "section B"), "a key comes twice: %s", err.text);
    t.twice = 0;

    t.chunk_max = 32;
    ok(tiny_write(path("bad"), &t, &h, &err) == RECS_ERROR
       && strstr(err.text, "entries"), "a row is too long: %s", err.text);
    t.chunk_max = 4096;
    t.items = 1000000;
    ok(tiny_write(path("bad"), &t, &h, &err) == RECS_ERROR
       && strstr(err.text, "chunks"), "too many chunks: %s", err.text);

    ok(access(path("bad"), F_OK) == -1, "no file is left");
}


/* The disk is full at any point: an error, and no file. */

static void
full(void)
{
    int                   i, wrong;
    tiny_t                t = { 2000, 0, 100, 0, 0 };
    recs_error_t          err;
    struct rlimit         limit;
    recs_format_header_t  h;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);

    for (wrong = i = 0; i < 100; i++) {
        limit.rlim_cur = i * 3000;
        setrlimit(RLIMIT_FSIZE, &limit);

        wrong += tiny_write(path("full"), &t, &h, &err) != RECS_ERROR;
        wrong += access(path("full"), F_OK) == 0;
    }

    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);

    is_int(wrong, 0, "100 times too little room: %s", err.text);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    recs_message_init(RECS_MSG_WARN);
    dir = snap_dir();

    deterministic();
    file();
    errors();
    full();

    snap_remove(dir);

    return done_testing();
}
