/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../directory.h"
#include "erase.h"


#define RECS_ASK_DIR   "erase"
#define RECS_ASK_PATH  4400


static int recs_ask_directory(const char *log, char *path, recs_error_t *e);
static void recs_ask_path(const char *log, const char *id,
    const char *suffix, char *path);
static json_t *recs_ask_json(const recs_erase_ask_t *ask);
static int recs_ask_read(recs_erase_ask_t *ask, const char *path);
static int recs_ask_parse(recs_erase_ask_t *ask, const json_t *json);
static char *recs_ask_text(const json_t *json, const char *name);
static int recs_ask_unhex(void *data, size_t len, const char *hex);


int
recs_erase_ask_init(recs_erase_ask_t *ask, int64_t now_ms, recs_error_t *e)
{
    size_t    i;
    uint64_t  n[6];

    memset(ask, 0, sizeof(recs_erase_ask_t));

    for (i = 0; i < 6; i++) {
        if (recs_random64(&n[i]) != RECS_OK) {
            return recs_error(e, "the kernel gives no random number");
        }
    }

    recs_erase_hex(ask->id, n, RECS_ERASE_ID / 2);
    memcpy(ask->salt, &n[2], RECS_ERASE_SALT);
    ask->asked_ms = now_ms;

    return RECS_OK;
}


void
recs_erase_ask_free(recs_erase_ask_t *ask)
{
    free(ask->user);
    free(ask->session);
}


void
recs_erase_ask_who(recs_erase_ask_t *ask, uint8_t kind,
    const recs_identity_t *who)
{
    unsigned  i;

    for (i = 0; i < ask->count; i++) {
        if (memcmp(&ask->who[i], who, sizeof(recs_identity_t)) == 0) {
            return;
        }
    }

    if (recs_identity_known(who) && ask->count < RECS_ERASE_WHO) {
        ask->who[ask->count] = *who;
        ask->kinds[ask->count++] = kind;
    }
}


void
recs_erase_ask_ids(recs_erase_ask_t *ask, const recs_keys_t *keys)
{
    unsigned          i, n;
    recs_str_t        id;
    recs_identity_t   who;

    const struct {
        uint8_t      kind;
        const char  *id;

    } ids[] = {
        { RECS_KIND_USER, ask->user },
        { RECS_KIND_SESSION, ask->session }
    };

    for (i = 0; i < 2; i++) {

        if (ids[i].id == NULL) {
            continue;
        }

        id.data = (const uint8_t *) ids[i].id;
        id.len = strlen(ids[i].id);

        for (n = 0; n < keys->count; n++) {
            recs_identity(keys, n, ids[i].kind, &id, &who);
            recs_erase_ask_who(ask, ids[i].kind, &who);
        }
    }
}


static int
recs_ask_directory(const char *log, char *path, recs_error_t *e)
{
    int  fd, like, rc;

    snprintf(path, RECS_ASK_PATH, "%s/" RECS_ASK_DIR, log);

    rc = recs_directory_make(path, 0700);

    if (rc == RECS_OK) {
        fd = open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
        like = open(log, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

        rc = (fd == -1 || like == -1) ? RECS_ERROR
             : recs_directory_give(fd, like);

        if (fd != -1) {
            (void) close(fd);
        }

        if (like != -1) {
            (void) close(like);
        }
    }

    return (rc != RECS_ERROR) ? RECS_OK
           : recs_error(e, "cannot make %s: %s", path, strerror(errno));
}


static void
recs_ask_path(const char *log, const char *id, const char *suffix, char *path)
{
    snprintf(path, RECS_ASK_PATH, "%s/" RECS_ASK_DIR "/%s%s", log, id,
             suffix);
}


int
recs_erase_ask_write(const recs_erase_ask_t *ask, const char *log,
    recs_error_t *e)
{
    int      fd, dir, rc;
    char     path[RECS_ASK_PATH], new[RECS_ASK_PATH], *text;
    json_t  *json;
    size_t   len;

    if (recs_ask_directory(log, path, e) != RECS_OK) {
        return RECS_ERROR;
    }

    /* who looks for what was left by a kill has the lock, too */

    dir = open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir != -1) {
        (void) flock(dir, LOCK_EX);
    }

    recs_ask_path(log, ask->id, ".new", new);
    recs_ask_path(log, ask->id, ".json", path);

    json = recs_ask_json(ask);
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    len = text ? strlen(text) : 0;

    /* it may have raw ids */

    fd = open(new, O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0600);

    rc = (fd != -1 && dir != -1 && len
          && recs_directory_give(fd, dir) == RECS_OK
          && write(fd, text, len) == (ssize_t) len
          && fsync(fd) == 0
          && rename(new, path) == 0
          && fsync(dir) == 0) ? RECS_OK
         : recs_error(e, "cannot write %s: %s", path, strerror(errno));

    if (fd != -1) {
        (void) close(fd);
    }

    if (dir != -1) {
        (void) close(dir);
    }

    free(text);

    return rc;
}


static json_t *
recs_ask_json(const recs_erase_ask_t *ask)
{
    char       hex[2 * RECS_ERASE_SALT + 1];
    json_t    *json, *list, *one;
    unsigned   i;

    json = json_object();
    list = json_array();

    (void) json_object_set_new(json, "receipt", json_string(ask->id));
    (void) json_object_set_new(json, "asked", json_integer(ask->asked_ms));
    (void) json_object_set_new(json, "now", json_boolean(ask->now));

    if (ask->user) {
        (void) json_object_set_new(json, "user", json_string(ask->user));
    }

    if (ask->session) {
        (void) json_object_set_new(json, "session",
                                   json_string(ask->session));
    }

    for (i = 0; i < ask->count; i++) {
        one = json_object();
        hex[0] = (char) ask->kinds[i];
        hex[1] = '\0';
        (void) json_object_set_new(one, "kind", json_string(hex));
        recs_erase_hex(hex, ask->who[i].bytes, RECS_IDENTITY_SIZE);
        (void) json_object_set_new(one, "identity", json_string(hex));
        (void) json_array_append_new(list, one);
    }

    recs_erase_hex(hex, ask->salt, RECS_ERASE_SALT);

    (void) json_object_set_new(json, "who", list);
    (void) json_object_set_new(json, "salt", json_string(hex));

    return json;
}


int
recs_erase_ask_remove(const recs_erase_ask_t *ask, const char *log,
    recs_error_t *e)
{
    char  path[RECS_ASK_PATH];

    recs_ask_path(log, ask->id, ".json", path);

    if (unlink(path) == -1 && errno != ENOENT) {
        return recs_error(e, "cannot remove %s: %s", path, strerror(errno));
    }

    return RECS_OK;
}


int
recs_erase_ask_waits(const recs_erase_ask_t *ask, const char *log)
{
    char  path[RECS_ASK_PATH];

    recs_ask_path(log, ask->id, ".json", path);

    return access(path, F_OK) == 0;
}


int
recs_erase_asks(const char *log, recs_erase_ask_t **asks, size_t *count,
    recs_error_t *e)
{
    DIR                *d;
    char                path[RECS_ASK_PATH], id[RECS_ERASE_ID + 1];
    size_t              cap, len;
    unsigned            locked;
    recs_erase_ask_t    ask;
    struct dirent      *entry;

    *asks = NULL;
    *count = 0;
    cap = 0;

    snprintf(path, sizeof(path), "%s/" RECS_ASK_DIR, log);
    d = opendir(path);

    if (d == NULL) {
        return (errno == ENOENT) ? RECS_OK
               : recs_error(e, "cannot read %s: %s", path, strerror(errno));
    }

    locked = (flock(dirfd(d), LOCK_EX|LOCK_NB) == 0);

    while ((entry = readdir(d))) {
        len = strlen(entry->d_name);

        if (locked && len == RECS_ERASE_ID + 4
            && strcmp(entry->d_name + RECS_ERASE_ID, ".new") == 0)
        {
            (void) unlinkat(dirfd(d), entry->d_name, 0);
            continue;
        }

        if (len != RECS_ERASE_ID + 5
            || strcmp(entry->d_name + RECS_ERASE_ID, ".json") != 0)
        {
            continue;
        }

        memcpy(id, entry->d_name, RECS_ERASE_ID);
        id[RECS_ERASE_ID] = '\0';
        recs_ask_path(log, id, ".json", path);

        if (recs_ask_read(&ask, path) != RECS_OK) {
            recs_message(RECS_MSG_ERROR, "erase", "%s cannot be read, ask "
                         "again and remove it", path);
            continue;
        }

        recs_grow(asks, &cap, *count + 1, sizeof(recs_erase_ask_t));
        (*asks)[(*count)++] = ask;
    }

    closedir(d);

    return RECS_OK;
}


static int
recs_ask_read(recs_erase_ask_t *ask, const char *path)
{
    int      rc;
    json_t  *json;

    memset(ask, 0, sizeof(recs_erase_ask_t));

    json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

    if (json == NULL) {
        return RECS_ERROR;
    }

    rc = recs_ask_parse(ask, json);
    json_decref(json);

    if (rc != RECS_OK) {
        recs_erase_ask_free(ask);
    }

    return rc;
}


static int
recs_ask_parse(recs_erase_ask_t *ask, const json_t *json)
{
    size_t            i;
    const char       *id, *salt, *kind, *hex;
    const json_t     *list, *one;
    recs_identity_t   who;

    id = json_string_value(json_object_get(json, "receipt"));
    salt = json_string_value(json_object_get(json, "salt"));
    list = json_object_get(json, "who");

    if (id == NULL || strlen(id) != RECS_ERASE_ID || salt == NULL
        || recs_ask_unhex(ask->salt, RECS_ERASE_SALT, salt) != RECS_OK)
    {
        return RECS_ERROR;
    }

    strcpy(ask->id, id);
    ask->asked_ms = json_integer_value(json_object_get(json, "asked"));
    ask->now = json_is_true(json_object_get(json, "now"));
    ask->user = recs_ask_text(json, "user");
    ask->session = recs_ask_text(json, "session");

    for (i = 0; i < json_array_size(list); i++) {
        one = json_array_get(list, i);
        kind = json_string_value(json_object_get(one, "kind"));
        hex = json_string_value(json_object_get(one, "identity"));

        if (kind == NULL || hex == NULL
            || recs_ask_unhex(who.bytes, RECS_IDENTITY_SIZE, hex) != RECS_OK)
        {
            return RECS_ERROR;
        }

        recs_erase_ask_who(ask, (uint8_t) kind[0], &who);
    }

    return RECS_OK;
}


static char *
recs_ask_text(const json_t *json, const char *name)
{
    char        *copy;
    const char  *text;

    text = json_string_value(json_object_get(json, name));

    if (text == NULL) {
        return NULL;
    }

    copy = recs_alloc(strlen(text) + 1);

    return strcpy(copy, text);
}


void
recs_erase_hex(char *hex, const void *data, size_t len)
{
    size_t          i;
    const uint8_t  *p;

    p = data;

    for (i = 0; i < len; i++) {
        sprintf(hex + 2 * i, "%02x", p[i]);
    }
}


static int
recs_ask_unhex(void *data, size_t len, const char *hex)
{
    size_t    i;
    unsigned  n;
    uint8_t  *p;

    p = data;

    if (strlen(hex) != 2 * len
        || strspn(hex, "0123456789abcdef") != 2 * len)
    {
        return RECS_ERROR;
    }

    for (i = 0; i < len; i++) {
        (void) sscanf(hex + 2 * i, "%2x", &n);
        p[i] = (uint8_t) n;
    }

    return RECS_OK;
}
