/* The load generator's mixes of messages: what a file may say. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/mix.h"

static rfx_status parse(const char *text, struct mix *mix, struct rfx_error *error)
{
    error->text[0] = '\0';
    return mix_parse((struct rfx_bytes){.data = text, .size = strlen(text)}, "mix", mix, error);
}

static void assert_field(const struct mix *mix, uint32_t index, int32_t tag, const char *text)
{
    const struct mix_field *field = &mix->fields[index];
    assert_int_equal(field->tag, tag);
    assert_int_equal(field->text.size, strlen(text));
    assert_memory_equal(field->text.data, text, strlen(text));
}

static void test_parse_of_two_messages_then_their_fields_in_order(void **state)
{
    struct mix mix;
    struct rfx_error error;
    (void)state;
    assert_int_equal(parse("# orders and cancels\n"
                           "\n"
                           "  70 : 35=D|50=DESK|55=ABC|54=1|58=a=b|60={now}|\r\n"
                           "30:35=AE|41={previous}|9999999=x",
                           &mix, &error),
                     RFX_OK);
    assert_int_equal(mix.line_count, 2);
    assert_int_equal(mix.weight, 100);
    assert_string_equal(mix.lines[0].msg_type, "D");
    assert_int_equal(mix.lines[0].number, 3);
    assert_int_equal(mix.lines[0].count, 5);
    assert_int_equal(mix.lines[0].header_count, 1);
    assert_field(&mix, 0, 50, "DESK");
    assert_field(&mix, 1, 55, "ABC");
    assert_field(&mix, 3, 58, "a=b");
    assert_int_equal(mix.fields[3].kind, MIX_TEXT);
    assert_int_equal(mix.fields[4].kind, MIX_NOW);
    assert_string_equal(mix.lines[1].msg_type, "AE");
    assert_int_equal(mix.lines[1].first, 5);
    assert_int_equal(mix.fields[5].kind, MIX_PREVIOUS);
    assert_field(&mix, 6, 9999999, "x");
    assert_int_equal(mix.size_max, strlen("35=D|50=DESK|55=ABC|54=1|58=a=b|60={now}|"));
    mix_free(&mix);
    mix_free(&mix);
}

static void test_parse_of_wrong_files_then_the_line_is_named(void **state)
{
    static const char *const files[][2] = {
        {"", "mix:0: no message"},
        {"# nothing\n\n", "mix:2: no message"},
        {"35=D|55=A\n", "mix:1: a line is"},
        {"1: 35=D|55=A\n: 35=D|55=A", "mix:2: a line is"},
        {"0: 35=D|55=A", "from 1 to"},
        {"-1: 35=D|55=A", "from 1 to"},
        {"1000001: 35=D|55=A", "from 1 to"},
        {"99999999999999999999: 35=D|55=A", "from 1 to"},
        {"5", "a line is"},
        {"5:", "35=... and more"},
        {"5:  ", "35=... and more"},
        {"5: 55=A|35=D", "MsgType(35) comes first"},
        {"5: 35=", "no value"},
        {"5: 35=A|55=A", "35=A"},
        {"5: 35=5|55=A", "35=5"},
        {"5: 35=ABCDEFGH|55=A", "up to 7"},
        {"5: 35=D|35=F", "field 35 is written"},
        {"5: 35=D|34=7", "field 34 is written"},
        {"5: 35=D|8=FIX.4.4", "field 8 is written"},
        {"5: 35=D|10=000", "field 10 is written"},
        {"5: 35=D|11=mine", "ClOrdID(11)"},
        {"5: 35=D|55=", "field 55 has no value"},
        {"5: 35=D||55=A", "'' is no field"},
        {"5: 35=D|55", "'55' is no field"},
        {"5: 35=D|=55", "'=55' is no field"},
        {"5: 35=D|055=A", "'055=A' is no field"},
        {"5: 35=D|0=A", "'0=A' is no field"},
        {"5: 35=D|5x=A", "'5x=A' is no field"},
        {"5: 35=D| 55=A", "' 55=A' is no field"},
        {"5: 35=D|12345678=A", "'12345678=A' is no field"},
        {"5: 35=D|55=A\x01"
         "56=B",
         "byte 13 is a control character"},
        {"\x1b[2J", "byte 1 is a control character"},
    };
    struct mix mix;
    struct rfx_error error;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        rfx_status status = parse(files[i][0], &mix, &error);
        if (status != RFX_E_INVALID || strstr(error.text, files[i][1]) == NULL) {
            fail_msg("'%s': status %d, text '%s'", files[i][0], (int)status, error.text);
        }
        assert_null(mix.fields);
    }
}

static void test_parse_of_too_much_then_refused_and_of_the_most_then_taken(void **state)
{
    char *text = calloc(1, MIX_FILE_SIZE_MAX + 2);
    struct mix mix;
    struct rfx_error error;
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < MIX_LINES_MAX; i++) {
        strcat(text, "1:35=D|55=A\n");
    }
    assert_int_equal(parse(text, &mix, &error), RFX_OK);
    mix_free(&mix);
    strcat(text, "1:35=D|55=A\n");
    assert_int_equal(parse(text, &mix, &error), RFX_E_INVALID);
    assert_non_null(strstr(error.text, "mix:65: more than 64"));

    strcpy(text, "1:35=D");
    for (size_t i = 0; i < MIX_FIELDS_MAX; i++) {
        strcat(text, "|58=x");
    }
    assert_int_equal(parse(text, &mix, &error), RFX_OK);
    mix_free(&mix);
    strcat(text, "|58=x");
    assert_int_equal(parse(text, &mix, &error), RFX_E_INVALID);
    assert_non_null(strstr(error.text, "more than 200 fields"));

    memcpy(text, "1:35=D|58=", 10);
    memset(text + 10, 'x', MIX_LINE_SIZE_MAX);
    text[10 + MIX_LINE_SIZE_MAX] = '\0';
    assert_int_equal(parse(text, &mix, &error), RFX_E_INVALID);
    assert_non_null(strstr(error.text, "longer than"));
    memset(text, '\n', MIX_FILE_SIZE_MAX + 1);
    assert_int_equal(parse(text, &mix, &error), RFX_E_INVALID);
    assert_non_null(strstr(error.text, "larger than"));
    free(text);
}

/* Each byte of a good file replaced by each of some bytes: never more than an error. */
static void test_parse_of_damaged_files_then_an_error_or_a_mix(void **state)
{
    static const char good[] = "3: 35=D|50=A|55=B|60={now}\n12: 35=F|41={previous}\n";
    static const char bytes[] = {'\0', '\n', '\r', ' ', ':',    '|',
                                 '=',  '0',  '9',  '{', '\x7f', '\xff'};
    struct mix mix;
    struct rfx_error error;
    (void)state;
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (size_t j = 0; j < sizeof bytes; j++) {
            char *text = malloc(sizeof good - 1); /* no NUL behind it */
            assert_non_null(text);
            memcpy(text, good, sizeof good - 1);
            text[i] = bytes[j];
            struct rfx_bytes all = {.data = text, .size = sizeof good - 1};
            if (mix_parse(all, "mix", &mix, &error) == RFX_OK) {
                assert_true(mix.line_count > 0 && mix.weight > 0);
            }
            mix_free(&mix);
            free(text);
        }
    }
}

static void test_pick_of_many_then_by_weight_and_repeatable(void **state)
{
    struct mix mix;
    struct rfx_error error;
    uint32_t counts[3] = {0};
    (void)state;
    assert_int_equal(parse("70:35=D|55=A\n29:35=F|55=A\n1:35=G|55=A\n", &mix, &error), RFX_OK);
    for (uint32_t session = 1; session <= 10; session++) {
        for (uint64_t number = 1; number <= 1000; number++) {
            uint32_t index = mix_pick(&mix, session, number);
            assert_true(index < 3 && index == mix_pick(&mix, session, number));
            counts[index]++;
        }
    }
    assert_in_range(counts[0], 6800, 7200);
    assert_in_range(counts[1], 2700, 3100);
    assert_in_range(counts[2], 60, 140);
    mix_free(&mix);
}

static void test_load_of_no_file_then_the_path_is_named(void **state)
{
    struct mix mix;
    struct rfx_error error;
    char directory[256];
    (void)state;
    make_temp_dir(directory);
    assert_int_equal(mix_load(directory, &mix, &error), RFX_E_IO); /* no file */
    assert_non_null(strstr(error.text, directory));
    strcat(directory, "/none");
    assert_int_equal(mix_load(directory, &mix, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, directory));
    *strrchr(directory, '/') = '\0';
    remove_tree(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_of_two_messages_then_their_fields_in_order),
        cmocka_unit_test(test_parse_of_wrong_files_then_the_line_is_named),
        cmocka_unit_test(test_parse_of_too_much_then_refused_and_of_the_most_then_taken),
        cmocka_unit_test(test_parse_of_damaged_files_then_an_error_or_a_mix),
        cmocka_unit_test(test_pick_of_many_then_by_weight_and_repeatable),
        cmocka_unit_test(test_load_of_no_file_then_the_path_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
