/* Messages held against FIX.4.4 and FIXT.1.1 with FIX.5.0SP2, and their groups read.
 *
 * First byte: which dictionaries, which switches. The rest is the body of a message from MsgType
 * on whose length and sum are right. A message that is valid stays valid when less is checked,
 * and its groups have the entries that their counters tell; of any other message the groups are
 * sound or refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/message.h"
#include "core/validate_internal.h"
#include "tests/fuzz/fuzz.h"

#define BODY_MAX  16384u
#define DEPTH_MAX 32

static struct rfx_rules rules_of(uint8_t choice)
{
    static const char *const versions[RFX_APPL_VERSIONS] = {
        [4] = "FIX.4.2", [6] = "FIX.4.4", [9] = "FIX.5.0SP2"};
    bool is_fixt = (choice & 1) != 0;
    struct rfx_rules rules = {
        .transport = rfx_dictionary_builtin(is_fixt ? "FIXT.1.1" : "FIX.4.4"),
        .application = rfx_dictionary_builtin(is_fixt ? "FIX.5.0SP2" : "FIX.4.4"),
        .is_checking = true,
        .checks_section_order = (choice & 2) == 0,
        .checks_values_present = (choice & 4) == 0,
        .checks_user_defined = (choice & 8) == 0,
        .checks_group_order = (choice & 16) == 0,
        .allows_unknown_fields = (choice & 32) != 0,
        .allows_unknown_values = (choice & 64) != 0,
    };
    for (size_t i = 0; is_fixt && i < RFX_APPL_VERSIONS; i++) {
        rules.by_appl_ver_id[i] = versions[i] != NULL ? rfx_dictionary_builtin(versions[i]) : NULL;
    }
    return rules;
}

/* A message in memory of exactly its size; NULL when the body is none. */
static char *make_message(const char *body, size_t size, size_t *message_size)
{
    char head[32];
    char tail[16];
    struct rfx_frame frame;
    int head_size = snprintf(head, sizeof head, "8=FIX.4.4\x01%d=%zu\x01", 9, size);
    char *data = malloc((size_t)head_size + size + 7);
    RFX_ASSERT(data != NULL);
    memcpy(data, head, (size_t)head_size);
    memcpy(data + head_size, body, size);
    uint8_t sum = rfx_checksum(data, (size_t)head_size + size);
    snprintf(tail, sizeof tail, "10=%03u\x01", sum);
    memcpy(data + (size_t)head_size + size, tail, 7);
    *message_size = (size_t)head_size + size + 7;
    if (rfx_frame(data, *message_size, *message_size, &frame) == RFX_FRAME_COMPLETE &&
        frame.size == *message_size) {
        return data;
    }
    free(data);
    return NULL;
}

static void read_entry(const struct rfx_entry *entry, bool is_valid, int depth);

/* As many entries as counted, one behind the other. */
static void read_group(struct rfx_group group, bool is_valid, int depth)
{
    struct rfx_entry entry;
    size_t count = 0;
    uint32_t next = group.next;
    RFX_ASSERT(depth < DEPTH_MAX && group.end <= group.message->field_count);
    while (rfx_group_next(&group, &entry)) {
        RFX_ASSERT(entry.first == next && entry.end > entry.first && entry.end <= group.end);
        read_entry(&entry, is_valid, depth + 1);
        next = entry.end;
        count++;
    }
    RFX_ASSERT(next == group.end && count == group.count);
}

static void read_entry(const struct rfx_entry *entry, bool is_valid, int depth)
{
    const struct rfx_message *message = entry->message;
    for (size_t i = 0; i < rfx_entry_field_count(entry); i++) {
        struct rfx_field_view field = rfx_entry_field_at(entry, i);
        RFX_ASSERT(field.value.data > message->data &&
                   field.value.data + field.value.size < message->data + message->size);
        RFX_ASSERT(!is_valid || field.tag > 0);
        RFX_ASSERT(!is_valid || !message->rules->checks_values_present || field.value.size > 0);
        struct rfx_group group;
        struct rfx_bytes value;
        rfx_status status = rfx_entry_group(entry, field.tag, &group);
        RFX_ASSERT(status == RFX_OK || status == RFX_E_NOT_FOUND ||
                   (status == RFX_E_INVALID && !is_valid));
        if (status == RFX_OK) {
            RFX_ASSERT(rfx_entry_get(entry, field.tag, &value) == RFX_OK);
            RFX_ASSERT(group.end <= entry->end);
            read_group(group, is_valid, depth);
        }
    }
}

static void read_groups(const struct rfx_message *message, bool is_valid)
{
    for (uint32_t i = 0; i < message->field_count; i++) {
        struct rfx_group group;
        rfx_status status = rfx_message_group(message, message->fields[i].tag, &group);
        RFX_ASSERT(status == RFX_OK || status == RFX_E_NOT_FOUND ||
                   (status == RFX_E_INVALID && !is_valid));
        if (status == RFX_OK) {
            read_group(group, is_valid, 0);
        }
    }
}

/* The second time must not be answered from what the first has left behind. */
static bool validate_twice(const struct rfx_rules *rules, const struct rfx_message *message,
                           struct rfx_validate_scratch *scratch)
{
    struct rfx_fault faults[2] = {{.text = NULL}, {.text = NULL}};
    bool is_valid = rfx_validate(rules, message, scratch, &faults[0]);
    RFX_ASSERT(rfx_validate(rules, message, scratch, &faults[1]) == is_valid);
    RFX_ASSERT(faults[0].text == faults[1].text && (faults[0].text == NULL) == is_valid);
    RFX_ASSERT(faults[0].reason == faults[1].reason && faults[0].ref_tag == faults[1].ref_tag);
    if (!is_valid && faults[0].reason != RFX_REJECT_REQUIRED_TAG_MISSING &&
        faults[0].ref_tag != RFX_NO_TAG) {
        RFX_ASSERT(rfx_message_find(message, faults[0].ref_tag) >= 0);
    }
    return is_valid;
}

/* The rules without one of their checks; false when there are no more. */
static bool relax(struct rfx_rules *rules, unsigned check)
{
    switch (check) {
    case 0:
        rules->checks_section_order = false;
        return true;
    case 1:
        rules->checks_values_present = false;
        return true;
    case 2:
        rules->checks_user_defined = false;
        return true;
    case 3:
        rules->checks_group_order = false;
        return true;
    case 4:
        rules->allows_unknown_fields = true;
        return true;
    case 5:
        rules->allows_unknown_values = true;
        return true;
    case 6:
        rules->is_checking = false;
        return true;
    default:
        return false;
    }
}

/* What is valid stays so with one check less, and with all of them off in turn. */
static void check_message(const struct rfx_rules *rules, struct rfx_message *message,
                          struct rfx_validate_scratch *scratch)
{
    struct rfx_rules all = *rules;
    bool was_valid = validate_twice(rules, message, scratch);
    message->rules = rules;
    read_groups(message, was_valid);
    for (unsigned check = 0; relax(&all, check); check++) {
        struct rfx_rules one = *rules;
        (void)relax(&one, check);
        RFX_ASSERT(!was_valid || validate_twice(&one, message, scratch));
        bool is_valid = validate_twice(&all, message, scratch);
        RFX_ASSERT(is_valid || check < 6);
        message->rules = &all;
        read_groups(message, is_valid && all.is_checking);
    }
    message->rules = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rfx_validate_scratch *scratch;
    size_t message_size;
    if (scratch == NULL) {
        RFX_ASSERT(rfx_validate_scratch_open(&scratch) == RFX_OK);
    }
    if (size < 1 || size > BODY_MAX) {
        return 0;
    }
    struct rfx_rules rules = rules_of(data[0]);
    if (data[0] >= 128 && scratch->turn < UINT32_MAX / 2) {
        scratch->turn = UINT32_MAX - (uint32_t)size; /* soon they come round */
    }
    char *text = make_message((const char *)data + 1, size - 1, &message_size);
    if (text == NULL) {
        return 0;
    }
    struct rfx_field *fields = malloc(RFX_FIELDS_MAX(message_size) * sizeof *fields);
    struct rfx_message message;
    RFX_ASSERT(fields != NULL);
    rfx_message_index(text, message_size, fields, &message);
    check_message(&rules, &message, scratch);
    free(fields);
    free(text);
    return 0;
}
