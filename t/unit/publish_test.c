/*
 * Copyright (C) recs authors
 */

#include <sys/wait.h>

#include "../../builder/synth/random.h"
#include "snap.h"
#include "tap.h"


static int
publish(const char *dir, uint32_t items, uint32_t events, uint64_t seed,
    int force, uint64_t *id, recs_error_t *err)
{
    int              rc;
    recs_config_t    c;
    recs_dataset_t  *d;

    snap_config(&c, dir);
    c.force = force;
    c.keep = 3;

    d = snap_dataset(&c, items, events, seed);
    rc = recs_publish(d, &c, NULL, id, err);
    recs_dataset_destroy(d);

    return rc;
}


/* Whoever has a history passes the filter, few others do. */

static void
users(const recs_snapshot_t *s)
{
    uint32_t             known, n, passed;
    uint64_t             bits, word;
    recs_identity_t      identity;
    recs_format_user_t   user;
    recs_format_seen_t   seen[RECS_USER_ENTRIES];

    known = passed = 0;

    for (n = 0; n < 62; n++) {
        snap_identity(&identity, n);
        known += recs_snapshot_user(s, identity.bytes, &user, seen)
                 == RECS_OK;
    }

    ok(known > 50, "histories are found through the filter");

    for (n = 0; n < 10000; n++) {
        word = recs_random_mix(2 * n + 1);
        bits = recs_random_mix(2 * n + 2);
        memcpy(identity.bytes, &word, sizeof(word));
        memcpy(identity.bytes + sizeof(word), &bits, sizeof(bits));

        bits = recs_format_filter(identity.bytes, &word);
        passed += (s->users[word & s->users_mask] & bits) == bits;
    }

    ok(passed < 600, "%u of 10,000 strangers pass the filter", passed);
}


static void
read_back(const char *dir, uint64_t id)
{
    uint32_t          i, n, wrong, count;
    recs_str_t        key, members;
    const char       *why;
    recs_manifest_t   m;
    recs_snapshot_t  *s;
    const uint32_t   *items;

    static const char  text[] =
        "\"title\":\"Item \\\"13\\\" \\u003cb\\u003e\\u0026 more\","
        "\"brand\":\"Brand 6\",\"category\":[\"Toys\",\"Games\"],"
        "\"url\":\"https://shop.example/p13?a=1\\u0026b=2\"";

    s = snap_open(dir, &m, &why);

    if (!ok(s != NULL, "current opens")) {
        printf("# %s\n", why);
        return;
    }

    ok(s->header.id == id && m.id == id, "with the id that was told");
    is_int(m.items, 60, "its products");
    is_int(m.listed, 60, "all listed");
    is_int(m.generation, 1, "the first generation");
    ok(m.lists > 60, "many lists");
    is_int(m.created_ms, SNAP_NOW, "the clock of the build");

    n = recs_snapshot_item(s, recs_key64("p13", 3));
    ok(n < 60, "a product by its key");
    recs_snapshot_fragment(s, n, &key, &members);
    is_str(key.data, key.len, "\"p13\"", "its id as JSON");
    ok(members.len >= sizeof(text) - 1
       && memcmp(members.data, text, sizeof(text) - 1) == 0,
       "its members, safe inside of a script element");
    is_int(recs_column(s, RECS_COLUMN_PRICE, int64_t, n),
           82 * RECS_MICRO + RECS_MICRO / 2, "its price");
    is_int(recs_column(s, RECS_COLUMN_STOCK, int32_t, n), 2, "its stock");

    ok(recs_snapshot_item(s, 12345) == RECS_NO_ITEM, "an unknown product");

    for (i = 1, wrong = 0; i < 60; i++) {
        wrong += recs_column(s, RECS_COLUMN_PRICE, int64_t,
                             recs_column(s, RECS_COLUMN_ORDER_PRICE, uint32_t,
                                         i - 1))
                 > recs_column(s, RECS_COLUMN_PRICE, int64_t,
                               recs_column(s, RECS_COLUMN_ORDER_PRICE,
                                           uint32_t, i));
    }

    is_int(wrong, 0, "cheapest first");

    n = recs_snapshot_name(s, 'C', recs_key64("Toys/Games", 10));
    ok(n != RECS_NONE, "a category by its path");
    is_int(recs_snapshot_name(s, 'C', recs_key64("Games", 5)), n,
           "and by its name");
    ok(recs_snapshot_name(s, 'C', recs_key64("Kitchen", 7)) == RECS_NONE,
       "a name that two have is no key");

    n = recs_snapshot_name(s, 'C', recs_key64("Toys", 4));
    items = recs_list(s, RECS_LIST_CATEGORY_ITEMS, n, &count);
    is_int(count, 24, "a category has the products below it");

    for (i = 1, wrong = 0; i < count; i++) {
        wrong += items[i - 1] >= items[i];
    }

    is_int(wrong, 0, "by popularity");

    n = recs_snapshot_name(s, 'B', recs_key64("Brand 3", 7));
    (void) recs_list(s, RECS_LIST_BRAND_ITEMS, n, &count);
    is_int(count, 9, "a brand has its products");

    users(s);

    recs_snapshot_close(s);
}


static void
gates(const char *dir, uint64_t first)
{
    uint64_t      id;
    recs_error_t  err;

    ok(publish(dir, 50, 800, 1, 0, &id, &err) == RECS_ERROR,
       "a sixth fewer products are refused");
    ok(strstr(err.text, "50 products instead of 60") != NULL
       && strstr(err.text, "--force") != NULL, "the message says it: %s",
       err.text);
    is_int(snap_count(dir, "snap-", ".mdb"), 1, "nothing was published");
    is_int(snap_count(dir, ".tmp-", ""), 0, "nothing is left over");

    ok(publish(dir, 55, 800, 1, 0, &id, &err) == RECS_OK,
       "a twelfth fewer are not");
    ok(id != first, "another snapshot has another id");
    ok(publish(dir, 20, 300, 1, 1, &id, &err) == RECS_OK, "force helps");
    is_int(snap_count(dir, "snap-", ".mdb"), 3, "three are there");
}


static void
same(const char *dir)
{
    char             path[512];
    uint64_t         one, two;
    const char      *why;
    struct stat      before, after;
    recs_error_t     err;
    recs_manifest_t  m;

    snap_clear(dir);

    ok(publish(dir, 40, 500, 7, 0, &one, &err) == RECS_OK, "published");
    snprintf(path, sizeof(path), "%s/current", dir);
    stat(path, &before);
    is_int(before.st_mode & 07777, 0444, "mode 0444");

    ok(publish(dir, 40, 500, 7, 0, &two, &err) == RECS_OK, "and once more");
    stat(path, &after);
    ok(one == two, "the same input has the same id");
    ok(before.st_ino == after.st_ino, "the file stays where it is mapped");

    recs_snapshot_close(snap_open(dir, &m, &why));
    is_int(m.generation, 2, "its manifest is new");
}


static void
retention(const char *dir)
{
    int              i;
    uint64_t         id, first;
    recs_error_t     err;
    const char      *why;
    recs_manifest_t  m;

    snap_clear(dir);

    for (i = 0; i < 3; i++) {
        publish(dir, 40, 500, i, 0, i ? &id : &first, &err);
    }

    ok(recs_rollback(dir, first, 0, &err) == RECS_OK, "rolled back to an id");

    for (i = 3; i < 7; i++) {
        publish(dir, 40, 500, i, 0, &id, &err);
    }

    is_int(snap_count(dir, "snap-", ".mdb"), 4,
           "three newest and the pinned one are kept");
    is_int(snap_count(dir, "snap-", ".json"), 4, "with their manifests");

    recs_snapshot_close(snap_open(dir, &m, &why));
    ok(m.id == first, "a pinned snapshot stays current");

    ok(recs_rollback(dir, 0, 1, &err) == RECS_OK, "released");
    recs_snapshot_close(snap_open(dir, &m, &why));
    ok(m.id == id, "to the newest");

    ok(recs_rollback(dir, 0, 0, &err) == RECS_OK, "back by one");
    recs_snapshot_close(snap_open(dir, &m, &why));
    is_int(m.generation, 6, "to the one before");

    ok(recs_rollback(dir, 4711, 0, &err) == RECS_ERROR
       && strstr(err.text, "status") != NULL, "an unknown id is refused");
}


static void
lock(const char *dir)
{
    int           one, two;
    recs_error_t  err;

    ok(recs_publish_lock(dir, &one, &err) == RECS_OK, "the first has it");
    ok(recs_publish_lock(dir, &two, &err) == RECS_AGAIN,
       "the second comes again");
    close(one);
    ok(recs_publish_lock(dir, &two, &err) == RECS_OK, "once it is free");
    close(two);
}


static void
empty(const char *dir)
{
    uint64_t          id;
    recs_error_t      err;
    recs_config_t     c;
    recs_dataset_t   *d;

    snap_config(&c, dir);
    c.force = 1;

    d = recs_dataset_create(&c);

    if (recs_dataset_finish(d, &err) == RECS_OK) {
        ok(recs_publish(d, &c, NULL, &id, &err) == RECS_ERROR
           && strstr(err.text, "no product") != NULL,
           "an empty snapshot is refused, by force too");

    } else {
        ok(1, "an empty dataset is refused before");
    }

    recs_dataset_destroy(d);
}


static void
positions(const char *dir)
{
    char             path[256];
    FILE            *file;
    uint64_t         id;
    recs_error_t     err;
    recs_config_t    c;
    recs_dataset_t  *d;

    snap_config(&c, dir);
    d = snap_dataset(&c, 40, 500, 99);

    /* a build that was killed while it selected models */

    snprintf(path, sizeof(path), "%s/.tmp-select", dir);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/.tmp-select/snap-1.mdb", dir);
    file = fopen(path, "w");
    ok(file && fclose(file) == 0, "a directory is left over");

    ok(recs_publish(d, &c, "{\"stream\":", &id, &err) == RECS_ERROR,
       "positions that are no JSON are refused");
    is_int(snap_count(dir, ".tmp-", ""), 0, "nothing is left over");
    ok(recs_publish(d, &c, "{\"stream\":\"1-1\"}", &id, &err) == RECS_OK,
       "positions go into the manifest");

    recs_dataset_destroy(d);
}


int
main(void)
{
    char          *dir;
    uint64_t       id;
    recs_error_t   err;

    recs_message_init(RECS_MSG_WARN);

    dir = snap_dir();

    if (!ok(publish(dir, 60, 1000, 1, 0, &id, &err) == RECS_OK, "published")) {
        printf("# %s\n", err.text);
    }

    read_back(dir, id);
    gates(dir, id);
    same(dir);
    retention(dir);
    lock(dir);
    empty(dir);
    positions(dir);

    snap_remove(dir);

    return done_testing();
}
