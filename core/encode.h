/* Writing a FIX message in one pass into memory that was reserved for it.
 *
 * The header's variable parts in front of the body are BodyLength and nothing else: everything
 * from MsgType(35) on is written straight through, and "8=...|9=...|" is set right-justified in
 * front of it when the length is known. The finished message is contiguous; nothing is moved.
 *
 * thread   any; a writer belongs to its caller */
#ifndef RFX_CORE_ENCODE_H
#define RFX_CORE_ENCODE_H

#include "core/base.h"

/* What a message may take beyond its body: "8=FIXT.1.1|9=nnnnnnn|" in front, header fields with
 * two CompIDs and two timestamps, the trailer. */
#define RFX_ENVELOPE_MAX 384

struct rfx_writer {
    char *start;    /* of the reserved memory */
    char *body;     /* where 35= begins */
    char *position; /* where the next byte goes */
    char *limit;    /* the last place a field may end; the trailer fits behind it */
    bool failed;    /* a field was not acceptable or did not fit */
};

/* What identifies a session at the wire, rendered once. */
struct rfx_identity {
    char begin_field[16];  /* "8=FIX.4.4|9=" */
    char sender_field[72]; /* "49=SENDER|" */
    char target_field[72]; /* "56=TARGET|" */
    uint8_t begin_size;
    uint8_t sender_size;
    uint8_t target_size;
};

/* begin_string up to RFX_BEGIN_STRING_MAX, CompIDs up to RFX_COMP_ID_MAX characters. */
void rfx_identity_init(struct rfx_identity *identity, const char *begin_string,
                       const char *sender_comp_id, const char *target_comp_id);

/* The variable fields of a header. */
struct rfx_envelope {
    struct rfx_bytes msg_type;          /* MsgType(35) */
    uint64_t seq_num;                   /* MsgSeqNum(34) */
    const char *sending_time;           /* RFX_UTC_TEXT_SIZE characters */
    bool poss_dup;                      /* writes PossDupFlag(43)=Y ... */
    struct rfx_bytes orig_sending_time; /* ... and OrigSendingTime(122); data NULL: left out */
};

/* Starts a message with its header: 35, 34, 43, 49, 52, 56, 122.
 *
 * memory   size bytes, at least RFX_ENVELOPE_MAX; borrowed until the message is done with */
void rfx_writer_begin(struct rfx_writer *writer, char *memory, size_t size,
                      const struct rfx_identity *identity, const struct rfx_envelope *envelope);

/* Fields. A tag below 1, an empty value or one that holds SOH, and lack of room set failed. */
void rfx_writer_put(struct rfx_writer *writer, int32_t tag, struct rfx_bytes value);
void rfx_writer_put_text(struct rfx_writer *writer, int32_t tag, const char *value);
void rfx_writer_put_uint(struct rfx_writer *writer, int32_t tag, uint64_t value);

/* Bytes that are whole fields already, SOH at their end; may be empty. */
void rfx_writer_put_fields(struct rfx_writer *writer, struct rfx_bytes fields);

/* A field whose value may hold any byte; the caller has written its length field. */
void rfx_writer_put_raw(struct rfx_writer *writer, int32_t tag, struct rfx_bytes value);

/* Sets BodyLength(9) and CheckSum(10). The result points into the reserved memory; data is NULL
 * when the writer has failed. */
struct rfx_bytes rfx_writer_finish(struct rfx_writer *writer, const struct rfx_identity *identity);

/* Digits of a number, as many as it has, 1 to 20. Returns how many. */
size_t rfx_write_uint(char *text, uint64_t value);

#endif
