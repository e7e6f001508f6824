#include "core/config_copy.h"

#include <stdlib.h>
#include <string.h>

#include "core/config_texts.h"

#define TEXTS_MAX (16 + RFX_APPL_VERSIONS + RFX_HOSTS_MAX)

/* The places in a session's configuration that point to texts. */
static size_t list_texts(struct rfx_session_config *session, const char **places[TEXTS_MAX])
{
    const char **single[] = {
        &session->sender_sub_id,       &session->sender_location_id,
        &session->target_sub_id,       &session->target_location_id,
        &session->session_qualifier,   &session->data_dictionary,
        &session->app_data_dictionary, &session->transport_data_dictionary,
        &session->time_zone,           &session->allowed_addresses,
        &session->certificate_name,
    };
    size_t count = sizeof single / sizeof single[0];
    memcpy(places, single, sizeof single);
    for (size_t i = 0; i < RFX_APPL_VERSIONS; i++) {
        places[count++] = &session->app_data_dictionaries[i];
    }
    for (size_t i = 0; i < RFX_HOSTS_MAX; i++) {
        places[count++] = &session->hosts[i].name;
    }
    return count;
}

/* What comes from [DEFAULT] is the same text in every session: one copy serves them all. */
static bool copy_texts(struct rfx_session_config *session,
                       const struct rfx_session_config *source_before,
                       const struct rfx_session_config *copy_before,
                       struct rfx_config_texts **texts)
{
    const char **places[TEXTS_MAX];
    const char **sources_before[TEXTS_MAX];
    const char **copies_before[TEXTS_MAX];
    struct rfx_session_config source = *(source_before != NULL ? source_before : session);
    struct rfx_session_config copied = *(copy_before != NULL ? copy_before : session);
    size_t count = list_texts(session, places);
    list_texts(&source, sources_before);
    list_texts(&copied, copies_before);
    for (size_t i = 0; i < count; i++) {
        if (*places[i] == NULL) {
            continue;
        }
        if (source_before != NULL && *places[i] == *sources_before[i]) {
            *places[i] = *copies_before[i];
            continue;
        }
        *places[i] = rfx_config_texts_add(texts, rfx_bytes_of(*places[i], strlen(*places[i])));
        if (*places[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool copy_tls(struct rfx_tls_config *tls, struct rfx_config_texts **texts)
{
    const char **places[] = {
        &tls->certification_authorities_file,
        &tls->certification_authorities_directory,
        &tls->server_certificate_file,
        &tls->server_certificate_key_file,
        &tls->client_certificate_file,
        &tls->client_certificate_key_file,
        &tls->revocation_list_file,
        &tls->revocation_list_directory,
        &tls->protocol,
        &tls->cipher_list,
        &tls->cipher_suites,
    };
    bool has_memory = true;
    for (size_t i = 0; i < sizeof places / sizeof places[0] && has_memory; i++) {
        if (*places[i] != NULL) {
            *places[i] = rfx_config_texts_add(texts, rfx_bytes_of(*places[i], strlen(*places[i])));
            has_memory = *places[i] != NULL;
        }
    }
    return has_memory;
}

rfx_status rfx_config_copy(const struct rfx_config *config, struct rfx_config *copy,
                           struct rfx_error *error)
{
    struct rfx_config made = *config;
    size_t count = config->session_count;
    made.texts = NULL;
    made.notes = NULL;
    made.note_count = 0;
    made.sessions = calloc(count > 0 ? count : 1, sizeof *made.sessions);
    if (made.sessions == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", count);
    }
    if (!copy_tls(&made.tls, &made.texts)) {
        made.session_count = 0;
        rfx_config_free(&made);
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a configuration");
    }
    for (size_t i = 0; i < count; i++) {
        made.sessions[i] = config->sessions[i];
        if (!copy_texts(&made.sessions[i], i > 0 ? &config->sessions[i - 1] : NULL,
                        i > 0 ? &made.sessions[i - 1] : NULL, &made.texts)) {
            rfx_config_free(&made);
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", count);
        }
    }
    *copy = made;
    return RFX_OK;
}
