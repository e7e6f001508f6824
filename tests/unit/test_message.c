/* The field index of a message, the session header, and the typed getters. The message and the
 * array of fields both end at a guard page. */
#include <stdlib.h>
#include <string.h>

#include "core/message.h"
#include "tests/unit/support_bytes.h"

struct rig {
    struct guard bytes;
    struct guard fields;
    struct rfx_message message;
};

static int set_up(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    guard_open(&rig->bytes, FIX_TEXT_MAX);
    guard_open(&rig->fields, RFX_FIELDS_MAX(FIX_TEXT_MAX) * sizeof(struct rfx_field));
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    guard_close(&rig->bytes);
    guard_close(&rig->fields);
    free(rig);
    return 0;
}

static const struct rfx_message *index_text(struct rig *rig, const struct fix_text *text)
{
    struct rfx_field *fields = (struct rfx_field *)(void *)guard_last(
        &rig->fields, RFX_FIELDS_MAX(text->size) * sizeof(struct rfx_field));
    const char *data = guard_copy(&rig->bytes, text->data, text->size);
    rfx_message_index(data, text->size, fields, &rig->message);
    assert_true(rig->message.field_count <= RFX_FIELDS_MAX(text->size));
    for (uint32_t i = 0; i < rig->message.field_count; i++) {
        assert_true(fields[i].offset <= text->size);
        assert_true(fields[i].size <= text->size - fields[i].offset);
    }
    return &rig->message;
}

static const struct rfx_message *index_body(struct rig *rig, const char *body)
{
    struct fix_text text = fix_message(body);
    return index_text(rig, &text);
}

/* The field at an index; a '|' of the text stands for SOH. */
static void expect_field(const struct rfx_message *message, size_t index, int32_t tag,
                         const char *value)
{
    struct fix_text raw = fix_raw(value);
    struct rfx_field_view field = rfx_message_field_at(message, index);
    assert_int_equal(field.tag, tag);
    assert_int_equal(field.value.size, raw.size);
    assert_memory_equal(field.value.data, raw.data, raw.size);
}

/* ---------------------------------------------------------------------------------- index */

static void test_index_when_plain_then_all_fields_in_order(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=D|34=12|58=a=b=|999999999=z|");
    assert_int_equal(rfx_message_field_count(message), 7);
    expect_field(message, 0, 8, "FIX.4.4");
    expect_field(message, 1, 9, "31");
    expect_field(message, 2, 35, "D");
    expect_field(message, 3, 34, "12");
    expect_field(message, 4, 58, "a=b=");
    expect_field(message, 5, 999999999, "z");
    assert_int_equal(rfx_message_field_at(message, 6).tag, 10);
    assert_int_equal(message->malformed_index, -1);
    assert_true(rfx_message_is(message, "D"));
    assert_false(rfx_message_is(message, "DD"));
    assert_false(rfx_message_is(message, ""));
    assert_ptr_equal(rfx_message_raw(message).data, message->data);
    assert_int_equal(rfx_message_raw(message).size, message->size);
}

static void test_index_when_values_are_empty_then_sizes_are_zero(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=|58=|1=|");
    assert_int_equal(rfx_message_field_count(message), 6);
    expect_field(message, 2, 35, "");
    expect_field(message, 3, 58, "");
    expect_field(message, 4, 1, "");
    assert_int_equal(message->malformed_index, -1);
    assert_true(rfx_message_is(message, ""));
}

static void test_index_when_tags_are_zero_or_negative_then_kept_for_the_reject(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=D|0=a|-1=b|-0=c|007=d|");
    expect_field(message, 3, 0, "a");
    expect_field(message, 4, -1, "b");
    expect_field(message, 5, 0, "c");
    expect_field(message, 6, 7, "d");
    assert_int_equal(message->malformed_index, -1);
}

static void test_index_when_tag_is_no_number_then_malformed(void **state)
{
    const char *fields[] = {
        "x=1",   "1x=1",         "=1",    "58",           "",     "-=1", "--1=1",
        " 58=1", "1234567890=1", "58 =1", "-1234567890=", "+1=1", "-",   "99999999999999999999=1"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char body[64] = "35=D|";
        strcat(body, fields[i]);
        strcat(body, "|11=ok|");
        const struct rfx_message *message = index_body(*state, body);
        assert_int_equal(message->malformed_index, 3);
        expect_field(message, 3, RFX_TAG_MALFORMED, fields[i]);
        expect_field(message, 4, 11, "ok");
        assert_int_equal(rfx_message_field_at(message, 5).tag, 10);
    }
}

static void test_index_when_second_field_is_malformed_then_ends_there(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=D|x=1|58=a|y=1|59=b|");
    assert_int_equal(message->malformed_index, 3);
    assert_int_equal(rfx_message_field_count(message), 6);
    expect_field(message, 5, RFX_TAG_MALFORMED, "y=1");
}

static void test_index_when_bytes_are_random_then_stays_inside(void **state)
{
    static const char alphabet[] = "0123456789999=====|||||||-x";
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        uint64_t random = seed;
        char body[200] = "35=D|95=7|96=";
        size_t size = random_below(&random, 2) == 0 ? 5 : 13;
        size_t end = size + random_below(&random, 180);
        while (size < end) {
            body[size++] = alphabet[random_below(&random, sizeof alphabet - 1)];
        }
        body[size++] = '|';
        body[size] = '\0';
        index_body(*state, body);
    }
}

static void test_index_when_fields_are_as_short_as_can_be_then_the_bound_holds(void **state)
{
    char body[FIX_TEXT_MAX / 2] = "35=D|x|";
    for (int i = 0; i < 1000; i++) {
        strcat(body, "1=|");
    }
    strcat(body, "|");
    const struct rfx_message *message = index_body(*state, body);
    assert_int_equal(rfx_message_field_count(message), 1005);
}

/* ---------------------------------------------------------------------------- data fields */

static void test_data_field_when_it_holds_soh_then_whole(void **state)
{
    const char *pairs[][2] = {{"95=9|", "96=a|b=c|10=|"},
                              {"354=9|", "355=a|b=c|10=|"},
                              {"90=9|", "91=a|b=c|10=|"},
                              {"42947=009|", "42948=a|b=c|10=|"}};
    const int32_t tags[] = {96, 355, 91, 42948};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        char body[128] = "35=B|";
        strcat(strcat(strcat(body, pairs[i][0]), pairs[i][1]), "58=x|");
        const struct rfx_message *message = index_body(*state, body);
        assert_int_equal(message->malformed_index, -1);
        assert_int_equal(rfx_data_tag_of(message->fields[3].tag), tags[i]);
        expect_field(message, 4, tags[i], "a|b=c|10=");
        expect_field(message, 5, 58, "x");
    }
}

static void test_data_field_when_it_is_the_last_of_the_body_then_whole(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=B|95=3|96=|||||");
    /* "96=" holds three SOH; the fourth ends it, the fifth is an empty field. */
    expect_field(message, 4, 96, "|||");
    assert_int_equal(message->malformed_index, 5);
}

static void test_data_field_when_empty_then_accepted(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=B|95=0|96=|58=x|");
    expect_field(message, 4, 96, "");
    expect_field(message, 5, 58, "x");
    assert_int_equal(message->malformed_index, -1);
}

static void test_data_field_when_its_length_lies_then_malformed(void **state)
{
    const char *lengths[] = {"1", "2", "4", "5", "6", "999", "9223372036854775807", "4294967299"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char body[128] = "35=B|95=";
        strcat(strcat(body, lengths[i]), "|96=abc|58=x|");
        const struct rfx_message *message = index_body(*state, body);
        assert_int_equal(message->malformed_index, 4);
        expect_field(message, 4, 96, "abc");
        expect_field(message, 5, 58, "x");
    }
}

/* A length that reaches exactly to the last SOH of the message is a lie like any other: the
 * CheckSum field is no data. */
static void test_data_field_when_it_would_swallow_the_checksum_then_malformed(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=B|95=10|96=abc|");
    assert_int_equal(message->malformed_index, 4);
    assert_int_equal(rfx_message_field_at(message, rfx_message_field_count(message) - 1).tag, 10);
}

static void test_data_field_when_length_is_no_number_then_read_up_to_soh(void **state)
{
    const char *lengths[] = {"", "x", "-3", "3 ", "9223372036854775808", "99999999999999999999"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char body[128] = "35=B|95=";
        strcat(strcat(body, lengths[i]), "|96=abc|58=x|");
        const struct rfx_message *message = index_body(*state, body);
        expect_field(message, 4, 96, "abc");
        expect_field(message, 5, 58, "x");
        assert_int_equal(message->malformed_index, -1);
    }
}

static void test_data_field_when_not_right_behind_its_length_then_read_up_to_soh(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=B|95=3|58=x|96=a|1=b|");
    expect_field(message, 5, 96, "a");
    expect_field(message, 6, 1, "b");
    assert_int_equal(message->malformed_index, -1);
}

static void test_data_tag_when_asked_for_any_tag_then_lengths_alone_have_one(void **state)
{
    (void)state;
    size_t count = 0;
    for (int32_t tag = -10; tag < 50000; tag++) {
        int32_t data = rfx_data_tag_of(tag);
        count += data != 0;
        assert_int_equal(rfx_data_tag_of(data), 0);
    }
    assert_int_equal(count, 82); /* every row of the table: it is searched as sorted */
    assert_int_equal(rfx_data_tag_of(93), 89); /* SignatureLength, Signature */
    assert_int_equal(rfx_data_tag_of(INT32_MIN), 0);
    assert_int_equal(rfx_data_tag_of(INT32_MAX), 0);
}

/* --------------------------------------------------------------------------------- header */

static void expect_bytes(struct rfx_bytes bytes, const char *text)
{
    assert_non_null(bytes.data);
    assert_int_equal(bytes.size, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.size);
}

static void test_header_when_complete_then_all_fields(void **state)
{
    struct rfx_header header;
    rfx_header_read(index_body(*state, "35=8|49=S|56=T|34=7|43=Y|52=now|122=then|58=x|"), &header);
    expect_bytes(header.begin_string, "FIX.4.4");
    expect_bytes(header.msg_type, "8");
    expect_bytes(header.sender_comp_id, "S");
    expect_bytes(header.target_comp_id, "T");
    expect_bytes(header.msg_seq_num, "7");
    expect_bytes(header.sending_time, "now");
    expect_bytes(header.orig_sending_time, "then");
    assert_true(header.poss_dup);
}

static void test_header_when_fields_are_absent_then_null_and_when_empty_then_not(void **state)
{
    struct rfx_header header;
    rfx_header_read(index_body(*state, "35=8|49=|58=x|"), &header);
    expect_bytes(header.sender_comp_id, "");
    assert_null(header.target_comp_id.data);
    assert_null(header.msg_seq_num.data);
    assert_null(header.sending_time.data);
    assert_null(header.orig_sending_time.data);
    assert_false(header.poss_dup);
}

static void test_header_when_mixed_with_the_body_then_still_found(void **state)
{
    struct rfx_header header;
    rfx_header_read(index_body(*state, "35=8|58=x|49=S|11=y|56=T|34=7|38=1|52=now|"), &header);
    expect_bytes(header.sender_comp_id, "S");
    expect_bytes(header.target_comp_id, "T");
    expect_bytes(header.msg_seq_num, "7");
    expect_bytes(header.sending_time, "now");
}

static void test_header_when_a_tag_comes_twice_then_the_first_counts(void **state)
{
    struct rfx_header header;
    rfx_header_read(index_body(*state, "35=8|34=7|34=8|49=S|49=X|56=T|52=now|34=9|"), &header);
    expect_bytes(header.msg_seq_num, "7");
    expect_bytes(header.sender_comp_id, "S");
}

static void test_header_when_body_repeats_header_tags_then_ignored(void **state)
{
    struct rfx_header header;
    rfx_header_read(index_body(*state, "35=8|34=7|49=S|56=T|52=now|58=x|43=Y|122=t|"), &header);
    assert_false(header.poss_dup);
    assert_null(header.orig_sending_time.data);
}

static void test_poss_dup_when_not_y_then_false(void **state)
{
    const char *bodies[] = {"35=8|43=N|", "35=8|43=|", "35=8|43=y|", "35=8|43=YY|", "35=8|"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct rfx_header header;
        rfx_header_read(index_body(*state, bodies[i]), &header);
        assert_false(header.poss_dup);
    }
}

/* -------------------------------------------------------------------------------- getters */

static void test_get_when_absent_then_not_found_and_value_untouched(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=D|58=x|");
    struct rfx_bytes value = {.data = "keep", .size = 4};
    int64_t number = 42;
    char letter = 'k';
    assert_int_equal(rfx_message_get(message, 1, &value), RFX_E_NOT_FOUND);
    assert_int_equal(rfx_message_get_int(message, 1, &number), RFX_E_NOT_FOUND);
    assert_int_equal(rfx_message_get_utc(message, 1, &number), RFX_E_NOT_FOUND);
    assert_int_equal(rfx_message_get_char(message, 1, &letter), RFX_E_NOT_FOUND);
    expect_bytes(value, "keep");
    assert_int_equal(number, 42);
    assert_int_equal(letter, 'k');
    assert_int_equal(rfx_message_get(message, 58, &value), RFX_OK);
    expect_bytes(value, "x");
}

static void expect_int(struct rig *rig, const char *text, rfx_status status, int64_t expected)
{
    char body[128] = "35=D|38=";
    strcat(strcat(body, text), "|");
    int64_t value = -77;
    assert_int_equal(rfx_message_get_int(index_body(rig, body), 38, &value), status);
    assert_true(value == (status == RFX_OK ? expected : -77));
}

static void test_get_int_when_valid_then_value(void **state)
{
    expect_int(*state, "0", RFX_OK, 0);
    expect_int(*state, "-0", RFX_OK, 0);
    expect_int(*state, "00042", RFX_OK, 42);
    expect_int(*state, "-17", RFX_OK, -17);
    expect_int(*state, "9223372036854775807", RFX_OK, INT64_MAX);
    expect_int(*state, "-9223372036854775807", RFX_OK, -INT64_MAX);
}

static void test_get_int_when_the_least_of_64_bits_then_value(void **state)
{
    expect_int(*state, "-9223372036854775808", RFX_OK, INT64_MIN);
}

static void test_get_int_when_no_int_or_too_large_then_invalid(void **state)
{
    const char *texts[] = {"",
                           "-",
                           "+1",
                           " 1",
                           "1 ",
                           "1.0",
                           "--1",
                           "1-",
                           "0x",
                           "1e3",
                           "１",
                           "9223372036854775808",
                           "-9223372036854775809",
                           "18446744073709551616",
                           "99999999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_int(*state, texts[i], RFX_E_INVALID, 0);
    }
}

static void test_get_char_when_one_byte_then_value_else_invalid(void **state)
{
    const struct rfx_message *message = index_body(*state, "35=D|54=1|40=|59=12|");
    char value = 'k';
    assert_int_equal(rfx_message_get_char(message, 40, &value), RFX_E_INVALID);
    assert_int_equal(rfx_message_get_char(message, 59, &value), RFX_E_INVALID);
    assert_int_equal(value, 'k');
    assert_int_equal(rfx_message_get_char(message, 54, &value), RFX_OK);
    assert_int_equal(value, '1');
}

static void test_get_utc_when_valid_then_value_else_invalid(void **state)
{
    const struct rfx_message *message =
        index_body(*state, "35=D|60=19700102-00:00:01.5|52=20260230-00:00:00|42=|");
    int64_t value = -77;
    assert_int_equal(rfx_message_get_utc(message, 52, &value), RFX_E_INVALID);
    assert_int_equal(rfx_message_get_utc(message, 42, &value), RFX_E_INVALID);
    assert_int_equal(value, -77);
    assert_int_equal(rfx_message_get_utc(message, 60, &value), RFX_OK);
    assert_true(value == INT64_C(86401500000000));
}

static void test_read_uint_when_at_its_limits_then_exact(void **state)
{
    (void)state;
    uint64_t value = 5;
    assert_true(rfx_read_uint(rfx_bytes_of("9223372036854775807", 19), &value));
    assert_true(value == INT64_MAX);
    assert_false(rfx_read_uint(rfx_bytes_of("9223372036854775808", 19), &value));
    assert_false(rfx_read_uint(rfx_bytes_of("", 0), &value));
    assert_false(rfx_read_uint(rfx_bytes_of(NULL, 0), &value));
    assert_true(rfx_read_uint(rfx_bytes_of("000000000000000000000000000001", 30), &value));
    assert_int_equal(value, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index_when_plain_then_all_fields_in_order),
        cmocka_unit_test(test_index_when_values_are_empty_then_sizes_are_zero),
        cmocka_unit_test(test_index_when_tags_are_zero_or_negative_then_kept_for_the_reject),
        cmocka_unit_test(test_index_when_tag_is_no_number_then_malformed),
        cmocka_unit_test(test_index_when_second_field_is_malformed_then_ends_there),
        cmocka_unit_test(test_index_when_bytes_are_random_then_stays_inside),
        cmocka_unit_test(test_index_when_fields_are_as_short_as_can_be_then_the_bound_holds),
        cmocka_unit_test(test_data_field_when_it_holds_soh_then_whole),
        cmocka_unit_test(test_data_field_when_it_is_the_last_of_the_body_then_whole),
        cmocka_unit_test(test_data_field_when_empty_then_accepted),
        cmocka_unit_test(test_data_field_when_its_length_lies_then_malformed),
        cmocka_unit_test(test_data_field_when_it_would_swallow_the_checksum_then_malformed),
        cmocka_unit_test(test_data_field_when_length_is_no_number_then_read_up_to_soh),
        cmocka_unit_test(test_data_field_when_not_right_behind_its_length_then_read_up_to_soh),
        cmocka_unit_test(test_data_tag_when_asked_for_any_tag_then_lengths_alone_have_one),
        cmocka_unit_test(test_header_when_complete_then_all_fields),
        cmocka_unit_test(test_header_when_fields_are_absent_then_null_and_when_empty_then_not),
        cmocka_unit_test(test_header_when_mixed_with_the_body_then_still_found),
        cmocka_unit_test(test_header_when_a_tag_comes_twice_then_the_first_counts),
        cmocka_unit_test(test_header_when_body_repeats_header_tags_then_ignored),
        cmocka_unit_test(test_poss_dup_when_not_y_then_false),
        cmocka_unit_test(test_get_when_absent_then_not_found_and_value_untouched),
        cmocka_unit_test(test_get_int_when_valid_then_value),
        cmocka_unit_test(test_get_int_when_the_least_of_64_bits_then_value),
        cmocka_unit_test(test_get_int_when_no_int_or_too_large_then_invalid),
        cmocka_unit_test(test_get_char_when_one_byte_then_value_else_invalid),
        cmocka_unit_test(test_get_utc_when_valid_then_value_else_invalid),
        cmocka_unit_test(test_read_uint_when_at_its_limits_then_exact),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
