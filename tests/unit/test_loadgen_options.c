/* The load generator's command line. */
#include "tests/support.h"

#include <string.h>

#include "bench/loadgen/options.h"

#define ARGUMENTS_MAX 16

/* Reads a command line written with single spaces. */
static rfx_status read_line(const char *line, struct options *options, struct rfx_error *error)
{
    static char copy[256];
    char *arguments[ARGUMENTS_MAX] = {"loadgen"};
    int count = 1;
    assert_true(strlen(line) < sizeof copy);
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = word;
    }
    error->text[0] = '\0';
    return options_read(count, arguments, options, error);
}

static void test_read_of_a_port_alone_then_defaults(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 5001", &options, &error), RFX_OK);
    assert_int_equal(options.action, OPTIONS_RUN);
    assert_string_equal(options.host, "127.0.0.1");
    assert_int_equal(options.port, 5001);
    assert_int_equal(options.sessions, 1);
    assert_int_equal(options.in_flight, 1);
    assert_true(options.rate == 0 && options.warmup_s == 1 && options.duration_s == 10);
    assert_int_equal(options.idle, RFX_IDLE_ADAPTIVE);
}

static void test_read_of_a_count_then_no_warmup_unless_asked_for(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 1 --count 50", &options, &error), RFX_OK);
    assert_true(options.count == 50 && options.warmup_s == 0);
    assert_int_equal(read_line("--port 1 --warmup 2.5 --count 50", &options, &error), RFX_OK);
    assert_true(options.warmup_s == 2.5);
}

static void test_read_of_wrong_lines_then_the_culprit_is_named(void **state)
{
    static const char *const lines[][2] = {
        {"", "--port"},
        {"--port 0", "--port 0"},
        {"--port 65536", "65536"},
        {"--port 80x", "80x"},
        {"--port -1", "-1"},
        {"--port", "--port"},
        {"--port 1 --sessions 0", "--sessions 0"},
        {"--port 1 --sessions 99999999999999999999", "--sessions"},
        {"--port 1 --rate 0", "--rate 0"},
        {"--port 1 --rate nan", "nan"},
        {"--port 1 --rate 1e3x", "1e3x"},
        {"--port 1 --duration inf", "inf"},
        {"--port 1 --in-flight 65537", "65537"},
        {"--port 1 --rate 10 --in-flight 2", "--in-flight"},
        {"--port 1 --count 10 --duration 2", "--duration"},
        {"--port 1 --begin-string FIX.4.3", "FIX.4.3"},
        {"--port 1 --idle sleepy", "sleepy"},
        {"--port 1 --sessions 2 --sender LG", "%d"},
        {"--port 1 --sender A%dB%d", "A%dB%d"},
        {"--port 1 --bogus", "--bogus"},
        {"--port 1 --quiet=3", "--quiet=3"},
        {"--port 1 extra", "extra"},
    };
    struct options options;
    struct rfx_error error;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        rfx_status status = read_line(lines[i][0], &options, &error);
        if (status != RFX_E_INVALID || strstr(error.text, lines[i][1]) == NULL) {
            fail_msg("'%s': status %d, text '%s'", lines[i][0], (int)status, error.text);
        }
    }
}

static void test_sender_written_then_session_number_read_back(void **state)
{
    struct options options;
    struct rfx_error error;
    char name[RFX_COMP_ID_MAX + 1];
    (void)state;
    assert_int_equal(read_line("--port 1 --sessions 20 --sender X%dY", &options, &error), RFX_OK);
    options_sender(&options, 17, name);
    assert_string_equal(name, "X17Y");
    assert_int_equal(options_session_number(&options, "FIX.4.4:X17Y->RINGFIX"), 17);
    assert_int_equal(options_session_number(&options, "FIX.4.4:X21Y->RINGFIX"), 0);
    assert_int_equal(options_session_number(&options, "FIX.4.4:X"), 0);
    assert_int_equal(options_session_number(&options, ""), 0);
}

static void test_sender_without_a_place_then_one_session_has_it(void **state)
{
    struct options options;
    struct rfx_error error;
    char name[RFX_COMP_ID_MAX + 1];
    (void)state;
    assert_int_equal(read_line("--port 1 --sender ALONE", &options, &error), RFX_OK);
    options_sender(&options, 1, name);
    assert_string_equal(name, "ALONE");
    assert_int_equal(options_session_number(&options, "FIX.4.4:ALONE->RINGFIX"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_of_a_port_alone_then_defaults),
        cmocka_unit_test(test_read_of_a_count_then_no_warmup_unless_asked_for),
        cmocka_unit_test(test_read_of_wrong_lines_then_the_culprit_is_named),
        cmocka_unit_test(test_sender_written_then_session_number_read_back),
        cmocka_unit_test(test_sender_without_a_place_then_one_session_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
