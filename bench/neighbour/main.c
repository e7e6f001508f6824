/* ringfix-bench-neighbour: what a session that trades one order at a time notices of the journal,
 * and of what goes on beside it in its shard: of the resend of many messages to another session,
 * and of the deletion of many old ones. One shard, one I/O loop, everything in this process. */
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/loadgen/histogram.h"
#include "bench/neighbour/wire.h"
#include "ringfix/journal.h"
#include "ringfix/server.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define RETENTION_SESSIONS 20
#define ROUNDS_MAX         15

static const char usage[] =
    "usage: ringfix-bench-neighbour [MESSAGES [DIRECTORY]]\n"
    "\n"
    "First, round trips with and without a journal, in turn, both sides spinning. Then MESSAGES\n"
    "(1000000) are in the journal: once for a session that asks for all of them again, once for\n"
    "sessions of which only ten are to be kept. Beside either, another session trades one order "
    "at\n"
    "a time; its round trips are shown without and with that.\n";

/* ------------------------------------------------------------------------------ the server */

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct rfx_builder *builder = NULL;
    struct rfx_bytes id = {0};
    (void)context;
    if (!rfx_message_is(message, "D") || rfx_message_get(message, 11, &id) != RFX_OK ||
        rfx_session_begin(session, "8", &builder) != RFX_OK) {
        return;
    }
    rfx_builder_put_text(builder, 37, "order");
    rfx_builder_put(builder, 11, id);
    rfx_builder_put_char(builder, 39, '2');
    if (rfx_session_commit(session, builder, NULL) != RFX_OK) {
        abort(); /* a bench of something that fails has no meaning */
    }
}

static struct rfx_server *open_server(const char *path, uint32_t keep,
                                      enum rfx_idle_strategy idle_strategy)
{
    static struct rfx_session_config session;
    struct rfx_config config = rfx_config_default;
    const struct rfx_app app = {.on_message = on_message};
    struct rfx_server *server = NULL;
    struct rfx_error error;
    session = rfx_session_config_default;
    snprintf(session.begin_string, sizeof session.begin_string, "FIX.4.4");
    snprintf(session.sender_comp_id, sizeof session.sender_comp_id, "RINGFIX");
    snprintf(session.target_comp_id, sizeof session.target_comp_id, "*");
    session.acceptor_template = true;
    session.use_data_dictionary = false;
    session.journal_keep_messages = keep;
    snprintf(config.accept_host, sizeof config.accept_host, "127.0.0.1");
    snprintf(config.journal_path, sizeof config.journal_path, "%s", path);
    config.idle_strategy = idle_strategy;
    config.io_threads = 1;
    config.shards = 1;
    config.sessions = &session;
    config.session_count = 1;
    if (rfx_server_open(&config, &app, &server, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-bench-neighbour: %s\n", error.text);
        exit(EXIT_FAILED);
    }
    return server;
}

/* ----------------------------------------------------------------------------- the journal */

static struct rfx_bytes make_message(const char *comp_id, uint64_t seq_num, char text[512])
{
    char body[400];
    const int size =
        snprintf(body, sizeof body,
                 "35=8|34=%llu|49=RINGFIX|52=20260101-00:00:00.000|56=%s|37=order-%llu|"
                 "11=client-order|17=execution|150=F|39=2|55=BENCH|54=1|38=1000|"
                 "44=1234.56|14=1000|6=1234.56|151=0|60=20260101-00:00:00.000|",
                 (unsigned long long)seq_num, comp_id, (unsigned long long)seq_num);
    int used = snprintf(text, 512, "8=FIX.4.4|9=%d|%s", size, body);
    for (int i = 0; i < used; i++) {
        text[i] = text[i] == '|' ? RFX_SOH : text[i];
    }
    used +=
        snprintf(text + used, 512 - (size_t)used, "10=%03u\x01", rfx_checksum(text, (size_t)used));
    return rfx_bytes_of(text, (size_t)used);
}

static void fill(struct rfx_journal *journal, const char *comp_id, uint64_t messages)
{
    struct rfx_journal_session session;
    struct rfx_error error;
    char name[64];
    snprintf(name, sizeof name, "FIX.4.4:RINGFIX->%s", comp_id);
    rfx_status status = rfx_journal_find_or_create(journal, name, &session, &error);
    for (uint64_t i = 1; i <= messages && status == RFX_OK; i++) {
        char text[512];
        status = rfx_journal_persist(journal, name, RFX_DIRECTION_OUT, i, (int64_t)i,
                                     make_message(comp_id, i, text), &error);
    }
    if (status != RFX_OK) {
        fprintf(stderr, "ringfix-bench-neighbour: %s\n", error.text);
        exit(EXIT_FAILED);
    }
}

static void make_journal(const char *path, unsigned sessions, uint64_t messages)
{
    struct rfx_journal *journal = NULL;
    struct rfx_error error;
    if (rfx_journal_open(path, RFX_JOURNAL_WRITE, &journal, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-bench-neighbour: %s\n", error.text);
        exit(EXIT_FAILED);
    }
    for (unsigned i = 0; i < sessions; i++) {
        char comp_id[16];
        snprintf(comp_id, sizeof comp_id, "OLD%u", i);
        fill(journal, comp_id, messages / sessions);
    }
    if (rfx_journal_close(journal, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-bench-neighbour: %s\n", error.text);
        exit(EXIT_FAILED);
    }
}

/* ----------------------------------------------------------------------------- the traders */

struct trader {
    struct wire wire;
    struct histogram *_Atomic into; /* NULL: ends */
    pthread_t thread;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * RFX_NS_PER_S + (uint64_t)now.tv_nsec;
}

static void *trade(void *argument)
{
    struct trader *trader = argument;
    for (struct histogram *into = trader->into; into != NULL; into = trader->into) {
        const uint64_t begin_ns = now_ns();
        if (!wire_send(&trader->wire, "D",
                       "11=order|21=1|55=BENCH|54=1|60=20260101-00:00:00|38=100|40=2|44=1.5|") ||
            !wire_receive(&trader->wire)) {
            fprintf(stderr, "ringfix-bench-neighbour: the trader has lost its connection\n");
            exit(EXIT_FAILED);
        }
        histogram_record(into, now_ns() - begin_ns);
    }
    return NULL;
}

static bool log_on(struct wire *wire, uint16_t port, const char *comp_id)
{
    return wire_open(wire, port, comp_id) && wire_send(wire, "A", "98=0|108=30|") &&
           wire_receive(wire) && rfx_message_is(&wire->message, "A");
}

static void show(const char *what, const struct histogram *histogram)
{
    printf("  %-22s %9llu round trips, us: p50 %7.1f  p99 %7.1f  p99.9 %8.1f  max %9.1f\n", what,
           (unsigned long long)histogram_total(histogram),
           (double)histogram_percentile(histogram, 50) / 1000,
           (double)histogram_percentile(histogram, 99) / 1000,
           (double)histogram_percentile(histogram, 99.9) / 1000,
           (double)histogram_max(histogram) / 1000);
}

static unsigned rest_s = 3; /* of trading alone */
static unsigned round_count = ROUNDS_MAX;

static void rest(void)
{
    const struct timespec time = {.tv_sec = rest_s};
    nanosleep(&time, NULL);
}

static unsigned long resident_kb(void)
{
    char line[128];
    unsigned long size = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "RssAnon: %lu", &size);
    }
    if (file != NULL) {
        fclose(file);
    }
    return size;
}

/* Takes in everything that was asked for, in order and without a hole. */
static bool take_resend(struct wire *wire, uint64_t messages)
{
    uint64_t next = 1;
    while (next <= messages) {
        if (!wire_receive(wire)) {
            return false;
        }
        if (wire_number(wire, 34) != next) {
            fprintf(stderr, "ringfix-bench-neighbour: MsgSeqNum %llu came, %llu was due\n",
                    (unsigned long long)wire_number(wire, 34), (unsigned long long)next);
            return false;
        }
        next = rfx_message_is(&wire->message, "4") ? wire_number(wire, 36) : next + 1;
    }
    return true;
}

static void *burn(void *argument)
{
    const _Atomic bool *goes_on = argument;
    while (atomic_load_explicit(goes_on, memory_order_relaxed)) {
    }
    return NULL;
}

/* The client of the resend is at work all the time, on the same cores: so is this. */
static void rest_with_a_busy_thread(void)
{
    _Atomic bool goes_on = true;
    pthread_t thread;
    pthread_create(&thread, NULL, burn, &goes_on);
    rest();
    goes_on = false;
    pthread_join(thread, NULL);
}

/* One server's life; path "" is none. */
static bool run_alone(const char *path, struct histogram *into)
{
    struct trader trader = {.into = into};
    struct rfx_server *server = open_server(path, 0, RFX_IDLE_SPIN);
    bool is_good = log_on(&trader.wire, rfx_server_port(server), "TRADER");
    if (is_good) {
        const struct timespec second = {.tv_sec = 1};
        trader.wire.spins = true;
        pthread_create(&trader.thread, NULL, trade, &trader);
        nanosleep(&second, NULL);
        trader.into = NULL;
        pthread_join(trader.thread, NULL);
        wire_close(&trader.wire);
    }
    rfx_server_close(&server);
    return is_good;
}

static int compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Of all rounds, the least and the middle one of a percentile. */
static void show_rounds(const char *what, const struct histogram *rounds, double percent)
{
    uint64_t values[ROUNDS_MAX];
    for (unsigned i = 0; i < round_count; i++) {
        values[i] = histogram_percentile(&rounds[i], percent);
    }
    qsort(values, round_count, sizeof values[0], compare);
    printf("  %-22s p%-4g of %u rounds, us: least %7.2f  median %7.2f\n", what, percent,
           round_count, (double)values[0] / 1000, (double)values[round_count / 2] / 1000);
}

static bool run_round_trips(const char *path, uint64_t messages)
{
    static struct histogram rounds[2][ROUNDS_MAX];
    (void)messages;
    for (unsigned i = 0; i < round_count; i++) {
        char journal[1024];
        snprintf(journal, sizeof journal, "%s/%u", path, i);
        if (!run_alone("", &rounds[0][i]) || !run_alone(journal, &rounds[1][i])) {
            return false;
        }
    }
    printf("round trips, both sides spinning\n");
    show_rounds("no journal", rounds[0], 50);
    show_rounds("journal, process", rounds[1], 50);
    show_rounds("no journal", rounds[0], 99);
    show_rounds("journal, process", rounds[1], 99);
    return true;
}

static bool run_resend(const char *path, uint64_t messages)
{
    static struct histogram alone;
    static struct histogram busy;
    static struct histogram beside;
    struct trader trader = {.into = &alone};
    struct wire old;
    make_journal(path, 1, messages);
    struct rfx_server *server = open_server(path, 0, RFX_IDLE_ADAPTIVE);
    bool is_good = log_on(&trader.wire, rfx_server_port(server), "TRADER") &&
                   log_on(&old, rfx_server_port(server), "OLD0");
    if (is_good) {
        pthread_create(&trader.thread, NULL, trade, &trader);
        rest();
        trader.into = &busy;
        rest_with_a_busy_thread();
        const unsigned long before_kb = resident_kb();
        const uint64_t begin_ns = now_ns();
        trader.into = &beside;
        is_good = wire_send(&old, "2", "7=1|16=0|") && take_resend(&old, messages);
        const double took_s = (double)(now_ns() - begin_ns) / 1e9;
        const unsigned long after_kb = resident_kb();
        trader.into = NULL;
        pthread_join(trader.thread, NULL);
        printf("resend of %llu messages: %.2f s, %.0f messages/s, memory %lu -> %lu kB\n",
               (unsigned long long)messages, took_s, (double)messages / took_s, before_kb,
               after_kb);
        show("without", &alone);
        show("with a busy thread", &busy);
        show("with the resend", &beside);
        wire_close(&old);
        wire_close(&trader.wire);
    }
    rfx_server_close(&server);
    return is_good;
}

/* The journal begins to delete as soon as the sessions are there. */
static bool run_retention(const char *path, uint64_t messages)
{
    static struct histogram alone;
    static struct histogram beside;
    struct trader trader = {.into = &alone};
    struct wire old[RETENTION_SESSIONS] = {{0}};
    make_journal(path, RETENTION_SESSIONS, messages);
    struct rfx_server *server = open_server(path, 10, RFX_IDLE_ADAPTIVE);
    bool is_good = log_on(&trader.wire, rfx_server_port(server), "TRADER");
    if (is_good) {
        pthread_create(&trader.thread, NULL, trade, &trader);
        rest();
        trader.into = &beside;
        for (unsigned i = 0; i < RETENTION_SESSIONS && is_good; i++) {
            char comp_id[16];
            snprintf(comp_id, sizeof comp_id, "OLD%u", i);
            is_good = log_on(&old[i], rfx_server_port(server), comp_id);
        }
        for (unsigned i = 0; i < (rest_s > 1 ? 11 : 1); i++) {
            rest(); /* sessions are looked at every 30 seconds */
        }
        trader.into = NULL;
        pthread_join(trader.thread, NULL);
        wire_close(&trader.wire);
        for (unsigned i = 0; i < RETENTION_SESSIONS; i++) {
            wire_close(&old[i]);
        }
    }
    rfx_server_close(&server);
    struct rfx_journal *journal = NULL;
    struct rfx_journal_session session = {.first = {0}};
    struct rfx_error error = {""};
    is_good = is_good && rfx_journal_open(path, RFX_JOURNAL_READ, &journal, &error) == RFX_OK &&
              rfx_journal_find(journal, "FIX.4.4:RINGFIX->OLD0", &session, &error) == RFX_OK;
    (void)rfx_journal_close(journal, &error);
    printf("deletion of %llu messages (of OLD0 those from %llu on are left)\n",
           (unsigned long long)messages, (unsigned long long)session.first[RFX_DIRECTION_OUT]);
    show("without", &alone);
    show("with", &beside);
    return is_good;
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *where)
{
    (void)file;
    (void)type;
    (void)where;
    return remove(path);
}

static bool run_in(const char *directory, bool (*run)(const char *path, uint64_t messages),
                   uint64_t messages)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/ringfix-bench-XXXXXX", directory);
    if (mkdtemp(path) == NULL) {
        perror(path);
        return false;
    }
    const bool is_good = run(path, messages);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return is_good;
}

int main(int argc, char **argv)
{
    const char *directory = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    char *end = NULL;
    const uint64_t messages = argc > 1 ? strtoull(argv[1], &end, 10) : 1000000;
    if (argc > 3 || messages < 100 || (end != NULL && *end != '\0')) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    directory = argc > 2 ? argv[2] : directory;
    if (messages < 100000) { /* a test that it still works */
        rest_s = 1;
        round_count = 1;
    }
    return run_in(directory, run_round_trips, messages) &&
                   run_in(directory, run_resend, messages) &&
                   run_in(directory, run_retention, messages)
               ? 0
               : EXIT_FAILED;
}
