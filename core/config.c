/* Defaults and validation. */
#include "ringfix/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/address.h"
#include "core/config_keys.h"
#include "core/config_listeners.h"
#include "core/session_name.h"
#include "core/version.h"

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
    .log_messages = true,
    .log_level = -1,
    .default_appl_ver_id = -1,
    .timestamp_precision = 3,
    .requires_orig_sending_time = true,
    .use_data_dictionary = true,
    .validate_fields_out_of_order = true,
    .validate_fields_have_values = true,
    .validate_user_defined_fields = true,
    .validate_unordered_group_fields = true,
    .validate_checksum = true,
    .start = {.second = RFX_NO_TIME, .day = RFX_NO_DAY},
    .end = {.second = RFX_NO_TIME, .day = RFX_NO_DAY},
    .logon = {.second = RFX_NO_TIME, .day = RFX_NO_DAY},
    .logout = {.second = RFX_NO_TIME, .day = RFX_NO_DAY},
};

const struct rfx_config rfx_config_default = {
    .log_format = RFX_LOG_TEXT,
    .log_level = RFX_LOG_INFO,
    .message_log_size = UINT64_C(1) << 30,
    .message_log_files = 10,
    .durability = RFX_DURABILITY_PROCESS,
    .journal_size_max = UINT64_C(256) << 30,
    .journal_tail_size = UINT64_C(64) << 20,
    .threading_mode = RFX_THREADING_SHARED,
    .idle_strategy = RFX_IDLE_ADAPTIVE,
    .message_size_max = 64u << 10,
    .sessions_max = 10000,
    .connections_max = 16384,
    .send_queue_size = 4u << 20,
    .post_queue_size = 4u << 20,
    .gap_queue_size = 1u << 20,
};

void rfx_config_free(struct rfx_config *config)
{
    free(config->sessions);
    free(config->notes);
    rfx_config_texts_free(config->texts);
    config->texts = NULL;
    config->notes = NULL;
    config->note_count = 0;
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

/* SubIDs, LocationIDs and qualifiers: as CompIDs, and without what holds a name's parts apart. */
static bool is_sub_id(const char *text)
{
    return text == NULL || (memchr(text, '\0', RFX_COMP_ID_MAX + 1) != NULL && is_comp_id(text) &&
                            strpbrk(text, "/:") == NULL);
}

static const char *check_names(const struct rfx_session_config *session, enum rfx_version *version)
{
    if (!is_terminated(session->begin_string, sizeof session->begin_string) ||
        !rfx_version_of(rfx_bytes_of(session->begin_string, strlen(session->begin_string)),
                        version)) {
        return "BeginString must be FIX.4.0 to FIX.4.4 or FIXT.1.1 (FIX.5.0 and later: FIXT.1.1 "
               "with DefaultApplVerID)";
    }
    if (!is_comp_id(session->sender_comp_id)) {
        return "SenderCompID must be 1 to 63 printable ASCII characters without \"->\"";
    }
    if (!is_comp_id(session->target_comp_id)) {
        return "TargetCompID must be 1 to 63 printable ASCII characters without \"->\"";
    }
    if (!is_sub_id(session->sender_sub_id) || !is_sub_id(session->sender_location_id) ||
        !is_sub_id(session->target_sub_id) || !is_sub_id(session->target_location_id) ||
        !is_sub_id(session->session_qualifier)) {
        return "SubIDs, LocationIDs and SessionQualifier must be 1 to 63 printable ASCII "
               "characters without \"->\", '/' and ':'";
    }
    if (session->session_qualifier != NULL && session->role == RFX_ROLE_ACCEPTOR) {
        return "SessionQualifier tells initiators apart; a Logon does not carry it to an acceptor";
    }
    if (session->acceptor_template && session->role != RFX_ROLE_ACCEPTOR) {
        return "AcceptorTemplate=Y is for ConnectionType=acceptor";
    }
    if (session->acceptor_template != (strcmp(session->target_comp_id, "*") == 0)) {
        return "AcceptorTemplate=Y and TargetCompID=* go together";
    }
    return NULL;
}

static const char *check_versions(const struct rfx_session_config *session,
                                  enum rfx_version version)
{
    for (unsigned i = 0; i < RFX_APPL_VERSIONS; i++) {
        if (session->app_data_dictionaries[i] != NULL && rfx_appl_version_text(i) == NULL) {
            return "app_data_dictionaries has one for a version before FIX.4.0";
        }
    }
    if (version != RFX_FIXT11) {
        return session->default_appl_ver_id == -1
                   ? NULL
                   : "DefaultApplVerID is for BeginString=FIXT.1.1 alone; remove it";
    }
    if (session->default_appl_ver_id < 0 ||
        rfx_appl_version_text((unsigned)session->default_appl_ver_id) == NULL) {
        return "BeginString=FIXT.1.1 needs DefaultApplVerID, such as FIX.5.0SP2";
    }
    return NULL;
}

static const char *check_numbers(const struct rfx_session_config *session)
{
    if (session->heartbeat_s > 86400 || !is_within(session->logon_timeout_s, 1, 86400) ||
        !is_within(session->logout_timeout_s, 1, 86400) ||
        !is_within(session->max_latency_s, 1, 86400) ||
        !is_within(session->reconnect_interval_s, 1, 86400)) {
        return "a time is out of range (1 to 86400 seconds, HeartBtInt also 0)";
    }
    if (session->log_level < -1 || session->log_level > RFX_LOG_DEBUG) {
        return "LogLevel is -1 or an enum rfx_log_level";
    }
    if (session->timestamp_precision > 9 || session->timestamp_precision % 3 != 0) {
        return "TimestampPrecision must be 0, 3, 6 or 9";
    }
    return NULL;
}

static const char *check_hosts(const struct rfx_session_config *session)
{
    bool has_ended = false;
    for (size_t i = 0; i < RFX_HOSTS_MAX; i++) {
        const struct rfx_host *host = &session->hosts[i];
        if (host->name == NULL && host->port == 0) {
            has_ended = true;
        } else if (host->name == NULL || host->port == 0) {
            return "each SocketConnectHost needs a SocketConnectPort of the same number, and the "
                   "reverse";
        } else if (has_ended) {
            return "SocketConnectHost, SocketConnectHost1, SocketConnectHost2 ... must be given "
                   "without a gap";
        } else if (strnlen(host->name, RFX_HOST_MAX + 1) > RFX_HOST_MAX) {
            return "SocketConnectHost is longer than 255 characters";
        }
    }
    if (session->role == RFX_ROLE_INITIATOR && session->hosts[0].name == NULL) {
        return "an initiator needs SocketConnectHost and SocketConnectPort";
    }
    struct rfx_address_list list;
    if (session->allowed_addresses != NULL &&
        !rfx_address_list_read(session->allowed_addresses, &list)) {
        return "AllowedRemoteAddresses must be up to 32 addresses or networks such as "
               "192.0.2.1,10.0.0.0/8";
    }
    return NULL;
}

static bool is_pair(const struct rfx_week_time *first, const struct rfx_week_time *last)
{
    return (first->second == RFX_NO_TIME) == (last->second == RFX_NO_TIME) &&
           (first->day == RFX_NO_DAY) == (last->day == RFX_NO_DAY);
}

static bool is_time(const struct rfx_week_time *time)
{
    return (time->second < 86400 || time->second == RFX_NO_TIME) && time->day <= RFX_NO_DAY;
}

static const char *check_schedule(const struct rfx_session_config *session)
{
    if (!is_time(&session->start) || !is_time(&session->end) || !is_time(&session->logon) ||
        !is_time(&session->logout) || session->weekdays > 127) {
        return "a time or a day of the schedule is out of range";
    }
    if (!is_pair(&session->start, &session->end)) {
        return "StartTime and EndTime go together, and so do StartDay and EndDay";
    }
    if (!is_pair(&session->logon, &session->logout)) {
        return "LogonTime and LogoutTime go together, and so do LogonDay and LogoutDay";
    }
    if (session->start.day != RFX_NO_DAY && session->start.second == RFX_NO_TIME) {
        return "StartDay and EndDay need StartTime and EndTime";
    }
    if (session->logon.day != RFX_NO_DAY && session->logon.second == RFX_NO_TIME) {
        return "LogonDay and LogoutDay need LogonTime and LogoutTime";
    }
    if (session->weekdays != 0 && session->start.second == RFX_NO_TIME) {
        return "Weekdays needs StartTime and EndTime";
    }
    if (session->weekdays != 0 && session->start.day != RFX_NO_DAY) {
        return "Weekdays is for daily sessions, StartDay and EndDay for weekly ones; remove one";
    }
    return NULL;
}

static rfx_status check_session(const struct rfx_config *config, size_t index,
                                struct rfx_error *error)
{
    const struct rfx_session_config *session = &config->sessions[index];
    const char *problem = NULL;
    enum rfx_version version = RFX_FIX44;
    if ((unsigned)session->role > RFX_ROLE_INITIATOR) {
        problem = "role is neither acceptor nor initiator";
    }
    if (problem == NULL) {
        problem = check_names(session, &version);
    }
    if (problem == NULL) {
        problem = check_versions(session, version);
    }
    if (problem == NULL) {
        problem = check_numbers(session);
    }
    if (problem == NULL) {
        problem = check_hosts(session);
    }
    if (problem == NULL) {
        problem = check_schedule(session);
    }
    if (problem == NULL) {
        problem = rfx_config_tls_problem(config, session);
    }
    if (problem != NULL) {
        return rfx_fail(error, RFX_E_CONFIG, "session %zu: %s", index + 1, problem);
    }
    return RFX_OK;
}

struct named {
    const char *name;
    size_t index;
};

/* Sessions of one name stay in the order of the configuration. */
static int compare_named(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static bool name_all(const struct rfx_config *config, struct named *named,
                     struct rfx_config_texts **texts)
{
    for (size_t i = 0; i < config->session_count; i++) {
        const struct rfx_session_config *session = &config->sessions[i];
        char name[RFX_SESSION_NAME_MAX];
        size_t size = rfx_session_name_of_config(session, session->target_comp_id, name);
        named[i].index = i;
        named[i].name = rfx_config_texts_add(texts, rfx_bytes_of(name, size));
        if (named[i].name == NULL) {
            return false;
        }
    }
    return true;
}

rfx_status rfx_config_find_duplicate(const struct rfx_config *config, size_t *earlier,
                                     size_t *later)
{
    *earlier = 0;
    *later = 0;
    if (config->session_count < 2) {
        return RFX_OK;
    }
    struct rfx_config_texts *texts = NULL;
    struct named *sorted = calloc(config->session_count, sizeof *sorted);
    rfx_status status = RFX_E_NOMEM;
    if (sorted != NULL && name_all(config, sorted, &texts)) {
        status = RFX_OK;
        qsort(sorted, config->session_count, sizeof *sorted, compare_named);
        for (size_t i = 1; i < config->session_count; i++) {
            size_t index = sorted[i].index;
            if (strcmp(sorted[i - 1].name, sorted[i].name) == 0 &&
                (*later == 0 || index < *later)) {
                *earlier = sorted[i - 1].index;
                *later = index;
            }
        }
    }
    rfx_config_texts_free(texts);
    free(sorted);
    return status;
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
    char name[RFX_SESSION_NAME_MAX];
    rfx_session_name_of_config(session, session->target_comp_id, name);
    return rfx_fail(error, RFX_E_CONFIG, "session %zu: session %zu is %s already; remove one",
                    later + 1, earlier + 1, name);
}

/* What only a program can get wrong: a file is read into valid values. */
static const char *check_words(const struct rfx_config *config)
{
    if ((unsigned)config->log_format > RFX_LOG_JSON) {
        return "LogFormat is none of enum rfx_log_format";
    }
    if ((unsigned)config->log_level > RFX_LOG_DEBUG) {
        return "LogLevel is none of enum rfx_log_level";
    }
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
        !is_terminated(config->journal_path, sizeof config->journal_path) ||
        !is_terminated(config->log_file, sizeof config->log_file) ||
        !is_terminated(config->message_log, sizeof config->message_log) ||
        !is_terminated(config->control_socket, sizeof config->control_socket) ||
        !is_terminated(config->http_host, sizeof config->http_host)) {
        problem = "SocketAcceptHost, JournalPath, LogFile, FileLogPath, ControlSocket or "
                  "HttpAcceptHost is not terminated by a NUL";
    } else if (config->io_threads > RFX_WORKERS_MAX || config->shards > RFX_WORKERS_MAX) {
        problem = "IoThreads and Shards are at most 64";
    } else if (!is_within(config->message_size_max, RFX_MESSAGE_SIZE_MIN, RFX_MESSAGE_SIZE_MAX)) {
        problem = "MaxMessageSize must be 1K to 4M";
    } else if (!is_within(config->sessions_max, 1, 1000000) ||
               !is_within(config->connections_max, 1, 1000000)) {
        problem = "MaxSessions and MaxConnections must be 1 to 1000000";
    } else if (config->connections_per_address_max > 1000000 ||
               config->pending_logons_max > 1000000) {
        problem = "MaxConnectionsPerAddress and MaxPendingLogons must be 0 to 1000000";
    } else if (config->socket_send_buffer_size > UINT32_C(1) << 30 ||
               config->socket_receive_buffer_size > UINT32_C(1) << 30) {
        problem = "SocketSendBufferSize and SocketReceiveBufferSize must be 0 to 1G";
    } else if (!is_within(config->send_queue_size, 4096, UINT32_C(1) << 30) ||
               !is_within(config->gap_queue_size, 4096, UINT32_C(1) << 30)) {
        problem = "SendQueueSize and GapQueueSize must be 4K to 1G";
    } else if (!is_within(config->post_queue_size, 4096, UINT32_C(1) << 30)) {
        problem = "PostQueueSize must be 4K to 1G";
    } else if (config->send_queue_size < config->message_size_max) {
        problem = "SendQueueSize must be at least MaxMessageSize";
    } else if (!is_within(config->journal_size_max, 1 << 20, UINT64_C(1) << 50)) {
        problem = "JournalMaxSize must be 1M to 1024T";
    } else if (!is_within(config->journal_tail_size, 1 << 20, UINT64_C(16) << 30)) {
        problem = "JournalTailSize must be 1M to 16G";
    } else if (!is_within(config->message_log_size, 1 << 20, UINT64_C(1) << 40) ||
               !is_within(config->message_log_files, 1, 1000)) {
        problem = "MessageLogSize must be 1M to 1T, MessageLogFiles 1 to 1000";
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
        rfx_status status = check_session(config, i, error);
        if (status != RFX_OK) {
            return status;
        }
        fixed_sessions += !config->sessions[i].acceptor_template;
    }
    if (fixed_sessions > config->sessions_max) {
        return rfx_fail(error, RFX_E_CONFIG, "there are %zu sessions but MaxSessions=%u; raise it",
                        fixed_sessions, config->sessions_max);
    }
    struct rfx_listener listeners[RFX_LISTENERS_MAX];
    size_t count;
    const rfx_status status = rfx_config_listeners(config, listeners, &count, error);
    return status == RFX_OK ? check_duplicates(config, error) : status;
}
