#!/bin/sh
# The whole line on this machine, without hardware: simulated boards on simulated slots, the embedded stand-in for the
# cloud, and the real station between them. Installs what is missing, builds, runs.
#
#   sh Station/demo.sh                       12 boards on 4 slots
#   sh Station/demo.sh --boards 24 --slots 8 --faults duplicate-mac,no-boot
#   sh Station/demo.sh --help                every option
#
# Exit status 0: every board ended as it should. With --json standard output carries the result alone.
set -eu

. "$(dirname -- "$0")/prepare.sh"

need_swift
usb=
case " $* " in *dfu*) usb=usb ;; esac
# Words on purpose: empty or one word.
# shellcheck disable=SC2086
need_packages $usb
if ! need_python_tools; then
    say "The loader stubs could not be installed: the demo goes on with the chip's ROM loader, which is slower."
    unset STATION_STUB_DIRECTORY
fi

boards='--boards 12'
slots='--slots 4'
for argument in "$@"; do
    case $argument in
        --boards | --boards=*) boards= ;;
        --slots | --slots=*) slots= ;;
    esac
done

say "Building the station; the first time takes about ten minutes on two cores ..."
swift build --package-path "$station_root" --product station >&2
[ -z "$usb" ] || STATION_USB_BOARD=1 swift build --package-path "$station_root" --product usb-board >&2

# Words on purpose: each of the two is empty or an option and its value.
# shellcheck disable=SC2086
exec "$station_root/.build/debug/station" demo $boards $slots "$@"
