/* A stream means the same however the network cuts it: seeded streams of good and garbled parts,
 * read whole, byte by byte and in random pieces. */
#include <stdio.h>
#include <string.h>

#include "core/frame.h"
#include "tests/unit/support_bytes.h"

#define MESSAGE_SIZE_MAX 1024

/* What a receiver keeps: bytes not yet framed, and the messages found so far, one after another. */
struct receiver {
    const struct guard *guard;
    struct fix_text pending;
    struct fix_text messages;
    size_t message_count;
};

static void receive(struct receiver *receiver, const char *data, size_t size)
{
    struct fix_text *pending = &receiver->pending;
    assert_true(pending->size + size <= sizeof pending->data);
    memcpy(pending->data + pending->size, data, size);
    pending->size += size;
    while (pending->size > 0) {
        struct rfx_frame frame;
        const char *copy = guard_copy(receiver->guard, pending->data, pending->size);
        enum rfx_frame_result result = rfx_frame(copy, pending->size, MESSAGE_SIZE_MAX, &frame);
        assert_true(frame.size > 0);
        if (result == RFX_FRAME_PARTIAL) {
            assert_true(pending->size + frame.size <= MESSAGE_SIZE_MAX);
            return;
        }
        assert_true(frame.size <= pending->size);
        if (result == RFX_FRAME_COMPLETE) {
            memcpy(receiver->messages.data + receiver->messages.size, copy, frame.size);
            receiver->messages.size += frame.size;
            receiver->message_count++;
        }
        pending->size -= frame.size;
        memmove(pending->data, pending->data + frame.size, pending->size);
    }
}

/* A message with a body of its own, then damaged as `kind` says. */
static struct fix_text part(uint64_t *seed, uint64_t kind)
{
    static const char *const junk[] = {
        "junk",
        "8=FIX",
        "8=FIX.4.4|9=",
        "8=8=8=",
        "GET / HTTP/1.1\r\n",
        "10=123|",
        "|||",
        "x58=FIX.4.4|9=5|35=0|10=163|",
        "8=FIX.4.4|9=99999999999|35=0|",
        "8",
        "8=FI|",
        "8=FIX.4.4|9=0|10=000|",
        "8=FIX.4.4|9=2000|",
    };
    char body[512];
    snprintf(body, sizeof body, "35=D|34=%u|58=8=FIX %.*s|10=000|", (unsigned)random_next(seed),
             (int)random_below(seed, 200),
             "long text long text long text long text long text long text long text long text long "
             "text long text long text long text long text long text long text long text long text "
             "long text long text long text long text long text");
    struct fix_text text = fix_message(body);
    switch (kind) {
    case 0:
        text.data[text.size - 3] ^= 1; /* CheckSum */
        break;
    case 1:
    case 2:
        text.data[13] = (char)('0' + random_below(seed, 10)); /* BodyLength */
        break;
    case 3:
        text.size -= random_below(seed, text.size); /* the rest is lost */
        break;
    case 4: {
        uint64_t from = random_below(seed, text.size); /* something in the middle is lost */
        uint64_t count = random_below(seed, text.size - from);
        memmove(text.data + from, text.data + from + count, text.size - from - count);
        text.size -= count;
        break;
    }
    case 5:
        text.data[random_below(seed, text.size)] = RFX_SOH;
        break;
    case 6:
        return fix_raw(junk[random_below(seed, sizeof junk / sizeof junk[0])]);
    default:
        break;
    }
    return text;
}

/* Garbled parts come with a probability of one in `rarity`. */
static struct fix_text make_stream(uint64_t *seed, uint64_t rarity)
{
    struct fix_text stream = {0};
    while (stream.size < 3000) {
        bool is_garbled = random_below(seed, rarity) == 0;
        struct fix_text next = part(seed, is_garbled ? random_below(seed, 7) : 7);
        fix_append(&stream, &next);
    }
    return stream;
}

static void expect_same(const struct receiver *whole, const struct receiver *pieces, uint64_t seed)
{
    if (whole->message_count != pieces->message_count ||
        whole->messages.size != pieces->messages.size ||
        memcmp(whole->messages.data, pieces->messages.data, whole->messages.size) != 0) {
        fail_msg("seed %llu: %zu messages when read whole, %zu in pieces", (unsigned long long)seed,
                 whole->message_count, pieces->message_count);
    }
}

static void compare(const struct guard *guard, const struct fix_text *stream, uint64_t seed)
{
    struct receiver whole = {.guard = guard};
    receive(&whole, stream->data, stream->size);

    struct receiver bytes = {.guard = guard};
    for (size_t i = 0; i < stream->size; i++) {
        receive(&bytes, stream->data + i, 1);
    }
    expect_same(&whole, &bytes, seed);

    uint64_t cuts = seed;
    struct receiver pieces = {.guard = guard};
    for (size_t i = 0; i < stream->size;) {
        size_t size = 1 + random_below(&cuts, 300);
        if (size > stream->size - i) {
            size = stream->size - i;
        }
        receive(&pieces, stream->data + i, size);
        i += size;
    }
    expect_same(&whole, &pieces, seed);
}

static void run(uint64_t rarity)
{
    struct guard guard;
    guard_open(&guard, FIX_TEXT_MAX);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        uint64_t state = seed;
        struct fix_text stream = make_stream(&state, rarity);
        compare(&guard, &stream, seed);
    }
    guard_close(&guard);
}

static void test_stream_when_cut_anywhere_then_gives_every_message(void **state)
{
    (void)state;
    struct guard guard;
    guard_open(&guard, FIX_TEXT_MAX);
    uint64_t seed = 7;
    struct fix_text stream = make_stream(&seed, UINT64_MAX);
    struct receiver whole = {.guard = &guard};
    receive(&whole, stream.data, stream.size);
    assert_int_equal(whole.messages.size, stream.size);
    assert_memory_equal(whole.messages.data, stream.data, stream.size);
    compare(&guard, &stream, seed);
    guard_close(&guard);
}

static void test_stream_when_partly_garbled_then_cuts_do_not_matter(void **state)
{
    (void)state;
    run(5);
}

static void test_stream_when_mostly_garbled_then_cuts_do_not_matter(void **state)
{
    (void)state;
    run(1);
}

static void test_stream_when_one_message_is_lost_then_the_next_but_one_arrives(void **state)
{
    (void)state;
    struct guard guard;
    guard_open(&guard, FIX_TEXT_MAX);
    struct fix_text last = fix_message("35=0|34=9|");
    struct fix_text next = fix_message("35=1|34=8|58=may be swallowed|");
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        uint64_t state_of = seed;
        struct fix_text stream = part(&state_of, random_below(&state_of, 6));
        /* What a wrong BodyLength below 1000 may swallow is over after that many bytes. */
        while (stream.size < 1000) {
            fix_append(&stream, &next);
        }
        fix_append(&stream, &next);
        fix_append(&stream, &last);
        struct receiver receiver = {.guard = &guard};
        receive(&receiver, stream.data, stream.size);
        if (receiver.pending.size != 0 || receiver.messages.size < last.size ||
            memcmp(receiver.messages.data + receiver.messages.size - last.size, last.data,
                   last.size) != 0) {
            fail_msg("seed %llu: the stream was not found again", (unsigned long long)seed);
        }
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_when_cut_anywhere_then_gives_every_message),
        cmocka_unit_test(test_stream_when_partly_garbled_then_cuts_do_not_matter),
        cmocka_unit_test(test_stream_when_mostly_garbled_then_cuts_do_not_matter),
        cmocka_unit_test(test_stream_when_one_message_is_lost_then_the_next_but_one_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
