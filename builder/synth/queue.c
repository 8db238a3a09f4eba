/*
 * Copyright (C) recs authors
 *
 * Visits overlap, so their lines are sorted before they are written: an
 * hour's lines at a time, what is later waits for the next hour.
 */

#include <stdlib.h>
#include <string.h>

#include "synth.h"


void
recs_synth_queue_line(recs_synth_queue_t *q, int64_t ms, size_t offset)
{
    recs_synth_line_t  *line;

    recs_grow(&q->lines, &q->cap, q->count + 1, sizeof(recs_synth_line_t));

    line = &q->lines[q->count++];

    line->ms = ms;
    line->number = q->queued++;
    line->offset = offset;
    line->len = q->text.len - offset;
}


static int
recs_synth_queue_compare(const void *a, const void *b)
{
    const recs_synth_line_t  *x, *y;

    x = a;
    y = b;

    if (x->ms != y->ms) {
        return (x->ms > y->ms) - (x->ms < y->ms);
    }

    return (x->number > y->number) - (x->number < y->number);
}


static void
recs_synth_queue_copy(recs_synth_text_t *to, const recs_synth_queue_t *q,
    const recs_synth_line_t *line)
{
    recs_grow(&to->data, &to->cap, to->len + line->len, 1);
    memcpy(to->data + to->len, q->text.data + line->offset, line->len);
    to->len += line->len;
}


/* Keeps what is later, at the beginning of fresh memory. */

static void
recs_synth_queue_keep(recs_synth_queue_t *q, size_t from)
{
    size_t             i;
    recs_synth_text_t  text;

    q->spare.len = 0;

    for (i = from; i < q->count; i++) {
        recs_synth_queue_copy(&q->spare, q, &q->lines[i]);
        q->lines[i].offset = q->spare.len - q->lines[i].len;
    }

    memmove(q->lines, q->lines + from,
            (q->count - from) * sizeof(recs_synth_line_t));
    q->count -= from;

    text = q->text;
    q->text = q->spare;
    q->spare = text;
}


int
recs_synth_queue_flush(recs_synth_queue_t *q, recs_synth_file_t *f,
    int64_t before_ms, uint64_t most, recs_error_t *err)
{
    size_t  i;

    if (q->count == 0) {
        return RECS_OK;
    }

    qsort(q->lines, q->count, sizeof(recs_synth_line_t),
          recs_synth_queue_compare);

    for (i = 0; i < q->count && q->lines[i].ms < before_ms; i++) {

        if (q->written == most) {
            break;
        }

        recs_synth_queue_copy(&f->text, q, &q->lines[i]);
        q->written++;
    }

    recs_synth_queue_keep(q, i);

    return recs_synth_flush(f, err);
}


static unsigned
recs_synth_later_before(const recs_synth_later_t *a,
    const recs_synth_later_t *b)
{
    if (a->ms != b->ms) {
        return a->ms < b->ms;
    }

    return a->order != b->order ? a->order < b->order
                                : a->product < b->product;
}


void
recs_synth_queue_later(recs_synth_queue_t *q,
    const recs_synth_later_t *later)
{
    size_t  i, up;

    recs_grow(&q->later, &q->later_cap, q->later_count + 1,
              sizeof(recs_synth_later_t));

    for (i = q->later_count++; i; i = up) {
        up = (i - 1) / 2;

        if (!recs_synth_later_before(later, &q->later[up])) {
            break;
        }

        q->later[i] = q->later[up];
    }

    q->later[i] = *later;
}


/* Takes the next one whose time has come. */

unsigned
recs_synth_queue_due(recs_synth_queue_t *q, int64_t before_ms,
    recs_synth_later_t *later)
{
    size_t              child, i;
    recs_synth_later_t  last;

    if (q->later_count == 0 || q->later[0].ms >= before_ms) {
        return 0;
    }

    *later = q->later[0];
    last = q->later[--q->later_count];

    for (i = 0; (child = 2 * i + 1) < q->later_count; i = child) {

        if (child + 1 < q->later_count
            && recs_synth_later_before(&q->later[child + 1],
                                       &q->later[child]))
        {
            child++;
        }

        if (!recs_synth_later_before(&q->later[child], &last)) {
            break;
        }

        q->later[i] = q->later[child];
    }

    q->later[i] = last;

    return 1;
}


void
recs_synth_queue_free(recs_synth_queue_t *q)
{
    free(q->text.data);
    free(q->spare.data);
    free(q->lines);
    free(q->later);
}
