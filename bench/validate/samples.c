#include "bench/validate/samples.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES 24

/* Text is written with '|' for SOH. */
static void append(struct sample *sample, const char *format, ...) RFX_PRINTF(2, 3);

static void append(struct sample *sample, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof sample->data - sample->size;
    va_start(arguments, format);
    int size = vsnprintf(sample->data + sample->size, room, format, arguments);
    va_end(arguments);
    RFX_ASSERT(size >= 0 && (size_t)size < room);
    sample->size += (size_t)size;
}

static void append_order(struct sample *body)
{
    append(body, "35=D|49=BUYSIDE|56=RINGFIX|34=1000042|52=20260512-09:30:00.123|"
                 "11=ORD-000000042|1=ACC1|55=MSFT|54=1|38=100|40=2|44=101.25|59=0|"
                 "60=20260512-09:30:00.123|");
}

static void append_report(struct sample *body)
{
    append(body, "35=8|49=RINGFIX|56=BUYSIDE|34=2000042|52=20260512-09:30:00.125|"
                 "37=X-20260512-0000042|11=ORD-000000042|453=2|448=BROKER7|447=D|452=1|"
                 "448=TRADER12|447=D|452=36|17=E-20260512-0000077|150=F|39=1|1=ACC1|55=MSFT|"
                 "48=US5949181045|22=4|167=CS|54=1|38=100|40=2|44=101.25|15=USD|59=0|32=40|"
                 "31=101.25|30=XNAS|151=60|14=40|6=101.25|75=20260512|"
                 "60=20260512-09:30:00.125|58=Partially filled|");
}

static void append_snapshot(struct sample *body)
{
    append(body,
           "35=W|49=RINGFIX|56=BUYSIDE|34=3000042|52=20260512-09:30:00.125|"
           "262=MD-42|55=MSFT|48=US5949181045|22=4|268=%d|",
           ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
        append(body, "269=%d|270=%d.%02d|271=%d|272=20260512|273=09:30:00.125|346=%d|290=%d|",
               i % 2, 100 + i / 2, i, 100 * (i + 1), 1 + i % 5, 1 + i / 2);
    }
}

void sample_make(enum sample_kind kind, const char *begin_string, struct sample *sample)
{
    static const char *const names[SAMPLE_COUNT] = {"NewOrderSingle", "ExecutionReport",
                                                    "MarketDataSnapshotFullRefresh"};
    static void (*const bodies[SAMPLE_COUNT])(struct sample *) = {append_order, append_report,
                                                                  append_snapshot};
    struct sample body = {.size = 0};
    bodies[kind](&body);
    if (kind == SAMPLE_SNAPSHOT && strcmp(begin_string, "FIXT.1.1") == 0) {
        append(&body, "779=20260512-09:30:00.125|"); /* LastUpdateTime, which 5.0SP2 wants */
    }
    *sample = (struct sample){.name = names[kind]};
    append(sample, "8=%s|9=%zu|", begin_string, body.size);
    append(sample, "%.*s", (int)body.size, body.data);
    for (size_t i = 0; i < sample->size; i++) {
        if (sample->data[i] == '|') {
            sample->data[i] = RFX_SOH;
        }
    }
    append(sample, "10=%03u\x01", rfx_checksum(sample->data, sample->size));
}
