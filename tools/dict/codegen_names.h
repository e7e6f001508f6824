/* Names of a dictionary as names of C. */
#ifndef RINGFIX_DICT_CODEGEN_NAMES_H
#define RINGFIX_DICT_CODEGEN_NAMES_H

#include "core/base.h"

#define C_NAME_MAX 256 /* with the NUL; longer names are cut */

/* "ClOrdID" as "cl_ord_id", "NoPartyIDs" as "no_party_ids"; what is no letter and no digit becomes
 * '_'. */
void c_name(const char *name, char out[C_NAME_MAX]);

/* The same in capitals. */
void c_constant(const char *name, char out[C_NAME_MAX]);

/* "FIX.5.0SP2" as "fix50sp2". */
void c_prefix(const char *version, char out[C_NAME_MAX]);

/* Whether a text may begin a name. */
bool is_c_prefix(const char *text);

/* Names of one scope: one that comes again gets its tag behind it. */
struct c_scope {
    char (*names)[C_NAME_MAX];
    size_t count;
    size_t capacity;
};

/* Makes a name its own. errors RFX_E_NOMEM */
rfx_status c_scope_add(struct c_scope *scope, char name[C_NAME_MAX], int32_t tag) RFX_MUST_CHECK;
void c_scope_close(struct c_scope *scope);

#endif
