/*
 * Copyright (C) recs authors
 *
 * Somebody is forgotten: their events stay for the counts, but nothing in
 * them says whose they were (what the report joins stays together under names
 * that nobody can make again), in the event log, its archive and checkpoint;
 * the journal, Redis, the quarantine and older snapshots have nothing of
 * them.  What was looked at is told by a receipt.
 *
 * Who asks leaves a file in LOG/erase, which is done by whoever holds the
 * lock of the log: the daemon, or "recs-builder erase" where there is none.
 * It is there until the receipt is in LOG/receipts.jsonl, so that a crash
 * begins it again; doing it twice does no harm.
 *
 * Of somebody are: the events of the user; of sessions and browsers that
 * were never another user's; of what came from such a browser without a
 * user.  What a user did in a session that was another user's as well is
 * blanked, what nobody can be told to have done in it stays.
 */

#ifndef _RECS_BUILDER_ERASE_H_INCLUDED_
#define _RECS_BUILDER_ERASE_H_INCLUDED_


#include <jansson.h>

#include "../../core/event/recs_identity.h"
#include "../config.h"
#include "../data/log_retain.h"
#include "../memory.h"


#define RECS_ERASE_ID    32      /* hexadecimal digits of a receipt */
#define RECS_ERASE_SALT  32
#define RECS_ERASE_WHO   (2 * RECS_KEYS_MAX)


/* What is asked for; ids in a file are raw ones, mode 0600. */

typedef struct {
    char             id[RECS_ERASE_ID + 1];
    int64_t          asked_ms;
    unsigned         now;        /* a new snapshot, older ones go */
    char            *user;       /* raw, NULL: only who is known */
    char            *session;
    unsigned         count;
    recs_identity_t  who[RECS_ERASE_WHO];
    uint8_t          kinds[RECS_ERASE_WHO];   /* RECS_KIND_USER, _SESSION */
    uint8_t          salt[RECS_ERASE_SALT];   /* of what replaces names */
} recs_erase_ask_t;


/* A new one, with an id and salt from the kernel. */

int recs_erase_ask_init(recs_erase_ask_t *ask, int64_t now_ms,
    recs_error_t *e);
void recs_erase_ask_free(recs_erase_ask_t *ask);
void recs_erase_ask_who(recs_erase_ask_t *ask, uint8_t kind,
    const recs_identity_t *who);

/* The identities of its raw ids under all keys. */

void recs_erase_ask_ids(recs_erase_ask_t *ask, const recs_keys_t *keys);

/* Two digits a byte and a NUL. */

void recs_erase_hex(char *hex, const void *data, size_t len);

/* The file of it: on the disk when this returns; gone; all there are. */

int recs_erase_ask_write(const recs_erase_ask_t *ask, const char *log,
    recs_error_t *e);
int recs_erase_ask_remove(const recs_erase_ask_t *ask, const char *log,
    recs_error_t *e);
int recs_erase_ask_waits(const recs_erase_ask_t *ask, const char *log);
int recs_erase_asks(const char *log, recs_erase_ask_t **asks, size_t *count,
    recs_error_t *e);


/* Who they are: identities, found by reading all events four times. */

typedef struct {
    recs_keys16_t  *keys;
    uint8_t        *kinds;       /* RECS_KIND_*, by number */
    uint8_t        *shared;      /* somebody else's, too */
    size_t          kinds_cap;
    size_t          shared_cap;
    uint32_t        asked;       /* the first ones were asked for */
} recs_erase_who_t;

/* Hands all events to a sink, as often as it is called. */

typedef int (*recs_erase_each_pt)(void *ctx, recs_sink_pt sink, void *to,
    recs_error_t *e);

int recs_erase_who(recs_erase_who_t *who, const recs_erase_ask_t *asks,
    size_t count, recs_erase_each_pt each, void *ctx, recs_error_t *e);
void recs_erase_who_free(recs_erase_who_t *who);

/* Whether an event is of them; whether bytes have an identity of them. */

int recs_erase_theirs(const recs_erase_who_t *who, const recs_event_t *e);
int recs_erase_bytes(const recs_erase_who_t *who, const void *data,
    size_t len);


/* Makes an event nobody's (blank.c). */

typedef struct {
    const uint8_t  *salt;
    uint8_t         texts[2][2 * RECS_IDENTITY_SIZE + 2];
} recs_erase_blank_t;

void recs_erase_blank(recs_erase_blank_t *blank, recs_event_t *e);

/* What an identity becomes by it where the report needs one. */

void recs_erase_alias(recs_identity_t *id, const uint8_t *salt);

/*
 * Whether a raw id stands in a text as a word; takes texts that may be left
 * out from an event of somebody else where it does.
 */

int recs_erase_word(const recs_str_t *text, const char *id);
int recs_erase_mention(recs_event_t *e, const char *id);


/* The places, in the order of the receipt. */

typedef enum {
    RECS_ERASE_LOG = 0,
    RECS_ERASE_ARCHIVE,
    RECS_ERASE_CHECKPOINT,
    RECS_ERASE_JOURNAL,
    RECS_ERASE_REDIS,
    RECS_ERASE_QUARANTINE,
    RECS_ERASE_SNAPSHOTS,
    RECS_ERASE_INPUT,
    RECS_ERASE_PLACES
} recs_erase_place_e;

typedef struct {
    uint64_t  looked;
    uint64_t  changed;
    char      left[256];         /* what could not be reached and why */
} recs_erase_place_t;


typedef struct {
    const recs_config_t  *config;
    recs_log_t           *log;   /* open; its file was begun for this */

    recs_erase_ask_t     *asks;
    size_t                count;
    recs_erase_who_t      who;
    recs_erase_blank_t    blank;
    recs_erase_place_t    places[RECS_ERASE_PLACES];
} recs_erase_t;


/*
 * Everything but snapshots, for all asks together.  RECS_ERROR: it is to be
 * begun again; what was blanked already is.
 */

int recs_erase(recs_erase_t *erase, recs_error_t *e);

/*
 * Snapshots that have them: counted; or, with "built" (the id of one that was
 * made of the log since), removed.
 */

int recs_erase_snapshots(recs_erase_t *erase, uint64_t built,
    recs_error_t *e);

/*
 * The receipts: a line each, appended to LOG/receipts.jsonl.  Then the asks
 * are gone.
 */

int recs_erase_receipts(recs_erase_t *erase, int64_t now_ms,
    recs_error_t *e);

/* The receipt of an id, a JSON line with its newline, to be freed; NULL. */

char *recs_erase_receipt(const char *log, const char *id);

void recs_erase_free(recs_erase_t *erase);


/* Parts of recs_erase(). */

int recs_erase_logs(recs_erase_t *erase, recs_error_t *e);
int recs_erase_each(void *erase, recs_sink_pt sink, void *to,
    recs_error_t *e);
void recs_erase_journal(recs_erase_t *erase);
void recs_erase_redis(recs_erase_t *erase);
void recs_erase_quarantine(recs_erase_t *erase);

/*
 * The files of bad lines: the one that is configured, and since it depends on
 * who reads where they are by default, those of both places.  0: the n-th one
 * is none, or an earlier one.
 */

#define RECS_QUARANTINES      3
#define RECS_QUARANTINE_PATH  4200

unsigned recs_quarantine_path(const recs_config_t *config, unsigned n,
    char *path);

/* Says that a place could not be reached. */

void recs_erase_left(recs_erase_t *erase, recs_erase_place_e place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));


#endif /* _RECS_BUILDER_ERASE_H_INCLUDED_ */
