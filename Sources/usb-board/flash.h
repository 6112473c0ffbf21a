// NOR flash kept in a file: erasing sets bytes to FFh, programming can only clear bits.
#ifndef USB_BOARD_FLASH_H
#define USB_BOARD_FLASH_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *bytes;  // mapped shared: another process sees each write at once
    size_t size;
} Flash;

// Maps `path`, made and filled with FFh where it is missing or shorter than `size`. False with `error` set on failure.
gboolean flash_open(Flash *flash, const char *path, size_t size, GError **error);
void flash_close(Flash *flash);
void flash_erase(Flash *flash, size_t offset, size_t count);
void flash_program(Flash *flash, size_t offset, const uint8_t *bytes, size_t count);

#endif
