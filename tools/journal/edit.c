/* Setting numbers, and giving up what cannot be read. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "journal/store.h"
#include "ringfix/journal.h"
#include "tools/journal/commands.h"
#include "tools/shared/text.h"

static bool count_record(void *context, const struct rfx_journal_record *record)
{
    uint64_t *count = context;
    (void)record;
    ++*count;
    return true;
}

static rfx_status set_numbers(struct rfx_journal *journal, const struct options *options,
                              const struct rfx_journal_session *session, struct rfx_error *error)
{
    const uint64_t out = options->out > 0 ? options->out : session->next_out;
    const uint64_t in = options->in > 0 ? options->in : session->next_in;
    uint64_t count = 0;
    rfx_status status = RFX_OK;
    if (out < session->next_out) {
        status = rfx_journal_range(journal, session->name, RFX_DIRECTION_OUT, out, UINT64_MAX,
                                   count_record, &count, error);
    }
    if (status == RFX_OK && out < session->next_out && !options->is_sure) {
        return rfx_fail(error, RFX_E_INVALID,
                        "the next number out would go from %" PRIu64 " back to %" PRIu64
                        ": messages that are deleted: %" PRIu64 ", and the numbers from there on "
                        "are used again; say --yes",
                        session->next_out, out, count);
    }
    if (status == RFX_OK) {
        status = rfx_journal_set_numbers(journal, session->name, out, in, error);
    }
    if (status == RFX_OK) {
        printf("next_out %" PRIu64 " -> %" PRIu64 ", next_in %" PRIu64 " -> %" PRIu64
               ", messages deleted: %" PRIu64 "\n",
               session->next_out, out, session->next_in, in, count);
    }
    return status;
}

static rfx_status reset(struct rfx_journal *journal, const struct options *options,
                        const struct rfx_journal_session *session, struct rfx_error *error)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!options->is_sure) {
        return rfx_fail(error, RFX_E_INVALID,
                        "next_out %" PRIu64 " and next_in %" PRIu64
                        " would become 1, and all messages of the session be deleted; say --yes",
                        session->next_out, session->next_in);
    }
    const rfx_status status = rfx_journal_reset(
        journal, session->name, now.tv_sec * (int64_t)RFX_NS_PER_S + now.tv_nsec, error);
    if (status == RFX_OK) {
        printf("next_out %" PRIu64 " -> 1, next_in %" PRIu64 " -> 1, all messages deleted\n",
               session->next_out, session->next_in);
    }
    return status;
}

/* A wrong path must not become a new journal. */
static rfx_status is_there(const char *path, struct rfx_error *error)
{
    struct rfx_reader *reader = NULL;
    const rfx_status status = rfx_reader_open(path, RFX_READER_AS_IS, &reader, error);
    rfx_reader_close(reader);
    return status;
}

enum exit_code command_edit(const struct options *options, struct rfx_error *error)
{
    struct rfx_journal *journal = NULL;
    struct rfx_journal_session session;
    rfx_status status = is_there(options->path, error);
    if (status == RFX_OK) {
        status = rfx_journal_open(options->path, RFX_JOURNAL_WRITE, &journal, error);
    }
    if (status == RFX_OK) {
        status = rfx_journal_find(journal, options->arguments[0], &session, error);
    }
    if (status == RFX_OK) {
        status = options->command == COMMAND_RESET ? reset(journal, options, &session, error)
                                                   : set_numbers(journal, options, &session, error);
    }
    const rfx_status closed = rfx_journal_close(journal, status == RFX_OK ? error : NULL);
    return exit_of(status == RFX_OK ? closed : status);
}

static void print_line(void *context, enum rfx_log_level level, const char *text)
{
    (void)context;
    (void)level;
    put_error(text);
}

enum exit_code command_discard_tail(const struct options *options, struct rfx_error *error)
{
    const struct rfx_store_options store_options = {.path = options->path,
                                                    .shards = 1,
                                                    .durability = RFX_DURABILITY_PROCESS,
                                                    .size_max = UINT64_C(1) << 50,
                                                    .tail_size = RFX_JOURNAL_TAIL_MIN,
                                                    .sessions_max = 1,
                                                    .log = print_line,
                                                    .discards_tails = true};
    struct rfx_store *store = NULL;
    if (!options->is_sure) {
        rfx_fail(error, RFX_E_INVALID,
                 "messages that were sent last will be lost and their numbers may be used again: "
                 "say --yes");
        return EXIT_USAGE;
    }
    rfx_status status = is_there(options->path, error);
    if (status == RFX_OK) {
        status = rfx_store_open(&store_options, &store, error);
    }
    if (status == RFX_OK) {
        status = rfx_store_close(store, error);
    }
    return exit_of(status);
}
