/* Sets: what may stand at each level, with the components spread out. */
#ifndef RFX_CORE_DRAFT_SPREAD_H
#define RFX_CORE_DRAFT_SPREAD_H

#include "core/draft_internal.h"

struct draft_sets {
    struct draft_list sets;       /* struct rfx_dict_set */
    struct draft_list members;    /* uint16_t */
    struct draft_list required;   /* uint16_t */
    struct draft_list set_groups; /* struct rfx_dict_set_group */
    uint64_t *bits;
    uint32_t bit_words;
};

/* Of a draft that draft_check() and draft_walk() have passed. False: it has failed. The caller
 * closes the sets in either case. */
bool draft_sets_open(struct draft_sets *sets, struct rfx_draft *draft);
void draft_sets_close(struct draft_sets *sets);

#endif
