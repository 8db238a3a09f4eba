/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <string.h>

#include "recs_client.h"
#include "recs_event_wire.h"
#include "recs_identity.h"
#include "../recs_hash.h"
#include "../recs_pack.h"
#include "../recs_unpack.h"


#define RECS_WIRE_VERSION  1
#define RECS_WIRE_HEAD     19    /* members of the payload's array */
#define RECS_WIRE_ITEMS    23    /* [[product, price, quantity, position,
                                    variant], ...] */
#define RECS_WIRE_KEYS     24    /* u64, little-endian, in one bin */
#define RECS_WIRE_FORMERS  40    /* identities under older keys, in one bin:
                                    of the user, 41 of the browser */
#define RECS_WIRE_RECOMMENDATION  2    /* rows of recs_event_fields[] */
#define RECS_WIRE_PLACEMENT       3
#define RECS_WIRE_NAME            15
#define RECS_WIRE_LINE     5     /* members of an item */


static void recs_wire_pack_head(recs_out_t *out, const recs_event_t *e);
static unsigned recs_wire_pack_fields(recs_out_t *out,
    const recs_event_t *e);
static unsigned recs_wire_set(const recs_event_field_t *f,
    const recs_event_t *e);
static int recs_wire_shown(const recs_event_t *e);
static unsigned recs_wire_pack_named(recs_out_t *out, unsigned key,
    const recs_str_t *s);
static void recs_wire_pack_field(recs_out_t *out,
    const recs_event_field_t *f, const recs_event_t *e);
static void recs_wire_pack_items(recs_out_t *out, const recs_event_t *e);
static unsigned recs_wire_pack_formers(recs_out_t *out,
    const recs_event_t *e);
static void recs_wire_pack_keys(recs_out_t *out, const recs_event_t *e);
static void recs_wire_pack_str(recs_out_t *out, const recs_str_t *s);
static void recs_wire_pack_identity(recs_out_t *out,
    const recs_identity_t *identity);

static uint32_t recs_wire_head(recs_unpack_t *u, recs_event_t *e);
static void recs_wire_field(recs_unpack_t *u, recs_event_t *e, uint64_t key);
static void recs_wire_items(recs_unpack_t *u, recs_event_t *e);
static void recs_wire_keys(recs_unpack_t *u, recs_event_t *e);
static void recs_wire_formers(recs_unpack_t *u, recs_identity_t *formers);
static void recs_wire_identity(recs_unpack_t *u, recs_identity_t *identity);


/* All in one: the place to write to stays in a register. */

__attribute__((flatten))
size_t
recs_event_encode(const recs_event_t *e, uint8_t *buf, size_t size)
{
    uint8_t         *map;
    unsigned         n;
    recs_out_t       out;

    recs_out_init(&out, buf, size);

    recs_pack_array(&out, RECS_WIRE_HEAD);
    recs_wire_pack_head(&out, e);

    /* a map of 16 bits, whose count is known when it is written */

    map = out.pos;
    recs_out_bytes(&out, "\xde\0\0", 3);

    n = recs_wire_pack_fields(&out, e);

    if (out.overflow) {
        return 0;
    }

    map[2] = (uint8_t) n;

    return out.pos - buf;
}


int
recs_event_decode(recs_event_t *e, const uint8_t *data, size_t len,
    const char **err)
{
    uint32_t       n, extra;
    recs_unpack_t  u;

    recs_event_init(e);

    recs_unpack_init(&u, data, len);

    n = recs_unpack_array(&u);

    if (n < RECS_WIRE_HEAD || recs_unpack_uint(&u, 255) != RECS_WIRE_VERSION) {
        *err = "event is of an unknown version";
        return RECS_ERROR;
    }

    extra = n - RECS_WIRE_HEAD;

    for (n = recs_wire_head(&u, e); n && !u.failed; n--) {
        recs_wire_field(&u, e, recs_unpack_uint(&u, UINT64_MAX));
    }

    recs_unpack_skip(&u, extra);

    if (u.failed) {
        *err = "event is damaged";
        return RECS_ERROR;
    }

    return RECS_OK;
}


size_t
recs_frame_seal(uint8_t *frame, size_t payload)
{
    size_t    size;
    uint32_t  head[2];

    size = recs_frame_size(payload);

    head[0] = htole32((uint32_t) payload);
    head[1] = htole32(recs_crc32c(0, frame + RECS_FRAME_HEAD, payload));

    memcpy(frame, head, sizeof(head));
    memset(frame + RECS_FRAME_HEAD + payload, 0,
           size - RECS_FRAME_HEAD - payload);

    return size;
}


int
recs_frame_read(const uint8_t *data, size_t len, recs_str_t *payload,
    size_t *size, const char **err)
{
    uint32_t  head[2];

    if (len < RECS_FRAME_HEAD) {
        return RECS_AGAIN;
    }

    memcpy(head, data, sizeof(head));

    head[0] = le32toh(head[0]);
    head[1] = le32toh(head[1]);

    if (head[0] == 0) {
        return RECS_AGAIN;
    }

    if (head[0] > RECS_FRAME_MAX - RECS_FRAME_HEAD) {
        *err = "frame is too long";
        return RECS_ERROR;
    }

    if (recs_frame_size(head[0]) > len) {
        return RECS_AGAIN;
    }

    payload->data = data + RECS_FRAME_HEAD;
    payload->len = head[0];

    if (recs_crc32c(0, payload->data, payload->len) != head[1]) {
        *err = "frame has a wrong checksum";
        return RECS_ERROR;
    }

    *size = recs_frame_size(head[0]);

    return RECS_OK;
}


static void
recs_wire_pack_head(recs_out_t *out, const recs_event_t *e)
{
    recs_pack_uint(out, RECS_WIRE_VERSION);
    recs_pack_uint(out, e->class);
    recs_wire_pack_str(out, &e->shop);
    recs_pack_uint(out, e->epoch);
    recs_pack_uint(out, e->sequence);
    recs_pack_uint(out, e->type);
    recs_pack_int(out, e->received_ms);
    recs_pack_int(out, e->time_ms);
    recs_pack_int(out, e->sent_ms);
    recs_wire_pack_identity(out, &e->user);
    recs_wire_pack_identity(out, &e->anonymous);
    recs_wire_pack_identity(out, &e->session);
    recs_pack_uint(out, e->consent);
    recs_wire_pack_str(out, &e->region);
    recs_pack_uint(out, e->device);
    recs_wire_pack_str(out, &e->variant);
    recs_pack_uint(out, e->view);
    recs_pack_uint(out, e->verified != 0);
}


static unsigned
recs_wire_pack_fields(recs_out_t *out, const recs_event_t *e)
{
    unsigned                   n;
    const recs_event_field_t  *f;

    n = 0;

    if (recs_wire_shown(e)) {
        n += recs_wire_pack_named(out, RECS_WIRE_RECOMMENDATION,
                                  &e->recommendation);
        n += recs_wire_pack_named(out, RECS_WIRE_PLACEMENT, &e->placement);
        n += recs_wire_pack_named(out, RECS_WIRE_NAME, &e->name);

    } else {
        for (f = recs_event_fields; f->name; f++) {
            if (f->wire && recs_wire_set(f, e)) {
                recs_wire_pack_field(out, f, e);
                n++;
            }
        }
    }

    if (e->item_count) {
        recs_pack_uint(out, RECS_WIRE_ITEMS);
        recs_wire_pack_items(out, e);
        n++;
    }

    n += recs_wire_pack_formers(out, e);

    if (e->key_count) {
        recs_pack_uint(out, RECS_WIRE_KEYS);
        recs_wire_pack_keys(out, e);
        n++;
    }

    return n;
}


/* Most fields are strings, and most of them are not there. */

static unsigned
recs_wire_set(const recs_event_field_t *f, const recs_event_t *e)
{
    if (f->max) {
        return ((const recs_str_t *) ((const uint8_t *) e + f->offset))->len
               != 0;
    }

    return recs_event_field_set(f, e);
}


/*
 * What was shown has no fields but these: it is packed for each answer, and
 * a look at all fields would cost more than the packing.
 */

static int
recs_wire_shown(const recs_event_t *e)
{
    return e->class == RECS_CLASS_LIST || e->class == RECS_CLASS_EXPOSURE;
}


static unsigned
recs_wire_pack_named(recs_out_t *out, unsigned key, const recs_str_t *s)
{
    if (s->len == 0) {
        return 0;
    }

    recs_pack_uint(out, key);
    recs_wire_pack_str(out, s);

    return 1;
}


static void
recs_wire_pack_field(recs_out_t *out, const recs_event_field_t *f,
    const recs_event_t *e)
{
    uint8_t      buf[64];
    recs_str_t   s;
    const void  *value;

    recs_pack_uint(out, f->wire);
    value = (const uint8_t *) e + f->offset;

    switch (f->kind) {

    case RECS_FIELD_MICRO:
        recs_pack_int(out, *(const int64_t *) value);
        break;

    case RECS_FIELD_STARS:
        recs_pack_int(out, *(const int32_t *) value);
        break;

    case RECS_FIELD_COUNT:
        recs_pack_uint(out, *(const uint32_t *) value);
        break;

    case RECS_FIELD_URL:
        s = recs_client_url(value);
        recs_wire_pack_str(out, &s);
        break;

    case RECS_FIELD_ADDRESS:
        s = recs_client_address(value, buf);
        recs_wire_pack_str(out, &s);
        break;

    default: /* STRING, TEXT */
        recs_wire_pack_str(out, value);
        break;
    }
}


static void
recs_wire_pack_items(recs_out_t *out, const recs_event_t *e)
{
    uint32_t                  i, n;
    const recs_event_item_t  *item;

    n = recs_min(e->item_count, RECS_EVENT_ITEMS_MAX);

    recs_pack_array(out, n);

    for (i = 0; i < n; i++) {
        item = &e->items[i];

        recs_pack_array(out, RECS_WIRE_LINE);
        recs_wire_pack_str(out, &item->product);

        if (item->price == RECS_NO_MONEY) {
            recs_pack_nil(out);

        } else {
            recs_pack_int(out, item->price);
        }

        if (item->quantity == RECS_MICRO) {
            recs_pack_nil(out);

        } else {
            recs_pack_int(out, item->quantity);
        }

        if (item->position == 0) {
            recs_pack_nil(out);

        } else {
            recs_pack_uint(out, item->position);
        }

        if (item->variant.len == 0) {
            recs_pack_nil(out);

        } else {
            recs_wire_pack_str(out, &item->variant);
        }
    }
}


/* Only while keys rotate, and there may be gaps: a bin has all that are. */

static unsigned
recs_wire_pack_formers(recs_out_t *out, const recs_event_t *e)
{
    unsigned  i, k, n, fields;

    fields = 0;

    for (i = 0; i < 2; i++) {

        for (k = 0, n = 0; k < RECS_FORMERS; k++) {
            n += recs_identity_known(&e->formers[i][k]) != 0;
        }

        if (n == 0) {
            continue;
        }

        recs_pack_uint(out, RECS_WIRE_FORMERS + i);
        recs_pack_bin_head(out, n * RECS_IDENTITY_SIZE);
        fields++;

        for (k = 0; k < RECS_FORMERS; k++) {
            if (recs_identity_known(&e->formers[i][k])) {
                recs_out_bytes(out, e->formers[i][k].bytes,
                               RECS_IDENTITY_SIZE);
            }
        }
    }

    return fields;
}


static void
recs_wire_pack_keys(recs_out_t *out, const recs_event_t *e)
{
    uint32_t  i, n;
    uint64_t  key;

    n = recs_min(e->key_count, RECS_EVENT_ITEMS_MAX);

    recs_pack_bin_head(out, n * 8);

    for (i = 0; i < n; i++) {
        key = htole64(e->keys[i]);
        recs_out_bytes(out, &key, 8);
    }
}


static void
recs_wire_pack_str(recs_out_t *out, const recs_str_t *s)
{
    recs_pack_str(out, s->data, (uint32_t) s->len);
}


static void
recs_wire_pack_identity(recs_out_t *out, const recs_identity_t *identity)
{
    if (!recs_identity_known(identity)) {
        recs_pack_nil(out);
        return;
    }

    recs_pack_bin_head(out, RECS_IDENTITY_SIZE);
    recs_out_bytes(out, identity->bytes, RECS_IDENTITY_SIZE);
}


/* What stands before the fields; returns their number. */

static uint32_t
recs_wire_head(recs_unpack_t *u, recs_event_t *e)
{
    e->class = (uint8_t) recs_unpack_uint(u, 255);
    recs_unpack_str(u, &e->shop, RECS_ID_MAX);
    e->epoch = recs_unpack_uint(u, UINT64_MAX);
    e->sequence = recs_unpack_uint(u, UINT64_MAX);
    e->type = (uint8_t) recs_unpack_uint(u, 255);
    e->received_ms = recs_unpack_int(u);
    e->time_ms = recs_unpack_int(u);
    e->sent_ms = recs_unpack_int(u);
    recs_wire_identity(u, &e->user);
    recs_wire_identity(u, &e->anonymous);
    recs_wire_identity(u, &e->session);
    e->consent = (uint8_t) recs_unpack_uint(u, 255);
    recs_unpack_str(u, &e->region, RECS_ID_MAX);
    e->device = (uint8_t) recs_unpack_uint(u, 255);
    recs_unpack_str(u, &e->variant, RECS_ID_MAX);
    e->view = recs_unpack_uint(u, UINT64_MAX);
    e->verified = (uint8_t) recs_unpack_uint(u, 1);

    return recs_unpack_map(u);
}


static void
recs_wire_field(recs_unpack_t *u, recs_event_t *e, uint64_t key)
{
    void                      *value;
    const recs_event_field_t  *f;

    if (key == RECS_WIRE_ITEMS) {
        recs_wire_items(u, e);
        return;
    }

    if (key == RECS_WIRE_KEYS) {
        recs_wire_keys(u, e);
        return;
    }

    if (key == RECS_WIRE_FORMERS || key == RECS_WIRE_FORMERS + 1) {
        recs_wire_formers(u, e->formers[key - RECS_WIRE_FORMERS]);
        return;
    }

    for (f = recs_event_fields; f->name; f++) {
        if (f->wire == key && key) {
            break;
        }
    }

    value = (uint8_t *) e + f->offset;

    /* a field of a later version */

    if (f->name == NULL) {
        recs_unpack_skip(u, 1);
        return;
    }

    switch (f->kind) {

    case RECS_FIELD_MICRO:
        *(int64_t *) value = recs_unpack_int(u);
        return;

    case RECS_FIELD_STARS:
        *(int32_t *) value = (int32_t) recs_unpack_uint(u, INT32_MAX);
        return;

    case RECS_FIELD_COUNT:
        *(uint32_t *) value = (uint32_t) recs_unpack_uint(u, UINT32_MAX);
        return;

    default: /* strings */
        recs_unpack_str(u, value, f->max);
        return;
    }
}


static void
recs_wire_items(recs_unpack_t *u, recs_event_t *e)
{
    uint32_t            i, n, members;
    recs_event_item_t  *item;

    n = recs_unpack_array(u);

    if (n > RECS_EVENT_ITEMS_MAX) {
        u->failed = 1;
        return;
    }

    for (i = 0; i < n && !u->failed; i++) {
        item = &e->items[i];
        recs_event_item_init(item);

        members = recs_unpack_array(u);

        if (members < RECS_WIRE_LINE) {
            u->failed = 1;
            return;
        }

        recs_unpack_str(u, &item->product, RECS_ID_MAX);
        item->price = recs_unpack_int_or(u, RECS_NO_MONEY);
        item->quantity = recs_unpack_int_or(u, RECS_MICRO);
        item->position = recs_unpack_nil(u) ? 0
                         : (uint32_t) recs_unpack_uint(u, UINT32_MAX);
        recs_unpack_str(u, &item->variant, RECS_ID_MAX);

        recs_unpack_skip(u, members - RECS_WIRE_LINE);
    }

    e->item_count = n;
}


static void
recs_wire_keys(recs_unpack_t *u, recs_event_t *e)
{
    uint32_t    i;
    uint64_t    key;
    recs_str_t  s;

    recs_unpack_str(u, &s, RECS_EVENT_ITEMS_MAX * 8);

    if (s.len % 8) {
        u->failed = 1;
        return;
    }

    e->key_count = (uint32_t) (s.len / 8);

    for (i = 0; i < e->key_count; i++) {
        memcpy(&key, s.data + i * 8, 8);
        e->keys[i] = le64toh(key);
    }
}


static void
recs_wire_formers(recs_unpack_t *u, recs_identity_t *formers)
{
    recs_str_t  s;

    recs_unpack_str(u, &s, RECS_FORMERS * RECS_IDENTITY_SIZE);

    if (s.len % RECS_IDENTITY_SIZE) {
        u->failed = 1;
        return;
    }

    if (s.len) {
        memcpy(formers, s.data, s.len);
    }
}


static void
recs_wire_identity(recs_unpack_t *u, recs_identity_t *identity)
{
    recs_str_t  s;

    recs_unpack_str(u, &s, RECS_IDENTITY_SIZE);

    if (s.len == RECS_IDENTITY_SIZE) {
        memcpy(identity->bytes, s.data, RECS_IDENTITY_SIZE);

    } else if (s.len) {
        u->failed = 1;
    }
}
