#include "tools/dict/text.h"

#include <stdio.h>
#include <string.h>

static bool is_printable(char c)
{
    return c >= 0x20 && c < 0x7f;
}

int text_columns(const char *text)
{
    int columns = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        columns += is_printable(text[i]) ? 1 : 4;
    }
    return columns;
}

int put_text(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (is_printable(text[i])) {
            putchar(text[i]);
        } else {
            printf("\\x%02x", (unsigned char)text[i]);
        }
    }
    return text_columns(text);
}

void put_padded(const char *text, int columns)
{
    int used = put_text(text);
    printf("%*s", used < columns ? columns - used : 0, "");
}

void wrap_word(struct wrap *wrap, const char *word)
{
    int columns = text_columns(word);
    if (wrap->column > 0) {
        putchar(',');
        wrap->column++;
        if (wrap->column + 1 + columns + 1 > LINE_COLUMNS) { /* a comma may follow */
            putchar('\n');
            wrap->column = 0;
        } else {
            putchar(' ');
            wrap->column++;
        }
    }
    if (wrap->column == 0) {
        wrap->column = printf("%s", wrap->indent);
    }
    put_text(word);
    wrap->column += columns;
}

void wrap_end(struct wrap *wrap)
{
    if (wrap->column > 0) {
        putchar('\n');
    }
}
