/* What a report says, read once and in the terms of one version. */
#include <string.h>

#include "core/message.h"
#include "core/order_internal.h"

static struct rfx_bytes text_of(const struct rfx_message *message, int32_t tag)
{
    struct rfx_bytes value = {0};
    return rfx_message_get(message, tag, &value) == RFX_OK ? value : (struct rfx_bytes){0};
}

static char char_of(const struct rfx_message *message, int32_t tag)
{
    const struct rfx_bytes value = text_of(message, tag);
    return value.size == 1 ? value.data[0] : 0;
}

/* False when it is there and no number. */
static bool read_decimal(const struct rfx_message *message, int32_t tag, bool *has,
                         struct rfx_decimal *value)
{
    const struct rfx_bytes text = text_of(message, tag);
    *has = text.size > 0;
    return text.size == 0 || rfx_value_decimal(text, value) == RFX_OK;
}

static bool read_decimals(const struct rfx_message *message, struct rfx_order_report *report)
{
    bool has_last;
    return read_decimal(message, 14, &report->has_cum, &report->cum) &&
           read_decimal(message, 151, &report->has_leaves, &report->leaves) &&
           read_decimal(message, 6, &report->has_average, &report->average) &&
           read_decimal(message, 38, &report->has_quantity, &report->quantity) &&
           read_decimal(message, 44, &report->has_price, &report->price) &&
           read_decimal(message, 99, &report->has_stop_price, &report->stop_price) &&
           read_decimal(message, 32, &has_last, &report->last_quantity) &&
           read_decimal(message, 31, &has_last, &report->last_price) && report->cum.mantissa >= 0 &&
           report->leaves.mantissa >= 0 && report->quantity.mantissa >= 0;
}

static bool read_status(const struct rfx_message *message, enum rfx_order_status *status)
{
    const struct rfx_bytes value = text_of(message, 39);
    *status = RFX_ORDER_CREATED;
    if (value.size == 1 && strchr("0123456789ABCDE", value.data[0]) != NULL &&
        value.data[0] != '\0') {
        *status = (enum rfx_order_status)value.data[0];
    }
    return value.size == 0 || *status != RFX_ORDER_CREATED;
}

/* FIX.4.0 has no ExecType(150), up to 4.2 a correction is told by ExecTransType(20), and 4.1 and
 * 4.2 call a trade by what it makes of the order. */
static char exec_type_of(const struct rfx_message *message, const struct rfx_order_report *report)
{
    const char type = char_of(message, 150);
    switch (char_of(message, 20)) {
    case '1':
        return 'H';
    case '2':
        return 'G';
    case '3':
        return 'I';
    default: /* '0', or a later version */
        break;
    }
    if (type == '1' || type == '2') {
        return 'F';
    }
    if (type != 0) {
        return type;
    }
    return report->last_quantity.mantissa != 0 ? 'F' : (char)report->status;
}

rfx_status rfx_order_report_read(const struct rfx_message *message, struct rfx_order_report *report)
{
    memset(report, 0, sizeof *report);
    report->client_id = text_of(message, 11);
    report->orig_id = text_of(message, 41);
    report->order_id = text_of(message, 37);
    report->exec_id = text_of(message, 17);
    report->ord_type = char_of(message, 40);
    report->time_in_force = char_of(message, 59);
    if (rfx_message_get_int(message, 103, &report->reject_reason) != RFX_OK) {
        report->reject_reason = -1;
    }
    if (!read_decimals(message, report) || !read_status(message, &report->status)) {
        return RFX_E_INVALID;
    }
    report->exec_type = exec_type_of(message, report);
    return RFX_OK;
}
