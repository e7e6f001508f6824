/* What other threads have to say to a shard: a list that anybody may add to without a lock, and
 * that the shard takes as a whole. */
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"

static void post(struct rfx_shard *shard, struct rfx_mail *mail)
{
    struct rfx_mail *head = atomic_load_explicit(&shard->mail, memory_order_relaxed);
    do {
        mail->next = head;
    } while (!atomic_compare_exchange_weak_explicit(&shard->mail, &head, mail, memory_order_release,
                                                    memory_order_relaxed));
    shard->options.wake(shard->options.wake_context);
}

rfx_status rfx_logon_settle(const struct rfx_logon_ticket *ticket, enum rfx_verdict verdict,
                            const char *text)
{
    if (verdict == RFX_LATER || (text != NULL && !rfx_is_printable(text))) {
        return RFX_E_INVALID;
    }
    struct rfx_mail *mail = calloc(1, sizeof *mail);
    if (mail == NULL) {
        return RFX_E_NOMEM;
    }
    mail->logon_id = ticket->id;
    mail->token = ticket->token;
    mail->is_accepted = verdict == RFX_ACCEPT;
    if (text != NULL) {
        memcpy(mail->text, text, strnlen(text, sizeof mail->text - 1));
    }
    post(ticket->shard, mail);
    return RFX_OK;
}

static struct rfx_mail *take_in_order(struct rfx_shard *shard)
{
    struct rfx_mail *newest = atomic_exchange_explicit(&shard->mail, NULL, memory_order_acquire);
    struct rfx_mail *oldest = NULL;
    while (newest != NULL) {
        struct rfx_mail *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* What finds no room in this turn is put back; order between verdicts does not matter. */
size_t rfx_shard_read_mail(struct rfx_shard *shard)
{
    size_t count = 0;
    struct rfx_mail *mail = rfx_shard_has_mail(shard) ? take_in_order(shard) : NULL;
    while (mail != NULL) {
        struct rfx_mail *next = mail->next;
        if (!rfx_shard_has_room(shard)) {
            post(shard, mail);
        } else {
            rfx_shard_settle(shard, mail);
            free(mail);
            count++;
        }
        mail = next;
    }
    return count;
}

bool rfx_shard_has_mail(const struct rfx_shard *shard)
{
    return atomic_load_explicit(&shard->mail, memory_order_relaxed) != NULL;
}

void rfx_shard_close_mail(struct rfx_shard *shard)
{
    struct rfx_mail *mail = take_in_order(shard);
    while (mail != NULL) {
        struct rfx_mail *next = mail->next;
        free(mail);
        mail = next;
    }
}
