/* Keys that files of other engines have and ringfix has not. Inside core. */
#ifndef RFX_CORE_CONFIG_FOREIGN_H
#define RFX_CORE_CONFIG_FOREIGN_H

#include "core/base.h"

struct rfx_foreign_key {
    const char *names; /* apart by one space; a * stands for any ending */
    const char *value; /* the one that is taken; NULL: any */
    const char *text;  /* why it has no effect; of one that is refused: what to do */
    bool is_refused;   /* with any value: it would promise something that ringfix does not do */
};

/* The entry for a name in any case, NULL when there is none. */
const struct rfx_foreign_key *rfx_foreign_key_find(struct rfx_bytes name);

#endif
