/*
 * Copyright (C) recs authors
 *
 * The order of steps is the promise: "current" moves when everything it will
 * lead to is verified and on disk, and nothing before that is visible.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../core/recs_out.h"
#include "assemble.h"
#include "dir.h"
#include "gate.h"


#define RECS_PUBLISH_PATH  4096
#define RECS_PUBLISH_KEEP  5         /* hot layers */


typedef struct {
    const recs_dataset_t      *d;
    const recs_config_t       *config;
    const char                *path;
    const char                *positions;
    size_t                     keep;
    const recs_publish_hot_t  *hot;          /* NULL: a base */
} recs_publish_t;


static int recs_publish_run(const recs_publish_t *p, uint64_t *id,
    recs_error_t *err);
static int recs_publish_write(recs_dir_t *dir, const recs_publish_t *p,
    recs_manifest_t *m, recs_error_t *err);
static int recs_publish_assemble(recs_dir_t *dir, const recs_publish_t *p,
    recs_writer_t *w, recs_assembly_t *a, recs_manifest_t *m,
    recs_error_t *err);
static int recs_publish_gates(recs_dir_t *dir, const recs_manifest_t *m,
    const recs_config_t *config, recs_error_t *err);
static int recs_publish_hash(recs_dir_t *dir, recs_manifest_t *m,
    recs_error_t *err);
static int recs_publish_verify(recs_dir_t *dir, int fd, recs_manifest_t *m,
    recs_error_t *err);
static int recs_publish_commit(recs_dir_t *dir, const recs_publish_t *p,
    recs_manifest_t *m, recs_error_t *err);
static int recs_publish_same(recs_dir_t *dir, const recs_manifest_t *m);
static int recs_publish_manifest(recs_dir_t *dir, const recs_manifest_t *m,
    const recs_config_t *config, const char *positions, recs_error_t *err);
static void recs_publish_text(recs_out_t *out, const recs_manifest_t *m,
    const recs_config_t *config, const char *positions);
static void recs_publish_json(recs_out_t *out, const char *name,
    const char *text);
static void recs_publish_member(recs_out_t *out, const char *name,
    uint64_t value);
static int recs_publish_current(recs_dir_t *dir, uint64_t id, size_t keep,
    recs_error_t *err);


int
recs_publish(const recs_dataset_t *d, const recs_config_t *config,
    const char *positions, uint64_t *id, recs_error_t *err)
{
    recs_publish_t  p = { d, config, config->out, positions,
                          recs_max(config->keep, 1), NULL };

    return recs_publish_run(&p, id, err);
}


int
recs_publish_hot(const recs_publish_hot_t *hot, const recs_config_t *config,
    uint64_t *id, recs_error_t *err)
{
    recs_publish_t  p = { hot->d, config, config->hot, NULL,
                          RECS_PUBLISH_KEEP, hot };

    return recs_publish_run(&p, id, err);
}


static int
recs_publish_run(const recs_publish_t *p, uint64_t *id, recs_error_t *err)
{
    int              rc;
    recs_dir_t       dir;
    recs_manifest_t  m;

    if (mkdir(p->path, 0755) == -1 && errno != EEXIST) {
        return recs_error(err, "%s: cannot make the directory: %s", p->path,
                          strerror(errno));
    }

    if (recs_dir_open(&dir, p->path, 1, err) != RECS_OK) {
        return RECS_ERROR;
    }

    dir.fast = (p->hot != NULL);
    rc = recs_dir_scan(&dir, err);

    if (rc == RECS_OK) {
        rc = recs_dir_collect(&dir, err);
    }

    recs_dir_unlock(&dir);

    if (rc == RECS_OK) {
        rc = recs_publish_write(&dir, p, &m, err);
    }

    if (rc == RECS_OK) {
        rc = recs_publish_hash(&dir, &m, err);
    }

    if (rc == RECS_OK) {
        rc = recs_dir_lock(&dir, err);
    }

    if (rc == RECS_OK) {
        rc = recs_publish_commit(&dir, p, &m, err);
    }

    if (rc == RECS_OK) {
        *id = m.id;
        rc = recs_publish_current(&dir, m.id, p->keep, err);
    }

    if (rc != RECS_OK) {
        (void) unlinkat(dir.fd, RECS_DIR_SNAPSHOT, 0);
        (void) unlinkat(dir.fd, RECS_DIR_MANIFEST, 0);
    }

    recs_dir_close(&dir);

    return rc;
}


static int
recs_publish_write(recs_dir_t *dir, const recs_publish_t *p,
    recs_manifest_t *m, recs_error_t *err)
{
    char             path[RECS_PUBLISH_PATH];
    recs_writer_t   *w;
    recs_assembly_t  a;

    if (snprintf(path, sizeof(path), "%s/%s", dir->path, RECS_DIR_SNAPSHOT)
        >= (int) sizeof(path))
    {
        return recs_error(err, "%s: the path is too long", dir->path);
    }

    if (p->hot == NULL
        && recs_gate_empty(p->d->items, p->d->items, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    w = recs_writer_open(path, err);
    if (w == NULL) {
        return RECS_ERROR;
    }

    if (recs_publish_assemble(dir, p, w, &a, m, err) != RECS_OK) {
        recs_writer_abort(w);
        return RECS_ERROR;
    }

    if (recs_writer_close(w, &a.header, err) != RECS_OK) {
        return RECS_ERROR;
    }

    m->id = a.header.id;

    return RECS_OK;
}


static int
recs_publish_assemble(recs_dir_t *dir, const recs_publish_t *p,
    recs_writer_t *w, recs_assembly_t *a, recs_manifest_t *m,
    recs_error_t *err)
{
    int  rc;

    if (p->hot) {
        recs_writer_fast(w);
        rc = recs_assemble_hot(w, p->hot, p->config, a, err);

    } else {
        rc = recs_assemble(w, p->d, p->config, p->positions, a, err);
    }

    if (rc != RECS_OK) {
        return RECS_ERROR;
    }

    memset(m, 0, sizeof(recs_manifest_t));

    m->format = RECS_FORMAT_VERSION;
    m->created_ms = p->d->now_ms;
    m->items = p->d->items;
    m->listed = a->listed;
    m->events = a->header.events;
    m->lists = a->lists;

    if (p->hot) {
        return RECS_OK;
    }

    if (recs_gate_empty(m->items, m->listed, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_publish_gates(dir, m, p->config, err);
}


/* A current snapshot that cannot be read must not keep a good one away. */

static int
recs_publish_gates(recs_dir_t *dir, const recs_manifest_t *m,
    const recs_config_t *config, recs_error_t *err)
{
    const recs_dir_entry_t  *before;

    before = dir->current ? recs_dir_find(dir, dir->current) : NULL;

    if (before == NULL) {
        return RECS_OK;
    }

    if (before->bad) {
        recs_message(RECS_MSG_WARN, "publish", "%s: the current snapshot is "
                     "bad, nothing to compare with: %s", dir->path,
                     before->bad);
        return RECS_OK;
    }

    return recs_gate_drop(m, &before->manifest, config, err);
}


static int
recs_publish_hash(recs_dir_t *dir, recs_manifest_t *m, recs_error_t *err)
{
    int          fd, rc;
    struct stat  st;

    fd = openat(dir->fd, RECS_DIR_SNAPSHOT, O_RDONLY|O_NOFOLLOW|O_CLOEXEC);

    if (fd == -1 || fstat(fd, &st) == -1) {
        (void) recs_error(err, "%s/%s: cannot open: %s", dir->path,
                          RECS_DIR_SNAPSHOT, strerror(errno));
        goto failed;
    }

    m->size = st.st_size;

    if (recs_manifest_sha256(fd, m->sha256) != RECS_OK) {
        (void) recs_error(err, "%s/%s: cannot hash: %s", dir->path,
                          RECS_DIR_SNAPSHOT, strerror(errno));
        goto failed;
    }

    rc = recs_publish_verify(dir, fd, m, err);

    (void) close(fd);

    return rc;

failed:

    if (fd != -1) {
        (void) close(fd);
    }

    return RECS_ERROR;
}


/*
 * What was written is in the page cache; without it the check reads what the
 * disk has.
 */

static int
recs_publish_verify(recs_dir_t *dir, int fd, recs_manifest_t *m,
    recs_error_t *err)
{
    const char  *why;

    if (!dir->fast) {
        (void) posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    }

    if (recs_dir_check_fd(fd, m, &why) != RECS_OK) {
        return recs_error(err, "%s/%s: what was just written is refused: %s",
                          dir->path, RECS_DIR_SNAPSHOT, why);
    }

    return RECS_OK;
}


static int
recs_publish_commit(recs_dir_t *dir, const recs_publish_t *p,
    recs_manifest_t *m, recs_error_t *err)
{
    int      same;
    char     name[RECS_NAME_MAX];

    if (recs_dir_scan(dir, err) != RECS_OK) {
        return RECS_ERROR;
    }

    m->generation = dir->count ? dir->entries[0].manifest.generation + 1 : 1;
    same = recs_publish_same(dir, m);

    if (recs_publish_manifest(dir, m, p->config, p->positions, err) != RECS_OK
        || recs_dir_rename(dir, RECS_DIR_MANIFEST,
                           recs_dir_name(name, m->id, ".json"), err)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    /* equal bytes: whoever has them mapped need not open them again */

    if (same) {
        (void) unlinkat(dir->fd, RECS_DIR_SNAPSHOT, 0);

    } else if (recs_dir_rename(dir, RECS_DIR_SNAPSHOT,
                               recs_dir_name(name, m->id, ".mdb"), err)
               != RECS_OK)
    {
        (void) unlinkat(dir->fd, recs_dir_name(name, m->id, ".json"), 0);
        return RECS_ERROR;
    }

    return recs_dir_sync(dir, err);
}


static int
recs_publish_same(recs_dir_t *dir, const recs_manifest_t *m)
{
    recs_error_t             ignored;
    const recs_dir_entry_t  *e;

    e = recs_dir_find(dir, m->id);

    return e != NULL && e->bad == NULL
           && memcmp(e->manifest.sha256, m->sha256, RECS_SHA256_SIZE) == 0
           && recs_dir_check(dir, m->id, &ignored) == RECS_OK;
}


static int
recs_publish_manifest(recs_dir_t *dir, const recs_manifest_t *m,
    const recs_config_t *config, const char *positions, recs_error_t *err)
{
    int               rc;
    size_t            size;
    uint8_t          *buf;
    recs_out_t        out;
    const char       *why;
    recs_manifest_t   back;

    size = RECS_PUBLISH_PATH + (positions ? strlen(positions) : 0)
           + (config->selection ? strlen(config->selection) : 0)
           + (config->ranking ? strlen(config->ranking) : 0);
    buf = recs_alloc(size);

    recs_out_init(&out, buf, size);
    recs_publish_text(&out, m, config, positions);

    if (out.overflow
        || recs_manifest_parse(&back, buf, out.pos - buf, &why) != RECS_OK
        || back.id != m->id || back.size != m->size)
    {
        rc = recs_error(err, "%s: the manifest would not be read again, are "
                        "selection, ranking and positions JSON?", dir->path);

    } else {
        rc = recs_dir_write(dir, RECS_DIR_MANIFEST, buf, out.pos - buf, err);
    }

    free(buf);

    return rc;
}


static void
recs_publish_text(recs_out_t *out, const recs_manifest_t *m,
    const recs_config_t *config, const char *positions)
{
    unsigned  i;

    static const char  hex[] = "0123456789abcdef";

    recs_out_lit(out, "{\"id\":\"");
    recs_out_hex64(out, m->id);
    recs_out_lit(out, "\",\n\"sha256\":\"");

    for (i = 0; i < RECS_SHA256_SIZE; i++) {
        recs_out_byte(out, hex[m->sha256[i] >> 4]);
        recs_out_byte(out, hex[m->sha256[i] & 15]);
    }

    recs_out_byte(out, '"');

    recs_publish_member(out, "format", m->format);
    recs_publish_member(out, "generation", m->generation);
    recs_publish_member(out, "size", m->size);
    recs_publish_member(out, "created", m->created_ms);
    recs_publish_member(out, "items", m->items);
    recs_publish_member(out, "listed", m->listed);
    recs_publish_member(out, "events", m->events);
    recs_publish_member(out, "lists", m->lists);

    recs_publish_json(out, "selection", config->selection);
    recs_publish_json(out, "ranking", config->ranking);
    recs_publish_json(out, "positions", positions);

    recs_out_lit(out, "}\n");
}


static void
recs_publish_json(recs_out_t *out, const char *name, const char *text)
{
    if (text) {
        recs_out_lit(out, ",\n\"");
        recs_out_bytes(out, name, strlen(name));
        recs_out_lit(out, "\":");
        recs_out_bytes(out, text, strlen(text));
    }
}


static void
recs_publish_member(recs_out_t *out, const char *name, uint64_t value)
{
    recs_out_lit(out, ",\n\"");
    recs_out_bytes(out, name, strlen(name));
    recs_out_lit(out, "\":");
    recs_out_u64(out, value);
}


static int
recs_publish_current(recs_dir_t *dir, uint64_t id, size_t keep,
    recs_error_t *err)
{
    char  name[RECS_NAME_MAX];

    recs_dir_name(name, id, "");

    if (dir->is_pinned) {
        recs_message(RECS_MSG_NOTICE, "publish", "%s/%s is there but not "
                     "current: an operator has pinned another one", dir->path,
                     name);

    } else if (recs_dir_current(dir, id, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_dir_scan(dir, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_dir_retain(dir, keep, err);
}
