/* Values of the command line, one function per kind. Every error names the option.
 *
 * errors   RFX_E_INVALID; the value is left as it is */
#ifndef LOADGEN_OPTIONS_INTERNAL_H
#define LOADGEN_OPTIONS_INTERNAL_H

#include "bench/loadgen/options.h"

/* Writes the error; returns RFX_E_INVALID. */
rfx_status options_fail(struct rfx_error *error, const char *format, ...) RFX_PRINTF(2, 3);

rfx_status options_read_whole(const char *name, const char *text, uint64_t min, uint64_t max,
                              uint64_t *value, struct rfx_error *error) RFX_MUST_CHECK;
rfx_status options_read_u32(const char *name, const char *text, uint32_t min, uint32_t max,
                            uint32_t *value, struct rfx_error *error) RFX_MUST_CHECK;
rfx_status options_read_real(const char *name, const char *text, double min, double max,
                             double *value, struct rfx_error *error) RFX_MUST_CHECK;

/* Orders per second, with k or M behind for thousands or millions; text may go on behind *end. */
rfx_status options_read_rate(const char *name, const char *text, char **end, double *rate,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* FROM:TO or FROM:TO:STEPS. */
rfx_status options_read_sweep(const char *name, const char *text, struct options_sweep *sweep,
                              struct rfx_error *error) RFX_MUST_CHECK;

/* HOST, HOST:PORT or [ADDRESS]:PORT. */
rfx_status options_read_host(const char *name, const char *text, struct options_host *host,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* N@HZ, as the number of orders and their rate. */
rfx_status options_read_burst(const char *name, const char *text, uint32_t *burst, double *rate,
                              struct rfx_error *error) RFX_MUST_CHECK;

/* FIX.5.0, FIX.5.0SP1 or FIX.5.0SP2. */
rfx_status options_read_appl_ver(const char *text, int8_t *appl_ver_id,
                                 struct rfx_error *error) RFX_MUST_CHECK;

/* A word of printable ASCII without spaces; value has room for size_max + 1 bytes. */
rfx_status options_read_word(const char *name, const char *text, size_t size_max, char *value,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* Printable ASCII with spaces, not copied. */
rfx_status options_read_line(const char *name, const char *text, const char **value,
                             struct rfx_error *error) RFX_MUST_CHECK;

rfx_status options_read_idle(const char *text, enum rfx_idle_strategy *idle,
                             struct rfx_error *error) RFX_MUST_CHECK;

#endif
