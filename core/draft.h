/* A dictionary in the making: readers of any format add what they find, in the order of the file;
 * rfx_draft_build() resolves the names, checks the whole and makes the tables.
 *
 * Calls never fail by themselves: the first thing that is wrong (memory included) is kept with
 * its line, later calls do nothing, and rfx_draft_build() reports it. rfx_draft_has_failed() lets
 * a reader stop early.
 *
 * thread   one at a time per draft */
#ifndef RFX_CORE_DRAFT_H
#define RFX_CORE_DRAFT_H

#include "core/dictionary.h"

struct rfx_draft;

/* Bounds that no dictionary of any venue comes near, for hostile files: an error names them. */
#define RFX_DRAFT_FIELDS_MAX     32000
#define RFX_DRAFT_VALUES_MAX     60000 /* of one field */
#define RFX_DRAFT_SETS_MAX       10000 /* header, trailer, messages, groups */
#define RFX_DRAFT_COMPONENTS_MAX 10000
#define RFX_DRAFT_ITEMS_MAX      200000
#define RFX_DRAFT_MEMBERS_MAX    2000000 /* of all sets, components spread out */
#define RFX_DRAFT_DEPTH_MAX      32      /* groups and components within each other */
#define RFX_DRAFT_TEXT_MAX       4096    /* bytes of a name, a value, a description */
#define RFX_DRAFT_STRINGS_MAX    (64u << 20)

rfx_status rfx_draft_open(struct rfx_draft **draft) RFX_MUST_CHECK; /* errors RFX_E_NOMEM */
void rfx_draft_close(struct rfx_draft *draft);                      /* NULL is allowed */
bool rfx_draft_has_failed(const struct rfx_draft *draft);

/* A fault that the reader itself has found. */
void rfx_draft_fail(struct rfx_draft *draft, size_t line, const char *format, ...) RFX_PRINTF(3, 4);

/* Once: "FIX.4.4". All texts here and below are copied; control characters are refused, and only
 * descriptions may be empty. */
void rfx_draft_version(struct rfx_draft *draft, size_t line, struct rfx_bytes version);

/* A field, then its values. Values belong to the field added last; one that is there twice counts
 * once, with its first description. */
void rfx_draft_field(struct rfx_draft *draft, size_t line, int32_t tag, struct rfx_bytes name,
                     enum rfx_field_type type);
void rfx_draft_value(struct rfx_draft *draft, size_t line, struct rfx_bytes text,
                     struct rfx_bytes description);

/* Opens what members are then added to; ended by rfx_draft_end(). Groups nest. */
void rfx_draft_header(struct rfx_draft *draft, size_t line);
void rfx_draft_trailer(struct rfx_draft *draft, size_t line);
void rfx_draft_message(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                       struct rfx_bytes msg_type, bool is_admin);
void rfx_draft_component(struct rfx_draft *draft, size_t line, struct rfx_bytes name);
void rfx_draft_group(struct rfx_draft *draft, size_t line, struct rfx_bytes counter,
                     bool is_required);
void rfx_draft_end(struct rfx_draft *draft, size_t line);

/* Members, by name; the name may be defined later in the file. */
void rfx_draft_member_field(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                            bool is_required);
void rfx_draft_member_component(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                                bool is_required);

/* Makes the tables: every name defined once and found, tags from 1 on and unique, no component
 * within itself, no empty group, no two groups of one counter at a level, header and trailer
 * present unless the version is one of FIX.5.0's (which takes those of FIXT.1.1). A field twice at
 * one level counts once, as required when one of the two is: the published dictionaries have such
 * places. Call it once.
 *
 * file_name    for messages only
 * dictionary   owned by the caller, release with rfx_dictionary_free()
 * errors       RFX_E_CONFIG: "FILE:LINE: what is wrong", RFX_E_NOMEM */
rfx_status rfx_draft_build(struct rfx_draft *draft, const char *file_name,
                           const struct rfx_dictionary **dictionary,
                           struct rfx_error *error) RFX_MUST_CHECK;

#endif
