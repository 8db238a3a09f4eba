/*
 * Copyright (C) recs authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE              /* memmem() */
#endif

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "recs_client.h"
#include "recs_fold.h"


#define RECS_AGENT_MAX     512       /* more is not looked at */
#define RECS_ADDRESS_SIZE  64


typedef struct {
    const char     *needle;      /* in lower case */
    recs_device_e   device;
} recs_client_device_t;

typedef struct {
    const char     *needle;
    recs_str_t      name;
} recs_client_browser_t;


static size_t recs_client_network(const recs_str_t *address, uint8_t *buf);
static size_t recs_client_lower(const recs_str_t *text, char *buf);


/* In the order in which they are tried: tablets say that they are mobiles. */

static const recs_client_device_t  recs_client_devices[] = {
    { "bot", RECS_DEVICE_BOT },
    { "crawl", RECS_DEVICE_BOT },
    { "spider", RECS_DEVICE_BOT },
    { "slurp", RECS_DEVICE_BOT },
    { "headless", RECS_DEVICE_BOT },
    { "lighthouse", RECS_DEVICE_BOT },
    { "facebookexternalhit", RECS_DEVICE_BOT },
    { "python-", RECS_DEVICE_BOT },
    { "curl/", RECS_DEVICE_BOT },
    { "wget/", RECS_DEVICE_BOT },
    { "go-http-client", RECS_DEVICE_BOT },
    { "phantomjs", RECS_DEVICE_BOT },
    { "smart-tv", RECS_DEVICE_TV },
    { "smarttv", RECS_DEVICE_TV },
    { "smart tv", RECS_DEVICE_TV },
    { "appletv", RECS_DEVICE_TV },
    { "apple tv", RECS_DEVICE_TV },
    { "googletv", RECS_DEVICE_TV },
    { "android tv", RECS_DEVICE_TV },
    { "hbbtv", RECS_DEVICE_TV },
    { "web0s", RECS_DEVICE_TV },
    { "roku", RECS_DEVICE_TV },
    { "bravia", RECS_DEVICE_TV },
    { "crkey", RECS_DEVICE_TV },
    { "ipad", RECS_DEVICE_TABLET },
    { "tablet", RECS_DEVICE_TABLET },
    { "kindle", RECS_DEVICE_TABLET },
    { "silk/", RECS_DEVICE_TABLET },
    { "playbook", RECS_DEVICE_TABLET },
    { "mobi", RECS_DEVICE_MOBILE },
    { "iphone", RECS_DEVICE_MOBILE },
    { "ipod", RECS_DEVICE_MOBILE },
    { "windows phone", RECS_DEVICE_MOBILE },
    { "opera mini", RECS_DEVICE_MOBILE },
    { "android", RECS_DEVICE_TABLET },
    { "windows", RECS_DEVICE_DESKTOP },
    { "macintosh", RECS_DEVICE_DESKTOP },
    { "cros ", RECS_DEVICE_DESKTOP },
    { "x11", RECS_DEVICE_DESKTOP },
    { "linux", RECS_DEVICE_DESKTOP },
    { NULL, RECS_DEVICE_UNKNOWN }
};


/* Nearly everyone also says that it is Chrome, Safari or both. */

static const recs_client_browser_t  recs_client_browsers[] = {
    { "edg/", recs_string("edge") },
    { "edge/", recs_string("edge") },
    { "edga/", recs_string("edge") },
    { "edgios/", recs_string("edge") },
    { "opr/", recs_string("opera") },
    { "opera", recs_string("opera") },
    { "opios", recs_string("opera") },
    { "samsungbrowser", recs_string("samsung") },
    { "yabrowser", recs_string("yandex") },
    { "ucbrowser", recs_string("uc") },
    { "vivaldi", recs_string("vivaldi") },
    { "firefox", recs_string("firefox") },
    { "fxios", recs_string("firefox") },
    { "crios", recs_string("chrome") },
    { "chrome/", recs_string("chrome") },
    { "chromium", recs_string("chrome") },
    { "trident/", recs_string("ie") },
    { "msie ", recs_string("ie") },
    { "safari/", recs_string("safari") },
    { NULL, recs_string("other") }
};


static const recs_str_t  recs_client_device_names[] = {
    recs_string("unknown"),
    recs_string("desktop"),
    recs_string("mobile"),
    recs_string("tablet"),
    recs_string("tv"),
    recs_string("bot")
};

#define RECS_DEVICES                                                          \
    (sizeof(recs_client_device_names) / sizeof(recs_client_device_names[0]))


recs_device_e
recs_client_device(const recs_str_t *user_agent)
{
    char                         buf[RECS_AGENT_MAX];
    size_t                       len;
    const recs_client_device_t  *d;

    len = recs_client_lower(user_agent, buf);

    /* the value of Sec-CH-UA-Mobile */

    if (len == 2 && buf[0] == '?') {
        return (buf[1] == '1') ? RECS_DEVICE_MOBILE
               : (buf[1] == '0') ? RECS_DEVICE_DESKTOP : RECS_DEVICE_UNKNOWN;
    }

    for (d = recs_client_devices; d->needle; d++) {
        if (memmem(buf, len, d->needle, strlen(d->needle))) {
            break;
        }
    }

    return d->device;
}


recs_str_t
recs_client_browser(const recs_str_t *user_agent)
{
    char                          buf[RECS_AGENT_MAX];
    size_t                        len;
    const recs_client_browser_t  *b;

    len = recs_client_lower(user_agent, buf);

    for (b = recs_client_browsers; b->needle; b++) {
        if (memmem(buf, len, b->needle, strlen(b->needle))) {
            break;
        }
    }

    return b->name;
}


recs_str_t
recs_client_address(const recs_str_t *address, uint8_t *buf)
{
    char        text[INET6_ADDRSTRLEN];
    uint8_t     bytes[16];
    recs_str_t  cut = recs_null_string;

    static const uint8_t  mapped[12] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
    };

    if (address->len == 0 || address->len >= sizeof(text)) {
        return cut;
    }

    cut.len = recs_client_network(address, buf);

    if (cut.len) {
        cut.data = buf;
        return cut;
    }

    memcpy(text, address->data, address->len);
    text[address->len] = '\0';

    if (inet_pton(AF_INET6, text, bytes) == 1) {

        if (memcmp(bytes, mapped, sizeof(mapped)) != 0) {
            memset(bytes + 6, 0, 10);
            inet_ntop(AF_INET6, bytes, (char *) buf, RECS_ADDRESS_SIZE);
            goto done;
        }

        memcpy(bytes, bytes + sizeof(mapped), 4);

    } else if (inet_pton(AF_INET, text, bytes) != 1) {
        return cut;
    }

    bytes[3] = 0;
    inet_ntop(AF_INET, bytes, (char *) buf, RECS_ADDRESS_SIZE);

done:

    cut.data = buf;
    cut.len = strlen((char *) buf);

    return cut;
}


/* Of an address of version 4, as it is always written; else 0. */

static size_t
recs_client_network(const recs_str_t *address, uint8_t *buf)
{
    size_t    i, begin, end;
    unsigned  n, dots;

    for (i = 0, begin = 0, end = 0, dots = 0, n = 0; /* void */ ; i++) {

        if (i < address->len && address->data[i] >= '0'
            && address->data[i] <= '9')
        {
            n = n * 10 + (address->data[i] - '0');

            if (n > 255 || (i > begin && address->data[begin] == '0')) {
                return 0;
            }

            continue;
        }

        if (i == begin) {
            return 0;
        }

        if (i == address->len) {
            break;
        }

        if (address->data[i] != '.' || ++dots > 3) {
            return 0;
        }

        n = 0;
        begin = i + 1;
        end = i + 1;
    }

    if (dots != 3) {
        return 0;
    }

    memcpy(buf, address->data, end);
    buf[end] = '0';

    return end + 1;
}


recs_str_t
recs_client_url(const recs_str_t *url)
{
    recs_str_t      cut;
    const uint8_t  *end;

    cut = *url;

    if (cut.len == 0) {
        return cut;
    }

    end = memchr(cut.data, '?', cut.len);

    if (end) {
        cut.len = end - cut.data;
    }

    end = cut.len ? memchr(cut.data, '#', cut.len) : NULL;

    if (end) {
        cut.len = end - cut.data;
    }

    return cut;
}


recs_str_t
recs_device_name(recs_device_e device)
{
    return recs_client_device_names[(unsigned) device < RECS_DEVICES
                                    ? device : RECS_DEVICE_UNKNOWN];
}


recs_device_e
recs_device_find(const recs_str_t *name)
{
    char      folded[RECS_FOLD_MAX];
    unsigned  i;

    if (recs_fold(name, folded) < RECS_FOLD_MAX) {

        for (i = 0; i < RECS_DEVICES; i++) {
            if (recs_fold_equal(folded,
                                (char *) recs_client_device_names[i].data))
            {
                return (recs_device_e) i;
            }
        }
    }

    return RECS_DEVICE_UNKNOWN;
}


static size_t
recs_client_lower(const recs_str_t *text, char *buf)
{
    size_t  i, len;

    len = recs_min(text->len, RECS_AGENT_MAX);

    for (i = 0; i < len; i++) {
        buf[i] = (char) recs_fold_lower(text->data[i]);
    }

    return len;
}
