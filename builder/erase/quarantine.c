/*
 * Copyright (C) recs authors
 *
 * Bad lines, which are kept as they came, raw ids included: lines that have
 * the id as a word go.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../directory.h"
#include "erase.h"


static void recs_quarantine_file(recs_erase_t *erase, const char *path);
static int recs_quarantine_copy(recs_erase_t *erase, FILE *in, FILE *out);
static int recs_quarantine_theirs(recs_erase_t *erase, const char *line,
    size_t len);


void
recs_erase_quarantine(recs_erase_t *erase)
{
    char      path[RECS_QUARANTINE_PATH];
    unsigned  i;

    for (i = 0; i < RECS_QUARANTINES; i++) {
        if (recs_quarantine_path(erase->config, i, path)) {
            recs_quarantine_file(erase, path);
        }
    }
}


unsigned
recs_quarantine_path(const recs_config_t *config, unsigned n, char *path)
{
    const char  *dir;

    if (n == 0) {
        snprintf(path, RECS_QUARANTINE_PATH, "%s",
                 config->quarantine ? config->quarantine : "");

        return config->quarantine != NULL;
    }

    dir = (n == 1) ? config->out : config->log;

    if (dir == NULL) {
        return 0;
    }

    snprintf(path, RECS_QUARANTINE_PATH, "%s/quarantine.jsonl", dir);

    return config->quarantine == NULL
           || strcmp(config->quarantine, path) != 0;
}


static void
recs_quarantine_file(recs_erase_t *erase, const char *path)
{
    int                   fd, rc;
    FILE                 *in, *out;
    char                  new[4300];
    uint64_t              before;
    recs_erase_place_t   *place;

    /* of who was killed */

    snprintf(new, sizeof(new), "%s.new", path);

    if (unlink(new) == -1 && errno != ENOENT) {
        recs_erase_left(erase, RECS_ERASE_QUARANTINE, "%s: %s", new,
                        strerror(errno));
    }

    in = fopen(path, "re");

    if (in == NULL) {

        if (errno != ENOENT) {
            recs_erase_left(erase, RECS_ERASE_QUARANTINE, "%s: %s", path,
                            strerror(errno));
        }

        return;
    }

    fd = open(new, O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0600);
    out = (fd == -1) ? NULL : fdopen(fd, "w");

    place = &erase->places[RECS_ERASE_QUARANTINE];
    before = place->changed;
    rc = out ? recs_quarantine_copy(erase, in, out) : RECS_ERROR;

    if (rc == RECS_OK
        && (fflush(out) == EOF
            || recs_directory_give(fd, fileno(in)) != RECS_OK
            || fsync(fd) == -1
            || (place->changed > before && rename(new, path) == -1)))
    {
        rc = RECS_ERROR;
    }

    if (rc != RECS_OK) {
        recs_erase_left(erase, RECS_ERASE_QUARANTINE, "%s: %s; remove it",
                        path, strerror(errno));
    }

    if (out) {
        (void) fclose(out);
        (void) unlink(new);
    }

    (void) fclose(in);
}


static int
recs_quarantine_copy(recs_erase_t *erase, FILE *in, FILE *out)
{
    int                   rc;
    char                 *line;
    size_t                cap;
    ssize_t               len;
    recs_erase_place_t   *place;

    place = &erase->places[RECS_ERASE_QUARANTINE];
    line = NULL;
    cap = 0;
    rc = RECS_OK;

    while (rc == RECS_OK && (len = getline(&line, &cap, in)) != -1) {
        place->looked++;

        if (recs_quarantine_theirs(erase, line, (size_t) len)) {
            place->changed++;

        } else if (fwrite(line, 1, (size_t) len, out) != (size_t) len) {
            rc = RECS_ERROR;
        }
    }

    free(line);

    return ferror(in) ? RECS_ERROR : rc;
}


static int
recs_quarantine_theirs(recs_erase_t *erase, const char *line, size_t len)
{
    size_t      i;
    recs_str_t  text;

    text.data = (const uint8_t *) line;
    text.len = len;

    for (i = 0; i < erase->count; i++) {
        if ((erase->asks[i].user
             && recs_erase_word(&text, erase->asks[i].user))
            || (erase->asks[i].session
                && recs_erase_word(&text, erase->asks[i].session)))
        {
            return 1;
        }
    }

    return 0;
}
