/* ringfixd: hosts FIX sessions from a QuickFIX-style configuration. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps.h"
#include "check.h"
#include "control.h"
#include "daemon.h"
#include "http.h"
#include "notify.h"
#include "plugin.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
    const char *config;
    const char *check; /* the configuration to explain, NULL: none */
    const char *app;
    const char *app_args; /* NULL: none */
    bool is_journaled;
};

static void print_help(FILE *out)
{
    fputs("usage: ringfixd --config FILE [--app executor|echo|PLUGIN [--app-args TEXT]]\n"
          "       ringfixd --check FILE\n"
          "\n"
          "Hosts the FIX sessions of a QuickFIX-style configuration file.\n"
          "\n"
          "  --config FILE   the configuration, see docs/configuration.md\n"
          "  --check FILE    prints every setting of the server and of each session that is in\n"
          "                  effect, where it comes from, and which ones of another engine have\n"
          "                  no effect here; opens nothing\n"
          "  --app NAME      what answers the counterparties (default executor):\n"
          "                    executor  fills every NewOrderSingle\n"
          "                    echo      sends orders back, for conformance scripts\n"
          "                    ./x.so    a plug-in, by a path with a slash, see docs/linking.md\n"
          "  --app-args TEXT handed to the plug-in\n"
          "  --no-journal    leaves JournalPath alone: every start begins with MsgSeqNum 1, and\n"
          "                  nothing is resent; for tests and measurements only\n"
          "  --version       print the version\n"
          "  --help          print this\n"
          "\n"
          "Prints \"ready port=NNNN ...\" on standard output once counterparties can connect,\n"
          "and its log on standard error, or into LogFile. SIGTERM or SIGINT log every session\n"
          "out and end it, SIGHUP reads the configuration again and opens log files anew.\n"
          "ringfix-ctl shows and steers it.\n"
          "\n"
          "exit status: 0 stopped in order, 1 a failure (see the log), 2 wrong usage or a\n"
          "configuration with an error\n",
          out);
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    char text[160];
    (void)context;
    snprintf(text, sizeof text, "%s -> %s (in %llu, out %llu)", rfx_state_text(from),
             rfx_state_text(to), (unsigned long long)rfx_session_next_in(session),
             (unsigned long long)rfx_session_next_out(session));
    rfx_session_log(session, RFX_LOG_INFO, text);
}

static void list_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

/* Waits for signals beside the main thread, which waits for the server. */
static void *await_signals(void *argument)
{
    struct daemon *daemon = argument;
    sigset_t set;
    int number = 0;
    list_signals(&set);
    while (sigwait(&set, &number) == 0 && number == SIGHUP) {
        struct rfx_reload report;
        struct rfx_error error;
        rfx_log_reopen(daemon->log_file);
        rfx_server_reopen_logs(daemon->server);
        daemon_reload(daemon, &report, &error);
    }
    if (!atomic_load(&daemon->has_ended)) {
        daemon_log(daemon, RFX_LOG_INFO, "stopping: logging out every session");
        notify_manager("STOPPING=1\n");
        rfx_server_stop(daemon->server);
    }
    return NULL;
}

/* Before any thread is started, so that all of them inherit it. */
static void set_signals(void)
{
    sigset_t set;
    list_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Where ringfix-ctl finds the server; "": nowhere. */
static const char *control_path(const struct rfx_config *config, char path[RFX_PATH_MAX + 16])
{
    if (strcmp(config->control_socket, "none") == 0) {
        return "";
    }
    if (config->control_socket[0] != '\0') {
        return config->control_socket;
    }
    if (config->journal_path[0] == '\0') {
        return "";
    }
    snprintf(path, RFX_PATH_MAX + 16, "%s/control.sock", config->journal_path);
    return path;
}

/* The server is worth more than the way to look at it. */
static struct control *open_control(struct daemon *daemon, const struct rfx_config *config)
{
    char room[RFX_PATH_MAX + 16];
    const char *path = control_path(config, room);
    struct control *control = NULL;
    struct rfx_error error;
    if (path[0] != '\0' && control_open(daemon, path, &control, &error) != RFX_OK) {
        daemon_log(daemon, RFX_LOG_ERROR, error.text);
    }
    return control;
}

static struct http *open_http(struct daemon *daemon, const struct rfx_config *config)
{
    struct http *http = NULL;
    struct rfx_error error;
    char text[100];
    if (config->http_port == 0) {
        return NULL;
    }
    if (http_open(daemon, config->http_host, config->http_port, &http, &error) != RFX_OK) {
        daemon_log(daemon, RFX_LOG_ERROR, error.text);
        return NULL;
    }
    snprintf(text, sizeof text, "page and metrics at port %u", http_port(http));
    daemon_log(daemon, RFX_LOG_INFO, text);
    return http;
}

static int64_t utc_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Ends the line; with several ports, or TLS, " ports=5001,5002/tls" first. */
static void print_ports(const struct rfx_server *server)
{
    bool use_ssl = false;
    uint16_t port = rfx_server_port_at(server, 0, &use_ssl);
    if (use_ssl || rfx_server_port_at(server, 1, NULL) != 0) {
        for (size_t i = 0; (port = rfx_server_port_at(server, i, &use_ssl)) != 0; i++) {
            printf("%s%u%s", i == 0 ? " ports=" : ",", port, use_ssl ? "/tls" : "");
        }
    }
    printf("\n");
}

static int serve(struct daemon *daemon, const struct rfx_config *config, const struct rfx_app *app)
{
    struct rfx_error error;
    pthread_t waiter;
    if (rfx_server_open(config, app, &daemon->server, &error) != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_FAILED;
    }
    daemon->started_utc_ns = utc_now_ns();
    struct control *control = open_control(daemon, config);
    struct http *http = open_http(daemon, config);
    if (pthread_create(&waiter, NULL, await_signals, daemon) != 0) {
        fprintf(stderr, "ringfixd: cannot start the thread that waits for signals\n");
        http_close(http);
        control_close(control);
        rfx_server_close(&daemon->server);
        return EXIT_FAILED;
    }
    printf("ready port=%u io-threads=%u shards=%u sessions=%zu", rfx_server_port(daemon->server),
           rfx_server_io_threads(daemon->server), rfx_server_shards(daemon->server),
           config->session_count);
    print_ports(daemon->server);
    fflush(stdout);
    notify_manager("READY=1\n");
    rfx_status status = rfx_server_wait(daemon->server, &error);
    atomic_store(&daemon->has_ended, true);
    pthread_kill(waiter, SIGTERM); /* not cancelled: it may be at a reload */
    pthread_join(waiter, NULL);
    http_close(http);
    control_close(control);
    rfx_server_close(&daemon->server);
    if (status != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_FAILED;
    }
    daemon_log(daemon, RFX_LOG_INFO, "stopped");
    return EXIT_SUCCESS;
}

/* Finds the application; *plugin stays NULL for one that is built in. */
static bool find_app(const struct options *options, struct rfx_app *app,
                     const struct rfx_plugin **plugin)
{
    struct rfx_error error;
    if (strchr(options->app, '/') != NULL) {
        if (plugin_load(options->app, plugin, &error) == RFX_OK) {
            return true;
        }
        fprintf(stderr, "ringfixd: %s\n", error.text);
    } else if (options->app_args != NULL) {
        fprintf(stderr, "ringfixd: --app-args is for plug-ins, --app %s is none\n", options->app);
    } else if (strcmp(options->app, "executor") == 0) {
        app_executor(app);
        return true;
    } else if (strcmp(options->app, "echo") == 0) {
        app_echo(app);
        return true;
    } else {
        fprintf(stderr,
                "ringfixd: --app %s: there is executor and echo; a plug-in is named by a path "
                "with a slash, as ./%s\n",
                options->app, options->app);
    }
    return false;
}

static int run(const struct options *options, struct daemon *daemon,
               const struct rfx_config *config)
{
    struct rfx_app app = {0};
    const struct rfx_plugin *plugin = NULL;
    struct rfx_error error;
    if (!find_app(options, &app, &plugin)) {
        return EXIT_USAGE;
    }
    set_signals();
    if (plugin != NULL) {
        const char *args = options->app_args == NULL ? "" : options->app_args;
        if (plugin_open(plugin, options->app, args, &app, &error) != RFX_OK) {
            fprintf(stderr, "ringfixd: %s\n", error.text);
            return EXIT_FAILED;
        }
    }
    if (app.on_log == NULL) {
        app.on_log = rfx_log_write;
        app.log_context = daemon->log_file;
    }
    if (app.on_state_change == NULL) {
        app.on_state_change = on_state_change;
    }
    daemon->log = app.on_log;
    daemon->log_context = app.log_context != NULL ? app.log_context : app.context;
    int result = serve(daemon, config, &app);
    plugin_close(plugin, &app);
    return result;
}

/* False: *result is what the program ends with. */
static bool read_options(int argc, char **argv, struct options *to, int *result)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", required_argument, NULL, 'k'},
        {"app", required_argument, NULL, 'a'},    {"app-args", required_argument, NULL, 'A'},
        {"no-journal", no_argument, NULL, 'n'},   {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;
    *result = EXIT_SUCCESS;
    while ((option = getopt_long(argc, argv, "c:a:vh", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            to->config = optarg;
            break;
        case 'k':
            to->check = optarg;
            break;
        case 'a':
            to->app = optarg;
            break;
        case 'A':
            to->app_args = optarg;
            break;
        case 'n':
            to->is_journaled = false;
            break;
        case 'v':
            puts("ringfixd " RFX_VERSION);
            return false;
        case 'h':
            print_help(stdout);
            return false;
        default:
            print_help(stderr);
            *result = EXIT_USAGE;
            return false;
        }
    }
    if ((to->config == NULL) == (to->check == NULL) || optind != argc) {
        print_help(stderr);
        *result = EXIT_USAGE;
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.app = "executor", .is_journaled = true};
    struct rfx_config config;
    struct rfx_error error;
    int result;
    if (!read_options(argc, argv, &options, &result)) {
        return result;
    }
    if (options.check != NULL) {
        return check_config(options.check) ? EXIT_SUCCESS : EXIT_USAGE;
    }
    struct daemon daemon = {.config_path = options.config, .is_journaled = options.is_journaled};
    if (daemon_load(&daemon, &config, &error) != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_USAGE;
    }
    if (daemon_open_log(&daemon, &config, &error) != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        rfx_config_free(&config);
        return EXIT_FAILED;
    }
    if (!options.is_journaled) {
        daemon_log(&daemon, RFX_LOG_WARNING,
                   "without a journal: MsgSeqNum begins at 1, nothing is kept");
    }
    if (config.note_count > 0) {
        char text[200];
        snprintf(text, sizeof text,
                 "%s has %zu settings of another engine that have no effect here, such as %s; "
                 "ringfixd --check names them",
                 options.config, config.note_count, config.notes[0].key);
        daemon_log(&daemon, RFX_LOG_WARNING, text);
    }
    result = run(&options, &daemon, &config);
    rfx_log_close(&daemon.log_file);
    rfx_config_free(&config);
    return result;
}
