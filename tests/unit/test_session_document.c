/* docs/session.md names tests: each must be there, and each session test must be named.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "tests/support.h"

#define TEXT_MAX (4u << 20)

static void append_file(const char *path, char *text, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s cannot be read", path);
    }
    *size += fread(text + *size, 1, TEXT_MAX - 1 - *size, file);
    assert_true(*size < TEXT_MAX - 1);
    text[*size] = '\0';
    fclose(file);
}

static bool is_session_test(const char *name)
{
    size_t size = strlen(name);
    return strncmp(name, "test_session_", 13) == 0 && size > 2 &&
           strcmp(name + size - 2, ".c") == 0;
}

/* All files of session tests, one after the other. */
static char *read_tests(void)
{
    char *text = malloc(TEXT_MAX);
    size_t size = 0;
    DIR *folder = opendir(RFX_SOURCE_DIR "/tests/unit");
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[1024];
        if (is_session_test(entry->d_name)) {
            snprintf(path, sizeof path, "%s/tests/unit/%s", RFX_SOURCE_DIR, entry->d_name);
            append_file(path, text, &size);
        }
    }
    closedir(folder);
    return text;
}

static char *read_document(void)
{
    char *text = malloc(TEXT_MAX);
    size_t size = 0;
    append_file(RFX_SOURCE_DIR "/docs/session.md", text, &size);
    return text;
}

static size_t name_size(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* "static void NAME(void **state)", wherever the line is broken. */
static bool is_defined(const char *tests, const char *name, size_t size)
{
    for (const char *at = strstr(tests, name); at != NULL; at = strstr(at + 1, name)) {
        bool begins = at > tests && (at[-1] == ' ' || at[-1] == '\n');
        const char *rest = at + size;
        if (begins && name_size(at) == size && *rest == '(' &&
            strncmp(rest + 1 + strspn(rest + 1, " \n"), "void **state)", 13) == 0) {
            return true;
        }
    }
    return false;
}

static void test_document_when_it_names_a_test_then_that_exists(void **state)
{
    (void)state;
    char *document = read_document();
    char *tests = read_tests();
    size_t count = 0;
    size_t missing = 0;
    for (char *at = strstr(document, "`test_"); at != NULL; at = strstr(at + 1, "`test_")) {
        char name[256];
        size_t size = name_size(at + 1);
        assert_true(size < sizeof name);
        memcpy(name, at + 1, size);
        name[size] = '\0';
        if (at[1 + size] == '.') {
            continue; /* a file */
        }
        count++;
        if (!is_defined(tests, name, size)) {
            print_error("docs/session.md names %s, which no file of session tests has\n", name);
            missing++;
        }
    }
    free(tests);
    free(document);
    assert_true(count > 100);
    assert_int_equal(missing, 0);
}

static void test_document_when_a_session_test_exists_then_it_is_named(void **state)
{
    (void)state;
    char *document = read_document();
    char *tests = read_tests();
    size_t missing = 0;
    for (char *at = strstr(tests, "test_"); at != NULL; at = strstr(at + 1, "test_")) {
        char name[256];
        size_t size = name_size(at);
        if (size >= sizeof name - 2) {
            continue;
        }
        snprintf(name, sizeof name, "`%.*s`", (int)size, at);
        if (strncmp(name, "`test_document_", 15) == 0 || strstr(document, name) != NULL) {
            continue;
        }
        name[size + 1] = '\0';
        if (at[size] == '(' && is_defined(at - 1, name + 1, size)) {
            print_error("docs/session.md does not name %s\n", name + 1);
            missing++;
        }
    }
    free(tests);
    free(document);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document_when_it_names_a_test_then_that_exists),
        cmocka_unit_test(test_document_when_a_session_test_exists_then_it_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
