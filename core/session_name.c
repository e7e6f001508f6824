#include "core/session_name.h"

#include <stdio.h>
#include <string.h>

#include "core/frame.h"
#include "ringfix/config.h"

size_t rfx_session_name_of(const struct rfx_header *header, char name[RFX_SESSION_NAME_MAX])
{
    struct rfx_bytes begin = header->begin_string;
    struct rfx_bytes sender = header->target_comp_id;
    struct rfx_bytes target = header->sender_comp_id;
    if (begin.size > RFX_BEGIN_STRING_MAX || sender.size > RFX_COMP_ID_MAX ||
        target.size > RFX_COMP_ID_MAX || sender.size == 0 || target.size == 0) {
        return 0;
    }
    char *end = name;
    memcpy(end, begin.data, begin.size);
    end += begin.size;
    *end++ = ':';
    memcpy(end, sender.data, sender.size);
    end += sender.size;
    memcpy(end, "->", 2);
    end += 2;
    memcpy(end, target.data, target.size);
    end += target.size;
    *end = '\0';
    return (size_t)(end - name);
}

/* "CompID", "CompID/SubID" or "CompID/SubID/LocationID". */
static size_t put_side(char *out, size_t room, const char *comp_id, const char *sub_id,
                       const char *location_id)
{
    bool has_location = location_id != NULL;
    bool has_sub = sub_id != NULL || has_location;
    int size =
        snprintf(out, room, "%s%s%s%s%s", comp_id, has_sub ? "/" : "", sub_id != NULL ? sub_id : "",
                 has_location ? "/" : "", has_location ? location_id : "");
    RFX_ASSERT(size > 0 && (size_t)size < room);
    return (size_t)size;
}

size_t rfx_session_name_of_config(const struct rfx_session_config *config,
                                  const char *target_comp_id, char name[RFX_SESSION_NAME_MAX])
{
    const char *qualifier = config->session_qualifier;
    size_t size = (size_t)snprintf(name, RFX_SESSION_NAME_MAX, "%s:", config->begin_string);
    size += put_side(name + size, RFX_SESSION_NAME_MAX - size, config->sender_comp_id,
                     config->sender_sub_id, config->sender_location_id);
    memcpy(name + size, "->", 2);
    size += 2;
    size += put_side(name + size, RFX_SESSION_NAME_MAX - size, target_comp_id,
                     config->target_sub_id, config->target_location_id);
    if (qualifier != NULL) {
        size += (size_t)snprintf(name + size, RFX_SESSION_NAME_MAX - size, ":%s", qualifier);
    }
    RFX_ASSERT(size < RFX_SESSION_NAME_MAX);
    return size;
}
