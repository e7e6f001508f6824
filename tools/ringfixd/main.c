/* ringfixd: hosts FIX sessions from a QuickFIX-style configuration. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void print_help(FILE *out)
{
    fputs("usage: ringfixd --config FILE [--app executor|echo]\n"
          "\n"
          "Hosts the FIX sessions of a QuickFIX-style configuration file.\n"
          "\n"
          "  --config FILE   the configuration, see docs/configuration.md\n"
          "  --app NAME      what answers the counterparties (default executor):\n"
          "                    executor  fills every NewOrderSingle\n"
          "                    echo      sends orders back, for conformance scripts\n"
          "  --no-journal    leaves JournalPath alone: every start begins with MsgSeqNum 1, and\n"
          "                  nothing is resent; for tests and measurements only\n"
          "  --version       print the version\n"
          "  --help          print this\n"
          "\n"
          "Prints \"ready port=NNNN ...\" on standard output once counterparties can connect,\n"
          "and its log on standard error. SIGTERM or SIGINT log every session out and end it.\n"
          "\n"
          "exit status: 0 stopped in order, 1 a failure (see the log), 2 wrong usage\n",
          out);
}

static void on_log(void *context, enum rfx_log_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    (void)context;
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    /* One call, one line: lines of different threads do not mix. */
    fprintf(stderr, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s\n", utc.tm_year + 1900,
            utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
            (int)(now.tv_nsec / 1000000), names[level], text);
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    char text[320];
    snprintf(text, sizeof text, "%s: %s -> %s (in %llu, out %llu)", rfx_session_name(session),
             rfx_state_text(from), rfx_state_text(to),
             (unsigned long long)rfx_session_next_in(session),
             (unsigned long long)rfx_session_next_out(session));
    on_log(context, RFX_LOG_INFO, text);
}

static bool choose_app(const char *name, struct rfx_app *app)
{
    if (strcmp(name, "executor") == 0) {
        app_executor(app);
    } else if (strcmp(name, "echo") == 0) {
        app_echo(app);
    } else {
        fprintf(stderr, "ringfixd: --app %s: there is executor and echo\n", name);
        return false;
    }
    app->on_log = on_log;
    app->on_state_change = on_state_change;
    return true;
}

static void end_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

/* Waits for a signal beside the main thread, which waits for the server. */
static void *await_signal(void *argument)
{
    sigset_t set;
    int number = 0;
    end_signals(&set);
    if (sigwait(&set, &number) == 0) {
        on_log(NULL, RFX_LOG_INFO, "stopping: logging out every session");
        rfx_server_stop(argument);
    }
    return NULL;
}

static int serve(const struct rfx_config *config, const struct rfx_app *app)
{
    struct rfx_server *server;
    struct rfx_error error;
    pthread_t waiter;
    sigset_t set;
    end_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* also for the threads to come */
    signal(SIGPIPE, SIG_IGN);
    if (rfx_server_open(config, app, &server, &error) != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_FAILED;
    }
    if (pthread_create(&waiter, NULL, await_signal, server) != 0) {
        fprintf(stderr, "ringfixd: cannot start the thread that waits for signals\n");
        rfx_server_close(&server);
        return EXIT_FAILED;
    }
    printf("ready port=%u io-threads=%u shards=%u sessions=%zu\n", rfx_server_port(server),
           rfx_server_io_threads(server), rfx_server_shards(server), config->session_count);
    fflush(stdout);
    rfx_status status = rfx_server_wait(server, &error);
    pthread_cancel(waiter);
    pthread_join(waiter, NULL);
    rfx_server_close(&server);
    if (status != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_FAILED;
    }
    on_log(NULL, RFX_LOG_INFO, "stopped");
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"app", required_argument, NULL, 'a'},
        {"no-journal", no_argument, NULL, 'n'},   {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    const char *app_name = "executor";
    bool is_journaled = true;
    int option;
    while ((option = getopt_long(argc, argv, "c:a:vh", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'a':
            app_name = optarg;
            break;
        case 'n':
            is_journaled = false;
            break;
        case 'v':
            puts("ringfixd " RFX_VERSION);
            return EXIT_SUCCESS;
        case 'h':
            print_help(stdout);
            return EXIT_SUCCESS;
        default:
            print_help(stderr);
            return EXIT_USAGE;
        }
    }
    struct rfx_app app = {0};
    if (path == NULL || optind != argc) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!choose_app(app_name, &app)) {
        return EXIT_USAGE;
    }
    struct rfx_config config;
    struct rfx_error error;
    if (rfx_config_load(path, &config, &error) != RFX_OK) {
        fprintf(stderr, "ringfixd: %s\n", error.text);
        return EXIT_USAGE;
    }
    if (!is_journaled) {
        config.journal_path[0] = '\0';
        on_log(NULL, RFX_LOG_WARNING, "without a journal: MsgSeqNum begins at 1, nothing is kept");
    }
    int result = serve(&config, &app);
    rfx_config_free(&config);
    return result;
}
