/* Orders, and what a counterparty says about them. */
#include <stdio.h>
#include <string.h>

#include "io/test/test_internal.h"
#include "core/timestamp.h"

#define APPL_FIX40 2
#define APPL_FIX41 3
#define APPL_FIX42 4
#define APPL_FIX43 5

static struct rfx_bytes text_bytes(const char *text)
{
    return rfx_bytes_of(text, strlen(text));
}

static void add_default(struct rfx_fields *fields, int32_t tag, const char *value)
{
    rfx_fields_default(fields, tag, text_bytes(value));
}

/* The first of the tags that the message has, as the field `tag`. */
static void copy_field(struct rfx_fields *fields, int32_t tag, const struct rfx_message *from,
                       int32_t tag_there)
{
    struct rfx_bytes value;
    if (rfx_message_get(from, tag_there, &value) == RFX_OK) {
        rfx_fields_default(fields, tag, value);
    }
}

static void add_now(struct rfx_fields *fields, const struct rfx_peer *peer)
{
    char text[RFX_UTC_TEXT_MAX];
    if (peer->profile->appl_ver_id >= APPL_FIX42 && rfx_fields_find(fields, 60) == NULL) {
        const size_t size = rfx_utc_write(peer->test->now.utc_ns, 3, text);
        rfx_fields_format(fields, 60, "%.*s", (int)size, text);
    }
}

/* -------------------------------------------------------------------------- to an acceptor */

rfx_status rfx_peer_order(struct rfx_peer *peer, const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    rfx_fields_add(&fields, 35, text_bytes("D"));
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, &peer->test->error);
    va_end(arguments);
    if (status == RFX_OK) {
        const struct rfx_listed *price = rfx_fields_find(&fields, 44);
        if (rfx_fields_find(&fields, 11) == NULL) {
            rfx_fields_format(&fields, 11, "C%llu", (unsigned long long)++peer->order_count);
        }
        if (peer->profile->appl_ver_id <= APPL_FIX43) {
            add_default(&fields, 21, "1");
        }
        add_default(&fields, 55, "TEST");
        add_default(&fields, 54, "1");
        add_default(&fields, 38, "100");
        add_default(&fields, 40, price != NULL && !price->is_absent ? "2" : "1");
        add_now(&fields, peer);
        status = rfx_peer_put_now(peer, &fields);
    }
    rfx_fields_close(&fields);
    return status;
}

/* --------------------------------------------------------------------------- about an order */

static bool is_request(const struct rfx_message *message)
{
    return rfx_message_is(message, "F") || rfx_message_is(message, "G");
}

/* What it has been given, or one made of the first ClOrdID: the same in every report. */
static void add_order_id(struct rfx_fields *fields, const struct rfx_message *order)
{
    struct rfx_bytes id;
    copy_field(fields, 37, order, 37);
    if (rfx_fields_find(fields, 37) == NULL &&
        rfx_message_get(order, is_request(order) ? 41 : 11, &id) == RFX_OK) {
        rfx_fields_format(fields, 37, "O-%.*s", (int)id.size, id.data);
    }
}

static struct rfx_bytes value_of(const struct rfx_fields *fields, int32_t tag)
{
    const struct rfx_listed *listed = rfx_fields_find(fields, tag);
    return listed != NULL ? listed->value : (struct rfx_bytes){0};
}

/* ExecType(150): a Trade when there is a LastQty or it is filled, else what OrdStatus says. */
static void add_exec_type(struct rfx_fields *fields, const struct rfx_peer *peer)
{
    const unsigned version = peer->profile->appl_ver_id;
    const struct rfx_bytes status = value_of(fields, 39);
    const bool is_trade = value_of(fields, 32).size > 0 || rfx_bytes_equal(status, "1", 1) ||
                          rfx_bytes_equal(status, "2", 1);
    if (version <= APPL_FIX42) {
        add_default(fields, 20, "0"); /* ExecTransType */
    }
    if (version <= APPL_FIX41) {
        add_default(fields, 32, "0");
        add_default(fields, 31, "0");
    }
    if (is_trade && version >= APPL_FIX43) {
        add_default(fields, 150, "F");
    } else if (version >= APPL_FIX41) {
        rfx_fields_default(fields, 150, status);
    }
}

static bool is_over(struct rfx_bytes status)
{
    return status.size == 1 && strchr("2348BC", status.data[0]) != NULL;
}

/* Of a number that is not below 0. */
static void add_decimal(struct rfx_fields *fields, int32_t tag, struct rfx_decimal value)
{
    long long unit = 1;
    for (unsigned i = 0; i < value.scale; i++) {
        unit *= 10;
    }
    if (value.scale == 0) {
        rfx_fields_format(fields, tag, "%lld", (long long)value.mantissa);
    } else {
        rfx_fields_format(fields, tag, "%lld.%0*lld", (long long)value.mantissa / unit,
                          (int)value.scale, (long long)value.mantissa % unit);
    }
}

/* LeavesQty(151): what is left of OrderQty(38), nothing when the order is over. */
static void add_leaves(struct rfx_fields *fields, const struct rfx_peer *peer)
{
    struct rfx_decimal quantity = {0};
    struct rfx_decimal done = {0};
    struct rfx_decimal left = {0};
    if (peer->profile->appl_ver_id < APPL_FIX41 || rfx_fields_find(fields, 151) != NULL) {
        return;
    }
    if (!is_over(value_of(fields, 39)) &&
        (rfx_value_decimal(value_of(fields, 38), &quantity) != RFX_OK ||
         rfx_value_decimal(value_of(fields, 14), &done) != RFX_OK ||
         rfx_decimal_subtract(quantity, done, &left) != RFX_OK || left.mantissa < 0)) {
        left = (struct rfx_decimal){0};
    }
    add_decimal(fields, 151, left);
}

static void make_report(struct rfx_peer *peer, const struct rfx_message *order,
                        struct rfx_fields *fields)
{
    add_order_id(fields, order);
    if (rfx_fields_find(fields, 17) == NULL) {
        rfx_fields_format(fields, 17, "%llu", (unsigned long long)++peer->report_count);
    }
    copy_field(fields, 11, order, 11);
    if (peer->profile->appl_ver_id >= APPL_FIX41) {
        copy_field(fields, 41, order, 41);
    }
    add_default(fields, 39, "0");
    add_exec_type(fields, peer);
    copy_field(fields, 55, order, 55);
    copy_field(fields, 54, order, 54);
    copy_field(fields, 38, order, 38);
    copy_field(fields, 44, order, 44);
    add_default(fields, 14, "0");
    add_default(fields, 6, "0");
    add_leaves(fields, peer);
    add_now(fields, peer);
}

rfx_status rfx_peer_report(struct rfx_peer *peer, const struct rfx_message *order,
                           const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    if (!rfx_message_is(order, "D") && !is_request(order)) {
        return rfx_fail(&peer->test->error, RFX_E_INVALID,
                        "an ExecutionReport is for a NewOrderSingle or a request to cancel or "
                        "replace it, not for 35=%.*s",
                        (int)rfx_message_type(order).size, rfx_message_type(order).data);
    }
    rfx_fields_add(&fields, 35, text_bytes("8"));
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, &peer->test->error);
    va_end(arguments);
    if (status == RFX_OK) {
        make_report(peer, order, &fields);
        status = rfx_peer_put_now(peer, &fields);
    }
    rfx_fields_close(&fields);
    return status;
}

rfx_status rfx_peer_reject(struct rfx_peer *peer, const struct rfx_message *request,
                           const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    if (!is_request(request)) {
        return rfx_fail(&peer->test->error, RFX_E_INVALID,
                        "an OrderCancelReject is for a request to cancel or replace, not for "
                        "35=%.*s",
                        (int)rfx_message_type(request).size, rfx_message_type(request).data);
    }
    const unsigned version = peer->profile->appl_ver_id;
    rfx_fields_add(&fields, 35, text_bytes("9"));
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, &peer->test->error);
    va_end(arguments);
    if (status == RFX_OK) {
        add_order_id(&fields, request);
        copy_field(&fields, 11, request, 11);
        if (version >= APPL_FIX41) {
            copy_field(&fields, 41, request, 41);
            add_default(&fields, 39, "0");
        }
        if (version >= APPL_FIX42) {
            add_default(&fields, 434, rfx_message_is(request, "F") ? "1" : "2");
        }
        status = rfx_peer_put_now(peer, &fields);
    }
    rfx_fields_close(&fields);
    return status;
}
