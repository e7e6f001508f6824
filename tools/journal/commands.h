/* The commands of ringfix-journal. */
#ifndef TOOLS_JOURNAL_COMMANDS_H
#define TOOLS_JOURNAL_COMMANDS_H

#include "tools/journal/options.h"

/* And 128 and the number of the signal that has ended it. */
enum exit_code { EXIT_DONE = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

enum exit_code exit_of(rfx_status status);

/* Those that read. Each returns what the program ends with; *error has the text of a failure, or
 * "". They end early, as if there were nothing more, when stop_asked(). */
typedef enum exit_code read_command(struct rfx_reader *reader, const struct options *options,
                                    struct rfx_error *error);
read_command command_sessions;
read_command command_show; /* and raw */
read_command command_tail;
read_command command_verify;
read_command command_stat;
read_command command_export;
read_command command_backup;

/* Those that write: no server may have the journal open. */
enum exit_code command_import(const struct options *options, struct rfx_error *error);
enum exit_code command_edit(const struct options *options, struct rfx_error *error);
enum exit_code command_compact(const struct options *options, struct rfx_error *error);
enum exit_code command_discard_tail(const struct options *options, struct rfx_error *error);

#endif
