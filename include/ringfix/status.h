/* Status codes, error texts and byte spans shared by every ringfix header. */
#ifndef RINGFIX_STATUS_H
#define RINGFIX_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. The build takes it from here. */
#define RFX_VERSION_MAJOR 0
#define RFX_VERSION_MINOR 1
#define RFX_VERSION_PATCH 0

/* The same as a text: "1.2.3". */
#define RFX_VERSION RFX_VERSION_TEXT(RFX_VERSION_MAJOR, RFX_VERSION_MINOR, RFX_VERSION_PATCH)
/* The numbers' values, not their names. */
#define RFX_VERSION_TEXT(major, minor, patch)  RFX_VERSION_TEXT_(major, minor, patch)
#define RFX_VERSION_TEXT_(major, minor, patch) #major "." #minor "." #patch

/* RFX_API marks what the library shows to programs, and a program to its plug-ins. */
#if defined(__GNUC__)
#define RFX_API                         __attribute__((visibility("default")))
#define RFX_MUST_CHECK                  __attribute__((warn_unused_result))
#define RFX_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#else
#define RFX_API
#define RFX_MUST_CHECK
#define RFX_PRINTF(format_index, first)
#endif

/* RFX_VERSION as the library has it that the program is linked with. Any thread. */
RFX_API const char *rfx_version(void);

/* What a call that may fail returns. Only the world outside (files, sockets, memory,
 * configuration) and the state of a session are reported this way: a mistake in the calling
 * program is an assertion, a mistake of the counterparty is answered by the FIX session layer. */
typedef enum rfx_status {
    RFX_OK = 0,
    RFX_E_NOMEM,     /* memory could not be had */
    RFX_E_INVALID,   /* an argument or a value is not acceptable */
    RFX_E_CONFIG,    /* the configuration is wrong; the error text names file and line */
    RFX_E_IO,        /* the operating system refused an operation */
    RFX_E_JOURNAL,   /* the journal could not be read or written */
    RFX_E_FULL,      /* a configured limit is reached; try again later */
    RFX_E_STATE,     /* not allowed in the state the session or server is in */
    RFX_E_NOT_FOUND, /* the field, session or message does not exist */
} rfx_status;

/* The name of a status in plain words, never NULL. Any thread. */
RFX_API const char *rfx_status_text(rfx_status status);

/* Filled by cold paths beside a status: one sentence that says where it went wrong and what to
 * do about it. The caller owns the memory; a call that succeeds leaves it untouched, and one that
 * fails leaves what it would have set (a handle, a configuration) as it was. No pointer may be NULL
 * where a header does not say that it may. */
struct rfx_error {
    char text[512];
};

/* Bytes that belong to somebody else; not terminated by a NUL. */
struct rfx_bytes {
    const char *data;
    size_t size;
};

#ifdef __cplusplus
}
#endif

#endif
