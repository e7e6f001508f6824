/* The field index, and the length fields whose data fields may hold any byte. */
#include "core/message.h"

#include <string.h>

#include "core/scan.h"

#define TRAILER_SIZE 7 /* 10=nnn and SOH: no data field reaches into it */

/* Length fields and the data fields they announce, by length field. */
static const struct {
    int32_t length;
    int32_t data;
} data_pairs[] = {
    {90, 91},       {93, 89},       {95, 96},       {212, 213},     {348, 349},     {350, 351},
    {352, 353},     {354, 355},     {356, 357},     {358, 359},     {360, 361},     {362, 363},
    {364, 365},     {445, 446},     {618, 619},     {621, 622},     {1184, 1185},   {1277, 1278},
    {1280, 1281},   {1282, 1283},   {1397, 1398},   {1401, 1402},   {1403, 1404},   {1468, 1469},
    {1525, 1527},   {1578, 1579},   {1620, 1621},   {1664, 1665},   {1678, 1697},   {1733, 1734},
    {1871, 1872},   {1874, 1875},   {2072, 2073},   {2074, 2075},   {2111, 2112},   {2179, 2180},
    {2287, 2288},   {2351, 2352},   {2372, 2371},   {2481, 2482},   {2494, 2493},   {2522, 2521},
    {2637, 2638},   {2651, 2652},   {2665, 2666},   {2715, 2716},   {2718, 2719},   {2721, 2722},
    {2797, 2798},   {2802, 2801},   {2809, 2808},   {2815, 2814},   {40004, 40005}, {40008, 40009},
    {40978, 40979}, {40980, 40981}, {40982, 40983}, {40984, 40985}, {40986, 40987}, {40988, 40989},
    {41083, 41084}, {41101, 41102}, {41107, 41108}, {41256, 41257}, {41320, 41321}, {41324, 41325},
    {41458, 41459}, {41476, 41477}, {41482, 41483}, {41653, 41654}, {41710, 41711}, {41806, 41807},
    {41811, 41812}, {41969, 41970}, {42025, 42026}, {42171, 42172}, {42451, 42452}, {42652, 42653},
    {42947, 42948}, {43109, 42684}, {43110, 42486}, {43111, 42982},
};

/* Which tags are length fields, for nearly every tag there is: nearly every field asks. */
#define BIT(tag)          (UINT64_C(1) << ((tag) % 64))
#define LENGTH_TAGS_SMALL 2816

static const uint64_t length_tags[LENGTH_TAGS_SMALL / 64] = {
    [90 / 64] = BIT(90) | BIT(93) | BIT(95),
    [212 / 64] = BIT(212),
    [348 / 64] = BIT(348) | BIT(350) | BIT(352) | BIT(354) | BIT(356) | BIT(358) | BIT(360) |
                 BIT(362) | BIT(364),
    [445 / 64] = BIT(445),
    [618 / 64] = BIT(618) | BIT(621),
    [1184 / 64] = BIT(1184),
    [1277 / 64] = BIT(1277),
    [1280 / 64] = BIT(1280) | BIT(1282),
    [1397 / 64] = BIT(1397) | BIT(1401) | BIT(1403),
    [1468 / 64] = BIT(1468),
    [1525 / 64] = BIT(1525),
    [1578 / 64] = BIT(1578),
    [1620 / 64] = BIT(1620),
    [1664 / 64] = BIT(1664) | BIT(1678),
    [1733 / 64] = BIT(1733),
    [1871 / 64] = BIT(1871) | BIT(1874),
    [2072 / 64] = BIT(2072) | BIT(2074) | BIT(2111),
    [2179 / 64] = BIT(2179),
    [2287 / 64] = BIT(2287),
    [2351 / 64] = BIT(2351),
    [2372 / 64] = BIT(2372),
    [2481 / 64] = BIT(2481) | BIT(2494),
    [2522 / 64] = BIT(2522),
    [2637 / 64] = BIT(2637) | BIT(2651) | BIT(2665),
    [2715 / 64] = BIT(2715) | BIT(2718) | BIT(2721),
    [2797 / 64] = BIT(2797) | BIT(2802) | BIT(2809) | BIT(2815),
};

static int32_t find_data_tag(int32_t length_tag)
{
    size_t low = 0;
    size_t high = sizeof data_pairs / sizeof data_pairs[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (data_pairs[middle].length < length_tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < sizeof data_pairs / sizeof data_pairs[0] && data_pairs[low].length == length_tag;
    return found ? data_pairs[low].data : 0;
}

/* Whether a tag is worth looking for. */
static inline bool may_be_length(int32_t tag)
{
    uint32_t number = (uint32_t)tag; /* large when below 0 */
    return number >= LENGTH_TAGS_SMALL || (length_tags[number / 64] >> (number % 64) & 1) != 0;
}

int32_t rfx_data_tag_of(int32_t length_tag)
{
    return RFX_UNLIKELY(may_be_length(length_tag)) ? find_data_tag(length_tag) : 0;
}

/* Most data fields have the number behind that of their length. */
bool rfx_is_data_tag(int32_t tag)
{
    switch (tag) {
    case 89:
    case 1527:
    case 1697:
    case 2371:
    case 2493:
    case 2521:
    case 2801:
    case 2808:
    case 2814:
    case 42486:
    case 42684:
    case 42982:
        return true;
    default: /* an open set */
        return rfx_data_tag_of(tag - 1) == tag;
    }
}

/* Reads the tag that starts at offset and must end with '='. Returns the offset of the value, or
 * 0 when this is no tag. A leading '-' is read so that a Reject can name such a tag. */
static size_t read_tag(const char *data, size_t size, size_t offset, int32_t *tag)
{
    size_t i = offset;
    bool negative = i < size && data[i] == '-';
    i += negative;
    size_t digits_from = i;
    int32_t number = 0;
    while (i < size && i - digits_from < 9) {
        unsigned digit = (unsigned)(unsigned char)data[i] - '0';
        if (digit > 9) {
            break;
        }
        number = number * 10 + (int32_t)digit;
        i++;
    }
    if (i == digits_from || i >= size || data[i] != '=') {
        return 0;
    }
    *tag = negative ? -number : number;
    return i + 1;
}

/* Where the index has got to. */
struct cursor {
    const char *data;
    size_t size;
    size_t offset; /* where the next field begins */
    struct rfx_field *fields;
    uint32_t count;
    int32_t malformed_index;
};

/* Indexes one field that is out of the ordinary, and those that belong to it: a length field with
 * its data field, a malformed field, one that is cut. Any field will do. False: stop here. */
static __attribute__((noinline)) bool index_with_care(struct cursor *cursor)
{
    const char *data = cursor->data;
    size_t size = cursor->size;
    int32_t data_tag = 0;
    uint64_t data_size = 0;
    do {
        struct rfx_field *field = &cursor->fields[cursor->count];
        size_t value = read_tag(data, size, cursor->offset, &field->tag);
        bool bad = value == 0;
        if (bad) {
            field->tag = RFX_TAG_MALFORMED;
            value = cursor->offset;
        }
        const char *end = NULL;
        if (data_tag != 0 && field->tag == data_tag) {
            /* A data field is as long as its length field said, SOH or not. */
            bool is_within = size > value + TRAILER_SIZE && data_size < size - value - TRAILER_SIZE;
            if (is_within && data[value + data_size] == RFX_SOH) {
                end = data + value + data_size;
            } else {
                bad = true;
            }
        }
        if (end == NULL) {
            end = memchr(data + value, RFX_SOH, size - value);
            if (end == NULL) {
                end = data + size; /* not reached by a framed message: it ends with SOH */
            }
        }
        field->offset = (uint32_t)value;
        field->size = (uint32_t)((size_t)(end - data) - value);
        data_tag = rfx_data_tag_of(field->tag);
        if (data_tag != 0 && !rfx_read_uint(rfx_bytes_of(data + value, field->size), &data_size)) {
            data_tag = 0; /* left to whoever reads the length as a number */
        }
        cursor->count++;
        cursor->offset = (size_t)(end - data) + 1;
        if (bad) {
            if (cursor->malformed_index >= 0) {
                return false;
            }
            cursor->malformed_index = (int32_t)cursor->count - 1;
        }
    } while (data_tag != 0 && cursor->offset < size);
    return true;
}

/* Indexes fields as long as they are ordinary: a tag of up to four digits that is not the length
 * of a data field. For messages of eight bytes or more. */
static void index_ordinary(struct cursor *cursor)
{
    const char *data = cursor->data;
    size_t size = cursor->size;
    size_t last_word = size - sizeof(uint64_t);
    size_t offset = cursor->offset;
    struct rfx_field *field = cursor->fields + cursor->count;
    struct rfx_scan scan = rfx_scan_from(data, size, offset);
    for (;;) {
        uint64_t word;
        if (RFX_LIKELY(offset <= last_word)) {
            word = rfx_scan_word(data + offset);
        } else if (offset < size) { /* the last field: zeros stand behind it */
            word = rfx_scan_word(data + last_word) >> 8 * (offset - last_word);
        } else {
            break;
        }
        int32_t tag = 0;
        size_t digits = rfx_scan_tag(word, &tag);
        if (RFX_UNLIKELY(digits == 0 || may_be_length(tag))) {
            break;
        }
        size_t value = offset + digits + 1;
        size_t end = rfx_scan_next(&scan);
        field->tag = tag;
        field->offset = (uint32_t)value;
        field->size = (uint32_t)(end - value);
        field++;
        offset = end + 1;
    }
    cursor->offset = offset;
    cursor->count = (uint32_t)(field - cursor->fields);
}

void rfx_message_index(const char *data, size_t size, struct rfx_field *fields,
                       struct rfx_message *message)
{
    struct cursor cursor = {.data = data, .size = size, .fields = fields, .malformed_index = -1};
    bool goes_on = true;
    while (goes_on && cursor.offset < size) {
        if (RFX_LIKELY(size >= sizeof(uint64_t))) { /* any framed message */
            index_ordinary(&cursor);
        }
        goes_on = cursor.offset >= size || index_with_care(&cursor);
    }
    message->data = data;
    message->size = (uint32_t)size;
    message->fields = fields;
    message->field_count = cursor.count;
    message->malformed_index = cursor.malformed_index;
    message->rules = NULL;
}
