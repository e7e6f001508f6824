/* Opens a server on a free port and closes it. */
#include <stdio.h>
#include <string.h>

#include <ringfix/ringfix.h>

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    (void)context;
    (void)level;
    fprintf(stderr, "%s%s%s\n", session != NULL ? session : "", session != NULL ? ": " : "", text);
}

/* A name that the library has inside, too: it must not be in the way. */
int rfx_fail(void);
int rfx_fail(void)
{
    return 1;
}

int main(void)
{
    struct rfx_app app = {.on_log = on_log};
    struct rfx_session_config session = rfx_session_config_default;
    struct rfx_config config = rfx_config_default;
    struct rfx_server *server;
    struct rfx_error error;
    strcpy(session.begin_string, "FIX.4.4");
    strcpy(session.sender_comp_id, "ACME");
    strcpy(session.target_comp_id, "BROKER");
    strcpy(config.accept_host, "127.0.0.1");
    config.sessions = &session;
    config.session_count = 1;
    if (rfx_server_open(&config, &app, &server, &error) != RFX_OK) {
        fprintf(stderr, "%s\n", error.text);
        return rfx_fail();
    }
    bool is_bound = rfx_server_port(server) != 0;
    rfx_server_close(&server);
    if (!is_bound || strcmp(rfx_version(), RFX_VERSION) != 0) {
        return rfx_fail();
    }
    printf("ringfix %s\n", rfx_version());
    return 0;
}
