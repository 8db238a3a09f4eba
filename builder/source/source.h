/*
 * Copyright (C) recs authors
 *
 * Sources turn what comes from outside into checked events for a sink.
 */

#ifndef _RECS_BUILDER_SOURCE_H_INCLUDED_
#define _RECS_BUILDER_SOURCE_H_INCLUDED_


#include "../../core/event/recs_event.h"
#include "../../core/event/recs_identity.h"
#include "../message.h"
#include "reasons.h"


/*
 * A sink takes an event whose identities are keys (no raw id is left) and
 * copies what it keeps.  RECS_DECLINED: it has the event already, which is
 * counted as a duplicate.  RECS_ERROR ends the run.
 */

typedef int (*recs_sink_pt)(void *ctx, const recs_event_t *e,
    recs_error_t *err);


/* What a file is taken for where a row does not say it. */

typedef enum {
    RECS_FILE_EVENTS = 0,
    RECS_FILE_CATALOG,
    RECS_FILE_USERS
} recs_file_e;


typedef struct {
    uint64_t  lines;             /* read, blank ones and headers not */
    uint64_t  events;            /* handed to the sink */
    uint64_t  bad;               /* quarantined */
    uint64_t  duplicates;        /* dropped by messageId or (epoch, seq) */
    uint64_t  products;          /* catalogue rows */
    uint64_t  users;
} recs_source_stats_t;


typedef struct {
    const recs_keys_t    *keys;
    recs_sink_pt          sink;
    void                 *ctx;
    const char           *quarantine;  /* file to append to, or NULL */
    recs_str_t            shop;        /* of events that name none */
    int64_t               received_ms; /* stamp of imported events, 0 none */
    unsigned              file_time;   /* an event without a timestamp has
                                          that of its file, not received_ms */
    unsigned              updates;     /* rows of products are news of their
                                          own beside those of a catalogue */
    unsigned              threads;     /* that parse, 0 and 1: one */
    recs_reasons_t       *reasons;     /* of bad lines, or NULL */
    recs_source_stats_t   stats;
    void                 *private;     /* of source.c */
} recs_source_t;


/*
 * Reads one path: a file (JSON lines or CSV by name, else by content; plain,
 * .gz, .zst by magic bytes), a directory (its *.jsonl, *.json, *.csv, with
 * .gz and .zst, in name order), or "-" for standard input.  Bad lines go to
 * quarantine with file, line and reason, and are counted.  RECS_ERROR where
 * the path cannot be read or the sink fails.
 *
 * A row of the catalogue becomes an event of class RECS_CLASS_PRODUCT, type
 * PRODUCT_UPDATE, with the product in items[0], the row's JSON text as its
 * document and the row's updatedAt, else received_ms, as its time; one of
 * the users the same of class RECS_CLASS_USER, with its document cleared of
 * userId and of what is not known (recs_catalog_user_text()).
 */

int recs_source_read(recs_source_t *source, const char *path,
    recs_file_e kind, recs_error_t *err);

/* Closes the quarantine; RECS_ERROR where the share of bad is > max_bad. */

int recs_source_end(recs_source_t *source, double max_bad, recs_error_t *err);


#endif /* _RECS_BUILDER_SOURCE_H_INCLUDED_ */
