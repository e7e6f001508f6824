/* The sessions and their numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/journal/commands.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

static const char *range_text(const struct rfx_reader_range *range, char out[2 * TEXT_SIZE])
{
    snprintf(out, 2 * TEXT_SIZE, range->last > 0 ? "%" PRIu64 "-%" PRIu64 : "-", range->first,
             range->last);
    return out;
}

static void put_row(const struct rfx_reader_session *session, size_t name_columns)
{
    char out[2 * TEXT_SIZE];
    char in[2 * TEXT_SIZE];
    char created[TEXT_SIZE];
    const size_t used = put_name(session->name);
    printf("%*s  %9" PRIu64 "  %9" PRIu64 "  %-19s  %-19s  %s\n",
           (int)(used < name_columns ? name_columns - used : 0), "", session->next_out,
           session->next_in, range_text(&session->stored[RFX_DIRECTION_OUT], out),
           range_text(&session->stored[RFX_DIRECTION_IN], in),
           time_text(session->created_utc_ns, created));
}

static void put_range(const char *name, const struct rfx_reader_range *range)
{
    if (range->last > 0) {
        printf(",\"%s\":[%" PRIu64 ",%" PRIu64 "]", name, range->first, range->last);
    } else {
        printf(",\"%s\":null", name);
    }
}

static void put_object(const struct rfx_reader_session *session)
{
    char created[TEXT_SIZE];
    fputs("{\"session\":", stdout);
    put_json_name(session->name);
    printf(",\"next_out\":%" PRIu64 ",\"next_in\":%" PRIu64, session->next_out, session->next_in);
    put_range("stored_out", &session->stored[RFX_DIRECTION_OUT]);
    put_range("stored_in", &session->stored[RFX_DIRECTION_IN]);
    printf(",\"created\":\"%s\"}\n", iso_text(session->created_utc_ns, created));
}

enum exit_code command_sessions(struct rfx_reader *reader, const struct options *options,
                                struct rfx_error *error)
{
    struct rfx_reader_session *sessions = NULL;
    size_t count = 0;
    size_t columns = strlen("SESSION");
    const rfx_status status = rfx_reader_list(reader, &sessions, &count, error);
    for (size_t i = 0; status == RFX_OK && i < count; i++) {
        const size_t size = strlen(sessions[i].name);
        columns = size > columns ? size : columns;
    }
    if (status == RFX_OK && options->format != FORMAT_JSON) {
        printf("%-*s  %9s  %9s  %-19s  %-19s  %s\n", (int)columns, "SESSION", "NEXT OUT", "NEXT IN",
               "STORED OUT", "STORED IN", "CREATED (UTC)");
    }
    for (size_t i = 0; status == RFX_OK && i < count && !stop_asked(); i++) {
        if (options->format == FORMAT_JSON) {
            put_object(&sessions[i]);
        } else {
            put_row(&sessions[i], columns);
        }
    }
    free(sessions);
    return exit_of(status);
}
