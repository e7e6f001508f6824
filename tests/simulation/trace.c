/* The trace: one line per event, printed, hashed, or neither. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/simulation/sim.h"

static void hash_line(struct sim *sim, const char *line)
{
    for (; *line != '\0'; line++) { /* FNV-1a */
        sim->hash = (sim->hash ^ (unsigned char)*line) * UINT64_C(0x100000001b3);
    }
}

static void put_line(struct sim *sim, const char *who, const char *what)
{
    char line[3 * SIM_MESSAGE_MAX];
    snprintf(line, sizeof line, "%5llu.%06llu %s %s\n", (unsigned long long)(sim->now_ns / SIM_S),
             (unsigned long long)(sim->now_ns % SIM_S / 1000), who, what);
    hash_line(sim, line);
    if (sim->is_traced) {
        fputs(line, stdout);
    }
}

void sim_trace(struct sim *sim, const char *who, const char *format, ...)
{
    if (!sim->is_traced && !sim->is_hashed) {
        return;
    }
    char what[2 * SIM_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    put_line(sim, who, what);
}

void sim_trace_message(struct sim *sim, const char *who, const char *what, const char *data,
                       size_t size)
{
    if (!sim->is_traced && !sim->is_hashed) {
        return;
    }
    char text[2 * SIM_MESSAGE_MAX];
    size_t used = (size_t)snprintf(text, sizeof text, "%s ", what);
    for (size_t i = 0; i < size && used < sizeof text - 1; i++) {
        text[used++] = data[i] == RFX_SOH ? '|' : data[i];
    }
    text[used] = '\0';
    put_line(sim, who, text);
}

void sim_fail(struct sim *sim, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("seed %llu fails at %llu.%06llu s: ", (unsigned long long)sim->seed,
           (unsigned long long)(sim->now_ns / SIM_S),
           (unsigned long long)(sim->now_ns % SIM_S / 1000));
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
    _exit(SIM_EXIT_FAILED);
}
