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
    assert_int_equal(options.host_count, 1);
    assert_string_equal(options.hosts[0].name, "127.0.0.1");
    assert_int_equal(options.hosts[0].port, 5001);
    assert_int_equal(options.appl_ver_id, -1);
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
        {"--port 1 --rate 10 --sweep 1:2", "--sweep"},
        {"--port 1 --in-flight 3 --sweep 1:2", "--sweep"},
        {"--port 1 --count 3 --sweep 1:2", "--count"},
        {"--port 1 --rate 10g", "g"},
        {"--port 1 --rate 1kk", "k"},
        {"--port 1 --rate 200M", "200M"},
        {"--port 1 --sweep 10k", "10k:500k"},
        {"--port 1 --sweep 10k:", "10k:"},
        {"--port 1 --sweep :10k", ":10k"},
        {"--port 1 --sweep 10k:5k", "higher"},
        {"--port 1 --sweep 10k:10k", "higher"},
        {"--port 1 --sweep 1k:5k:", "--sweep"},
        {"--port 1 --sweep 1k:5k:1", "from 2 to 50"},
        {"--port 1 --sweep 1k:5k:51", "from 2 to 50"},
        {"--port 1 --sweep 1k:5k:3:4", "3:4"},
        {"--port 1 --sweep 1k:5kx", "x"},
        {"--port 1 --sweep -1:5k", "-1"},
        {"--port 1 --sweep nan:5k", "nan"},
        {"--port 1 --about \x7f", "printable"},
        {"--port 1 --begin-string FIX.4.5", "FIX.4.5"},
        {"--port 1 --begin-string FIX.4.44", "FIX.4.44"},
        {"--port 1 --begin-string FIX.5.0", "FIX.5.0"},
        {"--port 1 --appl-ver FIX.5.0", "--appl-ver"},
        {"--port 1 --begin-string FIXT.1.1 --appl-ver FIX.4.4", "FIX.4.4"},
        {"--host a:1 --host b", "--port"},
        {"--host a:0", "0"},
        {"--host a:65536", "65536"},
        {"--host a:1x", "1x"},
        {"--host [::1]x", "x"},
        {"--host []:1", "1 to 255"},
        {"--host :1", "1 to 255"},
        {"--port 1 --burst 10", "N@HZ"},
        {"--port 1 --burst 0@1", "N@HZ"},
        {"--port 1 --burst 10@", "N@HZ"},
        {"--port 1 --burst 10@1x", "N@HZ"},
        {"--port 1 --burst -1@1", "N@HZ"},
        {"--port 1 --burst 1000000@1000", "N@HZ"},
        {"--port 1 --burst 10@1 --rate 5", "--burst"},
        {"--port 1 --churn 0", "--churn 0"},
        {"--port 1 --churn x", "--churn x"},
        {"--port 1 --test-request --in-flight 2", "--test-request"},
        {"--port 1 --test-request --mix m", "--test-request"},
        {"--port 1 --test-request=1", "--test-request"},
        {"--port 1 --ramp 0", "--ramp 0"},
        {"--port 1 --sessions 1000 --ramp 0.01", "--ramp"},
        {"--port 1 --duration 86400 --ramp 1", "--ramp"},
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

static void test_read_of_rates_then_k_and_m_multiply(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 1 --rate 1.5M", &options, &error), RFX_OK);
    assert_true(options.rate == 1500000);
    assert_int_equal(options.sweep.count, 0);
    assert_int_equal(read_line("--port 1 --sweep 500:20k", &options, &error), RFX_OK);
    assert_true(options.sweep.from == 500 && options.sweep.to == 20000);
    assert_int_equal(options.sweep.count, 10);
    assert_true(options.rate == 20000); /* open loop */
    assert_int_equal(read_line("--port 1 --sweep 0.5k:1M:50", &options, &error), RFX_OK);
    assert_true(options.sweep.from == 500 && options.sweep.to == 1e6);
    assert_int_equal(options.sweep.count, 50);
}

static void test_read_of_hosts_then_sessions_take_them_in_turn(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 7 --host a.example:1 --host [::1]:2 --host ::1 --host b",
                               &options, &error),
                     RFX_OK);
    assert_int_equal(options.host_count, 4);
    assert_string_equal(options_host(&options, 1)->name, "a.example");
    assert_int_equal(options_host(&options, 1)->port, 1);
    assert_string_equal(options_host(&options, 2)->name, "::1");
    assert_int_equal(options_host(&options, 2)->port, 2);
    assert_string_equal(options_host(&options, 3)->name, "::1");
    assert_int_equal(options_host(&options, 3)->port, 7);
    assert_string_equal(options_host(&options, 4)->name, "b");
    assert_string_equal(options_host(&options, 5)->name, "a.example");
    assert_int_equal(read_line("--host a:1", &options, &error), RFX_OK);
}

static void test_read_of_versions_then_fixt_has_an_application_version(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 1 --begin-string FIX.4.0", &options, &error), RFX_OK);
    assert_int_equal(options.appl_ver_id, -1);
    assert_int_equal(read_line("--port 1 --begin-string FIXT.1.1", &options, &error), RFX_OK);
    assert_int_equal(options.appl_ver_id, 9);
    assert_int_equal(
        read_line("--port 1 --appl-ver FIX.5.0 --begin-string FIXT.1.1", &options, &error), RFX_OK);
    assert_int_equal(options.appl_ver_id, 7);
}

static void test_read_of_a_burst_then_its_rate(void **state)
{
    struct options options;
    struct rfx_error error;
    (void)state;
    assert_int_equal(read_line("--port 1 --burst 1000@2.5", &options, &error), RFX_OK);
    assert_int_equal(options.burst, 1000);
    assert_true(options.rate == 2500);
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
        cmocka_unit_test(test_read_of_rates_then_k_and_m_multiply),
        cmocka_unit_test(test_read_of_hosts_then_sessions_take_them_in_turn),
        cmocka_unit_test(test_read_of_versions_then_fixt_has_an_application_version),
        cmocka_unit_test(test_read_of_a_burst_then_its_rate),
        cmocka_unit_test(test_sender_written_then_session_number_read_back),
        cmocka_unit_test(test_sender_without_a_place_then_one_session_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
