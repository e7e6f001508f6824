/* What the I/O loops sent, and the messages that were held back during a gap. */
#include "core/shard_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/address.h"
#include "core/config_listeners.h"

#define RECORDS_PER_TURN 256

static void close_unattached(struct rfx_shard *shard, struct rfx_conn_id conn,
                             enum rfx_disconnect_reason reason)
{
    struct rfx_outbox_entry *entry = rfx_outbox_add(&shard->outbox, RFX_OUTBOX_CLOSE);
    entry->conn = conn;
    entry->reason = reason;
    rfx_shard_mark_closed(shard, conn);
}

static void close_stranger(struct rfx_shard *shard, struct rfx_conn_id conn,
                           enum rfx_disconnect_reason reason)
{
    close_unattached(shard, conn, reason);
    rfx_shard_count_disconnect(shard, reason);
}

static bool is_same(struct rfx_conn_id a, struct rfx_conn_id b)
{
    return a.loop == b.loop && a.index == b.index && a.generation == b.generation;
}

/* "192.0.2.1:5001" or "[2001:db8::1]:5001" without the port. */
static struct rfx_bytes host_of(const char *address)
{
    if (address[0] == '[') {
        return rfx_bytes_of(address + 1, strcspn(address + 1, "]"));
    }
    return rfx_bytes_of(address, strcspn(address, ":"));
}

static const char *peer_of(const struct rfx_link_message *record)
{
    return record->peer != NULL ? record->peer : "unknown";
}

static bool is_allowed(const struct rfx_session_config *config, const char *address)
{
    struct rfx_address_list list;
    struct rfx_address peer;
    if (config->allowed_addresses == NULL) {
        return true;
    }
    return rfx_address_list_read(config->allowed_addresses, &list) &&
           rfx_address_read(host_of(address), &peer) && rfx_address_list_has(&list, &peer);
}

/* Whether the connection came to the session's port, and by TLS or not as it should. */
static bool is_at_home(const struct rfx_shard *shard, const struct rfx_session_config *config,
                       const struct rfx_link_message *record)
{
    const struct rfx_listener home = rfx_listener_of(shard->options.config, config);
    return home.port == record->accept_port && home.use_ssl == (record->certificate_names != NULL);
}

/* One of the names wanted, apart by commas, is among those of the certificate. */
static bool has_name(const char *wanted, const char *names)
{
    while (*wanted != '\0') {
        wanted += strspn(wanted, ", ");
        const size_t size = strcspn(wanted, ", ");
        for (const char *name = names; size > 0 && *name != '\0'; name += strlen(name) + 1) {
            if (strlen(name) == size && strncasecmp(name, wanted, size) == 0) {
                return true;
            }
        }
        wanted += size;
    }
    return false;
}

/* A session of a template, or one that stands in for `primary`. */
static struct rfx_hosted *add_provisional(struct rfx_shard *shard,
                                          const struct rfx_profile *profile,
                                          struct rfx_hosted *primary,
                                          const struct rfx_header *header,
                                          enum rfx_disconnect_reason *reason)
{
    char target[RFX_COMP_ID_MAX + 1];
    char name[RFX_SESSION_NAME_MAX];
    memcpy(target, header->sender_comp_id.data, header->sender_comp_id.size);
    target[header->sender_comp_id.size] = '\0';
    struct rfx_hosted *hosted;
    struct rfx_error error;
    rfx_session_name_of_config(profile->config, target, name);
    if (primary == NULL && rfx_shard_named(shard, name) != NULL) {
        *reason = RFX_REASON_UNKNOWN_SESSION; /* it is an initiator's */
        return NULL;
    }
    if (rfx_shard_add_provisional(shard, profile, target, primary, &hosted, &error) != RFX_OK) {
        rfx_shard_log_stranger(shard, NULL, RFX_LOG_ERROR, "no session for %s: %s", target,
                               error.text);
        *reason = RFX_REASON_SESSION_LIMIT;
        return NULL;
    }
    rfx_shard_start_session(shard, hosted);
    return hosted;
}

/* Whether the first message of a connection names a session that it may ask for. Nothing is
 * decided about the Logon itself. */
static struct rfx_hosted *admit(struct rfx_shard *shard, const struct rfx_link_message *record,
                                enum rfx_disconnect_reason *reason)
{
    const struct rfx_message *message = &record->message;
    struct rfx_header header;
    rfx_header_read(message, &header);
    if (!rfx_message_is(message, "A")) {
        *reason = RFX_REASON_NOT_A_LOGON;
        return NULL;
    }
    if (shard->is_stopping) {
        *reason = RFX_REASON_SERVER_STOPPED;
        return NULL;
    }
    if (shard->is_held) {
        rfx_shard_log_stranger(shard, NULL, RFX_LOG_WARNING,
                               "Logon from %s refused: the journal has no room", peer_of(record));
        *reason = RFX_REASON_JOURNAL_FULL;
        return NULL;
    }
    int fit;
    int template_fit;
    struct rfx_hosted *hosted = rfx_shard_find(shard, message, &header, &fit);
    const struct rfx_profile *profile =
        rfx_shard_find_template(shard, message, &header, &template_fit);
    if (hosted == NULL && profile == NULL) {
        *reason = RFX_REASON_UNKNOWN_SESSION;
        return NULL;
    }
    if (fit >= template_fit) {
        profile = hosted->session.profile;
    } else {
        hosted = NULL;
    }
    const struct rfx_session_config *config = profile->config;
    if (record->is_sum_wrong && config->validate_checksum) {
        *reason = RFX_REASON_GARBLED_LOGON;
        return NULL;
    }
    if (!is_allowed(config, peer_of(record))) {
        *reason = RFX_REASON_ADDRESS;
        return NULL;
    }
    if (!is_at_home(shard, config, record)) {
        *reason = RFX_REASON_LISTENER;
        return NULL;
    }
    if (config->certificate_name != NULL &&
        !has_name(config->certificate_name, record->certificate_names)) {
        rfx_shard_log_stranger(shard, hosted, RFX_LOG_WARNING,
                               "Logon from %s refused: its certificate is for \"%.100s\", not for "
                               "CertificateName=%.100s",
                               peer_of(record),
                               record->certificate_names != NULL ? record->certificate_names : "",
                               config->certificate_name);
        *reason = RFX_REASON_CERTIFICATE;
        return NULL;
    }
    if (hosted == NULL || rfx_shard_may_rival(hosted)) {
        return add_provisional(shard, profile, hosted, &header, reason);
    }
    if (rfx_session_is_connected(&hosted->session)) {
        rfx_shard_log_stranger(shard, hosted, RFX_LOG_WARNING, "refused a second connection");
        *reason = RFX_REASON_DUPLICATE_SESSION;
        return NULL;
    }
    return hosted;
}

void rfx_shard_begin_connection(struct rfx_shard *shard, struct rfx_hosted *hosted,
                                struct rfx_conn_id conn, const char *address,
                                const char *certificate_name)
{
    const struct rfx_app *app = shard->options.app;
    rfx_shard_attach(shard, hosted, conn);
    if (hosted->is_provisional && hosted->primary == NULL) {
        hosted->session.user = NULL; /* what the connection before it had */
    }
    snprintf(hosted->remote_address, sizeof hosted->remote_address, "%s", address);
    free(hosted->certificate_name);
    hosted->certificate_name =
        certificate_name != NULL && certificate_name[0] != '\0' ? strdup(certificate_name) : NULL;
    hosted->is_stranger = hosted->session.config->role == RFX_ROLE_ACCEPTOR;
    hosted->is_reported = hosted->primary == NULL;
    if (hosted->is_reported && app->on_connect != NULL) {
        const struct rfx_call call = rfx_shard_enter(shard, hosted, "on_connect");
        app->on_connect(app->context, &hosted->session);
        rfx_shard_leave(shard, call);
    }
    struct rfx_event connected = rfx_shard_event(shard, RFX_EVENT_CONNECTED);
    if (hosted->session.config->role == RFX_ROLE_INITIATOR) {
        connected.logon_fields = rfx_shard_logon_fields(shard, hosted);
    }
    if (!is_same(hosted->conn, conn)) {
        return; /* the application closed it */
    }
    rfx_shard_step(shard, hosted, &connected);
}

static void feed(struct rfx_shard *shard, struct rfx_hosted *hosted,
                 const struct rfx_message *received, bool from_queue)
{
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_MESSAGE);
    struct rfx_message message = *received;
    message.rules = &hosted->session.rules;
    event.message = &message;
    event.from_queue = from_queue;
    rfx_shard_step(shard, hosted, &event);
}

/* Feeds what was held back and is due now. False: the outbox is full, go on next turn. */
static bool unqueue_one(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    while (hosted->queue.first != NULL && hosted->queue.first->seq_num <= hosted->session.next_in) {
        if (!rfx_shard_has_room(shard)) {
            return false;
        }
        struct rfx_gap_item *item = rfx_gap_queue_take(&hosted->queue, hosted->session.next_in);
        if (item != NULL) {
            struct rfx_message message;
            rfx_message_index(item->data, item->size, shard->fields, &message);
            feed(shard, hosted, &message, true);
            free(item);
        }
    }
    return true;
}

static void unqueue_later(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    if (!hosted->is_unqueueing) {
        hosted->is_unqueueing = true;
        hosted->next_unqueue = shard->unqueueing;
        shard->unqueueing = hosted;
    }
}

bool rfx_shard_unqueue(struct rfx_shard *shard)
{
    while (shard->unqueueing != NULL) {
        struct rfx_hosted *hosted = shard->unqueueing;
        if (!unqueue_one(shard, hosted)) {
            return false;
        }
        shard->unqueueing = hosted->next_unqueue;
        hosted->is_unqueueing = false;
    }
    return true;
}

static void count_in(struct rfx_session_counts *counts, const struct rfx_message *message)
{
    const struct rfx_bytes type = rfx_message_type(message);
    counts->messages_in++;
    counts->bytes_in += message->size;
    counts->rejects_in += type.size == 1 && (type.data[0] == '3' || type.data[0] == 'j');
}

static void on_message(struct rfx_shard *shard, const struct rfx_link_message *record)
{
    struct rfx_hosted *hosted = rfx_shard_attached(shard, record->conn);
    if (rfx_shard_is_closed(shard, record->conn)) {
        return;
    }
    if (hosted == NULL) {
        enum rfx_disconnect_reason reason = RFX_REASON_NONE;
        hosted = admit(shard, record, &reason);
        if (hosted == NULL) {
            close_stranger(shard, record->conn, reason);
            return;
        }
        rfx_shard_begin_connection(shard, hosted, record->conn, peer_of(record),
                                   record->peer != NULL ? record->certificate_names : NULL);
        if (!is_same(hosted->conn, record->conn)) {
            return; /* the application closed it in on_connect */
        }
    }
    count_in(&hosted->session.counts, &record->message);
    rfx_shard_log_message(shard, hosted, RFX_LOGGED_IN, record->message.data, record->message.size);
    if (record->is_sum_wrong && hosted->session.config->validate_checksum) {
        rfx_shard_log_about(shard, hosted, RFX_LOG_WARNING,
                            "a message with a wrong CheckSum(10), ignored");
        return;
    }
    feed(shard, hosted, &record->message, false);
    if (!unqueue_one(shard, hosted)) {
        unqueue_later(shard, hosted);
    }
}

static void on_connected(struct rfx_shard *shard, const struct rfx_link_connection *record)
{
    struct rfx_hosted *hosted = shard->sessions[record->token];
    if (shard->is_stopping || hosted->session.state != RFX_INITIATE_CONNECTION) {
        close_stranger(shard, record->conn, RFX_REASON_SERVER_STOPPED);
        return;
    }
    if (shard->is_held) {
        struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_DISCONNECTED);
        event.reason = RFX_REASON_JOURNAL_FULL;
        close_unattached(shard, record->conn, RFX_REASON_JOURNAL_FULL);
        rfx_shard_step(shard, hosted, &event); /* which counts it, and tries again later */
        return;
    }
    const struct rfx_dial *dial = &hosted->session.profile->dials[hosted->host];
    char address[RFX_LINK_ADDRESS_MAX];
    snprintf(address, sizeof address, "%.60s:%u", dial->name, dial->port);
    rfx_shard_begin_connection(shard, hosted, record->conn,
                               record->peer != NULL ? record->peer : address, NULL);
}

static void on_disconnected(struct rfx_shard *shard, const struct rfx_link_connection *record)
{
    struct rfx_hosted *hosted = NULL;
    if (record->conn.generation != 0) {
        hosted = rfx_shard_attached(shard, record->conn);
    } else if (record->token < shard->session_count) {
        hosted = shard->sessions[record->token]; /* a connect that failed */
        if (hosted->session.state != RFX_INITIATE_CONNECTION) {
            return; /* given up long ago */
        }
    }
    if (hosted == NULL) {
        return; /* closed by us already */
    }
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_DISCONNECTED);
    event.reason = record->reason;
    rfx_shard_step(shard, hosted, &event);
}

static void on_drained(struct rfx_shard *shard, const struct rfx_link_connection *record)
{
    struct rfx_hosted *hosted = rfx_shard_attached(shard, record->conn);
    if (hosted != NULL) {
        hosted->awaits_drain = false;
    }
}

static void on_record(struct rfx_shard *shard, enum rfx_link_type type, const void *record)
{
    switch (type) {
    case RFX_LINK_MESSAGE:
        on_message(shard, record);
        break;
    case RFX_LINK_CONNECTED:
        on_connected(shard, record);
        break;
    case RFX_LINK_DISCONNECTED:
        on_disconnected(shard, record);
        break;
    case RFX_LINK_DRAINED:
        on_drained(shard, record);
        break;
    case RFX_LINK_SEND:
    case RFX_LINK_CLOSE:
    case RFX_LINK_DRAIN:
    case RFX_LINK_CONNECT:
        RFX_ASSERT(false && "a record for the loop in a ring to the shard");
    }
}

size_t rfx_shard_read_input(struct rfx_shard *shard)
{
    size_t count = 0;
    for (uint32_t i = 0; i < shard->options.loop_count; i++) {
        struct rfx_ring *ring = shard->options.from_loops[i];
        for (size_t taken = 0; taken < RECORDS_PER_TURN; taken++) {
            uint32_t type;
            uint32_t size;
            if (!rfx_shard_has_room(shard) || shard->unqueueing != NULL) {
                break;
            }
            const void *record = rfx_ring_peek(ring, &type, &size);
            if (record == NULL) {
                break;
            }
            on_record(shard, (enum rfx_link_type)type, record);
            rfx_ring_pop(ring);
            count++;
        }
        /* Nothing points into these records any more; their receive buffers may go back. */
        rfx_ring_release(ring);
    }
    return count;
}
