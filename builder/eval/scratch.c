/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../memory.h"
#include "../publish/open.h"
#include "../publish/publish.h"
#include "scratch.h"


static char *
recs_scratch_path(const char *dir, const char *name)
{
    char    *path;
    size_t   size;

    size = strlen(dir) + strlen(name) + 2;
    path = recs_alloc(size);
    snprintf(path, size, "%s/%s", dir, name);

    return path;
}


/* No secret: the identities of a published split need no protection. */

static int
recs_scratch_key(const char *dir, recs_keys_t *keys, recs_error_t *err)
{
    int          fd, rc;
    char        *path;
    const char  *why;

    static const char  key[] =
        "1 00112233445566778899aabbccddeeff"
        "00112233445566778899aabbccddeeff\n";

    path = recs_scratch_path(dir, "key");
    fd = open(path, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0640);

    if (fd == -1
        || write(fd, key, sizeof(key) - 1) != (ssize_t) sizeof(key) - 1)
    {
        rc = recs_error(err, "%s: cannot write the key: %s", dir,
                        strerror(errno));

    } else {
        rc = recs_keys_load(keys, path, 0, &why);

        if (rc != RECS_OK) {
            (void) recs_error(err, "%s: %s", path, why);
        }
    }

    if (fd != -1) {
        (void) close(fd);
    }

    free(path);

    return rc;
}


char *
recs_scratch_make(const char *keep, recs_keys_t *keys, recs_error_t *err)
{
    char        *dir;
    const char  *tmp;

    if (keep) {
        dir = recs_scratch_path(keep, "");
        dir[strlen(keep)] = '\0';

        if (mkdir(dir, 0755) == -1 && errno != EEXIST) {
            (void) recs_error(err, "%s: cannot make the directory: %s", dir,
                              strerror(errno));
            free(dir);
            return NULL;
        }

    } else {
        tmp = getenv("TMPDIR");
        dir = recs_scratch_path(tmp ? tmp : "/tmp", "recs-eval-XXXXXX");

        if (mkdtemp(dir) == NULL) {
            (void) recs_error(err, "%s: cannot make the directory: %s; set "
                              "TMPDIR", dir, strerror(errno));
            free(dir);
            return NULL;
        }
    }

    if (recs_scratch_key(dir, keys, err) != RECS_OK) {
        if (keep == NULL) {
            recs_scratch_remove(dir);
        }

        free(dir);
        return NULL;
    }

    return dir;
}


int
recs_scratch_publish(const char *dir, const recs_dataset_t *part,
    const recs_config_t *c, uint32_t lists, recs_snapshot_t **s,
    recs_error_t *err)
{
    uint64_t       id;
    recs_config_t  config;

    config = *c;
    memset(config.forests, 0, sizeof(config.forests));
    config.ranking = NULL;
    config.rules = NULL;
    config.serving.diversity = 0;
    config.out = dir;
    config.keep = 1;
    config.force = 1;
    config.max_items_drop = 1;
    config.max_lists_drop = 1;
    config.lists = lists;

    if (recs_publish(part, &config, NULL, &id, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_open_snapshot(dir, 1, s, err);
}


void
recs_scratch_remove(const char *dir)
{
    DIR            *d;
    struct dirent  *entry;

    d = opendir(dir);

    if (d == NULL) {
        return;
    }

    while ((entry = readdir(d)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0
            && strcmp(entry->d_name, "..") != 0)
        {
            (void) unlinkat(dirfd(d), entry->d_name, 0);
        }
    }

    (void) closedir(d);
    (void) rmdir(dir);
}


void
recs_scratch_peak_reset(void)
{
    int  fd;

    fd = open("/proc/self/clear_refs", O_WRONLY|O_CLOEXEC);

    if (fd != -1) {
        if (write(fd, "5", 1) != 1) {
            /* an old kernel: the peak is that of the process */
        }

        (void) close(fd);
    }
}


long
recs_scratch_peak(void)
{
    char   line[256];
    long   kb;
    FILE  *f;

    kb = 0;
    f = fopen("/proc/self/status", "re");

    if (f == NULL) {
        return 0;
    }

    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
            break;
        }
    }

    (void) fclose(f);

    return kb;
}
