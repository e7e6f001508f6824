#include "tools/journal/help.h"

#include <stdio.h>

static const char tool_help[] =
    "usage: ringfix-journal PATH COMMAND [ARGUMENT...] [OPTION...]\n"
    "       ringfix-journal COMMAND --help\n"
    "\n"
    "Shows, checks, copies and changes the journal in the directory PATH, the\n"
    "JournalPath of the server.\n"
    "\n"
    "These read, also while a server writes:\n"
    "  sessions        the sessions and their numbers\n"
    "  show SESSION    the messages of a session\n"
    "  raw SESSION     the same, byte for byte and with nothing between them\n"
    "  tail [SESSION]  the latest messages of one or of all sessions; -f follows\n"
    "  verify          reads everything and names what is wrong\n"
    "  stat            sizes, and who has the journal open\n"
    "  export          sessions and messages as lines of JSON\n"
    "  backup DIR      a copy of the journal as it is now, in a new directory\n"
    "\n"
    "These write, and are refused while a server has the journal open:\n"
    "  import FILE     puts in what export has written\n"
    "  set-seq         sets the next MsgSeqNum of a session, out and in\n"
    "  reset           sets both to 1 and forgets the session's messages\n"
    "  compact         makes the store as small as it can be\n"
    "  discard-tail    gives up what cannot be read of a damaged journal\n"
    "\n"
    "What a server has sent is seen a quarter of a second later. A journal that was\n"
    "not closed in order and that no server has open is brought in order first, as\n"
    "the server would, also by those that read; --as-is reads it as it is. Run what\n"
    "writes as the user of the server.\n"
    "\n"
    "SESSION is BeginString:SenderCompID->TargetCompID, seen from the server.\n"
    "\n"
    "  --help          this text, or that of a command\n"
    "  --version       the version\n"
    "\n"
    "examples:\n"
    "  ringfix-journal /var/lib/ringfix sessions\n"
    "  ringfix-journal /var/lib/ringfix show 'FIX.4.4:SERVER->CLIENT1' --last 10\n"
    "\n"
    "exit codes:\n"
    "  0  done, also when there is no message in the range\n"
    "  1  no such session; verify has findings; the file to import is wrong\n"
    "  2  wrong usage, or --yes is needed\n"
    "  3  the journal or a file cannot be read or written, or is in use\n"
    "  128 and the number of a signal that ended it (tail -f: 0)\n";

#define AS_IS "  --as-is         without what a dead server has left to be stored\n"
#define DIRECTION(default)                                                                         \
    "  --direction D   out: sent; in: received, kept with JournalInbound=Y;\n"                     \
    "                  both (" default ")\n"
#define RANGE                                                                                      \
    "  --from N        from MsgSeqNum N on\n"                                                      \
    "  --to N          up to and with MsgSeqNum N\n"                                               \
    "  --last N        the last N messages; not together with --from and --to\n"
#define JOURNAL "  ringfix-journal /var/lib/ringfix "
#define SESSION "'FIX.4.4:SERVER->CLIENT1'"

static const char *const command_help[COMMAND_COUNT] = {
    [COMMAND_SESSIONS] =
        "usage: ringfix-journal PATH sessions [--format table|json] [--as-is]\n"
        "\n"
        "One line per session: name, next MsgSeqNum out and in, the range of stored\n"
        "messages of both directions, and when it was created or reset.\n"
        "\n"
        "  --format F      table (default), or json: an object per line\n" AS_IS "\n"
        "examples:\n" JOURNAL "sessions\n" JOURNAL "sessions --format json\n",
    [COMMAND_SHOW] =
        "usage: ringfix-journal PATH show SESSION [--from N] [--to N] [--last N]\n"
        "           [--direction out|in|both] [--format fix|table|json] [--as-is]\n"
        "\n"
        "The stored messages of a session in the order of MsgSeqNum; of both directions\n"
        "in the order in which they were stored, and of the same moment those received\n"
        "first.\n"
        "\n" RANGE DIRECTION("default out") "  --format F      fix (default): a line each, SOH as "
                                            "'|', other unprintable\n"
                                            "                  bytes, '|' and '\\' as \\xNN; "
                                            "table: when, MsgSeqNum, what it\n"
                                            "                  is and its first fields; json: an "
                                            "object per line\n" AS_IS "\n"
                                            "examples:\n" JOURNAL "show " SESSION
                                            " --last 10\n" JOURNAL "show " SESSION
                                            " \\\n      --direction both --format table\n",
    [COMMAND_RAW] =
        "usage: ringfix-journal PATH raw SESSION [--from N] [--to N] [--last N]\n"
        "           [--direction out|in|both] [--as-is]\n"
        "\n"
        "The stored messages of a session, byte for byte and with nothing between them.\n"
        "\n" RANGE DIRECTION("default out") AS_IS "\n"
                                                  "example:\n" JOURNAL "raw " SESSION
                                                  " \\\n      --from 5 --to 9 >messages.fix\n",
    [COMMAND_TAIL] =
        "usage: ringfix-journal PATH tail [SESSION] [-n N] [-f]\n"
        "           [--direction out|in|both] [--format fix|table|json] [--as-is]\n"
        "\n"
        "The latest messages of one or of all sessions, by the time they were stored.\n"
        "\n"
        "  -n N            so many of them (default 10, at most 100000)\n"
        "  -f, --follow    then those that are stored from now on, until Ctrl-C; also of\n"
        "                  sessions that are new or reset, and of a server that is\n"
        "                  started again\n" DIRECTION(
            "default both") "  --format F      fix (default): time, session, direction and "
                            "message; table and\n"
                            "                  json as of show\n" AS_IS "\n"
                            "examples:\n" JOURNAL "tail -f\n" JOURNAL "tail " SESSION
                            " \\\n      -n 50 --format table\n",
    [COMMAND_VERIFY] =
        "usage: ringfix-journal PATH verify [--strict] [--as-is]\n"
        "\n"
        "Reads everything: every record can be decoded, every message is whole, its\n"
        "CheckSum(10) right and its MsgSeqNum(34) the one it is stored under. Numbers\n"
        "that are missing among those sent are named, too.\n"
        "\n"
        "  --strict        missing numbers count as findings: exit code 1\n" AS_IS "\n"
        "example:\n" JOURNAL "verify\n",
    [COMMAND_STAT] =
        "usage: ringfix-journal PATH stat [--as-is]\n"
        "\n"
        "Sizes of the store and of the tails, how much of these is not in the store yet,\n"
        "sessions, messages, the oldest and the newest, and who has the journal open.\n"
        "\n" AS_IS "\n"
        "example:\n" JOURNAL "stat --as-is\n",
    [COMMAND_EXPORT] =
        "usage: ringfix-journal PATH export [SESSION...] [--as-is]\n"
        "\n"
        "Writes the named sessions, or all, to the standard output: lines of JSON that\n"
        "import reads. Bytes outside of ASCII are \\u00NN, so that none is lost.\n"
        "\n" AS_IS "\n"
        "examples:\n" JOURNAL "export >journal.json\n" JOURNAL "export " SESSION
        " |\n      gzip >client1.json.gz\n",
    [COMMAND_IMPORT] =
        "usage: ringfix-journal PATH import FILE\n"
        "\n"
        "Puts what export has written into a journal, which is made when there is none.\n"
        "FILE '-' is the standard input, copied to a temporary file ($TMPDIR is not\n"
        "looked at: /tmp). The file is checked as a whole first; nothing is written of\n"
        "one that is wrong, or that has a session of which the journal has something.\n"
        "\n"
        "examples:\n" JOURNAL "import journal.json\n"
        "  zcat client1.json.gz | ringfix-journal /var/lib/ringfix import -\n",
    [COMMAND_SET_SEQ] =
        "usage: ringfix-journal PATH set-seq SESSION [--in N] [--out N] [--yes]\n"
        "\n"
        "Sets the next MsgSeqNum that is expected, and that is sent. A lower one out\n"
        "deletes the messages from there on, and wants --yes.\n"
        "\n"
        "  --in N          the next number expected from the counterparty\n"
        "  --out N         the next number sent\n"
        "  --yes           delete messages, if that is what it takes\n"
        "\n"
        "examples:\n" JOURNAL "set-seq " SESSION " --in 812\n" JOURNAL "set-seq " SESSION
        " \\\n      --out 400 --yes\n",
    [COMMAND_RESET] =
        "usage: ringfix-journal PATH reset SESSION --yes\n"
        "\n"
        "Sets both numbers of a session to 1 and forgets its messages. The counterparty\n"
        "has to do the same.\n"
        "\n"
        "example:\n" JOURNAL "reset " SESSION " --yes\n",
    [COMMAND_COMPACT] =
        "usage: ringfix-journal PATH compact\n"
        "\n"
        "Copies the store without its free pages and puts the copy in its place. Needs\n"
        "room for the copy beside it. Whatever happens meanwhile, there is one whole\n"
        "store. Refused while a server or a reader has the journal open.\n"
        "\n"
        "example:\n" JOURNAL "compact\n",
    [COMMAND_BACKUP] =
        "usage: ringfix-journal PATH backup DIRECTORY [--as-is]\n"
        "\n"
        "Copies the journal as it is at one moment, also while a server writes it, into\n"
        "a directory that does not exist or is empty. The copy is a journal of its own.\n"
        "What was sent in the quarter of a second before may be missing in it.\n"
        "\n" AS_IS "\n"
        "example:\n" JOURNAL "backup /backup/ringfix-today\n",
    [COMMAND_DISCARD_TAIL] =
        "usage: ringfix-journal PATH discard-tail --yes\n"
        "\n"
        "Opens a journal whose tail is damaged or missing without what cannot be read:\n"
        "the messages sent last, whose numbers may then be used again. Says what is\n"
        "lost. Compare the numbers with each counterparty afterwards.\n"
        "\n"
        "example:\n" JOURNAL "discard-tail --yes\n",
};

void help_put(enum command command)
{
    fputs(command == COMMAND_COUNT ? tool_help : command_help[command], stdout);
}
