#include "core/shard_internal.h"
#include "tests/simulation/sim.h"

size_t sim_inside_gap_bytes(const struct rfx_session *session)
{
    return rfx_hosted_of(session)->queue.bytes;
}
