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
 * CompIDs, SubIDs, LocationIDs and two timestamps, the trailer. */
#define RFX_ENVELOPE_MAX 704

struct rfx_writer {
    char *start;    /* of the reserved memory */
    char *body;     /* where 35= begins */
    char *position; /* where the next byte goes */
    char *limit;    /* the last place a field may end; the trailer fits behind it */
    bool failed;    /* a field was not acceptable or did not fit */
};

/* What identifies a session at the wire, rendered once. */
struct rfx_identity {
    char begin_field[16]; /* "8=FIX.4.4|9=" */
    const char *fields;   /* "49=SENDER|50=SUB|", "56=TARGET|57=SUB|", "142=LOC|143=LOC|"; SubIDs
                             and LocationIDs only where there are some */
    struct rfx_bytes sender_comp_id; /* the values alone, within fields */
    struct rfx_bytes target_comp_id;
    uint8_t begin_size;
    uint8_t sender_size; /* of the first part of fields */
    uint8_t target_size;
    uint8_t location_size;
};

/* The parts, our side's first. NULL: absent. Each up to RFX_COMP_ID_MAX characters. */
struct rfx_identity_parts {
    const char *begin_string; /* up to RFX_BEGIN_STRING_MAX */
    const char *sender_comp_id;
    const char *sender_sub_id;
    const char *sender_location_id;
    const char *target_comp_id;
    const char *target_sub_id;
    const char *target_location_id;
};

/* How many bytes rfx_identity_init() needs for the fields. */
size_t rfx_identity_size(const struct rfx_identity_parts *parts);

/* fields   rfx_identity_size() bytes that live as long as the identity
 * parts    borrowed until return */
void rfx_identity_init(struct rfx_identity *identity, const struct rfx_identity_parts *parts,
                       char *fields);

/* The variable fields of a header. */
struct rfx_envelope {
    struct rfx_bytes msg_type;          /* MsgType(35) */
    uint64_t seq_num;                   /* MsgSeqNum(34) */
    struct rfx_bytes sending_time;      /* SendingTime(52) */
    bool poss_dup;                      /* writes PossDupFlag(43)=Y ... */
    struct rfx_bytes orig_sending_time; /* ... and OrigSendingTime(122); data NULL: left out */
    bool has_last_processed;
    uint64_t last_processed; /* LastMsgSeqNumProcessed(369) */
};

/* Starts a message with its header: 35, 34, 43, 49, 50, 52, 56, 57, 122, 142, 143, 369.
 *
 * memory   size bytes, at least RFX_ENVELOPE_MAX; borrowed until the message is done with */
void rfx_writer_begin(struct rfx_writer *writer, char *memory, size_t size,
                      const struct rfx_identity *identity, const struct rfx_envelope *envelope);

/* Starts fields without a message around them; rfx_writer_finish() is not for these. */
void rfx_writer_begin_fields(struct rfx_writer *writer, char *memory, size_t size);

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
