/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../core/recs_out.h"
#include "message.h"


#define RECS_MESSAGE_MAX    2048
#define RECS_MESSAGE_LINE   (RECS_MESSAGE_MAX * 6 + 256)  /* \\u00XX */
#define RECS_MESSAGE_DIGITS 15      /* a number that others keep exactly */
#define RECS_PROGRESS_BAR   30


typedef struct {
    pthread_mutex_t  lock;
    recs_message_e   quiet_from;
    unsigned         ready;      /* terminal and journald are known */
    unsigned         terminal;
    unsigned         journald;
    unsigned         json;
    unsigned         drawn;      /* a progress bar is on the screen */
    double           last;       /* when progress was last told, seconds */
    uint64_t         counts[RECS_MSG_DEBUG + 1];
} recs_message_state_t;


static recs_message_state_t  recs_message_state = {
    PTHREAD_MUTEX_INITIALIZER, RECS_MSG_DEBUG, 0, 0, 0, 0, 0, 0, { 0 }
};

static const char *const  recs_message_levels[] = {
    "error", "error", "error", "error", "warn", "notice", "info", "debug"
};


static recs_message_state_t *
recs_message_lock(void)
{
    recs_message_state_t  *s;

    s = &recs_message_state;

    pthread_mutex_lock(&s->lock);

    if (!s->ready) {
        s->ready = 1;
        s->terminal = isatty(STDERR_FILENO) ? 1 : 0;
        s->journald = getenv("JOURNAL_STREAM") != NULL;
    }

    return s;
}


void
recs_message_init(recs_message_e quiet_from)
{
    recs_message_state_t  *s;

    s = recs_message_lock();

    s->quiet_from = quiet_from;

    pthread_mutex_unlock(&s->lock);
}


void
recs_message_format(unsigned format)
{
    recs_message_state_t  *s;

    s = recs_message_lock();

    s->json = (format == RECS_LOG_FORMAT_JSON);

    if (s->json) {
        s->terminal = 0;
    }

    pthread_mutex_unlock(&s->lock);
}


static void
recs_message_write(const char *text, size_t len)
{
    ssize_t  n;

    while (len) {
        n = write(STDERR_FILENO, text, len);

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }

            return;
        }

        text += n;
        len -= (size_t) n;
    }
}


static void
recs_message_clear(recs_message_state_t *s)
{
    if (s->drawn) {
        s->drawn = 0;
        recs_message_write("\r\033[K", 4);
    }
}


/* The text of msg="...", quotes and control characters escaped. */

static size_t
recs_message_quote(char *out, size_t size, const char *text)
{
    size_t         n;
    unsigned char  c;

    for (n = 0; *text && n + 5 < size; text++) {
        c = (unsigned char) *text;

        if (c == '"' || c == '\\') {
            out[n++] = '\\';
            out[n++] = (char) c;

        } else if (c < 0x20 || c == 0x7f) {
            n += (size_t) snprintf(out + n, 5, "\\x%02x", c);

        } else {
            out[n++] = (char) c;
        }
    }

    out[n] = '\0';

    return n;
}


static size_t
recs_message_structured(recs_message_state_t *s, char *line, size_t size,
    recs_message_e level, const char *stage, char *text)
{
    int    n;
    char  *facts, priority[8], quoted[RECS_MESSAGE_MAX];

    facts = strchr(text, '\t');

    if (facts) {
        *facts++ = '\0';
    }

    recs_message_quote(quoted, sizeof(quoted), text);

    priority[0] = '\0';

    if (s->journald) {
        snprintf(priority, sizeof(priority), "<%d>", (int) level & 7);
    }

    n = snprintf(line, size, "%slevel=%s stage=%s msg=\"%s\"%s%s\n", priority,
                 recs_message_levels[level & 7], stage, quoted,
                 facts ? " " : "", facts ? facts : "");

    return recs_min((size_t) n, size - 1);
}


/* On a terminal facts follow in parentheses. */

static size_t
recs_message_plain(char *line, size_t size, recs_message_e level,
    const char *stage, char *text)
{
    int          n;
    char        *facts;
    const char  *kind;

    facts = strchr(text, '\t');

    if (facts) {
        *facts++ = '\0';
    }

    kind = (level == RECS_MSG_WARN) ? "warning: "
           : (level <= RECS_MSG_ERROR) ? "error: " : "";

    n = snprintf(line, size, "%s: %s%s%s%s%s\n", stage, kind, text,
                 facts ? " (" : "", facts ? facts : "", facts ? ")" : "");

    return recs_min((size_t) n, size - 1);
}


static void
recs_message_member(recs_out_t *out, const char *name, size_t name_len,
    const char *value, size_t len)
{
    size_t    i;
    unsigned  number;

    recs_out_lit(out, ",\"");
    recs_out_json(out, name, name_len);
    recs_out_lit(out, "\":");

    i = (len && value[0] == '-');
    number = (len > i && len <= RECS_MESSAGE_DIGITS
              && (value[i] != '0' || len == i + 1));

    for ( /* void */ ; i < len; i++) {
        number = number && value[i] >= '0' && value[i] <= '9';
    }

    if (number) {
        recs_out_bytes(out, value, len);
        return;
    }

    recs_out_byte(out, '"');
    recs_out_json(out, value, len);
    recs_out_byte(out, '"');
}


/* "key=value key=\"a text\"": what is no such pair is a fact of its own. */

static void
recs_message_facts(recs_out_t *out, const char *p)
{
    size_t       len;
    const char  *value, *end;

    while (*p) {
        len = strcspn(p, "= ");
        value = p + len;

        if (*value == '=') {
            value++;
        }

        if (*value == '"') {
            value++;
            end = strchr(value, '"');
            end = end ? end : value + strlen(value);

        } else {
            end = value + strcspn(value, " ");
        }

        if (len) {
            recs_message_member(out, p, len, value, (size_t) (end - value));
        }

        p = end + (*end == '"');
        p += strspn(p, " ");
    }
}


static size_t
recs_message_object(recs_message_state_t *s, char *line, size_t size,
    recs_message_e level, const char *stage, char *text)
{
    char             time[40], priority[8];
    char            *facts;
    struct tm        tm;
    recs_out_t       out;
    struct timespec  ts;

    facts = strchr(text, '\t');

    if (facts) {
        *facts++ = '\0';
    }

    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    (void) strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
    priority[0] = '\0';

    if (s->journald) {
        snprintf(priority, sizeof(priority), "<%d>", (int) level & 7);
    }

    recs_out_init(&out, line, size - 1);
    out.pos += snprintf(line, size, "%s{\"time\":\"%s.%03ldZ\",\"level\":\"%s\""
                        ",\"stage\":\"%s\",\"msg\":\"", priority, time,
                        ts.tv_nsec / 1000000, recs_message_levels[level & 7],
                        stage);
    recs_out_json(&out, text, strlen(text));
    recs_out_byte(&out, '"');

    if (facts) {
        recs_message_facts(&out, facts);
    }

    recs_out_lit(&out, "}\n");

    return (size_t) (out.pos - (uint8_t *) line);
}


void
recs_message(recs_message_e level, const char *stage, const char *fmt, ...)
{
    char                   text[RECS_MESSAGE_MAX];
    char                   line[RECS_MESSAGE_LINE];
    size_t                 n;
    va_list                args;
    recs_message_state_t  *s;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    s = recs_message_lock();
    s->counts[level & 7]++;

    if (level < s->quiet_from) {

        if (s->json) {
            n = recs_message_object(s, line, sizeof(line), level, stage,
                                    text);

        } else if (s->terminal) {
            n = recs_message_plain(line, sizeof(line), level, stage, text);
            recs_message_clear(s);

        } else {
            n = recs_message_structured(s, line, sizeof(line), level, stage,
                                        text);
        }

        recs_message_write(line, n);
    }

    pthread_mutex_unlock(&s->lock);
}


uint64_t
recs_message_count(recs_message_e level)
{
    uint64_t               n;
    recs_message_state_t  *s;

    s = recs_message_lock();
    n = s->counts[level & 7];

    pthread_mutex_unlock(&s->lock);

    return n;
}


static void
recs_progress_draw(recs_message_state_t *s, const char *stage, uint64_t done,
    uint64_t total)
{
    int       n;
    char      bar[RECS_PROGRESS_BAR + 1], line[256];
    unsigned  filled;

    if (total == 0) {
        n = snprintf(line, sizeof(line), "\r\033[K%s: %llu", stage,
                     (unsigned long long) done);

    } else {
        done = recs_min(done, total);
        filled = (unsigned) ((double) done / (double) total
                             * RECS_PROGRESS_BAR);

        memset(bar, '.', RECS_PROGRESS_BAR);
        memset(bar, '#', filled);
        bar[RECS_PROGRESS_BAR] = '\0';

        n = snprintf(line, sizeof(line), "\r\033[K%s [%s] %u%%", stage, bar,
                     (unsigned) ((double) done / (double) total * 100));
    }

    recs_message_write(line, recs_min((size_t) n, sizeof(line) - 1));
    s->drawn = 1;
}


void
recs_progress(const char *stage, uint64_t done, uint64_t total)
{
    unsigned               tell;
    double                 now;
    struct timespec        ts;
    recs_message_state_t  *s;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    now = (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;

    s = recs_message_lock();

    if (s->last == 0) {
        s->last = now;
    }

    tell = s->quiet_from > RECS_MSG_INFO
           && now - s->last >= (s->terminal ? 0.1 : 10.0);

    if (tell) {
        s->last = now;
    }

    if (tell && s->terminal) {
        recs_progress_draw(s, stage, done, total);
    }

    tell = tell && !s->terminal;

    pthread_mutex_unlock(&s->lock);

    if (tell) {
        recs_message(RECS_MSG_INFO, stage, "in progress\tdone=%llu total=%llu",
                     (unsigned long long) done, (unsigned long long) total);
    }
}


void
recs_progress_end(void)
{
    recs_message_state_t  *s;

    s = recs_message_lock();

    recs_message_clear(s);
    s->last = 0;

    pthread_mutex_unlock(&s->lock);
}


int
recs_error(recs_error_t *e, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);

    return RECS_ERROR;
}
