#include "tools/dict/options.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

const char options_help[] =
    "usage: ringfix-dict check DICT...\n"
    "       ringfix-dict convert DICT OUT\n"
    "       ringfix-dict compare DICT DICT\n"
    "       ringfix-dict show DICT [--brief] [[--tag | --type | --name] WHAT]\n"
    "       ringfix-dict codegen DICT [--prefix P] [--output FILE] [MESSAGE...]\n"
    "\n"
    "Checks, converts, compares and shows FIX dictionaries. DICT is a built-in one\n"
    "(FIX.4.0 to FIX.4.4, FIXT.1.1, FIX.5.0, FIX.5.0SP1, FIX.5.0SP2) or a file, in\n"
    "QuickFIX's XML or in ringfix's own text format.\n"
    "\n"
    "  check     reads each and says what it holds, or what is wrong in which line\n"
    "  convert   writes DICT to the file OUT: XML when its name ends in .xml, else\n"
    "            text; - is the standard output (text)\n"
    "  compare   one line for each fact in which the two differ\n"
    "  show      an overview; or WHAT: a message (name or MsgType), a field (tag or\n"
    "            name), a component (name), header or trailer\n"
    "  codegen   writes a C header (C17, C++17) with the tags, values, readers and\n"
    "            writers of the messages named, by name or MsgType, or of all\n"
    "\n"
    "  --brief     components as one line, without what they hold\n"
    "  --tag       WHAT is a tag, where it could also be a MsgType (8)\n"
    "  --type      WHAT is a MsgType\n"
    "  --name      WHAT is a name\n"
    "  --prefix P  of all names in the header (default: of the version, fix44)\n"
    "  --output F  the header's file (default: the standard output)\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "examples:\n"
    "  ringfix-dict check counterparty.xml\n"
    "  ringfix-dict compare FIX.4.4 counterparty.xml\n"
    "  ringfix-dict show FIX.4.4 NewOrderSingle\n"
    "  ringfix-dict show FIX.4.4 40\n"
    "  ringfix-dict convert FIX.4.4 FIX44.xml\n"
    "  ringfix-dict codegen FIX.4.4 NewOrderSingle ExecutionReport --output orders.h\n"
    "\n"
    "exit codes: 0 done; 1 check found a fault, compare a difference, or show nothing\n"
    "of that name; 2 wrong usage; 3 a dictionary cannot be read, or the output not\n"
    "written\n";

static rfx_status parse_command(int argc, char **argv, struct options *options,
                                struct rfx_error *error)
{
    static const struct {
        const char *name;
        enum command command;
        int min;
        int max;
        const char *takes;
    } commands[] = {
        {"check", COMMAND_CHECK, 1, INT_MAX, "at least one DICT"},
        {"convert", COMMAND_CONVERT, 2, 2, "a DICT and the file to write, or -"},
        {"compare", COMMAND_COMPARE, 2, 2, "two DICTs"},
        {"show", COMMAND_SHOW, 1, 2, "a DICT, and what to show of it"},
        {"codegen", COMMAND_CODEGEN, 1, INT_MAX, "a DICT, and messages of it"},
    };
    if (argc < 1) {
        return rfx_fail(error, RFX_E_INVALID, "a command is needed");
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[0], commands[i].name) != 0) {
            continue;
        }
        options->command = commands[i].command;
        options->arguments = argv + 1;
        options->count = argc - 1;
        if (options->count < commands[i].min || options->count > commands[i].max) {
            return rfx_fail(error, RFX_E_INVALID, "'%s' takes %s", argv[0], commands[i].takes);
        }
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_INVALID,
                    "there is no command '%s': check, convert, compare, show or codegen", argv[0]);
}

rfx_status options_parse(int argc, char **argv, struct options *options, struct rfx_error *error)
{
    static const struct option known[] = {{"tag", no_argument, NULL, 'g'},
                                          {"type", no_argument, NULL, 't'},
                                          {"name", no_argument, NULL, 'n'},
                                          {"brief", no_argument, NULL, 'b'},
                                          {"prefix", required_argument, NULL, 'p'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){0};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'g':
            options->show_as = SHOW_TAG;
            break;
        case 't':
            options->show_as = SHOW_TYPE;
            break;
        case 'n':
            options->show_as = SHOW_NAME;
            break;
        case 'b':
            options->is_brief = true;
            break;
        case 'p':
            options->prefix = optarg;
            break;
        case 'o':
            options->output = optarg;
            break;
        case 'h':
        case 'v':
            options->command = option == 'h' ? COMMAND_HELP : COMMAND_VERSION;
            return RFX_OK;
        default: /* getopt has said what is wrong */
            return rfx_fail(error, RFX_E_INVALID, "wrong option");
        }
    }
    rfx_status status = parse_command(argc - optind, argv + optind, options, error);
    if (status != RFX_OK) {
        return status;
    }
    if (options->command != COMMAND_SHOW && (options->is_brief || options->show_as != SHOW_ANY)) {
        return rfx_fail(error, RFX_E_INVALID, "--brief, --tag, --type and --name go with 'show'");
    }
    if (options->command != COMMAND_CODEGEN &&
        (options->prefix != NULL || options->output != NULL)) {
        return rfx_fail(error, RFX_E_INVALID, "--prefix and --output go with 'codegen'");
    }
    if (options->show_as != SHOW_ANY && options->count < 2) {
        return rfx_fail(error, RFX_E_INVALID, "--tag, --type and --name need something to show");
    }
    return RFX_OK;
}
