/*
 * Copyright (C) recs authors
 *
 * The table of live sessions: what is kept and what goes, and processes that
 * write and are killed in the middle of it.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/recs_visits.h"
#include "tap.h"


#define SIZE       (256 * 1024)
#define WRITERS    3
#define KEYS       200
#define KILLS      300


static uint64_t   state = 1;
static uint64_t  *resets;            /* of all writers, shared */


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static unsigned
gone(uint64_t owner)
{
    return kill((pid_t) (owner >> 32), 0) == -1 && errno == ESRCH;
}


static recs_visits_t *
table_create(size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1,
             0);

    return (recs_visits_create(p, size) == RECS_OK) ? p : NULL;
}


static void
user_init(recs_visits_user_t *u, recs_visits_t *table, uint32_t generation)
{
    memset(u, 0, sizeof(recs_visits_user_t));

    u->table = table;
    u->owner = (uint64_t) getpid() << 32 | generation;
    u->gone = gone;
    u->now = (uint32_t) time(NULL);
}


/* An identity as an HMAC would be. */

static recs_visits_key_t
key_of(uint32_t n, uint8_t *id)
{
    uint64_t           hash;
    recs_visits_key_t  key;

    hash = (n + 1) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9ULL;

    memcpy(id, &n, 4);
    memset(id + 4, 1, 4);
    memcpy(id + 8, &hash, 8);

    key.shop = 5;
    key.id = id;

    return key;
}


/* A record counts: its clicks are consecutive numbers, as are its touches. */

static void
record_write(recs_visit_t *v, uint32_t n)
{
    uint32_t  i;

    v->events++;
    v->first_ms = n;

    for (i = 0; i < RECS_VISIT_CLICKS; i++) {
        v->clicks[i] = ((uint64_t) n << 32) + v->events + i;
    }

    for (i = 0; i < RECS_VISIT_TOUCHES; i++) {
        v->touches[i].key = v->events;
    }

    v->last_ms = v->events;
}


static unsigned
record_right(const recs_visit_t *v, uint32_t n)
{
    uint32_t  i;

    if (v->version != RECS_VISIT_VERSION || v->last_ms != v->events
        || v->first_ms != n)
    {
        return 0;
    }

    for (i = 0; i < RECS_VISIT_CLICKS; i++) {
        if (v->clicks[i] != ((uint64_t) n << 32) + v->events + i) {
            return 0;
        }
    }

    for (i = 0; i < RECS_VISIT_TOUCHES; i++) {
        if (v->touches[i].key != v->events) {
            return 0;
        }
    }

    return 1;
}


static void
write_one(recs_visits_user_t *u, uint32_t n)
{
    uint8_t            id[16];
    recs_visit_t      *v;
    recs_visits_key_t  key;

    key = key_of(n, id);
    v = recs_visits_begin(u, &key);

    if (v) {
        record_write(v, n);
        recs_visits_end(u);
    }
}


static int
read_one(recs_visits_user_t *u, uint32_t n, recs_visit_t *v)
{
    uint8_t            id[16];
    recs_visits_key_t  key;

    key = key_of(n, id);

    return recs_visits_get(u, &key, v);
}


static void
none(void *ctx, const recs_visit_t *visit)
{
}


static void
alone(void)
{
    uint8_t               id[16], other[16];
    uint32_t              i;
    recs_visit_t          v, *record;
    recs_visits_t        *table;
    recs_visits_key_t     key, key2;
    recs_visits_user_t    u;
    recs_visits_report_t  report;

    table = table_create(SIZE);
    user_init(&u, table, 1);

    ok(table_create(8192) == NULL, "too small a place");
    ok(recs_visits_valid(table), "a table");
    is_int(recs_visits_room(table) % RECS_VISITS_WAYS, 0, "of sets");
    ok(recs_visits_room(table) > 100, "some");

    is_int(read_one(&u, 1, &v), RECS_DECLINED, "nobody");
    write_one(&u, 1);
    is_int(read_one(&u, 1, &v), RECS_OK, "somebody");
    ok(record_right(&v, 1) && v.events == 1, "as written");
    write_one(&u, 1);
    (void) read_one(&u, 1, &v);
    is_int(v.events, 2, "written again");
    is_int(recs_visits_count(table), 1, "one record");

    key = key_of(1, id);
    key2 = key_of(1, other);
    key2.shop = 6;
    is_int(recs_visits_get(&u, &key2, &v), RECS_DECLINED, "of another shop");

    ok(recs_visits_remove(&u, &key), "removed");
    ok(!recs_visits_remove(&u, &key), "once");
    is_int(read_one(&u, 1, &v), RECS_DECLINED, "nobody again");
    is_int(recs_visits_count(table), 0, "no record");

    record = recs_visits_begin(&u, &key);
    ok(record && record->events == 0 && record->version, "begun anew");
    recs_visits_drop(&u);
    is_int(recs_visits_count(table), 0, "dropped");

    for (i = 0; i < 10 * recs_visits_room(table); i++) {
        write_one(&u, i);
    }

    recs_visits_each(&u, none, NULL, &report);
    is_int(recs_visits_count(table), recs_visits_room(table), "full");
    is_int(report.records, recs_visits_room(table), "and all are there");
    is_int(u.counts[RECS_VISITS_EVICTED], 9 * recs_visits_room(table),
           "the others went");
    is_int(report.held + report.broken, 0, "nothing is held");
    is_int(u.counts[RECS_VISITS_RETRIES] + u.counts[RECS_VISITS_CONFLICTS],
           0, "nobody waited");
}


/* Who is asked for stays, who is not goes. */

static void
clock_hand(void)
{
    uint32_t            i, n, kept;
    recs_visit_t        v;
    recs_visits_t      *table;
    recs_visits_user_t  u;

    table = table_create(SIZE);
    user_init(&u, table, 1);

    for (i = 0; i < 10; i++) {
        write_one(&u, i);
    }

    for (n = 0; n < 5000; n++) {
        write_one(&u, 100 + n);

        for (i = 0; i < 10; i++) {
            (void) read_one(&u, i, &v);
        }
    }

    for (i = 0, kept = 0; i < 10; i++) {
        kept += read_one(&u, i, &v) == RECS_OK;
    }

    is_int(kept, 10, "who is there all the time stays");
    is_int(read_one(&u, 100, &v), RECS_DECLINED, "who is not goes");
}


static void
taken_over(void)
{
    int                 status;
    pid_t               pid;
    uint8_t             id[16];
    recs_visit_t        v;
    recs_visits_t      *table;
    recs_visits_key_t   key;
    recs_visits_user_t  u, other;

    table = table_create(SIZE);
    user_init(&u, table, 1);
    write_one(&u, 1);
    key = key_of(1, id);

    pid = fork();

    if (pid == 0) {
        user_init(&u, table, 2);
        (void) recs_visits_begin(&u, &key);
        raise(SIGKILL);
    }

    (void) waitpid(pid, &status, 0);

    is_int(read_one(&u, 1, &v), RECS_AGAIN, "left in the middle");
    write_one(&u, 1);
    is_int(read_one(&u, 1, &v), RECS_OK, "there again");
    is_int(v.events, 1, "begun anew");
    is_int(u.counts[RECS_VISITS_RESET], 1, "counted");
    is_int(recs_visits_count(table), 1, "one record");

    /* a living one that holds a set */

    user_init(&other, table, 3);
    (void) recs_visits_begin(&other, &key);

    ok(recs_visits_begin(&u, &key) == NULL, "held by somebody alive");
    is_int(u.counts[RECS_VISITS_CONFLICTS], 2, "counted");

    u.now += RECS_VISITS_HELD + 1;
    ok(recs_visits_begin(&u, &key) != NULL, "not for ever");

    recs_visits_end(&other);
    ok(recs_visits_begin(&other, &key) == NULL, "it has lost it");

    recs_visits_end(&u);
    is_int(read_one(&u, 1, &v), RECS_OK, "sound");
    is_int(v.events, 0, "reset");
}


static void
writer(recs_visits_t *table, uint32_t generation)
{
    recs_visit_t        v;
    recs_visits_user_t  u;

    user_init(&u, table, generation);
    state = generation;

    for ( ;; ) {
        write_one(&u, draw(KEYS));

        (void) __atomic_fetch_add(resets, u.counts[RECS_VISITS_RESET],
                                  __ATOMIC_RELAXED);
        u.counts[RECS_VISITS_RESET] = 0;

        if (draw(4) == 0 && read_one(&u, draw(KEYS), &v) == RECS_OK
            && !record_right(&v, (uint32_t) v.first_ms))
        {
            _exit(3);
        }
    }
}


static pid_t
writer_start(recs_visits_t *table, uint32_t generation)
{
    pid_t  pid;

    pid = fork();

    if (pid == 0) {
        writer(table, generation);
    }

    return pid;
}


/* Reads all the time until the writers have been killed so many times. */

static void
killed(size_t size, const char *what)
{
    int                   status;
    pid_t                 pids[WRITERS];
    uint32_t              i, n, wrong, bad, there;
    recs_visit_t          v;
    recs_visits_t        *table;
    struct timespec       pause;
    recs_visits_user_t    u;
    recs_visits_report_t  report;

    table = table_create(size);
    resets = mmap(NULL, sizeof(uint64_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    user_init(&u, table, 1);
    pause = (struct timespec) { 0, 0 };
    wrong = 0;
    bad = 0;

    for (i = 0; i < WRITERS; i++) {
        pids[i] = writer_start(table, 100 + i);
    }

    for (n = 0; n < KILLS; n++) {
        pause.tv_nsec = 200000 + draw(3000000);
        (void) nanosleep(&pause, NULL);

        for (i = 0; i < KEYS; i++) {
            if (read_one(&u, i, &v) == RECS_OK) {
                wrong += !record_right(&v, i);
            }
        }

        i = draw(WRITERS);
        (void) kill(pids[i], SIGKILL);
        (void) waitpid(pids[i], &status, 0);
        bad += WIFEXITED(status);
        pids[i] = writer_start(table, 1000 + n);
    }

    for (i = 0; i < WRITERS; i++) {
        (void) kill(pids[i], SIGKILL);
        (void) waitpid(pids[i], &status, 0);
        bad += WIFEXITED(status);
    }

    is_int(wrong, 0, "%s: no reader saw half a record", what);
    is_int(bad, 0, "%s: no writer either", what);

    for (i = 0, there = 0; i < KEYS; i++) {
        write_one(&u, i);
        there += read_one(&u, i, &v) == RECS_OK && record_right(&v, i);
    }

    recs_visits_each(&u, none, NULL, &report);
    is_int(there, KEYS, "%s: every record can be written", what);
    is_int(report.held + report.broken, 0, "%s: nothing is stuck", what);
    is_int(report.records, recs_visits_count(table), "%s: counted", what);
    ok(report.records <= recs_visits_room(table), "%s: bounded", what);

    *resets += u.counts[RECS_VISITS_RESET];
    ok(*resets > KILLS / 50, "%s: %llu of %u were killed while they wrote",
       what, (unsigned long long) *resets, KILLS);
}


/* A user goes, with the sessions that are the user's; the bytes go, too. */

static void
gone_one(void *ctx, const recs_visits_key_t *key)
{
    uint32_t *count = ctx;

    *count += key->shop == 5;
}


static void
own_one(recs_visits_user_t *u, uint32_t n, const uint8_t *user)
{
    uint8_t            id[16];
    recs_visit_t      *v;
    recs_visits_key_t  key;

    key = key_of(n, id);
    v = recs_visits_begin(u, &key);

    memcpy(v->user, user, sizeof(v->user));
    recs_visits_end(u);
}


static void
forgotten(void)
{
    int                   rc;
    size_t                i, found;
    uint8_t               id[16], other[16];
    uint32_t              n, count, left, turns, busy;
    uint64_t              from;
    recs_visit_t          v;
    const uint8_t        *p;
    recs_visits_t        *table;
    recs_visits_key_t     key, held;
    recs_visits_user_t    u, two;
    recs_visits_whose_t   whose;

    table = table_create(16 * SIZE);
    user_init(&u, table, 1);
    user_init(&two, table, 2);

    key = key_of(1000, id);
    (void) key_of(1001, other);

    write_one(&u, 1000);
    write_one(&u, 1001);

    for (n = 0; n < 100; n++) {
        own_one(&u, n, n % 4 ? id : other);
    }

    key = key_of(1, other);
    key.shop = 6;
    memcpy(recs_visits_begin(&u, &key)->user, id, 16);
    recs_visits_end(&u);

    memset(&whose, 0, sizeof(whose));
    (void) key_of(1001, other);

    count = 0;
    whose.shop = 5;
    whose.count = 2;
    whose.gone = gone_one;
    whose.ctx = &count;
    memset(whose.users[0], 7, sizeof(whose.users[0]));
    memcpy(whose.users[1], id, sizeof(id));

    /* a set that another one holds is not passed over */

    key = key_of(1, other);
    held = key;
    (void) recs_visits_begin(&two, &held);

    from = 0;
    busy = 0;

    for (turns = 0; turns < 200; turns++) {
        rc = recs_visits_forget(&u, &whose, &from, 8);

        if (rc == RECS_OK) {
            break;
        }

        busy += rc == RECS_BUSY;

        if (turns == 100) {
            recs_visits_end(&two);
        }
    }

    is_int(rc, RECS_OK, "to the end");
    ok(turns > 100, "it waited for a set that was held");
    ok(busy > 80 && busy <= 100, "and said what it waited for");
    is_int(u.counts[RECS_VISITS_CONFLICTS], 0, "nothing went on without it");
    is_int(count, 76, "one user, 75 sessions");

    for (n = 0, left = 0; n < 1002; n++) {
        left += read_one(&u, n, &v) == RECS_OK;
    }

    is_int(left, 26, "others stay");
    is_int(recs_visits_count(table), 27, "and who is of another shop");

    p = (const uint8_t *) table;

    for (i = 0, found = 0; i + 16 <= 16 * SIZE; i++) {
        found += memcmp(p + i, id, 16) == 0;
    }

    is_int(found, 1, "no byte of the user is left but in the other shop");

    from = 0;
    count = 0;
    is_int(recs_visits_forget(&u, &whose, &from, UINT64_MAX), RECS_OK,
           "once more");
    is_int(count, 0, "nothing is left to do");
}


int
main(void)
{
    alone();
    clock_hand();
    forgotten();
    taken_over();
    killed(SIZE, "a table that is full");
    killed(4 * SIZE, "one with room");

    return done_testing();
}
