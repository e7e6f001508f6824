#include "tools/journal/progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BAR_COLUMNS 40
#define WATCH_NS    (200 * (long)RFX_NS_PER_MS)

void progress_init(struct progress *progress, const char *what, enum progress_output output)
{
    const bool is_free = output == PROGRESS_ALONE || isatty(STDOUT_FILENO) != 1;
    *progress = (struct progress){
        .what = what, .is_on = is_free && isatty(STDERR_FILENO) == 1, .percent = -1};
}

void progress_show(struct progress *progress, uint64_t done, uint64_t all)
{
    const double share = all > 0 && done < all ? (double)done / (double)all : 1;
    const int percent = (int)(100 * share);
    if (!progress->is_on || percent == progress->percent) {
        return;
    }
    char bar[BAR_COLUMNS + 1];
    for (int i = 0; i < BAR_COLUMNS; i++) {
        bar[i] = i < percent * BAR_COLUMNS / 100 ? '#' : '.';
    }
    bar[BAR_COLUMNS] = '\0';
    fprintf(stderr, "\r%s [%s] %3d %%", progress->what, bar, percent);
    progress->percent = percent;
}

void progress_clear(struct progress *progress)
{
    if (progress->percent >= 0) {
        fputs("\r\033[K", stderr);
        progress->percent = -1;
    }
}

static void *watch(void *context)
{
    struct progress *progress = context;
    pthread_mutex_lock(&progress->mutex);
    while (!progress->is_over) {
        struct stat file;
        struct timespec until;
        if (stat(progress->path, &file) == 0) {
            progress_show(progress, (uint64_t)file.st_size, progress->size);
        }
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WATCH_NS;
        until.tv_sec += until.tv_nsec / (long)RFX_NS_PER_S;
        until.tv_nsec %= (long)RFX_NS_PER_S;
        pthread_cond_timedwait(&progress->over, &progress->mutex, &until);
    }
    pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

void progress_watch(struct progress *progress, const char *path, uint64_t size)
{
    if (!progress->is_on) {
        return;
    }
    progress->path = path;
    progress->size = size;
    pthread_mutex_init(&progress->mutex, NULL);
    pthread_cond_init(&progress->over, NULL);
    progress->is_watching = pthread_create(&progress->thread, NULL, watch, progress) == 0;
}

void progress_unwatch(struct progress *progress)
{
    if (progress->is_watching) {
        pthread_mutex_lock(&progress->mutex);
        progress->is_over = true;
        pthread_cond_signal(&progress->over);
        pthread_mutex_unlock(&progress->mutex);
        pthread_join(progress->thread, NULL);
        progress->is_watching = false;
    }
    progress_clear(progress);
}
