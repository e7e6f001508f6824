#include "core/config_foreign.h"

#include <string.h>
#include <strings.h>

static const struct rfx_foreign_key keys[] = {
    /* What ringfix does anyway, or what has nothing to act on here. */
    {"HostSelectionPolicy", "ROUNDROBIN", "hosts are tried in turn", false},
    {"ValidateIncomingMessage RejectInvalidMessage", "Y",
     "UseDataDictionary decides, and what is invalid is rejected", false},
    {"ValidateSequenceNumbers", "Y", "always", false},
    {"RejectGarbledMessage", "N", "garbled messages are dropped, as the standard asks", false},
    {"FirstFieldInGroupIsDelimiter", "N", "the dictionary says which field it is", false},
    {"AllowPosDup", "N", "PossDupFlag is not sent with new messages", false},
    {"PreserveMessageFieldsOrder", NULL, "fields stay in the order in which they were set", false},
    {"RefreshOnLogon", NULL, "the journal belongs to one process, its state is always the latest",
     false},
    {"ResetOnError DisconnectOnError HeartBtIntOverride", "N", "never", false},
    {"SocketReuseAddress SocketNodelay SocketTcpNoDelay", NULL, "always Y", false},
    {"ScreenLogShowIncoming ScreenLogShowOutgoing ScreenLogShowEvents ScreenLog*", NULL,
     "events go to LogFile or standard error, messages to FileLogPath", false},
    {"FileLog*", NULL, "FileLogPath says where, and the message log has all of them", false},
    {"FileStoreMaxCachedMsgs FileIncludeMilliseconds FileIncludeTimeStampForMessages", NULL,
     "about files that ringfix does not have", false},
    {"MySQL* PostgreSQL* Odbc* Jdbc* SQLStore* Mongo*", NULL,
     "messages are kept in the journal, see JournalPath", false},
    /* What would promise something that ringfix does not do. */
    {"ResetSeqTime EnableResetSeqTime", NULL,
     "remove it and use StartTime and EndTime; the numbers are reset when a session begins", true},
    {"ClosedResendInterval", NULL, "how a ResendRequest ends is not adjustable; remove it", true},
    {"MaxScheduledWriteRequests", NULL, "remove it and use SendQueueSize, in bytes", true},
    {"SocketConnectSource* SocketLocal*", NULL,
     "the source address is the system's choice; remove it", true},
    {"SocketConnectHost* SocketConnectPort*", NULL,
     "an initiator has up to ten hosts: SocketConnectHost, SocketConnectHost1 to 9; remove it",
     true},
    {"HostSelectionPolicy*", NULL, "hosts are tried in turn; remove it", true},
    {"DynamicSessions", NULL, "remove it and use AcceptorTemplate=Y with TargetCompID=*", true},
    {"SocketAcceptAddress", NULL, "remove it and use SocketAcceptHost", true},
    {"FileStoreSync", NULL, "remove it and use JournalDurability=sync", true},
    {"SocketKeyStore* SocketTrustStore* KeyStore* TrustStore* KeyManager* TrustManager*", NULL,
     "certificates and keys are PEM files: ServerCertificateFile, CertificationAuthoritiesFile and "
     "so on, see docs/tls.md; remove it",
     true},
    {"EnabledProtocols", NULL, "remove it and use SSLProtocol", true},
    {"CipherSuites", NULL, "remove it and use SSLCipherSuite and TLSCipherSuites", true},
};

static bool is_match(struct rfx_bytes name, const char *pattern, size_t size)
{
    bool is_stem = pattern[size - 1] == '*';
    size -= is_stem;
    return (is_stem ? name.size >= size : name.size == size) &&
           strncasecmp(name.data, pattern, size) == 0;
}

const struct rfx_foreign_key *rfx_foreign_key_find(struct rfx_bytes name)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *pattern = keys[i].names;
        while (*pattern != '\0') {
            size_t size = strcspn(pattern, " ");
            if (is_match(name, pattern, size)) {
                return &keys[i];
            }
            pattern += size + (pattern[size] == ' ');
        }
    }
    return NULL;
}
