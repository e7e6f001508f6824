/* The command line of ringfix-loadgen. */
#ifndef LOADGEN_OPTIONS_H
#define LOADGEN_OPTIONS_H

#include "ringfix/config.h"

#define OPTIONS_SESSIONS_MAX 100000

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
    enum options_action action;
    char host[RFX_HOST_MAX + 1];
    uint16_t port;
    uint32_t sessions;
    char begin_string[12];
    char sender[RFX_COMP_ID_MAX + 1]; /* with one %d, the session's number from 1 */
    char target[RFX_COMP_ID_MAX + 1];
    uint32_t in_flight; /* closed loop: orders in flight per session */
    double rate;        /* open loop: orders/s over all sessions; 0: closed loop */
    double warmup_s;
    double duration_s; /* without count */
    uint64_t count;    /* orders in total, warm-up included; 0: by duration */
    uint32_t threads;
    enum rfx_idle_strategy idle;
    uint32_t heartbeat_s;
    double connect_timeout_s;
    double drain_s;
    const char *json_path; /* NULL: none; these two point into argv */
    const char *hdr_path;
    bool is_quiet;
};

extern const char options_help[];

/* Reads the command line. After an error, *error says what is wrong.
 * errors   RFX_E_INVALID */
rfx_status options_read(int argc, char **argv, struct options *options,
                        struct rfx_error *error) RFX_MUST_CHECK;

/* The SenderCompID of a session, and the way back from the name that ringfix gives it
 * ("BeginString:SenderCompID->TargetCompID"); 0 when it is none of ours. */
void options_sender(const struct options *options, uint32_t number, char name[RFX_COMP_ID_MAX + 1]);
uint32_t options_session_number(const struct options *options, const char *session_name);

/* As given to --idle. */
const char *options_idle_text(enum rfx_idle_strategy idle);

#endif
