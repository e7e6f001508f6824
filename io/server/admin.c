/* What other threads ask of shards and wait for. */
#include "ringfix/admin.h"

#include <string.h>

#include "core/hash.h"
#include "core/shard_admin.h"
#include "io/server/ask.h"
#include "io/server/server_internal.h"

struct request {
    struct rfx_admin_command command;
    struct rfx_admin_slice slice;
};

static uint32_t shard_of(const struct rfx_server *server, const char *name)
{
    return rfx_name_shard(name, strlen(name), server->shard_count);
}

/* ------------------------------------------------------------------------------- sessions */

static bool run_list(struct rfx_shard *shard, void *data, rfx_status *status,
                     struct rfx_error *error)
{
    struct request *request = data;
    (void)status;
    (void)error;
    rfx_shard_list(shard, request->command.name, &request->slice);
    return true;
}

/* *goes_on turns false when visit has had enough. */
static rfx_status visit_shard(struct rfx_server *server, uint32_t index, struct request *request,
                              bool (*visit)(void *, const struct rfx_session_status *),
                              void *context, bool *goes_on, struct rfx_error *error)
{
    request->slice.cursor = 0;
    do {
        const rfx_status status = rfx_ask(server, index, request, run_list, error);
        if (status != RFX_OK) {
            return status;
        }
        for (size_t i = 0; i < request->slice.count && *goes_on; i++) {
            *goes_on = visit(context, &request->slice.rows[i].status);
        }
    } while (*goes_on && !request->slice.is_last);
    return RFX_OK;
}

struct found {
    bool (*visit)(void *context, const struct rfx_session_status *status);
    void *context;
    bool is_any;
};

static bool note_found(void *context, const struct rfx_session_status *status)
{
    struct found *found = context;
    found->is_any = true;
    return found->visit(found->context, status);
}

rfx_status rfx_admin_sessions(struct rfx_server *server, const char *name,
                              bool (*visit)(void *context, const struct rfx_session_status *status),
                              void *context, struct rfx_error *error)
{
    struct found found = {.visit = visit, .context = context};
    struct request *request = rfx_ask_make(sizeof(struct request));
    rfx_status status = RFX_OK;
    bool goes_on = true;
    if (request == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a list of sessions");
    }
    if (name != NULL) {
        strncpy(request->command.name, name, sizeof request->command.name - 1);
    }
    for (uint32_t i = 0; i < server->shard_count && status == RFX_OK && goes_on; i++) {
        if (name == NULL || i == shard_of(server, name)) {
            status = visit_shard(server, i, request, note_found, &found, &goes_on, error);
        }
    }
    rfx_ask_free(request);
    if (status == RFX_OK && name != NULL && !found.is_any) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "there is no session %s", name);
    }
    return status;
}

/* ------------------------------------------------------------------------------- commands */

static bool run_command(struct rfx_shard *shard, void *data, rfx_status *status,
                        struct rfx_error *error)
{
    *status = rfx_shard_command(shard, data, error);
    return *status != RFX_E_FULL;
}

static rfx_status command(struct rfx_server *server, const struct rfx_admin_command *wanted,
                          const char *name, struct rfx_error *error)
{
    struct rfx_admin_command *copy = rfx_ask_make(sizeof *copy);
    if (copy == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a command");
    }
    *copy = *wanted;
    strncpy(copy->name, name, sizeof copy->name - 1);
    const rfx_status status = rfx_ask(server, shard_of(server, name), copy, run_command, error);
    rfx_ask_free(copy);
    return status;
}

rfx_status rfx_admin_logout(struct rfx_server *server, const char *name, const char *text,
                            struct rfx_error *error)
{
    struct rfx_admin_command wanted = {.verb = RFX_ADMIN_LOGOUT};
    if (text != NULL && (text[0] == '\0' || strlen(text) >= sizeof wanted.text)) {
        return rfx_fail(error, RFX_E_INVALID, "a Text(58) has 1 to 1024 characters");
    }
    if (text != NULL) {
        memcpy(wanted.text, text, strlen(text));
    }
    return command(server, &wanted, name, error);
}

rfx_status rfx_admin_disconnect(struct rfx_server *server, const char *name,
                                struct rfx_error *error)
{
    return command(server, &(struct rfx_admin_command){.verb = RFX_ADMIN_DISCONNECT}, name, error);
}

rfx_status rfx_admin_disable(struct rfx_server *server, const char *name, struct rfx_error *error)
{
    return command(server, &(struct rfx_admin_command){.verb = RFX_ADMIN_DISABLE}, name, error);
}

rfx_status rfx_admin_enable(struct rfx_server *server, const char *name, struct rfx_error *error)
{
    return command(server, &(struct rfx_admin_command){.verb = RFX_ADMIN_ENABLE}, name, error);
}

rfx_status rfx_admin_test_request(struct rfx_server *server, const char *name,
                                  struct rfx_error *error)
{
    return command(server, &(struct rfx_admin_command){.verb = RFX_ADMIN_TEST_REQUEST}, name,
                   error);
}

rfx_status rfx_admin_set_numbers(struct rfx_server *server, const char *name, uint64_t next_out,
                                 uint64_t next_in, struct rfx_error *error)
{
    const struct rfx_admin_command wanted = {
        .verb = RFX_ADMIN_SET_NUMBERS, .next_out = next_out, .next_in = next_in};
    return command(server, &wanted, name, error);
}

rfx_status rfx_admin_reset(struct rfx_server *server, const char *name, struct rfx_error *error)
{
    return command(server, &(struct rfx_admin_command){.verb = RFX_ADMIN_RESET}, name, error);
}

/* -------------------------------------------------------------------------------- workers */

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void rfx_admin_workers(const struct rfx_server *server,
                       void (*visit)(void *context, const struct rfx_worker_status *status),
                       void *context)
{
    for (uint32_t i = 0; i < server->worker_count; i++) {
        const struct rfx_worker *worker = &server->workers[i];
        struct rfx_worker_status status = {
            .index = i,
            .has_loop = worker->has_loop,
            .has_shard = worker->shard != NULL,
            .shard = worker->shard != NULL ? rfx_shard_index(worker->shard) : 0,
            .turns = load(&worker->counts.turns),
            .busy_turns = load(&worker->counts.busy_turns),
            .busy_ns = load(&worker->counts.busy_ns),
            .journal_bytes = load(&worker->counts.journal_bytes),
            .accepted = load(&worker->loop_counts.accepted),
            .garbled = load(&worker->loop_counts.garbled),
            .connections = (uint32_t)load(&worker->loop_counts.connections),
        };
        rfx_live_histogram_read(&worker->counts.ring_bytes, &status.ring_bytes);
        rfx_live_histogram_read(&worker->counts.commit_ns, &status.commit_ns);
        visit(context, &status);
    }
}
