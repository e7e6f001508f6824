#include "bench/loadgen/options_internal.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/flight.h"

#define SECONDS_MAX      1e6
#define APPL_VER_DEFAULT 9     /* FIX.5.0SP2 */
#define RAMP_MAX_S       36000 /* sessions that ramp up have a day in all */

/* -------------------------------------------------------------------------------- options */

enum option_key {
    KEY_HOST = 256,
    KEY_PORT,
    KEY_SESSIONS,
    KEY_BEGIN_STRING,
    KEY_APPL_VER,
    KEY_SENDER,
    KEY_TARGET,
    KEY_HEARTBEAT,
    KEY_TLS,
    KEY_TLS_CA,
    KEY_TLS_NAME,
    KEY_TLS_CERT,
    KEY_TLS_KEY,
    KEY_IN_FLIGHT,
    KEY_RATE,
    KEY_SWEEP,
    KEY_BURST,
    KEY_RAMP,
    KEY_CHURN,
    KEY_TEST_REQUEST,
    KEY_MIX,
    KEY_DURATION,
    KEY_COUNT,
    KEY_WARMUP,
    KEY_CONNECT_TIMEOUT,
    KEY_DRAIN,
    KEY_THREADS,
    KEY_IDLE,
    KEY_JSON,
    KEY_HDR,
    KEY_REPORT,
    KEY_ABOUT,
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
    {"appl-ver", required_argument, NULL, KEY_APPL_VER},
    {"sender", required_argument, NULL, KEY_SENDER},
    {"target", required_argument, NULL, KEY_TARGET},
    {"tls", no_argument, NULL, KEY_TLS},
    {"tls-ca", required_argument, NULL, KEY_TLS_CA},
    {"tls-name", required_argument, NULL, KEY_TLS_NAME},
    {"tls-cert", required_argument, NULL, KEY_TLS_CERT},
    {"tls-key", required_argument, NULL, KEY_TLS_KEY},
    {"heartbeat", required_argument, NULL, KEY_HEARTBEAT},
    {"in-flight", required_argument, NULL, KEY_IN_FLIGHT},
    {"rate", required_argument, NULL, KEY_RATE},
    {"burst", required_argument, NULL, KEY_BURST},
    {"churn", required_argument, NULL, KEY_CHURN},
    {"test-request", no_argument, NULL, KEY_TEST_REQUEST},
    {"ramp", required_argument, NULL, KEY_RAMP},
    {"sweep", required_argument, NULL, KEY_SWEEP},
    {"mix", required_argument, NULL, KEY_MIX},
    {"duration", required_argument, NULL, KEY_DURATION},
    {"count", required_argument, NULL, KEY_COUNT},
    {"warmup", required_argument, NULL, KEY_WARMUP},
    {"connect-timeout", required_argument, NULL, KEY_CONNECT_TIMEOUT},
    {"drain", required_argument, NULL, KEY_DRAIN},
    {"threads", required_argument, NULL, KEY_THREADS},
    {"idle", required_argument, NULL, KEY_IDLE},
    {"json", required_argument, NULL, KEY_JSON},
    {"hdr", required_argument, NULL, KEY_HDR},
    {"report", required_argument, NULL, KEY_REPORT},
    {"about", required_argument, NULL, KEY_ABOUT},
    {"quiet", no_argument, NULL, KEY_QUIET},
    {"version", no_argument, NULL, KEY_VERSION},
    {"help", no_argument, NULL, KEY_HELP},
    {NULL, 0, NULL, 0},
};

static bool is_begin_string(const char *text)
{
    return (strncmp(text, "FIX.4.", 6) == 0 && text[6] >= '0' && text[6] <= '4' &&
            text[7] == '\0') ||
           strcmp(text, "FIXT.1.1") == 0;
}

/* Who talks to whom. */
static rfx_status read_who(int key, const char *name, const char *value, struct options *options,
                           uint32_t *port, struct rfx_error *error)
{
    switch (key) {
    case KEY_HOST:
        if (options->host_count == OPTIONS_HOSTS_MAX) {
            return options_fail(error, "--%s %s: more than %d of them", name, value,
                                OPTIONS_HOSTS_MAX);
        }
        return options_read_host(name, value, &options->hosts[options->host_count++], error);
    case KEY_PORT:
        return options_read_u32(name, value, 1, UINT16_MAX, port, error);
    case KEY_SESSIONS:
        return options_read_u32(name, value, 1, OPTIONS_SESSIONS_MAX, &options->sessions, error);
    case KEY_BEGIN_STRING:
        if (!is_begin_string(value)) {
            return options_fail(
                error, "--begin-string %s: there is FIX.4.0 to FIX.4.4 and FIXT.1.1", value);
        }
        return options_read_word(name, value, sizeof options->begin_string - 1,
                                 options->begin_string, error);
    case KEY_APPL_VER:
        return options_read_appl_ver(value, &options->appl_ver_id, error);
    case KEY_SENDER:
        return options_read_word(name, value, RFX_COMP_ID_MAX, options->sender, error);
    case KEY_TARGET:
        return options_read_word(name, value, RFX_COMP_ID_MAX, options->target, error);
    case KEY_HEARTBEAT:
        return options_read_u32(name, value, 0, 86400, &options->heartbeat_s, error);
    default:
        options->is_quiet = true; /* the one that is left; the caller sees to help and version */
        return RFX_OK;
    }
}

/* What is sent, and when. */
static rfx_status read_load(int key, const char *name, const char *value, struct options *options,
                            uint32_t *port, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    char *end = NULL;
    switch (key) {
    case KEY_IN_FLIGHT:
        return options_read_u32(name, value, 1, FLIGHT_LIMIT, &options->in_flight, error);
    case KEY_RATE:
        status = options_read_rate(name, value, &end, &options->rate, error);
        if (status == RFX_OK && *end != '\0') {
            return options_fail(error, "--%s %s: what is '%s'?", name, value, end);
        }
        return status;
    case KEY_BURST:
        return options_read_burst(name, value, &options->burst, &options->rate, error);
    case KEY_CHURN:
        return options_read_real(name, value, 0.001, 1e5, &options->churn, error);
    case KEY_TEST_REQUEST:
        options->is_test_request = true;
        return RFX_OK;
    case KEY_RAMP:
        return options_read_real(name, value, 0.01, 1e6, &options->ramp, error);
    case KEY_SWEEP:
        status = options_read_sweep(name, value, &options->sweep, error);
        options->rate = options->sweep.to;
        return status;
    case KEY_DURATION:
        return options_read_real(name, value, 0.001, SECONDS_MAX, &options->duration_s, error);
    case KEY_COUNT:
        return options_read_whole(name, value, 1, UINT64_C(1) << 40, &options->count, error);
    case KEY_WARMUP:
        return options_read_real(name, value, 0, SECONDS_MAX, &options->warmup_s, error);
    case KEY_CONNECT_TIMEOUT:
        return options_read_real(name, value, 0.001, SECONDS_MAX, &options->connect_timeout_s,
                                 error);
    case KEY_DRAIN:
        return options_read_real(name, value, 0, SECONDS_MAX, &options->drain_s, error);
    case KEY_MIX:
        options->mix_path = value;
        return RFX_OK;
    default:
        return read_who(key, name, value, options, port, error);
    }
}

/* TLS, or anything else. */
static rfx_status read_tls(int key, const char *name, const char *value, struct options *options,
                           uint32_t *port, struct rfx_error *error)
{
    options->use_tls |= key >= KEY_TLS && key <= KEY_TLS_KEY;
    switch (key) {
    case KEY_TLS:
        return RFX_OK;
    case KEY_TLS_CA:
        options->tls.certification_authorities_file = value;
        return RFX_OK;
    case KEY_TLS_NAME:
        options->tls_name = value;
        return RFX_OK;
    case KEY_TLS_CERT:
        options->tls.client_certificate_file = value;
        return RFX_OK;
    case KEY_TLS_KEY:
        options->tls.client_certificate_key_file = value;
        return RFX_OK;
    default:
        return read_load(key, name, value, options, port, error);
    }
}

static rfx_status read_option(int key, const char *name, const char *value, struct options *options,
                              uint32_t *port, struct rfx_error *error)
{
    switch (key) {
    case KEY_THREADS:
        return options_read_u32(name, value, 1, RFX_WORKERS_MAX, &options->threads, error);
    case KEY_IDLE:
        return options_read_idle(value, &options->idle, error);
    case KEY_JSON:
        options->json_path = value;
        return RFX_OK;
    case KEY_HDR:
        options->hdr_path = value;
        return RFX_OK;
    case KEY_REPORT:
        options->report_path = value;
        return RFX_OK;
    case KEY_ABOUT:
        return options_read_line(name, value, &options->about, error);
    default:
        return read_tls(key, name, value, options, port, error);
    }
}

static bool is_fixt(const struct options *options)
{
    return strcmp(options->begin_string, "FIXT.1.1") == 0;
}

/* Puts in what other options, or none, say. */
static void complete(struct options *options, uint16_t port)
{
    if (options->host_count == 0) {
        snprintf(options->hosts[0].name, sizeof options->hosts[0].name, "127.0.0.1");
        options->host_count = 1;
    }
    for (uint32_t i = 0; i < options->host_count; i++) {
        if (options->hosts[i].port == 0) {
            options->hosts[i].port = port;
        }
    }
    if (is_fixt(options) && options->appl_ver_id < 0) {
        options->appl_ver_id = APPL_VER_DEFAULT;
    }
}

/* What no single option shows. */
static rfx_status check(const struct options *options, const bool *is_given,
                        struct rfx_error *error)
{
    const char *place = strstr(options->sender, "%d");
    for (uint32_t i = 0; i < options->host_count; i++) {
        if (options->hosts[i].port == 0) {
            return options_fail(error, "--port is needed: where the acceptor listens");
        }
    }
    if (is_given[KEY_APPL_VER - KEY_HOST] && !is_fixt(options)) {
        return options_fail(error, "--appl-ver is for --begin-string FIXT.1.1");
    }
    if (options->ramp > 0 && (options->sessions / options->ramp > RAMP_MAX_S ||
                              options->warmup_s + options->duration_s > RAMP_MAX_S)) {
        return options_fail(error, "--ramp: logging on and measuring may take %d s each",
                            RAMP_MAX_S);
    }
    int loops = is_given[KEY_RATE - KEY_HOST] + is_given[KEY_SWEEP - KEY_HOST] +
                is_given[KEY_BURST - KEY_HOST] + is_given[KEY_IN_FLIGHT - KEY_HOST];
    if (loops > 1) {
        return options_fail(error,
                            "--rate, --sweep and --burst (open loop) and --in-flight (closed loop) "
                            "exclude each other");
    }
    if (options->is_test_request && (options->mix_path != NULL || options->in_flight > 1)) {
        return options_fail(error, "--test-request goes without --mix, and with one in flight: a "
                                   "session has no more");
    }
    if (is_given[KEY_SWEEP - KEY_HOST] && is_given[KEY_COUNT - KEY_HOST]) {
        return options_fail(error, "--sweep goes by --duration, not by --count");
    }
    if (is_given[KEY_COUNT - KEY_HOST] && is_given[KEY_DURATION - KEY_HOST]) {
        return options_fail(error, "--count and --duration exclude each other");
    }
    if (place == NULL && options->sessions > 1) {
        return options_fail(error, "--sender %s: %%d is missing, the place of the session's number",
                            options->sender);
    }
    if (place != NULL && strchr(options->sender, '%') != strrchr(options->sender, '%')) {
        return options_fail(error, "--sender %s: %%d may come once, other %% not at all",
                            options->sender);
    }
    if (place != NULL && strlen(options->sender) > RFX_COMP_ID_MAX - 4) {
        return options_fail(error, "--sender %s: too long with the session's number",
                            options->sender);
    }
    return RFX_OK;
}

rfx_status options_read(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    bool is_given[KEY_END - KEY_HOST] = {false};
    *options = (struct options){
        .action = OPTIONS_RUN,
        .sessions = 1,
        .begin_string = "FIX.4.4",
        .sender = "LG%d",
        .target = "RINGFIX",
        .in_flight = 1,
        .burst = 1,
        .appl_ver_id = -1,
        .warmup_s = 1,
        .duration_s = 10,
        .threads = 1,
        .idle = RFX_IDLE_ADAPTIVE,
        .heartbeat_s = 30,
        .connect_timeout_s = 30,
        .drain_s = 5,
        .about = "",
        .argc = argc,
        .argv = argv,
    };
    uint32_t port = 0;
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
            return options_fail(error, "%s: %s", argv[given_at],
                                key == ':' ? "a value is missing"
                                           : "no such option, or it takes no value");
        }
        if (key == KEY_HELP || key == KEY_VERSION) {
            options->action = key == KEY_HELP ? OPTIONS_HELP : OPTIONS_VERSION;
            return RFX_OK;
        }
        rfx_status status = read_option(key, known[index].name, optarg, options, &port, error);
        if (status != RFX_OK) {
            return status;
        }
        is_given[key - KEY_HOST] = true;
    }
    if (optind < argc) {
        return options_fail(error, "%s: what is this? Options begin with --", argv[optind]);
    }
    if (is_given[KEY_COUNT - KEY_HOST] && !is_given[KEY_WARMUP - KEY_HOST]) {
        options->warmup_s = 0;
    }
    complete(options, (uint16_t)port);
    return check(options, is_given, error);
}

/* ---------------------------------------------------------------------------------- names */

const struct options_host *options_host(const struct options *options, uint32_t number)
{
    return &options->hosts[(number - 1) % options->host_count];
}

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
