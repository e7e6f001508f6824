#include "core/journal_none.h"

static rfx_status attach(void *context, const char *name, struct rfx_journal_entry *entry,
                         struct rfx_error *error)
{
    (void)context;
    (void)name;
    (void)error;
    *entry = (struct rfx_journal_entry){.slot = 0, .next_out = 1, .next_in = 1};
    return RFX_OK;
}

static rfx_status append(void *context, const struct rfx_journal_op *ops, size_t count,
                         struct rfx_error *error)
{
    (void)context;
    (void)ops;
    (void)count;
    (void)error;
    return RFX_OK;
}

static rfx_status read_range(void *context, uint32_t slot, uint64_t first, uint64_t last,
                             rfx_journal_visit *visit, void *visit_context, struct rfx_error *error)
{
    (void)context;
    (void)slot;
    (void)first;
    (void)last;
    (void)visit;
    (void)visit_context;
    (void)error;
    return RFX_OK;
}

static uint64_t poll(void *context, uint64_t now_ns, rfx_status *status, struct rfx_error *error)
{
    (void)context;
    (void)now_ns;
    (void)status;
    (void)error;
    return RFX_NEVER_NS;
}

struct rfx_journal_port rfx_journal_none(void)
{
    return (struct rfx_journal_port){
        .attach = attach, .append = append, .read = read_range, .poll = poll};
}
