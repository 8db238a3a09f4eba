/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../core/recs_types.h"
#include "log_usage.h"


static uint32_t recs_log_usage_number(const char *name);


int
recs_log_usage(const char *dir, recs_log_usage_t *usage, recs_error_t *e)
{
    DIR            *d;
    int64_t         ms;
    uint32_t        number;
    struct stat     st;
    struct dirent  *entry;

    memset(usage, 0, sizeof(recs_log_usage_t));

    d = opendir(dir);

    if (d == NULL) {
        return recs_error(e, "cannot read the event log %s: %s", dir,
                          strerror(errno));
    }

    while ((entry = readdir(d))) {
        number = recs_log_usage_number(entry->d_name);

        /* one that has just gone is none */

        if (number == 0
            || fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)
               == -1)
        {
            continue;
        }

        ms = (int64_t) st.st_mtim.tv_sec * 1000
             + st.st_mtim.tv_nsec / 1000000;

        usage->files++;
        usage->bytes += (uint64_t) st.st_size;
        usage->written_ms = recs_max(usage->written_ms, ms);

        if (usage->first == 0 || number < usage->first) {
            usage->first = number;
        }
    }

    closedir(d);

    return RECS_OK;
}


/* "0000001f.log"; 0: no file of the log. */

static uint32_t
recs_log_usage_number(const char *name)
{
    if (strspn(name, "0123456789abcdef") != 8
        || strcmp(name + 8, ".log") != 0)
    {
        return 0;
    }

    return (uint32_t) strtoul(name, NULL, 16);
}
