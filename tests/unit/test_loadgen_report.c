/* The load generator's report in its three forms. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/report.h"

struct rig {
    struct options options;
    struct histogram latency;
    struct report report;
    char *text; /* the latest output */
    size_t size;
};

static struct rig *rig_open(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    static char *arguments[] = {"loadgen", "--port", "5001", "--sessions", "10"};
    struct rfx_error error;
    assert_non_null(rig);
    assert_int_equal(options_read(5, arguments, &rig->options, &error), RFX_OK);
    rig->report.options = &rig->options;
    rig->report.latency = &rig->latency;
    rig->report.sent = 1000;
    rig->report.answered = 1000;
    rig->report.window.seconds = 2;
    rig->report.window.sent = 900;
    rig->report.window.answered = 1000;
    for (uint64_t i = 1; i <= 1000; i++) {
        histogram_record(&rig->latency, i * 1000); /* 1 to 1000 µs */
    }
    return rig;
}

static void rig_close(struct rig *rig)
{
    free(rig->text);
    free(rig);
}

static void write_as(struct rig *rig, void (*write_it)(const struct report *, FILE *))
{
    free(rig->text);
    FILE *out = open_memstream(&rig->text, &rig->size);
    assert_non_null(out);
    write_it(&rig->report, out);
    fclose(out);
}

static void assert_has(const struct rig *rig, const char *part)
{
    if (strstr(rig->text, part) == NULL) {
        fail_msg("'%s' is missing in:\n%s", part, rig->text);
    }
}

/* UTF-8 continuation bytes take no column. */
static void assert_fits_80_columns(const char *text)
{
    size_t column = 0;
    for (; *text != '\0'; text++) {
        column = *text == '\n' ? 0 : column + ((*text & 0xc0) != 0x80);
        assert_true(column <= 80);
    }
}

static void fail_in(struct rig *rig, enum failure kind, uint32_t sessions, uint64_t count)
{
    struct failure_summary *summary = &rig->report.failures[kind];
    summary->sessions = sessions;
    summary->count = count;
    for (uint32_t i = 0; i < sessions && i < REPORT_NAMES_MAX; i++) {
        summary->names[i] = i + 1;
    }
}

static void test_text_when_all_went_well_then_numbers_and_ok(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    write_as(rig, report_write_text);
    assert_true(report_is_clean(&rig->report));
    assert_has(rig, "10 sessions FIX.4.4 LG%d->RINGFIX\n  at 127.0.0.1:5001, closed loop, 1 in");
    assert_has(rig, "orders      1000 sent, 1000 answered\n");
    assert_has(rig, "2.000 s: 500 orders/s, 950 messages/s\n");
    assert_has(rig, "p50 500.2  p90 900.1  p99 990.2\n");
    assert_has(rig, "            p99.9 999.4  p99.99 1000.0  max 1000.0\n");
    assert_has(rig, "            mean 500.5  min 1.0  of 1000\n");
    assert_has(rig, "every order was answered exactly once\n");
    assert_null(strstr(rig->text, "FAILED"));
    assert_fits_80_columns(rig->text);
    rig_close(rig);
}

static void test_clean_when_anything_failed_then_false(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < FAILURE_COUNT; kind++) {
        struct rig *rig = rig_open();
        fail_in(rig, (enum failure)kind, 1, 1);
        assert_false(report_is_clean(&rig->report));
        rig_close(rig);
    }
    struct rig *rig = rig_open();
    rig->report.answered--;
    assert_false(report_is_clean(&rig->report));
    rig->report.answered++;
    rig->report.is_interrupted = true;
    assert_false(report_is_clean(&rig->report));
    rig->report.is_interrupted = false;
    rig->report.sent = rig->report.answered = 0;
    assert_false(report_is_clean(&rig->report));
    rig_close(rig);
}

static void test_text_when_many_sessions_fail_then_the_first_are_named(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    fail_in(rig, FAILURE_UNANSWERED, 7, 240);
    fail_in(rig, FAILURE_REJECTED, 2, 3);
    strcpy(rig->report.failures[FAILURE_REJECTED].note, "Text(58): no");
    rig->report.is_interrupted = true;
    write_as(rig, report_write_text);
    assert_has(rig, "orders without an answer: 240, in LG1, LG2, LG3, LG4, LG5 and 2 more\n");
    assert_has(rig, "rejects: 3, in LG1, LG2\n            the first: Text(58): no\n");
    assert_has(rig, "INTERRUPTED");
    assert_null(strstr(rig->text, "exactly once"));
    rig_close(rig);
}

static void test_text_when_nothing_was_measured_then_says_so(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    histogram_clear(&rig->latency);
    rig->report.sent = rig->report.answered = 0;
    rig->report.window.seconds = 0;
    write_as(rig, report_write_text);
    assert_has(rig, "nothing was measured");
    assert_has(rig, "no order was sent");
    write_as(rig, report_write_json);
    assert_has(rig, "\"orders_per_s\": ");
    assert_null(strstr(rig->text, ": nan"));
    assert_null(strstr(rig->text, ": inf"));
    rig_close(rig);
}

static void test_json_then_holds_what_the_text_holds(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    fail_in(rig, FAILURE_DUPLICATE, 1, 2);
    strcpy(rig->report.failures[FAILURE_DUPLICATE].note, "a \"quoted\\\" note");
    rig->report.is_interrupted = true;
    write_as(rig, report_write_json);
    assert_has(rig, "\"ok\": false");
    assert_has(rig, "\"interrupted\": true");
    assert_has(rig, "\"sessions\": 10,");
    assert_has(rig, "\"in_flight\": 1,");
    assert_has(rig, "{\"sent\": 1000, \"answered\": 1000, \"due_not_sent\": 0}");
    assert_has(rig, "\"orders_per_s\": 500.000");
    assert_has(rig, "\"messages_per_s\": 950.000");
    assert_has(rig, "\"p99.99\": 1000.000,");
    assert_has(rig, "\"max\": 1000.000\n");
    assert_has(rig,
               "\"unanswered\": {\"count\": 0, \"sessions\": 0, \"first\": [], \"note\": \"\"}");
    assert_has(rig, "\"duplicate\": {\"count\": 2, \"sessions\": 1, \"first\": [\"LG1\"], "
                    "\"note\": \"a \\\"quoted\\\\\\\" note\"}");
    rig_close(rig);
}

static size_t count_of(const struct rig *rig, const char *part)
{
    size_t count = 0;
    for (const char *at = rig->text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        count++;
    }
    return count;
}

static void test_json_of_a_series_then_one_row_per_interval(void **state)
{
    struct rig *rig = rig_open();
    struct series *series = calloc(1, sizeof *series);
    (void)state;
    assert_non_null(series);
    series_init(series, 5000, 500000000);
    rig->report.series = series;
    write_as(rig, report_write_json);
    assert_has(rig, "\"series\": null");
    series_record(series, 5000, 20000);
    series_record(series, 5000 + 1400000000, 30000);
    write_as(rig, report_write_json);
    assert_has(rig, "\"interval_s\": 0.5,\n");
    assert_has(rig,
               "{\"s\": 0, \"answered\": 1, \"p50\": 20.000, \"p99\": 20.000, \"max\": 20.000},");
    assert_has(rig,
               "{\"s\": 0.5, \"answered\": 0, \"p50\": 0.000, \"p99\": 0.000, \"max\": 0.000},");
    assert_has(rig, "{\"s\": 1, \"answered\": 1, \"p50\": 30.000, ");
    free(series);
    rig_close(rig);
}

static void test_text_and_json_of_the_session_layer_then_gaps_and_churn_are_told(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    write_as(rig, report_write_text);
    assert_null(strstr(rig->text, "sessions    "));
    rig->options.churn = 2;
    rig->report.logouts = 12;
    rig->report.logons = 11;
    rig->report.gaps = 7;
    rig->report.resends = 3;
    write_as(rig, report_write_text);
    assert_has(rig, "sessions    12 logged out, 11 logged on again\n");
    assert_has(rig, "sessions    7 gaps in MsgSeqNum(34) received, 3 resends asked of us\n");
    assert_has(rig, "exactly once"); /* they are no failures */
    write_as(rig, report_write_json);
    assert_has(rig, "{\"gaps\": 7, \"resends\": 3, \"logouts\": 12, \"logons_again\": 11}");
    rig_close(rig);
}

static void test_text_and_json_of_a_mix_then_each_line_is_counted(void **state)
{
    struct rig *rig = rig_open();
    static const char text[] = "1: 35=D|55=A\n\n20: 35=AE|55=B";
    struct mix mix;
    struct rfx_error error;
    (void)state;
    assert_int_equal(
        mix_parse((struct rfx_bytes){.data = text, .size = sizeof text - 1}, "m", &mix, &error),
        RFX_OK);
    rig->options.mix = &mix;
    rig->report.mix_sent[0] = 48;
    rig->report.mix_sent[1] = 952;
    write_as(rig, report_write_text);
    assert_has(rig, "            48 of line 1, MsgType D, weight 1\n");
    assert_has(rig, "            952 of line 3, MsgType AE, weight 20\n");
    write_as(rig, report_write_json);
    assert_has(rig, "{\"line\": 3, \"msg_type\": \"AE\", \"weight\": 20, \"sent\": 952}");
    mix_free(&mix);
    rig_close(rig);
}

static void add_step(struct rig *rig, double offered, uint64_t answered, uint64_t p99_ns)
{
    struct sweep_step step = {
        .offered = offered,
        .seconds = 2,
        .answered = answered,
        .p50_ns = 20000,
        .p99_ns = p99_ns,
        .p999_ns = 60000,
        .max_ns = 70000,
        .is_drained = true,
    };
    sweep_add(&rig->report.sweep, &step);
}

static void test_sweep_then_text_and_json_mark_the_knee(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    rig->options.sweep.from = 1000;
    rig->options.sweep.to = 4000;
    rig->options.sweep.count = rig->report.sweep.planned = 3;
    rig->options.rate = 4000;
    add_step(rig, 1000, 2000, 50000);
    add_step(rig, 2000, 3990, 51000);
    add_step(rig, 4000, 5000, 52000);
    write_as(rig, report_write_text);
    assert_has(rig, "open loop, 3 steps from 1000 to 4000 orders/s\n");
    assert_has(rig, "      1000       1000      20.0      50.0      60.0      70.0\n");
    assert_has(rig, "      2000       1995      20.0      51.0      60.0      70.0  <- knee\n");
    assert_has(rig, "      4000       2500      20.0      52.0      60.0      70.0  not kept\n");
    assert_has(rig, "could not keep up");
    assert_has(rig, "a p99 of at most 500.0 µs, which is 10 times");
    assert_fits_80_columns(rig->text);
    write_as(rig, report_write_json);
    assert_has(rig, "\"sweep\": {\"from\": 1000, \"to\": 4000, \"steps\": 3}");
    assert_has(rig, "\"knee\": 1,\n");
    assert_has(rig, "{\"offered\": 2000.000, \"achieved\": 1995.000, \"p50\": 20.000, ");
    assert_has(rig, "\"kept\": false}");
    rig_close(rig);
}

static void test_sweep_without_a_step_then_no_knee(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    rig->options.sweep.count = rig->report.sweep.planned = 3;
    write_as(rig, report_write_text);
    assert_null(strstr(rig->text, "knee"));
    write_as(rig, report_write_json);
    assert_has(rig, "\"knee\": null");
    assert_has(rig, "ended early");
    rig_close(rig);
}

static void test_page_of_hostile_texts_then_they_stay_texts(void **state)
{
    struct rig *rig = rig_open();
    static char *arguments[] = {"loadgen", "--about", "</script><script>alert(1)</script>"};
    (void)state;
    rig->options.argc = 3;
    rig->options.argv = arguments;
    rig->options.about = "<!--<script>\"&amp;'";
    strcpy(rig->options.sender, "</SCRIPT>%d");
    fail_in(rig, FAILURE_REJECTED, 1, 1);
    strcpy(rig->report.failures[FAILURE_REJECTED].note, "</script >");
    strcpy(rig->report.trouble, "<img src=x onerror=alert(1)>");
    write_as(rig, report_write_page);
    assert_has(rig, "\\u003c/SCRIPT\\u003e1");
    assert_has(rig, "\\u003c/script\\u003e\\u003cscript\\u003ealert(1)");
    assert_int_equal(count_of(rig, "<script"), 2); /* data and program: the page's own */
    assert_int_equal(count_of(rig, "</script>"), 2);
    assert_int_equal(count_of(rig, "</SCRIPT"), 0);
    assert_int_equal(count_of(rig, "<img"), 0);
    assert_int_equal(count_of(rig, "<!--"), 0);
    rig_close(rig);
}

static void test_page_then_it_asks_the_network_for_nothing(void **state)
{
    struct rig *rig = rig_open();
    (void)state;
    write_as(rig, report_write_page);
    assert_has(rig, "<!DOCTYPE html>");
    assert_has(rig, "\"program\": \"ringfix-loadgen\"");
    assert_int_equal(strcmp(rig->text + rig->size - 8, "</html>\n"), 0);
    assert_int_equal(count_of(rig, "://"), 1); /* the name of SVG */
    assert_int_equal(count_of(rig, " src="), 0);
    assert_int_equal(count_of(rig, "href="), 0);
    assert_int_equal(count_of(rig, "import"), 0);
    assert_has(rig, "default-src 'none'");
    rig_close(rig);
}

static void write_hdr(const struct report *report, FILE *out)
{
    report_write_hdr(report->latency, out);
}

/* Reads the lines back as a plotter does: three or four columns, rising to the maximum. */
static void test_hdr_then_lines_rise_to_the_maximum(void **state)
{
    struct rig *rig = rig_open();
    double value_before = -1;
    double share_before = -1;
    double share = 0;
    unsigned long long count = 0;
    size_t lines = 0;
    (void)state;
    write_as(rig, write_hdr);
    assert_has(rig, "Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    for (char *line = strstr(rig->text, "\n\n") + 2; *line != '#'; line = strchr(line, '\n') + 1) {
        double value;
        assert_int_equal(sscanf(line, "%lf %lf %llu", &value, &share, &count), 3);
        assert_true(value >= value_before && share > share_before);
        assert_true((double)count + 1e-6 >= share * 1000);
        value_before = value;
        share_before = share;
        lines++;
    }
    assert_true(lines > 20 && share == 1 && count == 1000 && value_before == 1000);
    assert_has(rig, "#[Max     =     1000.000, Total count    =         1000]\n");
    rig_close(rig);
}

static void assert_rows_hold_everything(const struct histogram *histogram)
{
    struct report_row rows[REPORT_ROWS_MAX];
    size_t count = report_rows(histogram, rows);
    uint64_t sum = 0;
    assert_true(count >= 1 && count <= REPORT_ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].from < rows[i].to);
        assert_true(i == 0 || rows[i].from == rows[i - 1].to);
        sum += rows[i].count;
    }
    assert_int_equal(sum, histogram_total(histogram));
    assert_true(rows[0].count > 0 && rows[count - 1].count > 0);
}

static void test_rows_of_narrow_and_wide_values_then_each_is_in_one(void **state)
{
    struct rig *rig = rig_open();
    static const uint64_t pairs[][2] = {
        {1, 1},           {0, UINT64_MAX},       {70010, 90000}, {15000, 15000},
        {9999, 10000000}, {1, 3600000000000000}, {69999, 70001}, {20, 9000000000},
    };
    (void)state;
    assert_rows_hold_everything(&rig->latency);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        histogram_clear(&rig->latency);
        histogram_record(&rig->latency, pairs[i][0]);
        histogram_record(&rig->latency, pairs[i][1]);
        assert_rows_hold_everything(&rig->latency);
        if (pairs[i][1] != UINT64_MAX) { /* 584 years may be wider */
            write_as(rig, report_write_text);
            assert_fits_80_columns(rig->text);
        }
    }
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_when_all_went_well_then_numbers_and_ok),
        cmocka_unit_test(test_clean_when_anything_failed_then_false),
        cmocka_unit_test(test_text_when_many_sessions_fail_then_the_first_are_named),
        cmocka_unit_test(test_text_when_nothing_was_measured_then_says_so),
        cmocka_unit_test(test_json_then_holds_what_the_text_holds),
        cmocka_unit_test(test_json_of_a_series_then_one_row_per_interval),
        cmocka_unit_test(test_text_and_json_of_the_session_layer_then_gaps_and_churn_are_told),
        cmocka_unit_test(test_text_and_json_of_a_mix_then_each_line_is_counted),
        cmocka_unit_test(test_sweep_then_text_and_json_mark_the_knee),
        cmocka_unit_test(test_sweep_without_a_step_then_no_knee),
        cmocka_unit_test(test_page_of_hostile_texts_then_they_stay_texts),
        cmocka_unit_test(test_page_then_it_asks_the_network_for_nothing),
        cmocka_unit_test(test_hdr_then_lines_rise_to_the_maximum),
        cmocka_unit_test(test_rows_of_narrow_and_wide_values_then_each_is_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
