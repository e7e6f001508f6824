#include "tests/unit/support_bytes.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_open(struct guard *guard, size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (capacity + page - 1) / page * page;
    guard->map_size = usable + page;
    guard->map =
        mmap(NULL, guard->map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guard->map == MAP_FAILED) {
        fail_msg("mmap of %zu bytes failed", guard->map_size);
    }
    guard->end = guard->map + usable;
    assert_int_equal(mprotect(guard->end, page, PROT_NONE), 0);
}

void guard_close(struct guard *guard)
{
    munmap(guard->map, guard->map_size);
}

char *guard_last(const struct guard *guard, size_t size)
{
    assert_true(size <= (size_t)(guard->end - guard->map));
    return guard->end - size;
}

char *guard_copy(const struct guard *guard, const void *bytes, size_t size)
{
    char *copy = guard_last(guard, size);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

struct fix_text fix_raw(const char *text)
{
    struct fix_text raw = {.size = strlen(text)};
    assert_true(raw.size <= sizeof raw.data);
    for (size_t i = 0; i < raw.size; i++) {
        raw.data[i] = text[i];
        if (text[i] == '|') {
            raw.data[i] = RFX_SOH;
        }
    }
    return raw;
}

struct fix_text fix_message_of(const char *body, size_t size)
{
    struct fix_text message = {0};
    assert_true(size + 64 <= sizeof message.data);
    int head = snprintf(message.data, 64,
                        "8=FIX.4.4\x01"
                        "9=%zu\x01",
                        size);
    message.size = (size_t)head;
    memcpy(message.data + message.size, body, size);
    message.size += size;
    unsigned sum = 0;
    for (size_t i = 0; i < message.size; i++) {
        sum += (unsigned char)message.data[i];
    }
    int tail = snprintf(message.data + message.size, 16, "10=%03u\x01", sum % 256);
    message.size += (size_t)tail;
    return message;
}

struct fix_text fix_message(const char *body)
{
    struct fix_text raw = fix_raw(body);
    return fix_message_of(raw.data, raw.size);
}

void fix_append(struct fix_text *text, const struct fix_text *more)
{
    assert_true(text->size + more->size <= sizeof text->data);
    memcpy(text->data + text->size, more->data, more->size);
    text->size += more->size;
}

uint64_t random_next(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *seed, uint64_t below)
{
    return random_next(seed) % below;
}
