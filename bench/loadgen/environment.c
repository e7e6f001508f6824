#include "bench/loadgen/environment.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* The first line of the kind "model name : ..."; some machines have none. */
static void read_cpu(char *cpu, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    cpu[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            snprintf(cpu, size, "%.*s", (int)strcspn(colon + 1, "\n"), colon + 1);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    size_t blanks = strspn(cpu, " \t");
    memmove(cpu, cpu + blanks, strlen(cpu + blanks) + 1);
}

void environment_read(struct environment *environment)
{
    struct utsname name;
    struct tm utc;
    time_t now = time(NULL);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *environment = (struct environment){.cores = cores > 0 ? (uint32_t)cores : 0};
    if (uname(&name) == 0) {
        snprintf(environment->kernel, sizeof environment->kernel, "%.40s %.60s %.40s", name.sysname,
                 name.release, name.machine);
    }
    if (gmtime_r(&now, &utc) != NULL) {
        strftime(environment->started, sizeof environment->started, "%Y-%m-%d %H:%M:%S", &utc);
    }
    read_cpu(environment->cpu, sizeof environment->cpu);
}
