/* PROXY headers: whole, cut, garbled, and none. */
#include <stdlib.h>
#include <string.h>

#include "core/proxy.h"
#include "tests/support.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

struct bytes {
    unsigned char data[2000];
    size_t size;
};

static struct bytes header(unsigned char command, unsigned char family, const char *rest,
                           size_t rest_size)
{
    struct bytes bytes = {.size = 16 + rest_size};
    memcpy(bytes.data, SIGNATURE, 12);
    bytes.data[12] = command;
    bytes.data[13] = family;
    bytes.data[14] = (unsigned char)(rest_size >> 8);
    bytes.data[15] = (unsigned char)rest_size;
    memcpy(bytes.data + 16, rest, rest_size);
    return bytes;
}

static enum rfx_proxy_result read_exactly(const struct bytes *bytes, size_t size,
                                          struct rfx_proxy *proxy)
{
    /* On the heap, so that a sanitizer sees any read beyond it. */
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes->data, size);
    const enum rfx_proxy_result result = rfx_proxy_read(copy, size, proxy);
    free(copy);
    return result;
}

static const char v4[] = "\xc0\x00\x02\x01\x0a\x00\x00\x01\x13\x89\x1f\x90";
static const char v6[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
                         "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x13\x89\x1f\x90";

static void test_header_when_whole_then_address_is_read(void **state)
{
    struct rfx_proxy proxy;
    (void)state;
    struct bytes bytes = header(0x21, 0x11, v4, 12);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    assert_string_equal(proxy.address, "192.0.2.1:5001");
    assert_int_equal(proxy.size, 28);
    assert_int_equal(proxy.network, rfx_network_v4((const unsigned char *)v4));
    bytes = header(0x21, 0x21, v6, 36);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    assert_string_equal(proxy.address, "[2001:db8:0:0:0:0:0:7]:5001");
    assert_int_equal(proxy.size, 52);
    assert_int_equal(proxy.network, UINT64_C(0x20010db800000000));
}

static void test_header_when_followed_by_a_message_then_its_size_is_its_own(void **state)
{
    struct rfx_proxy proxy;
    char rest[40];
    (void)state;
    memcpy(rest, v4, 12);
    memcpy(rest + 12, "\x04\x00\x02xy\x20\x00\x00", 8); /* TLVs are stepped over */
    struct bytes bytes = header(0x21, 0x11, rest, 20);
    memcpy(bytes.data + bytes.size, "8=FIX.4.4", 9);
    assert_int_equal(read_exactly(&bytes, bytes.size + 9, &proxy), RFX_PROXY_DONE);
    assert_int_equal(proxy.size, 36);
    assert_string_equal(proxy.address, "192.0.2.1:5001");
}

static void test_header_when_cut_anywhere_then_more_is_wanted(void **state)
{
    struct rfx_proxy proxy;
    (void)state;
    const struct bytes bytes = header(0x21, 0x21, v6, 36);
    for (size_t size = 0; size < bytes.size; size++) {
        assert_int_equal(read_exactly(&bytes, size, &proxy), RFX_PROXY_PARTIAL);
    }
}

static void test_header_when_the_proxy_speaks_for_itself_then_no_address(void **state)
{
    struct rfx_proxy proxy;
    (void)state;
    struct bytes bytes = header(0x20, 0x00, "", 0);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    assert_string_equal(proxy.address, "");
    bytes = header(0x20, 0x11, v4, 12); /* LOCAL: whatever is in it does not count */
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    assert_string_equal(proxy.address, "");
    bytes = header(0x21, 0x31, "socket", 6); /* a Unix socket */
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    assert_string_equal(proxy.address, "");
}

static void test_header_when_wrong_then_it_is_refused(void **state)
{
    struct rfx_proxy proxy;
    char longest[RFX_PROXY_SIZE_MAX] = "";
    (void)state;
    struct bytes bytes = header(0x11, 0x11, v4, 12); /* version 1 in version 2's clothes */
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_INVALID);
    bytes = header(0x22, 0x11, v4, 12); /* no such command */
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_INVALID);
    bytes = header(0x21, 0x11, v4, 11);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_INVALID);
    bytes = header(0x21, 0x21, v6, 35);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_INVALID);
    bytes = header(0x21, 0x11, longest, RFX_PROXY_SIZE_MAX - 16);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_DONE);
    bytes = header(0x21, 0x11, longest, RFX_PROXY_SIZE_MAX - 15);
    assert_int_equal(read_exactly(&bytes, bytes.size, &proxy), RFX_PROXY_INVALID);
    for (size_t i = 0; i < 12; i++) { /* each byte of the signature, as soon as it has come */
        bytes = header(0x21, 0x11, v4, 12);
        bytes.data[i] ^= 1;
        assert_int_equal(read_exactly(&bytes, i + 1, &proxy), RFX_PROXY_INVALID);
    }
    assert_int_equal(rfx_proxy_read("8=FIX.4.4", 9, &proxy), RFX_PROXY_INVALID);
    assert_int_equal(rfx_proxy_read("PROXY TCP4", 10, &proxy), RFX_PROXY_INVALID);
}

static void test_network_when_mapped_then_it_is_that_of_the_v4_address(void **state)
{
    const unsigned char mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};
    const unsigned char one[16] = {0x20, 1, [15] = 1};
    const unsigned char two[16] = {0x20, 1, [15] = 2};
    const unsigned char other[16] = {0x20, 1, [7] = 1};
    (void)state;
    assert_int_equal(rfx_network_v6(mapped), rfx_network_v4((const unsigned char *)v4));
    assert_int_equal(rfx_network_v6(one), rfx_network_v6(two));
    assert_int_not_equal(rfx_network_v6(one), rfx_network_v6(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_when_whole_then_address_is_read),
        cmocka_unit_test(test_header_when_followed_by_a_message_then_its_size_is_its_own),
        cmocka_unit_test(test_header_when_cut_anywhere_then_more_is_wanted),
        cmocka_unit_test(test_header_when_the_proxy_speaks_for_itself_then_no_address),
        cmocka_unit_test(test_header_when_wrong_then_it_is_refused),
        cmocka_unit_test(test_network_when_mapped_then_it_is_that_of_the_v4_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
