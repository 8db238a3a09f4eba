/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "../../core/event/recs_identity.h"
#include "log_index.h"


/* What an event is known by, besides its sequence. */

typedef enum {
    RECS_KNOWN_NOT = 0,
    RECS_KNOWN_MESSAGE,
    RECS_KNOWN_CONTENT,
    RECS_KNOWN_ROW
} recs_known_e;

typedef struct {
    uint64_t  kind;
    uint64_t  shop;
    uint64_t  part;
    uint8_t   identity[RECS_IDENTITY_SIZE];
    uint8_t   name[16];
} recs_known_t;


static recs_known_e recs_log_index_kind(const recs_event_t *e);
static int recs_log_index_message(recs_log_index_t *index,
    const recs_event_t *e);
static int recs_log_index_content(recs_log_index_t *index,
    const recs_event_t *e, unsigned load);
static int recs_log_index_row(recs_log_index_t *index, const recs_event_t *e);
static void recs_log_index_hash(recs_log_index_t *index, const void *data,
    size_t len, uint8_t *hash);
static void recs_log_index_bare(recs_log_index_t *index,
    const recs_event_t *e, unsigned timeless, int former, uint8_t *hash);
static void recs_log_index_name(recs_log_index_t *index,
    const recs_event_t *e, int former, uint8_t *key);
static uint32_t recs_log_index_before(recs_log_index_t *index,
    const recs_event_t *e, uint32_t n);
static uint32_t recs_log_index_known(recs_log_index_t *index,
    const uint8_t *key);
static recs_log_change_t *recs_log_index_change(recs_log_index_t *index,
    recs_log_change_e kind);


int
recs_log_index_init(recs_log_index_t *index)
{
    memset(index, 0, sizeof(recs_log_index_t));

    /* strangers choose messageId: they must not be able to choose hashes */

    if (recs_random64(&index->seed) != RECS_OK) {
        return RECS_ERROR;
    }

    index->known = recs_keys16_create();
    index->rows = recs_keys16_create();

    return RECS_OK;
}


void
recs_log_index_free(recs_log_index_t *index)
{
    size_t  i;

    for (i = 0; i < index->epoch_count; i++) {
        recs_spans_free(&index->epochs[i].seen);
        recs_spans_free(&index->epochs[i].lost);
    }

    if (index->known) {
        recs_keys16_destroy(index->known);
        recs_keys16_destroy(index->rows);
    }

    free(index->epochs);
    free(index->counts);
    free(index->imported);
    free(index->states);
    free(index->changes);
}


int
recs_log_index_add(recs_log_index_t *index, const recs_event_t *e)
{
    int  rc;

    if (e->epoch) {
        recs_log_index_mark(index, RECS_LOG_SEEN, e->epoch, e->sequence,
                            e->sequence);
    }

    switch (recs_log_index_kind(e)) {

    case RECS_KNOWN_MESSAGE:
        rc = recs_log_index_message(index, e);
        break;

    case RECS_KNOWN_CONTENT:
        rc = recs_log_index_content(index, e, 0);
        break;

    case RECS_KNOWN_ROW:
        rc = recs_log_index_row(index, e);
        break;

    default: /* RECS_KNOWN_NOT */
        rc = RECS_OK;
        break;
    }

    return rc;
}


void
recs_log_index_load(recs_log_index_t *index, const recs_event_t *e)
{
    if (e->epoch) {
        recs_log_index_mark(index, RECS_LOG_SEEN, e->epoch, e->sequence,
                            e->sequence);
    }

    switch (recs_log_index_kind(e)) {

    case RECS_KNOWN_MESSAGE:
        (void) recs_log_index_message(index, e);
        break;

    case RECS_KNOWN_CONTENT:
        (void) recs_log_index_content(index, e, 1);
        break;

    case RECS_KNOWN_ROW:
        (void) recs_log_index_row(index, e);
        break;

    default: /* RECS_KNOWN_NOT */
        break;
    }

    index->change_count = 0;
}


#define RECS_KNOWN_ENTRY  20     /* bytes in a checkpoint: hash and count */


void *
recs_log_index_give(const recs_log_index_t *index, size_t *len)
{
    uint8_t   *buf, *p;
    uint32_t   i, n, count;
    uint64_t   seed;

    n = recs_keys16_count(index->known);
    buf = recs_alloc(sizeof(uint64_t) + (size_t) n * RECS_KNOWN_ENTRY);

    seed = htole64(index->seed);
    memcpy(buf, &seed, sizeof(uint64_t));
    p = buf + sizeof(uint64_t);

    for (i = 0; i < n; i++, p += RECS_KNOWN_ENTRY) {
        count = htole32(index->counts[i]);
        memcpy(p, recs_keys16_get(index->known, i), 16);
        memcpy(p + 16, &count, sizeof(uint32_t));
    }

    *len = (size_t) (p - buf);

    return buf;
}


int
recs_log_index_take(recs_log_index_t *index, const recs_str_t *known,
    const char *dir, recs_error_t *e)
{
    uint32_t        n, count;
    uint64_t        seed;
    const uint8_t  *p, *end;

    if (known->len < sizeof(uint64_t)
        || (known->len - sizeof(uint64_t)) % RECS_KNOWN_ENTRY)
    {
        return recs_error(e, "%s: its checkpoint is of another version", dir);
    }

    memcpy(&seed, known->data, sizeof(uint64_t));
    index->seed = le64toh(seed);

    p = known->data + sizeof(uint64_t);
    end = known->data + known->len;

    for ( /* void */ ; p < end; p += RECS_KNOWN_ENTRY) {
        memcpy(&count, p + 16, sizeof(uint32_t));
        n = recs_log_index_known(index, p);
        index->counts[n] = le32toh(count);
    }

    return RECS_OK;
}


/*
 * A row without a time of its own says how things are now: it is news where
 * it differs from the last one.  With a time it says what happened then.
 */

static recs_known_e
recs_log_index_kind(const recs_event_t *e)
{
    if (e->message_id.len) {
        return RECS_KNOWN_MESSAGE;
    }

    if (e->epoch) {
        return RECS_KNOWN_NOT;
    }

    if ((e->class == RECS_CLASS_PRODUCT || e->class == RECS_CLASS_USER)
        && (e->time_ms == 0 || e->time_ms == e->received_ms))
    {
        return RECS_KNOWN_ROW;
    }

    return RECS_KNOWN_CONTENT;
}


static int
recs_log_index_message(recs_log_index_t *index, const recs_event_t *e)
{
    uint8_t   key[16];
    uint32_t  n;

    recs_log_index_name(index, e, -1, key);

    n = recs_log_index_known(index, key);
    n = recs_log_index_before(index, e, n);

    if (index->counts[n]) {
        return RECS_DECLINED;
    }

    index->counts[n] = 1;
    recs_log_index_change(index, RECS_LOG_COUNT)->key = n;

    return RECS_OK;
}


/* "former": as it would have been under a key before, -1: as it is. */

static void
recs_log_index_name(recs_log_index_t *index, const recs_event_t *e,
    int former, uint8_t *key)
{
    unsigned                which;
    recs_known_t            known;
    const recs_identity_t  *identity;

    which = recs_identity_known(&e->user) ? 0
            : recs_identity_known(&e->anonymous) ? 1 : 2;
    identity = (former >= 0) ? &e->formers[which][former]
               : (which == 0) ? &e->user
               : (which == 1) ? &e->anonymous : &e->session;

    memset(&known, 0, sizeof(recs_known_t));

    known.kind = RECS_KNOWN_MESSAGE;
    known.shop = XXH3_64bits(e->shop.data, e->shop.len);
    memcpy(known.identity, identity->bytes, RECS_IDENTITY_SIZE);
    recs_log_index_hash(index, e->message_id.data, e->message_id.len,
                        known.name);

    recs_log_index_hash(index, &known, sizeof(recs_known_t), key);
}


/*
 * What came before the keys were rotated is known by the identities of that
 * time: its number, or "n" where there is none.
 */

static uint32_t
recs_log_index_before(recs_log_index_t *index, const recs_event_t *e,
    uint32_t n)
{
    int       k;
    uint8_t   key[16];
    uint32_t  m;

    for (k = 0; k < RECS_FORMERS && index->counts[n] == 0; k++) {

        if (!recs_identity_known(&e->formers[0][k])
            && !recs_identity_known(&e->formers[1][k])
            && !recs_identity_known(&e->formers[2][k]))
        {
            continue;
        }

        if (e->message_id.len) {
            recs_log_index_name(index, e, k, key);

        } else {
            recs_log_index_bare(index, e, 0, k, key);
        }

        m = recs_keys16_find(index->known, key);

        if (m != RECS_NONE && index->counts[m]) {
            return m;
        }
    }

    return n;
}


/*
 * The n-th equal event of this import is in the log where the log has n of
 * them or more.
 */

static int
recs_log_index_content(recs_log_index_t *index, const recs_event_t *e,
    unsigned load)
{
    uint8_t   key[16];
    uint32_t  n;

    recs_log_index_bare(index, e, 0, -1, key);

    n = recs_log_index_known(index, key);

    if (!load) {
        n = recs_log_index_before(index, e, n);
    }

    if (!load && ++index->imported[n] <= index->counts[n]) {
        return RECS_DECLINED;
    }

    index->counts[n]++;
    recs_log_index_change(index, RECS_LOG_COUNT)->key = n;

    return RECS_OK;
}


static int
recs_log_index_row(recs_log_index_t *index, const recs_event_t *e)
{
    uint8_t             key[16], hash[16];
    uint8_t            *state;
    uint32_t            n, count;
    recs_known_t        known;
    recs_log_change_t  *change;

    memset(&known, 0, sizeof(recs_known_t));

    known.kind = RECS_KNOWN_ROW + e->class;
    known.shop = XXH3_64bits(e->shop.data, e->shop.len);
    memcpy(known.identity, e->user.bytes, RECS_IDENTITY_SIZE);

    if (e->item_count) {
        recs_log_index_hash(index, e->items[0].product.data,
                            e->items[0].product.len, known.name);
        known.part = XXH3_64bits(e->items[0].variant.data,
                                 e->items[0].variant.len);

        /* a stock that is told by itself is no news to the catalogue */

        if (e->source.len) {
            known.part ^= XXH3_64bits(e->source.data, e->source.len);
        }
    }

    recs_log_index_hash(index, &known, sizeof(recs_known_t), key);
    recs_log_index_bare(index, e, 1, -1, hash);

    count = recs_keys16_count(index->rows);
    n = recs_keys16_add(index->rows, key);

    recs_grow(&index->states, &index->states_cap, (size_t) n + 1, 16);
    state = index->states + (size_t) n * 16;

    if (n == count) {
        memset(state, 0, 16);

    } else if (memcmp(state, hash, 16) == 0) {
        return RECS_DECLINED;
    }

    change = recs_log_index_change(index, RECS_LOG_STATE);
    change->key = n;
    memcpy(change->state, state, 16);
    memcpy(state, hash, 16);

    return RECS_OK;
}


static void
recs_log_index_hash(recs_log_index_t *index, const void *data, size_t len,
    uint8_t *hash)
{
    XXH128_hash_t  h;

    h = XXH3_128bits_withSeed(data, len, index->seed);

    memcpy(hash, &h.low64, 8);
    memcpy(hash + 8, &h.high64, 8);
}


/* The hash of what an event says, without how it came here. */

static void
recs_log_index_bare(recs_log_index_t *index, const recs_event_t *e,
    unsigned timeless, int former, uint8_t *hash)
{
    size_t         len;
    uint32_t       n;
    recs_event_t  *bare;

    /* items and keys have room for a hundred, most events have one */

    bare = &index->bare;
    n = recs_max(e->item_count, 1);
    memcpy(bare, e, offsetof(recs_event_t, items)
                    + n * sizeof(recs_event_item_t));
    bare->item_count = e->item_count;
    bare->key_count = e->key_count;
    memcpy(bare->keys, e->keys, e->key_count * sizeof(uint64_t));

    if (former >= 0) {
        bare->user = e->formers[0][former];
        bare->anonymous = e->formers[1][former];
        bare->session = e->formers[2][former];
    }

    memset(bare->formers, 0, sizeof(bare->formers));
    bare->epoch = 0;
    bare->sequence = 0;
    bare->received_ms = 0;

    if (timeless) {
        bare->time_ms = 0;
    }

    len = recs_event_encode(bare, index->buf, RECS_FRAME_MAX);
    recs_log_index_hash(index, index->buf, len, hash);
}


static uint32_t
recs_log_index_known(recs_log_index_t *index, const uint8_t *key)
{
    uint32_t  n, count;

    count = recs_keys16_count(index->known);
    n = recs_keys16_add(index->known, key);

    recs_grow(&index->counts, &index->counts_cap, (size_t) n + 1,
              sizeof(uint32_t));
    recs_grow(&index->imported, &index->imported_cap, (size_t) n + 1,
              sizeof(uint32_t));

    if (n == count) {
        index->counts[n] = 0;
        index->imported[n] = 0;
    }

    return n;
}


int
recs_log_index_seen(recs_log_index_t *index, uint64_t epoch,
    uint64_t sequence)
{
    const recs_log_epoch_t  *p;

    p = recs_log_index_epoch(index, epoch);

    return p && recs_spans_has(&p->seen, sequence);
}


void
recs_log_index_mark(recs_log_index_t *index, recs_log_change_e kind,
    uint64_t epoch, uint64_t from, uint64_t to)
{
    recs_log_epoch_t   *p;
    recs_log_change_t  *change;

    p = recs_log_index_epoch_add(index, epoch);
    recs_spans_add((kind == RECS_LOG_SEEN) ? &p->seen : &p->lost, from, to);

    change = recs_log_index_change(index, kind);
    change->epoch = epoch;
    change->from = from;
    change->to = to;
}


void
recs_log_index_import(recs_log_index_t *index)
{
    uint32_t  n;

    n = recs_keys16_count(index->known);

    if (n) {
        memset(index->imported, 0, n * sizeof(uint32_t));
    }
}


void
recs_log_index_commit(recs_log_index_t *index)
{
    index->change_count = 0;
}


void
recs_log_index_undo(recs_log_index_t *index)
{
    recs_log_epoch_t   *p;
    recs_log_change_t  *change;

    while (index->change_count) {
        change = &index->changes[--index->change_count];

        switch (change->kind) {

        case RECS_LOG_SEEN:
            p = recs_log_index_epoch_add(index, change->epoch);
            recs_spans_cut(&p->seen, change->from, change->to);
            break;

        case RECS_LOG_LOST:
            p = recs_log_index_epoch_add(index, change->epoch);
            recs_spans_cut(&p->lost, change->from, change->to);
            break;

        case RECS_LOG_COUNT:
            index->counts[change->key]--;
            break;

        case RECS_LOG_STATE:
            memcpy(index->states + (size_t) change->key * 16, change->state,
                   16);
            break;
        }
    }
}


static recs_log_change_t *
recs_log_index_change(recs_log_index_t *index, recs_log_change_e kind)
{
    recs_log_change_t  *change;

    recs_grow(&index->changes, &index->changes_cap, index->change_count + 1,
              sizeof(recs_log_change_t));

    change = &index->changes[index->change_count++];
    change->kind = kind;

    return change;
}
