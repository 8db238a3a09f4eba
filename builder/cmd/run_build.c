/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../data/dataset.h"
#include "../eval/ranker.h"
#include "../eval/select.h"
#include "../memory.h"
#include "../publish/dir.h"
#include "../rules/rules.h"
#include "reported.h"
#include "run.h"


/* Of one epoch in the text of positions: quotes, 16 digits, number, comma. */

#define RECS_RUN_POSITION  48
#define RECS_RUN_EPOCHS    10000


typedef struct {
    char      *text;
    size_t     len;
    size_t     cap;
    size_t     count;
} recs_run_positions_t;


static void recs_run_child(recs_run_t *run, recs_run_work_pt work,
    pid_t parent);
static char *recs_run_positions(const recs_log_t *log);
static int recs_run_position(void *ctx, uint64_t epoch, uint64_t committed,
    uint64_t from, uint64_t to);
static void recs_run_collect(recs_run_t *run);


static const struct {
    const char  *stage;
    const char  *name;
    const char  *rest;               /* where it fails */
} recs_run_jobs[] = {
    { "build", "build", "the snapshot before it stays" },
    { "retain", "retention", "the event log stays as it was" },
    { "erase", "erasure", "what is blanked is" }
};


int
recs_run_build(recs_run_t *run, recs_error_t *e)
{
    run->started_ms = recs_run_clock();
    run->next_ms = recs_schedule_next(&run->schedule, run->started_ms);

    if (run->hot) {
        recs_hot_state_building(run->hot);
    }

    if (recs_run_fork(run, RECS_RUN_BUILD, recs_run_snapshot, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_message(RECS_MSG_INFO, "run", "build started\tpid=%d events=%" PRIu64,
                 (int) run->child, recs_log_stats(run->log)->stored);

    return RECS_OK;
}


int
recs_run_fork(recs_run_t *run, recs_run_job_e job, recs_run_work_pt work,
    recs_error_t *e)
{
    pid_t  pid, parent;

    run->job = job;
    parent = getpid();
    fflush(NULL);

    pid = fork();

    if (pid == -1) {
        return recs_error(e, "cannot start a %s: %s",
                          recs_run_jobs[job].name, strerror(errno));
    }

    if (pid == 0) {
        recs_run_child(run, work, parent);
    }

    run->child = pid;
    recs_run_signals_child(pid);

    return RECS_OK;
}


/* Never returns. */

static void
recs_run_child(recs_run_t *run, recs_run_work_pt work, pid_t parent)
{
    int           rc;
    recs_error_t  e;

    recs_run_signals_reset();

    /* whoever kills the parent means the child, too */

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);

    if (getppid() != parent) {
        _exit(RECS_EXIT_FAILED);
    }

    rc = work(run, &e);

    if (rc != RECS_OK) {
        recs_progress_end();
        recs_message(RECS_MSG_ERROR, recs_run_jobs[run->job].stage, "%s",
                     e.text);
    }

    _exit((rc == RECS_OK) ? RECS_EXIT_OK : RECS_EXIT_FAILED);
}


int
recs_run_snapshot(recs_run_t *run, recs_error_t *e)
{
    char            *positions;
    recs_config_t    config;
    recs_dataset_t  *d;
    recs_reported_t  reported;

    config = *run->config;

    if (config.now_ms == 0) {
        config.now_ms = run->started_ms;
    }

    if (recs_rules_ready(config.rules, e) != RECS_OK) {
        return RECS_ERROR;
    }

    d = recs_dataset_create(&config);

    if (recs_reported_init(&reported, d, &config, e) != RECS_OK
        || recs_log_replay(run->log, recs_reported_add, &reported, e)
           != RECS_OK
        || recs_dataset_finish(d, e) != RECS_OK
        || recs_reported_section(&reported, &config, run->log, e) != RECS_OK
        || recs_select(d, &config, e) != RECS_OK
        || recs_ranker(d, &config, RECS_STRATEGY_MAX, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    positions = recs_run_positions(run->log);

    if (recs_publish(d, &config, positions, &run->id, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_ranker_free(&config);

    recs_message(RECS_MSG_NOTICE, "run", "published\tsnapshot=%016" PRIx64
                 " items=%u events=%" PRIu64 " ms=%" PRId64, run->id, d->items,
                 d->events, recs_run_clock() - run->started_ms);

    return RECS_OK;
}


/* {"source":{...},"epochs":{"<16 hex>":<committed>}} */

static char *
recs_run_positions(const recs_log_t *log)
{
    const char            *source;
    recs_run_positions_t   p;

    source = recs_log_last(log);

    memset(&p, 0, sizeof(recs_run_positions_t));
    recs_grow(&p.text, &p.cap, strlen(source) + 64, 1);

    p.len = (size_t) sprintf(p.text, "{\"source\":%s,\"epochs\":{",
                             *source ? source : "null");

    (void) recs_log_epochs(log, recs_run_position, &p);

    recs_grow(&p.text, &p.cap, p.len + 3, 1);
    strcpy(p.text + p.len, "}}");

    return p.text;
}


static int
recs_run_position(void *ctx, uint64_t epoch, uint64_t committed,
    uint64_t from, uint64_t to)
{
    recs_run_positions_t  *p;

    p = ctx;

    if (p->count == RECS_RUN_EPOCHS) {
        return RECS_DONE;
    }

    recs_grow(&p->text, &p->cap, p->len + RECS_RUN_POSITION, 1);

    p->len += (size_t) sprintf(p->text + p->len, "%s\"%016" PRIx64 "\":%"
                               PRIu64, p->count ? "," : "", epoch, committed);
    p->count++;

    return RECS_OK;
}


int
recs_run_reap(recs_run_t *run)
{
    int      status, code;
    char     text[64];
    pid_t    pid;
    int64_t  left;

    if (run->child == 0) {
        return RECS_OK;
    }

    pid = waitpid(run->child, &status, WNOHANG);

    if (pid == 0 || (pid == -1 && errno == EINTR)) {
        return RECS_AGAIN;
    }

    recs_run_signals_child(0);
    run->child = 0;

    code = (pid > 0 && WIFEXITED(status)) ? WEXITSTATUS(status)
                                          : RECS_EXIT_FAILED;

    if (run->job == RECS_RUN_BUILD) {
        run->builds++;
        run->built_from_ms = run->started_ms;
        run->built_ms = recs_run_clock();
        run->status = code;
        run->build_failures += (code != RECS_EXIT_OK);
    }

    if (run->job == RECS_RUN_RETAIN && code == RECS_EXIT_OK) {
        run->retained_ms = recs_run_clock();
    }

    if (run->job == RECS_RUN_ERASE) {
        recs_run_erased(run, code == RECS_EXIT_OK);
    }

    if (code == RECS_EXIT_OK) {
        return RECS_OK;
    }

    if (pid > 0 && WIFSIGNALED(status)) {
        snprintf(text, sizeof(text), "was ended by signal %d",
                 WTERMSIG(status));
        recs_run_collect(run);

    } else {
        snprintf(text, sizeof(text), "failed");
    }

    left = (run->job == RECS_RUN_RETAIN) ? run->retain_ms
           : (run->job == RECS_RUN_ERASE) ? run->erase_ms : run->next_ms;
    left -= recs_run_clock();

    recs_message(RECS_MSG_ERROR, "run", "the %s %s; %s, the next try is in %"
                 PRId64 " s", recs_run_jobs[run->job].name, text,
                 recs_run_jobs[run->job].rest, recs_max(left, 0) / 1000);

    return RECS_OK;
}


void
recs_run_kill(recs_run_t *run)
{
    if (run->child == 0) {
        return;
    }

    (void) kill(run->child, SIGKILL);

    while (waitpid(run->child, NULL, 0) == -1 && errno == EINTR) { /* void */ }

    recs_run_signals_child(0);
    run->child = 0;

    recs_run_collect(run);
    recs_message(RECS_MSG_NOTICE, "run", "the %s was ended",
                 recs_run_jobs[run->job].name);
}


/* What a killed build has left; the next one would do the same. */

static void
recs_run_collect(recs_run_t *run)
{
    recs_dir_t    dir;
    recs_error_t  e;

    if (recs_dir_open(&dir, run->config->out, 1, &e) != RECS_OK) {
        return;
    }

    if (recs_dir_scan(&dir, &e) == RECS_OK) {
        (void) recs_dir_collect(&dir, &e);
    }

    recs_dir_close(&dir);
}


/* The link is as old as the last build, also before a restart. */

void
recs_run_plan(recs_run_t *run)
{
    int          fd;
    int64_t      last;
    struct stat  st;

    last = run->started_ms;
    fd = open(run->config->out, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (last == 0 && fd != -1
        && fstatat(fd, "current", &st, AT_SYMLINK_NOFOLLOW) == 0)
    {
        last = (int64_t) st.st_mtim.tv_sec * 1000
               + st.st_mtim.tv_nsec / 1000000;
    }

    if (fd != -1) {
        close(fd);
    }

    run->next_ms = last ? recs_schedule_next(&run->schedule, last) : 0;
}


int64_t
recs_run_clock(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
