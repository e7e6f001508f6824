/* The public functions of include/ringfix/journal.h, over a reader or a store of one shard. */
#include "ringfix/journal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal/reader.h"
#include "journal/store_internal.h"

#define SESSIONS_MAX (1u << 16)
#define TAIL_SIZE    (UINT64_C(16) << 20) /* holds the longest message wherever the ring's end is */
#define SIZE_MAX_    (UINT64_C(1) << 44)  /* of the store: the file system's business */

struct rfx_journal {
    struct rfx_reader *reader;
    struct rfx_store *store; /* NULL: opened for reading */
    struct rfx_journal_port port;
};

rfx_status rfx_journal_open(const char *path, enum rfx_journal_mode mode,
                            struct rfx_journal **journal, struct rfx_error *error)
{
    struct rfx_journal *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to open journal %s", path);
    }
    rfx_status status = RFX_OK;
    if (mode == RFX_JOURNAL_READ) {
        status = rfx_reader_open(path, RFX_READER_WHOLE, &opened->reader, error);
    } else {
        const struct rfx_store_options options = {.path = path,
                                                  .shards = 1,
                                                  .durability = RFX_DURABILITY_PROCESS,
                                                  .size_max = SIZE_MAX_,
                                                  .tail_size = TAIL_SIZE,
                                                  .sessions_max = SESSIONS_MAX};
        status = rfx_store_open(&options, &opened->store, error);
        if (status == RFX_OK) {
            opened->port = rfx_store_port(opened->store, 0);
            status = rfx_reader_of(&opened->store->env, path, &opened->reader, error);
        }
    }
    if (status != RFX_OK) {
        (void)rfx_journal_close(opened, NULL);
        return status;
    }
    *journal = opened;
    return RFX_OK;
}

rfx_status rfx_journal_close(struct rfx_journal *journal, struct rfx_error *error)
{
    if (journal == NULL) {
        return RFX_OK;
    }
    rfx_reader_close(journal->reader);
    const rfx_status status = rfx_store_close(journal->store, error);
    free(journal);
    return status;
}

/* --------------------------------------------------------------------------------- reading */

/* The reader sees what is in the store. */
static rfx_status settle(struct rfx_journal *journal, struct rfx_error *error)
{
    return journal->store != NULL ? rfx_store_settle(journal->store, error) : RFX_OK;
}

static void describe(const struct rfx_reader_session *stored, struct rfx_journal_session *session)
{
    memcpy(session->name, stored->name, sizeof session->name);
    session->next_out = stored->next_out;
    session->next_in = stored->next_in;
    session->created_utc_ns = stored->created_utc_ns;
    for (unsigned i = 0; i < 2; i++) {
        session->first[i] = stored->stored[i].first;
        session->last[i] = stored->stored[i].last;
    }
}

rfx_status rfx_journal_sessions(struct rfx_journal *journal, rfx_journal_on_session *visit,
                                void *context, struct rfx_error *error)
{
    struct rfx_reader_session *list = NULL;
    size_t count = 0;
    rfx_status status = settle(journal, error);
    if (status == RFX_OK) {
        status = rfx_reader_list(journal->reader, &list, &count, error);
    }
    bool goes_on = status == RFX_OK;
    for (size_t i = 0; i < count && goes_on; i++) {
        struct rfx_journal_session session;
        describe(&list[i], &session);
        goes_on = visit(context, &session);
    }
    free(list);
    return status;
}

static rfx_status find(struct rfx_journal *journal, const char *name,
                       struct rfx_reader_session *stored, struct rfx_error *error)
{
    const rfx_status status = settle(journal, error);
    return status == RFX_OK ? rfx_reader_find(journal->reader, name, stored, error) : status;
}

rfx_status rfx_journal_find(struct rfx_journal *journal, const char *name,
                            struct rfx_journal_session *session, struct rfx_error *error)
{
    struct rfx_reader_session stored;
    const rfx_status status = find(journal, name, &stored, error);
    if (status == RFX_OK) {
        describe(&stored, session);
    }
    return status;
}

struct walk {
    rfx_journal_on_record *visit;
    void *context;
    struct rfx_journal_record record;
    uint64_t count;
    bool is_over;
};

static bool visit_entry(void *context, const struct rfx_format_entry *entry)
{
    struct walk *walk = context;
    walk->record.seq_num = entry->seq_num;
    walk->record.utc_ns = entry->utc_ns;
    walk->record.message = entry->message;
    walk->count++;
    walk->is_over = !walk->visit(walk->context, &walk->record);
    return !walk->is_over;
}

static rfx_status walk_range(struct rfx_journal *journal, const struct rfx_reader_session *stored,
                             enum rfx_direction direction, uint64_t first, uint64_t last,
                             struct walk *walk, struct rfx_error *error)
{
    walk->record.session = stored->name;
    walk->record.direction = direction;
    return rfx_reader_messages(journal->reader, stored, direction, first, last, visit_entry, walk,
                               error);
}

rfx_status rfx_journal_range(struct rfx_journal *journal, const char *name,
                             enum rfx_direction direction, uint64_t first, uint64_t last,
                             rfx_journal_on_record *visit, void *context, struct rfx_error *error)
{
    struct rfx_reader_session stored;
    struct walk walk = {.visit = visit, .context = context};
    const rfx_status status = find(journal, name, &stored, error);
    return status == RFX_OK ? walk_range(journal, &stored, direction, first, last, &walk, error)
                            : status;
}

rfx_status rfx_journal_message(struct rfx_journal *journal, const char *name,
                               enum rfx_direction direction, uint64_t seq_num,
                               rfx_journal_on_record *visit, void *context, struct rfx_error *error)
{
    struct rfx_reader_session stored;
    struct walk walk = {.visit = visit, .context = context};
    rfx_status status = find(journal, name, &stored, error);
    if (status == RFX_OK) {
        status = walk_range(journal, &stored, direction, seq_num, seq_num, &walk, error);
    }
    if (status == RFX_OK && walk.count == 0) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "session %s has no message %llu stored", name,
                        (unsigned long long)seq_num);
    }
    return status;
}

static rfx_status walk_session(struct rfx_journal *journal, const struct rfx_reader_session *stored,
                               unsigned directions, struct walk *walk, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    for (unsigned i = 0; i < 2 && status == RFX_OK && !walk->is_over; i++) {
        if ((directions >> i & 1) != 0) {
            status = walk_range(journal, stored, (enum rfx_direction)i, 1, UINT64_MAX, walk, error);
        }
    }
    return status == RFX_E_NOT_FOUND ? RFX_OK : status; /* reset meanwhile */
}

rfx_status rfx_journal_messages(struct rfx_journal *journal, const char *name, unsigned directions,
                                rfx_journal_on_record *visit, void *context,
                                struct rfx_error *error)
{
    struct walk walk = {.visit = visit, .context = context};
    if (name != NULL) {
        struct rfx_reader_session stored;
        const rfx_status status = find(journal, name, &stored, error);
        return status == RFX_OK ? walk_session(journal, &stored, directions, &walk, error) : status;
    }
    struct rfx_reader_session *list = NULL;
    size_t count = 0;
    rfx_status status = settle(journal, error);
    if (status == RFX_OK) {
        status = rfx_reader_list(journal->reader, &list, &count, error);
    }
    for (size_t i = 0; i < count && status == RFX_OK && !walk.is_over; i++) {
        status = walk_session(journal, &list[i], directions, &walk, error);
    }
    free(list);
    return status;
}

/* --------------------------------------------------------------------------------- writing */

static rfx_status attach(struct rfx_journal *journal, const char *name, bool creates,
                         struct rfx_journal_entry *entry, struct rfx_error *error)
{
    static const struct rfx_journal_keep keep = {0};
    const size_t size = strlen(name);
    if (journal->store == NULL) {
        return rfx_fail(error, RFX_E_STATE, "the journal was opened for reading");
    }
    if (size < 1 || size > RFX_JOURNAL_NAME_MAX || !rfx_is_printable(name)) {
        return rfx_fail(error, RFX_E_INVALID, "a session's name has 1 to %d printable characters",
                        RFX_JOURNAL_NAME_MAX);
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!creates && !rfx_part_has(journal->port.context, name)) {
        struct rfx_reader_session stored;
        const rfx_status status = find(journal, name, &stored, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    const int64_t utc_ns = now.tv_sec * (int64_t)RFX_NS_PER_S + now.tv_nsec;
    const struct rfx_journal_port *port = &journal->port;
    rfx_status status = port->attach(port->context, name, &keep, utc_ns, entry, error);
    if (status == RFX_E_FULL && rfx_store_settle(journal->store, NULL) == RFX_OK) {
        status = port->attach(port->context, name, &keep, utc_ns, entry, error);
    }
    return status;
}

/* A full tail is emptied first: there is nobody here who could not wait. */
static rfx_status append(struct rfx_journal *journal, const struct rfx_journal_op *op,
                         int64_t utc_ns, struct rfx_error *error)
{
    const struct rfx_journal_port *port = &journal->port;
    rfx_status status = port->append(port->context, op, 1, utc_ns, error);
    if (status == RFX_E_FULL) {
        status = rfx_store_settle(journal->store, error);
        if (status == RFX_OK) {
            status = port->append(port->context, op, 1, utc_ns, error);
        }
    }
    return status;
}

rfx_status rfx_journal_find_or_create(struct rfx_journal *journal, const char *name,
                                      struct rfx_journal_session *session, struct rfx_error *error)
{
    struct rfx_journal_entry entry;
    const rfx_status status = attach(journal, name, true, &entry, error);
    return status == RFX_OK ? rfx_journal_find(journal, name, session, error) : status;
}

rfx_status rfx_journal_persist(struct rfx_journal *journal, const char *name,
                               enum rfx_direction direction, uint64_t seq_num, int64_t utc_ns,
                               struct rfx_bytes message, struct rfx_error *error)
{
    struct rfx_journal_entry entry;
    if (seq_num < 1 || seq_num >= INT64_MAX || message.size < 1 ||
        message.size > RFX_MESSAGE_SIZE_MAX) {
        return rfx_fail(error, RFX_E_INVALID,
                        "a message has 1 to %u bytes and a MsgSeqNum between 1 and 2^63-2",
                        RFX_MESSAGE_SIZE_MAX);
    }
    const rfx_status status = attach(journal, name, false, &entry, error);
    if (status != RFX_OK) {
        return status;
    }
    const struct rfx_journal_op op = {.type = direction == RFX_DIRECTION_OUT ? RFX_JOURNAL_MESSAGE
                                                                             : RFX_JOURNAL_INBOUND,
                                      .slot = entry.slot,
                                      .seq_num = seq_num,
                                      .data = message.data,
                                      .size = (uint32_t)message.size};
    return append(journal, &op, utc_ns, error);
}

rfx_status rfx_journal_set_numbers(struct rfx_journal *journal, const char *name, uint64_t next_out,
                                   uint64_t next_in, struct rfx_error *error)
{
    struct rfx_journal_entry entry;
    if (next_out < 1 || next_in < 1 || next_out > INT64_MAX || next_in > INT64_MAX) {
        return rfx_fail(error, RFX_E_INVALID, "sequence numbers are from 1 to 2^63-1");
    }
    const rfx_status status = attach(journal, name, false, &entry, error);
    if (status != RFX_OK) {
        return status;
    }
    const struct rfx_journal_op op = {
        .type = RFX_JOURNAL_NUMBERS, .slot = entry.slot, .next_out = next_out, .next_in = next_in};
    return append(journal, &op, 0, error);
}

rfx_status rfx_journal_reset(struct rfx_journal *journal, const char *name, int64_t utc_ns,
                             struct rfx_error *error)
{
    struct rfx_journal_entry entry;
    const rfx_status status = attach(journal, name, false, &entry, error);
    if (status != RFX_OK) {
        return status;
    }
    const struct rfx_journal_op op = {.type = RFX_JOURNAL_RESET, .slot = entry.slot};
    return append(journal, &op, utc_ns, error);
}
