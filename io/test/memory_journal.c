#include "io/test/memory_journal.h"

#include <stdlib.h>
#include <string.h>

#include "core/session_name.h"

struct row {
    uint64_t seq_num;
    uint32_t size;
    char *data;
};

struct rfx_memory_session {
    char name[RFX_SESSION_NAME_MAX];
    struct rfx_journal_entry entry;
    struct row *rows; /* by ascending seq_num */
    size_t row_count;
    size_t row_capacity;
};

static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity == 0 ? 16 : 2 * *capacity;
    void *grown = realloc(items, *capacity * size);
    RFX_ASSERT(grown != NULL);
    return grown;
}

static rfx_status attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    struct rfx_memory_journal *journal = context;
    (void)keep; /* a test is short */
    (void)error;
    size_t slot = 0;
    while (slot < journal->count && strcmp(journal->sessions[slot].name, name) != 0) {
        slot++;
    }
    if (slot == journal->count) {
        journal->sessions =
            grow(journal->sessions, slot, &journal->capacity, sizeof *journal->sessions);
        struct rfx_memory_session *session = &journal->sessions[slot];
        memset(session, 0, sizeof *session);
        RFX_ASSERT(strlen(name) < sizeof session->name);
        strcpy(session->name, name);
        session->entry = (struct rfx_journal_entry){
            .slot = (uint32_t)slot, .next_out = 1, .next_in = 1, .created_utc_ns = utc_ns};
        journal->count++;
    }
    *entry = journal->sessions[slot].entry;
    return RFX_OK;
}

static enum rfx_journal_room room(void *context)
{
    (void)context;
    return RFX_JOURNAL_ROOM;
}

static void drop_rows(struct rfx_memory_session *session)
{
    for (size_t i = 0; i < session->row_count; i++) {
        free(session->rows[i].data);
    }
    session->row_count = 0;
}

static void store(struct rfx_memory_session *session, const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->seq_num == session->entry.next_out);
    session->rows =
        grow(session->rows, session->row_count, &session->row_capacity, sizeof *session->rows);
    struct row *row = &session->rows[session->row_count++];
    *row = (struct row){.seq_num = op->seq_num, .size = op->size, .data = malloc(op->size)};
    RFX_ASSERT(row->data != NULL);
    memcpy(row->data, op->data, op->size);
    session->entry.next_out = op->seq_num + 1;
}

static rfx_status append(void *context, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error)
{
    struct rfx_memory_journal *journal = context;
    (void)error;
    for (size_t i = 0; i < count; i++) {
        const struct rfx_journal_op *op = &ops[i];
        RFX_ASSERT(op->slot < journal->count);
        struct rfx_memory_session *session = &journal->sessions[op->slot];
        switch (op->type) {
        case RFX_JOURNAL_MESSAGE:
            store(session, op);
            break;
        case RFX_JOURNAL_INBOUND:
            break; /* nobody could look at it */
        case RFX_JOURNAL_NUMBERS:
            session->entry.next_out = op->next_out;
            session->entry.next_in = op->next_in;
            break;
        case RFX_JOURNAL_RESET:
            drop_rows(session);
            session->entry.next_out = 1;
            session->entry.next_in = 1;
            session->entry.created_utc_ns = utc_ns;
            break;
        }
    }
    return RFX_OK;
}

static rfx_status read_rows(void *context, uint32_t slot, uint64_t first, uint64_t last,
                            rfx_journal_visit *visit, void *visit_context, struct rfx_error *error)
{
    const struct rfx_memory_journal *journal = context;
    const struct rfx_memory_session *session = &journal->sessions[slot];
    (void)error;
    for (size_t i = 0; i < session->row_count; i++) {
        const struct row *row = &session->rows[i];
        if (row->seq_num >= first && row->seq_num <= last &&
            !visit(visit_context, row->seq_num, rfx_bytes_of(row->data, row->size))) {
            break;
        }
    }
    return RFX_OK;
}

struct rfx_journal_port rfx_memory_journal_port(struct rfx_memory_journal *journal)
{
    return (struct rfx_journal_port){
        .context = journal, .attach = attach, .room = room, .append = append, .read = read_rows};
}

void rfx_memory_journal_close(struct rfx_memory_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        drop_rows(&journal->sessions[i]);
        free(journal->sessions[i].rows);
    }
    free(journal->sessions);
    *journal = (struct rfx_memory_journal){0};
}
