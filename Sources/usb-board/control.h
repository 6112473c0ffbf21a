// The control socket: one command a line, one answer line each: "ok", "ok TEXT" or "error SENTENCE".
#ifndef USB_BOARD_CONTROL_H
#define USB_BOARD_CONTROL_H

#include <gio/gio.h>

// Does one command; returns the answer without its line end (to be freed).
char *control_command(const char *line);
// Listens at `path`, in the default main context.
gboolean control_listen(const char *path, GError **error);

#endif
