/*
 * Copyright (C) recs authors
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "memory.h"
#include "message.h"


#define RECS_NAMES_BLOCK    (256 * 1024)
#define RECS_TABLE_MIN      64
#define RECS_THREADS_MAX    256


/*
 * A slot of the names' table keeps 32 bits of the hash, so that a longer
 * table is filled without a look at the strings.
 */

typedef struct {
    uint32_t   hash;
    uint32_t   number;           /* + 1, 0: empty */
} recs_names_slot_t;


struct recs_names_s {
    uint32_t            count;
    uint32_t            mask;
    recs_names_slot_t  *slots;
    uint8_t           **names;   /* length (u32), bytes */
    size_t              names_cap;
    uint8_t            *pos;     /* free room of the last block */
    size_t              room;
    uint8_t           **blocks;
    size_t              block_count;
    size_t              blocks_cap;
};


struct recs_keys16_s {
    uint32_t            count;
    uint32_t            mask;
    uint32_t           *slots;   /* number + 1, 0: empty */
    uint8_t            *keys;
    size_t              keys_cap;
};


typedef struct {
    recs_parallel_pt    fn;
    void               *ctx;
    uint64_t            rows;
    uint64_t            block;
    uint64_t            next;
} recs_parallel_t;

typedef struct {
    recs_parallel_t    *work;
    unsigned            thread;
} recs_parallel_thread_t;


static void
recs_memory_failed(size_t n, size_t size)
{
    recs_progress_end();
    recs_message(RECS_MSG_ERROR, "memory",
                 "cannot allocate %zu x %zu bytes; give the machine or the "
                 "container more memory", n, size);
    exit(1);
}


void *
recs_alloc(size_t size)
{
    void  *p;

    p = malloc(size ? size : 1);

    if (p == NULL) {
        recs_memory_failed(1, size);
    }

    return p;
}


void *
recs_calloc(size_t n, size_t size)
{
    void  *p;

    p = (n && size) ? calloc(n, size) : calloc(1, 1);

    if (p == NULL) {
        recs_memory_failed(n, size);
    }

    return p;
}


void *
recs_realloc(void *p, size_t size)
{
    p = realloc(p, size ? size : 1);

    if (p == NULL) {
        recs_memory_failed(1, size);
    }

    return p;
}


void
recs_grow(void *array, size_t *cap, size_t need, size_t size)
{
    void    *p;
    size_t   n;

    if (need <= *cap) {
        return;
    }

    n = *cap + *cap / 2;
    n = recs_max(n, 16);
    n = recs_max(n, need);

    if (n > SIZE_MAX / size) {
        recs_memory_failed(n, size);
    }

    memcpy(&p, array, sizeof(p));
    p = recs_realloc(p, n * size);
    memcpy(array, &p, sizeof(p));

    *cap = n;
}


static void
recs_table_full(uint32_t count)
{
    /* the number RECS_NONE means none, so it names nothing */

    if (count == RECS_NONE - 1) {
        recs_message(RECS_MSG_ERROR, "memory",
                     "more than 4294967294 different names or identities");
        exit(1);
    }
}


/* The number of slots doubles when two thirds are taken. */

static unsigned
recs_table_crowded(uint32_t count, uint32_t mask)
{
    return ((uint64_t) count + 1) * 3 > ((uint64_t) mask + 1) * 2
           && mask != UINT32_MAX;
}


recs_names_t *
recs_names_create(void)
{
    recs_names_t  *names;

    names = recs_calloc(1, sizeof(recs_names_t));
    names->mask = RECS_TABLE_MIN - 1;
    names->slots = recs_calloc(RECS_TABLE_MIN, sizeof(recs_names_slot_t));

    return names;
}


void
recs_names_destroy(recs_names_t *names)
{
    size_t  i;

    if (names == NULL) {
        return;
    }

    for (i = 0; i < names->block_count; i++) {
        free(names->blocks[i]);
    }

    free(names->blocks);
    free(names->names);
    free(names->slots);
    free(names);
}


recs_str_t
recs_names_get(const recs_names_t *names, uint32_t n)
{
    uint32_t    len;
    recs_str_t  name;

    memcpy(&len, names->names[n], sizeof(len));

    name.len = len;
    name.data = names->names[n] + sizeof(len);

    return name;
}


/* The slot that has a name, or the empty one where it belongs. */

static recs_names_slot_t *
recs_names_slot(const recs_names_t *names, uint32_t hash, const void *data,
    size_t len)
{
    uint32_t            i;
    recs_str_t          name;
    recs_names_slot_t  *slot;

    for (i = hash & names->mask; /* void */ ; i = (i + 1) & names->mask) {
        slot = &names->slots[i];

        if (slot->number == 0) {
            return slot;
        }

        if (slot->hash != hash) {
            continue;
        }

        name = recs_names_get(names, slot->number - 1);

        if (name.len == len
            && (len == 0 || memcmp(name.data, data, len) == 0))
        {
            return slot;
        }
    }
}


static void
recs_names_rehash(recs_names_t *names)
{
    size_t              size;
    uint32_t            i, mask;
    recs_names_slot_t  *from, *last, *slots;

    size = ((size_t) names->mask + 1) * 2;
    mask = (uint32_t) (size - 1);
    slots = recs_calloc(size, sizeof(recs_names_slot_t));
    last = names->slots + names->mask + 1;

    for (from = names->slots; from < last; from++) {

        if (from->number == 0) {
            continue;
        }

        i = from->hash & mask;

        while (slots[i].number) {
            i = (i + 1) & mask;
        }

        slots[i] = *from;
    }

    free(names->slots);

    names->slots = slots;
    names->mask = mask;
}


static uint8_t *
recs_names_keep(recs_names_t *names, const void *data, size_t len)
{
    size_t    need, size;
    uint8_t  *p;
    uint32_t  prefix;

    if (len > UINT32_MAX) {
        recs_memory_failed(1, len);
    }

    need = sizeof(prefix) + len;

    if (need > names->room) {
        size = recs_max(need, RECS_NAMES_BLOCK);

        recs_grow(&names->blocks, &names->blocks_cap, names->block_count + 1,
                  sizeof(uint8_t *));

        names->pos = recs_alloc(size);
        names->room = size;
        names->blocks[names->block_count++] = names->pos;
    }

    p = names->pos;
    prefix = (uint32_t) len;

    memcpy(p, &prefix, sizeof(prefix));

    if (len) {
        memcpy(p + sizeof(prefix), data, len);
    }

    names->pos += need;
    names->room -= need;

    return p;
}


uint32_t
recs_names_add(recs_names_t *names, const void *data, size_t len)
{
    uint32_t            hash;
    recs_names_slot_t  *slot;

    hash = (uint32_t) XXH3_64bits(data, len);
    slot = recs_names_slot(names, hash, data, len);

    if (slot->number) {
        return slot->number - 1;
    }

    recs_table_full(names->count);

    if (recs_table_crowded(names->count, names->mask)) {
        recs_names_rehash(names);
        slot = recs_names_slot(names, hash, data, len);
    }

    recs_grow(&names->names, &names->names_cap, (size_t) names->count + 1,
              sizeof(uint8_t *));

    names->names[names->count] = recs_names_keep(names, data, len);

    slot->hash = hash;
    slot->number = names->count + 1;

    return names->count++;
}


uint32_t
recs_names_find(const recs_names_t *names, const void *data, size_t len)
{
    recs_names_slot_t  *slot;

    slot = recs_names_slot(names, (uint32_t) XXH3_64bits(data, len), data,
                           len);

    return slot->number ? slot->number - 1 : RECS_NONE;
}


uint32_t
recs_names_count(const recs_names_t *names)
{
    return names->count;
}


recs_keys16_t *
recs_keys16_create(void)
{
    recs_keys16_t  *keys;

    keys = recs_calloc(1, sizeof(recs_keys16_t));
    keys->mask = RECS_TABLE_MIN - 1;
    keys->slots = recs_calloc(RECS_TABLE_MIN, sizeof(uint32_t));

    return keys;
}


void
recs_keys16_destroy(recs_keys16_t *keys)
{
    if (keys == NULL) {
        return;
    }

    free(keys->keys);
    free(keys->slots);
    free(keys);
}


const uint8_t *
recs_keys16_get(const recs_keys16_t *keys, uint32_t n)
{
    return keys->keys + (size_t) n * 16;
}


static uint32_t *
recs_keys16_slot(const recs_keys16_t *keys, const uint8_t *key)
{
    uint32_t  i, n;

    i = (uint32_t) XXH3_64bits(key, 16) & keys->mask;

    for ( ;; ) {
        n = keys->slots[i];

        if (n == 0 || memcmp(recs_keys16_get(keys, n - 1), key, 16) == 0) {
            return &keys->slots[i];
        }

        i = (i + 1) & keys->mask;
    }
}


static void
recs_keys16_rehash(recs_keys16_t *keys)
{
    size_t    size;
    uint32_t  i, n;

    size = ((size_t) keys->mask + 1) * 2;

    free(keys->slots);

    keys->slots = recs_calloc(size, sizeof(uint32_t));
    keys->mask = (uint32_t) (size - 1);

    for (n = 0; n < keys->count; n++) {
        i = (uint32_t) XXH3_64bits(recs_keys16_get(keys, n), 16) & keys->mask;

        while (keys->slots[i]) {
            i = (i + 1) & keys->mask;
        }

        keys->slots[i] = n + 1;
    }
}


uint32_t
recs_keys16_add(recs_keys16_t *keys, const uint8_t *key)
{
    uint32_t  *slot;

    slot = recs_keys16_slot(keys, key);

    if (*slot) {
        return *slot - 1;
    }

    recs_table_full(keys->count);

    if (recs_table_crowded(keys->count, keys->mask)) {
        recs_keys16_rehash(keys);
        slot = recs_keys16_slot(keys, key);
    }

    recs_grow(&keys->keys, &keys->keys_cap, (size_t) keys->count + 1, 16);
    memcpy(keys->keys + (size_t) keys->count * 16, key, 16);

    *slot = keys->count + 1;

    return keys->count++;
}


uint32_t
recs_keys16_find(const recs_keys16_t *keys, const uint8_t *key)
{
    uint32_t  *slot;

    slot = recs_keys16_slot(keys, key);

    return *slot ? *slot - 1 : RECS_NONE;
}


uint32_t
recs_keys16_count(const recs_keys16_t *keys)
{
    return keys->count;
}


static void
recs_parallel_run(recs_parallel_t *work, unsigned thread)
{
    uint64_t  from, to;

    for ( ;; ) {
        from = __atomic_fetch_add(&work->next, work->block, __ATOMIC_RELAXED);

        if (from >= work->rows) {
            return;
        }

        to = recs_min(from + work->block, work->rows);

        work->fn(work->ctx, thread, (uint32_t) from, (uint32_t) to);
    }
}


static void *
recs_parallel_thread(void *data)
{
    recs_parallel_thread_t  *t;

    t = data;
    recs_parallel_run(t->work, t->thread);

    return NULL;
}


/* A thread that cannot be made is no failure: the others do its work. */

void
recs_parallel(unsigned threads, uint32_t rows, uint32_t block,
    recs_parallel_pt fn, void *ctx)
{
    unsigned                n, made;
    pthread_t               ids[RECS_THREADS_MAX];
    recs_parallel_t         work;
    recs_parallel_thread_t  args[RECS_THREADS_MAX];

    work.fn = fn;
    work.ctx = ctx;
    work.rows = rows;
    work.block = recs_max(block, 1);
    work.next = 0;

    threads = recs_min(threads, RECS_THREADS_MAX);

    if (rows <= work.block) {
        threads = 1;
    }

    for (n = 1, made = 0; n < threads; n++) {
        args[made].work = &work;
        args[made].thread = n;

        if (pthread_create(&ids[made], NULL, recs_parallel_thread,
                           &args[made])
            != 0)
        {
            break;
        }

        made++;
    }

    recs_parallel_run(&work, 0);

    for (n = 0; n < made; n++) {
        pthread_join(ids[n], NULL);
    }
}
