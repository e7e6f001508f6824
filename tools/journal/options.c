#include "tools/journal/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Options by letter; only the small ones are letters of the command line, too. */
static const struct option known[] = {
    {"as-is", no_argument, NULL, 'A'},      {"direction", required_argument, NULL, 'D'},
    {"follow", no_argument, NULL, 'f'},     {"format", required_argument, NULL, 'R'},
    {"from", required_argument, NULL, 'F'}, {"help", no_argument, NULL, 'H'},
    {"in", required_argument, NULL, 'I'},   {"last", required_argument, NULL, 'L'},
    {"out", required_argument, NULL, 'O'},  {"strict", no_argument, NULL, 'S'},
    {"to", required_argument, NULL, 'T'},   {"version", no_argument, NULL, 'V'},
    {"yes", no_argument, NULL, 'Y'},        {NULL, 0, NULL, 0}};

/* What a command takes. */
static const struct command_entry {
    const char *name;
    const char *options;
    const char *argument; /* what it is called */
    int min;
    int max;
} commands[COMMAND_COUNT] = {
    [COMMAND_SESSIONS] = {"sessions", "AR", NULL, 0, 0},
    [COMMAND_SHOW] = {"show", "AFTLDR", "SESSION", 1, 1},
    [COMMAND_RAW] = {"raw", "AFTLD", "SESSION", 1, 1},
    [COMMAND_TAIL] = {"tail", "ADRfn", "SESSION", 0, 1},
    [COMMAND_VERIFY] = {"verify", "AS", NULL, 0, 0},
    [COMMAND_STAT] = {"stat", "A", NULL, 0, 0},
    [COMMAND_EXPORT] = {"export", "A", "SESSION", 0, INT_MAX},
    [COMMAND_IMPORT] = {"import", "", "FILE", 1, 1},
    [COMMAND_SET_SEQ] = {"set-seq", "IOY", "SESSION", 1, 1},
    [COMMAND_RESET] = {"reset", "Y", "SESSION", 1, 1},
    [COMMAND_COMPACT] = {"compact", "", NULL, 0, 0},
    [COMMAND_BACKUP] = {"backup", "A", "DIRECTORY", 1, 1},
    [COMMAND_DISCARD_TAIL] = {"discard-tail", "Y", NULL, 0, 0},
};

static rfx_status parse_number(const char *option, const char *text, uint64_t max, uint64_t *number,
                               struct rfx_error *error)
{
    errno = 0;
    char *end = NULL;
    const unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 || value > max) {
        return rfx_fail(error, RFX_E_INVALID, "%s: '%.40s' is not a number from 1 to %llu", option,
                        text, (unsigned long long)max);
    }
    *number = value;
    return RFX_OK;
}

static rfx_status parse_direction(const char *text, bool directions[2], struct rfx_error *error)
{
    const bool is_both = strcmp(text, "both") == 0;
    directions[RFX_DIRECTION_IN] = is_both || strcmp(text, "in") == 0;
    directions[RFX_DIRECTION_OUT] = is_both || strcmp(text, "out") == 0;
    return directions[0] || directions[1]
               ? RFX_OK
               : rfx_fail(error, RFX_E_INVALID, "--direction: '%.40s' is none of in, out and both",
                          text);
}

static rfx_status parse_format(const char *text, enum format *format, struct rfx_error *error)
{
    static const char *const names[] = {
        [FORMAT_FIX] = "fix", [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json"};
    for (int i = FORMAT_FIX; i <= FORMAT_JSON; i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum format)i;
            return RFX_OK;
        }
    }
    return rfx_fail(error, RFX_E_INVALID, "--format: '%.40s' is none of fix, table and json", text);
}

static rfx_status parse_option(int option, const char *value, struct options *options,
                               struct rfx_error *error)
{
    const uint64_t max = INT64_MAX; /* what JSON can carry; a MsgSeqNum never comes near it */
    switch (option) {
    case 'F':
        return parse_number("--from", value, max, &options->from, error);
    case 'T':
        return parse_number("--to", value, max, &options->to, error);
    case 'L':
        return parse_number("--last", value, max, &options->last, error);
    case 'I':
        return parse_number("--in", value, max, &options->in, error);
    case 'O':
        return parse_number("--out", value, max, &options->out, error);
    case 'n':
        return parse_number("-n", value, OPTIONS_COUNT_MAX, &options->count, error);
    case 'D':
        return parse_direction(value, options->directions, error);
    case 'R':
        return parse_format(value, &options->format, error);
    case 'A':
        options->mode = RFX_READER_AS_IS;
        return RFX_OK;
    case 'f':
        options->follows = true;
        return RFX_OK;
    case 'S':
        options->is_strict = true;
        return RFX_OK;
    case 'Y':
        options->is_sure = true;
        return RFX_OK;
    case 'H':
    case 'V':
        options->request = option == 'H' ? REQUEST_HELP : REQUEST_VERSION;
        return RFX_OK;
    default: /* getopt has said what is wrong */
        return rfx_fail(error, RFX_E_INVALID, "wrong option");
    }
}

/* COMMAND_COUNT: there is none of that name. */
static enum command find_command(const char *name)
{
    int i = 0;
    while (i < COMMAND_COUNT && strcmp(name, commands[i].name) != 0) {
        i++;
    }
    return (enum command)i;
}

static rfx_status fail_arguments(const struct command_entry *entry, struct rfx_error *error)
{
    if (entry->max == 0) {
        return rfx_fail(error, RFX_E_INVALID, "'%s' takes no argument", entry->name);
    }
    return rfx_fail(error, RFX_E_INVALID, "'%s' takes %s one %s", entry->name,
                    entry->min == 1 ? "exactly" : "at most", entry->argument);
}

static rfx_status check_options(const struct options *options, const char *given,
                                struct rfx_error *error)
{
    const struct command_entry *entry = &commands[options->command];
    const size_t allowed = strspn(given, entry->options);
    if (given[allowed] != '\0') {
        const struct option *wrong = known;
        while (wrong->name != NULL && wrong->val != given[allowed]) {
            wrong++;
        }
        return rfx_fail(error, RFX_E_INVALID, "'%s' does not take %s%s", entry->name,
                        wrong->name != NULL ? "--" : "-n", wrong->name != NULL ? wrong->name : "");
    }
    if (options->argument_count < entry->min || options->argument_count > entry->max) {
        return fail_arguments(entry, error);
    }
    if (options->last > 0 && strpbrk(given, "FT") != NULL) {
        return rfx_fail(error, RFX_E_INVALID, "--last does not go with --from and --to");
    }
    if (options->command == COMMAND_SET_SEQ && strpbrk(given, "IO") == NULL) {
        return rfx_fail(error, RFX_E_INVALID, "'set-seq' needs --in or --out");
    }
    if (options->command == COMMAND_SESSIONS && options->format == FORMAT_FIX) {
        return rfx_fail(error, RFX_E_INVALID, "--format of 'sessions' is table or json");
    }
    return RFX_OK;
}

static rfx_status parse_command(int argc, char **argv, const char *given, struct options *options,
                                struct rfx_error *error)
{
    if (options->request == REQUEST_HELP) { /* PATH may be left out */
        options->command = argc >= 2 ? find_command(argv[1]) : COMMAND_COUNT;
        if (options->command == COMMAND_COUNT && argc >= 1) {
            options->command = find_command(argv[0]);
        }
        return RFX_OK;
    }
    if (options->request == REQUEST_VERSION) {
        return RFX_OK;
    }
    if (argc < 2) {
        return rfx_fail(error, RFX_E_INVALID, "a PATH and a command are needed");
    }
    options->command = find_command(argv[1]);
    if (options->command == COMMAND_COUNT) {
        return rfx_fail(error, RFX_E_INVALID, "there is no command '%.40s'", argv[1]);
    }
    options->path = argv[0];
    options->arguments = argv + 2;
    options->argument_count = argc - 2;
    if (options->command == COMMAND_TAIL && strchr(given, 'D') == NULL) {
        options->directions[RFX_DIRECTION_IN] = true;
    }
    return check_options(options, given, error);
}

rfx_status options_parse(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    *options = (struct options){.directions = {[RFX_DIRECTION_OUT] = true},
                                .mode = RFX_READER_WHOLE,
                                .from = 1,
                                .to = UINT64_MAX,
                                .count = 10};
    char given[32] = ""; /* each letter once */
    rfx_status status = RFX_OK;
    int option;
    while (status == RFX_OK && (option = getopt_long(argc, argv, "fn:", known, NULL)) != -1) {
        status = parse_option(option, optarg, options, error);
        const size_t count = strlen(given);
        if (strchr(given, option) == NULL && count + 1 < sizeof given) {
            given[count] = (char)option;
        }
    }
    return status == RFX_OK ? parse_command(argc - optind, argv + optind, given, options, error)
                            : status;
}
