/* A server program as a child process. */
#ifndef RFX_TESTS_SUPPORT_CHILD_H
#define RFX_TESTS_SUPPORT_CHILD_H

#include <sys/types.h>

#include "tests/support.h"

struct child {
    pid_t pid;
    int output; /* its standard output */
    uint16_t port;
};

/* Runs argv[0] and waits for its line "ready port=N". Its standard error goes to the end of a
 * file. Ends the test when the child does not get ready. It dies with the test. */
void child_start(struct child *child, char *const argv[], const char *error_path);

/* Waits until it has ended by itself, in order. Ends the test if it did not, or not in time. */
void child_await(struct child *child);

/* SIGKILL, and waits until it is gone. Ends the test if it had ended by itself. */
void child_kill(struct child *child);

#endif
