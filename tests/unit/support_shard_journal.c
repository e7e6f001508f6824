/* The journal in memory. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_shard.h"

static rfx_status attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    struct shard_rig *rig = context;
    struct fake_journal *journal = &rig->journal;
    if (journal->fail_attach) {
        return rfx_fail(error, RFX_E_JOURNAL, "attach failed on purpose");
    }
    size_t slot = 0;
    while (slot < journal->session_count && strcmp(journal->sessions[slot].name, name) != 0) {
        slot++;
    }
    if (slot == journal->session_count) {
        if (slot == journal->session_capacity) {
            journal->session_capacity = slot < 16 ? 16 : slot * 2;
            journal->sessions =
                realloc(journal->sessions, journal->session_capacity * sizeof *journal->sessions);
        }
        memset(&journal->sessions[slot], 0, sizeof journal->sessions[slot]);
        strcpy(journal->sessions[slot].name, name);
        journal->sessions[slot].next_out = 1;
        journal->sessions[slot].next_in = 1;
        journal->sessions[slot].created_utc_ns = utc_ns;
        journal->session_count++;
    }
    journal->sessions[slot].keep = *keep;
    *entry = (struct rfx_journal_entry){.slot = (uint32_t)slot,
                                        .next_out = journal->sessions[slot].next_out,
                                        .next_in = journal->sessions[slot].next_in,
                                        .created_utc_ns = journal->sessions[slot].created_utc_ns};
    return RFX_OK;
}

static void drop_rows(struct fake_session *session)
{
    for (size_t i = 0; i < session->row_count; i++) {
        free(session->rows[i].data);
    }
    session->row_count = 0;
}

void fake_journal_drop(struct shard_rig *rig, const char *comp_id, uint64_t first, uint64_t last)
{
    struct fake_session *session = shard_rig_stored(rig, comp_id);
    size_t kept = 0;
    for (size_t i = 0; i < session->row_count; i++) {
        const struct fake_row row = session->rows[i];
        if (row.seq_num >= first && row.seq_num <= last) {
            free(row.data);
        } else {
            session->rows[kept++] = row;
        }
    }
    session->row_count = kept;
}

/* A number is never used twice for different content: a message must be the next one. */
static void store(struct fake_session *session, const struct rfx_journal_op *op)
{
    assert_int_equal(op->seq_num, session->next_out);
    if (session->row_count == session->row_capacity) {
        session->row_capacity = session->row_capacity < 16 ? 16 : session->row_capacity * 2;
        session->rows = realloc(session->rows, session->row_capacity * sizeof *session->rows);
    }
    struct fake_row *row = &session->rows[session->row_count++];
    *row = (struct fake_row){.seq_num = op->seq_num, .size = op->size, .data = malloc(op->size)};
    memcpy(row->data, op->data, op->size);
    session->next_out = op->seq_num + 1;
}

static void apply(struct shard_rig *rig, const struct rfx_journal_op *op, int64_t utc_ns)
{
    assert_true(op->slot < rig->journal.session_count);
    struct fake_session *session = &rig->journal.sessions[op->slot];
    const char *name = strstr(session->name, "->") + 2;
    switch (op->type) {
    case RFX_JOURNAL_MESSAGE:
        store(session, op);
        shard_rig_trace(rig, "journal %s message %llu", name, (unsigned long long)op->seq_num);
        break;
    case RFX_JOURNAL_INBOUND:
        assert_true(op->seq_num >= session->next_in); /* its progress is in the same batch */
        shard_rig_trace(rig, "journal %s inbound %llu %.*s", name, (unsigned long long)op->seq_num,
                        (int)rfx_min_u64(op->size, 200), op->data);
        break;
    case RFX_JOURNAL_NUMBERS:
        session->next_out = op->next_out;
        session->next_in = op->next_in;
        shard_rig_trace(rig, "journal %s numbers %llu %llu", name, (unsigned long long)op->next_out,
                        (unsigned long long)op->next_in);
        break;
    case RFX_JOURNAL_RESET:
        session->created_utc_ns = utc_ns;
        drop_rows(session);
        session->next_out_before_reset = session->next_out;
        session->next_out = 1;
        session->next_in = 1;
        shard_rig_trace(rig, "journal %s reset", name);
        break;
    }
}

static rfx_status append(void *context, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error)
{
    struct shard_rig *rig = context;
    assert_true(count >= 1);
    rig->journal.append_count++;
    shard_rig_read_wire(rig); /* what is there by now must have been stored by now */
    if (rig->journal.append_count == rig->journal.fail_append) {
        return rfx_fail(error, RFX_E_JOURNAL, "append failed on purpose");
    }
    if (rig->journal.is_full) {
        return rfx_fail(error, RFX_E_FULL, "full on purpose");
    }
    for (size_t i = 0; i < count; i++) {
        apply(rig, &ops[i], utc_ns);
    }
    return RFX_OK;
}

static rfx_status read_rows(void *context, uint32_t slot, uint64_t first, uint64_t last,
                            rfx_journal_visit *visit, void *visit_context, struct rfx_error *error)
{
    struct shard_rig *rig = context;
    rig->journal.read_count++;
    if (rig->journal.fail_read) {
        return rfx_fail(error, RFX_E_JOURNAL, "read failed on purpose");
    }
    const struct fake_session *session = &rig->journal.sessions[slot];
    for (size_t i = 0; i < session->row_count; i++) {
        const struct fake_row *row = &session->rows[i];
        if (row->seq_num < first || row->seq_num > last) {
            continue;
        }
        /* Valid during the call only: a copy that is gone afterwards. */
        char *copy = malloc(row->size);
        memcpy(copy, row->data, row->size);
        bool goes_on = visit(visit_context, row->seq_num, rfx_bytes_of(copy, row->size));
        free(copy);
        if (!goes_on) {
            break;
        }
    }
    return RFX_OK;
}

static enum rfx_journal_room room(void *context)
{
    const struct shard_rig *rig = context;
    return rig->journal.room;
}

struct rfx_journal_port fake_journal_port(struct shard_rig *rig)
{
    return (struct rfx_journal_port){
        .context = rig, .attach = attach, .append = append, .read = read_rows, .room = room};
}

void fake_journal_close(struct fake_journal *journal)
{
    for (size_t i = 0; i < journal->session_count; i++) {
        drop_rows(&journal->sessions[i]);
        free(journal->sessions[i].rows);
    }
    free(journal->sessions);
}
