/* The terminal. */
#ifndef TOOLS_CTL_SCREEN_H
#define TOOLS_CTL_SCREEN_H

#include <stdbool.h>

/* Columns of the standard output; 0: it is no terminal. */
unsigned screen_width(void);
unsigned screen_height(void);

/* Takes the whole terminal, until screen_leave(), when there is one and is_wanted. Signals to end
 * are heeded by screen_wait() from here on in any case. */
void screen_enter(bool is_wanted);
void screen_leave(void);

/* Waits; true: the user has had enough (q, or a signal to end). */
bool screen_wait(unsigned seconds);

#endif
