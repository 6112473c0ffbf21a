// Runs a client with simulated USB boards instead of the machine's USB:
//
//     umockdev-wrapper usb-board [--control SOCKETPATH] [--do COMMAND]... -- CLIENT ARGUMENT...
//
// COMMAND is done before the client starts; the same commands are taken at the control socket while it runs:
//
//     attach PORTPATH FLASHFILE dfu|dfuse SERIAL UIDHEX [--runtime] [--no-upload] [--intolerant]
//     hub PORTPATH PORTS individual|ganged|none     detach PORTPATH            swap PORTPATH PORTPATH
//     rename PORTPATH BUS/DEVICE                    mode PORTPATH dfu|app      busy MILLISECONDS
//     flash timed|instant
//     fail PORTPATH STATUS [AFTERBLOCKS]            hang PORTPATH on|off       overcurrent PORTPATH on|off     list
//
// Ends with the client's status. The client finds the socket's path in STATION_USB_CONTROL.
#include "bus.h"
#include "control.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    GMainLoop *loop;
    GPid client;
    int status;
} Run;

static void on_exit_of_client(GPid client, gint status, gpointer data) {
    Run *run = data;
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    g_spawn_close_pid(client);
    g_main_loop_quit(run->loop);
}

static gboolean on_terminate(gpointer data) {
    kill(((Run *)data)->client, SIGTERM);
    return G_SOURCE_CONTINUE;
}

static int usage(void) {
    fputs("usage: umockdev-wrapper usb-board [--control SOCKETPATH] [--do COMMAND]... -- CLIENT ARGUMENT...\n", stderr);
    return 64;
}

int main(int count, char **arguments) {
    int next = 1;
    const char *control = NULL;
    g_autoptr(GPtrArray) commands = g_ptr_array_new();
    for (; next + 1 < count && strcmp(arguments[next], "--") != 0; next += 2) {
        if (strcmp(arguments[next], "--control") == 0) control = arguments[next + 1];
        else if (strcmp(arguments[next], "--do") == 0) g_ptr_array_add(commands, arguments[next + 1]);
        else return usage();
    }
    if (next + 1 >= count || strcmp(arguments[next], "--") != 0) return usage();
    const char *preload = g_getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev")) {
        fputs("usb-board: start it through umockdev-wrapper, which redirects /sys and /dev\n", stderr);
        return 69;
    }

    UMockdevTestbed *testbed = umockdev_testbed_new();
    g_autoptr(GError) error = NULL;
    bus_start(testbed);
    for (guint index = 0; index < commands->len; index++) {
        g_autofree char *answer = control_command(commands->pdata[index]);
        if (!g_str_has_prefix(answer, "ok")) {
            fprintf(stderr, "usb-board: %s: %s\n", (char *)commands->pdata[index], answer);
            g_object_unref(testbed);
            return 65;
        }
    }
    if (control) {
        unlink(control);
        if (!control_listen(control, &error)) {
            fprintf(stderr, "usb-board: %s: %s\n", control, error->message);
            g_object_unref(testbed);
            return 73;
        }
        g_setenv("STATION_USB_CONTROL", control, TRUE);
    }

    Run run = {.loop = g_main_loop_new(NULL, FALSE), .status = 70};
    if (!g_spawn_async(
            NULL, arguments + next + 1, NULL,
            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, &run.client,
            &error)) {
        fprintf(stderr, "usb-board: %s\n", error->message);
        run.status = 127;
    } else {
        g_child_watch_add(run.client, on_exit_of_client, &run);
        g_unix_signal_add(SIGTERM, on_terminate, &run);
        g_unix_signal_add(SIGINT, on_terminate, &run);
        g_main_loop_run(run.loop);
    }
    if (control) unlink(control);
    g_object_unref(testbed);
    return run.status;
}
