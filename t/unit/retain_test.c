/*
 * Copyright (C) recs authors
 *
 * Old files of the event log go: what is known of them stays.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../builder/data/checkpoint.h"
#include "../../builder/data/log_archive.h"
#include "../../builder/data/log_retain.h"
#include "../../builder/data/log_rows.h"
#include "../../builder/memory.h"
#include "tap.h"


#define OLD   1600000000000
#define DAY   86400000

static recs_event_t  event;
static recs_error_t  err;
static char          dir[64], archive[80];
static char          rows[4096];
static unsigned      seen, activities;
static uint64_t      folded;


static void
fresh(void)
{
    char  command[160];

    if (dir[0]) {
        snprintf(command, sizeof(command), "rm -rf %s %s", dir, archive);
        (void) !system(command);
    }

    strcpy(dir, "/tmp/recs-retain-XXXXXX");
    (void) !mkdtemp(dir);
    snprintf(archive, sizeof(archive), "%s.old", dir);
}


static unsigned
there(const char *where, unsigned number)
{
    char  path[128];

    snprintf(path, sizeof(path), "%s/%08x.log", where, number);

    return access(path, F_OK) == 0;
}


static int
listed(const char *suffix)
{
    int        rc;
    char       path[128];
    size_t     count;
    uint32_t  *numbers;

    snprintf(path, sizeof(path), "%s%s", archive, suffix);
    rc = recs_log_archive_list(path, dir, &numbers, &count, &err);
    free(numbers);

    return (rc == RECS_OK) ? (int) count : -1;
}


static recs_event_t *
view(uint64_t epoch, uint64_t sequence, int64_t time, const char *product)
{
    recs_event_init(&event);
    event.type = 3;
    event.epoch = epoch;
    event.sequence = sequence;
    event.received_ms = time;
    event.time_ms = time;
    event.session.bytes[0] = 1;
    event.session.bytes[1] = 7;
    event.item_count = 1;
    event.items[0].product = str(product);

    return &event;
}


static recs_event_t *
row(int64_t time, const char *product, const char *document)
{
    static char  text[128];

    /* as a source has it */

    snprintf(text, sizeof(text), "{\"productId\":\"%s\",%s", product,
             document + 1);

    view(0, 0, time, product);
    event.class = RECS_CLASS_PRODUCT;
    event.type = 100;
    event.document = str(text);

    return &event;
}


static recs_event_t *
person(int64_t time, unsigned number, const char *document)
{
    view(0, 0, time, "");
    event.document = str(document);
    event.class = RECS_CLASS_USER;
    event.type = 101;
    event.item_count = 0;
    event.user.bytes[0] = 1;
    event.user.bytes[1] = (uint8_t) number;

    return &event;
}


static void
add(recs_log_t *log, const recs_event_t *e)
{
    if (recs_log_add(log, e, &err) != RECS_OK) {
        ok(0, "added");
    }
}


static void
file(recs_log_t *log)
{
    if (recs_log_commit(log, "{\"redis\":\"7-1\"}", &err) != RECS_OK
        || recs_log_roll(log, INT64_MAX, &err) != RECS_OK)
    {
        ok(0, "another file: %s", err.text);
    }
}


static int
count(void *ctx, const recs_event_t *e, recs_error_t *error)
{
    const char  *text;

    seen++;

    if (e->class == RECS_CLASS_ACTIVITY) {
        activities++;
        return RECS_OK;
    }

    text = memchr(e->document.data, ',', e->document.len);
    text = text ? text : (const char *) e->document.data;
    strncat(rows, text, (size_t) ((const char *) e->document.data
                                  + e->document.len - text));

    return RECS_OK;
}


static unsigned
stored(void)
{
    seen = 0;
    activities = 0;
    rows[0] = '\0';

    return recs_log_read(dir, count, NULL, &err) == RECS_OK ? seen : ~0u;
}


static int
load(void *ctx, const void *data, size_t len, recs_error_t *e)
{
    folded = 0;

    if (len) {
        memcpy(&folded, data, sizeof(folded));
    }

    return RECS_OK;
}


static int
fold(void *ctx, const recs_event_t *e, recs_error_t *error)
{
    folded += (e->class == RECS_CLASS_ACTIVITY);

    return RECS_OK;
}


static void *
save(void *ctx, int64_t newest_ms, size_t *len)
{
    void  *data;

    *len = sizeof(folded);
    data = recs_alloc(*len);
    memcpy(data, &folded, *len);

    return data;
}


static int
retain(int64_t before, const char *to, recs_log_retained_t *done)
{
    int                 rc;
    recs_log_file_t     files;
    recs_log_fold_t     folds = { NULL, load, fold, save };
    recs_log_retain_t   how = { 0, 5, NULL, &folds };

    how.before_ms = before;
    how.archive = to;

    rc = recs_log_file_take(&files, dir, &err);

    if (rc == RECS_OK) {
        rc = recs_log_retain(&files, &how, done, &err);
        recs_log_file_close(&files);
    }

    if (rc != RECS_OK) {
        printf("# %s\n", err.text);
    }

    return rc;
}


static recs_log_t *
opened(void)
{
    recs_log_t  *log;

    if (recs_log_open(&log, dir, &err) != RECS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }

    return log;
}


static void
files(void)
{
    int64_t               soon;
    recs_log_t           *log;
    recs_checkpoint_t     c;
    recs_log_retained_t   done;

    fresh();
    log = opened();
    soon = (int64_t) time(NULL) * 1000 + 2 * DAY;

    add(log, view(9, 1, OLD, "a"));
    add(log, view(9, 2, OLD, "a"));
    add(log, view(9, 5, OLD, "a"));
    recs_log_lost(log, 9, 4, 4);
    add(log, view(0, 0, OLD, "imported"));
    add(log, view(0, 0, OLD, "imported"));
    add(log, row(OLD, "p", "{\"title\":\"one\",\"price\":1}"));
    add(log, row(OLD + 1, "q", "{\"price\":7}"));
    add(log, row(OLD + 2, "p", "{\"stock\":3}"));
    add(log, person(OLD, 1, "{\"region\":\"x\"}"));
    file(log);

    add(log, row(OLD + 5, "p", "{\"title\":\"two\",\"price\":2}"));
    add(log, row(OLD + 6, "p", "{\"stock\":4}"));
    add(log, row(OLD + 7, "p", "{\"stock\":5}"));
    add(log, row(OLD + 8, "p", "{\"price\":9}"));
    add(log, person(OLD + 9, 1, "{\"region\":\"y\"}"));
    add(log, person(OLD + 9, 2, "{\"region\":\"z\"}"));
    add(log, view(9, 6, OLD, "b"));
    file(log);

    add(log, view(9, 7, soon + 5, "b"));
    file(log);

    add(log, view(9, 8, OLD, "c"));
    recs_log_commit(log, "{\"redis\":\"8-1\"}", &err);
    recs_log_close(log);

    is_int(stored(), 18, "events");
    is_int(retain(OLD, NULL, &done), RECS_OK, "nothing is so old");
    is_int(done.files, 0, "nothing goes");

    is_int(listed("none"), 0, "nothing is archived before");
    is_int(retain(soon, archive, &done), RECS_OK, "retention");
    is_int(done.files, 2, "two files go, one is too new");
    is_int(done.events, 16, "with their events");
    is_int(done.rows, 6, "rows are kept");
    ok(!there(dir, 1) && !there(dir, 2) && there(dir, 3), "they are gone");
    ok(there(archive, 1) && there(archive, 2), "to the archive");
    is_int(listed(""), 2, "which has them");
    is_int(listed("none"), -1, "one that is not there should have some");

    is_int(stored(), 8, "what is left");
    is_int(activities, 2, "of activities");
    is_str(rows, strlen(rows), ",\"price\":7},\"title\":\"two\",\"price\":2}"
           ",\"stock\":5},\"price\":9}{\"region\":\"y\"}{\"region\":\"z\"}",
           "the rows in force");

    is_int(recs_checkpoint_open(&c, dir, &err), RECS_OK, "a checkpoint");
    is_int(c.first, 3, "the first file that is needed");
    is_int(folded, 6, "the aggregate has what is gone");
    recs_checkpoint_close(&c);

    log = opened();
    is_int(recs_log_position(log, 9), 2, "the gap is still there");
    is_str(recs_log_last(log), strlen(recs_log_last(log)),
           "{\"redis\":\"8-1\"}", "the position, too");
    is_int(recs_log_add(log, view(9, 5, OLD, "a"), &err), RECS_DECLINED,
           "a sequence is known");
    is_int(recs_log_add(log, view(9, 3, OLD, "a"), &err), RECS_OK,
           "a missing one is not");
    is_int(recs_log_add(log, view(9, 4, OLD, "a"), &err), RECS_OK,
           "one that was given up is welcome");
    recs_log_import(log);
    is_int(recs_log_add(log, view(0, 0, OLD, "imported"), &err),
           RECS_DECLINED, "an imported event is known");
    is_int(recs_log_add(log, view(0, 0, OLD, "imported"), &err),
           RECS_DECLINED, "twice");
    is_int(recs_log_add(log, view(0, 0, OLD, "imported"), &err), RECS_OK,
           "a third one is new");
    is_int(recs_log_add(log, row(OLD + 8, "p", "{\"price\":9}"), &err),
           RECS_DECLINED, "a row in force is known");
    is_int(recs_log_add(log, row(OLD + 20, "p", "{\"price\":2}"), &err),
           RECS_OK, "another one is not");
    recs_log_commit(log, "{\"redis\":\"8-2\"}", &err);
    is_int(recs_log_position(log, 9), 8, "the gap is closed");
    file(log);
    add(log, view(9, 9, OLD, "d"));
    recs_log_commit(log, NULL, &err);
    recs_log_close(log);

    is_int(stored(), 13, "it goes on");

    is_int(retain(soon + DAY, NULL, &done), RECS_OK, "once more");
    is_int(done.files, 2, "two files go");
    is_int(folded, 11, "the aggregate goes on from the checkpoint");
    is_int(stored(), 7, "rows and the last file");
    is_str(rows, strlen(rows), ",\"price\":7},\"title\":\"two\",\"price\":2}"
           ",\"stock\":5}{\"region\":\"y\"}{\"region\":\"z\"},\"price\":2}",
           "rows of two checkpoints");

    log = opened();
    is_int(recs_log_position(log, 9), 9, "position");
    recs_log_import(log);
    is_int(recs_log_add(log, view(0, 0, OLD, "imported"), &err),
           RECS_DECLINED, "an imported event is known for good");
    recs_log_close(log);
}


/* A crash between the commit and the removal, and damage. */

static void
crash(void)
{
    char                  command[256];
    recs_log_t           *log;
    recs_log_retained_t   done;

    fresh();
    log = opened();
    add(log, view(4, 1, OLD, "a"));
    file(log);
    add(log, view(4, 2, OLD, "b"));
    recs_log_commit(log, NULL, &err);
    recs_log_close(log);

    snprintf(command, sizeof(command), "cp %s/00000001.log %s/1", dir, dir);
    (void) !system(command);
    is_int(retain((int64_t) time(NULL) * 1000 + DAY, NULL, &done), RECS_OK,
           "retention");
    snprintf(command, sizeof(command), "mv %s/1 %s/00000001.log", dir, dir);
    (void) !system(command);

    is_int(stored(), 1, "what the checkpoint stands for is not read");
    is_int(retain(OLD, NULL, &done), RECS_OK, "the next retention");
    is_int(done.files, 1, "removes it");
    ok(!there(dir, 1), "it is gone");

    snprintf(command, sizeof(command), "printf x | dd of=%s/checkpoint bs=1 "
             "seek=30 conv=notrunc 2>/dev/null", dir);
    (void) !system(command);
    is_int(recs_log_open(&log, dir, &err), RECS_ERROR, "damage: %s",
           err.text);

    snprintf(command, sizeof(command), "rm %s/checkpoint", dir);
    (void) !system(command);
    is_int(recs_log_open(&log, dir, &err), RECS_ERROR, "no checkpoint: %s",
           err.text);
}


/* Against every row before and after each: which one the dataset believes. */

static void
force(void)
{
    struct { int product, whole, time; } r[300];

    char               text[64], product[8];
    int                good, want, covered;
    unsigned           i, j, seed, kept;
    recs_log_rows_t   *p;

    seed = (unsigned) time(NULL);
    srand(seed);
    printf("# SEED %u\n", seed);

    p = recs_log_rows_create();

    for (i = 0; i < 300; i++) {
        r[i].product = rand() % 20;
        r[i].whole = rand() % 4 == 0;
        r[i].time = rand() % 50;
        snprintf(product, sizeof(product), "p%d", r[i].product);
        snprintf(text, sizeof(text), r[i].whole ? "{\"title\":\"%u\"}"
                                                : "{\"stock\":%u}", i);
        recs_log_rows_add(p, row(OLD + r[i].time, product, text));
    }

    good = 1;
    kept = 0;

    for (i = 0; i < 300; i++) {
        want = 1;

        for (j = 0; j < 300; j++) {
            covered = r[j].product == r[i].product
                      && (r[j].time > r[i].time
                          || (r[j].time == r[i].time && j > i))
                      && (r[j].whole || !r[i].whole);
            want &= !covered;
        }

        good &= (recs_log_rows_next(p) == want);
        kept += (unsigned) want;
    }

    ok(good, "%u rows of 300 are in force", kept);
    recs_log_rows_destroy(p);
}


int
main(void)
{
    char  command[160];

    files();
    crash();
    force();

    snprintf(command, sizeof(command), "rm -rf %s %s", dir, archive);
    (void) !system(command);

    return done_testing();
}
