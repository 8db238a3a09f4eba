/*
 * Copyright (C) recs authors
 *
 * The only file of core/snapshot that knows libcrypto.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "recs_manifest.h"


#define RECS_SHA256_READ  (256u << 10)


struct recs_manifest_hash_s {
    int                     fd;
    uint64_t                left;      /* bytes that the manifest promises */
    uint64_t                pos;
    uint8_t                 sha256[RECS_SHA256_SIZE];
    EVP_MD_CTX             *md;
    uint8_t                 buf[RECS_SHA256_READ];
};


static recs_manifest_hash_t *recs_sha256_create(int fd);
static ssize_t recs_sha256_read(recs_manifest_hash_t *hash);
static int recs_sha256_final(recs_manifest_hash_t *hash, const char **err);


recs_manifest_hash_t *
recs_manifest_begin(int fd, const recs_manifest_t *m)
{
    recs_manifest_hash_t  *hash;

    hash = recs_sha256_create(fd);

    if (hash) {
        hash->left = m->size;
        memcpy(hash->sha256, m->sha256, RECS_SHA256_SIZE);
    }

    return hash;
}


int
recs_manifest_step(recs_manifest_hash_t *hash, const char **err)
{
    int      rc;
    size_t   slice;
    ssize_t  n;

    for (slice = 0; slice < RECS_HASH_SLICE; slice += n) {

        n = recs_sha256_read(hash);

        if (n == -1) {
            *err = "cannot read the snapshot";
            goto failed;
        }

        if ((uint64_t) n > hash->left || (n == 0 && hash->left)) {
            *err = "the size is not that of the manifest";
            goto failed;
        }

        if (n == 0) {
            rc = recs_sha256_final(hash, err);
            recs_manifest_stop(hash);
            return rc;
        }

        hash->left -= n;
    }

    return RECS_AGAIN;

failed:

    recs_manifest_stop(hash);

    return RECS_ERROR;
}


void
recs_manifest_stop(recs_manifest_hash_t *hash)
{
    if (hash) {
        EVP_MD_CTX_free(hash->md);
        free(hash);
    }
}


int
recs_manifest_check(int fd, const recs_manifest_t *m, const char **err)
{
    int                    rc;
    recs_manifest_hash_t  *hash;

    hash = recs_manifest_begin(fd, m);
    if (hash == NULL) {
        *err = "no memory for the hash";
        return RECS_ERROR;
    }

    do {
        rc = recs_manifest_step(hash, err);
    } while (rc == RECS_AGAIN);

    return rc;
}


int
recs_manifest_sha256(int fd, uint8_t sha256[RECS_SHA256_SIZE])
{
    int                    rc;
    ssize_t                n;
    recs_manifest_hash_t  *hash;

    hash = recs_sha256_create(fd);
    if (hash == NULL) {
        return RECS_ERROR;
    }

    do {
        n = recs_sha256_read(hash);
    } while (n > 0);

    rc = RECS_ERROR;

    if (n == 0 && EVP_DigestFinal_ex(hash->md, sha256, NULL) == 1) {
        rc = RECS_OK;
    }

    recs_manifest_stop(hash);

    return rc;
}


static recs_manifest_hash_t *
recs_sha256_create(int fd)
{
    recs_manifest_hash_t  *hash;

    hash = malloc(sizeof(recs_manifest_hash_t));
    if (hash == NULL) {
        return NULL;
    }

    hash->fd = fd;
    hash->pos = 0;
    hash->left = 0;
    hash->md = EVP_MD_CTX_new();

    if (hash->md == NULL
        || EVP_DigestInit_ex(hash->md, EVP_sha256(), NULL) != 1)
    {
        recs_manifest_stop(hash);
        return NULL;
    }

    (void) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);

    return hash;
}


/* One buffer, hashed; 0 at the end, -1 on an error. */

static ssize_t
recs_sha256_read(recs_manifest_hash_t *hash)
{
    ssize_t  n;

    do {
        n = pread(hash->fd, hash->buf, RECS_SHA256_READ, hash->pos);
    } while (n == -1 && errno == EINTR);

    if (n > 0) {
        hash->pos += n;

        if (EVP_DigestUpdate(hash->md, hash->buf, n) != 1) {
            return -1;
        }
    }

    return n;
}


static int
recs_sha256_final(recs_manifest_hash_t *hash, const char **err)
{
    uint8_t  sha256[RECS_SHA256_SIZE];

    if (EVP_DigestFinal_ex(hash->md, sha256, NULL) != 1) {
        *err = "cannot hash the snapshot";
        return RECS_ERROR;
    }

    if (memcmp(sha256, hash->sha256, RECS_SHA256_SIZE) != 0) {
        *err = "SHA-256 is not that of the manifest";
        return RECS_ERROR;
    }

    return RECS_OK;
}
