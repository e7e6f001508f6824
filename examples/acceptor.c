/* The shortest useful acceptor: whoever logs on to SenderCompID ACME with FIX.4.4 gets each
 * order filled. Run it, then: ringfix-loadgen --port PORT --target ACME */
#include <stdio.h>

#include <ringfix/ringfix.h>

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    (void)context;
    struct rfx_bytes id, symbol, side, quantity;
    struct rfx_builder *report;
    if (!rfx_message_is(message, "D") || rfx_message_get(message, 11, &id) != RFX_OK ||
        rfx_message_get(message, 55, &symbol) != RFX_OK ||
        rfx_message_get(message, 54, &side) != RFX_OK ||
        rfx_message_get(message, 38, &quantity) != RFX_OK ||
        rfx_session_begin(session, "8", &report) != RFX_OK) {
        return;
    }
    rfx_builder_put(report, 37, id); /* OrderID */
    rfx_builder_put(report, 11, id); /* ClOrdID */
    rfx_builder_put(report, 17, id); /* ExecID */
    rfx_builder_put_text(report, 150, "F");
    rfx_builder_put_text(report, 39, "2");
    rfx_builder_put(report, 55, symbol);
    rfx_builder_put(report, 54, side);
    rfx_builder_put(report, 14, quantity); /* CumQty */
    rfx_builder_put_int(report, 151, 0);   /* LeavesQty */
    rfx_builder_put_int(report, 6, 1);     /* AvgPx */
    if (rfx_session_commit(session, report, NULL) != RFX_OK) {
        fprintf(stderr, "%s: order not answered\n", rfx_session_name(session));
    }
}

int main(int argc, char **argv)
{
    static const char text[] = "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort=0\n"
                               "BeginString=FIX.4.4\nSenderCompID=ACME\nJournalPath=%s\n"
                               "[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n";
    char file[2048];
    int size = snprintf(file, sizeof file, text, argc > 1 ? argv[1] : "journal");
    struct rfx_app app = {.on_message = on_message};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error;
    if (rfx_config_parse((struct rfx_bytes){file, (size_t)size}, "built-in", &config, &error) ||
        rfx_server_open(&config, &app, &server, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);
    return rfx_server_wait(server, &error) != RFX_OK; /* until it is killed; the journal is safe */
}
