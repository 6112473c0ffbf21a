// The simulated USB: sockets named by port path ("1-2.3": bus 1, port 2, behind it port 3), each empty or with a hub or
// a board, shown to the client through umockdev's sysfs and device nodes.
//
// All functions belong to the main thread. umockdev may call the ioctl handler from a thread of its own; what both touch
// is guarded by the lock inside bus.c.
#ifndef USB_BOARD_BUS_H
#define USB_BOARD_BUS_H

#include "board.h"
#include "hub.h"

#include <umockdev.h>

typedef struct {
    BoardKind kind;
    const char *flash, *serial, *uid_hex;
    gboolean application, no_upload, intolerant;
} BusAttach;

void bus_start(UMockdevTestbed *testbed);
// Each returns NULL, or a sentence that says why not (to be freed).
char *bus_attach(const char *path, const BusAttach *what);
char *bus_attach_hub(const char *path, HubSwitching switching, unsigned ports);
char *bus_detach(const char *path);
char *bus_rename(const char *path, unsigned bus, unsigned device);
char *bus_swap(const char *first, const char *second);
char *bus_mode(const char *path, gboolean application);
char *bus_fail(const char *path, int status, unsigned after);
char *bus_hang(const char *path, gboolean hang);
char *bus_over_current(const char *path, gboolean on);
// One entry for each occupied socket, separated by "; " (to be freed).
char *bus_list(void);

#endif
