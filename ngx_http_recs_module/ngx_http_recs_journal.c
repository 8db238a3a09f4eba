/*
 * Copyright (C) recs authors
 *
 * Directive, processes, and what is done in a request: appending.
 */

#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_redis.h"
#include "ngx_http_recs_sender.h"
#include "ngx_http_recs_zone.h"
#include "../core/event/recs_event_wire.h"


#define NGX_HTTP_RECS_JOURNAL_MAX  ((off_t) 1024 * 1024 * 1024)
#define NGX_HTTP_RECS_SEGMENT_MIN  (64 * 1024)
#define NGX_HTTP_RECS_SEGMENT_MAX  (16 * 1024 * 1024)


static char *ngx_http_recs_journal_option(ngx_conf_t *cf,
    ngx_http_recs_journal_t *journal, ngx_str_t *value);
static char *ngx_http_recs_journal_dir(ngx_conf_t *cf,
    ngx_http_recs_journal_t *journal);
static size_t ngx_http_recs_journal_size(ngx_http_recs_journal_t *journal,
    ngx_uint_t workers, ngx_uint_t kind);


char *
ngx_http_recs_journal(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    char                     *rv;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_recs_journal_t  *journal;

    if (rmcf->journal) {
        return "is duplicate";
    }

    journal = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_journal_t));
    if (journal == NULL) {
        return NGX_CONF_ERROR;
    }

    journal->rmcf = rmcf;
    journal->max = NGX_HTTP_RECS_JOURNAL_MAX;

    value = cf->args->elts;
    journal->dir = value[1];

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_recs_journal_option(cf, journal, &value[i]);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (journal->max < 16 * NGX_HTTP_RECS_SEGMENT_MIN
        || (off_t) journal->segment > journal->max / 16)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "journal \"%V\" needs max=1m and 16 segments "
                           "at least", &journal->dir);
        return NGX_CONF_ERROR;
    }

    rmcf->journal = journal;

    if (rmcf->thread_pool == NULL) {
        rmcf->thread_pool = ngx_thread_pool_add(cf, NULL);

        if (rmcf->thread_pool == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_recs_journal_dir(cf, journal);
}


static char *
ngx_http_recs_journal_option(ngx_conf_t *cf, ngx_http_recs_journal_t *journal,
    ngx_str_t *value)
{
    ssize_t    size;
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "max=", 4) == 0) {
        s.data = value->data + 4;
        s.len = value->len - 4;

        journal->max = ngx_parse_offset(&s);

        if (journal->max == NGX_ERROR) {
            goto invalid;
        }

        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "segment=", 8) == 0) {
        s.data = value->data + 8;
        s.len = value->len - 8;

        size = ngx_parse_size(&s);

        if (size == NGX_ERROR || size < NGX_HTTP_RECS_SEGMENT_MIN) {
            goto invalid;
        }

        journal->segment = ngx_align(size, ngx_pagesize);

        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "ack=fast") == 0) {
        journal->durable = 0;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "ack=durable") == 0) {
        journal->durable = 1;
        return NGX_CONF_OK;
    }

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       value);

    return NGX_CONF_ERROR;
}


/*
 * A directory that is not there is made by nginx, for the user of its
 * workers; one that is there is left as it is.
 */

static char *
ngx_http_recs_journal_dir(ngx_conf_t *cf, ngx_http_recs_journal_t *journal)
{
    ngx_path_t       *path;
    ngx_file_info_t   fi;

    if (ngx_conf_full_name(cf->cycle, &journal->dir, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_file_info(journal->dir.data, &fi) == 0) {

        if (!ngx_is_dir(&fi)) {
            return "is not a directory";
        }

        return NGX_CONF_OK;
    }

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    path->name = journal->dir;
    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    if (ngx_add_path(cf, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_journal_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i, workers;
    ngx_core_conf_t          *ccf;
    ngx_http_recs_journal_t  *journal;

    journal = rmcf->journal;

    if (journal == NULL) {
        return NGX_OK;
    }

    journal->log = cycle->log;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);
    workers = ngx_max(ccf->worker_processes, 1);

    journal->payload = ngx_palloc(cycle->pool, RECS_FRAME_MAX);
    if (journal->payload == NULL) {
        return NGX_ERROR;
    }

    if (rmcf->redis) {
        journal->sender = ngx_http_recs_sender_create(cycle, journal);
        if (journal->sender == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_recs_tend_init(journal, cycle) != NGX_OK
        || ngx_http_recs_sync_init(journal, cycle) != NGX_OK
        || ngx_http_recs_exposure_init(journal, cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        journal->writers[i].journal = journal;

        if (ngx_http_recs_writer_init(&journal->writers[i], cycle, i + 1,
                                      ngx_http_recs_journal_size(journal,
                                                          workers, i + 1))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_http_recs_journal_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                i;
    ngx_http_recs_journal_t  *journal;

    journal = rmcf->journal;

    if (journal == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        ngx_http_recs_writer_exit(&journal->writers[i]);
    }

    if (journal->sender) {
        ngx_http_recs_sender_exit(journal->sender);
    }

    ngx_http_recs_tend_exit(journal);
}


ngx_int_t
ngx_http_recs_journal_append(ngx_http_recs_main_conf_t *rmcf,
    recs_event_t *e, ngx_uint_t kind)
{
    size_t                    len;
    ngx_time_t               *tp;
    recs_segment_t           *place;
    ngx_http_recs_writer_t   *w;
    ngx_http_recs_journal_t  *journal;

    journal = rmcf->journal;

    if (journal == NULL) {
        return NGX_DECLINED;
    }

    w = &journal->writers[kind - 1];

    if (w->current == NULL && ngx_http_recs_writer_roll(w) != NGX_OK) {
        return NGX_BUSY;
    }

    tp = ngx_timeofday();

    e->epoch = w->epoch;
    e->sequence = w->current->place.next;
    e->received_ms = (int64_t) tp->sec * 1000 + tp->msec;

    len = recs_event_encode(e, journal->payload,
                            RECS_FRAME_MAX - RECS_FRAME_HEAD);

    if (len == 0
        || recs_frame_size(len) > w->size - 2 * RECS_SEGMENT_HEAD)
    {
        return NGX_ERROR;
    }

    /* the sequence goes on in the next segment */

    place = &w->current->place;

    if (recs_segment_append(place, journal->payload, len) == 0) {

        if (ngx_http_recs_writer_roll(w) != NGX_OK) {
            return NGX_BUSY;
        }

        place = &w->current->place;

        if (recs_segment_append(place, journal->payload, len) == 0) {
            return NGX_ERROR;
        }
    }

    if (journal->durable && kind == RECS_SEGMENT_ACTIVITY
        && !w->current->unsynced)
    {
        w->current->unsynced = 1;
        ngx_queue_insert_tail(&journal->unsynced, &w->current->dirty);
    }

    if (journal->sender) {
        ngx_http_recs_redis_wake(rmcf);
    }

    return NGX_OK;
}


/*
 * Two generations of workers with two segments each, and as many again to
 * wait for the builder, have to fit.
 */

static size_t
ngx_http_recs_journal_size(ngx_http_recs_journal_t *journal,
    ngx_uint_t workers, ngx_uint_t kind)
{
    off_t  size;

    size = journal->segment;

    if (size == 0) {
        size = ngx_min(journal->max / 16 / (off_t) workers,
                       NGX_HTTP_RECS_SEGMENT_MAX);

        /* a descriptor each: not too many of them */

        size = ngx_max(size, journal->max / 1024);
    }

    if (kind == RECS_SEGMENT_EXPOSURE) {
        size /= 4;
    }

    size = ngx_max(size, NGX_HTTP_RECS_SEGMENT_MIN);

    return ngx_align(size, ngx_pagesize);
}
