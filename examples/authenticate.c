/* Authentication of one's own: who logs on gives Username(553) and Password(554), and a thread
 * beside the server, which may take its time (a database, a directory), has the last word.
 * Passwords here are in a file, a line "USER PASSWORD" each.
 *
 *   example_authenticate CONFIG PASSWORDS    (acceptor sessions; see docs/configuration.md) */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringfix/ringfix.h>

#define WAITING_MAX 64

struct request {
    struct rfx_logon_ticket ticket;
    char user[64];
    char password[64];
};

struct guard {
    const char *path;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct request waiting[WAITING_MAX];
    size_t count;
};

/* ------------------------------------------------------------------------------- the slow part */

static bool is_right(const char *path, const struct request *request)
{
    char user[64];
    char password[64];
    bool is_found = false;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return false;
    }
    while (!is_found && fscanf(file, "%63s %63s", user, password) == 2) {
        is_found = strcmp(user, request->user) == 0 && strcmp(password, request->password) == 0;
    }
    fclose(file);
    return is_found;
}

static void *decide(void *argument)
{
    struct guard *guard = argument;
    for (;;) {
        pthread_mutex_lock(&guard->mutex);
        while (guard->count == 0) {
            pthread_cond_wait(&guard->changed, &guard->mutex);
        }
        const struct request request = guard->waiting[--guard->count];
        pthread_mutex_unlock(&guard->mutex);
        const bool is_welcome = is_right(guard->path, &request);
        const rfx_status status =
            rfx_logon_settle(&request.ticket, is_welcome ? RFX_ACCEPT : RFX_REFUSE,
                             is_welcome ? NULL : "wrong user or password");
        if (status != RFX_OK) {
            fprintf(stderr, "%s: %s\n", request.user, rfx_status_text(status));
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------------- on the shards */

static bool read_text(const struct rfx_message *message, int32_t tag, char text[64])
{
    struct rfx_bytes value;
    if (rfx_message_get(message, tag, &value) != RFX_OK || value.size > 63) {
        return false;
    }
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    return true;
}

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct guard *guard = context;
    struct request request = {.ticket = *ticket};
    (void)session;
    if (!read_text(logon, 553, request.user) || !read_text(logon, 554, request.password)) {
        snprintf(text, RFX_REFUSAL_MAX, "Username(553) and Password(554) are wanted");
        return RFX_REFUSE;
    }
    pthread_mutex_lock(&guard->mutex);
    const bool has_room = guard->count < WAITING_MAX;
    if (has_room) {
        guard->waiting[guard->count++] = request;
        pthread_cond_signal(&guard->changed);
    }
    pthread_mutex_unlock(&guard->mutex);
    if (!has_room) {
        snprintf(text, RFX_REFUSAL_MAX, "too many Logons at once, try again");
    }
    return has_room ? RFX_LATER : RFX_REFUSE;
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    (void)context;
    (void)is_healthy;
    printf("%s: welcome\n", rfx_session_name(session));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct guard guard = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                 .changed = PTHREAD_COND_INITIALIZER};
    const struct rfx_app app = {
        .context = &guard, .on_authenticate = on_authenticate, .on_logon = on_logon};
    struct rfx_config config;
    struct rfx_server *server;
    struct rfx_error error = {.text = "usage: example_authenticate CONFIG PASSWORDS"};
    pthread_t thread;
    guard.path = argc == 3 ? argv[2] : NULL;
    if (argc != 3 || rfx_config_load(argv[1], &config, &error) ||
        rfx_server_open(&config, &app, &server, &error) ||
        pthread_create(&thread, NULL, decide, &guard) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    rfx_config_free(&config);
    printf("ready port=%u\n", rfx_server_port(server));
    fflush(stdout);
    return rfx_server_wait(server, &error); /* until it is killed; the journal is safe */
}
