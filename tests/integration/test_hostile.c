/* Whatever a connection does, its neighbours notice nothing: beside every scene a healthy session
 * trades all the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/integration/support_scene.h"
#include "tests/unit/support_bytes.h"

#define MESSAGE_MAX 2048
#define CROWD       200

/* A stranger's bytes are answered by the end of the connection and nothing else. */
static void expect_turned_away(struct scene *scene, const char *bytes, size_t size)
{
    struct peer stranger;
    peer_init(&stranger, "STRANGER");
    peer_connect(&stranger, scene->host.port);
    peer_send_bytes(&stranger, bytes, size);
    peer_expect_end(&stranger);
    peer_free(&stranger);
}

/* The same with a message from text; `spoil` is an offset of a byte to change, counted from the
 * end, 0: none. */
static void expect_message_turned_away(struct scene *scene, const char *text, size_t spoil)
{
    struct peer stranger;
    char message[MESSAGE_MAX];
    peer_init(&stranger, "STRANGER");
    size_t size = peer_compose(&stranger, text, message, sizeof message);
    if (spoil > 0) {
        message[size - spoil] = message[size - spoil] == '0' ? '1' : '0';
    }
    peer_free(&stranger);
    expect_turned_away(scene, message, size);
}

/* Changes BodyLength(9) and nothing else. Returns the new size. */
static size_t compose_lying(struct peer *peer, const char *text, const char *length, char *out,
                            size_t out_size)
{
    char honest[MESSAGE_MAX];
    size_t size = peer_compose(peer, text, honest, sizeof honest);
    const char *value = memmem(honest, size,
                               "\x01"
                               "9=",
                               3);
    assert_non_null(value);
    value += 3;
    const char *rest = memchr(value, '\x01', size - (size_t)(value - honest));
    size_t head = (size_t)(value - honest);
    size_t tail = size - (size_t)(rest - honest);
    assert_true(head + strlen(length) + tail <= out_size);
    memcpy(out, honest, head);
    memcpy(out + head, length, strlen(length));
    memcpy(out + head + strlen(length), rest, tail);
    return head + strlen(length) + tail;
}

/* ------------------------------------------------------------------------- before the Logon */

static void test_stranger_when_bytes_are_garbage_then_turned_away(void **state)
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
    char garbage[3000];
    uint64_t seed = 7;
    for (size_t i = 0; i < sizeof garbage; i++) {
        garbage[i] = (char)random_below(&seed, 256);
    }
    expect_turned_away(*state, garbage, sizeof garbage);
    expect_turned_away(*state, http, sizeof http - 1);
    expect_turned_away(*state,
                       "8=FIX.4.4\x01"
                       "9=abc\x01",
                       16);
    scene_expect_unharmed(*state);
}

static void test_stranger_when_logon_is_bad_then_turned_away(void **state)
{
    char lying[MESSAGE_MAX];
    struct peer peer;
    expect_message_turned_away(*state, "35=A|98=0|108=30", 2); /* CheckSum */
    expect_message_turned_away(*state, "35=A|98=0|108=30|56=NOBODY", 0);
    expect_message_turned_away(*state, "35=A|98=0|108=30|!56", 0);
    expect_message_turned_away(*state, "35=A|98=0", 0);
    expect_message_turned_away(*state, "35=A|98=0|108=30|8=FIX.9.9", 0);
    expect_message_turned_away(*state, "35=A|98=0|108=30|52=@-600", 0);
    expect_message_turned_away(*state, "35=0", 0);
    expect_message_turned_away(*state, "35=D|11=X", 0);
    peer_init(&peer, "STRANGER");
    static const char *const lengths[] = {"1", "20", "99999999999999999999", "-5"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t size = compose_lying(&peer, "35=A|98=0|108=30", lengths[i], lying, sizeof lying);
        expect_turned_away(*state, lying, size);
    }
    peer_free(&peer);
    scene_expect_unharmed(*state);
}

static void test_stranger_when_longest_logon_is_unsound_then_turned_away(void **state)
{
    struct scene *scene = *state;
    size_t size_max = scene->host.config.message_size_max;
    char *text = malloc(size_max + 64);
    char *message = malloc(size_max + 1024);
    struct peer peer;
    peer_init(&peer, "STRANGER");
    int start = snprintf(text, 64, "35=A|98=0|58=");
    memset(text + start, 'x', size_max);
    text[(size_t)start + size_max] = '\0';
    size_t excess = peer_compose(&peer, text, message, size_max + 1024) - size_max;
    text[(size_t)start + size_max - excess] = '\0';
    size_t size = peer_compose(&peer, text, message, size_max + 1024);
    assert_int_equal(size, size_max);
    expect_turned_away(scene, message, size);
    peer_free(&peer);
    free(message);
    free(text);
    scene_expect_unharmed(scene);
}

static void test_stranger_when_silent_then_closed_by_timeout(void **state)
{
    const struct scene *group = *state;
    struct scene *scene = scene_open(group->host.config.threading_mode, 1);
    struct peer silent;
    struct peer halting;
    char logon[MESSAGE_MAX];
    peer_init(&silent, "SILENT");
    peer_init(&halting, "HALTING");
    peer_connect(&silent, scene->host.port);
    peer_connect(&halting, scene->host.port);
    size_t size = peer_compose(&halting, "35=A|98=0|108=30", logon, sizeof logon);
    assert_true(peer_send_bytes(&halting, logon, size / 2));
    peer_expect_end(&silent);
    peer_expect_end(&halting);
    peer_free(&silent);
    peer_free(&halting);
    scene_expect_unharmed(scene);
    scene_close(scene);
}

static void test_crowd_when_it_comes_and_goes_at_once_then_others_are_served(void **state)
{
    struct scene *scene = *state;
    struct peer crowd[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        peer_init(&crowd[i], "CROWD");
        peer_connect(&crowd[i], scene->host.port);
        if (i % 3 == 0) {
            peer_send_bytes(&crowd[i], "8=FIX.4.4\x01", 10);
        }
    }
    for (size_t i = 0; i < CROWD; i++) {
        if (i % 2 == 0) {
            peer_cut(&crowd[i]);
        }
        peer_free(&crowd[i]);
    }
    scene_expect_unharmed(scene);
}

/* -------------------------------------------------------------------------- after the Logon */

/* Garbled messages are ignored and use up no number. */
static void test_session_when_message_is_garbled_then_ignored(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    char message[MESSAGE_MAX];
    static const char *const lengths[] = {"1", "40", "99999999999999999999", "-5", "abc"};
    peer_init(&peer, "GARBLER");
    peer_logon(&peer, scene->host.port);
    size_t size = peer_compose(&peer, "35=D|34=2|11=X", message, sizeof message);
    message[size - 2] = message[size - 2] == '0' ? '1' : '0';
    assert_true(peer_send_bytes(&peer, message, size));
    peer_trade(&peer, "BEHIND-BAD-SUM");
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size = compose_lying(&peer, "35=D|34=999|11=X", lengths[i], message, sizeof message);
        assert_true(peer_send_bytes(&peer, message, size));
        peer_trade(&peer, "BEHIND-A-LIE");
    }
    peer_logout(&peer);
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

/* A BodyLength that reaches into the next message takes that one along; it is asked for again. */
static void test_session_when_body_length_reaches_into_next_then_next_is_asked_for(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    char message[MESSAGE_MAX];
    peer_init(&peer, "OVERREACHER");
    peer_logon(&peer, scene->host.port);
    size_t size = compose_lying(&peer, "35=D|34=2|11=X", "120", message, sizeof message);
    assert_true(peer_send_bytes(&peer, message, size));
    assert_true(peer_send_order(&peer, "SWALLOWED")); /* 2 */
    assert_true(peer_send_order(&peer, "AHEAD"));     /* 3 */
    peer_expect(&peer, "2");
    assert_int_equal(peer_uint(&peer, 7), 2);
    assert_true(peer_send(&peer, "35=D|34=2|11=SWALLOWED|43=Y|122=@0"));
    peer_expect_report(&peer, "SWALLOWED");
    peer_expect_report(&peer, "AHEAD");
    peer_logout(&peer);
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

static void test_session_when_logged_on_twice_then_second_is_turned_away(void **state)
{
    struct scene *scene = *state;
    struct peer first;
    struct peer second;
    peer_init(&first, "TWIN");
    peer_init(&second, "TWIN");
    peer_logon(&first, scene->host.port);
    peer_trade(&first, "BEFORE");
    peer_connect(&second, scene->host.port);
    assert_true(peer_send(&second, "35=A|98=0|108=30|141=Y"));
    peer_expect_end(&second);
    peer_trade(&first, "AFTER");
    assert_int_equal(peer_uint(&first, 34), 3);
    peer_logout(&first);
    peer_free(&first);
    peer_free(&second);
    scene_expect_unharmed(scene);
}

static void test_session_when_reset_in_mid_message_then_goes_on_later(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    char message[MESSAGE_MAX];
    peer_init(&peer, "CUT");
    peer_logon(&peer, scene->host.port);
    peer_trade(&peer, "A");
    size_t size = peer_compose(&peer, "35=D|34=3|11=HALF", message, sizeof message);
    assert_true(peer_send_bytes(&peer, message, size / 2));
    peer_cut(&peer);
    assert_int_equal(host_await_end(&scene->host, "CUT").reason, RFX_REASON_CONNECTION_LOST);
    peer_logon(&peer, scene->host.port);
    assert_int_equal(peer_uint(&peer, 34), 3);
    peer_trade(&peer, "B");
    peer_logout(&peer);
    assert_int_equal(host_await_end(&scene->host, "CUT").reason, RFX_REASON_LOGOUT_RECEIVED);
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

static void test_session_when_half_closed_behind_logout_then_answered(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    peer_init(&peer, "HALF");
    peer_logon(&peer, scene->host.port);
    assert_true(peer_send_order(&peer, "LAST"));
    assert_true(peer_send(&peer, "35=5"));
    assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
    peer_expect_report(&peer, "LAST");
    peer_expect(&peer, "5");
    peer_expect_end(&peer);
    assert_int_equal(host_await_end(&scene->host, "HALF").reason, RFX_REASON_LOGOUT_RECEIVED);
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

static void test_session_when_it_floods_with_tiny_messages_then_only_it_waits(void **state)
{
    enum { FLOOD = 5000 };
    struct scene *scene = *state;
    struct peer peer;
    char *flood = malloc(FLOOD * 128);
    size_t size = 0;
    assert_non_null(flood);
    peer_init(&peer, "FLOODER");
    peer_logon(&peer, scene->host.port);
    for (int i = 0; i < FLOOD; i++) {
        size += peer_compose(&peer, "35=0", flood + size, 128);
    }
    assert_true(peer_send_bytes(&peer, flood, size));
    peer_ping(&peer); /* none of them was lost */
    memset(flood, 'x', size);
    assert_true(peer_send_bytes(&peer, flood, size)); /* no message at all */
    peer_ping(&peer);
    peer_logout(&peer);
    peer_free(&peer);
    free(flood);
    scene_expect_unharmed(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stranger_when_bytes_are_garbage_then_turned_away),
        cmocka_unit_test(test_stranger_when_logon_is_bad_then_turned_away),
        cmocka_unit_test(test_stranger_when_silent_then_closed_by_timeout),
        cmocka_unit_test(test_crowd_when_it_comes_and_goes_at_once_then_others_are_served),
        cmocka_unit_test(test_session_when_message_is_garbled_then_ignored),
        cmocka_unit_test(test_session_when_body_length_reaches_into_next_then_next_is_asked_for),
        cmocka_unit_test(test_session_when_logged_on_twice_then_second_is_turned_away),
        cmocka_unit_test(test_session_when_reset_in_mid_message_then_goes_on_later),
        cmocka_unit_test(test_session_when_half_closed_behind_logout_then_answered),
        cmocka_unit_test(test_session_when_it_floods_with_tiny_messages_then_only_it_waits),
        cmocka_unit_test(test_stranger_when_longest_logon_is_unsound_then_turned_away),
    };
    int shared = cmocka_run_group_tests_name("shared", tests, scene_set_up_shared, scene_tear_down);
    int dedicated =
        cmocka_run_group_tests_name("dedicated", tests, scene_set_up_dedicated, scene_tear_down);
    return shared + dedicated;
}
