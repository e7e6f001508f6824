/* ringfix: a FIX session server as a library. This header includes the whole public API:
 *
 *   status.h   status codes, errors, byte spans
 *   value.h    values of fields: from text to the types of C
 *   message.h  reading messages
 *   builder.h  writing them
 *   shard.h    shards: their clock, timers, and what an application keeps there
 *   session.h  sessions: state, numbers, sending
 *   order.h    an order's life at the side that sent it
 *   codec.h    messages outside of sessions
 *   log.h      the log of events, to a file
 *   app.h      the application's callbacks
 *   config.h   configuration
 *   dictionary.h  what a FIX version allows
 *   server.h   open, stop, wait, close
 *   admin.h    what an operator sees of it, and does to its sessions
 *   journal.h  sessions and messages of a journal, from outside a server
 *
 * Beside it: test.h (libringfix_test, for the tests of applications) and plugin.h (an application
 * that ringfixd loads). The headers belong to the library of the same build: nothing else checks.
 */
#ifndef RINGFIX_RINGFIX_H
#define RINGFIX_RINGFIX_H

#include "ringfix/admin.h"
#include "ringfix/app.h"
#include "ringfix/builder.h"
#include "ringfix/codec.h"
#include "ringfix/config.h"
#include "ringfix/dictionary.h"
#include "ringfix/journal.h"
#include "ringfix/log.h"
#include "ringfix/message.h"
#include "ringfix/order.h"
#include "ringfix/server.h"
#include "ringfix/session.h"
#include "ringfix/shard.h"
#include "ringfix/status.h"
#include "ringfix/value.h"

#endif
