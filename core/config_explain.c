#include "core/config_explain.h"

#include <stdlib.h>

#include "core/config_parse.h"
#include "core/config_render.h"
#include "core/session_name.h"

typedef void tell_fn(void *context, const struct rfx_config_setting *setting);

/* The line that set a place: of all its names the last one. */
static uint32_t line_of(const struct rfx_config_row *row, const struct rfx_key *key)
{
    uint32_t line = 0;
    const struct rfx_key *other;
    for (size_t i = 0; (other = rfx_key_at(i)) != NULL; i++) {
        const bool is_same = other->scope == key->scope && other->offset == key->offset;
        if (is_same && row->lines[i] > line) {
            line = row->lines[i];
        }
    }
    return line;
}

static void tell_all(const void *target, enum rfx_key_scope scope, const char *session,
                     const struct rfx_config_row *row, tell_fn *tell, void *context)
{
    char value[RFX_CONFIG_VALUE_SIZE];
    const struct rfx_key *key;
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        if (key->scope != scope || rfx_key_is_alias(key)) {
            continue;
        }
        struct rfx_config_setting setting = {
            .session = session,
            .key = key->name,
            .value = rfx_config_render(key, target, value),
            .meaning = key->meaning,
            .line = line_of(row, key),
        };
        setting.is_inherited =
            session != NULL && setting.line != 0 && setting.line < row->section_line;
        tell(context, &setting);
    }
}

rfx_status rfx_config_explain_text(struct rfx_bytes text, const char *file_name,
                                   struct rfx_config *config, tell_fn *tell, void *context,
                                   struct rfx_error *error)
{
    struct rfx_config_rows rows = {0};
    rfx_status status = rfx_config_parse_rows(text, file_name, config, &rows, error);
    if (status == RFX_OK) {
        tell_all(config, RFX_SCOPE_SERVER, NULL, &rows.rows[0], tell, context);
        for (size_t i = 0; i < config->session_count; i++) {
            const struct rfx_session_config *session = &config->sessions[i];
            char name[RFX_SESSION_NAME_MAX];
            rfx_session_name_of_config(session, session->target_comp_id, name);
            tell_all(session, RFX_SCOPE_SESSION, name, &rows.rows[i + 1], tell, context);
        }
    }
    free(rows.rows);
    return status;
}
