#include "tools/cat/capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream {
    struct flow flow;
    unsigned char ends[PACKET_ENDS_SIZE];
    uint64_t used_at; /* number of the packet */
    int64_t utc_ns;
    const struct capture_sink *sink;
    void *target;
};

struct capture {
    const struct capture_sink *sink;
    struct stream *streams[CAPTURE_FLOWS_MAX];
    size_t count;
    uint64_t packets;
    uint64_t fragments;
};

bool capture_is(const char *data, size_t size)
{
    static const char *const magics[] = {"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1",
                                         "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a"};
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (size >= 4 && memcmp(data, magics[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

static void take(void *context, const char *data, size_t size, uint32_t lost)
{
    const struct stream *stream = context;
    stream->sink->take(stream->target, stream->utc_ns, data, size, lost);
}

static void end_stream(struct capture *capture, size_t index)
{
    struct stream *stream = capture->streams[index];
    flow_end(&stream->flow);
    stream->sink->close(stream->target);
    free(stream);
    capture->streams[index] = capture->streams[--capture->count];
}

static struct stream *open_stream(struct capture *capture, const struct packet *packet)
{
    char text[PACKET_TEXT_SIZE];
    if (capture->count == CAPTURE_FLOWS_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < capture->count; i++) {
            if (capture->streams[i]->used_at < capture->streams[oldest]->used_at) {
                oldest = i;
            }
        }
        end_stream(capture, oldest);
    }
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    packet_ends_text(packet->ends, text);
    memcpy(stream->ends, packet->ends, sizeof stream->ends);
    stream->sink = capture->sink;
    stream->target = capture->sink->open(capture->sink->context, text);
    if (stream->target == NULL) {
        free(stream);
        return NULL;
    }
    flow_open(&stream->flow, take, stream);
    capture->streams[capture->count++] = stream;
    return stream;
}

static struct stream *find_stream(struct capture *capture, const struct packet *packet)
{
    for (size_t i = 0; i < capture->count; i++) {
        if (memcmp(capture->streams[i]->ends, packet->ends, sizeof packet->ends) == 0) {
            return capture->streams[i];
        }
    }
    return packet->size > 0 || packet->is_syn ? open_stream(capture, packet) : NULL;
}

static bool take_packet(struct capture *capture, const struct packet *packet, int64_t utc_ns)
{
    struct stream *stream = find_stream(capture, packet);
    if (stream == NULL) {
        return packet->size == 0; /* else there is no memory */
    }
    stream->used_at = capture->packets;
    stream->utc_ns = utc_ns;
    return flow_add(&stream->flow, packet->seq, packet->is_syn, packet->data, packet->size);
}

/* The file may say anything; what is out of range is shown as the end of it. */
static int64_t time_of(const struct timeval *time)
{
    const int64_t second_max = INT64_MAX / 1000000000 - 1;
    const int64_t second = time->tv_sec < 0            ? 0
                           : time->tv_sec > second_max ? second_max
                                                       : time->tv_sec;
    const bool is_fraction = time->tv_usec >= 0 && time->tv_usec < 1000000000;
    return second * 1000000000 + (is_fraction ? time->tv_usec : 0);
}

static bool read_packets(struct capture *capture, pcap_t *file, char problem[300])
{
    struct pcap_pkthdr *header = NULL;
    const unsigned char *data = NULL;
    const int link = pcap_datalink(file);
    int result = 0;
    if (!packet_knows(link)) {
        snprintf(problem, 300, "packets of link type %d are not read; capture on an Ethernet",
                 link);
        return false;
    }
    while (!capture->sink->is_done(capture->sink->context) &&
           (result = pcap_next_ex(file, &header, &data)) == 1) {
        struct packet packet;
        capture->packets++;
        if (!packet_read(link, data, header->caplen, &packet)) {
            continue;
        }
        if (packet.is_fragment) {
            capture->fragments++;
        } else if (!take_packet(capture, &packet, time_of(&header->ts))) {
            snprintf(problem, 300, "out of memory");
            return false;
        }
    }
    if (result == PCAP_ERROR) {
        snprintf(problem, 300, "%.250s", pcap_geterr(file));
        return false;
    }
    return true;
}

bool capture_read(const char *path, const struct capture_sink *sink, char problem[300])
{
    char text[PCAP_ERRBUF_SIZE];
    struct capture capture = {.sink = sink};
    pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
    if (file == NULL) {
        snprintf(problem, 300, "%.250s", text);
        return false;
    }
    bool is_good = read_packets(&capture, file, problem);
    while (capture.count > 0) {
        end_stream(&capture, 0);
    }
    pcap_close(file);
    if (is_good && capture.fragments > 0) {
        snprintf(problem, 300, "%llu fragments of IP packets are left out",
                 (unsigned long long)capture.fragments);
        is_good = false;
    }
    return is_good;
}
