#include "flash.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean flash_open(Flash *flash, const char *path, size_t size, GError **error) {
    struct stat info = {0};
    void *map = MAP_FAILED;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && fstat(file, &info) == 0) {
        size_t old = (size_t)info.st_size;
        if (old >= size || ftruncate(file, (off_t)size) == 0) {
            size = MAX(size, old);
            map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        }
        if (map != MAP_FAILED && old < size) memset((uint8_t *)map + old, 0xFF, size - old);
    }
    if (map == MAP_FAILED)
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "flash file %s: %s", path, g_strerror(errno));
    if (file >= 0) close(file);
    if (map == MAP_FAILED) return FALSE;
    flash->bytes = map;
    flash->size = size;
    return TRUE;
}

void flash_close(Flash *flash) {
    if (flash->bytes) munmap(flash->bytes, flash->size);
    flash->bytes = NULL;
}

void flash_erase(Flash *flash, size_t offset, size_t count) {
    if (offset < flash->size) memset(flash->bytes + offset, 0xFF, MIN(count, flash->size - offset));
}

void flash_program(Flash *flash, size_t offset, const uint8_t *bytes, size_t count) {
    for (size_t index = 0; index < count && offset + index < flash->size; index++)
        flash->bytes[offset + index] &= bytes[index];
}
