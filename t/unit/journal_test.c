/*
 * Copyright (C) recs authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../builder/source/feed.h"
#include "../../core/event/recs_segment.h"
#include "tap.h"


#define SIZE  8192


static char            base[64], journal[80], store[80];
static recs_error_t    err;
static recs_event_t    event;
static recs_log_t     *events;
static recs_feed_t     feed;
static unsigned        seen;


static void
begin(recs_segment_t *s, uint64_t epoch, uint32_t number, uint64_t first,
    unsigned head)
{
    int    fd;
    char   name[RECS_SEGMENT_NAME], path[128];
    void  *map;

    recs_segment_name(name, epoch, number, RECS_SEGMENT_ACTIVITY);
    snprintf(path, sizeof(path), "%s/%s", journal, name);

    fd = open(path, O_RDWR|O_CREAT|O_TRUNC, 0644);
    (void) !ftruncate(fd, SIZE);
    map = mmap(NULL, SIZE, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);

    memset(s, 0, sizeof(recs_segment_t));
    s->map = map;

    if (head) {
        recs_segment_begin(s, map, SIZE, epoch, first, RECS_SEGMENT_ACTIVITY,
                           1700000000000);
    }
}


static uint64_t
append(recs_segment_t *s, uint64_t sequence)
{
    size_t   len;
    uint8_t  payload[1024];

    recs_event_init(&event);
    event.type = 3;
    event.epoch = s->epoch;
    event.sequence = sequence ? sequence : s->next;
    event.received_ms = 1700000000000;
    event.time_ms = event.received_ms;
    event.session.bytes[0] = 1;
    event.item_count = 1;
    event.items[0].product.data = (const uint8_t *) "p1";
    event.items[0].product.len = 2;

    len = recs_event_encode(&event, payload, sizeof(payload));

    return recs_segment_append(s, payload, len);
}


static void
done(recs_segment_t *s, uint64_t epoch, uint32_t number)
{
    char  name[RECS_SEGMENT_NAME], path[128];

    munmap(s->map, SIZE);

    if (epoch) {
        recs_segment_name(name, epoch, number, RECS_SEGMENT_ACTIVITY);
        snprintf(path, sizeof(path), "%s/%s", journal, name);
        unlink(path);
    }
}


static int
count(void *ctx, const recs_event_t *e, recs_error_t *error)
{
    seen++;

    return RECS_OK;
}


static unsigned
stored(void)
{
    seen = 0;

    return recs_log_read(store, count, NULL, &err) == RECS_OK ? seen : ~0u;
}


static const char *
positions(void)
{
    int          fd;
    char         path[128];
    ssize_t      n;
    static char  text[512];

    snprintf(path, sizeof(path), "%s/positions", journal);
    fd = open(path, O_RDONLY);
    n = (fd == -1) ? 0 : read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';

    return text;
}


static void
start(void)
{
    recs_config_t  config;

    memset(&config, 0, sizeof(config));
    config.journal = journal;

    ok(recs_log_open(&events, store, &err) == RECS_OK, "log");
    ok(recs_feed_open(&feed, events, &config, &err) == RECS_OK, "feed");
}


static void
stop(void)
{
    recs_feed_close(&feed);
    recs_log_close(events);
}


#define poll_is(want, name)                                                   \
    is_int(recs_feed_poll(&feed, &err), want, name)

#define positions_are(want, name)                                             \
    do {                                                                      \
        const char  *tap_p = positions();                                     \
        is_str(tap_p, strlen(tap_p), want, name);                             \
    } while (0)


static void
reading(recs_segment_t *a)
{
    recs_segment_t  b, c;

    poll_is(RECS_AGAIN, "an empty journal");
    positions_are("", "no positions yet");

    begin(a, 0xa, 0, 1, 1);
    poll_is(RECS_AGAIN, "a segment without frames");
    append(a, 0);
    append(a, 0);
    poll_is(RECS_OK, "two frames");
    poll_is(RECS_AGAIN, "and no more");
    is_int(stored(), 2, "stored");
    positions_are("000000000000000a 2\n", "positions");

    append(a, 0);
    poll_is(RECS_OK, "another one");
    positions_are("000000000000000a 3\n", "positions");

    /* the next segment is made before it is begun */

    begin(&b, 0xa, 1, 0, 0);
    poll_is(RECS_AGAIN, "no head yet");
    recs_segment_end(a);
    recs_segment_begin(&b, b.map, SIZE, 0xa, 4, RECS_SEGMENT_ACTIVITY, 1);
    append(&b, 0);
    begin(&c, 0xb, 0, 1, 1);
    append(&c, 0);
    poll_is(RECS_OK, "two segments");
    positions_are("000000000000000a 4\n000000000000000b 1\n", "positions");

    done(a, 0xa, 0);
    append(&b, 0);
    poll_is(RECS_OK, "the first one is removed");
    positions_are("000000000000000a 5\n000000000000000b 1\n", "positions");
    done(&c, 0xb, 0);
    poll_is(RECS_AGAIN, "the other epoch is gone");
    positions_are("000000000000000a 5\n", "positions");
    is_int(stored(), 6, "stored");

    *a = b;
}


/* The log refuses a batch: it is read again, once. */

static void
refused(recs_segment_t *a)
{
    char  hidden[96];

    stop();

    /* an empty log cannot make its first file */

    snprintf(hidden, sizeof(hidden), "%s.old", store);
    rename(store, hidden);
    start();
    rmdir(store);
    poll_is(RECS_ERROR, "the log is away");
    ok(*err.text, "%s", err.text);
    poll_is(RECS_ERROR, "and still is");
    stop();

    rename(hidden, store);
    start();
    append(a, 0);
    poll_is(RECS_OK, "it is back");
    is_int(stored(), 7, "each once");
    is_int(feed.stats.events, 1, "one was new");
    is_int(feed.stats.duplicates, 0, "what is known is not decoded");
}


static void
damage(recs_segment_t *a)
{
    size_t          place;
    recs_segment_t  b;

    place = a->offset;
    append(a, 0);
    append(a, 0);
    begin(&b, 0xa, 2, 9, 1);
    append(&b, 0);

    a->map[place + 20] ^= 1;
    poll_is(RECS_OK, "the next segment is read");
    is_int(feed.stats.damaged, 1, "damage is counted");
    is_int(feed.stats.gaps, 1, "an alarm");
    is_int(stored(), 8, "what is behind it");
    positions_are("000000000000000a 6\n", "positions wait");
    poll_is(RECS_AGAIN, "nothing new");
    is_int(feed.stats.gaps, 1, "one alarm");

    feed.gap_wait_ms = 0;
    poll_is(RECS_AGAIN, "given up");
    is_int(feed.stats.lost, 2, "two are lost");
    poll_is(RECS_AGAIN, "positions go on");
    positions_are("000000000000000a 9\n", "positions");
    is_int(feed.stats.gaps, 1, "one alarm");

    /* a frame of another sequence, and one that is no event */

    append(&b, 77);
    append(&b, 0);
    recs_segment_append(&b, "\xc1 no event", 10);
    append(&b, 0);
    feed.gap_wait_ms = 10000;
    poll_is(RECS_OK, "read");
    is_int(feed.stats.damaged, 3, "damaged ones are counted");
    is_int(recs_log_position(events, 0xa), 9, "two gaps");
    is_int(stored(), 10, "and the rest");

    done(a, 0xa, 1);
    done(&b, 0xa, 2);
}


/* A worker ends a segment and cuts what is free behind the mark. */

static void
trimmed(void)
{
    char                  path[160];
    unsigned              n;
    uint64_t              damaged;
    recs_segment_t        a;
    recs_segment_head_t  *head;

    damaged = feed.stats.damaged;
    n = stored();

    begin(&a, 0x20, 0, 1, 1);
    append(&a, 0);
    poll_is(RECS_OK, "read");

    append(&a, 0);
    append(&a, 0);
    recs_segment_end(&a);
    head = (recs_segment_head_t *) a.map;
    head->size = 4096;
    snprintf(path, sizeof(path), "%s/0000000000000020-00000000.act.seg",
             journal);
    (void) !truncate(path, 4096);

    poll_is(RECS_OK, "read on in what is left");
    is_int(stored() - n, 3, "all of it");
    is_int(feed.stats.damaged, damaged, "nothing is damaged");
    poll_is(RECS_AGAIN, "and no more");
    done(&a, 0x20, 0);
}


/* Files that are no segments, too short, of another name, truncated. */

static void
strange(void)
{
    int             fd;
    char            from[160], to[160];
    recs_segment_t  a;

    begin(&a, 0xc, 0, 1, 1);
    append(&a, 0);
    snprintf(from, sizeof(from), "%s/000000000000000c-00000000.act.seg",
             journal);
    snprintf(to, sizeof(to), "%s/000000000000000d-00000000.act.seg", journal);
    rename(from, to);
    begin(&a, 0xe, 0, 1, 1);
    memset(a.map, 0x5a, 64);

    snprintf(to, sizeof(to), "%s/000000000000000f-00000000.act.seg", journal);
    fd = open(to, O_WRONLY|O_CREAT, 0644);
    close(fd);
    snprintf(to, sizeof(to), "%s/notes.txt", journal);
    fd = open(to, O_WRONLY|O_CREAT, 0644);
    close(fd);

    seen = (unsigned) feed.stats.damaged;
    poll_is(RECS_AGAIN, "no segments");
    is_int(feed.stats.damaged - seen, 2, "two are damaged");
    poll_is(RECS_AGAIN, "once");
    is_int(feed.stats.damaged - seen, 2, "two are damaged");

    begin(&a, 0x10, 0, 1, 1);
    append(&a, 0);
    poll_is(RECS_OK, "a good one");
    snprintf(to, sizeof(to), "%s/0000000000000010-00000000.act.seg", journal);
    (void) !truncate(to, 4096);
    poll_is(RECS_AGAIN, "truncated behind our back");
    is_int(feed.stats.damaged - seen, 3, "it is damaged");
    (void) !truncate(to, 0);
    poll_is(RECS_AGAIN, "and again");
}


int
main(void)
{
    char            command[96];
    recs_segment_t  a;
    recs_config_t   config;

    strcpy(base, "/tmp/recs-journal-XXXXXX");
    (void) !mkdtemp(base);
    snprintf(journal, sizeof(journal), "%s/journal", base);
    snprintf(store, sizeof(store), "%s/log", base);
    mkdir(journal, 0755);

    start();
    reading(&a);
    refused(&a);
    damage(&a);
    trimmed();
    strange();
    stop();

    memset(&config, 0, sizeof(config));
    config.journal = "/nonexistent/journal";
    ok(recs_log_open(&events, store, &err) == RECS_OK, "log");
    is_int(recs_feed_open(&feed, events, &config, &err), RECS_ERROR,
           "refused: %s", err.text);
    recs_log_close(events);

    snprintf(command, sizeof(command), "rm -rf %s", base);
    (void) !system(command);

    return done_testing();
}
