#include "board.h"

#include <string.h>

enum { TEXT_MAKER = 1, TEXT_PRODUCT, TEXT_SERIAL, TEXT_MEMORY };

static const char *const dfuse_memories[] = {
    "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
    "@Device ID  /0x1FFF7A10/01*012 a",
};
static const char *const dfu_memories[] = {"firmware", "credential"};

uint16_t board_vendor(const Board *board) { return board->kind == KIND_DFUSE ? 0x0483 : 0x1209; }

// ST's loader and virtual COM port; two of the ids that pid.codes sets apart for tests.
uint16_t board_product(const Board *board) {
    if (board->kind == KIND_DFUSE) return board->application ? 0x5740 : 0xDF11;
    return board->application ? 0x0002 : 0x0001;
}

unsigned board_transfer_size(const Board *board) { return board->kind == KIND_DFUSE ? 2048 : 1024; }

const char *board_string(const Board *board, unsigned index) {
    switch (index) {
    case TEXT_MAKER: return "Provisioning Station";
    case TEXT_PRODUCT: return board->application ? "Simulated board" : "Simulated board BOOTLOADER";
    case TEXT_SERIAL: return board->serial;
    default: break;
    }
    if (board->application || index < TEXT_MEMORY || index > TEXT_MEMORY + 1) return NULL;
    return (board->kind == KIND_DFUSE ? dfuse_memories : dfu_memories)[index - TEXT_MEMORY];
}

int string_descriptor(uint8_t *bytes, const char *text) {
    size_t length = MIN(strlen(text), 126);
    bytes[0] = (uint8_t)(2 + 2 * length);
    bytes[1] = 3;
    for (size_t index = 0; index < length; index++) {
        bytes[2 + 2 * index] = (uint8_t)text[index];
        bytes[3 + 2 * index] = 0;
    }
    return bytes[0];
}

unsigned board_descriptors(const Board *board, uint8_t *bytes) {
    uint16_t vendor = board_vendor(board), product = board_product(board);
    unsigned alternates = board->application ? 1 : 2, size = board_transfer_size(board);
    unsigned configuration = 9 + 9 * alternates + 9;
    unsigned attributes = 1u | (board->no_upload ? 0u : 2u) | (board->intolerant ? 0u : 4u)
                          | (board->kind == KIND_DFUSE ? 8u : 0u);
    const uint8_t device[18] = {
        18, 1, 0, 2, 0, 0, 0, 64, (uint8_t)vendor, (uint8_t)(vendor >> 8), (uint8_t)product, (uint8_t)(product >> 8),
        0, 0x22, TEXT_MAKER, TEXT_PRODUCT, TEXT_SERIAL, 1};
    const uint8_t head[9] = {9, 2, (uint8_t)configuration, 0, 1, 1, 0, 0xC0, 50};
    const uint8_t functional[9] = {
        9, 0x21, (uint8_t)attributes, 0xFF, 0, (uint8_t)size, (uint8_t)(size >> 8),
        board->kind == KIND_DFUSE ? 0x1A : 0x10, 1};
    memcpy(bytes, device, 18);
    memcpy(bytes + 18, head, 9);
    uint8_t *next = bytes + 27;
    for (unsigned alternate = 0; alternate < alternates; alternate++, next += 9) {
        const uint8_t interface[9] = {
            9, 4, 0, (uint8_t)alternate, 0, 0xFE, 1, board->application ? 1 : 2,
            board->application ? 0 : (uint8_t)(TEXT_MEMORY + alternate)};
        memcpy(next, interface, 9);
    }
    memcpy(next, functional, 9);
    return 18 + configuration;
}
