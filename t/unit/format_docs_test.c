/*
 * Copyright (C) recs authors
 *
 * docs/snapshot-format.md knows every column and list and the layout of the
 * header, and its manifest is one.  What is missing is printed as it should
 * be there.
 */

#include "../../core/snapshot/recs_cell.h"
#include "../../core/snapshot/recs_format.h"
#include "../../core/snapshot/recs_manifest.h"
#include "document.h"
#include "tap.h"


#define DOCUMENT  "docs/snapshot-format.md"
#define ROW       256


static char  *text;


static unsigned
there(const char *row)
{
    if (strstr(text, row)) {
        return 1;
    }

    printf("# missing in " DOCUMENT ": %s\n", row + 1);

    return 0;
}


static void
table(const recs_format_row_t *table, unsigned n, const char *what)
{
    char      row[ROW];
    unsigned  i, good;

    static const char *const  domains[RECS_DOMAIN_MAX] = {
        "items", "categories", "brands", "scopes", "weeks", "slots",
        "regions", "sessions", "tags", "segments"
    };

    for (i = 0, good = 1; i < n; i++) {
        snprintf(row, ROW, "\n| %u | `%s` | %u | %s |", i, table[i].name,
                 table[i].size, domains[table[i].domain]);
        good &= there(row);
    }

    ok(good, "every %s with size and domain", what);

    for (i = 0, good = 1; i < RECS_DOMAIN_MAX; i++) {
        snprintf(row, ROW, "\n| %u | %s | ", i, domains[i]);
        good &= there(row);
    }

    ok(good, "every domain");
}


/* No row stands in the document that the tables do not have. */

static void
rows(void)
{
    unsigned     n;
    const char  *p;

    for (p = text, n = 0; (p = strstr(p, "\n| ")) != NULL; p += 3) {
        n += p[3] >= '0' && p[3] <= '9'
             && (strncmp(p + 4, " | `", 4) == 0
                 || strncmp(p + 5, " | `", 4) == 0);
    }

    is_int(n, RECS_COLUMN_MAX + RECS_LIST_MAX, "and none that is not");
}


#define member(type, name)                                                    \
    { #name, offsetof(type, name), sizeof(((type *) NULL)->name) }

typedef struct {
    const char  *name;
    size_t       offset;
    size_t       size;
} member_t;


static void
there_all(const member_t *members, size_t n, const char *what)
{
    char      row[ROW];
    size_t    i;
    unsigned  good;

    for (i = 0, good = 1; i < n; i++) {
        snprintf(row, ROW, "\n| %zu | %zu | `%s` |", members[i].offset,
                 members[i].size, members[i].name);
        good &= there(row);
    }

    ok(good, "%s", what);
}


static void
layouts(void)
{
    static const member_t  members[] = {
        member(recs_format_header_t, magic),
        member(recs_format_header_t, version),
        member(recs_format_header_t, header_size),
        member(recs_format_header_t, id),
        member(recs_format_header_t, now_ms),
        member(recs_format_header_t, newest_ms),
        member(recs_format_header_t, events),
        member(recs_format_header_t, baskets),
        member(recs_format_header_t, users),
        member(recs_format_header_t, rows),
        member(recs_format_header_t, recent_key),
        member(recs_format_header_t, kind),
        member(recs_format_header_t, base),
        member(recs_format_header_t, column_shift),
        member(recs_format_header_t, list_shift),
        member(recs_format_header_t, currencies),
        member(recs_format_header_t, weights),
        member(recs_format_header_t, serving),
        member(recs_format_serving_t, history_decay),
        member(recs_format_serving_t, related),
        member(recs_format_serving_t, next),
        member(recs_format_serving_t, view_buy),
        member(recs_format_serving_t, cart_buy),
        member(recs_format_serving_t, query_buy),
        member(recs_format_serving_t, neighbours),
        member(recs_format_serving_t, rows),
        member(recs_format_serving_t, rows_decay),
        member(recs_format_serving_t, sample),
        member(recs_format_serving_t, neighbours_max),
        member(recs_format_serving_t, last),
        member(recs_format_serving_t, position),
        member(recs_format_serving_t, match),
        member(recs_format_serving_t, similarity),
        member(recs_format_serving_t, repeats),
        member(recs_format_serving_t, position_scale),
        member(recs_format_serving_t, match_scale),
        member(recs_format_serving_t, distance_scale),
        member(recs_format_serving_t, recency_days),
        member(recs_format_serving_t, idf),
        member(recs_format_serving_t, reminder),
        member(recs_format_serving_t, reminder_scale),
        member(recs_format_serving_t, popularity),
        member(recs_format_serving_t, before),
        member(recs_format_serving_t, before_scale),
        member(recs_format_serving_t, rarity),
        member(recs_format_serving_t, power),
        member(recs_format_serving_t, without),
        member(recs_format_serving_t, current),
        member(recs_format_serving_t, walks),
        member(recs_format_serving_t, walks_decay),
        member(recs_format_serving_t, rows_power),
        member(recs_format_serving_t, basket),
        member(recs_format_serving_t, favourites),
        member(recs_format_serving_t, bought),
        member(recs_format_serving_t, diversity),
        member(recs_format_serving_t, reserved),
        member(recs_format_user_t, count),
        member(recs_format_user_t, flags),
        member(recs_format_user_t, user),
        member(recs_format_user_t, last_ms),
        member(recs_format_user_t, segment),
        member(recs_format_user_t, region),
        member(recs_format_seen_t, item),
        member(recs_format_seen_t, views),
        member(recs_format_seen_t, flags),
        member(recs_format_seen_t, first),
        member(recs_format_seen_t, last),
        member(recs_format_seen_t, weight),
        member(recs_format_seen_t, duration)
    };

    there_all(members, sizeof(members) / sizeof(members[0]),
              "header, user and entry with offsets and sizes");
}


static void
report(void)
{
    static const member_t  members[] = {
        member(recs_cell_t, hour),
        member(recs_cell_t, strategy),
        member(recs_cell_t, device),
        member(recs_cell_t, position),
        member(recs_cell_t, snapshot),
        member(recs_cell_t, placement),
        member(recs_cell_t, variant),
        member(recs_cell_t, region),
        member(recs_cell_t, segment),
        member(recs_cell_t, currency),
        member(recs_cell_t, served),
        member(recs_cell_t, seen),
        member(recs_cell_t, clicks),
        member(recs_cell_t, dismissed),
        member(recs_cell_t, carts),
        member(recs_cell_t, orders),
        member(recs_cell_t, lines),
        member(recs_cell_t, units),
        member(recs_cell_t, revenue),
        member(recs_cell_t, margin),
        member(recs_cell_t, refunds),
        member(recs_cell_t, view_orders),
        member(recs_cell_t, view_lines),
        member(recs_cell_t, view_revenue),
        member(recs_cell_meta_t, made_ms),
        member(recs_cell_meta_t, from_ms),
        member(recs_cell_meta_t, until_ms),
        member(recs_cell_meta_t, events),
        member(recs_cell_meta_t, lost),
        member(recs_cell_meta_t, gaps),
        member(recs_cell_meta_t, bots),
        member(recs_cell_meta_t, overflow),
        member(recs_cell_meta_t, hourly),
        member(recs_cell_meta_t, attribution),
        member(recs_cell_meta_t, click_days),
        member(recs_cell_meta_t, view_hours),
        member(recs_cell_meta_t, reserved)
    };

    there_all(members, sizeof(members) / sizeof(members[0]),
              "a cell and the head of the report with offsets and sizes");
}


static void
manifest(void)
{
    char             *p, *end;
    const char       *err;
    recs_manifest_t   m;

    static const char  begin[] = "\n```json\n";

    p = strstr(text, begin);
    end = p ? strstr(p + sizeof(begin), "\n```") : NULL;

    if (!ok(end != NULL, "a manifest")) {
        return;
    }

    p += sizeof(begin) - 1;
    err = "";

    ok(recs_manifest_parse(&m, (uint8_t *) p, end - p, &err) == RECS_OK,
       "that can be read %s", err);
    is_int(m.format, RECS_FORMAT_VERSION, "of this version");
}


int
main(void)
{
    text = document_read(DOCUMENT);

    if (!ok(text != NULL, DOCUMENT)) {
        return done_testing();
    }

    table(recs_format_columns, RECS_COLUMN_MAX, "column");
    table(recs_format_lists, RECS_LIST_MAX, "list");
    rows();
    layouts();
    report();
    manifest();

    free(text);

    return done_testing();
}
