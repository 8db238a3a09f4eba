/*
 * Copyright (C) recs authors
 *
 * What build and import have in common.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../directory.h"
#include "../memory.h"
#include "cmd.h"


error_t
recs_arguments_parser(int key, char *arg, struct argp_state *state)
{
    recs_arguments_t  *a;

    a = state->input;

    switch (key) {

    case ARGP_KEY_ARG:

        if (a->count == a->max) {
            argp_error(state, "too many arguments");
            return EINVAL;
        }

        a->values[a->count++] = arg;
        return 0;

    case ARGP_KEY_END:

        if (a->count < a->min) {
            argp_usage(state);
            return EINVAL;
        }

        return 0;
    }

    return ARGP_ERR_UNKNOWN;
}


uint64_t
recs_argument_number(struct argp_state *state, const char *name,
    const char *arg, uint64_t least, uint64_t most)
{
    char      *end;
    uint64_t   n;

    errno = 0;
    n = strtoull(arg, &end, 10);

    if (errno || *arg < '0' || *arg > '9' || *end != '\0' || n < least
        || n > most)
    {
        argp_error(state, "--%s \"%s\" is not a number from %llu to %llu",
                   name, arg, (unsigned long long) least,
                   (unsigned long long) most);
    }

    return n;
}


double
recs_argument_real(struct argp_state *state, const char *name,
    const char *arg, double least, double most)
{
    char    *end;
    double   value;

    errno = 0;
    value = strtod(arg, &end);

    if (errno || end == arg || *end != '\0'
        || !(value >= least && value <= most))
    {
        argp_error(state, "--%s \"%s\" is not a number from %g to %g", name,
                   arg, least, most);
    }

    return value;
}


int
recs_cmd_directory(const char *dir, recs_error_t *e)
{
    int    rc;
    char  *path, *p;

    path = recs_alloc(strlen(dir) + 1);
    strcpy(path, dir);

    for (p = path + 1; *p; p++) {

        if (*p == '/') {
            *p = '\0';
            (void) recs_directory_make(path, 0755);
            *p = '/';
        }
    }

    rc = RECS_OK;

    if (recs_directory_make(path, 0755) == RECS_ERROR) {
        rc = recs_error(e, "cannot make the directory %s: %s", dir,
                        strerror(errno));
    }

    free(path);

    return rc;
}


static const char *
recs_cmd_beside(const char *dir, const char *name)
{
    int     n;
    char    path[4096];

    static recs_names_t  *paths;

    if (paths == NULL) {
        paths = recs_names_create();
    }

    n = snprintf(path, sizeof(path), "%s/%s", dir, name);

    if (n < 0 || (size_t) n >= sizeof(path)) {
        return NULL;
    }

    return (const char *) recs_names_get(paths,
               recs_names_add(paths, path, (size_t) n + 1)).data;
}


/*
 * Identities in a log are under its key, so a directory of snapshots without
 * a key takes over that of the log it is built from.
 */

static int
recs_cmd_key(recs_config_t *c, recs_error_t *e)
{
    const char  *from;

    c->key = recs_cmd_beside(c->out ? c->out : c->log, "key");

    if (c->out == NULL || c->log == NULL || c->key == NULL) {
        return RECS_OK;
    }

    from = recs_cmd_beside(c->log, "key");

    if (from == NULL || access(from, F_OK) != 0 || link(from, c->key) == 0
        || errno == EEXIST)
    {
        return RECS_OK;
    }

    return recs_error(e, "cannot link the key of the log to %s: %s; copy %s "
                      "there or give --key", c->key, strerror(errno), from);
}


int
recs_cmd_prepare(recs_config_t *c, recs_keys_t *keys, recs_error_t *e)
{
    unsigned     n;
    const char  *err;

    /* a log is made by who fills it, not by who builds from it */

    if (recs_cmd_directory(c->out ? c->out : c->log, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (c->quarantine == NULL) {
        c->quarantine = recs_cmd_beside(c->out ? c->out : c->log,
                                        "quarantine.jsonl");
    }

    if (c->key == NULL && recs_cmd_key(c, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (c->key == NULL || c->quarantine == NULL) {
        return recs_error(e, "the name of the directory is too long");
    }

    if (recs_keys_load(keys, c->key, 1, &err) != RECS_OK) {
        return recs_error(e, "cannot load the key %s: %s", c->key, err);
    }

    for (n = 0; n < keys->count; n++) {
        c->key_numbers[n] = keys->keys[n].number;
    }

    c->key_count = keys->count;

    return RECS_OK;
}


static int
recs_cmd_read_paths(recs_source_t *source, const char *const *paths,
    recs_file_e kind, recs_error_t *e)
{
    for ( /* void */ ; *paths; paths++) {
        if (recs_source_read(source, *paths, kind, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


int
recs_cmd_read(const recs_config_t *c, recs_source_t *source, recs_error_t *e)
{
    source->quarantine = c->quarantine;
    source->threads = (unsigned) c->threads;
    source->shop.data = (const uint8_t *) c->shop;
    source->shop.len = c->shop ? strlen(c->shop) : 0;

    if (recs_cmd_read_paths(source, c->catalog, RECS_FILE_CATALOG, e)
        != RECS_OK
        || recs_cmd_read_paths(source, c->users, RECS_FILE_USERS, e)
           != RECS_OK
        || recs_cmd_read_paths(source, c->events, RECS_FILE_EVENTS, e)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}
