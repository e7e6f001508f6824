/* ringfix-journal: shows what a journal holds, checks it, copies it and sets its numbers. */
#include <stdio.h>
#include <string.h>

#include "tools/journal/commands.h"

static enum exit_code read_journal(const struct options *options, struct rfx_error *error)
{
    enum exit_code (*const commands[])(struct rfx_reader *, const struct options *,
                                       struct rfx_error *) = {
        [COMMAND_SESSIONS] = command_sessions, [COMMAND_SHOW] = command_show,
        [COMMAND_RAW] = command_show,          [COMMAND_VERIFY] = command_verify,
        [COMMAND_STAT] = command_stat,         [COMMAND_BACKUP] = command_backup,
    };
    struct rfx_reader *reader = NULL;
    if (rfx_reader_open(options->path, options->mode, &reader, error) != RFX_OK) {
        return EXIT_UNREADABLE;
    }
    const enum exit_code code = commands[options->command](reader, options, error);
    rfx_reader_close(reader);
    return code;
}

static enum exit_code run(const struct options *options, struct rfx_error *error)
{
    switch (options->command) {
    case COMMAND_SESSIONS:
    case COMMAND_SHOW:
    case COMMAND_RAW:
    case COMMAND_VERIFY:
    case COMMAND_STAT:
    case COMMAND_BACKUP:
        return read_journal(options, error);
    case COMMAND_SET_SEQ:
    case COMMAND_RESET:
        return command_edit(options, error);
    case COMMAND_DISCARD_TAIL:
        return command_discard_tail(options, error);
    case COMMAND_HELP:
        fputs(options_help, stdout);
        return EXIT_DONE;
    case COMMAND_VERSION:
        puts("ringfix-journal " RFX_VERSION);
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {""};
    if (options_parse(argc, argv, &options, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-journal: %s\n%s", error.text, "Try ringfix-journal --help.\n");
        return EXIT_USAGE;
    }
    enum exit_code code = run(&options, &error);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        rfx_fail(&error, RFX_E_IO, "the output cannot be written");
        code = EXIT_UNREADABLE;
    }
    if (code != EXIT_DONE && error.text[0] != '\0') {
        fprintf(stderr, "ringfix-journal: %s\n", error.text);
    }
    return (int)code;
}
