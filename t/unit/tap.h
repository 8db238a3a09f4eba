/*
 * Copyright (C) recs authors
 *
 * TAP for unit tests; main() ends with "return done_testing();".  And what
 * many of them need: a text as recs_str_t.
 */

#ifndef _RECS_TAP_H_INCLUDED_
#define _RECS_TAP_H_INCLUDED_


#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../core/recs_types.h"


static int  tap_count, tap_failed;


static inline int
tap_ok(int line, int good, const char *name, ...)
{
    va_list  args;

    va_start(args, name);
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    vprintf(name, args);
    printf(good ? "\n" : "\n# line %d\n", line);
    va_end(args);

    tap_failed += !good;

    return good;
}


#define ok(test, ...)  tap_ok(__LINE__, (test) != 0, __VA_ARGS__)

#define is_int(got, want, ...)                                                \
    do {                                                                      \
        long long  tap_a = (long long) (got), tap_b = (long long) (want);     \
        if (!ok(tap_a == tap_b, __VA_ARGS__)) {                               \
            printf("# got %lld, expected %lld\n", tap_a, tap_b);              \
        }                                                                     \
    } while (0)

#define is_str(got, len, want, ...)                                           \
    do {                                                                      \
        int  tap_n = (int) (len);                                             \
        if (!ok(tap_n == (int) strlen(want)                                   \
                && (tap_n == 0 || !memcmp(got, want, tap_n)), __VA_ARGS__)) { \
            printf("# got \"%.*s\", expected \"%s\"\n", tap_n,                \
                   tap_n ? (const char *) (got) : "", want);                  \
        }                                                                     \
    } while (0)

static inline recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


#define done_testing()  (printf("1..%d\n", tap_count), tap_failed != 0)


#endif /* _RECS_TAP_H_INCLUDED_ */
