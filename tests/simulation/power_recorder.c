/* Writes down, in one order, what a program does to its files and says to its network, loaded before its libraries
 * (LD_PRELOAD).
 *
 * POWER_LOG   the file to which records are appended
 * POWER_DISK  the folder whose files are watched
 *
 * A record is a head of 32 bytes (kind, length of the path, length of the data, a number), the path and the data:
 *   W  data was written at the offset `number`         T  the file was cut to the length `number`
 *   S  an fsync of the file or folder has returned     C  the file was made, or D the folder
 *   U  the file was removed                            N  it was renamed, to the name in the data
 *   >  data is about to leave on socket `number`       <  data has come on socket `number`
 *   -  so many of those bytes (the data) did not leave
 * What is about to leave is noted before it does: whoever is outside may have seen it from then on. What was done to
 * files is noted after it was. One lock is held over both, so the order of the records is the order of the acts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    int64_t kind, path, data, number;
};

static int record = -1;
static const char *disk = "";
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("POWER_LOG");
    const char *folder = getenv("POWER_DISK");
    if (!path || !folder)
        return;
    disk = folder;
    record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(char kind, const char *path, const void *data, size_t size, int64_t number)
{
    struct head head = {kind, (int64_t)strlen(path), (int64_t)size, number};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, strlen(path)}, {(void *)data, size}};
    if (syscall(SYS_writev, record, parts, 3) != (long)(sizeof head + strlen(path) + size))
        abort();
}

/* Whether a path is watched; the index of a write-ahead log is memory, and locks and sockets hold nothing. */
static int is_watched(const char *path)
{
    return record >= 0 && strncmp(path, disk, strlen(disk)) == 0 && !strstr(path, "-shm") && !strstr(path, ".lock") &&
           !strstr(path, ".sock");
}

static int watched(int file, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = record < 0 ? -1 : readlink(link, path, 4095);
    path[length < 0 ? 0 : length] = 0;
    return length > 0 && is_watched(path);
}

static int is_network(int file)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    return record >= 0 && getsockname(file, (struct sockaddr *)&name, &size) == 0 &&
           (name.ss_family == AF_INET || name.ss_family == AF_INET6);
}

#define REAL(name)                                          \
    static __typeof__(name) *real;                          \
    if (!real)                                              \
        real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);
#define LOCKED(act)              \
    pthread_mutex_lock(&lock);   \
    act;                         \
    pthread_mutex_unlock(&lock);

static void note_parts(int file, const struct iovec *parts, int count)
{
    for (int i = 0; i < count; i++)
        note('>', "", parts[i].iov_base, parts[i].iov_len, file);
}

static void note_unsent(int file, const struct iovec *parts, int count, ssize_t done)
{
    int64_t unsent = done > 0 ? -done : 0;
    for (int i = 0; i < count; i++)
        unsent += (int64_t)parts[i].iov_len;
    if (unsent)
        note('-', "", &unsent, sizeof unsent, file);
}

static ssize_t put(int file, const void *data, size_t size, int64_t at, ssize_t (*act)(int, const void *, size_t, int64_t))
{
    char path[4096];
    ssize_t done;
    if (watched(file, path)) {
        LOCKED(if (at < 0) at = lseek(file, 0, SEEK_CUR); done = act(file, data, size, at);
               if (done > 0) note('W', path, data, (size_t)done, at))
        return done;
    }
    if (at < 0 && is_network(file)) {
        struct iovec part = {(void *)data, size};
        LOCKED(note_parts(file, &part, 1); done = act(file, data, size, at); note_unsent(file, &part, 1, done))
        return done;
    }
    return act(file, data, size, at);
}

static ssize_t real_write(int file, const void *data, size_t size, int64_t at)
{
    (void)at;
    return syscall(SYS_write, file, data, size);
}

static ssize_t real_pwrite(int file, const void *data, size_t size, int64_t at)
{
    return syscall(SYS_pwrite64, file, data, size, at);
}

ssize_t write(int file, const void *data, size_t size) { return put(file, data, size, -1, real_write); }
ssize_t pwrite(int file, const void *data, size_t size, off_t at) { return put(file, data, size, at, real_pwrite); }
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) { return put(file, data, size, at, real_pwrite); }

ssize_t writev(int file, const struct iovec *parts, int count)
{
    ssize_t done;
    REAL(writev)
    if (!is_network(file))
        return real(file, parts, count);
    LOCKED(note_parts(file, parts, count); done = real(file, parts, count); note_unsent(file, parts, count, done))
    return done;
}

ssize_t send(int file, const void *data, size_t size, int flags)
{
    ssize_t done;
    REAL(send)
    if (!is_network(file))
        return real(file, data, size, flags);
    struct iovec part = {(void *)data, size};
    LOCKED(note_parts(file, &part, 1); done = real(file, data, size, flags); note_unsent(file, &part, 1, done))
    return done;
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags)
{
    ssize_t done;
    REAL(sendmsg)
    if (!is_network(file))
        return real(file, message, flags);
    const struct iovec *parts = message->msg_iov;
    int count = (int)message->msg_iovlen;
    LOCKED(note_parts(file, parts, count); done = real(file, message, flags); note_unsent(file, parts, count, done))
    return done;
}

ssize_t read(int file, void *data, size_t size)
{
    ssize_t done = syscall(SYS_read, file, data, size);
    if (done > 0 && is_network(file)) {
        LOCKED(note('<', "", data, (size_t)done, file))
    }
    return done;
}

ssize_t recv(int file, void *data, size_t size, int flags)
{
    REAL(recv)
    ssize_t done = real(file, data, size, flags);
    if (done > 0 && is_network(file)) {
        LOCKED(note('<', "", data, (size_t)done, file))
    }
    return done;
}

static int act_on(int file, char kind, int64_t number, int (*real)(int, int64_t))
{
    char path[4096];
    int result;
    if (!watched(file, path))
        return real(file, number);
    LOCKED(result = real(file, number); if (!result) note(kind, path, "", 0, number))
    return result;
}

static int real_fsync(int file, int64_t number) { (void)number; return (int)syscall(SYS_fsync, file); }
static int real_fdatasync(int file, int64_t number) { (void)number; return (int)syscall(SYS_fdatasync, file); }
static int real_ftruncate(int file, int64_t size) { return (int)syscall(SYS_ftruncate, file, size); }

int fsync(int file) { return act_on(file, 'S', 0, real_fsync); }
int fdatasync(int file) { return act_on(file, 'S', 0, real_fdatasync); }
int ftruncate(int file, off_t size) { return act_on(file, 'T', size, real_ftruncate); }
int ftruncate64(int file, off64_t size) { return act_on(file, 'T', size, real_ftruncate); }

int unlink(const char *path)
{
    int result;
    REAL(unlink)
    if (!is_watched(path))
        return real(path);
    LOCKED(result = real(path); if (!result) note('U', path, "", 0, 0))
    return result;
}

int rename(const char *old, const char *new)
{
    int result;
    REAL(rename)
    if (!is_watched(new))
        return real(old, new);
    LOCKED(result = real(old, new); if (!result) note('N', old, new, strlen(new), 0))
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    int result;
    REAL(mkdir)
    if (!is_watched(path))
        return real(path, mode);
    LOCKED(result = real(path, mode); if (!result) note('D', path, "", 0, 0))
    return result;
}

static int make(int folder, const char *path, int flags, mode_t mode)
{
    struct stat before;
    char real_path[4096];
    int is_new = record >= 0 && (flags & O_CREAT) && fstatat(folder, path, &before, 0) < 0;
    int file = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (file >= 0 && is_new && watched(file, real_path)) {
        LOCKED(note('C', real_path, "", 0, 0))
    }
    return file;
}

#define OPEN(name, before, folder)                        \
    int name before                                       \
    {                                                     \
        mode_t mode = 0;                                  \
        if (flags & (O_CREAT | __O_TMPFILE)) {            \
            va_list rest;                                 \
            va_start(rest, flags);                        \
            mode = (mode_t)va_arg(rest, int);             \
            va_end(rest);                                 \
        }                                                 \
        return make(folder, path, flags, mode);           \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int folder, const char *path, int flags, ...), folder)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder)
