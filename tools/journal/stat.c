/* How large a journal is, and who is at it. */
#include "tools/journal/stat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/rows.h"
#include "journal/tail.h"
#include "tools/journal/commands.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

#define LABEL "%-20s"

void stat_file(const char *store, char out[STAT_FILE_SIZE])
{
    snprintf(out, STAT_FILE_SIZE, "%s/data.mdb", store);
}

static uint64_t page_bytes(const MDB_stat *stat)
{
    return (stat->ms_branch_pages + stat->ms_leaf_pages + stat->ms_overflow_pages) * stat->ms_psize;
}

int stat_used(struct rfx_env *env, uint64_t *bytes)
{
    const MDB_dbi tables[] = {env->messages, env->sessions, env->names, env->meta, env->trash};
    MDB_txn *txn = NULL;
    MDB_stat stat = {0};
    *bytes = 0;
    int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    code = mdb_env_stat(env->env, &stat);
    *bytes =
        page_bytes(&stat) + 2 * (uint64_t)stat.ms_psize; /* and the two that say where all is */
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && code == 0; i++) {
        code = mdb_stat(txn, tables[i], &stat);
        *bytes += page_bytes(&stat);
    }
    rfx_env_end(env, txn);
    return code;
}

static int put_store(struct rfx_env *env)
{
    char path[STAT_FILE_SIZE];
    char size[TEXT_SIZE];
    char on_disk[TEXT_SIZE];
    char used[TEXT_SIZE];
    struct stat file;
    uint64_t bytes = 0;
    const int code = stat_used(env, &bytes);
    stat_file(env->path, path);
    if (code == 0 && stat(path, &file) == 0) {
        printf(LABEL "%s, %s on disk, %s of it in use\n", "store",
               size_text((uint64_t)file.st_size, size),
               size_text(512 * (uint64_t)file.st_blocks, on_disk), size_text(bytes, used));
    }
    return code;
}

static int put_rows(struct rfx_env *env)
{
    MDB_txn *txn = NULL;
    MDB_stat messages;
    size_t sessions = 0;
    size_t resets = 0;
    char size[TEXT_SIZE];
    int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    code = rfx_rows_count(txn, env->sessions, &sessions);
    code = code == 0 ? rfx_rows_count(txn, env->trash, &resets) : code;
    code = code == 0 ? mdb_stat(txn, env->messages, &messages) : code;
    rfx_env_end(env, txn);
    if (code == 0) {
        printf(LABEL "%zu\n", "sessions", sessions);
        printf(LABEL "%zu chunks of messages, %s\n", "messages", messages.ms_entries,
               size_text(page_bytes(&messages), size));
        printf(LABEL "%zu whose messages are still to be deleted\n", "resets", resets);
    }
    return code;
}

/* Batches in a row from where the store ends. A server may write meanwhile: then it is what was
 * there at some moment. */
static uint64_t waiting(const struct rfx_tail *tail, uint64_t moved)
{
    const struct rfx_tail_batch *batch = NULL;
    uint64_t end = moved;
    while (end - moved < tail->size && (batch = rfx_tail_check(tail, end)) != NULL) {
        end += batch->size;
    }
    return end - moved;
}

static int put_tail(struct rfx_env *env, const char *path, uint32_t shard, uint64_t size)
{
    MDB_txn *txn = NULL;
    struct rfx_tail tail;
    struct rfx_format_tail row = {0};
    struct rfx_error error = {""};
    uint64_t journal = 0;
    char text[TEXT_SIZE];
    char file[RFX_DIRECTORY_FILE_SIZE];
    int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    code = rfx_rows_get_journal(env, txn, &journal);
    const int found = code == 0 ? rfx_rows_get_tail(env, txn, shard, &row) : MDB_NOTFOUND;
    rfx_env_end(env, txn);
    rfx_directory_tail(path, shard, file);
    printf(LABEL "%s", strrchr(file, '/') + 1, size_text(size, text));
    if (found == 0 && row.is_empty) {
        puts(", empty: it was closed in order");
    } else if (code == 0 && rfx_tail_open(&tail, path, shard, journal, &error) == RFX_OK) {
        printf(", %s of it not in the store yet\n", size_text(waiting(&tail, row.moved), text));
        rfx_tail_close(&tail);
    } else {
        printf(": %s\n", error.text[0] != '\0' ? error.text : "it is gone");
    }
    return code;
}

static int put_tails(struct rfx_env *env, const char *path)
{
    char file_path[RFX_DIRECTORY_FILE_SIZE];
    struct stat file;
    int code = 0;
    for (uint32_t i = 0; i < RFX_TAILS_MAX && code == 0; i++) {
        rfx_directory_tail(path, i, file_path);
        if (stat(file_path, &file) == 0) {
            code = put_tail(env, path, i, (uint64_t)file.st_size);
        }
    }
    return code;
}

/* Only looks: nobody who opens the journal at this moment notices. */
static void put_writer(const char *path)
{
    char file[RFX_DIRECTORY_FILE_SIZE];
    char holder[24] = "";
    snprintf(file, sizeof file, "%s/lock", path);
    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    printf(LABEL, "writer");
    if (fd < 0) {
        puts(errno == ENOENT ? "none" : strerror(errno));
        return;
    }
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        puts("none");
    } else if (errno != EWOULDBLOCK) {
        puts(strerror(errno));
    } else {
        const ssize_t size = pread(fd, holder, sizeof holder - 1, 0);
        holder[size > 0 ? strspn(holder, "0123456789") : 0] = '\0';
        printf("process %s\n", holder[0] != '\0' ? holder : "unknown");
    }
    close(fd);
}

/* LMDB gives lines of text: a heading, then process, thread and transaction of each, "-" for one
 * that only keeps its place, as the shards of a server do. */
static int count_line(const char *line, void *context)
{
    size_t *count = context;
    long process = 0;
    char thread[32];
    char transaction[32];
    if (sscanf(line, "%ld %31s %31s", &process, thread, transaction) == 3) {
        *count += strcmp(transaction, "-") != 0 ? 1 : 0;
    }
    return 0;
}

static void put_readers(struct rfx_env *env)
{
    size_t count = 0;
    if (mdb_reader_list(env->env, count_line, &count) >= 0) {
        printf(LABEL "%zu at this moment\n", "readers", count);
    }
}

struct span {
    int64_t oldest;
    int64_t newest;
};

static bool widen(void *context, const struct rfx_format_entry *entry)
{
    struct span *span = context;
    span->oldest = entry->utc_ns < span->oldest ? entry->utc_ns : span->oldest;
    span->newest = entry->utc_ns > span->newest ? entry->utc_ns : span->newest;
    return false;
}

/* Messages are stored in the order of their numbers, so the ends of each session will do. */
static rfx_status put_span(struct rfx_reader *reader, struct rfx_error *error)
{
    struct rfx_reader_session *sessions = NULL;
    struct span span = {INT64_MAX, INT64_MIN};
    size_t count = 0;
    char text[TEXT_SIZE];
    rfx_status status = rfx_reader_list(reader, &sessions, &count, error);
    for (size_t i = 0; i < 4 * count && status == RFX_OK && !stop_asked(); i++) {
        const enum rfx_direction direction = (enum rfx_direction)(i % 2);
        const struct rfx_reader_range *range = &sessions[i / 4].stored[direction];
        const uint64_t seq_num = i % 4 < 2 ? range->first : range->last;
        if (seq_num > 0) {
            status = rfx_reader_messages(reader, &sessions[i / 4], direction, seq_num, seq_num,
                                         widen, &span, error);
            status = status == RFX_E_NOT_FOUND ? RFX_OK : status; /* reset meanwhile */
        }
    }
    if (status == RFX_OK && span.oldest <= span.newest) {
        printf(LABEL "%s\n", "oldest message", time_text(span.oldest, text));
        printf(LABEL "%s\n", "newest message", time_text(span.newest, text));
    }
    free(sessions);
    return status;
}

enum exit_code command_stat(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error)
{
    struct rfx_env *env = rfx_reader_env(reader);
    printf(LABEL "%s\n", "journal", options->path);
    put_writer(options->path);
    put_readers(env);
    int code = put_store(env);
    code = code == 0 ? put_tails(env, options->path) : code;
    code = code == 0 ? put_rows(env) : code;
    return code == 0 ? exit_of(put_span(reader, error))
                     : exit_of(rfx_env_fail(env, code, "count its rows", error));
}
