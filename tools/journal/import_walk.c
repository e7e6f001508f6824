/* The lines of an import, one beside the others. */
#include <stdlib.h>
#include <string.h>

#include "tools/journal/import.h"
#include "tools/shared/stop.h"

struct walk {
    struct json_file *file;
    struct import_plan plan;
    bool has_header;
    bool has_end;
    uint64_t next_out; /* of the session at hand */
    uint64_t last[2];  /* MsgSeqNum(34) of its message before, by direction */
};

static rfx_status check_session(struct walk *walk, const struct json_line *line,
                                struct rfx_error *error)
{
    if (walk->plan.session_count == UINT32_MAX) {
        return json_file_fail(walk->file, error, "more sessions than a journal can hold");
    }
    walk->plan.session_count++;
    walk->next_out = line->next_out;
    walk->last[0] = 0;
    walk->last[1] = 0;
    return RFX_OK;
}

static rfx_status check_message(struct walk *walk, const struct json_line *line,
                                struct rfx_error *error)
{
    if (walk->plan.session_count == 0) {
        return json_file_fail(walk->file, error, "a message before the first session");
    }
    if (line->seq_num <= walk->last[line->direction]) {
        return json_file_fail(
            walk->file, error, "seq %llu behind %llu: those of a direction must ascend",
            (unsigned long long)line->seq_num, (unsigned long long)walk->last[line->direction]);
    }
    if (line->direction == RFX_DIRECTION_OUT && line->seq_num >= walk->next_out) {
        return json_file_fail(
            walk->file, error, "seq %llu was sent, so the session's next_out cannot be %llu",
            (unsigned long long)line->seq_num, (unsigned long long)walk->next_out);
    }
    walk->last[line->direction] = line->seq_num;
    walk->plan.message_count++;
    if (line->message_size > walk->plan.message_size_max) {
        walk->plan.message_size_max = line->message_size;
    }
    return RFX_OK;
}

static rfx_status check_line(struct walk *walk, const struct json_line *line,
                             struct rfx_error *error)
{
    if (walk->has_header != (line->kind != JSON_LINE_HEADER)) {
        return json_file_fail(walk->file, error,
                              "the first line, and no other, is {\"ringfix-journal\":2}");
    }
    if (walk->has_end) {
        return json_file_fail(walk->file, error, "a line behind the end");
    }
    switch (line->kind) {
    case JSON_LINE_HEADER:
        walk->has_header = true;
        return RFX_OK;
    case JSON_LINE_SESSION:
        return check_session(walk, line, error);
    case JSON_LINE_MESSAGE:
        return check_message(walk, line, error);
    case JSON_LINE_END:
        walk->has_end = true;
        if (line->session_count != walk->plan.session_count ||
            line->message_count != walk->plan.message_count) {
            return json_file_fail(
                walk->file, error, "there are %u sessions and %llu messages, not %llu and %llu",
                walk->plan.session_count, (unsigned long long)walk->plan.message_count,
                (unsigned long long)line->session_count, (unsigned long long)line->message_count);
        }
        return RFX_OK;
    }
    return RFX_OK;
}

rfx_status import_walk(struct json_file *file, import_visit *visit, void *context,
                       struct import_plan *plan, struct rfx_error *error)
{
    struct walk walk = {.file = file};
    struct json_line line;
    bool is_over = false;
    rfx_status status = json_file_rewind(file, error);
    while (status == RFX_OK && !is_over) {
        status = json_file_next(file, &line, &is_over, error);
        if (status == RFX_OK && !is_over) {
            status = check_line(&walk, &line, error);
        }
        if (status == RFX_OK && !is_over) {
            status = visit(context, &line, error);
        }
        free(line.message);
        if (status == RFX_OK && stop_asked()) {
            status = rfx_fail(error, RFX_E_STATE, "stopped by a signal");
        }
    }
    if (status == RFX_OK && !walk.has_end) {
        status = json_file_fail(file, error, "the last line is missing: the file was cut off");
    }
    if (plan != NULL) {
        *plan = walk.plan;
    }
    return status;
}
