#include "tools/ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static struct termios before;
static bool is_taken;
static bool is_entered; /* keys come at once */
static volatile sig_atomic_t has_signal;

static struct winsize size_of_screen(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
        size = (struct winsize){0};
    }
    return size;
}

unsigned screen_width(void)
{
    const unsigned columns = size_of_screen().ws_col;
    return columns == 0 && isatty(STDOUT_FILENO) ? 80 : columns;
}

unsigned screen_height(void)
{
    const unsigned rows = size_of_screen().ws_row;
    return rows == 0 ? 24 : rows;
}

static void on_signal(int number)
{
    has_signal = number;
}

void screen_enter(bool is_wanted)
{
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    is_taken = is_wanted && isatty(STDOUT_FILENO);
    if (!is_taken) {
        return;
    }
    if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0) {
        struct termios raw = before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        is_entered = true;
    }
    fputs("\x1b[?1049h\x1b[?25l", stdout); /* the other screen, no cursor */
}

void screen_leave(void)
{
    if (is_taken) {
        fputs("\x1b[?25h\x1b[?1049l", stdout);
        fflush(stdout);
    }
    if (is_entered) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        is_entered = false;
    }
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool screen_wait(unsigned seconds)
{
    const int64_t until_ms = now_ms() + (int64_t)seconds * 1000;
    int64_t left_ms;
    while (has_signal == 0 && (left_ms = until_ms - now_ms()) > 0) {
        struct pollfd key = {.fd = is_entered ? STDIN_FILENO : -1, .events = POLLIN};
        char byte = 0;
        if (poll(&key, 1, (int)left_ms) > 0 &&
            (read(STDIN_FILENO, &byte, 1) != 1 || byte == 'q' || byte == 'Q')) {
            return true;
        }
    }
    return has_signal != 0;
}
