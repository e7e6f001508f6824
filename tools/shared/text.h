/* Text on the standard output. What comes from a journal that may be damaged must not steer the
 * terminal. */
#ifndef TOOLS_SHARED_TEXT_H
#define TOOLS_SHARED_TEXT_H

#include "core/base.h"

#define TEXT_SIZE 40

/* Writes bytes; those that are not printable ASCII, '\' and '|' become \xNN, and SOH becomes `soh`
 * unless that is 0. At most `columns` of them, and "..." behind what was cut; 0: all.
 * Returns the columns written. */
size_t put_text(struct rfx_bytes text, int soh, size_t columns);
size_t put_name(const char *name); /* the same for a session's name */

/* A JSON string, quotes and all. Bytes that are not printable ASCII become \u00NN, one character
 * per byte, so that the bytes can be had back. */
void put_json(struct rfx_bytes text);
void put_json_name(const char *name);

/* A line on the standard error, behind the program's name. */
void put_error(const char *text);

/* These write into `out` and return it: 20260102-03:04:05.678, the same as ISO 8601 with
 * nanoseconds, and "1.5 MiB". "-": a time before 1970, which no journal has written. */
const char *time_text(int64_t utc_ns, char out[TEXT_SIZE]);
const char *iso_text(int64_t utc_ns, char out[TEXT_SIZE]);
const char *size_text(uint64_t bytes, char out[TEXT_SIZE]);

#endif
