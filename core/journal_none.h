/* A journal port that keeps nothing, for programs that run without a journal. */
#ifndef RFX_CORE_JOURNAL_NONE_H
#define RFX_CORE_JOURNAL_NONE_H

#include "core/journal_port.h"

/* Every session begins with both numbers 1, and every resend becomes a gap fill. */
struct rfx_journal_port rfx_journal_none(void);

#endif
