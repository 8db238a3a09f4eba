/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "../memory.h"
#include "row.h"


typedef enum {
    RECS_FORMAT_UNKNOWN = 0,
    RECS_FORMAT_JSON,
    RECS_FORMAT_CSV
} recs_source_format_e;


typedef struct {
    const char            *ending;
    recs_source_format_e   format;
} recs_source_ending_t;

static const recs_source_ending_t  recs_source_endings[] = {
    { ".jsonl", RECS_FORMAT_JSON },
    { ".json", RECS_FORMAT_JSON },
    { ".ndjson", RECS_FORMAT_JSON },
    { ".csv", RECS_FORMAT_CSV },
    { NULL, RECS_FORMAT_UNKNOWN }
};


static recs_source_private_t *
recs_source_start(recs_source_t *source)
{
    recs_source_private_t  *p;

    p = source->private;

    if (p == NULL) {
        p = recs_calloc(1, sizeof(recs_source_private_t));
        p->quarantine = recs_quarantine_create(source->quarantine);
        p->catalog = recs_catalog_create();
        source->private = p;
    }

    return p;
}


static unsigned
recs_source_ends(const char *name, size_t len, const char *ending)
{
    size_t  n;

    n = strlen(ending);

    return len > n && strncasecmp(name + len - n, ending, n) == 0;
}


static recs_source_format_e
recs_source_format(const char *name)
{
    size_t                       len;
    const recs_source_ending_t  *e;

    len = strlen(name);

    if (recs_source_ends(name, len, ".gz")) {
        len -= 3;

    } else if (recs_source_ends(name, len, ".zst")) {
        len -= 4;
    }

    for (e = recs_source_endings; e->ending; e++) {
        if (recs_source_ends(name, len, e->ending)) {
            return e->format;
        }
    }

    return RECS_FORMAT_UNKNOWN;
}


/* What begins with a bracket is JSON. */

static int
recs_source_guess(recs_input_t *in, recs_source_format_e *format,
    recs_error_t *err)
{
    size_t      i;
    recs_str_t  head;

    if (recs_input_peek(in, &head, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (*format != RECS_FORMAT_UNKNOWN) {
        return RECS_OK;
    }

    for (i = 0; i < head.len && strchr(" \t\r\n", head.data[i]); i++) {
        /* void */
    }

    *format = (i == head.len || head.data[i] == '{' || head.data[i] == '[')
              ? RECS_FORMAT_JSON : RECS_FORMAT_CSV;

    return RECS_OK;
}


static int
recs_source_file(recs_source_t *source, const char *path, recs_file_e kind,
    recs_error_t *err)
{
    int                    rc;
    recs_input_t          *in;
    recs_source_format_e   format;

    in = recs_input_open(path, err);

    if (in == NULL) {
        return RECS_ERROR;
    }

    format = recs_source_format(path);
    rc = recs_source_guess(in, &format, err);

    if (rc == RECS_OK) {
        recs_message(RECS_MSG_DEBUG, "import", "reading %s as %s", path,
                     (format == RECS_FORMAT_JSON) ? "JSON lines" : "CSV");

        rc = (format == RECS_FORMAT_JSON)
             ? recs_jsonl_read(source, in, kind, err)
             : recs_csv_read(source, in, kind, err);
    }

    recs_progress_end();
    recs_input_close(in);

    return rc;
}


static int
recs_source_filter(const struct dirent *entry)
{
    return entry->d_name[0] != '.'
           && recs_source_format(entry->d_name) != RECS_FORMAT_UNKNOWN;
}


static int
recs_source_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}


static int
recs_source_directory(recs_source_t *source, const char *dir,
    recs_file_e kind, recs_error_t *err)
{
    int              i, n, rc;
    char            *path;
    size_t           size;
    struct dirent  **entries;

    n = scandir(dir, &entries, recs_source_filter, recs_source_order);

    if (n < 0) {
        return recs_error(err, "cannot read the directory %s: %s", dir,
                          strerror(errno));
    }

    rc = RECS_OK;

    if (n == 0) {
        rc = recs_error(err, "no *.jsonl, *.json or *.csv (.gz, .zst) in the "
                        "directory %s", dir);
    }

    for (i = 0; i < n; i++) {

        if (rc == RECS_OK) {
            size = strlen(dir) + strlen(entries[i]->d_name) + 2;
            path = recs_alloc(size);
            snprintf(path, size, "%s/%s", dir, entries[i]->d_name);

            rc = recs_source_file(source, path, kind, err);

            free(path);
        }

        free(entries[i]);
    }

    free(entries);

    return rc;
}


int
recs_source_read(recs_source_t *source, const char *path, recs_file_e kind,
    recs_error_t *err)
{
    struct stat  st;

    (void) recs_source_start(source);

    if (strcmp(path, "-") != 0) {

        if (stat(path, &st) != 0) {
            return recs_error(err, "cannot open %s: %s", path,
                              strerror(errno));
        }

        if (S_ISDIR(st.st_mode)) {
            return recs_source_directory(source, path, kind, err);
        }
    }

    return recs_source_file(source, path, kind, err);
}


int
recs_source_end(recs_source_t *source, double max_bad, recs_error_t *err)
{
    double                  share;
    uint64_t                rows;
    recs_source_stats_t    *stats;
    recs_source_private_t  *p;

    p = source->private;
    stats = &source->stats;

    if (p) {
        recs_quarantine_destroy(p->quarantine);
        recs_catalog_destroy(p->catalog);
        memset(p, 0, sizeof(recs_source_private_t));
        free(p);
        source->private = NULL;
    }

    rows = stats->bad + stats->events + stats->duplicates + stats->products
           + stats->users;
    share = rows ? (double) stats->bad / (double) rows : 0;

    if (share <= max_bad) {
        return RECS_OK;
    }

    return recs_error(err, "%llu of %llu lines are bad, a share of %.4f, "
                      "more than max_bad = %g; see %s, mend the files or "
                      "raise max_bad", (unsigned long long) stats->bad,
                      (unsigned long long) rows, share, max_bad,
                      source->quarantine ? source->quarantine
                                         : "the warnings");
}
