/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <string.h>

#include "recs_segment.h"
#include "../recs_hash.h"
#include "../recs_out.h"


#define RECS_SEGMENT_VERSION  1
#define RECS_SEGMENT_MARK     8      /* bytes kept for the end mark */


static uint32_t *recs_segment_length(const recs_segment_t *s);
static int recs_segment_hex(const char *p, unsigned digits, uint64_t *n);


void
recs_segment_name(char *name, uint64_t epoch, uint32_t number, uint32_t kind)
{
    uint8_t     digits[16];
    recs_out_t  out;

    recs_out_init(&out, digits, sizeof(digits));
    recs_out_hex64(&out, number);

    recs_out_init(&out, name, RECS_SEGMENT_NAME);
    recs_out_hex64(&out, epoch);
    recs_out_byte(&out, '-');
    recs_out_bytes(&out, digits + 8, 8);
    recs_out_bytes(&out, (kind == RECS_SEGMENT_EXPOSURE) ? ".exp" : ".act", 4);
    recs_out_bytes(&out, ".seg", sizeof(".seg"));
}


int
recs_segment_parse(const char *name, uint64_t *epoch, uint32_t *number,
    uint32_t *kind)
{
    uint64_t  n;

    if (strlen(name) != sizeof("0123456789abcdef-01234567.act.seg") - 1
        || recs_segment_hex(name, 16, epoch) != RECS_OK
        || name[16] != '-'
        || recs_segment_hex(name + 17, 8, &n) != RECS_OK)
    {
        return RECS_DECLINED;
    }

    *number = (uint32_t) n;

    if (strcmp(name + 25, ".act.seg") == 0) {
        *kind = RECS_SEGMENT_ACTIVITY;
        return RECS_OK;
    }

    if (strcmp(name + 25, ".exp.seg") == 0) {
        *kind = RECS_SEGMENT_EXPOSURE;
        return RECS_OK;
    }

    return RECS_DECLINED;
}


void
recs_segment_begin(recs_segment_t *s, uint8_t *map, size_t size,
    uint64_t epoch, uint64_t first, uint32_t kind, int64_t now_ms)
{
    recs_segment_head_t  *head;

    s->map = map;
    s->size = size & ~(size_t) 7;
    s->offset = RECS_SEGMENT_HEAD;
    s->epoch = epoch;
    s->next = first;
    s->kind = kind;

    head = (recs_segment_head_t *) map;

    head->version = htole32(RECS_SEGMENT_VERSION);
    head->kind = htole32(kind);
    head->epoch = htole64(epoch);
    head->first = htole64(first);
    head->size = htole64(size);
    head->created_ms = (int64_t) htole64((uint64_t) now_ms);

    /* a head with its magic is whole */

    __atomic_store_n(&head->magic, htole64(RECS_SEGMENT_MAGIC),
                     __ATOMIC_RELEASE);
}


int
recs_segment_attach(recs_segment_t *s, uint8_t *map, size_t size,
    const char **err)
{
    uint64_t              magic, whole;
    recs_segment_head_t  *head;

    if (size < RECS_SEGMENT_HEAD) {
        *err = "segment is too short";
        return RECS_ERROR;
    }

    head = (recs_segment_head_t *) map;
    magic = __atomic_load_n(&head->magic, __ATOMIC_ACQUIRE);

    if (le64toh(magic) != RECS_SEGMENT_MAGIC) {
        *err = magic ? "file is not a segment" : "segment has no head yet";
        return RECS_ERROR;
    }

    if (le32toh(head->version) != RECS_SEGMENT_VERSION) {
        *err = "segment is of an unknown version";
        return RECS_ERROR;
    }

    s->kind = le32toh(head->kind);

    if (s->kind != RECS_SEGMENT_ACTIVITY && s->kind != RECS_SEGMENT_EXPOSURE) {
        *err = "segment is of an unknown kind";
        return RECS_ERROR;
    }

    whole = le64toh(head->size);

    if (whole < RECS_SEGMENT_HEAD || whole > size) {
        *err = "segment is truncated";
        return RECS_ERROR;
    }

    s->map = map;
    s->size = (size_t) whole & ~(size_t) 7;
    s->offset = RECS_SEGMENT_HEAD;
    s->epoch = le64toh(head->epoch);
    s->next = le64toh(head->first);

    return RECS_OK;
}


uint64_t
recs_segment_append(recs_segment_t *s, const void *payload, size_t len)
{
    size_t     size;
    uint8_t   *frame;
    uint32_t   crc;

    if (len == 0 || len > RECS_FRAME_MAX - RECS_FRAME_HEAD) {
        return 0;
    }

    size = recs_frame_size(len);

    if (s->size < s->offset + RECS_SEGMENT_MARK
        || s->size - s->offset - RECS_SEGMENT_MARK < size
        || *recs_segment_length(s) != 0)
    {
        return 0;
    }

    frame = s->map + s->offset;
    crc = htole32(recs_crc32c(0, payload, len));

    memcpy(frame + RECS_FRAME_HEAD, payload, len);
    memset(frame + RECS_FRAME_HEAD + len, 0, size - RECS_FRAME_HEAD - len);
    memcpy(frame + sizeof(uint32_t), &crc, sizeof(crc));

    /* now it is there */

    __atomic_store_n(recs_segment_length(s), htole32((uint32_t) len),
                     __ATOMIC_RELEASE);

    s->offset += size;

    /* the next frame would wait for memory that nobody has touched lately */

    __builtin_prefetch(s->map + s->offset, 1);
    __builtin_prefetch(s->map + s->offset + RECS_CACHE_LINE, 1);

    return s->next++;
}


void
recs_segment_end(recs_segment_t *s)
{
    if (s->size - s->offset < sizeof(uint32_t)) {
        return;
    }

    __atomic_store_n(recs_segment_length(s), RECS_SEGMENT_END,
                     __ATOMIC_RELEASE);
}


int
recs_segment_next(recs_segment_t *s, recs_str_t *payload, uint64_t *sequence,
    const char **err)
{
    int       rc;
    size_t    size;
    uint32_t  len;

    if (s->size - s->offset < RECS_FRAME_HEAD) {
        return RECS_DONE;
    }

    len = __atomic_load_n(recs_segment_length(s), __ATOMIC_ACQUIRE);

    if (len == 0) {
        return RECS_AGAIN;
    }

    if (len == RECS_SEGMENT_END) {
        return RECS_DONE;
    }

    rc = recs_frame_read(s->map + s->offset, s->size - s->offset, payload,
                         &size, err);

    if (rc == RECS_AGAIN) {
        *err = "frame is longer than its segment";
        return RECS_ERROR;
    }

    if (rc != RECS_OK) {
        return rc;
    }

    s->offset += size;
    *sequence = s->next++;

    return RECS_OK;
}


static uint32_t *
recs_segment_length(const recs_segment_t *s)
{
    return (uint32_t *) (void *) (s->map + s->offset);
}


static int
recs_segment_hex(const char *p, unsigned digits, uint64_t *n)
{
    uint64_t  value;

    for (value = 0; digits; digits--, p++) {

        if (*p >= '0' && *p <= '9') {
            value = value << 4 | (uint64_t) (*p - '0');

        } else if (*p >= 'a' && *p <= 'f') {
            value = value << 4 | (uint64_t) (*p - 'a' + 10);

        } else {
            return RECS_ERROR;
        }
    }

    *n = value;

    return RECS_OK;
}
