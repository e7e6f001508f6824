/* An initiator: dials out, sends orders one after the other, prints what it is told about each,
 * logs out and ends.
 *
 *   example_initiator CONFIG [COUNT]
 *
 *   [DEFAULT]
 *   ConnectionType=initiator
 *   SocketConnectHost=127.0.0.1
 *   SocketConnectPort=5001
 *   JournalPath=journal
 *   [SESSION]
 *   BeginString=FIX.4.4
 *   SenderCompID=CUSTOMER
 *   TargetCompID=ACME */
#include <stdio.h>
#include <stdlib.h>

#include <ringfix/ringfix.h>

/* Of the one session, so of one shard. */
struct trader {
    _Atomic(struct rfx_server *) server;
    unsigned wanted;
    unsigned sent;
};

static void send_order(struct trader *trader, struct rfx_session *session)
{
    struct rfx_builder *order;
    char id[32];
    if (rfx_session_begin(session, "D", &order) != RFX_OK) {
        return; /* on_logon comes again */
    }
    snprintf(id, sizeof id, "ORDER-%u", trader->sent + 1);
    rfx_builder_put_text(order, 11, id);     /* ClOrdID */
    rfx_builder_put_text(order, 55, "ACME"); /* Symbol */
    rfx_builder_put_char(order, 54, '1');    /* Side: buy */
    rfx_builder_put_utc(order, 60, rfx_shard_utc_ns(rfx_session_shard(session)), 3);
    rfx_builder_put_int(order, 38, 100);  /* OrderQty */
    rfx_builder_put_char(order, 40, '2'); /* OrdType: limit */
    rfx_builder_put_decimal(order, 44, (struct rfx_decimal){.mantissa = 1025, .scale = 2});
    if (rfx_session_commit(session, order, NULL) == RFX_OK) {
        trader->sent++;
    }
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    struct trader *trader = context;
    printf("%s: logged on%s\n", rfx_session_name(session),
           is_healthy ? "" : ", missing messages are on their way");
    if (trader->sent < trader->wanted) {
        send_order(trader, session);
    }
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct trader *trader = context;
    struct rfx_bytes id;
    char status;
    if (rfx_message_is(message, "8") && rfx_message_get(message, 11, &id) == RFX_OK &&
        rfx_message_get_char(message, 39, &status) == RFX_OK) {
        printf("%.*s: OrdStatus %c\n", (int)id.size, id.data, status);
    } else {
        const struct rfx_bytes raw = rfx_message_raw(message);
        printf("received: %.*s\n", (int)raw.size, raw.data);
    }
    if (trader->sent < trader->wanted) {
        send_order(trader, session);
    } else if (rfx_session_logout(session, "done") != RFX_OK) {
        fprintf(stderr, "cannot log out\n");
    }
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    struct trader *trader = context;
    printf("%s: %s\n", rfx_session_name(session), rfx_disconnect_reason_text(reason));
    if (reason == RFX_REASON_LOGOUT_COMPLETED && trader->server != NULL) {
        rfx_server_stop(trader->server); /* without this it would dial again */
    }
}

int main(int argc, char **argv)
{
    static struct trader trader;
    const struct rfx_app app = {.context = &trader,
                                .on_logon = on_logon,
                                .on_message = on_message,
                                .on_disconnect = on_disconnect};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error;
    trader.wanted = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
    if (argc < 2 || rfx_config_load(argv[1], &config, &error) ||
        rfx_server_open(&config, &app, &server, &error)) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: example_initiator CONFIG [COUNT]" : error.text);
        return 1;
    }
    trader.server = server;
    rfx_config_free(&config);
    const rfx_status status = rfx_server_wait(server, &error);
    rfx_server_close(&server);
    if (status != RFX_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return status == RFX_OK && trader.sent == trader.wanted ? 0 : 1;
}
