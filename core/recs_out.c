/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <float.h>
#include <string.h>

#include "recs_out.h"
#include "recs_utf8.h"


#define RECS_OUT_ESCAPE  1
#define RECS_OUT_UTF8    2


static uint64_t recs_out_hex32(uint32_t n);
static uint8_t *recs_out_digits(uint8_t *p, uint64_t n);
static void recs_out_decimal(recs_out_t *out, unsigned negative,
    uint64_t whole, uint32_t fraction, unsigned digits);
static uint8_t *recs_out_forward(uint8_t *p, unsigned negative,
    uint64_t whole, uint32_t fraction, unsigned digits);
static uint32_t recs_out_round(double n);
static void recs_out_escape(recs_out_t *out, uint8_t c);


static const char  recs_out_pairs[] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static const char  recs_out_hex[] = "0123456789abcdef";

static const uint8_t  recs_out_json_class[256] = {
    [0x00 ... 0x1f] = RECS_OUT_ESCAPE,
    ['"'] = RECS_OUT_ESCAPE,
    ['&'] = RECS_OUT_ESCAPE,
    ['<'] = RECS_OUT_ESCAPE,
    ['>'] = RECS_OUT_ESCAPE,
    ['\\'] = RECS_OUT_ESCAPE,
    [0x80 ... 0xff] = RECS_OUT_UTF8
};


void
recs_out_init(recs_out_t *out, void *memory, size_t size)
{
    out->pos = memory;
    out->last = out->pos + size;
    out->overflow = 0;
}


void
recs_out_u64(recs_out_t *out, uint64_t n)
{
    recs_out_decimal(out, 0, n, 0, 0);
}


void
recs_out_i64(recs_out_t *out, int64_t n)
{
    recs_out_decimal(out, n < 0, n < 0 ? 0 - (uint64_t) n : (uint64_t) n,
                     0, 0);
}


void
recs_out_hex64(recs_out_t *out, uint64_t n)
{
    uint8_t  digits[16];

    (void) recs_put_hex64(digits, n);

    recs_out_bytes(out, digits, sizeof(digits));
}


uint8_t *
recs_put_hex64(uint8_t *p, uint64_t n)
{
    uint64_t  digits[2];

    digits[0] = recs_out_hex32((uint32_t) (n >> 32));
    digits[1] = recs_out_hex32((uint32_t) n);

    return recs_put(p, digits, sizeof(digits));
}


/* Eight nibbles spread over eight bytes, made digits all at once. */

static uint64_t
recs_out_hex32(uint32_t n)
{
    uint64_t  x, letters;

    x = n;
    x = (x & 0xffff0000) << 16 | (x & 0xffff);
    x = (x & 0x0000ff000000ff00) << 8 | (x & 0x000000ff000000ff);
    x = (x & 0x00f000f000f000f0) << 4 | (x & 0x000f000f000f000f);

    letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
    x += 0x3030303030303030 + letters * ('a' - '0' - 10);

    return htobe64(x);
}


void
recs_out_fraction(recs_out_t *out, double n)
{
    double    size;
    uint32_t  decimals;
    uint64_t  whole;

    size = (n < 0) ? -n : n;

    /* not a number is not less than anything */

    if (!(size <= DBL_MAX)) {
        recs_out_byte(out, '0');
        return;
    }

    if (size < 9007199254740992.0) {
        whole = (uint64_t) (int64_t) size;
        decimals = recs_out_round(size - (double) (int64_t) whole);

    } else {
        whole = (size < 18446744073709551616.0) ? (uint64_t) size
                                                : UINT64_MAX;
        decimals = 0;
    }

    if (decimals == 10000) {
        decimals = 0;
        whole++;
    }

    recs_out_decimal(out, n < 0 && (whole || decimals), whole, decimals, 4);
}


uint8_t *
recs_put_share(uint8_t *p, uint32_t share)
{
    uint32_t  high, low;

    if (share >= 10000 || share == 0) {
        *p = share ? '1' : '0';
        return p + 1;
    }

    high = share / 100;
    low = share % 100;

    /* all four digits, then as many as count: no branch to guess */

    memcpy(p, "0.", 2);
    memcpy(p + 2, recs_out_pairs + high * 2, 2);
    memcpy(p + 4, recs_out_pairs + low * 2, 2);

    return p + 6 - (share % 10 == 0) - (share % 100 == 0)
           - (share % 1000 == 0);
}


uint8_t *
recs_put_u64(uint8_t *p, uint64_t n)
{
    return recs_out_digits(p, n);
}


uint8_t *
recs_put_micro(uint8_t *p, int64_t micro)
{
    uint64_t  n;

    n = (micro < 0) ? 0 - (uint64_t) micro : (uint64_t) micro;

    return recs_out_forward(p, micro < 0, n / RECS_MICRO, n % RECS_MICRO, 6);
}


void
recs_out_micro(recs_out_t *out, int64_t micro)
{
    uint64_t  n;

    n = (micro < 0) ? 0 - (uint64_t) micro : (uint64_t) micro;

    recs_out_decimal(out, micro < 0, n / RECS_MICRO, n % RECS_MICRO, 6);
}


void
recs_out_json(recs_out_t *out, const void *data, size_t len)
{
    size_t          n;
    uint8_t        *start;
    const uint8_t  *p, *run, *last;

    start = out->pos;
    run = data;
    last = run + len;

    for (p = run; p < last; /* void */) {

        if (recs_out_json_class[*p] == 0) {
            p++;
            continue;
        }

        n = 1;

        if (recs_out_json_class[*p] == RECS_OUT_UTF8) {
            n = recs_utf8_char(p, last);

            if (n && !(n == 3 && p[0] == 0xe2 && p[1] == 0x80
                       && (p[2] & 0xfe) == 0xa8))
            {
                p += n;
                continue;
            }
        }

        recs_out_bytes(out, run, p - run);

        if (n == 1) {
            recs_out_escape(out, *p);

        } else if (n == 0) {
            recs_out_lit(out, "\xef\xbf\xbd");
            n = 1;

        } else if (p[2] == 0xa8) {
            recs_out_lit(out, "\\u2028");

        } else {
            recs_out_lit(out, "\\u2029");
        }

        p += n;
        run = p;
    }

    recs_out_bytes(out, run, p - run);

    if (out->overflow) {
        out->pos = start;
        out->last = start;
    }
}


void
recs_out_quoted(recs_out_t *out, const void *data, size_t len)
{
    recs_out_byte(out, '"');
    recs_out_json(out, data, len);
    recs_out_byte(out, '"');
}


/* Writes at p, returns what is behind. */

static uint8_t *
recs_out_digits(uint8_t *p, uint64_t n)
{
    uint8_t  *q, buf[RECS_OUT_NUMBER];

    if (n < 10) {
        *p = (uint8_t) ('0' + n);
        return p + 1;
    }

    if (n < 100) {
        memcpy(p, recs_out_pairs + n * 2, 2);
        return p + 2;
    }

    q = buf + RECS_OUT_NUMBER;

    while (n >= 100) {
        q -= 2;
        memcpy(q, recs_out_pairs + n % 100 * 2, 2);
        n /= 100;
    }

    if (n >= 10) {
        q -= 2;
        memcpy(q, recs_out_pairs + n * 2, 2);

    } else {
        *--q = (uint8_t) ('0' + n);
    }

    n = buf + RECS_OUT_NUMBER - q;
    memcpy(p, q, n);

    return p + n;
}


static void
recs_out_decimal(recs_out_t *out, unsigned negative, uint64_t whole,
    uint32_t fraction, unsigned digits)
{
    uint8_t  *p, buf[RECS_OUT_NUMBER];

    /* forwards into the output: a detour would wait for its own stores */

    if (out->last - out->pos >= RECS_OUT_NUMBER) {
        out->pos = recs_out_forward(out->pos, negative, whole, fraction,
                                    digits);
        return;
    }

    p = recs_out_forward(buf, negative, whole, fraction, digits);

    recs_out_bytes(out, buf, p - buf);
}


static uint8_t *
recs_out_forward(uint8_t *p, unsigned negative, uint64_t whole,
    uint32_t fraction, unsigned digits)
{
    unsigned  n;

    if (negative) {
        *p++ = '-';
    }

    p = recs_out_digits(p, whole);

    if (fraction == 0) {
        return p;
    }

    while (fraction % 100 == 0) {
        fraction /= 100;
        digits -= 2;
    }

    /* an odd zero at the end is written and taken back */

    n = (fraction % 10 == 0);
    *p++ = '.';

    switch (digits) {

    case 6:
        memcpy(p + 4, recs_out_pairs + fraction % 100 * 2, 2);
        fraction /= 100;
        /* fall through */

    case 4:
        memcpy(p + 2, recs_out_pairs + fraction % 100 * 2, 2);
        fraction /= 100;
        /* fall through */

    default:
        memcpy(p, recs_out_pairs + fraction * 2, 2);
    }

    return p + digits - n;
}


/*
 * 0 <= n < 1, times 10000.  The product may be rounded to a half that it is
 * not: what was lost is then computed from the halves of n, whose products
 * are exact, and decides.
 */

static uint32_t
recs_out_round(double n)
{
    double    product, rest, high, lost;
    uint32_t  k;

    product = n * 10000;
    k = (uint32_t) (int32_t) product;
    rest = product - (int32_t) k;

    if (rest == 0.5) {
        high = (float) n;
        lost = (high * 10000 - product) + (n - high) * 10000;

        return (lost < 0) ? k : k + 1;
    }

    /* up or down is a toss: no branch */

    return k + (rest > 0.5);
}


static void
recs_out_escape(recs_out_t *out, uint8_t c)
{
    uint8_t  buf[6];

    switch (c) {

    case '"':
        recs_out_lit(out, "\\\"");
        return;

    case '\\':
        recs_out_lit(out, "\\\\");
        return;

    case '\n':
        recs_out_lit(out, "\\n");
        return;

    case '\r':
        recs_out_lit(out, "\\r");
        return;

    case '\t':
        recs_out_lit(out, "\\t");
        return;
    }

    memcpy(buf, "\\u00", 4);
    buf[4] = recs_out_hex[c >> 4];
    buf[5] = recs_out_hex[c & 15];

    recs_out_bytes(out, buf, sizeof(buf));
}
