#include "io/server/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "io/server/server_internal.h"
#include "ringfix/admin.h"

/* Who asks may give up waiting, so both sides hold it. The data stands behind. */
struct question {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    unsigned holders;
    bool is_answered;
    rfx_ask_fn *run;
    rfx_status status;
    struct rfx_error error;
    max_align_t data[];
};

static struct question *question_of(void *data)
{
    return RFX_CONTAINER_OF(data, struct question, data);
}

void *rfx_ask_make(size_t size)
{
    pthread_condattr_t monotonic;
    struct question *question = calloc(1, sizeof *question + size);
    if (question == NULL) {
        return NULL;
    }
    question->holders = 1;
    pthread_mutex_init(&question->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&question->answered, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return question->data;
}

static void let_go(struct question *question)
{
    pthread_mutex_lock(&question->mutex);
    const bool is_last = --question->holders == 0;
    pthread_mutex_unlock(&question->mutex);
    if (is_last) {
        pthread_cond_destroy(&question->answered);
        pthread_mutex_destroy(&question->mutex);
        free(question);
    }
}

void rfx_ask_free(void *data)
{
    let_go(question_of(data));
}

/* On the shard. */
static bool answer(struct rfx_shard *shard, void *context)
{
    struct question *question = context;
    rfx_status status = RFX_OK;
    struct rfx_error error = {.text = ""};
    if (shard == NULL) {
        status = rfx_fail(&error, RFX_E_STATE, "the server has stopped");
    } else if (!question->run(shard, question->data, &status, &error)) {
        return false;
    }
    pthread_mutex_lock(&question->mutex);
    question->status = status;
    question->error = error;
    question->is_answered = true;
    pthread_cond_signal(&question->answered);
    pthread_mutex_unlock(&question->mutex);
    let_go(question);
    return true;
}

static bool await(struct question *question)
{
    struct timespec until;
    int result = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RFX_ADMIN_WAIT_MS / 1000;
    while (!question->is_answered && result != ETIMEDOUT) {
        result = pthread_cond_timedwait(&question->answered, &question->mutex, &until);
    }
    return question->is_answered;
}

rfx_status rfx_ask(struct rfx_server *server, uint32_t shard, void *data, rfx_ask_fn *run,
                   struct rfx_error *error)
{
    struct question *question = question_of(data);
    question->is_answered = false;
    question->run = run;
    question->holders++;
    for (uint32_t i = 0; i < server->worker_count; i++) {
        const struct rfx_shard *own = server->workers[i].shard;
        if (own != NULL && rfx_shard_is_own(own)) {
            rfx_misused("a function of ringfix/admin.h",
                        "was called in a callback, and would wait for itself");
        }
    }
    const rfx_status posted =
        rfx_shard_post_job(server->workers[server->shard_worker[shard]].shard, answer, question);
    if (posted != RFX_OK) {
        question->holders--;
        return posted == RFX_E_STATE
                   ? rfx_fail(error, RFX_E_STATE, "the server has stopped")
                   : rfx_fail(error, posted, "out of memory for a question to shard %u", shard);
    }
    pthread_mutex_lock(&question->mutex);
    const bool is_answered = await(question);
    const rfx_status status = question->status;
    if (is_answered && status != RFX_OK) {
        *error = question->error;
    }
    pthread_mutex_unlock(&question->mutex);
    if (!is_answered) {
        return rfx_fail(error, RFX_E_FULL,
                        "shard %u does not answer within %d ms; the log says so when a callback "
                        "keeps it",
                        shard, RFX_ADMIN_WAIT_MS);
    }
    return status;
}
