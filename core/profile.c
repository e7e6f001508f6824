#include "core/profile.h"

#include <string.h>

/* Without a day a time is of every day, with one of the week. */
static void make_schedule(const struct rfx_session_config *config,
                          const struct rfx_week_time *start, const struct rfx_week_time *end,
                          const struct rfx_zone *zone, struct rfx_schedule *schedule)
{
    *schedule = (struct rfx_schedule){.kind = RFX_SCHEDULE_NONSTOP, .zone = zone};
    if (config->non_stop_session || start->second == RFX_NO_TIME) {
        return;
    }
    schedule->start_s = start->second;
    schedule->end_s = end->second;
    if (start->day == RFX_NO_DAY) {
        schedule->kind = RFX_SCHEDULE_DAILY;
        schedule->days = config->weekdays == 0 ? 127 : config->weekdays;
    } else {
        schedule->kind = RFX_SCHEDULE_WEEKLY;
        schedule->start_day = start->day;
        schedule->end_day = end->day;
    }
}

void rfx_rules_init(const struct rfx_session_config *config, enum rfx_version version,
                    struct rfx_rules *rules)
{
    *rules = (struct rfx_rules){
        .transport = rfx_dictionary_builtin(rfx_version_text(version)),
        .is_checking = config->use_data_dictionary,
        .checks_section_order = config->validate_fields_out_of_order,
        .checks_values_present = config->validate_fields_have_values,
        .checks_user_defined = config->validate_user_defined_fields,
        .checks_group_order = config->validate_unordered_group_fields,
        .allows_unknown_fields = config->allow_unknown_msg_fields,
        .allows_unknown_values = config->allow_unknown_enum_values,
    };
    rules->application = rules->transport;
    if (version != RFX_FIXT11) {
        return;
    }
    for (unsigned i = 0; i < RFX_APPL_VERSIONS; i++) {
        const char *name = rfx_appl_version_text(i);
        rules->by_appl_ver_id[i] = name != NULL ? rfx_dictionary_builtin(name) : NULL;
    }
    rules->application = rules->by_appl_ver_id[config->default_appl_ver_id];
}

void rfx_profile_init(struct rfx_profile *profile, const struct rfx_session_config *config,
                      const struct rfx_zone *zone)
{
    memset(profile, 0, sizeof *profile);
    profile->config = config;
    bool is_known = rfx_version_of(rfx_bytes_of(config->begin_string, strlen(config->begin_string)),
                                   &profile->version);
    RFX_ASSERT(is_known);
    profile->appl_ver_id = profile->version == RFX_FIXT11
                               ? (uint8_t)config->default_appl_ver_id
                               : (uint8_t)rfx_appl_version_of(rfx_bytes_of(
                                     config->begin_string, strlen(config->begin_string)));
    profile->decimals = profile->version >= RFX_FIX42 ? config->timestamp_precision : 0;
    rfx_rules_init(config, profile->version, &profile->rules);
    make_schedule(config, &config->start, &config->end, zone, &profile->schedule);
    bool has_logon_times = config->logon.second != RFX_NO_TIME;
    make_schedule(config, has_logon_times ? &config->logon : &config->start,
                  has_logon_times ? &config->logout : &config->end, zone, &profile->logon_schedule);
    while (profile->host_count < RFX_HOSTS_MAX && config->hosts[profile->host_count].name != NULL) {
        const struct rfx_host *host = &config->hosts[profile->host_count];
        profile->dials[profile->host_count++] = (struct rfx_dial){
            .name = host->name,
            .certificate_name = config->certificate_name,
            .port = host->port,
            .use_ssl = config->use_ssl,
        };
    }
}
