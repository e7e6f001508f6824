/* The orders of one session that await their answer, and the ClOrdIDs that name them.
 *
 * Orders are numbered from 1. The window from the oldest unanswered order to the newest is a ring
 * of send times, so that an answer is matched in O(1) and a second answer is told from an answer
 * to nothing. The ring starts small and doubles up to a limit; at the limit the next order has to
 * wait. One order that is never answered holds the window's start, and so its session, at most
 * that many orders later.
 *
 * thread   one at a time */
#ifndef LOADGEN_FLIGHT_H
#define LOADGEN_FLIGHT_H

#include "ringfix/status.h"

#define FLIGHT_LIMIT  (1u << 16) /* orders in a window, a power of two */
#define ORDER_ID_SIZE 32

struct flight {
    uint64_t *stamps;  /* by number modulo capacity; 0: answered */
    uint32_t capacity; /* a power of two, 0 at first */
    uint32_t outstanding;
    uint64_t oldest; /* every number below is answered */
    uint64_t next;   /* the number of the next order */
};

enum flight_answer {
    FLIGHT_FIRST_ANSWER,
    FLIGHT_ANSWERED_BEFORE,
    FLIGHT_NEVER_SENT,
};

void flight_init(struct flight *flight);
void flight_free(struct flight *flight);

/* True when flight_add() may be called: the window has room, or could be given some. False at
 * FLIGHT_LIMIT, or when memory is short; an answer may change that. */
bool flight_has_room(struct flight *flight);

/* Notes that order `flight->next` was sent at stamp, which is not 0. */
void flight_add(struct flight *flight, uint64_t stamp);

/* Notes an answer; *stamp is set for FLIGHT_FIRST_ANSWER alone. Any number may come in. */
enum flight_answer flight_take(struct flight *flight, uint64_t number, uint64_t *stamp);

/* ClOrdID(11): session and order number in hexadecimal, "1f-3e8"; NUL-terminated. */
void order_id_write(char id[ORDER_ID_SIZE], uint32_t session, uint64_t number);

/* False unless the text is exactly what order_id_write() makes of some pair of numbers. */
bool order_id_read(struct rfx_bytes id, uint32_t *session, uint64_t *number);

#endif
