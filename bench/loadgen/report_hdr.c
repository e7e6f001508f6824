/* HdrHistogram's percentile distribution. */
#include "bench/loadgen/report.h"

#include <inttypes.h>
#include <math.h>

#include "bench/loadgen/clock.h"

double report_percent_after(double percent)
{
    double halvings = floor(log2(100 / (100 - percent))) + 1;
    return percent + 100 / (5 * exp2(halvings));
}

void report_write_hdr(const struct histogram *histogram, FILE *out)
{
    uint64_t total = histogram_total(histogram);
    double percent = 0;
    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    for (;;) {
        uint64_t value = histogram_percentile(histogram, percent);
        uint64_t count = histogram_count_below(histogram, value + 1);
        if (total == 0 || count >= total) {
            break;
        }
        fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", (double)value / NS_PER_US,
                percent / 100, count, 1 / (1 - percent / 100));
        percent = report_percent_after(percent);
    }
    fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", (double)histogram_max(histogram) / NS_PER_US, 1.0,
            total);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
            histogram_mean(histogram) / NS_PER_US, histogram_stddev(histogram) / NS_PER_US);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
            (double)histogram_max(histogram) / NS_PER_US, total);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n",
            HISTOGRAM_RANGE_BITS - HISTOGRAM_HALF_BITS, 2 << HISTOGRAM_HALF_BITS);
}
