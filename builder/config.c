/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <confuse.h>

#include "../core/event/recs_event.h"
#include "config.h"
#include "memory.h"


#define RECS_WEIGHTS       5
#define RECS_SHOP_MAX      64


typedef enum {
    RECS_OPTION_STRING = 0,      /* const char * */
    RECS_OPTION_PATHS,           /* const char *[RECS_PATHS_MAX] */
    RECS_OPTION_NUMBER,          /* double */
    RECS_OPTION_WEIGHTS,         /* double[RECS_WEIGHTS] */
    RECS_OPTION_COUNT,           /* long */
    RECS_OPTION_FLAG,            /* int */
    RECS_OPTION_TIME             /* int64_t, ms */
} recs_option_e;


typedef struct {
    const char     *name;
    recs_option_e   type;
    size_t          offset;
    const char     *value;       /* the default, NULL: none */
    double          min;         /* of a string: of its length */
    double          max;
    const char     *help;
} recs_config_option_t;


/* What is being read: libconfuse hands its callbacks nothing of ours. */

typedef struct {
    recs_config_t  *config;
    recs_error_t   *error;
    const char     *path;
    unsigned        failed;
} recs_config_reading_t;


#define recs_option_row(name, type, value, min, max, help)                   \
    { #name, RECS_OPTION_##type, offsetof(recs_config_t, name), value, min,  \
      max, help }


static const recs_config_option_t  recs_config_options[] = {

    recs_option_row(events, PATHS, NULL, 1, 4096,
                    "files or directories of events"),
    recs_option_row(catalog, PATHS, NULL, 1, 4096,
                    "files or directories of products"),
    recs_option_row(users, PATHS, NULL, 1, 4096,
                    "files or directories of users"),
    recs_option_row(out, STRING, NULL, 1, 4096,
                    "directory of the snapshots"),
    recs_option_row(log, STRING, NULL, 1, 4096,
                    "directory of the event log"),
    recs_option_row(key, STRING, NULL, 1, 4096,
                    "key file of identities, default \"key\" beside the "
                    "snapshots"),
    recs_option_row(journal, STRING, NULL, 1, 4096,
                    "directory of the workers' journal"),
    recs_option_row(redis, STRING, NULL, 1, 4096,
                    "unix:PATH or HOST:PORT"),
    recs_option_row(redis_user, STRING, NULL, 1, 255,
                    "user of Redis, default \"default\""),
    recs_option_row(redis_password_file, STRING, NULL, 1, 4096,
                    "file whose first line is the password of Redis"),
    recs_option_row(redis_db, COUNT, "0", 0, 65535,
                    "number of the database in Redis"),
    recs_option_row(stream, STRING, "recs:events", 1, 4096,
                    "stream of events in Redis"),
    recs_option_row(quarantine, STRING, NULL, 1, 4096,
                    "file that bad lines are appended to"),
    recs_option_row(shop, STRING, "", 0, RECS_SHOP_MAX,
                    "name of the shop, \"\" where there is one only"),

    recs_option_row(schedule, STRING, "15m", 2, 255,
                    "when the base is built: \"15m\" or \"0 2 * * *\""),
    recs_option_row(poll, NUMBER, "0.5", 0.01, 3600,
                    "seconds between looks at the journal"),
    recs_option_row(now_ms, TIME, NULL, 0, 0,
                    "the clock of the build, default the newest event"),

    recs_option_row(threads, COUNT, "2", 1, 256, "threads"),
    recs_option_row(keep, COUNT, "5", 1, 10000, "snapshots to keep"),
    recs_option_row(max_bad, NUMBER, "0.05", 0, 1,
                    "share of bad lines that refuses a build"),
    recs_option_row(max_items_drop, NUMBER, "0.10", 0, 1,
                    "share of products lost that refuses a build"),
    recs_option_row(max_lists_drop, NUMBER, "0.20", 0, 1,
                    "share of lists lost that refuses a build"),
    recs_option_row(force, FLAG, "false", 0, 1,
                    "publish what the gates refuse"),

    recs_option_row(half_life_days, NUMBER, "45", 0.01, 36500,
                    "half-life of implicit feedback"),
    recs_option_row(similar_weights, WEIGHTS, ".40 .15 .20 .15 .10", 0, 1,
                    "category, brand, price, specification, behaviour"),
    recs_option_row(together_beta, NUMBER, ".3", 0, 1,
                    "bought together: exponent of popularity"),
    recs_option_row(together_min_g2, NUMBER, "20", 0, 1e9,
                    "bought together: least log-likelihood ratio"),
    recs_option_row(together_min_count, COUNT, "3", 1, 1000000,
                    "bought together: least number of baskets"),
    recs_option_row(together_min_lift, NUMBER, "1.1", 0, 1e6,
                    "bought together: least lift"),
    recs_option_row(trending_hours, NUMBER, "24", 0, 87600,
                    "half-life of trends, 0: from the data"),
    recs_option_row(new_days, NUMBER, "14", 0.01, 36500,
                    "how long a product is new"),
    recs_option_row(drop_min, NUMBER, ".05", 0, 1,
                    "least share that a price drop takes off"),
    recs_option_row(drop_days, NUMBER, "30", 0.01, 3650,
                    "how long a price drop is shown"),
    recs_option_row(list_max, COUNT, "200", 1, 10000,
                    "rows of a ranked list"),
    recs_option_row(related_max, COUNT, "50", 1, 1000,
                    "neighbours of a product")
};

#define RECS_OPTIONS                                                         \
    (sizeof(recs_config_options) / sizeof(recs_config_options[0]))


static recs_config_reading_t  recs_config_reading;

/* Strings of all configurations; they live as long as the program. */

static recs_names_t  *recs_config_strings;


static const char *
recs_config_keep(const char *text)
{
    uint32_t  n;

    if (recs_config_strings == NULL) {
        recs_config_strings = recs_names_create();
    }

    n = recs_names_add(recs_config_strings, text, strlen(text) + 1);

    return (const char *) recs_names_get(recs_config_strings, n).data;
}


static const recs_config_option_t *
recs_config_find(const char *name)
{
    size_t  i;

    if (strcmp(name, "now") == 0) {
        name = "now_ms";
    }

    for (i = 0; i < RECS_OPTIONS; i++) {
        if (strcmp(recs_config_options[i].name, name) == 0) {
            return &recs_config_options[i];
        }
    }

    return NULL;
}


static const char *
recs_config_label(const recs_config_option_t *o)
{
    return (o->type == RECS_OPTION_TIME) ? "now" : o->name;
}


static int
recs_config_range(const recs_config_option_t *o, double value,
    recs_error_t *e)
{
    if (value >= o->min && value <= o->max) {
        return RECS_OK;
    }

    return recs_error(e, "\"%s\" is %.10g, must be %.10g to %.10g",
                      recs_config_label(o), value, o->min, o->max);
}


static int
recs_config_number(const recs_config_option_t *o, const char *text,
    double *value, recs_error_t *e)
{
    char  *last;

    errno = 0;
    *value = strtod(text, &last);

    if (last == text || *last != '\0' || errno || !isfinite(*value)) {
        return recs_error(e, "\"%s\" is \"%s\", must be a number",
                          recs_config_label(o), text);
    }

    if (o->type == RECS_OPTION_COUNT && *value != floor(*value)) {
        return recs_error(e, "\"%s\" is \"%s\", must be a whole number",
                          recs_config_label(o), text);
    }

    return recs_config_range(o, *value, e);
}


static int
recs_config_flag(const recs_config_option_t *o, const char *text, int *value,
    recs_error_t *e)
{
    size_t  i;

    static const char *const  words[] = {
        "false", "true", "no", "yes", "off", "on", "0", "1"
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *value = (int) (i & 1);
            return RECS_OK;
        }
    }

    return recs_error(e, "\"%s\" is \"%s\", must be true or false",
                      recs_config_label(o), text);
}


static int
recs_config_string(const recs_config_option_t *o, const char *text,
    const char **value, recs_error_t *e)
{
    size_t  len;

    len = strlen(text);

    if ((double) len < o->min || (double) len > o->max) {
        return recs_error(e, "\"%s\" has %zu bytes, must have %.0f to %.0f",
                          recs_config_label(o), len, o->min, o->max);
    }

    *value = recs_config_keep(text);

    return RECS_OK;
}


static int
recs_config_paths(const recs_config_option_t *o, const char *text,
    unsigned nth, const char **paths, recs_error_t *e)
{
    if (nth >= RECS_PATHS_MAX - 1) {
        return recs_error(e, "\"%s\" has more than %d paths; name their "
                          "directory instead", o->name, RECS_PATHS_MAX - 1);
    }

    if (recs_config_string(o, text, &paths[nth], e) != RECS_OK) {
        return RECS_ERROR;
    }

    paths[nth + 1] = NULL;

    return RECS_OK;
}


/* One weight, or all of them with blanks or commas between. */

static int
recs_config_weights(const recs_config_option_t *o, const char *text,
    unsigned nth, double *weights, recs_error_t *e)
{
    char        word[64];
    size_t      len;
    const char  *p;

    for (p = text; *p; p += len, nth++) {
        p += strspn(p, " ,");
        len = strcspn(p, " ,");

        if (len == 0) {
            break;
        }

        if (nth == RECS_WEIGHTS || len >= sizeof(word)) {
            return recs_error(e, "\"%s\" is \"%s\", must be %d numbers",
                              o->name, text, RECS_WEIGHTS);
        }

        memcpy(word, p, len);
        word[len] = '\0';

        if (recs_config_number(o, word, &weights[nth], e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_config_time(const recs_config_option_t *o, const char *text,
    int64_t *value, recs_error_t *e)
{
    recs_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    if (recs_parse_time(&s, value) != RECS_OK || *value <= 0) {
        return recs_error(e, "\"%s\" is \"%s\", must be a time like "
                          "2011-12-09T12:50:00Z or milliseconds since 1970",
                          recs_config_label(o), text);
    }

    return RECS_OK;
}


static int
recs_config_apply(recs_config_t *c, const recs_config_option_t *o,
    const char *text, unsigned nth, recs_error_t *e)
{
    void    *p;
    double   number;

    p = (char *) c + o->offset;

    switch (o->type) {

    case RECS_OPTION_STRING:
        return recs_config_string(o, text, p, e);

    case RECS_OPTION_PATHS:
        return recs_config_paths(o, text, nth, p, e);

    case RECS_OPTION_WEIGHTS:
        return recs_config_weights(o, text, nth, p, e);

    case RECS_OPTION_NUMBER:
        return recs_config_number(o, text, p, e);

    case RECS_OPTION_COUNT:
        if (recs_config_number(o, text, &number, e) != RECS_OK) {
            return RECS_ERROR;
        }

        *(long *) p = (long) number;
        return RECS_OK;

    case RECS_OPTION_FLAG:
        return recs_config_flag(o, text, p, e);

    default: /* RECS_OPTION_TIME */
        return recs_config_time(o, text, p, e);
    }
}


int
recs_config_set(recs_config_t *c, const char *name, const char *text,
    unsigned nth, recs_error_t *e)
{
    const recs_config_option_t  *o;

    o = recs_config_find(name);

    if (o == NULL) {
        return recs_error(e, "there is no option \"%s\"", name);
    }

    return recs_config_apply(c, o, text, nth, e);
}


void
recs_config_init(recs_config_t *c)
{
    size_t         i;
    recs_error_t   e;
    const recs_config_option_t  *o;

    memset(c, 0, sizeof(recs_config_t));

    for (i = 0; i < RECS_OPTIONS; i++) {
        o = &recs_config_options[i];

        if (o->value) {
            (void) recs_config_apply(c, o, o->value, 0, &e);
        }
    }
}


static void __attribute__((format(printf, 2, 0)))
recs_config_error(cfg_t *cfg, const char *fmt, va_list args)
{
    char                    text[sizeof(recs_error_t) / 2];
    recs_config_reading_t  *r;

    r = &recs_config_reading;

    if (r->failed) {
        return;
    }

    vsnprintf(text, sizeof(text), fmt, args);

    r->failed = 1;
    recs_error(r->error, "%s:%d: %s; see \"recs-builder build --help\" or "
               "docs/builder.md", r->path, cfg->line, text);
}


/* Called for each value as it is read, so that the line is known. */

static int
recs_config_value(cfg_t *cfg, cfg_opt_t *opt)
{
    unsigned                n;
    recs_error_t            e;
    recs_config_reading_t  *r;

    r = &recs_config_reading;
    n = cfg_opt_size(opt) - 1;

    if (recs_config_set(r->config, cfg_opt_name(opt),
                        cfg_opt_getnstr(opt, n), n, &e)
        == RECS_OK)
    {
        return 0;
    }

    if (!r->failed) {
        r->failed = 1;
        recs_error(r->error, "%s:%d: %.400s", r->path, cfg->line, e.text);
    }

    return -1;
}


static void
recs_config_declare(cfg_opt_t *opts)
{
    size_t        i;
    cfg_opt_t     string = CFG_STR(NULL, NULL, CFGF_NODEFAULT);
    cfg_opt_t     list = CFG_STR_LIST(NULL, NULL, CFGF_NODEFAULT);
    cfg_opt_t     end = CFG_END();
    const recs_config_option_t  *o;

    for (i = 0; i < RECS_OPTIONS; i++) {
        o = &recs_config_options[i];

        opts[i] = (o->type == RECS_OPTION_PATHS
                   || o->type == RECS_OPTION_WEIGHTS) ? list : string;
        opts[i].name = recs_config_label(o);
        opts[i].validcb = recs_config_value;
    }

    opts[i] = end;
}


int
recs_config_read(recs_config_t *c, const char *path, recs_error_t *e)
{
    int         rc;
    FILE       *file;
    cfg_t      *cfg;
    cfg_opt_t   opts[RECS_OPTIONS + 1];

    file = fopen(path, "re");

    if (file == NULL) {
        return recs_error(e, "cannot open the configuration %s: %s", path,
                          strerror(errno));
    }

    recs_config_declare(opts);
    cfg = cfg_init(opts, CFGF_NONE);

    if (cfg == NULL) {
        fclose(file);
        return recs_error(e, "%s: libconfuse cannot be started", path);
    }

    recs_config_reading.config = c;
    recs_config_reading.error = e;
    recs_config_reading.path = path;
    recs_config_reading.failed = 0;

    cfg_set_error_function(cfg, recs_config_error);

    rc = cfg_parse_fp(cfg, file);

    cfg_free(cfg);
    fclose(file);

    if (rc == CFG_SUCCESS) {
        return RECS_OK;
    }

    return recs_config_reading.failed ? RECS_ERROR
           : recs_error(e, "%s: cannot be parsed", path);
}


static int
recs_config_weigh(const recs_config_t *c, recs_error_t *e)
{
    double    sum;
    unsigned  i;

    for (i = 0, sum = 0; i < RECS_WEIGHTS; i++) {
        sum += c->similar_weights[i];
    }

    if (sum > 0) {
        return RECS_OK;
    }

    return recs_error(e, "all of \"similar_weights\" are 0");
}


static int
recs_config_build(const recs_config_t *c, recs_error_t *e)
{
    if (c->out == NULL) {
        return recs_error(e, "build: no --out DIR for the snapshot");
    }

    if (c->events[0] == NULL && c->log == NULL && c->catalog[0] == NULL) {
        return recs_error(e, "build: nothing to build from, give --events "
                          "PATH, --catalog PATH or --log DIR");
    }

    return recs_config_weigh(c, e);
}


static int
recs_config_run(const recs_config_t *c, recs_error_t *e)
{
    if (c->out == NULL) {
        return recs_error(e, "run: \"out\" names no directory for the "
                          "snapshots");
    }

    if (c->log == NULL) {
        return recs_error(e, "run: \"log\" names no directory for the event "
                          "log");
    }

    if (c->redis_user && c->redis_password_file == NULL) {
        return recs_error(e, "\"redis_user\" needs "
                          "\"redis_password_file\"");
    }

    return recs_config_weigh(c, e);
}


static int
recs_config_import(const recs_config_t *c, recs_error_t *e)
{
    if (c->log == NULL) {
        return recs_error(e, "import: no --log DIR for the event log");
    }

    if (c->events[0] == NULL && c->catalog[0] == NULL && c->users[0] == NULL)
    {
        return recs_error(e, "import: nothing to import, give --events PATH, "
                          "--catalog PATH or --users PATH");
    }

    return RECS_OK;
}


int
recs_config_check(const recs_config_t *c, const char *command,
    recs_error_t *e)
{
    size_t                       i;
    const void                  *p;
    const recs_config_option_t  *o;

    for (i = 0; i < RECS_OPTIONS; i++) {
        o = &recs_config_options[i];
        p = (const char *) c + o->offset;

        if (o->type == RECS_OPTION_NUMBER
            && recs_config_range(o, *(const double *) p, e) != RECS_OK)
        {
            return RECS_ERROR;
        }

        if (o->type == RECS_OPTION_COUNT
            && recs_config_range(o, (double) *(const long *) p, e) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    if (strcmp(command, "build") == 0) {
        return recs_config_build(c, e);
    }

    if (strcmp(command, "run") == 0) {
        return recs_config_run(c, e);
    }

    if (strcmp(command, "import") == 0) {
        return recs_config_import(c, e);
    }

    return RECS_OK;
}
