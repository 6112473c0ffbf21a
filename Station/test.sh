#!/bin/sh
# All tests, with what they need as peers: Debian's mosquitto, and esptool in a Python environment of its own. Installs
# what is missing, builds, tests.
#
#   sh Station/test.sh                       all tests
#   sh Station/test.sh --filter VaultTests   what `swift test` takes
set -eu

. "$(dirname -- "$0")/prepare.sh"

need_swift
need_packages tests
if ! need_python_tools; then
    say "esptool could not be installed, and the tests need it as a peer. Is the network there, or a pip index set?"
    exit 1
fi

say "Building station and tests; the first time takes about ten minutes on two cores ..."
swift build --package-path "$station_root" --build-tests >&2
say "Testing ..."
exec swift test --package-path "$station_root" --disable-xctest --skip-build "$@"
