#include "journal/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "journal/chunk.h"

#define PROGRESS_ROWS 1024
#define SLICE_ROWS    4096 /* looked at in one transaction: what a snapshot holds cannot be reused */

struct check {
    struct rfx_env *env;
    MDB_txn *txn;
    MDB_cursor *cursor; /* on messages */
    rfx_verify_visit *visit;
    void *context;
    struct rfx_verify_result *result;
    struct rfx_error *error; /* of the first finding */
    uint32_t *ids;           /* whose messages are known to belong to somebody */
    size_t id_count;
    size_t id_capacity;
    uint32_t next_id;   /* when it began: what comes later is none of its business */
    uint64_t slice_end; /* of rows, for the transaction at hand */
    uint64_t rows;      /* looked at */
    uint64_t row_count;
    bool is_over;
};

/* A session under examination: the record as it is in the transaction at hand. */
struct session {
    uint32_t number;
    struct rfx_format_record record;
    char name[RFX_JOURNAL_NAME_MAX];
};

RFX_PRINTF(3, 4)
static void report(struct check *check, enum rfx_verify_news news, const char *format, ...)
{
    struct rfx_error error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    if (news == RFX_VERIFY_FINDING && check->result->findings++ == 0 && check->error != NULL) {
        *check->error = error;
    }
    if (check->visit != NULL) {
        check->is_over |=
            !check->visit(check->context, news, error.text, check->rows, check->row_count);
    } else {
        check->is_over |= news == RFX_VERIFY_FINDING;
    }
}

static void count_row(struct check *check)
{
    if (++check->rows % PROGRESS_ROWS == 0 && check->visit != NULL) {
        check->is_over |=
            !check->visit(check->context, RFX_VERIFY_PROGRESS, NULL, check->rows, check->row_count);
    }
}

static int begin(struct check *check)
{
    int code = rfx_env_begin(check->env, MDB_RDONLY, &check->txn);
    if (code == 0) {
        code = mdb_cursor_open(check->txn, check->env->messages, &check->cursor);
        if (code != 0) {
            rfx_env_end(check->env, check->txn);
            check->txn = NULL;
        }
    }
    check->slice_end = check->rows + SLICE_ROWS;
    return code;
}

static void end(struct check *check)
{
    if (check->txn != NULL) {
        mdb_cursor_close(check->cursor);
        rfx_env_end(check->env, check->txn);
    }
}

static bool note_id(struct check *check, uint32_t id)
{
    if (check->id_count == check->id_capacity) {
        const size_t capacity = check->id_capacity == 0 ? 1024 : 2 * check->id_capacity;
        uint32_t *ids = realloc(check->ids, capacity * sizeof *ids);
        if (ids == NULL) {
            return false;
        }
        check->ids = ids;
        check->id_capacity = capacity;
    }
    check->ids[check->id_count++] = id;
    return true;
}

static int read_session(struct check *check, struct session *session)
{
    const int code = rfx_rows_get_record(check->env, check->txn, session->number, &session->record);
    if (code != 0) {
        return code;
    }
    if (session->record.name.size > sizeof session->name) {
        return MDB_CORRUPTED;
    }
    memcpy(session->name, session->record.name.data, session->record.name.size);
    session->record.name.data = session->name;
    return 0;
}

/* MsgSeqNum(34) as the message has it; 0 when it has none. */
static uint64_t seq_num_of(struct rfx_bytes message)
{
    const char *field = memmem(message.data, message.size,
                               "\x01"
                               "34=",
                               4);
    uint64_t number = 0;
    if (field == NULL) {
        return 0;
    }
    for (field += 4; field < message.data + message.size && *field >= '0' && *field <= '9';
         field++) {
        number = 10 * number + (uint64_t)(*field - '0');
    }
    return number;
}

static void check_message(struct check *check, const struct rfx_format_record *record,
                          enum rfx_direction direction, const struct rfx_format_entry *entry)
{
    struct rfx_frame frame;
    const char *what = NULL;
    if (rfx_frame(entry->message.data, entry->message.size, entry->message.size, &frame) !=
            RFX_FRAME_COMPLETE ||
        frame.size != entry->message.size) {
        what = "is not one whole FIX message, or its CheckSum(10) is wrong";
    } else if (seq_num_of(entry->message) != entry->seq_num) {
        what = "has another MsgSeqNum(34) than it is stored under";
    } else if (direction == RFX_DIRECTION_OUT && entry->seq_num >= record->next_out) {
        what = "has a number that is still to be used";
    }
    if (what != NULL) {
        report(check, RFX_VERIFY_FINDING, "session %.*s: %s message %llu %s",
               (int)record->name.size, record->name.data,
               direction == RFX_DIRECTION_OUT ? "outbound" : "inbound",
               (unsigned long long)entry->seq_num, what);
    }
    check->result->messages++;
    check->result->inbound += direction == RFX_DIRECTION_IN ? 1 : 0;
    check->result->bytes += entry->message.size;
}

static void report_gap(struct check *check, const struct rfx_format_record *record, uint64_t first,
                       uint64_t last)
{
    check->result->gaps++;
    report(check, RFX_VERIFY_GAP, "session %.*s: outbound messages %llu to %llu are not stored",
           (int)record->name.size, record->name.data, (unsigned long long)first,
           (unsigned long long)last);
}

/* The walk goes on in a new transaction. MDB_NOTFOUND: the session was reset, or there is no more.
 */
static int renew(struct check *check, struct session *session, struct rfx_chunk_walk *walk,
                 struct rfx_format_entry *entry)
{
    const uint64_t next = entry->seq_num;
    end(check);
    int code = begin(check);
    if (code != 0) {
        return code;
    }
    walk->cursor = check->cursor;
    code = read_session(check, session);
    if (code != 0 || session->record.id != walk->id) {
        return code == 0 ? MDB_NOTFOUND : code;
    }
    return rfx_chunk_seek(walk, next, entry);
}

static void check_entry(struct check *check, const struct session *session,
                        enum rfx_direction direction, const struct rfx_format_entry *entry,
                        uint64_t *next)
{
    if (direction == RFX_DIRECTION_OUT && *next != 0 && entry->seq_num > *next) {
        report_gap(check, &session->record, *next, entry->seq_num - 1);
    }
    *next = entry->seq_num + 1;
    check_message(check, &session->record, direction, entry);
}

static int check_direction(struct check *check, struct session *session,
                           enum rfx_direction direction)
{
    struct rfx_chunk_walk walk = {
        .cursor = check->cursor, .id = session->record.id, .direction = direction};
    struct rfx_format_entry entry;
    uint64_t next = 0; /* 0: nothing seen yet */
    size_t rest = 0;
    int code = rfx_chunk_seek(&walk, 1, &entry);
    while (code == 0 && !check->is_over) {
        if (walk.rest.size >= rest) { /* a new row */
            count_row(check);
        }
        rest = walk.rest.size;
        if (check->rows >= check->slice_end) {
            code = renew(check, session, &walk, &entry);
            rest = walk.rest.size;
            continue;
        }
        check_entry(check, session, direction, &entry, &next);
        code = rfx_chunk_next(&walk, &entry);
    }
    if (code == MDB_CORRUPTED) {
        report(check, RFX_VERIFY_FINDING,
               "session %.*s: a row of %s messages behind %llu is damaged",
               (int)session->record.name.size, session->name,
               direction == RFX_DIRECTION_OUT ? "outbound" : "inbound",
               (unsigned long long)(next == 0 ? 0 : next - 1));
        return 0;
    }
    if (code == MDB_NOTFOUND && direction == RFX_DIRECTION_OUT && next != 0 &&
        session->record.id == walk.id && next < session->record.next_out) {
        report_gap(check, &session->record, next, session->record.next_out - 1);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int check_session(struct check *check, struct session *session)
{
    uint32_t named = 0;
    int code = read_session(check, session);
    if (code == MDB_CORRUPTED) {
        report(check, RFX_VERIFY_FINDING, "the record of session number %u is damaged",
               session->number);
        return 0;
    }
    if (code != 0) {
        return code;
    }
    check->result->sessions++;
    if (!note_id(check, session->record.id)) {
        return ENOMEM;
    }
    code = rfx_rows_get_name(check->env, check->txn, session->record.name, &named);
    if (code != 0 || named != session->number) {
        report(check, RFX_VERIFY_FINDING, "session %.*s is not found by its name",
               (int)session->record.name.size, session->name);
    }
    code = check_direction(check, session, RFX_DIRECTION_OUT);
    return code == 0 ? check_direction(check, session, RFX_DIRECTION_IN) : code;
}

/* The next id behind *id that is a key of a table; MDB_NOTFOUND. */
static int next_key(struct check *check, MDB_dbi table, uint32_t *id)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    MDB_cursor *cursor = NULL;
    MDB_val data;
    if (*id == UINT32_MAX) {
        return MDB_NOTFOUND;
    }
    rfx_format_encode_id(*id + 1, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    int code = mdb_cursor_open(check->txn, table, &cursor);
    if (code != 0) {
        return code;
    }
    code = mdb_cursor_get(cursor, &row, &data, MDB_SET_RANGE);
    if (code == 0 && !rfx_format_decode_id(row.mv_data, row.mv_size, id)) {
        code = MDB_CORRUPTED;
    }
    mdb_cursor_close(cursor);
    return code;
}

static int check_sessions(struct check *check)
{
    struct session session = {.number = 0};
    int code = 0;
    while (code == 0 && !check->is_over) {
        code = next_key(check, check->env->sessions, &session.number);
        if (code == MDB_CORRUPTED) {
            report(check, RFX_VERIFY_FINDING, "a session's record has a damaged key");
            return 0;
        }
        code = code == 0 ? check_session(check, &session) : code;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int note_trash(struct check *check)
{
    uint32_t id = 0;
    int code = 0;
    while ((code = next_key(check, check->env->trash, &id)) == 0) {
        if (!note_id(check, id)) {
            return ENOMEM;
        }
    }
    if (code == MDB_CORRUPTED) {
        report(check, RFX_VERIFY_FINDING, "a row of the trash is damaged");
        return 0;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int compare_ids(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Messages that belong to nobody. Goes from one id to the next. */
static int check_owners(struct check *check)
{
    struct rfx_format_key key = {.id = 0};
    MDB_val data;
    uint32_t next_id = 0;
    int code = rfx_rows_get_meta(check->env, check->txn, "next_id", &next_id);
    code = code == 0 ? note_trash(check) : code; /* that of resets in the meantime, too */
    if (code == 0 && check->id_count > 0) {
        qsort(check->ids, check->id_count, sizeof *check->ids, compare_ids);
    }
    while (code == 0 && !check->is_over && key.id < UINT32_MAX) {
        uint8_t bytes[RFX_FORMAT_KEY_SIZE];
        const struct rfx_format_key next = {.id = key.id + 1};
        rfx_format_encode_key(&next, bytes);
        MDB_val row = rfx_rows_val(bytes, sizeof bytes);
        code = mdb_cursor_get(check->cursor, &row, &data, MDB_SET_RANGE);
        if (code != 0) {
            return code == MDB_NOTFOUND ? 0 : code;
        }
        if (!rfx_format_decode_key(row.mv_data, row.mv_size, &key)) {
            report(check, RFX_VERIFY_FINDING, "a row of messages has a damaged key");
            return 0;
        }
        const bool is_new = key.id >= check->next_id && key.id < next_id;
        if (!is_new && (check->id_count == 0 || bsearch(&key.id, check->ids, check->id_count,
                                                        sizeof key.id, compare_ids) == NULL)) {
            report(check, RFX_VERIFY_FINDING, "there are messages of no session (id %u)", key.id);
        }
    }
    return code;
}

/* Within a transaction that begin() has begun; it may be another one at the end. */
static int check_all(struct check *check)
{
    size_t rows = 0;
    int code = rfx_rows_count(check->txn, check->env->messages, &rows);
    check->row_count = rows;
    if (code == 0) {
        code = rfx_rows_get_meta(check->env, check->txn, "next_id", &check->next_id);
    }
    /* The trash first: what is reset from here on is known as its session's. */
    code = code == 0 ? note_trash(check) : code;
    code = code == 0 ? check_sessions(check) : code;
    return code == 0 ? check_owners(check) : code;
}

rfx_status rfx_verify(struct rfx_env *env, rfx_verify_visit *visit, void *context,
                      struct rfx_verify_result *result, struct rfx_error *error)
{
    struct check check = {
        .env = env, .visit = visit, .context = context, .result = result, .error = error};
    *result = (struct rfx_verify_result){0};
    int code = begin(&check);
    if (code == 0) {
        code = check_all(&check);
        end(&check);
    }
    free(check.ids);
    if (code == ENOMEM) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to check journal %s", env->path);
    }
    if (code != 0) {
        return rfx_env_fail(env, code, "check it", error);
    }
    return result->findings == 0 ? RFX_OK : RFX_E_JOURNAL;
}
