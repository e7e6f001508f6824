/* The server of a run: its configuration. */
#include "bench/loadgen/run_server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/flight.h"

/* Bytes on the wire, rounded up; with a mix, of what is around its message. */
#define ORDER_SIZE      256

#define QUEUE_MAX       (1u << 30) /* the most that ringfix takes */
#define FILES_BESIDE    64         /* descriptors that are not connections */
#define CONNECTIONS_MIN 64
#define RAMP_LEAD_S     1 /* for the server to be open before the first session's time */
#define SECONDS_PER_DAY 86400

static void fill_session(const struct options *options, uint32_t number,
                         struct rfx_session_config *session)
{
    *session = rfx_session_config_default;
    session->role = RFX_ROLE_INITIATOR;
    snprintf(session->begin_string, sizeof session->begin_string, "%s", options->begin_string);
    options_sender(options, number, session->sender_comp_id);
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "%s", options->target);
    const struct options_host *host = options_host(options, number);
    session->hosts[0] = (struct rfx_host){.name = host->name, .port = host->port};
    session->use_ssl = options->use_tls;
    session->certificate_name = options->tls_name;
    session->default_appl_ver_id = options->appl_ver_id;
    session->heartbeat_s = options->heartbeat_s;
    session->reset_on_logon = options->churn == 0; /* else on_build_logon asks for it, once */
    session->reconnect_interval_s = 1;
    session->persist_messages = false;
    session->use_data_dictionary = false; /* the server is measured, not this end */
}

/* Sessions log on when their time begins: by the second, as schedules do, so many in each. The day
 * of every session ended a second ago. */
static void set_start(const struct options *options, uint32_t number, time_t now,
                      struct rfx_session_config *session)
{
    time_t wait_s = RAMP_LEAD_S + (time_t)((number - 1) / options->ramp);
    session->logon = (struct rfx_week_time){
        .second = (uint32_t)((now + wait_s) % SECONDS_PER_DAY),
        .day = RFX_NO_DAY,
    };
    session->logout = (struct rfx_week_time){
        .second = (uint32_t)((now + SECONDS_PER_DAY - 1) % SECONDS_PER_DAY),
        .day = RFX_NO_DAY,
    };
}

static rfx_status allow_files(const struct options *options, struct rfx_error *error)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)options->sessions + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
        return RFX_OK;
    }
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    if (limit.rlim_cur < needed || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        snprintf(error->text, sizeof error->text,
                 "%" PRIu32 " sessions need %llu open files, %llu are allowed (ulimit -Hn)",
                 options->sessions, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
        return RFX_E_IO;
    }
    return RFX_OK;
}

double run_ramp_s(const struct options *options)
{
    return options->ramp > 0 ? RAMP_LEAD_S + options->sessions / options->ramp : 0;
}

static uint64_t order_size(const struct options *options)
{
    return ORDER_SIZE + (options->mix != NULL ? options->mix->size_max : 0);
}

rfx_status run_open_server(const struct options *options, struct load *load,
                           struct rfx_server **server, struct rfx_error *error)
{
    struct rfx_config config = rfx_config_default;
    struct rfx_app app = load_app(load);
    uint32_t window = options->rate > 0 ? FLIGHT_LIMIT : options->in_flight;
    time_t now = time(NULL);
    config.io_threads = options->threads;
    config.shards = options->threads;
    config.threading_mode = RFX_THREADING_SHARED;
    config.idle_strategy = options->idle;
    config.tls = options->tls;
    config.journal_path[0] = '\0';
    config.sessions_max = options->sessions;
    config.connections_max =
        options->sessions < CONNECTIONS_MIN ? CONNECTIONS_MIN : options->sessions;
    uint64_t queue_size = window * order_size(options);
    if (config.send_queue_size < queue_size) {
        /* Our own load must not cut us off. */
        config.send_queue_size = queue_size < QUEUE_MAX ? (uint32_t)queue_size : QUEUE_MAX;
    }
    config.sessions = calloc(options->sessions, sizeof *config.sessions);
    config.session_count = options->sessions;
    if (config.sessions == NULL) {
        snprintf(error->text, sizeof error->text, "out of memory for %" PRIu32 " sessions",
                 options->sessions);
        return RFX_E_NOMEM;
    }
    for (uint32_t i = 0; i < options->sessions; i++) {
        fill_session(options, i + 1, &config.sessions[i]);
        if (options->ramp > 0) {
            set_start(options, i + 1, now, &config.sessions[i]);
        }
    }
    rfx_status status = allow_files(options, error);
    if (status == RFX_OK) {
        status = rfx_server_open(&config, &app, server, error);
    }
    free(config.sessions);
    return status;
}
