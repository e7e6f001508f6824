/* ringfix-cat: FIX messages from logs, streams and journals, in words. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringfix/journal.h"
#include "tools/cat/capture.h"
#include "tools/cat/filter.h"
#include "tools/cat/options.h"
#include "tools/cat/scan.h"
#include "tools/cat/show.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

enum exit_code { EXIT_FOUND = 0, EXIT_NONE = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

#define READ_SIZE   65536
#define POLL_MS     200
#define PREFIX_SIZE 1024

struct cat {
    const struct options *options;
    const struct rfx_dictionary *dictionary; /* the user's, NULL: none */
    struct rfx_codec *codec;
    char prefix[PREFIX_SIZE]; /* of the next message */
    size_t prefix_size;
    uint64_t shown;
    bool is_waiting; /* for a file that it cannot open, and has said so */
    bool has_failed;
};

static bool is_done(const struct cat *cat)
{
    return stop_asked() || (cat->options->count != 0 && cat->shown == cat->options->count);
}

static void fail_file(struct cat *cat, const char *path, const char *problem)
{
    char text[600];
    fflush(stdout);
    snprintf(text, sizeof text, "%.400s: %.150s", path, problem);
    put_error(text);
    cat->has_failed = true;
}

/* ---------------------------------------------------------------------------------- messages */

static void take_message(struct cat *cat, const struct scan_piece *piece)
{
    const struct names names = names_of(piece->bytes, cat->dictionary);
    if (filter_takes(cat->options, &names, piece->bytes)) {
        show_message(cat->options, &names, piece,
                     (struct rfx_bytes){cat->prefix, cat->prefix_size});
        cat->shown++;
    }
    cat->prefix_size = 0;
}

static void take_text(struct cat *cat, const struct scan_piece *piece)
{
    if (piece->is_prefix) {
        const size_t room = PREFIX_SIZE - cat->prefix_size;
        const size_t size = piece->bytes.size < room ? piece->bytes.size : room;
        memcpy(cat->prefix + cat->prefix_size, piece->bytes.data, size);
        cat->prefix_size += size;
        return;
    }
    cat->prefix_size = 0;
    if (!filter_is_set(cat->options) && piece->bytes.size > 0) {
        show_text(cat->options, piece->bytes);
    }
}

/* Everything that can be said by now. */
static void drain(struct cat *cat, struct scanner *scanner, bool is_end)
{
    struct scan_piece piece;
    enum scan_result result;
    while (!is_done(cat) && (result = scan_next(scanner, is_end, &piece)) != SCAN_MORE) {
        if (result == SCAN_TEXT) {
            take_text(cat, &piece);
        } else {
            take_message(cat, &piece);
        }
    }
}

/* ------------------------------------------------------------------------------------- files */

/* True when the file at the path is another one by now, or is shorter than what was read. */
static bool is_rotated(int fd, const char *path)
{
    struct stat open_one;
    struct stat named;
    if (fstat(fd, &open_one) != 0 || stat(path, &named) != 0) {
        return false; /* between two names */
    }
    return open_one.st_ino != named.st_ino || open_one.st_dev != named.st_dev ||
           open_one.st_size < lseek(fd, 0, SEEK_CUR);
}

/* A file that has a new name by now is left for the one that has its name. Returns the descriptor
 * to go on with: the same while there is nothing else to be read. */
static int follow(struct cat *cat, struct scanner *scanner, int fd, const char *path)
{
    fflush(stdout);
    if (is_rotated(fd, path)) {
        const int next = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (next >= 0) {
            cat->is_waiting = false;
            drain(cat, scanner, true);
            close(fd);
            return next;
        }
        if (!cat->is_waiting) {
            fail_file(cat, path, strerror(errno));
            cat->is_waiting = true;
        }
    }
    stop_wait_ms(POLL_MS);
    return fd;
}

/* Reads to the end, and beyond when it follows. Returns the descriptor to close. */
static int read_all(struct cat *cat, struct scanner *scanner, int fd, const char *path)
{
    static char buffer[READ_SIZE];
    bool is_first = true;
    while (!is_done(cat)) {
        const ssize_t size = read(fd, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            fail_file(cat, path, strerror(errno));
            break;
        }
        if (size > 0) {
            if (is_first && capture_is(buffer, (size_t)size)) {
                fail_file(cat, path, "a network capture is read from a file; name it");
                return fd;
            }
            is_first = false;
            if (!scan_add(scanner, buffer, (size_t)size)) {
                fail_file(cat, path, "out of memory");
                break;
            }
            drain(cat, scanner, false);
        } else if (cat->options->is_following) {
            fd = follow(cat, scanner, fd, path);
        } else {
            break;
        }
    }
    drain(cat, scanner, true);
    return fd;
}

static void cat_stream(struct cat *cat, int fd, const char *path)
{
    struct scanner *scanner = scan_open(cat->codec);
    if (scanner == NULL) {
        fail_file(cat, path, "out of memory");
    } else {
        fd = read_all(cat, scanner, fd, path);
        scan_close(scanner);
    }
    cat->prefix_size = 0;
    if (fd != STDIN_FILENO) {
        close(fd);
    }
}

/* ----------------------------------------------------------------------------------- journals */

static bool on_record(void *context, const struct rfx_journal_record *record)
{
    struct cat *cat = context;
    struct scan_piece piece = {.bytes = record->message};
    size_t used;
    char time[TEXT_SIZE];
    const int size =
        snprintf(cat->prefix, sizeof cat->prefix, "%s %s %s ", iso_text(record->utc_ns, time),
                 record->session, record->direction == RFX_DIRECTION_OUT ? "out" : "in");
    cat->prefix_size = (size_t)size < sizeof cat->prefix ? (size_t)size : sizeof cat->prefix - 1;
    if (rfx_codec_decode(cat->codec, record->message, &used, &piece.message) != RFX_DECODED) {
        piece.message = NULL;
        snprintf(piece.problem, sizeof piece.problem, "see ringfix-journal verify");
    }
    take_message(cat, &piece);
    return !is_done(cat);
}

static void cat_journal(struct cat *cat, const char *path)
{
    struct rfx_journal *journal = NULL;
    struct rfx_error error;
    if (cat->options->is_following) {
        fail_file(cat, path, "a journal is followed by ringfix-journal tail -f");
        return;
    }
    rfx_status status = rfx_journal_open(path, RFX_JOURNAL_READ, &journal, &error);
    if (status == RFX_OK) {
        status = rfx_journal_messages(journal, NULL, 3, on_record, cat, &error);
        rfx_journal_close(journal, NULL);
    }
    if (status != RFX_OK) {
        fail_file(cat, path, error.text);
    }
    cat->prefix_size = 0;
}

/* ---------------------------------------------------------------------------------- captures */

struct stream {
    struct cat *cat;
    struct scanner *scanner;
    char ends[PACKET_TEXT_SIZE];
    int64_t utc_ns;
};

static void *open_stream(void *context, const char *ends)
{
    struct cat *cat = context;
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL) {
        stream->cat = cat;
        stream->scanner = scan_open(cat->codec);
        snprintf(stream->ends, sizeof stream->ends, "%s", ends);
    }
    if (stream == NULL || stream->scanner == NULL) {
        free(stream);
        return NULL;
    }
    return stream;
}

/* Text in a stream is what other protocols say: it is not shown. */
static void drain_stream(struct stream *stream, bool is_end)
{
    struct cat *cat = stream->cat;
    struct scan_piece piece;
    enum scan_result result;
    while (!is_done(cat) && (result = scan_next(stream->scanner, is_end, &piece)) != SCAN_MORE) {
        char time[TEXT_SIZE];
        if (result == SCAN_TEXT) {
            continue;
        }
        const int size = snprintf(cat->prefix, sizeof cat->prefix, "%s %s ",
                                  iso_text(stream->utc_ns, time), stream->ends);
        cat->prefix_size = (size_t)size;
        take_message(cat, &piece);
    }
}

static void take_stream(void *context, int64_t utc_ns, const char *data, size_t size, uint32_t lost)
{
    struct stream *stream = context;
    stream->utc_ns = utc_ns;
    if (lost > 0) {
        char text[PACKET_TEXT_SIZE + 80];
        drain_stream(stream, true);
        fflush(stdout);
        snprintf(text, sizeof text, "%s: %u bytes are not in the capture", stream->ends, lost);
        put_error(text);
    }
    if (size > 0 && scan_add(stream->scanner, data, size)) {
        drain_stream(stream, false);
    }
}

static void close_stream(void *context)
{
    struct stream *stream = context;
    drain_stream(stream, true);
    scan_close(stream->scanner);
    free(stream);
}

static bool is_done_with(void *context)
{
    return is_done(context);
}

static void cat_capture(struct cat *cat, const char *path)
{
    const struct capture_sink sink = {
        .open = open_stream,
        .take = take_stream,
        .close = close_stream,
        .is_done = is_done_with,
        .context = cat,
    };
    char problem[300];
    if (!capture_read(path, &sink, problem)) {
        fail_file(cat, path, problem);
    }
    cat->prefix_size = 0;
}

/* ----------------------------------------------------------------------------------- the whole */

static void cat_path(struct cat *cat, const char *path)
{
    struct stat kind = {.st_mode = 0};
    if (strcmp(path, "-") == 0) {
        cat_stream(cat, STDIN_FILENO, "standard input");
        return;
    }
    if (stat(path, &kind) == 0 && S_ISDIR(kind.st_mode)) {
        cat_journal(cat, path);
        return;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail_file(cat, path, strerror(errno));
        return;
    }
    char magic[4];
    if (S_ISREG(kind.st_mode) && pread(fd, magic, sizeof magic, 0) == sizeof magic &&
        capture_is(magic, sizeof magic)) {
        close(fd);
        cat_capture(cat, path);
        return;
    }
    cat_stream(cat, fd, path);
}

int main(int argc, char **argv)
{
    struct options options;
    const enum options_result result = options_read(argc, argv, &options);
    if (result != OPTIONS_RUN) {
        return result == OPTIONS_DONE ? EXIT_SUCCESS : EXIT_USAGE;
    }
    struct cat cat = {.options = &options};
    struct rfx_error error;
    if (options.dictionary != NULL &&
        rfx_dictionary_load(options.dictionary, &cat.dictionary, &error) != RFX_OK) {
        put_error(error.text);
        return EXIT_UNREADABLE;
    }
    if (rfx_codec_open(NULL, cat.dictionary, SCAN_SIZE_MAX, &cat.codec) != RFX_OK) {
        put_error("out of memory");
        return EXIT_UNREADABLE;
    }
    stop_watch();
    for (int i = 0; i < options.path_count && !is_done(&cat); i++) {
        cat_path(&cat, options.paths[i]);
    }
    if (options.path_count == 0) {
        cat_path(&cat, "-");
    }
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && stop_signal() != SIGPIPE) {
        put_error("the output cannot be written");
        cat.has_failed = true;
    }
    rfx_codec_close(cat.codec);
    rfx_dictionary_free(cat.dictionary);
    return cat.has_failed ? EXIT_UNREADABLE : cat.shown > 0 ? EXIT_FOUND : EXIT_NONE;
}
