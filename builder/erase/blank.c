/*
 * Copyright (C) recs authors
 */

/* memmem() */

#define _GNU_SOURCE

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "erase.h"


static void recs_blank_text(recs_str_t *text, const uint8_t *salt, char kind,
    uint8_t *buf);


/*
 * Products, types, times, money, device, region and experiment stay, so that
 * counts do.  What holds events together, orders and recommendations, gets
 * other names, the same ones for the same.
 */

void
recs_erase_blank(recs_erase_blank_t *blank, recs_event_t *e)
{
    unsigned    i;
    recs_str_t  *texts[] = {
        &e->message_id, &e->query, &e->page_url, &e->referrer, &e->browser,
        &e->address, &e->metadata
    };

    memset(&e->user, 0, sizeof(recs_identity_t));
    memset(&e->anonymous, 0, sizeof(recs_identity_t));
    memset(&e->session, 0, sizeof(recs_identity_t));
    memset(e->formers, 0, sizeof(e->formers));
    e->verified = 0;

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


static void
recs_blank_text(recs_str_t *text, const uint8_t *salt, char kind,
    uint8_t *buf)
{
    uint8_t         bytes[2 * RECS_ERASE_SALT + 17];
    XXH128_hash_t   h;

    if (text->len == 0) {
        return;
    }

    h = XXH3_128bits(text->data, text->len);

    memcpy(bytes, salt, RECS_ERASE_SALT);
    memcpy(bytes + RECS_ERASE_SALT, &h, 16);
    bytes[RECS_ERASE_SALT + 16] = (uint8_t) kind;
    memcpy(bytes + RECS_ERASE_SALT + 17, salt, RECS_ERASE_SALT);

    h = XXH3_128bits(bytes, sizeof(bytes));

    text->len = (size_t) sprintf((char *) buf, "%016llx%016llx",
                                 (unsigned long long) h.high64,
                                 (unsigned long long) h.low64);
    text->data = buf;
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
