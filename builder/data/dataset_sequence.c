/*
 * Copyright (C) recs authors
 *
 * What cannot have happened as it is told: clicks on products that the answer
 * did not hold, and goods given back that were not bought.  Both are looked at
 * when all has arrived, since a worker's list may come after the click on it.
 *
 * Of an answer whose list is not in the log nothing is said: lists may be
 * dropped, or not be asked for.  Neither is anything of what files say that
 * the shop has imported.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "dataset_private.h"


#define RECS_SEQUENCE_LISTS  1024      /* slots to begin with */


/* A line of an order of which something is said to come back. */

typedef struct {
    uint64_t  line;              /* order and product */
    int64_t   left;              /* micro, of what was bought */
} recs_sequence_refund_t;


static recs_dataset_list_t *recs_sequence_list(
    const recs_dataset_private_t *p, uint64_t rec);
static void recs_sequence_lists_resize(recs_dataset_private_t *p);
static void recs_sequence_unshown(recs_dataset_t *d);
static void recs_sequence_unsold(recs_dataset_t *d);
static size_t recs_sequence_refunds(const recs_dataset_t *d,
    recs_sequence_refund_t *refunds);
static recs_sequence_refund_t *recs_sequence_refund(
    recs_sequence_refund_t *refunds, size_t count, const recs_dataset_t *d,
    uint32_t row);


/*
 * Two bits of 256 stand for a product: whatever a list has is found, and of
 * what one of twenty has not, one in fifty is.
 */

static unsigned
recs_sequence_shown(recs_dataset_list_t *list, uint64_t item, unsigned set)
{
    unsigned  i, n, shown;

    for (i = 0, shown = 1; i < 2; i++, item >>= 8) {
        n = item & 255;
        shown &= (list->shown[n / 64] >> n % 64) & 1;

        if (set) {
            list->shown[n / 64] |= (uint64_t) 1 << n % 64;
        }
    }

    return shown;
}


void
recs_dataset_list(recs_dataset_t *d, const recs_event_t *e)
{
    uint32_t                 i;
    uint64_t                 rec;
    recs_dataset_list_t     *list;
    recs_dataset_private_t  *p;

    p = d->private;
    p->lists++;

    if (!p->config->trust || e->recommendation.len == 0) {
        return;
    }

    if (p->list_count * 3 >= p->list_slots * 2) {
        recs_sequence_lists_resize(p);
    }

    rec = recs_key64(e->recommendation.data, e->recommendation.len) | 1;
    list = recs_sequence_list(p, rec);

    p->list_count += list->rec == 0;
    list->rec = rec;

    for (i = 0; i < e->key_count; i++) {
        recs_sequence_shown(list, e->keys[i], 1);
    }
}


static recs_dataset_list_t *
recs_sequence_list(const recs_dataset_private_t *p, uint64_t rec)
{
    size_t  i;

    for (i = (rec >> 1) & (p->list_slots - 1);
         p->list_table[i].rec && p->list_table[i].rec != rec;
         i = (i + 1) & (p->list_slots - 1))
    {
        /* void */
    }

    return &p->list_table[i];
}


static void
recs_sequence_lists_resize(recs_dataset_private_t *p)
{
    size_t                i, slots;
    recs_dataset_list_t  *from;

    from = p->list_table;
    slots = p->list_slots;

    p->list_slots = slots ? slots * 2 : RECS_SEQUENCE_LISTS;
    p->list_table = recs_calloc(p->list_slots, sizeof(recs_dataset_list_t));

    for (i = 0; i < slots; i++) {
        if (from[i].rec) {
            *recs_sequence_list(p, from[i].rec) = from[i];
        }
    }

    free(from);
}


void
recs_dataset_claim(recs_dataset_t *d, const recs_event_t *e,
    const recs_str_t *product, uint32_t row)
{
    recs_dataset_claim_t      *claim;
    recs_dataset_private_t    *p;
    const recs_event_type_t   *type;

    p = d->private;

    if (!p->config->trust || e->epoch == 0) {
        return;
    }

    type = recs_event_type(e->type);

    if (e->type != RECS_EVENT_REFUND
        && (!(type->signal & RECS_SIGNAL_CLICK) || e->recommendation.len == 0))
    {
        return;
    }

    recs_grow(&p->claims, &p->claims_cap, p->claim_count + 1,
              sizeof(recs_dataset_claim_t));

    claim = &p->claims[p->claim_count++];
    claim->row = row;
    claim->refund = e->type == RECS_EVENT_REFUND;
    claim->rec = recs_key64(e->recommendation.data, e->recommendation.len) | 1;
    claim->item = recs_key64(product->data, product->len);
}


void
recs_dataset_sequences(recs_dataset_t *d)
{
    recs_dataset_private_t  *p;

    p = d->private;

    if (p->claim_count) {
        recs_sequence_unshown(d);
        recs_sequence_unsold(d);
    }

    free(p->list_table);
    free(p->claims);

    p->list_table = NULL;
    p->claims = NULL;
}


static void
recs_sequence_doubt(recs_dataset_t *d, uint32_t row, recs_doubt_e why)
{
    /* recs_dataset_settle() drops rows of no type */

    d->type[row] = 0;
    d->doubted[why]++;
}


static void
recs_sequence_unshown(recs_dataset_t *d)
{
    size_t                       i;
    recs_dataset_list_t         *list;
    const recs_dataset_claim_t  *claim;
    recs_dataset_private_t      *p;

    p = d->private;

    for (i = 0; p->list_count && i < p->claim_count; i++) {
        claim = &p->claims[i];

        if (claim->refund) {
            continue;
        }

        list = recs_sequence_list(p, claim->rec);

        if (list->rec && !recs_sequence_shown(list, claim->item, 0)) {
            recs_sequence_doubt(d, claim->row, RECS_DOUBT_UNSHOWN);
        }
    }
}


/* Of a line of an order no more comes back than was bought of it. */

static void
recs_sequence_unsold(recs_dataset_t *d)
{
    size_t                   count, i;
    uint32_t                 row;
    const recs_detail_t     *detail;
    recs_sequence_refund_t   *refund, *refunds;
    recs_dataset_private_t  *p;

    p = d->private;
    refunds = recs_alloc(p->claim_count * sizeof(recs_sequence_refund_t));
    count = recs_sequence_refunds(d, refunds);

    for (row = 0; count && row < d->events; row++) {

        if (d->detail[row] == RECS_NONE
            || (d->type[row] != RECS_EVENT_PURCHASE
                && d->type[row] != RECS_EVENT_CHECKOUT_COMPLETE))
        {
            continue;
        }

        refund = recs_sequence_refund(refunds, count, d, row);

        if (refund) {
            refund->left += recs_max(d->details[d->detail[row]].quantity, 0);
        }
    }

    for (i = 0; i < p->claim_count; i++) {

        if (!p->claims[i].refund) {
            continue;
        }

        row = p->claims[i].row;
        refund = recs_sequence_refund(refunds, count, d, row);

        if (refund == NULL || refund->left <= 0) {
            recs_sequence_doubt(d, row, RECS_DOUBT_UNSOLD);
            continue;
        }

        /* their quantities are below 0; "all of it" is one, at least */

        detail = &d->details[d->detail[row]];
        refund->left += recs_min(detail->quantity, -1);
    }

    free(refunds);
}


static int
recs_sequence_compare(const void *one, const void *other)
{
    const recs_sequence_refund_t  *a, *b;

    a = one;
    b = other;

    return (a->line > b->line) - (a->line < b->line);
}


/* The lines of orders of which something is said to come back, once each. */

static size_t
recs_sequence_refunds(const recs_dataset_t *d,
    recs_sequence_refund_t *refunds)
{
    size_t                         count, i, n;
    uint32_t                       detail, row;
    const recs_dataset_private_t  *p;

    p = d->private;

    for (i = 0, n = 0; i < p->claim_count; i++) {
        row = p->claims[i].row;
        detail = d->detail[row];

        if (p->claims[i].refund && detail != RECS_NONE) {
            refunds[n].line = (uint64_t) d->details[detail].order << 32
                              | d->item[row];
            refunds[n++].left = 0;
        }
    }

    qsort(refunds, n, sizeof(recs_sequence_refund_t), recs_sequence_compare);

    for (i = 0, count = 0; i < n; i++) {
        if (count == 0 || refunds[i].line != refunds[count - 1].line) {
            refunds[count++] = refunds[i];
        }
    }

    return count;
}


static recs_sequence_refund_t *
recs_sequence_refund(recs_sequence_refund_t *refunds, size_t count,
    const recs_dataset_t *d, uint32_t row)
{
    recs_sequence_refund_t  refund;

    if (d->detail[row] == RECS_NONE
        || d->details[d->detail[row]].order == RECS_NONE)
    {
        return NULL;
    }

    refund.left = 0;
    refund.line = (uint64_t) d->details[d->detail[row]].order << 32
                  | d->item[row];

    return bsearch(&refund, refunds, count, sizeof(recs_sequence_refund_t),
                   recs_sequence_compare);
}
