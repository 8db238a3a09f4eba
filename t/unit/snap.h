/*
 * Copyright (C) recs authors
 *
 * A small shop as a dataset, and a directory to publish it in.
 */

#ifndef _RECS_SNAP_H_INCLUDED_
#define _RECS_SNAP_H_INCLUDED_


#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../builder/publish/publish.h"
#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "../../core/snapshot/recs_snapshot.h"


#define SNAP_NOW  INT64_C(1751284800000)


static inline uint32_t
snap_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (*seed >> 33);
}


static inline void
snap_config(recs_config_t *c, const char *dir)
{
    recs_config_init(c);

    c->out = dir;
    c->now_ms = SNAP_NOW;
}


static inline void
snap_identity(recs_identity_t *identity, uint32_t n)
{
    memset(identity, 0, sizeof(recs_identity_t));
    identity->bytes[0] = 1;
    memcpy(identity->bytes + 12, &n, sizeof(n));
}


static inline int
snap_product(recs_dataset_t *d, uint32_t n, recs_error_t *err)
{
    char          text[1024];
    recs_event_t  e;

    static const char *const  paths[] = {
        "\"Home\",\"Kitchen\"", "\"Home\",\"Garden\"", "\"Toys\"",
        "\"Toys\",\"Games\"", "\"Sale\",\"Kitchen\""
    };

    snprintf(text, sizeof(text), "{\"productId\":\"p%u\",\"title\":\"Item "
             "\\\"%u\\\" <b>& more\",\"category\":[%s],\"brand\":\"Brand %u\","
             "\"price\":%u.5,\"currency\":\"EUR\",\"stock\":%u,"
             "\"rating\":%u.5,\"ratingCount\":%u,\"url\":\"https://shop."
             "example/p%u?a=1&b=2\",\"createdAt\":%lld%s,\"tags\":[\"t%u\","
             "\"t%u\"],\"attributes\":{\"shade\":\"S%u\"}}", n, n,
             paths[n % 5], n % 7, 1 + n * 37 % 100, n % 11, n % 5, n % 13, n,
             (long long) (SNAP_NOW - n * 3600000LL),
             n % 3 ? "" : ",\"regions\":[\"de\",\"fr\"]", n % 4, n % 3,
             n % 7);

    recs_event_init(&e);

    e.type = RECS_EVENT_PRODUCT_UPDATE;
    e.class = RECS_CLASS_PRODUCT;
    e.time_ms = e.received_ms = SNAP_NOW - 86400000;
    e.document.data = (const uint8_t *) text;
    e.document.len = strlen(text);

    return recs_dataset_add(d, &e, err);
}


static inline int
snap_event(recs_dataset_t *d, uint32_t n, uint32_t items, uint64_t *seed,
    recs_error_t *err)
{
    char          ids[4][32], order[32];
    uint32_t      i, user, from;
    recs_event_t  e;

    recs_event_init(&e);

    user = snap_random(seed) % (2 + items);
    from = user * 7 % items;

    snap_identity(&e.user, user);
    snap_identity(&e.session, 1000000 + user * 4 + n % 4);

    e.type = (n % 4) ? RECS_EVENT_PRODUCT_VIEW : RECS_EVENT_PURCHASE;
    e.class = RECS_CLASS_ACTIVITY;
    e.time_ms = SNAP_NOW - (int64_t) (snap_random(seed) % 864000) * 1000;
    e.received_ms = e.time_ms;
    e.item_count = (n % 4) ? 1 : 3;

    for (i = 0; i < e.item_count; i++) {
        snprintf(ids[i], sizeof(ids[i]), "p%u",
                 (from + i * 3 + snap_random(seed) % 4) % items);
        recs_event_item_init(&e.items[i]);
        e.items[i].product.data = (const uint8_t *) ids[i];
        e.items[i].product.len = strlen(ids[i]);
        e.items[i].price = 5 * RECS_MICRO;
    }

    if (e.type == RECS_EVENT_PURCHASE) {
        snprintf(order, sizeof(order), "o%u", n);
        e.order.data = (const uint8_t *) order;
        e.order.len = strlen(order);
    }

    return recs_dataset_add(d, &e, err);
}


/* The same numbers make the same shop. */

static inline recs_dataset_t *
snap_dataset(const recs_config_t *c, uint32_t items, uint32_t events,
    uint64_t seed)
{
    uint32_t         i;
    recs_error_t     err;
    recs_dataset_t  *d;

    d = recs_dataset_create(c);

    for (i = 0; i < items; i++) {
        if (snap_product(d, i, &err) != RECS_OK) {
            goto failed;
        }
    }

    for (i = 0; i < events; i++) {
        if (snap_event(d, i, items, &seed, &err) != RECS_OK) {
            goto failed;
        }
    }

    if (recs_dataset_finish(d, &err) == RECS_OK) {
        return d;
    }

failed:

    fprintf(stderr, "no dataset: %s\n", err.text);
    exit(1);
}


static inline char *
snap_dir(void)
{
    char        *dir;
    const char  *tmp;

    tmp = getenv("TMPDIR");
    tmp = tmp ? tmp : "/tmp";

    dir = malloc(strlen(tmp) + 32);
    sprintf(dir, "%s/recs-unit-XXXXXX", tmp);

    if (mkdtemp(dir) == NULL) {
        perror(dir);
        exit(1);
    }

    return dir;
}


static inline void
snap_clear(const char *dir)
{
    int             fd;
    DIR            *list;
    struct dirent  *de;

    fd = open(dir, O_RDONLY|O_DIRECTORY);
    list = fdopendir(fd);

    while ((de = readdir(list)) != NULL) {
        if (unlinkat(fd, de->d_name, 0) == -1) {
            (void) unlinkat(fd, de->d_name, AT_REMOVEDIR);
        }
    }

    closedir(list);
}


static inline void
snap_remove(char *dir)
{
    snap_clear(dir);
    (void) rmdir(dir);
    free(dir);
}


/* Files whose name begins so. */

static inline unsigned
snap_count(const char *dir, const char *prefix, const char *suffix)
{
    DIR            *list;
    size_t          len;
    unsigned        n;
    struct dirent  *de;

    n = 0;
    list = opendir(dir);

    while ((de = readdir(list)) != NULL) {
        len = strlen(de->d_name);
        n += strncmp(de->d_name, prefix, strlen(prefix)) == 0
             && len >= strlen(suffix)
             && strcmp(de->d_name + len - strlen(suffix), suffix) == 0;
    }

    closedir(list);

    return n;
}


/* "current" of a directory, checked and open, or NULL with the reason. */

static inline recs_snapshot_t *
snap_open(const char *dir, recs_manifest_t *m, const char **why)
{
    int               fd, dirfd, rc;
    recs_snapshot_t  *s;

    *why = "nothing is published";
    dirfd = open(dir, O_RDONLY|O_DIRECTORY);
    rc = recs_manifest_open(dirfd, "current", &fd, m, why);
    close(dirfd);

    if (rc != RECS_OK) {
        return NULL;
    }

    s = NULL;

    if (recs_manifest_check(fd, m, why) == RECS_OK) {
        (void) recs_snapshot_open(&s, fd, why);
    }

    close(fd);

    return s;
}


#endif /* _RECS_SNAP_H_INCLUDED_ */
