/* A builder makes no malformed message. */
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/message.h"
#include "tests/support.h"

static int set_up(void **state)
{
    struct rfx_builder *builder = NULL;
    assert_int_equal(rfx_builder_open(4000, &builder), RFX_OK);
    *state = builder;
    return 0;
}

static int tear_down(void **state)
{
    rfx_builder_close(*state);
    return 0;
}

/* What was written, '|' for SOH. */
static void expect(struct rfx_builder *builder, const char *text)
{
    char found[4001];
    const size_t size = (size_t)(builder->writer.position - builder->writer.start);
    int32_t tag = 0;
    if (!rfx_builder_is_good(builder)) {
        const char *problem = rfx_builder_problem(builder, &tag);
        fail_msg("tag %d: %s", (int)tag, problem);
    }
    for (size_t i = 0; i < size; i++) {
        const char c = builder->writer.start[i];
        found[i] = (char)(c == '\x01' ? '|' : c);
    }
    found[size] = '\0';
    assert_string_equal(found, text);
    assert_null(rfx_builder_problem(builder, NULL));
}

/* And the builder is made ready for the next. */
static void expect_problem(struct rfx_builder *builder, int32_t tag, const char *text)
{
    int32_t found = -1;
    assert_false(rfx_builder_is_good(builder));
    const char *problem = rfx_builder_problem(builder, &found);
    if (strstr(problem, text) == NULL) {
        fail_msg("'%s' is not in '%s'", text, problem);
    }
    assert_int_equal(found, tag);
    rfx_builder_clear(builder);
    assert_null(rfx_builder_problem(builder, NULL));
}

static void test_put_when_values_are_good_then_written_exactly(void **state)
{
    struct rfx_builder *builder = *state;
    rfx_builder_put_text(builder, 1, "ACC");
    rfx_builder_put_char(builder, 54, '1');
    rfx_builder_put_bool(builder, 114, true);
    rfx_builder_put_bool(builder, 377, false);
    rfx_builder_put_int(builder, 2, 0);
    rfx_builder_put_int(builder, 3, INT64_MIN);
    rfx_builder_put_int(builder, 4, INT64_MAX);
    rfx_builder_put_decimal(builder, 44, (struct rfx_decimal){1250, 2});
    rfx_builder_put_decimal(builder, 45, (struct rfx_decimal){-5, 3});
    rfx_builder_put_decimal(builder, 46, (struct rfx_decimal){INT64_MIN, 18});
    rfx_builder_put_decimal(builder, 47, (struct rfx_decimal){0, 2});
    rfx_builder_put_utc(builder, 60, INT64_C(1000000001), 0);
    rfx_builder_put_utc(builder, 61, INT64_C(1000000001), 9);
    rfx_builder_put_data(builder, 95, 96, (struct rfx_bytes){"a\x01z", 3});
    expect(builder, "1=ACC|54=1|114=Y|377=N|2=0|3=-9223372036854775808|4=9223372036854775807|"
                    "44=12.50|45=-0.005|46=-9.223372036854775808|47=0.00|"
                    "60=19700101-00:00:01|61=19700101-00:00:01.000000001|95=3|96=a|z|");
}

static void test_put_when_something_is_wrong_then_failed_and_said(void **state)
{
    struct rfx_builder *builder = *state;
    static char large[4000];
    memset(large, 'x', sizeof large - 1);
    rfx_builder_put_text(builder, 55, "");
    expect_problem(builder, 55, "empty");
    rfx_builder_put_text(builder, 58, "a\x01z");
    expect_problem(builder, 58, "SOH");
    rfx_builder_put_int(builder, 0, 1);
    expect_problem(builder, 0, "positive");
    rfx_builder_put_int(builder, -7, 1);
    expect_problem(builder, -7, "positive");
    rfx_builder_put_int(builder, 34, 1);
    expect_problem(builder, 34, "session layer");
    rfx_builder_put_text(builder, 58, large);
    expect_problem(builder, 58, "room");
    rfx_builder_put_int(builder, 95, 3);
    expect_problem(builder, 95, "rfx_builder_put_data");
    rfx_builder_put_text(builder, 96, "abc");
    expect_problem(builder, 96, "rfx_builder_put_data");
    rfx_builder_put_data(builder, 95, 98, (struct rfx_bytes){"abc", 3});
    expect_problem(builder, 95, "not the length");
    rfx_builder_put_data(builder, 95, 96, (struct rfx_bytes){"", 0});
    expect_problem(builder, 96, "empty");
    rfx_builder_put_decimal(builder, 44, (struct rfx_decimal){1, 19});
    expect_problem(builder, 44, "RFX_SCALE_MAX");
    rfx_builder_put_utc(builder, 60, 0, 4);
    expect_problem(builder, 60, "decimals");
    rfx_builder_put_utc(builder, 60, -1, 3);
    expect_problem(builder, 60, "1970");
    rfx_builder_put_text(builder, 55, "A");
    rfx_builder_put_text(builder, 1128, "9");
    expect_problem(builder, 1128, "header");
    for (int i = 0; i <= RFX_BUILDER_FIELDS_MAX; i++) {
        if (rfx_builder_problem(builder, NULL) == NULL && i % 200 == 0) {
            builder->writer.position = builder->writer.start; /* room for more than this one has */
        }
        rfx_builder_put_char(builder, 5000 + i, 'x');
    }
    expect_problem(builder, 5000 + RFX_BUILDER_FIELDS_MAX, "too many");
}

static void
test_put_when_something_was_wrong_then_the_first_counts_and_nothing_follows(void **state)
{
    struct rfx_builder *builder = *state;
    rfx_builder_put_text(builder, 55, "");
    const char *position = builder->writer.position;
    rfx_builder_put_text(builder, 56, "x");
    rfx_builder_put_text(builder, 1, "x");
    rfx_builder_put_data(builder, 95, 96, (struct rfx_bytes){"a", 1});
    rfx_builder_begin_group(builder, 268, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_end_group(builder);
    assert_ptr_equal(builder->writer.position, position);
    expect_problem(builder, 55, "empty");
}

/* Tags whose bits in the filter are the same are told apart. */
static void test_put_when_a_tag_comes_twice_then_failed(void **state)
{
    struct rfx_builder *builder = *state;
    rfx_builder_put_text(builder, 55, "A");
    rfx_builder_put_text(builder, 55 + 1024, "B");
    rfx_builder_put_text(builder, 55 + 2048, "C");
    expect(builder, "55=A|1079=B|2103=C|");
    rfx_builder_put_text(builder, 55 + 1024, "D");
    expect_problem(builder, 55 + 1024, "twice");
    rfx_builder_put_data(builder, 95, 96, (struct rfx_bytes){"a", 1});
    rfx_builder_put_data(builder, 95, 96, (struct rfx_bytes){"a", 1});
    expect_problem(builder, 95, "twice");
}

static void test_put_when_the_session_writes_a_field_as_configured_then_failed(void **state)
{
    struct rfx_builder *builder = *state;
    struct rfx_session_config config = {.sender_sub_id = "DESK",
                                        .enable_last_msg_seq_num_processed = true};
    rfx_builder_begin(builder, &config);
    rfx_builder_put_text(builder, 57, "TO");
    rfx_builder_put_text(builder, 115, "ON");
    expect(builder, "57=TO|115=ON|");
    rfx_builder_put_text(builder, 50, "DESK");
    expect_problem(builder, 50, "configured");
    rfx_builder_begin(builder, &config);
    rfx_builder_put_int(builder, 369, 1);
    expect_problem(builder, 369, "configured");
}

static void test_group_when_whole_then_written_with_its_counter(void **state)
{
    struct rfx_builder *builder = *state;
    rfx_builder_put_text(builder, 55, "EURUSD");
    rfx_builder_begin_group(builder, 268, 2);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_begin_group(builder, 453, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_put_text(builder, 448, "P");
    rfx_builder_end_group(builder);
    rfx_builder_put_int(builder, 271, 5);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '1');
    rfx_builder_begin_group(builder, 453, 0);
    rfx_builder_end_group(builder);
    rfx_builder_put_int(builder, 271, 6);
    rfx_builder_end_group(builder);
    rfx_builder_put_text(builder, 58, "end");
    expect(builder, "55=EURUSD|268=2|269=0|453=1|448=P|271=5|269=1|453=0|271=6|58=end|");
}

static void test_group_when_not_whole_then_failed_and_said(void **state)
{
    struct rfx_builder *builder = *state;
    rfx_builder_begin_group(builder, 268, 2);
    rfx_builder_put_char(builder, 269, '0');
    expect_problem(builder, 269, "before its first entry");

    rfx_builder_begin_group(builder, 268, 2);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_end_group(builder);
    expect_problem(builder, 268, "fewer");

    rfx_builder_begin_group(builder, 268, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_next_entry(builder);
    expect_problem(builder, 268, "more");

    rfx_builder_begin_group(builder, 268, 2);
    rfx_builder_next_entry(builder);
    rfx_builder_next_entry(builder);
    expect_problem(builder, 268, "no field");

    rfx_builder_begin_group(builder, 268, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_end_group(builder);
    expect_problem(builder, 268, "no field");

    rfx_builder_begin_group(builder, 268, 2);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_next_entry(builder);
    rfx_builder_put_int(builder, 270, 1);
    expect_problem(builder, 270, "another field");

    rfx_builder_begin_group(builder, 268, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_put_char(builder, 269, '1');
    expect_problem(builder, 269, "twice");

    rfx_builder_begin_group(builder, 268, 1);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    expect_problem(builder, 268, "not ended");

    rfx_builder_next_entry(builder);
    expect_problem(builder, 0, "outside");
    rfx_builder_end_group(builder);
    expect_problem(builder, 0, "none");
    for (int i = 0; i <= RFX_GROUP_DEPTH_MAX; i++) {
        rfx_builder_begin_group(builder, 5000 + i, 1);
        rfx_builder_next_entry(builder);
    }
    expect_problem(builder, 5000 + RFX_GROUP_DEPTH_MAX, "too deep");
}

static void test_append_when_fields_fit_then_added_and_kept(void **state)
{
    struct rfx_builder *builder = *state;
    struct rfx_builder *fields = NULL;
    assert_int_equal(rfx_builder_open(100, &fields), RFX_OK);
    rfx_builder_put_text(fields, 11, "ID");
    rfx_builder_begin_group(fields, 453, 1);
    rfx_builder_next_entry(fields);
    rfx_builder_put_text(fields, 448, "P");
    rfx_builder_end_group(fields);
    for (int i = 0; i < 2; i++) {
        rfx_builder_put_int(builder, 17, i);
        rfx_builder_append(builder, fields);
        rfx_builder_put_char(builder, 39, '2');
        expect(builder, i == 0 ? "17=0|11=ID|453=1|448=P|39=2|" : "17=1|11=ID|453=1|448=P|39=2|");
        rfx_builder_clear(builder);
    }
    rfx_builder_put_text(builder, 453, "1");
    rfx_builder_append(builder, fields);
    expect_problem(builder, 453, "twice");
    rfx_builder_begin_group(builder, 1, 1);
    rfx_builder_append(builder, fields);
    expect_problem(builder, 0, "outside of groups");
    rfx_builder_put_text(fields, 58, "");
    rfx_builder_append(builder, fields);
    expect_problem(builder, 58, "empty");
    rfx_builder_clear(fields);
    rfx_builder_put_text(fields, 115, "ON");
    rfx_builder_append(builder, fields);
    rfx_builder_put_text(builder, 55, "A");
    expect(builder, "115=ON|55=A|");
    rfx_builder_append(builder, fields);
    expect_problem(builder, 0, "header");
    rfx_builder_close(fields);
}

static void test_open_when_the_size_is_out_of_range_then_refused(void **state)
{
    (void)state;
    struct rfx_builder *builder = NULL;
    assert_int_equal(rfx_builder_open(0, &builder), RFX_E_INVALID);
    assert_int_equal(rfx_builder_open(SIZE_MAX, &builder), RFX_E_INVALID);
    assert_null(builder);
    rfx_builder_close(NULL);
}

/* Both tables say the same as the functions that reading uses. */
static void test_tags_when_asked_one_by_one_then_the_tables_agree(void **state)
{
    struct rfx_builder *builder = *state;
    size_t lengths = 0;
    size_t data = 0;
    for (int32_t tag = 1; tag < 50000; tag++) {
        rfx_builder_clear(builder);
        rfx_builder_put_char(builder, tag, 'x');
        const bool is_pair = rfx_data_tag_of(tag) != 0 || rfx_is_data_tag(tag);
        const char *problem = rfx_builder_problem(builder, NULL);
        lengths += rfx_data_tag_of(tag) != 0;
        data += rfx_is_data_tag(tag);
        assert_true(rfx_data_tag_of(tag) == 0 || rfx_is_data_tag(rfx_data_tag_of(tag)));
        assert_int_equal(builder->has_header, rfx_is_header_tag(tag) && builder->has_header);
        if (problem == NULL) {
            assert_false(is_pair || tag == 10);
            assert_int_equal(builder->has_header, rfx_is_header_tag(tag));
            assert_int_equal(builder->has_body, !rfx_is_header_tag(tag));
        } else {
            assert_true(is_pair || tag == 10 || rfx_is_header_tag(tag));
        }
    }
    assert_true(lengths > 80);
    assert_int_equal(lengths, data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_put_when_values_are_good_then_written_exactly),
        TEST(test_put_when_something_is_wrong_then_failed_and_said),
        TEST(test_put_when_something_was_wrong_then_the_first_counts_and_nothing_follows),
        TEST(test_put_when_a_tag_comes_twice_then_failed),
        TEST(test_put_when_the_session_writes_a_field_as_configured_then_failed),
        TEST(test_group_when_whole_then_written_with_its_counter),
        TEST(test_group_when_not_whole_then_failed_and_said),
        TEST(test_append_when_fields_fit_then_added_and_kept),
        TEST(test_open_when_the_size_is_out_of_range_then_refused),
        TEST(test_tags_when_asked_one_by_one_then_the_tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
