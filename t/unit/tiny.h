/*
 * Copyright (C) recs authors
 *
 * A snapshot of made-up numbers, straight through the writer: item i has the
 * id "i<i>", price i in millionths, and i % 5 ranked neighbours.
 */

#ifndef _RECS_TINY_H_INCLUDED_
#define _RECS_TINY_H_INCLUDED_


#include "snap.h"


#define TINY_BRANDS  3


typedef struct {
    uint32_t   items;
    size_t     chunk_max;        /* 0: as it is */
    uint32_t   users;
    unsigned   without;          /* this column + 1 is left out */
    unsigned   twice;            /* a key is put twice */
} tiny_t;


static inline uint32_t
tiny_id(char *id, uint32_t i)
{
    return (uint32_t) sprintf(id, "i%u", i);
}


static inline int
tiny_columns(recs_writer_t *w, const tiny_t *t, recs_format_header_t *h,
    recs_error_t *err)
{
    int        rc;
    char       id[32];
    uint8_t   *values;
    uint32_t   i, n, rows;
    uint64_t   key;
    unsigned   c;

    for (rc = RECS_OK, c = 0; c < RECS_COLUMN_MAX && rc == RECS_OK; c++) {
        rows = h->rows[recs_format_columns[c].domain];
        values = recs_calloc(rows + 1, recs_format_columns[c].size);

        for (i = 0; i < t->items; i++) {
            key = recs_key64(id, tiny_id(id, i));
            n = (uint32_t) key & (h->rows[RECS_DOMAIN_SLOTS] - 1);

            switch (c) {

            case RECS_COLUMN_KEY64:
                ((uint64_t *) values)[i] = key;
                break;

            case RECS_COLUMN_SLOT:
                while (((uint32_t *) values)[n]) {
                    n = (n + 1) & (h->rows[RECS_DOMAIN_SLOTS] - 1);
                }

                ((uint32_t *) values)[n] = i + 1;
                break;

            case RECS_COLUMN_PRICE:
                ((int64_t *) values)[i] = i;
                break;

            case RECS_COLUMN_CATEGORY:
                ((uint32_t *) values)[i] = RECS_NONE;
                break;

            case RECS_COLUMN_BRAND:
                ((uint32_t *) values)[i] = i % TINY_BRANDS;
                break;

            case RECS_COLUMN_RATING:
                ((uint16_t *) values)[i] = (uint16_t) i;
                break;

            case RECS_COLUMN_FLAGS:
                values[i] = RECS_ITEM_SHOWN;
                break;

            case RECS_COLUMN_ORDER_PRICE:
            case RECS_COLUMN_ORDER_NEWEST:
            case RECS_COLUMN_ORDER_RATING:
                ((uint32_t *) values)[i] = i;
                break;

            default:
                break;
            }
        }

        if (c + 1 != t->without) {
            rc = recs_writer_column(w, c, values, rows, err);
        }

        free(values);
    }

    return rc;
}


static inline int
tiny_lists(recs_writer_t *w, const tiny_t *t, recs_error_t *err)
{
    int                     rc;
    char                    id[32];
    uint8_t                *p, *head;
    uint32_t                i, n, len;
    recs_model_list_t       list;
    recs_format_related_t  *related;

    list.rows = t->items;
    list.offsets = recs_calloc(t->items + 1, sizeof(uint64_t));
    list.entries = related = recs_calloc(t->items * 5 + 1, sizeof(*related));

    for (i = 0; i < t->items; i++) {
        list.offsets[i + 1] = list.offsets[i] + i % 5;

        for (n = 0; n < i % 5; n++) {
            related[list.offsets[i] + n].item = (i + n + 1) % t->items;
            related[list.offsets[i] + n].weight = 1.0f / (n + 1);
        }
    }

    rc = recs_writer_list(w, RECS_LIST_RELATED, &list, err);
    recs_model_free(&list);

    if (rc != RECS_OK) {
        return rc;
    }

    list.rows = t->items;
    list.offsets = recs_calloc(t->items + 1, sizeof(uint64_t));
    list.entries = p = recs_calloc(t->items * 40 + 1, 1);

    for (i = 0; i < t->items; i++) {
        len = tiny_id(id, i) + 2;
        head = p + list.offsets[i];
        n = (uint32_t) sprintf((char *) head + sizeof(recs_format_fragment_t),
                               "\"%s\"\"title\":\"T%u\"", id, i);

        /* the size of the id comes first, then that of the members */

        memset(head, 0, sizeof(recs_format_fragment_t));
        head[0] = (uint8_t) len;
        head[sizeof(recs_format_fragment_t) - 2] += (uint8_t)
            (sizeof(recs_format_fragment_t) > 2 ? n - len : 0);

        list.offsets[i + 1] = list.offsets[i] + n
                              + sizeof(recs_format_fragment_t);
    }

    rc = recs_writer_list(w, RECS_LIST_FRAGMENT_JSON, &list, err);
    recs_model_free(&list);

    return rc;
}


static inline int
tiny_rest(recs_writer_t *w, const tiny_t *t, recs_error_t *err)
{
    int       rc;
    size_t    len;
    uint8_t   key[RECS_FORMAT_KEY_MAX], identity[16];
    uint32_t  i, n;

    struct {
        recs_format_user_t  head;
        recs_format_seen_t  seen[RECS_USER_ENTRIES];
    } user;

    memset(&user, 0, sizeof(user));
    memset(identity, 0, sizeof(identity));
    rc = RECS_OK;

    for (i = t->users; i > 0 && rc == RECS_OK; i--) {
        memcpy(identity + 4, &i, sizeof(i));
        user.head.count = i % (RECS_USER_ENTRIES + 1);
        user.head.last_ms = i;

        for (n = 0; n < user.head.count; n++) {
            user.seen[n].item = (i + n) % t->items;
        }

        rc = recs_writer_put(w, key, recs_format_user_key(key, identity),
                             &user, sizeof(user.head) + user.head.count
                                                  * sizeof(user.seen[0]),
                             err);
    }

    for (i = 0; i < TINY_BRANDS + (t->twice != 0) && rc == RECS_OK; i++) {
        n = i % TINY_BRANDS;
        len = recs_format_name_key(key, 'B', recs_key64(&n, sizeof(n)));
        rc = recs_writer_put(w, key, len, &n, sizeof(n), err);
    }

    if (rc == RECS_OK) {
        key[0] = 'M';
        rc = recs_writer_put(w, key, 1, "\x81\xa1v\x01", 4, err);
    }

    return rc;
}


/* Writes it to "path", which must not be there. */

static inline int
tiny_write(const char *path, const tiny_t *t, recs_format_header_t *h,
    recs_error_t *err)
{
    recs_writer_t  *w;

    memset(h, 0, sizeof(recs_format_header_t));

    h->rows[RECS_DOMAIN_ITEMS] = t->items;
    h->rows[RECS_DOMAIN_BRANDS] = TINY_BRANDS;
    h->rows[RECS_DOMAIN_SCOPES] = 1;
    h->rows[RECS_DOMAIN_WEEKS] = RECS_FORMAT_WEEKS;
    h->users = t->users;

    for (h->rows[RECS_DOMAIN_SLOTS] = 16;
         h->rows[RECS_DOMAIN_SLOTS] < 2 * t->items;
         h->rows[RECS_DOMAIN_SLOTS] *= 2)
    {
        /* void */
    }

    w = recs_writer_open(path, err);
    if (w == NULL) {
        return RECS_ERROR;
    }

    if (t->chunk_max) {
        recs_writer_chunk_max(w, t->chunk_max);
    }

    if (tiny_columns(w, t, h, err) != RECS_OK
        || tiny_lists(w, t, err) != RECS_OK
        || tiny_rest(w, t, err) != RECS_OK)
    {
        recs_writer_abort(w);
        return RECS_ERROR;
    }

    return recs_writer_close(w, h, err);
}


#endif /* _RECS_TINY_H_INCLUDED_ */
