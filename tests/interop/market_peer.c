/* ringfix's side of the market data: an acceptor or an initiator that sends a
 * MarketDataSnapshotFullRefresh(W) and reads the one of the other side, group by group.
 *
 *   market_peer acceptor VERSION           prints `ready port=N`, ends on SIGTERM
 *   market_peer initiator VERSION PORT     also sends an order; logs out when all is answered
 *
 * Ends with 0 if everything was as it should be. */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ringfix/ringfix.h"
#include "version.h"

#define PATIENCE_S 40 /* of the initiator */

/* Filled by callbacks on one shard, read by the main thread once the server has stopped. */
struct peer {
    const struct interop_version *version;
    bool is_initiator;
    unsigned reports;   /* ExecutionReports */
    unsigned snapshots; /* that were as they should be */
    bool has_failed;
};

static void fail(struct peer *peer, const char *what, struct rfx_bytes detail)
{
    peer->has_failed = true;
    fprintf(stderr, "market_peer: %s: ", what);
    for (size_t i = 0; i < detail.size; i++) {
        fputc(detail.data[i] == '\x01' ? '|' : detail.data[i], stderr);
    }
    fputc('\n', stderr);
}

static void fail_text(struct peer *peer, const char *what, const char *detail)
{
    fail(peer, what, (struct rfx_bytes){.data = detail, .size = strlen(detail)});
}

/* ------------------------------------------------------------------------------------- sending */

static bool has_market_data(const struct peer *peer)
{
    return peer->version->number >= INTEROP_FIX42;
}

static void commit(struct peer *peer, struct rfx_session *session, struct rfx_builder *builder)
{
    rfx_status status = rfx_session_commit(session, builder, NULL);
    if (status != RFX_OK) {
        fail_text(peer, "cannot send", rfx_status_text(status));
    }
}

static void put_party(struct rfx_builder *builder, const char *id, const char *role)
{
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 448, id);   /* PartyID */
    rfx_builder_put_char(builder, 447, 'D');  /* PartyIDSource */
    rfx_builder_put_text(builder, 452, role); /* PartyRole */
}

static void put_party_sub(struct rfx_builder *builder, const char *id, const char *type)
{
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 523, id);   /* PartySubID */
    rfx_builder_put_text(builder, 803, type); /* PartySubIDType */
}

static void put_entry(struct rfx_builder *builder, char type, const char *price, const char *size)
{
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, type);  /* MDEntryType */
    rfx_builder_put_text(builder, 270, price); /* MDEntryPx */
    rfx_builder_put_text(builder, 271, size);  /* MDEntrySize */
}

static void put_underlying(struct rfx_builder *builder)
{
    rfx_builder_begin_group(builder, 711, 1); /* NoUnderlyings */
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 311, "UND"); /* UnderlyingSymbol */
    rfx_builder_begin_group(builder, 457, 2);  /* NoUnderlyingSecurityAltID */
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 458, "U1");
    rfx_builder_put_char(builder, 459, '4');
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 458, "U2");
    rfx_builder_put_char(builder, 459, '8');
    rfx_builder_end_group(builder);
    rfx_builder_end_group(builder);
}

static void send_snapshot(struct peer *peer, struct rfx_session *session)
{
    struct rfx_builder *builder;
    int version = peer->version->number;
    if (rfx_session_begin(session, "W", &builder) != RFX_OK) {
        fail_text(peer, "cannot send", "market data");
        return;
    }
    rfx_builder_put_text(builder, 262, "REQ1"); /* MDReqID */
    rfx_builder_put_text(builder, 55, "RFX");   /* Symbol */
    if (version >= INTEROP_FIX44) {
        put_underlying(builder);
    }
    if (version >= INTEROP_FIX50SP2) {
        rfx_builder_put_text(builder, 779, "20240102-03:04:05"); /* LastUpdateTime */
    }
    rfx_builder_begin_group(builder, 268, 2); /* NoMDEntries */
    put_entry(builder, '0', "10.25", "100");
    if (version >= INTEROP_FIX50) {
        rfx_builder_begin_group(builder, 453, 2); /* NoPartyIDs */
        put_party(builder, "A", "1");
        rfx_builder_begin_group(builder, 802, 2); /* NoPartySubIDs */
        put_party_sub(builder, "S1", "1");
        put_party_sub(builder, "S2", "2");
        rfx_builder_end_group(builder);
        put_party(builder, "B", "3");
        rfx_builder_end_group(builder);
    }
    put_entry(builder, '1', "10.50", "200");
    rfx_builder_end_group(builder);
    commit(peer, session, builder);
}

static void send_order(struct peer *peer, struct rfx_session *session)
{
    struct rfx_builder *builder;
    if (rfx_session_begin(session, "D", &builder) != RFX_OK) {
        fail_text(peer, "cannot send", "an order");
        return;
    }
    rfx_builder_put_text(builder, 11, "ORD1"); /* ClOrdID */
    rfx_builder_put_char(builder, 21, '1');    /* HandlInst */
    rfx_builder_put_text(builder, 55, "RFX");  /* Symbol */
    rfx_builder_put_char(builder, 54, '1');    /* Side */
    if (peer->version->number >= INTEROP_FIX42) {
        rfx_builder_put_text(builder, 60, "20240102-03:04:05"); /* TransactTime */
    }
    rfx_builder_put_int(builder, 38, 100);  /* OrderQty */
    rfx_builder_put_char(builder, 40, '2'); /* OrdType */
    rfx_builder_put_decimal(builder, 44,
                            (struct rfx_decimal){.mantissa = 1025, .scale = 2}); /* Price */
    commit(peer, session, builder);
}

/* ------------------------------------------------------------------------------------- reading */

struct text {
    char data[512];
    size_t size;
};

RFX_PRINTF(2, 3) static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof text->data - text->size;
    int size = vsnprintf(text->data + text->size, room, format, arguments);
    va_end(arguments);
    text->size += size < 0 ? 0 : (size_t)size < room ? (size_t)size : room - 1;
}

static void append_field(struct text *text, const struct rfx_entry *entry, const char *before,
                         int32_t tag)
{
    struct rfx_bytes value = {.data = "?", .size = 1};
    if (rfx_entry_get(entry, tag, &value) != RFX_OK) {
        value = (struct rfx_bytes){.data = "?", .size = 1};
    }
    append(text, "%s%.*s", before, (int)value.size, value.data);
}

/* Pairs in parentheses: a group of two fields. */
static void append_pairs(struct text *text, const struct rfx_entry *outer, int32_t counter,
                         int32_t left, int32_t right)
{
    struct rfx_group group;
    struct rfx_entry entry;
    if (rfx_entry_group(outer, counter, &group) != RFX_OK) {
        return;
    }
    while (rfx_group_next(&group, &entry)) {
        append_field(text, &entry, " (", left);
        append_field(text, &entry, " ", right);
        append(text, ")");
    }
}

static void append_parties(struct text *text, const struct rfx_entry *outer)
{
    struct rfx_group group;
    struct rfx_entry entry;
    if (rfx_entry_group(outer, 453, &group) != RFX_OK) {
        return;
    }
    while (rfx_group_next(&group, &entry)) {
        append_field(text, &entry, " [", 448);
        append_field(text, &entry, " ", 452);
        append_pairs(text, &entry, 802, 523, 803);
        append(text, "]");
    }
}

static void read_snapshot(const struct rfx_message *message, struct text *text)
{
    struct rfx_group group;
    struct rfx_entry entry;
    text->data[0] = '\0';
    text->size = 0;
    if (rfx_message_group(message, 268, &group) == RFX_OK) {
        while (rfx_group_next(&group, &entry)) {
            append_field(text, &entry, text->size == 0 ? "" : " ", 269);
            append_field(text, &entry, " ", 270);
            append_field(text, &entry, " ", 271);
            append_parties(text, &entry);
            append(text, ";");
        }
    }
    if (rfx_message_group(message, 711, &group) == RFX_OK) {
        while (rfx_group_next(&group, &entry)) {
            append_field(text, &entry, " under ", 311);
            append_pairs(text, &entry, 457, 458, 459);
            append(text, ";");
        }
    }
}

/* ----------------------------------------------------------------------------------- callbacks */

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    struct peer *peer = context;
    (void)is_healthy;
    if (peer->is_initiator) {
        send_order(peer, session);
        if (has_market_data(peer)) {
            send_snapshot(peer, session);
        }
    }
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct peer *peer = context;
    struct text text;
    if (rfx_message_is(message, "8") && peer->is_initiator) {
        peer->reports++;
    } else if (rfx_message_is(message, "W")) {
        read_snapshot(message, &text);
        if (strcmp(text.data, interop_snapshot_text(peer->version->number)) != 0) {
            fail_text(peer, "the market data reads", text.data);
        }
        peer->snapshots++;
        if (!peer->is_initiator) {
            send_snapshot(peer, session);
        }
    } else {
        fail(peer, "unexpected message", rfx_message_raw(message));
    }
    bool is_done = peer->reports == 1 && peer->snapshots == (has_market_data(peer) ? 1 : 0);
    if (peer->is_initiator && (is_done || peer->has_failed) &&
        rfx_session_logout(session, NULL) != RFX_OK) {
        fail_text(peer, "cannot log out", "");
    }
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    struct peer *peer = context;
    (void)session;
    if (peer->is_initiator) {
        if (reason != RFX_REASON_LOGOUT_COMPLETED) {
            fail_text(peer, "disconnected", rfx_disconnect_reason_text(reason));
        }
        kill(getpid(), SIGTERM); /* the main thread waits for it */
    }
}

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    (void)context;
    (void)level;
    fprintf(stderr, "%s%s%s\n", session != NULL ? session : "", session != NULL ? ": " : "", text);
}

/* ---------------------------------------------------------------------------------------- main */

/* Without a journal: what is exchanged matters here, not that it lasts. */
static void configure(const struct peer *peer, uint16_t port, struct rfx_config *config,
                      struct rfx_session_config *session)
{
    *session = rfx_session_config_default;
    strcpy(session->begin_string, peer->version->begin_string);
    if (peer->version->number >= INTEROP_FIX50) {
        session->default_appl_ver_id = (int8_t)peer->version->number;
    }
    if (peer->is_initiator) {
        session->role = RFX_ROLE_INITIATOR;
        strcpy(session->sender_comp_id, "RINGFIX");
        strcpy(session->target_comp_id, "QFACC");
        session->hosts[0] = (struct rfx_host){.name = "127.0.0.1", .port = port};
    } else {
        session->role = RFX_ROLE_ACCEPTOR;
        strcpy(session->sender_comp_id, "RINGFIX");
        strcpy(session->target_comp_id, "QUICKFIX");
    }
    *config = rfx_config_default;
    config->io_threads = 1;
    config->shards = 1;
    config->sessions = session;
    config->session_count = 1;
}

static int run(struct peer *peer, uint16_t port)
{
    struct rfx_config config;
    struct rfx_session_config session;
    struct rfx_server *server;
    struct rfx_error error;
    sigset_t end;
    int number;
    bool has_waited_in_vain = false;
    const struct timespec patience = {.tv_sec = PATIENCE_S};
    struct rfx_app app = {.context = peer,
                          .on_logon = on_logon,
                          .on_message = on_message,
                          .on_disconnect = on_disconnect,
                          .on_log = on_log};
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, NULL); /* also for the threads to come */
    configure(peer, port, &config, &session);
    if (rfx_server_open(&config, &app, &server, &error) != RFX_OK) {
        fprintf(stderr, "market_peer: %s\n", error.text);
        return EXIT_FAILURE;
    }
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);
    if (!peer->is_initiator) {
        sigwait(&end, &number);
    } else if (sigtimedwait(&end, NULL, &patience) < 0) {
        has_waited_in_vain = true;
    }
    rfx_server_close(&server);
    if (has_waited_in_vain) {
        fail_text(peer, "not all was answered", "giving up");
    }
    if (has_market_data(peer) && peer->snapshots == 0) {
        fail_text(peer, "came", "no market data");
    }
    return peer->has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct peer peer = {0};
    peer.is_initiator = argc == 4 && strcmp(argv[1], "initiator") == 0;
    peer.version = argc >= 3 ? interop_version_of(argv[2]) : NULL;
    if (peer.version == NULL ||
        (!peer.is_initiator && (argc != 3 || strcmp(argv[1], "acceptor") != 0))) {
        fputs("usage: market_peer acceptor VERSION | initiator VERSION PORT\n", stderr);
        return 2;
    }
    return run(&peer, peer.is_initiator ? (uint16_t)strtoul(argv[3], NULL, 10) : 0);
}
