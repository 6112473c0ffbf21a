// Tells clients that a device has come or is about to go, as the kernel does by uevents.
#ifndef USB_BOARD_UEVENTS_H
#define USB_BOARD_UEVENTS_H

#include <umockdev.h>

// `action` is "add" or "remove". Waits for a client that is slow to listen, as long as half a second; after that the event
// is lost, as the kernel's are where a listener's buffer is full.
void uevents_send(UMockdevTestbed *testbed, const char *system_path, const char *action);

#endif
