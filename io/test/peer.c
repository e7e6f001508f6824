/* A counterparty: its connection, its Logon, and what it does by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"
#include "io/test/test_internal.h"

/* --------------------------------------------------------------------------- what it hears */

static uint64_t number_of(const struct rfx_message *message, int32_t tag)
{
    int64_t number;
    return rfx_message_get_int(message, tag, &number) == RFX_OK && number > 0 ? (uint64_t)number
                                                                              : 0;
}

static bool has_flag(const struct rfx_message *message, int32_t tag)
{
    struct rfx_bytes value;
    return rfx_message_get(message, tag, &value) == RFX_OK && rfx_bytes_equal(value, "Y", 1);
}

static void note_number(struct rfx_peer *peer, const struct rfx_message *message)
{
    if (rfx_message_is(message, "4")) { /* SequenceReset: NewSeqNo */
        peer->next_in = number_of(message, 36);
    } else if (!has_flag(message, 43) && number_of(message, 34) != 0) {
        peer->next_in = number_of(message, 34) + 1;
    }
}

static void note_logon(struct rfx_peer *peer, const struct rfx_message *message)
{
    peer->logon = message;
    peer->heartbeat_ns = number_of(message, 108) * RFX_NS_PER_S;
    peer->is_logged_on = peer->profile->config->role == RFX_ROLE_ACCEPTOR;
}

static void answer_test(struct rfx_peer *peer, const struct rfx_message *message)
{
    struct rfx_bytes id;
    if (rfx_message_get(message, 112, &id) == RFX_OK) {
        struct rfx_fields fields = {0};
        rfx_fields_add(&fields, 35, rfx_bytes_of("0", 1));
        rfx_fields_add(&fields, 112, id);
        rfx_status status = rfx_peer_put(peer, &fields);
        RFX_ASSERT(status == RFX_OK);
        rfx_fields_close(&fields);
    }
}

/* True when the message is one of the session layer's. */
static bool act(struct rfx_peer *peer, const struct rfx_message *message)
{
    const struct rfx_bytes type = rfx_message_type(message);
    switch (type.size == 1 ? type.data[0] : '?') {
    case '1': /* TestRequest */
        answer_test(peer, message);
        return true;
    case '2': /* ResendRequest */
        if (number_of(message, 7) != 0) {
            rfx_peer_resend(peer, number_of(message, 7), number_of(message, 16));
        }
        return true;
    case '5': /* Logout */
        if (!peer->has_logged_out) {
            rfx_peer_put_text(peer, "35=5");
        }
        return true;
    case '0': /* Heartbeat */
    case '4': /* SequenceReset */
    case 'A': /* Logon */
        return true;
    default: /* an open set: Reject and the application's */
        return false;
    }
}

void rfx_peer_receive(struct rfx_peer *peer, struct rfx_bytes bytes)
{
    struct rfx_test_message *kept = rfx_test_keep(peer, bytes);
    const struct rfx_message *message = &kept->message;
    note_number(peer, message);
    if (rfx_message_is(message, "A")) {
        note_logon(peer, message);
    } else if (rfx_message_is(message, "5")) {
        peer->logout = message;
    }
    if (peer->manner == RFX_PEER_LIVE && act(peer, message)) {
        kept->next = peer->hidden;
        peer->hidden = kept;
    } else {
        *peer->last = kept;
        peer->last = &kept->next;
    }
}

uint64_t rfx_peer_deadline_ns(const struct rfx_peer *peer)
{
    const bool is_beating = peer->manner == RFX_PEER_LIVE && peer->is_connected &&
                            peer->is_logged_on && peer->heartbeat_ns != 0;
    return is_beating ? peer->last_sent_ns + peer->heartbeat_ns : RFX_NEVER_NS;
}

void rfx_peer_beat(struct rfx_peer *peer)
{
    if (rfx_peer_deadline_ns(peer) <= peer->test->now.mono_ns) {
        rfx_peer_put_text(peer, "35=0");
    }
}

static void free_list(struct rfx_test_message *message)
{
    while (message != NULL) {
        struct rfx_test_message *next = message->next;
        free(message);
        message = next;
    }
}

void rfx_peer_release(struct rfx_peer *peer)
{
    free_list(peer->first);
    free_list(peer->hidden);
    free_list(peer->sent);
    rfx_text_close(&peer->stream);
    free(peer);
}

/* ----------------------------------------------------------------------------- connections */

static rfx_status fail_state(struct rfx_peer *peer, const char *what)
{
    const struct rfx_session *session = rfx_peer_session(peer);
    return rfx_fail(&peer->test->error, RFX_E_STATE, "%s: %s; the session is in state %s",
                    peer->comp_id, what,
                    session != NULL ? rfx_state_text(rfx_session_state(session)) : "none");
}

static void begin_connection(struct rfx_peer *peer)
{
    peer->is_connected = true;
    peer->is_named = peer->profile->config->role == RFX_ROLE_INITIATOR;
    peer->is_logged_on = false;
    peer->has_logged_out = false;
    peer->close_reason = RFX_REASON_NONE;
    peer->logout = NULL;
    peer->generation++;
    rfx_text_clear(&peer->stream);
}

static rfx_status fail_to_dial(struct rfx_peer *peer)
{
    return fail_state(peer, "the initiator does not dial now; rfx_test_advance() until it does, "
                            "ReconnectInterval after a failure");
}

/* The session gives a connect up when it takes too long. */
static bool is_dialing(const struct rfx_peer *peer)
{
    return peer->is_dialing && rfx_session_state(peer->session) == RFX_INITIATE_CONNECTION;
}

rfx_status rfx_peer_connect(struct rfx_peer *peer)
{
    rfx_test_run(peer->test);
    if (peer->is_connected) {
        return fail_state(peer, "connected already");
    }
    if (peer->profile->config->role == RFX_ROLE_ACCEPTOR) {
        begin_connection(peer);
        return RFX_OK;
    }
    if (!is_dialing(peer)) {
        return fail_to_dial(peer);
    }
    peer->is_dialing = false;
    begin_connection(peer);
    rfx_peer_say(peer, RFX_LINK_CONNECTED, RFX_REASON_NONE);
    rfx_test_run(peer->test);
    return RFX_OK;
}

rfx_status rfx_peer_refuse(struct rfx_peer *peer)
{
    rfx_test_run(peer->test);
    if (!is_dialing(peer)) {
        return fail_to_dial(peer);
    }
    peer->is_dialing = false;
    rfx_peer_say(peer, RFX_LINK_DISCONNECTED, RFX_REASON_CONNECT_FAILED);
    rfx_test_run(peer->test);
    return RFX_OK;
}

void rfx_peer_disconnect(struct rfx_peer *peer)
{
    rfx_test_run(peer->test);
    if (!peer->is_connected) {
        return;
    }
    peer->is_connected = false;
    peer->is_logged_on = false;
    peer->is_stalled = false;
    if (peer->is_named) {
        rfx_peer_say(peer, RFX_LINK_DISCONNECTED, RFX_REASON_PEER_CLOSED);
    }
    rfx_test_run(peer->test);
}

/* ---------------------------------------------------------------------------------- logons */

/* An answer echoes HeartBtInt(108) and ResetSeqNumFlag(141) of the Logon. */
static void add_logon_fields(const struct rfx_peer *peer, struct rfx_fields *fields)
{
    const struct rfx_session_config *config = peer->profile->config;
    const bool is_answer = config->role == RFX_ROLE_INITIATOR;
    struct rfx_bytes interval;
    rfx_fields_default(fields, 35, rfx_bytes_of("A", 1));
    rfx_fields_default(fields, 98, rfx_bytes_of("0", 1));
    if (is_answer && rfx_message_get(peer->logon, 108, &interval) == RFX_OK) {
        rfx_fields_default(fields, 108, interval);
    } else if (rfx_fields_find(fields, 108) == NULL) {
        rfx_fields_format(fields, 108, "%u", config->heartbeat_s);
    }
    if (is_answer && has_flag(peer->logon, 141)) {
        rfx_fields_default(fields, 141, rfx_bytes_of("Y", 1));
    }
    if (config->default_appl_ver_id >= 0 && rfx_fields_find(fields, 1137) == NULL) {
        rfx_fields_format(fields, 1137, "%d", config->default_appl_ver_id);
    }
}

static rfx_status check_logon(struct rfx_peer *peer)
{
    const struct rfx_session *session = rfx_peer_session(peer);
    struct rfx_bytes text = {.data = "", .size = 0};
    if (peer->is_connected && session != NULL && rfx_session_is_logged_on(session)) {
        peer->is_logged_on = true;
        return RFX_OK;
    }
    if (peer->is_connected) {
        return fail_state(peer, "the Logon is not answered");
    }
    if (peer->logout != NULL) {
        (void)!rfx_message_get(peer->logout, 58, &text);
    }
    return rfx_fail(&peer->test->error, RFX_E_STATE, "%s: the Logon was not accepted: %s%s%.*s",
                    peer->comp_id, rfx_disconnect_reason_text(peer->close_reason),
                    text.size > 0 ? "; the Logout says: " : "", (int)rfx_min_u64(text.size, 200),
                    text.data);
}

rfx_status rfx_peer_logon(struct rfx_peer *peer, const char *fields)
{
    struct rfx_fields list = {0};
    rfx_status status = peer->is_connected ? RFX_OK : rfx_peer_connect(peer);
    if (status == RFX_OK && peer->is_logged_on) {
        status = fail_state(peer, "logged on already");
    }
    if (status == RFX_OK && fields != NULL) {
        status = rfx_fields_parse(&list, fields, &peer->test->error);
    }
    if (status == RFX_OK && peer->profile->config->role == RFX_ROLE_INITIATOR &&
        peer->logon == NULL) {
        status = fail_state(peer, "the initiator has sent no Logon");
    }
    if (status == RFX_OK) {
        add_logon_fields(peer, &list);
        status = rfx_peer_put_now(peer, &list);
    }
    rfx_fields_close(&list);
    return status == RFX_OK ? check_logon(peer) : status;
}

rfx_status rfx_peer_logout(struct rfx_peer *peer)
{
    rfx_status status = rfx_peer_send(peer, "35=5");
    if (status == RFX_OK && peer->logout == NULL) {
        return fail_state(peer, "the Logout is not answered");
    }
    return status;
}

/* --------------------------------------------------------------------------------- getters */

void rfx_peer_set_manner(struct rfx_peer *peer, enum rfx_peer_manner manner)
{
    peer->manner = manner;
}

bool rfx_peer_is_connected(const struct rfx_peer *peer)
{
    return peer->is_connected;
}

enum rfx_disconnect_reason rfx_peer_close_reason(const struct rfx_peer *peer)
{
    return peer->close_reason;
}

struct rfx_session *rfx_peer_session(const struct rfx_peer *peer)
{
    if (peer->session != NULL) {
        return peer->session;
    }
    const struct rfx_conn_id conn = {.index = peer->index, .generation = peer->generation};
    struct rfx_hosted *hosted =
        peer->is_connected ? rfx_shard_attached(peer->test->shard, conn) : NULL;
    return hosted != NULL ? &hosted->session : NULL;
}

const struct rfx_message *rfx_peer_logon_received(const struct rfx_peer *peer)
{
    return peer->logon;
}

void rfx_peer_set_address(struct rfx_peer *peer, const char *address)
{
    RFX_ASSERT(strlen(address) < sizeof peer->address);
    strcpy(peer->address, address);
}

uint64_t rfx_peer_next_out(const struct rfx_peer *peer)
{
    return peer->next_out;
}

uint64_t rfx_peer_next_in(const struct rfx_peer *peer)
{
    return peer->next_in;
}

void rfx_peer_set_next_out(struct rfx_peer *peer, uint64_t number)
{
    peer->next_out = number;
}

void rfx_peer_set_next_in(struct rfx_peer *peer, uint64_t number)
{
    peer->next_in = number;
}
