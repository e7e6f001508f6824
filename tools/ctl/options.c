#include "tools/ctl/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringfix/ringfix.h"

static const struct {
    const char *name;
    enum command_kind kind;
    bool has_session;
    const char *options; /* those it takes beside the common ones */
} commands[] = {
    {"status", KIND_STATUS, false, ""},     {"stats", KIND_STATUS, false, ""},
    {"sessions", KIND_SESSIONS, false, ""}, {"show", KIND_SHOW, true, ""},
    {"top", KIND_TOP, false, "nc"},         {"logout", KIND_ACT, true, "t"},
    {"disconnect", KIND_ACT, true, ""},     {"disable", KIND_ACT, true, ""},
    {"enable", KIND_ACT, true, ""},         {"send-test-request", KIND_ACT, true, ""},
    {"set-seq", KIND_ACT, true, "io"},      {"reset", KIND_ACT, true, ""},
    {"reload", KIND_RELOAD, false, ""},
};

static const struct option known[] = {{"socket", required_argument, NULL, 's'},
                                      {"config", required_argument, NULL, 'f'},
                                      {"json", no_argument, NULL, 'j'},
                                      {"text", required_argument, NULL, 't'},
                                      {"in", required_argument, NULL, 'i'},
                                      {"out", required_argument, NULL, 'o'},
                                      {"interval", required_argument, NULL, 'n'},
                                      {"count", required_argument, NULL, 'c'},
                                      {"help", no_argument, NULL, 'h'},
                                      {"version", no_argument, NULL, 'v'},
                                      {NULL, 0, NULL, 0}};

static void print_help(FILE *out)
{
    fputs(
        "usage: ringfix-ctl [--config FILE | --socket PATH] [--json] COMMAND [SESSION]\n"
        "\n"
        "Shows and steers a running ringfixd.\n"
        "\n"
        "  status                     the server in a few lines\n"
        "  stats                      the same with what all sessions have done\n"
        "  sessions                   a line for each session\n"
        "  show SESSION               all there is about one\n"
        "  top                        the busiest sessions, again and again; q ends it\n"
        "      --interval SECONDS     between two looks (1)\n"
        "      --count N              ends after so many\n"
        "  logout SESSION             sends a Logout; the counterparty may log on again\n"
        "      --text TEXT            its Text(58)\n"
        "  disconnect SESSION         closes the connection without a Logout\n"
        "  disable SESSION            logs it out and refuses Logons, until it is enabled or the\n"
        "                             server is started again\n"
        "  enable SESSION\n"
        "  send-test-request SESSION  show tells how long the answer took\n"
        "  set-seq SESSION [--in N] [--out N]\n"
        "                             sets the next numbers of a session that is not connected;\n"
        "                             the one out can be raised alone\n"
        "  reset SESSION              both numbers to 1, messages forgotten; not while connected\n"
        "  reload                     reads the configuration again: sessions are added, changed\n"
        "                             and removed, all others notice nothing\n"
        "\n"
        "  --config FILE   ringfixd's configuration, which tells where its socket is\n"
        "  --socket PATH   the socket; else the environment's RINGFIX_SOCKET\n"
        "  --json          JSON objects, one a line, instead of text\n"
        "\n"
        "A SESSION is named as `sessions` lists it: BeginString:SenderCompID->TargetCompID.\n"
        "\n"
        "examples:\n"
        "  ringfix-ctl --config /etc/ringfix.cfg sessions\n"
        "  ringfix-ctl disable 'FIX.4.4:BROKER->CLIENT'\n"
        "  ringfix-ctl set-seq 'FIX.4.4:BROKER->CLIENT' --in 1207\n"
        "\n"
        "exit status: 0 done, 1 the server refused (it says why), 2 wrong usage, 3 no server\n"
        "answers\n",
        out);
}

static bool refuse(enum exit_code *code, const char *text, const char *what)
{
    fprintf(stderr, "ringfix-ctl: %s%s\nTry ringfix-ctl --help.\n", text, what);
    *code = EXIT_USAGE;
    return false;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    *number = value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= 1 &&
           value <= max;
}

/* Where the server with that configuration has its socket. */
static bool find_socket(const char *config_path, struct options *options, enum exit_code *code)
{
    struct rfx_config config;
    struct rfx_error error;
    if (rfx_config_load(config_path, &config, &error) != RFX_OK) {
        return refuse(code, error.text, "");
    }
    const bool has_own = config.control_socket[0] != '\0';
    const bool has_none = strcmp(config.control_socket, "none") == 0;
    snprintf(options->socket_path, sizeof options->socket_path, "%s%s",
             has_own ? config.control_socket : config.journal_path, has_own ? "" : "/control.sock");
    rfx_config_free(&config);
    return !has_none || refuse(code, config_path, ": ControlSocket=none");
}

/* What a letter of known[] was given for the command. */
static bool take_option(int letter, struct options *options, const char **config,
                        enum exit_code *code)
{
    switch (letter) {
    case 's':
        snprintf(options->socket_path, sizeof options->socket_path, "%s", optarg);
        return true;
    case 'f':
        *config = optarg;
        return true;
    case 'j':
        options->is_json = true;
        return true;
    case 't':
        options->text = optarg;
        return true;
    case 'i':
        return read_number(optarg, INT64_MAX, &options->in) ||
               refuse(code, "--in: not a MsgSeqNum: ", optarg);
    case 'o':
        return read_number(optarg, INT64_MAX, &options->out) ||
               refuse(code, "--out: not a MsgSeqNum: ", optarg);
    case 'n':
        return read_number(optarg, 3600, &options->interval_s) ||
               refuse(code, "--interval: not 1 to 3600 seconds: ", optarg);
    case 'c':
        return read_number(optarg, 1000000000, &options->count) ||
               refuse(code, "--count: not a number from 1 on: ", optarg);
    case 'h':
        print_help(stdout);
        return false;
    case 'v':
        puts("ringfix-ctl " RFX_VERSION);
        return false;
    default:
        fputs("Try ringfix-ctl --help.\n", stderr);
        *code = EXIT_USAGE;
        return false;
    }
}

static bool read_command(int argc, char **argv, const char *given, struct options *options,
                         enum exit_code *code)
{
    if (optind == argc) {
        print_help(stderr);
        *code = EXIT_USAGE;
        return false;
    }
    const char *name = argv[optind++];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) != 0) {
            continue;
        }
        options->kind = commands[i].kind;
        options->command = name;
        if (strspn(given, commands[i].options) != strlen(given)) {
            return refuse(code, "an option that is not for ", name);
        }
        if (commands[i].has_session && optind == argc) {
            return refuse(code, "which session? ", name);
        }
        options->session = commands[i].has_session ? argv[optind++] : NULL;
        if (optind < argc) {
            return refuse(code, "what is that? ", argv[optind]);
        }
        if (strcmp(name, "set-seq") == 0 && options->in == 0 && options->out == 0) {
            return refuse(code, "set-seq needs --in, --out or both", "");
        }
        return true;
    }
    return refuse(code, "unknown command: ", name);
}

bool options_read(int argc, char **argv, struct options *options, enum exit_code *code)
{
    const char *config = NULL;
    const char *environment = getenv("RINGFIX_SOCKET");
    char given[8] = "";
    int letter;
    *options = (struct options){.interval_s = 1};
    *code = EXIT_DONE;
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!take_option(letter, options, &config, code)) {
            return false;
        }
        const size_t size = strlen(given);
        if (strchr("tionc", letter) != NULL && size < sizeof given - 1) {
            given[size] = (char)letter;
        }
    }
    if (!read_command(argc, argv, given, options, code)) {
        return false;
    }
    if (config != NULL && options->socket_path[0] != '\0') {
        return refuse(code, "--config or --socket, not both", "");
    }
    if (config != NULL) {
        return find_socket(config, options, code);
    }
    if (options->socket_path[0] == '\0' && environment != NULL) {
        snprintf(options->socket_path, sizeof options->socket_path, "%s", environment);
    }
    return options->socket_path[0] != '\0' ||
           refuse(code, "where is the server? Give --config, --socket or RINGFIX_SOCKET", "");
}
