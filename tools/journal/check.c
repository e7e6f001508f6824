/* The journal as a whole: is it sound, how large is it, a copy of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/backup.h"
#include "journal/lock.h"
#include "journal/rows.h"
#include "journal/verify.h"
#include "tools/journal/commands.h"

static bool show_news(void *context, enum rfx_verify_news news, const char *text, uint64_t done,
                      uint64_t all)
{
    const bool *has_progress = context;
    if (news == RFX_VERIFY_PROGRESS) {
        if (*has_progress) {
            fprintf(stderr, "\r%3u %% ", (unsigned)(all > 0 ? 100 * done / all : 100));
        }
        return true;
    }
    fputs(news == RFX_VERIFY_GAP ? "gap: " : "finding: ", stdout);
    put_text(rfx_bytes_of(text, strlen(text)), 0);
    putchar('\n');
    return ferror(stdout) == 0;
}

enum exit_code command_verify(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error)
{
    bool has_progress = isatty(STDERR_FILENO) == 1;
    struct rfx_verify_result result;
    const rfx_status status =
        rfx_verify(rfx_reader_env(reader), show_news, &has_progress, &result, error);
    if (has_progress) {
        fputs("\r", stderr);
    }
    if (status != RFX_OK && result.findings == 0) {
        return EXIT_UNREADABLE;
    }
    printf("%" PRIu64 " sessions, %" PRIu64 " messages (%" PRIu64 " received), %" PRIu64
           " bytes: %" PRIu64 " findings, %" PRIu64 " gaps\n",
           result.sessions, result.messages, result.inbound, result.bytes, result.findings,
           result.gaps);
    error->text[0] = '\0';
    return result.findings > 0 || (options->is_strict && result.gaps > 0) ? EXIT_FOUND : EXIT_DONE;
}

static void show_file(const char *path)
{
    struct stat file;
    if (stat(path, &file) == 0) {
        printf("%s  %lld bytes, %lld on disk\n", path, (long long)file.st_size,
               512 * (long long)file.st_blocks);
    }
}

static void show_owner(const char *path)
{
    struct rfx_error error;
    int fd = -1;
    if (rfx_lock_own(path, RFX_LOCK_TRY, &fd, &error) == RFX_OK) {
        puts("no process has it open for writing");
        rfx_lock_release(fd);
    } else {
        puts(error.text);
    }
}

static int show_tables(struct rfx_env *env)
{
    MDB_txn *txn = NULL;
    const struct {
        const char *name;
        MDB_dbi table;
    } tables[] = {{"sessions", env->sessions},
                  {"chunks of messages", env->messages},
                  {"resets to be cleared away", env->trash}};
    int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && code == 0; i++) {
        size_t count = 0;
        code = rfx_rows_count(txn, tables[i].table, &count);
        printf("%zu %s\n", count, tables[i].name);
    }
    rfx_env_end(env, txn);
    return code;
}

enum exit_code command_stat(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error)
{
    struct rfx_env *env = rfx_reader_env(reader);
    char path[RFX_DIRECTORY_FILE_SIZE + 16];
    snprintf(path, sizeof path, "%s/data.mdb", env->path);
    show_file(path);
    for (uint32_t i = 0; i < RFX_TAILS_MAX; i++) {
        rfx_directory_tail(options->path, i, path);
        show_file(path);
    }
    show_owner(options->path);
    const int code = show_tables(env);
    if (code != 0) {
        (void)rfx_env_fail(env, code, "count its rows", error);
    }
    return code == 0 ? EXIT_DONE : EXIT_UNREADABLE;
}

enum exit_code command_backup(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error)
{
    return rfx_backup(rfx_reader_env(reader), options->argument, error) == RFX_OK ? EXIT_DONE
                                                                                  : EXIT_UNREADABLE;
}
