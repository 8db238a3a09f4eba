/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "row.h"


#define RECS_ROW_PROGRESS  4096


void
recs_row_count(recs_source_t *source, const recs_row_t *row)
{
    uint64_t                done, total;
    recs_source_private_t  *p;

    p = source->private;
    source->stats.lines += row->lines;

    if (++p->rows % RECS_ROW_PROGRESS == 0) {
        recs_input_progress(row->in, &done, &total);
        recs_progress("import", done, total);
    }
}


int
recs_row_bad(recs_source_t *source, const recs_row_t *row, const char *field,
    const char *reason, recs_error_t *err)
{
    char                    text[256];
    recs_source_private_t  *p;

    p = source->private;

    if (field) {
        snprintf(text, sizeof(text), "%s: %s", field, reason);
        reason = text;
    }

    /* the first ones are told, as they are mostly all alike */

    if (source->stats.bad < 5) {
        recs_message(RECS_MSG_WARN, "import", "%s:%llu: bad line: %s",
                     recs_input_path(row->in), (unsigned long long) row->line,
                     reason);
    }

    source->stats.bad += row->lines;

    recs_reasons_add(source->reasons, reason, row->lines);
    recs_quarantine_put(p->quarantine, recs_input_path(row->in), row->line,
                        reason, &row->text);

    return RECS_OK;
}


/* What a product or a user row says is checked before it is let in. */

static int
recs_row_document(const recs_source_t *source, recs_event_t *e,
    const char **field, const char **reason)
{
    size_t                  n;
    recs_str_t              json;
    recs_source_private_t  *p;

    p = source->private;
    json = e->document;

    if (e->class == RECS_CLASS_PRODUCT) {

        if (recs_catalog_product(p->catalog, &json, &p->product, field,
                                 reason)
            != RECS_OK)
        {
            return RECS_ERROR;
        }

        recs_event_item_init(&e->items[0]);
        e->items[0].product = p->product.id;
        e->item_count = 1;

        if (e->time_ms == 0) {
            e->time_ms = p->product.updated_ms;
        }

        if (source->updates) {
            e->source.data = (const uint8_t *) "updates";
            e->source.len = sizeof("updates") - 1;
        }

        return RECS_OK;
    }

    if (recs_catalog_user(p->catalog, &json, &p->user, field, reason)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (e->user_id.len == 0) {
        e->user_id = p->user.user_id;
    }

    if (e->time_ms == 0) {
        e->time_ms = p->user.updated_ms;
    }

    n = recs_catalog_user_text(&p->user, p->document, sizeof(p->document));

    e->document.data = p->document;
    e->document.len = n;

    return RECS_OK;
}


/* A time where there is none: that of the file, of --now, or no event. */

static int
recs_row_time(const recs_source_t *source, recs_event_t *e,
    const recs_row_t *row)
{
    e->received_ms = source->received_ms;

    if (e->time_ms) {
        return RECS_OK;
    }

    e->time_ms = source->received_ms;

    if (e->class != RECS_CLASS_ACTIVITY) {
        return RECS_OK;
    }

    if (source->file_time && recs_input_time(row->in)) {
        e->time_ms = recs_input_time(row->in);
    }

    return e->time_ms ? RECS_OK : RECS_ERROR;
}


int
recs_row_complete(const recs_source_t *source, recs_event_t *e,
    const recs_row_t *row, const char **field, const char **reason)
{
    *field = NULL;

    if (e->class == RECS_CLASS_PRODUCT || e->class == RECS_CLASS_USER) {

        if (e->document.len == 0) {
            *field = "document";
            *reason = "is missing";
            return RECS_ERROR;
        }

        if (recs_row_document(source, e, field, reason) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (recs_event_check(e, reason) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_row_time(source, e, row) != RECS_OK) {
        *field = "timestamp";
        *reason = "is missing, and there is no --now";
        return RECS_ERROR;
    }

    if (e->shop.len == 0) {
        e->shop = source->shop;
    }

    /* who gives us files knows who is who */

    e->verified = 1;

    recs_identity_event(source->keys, e);

    return RECS_OK;
}


int
recs_row_sink(recs_source_t *source, const recs_event_t *e,
    recs_error_t *err)
{
    int  rc;

    rc = source->sink(source->ctx, e, err);

    if (rc == RECS_DECLINED) {
        source->stats.duplicates++;
        return RECS_OK;
    }

    if (rc != RECS_OK) {
        return rc;
    }

    switch (e->class) {

    case RECS_CLASS_PRODUCT:
        source->stats.products++;
        break;

    case RECS_CLASS_USER:
        source->stats.users++;
        break;

    default:
        source->stats.events++;
        break;
    }

    return RECS_OK;
}


int
recs_row_event(recs_source_t *source, recs_event_t *e, const recs_row_t *row,
    recs_error_t *err)
{
    const char  *field, *reason;

    if (recs_row_complete(source, e, row, &field, &reason) != RECS_OK) {
        return recs_row_bad(source, row, field, reason, err);
    }

    return recs_row_sink(source, e, err);
}


int
recs_row_array(recs_source_t *source, recs_event_json_t *json, size_t count,
    const recs_row_t *row, recs_error_t *err)
{
    int                     rc;
    size_t                  i;
    const char             *field, *reason;
    recs_source_private_t  *p;

    p = source->private;

    for (i = 0, rc = RECS_OK; i < count && rc == RECS_OK; i++) {

        rc = (recs_event_json_get(json, i, &p->event, &field, &reason)
              == RECS_OK)
             ? recs_row_event(source, &p->event, row, err)
             : recs_row_bad(source, row, field, reason, err);
    }

    recs_event_json_close(json);

    return rc;
}


static int
recs_row_activity(recs_source_t *source, const recs_str_t *text,
    const recs_row_t *row, recs_error_t *err)
{
    size_t              count;
    unsigned            array;
    const char         *reason;
    recs_event_json_t  *json;

    json = recs_event_json_open(text->data, text->len, &count, &array,
                                &reason);

    if (json == NULL) {
        return recs_row_bad(source, row, NULL, reason, err);
    }

    return recs_row_array(source, json, count, row, err);
}


int
recs_row_json(recs_source_t *source, recs_file_e kind,
    const recs_str_t *json, const recs_row_t *row, recs_error_t *err)
{
    recs_event_t           *e;
    recs_source_private_t  *p;

    if (kind == RECS_FILE_EVENTS) {
        return recs_row_activity(source, json, row, err);
    }

    p = source->private;
    e = &p->event;

    recs_event_init(e);

    e->class = (kind == RECS_FILE_CATALOG) ? RECS_CLASS_PRODUCT
               : RECS_CLASS_USER;
    e->type = (kind == RECS_FILE_CATALOG) ? RECS_EVENT_PRODUCT_UPDATE
              : RECS_EVENT_USER_UPDATE;
    e->document = *json;

    return recs_row_event(source, e, row, err);
}
