#include "tools/shared/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/timestamp.h"

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

static size_t put_byte(unsigned char byte, int soh)
{
    if (byte == RFX_SOH && soh != 0) {
        putchar(soh);
        return 1;
    }
    if (!is_plain(byte) || byte == '\\' || byte == '|') {
        printf("\\x%02x", byte);
        return 4;
    }
    putchar(byte);
    return 1;
}

size_t put_text(struct rfx_bytes text, int soh, size_t columns)
{
    size_t used = 0;
    for (size_t i = 0; i < text.size; i++) {
        const size_t kept = i + 1 < text.size ? 3 : 0;
        if (columns > 0 && used + kept + 4 > columns) {
            fputs("...", stdout);
            return used + 3;
        }
        used += put_byte((unsigned char)text.data[i], soh);
    }
    return used;
}

size_t put_name(const char *name)
{
    return put_text(rfx_bytes_of(name, strlen(name)), 0, 0);
}

void put_json(struct rfx_bytes text)
{
    putchar('"');
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte == '"' || byte == '\\') {
            putchar('\\');
            putchar(byte);
        } else if (is_plain(byte)) {
            putchar(byte);
        } else {
            printf("\\u%04x", byte);
        }
    }
    putchar('"');
}

void put_json_name(const char *name)
{
    put_json(rfx_bytes_of(name, strlen(name)));
}

void put_error(const char *text)
{
    fprintf(stderr, "%s: ", program_invocation_short_name);
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (is_plain(byte)) {
            putc(byte, stderr);
        } else {
            fprintf(stderr, "\\x%02x", byte);
        }
    }
    putc('\n', stderr);
}

const char *time_text(int64_t utc_ns, char out[TEXT_SIZE])
{
    if (utc_ns < 0) {
        return strcpy(out, "-");
    }
    out[rfx_utc_write(utc_ns, 3, out)] = '\0';
    return out;
}

const char *iso_text(int64_t utc_ns, char out[TEXT_SIZE])
{
    char text[RFX_UTC_TEXT_MAX + 1];
    if (utc_ns < 0) {
        return strcpy(out, "-");
    }
    text[rfx_utc_write(utc_ns, 9, text)] = '\0';
    snprintf(out, TEXT_SIZE, "%.4s-%.2s-%.2sT%sZ", text, text + 4, text + 6, text + 9);
    return out;
}

const char *size_text(uint64_t bytes, char out[TEXT_SIZE])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++) {
        value /= 1024;
    }
    snprintf(out, TEXT_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}
