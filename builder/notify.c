/*
 * Copyright (C) recs authors
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "../core/recs_types.h"
#include "notify.h"


void
recs_notify(const char *fmt, ...)
{
    int                  fd;
    char                 text[512];
    size_t               len;
    va_list              args;
    socklen_t            size;
    const char          *path;
    struct sockaddr_un   addr;

    path = getenv("NOTIFY_SOCKET");

    if (path == NULL || strlen(path) >= sizeof(addr.sun_path)) {
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    memset(&addr, 0, sizeof(addr));
    addr.sun_family = AF_UNIX;
    len = strlen(path);
    memcpy(addr.sun_path, path, len);
    size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len);

    /* an abstract name */

    if (addr.sun_path[0] == '@') {
        addr.sun_path[0] = '\0';
    }

    fd = socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0);

    if (fd == -1) {
        return;
    }

    (void) sendto(fd, text, strlen(text), MSG_NOSIGNAL|MSG_DONTWAIT,
                  (struct sockaddr *) &addr, size);
    close(fd);
}
