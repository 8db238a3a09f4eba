/*
 * Copyright (C) recs authors
 *
 * Where a visitor is sent: every row is an address that a catalogue might
 * have, and what becomes of it.
 */

#include "../../core/recs_location.h"
#include "tap.h"


typedef struct {
    const char  *url;
    const char  *location;       /* NULL: nobody is sent there */
} vector_t;


static const vector_t  vectors[] = {

    /* paths */

    { "/", "/" },
    { "/p/1.html", "/p/1.html" },
    { "/p?a=1&b=2#c", "/p?a=1&b=2#c" },
    { "/p?to=//evil.example", "/p?to=//evil.example" },
    { "/p?to=http://evil.example/", "/p?to=http://evil.example/" },
    { "/p#//evil.example", "/p#//evil.example" },
    { "/caf\xc3\xa9", "/caf%C3%A9" },
    { "/a b", "/a%20b" },
    { "/a\"<>^`{|}", "/a%22%3C%3E%5E%60%7B%7C%7D" },
    { "/%2F%2Fevil.example", "/%2F%2Fevil.example" },
    { "/\xef\xbc\x8f" "evil.example", "/%EF%BC%8Fevil.example" },
    { "/@evil.example", "/@evil.example" },
    { "/:8080", "/:8080" },
    { "/.evil.example", "/.evil.example" },

    /* what is somewhere else, or something else to some */

    { "", NULL },
    { "//evil.example", NULL },
    { "///evil.example", NULL },
    { "////evil.example", NULL },
    { "//evil.example/%2f..", NULL },
    { "/\\evil.example", NULL },
    { "\\/evil.example", NULL },
    { "\\\\evil.example", NULL },
    { "/\t/evil.example", NULL },
    { "/\n/evil.example", NULL },
    { "/\r/evil.example", NULL },
    { "/a\r\nSet-Cookie: a=b", NULL },
    { "\t//evil.example", NULL },
    { " //evil.example", NULL },
    { " /p", NULL },
    { "/p ", NULL },
    { "/p\x7f", NULL },
    { "/p\x01", NULL },
    { "/.//evil.example", NULL },
    { "/a/..//evil.example", NULL },
    { "/a//b", NULL },
    { "p/1.html", NULL },
    { "./p", NULL },
    { "../p", NULL },
    { "?a=1", NULL },
    { "#a", NULL },
    { "@evil.example", NULL },
    { "evil.example", NULL },
    { ".evil.example", NULL },
    { "javascript:alert(1)", NULL },
    { "JaVaScRiPt:alert(1)", NULL },
    { "java\tscript:alert(1)", NULL },
    { "data:text/html,a", NULL },
    { "vbscript:a", NULL },
    { "file:///etc/passwd", NULL },
    { "ftp://shop.example/", NULL },
    { "blob:https://shop.example/a", NULL },
    { "view-source:https://shop.example/", NULL },

    /* hosts of the shop */

    { "http://shop.example", "http://shop.example" },
    { "https://shop.example", "https://shop.example" },
    { "https://shop.example/", "https://shop.example/" },
    { "https://shop.example?a", "https://shop.example?a" },
    { "https://shop.example#a", "https://shop.example#a" },
    { "https://shop.example/a//b", "https://shop.example/a//b" },
    { "https://shop.example/@evil.example",
      "https://shop.example/@evil.example" },
    { "HTTPS://Shop.Example/P", "HTTPS://Shop.Example/P" },
    { "https://shop.example:443/", "https://shop.example:443/" },
    { "http://shop.example:80/", "http://shop.example:80/" },
    { "https://www.shop.example:8443/a", "https://www.shop.example:8443/a" },
    { "http://www.shop.example:8443/a", "http://www.shop.example:8443/a" },

    /* hosts of others, and what may be taken for one */

    { "https://evil.example", NULL },
    { "https://shop.example.evil.example/", NULL },
    { "https://evilshop.example/", NULL },
    { "https://evil.example/shop.example", NULL },
    { "https://evil.example?shop.example", NULL },
    { "https://evil.example#shop.example", NULL },
    { "https://a.shop.example/", NULL },
    { "https://shop.example./", NULL },
    { "https://.shop.example/", NULL },
    { "https://shop..example/", NULL },
    { "https://shop.exampl", NULL },
    { "https://shop.example@evil.example/", NULL },
    { "https://shop.example:a@evil.example/", NULL },
    { "https://user@shop.example/", NULL },
    { "https://user:pass@shop.example/", NULL },
    { "https://@shop.example/", NULL },
    { "https://shop.example:444/", NULL },
    { "https://shop.example:80/", NULL },
    { "http://shop.example:443/", NULL },
    { "https://shop.example:/", NULL },
    { "https://shop.example:0443/", NULL },
    { "https://shop.example:443a/", NULL },
    { "https://shop.example:-1/", NULL },
    { "https://shop.example:66979/", NULL },
    { "https://shop.example:4294967739/", NULL },
    { "https://shop.example:443:443/", NULL },
    { "https://www.shop.example/", NULL },
    { "https://www.shop.example:443/", NULL },
    { "https://shop.example\\@evil.example/", NULL },
    { "https://evil.example\\.shop.example/", NULL },
    { "https://shop.example%2eevil.example/", NULL },
    { "https://shop%2eexample/", NULL },
    { "https://shop.example%00.evil.example/", NULL },
    { "https://shop\xe3\x80\x82" "example/", NULL },
    { "https://shop.example\xe3\x80\x82" "evil.example/", NULL },
    { "https://shop.exampl\xd0\xb5/", NULL },
    { "https://shop\xef\xbc\x8e" "example/", NULL },
    { "https://shop.example\xc2\xad/", NULL },
    { "https://evil.example\xef\xbc\x8f" "shop.example/", NULL },
    { "https://evil.example\xe2\x84\x80shop.example/", NULL },
    { "https://[::1]/", NULL },
    { "https://[::ffff:127.0.0.1]/", NULL },
    { "https://127.1/", NULL },
    { "https://2130706433/", NULL },
    { "https://0x7f000001/", NULL },
    { "https:evil.example", NULL },
    { "https:/evil.example", NULL },
    { "https:///evil.example", NULL },
    { "https:////evil.example", NULL },
    { "https://", NULL },
    { "https:", NULL },
    { "https:shop.example", NULL },
    { "https:/shop.example", NULL },
    { "https:///shop.example", NULL },
    { "https:\\\\shop.example", NULL },
    { "https://?shop.example", NULL },
    { "https://shop.example /", NULL },
    { "https://sh\top.example/", NULL },
    { "https://shop.example/\n", NULL },
    { "ht\ntps://shop.example/", NULL },
    { " https://shop.example/", NULL },
    { "https ://shop.example/", NULL },
    { "http://shop.example;evil.example/", NULL },
    { "http://shop.example,evil.example/", NULL },
    { "http://shop.example&evil.example/", NULL },
    { "http://shop.example=evil.example/", NULL },

    { NULL, NULL }
};


static recs_host_t  hosts[2];


/* A name of a test is one line. */

static const char *
shown(const char *url)
{
    char  *p;

    static char  buf[256];

    snprintf(buf, sizeof(buf), "%s", url);

    for (p = buf; *p; p++) {
        if ((unsigned char) *p < 0x20 || *p == '#') {
            *p = '?';
        }
    }

    return buf;
}


static int
go(const void *url, size_t len, recs_out_t *out)
{
    recs_str_t  s;

    s.data = url;
    s.len = len;

    return recs_location(&s, hosts, 2, out);
}


static void
test_vectors(void)
{
    int              rc;
    uint8_t          buf[512];
    recs_out_t       out;
    const vector_t  *v;

    for (v = vectors; v->url; v++) {
        recs_out_init(&out, buf, sizeof(buf));
        rc = go(v->url, strlen(v->url), &out);

        if (v->location) {
            ok(rc == RECS_OK, "\"%s\" is good",
               shown(v->url));
            is_str(buf, out.pos - buf, v->location, "and is written");

        } else {
            ok(rc == RECS_ERROR && out.pos == buf, "\"%s\" is not",
               shown(v->url));
        }
    }
}


/* No byte in front of a host, behind it or in it makes another one of it. */

static void
test_bytes(void)
{
    char        url[64];
    int         c;
    size_t      i, len;
    uint8_t     buf[256];
    unsigned    through;
    recs_out_t  out;

    static const char *const  forms[] = {
        "%c/evil.example/", "/%c/evil.example/", "https:%c/evil.example/",
        "https://shop.example%cevil.example/", "https:/%cevil.example",
        "https://%cevil.example/", "https://evil.example%cshop.example/"
    };

    for (c = 1; c < 256; c++) {
        through = 0;

        for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            len = (size_t) snprintf(url, sizeof(url), forms[i], c);
            recs_out_init(&out, buf, sizeof(buf));

            if (go(url, len, &out) != RECS_OK) {
                continue;
            }

            /* a path of our own, or one of the hosts and what is behind it */

            if (buf[0] == '/' ? buf[1] == '/' || buf[1] == '\\'
                              : memcmp(buf, "https://shop.example", 20) != 0
                                || memchr("/?#", buf[20], 3) == NULL)
            {
                through++;
            }
        }

        if (through) {
            is_int(through, 0, "byte %d", c);
        }
    }

    ok(1, "each byte was tried");

    recs_out_init(&out, buf, sizeof(buf));
    is_int(go("/a\0b", 4, &out), RECS_ERROR, "a NUL");
    is_int(go("\0/a", 3, &out), RECS_ERROR, "in front");
}


static void
test_sizes(void)
{
    char        url[RECS_LOCATION_MAX + 1];
    uint8_t     buf[RECS_LOCATION_MAX * RECS_LOCATION_MORE];
    recs_out_t  out;

    memset(url, 0xc3, sizeof(url));
    url[0] = '/';

    recs_out_init(&out, buf, sizeof(buf));
    is_int(go(url, RECS_LOCATION_MAX, &out), RECS_OK, "a long one");
    is_int(go(url, RECS_LOCATION_MAX + 1, &out), RECS_ERROR, "a longer one");

    recs_out_init(&out, buf, 10);
    is_int(go("/12345678901", 12, &out), RECS_ERROR, "too little room");
}


static void
test_hosts(void)
{
    size_t       i;
    char         longest[255];
    recs_str_t   s;
    recs_host_t  host;

    static const char *const  bad[] = {
        "", ".", "a.", ".a", "a..b", ":", ":80", "a:", "a:0", "a:65536",
        "a:080", "a:8 0", "a b", "a/b", "[::1]", "a@b", "http://a", "a:80:80",
        "*", "*.a", "a%2e", "caf\xc3\xa9", "a?", "a#b", "a\\b"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s.data = (const uint8_t *) bad[i];
        s.len = strlen(bad[i]);
        is_int(recs_host_parse(&host, &s), RECS_ERROR, "\"%s\"", bad[i]);
    }

    memset(longest, 'a', sizeof(longest));
    s.data = (const uint8_t *) longest;
    s.len = 253;
    is_int(recs_host_parse(&host, &s), RECS_OK, "a long name");
    s.len = 254;
    is_int(recs_host_parse(&host, &s), RECS_ERROR, "a longer one");

    s = (recs_str_t) recs_string("a-1.B_c:65535");
    is_int(recs_host_parse(&host, &s), RECS_OK, "a name and a port");
    is_str(host.name.data, host.name.len, "a-1.B_c", "the name");
    is_int(host.port, 65535, "the port");
}


int
main(void)
{
    recs_str_t  one = recs_string("SHOP.example");
    recs_str_t  other = recs_string("www.shop.example:8443");

    is_int(recs_host_parse(&hosts[0], &one), RECS_OK, "one host");
    is_int(recs_host_parse(&hosts[1], &other), RECS_OK, "and another");

    test_vectors();
    test_bytes();
    test_sizes();
    test_hosts();

    return done_testing();
}
