#include "bench/codec/work.h"

#include <stdio.h>
#include <string.h>

/* As if the bytes came just now. */
static void arrive(const void *data)
{
    __asm__ volatile("" : : "r"(data) : "memory");
}

static struct rfx_bytes first_message(const struct work *work)
{
    return rfx_bytes_of(work->stream.data, work->stream.offset[1]);
}

/* The next message of the stream. Of many, one that cannot be foreseen: the branch predictor would
 * learn a sequence that comes round again. */
static struct rfx_bytes next_message(struct work *work)
{
    const struct stream *stream = &work->stream;
    size_t index = 0;
    if (stream->count > 1) {
        work->random = work->random * UINT64_C(6364136223846793005) + 1;
        index = work->random >> 57;
    }
    const char *data = stream->data + stream->offset[index];
    arrive(data);
    return rfx_bytes_of(data, stream->offset[index + 1] - stream->offset[index]);
}

/* ------------------------------------------------------------------------------------- reading */

/* What everything else is beside: one byte after the other, summed, and the SOHs counted. */
static bool run_bytes(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_bytes message = next_message(work);
        unsigned sum = 0;
        unsigned fields = 0;
        for (size_t at = 0; at < message.size; at++) {
            sum += (unsigned char)message.data[at];
            fields += message.data[at] == RFX_SOH;
            __asm__("" : "+r"(sum), "+r"(fields)); /* no vectors */
        }
        work->sink += sum + fields;
    }
    return true;
}

static bool frame_one(struct rfx_bytes message, struct rfx_frame *frame)
{
    return rfx_frame(message.data, message.size, SAMPLE_SIZE_MAX, frame) == RFX_FRAME_COMPLETE;
}

static bool run_frame(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_frame frame;
        if (!frame_one(next_message(work), &frame)) {
            return false;
        }
    }
    return true;
}

static bool run_index(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_message message;
        struct rfx_bytes bytes = next_message(work);
        rfx_message_index(bytes.data, bytes.size, work->fields, &message);
        if (message.malformed_index >= 0) {
            return false;
        }
    }
    return true;
}

/* Of the index that is there: the first message's. */
static bool run_header(struct work *work, uint64_t count)
{
    struct rfx_message message;
    struct rfx_bytes bytes = first_message(work);
    rfx_message_index(bytes.data, bytes.size, work->fields, &message);
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_header header;
        arrive(work->fields);
        rfx_header_read(&message, &header);
        work->sink += header.msg_seq_num.size;
    }
    return true;
}

static bool read_one(struct work *work, struct rfx_bytes bytes, struct rfx_message *message)
{
    struct rfx_frame frame;
    struct rfx_header header;
    if (!frame_one(bytes, &frame)) {
        return false;
    }
    rfx_message_index(bytes.data, frame.size, work->fields, message);
    rfx_header_read(message, &header);
    work->sink += header.msg_seq_num.size;
    return message->malformed_index < 0;
}

static bool run_all(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_message message;
        if (!read_one(work, next_message(work), &message)) {
            return false;
        }
    }
    return true;
}

static bool run_validated(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_message message;
        struct rfx_fault fault;
        if (!read_one(work, next_message(work), &message)) {
            return false;
        }
        if (!rfx_validate(&work->rules, &message, work->scratch, &fault)) {
            fprintf(stderr, "ringfix-bench-codec: %s: %s (tag %d)\n", work->stream.name, fault.text,
                    fault.ref_tag);
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------------------------- writing */

static bool finish(struct work *work, struct rfx_builder *builder)
{
    if (!rfx_builder_is_good(builder)) {
        fprintf(stderr, "ringfix-bench-codec: tag %d: %s\n", (int)builder->problem_tag,
                builder->problem);
        return false;
    }
    struct rfx_bytes bytes = rfx_writer_finish(&builder->writer, &work->identity);
    arrive(bytes.data);
    return bytes.size == work->stream.offset[1];
}

static struct rfx_builder *begin(struct work *work)
{
    arrive(work);
    rfx_writer_begin(&work->builder.writer, work->space, sizeof work->space, &work->identity,
                     &work->envelope);
    rfx_builder_begin(&work->builder, &rfx_session_config_default);
    return &work->builder;
}

static void put_body(const struct work *work, struct rfx_builder *builder)
{
    for (uint32_t i = 0; i < work->body_count; i++) {
        const struct part *part = &work->body[i];
        switch (part->type) {
        case PART_FIELD:
            rfx_builder_put(builder, part->tag,
                            rfx_bytes_of(work->stream.data + part->offset, part->size));
            break;
        case PART_GROUP:
            rfx_builder_begin_group(builder, part->tag, part->size);
            break;
        case PART_ENTRY:
            rfx_builder_next_entry(builder);
            break;
        case PART_END:
            rfx_builder_end_group(builder);
            break;
        }
    }
}

/* The whole body made beforehand: what is left is to check and to copy it. */
static bool run_prepared(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_builder *builder = begin(work);
        rfx_builder_append(builder, work->prepared);
        if (!finish(work, builder)) {
            return false;
        }
    }
    return true;
}

/* Every field of the body on its own. */
static bool run_fields(struct work *work, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct rfx_builder *builder = begin(work);
        put_body(work, builder);
        if (!finish(work, builder)) {
            return false;
        }
    }
    return true;
}

const struct work_kind work_kinds[WORK_COUNT] = {
    [WORK_BYTES] = {"bytes", run_bytes, false},
    [WORK_FRAME] = {"frame", run_frame, false},
    [WORK_INDEX] = {"index", run_index, false},
    [WORK_HEADER] = {"header", run_header, true},
    [WORK_ALL] = {"all", run_all, false},
    [WORK_VALIDATED] = {"+validate", run_validated, false},
    [WORK_PREPARED] = {"prepared", run_prepared, true},
    [WORK_FIELDS] = {"fields", run_fields, true},
};

/* --------------------------------------------------------------------------------- preparation */

static bool is_of_envelope(int32_t tag)
{
    return tag == 8 || tag == 9 || tag == 35 || tag == 49 || tag == 56 || tag == 34 || tag == 52 ||
           tag == 10;
}

static void add_part(struct work *work, enum part_type type, int32_t tag, uint32_t offset,
                     uint32_t size)
{
    RFX_ASSERT(work->body_count < sizeof work->body / sizeof work->body[0]);
    work->body[work->body_count++] = (struct part){type, tag, offset, size};
}

static void add_field(struct work *work, struct rfx_field_view field)
{
    add_part(work, PART_FIELD, field.tag, (uint32_t)(field.value.data - work->stream.data),
             (uint32_t)field.value.size);
}

/* Returns how many fields its entries have. */
static size_t add_group(struct work *work, struct rfx_group *group, int32_t tag)
{
    struct rfx_entry entry;
    size_t count = 0;
    add_part(work, PART_GROUP, tag, 0, (uint32_t)group->count);
    while (rfx_group_next(group, &entry)) {
        add_part(work, PART_ENTRY, 0, 0, 0);
        for (size_t i = 0; i < rfx_entry_field_count(&entry); i++) {
            struct rfx_group inner;
            const struct rfx_field_view field = rfx_entry_field_at(&entry, i);
            if (rfx_entry_group(&entry, field.tag, &inner) == RFX_OK) {
                i += add_group(work, &inner, field.tag);
            } else {
                add_field(work, field);
            }
        }
        count += rfx_entry_field_count(&entry);
    }
    add_part(work, PART_END, 0, 0, 0);
    return count;
}

static void take_apart(struct work *work, const struct rfx_message *message)
{
    work->body_count = 0;
    for (size_t i = 0; i < rfx_message_field_count(message); i++) {
        struct rfx_group group;
        const struct rfx_field_view field = rfx_message_field_at(message, i);
        if (is_of_envelope(field.tag)) {
            continue;
        }
        if (rfx_message_group(message, field.tag, &group) == RFX_OK) {
            i += add_group(work, &group, field.tag);
        } else {
            add_field(work, field);
        }
    }
}

bool work_prepare(struct work *work)
{
    struct rfx_header header;
    struct rfx_message message;
    struct rfx_bytes bytes = first_message(work);
    char begin_string[16];
    rfx_message_index(bytes.data, bytes.size, work->fields, &message);
    rfx_header_read(&message, &header);
    snprintf(begin_string, sizeof begin_string, "%.*s", (int)header.begin_string.size,
             header.begin_string.data);
    struct rfx_identity_parts parts = {
        .begin_string = begin_string, .sender_comp_id = "RINGFIX", .target_comp_id = "BUYSIDE"};
    if (rfx_identity_size(&parts) > sizeof work->identity_fields) {
        return false;
    }
    rfx_identity_init(&work->identity, &parts, work->identity_fields);
    work->envelope =
        (struct rfx_envelope){.msg_type = header.msg_type, .sending_time = header.sending_time};
    if (!rfx_read_uint(header.msg_seq_num, &work->envelope.seq_num)) {
        return false;
    }
    message.rules = &work->rules;
    take_apart(work, &message);
    if (rfx_builder_open(SAMPLE_SIZE_MAX, &work->prepared) != RFX_OK) {
        return false;
    }
    put_body(work, work->prepared);
    return rfx_builder_is_good(work->prepared);
}

void work_release(struct work *work)
{
    rfx_builder_close(work->prepared);
    work->prepared = NULL;
}
