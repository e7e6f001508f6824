/* Names of states and reasons. */
#include "ringfix/session.h"

const char *rfx_state_text(enum rfx_state state)
{
    switch (state) {
    case RFX_STATE_UNKNOWN:
        return "UNKNOWN";
    case RFX_DISCONNECTED_NOCONN_TODAY:
        return "DISCONNECTED_NOCONN_TODAY";
    case RFX_DISCONNECTED_WCONN_TODAY:
        return "DISCONNECTED_WCONN_TODAY";
    case RFX_DISCONNECTED_BROKEN_CONN:
        return "DISCONNECTED_BROKEN_CONN";
    case RFX_AWAITING_CONNECTION:
        return "AWAITING_CONNECTION";
    case RFX_INITIATE_CONNECTION:
        return "INITIATE_CONNECTION";
    case RFX_NETWORK_CONN_ESTABLISHED:
        return "NETWORK_CONN_ESTABLISHED";
    case RFX_LOGON_INITIAL_SENT:
        return "LOGON_INITIAL_SENT";
    case RFX_LOGON_INITIAL_RECV:
        return "LOGON_INITIAL_RECV";
    case RFX_LOGON_RESPONSE:
        return "LOGON_RESPONSE";
    case RFX_RESENDREQ_HANDLING:
        return "RESENDREQ_HANDLING";
    case RFX_RECV_SEQNUM_TOO_HIGH:
        return "RECV_SEQNUM_TOO_HIGH";
    case RFX_RESENDREQ_AWAITING:
        return "RESENDREQ_AWAITING";
    case RFX_NO_MSG_IN_INTERVAL:
        return "NO_MSG_IN_INTERVAL";
    case RFX_AWAIT_PROC_TEST_REQ:
        return "AWAIT_PROC_TEST_REQ";
    case RFX_RECEIVED_LOGOUT:
        return "RECEIVED_LOGOUT";
    case RFX_INITIATE_LOGOUT:
        return "INITIATE_LOGOUT";
    case RFX_ACTIVE:
        return "ACTIVE";
    case RFX_WAITING_FOR_LOGON:
        return "WAITING_FOR_LOGON";
    }
    return "UNKNOWN";
}

const char *rfx_disconnect_reason_text(enum rfx_disconnect_reason reason)
{
    switch (reason) {
    case RFX_REASON_NONE:
    case RFX_REASON_COUNT:
        break;
    case RFX_REASON_LOGOUT_RECEIVED:
        return "the counterparty logged out";
    case RFX_REASON_LOGOUT_COMPLETED:
        return "logged out";
    case RFX_REASON_LOGOUT_TIMEOUT:
        return "no answer to Logout";
    case RFX_REASON_PEER_CLOSED:
        return "the counterparty closed the connection";
    case RFX_REASON_CONNECTION_LOST:
        return "connection lost";
    case RFX_REASON_CONNECT_FAILED:
        return "connect failed";
    case RFX_REASON_LOGON_TIMEOUT:
        return "no Logon in time";
    case RFX_REASON_LOGON_REFUSED:
        return "the counterparty refused our Logon";
    case RFX_REASON_NOT_A_LOGON:
        return "first message is not a Logon";
    case RFX_REASON_GARBLED_LOGON:
        return "first bytes are not a FIX message";
    case RFX_REASON_UNKNOWN_SESSION:
        return "no session with this BeginString, SenderCompID and TargetCompID";
    case RFX_REASON_DUPLICATE_SESSION:
        return "the session is already connected";
    case RFX_REASON_SESSION_LIMIT:
        return "MaxSessions is reached";
    case RFX_REASON_INVALID_LOGON:
        return "invalid Logon";
    case RFX_REASON_ADDRESS:
        return "the address is not in AllowedRemoteAddresses";
    case RFX_REASON_AUTHENTICATION:
        return "the application refused the Logon";
    case RFX_REASON_SESSION_TIME:
        return "outside the session time";
    case RFX_REASON_BAD_SENDING_TIME:
        return "SendingTime accuracy problem";
    case RFX_REASON_BAD_COMP_ID:
        return "CompID problem";
    case RFX_REASON_BAD_BEGIN_STRING:
        return "wrong BeginString";
    case RFX_REASON_SEQ_NUM_TOO_LOW:
        return "MsgSeqNum too low";
    case RFX_REASON_SEQ_NUM_MISSING:
        return "MsgSeqNum missing";
    case RFX_REASON_TEST_REQUEST_UNANSWERED:
        return "no answer to TestRequest";
    case RFX_REASON_SLOW_CONSUMER:
        return "the counterparty reads too slowly, SendQueueSize is reached";
    case RFX_REASON_APPLICATION:
        return "closed by the application";
    case RFX_REASON_SERVER_STOPPED:
        return "the server stops";
    case RFX_REASON_JOURNAL_FULL:
        return "the journal has no room";
    case RFX_REASON_DISABLED:
        return "the session is disabled";
    case RFX_REASON_ADDRESS_LIMIT:
        return "MaxConnectionsPerAddress is reached";
    case RFX_REASON_PENDING_LIMIT:
        return "MaxPendingLogons is reached";
    case RFX_REASON_CONNECTION_LIMIT:
        return "MaxConnections is reached";
    case RFX_REASON_LISTENER:
        return "the session has another port, or TLS";
    case RFX_REASON_TLS:
        return "TLS failed";
    case RFX_REASON_CERTIFICATE:
        return "the certificate is another's";
    case RFX_REASON_PROXY:
        return "no PROXY header of version 2";
    case RFX_REASON_RECONFIGURED:
        return "the session's configuration has changed";
    }
    return "none";
}
