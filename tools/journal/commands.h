/* The commands of ringfix-journal. */
#ifndef TOOLS_JOURNAL_COMMANDS_H
#define TOOLS_JOURNAL_COMMANDS_H

#include "tools/journal/options.h"

enum exit_code { EXIT_DONE = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

/* Text from a store that may be damaged must not steer the terminal. SOH becomes `soh`. */
void put_text(struct rfx_bytes text, int soh);

/* Each returns what the program ends with; *error has the text of a failure, or "". */
enum exit_code command_sessions(struct rfx_reader *reader, const struct options *options,
                                struct rfx_error *error);
enum exit_code command_show(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error);
enum exit_code command_verify(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error);
enum exit_code command_stat(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error);
enum exit_code command_backup(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error);
enum exit_code command_edit(const struct options *options, struct rfx_error *error);
enum exit_code command_discard_tail(const struct options *options, struct rfx_error *error);

#endif
