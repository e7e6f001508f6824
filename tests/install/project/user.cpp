// The same in C++.
#include <cstdio>
#include <cstring>

#include <ringfix/plugin.h>
#include <ringfix/ringfix.h>

int main()
{
    rfx_app app = {};
    app.on_log = [](void *, rfx_log_level, const char *, const char *text) {
        std::fprintf(stderr, "%s\n", text);
    };
    rfx_session_config session = rfx_session_config_default;
    rfx_config config = rfx_config_default;
    rfx_server *server = nullptr;
    rfx_error error;
    std::strcpy(session.begin_string, "FIX.4.4");
    std::strcpy(session.sender_comp_id, "ACME");
    std::strcpy(session.target_comp_id, "BROKER");
    std::strcpy(config.accept_host, "127.0.0.1");
    config.sessions = &session;
    config.session_count = 1;
    if (rfx_server_open(&config, &app, &server, &error) != RFX_OK) {
        std::fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    bool is_bound = rfx_server_port(server) != 0;
    rfx_server_close(&server);
    if (!is_bound || std::strcmp(rfx_version(), RFX_VERSION) != 0) {
        return 1;
    }
    std::printf("ringfix %s\n", rfx_version());
    return 0;
}
