#include "bench/loadgen/flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 16

void flight_init(struct flight *flight)
{
    *flight = (struct flight){.oldest = 1, .next = 1};
}

void flight_free(struct flight *flight)
{
    free(flight->stamps);
    flight->stamps = NULL;
}

static uint64_t *slot(const struct flight *flight, uint64_t number)
{
    return &flight->stamps[number & (flight->capacity - 1)];
}

static bool grow(struct flight *flight)
{
    uint32_t capacity = flight->capacity == 0 ? CAPACITY_FIRST : 2 * flight->capacity;
    uint64_t *stamps = calloc(capacity, sizeof *stamps);
    if (stamps == NULL) {
        return false;
    }
    for (uint64_t number = flight->oldest; number < flight->next; number++) {
        stamps[number & (capacity - 1)] = *slot(flight, number);
    }
    free(flight->stamps);
    flight->stamps = stamps;
    flight->capacity = capacity;
    return true;
}

bool flight_has_room(struct flight *flight)
{
    if (flight->next - flight->oldest < flight->capacity) {
        return true;
    }
    return flight->capacity < FLIGHT_LIMIT && grow(flight);
}

void flight_add(struct flight *flight, uint64_t stamp)
{
    assert(stamp != 0 && flight->next - flight->oldest < flight->capacity);
    *slot(flight, flight->next) = stamp;
    flight->next++;
    flight->outstanding++;
}

enum flight_answer flight_take(struct flight *flight, uint64_t number, uint64_t *stamp)
{
    if (number < 1 || number >= flight->next) {
        return FLIGHT_NEVER_SENT;
    }
    if (number < flight->oldest || *slot(flight, number) == 0) {
        return FLIGHT_ANSWERED_BEFORE;
    }
    *stamp = *slot(flight, number);
    *slot(flight, number) = 0;
    flight->outstanding--;
    while (flight->oldest < flight->next && *slot(flight, flight->oldest) == 0) {
        flight->oldest++;
    }
    return FLIGHT_FIRST_ANSWER;
}

/* ------------------------------------------------------------------------------- ClOrdID */

static size_t write_hex(char *out, uint64_t value)
{
    char digits[16];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value != 0);
    for (size_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }
    return count;
}

void order_id_write(char id[ORDER_ID_SIZE], uint32_t session, uint64_t number)
{
    size_t size = write_hex(id, session);
    id[size++] = '-';
    size += write_hex(id + size, number);
    id[size] = '\0';
}

/* No leading zero and no capital: a number has one spelling. */
static bool read_hex(const char *text, size_t size, uint64_t *value)
{
    *value = 0;
    if (size < 1 || size > 16 || (text[0] == '0' && size > 1)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned digit;
        if (text[i] >= '0' && text[i] <= '9') {
            digit = (unsigned)(text[i] - '0');
        } else if (text[i] >= 'a' && text[i] <= 'f') {
            digit = (unsigned)(text[i] - 'a') + 10;
        } else {
            return false;
        }
        *value = *value << 4 | digit;
    }
    return true;
}

bool order_id_read(struct rfx_bytes id, uint32_t *session, uint64_t *number)
{
    const char *dash = memchr(id.data, '-', id.size);
    uint64_t wide = 0;
    if (dash == NULL) {
        return false;
    }
    size_t before = (size_t)(dash - id.data);
    if (!read_hex(id.data, before, &wide) || wide > UINT32_MAX ||
        !read_hex(dash + 1, id.size - before - 1, number)) {
        return false;
    }
    *session = (uint32_t)wide;
    return true;
}
