/* The journal as lines of JSON, see journal.md and import.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/journal/commands.h"
#include "tools/journal/print.h"
#include "tools/journal/progress.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

struct export
{
    struct rfx_reader *reader;
    struct progress progress;
    enum rfx_direction direction; /* of the walk at hand */
    uint64_t messages;
    uint64_t expected; /* no more than that, since numbers may be missing */
};

static bool put_message(void *context, const struct rfx_format_entry *entry)
{
    struct export *export = context;
    printf("{\"direction\":\"%s\",\"seq\":%" PRIu64 ",\"time_ns\":%" PRId64 ",\"message\":",
           direction_text(export->direction), entry->seq_num, entry->utc_ns);
    put_json(entry->message);
    fputs("}\n", stdout);
    progress_show(&export->progress, ++export->messages, export->expected);
    return !stop_asked();
}

/* What is stored meanwhile is left out: it would not go with the numbers of the first line. */
static rfx_status put_session(struct export *export, const struct rfx_reader_session *session,
                              struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    fputs("{\"session\":", stdout);
    put_json_name(session->name);
    printf(",\"next_out\":%" PRIu64 ",\"next_in\":%" PRIu64 ",\"created_ns\":%" PRId64 "}\n",
           session->next_out, session->next_in, session->created_utc_ns);
    for (unsigned i = 0; i < 2 && status == RFX_OK && !stop_asked(); i++) {
        export->direction = (enum rfx_direction)i;
        status = rfx_reader_messages(export->reader, session, export->direction, 1,
                                     session->stored[i].last, put_message, export, error);
    }
    return status;
}

/* Those that were named, or all. */
static rfx_status list(struct rfx_reader *reader, const struct options *options,
                       struct rfx_reader_session **sessions, size_t *count, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (options->argument_count == 0) {
        return rfx_reader_list(reader, sessions, count, error);
    }
    *count = (size_t)options->argument_count;
    *sessions = calloc(*count, sizeof **sessions);
    if (*sessions == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for %zu sessions", *count);
    }
    for (size_t i = 0; i < *count && status == RFX_OK; i++) {
        status = rfx_reader_find(reader, options->arguments[i], &(*sessions)[i], error);
    }
    return status;
}

enum exit_code command_export(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error)
{
    struct export export = {.reader = reader};
    struct rfx_reader_session *sessions = NULL;
    size_t count = 0;
    progress_init(&export.progress, "export", PROGRESS_BESIDE_OUTPUT);
    rfx_status status = list(reader, options, &sessions, &count, error);
    for (size_t i = 0; i < 2 * count && status == RFX_OK; i++) {
        const struct rfx_reader_range *range = &sessions[i / 2].stored[i % 2];
        export.expected += range->last > 0 ? range->last - range->first + 1 : 0;
    }
    if (status == RFX_OK) {
        puts("{\"ringfix-journal\":2}");
    }
    for (size_t i = 0; i < count && status == RFX_OK && !stop_asked(); i++) {
        status = put_session(&export, &sessions[i], error);
    }
    progress_clear(&export.progress);
    if (status == RFX_OK && !stop_asked()) {
        printf("{\"end\":true,\"sessions\":%zu,\"messages\":%" PRIu64 "}\n", count,
               export.messages);
    }
    free(sessions);
    return exit_of(status);
}
