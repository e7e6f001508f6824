/* What ringfix-ctl shows of sessions, for a terminal of some width. */
#ifndef TOOLS_CTL_TABLE_H
#define TOOLS_CTL_TABLE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_TEXT 24

/* width  of the lines, 0: as long as they get */
void table_heading(FILE *out, unsigned width);
void table_session(FILE *out, unsigned width, const json_t *session, int64_t now_utc_ns);

/* All there is about one session, a line each. */
void table_details(FILE *out, const json_t *session, int64_t now_utc_ns);

/* "active", "gap", "disabled", ...: at most 8 characters. */
const char *table_state(const json_t *session);

/* A number of the object, or of its "counts". */
int64_t table_number(const json_t *object, const char *name);
int64_t table_count(const json_t *session, const char *name);

/* "now", "12s", "5m", "3h", "2d" before now; "-" for 0. */
void table_age(int64_t utc_ns, int64_t now_utc_ns, char text[TABLE_TEXT]);

#endif
