/* Lines of the log that strangers can cause: nobody fills a disk by knocking. */
#ifndef RFX_CORE_LOG_BUDGET_H
#define RFX_CORE_LOG_BUDGET_H

#include "core/base.h"
#include "ringfix/app.h"

#define RFX_LOG_LINES_A_SECOND 20

/* Zero to begin with. */
struct rfx_log_budget {
    uint64_t second;
    uint32_t written; /* in that second */
    uint32_t left_out;
};

/* Whether one more line may be written; always false when nobody takes them. Of those that were
 * left out in an earlier second a line of its own says how many they were. */
bool rfx_log_budget_take(struct rfx_log_budget *budget, const struct rfx_app *app, uint64_t now_ns);

#endif
