/*
 * Copyright (C) recs authors
 *
 * CSV by RFC 4180.  Rows are fed to libcsv line by line: a row goes on while
 * a quote is open, and reading goes on with the next line after a bad one.
 * An event's cells are read straight into the record; rows of products,
 * users and events with nested columns go through JSON text.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <csv.h>

#include "../../core/event/recs_fold.h"
#include "../../core/recs_out.h"
#include "../memory.h"
#include "row.h"


#define RECS_CSV_COLUMNS   1024
#define RECS_CSV_ESCAPED   6         /* most bytes of one in JSON text */


typedef struct {
    recs_str_t                 name;
    const recs_event_field_t  *field;        /* of an event, or NULL */
    unsigned                   alias;
    unsigned                   nested;       /* JSON text, where it is one */
    unsigned                   attribute;    /* name is that of one */
} recs_csv_column_t;

typedef struct {
    size_t               begin;
    size_t               len;
} recs_csv_cell_t;

typedef struct {
    recs_source_t       *source;
    recs_input_t        *in;
    recs_file_e          kind;
    struct csv_parser    parser;

    recs_csv_column_t   *columns;
    size_t               column_count;
    char                *names;          /* of the columns */
    unsigned             by_json;

    recs_csv_cell_t     *cells;          /* of the row */
    size_t               cell_count;
    size_t               cells_cap;
    uint8_t             *data;           /* bytes of the cells */
    size_t               data_len;
    size_t               data_cap;
    unsigned             complete;       /* the row is */

    uint8_t             *text;           /* the row as it is in the file */
    size_t               text_len;
    size_t               text_cap;
    uint64_t             first;          /* its first line */
    uint64_t             lines;

    uint8_t             *json;
    size_t               json_cap;
} recs_csv_t;


static const char *const  recs_csv_nested[] = {
    "items", "products", "metadata", "document", "attributes", "category",
    "categories", "regions", "tags", NULL
};

static const char  recs_csv_attribute[] = "attributes.";


static void
recs_csv_cell(void *data, size_t len, void *ctx)
{
    recs_csv_t       *c;
    recs_csv_cell_t  *cell;

    c = ctx;

    recs_grow(&c->cells, &c->cells_cap, c->cell_count + 1,
              sizeof(recs_csv_cell_t));
    recs_grow(&c->data, &c->data_cap, c->data_len + len, 1);

    cell = &c->cells[c->cell_count++];
    cell->begin = c->data_len;
    cell->len = len;

    if (len) {
        memcpy(c->data + c->data_len, data, len);
        c->data_len += len;
    }
}


static void
recs_csv_end(int last, void *ctx)
{
    recs_csv_t  *c;

    c = ctx;
    c->complete = 1;
}


static void
recs_csv_begin(recs_csv_t *c)
{
    c->cell_count = 0;
    c->data_len = 0;
    c->text_len = 0;
    c->complete = 0;
    c->lines = 0;
}


static recs_str_t
recs_csv_text(const recs_csv_t *c, size_t n)
{
    recs_str_t  s;

    s.data = c->data + c->cells[n].begin;
    s.len = c->cells[n].len;

    return s;
}


static int
recs_csv_bad(recs_csv_t *c, const char *reason, recs_error_t *err)
{
    int         rc;
    recs_row_t  row;

    row.in = c->in;
    row.line = c->first;
    row.lines = c->lines;
    row.text.data = c->text;
    row.text.len = c->text_len;

    recs_row_count(c->source, &row);
    rc = recs_row_bad(c->source, &row, NULL, reason, err);

    /* without callbacks it only forgets what it was in */

    csv_fini(&c->parser, NULL, NULL, NULL);
    recs_csv_begin(c);

    return rc;
}


/*
 * One more line of the row.  RECS_OK: it is complete; RECS_AGAIN: it goes
 * on; RECS_DECLINED: it was bad; RECS_DONE: the end.
 */

static int
recs_csv_feed(recs_csv_t *c, recs_error_t *err)
{
    int          rc;
    size_t       n;
    recs_str_t   line;
    const char  *reason;

    rc = recs_input_line(c->in, &line, err);

    if (rc == RECS_ERROR || rc == RECS_DONE) {
        return rc;
    }

    if (c->lines == 0) {

        if (rc == RECS_OK && recs_input_blank(&line)) {
            return RECS_AGAIN;
        }

        c->first = recs_input_number(c->in);
    }

    recs_grow(&c->text, &c->text_cap, c->text_len + line.len + 1, 1);
    memcpy(c->text + c->text_len, line.data, line.len);
    c->text[c->text_len + line.len] = '\n';
    c->lines++;

    n = line.len + 1;
    line.data = c->text + c->text_len;
    c->text_len += n;

    if (rc == RECS_DECLINED || c->text_len > RECS_LINE_MAX) {
        reason = "longer than 1 MB, is a quote not closed?";

    } else if (recs_input_text(&line, &reason) != RECS_OK) {
        /* void */

    } else if (csv_parse(&c->parser, line.data, n, recs_csv_cell,
                         recs_csv_end, c)
               != n)
    {
        reason = "a quote inside of a cell must be doubled";

    } else {
        return c->complete ? RECS_OK : RECS_AGAIN;
    }

    return (recs_csv_bad(c, reason, err) == RECS_OK) ? RECS_DECLINED
           : RECS_ERROR;
}


static int
recs_csv_row(recs_csv_t *c, recs_error_t *err)
{
    int  rc;

    recs_csv_begin(c);

    do {
        rc = recs_csv_feed(c, err);
    } while (rc == RECS_AGAIN);

    if (rc == RECS_DONE && c->lines) {
        rc = recs_csv_bad(c, "a quote is not closed at the end of the file",
                          err);
        return (rc == RECS_OK) ? RECS_DONE : rc;
    }

    return rc;
}


/* The separator that the header has most of. */

static int
recs_csv_separator(recs_csv_t *c, recs_error_t *err)
{
    size_t       i, j, count[3] = { 0, 0, 0 };
    recs_str_t   head;

    static const char  separators[] = ",;\t";

    if (recs_input_peek(c->in, &head, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < head.len && head.data[i] != '\n'; i++) {
        for (j = 0; j < 3; j++) {
            count[j] += head.data[i] == (uint8_t) separators[j];
        }
    }

    j = (count[1] > count[0]) ? 1 : 0;
    j = (count[2] > count[j]) ? 2 : j;

    csv_set_delim(&c->parser, (unsigned char) separators[j]);

    return RECS_OK;
}


static unsigned
recs_csv_is(const recs_str_t *name, const char *const *names)
{
    char  folded[RECS_FOLD_MAX];

    return recs_fold(name, folded) < RECS_FOLD_MAX
           && recs_fold_among(folded, names);
}


static void
recs_csv_column(recs_csv_t *c, recs_csv_column_t *column)
{
    size_t  n;

    n = sizeof(recs_csv_attribute) - 1;

    column->nested = recs_csv_is(&column->name, recs_csv_nested);

    if (c->kind == RECS_FILE_EVENTS) {
        column->field = recs_event_field(&column->name, &column->alias);

        if (column->field == NULL
            || column->field->kind == RECS_FIELD_TEXT)
        {
            c->by_json |= column->nested;
        }

        return;
    }

    c->by_json = 1;

    if (column->name.len > n
        && strncasecmp((const char *) column->name.data, recs_csv_attribute,
                       n)
           == 0)
    {
        column->attribute = 1;
        column->name.data += n;
        column->name.len -= n;
    }
}


static int
recs_csv_header(recs_csv_t *c, recs_error_t *err)
{
    int      rc;
    size_t   i, known;

    do {
        rc = recs_csv_row(c, err);
    } while (rc == RECS_DECLINED);

    if (rc != RECS_OK) {
        return rc;
    }

    if (c->cell_count > RECS_CSV_COLUMNS) {
        return recs_error(err, "%s:1: the header has %zu columns, at most %d "
                          "are read", recs_input_path(c->in), c->cell_count,
                          RECS_CSV_COLUMNS);
    }

    c->column_count = c->cell_count;
    c->columns = recs_calloc(c->column_count, sizeof(recs_csv_column_t));
    c->names = recs_alloc(c->data_len);

    memcpy(c->names, c->data, c->data_len);

    for (i = 0, known = 0; i < c->column_count; i++) {
        c->columns[i].name.data = (const uint8_t *) c->names
                                  + c->cells[i].begin;
        c->columns[i].name.len = c->cells[i].len;

        recs_csv_column(c, &c->columns[i]);
        known += c->columns[i].field != NULL;
    }

    if (c->kind == RECS_FILE_EVENTS && known == 0) {
        return recs_error(err, "%s:%llu: no column of the header is known "
                          "(it begins with \"%.*s\"); an event has "
                          "activityType, timestamp, userId, productId ...",
                          recs_input_path(c->in),
                          (unsigned long long) c->first,
                          (int) recs_min(c->text_len - 1, 64),
                          (const char *) c->text);
    }

    return RECS_OK;
}


static void
recs_csv_member(recs_out_t *out, const recs_str_t *name,
    const recs_str_t *value, unsigned nested)
{
    recs_out_lit(out, "\"");
    recs_out_json(out, name->data, name->len);
    recs_out_lit(out, "\":");

    if (nested && (value->data[0] == '[' || value->data[0] == '{')) {
        recs_out_bytes(out, value->data, value->len);

    } else {
        recs_out_lit(out, "\"");
        recs_out_json(out, value->data, value->len);
        recs_out_lit(out, "\"");
    }
}


/* Before every member but the first of an object. */

static void
recs_csv_comma(recs_out_t *out)
{
    if (out->pos[-1] != '{') {
        recs_out_lit(out, ",");
    }
}


/* Members of the row, or of its attributes; empty cells are left out. */

static void
recs_csv_members(recs_csv_t *c, recs_out_t *out, unsigned attributes)
{
    size_t              i;
    unsigned            more;
    recs_str_t          value;
    recs_csv_column_t  *column;

    for (i = 0, more = 0; i < c->column_count; i++) {
        column = &c->columns[i];
        value = recs_csv_text(c, i);

        if (value.len == 0 || column->name.len == 0
            || column->attribute != attributes)
        {
            continue;
        }

        if (!more && attributes) {
            recs_csv_comma(out);
            recs_out_lit(out, "\"attributes\":{");
        }

        more = 1;
        recs_csv_comma(out);
        recs_csv_member(out, &column->name, &value, column->nested);
    }

    if (more && attributes) {
        recs_out_lit(out, "}");
    }
}


static int
recs_csv_json(recs_csv_t *c, const recs_row_t *row, recs_error_t *err)
{
    size_t      i, size;
    recs_out_t  out;
    recs_str_t  json;

    size = c->data_len * RECS_CSV_ESCAPED + 64;

    for (i = 0; i < c->column_count; i++) {
        size += c->columns[i].name.len * RECS_CSV_ESCAPED + 8;
    }

    recs_grow(&c->json, &c->json_cap, size, 1);
    recs_out_init(&out, c->json, c->json_cap);

    recs_out_lit(&out, "{");
    recs_csv_members(c, &out, 0);
    recs_csv_members(c, &out, 1);
    recs_out_lit(&out, "}");

    json.data = c->json;
    json.len = (size_t) (out.pos - c->json);

    return recs_row_json(c->source, c->kind, &json, row, err);
}


static int
recs_csv_event(recs_csv_t *c, const recs_row_t *row, recs_error_t *err)
{
    size_t                     i;
    const char                *reason;
    recs_str_t                 value;
    recs_event_t              *e;
    const recs_event_field_t  *field;
    recs_source_private_t     *p;

    p = c->source->private;
    e = &p->event;

    recs_event_init(e);

    for (i = 0; i < c->column_count; i++) {
        field = c->columns[i].field;
        value = recs_csv_text(c, i);

        if (field == NULL || value.len == 0
            || (c->columns[i].alias
                && recs_event_field_set(field, field->line
                                               ? (void *) &e->items[0]
                                               : (void *) e)))
        {
            continue;
        }

        if (recs_event_field_read(field, e, 0, &value, &reason) != RECS_OK) {
            return recs_row_bad(c->source, row, field->name, reason, err);
        }
    }

    if (e->items[0].product.len) {
        e->item_count = 1;
    }

    return recs_row_event(c->source, e, row, err);
}


static int
recs_csv_rows(recs_csv_t *c, recs_error_t *err)
{
    int         rc;
    recs_row_t  row;

    for ( ;; ) {
        rc = recs_csv_row(c, err);

        if (rc == RECS_DECLINED) {
            continue;
        }

        if (rc != RECS_OK) {
            return (rc == RECS_DONE) ? RECS_OK : rc;
        }

        row.in = c->in;
        row.line = c->first;
        row.lines = 1;
        row.text.data = c->text;
        row.text.len = c->text_len - 1;

        recs_row_count(c->source, &row);

        if (c->cell_count != c->column_count) {
            rc = recs_row_bad(c->source, &row, NULL,
                              "has not as many cells as the header", err);

        } else {
            rc = c->by_json ? recs_csv_json(c, &row, err)
                            : recs_csv_event(c, &row, err);
        }

        if (rc != RECS_OK) {
            return rc;
        }
    }
}


int
recs_csv_read(recs_source_t *source, recs_input_t *in, recs_file_e kind,
    recs_error_t *err)
{
    int         rc;
    recs_csv_t  c;

    memset(&c, 0, sizeof(recs_csv_t));

    c.source = source;
    c.in = in;
    c.kind = kind;

    if (csv_init(&c.parser, CSV_STRICT) != 0) {
        return recs_error(err, "%s: libcsv cannot be started",
                          recs_input_path(in));
    }

    rc = recs_csv_separator(&c, err);

    if (rc == RECS_OK) {
        rc = recs_csv_header(&c, err);
    }

    if (rc == RECS_OK) {
        rc = recs_csv_rows(&c, err);
    }

    csv_free(&c.parser);
    free(c.columns);
    free(c.names);
    free(c.cells);
    free(c.data);
    free(c.text);
    free(c.json);

    return (rc == RECS_DONE) ? RECS_OK : rc;
}
