#include "core/builder.h"

#include <stdlib.h>
#include <string.h>

#include "core/message.h"
#include "core/timestamp.h"

/* The first problem stays; nothing is written from then on. */
static __attribute__((noinline, cold)) void fail(struct rfx_builder *builder, int32_t tag,
                                                 const char *problem)
{
    builder->writer.failed = true;
    if (builder->problem == NULL) {
        builder->problem = problem;
        builder->problem_tag = tag;
    }
}

static inline void open_level(const struct rfx_builder *builder, struct rfx_builder_level *level)
{
    level->entries = 0;
    level->first_tag = 0;
    level->is_empty = false;
    level->tags_from = builder->tag_count;
    memset(level->seen, 0, sizeof level->seen);
}

void rfx_builder_begin(struct rfx_builder *builder, const struct rfx_session_config *config)
{
    builder->config = config;
    builder->problem = NULL;
    builder->problem_tag = 0;
    builder->has_header = false;
    builder->has_body = false;
    builder->depth = 0;
    builder->tag_count = 0;
    open_level(builder, &builder->levels[0]);
}

/* ------------------------------------------------------------------------- which tags may come */

enum kind {
    KIND_HEADER = 1,
    KIND_RESERVED = 2, /* the session layer alone writes these */
    KIND_OWN = 4,      /* a session writes these when it is configured with them */
    KIND_PAIR = 8,     /* a length or its data */
};

#define KINDS_SMALL        2816
#define PAIR(length, data) [length] = KIND_PAIR, [data] = KIND_PAIR

/* What there is to know about nearly every tag, in one look. */
static const uint8_t kinds[KINDS_SMALL] = {
    [8] = KIND_RESERVED,             /* BeginString */
    [9] = KIND_RESERVED,             /* BodyLength */
    [10] = KIND_RESERVED,            /* CheckSum */
    [34] = KIND_RESERVED,            /* MsgSeqNum */
    [35] = KIND_RESERVED,            /* MsgType */
    [43] = KIND_RESERVED,            /* PossDupFlag */
    [49] = KIND_RESERVED,            /* SenderCompID */
    [52] = KIND_RESERVED,            /* SendingTime */
    [56] = KIND_RESERVED,            /* TargetCompID */
    [122] = KIND_RESERVED,           /* OrigSendingTime */
    [50] = KIND_HEADER | KIND_OWN,   /* SenderSubID */
    [57] = KIND_HEADER | KIND_OWN,   /* TargetSubID */
    [142] = KIND_HEADER | KIND_OWN,  /* SenderLocationID */
    [143] = KIND_HEADER | KIND_OWN,  /* TargetLocationID */
    [369] = KIND_HEADER | KIND_OWN,  /* LastMsgSeqNumProcessed */
    [97] = KIND_HEADER,              /* PossResend */
    [115] = KIND_HEADER,             /* OnBehalfOfCompID */
    [116] = KIND_HEADER,             /* OnBehalfOfSubID */
    [128] = KIND_HEADER,             /* DeliverToCompID */
    [129] = KIND_HEADER,             /* DeliverToSubID */
    [144] = KIND_HEADER,             /* OnBehalfOfLocationID */
    [145] = KIND_HEADER,             /* DeliverToLocationID */
    [347] = KIND_HEADER,             /* MessageEncoding */
    [370] = KIND_HEADER,             /* OnBehalfOfSendingTime */
    [627] = KIND_HEADER,             /* NoHops */
    [628] = KIND_HEADER,             /* HopCompID */
    [629] = KIND_HEADER,             /* HopSendingTime */
    [630] = KIND_HEADER,             /* HopRefID */
    [1128] = KIND_HEADER,            /* ApplVerID */
    [1129] = KIND_HEADER,            /* CstmApplVerID */
    [1156] = KIND_HEADER,            /* ApplExtID */
    [90] = KIND_HEADER | KIND_PAIR,  /* SecureDataLen */
    [91] = KIND_HEADER | KIND_PAIR,  /* SecureData */
    [212] = KIND_HEADER | KIND_PAIR, /* XmlDataLen */
    [213] = KIND_HEADER | KIND_PAIR, /* XmlData */
    PAIR(93, 89),
    PAIR(95, 96),
    PAIR(348, 349),
    PAIR(350, 351),
    PAIR(352, 353),
    PAIR(354, 355),
    PAIR(356, 357),
    PAIR(358, 359),
    PAIR(360, 361),
    PAIR(362, 363),
    PAIR(364, 365),
    PAIR(445, 446),
    PAIR(618, 619),
    PAIR(621, 622),
    PAIR(1184, 1185),
    PAIR(1277, 1278),
    PAIR(1280, 1281),
    PAIR(1282, 1283),
    PAIR(1397, 1398),
    PAIR(1401, 1402),
    PAIR(1403, 1404),
    PAIR(1468, 1469),
    PAIR(1525, 1527),
    PAIR(1578, 1579),
    PAIR(1620, 1621),
    PAIR(1664, 1665),
    PAIR(1678, 1697),
    PAIR(1733, 1734),
    PAIR(1871, 1872),
    PAIR(1874, 1875),
    PAIR(2072, 2073),
    PAIR(2074, 2075),
    PAIR(2111, 2112),
    PAIR(2179, 2180),
    PAIR(2287, 2288),
    PAIR(2351, 2352),
    PAIR(2372, 2371),
    PAIR(2481, 2482),
    PAIR(2494, 2493),
    PAIR(2522, 2521),
    PAIR(2637, 2638),
    PAIR(2651, 2652),
    PAIR(2665, 2666),
    PAIR(2715, 2716),
    PAIR(2718, 2719),
    PAIR(2721, 2722),
    PAIR(2797, 2798),
    PAIR(2802, 2801),
    PAIR(2809, 2808),
    PAIR(2815, 2814),
};

static __attribute__((noinline)) unsigned kind_of_large(int32_t tag)
{
    return rfx_is_data_tag(tag) || rfx_data_tag_of(tag) != 0 ? KIND_PAIR : 0;
}

static inline unsigned kind_of(int32_t tag)
{
    return RFX_LIKELY(tag < KINDS_SMALL) ? kinds[tag] : kind_of_large(tag);
}

static bool is_sessions_own(const struct rfx_session_config *config, int32_t tag)
{
    switch (tag) {
    case 50: /* SenderSubID */
        return config->sender_sub_id != NULL;
    case 57: /* TargetSubID */
        return config->target_sub_id != NULL;
    case 142: /* SenderLocationID */
        return config->sender_location_id != NULL;
    case 143: /* TargetLocationID */
        return config->target_location_id != NULL;
    case 369: /* LastMsgSeqNumProcessed */
        return config->enable_last_msg_seq_num_processed;
    default: /* an open set */
        return false;
    }
}

/* A field out of the ordinary. */
static __attribute__((noinline)) bool may_come(struct rfx_builder *builder, int32_t tag,
                                               unsigned kind, bool is_pair)
{
    if ((kind & KIND_RESERVED) != 0) {
        fail(builder, tag, "the session layer writes this field itself");
    } else if ((kind & KIND_PAIR) != 0 && !is_pair) {
        fail(builder, tag, "a length and its data are written by rfx_builder_put_data()");
    } else if ((kind & KIND_HEADER) == 0) {
        builder->has_body = true;
        return true;
    } else if ((kind & KIND_OWN) != 0 && builder->config != NULL &&
               is_sessions_own(builder->config, tag)) {
        fail(builder, tag, "the session writes this field itself, as configured");
    } else if (builder->has_body) {
        fail(builder, tag, "a field of the header behind one of the body");
    } else {
        builder->has_header = true;
        return true;
    }
    return false;
}

static bool is_among(const struct rfx_builder *builder, int32_t tag)
{
    for (uint32_t i = builder->levels[builder->depth].tags_from; i < builder->tag_count; i++) {
        if (builder->tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* Notes a tag at the present level, where it must not be yet. */
static inline bool note(struct rfx_builder *builder, int32_t tag)
{
    struct rfx_builder_level *level = &builder->levels[builder->depth];
    uint64_t *word = &level->seen[(uint32_t)tag / 64 % RFX_BUILDER_SEEN];
    const uint64_t bit = UINT64_C(1) << (uint32_t)tag % 64;
    if (RFX_UNLIKELY((*word & bit) != 0) && is_among(builder, tag)) {
        fail(builder, tag, "the field comes twice");
        return false;
    }
    if (RFX_UNLIKELY(builder->tag_count == RFX_BUILDER_FIELDS_MAX)) {
        fail(builder, tag, "there are too many fields (RFX_BUILDER_FIELDS_MAX)");
        return false;
    }
    *word |= bit;
    builder->tags[builder->tag_count++] = tag;
    return true;
}

static __attribute__((noinline)) bool note_in_entry(struct rfx_builder *builder, int32_t tag)
{
    struct rfx_builder_level *level = &builder->levels[builder->depth];
    if (level->entries == 0) {
        fail(builder, tag, "a field of a group before its first entry");
    } else if (level->is_empty && level->first_tag != 0 && level->first_tag != tag) {
        fail(builder, tag, "an entry of a group begins with another field than the one before");
    } else if (note(builder, tag)) {
        level->first_tag = level->first_tag == 0 ? tag : level->first_tag;
        level->is_empty = false;
        return true;
    }
    return false;
}

/* Whether a field with this tag may come now, and if so it is noted. */
static inline bool take(struct rfx_builder *builder, int32_t tag, bool is_pair)
{
    if (RFX_UNLIKELY(builder->writer.failed)) {
        return false;
    }
    if (RFX_UNLIKELY(tag < 1)) {
        fail(builder, tag, "a tag is a positive number");
        return false;
    }
    const unsigned kind = kind_of(tag);
    if (RFX_UNLIKELY(kind != 0)) {
        if (!may_come(builder, tag, kind, is_pair)) {
            return false;
        }
    } else {
        builder->has_body = true;
    }
    return RFX_LIKELY(builder->depth == 0) ? note(builder, tag) : note_in_entry(builder, tag);
}

void rfx_builder_take(struct rfx_builder *builder, const int32_t *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)note(builder, tags[i]);
    }
}

bool rfx_builder_is_good(struct rfx_builder *builder)
{
    if (builder->depth > 0) {
        fail(builder, builder->levels[builder->depth].counter_tag, "the group was not ended");
    }
    return !builder->writer.failed;
}

const char *rfx_builder_problem(const struct rfx_builder *builder, int32_t *tag)
{
    if (tag != NULL) {
        *tag = builder->problem_tag;
    }
    return builder->problem;
}

/* -------------------------------------------------------------------------------------- fields */

/* The writer has refused a value. */
static __attribute__((noinline, cold)) void explain(struct rfx_builder *builder, int32_t tag,
                                                    struct rfx_bytes value)
{
    if (value.size == 0) {
        fail(builder, tag, "the value is empty");
    } else if (memchr(value.data, RFX_SOH, value.size) != NULL) {
        fail(builder, tag, "the value holds SOH");
    } else {
        fail(builder, tag, "there is no room for so many bytes");
    }
}

void rfx_builder_put(struct rfx_builder *builder, int32_t tag, struct rfx_bytes value)
{
    if (!take(builder, tag, false)) {
        return;
    }
    rfx_writer_put(&builder->writer, tag, value);
    if (RFX_UNLIKELY(builder->writer.failed)) {
        explain(builder, tag, value);
    }
}

void rfx_builder_put_text(struct rfx_builder *builder, int32_t tag, const char *value)
{
    rfx_builder_put(builder, tag, rfx_bytes_of(value, value != NULL ? strlen(value) : 0));
}

void rfx_builder_put_char(struct rfx_builder *builder, int32_t tag, char value)
{
    rfx_builder_put(builder, tag, rfx_bytes_of(&value, 1));
}

void rfx_builder_put_bool(struct rfx_builder *builder, int32_t tag, bool value)
{
    rfx_builder_put_char(builder, tag, value ? 'Y' : 'N');
}

void rfx_builder_put_int(struct rfx_builder *builder, int32_t tag, int64_t value)
{
    char text[21] = {'-'};
    const size_t sign = value < 0 ? 1 : 0;
    const size_t digits =
        rfx_write_uint(text + sign, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    rfx_builder_put(builder, tag, rfx_bytes_of(text, sign + digits));
}

void rfx_builder_put_decimal(struct rfx_builder *builder, int32_t tag, struct rfx_decimal value)
{
    char digits[24];
    char text[48];
    if (value.scale > RFX_SCALE_MAX) {
        fail(builder, tag, "a decimal has at most RFX_SCALE_MAX decimals");
        return;
    }
    const uint64_t magnitude =
        value.mantissa < 0 ? 0 - (uint64_t)value.mantissa : (uint64_t)value.mantissa;
    const size_t count = rfx_write_uint(digits, magnitude);
    size_t size = 0;
    if (value.mantissa < 0) {
        text[size++] = '-';
    }
    /* At least one digit in front of the point: leading zeros where there are too few. */
    const size_t zeros = count <= value.scale ? value.scale + 1 - count : 0;
    const size_t whole = count + zeros - value.scale;
    for (size_t i = 0; i < count + zeros; i++) {
        if (i == whole) {
            text[size++] = '.';
        }
        text[size++] = i < zeros ? '0' : digits[i - zeros];
    }
    rfx_builder_put(builder, tag, rfx_bytes_of(text, size));
}

void rfx_builder_put_utc(struct rfx_builder *builder, int32_t tag, int64_t utc_ns,
                         unsigned decimals)
{
    char text[RFX_UTC_TEXT_MAX];
    if (decimals > 9 || decimals % 3 != 0 || utc_ns < 0) {
        fail(builder, tag, "a time is from 1970 on and has 0, 3, 6 or 9 decimals");
        return;
    }
    rfx_builder_put(builder, tag, rfx_bytes_of(text, rfx_utc_write(utc_ns, decimals, text)));
}

void rfx_builder_put_data(struct rfx_builder *builder, int32_t length_tag, int32_t data_tag,
                          struct rfx_bytes data)
{
    if (!take(builder, length_tag, true) || !take(builder, data_tag, true)) {
        return;
    }
    if (rfx_data_tag_of(length_tag) != data_tag) {
        /* The receiver could not tell where the data ends. */
        fail(builder, length_tag, "not the length of that data field");
        return;
    }
    rfx_writer_put_uint(&builder->writer, length_tag, data.size);
    rfx_writer_put_raw(&builder->writer, data_tag, data);
    if (builder->writer.failed) {
        fail(builder, data_tag,
             data.size == 0 ? "the value is empty" : "there is no room for so many bytes");
    }
}

/* -------------------------------------------------------------------------------------- groups */

void rfx_builder_begin_group(struct rfx_builder *builder, int32_t counter_tag, uint32_t count)
{
    rfx_builder_put_int(builder, counter_tag, count);
    if (builder->writer.failed) {
        return;
    }
    if (builder->depth == RFX_GROUP_DEPTH_MAX) {
        fail(builder, counter_tag, "groups are nested too deep (RFX_GROUP_DEPTH_MAX)");
        return;
    }
    struct rfx_builder_level *level = &builder->levels[++builder->depth];
    open_level(builder, level);
    level->counter_tag = counter_tag;
    level->count = count;
}

void rfx_builder_next_entry(struct rfx_builder *builder)
{
    struct rfx_builder_level *level = &builder->levels[builder->depth];
    if (builder->writer.failed) {
        return;
    }
    if (builder->depth == 0) {
        fail(builder, 0, "an entry outside of a group");
    } else if (level->entries == level->count) {
        fail(builder, level->counter_tag, "the group has more entries than it was begun with");
    } else if (level->entries > 0 && level->is_empty) {
        fail(builder, level->counter_tag, "an entry of the group has no field");
    } else {
        level->entries++;
        level->is_empty = true;
        builder->tag_count = level->tags_from;
        memset(level->seen, 0, sizeof level->seen);
    }
}

void rfx_builder_end_group(struct rfx_builder *builder)
{
    const struct rfx_builder_level *level = &builder->levels[builder->depth];
    if (builder->writer.failed) {
        return;
    }
    if (builder->depth == 0) {
        fail(builder, 0, "the end of a group where there is none");
    } else if (level->entries != level->count) {
        fail(builder, level->counter_tag, "the group has fewer entries than it was begun with");
    } else if (level->is_empty) {
        fail(builder, level->counter_tag, "an entry of the group has no field");
    } else {
        builder->tag_count = level->tags_from;
        builder->depth--;
    }
}

/* ---------------------------------------------------------------------- fields made beforehand */

/* A builder in memory of its own; its writer's bytes stand behind it. */
rfx_status rfx_builder_open(size_t size_max, struct rfx_builder **builder)
{
    if (size_max < 1 || size_max > RFX_MESSAGE_SIZE_MAX) {
        return RFX_E_INVALID;
    }
    struct rfx_builder *opened = malloc(sizeof *opened + size_max);
    if (opened == NULL) {
        return RFX_E_NOMEM;
    }
    opened->owner = NULL;
    opened->writer.start = (char *)(opened + 1);
    opened->writer.limit = opened->writer.start + size_max;
    rfx_builder_clear(opened);
    *builder = opened;
    return RFX_OK;
}

void rfx_builder_clear(struct rfx_builder *builder)
{
    RFX_ASSERT(builder->writer.start == (char *)(builder + 1));
    rfx_writer_begin_fields(&builder->writer, builder->writer.start,
                            (size_t)(builder->writer.limit - builder->writer.start));
    rfx_builder_begin(builder, NULL);
}

static void take_one_by_one(struct rfx_builder *builder, const struct rfx_builder *fields)
{
    for (uint32_t i = 0; i < fields->tag_count; i++) {
        const int32_t tag = fields->tags[i];
        if (builder->config != NULL && is_sessions_own(builder->config, tag)) {
            fail(builder, tag, "the session writes this field itself, as configured");
        }
        (void)note(builder, tag);
    }
}

/* All tags at once where none can be there already. */
static void take_all(struct rfx_builder *builder, const struct rfx_builder *fields)
{
    uint64_t *seen = builder->levels[0].seen;
    uint64_t common = 0;
    for (size_t i = 0; i < RFX_BUILDER_SEEN; i++) {
        common |= seen[i] & fields->levels[0].seen[i];
    }
    if (common != 0 || fields->has_header ||
        builder->tag_count + fields->tag_count > RFX_BUILDER_FIELDS_MAX) {
        take_one_by_one(builder, fields);
        return;
    }
    for (size_t i = 0; i < RFX_BUILDER_SEEN; i++) {
        seen[i] |= fields->levels[0].seen[i];
    }
    memcpy(builder->tags + builder->tag_count, fields->tags,
           fields->tag_count * sizeof fields->tags[0]);
    builder->tag_count += fields->tag_count;
}

void rfx_builder_append(struct rfx_builder *builder, const struct rfx_builder *fields)
{
    RFX_ASSERT(fields != builder && fields->writer.start == (const char *)(fields + 1));
    if (builder->writer.failed) {
        return;
    }
    if (fields->writer.failed) {
        fail(builder, fields->problem_tag, fields->problem);
    } else if (builder->depth > 0 || fields->depth > 0) {
        fail(builder, 0, "fields are appended outside of groups");
    } else if (fields->has_header && builder->has_body) {
        fail(builder, 0, "a field of the header behind one of the body");
    } else {
        take_all(builder, fields);
        builder->has_header |= fields->has_header;
        builder->has_body |= fields->has_body;
        rfx_writer_put_fields(&builder->writer,
                              rfx_bytes_of(fields->writer.start, (size_t)(fields->writer.position -
                                                                          fields->writer.start)));
        if (builder->writer.failed) {
            fail(builder, 0, "there is no room for so many bytes");
        }
    }
}

void rfx_builder_close(struct rfx_builder *builder)
{
    RFX_ASSERT(builder == NULL || builder->writer.start == (char *)(builder + 1));
    free(builder);
}
