#!/bin/sh
# Looks for faults longer than the tests do. `Station/test.sh` comes here with these words:
#
#   --fuzz MINUTES [TARGET ...]              libFuzzer over the leaf parsers, with the address sanitizer; all of them share
#                                            the minutes. What it finds lies in .build-fuzz/findings: a file of it, copied
#                                            to Fixtures/TARGET, is read by the tests from then on
#   --sanitize thread|address [ARGUMENTS]    the suites of leaf targets, journal, vault, MQTT, cloud client, bench and their
#                                            bytes of strangers under a sanitizer; ARGUMENTS as `swift test` takes them.
#                                            STATION_SUITES="NAME ..." builds other suites
#
# Both build into folders of their own beside .build, which takes as long as the first build did.
set -eu

. "$(dirname -- "$0")/prepare.sh"

need_swift

# A trap is told by the tool that looks for it, at once.
SWIFT_BACKTRACE=enable=no
export SWIFT_BACKTRACE

fuzz() {
    minutes=${1-}
    case $minutes in '' | *[!0-9]* | 0)
        say "Station/test.sh --fuzz: expected whole minutes, received \"$minutes\"."
        exit 2
        ;;
    esac
    shift
    need_packages
    STATION_FUZZ=1
    export STATION_FUZZ
    scratch=$station_root/.build-fuzz
    build() {
        # Of several sanitizers the compiler takes the last word alone: without the third one Swift code counts no coverage.
        swift build --package-path "$station_root" --scratch-path "$scratch" -c release --sanitize=fuzzer \
            --sanitize=address -Xswiftc -sanitize=fuzzer,address --product fuzz "$@"
    }
    build >&2
    program=$(build --show-bin-path)/fuzz
    known=$(STATION_FUZZ_TARGET=list STATION_FUZZ_SEEDS="$scratch/seeds" "$program")
    [ $# -gt 0 ] || set -- $(printf '%s\n' "$known" | cut -d' ' -f1)
    seconds=$((minutes * 60 / $#))
    [ "$seconds" -gt 0 ] || seconds=1
    mkdir -p "$scratch/findings"
    found=0
    for target in "$@"; do
        limit=$(printf '%s\n' "$known" | sed -n "s/^$target //p")
        if [ -z "$limit" ]; then
            say "There is no target $target; there are:" $(printf '%s\n' "$known" | cut -d' ' -f1)
            exit 2
        fi
        corpus=$scratch/corpus/$target
        log=$scratch/findings/$target.log
        mkdir -p "$corpus"
        seeds=$station_root/Fixtures/$target
        [ -d "$seeds" ] || seeds=
        words=$scratch/seeds/$target.words
        [ -s "$words" ] || words=
        # An input may take 10 s, and no single piece of memory may be larger than 64 MiB: lengths in inputs are not
        # believed. What is never freed is not looked for: tables are made once and kept.
        if STATION_FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=0 "$program" -max_total_time="$seconds" -timeout=10 \
            -malloc_limit_mb=64 -rss_limit_mb=2048 -max_len="$limit" -print_final_stats=1 \
            ${words:+-dict="$words"} -artifact_prefix="$scratch/findings/$target-" \
            "$corpus" "$scratch/seeds/$target" ${seeds:+"$seeds"} >"$log" 2>&1 &&
            ! grep -q 'instrumented for coverage' "$log"; then
            say "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, nothing found"
        else
            found=1
            say "$target: found something:"
            grep -aE 'Fatal error|ERROR|SUMMARY|Test unit written|WARNING: no interesting' "$log" >&2 || tail -n 20 "$log" >&2
        fi
    done
    exit "$found"
}

sanitize() {
    kind=${1-}
    case $kind in thread | address) ;; *)
        say "Station/test.sh --sanitize: expected thread or address, received \"$kind\"."
        exit 2
        ;;
    esac
    shift
    need_packages tests
    need_python_tools tests || say "Tests that have esptool or an SDK as their peer are skipped."
    STATION_SUITES=${STATION_SUITES:-BoardProtocolsTests ProvisioningTests VaultTests JournalTests MQTTTests AliyunIoTTests BenchTests LeafFuzzingTests}
    STATION_USB_BOARD=0
    export STATION_SUITES STATION_USB_BOARD
    scratch=$station_root/.build-$kind
    set -- --package-path "$station_root" --scratch-path "$scratch" --sanitize="$kind" "$@"
    swift build --package-path "$station_root" --scratch-path "$scratch" --sanitize="$kind" \
        --product provisioning-stationPackageTests >&2
    # Sanitizers make tests slow: a few at a time, so that none waits for an answer that nobody had the time to give.
    SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-4}
    TSAN_OPTIONS=${TSAN_OPTIONS-halt_on_error=0:exitcode=66:suppressions=$station_root/Tests/thread.suppressions}
    # Foundation and the runtime keep what they make once.
    ASAN_OPTIONS=${ASAN_OPTIONS-detect_leaks=0}
    export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH TSAN_OPTIONS ASAN_OPTIONS
    exec swift test --disable-xctest --skip-build "$@"
}

case ${1-} in
--fuzz)
    shift
    fuzz "$@"
    ;;
--sanitize)
    shift
    sanitize "$@"
    ;;
*)
    say "expected --fuzz MINUTES or --sanitize thread|address, as Station/test.sh passes them on"
    exit 2
    ;;
esac
