#include "core/config_keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/schedule.h"
#include "core/version.h"

/* The columns scope, offset; kind to value. */
#define SERVER(field)  RFX_SCOPE_SERVER, offsetof(struct rfx_config, field)
#define SESSION(field) RFX_SCOPE_SESSION, offsetof(struct rfx_session_config, field)
#define HOST(n, i)                                                                                 \
    {"SocketConnectHost" n, RFX_KEY_STRING, SESSION(hosts[i].name), 1, RFX_HOST_MAX, NULL},        \
    {                                                                                              \
        "SocketConnectPort" n, RFX_KEY_U16, SESSION(hosts[i].port), 1, 65535, NULL                 \
    }
#define FIXED(value) RFX_KEY_FIXED, RFX_SCOPE_SESSION, 0, 0, 0, value

#define DAY_S        UINT64_C(86400)
#define GIB          (UINT64_C(1) << 30)

static const struct rfx_key keys[] = {
    {"SocketAcceptHost", RFX_KEY_TEXT, SERVER(accept_host), 0, RFX_HOST_MAX, NULL},
    {"SocketAcceptPort", RFX_KEY_U16, SERVER(accept_port), 0, 65535, NULL},
    {"JournalPath", RFX_KEY_TEXT, SERVER(journal_path), 0, RFX_PATH_MAX, NULL},
    {"JournalDurability", RFX_KEY_DURABILITY, SERVER(durability), 0, 0, NULL},
    {"JournalMaxSize", RFX_KEY_BYTES_U64, SERVER(journal_size_max), 1 << 20, 1024 * 1024 * GIB,
     NULL},
    {"JournalTailSize", RFX_KEY_BYTES_U64, SERVER(journal_tail_size), 1 << 20, 16 * GIB, NULL},
    {"IoThreads", RFX_KEY_U32, SERVER(io_threads), 0, RFX_WORKERS_MAX, NULL},
    {"Shards", RFX_KEY_U32, SERVER(shards), 0, RFX_WORKERS_MAX, NULL},
    {"ThreadingMode", RFX_KEY_THREADING, SERVER(threading_mode), 0, 0, NULL},
    {"IdleStrategy", RFX_KEY_IDLE, SERVER(idle_strategy), 0, 0, NULL},
    {"CpuAffinity", RFX_KEY_CORES, SERVER(cpu_affinity), 0, RFX_CORE_MAX, NULL},
    {"MaxMessageSize", RFX_KEY_BYTES_U32, SERVER(message_size_max), RFX_MESSAGE_SIZE_MIN,
     RFX_MESSAGE_SIZE_MAX, NULL},
    {"MaxSessions", RFX_KEY_U32, SERVER(sessions_max), 1, 1000000, NULL},
    {"MaxConnections", RFX_KEY_U32, SERVER(connections_max), 1, 1000000, NULL},
    {"SendQueueSize", RFX_KEY_BYTES_U32, SERVER(send_queue_size), 4096, GIB, NULL},
    {"PostQueueSize", RFX_KEY_BYTES_U32, SERVER(post_queue_size), 4096, GIB, NULL},
    {"GapQueueSize", RFX_KEY_BYTES_U32, SERVER(gap_queue_size), 4096, GIB, NULL},

    {"ConnectionType", RFX_KEY_ROLE, SESSION(role), 0, 0, NULL},
    {"BeginString", RFX_KEY_TEXT, SESSION(begin_string), 1, 11, NULL},
    {"SenderCompID", RFX_KEY_TEXT, SESSION(sender_comp_id), 1, RFX_COMP_ID_MAX, NULL},
    {"TargetCompID", RFX_KEY_TEXT, SESSION(target_comp_id), 1, RFX_COMP_ID_MAX, NULL},
    {"SenderSubID", RFX_KEY_STRING, SESSION(sender_sub_id), 1, RFX_COMP_ID_MAX, NULL},
    {"SenderLocationID", RFX_KEY_STRING, SESSION(sender_location_id), 1, RFX_COMP_ID_MAX, NULL},
    {"TargetSubID", RFX_KEY_STRING, SESSION(target_sub_id), 1, RFX_COMP_ID_MAX, NULL},
    {"TargetLocationID", RFX_KEY_STRING, SESSION(target_location_id), 1, RFX_COMP_ID_MAX, NULL},
    {"SessionQualifier", RFX_KEY_STRING, SESSION(session_qualifier), 1, RFX_COMP_ID_MAX, NULL},
    {"DefaultApplVerID", RFX_KEY_APPL_VER, SESSION(default_appl_ver_id), 0, 0, NULL},
    {"AcceptorTemplate", RFX_KEY_FLAG, SESSION(acceptor_template), 0, 0, NULL},

    {"HeartBtInt", RFX_KEY_U32, SESSION(heartbeat_s), 0, DAY_S, NULL},
    {"LogonTimeout", RFX_KEY_U32, SESSION(logon_timeout_s), 1, DAY_S, NULL},
    {"LogoutTimeout", RFX_KEY_U32, SESSION(logout_timeout_s), 1, DAY_S, NULL},
    {"MaxLatency", RFX_KEY_U32, SESSION(max_latency_s), 1, DAY_S, NULL},
    {"CheckLatency", RFX_KEY_FLAG, SESSION(check_latency), 0, 0, NULL},
    {"CheckCompID", RFX_KEY_FLAG, SESSION(check_comp_id), 0, 0, NULL},
    {"ResetOnLogon", RFX_KEY_FLAG, SESSION(reset_on_logon), 0, 0, NULL},
    {"ResetOnLogout", RFX_KEY_FLAG, SESSION(reset_on_logout), 0, 0, NULL},
    {"ResetOnDisconnect", RFX_KEY_FLAG, SESSION(reset_on_disconnect), 0, 0, NULL},
    {"PersistMessages", RFX_KEY_FLAG, SESSION(persist_messages), 0, 0, NULL},
    {"JournalInbound", RFX_KEY_FLAG, SESSION(journal_inbound), 0, 0, NULL},
    {"JournalKeepMessages", RFX_KEY_U32, SESSION(journal_keep_messages), 0, UINT32_MAX, NULL},
    {"JournalKeepSeconds", RFX_KEY_U32, SESSION(journal_keep_s), 0, UINT32_MAX, NULL},
    {"MillisecondsInTimeStamp", RFX_KEY_MILLIS, SESSION(timestamp_precision), 0, 0, NULL},
    {"TimestampPrecision", RFX_KEY_DECIMALS, SESSION(timestamp_precision), 0, 0, NULL},
    {"TestMessageIndicator", RFX_KEY_FLAG, SESSION(test_message_indicator), 0, 0, NULL},
    {"SendRedundantResendRequests", RFX_KEY_FLAG, SESSION(send_redundant_resend_requests), 0, 0,
     NULL},
    {"ResendRequestChunkSize", RFX_KEY_U32, SESSION(resend_request_chunk_size), 0, 1000000000,
     NULL},
    {"EnableNextExpectedMsgSeqNum", RFX_KEY_FLAG, SESSION(enable_next_expected_msg_seq_num), 0, 0,
     NULL},
    {"SendNextExpectedMsgSeqNum", RFX_KEY_FLAG, SESSION(enable_next_expected_msg_seq_num), 0, 0,
     NULL},
    {"EnableLastMsgSeqNumProcessed", RFX_KEY_FLAG, SESSION(enable_last_msg_seq_num_processed), 0, 0,
     NULL},
    {"RequiresOrigSendingTime", RFX_KEY_FLAG, SESSION(requires_orig_sending_time), 0, 0, NULL},

    {"UseDataDictionary", RFX_KEY_FLAG, SESSION(use_data_dictionary), 0, 0, NULL},
    {"DataDictionary", RFX_KEY_STRING, SESSION(data_dictionary), 1, RFX_PATH_MAX, NULL},
    {"TransportDataDictionary", RFX_KEY_STRING, SESSION(transport_data_dictionary), 1, RFX_PATH_MAX,
     NULL},
    {"AppDataDictionary", RFX_KEY_STRING, SESSION(app_data_dictionary), 1, RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.4.0", RFX_KEY_STRING, SESSION(app_data_dictionaries[2]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.4.1", RFX_KEY_STRING, SESSION(app_data_dictionaries[3]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.4.2", RFX_KEY_STRING, SESSION(app_data_dictionaries[4]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.4.3", RFX_KEY_STRING, SESSION(app_data_dictionaries[5]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.4.4", RFX_KEY_STRING, SESSION(app_data_dictionaries[6]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.5.0", RFX_KEY_STRING, SESSION(app_data_dictionaries[7]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.5.0SP1", RFX_KEY_STRING, SESSION(app_data_dictionaries[8]), 1,
     RFX_PATH_MAX, NULL},
    {"AppDataDictionary.FIX.5.0SP2", RFX_KEY_STRING, SESSION(app_data_dictionaries[9]), 1,
     RFX_PATH_MAX, NULL},
    {"ValidateFieldsOutOfOrder", RFX_KEY_FLAG, SESSION(validate_fields_out_of_order), 0, 0, NULL},
    {"ValidateFieldsHaveValues", RFX_KEY_FLAG, SESSION(validate_fields_have_values), 0, 0, NULL},
    {"ValidateUserDefinedFields", RFX_KEY_FLAG, SESSION(validate_user_defined_fields), 0, 0, NULL},
    {"ValidateUnorderedGroupFields", RFX_KEY_FLAG, SESSION(validate_unordered_group_fields), 0, 0,
     NULL},
    {"ValidateLengthAndChecksum", RFX_KEY_FLAG, SESSION(validate_checksum), 0, 0, NULL},
    {"ValidateChecksum", RFX_KEY_FLAG, SESSION(validate_checksum), 0, 0, NULL},
    {"AllowUnknownMsgFields", RFX_KEY_FLAG, SESSION(allow_unknown_msg_fields), 0, 0, NULL},
    {"AllowUnknownEnumValues", RFX_KEY_FLAG, SESSION(allow_unknown_enum_values), 0, 0, NULL},

    {"NonStopSession", RFX_KEY_FLAG, SESSION(non_stop_session), 0, 0, NULL},
    {"StartTime", RFX_KEY_TIME, SESSION(start.second), 0, 0, NULL},
    {"EndTime", RFX_KEY_TIME, SESSION(end.second), 0, 0, NULL},
    {"StartDay", RFX_KEY_DAY, SESSION(start.day), 0, 0, NULL},
    {"EndDay", RFX_KEY_DAY, SESSION(end.day), 0, 0, NULL},
    {"LogonTime", RFX_KEY_TIME, SESSION(logon.second), 0, 0, NULL},
    {"LogoutTime", RFX_KEY_TIME, SESSION(logout.second), 0, 0, NULL},
    {"LogonDay", RFX_KEY_DAY, SESSION(logon.day), 0, 0, NULL},
    {"LogoutDay", RFX_KEY_DAY, SESSION(logout.day), 0, 0, NULL},
    {"Weekdays", RFX_KEY_DAYS, SESSION(weekdays), 0, 0, NULL},
    {"TimeZone", RFX_KEY_STRING, SESSION(time_zone), 1, 255, NULL},

    {"ReconnectInterval", RFX_KEY_U32, SESSION(reconnect_interval_s), 1, DAY_S, NULL},
    {"SocketConnectHost", RFX_KEY_STRING, SESSION(hosts[0].name), 0, RFX_HOST_MAX, NULL},
    {"SocketConnectPort", RFX_KEY_U16, SESSION(hosts[0].port), 0, 65535, NULL},
    HOST("1", 1),
    HOST("2", 2),
    HOST("3", 3),
    HOST("4", 4),
    HOST("5", 5),
    HOST("6", 6),
    HOST("7", 7),
    HOST("8", 8),
    HOST("9", 9),
    {"AllowedRemoteAddresses", RFX_KEY_STRING, SESSION(allowed_addresses), 0, 4096, NULL},

    /* From other engines' files: what agrees with ringfix anyway is taken without a word. */
    {"HostSelectionPolicy", FIXED("ROUNDROBIN")},
    {"UseLocalTime", FIXED("N")},
    {"ValidateIncomingMessage", FIXED("Y")},
    {"ValidateSequenceNumbers", FIXED("Y")},
    {"RejectInvalidMessage", FIXED("Y")},
    {"RejectGarbledMessage", FIXED("N")},
    {"FirstFieldInGroupIsDelimiter", FIXED("N")},
    {"AllowPosDup", FIXED("N")},
    {"PreserveMessageFieldsOrder", FIXED("Y")},
    {"RefreshOnLogon", FIXED("N")},
    {"ResetOnError", FIXED("N")},
    {"DisconnectOnError", FIXED("N")},
    {"HeartBtIntOverride", FIXED("N")},
    {"SocketReuseAddress", FIXED("Y")},
    {"SocketNodelay", FIXED("Y")},
    {"SocketTcpNoDelay", FIXED("Y")},
    {"SocketSendBufferSize", FIXED("0")},
    {"SocketReceiveBufferSize", FIXED("0")},
    {"SocketUseSSL", FIXED("N")},
    {"NeedClientAuth", FIXED("N")},
    {"UseTCPProxy", FIXED("N")},
    {"ScreenLogShowIncoming", FIXED(NULL)},
    {"ScreenLogShowOutgoing", FIXED(NULL)},
    {"ScreenLogShowEvents", FIXED(NULL)},
};

/* What would promise something that ringfix does not do. A * stands for any ending. */
static const struct {
    const char *names; /* apart by one space */
    const char *hint;
} refusals[] = {
    {"ResetSeqTime EnableResetSeqTime",
     "remove it and use StartTime and EndTime; the numbers are reset when a session begins"},
    {"ClosedResendInterval", "how a ResendRequest ends is not adjustable; remove it"},
    {"MaxScheduledWriteRequests", "remove it and use SendQueueSize, in bytes"},
    {"SocketConnectSource* SocketLocal*", "the source address is the system's choice; remove it"},
    {"SocketConnectHost* SocketConnectPort*",
     "an initiator has up to ten hosts: SocketConnectHost, SocketConnectHost1 to 9; remove it"},
    {"HostSelectionPolicy*", "hosts are tried in turn; remove it"},
    {"DynamicSessions", "remove it and use AcceptorTemplate=Y with TargetCompID=*"},
    {"SocketAcceptAddress", "remove it and use SocketAcceptHost"},
    {"HttpAcceptPort", "there is no admin page yet; remove it"},
    {"FileStoreSync", "remove it and use JournalDurability=sync"},
    {"FileStore* MySQL* PostgreSQL* Odbc* Jdbc* SQLStore* Mongo*",
     "messages are kept in the journal; remove it and use JournalPath"},
    {"FileLog*", "messages are in the journal, the log is on standard error; remove it"},
    {"SSL* TLS* ServerCertificate* ClientCertificate* Certificat* SocketKeyStore* "
     "SocketTrustStore* EnabledProtocols CipherSuites",
     "TLS is not supported yet; remove it and put a TLS proxy such as stunnel in front"},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])
_Static_assert(KEY_COUNT <= RFX_KEY_COUNT_MAX, "rfx_key_index() promises less");

static bool is_name(struct rfx_bytes text, const char *name)
{
    return strlen(name) == text.size && strncasecmp(text.data, name, text.size) == 0;
}

const struct rfx_key *rfx_key_at(size_t index)
{
    return index < KEY_COUNT ? &keys[index] : NULL;
}

size_t rfx_key_index(const struct rfx_key *key)
{
    return (size_t)(key - keys);
}

const struct rfx_key *rfx_key_find(struct rfx_bytes name)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (is_name(name, keys[i].name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static bool is_match(struct rfx_bytes name, const char *pattern, size_t size)
{
    bool is_stem = pattern[size - 1] == '*';
    size -= is_stem;
    return (is_stem ? name.size >= size : name.size == size) &&
           strncasecmp(name.data, pattern, size) == 0;
}

const char *rfx_key_refusal(struct rfx_bytes name)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const char *pattern = refusals[i].names;
        while (*pattern != '\0') {
            size_t size = strcspn(pattern, " ");
            if (is_match(name, pattern, size)) {
                return refusals[i].hint;
            }
            pattern += size + (pattern[size] == ' ');
        }
    }
    return NULL;
}

/* ----------------------------------------------------------------------------------- values */

static bool read_digits(struct rfx_bytes text, uint64_t *number)
{
    uint64_t result = 0;
    if (text.size == 0 || text.size > 18) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        result = result * 10 + (uint64_t)(text.data[i] - '0');
    }
    *number = result;
    return true;
}

static bool allows(const struct rfx_key *key, uint64_t number, char problem[RFX_PROBLEM_SIZE])
{
    if (number >= key->min && number <= key->max) {
        return true;
    }
    bool is_size = key->kind == RFX_KEY_BYTES_U32 || key->kind == RFX_KEY_BYTES_U64;
    snprintf(problem, RFX_PROBLEM_SIZE, "is a number from %llu to %llu%s",
             (unsigned long long)key->min, (unsigned long long)key->max,
             is_size ? ", with K, M, G or T if you like" : "");
    return false;
}

/* Takes the suffix of a size away: how far its number is to be shifted. */
static unsigned read_suffix(struct rfx_bytes *value)
{
    static const char suffixes[] = "KMGT";
    char last = value->size > 1 ? value->data[value->size - 1] : '0';
    for (unsigned i = 0; suffixes[i] != '\0'; i++) {
        if (last == suffixes[i] || last == suffixes[i] - 'A' + 'a') {
            value->size--;
            return 10 * (i + 1);
        }
    }
    return 0;
}

static bool read_number(const struct rfx_key *key, struct rfx_bytes value, uint64_t *number,
                        char problem[RFX_PROBLEM_SIZE])
{
    bool is_size = key->kind == RFX_KEY_BYTES_U32 || key->kind == RFX_KEY_BYTES_U64;
    unsigned shift = is_size ? read_suffix(&value) : 0;
    bool fits = read_digits(value, number) && *number <= UINT64_MAX >> shift;
    *number = fits ? *number << shift : UINT64_MAX; /* which no key allows */
    return allows(key, *number, problem);
}

static bool read_word(struct rfx_bytes value, const char *const *words, size_t count, int *index)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(value, words[i])) {
            *index = (int)i;
            return true;
        }
    }
    return false;
}

static bool read_durability(struct rfx_bytes value, struct rfx_config *config)
{
    static const char *const words[] = {"process", "sync"};
    static const char interval[] = "interval:";
    int index;
    uint64_t ms;
    if (read_word(value, words, 2, &index)) {
        config->durability = index == 0 ? RFX_DURABILITY_PROCESS : RFX_DURABILITY_SYNC;
        return true;
    }
    size_t size = sizeof interval - 1;
    if (value.size <= size || strncasecmp(value.data, interval, size) != 0 ||
        !read_digits(rfx_bytes_of(value.data + size, value.size - size), &ms) || ms < 1 ||
        ms > RFX_INTERVAL_MAX) {
        return false;
    }
    config->durability = RFX_DURABILITY_INTERVAL;
    config->durability_interval_ms = (uint32_t)ms;
    return true;
}

/* "0,2-3": each core once for each worker, in that order. */
static bool read_cores(struct rfx_bytes value, uint64_t core_max, struct rfx_config *config)
{
    size_t count = 0;
    size_t from = 0;
    while (from <= value.size) {
        const char *start = value.data + from;
        const char *comma = memchr(start, ',', value.size - from);
        size_t size = comma != NULL ? (size_t)(comma - start) : value.size - from;
        const char *dash = memchr(start, '-', size);
        size_t first_size = dash != NULL ? (size_t)(dash - start) : size;
        uint64_t first;
        uint64_t last;
        if (!read_digits(rfx_bytes_of(start, first_size), &first)) {
            return false;
        }
        last = first;
        if (dash != NULL && !read_digits(rfx_bytes_of(dash + 1, size - first_size - 1), &last)) {
            return false;
        }
        if (last < first || last > core_max || last - first >= RFX_CORES_MAX - count) {
            return false;
        }
        for (uint64_t core = first; core <= last; core++) {
            config->cpu_affinity[count++] = (uint16_t)core;
        }
        from += size + 1;
    }
    config->cpu_affinity_count = count;
    return true;
}

static bool say(char problem[RFX_PROBLEM_SIZE], const char *text)
{
    snprintf(problem, RFX_PROBLEM_SIZE, "%s", text);
    return false;
}

static bool apply_number(const struct rfx_key *key, struct rfx_bytes value, char *place,
                         char problem[RFX_PROBLEM_SIZE])
{
    uint64_t number;
    if (!read_number(key, value, &number, problem)) {
        return false;
    }
    if (key->kind == RFX_KEY_U16) {
        memcpy(place, &(uint16_t){(uint16_t)number}, sizeof(uint16_t));
    } else if (key->kind == RFX_KEY_BYTES_U64) {
        memcpy(place, &number, sizeof number);
    } else {
        memcpy(place, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    }
    return true;
}

static bool apply_text(const struct rfx_key *key, struct rfx_bytes value, char *place,
                       char problem[RFX_PROBLEM_SIZE])
{
    if (value.size < key->min || value.size > key->max) {
        snprintf(problem, RFX_PROBLEM_SIZE, "has %llu to %llu characters",
                 (unsigned long long)key->min, (unsigned long long)key->max);
        return false;
    }
    memcpy(place, value.data, value.size);
    place[value.size] = '\0';
    return true;
}

/* min of a host name is 0: an empty one is as good as none. */
static bool apply_string(const struct rfx_key *key, struct rfx_bytes value, char *place,
                         struct rfx_config_texts **texts, char problem[RFX_PROBLEM_SIZE])
{
    const char *text = NULL;
    if (value.size < key->min || value.size > key->max) {
        snprintf(problem, RFX_PROBLEM_SIZE, "has %llu to %llu characters",
                 (unsigned long long)key->min, (unsigned long long)key->max);
        return false;
    }
    if (value.size > 0) {
        text = rfx_config_texts_add(texts, value);
        if (text == NULL) {
            return say(problem, "does not fit in memory");
        }
    }
    memcpy(place, &text, sizeof text);
    return true;
}

static bool apply_schedule(const struct rfx_key *key, struct rfx_bytes value, char *place,
                           char problem[RFX_PROBLEM_SIZE])
{
    uint32_t seconds;
    uint8_t days;
    if (key->kind == RFX_KEY_TIME) {
        if (!rfx_schedule_read_time(value, &seconds)) {
            return say(problem, "is a time of the day, HH:MM:SS");
        }
        memcpy(place, &seconds, sizeof seconds);
        return true;
    }
    if (key->kind == RFX_KEY_DAY ? !rfx_schedule_read_day(value, &days)
                                 : !rfx_schedule_read_days(value, &days)) {
        return say(problem, key->kind == RFX_KEY_DAY
                                ? "is a day of the week in English, such as Monday"
                                : "is a list of days such as Monday,Tuesday");
    }
    memcpy(place, &days, sizeof days);
    return true;
}

static bool apply_appl_version(struct rfx_bytes value, char *place, char problem[RFX_PROBLEM_SIZE])
{
    int number = rfx_appl_version_of(value);
    if (number < 0) {
        return say(problem, "is FIX.4.0 to FIX.5.0SP2, or an ApplVerID from 2 to 9");
    }
    *(int8_t *)place = (int8_t)number;
    return true;
}

static bool apply_flag(struct rfx_bytes value, bool *place, char problem[RFX_PROBLEM_SIZE])
{
    static const char *const words[] = {"N", "Y"};
    int index;
    if (!read_word(value, words, 2, &index)) {
        return say(problem, "is Y or N");
    }
    *place = index == 1;
    return true;
}

static bool apply_decimals(const struct rfx_key *key, struct rfx_bytes value, char *place,
                           char problem[RFX_PROBLEM_SIZE])
{
    bool has_milliseconds;
    uint64_t number;
    if (key->kind == RFX_KEY_MILLIS) {
        if (!apply_flag(value, &has_milliseconds, problem)) {
            return false;
        }
        *(uint8_t *)place = has_milliseconds ? 3 : 0;
        return true;
    }
    if (!read_digits(value, &number) || number > 9 || number % 3 != 0) {
        return say(problem, "is 0, 3, 6 or 9");
    }
    *(uint8_t *)place = (uint8_t)number;
    return true;
}

bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   struct rfx_config_texts **texts, char problem[RFX_PROBLEM_SIZE])
{
    static const char *const roles[] = {"acceptor", "initiator"};
    static const char *const modes[] = {"shared", "dedicated"};
    static const char *const idles[] = {"spin", "adaptive", "park"};
    struct rfx_config *config = target;
    char *place = (char *)target + key->offset;
    int index;
    switch (key->kind) {
    case RFX_KEY_TEXT:
        return apply_text(key, value, place, problem);
    case RFX_KEY_STRING:
        return apply_string(key, value, place, texts, problem);
    case RFX_KEY_TIME:
    case RFX_KEY_DAY:
    case RFX_KEY_DAYS:
        return apply_schedule(key, value, place, problem);
    case RFX_KEY_APPL_VER:
        return apply_appl_version(value, place, problem);
    case RFX_KEY_DECIMALS:
    case RFX_KEY_MILLIS:
        return apply_decimals(key, value, place, problem);
    case RFX_KEY_FLAG:
        return apply_flag(value, (bool *)(void *)place, problem);
    case RFX_KEY_U16:
    case RFX_KEY_U32:
    case RFX_KEY_BYTES_U32:
    case RFX_KEY_BYTES_U64:
        return apply_number(key, value, place, problem);
    case RFX_KEY_ROLE:
        if (!read_word(value, roles, 2, &index)) {
            return say(problem, "is acceptor or initiator");
        }
        ((struct rfx_session_config *)target)->role =
            index == 0 ? RFX_ROLE_ACCEPTOR : RFX_ROLE_INITIATOR;
        return true;
    case RFX_KEY_DURABILITY:
        return read_durability(value, config) ||
               say(problem, "is process, sync or interval:<ms> with 1 to 3600000 ms");
    case RFX_KEY_THREADING:
        if (!read_word(value, modes, 2, &index)) {
            return say(problem, "is shared or dedicated");
        }
        config->threading_mode = index == 0 ? RFX_THREADING_SHARED : RFX_THREADING_DEDICATED;
        return true;
    case RFX_KEY_IDLE:
        if (!read_word(value, idles, 3, &index)) {
            return say(problem, "is spin, adaptive or park");
        }
        config->idle_strategy = (enum rfx_idle_strategy)index;
        return true;
    case RFX_KEY_CORES:
        return read_cores(value, key->max, config) ||
               say(problem, "is a list of cores such as 0,1 or 0-3");
    case RFX_KEY_FIXED:
        if (key->value != NULL && !is_name(value, key->value)) {
            snprintf(problem, RFX_PROBLEM_SIZE, "is supported as %s alone; set it so or remove it",
                     key->value);
            return false;
        }
        return true;
    }
    return false;
}
