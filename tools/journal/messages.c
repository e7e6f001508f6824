#include "tools/journal/messages.h"

#include <stdlib.h>
#include <string.h>

rfx_status messages_add(struct messages *messages, uint32_t session, enum rfx_direction direction,
                        const struct rfx_format_entry *entry, struct rfx_error *error)
{
    if (messages->count == messages->room) {
        const size_t room = messages->room == 0 ? 64 : 2 * messages->room;
        struct message *items = realloc(messages->items, room * sizeof *items);
        if (items == NULL) {
            return rfx_fail(error, RFX_E_NOMEM, "no memory for %zu messages", room);
        }
        messages->items = items;
        messages->room = room;
    }
    char *copy = malloc(entry->message.size + 1);
    if (copy == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for a message of %zu bytes",
                        entry->message.size);
    }
    memcpy(copy, entry->message.data, entry->message.size);
    messages->items[messages->count++] =
        (struct message){.utc_ns = entry->utc_ns,
                         .seq_num = entry->seq_num,
                         .session = session,
                         .direction = direction,
                         .text = rfx_bytes_of(copy, entry->message.size)};
    messages->bytes += entry->message.size;
    return RFX_OK;
}

int message_compare(const struct message *a, const struct message *b)
{
    if (a->utc_ns != b->utc_ns) {
        return a->utc_ns < b->utc_ns ? -1 : 1;
    }
    if (a->direction != b->direction) {
        return a->direction == RFX_DIRECTION_IN ? -1 : 1;
    }
    if (a->session != b->session) {
        return a->session < b->session ? -1 : 1;
    }
    return (a->seq_num > b->seq_num) - (a->seq_num < b->seq_num);
}

static int compare(const void *left, const void *right)
{
    return message_compare(left, right);
}

void messages_sort(struct messages *messages)
{
    if (messages->count > 0) {
        qsort(messages->items, messages->count, sizeof *messages->items, compare);
    }
}

static void drop_first(struct messages *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        messages->bytes -= messages->items[i].text.size;
        free((char *)messages->items[i].text.data);
    }
    if (count > 0) {
        messages->count -= count;
        memmove(messages->items, messages->items + count,
                messages->count * sizeof *messages->items);
    }
}

void messages_keep_newest(struct messages *messages, size_t count)
{
    messages_sort(messages);
    drop_first(messages, messages->count > count ? messages->count - count : 0);
}

void messages_clear(struct messages *messages)
{
    drop_first(messages, messages->count);
}

void messages_free(struct messages *messages)
{
    messages_clear(messages);
    free(messages->items);
    *messages = (struct messages){0};
}
