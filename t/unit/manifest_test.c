/*
 * Copyright (C) recs authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../core/snapshot/recs_manifest.h"
#include "snap.h"
#include "tap.h"


#define ID    "0123456789abcdef"
#define MDB   "snap-" ID ".mdb"
#define JSON  "snap-" ID ".json"

/* SHA-256 of "abc", FIPS 180-2 B.1 */

#define ABC   "ba7816bf8f01cfea414140de5dae2223"                             \
              "b00361a396177a9cb410ff61f20015ad"

/* RECS_FORMAT_VERSION as text */

#define FORMAT  "4"

#define TEXT(id, format, size, sha256)                                       \
    "{\"id\":\"" id "\",\"sha256\":\"" sha256 "\",\"format\":" format        \
    ",\"generation\":7,\"size\":" size ",\"created\":1751284800000,"         \
    "\"items\":3,\"listed\":2,\"events\":5,\"lists\":4}"


static int
parse(const char *text, recs_manifest_t *m, const char **err)
{
    return recs_manifest_parse(m, (const uint8_t *) text, strlen(text), err);
}


static void
good(void)
{
    const char       *err;
    recs_manifest_t   m;

    ok(parse(TEXT(ID, "3", "3", ABC), &m, &err) == RECS_OK, "a manifest");
    ok(m.id == 0x0123456789abcdef, "id");
    is_int(m.generation, 7, "generation");
    is_int(m.format, 3, "format");
    is_int(m.size, 3, "size");
    is_int(m.created_ms, 1751284800000, "created");
    is_int(m.items, 3, "items");
    is_int(m.listed, 2, "listed");
    is_int(m.events, 5, "events");
    is_int(m.lists, 4, "lists");
    ok(m.sha256[0] == 0xba && m.sha256[31] == 0xad, "SHA-256");
}


static void
bad(void)
{
    size_t            i;
    const char       *err;
    recs_manifest_t   m;

    static const char *const  texts[] = {
        "",
        "[]",
        "{}",
        "null",
        TEXT(ID, "3", "3", ABC) "x",
        TEXT(ID, "3", "-3", ABC),
        TEXT(ID, "3", "3.5", ABC),
        TEXT(ID, "3", "\"3\"", ABC),
        TEXT(ID, "3", "99999999999999999999", ABC),
        TEXT(ID, "4294967296", "3", ABC),
        TEXT(ID, "3", "3,\"size\":3", ABC),
        TEXT("0123456789ABCDEF", "3", "3", ABC),
        TEXT("0123456789abcde", "3", "3", ABC),
        TEXT("0123456789abcdeg", "3", "3", ABC),
        TEXT(ID, "3", "3", "ba78"),
        TEXT(ID, "3", "3,\"x\":\"\xff\"", ABC),
        "{\"id\":\"" ID "\"}"
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        err = NULL;
        ok(parse(texts[i], &m, &err) == RECS_ERROR && err != NULL,
           "refused: %s", err ? err : texts[i]);
    }
}


/* No bit of it can be turned so that it says something else unnoticed. */

static void
bits(void)
{
    char              text[] = TEXT(ID, "3", "3", ABC);
    size_t            i, accepted, equal;
    const char       *err;
    recs_manifest_t   m, n;

    memset(&m, 0, sizeof(m));
    memset(&n, 0, sizeof(n));
    parse(text, &m, &err);

    for (accepted = equal = i = 0; i < 8 * (sizeof(text) - 1); i++) {
        text[i / 8] ^= 1 << i % 8;

        if (parse(text, &n, &err) == RECS_OK) {
            accepted++;
            equal += memcmp(&m, &n, sizeof(m)) == 0;
        }

        text[i / 8] ^= 1 << i % 8;
    }

    ok(accepted < 400 && equal == 0,
       "%zu of %zu bits give another manifest, %zu the same", accepted, i,
       equal);
}


static void
names(void)
{
    size_t    i;
    uint64_t  id;

    static const char *const  texts[] = {
        "", "current", "snap-.mdb", "snap-0123456789abcde.mdb",
        "snap-0123456789abcdef.json", "Snap-0123456789abcdef.mdb",
        "snap-0123456789ABCDEF.mdb", "../" MDB, MDB "x", "/" MDB,
        "snap-0123456789abcde/.mdb"
    };

    ok(recs_manifest_name(MDB, strlen(MDB), &id) == RECS_OK
       && id == 0x0123456789abcdef, "a name");

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok(recs_manifest_name(texts[i], strlen(texts[i]), &id) == RECS_ERROR,
           "no name: \"%s\"", texts[i]);
    }
}


static void
put(int dirfd, const char *name, const char *text, mode_t mode)
{
    int      fd;
    ssize_t  n;

    (void) unlinkat(dirfd, name, 0);
    (void) unlinkat(dirfd, name, AT_REMOVEDIR);
    fd = openat(dirfd, name, O_WRONLY|O_CREAT|O_EXCL, 0600);
    n = write(fd, text, strlen(text));
    (void) fchmod(fd, n < 0 ? 0 : mode);
    close(fd);
}


static int
refused(int dirfd, const char *name)
{
    int               fd, rc;
    const char       *err;
    recs_manifest_t   m;

    err = NULL;
    rc = recs_manifest_open(dirfd, "current", &fd, &m, &err);

    if (rc == RECS_OK) {
        close(fd);
    }

    return ok(rc == RECS_ERROR && err != NULL, "refused: %s: %s", name,
              err ? err : "no reason");
}


static void
opening(int dirfd)
{
    int               fd;
    const char       *err;
    recs_manifest_t   m;

    ok(recs_manifest_open(dirfd, "current", &fd, &m, &err) == RECS_DECLINED,
       "nothing is published");

    ok(symlinkat(MDB, dirfd, "current") == 0, "linked");
    refused(dirfd, "a link to nothing");

    put(dirfd, MDB, "abc", 0444);
    refused(dirfd, "no manifest");

    put(dirfd, JSON, TEXT(ID, FORMAT, "3", ABC), 0444);
    ok(recs_manifest_open(dirfd, "current", &fd, &m, &err) == RECS_OK,
       "opened");
    ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "closed on exec");
    ok(recs_manifest_check(fd, &m, &err) == RECS_OK, "its hash is right");
    close(fd);

    put(dirfd, JSON, TEXT("0123456789abcdee", FORMAT, "3", ABC), 0444);
    refused(dirfd, "the manifest of another");
    put(dirfd, JSON, TEXT(ID, "1", "3", ABC), 0444);
    refused(dirfd, "another format");
    put(dirfd, JSON, TEXT(ID, FORMAT, "4", ABC), 0444);
    refused(dirfd, "another size");
    put(dirfd, JSON, TEXT(ID, FORMAT, "3", ABC), 0464);
    refused(dirfd, "a manifest that a group may write");
    put(dirfd, JSON, TEXT(ID, FORMAT, "3", ABC), 0444);
    put(dirfd, MDB, "abc", 0446);
    refused(dirfd, "a snapshot that others may write");

    unlinkat(dirfd, MDB, 0);
    mkdirat(dirfd, MDB, 0755);
    refused(dirfd, "a directory");
    unlinkat(dirfd, MDB, AT_REMOVEDIR);
    mkfifoat(dirfd, MDB, 0444);
    refused(dirfd, "a FIFO");
    unlinkat(dirfd, MDB, 0);
    put(dirfd, "else", "abc", 0444);
    ok(symlinkat("else", dirfd, MDB) == 0, "linked");
    refused(dirfd, "a link to a snapshot");

    put(dirfd, MDB, "abc", 0444);
    unlinkat(dirfd, "current", 0);
    ok(symlinkat("./" MDB, dirfd, "current") == 0, "linked");
    refused(dirfd, "a link by a path");
    put(dirfd, "current", "abc", 0444);
    refused(dirfd, "a current that is no link");
}


static void
hashing(int dirfd)
{
    int                    fd, rc, steps;
    size_t                 i, size;
    uint8_t               *big;
    const char            *err;
    recs_manifest_t        m;
    recs_manifest_hash_t  *hash;

    size = 2 * RECS_HASH_SLICE + 12345;
    big = malloc(size);

    for (i = 0; i < size; i++) {
        big[i] = (uint8_t) (i * 31 >> 3);
    }

    fd = openat(dirfd, "big", O_RDWR|O_CREAT, 0600);
    ok(write(fd, big, size) == (ssize_t) size, "a file of three slices");

    memset(&m, 0, sizeof(m));
    m.size = size;
    ok(recs_manifest_sha256(fd, m.sha256) == RECS_OK, "hashed at once");

    hash = recs_manifest_begin(fd, &m);
    steps = 0;

    while ((rc = recs_manifest_step(hash, &err)) == RECS_AGAIN) {
        steps++;
    }

    ok(rc == RECS_OK, "the same in slices");
    is_int(steps, 2, "of which two are not the last");

    hash = recs_manifest_begin(fd, &m);
    ok(recs_manifest_step(hash, &err) == RECS_AGAIN, "begun");
    recs_manifest_stop(hash);

    m.size--;
    rc = recs_manifest_check(fd, &m, &err);
    ok(rc == RECS_ERROR, "longer: %s", err);
    m.size += 2;
    rc = recs_manifest_check(fd, &m, &err);
    ok(rc == RECS_ERROR, "shorter: %s", err);
    m.size--;
    ok(pwrite(fd, "x", 1, size - 1) == 1, "a byte changed");
    rc = recs_manifest_check(fd, &m, &err);
    ok(rc == RECS_ERROR, "changed: %s", err);
    rc = recs_manifest_check(-1, &m, &err);
    ok(rc == RECS_ERROR, "unreadable: %s", err);

    close(fd);
    free(big);
}


int
main(void)
{
    int    dirfd;
    char  *dir;

    good();
    bad();
    bits();
    names();

    dir = snap_dir();
    dirfd = open(dir, O_RDONLY|O_DIRECTORY);

    opening(dirfd);
    hashing(dirfd);

    close(dirfd);
    snap_remove(dir);

    return done_testing();
}
