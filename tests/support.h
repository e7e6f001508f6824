/* Small things that every level of tests uses. */
#ifndef RFX_TESTS_SUPPORT_H
#define RFX_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A fresh directory below TMPDIR (/tmp); the caller removes it with remove_tree(). */
void make_temp_dir(char path[256]);
void remove_tree(const char *path);

#endif
