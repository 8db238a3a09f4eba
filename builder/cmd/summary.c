/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_out.h"
#include "summary.h"


void
recs_tally_init(recs_tally_t *t, recs_sink_pt sink, void *ctx,
    unsigned unique)
{
    memset(t, 0, sizeof(recs_tally_t));

    t->sink = sink;
    t->ctx = ctx;

    if (unique) {
        t->messages = recs_keys16_create();

        /* whoever chooses messageIds must not know where they fall */

        if (recs_random64(&t->seed) != RECS_OK) {
            t->seed = (uint64_t) recs_summary_clock();
        }
    }
}


void
recs_tally_free(recs_tally_t *t)
{
    recs_keys16_destroy(t->messages);
    t->messages = NULL;
}


/* A message is repeated where one identity sends its id again. */

static unsigned
recs_tally_repeated(recs_tally_t *t, const recs_event_t *e)
{
    uint8_t                 buf[RECS_IDENTITY_SIZE + RECS_ID_MAX], key[16];
    size_t                  len;
    uint32_t                count;
    XXH128_hash_t           hash;
    const recs_identity_t  *identity;

    if (t->messages == NULL || e->message_id.len == 0) {
        return 0;
    }

    identity = recs_identity_known(&e->user) ? &e->user
               : recs_identity_known(&e->anonymous) ? &e->anonymous
               : &e->session;

    len = recs_min(e->message_id.len, RECS_ID_MAX);

    memcpy(buf, identity->bytes, RECS_IDENTITY_SIZE);
    memcpy(buf + RECS_IDENTITY_SIZE, e->message_id.data, len);

    hash = XXH3_128bits_withSeed(buf, RECS_IDENTITY_SIZE + len, t->seed);

    memcpy(key, &hash.low64, 8);
    memcpy(key + 8, &hash.high64, 8);

    count = recs_keys16_count(t->messages);

    return recs_keys16_add(t->messages, key) < count;
}


static __int128 *
recs_tally_currency(recs_tally_t *t, const recs_str_t *currency)
{
    char      name[4] = { 0, 0, 0, 0 };
    unsigned  i;

    if (currency->len == 3) {
        memcpy(name, currency->data, 3);
    }

    for (i = 0; i < t->money_count; i++) {
        if (memcmp(t->money[i].name, name, 4) == 0) {
            return &t->money[i].revenue;
        }
    }

    if (i == RECS_TALLY_CURRENCIES) {
        return NULL;
    }

    memcpy(t->money[i].name, name, 4);
    t->money_count++;

    return &t->money[i].revenue;
}


static void
recs_tally_line(recs_tally_t *t, const recs_event_t *e,
    const recs_event_type_t *type, const recs_event_item_t *item)
{
    unsigned   signal;
    __int128   money, *sum;

    if (type == NULL || item->product.len == 0) {
        return;
    }

    signal = type->signal;

    t->refunds += (signal & RECS_SIGNAL_REFUND) != 0;
    t->anonymous += recs_event_type_counts(type)
                    && !recs_identity_known(&e->user);

    if (!(signal & (RECS_SIGNAL_PURCHASE | RECS_SIGNAL_REFUND))
        || item->price == RECS_NO_MONEY)
    {
        return;
    }

    money = (__int128) item->price * item->quantity;

    if (signal & RECS_SIGNAL_REFUND) {
        money = (money < 0) ? money : -money;
    }

    t->revenue += money;
    sum = recs_tally_currency(t, &e->currency);

    if (sum) {
        *sum += money;
    }
}


int
recs_tally_add(void *tally, const recs_event_t *e, recs_error_t *err)
{
    int                       rc;
    uint32_t                  i;
    recs_tally_t             *t;
    const recs_event_type_t  *type;

    t = tally;

    if (recs_tally_repeated(t, e)) {
        return RECS_DECLINED;
    }

    rc = t->sink(t->ctx, e, err);

    if (rc != RECS_OK) {
        return rc;
    }

    if (e->class == RECS_CLASS_PRODUCT) {
        t->products++;
        return RECS_OK;
    }

    if (e->class == RECS_CLASS_USER) {
        t->users++;
        return RECS_OK;
    }

    t->events++;

    if (e->class != RECS_CLASS_ACTIVITY) {
        return RECS_OK;
    }

    type = recs_event_type(e->type);

    for (i = 0; i < e->item_count; i++) {
        recs_tally_line(t, e, type, &e->items[i]);
    }

    return RECS_OK;
}


int64_t
recs_tally_micro(__int128 revenue)
{
    revenue += (revenue < 0) ? -(RECS_MICRO / 2) : RECS_MICRO / 2;

    return (int64_t) (revenue / RECS_MICRO);
}


void
recs_summary_add(recs_summary_t *s, const char *name, const char *label,
    recs_fact_e kind, int64_t value)
{
    recs_fact_t  *fact;

    if (s->count == RECS_SUMMARY_FACTS) {
        return;
    }

    fact = &s->facts[s->count++];

    snprintf(fact->name, sizeof(fact->name), "%s", name);
    fact->label = label;
    fact->kind = kind;
    fact->value = value;
}


void
recs_summary_money(recs_summary_t *s, const recs_tally_t *t, int64_t revenue)
{
    char      name[24];
    unsigned  i;

    recs_summary_add(s, "revenue", "revenue", RECS_FACT_MICRO, revenue);

    for (i = 0; i < t->money_count && t->money_count > 1; i++) {
        snprintf(name, sizeof(name), "revenue.%s",
                 t->money[i].name[0] ? t->money[i].name : "unknown");
        recs_summary_add(s, name, "of it in",
                         RECS_FACT_MICRO,
                         recs_tally_micro(t->money[i].revenue));
    }
}


static void
recs_summary_value(const recs_fact_t *fact, char *text, size_t size)
{
    recs_out_t  out;

    recs_out_init(&out, text, size - 1);

    switch (fact->kind) {

    case RECS_FACT_COUNT:
        recs_out_i64(&out, fact->value);
        break;

    case RECS_FACT_MICRO:
        recs_out_micro(&out, fact->value);
        break;

    case RECS_FACT_SECONDS:
        recs_out_micro(&out, fact->value * 1000);
        break;

    case RECS_FACT_ID:
        recs_out_hex64(&out, (uint64_t) fact->value);
        break;
    }

    *out.pos = '\0';
}


static void
recs_summary_json(const recs_summary_t *s)
{
    char                value[64];
    unsigned            i;
    const char         *quote;
    const recs_fact_t  *fact;

    for (i = 0; i < s->count; i++) {
        fact = &s->facts[i];
        quote = (fact->kind == RECS_FACT_ID) ? "\"" : "";

        recs_summary_value(fact, value, sizeof(value));
        printf("%c\"%s\":%s%s%s", i ? ',' : '{', fact->name, quote, value,
               quote);
    }

    printf("}\n");
}


void
recs_summary_print(const recs_summary_t *s, unsigned json)
{
    int                 terminal;
    char                value[64];
    unsigned            i;
    const char         *currency;
    const recs_fact_t  *fact;

    if (json) {
        recs_summary_json(s);
        fflush(stdout);
        return;
    }

    terminal = isatty(STDOUT_FILENO);

    for (i = 0; i < s->count; i++) {
        fact = &s->facts[i];
        recs_summary_value(fact, value, sizeof(value));

        if (!terminal) {
            printf("%s=%s\n", fact->name, value);
            continue;
        }

        currency = strchr(fact->name, '.');
        printf("%-24s %s%s%s\n", fact->label, value, currency ? " " : "",
               currency ? currency + 1 : "");
    }

    fflush(stdout);
}


int64_t
recs_summary_clock(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int64_t
recs_summary_cpu(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
