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

struct rfx_hosted *rfx_shard_named(const struct rfx_shard *shard, const char *name)
{
    struct rfx_hosted *hosted = *bucket_of(shard, rfx_name_hash(name, strlen(name)));
    while (hosted != NULL && strcmp(hosted->session.name, name) != 0) {
        hosted = hosted->next_same_hash;
    }
    return hosted;
}

static bool text_is(struct rfx_bytes bytes, const char *text)
{
    return rfx_bytes_equal(bytes, text, strlen(text));
}

/* An ID of the header: none configured goes with any. */
static bool id_fits(const char *configured, const struct rfx_message *logon, int32_t tag,
                    unsigned *fit)
{
    if (configured == NULL) {
        return true;
    }
    int32_t index = rfx_message_find(logon, tag);
    ++*fit;
    return index >= 0 && text_is(rfx_field_value(logon, index), configured);
}

/* How many of the SubIDs and LocationIDs agree, -1 when one of them does not. What the
 * counterparty calls sender is our target. */
static int fit_of(const struct rfx_session_config *config, const struct rfx_message *logon)
{
    unsigned fit = 0;
    bool fits = id_fits(config->target_sub_id, logon, 50, &fit) &&
                id_fits(config->sender_sub_id, logon, 57, &fit) &&
                id_fits(config->target_location_id, logon, 142, &fit) &&
                id_fits(config->sender_location_id, logon, 143, &fit);
    return fits ? (int)fit : -1;
}

/* Of several acceptors with these CompIDs the one that says most about the SubIDs. */
struct rfx_hosted *rfx_shard_find(const struct rfx_shard *shard, const struct rfx_message *logon,
                                  const struct rfx_header *header, int *fit)
{
    char name[RFX_SESSION_NAME_MAX];
    size_t size = rfx_session_name_of(header, name);
    struct rfx_hosted *found = NULL;
    *fit = -1;
    if (size == 0) {
        return NULL;
    }
    uint64_t hash = rfx_name_hash(name, size);
    for (struct rfx_hosted *hosted = *bucket_of(shard, hash); hosted != NULL;
         hosted = hosted->next_same_hash) {
        const struct rfx_session *session = &hosted->session;
        if (hosted->name_hash == hash && !hosted->is_removed &&
            session->config->role == RFX_ROLE_ACCEPTOR && rfx_session_is_for(session, header)) {
            int its_fit = fit_of(session->config, logon);
            if (its_fit > *fit) {
                *fit = its_fit;
                found = hosted;
            }
        }
    }
    return found;
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
        bool is_separator =
            comp_id.data[i] == '/' || comp_id.data[i] == ':'; /* of a name's parts */
        if (comp_id.data[i] < ' ' || comp_id.data[i] > '~' || is_arrow || is_separator) {
            return false;
        }
    }
    return true;
}

const struct rfx_profile *rfx_shard_find_template(const struct rfx_shard *shard,
                                                  const struct rfx_message *logon,
                                                  const struct rfx_header *header, int *fit)
{
    const struct rfx_profile *found = NULL;
    *fit = -1;
    if (!is_presentable(header->sender_comp_id)) {
        return NULL;
    }
    for (size_t i = 0; i < shard->template_count; i++) {
        const struct rfx_session_config *candidate = shard->templates[i]->config;
        if (text_is(header->begin_string, candidate->begin_string) &&
            text_is(header->target_comp_id, candidate->sender_comp_id)) {
            int its_fit = fit_of(candidate, logon);
            if (its_fit > *fit) {
                *fit = its_fit;
                found = shard->templates[i];
            }
        }
    }
    return found;
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
    if (shard->free_count > 0 || shard->session_count < shard->session_capacity) {
        return true;
    }
    uint32_t capacity = shard->session_capacity < 16 ? 16 : shard->session_capacity * 2;
    struct rfx_hosted **sessions = realloc(shard->sessions, capacity * sizeof *sessions);
    if (sessions == NULL) {
        return false;
    }
    shard->sessions = sessions;
    uint32_t *free_tokens = realloc(shard->free_tokens, capacity * sizeof *free_tokens);
    if (free_tokens == NULL) {
        return false;
    }
    shard->free_tokens = free_tokens;
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

static void release_session(struct rfx_shard *shard)
{
    atomic_fetch_sub_explicit(shard->options.session_count, 1, memory_order_relaxed);
}

/* A place that a discarded session has left, or a new one. */
static uint32_t take_token(struct rfx_shard *shard)
{
    return shard->free_count > 0 ? shard->free_tokens[--shard->free_count] : shard->session_count++;
}

static void insert(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    hosted->name_hash = rfx_name_hash(hosted->session.name, strlen(hosted->session.name));
    struct rfx_hosted **bucket = bucket_of(shard, hosted->name_hash);
    hosted->next_same_hash = *bucket;
    *bucket = hosted;
}

rfx_status rfx_shard_confirm(struct rfx_shard *shard, struct rfx_hosted *hosted,
                             struct rfx_error *error)
{
    struct rfx_journal_entry entry = {0};
    const struct rfx_journal_port *journal = &shard->options.journal;
    const struct rfx_session_config *config = hosted->session.config;
    if (!claim_session(shard)) {
        return rfx_fail(error, RFX_E_FULL, "MaxSessions=%u is reached",
                        shard->options.config->sessions_max);
    }
    const struct rfx_journal_keep keep = {.count = config->journal_keep_messages,
                                          .age_ns = config->journal_keep_s * RFX_NS_PER_S};
    rfx_status status = journal->attach(journal->context, hosted->session.name, &keep,
                                        shard->now.utc_ns, &entry, error);
    if (status != RFX_OK) {
        release_session(shard);
        return status;
    }
    hosted->session.next_out = entry.next_out;
    hosted->session.next_in = entry.next_in;
    hosted->session.created_utc_ns = entry.created_utc_ns;
    hosted->journal_slot = entry.slot;
    hosted->is_provisional = false;
    shard->provisional_count--;
    return RFX_OK;
}

/* Not more of them than connections; and none when it could not be confirmed. */
static rfx_status check_limits(const struct rfx_shard *shard, struct rfx_error *error)
{
    const struct rfx_config *config = shard->options.config;
    if (atomic_load_explicit(shard->options.session_count, memory_order_relaxed) >=
        config->sessions_max) {
        return rfx_fail(error, RFX_E_FULL, "MaxSessions=%u is reached", config->sessions_max);
    }
    if (shard->provisional_count >= config->connections_max) {
        return rfx_fail(error, RFX_E_FULL, "%u others await their verdict",
                        shard->provisional_count);
    }
    return RFX_OK;
}

/* The session's own memory stands behind it. */
rfx_status rfx_shard_add_provisional(struct rfx_shard *shard, const struct rfx_profile *profile,
                                     const char *target_comp_id, struct rfx_hosted *primary,
                                     struct rfx_hosted **hosted, struct rfx_error *error)
{
    /* Numbers that no session time outdates; the journal's take their place. */
    static const struct rfx_session_start start = {
        .next_out = 1, .next_in = 1, .created_utc_ns = INT64_MAX};
    rfx_status status =
        primary == NULL || primary->is_provisional ? check_limits(shard, error) : RFX_OK;
    if (status != RFX_OK) {
        return status;
    }
    size_t memory_size = rfx_session_memory_size(profile->config, target_comp_id);
    struct rfx_hosted *made = calloc(1, sizeof *made + memory_size);
    if (made == NULL || !grow_sessions(shard) ||
        rfx_timers_reserve(&shard->timers, shard->session_capacity + shard->app_timers) != RFX_OK) {
        free(made);
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a session");
    }
    rfx_session_init(&made->session, profile, target_comp_id, &start, (char *)(made + 1));
    made->shard = shard;
    made->is_provisional = true;
    rfx_timer_init(&made->timer, NULL);
    made->token = take_token(shard);
    shard->sessions[made->token] = made;
    shard->provisional_count++;
    if (primary != NULL) {
        rfx_shard_link_rival(primary, made);
    } else {
        insert(shard, made);
    }
    *hosted = made;
    return RFX_OK;
}

void rfx_shard_start_session(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    const struct rfx_event start = rfx_shard_event(shard, RFX_EVENT_START);
    if (hosted->token == shard->started_count) {
        shard->started_count++;
    }
    rfx_shard_step(shard, hosted, &start);
}

static void take_out(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    struct rfx_hosted **link = bucket_of(shard, hosted->name_hash);
    while (*link != hosted) {
        link = &(*link)->next_same_hash;
    }
    *link = hosted->next_same_hash;
}

static void discard(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    if (hosted->primary != NULL) {
        rfx_shard_unlink_rival(hosted);
        rfx_shard_discard_later(shard, hosted->primary);
    } else {
        take_out(shard, hosted);
    }
    rfx_timers_remove(&shard->timers, &hosted->timer);
    rfx_shard_forget_logon(hosted);
    rfx_gap_queue_clear(&hosted->queue);
    shard->sessions[hosted->token] = NULL;
    shard->free_tokens[shard->free_count++] = hosted->token;
    shard->provisional_count--;
    free(hosted->certificate_name);
    free(hosted);
}

rfx_status rfx_shard_add_session(struct rfx_shard *shard, const struct rfx_profile *profile,
                                 const char *target_comp_id, struct rfx_session **session,
                                 struct rfx_error *error)
{
    struct rfx_hosted *hosted;
    rfx_status status =
        rfx_shard_add_provisional(shard, profile, target_comp_id, NULL, &hosted, error);
    if (status != RFX_OK) {
        return status;
    }
    status = rfx_shard_confirm(shard, hosted, error);
    if (status != RFX_OK) {
        discard(shard, hosted);
        return status;
    }
    *session = &hosted->session;
    return RFX_OK;
}

void rfx_shard_discard_later(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    if (hosted->is_provisional && !hosted->is_discarding) {
        hosted->is_discarding = true;
        hosted->next_discard = shard->discarding;
        shard->discarding = hosted;
    }
}

void rfx_shard_discard(struct rfx_shard *shard)
{
    while (shard->discarding != NULL) {
        struct rfx_hosted *hosted = shard->discarding;
        shard->discarding = hosted->next_discard;
        hosted->is_discarding = false;
        /* One that has stand-ins is needed still; the last of them puts it here again. */
        if (hosted->is_provisional && hosted->conn.generation == 0 && hosted->rivals == NULL) {
            discard(shard, hosted);
        }
    }
}
