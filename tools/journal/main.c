/* ringfix-journal: shows what a journal holds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal/reader.h"
#include "tools/journal/options.h"

enum exit_code { EXIT_DONE = 0, EXIT_NOT_FOUND = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

/* Text from a store that may be damaged must not steer the terminal. SOH becomes `soh`. */
static void put_text(struct rfx_bytes text, int soh)
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
    const struct rfx_reader_range *sent = &session->stored[RFX_DIRECTION_OUT];
    if (sent->last > 0) {
        printf(" stored=%" PRIu64 "-%" PRIu64, sent->first, sent->last);
    } else {
        printf(" stored=none");
    }
    printf(" created=%s id=%" PRIu32 "\n", created, session->id);
}

static rfx_status show_sessions(struct rfx_reader *reader, struct rfx_error *error)
{
    struct rfx_reader_session *sessions = NULL;
    size_t count = 0;
    const rfx_status status = rfx_reader_list(reader, &sessions, &count, error);
    for (size_t i = 0; status == RFX_OK && i < count; i++) {
        show_session(&sessions[i]);
    }
    free(sessions);
    return status;
}

static rfx_status show_messages(struct rfx_reader *reader, const struct options *options,
                                struct rfx_error *error)
{
    struct rfx_reader_session session;
    uint64_t from = options->from;
    rfx_status status = rfx_reader_find(reader, options->session, &session, error);
    if (status == RFX_OK && options->last > 0) {
        status =
            rfx_reader_nth_last(reader, &session, RFX_DIRECTION_OUT, options->last, &from, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    return rfx_reader_messages(reader, &session, RFX_DIRECTION_OUT, from, options->to,
                               options->command == COMMAND_SHOW ? show_message : write_message,
                               NULL, error);
}

static enum exit_code run(const struct options *options, struct rfx_error *error)
{
    struct rfx_reader *reader = NULL;
    rfx_status status = rfx_reader_open(options->path, RFX_READER_WHOLE, &reader, error);
    if (status == RFX_OK) {
        status = options->command == COMMAND_SESSIONS ? show_sessions(reader, error)
                                                      : show_messages(reader, options, error);
        rfx_reader_close(reader);
    }
    if (status != RFX_OK) {
        return status == RFX_E_NOT_FOUND ? EXIT_NOT_FOUND : EXIT_UNREADABLE;
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        rfx_fail(error, RFX_E_IO, "the output cannot be written");
        return EXIT_UNREADABLE;
    }
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {0};
    if (options_parse(argc, argv, &options, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-journal: %s\n%s", error.text, "Try ringfix-journal --help.\n");
        return EXIT_USAGE;
    }
    if (options.command == COMMAND_HELP || options.command == COMMAND_VERSION) {
        fputs(options.command == COMMAND_HELP ? options_help : "ringfix-journal " RFX_VERSION "\n",
              stdout);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_UNREADABLE;
    }
    const enum exit_code code = run(&options, &error);
    if (code != EXIT_DONE) {
        fflush(stdout);
        fprintf(stderr, "ringfix-journal: %s\n", error.text);
    }
    return (int)code;
}
