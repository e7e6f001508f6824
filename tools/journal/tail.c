/* The latest messages of one or of all sessions, and those that follow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/journal/commands.h"
#include "tools/journal/messages.h"
#include "tools/journal/print.h"
#include "tools/shared/stop.h"

#define POLL_MS     200
#define ROUND_BYTES (16u << 20) /* held in memory at a time while it follows */

struct seen {
    uint64_t last[2]; /* MsgSeqNum(34) by direction; 0: none */
};

struct tail {
    struct rfx_reader *reader;
    const struct options *options;
    struct rfx_reader_session *sessions; /* in the order of their names */
    struct seen *seen;                   /* of each */
    size_t session_count;
    size_t start;      /* where the next round begins, so that a busy session is not the only one */
    size_t last_txnid; /* of the store when it was looked at last */
    struct messages messages;
};

/* What add() takes messages for. */
struct taking {
    struct tail *tail;
    uint32_t session;
    enum rfx_direction direction;
    rfx_status status;
    struct rfx_error *error;
};

static rfx_status list(struct tail *tail, struct rfx_reader_session **sessions, size_t *count,
                       struct rfx_error *error)
{
    if (tail->options->argument_count == 0) {
        return rfx_reader_list(tail->reader, sessions, count, error);
    }
    *sessions = malloc(sizeof **sessions);
    *count = 1;
    if (*sessions == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to list sessions");
    }
    return rfx_reader_find(tail->reader, tail->options->arguments[0], *sessions, error);
}

/* What was seen of a session before; a reset begins anew, and numbers may have been set back. */
static struct seen carry_over(const struct tail *tail, size_t *old,
                              const struct rfx_reader_session *session)
{
    struct seen seen = {{0, 0}};
    while (*old < tail->session_count && strcmp(tail->sessions[*old].name, session->name) < 0) {
        ++*old;
    }
    if (*old < tail->session_count && tail->sessions[*old].number == session->number &&
        tail->sessions[*old].id == session->id) {
        for (unsigned i = 0; i < 2; i++) {
            seen.last[i] = rfx_min_u64(tail->seen[*old].last[i], session->stored[i].last);
        }
    }
    return seen;
}

static rfx_status look(struct tail *tail, struct rfx_error *error)
{
    struct rfx_reader_session *sessions = NULL;
    size_t count = 0;
    rfx_status status = list(tail, &sessions, &count, error);
    struct seen *seen = status == RFX_OK ? calloc(count + 1, sizeof *seen) : NULL;
    if (status == RFX_OK && seen == NULL) {
        status = rfx_fail(error, RFX_E_NOMEM, "no memory for %zu sessions", count);
    }
    if (status != RFX_OK) {
        free(sessions);
        return status;
    }
    size_t old = 0;
    for (size_t i = 0; i < count; i++) {
        seen[i] = carry_over(tail, &old, &sessions[i]);
    }
    free(tail->sessions);
    free(tail->seen);
    tail->sessions = sessions;
    tail->seen = seen;
    tail->session_count = count;
    return RFX_OK;
}

static void put(struct tail *tail)
{
    const struct options *options = tail->options;
    enum print_form form = options->format == FORMAT_JSON ? PRINT_JSON : PRINT_LOG;
    if (options->format == FORMAT_TABLE) {
        form = options->argument_count > 0 ? PRINT_TABLE : PRINT_TABLE_ALL;
    }
    messages_sort(&tail->messages);
    for (size_t i = 0; i < tail->messages.count && !stop_asked(); i++) {
        const struct message *message = &tail->messages.items[i];
        print_message(form, tail->sessions[message->session].name, message);
    }
    messages_clear(&tail->messages);
    fflush(stdout);
}

/* -------------------------------------------------------------------------------- the last n */

static bool add_newest(void *context, const struct rfx_format_entry *entry)
{
    struct taking *taking = context;
    struct tail *tail = taking->tail;
    taking->status =
        messages_add(&tail->messages, taking->session, taking->direction, entry, taking->error);
    if (tail->messages.count > 2 * tail->options->count + 1000) {
        messages_keep_newest(&tail->messages, tail->options->count);
    }
    return taking->status == RFX_OK && !stop_asked();
}

static rfx_status take_newest(struct tail *tail, size_t index, enum rfx_direction direction,
                              struct rfx_error *error)
{
    const struct rfx_reader_session *session = &tail->sessions[index];
    const uint64_t last = session->stored[direction].last;
    struct taking taking = {
        .tail = tail, .session = (uint32_t)index, .direction = direction, .error = error};
    uint64_t first = 0;
    tail->seen[index].last[direction] = last;
    rfx_status status =
        rfx_reader_nth_last(tail->reader, session, direction, tail->options->count, &first, error);
    if (status == RFX_OK && first > 0) {
        status = rfx_reader_messages(tail->reader, session, direction, first, last, add_newest,
                                     &taking, error);
        status = status == RFX_OK ? taking.status : status;
    }
    return status == RFX_E_NOT_FOUND ? RFX_OK : status; /* reset meanwhile */
}

static rfx_status put_newest(struct tail *tail, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    for (size_t i = 0; i < tail->session_count && status == RFX_OK && !stop_asked(); i++) {
        for (unsigned j = 0; j < 2 && status == RFX_OK; j++) {
            if (tail->options->directions[j]) {
                status = take_newest(tail, i, (enum rfx_direction)j, error);
            }
        }
    }
    messages_keep_newest(&tail->messages, tail->options->count);
    put(tail);
    return status;
}

/* ---------------------------------------------------------------------------------- follow */

static bool add_new(void *context, const struct rfx_format_entry *entry)
{
    struct taking *taking = context;
    struct tail *tail = taking->tail;
    taking->status =
        messages_add(&tail->messages, taking->session, taking->direction, entry, taking->error);
    if (taking->status == RFX_OK) {
        tail->seen[taking->session].last[taking->direction] = entry->seq_num;
    }
    return taking->status == RFX_OK && tail->messages.bytes < ROUND_BYTES && !stop_asked();
}

static rfx_status take_new(struct tail *tail, size_t index, enum rfx_direction direction,
                           struct rfx_error *error)
{
    struct taking taking = {
        .tail = tail, .session = (uint32_t)index, .direction = direction, .error = error};
    const uint64_t first = tail->seen[index].last[direction] + 1;
    if (!tail->options->directions[direction] ||
        tail->sessions[index].stored[direction].last < first) {
        return RFX_OK;
    }
    const rfx_status status = rfx_reader_messages(tail->reader, &tail->sessions[index], direction,
                                                  first, UINT64_MAX, add_new, &taking, error);
    if (status == RFX_E_NOT_FOUND) {
        return RFX_OK; /* reset meanwhile: the next round finds it as it is then */
    }
    return status == RFX_OK ? taking.status : status;
}

/* Puts what is new, as much as a round holds; *has_more says whether that was not all. */
static rfx_status put_new(struct tail *tail, bool *has_more, struct rfx_error *error)
{
    rfx_status status = look(tail, error);
    size_t done = 0;
    for (; done < tail->session_count && status == RFX_OK && tail->messages.bytes < ROUND_BYTES &&
           !stop_asked();
         done++) {
        const size_t index = (tail->start + done) % tail->session_count;
        status = take_new(tail, index, RFX_DIRECTION_IN, error);
        if (status == RFX_OK) {
            status = take_new(tail, index, RFX_DIRECTION_OUT, error);
        }
    }
    *has_more = tail->messages.bytes >= ROUND_BYTES;
    tail->start += done;
    put(tail);
    return status;
}

/* Nobody has written since the last look: spares a look at every session. */
static bool is_unchanged(struct tail *tail)
{
    MDB_envinfo info;
    if (mdb_env_info(rfx_reader_env(tail->reader)->env, &info) != 0) {
        return false;
    }
    const bool is_same = info.me_last_txnid == tail->last_txnid;
    tail->last_txnid = info.me_last_txnid;
    return is_same;
}

static rfx_status follow(struct tail *tail, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    bool has_more = false;
    while (status == RFX_OK && !stop_asked() && stop_signal() == 0) {
        if (!is_unchanged(tail) || has_more) {
            status = put_new(tail, &has_more, error);
        } else {
            stop_wait_ms(POLL_MS);
        }
    }
    return status;
}

enum exit_code command_tail(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error)
{
    struct tail tail = {.reader = reader, .options = options};
    rfx_status status = look(&tail, error);
    if (status == RFX_OK) {
        if (options->format == FORMAT_TABLE) {
            print_heading(options->argument_count > 0 ? PRINT_TABLE : PRINT_TABLE_ALL);
        }
        status = put_newest(&tail, error);
    }
    if (status == RFX_OK && options->follows) {
        status = follow(&tail, error);
    }
    messages_free(&tail.messages);
    free(tail.sessions);
    free(tail.seen);
    return exit_of(status);
}
