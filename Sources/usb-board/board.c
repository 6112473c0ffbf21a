// Sources: USB DFU 1.1 specification, sections 3, 6 and A; ST AN3156 and UM0391 for DfuSe.
#include "board.h"

#include <string.h>

unsigned board_busy_ms = 0;
gboolean board_flash_times = FALSE;

enum { ST_OK = 0, ST_WRITE = 3, ST_ERASE = 4, ST_ADDRESS = 8, ST_STALLED = 15, ST_VENDOR = 11 };
enum { DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };
enum { SET_POINTER = 0x21, ERASE = 0x41 };

static const uint32_t flash_base = 0x08000000, uid_base = 0x1FFF7A10;
// A DFU 1.1 board has two memories: the firmware and, in the last 64 KiB, the credential.
static const uint32_t credential_offset = 0xF0000;

void board_reset(Board *board, gboolean application) {
    board->application = application;
    board->state = application ? STATE_APP_IDLE : STATE_IDLE;
    board->status = board->result = ST_OK;
    board->alternate = 0;
    board->pointer = flash_base;
    board->pending = FALSE;
    board->busy_until = 0;
    board->configuration = 1;
    board->wish = WISH_NONE;
}

void board_bus_reset(Board *board) {
    if (board->state == STATE_APP_DETACH) board->wish = WISH_LOADER;
    else if (!board->application) board->wish = WISH_APPLICATION;
}

// Base and length of the sector that holds `offset`: 4 of 16 KiB, one of 64 KiB, the rest of 128 KiB.
static void sector_of(uint32_t offset, uint32_t *base, uint32_t *length) {
    *length = offset < 0x10000 ? 0x4000 : offset < 0x20000 ? 0x10000 : 0x20000;
    *base = offset / *length * *length;
}

// What flash takes for the erase of one sector and the write of some bytes, in microseconds. Source: STM32F405 datasheet
// (DS8626), flash memory programming, typical values at 32-bit parallelism: 250, 550 and 1000 ms, and 16 us a word.
static unsigned erase_time(uint32_t length) { return length <= 0x4000 ? 250000 : length <= 0x10000 ? 550000 : 1000000; }
static unsigned program_time(uint32_t length) { return (length + 3) / 4 * 16; }

static int stall(Board *board, int status) {
    board->state = STATE_ERROR;
    board->status = status;
    return -1;
}

static uint32_t word(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

// Does what the received block says; returns the status it ends with.
static int execute(Board *board) {
    if (board->kind == KIND_DFUSE && board->block_number == 0) {
        uint32_t address = board->block_length == 5 ? word(board->block + 1) : 0;
        if (board->block[0] == SET_POINTER && board->block_length == 5) {
            board->pointer = address;
            return ST_OK;
        }
        if (board->block[0] != ERASE) return ST_VENDOR;
        if (board->block_length == 1) {
            board->mass_erases++;
            flash_erase(&board->flash, 0, board->flash.size);
            for (uint32_t at = 0, base, length; at < BOARD_FLASH; at += length) {
                sector_of(at, &base, &length);
                board->work_time += erase_time(length);
            }
            return ST_OK;
        }
        if (address < flash_base || address - flash_base >= BOARD_FLASH) return ST_ADDRESS;
        uint32_t base, length;
        sector_of(address - flash_base, &base, &length);
        board->erases++;
        flash_erase(&board->flash, base, length);
        board->work_time = erase_time(length);
        return ST_OK;
    }
    board->blocks++;
    if (board->fail_status && board->fail_after-- == 0) {
        int status = board->fail_status;
        board->fail_status = 0;
        return status;
    }
    uint32_t size = board_transfer_size(board), offset, end = BOARD_FLASH;
    if (board->kind == KIND_DFUSE) {
        offset = board->pointer - flash_base + (board->block_number - 2) * size;
    } else {
        offset = board->block_number * size + (board->alternate ? credential_offset : 0);
        if (!board->alternate) end = credential_offset;
    }
    if (offset >= end || board->block_length > end - offset) return ST_ADDRESS;
    if (board->kind == KIND_DFU) flash_erase(&board->flash, offset, board->block_length);
    flash_program(&board->flash, offset, board->block, board->block_length);
    board->work_time = program_time(board->block_length);
    return ST_OK;
}

static int download(Board *board, unsigned number, unsigned length, const uint8_t *data) {
    if (board->state != STATE_IDLE && board->state != STATE_DNLOAD_IDLE) return stall(board, ST_STALLED);
    if (length > board_transfer_size(board)) return stall(board, ST_STALLED);
    if (length == 0) {
        if (board->kind == KIND_DFU && board->state == STATE_IDLE) return stall(board, ST_STALLED);
        board->state = STATE_MANIFEST_SYNC;
    } else {
        memcpy(board->block, data, length);
        board->block_length = length;
        board->block_number = number;
        board->state = STATE_DNLOAD_SYNC;
    }
    board->pending = TRUE;
    return 0;
}

static int upload(Board *board, unsigned number, unsigned length, uint8_t *data) {
    if (board->state != STATE_IDLE && board->state != STATE_UPLOAD_IDLE) return stall(board, ST_STALLED);
    if (board->no_upload || length > board_transfer_size(board)) return stall(board, ST_STALLED);
    const uint8_t *source = board->flash.bytes;
    uint32_t offset, end = BOARD_FLASH;
    if (board->kind == KIND_DFUSE) {
        if (number == 0) {
            static const uint8_t commands[3] = {0, SET_POINTER, ERASE};
            memcpy(data, commands, MIN(length, sizeof commands));
            return (int)MIN(length, sizeof commands);
        }
        if (number < 2) return stall(board, ST_STALLED);
        uint32_t address = board->pointer + (number - 2) * board_transfer_size(board);
        if (address >= uid_base && address < uid_base + BOARD_UID) {
            source = board->uid;
            offset = address - uid_base;
            end = BOARD_UID;
        } else {
            offset = address - flash_base;
        }
        if (offset >= end) return stall(board, ST_ADDRESS);
    } else {
        offset = number * board_transfer_size(board) + (board->alternate ? credential_offset : 0);
        if (!board->alternate) end = credential_offset;
    }
    unsigned count = offset < end ? MIN(length, end - offset) : 0;
    memcpy(data, source + offset, count);
    board->state = count < length ? STATE_IDLE : STATE_UPLOAD_IDLE;
    return (int)count;
}

// Returns for how many milliseconds the board is busy from now on.
static unsigned start_busy(Board *board) {
    unsigned time = MAX(board_busy_ms * 1000, board_flash_times ? board->work_time : 0);
    board->busy_until = g_get_monotonic_time() + time;
    return (time + 999) / 1000;
}

static int get_status(Board *board, unsigned length, uint8_t *data) {
    gint64 left = board->busy_until - g_get_monotonic_time();
    unsigned wait = 0;
    switch (board->state) {
    case STATE_DNLOAD_SYNC:
        board->work_time = 0;
        board->result = board->pending ? execute(board) : ST_OK;
        board->pending = FALSE;
        wait = start_busy(board);
        if (board->kind == KIND_DFUSE || wait) {
            board->state = STATE_DNBUSY;
            break;
        }
        board->status = board->result;
        board->state = board->result ? STATE_ERROR : STATE_DNLOAD_IDLE;
        break;
    case STATE_DNBUSY:
        if (left > 0) {
            board->early_polls++;
            wait = (unsigned)(left / 1000) + 1;
            break;
        }
        board->status = board->result;
        board->state = board->result ? STATE_ERROR : STATE_DNLOAD_IDLE;
        break;
    case STATE_MANIFEST_SYNC:
        if (!board->pending) {
            board->state = STATE_IDLE;
            break;
        }
        board->pending = FALSE;
        board->state = STATE_MANIFEST;
        board->work_time = 0;
        wait = start_busy(board);
        if (board->kind == KIND_DFUSE) board->wish = WISH_APPLICATION;
        break;
    case STATE_MANIFEST:
        if (left > 0) {
            board->early_polls++;
            wait = (unsigned)(left / 1000) + 1;
        } else {
            board->state = board->intolerant ? STATE_WAIT_RESET : STATE_IDLE;
        }
        break;
    default: break;
    }
    const uint8_t answer[6] = {
        (uint8_t)board->status, (uint8_t)wait, (uint8_t)(wait >> 8), (uint8_t)(wait >> 16), (uint8_t)board->state, 0};
    memcpy(data, answer, MIN(length, sizeof answer));
    return (int)MIN(length, sizeof answer);
}

static int class_request(Board *board, unsigned request, unsigned value, unsigned length, uint8_t *data) {
    if (board->application) {
        if (request == DETACH) {
            board->state = STATE_APP_DETACH;
            // The DfuSe board detaches by itself; the DFU 1.1 board waits for a USB reset.
            if (board->kind == KIND_DFUSE) board->wish = WISH_LOADER;
            return 0;
        }
        if (request != GETSTATUS && request != GETSTATE) return -1;
    }
    switch (request) {
    case DNLOAD: return download(board, value, length, data);
    case UPLOAD: return upload(board, value, length, data);
    case GETSTATUS: return get_status(board, length, data);
    case GETSTATE: data[0] = (uint8_t)board->state; return 1;
    case CLRSTATUS:
        if (board->state != STATE_ERROR) return stall(board, ST_STALLED);
        board->state = STATE_IDLE;
        board->status = ST_OK;
        return 0;
    case ABORT:
        if (board->state == STATE_ERROR) return -1;
        board->state = STATE_IDLE;
        return 0;
    default: return stall(board, ST_STALLED);
    }
}

static int standard_request(Board *board, const uint8_t setup[8], uint8_t *data) {
    unsigned value = setup[2] | setup[3] << 8, length = setup[6] | setup[7] << 8;
    uint8_t answer[256];
    int count = -1;
    switch (setup[1]) {
    case 0: answer[0] = answer[1] = 0; count = 2; break;
    case 1: case 3: return 0;
    case 6: {
        uint8_t all[256];
        int total = (int)board_descriptors(board, all);
        if (value >> 8 == 1) { count = 18; memcpy(answer, all, 18); }
        if (value >> 8 == 2) { count = total - 18; memcpy(answer, all + 18, (size_t)count); }
        if (value >> 8 == 3 && (value & 255) == 0) { count = 4; memcpy(answer, "\4\3\x09\4", 4); }
        else if (value >> 8 == 3 && board_string(board, value & 255))
            count = string_descriptor(answer, board_string(board, value & 255));
        break;
    }
    case 8: answer[0] = board->configuration; count = 1; break;
    case 9: board->configuration = (uint8_t)value; return 0;
    case 10: answer[0] = (uint8_t)board->alternate; count = 1; break;
    case 11: board->alternate = (int)value; return 0;
    default: break;
    }
    if (count < 0) return -1;
    count = MIN(count, (int)length);
    memcpy(data, answer, (size_t)count);
    return count;
}

int board_control(Board *board, const uint8_t setup[8], uint8_t *data) {
    unsigned value = setup[2] | setup[3] << 8, length = setup[6] | setup[7] << 8;
    if (length > BOARD_BLOCK) return -1;
    switch (setup[0] & 0x60) {
    case 0x00: return standard_request(board, setup, data);
    case 0x20: return class_request(board, setup[1], value, length, data);
    default: return -1;
    }
}
