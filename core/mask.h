/* A message as the message log has it: without what is secret in it, and on one line. */
#ifndef RFX_CORE_MASK_H
#define RFX_CORE_MASK_H

#include "core/base.h"

/* What rfx_mask_message() writes at most: an empty value grows. */
static inline size_t rfx_mask_room(size_t size)
{
    return 2 * size + 8;
}

/* Copies a message, which may be garbled. The values of Password(554), NewPassword(925),
 * EncryptedPassword(1402) and EncryptedNewPassword(1404), and of RawData(96) in a Logon(A) or a
 * UserRequest(BE), become "***" whatever their length is; when the length that announces one of
 * them is wrong, so does all that follows. A line feed becomes a vertical tab.
 *
 * out      rfx_mask_room(size) bytes
 * returns  how many of them are used */
size_t rfx_mask_message(const char *data, size_t size, char *out);

#endif
