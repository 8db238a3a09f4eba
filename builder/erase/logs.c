/*
 * Copyright (C) recs authors
 *
 * The event log: its files, its checkpoint, its archive.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../data/checkpoint.h"
#include "../data/log_archive.h"
#include "../data/log_index.h"
#include "../data/log_read.h"
#include "../data/log_rewrite.h"
#include "../report/report.h"
#include "erase.h"


/* Shorter ids stand in too many texts that are about something else. */

#define RECS_ERASE_MENTION  6


typedef struct {
    recs_erase_t      *erase;
    recs_log_index_t  *index;
    uint64_t           known;    /* imported, or with a messageId */
} recs_erase_known_t;


static int recs_logs_dir(recs_erase_t *erase, const char *dir,
    uint32_t before, recs_sink_pt sink, void *to, recs_error_t *e);
static uint32_t recs_logs_end(const recs_erase_t *erase);
static int recs_logs_match(void *ctx, const recs_event_t *e);
static void recs_logs_change(void *ctx, recs_event_t *e);
static int recs_logs_checkpoint(recs_erase_t *erase,
    const recs_log_edit_t *edit, recs_error_t *e);
static int recs_logs_report(recs_erase_t *erase, void **data, size_t *len,
    recs_error_t *e);
static int recs_logs_known(recs_erase_t *erase, recs_log_index_t *index,
    const recs_checkpoint_t *old, uint64_t *known, recs_error_t *e);
static int recs_logs_learn(void *ctx, const recs_event_t *event,
    recs_error_t *e);
static int recs_logs_rewrite(recs_erase_t *erase, const char *dir,
    uint32_t before, const recs_log_edit_t *edit, recs_erase_place_e place,
    recs_error_t *e);


/* The archive may be anything: that it cannot be read is told. */

int
recs_erase_each(void *ctx, recs_sink_pt sink, void *to, recs_error_t *e)
{
    const char    *dir;
    recs_error_t   ignored;
    recs_erase_t  *erase;

    erase = ctx;
    dir = recs_log_files(erase->log)->dir;

    if (recs_log_events(dir, 0, sink, to, e) != RECS_OK
        || recs_logs_dir(erase, dir, recs_logs_end(erase), sink, to, e)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (erase->config->archive
        && recs_logs_dir(erase, erase->config->archive, UINT32_MAX, sink, to,
                         &ignored)
           != RECS_OK)
    {
        recs_erase_left(erase, RECS_ERASE_ARCHIVE, "%s", ignored.text);
    }

    return RECS_OK;
}


static int
recs_logs_dir(recs_erase_t *erase, const char *dir, uint32_t before,
    recs_sink_pt sink, void *to, recs_error_t *e)
{
    int        rc;
    size_t     i, count;
    uint32_t  *numbers;

    if (recs_log_archive_list(dir, recs_log_files(erase->log)->dir, &numbers,
                              &count, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    for (i = 0; i < count && numbers[i] < before && rc == RECS_OK; i++) {
        rc = recs_log_events(dir, numbers[i], sink, to, e);
    }

    free(numbers);

    return rc;
}


/* The first file that may be appended to while we work. */

static uint32_t
recs_logs_end(const recs_erase_t *erase)
{
    const recs_log_file_t  *f;

    f = recs_log_files(erase->log);

    return (f->end.offset > RECS_LOG_HEAD) ? f->end.number + 1
                                           : f->end.number;
}


static int
recs_logs_match(void *ctx, const recs_event_t *e)
{
    size_t         i;
    recs_event_t   copy;
    recs_erase_t  *erase;
    const char    *id;

    erase = ctx;

    if (recs_erase_theirs(&erase->who, e)) {
        return 1;
    }

    for (i = 0; i < erase->count; i++) {
        id = erase->asks[i].user;

        if (id && strlen(id) >= RECS_ERASE_MENTION) {
            copy.query = e->query;
            copy.page_url = e->page_url;
            copy.referrer = e->referrer;
            copy.metadata = e->metadata;
            copy.message_id = e->message_id;

            if (recs_erase_mention(&copy, id)) {
                return 1;
            }
        }
    }

    return 0;
}


static void
recs_logs_change(void *ctx, recs_event_t *e)
{
    size_t         i;
    const char    *id;
    recs_erase_t  *erase;

    erase = ctx;

    if (recs_erase_theirs(&erase->who, e)) {
        recs_erase_blank(&erase->blank, e);
        return;
    }

    for (i = 0; i < erase->count; i++) {
        id = erase->asks[i].user;

        if (id && strlen(id) >= RECS_ERASE_MENTION) {
            (void) recs_erase_mention(e, id);
        }
    }
}


/*
 * The checkpoint first: it has what imported events were known by before they
 * are changed, or a file that is read again would bring them back.
 */

int
recs_erase_logs(recs_erase_t *erase, recs_error_t *e)
{
    recs_error_t      ignored;
    recs_log_edit_t   edit;

    edit.match = recs_logs_match;
    edit.change = recs_logs_change;
    edit.ctx = erase;
    erase->blank.salt = erase->asks[0].salt;

    if (recs_log_rewrite_sweep(recs_log_files(erase->log)->dir, e) != RECS_OK
        || recs_logs_checkpoint(erase, &edit, e) != RECS_OK
        || recs_logs_rewrite(erase, recs_log_files(erase->log)->dir,
                             recs_logs_end(erase), &edit, RECS_ERASE_LOG, e)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (erase->config->archive
        && (recs_log_rewrite_sweep(erase->config->archive, &ignored)
            != RECS_OK
            || recs_logs_rewrite(erase, erase->config->archive, UINT32_MAX,
                                 &edit, RECS_ERASE_ARCHIVE, &ignored)
               != RECS_OK))
    {
        recs_erase_left(erase, RECS_ERASE_ARCHIVE, "%s", ignored.text);
    }

    return RECS_OK;
}


static int
recs_logs_checkpoint(recs_erase_t *erase, const recs_log_edit_t *edit,
    recs_error_t *e)
{
    int                  rc;
    void                *report;
    uint64_t             known;
    recs_log_file_t     *f;
    recs_log_index_t    *index;
    recs_log_parts_t     parts;
    recs_checkpoint_t    old;
    recs_erase_place_t  *place;

    f = recs_log_files(erase->log);
    place = &erase->places[RECS_ERASE_CHECKPOINT];
    report = NULL;
    known = 0;

    if (recs_checkpoint_open(&old, f->dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    index = recs_alloc(sizeof(recs_log_index_t));
    memset(&parts, 0, sizeof(parts));

    rc = recs_log_index_init(index);

    if (rc != RECS_OK) {
        rc = recs_error(e, "%s: the kernel gives no random number", f->dir);

    } else {
        rc = recs_logs_known(erase, index, &old, &known, e);
    }

    if (rc == RECS_OK && (old.fd != -1 || known)) {
        place->looked = (old.fd != -1);
        parts.known = recs_log_index_give(index, &parts.known_len);

        rc = recs_checkpoint_read(&old, f->dir, RECS_CHECKPOINT_REPORT,
                                  &report, &parts.report_len, e);

        if (rc == RECS_OK && report) {
            rc = recs_logs_report(erase, &report, &parts.report_len, e);
        }

        parts.report = report;

        if (rc == RECS_OK) {
            rc = recs_log_rewrite_checkpoint(f, edit, &parts,
                                             &place->changed, e);
        }

        free((void *) parts.known);
        free(report);
    }

    recs_checkpoint_close(&old);
    recs_log_index_free(index);
    free(index);

    return rc;
}


/* Touches have the names that events of the log will have. */

static int
recs_logs_report(recs_erase_t *erase, void **data, size_t *len,
    recs_error_t *e)
{
    int                   rc;
    uint32_t              n, count;
    recs_report_t        *report;
    recs_report_alias_t  *aliases;

    report = recs_report_create(erase->config);
    rc = recs_report_load(report, *data, *len, e);

    free(*data);
    *data = NULL;

    if (rc == RECS_OK) {
        count = recs_keys16_count(erase->who.keys);
        aliases = recs_alloc(count * sizeof(recs_report_alias_t) + 1);

        for (n = 0; n < count; n++) {
            memcpy(aliases[n].from.bytes,
                   recs_keys16_get(erase->who.keys, n), RECS_IDENTITY_SIZE);
            aliases[n].to = aliases[n].from;
            recs_erase_alias(&aliases[n].to, erase->blank.salt);
            aliases[n].shared = erase->who.shared[n];
        }

        recs_report_become(report, aliases, count);
        *data = recs_report_save(report, len);

        free(aliases);
    }

    recs_report_destroy(report);

    return rc;
}


static int
recs_logs_known(recs_erase_t *erase, recs_log_index_t *index,
    const recs_checkpoint_t *old, uint64_t *known, recs_error_t *e)
{
    int                  rc;
    void                *data;
    size_t               len;
    const char          *dir;
    recs_str_t           text;
    recs_erase_known_t   k;

    dir = recs_log_files(erase->log)->dir;
    *known = 0;

    if (recs_checkpoint_read(old, dir, RECS_CHECKPOINT_KNOWN, &data, &len, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    if (len) {
        text.data = data;
        text.len = len;
        rc = recs_log_index_take(index, &text, dir, e);
        free(data);
    }

    k.erase = erase;
    k.index = index;
    k.known = 0;

    if (rc == RECS_OK) {
        rc = recs_logs_dir(erase, dir, recs_logs_end(erase), recs_logs_learn,
                           &k, e);
    }

    *known = k.known;

    return rc;
}


static int
recs_logs_learn(void *ctx, const recs_event_t *event, recs_error_t *e)
{
    recs_erase_known_t  *k;

    k = ctx;

    if ((event->epoch == 0 || event->message_id.len)
        && event->class != RECS_CLASS_ERASE
        && recs_logs_match(k->erase, event))
    {
        recs_log_index_load(k->index, event);
        k->known++;
    }

    return RECS_OK;
}


static int
recs_logs_rewrite(recs_erase_t *erase, const char *dir, uint32_t before,
    const recs_log_edit_t *edit, recs_erase_place_e place, recs_error_t *e)
{
    int        rc;
    size_t     i, count;
    uint64_t   changed;
    uint32_t  *numbers;

    if (recs_log_archive_list(dir, recs_log_files(erase->log)->dir, &numbers,
                              &count, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    for (i = 0; i < count && numbers[i] < before && rc == RECS_OK; i++) {
        rc = recs_log_rewrite(recs_log_files(erase->log), dir, numbers[i],
                              edit, &changed, e);
        erase->places[place].looked++;
        erase->places[place].changed += changed;
    }

    free(numbers);

    return rc;
}
