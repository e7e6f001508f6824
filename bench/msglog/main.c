/* ringfix-bench-msglog: what the message log costs the shard. One shard, a counterparty that sends
 * orders into its ring, an application that answers each; with the message log and without, in
 * turn, on the same bytes. What the thread costs that writes the files is told beside it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/journal_none.h"
#include "core/link.h"
#include "core/mask.h"
#include "core/message.h"
#include "core/message_log.h"
#include "core/profile.h"
#include "core/shard.h"
#include "ringfix/ringfix.h"

#define ROUNDS_MAX 2001
#define ORDERS     128 /* of a turn; what a shard takes at once is below 256 */
#define TURNS      8   /* of a round */
#define WARM_UP    5
#define CLIENT     "CLIENT"

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

struct bench {
    struct rfx_config config;
    struct rfx_session_config session;
    struct rfx_profile profile;
    struct rfx_app app;
    _Atomic uint64_t disconnects[RFX_REASON_COUNT];
    _Atomic uint32_t session_count;
    struct rfx_ring from_loop;
    struct rfx_ring to_loop;
    struct rfx_ring *from_pointer;
    struct rfx_ring *to_pointer;
    struct rfx_message_log log;
    struct rfx_shard *shard;
    uint64_t seq_num;
    uint64_t sent; /* messages that the shard has put into the ring */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * RFX_NS_PER_S + (uint64_t)now.tv_nsec;
}

static struct rfx_now clocks(void)
{
    struct timespec utc;
    clock_gettime(CLOCK_REALTIME, &utc);
    return (struct rfx_now){.mono_ns = now_ns(),
                            .utc_ns = (int64_t)utc.tv_sec * (int64_t)RFX_NS_PER_S + utc.tv_nsec};
}

/* --------------------------------------------------------------------------------- the shard */

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct rfx_builder *report;
    struct rfx_bytes id;
    (void)context;
    if (rfx_message_get(message, 11, &id) != RFX_OK ||
        rfx_session_begin(session, "8", &report) != RFX_OK) {
        return;
    }
    rfx_builder_put_text(report, 37, "X-1");
    rfx_builder_put(report, 11, id);
    rfx_builder_put_text(report, 17, "E-1");
    rfx_builder_put_char(report, 150, 'F');
    rfx_builder_put_char(report, 39, '2');
    rfx_builder_put_text(report, 55, "MSFT");
    rfx_builder_put_char(report, 54, '1');
    rfx_builder_put_decimal(report, 38, (struct rfx_decimal){1000, 0});
    rfx_builder_put_decimal(report, 32, (struct rfx_decimal){1000, 0});
    rfx_builder_put_decimal(report, 31, (struct rfx_decimal){41055, 2});
    rfx_builder_put_decimal(report, 151, (struct rfx_decimal){0, 0});
    rfx_builder_put_decimal(report, 14, (struct rfx_decimal){1000, 0});
    rfx_builder_put_decimal(report, 6, (struct rfx_decimal){41055, 2});
    (void)!rfx_session_commit(session, report, NULL);
}

static void ignore_loop(void *context, uint32_t loop)
{
    (void)context;
    (void)loop;
}

static void ignore_wake(void *context)
{
    (void)context;
}

static bool open_shard(struct bench *bench, bool is_logged)
{
    struct rfx_error error;
    bench->config = rfx_config_default;
    bench->config.sessions = &bench->session;
    bench->config.session_count = 1;
    bench->config.sessions_max = 4;
    bench->config.connections_max = 4;
    bench->session = rfx_session_config_default;
    strcpy(bench->session.begin_string, "FIX.4.4");
    strcpy(bench->session.sender_comp_id, "SERVER");
    strcpy(bench->session.target_comp_id, CLIENT);
    bench->session.use_data_dictionary = false;
    bench->app = (struct rfx_app){.context = bench, .on_message = on_message};
    rfx_profile_init(&bench->profile, &bench->session, NULL);
    if (rfx_ring_open(&bench->from_loop, 8u << 20) != RFX_OK ||
        rfx_ring_open(&bench->to_loop, 8u << 20) != RFX_OK ||
        rfx_message_log_open(&bench->log, 8u << 20, bench->config.message_size_max) != RFX_OK) {
        return false;
    }
    bench->from_pointer = &bench->from_loop;
    bench->to_pointer = &bench->to_loop;
    const struct rfx_shard_options options = {
        .config = &bench->config,
        .app = &bench->app,
        .profiles = &bench->profile,
        .disconnects = bench->disconnects,
        .journal = rfx_journal_none(),
        .message_log = is_logged ? &bench->log : NULL,
        .utc_ns = clocks().utc_ns,
        .loop_count = 1,
        .from_loops = &bench->from_pointer,
        .to_loops = &bench->to_pointer,
        .session_count = &bench->session_count,
        .notify = ignore_loop,
        .wake = ignore_wake,
    };
    struct rfx_session *session;
    return rfx_shard_open(&options, &bench->shard, &error) == RFX_OK &&
           rfx_shard_add_session(bench->shard, &bench->profile, CLIENT, &session, &error) == RFX_OK;
}

static void close_shard(struct bench *bench)
{
    rfx_shard_close(bench->shard);
    rfx_message_log_close(&bench->log);
    rfx_ring_close(&bench->to_loop);
    rfx_ring_close(&bench->from_loop);
}

/* --------------------------------------------------------------------------- its counterparty */

/* A message with the next number and the time, as an I/O loop hands it over. */
static bool say(struct bench *bench, const char *msg_type, const char *body)
{
    char head[200];
    char data[512];
    char time[40];
    const time_t seconds = (time_t)(clocks().utc_ns / (int64_t)RFX_NS_PER_S);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(time, sizeof time, "%Y%m%d-%H:%M:%S.000", &utc);
    const int head_size = snprintf(head, sizeof head,
                                   "35=%s\x01"
                                   "34=%09llu\x01"
                                   "49=" CLIENT "\x01"
                                   "56=SERVER\x01"
                                   "52=%s\x01",
                                   msg_type, (unsigned long long)++bench->seq_num, time);
    int size = snprintf(data, sizeof data,
                        "8=FIX.4.4\x01"
                        "9=%zu\x01%s%s",
                        (size_t)head_size + strlen(body), head, body);
    unsigned sum = 0;
    for (int i = 0; i < size; i++) {
        sum += (unsigned char)data[i];
    }
    size += snprintf(data + size, sizeof data - (size_t)size, "10=%03u\x01", sum % 256);
    const size_t index_size = RFX_FIELDS_MAX((size_t)size) * sizeof(struct rfx_field);
    const uint32_t room = (uint32_t)(sizeof(struct rfx_link_message) + index_size + (size_t)size);
    struct rfx_link_message *record = rfx_ring_reserve(&bench->from_loop, room);
    if (record == NULL) {
        return false;
    }
    char *behind = (char *)(record + 1) + index_size;
    memcpy(behind, data, (size_t)size);
    memset(record, 0, sizeof *record);
    record->conn = (struct rfx_conn_id){.loop = 0, .index = 1, .generation = 1};
    rfx_message_index(behind, (size_t)size, (struct rfx_field *)(void *)(record + 1),
                      &record->message);
    rfx_ring_push(&bench->from_loop, RFX_LINK_MESSAGE, room);
    return true;
}

static void drain(struct bench *bench)
{
    uint32_t type;
    uint32_t size;
    while (rfx_ring_peek(&bench->to_loop, &type, &size) != NULL) {
        bench->sent += type == RFX_LINK_SEND;
        rfx_ring_pop(&bench->to_loop);
    }
    rfx_ring_release(&bench->to_loop);
}

static bool log_on(struct bench *bench)
{
    rfx_status status;
    struct rfx_error error;
    if (!say(bench, "A",
             "98=0\x01"
             "108=30\x01")) {
        return false;
    }
    rfx_ring_publish(&bench->from_loop);
    rfx_shard_work(bench->shard, clocks(), &status, &error);
    drain(bench);
    return bench->sent == 1;
}

/* What stands in the log is taken as its writer takes it; the masking is measured by itself. */
static size_t drain_log(struct bench *bench, char *out, uint64_t *mask_ns)
{
    uint32_t type;
    uint32_t size;
    const struct rfx_logged *logged;
    size_t count = 0;
    const uint64_t begin_ns = now_ns();
    while ((logged = rfx_ring_peek(&bench->log.ring, &type, &size)) != NULL) {
        rfx_mask_message((const char *)(logged + 1) + logged->name_size, logged->size, out);
        rfx_ring_pop(&bench->log.ring);
        count++;
    }
    *mask_ns += now_ns() - begin_ns;
    rfx_ring_release(&bench->log.ring);
    return count;
}

/* Turns of ORDERS orders; only the shard's work counts. False: not every order was answered. */
static bool run(struct bench *bench, uint64_t *work_ns)
{
    *work_ns = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        rfx_status status;
        struct rfx_error error;
        for (int i = 0; i < ORDERS; i++) {
            if (!say(bench, "D",
                     "11=ORD-000000042\x01"
                     "1=ACCOUNT-17\x01"
                     "21=1\x01"
                     "55=MSFT\x01"
                     "54=1\x01"
                     "60=20260512-09:30:00.000\x01"
                     "38=1000\x01"
                     "40=2\x01"
                     "44=410.55\x01"
                     "59=0\x01")) {
                return false;
            }
        }
        rfx_ring_publish(&bench->from_loop);
        const uint64_t before = bench->sent;
        const struct rfx_now now = clocks();
        const uint64_t begin_ns = now_ns();
        rfx_shard_work(bench->shard, now, &status, &error);
        *work_ns += now_ns() - begin_ns;
        drain(bench);
        if (status != RFX_OK || bench->sent - before != ORDERS) {
            return false;
        }
    }
    return true;
}

/* -------------------------------------------------------------------------------------- results */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static bool measure(struct bench benches[2], size_t rounds)
{
    static double ns[3][ROUNDS_MAX]; /* without, with, masking */
    static char out[1 << 18];
    for (size_t round = 0; round < rounds + WARM_UP; round++) {
        const size_t place = round < WARM_UP ? 0 : round - WARM_UP;
        for (size_t i = 0; i < 2; i++) {
            uint64_t work_ns;
            uint64_t mask_ns = 0;
            if (!run(&benches[i], &work_ns)) {
                fputs("ringfix-bench-msglog: an order was not answered\n", stderr);
                return false;
            }
            ns[i][place] = (double)work_ns / (2.0 * ORDERS * TURNS);
            const size_t logged = drain_log(&benches[i], out, &mask_ns);
            if (benches[i].log.lost > 0 || (i == 1 && logged < 2u * ORDERS * TURNS)) {
                fputs("ringfix-bench-msglog: a message is not in the log\n", stderr);
                return false;
            }
            ns[2][place] = logged > 0 ? (double)mask_ns / (double)logged : 0;
        }
    }
    for (size_t i = 0; i < 3; i++) {
        qsort(ns[i], rounds, sizeof ns[i][0], compare);
    }
    printf("%-8s %9s %9s %9s %7s %9s\n", "", "without", "with", "log", "ratio", "masking");
    for (size_t i = 0; i < 2; i++) {
        const size_t at = i == 0 ? 0 : rounds / 2;
        printf("%-8s %9.1f %9.1f %9.1f %7.2f %9.1f\n", i == 0 ? "least" : "median", ns[0][at],
               ns[1][at], ns[1][at] - ns[0][at], ns[1][at] / ns[0][at], ns[2][at]);
    }
    printf(
        "ns per message of the shard's turn (an order in or its answer out), %zu rounds of %d\n"
        "messages each, without the message log and with it in turn; masking: of the thread that\n"
        "writes the files\n",
        rounds, 2 * ORDERS * TURNS);
    return true;
}

int main(int argc, char **argv)
{
    static struct bench benches[2];
    size_t rounds = 301;
    if (argc > 1) {
        char *end;
        errno = 0;
        rounds = strtoul(argv[1], &end, 10);
        if (argc > 2 || argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' || errno != 0 ||
            rounds < 1 || rounds > ROUNDS_MAX) {
            fprintf(stderr, "usage: ringfix-bench-msglog [ROUNDS, 1 to %d]\n", ROUNDS_MAX);
            return EXIT_USAGE;
        }
    }
    bool is_done = true;
    for (size_t i = 0; i < 2 && is_done; i++) {
        is_done = open_shard(&benches[i], i == 1) && log_on(&benches[i]);
    }
    is_done = is_done && measure(benches, rounds);
    for (size_t i = 0; i < 2; i++) {
        close_shard(&benches[i]);
    }
    return is_done ? 0 : EXIT_WRONG;
}
