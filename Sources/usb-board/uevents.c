#include "uevents.h"

#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 500 };

// Waits until the socket of one listener takes a datagram; FALSE where it does not in time. One that nobody listens at any
// more counts as ready.
static gboolean wait_for(const char *path, int milliseconds) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) return TRUE;
    int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return TRUE;
    gboolean is_ready = TRUE;
    if (connect(probe, (struct sockaddr *)&address, sizeof address) == 0) {
        // A connected datagram socket is writable only while its peer's queue has room.
        struct pollfd entry = {.fd = probe, .events = POLLOUT};
        is_ready = poll(&entry, 1, milliseconds) != 0;
    }
    close(probe);
    return is_ready;
}

void uevents_send(UMockdevTestbed *testbed, const char *system_path, const char *action) {
    // umockdev gives each listener a socket of its own, whose queue holds ten datagrams, and ends this program where one
    // is full.
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    g_autofree char *pattern = g_build_filename(root, "event*", NULL);
    gint64 end = g_get_monotonic_time() + PATIENCE_MS * 1000;
    glob_t found;
    gboolean is_ready = TRUE;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t index = 0; index < found.gl_pathc && is_ready; index++) {
            gint64 left = (end - g_get_monotonic_time()) / 1000;
            is_ready = wait_for(found.gl_pathv[index], (int)MAX(left, 0));
        }
        globfree(&found);
    }
    if (is_ready) umockdev_testbed_uevent(testbed, system_path, action);
    else fprintf(stderr, "usb-board: %s: the client does not take its uevents; \"%s\" is lost\n", system_path, action);
}
