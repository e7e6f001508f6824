/* What the control socket answers. */
#ifndef RINGFIXD_CONTROL_ANSWER_H
#define RINGFIXD_CONTROL_ANSWER_H

#include <stdio.h>

#include "daemon.h"

/* line  what was asked, hostile until read */
void control_answer(struct daemon *daemon, const char *line, FILE *out);

#endif
