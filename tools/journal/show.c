/* The messages of one session. */
#include "tools/journal/commands.h"
#include "tools/journal/feed.h"
#include "tools/journal/print.h"
#include "tools/shared/stop.h"

/* A feed per direction; those that are not wanted are at their end. */
struct show {
    struct rfx_reader *reader;
    struct rfx_reader_session session;
    struct feed feeds[2];
    uint64_t first[2];
    uint64_t last[2];
};

static void rewind_feeds(struct show *show)
{
    for (unsigned i = 0; i < 2; i++) {
        feed_free(&show->feeds[i]);
        feed_init(&show->feeds[i], show->reader, &show->session, (enum rfx_direction)i,
                  show->first[i], show->last[i]);
    }
}

/* The earlier of both heads, taken off with feed_pop(*from). *message is NULL at the end. */
static rfx_status next_message(struct show *show, struct feed **from,
                               const struct message **message, struct rfx_error *error)
{
    const struct message *out = NULL;
    const struct message *in = NULL;
    rfx_status status = feed_head(&show->feeds[RFX_DIRECTION_OUT], &out, error);
    if (status == RFX_OK) {
        status = feed_head(&show->feeds[RFX_DIRECTION_IN], &in, error);
    }
    const bool is_out = in == NULL || (out != NULL && message_compare(out, in) < 0);
    *from = &show->feeds[is_out ? RFX_DIRECTION_OUT : RFX_DIRECTION_IN];
    *message = is_out ? out : in;
    return status;
}

/* What goes before the last n of both directions together. */
static rfx_status count_earlier(struct show *show, uint64_t n, uint64_t *earlier,
                                struct rfx_error *error)
{
    struct feed *from = NULL;
    const struct message *message = NULL;
    uint64_t count = 0;
    rfx_status status;
    while ((status = next_message(show, &from, &message, error)) == RFX_OK && message != NULL &&
           !stop_asked()) {
        feed_pop(from);
        count++;
    }
    *earlier = count > n ? count - n : 0;
    return status;
}

static rfx_status choose(struct show *show, const struct options *options, uint64_t *skipped,
                         struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    *skipped = 0;
    for (unsigned i = 0; i < 2 && status == RFX_OK; i++) {
        show->first[i] = options->directions[i] ? options->from : 1;
        show->last[i] = options->directions[i] ? options->to : 0;
        if (options->directions[i] && options->last > 0) {
            show->last[i] = show->session.stored[i].last; /* the same for counting and showing */
            status = rfx_reader_nth_last(show->reader, &show->session, (enum rfx_direction)i,
                                         options->last, &show->first[i], error);
        }
    }
    if (status == RFX_OK) {
        rewind_feeds(show);
    }
    if (status == RFX_OK && options->last > 0 && options->directions[0] && options->directions[1]) {
        status = count_earlier(show, options->last, skipped, error);
        rewind_feeds(show);
    }
    return status;
}

static enum print_form form_of(const struct options *options)
{
    if (options->command == COMMAND_RAW) {
        return PRINT_RAW;
    }
    if (options->format == FORMAT_TABLE) {
        return PRINT_TABLE;
    }
    return options->format == FORMAT_JSON ? PRINT_JSON : PRINT_FIX;
}

enum exit_code command_show(struct rfx_reader *reader, const struct options *options,
                            struct rfx_error *error)
{
    struct show show = {.reader = reader};
    uint64_t skipped = 0;
    rfx_status status = rfx_reader_find(reader, options->arguments[0], &show.session, error);
    if (status == RFX_OK) {
        status = choose(&show, options, &skipped, error);
    }
    if (status == RFX_OK) {
        print_heading(form_of(options));
    }
    while (status == RFX_OK && !stop_asked()) {
        struct feed *from = NULL;
        const struct message *message = NULL;
        status = next_message(&show, &from, &message, error);
        if (status != RFX_OK || message == NULL) {
            break;
        }
        if (skipped > 0) {
            skipped--;
        } else {
            print_message(form_of(options), show.session.name, message);
        }
        feed_pop(from);
    }
    feed_free(&show.feeds[0]);
    feed_free(&show.feeds[1]);
    return exit_of(status);
}
