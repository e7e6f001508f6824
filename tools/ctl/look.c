#include "tools/ctl/look.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t look_utc_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

static void keep(void *context, const json_t *object)
{
    struct look *look = context;
    if (look->count == look->capacity) {
        const size_t capacity = look->capacity == 0 ? 64 : 2 * look->capacity;
        json_t **grown = realloc(look->sessions, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        look->sessions = grown;
        look->capacity = capacity;
    }
    look->sessions[look->count++] = json_deep_copy(object);
}

const char *look_name(const json_t *session)
{
    const char *name = json_string_value(json_object_get(session, "session"));
    return name != NULL ? name : "";
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(look_name(*(json_t *const *)a), look_name(*(json_t *const *)b));
}

void look_forget(struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        json_decref(look->sessions[i]);
    }
    free(look->sessions);
    *look = (struct look){.sessions = NULL};
}

enum client_result look_take(const char *socket_path, struct look *look, char *problem,
                             size_t problem_size)
{
    *look = (struct look){.mono_ns = clock_ns(CLOCK_MONOTONIC)};
    const enum client_result result = client_ask(socket_path, json_pack("{s:s}", "do", "sessions"),
                                                 keep, look, problem, problem_size);
    if (look->count > 0) {
        qsort(look->sessions, look->count, sizeof *look->sessions, compare_names);
    }
    return result;
}

const json_t *look_find(const struct look *look, const json_t *session)
{
    json_t *const *found = look->count == 0 ? NULL
                                            : bsearch(&session, look->sessions, look->count,
                                                      sizeof *look->sessions, compare_names);
    return found != NULL ? *found : NULL;
}
