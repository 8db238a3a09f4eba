/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "eval.h"


static uint32_t
recs_cases_copy(uint64_t *to, const uint64_t *from, uint32_t count)
{
    if (count) {
        memcpy(to, from, count * sizeof(uint64_t));
    }

    return count;
}


static uint32_t
recs_cases_unique(uint64_t *to, const uint64_t *from, uint32_t count)
{
    uint32_t  i, j, n;

    for (i = 0, n = 0; i < count; i++) {
        for (j = 0; j < n && to[j] != from[i]; j++) { /* void */ }

        if (j == n) {
            to[n++] = from[i];
        }
    }

    return n;
}


void
recs_cases_add(recs_cases_t *cases, const recs_case_t *one)
{
    size_t    n;
    unsigned  i;
    uint64_t  end;

    n = cases->count++;

    recs_grow(&cases->offsets, &cases->caps[0], RECS_CASE_ROLES * (n + 1) + 1,
              sizeof(uint64_t));
    recs_grow(&cases->askers, &cases->caps[1],
              (n + 1) * RECS_IDENTITY_SIZE, 1);
    recs_grow(&cases->groups, &cases->caps[2], n + 1, sizeof(uint32_t));

    if (n == 0) {
        cases->offsets[0] = 0;
    }

    end = cases->offsets[RECS_CASE_ROLES * n];

    for (i = 0; i < RECS_CASE_ROLES; i++) {
        recs_grow(&cases->keys, &cases->caps[3],
                  (size_t) end + one->counts[i] + 1, sizeof(uint64_t));

        end += (i == RECS_CASE_RIGHT)
               ? recs_cases_unique(cases->keys + end, one->keys[i],
                                   one->counts[i])
               : recs_cases_copy(cases->keys + end, one->keys[i],
                                 one->counts[i]);
        cases->offsets[RECS_CASE_ROLES * n + i + 1] = end;
    }

    memset(cases->askers + n * RECS_IDENTITY_SIZE, 0, RECS_IDENTITY_SIZE);

    if (one->asker) {
        memcpy(cases->askers + n * RECS_IDENTITY_SIZE, one->asker,
               RECS_IDENTITY_SIZE);
    }

    cases->groups[n] = one->group;
    cases->group_count = recs_max(cases->group_count, one->group + 1);
}


void
recs_cases_get(const recs_cases_t *cases, uint32_t n, recs_case_t *one)
{
    unsigned         i;
    const uint64_t  *offsets;

    offsets = cases->offsets + (size_t) RECS_CASE_ROLES * n;

    for (i = 0; i < RECS_CASE_ROLES; i++) {
        one->keys[i] = cases->keys + offsets[i];
        one->counts[i] = (uint32_t) (offsets[i + 1] - offsets[i]);
    }

    one->asker = cases->askers + (size_t) n * RECS_IDENTITY_SIZE;
    one->group = cases->groups[n];
}


void
recs_cases_free(recs_cases_t *cases)
{
    free(cases->offsets);
    free(cases->keys);
    free(cases->askers);
    free(cases->groups);

    memset(cases, 0, sizeof(recs_cases_t));
}
