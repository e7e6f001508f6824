/* Writing the fields of a message.
 *
 * A builder makes no malformed message: what would make one (a value that is empty or holds SOH, a
 * tag that is not one, that the session writes itself or that comes twice, a header field behind
 * one of the body, a data field without its length, a group with another number of entries than
 * its counter says, a decimal with a scale above 18, a time before 1970) marks the builder as
 * failed, the calls that follow do nothing, and the commit returns RFX_E_INVALID. So only the
 * commit has to be checked; rfx_builder_problem() says what it was. What a value means is not
 * looked at: fields that the dictionary does not know, control characters, a counter put as a
 * number where a group should be, are the caller's business.
 *
 * thread   one at a time; a builder of rfx_session_begin(): the session's shard */
#ifndef RINGFIX_BUILDER_H
#define RINGFIX_BUILDER_H

#include "ringfix/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_builder;

#define RFX_GROUP_DEPTH_MAX 8 /* groups within groups */
#define RFX_BUILDER_FIELDS_MAX                                                                     \
    1024 /* fields outside of groups; and in an entry, with those around */

/* Adds one field. tag: 1 or more. */
RFX_API void rfx_builder_put(struct rfx_builder *builder, int32_t tag, struct rfx_bytes value);
RFX_API void rfx_builder_put_text(struct rfx_builder *builder, int32_t tag, const char *value);
RFX_API void rfx_builder_put_char(struct rfx_builder *builder, int32_t tag, char value);
RFX_API void rfx_builder_put_bool(struct rfx_builder *builder, int32_t tag, bool value);
RFX_API void rfx_builder_put_int(struct rfx_builder *builder, int32_t tag, int64_t value);

/* Written exactly, with all of its decimals: 12.50 for 1250 with scale 2. */
RFX_API void rfx_builder_put_decimal(struct rfx_builder *builder, int32_t tag,
                                     struct rfx_decimal value);

/* A UTCTimestamp.
 *
 * utc_ns    nanoseconds since 1970 UTC, not negative
 * decimals  of the seconds: 0, 3, 6 or 9; what is finer is cut off */
RFX_API void rfx_builder_put_utc(struct rfx_builder *builder, int32_t tag, int64_t utc_ns,
                                 unsigned decimals);

/* A length field and its data field (RawDataLength(95) and RawData(96), for example). The data
 * may hold any byte. Fields of these types are written by this call alone. */
RFX_API void rfx_builder_put_data(struct rfx_builder *builder, int32_t length_tag, int32_t data_tag,
                                  struct rfx_bytes data);

/* A repeating group. Each entry begins with the same field, as FIX asks for.
 *
 *   rfx_builder_begin_group(builder, 268, 2);    // NoMDEntries
 *   for (size_t i = 0; i < 2; i++) {
 *       rfx_builder_next_entry(builder);
 *       rfx_builder_put_char(builder, 269, side[i]);
 *       rfx_builder_put_decimal(builder, 270, price[i]);
 *   }
 *   rfx_builder_end_group(builder);
 *
 * counter_tag  of its NumInGroup field
 * count        of the entries that follow; 0 is written as such, and rfx_builder_end_group() comes
 *              next (an optional group is better left out) */
RFX_API void rfx_builder_begin_group(struct rfx_builder *builder, int32_t counter_tag,
                                     uint32_t count);
RFX_API void rfx_builder_next_entry(struct rfx_builder *builder);
RFX_API void rfx_builder_end_group(struct rfx_builder *builder);

/* What marked the builder as failed, in plain words, and the tag it was about (0: none). NULL as
 * long as nothing did. Also after the commit that failed, until the next rfx_session_begin(). */
RFX_API const char *rfx_builder_problem(const struct rfx_builder *builder, int32_t *tag);

/* ----------------------------------------------------------------------- fields made beforehand */

/* A builder of fields alone, without a message around them: what many messages have in common (an
 * order's own fields in each of its ExecutionReports) is written and checked once and then
 * appended, in a fraction of the time.
 *
 * size_max  bytes of all fields together, 1..RFX_MESSAGE_SIZE_MAX
 * builder   released with rfx_builder_close()
 * errors    RFX_E_NOMEM, RFX_E_INVALID (size_max) */
RFX_API rfx_status rfx_builder_open(size_t size_max, struct rfx_builder **builder) RFX_MUST_CHECK;

/* Empty again, and not failed any more. One of rfx_builder_open() only. */
RFX_API void rfx_builder_clear(struct rfx_builder *builder);

/* Adds all fields of a builder of rfx_builder_open(), which stays as it is. Outside of groups only,
 * on either side. One that is failed makes the other fail. */
RFX_API void rfx_builder_append(struct rfx_builder *builder, const struct rfx_builder *fields);

/* One of rfx_builder_open(); NULL is allowed. */
RFX_API void rfx_builder_close(struct rfx_builder *builder);

#ifdef __cplusplus
}
#endif

#endif
