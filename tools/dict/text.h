/* Text on the standard output. What comes from a file must not steer the terminal. */
#ifndef RINGFIX_DICT_TEXT_H
#define RINGFIX_DICT_TEXT_H

#include "core/base.h"

#define LINE_COLUMNS 80

/* Writes a text; bytes that are not printable ASCII become \xNN. Returns its columns. */
int put_text(const char *text);
int text_columns(const char *text); /* the same without writing */

/* The text, then spaces up to `columns`. */
void put_padded(const char *text, int columns);

/* Words one after the other, in lines of at most LINE_COLUMNS. */
struct wrap {
    const char *indent;
    int column; /* 0: nothing is written yet */
};

void wrap_word(struct wrap *wrap, const char *word);
void wrap_end(struct wrap *wrap);

#endif
