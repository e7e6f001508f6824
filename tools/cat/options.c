#include "tools/cat/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringfix/status.h"

static const char help[] =
    "usage: ringfix-cat [OPTIONS] [FILE...]\n"
    "\n"
    "Prints FIX messages with their fields explained. FILE is a log with anything around the\n"
    "messages, a raw stream, a network capture (pcap), or a journal's directory; none, or -, is\n"
    "the standard input. Fields\n"
    "may be apart by SOH, by | or by ^A. What is wrong with a message is said with it.\n"
    "\n"
    "Which ones\n"
    "  --session A->B      between these CompIDs, in either direction\n"
    "  --type T[,T...]     of these types: D, 8, or NewOrderSingle\n"
    "  --tag TAG[=VALUE]   that have this field; several times: all of them\n"
    "  --from TIME         SendingTime(52) from 20261123-09:00:00 on\n"
    "  --to TIME           and up to that\n"
    "  --count N           the first N\n"
    "How\n"
    "  --line              a line each, with names\n"
    "  --raw               as they came, with | for SOH\n"
    "  --json              a JSON object in a line each\n"
    "  --no-text           without what stands around them\n"
    "  --dictionary FILE   names from it and not from the built-in dictionaries\n"
    "  --show-secrets      passwords, too; without it they are ***\n"
    "  --color WHEN        always, never or auto (the default: on a terminal, and not with\n"
    "                      NO_COLOR set)\n"
    "  -f, --follow        goes on as the file grows, also when it is rotated\n"
    "  --version, --help\n"
    "\n"
    "examples\n"
    "  ringfix-cat -f /var/log/ringfix/messages.log --session RINGFIX->ALPHA\n"
    "  ringfix-cat /var/lib/ringfix --type 8 --tag 39=8     rejected orders in the journal\n"
    "  journalctl -u gateway | ringfix-cat --tag 11=A-17 --line\n"
    "\n"
    "exit status: 0 messages were found, 1 none was, 2 wrong usage, 3 a file cannot be read\n";

static bool complain(const char *text, const char *value)
{
    fprintf(stderr, "ringfix-cat: %s%s; see --help\n", text, value);
    return false;
}

static bool read_session(char *value, struct options *options)
{
    char *arrow = strstr(value, "->");
    char *sender = strrchr(value, ':') != NULL && strrchr(value, ':') < arrow
                       ? strrchr(value, ':') + 1 /* behind a BeginString */
                       : value;
    if (arrow == NULL || arrow == sender || arrow[2] == '\0') {
        return complain("--session is SENDER->TARGET, not ", value);
    }
    *arrow = '\0';
    options->sender = sender;
    options->target = arrow + 2;
    return true;
}

static bool read_tag(const char *value, struct options *options)
{
    char *end = NULL;
    const long tag = strtol(value, &end, 10);
    if (options->tag_count == OPTIONS_TAGS_MAX) {
        return complain("--tag: at most 32 of them, and then ", value);
    }
    if (end == value || tag < 1 || tag > 99999999 || (*end != '\0' && *end != '=')) {
        return complain("--tag is TAG or TAG=VALUE, not ", value);
    }
    struct options_tag *added = &options->tags[options->tag_count++];
    added->tag = (int32_t)tag;
    added->has_value = *end == '=';
    added->value = (struct rfx_bytes){end + added->has_value, strlen(end + added->has_value)};
    return true;
}

static bool read_time(const char *value, int64_t *utc_ns, bool *is_set)
{
    *is_set = rfx_value_utc((struct rfx_bytes){value, strlen(value)}, utc_ns) == RFX_OK;
    return *is_set || complain("a time is 20261123-09:00:00 or 20261123-09:00:00.123, not ", value);
}

static bool read_count(const char *value, uint64_t *count)
{
    char *end = NULL;
    *count = strtoull(value, &end, 10);
    return (*end == '\0' && end != value && *value != '-' && *count > 0) ||
           complain("--count is a number from 1 on, not ", value);
}

static bool read_colour(const char *value, struct options *options)
{
    const bool is_always = strcmp(value, "always") == 0;
    if (!is_always && strcmp(value, "never") != 0 && strcmp(value, "auto") != 0) {
        return complain("--color is always, never or auto, not ", value);
    }
    if (strcmp(value, "auto") != 0) {
        options->has_colours = is_always;
    }
    return true;
}

enum {
    KEY_SESSION = 256,
    KEY_TYPE,
    KEY_TAG,
    KEY_FROM,
    KEY_TO,
    KEY_COUNT,
    KEY_LINE,
    KEY_RAW,
    KEY_JSON,
    KEY_NO_TEXT,
    KEY_DICTIONARY,
    KEY_SECRETS,
    KEY_COLOR,
    KEY_VERSION,
    KEY_HELP
};

static const struct option known[] = {
    {"session", required_argument, NULL, KEY_SESSION},
    {"type", required_argument, NULL, KEY_TYPE},
    {"tag", required_argument, NULL, KEY_TAG},
    {"from", required_argument, NULL, KEY_FROM},
    {"to", required_argument, NULL, KEY_TO},
    {"count", required_argument, NULL, KEY_COUNT},
    {"line", no_argument, NULL, KEY_LINE},
    {"raw", no_argument, NULL, KEY_RAW},
    {"json", no_argument, NULL, KEY_JSON},
    {"no-text", no_argument, NULL, KEY_NO_TEXT},
    {"dictionary", required_argument, NULL, KEY_DICTIONARY},
    {"show-secrets", no_argument, NULL, KEY_SECRETS},
    {"color", required_argument, NULL, KEY_COLOR},
    {"follow", no_argument, NULL, 'f'},
    {"version", no_argument, NULL, KEY_VERSION},
    {"help", no_argument, NULL, KEY_HELP},
    {NULL, 0, NULL, 0},
};

static bool read_which(int key, char *value, struct options *options)
{
    switch (key) {
    case KEY_SESSION:
        return read_session(value, options);
    case KEY_TYPE:
        options->types = value;
        return true;
    case KEY_TAG:
        return read_tag(value, options);
    case KEY_FROM:
        return read_time(value, &options->from_utc_ns, &options->has_from);
    case KEY_TO:
        return read_time(value, &options->to_utc_ns, &options->has_to);
    case KEY_COUNT:
        return read_count(value, &options->count);
    default:
        return false; /* getopt has said what is wrong */
    }
}

static bool read_one(int key, char *value, struct options *options)
{
    switch (key) {
    case KEY_LINE:
        options->format = FORMAT_LINE;
        return true;
    case KEY_RAW:
        options->format = FORMAT_RAW;
        return true;
    case KEY_JSON:
        options->format = FORMAT_JSON;
        return true;
    case KEY_NO_TEXT:
        options->has_text = false;
        return true;
    case KEY_DICTIONARY:
        options->dictionary = value;
        return true;
    case KEY_SECRETS:
        options->has_secrets = true;
        return true;
    case KEY_COLOR:
        return read_colour(value, options);
    case 'f':
        options->is_following = true;
        return true;
    default:
        return read_which(key, value, options);
    }
}

enum options_result options_read(int argc, char **argv, struct options *options)
{
    int key;
    *options = (struct options){
        .has_text = true,
        .has_colours = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL,
    };
    while ((key = getopt_long(argc, argv, "f", known, NULL)) != -1) {
        if (key == KEY_HELP || key == KEY_VERSION) {
            fputs(key == KEY_HELP ? help : "ringfix-cat " RFX_VERSION "\n", stdout);
            return OPTIONS_DONE;
        }
        if (!read_one(key, optarg, options)) {
            return OPTIONS_WRONG;
        }
    }
    options->paths = argv + optind;
    options->path_count = argc - optind;
    if (options->is_following && options->path_count != 1) {
        complain("--follow takes one file", "");
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
