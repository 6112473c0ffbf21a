// Source: Linux, include/uapi/linux/usbdevice_fs.h and Documentation/driver-api/usb/usb.rst.
#include "usbfs.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

enum { BUFFER = 4096 + 8 };

// What one client, one open descriptor, has handed in: done requests wait to be reaped, pending ones for an answer.
typedef struct {
    GQueue done, pending;
} Requests;

static void free_requests(gpointer data) {
    Requests *requests = data;
    g_queue_clear_full(&requests->done, g_object_unref);
    g_queue_clear_full(&requests->pending, g_object_unref);
    g_free(requests);
}

static Requests *requests_of(UMockdevIoctlClient *client) {
    Requests *requests = g_object_get_data(G_OBJECT(client), "requests");
    if (!requests) {
        requests = g_new0(Requests, 1);
        g_object_set_data_full(G_OBJECT(client), "requests", requests, free_requests);
    }
    return requests;
}

static void conclude(UMockdevIoctlData *urb, int status, int actual) {
    umockdev_ioctl_data_update(urb, offsetof(struct usbdevfs_urb, status), (guint8 *)&status, sizeof status);
    umockdev_ioctl_data_update(urb, offsetof(struct usbdevfs_urb, actual_length), (guint8 *)&actual, sizeof actual);
}

static int submit(Node *node, UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    UMockdevIoctlData *urb = umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL);
    if (!urb) return EFAULT;
    struct usbdevfs_urb *fields = (void *)urb->data;
    int length = fields->buffer_length;
    if (fields->type != USBDEVFS_URB_TYPE_CONTROL || length < 8 || length > BUFFER) {
        umockdev_ioctl_data_unref(urb);
        return EINVAL;
    }
    UMockdevIoctlData *buffer =
        umockdev_ioctl_data_resolve(urb, offsetof(struct usbdevfs_urb, buffer), (gulong)length, NULL);
    if (!buffer) {
        umockdev_ioctl_data_unref(urb);
        return EFAULT;
    }
    guint8 setup[8], data[BUFFER] = {0};
    memcpy(setup, buffer->data, 8);
    memcpy(data, buffer->data + 8, (size_t)length - 8);
    gboolean is_in = (setup[0] & 0x80) != 0;
    UsbfsAnswer answer = {USBFS_DONE, 0};
    node->on_request(node, setup, data, &answer);
    int problem = 0;
    Requests *requests = requests_of(client);
    switch (answer.kind) {
    case USBFS_GONE: problem = ENODEV; break;
    case USBFS_PENDING: g_queue_push_tail(&requests->pending, urb); break;
    case USBFS_STALL:
        conclude(urb, -EPIPE, 0);
        g_queue_push_tail(&requests->done, urb);
        break;
    case USBFS_DONE: {
        int count = MIN(answer.count, length - 8);
        if (is_in && count) umockdev_ioctl_data_update(buffer, 8, data, count);
        conclude(urb, 0, is_in ? count : length - 8);
        g_queue_push_tail(&requests->done, urb);
        break;
    }
    }
    umockdev_ioctl_data_unref(buffer);
    if (problem) umockdev_ioctl_data_unref(urb);
    return problem;
}

// A device that is gone gives back what was under way first, and then says that it is gone, as the kernel does.
static int reap(Node *node, UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    Requests *requests = requests_of(client);
    UMockdevIoctlData *urb = g_queue_pop_head(&requests->done);
    if (!urb && !node->socket) {
        urb = g_queue_pop_head(&requests->pending);
        if (urb) conclude(urb, -ESHUTDOWN, 0);
    }
    if (!urb) return node->socket ? EAGAIN : ENODEV;
    UMockdevIoctlData *pointer = umockdev_ioctl_data_resolve(argument, 0, sizeof(void *), NULL);
    if (pointer) {
        umockdev_ioctl_data_set_ptr(pointer, 0, urb);
        umockdev_ioctl_data_unref(pointer);
    }
    umockdev_ioctl_data_unref(urb);
    return pointer ? 0 : EFAULT;
}

// The argument is the address of the request in the client, not a pointer to one.
static int discard(UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    Requests *requests = requests_of(client);
    gulong address = *(gulong *)(void *)argument->data;
    for (GList *each = requests->pending.head; each; each = each->next) {
        UMockdevIoctlData *urb = each->data;
        if (urb->client_addr != address) continue;
        g_queue_delete_link(&requests->pending, each);
        conclude(urb, -ENOENT, 0);
        g_queue_push_tail(&requests->done, urb);
        return 0;
    }
    return EINVAL;
}

static int claim(Node *node, UMockdevIoctlClient *client) {
    if (node->owner && node->owner != client) return EBUSY;
    node->owner = client;
    return 0;
}

static int fill(UMockdevIoctlData *argument, const void *bytes, size_t count) {
    UMockdevIoctlData *target = umockdev_ioctl_data_resolve(argument, 0, count, NULL);
    if (!target) return EFAULT;
    umockdev_ioctl_data_update(target, 0, (guint8 *)bytes, (int)count);
    umockdev_ioctl_data_unref(target);
    return 0;
}

static int set_alternate(Node *node, UMockdevIoctlData *argument) {
    UMockdevIoctlData *pair = umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_setinterface), NULL);
    if (!pair) return EFAULT;
    struct usbdevfs_setinterface *fields = (void *)pair->data;
    guint8 setup[8] = {1, 11, (guint8)fields->altsetting, 0, (guint8)fields->interface, 0, 0, 0}, data[8];
    UsbfsAnswer answer;
    node->on_request(node, setup, data, &answer);
    umockdev_ioctl_data_unref(pair);
    return 0;
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer data) {
    (void)base;
    Node *node = data;
    gulong request = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    int problem = 0;
    gboolean is_reap = request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY;
    if (!node->socket && !is_reap) {
        umockdev_ioctl_client_complete(client, -1, ENODEV);
        return TRUE;
    }
    switch (request) {
    case USBDEVFS_SUBMITURB: problem = submit(node, client, argument); break;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY: problem = reap(node, client, argument); break;
    case USBDEVFS_DISCARDURB: problem = discard(client, argument); break;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM: problem = claim(node, client); break;
    case USBDEVFS_RELEASEINTERFACE:
        if (node->owner == client) node->owner = NULL;
        break;
    case USBDEVFS_SETINTERFACE: problem = set_alternate(node, argument); break;
    case USBDEVFS_RESET: node->on_reset(node); break;
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_CLEAR_HALT: break;
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL: problem = ENODATA; break;
    case USBDEVFS_CONNECTINFO: {
        struct usbdevfs_connectinfo info = {.devnum = node->device, .slow = 0};
        problem = fill(argument, &info, sizeof info);
        break;
    }
    case USBDEVFS_GET_CAPABILITIES: {
        guint32 capabilities = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        problem = fill(argument, &capabilities, sizeof capabilities);
        break;
    }
    default: problem = ENOTTY; break;
    }
    umockdev_ioctl_client_complete(client, problem ? -1 : 0, problem);
    return TRUE;
}

static void on_vanished(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer data) {
    (void)base;
    Node *node = data;
    if (node->owner == client) node->owner = NULL;
}

Node *node_new(unsigned bus, unsigned device, NodeRequest on_request, NodeReset on_reset) {
    Node *node = g_new0(Node, 1);
    node->path = g_strdup_printf("/dev/bus/usb/%03u/%03u", bus, device);
    node->bus = bus;
    node->device = device;
    node->handler = umockdev_ioctl_base_new();
    node->on_request = on_request;
    node->on_reset = on_reset;
    g_signal_connect(node->handler, "handle-ioctl", G_CALLBACK(on_ioctl), node);
    g_signal_connect(node->handler, "client-vanished", G_CALLBACK(on_vanished), node);
    return node;
}
