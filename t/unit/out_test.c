/*
 * Copyright (C) recs authors
 */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "../../core/recs_out.h"
#include "tap.h"


static uint8_t     buf[256];
static recs_out_t  out;


#define written(want, call, ...)                                              \
    recs_out_init(&out, buf, sizeof(buf));                                    \
    call(&out, __VA_ARGS__);                                                  \
    is_str(buf, out.pos - buf, want, "%s(%s)", #call, #__VA_ARGS__)

#define escaped(data, want)                                                   \
    written(want, recs_out_json, data, sizeof(data) - 1)


static void
test_numbers(void)
{
    int       i, wrong;
    char      text[64];
    uint64_t  n;

    written("0", recs_out_u64, 0);
    written("18446744073709551615", recs_out_u64, UINT64_MAX);
    written("0", recs_out_i64, 0);
    written("-9223372036854775808", recs_out_i64, INT64_MIN);
    written("9223372036854775807", recs_out_i64, INT64_MAX);
    written("00000000deadbeef", recs_out_hex64, 0xdeadbeef);

    wrong = 0;

    for (i = 0, n = 1; i < 20; i++, n *= 10) {
        recs_out_init(&out, buf, sizeof(buf));
        recs_out_u64(&out, n);
        recs_out_byte(&out, ' ');
        recs_out_u64(&out, n - 1);
        recs_out_byte(&out, 0);

        snprintf(text, sizeof(text), "%llu %llu", (unsigned long long) n,
                 (unsigned long long) n - 1);
        wrong += strcmp(text, (char *) buf) != 0;
    }

    is_int(wrong, 0, "around the powers of ten");
}


static void
test_micro(void)
{
    written("0", recs_out_micro, 0);
    written("19.9", recs_out_micro, 19900000);
    written("19.99", recs_out_micro, 19990000);
    written("-11062.06", recs_out_micro, -11062060000);
    written("0.000001", recs_out_micro, 1);
    written("-0.000001", recs_out_micro, -1);
    written("100", recs_out_micro, 100000000);
    written("999999999999.999999", recs_out_micro, 999999999999999999);
    written("-9223372036854.775808", recs_out_micro, INT64_MIN);
}


static void
test_fraction(void)
{
    int       i, wrong;
    char      text[64];
    double    n;
    unsigned  seed;

    written("0", recs_out_fraction, 0.0);
    written("0", recs_out_fraction, -0.0);
    written("1", recs_out_fraction, 1.0);
    written("0.93", recs_out_fraction, 0.93);
    written("0.9", recs_out_fraction, 0.9f);
    written("0.0001", recs_out_fraction, 0.0001);
    written("0", recs_out_fraction, 0.00004999);
    written("0", recs_out_fraction, -0.00004);
    written("1", recs_out_fraction, 0.99996);
    written("2", recs_out_fraction, 1.99995001);
    written("0.0313", recs_out_fraction, 0.03125);
    written("-0.5", recs_out_fraction, -0.5);
    written("123456789.1235", recs_out_fraction, 123456789.12345678);
    written("4503599627370495.5", recs_out_fraction, 4503599627370495.5);
    written("1000000000000000000", recs_out_fraction, 1e18);
    written("18446744073709551615", recs_out_fraction, DBL_MAX);
    written("0", recs_out_fraction, NAN);
    written("0", recs_out_fraction, INFINITY);
    written("0", recs_out_fraction, -INFINITY);

    /* libc rounds exactly: only true halves may differ, there are none */

    seed = 20240524;
    srand(seed);

    for (i = 0, wrong = 0; i < 200000; i++) {
        n = (rand() % 100000 * 10 + 5) / 100000.0
            + (i % 3) * (rand() % 1000) / 1e15;

        if (n * 32 == (int) (n * 32)) {
            continue;
        }

        recs_out_init(&out, buf, sizeof(buf));
        recs_out_fraction(&out, n);
        recs_out_byte(&out, 0);

        snprintf(text, sizeof(text), "%.4f", n);
        wrong += strtod(text, NULL) != strtod((char *) buf, NULL);
    }

    is_int(wrong, 0, "near halves as libc does, seed %u", seed);
}


static void
test_json(void)
{
    escaped("plain", "plain");
    escaped("a\"b\\c", "a\\\"b\\\\c");
    escaped("\n\r\t\x01\x1f", "\\n\\r\\t\\u0001\\u001f");
    escaped("</script>&", "\\u003c/script\\u003e\\u0026");
    escaped("Gr\xc3\xbc\xc3\x9f""e \xe2\x82\xac \xf0\x9f\x98\x80",
            "Gr\xc3\xbc\xc3\x9f""e \xe2\x82\xac \xf0\x9f\x98\x80");
    escaped("\xe2\x80\xa8|\xe2\x80\xa9|\xe2\x80\xa7",
            "\\u2028|\\u2029|\xe2\x80\xa7");
    escaped("a\xff""b", "a\xef\xbf\xbd""b");
    escaped("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xf4\x90\x80\x80",
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    escaped("x\xe2\x82", "x\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\0", "\\u0000");
}


static void
test_share(void)
{
    char      want[32];
    unsigned  i, wrong;

    for (i = 0, wrong = 0; i <= 10000; i++) {
        sprintf(want, "%.4f", i / 10000.0);

        while (want[strlen(want) - 1] == '0' && strlen(want) > 1) {
            want[strlen(want) - 1] = '\0';
        }

        if (want[strlen(want) - 1] == '.') {
            want[strlen(want) - 1] = '\0';
        }

        wrong += (size_t) (recs_put_share(buf, i) - buf) != strlen(want)
                 || memcmp(buf, want, strlen(want)) != 0;
    }

    is_int(wrong, 0, "every share of ten thousand");
}


static void
test_overflow(void)
{
    size_t  i;

    recs_out_init(&out, buf, 4);
    recs_out_lit(&out, "abc");
    recs_out_lit(&out, "de");
    recs_out_byte(&out, 'f');
    is_str(buf, out.pos - buf, "abc", "nothing after what did not fit");
    ok(out.overflow, "overflow is kept");

    for (i = 0; i < 10; i++) {
        buf[i] = '#';
        recs_out_init(&out, buf, i);
        recs_out_json(&out, "ab<cd", 5);

        if (!out.overflow || out.pos != buf || buf[i] != '#') {
            break;
        }
    }

    is_int(i, 10, "a string is written whole or not at all");

    recs_out_init(&out, buf, 10);
    recs_out_json(&out, "ab<cd", 5);
    is_str(buf, out.pos - buf, "ab\\u003ccd", "exactly what fits");
}


int
main(void)
{
    test_numbers();
    test_micro();
    test_fraction();
    test_json();
    test_share();
    test_overflow();

    return done_testing();
}
