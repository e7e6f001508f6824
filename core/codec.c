#include "ringfix/codec.h"

#include <stdlib.h>
#include <string.h>

#include "core/builder.h"
#include "core/frame.h"
#include "core/profile.h"
#include "core/timestamp.h"

#define FIX50SP2 9 /* of ApplVerID(1128) */

struct rfx_codec {
    struct rfx_rules rules[RFX_VERSION_COUNT]; /* by the version of a message's BeginString(8) */
    struct rfx_rules others; /* of a message whose BeginString(8) is none of those */
    struct rfx_validate_scratch *scratch;
    size_t message_size_max;
    struct rfx_message message;
    struct rfx_field *fields; /* of it */
    struct rfx_builder builder;
    struct rfx_identity identity; /* of what is being built */
    char identity_fields[2 * (RFX_COMP_ID_MAX + 8)];
    char *space; /* what is being built; RFX_ENVELOPE_MAX bytes more than message_size_max */
};

static void set_rules(struct rfx_codec *codec, const struct rfx_dictionary *transport,
                      const struct rfx_dictionary *application)
{
    struct rfx_session_config config = rfx_session_config_default;
    config.default_appl_ver_id = FIX50SP2;
    for (unsigned i = 0; i < RFX_VERSION_COUNT; i++) {
        struct rfx_rules *rules = &codec->rules[i];
        rfx_rules_init(&config, (enum rfx_version)i, rules);
        if (transport != NULL) {
            rules->transport = transport;
            rules->application = application != NULL ? application : transport;
            memset(rules->by_appl_ver_id, 0, sizeof rules->by_appl_ver_id);
        }
    }
    codec->others = codec->rules[RFX_FIXT11];
}

rfx_status rfx_codec_open(const struct rfx_dictionary *transport,
                          const struct rfx_dictionary *application, size_t message_size_max,
                          struct rfx_codec **codec)
{
    if (message_size_max < RFX_MESSAGE_SIZE_MIN || message_size_max > RFX_MESSAGE_SIZE_MAX) {
        return RFX_E_INVALID;
    }
    struct rfx_codec *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return RFX_E_NOMEM;
    }
    opened->message_size_max = message_size_max;
    opened->fields = malloc(RFX_FIELDS_MAX(message_size_max) * sizeof *opened->fields);
    opened->space = malloc(message_size_max + RFX_ENVELOPE_MAX);
    if (opened->fields == NULL || opened->space == NULL ||
        rfx_validate_scratch_open(&opened->scratch) != RFX_OK) {
        rfx_codec_close(opened);
        return RFX_E_NOMEM;
    }
    set_rules(opened, transport, application);
    *codec = opened;
    return RFX_OK;
}

void rfx_codec_close(struct rfx_codec *codec)
{
    if (codec != NULL) {
        rfx_validate_scratch_close(codec->scratch);
        free(codec->space);
        free(codec->fields);
        free(codec);
    }
}

/* ------------------------------------------------------------------------------------- reading */

static const struct rfx_rules *rules_of(const struct rfx_codec *codec,
                                        const struct rfx_message *message)
{
    enum rfx_version version;
    const bool is_known = rfx_version_of(rfx_field_value(message, 0), &version);
    return is_known ? &codec->rules[version] : &codec->others;
}

enum rfx_decoded rfx_codec_decode(struct rfx_codec *codec, struct rfx_bytes bytes, size_t *used,
                                  const struct rfx_message **message)
{
    struct rfx_frame frame = {0};
    const enum rfx_frame_result result =
        rfx_frame(bytes.data, bytes.size, codec->message_size_max, &frame);
    *used = frame.size;
    if (result != RFX_FRAME_COMPLETE) {
        return result == RFX_FRAME_PARTIAL ? RFX_DECODED_PARTIAL : RFX_DECODED_GARBLED;
    }
    rfx_message_index(bytes.data, frame.size, codec->fields, &codec->message);
    codec->message.rules = rules_of(codec, &codec->message);
    *message = &codec->message;
    return RFX_DECODED;
}

const char *rfx_codec_check(struct rfx_codec *codec, const struct rfx_message *message,
                            int32_t *tag)
{
    struct rfx_fault fault;
    *tag = 0;
    if (message->malformed_index >= 0) {
        const int32_t found = message->fields[message->malformed_index].tag;
        *tag = found == RFX_TAG_MALFORMED ? 0 : found;
        return found == RFX_TAG_MALFORMED ? "a field whose tag is not a number"
                                          : "a data field that is not as long as its length says";
    }
    if (rfx_validate(message->rules, message, codec->scratch, &fault)) {
        return NULL;
    }
    *tag = fault.ref_tag == RFX_NO_TAG ? 0 : fault.ref_tag;
    return fault.text;
}

/* ------------------------------------------------------------------------------------- writing */

static bool is_text(const char *text, size_t size_max)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= size_max && rfx_is_printable(text);
}

rfx_status rfx_codec_begin(struct rfx_codec *codec, const struct rfx_codec_header *header,
                           struct rfx_builder **builder)
{
    char sending_time[RFX_UTC_TEXT_MAX];
    if (!is_text(header->begin_string, 8) || !is_text(header->msg_type, 7) ||
        !is_text(header->sender_comp_id, RFX_COMP_ID_MAX) ||
        !is_text(header->target_comp_id, RFX_COMP_ID_MAX) || header->decimals > 9 ||
        header->decimals % 3 != 0 || header->utc_ns < 0) {
        return RFX_E_INVALID;
    }
    const struct rfx_identity_parts parts = {.begin_string = header->begin_string,
                                             .sender_comp_id = header->sender_comp_id,
                                             .target_comp_id = header->target_comp_id};
    RFX_ASSERT(rfx_identity_size(&parts) <= sizeof codec->identity_fields);
    rfx_identity_init(&codec->identity, &parts, codec->identity_fields);
    const struct rfx_envelope envelope = {
        .msg_type = rfx_bytes_of(header->msg_type, strlen(header->msg_type)),
        .seq_num = header->seq_num,
        .sending_time = rfx_bytes_of(
            sending_time, rfx_utc_write(header->utc_ns, header->decimals, sending_time))};
    rfx_writer_begin(&codec->builder.writer, codec->space,
                     codec->message_size_max + RFX_ENVELOPE_MAX, &codec->identity, &envelope);
    rfx_builder_begin(&codec->builder, NULL);
    *builder = &codec->builder;
    return RFX_OK;
}

rfx_status rfx_codec_end(struct rfx_codec *codec, struct rfx_builder *builder,
                         struct rfx_bytes *message)
{
    if (builder != &codec->builder) {
        rfx_misused("rfx_codec_end()", "was called with a builder of something else");
    }
    if (!rfx_builder_is_good(builder)) {
        return RFX_E_INVALID;
    }
    const struct rfx_bytes bytes = rfx_writer_finish(&builder->writer, &codec->identity);
    if (bytes.size > codec->message_size_max) {
        builder->problem = "the message is longer than the codec's message_size_max";
        return RFX_E_INVALID;
    }
    *message = bytes;
    return RFX_OK;
}
