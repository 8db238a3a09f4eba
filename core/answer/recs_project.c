/*
 * Copyright (C) recs authors
 */

#include "recs_project.h"


static int recs_project_name(const recs_str_t *name);
static void recs_project_answer(const recs_project_t *p,
    const recs_str_t *json, recs_out_t *out, unsigned depth);
static void recs_project_items(const recs_project_t *p,
    const recs_str_t *json, recs_out_t *out);
static void recs_project_object(const recs_project_t *p, uint32_t paths,
    size_t skip, const recs_str_t *json, recs_out_t *out);
static unsigned recs_project_wanted(const recs_project_t *p, uint32_t paths,
    size_t skip, const recs_str_t *name, uint32_t *below);


int
recs_project_parse(recs_project_t *p, const recs_str_t *text)
{
    recs_str_t      *path;
    const uint8_t   *pos, *last, *comma;

    p->count = 0;
    pos = text->data;
    last = pos + text->len;

    for ( ;; ) {
        comma = memchr(pos, ',', last - pos);

        if (p->count == RECS_PROJECT_MAX) {
            return RECS_ERROR;
        }

        path = &p->paths[p->count++];
        path->data = pos;
        path->len = (comma ? comma : last) - pos;

        if (recs_project_name(path) != RECS_OK) {
            return RECS_ERROR;
        }

        if (comma == NULL) {
            return RECS_OK;
        }

        pos = comma + 1;
    }
}


static int
recs_project_name(const recs_str_t *name)
{
    size_t   i;
    uint8_t  c, before;

    for (i = 0, before = '.'; i < name->len; i++) {
        c = name->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-'
              || (c == '.' && before != '.')))
        {
            return RECS_ERROR;
        }

        before = c;
    }

    return (before == '.') ? RECS_ERROR : RECS_OK;
}


int
recs_project(const recs_project_t *p, const recs_str_t *json, recs_out_t *out)
{
    recs_project_answer(p, json, out, 0);

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static void
recs_project_answer(const recs_project_t *p, const recs_str_t *json,
    recs_out_t *out, unsigned depth)
{
    uint8_t           open;
    unsigned          n;
    recs_str_t        name, value;
    recs_json_e       type;
    recs_json_iter_t  it;

    type = recs_json_type(json);

    if ((type != RECS_JSON_OBJECT && type != RECS_JSON_ARRAY)
        || depth == RECS_JSON_DEPTH)
    {
        recs_out_bytes(out, json->data, json->len);
        return;
    }

    recs_json_begin(&it, json);
    open = it.object ? '{' : '[';
    recs_out_byte(out, open);

    for (n = 0; recs_json_next(&it, &name, &value) == RECS_OK; n++) {

        if (n) {
            recs_out_byte(out, ',');
        }

        if (it.object) {
            recs_out_bytes(out, name.data - 1, name.len + 2);
            recs_out_byte(out, ':');
        }

        if (it.object && name.len == 5 && memcmp(name.data, "items", 5) == 0
            && recs_json_type(&value) == RECS_JSON_ARRAY)
        {
            recs_project_items(p, &value, out);

        } else {
            recs_project_answer(p, &value, out, depth + 1);
        }
    }

    recs_out_byte(out, open + 2);
}


static void
recs_project_items(const recs_project_t *p, const recs_str_t *json,
    recs_out_t *out)
{
    unsigned          n;
    recs_str_t        name, value;
    recs_json_iter_t  it;

    recs_json_begin(&it, json);
    recs_out_byte(out, '[');

    for (n = 0; recs_json_next(&it, &name, &value) == RECS_OK; n++) {

        if (n) {
            recs_out_byte(out, ',');
        }

        recs_project_object(p, UINT32_MAX, 0, &value, out);
    }

    recs_out_byte(out, ']');
}


/* "paths" are the bits of those that lead here, by their first "skip" bytes. */

static void
recs_project_object(const recs_project_t *p, uint32_t paths, size_t skip,
    const recs_str_t *json, recs_out_t *out)
{
    uint32_t          below;
    unsigned          n;
    recs_str_t        name, value;
    recs_json_iter_t  it;

    recs_json_begin(&it, json);

    if (!it.object) {
        recs_out_bytes(out, json->data, json->len);
        return;
    }

    recs_out_byte(out, '{');
    n = 0;

    while (recs_json_next(&it, &name, &value) == RECS_OK) {

        if (!recs_project_wanted(p, paths, skip, &name, &below)) {
            continue;
        }

        if (n++) {
            recs_out_byte(out, ',');
        }

        recs_out_bytes(out, name.data - 1, name.len + 2);
        recs_out_byte(out, ':');

        if (below) {
            recs_project_object(p, below, skip + name.len + 1, &value, out);

        } else {
            recs_out_bytes(out, value.data, value.len);
        }
    }

    recs_out_byte(out, '}');
}


/* *below: the paths that lead through the member; none: all of it. */

static unsigned
recs_project_wanted(const recs_project_t *p, uint32_t paths, size_t skip,
    const recs_str_t *name, uint32_t *below)
{
    uint32_t           i;
    const recs_str_t  *path;

    *below = 0;

    for (i = 0; i < p->count; i++) {
        path = &p->paths[i];

        if (!(paths & (1u << i)) || path->len < skip + name->len
            || memcmp(path->data + skip, name->data, name->len) != 0)
        {
            continue;
        }

        if (path->len == skip + name->len) {
            *below = 0;
            return 1;
        }

        if (path->data[skip + name->len] == '.') {
            *below |= 1u << i;
        }
    }

    return *below != 0;
}
