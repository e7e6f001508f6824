/* What hostile scenes share: a server, and a healthy session that must not notice them. */
#ifndef RFX_TESTS_SUPPORT_SCENE_H
#define RFX_TESTS_SUPPORT_SCENE_H

#include "tests/integration/support_healthy.h"
#include "tests/integration/support_server.h"

struct scene {
    struct host host; /* SendQueueSize as small as it may be */
    struct healthy healthy;
};

struct scene *scene_open(enum rfx_threading_mode mode, uint32_t logon_timeout_s);
void scene_close(struct scene *scene);

/* For cmocka's group functions; *state becomes the scene. LogonTimeout is so long that a test
 * which waits for it fails. */
int scene_set_up_shared(void **state);
int scene_set_up_dedicated(void **state);
int scene_tear_down(void **state);

/* Every scene ends so: the healthy session goes on, and newcomers are served. */
void scene_expect_unharmed(struct scene *scene);

#endif
