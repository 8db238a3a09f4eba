/*
 * Copyright (C) recs authors
 *
 * What systemd is told (sd_notify): one datagram to $NOTIFY_SOCKET, nothing
 * where there is none.
 */

#ifndef _RECS_BUILDER_NOTIFY_H_INCLUDED_
#define _RECS_BUILDER_NOTIFY_H_INCLUDED_


/* "READY=1", "STOPPING=1", "STATUS=...", several with a line feed between. */

void recs_notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));


#endif /* _RECS_BUILDER_NOTIFY_H_INCLUDED_ */
