/*
 * Copyright (C) recs authors
 */

#include "../../core/recs_hash.h"
#include "tap.h"


static uint32_t
crc_by_bit(const uint8_t *p, size_t len)
{
    int       i;
    uint32_t  crc;

    for (crc = ~0u; len; len--) {
        crc ^= *p++;

        for (i = 0; i < 8; i++) {
            crc = (crc & 1) ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }
    }

    return ~crc;
}


static uint64_t
search(const char *text)
{
    return recs_key64_search(text, strlen(text));
}


static void
test_search(void)
{
    char  a[600], b[600];

    ok(search("red shoes") == recs_key64("red shoes", 9), "as it is");
    ok(search("  Red\t SHOES \n") == search("red shoes"),
       "blanks and capital letters do not count");
    ok(search("redshoes") != search("red shoes"), "but where words end");
    ok(search("M\xc3\x84RZ") == search("m\xc3\x84rz"), "of ASCII only");
    is_int(search(""), 0, "nothing");
    is_int(search(" \t "), 0, "blanks");

    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    b[RECS_SEARCH_MAX] = 'y';
    ok(recs_key64_search(a, sizeof(a)) == recs_key64_search(b, sizeof(b)),
       "what is too long is cut");
    b[RECS_SEARCH_MAX - 1] = 'y';
    ok(recs_key64_search(a, sizeof(a)) != recs_key64_search(b, sizeof(b)),
       "up to there it counts");
}


int
main(void)
{
    int       i, wrong;
    uint8_t   buf[300];
    uint32_t  crc;

    /* RFC 3720, B.4 */

    memset(buf, 0, 32);
    is_int(recs_crc32c(0, buf, 32), 0x8a9136aa, "32 zeros");

    memset(buf, 0xff, 32);
    is_int(recs_crc32c(0, buf, 32), 0x62a8ab43, "32 ones");

    for (i = 0; i < 32; i++) {
        buf[i] = (uint8_t) i;
    }

    is_int(recs_crc32c(0, buf, 32), 0x46dd794e, "rising");

    for (i = 0; i < 32; i++) {
        buf[i] = (uint8_t) (31 - i);
    }

    is_int(recs_crc32c(0, buf, 32), 0x113fdb5c, "falling");
    is_int(recs_crc32c(0, "123456789", 9), 0xe3069283, "check value");
    is_int(recs_crc32c(0, "", 0), 0, "nothing");

    /* every length and start, in one piece and in two */

    for (i = 0; i < 300; i++) {
        buf[i] = (uint8_t) (i * 37 + 11);
    }

    for (i = 0, wrong = 0; i < 256; i++) {
        crc = crc_by_bit(buf + i % 9, i);

        wrong += recs_crc32c(0, buf + i % 9, i) != crc;
        wrong += recs_crc32c(recs_crc32c(0, buf + i % 9, i / 3),
                             buf + i % 9 + i / 3, i - i / 3) != crc;
    }

    is_int(wrong, 0, "as by the bit, for every length");

    ok(recs_key64("", 0) == 0x2d06800538d394c2ULL, "XXH3 of nothing");
    ok(recs_key64("P123", 4) == 0x2ee8fe301ba2333aULL, "XXH3 of an id");

    test_search();

    return done_testing();
}
