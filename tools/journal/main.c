/* ringfix-journal: shows what a journal holds, checks it, copies it and sets its numbers. */
#include <signal.h>
#include <stdio.h>

#include "tools/journal/commands.h"
#include "tools/journal/help.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

enum exit_code exit_of(rfx_status status)
{
    if (status == RFX_OK) {
        return EXIT_DONE;
    }
    if (status == RFX_E_INVALID) {
        return EXIT_USAGE;
    }
    return status == RFX_E_NOT_FOUND ? EXIT_FOUND : EXIT_UNREADABLE;
}

static enum exit_code read_journal(read_command *command, const struct options *options,
                                   struct rfx_error *error)
{
    struct rfx_reader *reader = NULL;
    if (rfx_reader_open(options->path, options->mode, &reader, error) != RFX_OK) {
        return EXIT_UNREADABLE;
    }
    const enum exit_code code = command(reader, options, error);
    rfx_reader_close(reader);
    return code;
}

static enum exit_code run(const struct options *options, struct rfx_error *error)
{
    switch (options->command) {
    case COMMAND_SESSIONS:
        return read_journal(command_sessions, options, error);
    case COMMAND_SHOW:
    case COMMAND_RAW:
        return read_journal(command_show, options, error);
    case COMMAND_TAIL:
        return read_journal(command_tail, options, error);
    case COMMAND_VERIFY:
        return read_journal(command_verify, options, error);
    case COMMAND_STAT:
        return read_journal(command_stat, options, error);
    case COMMAND_EXPORT:
        return read_journal(command_export, options, error);
    case COMMAND_BACKUP:
        return read_journal(command_backup, options, error);
    case COMMAND_IMPORT:
        return command_import(options, error);
    case COMMAND_SET_SEQ:
    case COMMAND_RESET:
        return command_edit(options, error);
    case COMMAND_COMPACT:
        return command_compact(options, error);
    case COMMAND_DISCARD_TAIL:
        return command_discard_tail(options, error);
    case COMMAND_COUNT:
        break;
    }
    return EXIT_USAGE;
}

/* What a signal makes of a command that has returned without an error. One that walks was cut off,
 * except that following has no other end; any other was done before it looked for a signal. */
static bool is_done(const struct options *options, int signal)
{
    switch (options->command) {
    case COMMAND_TAIL:
        return options->follows && signal != SIGHUP;
    case COMMAND_SESSIONS:
    case COMMAND_SHOW:
    case COMMAND_RAW:
    case COMMAND_VERIFY:
    case COMMAND_STAT:
    case COMMAND_EXPORT:
        return false;
    case COMMAND_IMPORT:
    case COMMAND_SET_SEQ:
    case COMMAND_RESET:
    case COMMAND_COMPACT:
    case COMMAND_BACKUP:
    case COMMAND_DISCARD_TAIL:
    case COMMAND_COUNT:
        return true;
    }
    return true;
}

static int run_command(const struct options *options)
{
    struct rfx_error error = {""};
    stop_watch();
    int code = (int)run(options, &error);
    const bool is_written = fflush(stdout) == 0 && ferror(stdout) == 0;
    const int signal = stop_signal();
    if (signal != 0 && (!is_written || signal != SIGPIPE)) {
        if (code != EXIT_DONE && error.text[0] != '\0') {
            put_error(error.text);
        }
        return code == EXIT_DONE && is_done(options, signal) ? code : 128 + signal;
    }
    if (!is_written) {
        rfx_fail(&error, RFX_E_IO, "the output cannot be written");
        code = (int)EXIT_UNREADABLE;
    }
    if (code != EXIT_DONE && error.text[0] != '\0') {
        put_error(error.text);
    }
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {""};
    if (options_parse(argc, argv, &options, &error) != RFX_OK) {
        put_error(error.text);
        fputs("Try ringfix-journal --help.\n", stderr);
        return EXIT_USAGE;
    }
    if (options.request == REQUEST_COMMAND) {
        return run_command(&options);
    }
    if (options.request == REQUEST_HELP) {
        help_put(options.command);
    } else {
        puts("ringfix-journal " RFX_VERSION);
    }
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? (int)EXIT_DONE : (int)EXIT_UNREADABLE;
}
