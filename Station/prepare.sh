# Sourced by demo.sh and test.sh: installs what is missing for them, nothing else. POSIX sh, all messages on stderr.
#
#   need_swift                 ends with a sentence where there is no Swift toolchain
#   need_packages [usb] [tests]
#                              Debian packages to build with; with "usb" also what simulates boards on USB; with "tests"
#                              also the MQTT broker, its clients, the flashers that are peers, a browser, what reads
#                              the sheets and tables of reports, and clocks that are set wrong
#   need_python_tools [tests]  esptool and esp-idf-nvs-partition-gen in a Python environment of their own; with "tests"
#                              also smpclient, the platform's SDKs and readers of barcodes, an environment
#                              STATION_VENV-page for what drives a browser, and STATION_VENV-linkkit for the device SDK
#                              that needs an older paho-mqtt
#
# Variables read:  CI=true         nothing may ask a question
#                  STATION_VENV    the Python environment; default .build/venv of this checkout
#                  STATION_STUB_DIRECTORY  the loader stubs; default those of the esptool in STATION_VENV
#                  STATION_USB_BOARD       0 leaves the simulated boards on USB out
# Variables set:   station_root, STATION_VENV and STATION_STUB_DIRECTORY (exported)

station_root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1

say() { printf '%s\n' "$*" >&2; }

need_swift() {
    command -v swift >/dev/null 2>&1 && return 0
    say "There is no swift in PATH. Install Swift 6.2 or later (https://www.swift.org/install/linux/) and start again."
    exit 1
}

# The Debian packages whose content is not there, one a line. What is there is found by its use, not by its package.
missing_packages() {
    command -v git >/dev/null 2>&1 || echo git
    ls -d /usr/include/c++/* >/dev/null 2>&1 || echo g++
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    if command -v pkg-config >/dev/null 2>&1; then
        pkg-config --exists sqlite3 || echo libsqlite3-dev
        pkg-config --exists 'openssl >= 3' || echo libssl-dev
        pkg-config --exists zlib || echo zlib1g-dev
        pkg-config --exists libusb-1.0 || echo libusb-1.0-0-dev
        pkg-config --exists libargon2 || echo libargon2-dev
    else
        printf '%s\n' pkg-config libsqlite3-dev libssl-dev zlib1g-dev libusb-1.0-0-dev libargon2-dev
    fi
    [ -e /usr/include/zint.h ] || echo libzint-dev
    command -v python3 >/dev/null 2>&1 || echo python3
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || echo python3-venv
    case " $* " in *" usb "*)
        command -v umockdev-wrapper >/dev/null 2>&1 || echo umockdev
        pkg-config --exists umockdev-1.0 2>/dev/null || echo libumockdev-dev
        pkg-config --exists gio-2.0 2>/dev/null || echo libglib2.0-dev
        ;;
    esac
    case " $* " in *" tests "*) ;; *) return 0 ;; esac
    command -v dfu-util >/dev/null 2>&1 || echo dfu-util
    command -v stm32flash >/dev/null 2>&1 || echo stm32flash
    command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || echo mosquitto
    command -v mosquitto_pub >/dev/null 2>&1 || echo mosquitto-clients
    command -v chromium >/dev/null 2>&1 || echo chromium
    command -v chromedriver >/dev/null 2>&1 || echo chromium-driver
    command -v faketime >/dev/null 2>&1 || echo faketime
    command -v softhsm2-util >/dev/null 2>&1 || echo softhsm2
    command -v pkcs11-tool >/dev/null 2>&1 || echo opensc
    [ -n "$(find /usr/lib -path '*/engines-3/pkcs11.so' -print -quit 2>/dev/null)" ] || echo libengine-pkcs11-openssl
    command -v pdftotext >/dev/null 2>&1 || echo poppler-utils
    command -v soffice >/dev/null 2>&1 || echo libreoffice-calc-nogui
    [ -n "$(find /usr/share/fonts -iname '*notosanscjk*' -print -quit 2>/dev/null)" ] || echo fonts-noto-cjk
}

need_packages() {
    station_missing=$(missing_packages "$@" | tr '\n' ' ')
    station_missing=${station_missing% }
    [ -n "$station_missing" ] || return 0
    say "Missing packages: $station_missing"
    if ! command -v apt-get >/dev/null 2>&1; then
        say "There is no apt-get here. Install what these Debian packages hold and start again."
        exit 1
    fi
    station_sudo=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "Neither root nor sudo. Run this as root and start again: apt-get install $station_missing"
            exit 1
        fi
        station_sudo=sudo
        [ "${CI-}" != true ] || station_sudo='sudo -n'
    fi
    say "Installing them with apt-get ..."
    # Words on purpose: the names hold no blanks.
    # shellcheck disable=SC2086
    if ! { $station_sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        $station_sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $station_missing
    } >&2 </dev/null; then
        say "apt-get did not install them. Run this as root and start again: apt-get install $station_missing"
        exit 1
    fi
}

# Whether an environment holds packages in versions that are known to fit: FOLDER "NAME FROM BELOW" ..., versions as
# MAJOR.MINOR.
has_python_packages() {
    station_python=$1/bin/python
    shift
    [ -x "$station_python" ] && "$station_python" - "$@" >/dev/null 2>&1 <<'PYTHON'
from importlib.metadata import version
import sys

def numbers(text):
    return tuple(int(part) for part in text.split(".")[:2])

for wanted in sys.argv[1:]:
    name, first, below = wanted.split()
    assert numbers(first) <= numbers(version(name)) < numbers(below)
PYTHON
}

# Makes an environment hold packages: FOLDER "NAME FROM BELOW" ... Returns 1 where they cannot be installed.
need_python_packages() {
    ! has_python_packages "$@" || return 0
    station_folder=$1
    shift
    say "Installing into $station_folder:$(printf ' %s' "$@" | sed 's/ [0-9][0-9.]*//g') ..."
    mkdir -p "$(dirname -- "$station_folder")" || return 1
    python3 -m venv "$station_folder" >&2 || return 1
    # Each "NAME FROM BELOW" becomes NAME>=FROM,<BELOW; none of them holds a blank or a pattern.
    # shellcheck disable=SC2046
    "$station_folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        $(printf '%s\n' "$@" | sed 's/^\([^ ]*\) \([^ ]*\) \([^ ]*\)$/\1>=\2,<\3/') >&2 || return 1
    has_python_packages "$station_folder" "$@"
}

# Returns 1 where the tools are missing and cannot be installed.
need_python_tools() {
    STATION_VENV=${STATION_VENV:-$station_root/.build/venv}
    case $STATION_VENV in /*) ;; *) STATION_VENV=$(pwd)/$STATION_VENV ;; esac
    export STATION_VENV
    need_python_packages "$STATION_VENV" 'esptool 5.0 6.0' 'esp-idf-nvs-partition-gen 0.3 0.4' || return 1
    if [ "${1-}" = tests ]; then
        need_python_packages "$STATION_VENV" 'aliyun-python-sdk-core 2.16 3.0' 'aliyun-python-sdk-iot 8.59 9.0' \
            'alibabacloud_iot20180120 5.1 6.0' 'paho-mqtt 2.0 3.0' 'smpclient 7.0 8.0' 'zxing-cpp 2.2 4.0' \
            'pypdfium2 4.30 6.0' 'pillow 10.0 14.0' || return 1
        need_python_packages "$STATION_VENV-page" 'selenium 4.20 5.0' 'websocket-client 1.6 2.0' \
            'axe-playwright-python 0.1 1.0' 'schemathesis 4.0 5.0' || return 1
        need_python_packages "$STATION_VENV-linkkit" 'aliyun-iot-linkkit 1.2 1.3' 'paho-mqtt 1.6 2.0' || return 1
    fi
    if [ -z "${STATION_STUB_DIRECTORY-}" ]; then
        STATION_STUB_DIRECTORY=$("$STATION_VENV/bin/python" -c '
import importlib.util, os
folder = importlib.util.find_spec("esptool").submodule_search_locations[0]
print(os.path.join(folder, "targets", "stub_flasher", "2"))') || return 1
    fi
    export STATION_STUB_DIRECTORY
}
