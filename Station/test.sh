#!/bin/sh
# All tests, with what they need as peers: Debian's mosquitto, dfu-util, stm32flash and umockdev, esptool, smpclient and the
# platform's SDKs in Python environments of their own. Installs what is missing, builds, tests.
#
#   sh Station/test.sh                       all tests
#   sh Station/test.sh --full                also what takes hours: every cut point, every fault
#   sh Station/test.sh --filter VaultTests   what `swift test` takes
#   sh Station/test.sh --fuzz MINUTES        libFuzzer over the leaf parsers
#   sh Station/test.sh --sanitize thread|address [--filter …]
#                                            the suites that need no whole station, under a sanitizer
set -eu

if [ "${1-}" = --full ]; then
    shift
    STATION_FULL=1
    export STATION_FULL
fi
case ${1-} in --fuzz | --sanitize) exec sh "$(dirname -- "$0")/hunt.sh" "$@" ;; esac

. "$(dirname -- "$0")/prepare.sh"

need_swift
need_packages usb tests
# The simulated boards on USB are a program of their own.
STATION_USB_BOARD=${STATION_USB_BOARD:-1}
export STATION_USB_BOARD
if ! need_python_tools tests; then
    say "esptool and the platform's SDKs could not be installed, and the tests need them as peers." \
        "Is the network there, or a pip index set?"
    exit 1
fi

say "Building station and tests; the first time takes about ten minutes on two cores ..."
swift build --package-path "$station_root" --build-tests >&2
if [ "$STATION_USB_BOARD" = 1 ]; then
    swift build --package-path "$station_root" --product usb-board >&2
    swift build --package-path "$station_root" --product usb-check >&2
fi
say "Testing ..."
# All at once they would starve one another on two cores, and wait for answers that nobody had the time to give.
SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-8}
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH
[ $# -eq 0 ] || exec swift test --package-path "$station_root" --disable-xctest --skip-build "$@"
pictures=$station_root/.build/pictures
STATION_SHOTS=${STATION_SHOTS:-$pictures/shift}
export STATION_SHOTS
# Boards at the wire mostly wait and are given one test at a time, apart from those that measure silence by the clock; the
# browser works meanwhile.
say "The operator's page in a browser, and boards at the wire ..."
wire='SimulationTests\.(AT|SMP|STM32|Espressif|External)|/ShiftTests/'
page_log=$station_root/.build/page.log
"$STATION_VENV-page/bin/python" "$station_root/Tests/page/run.py" --shots "$pictures/page" \
    --station "$(swift build --package-path "$station_root" --show-bin-path)/station" >"$page_log" 2>&1 &
page=$!
trap 'kill "$page" 2>/dev/null || true' EXIT
at_wire=0
swift test --package-path "$station_root" --disable-xctest --skip-build --no-parallel --filter "$wire" || at_wire=$?
in_browser=0
wait "$page" || in_browser=$?
trap - EXIT
cat "$page_log"
[ "$at_wire" -eq 0 ] || exit "$at_wire"
[ "$in_browser" -eq 0 ] || exit "$in_browser"
say "Everything else ..."
exec swift test --package-path "$station_root" --disable-xctest --skip-build --skip "$wire"
