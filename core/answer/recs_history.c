/*
 * Copyright (C) recs authors
 */

#include "recs_answer.h"
#include "recs_product.h"


#define RECS_HISTORY_ROW   768     /* without id and fragment */


static const recs_format_seen_t *recs_history_read(const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch, uint32_t *count);
static void recs_history_sort(recs_format_seen_t *seen, uint32_t n);
static void recs_history_row(const recs_view_t *view,
    const recs_format_seen_t *seen, recs_out_t *out);


size_t
recs_history_size(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch)
{
    size_t                     size;
    uint32_t                   i, n;
    recs_str_t                 id, product;
    const recs_format_seen_t  *seen;

    seen = recs_history_read(view, query, scratch, &n);
    size = 2;

    for (i = 0; i < n; i++) {
        recs_snapshot_fragment(view->base, seen[i].item, &id, &product);
        size += RECS_HISTORY_ROW + RECS_PRODUCT_MORE + id.len + product.len;
    }

    return size;
}


uint32_t
recs_history_json(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_out_t *out)
{
    uint32_t                   i, n;
    const recs_format_seen_t  *seen;

    seen = recs_history_read(view, query, scratch, &n);

    recs_out_byte(out, '[');

    for (i = 0; i < n; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_history_row(view, &seen[i], out);
    }

    recs_out_byte(out, ']');

    return n;
}


/* Newest first, what was seen only; *count is at most query->limit. */

static const recs_format_seen_t *
recs_history_read(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, uint32_t *count)
{
    uint32_t              i, n, rows;
    recs_answer_ctx_t     ctx;
    recs_format_seen_t   *seen;

    recs_answer_init(&ctx, view, query, scratch, NULL);
    (void) recs_answer_history(&ctx, &rows);

    seen = scratch->history;
    n = 0;

    for (i = 0; i < rows; i++) {
        if (seen[i].item < view->base->header.rows[RECS_DOMAIN_ITEMS]) {
            seen[n++] = seen[i];
        }
    }

    recs_history_sort(seen, n);

    *count = recs_min(n, query->limit);

    return seen;
}


static void
recs_history_sort(recs_format_seen_t *seen, uint32_t n)
{
    uint32_t            i, j;
    recs_format_seen_t  row;

    /* two runs that are sorted already: few moves */

    for (i = 1; i < n; i++) {
        row = seen[i];

        for (j = i; j > 0 && seen[j - 1].last < row.last; j--) {
            seen[j] = seen[j - 1];
        }

        seen[j] = row;
    }
}


static void
recs_history_row(const recs_view_t *view, const recs_format_seen_t *seen,
    recs_out_t *out)
{
    recs_str_t  id, product;

    recs_snapshot_fragment(view->base, seen->item, &id, &product);

    recs_out_lit(out, "{\"productId\":");
    recs_out_bytes(out, id.data, id.len);
    recs_out_lit(out, ",\"views\":");
    recs_out_u64(out, seen->views);
    recs_out_lit(out, ",\"firstViewedAt\":");
    recs_out_u64(out, (uint64_t) seen->first * 1000);
    recs_out_lit(out, ",\"lastViewedAt\":");
    recs_out_u64(out, (uint64_t) seen->last * 1000);

    if (seen->duration) {
        recs_out_lit(out, ",\"duration\":");
        recs_out_u64(out, seen->duration);
    }

    if (seen->flags & RECS_SEEN_PURCHASED) {
        recs_out_lit(out, ",\"converted\":true,\"product\":{");

    } else {
        recs_out_lit(out, ",\"converted\":false,\"product\":{");
    }

    if ((size_t) (out->last - out->pos) < product.len + RECS_PRODUCT_MORE) {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    out->pos = recs_product_put(view, seen->item, &product, 0, out->pos);
    recs_out_lit(out, "}}");
}
