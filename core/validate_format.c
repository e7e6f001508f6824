/* What values of each data type look like. Codes that other bodies keep (currencies, countries,
 * exchanges, languages) are not looked up: real counterparties use more than any list has. */
#include "core/timestamp.h"
#include "core/validate_internal.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads count digits into a number, -1 when there is something else. */
static int digits(const char *text, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text[i])) {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static bool is_within(int number, int min, int max)
{
    return number >= min && number <= max;
}

static bool is_unsigned(struct rfx_bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.data[i])) {
            return false;
        }
    }
    return value.size > 0;
}

static struct rfx_bytes without_sign(struct rfx_bytes value)
{
    bool has_sign = value.size > 0 && value.data[0] == '-';
    return rfx_bytes_of(value.data + has_sign, value.size - has_sign);
}

/* Digits with at most one point among them, "1.", ".5" and leading zeros included. */
static bool is_decimal(struct rfx_bytes value)
{
    size_t points = 0;
    value = without_sign(value);
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '.') {
            points++;
        } else if (!is_digit(value.data[i])) {
            return false;
        }
    }
    return points <= 1 && value.size > points;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool is_date(struct rfx_bytes value)
{
    if (value.size != 8) {
        return false;
    }
    int year = digits(value.data, 4);
    int month = digits(value.data + 4, 2);
    int day = digits(value.data + 6, 2);
    return year >= 0 && is_within(month, 1, 12) && is_within(day, 1, days_in(year, month));
}

/* YYYYMM, YYYYMMDD or YYYYMMwN */
static bool is_month_year(struct rfx_bytes value)
{
    if (value.size == 8 && value.data[6] != 'w') {
        return is_date(value);
    }
    bool is_month = (value.size == 6 || value.size == 8) && digits(value.data, 4) >= 0 &&
                    is_within(digits(value.data + 4, 2), 1, 12);
    return is_month && (value.size == 6 || is_within(value.data[7], '1', '5'));
}

/* HH:MM:SS at the start; second 60 is a leap second. */
static bool starts_with_time(struct rfx_bytes value)
{
    return value.size >= 8 && value.data[2] == ':' && value.data[5] == ':' &&
           is_within(digits(value.data, 2), 0, 23) && is_within(digits(value.data + 3, 2), 0, 59) &&
           is_within(digits(value.data + 6, 2), 0, 60);
}

static bool is_fraction(struct rfx_bytes value)
{
    return value.size == 0 || (value.data[0] == '.' && value.size <= 13 &&
                               is_unsigned(rfx_bytes_of(value.data + 1, value.size - 1)));
}

static bool is_time(struct rfx_bytes value)
{
    return starts_with_time(value) && is_fraction(rfx_bytes_of(value.data + 8, value.size - 8));
}

/* Z, +HH, -HH, +HH:MM or nothing. */
static bool is_offset(struct rfx_bytes value)
{
    if (value.size == 0 || (value.size == 1 && value.data[0] == 'Z')) {
        return true;
    }
    bool is_hour = (value.size == 3 || value.size == 6) &&
                   (value.data[0] == '+' || value.data[0] == '-') &&
                   is_within(digits(value.data + 1, 2), 0, 14);
    return is_hour && (value.size == 3 ||
                       (value.data[3] == ':' && is_within(digits(value.data + 4, 2), 0, 59)));
}

/* HH:MM[:SS[.s...]] and an offset. */
static bool is_zoned_time(struct rfx_bytes value)
{
    if (value.size < 5 || value.data[2] != ':' || !is_within(digits(value.data, 2), 0, 23) ||
        !is_within(digits(value.data + 3, 2), 0, 59)) {
        return false;
    }
    size_t end = 5;
    if (starts_with_time(value)) {
        end = 8;
        if (end < value.size && value.data[end] == '.') {
            size_t from = ++end;
            while (end < value.size && is_digit(value.data[end])) {
                end++;
            }
            if (end == from) {
                return false;
            }
        }
    }
    return is_offset(rfx_bytes_of(value.data + end, value.size - end));
}

static bool is_zoned_timestamp(struct rfx_bytes value)
{
    return value.size > 9 && value.data[8] == '-' && is_date(rfx_bytes_of(value.data, 8)) &&
           is_zoned_time(rfx_bytes_of(value.data + 9, value.size - 9));
}

static bool is_timestamp(struct rfx_bytes value)
{
    int64_t utc_ns;
    return rfx_utc_read(value, &utc_ns);
}

/* One character each, apart by single spaces. */
static bool is_char_list(struct rfx_bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        if ((value.data[i] == ' ') != (i % 2 == 1)) {
            return false;
        }
    }
    return value.size % 2 == 1;
}

static bool is_day_of_month(struct rfx_bytes value)
{
    return value.size <= 2 && is_unsigned(value) &&
           is_within(digits(value.data, value.size), 1, 31);
}

bool rfx_format_fits(enum rfx_field_type type, struct rfx_bytes value, bool is_old)
{
    switch (type) {
    case RFX_TYPE_INT:
        return is_unsigned(without_sign(value));
    case RFX_TYPE_LENGTH:
    case RFX_TYPE_SEQNUM:
    case RFX_TYPE_NUMINGROUP:
    case RFX_TYPE_TAGNUM:
        return is_unsigned(value);
    case RFX_TYPE_FLOAT:
    case RFX_TYPE_PRICE:
    case RFX_TYPE_PRICEOFFSET:
    case RFX_TYPE_AMT:
    case RFX_TYPE_QTY:
    case RFX_TYPE_PERCENTAGE:
        return is_decimal(value);
    case RFX_TYPE_CHAR:
        return is_old || value.size == 1;
    case RFX_TYPE_BOOLEAN:
        return value.size == 1 && (value.data[0] == 'Y' || value.data[0] == 'N');
    case RFX_TYPE_DAYOFMONTH:
        return is_day_of_month(value);
    case RFX_TYPE_MONTHYEAR:
        return is_month_year(value);
    case RFX_TYPE_TIME:
    case RFX_TYPE_UTCTIMESTAMP:
        return is_timestamp(value);
    case RFX_TYPE_UTCTIMEONLY:
    case RFX_TYPE_LOCALMKTTIME:
        return is_time(value);
    case RFX_TYPE_DATE:
    case RFX_TYPE_UTCDATE:
    case RFX_TYPE_UTCDATEONLY:
    case RFX_TYPE_LOCALMKTDATE:
        return is_date(value);
    case RFX_TYPE_TZTIMEONLY:
        return is_zoned_time(value);
    case RFX_TYPE_TZTIMESTAMP:
        return is_zoned_timestamp(value);
    case RFX_TYPE_MULTIPLECHARVALUE:
        return is_char_list(value);
    case RFX_TYPE_UNKNOWN:
    case RFX_TYPE_STRING:
    case RFX_TYPE_DATA:
    case RFX_TYPE_XMLDATA:
    case RFX_TYPE_CURRENCY:
    case RFX_TYPE_COUNTRY:
    case RFX_TYPE_EXCHANGE:
    case RFX_TYPE_LANGUAGE:
    case RFX_TYPE_MULTIPLEVALUESTRING:
    case RFX_TYPE_MULTIPLESTRINGVALUE:
    case RFX_TYPE_XID:
    case RFX_TYPE_XIDREF:
    case RFX_TYPE_COUNT:
        return true;
    }
    return true;
}

/* Whether each of the values apart by spaces is in the field's list. */
static bool has_each(const struct rfx_dictionary *dictionary, int32_t index, struct rfx_bytes value)
{
    while (value.size > 0) {
        const char *space = memchr(value.data, ' ', value.size);
        size_t size = space != NULL ? (size_t)(space - value.data) : value.size;
        if (!rfx_dict_has_value(dictionary, index, rfx_bytes_of(value.data, size))) {
            return false;
        }
        size += space != NULL;
        value = rfx_bytes_of(value.data + size, value.size - size);
    }
    return true;
}

static bool is_listed(const struct rfx_dictionary *dictionary, int32_t index,
                      struct rfx_bytes value, bool is_old)
{
    const struct rfx_dict_field *field = &dictionary->fields[index];
    if (field->value_count == 0) {
        return true;
    }
    bool is_multiple = field->type == RFX_TYPE_MULTIPLEVALUESTRING ||
                       field->type == RFX_TYPE_MULTIPLESTRINGVALUE ||
                       field->type == RFX_TYPE_MULTIPLECHARVALUE ||
                       (is_old && field->type == RFX_TYPE_CHAR); /* ExecInst(18), for one */
    return is_multiple ? has_each(dictionary, index, value)
                       : rfx_dict_has_value(dictionary, index, value);
}

bool rfx_check_value(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                     int32_t index, const struct rfx_field *field)
{
    struct rfx_bytes value = rfx_bytes_of(check->message->data + field->offset, field->size);
    enum rfx_field_type type = (enum rfx_field_type)dictionary->fields[index].type;
    if (!rfx_format_fits(type, value, check->is_old)) {
        return rfx_check_fail(check, RFX_REJECT_BAD_FORMAT, field->tag,
                              "Incorrect data format for value");
    }
    /* MsgType(35) was looked up among the messages. */
    if (!check->rules->allows_unknown_values && field->tag != 35 &&
        !is_listed(dictionary, index, value, check->is_old)) {
        return rfx_check_fail(check, RFX_REJECT_VALUE_INCORRECT, field->tag,
                              "Value is incorrect (out of range) for this tag");
    }
    return true;
}
