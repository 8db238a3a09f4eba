/*
 * Copyright (C) recs authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE              /* memmem() */
#endif

#include <stdlib.h>
#include <time.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_event_wire.h"
#include "../../core/event/recs_identity.h"
#include "tap.h"


#define same_str(a, b)  ((a).len == (b).len                                   \
                         && ((a).len == 0                                     \
                             || memcmp((a).data, (b).data, (a).len) == 0))


static recs_event_t  e, d;
static uint8_t       buf[RECS_FRAME_MAX], again[RECS_FRAME_MAX];
static char          letters[70000];


static recs_str_t
text(size_t max)
{
    recs_str_t  s;

    s.len = (size_t) rand() % (max + 1);
    s.data = (uint8_t *) letters + rand() % 1000;

    return s;
}


static void
fill(recs_event_t *event)
{
    uint32_t                   i;
    void                      *value;
    const recs_event_field_t  *f;

    recs_event_init(event);

    event->type = (uint8_t) rand();
    event->class = RECS_CLASS_ACTIVITY;
    event->consent = RECS_CONSENT_GRANTED;
    event->device = RECS_DEVICE_TABLET;
    event->verified = (uint8_t) (rand() % 2);
    event->epoch = (uint64_t) rand() << 33 | (uint64_t) rand();
    event->sequence = (uint64_t) rand();
    event->received_ms = (int64_t) rand() * 1000;
    event->time_ms = (int64_t) rand() * -500;
    event->sent_ms = rand() % 200 - 100;
    event->view = (uint64_t) rand() << 32;
    event->shop = text(20);
    event->region = text(20);
    event->variant = text(20);

    if (rand() % 2) {
        memset(event->user.bytes, rand(), RECS_IDENTITY_SIZE);
        memset(event->session.bytes, rand(), RECS_IDENTITY_SIZE);
    }

    for (f = recs_event_fields; f->name; f++) {

        value = (uint8_t *) event + f->offset;

        if (f->wire == 0 || f->kind == RECS_FIELD_ADDRESS || rand() % 3 == 0) {
            continue;
        }

        switch (f->kind) {

        case RECS_FIELD_MICRO:
            *(int64_t *) value = ((int64_t) rand() - RAND_MAX / 2) * 1000;
            break;

        case RECS_FIELD_STARS:
            *(int32_t *) value = rand() % 5001;
            break;

        case RECS_FIELD_COUNT:
            *(uint32_t *) value = (uint32_t) rand() >> rand() % 32;
            break;

        default:
            *(recs_str_t *) value = text(recs_min(f->max, 500));
            break;
        }
    }

    event->item_count = (uint32_t) rand() % 5;

    for (i = 0; i < event->item_count; i++) {
        recs_event_item_init(&event->items[i]);
        event->items[i].product = text(255);

        if (rand() % 2) {
            event->items[i].variant = text(255);
            event->items[i].price = -(int64_t) rand();
            event->items[i].quantity = (int64_t) rand() * 77777;
            event->items[i].position = (uint32_t) rand() % 100000;
        }
    }

    event->key_count = (uint32_t) rand() % 4;

    for (i = 0; i < event->key_count; i++) {
        event->keys[i] = (uint64_t) rand() * 0x9e3779b97f4a7c15ULL;
    }
}


static int
same(const recs_event_t *a, const recs_event_t *b)
{
    uint32_t                   i;
    const void                *x, *y;
    const recs_event_field_t  *f;

    if (a->type != b->type || a->class != b->class
        || a->consent != b->consent || a->device != b->device
        || a->verified != b->verified
        || a->epoch != b->epoch || a->sequence != b->sequence
        || a->received_ms != b->received_ms || a->time_ms != b->time_ms
        || a->sent_ms != b->sent_ms || a->view != b->view
        || memcmp(&a->user, &b->user, 3 * sizeof(recs_identity_t)) != 0
        || !same_str(a->shop, b->shop) || !same_str(a->region, b->region)
        || !same_str(a->variant, b->variant)
        || a->item_count != b->item_count || a->key_count != b->key_count)
    {
        return 0;
    }

    for (f = recs_event_fields; f->name; f++) {

        x = (const uint8_t *) a + f->offset;
        y = (const uint8_t *) b + f->offset;

        if (f->wire && f->max
            && !same_str(*(const recs_str_t *) x, *(const recs_str_t *) y))
        {
            return 0;
        }

        if (f->wire && !f->max
            && memcmp(x, y, f->kind == RECS_FIELD_MICRO ? 8 : 4) != 0)
        {
            return 0;
        }
    }

    for (i = 0; i < a->item_count; i++) {

        if (!same_str(a->items[i].product, b->items[i].product)
            || !same_str(a->items[i].variant, b->items[i].variant)
            || a->items[i].price != b->items[i].price
            || a->items[i].quantity != b->items[i].quantity
            || a->items[i].position != b->items[i].position)
        {
            return 0;
        }
    }

    return memcmp(a->keys, b->keys, a->key_count * 8) == 0;
}


/* Of what was shown only id, placement, name, keys and head are kept. */

static void
test_shown(void)
{
    size_t       n;
    const char  *err;

    fill(&e);
    e.class = RECS_CLASS_LIST;
    e.recommendation = (recs_str_t) recs_string("0123456789abcdef");
    e.placement = (recs_str_t) recs_string("home-hero");
    e.name = (recs_str_t) recs_string("SIMILAR_PRODUCTS");

    n = recs_event_encode(&e, buf, sizeof(buf));
    is_int(recs_event_decode(&d, buf, n, &err), RECS_OK, "a list");

    is_str(d.recommendation.data, d.recommendation.len, "0123456789abcdef",
           "has its id");
    is_str(d.placement.data, d.placement.len, "home-hero", "its place");
    is_str(d.name.data, d.name.len, "SIMILAR_PRODUCTS", "its name");
    is_int(d.device, e.device, "its device");
    is_int(d.key_count, e.key_count, "its keys");
    ok(memcmp(&d.session, &e.session, 16) == 0, "its session");
    /* the number is that of the table, or it would be another field */

    is_int(d.message_id.len + d.page_url.len + d.query.len, 0,
           "and no other field");

    e.placement.len = e.name.len = 0;
    n = recs_event_encode(&e, again, sizeof(again));
    is_int(recs_event_decode(&d, again, n, &err), RECS_OK, "without them");
    is_int(d.placement.len + d.name.len, 0, "they are not there");
}


static void
test_round_trip(void)
{
    int          i;
    size_t       n;
    unsigned     seed, wrong;
    const char  *err;

    seed = (unsigned) time(NULL);

    if (getenv("SEED")) {
        seed = (unsigned) atoi(getenv("SEED"));
    }

    srand(seed);

    for (i = 0, wrong = 0; i < 2000; i++) {
        fill(&e);

        n = recs_event_encode(&e, buf, sizeof(buf));

        wrong += n == 0
                 || recs_event_decode(&d, buf, n, &err) != RECS_OK
                 || !same(&e, &d)
                 || recs_event_encode(&d, again, sizeof(again)) != n
                 || memcmp(buf, again, n) != 0;
    }

    is_int(wrong, 0, "2000 events there and back, SEED=%u", seed);
}


/* Nothing is read behind the end, and no part is taken for the whole. */

static void
test_truncated(void)
{
    size_t       i, n, wrong, wrong_out;
    uint8_t     *exact;
    const char  *err;

    srand(1);
    fill(&e);
    e.item_count = 1;
    recs_event_item_init(&e.items[0]);

    n = recs_event_encode(&e, buf, sizeof(buf));
    wrong = 0;
    wrong_out = 0;

    for (i = 0; i < n; i++) {
        exact = malloc(i ? i : 1);
        memcpy(exact, buf, i);

        wrong += recs_event_decode(&d, exact, i, &err) == RECS_OK;
        wrong_out += recs_event_encode(&e, exact, i) != 0;

        free(exact);
    }

    is_int(wrong, 0, "payload of %d bytes cut at every byte", (int) n);
    is_int(wrong_out, 0, "memory too small by every byte");
    is_int(recs_event_encode(&e, again, n), n, "memory that just fits");
}


static void
test_damaged(void)
{
    int          i;
    size_t       n;
    uint8_t     *exact;
    const char  *err;

    srand(2);

    for (i = 0; i < 20000; i++) {

        if (i % 100 == 0) {
            fill(&e);
        }

        n = recs_event_encode(&e, buf, sizeof(buf));
        exact = malloc(n);
        memcpy(exact, buf, n);
        exact[rand() % n] = (uint8_t) rand();
        exact[rand() % recs_min(n, 100)] ^= (uint8_t) (1 << rand() % 8);

        if (recs_event_decode(&d, exact, n, &err) == RECS_OK
            && (d.item_count > RECS_EVENT_ITEMS_MAX
                || d.key_count > RECS_EVENT_ITEMS_MAX))
        {
            free(exact);
            break;
        }

        free(exact);
    }

    is_int(i, 20000, "20000 damaged payloads");
}


/* A payload of a later version: more members, fields and item members. */

static void
test_later(void)
{
    size_t       n;
    uint8_t     *p;
    const char  *err;

    static const uint8_t  fields[] = {
        0x83,
        0x01, 0xa1, 'm',
        0x64, 0xc3,                              /* 100: true */
        0xa3, 'n', 'e', 'w', 0x01,
    };

    static const uint8_t  later[] = {
        0x86,
        0x01, 0xa1, 'm',
        0x64, 0xc3,
        0x65, 0x93, 0x81, 0x01, 0xc0, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0,
              0xc7, 2, 5, 1, 2,
        0xcc, 0xc8, 0xdb, 0, 0, 0, 2, 'x', 'y',
        0x17, 0x91, 0x96, 0xa1, 'p', 0xc0, 0xc0, 0xc0, 0xc0, 0x93, 1, 2, 3,
        0x66, 0xd4, 1, 2,
        0xc0, 0xc2
    };

    recs_event_init(&e);
    e.type = RECS_EVENT_PRODUCT_VIEW;

    n = recs_event_encode(&e, buf, sizeof(buf)) - 3;
    p = buf + n;

    buf[2] = 21;         /* members of the array */
    memcpy(p, later, sizeof(later));

    is_int(recs_event_decode(&d, buf, n + sizeof(later), &err), RECS_OK,
           "what a later version adds is skipped");
    is_str(d.message_id.data, d.message_id.len, "m", "what we know is read");
    is_int(d.item_count, 1, "items, too");
    is_str(d.items[0].product.data, d.items[0].product.len, "p", "product");

    buf[2] = 19;
    memcpy(p, fields, sizeof(fields));
    is_int(recs_event_decode(&d, buf, n + sizeof(fields), &err), RECS_ERROR,
           "a key that is no number");

    buf[3] = 2;
    is_int(recs_event_decode(&d, buf, n + sizeof(fields), &err), RECS_ERROR,
           "another version");
}


/* Whose an event is decides who may read it: nothing is guessed. */

static void
test_verified(void)
{
    size_t       n;
    const char  *err;

    recs_event_init(&e);
    is_int(e.verified, 0, "nobody is verified by default");

    e.type = RECS_EVENT_PRODUCT_VIEW;
    e.verified = 1;

    n = recs_event_encode(&e, buf, sizeof(buf));
    is_int(recs_event_decode(&d, buf, n, &err), RECS_OK, "decoded");
    is_int(d.verified, 1, "verified");

    is_int(buf[n - 4], 1, "just before the fields");
    buf[n - 4] = 2;
    is_int(recs_event_decode(&d, buf, n, &err), RECS_ERROR,
           "neither yes nor no");
    is_str(err, strlen(err), "event is damaged", "is damage");

    memmove(buf + n - 4, buf + n - 3, 3);
    buf[2] = 18;
    is_int(recs_event_decode(&d, buf, n - 1, &err), RECS_ERROR,
           "a payload that does not say it");
    is_str(err, strlen(err), "event is of an unknown version", "is unknown");
}


static void
test_private(void)
{
    size_t       n;
    const char  *err;

    recs_event_init(&e);
    e.user_id = (recs_str_t) recs_string("alice@example.com");
    e.page_url = (recs_str_t) recs_string("/p?mail=alice@example.com");
    e.address = (recs_str_t) recs_string("192.0.2.77");

    n = recs_event_encode(&e, buf, sizeof(buf));

    ok(memmem(buf, n, "alice", 5) == NULL, "no raw id, no query");
    is_int(recs_event_decode(&d, buf, n, &err), RECS_OK, "decoded");
    is_str(d.address.data, d.address.len, "192.0.2.0", "address is cut");
    is_str(d.page_url.data, d.page_url.len, "/p", "URL is cut");
}


static void
test_full(void)
{
    int          i;
    size_t       n;
    recs_str_t   s;
    const char  *err;

    recs_event_init(&e);

    s.data = (uint8_t *) letters;
    s.len = RECS_ID_MAX;
    e.item_count = RECS_EVENT_ITEMS_MAX;

    for (i = 0; i < RECS_EVENT_ITEMS_MAX; i++) {
        recs_event_item_init(&e.items[i]);
        e.items[i].product = s;
        e.items[i].variant = s;
        e.items[i].price = INT64_MAX;
        e.items[i].quantity = INT64_MAX;
        e.items[i].position = UINT32_MAX;
    }

    e.key_count = RECS_EVENT_ITEMS_MAX;
    memset(e.keys, 0xff, sizeof(e.keys));
    s.len = RECS_EVENT_METADATA_MAX;
    e.metadata = s;

    n = recs_event_encode(&e, buf, RECS_FRAME_MAX - RECS_FRAME_HEAD);
    ok(n, "the largest event fits a frame: %d bytes", (int) n);
    is_int(recs_event_decode(&d, buf, n, &err), RECS_OK, "and is read");
    ok(same(&e, &d), "and is the same");
}


static void
test_frame(void)
{
    size_t       i, size, whole;
    recs_str_t   payload;
    const char  *err;

    memset(buf, 0xee, 64);
    memcpy(buf + RECS_FRAME_HEAD, "123456789", 9);

    whole = recs_frame_seal(buf, 9);
    is_int(whole, 24, "padded to 8");
    is_int(buf[17], 0, "with zeros");
    is_int(buf[24], 0xee, "and no more");
    ok(memcmp(buf, "\x09\0\0\0\x83\x92\x06\xe3", 8) == 0, "head");

    is_int(recs_frame_read(buf, 24, &payload, &size, &err), RECS_OK, "read");
    is_str(payload.data, payload.len, "123456789", "payload");
    is_int(size, 24, "size");

    for (i = 0; i < 24; i++) {
        if (recs_frame_read(buf, i, &payload, &size, &err) != RECS_AGAIN) {
            break;
        }
    }

    is_int(i, 24, "less than a frame");

    buf[10] ^= 1;
    is_int(recs_frame_read(buf, 24, &payload, &size, &err), RECS_ERROR,
           "a flipped bit");
    buf[10] ^= 1;
    buf[2] = 1;
    is_int(recs_frame_read(buf, 24, &payload, &size, &err), RECS_ERROR,
           "too long");
    memset(buf, 0, 24);
    is_int(recs_frame_read(buf, 24, &payload, &size, &err), RECS_AGAIN,
           "nothing here yet");
}


/* Identities under older keys; gaps close, those of sessions do not travel. */

static void
formers(void)
{
    size_t       n;
    const char  *err;

    recs_event_init(&e);
    e.type = 3;
    e.user.bytes[0] = 3;
    memset(e.formers[0][0].bytes, 2, RECS_IDENTITY_SIZE);
    memset(e.formers[0][2].bytes, 1, RECS_IDENTITY_SIZE);
    memset(e.formers[1][1].bytes, 4, RECS_IDENTITY_SIZE);
    memset(e.formers[2][0].bytes, 5, RECS_IDENTITY_SIZE);

    n = recs_event_encode(&e, buf, sizeof(buf));

    ok(n && recs_event_decode(&d, buf, n, &err) == RECS_OK, "formers");
    ok(d.formers[0][0].bytes[15] == 2 && d.formers[0][1].bytes[15] == 1
       && !recs_identity_known(&d.formers[0][2]), "of the user");
    ok(d.formers[1][0].bytes[15] == 4
       && !recs_identity_known(&d.formers[1][1]), "of the browser");
    ok(!recs_identity_known(&d.formers[2][0]), "not of the session");
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(letters); i++) {
        letters[i] = (char) ('a' + i % 26);
    }

    test_round_trip();
    test_shown();
    test_truncated();
    test_damaged();
    test_later();
    test_verified();
    test_private();
    test_full();
    test_frame();

    formers();

    return done_testing();
}
