#include "tools/journal/feed.h"

#define PAGE_BYTES (256u * 1024)

void feed_init(struct feed *feed, struct rfx_reader *reader,
               const struct rfx_reader_session *session, enum rfx_direction direction,
               uint64_t first, uint64_t last)
{
    *feed = (struct feed){
        .reader = reader, .session = session, .direction = direction, .next = first, .last = last};
}

void feed_free(struct feed *feed)
{
    messages_free(&feed->page);
}

static bool add(void *context, const struct rfx_format_entry *entry)
{
    struct feed *feed = context;
    feed->status = messages_add(&feed->page, 0, feed->direction, entry, feed->error);
    return feed->status == RFX_OK && feed->page.bytes < PAGE_BYTES;
}

static rfx_status turn_page(struct feed *feed, struct rfx_error *error)
{
    messages_clear(&feed->page);
    feed->index = 0;
    feed->error = error;
    feed->status = RFX_OK;
    const rfx_status status = rfx_reader_messages(feed->reader, feed->session, feed->direction,
                                                  feed->next, feed->last, add, feed, error);
    const uint64_t seq_num =
        feed->page.count > 0 ? feed->page.items[feed->page.count - 1].seq_num : UINT64_MAX;
    feed->next = seq_num + 1;
    feed->last = seq_num == UINT64_MAX ? 0 : feed->last; /* there is none behind it */
    feed->next = feed->last == 0 ? 1 : feed->next;
    return status == RFX_OK ? feed->status : status;
}

rfx_status feed_head(struct feed *feed, const struct message **head, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (feed->index == feed->page.count && feed->next <= feed->last) {
        status = turn_page(feed, error);
    }
    *head =
        status == RFX_OK && feed->index < feed->page.count ? &feed->page.items[feed->index] : NULL;
    return status;
}

void feed_pop(struct feed *feed)
{
    feed->index++;
}
