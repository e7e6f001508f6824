#include "bench/loadgen/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/flight.h"

#define SECONDS_MAX 1e6

const char options_help[] =
    "usage: ringfix-loadgen --port P [options]\n"
    "\n"
    "Logs FIX sessions on to an acceptor that answers each NewOrderSingle(D) with exactly one\n"
    "ExecutionReport(8) of the same ClOrdID(11), sends orders, checks that each is answered\n"
    "exactly once, and reports throughput and latency.\n"
    "\n"
    "Where and who\n"
    "  --host H             address or name of the acceptor (default 127.0.0.1)\n"
    "  --port P             its port\n"
    "  --sessions N         sessions (default 1)\n"
    "  --begin-string B     FIX.4.2 or FIX.4.4 (default FIX.4.4)\n"
    "  --sender S           our SenderCompID, %d is the session's number from 1 (default LG%d)\n"
    "  --target T           our TargetCompID (default RINGFIX)\n"
    "  --heartbeat S        HeartBtInt in seconds, 0: none (default 30)\n"
    "\n"
    "What load\n"
    "  --in-flight K        closed loop: K orders in flight per session, an answer sends the\n"
    "                       next one (default 1, at most 65536; an acceptor with a smaller\n"
    "                       send queue than K answers may cut the session off)\n"
    "  --rate R             open loop: R orders/s over all sessions, sent by the clock. Latency\n"
    "                       counts from the intended time, so that a stall is not hidden. A\n"
    "                       session with 65536 orders in flight waits; its latency counts on.\n"
    "  --duration S         seconds measured (default 10)\n"
    "  --count N            instead: N orders in total, those of the warm-up included\n"
    "  --warmup S           seconds before that, not measured but checked (default 1; 0 with\n"
    "                       --count)\n"
    "  --connect-timeout S  all sessions must be logged on within (default 30)\n"
    "  --drain S            wait for outstanding answers at the end (default 5)\n"
    "\n"
    "With what\n"
    "  --threads N          threads, each with I/O loop and shard (default 1)\n"
    "  --idle I             spin, adaptive or park (default adaptive); for the finest latencies\n"
    "                       spin, which takes a whole core per thread\n"
    "\n"
    "Report\n"
    "  --json FILE          everything of the report as JSON\n"
    "  --hdr FILE           percentiles in HdrHistogram's text format, in microseconds\n"
    "  --quiet              no progress on standard error\n"
    "  --version, --help\n"
    "\n"
    "examples\n"
    "  round trip of one session, one order in flight:\n"
    "    ringfix-loadgen --port 5001 --idle spin\n"
    "  the most that 64 sessions get through:\n"
    "    ringfix-loadgen --port 5001 --sessions 64 --in-flight 16 --threads 2\n"
    "  latency at a given rate, for plotting:\n"
    "    ringfix-loadgen --port 5001 --sessions 100 --rate 50000 --hdr latency.hdr\n"
    "  a short check that nothing is lost or answered twice:\n"
    "    ringfix-loadgen --port 5001 --sessions 10 --count 10000 --quiet\n"
    "\n"
    "exit status: 0 every order was answered exactly once; 1 otherwise, the report says how many\n"
    "were not, of which kind and in which sessions; 2 wrong usage\n";

static rfx_status fail(struct rfx_error *error, const char *format, ...) RFX_PRINTF(2, 3);

static rfx_status fail(struct rfx_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return RFX_E_INVALID;
}

/* --------------------------------------------------------------------------------- values */

static rfx_status read_whole(const char *name, const char *text, uint64_t min, uint64_t max,
                             uint64_t *value, struct rfx_error *error)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < min ||
        number > max) {
        return fail(error, "--%s %s: not a whole number from %llu to %llu", name, text,
                    (unsigned long long)min, (unsigned long long)max);
    }
    *value = number;
    return RFX_OK;
}

static rfx_status read_u32(const char *name, const char *text, uint32_t min, uint32_t max,
                           uint32_t *value, struct rfx_error *error)
{
    uint64_t wide = 0;
    rfx_status status = read_whole(name, text, min, max, &wide, error);
    *value = (uint32_t)wide;
    return status;
}

static rfx_status read_real(const char *name, const char *text, double min, double max,
                            double *value, struct rfx_error *error)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || !(number >= min && number <= max)) {
        return fail(error, "--%s %s: not a number from %g to %g", name, text, min, max);
    }
    *value = number;
    return RFX_OK;
}

static rfx_status read_text(const char *name, const char *text, size_t size_max, char *value,
                            struct rfx_error *error)
{
    size_t size = strlen(text);
    if (size < 1 || size > size_max) {
        return fail(error, "--%s: 1 to %zu characters are needed, not %zu", name, size_max, size);
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 127) {
            return fail(error, "--%s: character %zu is not printable ASCII", name, i + 1);
        }
    }
    memcpy(value, text, size + 1);
    return RFX_OK;
}

static const char *const idle_names[] = {
    [RFX_IDLE_SPIN] = "spin", [RFX_IDLE_ADAPTIVE] = "adaptive", [RFX_IDLE_PARK] = "park"};

const char *options_idle_text(enum rfx_idle_strategy idle)
{
    return idle_names[idle];
}

static rfx_status read_idle(const char *text, enum rfx_idle_strategy *idle, struct rfx_error *error)
{
    for (size_t i = 0; i < sizeof idle_names / sizeof idle_names[0]; i++) {
        if (strcmp(text, idle_names[i]) == 0) {
            *idle = (enum rfx_idle_strategy)i;
            return RFX_OK;
        }
    }
    return fail(error, "--idle %s: there is spin, adaptive and park", text);
}

/* -------------------------------------------------------------------------------- options */

enum option_key {
    KEY_HOST = 256,
    KEY_PORT,
    KEY_SESSIONS,
    KEY_BEGIN_STRING,
    KEY_SENDER,
    KEY_TARGET,
    KEY_HEARTBEAT,
    KEY_IN_FLIGHT,
    KEY_RATE,
    KEY_DURATION,
    KEY_COUNT,
    KEY_WARMUP,
    KEY_CONNECT_TIMEOUT,
    KEY_DRAIN,
    KEY_THREADS,
    KEY_IDLE,
    KEY_JSON,
    KEY_HDR,
    KEY_QUIET,
    KEY_VERSION,
    KEY_HELP,
    KEY_END
};

static const struct option known[] = {
    {"host", required_argument, NULL, KEY_HOST},
    {"port", required_argument, NULL, KEY_PORT},
    {"sessions", required_argument, NULL, KEY_SESSIONS},
    {"begin-string", required_argument, NULL, KEY_BEGIN_STRING},
    {"sender", required_argument, NULL, KEY_SENDER},
    {"target", required_argument, NULL, KEY_TARGET},
    {"heartbeat", required_argument, NULL, KEY_HEARTBEAT},
    {"in-flight", required_argument, NULL, KEY_IN_FLIGHT},
    {"rate", required_argument, NULL, KEY_RATE},
    {"duration", required_argument, NULL, KEY_DURATION},
    {"count", required_argument, NULL, KEY_COUNT},
    {"warmup", required_argument, NULL, KEY_WARMUP},
    {"connect-timeout", required_argument, NULL, KEY_CONNECT_TIMEOUT},
    {"drain", required_argument, NULL, KEY_DRAIN},
    {"threads", required_argument, NULL, KEY_THREADS},
    {"idle", required_argument, NULL, KEY_IDLE},
    {"json", required_argument, NULL, KEY_JSON},
    {"hdr", required_argument, NULL, KEY_HDR},
    {"quiet", no_argument, NULL, KEY_QUIET},
    {"version", no_argument, NULL, KEY_VERSION},
    {"help", no_argument, NULL, KEY_HELP},
    {NULL, 0, NULL, 0},
};

static rfx_status read_option(int key, const char *name, const char *value, struct options *options,
                              struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    uint32_t port = 0;
    switch (key) {
    case KEY_HOST:
        return read_text(name, value, RFX_HOST_MAX, options->host, error);
    case KEY_PORT:
        status = read_u32(name, value, 1, UINT16_MAX, &port, error);
        options->port = (uint16_t)port;
        return status;
    case KEY_SESSIONS:
        return read_u32(name, value, 1, OPTIONS_SESSIONS_MAX, &options->sessions, error);
    case KEY_BEGIN_STRING:
        if (strcmp(value, "FIX.4.2") != 0 && strcmp(value, "FIX.4.4") != 0) {
            return fail(error, "--begin-string %s: there is FIX.4.2 and FIX.4.4", value);
        }
        return read_text(name, value, sizeof options->begin_string - 1, options->begin_string,
                         error);
    case KEY_SENDER:
        return read_text(name, value, RFX_COMP_ID_MAX, options->sender, error);
    case KEY_TARGET:
        return read_text(name, value, RFX_COMP_ID_MAX, options->target, error);
    case KEY_HEARTBEAT:
        return read_u32(name, value, 0, 86400, &options->heartbeat_s, error);
    case KEY_IN_FLIGHT:
        return read_u32(name, value, 1, FLIGHT_LIMIT, &options->in_flight, error);
    case KEY_RATE:
        return read_real(name, value, 0.001, 1e8, &options->rate, error);
    case KEY_DURATION:
        return read_real(name, value, 0.001, SECONDS_MAX, &options->duration_s, error);
    case KEY_COUNT:
        return read_whole(name, value, 1, UINT64_C(1) << 40, &options->count, error);
    case KEY_WARMUP:
        return read_real(name, value, 0, SECONDS_MAX, &options->warmup_s, error);
    case KEY_CONNECT_TIMEOUT:
        return read_real(name, value, 0.001, SECONDS_MAX, &options->connect_timeout_s, error);
    case KEY_DRAIN:
        return read_real(name, value, 0, SECONDS_MAX, &options->drain_s, error);
    case KEY_THREADS:
        return read_u32(name, value, 1, RFX_WORKERS_MAX, &options->threads, error);
    case KEY_IDLE:
        return read_idle(value, &options->idle, error);
    case KEY_JSON:
        options->json_path = value;
        return RFX_OK;
    case KEY_HDR:
        options->hdr_path = value;
        return RFX_OK;
    default: /* the three without a value */
        options->is_quiet = true;
        return RFX_OK;
    }
}

/* What no single option shows. */
static rfx_status check(const struct options *options, const bool *is_given,
                        struct rfx_error *error)
{
    const char *place = strstr(options->sender, "%d");
    if (!is_given[KEY_PORT - KEY_HOST]) {
        return fail(error, "--port is needed: where the acceptor listens");
    }
    if (is_given[KEY_RATE - KEY_HOST] && is_given[KEY_IN_FLIGHT - KEY_HOST]) {
        return fail(error, "--rate (open loop) and --in-flight (closed loop) exclude each other");
    }
    if (is_given[KEY_COUNT - KEY_HOST] && is_given[KEY_DURATION - KEY_HOST]) {
        return fail(error, "--count and --duration exclude each other");
    }
    if (place == NULL && options->sessions > 1) {
        return fail(error, "--sender %s: %%d is missing, the place of the session's number",
                    options->sender);
    }
    if (place != NULL && strchr(options->sender, '%') != strrchr(options->sender, '%')) {
        return fail(error, "--sender %s: %%d may come once, other %% not at all", options->sender);
    }
    if (place != NULL && strlen(options->sender) > RFX_COMP_ID_MAX - 4) {
        return fail(error, "--sender %s: too long with the session's number", options->sender);
    }
    return RFX_OK;
}

rfx_status options_read(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    bool is_given[KEY_END - KEY_HOST] = {false};
    *options = (struct options){
        .action = OPTIONS_RUN,
        .host = "127.0.0.1",
        .sessions = 1,
        .begin_string = "FIX.4.4",
        .sender = "LG%d",
        .target = "RINGFIX",
        .in_flight = 1,
        .warmup_s = 1,
        .duration_s = 10,
        .threads = 1,
        .idle = RFX_IDLE_ADAPTIVE,
        .heartbeat_s = 30,
        .connect_timeout_s = 30,
        .drain_s = 5,
    };
    opterr = 0; /* the message is ours to give */
    optind = 1;
    for (;;) {
        int index = -1;
        int given_at = optind;
        int key = getopt_long(argc, argv, "+:", known, &index);
        if (key == -1) {
            break;
        }
        if (key == ':' || key == '?') {
            return fail(error, "%s: %s", argv[given_at],
                        key == ':' ? "a value is missing" : "no such option, or it takes no value");
        }
        if (key == KEY_HELP || key == KEY_VERSION) {
            options->action = key == KEY_HELP ? OPTIONS_HELP : OPTIONS_VERSION;
            return RFX_OK;
        }
        rfx_status status = read_option(key, known[index].name, optarg, options, error);
        if (status != RFX_OK) {
            return status;
        }
        is_given[key - KEY_HOST] = true;
    }
    if (optind < argc) {
        return fail(error, "%s: what is this? Options begin with --", argv[optind]);
    }
    if (is_given[KEY_COUNT - KEY_HOST] && !is_given[KEY_WARMUP - KEY_HOST]) {
        options->warmup_s = 0;
    }
    return check(options, is_given, error);
}

/* ---------------------------------------------------------------------------------- names */

void options_sender(const struct options *options, uint32_t number, char name[RFX_COMP_ID_MAX + 1])
{
    const char *place = strstr(options->sender, "%d");
    if (place == NULL) {
        snprintf(name, RFX_COMP_ID_MAX + 1, "%s", options->sender);
        return;
    }
    snprintf(name, RFX_COMP_ID_MAX + 1, "%.*s%u%s", (int)(place - options->sender), options->sender,
             (unsigned)number, place + 2);
}

uint32_t options_session_number(const struct options *options, const char *session_name)
{
    const char *place = strstr(options->sender, "%d");
    size_t skipped = strlen(options->begin_string) + 1;
    if (place == NULL) {
        return 1;
    }
    skipped += (size_t)(place - options->sender);
    if (strlen(session_name) <= skipped) {
        return 0;
    }
    unsigned long number = strtoul(session_name + skipped, NULL, 10);
    return number <= options->sessions ? (uint32_t)number : 0;
}
