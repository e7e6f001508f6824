/* Fills every order at its price. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps.h"

/* Kept per connection, so that shards share nothing while orders come in. */
struct book {
    char prefix[32]; /* of OrderID and ExecID: unique to this connection */
    uint64_t execution_count;
};

/* What an order must say to be filled. */
struct order {
    struct rfx_bytes cl_ord_id; /* ClOrdID(11) */
    struct rfx_bytes symbol;    /* Symbol(55) */
    struct rfx_bytes side;      /* Side(54) */
    struct rfx_bytes quantity;  /* OrderQty(38) */
    struct rfx_bytes price;     /* Price(44); a market order is filled at 1 */
};

static void on_connect(void *context, struct rfx_session *session)
{
    (void)context;
    struct timespec now;
    struct book *book = calloc(1, sizeof *book);
    if (book == NULL) {
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(book->prefix, sizeof book->prefix, "%llx-%x-",
             (unsigned long long)now.tv_sec * 1000000ULL + (unsigned long long)now.tv_nsec / 1000,
             (unsigned)((uintptr_t)session >> 4 & 0xffffff));
    rfx_session_set_user(session, book);
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    (void)context;
    (void)reason;
    free(rfx_session_user(session));
    rfx_session_set_user(session, NULL);
}

static bool read_order(const struct rfx_message *message, struct order *order)
{
    if (rfx_message_get(message, 44, &order->price) != RFX_OK) {
        order->price = (struct rfx_bytes){.data = "1", .size = 1};
    }
    return rfx_message_get(message, 11, &order->cl_ord_id) == RFX_OK &&
           rfx_message_get(message, 55, &order->symbol) == RFX_OK &&
           rfx_message_get(message, 54, &order->side) == RFX_OK &&
           rfx_message_get(message, 38, &order->quantity) == RFX_OK;
}

static void fill(struct rfx_session *session, struct book *book, const struct order *order)
{
    struct rfx_builder *builder;
    rfx_status status = rfx_session_begin(session, "8", &builder);
    if (status != RFX_OK) {
        fprintf(stderr, "%s: order not answered: %s\n", rfx_session_name(session),
                rfx_status_text(status));
        return;
    }
    bool is_fix42 = strncmp(rfx_session_name(session), "FIX.4.2:", 8) == 0;
    char id[56];
    snprintf(id, sizeof id, "%s%llu", book->prefix, (unsigned long long)++book->execution_count);
    rfx_builder_put_text(builder, 37, id); /* OrderID */
    rfx_builder_put(builder, 11, order->cl_ord_id);
    rfx_builder_put_text(builder, 17, id); /* ExecID */
    if (is_fix42) {
        rfx_builder_put_char(builder, 20, '0'); /* ExecTransType: new */
    }
    rfx_builder_put_char(builder, 150, is_fix42 ? '2' : 'F'); /* ExecType: fill, trade */
    rfx_builder_put_char(builder, 39, '2');                   /* OrdStatus: filled */
    rfx_builder_put(builder, 55, order->symbol);
    rfx_builder_put(builder, 54, order->side);
    rfx_builder_put(builder, 38, order->quantity);
    rfx_builder_put(builder, 44, order->price);
    rfx_builder_put(builder, 32, order->quantity); /* LastQty */
    rfx_builder_put(builder, 31, order->price);    /* LastPx */
    rfx_builder_put_char(builder, 151, '0');       /* LeavesQty */
    rfx_builder_put(builder, 14, order->quantity); /* CumQty */
    rfx_builder_put(builder, 6, order->price);     /* AvgPx */
    app_commit(session, builder);
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    (void)context;
    if (rfx_message_is(message, "3") || rfx_message_is(message, "j")) {
        return; /* a Reject is not answered by another */
    }
    if (!rfx_message_is(message, "D")) {
        app_reject(session, message, 3, "Unsupported Message Type");
        return;
    }
    struct order order;
    struct book *book = rfx_session_user(session);
    if (book == NULL || !read_order(message, &order)) {
        app_reject(session, message, 5,
                   "ClOrdID(11), Symbol(55), Side(54) and OrderQty(38) are required");
        return;
    }
    fill(session, book, &order);
}

void app_executor(struct rfx_app *app)
{
    app->on_connect = on_connect;
    app->on_disconnect = on_disconnect;
    app->on_message = on_message;
}
