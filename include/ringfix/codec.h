/* Messages outside of sessions: read from a log, a journal, a capture, and written for a file or a
 * test. Sessions need none of this.
 *
 * thread   one at a time per codec */
#ifndef RINGFIX_CODEC_H
#define RINGFIX_CODEC_H

#include "ringfix/builder.h"
#include "ringfix/dictionary.h"
#include "ringfix/message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_codec;

/* transport         of header, trailer and session messages, borrowed; NULL: the built-in ones, by
 *                   each message's own BeginString(8) and ApplVerID(1128) (FIX.5.0SP2 when a
 *                   FIXT.1.1 message has none)
 * application       of the others, borrowed; NULL: as transport
 * message_size_max  bytes, RFX_MESSAGE_SIZE_MIN..RFX_MESSAGE_SIZE_MAX of config.h; longer messages
 *                   are garbled
 * errors            RFX_E_INVALID (size), RFX_E_NOMEM */
RFX_API rfx_status rfx_codec_open(const struct rfx_dictionary *transport,
                                  const struct rfx_dictionary *application, size_t message_size_max,
                                  struct rfx_codec **codec) RFX_MUST_CHECK;

RFX_API void rfx_codec_close(struct rfx_codec *codec); /* NULL is allowed */

enum rfx_decoded {
    RFX_DECODED,         /* a message stands at the start; *used: its size */
    RFX_DECODED_PARTIAL, /* it may become one; *used: how many bytes more are needed at least */
    RFX_DECODED_GARBLED, /* the first *used bytes are no message: go on behind them */
};

/* Reads the first message of some bytes: framing, BodyLength(9) and CheckSum(10) as the session
 * layer wants them, all fields found. A message may still be other than its dictionary says, or
 * have a field that is none: rfx_codec_check().
 *
 * bytes    borrowed for as long as the message is used
 * message  valid until the next call of rfx_codec_decode() */
RFX_API enum rfx_decoded rfx_codec_decode(struct rfx_codec *codec, struct rfx_bytes bytes,
                                          size_t *used, const struct rfx_message **message);

/* Holds a message of this codec against the dictionary: fields known, where they belong, required
 * ones there, values of their type and among those listed, groups whole. NULL when it is as it
 * should be; else what is wrong in plain words, and the tag to blame (0: none). */
RFX_API const char *rfx_codec_check(struct rfx_codec *codec, const struct rfx_message *message,
                                    int32_t *tag);

/* What a header has beside fields that a builder may put. Texts are borrowed until
 * rfx_codec_end(). */
struct rfx_codec_header {
    const char *begin_string;   /* up to 8 characters */
    const char *msg_type;       /* up to 7 */
    const char *sender_comp_id; /* these two up to RFX_COMP_ID_MAX of config.h */
    const char *target_comp_id;
    uint64_t seq_num;
    int64_t utc_ns;    /* SendingTime(52), nanoseconds since 1970 UTC */
    unsigned decimals; /* of its seconds: 0, 3, 6 or 9 */
};

/* Begins a message; fields are put, then rfx_codec_end() is called.
 *
 * builder  valid until rfx_codec_end()
 * errors   RFX_E_INVALID: a text that is NULL, empty, too long or not printable, or decimals */
RFX_API rfx_status rfx_codec_begin(struct rfx_codec *codec, const struct rfx_codec_header *header,
                                   struct rfx_builder **builder) RFX_MUST_CHECK;

/* The finished message, BodyLength(9) and CheckSum(10) included, valid until the next
 * rfx_codec_begin(). errors RFX_E_INVALID: rfx_builder_problem() says what */
RFX_API rfx_status rfx_codec_end(struct rfx_codec *codec, struct rfx_builder *builder,
                                 struct rfx_bytes *message) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
