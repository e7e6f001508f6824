/* Shared by the files of the session layer, one per group of messages. */
#ifndef RFX_CORE_SESSION_INTERNAL_H
#define RFX_CORE_SESSION_INTERNAL_H

#include "core/session.h"
#include "core/validate.h"

/* EndSeqNo(16) for "up to the latest" in FIX.4.0 and 4.1; taken so in 4.2 too. */
#define RFX_INFINITY_41 999999

/* One received message on its way through the step. */
struct rfx_received {
    const struct rfx_message *message;
    struct rfx_header header;
    struct rfx_now now;
    uint64_t seq_num;     /* MsgSeqNum(34), 0 when absent or no number */
    int64_t sent_utc_ns;  /* SendingTime(52) */
    bool has_seq_num;     /* it is there, and a number */
    bool has_sent_utc_ns; /* it is there, and a UTCTimestamp */
    bool from_queue;
};

/* session.c: the state, the numbers */
void rfx_step_set_state(struct rfx_session *session, enum rfx_state state, struct rfx_actions *out);
void rfx_step_settle(struct rfx_session *session, struct rfx_actions *out);
void rfx_step_advance(struct rfx_session *session, struct rfx_actions *out);
void rfx_step_reset_numbers(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out);
void rfx_step_close(struct rfx_session *session, enum rfx_disconnect_reason reason,
                    struct rfx_now now, struct rfx_actions *out);
void rfx_step_note(struct rfx_actions *out, const char *format, ...) RFX_PRINTF(2, 3);

/* session_out.c: messages of our own */
/* Whether headers carry LastMsgSeqNumProcessed(369). */
bool rfx_session_says_last_processed(const struct rfx_session *session);
struct rfx_action *rfx_step_action(struct rfx_actions *out, enum rfx_action_type type);
void rfx_step_send(struct rfx_session *session, struct rfx_writer *writer, struct rfx_now now,
                   struct rfx_actions *out);
/* What differs from Logon to Logon. */
struct rfx_logon_text {
    bool has_reset;          /* ResetSeqNumFlag(141)=Y */
    uint64_t next_expected;  /* NextExpectedMsgSeqNum(789), 0: left out */
    struct rfx_bytes fields; /* more fields, complete, of the application's */
};
void rfx_step_send_logon(struct rfx_session *session, const struct rfx_logon_text *text,
                         struct rfx_now now, struct rfx_actions *out);
void rfx_step_send_heartbeat(struct rfx_session *session, struct rfx_bytes test_req_id,
                             struct rfx_now now, struct rfx_actions *out);
void rfx_step_send_test_request(struct rfx_session *session, struct rfx_now now,
                                struct rfx_actions *out);
/* end: the last number asked for, 0: up to the latest */
void rfx_step_send_resend_request(struct rfx_session *session, uint64_t end, struct rfx_now now,
                                  struct rfx_actions *out);
/* The routing fields of a message that is answered, reversed; empty ones are left out. */
void rfx_step_put_route_back(struct rfx_writer *writer, const struct rfx_message *message);
void rfx_step_send_reject(struct rfx_session *session, const struct rfx_received *in,
                          enum rfx_reject_reason reason, int32_t ref_tag, const char *text,
                          struct rfx_actions *out);
void rfx_step_send_logout(struct rfx_session *session, const char *text, struct rfx_now now,
                          struct rfx_actions *out);
/* Sends a Logout and waits for the answer. */
void rfx_step_start_logout(struct rfx_session *session, const char *text,
                           enum rfx_disconnect_reason reason, struct rfx_now now,
                           struct rfx_actions *out);
void rfx_step_send_gap_fill(struct rfx_session *session, uint64_t first, uint64_t next,
                            struct rfx_now now, struct rfx_actions *out);

/* session_in.c: what is wrong with a message before its number matters */
bool rfx_session_sending_time_is_accurate(const struct rfx_session *session,
                                          const struct rfx_received *in);
void rfx_step_answer_logout(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out);
void rfx_step_too_low(struct rfx_session *session, const struct rfx_received *in,
                      struct rfx_actions *out);
void rfx_step_on_message(struct rfx_session *session, const struct rfx_event *event,
                         struct rfx_actions *out);
struct rfx_received rfx_step_received(const struct rfx_event *event);

/* session_logon.c */
void rfx_step_on_connected(struct rfx_session *session, const struct rfx_event *event,
                           struct rfx_actions *out);
void rfx_step_on_verdict(struct rfx_session *session, const struct rfx_event *event,
                         struct rfx_actions *out);
void rfx_step_on_first_message(struct rfx_session *session, const struct rfx_received *in,
                               struct rfx_actions *out);
void rfx_step_on_logon_again(struct rfx_session *session, const struct rfx_received *in,
                             struct rfx_actions *out);

/* session_resend.c */
void rfx_step_open_gap(struct rfx_session *session, const struct rfx_received *in,
                       struct rfx_actions *out);
/* A message that came before its turn: it waits, and what is missing before it is asked for. */
void rfx_step_hold_back(struct rfx_session *session, const struct rfx_received *in,
                        struct rfx_actions *out);
/* Asks for the next chunk of a gap when the last one has come. */
void rfx_step_ask_on(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out);
/* Resends from what the counterparty's Logon says it expects next. */
void rfx_step_redeliver(struct rfx_session *session, uint64_t first, uint64_t last,
                        struct rfx_actions *out);
void rfx_step_retry_gap(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out);
void rfx_step_on_resend_request(struct rfx_session *session, const struct rfx_received *in,
                                struct rfx_actions *out);
void rfx_step_on_sequence_reset(struct rfx_session *session, const struct rfx_received *in,
                                struct rfx_actions *out);
void rfx_step_on_replayed(struct rfx_session *session, const struct rfx_event *event,
                          struct rfx_actions *out);
void rfx_step_on_replay_end(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out);

/* session_timer.c */
uint64_t rfx_session_gap_retry_ns(const struct rfx_session *session);
/* How long an initiator waits before it connects again. */
uint64_t rfx_session_reconnect_ns(const struct rfx_session *session);

/* session_schedule.c */
/* Logs out when the time is over, resets the numbers when a new session time has begun, and says
 * when to look again. */
void rfx_step_follow_schedule(struct rfx_session *session, struct rfx_now now,
                              struct rfx_actions *out);
/* Whether Logons are exchanged at this time. If not, *opens_in_ns says how long until then. */
bool rfx_session_is_open(const struct rfx_session *session, struct rfx_now now,
                         uint64_t *opens_in_ns);
/* Whether it is not, or the numbers are those of an earlier session time. */
bool rfx_session_is_over(const struct rfx_session *session, struct rfx_now now);
void rfx_step_on_tick(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out);

#endif
