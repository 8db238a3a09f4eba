/*
 * Copyright (C) recs authors
 *
 * What is in an event log, for tests: one line an event, in the order of the
 * log, with these fields between tabs:
 *
 *   class type time received epoch sequence verified consent device user
 *   session view shop region variant messageId metadata recommendationId
 *   placement orderId name position value items keys
 *
 * Times in ms, money and quantities in millionths, "-" for none; an item is
 * product:price:quantity:position:key, a key is 16 hexadecimal digits; both
 * are separated by commas.
 *
 *     events DIR
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "builder/data/log.h"
#include "core/event/recs_event_type.h"
#include "core/recs_hash.h"


static void
identity(const recs_identity_t *id)
{
    int  i;

    if (!recs_identity_known(id)) {
        fputs("-\t", stdout);
        return;
    }

    for (i = 0; i < RECS_IDENTITY_SIZE; i++) {
        printf("%02x", id->bytes[i]);
    }

    putchar('\t');
}


static void
text(const recs_str_t *s)
{
    printf("%.*s\t", s->len ? (int) s->len : 1,
           s->len ? (const char *) s->data : "-");
}


static void
money(int64_t n, char end)
{
    if (n == RECS_NO_MONEY) {
        printf("-%c", end);

    } else {
        printf("%" PRId64 "%c", n, end);
    }
}


static int
print(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    uint32_t                  i;
    const recs_event_item_t  *item;

    printf("%u\t%u\t%" PRId64 "\t%" PRId64 "\t%016" PRIx64 "\t%" PRIu64
           "\t%u\t%u\t%u\t", e->class, e->type, e->time_ms, e->received_ms,
           e->epoch, e->sequence, e->verified, e->consent, e->device);
    identity(&e->user);
    identity(&e->session);
    printf("%016" PRIx64 "\t", e->view);
    text(&e->shop);
    text(&e->region);
    text(&e->variant);
    text(&e->message_id);
    text(&e->metadata);
    text(&e->recommendation);
    text(&e->placement);
    text(&e->order);
    text(&e->name);
    printf("%u\t", e->position);
    money(e->value, '\t');

    for (i = 0; i < e->item_count; i++) {
        item = &e->items[i];
        printf("%s%.*s:", i ? "," : "", (int) item->product.len,
               (const char *) item->product.data);
        money(item->price, ':');
        printf("%" PRId64 ":%u:%016" PRIx64, item->quantity, item->position,
               recs_key64(item->product.data, item->product.len));
    }

    fputs(e->item_count ? "\t" : "-\t", stdout);

    for (i = 0; i < e->key_count; i++) {
        printf("%s%016" PRIx64, i ? "," : "", e->keys[i]);
    }

    puts(e->key_count ? "" : "-");

    return RECS_OK;
}


int
main(int argc, char **argv)
{
    recs_error_t  err;

    if (argc != 2) {
        fputs("Usage: events DIR\n", stderr);
        return 2;
    }

    if (recs_log_read(argv[1], print, NULL, &err) != RECS_OK) {
        fprintf(stderr, "events: %s\n", err.text);
        return 1;
    }

    return fflush(stdout) == 0 ? 0 : 1;
}
