/* The session layer against a counterparty that may send anything.
 *
 * The first byte's low bits choose the configuration: 1 initiator, 2 ResetOnLogon,
 * 4 ResetOnLogout, 8 ResetOnDisconnect, 16 no heartbeats, 32 no CheckCompID. Every further line
 * is one event; '|' stands for SOH, and length and sum of messages are right:
 *
 *     > D|11=1|     a message with a sound header and the number that is due
 *     >-3 D|11=1|   the same with a number that is 3 lower; >7 D|: 7 higher
 *     =35=D|34=x|   a message of just these fields
 *     +30000        so many milliseconds pass
 *     s l t c d n r the application sends, logs out, sends a TestRequest, disconnects; the
 *                   counterparty disconnects; a new connection without a Logon; a reset
 *
 * Whenever the session has no connection, a new one is made and logged on. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/session_host.h"

#define REPLAY_SLICE   3
#define LINES_MAX      400 /* of one input, so that none takes long */
#define ADVANCE_MAX_MS UINT64_C(100000000)

static uint64_t read_number(const char **text, const char *end, uint64_t limit)
{
    uint64_t number = 0;
    while (*text < end && **text >= '0' && **text <= '9') {
        number = rfx_min_u64(number * 10 + (uint64_t)(**text - '0'), limit);
        (*text)++;
    }
    return number;
}

/* "[-][number] TYPE|fields", with SOH for '|' already. */
static void run_numbered(struct host *host, const char *text, const char *end)
{
    bool is_lower = text < end && *text == '-';
    text += is_lower;
    uint64_t offset = read_number(&text, end, NUMBER_MAX);
    text += text < end && *text == ' ';
    uint64_t due = host->session.next_in;
    uint64_t seq_num = due + offset;
    if (is_lower) {
        seq_num = due > offset ? due - offset : 0;
    }
    const char *soh = memchr(text, RFX_SOH, (size_t)(end - text));
    const char *rest = soh == NULL ? end : soh + 1;
    const char *type_end = soh == NULL ? end : soh;
    host_receive_numbered(host, rfx_bytes_of(text, (size_t)(type_end - text)), seq_num,
                          rfx_bytes_of(rest, (size_t)(end - rest)));
}

static void run_command(struct host *host, char command)
{
    bool is_logged_on = rfx_session_is_logged_on(&host->session);
    switch (command) {
    case 's':
        if (is_logged_on) {
            host_send(host);
        }
        break;
    case 'l':
        if (is_logged_on) {
            host_event(host, RFX_EVENT_LOGOUT, RFX_REASON_LOGOUT_COMPLETED);
        }
        break;
    case 't':
        if (is_logged_on && !host->session.test_is_pending) {
            host_event(host, RFX_EVENT_TEST_REQUEST, RFX_REASON_NONE);
        }
        break;
    case 'c':
        host_event(host, RFX_EVENT_CLOSE, RFX_REASON_APPLICATION);
        break;
    case 'd':
        host_event(host, RFX_EVENT_DISCONNECTED, RFX_REASON_PEER_CLOSED);
        break;
    case 'n':
        host_connect(host);
        break;
    case 'r':
        host_event(host, RFX_EVENT_CLOSE, RFX_REASON_APPLICATION);
        host_event(host, RFX_EVENT_RESET, RFX_REASON_NONE);
        break;
    default: /* any other byte means nothing */
        break;
    }
}

static void run_line(struct host *host, char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        line[i] = line[i] == '|' ? RFX_SOH : line[i];
    }
    const char *text = line + 1;
    switch (line[0]) {
    case '>':
        run_numbered(host, text, line + size);
        break;
    case '=':
        host_receive(host, rfx_bytes_of(text, size - 1));
        break;
    case '+':
        host_advance(host, read_number(&text, line + size, ADVANCE_MAX_MS));
        break;
    default:
        run_command(host, line[0]);
        break;
    }
    host_serve(host, REPLAY_SLICE);
    if (!rfx_session_is_connected(&host->session)) {
        host_log_on(host);
    }
}

static void run_lines(struct host *host, const char *text, size_t size)
{
    char line[MESSAGE_MAX];
    for (size_t count = 0; size > 0 && count < LINES_MAX; count++) {
        const char *newline = memchr(text, '\n', size);
        size_t line_size = newline == NULL ? size : (size_t)(newline - text);
        if (line_size > 0 && line_size <= sizeof line) {
            memcpy(line, text, line_size);
            run_line(host, line, line_size);
        }
        size_t used = newline == NULL ? size : line_size + 1;
        text += used;
        size -= used;
    }
}

static void configure(struct rfx_session_config *config, uint8_t choice)
{
    *config = rfx_session_config_default;
    config->role = (choice & 1) != 0 ? RFX_ROLE_INITIATOR : RFX_ROLE_ACCEPTOR;
    strcpy(config->begin_string, "FIX.4.4");
    strcpy(config->sender_comp_id, "US");
    strcpy(config->target_comp_id, "THEM");
    config->hosts[0] = (struct rfx_host){.name = "exchange.example", .port = 9876};
    config->heartbeat_s = (choice & 16) != 0 ? 0 : 30;
    config->check_comp_id = (choice & 32) == 0;
    config->reset_on_logon = (choice & 2) != 0;
    config->reset_on_logout = (choice & 4) != 0;
    config->reset_on_disconnect = (choice & 8) != 0;
    config->use_data_dictionary = (choice & 64) != 0;
    config->enable_next_expected_msg_seq_num = (choice & 128) != 0;
    config->enable_last_msg_seq_num_processed = (choice & 128) != 0;
    config->resend_request_chunk_size = (choice & 128) != 0 ? 3 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct host *host = calloc(1, sizeof *host);
    RFX_ASSERT(host != NULL);
    configure(&host->config, data[0]);
    host_open(host);
    run_lines(host, (const char *)data + 1, size - 1);
    host_close(host);
    free(host);
    return 0;
}
