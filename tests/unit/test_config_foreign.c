/* Files of QuickFIX as they are: what has no effect here is taken and named. */
#include <stdio.h>
#include <string.h>

#include "ringfix/config.h"
#include "tests/support.h"

#define HEAD                                                                                       \
    "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort=5001\nSenderCompID=S\n"                  \
    "BeginString=FIX.4.4\n"

static void expect(const char *text, rfx_status expected, struct rfx_config *config,
                   struct rfx_error *error)
{
    memset(error, 0, sizeof *error);
    const rfx_status status =
        rfx_config_parse((struct rfx_bytes){text, strlen(text)}, "test.cfg", config, error);
    if (status != expected) {
        fail_msg("status %d: %s", (int)status, error->text);
    }
}

static const struct rfx_config_note *find_note(const struct rfx_config *config, const char *key)
{
    for (size_t i = 0; i < config->note_count; i++) {
        if (strcmp(config->notes[i].key, key) == 0) {
            return &config->notes[i];
        }
    }
    return NULL;
}

static void test_key_when_without_effect_then_taken_and_noted(void **state)
{
    static const char *const lines[] = {
        "SocketNodelay=N",
        "SocketReuseAddress=N",
        "ScreenLogShowEvents=maybe",
        "MySQLStoreDatabase=fx",
        "PreserveMessageFieldsOrder=N",
        "RefreshOnLogon=Y",
        "OdbcLogUser=x",
        "AllowPosDup=N",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[512];
        char key[64];
        struct rfx_config config;
        struct rfx_error error;
        snprintf(text, sizeof text,
                 HEAD "JournalPath=j\n%s\n[SESSION]\nTargetCompID=A\n[SESSION]\n%s\n"
                      "TargetCompID=B\n",
                 lines[i], lines[i]);
        snprintf(key, sizeof key, "%.*s", (int)strcspn(lines[i], "="), lines[i]);
        expect(text, RFX_OK, &config, &error);
        const struct rfx_config_note *note = find_note(&config, key);
        assert_non_null(note);
        assert_int_equal(note->line, 7);
        assert_int_equal(note->count, 2);
        assert_int_equal(config.note_count, 1);
        assert_true(strlen(note->text) > 3);
        rfx_config_free(&config);
        assert_int_equal(config.note_count, 0);
    }
}

static void test_notes_when_very_many_names_then_bounded(void **state)
{
    static char text[64 * 1024];
    struct rfx_config config;
    struct rfx_error error;
    size_t size = (size_t)snprintf(text, sizeof text, HEAD "JournalPath=j\n");
    (void)state;
    for (int i = 0; i < 1000; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "MySQL%d=x\n", i);
    }
    snprintf(text + size, sizeof text - size, "[SESSION]\nTargetCompID=A\n");
    expect(text, RFX_OK, &config, &error);
    assert_int_equal(config.note_count, 256);
    rfx_config_free(&config);
}

static void test_store_path_when_alone_then_it_is_the_journal(void **state)
{
    struct rfx_config config;
    struct rfx_error error;
    (void)state;
    expect(HEAD "[SESSION]\nTargetCompID=A\nFileStorePath=store\n"
                "[SESSION]\nTargetCompID=B\nFileStorePath=store\n",
           RFX_OK, &config, &error);
    assert_string_equal(config.journal_path, "store");
    assert_int_equal(config.note_count, 0);
    rfx_config_free(&config);
}

static void test_store_path_when_journal_is_named_then_noted(void **state)
{
    static const char *const texts[] = {
        HEAD "JournalPath=j\nFileStorePath=store\n[SESSION]\nTargetCompID=A\n",
        HEAD "JournalPath=j\n[SESSION]\nTargetCompID=A\nFileStorePath=store\n",
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rfx_config config;
        struct rfx_error error;
        expect(texts[i], RFX_OK, &config, &error);
        assert_string_equal(config.journal_path, "j");
        assert_non_null(find_note(&config, "FileStorePath"));
        rfx_config_free(&config);
    }
}

static void test_store_path_when_sessions_differ_then_line_is_named(void **state)
{
    struct rfx_config config;
    struct rfx_error error;
    (void)state;
    expect(HEAD "[SESSION]\nTargetCompID=A\nFileStorePath=a\n"
                "[SESSION]\nTargetCompID=B\nFileStorePath=b\n",
           RFX_E_CONFIG, &config, &error);
    assert_string_equal(
        error.text, "test.cfg:11: FileStorePath differs from line 8; a process has one journal");
}

static void test_local_time_when_asked_for_then_it_is_a_zone(void **state)
{
    struct rfx_config config;
    struct rfx_error error;
    (void)state;
    expect(HEAD "JournalPath=j\nUseLocalTime=Y\n[SESSION]\nTargetCompID=A\n"
                "[SESSION]\nTargetCompID=B\nTimeZone=Europe/London\n"
                "[SESSION]\nTargetCompID=C\nUseLocalTime=N\n",
           RFX_OK, &config, &error);
    assert_string_equal(config.sessions[0].time_zone, "localtime");
    assert_string_equal(config.sessions[1].time_zone, "Europe/London");
    assert_null(config.sessions[2].time_zone);
    rfx_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_when_without_effect_then_taken_and_noted),
        cmocka_unit_test(test_notes_when_very_many_names_then_bounded),
        cmocka_unit_test(test_store_path_when_alone_then_it_is_the_journal),
        cmocka_unit_test(test_store_path_when_journal_is_named_then_noted),
        cmocka_unit_test(test_store_path_when_sessions_differ_then_line_is_named),
        cmocka_unit_test(test_local_time_when_asked_for_then_it_is_a_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
