/* Fills every order at its price. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps.h"

/* Kept per connection, so that shards share nothing while orders come in. */
struct book {
    char prefix[32]; /* of OrderID and ExecID: unique to this connection */
    size_t prefix_size;
    uint64_t first_id; /* where ExecID must be a number: microseconds since 1970 */
    uint64_t execution_count;
};

/* What an order says, as far as its report repeats it. A field that is absent has size 0. */
struct order {
    struct rfx_bytes appl_ver_id; /* ApplVerID(1128) */
    struct rfx_bytes cl_ord_id;   /* ClOrdID(11) */
    struct rfx_bytes symbol;      /* Symbol(55) */
    struct rfx_bytes id_source;   /* SecurityIDSource(22) */
    struct rfx_bytes security_id; /* SecurityID(48) */
    struct rfx_bytes side;        /* Side(54) */
    struct rfx_bytes quantity;    /* OrderQty(38) */
    struct rfx_bytes price;       /* Price(44) */
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
    book->first_id = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    book->prefix_size = (size_t)snprintf(book->prefix, sizeof book->prefix, "%llx-%x-",
                                         (unsigned long long)book->first_id,
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

static void read_field(const struct rfx_message *message, int32_t tag, struct rfx_bytes *value)
{
    if (rfx_message_get(message, tag, value) != RFX_OK) {
        *value = (struct rfx_bytes){0};
    }
}

/* False when the order does not say what every report must repeat. */
static bool read_order(const struct rfx_message *message, struct order *order)
{
    read_field(message, 1128, &order->appl_ver_id);
    read_field(message, 11, &order->cl_ord_id);
    read_field(message, 55, &order->symbol);
    read_field(message, 22, &order->id_source);
    read_field(message, 48, &order->security_id);
    read_field(message, 54, &order->side);
    read_field(message, 38, &order->quantity);
    read_field(message, 44, &order->price);
    return order->cl_ord_id.size > 0 && order->symbol.size > 0 && order->side.size > 0 &&
           order->quantity.size > 0;
}

static void put_if_present(struct rfx_builder *builder, int32_t tag, struct rfx_bytes value)
{
    if (value.size > 0) {
        rfx_builder_put(builder, tag, value);
    }
}

/* OrderID(37) and ExecID(17). */
static void put_ids(struct rfx_builder *builder, struct book *book, unsigned version)
{
    char text[56];
    uint64_t count = ++book->execution_count;
    size_t start = sizeof text;
    for (uint64_t rest = count; rest > 0; rest /= 10) {
        text[--start] = (char)('0' + rest % 10);
    }
    start -= book->prefix_size;
    memcpy(text + start, book->prefix, book->prefix_size);
    const struct rfx_bytes id = {.data = text + start, .size = sizeof text - start};
    rfx_builder_put(builder, 37, id);
    if (version == APP_FIX40) {
        rfx_builder_put_int(builder, 17, (int64_t)(book->first_id + count)); /* an int there */
    } else {
        rfx_builder_put(builder, 17, id);
    }
}

static void fill(struct rfx_session *session, struct book *book, unsigned version,
                 const struct order *order)
{
    struct rfx_builder *builder = app_begin(session, "8");
    if (builder == NULL) {
        return;
    }
    /* A market order is filled at 1. */
    struct rfx_bytes price =
        order->price.size > 0 ? order->price : (struct rfx_bytes){.data = "1", .size = 1};
    put_if_present(builder, 1128, order->appl_ver_id);
    put_ids(builder, book, version);
    rfx_builder_put(builder, 11, order->cl_ord_id);
    if (version <= APP_FIX42) {
        rfx_builder_put_char(builder, 20, '0'); /* ExecTransType: new */
    }
    if (version >= APP_FIX41) {
        rfx_builder_put_char(builder, 150, version < APP_FIX43 ? '2' : 'F'); /* ExecType: filled */
    }
    rfx_builder_put_char(builder, 39, '2'); /* OrdStatus: filled */
    rfx_builder_put(builder, 55, order->symbol);
    put_if_present(builder, 48, order->security_id);
    put_if_present(builder, 22, order->id_source);
    rfx_builder_put(builder, 54, order->side);
    rfx_builder_put(builder, 38, order->quantity);
    put_if_present(builder, 44, order->price);
    rfx_builder_put(builder, 32, order->quantity); /* LastQty */
    rfx_builder_put(builder, 31, price);           /* LastPx */
    if (version >= APP_FIX41) {
        rfx_builder_put_char(builder, 151, '0'); /* LeavesQty */
    }
    rfx_builder_put(builder, 14, order->quantity); /* CumQty */
    rfx_builder_put(builder, 6, price);            /* AvgPx */
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
    fill(session, book, app_version(session, message), &order);
}

void app_executor(struct rfx_app *app)
{
    app->on_connect = on_connect;
    app->on_disconnect = on_disconnect;
    app->on_message = on_message;
}
