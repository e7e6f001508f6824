/* Opens the server of a run. */
#ifndef LOADGEN_RUN_SERVER_H
#define LOADGEN_RUN_SERVER_H

#include "bench/loadgen/load.h"

/* Sessions begin to log on before it returns, with --ramp from about a second later.
 *
 * errors   RFX_E_CONFIG, RFX_E_IO, RFX_E_NOMEM */
rfx_status run_open_server(const struct options *options, struct load *load,
                           struct rfx_server **server, struct rfx_error *error) RFX_MUST_CHECK;

/* How long it takes until the last session of --ramp may log on; 0 without. */
double run_ramp_s(const struct options *options);

#endif
