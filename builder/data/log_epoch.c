/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "log_index.h"


static size_t recs_log_index_find(const recs_log_index_t *index,
    uint64_t epoch);


const recs_log_epoch_t *
recs_log_index_epoch(const recs_log_index_t *index, uint64_t epoch)
{
    size_t  i;

    i = recs_log_index_find(index, epoch);

    return (i < index->epoch_count && index->epochs[i].epoch == epoch)
           ? &index->epochs[i] : NULL;
}


recs_log_epoch_t *
recs_log_index_epoch_add(recs_log_index_t *index, uint64_t epoch)
{
    size_t             i;
    recs_log_epoch_t  *p;

    i = recs_log_index_find(index, epoch);

    if (i < index->epoch_count && index->epochs[i].epoch == epoch) {
        return &index->epochs[i];
    }

    recs_grow(&index->epochs, &index->epochs_cap, index->epoch_count + 1,
              sizeof(recs_log_epoch_t));

    p = &index->epochs[i];
    memmove(p + 1, p, (index->epoch_count - i) * sizeof(recs_log_epoch_t));
    memset(p, 0, sizeof(recs_log_epoch_t));
    p->epoch = epoch;

    index->epoch_count++;

    return p;
}


static size_t
recs_log_index_find(const recs_log_index_t *index, uint64_t epoch)
{
    size_t  low, high, middle;

    low = 0;
    high = index->epoch_count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (index->epochs[middle].epoch < epoch) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


uint64_t
recs_log_epoch_position(const recs_log_epoch_t *epoch, uint64_t *gap_from,
    uint64_t *gap_to)
{
    uint64_t            position;
    const recs_span_t  *seen, *lost;

    position = 0;

    for ( ;; ) {
        seen = recs_spans_from(&epoch->seen, position + 1);
        lost = recs_spans_from(&epoch->lost, position + 1);

        if (seen && seen->from <= position + 1) {
            position = seen->to;

        } else if (lost && lost->from <= position + 1) {
            position = lost->to;

        } else {
            break;
        }
    }

    *gap_from = seen ? position + 1 : 0;
    *gap_to = seen ? seen->from - 1 : 0;

    if (seen && lost) {
        *gap_to = recs_min(*gap_to, lost->from - 1);
    }

    return position;
}


recs_str_t
recs_log_index_notes(recs_log_index_t *index, const recs_str_t *text)
{
    char         line[RECS_LOG_NOTE], kind[8];
    size_t       len;
    uint64_t     epoch, from, to;
    recs_str_t   first;
    const char  *p, *last;

    p = (const char *) text->data;
    last = p + text->len;

    while (p < last && *p != '\n') {
        p++;
    }

    first.data = text->data;
    first.len = (size_t) (p - (const char *) text->data);

    while (p < last) {
        p++;
        len = 0;

        for ( /* void */ ; p < last && *p != '\n'; p++) {
            if (len < sizeof(line) - 1) {
                line[len++] = *p;
            }
        }

        line[len] = '\0';

        if (sscanf(line, "%7s %16" SCNx64 " %20" SCNu64 "-%20" SCNu64, kind,
                   &epoch, &from, &to)
            == 4)
        {
            recs_log_index_mark(index, (kind[0] == 's') ? RECS_LOG_SEEN
                                                        : RECS_LOG_LOST,
                                epoch, from, to);
        }
    }

    recs_log_index_commit(index);

    return first;
}
