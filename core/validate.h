/* A message held against the dictionaries of its session: a pure function, one pass.
 *
 * Order of checks (the first finding is the one reported): section order, MsgType known, required
 * fields, then each field of header, trailer and body in turn: repeated, empty, not of its type,
 * not of its values, not defined, not in this message, number of group entries; then the entries
 * of that group in the same way.
 *
 * thread   any; the scratch belongs to one thread at a time */
#ifndef RFX_CORE_VALIDATE_H
#define RFX_CORE_VALIDATE_H

#include "core/dictionary.h"
#include "core/message.h"
#include "ringfix/config.h"

/* SessionRejectReason(373). */
enum rfx_reject_reason {
    RFX_REJECT_INVALID_TAG = 0,
    RFX_REJECT_REQUIRED_TAG_MISSING = 1,
    RFX_REJECT_TAG_NOT_IN_MESSAGE = 2,
    RFX_REJECT_UNDEFINED_TAG = 3,
    RFX_REJECT_EMPTY_VALUE = 4,
    RFX_REJECT_VALUE_INCORRECT = 5,
    RFX_REJECT_BAD_FORMAT = 6,
    RFX_REJECT_COMP_ID = 9,
    RFX_REJECT_SENDING_TIME = 10,
    RFX_REJECT_INVALID_MSG_TYPE = 11,
    RFX_REJECT_REPEATED_TAG = 13,
    RFX_REJECT_FIELDS_OUT_OF_ORDER = 14,
    RFX_REJECT_GROUP_OUT_OF_ORDER = 15,
    RFX_REJECT_GROUP_COUNT = 16,
    RFX_REJECT_SOH_IN_VALUE = 17,
    RFX_REJECT_APPL_VERSION = 18,
    RFX_REJECT_OTHER = 99,
};

/* What the messages of a session are held against. Set up once per session (or kind of session),
 * then read by its shard alone. */
struct rfx_rules {
    const struct rfx_dictionary *transport; /* header, trailer, session messages; never NULL */
    /* Of application messages. Below FIXT.1.1 the same as transport. */
    const struct rfx_dictionary *application;
    /* FIXT.1.1: by ApplVerID(1128) of the single message; NULL: not supported */
    const struct rfx_dictionary *by_appl_ver_id[RFX_APPL_VERSIONS];
    bool is_checking;           /* UseDataDictionary: false lets everything pass */
    bool checks_section_order;  /* ValidateFieldsOutOfOrder */
    bool checks_values_present; /* ValidateFieldsHaveValues */
    bool checks_user_defined;   /* ValidateUserDefinedFields: tags from 5000 on too */
    bool checks_group_order;    /* ValidateUnorderedGroupFields */
    bool allows_unknown_fields; /* AllowUnknownMsgFields: not defined for this message */
    bool allows_unknown_values; /* AllowUnknownEnumValues */
};

/* What is wrong, in the terms of a session Reject(3). */
struct rfx_fault {
    enum rfx_reject_reason reason;
    int32_t ref_tag;  /* RFX_NO_TAG when no single field is to blame */
    const char *text; /* static */
};

#define RFX_NO_TAG INT32_MIN /* a Reject that names no field; 0 is a tag that a peer may send */

/* Working memory for one thread: sized for the largest dictionary, zero-initialised. */
struct rfx_validate_scratch;

/* errors RFX_E_NOMEM */
rfx_status rfx_validate_scratch_open(struct rfx_validate_scratch **scratch) RFX_MUST_CHECK;
void rfx_validate_scratch_close(struct rfx_validate_scratch *scratch);

/* True when the message is as the rules want it; else *fault says what is not. message->malformed
 * is the caller's to check. */
bool rfx_validate(const struct rfx_rules *rules, const struct rfx_message *message,
                  struct rfx_validate_scratch *scratch, struct rfx_fault *fault);

/* The dictionary and the message of it that a message's body belongs to; NULL when none does. */
const struct rfx_dictionary *rfx_rules_body(const struct rfx_rules *rules,
                                            const struct rfx_message *message,
                                            const struct rfx_dict_message **definition);

#endif
