/*
 * Copyright (C) recs authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../core/event/recs_token.h"
#include "tap.h"


#define KEY  "000102030405060708090a0b0c0d0e0f"                               \
             "101112131415161718191a1b1c1d1e1f"
#define NEXT "f00102030405060708090a0b0c0d0e0f"                               \
             "101112131415161718191a1b1c1d1e1f"

#define SHOP  0x5109000000000001ULL

/*
 * By another program, Python's hmac and base64:
 *
 *   key = hmac(KEY, b"recs click\1")
 *   data = struct.pack(">BBIQHQ", 0x10, 7, 30000000, 0x0102030405060708, 3,
 *                      0xa1a2a3a4a5a6a7a8)
 *   urlsafe_b64encode(data + hmac(key, data + struct.pack(">Q", SHOP))[:16])
 */

#define PUBLIC                                                                \
    "EAcBycOAAQIDBAUGBwgAA6Gio6Slpqeo9uCNmzvVV8WfgUPURWb3og"
#define PRIVATE                                                               \
    "EQcBycOAAQIDBAUGBwgD6QAAAAAAAAAq4eLj5OXm5-j-wMer5XA77OXxw_wBbXHu"


static char         path[] = "recs_token_XXXXXX";
static recs_keys_t  keys, others;

static const recs_token_t  public_token = {
    0x0102030405060708ULL, 0xa1a2a3a4a5a6a7a8ULL, 0, 30000000, 3, 0
};

static const recs_token_t  private_token = {
    0x0102030405060708ULL, 42, 0xe1e2e3e4e5e6e7e8ULL, 30000000, 1001, 1
};


static void
load(recs_keys_t *k, const char *text)
{
    int          fd;
    const char  *err;

    fd = open(path, O_WRONLY|O_CREAT|O_TRUNC, 0600);

    ok(fd != -1 && write(fd, text, strlen(text)) == (ssize_t) strlen(text)
       && close(fd) == 0 && recs_keys_load(k, path, 0, &err) == RECS_OK,
       "keys");
}


static int
opens(const recs_keys_t *k, uint64_t shop, const void *data, size_t len)
{
    recs_str_t    text;
    recs_token_t  t;

    text.data = data;
    text.len = len;

    return recs_token_read(&t, k, shop, &text) == RECS_OK;
}


static void
test_known(void)
{
    uint8_t       buf[RECS_TOKEN_MAX], id[RECS_TOKEN_ID];
    size_t        n;
    recs_str_t    text;
    recs_token_t  t;

    n = recs_token_write(&public_token, &keys.keys[0], SHOP, buf) - buf;
    is_str(buf, n, PUBLIC, "a public token");

    text.data = buf;
    text.len = n;
    is_int(recs_token_read(&t, &keys, SHOP, &text), RECS_OK, "is read");
    ok(t.product == public_token.product && t.id == public_token.id
       && t.epoch == 0 && t.expires == 30000000 && t.position == 3
       && !t.private, "as it was");
    n = recs_token_recommendation(&t, id);
    is_str(id, n, "a1a2a3a4a5a6a7a8", "its recommendationId");

    n = recs_token_write(&private_token, &keys.keys[0], SHOP, buf) - buf;
    is_str(buf, n, PRIVATE, "a private token");
    is_int(n, RECS_TOKEN_MAX, "is the longest");

    text.len = n;
    is_int(recs_token_read(&t, &keys, SHOP, &text), RECS_OK, "is read");
    ok(t.product == private_token.product && t.id == 42
       && t.epoch == private_token.epoch && t.position == 1001 && t.private,
       "as it was");
    n = recs_token_recommendation(&t, id);
    is_str(id, n, "e1e2e3e4e5e6e7e8-42", "its recommendationId");

    t.id = UINT64_MAX;
    is_int(recs_token_recommendation(&t, id), 37, "the longest id");
}


static void
test_keys(void)
{
    uint8_t       buf[RECS_TOKEN_MAX];
    size_t        n;
    recs_keys_t   none;

    load(&others, "7 " KEY "\n8 " NEXT "\n");
    ok(opens(&others, SHOP, PUBLIC, strlen(PUBLIC)), "an older key opens");

    n = recs_token_write(&public_token, &others.keys[0], SHOP, buf) - buf;
    ok(opens(&others, SHOP, buf, n), "the current one, too");
    ok(!opens(&keys, SHOP, buf, n), "a key that is not known does not");

    load(&others, "7 " NEXT "\n");
    ok(!opens(&others, SHOP, PUBLIC, strlen(PUBLIC)),
       "another key of that number does not");

    memset(&none, 0, sizeof(none));
    ok(!opens(&none, SHOP, PUBLIC, strlen(PUBLIC)), "no key opens nothing");
    ok(!opens(&keys, SHOP + 1, PUBLIC, strlen(PUBLIC)), "nor another shop");
}


/* Nothing but the token itself opens: each bit, each cut, what is added. */

static void
test_forged(const char *token)
{
    char      buf[2 * RECS_TOKEN_MAX];
    size_t    i, len;
    unsigned  bit, opened;

    static const char  digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        "+/=. %\n\t\r&?#~\x7f\x80\xff";

    len = strlen(token);
    opened = 0;

    for (i = 0; i < len; i++) {
        for (bit = 0; bit < 256; bit++) {
            memcpy(buf, token, len);
            buf[i] = (char) bit;
            opened += (char) bit != token[i] && opens(&keys, SHOP, buf, len);
        }
    }

    is_int(opened, 0, "%zu: another character opens nothing", len);

    for (i = 0; i < len; i++) {
        opened += opens(&keys, SHOP, token, i);
        opened += opens(&keys, SHOP, token + i + 1, len - i - 1);
    }

    is_int(opened, 0, "%zu: nor a part", len);

    for (i = 0; i < sizeof(digits); i++) {
        memcpy(buf, token, len);
        buf[len] = digits[i];
        opened += opens(&keys, SHOP, buf, len + 1);
        buf[len + 1] = digits[i];
        opened += opens(&keys, SHOP, buf, len + 2);
    }

    memcpy(buf, token, len);
    memcpy(buf + len, token, len);
    opened += opens(&keys, SHOP, buf, 2 * len);

    is_int(opened, 0, "%zu: nor with something behind it", len);

    for (i = 0; i + 1 < len; i++) {
        memcpy(buf, token, len);
        buf[i] = token[i + 1];
        buf[i + 1] = token[i];
        opened += token[i] != token[i + 1] && opens(&keys, SHOP, buf, len);
    }

    is_int(opened, 0, "%zu: nor two characters exchanged", len);
}


/* What is signed is no identity, and the other way round. */

static void
test_apart(void)
{
    uint8_t          sign[RECS_SIGNATURE_SIZE];
    recs_str_t       id = recs_string("alice");
    recs_identity_t  identity;

    recs_identity(&keys, 0, RECS_KIND_USER, &id, &identity);
    recs_key_sign(&keys.keys[0], "u\0alice", 7, sign);

    ok(memcmp(identity.bytes + 1, sign, RECS_IDENTITY_SIZE - 1) != 0,
       "a signature is no identity");
    is_int(recs_key_verify(&keys.keys[0], "u\0alice", 7, sign,
                           sizeof(sign)), RECS_OK, "it is one");
    is_int(recs_key_verify(&keys.keys[0], "u\0alicf", 7, sign,
                           sizeof(sign)), RECS_ERROR, "not of another text");
    is_int(recs_key_verify(&keys.keys[0], "u\0alice", 7, sign,
                           sizeof(sign) + 1), RECS_ERROR, "nor a longer one");
}


static void
test_random(void)
{
    int           i;
    size_t        n;
    uint8_t       buf[RECS_TOKEN_MAX];
    unsigned      seed, wrong;
    recs_str_t    text;
    recs_token_t  t, back;

    seed = getenv("SEED") ? (unsigned) atoi(getenv("SEED"))
                          : (unsigned) time(NULL);
    srand(seed);
    wrong = 0;

    for (i = 0; i < 20000; i++) {
        memset(&t, 0, sizeof(t));
        t.product = (uint64_t) rand() << 40 ^ (uint64_t) rand();
        t.id = (uint64_t) rand() << 33 ^ (uint64_t) rand() << 10;
        t.expires = (uint32_t) rand() * 2;
        t.position = (uint16_t) rand();
        t.private = rand() & 1;
        t.epoch = t.private ? (uint64_t) rand() << 20 : 0;

        n = recs_token_write(&t, &keys.keys[0], SHOP, buf) - buf;
        text.data = buf;
        text.len = n;

        memset(&back, 0xee, sizeof(back));

        wrong += recs_token_read(&back, &keys, SHOP, &text) != RECS_OK
                 || back.product != t.product || back.id != t.id
                 || back.epoch != t.epoch || back.expires != t.expires
                 || back.position != t.position || back.private != t.private;

        buf[rand() % n] ^= (uint8_t) (1 << rand() % 8);
        wrong += recs_token_read(&back, &keys, SHOP, &text) == RECS_OK;
    }

    is_int(wrong, 0, "tokens come back as they were, SEED=%u", seed);
}


int
main(void)
{
    int  fd;

    fd = mkstemp(path);
    ok(fd != -1, "a file");
    close(fd);

    load(&keys, "7 " KEY "\n");

    test_known();
    test_keys();
    test_forged(PUBLIC);
    test_forged(PRIVATE);
    test_apart();
    test_random();

    unlink(path);

    return done_testing();
}
