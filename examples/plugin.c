/* A plug-in for ringfixd: whoever sends an order gets it back refused, with a reason.
 *
 *   ringfixd --config FILE --app ./plugin.so --app-args "closed today" */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringfix/plugin.h>

struct desk {
    const char *reason;
    atomic_ullong refused; /* shards call at the same time */
};

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct desk *desk = context;
    struct rfx_bytes id, symbol, side;
    struct rfx_builder *report;
    if (!rfx_message_is(message, "D") || rfx_message_get(message, 11, &id) != RFX_OK ||
        rfx_message_get(message, 55, &symbol) != RFX_OK ||
        rfx_message_get(message, 54, &side) != RFX_OK ||
        rfx_session_begin(session, "8", &report) != RFX_OK) {
        return;
    }
    rfx_builder_put_text(report, 37, "NONE"); /* OrderID */
    rfx_builder_put(report, 11, id);          /* ClOrdID */
    rfx_builder_put(report, 17, id);          /* ExecID */
    rfx_builder_put_text(report, 150, "8");   /* ExecType: rejected */
    rfx_builder_put_text(report, 39, "8");    /* OrdStatus */
    rfx_builder_put(report, 55, symbol);
    rfx_builder_put(report, 54, side);
    rfx_builder_put_int(report, 151, 0); /* LeavesQty */
    rfx_builder_put_int(report, 14, 0);  /* CumQty */
    rfx_builder_put_int(report, 6, 0);   /* AvgPx */
    rfx_builder_put_text(report, 58, desk->reason);
    if (rfx_session_commit(session, report, NULL) == RFX_OK) {
        atomic_fetch_add(&desk->refused, 1);
    }
}

static rfx_status open_desk(const char *args, struct rfx_app *app, struct rfx_error *error)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (args[0] == '\0' || desk == NULL) {
        free(desk);
        snprintf(error->text, sizeof error->text, "say why orders are refused: --app-args REASON");
        return RFX_E_INVALID;
    }
    desk->reason = args;
    app->context = desk;
    app->on_message = on_message;
    return RFX_OK;
}

static void close_desk(void *context)
{
    struct desk *desk = context;
    fprintf(stderr, "%llu orders refused\n", atomic_load(&desk->refused));
    free(desk);
}

RFX_PLUGIN(open_desk, close_desk);
