#include "core/address.h"

#include <arpa/inet.h>
#include <string.h>

#define TEXT_MAX 45 /* of an IPv6 address */

bool rfx_address_read(struct rfx_bytes text, struct rfx_address *address)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char copy[TEXT_MAX + 1];
    if (text.size == 0 || text.size > TEXT_MAX || memchr(text.data, '\0', text.size) != NULL) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    memcpy(address->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, copy, address->bytes + sizeof mapped) == 1 ||
           inet_pton(AF_INET6, copy, address->bytes) == 1;
}

static struct rfx_bytes trimmed(struct rfx_bytes text)
{
    while (text.size > 0 && text.data[0] == ' ') {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ') {
        text.size--;
    }
    return text;
}

static bool read_prefix(struct rfx_bytes digits, unsigned max, unsigned *bits)
{
    *bits = 0;
    if (digits.size == 0 || digits.size > 3) {
        return false;
    }
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return false;
        }
        *bits = *bits * 10 + (unsigned)(digits.data[i] - '0');
    }
    return *bits <= max;
}

static bool read_network(struct rfx_bytes text, struct rfx_network *network)
{
    text = trimmed(text);
    const char *slash = memchr(text.data, '/', text.size);
    size_t size = slash != NULL ? (size_t)(slash - text.data) : text.size;
    if (!rfx_address_read(rfx_bytes_of(text.data, size), &network->address)) {
        return false;
    }
    bool is_v6 = memchr(text.data, ':', size) != NULL;
    unsigned width = is_v6 ? 128 : 32;
    unsigned bits = width;
    if (slash != NULL &&
        !read_prefix(rfx_bytes_of(slash + 1, text.size - size - 1), width, &bits)) {
        return false;
    }
    network->prefix_bits = (uint8_t)(128 - width + bits);
    return true;
}

bool rfx_address_list_read(const char *text, struct rfx_address_list *list)
{
    list->count = 0;
    for (;;) {
        size_t size = strcspn(text, ",");
        if (list->count == RFX_ADDRESSES_MAX ||
            !read_network(rfx_bytes_of(text, size), &list->networks[list->count])) {
            return false;
        }
        list->count++;
        if (text[size] == '\0') {
            return true;
        }
        text += size + 1;
    }
}

static bool is_within(const struct rfx_network *network, const struct rfx_address *address)
{
    size_t whole = network->prefix_bits / 8;
    unsigned rest = network->prefix_bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0) {
        return false;
    }
    unsigned difference = rest == 0 ? 0u : network->address.bytes[whole] ^ address->bytes[whole];
    return difference >> (8 - rest) == 0;
}

bool rfx_address_list_has(const struct rfx_address_list *list, const struct rfx_address *address)
{
    for (size_t i = 0; i < list->count; i++) {
        if (is_within(&list->networks[i], address)) {
            return true;
        }
    }
    return false;
}
