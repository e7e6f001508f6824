/* Messages from readable text, held against rules. */
#ifndef RFX_TESTS_SUPPORT_VALIDATE_H
#define RFX_TESTS_SUPPORT_VALIDATE_H

#include "core/message.h"
#include "core/validate.h"
#include "tests/unit/support_bytes.h"

struct validate_rig {
    struct rfx_rules rules;
    const struct rfx_dictionary *own; /* made from text */
    struct rfx_validate_scratch *scratch;
    struct fix_text text;
    struct rfx_field fields[RFX_FIELDS_MAX(FIX_TEXT_MAX)];
    struct rfx_message message;
};

/* For cmocka: a rig whose rules have every check on and no dictionary yet. */
int validate_set_up(void **state);
int validate_tear_down(void **state);

/* Which dictionaries: a built-in one; FIXT.1.1 with a built-in one of FIX.5.0's, and all of the
 * built-in ones by ApplVerID(1128); one in the text form. The last may be called once. */
struct validate_rig *validate_by(void **state, const char *version);
struct validate_rig *validate_by_fixt(void **state, const char *version);
struct validate_rig *validate_by_text(void **state, const char *text);

/* Indexes the message of that body ("35=0|49=A|", see fix_message()) into rig->message. */
const struct rfx_message *validate_index(struct validate_rig *rig, const char *body);

/* The message of that body is valid, or has this fault (RFX_NO_TAG: it names none). Each runs
 * twice: the working memory must not remember anything. */
void expect_valid(struct validate_rig *rig, const char *body);
void expect_fault(struct validate_rig *rig, const char *body, enum rfx_reject_reason reason,
                  int32_t ref_tag);

/* A dictionary of the message D with
 *   11 (required), 54, group 453 of { 448, 447, 452 (required), group 802 of { 523, 803 } 2376 },
 *   58, group 78 of { 79, 80 }
 * and the message B with 148 alone; header and trailer as usual with the group 627 of { 628, 630 }
 * in the header. */
extern const char validate_groups_text[];

/* Reads a dictionary in the text form; the test ends when it cannot be read. */
const struct rfx_dictionary *dictionary_of(const char *text);

#endif
