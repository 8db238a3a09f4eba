/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../core/recs_types.h"
#include "link.h"


typedef struct {
    const char  *error;          /* how it begins */
    const char  *remedy;
} recs_link_remedy_t;


static void recs_link_say(recs_link_t *link, recs_message_e level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void recs_link_later(recs_link_t *link, unsigned slow);


static const recs_link_remedy_t  recs_link_remedies[] = {
    { "NOAUTH", "; check \"redis_password_file\"" },
    { "WRONGPASS", "; check \"redis_user\" and \"redis_password_file\"" },
    { "ERR AUTH", "; check \"redis_password_file\"" },
    { "ERR invalid password", "; check \"redis_password_file\"" },
    { "NOPERM", "; allow xread, xinfo, xtrim, hset, hdel, del, and select "
                "with \"redis_db\"" },
    { "ERR DB index", "; check \"redis_db\"" },
    { "WRONGTYPE", "; check \"stream\", or remove that key" },
    { "MOVED", "; a cluster is not supported, name a single Redis" },
    { NULL, "" }
};


void
recs_link_saved(const recs_link_t *link, const char *position, char *id,
    size_t size)
{
    size_t       len;
    const char  *from, *stream;

    strcpy(id, "0-0");

    from = strstr(position, "\"redis\":\"");
    stream = strstr(position, "\"stream\":\"");

    if (from == NULL || stream == NULL) {
        return;
    }

    from += sizeof("\"redis\":\"") - 1;
    stream += sizeof("\"stream\":\"") - 1;
    len = strlen(link->stream);

    if (strncmp(stream, link->stream, len) != 0 || stream[len] != '"') {
        return;
    }

    len = strspn(from, "0123456789-");

    if (len && len < size) {
        memcpy(id, from, len);
        id[len] = '\0';
    }
}


void
recs_link_next(const char *id, char *next, size_t size)
{
    char                *end;
    unsigned long long   ms, n;

    ms = strtoull(id, &end, 10);
    n = strtoull(*end ? end + 1 : end, NULL, 10) + 1;

    snprintf(next, size, "%llu-%llu", n ? ms : ms + 1, n);
}


void
recs_link_up(recs_link_t *link, const char *from)
{
    link->delay_ms = 0;
    link->write_ms = 0;
    link->readonly = 0;

    recs_link_say(link, RECS_MSG_INFO, "connected, reading from %s", from);
}


void
recs_link_down(recs_link_t *link, const char *why)
{
    recs_link_later(link, 0);
    recs_link_say(link, RECS_MSG_WARN, "%s; workers keep their journal, it is "
                  "tried again", why);
}


void
recs_link_refused(recs_link_t *link, const char *error)
{
    const recs_link_remedy_t  *r;

    /* it reads its own files, or waits for its master */

    if (strncmp(error, "LOADING", 7) == 0
        || strncmp(error, "MASTERDOWN", 10) == 0)
    {
        recs_link_down(link, error);
        return;
    }

    for (r = recs_link_remedies; r->error; r++) {
        if (strncmp(error, r->error, strlen(r->error)) == 0) {
            break;
        }
    }

    recs_link_later(link, 1);
    recs_link_say(link, RECS_MSG_WARN, "%s%s", error, r->remedy);
}


void
recs_link_readonly(recs_link_t *link, const char *error)
{
    link->readonly = 1;
    link->write_ms = *link->now_ms + RECS_LINK_SLOW_MS;

    recs_link_say(link, RECS_MSG_WARN, "positions cannot be written: %s; "
                  "workers keep their journal until they can", error);
}


void
recs_link_written(recs_link_t *link)
{
    if (link->readonly) {
        link->readonly = 0;
        recs_link_say(link, RECS_MSG_INFO, "positions are written again");
    }
}


static void
recs_link_later(recs_link_t *link, unsigned slow)
{
    if (slow) {
        link->delay_ms = RECS_LINK_SLOW_MS;

    } else if (link->delay_ms == 0) {
        link->delay_ms = RECS_LINK_FIRST_MS;

    } else {
        link->delay_ms = recs_min(link->delay_ms * 2, RECS_LINK_LAST_MS);
    }

    link->retry_ms = *link->now_ms + link->delay_ms;
}


static void
recs_link_say(recs_link_t *link, recs_message_e level, const char *fmt, ...)
{
    char     text[RECS_LINK_TEXT];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    if (strcmp(link->said, text) == 0) {
        return;
    }

    strcpy(link->said, text);
    recs_message(level, "redis", "%s, stream %s: %s", link->target,
                 link->stream, text);
}


int
recs_link_older(const char *one, const char *two)
{
    char                *a, *b;
    unsigned long long   ms, than;

    ms = strtoull(one, &a, 10);
    than = strtoull(two, &b, 10);

    if (ms != than) {
        return ms < than;
    }

    return strtoull(*a ? a + 1 : a, NULL, 10)
           < strtoull(*b ? b + 1 : b, NULL, 10);
}


int
recs_link_host(const recs_link_t *link, char *host, size_t size)
{
    size_t       len;
    const char  *p, *colon;

    p = link->target;
    colon = strrchr(p, ':');
    len = (size_t) (colon - p);

    if (len > 2 && p[0] == '[' && p[len - 1] == ']') {
        p++;
        len -= 2;
    }

    len = recs_min(len, size - 1);
    memcpy(host, p, len);
    host[len] = '\0';

    return atoi(colon + 1);
}


int
recs_link_password(recs_link_t *link, const char *path, char *line,
    size_t size)
{
    int    rc;
    char   text[RECS_LINK_TEXT];
    FILE  *file;

    file = fopen(path, "re");
    rc = (file && fgets(line, (int) size, file)) ? RECS_OK : RECS_ERROR;

    if (rc == RECS_OK) {
        line[strcspn(line, "\r\n")] = '\0';

    } else {
        snprintf(text, sizeof(text), "cannot read the password from %s: %s",
                 path, file ? "it is empty" : strerror(errno));
        recs_link_refused(link, text);
    }

    if (file) {
        fclose(file);
    }

    return rc;
}
