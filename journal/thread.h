/* What the journal's own threads have in common. */
#ifndef RFX_JOURNAL_THREAD_H
#define RFX_JOURNAL_THREAD_H

#include <pthread.h>
#include <time.h>

#include "core/base.h"

uint64_t rfx_thread_clock_ns(clockid_t clock);

/* CLOCK_MONOTONIC, which the condition below waits by. */
uint64_t rfx_thread_now_ns(void);

void rfx_thread_init_wake(pthread_cond_t *wake);

/* False once that time has come; true: woken, perhaps for nothing. */
bool rfx_thread_wait(pthread_cond_t *wake, pthread_mutex_t *mutex, uint64_t until_ns);

/* Starts a thread that gets no signals: those are the program's business. name as top -H shows it,
 * up to 15 characters. errors RFX_E_IO */
rfx_status rfx_thread_start(pthread_t *thread, const char *name, void *(*run)(void *),
                            void *argument, struct rfx_error *error) RFX_MUST_CHECK;

#endif
