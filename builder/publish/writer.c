/*
 * Copyright (C) recs authors
 *
 * Values wait in memory until close() has them all: LMDB fills its pages
 * only when keys come in order, and the id is a hash of everything.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <lmdb.h>

#include "../../core/recs_hash.h"
#include "publish.h"


#define RECS_WRITER_BLOCK   (1u << 20)     /* of small values */
#define RECS_WRITER_COMMIT  (64u << 20)    /* bytes of a transaction */
#define RECS_WRITER_HEAD    32             /* before the value, see below */


/*
 * A record is the length of the key, the key, and the value: behind the key
 * where it is small and lives in a block, at RECS_WRITER_HEAD where it has
 * memory of its own, which is freed as soon as it is written.
 */

typedef struct {
    uint8_t   *record;
    uint32_t   len;              /* of the value */
    uint32_t   own;
} recs_writer_value_t;


struct recs_writer_s {
    char                 *path;
    int                   fd;
    size_t                chunk_max;
    unsigned              fast;
    uint64_t              bytes;           /* keys and values */

    recs_writer_value_t  *values;
    size_t                count;
    size_t                cap;

    uint8_t              *pos;             /* in the last block */
    size_t                room;
    uint8_t             **blocks;
    size_t                block_count;
    size_t                blocks_cap;

    unsigned              given[RECS_COLUMN_MAX + RECS_LIST_MAX];
    uint32_t              rows[RECS_COLUMN_MAX + RECS_LIST_MAX];
    uint8_t               shift[RECS_COLUMN_MAX + RECS_LIST_MAX];
};


static uint8_t *recs_writer_reserve(recs_writer_t *w, const uint8_t *key,
    size_t key_len, size_t len);
static int recs_writer_given(recs_writer_t *w, unsigned n, const char *name,
    uint32_t rows, recs_error_t *err);
static int recs_writer_shift(recs_writer_t *w, recs_list_e which,
    const recs_model_list_t *list, recs_error_t *err);
static uint64_t recs_writer_chunk_size(const recs_model_list_t *list,
    uint32_t first, uint32_t rows, size_t size);
static void recs_writer_chunk(uint8_t *p, const recs_model_list_t *list,
    uint32_t first, uint32_t rows, size_t size);
static int recs_writer_complete(recs_writer_t *w, recs_format_header_t *h,
    recs_error_t *err);
static int recs_writer_empty(recs_writer_t *w, recs_list_e which,
    uint32_t rows, recs_error_t *err);
static int recs_writer_sort(recs_writer_t *w, recs_error_t *err);
static int recs_writer_cmp(const void *one, const void *two);
static uint64_t recs_writer_id(const recs_writer_t *w);
static int recs_writer_write(recs_writer_t *w, recs_error_t *err);
static int recs_writer_values(recs_writer_t *w, MDB_env *env,
    const char **call);
static int recs_writer_batch(recs_writer_t *w, MDB_env *env, size_t *next,
    const char **call);
static int recs_writer_finish(recs_writer_t *w, uint64_t size,
    recs_error_t *err);
static void recs_writer_free(recs_writer_t *w);


#define recs_writer_data(v)                                                  \
    ((v)->record + ((v)->own ? RECS_WRITER_HEAD : 1 + (v)->record[0]))


recs_writer_t *
recs_writer_open(const char *path, recs_error_t *err)
{
    int             fd;
    recs_writer_t  *w;

    if (sysconf(_SC_PAGESIZE) != RECS_FORMAT_PAGE) {
        recs_error(err, "%s: the memory pages of this machine are not 4096 "
                   "bytes, a snapshot cannot be written here", path);
        return NULL;
    }

    fd = open(path, O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600);
    if (fd == -1) {
        recs_error(err, "%s: cannot create: %s", path, strerror(errno));
        return NULL;
    }

    w = recs_calloc(1, sizeof(recs_writer_t));

    w->fd = fd;
    w->chunk_max = RECS_FORMAT_CHUNK_MAX;
    w->path = recs_alloc(strlen(path) + 1);
    memcpy(w->path, path, strlen(path) + 1);

    return w;
}


void
recs_writer_chunk_max(recs_writer_t *w, size_t max)
{
    w->chunk_max = max;
}


void
recs_writer_fast(recs_writer_t *w)
{
    w->fast = 1;
}


int
recs_writer_put(recs_writer_t *w, const uint8_t *key, size_t key_len,
    const void *value, size_t len, recs_error_t *err)
{
    uint8_t  *p;

    if (key_len == 0 || key_len > RECS_FORMAT_KEY_MAX || len > UINT32_MAX) {
        return recs_error(err, "%s: a key of %zu and a value of %zu bytes "
                          "cannot be stored", w->path, key_len, len);
    }

    p = recs_writer_reserve(w, key, key_len, len);

    if (len) {
        memcpy(p, value, len);
    }

    return RECS_OK;
}


/* Zeroed memory for a value.  Column and list chunks have their own. */

static uint8_t *
recs_writer_reserve(recs_writer_t *w, const uint8_t *key, size_t key_len,
    size_t len)
{
    size_t                need;
    recs_writer_value_t  *v;

    recs_grow(&w->values, &w->cap, w->count + 1, sizeof(recs_writer_value_t));

    v = &w->values[w->count++];
    v->len = (uint32_t) len;
    v->own = (len >= RECS_FORMAT_PAD);
    w->bytes += key_len + len;

    if (v->own) {
        v->record = recs_calloc(1, RECS_WRITER_HEAD + len);

    } else {
        need = 1 + key_len + len;

        if (w->room < need) {
            recs_grow(&w->blocks, &w->blocks_cap, w->block_count + 1,
                      sizeof(uint8_t *));

            w->pos = recs_alloc(RECS_WRITER_BLOCK);
            w->room = RECS_WRITER_BLOCK;
            w->blocks[w->block_count++] = w->pos;
        }

        v->record = w->pos;
        w->pos += need;
        w->room -= need;
    }

    v->record[0] = (uint8_t) key_len;
    memcpy(v->record + 1, key, key_len);

    return recs_writer_data(v);
}


int
recs_writer_column(recs_writer_t *w, recs_column_e which, const void *values,
    uint32_t rows, recs_error_t *err)
{
    size_t                    len, key_len;
    uint8_t                  *p, shift;
    uint8_t                   key[RECS_FORMAT_KEY_MAX];
    uint32_t                  i, first, n;
    const recs_format_row_t  *row;

    row = &recs_format_columns[which];

    if (recs_writer_given(w, which, row->name, rows, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (shift = 0; ((size_t) row->size << (shift + 1)) <= w->chunk_max;
         shift++)
    {
        /* void */
    }

    w->shift[which] = shift;

    for (i = 0; i < recs_format_chunks(rows, shift); i++) {
        first = i << shift;
        n = recs_min(rows - first, 1u << shift);
        len = (size_t) n * row->size;

        key_len = recs_format_chunk_key(key, 'A', which, i);
        p = recs_writer_reserve(w, key, key_len,
                                recs_max(len, RECS_FORMAT_PAD));

        memcpy(p, (const uint8_t *) values + (size_t) first * row->size, len);
    }

    return RECS_OK;
}


int
recs_writer_list(recs_writer_t *w, recs_list_e which,
    const recs_model_list_t *list, recs_error_t *err)
{
    size_t                    len, key_len;
    uint8_t                  *p, shift;
    uint8_t                   key[RECS_FORMAT_KEY_MAX];
    uint32_t                  i, first, rows;
    const recs_format_row_t  *row;

    row = &recs_format_lists[which];

    if (recs_writer_given(w, RECS_COLUMN_MAX + which, row->name, list->rows,
                          err) != RECS_OK
        || recs_writer_shift(w, which, list, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    shift = w->shift[RECS_COLUMN_MAX + which];

    for (i = 0; i < recs_format_chunks(list->rows, shift); i++) {
        first = i << shift;
        rows = recs_min(list->rows - first, 1u << shift);
        len = recs_writer_chunk_size(list, first, rows, row->size);

        key_len = recs_format_chunk_key(key, 'L', which, i);
        p = recs_writer_reserve(w, key, key_len,
                                recs_max(len, RECS_FORMAT_PAD));

        recs_writer_chunk(p, list, first, rows, row->size);
    }

    return RECS_OK;
}


int
recs_writer_rest(recs_writer_t *w, const recs_format_header_t *header,
    recs_error_t *err)
{
    int                       rc;
    void                     *zeros;
    uint32_t                  rows;
    unsigned                  i;
    const recs_format_row_t  *row;

    for (i = 0, rc = RECS_OK; i < RECS_COLUMN_MAX && rc == RECS_OK; i++) {

        if (w->given[i]) {
            continue;
        }

        row = &recs_format_columns[i];
        rows = header->rows[row->domain];
        zeros = recs_calloc((size_t) rows + 1, row->size);

        rc = recs_writer_column(w, i, zeros, rows, err);

        free(zeros);
    }

    return rc;
}


static int
recs_writer_given(recs_writer_t *w, unsigned n, const char *name,
    uint32_t rows, recs_error_t *err)
{
    if (w->given[n]) {
        return recs_error(err, "%s: \"%s\" is given twice", w->path, name);
    }

    w->given[n] = 1;
    w->rows[n] = rows;

    return RECS_OK;
}


/* The largest shift whose chunks are all small enough. */

static int
recs_writer_shift(recs_writer_t *w, recs_list_e which,
    const recs_model_list_t *list, recs_error_t *err)
{
    uint8_t                   shift;
    uint32_t                  first, rows;
    const recs_format_row_t  *row;

    row = &recs_format_lists[which];

    for (shift = 0; shift < 31 && list->rows > 1u << shift; shift++) {
        /* void */
    }

    for (first = 0; first < list->rows; first += rows) {
        rows = recs_min(list->rows - first, 1u << shift);

        if (recs_writer_chunk_size(list, first, rows, row->size)
            <= w->chunk_max)
        {
            continue;
        }

        if (shift == 0) {
            return recs_error(err, "%s: row %u of \"%s\" has %zu entries: "
                              "too many for a snapshot", w->path, first,
                              row->name, (size_t) (list->offsets[first + 1]
                                                   - list->offsets[first]));
        }

        /* what was small enough stays so: go on from the same row */

        shift--;
        rows = 0;
    }

    if (recs_format_chunks(list->rows, shift) > RECS_FORMAT_CHUNKS) {
        return recs_error(err, "%s: \"%s\" needs %u chunks, %u are allowed",
                          w->path, row->name,
                          recs_format_chunks(list->rows, shift),
                          RECS_FORMAT_CHUNKS);
    }

    w->shift[RECS_COLUMN_MAX + which] = shift;

    return RECS_OK;
}


static uint64_t
recs_writer_chunk_size(const recs_model_list_t *list, uint32_t first,
    uint32_t rows, size_t size)
{
    return recs_format_entries(rows)
           + (list->offsets[first + rows] - list->offsets[first]) * size;
}


static void
recs_writer_chunk(uint8_t *p, const recs_model_list_t *list, uint32_t first,
    uint32_t rows, size_t size)
{
    uint32_t              i, *offsets;
    uint64_t              base;
    recs_format_chunk_t  *chunk;

    base = list->offsets[first];

    chunk = (recs_format_chunk_t *) p;
    chunk->rows = rows;
    chunk->entry_size = (uint32_t) size;
    chunk->count = (uint32_t) (list->offsets[first + rows] - base);
    chunk->entries = (uint32_t) recs_format_entries(rows);

    offsets = (uint32_t *) (chunk + 1);

    for (i = 0; i <= rows; i++) {
        offsets[i] = (uint32_t) (list->offsets[first + i] - base);
    }

    if (chunk->count) {
        memcpy(p + chunk->entries,
               (const uint8_t *) list->entries + base * size,
               chunk->count * size);
    }
}


int
recs_writer_close(recs_writer_t *w, recs_format_header_t *header,
    recs_error_t *err)
{
    uint8_t   key, *p;

    if (recs_writer_complete(w, header, err) != RECS_OK) {
        goto failed;
    }

    key = 'H';
    p = recs_writer_reserve(w, &key, 1, sizeof(recs_format_header_t));
    memcpy(p, header, sizeof(recs_format_header_t));

    if (recs_writer_sort(w, err) != RECS_OK) {
        goto failed;
    }

    header->id = recs_writer_id(w);
    memcpy(p, header, sizeof(recs_format_header_t));

    if (recs_writer_write(w, err) != RECS_OK) {
        goto failed;
    }

    recs_writer_free(w);

    return RECS_OK;

failed:

    recs_writer_abort(w);

    return RECS_ERROR;
}


void
recs_writer_abort(recs_writer_t *w)
{
    (void) unlink(w->path);

    recs_writer_free(w);
}


static void
recs_writer_free(recs_writer_t *w)
{
    size_t  i;

    for (i = 0; i < w->count; i++) {
        if (w->values[i].own) {
            free(w->values[i].record);
        }
    }

    for (i = 0; i < w->block_count; i++) {
        free(w->blocks[i]);
    }

    if (w->fd != -1) {
        (void) close(w->fd);
    }

    free(w->values);
    free(w->blocks);
    free(w->path);
    free(w);
}


/* Columns must be there; a list that no model has built is empty. */

static int
recs_writer_complete(recs_writer_t *w, recs_format_header_t *h,
    recs_error_t *err)
{
    uint32_t                  rows;
    unsigned                  i;
    const recs_format_row_t  *row;

    h->magic = RECS_FORMAT_MAGIC;
    h->version = RECS_FORMAT_VERSION;
    h->header_size = sizeof(recs_format_header_t);
    h->id = 0;

    for (i = 0; i < RECS_COLUMN_MAX + RECS_LIST_MAX; i++) {
        row = (i < RECS_COLUMN_MAX) ? &recs_format_columns[i]
                                    : &recs_format_lists[i - RECS_COLUMN_MAX];
        rows = h->rows[row->domain];

        if (!w->given[i] && i >= RECS_COLUMN_MAX
            && recs_writer_empty(w, i - RECS_COLUMN_MAX, rows, err) != RECS_OK)
        {
            return RECS_ERROR;
        }

        if (!w->given[i] || w->rows[i] != rows) {
            return recs_error(err, "%s: \"%s\" has %u rows, its domain %u",
                              w->path, row->name, w->rows[i], rows);
        }
    }

    memcpy(h->column_shift, w->shift, RECS_COLUMN_MAX);
    memcpy(h->list_shift, w->shift + RECS_COLUMN_MAX, RECS_LIST_MAX);

    return RECS_OK;
}


static int
recs_writer_empty(recs_writer_t *w, recs_list_e which, uint32_t rows,
    recs_error_t *err)
{
    int                rc;
    recs_model_list_t  list;

    list.rows = rows;
    list.offsets = recs_calloc((size_t) rows + 1, sizeof(uint64_t));
    list.entries = NULL;

    rc = recs_writer_list(w, which, &list, err);

    free(list.offsets);

    return rc;
}


static int
recs_writer_sort(recs_writer_t *w, recs_error_t *err)
{
    size_t                i;
    recs_writer_value_t  *v;

    v = w->values;

    qsort(v, w->count, sizeof(recs_writer_value_t), recs_writer_cmp);

    for (i = 1; i < w->count; i++) {
        if (recs_writer_cmp(&v[i - 1], &v[i]) == 0) {
            return recs_error(err, "%s: two values have one key of section "
                              "%c", w->path, v[i].record[1]);
        }
    }

    return RECS_OK;
}


static int
recs_writer_cmp(const void *one, const void *two)
{
    int             rc;
    const uint8_t  *a, *b;

    a = ((const recs_writer_value_t *) one)->record;
    b = ((const recs_writer_value_t *) two)->record;

    rc = memcmp(a + 1, b + 1, recs_min(a[0], b[0]));

    return rc ? rc : a[0] - b[0];
}


/*
 * The version of LMDB goes in, since it decides how the pages look: one id
 * must not name two files.
 */

static uint64_t
recs_writer_id(const recs_writer_t *w)
{
    size_t                      i;
    uint64_t                    fold[3];
    const recs_writer_value_t  *v;

    fold[0] = MDB_VERSION_FULL;

    for (i = 0; i < w->count; i++) {
        v = &w->values[i];
        fold[1] = recs_key64(v->record, 1 + v->record[0]);
        fold[2] = recs_key64(recs_writer_data(v), v->len);
        fold[0] = recs_key64(fold, sizeof(fold));
    }

    return fold[0] ? fold[0] : 1;
}


/* No lock file and no sync of LMDB's own: the file is ours until fsync. */

static int
recs_writer_write(recs_writer_t *w, recs_error_t *err)
{
    int           rc;
    MDB_env      *env;
    const char   *call;
    MDB_envinfo   info;

    call = "mdb_env_create()";

    rc = mdb_env_create(&env);
    if (rc != 0) {
        env = NULL;
        goto failed;
    }

    /* address space only: half-filled pages are the worst case */

    call = "mdb_env_set_mapsize()";

    rc = mdb_env_set_mapsize(env, ((w->bytes >> 20) + 32) << 21);
    if (rc != 0) {
        goto failed;
    }

    call = "mdb_env_open()";

    rc = mdb_env_open(env, w->path, MDB_NOSUBDIR|MDB_NOLOCK|MDB_NOSYNC, 0600);
    if (rc != 0) {
        goto failed;
    }

    rc = recs_writer_values(w, env, &call);
    if (rc != 0) {
        goto failed;
    }

    call = "mdb_env_info()";

    rc = mdb_env_info(env, &info);
    if (rc != 0) {
        goto failed;
    }

    mdb_env_close(env);

    return recs_writer_finish(w, (info.me_last_pgno + 1) * RECS_FORMAT_PAGE,
                              err);

failed:

    if (env) {
        mdb_env_close(env);
    }

    return recs_error(err, "%s: cannot write: %s: %s", w->path, call,
                      mdb_strerror(rc));
}


static int
recs_writer_values(recs_writer_t *w, MDB_env *env, const char **call)
{
    int     rc;
    size_t  next;

    next = 0;

    do {
        rc = recs_writer_batch(w, env, &next, call);

        if (!w->fast) {
            recs_progress("write", next, w->count);
        }

    } while (rc == 0 && next < w->count);

    if (!w->fast) {
        recs_progress_end();
    }

    return rc;
}


/* One transaction: LMDB holds its pages in memory until it ends. */

static int
recs_writer_batch(recs_writer_t *w, MDB_env *env, size_t *next,
    const char **call)
{
    int                   rc;
    size_t                bytes;
    MDB_dbi               dbi;
    MDB_txn              *txn;
    MDB_val               k, d;
    recs_writer_value_t  *v;

    *call = "mdb_txn_begin()";

    rc = mdb_txn_begin(env, NULL, 0, &txn);
    if (rc != 0) {
        return rc;
    }

    *call = "mdb_dbi_open()";

    rc = mdb_dbi_open(txn, NULL, 0, &dbi);

    for (bytes = 0; rc == 0 && *next < w->count && bytes < RECS_WRITER_COMMIT;
         bytes += v->len)
    {
        v = &w->values[(*next)++];

        k.mv_size = v->record[0];
        k.mv_data = v->record + 1;
        d.mv_size = v->len;
        d.mv_data = recs_writer_data(v);

        *call = "mdb_put()";

        rc = mdb_put(txn, dbi, &k, &d, MDB_APPEND);

        if (v->own) {
            free(v->record);
            v->own = 0;
        }
    }

    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }

    *call = "mdb_txn_commit()";

    return mdb_txn_commit(txn);
}


/* An fsync that failed must not be asked again: the pages are gone. */

static int
recs_writer_finish(recs_writer_t *w, uint64_t size, recs_error_t *err)
{
    int          rc;
    const char  *call;

    call = "ftruncate()";

    if (ftruncate(w->fd, size) == -1) {
        goto failed;
    }

    call = "fchmod()";

    if (fchmod(w->fd, 0444) == -1) {
        goto failed;
    }

    call = "fsync()";

    if (!w->fast && fsync(w->fd) == -1) {
        goto failed;
    }

    call = "close()";

    rc = close(w->fd);
    w->fd = -1;

    if (rc == -1) {
        goto failed;
    }

    return RECS_OK;

failed:

    return recs_error(err, "%s: %s failed: %s", w->path, call,
                      strerror(errno));
}
