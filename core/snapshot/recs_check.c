/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_check.h"


/* An LMDB page: its head is 16 bytes, a meta page goes on with MDB_meta. */

#define RECS_LMDB_FLAGS      10
#define RECS_LMDB_META       0x08
#define RECS_LMDB_MAGIC_AT   16
#define RECS_LMDB_MAGIC      0xbeefc0de
#define RECS_LMDB_VERSION_AT 20
#define RECS_LMDB_VERSION    1
#define RECS_LMDB_PSIZE_AT   40
#define RECS_LMDB_LAST_AT    136


static const char *recs_check_rows(const recs_format_header_t *h);
static const char *recs_check_shifts(const recs_format_header_t *h);
static const char *recs_check_currencies(const recs_format_header_t *h);
static const char *recs_check_serving(const recs_format_serving_t *v);
static uint32_t recs_check_below(const uint32_t *p, uint32_t rows,
    uint64_t limit, uint32_t none);
static const char *recs_check_slots(const recs_format_header_t *h,
    const uint32_t *p, uint32_t rows, uint32_t *used);
static const char *recs_check_categories(const recs_format_header_t *h,
    recs_column_e which, const uint32_t *p, uint32_t first, uint32_t rows);
static const char *recs_check_currency(const uint8_t *p, uint32_t rows);
static const char *recs_check_fragments(const recs_format_chunk_t *chunk);
static uint32_t recs_check_max(const uint8_t *p, uint32_t count, size_t size);


const char *
recs_check_pages(const uint8_t *data, uint64_t file_size)
{
    unsigned        i;
    uint16_t        flags;
    uint32_t        magic, version, psize;
    uint64_t        last;
    const uint8_t  *p;

    if (file_size < 3 * RECS_FORMAT_PAGE || file_size % RECS_FORMAT_PAGE) {
        return "the file is not whole pages: truncated or no snapshot";
    }

    for (i = 0; i < 2; i++) {
        p = data + i * RECS_FORMAT_PAGE;

        memcpy(&flags, p + RECS_LMDB_FLAGS, sizeof(flags));
        memcpy(&magic, p + RECS_LMDB_MAGIC_AT, sizeof(magic));
        memcpy(&version, p + RECS_LMDB_VERSION_AT, sizeof(version));
        memcpy(&psize, p + RECS_LMDB_PSIZE_AT, sizeof(psize));
        memcpy(&last, p + RECS_LMDB_LAST_AT, sizeof(last));

        if (!(flags & RECS_LMDB_META) || magic != RECS_LMDB_MAGIC
            || version != RECS_LMDB_VERSION)
        {
            return "the file is no LMDB file";
        }

        if (psize != RECS_FORMAT_PAGE) {
            return "the page size is not 4096";
        }

        if (last >= file_size / RECS_FORMAT_PAGE) {
            return "the file is shorter than its pages: truncated";
        }
    }

    return NULL;
}


const char *
recs_check_header(const uint8_t *data, size_t size,
    recs_format_header_t *header)
{
    const char  *err;

    if (size < sizeof(recs_format_header_t)) {
        return "the header is too short";
    }

    memcpy(header, data, sizeof(recs_format_header_t));

    if (header->magic != RECS_FORMAT_MAGIC) {
        return "the header has another magic number";
    }

    if (header->version != RECS_FORMAT_VERSION) {
        return "the snapshot is of another format version";
    }

    if (header->header_size < sizeof(recs_format_header_t)
        || header->header_size > size)
    {
        return "the header has another size";
    }

    err = recs_check_rows(header);

    if (err == NULL) {
        err = recs_check_shifts(header);
    }

    if (err == NULL) {
        err = recs_check_currencies(header);
    }

    if (err == NULL) {
        err = recs_check_serving(&header->serving);
    }

    return err;
}


static const char *
recs_check_rows(const recs_format_header_t *h)
{
    const uint32_t  *rows;

    rows = h->rows;

    if (rows[RECS_DOMAIN_ITEMS] > RECS_NO_ITEM / 4) {
        return "too many items";
    }

    if (rows[RECS_DOMAIN_SLOTS] & (rows[RECS_DOMAIN_SLOTS] - 1)) {
        return "the number of slots is not a power of two";
    }

    if (rows[RECS_DOMAIN_SLOTS] <= rows[RECS_DOMAIN_ITEMS]) {
        return "fewer slots than items";
    }

    if ((uint64_t) rows[RECS_DOMAIN_SCOPES]
        != (uint64_t) rows[RECS_DOMAIN_CATEGORIES] + 1)
    {
        return "the scopes are not the shop and its categories";
    }

    if (rows[RECS_DOMAIN_WEEKS] != RECS_FORMAT_WEEKS) {
        return "the number of weeks is not 53";
    }

    if (rows[RECS_DOMAIN_REGIONS] > RECS_FORMAT_REGIONS) {
        return "too many regions";
    }

    return NULL;
}


static const char *
recs_check_shifts(const recs_format_header_t *h)
{
    uint8_t                   shift;
    uint32_t                  rows;
    unsigned                  i;
    const recs_format_row_t  *row;

    for (i = 0; i < RECS_COLUMN_MAX + RECS_LIST_MAX; i++) {

        if (i < RECS_COLUMN_MAX) {
            shift = h->column_shift[i];
            row = &recs_format_columns[i];

        } else {
            shift = h->list_shift[i - RECS_COLUMN_MAX];
            row = &recs_format_lists[i - RECS_COLUMN_MAX];
        }

        rows = h->rows[row->domain];

        if (shift > 31
            || recs_format_chunks(rows, shift) > RECS_FORMAT_CHUNKS)
        {
            return "a column or list has a bad shift";
        }
    }

    return NULL;
}


static const char *
recs_check_serving(const recs_format_serving_t *v)
{
    unsigned  i;

    const float  numbers[] = {
        v->history_decay, v->related, v->next, v->view_buy, v->cart_buy,
        v->query_buy, v->neighbours, v->rows, v->rows_decay,
        v->position_scale, v->match_scale, v->distance_scale,
        v->recency_days, v->idf, v->reminder, v->reminder_scale,
        v->popularity, v->before, v->before_scale, v->rarity, v->power,
        v->without, v->current, v->walks, v->walks_decay, v->rows_power,
        v->basket, v->favourites, v->bought, v->diversity
    };

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (!isfinite(numbers[i])) {
            return "a weight of serving is not a number";
        }
    }

    if (v->diversity < 0 || v->diversity > 1) {
        return "the diversity of serving is out of range";
    }

    if (v->position >= RECS_WEIGHT_MAX || v->match >= RECS_WEIGHT_MAX
        || v->similarity >= RECS_SIMILARITY_MAX
        || v->repeats >= RECS_REPEATS_MAX)
    {
        return "a choice of serving is unknown";
    }

    if (v->sample > RECS_SAMPLE_MAX || v->neighbours_max > RECS_SAMPLE_MAX) {
        return "serving looks at too many sessions";
    }

    return NULL;
}


/* Three capitals or nothing: they go into answers as they are. */

static const char *
recs_check_currencies(const recs_format_header_t *h)
{
    unsigned        i, n;
    const uint8_t  *p;

    for (i = 0; i < RECS_FORMAT_CURRENCIES; i++) {
        p = h->currencies[i];

        for (n = 0; n < 3 && p[n] >= 'A' && p[n] <= 'Z'; n++) {
            /* void */
        }

        if (p[n] != 0 || (n != 0 && n != 3)) {
            return "a currency is not three capitals";
        }
    }

    for (i = 0; i < sizeof(h->weights) / sizeof(h->weights[0]); i++) {
        if (!isfinite(h->weights[i]) || h->weights[i] < 0) {
            return "a weight is not a number";
        }
    }

    return NULL;
}


const char *
recs_check_column(const recs_format_header_t *header, recs_column_e which,
    const uint8_t *data, size_t size, uint32_t first, uint32_t rows,
    uint32_t *used)
{
    uint32_t        none;
    uint64_t        limit;
    const uint32_t *p;

    if (size < (uint64_t) rows * recs_format_columns[which].size) {
        return "a column chunk is too short";
    }

    if ((uintptr_t) data & 15) {
        return "a column chunk is not aligned";
    }

    p = (const uint32_t *) data;

    switch (which) {

    case RECS_COLUMN_SLOT:
        return recs_check_slots(header, p, rows, used);

    case RECS_COLUMN_CATEGORY_END:
    case RECS_COLUMN_CATEGORY_PARENT:
        return recs_check_categories(header, which, p, first, rows);

    case RECS_COLUMN_CURRENCY:
        return recs_check_currency(data, rows);

    case RECS_COLUMN_CATEGORY:
        limit = header->rows[RECS_DOMAIN_CATEGORIES];
        none = RECS_NONE;
        break;

    case RECS_COLUMN_BRAND:
        limit = header->rows[RECS_DOMAIN_BRANDS];
        none = RECS_NONE;
        break;

    case RECS_COLUMN_ORDER_PRICE:
    case RECS_COLUMN_ORDER_NEWEST:
    case RECS_COLUMN_ORDER_RATING:
        limit = header->rows[RECS_DOMAIN_ITEMS];
        none = 0;
        break;

    default:
        return NULL;
    }

    if (!recs_check_below(p, rows, limit, none)) {
        return "a column has a number out of range";
    }

    return NULL;
}


/* Each value below the limit or equal to "none".  No branch in the loop. */

static uint32_t
recs_check_below(const uint32_t *p, uint32_t rows, uint64_t limit,
    uint32_t none)
{
    uint32_t  i, bad;

    bad = 0;

    for (i = 0; i < rows; i++) {
        bad |= (p[i] >= limit) & (p[i] != none);
    }

    return !bad;
}


static const char *
recs_check_slots(const recs_format_header_t *h, const uint32_t *p,
    uint32_t rows, uint32_t *used)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < rows; i++) {
        n += (p[i] != 0);
    }

    *used += n;

    if (!recs_check_below(p, rows, (uint64_t) h->rows[RECS_DOMAIN_ITEMS] + 1,
                          0))
    {
        return "a slot has a number out of range";
    }

    return NULL;
}


/* An end is behind its category, a parent before it: no walk can cycle. */

static const char *
recs_check_categories(const recs_format_header_t *h, recs_column_e which,
    const uint32_t *p, uint32_t first, uint32_t rows)
{
    uint32_t  i, c;

    for (i = 0; i < rows; i++) {
        c = first + i;

        if (which == RECS_COLUMN_CATEGORY_END) {
            if (p[i] <= c || p[i] > h->rows[RECS_DOMAIN_CATEGORIES]) {
                return "a category has a bad end";
            }

        } else if (p[i] >= c && p[i] != RECS_NONE) {
            return "a category has a bad parent";
        }
    }

    return NULL;
}


static const char *
recs_check_currency(const uint8_t *p, uint32_t rows)
{
    uint32_t  i;
    uint8_t   bits;

    bits = 0;

    for (i = 0; i < rows; i++) {
        bits |= p[i];
    }

    return (bits < RECS_FORMAT_CURRENCIES)
           ? NULL : "a product has a bad currency";
}


const char *
recs_check_list(const recs_format_header_t *header, recs_list_e which,
    const uint8_t *data, size_t size, uint32_t rows)
{
    uint32_t                    i, bad;
    uint64_t                    entries;
    const uint32_t             *offsets;
    const recs_format_row_t    *row;
    const recs_format_chunk_t  *chunk;

    if ((uintptr_t) data & 15) {
        return "a list chunk is not aligned";
    }

    row = &recs_format_lists[which];
    chunk = (const recs_format_chunk_t *) data;
    entries = recs_format_entries(rows);

    if (size < entries) {
        return "a list chunk is too short";
    }

    if (chunk->rows != rows || chunk->entry_size != row->size) {
        return "a list chunk has other rows or entries";
    }

    if (chunk->entries != entries
        || entries + (uint64_t) chunk->count * row->size > size)
    {
        return "the entries of a list are outside of its chunk";
    }

    offsets = (const uint32_t *) (chunk + 1);
    bad = (offsets[0] != 0) | (offsets[rows] != chunk->count);

    for (i = 0; i < rows; i++) {
        bad |= (offsets[i] > offsets[i + 1]);
    }

    if (bad) {
        return "the offsets of a list are not in order";
    }

    if (which == RECS_LIST_FRAGMENT_JSON) {
        return recs_check_fragments(chunk);
    }

    if (row->size > 1 && chunk->count
        && recs_check_max(data + chunk->entries, chunk->count, row->size)
           >= header->rows[row->of])
    {
        return "a list has an item out of range";
    }

    return NULL;
}


static const char *
recs_check_fragments(const recs_format_chunk_t *chunk)
{
    uint32_t         i, id, fixed, len;
    const uint8_t   *p, *fragment;
    const uint32_t  *offsets;

    offsets = (const uint32_t *) (chunk + 1);
    p = (const uint8_t *) chunk + chunk->entries;

    for (i = 0; i < chunk->rows; i++) {
        len = offsets[i + 1] - offsets[i];

        if (len < sizeof(recs_format_fragment_t)) {
            return "a product has no fragment";
        }

        fragment = p + offsets[i];
        id = fragment[0] + (fragment[1] << 8);
        fixed = fragment[2] + (fragment[3] << 8);

        if (id + fixed + sizeof(recs_format_fragment_t) > len) {
            return "a product id is longer than its fragment";
        }
    }

    return NULL;
}


/* The largest item of entries that begin with one. */

static uint32_t
recs_check_max(const uint8_t *p, uint32_t count, size_t size)
{
    uint32_t  i, max, item;

    max = 0;

    for (i = 0; i < count; i++) {
        memcpy(&item, p, sizeof(item));
        max = recs_max(max, item);
        p += size;
    }

    return max;
}
