/*
 * Copyright (C) recs authors
 *
 * Itemsets of random baskets against all subsets of ten items, counted one
 * by one.
 */

#include <stdlib.h>

#include "builder/model/itemsets.h"
#include "tap.h"


#define ITEMS  10
#define ROWS   200


static uint32_t  random_state;


static uint32_t
random_next(void)
{
    random_state = random_state * 1664525u + 1013904223u;

    return random_state >> 8;
}


/* Baskets as bit masks, some of them empty; in blocks that repeat. */

static void
random_rows(uint32_t seed, uint32_t *masks, recs_rows_t *rows)
{
    uint32_t  b, i, r;

    random_state = seed;
    rows->rows = ROWS;
    rows->offsets = calloc(ROWS + 1, sizeof(uint64_t));
    rows->entries = calloc(ROWS * ITEMS, sizeof(uint32_t));

    for (r = 0; r < ROWS; r++) {
        b = 0;

        for (i = 0; i < ITEMS; i++) {
            b |= (uint32_t) (random_next() % (i + 2) == 0) << i;
        }

        masks[r] = (r % 7 == 6) ? masks[r - 3] : b;
        rows->offsets[r + 1] = rows->offsets[r];

        for (i = ITEMS; i-- > 0; /* void */ ) {
            if (masks[r] & (1u << i)) {
                rows->entries[rows->offsets[r + 1]++] = i;
            }
        }
    }
}


static void
naive_counts(const uint32_t *masks, uint32_t *counts)
{
    uint32_t  r, set;

    for (set = 0; set < 1u << ITEMS; set++) {
        counts[set] = 0;

        for (r = 0; r < ROWS; r++) {
            counts[set] += (masks[r] & set) == set;
        }
    }
}


static uint64_t
naive_rules(const uint32_t *counts, uint32_t min_count, double confidence,
    uint32_t min_length)
{
    uint32_t  i, set;
    uint64_t  n;

    n = 0;

    for (set = 1; set < 1u << ITEMS; set++) {
        if (counts[set] < min_count
            || (uint32_t) __builtin_popcount(set) < min_length)
        {
            continue;
        }

        for (i = 0; i < ITEMS; i++) {
            if (set & (1u << i)) {
                n += (double) counts[set] / counts[set & ~(1u << i)]
                     >= confidence;
            }
        }
    }

    return n;
}


static uint32_t
mask_of(const recs_itemsets_t *s, uint32_t node)
{
    uint32_t  mask;

    for (mask = 0; node != RECS_NONE; node = s->sets[node].parent) {
        mask |= 1u << s->sets[node].item;
    }

    return mask;
}


static void
check_rule(void *ctx, const recs_rule_t *r)
{
    uint32_t  *bad;

    bad = ctx;
    *bad += r->count > r->left || r->confidence > 1 || !(r->lift > 0);
}


static void
test_all(uint32_t seed, uint32_t min_count)
{
    uint32_t                n, set, want, bad, items[ITEMS], masks[ROWS];
    uint32_t                counts[1 << ITEMS], seen[1 << ITEMS];
    recs_rows_t             rows;
    recs_error_t            err;
    recs_itemsets_t         s;
    recs_itemsets_limits_t  limits = { min_count, 0, 0 };

    random_rows(seed, masks, &rows);
    naive_counts(masks, counts);

    is_int(recs_itemsets_find(&rows, ITEMS, &limits, &s, &err), RECS_OK,
           "found, at least %u", min_count);

    memset(seen, 0, sizeof(seen));
    bad = 0;

    for (n = 0; n < s.count; n++) {
        set = mask_of(&s, n);
        bad += counts[set] != s.sets[n].count || seen[set]++
               || (uint32_t) __builtin_popcount(set) != s.sets[n].length;
    }

    is_int(bad, 0, "each is once there, with its count and length");

    for (set = 1, want = 0; set < 1u << ITEMS; set++) {
        want += counts[set] >= min_count;
    }

    is_int(s.count, want, "%u of them", want);

    for (set = 1, bad = 0; set < 1u << ITEMS; set++) {
        for (n = 0, want = 0; n < ITEMS; n++) {
            if (set & (1u << (ITEMS - 1 - n))) {
                items[want++] = ITEMS - 1 - n;
            }
        }

        n = recs_itemsets_get(&s, items, want);
        bad += counts[set] < min_count
               ? n != RECS_NONE : n == RECS_NONE || mask_of(&s, n) != set;
    }

    is_int(bad, 0, "found by their items");

    bad = 0;
    is_int(recs_itemsets_rules(&s, 0.5, 1, check_rule, &bad),
           naive_rules(counts, min_count, 0.5, 1), "rules");
    is_int(bad, 0, "with possible values");
    is_int(recs_itemsets_rules(&s, 0.3, 2, NULL, NULL),
           naive_rules(counts, min_count, 0.3, 2), "rules of two items on");

    recs_itemsets_free(&s);
    free(rows.offsets);
    free(rows.entries);
}


static void
test_limits(void)
{
    uint32_t                n, longest, masks[ROWS];
    recs_rows_t             rows;
    recs_error_t            err;
    recs_itemsets_t         s;
    recs_itemsets_limits_t  limits = { 2, 2, 0 };

    random_rows(3, masks, &rows);

    is_int(recs_itemsets_find(&rows, ITEMS, &limits, &s, &err), RECS_OK,
           "no longer than two");

    for (n = 0, longest = 0; n < s.count; n++) {
        longest = recs_max(longest, s.sets[n].length);
    }

    is_int(longest, 2, "none is");
    ok(s.count > 10, "of them there are some");

    limits.max_sets = s.count;
    recs_itemsets_free(&s);

    is_int(recs_itemsets_find(&rows, ITEMS, &limits, &s, &err), RECS_OK,
           "as many as may be");

    limits.max_sets = s.count - 1;
    recs_itemsets_free(&s);

    is_int(recs_itemsets_find(&rows, ITEMS, &limits, &s, &err), RECS_ERROR,
           "one too many");
    ok(strstr(err.text, "larger support") != NULL, "says what to do");

    limits.max_sets = 0;
    rows.rows = 0;
    is_int(recs_itemsets_find(&rows, ITEMS, &limits, &s, &err), RECS_OK,
           "no rows");
    is_int(s.count, 0, "no itemsets");
    recs_itemsets_free(&s);

    is_int(recs_itemsets_find(&rows, 0, &limits, &s, &err), RECS_OK,
           "no items");
    is_int(s.count, 0, "no itemsets");
    recs_itemsets_free(&s);

    free(rows.offsets);
    free(rows.entries);
}


int
main(void)
{
    test_all(1, 1);
    test_all(2, 3);
    test_all(3, 20);
    test_all(4, ROWS + 1);
    test_limits();

    return done_testing();
}
