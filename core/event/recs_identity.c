/*
 * Copyright (C) recs authors
 *
 * The old names of SHA-256 in libcrypto: those that work on a state in our
 * memory, which can be computed once for a key and copied for an id.  EVP
 * would allocate a context for each.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#ifndef _GNU_SOURCE
#define _GNU_SOURCE              /* memmem() */
#endif

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_identity.h"
#include "../recs_out.h"


#define RECS_KEY_BYTES       32
#define RECS_KEY_FILE_MAX    4096
#define RECS_KEY_PATH_MAX    4096
#define RECS_KEY_BLOCK       64      /* of SHA-256 */

#define RECS_ID_TELLS        4       /* bytes: shorter ones are anywhere */


typedef struct {
    SHA256_CTX  inner;
    SHA256_CTX  outer;
} recs_key_state_t;

typedef char  recs_key_state_fits[
    sizeof(recs_key_state_t) <= RECS_KEY_STATE ? 1 : -1];


static void recs_identity_scrub(recs_event_t *e);
static void recs_identity_scrub_text(const recs_event_t *e, recs_str_t *text);
static unsigned recs_identity_within(const recs_event_t *e,
    const recs_str_t *text);
static void recs_identity_deny(const recs_keys_t *keys, recs_event_t *e);
static void recs_identity_mask(const recs_keys_t *keys, uint8_t kind,
    recs_str_t *id, uint8_t *hex);
static int recs_keys_create(const char *path, const char **err);
static int recs_keys_temporary(const char *path, char *buf);
static int recs_keys_write(int fd, const char **err);
static int recs_keys_sync(const char *path);
static int recs_keys_parse(recs_keys_t *keys, const recs_str_t *text,
    const char **err);
static int recs_key_parse(recs_key_t *key, const recs_str_t *line);
static void recs_key_init(recs_key_t *key, const uint8_t *secret);
static void recs_key_state(const uint8_t *secret, uint64_t *words);
static int recs_random(void *buf, size_t len);


int
recs_keys_load(recs_keys_t *keys, const char *path, unsigned create,
    const char **err)
{
    int         fd, rc;
    ssize_t     n;
    uint8_t     buf[RECS_KEY_FILE_MAX + 1];
    recs_str_t  text;

    memset(keys, 0, sizeof(recs_keys_t));

    fd = open(path, O_RDONLY|O_CLOEXEC);

    if (fd == -1 && errno == ENOENT && create) {

        if (recs_keys_create(path, err) != RECS_OK) {
            return RECS_ERROR;
        }

        fd = open(path, O_RDONLY|O_CLOEXEC);
    }

    if (fd == -1) {
        *err = "key file cannot be opened";
        return RECS_ERROR;
    }

    text.data = buf;
    text.len = 0;

    do {
        n = read(fd, buf + text.len, sizeof(buf) - text.len);

        if (n > 0) {
            text.len += n;
        }

    } while (n > 0 || (n == -1 && errno == EINTR));

    close(fd);

    if (n == -1) {
        *err = "key file cannot be read";
        rc = RECS_ERROR;

    } else if (text.len > RECS_KEY_FILE_MAX) {
        *err = "key file is too long";
        rc = RECS_ERROR;

    } else {
        rc = recs_keys_parse(keys, &text, err);
    }

    OPENSSL_cleanse(buf, sizeof(buf));

    return rc;
}


void
recs_identity(const recs_keys_t *keys, unsigned n, uint8_t kind,
    const recs_str_t *id, recs_identity_t *identity)
{
    uint8_t           prefix[2], digest[SHA256_DIGEST_LENGTH];
    const recs_key_t *key;
    recs_key_state_t  state;

    if (id->len == 0 || n >= keys->count) {
        memset(identity, 0, sizeof(recs_identity_t));
        return;
    }

    key = &keys->keys[n];

    memcpy(&state, key->state, sizeof(state));

    prefix[0] = kind;
    prefix[1] = 0;

    SHA256_Update(&state.inner, prefix, sizeof(prefix));
    SHA256_Update(&state.inner, id->data, id->len);
    SHA256_Final(digest, &state.inner);

    SHA256_Update(&state.outer, digest, sizeof(digest));
    SHA256_Final(digest, &state.outer);

    identity->bytes[0] = key->number;
    memcpy(identity->bytes + 1, digest, RECS_IDENTITY_SIZE - 1);
}


void
recs_key_sign(const recs_key_t *key, const void *data, size_t len,
    uint8_t *signature)
{
    recs_key_state_t  state;

    memcpy(&state, key->sign, sizeof(state));

    SHA256_Update(&state.inner, data, len);
    SHA256_Final(signature, &state.inner);

    SHA256_Update(&state.outer, signature, SHA256_DIGEST_LENGTH);
    SHA256_Final(signature, &state.outer);
}


int
recs_key_verify(const recs_key_t *key, const void *data, size_t len,
    const uint8_t *signature, size_t size)
{
    uint8_t  right[RECS_SIGNATURE_SIZE];

    if (size > sizeof(right)) {
        return RECS_ERROR;
    }

    recs_key_sign(key, data, len, right);

    return (CRYPTO_memcmp(right, signature, size) == 0) ? RECS_OK
                                                        : RECS_ERROR;
}


void
recs_identity_event(const recs_keys_t *keys, recs_event_t *e)
{
    recs_identity_last_t  none;

    memset(&none, 0, sizeof(recs_identity_last_t));
    recs_identity_events(keys, e, &none);
}


void
recs_identity_events(const recs_keys_t *keys, recs_event_t *e,
    recs_identity_last_t *last)
{
    unsigned     i, n;
    recs_str_t  *id;

    const struct {
        uint8_t           kind;
        recs_str_t       *id;
        recs_identity_t  *identity;

    } who[] = {
        { RECS_KIND_USER, &e->user_id, &e->user },
        { RECS_KIND_ANONYMOUS, &e->anonymous_id, &e->anonymous },
        { RECS_KIND_SESSION, &e->session_id, &e->session }
    };

    if (e->consent == RECS_CONSENT_DENIED) {
        recs_identity_scrub(e);
    }

    for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
        id = who[i].id;

        if (e->consent == RECS_CONSENT_DENIED) {
            memset(who[i].identity, 0, sizeof(recs_identity_t));

        } else if (id->len) {

            if (id->len != last->ids[i].len
                || memcmp(id->data, last->ids[i].data, id->len) != 0)
            {
                recs_identity(keys, 0, who[i].kind, id,
                              &last->identities[i]);
                last->ids[i] = *id;
            }

            *who[i].identity = last->identities[i];

            for (n = 1; n < keys->count; n++) {
                recs_identity(keys, n, who[i].kind, id,
                              &e->formers[i][n - 1]);
            }
        }

        id->len = 0;
        id->data = NULL;
    }

    if (e->consent == RECS_CONSENT_DENIED) {
        recs_identity_deny(keys, e);
    }
}


/*
 * An id may stand in a text, too: in the name of a page, in what was searched
 * for.  Addresses of pages go in any case.
 */

static void
recs_identity_scrub(recs_event_t *e)
{
    uint32_t                   i;
    recs_str_t                *s;
    const recs_event_field_t  *f;

    e->page_url = (recs_str_t) recs_null_string;
    e->referrer = (recs_str_t) recs_null_string;

    for (f = recs_event_fields; f->name; f++) {

        if (f->kind != RECS_FIELD_STRING || f->line) {
            continue;
        }

        s = (recs_str_t *) ((uint8_t *) e + f->offset);

        /* the ids themselves go; these two are masked */

        if (s != &e->user_id && s != &e->anonymous_id && s != &e->session_id
            && s != &e->order && s != &e->message_id)
        {
            recs_identity_scrub_text(e, s);
        }
    }

    for (i = 0; i < e->item_count; i++) {
        recs_identity_scrub_text(e, &e->items[i].variant);
    }
}


static void
recs_identity_scrub_text(const recs_event_t *e, recs_str_t *text)
{
    if (recs_identity_within(e, text)) {
        *text = (recs_str_t) recs_null_string;
    }
}


static unsigned
recs_identity_within(const recs_event_t *e, const recs_str_t *text)
{
    unsigned           i;
    const recs_str_t  *ids[] = {
        &e->user_id, &e->anonymous_id, &e->session_id
    };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (ids[i]->len >= RECS_ID_TELLS && text->len >= ids[i]->len
            && memmem(text->data, text->len, ids[i]->data, ids[i]->len))
        {
            return 1;
        }
    }

    return 0;
}


static void
recs_identity_deny(const recs_keys_t *keys, recs_event_t *e)
{
    e->verified = 0;
    e->address = (recs_str_t) recs_null_string;
    e->metadata = (recs_str_t) recs_null_string;

    if (e->recommendation.len
        && memchr(e->recommendation.data, '-', e->recommendation.len))
    {
        e->recommendation = (recs_str_t) recs_null_string;
    }

    recs_identity_mask(keys, RECS_KIND_ORDER, &e->order, e->masked[0]);
    recs_identity_mask(keys, RECS_KIND_MESSAGE, &e->message_id,
                       e->masked[1]);
}


static void
recs_identity_mask(const recs_keys_t *keys, uint8_t kind, recs_str_t *id,
    uint8_t *hex)
{
    unsigned         i;
    recs_identity_t  identity;

    static const char  digits[] = "0123456789abcdef";

    recs_identity(keys, 0, kind, id, &identity);

    if (!recs_identity_known(&identity)) {
        *id = (recs_str_t) recs_null_string;
        return;
    }

    for (i = 0; i < RECS_IDENTITY_SIZE; i++) {
        hex[2 * i] = (uint8_t) digits[identity.bytes[i] >> 4];
        hex[2 * i + 1] = (uint8_t) digits[identity.bytes[i] & 15];
    }

    id->data = hex;
    id->len = 2 * RECS_IDENTITY_SIZE;
}


int
recs_random64(uint64_t *n)
{
    return recs_random(n, sizeof(uint64_t));
}


static int
recs_keys_create(const char *path, const char **err)
{
    int   fd, rc;
    char  temporary[RECS_KEY_PATH_MAX];

    if (recs_keys_temporary(path, temporary) != RECS_OK) {
        *err = "key file has too long a name";
        return RECS_ERROR;
    }

    fd = open(temporary, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0640);

    if (fd == -1) {
        *err = "key file cannot be created";
        return RECS_ERROR;
    }

    rc = recs_keys_write(fd, err);

    if (close(fd) == -1) {
        *err = "key file cannot be written";
        rc = RECS_ERROR;
    }

    /* who comes second finds the file of the first, which is as good */

    if (rc == RECS_OK && link(temporary, path) == -1 && errno != EEXIST) {
        *err = "key file cannot be linked into place";
        rc = RECS_ERROR;
    }

    unlink(temporary);

    if (rc == RECS_OK && recs_keys_sync(path) != RECS_OK) {
        *err = "folder of the key file cannot be synced";
        rc = RECS_ERROR;
    }

    return rc;
}


static int
recs_keys_temporary(const char *path, char *buf)
{
    uint64_t    n;
    recs_out_t  out;

    if (recs_random64(&n) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_out_init(&out, buf, RECS_KEY_PATH_MAX);
    recs_out_bytes(&out, path, strlen(path));
    recs_out_byte(&out, '.');
    recs_out_hex64(&out, n);
    recs_out_bytes(&out, ".tmp", sizeof(".tmp"));

    return out.overflow ? RECS_ERROR : RECS_OK;
}


static int
recs_keys_write(int fd, const char **err)
{
    int         i, rc;
    uint8_t     line[2 + 8 * 8 + 1];
    uint64_t    secret[RECS_KEY_BYTES / 8];
    recs_out_t  out;

    if (recs_random(secret, sizeof(secret)) != RECS_OK) {
        *err = "getrandom() failed";
        return RECS_ERROR;
    }

    recs_out_init(&out, line, sizeof(line));
    recs_out_lit(&out, "1 ");

    for (i = 0; i < RECS_KEY_BYTES / 8; i++) {
        recs_out_hex64(&out, secret[i]);
    }

    recs_out_byte(&out, '\n');

    rc = RECS_OK;

    if (out.overflow
        || write(fd, line, sizeof(line)) != (ssize_t) sizeof(line)
        || fchmod(fd, 0640) == -1
        || fsync(fd) == -1)
    {
        *err = "key file cannot be written";
        rc = RECS_ERROR;
    }

    OPENSSL_cleanse(line, sizeof(line));
    OPENSSL_cleanse(secret, sizeof(secret));

    return rc;
}


/* Syncs the folder of a path. */

static int
recs_keys_sync(const char *path)
{
    int          fd, rc;
    char         folder[RECS_KEY_PATH_MAX];
    const char  *slash;

    slash = strrchr(path, '/');

    if (slash == NULL) {
        memcpy(folder, ".", 2);

    } else {
        memcpy(folder, path, slash - path + 1);
        folder[slash - path + 1] = '\0';
    }

    fd = open(folder, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1) {
        return RECS_ERROR;
    }

    rc = fsync(fd);

    close(fd);

    return (rc == -1) ? RECS_ERROR : RECS_OK;
}


/* The last line is the current key: keys are put in front. */

static int
recs_keys_parse(recs_keys_t *keys, const recs_str_t *text, const char **err)
{
    unsigned        i;
    recs_key_t      key;
    recs_str_t      line;
    const uint8_t  *p, *last;

    last = text->data + text->len;

    for (p = text->data; p < last; p = line.data + line.len + 1) {

        line.data = p;

        while (p < last && *p != '\n') {
            p++;
        }

        line.len = p - line.data;

        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }

        if (recs_key_parse(&key, &line) != RECS_OK) {
            *err = "key file has a line that is no key";
            goto failed;
        }

        for (i = 0; i < keys->count; i++) {
            if (keys->keys[i].number == key.number) {
                *err = "key file has two keys of one number";
                goto failed;
            }
        }

        if (keys->count == RECS_KEYS_MAX) {
            *err = "key file has too many keys";
            goto failed;
        }

        memmove(&keys->keys[1], &keys->keys[0],
                keys->count * sizeof(recs_key_t));
        keys->keys[0] = key;
        keys->count++;
    }

    if (keys->count == 0) {
        *err = "key file has no key";
        return RECS_ERROR;
    }

    return RECS_OK;

failed:

    memset(keys, 0, sizeof(recs_keys_t));

    return RECS_ERROR;
}


/* <number 1..255> <64 hexadecimal digits> */

static int
recs_key_parse(recs_key_t *key, const recs_str_t *line)
{
    int             high, low;
    size_t          i;
    uint8_t         secret[RECS_KEY_BYTES];
    unsigned        number;
    const uint8_t  *p, *last;

    p = line->data;
    last = p + line->len;

    for (number = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        number = number * 10 + (*p - '0');

        if (number > 255) {
            return RECS_ERROR;
        }
    }

    if (number == 0 || p == last || *p++ != ' ') {
        return RECS_ERROR;
    }

    if (last - p == 2 * RECS_KEY_BYTES + 1 && last[-1] == '\r') {
        last--;
    }

    if (last - p != 2 * RECS_KEY_BYTES) {
        return RECS_ERROR;
    }

    for (i = 0; i < RECS_KEY_BYTES; i++, p += 2) {
        high = recs_hex_digit(p[0]);
        low = recs_hex_digit(p[1]);

        if (high < 0 || low < 0) {
            return RECS_ERROR;
        }

        secret[i] = (uint8_t) (high << 4 | low);
    }

    key->number = (uint8_t) number;
    recs_key_init(key, secret);

    OPENSSL_cleanse(secret, sizeof(secret));

    return RECS_OK;
}


static void
recs_key_init(recs_key_t *key, const uint8_t *secret)
{
    uint8_t           signing[SHA256_DIGEST_LENGTH];
    recs_key_state_t  state;

    static const uint8_t  info[] = "recs click\1";

    recs_key_state(secret, key->state);

    memcpy(&state, key->state, sizeof(state));

    SHA256_Update(&state.inner, info, sizeof(info) - 1);
    SHA256_Final(signing, &state.inner);
    SHA256_Update(&state.outer, signing, sizeof(signing));
    SHA256_Final(signing, &state.outer);

    recs_key_state(signing, key->sign);

    OPENSSL_cleanse(signing, sizeof(signing));
    OPENSSL_cleanse(&state, sizeof(state));
}


/* The first block of both hashes of HMAC depends on the key alone. */

static void
recs_key_state(const uint8_t *secret, uint64_t *words)
{
    size_t            i;
    uint8_t           block[RECS_KEY_BLOCK];
    recs_key_state_t  state;

    memset(&state, 0, sizeof(state));
    memset(block, 0x36, sizeof(block));

    for (i = 0; i < RECS_KEY_BYTES; i++) {
        block[i] ^= secret[i];
    }

    SHA256_Init(&state.inner);
    SHA256_Update(&state.inner, block, sizeof(block));

    for (i = 0; i < sizeof(block); i++) {
        block[i] ^= 0x36 ^ 0x5c;
    }

    SHA256_Init(&state.outer);
    SHA256_Update(&state.outer, block, sizeof(block));

    memset(words, 0, RECS_KEY_STATE);
    memcpy(words, &state, sizeof(state));

    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(&state, sizeof(state));
}



static int
recs_random(void *buf, size_t len)
{
    ssize_t  n;

    do {
        n = getrandom(buf, len, 0);

    } while (n == -1 && errno == EINTR);

    return (n == (ssize_t) len) ? RECS_OK : RECS_ERROR;
}
