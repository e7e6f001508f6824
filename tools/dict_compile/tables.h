/* Constant tables of C from a dictionary. */
#ifndef RFX_TOOLS_DICT_COMPILE_TABLES_H
#define RFX_TOOLS_DICT_COMPILE_TABLES_H

#include <stdio.h>

#include "core/dictionary.h"

/* A source file that defines `const struct rfx_dictionary SYMBOL`. The caller asks ferror(). */
void tables_write(const struct rfx_dictionary *dictionary, const char *symbol, FILE *out);

#endif
