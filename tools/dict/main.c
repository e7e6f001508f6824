/* ringfix-dict: checks, converts, compares and shows dictionaries, and makes headers of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dict_compare.h"
#include "core/dict_text.h"
#include "tools/dict/codegen.h"
#include "tools/dict/options.h"
#include "tools/dict/show.h"
#include "tools/dict/source.h"
#include "tools/dict/text.h"
#include "tools/dict/write_xml.h"

enum exit_code { EXIT_DONE = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

static enum exit_code complain(const struct rfx_error *error, enum exit_code code)
{
    fflush(stdout);
    fprintf(stderr, "ringfix-dict: %s\n", error->text);
    return code;
}

/* ------------------------------------------------------------------------------------- check */

static enum exit_code check_one(const char *name)
{
    struct source source;
    struct rfx_error error = {0};
    rfx_status status = source_open(name, &source, &error);
    if (status != RFX_OK) {
        return complain(&error, status == RFX_E_CONFIG ? EXIT_FOUND : EXIT_UNREADABLE);
    }
    put_text(name);
    fputs(": ", stdout);
    put_text(source.dictionary->version);
    fputs(", consistent\n  ", stdout);
    show_counts(source.dictionary);
    putchar('\n');
    source_close(&source);
    return EXIT_DONE;
}

static enum exit_code check(const struct options *options)
{
    enum exit_code worst = EXIT_DONE;
    for (int i = 0; i < options->count; i++) {
        enum exit_code code = check_one(options->arguments[i]);
        worst = code > worst ? code : worst;
    }
    return worst;
}

/* ----------------------------------------------------------------------------------- convert */

static bool ends_in_xml(const char *path)
{
    size_t size = strlen(path);
    return size >= 4 && strcmp(path + size - 4, ".xml") == 0;
}

/* The whole text first: a file is not overwritten by half of it. */
static rfx_status render(const struct rfx_dictionary *dictionary, bool as_xml, char **text,
                         size_t *size, struct rfx_error *error)
{
    rfx_status status =
        as_xml ? write_xml(dictionary, text, size, error) : rfx_dict_write(dictionary, text, size);
    if (status == RFX_E_NOMEM) {
        rfx_fail(error, status, "out of memory");
    }
    return status;
}

static rfx_status write_file(const char *path, const char *text, size_t size,
                             struct rfx_error *error)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    bool is_written = fwrite(text, 1, size, file) == size;
    if (fclose(file) != 0 || !is_written) {
        return rfx_fail(error, RFX_E_IO, "%s: could not be written completely: %s", path,
                        strerror(errno));
    }
    return RFX_OK;
}

static enum exit_code convert(const struct options *options)
{
    struct source source;
    struct rfx_error error = {0};
    const char *path = options->arguments[1];
    char *text = NULL;
    size_t size = 0;
    if (source_open(options->arguments[0], &source, &error) != RFX_OK) {
        return complain(&error, EXIT_UNREADABLE);
    }
    rfx_status status = render(source.dictionary, ends_in_xml(path), &text, &size, &error);
    if (status == RFX_OK && strcmp(path, "-") == 0) {
        fwrite(text, 1, size, stdout); /* main() looks whether it could be written */
    } else if (status == RFX_OK) {
        status = write_file(path, text, size, &error);
    }
    free(text);
    source_close(&source);
    return status == RFX_OK ? EXIT_DONE : complain(&error, EXIT_UNREADABLE);
}

/* ----------------------------------------------------------------------------------- compare */

static bool put_difference(void *context, const char *line)
{
    (void)context;
    put_text(line);
    putchar('\n');
    return ferror(stdout) == 0;
}

static enum exit_code compare(const struct options *options)
{
    struct source first;
    struct source second;
    struct rfx_error error = {0};
    if (source_open(options->arguments[0], &first, &error) != RFX_OK) {
        return complain(&error, EXIT_UNREADABLE);
    }
    enum exit_code code = EXIT_UNREADABLE;
    if (source_open(options->arguments[1], &second, &error) != RFX_OK) {
        complain(&error, code);
        goto close_first;
    }
    size_t count = 0;
    if (rfx_dict_differences(first.dictionary, second.dictionary, put_difference, NULL, &count) ==
        RFX_OK) {
        code = count == 0 ? EXIT_DONE : EXIT_FOUND;
    } else {
        rfx_fail(&error, RFX_E_NOMEM, "out of memory");
        complain(&error, code);
    }
    source_close(&second);
close_first:
    source_close(&first);
    return code;
}

/* -------------------------------------------------------------------------------------- show */

static enum exit_code show(const struct options *options)
{
    struct source source;
    struct rfx_error error = {0};
    enum exit_code code = EXIT_DONE;
    if (source_open(options->arguments[0], &source, &error) != RFX_OK) {
        return complain(&error, EXIT_UNREADABLE);
    }
    if (options->count == 1) {
        show_overview(source.dictionary);
    } else {
        rfx_status status = show_what(source.dictionary, options->arguments[1], options, &error);
        if (status != RFX_OK) {
            code = complain(&error, status == RFX_E_NOT_FOUND ? EXIT_FOUND : EXIT_UNREADABLE);
        }
    }
    source_close(&source);
    return code;
}

/* ----------------------------------------------------------------------------------- codegen */

static enum exit_code make_header(const struct options *options)
{
    struct source source;
    struct rfx_error error = {0};
    char *text = NULL;
    size_t size = 0;
    if (source_open(options->arguments[0], &source, &error) != RFX_OK) {
        return complain(&error, EXIT_UNREADABLE);
    }
    rfx_status status =
        codegen(source.dictionary, options->arguments[0], options->prefix, options->arguments + 1,
                (size_t)(options->count - 1), &text, &size, &error);
    enum exit_code code = status == RFX_E_INVALID     ? EXIT_USAGE
                          : status == RFX_E_NOT_FOUND ? EXIT_FOUND
                                                      : EXIT_UNREADABLE;
    if (status == RFX_OK && options->output == NULL) {
        fwrite(text, 1, size, stdout); /* main() looks whether it could be written */
    } else if (status == RFX_OK) {
        status = write_file(options->output, text, size, &error);
    }
    free(text);
    source_close(&source);
    return status == RFX_OK ? EXIT_DONE : complain(&error, code);
}

static enum exit_code run(const struct options *options)
{
    switch (options->command) {
    case COMMAND_HELP:
        fputs(options_help, stdout);
        return EXIT_DONE;
    case COMMAND_VERSION:
        puts("ringfix-dict " RFX_VERSION);
        return EXIT_DONE;
    case COMMAND_CHECK:
        return check(options);
    case COMMAND_CONVERT:
        return convert(options);
    case COMMAND_COMPARE:
        return compare(options);
    case COMMAND_SHOW:
        return show(options);
    case COMMAND_CODEGEN:
        return make_header(options);
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {0};
    if (options_parse(argc, argv, &options, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-dict: %s\nTry ringfix-dict --help.\n", error.text);
        return EXIT_USAGE;
    }
    enum exit_code code = run(&options);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        rfx_fail(&error, RFX_E_IO, "the output cannot be written");
        return (int)complain(&error, EXIT_UNREADABLE);
    }
    return (int)code;
}
