/*
 * Copyright (C) recs authors
 *
 * The only file of core/ that knows LMDB.  One read transaction lives as
 * long as the snapshot: the file never changes, so what it points to stays.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <lmdb.h>

#include "../recs_out.h"
#include "recs_check.h"
#include "recs_snapshot.h"


#define RECS_SNAPSHOT_PROC  "/proc/self/fd/"


typedef struct {
    MDB_env  *env;
    MDB_txn  *txn;
    MDB_dbi   dbi;
    void     *cells;             /* memory of the index of 'S' */
} recs_snapshot_lmdb_t;


/* What a section 'S' is loaded into, and why it cannot be. */

typedef struct {
    recs_cells_load_t  load;
    const char        *err;
} recs_snapshot_load_t;


static int recs_snapshot_file(int fd, uint64_t *size, const char **err);
static int recs_snapshot_map(recs_snapshot_t *s, int fd, const char **err);
static int recs_snapshot_get(const recs_snapshot_t *s, const uint8_t *key,
    size_t len, recs_str_t *value);
static int recs_snapshot_chunks(recs_snapshot_t *s, const char **err);
static int recs_snapshot_forests(recs_snapshot_t *s, const char **err);
static int recs_snapshot_filter(recs_snapshot_t *s, const char **err);
static int recs_snapshot_rules(recs_snapshot_t *s, const char **err);
static int recs_snapshot_cells(recs_snapshot_t *s, const char **err);
static int recs_snapshot_cell_count(void *ctx, recs_str_t *key,
    recs_str_t *value);
static int recs_snapshot_cell_take(void *ctx, recs_str_t *key,
    recs_str_t *value);
static int recs_snapshot_section(const recs_snapshot_t *s, uint8_t section,
    recs_snapshot_visit_pt visit, recs_snapshot_load_t *c, const char **err);
static int recs_snapshot_walk(const recs_snapshot_t *s,
    const uint8_t *section, recs_snapshot_visit_pt visit, void *ctx);
static uint32_t recs_snapshot_shape(recs_snapshot_t *s, recs_array_t *a,
    const recs_format_row_t *row, uint8_t shift);
static int recs_snapshot_array(recs_snapshot_t *s, uint8_t section,
    unsigned which, const char **err);


int
recs_snapshot_open(recs_snapshot_t **snapshot, int fd, const char **err)
{
    uint8_t           key[RECS_FORMAT_KEY_MAX];
    recs_str_t        value;
    recs_snapshot_t  *s;

    *snapshot = NULL;

    s = calloc(1, sizeof(recs_snapshot_t) + sizeof(recs_snapshot_lmdb_t));
    if (s == NULL) {
        *err = "no memory for the snapshot";
        return RECS_ERROR;
    }

    s->private = s + 1;

    if (recs_snapshot_file(fd, &s->bytes, err) != RECS_OK
        || recs_snapshot_map(s, fd, err) != RECS_OK)
    {
        goto failed;
    }

    key[0] = 'H';

    if (recs_snapshot_get(s, key, 1, &value) != RECS_OK) {
        *err = "the snapshot has no header";
        goto failed;
    }

    *err = recs_check_header(value.data, value.len, &s->header);

    if (*err || recs_snapshot_chunks(s, err) != RECS_OK
        || recs_snapshot_forests(s, err) != RECS_OK
        || recs_snapshot_filter(s, err) != RECS_OK
        || recs_snapshot_rules(s, err) != RECS_OK
        || recs_snapshot_cells(s, err) != RECS_OK)
    {
        goto failed;
    }

    recs_snapshot_share(s->header.weights, s->share);

    *snapshot = s;

    return RECS_OK;

failed:

    recs_snapshot_close(s);

    return RECS_ERROR;
}


void
recs_snapshot_close(recs_snapshot_t *s)
{
    recs_snapshot_lmdb_t  *db;

    if (s == NULL) {
        return;
    }

    db = s->private;

    if (db->txn) {
        mdb_txn_abort(db->txn);
    }

    if (db->env) {
        mdb_env_close(db->env);
    }

    free(db->cells);

    /* all columns and lists share the memory of the first */

    free(s->columns[0].chunks);
    free(s);
}


void
recs_snapshot_share(const float *weights, float *share)
{
    float     all;
    unsigned  f, observed;

    all = 0;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        all += weights[f];
    }

    for (observed = 0; observed < (1 << RECS_FORMAT_FACTORS); observed++) {
        share[observed] = 0;

        for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
            if (observed & (1 << f)) {
                share[observed] += all > 0 ? weights[f] / all : 0;
            }
        }
    }
}


/* LMDB trusts what it finds there: a page size of 0 would be a SIGFPE. */

static int
recs_snapshot_file(int fd, uint64_t *size, const char **err)
{
    ssize_t      n;
    uint8_t      pages[2 * RECS_FORMAT_PAGE];
    struct stat  st;

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        *err = "the snapshot is not a regular file";
        return RECS_ERROR;
    }

    do {
        n = pread(fd, pages, sizeof(pages), 0);
    } while (n == -1 && errno == EINTR);

    if (n != (ssize_t) sizeof(pages)) {
        *err = "cannot read the first pages of the snapshot";
        return RECS_ERROR;
    }

    *size = st.st_size;
    *err = recs_check_pages(pages, *size);

    return *err ? RECS_ERROR : RECS_OK;
}


static int
recs_snapshot_map(recs_snapshot_t *s, int fd, const char **err)
{
    char                   path[sizeof(RECS_SNAPSHOT_PROC) + 20];
    recs_out_t             out;
    MDB_envinfo            info;
    recs_snapshot_lmdb_t  *db;

    db = s->private;

    recs_out_init(&out, path, sizeof(path));
    recs_out_lit(&out, RECS_SNAPSHOT_PROC);
    recs_out_u64(&out, fd);
    recs_out_byte(&out, '\0');

    if (mdb_env_create(&db->env) != 0) {
        db->env = NULL;
        *err = "no memory for the snapshot";
        return RECS_ERROR;
    }

    if (mdb_env_set_mapsize(db->env, s->bytes) != 0
        || mdb_env_open(db->env, path, MDB_RDONLY|MDB_NOLOCK|MDB_NOTLS
                        |MDB_NOSUBDIR, 0) != 0)
    {
        *err = "cannot map the snapshot (is /proc mounted, memory left?)";
        return RECS_ERROR;
    }

    /* LMDB silently maps more than it was told where the file claims more */

    if (mdb_env_info(db->env, &info) != 0
        || info.me_mapsize != s->bytes
        || (info.me_last_pgno + 1) * RECS_FORMAT_PAGE > s->bytes)
    {
        *err = "the file is shorter than its pages: truncated";
        return RECS_ERROR;
    }

    if (mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->txn) != 0) {
        db->txn = NULL;
        *err = "cannot begin to read the snapshot";
        return RECS_ERROR;
    }

    if (mdb_dbi_open(db->txn, NULL, 0, &db->dbi) != 0) {
        *err = "the snapshot has no table";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_snapshot_get(const recs_snapshot_t *s, const uint8_t *key, size_t len,
    recs_str_t *value)
{
    MDB_val                k, v;
    recs_snapshot_lmdb_t  *db;

    db = s->private;
    k.mv_size = len;
    k.mv_data = (void *) key;

    if (mdb_get(db->txn, db->dbi, &k, &v) != 0) {
        return RECS_DECLINED;
    }

    value->len = v.mv_size;
    value->data = v.mv_data;

    return RECS_OK;
}


static int
recs_snapshot_chunks(recs_snapshot_t *s, const char **err)
{
    uint32_t         total;
    unsigned         i;
    const uint8_t  **chunks;

    total = 0;

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        total += recs_snapshot_shape(s, &s->columns[i],
                                     &recs_format_columns[i],
                                     s->header.column_shift[i]);
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        total += recs_snapshot_shape(s, &s->lists[i], &recs_format_lists[i],
                                     s->header.list_shift[i]);
    }

    chunks = malloc((total + 1) * sizeof(uint8_t *));
    if (chunks == NULL) {
        *err = "no memory for the snapshot";
        return RECS_ERROR;
    }

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        s->columns[i].chunks = chunks;
        chunks += s->columns[i].count;

        if (recs_snapshot_array(s, 'A', i, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        s->lists[i].chunks = chunks;
        chunks += s->lists[i].count;

        if (recs_snapshot_array(s, 'L', i, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static uint32_t
recs_snapshot_shape(recs_snapshot_t *s, recs_array_t *a,
    const recs_format_row_t *row, uint8_t shift)
{
    a->shift = shift;
    a->mask = (1u << shift) - 1;
    a->rows = s->header.rows[row->domain];
    a->size = row->size;
    a->count = recs_format_chunks(a->rows, shift);

    return a->count;
}


static int
recs_snapshot_array(recs_snapshot_t *s, uint8_t section, unsigned which,
    const char **err)
{
    size_t         len;
    uint8_t        key[RECS_FORMAT_KEY_MAX];
    uint32_t       i, first, rows, used;
    recs_str_t     value;
    recs_array_t  *a;

    a = (section == 'A') ? &s->columns[which] : &s->lists[which];
    used = 0;

    for (i = 0; i < a->count; i++) {
        len = recs_format_chunk_key(key, section, which, i);

        if (recs_snapshot_get(s, key, len, &value) != RECS_OK) {
            *err = "a column or list misses a chunk";
            return RECS_ERROR;
        }

        first = i << a->shift;
        rows = recs_min(a->rows - first, a->mask + 1);

        if (section == 'A') {
            *err = recs_check_column(&s->header, which, value.data, value.len,
                                     first, rows, &used);

        } else {
            *err = recs_check_list(&s->header, which, value.data, value.len,
                                   rows);
        }

        if (*err) {
            return RECS_ERROR;
        }

        a->chunks[i] = value.data;
    }

    if (section == 'A' && which == RECS_COLUMN_SLOT
        && used != s->header.rows[RECS_DOMAIN_ITEMS])
    {
        *err = "the slots do not hold each item once";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_snapshot_forests(recs_snapshot_t *s, const char **err)
{
    uint8_t     key[2];
    unsigned    i;
    recs_str_t  value;

    for (i = 0; i < RECS_FORESTS; i++) {
        key[0] = 'F';
        key[1] = (uint8_t) i;

        if (recs_snapshot_get(s, key, sizeof(key), &value) != RECS_OK) {
            continue;
        }

        *err = recs_forest_check(value.data, value.len, RECS_FOREST_FEATURES);

        if (*err) {
            return RECS_ERROR;
        }

        s->forests[i] = (const recs_forest_t *) value.data;
    }

    return RECS_OK;
}


static int
recs_snapshot_rules(recs_snapshot_t *s, const char **err)
{
    uint8_t     key;
    recs_str_t  value;

    key = 'R';

    if (recs_snapshot_get(s, &key, 1, &value) != RECS_OK) {
        return RECS_OK;
    }

    *err = recs_rules_check(value.data, value.len, &s->header);

    if (*err) {
        return RECS_ERROR;
    }

    s->rules = (const recs_rules_t *) value.data;

    return RECS_OK;
}


static int
recs_snapshot_filter(recs_snapshot_t *s, const char **err)
{
    size_t      words;
    uint8_t     key;
    recs_str_t  value;

    key = 'W';

    if (recs_snapshot_get(s, &key, 1, &value) != RECS_OK) {
        return RECS_OK;
    }

    words = value.len / sizeof(uint64_t);

    if (words == 0 || value.len % sizeof(uint64_t)
        || ((uintptr_t) value.data & 7) || (words & (words - 1)))
    {
        *err = "the filter of users has another size";
        return RECS_ERROR;
    }

    s->users = (const uint64_t *) value.data;
    s->users_mask = words - 1;

    return RECS_OK;
}


/* Names are counted first: cells that name them come before them. */

static int
recs_snapshot_cells(recs_snapshot_t *s, const char **err)
{
    recs_snapshot_lmdb_t  *db;
    recs_snapshot_load_t   c;

    db = s->private;
    memset(&c, 0, sizeof(recs_snapshot_load_t));

    if (recs_snapshot_section(s, 'S', recs_snapshot_cell_count, &c, err)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    db->cells = malloc(recs_cells_size(&c.load) + 1);

    if (db->cells == NULL) {
        *err = "no memory for the snapshot";
        return RECS_ERROR;
    }

    recs_cells_begin(&c.load, db->cells, &s->cells);

    if (recs_snapshot_section(s, 'S', recs_snapshot_cell_take, &c, err)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    *err = recs_cells_end(&c.load);

    return *err ? RECS_ERROR : RECS_OK;
}


static int
recs_snapshot_cell_count(void *ctx, recs_str_t *key,
    recs_str_t *value)
{
    recs_snapshot_load_t  *c;

    c = ctx;
    c->err = recs_cells_count(&c->load, key);

    return c->err ? RECS_ERROR : RECS_OK;
}


static int
recs_snapshot_cell_take(void *ctx, recs_str_t *key,
    recs_str_t *value)
{
    recs_snapshot_load_t  *c;

    c = ctx;
    c->err = recs_cells_take(&c->load, key, value);

    return c->err ? RECS_ERROR : RECS_OK;
}


static int
recs_snapshot_section(const recs_snapshot_t *s, uint8_t section,
    recs_snapshot_visit_pt visit, recs_snapshot_load_t *c, const char **err)
{
    if (recs_snapshot_walk(s, &section, visit, c) == RECS_OK) {
        return RECS_OK;
    }

    *err = c->err ? c->err : "a section of the snapshot cannot be read";

    return RECS_ERROR;
}


/* There are more slots than items, each item once: an empty slot comes. */

recs_item_t
recs_snapshot_item(const recs_snapshot_t *s, uint64_t key64)
{
    uint32_t  i, mask, item;

    mask = s->columns[RECS_COLUMN_SLOT].rows - 1;

    for (i = (uint32_t) key64 & mask; /* void */ ; i = (i + 1) & mask) {
        item = recs_column(s, RECS_COLUMN_SLOT, uint32_t, i);

        if (item == 0) {
            return RECS_NO_ITEM;
        }

        item--;

        if (recs_column(s, RECS_COLUMN_KEY64, uint64_t, item) == key64) {
            return item;
        }
    }
}


uint32_t
recs_snapshot_name(const recs_snapshot_t *s, uint8_t section, uint64_t key64)
{
    size_t         len;
    uint8_t        key[RECS_FORMAT_KEY_MAX];
    uint32_t       n, rows;
    recs_str_t     value;

    len = recs_format_name_key(key, section, key64);

    if (recs_snapshot_get(s, key, len, &value) != RECS_OK
        || value.len != sizeof(n))
    {
        return RECS_NONE;
    }

    memcpy(&n, value.data, sizeof(n));

    rows = s->header.rows[recs_snapshot_named(section)];

    return (n < rows) ? n : RECS_NONE;
}


int
recs_snapshot_user(const recs_snapshot_t *s, const uint8_t *identity,
    recs_format_user_t *user, recs_format_seen_t *seen)
{
    size_t      len;
    uint8_t     key[RECS_FORMAT_KEY_MAX];
    uint32_t    i;
    uint64_t    bits, word;
    recs_str_t  value;

    /* most who come are nobody that is known */

    if (s->users) {
        bits = recs_format_filter(identity, &word);

        if ((s->users[word & s->users_mask] & bits) != bits) {
            return RECS_DECLINED;
        }
    }

    len = recs_format_user_key(key, identity);

    if (recs_snapshot_get(s, key, len, &value) != RECS_OK
        || value.len < sizeof(recs_format_user_t))
    {
        return RECS_DECLINED;
    }

    memcpy(user, value.data, sizeof(recs_format_user_t));
    user->count = recs_min(user->count, RECS_USER_ENTRIES);
    len = user->count * sizeof(recs_format_seen_t);

    if (value.len - sizeof(recs_format_user_t) < len) {
        return RECS_DECLINED;
    }

    memcpy(seen, value.data + sizeof(recs_format_user_t), len);

    for (i = 0; i < user->count; i++) {
        if (seen[i].item >= s->header.rows[RECS_DOMAIN_ITEMS]) {
            return RECS_DECLINED;
        }
    }

    return RECS_OK;
}


uint32_t
recs_snapshot_related(const recs_snapshot_t *s, const uint8_t *key,
    size_t len, recs_format_related_t *entries, uint32_t max)
{
    size_t      n;
    recs_str_t  value;

    if (recs_snapshot_get(s, key, len, &value) != RECS_OK
        || value.len % sizeof(recs_format_related_t))
    {
        return 0;
    }

    n = recs_min(value.len / sizeof(recs_format_related_t), max);
    memcpy(entries, value.data, n * sizeof(recs_format_related_t));

    return (uint32_t) n;
}


recs_str_t
recs_snapshot_meta(const recs_snapshot_t *s)
{
    uint8_t     key;
    recs_str_t  value = recs_null_string;

    key = 'M';

    (void) recs_snapshot_get(s, &key, 1, &value);

    return value;
}


int
recs_snapshot_each(const recs_snapshot_t *s, recs_snapshot_visit_pt visit,
    void *ctx)
{
    return recs_snapshot_walk(s, NULL, visit, ctx);
}


/* All keys, or those of a section. */

static int
recs_snapshot_walk(const recs_snapshot_t *s, const uint8_t *section,
    recs_snapshot_visit_pt visit, void *ctx)
{
    int                    rc, mrc;
    MDB_val                k, v;
    recs_str_t             key, value;
    MDB_cursor            *cursor;
    recs_snapshot_lmdb_t  *db;

    db = s->private;

    if (mdb_cursor_open(db->txn, db->dbi, &cursor) != 0) {
        return RECS_ERROR;
    }

    k.mv_size = 1;
    k.mv_data = (void *) section;
    rc = RECS_OK;

    for (mrc = mdb_cursor_get(cursor, &k, &v,
                              section ? MDB_SET_RANGE : MDB_FIRST);
         mrc == 0 && rc == RECS_OK;
         mrc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT))
    {
        key.len = k.mv_size;
        key.data = k.mv_data;
        value.len = v.mv_size;
        value.data = v.mv_data;

        if (section && key.data[0] != *section) {
            break;
        }

        rc = visit(ctx, &key, &value);
    }

    mdb_cursor_close(cursor);

    if (rc == RECS_OK && mrc != 0 && mrc != MDB_NOTFOUND) {
        return RECS_ERROR;
    }

    return rc;
}
