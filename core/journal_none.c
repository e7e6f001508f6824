#include "core/journal_none.h"

static rfx_status attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    (void)context;
    (void)name;
    (void)keep;
    (void)utc_ns;
    (void)error;
    *entry = (struct rfx_journal_entry){.slot = 0, .next_out = 1, .next_in = 1};
    return RFX_OK;
}

static enum rfx_journal_room room(void *context)
{
    (void)context;
    return RFX_JOURNAL_ROOM;
}

static rfx_status append(void *context, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error)
{
    (void)utc_ns;
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

struct rfx_journal_port rfx_journal_none(void)
{
    return (struct rfx_journal_port){
        .attach = attach, .room = room, .append = append, .read = read_range};
}
