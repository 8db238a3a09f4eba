/*
 * Copyright (C) recs authors
 *
 * What the builder says, on standard error: on a terminal plain lines and a
 * progress bar, otherwise one structured line a message, "level=info
 * stage=import msg=\"...\" key=value", with a <N> priority for journald; or,
 * where it is asked for, one JSON object a line, "time", "level", "stage",
 * "msg" and the facts, valid whatever bytes are in a text.
 */

#ifndef _RECS_BUILDER_MESSAGE_H_INCLUDED_
#define _RECS_BUILDER_MESSAGE_H_INCLUDED_


#include <stdint.h>


typedef enum {
    RECS_MSG_ERROR = 3,
    RECS_MSG_WARN = 4,
    RECS_MSG_NOTICE = 5,
    RECS_MSG_INFO = 6,
    RECS_MSG_DEBUG = 7
} recs_message_e;


/* Most urgent level that is not printed, default RECS_MSG_DEBUG. */

void recs_message_init(recs_message_e quiet_from);

/* log_format, in the order of its words; JSON also on a terminal. */

#define RECS_LOG_FORMAT_TEXT  0
#define RECS_LOG_FORMAT_JSON  1

void recs_message_format(unsigned format);

/*
 * What follows a tab in the text is facts, "key=value key=value": they stand
 * outside of msg="..." in a structured line and in parentheses on a
 * terminal.
 */

void recs_message(recs_message_e level, const char *stage, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* How many of a level there were, printed or not. */

uint64_t recs_message_count(recs_message_e level);

/*
 * Progress of a stage: done of total (0: unknown), at most ten times a
 * second on a terminal, every ten seconds otherwise.  recs_progress_end()
 * clears the bar.
 */

void recs_progress(const char *stage, uint64_t done, uint64_t total);
void recs_progress_end(void);


/*
 * An error in the making: functions of the builder return RECS_ERROR and
 * leave the sentence here, with file, line, value and remedy.
 */

typedef struct {
    char  text[512];
} recs_error_t;

int recs_error(recs_error_t *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));     /* always RECS_ERROR */


#endif /* _RECS_BUILDER_MESSAGE_H_INCLUDED_ */
