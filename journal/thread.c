#include "journal/thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

uint64_t rfx_thread_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * RFX_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t rfx_thread_now_ns(void)
{
    return rfx_thread_clock_ns(CLOCK_MONOTONIC);
}

void rfx_thread_init_wake(pthread_cond_t *wake)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool rfx_thread_wait(pthread_cond_t *wake, pthread_mutex_t *mutex, uint64_t until_ns)
{
    const struct timespec until = {.tv_sec = (time_t)(until_ns / RFX_NS_PER_S),
                                   .tv_nsec = (long)(until_ns % RFX_NS_PER_S)};
    return pthread_cond_timedwait(wake, mutex, &until) != ETIMEDOUT;
}

rfx_status rfx_thread_start(pthread_t *thread, const char *name, void *(*run)(void *),
                            void *argument, struct rfx_error *error)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int result = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0) {
        return rfx_fail(error, RFX_E_IO, "cannot start a thread: %s", strerror(result));
    }
    (void)pthread_setname_np(*thread, name);
    return RFX_OK;
}
