/*
 * Copyright (C) recs authors
 */

#include <string.h>

#if (__x86_64__)
#include <nmmintrin.h>
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "recs_hash.h"


static uint32_t recs_crc32c_table(uint32_t crc, const uint8_t *p, size_t len);
#if (__x86_64__)
static uint32_t recs_crc32c_sse42(uint32_t crc, const uint8_t *p, size_t len);
#endif


/* The reflected polynomial 0x82f63b78, four bits at a time. */

static const uint32_t  recs_crc32c_nibbles[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
    0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
    0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75
};


uint64_t
recs_key64(const void *data, size_t len)
{
    return XXH3_64bits(data, len);
}


uint64_t
recs_key64_search(const void *text, size_t len)
{
    size_t          i, n;
    uint8_t         c, folded[RECS_SEARCH_MAX];
    const uint8_t  *p;

    p = text;

    for (i = 0, n = 0; i < len && n < RECS_SEARCH_MAX; i++) {
        c = p[i];

        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            if (n == 0 || folded[n - 1] == ' ') {
                continue;
            }

            c = ' ';

        } else if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        folded[n++] = c;
    }

    if (n && folded[n - 1] == ' ') {
        n--;
    }

    return n ? recs_key64(folded, n) : 0;
}


uint64_t
recs_key64_tag(const void *text, size_t len)
{
    size_t          i;
    uint8_t         folded[RECS_SEARCH_MAX];
    const uint8_t  *p;

    p = text;
    len = recs_min(len, RECS_SEARCH_MAX);

    for (i = 0; i < len; i++) {
        folded[i] = (p[i] >= 'A' && p[i] <= 'Z') ? p[i] | 0x20 : p[i];
    }

    return recs_key64(folded, len);
}


uint32_t
recs_crc32c(uint32_t crc, const void *data, size_t len)
{
#if (__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        return ~recs_crc32c_sse42(~crc, data, len);
    }
#endif

    return ~recs_crc32c_table(~crc, data, len);
}


static uint32_t
recs_crc32c_table(uint32_t crc, const uint8_t *p, size_t len)
{
    while (len--) {
        crc ^= *p++;
        crc = recs_crc32c_nibbles[crc & 15] ^ (crc >> 4);
        crc = recs_crc32c_nibbles[crc & 15] ^ (crc >> 4);
    }

    return crc;
}


#if (__x86_64__)

__attribute__((target("sse4.2")))
static uint32_t
recs_crc32c_sse42(uint32_t crc, const uint8_t *p, size_t len)
{
    uint64_t  c, word;

    for (c = crc; len >= 8; len -= 8) {
        memcpy(&word, p, 8);
        c = _mm_crc32_u64(c, word);
        p += 8;
    }

    for (crc = (uint32_t) c; len; len--) {
        crc = _mm_crc32_u8(crc, *p++);
    }

    return crc;
}

#endif
