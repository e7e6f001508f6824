#include "tools/dict/usage.h"

#include <stdio.h>
#include <stdlib.h>

#include "tools/dict/text.h"

/* Groups are shared by many messages: each is looked into once. */
enum answer { ANSWER_NONE_YET, ANSWER_NO, ANSWER_YES };

static bool holds(const struct rfx_dictionary *dictionary, uint16_t set, int32_t field_index,
                  uint8_t *answers)
{
    if (answers[set] != ANSWER_NONE_YET) {
        return answers[set] == ANSWER_YES;
    }
    const struct rfx_dict_set *level = &dictionary->sets[set];
    bool is_held = rfx_dict_set_has(dictionary, set, field_index);
    for (uint32_t i = 0; i < level->group_count && !is_held; i++) {
        uint16_t group = dictionary->set_groups[level->first_group + i].group;
        is_held = holds(dictionary, dictionary->groups[group].set, field_index, answers);
    }
    answers[set] = is_held ? ANSWER_YES : ANSWER_NO;
    return is_held;
}

rfx_status show_usage(const struct rfx_dictionary *dictionary, int32_t field_index)
{
    uint8_t *answers = calloc(dictionary->set_count + 1, 1);
    if (answers == NULL) {
        return RFX_E_NOMEM;
    }
    struct wrap wrap = {.indent = "  "};
    fputs("Used in:\n", stdout);
    if (holds(dictionary, dictionary->header.set, field_index, answers)) {
        wrap_word(&wrap, "header");
    }
    if (holds(dictionary, dictionary->trailer.set, field_index, answers)) {
        wrap_word(&wrap, "trailer");
    }
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        const struct rfx_dict_message *message = &dictionary->messages[i];
        if (holds(dictionary, message->set, field_index, answers)) {
            wrap_word(&wrap, rfx_dict_text(dictionary, message->name));
        }
    }
    if (wrap.column == 0) {
        wrap_word(&wrap, "no message");
    }
    wrap_end(&wrap);
    free(answers);
    return RFX_OK;
}
