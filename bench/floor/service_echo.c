#include <string.h>

#include "bench/drive/order.h"
#include "bench/floor/service.h"

long service_echo(struct service_state *state, const char *data, size_t size, char *out,
                  size_t *answered)
{
    (void)state;
    if (size < ORDER_ECHO_REQUEST) {
        return 0;
    }
    memcpy(out, data, ORDER_ECHO_REQUEST);
    memset(out + ORDER_ECHO_REQUEST, 'y', ORDER_ECHO_REPLY - ORDER_ECHO_REQUEST);
    *answered = ORDER_ECHO_REPLY;
    return ORDER_ECHO_REQUEST;
}
