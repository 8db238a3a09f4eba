/*
 * Copyright (C) recs authors
 *
 * The journal: everything in it is in the event log by now.  Workers are
 * asked to end their segments (recs_segment.h), which are removed then as
 * they are covered; those without an owner are removed here.  Nothing is
 * written into what others map.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../core/event/recs_segment.h"
#include "erase.h"


#define RECS_JOURNAL_ROLL     "roll"
#define RECS_JOURNAL_WAITS    100        /* of 100 ms, for workers */
#define RECS_JOURNAL_WAIT_NS  100000000


typedef struct {
    recs_erase_t  *erase;
    int            dir;
    uint64_t       looked;
    uint64_t       theirs;
    uint64_t       removed;
    uint64_t       bad;          /* moved away by a worker, for a human */
} recs_erase_segments_t;


static int recs_segments_look(recs_erase_segments_t *s, unsigned remove);
static void recs_segments_file(recs_erase_segments_t *s, const char *name,
    unsigned remove);
static int recs_segments_covered(recs_erase_segments_t *s, uint8_t *map,
    size_t size);
static int recs_segments_roll(recs_erase_segments_t *s);


void
recs_erase_journal(recs_erase_t *erase)
{
    unsigned                n;
    uint64_t                first;
    struct timespec         ts;
    recs_erase_place_t     *place;
    recs_erase_segments_t   s;

    if (erase->config->journal == NULL) {
        if (erase->config->redis) {
            recs_erase_left(erase, RECS_ERASE_JOURNAL, "\"journal\" is not "
                            "set: the workers' own keep what was sent until "
                            "their segments are full");
        }

        return;
    }

    memset(&s, 0, sizeof(s));
    s.erase = erase;
    s.dir = open(erase->config->journal, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (s.dir == -1 || recs_segments_look(&s, 0) != RECS_OK) {
        recs_erase_left(erase, RECS_ERASE_JOURNAL, "%s cannot be read: %s",
                        erase->config->journal, strerror(errno));
        goto done;
    }

    place = &erase->places[RECS_ERASE_JOURNAL];
    place->looked = s.looked;
    first = s.theirs;

    if (first && recs_segments_roll(&s) != RECS_OK) {
        recs_erase_left(erase, RECS_ERASE_JOURNAL, "%s/" RECS_JOURNAL_ROLL
                        " cannot be written: %s", erase->config->journal,
                        strerror(errno));
        goto done;
    }

    ts.tv_sec = 0;
    ts.tv_nsec = RECS_JOURNAL_WAIT_NS;

    for (n = 0; s.theirs && n < RECS_JOURNAL_WAITS; n++) {
        if (recs_segments_look(&s, 1) != RECS_OK) {
            break;
        }

        if (s.theirs) {
            (void) nanosleep(&ts, NULL);
        }
    }

    place->changed = first - recs_min(first, s.theirs);

    if (s.theirs) {
        recs_erase_left(erase, RECS_ERASE_JOURNAL, "%llu segments still have "
                        "them: workers did not end them in 10 s, or hold "
                        "events that are not in the event log yet; erase "
                        "again", (unsigned long long) s.theirs);
    }

    if (s.bad) {
        recs_erase_left(erase, RECS_ERASE_JOURNAL, "%llu files *.bad have "
                        "them, which a worker put aside as damaged; remove "
                        "them", (unsigned long long) s.bad);
    }

done:

    if (s.dir != -1) {
        (void) close(s.dir);
    }
}


static int
recs_segments_look(recs_erase_segments_t *s, unsigned remove)
{
    int             fd;
    DIR            *d;
    struct dirent  *entry;

    s->looked = 0;
    s->theirs = 0;
    s->bad = 0;

    fd = openat(s->dir, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    d = (fd == -1) ? NULL : fdopendir(fd);

    if (d == NULL) {
        if (fd != -1) {
            (void) close(fd);
        }

        return RECS_ERROR;
    }

    while ((entry = readdir(d))) {
        recs_segments_file(s, entry->d_name, remove);
    }

    (void) closedir(d);

    return RECS_OK;
}


static void
recs_segments_file(recs_erase_segments_t *s, const char *name,
    unsigned remove)
{
    int           fd, bad;
    void         *map;
    size_t        len;
    uint32_t      number, kind;
    uint64_t      epoch;
    struct stat   st;

    len = strlen(name);
    bad = (len > 4 && strcmp(name + len - 4, ".bad") == 0);

    if (!bad && recs_segment_parse(name, &epoch, &number, &kind) != RECS_OK) {
        return;
    }

    fd = openat(s->dir, name, O_RDONLY|O_CLOEXEC|O_NOFOLLOW);

    if (fd == -1 || fstat(fd, &st) == -1) {
        goto failed;
    }

    if (st.st_size < RECS_SEGMENT_HEAD) {
        goto done;
    }

    map = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, fd, 0);

    if (map == MAP_FAILED) {
        goto failed;
    }

    s->looked++;

    if (recs_erase_bytes(&s->erase->who, map, (size_t) st.st_size)) {

        if (bad) {
            s->bad++;

        } else if (remove && flock(fd, LOCK_EX|LOCK_NB) == 0
                   && recs_segments_covered(s, map, (size_t) st.st_size)
                   && unlinkat(s->dir, name, 0) == 0)
        {
            s->removed++;

        } else {
            s->theirs++;
        }
    }

    (void) munmap(map, (size_t) st.st_size);

    goto done;

failed:

    /* a worker may have removed it since it was listed */

    if (errno != ENOENT) {
        recs_erase_left(s->erase, RECS_ERASE_JOURNAL, "%s/%s cannot be "
                        "read: %s", s->erase->config->journal, name,
                        strerror(errno));
    }

done:

    if (fd != -1) {
        (void) close(fd);
    }
}


/* Whether all that can be read of a segment is in the event log. */

static int
recs_segments_covered(recs_erase_segments_t *s, uint8_t *map, size_t size)
{
    int              rc;
    uint64_t         sequence, position;
    recs_str_t       payload;
    const char      *why;
    recs_segment_t   place;

    if (recs_segment_attach(&place, map, size, &why) != RECS_OK) {
        return 0;
    }

    position = recs_log_position(s->erase->log, place.epoch);

    while ((rc = recs_segment_next(&place, &payload, &sequence, &why))
           == RECS_OK)
    {
        if (sequence > position) {
            return 0;
        }
    }

    return rc != RECS_ERROR;
}


static int
recs_segments_roll(recs_erase_segments_t *s)
{
    int  fd, rc;

    fd = openat(s->dir, RECS_JOURNAL_ROLL,
                O_WRONLY|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0644);

    if (fd == -1) {
        return RECS_ERROR;
    }

    rc = (futimens(fd, NULL) == 0) ? RECS_OK : RECS_ERROR;
    (void) close(fd);

    return rc;
}
