/*
 * Copyright (C) recs authors
 *
 * The stream of the workers' batches, read by plain XREAD: the place in it
 * is committed with the batch, in the event log.  Redis is transport only:
 * when it is away, or has lost what it had, workers send again from the
 * positions that are published here.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "../memory.h"
#include "feed.h"
#include "link.h"
#include "positions.h"


#define RECS_REDIS_COUNT       "64"      /* entries of an XREAD */

#define RECS_REDIS_CONNECT_MS  500
#define RECS_REDIS_REPLY_MS    700
#define RECS_REDIS_CHECK_MS    2000
#define RECS_REDIS_BEAT_MS     2000

#define RECS_REDIS_ID          48
#define RECS_REDIS_BAD         10        /* entries warned of */


struct recs_redis_s {
    recs_feed_t        *feed;
    const char         *user;
    const char         *password_file;
    long                db;
    redisContext       *c;
    recs_link_t         link;
    recs_positions_t    positions;
    int64_t             check_ms;            /* next look at the stream */
    int64_t             beat_ms;             /* next sign of life */
    char                id[RECS_REDIS_ID];   /* of the last entry */
    char                trimmed[RECS_REDIS_ID];
    unsigned            bad;
    uint64_t            connects;
    char                refused[RECS_LINK_TEXT];
    uint64_t            entries;             /* of the stream */
};


typedef struct {
    const redisReply    *e;
    const redisReply    *b;
} recs_redis_entry_t;


static int recs_redis_connect(recs_redis_t *r);
static redisContext *recs_redis_dial(recs_redis_t *r);
static int recs_redis_auth(recs_redis_t *r);
static int recs_redis_select(recs_redis_t *r);
static int recs_redis_check(recs_redis_t *r);
static void recs_redis_info(recs_redis_t *r, const redisReply *reply,
    const char **last);
static int recs_redis_read(recs_redis_t *r, redisReply **reply);
static int recs_redis_take(recs_redis_t *r, const redisReply *reply,
    char *id, recs_error_t *e);
static int recs_redis_entry(recs_redis_t *r, const redisReply *fields,
    const char *id, recs_error_t *e);
static void recs_redis_fields(const redisReply *fields,
    recs_redis_entry_t *entry);
static void recs_redis_bad(recs_redis_t *r, const char *id, const char *why);
static int recs_redis_commit(recs_redis_t *r, const char *id,
    recs_error_t *e);
static void recs_redis_publish(recs_redis_t *r);
static int recs_redis_tell(recs_redis_t *r);
static int recs_redis_write(void *ctx, int argc, const char **argv);
static redisReply *recs_redis_command(recs_redis_t *r, int argc,
    const char **argv);
static int recs_redis_texts(const redisReply *reply, recs_redis_text_pt text,
    void *ctx);
static void recs_redis_failed(recs_redis_t *r, const redisReply *reply);
static void recs_redis_hang_up(recs_redis_t *r);


recs_redis_t *
recs_redis_open(recs_feed_t *feed, const recs_config_t *config,
    recs_error_t *e)
{
    recs_redis_t  *r;

    if (strpbrk(config->stream, "\"\\\n\r\t ")) {
        recs_error(e, "\"stream\" is \"%s\", must have no quotes and blanks",
                   config->stream);
        return NULL;
    }

    if (strncmp(config->redis, "unix:", 5) != 0
        && strrchr(config->redis, ':') == NULL)
    {
        recs_error(e, "\"redis\" is \"%s\", must be unix:PATH or HOST:PORT",
                   config->redis);
        return NULL;
    }

    r = recs_calloc(1, sizeof(recs_redis_t));

    r->feed = feed;
    r->user = config->redis_user;
    r->password_file = config->redis_password_file;
    r->db = config->redis_db;
    r->link.target = config->redis;
    r->link.stream = config->stream;
    r->link.now_ms = &feed->now_ms;

    recs_positions_init(&r->positions, config->stream);
    recs_link_saved(&r->link, recs_log_last(feed->log), r->id,
                    RECS_REDIS_ID);

    return r;
}


void
recs_redis_close(recs_redis_t *r)
{
    recs_redis_hang_up(r);
    recs_positions_free(&r->positions);
    free(r);
}


int
recs_redis_connected(const recs_redis_t *r)
{
    return r->c != NULL;
}


void
recs_redis_state(const recs_redis_t *r, recs_redis_state_t *state)
{
    state->connected = (r->c != NULL);
    state->connects = r->connects;
    state->entries = r->entries;
    state->id = r->id;
    state->refused = r->refused;
}


int
recs_redis_poll(recs_redis_t *r, recs_error_t *e)
{
    int          rc;
    char         id[RECS_REDIS_ID];
    redisReply  *reply;

    if (r->c == NULL && recs_redis_connect(r) != RECS_OK) {
        return RECS_AGAIN;
    }

    if (r->feed->now_ms >= r->check_ms) {
        r->check_ms = r->feed->now_ms + RECS_REDIS_CHECK_MS;

        if (recs_redis_check(r) != RECS_OK) {
            return RECS_AGAIN;
        }
    }

    rc = recs_redis_read(r, &reply);

    if (rc == RECS_ERROR) {
        return RECS_AGAIN;
    }

    if (rc == RECS_OK) {
        rc = recs_redis_take(r, reply, id, e);
        freeReplyObject(reply);

        if (rc != RECS_OK || recs_redis_commit(r, id, e) != RECS_OK) {
            recs_log_abandon(r->feed->log);
            return RECS_ERROR;
        }
    }

    recs_redis_publish(r);

    return rc;
}


static int
recs_redis_connect(recs_redis_t *r)
{
    struct timeval  tv;

    if (r->feed->now_ms < r->link.retry_ms) {
        return RECS_AGAIN;
    }

    r->c = recs_redis_dial(r);

    tv.tv_sec = 0;
    tv.tv_usec = RECS_REDIS_REPLY_MS * 1000;

    if (r->c == NULL || r->c->err || redisSetTimeout(r->c, tv) != REDIS_OK) {
        recs_redis_failed(r, NULL);
        return RECS_ERROR;
    }

    /* what it holds may be gone: everything is published anew */

    recs_positions_reset(&r->positions);
    r->trimmed[0] = '\0';
    r->beat_ms = 0;
    r->check_ms = r->feed->now_ms + RECS_REDIS_CHECK_MS;

    if (recs_redis_auth(r) != RECS_OK || recs_redis_select(r) != RECS_OK
        || recs_redis_check(r) != RECS_OK)
    {
        return RECS_ERROR;
    }

    r->connects++;
    recs_link_up(&r->link, r->id);

    return RECS_OK;
}


static redisContext *
recs_redis_dial(recs_redis_t *r)
{
    int              port;
    char             host[256];
    redisContext    *c;
    struct timeval   tv;

    tv.tv_sec = 0;
    tv.tv_usec = RECS_REDIS_CONNECT_MS * 1000;

    if (strncmp(r->link.target, "unix:", 5) == 0) {
        return redisConnectUnixWithTimeout(r->link.target + 5, tv);
    }

    port = recs_link_host(&r->link, host, sizeof(host));
    c = redisConnectWithTimeout(host, port, tv);

    if (c && c->err == 0) {
        (void) redisEnableKeepAlive(c);
    }

    return c;
}


static int
recs_redis_auth(recs_redis_t *r)
{
    int          rc, argc;
    char         line[1024];
    const char  *argv[3];
    redisReply  *reply;

    if (r->password_file == NULL) {
        return RECS_OK;
    }

    rc = recs_link_password(&r->link, r->password_file, line, sizeof(line));

    if (rc == RECS_OK) {
        argc = 0;
        argv[argc++] = "AUTH";

        if (r->user) {
            argv[argc++] = r->user;
        }

        argv[argc++] = line;

        reply = recs_redis_command(r, argc, argv);
        rc = reply ? RECS_OK : RECS_ERROR;
        freeReplyObject(reply);

    } else {
        recs_redis_hang_up(r);
    }

    explicit_bzero(line, sizeof(line));

    return rc;
}


static int
recs_redis_select(recs_redis_t *r)
{
    char         db[24];
    const char  *argv[2];
    redisReply  *reply;

    if (r->db == 0) {
        return RECS_OK;
    }

    sprintf(db, "%ld", r->db);
    argv[0] = "SELECT";
    argv[1] = db;

    reply = recs_redis_command(r, 2, argv);

    if (reply == NULL) {
        return RECS_ERROR;
    }

    freeReplyObject(reply);

    return RECS_OK;
}


/*
 * A Redis that was started without its data, or an older replica that took
 * over, gives ids that we believe to have read.
 */

static int
recs_redis_check(recs_redis_t *r)
{
    const char  *last, *argv[3];
    redisReply  *reply;

    argv[0] = "XINFO";
    argv[1] = "STREAM";
    argv[2] = r->link.stream;

    reply = redisCommandArgv(r->c, 3, argv, NULL);
    last = "0-0";
    r->entries = 0;

    if (reply && reply->type == REDIS_REPLY_ARRAY) {
        recs_redis_info(r, reply, &last);

    } else if (reply == NULL || reply->type != REDIS_REPLY_ERROR
               || strcmp(reply->str, "ERR no such key") != 0)
    {
        recs_redis_failed(r, reply);
        freeReplyObject(reply);
        return RECS_ERROR;
    }

    if (recs_link_older(last, r->id)) {
        recs_message(RECS_MSG_NOTICE, "redis", "%s: stream %s ends at %s, but "
                     "was read up to %s: it is read from its beginning, what "
                     "is known is dropped", r->link.target, r->link.stream,
                     last, r->id);

        strcpy(r->id, "0-0");
        r->trimmed[0] = '\0';
        recs_positions_reset(&r->positions);
    }

    freeReplyObject(reply);

    return RECS_OK;
}


static void
recs_redis_info(recs_redis_t *r, const redisReply *reply, const char **last)
{
    size_t             i;
    const redisReply  *name, *value;

    for (i = 0; i + 1 < reply->elements; i += 2) {
        name = reply->element[i];
        value = reply->element[i + 1];

        if (name->str == NULL) {
            continue;
        }

        if (value->str && strcmp(name->str, "last-generated-id") == 0) {
            *last = value->str;

        } else if (value->type == REDIS_REPLY_INTEGER
                   && strcmp(name->str, "length") == 0)
        {
            r->entries = (uint64_t) value->integer;
        }
    }
}


/* RECS_AGAIN: no entries.  RECS_ERROR: Redis failed, that is said. */

static int
recs_redis_read(recs_redis_t *r, redisReply **reply)
{
    const char  *argv[6];
    redisReply  *p;

    argv[0] = "XREAD";
    argv[1] = "COUNT";
    argv[2] = RECS_REDIS_COUNT;
    argv[3] = "STREAMS";
    argv[4] = r->link.stream;
    argv[5] = r->id;

    p = recs_redis_command(r, 6, argv);

    if (p == NULL) {
        return RECS_ERROR;
    }

    if (p->type == REDIS_REPLY_NIL) {
        freeReplyObject(p);
        return RECS_AGAIN;
    }

    /* one stream of two: its name and its entries */

    if (p->type != REDIS_REPLY_ARRAY || p->elements != 1
        || p->element[0]->type != REDIS_REPLY_ARRAY
        || p->element[0]->elements != 2
        || p->element[0]->element[1]->type != REDIS_REPLY_ARRAY
        || p->element[0]->element[1]->elements == 0)
    {
        freeReplyObject(p);
        recs_link_refused(&r->link, "not an answer to XREAD");
        recs_redis_hang_up(r);
        return RECS_ERROR;
    }

    *reply = p;

    return RECS_OK;
}


/* Adds the entries to the log; id is that of the last one. */

static int
recs_redis_take(recs_redis_t *r, const redisReply *reply, char *id,
    recs_error_t *e)
{
    size_t             i;
    const redisReply  *entries, *entry;

    strcpy(id, r->id);
    entries = reply->element[0]->element[1];

    for (i = 0; i < entries->elements; i++) {
        entry = entries->element[i];

        if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2
            || entry->element[0]->type != REDIS_REPLY_STRING
            || entry->element[0]->len >= RECS_REDIS_ID)
        {
            continue;
        }

        memcpy(id, entry->element[0]->str, entry->element[0]->len + 1);

        if (recs_redis_entry(r, entry->element[1], id, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_redis_entry(recs_redis_t *r, const redisReply *fields, const char *id,
    recs_error_t *e)
{
    int                  rc;
    char                *last;
    uint64_t             epoch;
    recs_str_t           frames;
    const char          *why;
    recs_redis_entry_t   entry;

    recs_redis_fields(fields, &entry);

    if (entry.e == NULL || entry.b == NULL) {
        recs_redis_bad(r, id, "it has no fields e and b");
        return RECS_OK;
    }

    epoch = strtoull(entry.e->str, &last, 16);

    if (entry.e->len != 16 || *last != '\0' || epoch == 0) {
        recs_redis_bad(r, id, "field e is no epoch");
        return RECS_OK;
    }

    frames.data = (const uint8_t *) entry.b->str;
    frames.len = (size_t) entry.b->len;

    rc = recs_feed_frames(r->feed, &frames, epoch, &why, e);

    recs_positions_heard(&r->positions, epoch, r->feed->now_ms);

    if (rc == RECS_DECLINED) {
        recs_redis_bad(r, id, why);
        rc = RECS_OK;
    }

    return rc;
}


static void
recs_redis_fields(const redisReply *fields, recs_redis_entry_t *entry)
{
    size_t             i;
    const redisReply  *name, *value;

    memset(entry, 0, sizeof(recs_redis_entry_t));

    if (fields->type != REDIS_REPLY_ARRAY) {
        return;
    }

    for (i = 0; i + 1 < fields->elements; i += 2) {
        name = fields->element[i];
        value = fields->element[i + 1];

        if (name->type != REDIS_REPLY_STRING || name->len != 1
            || value->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        if (name->str[0] == 'e') {
            entry->e = value;

        } else if (name->str[0] == 'b') {
            entry->b = value;
        }
    }
}


static void
recs_redis_bad(recs_redis_t *r, const char *id, const char *why)
{
    r->feed->stats.damaged++;

    if (r->bad++ < RECS_REDIS_BAD) {
        recs_message(RECS_MSG_WARN, "redis", "%s: entry %s of stream %s is "
                     "damaged: %s; what is missing of it is asked for again",
                     r->link.target, id, r->link.stream, why);
    }
}


static int
recs_redis_commit(recs_redis_t *r, const char *id, recs_error_t *e)
{
    char  *position;
    int    rc;

    position = recs_alloc(strlen(r->link.stream) + RECS_REDIS_ID + 40);
    sprintf(position, "{\"redis\":\"%s\",\"stream\":\"%s\"}", id,
            r->link.stream);

    rc = recs_log_commit(r->feed->log, position, e);

    if (rc == RECS_OK) {
        strcpy(r->id, id);
    }

    free(position);

    return rc;
}


/* Tells workers what is committed, then lets Redis forget all of it. */

static void
recs_redis_publish(recs_redis_t *r)
{
    char         next[RECS_REDIS_ID];
    const char  *argv[4];

    if (r->feed->now_ms < r->link.write_ms) {
        return;
    }

    /* out of memory Redis refuses the one, but not the other */

    if (recs_redis_tell(r) == RECS_OK) {
        recs_link_written(&r->link);
    }

    if (r->c == NULL || strcmp(r->trimmed, r->id) == 0
        || strcmp(r->id, "0-0") == 0)
    {
        return;
    }

    argv[0] = "XTRIM";
    argv[1] = r->link.stream;
    argv[2] = "MINID";
    argv[3] = next;

    recs_link_next(r->id, next, sizeof(next));

    if (recs_redis_write(r, 4, argv) == RECS_OK) {
        strcpy(r->trimmed, r->id);
    }
}


static int
recs_redis_tell(recs_redis_t *r)
{
    if (r->feed->now_ms >= r->beat_ms) {

        if (recs_positions_beat(&r->positions, r->feed->now_ms + 1,
                                recs_redis_write, r)
            != RECS_OK)
        {
            return RECS_ERROR;
        }

        r->beat_ms = r->feed->now_ms + RECS_REDIS_BEAT_MS;
    }

    return recs_positions_write(&r->positions, r->feed->log, r->feed->now_ms,
                                recs_redis_write, r);
}


/*
 * A write that is refused (OOM, READONLY, MISCONF ...) does not end reading;
 * it is tried again later.
 */

static int
recs_redis_write(void *ctx, int argc, const char **argv)
{
    int            rc;
    redisReply    *reply;
    recs_redis_t  *r;

    r = ctx;

    reply = redisCommandArgv(r->c, argc, argv, NULL);

    if (reply == NULL) {
        recs_redis_failed(r, NULL);
        return RECS_ERROR;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        recs_link_readonly(&r->link, reply->str);
        rc = RECS_ERROR;

    } else {
        rc = RECS_OK;
    }

    freeReplyObject(reply);

    return rc;
}


/* NULL: Redis failed, that is said. */

static redisReply *
recs_redis_command(recs_redis_t *r, int argc, const char **argv)
{
    redisReply  *reply;

    reply = redisCommandArgv(r->c, argc, argv, NULL);

    if (reply && reply->type != REDIS_REPLY_ERROR) {
        return reply;
    }

    recs_redis_failed(r, reply);
    freeReplyObject(reply);

    return NULL;
}


int
recs_redis_ask(recs_redis_t *r, int argc, const char **argv,
    recs_redis_text_pt text, void *ctx)
{
    int          rc;
    redisReply  *reply;

    if (r->c == NULL && recs_redis_connect(r) != RECS_OK) {
        return RECS_AGAIN;
    }

    reply = redisCommandArgv(r->c, argc, argv, NULL);

    if (reply == NULL) {
        recs_redis_failed(r, NULL);
        return RECS_AGAIN;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        (void) snprintf(r->refused, sizeof(r->refused), "%s", reply->str);
        rc = RECS_DECLINED;

    } else {
        rc = recs_redis_texts(reply, text, ctx);
    }

    freeReplyObject(reply);

    return rc;
}


static int
recs_redis_texts(const redisReply *reply, recs_redis_text_pt text, void *ctx)
{
    int         rc;
    size_t      i;
    recs_str_t  s;

    if (reply->type == REDIS_REPLY_STRING) {
        s.data = (const uint8_t *) reply->str;
        s.len = reply->len;
        return text(ctx, &s);
    }

    rc = RECS_OK;

    for (i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements
                && rc == RECS_OK; i++)
    {
        rc = recs_redis_texts(reply->element[i], text, ctx);
    }

    return rc;
}


static void
recs_redis_failed(recs_redis_t *r, const redisReply *reply)
{
    const char  *text;

    if (reply == NULL) {
        text = "no answer in time";

        if (r->c && r->c->err
            && (r->c->err != REDIS_ERR_IO || errno != EAGAIN))
        {
            text = r->c->errstr;
        }

        recs_link_down(&r->link, text);

    } else {
        recs_link_refused(&r->link, reply->str ? reply->str : "no answer");
    }

    recs_redis_hang_up(r);
}


static void
recs_redis_hang_up(recs_redis_t *r)
{
    if (r->c) {
        redisFree(r->c);
        r->c = NULL;
    }
}
