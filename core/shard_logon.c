/* The application's part in a logon: its verdict about a Logon received, at once or later, and
 * what it adds to a Logon sent. */
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"

void rfx_shard_forget_logon(struct rfx_hosted *hosted)
{
    free(hosted->logon);
    hosted->logon = NULL;
    hosted->logon_id = 0;
}

/* A template's session gets its place in the journal, which may know it from an earlier time. */
static bool take_in(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    struct rfx_error error;
    rfx_status status = rfx_shard_confirm(shard, hosted, &error);
    if (status != RFX_OK) {
        rfx_shard_log_about(shard, hosted, RFX_LOG_ERROR, "refused: %s", error.text);
        struct rfx_event close = rfx_shard_event(shard, RFX_EVENT_CLOSE);
        close.reason = status == RFX_E_FULL ? RFX_REASON_SESSION_LIMIT : RFX_REASON_AUTHENTICATION;
        rfx_shard_step(shard, hosted, &close);
        return false;
    }
    rfx_shard_log(shard, hosted, RFX_LOG_INFO, "session made from its template");
    if (rfx_session_is_outdated(&hosted->session, shard->now)) {
        struct rfx_event reset = rfx_shard_event(shard, RFX_EVENT_RESET);
        rfx_shard_step(shard, hosted, &reset);
    }
    return true;
}

static void give_verdict(struct rfx_shard *shard, struct rfx_hosted *hosted,
                         const struct rfx_message *logon, bool is_accepted, const char *text)
{
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_VERDICT);
    struct rfx_message message = *logon;
    event.message = &message;
    event.is_accepted = is_accepted;
    if (hosted->session.state != RFX_LOGON_INITIAL_RECV) {
        return; /* the application has closed it meanwhile */
    }
    if (is_accepted && hosted->primary != NULL) {
        event.was_judged = true;
        hosted = rfx_shard_promote(shard, hosted);
        if (hosted == NULL) {
            return;
        }
        message.rules = &hosted->session.rules;
    }
    if (is_accepted && hosted->is_provisional && !take_in(shard, hosted)) {
        return;
    }
    if (text[0] != '\0' && !hosted->is_provisional) {
        event.text = text;
    }
    if (!event.is_accepted) {
        rfx_shard_log_about(shard, hosted, RFX_LOG_WARNING, "Logon from %s refused%s%s",
                            hosted->remote_address, text[0] != '\0' ? ": " : "", text);
    }
    rfx_shard_step(shard, hosted, &event);
    if (rfx_session_is_logged_on(&hosted->session)) {
        rfx_shard_close_rivals(shard, hosted);
    }
}

/* Keeps the Logon until the verdict comes; it is bounded by what a stranger may send. */
static bool keep(struct rfx_hosted *hosted, const struct rfx_message *logon, uint64_t id)
{
    hosted->logon = malloc(logon->size);
    if (hosted->logon == NULL) {
        return false;
    }
    memcpy(hosted->logon, logon->data, logon->size);
    hosted->logon_size = logon->size;
    hosted->logon_id = id;
    return true;
}

void rfx_shard_authenticate(struct rfx_shard *shard, struct rfx_hosted *hosted,
                            const struct rfx_message *logon)
{
    const struct rfx_app *app = shard->options.app;
    char text[RFX_REFUSAL_MAX] = "";
    enum rfx_verdict verdict = RFX_ACCEPT;
    struct rfx_logon_ticket ticket = {
        .shard = shard, .id = ++shard->last_logon_id, .token = hosted->token};
    if (app->on_authenticate != NULL) {
        struct rfx_message *lent = rfx_shard_lend(shard, logon);
        const struct rfx_call call = rfx_shard_enter(shard, hosted, "on_authenticate");
        verdict = app->on_authenticate(app->context, &hosted->session, lent, &ticket, text);
        rfx_shard_leave(shard, call);
        rfx_shard_take_back(lent);
        text[RFX_REFUSAL_MAX - 1] = '\0';
    }
    if (hosted->session.state != RFX_LOGON_INITIAL_RECV) {
        return; /* the application has closed it */
    }
    if (!rfx_is_printable(text)) {
        rfx_shard_log_about(shard, hosted, RFX_LOG_ERROR,
                            "on_authenticate gave a text that is not printable; it is left out");
        text[0] = '\0';
    }
    if (verdict == RFX_LATER && keep(hosted, logon, ticket.id)) {
        return;
    }
    give_verdict(shard, hosted, logon, verdict == RFX_ACCEPT, text);
}

void rfx_shard_settle(struct rfx_shard *shard, const struct rfx_logon_verdict *verdict)
{
    struct rfx_hosted *hosted =
        verdict->token < shard->session_count ? shard->sessions[verdict->token] : NULL;
    if (hosted == NULL || hosted->logon == NULL || hosted->logon_id != verdict->logon_id) {
        return; /* the connection is gone */
    }
    struct rfx_message message;
    char *logon = hosted->logon;
    hosted->logon = NULL;
    hosted->logon_id = 0;
    rfx_message_index(logon, hosted->logon_size, shard->fields, &message);
    message.rules = &hosted->session.rules;
    give_verdict(shard, hosted, &message, verdict->is_accepted, verdict->text);
    free(logon);
}

/* What the session itself writes into its Logon. */
static void take_session_fields(struct rfx_builder *builder, const struct rfx_hosted *hosted)
{
    const struct rfx_session_config *config = hosted->session.config;
    int32_t tags[6] = {98, 108}; /* EncryptMethod, HeartBtInt */
    size_t count = 2;
    if (config->reset_on_logon) {
        tags[count++] = 141; /* ResetSeqNumFlag */
    }
    if (config->test_message_indicator) {
        tags[count++] = 464; /* TestMessageIndicator */
    }
    if (config->enable_next_expected_msg_seq_num) {
        tags[count++] = 789; /* NextExpectedMsgSeqNum */
    }
    if (hosted->session.profile->version == RFX_FIXT11) {
        tags[count++] = 1137; /* DefaultApplVerID */
    }
    rfx_builder_take(builder, tags, count);
}

struct rfx_bytes rfx_shard_logon_fields(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    const struct rfx_app *app = shard->options.app;
    struct rfx_builder builder;
    if (app->on_build_logon == NULL) {
        return rfx_bytes_of(NULL, 0);
    }
    rfx_writer_begin_fields(&builder.writer, shard->logon_space, sizeof shard->logon_space);
    rfx_builder_begin(&builder, hosted->session.config);
    take_session_fields(&builder, hosted);
    builder.owner = NULL;
    const struct rfx_call call = rfx_shard_enter(shard, hosted, "on_build_logon");
    app->on_build_logon(app->context, &hosted->session, &builder);
    rfx_shard_leave(shard, call);
    if (!rfx_builder_is_good(&builder)) {
        rfx_shard_log(shard, hosted, RFX_LOG_ERROR,
                      "on_build_logon put a field that is not acceptable, tag %d: %s; the Logon "
                      "goes out without its fields",
                      (int)builder.problem_tag, builder.problem);
        return rfx_bytes_of(NULL, 0);
    }
    return rfx_bytes_of(shard->logon_space, (size_t)(builder.writer.position - shard->logon_space));
}
