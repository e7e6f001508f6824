/* What is told of a configuration is what is in effect. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_explain.h"
#include "core/config_keys.h"
#include "core/session_name.h"
#include "tests/support.h"

static const char *const full =
    "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort=5001\nSocketAcceptHost=127.0.0.1\n"
    "SenderCompID=S\nBeginString=FIX.4.4\nHeartBtInt=15\nJournalDurability=interval:250\n"
    "JournalMaxSize=3000000\nJournalTailSize=16M\nIdleStrategy=park\nThreadingMode=dedicated\n"
    "CpuAffinity=0,2-4\nFileStorePath=store\nSendQueueSize=65537\nUseLocalTime=Y\n"
    "[SESSION]\nTargetCompID=A\nStartTime=08:30:05\nEndTime=17:00:00\nWeekdays=Mon,Fri\n"
    "SendNextExpectedMsgSeqNum=Y\nMillisecondsInTimeStamp=N\nHeartBtInt=20\n"
    "[SESSION]\nTargetCompID=B\nBeginString=FIXT.1.1\nDefaultApplVerID=9\nStartDay=Sunday\n"
    "EndDay=Friday\nStartTime=00:00:00\nEndTime=23:59:59\nAllowedRemoteAddresses=10.0.0.0/8\n"
    "[SESSION]\nTargetCompID=C\nConnectionType=initiator\nSocketConnectHost=h\n"
    "SocketConnectPort=1\nSocketConnectHost1=i\nSocketConnectPort1=2\nTimeZone=Asia/Tokyo\n";

/* The settings put together as a file again. */
struct written {
    FILE *out;
    char session[RFX_SESSION_NAME_MAX];
    size_t count;
    size_t without_meaning;
};

static void write_one(void *context, const struct rfx_config_setting *setting)
{
    struct written *written = context;
    if (setting->session == NULL && written->count == 0) {
        fprintf(written->out, "[DEFAULT]\n");
    } else if (setting->session != NULL && strcmp(setting->session, written->session) != 0) {
        fprintf(written->out, "[SESSION]\n");
        snprintf(written->session, sizeof written->session, "%s", setting->session);
    }
    written->count++;
    written->without_meaning += setting->meaning == NULL || setting->meaning[0] == '\0';
    if (setting->value != NULL) {
        fprintf(written->out, "%s=%s\n", setting->key, setting->value);
    }
}

static char *explain(const char *text)
{
    char *file;
    size_t size;
    struct rfx_config config;
    struct rfx_error error;
    struct written written = {.out = open_memstream(&file, &size)};
    assert_non_null(written.out);
    const rfx_status status = rfx_config_explain_text((struct rfx_bytes){text, strlen(text)}, "t",
                                                      &config, write_one, &written, &error);
    if (status != RFX_OK) {
        fail_msg("%s\nof\n%s", error.text, text);
    }
    fclose(written.out);
    rfx_config_free(&config);
    assert_int_equal(written.without_meaning, 0);
    return file;
}

static void test_settings_when_written_as_a_file_then_they_say_the_same(void **state)
{
    (void)state;
    char *once = explain(full);
    char *twice = explain(once);
    assert_string_equal(once, twice);
    assert_non_null(strstr(once, "JournalDurability=interval:250\n"));
    assert_non_null(strstr(once, "JournalMaxSize=3000000\n"));
    assert_non_null(strstr(once, "JournalTailSize=16M\n"));
    assert_non_null(strstr(once, "JournalPath=store\n"));
    assert_non_null(strstr(once, "CpuAffinity=0,2,3,4\n"));
    assert_non_null(strstr(once, "Weekdays=Mon,Fri\n"));
    assert_non_null(strstr(once, "EnableNextExpectedMsgSeqNum=Y\n"));
    assert_non_null(strstr(once, "TimestampPrecision=0\n"));
    assert_non_null(strstr(once, "DefaultApplVerID=FIX.5.0SP2\n"));
    assert_non_null(strstr(once, "SocketConnectPort1=2\n"));
    free(once);
    free(twice);
}

struct wanted {
    const char *session;
    const char *key;
    size_t line;
    bool is_inherited;
    bool was_told;
};

static void look(void *context, const struct rfx_config_setting *setting)
{
    for (struct wanted *wanted = context; wanted->key != NULL; wanted++) {
        const char *session = setting->session != NULL ? setting->session : "";
        if (strcmp(wanted->session, session) == 0 && strcmp(wanted->key, setting->key) == 0) {
            assert_int_equal(setting->line, wanted->line);
            assert_int_equal(setting->is_inherited, wanted->is_inherited);
            assert_false(wanted->was_told);
            wanted->was_told = true;
        }
    }
}

static void test_setting_when_told_then_its_line_is_right(void **state)
{
    struct wanted wanted[] = {
        {"", "SocketAcceptPort", 3, false, false},
        {"", "JournalPath", 14, false, false},
        {"", "MaxSessions", 0, false, false},
        {"FIX.4.4:S->A", "HeartBtInt", 24, false, false},
        {"FIX.4.4:S->A", "EnableNextExpectedMsgSeqNum", 22, false, false},
        {"FIX.4.4:S->A", "TimestampPrecision", 23, false, false},
        {"FIX.4.4:S->A", "TimeZone", 16, true, false},
        {"FIX.4.4:S->A", "CheckLatency", 0, false, false},
        {"FIXT.1.1:S->B", "HeartBtInt", 7, true, false},
        {"FIX.4.4:S->C", "TimeZone", 41, false, false},
        {.key = NULL},
    };
    struct rfx_config config;
    struct rfx_error error;
    (void)state;
    assert_int_equal(rfx_config_explain_text((struct rfx_bytes){full, strlen(full)}, "t", &config,
                                             look, wanted, &error),
                     RFX_OK);
    for (size_t i = 0; wanted[i].key != NULL; i++) {
        if (!wanted[i].was_told) {
            fail_msg("%s %s was not told", wanted[i].session, wanted[i].key);
        }
    }
    rfx_config_free(&config);
}

static void never(void *context, const struct rfx_config_setting *setting)
{
    (void)context;
    fail_msg("%s was told", setting->key);
}

static void test_file_when_wrong_then_nothing_is_told(void **state)
{
    static const char text[] = "[DEFAULT]\nJournalPath=j\nWombat=1\n";
    struct rfx_config config;
    struct rfx_error error;
    (void)state;
    assert_int_equal(rfx_config_explain_text((struct rfx_bytes){text, strlen(text)}, "t", &config,
                                             never, NULL, &error),
                     RFX_E_CONFIG);
}

static char *read_file(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

/* The manual names every key of the table, as a word of its own. */
static void test_manual_when_read_then_it_has_every_key(void **state)
{
    const struct rfx_key *key;
    (void)state;
    char *manual = read_file(RFX_SOURCE_DIR "/docs/configuration.md");
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        const bool is_row = strstr(key->name, "SocketConnect") != NULL ||
                            strncmp(key->name, "AppDataDictionary.", 18) == 0;
        if (!is_row && strstr(manual, key->name) == NULL) {
            fail_msg("docs/configuration.md has no %s", key->name);
        }
    }
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_when_written_as_a_file_then_they_say_the_same),
        cmocka_unit_test(test_setting_when_told_then_its_line_is_right),
        cmocka_unit_test(test_file_when_wrong_then_nothing_is_told),
        cmocka_unit_test(test_manual_when_read_then_it_has_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
