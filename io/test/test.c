/* The shard under test, its clock, and the way between it and the peers. */
#include <stdlib.h>
#include <string.h>

#include "core/config_copy.h"
#include "core/shard_internal.h"
#include "io/test/test_internal.h"

#define MONO_START_NS (UINT64_C(1000) * RFX_NS_PER_S)
#define UTC_START_NS  (INT64_C(1714996800) * (int64_t)RFX_NS_PER_S)
#define TURNS_MAX     1000000 /* at one time, before the application is taken to want no rest */
#define ADDRESS       "192.0.2.1:4000"

/* ----------------------------------------------------------------------------- open, close */

static void notify(void *context, uint32_t loop)
{
    (void)context; /* the ring is looked at after each turn */
    (void)loop;
}

static void wake(void *context)
{
    (void)context; /* and so is the mail */
}

static struct rfx_peer *add_peer(struct rfx_test *test, size_t session_index, const char *comp_id)
{
    RFX_ASSERT(test->peer_count < test->config.connections_max);
    struct rfx_peer *peer = calloc(1, sizeof *peer);
    test->peers = realloc(test->peers, (test->peer_count + 1) * sizeof *test->peers);
    RFX_ASSERT(peer != NULL && test->peers != NULL);
    peer->test = test;
    peer->index = (uint32_t)test->peer_count;
    peer->profile = &test->profiles.items[session_index];
    peer->next_out = 1;
    peer->next_in = 1;
    peer->last = &peer->first;
    peer->unread = &peer->first;
    strcpy(peer->address, ADDRESS);
    RFX_ASSERT(strlen(comp_id) < sizeof peer->comp_id);
    strcpy(peer->comp_id, comp_id);
    test->peers[test->peer_count++] = peer;
    return peer;
}

static rfx_status add_sessions(struct rfx_test *test, struct rfx_error *error)
{
    for (size_t i = 0; i < test->config.session_count; i++) {
        const struct rfx_session_config *config = &test->config.sessions[i];
        test->takes_wrong_sums = test->takes_wrong_sums || !config->validate_checksum;
        if (config->acceptor_template) {
            continue;
        }
        if (test->peer_count == test->config.connections_max) {
            return rfx_fail(error, RFX_E_CONFIG, "MaxConnections=%u is less than the sessions",
                            test->config.connections_max);
        }
        struct rfx_peer *peer = add_peer(test, i, config->target_comp_id);
        rfx_status status = rfx_shard_add_session(test->shard, peer->profile,
                                                  config->target_comp_id, &peer->session, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    return RFX_OK;
}

static rfx_status open_shard(struct rfx_test *test, struct rfx_error *error)
{
    /* A message takes up to five times its size there, and a record half of the ring. */
    const size_t ring_size = 16 * ((size_t)test->config.message_size_max + RFX_TEST_RING_MARGIN);
    if (rfx_ring_open(&test->to_shard, ring_size) != RFX_OK ||
        rfx_ring_open(&test->from_shard, ring_size) != RFX_OK) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for rings of %zu bytes", ring_size);
    }
    test->to_pointer = &test->to_shard;
    test->from_pointer = &test->from_shard;
    const struct rfx_shard_options options = {
        .config = &test->config,
        .app = &test->app,
        .profiles = test->profiles.items,
        .disconnects = test->disconnects,
        .journal = rfx_memory_journal_port(&test->journal),
        .utc_ns = test->now.utc_ns,
        .loop_count = 1,
        .from_loops = &test->to_pointer,
        .to_loops = &test->from_pointer,
        .session_count = &test->session_count,
        .notify = notify,
        .wake = wake,
    };
    return rfx_shard_open(&options, &test->shard, error);
}

rfx_status rfx_test_open(const struct rfx_config *config, const struct rfx_app *app,
                         struct rfx_test **test, struct rfx_error *error)
{
    rfx_status status = rfx_config_validate(config, error);
    if (status != RFX_OK) {
        return status;
    }
    struct rfx_test *opened = aligned_alloc(RFX_CACHE_LINE, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a test");
    }
    memset(opened, 0, sizeof *opened);
    opened->app = *app;
    opened->now = (struct rfx_now){.mono_ns = MONO_START_NS, .utc_ns = UTC_START_NS};
    status = rfx_config_copy(config, &opened->config, error);
    if (status == RFX_OK) {
        status = rfx_profiles_open(&opened->profiles, &opened->config, error);
    }
    if (status == RFX_OK) {
        status = open_shard(opened, error);
    }
    if (status == RFX_OK) {
        status = add_sessions(opened, error);
    }
    if (status != RFX_OK) {
        rfx_test_close(opened);
        return status;
    }
    *test = opened;
    rfx_test_run(opened);
    return RFX_OK;
}

void rfx_test_close(struct rfx_test *test)
{
    if (test == NULL) {
        return;
    }
    if (test->shard != NULL) {
        rfx_shard_finish(test->shard);
    }
    rfx_shard_close(test->shard);
    for (size_t i = 0; i < test->peer_count; i++) {
        rfx_peer_release(test->peers[i]);
    }
    free(test->peers);
    rfx_ring_close(&test->to_shard);
    rfx_ring_close(&test->from_shard);
    rfx_memory_journal_close(&test->journal);
    rfx_profiles_close(&test->profiles);
    rfx_config_free(&test->config);
    free(test);
}

const char *rfx_test_error(const struct rfx_test *test)
{
    return test->error.text;
}

static bool is_of(const struct rfx_peer *peer, const struct rfx_profile *profile,
                  const char *comp_id)
{
    return peer->profile == profile && (comp_id == NULL || strcmp(peer->comp_id, comp_id) == 0);
}

struct rfx_peer *rfx_test_peer(struct rfx_test *test, size_t session_index, const char *comp_id)
{
    RFX_ASSERT(session_index < test->config.session_count);
    const bool is_template = test->config.sessions[session_index].acceptor_template;
    RFX_ASSERT(is_template == (comp_id != NULL));
    for (size_t i = 0; i < test->peer_count; i++) {
        if (is_of(test->peers[i], &test->profiles.items[session_index], comp_id)) {
            return test->peers[i];
        }
    }
    return add_peer(test, session_index, comp_id);
}

/* -------------------------------------------------------------------------- from the shard */

/* NULL: it is gone by now. */
static struct rfx_peer *peer_of(struct rfx_test *test, struct rfx_conn_id conn)
{
    RFX_ASSERT(conn.index < test->peer_count);
    struct rfx_peer *peer = test->peers[conn.index];
    return peer->is_connected && peer->generation == conn.generation ? peer : NULL;
}

static void on_close(struct rfx_test *test, const struct rfx_link_connection *close)
{
    struct rfx_peer *peer = peer_of(test, close->conn);
    if (peer != NULL) {
        peer->is_connected = false;
        peer->is_logged_on = false;
        peer->is_stalled = false;
        peer->close_reason = close->reason;
    }
}

static void on_connect(struct rfx_test *test, const struct rfx_link_connect *connect)
{
    const struct rfx_session *session = &test->shard->sessions[connect->token]->session;
    for (size_t i = 0; i < test->peer_count; i++) {
        if (test->peers[i]->session == session) {
            test->peers[i]->is_dialing = true;
            test->peers[i]->token = connect->token;
        }
    }
}

static void on_record(struct rfx_test *test, enum rfx_link_type type, const void *record)
{
    const struct rfx_link_send *send = record;
    const struct rfx_link_connection *drain = record;
    struct rfx_peer *peer;
    switch (type) {
    case RFX_LINK_SEND:
        peer = peer_of(test, send->conn);
        if (peer != NULL) {
            rfx_peer_receive(peer, rfx_bytes_of((const char *)(send + 1), send->size));
        }
        break;
    case RFX_LINK_CLOSE:
        on_close(test, record);
        break;
    case RFX_LINK_DRAIN:
        peer = peer_of(test, drain->conn);
        if (peer != NULL) {
            rfx_peer_say(peer, RFX_LINK_DRAINED, RFX_REASON_NONE);
        }
        break;
    case RFX_LINK_CONNECT:
        on_connect(test, record);
        break;
    case RFX_LINK_MESSAGE:
    case RFX_LINK_CONNECTED:
    case RFX_LINK_DISCONNECTED:
    case RFX_LINK_DRAINED:
        RFX_ASSERT(false && "a record for the shard in the ring from it");
    }
}

static void turn(struct rfx_test *test)
{
    rfx_status status;
    const void *record;
    uint32_t type;
    uint32_t size;
    rfx_shard_work(test->shard, test->now, &status, &test->error);
    RFX_ASSERT(status == RFX_OK); /* the journal cannot fail */
    while ((record = rfx_ring_peek(&test->from_shard, &type, &size)) != NULL) {
        on_record(test, (enum rfx_link_type)type, record);
        rfx_ring_pop(&test->from_shard);
    }
    rfx_ring_release(&test->from_shard);
    for (size_t i = 0; i < test->peer_count; i++) {
        if (test->peers[i]->is_stalled) {
            rfx_peer_feed(test->peers[i], rfx_bytes_of("", 0));
        }
    }
}

/* ------------------------------------------------------------------------------------ time */

static bool has_work(const struct rfx_test *test)
{
    return rfx_shard_has_input(test->shard) ||
           rfx_shard_deadline_ns(test->shard) <= test->now.mono_ns;
}

void rfx_test_run(struct rfx_test *test)
{
    size_t turns = 0;
    do {
        RFX_ASSERT(turns++ < TURNS_MAX); /* on_turn wants to be called again at once, for ever */
        turn(test);
    } while (has_work(test));
}

static uint64_t deadline_ns(const struct rfx_test *test)
{
    uint64_t earliest_ns = rfx_shard_deadline_ns(test->shard);
    for (size_t i = 0; i < test->peer_count; i++) {
        earliest_ns = rfx_min_u64(earliest_ns, rfx_peer_deadline_ns(test->peers[i]));
    }
    return earliest_ns;
}

static void move_to(struct rfx_test *test, uint64_t mono_ns)
{
    test->now.utc_ns += (int64_t)(mono_ns - test->now.mono_ns);
    test->now.mono_ns = mono_ns;
}

void rfx_test_advance(struct rfx_test *test, double seconds)
{
    RFX_ASSERT(seconds >= 0 && seconds < 1e9);
    const uint64_t target_ns = test->now.mono_ns + (uint64_t)(seconds * 1e9 + 0.5);
    for (;;) {
        rfx_test_run(test);
        const uint64_t next_ns = deadline_ns(test);
        if (next_ns > target_ns) {
            break;
        }
        move_to(test, next_ns);
        for (size_t i = 0; i < test->peer_count; i++) {
            rfx_peer_beat(test->peers[i]);
        }
    }
    move_to(test, target_ns);
    rfx_test_run(test);
}

int64_t rfx_test_utc_ns(const struct rfx_test *test)
{
    return test->now.utc_ns;
}

void rfx_test_set_utc_ns(struct rfx_test *test, int64_t utc_ns)
{
    test->now.utc_ns = utc_ns;
    rfx_test_run(test);
}

void rfx_test_stop(struct rfx_test *test)
{
    rfx_shard_stop(test->shard);
    rfx_test_run(test);
    while (!rfx_shard_is_stopped(test->shard)) {
        const uint64_t next_ns = deadline_ns(test);
        RFX_ASSERT(next_ns != RFX_NEVER_NS);
        rfx_test_advance(test, (double)(next_ns - test->now.mono_ns) / 1e9);
    }
}
