/* What is sent: an order, or a message of the mix. */
#include "bench/loadgen/clock.h"
#include "bench/loadgen/load_internal.h"

static void put_now(const struct load_session *session, struct rfx_builder *builder, int32_t tag,
                    uint64_t now_ns)
{
    rfx_builder_put_utc(builder, tag, (int64_t)now_ns + session->lane->load->utc_offset_ns, 3);
}

static void put_order_id(const struct load_session *session, struct rfx_builder *builder,
                         int32_t tag, uint64_t number)
{
    char id[ORDER_ID_SIZE];
    order_id_write(id, session->number, number);
    rfx_builder_put_text(builder, tag, id);
}

static void write_order(const struct load_session *session, struct rfx_builder *builder,
                        uint64_t now_ns)
{
    put_order_id(session, builder, 11, session->flight.next); /* ClOrdID */
    rfx_builder_put_char(builder, 21, '1');                   /* HandlInst: automated */
    rfx_builder_put_text(builder, 55, "LOAD.TEST");           /* Symbol */
    rfx_builder_put_char(builder, 54, '1');                   /* Side: buy */
    if (session->lane->load->has_transact_time) {
        put_now(session, builder, 60, now_ns); /* TransactTime */
    }
    rfx_builder_put_text(builder, 38, "1000");    /* OrderQty */
    rfx_builder_put_char(builder, 40, '2');       /* OrdType: limit */
    rfx_builder_put_text(builder, 44, "1234.56"); /* Price */
    rfx_builder_put_char(builder, 59, '0');       /* TimeInForce: day */
}

static void write_mixed(const struct load_session *session, struct rfx_builder *builder,
                        const struct mix_line *line, uint64_t now_ns)
{
    const struct mix_field *fields = &session->lane->load->options->mix->fields[line->first];
    uint64_t number = session->flight.next;
    for (uint32_t i = 0; i <= line->count; i++) {
        if (i == line->header_count) {
            put_order_id(session, builder, 11, number); /* ClOrdID */
        }
        if (i == line->count) {
            break;
        }
        switch (fields[i].kind) {
        case MIX_TEXT:
            rfx_builder_put(builder, fields[i].tag, fields[i].text);
            break;
        case MIX_NOW:
            put_now(session, builder, fields[i].tag, now_ns);
            break;
        case MIX_PREVIOUS: /* of the first one, its own */
            put_order_id(session, builder, fields[i].tag, number > 1 ? number - 1 : number);
            break;
        }
    }
}

/* A session has one TestRequest pending. What were sent behind a Logout would be lost. */
bool load_has_room(struct load_session *session)
{
    if (session->is_away ||
        (session->lane->load->options->is_test_request && session->flight.outstanding > 0)) {
        return false;
    }
    return flight_has_room(&session->flight);
}

rfx_status load_order_send(struct load_session *session, uint64_t *now_ns)
{
    const struct options *options = session->lane->load->options;
    const struct mix *mix = options->mix;
    uint32_t index = mix != NULL ? mix_pick(mix, session->number, session->flight.next) : 0;
    struct rfx_builder *builder;
    if (options->is_test_request) {
        *now_ns = clock_ns();
        return rfx_session_send_test_request(session->handle);
    }
    rfx_status status = rfx_session_begin(session->handle,
                                          mix != NULL ? mix->lines[index].msg_type : "D", &builder);
    if (status != RFX_OK) {
        return status;
    }
    *now_ns = clock_ns();
    if (mix != NULL) {
        write_mixed(session, builder, &mix->lines[index], *now_ns);
        session->lane->mix_sent[index]++;
    } else {
        write_order(session, builder, *now_ns);
    }
    return rfx_session_commit(session->handle, builder, NULL);
}
