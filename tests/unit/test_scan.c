/* Vector code against plain C: at every alignment and every size, all bytes at a guard page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/scan.h"
#include "tests/unit/support_bytes.h"
#include "tests/unit/support_index.h"

#define SIZE_MAX_TRIED 300

struct rig {
    struct guard bytes;
    struct guard fields;
};

static int set_up(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    guard_open(&rig->bytes, FIX_TEXT_MAX);
    guard_open(&rig->fields, RFX_FIELDS_MAX(FIX_TEXT_MAX) * sizeof(struct rfx_field));
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    guard_close(&rig->bytes);
    guard_close(&rig->fields);
    free(rig);
    return 0;
}

/* Any byte, but often one that means something. */
static char draw_byte(uint64_t *seed)
{
    static const char telling[] = "\x01\x01\x01\x01====0123456789-.:89\x3c\x3e\x00\x02\x81\xbd\xff";
    return random_below(seed, 4) != 0 ? telling[random_below(seed, sizeof telling - 1)]
                                      : (char)random_below(seed, 256);
}

static void draw_bytes(uint64_t *seed, char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        data[i] = draw_byte(seed);
    }
}

/* ---------------------------------------------------------------------------------- blocks */

static void test_block_when_every_bit_alone_then_found(void **state)
{
    struct rig *rig = *state;
    char block[RFX_SCAN_BLOCK];
    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned i = 0; i < RFX_SCAN_BLOCK; i++) {
            memset(block, (int)byte, sizeof block);
            block[i] = (char)(byte ^ 0x80);
            const char *data = guard_copy(&rig->bytes, block, sizeof block);
            assert_int_equal(rfx_scan_block(data, (char)(byte ^ 0x80)), UINT64_C(1) << i);
            assert_int_equal(rfx_scan_block(data, (char)byte), ~(UINT64_C(1) << i));
        }
    }
}

static void test_block_when_any_bytes_then_as_plain(void **state)
{
    struct rig *rig = *state;
    uint64_t seed = 1;
    char bytes[2 * RFX_SCAN_BLOCK];
    for (int i = 0; i < 20000; i++) {
        draw_bytes(&seed, bytes, sizeof bytes);
        const char *data = guard_copy(&rig->bytes, bytes, sizeof bytes) + i % RFX_SCAN_BLOCK;
        assert_int_equal(rfx_scan_block(data, RFX_SOH), rfx_scan_block_plain(data, RFX_SOH));
        assert_int_equal(rfx_scan_block(data, '='), rfx_scan_block_plain(data, '='));
    }
}

/* Every SOH from an offset on, then the size again and again. */
static void expect_walk(const char *data, size_t size, size_t offset)
{
    struct rfx_scan scan = rfx_scan_from(data, size, offset);
    for (size_t i = offset; i < size; i++) {
        if (data[i] == RFX_SOH) {
            assert_int_equal(rfx_scan_next(&scan), i);
        }
    }
    assert_int_equal(rfx_scan_next(&scan), size);
    assert_int_equal(rfx_scan_next(&scan), size);
}

static void test_walk_when_any_size_and_offset_then_every_soh(void **state)
{
    struct rig *rig = *state;
    uint64_t seed = 2;
    char bytes[SIZE_MAX_TRIED];
    for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
        draw_bytes(&seed, bytes, size);
        const char *data = guard_copy(&rig->bytes, bytes, size);
        for (size_t offset = 0; offset <= size; offset++) {
            expect_walk(data, size, offset);
        }
    }
}

static void test_walk_when_no_soh_or_nothing_else_then_right(void **state)
{
    struct rig *rig = *state;
    for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
        char *data = guard_last(&rig->bytes, size);
        memset(data, 'x', size);
        expect_walk(data, size, 0);
        memset(data, RFX_SOH, size);
        expect_walk(data, size, size / 2);
    }
}

/* ------------------------------------------------------------------------------------- sum */

static void test_sum_when_any_size_and_alignment_then_as_plain(void **state)
{
    struct rig *rig = *state;
    uint64_t seed = 3;
    char bytes[SIZE_MAX_TRIED + 64];
    for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
        for (size_t shift = 0; shift < 64; shift++) {
            draw_bytes(&seed, bytes, size + shift);
            const char *data = guard_copy(&rig->bytes, bytes, size + shift);
            assert_int_equal(rfx_scan_sum(data, size), rfx_scan_sum_plain(data, size));
            assert_int_equal(rfx_scan_sum(data + shift, size),
                             rfx_scan_sum_plain(data + shift, size));
        }
    }
}

static void test_sum_when_all_bytes_are_high_then_modulo_256(void **state)
{
    struct rig *rig = *state;
    for (size_t size = 0; size <= 2000; size++) {
        char *data = guard_last(&rig->bytes, size);
        memset(data, 0xff, size);
        assert_int_equal(rfx_checksum(data, size), (uint8_t)(0 - size));
    }
}

/* ------------------------------------------------------------------------------------ tags */

static uint64_t word_of(const char *text)
{
    char bytes[8] = {0};
    memcpy(bytes, text, strlen(text));
    return rfx_scan_word(bytes);
}

static void test_tag_when_one_to_four_digits_then_read(void **state)
{
    (void)state;
    for (int32_t tag = 0; tag < 10000; tag++) {
        char text[16];
        int32_t read = -1;
        int size = snprintf(text, sizeof text, "%d=19=", tag);
        assert_int_equal(rfx_scan_tag(word_of(text), &read), size - 4);
        assert_int_equal(read, tag);
    }
}

static void test_tag_when_leading_zeros_then_they_count_as_digits(void **state)
{
    (void)state;
    int32_t tag = -1;
    assert_int_equal(rfx_scan_tag(word_of("0035=D"), &tag), 4);
    assert_int_equal(tag, 35);
    assert_int_equal(rfx_scan_tag(word_of("00=D"), &tag), 2);
    assert_int_equal(tag, 0);
}

static void test_tag_when_none_or_longer_then_0(void **state)
{
    static const char *const texts[] = {"",
                                        "=",
                                        "==",
                                        "=5=",
                                        "5",
                                        "12345=",
                                        "-5=",
                                        "5 =",
                                        " 5=",
                                        "a=",
                                        "1a=",
                                        "1a2=",
                                        "12a4=",
                                        "1:=",
                                        "1/=",
                                        "123:=",
                                        "\xb5=",
                                        "5\xb5=",
                                        "\xff\xff\xff\xff=",
                                        "5\x01=",
                                        ("\x01"
                                         "5="),
                                        "12\x01="};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int32_t tag;
        if (rfx_scan_tag(word_of(texts[i]), &tag) != 0) {
            fail_msg("\"%s\" was read as %d", texts[i], tag);
        }
    }
}

/* Each of the bytes in front of '=' may be anything; another '=' is left to others. */
static void test_tag_when_any_byte_is_wrong_then_0(void **state)
{
    (void)state;
    for (size_t digits = 1; digits <= 4; digits++) {
        for (size_t at = 0; at < digits; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[8] = "9999";
                text[digits] = '=';
                text[at] = (char)byte;
                bool is_digit = byte >= '0' && byte <= '9';
                int32_t tag = 0;
                size_t read = rfx_scan_tag(rfx_scan_word(text), &tag);
                if (byte == '=' && at > 0) {
                    assert_true(read == 0 || (read == at && tag == (at == 1   ? 9
                                                                    : at == 2 ? 99
                                                                              : 999)));
                } else {
                    assert_int_equal(read, is_digit ? digits : 0);
                }
            }
        }
    }
}

/* ----------------------------------------------------------------------------------- index */

static void expect_index(struct rig *rig, const char *bytes, size_t size)
{
    static struct rfx_field plain_fields[RFX_FIELDS_MAX(FIX_TEXT_MAX)];
    struct rfx_message plain;
    struct rfx_message message;
    const char *data = guard_copy(&rig->bytes, bytes, size);
    struct rfx_field *fields = (struct rfx_field *)(void *)guard_last(
        &rig->fields, RFX_FIELDS_MAX(size) * sizeof(struct rfx_field));
    rfx_message_index(data, size, fields, &message);
    plain_index(data, size, plain_fields, &plain);
    const char *difference = index_difference(&message, &plain);
    if (difference != NULL) {
        fail_msg("%s differs from plain C in: %.*s", difference, (int)size, bytes);
    }
}

static void test_index_when_any_bytes_of_any_size_then_as_plain(void **state)
{
    uint64_t seed = 4;
    char bytes[SIZE_MAX_TRIED];
    for (int round = 0; round < 100; round++) {
        for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
            draw_bytes(&seed, bytes, size);
            expect_index(*state, bytes, size);
        }
    }
}

/* Up to `room` bytes of what a message is made of, whole or spoilt. */
static size_t draw_field(uint64_t *seed, char *out, size_t room)
{
    static const char *const pieces[] = {"8=FIX.4.4\x01",
                                         "35=D\x01",
                                         "55=MSFT\x01",
                                         "1128=9\x01",
                                         "10000=x\x01",
                                         "5=\x01",
                                         "=\x01",
                                         "\x01",
                                         "95=5\x01",
                                         "96=a\x01"
                                         "bcd\x01",
                                         "95=3\x01"
                                         "96=\x01\x01\x01\x01",
                                         "96=abcde\x01",
                                         "90=x\x01",
                                         "93=0\x01"
                                         "89=\x01",
                                         "212=7\x01"
                                         "213=\x01"
                                         "10=00\x01\x01",
                                         "-7=a\x01",
                                         "999999999=\x01",
                                         "1234567890=\x01",
                                         "40004=2\x01"
                                         "40005=\x01\x01\x01",
                                         "2815=4\x01"
                                         "2814=ab\x01"
                                         "d\x01",
                                         "95=99999\x01"
                                         "96=a\x01",
                                         "10=123\x01",
                                         "58=a=b=c\x01",
                                         "0=0\x01",
                                         "34\x01",
                                         "349=tail",
                                         "95=18446744073709551617\x01"};
    const char *piece = pieces[random_below(seed, sizeof pieces / sizeof pieces[0])];
    size_t size = strlen(piece) < room ? strlen(piece) : room;
    memcpy(out, piece, size);
    if (random_below(seed, 16) == 0 && size > 0) {
        out[random_below(seed, size)] = draw_byte(seed);
    }
    return size;
}

static void test_index_when_fields_of_all_kinds_then_as_plain(void **state)
{
    uint64_t seed = 5;
    char bytes[SIZE_MAX_TRIED];
    for (int round = 0; round < 100; round++) {
        for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
            for (size_t at = 0; at < size;) {
                at += draw_field(&seed, bytes + at, size - at);
            }
            expect_index(*state, bytes, size);
        }
    }
}

/* A data field that hides SOHs at every place of a block, and of every length across blocks. */
static void test_index_when_data_hides_soh_then_as_plain(void **state)
{
    for (size_t front = 0; front < 140; front++) {
        for (size_t hidden = 0; hidden < 140; hidden += 1 + hidden / 16) {
            struct fix_text text = fix_raw("8=FIX.4.4|58=");
            memset(text.data + text.size, 'x', front);
            text.size += front;
            char head[32];
            text.size += (size_t)snprintf(text.data + text.size, sizeof head,
                                          "\x01"
                                          "95=%zu\x01"
                                          "96=",
                                          hidden);
            memset(text.data + text.size, RFX_SOH, hidden);
            text.size += hidden;
            struct fix_text tail = fix_raw("|55=MSFT|10=000|");
            fix_append(&text, &tail);
            expect_index(*state, text.data, text.size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_block_when_every_bit_alone_then_found, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_block_when_any_bytes_then_as_plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_walk_when_any_size_and_offset_then_every_soh, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_walk_when_no_soh_or_nothing_else_then_right, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sum_when_any_size_and_alignment_then_as_plain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sum_when_all_bytes_are_high_then_modulo_256, set_up,
                                        tear_down),
        cmocka_unit_test(test_tag_when_one_to_four_digits_then_read),
        cmocka_unit_test(test_tag_when_leading_zeros_then_they_count_as_digits),
        cmocka_unit_test(test_tag_when_none_or_longer_then_0),
        cmocka_unit_test(test_tag_when_any_byte_is_wrong_then_0),
        cmocka_unit_test_setup_teardown(test_index_when_any_bytes_of_any_size_then_as_plain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_index_when_fields_of_all_kinds_then_as_plain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_index_when_data_hides_soh_then_as_plain, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
