/* rfx-dict-compile IN.dict OUT.c SYMBOL: a dictionary as constant tables of C, at build time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"
#include "tools/dict_compile/tables.h"

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    *size = 0;
    while (file != NULL && !feof(file) && !ferror(file)) {
        char *larger = realloc(text, *size + 65536);
        if (larger == NULL) {
            errno = ENOMEM;
            break;
        }
        text = larger;
        *size += fread(text + *size, 1, 65536, file);
    }
    if (file == NULL || !feof(file)) {
        fprintf(stderr, "rfx-dict-compile: %s: %s\n", path, strerror(errno));
        free(text);
        text = NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

static const struct rfx_dictionary *read_dictionary(const char *path)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error;
    size_t size;
    char *text = read_file(path, &size);
    if (text == NULL) {
        return NULL;
    }
    if (rfx_dict_read(rfx_bytes_of(text, size), path, &dictionary, &error) != RFX_OK) {
        fprintf(stderr, "%s\n", error.text);
        dictionary = NULL;
    }
    free(text);
    return dictionary;
}

static bool write_tables(const struct rfx_dictionary *dictionary, const char *path,
                         const char *symbol)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        fprintf(stderr, "rfx-dict-compile: %s: %s\n", path, strerror(errno));
        return false;
    }
    tables_write(dictionary, symbol, out);
    bool has_failed = ferror(out) != 0;
    if (fclose(out) != 0 || has_failed) {
        fprintf(stderr, "rfx-dict-compile: %s: cannot be written\n", path);
        remove(path);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: rfx-dict-compile IN.dict OUT.c SYMBOL\n");
        return 2;
    }
    const struct rfx_dictionary *dictionary = read_dictionary(argv[1]);
    if (dictionary == NULL) {
        return 1;
    }
    bool is_written = write_tables(dictionary, argv[2], argv[3]);
    rfx_dictionary_free(dictionary);
    return is_written ? 0 : 1;
}
