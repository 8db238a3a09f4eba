/*
 * Copyright (C) recs authors
 */

#include "../../core/event/recs_client.h"
#include "tap.h"


static const struct {
    const char     *agent;
    recs_device_e   device;
    const char     *browser;

} agents[] = {
    { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
      "like Gecko) Chrome/124.0.0.0 Safari/537.36",
      RECS_DEVICE_DESKTOP, "chrome" },
    { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
      "like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
      RECS_DEVICE_DESKTOP, "edge" },
    { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
      "(KHTML, like Gecko) Version/17.4 Safari/605.1.15",
      RECS_DEVICE_DESKTOP, "safari" },
    { "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
      RECS_DEVICE_DESKTOP, "firefox" },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/"
      "605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
      RECS_DEVICE_MOBILE, "safari" },
    { "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
      "(KHTML, like Gecko) CriOS/124.0 Mobile/15E148 Safari/604.1",
      RECS_DEVICE_TABLET, "chrome" },
    { "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, "
      "like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
      RECS_DEVICE_MOBILE, "chrome" },
    { "Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 (KHTML, "
      "like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Safari/537.36",
      RECS_DEVICE_TABLET, "samsung" },
    { "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like "
      "Gecko) Chrome/79.0.3945.79 Safari/537.36",
      RECS_DEVICE_TV, "chrome" },
    { "Mozilla/5.0 (compatible; Googlebot/2.1; "
      "+http://www.google.com/bot.html)",
      RECS_DEVICE_BOT, "other" },
    { "curl/8.5.0", RECS_DEVICE_BOT, "other" },
    { "?1", RECS_DEVICE_MOBILE, "other" },
    { "?0", RECS_DEVICE_DESKTOP, "other" },
    { "", RECS_DEVICE_UNKNOWN, "other" },
    { "something else", RECS_DEVICE_UNKNOWN, "other" }
};


static const struct {
    const char  *address;
    const char  *cut;

} addresses[] = {
    { "192.0.2.77", "192.0.2.0" },
    { "192.0.2.0", "192.0.2.0" },
    { "::ffff:192.0.2.77", "192.0.2.0" },
    { "2001:db8:1:2:3:4:5:6", "2001:db8:1::" },
    { "2001:db8:1::", "2001:db8:1::" },
    { "::1", "::" },
    { "", "" }, { "unix:", "" }, { "192.0.2.256", "" }, { "192.0.2", "" },
    { "255.255.255.255", "255.255.255.0" }, { "0.0.0.0", "0.0.0.0" },
    { "10.0.0.01", "" }, { "1.2.3.4.5", "" }, { "1..2.3", "" },
    { "1.2.3.", "" }, { ".1.2.3", "" }, { "1.2.3.4 ", "" },
    { "2001:db8::1%eth0", "" }, { "[2001:db8::1]", "" },
    { "1234567890123456789012345678901234567890123456789012345678901234", "" }
};


static const struct {
    const char  *url;
    const char  *cut;

} urls[] = {
    { "https://shop.test/p/1?mail=a@b.c#top", "https://shop.test/p/1" },
    { "https://shop.test/p/1#a?b", "https://shop.test/p/1" },
    { "/p/1", "/p/1" }, { "?q", "" }, { "", "" }
};


int
main(void)
{
    size_t      i;
    uint8_t     buf[64];
    unsigned    wrong;
    recs_str_t  s, cut;
    char        longer[2000];

    for (i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
        s = str(agents[i].agent);
        cut = recs_client_browser(&s);

        is_int(recs_client_device(&s), agents[i].device, "device of \"%.40s\"",
               agents[i].agent);
        is_str(cut.data, cut.len, agents[i].browser, "browser of \"%.40s\"",
               agents[i].agent);
    }

    memset(longer, 'x', sizeof(longer));
    s.data = (uint8_t *) longer;
    s.len = sizeof(longer);
    is_int(recs_client_device(&s), RECS_DEVICE_UNKNOWN, "a long agent");

    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        s = str(addresses[i].address);
        cut = recs_client_address(&s, buf);
        is_str(cut.data, cut.len, addresses[i].cut, "address \"%.20s\"",
               addresses[i].address);
    }

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        s = str(urls[i].url);
        cut = recs_client_url(&s);
        is_str(cut.data, cut.len, urls[i].cut, "URL \"%s\"", urls[i].url);
    }

    for (i = 0, wrong = 0; i <= RECS_DEVICE_BOT; i++) {
        s = recs_device_name((recs_device_e) i);
        wrong += recs_device_find(&s) != (recs_device_e) i;
    }

    is_int(wrong, 0, "names of devices and back");

    s = str("Smart-TV");
    is_int(recs_device_find(&s), RECS_DEVICE_UNKNOWN, "no such device");

    return done_testing();
}
