/* A histogram cut into rows, fine where they fit and coarse where they would be too many. */
#include "bench/loadgen/report.h"

/* Limits within a decade, times ten. */
static const unsigned fine[] = {10, 15, 20, 30, 50, 70};
static const unsigned middle[] = {10, 20, 50};
static const unsigned coarse[] = {10};

struct steps {
    const unsigned *factors;
    size_t count;
};

static const struct steps all_steps[] = {
    {fine, sizeof fine / sizeof fine[0]},
    {middle, sizeof middle / sizeof middle[0]},
    {coarse, sizeof coarse / sizeof coarse[0]},
};

/* The limit at a position: 1, 1.5, 2, 3, 5, 7, 10, 15, ... times 10 ns. */
static uint64_t limit_at(const struct steps *steps, size_t position)
{
    uint64_t limit = steps->factors[position % steps->count];
    for (size_t i = 0; i < position / steps->count; i++) {
        limit *= 10;
    }
    return position == 0 ? 0 : limit; /* the first row takes everything that is smaller */
}

static size_t position_of(const struct steps *steps, uint64_t value)
{
    size_t position = 0;
    while (limit_at(steps, position + 1) <= value) {
        position++;
    }
    return position;
}

static size_t fill(const struct steps *steps, const struct histogram *histogram, uint64_t min,
                   uint64_t max, struct report_row *rows)
{
    size_t count = 0;
    size_t last = position_of(steps, max);
    for (size_t position = position_of(steps, min); position <= last; position++) {
        if (count == REPORT_ROWS_MAX) {
            return 0;
        }
        struct report_row *row = &rows[count++];
        row->from = limit_at(steps, position);
        row->to = limit_at(steps, position + 1);
        row->count =
            histogram_count_below(histogram, row->to) - histogram_count_below(histogram, row->from);
    }
    return count;
}

size_t report_rows(const struct histogram *histogram, struct report_row rows[REPORT_ROWS_MAX])
{
    uint64_t total = histogram_total(histogram);
    /* As the buckets hold them: a bucket belongs to the row in which it begins. */
    uint64_t min = histogram_floor(histogram_min(histogram));
    uint64_t max = histogram_floor(histogram_max(histogram));
    size_t count = 0;
    for (size_t i = 0; total > 0 && count == 0; i++) {
        count = fill(&all_steps[i], histogram, min, max, rows);
    }
    return count;
}
