/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <unistd.h>
#include "run.h"


#define RECS_RUN_DEADLINE_US  800000


static void recs_run_signal(int signo);
static void recs_run_deadline(int signo);


static volatile sig_atomic_t  recs_run_term;
static volatile sig_atomic_t  recs_run_hup;
static volatile sig_atomic_t  recs_run_child;

static const int  recs_run_handled[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

#define RECS_RUN_HANDLED                                                     \
    (sizeof(recs_run_handled) / sizeof(recs_run_handled[0]))


void
recs_run_signals_init(void)
{
    size_t            i;
    struct sigaction  sa;

    memset(&sa, 0, sizeof(struct sigaction));
    sigfillset(&sa.sa_mask);
    sa.sa_flags = SA_RESTART;
    sa.sa_handler = recs_run_signal;

    for (i = 0; i < RECS_RUN_HANDLED; i++) {
        (void) sigaction(recs_run_handled[i], &sa, NULL);
    }

    sa.sa_handler = recs_run_deadline;
    (void) sigaction(SIGALRM, &sa, NULL);

    sa.sa_handler = SIG_IGN;
    (void) sigaction(SIGPIPE, &sa, NULL);
}


void
recs_run_signals_reset(void)
{
    size_t    i;
    sigset_t  none;

    for (i = 0; i < RECS_RUN_HANDLED; i++) {
        (void) signal(recs_run_handled[i], SIG_DFL);
    }

    (void) signal(SIGALRM, SIG_DFL);

    sigemptyset(&none);
    (void) sigprocmask(SIG_SETMASK, &none, NULL);
}


static void
recs_run_signal(int signo)
{
    int               err;
    struct itimerval  timer;

    err = errno;

    switch (signo) {

    case SIGHUP:
        recs_run_hup = 1;
        break;

    case SIGTERM:
    case SIGINT:

        if (!recs_run_term) {
            memset(&timer, 0, sizeof(timer));
            timer.it_value.tv_usec = RECS_RUN_DEADLINE_US;
            (void) setitimer(ITIMER_REAL, &timer, NULL);
        }

        recs_run_term = 1;
        break;
    }

    errno = err;
}


/*
 * A disk, a name server or a lock keeps us.  Whatever is half done is cut
 * away at the next start, as after a power cut.
 */

static void
recs_run_deadline(int signo)
{
    if (recs_run_child) {
        (void) kill((pid_t) recs_run_child, SIGKILL);
    }

    _exit(RECS_EXIT_OK);
}


void
recs_run_signals_child(pid_t child)
{
    recs_run_child = (sig_atomic_t) child;
}


void
recs_run_signals(recs_run_signals_t *s)
{
    s->stop = (recs_run_term != 0);
    s->reload = (recs_run_hup != 0);

    if (s->reload) {
        recs_run_hup = 0;
    }
}


int
recs_run_stopping(void)
{
    return recs_run_term != 0;
}


void
recs_run_sleep(int64_t ms)
{
    size_t           i;
    sigset_t         blocked, before;
    struct timespec  ts;

    /* a signal between the look and the sleep must end the sleep */

    sigemptyset(&blocked);

    for (i = 0; i < RECS_RUN_HANDLED; i++) {
        sigaddset(&blocked, recs_run_handled[i]);
    }

    (void) sigprocmask(SIG_BLOCK, &blocked, &before);

    if (!recs_run_term && !recs_run_hup && ms > 0) {
        ts.tv_sec = (time_t) (ms / 1000);
        ts.tv_nsec = (long) (ms % 1000) * 1000000;
        (void) pselect(0, NULL, NULL, NULL, &ts, &before);
    }

    (void) sigprocmask(SIG_SETMASK, &before, NULL);
}
