/* The command line of ringfix-loadgen. */
#ifndef LOADGEN_OPTIONS_H
#define LOADGEN_OPTIONS_H

#include "bench/loadgen/mix.h"
#include "ringfix/config.h"

#define OPTIONS_SESSIONS_MAX 100000
#define OPTIONS_HOSTS_MAX    16

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

/* An acceptor. */
struct options_host {
    char name[RFX_HOST_MAX + 1];
    uint16_t port; /* 0: that of --port */
};

/* Rates to run one after the other. */
struct options_sweep {
    double from;
    double to;
    uint32_t count; /* 0: no sweep */
};

struct options {
    enum options_action action;
    struct options_host hosts[OPTIONS_HOSTS_MAX]; /* sessions take them in turn */
    uint32_t host_count;
    uint32_t sessions;
    char begin_string[12];
    int8_t appl_ver_id;               /* ApplVerID(1128) with FIXT.1.1: 7 to 9; otherwise -1 */
    char sender[RFX_COMP_ID_MAX + 1]; /* with one %d, the session's number from 1 */
    char target[RFX_COMP_ID_MAX + 1];
    uint32_t in_flight; /* closed loop: orders in flight per session */
    double rate;        /* open loop: orders/s over all sessions; 0: closed loop. With a sweep
                           the highest one */
    struct options_sweep sweep;
    uint32_t burst;       /* open loop: orders that are due at the same time */
    double churn;         /* sessions/s that log out during the load and on again; 0: none */
    bool is_test_request; /* TestRequests instead of orders */
    double ramp;          /* sessions/s that log on; 0: all at once */
    double warmup_s;
    double duration_s; /* without count */
    uint64_t count;    /* orders in total, warm-up included; 0: by duration */
    uint32_t threads;
    enum rfx_idle_strategy idle;
    uint32_t heartbeat_s;
    double connect_timeout_s;
    double drain_s;
    const char *json_path; /* NULL: none; these point into argv */
    const char *hdr_path;
    const char *report_path;
    const char *mix_path;
    const struct mix *mix; /* what is in that file, by the caller; NULL: orders alone */
    const char *about;     /* the acceptor in the user's words; "": nothing said */
    int argc;              /* the command line as it was given */
    char **argv;
    bool use_tls;
    struct rfx_tls_config tls;
    const char *tls_name; /* what the acceptor's certificate must have; NULL: the host */
    bool is_quiet;
};

extern const char *const options_help[]; /* parts, to be written one after the other; then NULL */

/* Reads the command line. After an error, *error says what is wrong.
 * errors   RFX_E_INVALID */
rfx_status options_read(int argc, char **argv, struct options *options,
                        struct rfx_error *error) RFX_MUST_CHECK;

/* The SenderCompID of a session, and the way back from the name that ringfix gives it
 * ("BeginString:SenderCompID->TargetCompID"); 0 when it is none of ours. */
void options_sender(const struct options *options, uint32_t number, char name[RFX_COMP_ID_MAX + 1]);
uint32_t options_session_number(const struct options *options, const char *session_name);

/* The acceptor of a session. */
const struct options_host *options_host(const struct options *options, uint32_t number);

/* As given to --idle. */
const char *options_idle_text(enum rfx_idle_strategy idle);

#endif
