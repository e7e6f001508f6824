/* The page for a browser. */
#include "bench/loadgen/report.h"

#include <assert.h>
#include <string.h>

#include "bench/loadgen/page.h"

void report_write_page(const struct report *report, FILE *out)
{
    const char *mark = strstr(loadgen_page, PAGE_MARK);
    assert(mark != NULL);
    fwrite(loadgen_page, 1, (size_t)(mark - loadgen_page), out);
    report_write_json(report, out);
    fputs(mark + strlen(PAGE_MARK), out);
}
