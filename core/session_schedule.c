/* Session times: the numbers start anew at the boundary, nobody is logged on outside. */
#include "core/session_internal.h"

/* The clock may be set while we wait: look at least this often. */
#define LOOK_AGAIN_NS (60 * (int64_t)RFX_NS_PER_S)

static bool has_schedule(const struct rfx_session *session)
{
    return session->profile->schedule.kind != RFX_SCHEDULE_NONSTOP ||
           session->profile->logon_schedule.kind != RFX_SCHEDULE_NONSTOP;
}

static int64_t boundary_after(const struct rfx_schedule *schedule, int64_t utc_ns)
{
    struct rfx_interval interval;
    bool is_open = rfx_schedule_at(schedule, utc_ns, &interval);
    return is_open ? interval.end_ns : interval.start_ns;
}

static uint64_t look_again_ns(const struct rfx_session *session, struct rfx_now now)
{
    int64_t boundary_ns = boundary_after(&session->profile->schedule, now.utc_ns);
    int64_t logon_ns = boundary_after(&session->profile->logon_schedule, now.utc_ns);
    int64_t next_ns = logon_ns < boundary_ns ? logon_ns : boundary_ns;
    int64_t wait_ns = LOOK_AGAIN_NS;
    if (next_ns < now.utc_ns + LOOK_AGAIN_NS) {
        wait_ns = next_ns - now.utc_ns;
    }
    return now.mono_ns + (uint64_t)wait_ns;
}

bool rfx_session_is_outdated(const struct rfx_session *session, struct rfx_now now)
{
    struct rfx_interval interval;
    return rfx_schedule_at(&session->profile->schedule, now.utc_ns, &interval) &&
           session->created_utc_ns < interval.start_ns;
}

bool rfx_session_is_open(const struct rfx_session *session, struct rfx_now now,
                         uint64_t *opens_in_ns)
{
    struct rfx_interval session_time;
    struct rfx_interval logon_time;
    if (session->is_disabled) {
        *opens_in_ns = RFX_NEVER_NS;
        return false;
    }
    bool is_session = rfx_schedule_at(&session->profile->schedule, now.utc_ns, &session_time);
    bool is_logon = rfx_schedule_at(&session->profile->logon_schedule, now.utc_ns, &logon_time);
    int64_t opens_ns = now.utc_ns;
    if (!is_session && session_time.start_ns > opens_ns) {
        opens_ns = session_time.start_ns;
    }
    if (!is_logon && logon_time.start_ns > opens_ns) {
        opens_ns = logon_time.start_ns;
    }
    *opens_in_ns = (uint64_t)(opens_ns - now.utc_ns);
    return is_session && is_logon;
}

bool rfx_session_is_over(const struct rfx_session *session, struct rfx_now now)
{
    uint64_t opens_in_ns;
    return !rfx_session_is_open(session, now, &opens_in_ns) ||
           rfx_session_is_outdated(session, now);
}

void rfx_step_follow_schedule(struct rfx_session *session, struct rfx_now now,
                              struct rfx_actions *out)
{
    if (!has_schedule(session)) {
        session->schedule_ns = RFX_NEVER_NS;
        return;
    }
    session->schedule_ns = look_again_ns(session, now);
    if (session->is_disabled && rfx_session_is_connected(session)) {
        return; /* on its way out for that reason */
    }
    if (rfx_session_is_logged_on(session)) {
        if (rfx_session_is_over(session, now)) {
            rfx_step_start_logout(session, "The session time is over", RFX_REASON_SESSION_TIME, now,
                                  out);
        }
    } else if (session->state == RFX_WAITING_FOR_LOGON) {
        if (rfx_session_is_over(session, now)) {
            rfx_step_close(session, RFX_REASON_SESSION_TIME, now, out);
        }
    } else if (!rfx_session_is_connected(session) && rfx_session_is_outdated(session, now)) {
        rfx_step_note(out, "a new session time has begun, both numbers restart at 1");
        rfx_step_reset_numbers(session, now, out);
    }
}
