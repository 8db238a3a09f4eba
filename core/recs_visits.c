/*
 * Copyright (C) recs authors
 */

#include <sched.h>
#include <string.h>

#include "recs_visits.h"


#define RECS_VISITS_MAGIC    0x5449534956524345ULL
#define RECS_VISITS_VERSION  2
#define RECS_VISITS_LINE     64
#define RECS_VISITS_SPINS    64      /* tries before others get the core */

#if defined(__x86_64__) || defined(__i386__)
#define recs_visits_pause()  __builtin_ia32_pause()
#else
#define recs_visits_pause()  __asm__ __volatile__ ("" ::: "memory")
#endif


__extension__ typedef unsigned __int128  recs_u128_t;


typedef struct {
    uint64_t       sequence;         /* odd: it is being written */
    uint64_t       shop;
    uint8_t        id[16];           /* zeros: there is none */
    uint32_t       used;             /* since the hand came by */
    uint32_t       reserved;
    recs_visit_t   visit;
} recs_visits_record_t;


typedef struct {
    uint64_t              owner;     /* who writes, 0 nobody */
    uint32_t              since;     /* seconds */
    uint32_t              hand;
    uint32_t              count;     /* records that there are */
    uint32_t              counted;   /* of them in the table's count */
    uint8_t               pad[RECS_VISITS_LINE - 24];
    recs_visits_record_t  records[RECS_VISITS_WAYS];
} recs_visits_set_t;


struct recs_visits_s {
    uint64_t           magic;
    uint32_t           version;
    uint32_t           visit_version;
    uint64_t           set_size;
    uint64_t           sets;
    uint64_t           count;        /* records that there are */
    uint8_t            pad[RECS_VISITS_LINE - 40];
    recs_visits_set_t  first[];
};


static recs_visits_set_t *recs_visits_set(recs_visits_t *table,
    const recs_visits_key_t *key);
static unsigned recs_visits_is(const recs_visits_record_t *r,
    const recs_visits_key_t *key);
static unsigned recs_visits_empty(const recs_visits_record_t *r);
static int recs_visits_copy(recs_visits_user_t *u,
    const recs_visits_record_t *r, recs_visits_record_t *copy);
static int recs_visits_claim(recs_visits_user_t *u, recs_visits_set_t *set);
static int recs_visits_take(recs_visits_user_t *u, recs_visits_set_t *set,
    uint64_t *owner);
static void recs_visits_release(recs_visits_user_t *u);
static void recs_visits_repair(recs_visits_user_t *u,
    recs_visits_set_t *set);
static recs_visits_record_t *recs_visits_find(recs_visits_set_t *set,
    const recs_visits_key_t *key);
static recs_visits_record_t *recs_visits_victim(recs_visits_user_t *u,
    recs_visits_set_t *set);
static uint64_t *recs_visits_bits(const recs_visits_t *table);
static void recs_visits_mark(recs_visits_user_t *u, recs_visits_set_t *set);
static unsigned recs_visits_whose(const recs_visits_whose_t *whose,
    const recs_visits_record_t *r);
static int recs_visits_forget_set(recs_visits_user_t *u,
    const recs_visits_whose_t *whose, recs_visits_set_t *set);
static void recs_visits_open(recs_visits_record_t *r);
static void recs_visits_close(recs_visits_record_t *r);
static void recs_visits_clear(recs_visits_record_t *r);


int
recs_visits_create(recs_visits_t *table, size_t size)
{
    uint64_t  sets;

    if (size < sizeof(recs_visits_t) + sizeof(recs_visits_set_t)
               + sizeof(uint64_t))
    {
        return RECS_DECLINED;
    }

    /* a bit a set, in whole words */

    sets = (size - sizeof(recs_visits_t) - sizeof(uint64_t)) * 8
           / (sizeof(recs_visits_set_t) * 8 + 1);

    table->version = RECS_VISITS_VERSION;
    table->visit_version = RECS_VISIT_VERSION;
    table->set_size = sizeof(recs_visits_set_t);
    table->sets = sets;

    __atomic_store_n(&table->magic, RECS_VISITS_MAGIC, __ATOMIC_RELEASE);

    return RECS_OK;
}


unsigned
recs_visits_valid(const recs_visits_t *table)
{
    return table->magic == RECS_VISITS_MAGIC
           && table->version == RECS_VISITS_VERSION
           && table->visit_version == RECS_VISIT_VERSION
           && table->set_size == sizeof(recs_visits_set_t)
           && table->sets != 0;
}


static recs_visits_set_t *
recs_visits_set(recs_visits_t *table, const recs_visits_key_t *key)
{
    uint64_t  hash;

    memcpy(&hash, key->id + 8, sizeof(hash));
    hash ^= key->shop;

    return &table->first[(uint64_t) (((recs_u128_t) hash * table->sets)
                                     >> 64)];
}


static unsigned
recs_visits_is(const recs_visits_record_t *r, const recs_visits_key_t *key)
{
    return memcmp(r->id, key->id, sizeof(r->id)) == 0 && r->shop == key->shop;
}


static unsigned
recs_visits_empty(const recs_visits_record_t *r)
{
    static const uint8_t  none[16];

    return memcmp(r->id, none, sizeof(none)) == 0;
}


int
recs_visits_get(recs_visits_user_t *u, const recs_visits_key_t *key,
    recs_visit_t *visit)
{
    uint32_t               n;
    recs_visits_set_t     *set;
    recs_visits_record_t  *r, copy;

    set = recs_visits_set(u->table, key);

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        r = &set->records[n];

        if (!recs_visits_is(r, key)) {
            continue;
        }

        if (recs_visits_copy(u, r, &copy) != RECS_OK) {
            u->counts[RECS_VISITS_CONFLICTS]++;
            return RECS_AGAIN;
        }

        /* it may have become another one's in the meantime */

        if (!recs_visits_is(&copy, key)) {
            continue;
        }

        if (!copy.used) {
            __atomic_store_n(&r->used, 1, __ATOMIC_RELAXED);
        }

        *visit = copy.visit;

        return RECS_OK;
    }

    return RECS_DECLINED;
}


void
recs_visits_expect(recs_visits_user_t *u, const recs_visits_key_t *key)
{
    uint32_t            n;
    recs_visits_set_t  *set;

    set = recs_visits_set(u->table, key);

    __builtin_prefetch(&set->owner, 1);

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        __builtin_prefetch(&set->records[n]);
    }
}


static int
recs_visits_copy(recs_visits_user_t *u, const recs_visits_record_t *r,
    recs_visits_record_t *copy)
{
    uint32_t  tries;
    uint64_t  sequence;

    for (tries = 0; tries < RECS_VISITS_READS; tries++) {
        sequence = __atomic_load_n(&r->sequence, __ATOMIC_ACQUIRE);

        if ((sequence & 1) == 0) {
            memcpy(copy, r, sizeof(recs_visits_record_t));
            __atomic_thread_fence(__ATOMIC_ACQUIRE);

            if (__atomic_load_n(&r->sequence, __ATOMIC_RELAXED) == sequence) {
                return RECS_OK;
            }
        }

        u->counts[RECS_VISITS_RETRIES]++;
        recs_visits_pause();
    }

    return RECS_AGAIN;
}


recs_visit_t *
recs_visits_begin(recs_visits_user_t *u, const recs_visits_key_t *key)
{
    recs_visits_set_t     *set;
    recs_visits_record_t  *r;

    set = recs_visits_set(u->table, key);

    if (recs_visits_claim(u, set) != RECS_OK) {
        u->counts[RECS_VISITS_CONFLICTS]++;
        return NULL;
    }

    u->set = set;
    r = recs_visits_find(set, key);

    if (r && (r->sequence & 1)) {

        /* left so by somebody who lost the set */

        recs_visits_repair(u, set);
        r = NULL;
    }

    if (r) {
        recs_visits_open(r);
        __atomic_store_n(&r->used, 1, __ATOMIC_RELAXED);

    } else {

        /* not used yet: whoever comes once goes before whoever comes back */

        r = recs_visits_victim(u, set);

        recs_visits_open(r);
        recs_visits_clear(r);

        memcpy(r->id, key->id, sizeof(r->id));
        r->shop = key->shop;
        r->visit.version = RECS_VISIT_VERSION;
        set->count++;
    }

    u->record = r;

    return &r->visit;
}


void
recs_visits_end(recs_visits_user_t *u)
{
    recs_visits_set_t  *set;

    set = u->set;

    /* whoever took the set over closes what is left open */

    if (__atomic_load_n(&set->owner, __ATOMIC_RELAXED) == u->owner) {
        recs_visits_close(u->record);
    }

    recs_visits_release(u);
}


void
recs_visits_drop(recs_visits_user_t *u)
{
    recs_visits_set_t  *set;

    set = u->set;

    recs_visits_clear(u->record);
    set->count--;

    recs_visits_end(u);
}


unsigned
recs_visits_remove(recs_visits_user_t *u, const recs_visits_key_t *key)
{
    recs_visits_set_t  *set;

    set = recs_visits_set(u->table, key);

    if (recs_visits_claim(u, set) != RECS_OK) {
        u->counts[RECS_VISITS_CONFLICTS]++;
        return 0;
    }

    u->set = set;
    u->record = recs_visits_find(set, key);

    if (u->record == NULL) {
        recs_visits_release(u);
        return 0;
    }

    recs_visits_open(u->record);
    recs_visits_drop(u);

    return 1;
}


int
recs_visits_forget(recs_visits_user_t *u, const recs_visits_whose_t *whose,
    uint64_t *from, uint64_t sets)
{
    int                   rc;
    uint64_t              word;
    const uint64_t       *bits;
    const recs_visits_t  *table;

    table = u->table;
    bits = recs_visits_bits(table);

    while (*from < table->sets) {
        word = __atomic_load_n(&bits[*from / 64], __ATOMIC_RELAXED)
               >> (*from % 64);

        if (word == 0) {
            *from = (*from / 64 + 1) * 64;
            continue;
        }

        *from += __builtin_ctzll(word);

        if (sets-- == 0) {
            return RECS_AGAIN;
        }

        rc = recs_visits_forget_set(u, whose, &u->table->first[*from]);

        if (rc != RECS_OK) {
            return rc;
        }

        (*from)++;
    }

    return RECS_OK;
}


static int
recs_visits_forget_set(recs_visits_user_t *u,
    const recs_visits_whose_t *whose, recs_visits_set_t *set)
{
    uint32_t               n;
    uint8_t                id[16];
    recs_visits_key_t      key;
    recs_visits_record_t  *r;

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        r = &set->records[n];

        if (!recs_visits_whose(whose, r)) {
            continue;
        }

        /* not a conflict: nobody goes on without it */

        if (recs_visits_claim(u, set) != RECS_OK) {
            return RECS_BUSY;
        }

        u->set = set;
        u->record = r;

        /* it may be another one's by now, or be left in the middle */

        if (!recs_visits_whose(whose, r)) {
            recs_visits_release(u);
            continue;
        }

        memcpy(id, r->id, sizeof(id));
        key.shop = whose->shop;
        key.id = id;

        recs_visits_open(r);
        recs_visits_drop(u);

        whose->gone(whose->ctx, &key);
    }

    return RECS_OK;
}


static unsigned
recs_visits_whose(const recs_visits_whose_t *whose,
    const recs_visits_record_t *r)
{
    unsigned  i;

    if (r->shop != whose->shop) {
        return 0;
    }

    for (i = 0; i < whose->count; i++) {
        if (memcmp(r->id, whose->users[i], sizeof(r->id)) == 0
            || memcmp(r->visit.user, whose->users[i], sizeof(r->visit.user))
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


static int
recs_visits_claim(recs_visits_user_t *u, recs_visits_set_t *set)
{
    uint32_t  tries;
    uint64_t  owner;

    for (tries = 1; tries <= RECS_VISITS_CLAIMS; tries++) {

        if (recs_visits_take(u, set, &owner) == RECS_OK) {
            return RECS_OK;
        }

        u->counts[RECS_VISITS_RETRIES]++;

        if (tries % RECS_VISITS_SPINS) {
            recs_visits_pause();
            continue;
        }

        if ((u->gone(owner)
             || (int32_t) (u->now - set->since) > RECS_VISITS_HELD)
            && __atomic_compare_exchange_n(&set->owner, &owner, u->owner, 0,
                                           __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED))
        {
            set->since = u->now;
            recs_visits_repair(u, set);
            return RECS_OK;
        }

        /* whoever writes may wait for this very core */

        (void) sched_yield();
    }

    return RECS_AGAIN;
}


static int
recs_visits_take(recs_visits_user_t *u, recs_visits_set_t *set,
    uint64_t *owner)
{
    *owner = 0;

    if (!__atomic_compare_exchange_n(&set->owner, owner, u->owner, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    {
        return RECS_AGAIN;
    }

    set->since = u->now;
    recs_visits_mark(u, set);

    return RECS_OK;
}


static uint64_t *
recs_visits_bits(const recs_visits_t *table)
{
    return (uint64_t *) &table->first[table->sets];
}


static void
recs_visits_mark(recs_visits_user_t *u, recs_visits_set_t *set)
{
    uint64_t   n, bit, *word;

    n = set - u->table->first;
    bit = (uint64_t) 1 << (n % 64);
    word = &recs_visits_bits(u->table)[n / 64];

    if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit)) {
        (void) __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
    }
}


static void
recs_visits_release(recs_visits_user_t *u)
{
    uint64_t            owner;
    recs_visits_set_t  *set;

    set = u->set;
    owner = u->owner;

    if (set->counted != set->count) {
        (void) __atomic_fetch_add(&u->table->count,
                                  (uint64_t) set->count - set->counted,
                                  __ATOMIC_RELAXED);
        set->counted = set->count;
    }

    /* fails where another one took the set over: it is not ours to give */

    (void) __atomic_compare_exchange_n(&set->owner, &owner, 0, 0,
                                       __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    u->set = NULL;
    u->record = NULL;
}


static void
recs_visits_repair(recs_visits_user_t *u, recs_visits_set_t *set)
{
    uint32_t               n;
    recs_visits_record_t  *r;

    set->count = 0;

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        r = &set->records[n];

        if (r->sequence & 1) {
            recs_visits_clear(r);
            recs_visits_close(r);
            u->counts[RECS_VISITS_RESET]++;
        }

        set->count += !recs_visits_empty(r);
    }
}


static recs_visits_record_t *
recs_visits_find(recs_visits_set_t *set, const recs_visits_key_t *key)
{
    uint32_t  n;

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        if (recs_visits_is(&set->records[n], key)) {
            return &set->records[n];
        }
    }

    return NULL;
}


/* An empty record, else the hand's: two rounds find one. */

static recs_visits_record_t *
recs_visits_victim(recs_visits_user_t *u, recs_visits_set_t *set)
{
    uint32_t               n;
    recs_visits_record_t  *r;

    for (n = 0; n < RECS_VISITS_WAYS; n++) {
        if (recs_visits_empty(&set->records[n])) {
            return &set->records[n];
        }
    }

    for (n = 0; n < 2 * RECS_VISITS_WAYS; n++) {
        r = &set->records[set->hand++ % RECS_VISITS_WAYS];

        if (!__atomic_exchange_n(&r->used, 0, __ATOMIC_RELAXED)) {
            break;
        }
    }

    u->counts[RECS_VISITS_EVICTED]++;
    set->count--;

    return r;
}


static void
recs_visits_open(recs_visits_record_t *r)
{
    __atomic_store_n(&r->sequence, r->sequence | 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}


static void
recs_visits_close(recs_visits_record_t *r)
{
    __atomic_store_n(&r->sequence, (r->sequence | 1) + 1, __ATOMIC_RELEASE);
}


/* All but the sequence. */

static void
recs_visits_clear(recs_visits_record_t *r)
{
    memset((uint8_t *) r + sizeof(r->sequence), 0,
           sizeof(recs_visits_record_t) - sizeof(r->sequence));
}


uint64_t
recs_visits_count(const recs_visits_t *table)
{
    /* not by reading the sets, which would take memory for all of them */

    return __atomic_load_n(&table->count, __ATOMIC_RELAXED);
}


uint64_t
recs_visits_room(const recs_visits_t *table)
{
    return table->sets * RECS_VISITS_WAYS;
}


void
recs_visits_each(recs_visits_user_t *u, recs_visits_each_pt each, void *ctx,
    recs_visits_report_t *report)
{
    uint32_t               n;
    uint64_t               i;
    recs_visits_set_t     *set;
    recs_visits_record_t   copy;

    memset(report, 0, sizeof(recs_visits_report_t));

    for (i = 0; i < u->table->sets; i++) {
        set = &u->table->first[i];
        report->held += set->owner != 0;

        for (n = 0; n < RECS_VISITS_WAYS; n++) {

            if (recs_visits_copy(u, &set->records[n], &copy) != RECS_OK) {
                report->broken++;

            } else if (!recs_visits_empty(&copy)) {
                report->records++;
                each(ctx, &copy.visit);
            }
        }
    }
}
