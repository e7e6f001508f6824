#include "journal/apply.h"

#include <string.h>

#include "journal/chunk.h"

/* More than a chunk of the shortest messages holds. */
#define ENTRIES_MAX (RFX_FORMAT_CHUNK_SIZE / (RFX_FORMAT_ENTRY_SIZE + 1) + 1)

/* Messages of one direction on their way into a chunk. */
struct filler {
    struct rfx_chunk_walk walk;
    size_t size;
    size_t count;
    struct rfx_format_entry entries[ENTRIES_MAX];
};

struct applier {
    const struct rfx_env *env;
    MDB_txn *txn;
    struct rfx_format_record record; /* of the session at hand */
    uint64_t last_in; /* the highest MsgSeqNum of its inbound messages; UINT64_MAX: not known */
    uint32_t id_max;  /* of all seen */
    bool exists;      /* the session */
    bool has_reset;
    struct filler fillers[2]; /* by direction */
};

static int flush(struct filler *filler)
{
    const int code =
        filler->count > 0 ? rfx_chunk_put(&filler->walk, filler->entries, filler->count) : 0;
    filler->count = 0;
    filler->size = 0;
    return code;
}

static int flush_both(struct applier *applier)
{
    const int code = flush(&applier->fillers[RFX_DIRECTION_OUT]);
    return code == 0 ? flush(&applier->fillers[RFX_DIRECTION_IN]) : code;
}

static int fill(struct filler *filler, const struct rfx_gathered *gathered)
{
    const struct rfx_format_entry entry = {.seq_num = gathered->op->value,
                                           .utc_ns = gathered->utc_ns,
                                           .message = rfx_tail_data(gathered->op)};
    const size_t size = RFX_FORMAT_ENTRY_SIZE + entry.message.size;
    if (filler->count > 0 && filler->size + size > RFX_FORMAT_CHUNK_SIZE) {
        const int code = flush(filler);
        if (code != 0) {
            return code;
        }
    }
    filler->entries[filler->count++] = entry;
    filler->size += size;
    return 0;
}

/* Messages from there on would be taken for ones that were sent under a number that is now free
 * again. */
static int cut(struct filler *filler, uint64_t first)
{
    const int code = flush(filler);
    return code == 0 ? rfx_chunk_cut(&filler->walk, first) : code;
}

static int set_next_out(struct applier *applier, uint64_t next_out)
{
    const bool is_lower = next_out < applier->record.next_out;
    applier->record.next_out = next_out;
    return is_lower ? cut(&applier->fillers[RFX_DIRECTION_OUT], next_out) : 0;
}

static int apply_message(struct applier *applier, const struct rfx_gathered *gathered)
{
    int code = set_next_out(applier, gathered->op->value);
    if (code == 0) {
        code = fill(&applier->fillers[RFX_DIRECTION_OUT], gathered);
        applier->record.next_out = gathered->op->value + 1;
    }
    return code;
}

/* A number comes again when next_in was set back: then the later message counts. */
static int apply_inbound(struct applier *applier, const struct rfx_gathered *gathered)
{
    struct filler *filler = &applier->fillers[RFX_DIRECTION_IN];
    int code = 0;
    if (applier->last_in == UINT64_MAX) {
        struct rfx_format_entry last = {0};
        code = rfx_chunk_last(&filler->walk, &last);
        applier->last_in = last.seq_num;
        code = code == MDB_NOTFOUND ? 0 : code;
    }
    if (code == 0 && gathered->op->value <= applier->last_in) {
        code = cut(filler, gathered->op->value);
    }
    applier->last_in = gathered->op->value;
    return code == 0 ? fill(filler, gathered) : code;
}

static void set_id(struct applier *applier, uint32_t id)
{
    applier->record.id = id;
    applier->fillers[RFX_DIRECTION_OUT].walk.id = id;
    applier->fillers[RFX_DIRECTION_IN].walk.id = id;
}

static void note_id(struct applier *applier, uint32_t id)
{
    applier->id_max = id > applier->id_max ? id : applier->id_max;
}

static int apply_create(struct applier *applier, const struct rfx_gathered *gathered)
{
    const struct rfx_tail_op *op = gathered->op;
    if (applier->exists) {
        return MDB_CORRUPTED;
    }
    applier->exists = true;
    applier->record = (struct rfx_format_record){.next_out = 1,
                                                 .next_in = 1,
                                                 .created_utc_ns = (int64_t)op->value,
                                                 .name = rfx_tail_data(op)};
    applier->last_in = 0;
    set_id(applier, op->id);
    note_id(applier, op->id);
    note_id(applier, op->session);
    return rfx_rows_put_name(applier->env, applier->txn, applier->record.name, op->session);
}

static int apply_reset(struct applier *applier, const struct rfx_gathered *gathered)
{
    int code = flush_both(applier);
    if (code == 0) {
        code = rfx_rows_put_trash(applier->env, applier->txn, applier->record.id);
    }
    set_id(applier, gathered->op->id);
    note_id(applier, gathered->op->id);
    applier->record.next_out = 1;
    applier->record.next_in = 1;
    applier->record.created_utc_ns = (int64_t)gathered->op->value;
    applier->last_in = 0;
    applier->has_reset = true;
    return code;
}

static int apply_op(struct applier *applier, const struct rfx_gathered *gathered)
{
    const struct rfx_tail_op *op = gathered->op;
    const enum rfx_tail_op_type type = (enum rfx_tail_op_type)op->type;
    if (type != RFX_TAIL_CREATE &&
        (!applier->exists || (type != RFX_TAIL_RESET && op->id != applier->record.id))) {
        return MDB_CORRUPTED;
    }
    switch (type) {
    case RFX_TAIL_CREATE:
        return apply_create(applier, gathered);
    case RFX_TAIL_MESSAGE:
        return apply_message(applier, gathered);
    case RFX_TAIL_INBOUND:
        return apply_inbound(applier, gathered);
    case RFX_TAIL_NUMBERS:
        applier->record.next_in = op->second;
        return set_next_out(applier, op->value);
    case RFX_TAIL_RESET:
        return apply_reset(applier, gathered);
    }
    return MDB_CORRUPTED;
}

static int apply_session(struct applier *applier, const struct rfx_gather *gather,
                         const struct rfx_gather_session *session)
{
    /* The record is read as a copy: its name would go with the page that is written. */
    char name[RFX_JOURNAL_NAME_MAX];
    int code = rfx_rows_get_record(applier->env, applier->txn, session->number, &applier->record);
    applier->exists = code == 0;
    applier->last_in = UINT64_MAX;
    if (code != 0 && code != MDB_NOTFOUND) {
        return code;
    }
    if (applier->exists) {
        if (applier->record.name.size > sizeof name) {
            return MDB_CORRUPTED;
        }
        memcpy(name, applier->record.name.data, applier->record.name.size);
        applier->record.name.data = name;
        set_id(applier, applier->record.id);
    }
    code = 0;
    for (uint32_t i = session->first; i != 0 && code == 0; i = gather->ops[i - 1].next) {
        code = apply_op(applier, &gather->ops[i - 1]);
    }
    if (code == 0) {
        code = flush_both(applier);
    }
    return code == 0
               ? rfx_rows_put_record(applier->env, applier->txn, session->number, &applier->record)
               : code;
}

static int put_next_id(const struct applier *applier)
{
    uint32_t next_id = 0;
    const int code = rfx_rows_get_meta(applier->env, applier->txn, "next_id", &next_id);
    if (code != 0 || applier->id_max < next_id) {
        return code;
    }
    return rfx_rows_put_meta(applier->env, applier->txn, "next_id", applier->id_max + 1);
}

int rfx_apply(const struct rfx_env *env, MDB_txn *txn, const struct rfx_gather *gather,
              bool *has_reset)
{
    struct applier applier = {.env = env, .txn = txn};
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(txn, env->messages, &cursor);
    if (code != 0) {
        return code;
    }
    for (unsigned i = 0; i < 2; i++) {
        applier.fillers[i].walk.cursor = cursor;
        applier.fillers[i].walk.direction = (enum rfx_direction)i;
    }
    for (size_t i = 0; i < gather->session_count && code == 0; i++) {
        code = apply_session(&applier, gather, &gather->sessions[i]);
    }
    mdb_cursor_close(cursor);
    *has_reset |= applier.has_reset;
    return code == 0 ? put_next_id(&applier) : code;
}
