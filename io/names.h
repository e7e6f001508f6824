/* Host names become addresses while loops go on: getaddrinfo() may take many seconds, so threads of
 * its own ask. A name is asked for anew each time, for what it stands for may change. */
#ifndef RFX_IO_NAMES_H
#define RFX_IO_NAMES_H

#include <sched.h>
#include <sys/socket.h>

#include "core/base.h"

#define RFX_NAME_ADDRESSES_MAX 8

struct rfx_names;

/* One answer; released with free(). */
struct rfx_name_answer {
    struct rfx_name_answer *next;
    uint64_t token;      /* as asked */
    const char *problem; /* why there is no address, a constant text; NULL: there are some */
    size_t count;
    struct sockaddr_storage addresses[RFX_NAME_ADDRESSES_MAX]; /* in the system's order; port 0 */
};

struct rfx_names_options {
    uint32_t asker_count; /* askers are numbered from 0 */
    /* There is something to take for an asker. By any thread, never after rfx_names_close(). */
    void (*wake)(void *context, uint32_t asker);
    void *context;
    const cpu_set_t *cores; /* of its threads, copied; NULL: the caller's */
};

/* errors   RFX_E_NOMEM */
rfx_status rfx_names_open(const struct rfx_names_options *options, struct rfx_names **names,
                          struct rfx_error *error) RFX_MUST_CHECK;

/* Does not wait for questions that the system is still busy with: their threads end by themselves
 * when it has answered. Askers must have ended. NULL: nothing happens. */
void rfx_names_close(struct rfx_names *names);

/* Asks for the addresses of a host; the answer comes to the asker with this token, unless
 * patience_ns have gone by before its turn came. Returns at once. Any thread.
 *
 * returns   NULL, or why it cannot be asked: a constant text */
const char *rfx_names_ask(struct rfx_names *names, uint32_t asker, uint64_t token, const char *host,
                          uint64_t patience_ns);

/* The answer for an address in digits, without asking anybody. NULL: the host is none, or there is
 * no memory. */
struct rfx_name_answer *rfx_name_of_digits(const char *host);

/* The oldest answer that the asker has not taken yet, NULL: none. Any thread. */
struct rfx_name_answer *rfx_names_take(struct rfx_names *names, uint32_t asker);
bool rfx_names_has_answer(const struct rfx_names *names, uint32_t asker);

#endif
