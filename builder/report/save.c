/*
 * Copyright (C) recs authors
 *
 * The report as bytes: a head, then arrays, each in an order and with numbers
 * that depend on nothing but what is in it.
 */

#include <stddef.h>

#include "private.h"
#include "save.h"


typedef struct {
    uint8_t   *data;
    size_t     len;
    size_t     cap;
    uint32_t  *names;            /* from a number to that in the file */
    recs_report_view_t  view;
} recs_save_t;


static void
recs_save_bytes(recs_save_t *s, const void *data, size_t len)
{
    recs_grow(&s->data, &s->cap, s->len + len, 1);

    if (len) {
        memcpy(s->data + s->len, data, len);
        s->len += len;
    }
}


static void
recs_save_array(recs_save_t *s, const void *data, size_t count, size_t size)
{
    uint64_t  n;

    n = count;

    recs_save_bytes(s, &n, sizeof(n));
    recs_save_bytes(s, data, count * size);
}


static void
recs_save_use(recs_save_t *s, uint32_t n)
{
    if (n != RECS_NONE) {
        s->names[n] = 1;
    }
}


static uint32_t
recs_save_name(const recs_save_t *s, uint32_t n)
{
    return (n == RECS_NONE) ? n : s->names[n];
}


/* The report's number of a name of the view. */

static uint32_t
recs_save_seen(const recs_report_t *r, const recs_save_t *s, uint32_t n)
{
    if (n == RECS_NONE) {
        return n;
    }

    return recs_names_find(r->names, s->view.names[n].data,
                           s->view.names[n].len);
}


static void
recs_save_names(const recs_report_t *r, recs_save_t *s)
{
    size_t       i;
    uint32_t     count, len, n;
    recs_str_t  *names;

    for (i = 0; i < r->touch_count; i++) {
        if (!recs_report_judged(r, &r->touches[i])) {
            recs_save_use(s, r->touches[i].placement);
            recs_save_use(s, r->touches[i].variant);
            recs_save_use(s, r->touches[i].region);
            recs_save_use(s, r->touches[i].segment);
        }
    }

    for (i = 0; i < r->list_count; i++) {
        recs_save_use(s, r->lists[i].placement);
        recs_save_use(s, r->lists[i].variant);
    }

    for (i = 0; i < r->part_count; i++) {
        recs_save_use(s, r->parts[i].dims.placement);
        recs_save_use(s, r->parts[i].dims.variant);
        recs_save_use(s, r->parts[i].dims.region);
        recs_save_use(s, r->parts[i].dims.segment);
    }

    for (i = 0; i < r->person_count; i++) {
        recs_save_use(s, r->people[i].segment);
    }

    for (n = 0; n < s->view.name_count; n++) {
        recs_save_use(s, recs_save_seen(r, s, n));
    }

    names = recs_alloc(recs_names_count(r->names) * sizeof(recs_str_t));
    count = recs_report_rename(r, s->names, names);

    recs_save_bytes(s, &count, sizeof(count));

    for (n = 0; n < count; n++) {
        len = (uint32_t) names[n].len;
        recs_save_bytes(s, &len, sizeof(len));
        recs_save_bytes(s, names[n].data, names[n].len);
    }

    free(names);
}


static int
recs_save_by_touch(const void *one, const void *other)
{
    const recs_report_touch_t  *a, *b;

    a = one;
    b = other;

    if (a->time != b->time) {
        return (a->time < b->time) ? -1 : 1;
    }

    return memcmp(a, b, sizeof(recs_report_touch_t));
}


/* Those that came before a verdict go, as those after it did. */

static void
recs_save_touches(const recs_report_t *r, recs_save_t *s)
{
    size_t                i, n;
    recs_report_touch_t  *t, *touches;

    touches = recs_alloc(r->touch_count * sizeof(recs_report_touch_t));

    for (i = 0, n = 0; i < r->touch_count; i++) {

        if (recs_report_judged(r, &r->touches[i])) {
            continue;
        }

        t = &touches[n++];
        *t = r->touches[i];

        t->placement = recs_save_name(s, t->placement);
        t->variant = recs_save_name(s, t->variant);
        t->region = recs_save_name(s, t->region);
        t->segment = recs_save_name(s, t->segment);
        memset(t->next, 0, sizeof(t->next));
        t->repeat = 0;
    }

    qsort(touches, n, sizeof(recs_report_touch_t), recs_save_by_touch);
    recs_save_array(s, touches, n, sizeof(recs_report_touch_t));

    free(touches);
}


static int
recs_save_by_outcome(const void *one, const void *other)
{
    const recs_outcome_t  *a, *b;

    a = one;
    b = other;

    if (a->time != b->time) {
        return (a->time < b->time) ? -1 : 1;
    }

    return memcmp(a, b, offsetof(recs_outcome_t, next));
}


/* Their parts follow, in the order of the outcomes. */

static void
recs_save_outcomes(const recs_report_t *r, recs_save_t *s)
{
    size_t           count, i, n;
    recs_part_t     *part, *parts;
    recs_outcome_t  *o, *outcomes;

    outcomes = recs_alloc(r->outcome_count * sizeof(recs_outcome_t));
    parts = recs_alloc(r->part_count * sizeof(recs_part_t));

    if (r->outcome_count) {
        memcpy(outcomes, r->outcomes, r->outcome_count
                                      * sizeof(recs_outcome_t));
    }

    qsort(outcomes, r->outcome_count, sizeof(recs_outcome_t),
          recs_save_by_outcome);

    for (i = 0, count = 0; i < r->outcome_count; i++) {
        o = &outcomes[i];
        memset(o->next, 0, sizeof(o->next));

        for (n = 0; n < o->parts; n++) {
            part = &parts[count + n];
            *part = r->parts[o->part + n];

            part->dims.placement = recs_save_name(s, part->dims.placement);
            part->dims.variant = recs_save_name(s, part->dims.variant);
            part->dims.region = recs_save_name(s, part->dims.region);
            part->dims.segment = recs_save_name(s, part->dims.segment);
        }

        o->part = (uint32_t) count;
        count += o->parts;
    }

    recs_save_array(s, outcomes, r->outcome_count, sizeof(recs_outcome_t));
    recs_save_array(s, parts, count, sizeof(recs_part_t));

    free(outcomes);
    free(parts);
}


static int
recs_save_by_refund(const void *one, const void *other)
{
    return memcmp(one, other, offsetof(recs_refund_t, next));
}


static int
recs_save_by_key(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(uint64_t));
}


static void
recs_save_orders(const recs_report_t *r, recs_save_t *s)
{
    size_t          i;
    recs_order_t   *orders;
    recs_refund_t  *refunds;

    refunds = recs_alloc(r->refund_count * sizeof(recs_refund_t));

    for (i = 0; i < r->refund_count; i++) {
        refunds[i] = r->refunds[i];
        refunds[i].sold = recs_report_refund_sold(r, &refunds[i]);
        refunds[i].next = 0;
    }

    qsort(refunds, r->refund_count, sizeof(recs_refund_t),
          recs_save_by_refund);
    recs_save_array(s, refunds, r->refund_count, sizeof(recs_refund_t));
    free(refunds);

    orders = recs_alloc(r->order_count * sizeof(recs_order_t));

    for (i = 0; i < r->order_count; i++) {
        orders[i] = r->orders[i];
        orders[i].lines = 0;
        orders[i].count = 0;
        orders[i].out = 0;
    }

    qsort(orders, r->order_count, sizeof(recs_order_t), recs_save_by_key);
    recs_save_array(s, orders, r->order_count, sizeof(recs_order_t));
    free(orders);
}


/* The keys of a list stand behind all lists. */

static void
recs_save_lists(const recs_report_t *r, recs_save_t *s)
{
    size_t               i;
    uint64_t           **keys;
    recs_report_list_t  *list, *lists;

    lists = recs_alloc(r->list_count * sizeof(recs_report_list_t));
    keys = recs_alloc(r->list_count * sizeof(uint64_t *));

    if (r->list_count) {
        memcpy(lists, r->lists, r->list_count * sizeof(recs_report_list_t));
    }

    qsort(lists, r->list_count, sizeof(recs_report_list_t),
          recs_save_by_key);

    for (i = 0; i < r->list_count; i++) {
        list = &lists[i];
        keys[i] = list->keys;

        list->keys = NULL;
        list->touches = 0;
        list->reported = 0;
        list->placement = recs_save_name(s, list->placement);
        list->variant = recs_save_name(s, list->variant);
    }

    recs_save_array(s, lists, r->list_count, sizeof(recs_report_list_t));

    for (i = 0; i < r->list_count; i++) {
        recs_save_bytes(s, keys[i], lists[i].count * sizeof(uint64_t));
    }

    free(keys);
    free(lists);
}


static void
recs_save_products(const recs_report_t *r, recs_save_t *s)
{
    size_t                  i, n;
    recs_report_product_t  *p, *products;

    products = recs_alloc(r->product_count * sizeof(recs_report_product_t));

    for (i = 0, n = 0; i < r->product_count; i++) {
        p = &r->products[i];

        if (p->known || p->lines || p->cost != RECS_NO_MONEY) {
            products[n] = *p;
            products[n++].outcomes = 0;
        }
    }

    qsort(products, n, sizeof(recs_report_product_t), recs_save_by_key);
    recs_save_array(s, products, n, sizeof(recs_report_product_t));

    free(products);
}


/* Their segments have all been taken over by the view. */

static void
recs_save_people(const recs_report_t *r, recs_save_t *s)
{
    size_t                 i;
    recs_report_person_t  *people;

    people = recs_alloc(r->person_count * sizeof(recs_report_person_t));

    for (i = 0; i < r->person_count; i++) {
        people[i] = r->people[i];
        people[i].segment = recs_save_name(s, people[i].segment);
        people[i].told = people[i].segment;
    }

    qsort(people, r->person_count, sizeof(recs_report_person_t),
          recs_save_by_key);
    recs_save_array(s, people, r->person_count,
                    sizeof(recs_report_person_t));

    free(people);
}


/* Who and when are the first two words of both. */

static int
recs_save_by_pace(const void *one, const void *other)
{
    return memcmp(one, other, 2 * sizeof(uint64_t));
}


static void
recs_save_paces(const recs_report_t *r, recs_save_t *s)
{
    size_t                 i, n;
    recs_report_pace_t    *paces;
    recs_report_minute_t  *minutes;

    paces = recs_alloc(r->pace_count * sizeof(recs_report_pace_t));

    for (i = 0; i < r->pace_count; i++) {
        paces[i] = r->paces[i];
        paces[i].touches = 0;
        paces[i].looks = paces[i].judged ? 0 : paces[i].looks;
    }

    qsort(paces, r->pace_count, sizeof(recs_report_pace_t),
          recs_save_by_pace);
    recs_save_array(s, paces, r->pace_count, sizeof(recs_report_pace_t));
    free(paces);

    minutes = recs_alloc(r->minute_count * sizeof(recs_report_minute_t));

    for (i = 0, n = 0; i < r->minute_count; i++) {
        if (recs_report_minute_kept(r, &r->minutes[i])) {
            minutes[n++] = r->minutes[i];
        }
    }

    qsort(minutes, n, sizeof(recs_report_minute_t), recs_save_by_pace);
    recs_save_array(s, minutes, n, sizeof(recs_report_minute_t));
    free(minutes);
}


static int
recs_save_by_bias(const void *one, const void *other)
{
    const recs_bias_t  *a, *b;

    a = one;
    b = other;

    if (a->item != b->item) {
        return (a->item < b->item) ? -1 : 1;
    }

    if (a->strategy != b->strategy) {
        return (a->strategy < b->strategy) ? -1 : 1;
    }

    return (a->position > b->position) - (a->position < b->position);
}


static void
recs_save_bias(const recs_report_t *r, recs_save_t *s)
{
    size_t        i, n;
    recs_bias_t  *bias;

    bias = recs_alloc(r->bias_count * sizeof(recs_bias_t));

    for (i = 0, n = 0; i < r->bias_count; i++) {
        if (r->bias[i].served || r->bias[i].clicks) {
            bias[n++] = r->bias[i];
        }
    }

    qsort(bias, n, sizeof(recs_bias_t), recs_save_by_bias);
    recs_save_array(s, bias, n, sizeof(recs_bias_t));

    free(bias);
}


static int
recs_save_by_number(const void *one, const void *other)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) other;

    return (a > b) - (a < b);
}


/* The hours that take no more keys, then all cells. */

static void
recs_save_cells(const recs_report_t *r, recs_save_t *s)
{
    size_t        i, n;
    uint32_t     *hours;
    recs_cell_t  *cell, *cells;

    hours = recs_alloc(r->hour_count * sizeof(uint32_t));

    for (i = 0, n = 0; i < r->hour_count; i++) {
        if (r->hours[i].full) {
            hours[n++] = r->hours[i].hour;
        }
    }

    qsort(hours, n, sizeof(uint32_t), recs_save_by_number);
    recs_save_array(s, hours, n, sizeof(uint32_t));
    free(hours);

    cells = recs_alloc(s->view.count * sizeof(recs_cell_t));

    for (i = 0; i < s->view.count; i++) {
        cell = &cells[i];
        *cell = s->view.cells[i];

        cell->placement = recs_save_name(s, recs_save_seen(r, s,
                                                          cell->placement));
        cell->variant = recs_save_name(s, recs_save_seen(r, s,
                                                         cell->variant));
        cell->region = recs_save_name(s, recs_save_seen(r, s,
                                                        cell->region));
        cell->segment = recs_save_name(s, recs_save_seen(r, s,
                                                         cell->segment));
    }

    recs_save_array(s, cells, s->view.count, sizeof(recs_cell_t));
    free(cells);
}


void
recs_report_head(const recs_report_t *r, recs_save_head_t *head)
{
    memset(head, 0, sizeof(recs_save_head_t));
    memcpy(head->magic, RECS_SAVE_MAGIC, sizeof(head->magic));

    head->shop = recs_key64(r->config->shop ? r->config->shop : "",
                            r->shop_len);
    head->attribution = r->config->attribution;
    head->click_ms = r->click_ms;
    head->view_ms = r->view_ms;
    head->refund_ms = r->refund_ms;
}


void *
recs_report_save(recs_report_t *r, size_t *len)
{
    size_t             i;
    recs_save_t        s;
    recs_save_head_t   head;

    recs_report_back(r);

    /* what lists have been served is told to the bias now, as it may be */

    for (i = 0; i < r->list_count; i++) {
        recs_report_bias_list(r, &r->lists[i]);
    }

    memset(&s, 0, sizeof(recs_save_t));
    recs_report_view(r, 0, &s.view);
    s.names = recs_calloc(recs_names_count(r->names), sizeof(uint32_t));

    recs_report_head(r, &head);
    head.now_ms = r->now_ms;
    head.folded = r->folded;
    head.swept = r->swept;

    recs_save_bytes(&s, &head, sizeof(head));
    recs_save_bytes(&s, &r->meta, sizeof(r->meta));
    recs_save_bytes(&s, &r->quality, sizeof(r->quality));

    recs_save_names(r, &s);
    recs_save_lists(r, &s);
    recs_save_touches(r, &s);
    recs_save_outcomes(r, &s);
    recs_save_orders(r, &s);
    recs_save_products(r, &s);
    recs_save_people(r, &s);
    recs_save_paces(r, &s);
    recs_save_bias(r, &s);
    recs_save_cells(r, &s);

    head.len = s.len;
    head.hash = recs_key64(s.data + sizeof(head), s.len - sizeof(head));
    memcpy(s.data, &head, sizeof(head));

    free(s.names);
    *len = s.len;

    return s.data;
}
