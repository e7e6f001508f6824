/* ringfix-bench-typed: the readers and writers that `ringfix-dict codegen` makes, beside the same
 * calls written by hand. Both in turn, on the same messages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ringfix/ringfix.h>

#include "typed_messages.h"

#define ROUNDS_MAX 2001
#define ITERATIONS 512
#define ENTRIES    10

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

struct work {
    struct rfx_builder *builder;
    const struct rfx_message *report;
    const struct rfx_message *snapshot;
    uint64_t sink;
};

/* As if it came just now. */
static void arrive(const void *data)
{
    __asm__ volatile("" : : "r"(data) : "memory");
}

/* ------------------------------------------------------------------------------------- by hand */

static bool write_by_hand(struct work *work)
{
    struct rfx_builder *builder = work->builder;
    rfx_builder_clear(builder);
    rfx_builder_put_text(builder, 37, "X-1");
    rfx_builder_put_text(builder, 11, "ORD-000000042");
    rfx_builder_begin_group(builder, 453, 2);
    for (int i = 0; i < 2; i++) {
        rfx_builder_next_entry(builder);
        rfx_builder_put_text(builder, 448, "BROKER7");
        rfx_builder_put_char(builder, 447, 'D');
        rfx_builder_put_int(builder, 452, 1 + i);
    }
    rfx_builder_end_group(builder);
    rfx_builder_put_text(builder, 17, "E-1");
    rfx_builder_put_char(builder, 150, 'F');
    rfx_builder_put_char(builder, 39, '1');
    rfx_builder_put_text(builder, 55, "MSFT");
    rfx_builder_put_char(builder, 54, '1');
    rfx_builder_put_decimal(builder, 38, (struct rfx_decimal){1000, 0});
    rfx_builder_put_decimal(builder, 44, (struct rfx_decimal){41055, 2});
    rfx_builder_put_decimal(builder, 151, (struct rfx_decimal){900, 0});
    rfx_builder_put_decimal(builder, 14, (struct rfx_decimal){100, 0});
    rfx_builder_put_decimal(builder, 6, (struct rfx_decimal){41055, 2});
    rfx_builder_put_utc(builder, 60, INT64_C(1778578200000000000), 3);
    return rfx_builder_problem(builder, NULL) == NULL;
}

static bool read_by_hand(struct work *work)
{
    const struct rfx_message *message = work->report;
    struct rfx_bytes id;
    struct rfx_decimal quantity;
    struct rfx_decimal price;
    struct rfx_group parties;
    struct rfx_entry party;
    int64_t utc_ns;
    int64_t role;
    char side;
    char status;
    arrive(message);
    if (!rfx_message_is(message, "8") || rfx_message_get(message, 11, &id) != RFX_OK ||
        rfx_message_get_char(message, 39, &status) != RFX_OK ||
        rfx_message_get_char(message, 54, &side) != RFX_OK ||
        rfx_message_get_decimal(message, 14, &quantity) != RFX_OK ||
        rfx_message_get_decimal(message, 6, &price) != RFX_OK ||
        rfx_message_get_utc(message, 60, &utc_ns) != RFX_OK ||
        rfx_message_group(message, 453, &parties) != RFX_OK) {
        return false;
    }
    while (rfx_group_next(&parties, &party)) {
        if (rfx_entry_get_int(&party, 452, &role) != RFX_OK) {
            return false;
        }
        work->sink += (uint64_t)(role);
    }
    work->sink +=
        (uint64_t)(utc_ns + price.mantissa + quantity.mantissa + side + status + (int64_t)id.size);
    return true;
}

static bool read_group_by_hand(struct work *work)
{
    struct rfx_group entries;
    struct rfx_entry entry;
    struct rfx_decimal price;
    struct rfx_decimal size;
    char type;
    arrive(work->snapshot);
    if (rfx_message_group(work->snapshot, 268, &entries) != RFX_OK) {
        return false;
    }
    while (rfx_group_next(&entries, &entry)) {
        if (rfx_entry_get_char(&entry, 269, &type) != RFX_OK ||
            rfx_entry_get_decimal(&entry, 270, &price) != RFX_OK ||
            rfx_entry_get_decimal(&entry, 271, &size) != RFX_OK) {
            return false;
        }
        work->sink += (uint64_t)(type + price.mantissa + size.mantissa);
    }
    return true;
}

/* ----------------------------------------------------------------------------------- generated */

static bool write_generated(struct work *work)
{
    const struct fix44_execution_report_writer to = {work->builder};
    rfx_builder_clear(work->builder);
    fix44_execution_report_put_order_id_text(to, "X-1");
    fix44_execution_report_put_cl_ord_id_text(to, "ORD-000000042");
    const struct fix44_party_ids_writer parties = fix44_execution_report_begin_party_ids(to, 2);
    for (int i = 0; i < 2; i++) {
        fix44_party_ids_next_entry(parties);
        fix44_party_ids_put_party_id_text(parties, "BROKER7");
        fix44_party_ids_put_party_id_source(parties, 'D');
        fix44_party_ids_put_party_role(parties, 1 + i);
    }
    fix44_execution_report_end_party_ids(to);
    fix44_execution_report_put_exec_id_text(to, "E-1");
    fix44_execution_report_put_exec_type(to, FIX44_EXEC_TYPE_TRADE);
    fix44_execution_report_put_ord_status(to, FIX44_ORD_STATUS_PARTIALLY_FILLED);
    fix44_execution_report_put_symbol_text(to, "MSFT");
    fix44_execution_report_put_side(to, FIX44_SIDE_BUY);
    fix44_execution_report_put_order_qty(to, (struct rfx_decimal){1000, 0});
    fix44_execution_report_put_price(to, (struct rfx_decimal){41055, 2});
    fix44_execution_report_put_leaves_qty(to, (struct rfx_decimal){900, 0});
    fix44_execution_report_put_cum_qty(to, (struct rfx_decimal){100, 0});
    fix44_execution_report_put_avg_px(to, (struct rfx_decimal){41055, 2});
    fix44_execution_report_put_transact_time(to, INT64_C(1778578200000000000), 3);
    return rfx_builder_problem(work->builder, NULL) == NULL;
}

static bool read_generated(struct work *work)
{
    struct fix44_execution_report report;
    struct rfx_bytes id;
    struct rfx_decimal quantity;
    struct rfx_decimal price;
    struct fix44_party_ids parties;
    struct fix44_party_ids_entry party;
    int64_t utc_ns;
    int64_t role;
    char side;
    char status;
    arrive(work->report);
    if (!fix44_as_execution_report(work->report, &report) ||
        fix44_execution_report_get_cl_ord_id(report, &id) != RFX_OK ||
        fix44_execution_report_get_ord_status(report, &status) != RFX_OK ||
        fix44_execution_report_get_side(report, &side) != RFX_OK ||
        fix44_execution_report_get_cum_qty(report, &quantity) != RFX_OK ||
        fix44_execution_report_get_avg_px(report, &price) != RFX_OK ||
        fix44_execution_report_get_transact_time(report, &utc_ns) != RFX_OK ||
        fix44_execution_report_get_party_ids(report, &parties) != RFX_OK) {
        return false;
    }
    while (fix44_party_ids_next(&parties, &party)) {
        if (fix44_party_ids_get_party_role(&party, &role) != RFX_OK) {
            return false;
        }
        work->sink += (uint64_t)(role);
    }
    work->sink +=
        (uint64_t)(utc_ns + price.mantissa + quantity.mantissa + side + status + (int64_t)id.size);
    return true;
}

static bool read_group_generated(struct work *work)
{
    struct fix44_market_data_snapshot_full_refresh snapshot;
    struct fix44_md_entries entries;
    struct fix44_md_entries_entry entry;
    struct rfx_decimal price;
    struct rfx_decimal size;
    char type;
    arrive(work->snapshot);
    if (!fix44_as_market_data_snapshot_full_refresh(work->snapshot, &snapshot) ||
        fix44_market_data_snapshot_full_refresh_get_md_entries(snapshot, &entries) != RFX_OK) {
        return false;
    }
    while (fix44_md_entries_next(&entries, &entry)) {
        if (fix44_md_entries_get_md_entry_type(&entry, &type) != RFX_OK ||
            fix44_md_entries_get_md_entry_px(&entry, &price) != RFX_OK ||
            fix44_md_entries_get_md_entry_size(&entry, &size) != RFX_OK) {
            return false;
        }
        work->sink += (uint64_t)(type + price.mantissa + size.mantissa);
    }
    return true;
}

/* ------------------------------------------------------------------------------------- measure */

typedef bool run(struct work *work);

static const struct {
    const char *name;
    run *by_hand;
    run *generated;
} pairs[] = {
    {"write an ExecutionReport", write_by_hand, write_generated},
    {"read an ExecutionReport", read_by_hand, read_generated},
    {"read 10 entries of a snapshot", read_group_by_hand, read_group_generated},
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* ns per message, the least of all rounds so far; false: it went wrong. */
static bool measure(run *function, struct work *work, double *least)
{
    const uint64_t begin_ns = now_ns();
    for (int i = 0; i < ITERATIONS; i++) {
        if (!function(work)) {
            return false;
        }
    }
    const double ns = (double)(now_ns() - begin_ns) / ITERATIONS;
    *least = *least == 0 || ns < *least ? ns : *least;
    return true;
}

/* A message that came, read by a codec of its own. */
static const struct rfx_message *make(struct rfx_codec *writer, struct rfx_codec *reader,
                                      struct work *work, const char *msg_type)
{
    const struct rfx_codec_header header = {.begin_string = "FIX.4.4",
                                            .msg_type = msg_type,
                                            .sender_comp_id = "RINGFIX",
                                            .target_comp_id = "BUYSIDE",
                                            .seq_num = 42,
                                            .utc_ns = INT64_C(1778578200000000000),
                                            .decimals = 3};
    const struct rfx_message *message = NULL;
    struct rfx_builder *builder;
    struct rfx_bytes bytes;
    size_t used;
    if (rfx_codec_begin(writer, &header, &builder) != RFX_OK) {
        return NULL;
    }
    if (strcmp(msg_type, "8") == 0) {
        (void)write_by_hand(work);
        rfx_builder_append(builder, work->builder);
    } else {
        rfx_builder_put_text(builder, 55, "MSFT");
        rfx_builder_begin_group(builder, 268, ENTRIES);
        for (int i = 0; i < ENTRIES; i++) {
            rfx_builder_next_entry(builder);
            rfx_builder_put_char(builder, 269, i % 2 == 0 ? '0' : '1');
            rfx_builder_put_decimal(builder, 270, (struct rfx_decimal){41000 + i, 2});
            rfx_builder_put_decimal(builder, 271, (struct rfx_decimal){100 * (1 + i), 0});
        }
        rfx_builder_end_group(builder);
    }
    if (rfx_codec_end(writer, builder, &bytes) != RFX_OK ||
        rfx_codec_decode(reader, bytes, &used, &message) != RFX_DECODED) {
        return NULL;
    }
    return message;
}

static bool measure_all(struct work *work, size_t rounds)
{
    printf("%-30s %10s %10s %6s\n", "ns per message", "by hand", "generated", "ratio");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        double by_hand = 0;
        double generated = 0;
        for (size_t round = 0; round < rounds; round++) {
            if (!measure(pairs[i].by_hand, work, &by_hand) ||
                !measure(pairs[i].generated, work, &generated)) {
                fprintf(stderr, "ringfix-bench-typed: %s went wrong\n", pairs[i].name);
                return false;
            }
        }
        printf("%-30s %10.1f %10.1f %6.2f\n", pairs[i].name, by_hand, generated,
               generated / by_hand);
    }
    printf("least of %zu rounds of %d messages each, both in turn\n", rounds, ITERATIONS);
    return true;
}

int main(int argc, char **argv)
{
    struct work work = {0};
    struct rfx_codec *codecs[4] = {NULL};
    bool is_good = rfx_builder_open(4096, &work.builder) == RFX_OK;
    char *end = NULL;
    errno = 0;
    const unsigned long rounds = argc > 1 ? strtoul(argv[1], &end, 10) : 301;
    if (argc > 2 || (argc > 1 && (*end != '\0' || errno != 0)) || rounds < 1 ||
        rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: ringfix-bench-typed [ROUNDS], 1 to %d\n", ROUNDS_MAX);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < 4 && is_good; i++) {
        is_good = rfx_codec_open(NULL, NULL, 8192, &codecs[i]) == RFX_OK;
    }
    if (is_good) {
        work.report = make(codecs[0], codecs[1], &work, "8");
        work.snapshot = make(codecs[2], codecs[3], &work, "W");
        is_good = work.report != NULL && work.snapshot != NULL && measure_all(&work, rounds);
    }
    for (size_t i = 0; i < 4; i++) {
        rfx_codec_close(codecs[i]);
    }
    rfx_builder_close(work.builder);
    return is_good ? 0 : EXIT_WRONG;
}
