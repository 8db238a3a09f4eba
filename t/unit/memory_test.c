/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>

#include "builder/memory.h"
#include "t/unit/tap.h"


#define TEST_NAMES  100000


typedef struct {
    uint8_t   seen[10007];
    uint32_t  threads;
} test_rows_t;


static void
test_grow(void)
{
    size_t     cap;
    uint64_t  *array;

    array = NULL;
    cap = 0;

    recs_grow(&array, &cap, 1, sizeof(uint64_t));
    ok(array != NULL && cap >= 1, "a null array grows");
    array[0] = 7;

    recs_grow(&array, &cap, 1000, sizeof(uint64_t));
    ok(cap >= 1000, "to what is needed");
    is_int(array[0], 7, "and keeps what it had");

    cap = 1000;
    recs_grow(&array, &cap, 1000, sizeof(uint64_t));
    is_int(cap, 1000, "not where there is room");
    recs_grow(&array, &cap, 1001, sizeof(uint64_t));
    is_int(cap, 1500, "by half");

    free(array);
}


static void
test_names(void)
{
    int            bad, len;
    char           name[32], *big;
    uint32_t       i;
    recs_str_t     s, first;
    recs_names_t  *names;

    names = recs_names_create();

    is_int(recs_names_count(names), 0, "no names yet");
    is_int(recs_names_find(names, "a", 1), RECS_NONE, "nothing is found");

    is_int(recs_names_add(names, "", 0), 0, "an empty name is a name");
    first = recs_names_get(names, 0);

    for (i = 1, bad = 0; i < TEST_NAMES; i++) {
        len = snprintf(name, sizeof(name), "name %u", i);
        bad += recs_names_add(names, name, (size_t) len) != i;
    }

    is_int(bad, 0, "numbers in order of arrival");

    for (i = 1; i < TEST_NAMES; i++) {
        len = snprintf(name, sizeof(name), "name %u", i);
        s = recs_names_get(names, i);
        bad += recs_names_add(names, name, (size_t) len) != i
               || recs_names_find(names, name, (size_t) len) != i
               || s.len != (size_t) len || memcmp(s.data, name, s.len) != 0;
    }

    is_int(bad, 0, "found again by name and by number");
    is_int(recs_names_count(names), TEST_NAMES, "and counted once");
    ok(recs_names_get(names, 0).data == first.data, "strings stay in place");
    is_int(recs_names_find(names, "name 1\0", 7), RECS_NONE,
           "a NUL is a character");

    big = calloc(1, 1000000);
    i = recs_names_add(names, big, 1000000);
    is_int(recs_names_get(names, i).len, 1000000, "a name of a megabyte");
    free(big);

    recs_names_destroy(names);
    recs_names_destroy(NULL);
}


static void
test_keys(void)
{
    int             bad;
    uint8_t         key[16];
    uint32_t        i;
    recs_keys16_t  *keys;

    keys = recs_keys16_create();
    memset(key, 0, sizeof(key));

    is_int(recs_keys16_find(keys, key), RECS_NONE, "no key yet");

    for (i = 0, bad = 0; i < TEST_NAMES; i++) {
        memcpy(key + 12, &i, 4);
        bad += recs_keys16_add(keys, key) != i;
    }

    for (i = 0; i < TEST_NAMES; i++) {
        memcpy(key + 12, &i, 4);
        bad += recs_keys16_add(keys, key) != i
               || recs_keys16_find(keys, key) != i
               || memcmp(recs_keys16_get(keys, i), key, 16) != 0;
    }

    is_int(bad, 0, "keys by number and back");
    is_int(recs_keys16_count(keys), TEST_NAMES, "counted once");

    key[0] = 1;
    is_int(recs_keys16_find(keys, key), RECS_NONE, "another key is none");

    recs_keys16_destroy(keys);
    recs_keys16_destroy(NULL);
}


static void
test_row(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    test_rows_t  *t;

    t = ctx;
    __atomic_fetch_or(&t->threads, 1u << thread, __ATOMIC_RELAXED);

    for ( /* void */ ; from < to; from++) {
        t->seen[from]++;
    }
}


static void
test_parallel(unsigned threads, uint32_t rows, uint32_t block)
{
    int          bad;
    uint32_t     i;
    test_rows_t  t;

    memset(&t, 0, sizeof(test_rows_t));

    recs_parallel(threads, rows, block, test_row, &t);

    for (i = 0, bad = 0; i < sizeof(t.seen); i++) {
        bad += t.seen[i] != (i < rows);
    }

    ok(bad == 0 && (t.threads >> recs_max(threads, 1)) == 0,
       "%u rows once each on %u threads by %u", rows, threads, block);
}


int
main(void)
{
    test_grow();
    test_names();
    test_keys();

    test_parallel(1, 10007, 100);
    test_parallel(4, 10007, 100);
    test_parallel(3, 10007, 1);
    test_parallel(2, 10, 100);
    test_parallel(2, 0, 100);
    test_parallel(0, 5, 0);

    return done_testing();
}
