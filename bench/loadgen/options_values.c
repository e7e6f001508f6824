#include "bench/loadgen/options_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/sweep.h"

#define LINE_MAX_SIZE       500
#define BURST_MAX           1000000
#define RATE_MIN            0.001
#define RATE_MAX            1e8
#define SWEEP_STEPS_DEFAULT 10

rfx_status options_fail(struct rfx_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return RFX_E_INVALID;
}

rfx_status options_read_whole(const char *name, const char *text, uint64_t min, uint64_t max,
                              uint64_t *value, struct rfx_error *error)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < min ||
        number > max) {
        return options_fail(error, "--%s %s: not a whole number from %llu to %llu", name, text,
                            (unsigned long long)min, (unsigned long long)max);
    }
    *value = number;
    return RFX_OK;
}

rfx_status options_read_u32(const char *name, const char *text, uint32_t min, uint32_t max,
                            uint32_t *value, struct rfx_error *error)
{
    uint64_t wide = *value;
    rfx_status status = options_read_whole(name, text, min, max, &wide, error);
    *value = (uint32_t)wide;
    return status;
}

rfx_status options_read_real(const char *name, const char *text, double min, double max,
                             double *value, struct rfx_error *error)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || !(number >= min && number <= max)) {
        return options_fail(error, "--%s %s: not a number from %g to %g", name, text, min, max);
    }
    *value = number;
    return RFX_OK;
}

rfx_status options_read_rate(const char *name, const char *text, char **end, double *rate,
                             struct rfx_error *error)
{
    double number = strtod(text, end);
    if (*end != text && (**end == 'k' || **end == 'M')) {
        number *= **end == 'k' ? 1e3 : 1e6;
        ++*end;
    }
    if (text[0] < '0' || text[0] > '9' || !(number >= RATE_MIN && number <= RATE_MAX)) {
        return options_fail(error, "--%s %s: a rate is from %g to %g, such as 500, 20k or 1.5M",
                            name, text, RATE_MIN, RATE_MAX);
    }
    *rate = number;
    return RFX_OK;
}

rfx_status options_read_sweep(const char *name, const char *text, struct options_sweep *sweep,
                              struct rfx_error *error)
{
    struct options_sweep read = {.count = SWEEP_STEPS_DEFAULT};
    rfx_status status = RFX_OK;
    char *end = NULL;
    bool has_rates = options_read_rate(name, text, &end, &read.from, error) == RFX_OK &&
                     *end == ':' &&
                     options_read_rate(name, end + 1, &end, &read.to, error) == RFX_OK &&
                     (*end == ':' || *end == '\0');
    if (!has_rates) {
        return options_fail(error,
                            "--%s %s: FROM:TO or FROM:TO:STEPS is needed, as in 10k:500k:12, with "
                            "rates from %g to %g",
                            name, text, RATE_MIN, RATE_MAX);
    }
    if (read.from >= read.to) {
        return options_fail(error, "--%s %s: the second rate must be the higher one", name, text);
    }
    if (*end == ':') {
        status = options_read_u32(name, end + 1, 2, SWEEP_STEPS_MAX, &read.count, error);
    }
    if (status == RFX_OK) {
        *sweep = read;
    }
    return status;
}

static rfx_status check_text(const char *name, const char *text, char lowest, size_t size_max,
                             struct rfx_error *error)
{
    size_t size = strlen(text);
    if (size < 1 || size > size_max) {
        return options_fail(error, "--%s: 1 to %zu characters are needed, not %zu", name, size_max,
                            size);
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < lowest || text[i] > '~') {
            return options_fail(error, "--%s: character %zu is not printable ASCII", name, i + 1);
        }
    }
    return RFX_OK;
}

rfx_status options_read_word(const char *name, const char *text, size_t size_max, char *value,
                             struct rfx_error *error)
{
    rfx_status status = check_text(name, text, '!', size_max, error);
    if (status == RFX_OK) {
        memcpy(value, text, strlen(text) + 1);
    }
    return status;
}

rfx_status options_read_line(const char *name, const char *text, const char **value,
                             struct rfx_error *error)
{
    rfx_status status = check_text(name, text, ' ', LINE_MAX_SIZE, error);
    if (status == RFX_OK) {
        *value = text;
    }
    return status;
}

static const char *const idle_names[] = {
    [RFX_IDLE_SPIN] = "spin", [RFX_IDLE_ADAPTIVE] = "adaptive", [RFX_IDLE_PARK] = "park"};

const char *options_idle_text(enum rfx_idle_strategy idle)
{
    return idle_names[idle];
}

rfx_status options_read_idle(const char *text, enum rfx_idle_strategy *idle,
                             struct rfx_error *error)
{
    for (size_t i = 0; i < sizeof idle_names / sizeof idle_names[0]; i++) {
        if (strcmp(text, idle_names[i]) == 0) {
            *idle = (enum rfx_idle_strategy)i;
            return RFX_OK;
        }
    }
    return options_fail(error, "--idle %s: there is spin, adaptive and park", text);
}

rfx_status options_read_host(const char *name, const char *text, struct options_host *host,
                             struct rfx_error *error)
{
    const char *colon = strchr(text, ':');
    bool has_brackets = text[0] == '[' && strchr(text, ']') != NULL;
    const char *end = text + strlen(text);
    uint32_t port = 0;
    rfx_status status = RFX_OK;
    if (has_brackets) {
        end = strchr(text, ']') + 1;
        colon = *end == ':' ? end : NULL;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        end = colon; /* with more of them it is an address of IPv6 */
    } else {
        colon = NULL;
    }
    if (colon != NULL) {
        status = options_read_u32(name, colon + 1, 1, UINT16_MAX, &port, error);
    } else if (*end != '\0') {
        status = options_fail(error, "--%s %s: what is '%s'?", name, text, end);
    }
    char word[RFX_HOST_MAX + 3];
    if (status == RFX_OK && (size_t)(end - text) < sizeof word) {
        snprintf(word, sizeof word, "%.*s",
                 has_brackets ? (int)(end - text) - 2 : (int)(end - text),
                 has_brackets ? text + 1 : text);
        status = options_read_word(name, word, RFX_HOST_MAX, host->name, error);
    } else if (status == RFX_OK) {
        status = options_fail(error, "--%s: longer than %d characters", name, RFX_HOST_MAX);
    }
    host->port = (uint16_t)port;
    return status;
}

rfx_status options_read_burst(const char *name, const char *text, uint32_t *burst, double *rate,
                              struct rfx_error *error)
{
    char *end = NULL;
    double hz = 0;
    errno = 0;
    unsigned long count = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || errno != 0 || *end != '@' || count < 1 ||
        count > BURST_MAX || options_read_rate(name, end + 1, &end, &hz, error) != RFX_OK ||
        *end != '\0' || (double)count * hz > RATE_MAX) {
        return options_fail(error,
                            "--%s %s: N@HZ is needed, as in 1000@10: 1 to %d orders at a time, at "
                            "most %g a second",
                            name, text, BURST_MAX, RATE_MAX);
    }
    *burst = (uint32_t)count;
    *rate = (double)count * hz;
    return RFX_OK;
}

rfx_status options_read_appl_ver(const char *text, int8_t *appl_ver_id, struct rfx_error *error)
{
    static const char *const names[] = {"FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"};
    for (int8_t i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *appl_ver_id = (int8_t)(7 + i);
            return RFX_OK;
        }
    }
    return options_fail(error, "--appl-ver %s: there is FIX.5.0, FIX.5.0SP1 and FIX.5.0SP2", text);
}
