#include "tests/integration/support_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support.h"

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Hands on what one side has sent. False: the connection is over. */
static bool pump(int from, int to, size_t *budget)
{
    char data[4096];
    ssize_t size = recv(from, data, sizeof data, 0);
    if (size <= 0) {
        return false;
    }
    if (budget != NULL && *budget > 0) {
        if ((size_t)size >= *budget) {
            write_all(to, data, *budget - 1);
            *budget = 0; /* at least one byte is lost, and the rest of the connection */
            return false;
        }
        *budget -= (size_t)size;
    }
    return write_all(to, data, (size_t)size);
}

/* False: the test is over. */
static bool carry(struct proxy *proxy, int client, int target)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = client, .events = POLLIN},
                               {.fd = target, .events = POLLIN},
                               {.fd = proxy->end_signal[0], .events = POLLIN}};
        poll(fds, 3, -1);
        if (fds[2].revents != 0) {
            return false;
        }
        if ((fds[0].revents != 0 && !pump(client, target, NULL)) ||
            (fds[1].revents != 0 && !pump(target, client, &proxy->budget))) {
            return true;
        }
    }
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void *run(void *argument)
{
    struct proxy *proxy = argument;
    bool goes_on = true;
    while (goes_on) {
        struct pollfd fds[] = {{.fd = proxy->listener, .events = POLLIN},
                               {.fd = proxy->end_signal[0], .events = POLLIN}};
        poll(fds, 2, -1);
        if (fds[1].revents != 0) {
            return NULL;
        }
        int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        int target = connect_to(proxy->target_port);
        if (client >= 0 && target >= 0) {
            goes_on = carry(proxy, client, target);
        }
        close(client);
        close(target);
    }
    return NULL;
}

void proxy_start(struct proxy *proxy, uint16_t target_port, size_t budget)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *proxy = (struct proxy){.target_port = target_port, .budget = budget};
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(proxy->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(proxy->listener, 8), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&address, &size), 0);
    proxy->port = ntohs(address.sin_port);
    assert_int_equal(pipe(proxy->end_signal), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, run, proxy), 0);
}

void proxy_stop(struct proxy *proxy)
{
    close(proxy->end_signal[1]);
    pthread_join(proxy->thread, NULL);
    close(proxy->end_signal[0]);
    close(proxy->listener);
}
