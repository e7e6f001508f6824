#include "tools/shared/stop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t caught; /* a signal handler has nowhere else to put it */

static void note(int number)
{
    caught = number;
}

void stop_watch(void)
{
    /* Without SA_RESTART: a read from a terminal ends, too. */
    struct sigaction action = {.sa_handler = note};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static bool is_unread(int timeout_ms)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, timeout_ms) > 0 && (out.revents & POLLERR) != 0;
}

int stop_signal(void)
{
    if (caught != 0) {
        return caught;
    }
    return is_unread(0) ? SIGPIPE : 0;
}

bool stop_asked(void)
{
    return caught != 0 || ferror(stdout) != 0;
}

void stop_wait_ms(int ms)
{
    (void)is_unread(ms);
}
