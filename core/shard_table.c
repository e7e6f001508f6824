/* Who is who: sessions by name, templates, and which connection belongs to which session. */
#include "core/shard_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* The low bits chose the shard; the high ones choose the bucket. */
static struct rfx_hosted **bucket_of(const struct rfx_shard *shard, uint64_t hash)
{
    return &shard->buckets[(hash >> 32) & (shard->bucket_count - 1)];
}

struct rfx_hosted *rfx_shard_find(const struct rfx_shard *shard, const struct rfx_header *header)
{
    char name[RFX_SESSION_NAME_MAX];
    size_t size = rfx_session_name_of(header, name);
    if (size == 0) {
        return NULL;
    }
    uint64_t hash = rfx_name_hash(name, size);
    struct rfx_hosted *hosted = *bucket_of(shard, hash);
    while (hosted != NULL &&
           (hosted->name_hash != hash || strcmp(hosted->session.name, name) != 0)) {
        hosted = hosted->next_same_hash;
    }
    return hosted;
}

static bool text_is(struct rfx_bytes bytes, const char *text)
{
    return rfx_bytes_equal(bytes, text, strlen(text));
}

/* A CompID that a stranger chose ends up in names, logs and the journal. */
static bool is_presentable(struct rfx_bytes comp_id)
{
    if (comp_id.size == 0 || comp_id.size > RFX_COMP_ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < comp_id.size; i++) {
        bool is_arrow =
            comp_id.data[i] == '-' && i + 1 < comp_id.size && comp_id.data[i + 1] == '>';
        if (comp_id.data[i] < ' ' || comp_id.data[i] > '~' || is_arrow) {
            return false;
        }
    }
    return true;
}

const struct rfx_session_config *rfx_shard_find_template(const struct rfx_shard *shard,
                                                         const struct rfx_header *header)
{
    const struct rfx_config *config = shard->options.config;
    if (!is_presentable(header->sender_comp_id)) {
        return NULL;
    }
    for (size_t i = 0; i < config->session_count; i++) {
        const struct rfx_session_config *candidate = &config->sessions[i];
        if (candidate->acceptor_template &&
            text_is(header->begin_string, candidate->begin_string) &&
            text_is(header->target_comp_id, candidate->sender_comp_id)) {
            return candidate;
        }
    }
    return NULL;
}

struct rfx_hosted *rfx_shard_attached(const struct rfx_shard *shard, struct rfx_conn_id conn)
{
    struct rfx_attachment attachment = shard->attached[conn.loop][conn.index];
    bool is_live = attachment.generation == conn.generation && attachment.token != RFX_TOKEN_CLOSED;
    return is_live ? shard->sessions[attachment.token] : NULL;
}

bool rfx_shard_is_closed(const struct rfx_shard *shard, struct rfx_conn_id conn)
{
    struct rfx_attachment attachment = shard->attached[conn.loop][conn.index];
    return attachment.generation == conn.generation && attachment.token == RFX_TOKEN_CLOSED;
}

void rfx_shard_mark_closed(struct rfx_shard *shard, struct rfx_conn_id conn)
{
    shard->attached[conn.loop][conn.index] =
        (struct rfx_attachment){.generation = conn.generation, .token = RFX_TOKEN_CLOSED};
}

void rfx_shard_attach(struct rfx_shard *shard, struct rfx_hosted *hosted, struct rfx_conn_id conn)
{
    RFX_ASSERT(hosted->conn.generation == 0 && conn.generation != 0);
    hosted->conn = conn;
    shard->attached[conn.loop][conn.index] =
        (struct rfx_attachment){.generation = conn.generation, .token = hosted->token};
    shard->attached_count++;
}

void rfx_shard_detach(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    RFX_ASSERT(rfx_shard_attached(shard, hosted->conn) == hosted);
    rfx_shard_mark_closed(shard, hosted->conn);
    hosted->closes++;
    hosted->conn = (struct rfx_conn_id){0};
    shard->attached_count--;
}

static bool grow_sessions(struct rfx_shard *shard)
{
    if (shard->session_count < shard->session_capacity) {
        return true;
    }
    uint32_t capacity = shard->session_capacity < 16 ? 16 : shard->session_capacity * 2;
    struct rfx_hosted **sessions = realloc(shard->sessions, capacity * sizeof *sessions);
    if (sessions == NULL) {
        return false;
    }
    shard->sessions = sessions;
    shard->session_capacity = capacity;
    return true;
}

/* Counts one more session of the whole server; false when MaxSessions is reached. */
static bool claim_session(struct rfx_shard *shard)
{
    uint32_t count =
        atomic_fetch_add_explicit(shard->options.session_count, 1, memory_order_relaxed);
    if (count >= shard->options.config->sessions_max) {
        atomic_fetch_sub_explicit(shard->options.session_count, 1, memory_order_relaxed);
        return false;
    }
    return true;
}

static void insert(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    hosted->name_hash = rfx_name_hash(hosted->session.name, strlen(hosted->session.name));
    struct rfx_hosted **bucket = bucket_of(shard, hosted->name_hash);
    hosted->next_same_hash = *bucket;
    *bucket = hosted;
    hosted->token = shard->session_count;
    shard->sessions[shard->session_count++] = hosted;
}

rfx_status rfx_shard_add_session(struct rfx_shard *shard, const struct rfx_session_config *config,
                                 const char *target_comp_id, struct rfx_session **session,
                                 struct rfx_error *error)
{
    if (!claim_session(shard)) {
        return rfx_fail(error, RFX_E_FULL, "MaxSessions=%u is reached",
                        shard->options.config->sessions_max);
    }
    rfx_status status = RFX_E_NOMEM;
    struct rfx_hosted *hosted = calloc(1, sizeof *hosted);
    if (hosted == NULL || !grow_sessions(shard) ||
        rfx_timers_reserve(&shard->timers, shard->session_count + 1) != RFX_OK) {
        rfx_fail(error, status, "out of memory for a session");
        goto release;
    }
    rfx_session_init(&hosted->session, config, config->sender_comp_id, target_comp_id, 1, 1);
    struct rfx_journal_entry entry = {0};
    const struct rfx_journal_port *journal = &shard->options.journal;
    status = journal->attach(journal->context, hosted->session.name, &entry, error);
    if (status != RFX_OK) {
        goto release;
    }
    hosted->session.next_out = entry.next_out;
    hosted->session.next_in = entry.next_in;
    hosted->journal_slot = entry.slot;
    hosted->shard = shard;
    rfx_timer_init(&hosted->timer);
    insert(shard, hosted);
    *session = &hosted->session;
    return RFX_OK;

release:
    free(hosted);
    atomic_fetch_sub_explicit(shard->options.session_count, 1, memory_order_relaxed);
    return status;
}
