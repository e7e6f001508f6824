#include "tests/integration/support_scene.h"

#include <stdlib.h>

#define LONG_LOGON_TIMEOUT_S 600

struct scene *scene_open(enum rfx_threading_mode mode, uint32_t logon_timeout_s)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    host_init(&scene->host, mode, 1, 1);
    scene->host.config.send_queue_size = scene->host.config.message_size_max;
    if (mode == RFX_THREADING_DEDICATED) {
        scene->host.config.idle_strategy = RFX_IDLE_PARK; /* every message wakes somebody */
    }
    for (size_t i = 0; i < scene->host.config.session_count; i++) {
        scene->host.sessions[i].logon_timeout_s = logon_timeout_s;
    }
    host_start(&scene->host);
    healthy_start(&scene->healthy, scene->host.port);
    return scene;
}

void scene_close(struct scene *scene)
{
    healthy_stop(&scene->healthy);
    host_free(&scene->host);
    free(scene);
}

int scene_set_up_shared(void **state)
{
    *state = scene_open(RFX_THREADING_SHARED, LONG_LOGON_TIMEOUT_S);
    return 0;
}

int scene_set_up_dedicated(void **state)
{
    *state = scene_open(RFX_THREADING_DEDICATED, LONG_LOGON_TIMEOUT_S);
    return 0;
}

int scene_tear_down(void **state)
{
    scene_close(*state);
    return 0;
}

void scene_expect_unharmed(struct scene *scene)
{
    struct peer newcomer;
    healthy_check(&scene->healthy, 20);
    peer_init(&newcomer, "NEWCOMER");
    peer_connect(&newcomer, scene->host.port);
    assert_true(peer_send(&newcomer, "35=A|98=0|108=30|141=Y"));
    peer_expect(&newcomer, "A");
    peer_trade(&newcomer, "N");
    peer_logout(&newcomer);
    peer_free(&newcomer);
    host_await_end(&scene->host, "NEWCOMER");
}
