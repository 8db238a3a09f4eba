/*
 * Copyright (C) recs authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../core/event/recs_identity.h"
#include "tap.h"


#define ZEROS  "00000000000000000000000000000000"                             \
               "00000000000000000000000000000000"
#define KEY    "000102030405060708090a0b0c0d0e0f"                             \
               "101112131415161718191a1b1c1d1e1f"

#define ORDER    "6fd253f9ced955f60783fb5e33ab43"
#define MESSAGE  "48071ad25a3d3a69d9e8efada063e0"


static char         folder[] = "recs_identity_XXXXXX";
static char         path[sizeof(folder) + 10];
static recs_keys_t  keys;


/* Writes the key file and loads it; why it is bad. */

static const char *
load(const char *text)
{
    int          fd;
    const char  *err;

    fd = open(path, O_WRONLY|O_CREAT|O_TRUNC, 0600);

    if (fd == -1 || write(fd, text, strlen(text)) != (ssize_t) strlen(text)) {
        return "cannot write";
    }

    close(fd);

    return recs_keys_load(&keys, path, 0, &err) == RECS_OK ? "" : err;
}


#define load_is(text, want)                                                   \
    is_str(load(text), strlen(load(text)), want, "\"%.20s\"", text)


static int
identity_is(unsigned n, uint8_t kind, const char *id, unsigned number,
    const char *hex)
{
    int              i;
    char             text[2 * RECS_IDENTITY_SIZE + 1];
    recs_str_t       s;
    recs_identity_t  identity;

    s.data = (const uint8_t *) id;
    s.len = strlen(id);

    recs_identity(&keys, n, kind, &s, &identity);

    for (i = 1; i < RECS_IDENTITY_SIZE; i++) {
        snprintf(text + 2 * (i - 1), 3, "%02x", identity.bytes[i]);
    }

    return identity.bytes[0] == number
           && memcmp(text, hex, 2 * (RECS_IDENTITY_SIZE - 1)) == 0;
}


static void
test_hmac(void)
{
    char          longer[101];
    recs_event_t  e;

    load_is("# a key\n\n7 " KEY "\n", "");
    is_int(keys.count, 1, "one key");

    /* printf 'u\0alice' | openssl dgst -sha256 -mac HMAC -macopt hexkey:... */

    ok(identity_is(0, RECS_KIND_USER, "alice", 7,
                   "73ae174804da051adf6b07c62f07c15d"), "a user");
    ok(identity_is(0, RECS_KIND_SESSION, "alice", 7,
                   "f74a3c1f250dd34c18ecdb6b392d8470"), "a session");

    memset(longer, 'x', 100);
    longer[100] = '\0';
    ok(identity_is(0, RECS_KIND_ANONYMOUS, longer, 7,
                   "93a99170bb72d106fc0038375b8d3608"), "a long id");
    ok(identity_is(0, RECS_KIND_USER, "alice", 7,
                   "73ae174804da051adf6b07c62f07c15d"), "the same again");
    ok(identity_is(0, RECS_KIND_USER, "", 0, ZEROS), "no id");
    ok(identity_is(1, RECS_KIND_USER, "alice", 0, ZEROS), "no such key");

    recs_event_init(&e);
    e.user_id = (recs_str_t) recs_string("alice");
    e.session_id = (recs_str_t) recs_string("alice");
    recs_identity_event(&keys, &e);
    ok(memcmp(e.user.bytes, "\x07\x73\xae\x17", 4) == 0, "user of an event");
    ok(memcmp(e.session.bytes, "\x07\xf7\x4a\x3c", 4) == 0, "session");
    ok(!recs_identity_known(&e.anonymous), "nobody");
    is_int(e.user_id.len + e.session_id.len, 0, "raw ids are forgotten");

    recs_identity_event(&keys, &e);
    ok(recs_identity_known(&e.user), "an identity stays");

    e.consent = RECS_CONSENT_DENIED;
    e.anonymous_id = (recs_str_t) recs_string("alice");
    recs_identity_event(&keys, &e);
    ok(!recs_identity_known(&e.user) && !recs_identity_known(&e.session)
       && !recs_identity_known(&e.anonymous), "consent is denied");
    is_int(e.anonymous_id.len, 0, "raw id is forgotten, too");
}


/* Events that come together against each of them alone. */

static void
test_together(void)
{
    unsigned              i, k, n, seed, wrong, formers;
    recs_str_t           *raw[3];
    recs_event_t          e, alone;
    recs_identity_last_t  last;

    static const recs_str_t  ids[] = {
        recs_null_string, recs_string("alice"), recs_string("bobby"),
        recs_string("alice"), recs_string("alic"), recs_string("alicea")
    };

    load_is("1 " ZEROS "\n9 " KEY "\n7 " KEY "\n", "");
    is_int(keys.count, 3, "three keys");

    seed = getenv("SEED") ? (unsigned) atoi(getenv("SEED"))
                          : (unsigned) getpid();
    printf("# SEED=%u\n", seed);
    srandom(seed);

    memset(&last, 0, sizeof(last));
    wrong = 0;
    formers = 0;

    for (n = 0; n < 5000; n++) {
        recs_event_init(&e);
        raw[0] = &e.user_id;
        raw[1] = &e.anonymous_id;
        raw[2] = &e.session_id;

        for (i = 0; i < 3; i++) {
            *raw[i] = ids[(unsigned) random() % 6];
        }

        e.consent = (random() % 8) ? RECS_CONSENT_GRANTED
                                   : RECS_CONSENT_DENIED;
        alone = e;
        recs_identity_event(&keys, &alone);
        recs_identity_events(&keys, &e, &last);

        wrong += memcmp(&e.user, &alone.user, sizeof(e.user))
                 || memcmp(&e.anonymous, &alone.anonymous, sizeof(e.user))
                 || memcmp(&e.session, &alone.session, sizeof(e.user))
                 || memcmp(e.formers, alone.formers, sizeof(e.formers));

        for (i = 0; i < 3; i++) {
            for (k = 0; k < 2; k++) {
                formers += recs_identity_known(&e.formers[i][k])
                           && e.formers[i][k].bytes[0] != (k ? 1 : 9);
            }
        }
    }

    is_int(wrong, 0, "events that come together are as they are alone");
    is_int(formers, 0, "keys before, the later one first");
}


/* Texts of which any but a few may be somebody's. */

static void
test_denied_texts(void)
{
    unsigned      i, left;
    recs_event_t  e;

    recs_str_t *const  texts[] = {
        &e.recommendation, &e.placement, &e.source, &e.query, &e.category,
        &e.brand, &e.status, &e.currency, &e.browser, &e.name, &e.region,
        &e.variant, &e.entity_id, &e.entity_type, &e.items[0].variant,
        &e.items[1].variant
    };
    const unsigned     count = sizeof(texts) / sizeof(texts[0]);

    load_is("7 " KEY "\n", "");

    for (i = 0; i < 2; i++) {
        recs_event_init(&e);
        e.consent = i ? RECS_CONSENT_DENIED : RECS_CONSENT_GRANTED;
        e.session_id = (recs_str_t) recs_string("alice-0815");
        e.page_url = (recs_str_t) recs_string("https://shop/");
        e.item_count = 2;
        e.items[0].product = (recs_str_t) recs_string("alice-0815");
        e.items[1].product = (recs_str_t) recs_string("p2");

        for (left = 0; left < count; left++) {
            *texts[left] = (recs_str_t) recs_string("of alice-0815.");
        }

        recs_identity_event(&keys, &e);

        for (left = 0; left < count && texts[left]->len; left++) {
            /* void */
        }

        is_int(left, i ? 0 : count, i ? "the first text goes"
                                      : "texts of who said yes stay");
        is_int(e.page_url.len, i ? 0 : 13, "the address of a page");
        is_int(e.items[0].product.len, 10, "a product is one");
    }

    for (left = 0, i = 0; i < count; i++) {
        left += texts[i]->len != 0;
        *texts[i] = (recs_str_t) recs_string("of alice-081");
    }

    is_int(left, 0, "none of them");

    e.user_id = (recs_str_t) recs_string("of ");
    e.session_id = (recs_str_t) recs_string("alice-0815");
    recs_identity_event(&keys, &e);

    for (i = 0; i < count; i++) {
        left += texts[i]->len != 0;
    }

    /* but for the recommendationId, which has a "-" */

    is_int(left, count - 1, "half an id, and one that is too short, are not");
}


/* Who said no leaves no identifier, in whatever way the event came. */

static void
test_denied(void)
{
    recs_event_t  e, other;

    load_is("7 " KEY "\n", "");

    recs_event_init(&e);
    e.verified = 1;
    e.user_id = (recs_str_t) recs_string("alice");
    e.order = (recs_str_t) recs_string("alice");
    e.message_id = (recs_str_t) recs_string("alice");
    e.address = (recs_str_t) recs_string("192.0.2.77");
    e.metadata = (recs_str_t) recs_string("{}");
    e.recommendation = (recs_str_t) recs_string("00000000000000ab-1");
    e.query = (recs_str_t) recs_string("lantern");

    other = e;
    recs_identity_event(&keys, &other);

    is_str(other.order.data, other.order.len, "alice", "an order as it is");
    is_str(other.message_id.data, other.message_id.len, "alice", "message");
    is_int(other.address.len, 10, "address");
    is_int(other.metadata.len, 2, "metadata");
    is_int(other.recommendation.len, 18, "a private recommendationId");
    is_int(other.verified, 1, "verified");

    e.consent = RECS_CONSENT_DENIED;
    other = e;
    recs_identity_event(&keys, &e);

    is_int(e.verified, 0, "denied: nobody is verified");
    is_int(e.address.len + e.metadata.len, 0, "no address, no metadata");
    is_int(e.recommendation.len, 0, "no private recommendationId");
    is_str(e.query.data, e.query.len, "lantern", "what was searched for");

    /* printf 'o\0alice' | openssl dgst -sha256 -mac HMAC -macopt hexkey:... */

    is_str(e.order.data, e.order.len, "07" ORDER, "the order under the key");
    is_str(e.message_id.data, e.message_id.len, "07" MESSAGE, "the message");

    other.recommendation = (recs_str_t) recs_string("5f0c6d0f8f0c2a11");
    other.message_id.len = 0;
    recs_identity_event(&keys, &other);

    ok(other.order.len == e.order.len
       && memcmp(other.order.data, e.order.data, e.order.len) == 0,
       "one order is one order");
    is_int(other.message_id.len, 0, "no message is none");
    is_int(other.recommendation.len, 16, "a public recommendationId stays");

    keys.count = 0;
    recs_identity_event(&keys, &e);
    is_int(e.order.len, 0, "without a key no order is kept");
}


static void
test_file(void)
{
    char         text[5000];
    const char  *err;

    load_is("1 " ZEROS "\n2 " KEY, "");
    is_int(keys.count, 2, "two keys");
    is_int(keys.keys[0].number, 2, "the last is the current one");
    is_int(keys.keys[1].number, 1, "the one before is known");

    load_is("", "key file has no key");
    load_is("# nothing\n", "key file has no key");
    load_is("1 " ZEROS "\r\n", "");
    load_is("0 " ZEROS "\n", "key file has a line that is no key");
    load_is("256 " ZEROS "\n", "key file has a line that is no key");
    load_is("1 " ZEROS "0\n", "key file has a line that is no key");
    load_is("1 abc\n", "key file has a line that is no key");
    load_is("1  " KEY "\n", "key file has a line that is no key");
    load_is(KEY "\n", "key file has a line that is no key");
    load_is("1 " KEY "\n1 " ZEROS "\n", "key file has two keys of one number");
    load_is("1 " KEY "\n2 " KEY "\n3 " KEY "\n4 " KEY "\n5 " KEY "\n",
            "key file has too many keys");
    is_int(keys.count, 0, "no key of a bad file");

    memset(text, '#', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    load_is(text, "key file is too long");

    unlink(path);
    is_int(recs_keys_load(&keys, path, 0, &err), RECS_ERROR, "no file");
    is_int(recs_keys_load(&keys, ".", 0, &err), RECS_ERROR, "a folder");
    is_int(recs_keys_load(&keys, "no/such/key", 1, &err), RECS_ERROR,
           "no folder");
}


/* Many processes come at once: all of them get the same key. */

static void
test_race(void)
{
    int              i, fd[2], status, failed;
    const char      *err;
    recs_str_t       id = recs_string("alice");
    struct stat      st;
    recs_identity_t  first, other;

    if (pipe(fd) == -1) {
        return;
    }

    fflush(stdout);

    for (i = 0; i < 16; i++) {

        if (fork() == 0) {

            if (recs_keys_load(&keys, path, 1, &err) != RECS_OK) {
                _exit(1);
            }

            recs_identity(&keys, 0, RECS_KIND_USER, &id, &other);
            _exit(write(fd[1], &other, sizeof(other)) != sizeof(other));
        }
    }

    for (i = 0, failed = 0; i < 16; i++) {
        failed += wait(&status) == -1 || status != 0;
    }

    is_int(failed, 0, "16 processes make a key");

    close(fd[1]);
    failed = read(fd[0], &first, sizeof(first)) != sizeof(first);

    for (i = 1; i < 16; i++) {
        failed += read(fd[0], &other, sizeof(other)) != sizeof(other)
                  || memcmp(&first, &other, sizeof(other)) != 0;
    }

    is_int(failed, 0, "the same one");
    ok(recs_identity_known(&first) && first.bytes[0] == 1, "number 1");

    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640 && st.st_nlink == 1,
       "mode 0640, no other name");

    unlink(path);
    ok(rmdir(folder) == 0, "nothing is left in the folder");
}


int
main(void)
{
    uint64_t  a, b;

    if (mkdtemp(folder) == NULL) {
        return 1;
    }

    snprintf(path, sizeof(path), "%s/key", folder);

    test_hmac();
    test_denied();
    test_denied_texts();
    test_together();
    test_file();
    test_race();

    ok(recs_random64(&a) == RECS_OK && recs_random64(&b) == RECS_OK && a != b,
       "random numbers");

    return done_testing();
}
