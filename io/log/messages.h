/* The message log: one thread takes what the shards have left in their rings and writes it,
 *
 *   2026-11-23T12:00:00.123456789Z FIX.4.4:A->B in 8=FIX.4.4...
 *
 * SOH as it is, secrets masked (core/mask.h), into DIRECTORY/messages.log, which is moved on to
 * messages.log.1 and so on when it is full. Losses stand where they happened, with "-" as session:
 *
 *   2026-11-23T12:00:00.123456789Z - lost 12 messages */
#ifndef RFX_IO_LOG_MESSAGES_H
#define RFX_IO_LOG_MESSAGES_H

#include "core/message_log.h"
#include "ringfix/log.h"

struct rfx_messages;

struct rfx_messages_options {
    const char *directory;        /* created if absent */
    uint64_t size_max;            /* bytes of one file */
    uint32_t files_max;           /* that are kept */
    struct rfx_message_log *logs; /* one per shard; borrowed until close */
    uint32_t log_count;
    uint32_t message_size_max;
    /* Where to say what goes wrong; called by the writer's thread. */
    void (*log)(void *context, enum rfx_log_level level, const char *text);
    void *log_context;
};

/* errors   RFX_E_IO (the text names the file), RFX_E_NOMEM */
rfx_status rfx_messages_open(const struct rfx_messages_options *options,
                             struct rfx_messages **messages,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* Opens the file anew, soon. Any thread. */
void rfx_messages_reopen(struct rfx_messages *messages);

/* How many messages the file lacks, since it was opened. Any thread. */
uint64_t rfx_messages_lost(const struct rfx_messages *messages);

/* Writes what is in the rings, into which nobody may put anything any more. */
void rfx_messages_close(struct rfx_messages *messages);

#endif
