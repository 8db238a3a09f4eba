/*
 * Copyright (C) recs authors
 */

#include "recs_location.h"


#define RECS_HOST_MAX   253      /* RFC 1035 without the last dot */
#define RECS_PORT_MAX   65535
#define RECS_PORT_DIGITS  5

#define recs_location_lower(c)                                                \
    (((c) >= 'A' && (c) <= 'Z') ? (uint8_t) ((c) | 0x20) : (c))


static int recs_host_port(const recs_str_t *text, uint32_t *port);
static unsigned recs_host_same(const recs_str_t *one,
    const recs_str_t *other);
static int recs_location_safe(const recs_str_t *url);
static int recs_location_path(const recs_str_t *url);
static int recs_location_url(const recs_str_t *url, const recs_host_t *hosts,
    size_t n);
static size_t recs_location_scheme(const recs_str_t *url, uint32_t *port);
static void recs_location_write(const recs_str_t *url, recs_out_t *out);


int
recs_host_parse(recs_host_t *host, const recs_str_t *text)
{
    size_t      i;
    uint8_t     c, before;
    recs_str_t  port;

    before = '.';

    for (i = 0; i < text->len && text->data[i] != ':'; i++) {
        c = recs_location_lower(text->data[i]);

        if (c == '.' ? before == '.'
                     : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                         || c == '-' || c == '_'))
        {
            return RECS_ERROR;
        }

        before = c;
    }

    if (before == '.' || i > RECS_HOST_MAX) {
        return RECS_ERROR;
    }

    host->name.data = text->data;
    host->name.len = i;
    host->port = 0;

    if (i == text->len) {
        return RECS_OK;
    }

    port.data = text->data + i + 1;
    port.len = text->len - i - 1;

    return recs_host_port(&port, &host->port);
}


static int
recs_host_port(const recs_str_t *text, uint32_t *port)
{
    size_t    i;
    uint32_t  n;

    if (text->len == 0 || text->len > RECS_PORT_DIGITS
        || text->data[0] == '0')
    {
        return RECS_ERROR;
    }

    n = 0;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return RECS_ERROR;
        }

        n = n * 10 + (text->data[i] - '0');
    }

    *port = n;

    return (n <= RECS_PORT_MAX) ? RECS_OK : RECS_ERROR;
}


static unsigned
recs_host_same(const recs_str_t *one, const recs_str_t *other)
{
    size_t  i;

    if (one->len != other->len) {
        return 0;
    }

    for (i = 0; i < one->len; i++) {
        if (recs_location_lower(one->data[i])
            != recs_location_lower(other->data[i]))
        {
            return 0;
        }
    }

    return 1;
}


int
recs_location(const recs_str_t *url, const recs_host_t *hosts, size_t n,
    recs_out_t *out)
{
    if (url->len == 0 || url->len > RECS_LOCATION_MAX
        || recs_location_safe(url) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (url->data[0] == '/') {
        if (recs_location_path(url) != RECS_OK) {
            return RECS_ERROR;
        }

    } else if (recs_location_url(url, hosts, n) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_location_write(url, out);

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static int
recs_location_safe(const recs_str_t *url)
{
    size_t   i;
    uint8_t  c;

    if (url->data[0] == ' ' || url->data[url->len - 1] == ' ') {
        return RECS_ERROR;
    }

    for (i = 0; i < url->len; i++) {
        c = url->data[i];

        if (c < 0x20 || c == 0x7f || c == '\\') {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/*
 * "//host" is a host.  Further on two slashes are none to a browser, but who
 * takes "/./" out of a path first sees them in front.
 */

static int
recs_location_path(const recs_str_t *url)
{
    size_t   i;
    uint8_t  c, before;

    before = 0;

    for (i = 0; i < url->len; i++) {
        c = url->data[i];

        if (c == '?' || c == '#') {
            break;
        }

        if (c == '/' && before == '/') {
            return RECS_ERROR;
        }

        before = c;
    }

    return RECS_OK;
}


static int
recs_location_url(const recs_str_t *url, const recs_host_t *hosts, size_t n)
{
    size_t       i, from, to;
    uint32_t     port;
    recs_str_t   text;
    recs_host_t  host;

    from = recs_location_scheme(url, &port);

    if (from == 0) {
        return RECS_ERROR;
    }

    for (to = from; to < url->len; to++) {
        if (url->data[to] == '/' || url->data[to] == '?'
            || url->data[to] == '#')
        {
            break;
        }
    }

    text.data = url->data + from;
    text.len = to - from;

    if (recs_host_parse(&host, &text) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (recs_host_same(&host.name, &hosts[i].name)
            && (host.port ? host.port : port)
               == (hosts[i].port ? hosts[i].port : port))
        {
            return RECS_OK;
        }
    }

    return RECS_ERROR;
}


/* The length of "http://" or "https://"; 0: it is neither. */

static size_t
recs_location_scheme(const recs_str_t *url, uint32_t *port)
{
    size_t      i;
    recs_str_t  head;

    static const struct {
        recs_str_t  name;
        uint32_t    port;
    } schemes[] = {
        { recs_string("https://"), 443 },
        { recs_string("http://"), 80 }
    };

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        head.data = url->data;
        head.len = recs_min(url->len, schemes[i].name.len);

        if (recs_host_same(&head, &schemes[i].name)) {
            *port = schemes[i].port;
            return head.len;
        }
    }

    return 0;
}


static void
recs_location_write(const recs_str_t *url, recs_out_t *out)
{
    size_t   i;
    uint8_t  c;

    static const char  digits[] = "0123456789ABCDEF";

    for (i = 0; i < url->len; i++) {
        c = url->data[i];

        if (c > ' ' && c < 0x7f && memchr("\"<>^`{|}", c, 8) == NULL) {
            recs_out_byte(out, c);
            continue;
        }

        recs_out_byte(out, '%');
        recs_out_byte(out, (uint8_t) digits[c >> 4]);
        recs_out_byte(out, (uint8_t) digits[c & 15]);
    }
}
