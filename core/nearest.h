/* The name that somebody who misspelt one may have meant. */
#ifndef RFX_CORE_NEAREST_H
#define RFX_CORE_NEAREST_H

#include "core/base.h"

struct rfx_nearest {
    struct rfx_bytes wanted;
    const char *name; /* the best so far, NULL: none is near */
    size_t distance;
};

/* Then offer every name that is right; of equally near ones the first stays. Names are borrowed. */
void rfx_nearest_init(struct rfx_nearest *nearest, struct rfx_bytes wanted);
void rfx_nearest_offer(struct rfx_nearest *nearest, const char *name);

#endif
