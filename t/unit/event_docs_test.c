/*
 * Copyright (C) recs authors
 *
 * docs/events.md knows every type, field and alias of the tables, and its
 * examples are events.  What is missing is printed as it should be there.
 */

#include "../../core/event/recs_event_json.h"
#include "../../core/event/recs_event_type.h"
#include "document.h"
#include "tap.h"


#define DOCUMENT  "docs/events.md"
#define ROW       1024


static char  *text;              /* as it is */
static char  *flat;              /* blanks and newlines are one blank */


static int
document(void)
{
    char  *p, *q;

    text = document_read(DOCUMENT);

    if (text == NULL) {
        return 0;
    }

    flat = malloc(strlen(text) + 1);

    for (p = text, q = flat; *p; p++) {

        if (*p != ' ' && *p != '\n') {
            *q++ = *p;

        } else if (q > flat && q[-1] != ' ') {
            *q++ = ' ';
        }
    }

    *q = '\0';

    return 1;
}


static unsigned
there(const char *in, const char *row)
{
    if (strstr(in, row)) {
        return 1;
    }

    printf("# missing in " DOCUMENT ": %s\n", row);

    return 0;
}


/* "- `name`: `alias`, `alias`." */

static unsigned
aliases_there(const char *name, const char *const *aliases)
{
    int   n;
    char  row[ROW];

    if (aliases == NULL) {
        return 1;
    }

    n = snprintf(row, ROW, "- `%s`:", name);

    for ( /* void */ ; *aliases; aliases++) {
        n += snprintf(row + n, ROW - n, " `%s`%s", *aliases,
                      aliases[1] ? "," : ".");
    }

    return there(flat, row);
}


static int
words(char *row, unsigned bits, const char *const *names)
{
    int       n;
    unsigned  i;

    for (i = 0, n = 0; names[i]; i++) {
        if (bits & 1u << i) {
            n += snprintf(row + n, ROW / 4 - n, "%s%s", n ? ", " : "",
                          names[i]);
        }
    }

    return n ? n : snprintf(row, ROW / 4, "–");
}


static void
types(void)
{
    char                      row[ROW], signal[ROW / 4], needs[ROW / 4];
    unsigned                  good, known, n, rows;
    const char               *p;
    const recs_event_type_t  *t;

    static const char *const  signals[] = {
        "view", "cart", "uncart", "wish", "unwish", "purchase", "refund",
        "rating", "click", "dismiss", "exposure", NULL
    };

    static const char *const  wants[] = {
        "product", "order", "query", "category", "brand", "rating",
        "server only", NULL
    };

    good = known = 1;

    for (t = recs_event_types, n = 0; t->name; t++, n++) {
        words(signal, t->signal, signals);
        words(needs, t->needs, wants);

        snprintf(row, ROW, "\n| %d | `%s` | %s | %g | %s |", t->code, t->name,
                 signal, t->weight, needs);

        good &= there(text, row);
        known &= aliases_there(t->name, t->aliases);
    }

    ok(good, "every type with signal, weight and needs");
    ok(known, "and its aliases");

    for (p = text, rows = 0; (p = strstr(p, "\n| ")) != NULL; p += 3) {
        rows += p[3] >= '0' && p[3] <= '9' && strstr(p, " | `") < p + 8;
    }

    is_int(rows, n, "and none that is not");
}


static const char *
kind(const recs_event_field_t *f)
{
    switch (f->kind) {
    case RECS_FIELD_STRING:
        return (f->max <= RECS_ID_MAX) ? "name" : "text";
    case RECS_FIELD_TIME:
        return "time";
    case RECS_FIELD_MICRO:
        return "decimal";
    case RECS_FIELD_STARS:
        return "stars";
    case RECS_FIELD_COUNT:
        return "number";
    case RECS_FIELD_TEXT:
        return "object";
    case RECS_FIELD_URL:
        return "URL";
    case RECS_FIELD_ADDRESS:
        return "address";
    case RECS_FIELD_INDEX:
        return "index";
    case RECS_FIELD_TYPE:
        return "type";
    case RECS_FIELD_CONSENT:
        return "consent";
    case RECS_FIELD_DEVICE:
        return "device";
    default:
        return "agent";
    }
}


static void
fields(const recs_event_field_t *f, const char *prefix)
{
    char      row[ROW], name[64], max[16];
    unsigned  good, known;

    good = known = 1;

    for ( /* void */ ; f->name; f++) {
        snprintf(name, sizeof(name), "%s%s", prefix, f->name);
        snprintf(max, sizeof(max), f->max ? "%d" : "–", f->max);
        snprintf(row, ROW, "\n| `%s` | %s | %s |", name, kind(f), max);

        good &= there(text, row);
        known &= aliases_there(name, f->aliases);
    }

    ok(good, "every field %s with kind and limit", prefix);
    ok(known, "and its aliases");
}


/* Blocks of JSON that are events. */

static void
examples(void)
{
    char                *p, *end;
    size_t               count;
    unsigned             n, array;
    const char          *err, *field;
    recs_event_t        *e;
    recs_event_json_t   *json;

    static const char  begin[] = "\n```json\n";

    e = malloc(sizeof(recs_event_t));

    for (p = text, n = 0; (p = strstr(p, begin)) != NULL; p = end) {
        p += sizeof(begin) - 1;
        end = strstr(p, "\n```");

        if (end == NULL) {
            break;
        }

        if (strncmp(p, "{\"activityType\"", 15) != 0) {
            continue;
        }

        n++;
        err = "";
        field = NULL;
        json = recs_event_json_open((uint8_t *) p, end - p, &count, &array,
                                    &err);

        if (!ok(json && recs_event_json_get(json, 0, e, &field, &err)
                        == RECS_OK
                && recs_event_check(e, &err) == RECS_OK, "example %u", n))
        {
            printf("# %s %s: %.*s\n", field ? field : "", err,
                   (int) (end - p), p);
        }

        if (json) {
            recs_event_json_close(json);
        }
    }

    ok(n >= 8, "%u examples", n);

    free(e);
}


int
main(void)
{
    if (!ok(document(), DOCUMENT)) {
        return done_testing();
    }

    types();
    fields(recs_event_fields, "");
    fields(recs_event_item_fields, "items[].");
    examples();

    free(text);
    free(flat);

    return done_testing();
}
