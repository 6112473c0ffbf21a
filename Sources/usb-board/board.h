// A simulated USB board: its DFU 1.1 or DfuSe loader and the run-time interface that leads there. Pure logic: a setup
// packet and data go in, an answer comes out; what the board does to the bus stands in `wish`.
#ifndef USB_BOARD_BOARD_H
#define USB_BOARD_BOARD_H

#include "flash.h"

enum { BOARD_BLOCK = 4096, BOARD_UID = 12, BOARD_FLASH = 1 << 20 };

typedef enum { KIND_DFU, KIND_DFUSE } BoardKind;

// What the board wants to happen on the bus once the running request is answered.
typedef enum { WISH_NONE, WISH_LOADER, WISH_APPLICATION } BoardWish;

// USB DFU 1.1, section 6.1.2, bState.
typedef enum {
    STATE_APP_IDLE, STATE_APP_DETACH, STATE_IDLE, STATE_DNLOAD_SYNC, STATE_DNBUSY, STATE_DNLOAD_IDLE,
    STATE_MANIFEST_SYNC, STATE_MANIFEST, STATE_WAIT_RESET, STATE_UPLOAD_IDLE, STATE_ERROR,
} BoardState;

typedef struct {
    BoardKind kind;
    gboolean application;  // enumerated as its firmware, not as its loader
    gboolean no_upload;    // does not let itself be read
    gboolean intolerant;   // needs a USB reset after manifestation
    char *serial;
    uint8_t uid[BOARD_UID];
    Flash flash;

    BoardState state;
    int status;
    int result;  // of the operation under way, shown when it ends
    int alternate;
    uint8_t configuration;
    uint32_t pointer;  // DfuSe address pointer
    uint8_t block[BOARD_BLOCK];
    unsigned block_length, block_number;
    gboolean pending;
    gint64 busy_until;  // monotonic, microseconds
    unsigned work_time;  // what flash takes for the last command, microseconds
    BoardWish wish;

    // Faults
    int fail_status;       // the data block after `fail_after` more ends with this status; 0 = none
    unsigned fail_after;
    gboolean hang;         // takes requests and never answers them

    // Figures for tests
    unsigned blocks, erases, mass_erases, early_polls;
} Board;

// What each board waits before it is done with an erase or a block, in ms.
extern unsigned board_busy_ms;
// Whether erases and writes take the time that flash takes.
extern gboolean board_flash_times;

// Brings the board to its state after power-on.
void board_reset(Board *board, gboolean application);
// Answers one control request. `data` holds the OUT data, or gets the IN data (BOARD_BLOCK bytes at most).
// Returns the number of bytes, or -1 for a STALL.
int board_control(Board *board, const uint8_t setup[8], uint8_t *data);
// A USB reset came.
void board_bus_reset(Board *board);

// Device and configuration descriptors one after the other; returns their length.
unsigned board_descriptors(const Board *board, uint8_t *bytes);
uint16_t board_vendor(const Board *board);
uint16_t board_product(const Board *board);
unsigned board_transfer_size(const Board *board);
// String descriptor `index` as text; NULL where there is none.
const char *board_string(const Board *board, unsigned index);
// Writes a string descriptor; returns its length.
int string_descriptor(uint8_t *bytes, const char *text);

#endif
