#include "tools/journal/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "usage: ringfix-journal PATH sessions\n"
    "       ringfix-journal PATH show SESSION [--from N] [--to N] [--last N]\n"
    "       ringfix-journal PATH raw SESSION [--from N] [--to N] [--last N]\n"
    "\n"
    "Reads the journal in the directory PATH (JournalPath), also while a server writes it.\n"
    "\n"
    "  sessions   one line per session: name, next MsgSeqNum out and in, the range of\n"
    "             stored messages, and when the session was created\n"
    "  show       the stored messages of a session, one per line. SOH is shown as '|';\n"
    "             other unprintable bytes, '|' and '\\' as \\xNN\n"
    "  raw        the same messages, byte for byte and with nothing between them\n"
    "\n"
    "SESSION is BeginString:SenderCompID->TargetCompID, seen from the server.\n"
    "\n"
    "  --from N   from MsgSeqNum N on\n"
    "  --to N     up to and with MsgSeqNum N\n"
    "  --last N   the last N stored messages; not together with --from and --to\n"
    "  --help     this text\n"
    "  --version  the version\n"
    "\n"
    "examples:\n"
    "  ringfix-journal /var/lib/ringfix sessions\n"
    "  ringfix-journal /var/lib/ringfix show 'FIX.4.4:SERVER->CLIENT1' --last 10\n"
    "  ringfix-journal /var/lib/ringfix raw 'FIX.4.4:SERVER->CLIENT1' --from 5 --to 9\n"
    "\n"
    "exit codes: 0 done, also when there is no message in the range; 1 no such session;\n"
    "2 wrong usage; 3 the journal cannot be read, or the output cannot be written\n";

static rfx_status parse_number(const char *option, const char *text, uint64_t *number,
                               struct rfx_error *error)
{
    errno = 0;
    char *end = NULL;
    const unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1) {
        return rfx_fail(error, RFX_E_INVALID, "--%s: '%s' is not a number from 1 on", option, text);
    }
    *number = value;
    return RFX_OK;
}

static rfx_status parse_command(int argc, char **argv, struct options *options,
                                struct rfx_error *error)
{
    if (argc < 2) {
        return rfx_fail(error, RFX_E_INVALID, "a PATH and a command are needed");
    }
    const struct {
        const char *name;
        enum command command;
        int arguments;
    } commands[] = {
        {"sessions", COMMAND_SESSIONS, 2}, {"show", COMMAND_SHOW, 3}, {"raw", COMMAND_RAW, 3}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) != 0) {
            continue;
        }
        if (argc != commands[i].arguments) {
            return rfx_fail(error, RFX_E_INVALID, "'%s' takes %s", argv[1],
                            commands[i].arguments == 3 ? "exactly one SESSION" : "no argument");
        }
        options->command = commands[i].command;
        options->path = argv[0];
        options->session = argc == 3 ? argv[2] : NULL;
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_INVALID, "there is no command '%s': sessions, show or raw",
                    argv[1]);
}

rfx_status options_parse(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    static const struct option known[] = {
        {"from", required_argument, NULL, 'f'}, {"to", required_argument, NULL, 't'},
        {"last", required_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},    {NULL, 0, NULL, 0}};
    *options = (struct options){.from = 1, .to = UINT64_MAX};
    bool has_range = false;
    rfx_status status = RFX_OK;
    int index = 0;
    int option;
    while (status == RFX_OK && (option = getopt_long(argc, argv, "", known, &index)) != -1) {
        uint64_t *number = option == 'f' ? &options->from : &options->to;
        switch (option) {
        case 'f':
        case 't':
            has_range = true;
            status = parse_number(known[index].name, optarg, number, error);
            break;
        case 'l':
            status = parse_number(known[index].name, optarg, &options->last, error);
            break;
        case 'h':
        case 'v':
            options->command = option == 'h' ? COMMAND_HELP : COMMAND_VERSION;
            return RFX_OK;
        default: /* getopt has said what is wrong */
            return rfx_fail(error, RFX_E_INVALID, "wrong option");
        }
    }
    if (status == RFX_OK) {
        status = parse_command(argc - optind, argv + optind, options, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    if (options->last > 0 && has_range) {
        return rfx_fail(error, RFX_E_INVALID, "--last does not go with --from and --to");
    }
    if (options->command == COMMAND_SESSIONS && (has_range || options->last > 0)) {
        return rfx_fail(error, RFX_E_INVALID, "'sessions' takes no range");
    }
    return RFX_OK;
}
