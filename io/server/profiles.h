/* What the sessions of a server share and do not change: dictionaries read from files, time
 * zones, and a profile for each session of the configuration.
 *
 * thread   the one that opens the server; then any may read */
#ifndef RFX_IO_SERVER_PROFILES_H
#define RFX_IO_SERVER_PROFILES_H

#include "core/profile.h"
#include "io/zone_load.h"

/* A dictionary file, read once however many sessions name it. */
struct rfx_loaded_dictionary {
    const char *path; /* of the configuration */
    const struct rfx_dictionary *dictionary;
};

struct rfx_profiles {
    struct rfx_profile *items; /* one per session, in the order of the configuration */
    struct rfx_zone_set *zones;
    struct rfx_loaded_dictionary *dictionaries;
    size_t dictionary_count;
    size_t dictionary_capacity;
};

/* config   checked, borrowed until rfx_profiles_close()
 * errors   RFX_E_CONFIG (a dictionary or a time zone is wrong; the text names the session),
 *          RFX_E_IO, RFX_E_NOMEM; to be closed in any case */
rfx_status rfx_profiles_open(struct rfx_profiles *profiles, const struct rfx_config *config,
                             struct rfx_error *error) RFX_MUST_CHECK;
void rfx_profiles_close(struct rfx_profiles *profiles);

#endif
