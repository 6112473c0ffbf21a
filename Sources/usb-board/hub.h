// A simulated USB 2.0 hub: only what switches the power of its ports.
#ifndef USB_BOARD_HUB_H
#define USB_BOARD_HUB_H

#include <glib.h>
#include <stdint.h>

enum { HUB_PORTS = 15 };

// wHubCharacteristics, bits 1 and 0 (USB 2.0, table 11-13).
typedef enum { SWITCH_GANGED = 0, SWITCH_INDIVIDUAL = 1, SWITCH_NONE = 2 } HubSwitching;

typedef struct {
    HubSwitching switching;
    unsigned ports;
    gboolean root;
    gboolean powered[HUB_PORTS + 1];      // by port number, from 1
    gboolean over_current[HUB_PORTS + 1];
    gboolean connected[HUB_PORTS + 1];
    int changed;  // the port whose power has just been switched; -1 = all of them, 0 = none
} Hub;

void hub_init(Hub *hub, HubSwitching switching, unsigned ports, gboolean root);
// As board_control.
int hub_control(Hub *hub, const uint8_t setup[8], uint8_t *data);
unsigned hub_descriptors(const Hub *hub, uint8_t *bytes);

#endif
