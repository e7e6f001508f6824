#include "core/version.h"

#include <string.h>

static const char *const begin_strings[RFX_VERSION_COUNT] = {
    [RFX_FIX40] = "FIX.4.0", [RFX_FIX41] = "FIX.4.1", [RFX_FIX42] = "FIX.4.2",
    [RFX_FIX43] = "FIX.4.3", [RFX_FIX44] = "FIX.4.4", [RFX_FIXT11] = "FIXT.1.1",
};

static const char *const appl_versions[] = {
    NULL,      NULL,      "FIX.4.0", "FIX.4.1",    "FIX.4.2",
    "FIX.4.3", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2",
};

#define APPL_VERSION_COUNT (sizeof appl_versions / sizeof appl_versions[0])

static bool is_text(struct rfx_bytes bytes, const char *text)
{
    return strlen(text) == bytes.size && memcmp(bytes.data, text, bytes.size) == 0;
}

bool rfx_version_of(struct rfx_bytes begin_string, enum rfx_version *version)
{
    for (unsigned i = 0; i < RFX_VERSION_COUNT; i++) {
        if (is_text(begin_string, begin_strings[i])) {
            *version = (enum rfx_version)i;
            return true;
        }
    }
    return false;
}

const char *rfx_version_text(enum rfx_version version)
{
    return begin_strings[version];
}

const char *rfx_appl_version_text(unsigned appl_ver_id)
{
    return appl_ver_id < APPL_VERSION_COUNT ? appl_versions[appl_ver_id] : NULL;
}

int rfx_appl_version_of(struct rfx_bytes text)
{
    for (unsigned i = 0; i < APPL_VERSION_COUNT; i++) {
        char digit = (char)('0' + i);
        if (appl_versions[i] != NULL &&
            (is_text(text, appl_versions[i]) || (text.size == 1 && text.data[0] == digit))) {
            return (int)i;
        }
    }
    return -1;
}

bool rfx_version_has_reject_reason(enum rfx_version version, unsigned reason)
{
    switch (version) {
    case RFX_FIX40:
    case RFX_FIX41:
        return false; /* they have no such field */
    case RFX_FIX42:
        return reason <= 11;
    case RFX_FIX43:
        return reason <= 17;
    case RFX_FIX44:
        return reason <= 17 || reason == 99;
    case RFX_FIXT11:
        return reason <= 18 || reason == 99;
    case RFX_VERSION_COUNT:
        break;
    }
    return false;
}
