// Debian's libfaketime moves absolute timers of timerfd by what it adds to the wall clock, also those on the monotonic clock: with
// a clock set back, every wait of the program would last that much longer. Preloaded before it, these two go to the kernel.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, new, old);
}

int timerfd_gettime(int timer, struct itimerspec *now) { return (int)syscall(SYS_timerfd_gettime, timer, now); }
