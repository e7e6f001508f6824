/* Values of fields: from their text on the wire to the types of C.
 *
 * Nothing is guessed: a text that is not of the type is an error, and so is one that the type of C
 * cannot hold exactly. Pure functions; any thread. */
#ifndef RINGFIX_VALUE_H
#define RINGFIX_VALUE_H

#include "ringfix/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A decimal number, exact: mantissa × 10^-scale. 12.50 is 1250 with scale 2. */
struct rfx_decimal {
    int64_t mantissa;
    uint8_t scale; /* 0..RFX_SCALE_MAX */
};

#define RFX_SCALE_MAX 18

/* int, Length, NumInGroup, SeqNum: an optional '-', then digits; leading zeros are allowed.
 *
 * errors   RFX_E_INVALID: not an int, or beyond 64 bits; *result is left as it is, here and below
 */
RFX_API rfx_status rfx_value_int(struct rfx_bytes value, int64_t *result) RFX_MUST_CHECK;

/* float, Qty, Price, PriceOffset, Amt, Percentage: an optional '-', digits, at most one point among
 * them. The scale is the number of decimals in the text, zeros at its end included.
 *
 * errors   RFX_E_INVALID: not a decimal, more decimals than RFX_SCALE_MAX, or digits beyond 64 bits
 */
RFX_API rfx_status rfx_value_decimal(struct rfx_bytes value,
                                     struct rfx_decimal *result) RFX_MUST_CHECK;

/* char: one byte. errors RFX_E_INVALID */
RFX_API rfx_status rfx_value_char(struct rfx_bytes value, char *result) RFX_MUST_CHECK;

/* Boolean: Y or N. errors RFX_E_INVALID */
RFX_API rfx_status rfx_value_bool(struct rfx_bytes value, bool *result) RFX_MUST_CHECK;

/* UTCTimestamp, YYYYMMDD-HH:MM:SS with up to nine decimals: nanoseconds since 1970 UTC. A leap
 * second (60) is the next minute's first. errors RFX_E_INVALID: also before 1970 and after 2261 */
RFX_API rfx_status rfx_value_utc(struct rfx_bytes value, int64_t *utc_ns) RFX_MUST_CHECK;

/* Whether two decimals are below 0, 0 or above 0 apart: 1.5 and 1.50 are equal. */
RFX_API int rfx_decimal_compare(struct rfx_decimal a, struct rfx_decimal b);

/* Sum and difference, exact, with the larger of both scales (a smaller one when that overflows and
 * zeros at the end allow it). errors RFX_E_INVALID: beyond 64 bits */
RFX_API rfx_status rfx_decimal_add(struct rfx_decimal a, struct rfx_decimal b,
                                   struct rfx_decimal *result) RFX_MUST_CHECK;
RFX_API rfx_status rfx_decimal_subtract(struct rfx_decimal a, struct rfx_decimal b,
                                        struct rfx_decimal *result) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
