// QuickFIX's settings for a version.
#ifndef RINGFIX_TESTS_INTEROP_DICTIONARIES_H
#define RINGFIX_TESTS_INTEROP_DICTIONARIES_H

#include "version.h"

#include <quickfix/Dictionary.h>
#include <quickfix/SessionSettings.h>
#include <stdexcept>
#include <string>

namespace interop
{

// Throws std::invalid_argument for a version that there is not.
inline const interop_version &known_version(const std::string &name)
{
    const interop_version *version = interop_version_of(name.c_str());
    if (version == nullptr)
        throw std::invalid_argument("unknown version " + name);
    return *version;
}

// Adds DefaultApplVerID, where the version needs one, and its dictionaries out of the directory;
// "" turns validation off.
inline void set_dictionaries(FIX::Dictionary &session, const interop_version &version,
                             const std::string &directory)
{
    const bool is_fixt = version.number >= INTEROP_FIX50;
    if (is_fixt)
        session.setString(FIX::DEFAULT_APPLVERID, version.name);
    session.setBool(FIX::USE_DATA_DICTIONARY, !directory.empty());
    if (directory.empty())
        return;
    const std::string file = directory + '/' + version.file;
    if (is_fixt) {
        session.setString(FIX::TRANSPORT_DATA_DICTIONARY, directory + "/FIXT11.xml");
        session.setString(FIX::APP_DATA_DICTIONARY, file);
    } else {
        session.setString(FIX::DATA_DICTIONARY, file);
    }
}

} // namespace interop

#endif
