/*
 * Copyright (C) recs authors
 *
 * Tokens come back as they were written, and no others are read; where a
 * visitor is sent is the shop's own, also by the book of a browser (the URL
 * standard of the WHATWG), which is far more lenient than ours.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE              /* memfd_create() */
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../core/event/recs_token.h"
#include "../../core/recs_location.h"


#define KEY   "7 000102030405060708090a0b0c0d0e0f"                            \
              "101112131415161718191a1b1c1d1e1f\n"
#define SHOP  0x5109000000000001ULL

#define FIELDS  32       /* bytes of an input that make a token */


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_keys_t  keys;


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
load(void)
{
    int          fd;
    char         path[32];
    const char  *err;

    if (keys.count) {
        return;
    }

    fd = memfd_create("key", 0);
    require(fd != -1 && write(fd, KEY, sizeof(KEY) - 1) == sizeof(KEY) - 1);

    (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    require(recs_keys_load(&keys, path, 0, &err) == RECS_OK);
    close(fd);
}


/* Whatever is read is written in the very same way. */

static void
any_text(const uint8_t *data, size_t size)
{
    uint8_t       buf[RECS_TOKEN_MAX];
    recs_str_t    text;
    recs_token_t  t;

    text.data = data;
    text.len = size;

    if (recs_token_read(&t, &keys, SHOP, &text) == RECS_OK) {
        require(recs_token_write(&t, &keys.keys[0], SHOP, buf) == buf + size);
        require(memcmp(buf, data, size) == 0);
    }
}


static void
any_token(const uint8_t *data, size_t size)
{
    size_t        at;
    uint8_t       c, buf[RECS_TOKEN_MAX], id[RECS_TOKEN_ID];
    recs_str_t    text;
    recs_token_t  t, back;

    if (size < FIELDS) {
        return;
    }

    memset(&t, 0, sizeof(t));
    memcpy(&t.product, data, 8);
    memcpy(&t.id, data + 8, 8);
    memcpy(&t.expires, data + 16, 4);
    memcpy(&t.position, data + 20, 2);
    t.private = data[22] & 1;

    if (t.private) {
        memcpy(&t.epoch, data + 23, 8);
    }

    text.data = buf;
    text.len = recs_token_write(&t, &keys.keys[0], SHOP, buf) - buf;

    require(text.len <= RECS_TOKEN_MAX);
    require(recs_token_recommendation(&t, id) <= RECS_TOKEN_ID);

    require(recs_token_read(&back, &keys, SHOP, &text) == RECS_OK);
    require(back.product == t.product && back.id == t.id
            && back.epoch == t.epoch && back.expires == t.expires
            && back.position == t.position && back.private == t.private);
    require(recs_token_read(&back, &keys, SHOP + 1, &text) != RECS_OK);

    if (size >= FIELDS + 2) {
        at = data[FIELDS] % text.len;
        c = buf[at];
        buf[at] = data[FIELDS + 1];

        require(c == buf[at]
                || recs_token_read(&back, &keys, SHOP, &text) != RECS_OK);
    }
}


/*
 * The host that a browser on https://shop.example/r/ would go to: blanks
 * around, tabs and new lines are taken out, "\" is "/", the scheme of the page
 * may be left out before slashes of any number, and whatever is before the
 * last "@" is a user.
 */

static size_t
browser(const uint8_t *url, size_t size, char *host)
{
    char    text[RECS_LOCATION_MAX * RECS_LOCATION_MORE + 1];
    size_t  i, n, from, to;

    for (i = 0, n = 0; i < size; i++) {
        if (url[i] != '\t' && url[i] != '\n' && url[i] != '\r'
            && (n || url[i] > ' '))
        {
            text[n++] = (char) (url[i] == '\\' ? '/' : url[i]);
        }
    }

    text[n] = '\0';
    from = 0;

    if (strncasecmp(text, "https:", 6) == 0) {
        from = 6;

    } else if (strncasecmp(text, "http:", 5) == 0) {
        from = 5;

    } else if (strncmp(text, "//", 2) != 0) {

        /* another scheme leads out of the shop, a path does not */

        i = strcspn(text, ":/?#");
        memcpy(host, text[i] == ':' ? "?" : "shop.example", 13);
        return strlen(host);
    }

    while (text[from] == '/') {
        from++;
    }

    to = from + strcspn(text + from, "/?#");

    for (i = from; i < to; i++) {
        if (text[i] == '@') {
            from = i + 1;
        }
    }

    n = strcspn(text + from, ":");
    n = recs_min(n, to - from);

    for (i = 0; i < n; i++) {
        host[i] = (char) (text[from + i] | 0x20);
    }

    host[n] = '\0';

    return n;
}


static void
any_address(const uint8_t *data, size_t size)
{
    char         host[RECS_LOCATION_MAX * RECS_LOCATION_MORE + 1];
    size_t       i;
    uint8_t      buf[RECS_LOCATION_MAX * RECS_LOCATION_MORE];
    recs_out_t   out;
    recs_str_t   url;

    static const recs_host_t  hosts[] = {
        { recs_string("shop.example"), 0 },
        { recs_string("b.example"), 8443 }
    };

    url.data = data;
    url.len = size;

    recs_out_init(&out, buf, sizeof(buf));

    if (recs_location(&url, hosts, 2, &out) != RECS_OK) {
        require(out.pos == buf);
        return;
    }

    for (i = 0; i < (size_t) (out.pos - buf); i++) {
        require(buf[i] > ' ' && buf[i] < 0x7f && buf[i] != '\\');
    }

    for (i = 0; i < 2; i++) {
        (void) browser(i ? buf : data, i ? (size_t) (out.pos - buf) : size,
                       host);
        require(strcmp(host, "shop.example") == 0
                || strcmp(host, "b.example") == 0);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load();

    any_text(data, size);
    any_token(data, size);
    any_address(data, size);

    return 0;
}
