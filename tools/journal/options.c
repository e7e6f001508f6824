#include "tools/journal/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "usage: ringfix-journal PATH sessions\n"
    "       ringfix-journal PATH show SESSION [--from N] [--to N] [--last N] [--direction in|out]\n"
    "       ringfix-journal PATH raw SESSION [the same]\n"
    "       ringfix-journal PATH verify [--strict]\n"
    "       ringfix-journal PATH stat\n"
    "       ringfix-journal PATH backup DIRECTORY\n"
    "       ringfix-journal PATH set-seq SESSION [--in N] [--out N] [--yes]\n"
    "       ringfix-journal PATH reset SESSION --yes\n"
    "       ringfix-journal PATH discard-tail --yes\n"
    "\n"
    "PATH is the JournalPath of the server. The first six read, also while a server writes: they\n"
    "see what it has sent up to a quarter of a second ago. A journal that was not closed in order\n"
    "and that no server has open is first brought in order, as the server would; --as-is reads it\n"
    "as it is. The last three write, and are refused while a server has the journal open.\n"
    "\n"
    "  sessions      one line per session: name, next MsgSeqNum out and in, the range of stored\n"
    "                messages, and when the session was created or reset\n"
    "  show          the stored messages of a session, one per line. SOH is shown as '|'; other\n"
    "                unprintable bytes, '|' and '\\' as \\xNN\n"
    "  raw           the same messages, byte for byte and with nothing between them\n"
    "  verify        reads everything: every record can be decoded, every message is whole, its\n"
    "                CheckSum(10) right and its MsgSeqNum(34) the one it is stored under. Missing\n"
    "                numbers are named; with --strict they count as findings\n"
    "  stat          sizes of the store and of the tails, and who has the journal open\n"
    "  backup        a copy of the store as it is at one moment, in a directory that is made; it "
    "is\n"
    "                a journal of its own\n"
    "  set-seq       sets the next MsgSeqNum of a session, out and in; a lower one out deletes "
    "the\n"
    "                messages from there on, and wants --yes\n"
    "  reset         sets both to 1 and forgets the session's messages\n"
    "  discard-tail  opens a journal whose tail is damaged or missing without what cannot be "
    "read:\n"
    "                the messages sent last, whose numbers may then be used again\n"
    "\n"
    "SESSION is BeginString:SenderCompID->TargetCompID, seen from the server.\n"
    "\n"
    "  --from N      from MsgSeqNum N on\n"
    "  --to N        up to and with MsgSeqNum N\n"
    "  --last N      the last N stored messages; not together with --from and --to\n"
    "  --direction D out: sent (the default); in: received, kept with JournalInbound=Y\n"
    "  --help        this text\n"
    "  --version     the version\n"
    "\n"
    "examples:\n"
    "  ringfix-journal /var/lib/ringfix sessions\n"
    "  ringfix-journal /var/lib/ringfix show 'FIX.4.4:SERVER->CLIENT1' --last 10\n"
    "  ringfix-journal /var/lib/ringfix raw 'FIX.4.4:SERVER->CLIENT1' --from 5 --to 9\n"
    "  ringfix-journal /var/lib/ringfix set-seq 'FIX.4.4:SERVER->CLIENT1' --in 812\n"
    "  ringfix-journal /var/lib/ringfix backup /backup/ringfix-today\n"
    "\n"
    "exit codes: 0 done, also when there is no message in the range; 1 no such session, or\n"
    "verify has findings; 2 wrong usage; 3 the journal cannot be read or written, or the output\n"
    "cannot be written\n";

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

static rfx_status parse_direction(const char *text, enum rfx_direction *direction,
                                  struct rfx_error *error)
{
    if (strcmp(text, "in") != 0 && strcmp(text, "out") != 0) {
        return rfx_fail(error, RFX_E_INVALID, "--direction: '%s' is neither in nor out", text);
    }
    *direction = text[0] == 'i' ? RFX_DIRECTION_IN : RFX_DIRECTION_OUT;
    return RFX_OK;
}

/* Which options a command takes, by their letters below. */
static const struct command_entry {
    const char *name;
    enum command command;
    const char *argument; /* what it takes; NULL: nothing */
    const char *options;
} commands[] = {
    {"sessions", COMMAND_SESSIONS, NULL, "a"},
    {"show", COMMAND_SHOW, "SESSION", "aftld"},
    {"raw", COMMAND_RAW, "SESSION", "aftld"},
    {"verify", COMMAND_VERIFY, NULL, "as"},
    {"stat", COMMAND_STAT, NULL, "a"},
    {"backup", COMMAND_BACKUP, "DIRECTORY", "a"},
    {"set-seq", COMMAND_SET_SEQ, "SESSION", "ioy"},
    {"reset", COMMAND_RESET, "SESSION", "y"},
    {"discard-tail", COMMAND_DISCARD_TAIL, NULL, "y"},
};

static rfx_status parse_command(int argc, char **argv, const char *given, struct options *options,
                                struct rfx_error *error)
{
    if (argc < 2) {
        return rfx_fail(error, RFX_E_INVALID, "a PATH and a command are needed");
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const struct command_entry *entry = &commands[i];
        if (strcmp(argv[1], entry->name) != 0) {
            continue;
        }
        if (argc != (entry->argument != NULL ? 3 : 2)) {
            return rfx_fail(error, RFX_E_INVALID, "'%s' takes %s%s", argv[1],
                            entry->argument != NULL ? "exactly one " : "no argument",
                            entry->argument != NULL ? entry->argument : "");
        }
        if (strspn(given, entry->options) != strlen(given)) {
            return rfx_fail(error, RFX_E_INVALID, "'%s' does not take one of these options",
                            argv[1]);
        }
        options->command = entry->command;
        options->path = argv[0];
        options->argument = argc == 3 ? argv[2] : NULL;
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_INVALID, "there is no command '%s'", argv[1]);
}

static rfx_status parse_option(int option, const char *name, const char *value,
                               struct options *options, struct rfx_error *error)
{
    switch (option) {
    case 'f':
        return parse_number(name, value, &options->from, error);
    case 't':
        return parse_number(name, value, &options->to, error);
    case 'l':
        return parse_number(name, value, &options->last, error);
    case 'i':
        return parse_number(name, value, &options->in, error);
    case 'o':
        return parse_number(name, value, &options->out, error);
    case 'd':
        return parse_direction(value, &options->direction, error);
    case 'a':
        options->mode = RFX_READER_AS_IS;
        return RFX_OK;
    case 's':
        options->is_strict = true;
        return RFX_OK;
    case 'y':
        options->is_sure = true;
        return RFX_OK;
    default: /* getopt has said what is wrong */
        return rfx_fail(error, RFX_E_INVALID, "wrong option");
    }
}

rfx_status options_parse(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    static const struct option known[] = {
        {"from", required_argument, NULL, 'f'}, {"to", required_argument, NULL, 't'},
        {"last", required_argument, NULL, 'l'}, {"in", required_argument, NULL, 'i'},
        {"out", required_argument, NULL, 'o'},  {"direction", required_argument, NULL, 'd'},
        {"as-is", no_argument, NULL, 'a'},      {"strict", no_argument, NULL, 's'},
        {"yes", no_argument, NULL, 'y'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},    {NULL, 0, NULL, 0}};
    *options = (struct options){.from = 1, .to = UINT64_MAX, .mode = RFX_READER_WHOLE};
    char given[64] = "";
    rfx_status status = RFX_OK;
    int index = 0;
    int option;
    while (status == RFX_OK && (option = getopt_long(argc, argv, "", known, &index)) != -1) {
        if (option == 'h' || option == 'v') {
            options->command = option == 'h' ? COMMAND_HELP : COMMAND_VERSION;
            return RFX_OK;
        }
        status = parse_option(option, known[index].name, optarg, options, error);
        const size_t count = strlen(given);
        if (strchr(given, option) == NULL && count + 1 < sizeof given) {
            given[count] = (char)option;
        }
    }
    if (status == RFX_OK) {
        status = parse_command(argc - optind, argv + optind, given, options, error);
    }
    if (status == RFX_OK && options->last > 0 && strpbrk(given, "ft") != NULL) {
        return rfx_fail(error, RFX_E_INVALID, "--last does not go with --from and --to");
    }
    if (status == RFX_OK && options->command == COMMAND_SET_SEQ && strpbrk(given, "io") == NULL) {
        return rfx_fail(error, RFX_E_INVALID, "'set-seq' needs --in or --out");
    }
    return status;
}
