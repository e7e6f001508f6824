#include "core/mask.h"

#include <string.h>

#define SOH '\x01'

enum {
    RAW_DATA_LENGTH = 95,
    RAW_DATA = 96,
    PASSWORD = 554,
    NEW_PASSWORD = 925,
    ENCRYPTED_PASSWORD_LENGTH = 1401,
    ENCRYPTED_PASSWORD = 1402,
    ENCRYPTED_NEW_PASSWORD_LENGTH = 1403,
    ENCRYPTED_NEW_PASSWORD = 1404,
    MSG_TYPE = 35,
    TAG_MAX = 1000000,
};

/* The field that begins at data; tag 0: it is none. Returns where its value begins. */
static size_t read_tag(const char *data, size_t size, unsigned *tag)
{
    size_t i = 0;
    unsigned number = 0;
    while (i < size && data[i] >= '0' && data[i] <= '9' && number < TAG_MAX) {
        number = number * 10 + (unsigned)(data[i++] - '0');
    }
    const bool is_field = i > 0 && i < size && data[i] == '=';
    *tag = is_field ? number : 0;
    return is_field ? i + 1 : 0;
}

static size_t end_of(const char *data, size_t size, size_t from)
{
    const char *end = memchr(data + from, SOH, size - from);
    return end != NULL ? (size_t)(end - data) : size;
}

/* The number in a value; more than any message has when it is none. */
static size_t read_length(const char *value, size_t size)
{
    size_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (value[i] < '0' || value[i] > '9' || number > SIZE_MAX / 100) {
            return SIZE_MAX / 2;
        }
        number = number * 10 + (size_t)(value[i] - '0');
    }
    return size > 0 ? number : SIZE_MAX / 2;
}

/* What is known of the message up to here. */
struct walk {
    unsigned tag_before;
    size_t length_before; /* of a field that announces a length */
    bool has_type;
    bool is_about_user; /* a Logon or a UserRequest */
};

static bool is_secret(const struct walk *walk, unsigned tag)
{
    switch (tag) {
    case PASSWORD:
    case NEW_PASSWORD:
    case ENCRYPTED_PASSWORD:
    case ENCRYPTED_NEW_PASSWORD:
        return true;
    case RAW_DATA:
        return walk->is_about_user || !walk->has_type;
    default:
        return false;
    }
}

/* Where a secret ends. Data may contain SOH: its length tells. */
static size_t secret_end(const struct walk *walk, unsigned tag, const char *data, size_t size,
                         size_t value)
{
    const bool is_data =
        tag == RAW_DATA || tag == ENCRYPTED_PASSWORD || tag == ENCRYPTED_NEW_PASSWORD;
    if (!is_data || walk->tag_before != tag - 1) {
        return end_of(data, size, value);
    }
    if (walk->length_before >= size - value || data[value + walk->length_before] != SOH) {
        return size; /* nobody can tell where it ends */
    }
    return value + walk->length_before;
}

static void note(struct walk *walk, unsigned tag, const char *value, size_t size)
{
    walk->tag_before = tag;
    if (tag == RAW_DATA_LENGTH || tag == ENCRYPTED_PASSWORD_LENGTH ||
        tag == ENCRYPTED_NEW_PASSWORD_LENGTH) {
        walk->length_before = read_length(value, size);
    } else if (tag == MSG_TYPE) {
        walk->has_type = true;
        walk->is_about_user |=
            (size == 1 && value[0] == 'A') || (size == 2 && memcmp(value, "BE", 2) == 0);
    }
}

static size_t copy_line(char *out, const char *data, size_t size)
{
    memcpy(out, data, size);
    for (char *feed = out; (feed = memchr(feed, '\n', size - (size_t)(feed - out))) != NULL;) {
        *feed = '\v';
    }
    return size;
}

size_t rfx_mask_message(const char *data, size_t size, char *out)
{
    struct walk walk = {0};
    size_t used = 0;
    size_t copied = 0; /* of data; up to the secrets it is copied in one piece */
    for (size_t at = 0; at < size;) {
        unsigned tag;
        const size_t value = at + read_tag(data + at, size - at, &tag);
        size_t end;
        if (is_secret(&walk, tag)) {
            end = secret_end(&walk, tag, data, size, value);
            used += copy_line(out + used, data + copied, value - copied);
            memcpy(out + used, "***", 3);
            used += 3;
            copied = end;
        } else {
            end = end_of(data, size, value);
        }
        note(&walk, tag, data + value, end - value);
        at = end + 1;
    }
    return used + copy_line(out + used, data + copied, size - copied);
}
