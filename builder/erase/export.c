/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_client.h"
#include "../../core/event/recs_event_type.h"
#include "../../core/recs_date.h"
#include "../../core/recs_out.h"
#include "../data/log_archive.h"
#include "../data/log_read.h"
#include "export.h"


#define RECS_EXPORT_LINE  (1024 * 1024)


typedef struct {
    const recs_config_t     *config;
    const recs_erase_ask_t  *ask;
    recs_erase_who_t         who;
    FILE                    *file;
    const char              *place;
    uint64_t                 events;
    recs_out_t               out;
    uint8_t                  line[RECS_EXPORT_LINE];
} recs_export_t;


static int recs_export_each(void *ctx, recs_sink_pt sink, void *to,
    recs_error_t *e);
static int recs_export_event(void *ctx, const recs_event_t *event,
    recs_error_t *e);
static void recs_export_fields(recs_export_t *x,
    const recs_event_field_t *fields, const void *base);
static void recs_export_items(recs_export_t *x, const recs_event_t *event);
static void recs_export_field(recs_export_t *x,
    const recs_event_field_t *field, const void *p);
static void recs_export_name(recs_export_t *x, const char *name);
static void recs_export_string(recs_export_t *x, const char *name,
    const void *data, size_t len);
static void recs_export_time(recs_export_t *x, const char *name, int64_t ms);
static void recs_export_identity(recs_export_t *x, const char *name,
    const recs_identity_t *id, const char *raw);
static int recs_export_copy(const char *path, const recs_erase_ask_t *ask,
    FILE *out, recs_error_t *e);


static const char *const  recs_export_classes[] = {
    "", "activity", "list", "exposure", "product", "user", "erasure"
};

static const char *const  recs_export_consents[] = {
    "unknown", "granted", "denied"
};


int
recs_export_events(const recs_config_t *config, const recs_erase_ask_t *ask,
    FILE *out, uint64_t *events, recs_error_t *e)
{
    int             rc;
    recs_export_t  *x;

    x = recs_calloc(1, sizeof(recs_export_t));
    x->config = config;
    x->ask = ask;
    x->file = out;

    rc = recs_erase_who(&x->who, ask, 1, recs_export_each, x, e);

    if (rc == RECS_OK) {
        rc = recs_export_each(x, recs_export_event, x, e);
    }

    *events = x->events;

    recs_erase_who_free(&x->who);
    free(x);

    return rc;
}


static int
recs_export_each(void *ctx, recs_sink_pt sink, void *to, recs_error_t *e)
{
    int             rc;
    size_t          i, count;
    uint32_t       *numbers;
    recs_export_t  *x;

    x = ctx;
    x->place = "log";

    if (recs_log_read(x->config->log, sink, to, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (x->config->archive == NULL) {
        return RECS_OK;
    }

    x->place = "archive";

    if (recs_log_archive_list(x->config->archive, x->config->log, &numbers,
                              &count, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    for (i = 0; i < count && rc == RECS_OK; i++) {
        rc = recs_log_events(x->config->archive, numbers[i], sink, to, e);
    }

    free(numbers);

    return rc;
}


static int
recs_export_event(void *ctx, const recs_event_t *event, recs_error_t *e)
{
    size_t          len;
    recs_export_t  *x;

    x = ctx;

    if (!recs_erase_theirs(&x->who, event)) {
        return RECS_OK;
    }

    recs_out_init(&x->out, x->line, RECS_EXPORT_LINE);

    recs_out_lit(&x->out, "{\"place\":\"");
    recs_out_bytes(&x->out, x->place, strlen(x->place));
    recs_out_byte(&x->out, '"');

    recs_export_string(x, "class", recs_export_classes[event->class],
                       strlen(recs_export_classes[event->class]));
    recs_export_time(x, "receivedAt", event->received_ms);
    recs_export_identity(x, "userId", &event->user, x->ask->user);
    recs_export_identity(x, "anonymousId", &event->anonymous, NULL);
    recs_export_identity(x, "sessionId", &event->session, x->ask->session);
    recs_export_string(x, "shop", event->shop.data, event->shop.len);
    recs_export_string(x, "region", event->region.data, event->region.len);
    recs_export_string(x, "variant", event->variant.data,
                       event->variant.len);

    if (event->verified) {
        recs_out_lit(&x->out, ",\"verified\":true");
    }

    recs_export_fields(x, recs_event_fields, event);
    recs_export_items(x, event);

    if (event->document.len) {
        recs_out_lit(&x->out, ",\"document\":");
        recs_out_bytes(&x->out, event->document.data, event->document.len);
    }

    recs_out_lit(&x->out, "}\n");
    len = (size_t) (x->out.pos - x->line);

    if (x->out.overflow || fwrite(x->line, 1, len, x->file) != len) {
        return recs_error(e, "cannot write: %s", strerror(errno));
    }

    x->events++;

    return RECS_OK;
}


static void
recs_export_fields(recs_export_t *x, const recs_event_field_t *fields,
    const void *base)
{
    const recs_event_field_t  *field;

    for (field = fields; field->name; field++) {

        if (!field->line && recs_event_field_set(field, base)) {
            recs_export_field(x, field,
                              (const uint8_t *) base + field->offset);
        }
    }
}


static void
recs_export_items(recs_export_t *x, const recs_event_t *event)
{
    uint32_t                   i;
    const recs_event_field_t  *field;

    if (event->item_count == 0) {
        return;
    }

    recs_out_lit(&x->out, ",\"items\":[");

    for (i = 0; i < event->item_count; i++) {
        recs_out_bytes(&x->out, &",{"[i == 0], 2 - (i == 0));
        recs_out_lit(&x->out, "\"line\":");
        recs_out_u64(&x->out, i + 1);

        for (field = recs_event_item_fields; field->name; field++) {
            if (recs_event_field_set(field, &event->items[i])) {
                recs_export_field(x, field,
                                  (const uint8_t *) &event->items[i]
                                  + field->offset);
            }
        }

        recs_out_byte(&x->out, '}');
    }

    recs_out_byte(&x->out, ']');
}


static void
recs_export_field(recs_export_t *x, const recs_event_field_t *field,
    const void *p)
{
    recs_str_t                device;
    const char               *text;
    const recs_str_t         *s;
    const recs_event_type_t  *type;

    s = p;

    switch (field->kind) {

    case RECS_FIELD_TIME:
        recs_export_time(x, field->name, *(const int64_t *) p);
        break;

    case RECS_FIELD_MICRO:
        recs_export_name(x, field->name);
        recs_out_micro(&x->out, *(const int64_t *) p);
        break;

    case RECS_FIELD_STARS:
        recs_export_name(x, field->name);
        recs_out_micro(&x->out, *(const int32_t *) p * (int64_t) 1000);
        break;

    case RECS_FIELD_COUNT:
        recs_export_name(x, field->name);
        recs_out_u64(&x->out, *(const uint32_t *) p);
        break;

    case RECS_FIELD_INDEX:
        recs_export_name(x, field->name);
        recs_out_u64(&x->out, *(const uint32_t *) p - 1);
        break;

    case RECS_FIELD_TYPE:
        type = recs_event_type(*(const uint8_t *) p);
        text = type ? type->name : "CUSTOM";
        recs_export_string(x, field->name, text, strlen(text));
        break;

    case RECS_FIELD_CONSENT:
        text = recs_export_consents[*(const uint8_t *) p];
        recs_export_string(x, field->name, text, strlen(text));
        break;

    case RECS_FIELD_DEVICE:
        device = recs_device_name(*(const uint8_t *) p);
        recs_export_string(x, field->name, device.data, device.len);
        break;

    case RECS_FIELD_TEXT:
        recs_export_name(x, field->name);
        recs_out_bytes(&x->out, s->data, s->len);
        break;

    case RECS_FIELD_AGENT:
        break;

    default: /* strings */
        recs_export_string(x, field->name, s->data, s->len);
        break;
    }
}


static void
recs_export_name(recs_export_t *x, const char *name)
{
    recs_out_lit(&x->out, ",\"");
    recs_out_bytes(&x->out, name, strlen(name));
    recs_out_lit(&x->out, "\":");
}


static void
recs_export_string(recs_export_t *x, const char *name, const void *data,
    size_t len)
{
    if (len) {
        recs_export_name(x, name);
        recs_out_byte(&x->out, '"');
        recs_out_json(&x->out, data, len);
        recs_out_byte(&x->out, '"');
    }
}


static void
recs_export_time(recs_export_t *x, const char *name, int64_t ms)
{
    recs_export_name(x, name);
    recs_out_time(&x->out, ms);
}


/* The raw id where it was asked by it, else what is stored of it. */

static void
recs_export_identity(recs_export_t *x, const char *name,
    const recs_identity_t *id, const char *raw)
{
    char      hex[2 * RECS_IDENTITY_SIZE + 1];
    unsigned  i;

    if (!recs_identity_known(id)) {
        return;
    }

    for (i = 0; raw && i < x->ask->count; i++) {
        if (memcmp(&x->ask->who[i], id, sizeof(recs_identity_t)) == 0) {
            recs_export_string(x, name, raw, strlen(raw));
            return;
        }
    }

    recs_erase_hex(hex, id->bytes, RECS_IDENTITY_SIZE);
    recs_export_string(x, name, hex, 2 * RECS_IDENTITY_SIZE);
}


int
recs_export_quarantine(const recs_config_t *config,
    const recs_erase_ask_t *ask, FILE *out, recs_error_t *e)
{
    char      path[RECS_QUARANTINE_PATH];
    unsigned  i;

    for (i = 0; i < RECS_QUARANTINES; i++) {
        if (recs_quarantine_path(config, i, path)
            && recs_export_copy(path, ask, out, e) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_export_copy(const char *path, const recs_erase_ask_t *ask, FILE *out,
    recs_error_t *e)
{
    FILE        *in;
    char        *line;
    size_t       cap;
    ssize_t      len;
    recs_str_t   text;

    in = fopen(path, "re");

    if (in == NULL) {
        return (errno == ENOENT) ? RECS_OK
               : recs_error(e, "cannot read %s: %s", path, strerror(errno));
    }

    line = NULL;
    cap = 0;

    while ((len = getline(&line, &cap, in)) != -1) {
        text.data = (const uint8_t *) line;
        text.len = (size_t) len;

        if ((ask->user && recs_erase_word(&text, ask->user))
            || (ask->session && recs_erase_word(&text, ask->session)))
        {
            fprintf(out, "{\"place\":\"quarantine\",\"bad\":%.*s}\n",
                    (int) strcspn(line, "\n"), line);
        }
    }

    free(line);
    (void) fclose(in);

    return RECS_OK;
}
