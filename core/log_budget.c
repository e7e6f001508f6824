#include "core/log_budget.h"

#include <stdio.h>

#include "core/app_log.h"

bool rfx_log_budget_take(struct rfx_log_budget *budget, const struct rfx_app *app, uint64_t now_ns)
{
    const uint64_t second = now_ns / RFX_NS_PER_S;
    if (app->on_log == NULL) {
        return false;
    }
    if (second != budget->second) {
        const uint32_t left_out = budget->left_out;
        *budget = (struct rfx_log_budget){.second = second};
        if (left_out > 0) {
            char text[64];
            snprintf(text, sizeof text, "%u more lines like these left out", left_out);
            rfx_app_log(app, RFX_LOG_WARNING, NULL, text);
        }
    }
    if (budget->written == RFX_LOG_LINES_A_SECOND) {
        budget->left_out++;
        return false;
    }
    budget->written++;
    return true;
}
