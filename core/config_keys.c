#include "core/config_keys.h"

#include <string.h>
#include <strings.h>

/* The columns scope, offset. */
#define SERVER(field)  RFX_SCOPE_SERVER, offsetof(struct rfx_config, field)
#define SESSION(field) RFX_SCOPE_SESSION, offsetof(struct rfx_session_config, field)
#define HOST(n, i)                                                                                 \
    {"SocketConnectHost" n, RFX_KEY_STRING,     SESSION(hosts[i].name), 1,                         \
     RFX_HOST_MAX,          "a further address"},                                                  \
    {                                                                                              \
        "SocketConnectPort" n, RFX_KEY_U16, SESSION(hosts[i].port), 1, 65535, "a further address"  \
    }

#define DAY_S UINT64_C(86400)
#define GIB   (UINT64_C(1) << 30)

static const struct rfx_key keys[] = {
    {"SocketAcceptHost", RFX_KEY_TEXT, SERVER(accept_host), 0, RFX_HOST_MAX,
     "the address to listen on; not set: all"},
    {"SocketAcceptPort", RFX_KEY_U16, SERVER(accept_port), 0, 65535,
     "the port to listen on; 0: any free one"},
    {"JournalPath", RFX_KEY_TEXT, SERVER(journal_path), 0, RFX_PATH_MAX, "the journal's directory"},
    {"FileStorePath", RFX_KEY_TEXT, SERVER(journal_path), 1, RFX_PATH_MAX,
     "JournalPath, when that is not there"},
    {"ControlSocket", RFX_KEY_TEXT, SERVER(control_socket), 1, 107,
     "ringfix-ctl's; not set: control.sock in JournalPath; none"},
    {"HttpAcceptHost", RFX_KEY_TEXT, SERVER(http_host), 1, RFX_HOST_MAX,
     "where the page and the metrics are; not set: 127.0.0.1"},
    {"HttpAcceptPort", RFX_KEY_U16, SERVER(http_port), 1, 65535,
     "their port; not set: they are nowhere"},
    {"LogFile", RFX_KEY_TEXT, SERVER(log_file), 1, RFX_PATH_MAX,
     "ringfixd's log; not set: standard error"},
    {"LogFormat", RFX_KEY_LOG_FORMAT, SERVER(log_format), 0, 0, "of its lines"},
    {"LogLevel", RFX_KEY_LOG_LEVEL, SERVER(log_level), 0, 0, "the least severe lines in it"},
    {"FileLogPath", RFX_KEY_TEXT, SERVER(message_log), 1, RFX_PATH_MAX,
     "the message log's directory; not set: there is none"},
    {"MessageLogSize", RFX_KEY_BYTES_U64, SERVER(message_log_size), 1 << 20, 1024 * GIB,
     "bytes of one of its files"},
    {"MessageLogFiles", RFX_KEY_U32, SERVER(message_log_files), 1, 1000, "that are kept"},
    {"JournalDurability", RFX_KEY_DURABILITY, SERVER(durability), 0, 0,
     "what a power cut may cost of what was sent"},
    {"JournalMaxSize", RFX_KEY_BYTES_U64, SERVER(journal_size_max), 1 << 20, 1024 * 1024 * GIB,
     "bytes of the whole store"},
    {"JournalTailSize", RFX_KEY_BYTES_U64, SERVER(journal_tail_size), 1 << 20, 16 * GIB,
     "bytes per shard of what is not in the store yet"},
    {"IoThreads", RFX_KEY_U32, SERVER(io_threads), 0, RFX_WORKERS_MAX,
     "I/O loops; 0: by the number of cores"},
    {"Shards", RFX_KEY_U32, SERVER(shards), 0, RFX_WORKERS_MAX, "0: by the number of cores"},
    {"ThreadingMode", RFX_KEY_THREADING, SERVER(threading_mode), 0, 0,
     "how workers carry I/O loops and shards"},
    {"IdleStrategy", RFX_KEY_IDLE, SERVER(idle_strategy), 0, 0,
     "what a worker does when there is nothing to do"},
    {"CpuAffinity", RFX_KEY_CORES, SERVER(cpu_affinity), 0, RFX_CORE_MAX,
     "the core of each worker"},
    {"MaxMessageSize", RFX_KEY_BYTES_U32, SERVER(message_size_max), RFX_MESSAGE_SIZE_MIN,
     RFX_MESSAGE_SIZE_MAX, "bytes of one message"},
    {"MaxSessions", RFX_KEY_U32, SERVER(sessions_max), 1, 1000000,
     "configured and made from templates, together"},
    {"MaxConnections", RFX_KEY_U32, SERVER(connections_max), 1, 1000000, "per I/O loop"},
    {"MaxConnectionsPerAddress", RFX_KEY_U32, SERVER(connections_per_address_max), 0, 1000000,
     "per I/O loop, IPv6 by /64; 0: as many as there are"},
    {"MaxPendingLogons", RFX_KEY_U32, SERVER(pending_logons_max), 0, 1000000,
     "per I/O loop, then the oldest goes; 0: as many as there are"},
    {"ServerCertificateFile", RFX_KEY_STRING, SERVER(tls.server_certificate_file), 1, RFX_PATH_MAX,
     "an acceptor's, PEM, with the chain behind it"},
    {"ServerCertificateKeyFile", RFX_KEY_STRING, SERVER(tls.server_certificate_key_file), 1,
     RFX_PATH_MAX, "its private key, PEM"},
    {"ClientCertificateFile", RFX_KEY_STRING, SERVER(tls.client_certificate_file), 1, RFX_PATH_MAX,
     "an initiator's, PEM, with the chain behind it"},
    {"ClientCertificateKeyFile", RFX_KEY_STRING, SERVER(tls.client_certificate_key_file), 1,
     RFX_PATH_MAX, "its private key, PEM"},
    {"CertificationAuthoritiesFile", RFX_KEY_STRING, SERVER(tls.certification_authorities_file), 1,
     RFX_PATH_MAX, "who is trusted, PEM; not set: an initiator trusts whom the system does"},
    {"CertificationAuthoritiesDirectory", RFX_KEY_STRING,
     SERVER(tls.certification_authorities_directory), 1, RFX_PATH_MAX,
     "the same, a file each, as openssl rehash names them"},
    {"CertificateRevocationListFile", RFX_KEY_STRING, SERVER(tls.revocation_list_file), 1,
     RFX_PATH_MAX, "certificates in it are refused, PEM"},
    {"CertificateRevocationListDirectory", RFX_KEY_STRING, SERVER(tls.revocation_list_directory), 1,
     RFX_PATH_MAX, "the same, a file each"},
    {"CertificateVerifyLevel", RFX_KEY_LEVEL, SERVER(tls.verify_client), 0, 0,
     "1: who connects must show a certificate"},
    {"NeedClientAuth", RFX_KEY_FLAG, SERVER(tls.verify_client), 0, 0,
     "who connects must show a certificate"},
    {"SocketUseKTLS", RFX_KEY_FLAG, SERVER(tls.use_kernel), 0, 0,
     "the kernel enciphers what is sent, where it has the module tls"},
    {"SSLProtocol", RFX_KEY_STRING, SERVER(tls.protocol), 1, 255,
     "TLSv1.2, TLSv1.3 or both; not set: both"},
    {"SSLCipherSuite", RFX_KEY_STRING, SERVER(tls.cipher_list), 1, 4096,
     "ciphers of TLS 1.2; not set: OpenSSL's"},
    {"TLSCipherSuites", RFX_KEY_STRING, SERVER(tls.cipher_suites), 1, 4096,
     "ciphers of TLS 1.3; not set: OpenSSL's"},
    {"UseTCPProxy", RFX_KEY_FLAG, SERVER(use_tcp_proxy), 0, 0,
     "connections begin with a PROXY header, version 2"},
    {"SocketSendBufferSize", RFX_KEY_BYTES_U32, SERVER(socket_send_buffer_size), 0, GIB,
     "bytes; 0: the system's"},
    {"SocketReceiveBufferSize", RFX_KEY_BYTES_U32, SERVER(socket_receive_buffer_size), 0, GIB,
     "bytes; 0: the system's"},
    {"SendQueueSize", RFX_KEY_BYTES_U32, SERVER(send_queue_size), 4096, GIB,
     "bytes per connection; a slower reader is disconnected"},
    {"PostQueueSize", RFX_KEY_BYTES_U32, SERVER(post_queue_size), 4096, GIB,
     "bytes per shard posted by other threads and not done"},
    {"GapQueueSize", RFX_KEY_BYTES_U32, SERVER(gap_queue_size), 4096, GIB,
     "bytes per session held while a gap is filled"},

    {"ConnectionType", RFX_KEY_ROLE, SESSION(role), 0, 0, "who dials"},
    {"BeginString", RFX_KEY_TEXT, SESSION(begin_string), 1, 11, "FIX version"},
    {"SenderCompID", RFX_KEY_TEXT, SESSION(sender_comp_id), 1, RFX_COMP_ID_MAX, "ours"},
    {"TargetCompID", RFX_KEY_TEXT, SESSION(target_comp_id), 1, RFX_COMP_ID_MAX,
     "the counterparty's; * in a template"},
    {"SenderSubID", RFX_KEY_STRING, SESSION(sender_sub_id), 1, RFX_COMP_ID_MAX,
     "ours, in every header"},
    {"SenderLocationID", RFX_KEY_STRING, SESSION(sender_location_id), 1, RFX_COMP_ID_MAX,
     "ours, in every header"},
    {"TargetSubID", RFX_KEY_STRING, SESSION(target_sub_id), 1, RFX_COMP_ID_MAX,
     "the counterparty's, in every header"},
    {"TargetLocationID", RFX_KEY_STRING, SESSION(target_location_id), 1, RFX_COMP_ID_MAX,
     "the counterparty's, in every header"},
    {"SessionQualifier", RFX_KEY_STRING, SESSION(session_qualifier), 1, RFX_COMP_ID_MAX,
     "tells initiators with the same CompIDs apart"},
    {"DefaultApplVerID", RFX_KEY_APPL_VER, SESSION(default_appl_ver_id), 0, 0,
     "version of application messages, FIXT.1.1"},
    {"AcceptorTemplate", RFX_KEY_FLAG, SESSION(acceptor_template), 0, 0,
     "whoever logs on gets a session"},

    {"HeartBtInt", RFX_KEY_U32, SESSION(heartbeat_s), 0, DAY_S,
     "s; an acceptor adopts the Logon's"},
    {"LogonTimeout", RFX_KEY_U32, SESSION(logon_timeout_s), 1, DAY_S,
     "s from the connection to an answered Logon"},
    {"LogoutTimeout", RFX_KEY_U32, SESSION(logout_timeout_s), 1, DAY_S,
     "s for the answer to our Logout"},
    {"MaxLatency", RFX_KEY_U32, SESSION(max_latency_s), 1, DAY_S,
     "s that SendingTime may be away, with CheckLatency"},
    {"CheckLatency", RFX_KEY_FLAG, SESSION(check_latency), 0, 0,
     "refuse messages with a SendingTime too far away"},
    {"CheckCompID", RFX_KEY_FLAG, SESSION(check_comp_id), 0, 0,
     "refuse messages with other CompIDs"},
    {"ResetOnLogon", RFX_KEY_FLAG, SESSION(reset_on_logon), 0, 0,
     "numbers restart at 1 with every Logon"},
    {"ResetOnLogout", RFX_KEY_FLAG, SESSION(reset_on_logout), 0, 0, "and after a Logout"},
    {"ResetOnDisconnect", RFX_KEY_FLAG, SESSION(reset_on_disconnect), 0, 0,
     "and however a connection ended"},
    {"PersistMessages", RFX_KEY_FLAG, SESSION(persist_messages), 0, 0,
     "N: a ResendRequest is answered with a gap fill"},
    {"JournalInbound", RFX_KEY_FLAG, SESSION(journal_inbound), 0, 0,
     "keep application messages received, too"},
    {"JournalKeepMessages", RFX_KEY_U32, SESSION(journal_keep_messages), 0, UINT32_MAX,
     "of each direction; 0: all"},
    {"JournalKeepSeconds", RFX_KEY_U32, SESSION(journal_keep_s), 0, UINT32_MAX, "0: for ever"},
    {"LogLevel", RFX_KEY_SESSION_LOG_LEVEL, SESSION(log_level), 0, 0,
     "the least severe of its lines; not set: the server's"},
    {"LogMessages", RFX_KEY_FLAG, SESSION(log_messages), 0, 0,
     "N: not in the message log, see FileLogPath"},
    {"TimestampPrecision", RFX_KEY_DECIMALS, SESSION(timestamp_precision), 0, 0,
     "decimals of SendingTime; FIX.4.0 and 4.1 have none"},
    {"MillisecondsInTimeStamp", RFX_KEY_MILLIS, SESSION(timestamp_precision), 0, 0,
     "N: whole seconds"},
    {"TestMessageIndicator", RFX_KEY_FLAG, SESSION(test_message_indicator), 0, 0,
     "a test session, 464=Y in Logons"},
    {"SendRedundantResendRequests", RFX_KEY_FLAG, SESSION(send_redundant_resend_requests), 0, 0,
     "each message beyond a gap asks again"},
    {"ResendRequestChunkSize", RFX_KEY_U32, SESSION(resend_request_chunk_size), 0, 1000000000,
     "messages asked for at once; 0: all"},
    {"EnableNextExpectedMsgSeqNum", RFX_KEY_FLAG, SESSION(enable_next_expected_msg_seq_num), 0, 0,
     "Logons carry 789"},
    {"SendNextExpectedMsgSeqNum", RFX_KEY_FLAG, SESSION(enable_next_expected_msg_seq_num), 0, 0,
     "Logons carry 789"},
    {"EnableLastMsgSeqNumProcessed", RFX_KEY_FLAG, SESSION(enable_last_msg_seq_num_processed), 0, 0,
     "headers carry 369"},
    {"RequiresOrigSendingTime", RFX_KEY_FLAG, SESSION(requires_orig_sending_time), 0, 0,
     "PossDup messages must carry 122"},

    {"UseDataDictionary", RFX_KEY_FLAG, SESSION(use_data_dictionary), 0, 0, "check messages"},
    {"DataDictionary", RFX_KEY_STRING, SESSION(data_dictionary), 1, RFX_PATH_MAX,
     "a file in the place of the built-in one"},
    {"TransportDataDictionary", RFX_KEY_STRING, SESSION(transport_data_dictionary), 1, RFX_PATH_MAX,
     "a file for session messages, FIXT.1.1"},
    {"AppDataDictionary", RFX_KEY_STRING, SESSION(app_data_dictionary), 1, RFX_PATH_MAX,
     "a file for the DefaultApplVerID, FIXT.1.1"},
    {"AppDataDictionary.FIX.4.0", RFX_KEY_STRING, SESSION(app_data_dictionaries[2]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.4.1", RFX_KEY_STRING, SESSION(app_data_dictionaries[3]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.4.2", RFX_KEY_STRING, SESSION(app_data_dictionaries[4]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.4.3", RFX_KEY_STRING, SESSION(app_data_dictionaries[5]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.4.4", RFX_KEY_STRING, SESSION(app_data_dictionaries[6]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.5.0", RFX_KEY_STRING, SESSION(app_data_dictionaries[7]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.5.0SP1", RFX_KEY_STRING, SESSION(app_data_dictionaries[8]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"AppDataDictionary.FIX.5.0SP2", RFX_KEY_STRING, SESSION(app_data_dictionaries[9]), 1,
     RFX_PATH_MAX, "a file for messages with that ApplVerID"},
    {"ValidateFieldsOutOfOrder", RFX_KEY_FLAG, SESSION(validate_fields_out_of_order), 0, 0,
     "header, body and trailer in that order"},
    {"ValidateFieldsHaveValues", RFX_KEY_FLAG, SESSION(validate_fields_have_values), 0, 0,
     "no empty fields"},
    {"ValidateUserDefinedFields", RFX_KEY_FLAG, SESSION(validate_user_defined_fields), 0, 0,
     "tags from 5000 on must be defined, too"},
    {"ValidateUnorderedGroupFields", RFX_KEY_FLAG, SESSION(validate_unordered_group_fields), 0, 0,
     "group fields in the dictionary's order"},
    {"ValidateLengthAndChecksum", RFX_KEY_FLAG, SESSION(validate_checksum), 0, 0,
     "N: a wrong CheckSum is let pass"},
    {"ValidateChecksum", RFX_KEY_FLAG, SESSION(validate_checksum), 0, 0,
     "N: a wrong CheckSum is let pass"},
    {"AllowUnknownMsgFields", RFX_KEY_FLAG, SESSION(allow_unknown_msg_fields), 0, 0,
     "let fields pass that the message does not have"},
    {"AllowUnknownEnumValues", RFX_KEY_FLAG, SESSION(allow_unknown_enum_values), 0, 0,
     "let values pass that the field does not have"},

    {"NonStopSession", RFX_KEY_FLAG, SESSION(non_stop_session), 0, 0,
     "always open, whatever the times say"},
    {"StartTime", RFX_KEY_TIME, SESSION(start.second), 0, 0, "the session begins, in its TimeZone"},
    {"EndTime", RFX_KEY_TIME, SESSION(end.second), 0, 0, "the session ends"},
    {"StartDay", RFX_KEY_DAY, SESSION(start.day), 0, 0, "of a weekly session"},
    {"EndDay", RFX_KEY_DAY, SESSION(end.day), 0, 0, "of a weekly session"},
    {"LogonTime", RFX_KEY_TIME, SESSION(logon.second), 0, 0, "Logons from here on"},
    {"LogoutTime", RFX_KEY_TIME, SESSION(logout.second), 0, 0, "logged out here"},
    {"LogonDay", RFX_KEY_DAY, SESSION(logon.day), 0, 0, "of LogonTime"},
    {"LogoutDay", RFX_KEY_DAY, SESSION(logout.day), 0, 0, "of LogoutTime"},
    {"Weekdays", RFX_KEY_DAYS, SESSION(weekdays), 0, 0, "on which a daily session begins"},
    {"TimeZone", RFX_KEY_STRING, SESSION(time_zone), 1, 255, "of all these times; not set: UTC"},
    {"UseLocalTime", RFX_KEY_LOCAL_TIME, SESSION(time_zone), 0, 0, "times are the machine's"},

    {"ReconnectInterval", RFX_KEY_U32, SESSION(reconnect_interval_s), 1, DAY_S,
     "s to an initiator's next attempt, at first"},
    {"SocketConnectHost", RFX_KEY_STRING, SESSION(hosts[0].name), 0, RFX_HOST_MAX,
     "where an initiator dials"},
    {"SocketConnectPort", RFX_KEY_U16, SESSION(hosts[0].port), 0, 65535,
     "where an initiator dials"},
    HOST("1", 1),
    HOST("2", 2),
    HOST("3", 3),
    HOST("4", 4),
    HOST("5", 5),
    HOST("6", 6),
    HOST("7", 7),
    HOST("8", 8),
    HOST("9", 9),
    {"SocketAcceptPort", RFX_KEY_U16, SESSION(accept_port), 0, 65535,
     "the port where it is found; not set: the server's"},
    {"SocketUseSSL", RFX_KEY_FLAG, SESSION(use_ssl), 0, 0, "over TLS, and not otherwise"},
    {"CertificateName", RFX_KEY_STRING, SESSION(certificate_name), 1, 4096,
     "a name in the counterparty's certificate"},
    {"AllowedRemoteAddresses", RFX_KEY_STRING, SESSION(allowed_addresses), 0, 4096,
     "others are closed before their Logon has effect"},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])
_Static_assert(KEY_COUNT <= RFX_KEY_COUNT_MAX, "rfx_key_index() promises less");

const struct rfx_key *rfx_key_at(size_t index)
{
    return index < KEY_COUNT ? &keys[index] : NULL;
}

size_t rfx_key_index(const struct rfx_key *key)
{
    return (size_t)(key - keys);
}

const struct rfx_key *rfx_key_find(struct rfx_bytes name, enum rfx_key_scope scope)
{
    const struct rfx_key *found = NULL;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (rfx_key_is_named(name, keys[i].name) && (found == NULL || keys[i].scope == scope)) {
            found = &keys[i];
        }
    }
    return found;
}

const struct rfx_key *rfx_key_named(const char *name)
{
    const struct rfx_key *key = rfx_key_find(rfx_bytes_of(name, strlen(name)), RFX_SCOPE_SERVER);
    RFX_ASSERT(key != NULL);
    return key;
}

bool rfx_key_is_alias(const struct rfx_key *key)
{
    for (const struct rfx_key *earlier = keys; earlier < key; earlier++) {
        if (earlier->scope == key->scope && earlier->offset == key->offset) {
            return true;
        }
    }
    return false;
}
