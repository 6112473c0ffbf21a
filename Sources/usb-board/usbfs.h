// One device node as the kernel's usbfs shows it (/dev/bus/usb/BBB/DDD), answered through umockdev's ioctl handler.
#ifndef USB_BOARD_USBFS_H
#define USB_BOARD_USBFS_H

#include <umockdev.h>

typedef enum { USBFS_DONE, USBFS_STALL, USBFS_PENDING, USBFS_GONE } UsbfsKind;

typedef struct {
    UsbfsKind kind;
    int count;  // bytes of an IN answer
} UsbfsAnswer;

typedef struct Node Node;
// A control request: `data` holds the OUT data, or gets up to 4096 bytes of IN data.
typedef void (*NodeRequest)(Node *node, const guint8 *setup, guint8 *data, UsbfsAnswer *answer);
typedef void (*NodeReset)(Node *node);

struct Node {
    char *path;  // /dev/bus/usb/001/004
    unsigned bus, device;
    UMockdevIoctlBase *handler;
    void *socket;    // NULL once the device is gone; guarded by bus.c
    gpointer owner;  // the client that has claimed the interface
    NodeRequest on_request;
    NodeReset on_reset;
};

Node *node_new(unsigned bus, unsigned device, NodeRequest on_request, NodeReset on_reset);

#endif
