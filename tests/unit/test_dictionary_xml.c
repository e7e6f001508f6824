/* QuickFIX's XML: what is read, that each fault is named with its line, that hostile files end in
 * an error, and that the dictionaries of QuickFIX hold the facts of the built-in ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dict_compare.h"
#include "core/draft.h"
#include "io/dictionary/load.h"
#include "tests/support.h"

/* ----------------------------------------------------------------------------------- support */

static rfx_status parse_bytes(const char *text, size_t size,
                              const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    /* An exact copy on the heap, so that a sanitizer sees any read beyond it. */
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    rfx_status status = rfx_dictionary_parse(rfx_bytes_of(copy, size), "d.xml", dictionary, error);
    free(copy);
    return status;
}

static const struct rfx_dictionary *accept(const char *text)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    if (parse_bytes(text, strlen(text), &dictionary, &error) != RFX_OK) {
        fail_msg("refused: %s\n%s", error.text, text);
    }
    return dictionary;
}

static void refuse_bytes(const char *text, size_t size, const char *message)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    rfx_status status = parse_bytes(text, size, &dictionary, &error);
    if (status != RFX_E_CONFIG || strstr(error.text, message) == NULL) {
        fail_msg("status %d, error \"%s\"; expected \"%s\"", (int)status, error.text, message);
    }
    assert_null(dictionary);
}

static void refuse(const char *text, const char *message)
{
    refuse_bytes(text, strlen(text), message);
}

/* Texts are put together from parts in lines of their own: messages are in line 4, components in
 * line 7, fields in line 10. */
static char *assemble(const char *messages, const char *components, const char *fields)
{
    char *text = NULL;
    int size = asprintf(&text,
                        "<fix type='FIX' major='4' minor='4'>\n"
                        "<header><field name='A' required='Y'/></header>"
                        "<trailer><field name='A' required='Y'/></trailer>\n"
                        "<messages>\n%s\n</messages>\n"
                        "<components>\n%s\n</components>\n"
                        "<fields>\n%s\n"
                        "<field number='1' name='A' type='STRING'/>\n"
                        "<field number='2' name='B' type='INT'/>\n"
                        "<field number='3' name='NoC' type='NUMINGROUP'/>\n"
                        "</fields>\n</fix>\n",
                        messages, components, fields);
    assert_true(size > 0);
    return text;
}

static void refuse_parts(const char *messages, const char *components, const char *fields,
                         const char *message)
{
    char *text = assemble(messages, components, fields);
    refuse(text, message);
    free(text);
}

/* ---------------------------------------------------------------------------------- accepted */

static void test_xml_when_complete_then_every_fact_is_read(void **state)
{
    (void)state;
    const struct rfx_dictionary *dictionary =
        accept("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a comment -->\n"
               "<fix type='FIX' major='4' minor='2' servicepack='0' id='ignored'>\n"
               "<header><field name='A' required='Y'/></header>\n"
               "<messages><message name='Order' msgtype='D' msgcat='app'>\n"
               "<field name='B' required='n'/><component name='Both' required='y'/>"
               "<group name='NoC' required='N'><field name='D' required='Y'/></group>"
               "</message><message name='Beat' msgtype='0' msgcat='admin'/>"
               "<message name='Odd' msgtype='U1'/></messages>\n"
               "<components><component name='Both'><field name='D' required='Y'/></component>"
               "</components>\n"
               "<fields><field number='1' name='A' type='CHAR'>"
               "<value enum='1' description='ONE &amp; ONLY'/><value enum='2'/></field>"
               "<field number='2' name='B' type='UTCTimestamp'/>"
               "<field number='3' name='NoC' type='NUMINGROUP'/>"
               "<field number='9999' name='D' type='HOUSE-TYPE' allowOtherValues='true'>"
               "<value enum='x'/></field></fields>\n"
               "<trailer><field name='A' required='N'/></trailer></fix>\n");
    assert_string_equal(rfx_dictionary_version(dictionary), "FIX.4.2");
    assert_int_equal(dictionary->field_count, 4);
    const struct rfx_dict_field *a = &dictionary->fields[rfx_dict_field_named(dictionary, "A")];
    assert_int_equal(a->tag, 1);
    assert_int_equal(a->type, RFX_TYPE_CHAR);
    assert_int_equal(a->value_count, 2);
    const struct rfx_dict_value *values = &dictionary->values[a->first_value];
    assert_string_equal(rfx_dict_text(dictionary, values[0].text), "1");
    assert_string_equal(rfx_dict_text(dictionary, values[0].description), "ONE & ONLY");
    assert_string_equal(rfx_dict_text(dictionary, values[1].description), "");
    int32_t b = rfx_dict_field_of(dictionary, 2);
    assert_int_equal(dictionary->fields[b].type, RFX_TYPE_UTCTIMESTAMP);
    int32_t d = rfx_dict_field_of(dictionary, 9999);
    assert_int_equal(dictionary->fields[d].type, RFX_TYPE_UNKNOWN);
    assert_int_equal(dictionary->fields[d].value_count, 0);
    const struct rfx_dict_message *order = rfx_dict_message_of(dictionary, rfx_bytes_of("D", 1));
    assert_non_null(order);
    assert_false(order->is_admin);
    assert_int_equal(order->item_count, 3);
    const struct rfx_dict_item *items = &dictionary->items[order->first_item];
    assert_int_equal(items[0].kind, RFX_ITEM_FIELD);
    assert_false(items[0].is_required);
    assert_int_equal(items[1].kind, RFX_ITEM_COMPONENT);
    assert_true(items[1].is_required);
    assert_int_equal(items[2].kind, RFX_ITEM_GROUP);
    const struct rfx_dict_group *group =
        rfx_dict_group_of(dictionary, order->set, rfx_dict_field_of(dictionary, 3));
    assert_non_null(group);
    assert_true(rfx_dict_set_has(dictionary, group->set, d));
    assert_true(rfx_dict_message_named(dictionary, "Beat")->is_admin);
    assert_false(rfx_dict_message_named(dictionary, "Odd")->is_admin);
    assert_int_equal(dictionary->header.item_count, 1);
    assert_int_equal(dictionary->trailer.item_count, 1);
    rfx_dictionary_free(dictionary);
}

static void test_version_when_written_in_parts_then_its_name_is_made(void **state)
{
    (void)state;
    static const char *const versions[][2] = {
        {"type='FIX' major='4' minor='0'", "FIX.4.0"},
        {"major='4' minor='4' servicepack='0'", "FIX.4.4"},
        {"type='FIX' major='4' minor='4' servicepack='1'", "FIX.4.4"},
        {"type='FIXT' major='1' minor='1' servicepack='0'", "FIXT.1.1"},
        {"type='FIX' major='5' minor='0' servicepack='0'", "FIX.5.0"},
        {"type='FIX' major='5' minor='0' servicepack='2'", "FIX.5.0SP2"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "<fix %s><header><field name='A' required='Y'/></header>"
                 "<trailer><field name='A' required='Y'/></trailer>"
                 "<fields><field number='1' name='A' type='INT'/></fields></fix>",
                 versions[i][0]);
        const struct rfx_dictionary *dictionary = accept(text);
        assert_string_equal(rfx_dictionary_version(dictionary), versions[i][1]);
        rfx_dictionary_free(dictionary);
    }
}

static void test_encoding_when_utf16_then_it_is_read(void **state)
{
    (void)state;
    static const char text[] = "<fix major='5' minor='0'/>";
    char wide[2 * sizeof text] = {'\xff', '\xfe'};
    for (size_t i = 0; i < sizeof text - 1; i++) {
        wide[2 + 2 * i] = text[i];
    }
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    assert_int_equal(parse_bytes(wide, 2 * sizeof text, &dictionary, &error), RFX_OK);
    rfx_dictionary_free(dictionary);
}

/* ------------------------------------------------------------------------------------ faults */

static void test_root_when_wrong_then_it_is_named(void **state)
{
    (void)state;
    refuse("\n<html></html>", "d.xml:2: the root element is <html>, that of a QuickFIX dictionary "
                              "is <fix>");
    refuse("<fix minor='4'/>", "d.xml:1: <fix> has no major; add major='...'");
    refuse("<fix major='4'/>", "d.xml:1: <fix> has no minor");
    refuse("<fix major='x' minor='4'/>", "d.xml:1: major of <fix> is a number of up to 9 digits, "
                                         "not 'x'");
    refuse("<fix major='4' minor='-1'/>", "d.xml:1: minor of <fix>");
    refuse("<fix major='4' minor='4' servicepack='1234567890'/>", "servicepack of <fix>");
    refuse("<fix type='FAST' major='1' minor='1'/>", "d.xml:1: type of <fix> is FIX or FIXT, not "
                                                     "'FAST'");
    refuse("<fix major='4' minor='4'></fix>", "needs a header");
    refuse("<fix major='4' minor='4'/><fix/>", "d.xml:1: not well-formed XML");
}

static void test_element_when_unknown_then_it_is_named_with_its_line(void **state)
{
    (void)state;
    refuse_parts("<order/>", "", "", "d.xml:4: <order> is not known within <messages>; remove it");
    refuse_parts("<message name='M' msgtype='M'>\n<value enum='1'/></message>", "", "",
                 "d.xml:5: <value> is not known within <message>");
    refuse_parts("", "<field name='A' required='Y'/>", "",
                 "d.xml:7: <field> is not known within <components>");
    refuse_parts("", "", "<field number='9' name='Z' type='INT'>\n<enum/></field>",
                 "d.xml:11: <enum> is not known within <field>");
    refuse_parts("", "", "<Field number='9' name='Z' type='INT'/>",
                 "d.xml:10: <Field> is not known within <fields>");
    refuse_parts("", "", "stray\x07", "d.xml:10: ");
    refuse_parts("", "", "\n stray", "text among the elements: 'stray'");
}

static void test_attribute_when_missing_or_wrong_then_it_is_named(void **state)
{
    (void)state;
    static const char *const members[][2] = {
        {"<field required='Y'/>", "d.xml:4: <field> has no name; add name='...'"},
        {"<field name='A'/>", "d.xml:4: <field name='A'> has no required; add required='...'"},
        {"<field name='A' required='C'/>", "d.xml:4: required of 'A' is Y or N, not 'C'"},
        {"<field name='A' required=''/>", "d.xml:4: required of 'A' is Y or N"},
        {"<field name='A' required='Yes'/>", "d.xml:4: required of 'A' is Y or N"},
        {"<field name='A' requried='Y'/>", "d.xml:4: <field name='A'> has no required"},
        {"<field name='Q' required='Y'/>", "d.xml:4: field Q is not defined"},
        {"<field name='' required='Y'/>", "d.xml:4: "},
        {"<component name='Q' required='Y'/>", "d.xml:4: component Q is not defined"},
        {"<group name='Q' required='Y'><field name='A' required='Y'/></group>", "d.xml:4: "},
        {"<group name='NoC' required='Y'></group>", "d.xml:4: "},
        {"<field name='A' name='B' required='Y'/>", "d.xml:4: not well-formed XML"},
        {"<field name='A&#1;' required='Y'/>", "d.xml:4: not well-formed XML"},
        {"<field name='&#10;' required='Y'/>", "d.xml:4: "},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char message[256];
        snprintf(message, sizeof message, "<message name='M' msgtype='M' msgcat='app'>%s</message>",
                 members[i][0]);
        refuse_parts(message, "", "", members[i][1]);
    }
    refuse_parts("<message name='M'/>", "", "", "d.xml:4: <message name='M'> has no msgtype");
    refuse_parts("<message name='M' msgtype='M' msgcat='session'/>", "", "",
                 "d.xml:4: msgcat of message 'M' is admin or app, not 'session'");
    refuse_parts("", "<component/>", "", "d.xml:7: <component> has no name");
    refuse_parts("", "", "<field name='Z' type='INT'/>",
                 "d.xml:10: <field name='Z'> has no number");
    refuse_parts("", "", "<field number='9' name='Z'/>", "d.xml:10: <field name='Z'> has no type");
    refuse_parts("", "", "<field number='1x' name='Z' type='INT'/>",
                 "d.xml:10: number of <field> is a number of up to 9 digits, not '1x'");
    refuse_parts("", "", "<field number='0' name='Z' type='INT'/>", "d.xml:10: ");
    refuse_parts("", "", "<field number='99999999999' name='Z' type='INT'/>",
                 "d.xml:10: number of <field>");
    refuse_parts("", "", "<field number='9' name='Z' type='INT'><value description='x'/></field>",
                 "d.xml:10: <value> has no enum");
}

static void test_name_when_repeated_then_the_later_line_is_named(void **state)
{
    (void)state;
    refuse_parts("", "", "<field number='9' name='A' type='INT'/>",
                 "d.xml:11: field A is defined in line 10 already");
    refuse_parts("", "", "<field number='1' name='Z' type='INT'/>",
                 "d.xml:11: tag 1 is defined in line 10 already");
    refuse_parts("<message name='M' msgtype='1'/>\n<message name='M' msgtype='2'/>", "", "",
                 "d.xml:5: message M is defined in line 4 already");
    refuse_parts("<message name='M' msgtype='1'/>\n<message name='N' msgtype='1'/>", "", "",
                 "d.xml:5: MsgType 1 is defined in line 4 already");
    refuse_parts("", "<component name='X'/>\n<component name='X'/>", "",
                 "d.xml:8: component X is defined in line 7 already");
}

static void test_component_when_within_itself_then_it_is_refused(void **state)
{
    (void)state;
    refuse_parts("",
                 "<component name='X'><component name='Y' required='N'/></component>\n"
                 "<component name='Y'><group name='NoC' required='N'><field name='B' "
                 "required='Y'/>\n<component name='X' required='N'/></group></component>",
                 "", "d.xml:");
    refuse_parts("", "<component name='X'><component name='X' required='N'/></component>", "",
                 "d.xml:7: ");
}

/* ----------------------------------------------------------------------------------- hostile */

static void test_entities_when_defined_then_the_doctype_is_refused(void **state)
{
    (void)state;
    refuse("<?xml version='1.0'?>\n"
           "<!DOCTYPE fix [\n<!ENTITY a 'aaaaaaaaaa'>\n<!ENTITY b '&a;&a;&a;&a;&a;&a;'>\n"
           "<!ENTITY c '&b;&b;&b;&b;&b;&b;'>\n]>\n<fix major='4' minor='4'>&c;</fix>",
           "d.xml:2: a DOCTYPE is refused");
    refuse("<!DOCTYPE fix SYSTEM 'file:///etc/passwd'>\n<fix major='4' minor='4'/>",
           "d.xml:1: a DOCTYPE is refused");
    refuse("<!DOCTYPE fix PUBLIC 'x' 'http://127.0.0.1/x'><fix major='4' minor='4'/>",
           "d.xml:1: a DOCTYPE is refused");
    refuse("<fix major='5' minor='0'>\n&x;</fix>", "d.xml:2: ");
}

static void test_text_when_cut_anywhere_then_it_is_refused_with_its_line(void **state)
{
    (void)state;
    char *text = assemble("<message name='M' msgtype='M'><field name='B' required='Y'/></message>",
                          "<component name='X'><field name='B' required='Y'/></component>", "");
    const struct rfx_dictionary *whole = accept(text);
    rfx_dictionary_free(whole);
    for (size_t size = 1; size < strlen(text) - 1; size++) {
        refuse_bytes(text, size, "d.xml:");
    }
    free(text);
}

static void test_encoding_when_unreadable_then_utf8_is_asked_for(void **state)
{
    (void)state;
    refuse("<?xml version='1.0' encoding='KOI-99'?>\n<fix major='5' minor='0'/>",
           "the encoding cannot be read; save the file as UTF-8");
    refuse_parts("<message name='\xff\xfe' msgtype='M'/>", "", "", "d.xml:4: not well-formed XML");
    refuse_bytes("<fix\0 major='5' minor='0'/>", 26, "d.xml:1: not well-formed XML");
}

/* Elements in each other, as many as the file has room for. */
static void test_nesting_when_deep_then_it_is_refused(void **state)
{
    (void)state;
    static const char group[] = "<group name='NoC' required='N'>\n";
    size_t count = 100000;
    char *groups = malloc(count * (sizeof group - 1) + 64);
    assert_non_null(groups);
    size_t size = (size_t)sprintf(groups, "<message name='M' msgtype='M'>\n");
    for (size_t i = 0; i < count; i++) {
        memcpy(groups + size, group, sizeof group);
        size += sizeof group - 1;
    }
    refuse_parts(groups, "", "", "deep");
    free(groups);
}

/* Each component holds the next one ten times, over groups: 10^12 fields if spread out. */
static void test_components_when_exponential_then_they_are_refused(void **state)
{
    (void)state;
    char components[16384];
    size_t size = 0;
    for (int i = 0; i < 12; i++) {
        size += (size_t)snprintf(components + size, sizeof components - size,
                                 "<component name='C%d'>\n", i);
        for (int j = 0; j < 10; j++) {
            size += (size_t)snprintf(components + size, sizeof components - size,
                                     "<component name='C%d' required='N'/>\n", i + 1);
        }
        size += (size_t)snprintf(components + size, sizeof components - size, "</component>\n");
    }
    snprintf(components + size, sizeof components - size,
             "<component name='C12'><field name='B' required='N'/></component>\n");
    refuse_parts("<message name='M' msgtype='M'><component name='C0' required='N'/></message>",
                 components, "", "d.xml:");
}

/* --------------------------------------------------------------------------------- from disk */

static void refuse_file(const char *path, rfx_status expected, const char *message)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    rfx_status status = rfx_dictionary_load(path, &dictionary, &error);
    if (status != expected || strstr(error.text, message) == NULL ||
        strncmp(error.text, path, strlen(path)) != 0) {
        fail_msg("status %d, error \"%s\"; expected \"%s\"", (int)status, error.text, message);
    }
}

static void test_file_when_no_regular_one_then_it_is_refused(void **state)
{
    (void)state;
    char directory[256];
    char path[300];
    make_temp_dir(directory);
    snprintf(path, sizeof path, "%s/dictionary.xml", directory);
    refuse_file(path, RFX_E_IO, "No such file");
    refuse_file(directory, RFX_E_IO, "this is a directory; a dictionary is a regular file");
    refuse_file("/dev/zero", RFX_E_IO, "this is no file");
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse_file(path, RFX_E_IO, "this is no file");
    remove_tree(directory);
}

static void test_file_when_larger_than_allowed_then_it_is_refused(void **state)
{
    (void)state;
    char directory[256];
    char path[300];
    make_temp_dir(directory);
    snprintf(path, sizeof path, "%s/dictionary.xml", directory);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("<fix major='5' minor='0'/>", file) >= 0);
    assert_int_equal(fclose(file), 0);
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    assert_int_equal(rfx_dictionary_load(path, &dictionary, &error), RFX_OK);
    rfx_dictionary_free(dictionary);
    assert_int_equal(truncate(path, 100 << 20), 0);
    refuse_file(path, RFX_E_CONFIG, "larger than 16 MiB");
    assert_int_equal(truncate(path, RFX_DICTIONARY_FILE_MAX), 0);
    refuse_file(path, RFX_E_CONFIG, ":1: not well-formed XML"); /* NULs behind the element */
    remove_tree(directory);
}

/* ----------------------------------------------------------------------------- QuickFIX's own */

static bool print_difference(void *context, const char *line)
{
    size_t *printed = context;
    print_error("%s\n", line);
    return ++*printed < 20;
}

static void test_quickfix_files_when_read_then_they_equal_the_built_in_ones(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"FIX40.xml", "FIX.4.0"},
        {"FIX41.xml", "FIX.4.1"},
        {"FIX42.xml", "FIX.4.2"},
        {"FIX43.xml", "FIX.4.3"},
        {"FIX44.xml", "FIX.4.4"},
        /* FIXT11.xml differs on purpose, see tests/dictionary/differences.txt */
        {"FIX50.xml", "FIX.5.0"},
        {"FIX50SP1.xml", "FIX.5.0SP1"},
        {"FIX50SP2.xml", "FIX.5.0SP2"},
    };
    const char *folder = RFX_SOURCE_DIR "/../shared/spec/quickfix";
    if (access(folder, R_OK) != 0) {
        print_message("SKIPPED: %s is not there, nothing was compared\n", folder);
        skip();
    }
    size_t different = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        const struct rfx_dictionary *loaded = NULL;
        struct rfx_error error = {""};
        size_t count = 0;
        size_t printed = 0;
        snprintf(path, sizeof path, "%s/%s", folder, files[i][0]);
        if (rfx_dictionary_load(path, &loaded, &error) != RFX_OK) {
            fail_msg("%s", error.text);
        }
        const struct rfx_dictionary *built_in = rfx_dictionary_builtin(files[i][1]);
        assert_non_null(built_in);
        assert_int_equal(rfx_dict_differences(built_in, loaded, print_difference, &printed, &count),
                         RFX_OK);
        different += count;
        /* The same facts make the same tables. */
        assert_int_equal(loaded->member_count, built_in->member_count);
        assert_int_equal(loaded->required_count, built_in->required_count);
        assert_int_equal(loaded->set_group_count, built_in->set_group_count);
        rfx_dictionary_free(loaded);
    }
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml_when_complete_then_every_fact_is_read),
        cmocka_unit_test(test_version_when_written_in_parts_then_its_name_is_made),
        cmocka_unit_test(test_encoding_when_utf16_then_it_is_read),
        cmocka_unit_test(test_root_when_wrong_then_it_is_named),
        cmocka_unit_test(test_element_when_unknown_then_it_is_named_with_its_line),
        cmocka_unit_test(test_attribute_when_missing_or_wrong_then_it_is_named),
        cmocka_unit_test(test_name_when_repeated_then_the_later_line_is_named),
        cmocka_unit_test(test_component_when_within_itself_then_it_is_refused),
        cmocka_unit_test(test_entities_when_defined_then_the_doctype_is_refused),
        cmocka_unit_test(test_text_when_cut_anywhere_then_it_is_refused_with_its_line),
        cmocka_unit_test(test_encoding_when_unreadable_then_utf8_is_asked_for),
        cmocka_unit_test(test_nesting_when_deep_then_it_is_refused),
        cmocka_unit_test(test_components_when_exponential_then_they_are_refused),
        cmocka_unit_test(test_file_when_no_regular_one_then_it_is_refused),
        cmocka_unit_test(test_file_when_larger_than_allowed_then_it_is_refused),
        cmocka_unit_test(test_quickfix_files_when_read_then_they_equal_the_built_in_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
