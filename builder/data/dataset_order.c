/*
 * Copyright (C) recs authors
 *
 * An order is the union of its lines, which may come in any sequence, so what
 * becomes of them is only settled when all have arrived.
 */

#include <string.h>

#include "../../core/event/recs_fold.h"
#include "../../core/event/recs_identity.h"
#include "../../core/recs_hash.h"
#include "dataset_private.h"
#include "order.h"


static const char *const  recs_order_cancelled[] = {
    "cancelled", "canceled", "voided", NULL
};

static const char *const  recs_order_refunded[] = {
    "refunded", NULL
};


/*
 * Two hashes of the id name an order.  Lines bought at once, without an
 * order and a session to find them by, get an order of their own.
 */

static unsigned
recs_dataset_order_key(recs_dataset_private_t *p, const recs_event_t *e,
    uint8_t *key)
{
    size_t    len;
    uint8_t   salted[RECS_ID_MAX + 1];
    uint64_t  hash[2];

    if (e->order.len) {
        len = recs_min(e->order.len, RECS_ID_MAX);
        salted[0] = 'O';
        memcpy(salted + 1, e->order.data, len);

        hash[0] = recs_key64(e->order.data, e->order.len);
        hash[1] = recs_key64(salted, len + 1);

    } else if (e->item_count > 1 && !recs_identity_known(&e->session)) {
        hash[0] = UINT64_MAX;
        hash[1] = p->nameless++;

    } else {
        return 0;
    }

    memcpy(key, hash, sizeof(hash));

    return 1;
}


unsigned
recs_order_state(const recs_event_t *e, const recs_event_type_t *type)
{
    char      status[RECS_FOLD_MAX];
    unsigned  flags;

    flags = 0;

    if (e->type == RECS_EVENT_PURCHASE && e->item_count) {
        flags |= RECS_ORDER_PURCHASE;
    }

    if (type->signal & RECS_SIGNAL_REFUND) {

        if (e->type != RECS_EVENT_REFUND) {
            flags |= RECS_ORDER_CANCELLED;

        } else if (e->item_count == 0) {
            flags |= RECS_ORDER_REFUNDED;
        }
    }

    if (e->status.len && recs_fold(&e->status, status) < RECS_FOLD_MAX) {

        if (recs_fold_among(status, recs_order_cancelled)) {
            flags |= RECS_ORDER_CANCELLED;

        } else if (recs_fold_among(status, recs_order_refunded)
                   && e->type != RECS_EVENT_REFUND)
        {
            flags |= RECS_ORDER_REFUNDED;
        }
    }

    return flags;
}


uint32_t
recs_dataset_order(recs_dataset_private_t *p, const recs_event_t *e)
{
    uint8_t                   key[16];
    uint32_t                  count, n;
    unsigned                  flags;
    const recs_event_type_t  *type;

    type = recs_event_type(e->type);
    flags = recs_order_state(e, type);

    if (flags == 0
        && !(type->signal & (RECS_SIGNAL_PURCHASE|RECS_SIGNAL_REFUND)))
    {
        return RECS_NONE;
    }

    if (!recs_dataset_order_key(p, e, key)) {
        return RECS_NONE;
    }

    count = recs_keys16_count(p->orders);
    n = recs_keys16_add(p->orders, key);

    if (n == count) {
        recs_grow(&p->order_flags, &p->order_cap, (size_t) n + 1, 1);
        p->order_flags[n] = 0;
    }

    p->order_flags[n] |= (uint8_t) flags;

    return n;
}


/* What a row counts as now, 0: not at all. */

static uint8_t
recs_dataset_settle_row(recs_dataset_t *d, uint32_t row)
{
    uint8_t                  flags, type;
    uint32_t                 order;
    recs_dataset_private_t  *p;

    p = d->private;
    type = d->type[row];

    if (type != RECS_EVENT_PURCHASE && type != RECS_EVENT_CHECKOUT_COMPLETE) {
        return type;
    }

    order = RECS_NONE;

    if (d->detail[row] != RECS_NONE) {
        order = d->details[d->detail[row]].order;
    }

    flags = (order == RECS_NONE) ? 0 : p->order_flags[order];

    if (type == RECS_EVENT_CHECKOUT_COMPLETE && (flags & RECS_ORDER_PURCHASE))
    {
        return 0;
    }

    if (flags & RECS_ORDER_CANCELLED) {
        return 0;
    }

    if (flags & RECS_ORDER_REFUNDED) {
        d->refunds++;
        return 0;
    }

    return RECS_EVENT_PURCHASE;
}


void
recs_dataset_move(recs_dataset_t *d, uint32_t to, uint32_t from)
{
    d->time[to] = d->time[from];
    d->item[to] = d->item[from];
    d->user[to] = d->user[from];
    d->session[to] = d->session[from];
    d->detail[to] = d->detail[from];
    d->type[to] = d->type[from];

    if (d->duration) {
        d->duration[to] = d->duration[from];
    }

    if (d->region) {
        d->region[to] = d->region[from];
    }
}


static __int128
recs_dataset_settle_money(recs_dataset_t *d, uint32_t row)
{
    const recs_detail_t  *detail;

    if (d->type[row] == RECS_EVENT_REFUND) {
        d->refunds++;

    } else if (d->type[row] != RECS_EVENT_PURCHASE) {
        return 0;
    }

    if (d->detail[row] == RECS_NONE) {
        return 0;
    }

    detail = &d->details[d->detail[row]];

    if (detail->price == RECS_NO_MONEY) {
        return 0;
    }

    return (__int128) detail->price * detail->quantity;
}


/*
 * Money is summed before rows of products that are not listed go: a shop
 * has earned it, whatever became of the product.
 */

void
recs_dataset_settle(recs_dataset_t *d)
{
    uint8_t                  type;
    uint32_t                 n, row, rows;
    __int128                 revenue;
    const recs_raw_t        *raw;
    recs_dataset_private_t  *p;

    p = d->private;
    rows = (uint32_t) d->events;
    revenue = 0;

    for (row = 0, n = 0; row < rows; row++) {
        type = recs_dataset_settle_row(d, row);

        if (type == 0) {
            continue;
        }

        d->type[row] = type;
        revenue += recs_dataset_settle_money(d, row);
        raw = &p->raw[d->item[row]];

        if (d->catalogue && !(raw->known && raw->listed)) {
            d->unknown++;
            continue;
        }

        if (n != row) {
            recs_dataset_move(d, n, row);
        }

        n++;
    }

    d->events = n;
    d->revenue = (int64_t) ((revenue + (revenue < 0 ? -1 : 1)
                             * (RECS_MICRO / 2)) / RECS_MICRO);
}
