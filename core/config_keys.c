#include "core/config_keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The columns scope, offset; kind to value. */
#define SERVER(field)  RFX_SCOPE_SERVER, offsetof(struct rfx_config, field)
#define SESSION(field) RFX_SCOPE_SESSION, offsetof(struct rfx_session_config, field)
#define FIXED(value)   RFX_KEY_FIXED, RFX_SCOPE_SESSION, 0, 0, 0, value

#define DAY_S          UINT64_C(86400)
#define GIB            (UINT64_C(1) << 30)

static const struct rfx_key keys[] = {
    {"SocketAcceptHost", RFX_KEY_TEXT, SERVER(accept_host), 0, RFX_HOST_MAX, NULL},
    {"SocketAcceptPort", RFX_KEY_U16, SERVER(accept_port), 0, 65535, NULL},
    {"JournalPath", RFX_KEY_TEXT, SERVER(journal_path), 0, RFX_PATH_MAX, NULL},
    {"JournalDurability", RFX_KEY_DURABILITY, SERVER(durability), 0, 0, NULL},
    {"JournalMaxSize", RFX_KEY_BYTES_U64, SERVER(journal_size_max), 1 << 20, 1024 * 1024 * GIB,
     NULL},
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
    {"GapQueueSize", RFX_KEY_BYTES_U32, SERVER(gap_queue_size), 4096, GIB, NULL},

    {"ConnectionType", RFX_KEY_ROLE, SESSION(role), 0, 0, NULL},
    {"BeginString", RFX_KEY_TEXT, SESSION(begin_string), 1, 11, NULL},
    {"SenderCompID", RFX_KEY_TEXT, SESSION(sender_comp_id), 1, RFX_COMP_ID_MAX, NULL},
    {"TargetCompID", RFX_KEY_TEXT, SESSION(target_comp_id), 1, RFX_COMP_ID_MAX, NULL},
    {"AcceptorTemplate", RFX_KEY_FLAG, SESSION(acceptor_template), 0, 0, NULL},
    {"HeartBtInt", RFX_KEY_U32, SESSION(heartbeat_s), 0, DAY_S, NULL},
    {"LogonTimeout", RFX_KEY_U32, SESSION(logon_timeout_s), 1, DAY_S, NULL},
    {"LogoutTimeout", RFX_KEY_U32, SESSION(logout_timeout_s), 1, DAY_S, NULL},
    {"MaxLatency", RFX_KEY_U32, SESSION(max_latency_s), 1, DAY_S, NULL},
    {"ReconnectInterval", RFX_KEY_U32, SESSION(reconnect_interval_s), 1, DAY_S, NULL},
    {"CheckLatency", RFX_KEY_FLAG, SESSION(check_latency), 0, 0, NULL},
    {"CheckCompID", RFX_KEY_FLAG, SESSION(check_comp_id), 0, 0, NULL},
    {"ResetOnLogon", RFX_KEY_FLAG, SESSION(reset_on_logon), 0, 0, NULL},
    {"ResetOnLogout", RFX_KEY_FLAG, SESSION(reset_on_logout), 0, 0, NULL},
    {"ResetOnDisconnect", RFX_KEY_FLAG, SESSION(reset_on_disconnect), 0, 0, NULL},
    {"PersistMessages", RFX_KEY_FLAG, SESSION(persist_messages), 0, 0, NULL},
    {"SocketConnectHost", RFX_KEY_TEXT, SESSION(connect_host), 0, RFX_HOST_MAX, NULL},
    {"SocketConnectPort", RFX_KEY_U16, SESSION(connect_port), 0, 65535, NULL},

    /* From other engines' files: what agrees with ringfix anyway is taken without a word. */
    {"NonStopSession", FIXED("Y")},
    {"StartTime", FIXED("00:00:00")},
    {"EndTime", FIXED("00:00:00")},
    {"UseLocalTime", FIXED("N")},
    {"UseDataDictionary", FIXED("N")},
    {"ValidateIncomingMessage", FIXED("N")},
    {"ValidateFieldsOutOfOrder", FIXED("N")},
    {"ValidateFieldsHaveValues", FIXED("N")},
    {"ValidateUserDefinedFields", FIXED("N")},
    {"ValidateUnorderedGroupFields", FIXED("N")},
    {"AllowUnknownMsgFields", FIXED("Y")},
    {"AllowUnknownEnumValues", FIXED("Y")},
    {"ValidateLengthAndChecksum", FIXED("Y")},
    {"ValidateChecksum", FIXED("Y")},
    {"ValidateSequenceNumbers", FIXED("Y")},
    {"RequiresOrigSendingTime", FIXED("Y")},
    {"RejectGarbledMessage", FIXED("N")},
    {"AllowPosDup", FIXED("N")},
    {"PreserveMessageFieldsOrder", FIXED("Y")},
    {"MillisecondsInTimeStamp", FIXED("Y")},
    {"TimestampPrecision", FIXED("3")},
    {"SendRedundantResendRequests", FIXED("N")},
    {"ResendRequestChunkSize", FIXED("0")},
    {"SendNextExpectedMsgSeqNum", FIXED("N")},
    {"EnableNextExpectedMsgSeqNum", FIXED("N")},
    {"EnableLastMsgSeqNumProcessed", FIXED("N")},
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
    {"StartDay EndDay Weekdays LogonTime LogoutTime LogonDay LogoutDay TimeZone ResetSeqTime "
     "EnableResetSeqTime",
     "sessions have no schedule yet, they are always open; remove it"},
    {"DataDictionary TransportDataDictionary AppDataDictionary* FirstFieldInGroupIsDelimiter "
     "RejectInvalidMessage",
     "messages are not checked by a dictionary yet; remove it"},
    {"DefaultApplVerID", "FIXT.1.1 is not supported yet; remove it and use BeginString=FIX.4.4"},
    {"SessionQualifier SenderSubID TargetSubID SenderLocationID TargetLocationID",
     "a session's name is BeginString and both CompIDs, no more yet; remove it"},
    {"ClosedResendInterval", "how a ResendRequest ends is not adjustable; remove it"},
    {"MaxScheduledWriteRequests", "remove it and use SendQueueSize, in bytes"},
    {"SocketConnectSource* SocketLocal*", "the source address is the system's choice; remove it"},
    {"SocketConnectHost* SocketConnectPort* HostSelectionPolicy*",
     "an initiator has one host yet; remove it"},
    {"AllowedRemoteAddresses", "addresses are not filtered yet; remove it and use a firewall"},
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

bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   char problem[RFX_PROBLEM_SIZE])
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
            snprintf(problem, RFX_PROBLEM_SIZE, "is supported as %s alone; set it so or remove it",
                     key->value);
            return false;
        }
        return true;
    }
    return false;
}
