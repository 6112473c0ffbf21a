#include "bus.h"

#include "uevents.h"
#include "usbfs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAVE_MS = 10, RETURN_MS = 60, RETIRE_MS = 1000, DEVICES = 127 };

static UMockdevTestbed *testbed;
static GHashTable *sockets;  // port path -> Socket; sockets stay for good, what is in them comes and goes
static GHashTable *retired;  // path of a node that has gone -> timer after which nobody can be about to use it
static GMutex lock;          // guards boards, hubs and the link from a node to its socket

typedef struct {
    char *path;
    unsigned bus, device;  // device 0 = not enumerated
    Board *board;
    Hub *hub;
    Node *node;
    char *system_path;
    guint timer;
    BoardWish wish;
    gboolean home_application;  // what it starts as after power-on
} Socket;

static char *sentence(const char *format, ...) G_GNUC_PRINTF(1, 2);
static char *sentence(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return text;
}

void bus_start(UMockdevTestbed *bed) {
    testbed = bed;
    sockets = g_hash_table_new(g_str_hash, g_str_equal);
    retired = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static Socket *find(const char *path) { return g_hash_table_lookup(sockets, path); }

// "1" for a root hub's own, "1-2" -> "1", "1-2.3" -> "1-2"; NULL for a root hub. To be freed.
static char *parent_path(const char *path) {
    const char *cut = strrchr(path, '.');
    if (!cut) cut = strrchr(path, '-');
    return cut ? g_strndup(path, (size_t)(cut - path)) : NULL;
}

static unsigned port_number(const char *path) {
    const char *cut = strrchr(path, '.');
    if (!cut) cut = strrchr(path, '-');
    return cut ? (unsigned)atoi(cut + 1) : 0;
}

static gboolean is_path(const char *path) { return g_regex_match_simple("^[1-9][0-9]?(-[1-9][0-9]?(\\.[1-9][0-9]?)*)?$", path, 0, 0); }

static char *make_system_path(const char *path) {
    g_autofree char *parent = parent_path(path);
    if (!parent) return g_strdup_printf("/sys/devices/pci0000:00/0000:00:14.%s/usb%s", path, path);
    g_autofree char *above = make_system_path(parent);
    return g_strdup_printf("%s/%s", above, path);
}

static Socket *make_socket(const char *path) {
    Socket *socket = find(path);
    if (socket) return socket;
    socket = g_new0(Socket, 1);
    socket->path = g_strdup(path);
    socket->bus = (unsigned)atoi(path);
    socket->system_path = make_system_path(path);
    g_hash_table_insert(sockets, socket->path, socket);
    return socket;
}

static gboolean is_taken(unsigned bus, unsigned device) {
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, sockets);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        Socket *socket = value;
        if (socket->bus == bus && socket->device == device) return TRUE;
    }
    return FALSE;
}

// Like the kernel: the next free number after the last one given, from 2.
static unsigned next_device(unsigned bus) {
    static unsigned last[100];
    for (unsigned tries = 0; tries < DEVICES; tries++) {
        last[bus] = last[bus] >= DEVICES ? 2 : MAX(last[bus] + 1, 2);
        if (!is_taken(bus, last[bus])) return last[bus];
    }
    return 0;
}

static void note_connected(Socket *socket, gboolean connected) {
    g_autofree char *parent = parent_path(socket->path);
    Socket *above = parent ? find(parent) : NULL;
    g_mutex_lock(&lock);
    if (above && above->hub && port_number(socket->path) <= HUB_PORTS)
        above->hub->connected[port_number(socket->path)] = connected;
    g_mutex_unlock(&lock);
}

static void forget(const char *path) {
    umockdev_testbed_detach_ioctl(testbed, path, NULL);
    g_hash_table_remove(retired, path);
}

static gboolean on_retired(gpointer data) {
    g_autofree char *path = g_strdup(data);
    forget(path);
    return G_SOURCE_REMOVE;
}

// A client may have opened the node just before it went and not yet reached its handler: without one, umockdev ends the
// client. So the handler stays for a while, and says that the device is gone.
static void retire(const char *path) {
    char *key = g_strdup(path);
    guint timer = g_timeout_add(RETIRE_MS, on_retired, key);
    g_hash_table_insert(retired, key, GUINT_TO_POINTER(timer));
}

// The number of a device that went a moment ago is given again.
static void recall(const char *path) {
    guint timer = GPOINTER_TO_UINT(g_hash_table_lookup(retired, path));
    if (!timer) return;
    g_source_remove(timer);
    forget(path);
}

// A client must not find a device whose node is not there yet, or no longer: umockdev takes a node that cannot be opened
// for an open one as long as it has a handler. So the number, without which nobody opens it, comes last and goes first.
static void show(Socket *socket) {
    g_autofree char *number = g_strdup_printf("%u\n", socket->device);
    umockdev_testbed_set_attribute(testbed, socket->system_path, "devnum", number);
}

static void hide(Socket *socket) {
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    g_autofree char *path = g_strdup_printf("%s%s/devnum", root, socket->system_path);
    unlink(path);
}

static void disappear(Socket *socket) {
    if (socket->timer) g_source_remove(socket->timer);
    socket->timer = 0;
    if (!socket->device) return;
    hide(socket);
    g_mutex_lock(&lock);
    socket->node->owner = NULL;
    socket->node->socket = NULL;
    g_mutex_unlock(&lock);
    uevents_send(testbed, socket->system_path, "remove");
    umockdev_testbed_remove_device(testbed, socket->system_path);
    retire(socket->node->path);
    // The node stays in memory: a client may hold it open and is told that the device is gone.
    socket->node = NULL;
    socket->device = 0;
    note_connected(socket, FALSE);
}

static void on_request(Node *node, const guint8 *setup, guint8 *data, UsbfsAnswer *answer);
static void on_reset(Node *node);

static char *appear(Socket *socket, unsigned device) {
    guint8 descriptors[256];
    unsigned length = socket->board ? board_descriptors(socket->board, descriptors)
                                    : hub_descriptors(socket->hub, descriptors);
    g_autoptr(GString) hex = g_string_new(NULL);
    for (unsigned index = 0; index < length; index++) g_string_append_printf(hex, "%02X", descriptors[index]);
    unsigned vendor = descriptors[8] | descriptors[9] << 8, product = descriptors[10] | descriptors[11] << 8;
    const char *serial = socket->board ? socket->board->serial : "HUB";
    const char *port = strchr(socket->path, '-');
    Node *node = node_new(socket->bus, device, on_request, on_reset);
    node->socket = socket;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf(
        "P: %s\nN: bus/usb/%03u/%03u=%s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: DEVNAME=/dev/bus/usb/%03u/%03u\n"
        "E: BUSNUM=%03u\nE: DEVNUM=%03u\nE: ID_SERIAL_SHORT=%s\nE: ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\n"
        "E: PRODUCT=%x/%x/%x\nE: TYPE=%u/0/0\nA: busnum=%u\\n\nA: bConfigurationValue=1\\n\n"
        "A: bDeviceClass=%02x\\n\nA: speed=%s\\n\nA: idVendor=%04x\\n\nA: idProduct=%04x\\n\nA: serial=%s\\n\n"
        "A: bNumConfigurations=1\\n\nA: devpath=%s\\n\nA: maxchild=%u\\n\nA: product=%s\\n\nH: descriptors=%s\n\n",
        socket->system_path + strlen("/sys"), socket->bus, device, hex->str, socket->bus, device, socket->bus, device, serial, vendor,
        product, vendor, product, descriptors[12] | descriptors[13] << 8, descriptors[4], socket->bus,
        descriptors[4], socket->board ? "12" : "480", vendor, product, serial, port ? port + 1 : "0",
        socket->hub ? socket->hub->ports : 0, socket->board ? board_string(socket->board, 2) : "Simulated hub", hex->str);
    recall(node->path);
    // The handler stands before the node does, so that nobody can open a node without one.
    if (!umockdev_testbed_attach_ioctl(testbed, node->path, node->handler, &error)
        || !umockdev_testbed_add_from_string(testbed, text, &error))
        return sentence("%s: %s", socket->path, error->message);
    socket->node = node;
    socket->device = device;
    show(socket);
    note_connected(socket, TRUE);
    uevents_send(testbed, socket->system_path, "add");
    return NULL;
}

static gboolean is_powered(Socket *socket) {
    g_autofree char *parent = parent_path(socket->path);
    Socket *above = parent ? find(parent) : NULL;
    return !above || !above->hub || above->hub->powered[MIN(port_number(socket->path), HUB_PORTS)];
}

static void power_on(Socket *socket) {
    if (socket->device || !is_powered(socket)) return;
    if (socket->board) board_reset(socket->board, socket->home_application);
    g_free(appear(socket, next_device(socket->bus)));
}

// MARK: Re-enumeration

static gboolean come_back(gpointer data) {
    Socket *socket = data;
    socket->timer = 0;
    if (!socket->board || socket->device || !is_powered(socket)) return G_SOURCE_REMOVE;
    g_mutex_lock(&lock);
    board_reset(socket->board, socket->wish == WISH_APPLICATION);
    g_mutex_unlock(&lock);
    socket->home_application = socket->home_application || socket->wish == WISH_APPLICATION;
    g_free(appear(socket, next_device(socket->bus)));
    return G_SOURCE_REMOVE;
}

static gboolean go_away(gpointer data) {
    Socket *socket = data;
    socket->timer = 0;
    if (socket->device) disappear(socket);
    socket->timer = g_timeout_add(RETURN_MS, come_back, socket);
    return G_SOURCE_REMOVE;
}

typedef struct {
    Socket *socket;
    Node *node;
    BoardWish wish;
    int port;  // of a hub, as Hub.changed
} Later;

static gboolean follow(gpointer data) {
    Later *later = data;
    Socket *socket = later->socket;
    if (socket->node == later->node && later->wish != WISH_NONE && !socket->timer) {
        socket->wish = later->wish;
        socket->timer = g_timeout_add(LEAVE_MS, go_away, socket);
    }
    if (socket->node == later->node && later->port) {
        GHashTableIter iterator;
        gpointer value;
        g_autoptr(GPtrArray) below = g_ptr_array_new();
        g_hash_table_iter_init(&iterator, sockets);
        while (g_hash_table_iter_next(&iterator, NULL, &value)) {
            Socket *each = value;
            g_autofree char *parent = parent_path(each->path);
            gboolean is_meant = later->port < 0 || port_number(each->path) == (unsigned)later->port;
            if (each->board && is_meant && g_strcmp0(parent, socket->path) == 0) g_ptr_array_add(below, each);
        }
        for (unsigned index = 0; index < below->len; index++) {
            Socket *each = below->pdata[index];
            if (is_powered(each)) power_on(each);
            else disappear(each);
        }
    }
    g_free(later);
    return G_SOURCE_REMOVE;
}

static void do_later(Node *node, BoardWish wish, int port) {
    if (wish == WISH_NONE && port == 0) return;
    Later *later = g_new0(Later, 1);
    *later = (Later){node->socket, node, wish, port};
    g_idle_add(follow, later);
}

// MARK: What usbfs asks, maybe on another thread

static void on_request(Node *node, const guint8 *setup, guint8 *data, UsbfsAnswer *answer) {
    g_mutex_lock(&lock);
    Socket *socket = node->socket;
    if (!socket) {
        answer->kind = USBFS_GONE;
    } else if (socket->hub) {
        answer->count = hub_control(socket->hub, setup, data);
        answer->kind = answer->count < 0 ? USBFS_STALL : USBFS_DONE;
        do_later(node, WISH_NONE, socket->hub->changed);
        socket->hub->changed = 0;
    } else if (socket->board->hang && (setup[0] & 0x60) != 0) {
        answer->kind = USBFS_PENDING;
    } else {
        answer->count = board_control(socket->board, setup, data);
        answer->kind = answer->count < 0 ? USBFS_STALL : USBFS_DONE;
        do_later(node, socket->board->wish, 0);
        socket->board->wish = WISH_NONE;
    }
    g_mutex_unlock(&lock);
}

static void on_reset(Node *node) {
    g_mutex_lock(&lock);
    Socket *socket = node->socket;
    if (socket && socket->board) {
        board_bus_reset(socket->board);
        do_later(node, socket->board->wish, 0);
        socket->board->wish = WISH_NONE;
    }
    g_mutex_unlock(&lock);
}

// MARK: Commands

static char *ensure_hub(const char *path) {
    Socket *socket = find(path);
    if (socket && socket->hub) return NULL;
    if (socket && socket->board) return sentence("%s holds a board, so nothing can be plugged in behind it", path);
    gboolean is_root = !strpbrk(path, "-");
    return bus_attach_hub(path, is_root ? SWITCH_NONE : SWITCH_INDIVIDUAL, is_root ? HUB_PORTS : 7);
}

static char *prepare(const char *path) {
    if (!is_path(path)) return sentence("expected a port path such as 1-2.3, received %s", path);
    g_autofree char *parent = parent_path(path);
    if (port_number(path) > HUB_PORTS) return sentence("%s: a hub has %d ports at most", path, HUB_PORTS);
    Socket *socket = find(path);
    if (socket && (socket->board || socket->hub)) return sentence("%s is taken: detach what is there first", path);
    return parent ? ensure_hub(parent) : NULL;
}

char *bus_attach_hub(const char *path, HubSwitching switching, unsigned ports) {
    char *problem = prepare(path);
    if (problem) return problem;
    if (ports < 1 || ports > HUB_PORTS) return sentence("expected 1 to %d ports, received %u", HUB_PORTS, ports);
    Socket *socket = make_socket(path);
    socket->hub = g_new0(Hub, 1);
    gboolean is_root = !strpbrk(path, "-");
    hub_init(socket->hub, switching, ports, is_root);
    return appear(socket, is_root ? 1 : next_device(socket->bus));
}

static gboolean parse_uid(const char *hex, guint8 *uid) {
    if (strlen(hex) != 2 * BOARD_UID) return FALSE;
    for (unsigned index = 0; index < BOARD_UID; index++) {
        int high = g_ascii_xdigit_value(hex[2 * index]), low = g_ascii_xdigit_value(hex[2 * index + 1]);
        if (high < 0 || low < 0) return FALSE;
        uid[index] = (guint8)(high << 4 | low);
    }
    return TRUE;
}

char *bus_attach(const char *path, const BusAttach *what) {
    char *problem = prepare(path);
    if (problem) return problem;
    guint8 uid[BOARD_UID];
    if (!parse_uid(what->uid_hex, uid)) return sentence("expected a UID of 24 hex digits, received %s", what->uid_hex);
    Flash flash;
    g_autoptr(GError) error = NULL;
    if (!flash_open(&flash, what->flash, BOARD_FLASH, &error)) return g_strdup(error->message);
    Board *board = g_new0(Board, 1);
    board->kind = what->kind;
    board->no_upload = what->no_upload;
    board->intolerant = what->intolerant;
    board->serial = g_strdup(what->serial);
    board->flash = flash;
    memcpy(board->uid, uid, sizeof uid);
    Socket *socket = make_socket(path);
    socket->board = board;
    socket->home_application = what->application;
    board_reset(board, what->application);
    if (!is_powered(socket)) return NULL;
    return appear(socket, next_device(socket->bus));
}

static char *board_at(const char *path, Socket **socket) {
    *socket = find(path);
    if (!*socket || !(*socket)->board) return sentence("there is no board at %s", path);
    return NULL;
}

char *bus_detach(const char *path) {
    Socket *socket;
    char *problem = board_at(path, &socket);
    if (problem) return problem;
    disappear(socket);
    Board *board = socket->board;
    socket->board = NULL;
    flash_close(&board->flash);
    g_free(board->serial);
    g_free(board);
    return NULL;
}

char *bus_rename(const char *path, unsigned bus, unsigned device) {
    Socket *socket;
    char *problem = board_at(path, &socket);
    if (problem) return problem;
    if (bus != socket->bus) return sentence("%s is on bus %u and cannot show up on bus %u", path, socket->bus, bus);
    if (device < 2 || device > DEVICES || is_taken(bus, device))
        return sentence("device number %u is taken or not in 2...%d", device, DEVICES);
    disappear(socket);
    board_reset(socket->board, socket->board->application);
    return appear(socket, device);
}

char *bus_swap(const char *first, const char *second) {
    Socket *one, *other;
    char *problem = board_at(first, &one);
    if (!problem) problem = board_at(second, &other);
    if (problem) return problem;
    if (one == other) return sentence("%s cannot be swapped with itself", first);
    disappear(one);
    disappear(other);
    Board *board = one->board;
    one->board = other->board;
    other->board = board;
    gboolean home = one->home_application;
    one->home_application = other->home_application;
    other->home_application = home;
    power_on(one);
    power_on(other);
    return NULL;
}

char *bus_mode(const char *path, gboolean application) {
    Socket *socket;
    char *problem = board_at(path, &socket);
    if (problem) return problem;
    disappear(socket);
    socket->home_application = application;
    power_on(socket);
    return NULL;
}

char *bus_fail(const char *path, int status, unsigned after) {
    Socket *socket;
    char *problem = board_at(path, &socket);
    if (problem) return problem;
    g_mutex_lock(&lock);
    socket->board->fail_status = status;
    socket->board->fail_after = after;
    g_mutex_unlock(&lock);
    return NULL;
}

char *bus_hang(const char *path, gboolean hang) {
    Socket *socket;
    char *problem = board_at(path, &socket);
    if (problem) return problem;
    g_mutex_lock(&lock);
    socket->board->hang = hang;
    g_mutex_unlock(&lock);
    return NULL;
}

char *bus_over_current(const char *path, gboolean on) {
    if (!is_path(path)) return sentence("expected a port path such as 1-2.3, received %s", path);
    g_autofree char *parent = parent_path(path);
    Socket *above = parent ? find(parent) : NULL;
    if (!above || !above->hub) return sentence("there is no hub above %s", path);
    g_mutex_lock(&lock);
    above->hub->over_current[MIN(port_number(path), HUB_PORTS)] = on;
    g_mutex_unlock(&lock);
    return NULL;
}

static gint by_path(gconstpointer first, gconstpointer second) {
    return g_strcmp0((*(Socket *const *)first)->path, (*(Socket *const *)second)->path);
}

char *bus_list(void) {
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, sockets);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) g_ptr_array_add(all, value);
    g_ptr_array_sort(all, by_path);
    GString *text = g_string_new(NULL);
    g_mutex_lock(&lock);
    for (unsigned index = 0; index < all->len; index++) {
        Socket *socket = all->pdata[index];
        Board *board = socket->board;
        if (!board && !socket->hub) continue;
        if (text->len) g_string_append(text, "; ");
        g_string_append_printf(text, "%s %03u/%03u ", socket->path, socket->bus, socket->device);
        if (socket->hub) g_string_append_printf(text, "hub ports=%u", socket->hub->ports);
        else
            g_string_append_printf(
                text, "%s %s serial=%s state=%d status=%d blocks=%u erases=%u mass=%u early=%u",
                board->kind == KIND_DFUSE ? "dfuse" : "dfu", board->application ? "app" : "loader", board->serial,
                board->state, board->status, board->blocks, board->erases, board->mass_erases, board->early_polls);
    }
    g_mutex_unlock(&lock);
    return g_string_free(text, FALSE);
}
