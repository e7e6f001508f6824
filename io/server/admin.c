/* What other threads ask of shards and wait for. */
#include "ringfix/admin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/hash.h"
#include "core/shard_admin.h"
#include "io/server/server_internal.h"

/* One question to one shard. Who asks may give up waiting, so both sides hold it. */
struct request {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    unsigned holders;
    bool is_done;
    rfx_status status;
    struct rfx_error error;
    bool (*run)(struct rfx_shard *shard, struct request *request); /* false: again next turn */
    struct rfx_admin_command command;
    struct rfx_admin_slice slice;
};

static struct request *make_request(bool (*run)(struct rfx_shard *, struct request *))
{
    pthread_condattr_t monotonic;
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        return NULL;
    }
    request->run = run;
    request->holders = 1;
    pthread_mutex_init(&request->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&request->answered, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return request;
}

static void let_go(struct request *request)
{
    pthread_mutex_lock(&request->mutex);
    const bool is_last = --request->holders == 0;
    pthread_mutex_unlock(&request->mutex);
    if (is_last) {
        pthread_cond_destroy(&request->answered);
        pthread_mutex_destroy(&request->mutex);
        free(request);
    }
}

/* On the shard. */
static bool answer(struct rfx_shard *shard, void *context)
{
    struct request *request = context;
    if (shard == NULL) {
        request->status = rfx_fail(&request->error, RFX_E_STATE, "the server has stopped");
    } else if (!request->run(shard, request)) {
        return false;
    }
    pthread_mutex_lock(&request->mutex);
    request->is_done = true;
    pthread_cond_signal(&request->answered);
    pthread_mutex_unlock(&request->mutex);
    let_go(request);
    return true;
}

/* Hands the request to a shard and waits. On a timeout the request is the shard's alone. */
static rfx_status ask(struct rfx_server *server, uint32_t index, struct request *request,
                      struct rfx_error *error)
{
    struct rfx_shard *shard = server->workers[server->shard_worker[index]].shard;
    struct timespec until;
    int waited = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RFX_ADMIN_WAIT_MS / 1000;
    request->is_done = false;
    request->holders++;
    if (rfx_shard_post_job(shard, answer, request) != RFX_OK) {
        request->holders--;
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a question to shard %u", index);
    }
    pthread_mutex_lock(&request->mutex);
    while (!request->is_done && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&request->answered, &request->mutex, &until);
    }
    const bool is_done = request->is_done;
    const rfx_status status = request->status;
    if (is_done && status != RFX_OK) {
        *error = request->error;
    }
    pthread_mutex_unlock(&request->mutex);
    if (!is_done) {
        return rfx_fail(error, RFX_E_FULL,
                        "shard %u does not answer within %d ms; the log says so when a callback "
                        "keeps it",
                        index, RFX_ADMIN_WAIT_MS);
    }
    return status;
}

static uint32_t shard_of(const struct rfx_server *server, const char *name)
{
    return rfx_name_shard(name, strlen(name), server->shard_count);
}

/* ------------------------------------------------------------------------------- sessions */

static bool run_list(struct rfx_shard *shard, struct request *request)
{
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
        const rfx_status status = ask(server, index, request, error);
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
    struct request *request = make_request(run_list);
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
    let_go(request);
    if (status == RFX_OK && name != NULL && !found.is_any) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "there is no session %s", name);
    }
    return status;
}

/* ------------------------------------------------------------------------------- commands */

static bool run_command(struct rfx_shard *shard, struct request *request)
{
    request->status = rfx_shard_command(shard, &request->command, &request->error);
    return request->status != RFX_E_FULL;
}

static rfx_status command(struct rfx_server *server, const struct rfx_admin_command *wanted,
                          const char *name, struct rfx_error *error)
{
    struct request *request = make_request(run_command);
    if (request == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a command");
    }
    request->command = *wanted;
    strncpy(request->command.name, name, sizeof request->command.name - 1);
    const rfx_status status = ask(server, shard_of(server, name), request, error);
    let_go(request);
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
