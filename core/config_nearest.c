/* The valid key that somebody who misspelt one may have meant. */
#include <string.h>

#include "core/config_keys.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein distance without regard to case; both at most 40 long. */
static size_t distance(struct rfx_bytes a, const char *b, size_t b_size)
{
    size_t row[41];
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

const char *rfx_key_nearest(struct rfx_bytes name)
{
    const char *nearest = NULL;
    size_t best = name.size / 3 + 2; /* farther away it would be a riddle, no help */
    if (name.size > 40) {
        return NULL;
    }
    const struct rfx_key *key;
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        size_t size = strlen(key->name);
        size_t found = size <= 40 ? distance(name, key->name, size) : SIZE_MAX;
        if (found < best) {
            best = found;
            nearest = key->name;
        }
    }
    return nearest;
}
