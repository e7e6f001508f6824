/* Reading a FIX message.
 *
 * A message is handed to a callback (codec.h, journal.h and test.h hand out others, for as long as
 * they say) and is valid until that callback returns: it points into a
 * receive buffer that goes back to its owner afterwards. Copy what must live longer. A program that
 * uses it later is ended with a line that says so (until some further messages have come: then it
 * would read one of those).
 *
 * thread   the shard whose callback received the message */
#ifndef RINGFIX_MESSAGE_H
#define RINGFIX_MESSAGE_H

#include "ringfix/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_message;

/* One field in the order of the wire. The value points into the message. */
struct rfx_field_view {
    int32_t tag;
    struct rfx_bytes value;
};

/* MsgType(35). */
RFX_API struct rfx_bytes rfx_message_type(const struct rfx_message *message);

/* True when MsgType(35) is the given text. */
RFX_API bool rfx_message_is(const struct rfx_message *message, const char *msg_type);

/* All bytes from "8=" to the SOH behind CheckSum(10). */
RFX_API struct rfx_bytes rfx_message_raw(const struct rfx_message *message);

/* How many fields the message has, and the one at an index below that. */
RFX_API size_t rfx_message_field_count(const struct rfx_message *message);
RFX_API struct rfx_field_view rfx_message_field_at(const struct rfx_message *message, size_t index);

/* The first field with a tag, wherever it stands: a field of a group's entry is found too when the
 * message has none of its own. Where that matters look at the group's entries, or at
 * rfx_message_field_at() before the first group.
 *
 * errors   RFX_E_NOT_FOUND: the message has no such field; *value is left as it is */
RFX_API rfx_status rfx_message_get(const struct rfx_message *message, int32_t tag,
                                   struct rfx_bytes *value) RFX_MUST_CHECK;

/* The same, read as the functions of value.h do (rfx_value_int() ...).
 *
 * errors   RFX_E_NOT_FOUND, RFX_E_INVALID (not of the type); *value is left as it is */
RFX_API rfx_status rfx_message_get_int(const struct rfx_message *message, int32_t tag,
                                       int64_t *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_message_get_decimal(const struct rfx_message *message, int32_t tag,
                                           struct rfx_decimal *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_message_get_char(const struct rfx_message *message, int32_t tag,
                                        char *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_message_get_bool(const struct rfx_message *message, int32_t tag,
                                        bool *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_message_get_utc(const struct rfx_message *message, int32_t tag,
                                       int64_t *utc_ns) RFX_MUST_CHECK;

/* A repeating group, entry by entry, by the dictionary of the session (the built-in one of its
 * version when it checks by none). Views into the message, valid as long as it; to be made by the
 * calls below and not to be looked into, but for `count`.
 *
 *   struct rfx_group group;
 *   struct rfx_entry entry;
 *   if (rfx_message_group(message, 268, &group) == RFX_OK) {   // NoMDEntries
 *       while (rfx_group_next(&group, &entry)) {
 *           rfx_entry_get(&entry, 270, &price);                // MDEntryPx
 *       }
 *   } */
struct rfx_group {
    const struct rfx_message *message;
    const void *dictionary;
    const void *definition;
    uint32_t next;
    uint32_t end;
    size_t count; /* how many entries the message says there are; rfx_group_next() gives as many */
};

struct rfx_entry {
    const struct rfx_message *message;
    const void *dictionary;
    const void *definition;
    uint32_t first;
    uint32_t end;
};

/* The group with that NumInGroup tag, at the top level of header or body.
 *
 * errors   RFX_E_NOT_FOUND: the message has no such field, or it counts no group there
 *          RFX_E_INVALID: the count is no number, is not the number of entries, or the first
 *          entry does not begin with the group's first field; cannot be when the session checks
 *          by dictionary
 *          RFX_E_STATE: the message came neither through a session nor from a codec */
RFX_API rfx_status rfx_message_group(const struct rfx_message *message, int32_t counter_tag,
                                     struct rfx_group *group) RFX_MUST_CHECK;

/* The next entry; false when there is none. */
RFX_API bool rfx_group_next(struct rfx_group *group, struct rfx_entry *entry);

/* A field of the entry itself, not of groups within it. errors RFX_E_NOT_FOUND */
RFX_API rfx_status rfx_entry_get(const struct rfx_entry *entry, int32_t tag,
                                 struct rfx_bytes *value) RFX_MUST_CHECK;

/* The same, read as the functions of value.h do. errors RFX_E_NOT_FOUND, RFX_E_INVALID */
RFX_API rfx_status rfx_entry_get_int(const struct rfx_entry *entry, int32_t tag,
                                     int64_t *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_entry_get_decimal(const struct rfx_entry *entry, int32_t tag,
                                         struct rfx_decimal *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_entry_get_char(const struct rfx_entry *entry, int32_t tag,
                                      char *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_entry_get_bool(const struct rfx_entry *entry, int32_t tag,
                                      bool *value) RFX_MUST_CHECK;
RFX_API rfx_status rfx_entry_get_utc(const struct rfx_entry *entry, int32_t tag,
                                     int64_t *utc_ns) RFX_MUST_CHECK;

/* A group within the entry. errors as rfx_message_group */
RFX_API rfx_status rfx_entry_group(const struct rfx_entry *entry, int32_t counter_tag,
                                   struct rfx_group *group) RFX_MUST_CHECK;

/* All fields of the entry in the order of the wire, those of groups within it included. */
RFX_API size_t rfx_entry_field_count(const struct rfx_entry *entry);
RFX_API struct rfx_field_view rfx_entry_field_at(const struct rfx_entry *entry, size_t index);

/* The data field whose length a length field says (96 for RawDataLength(95)); 0: the tag is no such
 * length field. Any thread. */
RFX_API int32_t rfx_data_tag_of(int32_t length_tag);

#ifdef __cplusplus
}
#endif

#endif
