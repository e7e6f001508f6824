/* A program with a main loop of its own, here poll() over the standard input and a clock: the
 * server runs beside it in its threads, and the loop talks to sessions by tasks. Each line of input
 * becomes a News(B) to everybody who is logged on; the end of input ends the program.
 *
 *   example_embed CONFIG         (acceptor sessions of FIX.4.4; see docs/configuration.md) */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <ringfix/ringfix.h>

/* On the session's shard. */
static bool send_news(void *context, struct rfx_session *session, const void *data, size_t size)
{
    struct rfx_builder *builder;
    (void)context;
    const rfx_status status = rfx_session_begin(session, "B", &builder);
    if (status != RFX_OK) {
        return status != RFX_E_FULL; /* full: again in a moment; not logged on: no news for him */
    }
    rfx_builder_put_text(builder, 148, "News"); /* Headline */
    rfx_builder_begin_group(builder, 33, 1);    /* LinesOfText */
    rfx_builder_next_entry(builder);
    rfx_builder_put(builder, 58, (struct rfx_bytes){data, size}); /* Text */
    rfx_builder_end_group(builder);
    if (rfx_session_commit(session, builder, NULL) != RFX_OK) {
        fprintf(stderr, "%s: not sent\n", rfx_session_name(session));
    }
    return true;
}

static void tell_all(const struct rfx_server *server, size_t session_count, const char *line)
{
    for (size_t i = 0; i < session_count; i++) {
        struct rfx_session *session = rfx_server_session(server, i);
        if (session != NULL &&
            rfx_session_post(session, send_news, line, strlen(line)) == RFX_E_FULL) {
            fprintf(stderr, "%s: too far behind, news left out\n", rfx_session_name(session));
        }
    }
}

int main(int argc, char **argv)
{
    const struct rfx_app app = {0};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error;
    if (argc != 2 || rfx_config_load(argv[1], &config, &error) ||
        rfx_server_open(&config, &app, &server, &error)) {
        fprintf(stderr, "%s\n", argc != 2 ? "usage: example_embed CONFIG" : error.text);
        return 1;
    }
    const size_t session_count = config.session_count;
    rfx_config_free(&config);
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);

    char line[512];
    struct pollfd input = {.fd = 0, .events = POLLIN};
    setvbuf(stdin, NULL, _IONBF, 0); /* what poll() does not see must not wait in a buffer */
    for (bool goes_on = true; goes_on;) {
        if (poll(&input, 1, 1000) == 0) {
            continue; /* a second has passed: whatever else the program does */
        }
        goes_on = fgets(line, sizeof line, stdin) != NULL;
        if (goes_on) {
            line[strcspn(line, "\n")] = '\0';
            tell_all(server, session_count, line[0] != '\0' ? line : "-");
        }
    }
    rfx_server_stop(server); /* logs everybody out */
    const rfx_status status = rfx_server_wait(server, &error);
    rfx_server_close(&server);
    if (status != RFX_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return status;
}
