#include "tools/dict/codegen_names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether a word begins at a capital: behind a small letter or a digit, or where capitals end
 * ("CFICode"), but for the s of "IDs". */
static bool begins_word(const char *name, size_t at)
{
    if (at == 0 || !is_upper(name[at])) {
        return false;
    }
    if (is_lower(name[at - 1]) || is_digit(name[at - 1])) {
        return true;
    }
    const bool is_plural = name[at + 1] == 's' && (name[at + 2] == '\0' || is_upper(name[at + 2]));
    return is_upper(name[at - 1]) && is_lower(name[at + 1]) && !is_plural;
}

void c_name(const char *name, char out[C_NAME_MAX])
{
    size_t size = 0;
    for (size_t i = 0; name[i] != '\0' && size + 2 < C_NAME_MAX; i++) {
        const char c = name[i];
        const bool is_word = is_upper(c) || is_lower(c) || is_digit(c);
        if (begins_word(name, i) && size > 0 && out[size - 1] != '_') {
            out[size++] = '_';
        }
        if (is_word) {
            out[size++] = (char)tolower(c);
        } else if (size > 0 && out[size - 1] != '_') {
            out[size++] = '_';
        }
    }
    while (size > 0 && out[size - 1] == '_') {
        size--;
    }
    out[size] = '\0';
}

void c_constant(const char *name, char out[C_NAME_MAX])
{
    c_name(name, out);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper(*c);
    }
}

void c_prefix(const char *version, char out[C_NAME_MAX])
{
    size_t size = 0;
    for (; *version != '\0' && size + 1 < C_NAME_MAX; version++) {
        if (is_upper(*version) || is_lower(*version) || is_digit(*version)) {
            out[size++] = (char)tolower(*version);
        }
    }
    out[size] = '\0';
}

bool is_c_prefix(const char *text)
{
    if (!is_lower(text[0]) || strlen(text) > 32) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (!is_lower(*c) && !is_digit(*c) && *c != '_') {
            return false;
        }
    }
    return true;
}

static bool is_taken(const struct c_scope *scope, const char *name)
{
    for (size_t i = 0; i < scope->count; i++) {
        if (strcmp(scope->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

rfx_status c_scope_add(struct c_scope *scope, char name[C_NAME_MAX], int32_t tag)
{
    if (is_taken(scope, name) || name[0] == '\0') {
        const size_t size = strlen(name);
        const size_t cut = size < C_NAME_MAX - 16 ? size : C_NAME_MAX - 16;
        snprintf(name + cut, C_NAME_MAX - cut, "_%d", (int)tag);
    }
    if (scope->count == scope->capacity) {
        const size_t capacity = scope->capacity == 0 ? 64 : 2 * scope->capacity;
        char(*grown)[C_NAME_MAX] = realloc(scope->names, capacity * sizeof *grown);
        if (grown == NULL) {
            return RFX_E_NOMEM;
        }
        scope->names = grown;
        scope->capacity = capacity;
    }
    memcpy(scope->names[scope->count++], name, C_NAME_MAX);
    return RFX_OK;
}

void c_scope_close(struct c_scope *scope)
{
    free(scope->names);
    *scope = (struct c_scope){0};
}
