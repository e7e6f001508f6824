/* The least that answers orders: frames, checks CheckSum(10) and MsgSeqNum(34), answers Logon,
 * TestRequest, Logout and NewOrderSingle. No journal, no timers, no resend, no validation. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/floor/service.h"

#define SOH          '\x01'
#define TRAILER_SIZE 7
#define HEAD                                                                                       \
    "8=FIX.4.4\x01"                                                                                \
    "9="
#define HEAD_SIZE  (sizeof HEAD - 1)
#define FIELDS_MAX 64

struct value {
    const char *data;
    size_t size;
};

struct fields {
    unsigned tags[FIELDS_MAX];
    struct value values[FIELDS_MAX];
    size_t count;
};

static unsigned sum_of(const char *data, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += (unsigned char)data[i];
    }
    return sum & 0xff;
}

static uint64_t number(struct value value)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.size; i++) {
        number = number * 10 + (uint64_t)(value.data[i] - '0');
    }
    return number;
}

static void split(const char *data, const char *end, struct fields *fields)
{
    fields->count = 0;
    while (data < end && fields->count < FIELDS_MAX) {
        unsigned tag = 0;
        while (data < end && *data != '=') {
            tag = tag * 10 + (unsigned)(*data++ - '0');
        }
        const char *value = ++data;
        while (data < end && *data != SOH) {
            data++;
        }
        fields->tags[fields->count] = tag;
        fields->values[fields->count++] =
            (struct value){.data = value, .size = (size_t)(data++ - value)};
    }
}

static struct value get(const struct fields *fields, unsigned tag)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->tags[i] == tag) {
            return fields->values[i];
        }
    }
    return (struct value){"", 0};
}

/* ------------------------------------------------------------------------------- answers */

struct writer {
    char *at;
};

static void put(struct writer *writer, const char *tag, struct value value)
{
    const size_t size = strlen(tag);
    memcpy(writer->at, tag, size);
    memcpy(writer->at + size, value.data, value.size);
    writer->at += size + value.size;
    *writer->at++ = SOH;
}

static struct value text(const char *text)
{
    return (struct value){text, strlen(text)};
}

static struct value digits(uint64_t value, char out[20])
{
    char *start = out + 20;
    do {
        *--start = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return (struct value){start, (size_t)(out + 20 - start)};
}

static struct value now_text(void)
{
    static char cached[24];
    static struct timespec last;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != last.tv_sec || now.tv_nsec / 1000000 != last.tv_nsec / 1000000) {
        struct tm utc;
        gmtime_r(&now.tv_sec, &utc);
        strftime(cached, sizeof cached, "%Y%m%d-%H:%M:%S", &utc);
        snprintf(cached + 17, sizeof cached - 17, ".%03u",
                 (unsigned)(now.tv_nsec / 1000000) % 1000);
        last = now;
    }
    return (struct value){cached, 21};
}

static void put_order(struct writer *writer, const struct fields *fields, uint64_t id)
{
    char id_text[20];
    const struct value execution = digits(id, id_text);
    const struct value quantity = get(fields, 38);
    const struct value price = get(fields, 44);
    put(writer, "37=", execution);
    put(writer, "17=", execution);
    put(writer, "11=", get(fields, 11));
    put(writer, "150=", text("F"));
    put(writer, "39=", text("2"));
    put(writer, "55=", get(fields, 55));
    put(writer, "54=", get(fields, 54));
    put(writer, "38=", quantity);
    put(writer, "44=", price);
    put(writer, "32=", quantity);
    put(writer, "31=", price);
    put(writer, "151=", text("0"));
    put(writer, "14=", quantity);
    put(writer, "6=", price);
}

/* Puts BodyLength(9) before the body and CheckSum(10) behind it. Returns the size of all. */
static size_t finish(char *out, char *body, char *end)
{
    char length_text[20];
    const struct value length = digits((uint64_t)(end - body), length_text);
    const size_t head_size = HEAD_SIZE + length.size + 1;
    const size_t body_size = (size_t)(end - body);
    memcpy(out, HEAD, HEAD_SIZE);
    memcpy(out + HEAD_SIZE, length.data, length.size);
    out[head_size - 1] = SOH;
    memmove(out + head_size, body, body_size);
    const size_t size = head_size + body_size;
    const unsigned sum = sum_of(out, size);
    const char trailer[TRAILER_SIZE] = {
        '1', '0', '=', (char)('0' + sum / 100), (char)('0' + sum / 10 % 10), (char)('0' + sum % 10),
        SOH};
    memcpy(out + size, trailer, TRAILER_SIZE);
    return size + TRAILER_SIZE;
}

static size_t answer(struct service_state *state, const struct fields *fields, char *out)
{
    const struct value type = get(fields, 35);
    const char letter = type.size == 1 ? *type.data : '?';
    if (letter != 'A' && letter != '1' && letter != '5' && letter != 'D') {
        return 0;
    }
    char seq_text[20];
    char *body = out + HEAD_SIZE + 4; /* three digits of BodyLength: it stays where it is */
    struct writer writer = {body};
    put(&writer, "35=", letter == 'D' ? text("8") : letter == '1' ? text("0") : type);
    put(&writer, "34=", digits(++state->next_out, seq_text));
    put(&writer, "49=", text("RINGFIX"));
    put(&writer, "52=", now_text());
    put(&writer, "56=", text(state->peer));
    if (letter == 'D') {
        put_order(&writer, fields, state->next_out);
    } else if (letter == 'A') {
        put(&writer, "98=", text("0"));
        put(&writer, "108=", get(fields, 108));
    } else if (letter == '1') {
        put(&writer, "112=", get(fields, 112));
    }
    return finish(out, body, writer.at);
}

long service_fix(struct service_state *state, const char *data, size_t size, char *out,
                 size_t *answered)
{
    struct fields fields;
    size_t length = 0;
    size_t i = HEAD_SIZE;
    if (size < HEAD_SIZE + 5) {
        return 0;
    }
    if (memcmp(data, HEAD, HEAD_SIZE) != 0) {
        return -1;
    }
    while (i < size && data[i] >= '0' && data[i] <= '9' && length < 10000) {
        length = length * 10 + (size_t)(data[i++] - '0');
    }
    const size_t body = i + 1;
    const size_t total = body + length + TRAILER_SIZE;
    if (i < size && (data[i] != SOH || length > SERVICE_ANSWER_MAX / 2)) {
        return -1;
    }
    if (size < total) {
        return 0;
    }
    split(data + body, data + total - 1, &fields);
    const struct value sum = get(&fields, 10);
    if (sum.size != 3 || number(sum) != sum_of(data, body + length) ||
        number(get(&fields, 34)) != ++state->next_in) {
        return -1;
    }
    if (state->peer[0] == '\0') {
        const struct value sender = get(&fields, 49);
        if (sender.size >= sizeof state->peer) {
            return -1;
        }
        memcpy(state->peer, sender.data, sender.size);
    }
    *answered = answer(state, &fields, out);
    return (long)total;
}
