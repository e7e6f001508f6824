/* What is stored: sessions and messages. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/journal/commands.h"

void put_text(struct rfx_bytes text, int soh)
{
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte == RFX_SOH && soh != 0) {
            putchar(soh);
        } else if (byte < 0x20 || byte >= 0x7f || byte == '\\' || byte == '|') {
            printf("\\x%02x", byte);
        } else {
            putchar(byte);
        }
    }
}

static bool show_message(void *context, const struct rfx_format_entry *entry)
{
    (void)context;
    put_text(entry->message, '|');
    putchar('\n');
    return ferror(stdout) == 0;
}

static bool write_message(void *context, const struct rfx_format_entry *entry)
{
    (void)context;
    return fwrite(entry->message.data, 1, entry->message.size, stdout) == entry->message.size;
}

static void show_range(const char *what, const struct rfx_reader_range *range)
{
    if (range->last > 0) {
        printf(" %s=%" PRIu64 "-%" PRIu64, what, range->first, range->last);
    }
}

static void show_session(const struct rfx_reader_session *session)
{
    char created[32] = "?";
    struct tm utc;
    const time_t seconds = (time_t)(session->created_utc_ns / (int64_t)RFX_NS_PER_S);
    if (gmtime_r(&seconds, &utc) != NULL) {
        strftime(created, sizeof created, "%Y%m%d-%H:%M:%S", &utc);
    }
    put_text(rfx_bytes_of(session->name, strlen(session->name)), 0);
    printf(" next_out=%" PRIu64 " next_in=%" PRIu64, session->next_out, session->next_in);
    show_range("stored", &session->stored[RFX_DIRECTION_OUT]);
    show_range("inbound", &session->stored[RFX_DIRECTION_IN]);
    printf(" created=%s\n", created);
}

static enum exit_code exit_of(rfx_status status)
{
    if (status == RFX_OK) {
        return EXIT_DONE;
    }
    return status == RFX_E_NOT_FOUND ? EXIT_FOUND : EXIT_UNREADABLE;
}

enum exit_code command_sessions(struct rfx_reader *reader, const struct options *options,
                                struct rfx_error *error)
{
    struct rfx_reader_session *sessions = NULL;
    size_t count = 0;
    (void)options;
    const rfx_status status = rfx_reader_list(reader, &sessions, &count, error);
    for (size_t i = 0; status == RFX_OK && i < count; i++) {
        show_session(&sessions[i]);
    }
    free(sessions);
    return exit_of(status);
}

enum exit_code command_show(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error)
{
    struct rfx_reader_session session;
    uint64_t from = options->from;
    rfx_status status = rfx_reader_find(reader, options->argument, &session, error);
    if (status == RFX_OK && options->last > 0) {
        status =
            rfx_reader_nth_last(reader, &session, options->direction, options->last, &from, error);
    }
    if (status == RFX_OK) {
        status = rfx_reader_messages(
            reader, &session, options->direction, from, options->to,
            options->command == COMMAND_SHOW ? show_message : write_message, NULL, error);
    }
    return exit_of(status);
}
