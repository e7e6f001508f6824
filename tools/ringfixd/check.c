#include "check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringfix/config.h"

#define NAME_WIDTH  28
#define VALUE_WIDTH 14
#define FROM_WIDTH  9

/* What was told, to be printed once the whole file is known to be right. */
struct pages {
    FILE *out;
    char *text;
    size_t size;
    char session[512]; /* the one that is being printed */
    bool has_server;
};

static void print_head(struct pages *pages, const char *session)
{
    if (session == NULL && !pages->has_server) {
        fprintf(pages->out, "server\n");
        pages->has_server = true;
    } else if (session != NULL && strcmp(session, pages->session) != 0) {
        fprintf(pages->out, "\nsession %s\n", session);
        snprintf(pages->session, sizeof pages->session, "%s", session);
    }
}

/* A value that is too long for its column leaves the others a line of their own. */
static void tell(void *context, const struct rfx_config_setting *setting)
{
    struct pages *pages = context;
    char from[32] = "default";
    if (setting->value == NULL) {
        return;
    }
    print_head(pages, setting->session);
    if (setting->line != 0) {
        snprintf(from, sizeof from, "%s%zu", setting->is_inherited ? "[DEF] " : "line ",
                 setting->line);
    }
    const bool is_long = strlen(setting->value) > VALUE_WIDTH;
    fprintf(pages->out, "  %-*s %-*s ", NAME_WIDTH, setting->key, VALUE_WIDTH, setting->value);
    if (is_long) {
        fprintf(pages->out, "\n  %*s ", NAME_WIDTH + 1 + VALUE_WIDTH, "");
    }
    fprintf(pages->out, "%-*s %s\n", FROM_WIDTH, from, setting->meaning);
}

static void print_notes(const struct rfx_config *config)
{
    if (config->note_count == 0) {
        return;
    }
    printf("\nwithout effect here\n");
    for (size_t i = 0; i < config->note_count; i++) {
        const struct rfx_config_note *note = &config->notes[i];
        char lines[48];
        snprintf(lines, sizeof lines, note->count > 1 ? "%zu lines" : "line %zu",
                 note->count > 1 ? note->count : note->line);
        printf("  %-*s %-*s %s\n", NAME_WIDTH, note->key, VALUE_WIDTH, lines, note->text);
    }
}

bool check_config(const char *path)
{
    struct pages pages = {0};
    struct rfx_config config;
    struct rfx_error error;
    pages.out = open_memstream(&pages.text, &pages.size);
    if (pages.out == NULL) {
        fprintf(stderr, "ringfixd: out of memory\n");
        return false;
    }
    rfx_status status = rfx_config_explain(path, &config, tell, &pages, &error);
    if (status == RFX_OK) {
        fclose(pages.out);
        status = rfx_config_check(&config, &error);
        if (status == RFX_OK) {
            fputs(pages.text, stdout);
            print_notes(&config);
            printf("\n%s: %zu sessions, no errors\n", path, config.session_count);
        }
        rfx_config_free(&config);
    } else {
        fclose(pages.out);
    }
    free(pages.text);
    if (status != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
    }
    return status == RFX_OK;
}
