/* ringfix-bench-drive: one thread that keeps requests in flight on many connections and measures
 * how long the answers take, with next to no work of its own. It drives the echo servers of
 * bench/floor and any FIX.4.4 acceptor that answers orders, in the same way. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/drive/order.h"
#include "bench/loadgen/clock.h"
#include "bench/loadgen/histogram.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define BUFFER_SIZE   65536
#define IN_FLIGHT_MAX 64 /* their answers fit into the buffer */
#define EVENTS        256
#define SILENCE_NS    (5 * NS_PER_S) /* after which the other side is taken for dead */

static const char usage[] =
    "usage: ringfix-bench-drive --port P [--echo] [--connections N] [--in-flight K]\n"
    "           [--seconds S] [--spin]\n"
    "\n"
    "Keeps K (1, at most 64) requests in flight on each of N (1) connections to 127.0.0.1 for S\n"
    "(2) seconds after half a second of warm-up, and prints the rate and the round trip times\n"
    "as a line of JSON. The requests are NewOrderSingle(D) of FIX.4.4 sessions LG1, LG2, ... of\n"
    "TargetCompID RINGFIX that begin with MsgSeqNum 1; with --echo bytes for\n"
    "ringfix-bench-floor. --spin polls instead of sleeping.\n"
    "\n"
    "exit status: 0 every request was answered; 1 it was not; 2 wrong usage\n";

struct conn {
    int fd;
    uint64_t number;   /* of the next request */
    uint64_t answered; /* of this many */
    struct order order;
    uint64_t sent_ns[IN_FLIGHT_MAX]; /* by number */
    char *buffer;
    size_t used;
};

struct drive {
    unsigned port;
    unsigned connections;
    unsigned in_flight;
    double seconds;
    bool spins;
    enum order_kind kind;
    struct conn *conns;
    int epoll_fd;
    bool is_measuring;
    bool is_over; /* nothing more is sent */
    uint64_t measured;
    uint64_t outstanding;
    struct histogram latency;
    char out[IN_FLIGHT_MAX * ORDER_SIZE_MAX];
};

static bool fail(const char *what)
{
    fprintf(stderr, "ringfix-bench-drive: %s: %s\n", what, strerror(errno));
    return false;
}

/* The socket blocks while it sends: what is in flight is little, and the other side reads. */
static bool send_orders(struct drive *drive, struct conn *conn, uint64_t count, uint64_t now_ns)
{
    char *end = drive->out;
    for (uint64_t i = 0; i < count; i++) {
        conn->sent_ns[conn->number % IN_FLIGHT_MAX] = now_ns;
        end = order_write(&conn->order, conn->number++, end);
    }
    const size_t size = (size_t)(end - drive->out);
    drive->outstanding += count;
    return send(conn->fd, drive->out, size, MSG_NOSIGNAL) == (ssize_t)size || fail("send");
}

/* ------------------------------------------------------------------------------- set-up */

static bool open_conn(struct drive *drive, unsigned index)
{
    struct conn *conn = &drive->conns[index];
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)drive->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    char logon[ORDER_SIZE_MAX];
    order_init(&conn->order, drive->kind, index + 1);
    conn->number = 2;
    conn->answered = 2;
    conn->buffer = malloc(BUFFER_SIZE);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->buffer == NULL || conn->fd < 0 ||
        connect(conn->fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        epoll_ctl(drive->epoll_fd, EPOLL_CTL_ADD, conn->fd, &event) != 0) {
        return fail("cannot connect");
    }
    if (drive->kind == ORDER_FIX) {
        const size_t size = order_logon(index + 1, logon);
        return send(conn->fd, logon, size, MSG_NOSIGNAL) == (ssize_t)size || fail("send");
    }
    return true;
}

/* Reads the answer to the Logon. */
static bool log_on(struct drive *drive, struct conn *conn)
{
    bool is_order = false;
    size_t size = 0;
    while (drive->kind == ORDER_FIX && size == 0) {
        const ssize_t got = recv(conn->fd, conn->buffer + conn->used, BUFFER_SIZE - conn->used, 0);
        if (got <= 0) {
            return fail("a Logon was refused");
        }
        conn->used += (size_t)got;
        size = order_reply(&conn->order, conn->buffer, conn->used, &is_order);
    }
    if (conn->used != size) {
        errno = EPROTO;
        return fail("more than a Logon came back");
    }
    conn->used = 0;
    return true;
}

static bool open_all(struct drive *drive)
{
    drive->conns = calloc(drive->connections, sizeof *drive->conns);
    drive->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (drive->conns == NULL || drive->epoll_fd < 0) {
        return fail("cannot start");
    }
    for (unsigned i = 0; i < drive->connections; i++) {
        if (!open_conn(drive, i)) {
            return false;
        }
    }
    for (unsigned i = 0; i < drive->connections; i++) {
        if (!log_on(drive, &drive->conns[i])) {
            return false;
        }
    }
    return true;
}

/* --------------------------------------------------------------------------------- load */

static bool on_readable(struct drive *drive, struct conn *conn)
{
    const ssize_t got =
        recv(conn->fd, conn->buffer + conn->used, BUFFER_SIZE - conn->used, MSG_DONTWAIT);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) {
            return true;
        }
        return fail("connection lost");
    }
    conn->used += (size_t)got;
    const uint64_t now_ns = clock_ns();
    const char *at = conn->buffer;
    size_t left = conn->used;
    uint64_t count = 0;
    bool is_right = true;
    size_t size;
    while ((size = order_reply(&conn->order, at, left, &is_right)) > 0 && is_right) {
        if (drive->is_measuring) {
            histogram_record(&drive->latency,
                             now_ns - conn->sent_ns[conn->answered % IN_FLIGHT_MAX]);
        }
        conn->answered++;
        at += size;
        left -= size;
        count++;
    }
    if (!is_right || conn->answered > conn->number) {
        errno = EPROTO;
        return fail("an answer that is none to an order");
    }
    memmove(conn->buffer, at, left);
    conn->used = left;
    drive->outstanding -= count;
    drive->measured += drive->is_measuring ? count : 0;
    return count == 0 || drive->is_over || send_orders(drive, conn, count, now_ns);
}

/* Until a time, or until nothing is outstanding. */
static bool turn_until(struct drive *drive, uint64_t end_ns)
{
    struct epoll_event events[EVENTS];
    uint64_t heard_ns = clock_ns();
    uint64_t now_ns = heard_ns;
    while (now_ns < end_ns && drive->outstanding > 0) {
        const int count = epoll_wait(drive->epoll_fd, events, EVENTS, drive->spins ? 0 : 100);
        for (int i = 0; i < count; i++) {
            if (!on_readable(drive, events[i].data.ptr)) {
                return false;
            }
        }
        now_ns = clock_ns();
        heard_ns = count > 0 ? now_ns : heard_ns;
        if (now_ns - heard_ns > SILENCE_NS) {
            errno = ETIMEDOUT;
            return fail("no answer");
        }
    }
    return true;
}

static bool run(struct drive *drive)
{
    const uint64_t opened_ns = clock_ns();
    if (!open_all(drive)) {
        return false;
    }
    const double logon_s = (double)(clock_ns() - opened_ns) / (double)NS_PER_S;
    for (unsigned i = 0; i < drive->connections; i++) {
        if (!send_orders(drive, &drive->conns[i], drive->in_flight, clock_ns())) {
            return false;
        }
    }
    if (!turn_until(drive, clock_ns() + NS_PER_S / 2)) {
        return false;
    }
    const uint64_t begin_ns = clock_ns();
    drive->is_measuring = true;
    if (!turn_until(drive, begin_ns + (uint64_t)(drive->seconds * (double)NS_PER_S))) {
        return false;
    }
    const double seconds = (double)(clock_ns() - begin_ns) / (double)NS_PER_S;
    drive->is_measuring = false;
    drive->is_over = true;
    if (!turn_until(drive, UINT64_MAX)) {
        return false;
    }
    printf("{\"logon_s\":%.3f,\"rate\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,"
           "\"max_us\":%.2f}\n",
           logon_s, (double)drive->measured / seconds,
           (double)histogram_percentile(&drive->latency, 50) / NS_PER_US,
           (double)histogram_percentile(&drive->latency, 99) / NS_PER_US,
           (double)histogram_percentile(&drive->latency, 99.9) / NS_PER_US,
           (double)histogram_max(&drive->latency) / NS_PER_US);
    return true;
}

static bool read_options(int argc, char **argv, struct drive *drive)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"connections", required_argument, NULL, 'n'},
        {"in-flight", required_argument, NULL, 'k'},
        {"seconds", required_argument, NULL, 's'},
        {"echo", no_argument, NULL, 'e'},
        {"spin", no_argument, NULL, 'b'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'p':
            drive->port = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'n':
            drive->connections = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'k':
            drive->in_flight = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 's':
            drive->seconds = strtod(optarg, NULL);
            break;
        case 'e':
            drive->kind = ORDER_ECHO;
            break;
        case 'b':
            drive->spins = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc && drive->port > 0 && drive->port < 65536 && drive->connections > 0 &&
           drive->connections <= 100000 && drive->in_flight > 0 &&
           drive->in_flight <= IN_FLIGHT_MAX && drive->seconds > 0 && drive->seconds < 1e6;
}

int main(int argc, char **argv)
{
    static struct drive drive = {
        .connections = 1, .in_flight = 1, .seconds = 2, .kind = ORDER_FIX, .epoll_fd = -1};
    if (!read_options(argc, argv, &drive)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    const bool is_done = run(&drive);
    for (unsigned i = 0; drive.conns != NULL && i < drive.connections; i++) {
        if (drive.conns[i].fd > 0) {
            close(drive.conns[i].fd);
        }
        free(drive.conns[i].buffer);
    }
    free(drive.conns);
    if (drive.epoll_fd >= 0) {
        close(drive.epoll_fd);
    }
    return is_done ? 0 : EXIT_FAILED;
}
