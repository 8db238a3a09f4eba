/*
 * Copyright (C) recs authors
 *
 * Redis: live sessions that follow their visitors.  The stream has nothing of
 * what is committed (source/redis.c).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../source/feed.h"
#include "erase.h"


#define RECS_ERASE_KEY  512
#define RECS_ERASE_SCAN "1000"


typedef struct {
    recs_erase_t         *erase;
    recs_redis_t         *redis;
    recs_erase_place_t   *place;
    char                  cursor[32];
    unsigned              nth;
    char                **keys;
    size_t                count;
    size_t                cap;
    int                   theirs;
} recs_erase_keys_t;


static int recs_redis_sessions(recs_erase_keys_t *k, const char *stream);
static void recs_redis_match(char *match, const char *stream);
static int recs_redis_scanned(void *ctx, const recs_str_t *text);
static int recs_redis_session(recs_erase_keys_t *k, const char *key);
static int recs_redis_value(void *ctx, const recs_str_t *text);
static int recs_redis_ignore(void *ctx, const recs_str_t *text);


void
recs_erase_redis(recs_erase_t *erase)
{
    int                   rc;
    recs_feed_t          *feed;
    recs_error_t          e;
    recs_erase_keys_t     k;

    if (erase->config->redis == NULL) {
        return;
    }

    /* a connection of our own: the daemon's is its own */

    feed = recs_calloc(1, sizeof(recs_feed_t));
    feed->log = erase->log;

    memset(&k, 0, sizeof(k));
    k.erase = erase;
    k.place = &erase->places[RECS_ERASE_REDIS];
    k.redis = recs_redis_open(feed, erase->config, &e);

    if (k.redis == NULL) {
        recs_erase_left(erase, RECS_ERASE_REDIS, "%s", e.text);
        free(feed);
        return;
    }

    rc = recs_redis_sessions(&k, erase->config->stream);

    if (rc == RECS_AGAIN) {
        recs_erase_left(erase, RECS_ERASE_REDIS, "%s is away; erase again",
                        erase->config->redis);

    } else if (rc != RECS_OK) {
        recs_erase_left(erase, RECS_ERASE_REDIS, "%s refuses: allow scan, "
                        "get and del, and erase again",
                        erase->config->redis);
    }

    recs_redis_close(k.redis);
    free(feed);
}


static int
recs_redis_sessions(recs_erase_keys_t *k, const char *stream)
{
    int          rc;
    char         match[RECS_ERASE_KEY];
    size_t       i;
    const char  *argv[6];

    recs_redis_match(match, stream);
    strcpy(k->cursor, "0");

    do {
        argv[0] = "SCAN";
        argv[1] = k->cursor;
        argv[2] = "MATCH";
        argv[3] = match;
        argv[4] = "COUNT";
        argv[5] = RECS_ERASE_SCAN;

        k->nth = 0;
        k->count = 0;
        rc = recs_redis_ask(k->redis, 6, argv, recs_redis_scanned, k);

        for (i = 0; i < k->count; i++) {

            if (rc == RECS_OK) {
                rc = recs_redis_session(k, k->keys[i]);
            }

            free(k->keys[i]);
        }

    } while (rc == RECS_OK && strcmp(k->cursor, "0") != 0);

    free(k->keys);
    k->keys = NULL;

    return rc;
}


/* The names of the records, as a pattern. */

static void
recs_redis_match(char *match, const char *stream)
{
    size_t  n;

    for (n = 0; *stream && n < RECS_ERASE_KEY - sizeof("\\*:session:*");
         stream++)
    {
        if (strchr("*?[]\\", *stream)) {
            match[n++] = '\\';
        }

        match[n++] = *stream;
    }

    strcpy(match + n, ":session:*");
}


/* The first text is where to go on, the others are keys. */

static int
recs_redis_scanned(void *ctx, const recs_str_t *text)
{
    char               *key;
    recs_erase_keys_t  *k;

    k = ctx;

    if (k->nth++ == 0) {
        snprintf(k->cursor, sizeof(k->cursor), "%.*s", (int) text->len,
                 (const char *) text->data);
        return RECS_OK;
    }

    recs_grow(&k->keys, &k->cap, k->count + 1, sizeof(char *));
    key = recs_alloc(text->len + 1);
    memcpy(key, text->data, text->len);
    key[text->len] = '\0';
    k->keys[k->count++] = key;

    return RECS_OK;
}


/* By the identity that is its name, or the user that is in its record. */

static int
recs_redis_session(recs_erase_keys_t *k, const char *key)
{
    int               rc;
    size_t            i, len;
    unsigned          n;
    const char       *argv[2];
    recs_str_t        name;
    recs_identity_t   id;

    k->place->looked++;
    k->theirs = 0;
    len = strlen(key);

    if (len >= 2 * RECS_IDENTITY_SIZE) {
        key += len - 2 * RECS_IDENTITY_SIZE;

        for (i = 0; i < RECS_IDENTITY_SIZE; i++) {
            n = 0;
            (void) sscanf(key + 2 * i, "%2x", &n);
            id.bytes[i] = (uint8_t) n;
        }

        key -= len - 2 * RECS_IDENTITY_SIZE;
        name.data = id.bytes;
        name.len = RECS_IDENTITY_SIZE;
        (void) recs_redis_value(k, &name);
    }

    argv[0] = "GET";
    argv[1] = key;
    rc = k->theirs ? RECS_OK
         : recs_redis_ask(k->redis, 2, argv, recs_redis_value, k);

    if (rc == RECS_OK && k->theirs) {
        argv[0] = "DEL";
        rc = recs_redis_ask(k->redis, 2, argv, recs_redis_ignore, NULL);
        k->place->changed += (rc == RECS_OK);
    }

    return rc;
}


static int
recs_redis_value(void *ctx, const recs_str_t *text)
{
    recs_erase_keys_t  *k;

    k = ctx;
    k->theirs |= recs_erase_bytes(&k->erase->who, text->data, text->len);

    return RECS_OK;
}


static int
recs_redis_ignore(void *ctx, const recs_str_t *text)
{
    return RECS_OK;
}
