// Source: USB 2.0 specification, section 11.23 (hub descriptor) and 11.24 (class requests).
#include "hub.h"

#include <string.h>

enum { PORT_POWER = 8 };

void hub_init(Hub *hub, HubSwitching switching, unsigned ports, gboolean root) {
    memset(hub, 0, sizeof *hub);
    hub->switching = switching;
    hub->ports = ports;
    hub->root = root;
    for (unsigned port = 1; port <= ports; port++) hub->powered[port] = TRUE;
}

unsigned hub_descriptors(const Hub *hub, uint8_t *bytes) {
    static const uint8_t fixed[18 + 25] = {
        18, 1, 0, 2, 9, 0, 1, 64, 0x6B, 0x1D, 0x02, 0, 0, 1, 0, 0, 0, 1,
        9, 2, 25, 0, 1, 1, 0, 0xE0, 0, 9, 4, 0, 0, 1, 9, 0, 0, 0, 7, 5, 0x81, 3, 1, 0, 12};
    memcpy(bytes, fixed, sizeof fixed);
    if (!hub->root) {  // a plain hub's ids instead of the root hub's
        bytes[8] = 0x09; bytes[9] = 0x12; bytes[10] = 0x03; bytes[11] = 0x00;
    }
    return sizeof fixed;
}

static int answer(uint8_t *data, unsigned length, const uint8_t *bytes, unsigned count) {
    memcpy(data, bytes, MIN(length, count));
    return (int)MIN(length, count);
}

int hub_control(Hub *hub, const uint8_t setup[8], uint8_t *data) {
    unsigned value = setup[2] | setup[3] << 8, port = setup[4], length = setup[6] | setup[7] << 8;
    gboolean is_port = port >= 1 && port <= hub->ports;
    hub->changed = 0;
    if (setup[0] == 0xA0 && setup[1] == 6) {
        unsigned bytes = (hub->ports + 8) / 8;
        uint8_t descriptor[16] = {
            (uint8_t)(7 + 2 * bytes), 0x29, (uint8_t)hub->ports, (uint8_t)(8 | hub->switching), 0, 50, 0};
        memset(descriptor + 7 + bytes, 0xFF, bytes);
        return answer(data, length, descriptor, 7 + 2 * bytes);
    }
    if (setup[0] == 0xA3 && setup[1] == 0 && is_port) {
        unsigned status = (hub->powered[port] ? 0x100u : 0u) | (hub->over_current[port] ? 8u : 0u)
                          | (hub->powered[port] && hub->connected[port] ? 3u : 0u);
        unsigned change = hub->over_current[port] ? 8u : 0u;
        const uint8_t bytes[4] = {(uint8_t)status, (uint8_t)(status >> 8), (uint8_t)change, 0};
        return answer(data, length, bytes, 4);
    }
    if (setup[0] == 0x23 && (setup[1] == 1 || setup[1] == 3) && is_port) {
        if (value != PORT_POWER) return 0;
        gboolean on = setup[1] == 3;
        if (hub->switching == SWITCH_NONE) return 0;
        if (hub->switching == SWITCH_GANGED) {
            for (unsigned each = 1; each <= hub->ports; each++) hub->powered[each] = on;
            hub->changed = -1;
        } else {
            hub->powered[port] = on;
            hub->changed = (int)port;
        }
        return 0;
    }
    if (setup[0] == 0x80 && setup[1] == 6) {
        uint8_t all[64];
        unsigned total = hub_descriptors(hub, all);
        if (value >> 8 == 1) return answer(data, length, all, 18);
        if (value >> 8 == 2) return answer(data, length, all + 18, total - 18);
    }
    return -1;
}
