/* Configuration: filled by a program, or read from a QuickFIX-style file. */
#ifndef RINGFIX_CONFIG_H
#define RINGFIX_CONFIG_H

#include "ringfix/log.h"
#include "ringfix/session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RFX_COMP_ID_MAX      63   /* longest CompID, in bytes */
#define RFX_PATH_MAX         1023 /* longest path, in bytes */
#define RFX_HOST_MAX         255
#define RFX_WORKERS_MAX      64 /* I/O loops, and shards, each */
#define RFX_MESSAGE_SIZE_MIN 1024
#define RFX_MESSAGE_SIZE_MAX (4u << 20)
#define RFX_HOSTS_MAX        10 /* addresses of one initiator */
#define RFX_APPL_VERSIONS    10 /* values of ApplVerID(1128), FIX27 (0) to FIX50SP2 (9) */

/* How workers carry I/O loops and shards (ThreadingMode). */
enum rfx_threading_mode {
    RFX_THREADING_SHARED,    /* each worker runs one I/O loop and one shard */
    RFX_THREADING_DEDICATED, /* I/O loops and shards on workers of their own */
};

/* What a worker does when there is nothing to do (IdleStrategy). */
enum rfx_idle_strategy {
    RFX_IDLE_SPIN,     /* never sleeps: lowest latency, a whole core */
    RFX_IDLE_ADAPTIVE, /* spins for 50 µs, then sleeps until something arrives */
    RFX_IDLE_PARK,     /* sleeps at once */
};

/* What is left of the messages that were sent (JournalDurability). */
enum rfx_durability {
    /* What was sent survives the death of the process; after a power cut what was sent in the last
     * moments may be missing. */
    RFX_DURABILITY_PROCESS,
    /* What was sent survives a power cut, too: it is on disk before the first byte leaves. */
    RFX_DURABILITY_SYNC,
    /* As process, and after a power cut at most interval_ms' worth of messages, and of the time of
     * one flush, is missing. */
    RFX_DURABILITY_INTERVAL,
};

/* An initiator's address. */
struct rfx_host {
    const char *name; /* SocketConnectHost, SocketConnectHost1 ...: a name or an address */
    uint16_t port;    /* SocketConnectPort, SocketConnectPort1 ... */
};

/* A time of the schedule: seconds of the day, and for weekly sessions the day. */
struct rfx_week_time {
    uint32_t second; /* 0..86399; RFX_NO_TIME: not set */
    uint8_t day;     /* 0 Sunday to 6 Saturday; RFX_NO_DAY: every day */
};

#define RFX_NO_TIME UINT32_MAX
#define RFX_NO_DAY  7

/* One session, or with acceptor_template one kind of session. Times are in seconds. Texts that are
 * pointers are borrowed until rfx_server_open() returns; NULL means not set. */
struct rfx_session_config {
    enum rfx_role role;                       /* ConnectionType */
    char begin_string[12];                    /* BeginString: FIX.4.0 to FIX.4.4, FIXT.1.1 */
    char sender_comp_id[RFX_COMP_ID_MAX + 1]; /* SenderCompID: ours */
    char target_comp_id[RFX_COMP_ID_MAX + 1]; /* TargetCompID: the counterparty's; "*" in a
                                                 template */
    const char *sender_sub_id;                /* SenderSubID, up to RFX_COMP_ID_MAX characters */
    const char *sender_location_id;           /* SenderLocationID, the same */
    const char *target_sub_id;                /* TargetSubID, the same */
    const char *target_location_id;           /* TargetLocationID, the same */
    const char *session_qualifier;            /* SessionQualifier: tells initiators with the same
                                                 CompIDs apart; not on the wire */
    int8_t default_appl_ver_id;               /* DefaultApplVerID: 7 FIX.5.0, 8 FIX.5.0SP1, 9
                                                 FIX.5.0SP2; -1 below FIXT.1.1 */
    bool acceptor_template;                   /* AcceptorTemplate */

    uint32_t heartbeat_s;           /* HeartBtInt; the acceptor adopts the Logon's */
    uint32_t logon_timeout_s;       /* LogonTimeout */
    uint32_t logout_timeout_s;      /* LogoutTimeout */
    uint32_t max_latency_s;         /* MaxLatency */
    bool check_latency;             /* CheckLatency */
    bool check_comp_id;             /* CheckCompID */
    bool reset_on_logon;            /* ResetOnLogon; an initiator also sends 141=Y */
    bool reset_on_logout;           /* ResetOnLogout */
    bool reset_on_disconnect;       /* ResetOnDisconnect */
    bool persist_messages;          /* PersistMessages; false: resends become gap fills */
    bool journal_inbound;           /* JournalInbound: application messages received, too */
    uint32_t journal_keep_messages; /* JournalKeepMessages of each direction; 0: all */
    uint32_t journal_keep_s;        /* JournalKeepSeconds; 0: for ever */
    bool log_messages;              /* LogMessages: in the message log, if there is one */
    int8_t log_level;            /* LogLevel: an enum rfx_log_level, the least severe of its lines
                                    that on_log gets; -1: as struct rfx_config has it */
    uint8_t timestamp_precision; /* TimestampPrecision: 0, 3, 6 or 9 decimals; 4.0 and 4.1 have
                                    whole seconds whatever it says */
    bool test_message_indicator; /* TestMessageIndicator: a test session, 464=Y in Logons */
    bool send_redundant_resend_requests;    /* SendRedundantResendRequests */
    uint32_t resend_request_chunk_size;     /* ResendRequestChunkSize: messages; 0: all at once */
    bool enable_next_expected_msg_seq_num;  /* EnableNextExpectedMsgSeqNum(789) */
    bool enable_last_msg_seq_num_processed; /* EnableLastMsgSeqNumProcessed(369) */
    bool requires_orig_sending_time;        /* RequiresOrigSendingTime: with PossDupFlag */

    bool use_data_dictionary;              /* UseDataDictionary */
    const char *data_dictionary;           /* DataDictionary: a file; NULL: the built-in one */
    const char *transport_data_dictionary; /* TransportDataDictionary, FIXT.1.1 */
    const char *app_data_dictionary;       /* AppDataDictionary, of DefaultApplVerID */
    const char *app_data_dictionaries[RFX_APPL_VERSIONS]; /* AppDataDictionary.FIX.4.0 ..., by
                                                             ApplVerID */
    bool validate_fields_out_of_order;                    /* ValidateFieldsOutOfOrder */
    bool validate_fields_have_values;                     /* ValidateFieldsHaveValues */
    bool validate_user_defined_fields;                    /* ValidateUserDefinedFields */
    bool validate_unordered_group_fields;                 /* ValidateUnorderedGroupFields */
    bool validate_checksum;                               /* ValidateLengthAndChecksum */
    bool allow_unknown_msg_fields;                        /* AllowUnknownMsgFields */
    bool allow_unknown_enum_values;                       /* AllowUnknownEnumValues */

    bool non_stop_session;       /* NonStopSession: open always, the times are not used */
    struct rfx_week_time start;  /* StartTime, StartDay */
    struct rfx_week_time end;    /* EndTime, EndDay */
    struct rfx_week_time logon;  /* LogonTime, LogonDay; not set: as start */
    struct rfx_week_time logout; /* LogoutTime, LogoutDay; not set: as end */
    uint8_t weekdays;            /* Weekdays: bit 0 Sunday ... bit 6 Saturday; 0: every day */
    const char *time_zone;       /* TimeZone: an IANA name; NULL: UTC */

    uint32_t reconnect_interval_s;        /* ReconnectInterval: after the first failure; doubles
                                             with each further one, up to ten times as long */
    bool use_ssl;                         /* SocketUseSSL: over TLS, and not otherwise */
    uint16_t accept_port;                 /* SocketAcceptPort of one session: an acceptor's, where
                                             alone it is found; 0: the server's */
    const char *certificate_name;         /* CertificateName: what the counterparty's certificate
                                             must have as common name or subjectAltName; several
                                             apart by commas. NULL: an acceptor takes any that is
                                             valid, an initiator asks for SocketConnectHost */
    struct rfx_host hosts[RFX_HOSTS_MAX]; /* of an initiator, tried in turn; name NULL: no more */
    const char *allowed_addresses;        /* AllowedRemoteAddresses of an acceptor: addresses or
                                             networks (10.0.0.0/8) apart by commas; NULL: any */
};

/* Certificates and the like, PEM files, for sessions with use_ssl. Texts as those of sessions;
 * NULL means not set. See docs/tls.md. */
struct rfx_tls_config {
    const char *certification_authorities_file; /* CertificationAuthoritiesFile; without one the
                                                   system's are trusted */
    const char *certification_authorities_directory; /* CertificationAuthoritiesDirectory */
    const char *server_certificate_file;             /* ServerCertificateFile: an acceptor's */
    const char *server_certificate_key_file;         /* ServerCertificateKeyFile */
    const char *client_certificate_file;             /* ClientCertificateFile: an initiator's */
    const char *client_certificate_key_file;         /* ClientCertificateKeyFile */
    const char *revocation_list_file;                /* CertificateRevocationListFile */
    const char *revocation_list_directory;           /* CertificateRevocationListDirectory */
    const char *protocol;      /* SSLProtocol: "TLSv1.3", "all -TLSv1.2"; NULL: 1.2 and 1.3 */
    const char *cipher_list;   /* SSLCipherSuite: of TLS 1.2, as OpenSSL has them */
    const char *cipher_suites; /* TLSCipherSuites: of TLS 1.3, the same */
    bool verify_client;        /* CertificateVerifyLevel, NeedClientAuth: who connects must show a
                                  certificate of the authorities named above */
    bool use_kernel;           /* SocketUseKTLS: the kernel enciphers what is sent, where it can */
};

#define RFX_LISTENERS_MAX 16 /* ports of one server */

/* Settings of one name that a file of another engine has and that have no effect here. */
struct rfx_config_note {
    const char *key;  /* as the file has it first */
    const char *text; /* why, half a sentence */
    size_t line;      /* the first of them */
    size_t count;
};

struct rfx_config {
    char accept_host[RFX_HOST_MAX + 1];    /* SocketAcceptHost; "": all addresses */
    uint16_t accept_port;                  /* SocketAcceptPort; 0: any free one. Sessions with and
                                              without use_ssl need ports of their own */
    char journal_path[RFX_PATH_MAX + 1];   /* JournalPath: a directory, created if absent. "": no
                                              journal; nothing outlives the process and resends
                                              become gap fills */
    char control_socket[RFX_PATH_MAX + 1]; /* ControlSocket, ringfixd's: a path; "": control.sock
                                              in journal_path; "none": no socket */
    char http_host[RFX_HOST_MAX + 1];      /* HttpAcceptHost, ringfixd's; "": 127.0.0.1 */
    uint16_t http_port;                    /* HttpAcceptPort, ringfixd's; 0: no page, no metrics */
    char log_file[RFX_PATH_MAX + 1];       /* LogFile, ringfixd's; "": standard error */
    enum rfx_log_format log_format;        /* LogFormat, ringfixd's */
    enum rfx_log_level log_level;       /* LogLevel: the least severe line of a session that on_log
                                           gets; and of all in ringfixd's log */
    char message_log[RFX_PATH_MAX + 1]; /* FileLogPath: the message log's directory, created if
                                           absent; "": no message log */
    uint64_t message_log_size;          /* MessageLogSize, bytes of one of its files */
    uint32_t message_log_files;         /* MessageLogFiles: that are kept */
    enum rfx_durability durability;     /* JournalDurability */
    uint32_t durability_interval_ms;    /* of RFX_DURABILITY_INTERVAL */
    uint64_t journal_size_max;          /* JournalMaxSize, bytes of the store */
    uint64_t journal_tail_size;         /* JournalTailSize, bytes per shard; more is taken where
                                           MaxMessageSize or MaxSessions ask for it */
    uint32_t io_threads;                /* IoThreads; 0: chosen from the number of cores */
    uint32_t shards;                    /* Shards; 0: chosen from the number of cores */
    enum rfx_threading_mode threading_mode;
    enum rfx_idle_strategy idle_strategy;
    uint16_t cpu_affinity[2 * RFX_WORKERS_MAX]; /* CpuAffinity: the core of each worker */
    size_t cpu_affinity_count;                  /* 0: workers are not pinned */
    uint32_t message_size_max;                  /* MaxMessageSize, bytes */
    uint32_t sessions_max;                      /* MaxSessions, all shards together */
    uint32_t connections_max;                   /* MaxConnections, per I/O loop */
    uint32_t connections_per_address_max;       /* MaxConnectionsPerAddress, per I/O loop; 0: any */
    uint32_t pending_logons_max;                /* MaxPendingLogons, per I/O loop; 0: any */
    uint32_t socket_send_buffer_size;           /* SocketSendBufferSize, bytes; 0: the system's */
    uint32_t socket_receive_buffer_size;        /* SocketReceiveBufferSize, the same */
    struct rfx_tls_config tls;
    bool use_tcp_proxy;       /* UseTCPProxy: connections begin with a PROXY header, version 2 */
    uint32_t send_queue_size; /* SendQueueSize, bytes per connection */
    uint32_t gap_queue_size;  /* GapQueueSize, bytes per session held while a gap fills */
    uint32_t post_queue_size; /* PostQueueSize, bytes per shard posted and not done */
    struct rfx_session_config *sessions;
    size_t session_count;
    struct rfx_config_note *notes; /* NULL, or what the parser found; up to 256 names */
    size_t note_count;
    struct rfx_config_texts *texts; /* NULL, or what a parsed configuration points to */
};

/* Defaults to copy and change; each is documented in docs/configuration.md. */
extern RFX_API const struct rfx_config rfx_config_default;
extern RFX_API const struct rfx_session_config rfx_session_config_default;

/* Reads a QuickFIX-style configuration from memory. Unknown keys, wrong values, duplicate keys
 * and duplicate sessions are errors that name file_name, the line and the nearest valid name.
 *
 * text       borrowed until return        file_name  for messages only
 * config     on success owned by the caller, release with rfx_config_free(); else as it was
 * errors     RFX_E_CONFIG, RFX_E_NOMEM */
RFX_API rfx_status rfx_config_parse(struct rfx_bytes text, const char *file_name,
                                    struct rfx_config *config,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* The same from a file. errors also RFX_E_IO. */
RFX_API rfx_status rfx_config_load(const char *path, struct rfx_config *config,
                                   struct rfx_error *error) RFX_MUST_CHECK;

/* One effective setting, as rfx_config_explain() tells it. */
struct rfx_config_setting {
    const char *session; /* its name, see rfx_session_name(); NULL: the whole server's */
    const char *key;
    const char *value;   /* as a file has it; NULL: not set */
    const char *meaning; /* half a sentence, with the unit */
    size_t line;         /* that sets it; 0: none, it is the default */
    bool is_inherited;   /* of a session: the line is in [DEFAULT] */
};

/* Reads a file as rfx_config_load() does and tells every setting that is in effect: those of the
 * server, then those of each session, in the order of the file. Nothing is told of a file with an
 * error. settings and their texts are valid during the call of tell alone.
 *
 * config  on success as rfx_config_load() leaves it
 * errors  as rfx_config_load() */
RFX_API rfx_status rfx_config_explain(const char *path, struct rfx_config *config,
                                      void (*tell)(void *context,
                                                   const struct rfx_config_setting *setting),
                                      void *context, struct rfx_error *error) RFX_MUST_CHECK;

/* Looks for what else rfx_server_open() would refuse before it opens a journal or a port:
 * dictionaries and time zones that are not there or do not fit.
 * errors RFX_E_CONFIG, RFX_E_IO, RFX_E_NOMEM; the text names the file */
RFX_API rfx_status rfx_config_check(const struct rfx_config *config,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* Releases the sessions and texts of a configuration that was parsed or loaded. */
RFX_API void rfx_config_free(struct rfx_config *config);

/* Checks a configuration that a program filled; rfx_server_open() does so too.
 * errors RFX_E_CONFIG, RFX_E_NOMEM */
RFX_API rfx_status rfx_config_validate(const struct rfx_config *config,
                                       struct rfx_error *error) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
