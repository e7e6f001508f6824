#include "io/names.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/socket.h"

#define THREADS_MAX   4    /* so that one domain whose servers are down holds up few others */
#define QUESTIONS_MAX 4096 /* whose answers have not been taken */

struct question {
    struct question *next;
    uint32_t asker;
    uint64_t deadline_ns;
    struct rfx_name_answer *answer; /* made beforehand: there is nobody to tell of a lack */
    char host[];
};

struct inbox {
    struct rfx_name_answer *first;
    struct rfx_name_answer **last;
    _Atomic bool has_any;
};

/* Belongs to whoever opened it and to its threads; the last one frees it. */
struct rfx_names {
    struct rfx_names_options options;
    cpu_set_t cores;
    pthread_mutex_t mutex; /* over what follows, but for has_any */
    pthread_cond_t asked;
    struct question *first;
    struct question **last;
    uint32_t waiting_count;  /* for a thread */
    uint32_t question_count; /* these, those that are being answered, and answers not taken */
    uint32_t thread_count;
    uint32_t idle_count;
    bool is_closed;
    struct inbox inboxes[];
};

static void release(struct rfx_names *names)
{
    pthread_mutex_destroy(&names->mutex);
    pthread_cond_destroy(&names->asked);
    free(names);
}

static void free_question(struct question *question)
{
    free(question->answer);
    free(question);
}

static void resolve(const char *host, struct rfx_name_answer *answer)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *found = NULL;
    const int result = getaddrinfo(host, NULL, &hints, &found);
    if (result != 0) {
        answer->problem = gai_strerror(result);
        return;
    }
    for (const struct addrinfo *item = found;
         item != NULL && answer->count < RFX_NAME_ADDRESSES_MAX; item = item->ai_next) {
        if (item->ai_family == AF_INET || item->ai_family == AF_INET6) {
            memcpy(&answer->addresses[answer->count++], item->ai_addr, item->ai_addrlen);
        }
    }
    freeaddrinfo(found);
    if (answer->count == 0) {
        answer->problem = "it has no IP address";
    }
}

/* With the lock. */
static void deliver(struct rfx_names *names, struct question *question)
{
    struct inbox *inbox = &names->inboxes[question->asker];
    if (names->is_closed) {
        return;
    }
    *inbox->last = question->answer;
    inbox->last = &question->answer->next;
    question->answer = NULL;
    atomic_store_explicit(&inbox->has_any, true, memory_order_release);
    names->options.wake(names->options.context, question->asker);
}

static struct question *next_question(struct rfx_names *names)
{
    struct question *question = names->first;
    names->first = question->next;
    if (names->first == NULL) {
        names->last = &names->first;
    }
    names->waiting_count--;
    return question;
}

static void *run(void *argument)
{
    struct rfx_names *names = argument;
    (void)pthread_setaffinity_np(pthread_self(), sizeof names->cores, &names->cores);
    (void)pthread_setname_np(pthread_self(), "rfx-names");
    pthread_mutex_lock(&names->mutex);
    while (!names->is_closed) {
        if (names->first == NULL) {
            names->idle_count++;
            pthread_cond_wait(&names->asked, &names->mutex);
            names->idle_count--;
            continue;
        }
        struct question *question = next_question(names);
        if (rfx_clock_mono_ns() < question->deadline_ns) { /* else nobody waits any more */
            pthread_mutex_unlock(&names->mutex);
            resolve(question->host, question->answer);
            pthread_mutex_lock(&names->mutex);
            deliver(names, question);
        } else {
            names->question_count--;
        }
        free_question(question);
    }
    const bool is_last = --names->thread_count == 0;
    pthread_mutex_unlock(&names->mutex);
    if (is_last) {
        release(names);
    }
    return NULL;
}

rfx_status rfx_names_open(const struct rfx_names_options *options, struct rfx_names **names,
                          struct rfx_error *error)
{
    struct rfx_names *opened =
        calloc(1, sizeof *opened + options->asker_count * sizeof opened->inboxes[0]);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for host names");
    }
    opened->options = *options;
    opened->options.cores = NULL;
    if (options->cores != NULL) {
        opened->cores = *options->cores;
    } else {
        (void)sched_getaffinity(0, sizeof opened->cores, &opened->cores);
    }
    pthread_mutex_init(&opened->mutex, NULL);
    pthread_cond_init(&opened->asked, NULL);
    opened->last = &opened->first;
    for (uint32_t i = 0; i < options->asker_count; i++) {
        opened->inboxes[i].last = &opened->inboxes[i].first;
    }
    *names = opened;
    return RFX_OK;
}

void rfx_names_close(struct rfx_names *names)
{
    if (names == NULL) {
        return;
    }
    pthread_mutex_lock(&names->mutex);
    names->is_closed = true;
    while (names->first != NULL) {
        free_question(next_question(names));
    }
    for (uint32_t i = 0; i < names->options.asker_count; i++) {
        while (names->inboxes[i].first != NULL) {
            struct rfx_name_answer *answer = names->inboxes[i].first;
            names->inboxes[i].first = answer->next;
            free(answer);
        }
    }
    const bool is_last = names->thread_count == 0;
    pthread_cond_broadcast(&names->asked);
    pthread_mutex_unlock(&names->mutex);
    if (is_last) {
        release(names);
    }
}

/* With the lock. A thread that cannot be started is no problem as long as there is another. */
static bool start_thread(struct rfx_names *names)
{
    pthread_t thread;
    pthread_attr_t detached;
    sigset_t all;
    sigset_t before;
    sigfillset(&all); /* signals are the program's business */
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool is_started = pthread_create(&thread, &detached, run, names) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
    names->thread_count += is_started;
    return names->thread_count > 0;
}

const char *rfx_names_ask(struct rfx_names *names, uint32_t asker, uint64_t token, const char *host,
                          uint64_t patience_ns)
{
    const char *problem = NULL;
    const size_t size = strlen(host) + 1;
    struct question *question = malloc(sizeof *question + size);
    struct rfx_name_answer *answer = calloc(1, sizeof *answer);
    if (question == NULL || answer == NULL) {
        free(question);
        free(answer);
        return "out of memory for a host name";
    }
    answer->token = token;
    *question = (struct question){
        .asker = asker, .deadline_ns = rfx_clock_mono_ns() + patience_ns, .answer = answer};
    memcpy(question->host, host, size);
    pthread_mutex_lock(&names->mutex);
    if (names->question_count == QUESTIONS_MAX) {
        problem = "too many host names wait to be resolved";
    } else if (names->idle_count <= names->waiting_count && names->thread_count < THREADS_MAX &&
               !start_thread(names)) {
        problem = "no thread to resolve a host name";
    }
    if (problem == NULL) {
        *names->last = question;
        names->last = &question->next;
        names->waiting_count++;
        names->question_count++;
        pthread_cond_signal(&names->asked);
    }
    pthread_mutex_unlock(&names->mutex);
    if (problem != NULL) {
        free_question(question);
    }
    return problem;
}

struct rfx_name_answer *rfx_name_of_digits(const char *host)
{
    struct sockaddr_storage address;
    socklen_t size;
    if (!rfx_socket_address(host, 0, &address, &size)) {
        return NULL;
    }
    struct rfx_name_answer *answer = calloc(1, sizeof *answer);
    if (answer != NULL) {
        answer->addresses[answer->count++] = address;
    }
    return answer;
}

bool rfx_names_has_answer(const struct rfx_names *names, uint32_t asker)
{
    return atomic_load_explicit(&names->inboxes[asker].has_any, memory_order_acquire);
}

struct rfx_name_answer *rfx_names_take(struct rfx_names *names, uint32_t asker)
{
    if (!rfx_names_has_answer(names, asker)) {
        return NULL;
    }
    struct inbox *inbox = &names->inboxes[asker];
    pthread_mutex_lock(&names->mutex);
    struct rfx_name_answer *answer = inbox->first;
    if (answer != NULL) {
        inbox->first = answer->next;
        if (inbox->first == NULL) {
            inbox->last = &inbox->first;
        }
        names->question_count--;
    }
    atomic_store_explicit(&inbox->has_any, inbox->first != NULL, memory_order_release);
    pthread_mutex_unlock(&names->mutex);
    return answer;
}
