/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <unistd.h>

#include "builder/config.h"
#include "t/unit/tap.h"


static char  test_path[] = "/tmp/recs_config_XXXXXX";


static int
test_read(recs_config_t *c, const char *text, recs_error_t *e)
{
    FILE  *f;

    f = fopen(test_path, "w");
    fputs(text, f);
    fclose(f);

    e->text[0] = '\0';
    recs_config_init(c);

    return recs_config_read(c, test_path, e);
}


static void
test_refused(const char *text, const char *line, const char *word)
{
    char           place[64];
    recs_error_t   e;
    recs_config_t  c;

    snprintf(place, sizeof(place), "%s%s", test_path, line);

    is_int(test_read(&c, text, &e), RECS_ERROR, "refused: %s", word);
    ok(strncmp(e.text, place, strlen(place)) == 0
       && strstr(e.text, word) != NULL, "%s", e.text);
}


static void
test_good(void)
{
    recs_error_t   e;
    recs_config_t  c;

    recs_config_init(&c);

    is_int(c.threads, 2, "a default");
    ok(c.similar_weights[0] == 0.40 && c.similar_weights[4] == 0.10,
       "default weights");
    ok(c.out == NULL && c.events[0] == NULL, "no paths");

    is_int(test_read(&c,
                     "# a shop\n"
                     "out = \"/var/lib/recs\"\n"
                     "events = {a, \"b c\"}\n"
                     "max_bad = 0.25\n"
                     "threads = 7\n"
                     "similar_weights = {1, .5, .25, .125, 0}\n"
                     "now = 2011-12-09T12:50:00Z\n"
                     "force = yes\n", &e),
           RECS_OK, "a file is read %s", e.text);

    is_str(c.out, strlen(c.out), "/var/lib/recs", "string");
    ok(strcmp(c.events[0], "a") == 0 && strcmp(c.events[1], "b c") == 0
       && c.events[2] == NULL, "list");
    ok(c.max_bad == 0.25 && c.threads == 7, "numbers");
    ok(c.similar_weights[0] == 1 && c.similar_weights[3] == .125
       && c.similar_weights[4] == 0, "weights");
    is_int(c.now_ms, 1323435000000, "time");
    is_int(c.force, 1, "flag");

    is_int(recs_config_set(&c, "threads", "3", 0, &e), RECS_OK, "set");
    is_int(c.threads, 3, "over the file");
}


static void
test_check(void)
{
    recs_error_t   e;
    recs_config_t  c;

    recs_config_init(&c);

    is_int(recs_config_check(&c, "build", &e), RECS_ERROR, "%s", e.text);
    c.out = "x";
    is_int(recs_config_check(&c, "build", &e), RECS_ERROR, "%s", e.text);
    c.events[0] = "y";
    is_int(recs_config_check(&c, "build", &e), RECS_OK, "enough to build");
    is_int(recs_config_check(&c, "import", &e), RECS_ERROR, "%s", e.text);
    is_int(recs_config_check(&c, "run", &e), RECS_ERROR, "%s", e.text);
    c.log = "z";
    is_int(recs_config_check(&c, "import", &e), RECS_OK, "enough to import");

    c.max_bad = 2;
    is_int(recs_config_check(&c, "build", &e), RECS_ERROR, "%s", e.text);
}


int
main(void)
{
    recs_error_t   e;
    recs_config_t  c;

    close(mkstemp(test_path));

    test_good();
    test_check();

    test_refused("out = a\nmax_bad = 1.5\n", ":2: ", "max_bad");
    test_refused("\n\nmaxbad = 1\n", ":3: ", "maxbad");
    test_refused("threads = two\n", ":1: ", "must be a number");
    test_refused("threads = 2.5\n", ":1: ", "whole number");
    test_refused("threads = 0\n", ":1: ", "must be 1 to 256");
    test_refused("force = maybe\n", ":1: ", "true or false");
    test_refused("now = yesterday\n", ":1: ", "must be a time");
    test_refused("events = {a,\n", ":", "premature end");
    test_refused("similar_weights = {1, 1, 1, 1, 1, 1}\n", ":1: ",
                 "must be 5 numbers");

    unlink(test_path);
    is_int(recs_config_read(&c, test_path, &e), RECS_ERROR, "%s", e.text);

    return done_testing();
}
