/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/recs_date.h"
#include "../directory.h"
#include "erase.h"


#define RECS_RECEIPTS  "receipts.jsonl"


static json_t *recs_receipt_json(recs_erase_t *erase,
    const recs_erase_ask_t *ask, int64_t now_ms);
static json_t *recs_receipt_places(recs_erase_t *erase);
static json_t *recs_receipt_time(int64_t ms);
static int recs_receipt_append(const char *log, const char *line,
    recs_error_t *e);


/* What a place counts: looked at, and changed or removed. */

static const struct {
    const char  *name;
    const char  *looked;
    const char  *changed;
} recs_receipt_rows[RECS_ERASE_PLACES] = {
    { "log", "files", "events" },
    { "archive", "files", "events" },
    { "checkpoint", "files", "events" },
    { "journal", "segments", "removed" },
    { "redis", "sessions", "removed" },
    { "quarantine", "lines", "removed" },
    { "snapshots", "snapshots", "removed" },
    { "input", "files", "changed" }
};


int
recs_erase_receipts(recs_erase_t *erase, int64_t now_ms, recs_error_t *e)
{
    int          rc;
    char        *line;
    size_t       i;
    json_t      *json;
    const char  *log;

    log = recs_log_files(erase->log)->dir;

    for (i = 0; i < erase->count; i++) {
        json = recs_receipt_json(erase, &erase->asks[i], now_ms);
        line = json_dumps(json, JSON_COMPACT);
        json_decref(json);

        rc = line ? recs_receipt_append(log, line, e)
             : recs_error(e, "a receipt cannot be written");
        free(line);

        if (rc != RECS_OK
            || recs_erase_ask_remove(&erase->asks[i], log, e) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static json_t *
recs_receipt_json(recs_erase_t *erase, const recs_erase_ask_t *ask,
    int64_t now_ms)
{
    json_t    *json;
    unsigned   i, whole;

    whole = 1;

    for (i = 0; i < RECS_ERASE_PLACES; i++) {
        whole &= (erase->places[i].left[0] == '\0'
                  || i == RECS_ERASE_INPUT
                  || (i == RECS_ERASE_SNAPSHOTS && !ask->now));
    }

    json = json_object();

    (void) json_object_set_new(json, "receiptId", json_string(ask->id));
    (void) json_object_set_new(json, "askedAt",
                               recs_receipt_time(ask->asked_ms));
    (void) json_object_set_new(json, "doneAt", recs_receipt_time(now_ms));
    (void) json_object_set_new(json, "now", json_boolean(ask->now));
    (void) json_object_set_new(json, "complete", json_boolean(whole));

    if (erase->count > 1) {
        (void) json_object_set_new(json, "together",
                                   json_integer((json_int_t) erase->count));
    }

    (void) json_object_set_new(json, "places", recs_receipt_places(erase));

    return json;
}


/* A place that is not there, as no archive is, is not told. */

static json_t *
recs_receipt_places(recs_erase_t *erase)
{
    json_t                    *list, *one;
    unsigned                   i;
    const recs_erase_place_t  *place;

    list = json_array();

    for (i = 0; i < RECS_ERASE_PLACES; i++) {
        place = &erase->places[i];

        if (place->looked == 0 && place->left[0] == '\0') {
            continue;
        }

        one = json_object();
        (void) json_object_set_new(one, "place",
                                   json_string(recs_receipt_rows[i].name));
        (void) json_object_set_new(one, recs_receipt_rows[i].looked,
                                   json_integer((json_int_t) place->looked));
        (void) json_object_set_new(one, recs_receipt_rows[i].changed,
                                   json_integer((json_int_t) place->changed));

        if (place->left[0]) {
            (void) json_object_set_new(one, "left", json_string(place->left));
        }

        (void) json_array_append_new(list, one);
    }

    return list;
}


static json_t *
recs_receipt_time(int64_t ms)
{
    uint8_t      text[RECS_DATE_SIZE];
    recs_out_t   out;

    recs_out_init(&out, text, sizeof(text));
    recs_out_time(&out, ms / 1000 * 1000);

    /* without the quotes */

    return json_stringn((char *) text + 1, (size_t) (out.pos - text) - 2);
}


static int
recs_receipt_append(const char *log, const char *line, recs_error_t *e)
{
    int    fd, dir, rc;
    char   path[4400];
    FILE  *file;

    snprintf(path, sizeof(path), "%s/" RECS_RECEIPTS, log);

    fd = open(path, O_WRONLY|O_CREAT|O_APPEND|O_NOFOLLOW|O_CLOEXEC, 0640);
    file = (fd == -1) ? NULL : fdopen(fd, "a");

    dir = open(log, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    rc = (file && dir != -1 && recs_directory_give(fd, dir) == RECS_OK
          && fprintf(file, "%s\n", line) > 0 && fflush(file) == 0
          && fsync(fd) == 0) ? RECS_OK
         : recs_error(e, "cannot write %s: %s", path, strerror(errno));

    if (file) {
        (void) fclose(file);

    } else if (fd != -1) {
        (void) close(fd);
    }

    if (dir != -1) {
        (void) close(dir);
    }

    return rc;
}


/* The last one: an ask may have been done twice. */

char *
recs_erase_receipt(const char *log, const char *id)
{
    char    path[4400], wanted[RECS_ERASE_ID + 20], *line, *found;
    FILE   *file;
    size_t  cap;

    snprintf(path, sizeof(path), "%s/" RECS_RECEIPTS, log);
    snprintf(wanted, sizeof(wanted), "{\"receiptId\":\"%s\"", id);

    file = fopen(path, "re");

    if (file == NULL) {
        return NULL;
    }

    line = NULL;
    found = NULL;
    cap = 0;

    while (getline(&line, &cap, file) != -1) {
        if (strncmp(line, wanted, strlen(wanted)) == 0) {
            free(found);
            found = strdup(line);
        }
    }

    free(line);
    (void) fclose(file);

    return found;
}
