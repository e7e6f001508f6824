#include "io/server/profiles.h"

#include <stdlib.h>
#include <string.h>

#include "io/tls.h"
#include "ringfix/dictionary.h"

static bool grow(struct rfx_profiles *profiles)
{
    if (profiles->dictionary_count < profiles->dictionary_capacity) {
        return true;
    }
    size_t capacity = profiles->dictionary_capacity == 0 ? 8 : 2 * profiles->dictionary_capacity;
    struct rfx_loaded_dictionary *grown =
        realloc(profiles->dictionaries, capacity * sizeof *profiles->dictionaries);
    if (grown == NULL) {
        return false;
    }
    profiles->dictionaries = grown;
    profiles->dictionary_capacity = capacity;
    return true;
}

/* Sessions in the order of a file name the same path again and again: the last first. */
static rfx_status get_dictionary(struct rfx_profiles *profiles, const char *path,
                                 const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    for (size_t i = profiles->dictionary_count; i > 0; i--) {
        if (strcmp(profiles->dictionaries[i - 1].path, path) == 0) {
            *dictionary = profiles->dictionaries[i - 1].dictionary;
            return RFX_OK;
        }
    }
    if (!grow(profiles)) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for dictionaries");
    }
    rfx_status status = rfx_dictionary_load(path, dictionary, error);
    if (status == RFX_OK) {
        profiles->dictionaries[profiles->dictionary_count++] =
            (struct rfx_loaded_dictionary){.path = path, .dictionary = *dictionary};
    }
    return status;
}

/* A path of the configuration in the place of a built-in dictionary, which must be for the same
 * version: with another one every message would be refused. */
static rfx_status replace(struct rfx_profiles *profiles, const char *path,
                          const struct rfx_dictionary **place, struct rfx_error *error)
{
    const struct rfx_dictionary *built_in = *place;
    if (path == NULL) {
        return RFX_OK;
    }
    rfx_status status = get_dictionary(profiles, path, place, error);
    if (status == RFX_OK &&
        strcmp(rfx_dictionary_version(*place), rfx_dictionary_version(built_in)) != 0) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "%s is for %s, but a session uses it for %s; name another file", path,
                        rfx_dictionary_version(*place), rfx_dictionary_version(built_in));
    }
    return status;
}

static rfx_status replace_dictionaries(struct rfx_profiles *profiles, struct rfx_profile *profile,
                                       struct rfx_error *error)
{
    const struct rfx_session_config *config = profile->config;
    struct rfx_rules *rules = &profile->rules;
    rfx_status status = RFX_OK;
    if (profile->version != RFX_FIXT11) {
        status = replace(profiles, config->data_dictionary, &rules->transport, error);
        rules->application = rules->transport;
        return status;
    }
    status = replace(profiles, config->transport_data_dictionary, &rules->transport, error);
    for (size_t i = 0; i < RFX_APPL_VERSIONS && status == RFX_OK; i++) {
        status =
            replace(profiles, config->app_data_dictionaries[i], &rules->by_appl_ver_id[i], error);
    }
    if (status == RFX_OK) {
        status = replace(profiles, config->app_data_dictionary,
                         &rules->by_appl_ver_id[config->default_appl_ver_id], error);
    }
    rules->application = rules->by_appl_ver_id[config->default_appl_ver_id];
    return status;
}

rfx_status rfx_profiles_open(struct rfx_profiles *profiles, const struct rfx_config *config,
                             struct rfx_error *error)
{
    size_t count = config->session_count;
    profiles->items = calloc(count > 0 ? count : 1, sizeof *profiles->items);
    if (profiles->items == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", count);
    }
    rfx_status status = rfx_zone_set_open(&profiles->zones, error);
    for (size_t i = 0; i < count && status == RFX_OK; i++) {
        const struct rfx_session_config *session = &config->sessions[i];
        const struct rfx_zone *zone = NULL;
        status = rfx_zone_set_get(profiles->zones, session->time_zone, &zone, error);
        if (status == RFX_OK) {
            rfx_profile_init(&profiles->items[i], session, zone);
            status = replace_dictionaries(profiles, &profiles->items[i], error);
        }
    }
    return status;
}

void rfx_profiles_close(struct rfx_profiles *profiles)
{
    for (size_t i = 0; i < profiles->dictionary_count; i++) {
        rfx_dictionary_free(profiles->dictionaries[i].dictionary);
    }
    free(profiles->dictionaries);
    rfx_zone_set_close(profiles->zones);
    free(profiles->items);
    *profiles = (struct rfx_profiles){0};
}

rfx_status rfx_config_check(const struct rfx_config *config, struct rfx_error *error)
{
    struct rfx_profiles profiles = {0};
    rfx_status status = rfx_config_validate(config, error);
    if (status == RFX_OK) {
        status = rfx_profiles_open(&profiles, config, error);
        rfx_profiles_close(&profiles);
    }
    if (status == RFX_OK) {
        struct rfx_tls_context *context = NULL;
        status = rfx_tls_context_open(config, &context, error);
        rfx_tls_context_close(context);
    }
    return status;
}
