#!/bin/sh
# Checks the simulated USB boards with dfu-util: listing, writing and reading back in both dialects.
#
#     STATION_USB_BOARD=1 swift build --product usb-board
#     Tests/usb/dfu-util.sh .build/debug/usb-board
#
# Needs the Debian packages umockdev and dfu-util. Ends with 0 where all is as expected.
set -eu
board=$(realpath "${1:?path of usb-board}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
head -c 262144 /dev/urandom > image

on_bus() {
    umockdev-wrapper "$board" --do "attach 1-1 $folder/a dfuse SN000001 000102030405060708090A0B" \
        --do "attach 1-2.3 $folder/b dfu SN000002 0C0102030405060708090A0B" -- "$@"
}

on_bus dfu-util -l > list
grep -q 'path="1-1", alt=0, name="@Internal Flash' list
grep -q 'path="1-2.3", alt=1, name="credential", serial="SN000002"' list

on_bus dfu-util -p 1-1 -a 0 -s 0x08000000:leave -D image > log 2>&1 || { cat log; exit 1; }
cmp -n 262144 image a
on_bus dfu-util -p 1-1 -a 0 -s 0x08000000:262144 -U back > log 2>&1 || { cat log; exit 1; }
cmp image back
on_bus dfu-util -p 1-1 -a 1 -s 0x1FFF7A10:12 -U uid > log 2>&1 || { cat log; exit 1; }
test "$(od -An -tx1 uid | tr -d ' \n')" = 000102030405060708090a0b

on_bus dfu-util -p 1-2.3 -a 0 -D image > log 2>&1 || { cat log; exit 1; }
cmp -n 262144 image b
on_bus dfu-util -p 1-2.3 -a 0 -U back2 > log 2>&1 || { cat log; exit 1; }
cmp -n 262144 image back2
echo "dfu-util and usb-board agree in both dialects"
