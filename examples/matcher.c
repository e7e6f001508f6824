/* An order matcher: limit orders are matched by price, then time, in a book that each shard has for
 * itself, without a lock: on_shard_start makes it, and only that shard's callbacks touch it. So
 * orders meet orders of sessions of the same shard; Shards=1 in the configuration makes one market
 * of all.
 *
 * An order gets one ExecutionReport(8) when it comes (new, filled in part or filled), and one more
 * for each later fill or its cancellation. Left out, to keep it short: market orders, replacing,
 * and telling those who are not logged on about fills later.
 *
 *   example_matcher CONFIG       (acceptor sessions of FIX.4.4; see docs/configuration.md) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringfix/ringfix.h>

#define BUCKETS 1024

struct order {
    struct order *next; /* at the same price, later */
    struct rfx_session *session;
    char id[33]; /* ClOrdID(11) */
    char side;
    int64_t quantity;
    int64_t filled;
};

struct level {
    struct level *next; /* a worse price */
    struct rfx_decimal price;
    struct order *first;
    struct order *last;
};

struct instrument {
    struct instrument *next; /* with the same hash */
    struct level *sides[2];  /* to buy, to sell; the best price first */
    char symbol[33];
};

/* Of one shard. */
struct book {
    struct instrument *buckets[BUCKETS];
    uint64_t exec_count;
};

/* ---------------------------------------------------------------------------------------- book */

static struct instrument *find_instrument(struct book *book, const char *symbol)
{
    uint32_t hash = 5381;
    for (const char *c = symbol; *c != '\0'; c++) {
        hash = hash * 33 + (unsigned char)*c;
    }
    struct instrument **link = &book->buckets[hash % BUCKETS];
    while (*link != NULL && strcmp((*link)->symbol, symbol) != 0) {
        link = &(*link)->next;
    }
    if (*link == NULL && (*link = calloc(1, sizeof **link)) != NULL) {
        strcpy((*link)->symbol, symbol);
    }
    return *link;
}

/* Below 0: a is the better price for a side. */
static int compare(char side, struct rfx_decimal a, struct rfx_decimal b)
{
    return side == '1' ? rfx_decimal_compare(b, a) : rfx_decimal_compare(a, b);
}

static struct level **side_of(struct instrument *instrument, char side)
{
    return &instrument->sides[side == '1' ? 0 : 1];
}

/* False: out of memory. */
static bool rest(struct instrument *instrument, struct order *order, struct rfx_decimal price)
{
    struct level **link = side_of(instrument, order->side);
    while (*link != NULL && compare(order->side, (*link)->price, price) < 0) {
        link = &(*link)->next;
    }
    if (*link == NULL || rfx_decimal_compare((*link)->price, price) != 0) {
        struct level *level = calloc(1, sizeof *level);
        if (level == NULL) {
            return false;
        }
        *level = (struct level){.next = *link, .price = price};
        *link = level;
    }
    *((*link)->first == NULL ? &(*link)->first : &(*link)->last->next) = order;
    (*link)->last = order;
    return true;
}

/* Takes the first order of a side's best price out, and the price with it when it was the last. */
static void remove_first(struct level **best)
{
    struct level *level = *best;
    struct order *order = level->first;
    level->first = order->next;
    free(order);
    if (level->first == NULL) {
        *best = level->next;
        free(level);
    }
}

/* ------------------------------------------------------------------------------------- reports */

static void report(struct book *book, const char *symbol, const struct order *order, char exec_type,
                   int64_t last_quantity, struct rfx_decimal last_price)
{
    struct rfx_builder *builder;
    const bool is_fill = last_quantity > 0;
    if (rfx_session_begin(order->session, "8", &builder) != RFX_OK) {
        fprintf(stderr, "%s: no report about %s\n", rfx_session_name(order->session), order->id);
        return;
    }
    const char status = exec_type == '4'                   ? '4'
                        : order->filled == order->quantity ? '2'
                        : order->filled > 0                ? '1'
                                                           : '0';
    char exec_id[48];
    snprintf(exec_id, sizeof exec_id, "%u-%llu",
             (unsigned)rfx_shard_index(rfx_session_shard(order->session)),
             (unsigned long long)++book->exec_count);
    rfx_builder_put_text(builder, 37, order->id); /* OrderID */
    rfx_builder_put_text(builder, 11, order->id); /* ClOrdID */
    rfx_builder_put_text(builder, 17, exec_id);   /* ExecID */
    rfx_builder_put_char(builder, 150, exec_type);
    rfx_builder_put_char(builder, 39, status);
    rfx_builder_put_text(builder, 55, symbol);
    rfx_builder_put_char(builder, 54, order->side);
    if (is_fill) {
        rfx_builder_put_int(builder, 32, last_quantity);
        rfx_builder_put_decimal(builder, 31, last_price);
    }
    rfx_builder_put_int(builder, 151, exec_type == '4' ? 0 : order->quantity - order->filled);
    rfx_builder_put_int(builder, 14, order->filled); /* CumQty */
    rfx_builder_put_decimal(builder, 6, last_price); /* AvgPx; of the last fill, to keep it short */
    if (rfx_session_commit(order->session, builder, NULL) != RFX_OK) {
        fprintf(stderr, "%s: no report about %s\n", rfx_session_name(order->session), order->id);
    }
}

/* What a new order takes from the other side. Returns the quantity, *price of the last fill. */
static int64_t match(struct book *book, struct instrument *instrument, struct order *order,
                     struct rfx_decimal limit, struct rfx_decimal *price)
{
    struct level **best = side_of(instrument, order->side == '1' ? '2' : '1');
    int64_t taken = 0;
    while (*best != NULL && order->filled < order->quantity &&
           compare(order->side, (*best)->price, limit) >= 0) {
        struct order *resting = (*best)->first;
        const int64_t left = order->quantity - order->filled;
        const int64_t there = resting->quantity - resting->filled;
        const int64_t traded = left < there ? left : there;
        *price = (*best)->price;
        order->filled += traded;
        resting->filled += traded;
        taken += traded;
        report(book, instrument->symbol, resting, 'F', traded, *price);
        if (resting->filled == resting->quantity) {
            remove_first(best);
        }
    }
    return taken;
}

/* ------------------------------------------------------------------------------------ messages */

static bool read_text(const struct rfx_message *message, int32_t tag, char text[33])
{
    struct rfx_bytes value;
    if (rfx_message_get(message, tag, &value) != RFX_OK || value.size > 32) {
        return false;
    }
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    return true;
}

static void refuse(struct rfx_session *session, const struct rfx_message *message, const char *text)
{
    if (rfx_session_business_reject(session, message, 0, NULL, text) != RFX_OK) {
        fprintf(stderr, "%s: not answered: %s\n", rfx_session_name(session), text);
    }
}

static void on_order(struct book *book, struct rfx_session *session,
                     const struct rfx_message *message)
{
    struct order *order = calloc(1, sizeof *order);
    struct instrument *instrument = NULL;
    struct rfx_decimal price;
    char symbol[33];
    if (order != NULL && read_text(message, 11, order->id) && read_text(message, 55, symbol) &&
        rfx_message_get_char(message, 54, &order->side) == RFX_OK &&
        (order->side == '1' || order->side == '2') &&
        rfx_message_get_int(message, 38, &order->quantity) == RFX_OK && order->quantity > 0 &&
        rfx_message_get_decimal(message, 44, &price) == RFX_OK) {
        instrument = find_instrument(book, symbol);
    }
    if (instrument == NULL) {
        free(order);
        refuse(session, message, "a limit order to buy or sell a whole quantity is wanted");
        return;
    }
    order->session = session;
    struct rfx_decimal last_price = {0};
    const int64_t taken = match(book, instrument, order, price, &last_price);
    report(book, symbol, order, taken > 0 ? 'F' : '0', taken, last_price);
    if (order->filled == order->quantity || !rest(instrument, order, price)) {
        free(order);
    }
}

static void on_cancel(struct book *book, struct rfx_session *session,
                      const struct rfx_message *message)
{
    char id[33];
    char symbol[33];
    char side;
    if (!read_text(message, 41, id) || !read_text(message, 55, symbol) ||
        rfx_message_get_char(message, 54, &side) != RFX_OK) {
        refuse(session, message, "OrigClOrdID(41), Symbol(55) and Side(54) are wanted");
        return;
    }
    struct instrument *instrument = find_instrument(book, symbol);
    for (struct level **link = instrument != NULL ? side_of(instrument, side) : NULL;
         link != NULL && *link != NULL; link = &(*link)->next) {
        struct order *before = NULL;
        for (struct order *order = (*link)->first; order != NULL; order = order->next) {
            if (order->session != session || strcmp(order->id, id) != 0) {
                before = order;
                continue;
            }
            report(book, symbol, order, '4', 0, (struct rfx_decimal){0});
            if (before == NULL) {
                remove_first(link);
                return;
            }
            before->next = order->next;
            (*link)->last = (*link)->last == order ? before : (*link)->last;
            free(order);
            return;
        }
    }
    refuse(session, message, "no such order is open");
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct book *book = rfx_shard_user(rfx_session_shard(session));
    (void)context;
    if (book == NULL) {
        refuse(session, message, "out of memory");
    } else if (rfx_message_is(message, "D")) {
        on_order(book, session, message);
    } else if (rfx_message_is(message, "F")) {
        on_cancel(book, session, message);
    } else if (!rfx_message_is(message, "3") && !rfx_message_is(message, "j")) {
        refuse(session, message, "a NewOrderSingle(D) or an OrderCancelRequest(F) is wanted");
    }
}

static void on_shard_start(void *context, struct rfx_shard *shard)
{
    (void)context;
    rfx_shard_set_user(shard, calloc(1, sizeof(struct book)));
}

static void on_shard_stop(void *context, struct rfx_shard *shard)
{
    struct book *book = rfx_shard_user(shard);
    (void)context;
    for (size_t i = 0; book != NULL && i < BUCKETS; i++) {
        while (book->buckets[i] != NULL) {
            struct instrument *instrument = book->buckets[i];
            for (int side = 0; side < 2; side++) {
                while (instrument->sides[side] != NULL) {
                    remove_first(&instrument->sides[side]);
                }
            }
            book->buckets[i] = instrument->next;
            free(instrument);
        }
    }
    free(book);
}

int main(int argc, char **argv)
{
    const struct rfx_app app = {
        .on_shard_start = on_shard_start, .on_shard_stop = on_shard_stop, .on_message = on_message};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error;
    if (argc != 2 || rfx_config_load(argv[1], &config, &error) ||
        rfx_server_open(&config, &app, &server, &error)) {
        fprintf(stderr, "%s\n", argc != 2 ? "usage: example_matcher CONFIG" : error.text);
        return 1;
    }
    rfx_config_free(&config);
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);
    return rfx_server_wait(server, &error); /* until it is killed; the journal is safe */
}
