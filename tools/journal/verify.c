/* Whether the journal is sound. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "journal/verify.h"
#include "tools/journal/commands.h"
#include "tools/journal/progress.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

static bool show_news(void *context, enum rfx_verify_news news, const char *text, uint64_t done,
                      uint64_t all)
{
    struct progress *progress = context;
    if (news == RFX_VERIFY_PROGRESS) {
        progress_show(progress, done, all);
        return !stop_asked();
    }
    progress_clear(progress);
    fputs(news == RFX_VERIFY_GAP ? "gap: " : "finding: ", stdout);
    put_text(rfx_bytes_of(text, strlen(text)), 0, 0);
    putchar('\n');
    return !stop_asked();
}

enum exit_code command_verify(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error)
{
    struct progress progress;
    struct rfx_verify_result result;
    char size[TEXT_SIZE];
    progress_init(&progress, "verify", PROGRESS_ALONE);
    const rfx_status status =
        rfx_verify(rfx_reader_env(reader), show_news, &progress, &result, error);
    progress_clear(&progress);
    if (status != RFX_OK && result.findings == 0) {
        return EXIT_UNREADABLE;
    }
    printf("%s%" PRIu64 " sessions, %" PRIu64 " messages (%" PRIu64 " received), %s: %" PRIu64
           " findings, %" PRIu64 " gaps\n",
           stop_asked() ? "stopped before the end: " : "", result.sessions, result.messages,
           result.inbound, size_text(result.bytes, size), result.findings, result.gaps);
    error->text[0] = '\0';
    return result.findings > 0 || (options->is_strict && result.gaps > 0) ? EXIT_FOUND : EXIT_DONE;
}
