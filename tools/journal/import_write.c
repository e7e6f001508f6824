/* Import, the writing. */
#include <stdlib.h>
#include <string.h>

#include "journal/store.h"
#include "tools/journal/import.h"
#include "tools/journal/progress.h"

#define BATCH_OPS   256
#define BATCH_BYTES (256u * 1024)
#define TAIL_SIZE   (UINT64_C(8) << 20)
#define SIZE_LIMIT  (UINT64_C(1) << 44) /* of the store: the file system's business */

struct writer {
    struct json_file *file;
    struct rfx_store *store;
    struct rfx_journal_port port;
    struct import_plan *written;
    struct progress progress;
    /* The session at hand; its numbers are set behind its messages. */
    bool has_session;
    uint32_t slot;
    uint64_t next_out;
    uint64_t next_in;
    /* Messages of one time. */
    struct rfx_journal_op ops[BATCH_OPS];
    size_t op_count;
    char *bytes;
    size_t size;
    size_t room;
    int64_t utc_ns;
};

/* What is in the tail goes into the store first when there is no room: nobody else waits. */
static rfx_status append(struct writer *writer, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error)
{
    const struct rfx_journal_port *port = &writer->port;
    rfx_status status = port->append(port->context, ops, count, utc_ns, error);
    if (status == RFX_E_FULL) {
        status = rfx_store_settle(writer->store, error);
        if (status == RFX_OK) {
            status = port->append(port->context, ops, count, utc_ns, error);
        }
    }
    return status;
}

static rfx_status flush(struct writer *writer, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (writer->op_count > 0) {
        status = append(writer, writer->ops, writer->op_count, writer->utc_ns, error);
        writer->written->message_count += status == RFX_OK ? writer->op_count : 0;
        writer->op_count = 0;
        writer->size = 0;
    }
    return status;
}

static rfx_status end_session(struct writer *writer, struct rfx_error *error)
{
    rfx_status status = flush(writer, error);
    if (status == RFX_OK && writer->has_session) {
        const struct rfx_journal_op op = {.type = RFX_JOURNAL_NUMBERS,
                                          .slot = writer->slot,
                                          .next_out = writer->next_out,
                                          .next_in = writer->next_in};
        status = append(writer, &op, 1, 0, error);
        writer->written->session_count += status == RFX_OK ? 1 : 0;
        writer->has_session = false;
    }
    return status;
}

/* Creates the session, or takes the empty one that is there. */
static rfx_status begin_session(struct writer *writer, const struct json_line *line,
                                struct rfx_error *error)
{
    static const struct rfx_journal_keep keep = {0};
    const struct rfx_journal_port *port = &writer->port;
    struct rfx_journal_entry entry;
    rfx_status status = end_session(writer, error);
    if (status != RFX_OK) {
        return status;
    }
    status = port->attach(port->context, line->name, &keep, line->created_ns, &entry, error);
    if (status == RFX_E_FULL) {
        status = rfx_store_settle(writer->store, error);
        if (status == RFX_OK) {
            status =
                port->attach(port->context, line->name, &keep, line->created_ns, &entry, error);
        }
    }
    if (status == RFX_OK && (entry.next_out != 1 || entry.next_in != 1)) {
        return json_file_fail(writer->file, error, "session %.200s has numbers already",
                              line->name);
    }
    if (status == RFX_OK && entry.created_utc_ns != line->created_ns) {
        const struct rfx_journal_op op = {.type = RFX_JOURNAL_RESET, .slot = entry.slot};
        status = append(writer, &op, 1, line->created_ns, error);
    }
    if (status == RFX_OK) {
        writer->has_session = true;
        writer->slot = entry.slot;
        writer->next_out = line->next_out;
        writer->next_in = line->next_in;
    }
    return status;
}

static rfx_status add_message(struct writer *writer, const struct json_line *line,
                              struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (writer->op_count == BATCH_OPS || writer->utc_ns != line->time_ns ||
        writer->size + line->message_size > writer->room) {
        status = flush(writer, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    char *copy = writer->bytes + writer->size;
    memcpy(copy, line->message, line->message_size);
    writer->size += line->message_size;
    writer->utc_ns = line->time_ns;
    writer->ops[writer->op_count++] = (struct rfx_journal_op){
        .type = line->direction == RFX_DIRECTION_OUT ? RFX_JOURNAL_MESSAGE : RFX_JOURNAL_INBOUND,
        .slot = writer->slot,
        .seq_num = line->seq_num,
        .data = copy,
        .size = (uint32_t)line->message_size};
    return RFX_OK;
}

static rfx_status write_line(void *context, const struct json_line *line, struct rfx_error *error)
{
    struct writer *writer = context;
    progress_show(&writer->progress, writer->file->done, writer->file->size);
    switch (line->kind) {
    case JSON_LINE_HEADER:
        return RFX_OK;
    case JSON_LINE_SESSION:
        return begin_session(writer, line, error);
    case JSON_LINE_MESSAGE:
        return add_message(writer, line, error);
    case JSON_LINE_END:
        return end_session(writer, error);
    }
    return RFX_OK;
}

static rfx_status open_store(struct writer *writer, const char *path,
                             const struct import_plan *plan, struct rfx_error *error)
{
    writer->room = plan->message_size_max > BATCH_BYTES ? plan->message_size_max : BATCH_BYTES;
    writer->bytes = malloc(writer->room);
    if (writer->bytes == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for a message of %zu bytes", writer->room);
    }
    const struct rfx_store_options options = {
        .path = path,
        .shards = 1,
        .durability = RFX_DURABILITY_PROCESS,
        .size_max = SIZE_LIMIT,
        .tail_size = TAIL_SIZE,
        .batch_bytes = writer->room,
        .batch_ops = BATCH_OPS,
        .sessions_max = plan->session_count > 0 ? plan->session_count : 1};
    const rfx_status status = rfx_store_open(&options, &writer->store, error);
    if (status == RFX_OK) {
        writer->port = rfx_store_port(writer->store, 0);
    }
    return status;
}

rfx_status import_write(const char *path, struct json_file *file, const struct import_plan *plan,
                        struct import_plan *written, struct rfx_error *error)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to import");
    }
    *written = (struct import_plan){0};
    writer->file = file;
    writer->written = written;
    progress_init(&writer->progress, "import", PROGRESS_ALONE);
    rfx_status status = open_store(writer, path, plan, error);
    if (status == RFX_OK) {
        status = import_walk(file, write_line, writer, NULL, error);
    }
    const rfx_status closed = rfx_store_close(writer->store, status == RFX_OK ? error : NULL);
    progress_clear(&writer->progress);
    free(writer->bytes);
    free(writer);
    return status == RFX_OK ? closed : status;
}
