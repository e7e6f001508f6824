/* A network capture, pcap or pcapng: the streams of its TCP connections. */
#ifndef TOOLS_CAT_CAPTURE_H
#define TOOLS_CAT_CAPTURE_H

#include "tools/cat/flow.h"
#include "tools/cat/packet.h"

#define CAPTURE_FLOWS_MAX 1024 /* at a time; with one more the one that was silent longest ends */

/* What comes out, direction by direction. */
struct capture_sink {
    /* A direction begins; what it returns is the first argument of the others. NULL: no memory. */
    void *(*open)(void *context, const char *ends);
    void (*take)(void *stream, int64_t utc_ns, const char *data, size_t size, uint32_t lost);
    void (*close)(void *stream);
    bool (*is_done)(void *context); /* enough */
    void *context;
};

/* True when a file begins as a capture does. */
bool capture_is(const char *data, size_t size);

/* False: problem says what is wrong; everything before it has come out. */
bool capture_read(const char *path, const struct capture_sink *sink, char problem[300]);

#endif
