/* What other threads have to say to a shard: a list that anybody may add to without a lock, and
 * that the shard takes as a whole. */
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"

#define MAIL_PER_TURN 256           /* connections want their share of the turn */
#define RETRY_NS      RFX_NS_PER_MS /* when a task asks to be called again */

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
    struct rfx_shard *shard = ticket->shard;
    if (verdict == RFX_LATER || (text != NULL && !rfx_is_printable(text))) {
        return RFX_E_INVALID;
    }
    struct rfx_mail *mail = calloc(1, sizeof *mail);
    if (mail == NULL) {
        return RFX_E_NOMEM;
    }
    mail->verdict.logon_id = ticket->id;
    mail->verdict.token = ticket->token;
    mail->verdict.is_accepted = verdict == RFX_ACCEPT;
    if (text != NULL) {
        memcpy(mail->verdict.text, text, strnlen(text, sizeof mail->verdict.text - 1));
    }
    post(shard, mail);
    return RFX_OK;
}

/* The server has stopped: nobody would read it. */
static bool is_over(const struct rfx_shard *shard)
{
    return atomic_load_explicit(&shard->is_over, memory_order_acquire);
}

rfx_status rfx_shard_post_job(struct rfx_shard *shard, rfx_shard_job *job, void *context)
{
    if (is_over(shard)) {
        return RFX_E_STATE;
    }
    struct rfx_mail *mail = calloc(1, sizeof *mail);
    if (mail == NULL) {
        return RFX_E_NOMEM;
    }
    mail->job = job;
    mail->job_context = context;
    post(shard, mail);
    return RFX_OK;
}

/* --------------------------------------------------------------------------------------- tasks */

rfx_status rfx_session_post(struct rfx_session *session, rfx_session_task *task, const void *data,
                            size_t size)
{
    struct rfx_shard *shard = rfx_hosted_of(session)->shard;
    const uint64_t charge = sizeof(struct rfx_mail) + size;
    if (size > shard->options.config->post_queue_size) {
        return RFX_E_INVALID;
    }
    if (is_over(shard)) {
        return RFX_E_STATE;
    }
    const uint64_t before =
        atomic_fetch_add_explicit(&shard->posted_bytes, charge, memory_order_relaxed);
    if (before > 0 && before + charge > shard->options.config->post_queue_size) {
        atomic_fetch_sub_explicit(&shard->posted_bytes, charge, memory_order_relaxed);
        return RFX_E_FULL;
    }
    struct rfx_mail *mail = malloc(sizeof *mail + size);
    if (mail == NULL) {
        atomic_fetch_sub_explicit(&shard->posted_bytes, charge, memory_order_relaxed);
        return RFX_E_NOMEM;
    }
    mail->task = task;
    mail->job = NULL;
    mail->session = session;
    mail->size = size;
    if (size > 0) {
        memcpy(mail + 1, data, size);
    }
    post(shard, mail);
    return RFX_OK;
}

/* False: it wants to be called again. */
static bool run_task(struct rfx_shard *shard, const struct rfx_mail *mail)
{
    const struct rfx_app *app = shard->options.app;
    const struct rfx_call call =
        rfx_shard_enter(shard, rfx_hosted_of(mail->session), "a task of rfx_session_post()");
    const bool is_done =
        mail->task(app->context, mail->session, mail->size > 0 ? mail + 1 : NULL, mail->size);
    rfx_shard_leave(shard, call);
    if (is_done) {
        atomic_fetch_sub_explicit(&shard->posted_bytes, sizeof *mail + mail->size,
                                  memory_order_relaxed);
    }
    return is_done;
}

/* ------------------------------------------------------------------------------------- reading */

/* What has come, in its order, behind what has been waiting. */
static void take(struct rfx_shard *shard)
{
    struct rfx_mail *newest = atomic_exchange_explicit(&shard->mail, NULL, memory_order_acquire);
    struct rfx_mail *oldest = NULL;
    struct rfx_mail *last = newest;
    while (newest != NULL) {
        struct rfx_mail *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    if (oldest == NULL) {
        return;
    }
    if (shard->waiting_mail == NULL) {
        shard->waiting_mail = oldest;
    } else {
        shard->last_mail->next = oldest;
    }
    shard->last_mail = last;
}

size_t rfx_shard_read_mail(struct rfx_shard *shard)
{
    size_t count = 0;
    if (rfx_shard_has_mail(shard)) {
        take(shard);
    }
    shard->mail_due_ns = 0;
    while (shard->waiting_mail != NULL && count < MAIL_PER_TURN && rfx_shard_has_room(shard)) {
        struct rfx_mail *mail = shard->waiting_mail;
        if (mail->job != NULL) {
            if (!mail->job(shard, mail->job_context)) {
                break;
            }
        } else if (mail->task == NULL) {
            rfx_shard_settle(shard, &mail->verdict);
        } else if (!run_task(shard, mail)) {
            shard->mail_due_ns = shard->now.mono_ns + RETRY_NS;
            break;
        }
        shard->waiting_mail = mail->next;
        free(mail);
        count++;
    }
    return count;
}

bool rfx_shard_has_mail(const struct rfx_shard *shard)
{
    return atomic_load_explicit(&shard->mail, memory_order_relaxed) != NULL;
}

uint64_t rfx_shard_mail_due_ns(const struct rfx_shard *shard)
{
    return shard->waiting_mail != NULL ? shard->mail_due_ns : RFX_NEVER_NS;
}

void rfx_shard_close_mail(struct rfx_shard *shard)
{
    take(shard);
    while (shard->waiting_mail != NULL) {
        struct rfx_mail *mail = shard->waiting_mail;
        shard->waiting_mail = mail->next;
        if (mail->job != NULL) {
            (void)mail->job(NULL, mail->job_context);
        }
        free(mail);
    }
}
