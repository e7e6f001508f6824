/* The messages of one session and direction, one after the other, however many they are. */
#ifndef TOOLS_JOURNAL_FEED_H
#define TOOLS_JOURNAL_FEED_H

#include "tools/journal/messages.h"

struct feed {
    struct rfx_reader *reader; /* borrowed, as session */
    const struct rfx_reader_session *session;
    enum rfx_direction direction;
    uint64_t next; /* MsgSeqNum(34) from which the next page is read */
    uint64_t last;
    struct messages page;
    size_t index;
    struct rfx_error *error; /* of feed_head() */
    rfx_status status;
};

void feed_init(struct feed *feed, struct rfx_reader *reader,
               const struct rfx_reader_session *session, enum rfx_direction direction,
               uint64_t first, uint64_t last);
void feed_free(struct feed *feed);

/* The next message, valid until feed_pop(); NULL at the end.
 * errors   as rfx_reader_messages() */
rfx_status feed_head(struct feed *feed, const struct message **head,
                     struct rfx_error *error) RFX_MUST_CHECK;
void feed_pop(struct feed *feed);

#endif
