/* What ringfix-cat finds in logs and streams, however they are cut into reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"
#include "tools/cat/scan.h"

struct found {
    char *text;
    size_t size;
    size_t room;
};

static void add(struct found *found, const char *format, struct rfx_bytes bytes, const char *more)
{
    found->size += (size_t)snprintf(found->text + found->size, found->room - found->size, format,
                                    (int)bytes.size, bytes.data, more);
    assert_true(found->size < found->room);
}

/* Fed in pieces, one line for what was found each: "text ...", "message ...", "damaged ...". Text
 * between messages may come in parts. */
static char *scan(const char *data, size_t size, size_t piece)
{
    struct rfx_codec *codec = NULL;
    assert_int_equal(rfx_codec_open(NULL, NULL, 4096, &codec), RFX_OK);
    struct scanner *scanner = scan_open(codec);
    struct found found = {.room = 16 * size + 4096};
    found.text = calloc(1, found.room);
    for (size_t at = 0; at <= size;) {
        const size_t taken = size - at < piece ? size - at : piece;
        const bool is_end = at == size;
        struct scan_piece got;
        enum scan_result result;
        char *exact = malloc(taken > 0 ? taken : 1); /* a sanitizer sees any read beyond it */
        memcpy(exact, data + at, taken);
        assert_true(scan_add(scanner, exact, taken));
        free(exact);
        while ((result = scan_next(scanner, is_end, &got)) != SCAN_MORE) {
            if (result == SCAN_TEXT) {
                add(&found, "text %.*s%s\n", got.bytes, got.is_prefix ? " +" : "");
            } else if (result == SCAN_MESSAGE) {
                add(&found, "message %.*s%s\n", got.bytes, "");
            } else {
                add(&found, "damaged %.*s: %s\n", got.bytes, got.problem);
            }
        }
        if (is_end) {
            break;
        }
        at += taken;
    }
    scan_close(scanner);
    rfx_codec_close(codec);
    for (char *at = found.text; *at != '\0'; at++) {
        *at = *at == '\001' ? '|' : *at;
    }
    return found.text;
}

static void expect(const char *data, size_t size, const char *expected)
{
    for (size_t piece = 1; piece <= size + 1; piece++) {
        char *found = scan(data, size, piece);
        if (strcmp(found, expected) != 0) {
            fail_msg("in pieces of %zu:\n%s\nexpected:\n%s", piece, found, expected);
        }
        free(found);
    }
}

#define EXPECT(data, expected) expect(data, sizeof(data) - 1, expected)
#define BEAT                   "8=FIX.4.4\0019=5\00135=0\00110=163\001"

static void test_stream_when_raw_then_messages_one_by_one(void **state)
{
    (void)state;
    EXPECT(BEAT BEAT, "message 8=FIX.4.4|9=5|35=0|10=163|\nmessage 8=FIX.4.4|9=5|35=0|10=163|\n");
    EXPECT("", "");
}

static void test_log_when_messages_stand_in_lines_then_text_and_messages(void **state)
{
    (void)state;
    EXPECT("12:00 begin\n"
           "12:01 in  " BEAT "\n"
           "\n"
           "12:02 out 8=FIX.4.4|9=5|35=0|10=163| sent\r\n"
           "12:03 8=FIX.4.4^A9=5^A35=0^A10=163^A\n"
           "12:04 8=FIX.4.4|9=5|35=0|10=163\n"
           "8=FIXED price\n",
           "text 12:00 begin\n"
           "text 12:01 in   +\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n"
           "text \n"
           "text 12:02 out  +\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n"
           "text  sent\r\n"
           "text 12:03  +\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n"
           "text 12:04  +\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n"
           "text 8=FIXED price\n");
}

static void test_text_when_it_looks_like_a_message_then_it_is_text_of_its_line(void **state)
{
    (void)state;
    EXPECT("12:00 8=FIXED price\n" BEAT, "text 12:00 8=FIXED price\n"
                                         "message 8=FIX.4.4|9=5|35=0|10=163|\n");
    EXPECT("12:00 8=FIX.4.4^B 8=FIXED " BEAT "\n", "text 12:00 8=FIX.4.4^B 8=FIXED  +\n"
                                                   "message 8=FIX.4.4|9=5|35=0|10=163|\n");
    EXPECT("12:00 8=FIX", "text 12:00 8=FIX\n");
    EXPECT("12:00 8=FIX.4.4^", "text 12:00 8=FIX.4.4^\n");
}

/* If each byte that comes made all of them be looked at again, this would take hours. */
static void test_bytes_when_they_come_one_by_one_then_none_is_looked_at_often(void **state)
{
    (void)state;
    static char large[SCAN_SIZE_MAX - 1000];
    static const char *const heads[] = {
        "8=FIX.4.4\0019=x\00135=0\001", /* its end is searched for */
        "8=FIX.4.4|9=5|35=0|58=",
        "8=FIX.4.4\0019=999999\00135=0\001",
        "nothing but text ",
        "8=FIX.4.4\0019=5\00135=0\00110=1",
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct rfx_codec *codec = NULL;
        struct scan_piece piece;
        assert_int_equal(rfx_codec_open(NULL, NULL, SCAN_SIZE_MAX, &codec), RFX_OK);
        struct scanner *scanner = scan_open(codec);
        memset(large, i == 4 ? '1' : 'a', sizeof large);
        memcpy(large, heads[i], strlen(heads[i]));
        for (size_t at = 0; at < sizeof large; at++) {
            assert_true(scan_add(scanner, large + at, 1));
            while (scan_next(scanner, false, &piece) != SCAN_MORE) {
            }
        }
        scan_close(scanner);
        rfx_codec_close(codec);
    }
}

static void test_data_field_when_it_holds_separators_then_it_stays_whole(void **state)
{
    (void)state;
    EXPECT("8=FIX.4.4\0019=19\00135=B\001"
           "95=5\00196=a\001"
           "10=\00110=120\001" BEAT,
           "message 8=FIX.4.4|9=19|35=B|95=5|96=a|10=|10=120|\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n");
}

static void test_message_when_damaged_then_it_is_said_how(void **state)
{
    (void)state;
    EXPECT("8=FIX.4.4|9=5|35=0|10=164|\n",
           "damaged 8=FIX.4.4|9=5|35=0|10=164|: CheckSum(10) is 164, "
           "should be 163\n");
    EXPECT("8=FIX.4.4|9=6|35=0|10=163|\n",
           "damaged 8=FIX.4.4|9=6|35=0|10=163|: BodyLength(9) is 6, should be 5\n");
    EXPECT("8=FIX.4.4|35=0|10=163|\n",
           "damaged 8=FIX.4.4|35=0|10=163|: no BodyLength(9) where it belongs\n");
    EXPECT("8=FIX.4.4\0019=5\00135=X\00110=s\n",
           "damaged 8=FIX.4.4|9=5|35=X|10=|: CheckSum(10) is , should be 203\ntext s\n");
    EXPECT("8=FIX.4.4|9=500|35=0\n" BEAT,
           "damaged 8=FIX.4.4|9=500|35=0|: no CheckSum(10), the message is cut off\n"
           "message 8=FIX.4.4|9=5|35=0|10=163|\n");
}

/* What stands in it does not depend on how it was read. */
static void test_noise_when_cut_anywhere_then_the_same_is_found(void **state)
{
    (void)state;
    static const char *const words[] = {
        "8=FIX.4.4", "8=FIX", "\001", "|",   "^A", "^",  "\n",  "\r", "9=5", "35=0",
        "10=163",    "10=",   "95=3", "96=", "x",  BEAT, "8=F", "=",  " "};
    unsigned random = 1;
    for (int round = 0; round < 500; round++) {
        char text[400] = "";
        for (int i = 0; i < 30; i++) {
            random = random * 1664525 + 1013904223;
            strcat(text, words[(random >> 16) % (sizeof words / sizeof words[0])]);
        }
        const size_t size = strlen(text);
        char *whole = scan(text, size, size + 1);
        for (size_t piece = 1; piece < 8; piece += 2) {
            char *cut = scan(text, size, piece);
            assert_string_equal(cut, whole);
            free(cut);
        }
        free(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_when_raw_then_messages_one_by_one),
        cmocka_unit_test(test_log_when_messages_stand_in_lines_then_text_and_messages),
        cmocka_unit_test(test_text_when_it_looks_like_a_message_then_it_is_text_of_its_line),
        cmocka_unit_test(test_bytes_when_they_come_one_by_one_then_none_is_looked_at_often),
        cmocka_unit_test(test_data_field_when_it_holds_separators_then_it_stays_whole),
        cmocka_unit_test(test_message_when_damaged_then_it_is_said_how),
        cmocka_unit_test(test_noise_when_cut_anywhere_then_the_same_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
