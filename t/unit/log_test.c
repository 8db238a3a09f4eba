/*
 * Copyright (C) recs authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../builder/data/log.h"
#include "../../builder/data/log_file.h"
#include "../../builder/data/spans.h"
#include "../../builder/memory.h"
#include "tap.h"


static recs_event_t  event;
static recs_error_t  err;
static char          dir[64];
static unsigned      seen, gaps;
static uint64_t      gap_from, gap_to;


static void
fresh(void)
{
    char  command[128];

    if (dir[0]) {
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        (void) !system(command);
    }

    strcpy(dir, "/tmp/recs-log-XXXXXX");
    (void) !mkdtemp(dir);
}


static const char *
path(unsigned number)
{
    static char  text[128];

    snprintf(text, sizeof(text), "%s/%08x.log", dir, number);

    return text;
}


static recs_log_t *
reopen(recs_log_t *log)
{
    if (log) {
        recs_log_close(log);
    }

    log = NULL;
    ok(recs_log_open(&log, dir, &err) == RECS_OK, "opened");

    if (log == NULL) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }

    return log;
}


static recs_event_t *
view(uint64_t epoch, uint64_t sequence, const char *product)
{
    recs_event_init(&event);
    event.type = 3;
    event.epoch = epoch;
    event.sequence = sequence;
    event.received_ms = 1700000000000;
    event.time_ms = 1700000000000;
    event.session.bytes[0] = 1;
    event.session.bytes[1] = 7;
    event.item_count = 1;
    event.items[0].product = str(product);

    return &event;
}


static recs_event_t *
import(int64_t received, const char *product)
{
    view(0, 0, product);
    event.received_ms = received;

    return &event;
}


static recs_event_t *
row(int64_t received, const char *product, const char *document)
{
    view(0, 0, product);
    event.class = RECS_CLASS_PRODUCT;
    event.type = 100;
    event.received_ms = received;
    event.time_ms = received;
    event.document = str(document);

    return &event;
}


static int
count(void *ctx, const recs_event_t *e, recs_error_t *error)
{
    seen++;

    return RECS_OK;
}


/* What was not taken since the log was opened, and why. */

static void
twice(const recs_log_t *log, uint64_t sequence, uint64_t message,
    uint64_t content)
{
    const uint64_t  *n = recs_log_stats(log)->duplicates;

    ok(n[RECS_TWICE_SEQUENCE] == sequence && n[RECS_TWICE_MESSAGE] == message
       && n[RECS_TWICE_CONTENT] == content,
       "known by sequence %u, messageId %u, content %u",
       (unsigned) n[RECS_TWICE_SEQUENCE], (unsigned) n[RECS_TWICE_MESSAGE],
       (unsigned) n[RECS_TWICE_CONTENT]);
}


static unsigned
stored(void)
{
    seen = 0;

    return recs_log_read(dir, count, NULL, &err) == RECS_OK ? seen : ~0u;
}


static int
gap(void *ctx, uint64_t epoch, uint64_t committed, uint64_t from, uint64_t to)
{
    if (to) {
        gaps++;
        gap_from = from;
        gap_to = to;
    }

    return RECS_OK;
}


static void
spans(void)
{
    unsigned      i, n, good;
    uint8_t       model[200];
    recs_spans_t  s;

    memset(&s, 0, sizeof(s));
    memset(model, 0, sizeof(model));
    srand(5);
    good = 1;

    for (n = 0; n < 20000; n++) {
        unsigned  from = 1 + rand() % 190, to = from + rand() % 9;

        if (rand() % 5 < 3) {
            recs_spans_add(&s, from, to);
            memset(model + from, 1, to - from + 1);

        } else {
            recs_spans_cut(&s, from, to);
            memset(model + from, 0, to - from + 1);
        }

        for (i = 1; i < 200; i++) {
            good &= recs_spans_has(&s, i) == model[i];
        }

        for (i = 1; i < s.count; i++) {
            good &= s.spans[i - 1].to + 1 < s.spans[i].from;
        }
    }

    ok(good, "spans are a set");
    recs_spans_free(&s);
}


static void
sequences(void)
{
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    is_str(recs_log_last(log), strlen(recs_log_last(log)), "", "no position");
    is_int(recs_log_add(log, view(9, 1, "a"), &err), RECS_OK, "1");
    is_int(recs_log_add(log, view(9, 2, "a"), &err), RECS_OK, "2, the same");
    is_int(recs_log_add(log, view(9, 1, "a"), &err), RECS_DECLINED,
           "1 again, in one batch");
    is_int(recs_log_commit(log, "{\"redis\":\"5-1\"}", &err), RECS_OK,
           "committed");
    is_int(recs_log_add(log, view(9, 2, "b"), &err), RECS_DECLINED,
           "2 again");
    is_int(recs_log_add(log, view(9, 5, "b"), &err), RECS_OK, "5");
    is_int(recs_log_add(log, view(8, 1, "b"), &err), RECS_OK,
           "another epoch");
    is_int(recs_log_commit(log, NULL, &err), RECS_OK, "committed");
    is_int(recs_log_position(log, 9), 2, "position before the gap");

    log = reopen(log);
    is_int(recs_log_position(log, 9), 2, "position after opening");
    is_int(recs_log_position(log, 8), 1, "of the other epoch");
    is_int(recs_log_position(log, 7), 0, "of none");
    is_str(recs_log_last(log), strlen(recs_log_last(log)),
           "{\"redis\":\"5-1\"}", "position of the source is kept");

    gaps = 0;
    recs_log_epochs(log, gap, NULL);
    ok(gaps == 1 && gap_from == 3 && gap_to == 4, "one gap, 3-4");

    is_int(recs_log_add(log, view(9, 5, "b"), &err), RECS_DECLINED,
           "5 again");
    is_int(recs_log_add(log, view(9, 4, "b"), &err), RECS_OK, "4");
    recs_log_lost(log, 9, 3, 3);
    is_int(recs_log_commit(log, NULL, &err), RECS_OK, "committed");
    is_int(recs_log_position(log, 9), 5, "3 is given up");

    log = reopen(log);
    is_int(recs_log_position(log, 9), 5, "3 is given up for good");
    is_int(recs_log_add(log, view(9, 3, "b"), &err), RECS_OK,
           "but taken when it comes");
    recs_log_abandon(log);
    is_int(recs_log_add(log, view(9, 3, "b"), &err), RECS_OK,
           "again after the batch was given up");
    recs_log_commit(log, NULL, &err);
    is_int(recs_log_add(log, view(9, 3, "b"), &err), RECS_DECLINED,
           "once only");
    is_int(recs_log_add(log, view(9, UINT64_MAX, "b"), &err), RECS_ERROR,
           "no sequence: %s", err.text);

    is_int(stored(), 6, "events");
    is_int(recs_log_stats(log)->stored, 6, "events counted");
    twice(log, 1, 0, 0);
    recs_log_close(log);
}


static void
messages(void)
{
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    view(3, 1, "a")->message_id = str("m1");
    is_int(recs_log_add(log, &event, &err), RECS_OK, "m1");
    view(3, 2, "a")->message_id = str("m1");
    is_int(recs_log_add(log, &event, &err), RECS_DECLINED, "m1 again");
    view(3, 3, "a")->message_id = str("m1");
    event.session.bytes[1] = 8;
    is_int(recs_log_add(log, &event, &err), RECS_OK,
           "m1 of somebody else");
    recs_log_commit(log, NULL, &err);
    is_int(recs_log_position(log, 3), 3, "no gap where m1 was dropped");

    log = reopen(log);
    is_int(recs_log_position(log, 3), 3, "nor after opening");
    view(4, 1, "a")->message_id = str("m1");
    is_int(recs_log_add(log, &event, &err), RECS_DECLINED,
           "m1 from another epoch");
    recs_log_commit(log, NULL, &err);

    log = reopen(log);
    is_int(recs_log_position(log, 4), 1, "a batch of nothing but that");

    import(1, "z")->message_id = str("m1");
    is_int(recs_log_add(log, &event, &err), RECS_DECLINED,
           "m1 from a file");
    twice(log, 0, 1, 0);
    is_int(stored(), 2, "events");
    recs_log_close(log);
}


static void
imports(void)
{
    unsigned     i;
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    for (i = 0; i < 3; i++) {
        recs_log_import(log);

        is_int(recs_log_add(log, import(i, "a"), &err),
               i ? RECS_DECLINED : RECS_OK, "import %u: a", i);
        is_int(recs_log_add(log, import(i, "b"), &err),
               i ? RECS_DECLINED : RECS_OK, "b");
        is_int(recs_log_add(log, import(i, "a"), &err),
               i ? RECS_DECLINED : RECS_OK, "a, an equal line");

        if (i == 2) {
            is_int(recs_log_add(log, import(i, "a"), &err), RECS_OK,
                   "a, a third one");
        }

        twice(log, 0, 0, i ? 3 : 0);

        recs_log_commit(log, NULL, &err);
        log = reopen(log);
    }

    is_int(stored(), 4, "events");

    /* what was abandoned is not known */

    recs_log_import(log);
    is_int(recs_log_add(log, import(1, "c"), &err), RECS_OK, "c");
    recs_log_abandon(log);
    recs_log_import(log);
    is_int(recs_log_add(log, import(1, "c"), &err), RECS_OK, "c again");
    recs_log_abandon(log);

    recs_log_close(log);
}


static void
rows(void)
{
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    is_int(recs_log_add(log, row(1, "p", "{\"price\":1}"), &err), RECS_OK,
           "a row");
    is_int(recs_log_add(log, row(1, "q", "{\"price\":1}"), &err), RECS_OK,
           "of another product");
    recs_log_commit(log, NULL, &err);

    recs_log_import(log);
    is_int(recs_log_add(log, row(2, "p", "{\"price\":1}"), &err),
           RECS_DECLINED, "says the same");
    is_int(recs_log_add(log, row(2, "p", "{\"price\":2}"), &err), RECS_OK,
           "says something else");
    recs_log_abandon(log);
    is_int(recs_log_add(log, row(2, "p", "{\"price\":1}"), &err),
           RECS_DECLINED, "that was abandoned");
    is_int(recs_log_add(log, row(2, "p", "{\"price\":2}"), &err), RECS_OK,
           "says something else");
    recs_log_commit(log, NULL, &err);

    log = reopen(log);
    recs_log_import(log);
    is_int(recs_log_add(log, row(3, "p", "{\"price\":2}"), &err),
           RECS_DECLINED, "says the same");
    is_int(recs_log_add(log, row(3, "p", "{\"price\":1}"), &err), RECS_OK,
           "is what it was at first");
    recs_log_commit(log, NULL, &err);

    /* a row with a time is a fact */

    row(4, "p", "{\"price\":1}")->time_ms = 17;
    is_int(recs_log_add(log, &event, &err), RECS_OK, "at a time");
    recs_log_commit(log, NULL, &err);
    recs_log_import(log);
    row(5, "p", "{\"price\":1}")->time_ms = 17;
    is_int(recs_log_add(log, &event, &err), RECS_DECLINED, "the same fact");

    is_int(stored(), 5, "events");
    recs_log_close(log);
}


static void
lock(void)
{
    recs_log_t  *log, *other;

    fresh();
    log = reopen(NULL);

    is_int(recs_log_open(&other, dir, &err), RECS_DECLINED,
           "one writer: %s", err.text);
    recs_log_close(log);

    log = reopen(NULL);
    recs_log_close(log);

    is_int(recs_log_open(&other, "/nonexistent/log", &err), RECS_ERROR,
           "refused: %s", err.text);
    is_int(recs_log_read("/nonexistent/log", count, NULL, &err), RECS_ERROR,
           "refused: %s", err.text);
}


/* A batch longer than a frame holds is committed in parts. */

static void
longer(void)
{
    char         product[32];
    static char  text[2000];
    unsigned     i;
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    for (i = 0; i < sizeof(text) - 1; i++) {
        text[i] = (char) ('a' + i % 26);
    }

    for (i = 0; i < 6000; i++) {
        snprintf(product, sizeof(product), "%u", i);
        row(1, product, text);
        recs_log_add(log, &event, &err);
    }

    ok(stored() > 3000 && seen < 6000, "the first part is there: %u", seen);
    recs_log_abandon(log);
    recs_log_import(log);

    for (i = 0; i < 6000; i++) {
        snprintf(product, sizeof(product), "%u", i);
        row(1, product, text);
        recs_log_add(log, &event, &err);
    }

    is_int(recs_log_commit(log, "x", &err), RECS_OK, "committed");
    is_int(stored(), 6000, "each once");
    log = reopen(log);
    is_int(recs_log_stats(log)->stored, 6000, "each once");
    recs_log_close(log);
}


static int
visit(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    char  want[16];

    snprintf(want, sizeof(want), "p%u", seen++);

    if (batch->position.len != strlen(want)
        || memcmp(batch->position.data, want, strlen(want)) != 0)
    {
        gaps++;
    }

    return RECS_OK;
}


static void
append(recs_log_file_t *f, unsigned i)
{
    char              position[16];
    uint8_t           frames[100];
    recs_log_batch_t  batch;

    snprintf(position, sizeof(position), "p%u", i);
    memset(frames, (int) i, sizeof(frames));

    batch.position = str(position);
    batch.frames.data = frames;
    batch.frames.len = sizeof(frames);
    batch.events = 0;

    ok(recs_log_file_append(f, &batch, &err) == RECS_OK, "batch %u %s", i,
       err.text);
}


static void
segments(void)
{
    unsigned         i;
    uint64_t         torn;
    recs_log_file_t  f;
    recs_log_place_t end, middle;

    fresh();
    seen = gaps = 0;
    recs_log_file_open(&f, dir, visit, NULL, &err);
    f.limit = 300;

    for (i = 0; i < 20; i++) {
        append(&f, i);

        if (i == 9) {
            middle = f.end;
        }
    }

    ok(f.end.number > 3, "files: %u", f.end.number);
    recs_log_file_close(&f);

    is_int(recs_log_file_scan(dir, NULL, visit, NULL, &end, &torn, &err),
           RECS_OK, "read");
    ok(seen == 20 && gaps == 0, "all in order");

    seen = 0;
    is_int(recs_log_file_scan(dir, &middle, visit, NULL, &end, &torn, &err),
           RECS_OK, "read up to a place");
    ok(seen == 10 && gaps == 0, "ten of them");

    /* a file that has not got its head yet */

    close(open(path(f.end.number + 1), O_WRONLY|O_CREAT, 0644));
    seen = 0;
    is_int(recs_log_file_open(&f, dir, visit, NULL, &err), RECS_OK,
           "opened with an empty file");
    ok(seen == 20, "all there");
    append(&f, 20);
    recs_log_file_close(&f);

    seen = 0;
    is_int(recs_log_file_scan(dir, NULL, visit, NULL, &end, &torn, &err),
           RECS_OK, "read");
    ok(seen == 21 && gaps == 0, "all in order");

    unlink(path(2));
    seen = 0;
    is_int(recs_log_file_scan(dir, NULL, visit, NULL, &end, &torn, &err),
           RECS_ERROR, "refused: %s", err.text);
}


/* Every length of the last file, alone and with garbage after it. */

static void
torn(void)
{
    int          fd;
    size_t       size, i, ends[8];
    char        *image;
    unsigned     n, bad, mode;
    struct stat  st;
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);

    for (n = 0; n < 6; n++) {
        recs_log_add(log, view(1, n + 1, "some product"), &err);
        recs_log_commit(log, "here", &err);
        stat(path(1), &st);
        ends[n] = (size_t) st.st_size;
    }

    recs_log_close(log);

    size = ends[5];
    image = malloc(size);
    fd = open(path(1), O_RDONLY);
    ok(read(fd, image, size) == (ssize_t) size, "image of %zu bytes", size);
    close(fd);

    bad = 0;
    recs_message_init(RECS_MSG_WARN);

    for (mode = 0; mode < 3; mode++) {
        for (i = 0; i < size; i++) {
            fd = open(path(1), O_WRONLY|O_TRUNC);
            bad += write(fd, image, i) != (ssize_t) i;

            if (mode) {
                static char  zeros[99], noise[99];

                memset(noise, 0x5a, sizeof(noise));
                bad += write(fd, mode == 1 ? zeros : noise, 99) != 99;
            }

            close(fd);

            for (n = 0; n < 6 && ends[n] <= i; n++) { /* void */ }

            /* without its head a file with something in it is no log */

            if (i < RECS_LOG_HEAD && mode) {
                continue;
            }

            if (recs_log_open(&log, dir, &err) != RECS_OK) {
                printf("# %zu %u %s\n", i, mode, err.text);
                bad++;
                continue;
            }

            bad += recs_log_position(log, 1) != n;
            recs_log_add(log, view(1, n + 1, "x"), &err);
            bad += recs_log_commit(log, NULL, &err) != RECS_OK;
            recs_log_close(log);
            bad += stored() != n + 1;
        }
    }

    is_int(bad, 0, "whatever is cut off, the rest is a prefix");

    /* a flipped byte in the middle is no torn end */

    for (i = ends[0]; i < ends[4]; i += 7) {
        fd = open(path(1), O_WRONLY|O_TRUNC);
        image[i] ^= 0x10;
        bad += write(fd, image, size) != (ssize_t) size;
        image[i] ^= 0x10;
        close(fd);

        bad += recs_log_open(&log, dir, &err) != RECS_ERROR;
        bad += stored() != ~0u;
    }

    is_int(bad, 0, "damage is no torn end: %s", err.text);
    recs_message_init(RECS_MSG_DEBUG);
    free(image);
}


/* Who listens gets what is committed, and nothing else. */

static void
listener(void)
{
    recs_log_t  *log;

    fresh();
    log = reopen(NULL);
    seen = 0;

    recs_log_listen(log, count, NULL);

    (void) recs_log_add(log, view(0xa, 1, "p"), &err);
    (void) recs_log_add(log, view(0xa, 2, "p"), &err);
    (void) recs_log_add(log, view(0xa, 2, "p"), &err);
    is_int(seen, 0, "not before the commit");

    is_int(recs_log_commit(log, "1", &err), RECS_OK, "commit");
    is_int(seen, 2, "each new event");

    (void) recs_log_add(log, view(0xa, 3, "p"), &err);
    recs_log_abandon(log);
    (void) recs_log_commit(log, "2", &err);
    is_int(seen, 2, "not what was abandoned");

    recs_log_listen(log, NULL, NULL);
    (void) recs_log_add(log, view(0xa, 3, "p"), &err);
    (void) recs_log_commit(log, "3", &err);
    is_int(seen, 2, "nobody listens");

    seen = 0;
    is_int(recs_log_tail(log, 1000, count, NULL, &err), RECS_OK, "tail");
    is_int(seen, 3, "since long ago: all");
    is_int(recs_log_tail(log, INT64_MAX / 2, count, NULL, &err), RECS_OK,
           "tail");
    is_int(seen, 3, "since later than its files: nothing");

    recs_log_close(log);
}


int
main(void)
{
    spans();
    sequences();
    messages();
    imports();
    rows();
    lock();
    longer();
    segments();
    torn();
    listener();

    fresh();
    rmdir(dir);

    return done_testing();
}
