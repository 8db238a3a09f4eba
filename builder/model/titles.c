/*
 * Copyright (C) recs authors
 *
 * Where two items share no attribute, the words of their titles stand for a
 * specification: the Jaccard index weighted by idf = ln(1 + items / df).
 *
 * Memory: 8 bytes a word of a title.
 */

#include "factors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_TITLES_WORDS  32     /* most of a title */
#define RECS_TITLES_BYTES  32     /* most of a word */


static uint32_t recs_titles_split(const recs_str_t *title,
    recs_names_t *names, uint32_t *words);
static uint32_t recs_titles_letter(uint8_t c);
static uint32_t recs_titles_distinct(uint32_t *words, uint32_t n);
static void recs_titles_invert(recs_titles_t *t, const recs_dataset_t *d,
    uint32_t count);


void
recs_titles_init(recs_titles_t *t, const recs_dataset_t *d)
{
    size_t         cap;
    uint32_t       count, i, n, words[RECS_TITLES_WORDS];
    uint64_t       total;
    recs_names_t  *names;

    *t = (recs_titles_t) { .words = { .rows = d->items } };
    t->words.offsets = recs_calloc((size_t) d->items + 1, sizeof(uint64_t));

    names = recs_names_create();
    total = 0;
    cap = 0;

    for (i = 0; i < d->items; i++) {
        n = recs_titles_split(&d->products[i].title, names, words);

        recs_grow(&t->words.entries, &cap, total + n + 1, sizeof(uint32_t));
        memcpy(&t->words.entries[total], words, n * sizeof(uint32_t));

        total += n;
        t->words.offsets[i + 1] = total;
    }

    count = recs_names_count(names);
    recs_names_destroy(names);

    recs_titles_invert(t, d, count);
}


void
recs_titles_free(recs_titles_t *t)
{
    free(t->words.offsets);
    free(t->words.entries);
    free(t->items.offsets);
    free(t->items.entries);
    free(t->idf);
}


/* ASCII is folded; other bytes are letters as they are. */

static uint32_t
recs_titles_split(const recs_str_t *title, recs_names_t *names,
    uint32_t *words)
{
    size_t    k;
    uint8_t   c, word[RECS_TITLES_BYTES];
    uint32_t  len, n;

    n = 0;
    len = 0;

    for (k = 0; k <= title->len && n < RECS_TITLES_WORDS; k++) {
        c = k < title->len ? recs_titles_letter(title->data[k]) : 0;

        if (c) {
            if (len < RECS_TITLES_BYTES) {
                word[len++] = c;
            }

            continue;
        }

        if (len > 1) {
            words[n++] = recs_names_add(names, word, len);
        }

        len = 0;
    }

    return recs_titles_distinct(words, n);
}


static uint32_t
recs_titles_letter(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c | 0x20;
    }

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80
           ? c : 0;
}


static uint32_t
recs_titles_distinct(uint32_t *words, uint32_t n)
{
    uint32_t  i, k, m, word;

    for (i = 0, m = 0; i < n; i++) {
        word = words[i];

        for (k = m; k > 0 && words[k - 1] > word; k--) {
            /* void */
        }

        if (k > 0 && words[k - 1] == word) {
            continue;
        }

        memmove(&words[k + 1], &words[k], (m - k) * sizeof(uint32_t));
        words[k] = word;
        m++;
    }

    return m;
}


static void
recs_titles_invert(recs_titles_t *t, const recs_dataset_t *d, uint32_t count)
{
    uint32_t   i, w;
    uint64_t   e, total, *starts;

    total = t->words.offsets[d->items];
    starts = recs_calloc((size_t) count + 2, sizeof(uint64_t));

    for (e = 0; e < total; e++) {
        starts[t->words.entries[e] + 2]++;
    }

    t->idf = recs_alloc(((size_t) count + 1) * sizeof(float));

    for (w = 0; w < count; w++) {
        t->idf[w] = log1p((double) d->items / recs_max(1u, starts[w + 2]));
        starts[w + 2] += starts[w + 1];
    }

    t->items.rows = count;
    t->items.offsets = starts;
    t->items.entries = recs_alloc(total * sizeof(uint32_t) + 1);

    for (i = 0; i < d->items; i++) {
        for (e = t->words.offsets[i]; e < t->words.offsets[i + 1]; e++) {
            t->items.entries[starts[t->words.entries[e] + 1]++] = i;
        }
    }
}


double
recs_titles_compare(const recs_titles_t *t, uint32_t i, uint32_t j)
{
    double           all, both;
    const uint32_t  *a, *b, *aend, *bend;

    a = &t->words.entries[t->words.offsets[i]];
    b = &t->words.entries[t->words.offsets[j]];
    aend = &t->words.entries[t->words.offsets[i + 1]];
    bend = &t->words.entries[t->words.offsets[j + 1]];

    if (a == aend || b == bend) {
        return RECS_UNOBSERVED;
    }

    all = 0;
    both = 0;

    while (a < aend || b < bend) {

        if (b == bend || (a < aend && *a < *b)) {
            all += t->idf[*a++];

        } else if (a == aend || *b < *a) {
            all += t->idf[*b++];

        } else {
            both += t->idf[*a];
            all += t->idf[*a];
            a++;
            b++;
        }
    }

    return both / all;
}
