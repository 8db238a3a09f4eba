/*
 * Copyright (C) recs authors
 *
 * From 64-bit keys, which are hashes already, to numbers; and sets of
 * numbers.
 */

#include "private.h"


#define RECS_MAP_MIN  1024


void
recs_report_map_clear(recs_report_map_t *map)
{
    free(map->slots);
    memset(map, 0, sizeof(recs_report_map_t));
}


static recs_report_slot_t *
recs_report_map_slot(const recs_report_map_t *map, uint64_t key)
{
    size_t               i;
    recs_report_slot_t  *slot;

    for (i = key & map->mask; /* void */ ; i = (i + 1) & map->mask) {
        slot = &map->slots[i];

        if (slot->key == key || slot->key == 0) {
            return slot;
        }
    }
}


uint32_t
recs_report_map_get(const recs_report_map_t *map, uint64_t key)
{
    return map->slots ? recs_report_map_slot(map, key ? key : 1)->value
                      : RECS_NONE;
}


static void
recs_report_map_resize(recs_report_map_t *map)
{
    size_t              i, size;
    recs_report_map_t   from;

    from = *map;
    size = from.slots ? (from.mask + 1) * 2 : RECS_MAP_MIN;

    map->slots = recs_alloc(size * sizeof(recs_report_slot_t));
    map->mask = size - 1;

    for (i = 0; i < size; i++) {
        map->slots[i].key = 0;
        map->slots[i].value = RECS_NONE;
    }

    for (i = 0; from.slots && i <= from.mask; i++) {
        if (from.slots[i].key) {
            *recs_report_map_slot(map, from.slots[i].key) = from.slots[i];
        }
    }

    free(from.slots);
}


uint32_t *
recs_report_map_at(recs_report_map_t *map, uint64_t key)
{
    recs_report_slot_t  *slot;

    key = key ? key : 1;

    if (map->slots == NULL || map->count * 3 > map->mask * 2) {
        recs_report_map_resize(map);
    }

    slot = recs_report_map_slot(map, key);

    if (slot->key == 0) {
        slot->key = key;
        map->count++;
    }

    return &slot->value;
}


/* Two hashes into one; the order of them matters. */

uint64_t
recs_report_mix(uint64_t one, uint64_t other)
{
    uint64_t  words[2];

    words[0] = one;
    words[1] = other;

    return recs_key64(words, sizeof(words));
}


void
recs_report_set_add(recs_report_set_t *set, uint32_t n)
{
    recs_grow(&set->numbers, &set->cap, set->count + 1, sizeof(uint32_t));
    set->numbers[set->count++] = n;
}
