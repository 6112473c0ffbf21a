#include "control.h"

#include "bus.h"

#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *command_attach(char **words, unsigned count) {
    if (count < 6) return g_strdup("expected attach PORTPATH FLASHFILE dfu|dfuse SERIAL UIDHEX [--runtime]");
    BusAttach what = {.flash = words[2], .serial = words[4], .uid_hex = words[5]};
    if (g_str_equal(words[3], "dfuse")) what.kind = KIND_DFUSE;
    else if (!g_str_equal(words[3], "dfu")) return g_strdup_printf("expected dfu or dfuse, received %s", words[3]);
    for (unsigned index = 6; index < count; index++) {
        if (g_str_equal(words[index], "--runtime")) what.application = TRUE;
        else if (g_str_equal(words[index], "--no-upload")) what.no_upload = TRUE;
        else if (g_str_equal(words[index], "--intolerant")) what.intolerant = TRUE;
        else return g_strdup_printf("unknown option %s", words[index]);
    }
    return bus_attach(words[1], &what);
}

static char *command_hub(char **words) {
    HubSwitching switching = SWITCH_INDIVIDUAL;
    if (g_str_equal(words[3], "ganged")) switching = SWITCH_GANGED;
    else if (g_str_equal(words[3], "none")) switching = SWITCH_NONE;
    else if (!g_str_equal(words[3], "individual"))
        return g_strdup_printf("expected individual, ganged or none, received %s", words[3]);
    return bus_attach_hub(words[1], switching, (unsigned)strtoul(words[2], NULL, 10));
}

static char *command_rename(char **words) {
    unsigned bus = 0, device = 0;
    if (sscanf(words[2], "%u/%u", &bus, &device) != 2)
        return g_strdup_printf("expected BUS/DEVICE, received %s", words[2]);
    return bus_rename(words[1], bus, device);
}

static gboolean is(char **words, unsigned count, const char *name, unsigned least) {
    return g_str_equal(words[0], name) && count >= least;
}

char *control_command(const char *line) {
    g_auto(GStrv) words = NULL;
    int parsed = 0;
    if (!g_shell_parse_argv(line, &parsed, &words, NULL)) return g_strdup("error the line holds no words");
    unsigned count = (unsigned)parsed;
    char *problem = NULL;
    if (is(words, count, "list", 1)) {
        g_autofree char *list = bus_list();
        return g_strdup_printf("ok %s", list);
    }
    if (is(words, count, "attach", 2)) problem = command_attach(words, count);
    else if (is(words, count, "hub", 4)) problem = command_hub(words);
    else if (is(words, count, "detach", 2)) problem = bus_detach(words[1]);
    else if (is(words, count, "rename", 3)) problem = command_rename(words);
    else if (is(words, count, "swap", 3)) problem = bus_swap(words[1], words[2]);
    else if (is(words, count, "mode", 3) && g_str_equal(words[2], "dfu")) problem = bus_mode(words[1], FALSE);
    else if (is(words, count, "mode", 3) && g_str_equal(words[2], "app")) problem = bus_mode(words[1], TRUE);
    else if (is(words, count, "busy", 2)) board_busy_ms = (unsigned)strtoul(words[1], NULL, 10);
    else if (is(words, count, "flash", 2)) board_flash_times = g_str_equal(words[1], "timed");
    else if (is(words, count, "fail", 3))
        problem = bus_fail(
            words[1], (int)strtol(words[2], NULL, 0), count > 3 ? (unsigned)strtoul(words[3], NULL, 10) : 0);
    else if (is(words, count, "hang", 3)) problem = bus_hang(words[1], g_str_equal(words[2], "on"));
    else if (is(words, count, "overcurrent", 3)) problem = bus_over_current(words[1], g_str_equal(words[2], "on"));
    else problem = g_strdup_printf("unknown or incomplete command: %s", line);
    if (!problem) return g_strdup("ok");
    char *answer = g_strdup_printf("error %s", problem);
    g_free(problem);
    return answer;
}

static void on_line(GObject *source, GAsyncResult *result, gpointer data) {
    GSocketConnection *connection = data;
    GDataInputStream *lines = G_DATA_INPUT_STREAM(source);
    g_autofree char *line = g_data_input_stream_read_line_finish_utf8(lines, result, NULL, NULL);
    if (line) {
        g_autofree char *answer = control_command(line);
        g_autofree char *text = g_strconcat(answer, "\n", NULL);
        GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(connection));
        if (g_output_stream_write_all(output, text, strlen(text), NULL, NULL, NULL)) {
            g_data_input_stream_read_line_async(lines, G_PRIORITY_DEFAULT, NULL, on_line, connection);
            return;
        }
    }
    g_io_stream_close(G_IO_STREAM(connection), NULL, NULL);
    g_object_unref(lines);
    g_object_unref(connection);
}

static gboolean on_connection(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data) {
    (void)service, (void)source, (void)data;
    GDataInputStream *lines = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    g_data_input_stream_read_line_async(lines, G_PRIORITY_DEFAULT, NULL, on_line, g_object_ref(connection));
    return TRUE;
}

gboolean control_listen(const char *path, GError **error) {
    GSocketService *service = g_socket_service_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    if (!g_socket_listener_add_address(
            G_SOCKET_LISTENER(service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error)) {
        g_object_unref(service);
        return FALSE;
    }
    g_signal_connect(service, "incoming", G_CALLBACK(on_connection), NULL);
    g_socket_service_start(service);
    return TRUE;
}
