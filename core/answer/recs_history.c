/*
 * Copyright (C) recs authors
 */

#include "../event/recs_event_type.h"
#include "recs_answer.h"
#include "recs_product.h"


#define RECS_HISTORY_ROW   768     /* without id and fragment */


/* What is done with a product, by the type of event that most do it by. */

typedef struct {
    uint32_t    flag;
    uint16_t    signal;
    recs_str_t  name;
} recs_history_did_t;


static const recs_format_seen_t *recs_history_read(const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch, uint32_t *count);
static void recs_history_sort(recs_format_seen_t *seen, uint32_t n);
static void recs_history_row(const recs_view_t *view,
    const recs_format_seen_t *seen, unsigned weights, recs_out_t *out);
static void recs_history_activities(uint32_t flags, recs_out_t *out);


static const recs_history_did_t  recs_history_did[] = {

    { RECS_SEEN_VIEWED, RECS_SIGNAL_VIEW, recs_string("PRODUCT_VIEW") },
    { RECS_SEEN_CART, RECS_SIGNAL_CART, recs_string("ADD_TO_CART") },
    { RECS_SEEN_WISHED, RECS_SIGNAL_WISH, recs_string("ADD_TO_WISHLIST") },
    { RECS_SEEN_PURCHASED, RECS_SIGNAL_PURCHASE, recs_string("PURCHASE") },
    { RECS_SEEN_DISMISSED, RECS_SIGNAL_DISMISS,
      recs_string("RECOMMENDATION_DISMISS") },

    { 0, 0, recs_null_string }
};


size_t
recs_history_size(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch)
{
    uint32_t                   n;
    const recs_format_seen_t  *seen;

    seen = recs_history_read(view, query, scratch, &n);

    return recs_history_rows_size(view, seen, n);
}


uint32_t
recs_history_json(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_out_t *out)
{
    uint32_t                   n;
    const recs_format_seen_t  *seen;

    seen = recs_history_read(view, query, scratch, &n);

    recs_history_rows(view, seen, n, 0, out);

    return n;
}


uint32_t
recs_history_type(const recs_str_t *name)
{
    const recs_event_type_t   *type;
    const recs_history_did_t  *did;

    type = recs_event_type_find(name);

    for (did = recs_history_did; type && did->flag; did++) {
        if (type->signal & did->signal) {
            return did->flag;
        }
    }

    return 0;
}


/* *count is at most query->limit. */

static const recs_format_seen_t *
recs_history_read(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, uint32_t *count)
{
    uint32_t                   n;
    recs_answer_ctx_t          ctx;
    const recs_format_seen_t  *seen;

    recs_answer_init(&ctx, view, query, scratch, NULL);
    seen = recs_history(&ctx, &n);

    *count = recs_min(n, query->limit);

    return seen;
}


const recs_format_seen_t *
recs_history(recs_answer_ctx_t *ctx, uint32_t *count)
{
    uint32_t             i, n, rows, wanted;
    recs_format_seen_t  *seen;

    (void) recs_answer_history(ctx, &rows);

    seen = ctx->scratch->history;
    wanted = ctx->query->seen;
    n = 0;

    for (i = 0; i < rows; i++) {
        if (seen[i].item < ctx->view->base->header.rows[RECS_DOMAIN_ITEMS]
            && (wanted == 0 || (seen[i].flags & wanted)))
        {
            seen[n++] = seen[i];
        }
    }

    recs_history_sort(seen, n);

    *count = n;

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


size_t
recs_history_rows_size(const recs_view_t *view, const recs_format_seen_t *seen,
    uint32_t n)
{
    size_t      size;
    uint32_t    i;
    recs_str_t  id, product;

    size = 2;

    for (i = 0; i < n; i++) {
        recs_snapshot_fragment(view->base, seen[i].item, &id, &product);
        size += RECS_HISTORY_ROW + RECS_PRODUCT_MORE + id.len + product.len;
    }

    return size;
}


void
recs_history_rows(const recs_view_t *view, const recs_format_seen_t *seen,
    uint32_t n, unsigned weights, recs_out_t *out)
{
    uint32_t  i;

    recs_out_byte(out, '[');

    for (i = 0; i < n; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_history_row(view, &seen[i], weights, out);
    }

    recs_out_byte(out, ']');
}


static void
recs_history_row(const recs_view_t *view, const recs_format_seen_t *seen,
    unsigned weights, recs_out_t *out)
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

    if (weights) {
        recs_out_lit(out, ",\"weight\":");
        recs_out_fraction(out, seen->weight);
    }

    if (seen->flags & RECS_SEEN_PURCHASED) {
        recs_out_lit(out, ",\"converted\":true,\"activities\":");

    } else {
        recs_out_lit(out, ",\"converted\":false,\"activities\":");
    }

    recs_history_activities(seen->flags, out);
    recs_out_lit(out, ",\"product\":{");

    if ((size_t) (out->last - out->pos) < product.len + RECS_PRODUCT_MORE) {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    out->pos = recs_product_put(view, seen->item, &product, 0, out->pos);
    recs_out_lit(out, "}}");
}


static void
recs_history_activities(uint32_t flags, recs_out_t *out)
{
    unsigned                   n;
    const recs_history_did_t  *did;

    recs_out_byte(out, '[');
    n = 0;

    for (did = recs_history_did; did->flag; did++) {
        if (flags & did->flag) {
            if (n++) {
                recs_out_byte(out, ',');
            }

            recs_out_byte(out, '"');
            recs_out_bytes(out, did->name.data, did->name.len);
            recs_out_byte(out, '"');
        }
    }

    recs_out_byte(out, ']');
}
