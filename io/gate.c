#include "io/gate.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "core/proxy.h"

rfx_status rfx_gate_open(struct rfx_gate *gate, uint32_t connections_max, uint32_t limit)
{
    uint32_t bucket_count = 64;
    *gate = (struct rfx_gate){.limit = limit};
    if (limit == 0) {
        return RFX_OK;
    }
    while (bucket_count < connections_max) {
        bucket_count *= 2;
    }
    gate->bucket_mask = bucket_count - 1;
    gate->buckets = calloc(bucket_count, sizeof *gate->buckets);
    gate->entries = calloc(connections_max, sizeof *gate->entries);
    return gate->buckets != NULL && gate->entries != NULL ? RFX_OK : RFX_E_NOMEM;
}

void rfx_gate_close(struct rfx_gate *gate)
{
    free(gate->buckets);
    free(gate->entries);
    *gate = (struct rfx_gate){.limit = 0};
}

static uint32_t *bucket_of(const struct rfx_gate *gate, uint64_t network)
{
    const uint64_t mixed = network * UINT64_C(0x9e3779b97f4a7c15);
    return &gate->buckets[(mixed >> 32) & gate->bucket_mask];
}

static uint32_t take_entry(struct rfx_gate *gate)
{
    if (gate->free == 0) {
        return ++gate->used;
    }
    const uint32_t ticket = gate->free;
    gate->free = gate->entries[ticket - 1].next;
    return ticket;
}

uint32_t rfx_gate_enter(struct rfx_gate *gate, uint64_t network)
{
    uint32_t *bucket = bucket_of(gate, network);
    uint32_t ticket = *bucket;
    while (ticket != 0 && gate->entries[ticket - 1].network != network) {
        ticket = gate->entries[ticket - 1].next;
    }
    if (ticket == 0) {
        ticket = take_entry(gate);
        gate->entries[ticket - 1] = (struct rfx_gate_entry){.network = network, .next = *bucket};
        *bucket = ticket;
    }
    struct rfx_gate_entry *entry = &gate->entries[ticket - 1];
    if (entry->count == gate->limit) {
        return 0;
    }
    entry->count++;
    return ticket;
}

void rfx_gate_leave(struct rfx_gate *gate, uint32_t ticket)
{
    if (ticket == 0 || --gate->entries[ticket - 1].count > 0) {
        return;
    }
    struct rfx_gate_entry *entry = &gate->entries[ticket - 1];
    uint32_t *link = bucket_of(gate, entry->network);
    while (*link != ticket) {
        link = &gate->entries[*link - 1].next;
    }
    *link = entry->next;
    entry->next = gate->free;
    gate->free = ticket;
}

uint64_t rfx_gate_network(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        return rfx_network_v4((const unsigned char *)&v4->sin_addr);
    }
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)address;
        return rfx_network_v6((const unsigned char *)&v6->sin6_addr);
    }
    return 0;
}
