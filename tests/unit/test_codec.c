/* Messages outside of sessions, there and back. */
#include <string.h>

#include "ringfix/codec.h"
#include "ringfix/config.h"
#include "tests/support.h"

static int set_up(void **state)
{
    struct rfx_codec *codec = NULL;
    assert_int_equal(rfx_codec_open(NULL, NULL, 4096, &codec), RFX_OK);
    *state = codec;
    return 0;
}

static int tear_down(void **state)
{
    rfx_codec_close(*state);
    return 0;
}

static struct rfx_codec_header header(const char *begin_string, const char *msg_type)
{
    return (struct rfx_codec_header){.begin_string = begin_string,
                                     .msg_type = msg_type,
                                     .sender_comp_id = "US",
                                     .target_comp_id = "THEM",
                                     .seq_num = 42,
                                     .utc_ns = INT64_C(1714996800000000000),
                                     .decimals = 3};
}

static const struct rfx_message *decode(struct rfx_codec *codec, struct rfx_bytes bytes)
{
    const struct rfx_message *message = NULL;
    size_t used = 0;
    assert_int_equal(rfx_codec_decode(codec, bytes, &used, &message), RFX_DECODED);
    assert_int_equal(used, bytes.size);
    return message;
}

static struct rfx_bytes order(struct rfx_codec *codec, const char *begin_string, const char *side)
{
    const struct rfx_codec_header head = header(begin_string, "D");
    struct rfx_builder *builder;
    struct rfx_bytes bytes;
    assert_int_equal(rfx_codec_begin(codec, &head, &builder), RFX_OK);
    rfx_builder_put_text(builder, 11, "ID");
    rfx_builder_put_char(builder, 21, '1');
    rfx_builder_begin_group(builder, 453, 2);
    for (int i = 0; i < 2; i++) {
        rfx_builder_next_entry(builder);
        rfx_builder_put_text(builder, 448, i == 0 ? "A" : "B");
        rfx_builder_put_char(builder, 447, 'D');
        rfx_builder_put_int(builder, 452, 1 + i);
    }
    rfx_builder_end_group(builder);
    rfx_builder_put_text(builder, 55, "ACME");
    rfx_builder_put_text(builder, 54, side);
    rfx_builder_put_utc(builder, 60, head.utc_ns, 3);
    rfx_builder_put_int(builder, 38, 100);
    rfx_builder_put_char(builder, 40, '2');
    rfx_builder_put_decimal(builder, 44, (struct rfx_decimal){1025, 2});
    assert_int_equal(rfx_codec_end(codec, builder, &bytes), RFX_OK);
    return bytes;
}

static void test_message_when_written_and_read_then_the_same(void **state)
{
    struct rfx_codec *codec = *state;
    const struct rfx_bytes bytes = order(codec, "FIX.4.4", "1");
    static const char expected[] =
        "8=FIX.4.4|9=162|35=D|34=42|49=US|52=20240506-12:00:00.000|56=THEM|11=ID|21=1|453=2|"
        "448=A|447=D|452=1|448=B|447=D|452=2|55=ACME|54=1|60=20240506-12:00:00.000|38=100|40=2|"
        "44=10.25|10=";
    char text[512];
    for (size_t i = 0; i < bytes.size; i++) {
        text[i] = (char)(bytes.data[i] == '\x01' ? '|' : bytes.data[i]);
    }
    text[bytes.size - 4] = '\0';
    assert_string_equal(text, expected);
    const struct rfx_message *message = decode(codec, bytes);
    struct rfx_decimal price;
    struct rfx_group group;
    struct rfx_entry entry;
    struct rfx_bytes id;
    int32_t tag = -1;
    assert_null(rfx_codec_check(codec, message, &tag));
    assert_int_equal(tag, 0);
    assert_int_equal(rfx_message_get_decimal(message, 44, &price), RFX_OK);
    assert_int_equal(price.mantissa, 1025);
    assert_int_equal(rfx_message_group(message, 453, &group), RFX_OK);
    assert_int_equal(group.count, 2);
    assert_true(rfx_group_next(&group, &entry) && rfx_group_next(&group, &entry));
    assert_int_equal(rfx_entry_get(&entry, 448, &id), RFX_OK);
    assert_memory_equal(id.data, "B", 1);
}

static void test_check_when_a_message_is_wrong_then_said(void **state)
{
    struct rfx_codec *codec = *state;
    int32_t tag = 0;
    assert_non_null(rfx_codec_check(codec, decode(codec, order(codec, "FIX.4.4", "X")), &tag));
    assert_int_equal(tag, 54);
    /* The group is none that FIX.4.2 has. */
    assert_non_null(rfx_codec_check(codec, decode(codec, order(codec, "FIX.4.2", "1")), &tag));
    /* By FIX.5.0SP2 when nothing else is said. */
    assert_null(rfx_codec_check(codec, decode(codec, order(codec, "FIXT.1.1", "1")), &tag));
}

static void test_check_when_a_dictionary_is_given_then_that_one_counts(void **state)
{
    struct rfx_codec *codec = NULL;
    int32_t tag = 0;
    (void)state;
    assert_int_equal(rfx_codec_open(rfx_dictionary_builtin("FIX.4.2"), NULL, 4096, &codec), RFX_OK);
    assert_non_null(rfx_codec_check(codec, decode(codec, order(codec, "FIX.4.4", "1")), &tag));
    rfx_codec_close(codec);
}

static void test_decode_when_bytes_are_partial_or_garbled_then_told_apart(void **state)
{
    struct rfx_codec *codec = *state;
    const struct rfx_bytes bytes = order(codec, "FIX.4.4", "1");
    const struct rfx_message *message = NULL;
    size_t used = 0;
    for (size_t size = 0; size < bytes.size; size++) {
        const struct rfx_bytes part = {bytes.data, size};
        assert_int_equal(rfx_codec_decode(codec, part, &used, &message), RFX_DECODED_PARTIAL);
        assert_in_range(used, 1, bytes.size - size);
    }
    char text[1024];
    memcpy(text, "junk", 4);
    memcpy(text + 4, bytes.data, bytes.size);
    const struct rfx_bytes with_junk = {text, bytes.size + 4};
    assert_int_equal(rfx_codec_decode(codec, with_junk, &used, &message), RFX_DECODED_GARBLED);
    assert_int_equal(used, 4);
    text[bytes.size + 1] ^= 1; /* CheckSum */
    const struct rfx_bytes damaged = {text + 4, bytes.size};
    assert_int_equal(rfx_codec_decode(codec, damaged, &used, &message), RFX_DECODED_GARBLED);
    assert_null(message);
}

static void test_begin_when_the_header_is_wrong_then_refused(void **state)
{
    struct rfx_codec *codec = *state;
    struct rfx_builder *builder = NULL;
    struct rfx_codec_header heads[6];
    for (size_t i = 0; i < 6; i++) {
        heads[i] = header("FIX.4.4", "D");
    }
    heads[0].begin_string = "";
    heads[1].msg_type = "D\x01";
    heads[2].sender_comp_id = NULL;
    heads[3].target_comp_id = "0123456789012345678901234567890123456789012345678901234567890123";
    heads[4].decimals = 5;
    heads[5].utc_ns = -1;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rfx_codec_begin(codec, &heads[i], &builder), RFX_E_INVALID);
    }
    assert_int_equal(rfx_codec_open(NULL, NULL, RFX_MESSAGE_SIZE_MAX + 1, &codec), RFX_E_INVALID);
}

static void test_end_when_a_field_is_wrong_or_all_are_too_long_then_refused(void **state)
{
    struct rfx_codec *codec = *state;
    const struct rfx_codec_header head = header("FIX.4.4", "B");
    struct rfx_builder *builder;
    struct rfx_bytes bytes;
    char text[4096];
    assert_int_equal(rfx_codec_begin(codec, &head, &builder), RFX_OK);
    rfx_builder_put_text(builder, 148, "");
    assert_int_equal(rfx_codec_end(codec, builder, &bytes), RFX_E_INVALID);
    assert_non_null(rfx_builder_problem(builder, NULL));
    memset(text, 'x', sizeof text);
    assert_int_equal(rfx_codec_begin(codec, &head, &builder), RFX_OK);
    rfx_builder_put(builder, 58, (struct rfx_bytes){text, sizeof text});
    assert_int_equal(rfx_codec_end(codec, builder, &bytes), RFX_E_INVALID);
    assert_non_null(rfx_builder_problem(builder, NULL));
}

static struct rfx_bytes bytes_of(const char *text)
{
    return (struct rfx_bytes){text, strlen(text)};
}

static void test_dictionary_when_asked_for_names_then_those_it_has(void **state)
{
    const struct rfx_dictionary *fix44 = rfx_dictionary_builtin("FIX.4.4");
    (void)state;
    assert_string_equal(rfx_dictionary_field_name(fix44, 54), "Side");
    assert_null(rfx_dictionary_field_name(fix44, 9999));
    assert_null(rfx_dictionary_field_name(fix44, -1));
    assert_int_equal(rfx_dictionary_field_tag(fix44, "ClOrdID"), 11);
    assert_int_equal(rfx_dictionary_field_tag(fix44, "ClOrdId"), 0);
    assert_string_equal(rfx_dictionary_field_type(fix44, 60), "UTCTIMESTAMP");
    assert_null(rfx_dictionary_field_type(fix44, 9999));
    assert_string_equal(rfx_dictionary_value_name(fix44, 54, bytes_of("1")), "BUY");
    assert_null(rfx_dictionary_value_name(fix44, 54, bytes_of("X")));
    assert_null(rfx_dictionary_value_name(fix44, 55, bytes_of("1")));
    assert_null(rfx_dictionary_value_name(fix44, 9999, bytes_of("1")));
    assert_string_equal(rfx_dictionary_message_name(fix44, bytes_of("D")), "NewOrderSingle");
    assert_null(rfx_dictionary_message_name(fix44, bytes_of("")));
    assert_null(rfx_dictionary_message_name(fix44, bytes_of("ZZ")));
    assert_string_equal(rfx_dictionary_message_type(fix44, "ExecutionReport"), "8");
    assert_null(rfx_dictionary_message_type(fix44, "Nothing"));
}

static void test_dictionary_when_a_value_is_checked_then_by_type_and_list(void **state)
{
    const struct rfx_dictionary *fix44 = rfx_dictionary_builtin("FIX.4.4");
    static const struct {
        int32_t tag;
        const char *value;
        rfx_status status;
    } checks[] = {
        {54, "1", RFX_OK},          {54, "Z", RFX_E_INVALID},   {54, "", RFX_E_INVALID},
        {44, "10.25", RFX_OK},      {44, "1e5", RFX_E_INVALID}, {60, "20240506-12:00:00", RFX_OK},
        {60, "now", RFX_E_INVALID}, {58, "any text", RFX_OK},   {9999, "1", RFX_E_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        assert_int_equal(
            rfx_dictionary_check_value(fix44, checks[i].tag, bytes_of(checks[i].value)),
            checks[i].status);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_message_when_written_and_read_then_the_same),
        TEST(test_check_when_a_message_is_wrong_then_said),
        TEST(test_check_when_a_dictionary_is_given_then_that_one_counts),
        TEST(test_decode_when_bytes_are_partial_or_garbled_then_told_apart),
        TEST(test_begin_when_the_header_is_wrong_then_refused),
        cmocka_unit_test(test_dictionary_when_asked_for_names_then_those_it_has),
        cmocka_unit_test(test_dictionary_when_a_value_is_checked_then_by_type_and_list),
        TEST(test_end_when_a_field_is_wrong_or_all_are_too_long_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
