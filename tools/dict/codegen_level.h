/* The readers and writers of one level: a message, or an entry of a group. */
#ifndef RINGFIX_DICT_CODEGEN_LEVEL_H
#define RINGFIX_DICT_CODEGEN_LEVEL_H

#include <stdio.h>

#include "core/dictionary.h"
#include "tools/dict/codegen_names.h"

/* A header that is being made. */
struct codegen {
    const struct rfx_dictionary *dictionary;
    FILE *out;
    char prefix[C_NAME_MAX];
    char constant[C_NAME_MAX];       /* the same in capitals */
    char (*group_names)[C_NAME_MAX]; /* by group of the dictionary; "": not wanted */
};

/* Writes a text in which $p is the prefix, $P the prefix in capitals, and $1, $2 ... the words. */
void fill_in(const struct codegen *to, const char *text, const char *const *words);

/* What a field is read to. */
enum value_kind {
    VALUE_BYTES,
    VALUE_CHAR,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DECIMAL,
    VALUE_UTC,
    VALUE_DATA, /* bytes, written with their length */
};

enum value_kind value_kind_of(const struct rfx_dictionary *dictionary,
                              const struct rfx_dict_field *field);

enum level { LEVEL_MESSAGE, LEVEL_ENTRY };

/* "NoPartyIDs" is the group "party_ids". */
void group_name(const char *counter, char name[C_NAME_MAX]);

/* What is within a level, its groups but for their own fields, which are written once for all
 * levels that have them.
 *
 * name     of the level, without the prefix        errors RFX_E_NOMEM */
rfx_status write_level(const struct codegen *to, const char *name, uint16_t set,
                       enum level level) RFX_MUST_CHECK;

/* A group's types and fields. errors RFX_E_NOMEM */
rfx_status write_group_type(const struct codegen *to, uint16_t group) RFX_MUST_CHECK;

#endif
