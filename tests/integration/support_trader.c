#include "tests/integration/support_trader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX 4096

static const char gap[] = "gap";

void trader_open(struct trader *trader, unsigned number)
{
    memset(trader, 0, sizeof *trader);
    snprintf(trader->name, sizeof trader->name, "TRADER-%u", number);
    peer_init(&trader->peer, trader->name);
    trader->received = calloc(TRADER_NUMBERS_MAX, sizeof *trader->received);
    trader->sent = calloc(TRADER_NUMBERS_MAX, sizeof *trader->sent);
    trader->reports = calloc(TRADER_NUMBERS_MAX, sizeof *trader->reports);
    assert_true(trader->received != NULL && trader->sent != NULL && trader->reports != NULL);
    trader->expected = 1;
}

void trader_close(struct trader *trader)
{
    peer_free(&trader->peer);
    for (size_t i = 0; i < TRADER_NUMBERS_MAX; i++) {
        free(trader->received[i]);
        free(trader->sent[i]);
    }
    free(trader->received);
    free(trader->sent);
    free(trader->reports);
}

/* -------------------------------------------------------------------------------- sending */

bool trader_send_orders(struct trader *trader, uint32_t count)
{
    size_t room = (size_t)count * 512;
    char *bytes = malloc(room);
    size_t size = 0;
    assert_non_null(bytes);
    for (uint32_t i = 0; i < count; i++) {
        char text[160];
        uint64_t number = trader->peer.identity.seq_num;
        snprintf(text, sizeof text, "35=D|11=%s-%u|55=ACME|54=1|38=100|40=2|44=12.50|60=@0",
                 trader->name, trader->order_count++);
        assert_true(number < TRADER_NUMBERS_MAX);
        trader->sent[number] = strdup(text);
        size += peer_compose(&trader->peer, text, bytes + size, room - size);
    }
    bool is_sent = peer_send_bytes(&trader->peer, bytes, size);
    free(bytes);
    return is_sent;
}

/* Answers a ResendRequest: application messages again, a gap fill for everything else. */
static void resend(struct trader *trader, uint64_t first, uint64_t last)
{
    uint64_t next = trader->peer.identity.seq_num;
    char text[256];
    if (last == 0 || last >= next) {
        last = next - 1;
    }
    while (first <= last) {
        uint64_t end = first;
        while (end <= last && trader->sent[end] == NULL) {
            end++;
        }
        if (end > first) {
            snprintf(text, sizeof text, "35=4|34=%llu|43=Y|122=@0|123=Y|36=%llu",
                     (unsigned long long)first, (unsigned long long)end);
        } else {
            snprintf(text, sizeof text, "%s|34=%llu|43=Y|122=@0", trader->sent[first],
                     (unsigned long long)first);
            end++;
        }
        if (!peer_send(&trader->peer, text)) {
            return;
        }
        first = end;
    }
}

/* ------------------------------------------------------------------------------- checking */

static void broken(const struct trader *trader, const char *what, uint64_t number,
                   const char *content)
{
    fail_msg("%s: %s: MsgSeqNum %llu, before: %s, now: %.*s", trader->name, what,
             (unsigned long long)number,
             trader->received[number] != NULL ? trader->received[number] : "nothing",
             (int)strlen(content), content);
}

static bool is_admin_content(const char *content)
{
    const char *type = strstr(content, "|35=");
    return type != NULL && type[5] == '|' && strchr("0A1245", type[4]) != NULL;
}

static void on_gap_fill(struct trader *trader, uint64_t first)
{
    uint64_t next = peer_uint(&trader->peer, 36);
    assert_true(peer_is(&trader->peer, 123, "Y"));
    assert_true(next > first && next < TRADER_NUMBERS_MAX);
    for (uint64_t number = first; number < next; number++) {
        if (trader->received[number] == NULL) {
            trader->received[number] = strdup(gap);
        } else if (strcmp(trader->received[number], gap) != 0 &&
                   !is_admin_content(trader->received[number])) {
            broken(trader, "received before, now a gap fill", number, gap);
        }
    }
    if (trader->replay_next == first) {
        trader->replay_next = next;
    }
}

static void on_report(struct trader *trader, uint64_t number, const char *content)
{
    char *after = NULL;
    const char *id = strstr(content, "|11=");
    assert_non_null(id);
    assert_int_equal(strncmp(id + 4, trader->name, strlen(trader->name)), 0);
    unsigned long order = strtoul(id + 4 + strlen(trader->name) + 1, &after, 10);
    assert_true(order < trader->order_count);
    if (trader->reports[order] == 0) {
        trader->reports[order] = number;
        trader->report_count++;
    } else if (trader->reports[order] != number) {
        broken(trader, "an order was answered twice", number, content);
    }
}

static void keep(struct trader *trader, uint64_t number)
{
    char content[CONTENT_MAX];
    struct text text = {.data = content, .size_max = sizeof content};
    peer_render(&trader->peer, PEER_RENDER_CONTENT, &text);
    if (trader->received[number] == NULL) {
        trader->received[number] = strdup(content);
    } else if (strcmp(trader->received[number], content) != 0) {
        broken(trader, "a number was used twice", number, content);
    }
    if (peer_is(&trader->peer, 35, "8")) {
        on_report(trader, number, content);
    }
}

/* A message that is sent for the first time has the next number; a Logon may be further ahead, by
 * what was lost with the last connection. */
static void check_order(struct trader *trader, uint64_t number)
{
    bool is_logon = peer_is(&trader->peer, 35, "A");
    if (number < trader->expected || (number > trader->expected && !is_logon)) {
        fail_msg("%s: MsgSeqNum %llu came where %llu was due", trader->name,
                 (unsigned long long)number, (unsigned long long)trader->expected);
    }
    trader->expected = number + 1;
    if (is_logon) {
        trader->logon_seq = number;
    }
}

static void on_message(struct trader *trader)
{
    const struct peer *peer = &trader->peer;
    uint64_t number = peer_uint(peer, 34);
    bool is_repeated = peer_is(peer, 43, "Y");
    assert_true(number > 0 && number < TRADER_NUMBERS_MAX);
    if (!is_repeated) {
        check_order(trader, number);
    } else if (trader->replay_next != 0 && number > trader->replay_next) {
        fail_msg("%s: the resend skips from %llu to %llu", trader->name,
                 (unsigned long long)trader->replay_next, (unsigned long long)number);
    }
    if (peer_is(peer, 35, "4")) {
        on_gap_fill(trader, number);
        return;
    }
    keep(trader, number);
    if (is_repeated && trader->replay_next == number) {
        trader->replay_next = number + 1;
    }
    if (peer_is(peer, 35, "2")) {
        trader->resend_requests++;
        resend(trader, peer_uint(peer, 7), peer_uint(peer, 16));
    } else if (peer_is(peer, 35, "5") && trader->expects_logout) {
        trader->has_logout = true;
    } else if (!peer_is(peer, 35, "8") && !peer_is(peer, 35, "A")) {
        struct rfx_bytes raw = rfx_message_raw(&peer->message);
        fail_msg("%s: no reason for %.*s", trader->name, (int)raw.size, raw.data);
    }
}

enum peer_result trader_turn(struct trader *trader, int timeout_ms)
{
    enum peer_result result = peer_receive(&trader->peer, timeout_ms);
    if (result == PEER_MESSAGE) {
        on_message(trader);
    }
    assert_int_not_equal(result, PEER_GARBLED);
    return result;
}

/* ------------------------------------------------------------------------------ the phases */

void trader_logon(struct trader *trader, uint16_t port)
{
    trader->logon_seq = 0;
    trader->replay_next = 0;
    peer_connect(&trader->peer, port);
    assert_true(peer_send(&trader->peer, "35=A|98=0|108=30"));
    assert_int_equal(trader_turn(trader, PEER_WAIT_MS), PEER_MESSAGE);
    assert_int_not_equal(trader->logon_seq, 0);
}

static void take_next(struct trader *trader)
{
    enum peer_result result = trader_turn(trader, PEER_WAIT_MS);
    if (result != PEER_MESSAGE) {
        fail_msg("%s: %s; resent up to %llu of %llu, %u of %u orders answered", trader->name,
                 result == PEER_END ? "connection closed" : "nothing comes",
                 (unsigned long long)trader->replay_next, (unsigned long long)trader->logon_seq,
                 trader->report_count, trader->order_count);
    }
}

void trader_verify(struct trader *trader)
{
    trader->replay_next = 1;
    assert_true(peer_send(&trader->peer, "35=2|7=1|16=0"));
    while (trader->replay_next <= trader->logon_seq) {
        take_next(trader);
    }
    for (uint64_t number = 1; number <= trader->logon_seq; number++) {
        assert_non_null(trader->received[number]);
    }
    trader_await_reports(trader);
}

void trader_await_reports(struct trader *trader)
{
    while (trader->report_count < trader->order_count) {
        take_next(trader);
    }
}

void trader_await_logout(struct trader *trader)
{
    trader->expects_logout = true;
    trader->has_logout = false;
    while (!trader->has_logout) {
        take_next(trader);
    }
    trader->expects_logout = false;
    assert_true(peer_send(&trader->peer, "35=5"));
    peer_expect_end(&trader->peer);
}
