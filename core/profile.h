/* One session's configuration made ready for use: names turned into numbers, dictionaries and
 * time zones found. Shared by all sessions of a template; nobody changes it while a shard runs. */
#ifndef RFX_CORE_PROFILE_H
#define RFX_CORE_PROFILE_H

#include "core/link.h"
#include "core/schedule.h"
#include "core/validate.h"
#include "core/version.h"
#include "ringfix/config.h"

struct rfx_profile {
    const struct rfx_session_config *config;
    enum rfx_version version;
    uint8_t appl_ver_id;    /* of the configuration: DefaultApplVerID, or the BeginString's */
    unsigned decimals;      /* of SendingTime(52) */
    struct rfx_rules rules; /* with the default application version of the configuration */
    struct rfx_schedule schedule;
    struct rfx_schedule logon_schedule;   /* within which a Logon is taken */
    struct rfx_dial dials[RFX_HOSTS_MAX]; /* the hosts of the configuration */
    uint32_t host_count;
};

/* config   checked by rfx_config_validate(), borrowed for the profile's life
 * zone     of its TimeZone, borrowed likewise; NULL: UTC
 *
 * The dictionaries are the built-in ones; whoever loads others replaces them in rules. */
void rfx_profile_init(struct rfx_profile *profile, const struct rfx_session_config *config,
                      const struct rfx_zone *zone);

/* The rules of a version with the switches of a configuration, and its default_appl_ver_id. */
void rfx_rules_init(const struct rfx_session_config *config, enum rfx_version version,
                    struct rfx_rules *rules);

#endif
