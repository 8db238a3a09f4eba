/*
 * Copyright (C) recs authors
 */

#include "private.h"


static void recs_report_activity(recs_report_t *r, const recs_event_t *e);
static void recs_report_exposure(recs_report_t *r, const recs_event_t *e);
static void recs_report_touches(recs_report_t *r, const recs_event_t *e,
    recs_touch_e kind, unsigned flags);
static void recs_report_lines(recs_report_t *r, const recs_event_t *e,
    recs_outcome_e kind);
static void recs_report_ordered(recs_report_t *r, const recs_event_t *e,
    const recs_event_type_t *type);
static void recs_report_row(recs_report_t *r, const recs_event_t *e);
static void recs_report_user(recs_report_t *r, const recs_event_t *e);


recs_report_t *
recs_report_create(const recs_config_t *config)
{
    recs_report_t  *r;

    r = recs_calloc(1, sizeof(recs_report_t));

    r->config = config;
    r->click_ms = (int64_t) (config->report_click_days * RECS_REPORT_DAY);
    r->view_ms = (int64_t) (config->report_view_hours * RECS_REPORT_HOUR);
    r->refund_ms = (int64_t) (config->report_refund_days * RECS_REPORT_DAY);
    r->shop_len = config->shop ? (uint32_t) strlen(config->shop) : 0;
    r->names = recs_names_create();
    r->catalog = recs_catalog_create();
    r->meta.attribution = config->attribution;
    r->meta.click_days = (uint8_t) recs_min(config->report_click_days + .5,
                                            255);
    r->meta.view_hours = (uint8_t) recs_min(config->report_view_hours + .5,
                                            255);

    return r;
}


void
recs_report_destroy(recs_report_t *r)
{
    size_t  i;

    if (r == NULL) {
        return;
    }

    for (i = 0; i < r->list_count; i++) {
        free(r->lists[i].keys);
    }

    recs_report_index_clear(r);
    recs_report_map_clear(&r->by_product);
    recs_report_map_clear(&r->by_bias);
    recs_report_map_clear(&r->by_person);
    recs_report_map_clear(&r->by_pace);
    recs_report_map_clear(&r->by_minute);
    recs_report_map_clear(&r->by_hour);
    recs_report_map_clear(&r->by_since);

    recs_names_destroy(r->names);
    recs_catalog_destroy(r->catalog);

    free(r->touches);
    free(r->outcomes);
    free(r->refunds);
    free(r->orders);
    free(r->lists);
    free(r->products);
    free(r->people);
    free(r->paces);
    free(r->minutes);
    free(r->lanes);
    free(r->parts);
    free(r->bias);
    free(r->cells);
    free(r->cell_next);
    free(r->cell_slots);
    free(r->hours);
    free(r->out_touches.numbers);
    free(r->out_outcomes.numbers);
    free(r->since);
    free(r->scratch);
    free(r->clicks);
    free(r->view_cells);
    free(r->view_names);
    free(r);
}


uint64_t
recs_report_turn(const recs_report_t *r)
{
    return r->turn;
}


/* By its own name; pace.c tells the others. */

static unsigned
recs_report_bot(const recs_event_t *e)
{
    return e->device == RECS_DEVICE_BOT;
}


int
recs_report_add(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    recs_report_t  *r;

    r = ctx;

    if (e->shop.len != r->shop_len
        || (r->shop_len && memcmp(e->shop.data, r->config->shop, r->shop_len)
                           != 0))
    {
        return RECS_OK;
    }

    r->turn++;
    r->meta.events++;

    switch (e->class) {

    case RECS_CLASS_ACTIVITY:
    case RECS_CLASS_EXPOSURE:

        if (recs_report_bot(e)) {
            r->meta.bots++;
            break;
        }

        if (r->meta.from_ms == 0 || e->time_ms < r->meta.from_ms) {
            r->meta.from_ms = e->time_ms;
        }

        r->meta.until_ms = recs_max(r->meta.until_ms, e->time_ms);
        recs_report_quality(r, e);
        recs_report_pace(r, e);

        if (e->class == RECS_CLASS_ACTIVITY) {
            recs_report_activity(r, e);

        } else {
            recs_report_exposure(r, e);
        }

        break;

    case RECS_CLASS_LIST:

        /* a bot may be the first to be shown what others are, too */

        r->quality.lists++;
        recs_report_list_set(r, e);
        break;

    case RECS_CLASS_PRODUCT:
        recs_report_row(r, e);
        break;

    case RECS_CLASS_USER:
        recs_report_user(r, e);
        break;

    case RECS_CLASS_ERASE:
        recs_report_forget(r, &e->user);
        recs_report_forget(r, &e->anonymous);
        recs_report_forget(r, &e->session);
        break;

    default:
        break;
    }

    return RECS_OK;
}


int
recs_report_replay(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    recs_report_t  *r;

    r = ctx;

    /* what is imported comes in no order: nothing is past because of it */

    if (e->epoch
        && e->received_ms / RECS_REPORT_HOUR >= (int64_t) r->swept + 24)
    {
        recs_report_clock(r, e->received_ms);
    }

    return recs_report_add(r, e, err);
}


uint64_t
recs_report_hash(const recs_identity_t *identity)
{
    uint64_t  hash;

    if (!recs_identity_known(identity)) {
        return 0;
    }

    hash = recs_key64(identity->bytes, RECS_IDENTITY_SIZE);

    return hash ? hash : 1;
}


static uint64_t
recs_report_key(const recs_str_t *s)
{
    uint64_t  key;

    if (s->len == 0) {
        return 0;
    }

    key = recs_key64(s->data, s->len);

    return key ? key : 1;
}


static void
recs_report_touch_init(recs_report_t *r, const recs_event_t *e,
    recs_touch_e kind, recs_report_touch_t *t)
{
    memset(t, 0, sizeof(recs_report_touch_t));

    t->time = e->time_ms;
    t->user = e->verified ? recs_report_hash(&e->user) : 0;
    t->session = recs_report_hash(&e->session);
    t->rec = recs_report_key(&e->recommendation);
    t->view = e->view;
    t->placement = recs_report_name(r, &e->placement);
    t->variant = recs_report_name(r, &e->variant);
    t->region = recs_report_name(r, &e->region);
    t->segment = RECS_NONE;
    t->kind = (uint8_t) kind;
    t->device = e->device;
    t->strategy = RECS_CELL_UNKNOWN;
}


static void
recs_report_exposure(recs_report_t *r, const recs_event_t *e)
{
    recs_report_touch_t  t;

    r->quality.exposures++;

    recs_report_touch_init(r, e, RECS_TOUCH_SERVED, &t);
    recs_report_touch(r, &t);
}


static void
recs_report_activity(recs_report_t *r, const recs_event_t *e)
{
    unsigned                  rec;
    const recs_event_type_t  *type;

    type = recs_event_type(e->type);

    if (type == NULL) {
        return;
    }

    rec = e->recommendation.len != 0;

    if (e->order.len) {
        recs_report_ordered(r, e, type);
    }

    if (type->signal & RECS_SIGNAL_CLICK) {
        r->quality.clicks++;
        r->quality.untold += !rec;

        if (rec || e->type == RECS_EVENT_RECOMMENDATION_CLICK) {
            recs_report_touches(r, e, RECS_TOUCH_CLICK, 0);
        }
    }

    if ((type->signal & RECS_SIGNAL_EXPOSURE)
        && (rec || e->type == RECS_EVENT_RECOMMENDATION_VIEW))
    {
        recs_report_touches(r, e, RECS_TOUCH_SEEN, 0);
    }

    if (type->signal & RECS_SIGNAL_DISMISS) {
        recs_report_touches(r, e, RECS_TOUCH_DISMISS, 0);
    }

    if (type->signal & RECS_SIGNAL_CART) {

        /* a list may have the button of the cart itself */

        if (rec) {
            recs_report_touches(r, e, RECS_TOUCH_CLICK, RECS_TOUCH_DIRECT);
        }

        recs_report_lines(r, e, RECS_OUTCOME_CART);
    }

    if (type->signal & RECS_SIGNAL_PURCHASE) {
        recs_report_lines(r, e, RECS_OUTCOME_ORDER);
    }
}


/* A view without products is one of the whole list. */

static void
recs_report_touches(recs_report_t *r, const recs_event_t *e,
    recs_touch_e kind, unsigned flags)
{
    uint32_t             i;
    recs_report_touch_t  t;

    recs_report_touch_init(r, e, kind, &t);
    t.flags = (uint8_t) flags;

    if (e->item_count == 0 && kind == RECS_TOUCH_SEEN && t.rec) {
        recs_report_touch(r, &t);
        return;
    }

    for (i = 0; i < e->item_count; i++) {
        t.item = recs_report_key(&e->items[i].product);
        t.position = (uint16_t) recs_min(e->items[i].position,
                                         RECS_REPORT_POSITION);

        if (t.item) {
            r->quality.named += t.rec != 0;
            r->quality.asked += t.rec != 0 && kind == RECS_TOUCH_CLICK;
            recs_report_touch(r, &t);
        }
    }
}


static __int128
recs_report_money(const recs_event_item_t *item)
{
    __int128  money;

    if (item->price == RECS_NO_MONEY) {
        return 0;
    }

    /* rounded half away from zero, as the sums of the dataset are */

    money = (__int128) item->price * item->quantity;

    return (money + (money < 0 ? -1 : 1) * (RECS_MICRO / 2)) / RECS_MICRO;
}


/* Adds up the pieces of one product; 0: an earlier line has done so. */

static unsigned
recs_report_line_sum(const recs_event_t *e, uint32_t n, recs_outcome_t *line)
{
    __int128                  quantity, revenue;
    uint32_t                  i;
    const recs_event_item_t  *item;

    line->item = recs_report_key(&e->items[n].product);
    line->flags &= ~RECS_OUTCOME_PRICED;
    quantity = 0;
    revenue = 0;

    for (i = 0; i < e->item_count; i++) {
        item = &e->items[i];

        if (recs_report_key(&item->product) != line->item) {
            continue;
        }

        if (i < n) {
            return 0;
        }

        if (item->quantity <= 0) {
            continue;
        }

        quantity += item->quantity;
        revenue += recs_report_money(item);

        if (item->price != RECS_NO_MONEY) {
            line->flags |= RECS_OUTCOME_PRICED;
        }
    }

    line->quantity = recs_report_clamp(quantity);
    line->revenue = recs_report_clamp(revenue);

    return line->item && line->quantity > 0;
}


static void
recs_report_lines(recs_report_t *r, const recs_event_t *e,
    recs_outcome_e kind)
{
    uint8_t         from;
    uint32_t        i;
    recs_outcome_t  line;

    memset(&line, 0, sizeof(recs_outcome_t));

    line.time = e->time_ms;
    line.told = e->time_ms;
    line.user = e->verified ? recs_report_hash(&e->user) : 0;
    line.session = recs_report_hash(&e->session);
    line.rec = recs_report_key(&e->recommendation);
    line.kind = (uint8_t) kind;

    from = (e->type == RECS_EVENT_CHECKOUT_COMPLETE) ? RECS_OUTCOME_CHECKOUT
                                                     : RECS_OUTCOME_PURCHASE;
    line.flags = from;

    if (kind == RECS_OUTCOME_ORDER) {
        line.order = recs_report_key(&e->order);
        line.currency = recs_cell_currency(&e->currency);
    }

    for (i = 0; i < e->item_count; i++) {

        if (!recs_report_line_sum(e, i, &line)) {
            continue;
        }

        /* of several events that tell of one line the better one's money */

        line.rank = (uint8_t) ((line.flags & RECS_OUTCOME_PRICED ? 2 : 0)
                               + (from == RECS_OUTCOME_PURCHASE));

        recs_report_line(r, &line);
    }
}


static void
recs_report_ordered(recs_report_t *r, const recs_event_t *e,
    const recs_event_type_t *type)
{
    uint32_t       i;
    uint64_t       order;
    unsigned       state;
    recs_refund_t  refund;

    order = recs_report_key(&e->order);
    state = recs_order_state(e, type);

    if (state) {
        recs_report_order_state(r, order, e->time_ms,
                                (state & RECS_ORDER_PURCHASE) != 0,
                                (state & (RECS_ORDER_CANCELLED
                                          |RECS_ORDER_REFUNDED)) != 0);
    }

    if (e->type != RECS_EVENT_REFUND) {
        return;
    }

    memset(&refund, 0, sizeof(recs_refund_t));
    refund.order = order;
    refund.time = e->time_ms;

    for (i = 0; i < e->item_count; i++) {
        refund.item = recs_report_key(&e->items[i].product);
        refund.quantity = e->items[i].quantity;

        if (refund.item && refund.quantity > 0) {
            recs_report_refund(r, &refund);
        }
    }
}


static void
recs_report_cost_set(recs_report_t *r, recs_report_product_t *p,
    int64_t cost)
{
    uint32_t  n;

    if (p->cost == cost) {
        return;
    }

    for (n = p->outcomes; n != RECS_NONE; n = r->outcomes[n].next[RECS_BY_ITEM])
    {
        recs_report_out_outcome(r, n);
    }

    p->cost = cost;
}


/* A row that cannot be read was refused before; it is of no use here. */

static void
recs_report_row(recs_report_t *r, const recs_event_t *e)
{
    int64_t                 time;
    const char             *err, *field;
    recs_product_row_t      row;
    recs_report_product_t  *p;

    if (recs_catalog_product(r->catalog, &e->document, &row, &field, &err)
        != RECS_OK)
    {
        return;
    }

    p = recs_report_product(r, recs_report_key(&row.id));
    p->known = 1;

    if (row.cost == RECS_NO_MONEY) {
        return;
    }

    /* the latest counts, of one moment the highest */

    time = row.updated_ms ? row.updated_ms : e->time_ms;

    if (time > p->time || (time == p->time && row.cost > p->cost)) {
        p->time = time;
        recs_report_cost_set(r, p, row.cost);
    }
}


/* A row that says nothing of a segment changes none. */

static void
recs_report_user(recs_report_t *r, const recs_event_t *e)
{
    uint64_t          user;
    const char       *err, *field;
    recs_user_row_t   row;

    user = recs_report_hash(&e->user);

    if (user == 0
        || recs_catalog_user(r->catalog, &e->document, &row, &field, &err)
           != RECS_OK
        || row.segment.len == 0)
    {
        return;
    }

    recs_report_person(r, user, recs_report_name(r, &row.segment),
                       row.updated_ms ? row.updated_ms : e->time_ms);
}
