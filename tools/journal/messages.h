/* Messages out of the journal in the order in which they were stored. */
#ifndef TOOLS_JOURNAL_MESSAGES_H
#define TOOLS_JOURNAL_MESSAGES_H

#include "journal/reader.h"

struct message {
    int64_t utc_ns;
    uint64_t seq_num;
    uint32_t session; /* the caller's index of it */
    enum rfx_direction direction;
    struct rfx_bytes text; /* owned */
};

/* A growing list of copies. Zero-initialise. */
struct messages {
    struct message *items;
    size_t count;
    size_t room;
    size_t bytes;
};

rfx_status messages_add(struct messages *messages, uint32_t session, enum rfx_direction direction,
                        const struct rfx_format_entry *entry,
                        struct rfx_error *error) RFX_MUST_CHECK;

/* By the time stored; of the same time, as a turn of the server has it, those received go before
 * those sent. */
int message_compare(const struct message *a, const struct message *b);
void messages_sort(struct messages *messages);

/* Leaves the latest `count`, in order. */
void messages_keep_newest(struct messages *messages, size_t count);

/* Empties the list; the memory of the list itself stays until messages_free(). */
void messages_clear(struct messages *messages);
void messages_free(struct messages *messages);

#endif
