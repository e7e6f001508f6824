#include "version.h"

#include <stddef.h>
#include <string.h>

const struct interop_version *interop_version_of(const char *name)
{
    static const struct interop_version versions[] = {
        {"FIX.4.0", "FIX.4.0", "FIX40.xml", INTEROP_FIX40},
        {"FIX.4.1", "FIX.4.1", "FIX41.xml", INTEROP_FIX41},
        {"FIX.4.2", "FIX.4.2", "FIX42.xml", INTEROP_FIX42},
        {"FIX.4.3", "FIX.4.3", "FIX43.xml", INTEROP_FIX43},
        {"FIX.4.4", "FIX.4.4", "FIX44.xml", INTEROP_FIX44},
        {"FIX.5.0", "FIXT.1.1", "FIX50.xml", INTEROP_FIX50},
        {"FIX.5.0SP1", "FIXT.1.1", "FIX50SP1.xml", INTEROP_FIX50SP1},
        {"FIX.5.0SP2", "FIXT.1.1", "FIX50SP2.xml", INTEROP_FIX50SP2},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (strcmp(versions[i].name, name) == 0) {
            return &versions[i];
        }
    }
    return NULL;
}

const char *interop_snapshot_text(int version)
{
    if (version >= INTEROP_FIX50) {
        return "0 10.25 100 [A 1 (S1 1) (S2 2)] [B 3]; 1 10.50 200; under UND (U1 4) (U2 8);";
    }
    if (version >= INTEROP_FIX44) {
        return "0 10.25 100; 1 10.50 200; under UND (U1 4) (U2 8);";
    }
    return "0 10.25 100; 1 10.50 200;";
}
