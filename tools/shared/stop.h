/* Ending early, in order: a signal is noted, commands look for it and return, and the journal is
 * closed. A process that dies while it looks into the store would keep its pages from being used
 * again until somebody else opens the journal. */
#ifndef TOOLS_SHARED_STOP_H
#define TOOLS_SHARED_STOP_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP are noted, and SIGPIPE is an error of the output. */
void stop_watch(void);

/* The signal that came; SIGPIPE when nobody reads the output any more; 0: none. */
int stop_signal(void);

/* Whether to end: a signal, or an output that takes no more. */
bool stop_asked(void);

/* Sleeps, at most until a signal comes or nobody reads the output any more. */
void stop_wait_ms(int ms);

#endif
