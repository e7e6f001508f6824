#include "core/config_texts.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096

/* Blocks of a list; the first is the one being filled. */
struct rfx_config_texts {
    struct rfx_config_texts *next;
    size_t used;
    size_t size;
    char bytes[];
};

static bool add_block(struct rfx_config_texts **texts, size_t size)
{
    if (size < BLOCK_SIZE) {
        size = BLOCK_SIZE;
    }
    struct rfx_config_texts *block = malloc(sizeof *block + size);
    if (block == NULL) {
        return false;
    }
    block->next = *texts;
    block->used = 0;
    block->size = size;
    *texts = block;
    return true;
}

const char *rfx_config_texts_add(struct rfx_config_texts **texts, struct rfx_bytes text)
{
    size_t size = text.size + 1;
    if ((*texts == NULL || (*texts)->size - (*texts)->used < size) && !add_block(texts, size)) {
        return NULL;
    }
    char *place = (*texts)->bytes + (*texts)->used;
    if (text.size > 0) {
        memcpy(place, text.data, text.size);
    }
    place[text.size] = '\0';
    (*texts)->used += size;
    return place;
}

void rfx_config_texts_free(struct rfx_config_texts *texts)
{
    while (texts != NULL) {
        struct rfx_config_texts *next = texts->next;
        free(texts);
        texts = next;
    }
}
