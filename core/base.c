#include "core/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void rfx_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "ringfix: %s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

void rfx_misused(const char *function, const char *what)
{
    fprintf(stderr, "ringfix: misuse: %s %s\n", function, what);
    abort();
}

rfx_status rfx_fail(struct rfx_error *error, rfx_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

const char *rfx_version(void)
{
    return RFX_VERSION;
}

const char *rfx_status_text(rfx_status status)
{
    switch (status) {
    case RFX_OK:
        return "ok";
    case RFX_E_NOMEM:
        return "out of memory";
    case RFX_E_INVALID:
        return "invalid argument";
    case RFX_E_CONFIG:
        return "wrong configuration";
    case RFX_E_IO:
        return "input/output error";
    case RFX_E_JOURNAL:
        return "journal error";
    case RFX_E_FULL:
        return "limit reached";
    case RFX_E_STATE:
        return "not allowed in this state";
    case RFX_E_NOT_FOUND:
        return "not found";
    }
    return "unknown status";
}

bool rfx_is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ') {
            return false;
        }
    }
    return true;
}
