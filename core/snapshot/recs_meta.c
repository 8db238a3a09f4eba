/*
 * Copyright (C) recs authors
 */

#include <msgpack.h>

#include "recs_meta.h"


static int recs_meta_value(const msgpack_object *o, recs_out_t *out,
    unsigned depth);
static int recs_meta_array(const msgpack_object *o, recs_out_t *out,
    unsigned depth);
static int recs_meta_map(const msgpack_object *o, recs_out_t *out,
    unsigned depth);
static void recs_meta_string(const msgpack_object *o, recs_out_t *out);


int
recs_meta_json(const recs_str_t *value, recs_out_t *out)
{
    int                     rc;
    size_t                  pos;
    msgpack_unpacked        u;
    msgpack_unpack_return   unpacked;

    pos = 0;
    rc = RECS_ERROR;

    msgpack_unpacked_init(&u);

    unpacked = msgpack_unpack_next(&u, (const char *) value->data, value->len,
                                   &pos);

    if (unpacked == MSGPACK_UNPACK_SUCCESS && pos == value->len) {
        rc = recs_meta_value(&u.data, out, 0);
    }

    msgpack_unpacked_destroy(&u);

    return rc;
}


static int
recs_meta_value(const msgpack_object *o, recs_out_t *out, unsigned depth)
{
    switch (o->type) {

    case MSGPACK_OBJECT_NIL:
        recs_out_lit(out, "null");
        return RECS_OK;

    case MSGPACK_OBJECT_BOOLEAN:

        if (o->via.boolean) {
            recs_out_lit(out, "true");

        } else {
            recs_out_lit(out, "false");
        }

        return RECS_OK;

    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        recs_out_u64(out, o->via.u64);
        return RECS_OK;

    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        recs_out_i64(out, o->via.i64);
        return RECS_OK;

    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        recs_out_fraction(out, o->via.f64);
        return RECS_OK;

    case MSGPACK_OBJECT_STR:
        recs_meta_string(o, out);
        return RECS_OK;

    case MSGPACK_OBJECT_ARRAY:
        return recs_meta_array(o, out, depth + 1);

    case MSGPACK_OBJECT_MAP:
        return recs_meta_map(o, out, depth + 1);

    default:
        return RECS_ERROR;
    }
}


static int
recs_meta_array(const msgpack_object *o, recs_out_t *out, unsigned depth)
{
    uint32_t  i;

    if (depth > RECS_META_DEPTH) {
        return RECS_ERROR;
    }

    recs_out_byte(out, '[');

    for (i = 0; i < o->via.array.size; i++) {

        if (i) {
            recs_out_byte(out, ',');
        }

        if (recs_meta_value(&o->via.array.ptr[i], out, depth) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    recs_out_byte(out, ']');

    return RECS_OK;
}


static int
recs_meta_map(const msgpack_object *o, recs_out_t *out, unsigned depth)
{
    uint32_t                  i;
    const msgpack_object_kv  *kv;

    if (depth > RECS_META_DEPTH) {
        return RECS_ERROR;
    }

    recs_out_byte(out, '{');

    for (i = 0; i < o->via.map.size; i++) {
        kv = &o->via.map.ptr[i];

        if (kv->key.type != MSGPACK_OBJECT_STR) {
            return RECS_ERROR;
        }

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_meta_string(&kv->key, out);
        recs_out_byte(out, ':');

        if (recs_meta_value(&kv->val, out, depth) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    recs_out_byte(out, '}');

    return RECS_OK;
}


static void
recs_meta_string(const msgpack_object *o, recs_out_t *out)
{
    recs_out_byte(out, '"');
    recs_out_json(out, o->via.str.ptr, o->via.str.size);
    recs_out_byte(out, '"');
}
