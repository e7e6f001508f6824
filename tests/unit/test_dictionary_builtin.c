/* The built-in dictionaries: each consistent with itself, and some facts known by heart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"
#include "core/draft.h"
#include "tests/support.h"

static const struct {
    const char *version;
    uint32_t fields;
    uint32_t messages;
} all[] = {
    {"FIX.4.0", 138, 27},  {"FIX.4.1", 206, 28},      {"FIX.4.2", 405, 46},
    {"FIX.4.3", 635, 68},  {"FIX.4.4", 912, 93},      {"FIXT.1.1", 74, 8},
    {"FIX.5.0", 1090, 93}, {"FIX.5.0SP1", 1373, 105}, {"FIX.5.0SP2", 6028, 156},
};

#define ALL_COUNT (sizeof all / sizeof all[0])

static const struct rfx_dictionary *builtin(const char *version)
{
    const struct rfx_dictionary *dictionary = rfx_dictionary_builtin(version);
    assert_non_null(dictionary);
    return dictionary;
}

static struct rfx_bytes text_of(const char *text)
{
    return rfx_bytes_of(text, strlen(text));
}

/* -------------------------------------------------------------------------------- consistency */

static void expect_text(const struct rfx_dictionary *dictionary, uint32_t offset)
{
    assert_true(offset < dictionary->strings_size);
    assert_non_null(memchr(dictionary->strings + offset, '\0', dictionary->strings_size - offset));
}

static void check_fields(const struct rfx_dictionary *dictionary)
{
    uint32_t value_at = 0;
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        const struct rfx_dict_field *field = &dictionary->fields[i];
        assert_true(field->tag > (i > 0 ? dictionary->fields[i - 1].tag : 0));
        expect_text(dictionary, field->name);
        assert_true(field->type > RFX_TYPE_UNKNOWN && field->type < RFX_TYPE_COUNT);
        assert_int_equal(rfx_dict_field_of(dictionary, field->tag), i);
        assert_int_equal(rfx_dict_field_named(dictionary, rfx_dict_text(dictionary, field->name)),
                         i);
        assert_int_equal(field->first_value, value_at);
        value_at += field->value_count;
        for (uint32_t j = field->first_value; j < value_at; j++) {
            const struct rfx_dict_value *value = &dictionary->values[j];
            expect_text(dictionary, value->text);
            expect_text(dictionary, value->description);
            const char *text = rfx_dict_text(dictionary, value->text);
            assert_true(rfx_dict_has_value(dictionary, (int32_t)i, text_of(text)));
            if (j > field->first_value) {
                const char *before = rfx_dict_text(dictionary, dictionary->values[j - 1].text);
                assert_true(rfx_dict_compare(before, text_of(text)) < 0);
            }
        }
    }
    assert_int_equal(value_at, dictionary->value_count);
    uint32_t known = 0;
    for (uint32_t tag = 0; tag < dictionary->by_tag_size; tag++) {
        known += dictionary->by_tag[tag] != 0;
    }
    assert_int_equal(known, dictionary->field_count);
}

/* The members of a level as the items have them, components spread out by this test. */
struct level {
    const struct rfx_dictionary *dictionary;
    uint16_t order[4096];
    uint32_t count;
    bool *is_member;   /* by field */
    bool *is_required; /* by field */
    int32_t *group;    /* by field, -1: counts none */
};

static void spread(struct level *level, uint32_t first, uint32_t count, bool is_required,
                   unsigned depth)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    assert_true(depth <= RFX_DRAFT_DEPTH_MAX); /* or a component contains itself */
    assert_true(first + count <= dictionary->item_count);
    for (uint32_t i = first; i < first + count; i++) {
        const struct rfx_dict_item *item = &dictionary->items[i];
        bool is_needed = is_required && item->is_required;
        uint16_t field = item->index;
        if (item->kind == RFX_ITEM_COMPONENT) {
            assert_true(item->index < dictionary->component_count);
            const struct rfx_dict_component *component = &dictionary->components[item->index];
            spread(level, component->first_item, component->item_count, is_needed, depth + 1);
            continue;
        }
        if (item->kind == RFX_ITEM_GROUP) {
            assert_true(item->index < dictionary->group_count);
            field = dictionary->groups[item->index].counter;
            level->group[field] = item->index;
        }
        assert_true(field < dictionary->field_count);
        if (!level->is_member[field]) {
            level->is_member[field] = true;
            level->order[level->count++] = field;
        }
        level->is_required[field] |= is_needed;
    }
}

static void check_set(struct level *level, uint16_t set_index, uint32_t first, uint32_t count)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    const struct rfx_dict_set *set = &dictionary->sets[set_index];
    uint32_t required_at = set->first_required;
    uint32_t group_at = set->first_group;
    assert_true(set_index < dictionary->set_count);
    level->count = 0;
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        level->is_member[i] = false;
        level->is_required[i] = false;
        level->group[i] = -1;
    }
    spread(level, first, count, true, 0);
    assert_int_equal(level->count, set->member_count);
    assert_memory_equal(level->order, dictionary->members + set->first_member,
                        level->count * sizeof level->order[0]);
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        assert_int_equal(rfx_dict_set_has(dictionary, set_index, (int32_t)i), level->is_member[i]);
        if (level->is_required[i]) {
            assert_int_equal(dictionary->required[required_at++], i);
        }
        const struct rfx_dict_group *group = rfx_dict_group_of(dictionary, set_index, (int32_t)i);
        assert_ptr_equal(group, level->group[i] < 0 ? NULL : &dictionary->groups[level->group[i]]);
        if (level->group[i] >= 0) {
            assert_int_equal(dictionary->set_groups[group_at++].counter, i);
        }
    }
    assert_int_equal(required_at, set->first_required + set->required_count);
    assert_int_equal(group_at, set->first_group + set->group_count);
}

static void check_message(struct level *level, const struct rfx_dict_message *message)
{
    check_set(level, message->set, message->first_item, message->item_count);
}

static void check_sets(const struct rfx_dictionary *dictionary)
{
    struct level *level = calloc(1, sizeof *level);
    level->dictionary = dictionary;
    level->is_member = calloc(dictionary->field_count, sizeof *level->is_member);
    level->is_required = calloc(dictionary->field_count, sizeof *level->is_required);
    level->group = calloc(dictionary->field_count, sizeof *level->group);
    assert_int_equal(dictionary->set_count,
                     2 + dictionary->message_count + dictionary->group_count);
    check_message(level, &dictionary->header);
    check_message(level, &dictionary->trailer);
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        const struct rfx_dict_message *message = &dictionary->messages[i];
        const char *type = rfx_dict_text(dictionary, message->msg_type);
        assert_ptr_equal(rfx_dict_message_of(dictionary, text_of(type)), message);
        assert_ptr_equal(
            rfx_dict_message_named(dictionary, rfx_dict_text(dictionary, message->name)), message);
        check_message(level, message);
    }
    for (uint32_t i = 0; i < dictionary->group_count; i++) {
        const struct rfx_dict_group *group = &dictionary->groups[i];
        check_set(level, group->set, group->first_item, group->item_count);
        assert_true(level->count > 0);
    }
    free(level->is_member);
    free(level->is_required);
    free(level->group);
    free(level);
}

static void test_builtin_when_looked_through_then_it_is_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALL_COUNT; i++) {
        const struct rfx_dictionary *dictionary = builtin(all[i].version);
        assert_string_equal(rfx_dictionary_version(dictionary), all[i].version);
        assert_int_equal(dictionary->field_count, all[i].fields);
        assert_int_equal(dictionary->message_count, all[i].messages);
        check_fields(dictionary);
        check_sets(dictionary);
    }
}

/* The program that made the tables has lost nothing: written out, they are the file in dict/. */
static void test_builtin_when_written_then_it_is_the_file_it_was_made_from(void **state)
{
    (void)state;
    static const char *const files[ALL_COUNT] = {"FIX40",  "FIX41", "FIX42",    "FIX43",   "FIX44",
                                                 "FIXT11", "FIX50", "FIX50SP1", "FIX50SP2"};
    for (size_t i = 0; i < ALL_COUNT; i++) {
        char path[4096];
        char *text = NULL;
        size_t size = 0;
        snprintf(path, sizeof path, "%s/dict/%s.dict", RFX_SOURCE_DIR, files[i]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(rfx_dict_write(builtin(all[i].version), &text, &size), RFX_OK);
        char *content = malloc(size + 2);
        size_t read = fread(content, 1, size + 2, file);
        assert_int_equal(read, size);
        assert_memory_equal(content, text, size);
        fclose(file);
        free(content);
        free(text);
    }
}

/* -------------------------------------------------------------------------------- spot facts */

static void test_builtin_when_the_name_is_unknown_then_there_is_none(void **state)
{
    (void)state;
    assert_null(rfx_dictionary_builtin("FIX.4.5"));
    assert_null(rfx_dictionary_builtin("FIX.4.40"));
    assert_null(rfx_dictionary_builtin(""));
}

/* Whether the set at a level requires a tag. */
static bool requires(const struct rfx_dictionary *dictionary, uint16_t set_index, int32_t tag)
{
    const struct rfx_dict_set *set = &dictionary->sets[set_index];
    for (uint32_t i = 0; i < set->required_count; i++) {
        uint16_t field = dictionary->required[set->first_required + i];
        if (dictionary->fields[field].tag == tag) {
            return true;
        }
    }
    return false;
}

static void test_builtin_fix44_when_asked_then_it_knows_an_order(void **state)
{
    (void)state;
    const struct rfx_dictionary *fix44 = builtin("FIX.4.4");
    const struct rfx_dict_message *order = rfx_dict_message_of(fix44, text_of("D"));
    assert_string_equal(rfx_dict_text(fix44, order->name), "NewOrderSingle");
    assert_false(order->is_admin);
    assert_true(requires(fix44, order->set, 11)); /* ClOrdID */
    assert_true(requires(fix44, order->set, 40)); /* OrdType */
    assert_false(requires(fix44, order->set, 44));
    assert_true(rfx_dict_set_has(fix44, order->set, rfx_dict_field_of(fix44, 44)));
    assert_false(rfx_dict_set_has(fix44, order->set, rfx_dict_field_of(fix44, 37)));
    int32_t parties = rfx_dict_field_of(fix44, 453);
    const struct rfx_dict_group *group = rfx_dict_group_of(fix44, order->set, parties);
    uint16_t first = fix44->members[fix44->sets[group->set].first_member];
    assert_string_equal(rfx_dict_text(fix44, fix44->fields[first].name), "PartyID");
    assert_non_null(rfx_dict_group_of(fix44, group->set, rfx_dict_field_of(fix44, 802)));
    const struct rfx_dict_message *request = rfx_dict_message_of(fix44, text_of("V"));
    group = rfx_dict_group_of(fix44, request->set, rfx_dict_field_of(fix44, 267));
    assert_true(requires(fix44, request->set, 267)); /* NoMDEntryTypes, through a component */
    assert_true(requires(fix44, group->set, 269));
    int32_t side = rfx_dict_field_of(fix44, 54);
    assert_true(rfx_dict_has_value(fix44, side, text_of("1")));
    assert_false(rfx_dict_has_value(fix44, side, text_of("0")));
    assert_true(requires(fix44, fix44->header.set, 8));
    assert_true(requires(fix44, fix44->header.set, 34));
    assert_true(requires(fix44, fix44->trailer.set, 10));
    assert_true(rfx_dict_message_of(fix44, text_of("A"))->is_admin);
}

static void test_builtin_fix50_when_asked_then_the_session_layer_is_fixt(void **state)
{
    (void)state;
    const struct rfx_dictionary *fixt = builtin("FIXT.1.1");
    const struct rfx_dictionary *fix50 = builtin("FIX.5.0SP2");
    assert_int_equal(fix50->sets[fix50->header.set].member_count, 0);
    assert_null(rfx_dict_message_of(fix50, text_of("A")));
    assert_non_null(rfx_dict_message_of(fix50, text_of("AE")));
    const struct rfx_dict_message *logon = rfx_dict_message_of(fixt, text_of("A"));
    assert_true(requires(fixt, logon->set, 1137)); /* DefaultApplVerID */
    assert_true(rfx_dict_set_has(fixt, fixt->header.set, rfx_dict_field_of(fixt, 1128)));
    assert_int_equal(fixt->fields[rfx_dict_field_of(fixt, 213)].type, RFX_TYPE_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtin_when_looked_through_then_it_is_consistent),
        cmocka_unit_test(test_builtin_when_written_then_it_is_the_file_it_was_made_from),
        cmocka_unit_test(test_builtin_when_the_name_is_unknown_then_there_is_none),
        cmocka_unit_test(test_builtin_fix44_when_asked_then_it_knows_an_order),
        cmocka_unit_test(test_builtin_fix50_when_asked_then_the_session_layer_is_fixt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
