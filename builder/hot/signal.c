/*
 * Copyright (C) recs authors
 *
 * Votes from elsewhere: a file that somebody who watches the world keeps.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "../../core/recs_hash.h"
#include "private.h"


#define RECS_HOT_WEIGHT_MAX  1e6
#define RECS_HOT_WARNINGS    5


static uint64_t recs_hot_signal_stamp(const char *path);
static const char *recs_hot_signal_line(recs_hot_state_t *h,
    const char *line, size_t len, recs_hot_signal_t *signal);
static const char *recs_hot_signal_until(const json_t *value, int64_t *ms);
static uint64_t recs_hot_signals_count(const recs_hot_state_t *h);


int
recs_hot_state_signals(recs_hot_state_t *h, recs_error_t *err)
{
    FILE               *f;
    char               *line;
    size_t              cap, cap_signals, len;
    ssize_t             n;
    uint64_t            number, stamp, bad;
    const char         *path, *why;
    recs_hot_signal_t   signal;

    path = h->config->hot_signals;

    if (path == NULL) {
        return RECS_OK;
    }

    stamp = recs_hot_signal_stamp(path);

    if (stamp == h->signal_stamp) {
        h->changed |= (recs_hot_signals_count(h) != h->stats.signals);
        return RECS_OK;
    }

    h->signal_stamp = stamp;
    h->signal_count = 0;
    h->changed = 1;

    f = fopen(path, "r");

    if (f == NULL) {
        return (errno == ENOENT) ? RECS_OK
               : recs_error(err, "%s: cannot open: %s", path,
                            strerror(errno));
    }

    free(h->signals);
    h->signals = NULL;
    line = NULL;
    cap = cap_signals = 0;
    bad = 0;

    for (number = 1; (n = getline(&line, &cap, f)) > 0; number++) {
        len = (size_t) n;

        if (line[strspn(line, " \t\r\n")] == '\0') {
            continue;
        }

        why = recs_hot_signal_line(h, line, len, &signal);

        if (why == NULL) {
            recs_grow(&h->signals, &cap_signals, h->signal_count + 1,
                      sizeof(recs_hot_signal_t));
            h->signals[h->signal_count++] = signal;

        } else if (bad++ < RECS_HOT_WARNINGS) {
            recs_message(RECS_MSG_WARN, "hot", "%s:%" PRIu64 ": a signal is "
                         "left out: %s", path, number, why);
        }
    }

    free(line);
    fclose(f);

    return RECS_OK;
}


static uint64_t
recs_hot_signal_stamp(const char *path)
{
    uint64_t     key[4];
    struct stat  st;

    if (stat(path, &st) == -1) {
        return 0;
    }

    key[0] = (uint64_t) st.st_mtim.tv_sec;
    key[1] = (uint64_t) st.st_mtim.tv_nsec;
    key[2] = (uint64_t) st.st_size;
    key[3] = (uint64_t) st.st_ino;

    return recs_key64(key, sizeof(key));
}


static const char *
recs_hot_signal_line(recs_hot_state_t *h, const char *line, size_t len,
    recs_hot_signal_t *signal)
{
    json_t      *json, *id, *weight;
    const char  *why;

    json = json_loadb(line, len, 0, NULL);
    id = json_object_get(json, "productId");
    weight = json_object_get(json, "weight");

    signal->until_ms = INT64_MAX;
    why = recs_hot_signal_until(json_object_get(json, "until"),
                                &signal->until_ms);

    if (!json_is_object(json)) {
        why = "it is no JSON object";

    } else if (json_string_length(id) == 0) {
        why = "it has no \"productId\"";

    } else if (!json_is_number(weight) || !(json_number_value(weight) > 0)
               || json_number_value(weight) > RECS_HOT_WEIGHT_MAX)
    {
        why = "its \"weight\" is no number above 0, at most 1000000";
    }

    if (why == NULL) {
        signal->record = recs_hot_record(h,
                                         recs_key64(json_string_value(id),
                                                    json_string_length(id)));
        signal->weight = (float) json_number_value(weight);
    }

    json_decref(json);

    return why;
}


static const char *
recs_hot_signal_until(const json_t *value, int64_t *ms)
{
    char        text[32];
    recs_str_t  s;

    if (value == NULL || json_is_null(value)) {
        return NULL;
    }

    if (json_is_integer(value)) {
        s.len = (size_t) snprintf(text, sizeof(text), "%" PRId64,
                                  (int64_t) json_integer_value(value));
        s.data = (const uint8_t *) text;

    } else {
        s.len = json_string_length(value);
        s.data = (const uint8_t *) json_string_value(value);
    }

    if (s.len && recs_parse_time(&s, ms) == RECS_OK) {
        return NULL;
    }

    return "its \"until\" is no time";
}


static uint64_t
recs_hot_signals_count(const recs_hot_state_t *h)
{
    uint32_t  i;
    uint64_t  n;

    for (i = 0, n = 0; i < h->signal_count; i++) {
        n += (h->signals[i].until_ms > h->now_ms);
    }

    return n;
}


/* What is in force now; two lines of one product are added. */

void
recs_hot_signals_apply(recs_hot_state_t *h)
{
    uint32_t                  i, n;
    const recs_hot_signal_t  *s;

    for (i = 0; i < h->signalled.count; i++) {
        n = h->signalled.n[i];
        h->records[n].signal = 0;
        recs_hot_mark(h, &h->voted, n, RECS_HOT_IN_VOTED);
    }

    h->signalled.count = 0;
    h->stats.signals = 0;

    for (i = 0; i < h->signal_count; i++) {
        s = &h->signals[i];

        if (s->until_ms > h->now_ms) {
            h->records[s->record].signal += s->weight;
            h->stats.signals++;
            recs_hot_push(&h->signalled, s->record);
            recs_hot_mark(h, &h->voted, s->record, RECS_HOT_IN_VOTED);
        }
    }
}
