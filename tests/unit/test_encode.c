/* Writing messages: what is written reads back as a sound message, and nothing is written behind
 * the reserved memory, which ends at a guard page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/encode.h"
#include "core/frame.h"
#include "core/timestamp.h"
#include "tests/unit/support_bytes.h"

#define SPACE 1024
#define TIME  "20260102-03:04:05.678"

struct rig {
    struct guard guard;
    char fields[512]; /* of the identity */
    struct rfx_identity identity;
    struct rfx_writer writer;
};

static const struct rfx_identity_parts us_and_them = {
    .begin_string = "FIX.4.4", .sender_comp_id = "US", .target_comp_id = "THEM"};

static int set_up(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    guard_open(&rig->guard, FIX_TEXT_MAX);
    rfx_identity_init(&rig->identity, &us_and_them, rig->fields);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    guard_close(&rig->guard);
    free(rig);
    return 0;
}

static void begin(struct rig *rig, size_t size)
{
    struct rfx_envelope envelope = {.msg_type = rfx_bytes_of("D", 1),
                                    .seq_num = 7,
                                    .sending_time = rfx_bytes_of(TIME, strlen(TIME))};
    rfx_writer_begin(&rig->writer, guard_last(&rig->guard, size), size, &rig->identity, &envelope);
}

/* Finishes, checks the message with the framer, and compares it from 35= to the trailer. */
static void expect_body(struct rig *rig, const char *body)
{
    struct rfx_bytes bytes = rfx_writer_finish(&rig->writer, &rig->identity);
    assert_non_null(bytes.data);
    struct rfx_frame frame;
    assert_int_equal(rfx_frame(bytes.data, bytes.size, FIX_TEXT_MAX, &frame), RFX_FRAME_COMPLETE);
    assert_int_equal(frame.size, bytes.size);
    struct fix_text expected = fix_raw(body);
    assert_int_equal(bytes.size - frame.body_offset - 7, expected.size);
    assert_memory_equal(bytes.data + frame.body_offset, expected.data, expected.size);
}

static void expect_failed(struct rig *rig)
{
    assert_true(rig->writer.failed);
    assert_null(rfx_writer_finish(&rig->writer, &rig->identity).data);
}

#define HEADER "35=D|34=7|49=US|52=" TIME "|56=THEM|"

static void test_message_when_finished_then_as_written_by_hand(void **state)
{
    struct rig *rig = *state;
    begin(rig, SPACE);
    rfx_writer_put_text(&rig->writer, 11, "order 1");
    rfx_writer_put_uint(&rig->writer, 38, 100);
    struct rfx_bytes bytes = rfx_writer_finish(&rig->writer, &rig->identity);
    struct fix_text expected = fix_message(HEADER "11=order 1|38=100|");
    assert_int_equal(bytes.size, expected.size);
    assert_memory_equal(bytes.data, expected.data, expected.size);
}

static void test_message_when_of_any_length_then_length_and_sum_are_right(void **state)
{
    struct rig *rig = *state;
    char value[1200];
    memset(value, 'v', sizeof value);
    for (size_t size = 1; size < sizeof value; size++) {
        begin(rig, 2048);
        rfx_writer_put(&rig->writer, 58, rfx_bytes_of(value, size));
        struct rfx_bytes bytes = rfx_writer_finish(&rig->writer, &rig->identity);
        struct rfx_frame frame;
        assert_int_equal(rfx_frame(bytes.data, bytes.size, 4096, &frame), RFX_FRAME_COMPLETE);
        assert_int_equal(frame.size, bytes.size);
    }
}

static void test_identity_when_parts_are_longest_then_fits_the_envelope(void **state)
{
    struct rig *rig = *state;
    char id[64];
    memset(id, 'X', 63);
    id[63] = '\0';
    const struct rfx_identity_parts parts = {.begin_string = "FIXT.1.1xyz",
                                             .sender_comp_id = id,
                                             .sender_sub_id = id,
                                             .sender_location_id = id,
                                             .target_comp_id = id,
                                             .target_sub_id = id,
                                             .target_location_id = id};
    assert_true(rfx_identity_size(&parts) <= sizeof rig->fields);
    rfx_identity_init(&rig->identity, &parts, rig->fields);
    char msg_type[32];
    memset(msg_type, 'T', sizeof msg_type);
    char time[33] = "20260102-03:04:05.67890123456789";
    struct rfx_envelope envelope = {
        .msg_type = rfx_bytes_of(msg_type, sizeof msg_type),
        .seq_num = UINT64_MAX,
        .sending_time = rfx_bytes_of(time, 32),
        .poss_dup = true,
        .orig_sending_time = rfx_bytes_of(time, 32),
        .has_last_processed = true,
        .last_processed = UINT64_MAX,
    };
    rfx_writer_begin(&rig->writer, guard_last(&rig->guard, RFX_ENVELOPE_MAX), RFX_ENVELOPE_MAX,
                     &rig->identity, &envelope);
    char body[1024];
    snprintf(body, sizeof body,
             "35=%.32s|34=18446744073709551615|43=Y|49=%s|50=%s|52=%s|56=%s|57=%s|122=%s|142=%s|"
             "143=%s|369=18446744073709551615|",
             msg_type, id, id, time, id, id, time, id, id);
    expect_body(rig, body);
    rfx_identity_init(&rig->identity, &us_and_them, rig->fields);
}

static void test_envelope_when_poss_dup_then_flag_and_original_time(void **state)
{
    struct rig *rig = *state;
    struct rfx_envelope envelope = {
        .msg_type = rfx_bytes_of("8", 1),
        .seq_num = 3,
        .sending_time = rfx_bytes_of(TIME, strlen(TIME)),
        .poss_dup = true,
        .orig_sending_time = rfx_bytes_of("20260101-00:00:00", 17),
    };
    rfx_writer_begin(&rig->writer, guard_last(&rig->guard, SPACE), SPACE, &rig->identity,
                     &envelope);
    rfx_writer_put_fields(&rig->writer, rfx_bytes_of("37=x\x01"
                                                     "39=0\x01",
                                                     10));
    expect_body(rig, "35=8|34=3|43=Y|49=US|52=" TIME "|56=THEM|122=20260101-00:00:00|37=x|39=0|");
}

static void test_envelope_when_poss_dup_without_original_time_then_left_out(void **state)
{
    struct rig *rig = *state;
    struct rfx_envelope envelope = {.msg_type = rfx_bytes_of("8", 1),
                                    .seq_num = 3,
                                    .sending_time = rfx_bytes_of(TIME, strlen(TIME)),
                                    .poss_dup = true};
    rfx_writer_begin(&rig->writer, guard_last(&rig->guard, SPACE), SPACE, &rig->identity,
                     &envelope);
    expect_body(rig, "35=8|34=3|43=Y|49=US|52=" TIME "|56=THEM|");
}

static void test_put_when_value_is_not_acceptable_then_failed_for_good(void **state)
{
    struct rig *rig = *state;
    const struct {
        int32_t tag;
        struct rfx_bytes value;
    } bad[] = {
        {58, {"", 0}},
        {58, {NULL, 0}},
        {0, {"x", 1}},
        {-1, {"x", 1}},
        {58, {"\x01", 1}},
        {58, {"a\x01", 2}},
        {58,
         {"\x01"
          "a",
          2}},
        {INT32_MIN, {"x", 1}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(rig, SPACE);
        rfx_writer_put_text(&rig->writer, 1, "good");
        rfx_writer_put(&rig->writer, bad[i].tag, bad[i].value);
        rfx_writer_put_text(&rig->writer, 2, "good");
        expect_failed(rig);
    }
}

/* The value ends at a guard page, the writer's memory where the field may just end. */
static void test_put_when_value_is_of_any_size_then_copied_and_every_soh_found(void **state)
{
    struct rig *rig = *state;
    struct guard values;
    guard_open(&values, FIX_TEXT_MAX);
    for (size_t size = 1; size <= 80; size++) {
        char *value = guard_last(&values, size);
        size_t room = size + 12;
        char *memory = guard_last(&rig->guard, room);
        for (size_t i = 0; i < size; i++) {
            value[i] = (char)(i % 4 == 3 ? 0x81 - 2 * (i % 8 == 7) : 2 + i % 250);
        }
        rfx_writer_begin_fields(&rig->writer, memory, room);
        rfx_writer_put(&rig->writer, 58, rfx_bytes_of(value, size));
        assert_false(rig->writer.failed);
        assert_int_equal(rig->writer.position - memory, size + 4);
        assert_memory_equal(memory, "58=", 3);
        assert_memory_equal(memory + 3, value, size);
        assert_int_equal(memory[3 + size], RFX_SOH);
        for (size_t at = 0; at < size; at++) {
            char kept = value[at];
            value[at] = RFX_SOH;
            rfx_writer_begin_fields(&rig->writer, memory, room);
            rfx_writer_put(&rig->writer, 58, rfx_bytes_of(value, size));
            assert_true(rig->writer.failed);
            assert_ptr_equal(rig->writer.position, memory);
            value[at] = kept;
        }
    }
    guard_close(&values);
}

static void test_put_when_tag_is_of_any_size_then_its_digits(void **state)
{
    struct rig *rig = *state;
    static const int32_t tags[] = {1,      9,      10,      99,        100,        101,      999,
                                   1000,   1001,   1010,    9999,      10000,      10001,    99999,
                                   100000, 999999, 1000000, 999999999, 1000000000, INT32_MAX};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        char expected[32];
        char memory[32];
        int size = snprintf(expected, sizeof expected, "%d=x\x01", (int)tags[i]);
        rfx_writer_begin_fields(&rig->writer, memory, sizeof memory);
        rfx_writer_put_text(&rig->writer, tags[i], "x");
        assert_int_equal(rig->writer.position - memory, size);
        assert_memory_equal(memory, expected, (size_t)size);
    }
}

static void test_put_raw_when_value_holds_soh_then_written(void **state)
{
    struct rig *rig = *state;
    begin(rig, SPACE);
    rfx_writer_put_uint(&rig->writer, 95, 3);
    rfx_writer_put_raw(&rig->writer, 96,
                       rfx_bytes_of("a\x01"
                                    "b",
                                    3));
    expect_body(rig, HEADER "95=3|96=a|b|");
    begin(rig, SPACE);
    rfx_writer_put_raw(&rig->writer, 96, rfx_bytes_of("", 0));
    expect_failed(rig);
    begin(rig, SPACE);
    rfx_writer_put_raw(&rig->writer, 0, rfx_bytes_of("x", 1));
    expect_failed(rig);
}

static void test_put_fields_when_room_is_exact_then_fits_and_one_more_fails(void **state)
{
    struct rig *rig = *state;
    char fields[SPACE];
    memset(fields, 'f', sizeof fields);
    for (int over = 0; over <= 1; over++) {
        begin(rig, SPACE);
        size_t room = SPACE - 7 - (size_t)(rig->writer.position - guard_last(&rig->guard, SPACE));
        memcpy(fields, "58=", 3);
        size_t size = room + (size_t)over;
        fields[size - 1] = RFX_SOH;
        rfx_writer_put_fields(&rig->writer, rfx_bytes_of(fields, size));
        fields[size - 1] = 'f';
        if (over > 0) {
            expect_failed(rig);
            continue;
        }
        struct rfx_bytes bytes = rfx_writer_finish(&rig->writer, &rig->identity);
        assert_non_null(bytes.data);
        assert_ptr_equal(bytes.data + bytes.size, rig->guard.end);
        struct rfx_frame frame;
        assert_int_equal(rfx_frame(bytes.data, bytes.size, SPACE, &frame), RFX_FRAME_COMPLETE);
    }
}

/* A field takes its value, the longest tag, '=' and SOH: that much room must be left. */
static void test_put_when_room_ends_then_failed_and_memory_untouched_behind(void **state)
{
    struct rig *rig = *state;
    char value[SPACE];
    memset(value, 'v', sizeof value);
    begin(rig, SPACE);
    size_t room = SPACE - 7 - (size_t)(rig->writer.position - guard_last(&rig->guard, SPACE));
    for (size_t size = room - 16; size <= room + 16; size++) {
        begin(rig, SPACE);
        rfx_writer_put(&rig->writer, INT32_MAX, rfx_bytes_of(value, size));
        assert_int_equal(rig->writer.failed, size + 12 > room);
        struct rfx_bytes bytes = rfx_writer_finish(&rig->writer, &rig->identity);
        assert_int_equal(bytes.data == NULL, size + 12 > room);
    }
}

static void test_put_when_a_later_field_would_fit_after_one_failed_then_still_failed(void **state)
{
    struct rig *rig = *state;
    char value[SPACE];
    memset(value, 'v', sizeof value);
    begin(rig, RFX_ENVELOPE_MAX);
    rfx_writer_put(&rig->writer, 58, rfx_bytes_of(value, sizeof value));
    rfx_writer_put_text(&rig->writer, 1, "x");
    rfx_writer_put_fields(&rig->writer, rfx_bytes_of("1=x\x01", 4));
    expect_failed(rig);
}

static void test_put_fields_when_empty_then_nothing_changes(void **state)
{
    struct rig *rig = *state;
    begin(rig, SPACE);
    rfx_writer_put_fields(&rig->writer, rfx_bytes_of(NULL, 0));
    expect_body(rig, HEADER);
}

static void expect_digits(uint64_t value)
{
    char expected[24];
    char written[20];
    int size = snprintf(expected, sizeof expected, "%llu", (unsigned long long)value);
    assert_int_equal(rfx_write_uint(written, value), size);
    assert_memory_equal(written, expected, (size_t)size);
}

static void test_number_when_of_any_size_then_same_digits_as_printf(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 20000; value++) {
        expect_digits(value);
    }
    for (uint64_t power = 10; power < UINT64_MAX / 10; power *= 10) {
        expect_digits(power - 1);
        expect_digits(power);
        expect_digits(power + 1);
    }
    expect_digits(UINT64_C(10000000000000000000));
    expect_digits(UINT64_MAX - 1);
    expect_digits(UINT64_MAX);
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        expect_digits(random_next(&seed) >> random_below(&seed, 64));
    }
}

static void test_put_uint_when_largest_then_written(void **state)
{
    struct rig *rig = *state;
    begin(rig, SPACE);
    rfx_writer_put_uint(&rig->writer, 1, 0);
    rfx_writer_put_uint(&rig->writer, INT32_MAX, UINT64_MAX);
    expect_body(rig, HEADER "1=0|2147483647=18446744073709551615|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_when_finished_then_as_written_by_hand),
        cmocka_unit_test(test_message_when_of_any_length_then_length_and_sum_are_right),
        cmocka_unit_test(test_identity_when_parts_are_longest_then_fits_the_envelope),
        cmocka_unit_test(test_envelope_when_poss_dup_then_flag_and_original_time),
        cmocka_unit_test(test_envelope_when_poss_dup_without_original_time_then_left_out),
        cmocka_unit_test(test_put_when_value_is_not_acceptable_then_failed_for_good),
        cmocka_unit_test(test_put_when_value_is_of_any_size_then_copied_and_every_soh_found),
        cmocka_unit_test(test_put_when_tag_is_of_any_size_then_its_digits),
        cmocka_unit_test(test_put_raw_when_value_holds_soh_then_written),
        cmocka_unit_test(test_put_fields_when_room_is_exact_then_fits_and_one_more_fails),
        cmocka_unit_test(test_put_when_room_ends_then_failed_and_memory_untouched_behind),
        cmocka_unit_test(test_put_when_a_later_field_would_fit_after_one_failed_then_still_failed),
        cmocka_unit_test(test_put_fields_when_empty_then_nothing_changes),
        cmocka_unit_test(test_number_when_of_any_size_then_same_digits_as_printf),
        cmocka_unit_test(test_put_uint_when_largest_then_written),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
