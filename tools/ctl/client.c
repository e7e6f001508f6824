#include "tools/ctl/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 60 /* a reload resolves names */

static int open_socket(const char *path, char *problem, size_t problem_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(problem, problem_size, "%s: the path is too long for a socket", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        const bool is_down = errno == ENOENT || errno == ECONNREFUSED;
        snprintf(problem, problem_size, "%s: %s%s", path, strerror(errno),
                 is_down ? "; is ringfixd running?" : "");
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static bool send_request(FILE *stream, const json_t *request)
{
    return json_dumpf(request, stream, JSON_COMPACT | JSON_ENSURE_ASCII) == 0 &&
           fputc('\n', stream) != EOF && fflush(stream) == 0;
}

/* One line of the answer. True: it was the last. */
static bool take_line(const char *line, void (*take)(void *, const json_t *), void *context,
                      enum client_result *result, char *problem, size_t problem_size)
{
    json_t *object = json_loads(line, 0, NULL);
    const char *error = json_string_value(json_object_get(object, "error"));
    bool is_last = true;
    if (object == NULL) {
        *result = CLIENT_UNREACHABLE;
        snprintf(problem, problem_size, "the answer is not JSON; is that ringfixd's socket?");
    } else if (error != NULL) {
        *result = CLIENT_REFUSED;
        snprintf(problem, problem_size, "%s", error);
    } else if (json_object_get(object, "done") != NULL) {
        *result = CLIENT_DONE;
    } else {
        take(context, object);
        is_last = false;
    }
    json_decref(object);
    return is_last;
}

enum client_result client_ask(const char *socket_path, json_t *request,
                              void (*take)(void *context, const json_t *object), void *context,
                              char *problem, size_t problem_size)
{
    enum client_result result = CLIENT_UNREACHABLE;
    char *line = NULL;
    size_t room = 0;
    const int fd = open_socket(socket_path, problem, problem_size);
    FILE *stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
    if (stream == NULL) {
        json_decref(request);
        return CLIENT_UNREACHABLE;
    }
    snprintf(problem, problem_size, "%s: the connection has ended before the answer", socket_path);
    if (send_request(stream, request)) {
        while (getline(&line, &room, stream) > 0 &&
               !take_line(line, take, context, &result, problem, problem_size)) {
        }
    }
    free(line);
    fclose(stream);
    json_decref(request);
    return result;
}
