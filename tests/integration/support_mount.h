/* Mounts that the test's process sees alone. */
#ifndef RFX_TESTS_SUPPORT_MOUNT_H
#define RFX_TESTS_SUPPORT_MOUNT_H

#include <stdbool.h>

/* Sets the process apart, as root of a user namespace if need be. False: there is no right to, and
 * errno says why. */
bool may_mount(void);

#endif
