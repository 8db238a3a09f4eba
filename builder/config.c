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
#include "config_options.h"
#include "memory.h"


/* What is being read: libconfuse hands its callbacks nothing of ours. */

typedef struct {
    recs_config_t  *config;
    recs_error_t   *error;
    const char     *path;
    unsigned        failed;
} recs_config_reading_t;


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

    for (i = 0; i < recs_config_options_count; i++) {
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

    if ((o->type == RECS_OPTION_COUNT || o->type == RECS_OPTION_WORD32)
        && *value != floor(*value)) {
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
recs_config_word(const recs_config_option_t *o, const char *text,
    uint8_t *value, recs_error_t *e)
{
    uint8_t  n;

    for (n = 0; o->words[n]; n++) {
        if (strcasecmp(text, o->words[n]) == 0) {
            *value = n;
            return RECS_OK;
        }
    }

    return recs_error(e, "\"%s\" is \"%s\", which is none of its words; "
                      "see docs/builder.md", o->name, text);
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

    case RECS_OPTION_FLOAT:
        if (recs_config_number(o, text, &number, e) != RECS_OK) {
            return RECS_ERROR;
        }

        *(float *) p = (float) number;
        return RECS_OK;

    case RECS_OPTION_WORD32:
        if (recs_config_number(o, text, &number, e) != RECS_OK) {
            return RECS_ERROR;
        }

        *(uint32_t *) p = (uint32_t) number;
        return RECS_OK;

    case RECS_OPTION_WORD:
        return recs_config_word(o, text, p, e);

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

    for (i = 0; i < recs_config_options_count; i++) {
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

    for (i = 0; i < recs_config_options_count; i++) {
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
    cfg_opt_t  *opts;

    file = fopen(path, "re");

    if (file == NULL) {
        return recs_error(e, "cannot open the configuration %s: %s", path,
                          strerror(errno));
    }

    opts = recs_calloc(recs_config_options_count + 1, sizeof(cfg_opt_t));
    recs_config_declare(opts);
    cfg = cfg_init(opts, CFGF_NONE);
    free(opts);

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
recs_config_retain(const recs_config_t *c, recs_error_t *e)
{
    if (c->log == NULL) {
        return recs_error(e, "no --log DIR of an event log, nor \"log\" in "
                          "the file of -c");
    }

    if (c->archive && strcmp(c->archive, c->log) == 0) {
        return recs_error(e, "\"archive\" is \"%s\", the event log itself; "
                          "name another directory", c->archive);
    }

    return RECS_OK;
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

    if (c->redis_counters && (c->redis == NULL || c->hot == NULL)) {
        return recs_error(e, "\"redis_counters\" needs \"redis\" and "
                          "\"hot\"");
    }

    if (recs_config_retain(c, e) != RECS_OK) {
        return RECS_ERROR;
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


static void
recs_config_text(const recs_config_option_t *o, const void *p, char *text,
    size_t size)
{
    size_t    n;
    unsigned  i;

    switch (o->type) {

    case RECS_OPTION_NUMBER:
        snprintf(text, size, "%.15g", *(const double *) p);
        return;

    case RECS_OPTION_FLOAT:
        snprintf(text, size, "%.7g", (double) *(const float *) p);
        return;

    case RECS_OPTION_COUNT:
        snprintf(text, size, "%ld", *(const long *) p);
        return;

    case RECS_OPTION_WORD32:
        snprintf(text, size, "%u", *(const uint32_t *) p);
        return;

    case RECS_OPTION_WORD:
        snprintf(text, size, "%s", o->words[*(const uint8_t *) p]);
        return;

    case RECS_OPTION_FLAG:
        snprintf(text, size, "%s", *(const int *) p ? "true" : "false");
        return;

    case RECS_OPTION_WEIGHTS:

        for (i = 0, n = 0; i < RECS_WEIGHTS && n < size; i++) {
            n += (size_t) snprintf(text + n, size - n, i ? " %.15g" : "%.15g",
                                   ((const double *) p)[i]);
        }

        return;

    default: /* RECS_OPTION_STRING */
        snprintf(text, size, "%s", *(const char *const *) p);
    }
}


void
recs_config_each(const recs_config_t *c, recs_config_visit_pt visit,
    void *ctx)
{
    char                         text[256];
    const recs_config_option_t  *o;

    for (o = recs_config_options; o->name; o++) {
        if (o->shapes) {
            recs_config_text(o, (const char *) c + o->offset, text,
                             sizeof(text));
            visit(ctx, o->name, text);
        }
    }
}


int
recs_config_check(const recs_config_t *c, const char *command,
    recs_error_t *e)
{
    size_t                       i;
    const void                  *p;
    const recs_config_option_t  *o;

    for (i = 0; i < recs_config_options_count; i++) {
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

    if (strcmp(command, "retain") == 0) {
        return recs_config_retain(c, e);
    }

    return RECS_OK;
}
