/* Dictionaries when memory runs out: every single allocation is refused once. The linker leads
 * the library's calls to the functions here. */
#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"
#include "tests/support.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static size_t calls_left = SIZE_MAX; /* until one is refused */

static bool is_refused(void)
{
    if (calls_left == SIZE_MAX) {
        return false;
    }
    if (calls_left == 0) {
        return true; /* and every one behind it */
    }
    calls_left--;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return is_refused() ? NULL : __real_realloc(memory, size);
}

static const char text[] = "version FIX.4.4\n"
                           "header {\nBeginString *\n}\n"
                           "trailer {\nCheckSum *\n}\n"
                           "message M m app {\ncomponent C *\n}\n"
                           "component C {\ngroup NoThings {\nThing *\n}\n}\n"
                           "field 8 BeginString STRING\n"
                           "field 10 CheckSum STRING {\n1 ONE\n2 TWO\n}\n"
                           "field 11 NoThings NUMINGROUP\n"
                           "field 12 Thing STRING\n";

static void test_read_when_any_allocation_fails_then_it_says_so_and_leaks_nothing(void **state)
{
    (void)state;
    size_t refused = 0;
    rfx_status status = RFX_E_NOMEM;
    const struct rfx_dictionary *dictionary = NULL;
    for (; status != RFX_OK; refused++) {
        struct rfx_error error = {.text = ""};
        calls_left = refused;
        status = rfx_dict_read(rfx_bytes_of(text, sizeof text - 1), "a.dict", &dictionary, &error);
        calls_left = SIZE_MAX;
        if (status != RFX_OK) {
            assert_int_equal(status, RFX_E_NOMEM);
            assert_string_equal(error.text, "a.dict: out of memory");
            assert_null(dictionary);
        }
    }
    assert_true(refused > 10);
    rfx_dictionary_free(dictionary);
}

static void test_write_when_an_allocation_fails_then_it_says_so(void **state)
{
    (void)state;
    char *written = NULL;
    size_t size = 0;
    const struct rfx_dictionary *fix44 = rfx_dictionary_builtin("FIX.4.4");
    for (size_t refused = 0; refused < 2; refused++) { /* the first, and one to grow */
        calls_left = refused;
        rfx_status status = rfx_dict_write(fix44, &written, &size);
        calls_left = SIZE_MAX;
        assert_int_equal(status, RFX_E_NOMEM);
        assert_null(written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_when_any_allocation_fails_then_it_says_so_and_leaks_nothing),
        cmocka_unit_test(test_write_when_an_allocation_fails_then_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
