#include "bench/drive/order.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SOH          '\x01'
#define DIGITS       9
#define DIGITS_TEXT  "000000000"
#define TRAILER_SIZE 7

static unsigned sum_of(const char *data, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += (unsigned char)data[i];
    }
    return sum;
}

static void time_text(char text[32])
{
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y%m%d-%H:%M:%S.000", &utc);
}

/* Header and body, '|' for SOH, up to before 10=. */
static size_t frame(char out[ORDER_SIZE_MAX], const char *body)
{
    const int used =
        snprintf(out, ORDER_SIZE_MAX - TRAILER_SIZE, "8=FIX.4.4|9=%zu|%s", strlen(body), body);
    for (int i = 0; i < used; i++) {
        out[i] = out[i] == '|' ? SOH : out[i];
    }
    return (size_t)used;
}

static char *put_trailer(char *end, unsigned sum)
{
    sum &= 0xff;
    const char trailer[TRAILER_SIZE] = {
        '1', '0', '=', (char)('0' + sum / 100), (char)('0' + sum / 10 % 10), (char)('0' + sum % 10),
        SOH};
    memcpy(end, trailer, TRAILER_SIZE);
    return end + TRAILER_SIZE;
}

void order_init(struct order *order, enum order_kind kind, unsigned session)
{
    char body[ORDER_SIZE_MAX];
    char now[32];
    *order = (struct order){.kind = kind};
    if (kind == ORDER_ECHO) {
        memset(order->bytes, 'x', ORDER_ECHO_REQUEST);
        order->size = ORDER_ECHO_REQUEST;
        return;
    }
    time_text(now);
    snprintf(body, sizeof body,
             "35=D|34=" DIGITS_TEXT "|49=LG%u|52=%s|56=RINGFIX|11=A" DIGITS_TEXT
             "|21=1|55=LOAD.TEST|54=1|60=%s|38=1000|40=2|44=1234.56|",
             session, now, now);
    order->size = frame(order->bytes, body);
    order->number_at = (size_t)(strstr(order->bytes, "\x01"
                                                     "34=") +
                                4 - order->bytes);
    order->id_at = (size_t)(strstr(order->bytes, "\x01"
                                                 "11=A") +
                            5 - order->bytes);
    order->sum = sum_of(order->bytes, order->size);
    order->head_size = strlen("8=FIX.4.4|9=");
}

char *order_write(const struct order *order, uint64_t number, char *out)
{
    memcpy(out, order->bytes, order->size);
    if (order->kind == ORDER_ECHO) {
        return out + order->size;
    }
    unsigned sum = order->sum;
    for (size_t i = DIGITS; i > 0 && number > 0; i--) {
        const unsigned digit = (unsigned)(number % 10);
        out[order->number_at + i - 1] = (char)('0' + digit);
        out[order->id_at + i - 1] = (char)('0' + digit);
        sum += 2 * digit;
        number /= 10;
    }
    return put_trailer(out + order->size, sum);
}

size_t order_logon(unsigned session, char out[ORDER_SIZE_MAX])
{
    char body[ORDER_SIZE_MAX];
    char now[32];
    time_text(now);
    snprintf(body, sizeof body, "35=A|34=1|49=LG%u|52=%s|56=RINGFIX|98=0|108=3600|", session, now);
    const size_t size = frame(out, body);
    return (size_t)(put_trailer(out + size, sum_of(out, size)) - out);
}

size_t order_reply(const struct order *order, const char *data, size_t size, bool *is_right)
{
    *is_right = true;
    if (order->kind == ORDER_ECHO) {
        return size >= ORDER_ECHO_REPLY ? ORDER_ECHO_REPLY : 0;
    }
    size_t length = 0;
    size_t i = order->head_size;
    while (i < size && data[i] != SOH) {
        length = length * 10 + (size_t)(data[i++] - '0');
    }
    const size_t total = i + 1 + length + TRAILER_SIZE;
    if (size < total) {
        return 0;
    }
    *is_right = memcmp(data + i + 1, "35=8", 4) == 0;
    return total;
}
