/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <unistd.h>

#include "../../builder/source/positions.h"
#include "tap.h"


#define TEST_DAY  ((int64_t) 86400 * 1000)


static recs_positions_t  p;
static recs_log_t       *events;
static char              said[65536];
static unsigned          commands, broken;


static int
command(void *ctx, int argc, const char **argv)
{
    int  i;

    if (broken) {
        return RECS_ERROR;
    }

    commands++;

    for (i = 0; i < argc; i++) {
        snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s",
                 argv[i], i == argc - 1 ? "\n" : " ");
    }

    return RECS_OK;
}


static void
add(uint64_t epoch, uint64_t from, uint64_t to)
{
    recs_error_t         err;
    static recs_event_t  e;

    for ( /* void */ ; from <= to; from++) {
        recs_event_init(&e);
        e.class = RECS_CLASS_ACTIVITY;
        e.type = 1;
        e.time_ms = 1600000000000;
        e.received_ms = e.time_ms;
        e.epoch = epoch;
        e.sequence = from;

        if (recs_log_add(events, &e, &err) == RECS_ERROR) {
            printf("Bail out! %s\n", err.text);
            exit(1);
        }
    }

    ok(recs_log_commit(events, NULL, &err) == RECS_OK, "committed");
}


/* What is written on a day. */

static void
written(int64_t day, const char *want, const char *name)
{
    said[0] = '\0';
    commands = 0;

    is_int(recs_positions_write(&p, events, day * TEST_DAY, command, NULL),
           broken ? RECS_ERROR : RECS_OK, "day %d", (int) day);
    is_str(said, strlen(said), want, name);
}


static void
test_silence(void)
{
    add(0xa, 1, 2);
    add(0xb, 1, 1);
    add(0xc, 1, 1);
    add(0xc, 3, 3);

    written(0, "HSET s:positions 000000000000000a 2 000000000000000b 1 "
            "000000000000000c 1\nDEL s:wanted\n"
            "HSET s:wanted 000000000000000c 2-2\n", "all at first");
    written(1, "", "and no more");

    add(0xa, 3, 3);
    written(6, "HSET s:positions 000000000000000a 3\n", "what has changed");

    broken = 1;
    written(7, "", "a removal that fails");
    broken = 0;
    written(7, "HDEL s:positions 000000000000000b\n",
            "what was silent, not what has a gap");
    written(8, "", "once");

    recs_positions_reset(&p);
    written(8, "HSET s:positions 000000000000000a 3 000000000000000c 1\n"
            "HDEL s:positions 000000000000000b\n"
            "DEL s:wanted\nHSET s:wanted 000000000000000c 2-2\n",
            "it stays away");

    recs_positions_heard(&p, 0xb, 9 * TEST_DAY);
    recs_positions_heard(&p, 0xa, 9 * TEST_DAY);
    recs_positions_heard(&p, 0xff, 9 * TEST_DAY);
    written(9, "HSET s:positions 000000000000000b 1\n",
            "what was known came again");
    written(15, "", "silent since then");
    written(16, "HDEL s:positions 000000000000000a 000000000000000b\n",
            "for seven days");

    add(0xb, 2, 2);
    add(0xc, 2, 2);
    written(16, "HSET s:positions 000000000000000b 2 000000000000000c 3\n"
            "HDEL s:wanted 000000000000000c\n", "something new");
}


static void
test_many(void)
{
    uint64_t  epoch;

    for (epoch = 0x100; epoch < 0x100 + 1200; epoch++) {
        add(epoch, 1, 1);
    }

    recs_positions_write(&p, events, 20 * TEST_DAY, command, NULL);

    said[0] = '\0';
    commands = 0;
    recs_positions_write(&p, events, 40 * TEST_DAY, command, NULL);
    is_int(commands, 3, "a few hundred at once");
    ok(strstr(said, "00000000000005af\n") != NULL, "up to the last one");
}


int
main(void)
{
    char          dir[] = "/tmp/recs-positions-XXXXXX", rm[64];
    recs_error_t  err;

    if (mkdtemp(dir) == NULL || recs_log_open(&events, dir, &err) != RECS_OK) {
        printf("Bail out! no log\n");
        return 1;
    }

    recs_positions_init(&p, "s");

    test_silence();
    test_many();

    recs_positions_free(&p);
    recs_log_close(events);
    snprintf(rm, sizeof(rm), "rm -r %s", dir);
    ok(system(rm) == 0, "cleaned up");

    return done_testing();
}
