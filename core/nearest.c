#include "core/nearest.h"

#include <string.h>

#define NAME_SIZE_MAX 64 /* nobody misspells longer names by a few letters */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein distance without regard to case. */
static size_t distance(struct rfx_bytes a, const char *b, size_t b_size)
{
    size_t row[NAME_SIZE_MAX + 1];
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t replace = diagonal + (lower(a.data[i - 1]) != lower(b[j - 1]));
            size_t smaller = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replace < smaller + 1 ? replace : smaller + 1;
        }
    }
    return row[b_size];
}

void rfx_nearest_init(struct rfx_nearest *nearest, struct rfx_bytes wanted)
{
    /* Farther away it would be a riddle, no help. */
    *nearest = (struct rfx_nearest){.wanted = wanted, .distance = wanted.size / 3 + 2};
}

void rfx_nearest_offer(struct rfx_nearest *nearest, const char *name)
{
    size_t size = strlen(name);
    if (size > NAME_SIZE_MAX || nearest->wanted.size > NAME_SIZE_MAX) {
        return;
    }
    size_t found = distance(nearest->wanted, name, size);
    if (found < nearest->distance) {
        nearest->distance = found;
        nearest->name = name;
    }
}
