/*
 * Copyright (C) recs authors
 */

/* memmem() */

#define _GNU_SOURCE

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "../../core/event/recs_event_type.h"
#include "erase.h"


static unsigned recs_blank_reported(const recs_event_t *e);
static void recs_blank_text(recs_str_t *text, const uint8_t *salt, char kind,
    uint8_t *buf);
static XXH128_hash_t recs_blank_hash(const void *data, size_t len,
    const uint8_t *salt, char kind);


/*
 * Products, types, times, money, device, region and experiment stay, so that
 * counts do.  What holds events together, orders and recommendations, gets
 * other names, the same ones for the same; so do the sessions and verified
 * users of what the report joins by them, and of nothing else.
 */

void
recs_erase_blank(recs_erase_blank_t *blank, recs_event_t *e)
{
    unsigned    i, reported;
    recs_str_t  *texts[] = {
        &e->message_id, &e->query, &e->page_url, &e->referrer, &e->browser,
        &e->address, &e->metadata
    };

    reported = recs_blank_reported(e);
    e->verified &= reported;

    if (reported) {
        recs_erase_alias(&e->session, blank->salt);

    } else {
        memset(&e->session, 0, sizeof(recs_identity_t));
    }

    if (e->verified) {
        recs_erase_alias(&e->user, blank->salt);

    } else {
        memset(&e->user, 0, sizeof(recs_identity_t));
    }

    memset(&e->anonymous, 0, sizeof(recs_identity_t));
    memset(e->formers, 0, sizeof(e->formers));

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        *texts[i] = (recs_str_t) recs_null_string;
    }

    if (e->class == RECS_CLASS_USER) {
        e->document.data = (const uint8_t *) "{}";
        e->document.len = 2;
    }

    recs_blank_text(&e->order, blank->salt, 'o', blank->texts[0]);

    /* a private answer's has a "-": nobody else's event has the same */

    if (e->recommendation.len
        && memchr(e->recommendation.data, '-', e->recommendation.len))
    {
        recs_blank_text(&e->recommendation, blank->salt, 'r',
                        blank->texts[1]);
    }
}


/* A sale is told by the person's clicks and what he was shown. */

static unsigned
recs_blank_reported(const recs_event_t *e)
{
    const recs_event_type_t  *type;

    if (e->class != RECS_CLASS_ACTIVITY) {
        return e->class == RECS_CLASS_EXPOSURE;
    }

    type = recs_event_type(e->type);

    return e->recommendation.len
           || e->type == RECS_EVENT_RECOMMENDATION_CLICK
           || e->type == RECS_EVENT_RECOMMENDATION_VIEW
           || (type && (type->signal & (RECS_SIGNAL_DISMISS|RECS_SIGNAL_CART
                                        |RECS_SIGNAL_PURCHASE)));
}


/* No key has the number 0. */

void
recs_erase_alias(recs_identity_t *id, const uint8_t *salt)
{
    XXH128_hash_t  h;

    if (recs_identity_known(id)) {
        h = recs_blank_hash(id->bytes, RECS_IDENTITY_SIZE, salt, 'i');

        memcpy(id->bytes, &h, RECS_IDENTITY_SIZE);
        id->bytes[0] = 0;
    }
}


static void
recs_blank_text(recs_str_t *text, const uint8_t *salt, char kind,
    uint8_t *buf)
{
    XXH128_hash_t  h;

    if (text->len == 0) {
        return;
    }

    h = recs_blank_hash(text->data, text->len, salt, kind);

    text->len = (size_t) sprintf((char *) buf, "%016llx%016llx",
                                 (unsigned long long) h.high64,
                                 (unsigned long long) h.low64);
    text->data = buf;
}


static XXH128_hash_t
recs_blank_hash(const void *data, size_t len, const uint8_t *salt, char kind)
{
    uint8_t         bytes[2 * RECS_ERASE_SALT + 17];
    XXH128_hash_t   h;

    h = XXH3_128bits(data, len);

    memcpy(bytes, salt, RECS_ERASE_SALT);
    memcpy(bytes + RECS_ERASE_SALT, &h, 16);
    bytes[RECS_ERASE_SALT + 16] = (uint8_t) kind;
    memcpy(bytes + RECS_ERASE_SALT + 17, salt, RECS_ERASE_SALT);

    return XXH3_128bits(bytes, sizeof(bytes));
}


int
recs_erase_word(const recs_str_t *text, const char *id)
{
    size_t          len;
    const uint8_t  *p, *end;

    len = strlen(id);
    p = text->data;
    end = text->data + text->len;

    while (len && (size_t) (end - p) >= len) {
        p = memmem(p, (size_t) (end - p), id, len);

        if (p == NULL) {
            return 0;
        }

        if ((p == text->data || !isalnum(p[-1]))
            && (p + len == end || !isalnum(p[len])))
        {
            return 1;
        }

        p++;
    }

    return 0;
}


int
recs_erase_mention(recs_event_t *e, const char *id)
{
    int          found;
    unsigned     i;
    recs_str_t  *texts[] = {
        &e->query, &e->page_url, &e->referrer, &e->metadata, &e->message_id
    };

    found = 0;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (recs_erase_word(texts[i], id)) {
            *texts[i] = (recs_str_t) recs_null_string;
            found = 1;
        }
    }

    return found;
}
