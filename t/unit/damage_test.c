/*
 * Copyright (C) recs authors
 *
 * Thousands of damaged snapshots against verify: none may be accepted, none
 * may end it by a signal.  Then damage under a hash that is right, which
 * only the checks of the format stand against: whatever they accept must be
 * readable to the last byte (run it with a sanitizer).
 */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "../../builder/publish/values.h"
#include "../../builder/report/section.h"
#include "../../core/answer/recs_stats.h"
#include "snap.h"
#include "tap.h"


#define CASES   200              /* of each class */
#define FORGED  2000
#define PAGE    RECS_FORMAT_PAGE

#define BRANCH    0x01
#define LEAF      0x02
#define OVERFLOW  0x04
#define META      0x08


static char      *dir, mdb[512], json[512];
static int        file;
static uint8_t   *good;
static size_t     size;
static char       text[4096];
static uint64_t   seed;


/* The fate of a child: 0 accepted, 1 refused, 2 dead by a signal. */

static int
verify(const char *path, uid_t uid)
{
    int           status;
    pid_t         pid;
    recs_error_t  err;

    fflush(stdout);
    pid = fork();

    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL
            || (uid && setuid(uid) == -1))
        {
            _exit(3);
        }

        alarm(20);
        _exit(recs_verify(path, &err) == RECS_OK ? 0 : 1);
    }

    waitpid(pid, &status, 0);

    return WIFSIGNALED(status) ? 2 : WEXITSTATUS(status);
}


static void
restore(void)
{
    if (ftruncate(file, size) == -1
        || pwrite(file, good, size, 0) != (ssize_t) size)
    {
        perror("restore");
        exit(1);
    }
}


static void
put(size_t at, const void *data, size_t len)
{
    if (pwrite(file, data, len, at) != (ssize_t) len) {
        perror("pwrite");
        exit(1);
    }
}


static size_t
below(size_t n)
{
    return ((uint64_t) snap_random(&seed) << 31 | snap_random(&seed)) % n;
}


static void
flip(size_t at)
{
    uint8_t  byte;

    byte = good[at] ^ (uint8_t) (1 << below(8));
    put(at, &byte, 1);
}


/* A page of a kind; the later pages of an overflow value have no head. */

static size_t
page(unsigned kind)
{
    size_t    p, n, pages, step;
    unsigned  flags;

    pages = size / PAGE;

    for (p = below(pages), n = 0; n < pages; n++, p = (p + 1) % pages) {
        flags = good[p * PAGE + 10];
        memcpy(&step, good + p * PAGE, sizeof(step));

        if (step == p && (flags & kind)) {
            return p;
        }
    }

    return 0;
}


typedef enum {
    META_HEAD = 0,
    META_BODY,
    BRANCH_HEAD,
    BRANCH_BODY,
    LEAF_HEAD,
    LEAF_BODY,
    OVERFLOW_HEAD,
    OVERFLOW_BODY,
    ANYWHERE,
    CUT_PAGE,
    CUT_ANYWHERE,
    LONGER,
    ZERO_PAGE,
    OTHER_PAGE,
    CLASSES
} class_e;

static const char *const  classes[CLASSES] = {
    "a bit in the head of a meta page", "in its body",
    "in the head of a branch page", "in its body",
    "in the head of a leaf page", "in its body",
    "in the head of a value's pages", "in the value",
    "a bit anywhere", "truncated at a page", "truncated anywhere",
    "longer", "a page of zeros", "a page in place of another"
};


static void
damage(class_e class)
{
    size_t  p, q;

    static const unsigned  kinds[] = { META, BRANCH, LEAF, OVERFLOW };
    static const uint8_t   zeros[PAGE];

    if (class < ANYWHERE) {
        p = page(kinds[class / 2]) * PAGE;

        if (class == META_BODY) {
            flip(p + 16 + below(144));

        } else if (class % 2) {
            flip(p + 64 + below(PAGE - 64));

        } else {
            flip(p + below(class == META_HEAD ? 16 : 64));
        }

        return;
    }

    switch (class) {

    case ANYWHERE:
        flip(below(size));
        return;

    case CUT_PAGE:
    case CUT_ANYWHERE:
        p = (class == CUT_PAGE) ? below(size / PAGE) * PAGE : below(size);

        if (ftruncate(file, p) == -1) {
            exit(1);
        }

        return;

    case LONGER:
        put(size, zeros, 1 + below(PAGE));
        return;

    default:
        do {
            p = below(size / PAGE) * PAGE;
            q = below(size / PAGE) * PAGE;
        } while (memcmp(good + p, class == ZERO_PAGE ? zeros : good + q, PAGE)
                 == 0);

        put(p, class == ZERO_PAGE ? zeros : good + q, PAGE);
        return;
    }
}


static void
files(void)
{
    int       i, results[4];
    class_e   class;

    for (class = 0; class < CLASSES; class++) {
        memset(results, 0, sizeof(results));

        for (i = 0; i < CASES; i++) {
            damage(class);
            results[verify(mdb, 0)]++;
            restore();
        }

        ok(results[1] == CASES, "%s: %d refused, %d accepted, %d dead",
           classes[class], results[1], results[0], results[2]);
    }
}


static void
manifest(const void *data, size_t len, mode_t mode)
{
    int  fd;

    (void) unlink(json);
    fd = open(json, O_WRONLY|O_CREAT|O_EXCL, 0600);

    if (write(fd, data, len) != (ssize_t) len || fchmod(fd, mode) == -1) {
        exit(1);
    }

    close(fd);
}


/* All bits.  Only those of "generation" are not known to the snapshot. */

static void
manifests(void)
{
    char              bad[sizeof(text)];
    size_t            i, len;
    int               rc, accepted, dead, refused;
    const char       *why;
    recs_manifest_t   m, n;

    len = strlen(text);
    accepted = dead = refused = 0;

    /* compared as bytes, padding included */

    memset(&m, 0, sizeof(m));
    memset(&n, 0, sizeof(n));

    recs_manifest_parse(&m, (uint8_t *) text, len, &why);

    for (i = 0; i < len * 8; i++) {
        memcpy(bad, text, len);
        bad[i / 8] ^= 1 << i % 8;

        if (recs_manifest_parse(&n, (uint8_t *) bad, len, &why) == RECS_OK) {
            n.generation = m.generation;

            if (memcmp(&m, &n, sizeof(m)) == 0) {
                continue;
            }
        }

        manifest(bad, len, 0444);
        rc = verify(mdb, 0);
        accepted += rc == 0;
        refused += rc == 1;
        dead += rc == 2;
    }

    ok(accepted == 0 && dead == 0 && refused > 1000, "every bit of the "
       "manifest: %d refused, %d accepted, %d dead", refused, accepted, dead);

    for (i = 0, accepted = dead = 0; i < len; i++) {
        manifest(text, i, 0444);
        rc = verify(mdb, 0);

        /* but for the newline at its end */

        accepted += rc == 0 && i < len - 1;
        dead += rc == 2;
    }

    ok(accepted == 0 && dead == 0, "every length of it");
    manifest(text, len, 0444);
}


#define refused(name)                                                         \
    is_int(verify(mdb, 0), 1, "refused: %s", name)

static void
kinds(uint64_t other)
{
    int          i, fd;
    char         path[1100], aside[600];
    struct stat  st;

    static const struct {
        const char  *name;
        mode_t       mode;
    } nodes[] = { { "a FIFO", S_IFIFO }, { "a socket", S_IFSOCK },
                  { "a device", S_IFCHR } };

    snprintf(aside, sizeof(aside), "%s/aside", dir);

    for (i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s", i ? json : mdb);
        rename(path, aside);
        refused(i ? "no manifest" : "no file");

        mkdir(path, 0755);
        refused("a directory");
        rmdir(path);

        ok(symlink("aside", path) == 0, "linked");
        refused("a link, to a good file");
        unlink(path);

        fd = open(path, O_WRONLY|O_CREAT, 0444);
        refused("an empty file");
        ok(write(fd, "\n", 1) == 1, "written");
        refused("one byte");
        close(fd);
        unlink(path);

        for (fd = 0; fd < 3; fd++) {
            if (mknod(path, nodes[fd].mode | 0444,
                      nodes[fd].mode == S_IFCHR ? makedev(1, 5) : 0) == 0)
            {
                refused(nodes[fd].name);
                unlink(path);
            }
        }

        rename(aside, path);
        stat(path, &st);
        chmod(path, 0464);
        refused("writable by a group");
        chmod(path, 0000);

        if (geteuid() == 0) {
            is_int(verify(mdb, 65534), 1, "refused: unreadable");
        }

        chmod(path, st.st_mode & 07777);
    }

    if (ftruncate(file, 1LL << 40) == 0) {
        refused("a sparse terabyte");
    }

    restore();

    /* the good file of another day, under this name */

    snprintf(path, sizeof(path), "%s/snap-%016llx.mdb", dir,
             (unsigned long long) other);
    rename(mdb, aside);
    ok(link(path, mdb) == 0, "linked");
    refused("another snapshot");
    unlink(mdb);
    rename(aside, mdb);

    is_int(verify(mdb, 0), 0, "and the good one is accepted");
    is_int(verify(dir, 0), 0, "by its directory, too");
}


/* Where the map of a value begins in this process. */

static const uint8_t *
base(const uint8_t *p)
{
    char           line[512];
    FILE          *maps;
    unsigned long  first, last, found;

    found = 0;
    maps = fopen("/proc/self/maps", "r");

    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx", &first, &last) == 2
            && (uintptr_t) p >= first && (uintptr_t) p < last)
        {
            found = first;
        }
    }

    fclose(maps);

    return (const uint8_t *) found;
}


typedef struct {
    size_t    at[4096];
    size_t    len[4096];
    size_t    count;
} places_t;


static int
place(void *ctx, recs_str_t *key, recs_str_t *value)
{
    places_t  *p = ctx;

    if (p->count < 4096) {
        p->at[p->count] = value->data - base(value->data);
        p->len[p->count++] = value->len;
    }

    return RECS_OK;
}


/* Sums over the report, as its text. */

static uint64_t
sums(const recs_snapshot_t *s)
{
    int                  rc;
    void                *memory;
    uint64_t             sum;
    uint32_t             i;
    recs_out_t           out;
    recs_stats_t        *stats;
    recs_stats_query_t   q;

    static uint8_t  bytes[1 << 20];

    recs_stats_query_init(&q);
    q.by_count = 3;
    q.by[0] = RECS_STATS_TYPE;
    q.by[1] = RECS_STATS_PLACEMENT;
    q.by[2] = RECS_STATS_HOUR;

    memory = malloc(recs_stats_size(256));
    stats = recs_stats_init(memory, 256, &q, &s->cells, &s->cells);
    sum = 0;

    while (recs_stats_step(stats, 1000) == RECS_AGAIN) { /* void */ }

    do {
        recs_out_init(&out, bytes, sizeof(bytes));
        rc = recs_stats_json(stats, &out, 64);
        sum += out.pos - bytes;
    } while (rc == RECS_AGAIN);

    for (i = 0; i < s->cells.report_count; i++) {
        sum += s->cells.reports[i].text.data[0];
    }

    free(memory);

    return sum;
}


/* Touches all that a request can reach. */

static uint64_t
touch(const recs_snapshot_t *s)
{
    size_t                b;
    uint64_t              sum;
    uint32_t              row, count;
    unsigned              i;
    recs_str_t            id, members;
    const uint8_t        *p;

    sum = sums(s);

    for (i = 0; i < RECS_LIST_MAX; i++) {
        for (row = 0; row < s->lists[i].rows; row++) {
            p = recs_list(s, i, row, &count);

            for (b = 0; b < count * recs_format_lists[i].size; b++) {
                sum += p[b];
            }

            if (recs_format_lists[i].size > 1) {
                for (b = 0; b < count; b++) {
                    sum += recs_column(s, RECS_COLUMN_PRICE, int64_t,
                        *(uint32_t *) (p + b * recs_format_lists[i].size));
                }
            }
        }
    }

    for (row = 0; row < s->header.rows[RECS_DOMAIN_ITEMS]; row++) {
        recs_snapshot_fragment(s, row, &id, &members);

        for (b = 0; b < id.len + members.len; b++) {
            sum += id.data[b];
        }

        sum += recs_snapshot_item(s, row * 77777777777);
        sum += recs_column(s, RECS_COLUMN_PRICE, int64_t,
                           recs_column(s, RECS_COLUMN_ORDER_NEWEST, uint32_t,
                                       row));
    }

    return sum;
}


/* Values changed, everything else right: what is accepted must be readable. */

static int
forged(const places_t *places)
{
    int                i, fd, rc, status;
    pid_t              pid;
    size_t             n, at, len;
    uint8_t            bytes[8];
    const char        *why;
    recs_manifest_t    m;
    recs_snapshot_t   *s;

    static const uint32_t  nasty[] = { 0, 1, 0x7fffffff, 0x80000000,
                                       0xffffffff, 0xfffffff0, 16, 4096 };

    n = below(places->count);

    /* the beginning is where heads and offsets are */

    at = below(2) ? below(places->len[n])
                  : below(recs_min(places->len[n], 96));
    len = 1 + below(8);
    len = recs_min(len, places->len[n] - at);

    for (i = 0; i < 8; i++) {
        bytes[i] = (uint8_t) below(256);
    }

    if (below(2)) {
        memcpy(bytes, &nasty[below(8)], 4);
        at &= ~(size_t) 3;
        len = 4;
    }

    put(places->at[n] + at, bytes, recs_min(len, places->len[n] - at));

    fflush(stdout);
    pid = fork();

    if (pid == 0) {
        alarm(20);
        recs_manifest_parse(&m, (uint8_t *) text, strlen(text), &why);
        fd = open(mdb, O_RDONLY);

        if (recs_manifest_sha256(fd, m.sha256) != RECS_OK
            || recs_manifest_check(fd, &m, &why) != RECS_OK)
        {
            _exit(3);
        }

        rc = recs_snapshot_open(&s, fd, &why);

        if (rc == RECS_OK) {
            rc = touch(s) == 1;
            rc = recs_values(s, &m, &why) != RECS_OK;
            recs_snapshot_close(s);
        }

        _exit(rc != 0);
    }

    waitpid(pid, &status, 0);
    restore();

    return WIFSIGNALED(status) ? 2 : WEXITSTATUS(status);
}


static void
forge(void)
{
    int                i, fd, results[256];
    const char        *why;
    recs_snapshot_t   *s;

    static places_t  places;

    fd = open(mdb, O_RDONLY);
    ok(recs_snapshot_open(&s, fd, &why) == RECS_OK, "opened");
    close(fd);
    recs_snapshot_each(s, place, &places);
    recs_snapshot_close(s);

    memset(results, 0, sizeof(results));

    for (i = 0; i < FORGED; i++) {
        results[forged(&places)]++;
    }

    ok(results[0] + results[1] == FORGED, "values changed under a right hash: "
       "%d refused, %d accepted and readable, %d dead", results[1],
       results[0], results[2] + results[3]);
    ok(results[1] > 0, "some of it is seen");
}


/* Clicks of some days, of which the first are told as days. */

static void
clicks(recs_report_t *r)
{
    char                 names[3][32];
    unsigned             i;
    recs_error_t         err;
    static recs_event_t  e;

#define name(member, n, ...)                                                  \
    e.member.data = (uint8_t *) names[n];                                     \
    e.member.len = (size_t) sprintf(names[n], __VA_ARGS__)

    for (i = 0; i < 400; i++) {
        recs_event_init(&e);

        e.class = RECS_CLASS_ACTIVITY;
        e.type = RECS_EVENT_RECOMMENDATION_CLICK;
        e.time_ms = e.received_ms = SNAP_NOW - (int64_t) below(240) * 3600000;
        e.item_count = 1;
        recs_event_item_init(&e.items[0]);
        name(recommendation, 0, "r%u", i);
        name(placement, 1, "place-%zu", below(5));
        name(items[0].product, 2, "p%zu", below(100));

        (void) recs_report_add(r, &e, &err);
    }

    recs_report_clock(r, SNAP_NOW);
}


static void
publish(uint64_t from, uint64_t *id)
{
    recs_error_t            err;
    recs_config_t           c;
    recs_report_t          *r;
    recs_dataset_t         *d;
    recs_report_section_t   s;

    snap_config(&c, dir);
    d = snap_dataset(&c, 100, 1500, from);
    r = recs_report_create(&c);
    clicks(r);

    memset(&s, 0, sizeof(s));

    if (recs_report_section(&s, r, NULL, 0, 0, 0, &err) == RECS_OK) {
        c.report = &s.cells;
    }

    if (c.report == NULL || recs_publish(d, &c, NULL, id, &err) != RECS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }

    recs_report_section_free(&s);
    recs_report_destroy(r);
    recs_dataset_destroy(d);
}


static void
load(void)
{
    int          fd;
    ssize_t      n;
    struct stat  st;

    if (chmod(mdb, 0644) == -1 || stat(mdb, &st) == -1) {
        exit(1);
    }

    size = st.st_size;
    good = malloc(size);
    file = open(mdb, O_RDWR);
    fd = open(json, O_RDONLY);
    n = read(fd, text, sizeof(text) - 1);

    if (n <= 0 || pread(file, good, size, 0) != (ssize_t) size) {
        exit(1);
    }

    close(fd);
}


int
main(void)
{
    uint64_t     other, id;
    const char  *env;

    recs_message_init(RECS_MSG_WARN);

    env = getenv("SEED");
    seed = env ? strtoull(env, NULL, 10) : (uint64_t) time(NULL);
    printf("# SEED=%llu\n", (unsigned long long) seed);

    dir = snap_dir();
    chmod(dir, 0755);
    publish(1, &other);
    publish(2, &id);

    snprintf(mdb, sizeof(mdb), "%s/snap-%016llx.mdb", dir,
             (unsigned long long) id);
    snprintf(json, sizeof(json), "%s/snap-%016llx.json", dir,
             (unsigned long long) id);
    load();

    is_int(verify(mdb, 0), 0, "the good one is accepted");

    files();
    manifests();
    kinds(other);
    forge();

    snap_remove(dir);

    return done_testing();
}
