/* Sessions that log out and on again during the load. Orders in flight stay so: their answers come
 * before the Logout's, or are asked for at the next Logon, since the numbers go on. */
#include "bench/loadgen/clock.h"
#include "bench/loadgen/load_internal.h"

static void log_out(struct load_session *session)
{
    if (session->is_lost || session->is_away || !rfx_session_is_logged_on(session->handle)) {
        return;
    }
    if (rfx_session_logout(session->handle, NULL) == RFX_OK) {
        session->is_away = true;
        session->out_at_leaving = rfx_session_next_out(session->handle);
        session->lane->logouts++;
    }
}

void load_churn(struct lane *lane, uint64_t now_ns)
{
    const struct options *options = lane->load->options;
    if (options->churn == 0 || lane->session_count == 0) {
        return;
    }
    double share = (double)lane->session_count / options->sessions;
    uint64_t interval_ns = (uint64_t)((double)NS_PER_S / (options->churn * share));
    if (lane->churn_ns == 0) {
        lane->churn_ns = now_ns + interval_ns;
    }
    for (uint32_t i = 0; i < lane->session_count && lane->churn_ns <= now_ns; i++) {
        log_out(lane->sessions[lane->churn_cursor]);
        lane->churn_cursor = (lane->churn_cursor + 1) % lane->session_count;
        lane->churn_ns += interval_ns;
    }
}

void load_come_back(struct load_session *session)
{
    session->is_away = false;
    session->lane->logons++;
    if (rfx_session_next_out(session->handle) <= session->out_at_leaving) {
        load_fail(session, FAILURE_UNEXPECTED, "the numbers started over at a Logon",
                  (struct rfx_bytes){.data = NULL, .size = 0});
    }
    if (session->due > 0) {
        load_wait_for_turn(session);
    }
}
