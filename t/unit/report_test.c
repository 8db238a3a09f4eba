/*
 * Copyright (C) recs authors
 *
 * The report against a model that looks at all events anew for each number:
 * random events of a small shop, every cell the same; whatever the order of
 * coming, and with a save and a load between, the same bytes.
 */

#include <math.h>
#include <stdlib.h>

#include "builder/report/private.h"
#include "tap.h"


#define EVENTS    900
#define RECS      60
#define LIST_MAX  6
#define ITEMS     12
#define ORDERS    72
#define T0        1700006400000LL        /* a midnight */
#define HOUR      3600000LL
#define NONE      255
#define MONEY     922                    /* lines at most, of one cell */


/* An event in short; numbers of names, NONE: it has none. */

typedef struct {
    int      class;
    int      type;
    int      cancelled;
    int64_t  time;
    int64_t  received;
    int      user;
    int      verified;
    int      session;
    int      rec;
    int      device;
    int      placement;
    int      variant;
    int      region;
    int      order;
    int      view;
    int      strategy;
    int      count;
    int      item[LIST_MAX];
    int64_t  price[LIST_MAX];
    int64_t  quantity[LIST_MAX];
    int      position[LIST_MAX];
} plain_t;


typedef struct {
    recs_cell_t  *cells;
    size_t        count;
    size_t        cap;
} sums_t;


static recs_config_t  config;
static plain_t        events[EVENTS];
static unsigned       event_count;
static uint64_t       seed;
static int64_t        costs[ITEMS];
static uint8_t        others[2];      /* of user 1 and session 2, 0 as ever */
static unsigned       looked;         /* at after every so many, 0: never */


static unsigned
rnd(unsigned n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (unsigned) ((seed >> 33) % n);
}


/* Events */

static recs_str_t
text(const char *prefix, int n, char *buf)
{
    recs_str_t  s;

    if (n == NONE) {
        s.len = 0;
        s.data = NULL;

    } else {
        s.len = (size_t) sprintf(buf, "%s%d", prefix, n);
        s.data = (uint8_t *) buf;
    }

    return s;
}


static uint64_t
key_of(const char *prefix, int n)
{
    char        buf[32];
    recs_str_t  s;

    s = text(prefix, n, buf);

    return recs_key64(s.data, s.len);
}


static void
add_by(recs_report_t *r, const plain_t *p,
    int (*sink)(void *, const recs_event_t *, recs_error_t *))
{
    int                  i;
    char                 names[8][32], items[LIST_MAX][32], document[64];
    recs_error_t         err;
    recs_report_view_t   view;
    static recs_event_t  e;

    recs_event_init(&e);

    e.class = (uint8_t) p->class;
    e.type = (uint8_t) p->type;
    e.epoch = 1;
    e.time_ms = p->time;
    e.received_ms = p->received;
    e.device = (uint8_t) p->device;
    e.view = (uint64_t) p->view;
    e.verified = (uint8_t) p->verified;
    e.recommendation = text("rec", p->rec, names[0]);
    e.placement = text("p", p->placement, names[1]);
    e.variant = text("v", p->variant, names[2]);
    e.region = text("r", p->region, names[3]);
    e.order = text("o", p->order, names[4]);

    if (p->cancelled) {
        e.status.data = (const uint8_t *) "Cancelled";
        e.status.len = 9;
    }

    if (p->user != NONE) {
        memset(e.user.bytes, p->user == 1 && others[0] ? others[0]
                             : 1 + p->user, RECS_IDENTITY_SIZE);
    }

    if (p->session != NONE) {
        memset(e.session.bytes, p->session == 2 && others[1] ? others[1]
                                : 101 + p->session, RECS_IDENTITY_SIZE);
    }

    if (p->class == RECS_CLASS_USER) {
        e.document.len = (size_t) sprintf(document, "{\"segment\":\"s%d\"}",
                                          p->order);
        e.document.data = (uint8_t *) document;
        e.order.len = 0;

    } else if (p->class == RECS_CLASS_LIST) {
        e.key_count = (uint32_t) p->count;

        for (i = 0; i < p->count; i++) {
            e.keys[i] = key_of("i", p->item[i]);
        }

        if (p->strategy != NONE) {
            e.name = recs_strategies[p->strategy].name;
        }

    } else {
        e.item_count = (uint32_t) p->count;

        for (i = 0; i < p->count; i++) {
            e.items[i].product = text("i", p->item[i], items[i]);
            e.items[i].price = p->price[i];
            e.items[i].quantity = p->quantity[i];
            e.items[i].position = (uint32_t) p->position[i];
        }
    }

    sink(r, &e, &err);

    if (looked && r->turn % looked == 0) {
        recs_report_view(r, r->turn, &view);
    }
}


static void
add(recs_report_t *r, const plain_t *p)
{
    add_by(r, p, recs_report_add);
}


static int
maybe(unsigned of, unsigned n)
{
    return rnd(100) < of ? (int) rnd(n) : NONE;
}


static void
random_event(plain_t *p, int64_t time)
{
    int                      i;
    unsigned                 what;
    static const int         sales[] = {
        RECS_EVENT_PURCHASE, RECS_EVENT_PURCHASE, RECS_EVENT_CHECKOUT_COMPLETE
    };

    memset(p, 0, sizeof(plain_t));

    p->class = RECS_CLASS_ACTIVITY;
    p->time = time;
    p->received = time + rnd(1000);
    p->user = maybe(40, 4);
    p->verified = rnd(4) != 0;
    p->session = maybe(80, 8);
    p->device = (int) rnd(RECS_DEVICE_BOT + (rnd(20) == 0));
    p->placement = maybe(30, 3);
    p->variant = maybe(30, 2);
    p->region = maybe(30, 3);
    p->order = NONE;
    p->strategy = NONE;

    /* answers live for some hours */

    p->rec = (int) ((time - T0) / (6 * HOUR) * 3 + rnd(6)) % RECS;
    p->count = 1 + (int) rnd(2);

    what = rnd(102);

    if (what >= 100) {
        p->class = RECS_CLASS_USER;
        p->type = RECS_EVENT_USER_UPDATE;
        p->user = (int) rnd(4);
        p->order = (int) rnd(3);
        p->rec = NONE;
        p->count = 0;

    } else if (what < 8) {
        p->class = RECS_CLASS_LIST;
        p->type = 0;
        p->view = 1 + (int) rnd(3);
        p->strategy = rnd(5) ? (int) rnd(3) : NONE;
        p->count = 1 + (int) rnd(LIST_MAX);

    } else if (what < 30) {
        p->class = RECS_CLASS_EXPOSURE;
        p->count = 0;
        p->view = 1 + (int) rnd(3);

    } else if (what < 40) {
        p->type = RECS_EVENT_RECOMMENDATION_VIEW;
        p->count = (int) rnd(3);
        p->rec = rnd(6) ? p->rec : NONE;

    } else if (what < 62) {
        p->type = rnd(3) ? RECS_EVENT_RECOMMENDATION_CLICK : 7;
        p->rec = rnd(6) ? p->rec : NONE;

    } else if (what < 66) {
        p->type = 72;

    } else if (what < 74) {
        p->type = RECS_EVENT_ADD_TO_CART;
        p->rec = rnd(3) ? NONE : p->rec;

    } else if (what < 92) {
        p->type = sales[rnd(3)];
        p->order = rnd(8) ? (int) rnd(ORDERS) : NONE;
        p->rec = rnd(4) ? NONE : p->rec;
        p->count = 1 + (int) rnd(3);
        p->cancelled = p->order != NONE && rnd(30) == 0;

    } else {
        p->type = rnd(8) ? RECS_EVENT_REFUND : 48;
        p->order = (int) rnd(ORDERS);
        p->count = (int) rnd(3);
        p->rec = NONE;
    }

    for (i = 0; i < p->count; i++) {
        p->item[i] = (int) rnd(ITEMS);
        p->price[i] = rnd(6) ? (int64_t) rnd(1000) * 12345 : RECS_NO_MONEY;
        p->quantity[i] = RECS_MICRO * (int64_t) (1 + rnd(3))
                         / (rnd(5) ? 1 : 7);
        p->position[i] = rnd(2) ? (int) rnd(8) : 0;
    }
}


static void
random_shop(uint64_t from, unsigned count, int64_t span, int64_t step)
{
    unsigned  i;

    seed = from * 2654435761u + 1;
    event_count = count;

    for (i = 0; i < count; i++) {

        /* each moment once, but for a step: many things at once */

        random_event(&events[i],
                     step ? T0 + (int64_t) rnd((unsigned) (span / step)) * step
                          : T0 + span / count * i
                            + (int64_t) rnd((unsigned) (span / count)));

        if (step == 0 && i && rnd(6) == 0) {

            /* a double click, or nearly so */

            events[i] = events[rnd(i)];
            events[i].time += 1000 * (int64_t) rnd(60) + 1
                              + (int64_t) rnd(997);
            events[i].received = events[i].time;
        }
    }

    for (i = 0; i < ITEMS; i++) {
        costs[i] = rnd(3) ? (int64_t) rnd(500) * 10001 : RECS_NO_MONEY;
    }
}


/* The model: everything is looked for anew. */

typedef struct {
    const plain_t  *p;
    int             item;        /* NONE: the list */
    int             position;
    int             repeat;
} mtouch_t;

typedef struct {
    int64_t   time;
    int       user;
    int       session;
    int       rec;
    int       item;
    int       order;
    int       cart;
    int       purchase;
    int64_t   revenue;
    int64_t   quantity;
    int64_t   told;
    int       rank;
    int       given;             /* 1: to clicks, 2: to what was shown */
} mline_t;

static mtouch_t  touches[EVENTS * 3];
static unsigned  touch_count;
static mline_t   lines[EVENTS * 3];
static unsigned  line_count;


static int
m_user(const plain_t *p)
{
    return p->verified ? p->user : NONE;
}


static const plain_t *
m_list(int rec)
{
    int             c, k;
    unsigned        i;
    uint64_t        a, b;
    const plain_t  *best, *p;

    for (i = 0, best = NULL; rec != NONE && i < event_count; i++) {
        p = &events[i];

        if (p->class != RECS_CLASS_LIST || p->rec != rec) {
            continue;
        }

        if (best == NULL) {
            best = p;
            continue;
        }

        c = (p->time > best->time) - (p->time < best->time);
        c = c ? c : p->view - best->view;
        c = c ? c : p->strategy - best->strategy;
        c = c ? c : p->count - best->count;

        for (k = 0; c == 0 && k < p->count; k++) {
            a = key_of("i", p->item[k]);
            b = key_of("i", best->item[k]);
            c = memcmp(&a, &b, sizeof(a));
        }

        best = (c < 0) ? p : best;
    }

    return best;
}


/* By the latest row of the user. */

static uint32_t
m_segment(int user)
{
    unsigned        i;
    const plain_t  *best, *p;

    for (i = 0, best = NULL; i < event_count; i++) {
        p = &events[i];

        if (p->class == RECS_CLASS_USER && p->user == user
            && (best == NULL || p->time > best->time))
        {
            best = p;
        }
    }

    return best ? (uint32_t) best->order : RECS_NONE;
}


static int
m_same(int user, int session, int rec, int user2, int session2, int rec2)
{
    if (user == NONE && session == NONE && user2 == NONE && session2 == NONE)
    {
        return rec != NONE && rec == rec2;
    }

    return (user != NONE && user == user2)
           || (session != NONE && session == session2);
}


static int
m_kind(const plain_t *p)
{
    if (p->class == RECS_CLASS_EXPOSURE) {
        return RECS_TOUCH_SERVED;
    }

    switch (p->type) {

    case RECS_EVENT_RECOMMENDATION_VIEW:
        return RECS_TOUCH_SEEN;

    case RECS_EVENT_RECOMMENDATION_CLICK:
        return RECS_TOUCH_CLICK;

    case 7:
        return p->rec != NONE ? RECS_TOUCH_CLICK : -1;

    case 72:
        return RECS_TOUCH_DISMISS;

    case RECS_EVENT_ADD_TO_CART:
        return p->rec != NONE ? RECS_TOUCH_CLICK : -1;
    }

    return -1;
}


static int
m_look(const plain_t *p)
{
    const recs_event_type_t  *type;

    if (p->class == RECS_CLASS_EXPOSURE) {
        return 1;
    }

    type = recs_event_type((unsigned) p->type);

    return p->class == RECS_CLASS_ACTIVITY && type
           && (type->signal & (RECS_SIGNAL_CLICK|RECS_SIGNAL_DISMISS
                               |RECS_SIGNAL_CART)) != 0;
}


/* Whether the person has looked in too many seconds of the day. */

static int
m_judged(const plain_t *p)
{
    long            n;
    unsigned        i, k;
    int64_t         seconds[EVENTS];
    const plain_t  *q;

    if (m_user(p) == NONE && p->session == NONE) {
        return 0;
    }

    for (i = 0, n = 0; i < event_count; i++) {
        q = &events[i];

        if (!m_look(q) || q->device == RECS_DEVICE_BOT
            || m_user(q) != m_user(p)
            || (m_user(p) == NONE && q->session != p->session)
            || q->time / (24 * HOUR) != p->time / (24 * HOUR))
        {
            continue;
        }

        for (k = 0; k < n && seconds[k] != q->time / 1000; k++) {
            /* void */
        }

        if (k == n) {
            seconds[n++] = q->time / 1000;
        }
    }

    return n >= config.trust_day;
}


/* Whether the answer that an event names held an item, or is not known. */

static int
m_holds(const plain_t *p, int item)
{
    int             i;
    const plain_t  *list;

    list = m_list(p->rec);

    for (i = 0; list && i < list->count; i++) {
        if (list->item[i] == item) {
            return 1;
        }
    }

    return list == NULL;
}


/* What is put into a cart is no other click where there was one before. */

static int64_t
m_window(const plain_t *p)
{
    return p->type == RECS_EVENT_ADD_TO_CART
           ? (int64_t) (config.report_click_days * 24 * HOUR) : 30000;
}


static void
m_touches(void)
{
    int        i, k;
    unsigned   a, b, n;
    mtouch_t  *s, *t;

    for (n = 0, touch_count = 0; n < event_count; n++) {

        if (events[n].class == RECS_CLASS_LIST
            || events[n].class == RECS_CLASS_USER
            || events[n].device == RECS_DEVICE_BOT || m_judged(&events[n]))
        {
            continue;
        }

        k = m_kind(&events[n]);

        if (k < 0) {
            continue;
        }

        if (events[n].count == 0 && events[n].rec != NONE) {
            t = &touches[touch_count++];
            t->p = &events[n];
            t->item = NONE;
            t->position = 0;
            t->repeat = 0;
        }

        for (i = 0; i < events[n].count; i++) {

            if (!m_holds(&events[n], events[n].item[i])) {
                continue;
            }

            t = &touches[touch_count++];
            t->p = &events[n];
            t->item = events[n].item[i];
            t->position = events[n].position[i];
            t->repeat = 0;
        }
    }

    for (a = 0; a < touch_count; a++) {
        t = &touches[a];

        for (b = 0; b < touch_count; b++) {
            s = &touches[b];

            /* of two at one moment (items of one event) one counts: that
               with the lower place */

            if (m_kind(t->p) == RECS_TOUCH_CLICK
                && m_kind(s->p) == RECS_TOUCH_CLICK
                && s->item == t->item && s->p->rec == t->p->rec
                && (s->p->time < t->p->time
                    || (s->p->time == t->p->time
                        && (s->position < t->position
                            || (s->position == t->position && b < a))))
                && t->p->time - s->p->time <= m_window(t->p)
                && ((m_user(s->p) != NONE && m_user(s->p) == m_user(t->p))
                    || (s->p->session != NONE
                        && s->p->session == t->p->session)
                    || (t->p->type == RECS_EVENT_ADD_TO_CART
                        && m_same(m_user(s->p), s->p->session, s->p->rec,
                                  m_user(t->p), t->p->session, t->p->rec))))
            {
                t->repeat = 1;
            }
        }
    }
}


static void
m_line(const plain_t *p, int cart)
{
    int       better, i, k, priced;
    mline_t  *o, line;
    unsigned  n;

    for (i = 0; i < p->count; i++) {

        for (k = 0; k < i && p->item[k] != p->item[i]; k++) {
            /* void */
        }

        if (k < i) {
            continue;
        }

        memset(&line, 0, sizeof(line));
        line.time = line.told = p->time;
        line.user = m_user(p);
        line.session = p->session;
        line.rec = p->rec;
        line.item = p->item[i];
        line.order = cart ? NONE : p->order;
        line.cart = cart;
        line.purchase = p->type == RECS_EVENT_PURCHASE;

        for (k = i, priced = 0; k < p->count; k++) {
            if (p->item[k] == p->item[i]) {
                line.quantity += p->quantity[k];

                if (p->price[k] != RECS_NO_MONEY) {
                    line.revenue += (p->price[k] * p->quantity[k] + 500000)
                                    / 1000000;
                    priced = 1;
                }
            }
        }

        line.rank = 2 * priced + (p->type != RECS_EVENT_CHECKOUT_COMPLETE);

        for (n = 0, o = NULL; n < line_count; n++) {
            if (line.order != NONE && lines[n].order == line.order
                && lines[n].item == line.item)
            {
                o = &lines[n];
            }
        }

        if (o == NULL) {
            lines[line_count++] = line;
            continue;
        }

        better = (line.rank != o->rank) ? line.rank > o->rank
                 : (line.told != o->told) ? line.told < o->told
                 : (line.revenue != o->revenue) ? line.revenue > o->revenue
                 : line.quantity > o->quantity;

        if (better) {
            o->rank = line.rank;
            o->told = line.told;
            o->revenue = line.revenue;
            o->quantity = line.quantity;
        }

        /* which of two names it is does not matter, but must be told */

#define larger(a, b, prefix)                                                  \
        ((b) == NONE ? (a) : (a) == NONE ? (b)                                \
         : key_of_##prefix(a) > key_of_##prefix(b) ? (a) : (b))
#define key_of_user(n)     who(1 + (n))
#define key_of_session(n)  who(101 + (n))
#define key_of_rec(n)      key_of("rec", n)
#define who(byte)                                                             \
        ({ recs_identity_t  id; memset(id.bytes, byte, sizeof(id.bytes));     \
           recs_report_hash(&id); })

        o->time = recs_min(o->time, line.time);
        o->user = larger(o->user, line.user, user);
        o->session = larger(o->session, line.session, session);
        o->rec = larger(o->rec, line.rec, rec);
        o->purchase |= line.purchase;
    }
}


static recs_cell_t *
m_cell(sums_t *s, const plain_t *p, int item, int position, int64_t time,
    uint32_t folded)
{
    int             i;
    size_t          n;
    recs_cell_t     key;
    const plain_t  *list;

    memset(&key, 0, sizeof(key));
    list = m_list(p->rec);

    key.hour = (uint32_t) (time / HOUR);

    if (key.hour < folded) {
        key.hour -= key.hour % 24;
    }

    key.strategy = (list && list->strategy != NONE)
                   ? (uint8_t) list->strategy : RECS_CELL_UNKNOWN;
    key.device = (uint8_t) p->device;
    key.snapshot = (uint64_t) (list && list->view ? list->view : p->view);
    key.region = p->region == NONE ? RECS_NONE : (uint32_t) p->region;
    key.segment = m_user(p) == NONE ? RECS_NONE : m_segment(p->user);

    key.placement = p->placement != NONE ? (uint32_t) p->placement
                    : list && list->placement != NONE
                      ? (uint32_t) list->placement : RECS_NONE;
    key.variant = p->variant != NONE ? (uint32_t) p->variant
                  : list && list->variant != NONE
                    ? (uint32_t) list->variant : RECS_NONE;

    for (i = 0; list && position == 0 && i < list->count; i++) {
        if (list->item[i] == item) {
            position = i + 1;
        }
    }

    key.position = (uint16_t) position;

    for (n = 0; n < s->count; n++) {
        if (recs_cell_compare(&s->cells[n], &key) == 0) {
            return &s->cells[n];
        }
    }

    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->cells = realloc(s->cells, s->cap * sizeof(recs_cell_t));
    }

    s->cells[s->count] = key;

    return &s->cells[s->count++];
}


static void
m_weights(const int64_t *times, unsigned n, uint32_t *shares)
{
    unsigned  best, i;
    uint64_t  rest[1000], sum, w[1000];
    uint32_t  left;

    if (config.attribution == RECS_ATTRIBUTION_DECAY) {

        /* test_shares() looks at these */

        recs_report_shares(RECS_ATTRIBUTION_DECAY, times, n, shares);
        return;
    }

    for (i = 0, sum = 0; i < n; i++) {

        switch (config.attribution) {
        case RECS_ATTRIBUTION_LAST: w[i] = i == n - 1; break;
        case RECS_ATTRIBUTION_FIRST: w[i] = i == 0; break;
        case RECS_ATTRIBUTION_LINEAR: w[i] = 1; break;
        default:
            w[i] = (n < 3) ? 1 : (i == 0 || i == n - 1) ? 2 * (n - 2) : 1;
        }

        sum += w[i];
    }

    for (i = 0, left = 1000000; i < n; i++) {
        shares[i] = (uint32_t) (w[i] * 1000000 / sum);
        rest[i] = w[i] * 1000000 % sum + 1;
        left -= shares[i];
    }

    while (left--) {
        for (i = 0, best = 0; i < n; i++) {
            best = (rest[i] > rest[best]) ? i : best;
        }

        shares[best]++;
        rest[best] = 0;
    }
}


static int64_t
m_part(int64_t sum, int64_t from, int64_t to, int64_t whole)
{
    return (int64_t) ((__int128) sum * to / whole
                      - (__int128) sum * from / whole);
}


static int
m_click_of(const mtouch_t *t, const mline_t *o)
{
    return m_kind(t->p) == RECS_TOUCH_CLICK && !t->repeat
           && t->item == o->item && t->p->time <= o->time
           && o->time - t->p->time <= config.report_click_days * 24 * HOUR
           && m_same(m_user(t->p), t->p->session, t->p->rec,
                     o->user, o->session, o->rec);
}


static int
m_shown_to(const mtouch_t *t, const mline_t *o)
{
    int             i;
    const plain_t  *list;

    if (t->p->time > o->time
        || o->time - t->p->time > config.report_view_hours * HOUR
        || !m_same(m_user(t->p), t->p->session, t->p->rec,
                   o->user, o->session, o->rec))
    {
        return 0;
    }

    if (t->item != NONE) {
        return t->item == o->item;
    }

    list = m_list(t->p->rec);

    for (i = 0; list && i < list->count; i++) {
        if (list->item[i] == o->item) {
            return 1;
        }
    }

    return 0;
}


/* Whether the person's page has reported a view of the answer. */

static int
m_reported(const mtouch_t *served, const mline_t *o)
{
    unsigned         i;
    const mtouch_t  *t;

    for (i = 0; i < touch_count; i++) {
        t = &touches[i];

        if (m_kind(t->p) == RECS_TOUCH_SEEN && t->p->rec == served->p->rec
            && t->p->time <= o->time
            && o->time - t->p->time <= config.report_view_hours * HOUR
            && m_same(m_user(t->p), t->p->session, t->p->rec,
                      o->user, o->session, o->rec))
        {
            return 1;
        }
    }

    return 0;
}


static const mtouch_t *
m_shown(const mline_t *o)
{
    unsigned         i;
    const mtouch_t  *best, *t;

    for (i = 0, best = NULL; i < touch_count; i++) {
        t = &touches[i];

        if (m_kind(t->p) == RECS_TOUCH_SEEN && m_shown_to(t, o)
            && (best == NULL || t->p->time > best->p->time
                || (t->p->time == best->p->time
                    && t->position > best->position)))
        {
            best = t;
        }
    }

    for (i = 0; best == NULL && i < touch_count; i++) {
        t = &touches[i];

        if (m_kind(t->p) == RECS_TOUCH_SERVED && m_shown_to(t, o)
            && !m_reported(t, o))
        {
            best = t;

            for ( /* void */ ; i < touch_count; i++) {
                t = &touches[i];

                if (m_kind(t->p) == RECS_TOUCH_SERVED && m_shown_to(t, o)
                    && !m_reported(t, o) && t->p->time > best->p->time)
                {
                    best = t;
                }
            }
        }
    }

    return best;
}


static void
m_back(sums_t *s, const mline_t *o, const mtouch_t **parts,
    const uint32_t *shares, unsigned n, unsigned shown, int64_t time,
    int64_t from, int64_t to, int64_t margin, uint32_t folded)
{
    int64_t       money;
    unsigned      i;
    uint32_t      a, b;
    recs_cell_t  *cell;

    money = m_part(o->revenue, from, to, o->quantity);
    margin = m_part(margin, from, to, o->quantity);

    for (i = 0, a = 0; i < n; i++, a = b) {
        b = a + shares[i];

        if (shares[i] == 0) {
            continue;
        }

        cell = m_cell(s, parts[i]->p, o->item, parts[i]->position, time,
                      folded);

        if (shown) {
            cell->view_revenue -= money;
            continue;
        }

        cell->refunds += shares[i];
        cell->revenue -= m_part(money, a, b, 1000000);
        cell->margin -= m_part(margin, a, b, 1000000);
    }
}


static void
m_refunds(sums_t *s, const mline_t *o, const mtouch_t **parts,
    const uint32_t *shares, unsigned n, unsigned shown, int64_t margin,
    uint32_t folded)
{
    int             k;
    int64_t         all, from, quantities[EVENTS], times[EVENTS], q, t, to;
    unsigned        count, i, j;
    const plain_t  *p;

    for (i = 0, count = 0, all = INT64_MAX; i < event_count; i++) {
        p = &events[i];

        if (p->class != RECS_CLASS_ACTIVITY || p->order != o->order
            || p->device == RECS_DEVICE_BOT)
        {
            continue;
        }

        if (p->cancelled || p->type == 48
            || (p->type == RECS_EVENT_REFUND && p->count == 0))
        {
            all = recs_min(all, p->time);
        }

        for (k = 0; p->type == RECS_EVENT_REFUND && k < p->count; k++) {

            if (p->item[k] != o->item) {
                continue;
            }

            for (j = 0; j < count && (times[j] != p->time
                                      || quantities[j] != p->quantity[k]);
                 j++)
            {
                /* void */
            }

            if (j == count) {
                times[count] = p->time;
                quantities[count++] = p->quantity[k];
            }
        }
    }

    for (i = 0; i < count; i++) {
        for (j = i + 1; j < count; j++) {
            if (times[j] < times[i]
                || (times[j] == times[i] && quantities[j] < quantities[i]))
            {
                t = times[i];
                q = quantities[i];
                times[i] = times[j];
                quantities[i] = quantities[j];
                times[j] = t;
                quantities[j] = q;
            }
        }
    }

    for (i = 0, from = 0; i < count && times[i] <= all; i++, from = to) {
        to = recs_min(from + quantities[i], o->quantity);

        if (to > from) {
            m_back(s, o, parts, shares, n, shown, times[i], from, to, margin,
                   folded);
        }
    }

    if (all != INT64_MAX && from < o->quantity) {
        m_back(s, o, parts, shares, n, shown, all, from, o->quantity, margin,
               folded);
    }
}


static unsigned
m_parts(const mline_t *o, const mtouch_t **parts, unsigned *shown)
{
    unsigned  i, j, n, named;

    for (i = 0, n = 0; i < touch_count; i++) {
        if (m_click_of(&touches[i], o)) {
            parts[n++] = &touches[i];
        }
    }

    for (i = 0, named = 0; o->rec != NONE && i < n; i++) {
        named += parts[i]->p->rec == o->rec;
    }

    for (i = 0, j = 0; named && i < n; i++) {
        if (parts[i]->p->rec == o->rec) {
            parts[j++] = parts[i];
        }
    }

    n = named ? named : n;
    *shown = 0;

    if (n == 0 && !o->cart && config.report_view_hours > 0) {
        parts[0] = m_shown(o);
        n = parts[0] != NULL;
        *shown = 1;
    }

    return n;
}


/* Whether a line counts: a PURCHASE knows better than a CHECKOUT_COMPLETE. */

static unsigned
m_counts(const mline_t *o)
{
    unsigned  i;

    for (i = 0; i < line_count; i++) {
        if (lines[i].order == o->order && !lines[i].cart && lines[i].purchase
            && !o->cart && o->order != NONE && !o->purchase)
        {
            return 0;
        }
    }

    return 1;
}


/* Its part of the order. */

static int64_t
m_basket(const mline_t *o)
{
    int64_t   of, rank;
    unsigned  i;

    if (o->order == NONE) {
        return RECS_CELL_SHARE;
    }

    for (i = 0, of = 0, rank = 0; i < line_count; i++) {
        if (!lines[i].cart && lines[i].order == o->order
            && lines[i].given == o->given)
        {
            of++;
            rank += key_of("i", lines[i].item) < key_of("i", o->item);
        }
    }

    return m_part(RECS_CELL_SHARE, rank, rank + 1, of);
}


static void
m_outcome(sums_t *s, const mline_t *o, uint32_t folded)
{
    int64_t          basket, margin, times[1000];
    unsigned         i, j, n, shown;
    uint32_t         a, b, shares[1000];
    recs_cell_t     *cell;
    const mtouch_t  *parts[1000], *t;

    n = m_parts(o, parts, &shown);

    if (n == 0) {
        return;
    }

    for (i = 0; i < n; i++) {
        for (j = i + 1; j < n; j++) {
            if (parts[j]->p->time < parts[i]->p->time
                || (parts[j]->p->time == parts[i]->p->time
                    && parts[j]->position < parts[i]->position))
            {
                t = parts[i];
                parts[i] = parts[j];
                parts[j] = t;
            }
        }

        times[i] = parts[i]->p->time;
    }

    m_weights(times, n, shares);
    basket = m_basket(o);

    margin = (costs[o->item] == RECS_NO_MONEY || o->rank < 2)
             ? 0 : o->revenue - costs[o->item] * o->quantity / 1000000;

    for (i = 0, a = 0; i < n; i++, a = b) {
        b = a + shares[i];

        if (shares[i] == 0) {
            continue;
        }

        cell = m_cell(s, parts[i]->p, o->item, parts[i]->position, o->time,
                      folded);

        if (o->cart) {
            cell->carts += shares[i];

        } else if (shown) {
            cell->view_orders += (uint64_t) basket;
            cell->view_lines++;
            cell->view_revenue += o->revenue;

        } else {
            cell->orders += (uint64_t) m_part(basket, a, b, 1000000);
            cell->lines += shares[i];
            cell->units += (uint64_t) m_part(o->quantity, a, b, 1000000);
            cell->revenue += m_part(o->revenue, a, b, 1000000);
            cell->margin += m_part(margin, a, b, 1000000);
        }
    }

    if (o->order != NONE) {
        m_refunds(s, o, parts, shares, n, shown, margin, folded);
    }
}


static int
by_key(const void *one, const void *other)
{
    return recs_cell_compare(one, other);
}


static void
model(sums_t *s, uint32_t folded)
{
    int             k;
    unsigned        i, j, shown;
    recs_cell_t    *cell;
    const plain_t  *list;
    const mtouch_t *parts[1000], *t;

    s->cells = NULL;
    s->count = s->cap = 0;
    line_count = 0;
    m_touches();

    for (i = 0; i < touch_count; i++) {
        t = &touches[i];
        k = m_kind(t->p);

        if (k == RECS_TOUCH_CLICK && t->repeat) {
            continue;
        }

        if (t->item == NONE) {
            list = m_list(t->p->rec);

            for (j = 0; list && j < (unsigned) list->count; j++) {
                cell = m_cell(s, t->p, NONE, (int) j + 1, t->p->time, folded);
                cell->seen += k == RECS_TOUCH_SEEN;
                cell->served += k == RECS_TOUCH_SERVED;
            }

            continue;
        }

        cell = m_cell(s, t->p, t->item, t->position, t->p->time, folded);
        cell->seen += k == RECS_TOUCH_SEEN;
        cell->clicks += k == RECS_TOUCH_CLICK;
        cell->dismissed += k == RECS_TOUCH_DISMISS;
    }

    for (i = 0; i < event_count; i++) {

        if (events[i].class != RECS_CLASS_ACTIVITY
            || events[i].device == RECS_DEVICE_BOT)
        {
            continue;
        }

        if (events[i].type == RECS_EVENT_ADD_TO_CART) {
            m_line(&events[i], 1);

        } else if (events[i].type == RECS_EVENT_PURCHASE
                   || events[i].type == RECS_EVENT_CHECKOUT_COMPLETE)
        {
            m_line(&events[i], 0);
        }
    }

    for (i = 0; i < line_count; i++) {
        lines[i].given = 0;

        if (m_counts(&lines[i]) && m_parts(&lines[i], parts, &shown)) {
            lines[i].given = 1 + (int) shown;
        }
    }

    for (i = 0; i < line_count; i++) {
        if (m_counts(&lines[i])) {
            m_outcome(s, &lines[i], folded);
        }
    }

    qsort(s->cells, s->count, sizeof(recs_cell_t), by_key);
}


/* Comparing */

static uint32_t
number(const recs_report_view_t *view, uint32_t n, char prefix)
{
    if (n == RECS_NONE) {
        return n;
    }

    if (n >= view->name_count || view->names[n].data[0] != prefix) {
        return 1000;
    }

    return view->names[n].data[1] - '0';
}


static unsigned
same_cells(recs_report_t *r, const sums_t *s)
{
    size_t              i, n;
    recs_cell_t        *cells;
    recs_report_view_t  view;

    recs_report_view(r, 0, &view);
    cells = malloc(view.count * sizeof(recs_cell_t) + 1);

    for (i = 0; i < view.count; i++) {
        cells[i] = view.cells[i];
        cells[i].placement = number(&view, cells[i].placement, 'p');
        cells[i].variant = number(&view, cells[i].variant, 'v');
        cells[i].region = number(&view, cells[i].region, 'r');
        cells[i].segment = number(&view, cells[i].segment, 's');

        if (i && recs_cell_compare(&view.cells[i - 1], &view.cells[i]) >= 0) {
            printf("# cells %zu and %zu are out of order\n", i - 1, i);
            return 0;
        }
    }

    qsort(cells, view.count, sizeof(recs_cell_t), by_key);

    for (i = 0, n = 0; i < s->count; i++) {
        recs_cell_t  empty = s->cells[i];

        memset(&empty.served, 0, sizeof(empty)
                                 - offsetof(recs_cell_t, served));

        if (memcmp(&empty, &s->cells[i], sizeof(empty)) == 0) {
            continue;
        }

        if (n == view.count
            || memcmp(&cells[n], &s->cells[i], sizeof(recs_cell_t)) != 0)
        {
            const recs_cell_t  *a = &s->cells[i], *b = &cells[n];

            printf("# cell %zu of %zu, %zu: hour %u/%u strategy %u/%u device "
                   "%u/%u position %u/%u snapshot %lu/%lu served %ld/%ld "
                   "seen %ld/%ld clicks %ld/%ld dismissed %ld/%ld carts "
                   "%ld/%ld orders %ld/%ld lines %ld/%ld units %ld/%ld "
                   "revenue %ld/%ld margin %ld/%ld refunds %ld/%ld view "
                   "%ld/%ld %ld/%ld %ld/%ld\n",
                   i, s->count, view.count, a->hour, b->hour, a->strategy,
                   b->strategy, a->device, b->device, a->position,
                   b->position, a->snapshot, b->snapshot, a->served,
                   b->served, a->seen, b->seen, a->clicks, b->clicks,
                   a->dismissed, b->dismissed, a->carts, b->carts, a->orders,
                   b->orders, a->lines, b->lines, a->units, b->units,
                   a->revenue, b->revenue, a->margin, b->margin, a->refunds,
                   b->refunds, a->view_orders, b->view_orders, a->view_lines,
                   b->view_lines, a->view_revenue, b->view_revenue);
            return 0;
        }

        n++;
    }

    free(cells);

    if (n != view.count) {
        printf("# %zu cells, not %zu\n", view.count, n);
    }

    return n == view.count;
}


static void
set_cost(recs_report_t *r, int item, int64_t cost)
{
    char                 row[80];
    recs_error_t         err;
    static recs_event_t  e;

    recs_event_init(&e);

    e.class = RECS_CLASS_PRODUCT;
    e.type = RECS_EVENT_PRODUCT_UPDATE;
    e.time_ms = T0;
    e.document.data = (const uint8_t *) row;
    e.document.len = (size_t) sprintf(row, "{\"productId\":\"i%d\","
                                      "\"cost\":%ld.%06ld}", item,
                                      (long) (cost / RECS_MICRO),
                                      (long) (cost % RECS_MICRO));

    recs_report_add(r, &e, &err);
}


static void
set_costs(recs_report_t *r)
{
    int  i;

    for (i = 0; i < ITEMS; i++) {
        if (costs[i] != RECS_NO_MONEY) {
            set_cost(r, i, costs[i]);
        }
    }
}


static recs_report_t *
reloaded(recs_report_t *r)
{
    void          *data;
    size_t         len;
    recs_error_t   err;

    data = recs_report_save(r, &len);
    recs_report_destroy(r);

    r = recs_report_create(&config);

    if (recs_report_load(r, data, len, &err) != RECS_OK) {
        printf("# %s\n", err.text);
    }

    free(data);

    return r;
}


static void
shuffled(unsigned *order, unsigned n)
{
    unsigned  i, k, t;

    for (i = 0; i < n; i++) {
        order[i] = i;
    }

    for (i = n; i > 1; i--) {
        k = rnd(i);
        t = order[k];
        order[k] = order[i - 1];
        order[i - 1] = t;
    }
}


/*
 * way 0: as they happened; 1: in another order; 2: with a save between; 3: and
 * looked at all the time
 */

static recs_report_t *
fed(unsigned way)
{
    unsigned        i, order[EVENTS];
    recs_report_t  *r;

    r = recs_report_create(&config);
    looked = (way == 3) ? 1 + rnd(4) : 0;

    shuffled(order, event_count);

    for (i = 0; i < event_count; i++) {
        add(r, &events[way ? order[i] : i]);

        if (i == event_count / 3) {
            set_costs(r);
        }

        if (way == 2 && i % (event_count / 4) == event_count / 8) {
            r = reloaded(r);
        }
    }

    looked = 0;

    return r;
}


/* The first way leaves its bytes, the others are to have the same. */

static void
same_bytes(recs_report_t *r, void **data, size_t *len, uint64_t from,
    unsigned way)
{
    void    *other;
    size_t   other_len;

    if (way == 0) {
        *data = recs_report_save(r, len);
        return;
    }

    other = recs_report_save(r, &other_len);
    ok(*len == other_len && memcmp(*data, other, *len) == 0,
       "SEED %lu, way %u: the same bytes (%zu)", (unsigned long) from, way,
       other_len);
    free(other);
}


static void
test_model(uint64_t from)
{
    void           *data;
    sums_t          s;
    size_t          len;
    unsigned        way;
    recs_report_t  *r;

    config.attribution = (uint8_t) (from % 5);
    config.report_click_days = 1;
    config.report_view_hours = (from % 7) ? 6 : 0;
    config.trust_day = (from % 2) ? 6 + (long) (from % 5) * 4 : 2000;

    random_shop(from, 200 + (unsigned) (from % 4) * 200, 60 * HOUR, 0);
    model(&s, 0);
    data = NULL;
    len = 0;

    for (way = 0; way < 4; way++) {
        r = fed(way);

        ok(same_cells(r, &s), "SEED %lu, way %u: %zu cells as the model has "
           "them", (unsigned long) from, way, s.count);

        same_bytes(r, &data, &len, from, way);
        recs_report_destroy(r);
    }

    free(data);
    free(s.cells);
}


/* Many things at one moment: no model, but no order either. */

static void
test_ties(uint64_t from)
{
    void           *data;
    size_t          len;
    unsigned        way;
    recs_report_t  *r;

    config.attribution = (uint8_t) (from % 5);
    config.report_click_days = 1;
    config.report_view_hours = 6;

    config.trust_day = (from % 2) ? 20 : 2000;

    random_shop(from, EVENTS, 10 * HOUR, 10 * 60000);
    data = NULL;
    len = 0;

    for (way = 0; way < 4; way++) {
        r = fed(way);
        same_bytes(r, &data, &len, from, way);
        recs_report_destroy(r);
    }

    free(data);
}


static int
by_received(const void *one, const void *other)
{
    const plain_t  *a, *b;

    a = one;
    b = other;

    return (a->received > b->received) - (a->received < b->received);
}


/* Weeks of events with a clock: what has gone makes no difference. */

static void
test_clock(uint64_t from)
{
    void           *data;
    sums_t          s;
    size_t          len;
    int64_t         now;
    unsigned        i, way;
    uint32_t        folded;
    recs_report_t  *r;

    config.attribution = (uint8_t) (from % 5);
    config.report_click_days = 5;
    config.report_view_hours = 24;
    config.report_hours = 96;
    config.report_refund_days = 60;
    config.trust_day = (from % 2) ? 2 + (long) (from % 5) : 2000;

    random_shop(from, EVENTS, 24 * 24 * HOUR, 0);

    for (i = 0; i < event_count; i++) {
        events[i].rec = (events[i].rec == NONE) ? NONE
            : (int) ((events[i].time - T0) / (24 * HOUR) * 3 + rnd(3));

        /* who is of another segment, may be of it too late */

        if (events[i].class == RECS_CLASS_USER) {
            events[i].order = events[i].user % 3;
            events[i].time = T0 + i;
            events[i].received = T0 + i;
            continue;
        }

        /* lines of an order come within a day, refunds at any time */

        if (events[i].order != NONE && events[i].type != RECS_EVENT_REFUND
            && events[i].type != 48)
        {
            events[i].order = (int) ((events[i].time - T0) / (24 * HOUR) * 3
                                     + rnd(3));
        }

        /* a list is told when it is first served */

        if (events[i].class == RECS_CLASS_LIST) {
            events[i].time -= events[i].time % (24 * HOUR);
            events[i].time += i;
        }

        events[i].received = events[i].time
                             + (rnd(4) ? 0 : (int64_t) rnd(20 * 3600) * 1000);
    }

    qsort(events, event_count, sizeof(plain_t), by_received);
    now = events[event_count - 1].received;
    folded = (uint32_t) (now / HOUR) - 96;
    folded -= folded % 24;

    model(&s, folded);
    data = NULL;
    len = 0;

    for (way = 0; way < 4; way++) {
        r = recs_report_create(&config);
        set_costs(r);
        looked = way % 3;

        for (i = 0; i < event_count; i++) {
            add_by(r, &events[i], (way == 3) ? recs_report_replay
                                             : recs_report_add);

            if ((way == 1 || way == 2) && i % (50 + 57 * way) == 0) {
                recs_report_clock(r, events[i].received);
            }

            if (way == 2 && i % 211 == 0) {
                r = reloaded(r);
            }
        }

        looked = 0;
        recs_report_clock(r, now);

        ok(same_cells(r, &s), "SEED %lu, way %u, days up to hour %u",
           (unsigned long) from, way, folded);

        same_bytes(r, &data, &len, from, way);
        recs_report_destroy(r);
    }

    free(data);
    free(s.cells);

    config.report_hours = 168;
    config.trust_day = 2000;
}


static void
test_shares(void)
{
    int64_t      times[50];
    unsigned     good, i, k, model, n, sum;
    uint32_t     shares[50];
    long double  all, w[50];

    seed = 5;
    good = 1;

    for (k = 0; k < 2000; k++) {
        n = 1 + rnd(50);
        times[0] = T0;

        for (i = 1; i < n; i++) {
            times[i] = times[i - 1] + (int64_t) rnd(40000) * 997;
        }

        for (model = 0; model < 5; model++) {
            recs_report_shares(model, times, n, shares);

            for (i = 0, sum = 0; i < n; i++) {
                sum += shares[i];
            }

            good &= sum == RECS_CELL_SHARE;
        }

        recs_report_shares(RECS_ATTRIBUTION_DECAY, times, n, shares);

        for (i = 0, all = 0; i < n; i++) {
            w[i] = exp2l(-(long double) (times[n - 1] - times[i])
                         / (24 * HOUR));
            all += w[i];
        }

        for (i = 0; i < n; i++) {
            good &= fabsl(shares[i] - w[i] / all * RECS_CELL_SHARE) <= 1.001L;
        }
    }

    ok(good, "shares add up, and are those of the formula");

    times[0] = T0;
    times[1] = T0 + 24 * HOUR;
    recs_report_shares(RECS_ATTRIBUTION_DECAY, times, 2, shares);
    ok(shares[0] == 333333 && shares[1] == 666667,
       "a day earlier, half as much");

    times[2] = times[3] = times[1];
    recs_report_shares(RECS_ATTRIBUTION_POSITION, times, 4, shares);
    ok(shares[0] == 400000 && shares[1] == 100000 && shares[2] == 100000
       && shares[3] == 400000, "two fifths, a tenth, a tenth, two fifths");

    recs_report_shares(RECS_ATTRIBUTION_LINEAR, times, 3, shares);
    ok(shares[0] == 333334 && shares[1] == 333333 && shares[2] == 333333,
       "thirds, the first has what is left");
}


static unsigned
holds(const void *data, size_t len, uint64_t word)
{
    size_t  i;

    for (i = 0; i + sizeof(word) <= len; i++) {
        if (memcmp((const uint8_t *) data + i, &word, sizeof(word)) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
test_forget(uint64_t from)
{
    void               *data;
    sums_t              s;
    size_t              len;
    unsigned            i;
    recs_report_t      *r;
    recs_identity_t     user;

    config.attribution = (uint8_t) (from % 5);
    config.report_click_days = 1;
    config.report_view_hours = 6;
    config.trust_day = (from % 2) ? 12 : 2000;

    random_shop(from, 400, 40 * HOUR, 0);

    /* who is forgotten comes no more: the second half is of others */

    for (i = event_count / 2; i < event_count; i++) {
        if (events[i].user == 1) {
            events[i].user = 2;
        }
    }

    r = recs_report_create(&config);
    memset(user.bytes, 2, sizeof(user.bytes));
    set_costs(r);

    for (i = 0; i < event_count / 2; i++) {
        add(r, &events[i]);
    }

    data = recs_report_save(r, &len);
    ok(holds(data, len, recs_report_hash(&user)), "a user is kept");
    free(data);

    recs_report_forget(r, &user);

    event_count /= 2;
    model(&s, 0);
    ok(same_cells(r, &s), "SEED %lu: forgotten, and the counts stay",
       (unsigned long) from);
    free(s.cells);

    data = recs_report_save(r, &len);
    ok(!holds(data, len, recs_report_hash(&user)), "not a user any more");
    free(data);

    /* sales of sessions that were not his still find their clicks */

    r = reloaded(r);

    for (i = 0; i < event_count; i++) {
        if (events[i].type == RECS_EVENT_PURCHASE) {
            add(r, &events[i]);
        }
    }

    ok(recs_report_turn(r) > 1, "and goes on");
    recs_report_destroy(r);
}


/* A name that stands where the old one does where one of two is taken. */

static uint8_t
instead(unsigned first, unsigned count, unsigned old)
{
    unsigned  byte, i;

    for (byte = 150; byte < 255; byte++) {

        for (i = 0; i < count; i++) {
            if ((who(byte) > who(first + i)) != (who(old) > who(first + i))
                && first + i != old)
            {
                break;
            }
        }

        if (i == count) {
            return (uint8_t) byte;
        }
    }

    abort();
}


/* Somebody with as many sessions as touches: none is left, all still count. */

static void
test_forget_many(void)
{
    size_t               i;
    unsigned             good, n;
    recs_report_t       *r;
    recs_identity_t      user;
    recs_report_touch_t  t;

    r = recs_report_create(&config);
    memset(user.bytes, 2, sizeof(user.bytes));
    memset(&t, 0, sizeof(t));

    t.item = 5;
    t.kind = RECS_TOUCH_CLICK;
    t.placement = t.variant = t.region = t.segment = RECS_NONE;

    for (n = 0; n < 50000; n++) {
        t.time = T0 + n * 100;
        t.user = (n % 2) ? recs_report_hash(&user) : 0;
        t.session = 1000 + n;
        recs_report_touch(r, &t);
    }

    recs_report_forget(r, &user);

    for (i = 0, good = 1; i < r->touch_count; i++) {
        t = r->touches[i];
        n = (unsigned) (t.time - T0) / 100;
        good &= t.user != recs_report_hash(&user)
                && (t.user != 0) == n % 2
                && (t.session == 1000 + n) == !(n % 2);
    }

    ok(good && r->touch_count == 50000, "25,000 sessions have other names");
    recs_report_destroy(r);
}


static void
test_become(uint64_t from)
{
    void                 *data;
    sums_t                s;
    size_t                len;
    unsigned              i;
    recs_report_t        *r;
    recs_report_alias_t   aliases[2];

    config.attribution = (uint8_t) (from % 5);
    config.trust_day = (from % 2) ? 12 : 2000;
    random_shop(from, 400, 40 * HOUR, 0);

    r = recs_report_create(&config);
    set_costs(r);

    for (i = 0; i < event_count / 2; i++) {
        add(r, &events[i]);
    }

    memset(aliases, 0, sizeof(aliases));
    others[0] = instead(1, 4, 2);
    others[1] = instead(101, 8, 103);

    memset(aliases[0].from.bytes, 2, RECS_IDENTITY_SIZE);
    memset(aliases[0].to.bytes, others[0], RECS_IDENTITY_SIZE);
    memset(aliases[1].from.bytes, 103, RECS_IDENTITY_SIZE);
    memset(aliases[1].to.bytes, others[1], RECS_IDENTITY_SIZE);

    recs_report_become(r, aliases, 2);
    data = recs_report_save(r, &len);
    ok(!holds(data, len, who(2)) && !holds(data, len, who(103)),
       "other names");
    free(data);

    /* what comes under them is of the same */

    r = reloaded(r);

    for (i = event_count / 2; i < event_count; i++) {
        add(r, &events[i]);
    }

    others[0] = others[1] = 0;
    model(&s, 0);
    ok(same_cells(r, &s), "SEED %lu: of the same", (unsigned long) from);
    free(s.cells);

    /* a session of several goes with the user only */

    recs_report_destroy(r);
    r = fed(0);
    aliases[1].shared = 1;
    recs_report_become(r, aliases, 2);
    data = recs_report_save(r, &len);
    ok(!holds(data, len, who(2)) && holds(data, len, who(103)),
       "others have the old name");
    free(data);

    recs_report_destroy(r);
}


static void
test_since(void)
{
    size_t               i;
    plain_t              p;
    uint64_t             turn;
    recs_report_t       *r;
    recs_report_view_t   view;

    config.report_click_days = 7;
    random_shop(3, 300, 30 * HOUR, 0);

    r = fed(0);
    recs_report_view(r, 0, &view);
    turn = recs_report_turn(r);
    recs_report_view(r, turn, &view);
    is_int(view.count, 0, "nothing has changed since now");

    p = events[0];
    p.class = RECS_CLASS_ACTIVITY;
    p.type = RECS_EVENT_RECOMMENDATION_CLICK;
    p.device = 1;
    p.user = p.session = p.rec = NONE;
    p.count = 1;
    p.time = T0 + 5 * HOUR + 7;
    add(r, &p);

    ok(recs_report_turn(r) > turn, "a change has a higher number");
    recs_report_view(r, turn, &view);

    for (i = 0; i < view.count && view.cells[i].hour == T0 / HOUR + 5; i++) {
        /* void */
    }

    ok(view.count > 0 && i == view.count, "one hour has changed, all of it");
    is_int(view.meta.from_ms, events[0].time, "the earliest event");

    recs_report_destroy(r);
}


static void
test_load(void)
{
    uint8_t        *data;
    size_t          i, len;
    unsigned        good;
    recs_error_t    err;
    recs_report_t  *r;

    config.attribution = RECS_ATTRIBUTION_LAST;
    random_shop(4, 100, 30 * HOUR, 0);

    r = fed(0);
    data = recs_report_save(r, &len);
    recs_report_destroy(r);

    for (i = 0, good = 1; i < len; i += 97) {
        data[i] ^= 0x40;
        r = recs_report_create(&config);
        good &= recs_report_load(r, data, len, &err) == RECS_ERROR
                || (i >= 56 && i < 80);
        recs_report_destroy(r);
        data[i] ^= 0x40;
    }

    ok(good, "no damage is read");

    for (i = 0, good = 1; i < len; i += 131) {
        r = recs_report_create(&config);
        good &= recs_report_load(r, data, i, &err) == RECS_ERROR;
        recs_report_destroy(r);
    }

    ok(good, "nothing that is cut short is read");

    config.attribution = RECS_ATTRIBUTION_LINEAR;
    r = recs_report_create(&config);
    ok(recs_report_load(r, data, len, &err) == RECS_ERROR
       && strstr(err.text, "\"attribution\"") != NULL,
       "another model is told");
    recs_report_destroy(r);

    config.attribution = RECS_ATTRIBUTION_LAST;
    config.report_view_hours = 1;
    r = recs_report_create(&config);
    ok(recs_report_load(r, data, len, &err) == RECS_ERROR
       && strstr(err.text, "report_view_hours") != NULL,
       "another window is told");
    recs_report_destroy(r);

    free(data);
}


/* What does not fit is counted, and stays out. */

static void
test_full(void)
{
    uint64_t             clicks;
    size_t               i;
    unsigned             n, want;
    plain_t              p;
    recs_report_t       *r;
    recs_report_view_t   view;

    config.report_cells = 100;
    r = recs_report_create(&config);

    memset(&p, 0, sizeof(p));
    p.class = RECS_CLASS_ACTIVITY;
    p.type = RECS_EVENT_RECOMMENDATION_CLICK;
    p.user = p.session = p.placement = p.variant = p.region = NONE;
    p.rec = 1;
    p.order = NONE;
    p.count = 1;
    p.quantity[0] = RECS_MICRO;

    for (n = 0, want = 0; n < 500; n++, want++) {
        p.time = T0 + n * 1000;
        p.position[0] = (int) (n % 50);
        p.device = (int) (n / 50 % 5);
        add(r, &p);
    }

    recs_report_view(r, 0, &view);

    for (i = 0, clicks = 0; i < view.count; i++) {
        clicks += view.cells[i].clicks;
    }

    is_int(view.count, 100, "no more cells than that");
    is_int(clicks + view.meta.overflow, want, "nothing is lost");

    /* a list that comes late moves all of them */

    p.class = RECS_CLASS_LIST;
    p.strategy = RECS_TRENDING;
    p.time = T0;
    add(r, &p);

    recs_report_view(r, 0, &view);

    for (i = 0, clicks = 0; i < view.count; i++) {
        clicks += view.cells[i].clicks;
    }

    is_int(clicks + view.meta.overflow, want, "nor when they move");

    recs_report_destroy(r);
    config.report_cells = 1000000;
}


/* Nobody's order is worth more than there is room for. */

static void
test_money(void)
{
    int                  i;
    plain_t              p;
    recs_report_t       *r;
    recs_report_view_t   view;

    r = recs_report_create(&config);

    memset(&p, 0, sizeof(p));
    p.class = RECS_CLASS_ACTIVITY;
    p.user = p.placement = p.variant = p.region = NONE;
    p.rec = p.order = NONE;
    p.session = 1;
    p.count = 1;
    p.time = T0;
    p.type = RECS_EVENT_RECOMMENDATION_CLICK;
    add(r, &p);

    p.type = RECS_EVENT_PURCHASE;
    p.count = LIST_MAX;

    for (i = 0; i < p.count; i++) {
        p.price[i] = 900000000000 * RECS_MICRO;
        p.quantity[i] = 1000000000LL * RECS_MICRO;
    }

    for (i = 0; i < MONEY; i++) {
        p.time = T0 + 1 + i;
        add(r, &p);
    }

    set_cost(r, 0, 900000000000 * RECS_MICRO);
    recs_report_view(r, 0, &view);

    is_int(view.count, 1, "orders of too much");
    is_int(view.cells[0].orders, MONEY * RECS_CELL_SHARE, "count");
    is_int(view.cells[0].revenue, MONEY * RECS_REPORT_MOST,
           "each as the most that a line is worth");
    is_int(view.cells[0].margin, -MONEY * RECS_REPORT_MOST,
           "what was lost by it likewise");
    ok(view.cells[0].units <= MONEY * RECS_REPORT_MOST, "and their pieces");

    recs_report_destroy(r);
}


/* Of many refunds of one line the earliest count, whichever came first. */

static void
test_refunds(void)
{
    void                 *data, *other;
    size_t                len, other_len;
    unsigned              i, n, order[300], way;
    recs_refund_t         refund;
    recs_report_t        *r;
    recs_outcome_t        o;
    recs_report_view_t    view;
    recs_report_touch_t   t;

    config.attribution = RECS_ATTRIBUTION_LAST;
    data = NULL;
    len = 0;

    memset(&t, 0, sizeof(t));
    t.time = T0;
    t.session = 7;
    t.item = 5;
    t.kind = RECS_TOUCH_CLICK;
    t.placement = t.variant = t.region = t.segment = RECS_NONE;

    memset(&o, 0, sizeof(o));
    o.time = o.told = T0 + 1;
    o.session = 7;
    o.order = 9;
    o.item = 5;
    o.kind = RECS_OUTCOME_ORDER;
    o.flags = RECS_OUTCOME_PURCHASE;
    o.quantity = 1000 * RECS_MICRO;
    o.revenue = 1000 * RECS_MICRO;

    memset(&refund, 0, sizeof(refund));
    refund.order = 9;
    refund.item = 5;
    refund.quantity = RECS_MICRO;

    for (way = 0; way < 4; way++) {
        r = recs_report_create(&config);
        recs_report_touch(r, &t);
        recs_report_line(r, &o);
        shuffled(order, 300);

        for (i = 0; i < 300; i++) {
            n = (way == 0) ? i : (way == 1) ? 299 - i : order[i];

            /* two thirds of them are told twice */

            refund.time = T0 + 10 + n * 2 / 3;
            recs_report_refund(r, &refund);

            if (way == 3 && i % 7 == 0) {
                recs_report_back(r);
            }

            if (way == 3 && i == 150) {
                r = reloaded(r);
            }
        }

        recs_report_view(r, 0, &view);
        ok(view.count == 1
           && view.cells[0].revenue == (1000 - RECS_REPORT_REFUNDS)
                                       * RECS_MICRO
           && view.cells[0].refunds == RECS_REPORT_REFUNDS * RECS_CELL_SHARE,
           "way %u: %u refunds of a line", way, RECS_REPORT_REFUNDS);
        is_int(r->quality.refunds, RECS_REPORT_REFUNDS, "are kept");
        is_int(r->quality.refunds + r->quality.repeated + r->quality.beyond,
               300, "what is beyond is counted");

        other = recs_report_save(r, &other_len);
        recs_report_destroy(r);

        if (way == 0) {
            data = other;
            len = other_len;
            continue;
        }

        ok(len == other_len && memcmp(data, other, len) == 0,
           "way %u: the same bytes", way);
        free(other);
    }

    free(data);
}


/* Of many clicks the latest share a sale, and few before make a double. */

static void
test_clicks(void)
{
    void                 *data, *other;
    size_t                len, other_len;
    unsigned              i, n, order[300], way;
    recs_report_t        *r;
    recs_outcome_t        o;
    recs_report_view_t    view;
    recs_report_touch_t   t;

    config.attribution = RECS_ATTRIBUTION_LINEAR;
    data = NULL;
    len = 0;

    memset(&t, 0, sizeof(t));
    t.session = 7;
    t.item = 5;
    t.kind = RECS_TOUCH_CLICK;
    t.placement = t.variant = t.region = t.segment = RECS_NONE;

    memset(&o, 0, sizeof(o));
    o.session = 7;
    o.item = 5;
    o.kind = RECS_OUTCOME_CART;
    o.quantity = RECS_MICRO;

    for (way = 0; way < 4; way++) {
        r = recs_report_create(&config);
        shuffled(order, 300);

        for (i = 0; i < 300; i++) {
            n = (way == 0) ? i : (way == 1) ? 299 - i : order[i];

            /* two of each answer: at once, or beyond the others */

            t.rec = 1 + ((n < 50) ? n / 2 : n % 125);
            t.time = T0 + n;
            t.view = (n < 300 - RECS_REPORT_CLICKS) ? 2 : 1;
            recs_report_touch(r, &t);

            if (n % 3 == 0) {
                o.time = o.told = T0 + 1000 + n;
                recs_report_line(r, &o);
            }

            if (way == 3 && i % 7 == 0) {
                recs_report_back(r);
            }

            if (way == 3 && i == 150) {
                r = reloaded(r);
            }
        }

        recs_report_view(r, 0, &view);
        ok(view.count == 2 && view.cells[0].snapshot == 1
           && view.cells[0].carts == 100 * RECS_CELL_SHARE
           && view.cells[1].carts == 0,
           "way %u: carts belong to the latest %u clicks", way,
           RECS_REPORT_CLICKS);
        is_int(r->quality.doubles, 26, "double clicks, one the 100th before");
        is_int(view.cells[0].clicks + view.cells[1].clicks, 274,
               "are not counted");

        other = recs_report_save(r, &other_len);
        recs_report_destroy(r);

        if (way == 0) {
            data = other;
            len = other_len;
            continue;
        }

        ok(len == other_len && memcmp(data, other, len) == 0,
           "way %u: the same bytes", way);
        free(other);
    }

    free(data);
}


/* An order is one, whatever it is made of, but for those beyond all measure. */

static void
test_basket(void)
{
    unsigned              n;
    recs_report_t        *r;
    recs_outcome_t        o;
    recs_report_touch_t   t;
    recs_report_view_t    view;

    config.attribution = RECS_ATTRIBUTION_LAST;
    r = recs_report_create(&config);

    memset(&t, 0, sizeof(t));
    t.session = 7;
    t.kind = RECS_TOUCH_CLICK;
    t.placement = t.variant = t.region = t.segment = RECS_NONE;

    memset(&o, 0, sizeof(o));
    o.session = 7;
    o.order = 9;
    o.kind = RECS_OUTCOME_ORDER;
    o.flags = RECS_OUTCOME_PURCHASE;
    o.quantity = RECS_MICRO;

    for (n = 1; n <= RECS_REPORT_BASKET + 5; n++) {
        t.item = o.item = n;
        t.time = T0 + n;
        o.time = o.told = T0 + 1000 + n;

        recs_report_touch(r, &t);
        recs_report_line(r, &o);

        if (n == 3 || n == RECS_REPORT_BASKET) {
            recs_report_view(r, 0, &view);
            is_int(view.cells[0].orders, RECS_CELL_SHARE,
                   "an order of %u lines is one", n);
        }
    }

    recs_report_view(r, 0, &view);
    is_int(view.count, 1, "of one cell");
    is_int(view.cells[0].lines, (RECS_REPORT_BASKET + 5) * RECS_CELL_SHARE,
           "lines beyond that count");
    is_int(view.cells[0].orders, 0, "but are of no order");

    r = reloaded(r);
    t.item = o.item = n;
    recs_report_touch(r, &t);
    recs_report_line(r, &o);
    recs_report_view(r, 0, &view);
    ok(view.cells[0].orders == 0 && view.cells[0].clicks == n,
       "nor after it was saved and read");

    recs_report_destroy(r);
}


int
main(void)
{
    uint64_t  i;

    recs_config_init(&config);

    test_shares();

    for (i = 0; i < 40; i++) {
        test_model(i);
    }

    for (i = 0; i < 10; i++) {
        test_ties(i);
    }

    for (i = 0; i < 10; i++) {
        test_clock(i);
    }

    for (i = 0; i < 5; i++) {
        test_forget(i);
    }

    for (i = 0; i < 10; i++) {
        test_become(i);
    }

    test_since();
    test_load();
    test_full();
    test_money();
    test_forget_many();
    test_basket();
    test_refunds();
    test_clicks();

    return done_testing();
}
