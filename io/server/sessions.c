/* The sessions of the configuration: their profiles, and the handles by index and by name. */
#include <stdlib.h>
#include <string.h>

#include "core/config_copy.h"
#include "core/config_texts.h"
#include "core/hash.h"
#include "core/session_name.h"
#include "io/server/server_internal.h"

rfx_status rfx_sessions_read(struct rfx_server *server, const struct rfx_config *config,
                             struct rfx_error *error)
{
    rfx_status status = rfx_config_copy(config, &server->config, error);
    if (status != RFX_OK) {
        return status;
    }
    return rfx_profiles_open(&server->profiles, &server->config, error);
}

bool rfx_sessions_note(struct rfx_server *server, const struct rfx_profile *profile,
                       struct rfx_session *session)
{
    if (server->known_count == server->known_capacity) {
        const size_t capacity = server->known_capacity == 0 ? 16 : 2 * server->known_capacity;
        struct rfx_known *grown = realloc(server->known, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        server->known = grown;
        server->known_capacity = capacity;
    }
    server->known[server->known_count++] =
        (struct rfx_known){.profile = profile, .session = session};
    return true;
}

rfx_status rfx_sessions_add(struct rfx_server *server, struct rfx_error *error)
{
    const size_t count = server->config.session_count;
    server->sessions = calloc(count + 1, sizeof *server->sessions);
    if (server->sessions == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", count);
    }
    for (size_t i = 0; i < count; i++) {
        const struct rfx_session_config *config = &server->config.sessions[i];
        const struct rfx_profile *profile = &server->profiles.items[i];
        rfx_status status = RFX_OK;
        if (!config->acceptor_template) {
            char name[RFX_SESSION_NAME_MAX];
            const size_t size = rfx_session_name_of_config(config, config->target_comp_id, name);
            const uint32_t index = rfx_name_shard(name, size, server->shard_count);
            status =
                rfx_shard_add_session(server->workers[server->shard_worker[index]].shard, profile,
                                      config->target_comp_id, &server->sessions[i], error);
        }
        if (status == RFX_OK && !rfx_sessions_note(server, profile, server->sessions[i])) {
            status = rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", count);
        }
        if (status != RFX_OK) {
            return status;
        }
    }
    return RFX_OK;
}

void rfx_sessions_close(struct rfx_server *server)
{
    while (server->generations != NULL) {
        struct rfx_generation *generation = server->generations;
        server->generations = generation->next;
        rfx_profiles_close(&generation->profiles);
        rfx_config_free(&generation->config);
        free(generation);
    }
    free(server->known);
    free(server->sessions);
    rfx_profiles_close(&server->profiles);
    rfx_config_free(&server->config);
}

struct rfx_session *rfx_server_session(const struct rfx_server *server, size_t index)
{
    return index < server->config.session_count ? server->sessions[index] : NULL;
}

struct rfx_session *rfx_server_find_session(const struct rfx_server *server, const char *name)
{
    pthread_mutex_t *mutex = (pthread_mutex_t *)&server->mutex;
    struct rfx_session *found = NULL;
    pthread_mutex_lock(mutex);
    for (size_t i = 0; i < server->known_count && found == NULL; i++) {
        struct rfx_session *session = server->known[i].session;
        if (session != NULL && strcmp(rfx_session_name(session), name) == 0) {
            found = session;
        }
    }
    pthread_mutex_unlock(mutex);
    return found;
}
