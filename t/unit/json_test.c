/*
 * Copyright (C) recs authors
 *
 * Other forms of an answer: MessagePack, fields alone, HTML by a template.
 */

#include <msgpack.h>
#include <stdlib.h>

#include "../../core/answer/recs_msgpack.h"
#include "../../core/answer/recs_project.h"
#include "../../core/answer/recs_template.h"
#include "tap.h"


#define SIZE  8192


static const char  answer[] =
    "{\"type\":\"TRENDING\",\"variant\":null,\"truncated\":true,"
    "\"fallback\":[],\"items\":["
    "{\"productId\":\"a\\\"b\",\"position\":1,\"score\":0.93,"
    "\"reason\":{\"code\":\"TRENDING\"},"
    "\"product\":{\"title\":\"T\\u0026S \\u003c\\u00e9\\ud83d\\ude00>\","
    "\"price\":19.9,\"category\":[\"x\",\"y\"],\"available\":false}},"
    "{\"productId\":\"c\",\"position\":-2,\"score\":1,\"product\":{}}]}";


static recs_str_t
string(const char *text)
{
    recs_str_t  s = { strlen(text), (const uint8_t *) text };

    return s;
}


static void
entered(void)
{
    unsigned          n;
    recs_str_t        json, name, value;
    recs_json_iter_t  it, inner;

    json = string("[ {\"a\":[1,{}],\"b\":2} , [ ] ,3,{ } , {\"c\":4}]");
    recs_json_begin(&it, &json);

    ok(recs_json_enter(&it, &inner) == RECS_OK && inner.object
       && recs_json_next(&inner, &name, &value) == RECS_OK, "an object");
    is_str(value.data, value.len, "[1,{}]", "its first member");
    recs_json_leave(&it, &inner);

    ok(recs_json_enter(&it, &inner) == RECS_OK && !inner.object
       && recs_json_next(&inner, &name, &value) == RECS_DONE, "an array");
    recs_json_leave(&it, &inner);

    ok(recs_json_enter(&it, &inner) == RECS_DECLINED
       && recs_json_next(&it, &name, &value) == RECS_OK, "a number");

    for (n = 0; recs_json_enter(&it, &inner) == RECS_OK; n++) {
        recs_json_leave(&it, &inner);
    }

    ok(n == 2 && recs_json_enter(&it, &inner) == RECS_DONE, "to the end");
}


static void
cursor(void)
{
    char             text[32];
    size_t           i;
    recs_str_t       json, path, value, name;
    recs_json_iter_t it;

    json = string(answer);
    path = string("items");
    ok(recs_json_find(&json, &path, &value) == RECS_OK, "a member");
    is_int(recs_json_count(&value), 2, "of two elements");

    recs_json_begin(&it, &value);
    ok(recs_json_next(&it, &name, &value) == RECS_OK, "the first");
    path = string("product.title");
    ok(recs_json_find(&value, &path, &name) == RECS_OK, "by a path");

    i = recs_json_text(&name, (uint8_t *) text) - (uint8_t *) text;
    ok(i == 12 && memcmp(text, "T&S <\xc3\xa9\xf0\x9f\x98\x80>", 12) == 0,
       "escapes resolved");

    path = string("product.none");
    ok(recs_json_find(&value, &path, &name) == RECS_DECLINED, "not there");

    /* cut off anywhere, nothing is read behind the end */

    for (i = 0; i < sizeof(answer) - 1; i++) {
        char  *copy = malloc(i + 1);

        memcpy(copy, answer, i);
        json.data = (const uint8_t *) copy;
        json.len = i;
        (void) recs_json_count(&json);
        (void) recs_json_find(&json, &path, &value);
        free(copy);
    }

    ok(1, "cut off anywhere");
}


static void
same(const msgpack_object *o, const char *want, const char *what)
{
    char    *got;
    size_t   size;
    FILE    *f;

    f = open_memstream(&got, &size);
    msgpack_object_print(f, *o);
    fclose(f);

    if (!ok(strcmp(got, want) == 0, "%s", what)) {
        printf("# got %s\n", got);
    }

    free(got);
}


static void
packed(void)
{
    size_t            i, size;
    uint8_t           buf[SIZE];
    recs_out_t        out;
    recs_str_t        json;
    msgpack_unpacked  u;

    static const struct {
        const char  *json;
        const char  *want;

    } cases[] = {
        { "{}", "{}" },
        { "[1,-1,127,128,65535,65536,4294967296,-129,-40000]",
          "[1, -1, 127, 128, 65535, 65536, 4294967296, -129, -40000]" },
        { "[0.5,19.9,-0.25,1234567.125]",
          "[0.500000, 19.900000, -0.250000, 1234567.125000]" },
        { "{\"a\":null,\"b\":[true,false,\"\"]}",
          "{\"a\"=>nil, \"b\"=>[true, false, \"\"]}" },
        { "\"x\\\"y\\\\\"", "\"x\"y\\\"" },
    };

    msgpack_unpacked_init(&u);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json = string(cases[i].json);
        recs_out_init(&out, buf, recs_msgpack_size(json.len));

        ok(recs_msgpack(&json, &out) == RECS_OK, "%s", cases[i].json);
        ok(msgpack_unpack_next(&u, (char *) buf, out.pos - buf, NULL)
           == MSGPACK_UNPACK_SUCCESS, "is unpacked");
        same(&u.data, cases[i].want, cases[i].want);
    }

    json = string(answer);
    recs_out_init(&out, buf, recs_msgpack_size(json.len));
    ok(recs_msgpack(&json, &out) == RECS_OK, "an answer");
    ok(msgpack_unpack_next(&u, (char *) buf, out.pos - buf, NULL)
       == MSGPACK_UNPACK_SUCCESS, "is unpacked");
    size = out.pos - buf;

    for (i = 0; i < size; i++) {
        recs_out_init(&out, buf, i);

        if (recs_msgpack(&json, &out) == RECS_OK) {
            break;
        }
    }

    is_int(i, size, "too little memory is told");
    msgpack_unpacked_destroy(&u);
}


static void
is_projected(const char *fields, const char *want)
{
    uint8_t         buf[SIZE];
    recs_out_t      out;
    recs_str_t      text, json;
    recs_project_t  p;

    text = string(fields);
    json = string(answer);
    recs_out_init(&out, buf, json.len);

    ok(recs_project_parse(&p, &text) == RECS_OK, "%s", fields);
    ok(recs_project(&p, &json, &out) == RECS_OK
       && out.pos - buf == (long) strlen(want)
       && memcmp(buf, want, strlen(want)) == 0, "%s", want);
}


static void
projected(void)
{
    size_t          i;
    recs_str_t      text;
    recs_project_t  p;

    static const char *const  bad[] = {
        "", ",", "a,", "a..b", ".a", "a.", "a b", "a,\"b\"",
        "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a"
    };

    is_projected("position", "{\"type\":\"TRENDING\",\"variant\":null,"
                 "\"truncated\":true,\"fallback\":[],\"items\":["
                 "{\"position\":1},{\"position\":-2}]}");
    is_projected("none", "{\"type\":\"TRENDING\",\"variant\":null,"
                 "\"truncated\":true,\"fallback\":[],\"items\":[{},{}]}");
    is_projected("product.price,productId,product.category",
                 "{\"type\":\"TRENDING\",\"variant\":null,"
                 "\"truncated\":true,\"fallback\":[],\"items\":["
                 "{\"productId\":\"a\\\"b\",\"product\":{\"price\":19.9,"
                 "\"category\":[\"x\",\"y\"]}},"
                 "{\"productId\":\"c\",\"product\":{}}]}");

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = string(bad[i]);
        ok(recs_project_parse(&p, &text) == RECS_ERROR, "refused: %s",
           bad[i]);
    }
}


static recs_template_t  template;


static void
is_rendered(const char *source, const char *want)
{
    uint8_t      buf[SIZE];
    uint32_t     line;
    recs_out_t   out;
    recs_str_t   text, json;
    const char  *err;

    text = string(source);
    json = string(answer);
    recs_out_init(&out, buf, sizeof(buf));
    err = "";

    ok(recs_template_compile(&template, &text, &err, &line) == RECS_OK,
       "%s%s", source, err);

    if (!ok(recs_template_render(&template, &json, &out) == RECS_OK
            && out.pos - buf == (long) strlen(want)
            && memcmp(buf, want, strlen(want)) == 0, "%s", want))
    {
        printf("# got %.*s\n", (int) (out.pos - buf), buf);
    }
}


static void
refused(const char *source, uint32_t at, const char *why)
{
    uint32_t     line;
    recs_str_t   text;
    const char  *err;

    text = string(source);
    err = "";
    line = 0;

    ok(recs_template_compile(&template, &text, &err, &line) == RECS_ERROR
       && strcmp(err, why) == 0 && line == at, "refused: %s (%s, %u)", why,
       err, line);
}


static void
rendered(void)
{
    size_t       i, n;
    char         deep[256];
    uint8_t      buf[SIZE];
    uint32_t     line;
    recs_out_t   out;
    recs_str_t   text, json;
    const char  *err;

    is_rendered("plain", "plain");
    is_rendered("", "");
    is_rendered("{{type}} {{ type }}", "TRENDING TRENDING");
    is_rendered("{{none}}{{variant}}{{items}}{{truncated}}", "true");
    is_rendered("{{#items}}[{{position}} {{type}}]{{/items}}",
                "[1 TRENDING][-2 TRENDING]");
    is_rendered("{{#items}}{{productId}},{{/items}}", "a&quot;b,c,");
    is_rendered("{{#items}}{{#product}}{{title}}{{/product}}{{/items}}",
                "T&amp;S &lt;\xc3\xa9\xf0\x9f\x98\x80&gt;");
    is_rendered("{{#items}}{{product.price:2}};{{/items}}", "19.90;;");
    is_rendered("{{#items}}{{score:1}};{{score:0}};{{/items}}",
                "0.9;1;1.0;1;");
    is_rendered("{{#items}}{{^product.title}}none{{/product.title}}|"
                "{{/items}}", "|none|");
    is_rendered("{{^fallback}}all{{/fallback}}{{#fallback}}x{{/fallback}}",
                "all");
    is_rendered("{{#items}}{{#product.category}}<{{.}}>{{/product.category}}"
                "{{/items}}", "<x><y>");
    is_rendered("{{#variant}}v{{/variant}}{{! a\nb }}{{#truncated}}t"
                "{{/truncated}}", "t");

    refused("a\n{{type", 2, "\"{{\" without \"}}\"");
    refused("\n\n{{#items}}", 3, "a section is not ended");
    refused("{{/items}}", 1, "a section ends that was not begun");
    refused("{{#a}}\n{{/b}}", 2, "another section ends than was begun");
    refused("{{}}", 1, "a tag needs a name of letters, digits and dots");
    refused("{{a b}}", 1, "a tag needs a name of letters, digits and dots");
    refused("{{{type}}}", 1, "a tag needs a name of letters, digits and "
            "dots");
    refused("{{a:7}}", 1, "decimals are a number from 0 to 6");

    for (i = 0, n = 0; i < RECS_TEMPLATE_DEPTH + 1; i++) {
        n += (size_t) sprintf(deep + n, "{{#a}}");
    }

    refused(deep, 1, "sections are too deep");

    /* too little memory is told, whatever there is */

    text = string("{{#items}}{{#product}}{{title}}{{/product}}{{/items}}");
    json = string(answer);
    (void) recs_template_compile(&template, &text, &err, &line);

    for (i = 0; i < SIZE; i++) {
        recs_out_init(&out, buf, i);

        if (recs_template_render(&template, &json, &out) == RECS_OK) {
            break;
        }
    }

    ok(i >= 20 && i < 100, "%zu bytes are enough", i);
}


/* A control character is no digit, though a bit makes it look like one. */

static void
escaped(void)
{
    unsigned    i;
    uint8_t     text[32], *last;
    recs_str_t  value;

    static const char *const  cases[][2] = {
        { "\"\\u0041\\u00e9\"", "A\xc3\xa9" },
        { "\"\\u004A\\u00E9\"", "J\xc3\xa9" },
        { "\"\\u00\x14\x11\"", "\xef\xbf\xbd" },
        { "\"\\u00g1\"", "\xef\xbf\xbd" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        value = string(cases[i][0]);
        last = recs_json_text(&value, text);
        *last = '\0';
        is_int(strncmp((char *) text, cases[i][1], strlen(cases[i][1])), 0,
               "escape %u", i);
    }
}


int
main(void)
{
    cursor();
    entered();
    packed();
    projected();
    rendered();
    escaped();

    return done_testing();
}
