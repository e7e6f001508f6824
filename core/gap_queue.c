#include "core/gap_queue.h"

#include <stdlib.h>
#include <string.h>

static size_t room_of(const struct rfx_gap_item *item)
{
    return sizeof *item + item->size;
}

rfx_status rfx_gap_queue_put(struct rfx_gap_queue *queue, uint64_t seq_num,
                             struct rfx_bytes message, size_t bytes_max)
{
    size_t room = sizeof(struct rfx_gap_item) + message.size;
    if (queue->bytes + room > bytes_max) {
        return RFX_E_FULL; /* before the search, which a full queue makes long */
    }
    struct rfx_gap_item **link = &queue->first;
    if (queue->last != NULL && queue->last->seq_num < seq_num) {
        link = &queue->last->next;
    }
    while (*link != NULL && (*link)->seq_num < seq_num) {
        link = &(*link)->next;
    }
    if (*link != NULL && (*link)->seq_num == seq_num) {
        return RFX_OK;
    }
    struct rfx_gap_item *item = malloc(room);
    if (item == NULL) {
        return RFX_E_NOMEM;
    }
    item->seq_num = seq_num;
    item->size = (uint32_t)message.size;
    memcpy(item->data, message.data, message.size);
    item->next = *link;
    *link = item;
    if (item->next == NULL) {
        queue->last = item;
    }
    queue->bytes += room;
    return RFX_OK;
}

static struct rfx_gap_item *take_first(struct rfx_gap_queue *queue)
{
    struct rfx_gap_item *item = queue->first;
    queue->first = item->next;
    if (queue->first == NULL) {
        queue->last = NULL;
    }
    queue->bytes -= room_of(item);
    return item;
}

struct rfx_gap_item *rfx_gap_queue_take(struct rfx_gap_queue *queue, uint64_t seq_num)
{
    while (queue->first != NULL && queue->first->seq_num < seq_num) {
        free(take_first(queue));
    }
    if (queue->first == NULL || queue->first->seq_num != seq_num) {
        return NULL;
    }
    return take_first(queue);
}

void rfx_gap_queue_clear(struct rfx_gap_queue *queue)
{
    while (queue->first != NULL) {
        free(take_first(queue));
    }
}
