/*
 * Copyright (C) recs authors
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../core/event/recs_segment.h"
#include "tap.h"


#define SIZE   4096
#define EPOCH  0x0123456789abcdefULL


static uint8_t  map[SIZE] __attribute__((aligned(64)));


static void
test_names(void)
{
    size_t    i;
    char      name[RECS_SEGMENT_NAME];
    uint32_t  number, kind;
    uint64_t  epoch;

    static const char *const  strangers[] = {
        "", "positions", "key", "0123456789abcdef-00000007.act",
        "0123456789abcdef-00000007.sct.seg",
        "0123456789ABCDEF-00000007.act.seg",
        "0123456789abcdef-00000007.act.seg~",
        "0123456789abcdef_00000007.act.seg",
        "0123456789abcdeg-00000007.act.seg"
    };

    memset(name, 'x', sizeof(name));
    recs_segment_name(name, EPOCH, 7, RECS_SEGMENT_ACTIVITY);
    is_str(name, strlen(name), "0123456789abcdef-00000007.act.seg", "a name");

    recs_segment_name(name, 1, 0xffffffff, RECS_SEGMENT_EXPOSURE);
    is_str(name, strlen(name), "0000000000000001-ffffffff.exp.seg", "another");

    is_int(recs_segment_parse(name, &epoch, &number, &kind), RECS_OK, "back");
    ok(epoch == 1 && number == 0xffffffff && kind == RECS_SEGMENT_EXPOSURE,
       "the same");

    for (i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        is_int(recs_segment_parse(strangers[i], &epoch, &number, &kind),
               RECS_DECLINED, "\"%s\" is none", strangers[i]);
    }
}


static void
test_append(void)
{
    uint64_t         n, sequence;
    recs_str_t       payload;
    const char      *err;
    recs_segment_t   w, r;

    memset(map, 0, SIZE);

    is_int(recs_segment_attach(&r, map, SIZE, &err), RECS_ERROR, "no head");

    recs_segment_begin(&w, map, SIZE, EPOCH, 41, RECS_SEGMENT_ACTIVITY, 1000);

    is_int(recs_segment_attach(&r, map, SIZE, &err), RECS_OK, "a head");
    ok(r.epoch == EPOCH && r.next == 41 && r.kind == RECS_SEGMENT_ACTIVITY,
       "what it says");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_AGAIN,
           "nothing yet");

    is_int(recs_segment_append(&w, "one", 3), 41, "a frame");
    is_int(recs_segment_append(&w, "twotwotwo", 9), 42, "another");
    is_int(recs_segment_append(&w, "", 0), 0, "nothing is no frame");

    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_OK, "read");
    is_str(payload.data, payload.len, "one", "payload");
    is_int(sequence, 41, "sequence");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_OK, "read");
    is_str(payload.data, payload.len, "twotwotwo", "payload");
    is_int(sequence, 42, "sequence");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_AGAIN,
           "no more yet");

    for (n = 43; recs_segment_append(&w, "fill it up", 10) == n; n++) {
        /* void */
    }

    is_int(w.next, n, "full");
    ok(n > 43 + 100, "with %d frames", (int) n - 41);

    recs_segment_end(&w);
    is_int(recs_segment_append(&w, "x", 1), 0, "nothing after the end");

    while (recs_segment_next(&r, &payload, &sequence, &err) == RECS_OK) {
        /* void */
    }

    is_int(sequence, n - 1, "all are read");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_DONE,
           "ended");
}


/* A writer of another process is killed at any moment. */

static void
test_killed(void)
{
    int              i, rc, round, status, bad;
    pid_t            pid;
    uint8_t         *shared;
    uint64_t         sequence, last;
    recs_str_t       payload;
    const char      *err;
    recs_segment_t   w, r;

    shared = mmap(NULL, 1 << 20, PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    bad = 0;
    fflush(stdout);

    for (round = 0; round < 20; round++) {
        memset(shared, 0, 1 << 20);
        recs_segment_begin(&w, shared, 1 << 20, EPOCH, 1,
                           RECS_SEGMENT_ACTIVITY, 0);

        pid = fork();

        if (pid == 0) {
            for (i = 0; recs_segment_append(&w, "123456789012345678", 18);
                 i++)
            {
                /* void */
            }

            for ( ;; ) {
                pause();
            }
        }

        usleep((useconds_t) (round * 50));
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);

        bad += recs_segment_attach(&r, shared, 1 << 20, &err) != RECS_OK;
        last = 0;

        while ((rc = recs_segment_next(&r, &payload, &sequence, &err))
               == RECS_OK)
        {
            bad += payload.len != 18 || sequence != ++last;
        }

        /* who adopts it goes on behind the last whole frame */

        bad += rc != RECS_AGAIN;
        recs_segment_end(&r);
        bad += recs_segment_next(&r, &payload, &sequence, &err) != RECS_DONE;
    }

    is_int(bad, 0, "20 killed writers leave whole frames");

    munmap(shared, 1 << 20);
}


static void
test_damaged(void)
{
    size_t           place;
    uint64_t         sequence;
    recs_str_t       payload;
    const char      *err;
    recs_segment_t   w, r;

    memset(map, 0, SIZE);
    recs_segment_begin(&w, map, SIZE, EPOCH, 1, RECS_SEGMENT_EXPOSURE, 0);
    recs_segment_append(&w, "one", 3);
    place = w.offset;

    /* killed while it copied the payload: the length is not there */

    memcpy(map + place + RECS_FRAME_HEAD, "half of wh", 10);

    recs_segment_attach(&r, map, SIZE, &err);
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_OK, "one");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_AGAIN,
           "half a frame is not there");

    is_int(recs_segment_append(&w, "two", 3), 2, "written over");
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_OK, "two");
    is_str(payload.data, payload.len, "two", "whole");

    place = w.offset;
    recs_segment_append(&w, "three", 5);
    recs_segment_append(&w, "four", 4);
    map[place + RECS_FRAME_HEAD] ^= 0x10;

    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_ERROR,
           "a flipped bit");
    is_int(r.offset, place, "does not advance");
    is_int(r.next, 3, "and neither does the sequence");

    map[place + RECS_FRAME_HEAD] ^= 0x10;
    map[place + 1] = 0x7f;
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_ERROR,
           "longer than the segment");

    map[place + 3] = 0x7f;
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_ERROR,
           "longer than any frame");

    memset(map + place, 0xff, 4);
    is_int(recs_segment_next(&r, &payload, &sequence, &err), RECS_DONE,
           "the end mark");
}


static void
test_head(void)
{
    const char      *err;
    recs_segment_t   s;

    memset(map, 0, SIZE);
    recs_segment_begin(&s, map, SIZE, EPOCH, 1, RECS_SEGMENT_ACTIVITY, 0);
    ok(memcmp(map, "RECSSEG1", 8) == 0, "the magic can be read");

    is_int(recs_segment_attach(&s, map, 63, &err), RECS_ERROR, "too short");
    is_int(recs_segment_attach(&s, map, SIZE - 8, &err), RECS_ERROR,
           "truncated");
    is_str(err, strlen(err), "segment is truncated", "says so");

    map[8] = 2;
    is_int(recs_segment_attach(&s, map, SIZE, &err), RECS_ERROR, "version");
    map[8] = 1;
    map[12] = 3;
    is_int(recs_segment_attach(&s, map, SIZE, &err), RECS_ERROR, "kind");
    map[0] = 'X';
    is_int(recs_segment_attach(&s, map, SIZE, &err), RECS_ERROR, "magic");
    is_str(err, strlen(err), "file is not a segment", "says so");
}


int
main(void)
{
    test_names();
    test_append();
    test_killed();
    test_damaged();
    test_head();

    return done_testing();
}
