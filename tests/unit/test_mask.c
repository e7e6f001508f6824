/* What the message log leaves out. Texts have | in the place of SOH. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask.h"
#include "tests/support.h"

static void swap(char *text, size_t size, char from, char to)
{
    for (size_t i = 0; i < size; i++) {
        text[i] = text[i] == from ? to : text[i];
    }
}

/* In memory of exactly its size: a byte read or written too many is noticed. */
static char *masked(const char *text)
{
    const size_t size = strlen(text);
    char *data = malloc(size > 0 ? size : 1);
    char *out = malloc(rfx_mask_room(size));
    assert_non_null(data);
    assert_non_null(out);
    memcpy(data, text, size);
    swap(data, size, '|', '\x01');
    const size_t used = rfx_mask_message(data, size, out);
    assert_true(used <= rfx_mask_room(size));
    char *copy = calloc(1, used + 1);
    assert_non_null(copy);
    memcpy(copy, out, used);
    swap(copy, used, '\x01', '|');
    free(data);
    free(out);
    return copy;
}

static void expect(const char *text, const char *expected)
{
    char *found = masked(text);
    assert_string_equal(found, expected);
    free(found);
}

static void expect_same(const char *text)
{
    expect(text, text);
}

static void test_mask_when_a_logon_has_passwords_then_three_stars_each(void **state)
{
    (void)state;
    expect("8=FIX.4.4|9=99|35=A|34=1|553=me|554=hunter2|925=x|98=0|108=30|10=123|",
           "8=FIX.4.4|9=99|35=A|34=1|553=me|554=***|925=***|98=0|108=30|10=123|");
    expect("8=FIX.4.4|35=A|1400=1|1401=4|1402=ab|c|1403=2|1404=|||10=123|",
           "8=FIX.4.4|35=A|1400=1|1401=4|1402=***|1403=2|1404=***|10=123|");
    expect("8=F|35=A|554=|10=1|", "8=F|35=A|554=***|10=1|");
}

static void test_mask_when_nothing_is_secret_then_every_byte_as_it_was(void **state)
{
    (void)state;
    expect_same("8=FIX.4.4|9=99|35=D|11=554=x|58=a 554=b|1554=1|5540=2|55=MSFT|10=123|");
    expect_same("8=FIX.4.4|35=B|95=9|96=ab|cd|ef=|10=1|"); /* RawData of a News */
    expect_same("");
    expect_same("|");
    expect_same("=");
    expect_same("554");
    expect_same("8=FIX.4.4|35");
    expect_same("8=FIX.4.4|35=|");
}

static void test_mask_when_raw_data_is_about_a_user_then_masked(void **state)
{
    (void)state;
    expect("8=F|35=A|95=7|96=p|554=q|98=0|10=1|", "8=F|35=A|95=7|96=***|98=0|10=1|");
    expect("8=F|35=BE|95=2|96=pw|10=1|", "8=F|35=BE|95=2|96=***|10=1|");
    expect("95=2|96=pw|35=D|", "95=2|96=***|35=D|"); /* who knows what it is */
    expect("8=F|35=A|96=pw|98=0|", "8=F|35=A|96=***|98=0|");
}

static void test_mask_when_garbled_then_still_no_password(void **state)
{
    (void)state;
    expect("554=hunter2", "554=***");
    expect("|||554=hunter2|x", "|||554=***|x");
    expect("8=FIX|35=A|0554=hunter2|10=0", "8=FIX|35=A|0554=***|10=0");
    expect("8=FIX|35=A|554=hunter2", "8=FIX|35=A|554=***");
    /* A length that is wrong hides where the data ends. */
    expect("35=A|95=3|96=pass|word|98=0|", "35=A|95=3|96=***");
    expect("35=A|95=999|96=pass|word|98=0|", "35=A|95=999|96=***");
    expect("35=A|95=x|96=pass|word|98=0|", "35=A|95=x|96=***");
    expect("35=A|95=99999999999999999999999|96=pass|word|",
           "35=A|95=99999999999999999999999|96=***");
    expect("35=A|95=18446744073709551615|96=pass|word|", "35=A|95=18446744073709551615|96=***");
    expect("35=A|95=|96=pass|word|98=0|", "35=A|95=|96=***");
    expect("35=A|1401=|1402=", "35=A|1401=|1402=***");
}

static void test_mask_when_a_line_feed_is_inside_then_still_one_line(void **state)
{
    (void)state;
    expect("35=B|58=a\nb\n|554=\n|10=1|\n", "35=B|58=a\vb\v|554=***|10=1|\v");
}

/* Wherever it is cut off, the password does not come out. */
static void test_mask_when_cut_then_the_password_stays_inside(void **state)
{
    static const char logon[] = "8=FIX.4.4|9=99|35=A|34=1|95=10|96=SECRET|XYZ|553=me|554=SECRET|"
                                "925=SECRET|1401=6|1402=SECRET|98=0|108=30|10=123|";
    (void)state;
    for (size_t size = 0; size < sizeof logon; size++) {
        char text[sizeof logon] = {0};
        memcpy(text, logon, size);
        char *found = masked(text);
        assert_null(strstr(found, "SECRET"));
        free(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mask_when_a_logon_has_passwords_then_three_stars_each),
        cmocka_unit_test(test_mask_when_nothing_is_secret_then_every_byte_as_it_was),
        cmocka_unit_test(test_mask_when_raw_data_is_about_a_user_then_masked),
        cmocka_unit_test(test_mask_when_garbled_then_still_no_password),
        cmocka_unit_test(test_mask_when_a_line_feed_is_inside_then_still_one_line),
        cmocka_unit_test(test_mask_when_cut_then_the_password_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
