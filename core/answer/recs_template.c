/*
 * Copyright (C) recs authors
 */

#include "recs_template.h"


#define RECS_TEMPLATE_NUMBER    64
#define RECS_TEMPLATE_DECIMALS  6


/* Values that are at hand, the innermost last. */

typedef struct {
    uint32_t    depth;
    recs_str_t  at[RECS_TEMPLATE_DEPTH + 1];
} recs_template_stack_t;


static const uint8_t *recs_template_pair(const uint8_t *p,
    const uint8_t *last, uint8_t c);
static int recs_template_tag(recs_template_t *t, recs_str_t tag,
    uint32_t *open, uint32_t *depth, const char **err);
static int recs_template_path(recs_template_op_t *op, const char **err);
static recs_template_op_t *recs_template_add(recs_template_t *t,
    recs_template_e type, const uint8_t *data, size_t len);
static void recs_template_trim(recs_str_t *s);
static void recs_template_run(const recs_template_t *t, uint32_t from,
    uint32_t to, recs_template_stack_t *stack, recs_out_t *out);
static void recs_template_section(const recs_template_t *t, uint32_t from,
    const recs_str_t *value, recs_template_stack_t *stack, recs_out_t *out);
static unsigned recs_template_find(const recs_template_stack_t *stack,
    const recs_str_t *path, recs_str_t *value);
static unsigned recs_template_given(const recs_str_t *value);
static void recs_template_value(const recs_template_op_t *op,
    const recs_str_t *value, recs_out_t *out);
static void recs_template_decimals(const recs_str_t *value, int decimals,
    recs_out_t *out);
static void recs_template_escape(const uint8_t *p, size_t len,
    recs_out_t *out);


int
recs_template_compile(recs_template_t *t, const recs_str_t *text,
    const char **err, uint32_t *line)
{
    uint32_t        depth;
    uint32_t        open[RECS_TEMPLATE_DEPTH];
    recs_str_t      tag;
    const uint8_t  *p, *last, *begin, *end, *q;

    t->count = 0;
    depth = 0;
    p = text->data;
    last = p + text->len;
    *line = 1;

    for ( ;; ) {
        begin = recs_template_pair(p, last, '{');

        if (recs_template_add(t, RECS_TEMPLATE_TEXT, p,
                              (begin ? begin : last) - p) == NULL)
        {
            *err = "the template has too many tags";
            return RECS_ERROR;
        }

        if (begin == NULL) {
            break;
        }

        for (q = p; q < begin; q++) {
            *line += (*q == '\n');
        }

        end = recs_template_pair(begin, last, '}');

        if (end == NULL) {
            *err = "\"{{\" without \"}}\"";
            return RECS_ERROR;
        }

        tag.data = begin + 2;
        tag.len = end - tag.data;

        if (recs_template_tag(t, tag, open, &depth, err) != RECS_OK) {
            return RECS_ERROR;
        }

        for (q = begin; q < end; q++) {
            *line += (*q == '\n');
        }

        p = end + 2;
    }

    if (depth) {
        *err = "a section is not ended";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static const uint8_t *
recs_template_pair(const uint8_t *p, const uint8_t *last, uint8_t c)
{
    for ( /* void */ ; last - p >= 2; p++) {
        if (p[0] == c && p[1] == c) {
            return p;
        }
    }

    return NULL;
}


static int
recs_template_tag(recs_template_t *t, recs_str_t tag, uint32_t *open,
    uint32_t *depth, const char **err)
{
    uint8_t              kind;
    recs_template_e      type;
    recs_template_op_t  *op, *begin;

    recs_template_trim(&tag);
    kind = tag.len ? tag.data[0] : 0;

    if (kind == '!') {
        return RECS_OK;
    }

    type = (kind == '#') ? RECS_TEMPLATE_SECTION
           : (kind == '^') ? RECS_TEMPLATE_INVERTED
           : (kind == '/') ? RECS_TEMPLATE_END : RECS_TEMPLATE_VALUE;

    if (type != RECS_TEMPLATE_VALUE) {
        tag.data++;
        tag.len--;
        recs_template_trim(&tag);
    }

    op = recs_template_add(t, type, tag.data, tag.len);

    if (op == NULL) {
        *err = "the template has too many tags";
        return RECS_ERROR;
    }

    if (recs_template_path(op, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (type == RECS_TEMPLATE_END) {

        if (*depth == 0) {
            *err = "a section ends that was not begun";
            return RECS_ERROR;
        }

        begin = &t->ops[open[--*depth]];

        if (begin->text.len != op->text.len
            || memcmp(begin->text.data, op->text.data, op->text.len) != 0)
        {
            *err = "another section ends than was begun";
            return RECS_ERROR;
        }

        begin->end = t->count - 1;

    } else if (type != RECS_TEMPLATE_VALUE) {

        if (*depth == RECS_TEMPLATE_DEPTH) {
            *err = "sections are too deep";
            return RECS_ERROR;
        }

        open[(*depth)++] = t->count - 1;
    }

    return RECS_OK;
}


/* The path of a tag, and the decimals behind it. */

static int
recs_template_path(recs_template_op_t *op, const char **err)
{
    size_t       i;
    uint8_t      c;
    recs_str_t  *path;

    path = &op->text;

    if (op->type == RECS_TEMPLATE_VALUE && path->len > 2
        && path->data[path->len - 2] == ':')
    {
        c = path->data[path->len - 1];

        if (c < '0' || c > '0' + RECS_TEMPLATE_DECIMALS) {
            *err = "decimals are a number from 0 to 6";
            return RECS_ERROR;
        }

        op->decimals = c - '0';
        path->len -= 2;
    }

    for (i = 0; i < path->len; i++) {
        c = path->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
        {
            break;
        }
    }

    if (path->len == 0 || i < path->len) {
        *err = "a tag needs a name of letters, digits and dots";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static recs_template_op_t *
recs_template_add(recs_template_t *t, recs_template_e type,
    const uint8_t *data, size_t len)
{
    recs_template_op_t  *op;

    if (t->count == RECS_TEMPLATE_OPS) {
        return NULL;
    }

    op = &t->ops[t->count++];
    op->type = type;
    op->text.data = data;
    op->text.len = len;
    op->end = 0;
    op->decimals = -1;

    return op;
}


static void
recs_template_trim(recs_str_t *s)
{
    while (s->len && s->data[0] <= ' ') {
        s->data++;
        s->len--;
    }

    while (s->len && s->data[s->len - 1] <= ' ') {
        s->len--;
    }
}


int
recs_template_render(const recs_template_t *t, const recs_str_t *json,
    recs_out_t *out)
{
    recs_template_stack_t  stack;

    stack.depth = 1;
    stack.at[0] = *json;

    recs_template_run(t, 0, t->count, &stack, out);

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static void
recs_template_run(const recs_template_t *t, uint32_t from, uint32_t to,
    recs_template_stack_t *stack, recs_out_t *out)
{
    uint32_t                   i;
    unsigned                   given;
    recs_str_t                 value;
    const recs_template_op_t  *op;

    for (i = from; i < to && !out->overflow; i++) {
        op = &t->ops[i];

        if (op->type == RECS_TEMPLATE_TEXT) {
            recs_out_bytes(out, op->text.data, op->text.len);
            continue;
        }

        given = recs_template_find(stack, &op->text, &value);

        switch (op->type) {

        case RECS_TEMPLATE_VALUE:
            if (given) {
                recs_template_value(op, &value, out);
            }

            break;

        case RECS_TEMPLATE_SECTION:
            if (given && recs_template_given(&value)) {
                recs_template_section(t, i, &value, stack, out);
            }

            i = op->end;
            break;

        case RECS_TEMPLATE_INVERTED:
            if (!given || !recs_template_given(&value)) {
                recs_template_run(t, i + 1, op->end, stack, out);
            }

            i = op->end;
            break;

        default:
            break;
        }
    }
}


static void
recs_template_section(const recs_template_t *t, uint32_t from,
    const recs_str_t *value, recs_template_stack_t *stack, recs_out_t *out)
{
    recs_str_t        name;
    recs_json_iter_t  it;

    if (recs_json_type(value) != RECS_JSON_ARRAY) {
        stack->at[stack->depth++] = *value;
        recs_template_run(t, from + 1, t->ops[from].end, stack, out);
        stack->depth--;
        return;
    }

    recs_json_begin(&it, value);
    stack->depth++;

    while (recs_json_next(&it, &name, &stack->at[stack->depth - 1])
           == RECS_OK)
    {
        recs_template_run(t, from + 1, t->ops[from].end, stack, out);
    }

    stack->depth--;
}


static unsigned
recs_template_find(const recs_template_stack_t *stack,
    const recs_str_t *path, recs_str_t *value)
{
    uint32_t  i;

    if (path->len == 1 && path->data[0] == '.') {
        *value = stack->at[stack->depth - 1];
        return 1;
    }

    for (i = stack->depth; i > 0; i--) {
        if (recs_json_find(&stack->at[i - 1], path, value) == RECS_OK) {
            return 1;
        }
    }

    return 0;
}


/* Whether a section is written at all. */

static unsigned
recs_template_given(const recs_str_t *value)
{
    switch (recs_json_type(value)) {

    case RECS_JSON_NONE:
    case RECS_JSON_FALSE:
    case RECS_JSON_NULL:
        return 0;

    case RECS_JSON_STRING:
        return value->len > 2;

    case RECS_JSON_ARRAY:
        return recs_json_count(value) != 0;

    default:
        return 1;
    }
}


static void
recs_template_value(const recs_template_op_t *op, const recs_str_t *value,
    recs_out_t *out)
{
    size_t    len;
    uint8_t  *text;

    switch (recs_json_type(value)) {

    case RECS_JSON_STRING:

        /* resolved at the end of the memory, escaped from there */

        if ((size_t) (out->last - out->pos) < value->len) {
            out->last = out->pos;
            out->overflow = 1;
            return;
        }

        text = out->last - value->len;
        len = recs_json_text(value, text) - text;
        out->last = text;
        recs_template_escape(text, len, out);
        out->last = out->overflow ? out->pos : text + value->len;
        break;

    case RECS_JSON_NUMBER:
        recs_template_decimals(value, op->decimals, out);
        break;

    case RECS_JSON_TRUE:
    case RECS_JSON_FALSE:
        recs_out_bytes(out, value->data, value->len);
        break;

    default:
        break;
    }
}


/* Rounded half up; the numbers of answers have six decimals at most. */

static void
recs_template_decimals(const recs_str_t *value, int decimals,
    recs_out_t *out)
{
    int             n;
    uint64_t        micro, unit;
    unsigned        behind;
    const uint8_t  *p, *last;

    if (decimals < 0) {
        recs_out_bytes(out, value->data, value->len);
        return;
    }

    p = value->data;
    last = p + value->len;

    if (*p == '-') {
        recs_out_byte(out, *p++);
    }

    for (micro = 0, behind = 0, n = 0; p < last && n < 6; p++) {

        if (*p == '.') {
            behind = 1;

        } else if (*p >= '0' && *p <= '9') {
            micro = micro * 10 + (*p - '0');
            n += behind;
        }
    }

    for ( /* void */ ; n < 6; n++) {
        micro *= 10;
    }

    for (unit = RECS_MICRO, n = 0; n < decimals; n++) {
        unit /= 10;
    }

    micro = (micro + unit / 2) / unit;

    for (unit = 1, n = 0; n < decimals; n++) {
        unit *= 10;
    }

    recs_out_u64(out, micro / unit);

    if (decimals) {
        recs_out_byte(out, '.');
    }

    for (micro %= unit, unit /= 10; unit; unit /= 10) {
        recs_out_byte(out, (uint8_t) ('0' + micro / unit % 10));
    }
}


static void
recs_template_escape(const uint8_t *p, size_t len, recs_out_t *out)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        switch (p[i]) {
        case '&':
            recs_out_lit(out, "&amp;");
            break;
        case '<':
            recs_out_lit(out, "&lt;");
            break;
        case '>':
            recs_out_lit(out, "&gt;");
            break;
        case '"':
            recs_out_lit(out, "&quot;");
            break;
        case '\'':
            recs_out_lit(out, "&#39;");
            break;
        default:
            recs_out_byte(out, p[i]);
        }
    }
}
