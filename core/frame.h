/* Framing: where does one FIX message end in a stream of bytes?
 *
 * A message is 8=BeginString, 9=BodyLength, 35=MsgType as its first three fields, then as many
 * bytes as BodyLength says, then 10=CheckSum. Anything else is garbled and dropped as the FIX
 * session layer demands ("ignore garbled messages"): without an answer and without using up a
 * sequence number.
 *
 * Pure functions over the caller's bytes; any thread. */
#ifndef RFX_CORE_FRAME_H
#define RFX_CORE_FRAME_H

#include "core/base.h"

/* Longest BeginString(8) that is read; "FIXT.1.1" has 8 characters. */
#define RFX_BEGIN_STRING_MAX 11

enum rfx_frame_result {
    RFX_FRAME_COMPLETE, /* a message of frame.size bytes stands at the start */
    RFX_FRAME_PARTIAL,  /* at least frame.size more bytes are needed to say more */
    RFX_FRAME_GARBLED,  /* the first frame.size bytes are no message; drop them and go on */
};

struct rfx_frame {
    size_t size;        /* as above */
    size_t body_offset; /* COMPLETE: where 35= begins */
    bool is_doomed;     /* PARTIAL: already known to be garbled, only its end is awaited */
    bool is_sum_alone;  /* GARBLED: a whole message but for the value of its CheckSum(10) */
};

/* Reads at most size bytes. A message longer than message_size_max is garbled; PARTIAL never
 * asks for more than that in total.
 *
 * A garbled message with a BodyLength that is a number ends at the first CheckSum field behind
 * the body it announces; otherwise the stream is searched for the next "8=FIX" that does not
 * follow a digit (in "58=FIX" it does). */
enum rfx_frame_result rfx_frame(const char *data, size_t size, size_t message_size_max,
                                struct rfx_frame *frame);

/* The sum of all bytes modulo 256, as CheckSum(10) has it. */
uint8_t rfx_checksum(const char *data, size_t size);

#endif
