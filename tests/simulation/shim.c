/* What a disk and a clock may do to a program, loaded before its libraries (LD_PRELOAD).
 *
 * TRUTH_SHIM names a file of four 64-bit numbers that the tests write and read while the program runs:
 *   clock   nanoseconds by which the wall clock is wrong
 *   full    not 0: the disk below TRUTH_DISK takes no byte more (ENOSPC), except in the index of a write-ahead log,
 *           which SQLite makes anew in the room that the old one had
 *   syncs   so many of the next fsyncs below TRUTH_DISK fail (EIO)
 *   refused how many writes the full disk has refused
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t clock, full, syncs, refused;
};

static struct control nothing;
static struct control *control = &nothing;
static const char *disk = "";

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TRUTH_SHIM");
    const char *folder = getenv("TRUTH_DISK");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED)
        control = memory;
    close(file);
    if (folder)
        disk = folder;
}

static int is_on_disk(int file, const char *except)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !*disk)
        return 0;
    path[length] = 0;
    return strncmp(path, disk, strlen(disk)) == 0 && !(*except && strstr(path, except));
}

static int is_full(int file)
{
    if (!control->full || !is_on_disk(file, "-shm"))
        return 0;
    __sync_fetch_and_add(&control->refused, 1);
    errno = ENOSPC;
    return 1;
}

static int fails(int file)
{
    if (control->syncs <= 0 || !is_on_disk(file, ""))
        return 0;
    if (__sync_fetch_and_sub(&control->syncs, 1) <= 0)
        return 0;
    errno = EIO;
    return 1;
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))
#define WRAP(name, guard, result, parameters, arguments) \
    result name parameters                               \
    {                                                    \
        static __typeof__(name) *real;                   \
        if (!real)                                       \
            real = REAL(name);                           \
        if (guard(file))                                 \
            return -1;                                   \
        return real arguments;                           \
    }

WRAP(write, is_full, ssize_t, (int file, const void *data, size_t size), (file, data, size))
WRAP(pwrite, is_full, ssize_t, (int file, const void *data, size_t size, off_t at), (file, data, size, at))
WRAP(pwrite64, is_full, ssize_t, (int file, const void *data, size_t size, off64_t at), (file, data, size, at))
WRAP(fsync, fails, int, (int file), (file))
WRAP(fdatasync, fails, int, (int file), (file))

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && control->clock) {
        int64_t moment = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + control->clock;
        now->tv_sec = moment / 1000000000;
        now->tv_nsec = moment % 1000000000;
    }
    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec moment;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &moment))
        return -1;
    now->tv_sec = moment.tv_sec;
    now->tv_usec = moment.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
