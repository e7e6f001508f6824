#include "ringfix/value.h"

#include "core/message.h"
#include "core/timestamp.h"

rfx_status rfx_value_int(struct rfx_bytes value, int64_t *result)
{
    const bool is_negative = value.size > 0 && value.data[0] == '-';
    uint64_t number = 0;
    if (rfx_bytes_equal(value, "-9223372036854775808", 20)) {
        *result = INT64_MIN; /* its magnitude alone does not fit */
        return RFX_OK;
    }
    if (!rfx_read_uint(rfx_bytes_of(value.data + is_negative, value.size - is_negative), &number)) {
        return RFX_E_INVALID;
    }
    *result = is_negative ? -(int64_t)number : (int64_t)number;
    return RFX_OK;
}

rfx_status rfx_value_decimal(struct rfx_bytes value, struct rfx_decimal *result)
{
    const bool is_negative = value.size > 0 && value.data[0] == '-';
    bool has_point = false;
    size_t digits = 0;
    size_t scale = 0;
    int64_t mantissa = 0; /* towards the sign, so that the smallest number fits */
    for (size_t i = is_negative; i < value.size; i++) {
        const int digit = value.data[i] - '0';
        if (value.data[i] == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(mantissa, 10, &mantissa) ||
            __builtin_add_overflow(mantissa, is_negative ? -digit : digit, &mantissa)) {
            return RFX_E_INVALID;
        }
        digits++;
        scale += has_point;
    }
    if (digits == 0 || scale > RFX_SCALE_MAX) {
        return RFX_E_INVALID;
    }
    *result = (struct rfx_decimal){.mantissa = mantissa, .scale = (uint8_t)scale};
    return RFX_OK;
}

rfx_status rfx_value_char(struct rfx_bytes value, char *result)
{
    if (value.size != 1) {
        return RFX_E_INVALID;
    }
    *result = value.data[0];
    return RFX_OK;
}

rfx_status rfx_value_bool(struct rfx_bytes value, bool *result)
{
    if (value.size != 1 || (value.data[0] != 'Y' && value.data[0] != 'N')) {
        return RFX_E_INVALID;
    }
    *result = value.data[0] == 'Y';
    return RFX_OK;
}

rfx_status rfx_value_utc(struct rfx_bytes value, int64_t *utc_ns)
{
    return rfx_utc_read(value, utc_ns) ? RFX_OK : RFX_E_INVALID;
}

/* ----------------------------------------------------------------------------------- arithmetic */

__extension__ typedef __int128 wide;

/* With the other's scale, exact: 128 bits hold any mantissa with 18 zeros more. */
static wide scaled(struct rfx_decimal number, uint8_t scale)
{
    wide result = number.mantissa;
    RFX_ASSERT(scale <= RFX_SCALE_MAX);
    for (uint8_t i = number.scale; i < scale; i++) {
        result *= 10;
    }
    return result;
}

static uint8_t larger_scale(struct rfx_decimal a, struct rfx_decimal b)
{
    return a.scale > b.scale ? a.scale : b.scale;
}

int rfx_decimal_compare(struct rfx_decimal a, struct rfx_decimal b)
{
    const uint8_t scale = larger_scale(a, b);
    const wide left = scaled(a, scale);
    const wide right = scaled(b, scale);
    return (left > right) - (left < right);
}

static rfx_status narrow(wide number, uint8_t scale, struct rfx_decimal *result)
{
    while ((number > INT64_MAX || number < INT64_MIN) && scale > 0 && number % 10 == 0) {
        number /= 10;
        scale--;
    }
    if (number > INT64_MAX || number < INT64_MIN) {
        return RFX_E_INVALID;
    }
    *result = (struct rfx_decimal){.mantissa = (int64_t)number, .scale = scale};
    return RFX_OK;
}

rfx_status rfx_decimal_add(struct rfx_decimal a, struct rfx_decimal b, struct rfx_decimal *result)
{
    const uint8_t scale = larger_scale(a, b);
    return narrow(scaled(a, scale) + scaled(b, scale), scale, result);
}

rfx_status rfx_decimal_subtract(struct rfx_decimal a, struct rfx_decimal b,
                                struct rfx_decimal *result)
{
    const uint8_t scale = larger_scale(a, b);
    return narrow(scaled(a, scale) - scaled(b, scale), scale, result);
}
