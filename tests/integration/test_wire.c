/* However TCP cuts a conversation into segments, the answers are the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define REPLIES_MAX  16384
#define MESSAGES_MAX 4096 /* bytes of a conversation */

/* One session's life, and how many messages answer each of its messages. */
static const struct {
    const char *text;
    int replies;
} conversation[] = {
    {"35=A|98=0|108=30|141=Y", 1},
    {"35=D|11=A1|55=ACME|54=1|38=100|40=2|44=12.50|60=@0", 1},
    {"35=D|11=A2|55=ACME|54=2|38=200|40=2|44=12.51|60=@0", 1},
    {"35=D|11=A3|55=ACME|54=1|38=300|40=1|60=@0", 1},
    {"35=D|11=A4|55=ACME|54=2|38=400|40=1|60=@0", 1},
    {"35=D|11=A5|55=ACME|54=1|38=500|40=1|60=@0", 1},
    {"35=1|112=HELLO", 1},
    {"35=2|7=1|16=0", 7},
    {"35=5", 1},
};

#define CONVERSATION_COUNT (sizeof conversation / sizeof conversation[0])
#define CUT_INDEX          3 /* the order that is cut in two at every offset */

static const char expected_replies[] =
    "8=FIX.4.4|9=72|35=A|34=1|49=RINGFIX|56=WIRE|98=0|108=30|141=Y|\n"
    "8=FIX.4.4|9=90|35=8|34=2|49=RINGFIX|56=WIRE|37=A1|11=A1|17=A1|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=90|35=8|34=3|49=RINGFIX|56=WIRE|37=A2|11=A2|17=A2|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=90|35=8|34=4|49=RINGFIX|56=WIRE|37=A3|11=A3|17=A3|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=90|35=8|34=5|49=RINGFIX|56=WIRE|37=A4|11=A4|17=A4|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=90|35=8|34=6|49=RINGFIX|56=WIRE|37=A5|11=A5|17=A5|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=64|35=0|34=7|49=RINGFIX|56=WIRE|112=HELLO|\n"
    "8=FIX.4.4|9=96|35=4|34=1|43=Y|49=RINGFIX|56=WIRE|36=2|123=Y|\n"
    "8=FIX.4.4|9=121|35=8|34=2|43=Y|49=RINGFIX|56=WIRE|37=A1|11=A1|17=A1|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=121|35=8|34=3|43=Y|49=RINGFIX|56=WIRE|37=A2|11=A2|17=A2|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=121|35=8|34=4|43=Y|49=RINGFIX|56=WIRE|37=A3|11=A3|17=A3|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=121|35=8|34=5|43=Y|49=RINGFIX|56=WIRE|37=A4|11=A4|17=A4|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=121|35=8|34=6|43=Y|49=RINGFIX|56=WIRE|37=A5|11=A5|17=A5|150=0|39=0|55=ABC|\n"
    "8=FIX.4.4|9=96|35=4|34=7|43=Y|49=RINGFIX|56=WIRE|36=8|123=Y|\n"
    "8=FIX.4.4|9=54|35=5|34=8|49=RINGFIX|56=WIRE|\n";

struct rig {
    struct host host;
    struct peer peer;
    struct peer pacer; /* a second session: an answer to it shows that the server has turned */
    struct text replies;
    char replies_data[REPLIES_MAX];
};

static void set_up(struct rig **rig, enum rfx_threading_mode mode, uint32_t count)
{
    *rig = calloc(1, sizeof **rig);
    assert_non_null(*rig);
    host_init(&(*rig)->host, mode, count, count);
    host_start(&(*rig)->host);
    peer_init(&(*rig)->peer, "WIRE");
    peer_init(&(*rig)->pacer, "PACER");
    peer_logon(&(*rig)->pacer, (*rig)->host.port);
}

static void tear_down(struct rig *rig)
{
    peer_logout(&rig->pacer);
    peer_free(&rig->pacer);
    peer_free(&rig->peer);
    host_free(&rig->host);
    free(rig);
}

static void start(struct rig *rig)
{
    rig->replies = (struct text){.data = rig->replies_data, .size_max = REPLIES_MAX};
    rig->peer.identity.seq_num = 1;
    peer_connect(&rig->peer, rig->host.port);
}

static void take_replies(struct rig *rig, int count)
{
    for (int i = 0; i < count; i++) {
        enum peer_result result = peer_receive(&rig->peer, PEER_WAIT_MS);
        if (result != PEER_MESSAGE) {
            fail_msg("no more replies (%d) behind\n%s", (int)result, rig->replies.data);
        }
        peer_render(&rig->peer, PEER_RENDER_WIRE, &rig->replies);
        text_put_string(&rig->replies, "\n");
    }
}

static void check(struct rig *rig)
{
    peer_expect_end(&rig->peer);
    assert_string_equal(rig->replies.data, expected_replies);
}

/* With cut_at > 0 one order comes in two segments, and the server has seen the first of them
 * before the second is sent. */
static void converse_step_by_step(struct rig *rig, size_t cut_at)
{
    char message[MESSAGES_MAX];
    start(rig);
    for (size_t i = 0; i < CONVERSATION_COUNT; i++) {
        size_t size = peer_compose(&rig->peer, conversation[i].text, message, sizeof message);
        size_t first = i == CUT_INDEX ? cut_at : 0;
        if (first > 0) {
            assert_true(peer_send_bytes(&rig->peer, message, first));
            peer_ping(&rig->pacer);
        }
        assert_true(peer_send_bytes(&rig->peer, message + first, size - first));
        take_replies(rig, conversation[i].replies);
    }
    check(rig);
}

static void converse_byte_by_byte(struct rig *rig)
{
    char message[MESSAGES_MAX];
    start(rig);
    for (size_t i = 0; i < CONVERSATION_COUNT; i++) {
        size_t size = peer_compose(&rig->peer, conversation[i].text, message, sizeof message);
        for (size_t k = 0; k < size; k++) {
            assert_true(peer_send_bytes(&rig->peer, message + k, 1));
            peer_ping(&rig->pacer);
        }
        take_replies(rig, conversation[i].replies);
    }
    check(rig);
}

/* The first `count` messages in one segment, the rest step by step. */
static void converse_at_once(struct rig *rig, size_t count)
{
    char messages[MESSAGES_MAX];
    size_t size = 0;
    int replies = 0;
    start(rig);
    for (size_t i = 0; i < count; i++) {
        size +=
            peer_compose(&rig->peer, conversation[i].text, messages + size, sizeof messages - size);
        replies += conversation[i].replies;
    }
    assert_true(peer_send_bytes(&rig->peer, messages, size));
    take_replies(rig, replies);
    for (size_t i = count; i < CONVERSATION_COUNT; i++) {
        assert_true(peer_send(&rig->peer, conversation[i].text));
        take_replies(rig, conversation[i].replies);
    }
    check(rig);
}

static size_t cut_message_size(struct rig *rig)
{
    char message[MESSAGES_MAX];
    return peer_compose(&rig->peer, conversation[CUT_INDEX].text, message, sizeof message);
}

static void run_conversations(enum rfx_threading_mode mode, uint32_t count)
{
    struct rig *rig;
    set_up(&rig, mode, count);
    converse_step_by_step(rig, 0);
    converse_byte_by_byte(rig);
    for (size_t together = 1; together < CONVERSATION_COUNT; together++) {
        converse_at_once(rig, together);
    }
    size_t size = cut_message_size(rig);
    for (size_t cut_at = 1; cut_at < size; cut_at++) {
        converse_step_by_step(rig, cut_at);
    }
    tear_down(rig);
}

static void test_segments_when_shared_1x1_then_same_replies(void **state)
{
    (void)state;
    run_conversations(RFX_THREADING_SHARED, 1);
}

static void test_segments_when_shared_2x2_then_same_replies(void **state)
{
    (void)state;
    run_conversations(RFX_THREADING_SHARED, 2);
}

static void test_segments_when_dedicated_1x1_then_same_replies(void **state)
{
    (void)state;
    run_conversations(RFX_THREADING_DEDICATED, 1);
}

/* A Logout right behind a ResendRequest does not take the resend away. */
static void test_one_segment_when_it_ends_with_logout_then_same_replies(void **state)
{
    struct rig *rig;
    (void)state;
    set_up(&rig, RFX_THREADING_SHARED, 1);
    converse_at_once(rig, CONVERSATION_COUNT);
    tear_down(rig);
}

/* -------------------------------------------------------------------------- large messages */

/* Sends an order whose Text(58) makes it exactly `size` bytes long. */
static void send_order_of(struct peer *peer, const char *id, size_t size)
{
    char *text = malloc(size + 128);
    char *message = malloc(size + 1024);
    int start = snprintf(text, 128, "35=D|34=%llu|11=%s|55=ACME|58=x",
                         (unsigned long long)peer->identity.seq_num, id);
    size_t bare = peer_compose(peer, text, message, size + 1024);
    size_t padding = size - bare;
    for (int round = 0; round < 2; round++) { /* BodyLength gets longer itself */
        memset(text + start, 'x', padding);
        text[(size_t)start + padding] = '\0';
        size_t written = peer_compose(peer, text, message, size + 1024);
        if (written == size) {
            break;
        }
        padding -= written - size;
    }
    assert_int_equal(peer_compose(peer, text, message, size + 1024), size);
    assert_true(peer_send_bytes(peer, message, size));
    free(message);
    free(text);
}

static void exchange_large(struct peer *peer, const char *id, size_t size)
{
    send_order_of(peer, id, size);
    peer->identity.seq_num++;
    peer_expect_report(peer, id);
}

static void run_sizes(enum rfx_threading_mode mode, uint32_t count)
{
    static const size_t sizes[] = {4095, 4096, 4097, 8191, 8192, 8193, 20000, 65535};
    struct rig *rig;
    set_up(&rig, mode, count);
    size_t size_max = rig->host.config.message_size_max;
    peer_logon(&rig->peer, rig->host.port);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        exchange_large(&rig->peer, "L", sizes[i]);
        peer_trade(&rig->peer, "SMALL");
    }
    exchange_large(&rig->peer, "MAX", size_max);
    send_order_of(&rig->peer, "BEYOND", size_max + 1);
    peer_trade(&rig->peer, "NEXT"); /* the same number: what was garbled has not used it up */
    peer_logout(&rig->peer);
    tear_down(rig);
}

static void test_sizes_when_shared_1x1_then_only_beyond_max_is_ignored(void **state)
{
    (void)state;
    run_sizes(RFX_THREADING_SHARED, 1);
}

static void test_sizes_when_shared_2x2_then_only_beyond_max_is_ignored(void **state)
{
    (void)state;
    run_sizes(RFX_THREADING_SHARED, 2);
}

static void test_sizes_when_dedicated_1x1_then_only_beyond_max_is_ignored(void **state)
{
    (void)state;
    run_sizes(RFX_THREADING_DEDICATED, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_when_shared_1x1_then_same_replies),
        cmocka_unit_test(test_segments_when_shared_2x2_then_same_replies),
        cmocka_unit_test(test_segments_when_dedicated_1x1_then_same_replies),
        cmocka_unit_test(test_one_segment_when_it_ends_with_logout_then_same_replies),
        cmocka_unit_test(test_sizes_when_shared_1x1_then_only_beyond_max_is_ignored),
        cmocka_unit_test(test_sizes_when_shared_2x2_then_only_beyond_max_is_ignored),
        cmocka_unit_test(test_sizes_when_dedicated_1x1_then_only_beyond_max_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
