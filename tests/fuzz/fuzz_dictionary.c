/* Both readers of dictionaries on hostile text: an error that names the file, or a dictionary that
 * is the same again when it is written and read. */
#include <stdlib.h>
#include <string.h>

#include "core/dict_compare.h"
#include "core/dict_text.h"
#include "io/dictionary/load.h"
#include "tests/fuzz/fuzz.h"

static bool never(void *context, const char *line)
{
    (void)context;
    (void)line;
    return true;
}

static const struct rfx_dictionary *again(const char *text, size_t size)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    RFX_ASSERT(rfx_dict_read(rfx_bytes_of(text, size), "fuzz", &dictionary, &error) == RFX_OK);
    return dictionary;
}

/* The tables lead nowhere outside of themselves. */
static void check_sets(const struct rfx_dictionary *dictionary)
{
    for (uint32_t i = 0; i < dictionary->set_count; i++) {
        const struct rfx_dict_set *set = &dictionary->sets[i];
        for (uint32_t j = 0; j < set->member_count; j++) {
            uint16_t member = dictionary->members[set->first_member + j];
            RFX_ASSERT(member < dictionary->field_count);
            RFX_ASSERT(rfx_dict_set_has(dictionary, (uint16_t)i, member));
        }
        for (uint32_t j = 0; j < set->required_count; j++) {
            uint16_t required = dictionary->required[set->first_required + j];
            RFX_ASSERT(rfx_dict_set_has(dictionary, (uint16_t)i, required));
        }
        for (uint32_t j = 0; j < set->group_count; j++) {
            const struct rfx_dict_set_group *entry = &dictionary->set_groups[set->first_group + j];
            const struct rfx_dict_group *group =
                rfx_dict_group_of(dictionary, (uint16_t)i, entry->counter);
            RFX_ASSERT(group == &dictionary->groups[entry->group]);
            RFX_ASSERT(dictionary->sets[group->set].member_count > 0);
        }
    }
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        RFX_ASSERT(rfx_dict_field_of(dictionary, dictionary->fields[i].tag) == (int32_t)i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    rfx_status status =
        rfx_dictionary_parse(rfx_bytes_of((const char *)data, size), "fuzz", &dictionary, &error);
    if (status != RFX_OK) {
        RFX_ASSERT(status == RFX_E_CONFIG && dictionary == NULL);
        RFX_ASSERT(strncmp(error.text, "fuzz:", 5) == 0);
        return 0;
    }
    check_sets(dictionary);
    char *text = NULL;
    char *second_text = NULL;
    size_t text_size = 0;
    size_t second_size = 0;
    size_t count = 0;
    RFX_ASSERT(rfx_dict_write(dictionary, &text, &text_size) == RFX_OK);
    const struct rfx_dictionary *second = again(text, text_size);
    RFX_ASSERT(rfx_dict_differences(dictionary, second, never, NULL, &count) == RFX_OK);
    RFX_ASSERT(count == 0);
    RFX_ASSERT(rfx_dict_write(second, &second_text, &second_size) == RFX_OK);
    RFX_ASSERT(second_size == text_size && memcmp(text, second_text, text_size) == 0);
    free(second_text);
    free(text);
    rfx_dictionary_free(second);
    rfx_dictionary_free(dictionary);
    return 0;
}
