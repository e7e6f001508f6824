/* Drop copy: whatever one session trades is reported to another as well, on whatever shard that one
 * lives. The first session of the configuration gets the copies; every other one trades.
 *
 * A message belongs to its callback and a session to its shard, so the copy travels as data:
 * rfx_session_post() has the other shard run a task with it. While nobody is logged on there, the
 * task asks to be called again, and the copies wait, in their order, up to PostQueueSize.
 *
 *   example_dropcopy CONFIG      (acceptor sessions of FIX.4.4; see docs/configuration.md) */
#include <stdio.h>
#include <string.h>

#include <ringfix/ringfix.h>

struct desk {
    _Atomic(struct rfx_server *) server; /* callbacks may come before it is known */
};

/* What a copy says. */
struct trade {
    char trader[128]; /* the session's name */
    char id[33];      /* ClOrdID(11) */
    char symbol[33];
    char side;
    int64_t quantity;
    struct rfx_decimal price;
};

static rfx_status send_report(struct rfx_session *session, const struct trade *trade, bool is_copy)
{
    struct rfx_builder *builder;
    const rfx_status status = rfx_session_begin(session, "8", &builder);
    if (status != RFX_OK) {
        return status;
    }
    rfx_builder_put_text(builder, 37, trade->id); /* OrderID */
    rfx_builder_put_text(builder, 11, trade->id); /* ClOrdID */
    rfx_builder_put_text(builder, 17, trade->id); /* ExecID */
    rfx_builder_put_char(builder, 150, 'F');      /* ExecType: trade */
    rfx_builder_put_char(builder, 39, '2');       /* OrdStatus: filled */
    rfx_builder_put_text(builder, 55, trade->symbol);
    rfx_builder_put_char(builder, 54, trade->side);
    rfx_builder_put_int(builder, 151, 0);              /* LeavesQty */
    rfx_builder_put_int(builder, 14, trade->quantity); /* CumQty */
    rfx_builder_put_decimal(builder, 6, trade->price); /* AvgPx */
    if (is_copy) {
        rfx_builder_put_text(builder, 58, trade->trader);
        rfx_builder_put_bool(builder, 797, true); /* CopyMsgIndicator */
    }
    return rfx_session_commit(session, builder, NULL);
}

/* On the shard of the session that gets the copies. */
static bool send_copy(void *context, struct rfx_session *session, const void *data, size_t size)
{
    const struct trade *trade = data;
    (void)context;
    (void)size;
    const rfx_status status = send_report(session, trade, true);
    if (status == RFX_E_INVALID) {
        fprintf(stderr, "no copy of %s: not acceptable\n", trade->id);
    }
    return status == RFX_OK || status == RFX_E_INVALID; /* else: not logged on, or no room now */
}

static bool read_text(const struct rfx_message *message, int32_t tag, char text[33])
{
    struct rfx_bytes value;
    if (rfx_message_get(message, tag, &value) != RFX_OK || value.size > 32) {
        return false;
    }
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    return true;
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct desk *desk = context;
    struct rfx_server *server = desk->server;
    struct rfx_session *watcher = server != NULL ? rfx_server_session(server, 0) : NULL;
    struct trade trade = {0};
    if (watcher == NULL || session == watcher || !rfx_message_is(message, "D")) {
        return;
    }
    snprintf(trade.trader, sizeof trade.trader, "%s", rfx_session_name(session));
    if (!read_text(message, 11, trade.id) || !read_text(message, 55, trade.symbol) ||
        rfx_message_get_char(message, 54, &trade.side) != RFX_OK ||
        rfx_message_get_int(message, 38, &trade.quantity) != RFX_OK ||
        rfx_message_get_decimal(message, 44, &trade.price) != RFX_OK) {
        (void)!rfx_session_business_reject(session, message, 0, NULL, "a limit order is wanted");
        return;
    }
    /* The copy first: an order whose copy cannot be kept is not traded. */
    const rfx_status status = rfx_session_post(watcher, send_copy, &trade, sizeof trade);
    if (status != RFX_OK) {
        (void)!rfx_session_business_reject(session, message, 4, trade.id,
                                           "the drop copy is too far behind");
        return;
    }
    if (send_report(session, &trade, false) != RFX_OK) {
        fprintf(stderr, "%s: no report about %s\n", trade.trader, trade.id);
    }
}

int main(int argc, char **argv)
{
    static struct desk desk;
    const struct rfx_app app = {.context = &desk, .on_message = on_message};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error;
    if (argc != 2 || rfx_config_load(argv[1], &config, &error) ||
        rfx_server_open(&config, &app, &server, &error)) {
        fprintf(stderr, "%s\n", argc != 2 ? "usage: example_dropcopy CONFIG" : error.text);
        return 1;
    }
    desk.server = server;
    rfx_config_free(&config);
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);
    return rfx_server_wait(server, &error); /* until it is killed; the journal is safe */
}
