#include "bench/codec/stream.h"

#include <stdio.h>
#include <string.h>

static void add(struct stream *stream, const char *data, size_t size)
{
    RFX_ASSERT(stream->count < STREAM_COUNT && size <= sizeof stream->data - stream->size);
    memcpy(stream->data + stream->size, data, size);
    stream->size += size;
    stream->count++;
    stream->offset[stream->count] = (uint32_t)stream->size;
}

void stream_of_sample(enum sample_kind kind, const char *begin_string, struct stream *stream)
{
    struct sample sample;
    sample_make(kind, begin_string, &sample);
    *stream = (struct stream){.name = sample.name};
    add(stream, sample.data, sample.size);
}

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % below;
}

/* '|' for SOH; returns the size. */
static size_t write_order(uint64_t *state, uint64_t number, char *text, size_t size)
{
    static const unsigned scales[] = {1, 10, 100, 10000, 1000000};
    unsigned scale = scales[draw(state, 5)];
    int end = snprintf(
        text, size, "35=D|49=BUYSIDE|56=RINGFIX|34=%llu|52=20260512-09:30:%02u.%03u|11=%.*s%llu|",
        (unsigned long long)(1 + number * scale), draw(state, 60), draw(state, 1000),
        (int)draw(state, 9), "ORDERS--", (unsigned long long)number * 7 + scale);
    static const char *const optional[] = {"1=ACC1|", "1=LONGACCOUNT/77|",
                                           "21=1|",   "100=XNAS|",
                                           "110=10|", "48=US5949181045|22=4|",
                                           "167=CS|", "207=XNAS|",
                                           "15=USD|", "58=a note|",
                                           "114=N|",  "77=O|",
                                           "528=A|",  "126=20260512-21:00:00|"};
    size_t at = (size_t)end;
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
        if (draw(state, 4) == 0 && !(i == 1 && strstr(text, "|1=") != NULL)) {
            at += (size_t)snprintf(text + at, size - at, "%s", optional[i]);
        }
    }
    at += (size_t)snprintf(text + at, size - at,
                           "55=%.*s|54=%u|60=20260512-09:30:00.%03u|38=%u|40=2|44=%u.%0*u|59=0|",
                           1 + (int)draw(state, 6), "MSFTXY", 1 + draw(state, 2), draw(state, 1000),
                           1 + draw(state, 10 * scale), 1 + draw(state, scale),
                           1 + (int)draw(state, 4), draw(state, 10));
    RFX_ASSERT(at < size);
    return at;
}

void stream_of_orders(const char *begin_string, struct stream *stream)
{
    uint64_t state = 20260512;
    *stream = (struct stream){.name = "NewOrderSingle, mixed"};
    for (uint64_t i = 0; i < STREAM_COUNT; i++) {
        char body[400];
        char message[480];
        size_t body_size = write_order(&state, i, body, sizeof body);
        int size =
            snprintf(message, sizeof message, "8=%s|9=%zu|%s", begin_string, body_size, body);
        for (int at = 0; at < size; at++) {
            if (message[at] == '|') {
                message[at] = RFX_SOH;
            }
        }
        size += snprintf(message + size, sizeof message - (size_t)size, "10=%03u\x01",
                         rfx_checksum(message, (size_t)size));
        add(stream, message, (size_t)size);
    }
}
