/*
 * Copyright (C) recs authors
 *
 * Options that the table does not have are declared as they turn up and the
 * file is read again, since libconfuse would end at the first of them.  It
 * also counts the line of a comment twice, and takes the end of the file for
 * that of a rule: comments are blanked out and braces counted before.
 */

#include "options.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_RULES_STRANGERS  64         /* unknown options, at most */
#define RECS_RULES_FILE_MAX   (16u << 20)


/* What is being read: libconfuse hands its callbacks nothing of ours. */

typedef struct {
    recs_rules_file_t  *file;
    char                stranger[64];            /* just found */
    char               *strangers[RECS_RULES_STRANGERS];
    size_t              stranger_count;
    unsigned            failed;
    int                 lines[64];               /* of options, in a rule */
} recs_rules_reading_t;


static recs_rules_reading_t  recs_rules_reading;


void
recs_rules_note(recs_rules_file_t *f, unsigned error, int line,
    const char *fmt, ...)
{
    va_list             args;
    recs_rules_note_t  *note;

    recs_grow(&f->notes, &f->note_cap, f->note_count + 1,
              sizeof(recs_rules_note_t));

    note = &f->notes[f->note_count++];
    note->line = line;
    note->error = error;

    va_start(args, fmt);
    vsnprintf(note->text, sizeof(note->text), fmt, args);
    va_end(args);

    f->errors += error != 0;
    f->warnings += error == 0;
}


static void __attribute__((format(printf, 2, 0)))
recs_rules_error(cfg_t *cfg, const char *fmt, va_list args)
{
    char                   text[256], *name, *end;
    recs_rules_reading_t  *r;

    r = &recs_rules_reading;

    if (r->failed) {
        return;
    }

    vsnprintf(text, sizeof(text), fmt, args);
    r->failed = 1;

    name = strstr(text, "no such option '");

    if (name && cfg_title(cfg)) {
        name += strlen("no such option '");
        end = strchr(name, '\'');

        if (end && (size_t) (end - name) < sizeof(r->stranger)) {
            *end = '\0';
            memcpy(r->stranger, name, (size_t) (end - name) + 1);
            return;
        }
    }

    recs_rules_note(r->file, 1, cfg->line, "%s; what is behind it was not "
                    "read, a rule is: rule \"name\" { option = value }",
                    text);
}


/* Called for each value, again at the end of a list. */

static int
recs_rules_value(cfg_t *cfg, cfg_opt_t *opt)
{
    size_t                 i;
    const char            *name;
    recs_rules_reading_t  *r;

    r = &recs_rules_reading;
    name = cfg_opt_name(opt);

    for (i = 0; i < recs_rules_options_count; i++) {
        if (strcmp(name, recs_rules_options[i].name) == 0) {
            r->lines[i] = r->lines[i] ? r->lines[i] : cfg->line;
            return 0;
        }
    }

    if (cfg_opt_size(opt) == 1) {
        recs_rules_note(r->file, 1, cfg->line, "rule \"%s\": there is no "
                        "option \"%s\"; docs/rules.md lists them",
                        cfg_title(cfg), name);
    }

    return 0;
}


static unsigned
recs_rules_named(const char *name)
{
    size_t  len;

    len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                 "0123456789-_.");

    return len && len < RECS_RULE_NAME && name[len] == '\0';
}


static int
recs_rules_section(cfg_t *cfg, cfg_opt_t *opt)
{
    cfg_t                      *section;
    size_t                      i, n;
    uint64_t                    given;
    cfg_opt_t                  *values;
    recs_rules_file_t          *f;
    recs_rules_read_t           rule;
    recs_rules_reading_t       *r;
    const recs_rules_option_t  *o;

    r = &recs_rules_reading;
    f = r->file;
    section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);

    recs_rules_init(&rule);
    snprintf(rule.rule.name, RECS_RULE_NAME, "%s", cfg_title(section));
    rule.line = section->line;
    given = 0;

    if (!recs_rules_named(cfg_title(section))) {
        recs_rules_note(f, 1, section->line, "\"%.100s\" is no name for a "
                        "rule: 1 to %d letters, digits and \"-_.\"",
                        cfg_title(section), RECS_RULE_NAME - 1);
    }

    for (i = 0; i < recs_rules_options_count; i++) {
        o = &recs_rules_options[i];
        values = cfg_getopt(section, o->name);

        if (r->lines[i] == 0) {
            continue;
        }

        given |= (uint64_t) 1 << i;
        rule.line = recs_min(rule.line, r->lines[i]);

        if (cfg_opt_size(values) > 1 && !o->list) {
            recs_rules_note(f, 1, r->lines[i], "rule \"%s\": \"%s\" has %u "
                            "values, must have one", rule.rule.name, o->name,
                            cfg_opt_size(values));
        }

        for (n = 0; n < cfg_opt_size(values); n++) {
            recs_rules_set(f, &rule, o,
                           cfg_opt_getnstr(values, (unsigned) n),
                           r->lines[i]);
        }
    }

    recs_rules_complete(f, &rule, given, r->lines);
    memset(r->lines, 0, sizeof(r->lines));

    recs_grow(&f->rules, &f->cap, f->count + 1, sizeof(recs_rules_read_t));
    f->rules[f->count++] = rule;

    return 0;
}


static int
recs_rules_parse(char *text)
{
    int        rc;
    FILE      *file;
    cfg_t     *cfg;
    size_t     i, n;
    cfg_opt_t  list = CFG_STR_LIST(NULL, NULL, CFGF_NODEFAULT);
    cfg_opt_t  end = CFG_END();
    cfg_opt_t  opts[64 + RECS_RULES_STRANGERS];

    n = recs_rules_options_count;

    for (i = 0; i < n + recs_rules_reading.stranger_count; i++) {
        opts[i] = list;
        opts[i].name = (i < n) ? recs_rules_options[i].name
                               : recs_rules_reading.strangers[i - n];
        opts[i].validcb = recs_rules_value;
    }

    opts[i] = end;

    cfg_opt_t  rule[] = {
        CFG_SEC("rule", opts, CFGF_MULTI|CFGF_TITLE|CFGF_NO_TITLE_DUPES),
        CFG_END()
    };

    rule[0].validcb = recs_rules_section;
    cfg = cfg_init(rule, CFGF_NONE);

    file = fmemopen(text, strlen(text), "r");

    if (cfg == NULL || file == NULL) {
        return RECS_ERROR;
    }

    cfg_set_error_function(cfg, recs_rules_error);

    rc = cfg_parse_fp(cfg, file);
    cfg_free(cfg);
    fclose(file);

    return (rc == CFG_SUCCESS) ? RECS_OK : RECS_ERROR;
}


static void
recs_rules_forget(recs_rules_file_t *f)
{
    size_t    i;
    unsigned  k;
    uint32_t  n;

    for (i = 0; i < f->count; i++) {
        for (k = 0; k < RECS_NAMES_MAX; k++) {
            for (n = 0; n < f->rules[i].names[k].count; n++) {
                free((void *) (uintptr_t) f->rules[i].names[k].names[n].data);
            }

            free(f->rules[i].names[k].names);
        }
    }

    f->count = 0;
    f->note_count = 0;
    f->errors = 0;
    f->warnings = 0;
}


/* The end of a comment or a quoted string, NULL: neither begins here. */

static char *
recs_rules_skip(char *p)
{
    char  *end, quote;

    if (*p == '#' || (p[0] == '/' && p[1] == '/')) {
        return p + strcspn(p, "\n");
    }

    if (p[0] == '/' && p[1] == '*') {
        end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }

    if (*p != '"' && *p != '\'') {
        return NULL;
    }

    for (quote = *p++; *p && *p != quote; p++) {
        if (*p == '\\' && p[1]) {
            p++;
        }
    }

    return *p ? p + 1 : p;
}


/* Returns how many braces are not closed; *lines is the last line. */

static int
recs_rules_blank(char *p, int *lines)
{
    int    open;
    char  *end, quoted;

    *lines = 1;

    for (open = 0; *p; p++) {
        end = recs_rules_skip(p);

        if (end == NULL) {
            open += (*p == '{') - (*p == '}');
            *lines += (*p == '\n' && p[1]);
            continue;
        }

        quoted = (*p == '"' || *p == '\'');

        for ( /* void */ ; p < end; p++) {
            *lines += (*p == '\n');

            if (!quoted && *p != '\n') {
                *p = ' ';
            }
        }

        p--;
    }

    return open;
}


static char *
recs_rules_text(const char *path, recs_error_t *e)
{
    FILE    *file;
    char    *text;
    size_t   n;

    file = fopen(path, "re");

    if (file == NULL) {
        recs_error(e, "cannot open the rules %s: %s", path, strerror(errno));
        return NULL;
    }

    text = recs_alloc(RECS_RULES_FILE_MAX + 1);
    n = fread(text, 1, RECS_RULES_FILE_MAX + 1, file);
    text[recs_min(n, RECS_RULES_FILE_MAX)] = '\0';

    if (ferror(file) || n > RECS_RULES_FILE_MAX || strlen(text) != n) {
        recs_error(e, "%s: %s", path, ferror(file) ? strerror(errno)
                   : (n > RECS_RULES_FILE_MAX)
                     ? "has more than 16 MB, use categories, brands or tags"
                     : "is no text: it has a zero byte");
        free(text);
        text = NULL;
    }

    fclose(file);

    return text;
}


int
recs_rules_read(recs_rules_file_t *f, const char *path, recs_error_t *e)
{
    int                    rc, open, lines;
    char                  *text;
    recs_rules_reading_t  *r;

    memset(f, 0, sizeof(recs_rules_file_t));
    f->path = path;

    text = recs_rules_text(path, e);

    if (text == NULL) {
        return RECS_ERROR;
    }

    open = recs_rules_blank(text, &lines);

    r = &recs_rules_reading;
    memset(r, 0, sizeof(recs_rules_reading_t));
    r->file = f;

    for ( ;; ) {
        recs_rules_forget(f);
        memset(r->lines, 0, sizeof(r->lines));
        r->failed = 0;
        r->stranger[0] = '\0';

        rc = recs_rules_parse(text);

        if (rc == RECS_OK || r->stranger[0] == '\0'
            || r->stranger_count == RECS_RULES_STRANGERS - 1)
        {
            break;
        }

        r->strangers[r->stranger_count] = recs_alloc(sizeof(r->stranger));
        strcpy(r->strangers[r->stranger_count++], r->stranger);
    }

    while (r->stranger_count) {
        free(r->strangers[--r->stranger_count]);
    }

    free(text);

    if (rc != RECS_OK && f->errors == 0) {
        recs_rules_note(f, 1, 0, "cannot be parsed");
    }

    if (rc == RECS_OK && open > 0) {
        recs_rules_note(f, 1, lines, "a \"}\" is missing at the end");
    }

    recs_rules_conflicts(f);

    return RECS_OK;
}


void
recs_rules_free(recs_rules_file_t *f)
{
    recs_rules_forget(f);
    free(f->rules);
    free(f->notes);
}
