/* page.html as the build puts it into the program. */
#ifndef LOADGEN_PAGE_H
#define LOADGEN_PAGE_H

/* Holds PAGE_MARK once, where the JSON of a run is to stand. */
#define PAGE_MARK "@DATA@"

extern const char loadgen_page[];

#endif
