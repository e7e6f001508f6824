#include "core/config_keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SERVER(name, kind, field, min, max)                                                        \
    {                                                                                              \
        name, kind, RFX_SCOPE_SERVER, offsetof(struct rfx_config, field), min, max, NULL           \
    }
#define SESSION(name, kind, field, min, max)                                                       \
    {                                                                                              \
        name, kind, RFX_SCOPE_SESSION, offsetof(struct rfx_session_config, field), min, max, NULL  \
    }
#define FIXED(name, value)                                                                         \
    {                                                                                              \
        name, RFX_KEY_FIXED, RFX_SCOPE_SESSION, 0, 0, 0, value                                     \
    }
#define REFUSED(name, value)                                                                       \
    {                                                                                              \
        name, RFX_KEY_REFUSED, RFX_SCOPE_SESSION, 0, 0, 0, value                                   \
    }

#define DAY_S UINT64_C(86400)
#define GIB   (UINT64_C(1) << 30)

static const struct rfx_key keys[] = {
    SERVER("SocketAcceptHost", RFX_KEY_TEXT, accept_host, 0, RFX_HOST_MAX),
    SERVER("SocketAcceptPort", RFX_KEY_U16, accept_port, 0, 65535),
    SERVER("JournalPath", RFX_KEY_TEXT, journal_path, 1, RFX_PATH_MAX),
    SERVER("JournalDurability", RFX_KEY_DURABILITY, durability, 0, 0),
    SERVER("JournalMaxSize", RFX_KEY_BYTES_U64, journal_size_max, 1 << 20, 1024 * 1024 * GIB),
    SERVER("IoThreads", RFX_KEY_U32, io_threads, 0, RFX_WORKERS_MAX),
    SERVER("Shards", RFX_KEY_U32, shards, 0, RFX_WORKERS_MAX),
    SERVER("ThreadingMode", RFX_KEY_THREADING, threading_mode, 0, 0),
    SERVER("IdleStrategy", RFX_KEY_IDLE, idle_strategy, 0, 0),
    SERVER("CpuAffinity", RFX_KEY_CORES, cpu_affinity, 0, 1023),
    SERVER("MaxMessageSize", RFX_KEY_BYTES_U32, message_size_max, RFX_MESSAGE_SIZE_MIN,
           RFX_MESSAGE_SIZE_MAX),
    SERVER("MaxSessions", RFX_KEY_U32, sessions_max, 1, 1000000),
    SERVER("MaxConnections", RFX_KEY_U32, connections_max, 1, 1000000),
    SERVER("SendQueueSize", RFX_KEY_BYTES_U32, send_queue_size, 4096, GIB),
    SERVER("GapQueueSize", RFX_KEY_BYTES_U32, gap_queue_size, 4096, GIB),

    SESSION("ConnectionType", RFX_KEY_ROLE, role, 0, 0),
    SESSION("BeginString", RFX_KEY_TEXT, begin_string, 1, 11),
    SESSION("SenderCompID", RFX_KEY_TEXT, sender_comp_id, 1, RFX_COMP_ID_MAX),
    SESSION("TargetCompID", RFX_KEY_TEXT, target_comp_id, 1, RFX_COMP_ID_MAX),
    SESSION("AcceptorTemplate", RFX_KEY_FLAG, acceptor_template, 0, 0),
    SESSION("HeartBtInt", RFX_KEY_U32, heartbeat_s, 0, DAY_S),
    SESSION("LogonTimeout", RFX_KEY_U32, logon_timeout_s, 1, DAY_S),
    SESSION("LogoutTimeout", RFX_KEY_U32, logout_timeout_s, 1, DAY_S),
    SESSION("MaxLatency", RFX_KEY_U32, max_latency_s, 1, DAY_S),
    SESSION("ReconnectInterval", RFX_KEY_U32, reconnect_interval_s, 1, DAY_S),
    SESSION("CheckLatency", RFX_KEY_FLAG, check_latency, 0, 0),
    SESSION("CheckCompID", RFX_KEY_FLAG, check_comp_id, 0, 0),
    SESSION("ResetOnLogon", RFX_KEY_FLAG, reset_on_logon, 0, 0),
    SESSION("ResetOnLogout", RFX_KEY_FLAG, reset_on_logout, 0, 0),
    SESSION("ResetOnDisconnect", RFX_KEY_FLAG, reset_on_disconnect, 0, 0),
    SESSION("PersistMessages", RFX_KEY_FLAG, persist_messages, 0, 0),
    SESSION("SocketConnectHost", RFX_KEY_TEXT, connect_host, 1, RFX_HOST_MAX),
    SESSION("SocketConnectPort", RFX_KEY_U16, connect_port, 1, 65535),

    /* From other engines' files: what agrees with ringfix anyway is taken without a word. */
    FIXED("NonStopSession", "Y"),
    FIXED("StartTime", "00:00:00"),
    FIXED("EndTime", "00:00:00"),
    FIXED("UseDataDictionary", "N"),
    FIXED("MillisecondsInTimeStamp", "Y"),
    FIXED("TimestampPrecision", "3"),
    FIXED("SendRedundantResendRequests", "N"),
    FIXED("SendNextExpectedMsgSeqNum", "N"),
    FIXED("EnableNextExpectedMsgSeqNum", "N"),
    FIXED("EnableLastMsgSeqNumProcessed", "N"),
    FIXED("RefreshOnLogon", "N"),
    FIXED("ValidateLengthAndChecksum", "Y"),
    FIXED("ValidateIncomingMessage", "N"),
    FIXED("ValidateSequenceNumbers", "Y"),
    FIXED("ValidateChecksum", "Y"),
    FIXED("RequiresOrigSendingTime", "Y"),
    FIXED("PreserveMessageFieldsOrder", "Y"),
    FIXED("SocketReuseAddress", "Y"),
    FIXED("SocketNodelay", "Y"),
    FIXED("SocketTcpNoDelay", "Y"),
    FIXED("SocketSendBufferSize", "0"),
    FIXED("SocketReceiveBufferSize", "0"),
    FIXED("SocketUseSSL", "N"),
    FIXED("UseTCPProxy", "N"),
    FIXED("ScreenLogShowIncoming", NULL),
    FIXED("ScreenLogShowOutgoing", NULL),
    FIXED("ScreenLogShowEvents", NULL),

    REFUSED("StartDay", "sessions have no schedule yet; remove it"),
    REFUSED("EndDay", "sessions have no schedule yet; remove it"),
    REFUSED("Weekdays", "sessions have no schedule yet; remove it"),
    REFUSED("LogonTime", "sessions have no schedule yet; remove it"),
    REFUSED("LogoutTime", "sessions have no schedule yet; remove it"),
    REFUSED("LogonDay", "sessions have no schedule yet; remove it"),
    REFUSED("LogoutDay", "sessions have no schedule yet; remove it"),
    REFUSED("TimeZone", "sessions have no schedule yet; remove it"),
    REFUSED("UseLocalTime", "sessions have no schedule yet; remove it"),
    REFUSED("ResetSeqTime", "sessions have no schedule yet; remove it"),
    REFUSED("DataDictionary", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("TransportDataDictionary", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("AppDataDictionary", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("ValidateFieldsOutOfOrder", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("ValidateFieldsHaveValues", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("ValidateUserDefinedFields", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("ValidateUnorderedGroupFields",
            "messages are not checked by a dictionary yet; remove it"),
    REFUSED("AllowUnknownMsgFields", "messages are not checked by a dictionary yet; remove it"),
    REFUSED("DefaultApplVerID", "FIXT.1.1 is not supported yet; remove the session"),
    REFUSED("SessionQualifier", "a session's name has no qualifier yet; remove it"),
    REFUSED("SenderSubID", "a session's name has no sub IDs yet; remove it"),
    REFUSED("SenderLocationID", "a session's name has no location IDs yet; remove it"),
    REFUSED("TargetSubID", "a session's name has no sub IDs yet; remove it"),
    REFUSED("TargetLocationID", "a session's name has no location IDs yet; remove it"),
    REFUSED("ResendRequestChunkSize", "a resend is asked for as a whole; remove it"),
    REFUSED("SocketConnectSourceHost", "the source address is the system's choice; remove it"),
    REFUSED("SocketConnectSourcePort", "the source port is the system's choice; remove it"),
    REFUSED("HostSelectionPolicy", "an initiator has one host yet; remove it"),
    REFUSED("AllowedRemoteAddresses", "addresses are not filtered yet; use a firewall"),
    REFUSED("FileStorePath", "messages are kept in the journal; use JournalPath"),
    REFUSED("FileStoreSync", "use JournalDurability=sync"),
    REFUSED("FileLogPath", "messages are in the journal, the log is on standard error; remove it"),
    REFUSED("FileLogBackupPath", "the log is on standard error; remove it"),
    REFUSED("DynamicSessions", "use AcceptorTemplate=Y with TargetCompID=*"),
    REFUSED("SocketAcceptAddress", "use SocketAcceptHost"),
    REFUSED("HttpAcceptPort", "there is no admin page yet; remove it"),
    REFUSED("SSLProtocol", "TLS is not supported yet; use stunnel in front"),
    REFUSED("ServerCertificateFile", "TLS is not supported yet; use stunnel in front"),
    REFUSED("ServerCertificateKeyFile", "TLS is not supported yet; use stunnel in front"),
    REFUSED("CertificationAuthoritiesFile", "TLS is not supported yet; use stunnel in front"),
    REFUSED("CertificateVerifyLevel", "TLS is not supported yet; use stunnel in front"),
    REFUSED("SocketKeyStore", "TLS is not supported yet; use stunnel in front"),
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])
_Static_assert(KEY_COUNT <= RFX_KEY_COUNT_MAX, "rfx_key_index() promises less");

static bool is_name(struct rfx_bytes text, const char *name)
{
    return strlen(name) == text.size && strncasecmp(text.data, name, text.size) == 0;
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

size_t rfx_key_index(const struct rfx_key *key)
{
    return (size_t)(key - keys);
}

/* ----------------------------------------------------------------------------- nearest name */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein distance without regard to case; both at most 40 long. */
static size_t distance(struct rfx_bytes a, const char *b, size_t b_size)
{
    size_t row[41];
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t replace = diagonal + (lower(a.data[i - 1]) != lower(b[j - 1]));
            size_t smaller = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replace < smaller + 1 ? replace : smaller + 1;
        }
    }
    return row[b_size];
}

const char *rfx_key_nearest(struct rfx_bytes name)
{
    const char *nearest = NULL;
    size_t best = name.size / 3 + 2; /* farther away it would be a riddle, no help */
    if (name.size > 40) {
        return NULL;
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t size = strlen(keys[i].name);
        size_t found = size <= 40 ? distance(name, keys[i].name, size) : SIZE_MAX;
        if (keys[i].kind != RFX_KEY_REFUSED && found < best) {
            best = found;
            nearest = keys[i].name;
        }
    }
    return nearest;
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

static bool read_number(const struct rfx_key *key, struct rfx_bytes value, uint64_t *number,
                        char problem[160])
{
    bool is_size = key->kind == RFX_KEY_BYTES_U32 || key->kind == RFX_KEY_BYTES_U64;
    unsigned shift = 0;
    if (is_size && value.size > 1) {
        static const char suffixes[] = "KMGT";
        char last = value.data[value.size - 1];
        const char *suffix = strchr(suffixes, last >= 'a' ? last - 'a' + 'A' : last);
        if (last != '\0' && suffix != NULL) {
            shift = 10 * (unsigned)(suffix - suffixes + 1);
            value.size--;
        }
    }
    if (read_digits(value, number) && *number <= UINT64_MAX >> shift &&
        *number << shift >= key->min && *number << shift <= key->max) {
        *number <<= shift;
        return true;
    }
    snprintf(problem, 160, "is a number from %llu to %llu%s", (unsigned long long)key->min,
             (unsigned long long)key->max, is_size ? ", with K, M, G or T if you like" : "");
    return false;
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
        ms > 3600000) {
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
        if (last < first || last > core_max ||
            last - first >= sizeof config->cpu_affinity / sizeof config->cpu_affinity[0] - count) {
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

static bool say(char problem[160], const char *text)
{
    snprintf(problem, 160, "%s", text);
    return false;
}

static bool apply_number(const struct rfx_key *key, struct rfx_bytes value, char *place,
                         char problem[160])
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
                       char problem[160])
{
    if (value.size < key->min || value.size > key->max) {
        snprintf(problem, 160, "has %llu to %llu characters", (unsigned long long)key->min,
                 (unsigned long long)key->max);
        return false;
    }
    memcpy(place, value.data, value.size);
    place[value.size] = '\0';
    return true;
}

static bool apply_flag(struct rfx_bytes value, bool *place, char problem[160])
{
    static const char *const words[] = {"N", "Y"};
    int index;
    if (!read_word(value, words, 2, &index)) {
        return say(problem, "is Y or N");
    }
    *place = index == 1;
    return true;
}

bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   char problem[160])
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
            snprintf(problem, 160, "is supported as %s alone; set it so or remove it", key->value);
            return false;
        }
        return true;
    case RFX_KEY_REFUSED:
        return say(problem, key->value);
    }
    return false;
}
