/* What values of each data type look like. Codes that other bodies keep (currencies, countries,
 * exchanges, languages) are neither looked up nor measured: real counterparties use more than any
 * list has ("USDT" is none of three letters). Dates may be of any year, so that a time that means
 * "never" passes. */
#include "core/calendar.h"
#include "core/validate_internal.h"

#include <string.h>

static bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

/* Without a branch per character: dates and times are in every message. */
static bool are_digits(const char *text, size_t count)
{
    unsigned others = 0;
    for (size_t i = 0; i < count; i++) {
        others |= (unsigned)(unsigned char)text[i] - '0' > 9;
    }
    return others == 0;
}

/* Of two digits. */
static unsigned number_at(const char *text)
{
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
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

static struct rfx_bytes behind(struct rfx_bytes value, size_t size)
{
    return rfx_bytes_of(value.data + size, value.size - size);
}

static struct rfx_bytes without_sign(struct rfx_bytes value)
{
    return behind(value, value.size > 0 && value.data[0] == '-');
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

/* ----------------------------------------------------------------------------- dates and times */

static bool is_month(unsigned month)
{
    return month >= 1 && month <= 12;
}

/* YYYYMMDD at the start. */
static bool starts_with_date(struct rfx_bytes value)
{
    const char *text = value.data;
    if (value.size < 8 || !are_digits(text, 8) || !is_month(number_at(text + 4))) {
        return false;
    }
    unsigned day = number_at(text + 6);
    unsigned year = number_at(text) * 100 + number_at(text + 2);
    return day >= 1 && (day <= 28 || day <= rfx_days_in_month(year, number_at(text + 4)));
}

static bool is_date(struct rfx_bytes value)
{
    return value.size == 8 && starts_with_date(value);
}

/* YYYYMM, YYYYMMDD or YYYYMMwN */
static bool is_month_year(struct rfx_bytes value)
{
    bool is_week = value.size == 8 && value.data[6] == 'w';
    if (value.size != 6 && !is_week) {
        return is_date(value);
    }
    return are_digits(value.data, 6) && is_month(number_at(value.data + 4)) &&
           (!is_week || (value.data[7] >= '1' && value.data[7] <= '5'));
}

static bool is_day_of_month(struct rfx_bytes value)
{
    if (value.size < 1 || value.size > 2 || !are_digits(value.data, value.size)) {
        return false;
    }
    unsigned day = value.size == 2 ? number_at(value.data) : (unsigned)(value.data[0] - '0');
    return day >= 1 && day <= 31;
}

/* Whether two digits at a place say at most so much. */
static bool is_at_most(const char *text, unsigned max)
{
    return are_digits(text, 2) && number_at(text) <= max;
}

/* HH:MM at the start. */
static bool starts_with_minute(struct rfx_bytes value)
{
    const char *text = value.data;
    return value.size >= 5 && text[2] == ':' && is_at_most(text, 23) && is_at_most(text + 3, 59);
}

/* HH:MM:SS at the start; second 60 is a leap second. */
static bool starts_with_second(struct rfx_bytes value)
{
    return value.size >= 8 && starts_with_minute(value) && value.data[5] == ':' &&
           is_at_most(value.data + 6, 60);
}

/* HH:MM:SS and a fraction of up to so many decimals. */
static bool is_time(struct rfx_bytes value, size_t decimals_max)
{
    if (!starts_with_second(value)) {
        return false;
    }
    struct rfx_bytes rest = behind(value, 8);
    return rest.size == 0 ||
           (rest.data[0] == '.' && rest.size <= 1 + decimals_max && is_unsigned(behind(rest, 1)));
}

/* As many decimals as rfx_utc_read() reads. */
static bool is_timestamp(struct rfx_bytes value)
{
    return value.size >= 17 && value.data[8] == '-' && starts_with_date(value) &&
           is_time(behind(value, 9), 9);
}

/* Z, +HH, -HH, +HH:MM or nothing. */
static bool is_offset(struct rfx_bytes value)
{
    if (value.size == 0 || (value.size == 1 && value.data[0] == 'Z')) {
        return true;
    }
    bool is_hour = (value.size == 3 || value.size == 6) &&
                   (value.data[0] == '+' || value.data[0] == '-') && is_at_most(value.data + 1, 14);
    return is_hour && (value.size == 3 || (value.data[3] == ':' && is_at_most(value.data + 4, 59)));
}

/* HH:MM[:SS[.s...]] and an offset. */
static bool is_zoned_time(struct rfx_bytes value)
{
    if (!starts_with_minute(value)) {
        return false;
    }
    size_t end = 5;
    if (starts_with_second(value)) {
        end = 8;
        if (end < value.size && value.data[end] == '.') {
            size_t from = ++end;
            while (end < value.size && is_digit(value.data[end])) {
                end++;
            }
            if (end == from || end - from > 12) {
                return false;
            }
        }
    }
    return is_offset(behind(value, end));
}

static bool is_zoned_timestamp(struct rfx_bytes value)
{
    return value.size > 9 && value.data[8] == '-' && starts_with_date(value) &&
           is_zoned_time(behind(value, 9));
}

/* --------------------------------------------------------------------------------------- types */

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

bool rfx_format_fits(enum rfx_field_type type, struct rfx_bytes value)
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
        return value.size == 1;
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
        return is_time(value, 12); /* picoseconds, which later versions know */
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

/* FIX.4.0 and 4.1 have no type for text: ClOrdID(11), Symbol(55) and all other texts are CHAR
 * there. */
static bool has_char_for_text(const struct rfx_dictionary *dictionary)
{
    return strcmp(dictionary->version, "FIX.4.0") == 0 ||
           strcmp(dictionary->version, "FIX.4.1") == 0;
}

bool rfx_check_misfit(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                      enum rfx_field_type type, const struct rfx_field *field)
{
    return (type == RFX_TYPE_CHAR && has_char_for_text(dictionary)) ||
           rfx_check_fail(check, RFX_REJECT_BAD_FORMAT, field->tag,
                          "Incorrect data format for value");
}

/* -------------------------------------------------------------------------------------- values */

/* rfx_dict_has_value() for one character, which most values are: they stand first. */
static bool has_character(const struct rfx_dictionary *dictionary, int32_t index, char character)
{
    const struct rfx_dict_field *field = &dictionary->fields[index];
    const struct rfx_dict_value *value = dictionary->values + field->first_value;
    const struct rfx_dict_value *end = value + field->value_count;
    for (; value < end; value++) {
        const char *text = rfx_dict_text(dictionary, value->text);
        if (text[0] == character || text[1] != '\0') {
            return text[1] == '\0';
        }
    }
    return false;
}

static bool has_value(const struct rfx_dictionary *dictionary, int32_t index,
                      struct rfx_bytes value)
{
    return value.size == 1 ? has_character(dictionary, index, value.data[0])
                           : rfx_dict_has_value(dictionary, index, value);
}

/* Whether each of the values apart by spaces is in the field's list. */
static bool has_each(const struct rfx_dictionary *dictionary, int32_t index, struct rfx_bytes value)
{
    for (;;) {
        const char *space = memchr(value.data, ' ', value.size);
        size_t size = space != NULL ? (size_t)(space - value.data) : value.size;
        if (!has_value(dictionary, index, rfx_bytes_of(value.data, size))) {
            return false;
        }
        if (space == NULL) {
            return true;
        }
        value = behind(value, size + 1);
    }
}

bool rfx_check_listed(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                      int32_t index, const struct rfx_field *field)
{
    struct rfx_bytes value = rfx_bytes_of(check->message->data + field->offset, field->size);
    enum rfx_field_type type = (enum rfx_field_type)dictionary->fields[index].type;
    /* A longer CHAR is one of FIX.4.0 or 4.1, such as ExecInst(18). */
    bool is_multiple = type == RFX_TYPE_MULTIPLEVALUESTRING ||
                       type == RFX_TYPE_MULTIPLESTRINGVALUE || type == RFX_TYPE_MULTIPLECHARVALUE ||
                       type == RFX_TYPE_CHAR;
    /* MsgType(35) was looked up among the messages. */
    if (check->rules->allows_unknown_values || field->tag == 35) {
        return true;
    }
    bool is_listed = value.size > 1 && is_multiple ? has_each(dictionary, index, value)
                                                   : has_value(dictionary, index, value);
    return is_listed || rfx_check_fail(check, RFX_REJECT_VALUE_INCORRECT, field->tag,
                                       "Value is incorrect (out of range) for this tag");
}
