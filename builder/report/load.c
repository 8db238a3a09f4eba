/*
 * Copyright (C) recs authors
 *
 * A saved report, read.  The hash says that it is as it was written; sizes
 * are looked at all the same, numbers of names and parts are not believed.
 */

#include "save.h"


/* It is a part of the checkpoint, which the log cannot be without. */

#define RECS_LOAD_ANEW                                                        \
    "copy the files of the archive back and move LOG/checkpoint away "        \
    "(docs/builder.md#event-log)"


typedef struct {
    const uint8_t  *pos;
    const uint8_t  *end;
    uint32_t       *names;       /* from a number of the file */
    uint32_t        name_count;
    unsigned        bad;
} recs_load_t;


static void
recs_load_bytes(recs_load_t *l, void *to, size_t len)
{
    if ((size_t) (l->end - l->pos) < len) {
        l->bad = 1;
        memset(to, 0, len);
        return;
    }

    if (len) {
        memcpy(to, l->pos, len);
        l->pos += len;
    }
}


/* An array of its own; the number of its elements. */

static size_t
recs_load_array(recs_load_t *l, void *array, size_t *cap, size_t size)
{
    void      *p;
    uint64_t   n;

    recs_load_bytes(l, &n, sizeof(n));

    if (n > (size_t) (l->end - l->pos) / size || n >= RECS_NONE) {
        l->bad = 1;
        n = 0;
    }

    p = recs_alloc(n * size);
    recs_load_bytes(l, p, n * size);

    memcpy(array, &p, sizeof(p));
    *cap = n;

    return n;
}


static void
recs_load_name(recs_load_t *l, uint32_t *n)
{
    if (*n == RECS_NONE) {
        return;
    }

    if (*n >= l->name_count) {
        l->bad = 1;
        *n = RECS_NONE;
        return;
    }

    *n = l->names[*n];
}


static void
recs_load_names(recs_report_t *r, recs_load_t *l)
{
    uint32_t  count, i, len;

    recs_load_bytes(l, &count, sizeof(count));

    if (count > (size_t) (l->end - l->pos) / sizeof(len)) {
        l->bad = 1;
        count = 0;
    }

    l->names = recs_alloc(count * sizeof(uint32_t));
    l->name_count = count;

    for (i = 0; i < count; i++) {
        recs_load_bytes(l, &len, sizeof(len));

        if (len > (size_t) (l->end - l->pos)) {
            l->bad = 1;
            len = 0;
        }

        l->names[i] = recs_names_add(r->names, l->pos, len);
        l->pos += len;
    }
}


static void
recs_load_lists(recs_report_t *r, recs_load_t *l)
{
    size_t               i;
    recs_report_list_t  *list;

    r->list_count = recs_load_array(l, &r->lists, &r->lists_cap,
                                    sizeof(recs_report_list_t));

    for (i = 0; i < r->list_count; i++) {
        list = &r->lists[i];
        list->keys = NULL;

        recs_load_name(l, &list->placement);
        recs_load_name(l, &list->variant);

        if (list->count > RECS_EVENT_ITEMS_MAX) {
            l->bad = 1;
            list->count = 0;
        }

        if (list->known) {
            list->keys = recs_alloc(list->count * sizeof(uint64_t));
            recs_load_bytes(l, list->keys, list->count * sizeof(uint64_t));
        }
    }
}


static void
recs_load_touches(recs_report_t *r, recs_load_t *l)
{
    size_t                i;
    recs_report_touch_t  *t;

    r->touch_count = recs_load_array(l, &r->touches, &r->touches_cap,
                                     sizeof(recs_report_touch_t));

    for (i = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        recs_load_name(l, &t->placement);
        recs_load_name(l, &t->variant);
        recs_load_name(l, &t->region);
        recs_load_name(l, &t->segment);
    }
}


static void
recs_load_outcomes(recs_report_t *r, recs_load_t *l)
{
    size_t           i;
    recs_dims_t     *dims;
    recs_outcome_t  *o;

    r->outcome_count = recs_load_array(l, &r->outcomes, &r->outcomes_cap,
                                       sizeof(recs_outcome_t));
    r->part_count = recs_load_array(l, &r->parts, &r->parts_cap,
                                    sizeof(recs_part_t));

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        if ((uint64_t) o->part + o->parts > r->part_count
            || o->quantity <= 0)
        {
            l->bad = 1;
            o->parts = 0;
        }
    }

    for (i = 0; i < r->part_count; i++) {
        dims = &r->parts[i].dims;

        recs_load_name(l, &dims->placement);
        recs_load_name(l, &dims->variant);
        recs_load_name(l, &dims->region);
        recs_load_name(l, &dims->segment);
    }
}


static void
recs_load_products(recs_report_t *r, recs_load_t *l)
{
    size_t  i;

    r->product_count = recs_load_array(l, &r->products, &r->products_cap,
                                       sizeof(recs_report_product_t));

    for (i = 0; i < r->product_count; i++) {
        *recs_report_map_at(&r->by_product, r->products[i].item)
            = (uint32_t) i;
    }
}


static void
recs_load_people(recs_report_t *r, recs_load_t *l)
{
    size_t  i;

    r->person_count = recs_load_array(l, &r->people, &r->people_cap,
                                      sizeof(recs_report_person_t));

    for (i = 0; i < r->person_count; i++) {
        recs_load_name(l, &r->people[i].segment);
        r->people[i].told = r->people[i].segment;
    }

    recs_report_people_index(r);
}


static void
recs_load_bias(recs_report_t *r, recs_load_t *l)
{
    size_t        cap, count, i;
    recs_bias_t  *bias;

    count = recs_load_array(l, &bias, &cap, sizeof(recs_bias_t));

    for (i = 0; i < count; i++) {
        recs_report_bias(r, bias[i].strategy, bias[i].item, bias[i].position,
                         bias[i].served, bias[i].clicks);
    }

    free(bias);
}


static void
recs_load_cells(recs_report_t *r, recs_load_t *l)
{
    size_t        cap, count, i;
    uint32_t     *hours;
    recs_cell_t  *cells;

    count = recs_load_array(l, &hours, &cap, sizeof(uint32_t));

    for (i = 0; i < count; i++) {
        recs_report_hour_get(r, hours[i])->full = 1;
    }

    free(hours);

    count = recs_load_array(l, &cells, &cap, sizeof(recs_cell_t));

    for (i = 0; i < count; i++) {
        recs_load_name(l, &cells[i].placement);
        recs_load_name(l, &cells[i].variant);
        recs_load_name(l, &cells[i].region);
        recs_load_name(l, &cells[i].segment);

        recs_report_cells_put(r, &cells[i]);
    }

    free(cells);
}


static int
recs_load_head(const recs_report_t *r, const recs_save_head_t *head,
    const uint8_t *data, size_t len, recs_error_t *err)
{
    recs_save_head_t  ours;

    recs_report_head(r, &ours);

    if (memcmp(head->magic, ours.magic, sizeof(ours.magic)) != 0) {
        return recs_error(err, "the saved report is of another version; "
                          RECS_LOAD_ANEW);
    }

    if (head->len != len
        || head->hash != recs_key64(data + sizeof(ours), len - sizeof(ours)))
    {
        return recs_error(err, "the saved report is damaged; "
                          RECS_LOAD_ANEW);
    }

    if (head->shop != ours.shop) {
        return recs_error(err, "the saved report is of another shop than "
                          "\"%s\"", r->config->shop ? r->config->shop : "");
    }

    if (head->attribution != ours.attribution) {
        return recs_error(err, "the saved report was made under another "
                          "\"attribution\"; set it back, or " RECS_LOAD_ANEW);
    }

    if (head->click_ms != ours.click_ms || head->view_ms != ours.view_ms
        || head->refund_ms != ours.refund_ms)
    {
        return recs_error(err, "the saved report was made under another "
                          "\"%s\"; set it back, or " RECS_LOAD_ANEW,
                          head->click_ms != ours.click_ms
                          ? "report_click_days"
                          : head->view_ms != ours.view_ms
                            ? "report_view_hours" : "report_refund_days");
    }

    return RECS_OK;
}


int
recs_report_load(recs_report_t *r, const void *data, size_t len,
    recs_error_t *err)
{
    recs_load_t       l;
    recs_save_head_t  head;

    if (len < sizeof(head)) {
        return recs_error(err, "the saved report is cut short; "
                          RECS_LOAD_ANEW);
    }

    memcpy(&head, data, sizeof(head));

    if (recs_load_head(r, &head, data, len, err) != RECS_OK) {
        return RECS_ERROR;
    }

    memset(&l, 0, sizeof(recs_load_t));
    l.pos = (const uint8_t *) data + sizeof(head);
    l.end = (const uint8_t *) data + len;

    r->turn = 1;
    r->now_ms = head.now_ms;
    r->folded = head.folded;
    r->swept = head.swept;

    recs_load_bytes(&l, &r->meta, sizeof(r->meta));
    recs_load_bytes(&l, &r->quality, sizeof(r->quality));

    recs_load_names(r, &l);
    recs_load_lists(r, &l);
    recs_load_touches(r, &l);
    recs_load_outcomes(r, &l);
    r->refund_count = recs_load_array(&l, &r->refunds, &r->refunds_cap,
                                      sizeof(recs_refund_t));
    r->order_count = recs_load_array(&l, &r->orders, &r->orders_cap,
                                     sizeof(recs_order_t));
    recs_load_products(r, &l);
    recs_load_people(r, &l);
    r->pace_count = recs_load_array(&l, &r->paces, &r->paces_cap,
                                    sizeof(recs_report_pace_t));
    r->minute_count = recs_load_array(&l, &r->minutes, &r->minutes_cap,
                                      sizeof(recs_report_minute_t));
    recs_load_bias(r, &l);
    recs_load_cells(r, &l);
    recs_report_index(r);

    free(l.names);

    if (l.bad || l.pos != l.end) {
        return recs_error(err, "the saved report does not hold what it says; "
                          RECS_LOAD_ANEW);
    }

    return RECS_OK;
}
