/* What an operator sees of a shard's sessions and does to them: the part that runs on the shard. */
#ifndef RFX_CORE_SHARD_ADMIN_H
#define RFX_CORE_SHARD_ADMIN_H

#include "core/shard.h"
#include "ringfix/admin.h"

#define RFX_ADMIN_ROWS 128 /* of one slice */

struct rfx_admin_row {
    struct rfx_session_status status; /* its texts point to what follows */
    char name[RFX_SESSION_NAME_MAX];
    char remote_address[RFX_LINK_ADDRESS_MAX];
};

/* One slice of a shard's sessions. */
struct rfx_admin_slice {
    uint32_t cursor; /* where to begin, 0 at first; moved on */
    bool is_last;
    size_t count;
    struct rfx_admin_row rows[RFX_ADMIN_ROWS];
};

enum rfx_admin_verb {
    RFX_ADMIN_LOGOUT,
    RFX_ADMIN_DISCONNECT,
    RFX_ADMIN_DISABLE,
    RFX_ADMIN_ENABLE,
    RFX_ADMIN_TEST_REQUEST,
    RFX_ADMIN_SET_NUMBERS,
    RFX_ADMIN_RESET,
};

struct rfx_admin_command {
    enum rfx_admin_verb verb;
    char name[RFX_SESSION_NAME_MAX];
    char text[1025];   /* LOGOUT; "": none */
    uint64_t next_out; /* SET_NUMBERS; 0: as it is */
    uint64_t next_in;
};

/* name  of the one session wanted; "": all of them */
void rfx_shard_list(const struct rfx_shard *shard, const char *name, struct rfx_admin_slice *slice);

/* errors as ringfix/admin.h has them; RFX_E_FULL: no room in this turn, nothing was done */
rfx_status rfx_shard_command(struct rfx_shard *shard, const struct rfx_admin_command *command,
                             struct rfx_error *error) RFX_MUST_CHECK;

#endif
