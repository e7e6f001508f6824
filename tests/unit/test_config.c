/* The configuration file: what is accepted, and that each mistake is named with its line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_copy.h"
#include "core/config_listeners.h"
#include "core/session_name.h"
#include "ringfix/config.h"
#include "tests/support.h"

#define VALID                                                                                      \
    "[DEFAULT]\n"                                                                                  \
    "ConnectionType=acceptor\n"                                                                    \
    "SocketAcceptPort=5001\n"                                                                      \
    "SenderCompID=RINGFIX\n"                                                                       \
    "JournalPath=/var/lib/ringfix\n"

#define TLS "ServerCertificateFile=c\nServerCertificateKeyFile=k\n"

static rfx_status parse(const char *text, struct rfx_config *config, struct rfx_error *error)
{
    /* An exact copy on the heap, so that a sanitizer sees any read beyond it. */
    size_t size = strlen(text);
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    rfx_status status = rfx_config_parse((struct rfx_bytes){copy, size}, "test.cfg", config, error);
    free(copy);
    return status;
}

static void expect_error(const char *text, const char *part)
{
    struct rfx_config config;
    struct rfx_error error = {""};
    memset(&config, 0x5a, sizeof config);
    struct rfx_config before = config;
    rfx_status status = parse(text, &config, &error);
    if (status != RFX_E_CONFIG || strstr(error.text, part) == NULL) {
        fail_msg("status %d, error \"%s\"; expected \"%s\"", (int)status, error.text, part);
    }
    assert_memory_equal(&config, &before, sizeof config);
}

static void test_file_when_complete_then_every_value_is_read(void **state)
{
    (void)state;
    struct rfx_config config;
    struct rfx_error error = {""};
    rfx_status status =
        parse("\xef\xbb\xbf# a comment\r\n[DEFAULT]\r\n"
              "CONNECTIONTYPE = acceptor \r\n"
              "SocketAcceptHost=127.0.0.1\n"
              "SocketAcceptPort=5001\n"
              "SenderCompID=RINGFIX\n"
              "HeartBtInt=15\n"
              "JournalPath=/tmp/x=y\n"
              "JournalDurability=interval:250\n"
              "JournalMaxSize=2g\nJournalTailSize=16M\n"
              "LogFile=/tmp/e.log\nLogFormat=JSON\nLogLevel=debug\n"
              "FileLogPath=log\nMessageLogSize=16M\nMessageLogFiles=3\n"
              "IoThreads=2\nShards=3\nThreadingMode=dedicated\n"
              "IdleStrategy=park\nCpuAffinity=0,2-4\n"
              "MaxMessageSize=8K\nMaxSessions=7\nMaxConnections=9\n"
              "SendQueueSize=1M\nGapQueueSize=64k\n"
              "NonStopSession=Y\nScreenLogShowEvents=N\n"
              "\n"
              "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n"
              "ResetOnLogon=Y\nResetOnLogout=y\nResetOnDisconnect=Y\n"
              "CheckLatency=N\nCheckCompID=N\nPersistMessages=n\n"
              "JournalInbound=Y\nJournalKeepMessages=1000\n"
              "JournalKeepSeconds=86400\n"
              "LogonTimeout=3\nLogoutTimeout=4\nMaxLatency=5\nLogMessages=N\nFileLogPath=log\n"
              "  [SESSION]\nBeginString=FIX.4.2\nTargetCompID=B\nHeartBtInt=0\n"
              "ConnectionType=initiator\nSocketConnectHost=example.com\n"
              "SocketConnectPort=9876\nReconnectInterval=6",
              &config, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, RFX_OK);
    assert_string_equal(config.accept_host, "127.0.0.1");
    assert_int_equal(config.accept_port, 5001);
    assert_string_equal(config.journal_path, "/tmp/x=y");
    assert_int_equal(config.durability, RFX_DURABILITY_INTERVAL);
    assert_int_equal(config.durability_interval_ms, 250);
    assert_int_equal(config.journal_size_max, UINT64_C(2) << 30);
    assert_int_equal(config.journal_tail_size, 16 << 20);
    assert_string_equal(config.log_file, "/tmp/e.log");
    assert_int_equal(config.log_format, RFX_LOG_JSON);
    assert_int_equal(config.log_level, RFX_LOG_DEBUG);
    assert_string_equal(config.message_log, "log");
    assert_int_equal(config.message_log_size, 16 << 20);
    assert_int_equal(config.message_log_files, 3);
    assert_int_equal(config.io_threads, 2);
    assert_int_equal(config.shards, 3);
    assert_int_equal(config.threading_mode, RFX_THREADING_DEDICATED);
    assert_int_equal(config.idle_strategy, RFX_IDLE_PARK);
    assert_int_equal(config.cpu_affinity_count, 4);
    assert_int_equal(config.cpu_affinity[0], 0);
    assert_int_equal(config.cpu_affinity[1], 2);
    assert_int_equal(config.cpu_affinity[3], 4);
    assert_int_equal(config.message_size_max, 8192);
    assert_int_equal(config.sessions_max, 7);
    assert_int_equal(config.connections_max, 9);
    assert_int_equal(config.send_queue_size, 1 << 20);
    assert_int_equal(config.gap_queue_size, 64 << 10);
    assert_int_equal(config.session_count, 2);
    const struct rfx_session_config *a = &config.sessions[0];
    const struct rfx_session_config *b = &config.sessions[1];
    assert_int_equal(a->role, RFX_ROLE_ACCEPTOR);
    assert_string_equal(a->begin_string, "FIX.4.4");
    assert_string_equal(a->sender_comp_id, "RINGFIX");
    assert_string_equal(a->target_comp_id, "A");
    assert_int_equal(a->heartbeat_s, 15);
    assert_true(a->reset_on_logon && a->reset_on_logout && a->reset_on_disconnect);
    assert_false(a->check_latency || a->check_comp_id || a->persist_messages);
    assert_true(a->journal_inbound && !b->journal_inbound);
    assert_true(!a->log_messages && b->log_messages);
    assert_int_equal(a->journal_keep_messages, 1000);
    assert_int_equal(a->journal_keep_s, 86400);
    assert_int_equal(b->journal_keep_messages, 0);
    assert_int_equal(b->journal_keep_s, 0);
    assert_int_equal(a->logon_timeout_s, 3);
    assert_int_equal(a->logout_timeout_s, 4);
    assert_int_equal(a->max_latency_s, 5);
    assert_int_equal(b->role, RFX_ROLE_INITIATOR);
    assert_int_equal(b->heartbeat_s, 0);
    assert_string_equal(b->hosts[0].name, "example.com");
    assert_int_equal(b->hosts[0].port, 9876);
    assert_null(b->hosts[1].name);
    assert_int_equal(b->reconnect_interval_s, 6);
    assert_true(b->check_latency && b->check_comp_id && b->persist_messages);
    rfx_config_free(&config);
}

static void test_key_when_misspelt_then_nearest_name_is_offered(void **state)
{
    (void)state;
    expect_error(VALID "HeartBtInterval=30\n", "test.cfg:6: unknown key \"HeartBtInterval\"; did "
                                               "you mean HeartBtInt?");
    expect_error(VALID "jurnalpath=x\n", "test.cfg:6: unknown key \"jurnalpath\"; did you mean "
                                         "JournalPath?");
    expect_error(VALID "Wombat=1\n", "docs/configuration.md lists all keys");
}

static void test_value_when_wrong_then_line_and_range_are_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"HeartBtInt=-1\n", "test.cfg:6: HeartBtInt is a number from 0 to 86400, not \"-1\""},
        {"HeartBtInt=86401\n", "test.cfg:6: HeartBtInt"},
        {"HeartBtInt=99999999999999999999\n", "test.cfg:6: HeartBtInt"},
        {"HeartBtInt=\n", "test.cfg:6: HeartBtInt"},
        {"HeartBtInt=1x\n", "test.cfg:6: HeartBtInt"},
        {"CheckLatency=maybe\n", "test.cfg:6: CheckLatency is Y or N, not \"maybe\""},
        {"ThreadingMode=both\n", "test.cfg:6: ThreadingMode is shared or dedicated"},
        {"IdleStrategy=nap\n", "test.cfg:6: IdleStrategy is spin, adaptive or park"},
        {"JournalDurability=interval:0\n", "test.cfg:6: JournalDurability is process, sync or"},
        {"JournalDurability=interval:\n", "test.cfg:6: JournalDurability"},
        {"JournalMaxSize=1023K\n", "test.cfg:6: JournalMaxSize is a number from 1048576 to"},
        {"JournalTailSize=1023K\n", "test.cfg:6: JournalTailSize is a number from 1048576 to"},
        {"JournalTailSize=17G\n", "test.cfg:6: JournalTailSize is a number from 1048576 to"},
        {"LogFormat=xml\n", "test.cfg:6: LogFormat is text or json"},
        {"LogLevel=loud\n", "test.cfg:6: LogLevel is error, warning, info or debug"},
        {"LogFile=\n", "test.cfg:6: LogFile has 1 to 1023 characters"},
        {"MessageLogSize=1023K\n", "test.cfg:6: MessageLogSize is a number from 1048576 to"},
        {"MessageLogFiles=0\n", "test.cfg:6: MessageLogFiles is a number from 1 to 1000"},
        {"LogLevel=\n", "test.cfg:6: LogLevel is error, warning, info or debug"},
        {"LogMessages=1\n", "test.cfg:6: LogMessages is Y or N"},
        {"FileLogPath=a\n[SESSION]\nFileLogPath=b\n",
         "test.cfg:8: FileLogPath differs from line 6; a process has one message log"},
        {"JournalInbound=1\n", "test.cfg:6: JournalInbound is Y or N, not \"1\""},
        {"JournalKeepMessages=-1\n", "test.cfg:6: JournalKeepMessages is a number from 0 to"},
        {"JournalKeepMessages=1K\n", "test.cfg:6: JournalKeepMessages is a number from 0 to"},
        {"JournalKeepSeconds=4294967296\n", "test.cfg:6: JournalKeepSeconds is a number from 0"},
        {"MaxMessageSize=1\n", "test.cfg:6: MaxMessageSize is a number from 1024"},
        {"MaxMessageSize=99999T\n", "test.cfg:6: MaxMessageSize"},
        {"MaxMessageSize=K\n", "test.cfg:6: MaxMessageSize"},
        {"CpuAffinity=3-1\n", "test.cfg:6: CpuAffinity is a list of cores"},
        {"CpuAffinity=0,\n", "test.cfg:6: CpuAffinity"},
        {"CpuAffinity=0-1023\n", "test.cfg:6: CpuAffinity"},
        {"LogonTimeout=0\n", "test.cfg:6: LogonTimeout"},
        {"UseLocalTime=1\n", "test.cfg:6: UseLocalTime is Y or N"},
        {"RejectGarbledMessage=Y\n", "test.cfg:6: RejectGarbledMessage is supported as N alone"},
        {"DefaultApplVerID=FIX.6\n", "test.cfg:6: DefaultApplVerID is FIX.4.0 to FIX.5.0SP2"},
        {"TimestampPrecision=4\n", "test.cfg:6: TimestampPrecision is 0, 3, 6 or 9"},
        {"StartTime=8:00\n", "test.cfg:6: StartTime is a time of the day, HH:MM:SS"},
        {"StartDay=Funday\n", "test.cfg:6: StartDay is a day of the week in English"},
        {"Weekdays=Mon;Tue\n", "test.cfg:6: Weekdays is a list of days"},
        {"SenderSubID=\n", "test.cfg:6: SenderSubID has 1 to 63 characters"},
        {"ResetSeqTime=00:00:00\n", "test.cfg:6: ResetSeqTime is not supported: remove it and"},
        {"FileStoreSync=Y\n", "test.cfg:6: FileStoreSync is not supported: remove it and use"},
        {"FileStorePath=\n", "test.cfg:6: FileStorePath has 1 to 1023 characters"},
        {"SocketConnectHost10=x\n", "test.cfg:6: SocketConnectHost10 is not supported: an"},
        {"AppDataDictionary.FIX.6.0=x\n", "test.cfg:6: unknown key"},
        {"SocketKeyStore=x\n", "test.cfg:6: SocketKeyStore is not supported: certificates and"},
        {"CertificateVerifyLevel=2\n", "test.cfg:6: CertificateVerifyLevel is 0 or 1"},
        {"SocketUseSSL=Y\n", "in this [SESSION]: SocketUseSSL=Y of an acceptor needs ServerCert"},
        {"SocketUseSSL=Y\nServerCertificateFile=c\nServerCertificateKeyFile=k\n"
         "CertificateVerifyLevel=1\n",
         "in this [SESSION]: CertificateVerifyLevel=1 needs CertificationAuthoritiesFile"},
        {"SocketUseSSL=Y\nServerCertificateFile=c\nServerCertificateKeyFile=k\n"
         "CertificateName=x\n",
         "in this [SESSION]: CertificateName needs CertificateVerifyLevel=1"},
        {"CertificateName=x\n", "in this [SESSION]: CertificateName needs SocketUseSSL=Y"},
        {"SocketUseSSL=Y\nCertificateName=, ,\n",
         "in this [SESSION]: CertificateName names nobody"},
        {"SocketUseSSL=Y\nClientCertificateFile=c\n",
         "in this [SESSION]: ClientCertificateFile and ClientCertificateKeyFile go together"},
        {"NonStopSession=1\n", "test.cfg:6: NonStopSession is Y or N"},
        {"SendQueueSize=8K\n", "test.cfg:6: SendQueueSize must be at least MaxMessageSize"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, VALID "%s[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n",
                 wrong[i][0]);
        expect_error(text, wrong[i][1]);
    }
}

static void test_structure_when_wrong_then_line_is_named(void **state)
{
    (void)state;
    expect_error("", "test.cfg:1: the file ends without a [SESSION]");
    expect_error(VALID, "test.cfg:5: the file ends without a [SESSION]");
    expect_error("HeartBtInt=1\n", "test.cfg:1: a setting before [DEFAULT] or [SESSION]");
    expect_error("[DEFAULTS]\n", "test.cfg:1: unknown section");
    expect_error(VALID "nonsense\n", "test.cfg:6: neither a [SECTION] nor KEY=VALUE");
    expect_error(VALID "HeartBtInt=1\n\nheartbtint=2\n", "test.cfg:8: HeartBtInt is set in line 6");
    expect_error(VALID "[DEFAULT]\n", "test.cfg:6: [DEFAULT] comes once");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\n",
                 "test.cfg:6: this [SESSION] has no TargetCompID");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\nShards=1\n",
                 "test.cfg:9: Shards is for the whole server; move it to [DEFAULT]");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\nServerCertificateFile=c\n",
                 "test.cfg:9: ServerCertificateFile is for the whole server; move it");
    expect_error(VALID TLS "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n"
                           "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=B\nSocketUseSSL=Y\n",
                 "session 2: SocketAcceptPort 5001 is used with SocketUseSSL=Y and without");
}

static void test_ports_when_sessions_have_their_own_then_each_is_a_listener(void **state)
{
    (void)state;
    struct rfx_listener listeners[RFX_LISTENERS_MAX];
    struct rfx_config config;
    struct rfx_error error;
    size_t count;
    assert_int_equal(parse(VALID TLS "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n"
                                     "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=B\n"
                                     "SocketAcceptPort=5002\nSocketUseSSL=Y\n"
                                     "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=C\n"
                                     "SocketAcceptPort=5003\n"
                                     "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=D\n"
                                     "SocketAcceptPort=5002\nSocketUseSSL=Y\n",
                           &config, &error),
                     RFX_OK);
    assert_int_equal(rfx_config_listeners(&config, listeners, &count, &error), RFX_OK);
    assert_int_equal(count, 3);
    assert_int_equal(listeners[0].port, 5001);
    assert_false(listeners[0].use_ssl);
    assert_int_equal(listeners[1].port, 5002);
    assert_true(listeners[1].use_ssl);
    assert_int_equal(listeners[2].port, 5003);
    config.accept_port = 0; /* any free one: a plain one, and one with TLS */
    for (size_t i = 0; i < config.session_count; i++) {
        config.sessions[i].accept_port = 0;
    }
    assert_int_equal(rfx_config_listeners(&config, listeners, &count, &error), RFX_OK);
    assert_int_equal(count, 2);
    rfx_config_free(&config);
}

static void test_ports_when_too_many_then_refused(void **state)
{
    (void)state;
    char text[4096] = VALID;
    struct rfx_config config;
    struct rfx_error error;
    for (unsigned i = 0; i <= RFX_LISTENERS_MAX; i++) {
        char session[128];
        snprintf(session, sizeof session,
                 "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=T%u\nSocketAcceptPort=%u\n", i,
                 6000 + i);
        strcat(text, session);
        const bool is_last = i == RFX_LISTENERS_MAX;
        assert_int_equal(parse(text, &config, &error), is_last ? RFX_E_CONFIG : RFX_OK);
        if (!is_last) {
            rfx_config_free(&config);
        }
    }
    assert_non_null(strstr(error.text, "one more than the 16"));
}

static void test_listener_when_sessions_disagree_then_line_is_named(void **state)
{
    (void)state;
    expect_error("[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort=1\nSenderCompID=S\n"
                 "JournalPath=j\nBeginString=FIX.4.4\n"
                 "[SESSION]\nTargetCompID=A\nSocketAcceptHost=127.0.0.1\n"
                 "[SESSION]\nTargetCompID=B\n",
                 "test.cfg:10: some [SESSION]s have a SocketAcceptHost and others have none");
}

static void test_line_when_not_text_then_it_is_refused(void **state)
{
    (void)state;
    static const char text[] = "[DEFAULT]\nSenderCompID=A\0B\n";
    struct rfx_config config;
    struct rfx_error error = {""};
    assert_int_equal(
        rfx_config_parse((struct rfx_bytes){text, sizeof text - 1}, "f", &config, &error),
        RFX_E_CONFIG);
    assert_string_equal(error.text, "f:2: the line holds a NUL byte; is this a text file?");
    char line[8300];
    memset(line, 'x', sizeof line);
    memcpy(line, "[DEFAULT]\n", 10);
    assert_int_equal(rfx_config_parse((struct rfx_bytes){line, sizeof line}, "f", &config, &error),
                     RFX_E_CONFIG);
    assert_string_equal(error.text, "f:2: the line is longer than 8192 bytes");
}

/* As many sections as 16 MiB hold: none may outgrow the array. */
static void test_sections_when_too_many_then_the_first_beyond_is_named(void **state)
{
    (void)state;
    static const char head[] = VALID "BeginString=FIX.4.4\nTargetCompID=A\n";
    size_t count = 1000001;
    size_t size = sizeof head - 1 + count * 10;
    char *text = malloc(size);
    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + sizeof head - 1 + i * 10, "[SESSION]\n", 10);
    }
    struct rfx_config config;
    struct rfx_error error = {""};
    assert_int_equal(rfx_config_parse((struct rfx_bytes){text, size}, "f", &config, &error),
                     RFX_E_CONFIG);
    assert_string_equal(error.text, "f:1000008: more than 1000000 sessions; remove some");
    free(text);
}

static void test_file_when_absent_or_too_large_then_it_says_so(void **state)
{
    (void)state;
    char directory[256];
    char path[300];
    struct rfx_config config;
    struct rfx_error error = {""};
    make_temp_dir(directory);
    snprintf(path, sizeof path, "%s/ringfix.cfg", directory);
    assert_int_equal(rfx_config_load(path, &config, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, "No such file"));
    assert_int_equal(rfx_config_load(directory, &config, &error), RFX_E_IO);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 16 << 20, SEEK_SET), 0);
    assert_int_equal(fputc('#', file), '#');
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rfx_config_load(path, &config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "larger than 16 MiB"));
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rfx_config_load(path, &config, &error), RFX_OK);
    assert_int_equal(config.session_count, 1);
    rfx_config_free(&config);
    remove_tree(directory);
}

static void test_session_when_every_key_is_given_then_all_are_read(void **state)
{
    (void)state;
    static const char text[] = VALID
        "SenderSubID=desk\nSenderLocationID=london\nTargetSubID=algo\nTargetLocationID=paris\n"
        "TimeZone=Europe/London\nDataDictionary=one.xml\n"
        "[SESSION]\nBeginString=FIXT.1.1\nDefaultApplVerID=FIX.5.0SP1\nTargetCompID=A\n"
        "TimestampPrecision=9\nTestMessageIndicator=Y\nSendRedundantResendRequests=Y\n"
        "ResendRequestChunkSize=500\nEnableNextExpectedMsgSeqNum=Y\n"
        "EnableLastMsgSeqNumProcessed=Y\nRequiresOrigSendingTime=N\nUseDataDictionary=N\n"
        "TransportDataDictionary=t.xml\nAppDataDictionary=a.xml\n"
        "AppDataDictionary.FIX.4.4=b.xml\nValidateFieldsOutOfOrder=N\n"
        "ValidateFieldsHaveValues=N\nValidateUserDefinedFields=N\n"
        "ValidateUnorderedGroupFields=N\nValidateLengthAndChecksum=N\n"
        "AllowUnknownMsgFields=Y\nAllowUnknownEnumValues=Y\nStartTime=08:00:01\n"
        "EndTime=17:30:00\nStartDay=Sunday\nEndDay=Fri\nLogonTime=09:00:00\n"
        "LogoutTime=17:00:00\nAllowedRemoteAddresses=10.0.0.0/8,::1\n"
        "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.0\nTargetCompID=B\n"
        "SessionQualifier=backup\nMillisecondsInTimeStamp=N\nNonStopSession=Y\n"
        "SocketConnectHost=a\nSocketConnectPort=1\nSocketConnectHost1=b\n"
        "SocketConnectPort1=2\n";
    struct rfx_config config;
    struct rfx_config copy;
    struct rfx_error error = {""};
    if (parse(text, &config, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(rfx_config_copy(&config, &copy, &error), RFX_OK);
    rfx_config_free(&config); /* the copy stands on its own */
    const struct rfx_session_config *a = &copy.sessions[0];
    const struct rfx_session_config *b = &copy.sessions[1];
    assert_string_equal(a->sender_sub_id, "desk");
    assert_string_equal(b->sender_location_id, "london");
    assert_string_equal(a->target_sub_id, "algo");
    assert_string_equal(b->target_location_id, "paris");
    assert_string_equal(a->time_zone, "Europe/London");
    assert_string_equal(b->data_dictionary, "one.xml");
    assert_ptr_equal(a->data_dictionary, b->data_dictionary);
    assert_int_equal(a->default_appl_ver_id, 8);
    assert_int_equal(b->default_appl_ver_id, -1);
    assert_int_equal(a->timestamp_precision, 9);
    assert_int_equal(b->timestamp_precision, 0);
    assert_true(a->test_message_indicator && a->send_redundant_resend_requests);
    assert_int_equal(a->resend_request_chunk_size, 500);
    assert_true(a->enable_next_expected_msg_seq_num && a->enable_last_msg_seq_num_processed);
    assert_false(a->requires_orig_sending_time || a->use_data_dictionary);
    assert_true(b->requires_orig_sending_time && b->use_data_dictionary);
    assert_string_equal(a->transport_data_dictionary, "t.xml");
    assert_string_equal(a->app_data_dictionary, "a.xml");
    assert_string_equal(a->app_data_dictionaries[6], "b.xml");
    assert_false(a->validate_fields_out_of_order || a->validate_fields_have_values ||
                 a->validate_user_defined_fields || a->validate_unordered_group_fields ||
                 a->validate_checksum);
    assert_true(b->validate_fields_out_of_order && b->validate_fields_have_values &&
                b->validate_user_defined_fields && b->validate_unordered_group_fields &&
                b->validate_checksum);
    assert_true(a->allow_unknown_msg_fields && a->allow_unknown_enum_values);
    assert_false(b->allow_unknown_msg_fields || b->allow_unknown_enum_values);
    assert_int_equal(a->start.second, 8 * 3600 + 1);
    assert_int_equal(a->start.day, 0);
    assert_int_equal(a->end.second, 17 * 3600 + 1800);
    assert_int_equal(a->end.day, 5);
    assert_int_equal(a->logon.second, 9 * 3600);
    assert_int_equal(a->logout.day, RFX_NO_DAY);
    assert_true(b->non_stop_session);
    assert_int_equal(b->start.second, RFX_NO_TIME);
    assert_string_equal(a->allowed_addresses, "10.0.0.0/8,::1");
    assert_string_equal(b->session_qualifier, "backup");
    assert_string_equal(b->hosts[1].name, "b");
    assert_int_equal(b->hosts[1].port, 2);
    assert_null(b->hosts[2].name);
    char name[RFX_SESSION_NAME_MAX];
    size_t size = rfx_session_name_of_config(a, a->target_comp_id, name);
    assert_string_equal(name, "FIXT.1.1:RINGFIX/desk/london->A/algo/paris");
    assert_int_equal(size, strlen(name));
    rfx_session_name_of_config(b, b->target_comp_id, name);
    assert_string_equal(name, "FIX.4.0:RINGFIX/desk/london->B/algo/paris:backup");
    rfx_config_free(&copy);
}

static void test_session_when_wrong_then_section_is_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"BeginString=FIX.3.9\n", "in this [SESSION]: BeginString must be FIX.4.0 to FIX.4.4"},
        {"BeginString=FIX.5.0\n", "(FIX.5.0 and later: FIXT.1.1 with DefaultApplVerID)"},
        {"BeginString=FIXT.1.1\n", "BeginString=FIXT.1.1 needs DefaultApplVerID"},
        {"BeginString=FIX.4.4\nDefaultApplVerID=9\n", "DefaultApplVerID is for"},
        {"BeginString=FIX.4.4\nSenderSubID=A/B\n", "SubIDs, LocationIDs and"},
        {"BeginString=FIX.4.4\nSessionQualifier=Q\n", "SessionQualifier tells initiators apart"},
        {"BeginString=FIX.4.4\nStartTime=08:00:00\n", "StartTime and EndTime go together"},
        {"BeginString=FIX.4.4\nStartDay=Mon\nEndDay=Fri\n", "need StartTime and EndTime"},
        {"BeginString=FIX.4.4\nStartTime=08:00:00\nEndTime=09:00:00\nStartDay=Mon\nEndDay=Fri\n"
         "Weekdays=Mon\n",
         "Weekdays is for daily sessions"},
        {"BeginString=FIX.4.4\nLogonTime=08:00:00\n", "LogonTime and LogoutTime go together"},
        {"BeginString=FIX.4.4\nAllowedRemoteAddresses=host\n", "AllowedRemoteAddresses must be"},
        {"BeginString=FIX.4.4\nSocketConnectHost=a\n", "each SocketConnectHost needs"},
        {"BeginString=FIX.4.4\nSocketConnectHost1=a\nSocketConnectPort1=2\n", "without a gap"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, VALID "[SESSION]\nTargetCompID=A\n%s", wrong[i][0]);
        expect_error(text, wrong[i][1]);
    }
    expect_error(
        VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=*\n",
        "test.cfg:6: in this [SESSION]: AcceptorTemplate=Y and TargetCompID=* go together");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\nAcceptorTemplate=Y\n",
                 "AcceptorTemplate=Y and TargetCompID=* go together");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A->B\n", "without \"->\"");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\nConnectionType=initiator\n",
                 "an initiator needs SocketConnectHost and SocketConnectPort");
    expect_error(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n"
                       "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n",
                 "test.cfg:9: session FIX.4.4:RINGFIX->A is in line 6 already; remove one");
    expect_error(VALID "BeginString=FIX.4.4\n[SESSION]\nTargetCompID=A\n"
                       "[SESSION]\nTargetCompID=B\n[SESSION]\nTargetCompID=B\n"
                       "[SESSION]\nTargetCompID=A\n",
                 "test.cfg:11: session FIX.4.4:RINGFIX->B is in line 9 already");
    expect_error(VALID "MaxSessions=1\n[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n"
                       "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=B\n",
                 "test.cfg:6: there are 2 sessions but MaxSessions=1");
    expect_error("[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort=1\nSenderCompID=S\n"
                 "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n",
                 "test.cfg:1: JournalPath is missing");
    expect_error("[DEFAULT]\nConnectionType=acceptor\nSenderCompID=S\nJournalPath=j\n"
                 "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n",
                 "test.cfg:5: an acceptor needs SocketAcceptPort");
}

static void test_struct_when_filled_by_a_program_then_it_is_checked(void **state)
{
    (void)state;
    struct rfx_config config = rfx_config_default;
    struct rfx_session_config session = rfx_session_config_default;
    struct rfx_error error;
    strcpy(session.begin_string, "FIX.4.4");
    strcpy(session.sender_comp_id, "S");
    strcpy(session.target_comp_id, "T");
    config.sessions = &session;
    config.session_count = 1;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_OK);
    memset(session.target_comp_id, 'T', sizeof session.target_comp_id);
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    strcpy(session.target_comp_id, "T\n");
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    strcpy(session.target_comp_id, "T");
    config.send_queue_size = 8192;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "SendQueueSize"));
    config.send_queue_size = rfx_config_default.send_queue_size;
    config.durability = (enum rfx_durability)9;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "JournalDurability"));
    config.durability = RFX_DURABILITY_PROCESS;
    config.journal_tail_size = (UINT64_C(16) << 30) + 1;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "JournalTailSize"));
    config.journal_tail_size = rfx_config_default.journal_tail_size;
    config.journal_size_max = 1;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "JournalMaxSize"));
    config.journal_size_max = rfx_config_default.journal_size_max;
    config.message_log_size = 1;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "MessageLogSize"));
    config.message_log_size = rfx_config_default.message_log_size;
    config.log_level = (enum rfx_log_level)9;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "LogLevel"));
    config.log_level = RFX_LOG_INFO;
    config.log_format = (enum rfx_log_format)9;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "LogFormat"));
    config.log_format = RFX_LOG_TEXT;
    config.cpu_affinity[0] = 1024;
    config.cpu_affinity_count = 1;
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "CpuAffinity"));
    config.cpu_affinity_count = 0;
    char host[RFX_HOST_MAX + 2];
    memset(host, 'h', sizeof host);
    host[RFX_HOST_MAX + 1] = '\0';
    session.hosts[0] = (struct rfx_host){.name = host, .port = 1};
    assert_int_equal(rfx_config_validate(&config, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "SocketConnectHost"));
}

static void test_journal_when_its_keys_are_absent_then_everything_is_kept(void **state)
{
    (void)state;
    struct rfx_config config;
    struct rfx_error error = {""};
    assert_int_equal(
        parse(VALID "[SESSION]\nBeginString=FIX.4.4\nTargetCompID=A\n", &config, &error), RFX_OK);
    assert_int_equal(config.journal_size_max, UINT64_C(256) << 30);
    assert_int_equal(config.journal_tail_size, 64 << 20);
    assert_true(config.sessions[0].persist_messages);
    assert_false(config.sessions[0].journal_inbound);
    assert_int_equal(config.sessions[0].journal_keep_messages, 0);
    assert_int_equal(config.sessions[0].journal_keep_s, 0);
    rfx_config_free(&config);
}

/* Bytes changed, cut and doubled at random: an error or a configuration, never a crash. */
static void test_file_when_mutated_then_it_is_refused_or_read(void **state)
{
    (void)state;
    static const char seed_text[] = VALID "CpuAffinity=0,2-4\nJournalDurability=interval:10\n"
                                          "JournalMaxSize=1G\n[SESSION]\nBeginString=FIX.4.4\n"
                                          "TargetCompID=A\n[SESSION]\nBeginString=FIX.4.2\n"
                                          "TargetCompID=*\nAcceptorTemplate=Y\n";
    uint64_t random = 42;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof seed_text];
        memcpy(text, seed_text, sizeof text);
        size_t size = sizeof text - 1;
        for (int change = 0; change < 4; change++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t at = (size_t)(random >> 33) % size;
            text[at] = (char)(random >> 24);
            if ((random >> 20 & 15) == 0) {
                size = at + 1;
            }
        }
        struct rfx_config config;
        struct rfx_error error;
        char *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, text, size);
        if (rfx_config_parse((struct rfx_bytes){copy, size}, "m", &config, &error) == RFX_OK) {
            assert_int_equal(rfx_config_validate(&config, &error), RFX_OK);
            rfx_config_free(&config);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_when_complete_then_every_value_is_read),
        cmocka_unit_test(test_key_when_misspelt_then_nearest_name_is_offered),
        cmocka_unit_test(test_value_when_wrong_then_line_and_range_are_named),
        cmocka_unit_test(test_structure_when_wrong_then_line_is_named),
        cmocka_unit_test(test_ports_when_sessions_have_their_own_then_each_is_a_listener),
        cmocka_unit_test(test_ports_when_too_many_then_refused),
        cmocka_unit_test(test_listener_when_sessions_disagree_then_line_is_named),
        cmocka_unit_test(test_line_when_not_text_then_it_is_refused),
        cmocka_unit_test(test_sections_when_too_many_then_the_first_beyond_is_named),
        cmocka_unit_test(test_file_when_absent_or_too_large_then_it_says_so),
        cmocka_unit_test(test_session_when_every_key_is_given_then_all_are_read),
        cmocka_unit_test(test_session_when_wrong_then_section_is_named),
        cmocka_unit_test(test_struct_when_filled_by_a_program_then_it_is_checked),
        cmocka_unit_test(test_journal_when_its_keys_are_absent_then_everything_is_kept),
        cmocka_unit_test(test_file_when_mutated_then_it_is_refused_or_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
