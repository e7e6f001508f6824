/* Framing: one message at the start of some bytes. Every input ends at a guard page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "tests/unit/support_bytes.h"

#define SIZE_MAX_DEFAULT 65536u

static int set_up(void **state)
{
    struct guard *guard = malloc(sizeof *guard);
    guard_open(guard, SIZE_MAX_DEFAULT);
    *state = guard;
    return 0;
}

static int tear_down(void **state)
{
    guard_close(*state);
    free(*state);
    return 0;
}

static enum rfx_frame_result frame_of(void **state, const char *data, size_t size,
                                      size_t message_size_max, struct rfx_frame *frame)
{
    return rfx_frame(guard_copy(*state, data, size), size, message_size_max, frame);
}

static void expect_complete(void **state, const struct fix_text *text, size_t size)
{
    struct rfx_frame frame;
    assert_int_equal(frame_of(state, text->data, text->size, SIZE_MAX_DEFAULT, &frame),
                     RFX_FRAME_COMPLETE);
    assert_int_equal(frame.size, size);
    assert_memory_equal(text->data + frame.body_offset, "35=", 3);
}

static void expect_garbled(void **state, const struct fix_text *text, size_t size)
{
    struct rfx_frame frame;
    assert_int_equal(frame_of(state, text->data, text->size, SIZE_MAX_DEFAULT, &frame),
                     RFX_FRAME_GARBLED);
    assert_int_equal(frame.size, size);
}

static void expect_garbled_text(void **state, const char *text, size_t size)
{
    struct fix_text raw = fix_raw(text);
    expect_garbled(state, &raw, size);
}

/* A message with the BodyLength field as given, whatever its body; the sum is right. */
static struct fix_text with_length(const char *length, const char *body)
{
    char text[FIX_TEXT_MAX];
    int size = snprintf(text, sizeof text, "8=FIX.4.4|9=%s|%s", length, body);
    struct fix_text message = fix_raw(text);
    assert_int_equal(message.size, size);
    char trailer[16];
    snprintf(trailer, sizeof trailer, "10=%03u|", rfx_checksum(message.data, message.size));
    struct fix_text raw = fix_raw(trailer);
    fix_append(&message, &raw);
    return message;
}

/* ------------------------------------------------------------------------- whole messages */

static void test_message_when_whole_then_complete(void **state)
{
    struct fix_text text = fix_raw("8=FIX.4.4|9=5|35=0|10=163|");
    expect_complete(state, &text, text.size);
    text = fix_message("35=D|34=2|49=A|56=B|52=20260101-00:00:00|11=x|");
    expect_complete(state, &text, text.size);
}

static void test_message_when_begin_string_is_fixt_then_complete(void **state)
{
    struct fix_text text = fix_raw("8=FIXT.1.1|9=5|35=0|10=241|");
    expect_complete(state, &text, text.size);
}

static void test_begin_string_when_at_its_limit_then_complete_and_beyond_garbled(void **state)
{
    struct fix_text text = fix_raw("8=FIX.4.40000|9=5|35=0|10=099|");
    expect_complete(state, &text, text.size);
    expect_garbled_text(state, "8=FIX.4.400000|9=5|35=0|10=147|", 31);
}

static void test_message_when_cut_anywhere_then_partial_with_a_bound_that_suffices(void **state)
{
    struct fix_text text = fix_message("35=D|34=2|49=A|56=B|52=20260101-00:00:00|58=8=FIX|");
    const char *soh = memchr(text.data, RFX_SOH, text.size);
    size_t head = (size_t)((const char *)memchr(soh + 1, RFX_SOH, 16) - text.data) + 1;
    for (size_t cut = 0; cut < text.size; cut++) {
        struct rfx_frame frame;
        assert_int_equal(frame_of(state, text.data, cut, SIZE_MAX_DEFAULT, &frame),
                         RFX_FRAME_PARTIAL);
        assert_true(frame.size >= 1);
        assert_true(cut + frame.size <= text.size);
        assert_false(frame.is_doomed);
        if (cut >= head) { /* the length is known, and so is what is missing */
            assert_int_equal(cut + frame.size, text.size);
        }
    }
}

static void test_messages_when_many_in_one_buffer_then_each_found(void **state)
{
    struct fix_text all = {0};
    size_t ends[20];
    for (size_t i = 0; i < 20; i++) {
        char body[64];
        snprintf(body, sizeof body, "35=0|34=%zu|58=%.*s|", i, (int)i + 1, "xxxxxxxxxxxxxxxxxxxx");
        struct fix_text one = fix_message(body);
        fix_append(&all, &one);
        ends[i] = all.size;
    }
    size_t offset = 0;
    for (size_t i = 0; i < 20; i++) {
        struct rfx_frame frame;
        assert_int_equal(
            frame_of(state, all.data + offset, all.size - offset, SIZE_MAX_DEFAULT, &frame),
            RFX_FRAME_COMPLETE);
        offset += frame.size;
        assert_int_equal(offset, ends[i]);
    }
}

static void test_message_when_a_value_looks_like_a_start_or_trailer_then_complete(void **state)
{
    struct fix_text text = fix_message("35=B|58=8=FIX.4.4|58=9=5|96=10=000|");
    expect_complete(state, &text, text.size);
    text = fix_message("35=B|10=000|58=a trailer inside the body|");
    expect_complete(state, &text, text.size);
}

/* --------------------------------------------------------------------- no message at all */

static void test_junk_when_before_a_message_then_dropped_up_to_it(void **state)
{
    struct fix_text text = fix_raw("junk\r\n");
    struct fix_text message = fix_message("35=0|");
    fix_append(&text, &message);
    expect_garbled(state, &text, 6);
}

static void test_junk_when_alone_then_dropped_but_for_a_possible_start(void **state)
{
    expect_garbled_text(state, "x", 1);
    expect_garbled_text(state, "8=FIY.4.4|9=5|", 14);
    expect_garbled_text(state, "junk8", 4);
    expect_garbled_text(state, "junk8=", 4);
    expect_garbled_text(state, "junk8=FI", 4);
    expect_garbled_text(state, "junk8=FX", 8);
    expect_garbled_text(state, "8=FIX.4.4|35=0|8=F", 15);
}

static void test_start_when_behind_a_digit_then_not_a_start(void **state)
{
    expect_garbled_text(state, "x58=FIX.4.4|9=5|35=0|", 21);
    expect_garbled_text(state, "58=FIX.4.4|8=FIX.4.4|", 11);
    expect_garbled_text(state, "58=8=FIX.4.4|", 3);
}

static void test_http_request_when_received_then_garbled(void **state)
{
    struct fix_text text = fix_raw("GET /8=FI HTTP/1.1\r\nHost: fix\r\n\r\n");
    expect_garbled(state, &text, text.size);
}

/* The digit is gone with the junk before it, and the same bytes must still mean the same. */
static void test_start_when_its_digit_came_in_an_earlier_read_then_not_a_start(void **state)
{
    struct fix_text text = fix_raw("x58=FIX.4.4|9=5|35=0|10=163|");
    struct rfx_frame frame;
    size_t dropped = 0;
    for (size_t end = 1; end <= text.size; end++) {
        enum rfx_frame_result result =
            frame_of(state, text.data + dropped, end - dropped, SIZE_MAX_DEFAULT, &frame);
        assert_int_not_equal(result, RFX_FRAME_COMPLETE);
        if (result == RFX_FRAME_GARBLED) {
            dropped += frame.size;
        }
    }
}

/* ---------------------------------------------------------------------- garbled messages */

static void test_checksum_when_wrong_then_garbled_up_to_its_end(void **state)
{
    struct fix_text text = fix_message("35=0|34=2|");
    struct fix_text next = fix_message("35=1|34=3|");
    size_t size = text.size;
    fix_append(&text, &next);
    unsigned right = (unsigned)(text.data[size - 4] - '0') * 100 +
                     (unsigned)(text.data[size - 3] - '0') * 10 +
                     (unsigned)(text.data[size - 2] - '0');
    for (unsigned sum = 0; sum < 1000; sum++) {
        char digits[8];
        snprintf(digits, sizeof digits, "%03u", sum);
        memcpy(text.data + size - 4, digits, 3);
        if (sum == right) {
            expect_complete(state, &text, size);
        } else {
            expect_garbled(state, &text, size);
        }
    }
}

static void test_checksum_when_not_three_digits_then_garbled_up_to_its_end(void **state)
{
    const char *broken[] = {"10=1a3|", "10= 63|", "10=-63|", "10=63|", "10=0163|", "10=|", "10=x|"};
    struct fix_text next = fix_message("35=1|34=3|");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct fix_text text = fix_raw("8=FIX.4.4|9=5|35=0|");
        struct fix_text trailer = fix_raw(broken[i]);
        fix_append(&text, &trailer);
        size_t size = text.size;
        fix_append(&text, &next);
        expect_garbled(state, &text, size);
    }
}

static void test_checksum_when_missing_then_garbled_up_to_the_next_one(void **state)
{
    const char *broken[] = {"10:163|", "11=163|", "8=FIX.4|", "110=163|", "1|0=163|", ""};
    struct fix_text next = fix_message("35=1|34=3|");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct fix_text text = fix_raw("8=FIX.4.4|9=5|35=0|");
        struct fix_text trailer = fix_raw(broken[i]);
        fix_append(&text, &trailer);
        fix_append(&text, &next);
        expect_garbled(state, &text, text.size);
    }
}

static void test_body_length_when_too_short_then_garbled_up_to_its_trailer(void **state)
{
    struct fix_text next = fix_message("35=1|34=3|");
    for (unsigned length = 0; length < 20; length++) {
        char digits[8];
        snprintf(digits, sizeof digits, "%u", length);
        struct fix_text text = with_length(digits, "35=0|34=2|58=123456|"); /* 20 bytes */
        size_t size = text.size;
        fix_append(&text, &next);
        expect_garbled(state, &text, size);
    }
}

static void test_body_length_when_too_long_then_swallows_up_to_the_next_trailer(void **state)
{
    struct fix_text next = fix_message("35=1|34=3|58=swallowed|");
    struct fix_text last = fix_message("35=0|34=4|");
    for (unsigned length = 21; length < 20 + 7 + next.size - 7; length++) {
        char digits[8];
        snprintf(digits, sizeof digits, "%u", length);
        struct fix_text text = with_length(digits, "35=0|34=2|58=123456|");
        fix_append(&text, &next);
        size_t both_size = text.size;
        fix_append(&text, &last);
        expect_garbled(state, &text, both_size);
    }
}

static void test_body_length_when_too_long_and_nothing_follows_then_partial_and_doomed(void **state)
{
    struct fix_text text = with_length("25", "35=0|34=2|58=123456|");
    struct fix_text next = fix_message("35=1|34=3|");
    size_t first_size = text.size;
    fix_append(&text, &next);
    for (size_t cut = first_size; cut < text.size; cut++) {
        struct rfx_frame frame;
        assert_int_equal(frame_of(state, text.data, cut, SIZE_MAX_DEFAULT, &frame),
                         RFX_FRAME_PARTIAL);
        assert_true(frame.size >= 1 && cut + frame.size <= text.size);
        size_t total_announced = first_size + 5;
        assert_int_equal(frame.is_doomed, cut >= total_announced);
    }
    expect_garbled(state, &text, text.size);
}

static void
test_body_length_when_absurd_or_no_number_then_garbled_up_to_the_next_start(void **state)
{
    const char *lengths[] = {
        "99999999999", "18446744073709551621", "65537", "65530", "", "-5", "5a", " 5", "+5", "5.0"};
    struct fix_text next = fix_message("35=1|34=3|");
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct fix_text text = with_length(lengths[i], "35=0|");
        size_t size = text.size;
        fix_append(&text, &next);
        expect_garbled(state, &text, size);
    }
}

static void test_body_length_when_zero_then_garbled_up_to_its_trailer(void **state)
{
    struct fix_text text = with_length("0", "");
    size_t size = text.size;
    struct fix_text next = fix_message("35=1|34=3|");
    fix_append(&text, &next);
    expect_garbled(state, &text, size);
}

static void test_body_length_when_led_by_zeros_then_read_up_to_ten_digits(void **state)
{
    struct fix_text text = with_length("0000000005", "35=0|");
    expect_complete(state, &text, text.size);
    text = with_length("00000000005", "35=0|");
    expect_garbled(state, &text, text.size);
    /* An endless run is given up although no other byte has come. */
    struct rfx_frame frame;
    text = fix_raw("8=FIX.4.4|9=000000000000000");
    assert_int_equal(frame_of(state, text.data, text.size, SIZE_MAX_DEFAULT, &frame),
                     RFX_FRAME_GARBLED);
}

static void test_body_length_when_missing_then_garbled(void **state)
{
    expect_garbled_text(state, "8=FIX.4.4|35=0|34=1|10=000|", 27);
    expect_garbled_text(state, "8=FIX.4.4|10=000|", 17);
    expect_garbled_text(state, "8=FIX|8=FIX.4.4|9=5|", 6);
}

static void test_msg_type_when_not_third_then_garbled_up_to_its_end(void **state)
{
    struct fix_text text = fix_message("34=2|35=0|");
    expect_garbled(state, &text, text.size);
    text = fix_message("3=0|");
    expect_garbled(state, &text, text.size);
    text = fix_message("35|");
    expect_garbled(state, &text, text.size);
    text = fix_message("135=0|");
    expect_garbled(state, &text, text.size);
}

static void test_body_when_not_ended_by_soh_then_garbled(void **state)
{
    struct fix_text text = fix_message("35=0|58=x"); /* 10= runs on in the value of 58 */
    struct fix_text next = fix_message("35=1|34=3|");
    fix_append(&text, &next);
    expect_garbled(state, &text, text.size);
}

/* -------------------------------------------------------------------------------- limits */

static void test_message_when_of_the_largest_size_then_complete_and_one_more_garbled(void **state)
{
    struct fix_text text = fix_message("35=0|58=0123456789|");
    struct rfx_frame frame;
    assert_int_equal(frame_of(state, text.data, text.size, text.size, &frame), RFX_FRAME_COMPLETE);
    assert_int_equal(frame_of(state, text.data, text.size, text.size - 1, &frame),
                     RFX_FRAME_GARBLED);
    assert_int_equal(frame.size, text.size);
    /* Refused as soon as its length is known. */
    assert_int_equal(frame_of(state, text.data, 15, text.size - 1, &frame), RFX_FRAME_GARBLED);
}

static void test_partial_when_near_the_limit_then_never_asks_for_more(void **state)
{
    const size_t message_size_max = 64;
    struct fix_text text = with_length("20", "35=0|34=2|58=");
    text.size -= 7; /* no trailer, and none to come */
    while (text.size < 100) {
        text.data[text.size++] = 'x';
    }
    for (size_t size = 0; size < 64; size++) {
        struct rfx_frame frame;
        assert_int_equal(frame_of(state, text.data, size, message_size_max, &frame),
                         RFX_FRAME_PARTIAL);
        assert_true(size + frame.size <= message_size_max);
    }
    struct rfx_frame frame;
    assert_int_equal(frame_of(state, text.data, 64, message_size_max, &frame), RFX_FRAME_GARBLED);
    assert_int_equal(frame.size, 64);
}

/* Read in small pieces the search ends at the limit, and so it must when much is there at once:
 * else the next message is swallowed or not, as the network likes it. */
static void test_garbled_when_its_trailer_is_beyond_the_limit_then_given_up_there(void **state)
{
    const size_t message_size_max = 64;
    struct fix_text text = with_length("20", "35=0|34=2|58=");
    text.size -= 7;
    while (text.size < 100) {
        text.data[text.size++] = 'x';
    }
    struct fix_text next = fix_message("35=1|34=3|");
    size_t junk_size = text.size;
    fix_append(&text, &next);
    size_t offset = 0;
    struct rfx_frame frame = {0};
    enum rfx_frame_result result = RFX_FRAME_GARBLED;
    while (result == RFX_FRAME_GARBLED && offset < text.size) {
        offset += frame.size;
        result = frame_of(state, text.data + offset, text.size - offset, message_size_max, &frame);
    }
    assert_int_equal(result, RFX_FRAME_COMPLETE);
    assert_int_equal(offset, junk_size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_when_whole_then_complete),
        cmocka_unit_test(test_message_when_begin_string_is_fixt_then_complete),
        cmocka_unit_test(test_begin_string_when_at_its_limit_then_complete_and_beyond_garbled),
        cmocka_unit_test(test_message_when_cut_anywhere_then_partial_with_a_bound_that_suffices),
        cmocka_unit_test(test_messages_when_many_in_one_buffer_then_each_found),
        cmocka_unit_test(test_message_when_a_value_looks_like_a_start_or_trailer_then_complete),
        cmocka_unit_test(test_junk_when_before_a_message_then_dropped_up_to_it),
        cmocka_unit_test(test_junk_when_alone_then_dropped_but_for_a_possible_start),
        cmocka_unit_test(test_start_when_behind_a_digit_then_not_a_start),
        cmocka_unit_test(test_http_request_when_received_then_garbled),
        cmocka_unit_test(test_start_when_its_digit_came_in_an_earlier_read_then_not_a_start),
        cmocka_unit_test(test_checksum_when_wrong_then_garbled_up_to_its_end),
        cmocka_unit_test(test_checksum_when_not_three_digits_then_garbled_up_to_its_end),
        cmocka_unit_test(test_checksum_when_missing_then_garbled_up_to_the_next_one),
        cmocka_unit_test(test_body_length_when_too_short_then_garbled_up_to_its_trailer),
        cmocka_unit_test(test_body_length_when_too_long_then_swallows_up_to_the_next_trailer),
        cmocka_unit_test(
            test_body_length_when_too_long_and_nothing_follows_then_partial_and_doomed),
        cmocka_unit_test(
            test_body_length_when_absurd_or_no_number_then_garbled_up_to_the_next_start),
        cmocka_unit_test(test_body_length_when_zero_then_garbled_up_to_its_trailer),
        cmocka_unit_test(test_body_length_when_led_by_zeros_then_read_up_to_ten_digits),
        cmocka_unit_test(test_body_length_when_missing_then_garbled),
        cmocka_unit_test(test_msg_type_when_not_third_then_garbled_up_to_its_end),
        cmocka_unit_test(test_body_when_not_ended_by_soh_then_garbled),
        cmocka_unit_test(test_message_when_of_the_largest_size_then_complete_and_one_more_garbled),
        cmocka_unit_test(test_partial_when_near_the_limit_then_never_asks_for_more),
        cmocka_unit_test(test_garbled_when_its_trailer_is_beyond_the_limit_then_given_up_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
