#include "core/session_name.h"

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
