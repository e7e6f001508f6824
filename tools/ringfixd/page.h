/* page.html, inside the program. */
#ifndef RINGFIXD_PAGE_H
#define RINGFIXD_PAGE_H

#include <stddef.h>

extern const unsigned char page[];
extern const size_t page_size;

#endif
