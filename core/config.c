/* Defaults and validation. */
#include "ringfix/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_keys.h"

const struct rfx_session_config rfx_session_config_default = {
    .role = RFX_ROLE_ACCEPTOR,
    .heartbeat_s = 30,
    .logon_timeout_s = 10,
    .logout_timeout_s = 2,
    .max_latency_s = 120,
    .reconnect_interval_s = 30,
    .check_latency = true,
    .check_comp_id = true,
    .persist_messages = true,
};

const struct rfx_config rfx_config_default = {
    .durability = RFX_DURABILITY_PROCESS,
    .journal_size_max = UINT64_C(256) << 30,
    .threading_mode = RFX_THREADING_SHARED,
    .idle_strategy = RFX_IDLE_ADAPTIVE,
    .message_size_max = 64u << 10,
    .sessions_max = 10000,
    .connections_max = 16384,
    .send_queue_size = 4u << 20,
    .gap_queue_size = 1u << 20,
};

void rfx_config_free(struct rfx_config *config)
{
    free(config->sessions);
    config->sessions = NULL;
    config->session_count = 0;
}

static bool is_terminated(const char *text, size_t room)
{
    return memchr(text, '\0', room) != NULL;
}

/* A CompID becomes part of names, log lines and journal keys. */
static bool is_comp_id(const char *text)
{
    if (!is_terminated(text, RFX_COMP_ID_MAX + 1) || text[0] == '\0' || strstr(text, "->")) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~') {
            return false;
        }
    }
    return true;
}

static bool is_within(uint64_t value, uint64_t min, uint64_t max)
{
    return value >= min && value <= max;
}

static rfx_status check_session(const struct rfx_session_config *session, size_t number,
                                struct rfx_error *error)
{
    bool is_version = is_terminated(session->begin_string, sizeof session->begin_string) &&
                      (strcmp(session->begin_string, "FIX.4.2") == 0 ||
                       strcmp(session->begin_string, "FIX.4.4") == 0);
    const char *problem = NULL;
    if ((unsigned)session->role > RFX_ROLE_INITIATOR) {
        problem = "role is neither acceptor nor initiator";
    } else if (!is_terminated(session->connect_host, sizeof session->connect_host)) {
        problem = "SocketConnectHost is not terminated by a NUL";
    } else if (!is_version) {
        problem = "BeginString must be FIX.4.2 or FIX.4.4; other versions are not supported yet";
    } else if (!is_comp_id(session->sender_comp_id)) {
        problem = "SenderCompID must be 1 to 63 printable ASCII characters without \"->\"";
    } else if (!is_comp_id(session->target_comp_id)) {
        problem = "TargetCompID must be 1 to 63 printable ASCII characters without \"->\"";
    } else if (session->acceptor_template && session->role != RFX_ROLE_ACCEPTOR) {
        problem = "AcceptorTemplate=Y is for ConnectionType=acceptor";
    } else if (session->acceptor_template != (strcmp(session->target_comp_id, "*") == 0)) {
        problem = "AcceptorTemplate=Y and TargetCompID=* go together";
    } else if (session->role == RFX_ROLE_INITIATOR &&
               (session->connect_host[0] == '\0' || session->connect_port == 0)) {
        problem = "an initiator needs SocketConnectHost and SocketConnectPort";
    } else if (session->heartbeat_s > 86400 || !is_within(session->logon_timeout_s, 1, 86400) ||
               !is_within(session->logout_timeout_s, 1, 86400) ||
               !is_within(session->max_latency_s, 1, 86400) ||
               !is_within(session->reconnect_interval_s, 1, 86400)) {
        problem = "a time is out of range (1 to 86400 seconds, HeartBtInt also 0)";
    }
    if (problem != NULL) {
        return rfx_fail(error, RFX_E_CONFIG, "session %zu: %s", number, problem);
    }
    return RFX_OK;
}

static int compare_names(const struct rfx_session_config *a, const struct rfx_session_config *b)
{
    int order = strcmp(a->begin_string, b->begin_string);
    if (order == 0) {
        order = strcmp(a->sender_comp_id, b->sender_comp_id);
    }
    return order != 0 ? order : strcmp(a->target_comp_id, b->target_comp_id);
}

/* Sessions of one name stay in the order of the configuration. */
static int compare_sessions(const void *a, const void *b)
{
    const struct rfx_session_config *left = *(const struct rfx_session_config *const *)a;
    const struct rfx_session_config *right = *(const struct rfx_session_config *const *)b;
    int order = compare_names(left, right);
    return order != 0 ? order : (left > right) - (left < right);
}

rfx_status rfx_config_find_duplicate(const struct rfx_config *config, size_t *earlier,
                                     size_t *later)
{
    *earlier = 0;
    *later = 0;
    if (config->session_count < 2) {
        return RFX_OK;
    }
    const struct rfx_session_config **sorted = calloc(config->session_count, sizeof *sorted);
    if (sorted == NULL) {
        return RFX_E_NOMEM;
    }
    for (size_t i = 0; i < config->session_count; i++) {
        sorted[i] = &config->sessions[i];
    }
    qsort(sorted, config->session_count, sizeof *sorted, compare_sessions);
    for (size_t i = 1; i < config->session_count; i++) {
        size_t index = (size_t)(sorted[i] - config->sessions);
        if (compare_names(sorted[i - 1], sorted[i]) == 0 && (*later == 0 || index < *later)) {
            *earlier = (size_t)(sorted[i - 1] - config->sessions);
            *later = index;
        }
    }
    free(sorted);
    return RFX_OK;
}

static rfx_status check_duplicates(const struct rfx_config *config, struct rfx_error *error)
{
    size_t earlier;
    size_t later;
    rfx_status status = rfx_config_find_duplicate(config, &earlier, &later);
    if (status != RFX_OK) {
        return rfx_fail(error, status, "out of memory for %zu sessions", config->session_count);
    }
    if (later == 0) {
        return RFX_OK;
    }
    const struct rfx_session_config *session = &config->sessions[later];
    return rfx_fail(
        error, RFX_E_CONFIG, "session %zu: session %zu is %s:%s->%s already; remove one", later + 1,
        earlier + 1, session->begin_string, session->sender_comp_id, session->target_comp_id);
}

/* What only a program can get wrong: a file is read into valid values. */
static const char *check_words(const struct rfx_config *config)
{
    if ((unsigned)config->durability > RFX_DURABILITY_INTERVAL) {
        return "JournalDurability is none of enum rfx_durability";
    }
    if ((unsigned)config->threading_mode > RFX_THREADING_DEDICATED) {
        return "ThreadingMode is none of enum rfx_threading_mode";
    }
    if ((unsigned)config->idle_strategy > RFX_IDLE_PARK) {
        return "IdleStrategy is none of enum rfx_idle_strategy";
    }
    if (config->cpu_affinity_count > RFX_CORES_MAX) {
        return "CpuAffinity has more than 128 cores";
    }
    for (size_t i = 0; i < config->cpu_affinity_count; i++) {
        if (config->cpu_affinity[i] > RFX_CORE_MAX) {
            return "CpuAffinity has a core above 1023";
        }
    }
    return NULL;
}

rfx_status rfx_config_validate(const struct rfx_config *config, struct rfx_error *error)
{
    const char *problem = check_words(config);
    size_t fixed_sessions = 0;
    if (problem != NULL) {
        return rfx_fail(error, RFX_E_CONFIG, "%s", problem);
    }
    if (!is_terminated(config->accept_host, sizeof config->accept_host) ||
        !is_terminated(config->journal_path, sizeof config->journal_path)) {
        problem = "SocketAcceptHost or JournalPath is not terminated by a NUL";
    } else if (config->io_threads > RFX_WORKERS_MAX || config->shards > RFX_WORKERS_MAX) {
        problem = "IoThreads and Shards are at most 64";
    } else if (!is_within(config->message_size_max, RFX_MESSAGE_SIZE_MIN, RFX_MESSAGE_SIZE_MAX)) {
        problem = "MaxMessageSize must be 1K to 4M";
    } else if (!is_within(config->sessions_max, 1, 1000000) ||
               !is_within(config->connections_max, 1, 1000000)) {
        problem = "MaxSessions and MaxConnections must be 1 to 1000000";
    } else if (!is_within(config->send_queue_size, 4096, UINT32_C(1) << 30) ||
               !is_within(config->gap_queue_size, 4096, UINT32_C(1) << 30)) {
        problem = "SendQueueSize and GapQueueSize must be 4K to 1G";
    } else if (config->send_queue_size < config->message_size_max) {
        problem = "SendQueueSize must be at least MaxMessageSize";
    } else if (!is_within(config->journal_size_max, 1 << 20, UINT64_C(1) << 50)) {
        problem = "JournalMaxSize must be 1M to 1024T";
    } else if (config->durability == RFX_DURABILITY_INTERVAL &&
               !is_within(config->durability_interval_ms, 1, RFX_INTERVAL_MAX)) {
        problem = "JournalDurability=interval needs 1 to 3600000 ms";
    } else if (config->session_count > 0 && config->sessions == NULL) {
        problem = "sessions is NULL";
    }
    if (problem != NULL) {
        return rfx_fail(error, RFX_E_CONFIG, "%s", problem);
    }
    for (size_t i = 0; i < config->session_count; i++) {
        rfx_status status = check_session(&config->sessions[i], i + 1, error);
        if (status != RFX_OK) {
            return status;
        }
        fixed_sessions += !config->sessions[i].acceptor_template;
    }
    if (fixed_sessions > config->sessions_max) {
        return rfx_fail(error, RFX_E_CONFIG, "there are %zu sessions but MaxSessions=%u; raise it",
                        fixed_sessions, config->sessions_max);
    }
    return check_duplicates(config, error);
}
